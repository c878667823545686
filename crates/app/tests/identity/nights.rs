//! Nights that are undone, numbers that are used again after a removal, and what a run says of it all.

use super::*;

const APPLY: [&str; 2] = ["--cleanup", "apply"];

/// A provider renumbers, renames, splits or adds ids for a night, and goes back. Then all is as before, and what was
/// never different is not written.
#[test]
fn a_night_that_is_undone_leaves_all_as_it_was() {
    let before: Vec<(String, u32)> =
        (0..30).map(|n| format!("{} (1990)", word(n))).zip(1..).collect();
    type Night = fn(&str, u32) -> (String, u32);
    let nights: [Night; 6] = [
        |name, n| (name.to_owned(), n % 30 + 1),
        |name, n| (name.to_owned(), n + 500),
        |name, n| (format!("EN - {name} 4K"), n),
        |name, n| (format!("{} Extended (1990)", name.trim_end_matches(" (1990)")), n),
        |_, n| (format!("{} (2020)", word(200 + n as usize)), n),
        |name, n| (name.replace("1990", "1991"), n),
    ];
    for (at, night) in nights.into_iter().enumerate() {
        let home = new_home();
        with_panel(&home, &borrowed(&before), &APPLY);
        let tree = home.tree();
        let other: Vec<_> = before.iter().map(|(name, n)| night(name, *n)).collect();
        with_panel(&home, &borrowed(&other), &APPLY);
        let (status, report) = with_panel(&home, &borrowed(&before), &APPLY);
        assert_eq!((status, &report["held"]), (0, &serde_json::json!([])), "{at}: {report}");
        assert!(home.tree() == tree, "night {at}: {report}");
        let stamps = home.stamps();
        for _ in 0..4 {
            let (status, report) = with_panel(&home, &borrowed(&before), &APPLY);
            let counts = ["new", "changed", "absent"].map(|it| number_of(&report, it));
            assert_eq!((status, counts), (0, [0, 0, 0]), "night {at}: {report}");
        }
        assert!(home.stamps() == stamps, "night {at}");
    }
}

/// The same of a database: row ids, UUIDs and streams are others for a night.
#[test]
fn rows_that_are_others_for_a_night_change_nothing() {
    let database = database(&small());
    let home = new_home();
    let flags = [&BASE_URL[..], &APPLY].concat();
    home.generate(&database.url(), &flags);
    let (tree, paths): (_, Vec<String>) = (home.tree(), home.tree().into_keys().collect());
    database.execute(
        "CREATE TABLE films AS SELECT * FROM vod_m3umovierelation;
         CREATE TABLE shows AS SELECT * FROM vod_m3useriesrelation;
         UPDATE vod_m3umovierelation SET stream_id = 'n' || stream_id;
         UPDATE vod_m3useriesrelation SET external_series_id = 'n' || external_series_id",
    );
    let report = home.generate(&database.url(), &flags);
    assert!(home.tree().keys().eq(&paths), "{report}");
    database.execute(
        "UPDATE vod_m3umovierelation r SET stream_id = f.stream_id FROM films f WHERE f.id = r.id;
         UPDATE vod_m3useriesrelation r SET external_series_id = s.external_series_id
             FROM shows s WHERE s.id = r.id",
    );
    for _ in 0..5 {
        let (status, report) = home.try_generate(&database.url(), &flags);
        assert_eq!((status, &report["held"]), (0, &serde_json::json!([])), "{report}");
    }
    assert_eq!(home.tree(), tree);
}

/// Its number is another film's when it comes back, and its name is still its own.
#[test]
fn a_number_that_is_used_again_after_a_removal_is_another_film() {
    let home = new_home();
    let rest: Vec<(String, u32)> =
        (0..10).map(|n| format!("{} (1990)", word(n))).zip(100..).collect();
    let with = |more: &[(&str, u32)]| {
        let films = [&borrowed(&rest)[..], more].concat();
        let (status, report) = with_panel(&home, &films, &APPLY);
        assert_eq!(status, 0, "{report}");
        report
    };
    with(&[("Heat (1995)", 1)]);
    (0..5).for_each(|_| drop(with(&[])));
    assert!(!home.tree().keys().any(|path| path.contains("Heat")), "it was removed");
    assert_eq!(number_of(&with(&[("Ronin (1998)", 1)]), "new"), 1);
    assert_plays(&home, &[&borrowed(&rest)[..], &[("Ronin (1998)", 1)]].concat());
    with(&[("Ronin (1998)", 1), ("Heat (1995)", 7)]);
    let both = [&borrowed(&rest)[..], &[("Ronin (1998)", 1), ("Heat (1995)", 7)]].concat();
    assert_plays(&home, &both);
}

