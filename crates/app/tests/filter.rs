//! The user's filter and preferences decide what is in the library, and a wrong filter costs nothing.

#![expect(clippy::unwrap_used, reason = "a test plays the user")]

use vod2strm_core::layout::Layout;
use vod2strm_core::policy::{Policy, Versions};
use vod2strm_core::select::Choice;
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, assert_same_tree, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::{Category, CategoryRelation, Generation, MovieRelation};
use vod2strm_testkit::twin::twin;

const APPLY: [&str; 4] = ["--base-url", "http://dispatcharr:9191", "--cleanup", "apply"];

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

fn catalogue() -> Catalogue {
    Catalogue::generate(31, Size { movies: 120, series: 10, episodes_per_series: 8 }, true)
}

fn database(catalogue: &Catalogue) -> TestDatabase {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(catalogue);
    database
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&APPLY[..], more].concat()
}

#[test]
fn the_library_has_what_the_filter_lets_through() {
    let catalogue = catalogue();
    let database = database(&catalogue);
    for filter in [
        "kind == series",
        "year >= 2000 or genre == Drama",
        r#"category =~ "4K" and not adult"#,
        "category == Adults",
        "not account =~ 'account 1'",
        "quality >= 1080p or language in (de, fr)",
    ] {
        for versions in Versions::ALL {
            let mut flags = with(&["--filter", filter]);
            flags.extend(["--versions", versions.as_str()]);
            let home = new_home();
            home.generate(&database.url(), &flags);
            let choice = Choice { filter: Some(filter.parse().unwrap()), ..Choice::default() };
            let base_url = "http://dispatcharr:9191".parse().unwrap();
            let policy = Policy::new(Layout::standard(), base_url);
            let policy = Policy { choice, versions: versions.into(), ..policy };
            let expected = twin(&catalogue, &policy);
            assert!(!expected.is_empty(), "{filter} is a test of something");
            let tree = if home.output().join("Movies").exists() || home.output().join("TV").exists()
            {
                home.tree()
            } else {
                Default::default()
            };
            assert_same_tree(&tree, &expected);
        }
    }
}

/// What a filter no longer lets through goes after the grace period, as if it had never been there. What went comes
/// back when the filter is gone.
#[test]
fn another_filter_changes_a_library_into_a_fresh_one() {
    for more in [&[][..], &["--movie-folder", "{genre}/{year}/{title}"]] {
        changes_into_a_fresh_one(more);
    }
}

fn changes_into_a_fresh_one(more: &[&str]) {
    let size = Size { movies: 120, series: 10, episodes_per_series: 8 };
    let database = database(&Catalogue::generate(31, size, false));
    let (home, all) = (new_home(), with(more));
    home.generate(&database.url(), &all);
    let whole = home.tree();
    let few = [&all[..], &["--filter", "kind == series or year < 1990"]].concat();
    let first = home.generate(&database.url(), &few);
    assert_eq!(home.tree(), whole, "the grace period: {first}");
    assert!(number(&first, "/titles/movie/filtered") > 20, "{first}");
    let second = home.generate(&database.url(), &few);
    assert!(number(&second, "/titles/movie/removed") > 20, "{second}");
    assert_eq!(home.empty_folders(), [""; 0]);
    let fresh = new_home();
    fresh.generate(&database.url(), &few);
    assert_same_tree(&home.tree(), &fresh.tree());
    home.generate(&database.url(), &few);
    let quiet = home.generate(&database.url(), &few);
    assert_eq!(quiet["files"], serde_json::json!({}), "{quiet}");
    assert_eq!(number(&quiet, "/titles/movie/changed"), 0, "{quiet}");
    assert_eq!(
        number(&quiet, "/titles/movie/filtered"),
        number(&first, "/titles/movie/filtered"),
        "they are told of in every run: {quiet}"
    );
    home.generate(&database.url(), &all);
    assert_same_tree(&home.tree(), &whole);
}

