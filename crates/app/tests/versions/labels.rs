//! What the files of further versions are called, and how long.

use std::collections::BTreeSet;

use vod2strm_testkit::home::Home;
use vod2strm_testkit::servers::LibraryPaths;

use super::{BASE_URL, list, movie_rows, new_home, of_movies, strms};

/// The names of a movie's files, without those of its folder and their ending.
fn labels(home: &Home, title: &str) -> BTreeSet<String> {
    let files = strms(home, &format!("Movies/{title}"));
    let label = |path: &String| path.strip_prefix(title)?.strip_suffix(".strm").map(str::to_owned);
    files.iter().filter_map(|(path, _)| label(path)).collect()
}

fn set(labels: &[&str]) -> BTreeSet<String> {
    labels.iter().map(|label| (*label).to_owned()).collect()
}

/// Two streams of one account share their language: the label of the second does not say it.
#[test]
fn a_label_says_what_parts_the_streams_of_one_account() {
    for (names, expected) in [
        (&["EN - Dune (2021)", "EN - Dune (2021) 4K"][..], &["", " - Version 2"][..]),
        (&["EN - Dune (2021) FHD", "EN - Dune (2021) 4K"], &["", " - 1080p"]),
        (&["FR - Dune (2021) 4K", "EN - Dune (2021) 4K"], &["", " - EN"]),
        (
            &["FR - Dune (2021)", "EN - Dune (2021)", "EN - Dune (2021)"],
            &["", " - EN", " - EN (2)"],
        ),
    ] {
        let database = movie_rows(&names.iter().map(|name| (*name, None)).collect::<Vec<_>>());
        let home = new_home();
        home.generate(&database.url(), &[&BASE_URL[..], &["--versions", "all"]].concat());
        assert_eq!(labels(&home, "Dune (2021)"), set(expected), "{names:?}");
    }
}

/// Names of accounts and groups are full of what servers read.
#[test]
fn no_server_reads_the_names_of_accounts_as_something_else() {
    let database = movie_rows(&[("Dune (2021)", None); 4]);
    database.execute(
        "UPDATE m3u_m3uaccount SET name = 'Part 1' WHERE id = 1;
         UPDATE m3u_m3uaccount SET name = 'Part 2', is_active = true WHERE id = 2;
         UPDATE m3u_m3uaccount SET name = 'IPTV-2020', is_active = true, priority = 0 WHERE id = 3;
         UPDATE vod_m3umovierelation SET m3u_account_id = 2, category_id = NULL WHERE id = 2;
         UPDATE vod_m3umovierelation SET m3u_account_id = 3, category_id = NULL WHERE id = 3",
    );
    for layout in ["standard", "jellyfin", "emby", "plex", "kodi"] {
        let home = new_home();
        let flags = [&BASE_URL[..], &["--versions", "all", "--layout", layout]].concat();
        home.generate(&database.url(), &flags);
        let (tree, found) = (home.tree(), labels(&home, "Dune (2021)"));
        let library = LibraryPaths::of(tree.keys());
        library.assert_understood();
        library.assert_versions_are_grouped();
        library.assert_labels_are_labels();
        assert_eq!(found.len(), 4, "{layout}: {found:?}");
        assert!(found.contains(" - IPTV-20·20"), "{layout}: {found:?}");
    }
}

/// A name is a promise also where an older version gave it.
#[test]
fn labels_of_an_older_version_stay_until_relayout() {
    let home = new_home();
    let entries = [
        ("Movies 4K", "4K - Heat (1995)", "movie/u/p/1.mkv"),
        ("Movies", "Heat (1995)", "movie/u/p/2.mkv"),
        ("Classics", "Heat (1995)", "movie/u/p/3.mkv"),
    ];
    let source = list(&home, &entries);
    let run = |more: &[&str]| home.generate(&source, &[&["--versions", "all"], more].concat());
    run(&[]);
    let new = set(&["", " - Movies", " - Classics"]);
    assert_eq!(labels(&home, "Heat (1995)"), new);
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    for (new, old) in [("Movies", "- playlist 2020"), ("Classics", "[0-3@panel.example]")] {
        let path = |label: &str, ending: &str| format!("Heat (1995) {label}.{ending}");
        for ending in ["strm", "nfo"] {
            let (new, old) = (path(&format!("- {new}"), ending), path(old, ending));
            let folder = home.output().join("Movies/Heat (1995)");
            std::fs::rename(folder.join(&new), folder.join(&old)).unwrap();
            let sql = "UPDATE files SET path = ?1 WHERE path = ?2";
            assert_eq!(ledger.execute(sql, [&old, &new]).unwrap(), 1, "{new}");
        }
    }
    drop(ledger);
    let old = set(&["", " - playlist 2020", " [0-3@panel.example]"]);
    // With another setting all titles are rendered anew.
    for more in [&[][..], &["--strm-lines", "#a"], &["--full"]] {
        let report = run(more);
        assert_eq!(labels(&home, "Heat (1995)"), old, "{more:?}: {report:#}");
        assert_eq!(of_movies(&report, "moved"), 0, "{more:?}: {report:#}");
    }
    run(&["--relayout"]);
    assert_eq!(labels(&home, "Heat (1995)"), new);
}
