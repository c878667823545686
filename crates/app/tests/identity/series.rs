//! Series: those of a playlist, and those of a database. No entry of a playlist is the series itself, so the streams of
//! its episodes tell of the series, too.

use std::collections::HashMap;

use super::*;

/// Series: their names, their first number, and how many episodes they have.
type Shows<'a> = &'a [(&'a str, u32, u32)];

fn with_shows(home: &Home, shows: Shows<'_>, flags: &[&str]) -> (i32, serde_json::Value) {
    let parts: Vec<_> =
        shows.iter().map(|(name, first, episodes)| (*name, 1..=*episodes, *first)).collect();
    with_parts(home, &parts, flags)
}

/// Episodes in a row: the name of their series, their numbers, and the number of the first one's stream.
type Parts<'a> = &'a [(&'a str, std::ops::RangeInclusive<u32>, u32)];

fn with_parts(home: &Home, parts: Parts<'_>, flags: &[&str]) -> (i32, serde_json::Value) {
    let episodes = parts.iter().flat_map(|(name, episodes, first)| {
        episodes.clone().zip(*first..).map(move |(episode, number)| {
            format!("#EXTINF:-1,{name} S01E{episode:02}\nhttp://h/series/u/p/{number}.mkv\n")
        })
    });
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, format!("#EXTM3U\n{}", episodes.collect::<String>())).unwrap();
    home.try_generate(path.to_str().unwrap(), flags)
}

fn series(report: &serde_json::Value) -> [u64; 2] {
    ["new", "absent"].map(|outcome| number(report, &format!("/titles/series/{outcome}")))
}

const APPLY: [&str; 2] = ["--cleanup", "apply"];

#[test]
fn a_series_that_is_renamed_keeps_its_folder() {
    for renamed in ["Show One Ultra", "EN - Show One (2001)", "Show Uno", "SHOW: One Again"] {
        let home = new_home();
        let others = [("Mad Men", 2_000, 3), ("Tatort", 3_000, 1)];
        with_shows(&home, &[&[("Show One", 1_000, 10)], &others[..]].concat(), &APPLY);
        let before = home.tree();
        let shows = [&[(renamed, 1_000, 10)], &others[..]].concat();
        for _ in 0..5 {
            let (status, report) = with_shows(&home, &shows, &APPLY);
            assert_eq!((status, series(&report)), (0, [0, 0]), "{renamed}: {report}");
        }
        let after = home.tree();
        assert!(before.keys().eq(after.keys()), "{renamed}: {:?}", after.keys());
        let strms = before.iter().filter(|(path, _)| path.ends_with(".strm"));
        strms.for_each(|(path, strm)| assert_eq!(after[path], *strm, "{renamed}"));
    }
}

/// The folders of series, and the numbers that each of them plays.
fn played(home: &Home) -> Vec<(String, Vec<u32>)> {
    let mut played: std::collections::BTreeMap<String, Vec<u32>> = Default::default();
    for (path, strm) in home.tree().iter().filter(|(path, _)| path.ends_with(".strm")) {
        let number = text(strm).trim().rsplit('/').next().unwrap().replace(".mkv", "");
        let folder = path.split('/').nth(1).unwrap().to_owned();
        played.entry(folder).or_default().push(number.parse().unwrap());
    }
    played.values_mut().for_each(|numbers| numbers.sort_unstable());
    played.into_iter().collect()
}

/// Series beside which one more or less is no great loss.
const OTHERS: [(&str, std::ops::RangeInclusive<u32>, u32); 6] = [
    ("Mad Men", 1..=3, 2_000),
    ("Tatort", 1..=1, 3_000),
    ("Borgen", 1..=2, 4_000),
    ("Narcos", 1..=2, 5_000),
    ("Fargo", 1..=2, 6_000),
    ("Homeland", 1..=2, 7_000),
];

/// What a library of these parts, and of others, plays when the list has become another one, and which series of it are
/// new and missing. It is so in the first run, and stays so.
fn after(before: Parts<'_>, list: Parts<'_>) -> (Vec<(String, Vec<u32>)>, [u64; 2]) {
    let home = new_home();
    with_parts(&home, &[before, &OTHERS].concat(), &APPLY);
    let (status, report) = with_parts(&home, &[list, &OTHERS].concat(), &APPLY);
    let changes = series(&report);
    assert_eq!(status, 0, "{report}");
    for _ in 0..4 {
        let (status, report) = with_parts(&home, &[list, &OTHERS].concat(), &APPLY);
        assert_eq!((status, series(&report)[0]), (0, 0), "{report}");
        assert!(report["held"].as_array().unwrap().is_empty(), "{report}");
    }
    let mut played = played(&home);
    played.retain(|(folder, _)| OTHERS.iter().all(|(other, ..)| other != folder));
    (played, changes)
}

#[test]
fn a_series_that_lost_its_first_episodes_and_is_renamed_keeps_its_folder() {
    for renamed in ["Show One Ultra", "EN - Show One (2001)", "Show Uno"] {
        let now = after(&[("Show One", 1..=10, 1_000)], &[(renamed, 3..=11, 1_002)]);
        let folder = "Show One".to_owned();
        assert_eq!(now, (vec![(folder, (1_002..=1_010).collect())], [0, 0]), "{renamed}");
    }
}

#[test]
fn a_number_that_comes_into_a_series_name_moves_no_folder() {
    let now = after(&[("Lost Girl", 1..=4, 1_000)], &[("Lost Girl 7", 1..=5, 1_000)]);
    let folder = "Lost Girl".to_owned();
    assert_eq!(now, (vec![(folder, (1_000..=1_004).collect())], [0, 0]));
}

#[test]
fn series_that_become_one_are_in_the_folder_of_the_greater_one() {
    let before = [("Lost Girl", 1..=2, 1_000), ("Lost Girl Ultra", 1..=8, 1_100)];
    let list = [("Lost Girl Anew", 1..=2, 1_000), ("Lost Girl Anew", 3..=10, 1_100)];
    let played: Vec<u32> = (1_000..=1_001).chain(1_100..=1_107).collect();
    assert_eq!(after(&before, &list), (vec![("Lost Girl Ultra".to_owned(), played)], [0, 1]));
}

#[test]
fn a_series_that_becomes_several_is_the_greater_one() {
    let before = [("Lost Girl", 1..=10, 1_000)];
    let list = [("Lost Girl Extra", 1..=3, 1_000), ("Lost Girl Anew", 4..=10, 1_003)];
    let (played, changes) = after(&before, &list);
    let of = |folder: &str, numbers| {
        (folder.to_owned(), Vec::from_iter::<std::ops::Range<u32>>(numbers))
    };
    assert_eq!(played, [of("Lost Girl", 1_003..1_010), of("Lost Girl Extra", 1_000..1_003)]);
    assert_eq!(changes, [1, 0]);
}

#[test]
fn a_new_episode_changes_its_series_alone() {
    let home = new_home();
    let shows = [("Mad Men", 1_000, 3), ("Tatort", 2_000, 30)];
    with_shows(&home, &shows, &[]);
    let (_, report) = with_shows(&home, &[shows[0], ("Tatort", 2_000, 31)], &[]);
    let of = |outcome: &str| number(&report, &format!("/titles/series/{outcome}"));
    assert_eq!((of("changed"), of("unchanged")), (1, 1), "{report}");
}

#[test]
fn a_series_whose_streams_play_another_one_is_a_new_series() {
    let home = new_home();
    let rest = [("Mad Men", 2_000, 3), ("Tatort", 3_000, 1)];
    with_shows(&home, &[&[("Dark", 1_000, 2)], &rest[..]].concat(), &[]);
    let before = home.tree();
    let (status, report) = with_shows(&home, &[&[("Lost", 1_000, 2)], &rest[..]].concat(), &[]);
    assert_eq!((status, series(&report)), (0, [1, 1]), "{report}");
    let after = home.tree();
    assert!(before.iter().all(|(path, content)| after.get(path) == Some(content)), "{report}");
}

#[test]
fn numbers_that_series_exchange_take_no_folder_along() {
    let home = new_home();
    let names: Vec<String> = (0..8).map(word).collect();
    let numbered = |number: &dyn Fn(u32) -> u32| -> Vec<(&str, u32, u32)> {
        names.iter().zip(1..).map(|(name, n)| (name.as_str(), number(n) * 1_000, 3)).collect()
    };
    with_shows(&home, &numbered(&|n| n), &APPLY);
    let before = home.tree();
    for number in [&|n| 9 - n, &|n| n % 8 + 1, &|n| n + 20, &|n| n] as [&dyn Fn(u32) -> u32; 4] {
        let shows = numbered(number);
        let (status, report) = with_shows(&home, &shows, &APPLY);
        assert_eq!((status, series(&report)), (0, [0, 0]), "{report}");
        let tree = home.tree();
        assert!(tree.keys().eq(before.keys()), "{report}");
        for (name, first, _) in shows {
            let path = format!("TV/{name}/Season 01/{name} - S01E01.strm");
            assert_eq!(text(&tree[&path]), format!("http://h/series/u/p/{first}.mkv\n"));
        }
    }
    assert_eq!(home.tree(), before);
}

#[test]
fn series_of_a_playlist_that_all_play_others_are_held_until_a_person_allows_it() {
    let names: Vec<String> = (0..48).map(word).collect();
    let shows = |from: usize| -> Vec<(&str, u32, u32)> {
        let names = names[from..from + 24].iter().map(String::as_str);
        names.zip(1..).map(|(name, n)| (name, n * 1_000, 2)).collect()
    };
    let home = new_home();
    with_shows(&home, &shows(0), &APPLY);
    let stamps = home.stamps();
    for _ in 0..3 {
        let (status, report) = with_shows(&home, &shows(24), &APPLY);
        assert_eq!((status, series(&report)), (4, [0, 24]), "{report}");
        let held = report["held"].as_array().unwrap();
        assert_eq!((held.len(), number(&held[0], "/titles")), (1, 24), "{report}");
        assert!(held[0]["reason"].as_str().unwrap().contains("left out"), "{report}");
        assert_eq!((&held[0]["id"], home.stamps() == stamps), (&"2.1".into(), true), "{report}");
    }
    let (status, report) =
        with_shows(&home, &shows(24), &["--cleanup", "apply", "--allow-removals=2.1"]);
    assert_eq!((status, series(&report)), (0, [24, 24]), "{report}");
    let fresh = new_home();
    with_shows(&fresh, &shows(24), &APPLY);
    assert_eq!(home.tree(), fresh.tree());
}

/// Ledgers of before know series of a playlist by their names alone.
#[test]
fn series_that_a_ledger_has_by_their_names_stay_as_they_are() {
    let home = new_home();
    let names: Vec<String> = (0..8).map(word).collect();
    let shows: Vec<_> =
        names.iter().zip(1..).map(|(name, n)| (name.as_str(), n * 100, 3)).collect();
    with_shows(&home, &shows, &APPLY);
    let stamps = home.stamps();
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    let streams = || -> i64 {
        ledger.query_row("SELECT count(*) FROM copies", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(streams(), 16);
    ledger
        .execute_batch(
            "DELETE FROM copies WHERE stream LIKE 'episode-%'; UPDATE titles SET fingerprint = zeroblob(16), episode_streams = NULL",
        )
        .unwrap();
    for _ in 0..5 {
        let (status, report) = with_shows(&home, &shows, &APPLY);
        assert_eq!((status, series(&report)), (0, [0, 0]), "{report}");
    }
    assert!(home.stamps() == stamps && streams() == 16);
}

/// One account offers all series, without ids, each once.
fn offered_by_one() -> Catalogue {
    let size = vod2strm_testkit::generate::Size { movies: 0, series: 24, episodes_per_series: 2 };
    let mut catalogue = Catalogue::generate(3, size, false);
    for (n, series) in catalogue.series.iter_mut().enumerate() {
        (series.name, series.year) = (word(n), Some(1990));
        (series.tmdb_id, series.imdb_id) = (None, None);
    }
    let mut entries = HashMap::new();
    catalogue.series_relations.retain(|it| entries.insert(it.series_id, it.id).is_none());
    for entry in &mut catalogue.series_relations {
        (entry.account_id, entry.external_series_id) = (1, format!("s{}", entry.id));
        entry.category_id = None;
        entries.insert(entry.series_id, entry.id);
    }
    let series: HashMap<i64, i64> =
        catalogue.episodes.iter().map(|episode| (episode.id, episode.series_id)).collect();
    let mut offered = std::collections::HashSet::new();
    catalogue.episode_relations.retain(|it| offered.insert(it.episode_id));
    for stream in &mut catalogue.episode_relations {
        (stream.account_id, stream.stream_id) = (1, format!("e{}", stream.id));
        stream.series_relation_id = Some(entries[&series[&stream.episode_id]]);
    }
    catalogue
}

/// The same of a database: folders, `.strm` and NFO files stay, and nothing new is made.
#[test]
fn series_that_play_others_are_held() {
    let catalogue = offered_by_one();
    let database = database(&catalogue);
    let home = new_home();
    let flags = [&BASE_URL[..], &APPLY].concat();
    let report = home.generate(&database.url(), &flags);
    // Series without episodes have nothing that could play another one.
    let playable = 24 - number(&report, "/titles/series/empty");
    assert!(playable > 15, "{report}");
    let stamps = || {
        let mut stamps = home.stamps();
        stamps.retain(|path, _| path.starts_with(home.output().join("TV")));
        stamps
    };
    let before = stamps();
    for (n, series) in catalogue.series.iter().enumerate() {
        let (name, id) = (word(100 + n), series.id);
        database.execute(&format!(
            "UPDATE vod_series SET name = '{name}', year = 2020 WHERE id = {id}"
        ));
    }
    for _ in 0..3 {
        let (status, report) = home.try_generate(&database.url(), &flags);
        assert_eq!((status, series(&report)[0]), (4, 0), "{report}");
        let held = report["held"].as_array().unwrap();
        assert_eq!((held.len(), number(&held[0], "/titles")), (1, playable), "{report}");
        assert!(held[0]["reason"].as_str().unwrap().contains("left out"), "{report}");
        assert!(held[0]["id"] == "2.1" && stamps() == before, "{report}");
    }
    let allow = [&flags[..], &["--allow-removals=2.1"]].concat();
    let (status, report) = home.try_generate(&database.url(), &allow);
    assert_eq!((status, series(&report)), (0, [playable, playable]), "{report}");
    let fresh = new_home();
    fresh.generate(&database.url(), &flags);
    assert!(home.tree() == fresh.tree(), "{report}");
}
