//! The user's filter and preferences decide what is in the library, and a wrong filter costs nothing.

use vod2strm_core::choice::Choice;
use vod2strm_core::layout::Layout;
use vod2strm_core::policy::Policy;
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, assert_same_tree, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;
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
        for multi_provider in [false, true] {
            let mut flags = with(&["--filter", filter]);
            flags.extend(multi_provider.then_some("--multi-provider"));
            let home = new_home();
            home.generate(&database.url(), &flags);
            let choice = Choice { filter: Some(filter.parse().unwrap()), prefer: None };
            let base_url = "http://dispatcharr:9191".parse().unwrap();
            let policy = Policy::new(Layout::standard(), base_url);
            let policy = Policy { choice, multi_provider, ..policy };
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

/// What a filter no longer lets through goes after the grace period, as if it had never been there; and
/// comes back when the filter is gone.
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
fn the_preferred_copy_is_the_one_that_plays() {
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
        format!("#EXTINF:-1 group-title=\"{group}\",{name}\nhttp://host/series/u/p/{at}.mkv\n")
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
