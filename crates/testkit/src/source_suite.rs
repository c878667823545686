//! What every source of titles has to do, as laws. Whoever reads a kind of source says how one is made ([`Specimen`]),
//! and [`source_suite!`](crate::source_suite!) has a test for each law.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::Arc;

use vod2strm_catalog::episodes::{FetchAnswer, Providers, RefreshScope};
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, EntryName, Scope, Selection};
use vod2strm_core::cancel::Cancel;
use vod2strm_core::model::media::{Kind, SourceKey, Stream, Title};
use vod2strm_core::model::stamp::{ExternalId, Stamp, StreamId};
use vod2strm_core::model::stated::meaning;
use vod2strm_core::pace::due::FetchOutcome;

/// A password that no error may repeat.
pub const SECRET: &str = "s3cr3t-marker";

/// What a source holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceContents {
    /// Movies and series with episodes, in categories.
    Usual,
    /// The same with names that go wrong somewhere.
    Hostile,
    /// No title.
    Empty,
}

/// A kind of source.
pub trait Specimen {
    /// A source that holds this.
    fn make(&self, contents: SourceContents) -> Box<dyn Source>;

    /// Sources that are none, or end too early, each with what is wrong with it; where an address may hold a password,
    /// it holds [`SECRET`].
    fn damaged(&self) -> Vec<(&'static str, Box<dyn Source>)>;
}

/// One source; it is gone when the value goes.
pub trait Source {
    /// Begins a reading.
    fn open(&self, cancel: &Cancel) -> Result<Box<dyn Catalog>, CatalogError>;

    /// How many streams of movies and episodes it offers.
    fn streams(&self) -> usize;

    /// How many entries it has: those of movies and series, and those of neither.
    fn entries(&self) -> [u64; 2];

    /// Has something else in it from now on: another title, or another name.
    fn change(&self);
}

/// A test for each law, of the kind of source that an expression makes.
#[macro_export]
macro_rules! source_suite {
    ($specimen:expr) => {
        $crate::source_suite! { $specimen;
            stamps_come_once_each
            nothing_that_it_offers_is_lost
            stamps_are_the_same_in_every_reading
            load_gives_what_stamps_promised
            the_size_of_a_batch_does_not_matter
            what_nobody_stamped_is_not_loaded
            a_scope_narrows
            headings_are_those_of_the_titles
            names_are_those_of_the_categories
            accounts_are_those_that_offer_titles
            every_entry_is_in_a_title_or_left_out
            every_entry_can_be_looked_up
            numbers_and_facts_speak_of_all_titles
            episodes_are_fetched_of_its_own_series
            a_reading_is_of_one_state_until_it_is_renewed
            an_untouched_source_says_so
            a_reading_that_is_cancelled_ends
            an_empty_source_is_a_source
            a_damaged_source_is_an_error
        }
    };
    ($specimen:expr; $($law:ident)+) => {
        $(#[test]
        fn $law() {
            $crate::source_suite::$law(&$specimen);
        })+
    };
}

/// Kind and key.
type Key = (Kind, i64);

const ALL: Scope = Scope { movies: Selection::All, series: Selection::All };

/// Does this to a source of usual contents, and to a hostile one.
fn each(specimen: &dyn Specimen, check: impl Fn(&dyn Source)) {
    for contents in [SourceContents::Usual, SourceContents::Hostile] {
        check(specimen.make(contents).as_ref());
    }
}

fn open(source: &dyn Source) -> Box<dyn Catalog> {
    source.open(&Cancel::default()).expect("the source can be read")
}

fn stamps_of(catalog: &mut dyn Catalog, scope: &Scope) -> BTreeMap<Key, Stamp> {
    let mut found = BTreeMap::new();
    let mut sink = |stamp: Stamp| {
        let key = (stamp.kind, stamp.key.0);
        assert!(found.insert(key, stamp).is_none(), "{key:?} is stamped twice");
    };
    catalog.stamps(scope, &mut sink).expect("stamps can be read");
    found
}

fn load(catalog: &mut dyn Catalog, kind: Kind, keys: &[SourceKey]) -> BTreeMap<Key, Title> {
    let mut found = BTreeMap::new();
    let mut sink = |mut title: Title| {
        // They come in any order.
        title.episodes.sort_by_cached_key(|episode| format!("{episode:?}"));
        let key = (title.kind, title.key.0);
        assert_eq!(title.kind, kind, "{key:?}");
        assert!(found.insert(key, title).is_none(), "{key:?} is loaded twice");
    };
    catalog.load(kind, keys, &mut sink).expect("titles can be read");
    found
}

fn keys_of(stamps: &BTreeMap<Key, Stamp>, kind: Kind) -> Vec<SourceKey> {
    stamps.keys().filter(|key| key.0 == kind).map(|key| SourceKey(key.1)).collect()
}

/// All titles, in batches of so many.
fn titles_of(catalog: &mut dyn Catalog, batch: usize) -> BTreeMap<Key, Title> {
    let stamps = stamps_of(catalog, &ALL);
    let mut titles = BTreeMap::new();
    for kind in Kind::ALL {
        for keys in keys_of(&stamps, kind).chunks(batch) {
            titles.append(&mut load(catalog, kind, keys));
        }
    }
    titles
}

/// The streams of a movie, or of a series' episodes.
fn streams_of(title: &Title) -> Vec<&Stream> {
    match title.kind {
        Kind::Movie => title.streams.iter().collect(),
        Kind::Series => title.episodes.iter().flat_map(|episode| &episode.streams).collect(),
    }
}

/// Every title has one stamp, every stamp a title, and no two titles of a kind are offered as one.
pub fn stamps_come_once_each(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let stamps = stamps_of(&mut *catalog, &ALL);
        let titles = titles_of(&mut *catalog, usize::MAX);
        assert!(Kind::ALL.iter().all(|kind| stamps.keys().any(|key| key.0 == *kind)), "both kinds");
        assert!(stamps.keys().eq(titles.keys()), "stamps {:?}", stamps.keys());
        let mut streams = BTreeSet::new();
        for stamp in stamps.values() {
            assert!(!stamp.streams.is_empty(), "{stamp:?}");
            for stream in &stamp.streams {
                assert!(
                    streams.insert((stamp.kind, *stream)),
                    "it is another title's, too: {stamp:?}"
                );
            }
        }
    });
}

