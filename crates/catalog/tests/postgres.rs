//! Dispatcharr's database as a catalogue, on a real server: what is eligible, what is loaded, and
//! that every generation of the tables says the same.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here is a failed test")]
#![expect(clippy::disallowed_methods, reason = "the server is named by the environment")]
#![expect(clippy::print_stderr, reason = "a check that cannot be made says so")]

#[path = "postgres/errors.rs"]
mod errors;
#[path = "postgres/fingerprints.rs"]
mod fingerprints;
#[path = "postgres/left_out.rs"]
mod left_out;
#[path = "postgres/limits.rs"]
mod limits;
#[path = "postgres/measured.rs"]
mod measured;
#[path = "postgres/session.rs"]
mod session;
#[path = "postgres/tls.rs"]
mod tls;

use std::collections::BTreeMap;

use vod2strm_catalog::dispatcharr::postgres::PgCatalog;
use vod2strm_catalog::dispatcharr::postgres::address::DatabaseAddress;
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, Describe, NotOffered, Scope, Selection};
use vod2strm_core::identity::Heading;
use vod2strm_core::model::media::{Details, Kind, SourceKey, Title};
use vod2strm_core::model::stamp::{ExternalId, Stamp, StreamId};
use vod2strm_core::model::stated::{Premiere, meaning, text};
use vod2strm_testkit::generate::{Catalogue, Size, catalogues, small};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;
use vod2strm_testkit::twin;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Kind and row id.
type Key = (Kind, i64);

const ALL: Scope = Scope { movies: Selection::All, series: Selection::All };

/// Opens the catalogue behind a URL.
fn open_url(url: &str) -> Result<PgCatalog, CatalogError> {
    PgCatalog::open(&DatabaseAddress::parse(url)?)
}

fn filled(catalogue: &Catalogue) -> TestDatabase {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(catalogue);
    database
}

fn open(database: &TestDatabase) -> PgCatalog {
    crate::open_url(&database.url()).unwrap()
}

fn stamps(catalog: &mut PgCatalog, scope: &Scope) -> BTreeMap<Key, Stamp> {
    let mut found = BTreeMap::new();
    let mut sink = |stamp: Stamp| {
        let key = (stamp.kind, stamp.key.0);
        assert!(found.insert(key, stamp).is_none(), "{key:?} is stamped twice");
    };
    catalog.stamps(scope, &mut sink).unwrap();
    found
}

/// Loads titles of a kind; episodes, which come in any order, are sorted.
fn load(catalog: &mut PgCatalog, kind: Kind, ids: &[i64]) -> BTreeMap<Key, Title> {
    let keys: Vec<SourceKey> = ids.iter().copied().map(SourceKey).collect();
    let mut found = BTreeMap::new();
    let mut sink = |title: Title| {
        let title = sorted(title);
        let key = (title.kind, title.key.0);
        assert!(found.insert(key, title).is_none(), "{key:?} is loaded twice");
    };
    catalog.load(kind, &keys, &mut sink).unwrap();
    found
}

/// Loads what was stamped, in two batches a kind.
fn load_stamped(catalog: &mut PgCatalog, stamps: &BTreeMap<Key, Stamp>) -> BTreeMap<Key, Title> {
    let mut titles = BTreeMap::new();
    for kind in Kind::ALL {
        let ids: Vec<i64> = stamps.keys().filter(|key| key.0 == kind).map(|key| key.1).collect();
        for batch in ids.chunks(ids.len().div_ceil(2).max(1)) {
            titles.append(&mut load(catalog, kind, batch));
        }
    }
    titles
}

fn sorted(mut title: Title) -> Title {
    title.episodes.sort_by(|a, b| a.uuid.cmp(&b.uuid));
    title
}

/// What the rows say, computed the slow and obvious way.
fn expected(catalogue: &Catalogue) -> BTreeMap<Key, Title> {
    let titles = twin::titles(catalogue).into_iter();
    titles.map(|title| ((title.kind, title.key.0), sorted(title))).collect()
}