/// A run that has nothing to do, one that reads all, a dry run and `stats` count alike.
#[test]
fn a_settled_run_a_full_run_and_stats_say_the_same() {
    const OFF: &str = "UPDATE m3u_m3uaccount SET is_active = false WHERE id = 1";
    const ON: &str = "UPDATE m3u_m3uaccount SET is_active = true WHERE id = 1";
    const SOME_GO: &str = "DELETE FROM vod_m3umovierelation WHERE movie_id IN
        (SELECT DISTINCT movie_id FROM vod_m3umovierelation ORDER BY movie_id LIMIT 4)";
    const MOST_GO: &str = "DELETE FROM vod_m3umovierelation WHERE m3u_account_id = 2";
    let filtered = with(&["--filter", "kind == series or year < 1990"]);
    let size = Size { movies: 120, series: 10, episodes_per_series: 8 };
    let database = database(&Catalogue::generate(31, size, false));
    let home = new_home();
    for (after, change, flags) in [
        ("no filter", None, &with(&[])),
        ("a filter with cleanup", None, &filtered),
        ("an account off", Some(OFF), &filtered),
        ("the account on", Some(ON), &filtered),
        ("titles that wait and go", Some(SOME_GO), &filtered),
        ("titles that are held", Some(MOST_GO), &filtered),
    ] {
        if let Some(sql) = change {
            database.execute_and_leave(sql);
        }
        let run = |more: &[&str]| {
            database.execute_and_leave("SELECT 1");
            home.try_generate(&database.url(), &[&flags[..], more].concat()).1
        };
        for night in ["first", "second", "third"] {
            let (foreseen, done) = (run(&["--dry-run"]), run(&[]));
            assert_same_counts(&foreseen, &done, &format!("{after}, {night} night"));
            assert_as_stats_say(&home, &done, &format!("{after}, {night} night"));
        }
        let resting = run(&[]);
        assert_eq!(resting["untouched"], resting["held"] == serde_json::json!([]), "{after}");
        assert_as_stats_say(&home, &resting, after);
        assert_same_counts(&resting, &run(&["--full"]), after);
    }
}

const COUNTS: [&str; 4] = ["unchanged", "filtered", "empty", "absent"];

fn assert_same_counts(one: &serde_json::Value, other: &serde_json::Value, place: &str) {
    for kind in ["movie", "series"] {
        let of = |report| COUNTS.map(|word| number(report, &format!("/titles/{kind}/{word}")));
        assert_eq!(of(one), of(other), "{kind} {COUNTS:?}: {place}");
    }
}