/// Every stream is one of a title.
pub fn nothing_that_it_offers_is_lost(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let titles = titles_of(&mut *open(source), usize::MAX);
        let streams: usize = titles.values().map(|title| streams_of(title).len()).sum();
        assert_eq!(streams, source.streams());
    });
}

/// Two passes of a reading, and two readings, say the same.
pub fn stamps_are_the_same_in_every_reading(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let (mut one, mut other) = (open(source), open(source));
        let stamps = stamps_of(&mut *one, &ALL);
        assert_eq!(stamps, stamps_of(&mut *one, &ALL));
        assert_eq!(stamps, stamps_of(&mut *other, &ALL));
        assert_eq!(titles_of(&mut *one, usize::MAX), titles_of(&mut *other, usize::MAX));
    });
}

/// A title is recognised by the same streams and ids whether it is stamped or loaded.
pub fn load_gives_what_stamps_promised(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let stamps = stamps_of(&mut *catalog, &ALL);
        for (key, title) in titles_of(&mut *catalog, usize::MAX) {
            let stamp = &stamps[&key];
            let streams: Vec<StreamId> =
                title.streams.iter().map(|stream| StreamId::of(title.kind, stream)).collect();
            assert_eq!(stamp.streams.to_vec(), streams, "{key:?}");
            assert_eq!(stamp.episodes as usize, title.episodes.len(), "{key:?}");
            let (tmdb, imdb) = (meaning(&title.details.tmdb), meaning(&title.details.imdb));
            assert_eq!(stamp.externals, ExternalId::of(title.kind, tmdb, imdb), "{key:?}");
            assert!(title.kind == Kind::Series || title.episodes.is_empty(), "{key:?}");
        }
    });
}

/// A title is the same alone and among others.
pub fn the_size_of_a_batch_does_not_matter(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let all = titles_of(&mut *catalog, usize::MAX);
        assert_eq!(titles_of(&mut *catalog, 1), all);
        assert_eq!(titles_of(&mut *catalog, 7), all);
    });
}

/// A key that is none, or one of the other kind alone, is no error and no title.
pub fn what_nobody_stamped_is_not_loaded(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let stamps = stamps_of(&mut *catalog, &ALL);
        for (kind, other) in [(Kind::Movie, Kind::Series), (Kind::Series, Kind::Movie)] {
            let own = keys_of(&stamps, kind);
            let mut keys: Vec<SourceKey> =
                keys_of(&stamps, other).into_iter().filter(|key| !own.contains(key)).collect();
            keys.extend([i64::MIN, -1, 0, i64::MAX].map(SourceKey));
            assert_eq!(load(&mut *catalog, kind, &keys), BTreeMap::new());
            assert_eq!(load(&mut *catalog, kind, &[]), BTreeMap::new());
        }
    });
}