fn assert_loads(database: &TestDatabase, catalogue: &Catalogue, what: &str) {
    let mut catalog = open(database);
    let stamped = stamps(&mut catalog, &ALL);
    let (loaded, expected) = (load_stamped(&mut catalog, &stamped), expected(catalogue));
    let keys = |titles: &BTreeMap<Key, Title>| titles.keys().copied().collect::<Vec<_>>();
    assert_eq!(keys(&loaded), keys(&expected), "{what}: which titles");
    for (key, title) in &expected {
        assert_eq!(&loaded[key], title, "{what}: {key:?}");
        assert_agrees(&stamped[key], title);
    }
    assert_dated(&mut catalog, &expected, what);
    assert_eq!(stamped.len(), loaded.len(), "{what}: stamps without a title");
    assert_eq!(*catalog.entries(), left_out::expected(catalogue), "{what}: entries");
}

/// A series' date is the one that it is loaded with. A movie may have got that from a stream.
fn assert_dated(catalog: &mut PgCatalog, titles: &BTreeMap<Key, Title>, what: &str) {
    for kind in Kind::ALL {
        let keys = titles.keys().filter(|key| key.0 == kind).map(|key| SourceKey(key.1));
        let mut sink = |key: SourceKey, heading: Heading<'_>| {
            let details = &titles[&(kind, key.0)].details;
            let year = text(&details.premiered).and_then(Premiere::year);
            let is_asked = details.year.is_none();
            if is_asked && (kind == Kind::Series || heading.dated.is_some()) {
                assert_eq!(heading.dated, year, "{what}: {kind} {}", key.0);
            }
        };
        catalog.headings(kind, &keys.collect::<Vec<_>>(), &mut sink).unwrap();
    }
}

/// A stamp and the title that it stands for.
fn assert_agrees(stamp: &Stamp, title: &Title) {
    let key = (title.kind, title.key.0);
    let streams: Vec<_> =
        title.streams.iter().map(|stream| StreamId::of(title.kind, stream)).collect();
    assert_eq!(stamp.streams.to_vec(), streams, "{key:?}");
    assert_eq!(stamp.episodes as usize, title.episodes.len(), "{key:?}");
    let (tmdb, imdb) = (meaning(&title.details.tmdb), meaning(&title.details.imdb));
    let externals = ExternalId::of(title.kind, tmdb, imdb).to_vec();
    assert_eq!(stamp.externals.to_vec(), externals, "{key:?}");
}

fn streams(title: &Title) -> Vec<(&str, &str)> {
    let streams = title.streams.iter();
    streams.map(|stream| (stream.account.name.as_str(), stream.stream_id.as_str())).collect()
}

/// Why a title is missing is said: by the account or the category that keeps it away.
#[test]
fn what_is_not_offered_is_told_with_its_reason() {
    let mut all = small();
    all.movie_relations.retain(|row| row.movie_id != 6);
    let database = filled(&all);
    let mut catalog = open(&database);
    let found = catalog.not_offered(Kind::Movie, &[1, 3, 4, 6, 99]).unwrap();
    let names = |name: &str| vec![name.to_owned()];
    let expected = [
        (3, NotOffered::CategoriesDisabled(names("Alpha"))),
        (4, NotOffered::AccountsOff(names("Gamma"))),
        (6, NotOffered::NoAccount),
        (99, NotOffered::Unknown),
    ];
    assert_eq!(found, expected);
    let series = catalog.not_offered(Kind::Series, &[1, 2, 7]).unwrap();
    assert_eq!(series, [(7, NotOffered::Unknown)]);
    let said: Vec<String> = found.iter().map(|(_, why)| why.to_string()).collect();
    assert_eq!(
        said,
        [
            "it is in disabled categories alone, on Alpha",
            "only provider accounts that are switched off offer it: Gamma",
            "no provider account offers it",
            "nothing in the source has this id",
        ]
    );
}

#[test]
fn every_generation_of_the_tables_gives_the_same_titles() {
    let size = Size { movies: 700, series: 60, episodes_per_series: 8 };
    let nasty = Catalogue::generate(11, size, true);
    for generation in Generation::ALL {
        let database = TestDatabase::create(generation);
        for (name, catalogue) in [("small", small()), ("nasty", nasty.clone())] {
            database.insert(&catalogue);
            assert_loads(&database, &catalogue, &format!("{} {name}", generation.name()));
            database.clear();
        }
    }
    let posters = expected(&nasty).values().filter(|title| title.details.poster.is_some()).count();
    assert!(posters > 400, "{posters} posters");
    let titles = expected(&nasty);
    for (what, of) in SAID {
        let count = titles.values().filter(|title| of(&title.details)).count();
        assert!(count > 4, "{what} of {count} titles");
    }
}

