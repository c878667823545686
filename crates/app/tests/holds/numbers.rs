//! The numbers that holds are decided by: what a scope has, what is left, and what lowers the most that it had.

use vod2strm_testkit::home::number;

use super::{APPLY, AT_ONCE, Library, dispatcharr, none};

/// Series that the source lists without episodes are nothing that the library has.
#[test]
fn series_without_episodes_are_not_left() {
    let (home, database) = dispatcharr();
    database.execute(
        "INSERT INTO vod_series SELECT (jsonb_populate_record(s, jsonb_build_object(
             'id', s.id + n * 1000, 'uuid', gen_random_uuid(), 'tmdb_id', null, 'imdb_id', null,
             'name', 'Listed ' || n || ' ' || s.id))).* FROM vod_series s, generate_series(1, 20) n;
         INSERT INTO vod_m3useriesrelation SELECT (jsonb_populate_record(r, jsonb_build_object(
             'id', r.id + n * 100000, 'series_id', r.series_id + n * 1000,
             'external_series_id', 'x' || n || '-' || r.external_series_id))).*
             FROM vod_m3useriesrelation r, generate_series(1, 20) n",
    );
    let (status, report) = home.try_generate(&database.url(), &AT_ONCE);
    assert!(status == 0 && number(&report, "/titles/series/empty") == 80, "{report}");
    let whole = home.tree();
    database.execute(
        "DELETE FROM vod_m3uepisoderelation; DELETE FROM vod_episode;
         DELETE FROM vod_m3useriesrelation WHERE series_id < 1000; DELETE FROM vod_series WHERE id < 1000",
    );
    let (status, report) = home.try_generate(&database.url(), &AT_ONCE);
    assert!(status == 4 && home.tree() == whole, "{report}");
}

/// New titles that cannot be written are nothing that is left.
#[test]
fn new_titles_that_fail_are_not_left() {
    let library = Library::new();
    library.has(0..100, none());
    library.run(&AT_ONCE);
    for film in 200..240 {
        let folder = format!("Movies/Film {film} of all ({})", 1950 + film % 60);
        let folder = library.home.output().join(folder);
        std::fs::create_dir(&folder).unwrap();
        let name = folder.file_name().unwrap().to_owned();
        let strm = folder.join(format!("{}.strm", name.to_str().unwrap()));
        std::fs::write(strm, "http://mine/\n").unwrap();
    }
    library.has((0..60).chain(200..240), none());
    for flags in [&["--cleanup", "apply", "--grace", "0", "--dry-run"][..], &AT_ONCE, &AT_ONCE] {
        let (status, report) = library.run(flags);
        assert_eq!((status, library.strms()), (4, 140), "{report}");
        assert_eq!(number(&report, "/held/0/titles"), 40, "{report}");
    }
}

/// What a permission and the user's will took lowers also the number of which half may not be exchanged.
#[test]
fn an_exchange_after_a_permission_or_another_filter_is_half_of_what_is_left() {
    let library = Library::new();
    library.has(0..100, none());
    library.run(&AT_ONCE);
    library.has(0..60, none());
    library.run(&AT_ONCE);
    let (status, report) = library.run(&["--cleanup", "apply", "--allow-removals"]);
    assert_eq!((status, library.strms()), (0, 60), "{report}");
    library.has((0..15).chain(200..245), none());
    let (status, report) = library.run(&AT_ONCE);
    assert_eq!((status, library.strms()), (4, 105), "{report}");
    let filtered = ["--cleanup", "apply", "--grace", "0", "--filter", "year >= 1974"];
    let library = Library::new();
    library.has(0..100, none());
    library.run(&AT_ONCE);
    library.run(&filtered);
    let kept: Vec<u32> = (0..100).filter(|film| film % 60 >= 24).collect();
    assert_eq!(library.strms(), kept.len());
    let new = (10..50).map(|n| n * 60 + 30).take(kept.len() - 12);
    library.has(kept.iter().copied().take(12).chain(new), none());
    let (status, report) = library.run(&filtered);
    assert_eq!(status, 4, "{report}");
}

/// What came in by an exchange that a person has allowed is the best day from then on.
#[test]
fn after_an_allowed_exchange_the_new_titles_may_not_be_exchanged_either() {
    let library = Library::new();
    library.has(0..60, none());
    library.run(&AT_ONCE);
    library.has((0..20).chain(200..240), none());
    assert_eq!(library.run(&AT_ONCE).0, 4);
    assert_eq!(library.run(&["--cleanup", "apply", "--allow-removals"]).0, 0);
    library.has((0..20).chain(200..220).chain(300..320), none());
    assert_eq!(library.run(&AT_ONCE).0, 0, "a third of sixty");
    library.has((0..20).chain(200..209).chain(300..331), none());
    assert_eq!(library.run(&AT_ONCE).0, 4, "and eleven more: half of what came in");
}

/// How many `.strm` files there are below a folder whose name begins so.
fn strms_of(library: &Library, name: &str) -> usize {
    let tree = library.home.tree().into_keys();
    tree.filter(|path| path.contains(name) && path.ends_with(".strm")).count()
}