/// An equal id outranks name and number, and another id outranks both.
#[test]
fn ids_of_a_database_outrank_names_and_numbers() {
    let mut catalogue = small();
    for (n, movie) in catalogue.movies.iter_mut().enumerate() {
        (movie.name, movie.year) = (word(n), Some(1990));
        (movie.tmdb_id, movie.imdb_id) = (Some((500 + n).to_string()), None);
    }
    let (first, second) = (catalogue.movies[0].id, catalogue.movies[1].id);
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let before = home.tree();
    // One has a wholly other name and number, and its id; the other one its number, another name and another id.
    database.execute(&format!(
        "UPDATE vod_movie SET name = 'Wholly Other', year = 2020 WHERE id = {first};
         UPDATE vod_m3umovierelation SET stream_id = '9' || stream_id WHERE movie_id = {first};
         UPDATE vod_movie SET name = '{} Extended', tmdb_id = '999' WHERE id = {second}",
        word(1)
    ));
    let (status, report) = home.try_generate(&database.url(), &BASE_URL);
    assert_eq!((status, number_of(&report, "new")), (0, 1), "{report}");
    let after = home.tree();
    assert!(before.keys().all(|path| after.contains_key(path)), "{report}");
    let new: Vec<&String> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert!(new.iter().all(|path| path.contains("Extended")), "{new:?}");
}

/// The log says who a title was taken for, and why.
#[test]
fn the_log_says_why() {
    let home = new_home();
    with_panel(&home, &[("Heat (1995)", 1), ("Alien (1979)", 2), ("Up (2009)", 3)], &[]);
    let films = [("Heat Extended (1995)", 1), ("Ronin (1998)", 2), ("Up (2009)", 9)];
    let entries: String =
        panel(&films).iter().map(|(name, url)| format!("#EXTINF:-1,{name}\n{url}\n")).collect();
    let list = home.dir.path().join("list.m3u");
    std::fs::write(&list, format!("#EXTM3U\n{entries}")).unwrap();
    let output = home.output();
    let arguments = ["--source", list.to_str().unwrap(), "--output", output.to_str().unwrap()];
    let done = home.run(&[&["generate", "--verbose"], &arguments[..]].concat());
    let said = text(&done.stderr);
    for reason in [
        "it has the title's stream, and another name",
        "it has a title's stream, and is another work",
        "it carries the title's name and year",
    ] {
        assert!(said.contains(reason), "{reason}: {said}");
    }
}

/// A tree that was taken over knows who its titles are.
#[test]
fn adopted_titles_are_recognised_as_those_that_were_written() {
    let home = new_home();
    let films = [("Heat (1995)", 1), ("Alien (1979)", 2), ("Up (2009)", 3), ("Rocky (1976)", 4)];
    with_panel(&home, &films, &[]);
    let before = home.tree();
    std::fs::remove_dir_all(home.dir.path().join(".local/state/vod2strm")).unwrap();
    let (source, output) = (home.dir.path().join("list.m3u"), home.output());
    let arguments = ["--source", source.to_str().unwrap(), "--output", output.to_str().unwrap()];
    let done = home.run(&[&["adopt"], &arguments[..]].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
    let films = [
        ("Heat Extended (1995)", 1),
        ("Up (2009)", 2),
        ("Alien (1979)", 9),
        ("Rocky II (1979)", 4),
    ];
    let (status, report) = with_panel(&home, &films, &[]);
    let counts = ["new", "absent"].map(|it| number_of(&report, it));
    assert_eq!((status, counts), (0, [1, 1]), "{report}");
    assert_eq!(home.tree().len(), before.len() + 2);
    for (name, number) in
        [("Heat (1995)", 1), ("Up (2009)", 2), ("Alien (1979)", 9), ("Rocky II (1979)", 4)]
    {
        assert_eq!(strm(&home, name), format!("http://h/movie/u/p/{number}.mkv\n"), "{name}");
    }
}