/// What is known from JSON alone.
type Said = (&'static str, fn(&Details) -> bool);

const SAID: &[Said] = &[
    ("original", |details| details.original.is_some()),
    ("director", |details| details.director.is_some()),
    ("cast", |details| details.cast.is_some()),
    ("country", |details| details.country.is_some()),
    ("studio", |details| details.studio.is_some()),
    ("mpaa", |details| details.mpaa.is_some()),
    ("trailer", |details| details.trailer.is_some()),
    ("fanart", |details| details.fanart.is_some()),
    ("tvdb", |details| details.tvdb.is_some()),
    ("premiered", |details| details.premiered.is_some()),
    ("status", |details| details.status.is_some()),
    ("seasons", |details| details.season_posters.is_some()),
];

#[test]
fn what_a_movie_does_not_say_its_best_stream_says() {
    let database = filled(&small());
    database.execute(
        r#"UPDATE vod_movie SET custom_properties = '{"director": ["Own"], "actors": "N/A"}';
           UPDATE vod_m3umovierelation SET custom_properties =
           '{"basic_data": {"name": "EN - Heat", "director": "List", "cast": "List", "is_adult": "1"},
             "detailed_info": {"director": "Detail", "cast": ["A", "B"], "age": 16, "o_name": {}}}'
           WHERE stream_id = '101';
           UPDATE vod_m3umovierelation SET custom_properties =
           '{"basic_data": {"name": "Heat"}, "detailed_info": {"country": "US"}}'
           WHERE stream_id = '201'"#,
    );
    let heat = load(&mut open(&database), Kind::Movie, &[1]).remove(&(Kind::Movie, 1)).unwrap();
    let Details { director, cast, mpaa, original, country, is_adult, .. } = heat.details;
    let said = [&director, &cast, &mpaa, &original, &country].map(Option::as_deref);
    assert_eq!(said, [Some("Own"), Some("A, B"), Some("16"), None, None]);
    assert!(is_adult, "a stream is");
    let streams: Vec<_> =
        heat.streams.iter().map(|stream| (stream.name.as_deref(), stream.is_adult)).collect();
    assert_eq!(streams, [(Some("EN - Heat"), true), (Some("Heat"), false)]);
    let categories: Vec<_> =
        heat.streams.iter().map(|stream| stream.category_name.as_deref()).collect();
    assert_eq!(categories, [Some("Action"), Some("Action")]);
}

#[test]
fn random_catalogues_are_loaded_as_their_rows_say() {
    let database = TestDatabase::create(Generation::NEWEST);
    let mut runner = TestRunner::deterministic();
    for _ in 0..48 {
        let catalogue = catalogues().new_tree(&mut runner).unwrap().current();
        database.insert(&catalogue);
        assert_loads(&database, &catalogue, "random");
        database.clear();
    }
}

#[test]
fn a_title_counts_if_an_active_account_offers_it_in_an_enabled_category() {
    let database = filled(&small());
    let mut catalog = open(&database);
    let keys: Vec<Key> = stamps(&mut catalog, &ALL).into_keys().collect();
    let movies = [1, 2, 5, 6].map(|id| (Kind::Movie, id));
    let series = [1, 2].map(|id| (Kind::Series, id));
    assert_eq!(keys, [&movies[..], &series].concat());
}

#[test]
fn an_inactive_account_and_a_disabled_category_offer_nothing() {
    let database = filled(&small());
    let titles = |sql: &str| {
        database.execute(sql);
        let movies = Scope { movies: Selection::All, series: Selection::Nothing };
        stamps(&mut open(&database), &movies).into_keys().map(|key| key.1).collect::<Vec<_>>()
    };
    assert_eq!(titles("UPDATE m3u_m3uaccount SET is_active = true"), [1, 2, 5, 6]);
    // Gamma still has no entry for the category of Gone.
    let entry = "INSERT INTO vod_m3uvodcategoryrelation (m3u_account_id, category_id, enabled, \
                 created_at, updated_at) VALUES (3, 1, true, now(), now())";
    assert_eq!(titles(entry), [1, 2, 4, 5, 6]);
    let enable = "UPDATE vod_m3uvodcategoryrelation SET enabled = true";
    assert_eq!(titles(enable), [1, 2, 3, 4, 5, 6]);
    let disable = "UPDATE vod_m3uvodcategoryrelation SET enabled = false";
    assert_eq!(titles(disable), [2], "only a stream without a category is left");
    assert_eq!(titles("UPDATE m3u_m3uaccount SET is_active = false"), [0; 0]);
}