/// A part of the titles has the stamps that it has among all.
pub fn a_scope_narrows(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let all = stamps_of(&mut *catalog, &ALL);
        let some = |kind| keys_of(&all, kind).into_iter().map(|key| key.0).step_by(2).collect();
        let ids = Scope {
            movies: Selection::Ids(some(Kind::Movie)),
            series: Selection::Ids(some(Kind::Series)),
        };
        let nothing = Scope { movies: Selection::Nothing, series: Selection::Nothing };
        let movies = Scope { movies: Selection::All, series: Selection::Nothing };
        for scope in [ids, nothing, movies] {
            let is_wanted = |key: &Key| scope.of(key.0).contains(SourceKey(key.1));
            let wanted: BTreeMap<Key, Stamp> = all
                .iter()
                .filter(|(key, _)| is_wanted(key))
                .map(|(k, v)| (*k, v.clone()))
                .collect();
            assert_eq!(stamps_of(&mut *catalog, &scope), wanted, "{scope:?}");
        }
    });
}

/// Name, year and UUID are those of the whole title.
pub fn headings_are_those_of_the_titles(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let stamps = stamps_of(&mut *catalog, &ALL);
        let titles = titles_of(&mut *catalog, usize::MAX);
        for kind in Kind::ALL {
            let (keys, mut told) = (keys_of(&stamps, kind), BTreeSet::new());
            let mut sink = |key: SourceKey, heading: vod2strm_core::identity::Heading<'_>| {
                let Title { details, uuid, .. } = &titles[&(kind, key.0)];
                let said = (heading.name, heading.year, heading.uuid);
                assert_eq!(said, (&*details.name, details.year, uuid.as_deref()));
                assert!(told.insert(key), "{kind} {key:?} is told twice");
            };
            catalog.headings(kind, &keys, &mut sink).expect("headings can be read");
            assert_eq!(told.len(), keys.len());
        }
    });
}

/// Whatever a category's best offers are called is among its names; of no other category is anything said.
pub fn names_are_those_of_the_categories(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let titles = titles_of(&mut *catalog, usize::MAX);
        for kind in Kind::ALL {
            let of_kind = titles.values().filter(|title| title.kind == kind);
            let expected: BTreeSet<(Arc<str>, String)> = of_kind
                .filter_map(|title| {
                    Some((
                        title.streams.first()?.category_name.clone()?,
                        title.details.name.clone(),
                    ))
                })
                .collect();
            let categories: BTreeSet<Arc<str>> =
                expected.iter().map(|(category, _)| category.clone()).collect();
            let categories: Vec<Arc<str>> = categories.into_iter().step_by(2).collect();
            let mut told = BTreeSet::new();
            let mut sink = |category: &str, name: &str| {
                assert!(
                    categories.iter().any(|it| **it == *category),
                    "{category} was not asked for"
                );
                told.insert((Arc::from(category), name.to_owned()));
            };
            catalog.names(kind, &categories, &mut sink).expect("names can be read");
            let expected: BTreeSet<_> =
                expected.into_iter().filter(|(it, _)| categories.contains(it)).collect();
            assert!(!expected.is_empty(), "{kind}: no title is in a category");
            assert!(told.is_superset(&expected), "{:?}", expected.difference(&told));
            let mut nothing = |_: &str, _: &str| panic!("no category was asked for");
            catalog.names(kind, &[], &mut nothing).expect("names can be read");
        }
    });
}

/// Whoever offers a title is an account that is switched on, and its category is not disabled.
pub fn accounts_are_those_that_offer_titles(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let titles = titles_of(&mut *catalog, usize::MAX);
        let (roster, disabled) =
            (catalog.roster().expect("accounts can be read"), catalog.disabled());
        assert!(roster.disabled.iter().all(|it| disabled.contains(it)), "{disabled:?}");
        for title in titles.values() {
            for stream in title.streams.iter().chain(streams_of(title)) {
                let account = &roster.accounts[&stream.account.id];
                assert!(account.is_active, "{account:?}");
                let place = stream.category.map(|category| (stream.account.id, category));
                assert!(place.is_none_or(|place| !disabled.contains(&place)), "{place:?}");
            }
        }
    });
}