/// What `stats` tells of the ledger is what the last run left.
fn assert_as_stats_say(home: &Home, run: &serde_json::Value, place: &str) {
    let output = home.output();
    let done = home.run(&["stats", "--json", "--output", output.to_str().unwrap()]);
    let rows: Vec<serde_json::Value> =
        text(&done.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let tree = home.tree();
    for (kind, root) in [("movie", "Movies/"), ("series", "TV/")] {
        let said = ["held", "filtered", "without anything to play", "missing from the catalogue"]
            .map(|measure| {
                let measure = format!("titles {measure}");
                let is_it =
                    |row: &&serde_json::Value| row["subject"] == kind && row["measure"] == *measure;
                rows.iter().find(is_it).map_or(0, |row| row["value"].as_u64().unwrap())
            });
        let of = |word: &str| number(run, &format!("/titles/{kind}/{word}"));
        // What this run removed is missing no more; titles without a folder go without a word.
        let missing = if of("removed") > 0 { said[3] } else { of("absent") };
        let below = tree.keys().filter_map(|path| path.strip_prefix(root)?.split('/').next());
        let held = below.collect::<std::collections::BTreeSet<_>>().len() as u64;
        let counts = [of("filtered"), of("empty"), missing];
        assert_eq!(said[1..], counts, "{kind}: {place}\n{run:#}");
        // What the filter takes is on disk until it has waited.
        let waits = of("waiting") + of("held") > 0;
        assert!(waits || said[0] == held, "{kind}: {place}: {said:?} {held}");
    }
}

#[test]
fn what_the_filter_does_not_let_through_is_not_moved_and_named_anew_when_it_is_back() {
    let size = Size { movies: 40, series: 4, episodes_per_series: 4 };
    let database = database(&Catalogue::generate(31, size, false));
    let (home, jellyfin) = (new_home(), with(&["--layout", "jellyfin"]));
    home.generate(&database.url(), &jellyfin);
    let before = home.tree();
    home.generate(&database.url(), &with(&["--filter", "kind == series"]));
    let movies = |tree: &std::collections::BTreeMap<String, Vec<u8>>| {
        tree.keys().filter(|path| path.starts_with("Movies/")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(movies(&home.tree()), movies(&before));
    home.generate(&database.url(), &with(&[]));
    let fresh = new_home();
    fresh.generate(&database.url(), &with(&[]));
    assert_same_tree(&home.tree(), &fresh.tree());
}

#[test]
fn a_filter_that_leaves_nothing_is_held() {
    let database = database(&catalogue());
    let home = new_home();
    home.generate(&database.url(), &with(&[]));
    let whole = home.tree();
    let nothing = with(&["--filter", "genre == Drmaa", "--grace", "0"]);
    for _ in 0..3 {
        let (status, report) = home.try_generate(&database.url(), &nothing);
        assert_eq!(status, 4, "{report}");
        assert!(
            report["held"][0]["reason"].as_str().unwrap().contains("the filter leaves nothing")
        );
        assert_eq!(home.tree(), whole);
    }
    let (status, report) =
        home.try_generate(&database.url(), &[&nothing[..], &["--dry-run"]].concat());
    assert_eq!(status, 4, "{report}");
    home.generate(&database.url(), &[&nothing[..], &["--allow-removals"]].concat());
    assert!(home.tree().is_empty());
}

#[test]
fn an_edited_nfo_outlives_the_filter() {
    let database = database(&catalogue());
    let home = new_home();
    home.generate(&database.url(), &with(&[]));
    let nfo = home.tree().into_keys().find(|path| path.ends_with(".nfo")).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test plays the user")]
    std::fs::write(home.output().join(&nfo), "mine").unwrap();
    home.generate(&database.url(), &with(&["--filter", "kind == series", "--grace", "0"]));
    assert_eq!(text(&home.tree()[&nfo]), "mine");
}

#[test]
fn the_preferred_stream_is_the_one_that_plays() {
    let catalogue = catalogue();
    let database = database(&catalogue);
    let plain = new_home();
    plain.generate(&database.url(), &with(&[]));
    let mut is_preferred_somewhere = false;
    for account in catalogue.accounts.iter().filter(|row| row.is_active) {
        let home = new_home();
        let prefer = format!("account == '{}'", account.name);
        home.generate(&database.url(), &with(&["--prefer", &prefer]));
        let pinned = format!("m3u_account_id={}\n", account.id);
        let count = |home: &Home| {
            home.tree().values().filter(|content| text(content).ends_with(&pinned)).count()
        };
        assert!(count(&home) >= count(&plain), "{prefer}");
        is_preferred_somewhere |= count(&home) > count(&plain);
        assert!(plain.tree().keys().eq(home.tree().keys()), "the names are the same");
    }
    assert!(is_preferred_somewhere);
}

/// Writes a playlist: group and name of each entry.
#[expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test's own file")]
fn playlist(home: &Home, entries: &[(&str, String)]) -> String {
    let list = home.output().with_file_name("list.m3u");
    let entry = |(at, (group, name)): (usize, &(&str, String))| {
        let kind = if name.contains(" S01E") { "series" } else { "movie" };
        format!("#EXTINF:-1 group-title=\"{group}\",{name}\nhttp://host/{kind}/u/p/{at}.mkv\n")
    };
    let entries: String = entries.iter().enumerate().map(entry).collect();
    std::fs::write(&list, format!("#EXTM3U\n{entries}")).unwrap();
    list.to_str().unwrap().to_owned()
}

/// Versions that the filter takes are no loss of the catalogue, however many they are.
#[test]
fn versions_that_the_filter_takes_go_without_being_held() {
    let home = new_home();
    let of_group = |group| (1..=10).map(move |at| (group, format!("Dark S01E{at:02}")));
    let entries: Vec<_> = ["A", "B", "C"].into_iter().flat_map(of_group).collect();
    let source = playlist(&home, &entries);
    let all = ["--multi-provider", "--cleanup", "apply", "--grace", "0"];
    home.generate(&source, &all);
    let strms = || home.tree().keys().filter(|path| path.ends_with(".strm")).count();
    assert_eq!(strms(), 30);
    let report = home.generate(&source, &[&all[..], &["--filter", "category == A"]].concat());
    assert_eq!(number(&report, "/files/deleted/not_wanted"), 40, "{report}");
    assert_eq!(strms(), 10);
}

/// A playlist's series has the group of one of its entries alone; what counts are its episodes'.
#[test]
fn episodes_of_a_playlist_are_asked_one_by_one() {
    let home = new_home();
    let entries = [("EN", "Dark S01E01"), ("DE", "Dark S01E02"), ("DE", "Dark S01E03")];
    let source = playlist(&home, &entries.map(|(group, name)| (group, name.to_owned())));
    let strms = |home: &Home| {
        home.tree().into_keys().filter(|path| path.ends_with(".strm")).collect::<Vec<_>>()
    };
    let apply = ["--cleanup", "apply", "--grace", "0"];
    home.generate(&source, &apply);
    assert_eq!(strms(&home).len(), 3);
    for _ in 0..2 {
        home.generate(&source, &[&apply[..], &["--filter", "category == DE"]].concat());
    }
    let left = strms(&home);
    assert!(left.len() == 2 && !left.iter().any(|path| path.contains("S01E01")), "{left:?}");
    let quiet = home.generate(&source, &[&apply[..], &["--filter", "category == DE"]].concat());
    assert_eq!(quiet["files"], serde_json::json!({}), "{quiet}");
}

/// Without a cleanup, what is filtered stays, and is told of in every run.
#[test]
fn what_stays_without_a_cleanup_is_not_called_unchanged() {
    let database = database(&catalogue());
    let home = new_home();
    let plain = ["--base-url", "http://dispatcharr:9191"];
    home.generate(&database.url(), &plain);
    let few = [&plain[..], &["--filter", "kind == series"]].concat();
    let first = home.generate(&database.url(), &few);
    let second = home.generate(&database.url(), &few);
    assert!(number(&first, "/titles/movie/filtered") > 20, "{first}");
    assert_eq!(
        number(&second, "/titles/movie/filtered"),
        number(&first, "/titles/movie/filtered"),
        "{second}"
    );
}

const KINO: [&str; 6] = ["--cleanup", "apply", "--grace", "0", "--filter", "category == Kino"];

/// Films of a group, by their numbers.
fn films(group: &'static str, count: usize) -> impl Iterator<Item = (&'static str, String)> {
    (0..count).map(move |at| (group, format!("Film {at} ({})", 1980 + at)))
}

/// Episodes of twenty series, three of each.
fn shows(group: &'static str, count: usize) -> impl Iterator<Item = (&'static str, String)> {
    (0..count).flat_map(move |at| {
        (1..=3).map(move |episode| (group, format!("Show {at} S01E0{episode}")))
    })
}

type Entries = Vec<(&'static str, String)>;

/// A source that was `before` when its library was whole, and of which much is missing when `lose` was called. Runs
/// hold what is missing, tell of it in a dry run, and let it go only when they are told to.
fn is_held(home: &Home, source: &str, first: &[&str], then: &[&str], lose: impl FnOnce()) {
    let report = home.generate(source, first);
    let whole = home.tree();
    assert!(whole.len() >= 40, "{report}");
    lose();
    let (status, report) = home.try_generate(source, &[then, &["--dry-run"]].concat());
    assert_eq!(status, 4, "{report}");
    for _ in 0..3 {
        let (status, again) = home.try_generate(source, then);
        assert_eq!((status, held(&again)), (4, held(&report)), "{again}");
        assert_same_tree(&home.tree(), &whole);
    }
    home.generate(source, &[then, &["--allow-removals"]].concat());
    let fresh = new_home();
    fresh.generate(source, then);
    assert_same_tree(&home.tree(), &fresh.tree());
    // Accepted once, it is no matter any more.
    home.generate(source, then);
}

/// What is held, but for the ids, which a dry run does not give.
fn held(report: &serde_json::Value) -> Vec<serde_json::Value> {
    let mut held = report["held"].as_array().cloned().unwrap_or_default();
    for hold in held.iter_mut().filter_map(|hold| hold.as_object_mut()) {
        hold.retain(|key, _| key != "id" && key != "remedy");
    }
    held
}

/// The same for a playlist that is exchanged for another.
fn is_held_in_a_playlist(before: &Entries, after: &Entries) {
    let home = new_home();
    let source = playlist(&home, before);
    is_held(&home, &source, &KINO, &KINO, || drop(playlist(&home, after)));
}

/// Twenty films that one account has twice each, in the categories `Kino` (901) and `Rest` (902).
fn twice() -> TestDatabase {
    in_categories(20, (0..20).flat_map(|at| [(at, 901), (at, 902)]))
}

/// So many films of one account, by their places, in the categories `Kino` (901) and `Rest` (902).
fn in_categories(count: usize, pairs: impl Iterator<Item = (i64, i64)>) -> TestDatabase {
    let size = Size { movies: count, series: 0, episodes_per_series: 0 };
    let all = Catalogue::generate(31, size, false);
    let category = |(id, name): (i64, &str)| {
        let (name, category_type) = (name.to_owned(), "movie".to_owned());
        Category { id, name, category_type }
    };
    let enabled = |(account_id, category_id): (i64, i64)| {
        let id = category_id * 10 + account_id;
        CategoryRelation { id, account_id, category_id, enabled: true }
    };
    let relation = |(at, category): (i64, i64)| MovieRelation {
        id: at * 10 + category % 10,
        account_id: 1,
        movie_id: all.movies[at as usize].id,
        category_id: Some(category),
        stream_id: format!("{category}{at}"),
        ..MovieRelation::default()
    };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue {
        categories: [(901, "Kino"), (902, "Rest")].map(category).to_vec(),
        category_relations: [(1, 901), (1, 902), (2, 901), (2, 902)].map(enabled).to_vec(),
        movie_relations: pairs.map(relation).collect(),
        ..all
    });
    database
}

/// What is missing is held as ever, though the filter takes what is left of the titles.
#[test]
fn wanted_streams_that_are_missing_are_no_matter_of_the_filter() {
    let lose = |of: &str| format!("DELETE FROM vod_m3umovierelation WHERE category_id = 901 {of}");
    for of in ["", "AND id % 100 > 25"] {
        for first in [&KINO[..], &KINO[..4]] {
            let (home, database) = (new_home(), twice());
            let (first, then) = (with(&first[2..]), with(&KINO[2..]));
            let lose = || database.execute(&lose(of));
            is_held(&home, &database.url(), &first, &then, lose);
        }
    }
    let shows = |kino| shows("Kino", kino).chain(shows("Rest", 20)).collect();
    is_held_in_a_playlist(&shows(20), &shows(2));
}

/// A category that gets another name lets most of a library fall through a filter that nobody changed.
#[test]
fn what_no_longer_passes_an_unchanged_filter_is_a_loss() {
    let films = |group| films("Kino", 4).chain(films(group, 20).skip(4)).collect();
    is_held_in_a_playlist(&films("Kino"), &films("Kino HD"));
    let shows = |group| shows("Kino", 4).chain(shows(group, 20).skip(12)).collect();
    is_held_in_a_playlist(&shows("Kino"), &shows("Kino HD"));
    let all = |group| (1..=24).map(move |at| (group, format!("Dark S01E{at:02}")));
    let few = all("Kino").take(4).chain(all("Kino HD").skip(4)).collect();
    is_held_in_a_playlist(&all("Kino").collect(), &few);
}

/// Also when the ledger was lost in between.
#[test]
fn a_lost_ledger_makes_no_will_of_a_loss() {
    let home = new_home();
    let source = playlist(&home, &films("Kino", 20).collect::<Vec<_>>());
    home.generate(&source, &KINO);
    let whole = home.tree();
    #[expect(clippy::disallowed_methods, reason = "a test loses a ledger")]
    std::fs::remove_dir_all(home.dir.path().join(".local/state/vod2strm")).unwrap();
    home.generate(&source, &KINO);
    playlist(&home, &films("Kino", 4).chain(films("Kino HD", 20).skip(4)).collect::<Vec<_>>());
    for _ in 0..2 {
        let (status, report) = home.try_generate(&source, &KINO);
        assert_eq!(status, 4, "{report}");
        assert_same_tree(&home.tree(), &whole);
    }
}

/// A few of them go after the grace period, and come back with their old folders.
#[test]
fn a_few_that_no_longer_pass_the_filter_go_after_the_grace_period() {
    let home = new_home();
    let few =
        |dropped| films("Rest", dropped).chain(films("Kino", 20).skip(dropped)).collect::<Vec<_>>();
    let source = playlist(&home, &few(0));
    let flags = ["--cleanup", "apply", "--grace", "1", "--filter", "category == Kino"];
    home.generate(&source, &flags);
    let whole = home.tree();
    playlist(&home, &few(3));
    let first = home.generate(&source, &flags);
    assert_eq!(number(&first, "/titles/movie/waiting"), 3, "{first}");
    assert_same_tree(&home.tree(), &whole);
    let second = home.generate(&source, &flags);
    assert_eq!(number(&second, "/titles/movie/removed"), 3, "{second}");
    // One more is a fifth of the twenty that there were; two more are too many within a month.
    playlist(&home, &few(4));
    home.generate(&source, &flags);
    let fourth = home.generate(&source, &flags);
    assert_eq!(number(&fourth, "/titles/movie/removed"), 1, "{fourth}");
    playlist(&home, &few(5));
    assert_eq!(home.try_generate(&source, &flags).0, 4);
    playlist(&home, &few(0));
    home.generate(&source, &flags);
    assert_same_tree(&home.tree(), &whole);
}

/// The loss of a spare stream is none of the title, and is forgotten after the grace period. Such losses must not
/// add up to one that is held.
#[test]
fn spare_streams_that_are_dropped_one_after_the_other_hold_nothing() {
    let (home, database) = (new_home(), twice());
    database.execute(
        "UPDATE vod_m3umovierelation SET category_id = 901;
         UPDATE vod_m3umovierelation SET m3u_account_id = 2 WHERE id % 10 = 2",
    );
    let flags = with(&["--grace", "1", "--filter", "category == Kino"]);
    home.generate(&database.url(), &flags);
    for at in 0..9 {
        let update = "UPDATE vod_m3umovierelation SET category_id = 902 WHERE id = ";
        database.execute(&format!("{update}{}", at * 10 + 2));
        home.generate(&database.url(), &flags);
    }
    database.execute("DELETE FROM vod_m3umovierelation WHERE id IN (191, 192)");
    for strms in [20, 19] {
        home.generate(&database.url(), &flags);
        let is_strm = |path: &&String| path.ends_with(".strm");
        assert_eq!(home.tree().keys().filter(is_strm).count(), strms);
    }
}

/// What a wider filter lets in makes up for no loss of the same night. What is missing is held until it is back, or
/// allowed, also when the filter is as before again. A ledger of an older version does not know the user's last will.
fn makes_up_for_no_loss(of: &dyn Fn(&'static str, usize) -> Entries, is_will_known: bool) {
    let few = |group, from: usize, to: usize| -> Entries {
        let all = of(group, to);
        all.into_iter().skip(of(group, from).len()).collect()
    };
    let (home, rest) = (new_home(), || few("Rest", 20, 95));
    // What is missing stands last: the numbers of the others stay.
    let source = playlist(&home, &[rest(), few("Kino", 0, 20)].concat());
    let (all, kino) = (&KINO[..2], [&KINO[..2], &KINO[4..]].concat());
    home.generate(&source, &kino);
    if !is_will_known {
        forget_will(&home);
    }
    let whole = home.tree();
    let fresh = new_home();
    fresh.generate(&source, all);
    let wide = fresh.tree();
    playlist(&home, &[rest(), few("Kino", 0, 11)].concat());
    let (status, foreseen) = home.try_generate(&source, &[all, &["--dry-run"]].concat());
    assert_eq!(status, 4, "{foreseen}");
    for _ in 0..3 {
        let (status, report) = home.try_generate(&source, all);
        assert_eq!((status, held(&report)), (4, held(&foreseen)), "{report}");
        assert_same_tree(&home.tree(), &wide);
    }
    for _ in 0..3 {
        let (status, report) = home.try_generate(&source, &kino);
        assert_eq!((status, held(&report)), (4, held(&foreseen)), "{report}");
    }
    assert_same_tree(&home.tree(), &whole);
    home.try_generate(&source, all);
    home.generate(&source, &[all, &["--allow-removals"]].concat());
    fresh.generate(&source, &[all, &["--grace", "0"]].concat());
    assert_same_tree(&home.tree(), &fresh.tree());
    // From now on it counts like all else.
    playlist(&home, &[rest(), few("Kino", 0, 7)].concat());
    home.generate(&source, &[all, &["--grace", "0"]].concat());
}

#[test]
fn what_a_wider_filter_lets_in_makes_up_for_no_loss() {
    for is_will_known in [true, false] {
        makes_up_for_no_loss(&|group, count| films(group, count).collect(), is_will_known);
        makes_up_for_no_loss(&|group, count| shows(group, count).collect(), is_will_known);
    }
}

/// Takes from the ledger what the first versions did not note.
fn forget_will(home: &Home) {
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    let sql =
        "DELETE FROM meta WHERE key LIKE 'will about %'; DELETE FROM filters; DELETE FROM accounts";
    ledger.execute_batch(sql).unwrap();
}

/// The same of a category that the user enables.
#[test]
fn what_a_category_offers_that_is_enabled_makes_up_for_no_loss() {
    for is_will_known in [true, false] {
        enabled_makes_up_for_no_loss(is_will_known);
    }
}

fn enabled_makes_up_for_no_loss(is_will_known: bool) {
    let place = |at| (at, if at < 20 { 901 } else { 902 });
    let (home, database) = (new_home(), in_categories(95, (0..95).map(place)));
    let enable = |is| {
        format!("UPDATE vod_m3uvodcategoryrelation SET enabled = {is} WHERE category_id = 902")
    };
    database.execute(&enable(false));
    home.generate(&database.url(), &with(&[]));
    if !is_will_known {
        forget_will(&home);
    }
    let strms = || home.tree().keys().filter(|path| path.ends_with(".strm")).count();
    assert_eq!(strms(), 20);
    let lose = "DELETE FROM vod_m3umovierelation WHERE category_id = 901 AND id < 90";
    database.execute(&format!("{}; {lose}", enable(true)));
    let (status, foreseen) = home.try_generate(&database.url(), &with(&["--dry-run"]));
    assert_eq!(status, 4, "{foreseen}");
    for _ in 0..3 {
        let (status, report) = home.try_generate(&database.url(), &with(&[]));
        assert_eq!((status, held(&report), strms()), (4, held(&foreseen), 95), "{report}");
    }
    home.generate(&database.url(), &with(&["--allow-removals"]));
    assert_eq!(strms(), 86);
}