#[test]
fn streams_come_by_priority_account_and_number() {
    let mut catalogue = small();
    let another = catalogue.movie_relations[0].clone();
    catalogue.offer_movie(
        1,
        vod2strm_testkit::schema::MovieRelation { stream_id: "102".to_owned(), ..another },
    );
    let database = filled(&catalogue);
    let heat = |sql: &str| {
        database.execute(sql);
        let title = load(&mut open(&database), Kind::Movie, &[1]).remove(&(Kind::Movie, 1));
        streams(&title.unwrap()).into_iter().map(|stream| stream.1.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(heat(""), ["101", "102", "201"]);
    assert_eq!(heat("UPDATE m3u_m3uaccount SET priority = 11 WHERE id = 2"), ["201", "101", "102"]);
    assert_eq!(heat("UPDATE m3u_m3uaccount SET priority = 7"), ["101", "102", "201"]);
    let younger = "UPDATE vod_m3umovierelation SET id = id + 100 WHERE stream_id = '101'";
    assert_eq!(heat(younger), ["101", "102", "201"], "rows are made anew");
    let longer = "UPDATE vod_m3umovierelation SET stream_id = '99' WHERE stream_id = '102'";
    assert_eq!(heat(longer), ["99", "101", "201"], "by number");
}

#[test]
fn a_series_comes_with_all_its_episodes_and_their_streams() {
    let database = filled(&small());
    let titles = load(&mut open(&database), Kind::Series, &[1, 2]);
    let dark = &titles[&(Kind::Series, 1)];
    assert_eq!(streams(dark), [("Alpha", "501")], "Beta has no entry for the category");
    let of = |name: &str| dark.episodes.iter().find(|episode| episode.name == name).unwrap();
    let streams = |name: &str| {
        of(name).streams.iter().map(|stream| stream.stream_id.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(dark.episodes.len(), 4);
    assert_eq!(streams("Secrets"), ["1001", "2001"]);
    assert_eq!(streams("Lies"), ["1002"]);
    assert_eq!(streams("Behind the Scenes"), ["2003"], "episodes have no category");
    assert_eq!(streams("Lost"), [""; 0]);
    assert_eq!((of("Lies").season, of("Lies").number), (Some(1), Some(2)));
    assert!(titles[&(Kind::Series, 2)].episodes.is_empty());
}

#[test]
fn episodes_lose_the_streams_of_an_account_that_is_switched_off() {
    let database = filled(&small());
    database.execute("UPDATE m3u_m3uaccount SET is_active = false WHERE id = 2");
    let titles = load(&mut open(&database), Kind::Series, &[1]);
    let mut streams: Vec<_> = titles[&(Kind::Series, 1)]
        .episodes
        .iter()
        .map(|episode| (episode.name.as_str(), episode.streams.len()))
        .collect();
    streams.sort_unstable();
    assert_eq!(streams, [("Behind the Scenes", 0), ("Lies", 1), ("Lost", 0), ("Secrets", 1)]);
}

#[test]
fn only_a_complete_xtream_login_makes_direct_addresses() {
    let database = filled(&small());
    let login = |sql: &str| {
        database.execute(sql);
        let titles = load(&mut open(&database), Kind::Movie, &[2]);
        titles[&(Kind::Movie, 2)].streams[0].account.login.clone()
    };
    let whole = login("").unwrap();
    assert_eq!(
        (whole.server_url.as_str(), whole.username.as_str()),
        ("http://host2.example:8080", "user2")
    );
    assert!(login("UPDATE m3u_m3uaccount SET password = '' WHERE id = 2").is_none());
    assert!(login("UPDATE m3u_m3uaccount SET password = NULL WHERE id = 2").is_none());
    let standard = "UPDATE m3u_m3uaccount SET password = 'x', account_type = 'STD' WHERE id = 2";
    assert!(login(standard).is_none());
}

#[test]
fn a_selection_bounds_what_is_stamped() {
    let database = filled(&small());
    let mut catalog = open(&database);
    let all = stamps(&mut catalog, &ALL);
    // Nemo does not count, and 99 does not exist.
    let some = Scope { movies: Selection::Ids([2, 3, 5, 99].into()), series: Selection::Nothing };
    let found = stamps(&mut catalog, &some);
    assert_eq!(found.keys().map(|key| key.1).collect::<Vec<_>>(), [2, 5]);
    assert!(found.iter().all(|(key, stamp)| *stamp == all[key]), "the same stamps as ever");
    let one = Scope { movies: Selection::Nothing, series: Selection::Ids([2].into()) };
    assert_eq!(stamps(&mut catalog, &one).into_keys().collect::<Vec<_>>(), [(Kind::Series, 2)]);
    let before = catalog.statements();
    let nothing = Scope { movies: Selection::Nothing, series: Selection::Nothing };
    assert!(stamps(&mut catalog, &nothing).is_empty());
    assert_eq!(catalog.statements(), before, "nothing is asked for nothing");
}

#[test]
fn titles_that_do_not_count_are_not_loaded_either() {
    let database = filled(&small());
    let mut catalog = open(&database);
    assert_eq!(load(&mut catalog, Kind::Movie, &[3, 4, 99]).len(), 0);
    assert_eq!(load(&mut catalog, Kind::Movie, &[]).len(), 0);
    assert_eq!(load(&mut catalog, Kind::Series, &[99]).len(), 0);
}

#[test]
fn an_empty_catalogue_is_one() {
    let database = TestDatabase::create(Generation::NEWEST);
    assert!(stamps(&mut open(&database), &ALL).is_empty());
}

#[test]
fn facts_say_which_dispatcharr_it_is() {
    let generations = ["0.9 to 0.11", "0.12 to 0.19", "0.20 to 0.28", "0.29 or later"].into_iter();
    for (generation, name) in Generation::ALL.into_iter().zip(generations) {
        let database = TestDatabase::create(generation);
        database.insert(&small());
        let facts = open(&database).facts().unwrap();
        let fact = |label: &str| {
            let fact = facts.iter().find(|fact| fact.label == label);
            fact.unwrap_or_else(|| panic!("no {label} in {facts:?}")).value.clone()
        };
        assert_eq!(fact("Dispatcharr"), name);
        assert_eq!(fact("active accounts (priority)"), "Alpha (10), Beta (5)");
        assert_eq!(
            (fact("movies"), fact("series"), fact("episodes")),
            ("6".into(), "2".into(), "4".into())
        );
        assert!(fact("database").starts_with(database.name()), "{}", fact("database"));
    }
}

#[test]
fn facts_say_when_no_account_can_offer_anything() {
    let database = filled(&small());
    let advice = |database: &TestDatabase| -> Vec<String> {
        let facts = open(database).facts().unwrap();
        let of_accounts = facts.into_iter().filter(|fact| fact.label == "active accounts");
        of_accounts.filter(|fact| !fact.is_fine).map(|fact| fact.value).collect()
    };
    assert_eq!(advice(&database), [""; 0]);
    for change in ["SET account_type = 'STD'", "SET account_type = 'XC', is_active = false"] {
        database.execute(&format!("UPDATE m3u_m3uaccount {change}"));
        assert!(advice(&database)[0].contains("none is an Xtream panel"), "{change}");
    }
}

#[test]
fn dates_are_loaded_as_the_server_writes_them() {
    let database = filled(&small());
    for (moment, added) in
        [("2000-01-01 00:00:01.9+00", Some(946_684_801)), ("infinity", None), ("-infinity", None)]
    {
        database.execute(&format!("UPDATE vod_series SET created_at = '{moment}'"));
        let titles = load(&mut open(&database), Kind::Series, &[1]);
        assert_eq!(titles[&(Kind::Series, 1)].details.added, added, "{moment}");
    }
    for date in ["1969-07-20", "1999-12-31", "2000-02-29", "2024-02-29", "0001-01-01"] {
        database.execute(&format!("UPDATE vod_episode SET air_date = '{date}'"));
        let titles = load(&mut open(&database), Kind::Series, &[1]);
        let aired = titles[&(Kind::Series, 1)].episodes[0].aired;
        assert_eq!(aired.map(|day| day.to_string()).as_deref(), Some(date));
    }
}