/// No entry goes without being counted, and no count depends on the part that was read.
pub fn every_entry_is_in_a_title_or_left_out(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let stamps = stamps_of(&mut *catalog, &ALL);
        let counted = catalog.entries().clone();
        let mut all = [0, 0];
        counted.iter().for_each(|(kind, it)| all[usize::from(kind.is_none())] += it.all());
        assert_eq!(all, source.entries(), "{counted:?}");
        for kind in Kind::ALL {
            let titles = keys_of(&stamps, kind).len() as u64;
            assert_eq!(counted[&Some(kind)].in_titles, titles, "{kind}: {counted:?}");
        }
        let movies = Scope { movies: Selection::All, series: Selection::Ids(BTreeSet::new()) };
        stamps_of(&mut *catalog, &movies);
        let mut of_movies = counted;
        of_movies.remove(&Some(Kind::Series));
        assert_eq!(*catalog.entries(), of_movies);
    });
}

/// What is counted is at least what can be read.
pub fn numbers_and_facts_speak_of_all_titles(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let stamps = stamps_of(&mut *catalog, &ALL);
        let numbers = catalog.numbers().expect("numbers can be read");
        let episodes: u64 = stamps.values().map(|stamp| u64::from(stamp.episodes)).sum();
        assert!(numbers.movies >= keys_of(&stamps, Kind::Movie).len() as u64, "{numbers:?}");
        assert!(numbers.series >= keys_of(&stamps, Kind::Series).len() as u64, "{numbers:?}");
        assert!(numbers.episodes >= episodes, "{numbers:?}");
        let facts = catalog.facts().expect("facts can be read");
        for (label, number) in [("movies", numbers.movies), ("series", numbers.series)] {
            let told = facts.iter().find(|fact| fact.label == label).map(|fact| fact.value.clone());
            assert_eq!(told, Some(number.to_string()), "{label}");
        }
    });
}

/// A source that can fetch episodes offers to do so for series of its own. Of a series for which nobody was asked, the
/// source has fetched none.
pub fn episodes_are_fetched_of_its_own_series(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let stamps = stamps_of(&mut *catalog, &ALL);
        let accounts = catalog.roster().expect("accounts can be read").accounts;
        let Some(episodes) = catalog.episodes() else { return };
        for providers in [Providers::Best, Providers::All] {
            let (is_filtered, is_missing) = (|_: i64, _: &str| false, |_: i64, _: &str| false);
            let asked =
                RefreshScope { providers, is_filtered: &is_filtered, is_missing: &is_missing };
            let offers = episodes.offers(&asked).expect("series can be read");
            assert!(!offers.is_empty());
            for offer in &offers {
                assert!(stamps.contains_key(&(Kind::Series, offer.series.0)), "{offer:?}");
                assert!(accounts[&offer.account].is_active, "{offer:?}");
            }
            let answers: Vec<_> = offers.iter().map(|offer| (offer, FetchAnswer::Asked)).collect();
            let outcomes = episodes.outcomes(&answers).expect("series can be read");
            assert_eq!(outcomes.len(), answers.len());
            assert!(
                outcomes.iter().all(|it| matches!(it, FetchOutcome::Failed(_))),
                "{outcomes:?}"
            );
            let filtered = RefreshScope { is_filtered: &|_, _| true, ..asked };
            assert_eq!(episodes.offers(&filtered).expect("series can be read"), []);
        }
    });
}

/// Each title is looked up once, by the name that it has when it is loaded. What is handed over besides is what `entries`
/// counts as left out, and it is known why.
pub fn every_entry_can_be_looked_up(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut catalog = open(source);
        let mut names: BTreeMap<Key, (String, Option<i32>)> = BTreeMap::new();
        let mut others = 0;
        let mut sink = |entry: EntryName<'_>| match (entry.kind, entry.key) {
            (Some(kind), Some(key)) => {
                let name = (entry.name.to_owned(), entry.year);
                assert!(names.insert((kind, key.0), name).is_none(), "{entry:?} comes twice");
            }
            _ => {
                assert!(entry.left_out.is_some(), "{entry:?}");
                others += 1;
            }
        };
        catalog.each_entry(&mut sink).expect("entries can be read");
        let titles = titles_of(&mut *catalog, usize::MAX);
        let all = catalog.entries().values().flat_map(|entries| entries.left_out.values());
        let left_out: u64 = all.sum();
        for (key, title) in &titles {
            let name = (title.details.name.clone(), title.details.year);
            assert_eq!(names.remove(key), Some(name), "{key:?}");
        }
        assert_eq!(names.len() as u64 + others, left_out);
        for kind in Kind::ALL {
            let ids = names.keys().filter(|key| key.0 == kind).map(|key| key.1);
            let ids: Vec<i64> = ids.collect();
            let why = catalog.not_offered(kind, &ids).expect("accounts can be read");
            assert_eq!(why.len(), ids.len(), "it is known why each is not offered");
            let listings = catalog.listings(kind, &ids).expect("accounts can be read");
            assert!(listings.iter().all(|it| ids.contains(&it.title) && !it.counts()));
        }
    });
}

