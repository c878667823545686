//! The numbers that holds are judged by: what a scope has, what is left, and what lowers the most that it had.

use vod2strm_testkit::home::number;

use super::{AT_ONCE, Library, dispatcharr, none};

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