/// What the user's will takes of a series lowers the most that it had by just that.
#[test]
fn settings_and_filters_do_not_forget_how_many_episodes_a_series_had() {
    let others = |episodes| (0..20).map(move |show| (show, if show == 0 { episodes } else { 12 }));
    let no_nfo = ["--cleanup", "apply", "--grace", "0", "--no-nfo"];
    let library = Library::new();
    for (episodes, flags) in [(12, &AT_ONCE[..]), (7, &AT_ONCE), (7, &no_nfo), (4, &no_nfo)] {
        library.has(0..0, others(episodes));
        library.run(flags);
    }
    assert_eq!(strms_of(&library, "Show 0 "), 7, "four of twelve are less than half");
    // A filter takes one episode, and three more of eleven may go before it is less than half.
    let filter = ["--cleanup", "apply", "--grace", "0", "--filter", "not category == Old"];
    let library = Library::new();
    let has = |episodes: u32| {
        library.has(0..0, others(episodes));
        let list = std::fs::read_to_string(&library.list).unwrap();
        let (old, new) = ("\"All\",Show 0 S01E01", "\"Old\",Show 0 S01E01");
        std::fs::write(&library.list, list.replace(old, new)).unwrap();
    };
    for (episodes, flags, left) in [
        (12, &AT_ONCE[..], 12),
        (8, &AT_ONCE, 8),
        (8, &filter, 7),
        (7, &filter, 6),
        (5, &filter, 6),
    ] {
        has(episodes);
        library.run(flags);
        assert_eq!(strms_of(&library, "Show 0 "), left, "{episodes} listed");
    }
}

/// One series may always go; two that take most of an account's episodes along are held.
#[test]
fn series_that_vanish_count_by_their_episodes_too() {
    let library = Library::new();
    let all = [(90, 200), (91, 100)].into_iter().chain((0..10).map(|show| (show, 2)));
    library.has(0..0, all);
    library.run(&AT_ONCE);
    library.has(0..0, (0..10).map(|show| (show, 2)));
    let (status, report) = library.run(&AT_ONCE);
    assert_eq!((status, library.strms()), (4, 320), "{report}");
    assert_eq!(report["held"][0]["kind"], "episode", "{report}");
    library.has(0..0, [(91, 100)].into_iter().chain((0..10).map(|show| (show, 2))));
    let (status, report) = library.run(&AT_ONCE);
    assert_eq!((status, library.strms()), (0, 120), "one may always go: {report}");
    library.has(0..0, (0..10).map(|show| (show, 2)));
    let (status, report) = library.run(&AT_ONCE);
    assert_eq!((status, library.strms()), (4, 120), "the second within the days: {report}");
}

/// New episodes are nothing that the library had when the run began; a dry run says what the run does.
#[test]
fn a_dry_run_counts_episodes_as_its_run_does() {
    let library = Library::new();
    let shows = |from: u32, to: u32| {
        let mut list = "#EXTM3U\n".to_owned();
        for (show, episode) in (0..10).flat_map(|show| (from..=to).map(move |it| (show, it))) {
            let name = format!("-1 group-title=\"All\",Show {show} S01E{episode:02}");
            let url = format!("http://h/series/u/p/{}.mkv", show * 1_000 + episode);
            list.push_str(&format!("#EXTINF:{name}\n{url}\n"));
        }
        std::fs::write(&library.list, list).unwrap();
    };
    let dry = [&AT_ONCE[..], &["--dry-run"]].concat();
    shows(1, 10);
    library.run(&AT_ONCE);
    shows(4, 13);
    for flags in [&dry[..], &AT_ONCE] {
        assert_eq!(library.run(flags).0, 0, "thirty new ones for thirty that are missing");
    }
    shows(4, 11);
    for flags in [&dry[..], &AT_ONCE] {
        assert_eq!(library.run(flags).0, 0, "eighty of a hundred, and not of 130");
    }
}

/// What somebody has deleted by hand is nothing that the library has; a dry run knows that as well.
#[test]
fn what_was_deleted_by_hand_is_not_held() {
    let library = Library::new();
    library.has(0..20, none());
    library.run(&APPLY);
    library.has(0..10, none());
    for film in 10..20 {
        let folder = format!("Movies/Film {film} of all ({})", 1950 + film % 60);
        std::fs::remove_dir_all(library.home.output().join(folder)).unwrap();
    }
    for flags in
        [&["--cleanup", "apply", "--dry-run"][..], &APPLY, &["--cleanup", "apply", "--dry-run"]]
    {
        let (status, report) = library.run(flags);
        assert_eq!((status, number(&report, "/held/0/titles")), (0, 0), "{report}");
    }
    // What is left is decided as if the others had never been there.
    library.has(0..8, none());
    assert_eq!(library.run(&APPLY).0, 0);
    assert_eq!((library.run(&APPLY).0, library.strms()), (0, 8));
}