/// Nothing that happens to the source is seen by a reading that has begun; the next one sees it.
pub fn a_reading_is_of_one_state_until_it_is_renewed(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let mut before = open(source);
        let (stamps, state) = (stamps_of(&mut *before, &ALL), before.state());
        source.change();
        assert_eq!(stamps_of(&mut *before, &ALL), stamps);
        assert!(titles_of(&mut *before, usize::MAX).keys().eq(stamps.keys()));
        let mut after = open(source);
        let changed = stamps_of(&mut *after, &ALL);
        assert_ne!(changed, stamps);
        assert!(state.is_none() || after.state() != state, "its state is said to be the same");
        before.renew().expect("it can be renewed");
        let renewed = stamps_of(&mut *before, &ALL);
        assert!(renewed == changed || renewed == stamps, "neither the one state nor the other");
        assert!(titles_of(&mut *before, usize::MAX).keys().eq(renewed.keys()));
    });
}

/// Who it is, and what it says of its state, is the same as long as nobody touches it.
pub fn an_untouched_source_says_so(specimen: &dyn Specimen) {
    each(specimen, |source| {
        let (one, other) = (open(source), open(source));
        let states = one.state().zip(other.state());
        assert!(states.is_none_or(|(one, other)| one == other), "{states:?}");
        assert_eq!(one.identity(), other.identity());
        assert_eq!(one.doubt(), other.doubt());
        assert_eq!(one.has_logins(), other.has_logins());
    });
}

/// Neither does a reading begin that is cancelled, nor does one go on.
pub fn a_reading_that_is_cancelled_ends(specimen: &dyn Specimen) {
    let is_end = |ended: Result<(), CatalogError>| matches!(ended, Err(CatalogError::Cancelled(_)));
    each(specimen, |source| {
        let cancel = Cancel::default();
        let run = cancel.child();
        let mut catalog = source.open(&run).expect("the source can be read");
        let stamps = stamps_of(&mut *catalog, &ALL);
        cancel.cancel();
        assert!(is_end(catalog.each_entry(&mut |_| {})));
        assert!(is_end(source.open(&run).map(drop)));
        assert!(is_end(catalog.stamps(&ALL, &mut |_| {})));
        for kind in Kind::ALL {
            let keys = keys_of(&stamps, kind);
            assert!(is_end(catalog.load(kind, &keys, &mut |_| {})));
            assert!(is_end(catalog.headings(kind, &keys, &mut |_, _| {})));
            assert!(is_end(catalog.names(kind, &["films".into()], &mut |_, _| {})));
        }
    });
}

/// A source without a title is no error.
pub fn an_empty_source_is_a_source(specimen: &dyn Specimen) {
    let source = specimen.make(SourceContents::Empty);
    let mut catalog = open(source.as_ref());
    assert_eq!(stamps_of(&mut *catalog, &ALL), BTreeMap::new());
    let numbers = catalog.numbers().expect("numbers can be read");
    assert_eq!((numbers.movies, numbers.series, numbers.episodes), (0, 0, 0));
    for kind in Kind::ALL {
        assert_eq!(load(&mut *catalog, kind, &[SourceKey(1)]), BTreeMap::new());
    }
    catalog.roster().expect("accounts can be read");
    catalog.facts().expect("facts can be read");
    source.change();
    assert_ne!(stamps_of(&mut *open(source.as_ref()), &ALL), BTreeMap::new());
}

/// What is no source, or not a whole one, gives an error that says what to do, and nothing else; it shows no password.
pub fn a_damaged_source_is_an_error(specimen: &dyn Specimen) {
    for (what, source) in specimen.damaged() {
        let Err(error) = source.open(&Cancel::default()) else { panic!("{what}: it can be read") };
        assert!(error.hint().is_some(), "{what}: {error}");
        let words = words(&error);
        assert!(!words.contains(SECRET), "{what}: {words}");
    }
}

/// All that an error and its causes can be made to say.
fn words(error: &CatalogError) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = writeln!(text, "{error}\n{error:?}");
        cause = error.source();
    }
    text
}
