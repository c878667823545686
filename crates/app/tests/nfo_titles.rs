//! The titles in series' NFOs: no server makes one show of two, whatever order they come in, and a title that was given
//! stays.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeMap;

use rusqlite::Connection;
use vod2strm_testkit::generate::small;
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::readings::joined_shows;
use vod2strm_testkit::schema::Generation;

fn new_home() -> Home {
    Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"))
}

/// A playlist of these shows, by the panel's number of each one's only episode.
fn shows(home: &Home, shows: &[(u32, &str)]) -> String {
    let entry = |(id, name): &(u32, &str)| {
        format!(
            "#EXTINF:-1 group-title=\"TV\",{name} S01E01\nhttp://panel.example/series/u/p/{id}.mkv\n"
        )
    };
    let path = home.dir.path().join("list.m3u");
    let entries: String = shows.iter().map(entry).collect();
    std::fs::write(&path, format!("#EXTM3U\n{entries}")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The title in the NFO of each show's folder. No two are one show for any server.
fn titles(home: &Home) -> BTreeMap<String, String> {
    let tree = home.tree();
    assert_eq!(joined_shows(&tree), []);
    let of = |(path, nfo): (&String, &Vec<u8>)| {
        let folder = path.strip_prefix("TV/")?.strip_suffix("/tvshow.nfo")?.to_owned();
        let nfo = text(nfo);
        let (title, _) = nfo.split_once("<title>")?.1.split_once("</title>")?;
        Some((folder, title.to_owned()))
    };
    tree.iter().filter_map(of).collect()
}

fn expected(titles: &[(&str, &str)]) -> BTreeMap<String, String> {
    titles.iter().map(|(folder, title)| ((*folder).to_owned(), (*title).to_owned())).collect()
}

const WHO: [(u32, &str); 3] =
    [(1, "Doctor Who (2005)"), (2, "Doctor Who (1963)"), (3, "Face/Off (1997)")];

#[test]
fn the_later_show_of_one_title_has_its_year_behind_it() {
    for layout in ["standard", "jellyfin", "emby", "plex", "kodi", "channels"] {
        let home = new_home();
        home.generate(&shows(&home, &WHO), &["--layout", layout]);
        let mut told: Vec<String> = titles(&home).into_values().collect();
        told.sort_unstable();
        assert_eq!(told, ["Doctor Who", "Doctor Who (1963)", "Face/Off"], "{layout}");
    }
    let home = new_home();
    home.generate(&shows(&home, &WHO), &["--layout", "classic"]);
    let tree = home.tree();
    let nfos = tree.iter().filter(|(path, _)| path.ends_with("/tvshow.nfo"));
    assert!(nfos.clone().count() == 3 && !joined_shows(&tree).is_empty(), "as the original has it");
}

/// The title that a show was given is its own, whoever comes and goes.
#[test]
fn a_title_that_was_given_stays_until_relayout() {
    let home = new_home();
    let source = shows(&home, &WHO[..2]);
    home.generate(&source, &[]);
    let first = [("Doctor Who (2005)", "Doctor Who"), ("Doctor Who (1963)", "Doctor Who (1963)")];
    assert_eq!(titles(&home), expected(&first));
    let before = home.stamps();
    shows(&home, &[(2, "Doctor Who (1963)"), (4, "Doctor Who (1996)"), (1, "Doctor Who (2005)")]);
    home.generate(&source, &[]);
    let third = ("Doctor Who (1996)", "Doctor Who (1996)");
    assert_eq!(titles(&home), expected(&[&first[..], &[third]].concat()));
    let of_first = |(path, _): &(&std::path::PathBuf, _)| {
        path.to_str().unwrap().contains("/TV/Doctor Who (2005)/")
    };
    let after = home.stamps();
    assert!(before.iter().filter(of_first).eq(after.iter().filter(of_first)));
    // The first one goes.
    shows(&home, &[(2, "Doctor Who (1963)"), (4, "Doctor Who (1996)")]);
    let cleanup = ["--cleanup", "apply", "--grace", "0", "--allow-removals"];
    let report = home.generate(&source, &cleanup);
    assert_eq!(number(&report, "/titles/series/removed"), 1, "{report:#}");
    let report = home.generate(&source, &["--full", "--nfo", "ids"]);
    assert_eq!(number(&report, "/titles/series/changed"), 2, "{report:#}");
    assert_eq!(titles(&home), expected(&[first[1], third]));
    // It comes back, and has its own.
    shows(&home, &[(1, "Doctor Who (2005)"), (2, "Doctor Who (1963)"), (4, "Doctor Who (1996)")]);
    home.generate(&source, &[]);
    assert_eq!(titles(&home), expected(&[&first[..], &[third]].concat()));
    let report = home.generate(&source, &["--relayout"]);
    assert!(report["files"]["written"].is_null(), "each has what it would get: {report:#}");
    shows(&home, &[(2, "Doctor Who (1963)"), (4, "Doctor Who (1996)")]);
    home.generate(&source, &cleanup);
    Connection::open(home.ledger())
        .unwrap()
        .execute("DELETE FROM titles WHERE removed IS NOT NULL", [])
        .unwrap();
    home.generate(&source, &["--relayout"]);
    let anew = [("Doctor Who (1963)", "Doctor Who"), third];
    assert_eq!(titles(&home), expected(&anew), "a title that nobody gives is free");
}

/// A tree whose ledger was lost is known again, labels included: nothing is taken for somebody's edit, and nothing is
/// written. Of a tree of an older version the later one gets its label.
#[test]
fn titles_are_known_again() {
    for is_older in [false, true] {
        let home = new_home();
        let source = shows(&home, &WHO);
        home.generate(&source, &[]);
        let (nfo, before) = (home.output().join("TV/Doctor Who (1963)/tvshow.nfo"), home.tree());
        if is_older {
            let told = std::fs::read_to_string(&nfo).unwrap();
            std::fs::write(&nfo, told.replace("Doctor Who (1963)<", "Doctor Who<")).unwrap();
        }
        std::fs::remove_dir_all(home.ledger().parent().unwrap()).unwrap();
        let output = home.output();
        let flags = ["--json", "--source", &source, "--output", output.to_str().unwrap()];
        let told = home.run(&[&["adopt"][..], &flags].concat());
        let adopted: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
        assert_eq!(number(&adopted, "/series"), 3, "{adopted:#}");
        assert_eq!(number(&adopted, "/edited"), 0, "{adopted:#}");
        let report = home.generate(&source, &[]);
        let written = u64::from(is_older);
        assert_eq!(number(&report, "/titles/series/changed"), written, "{report:#}");
        assert_eq!(home.tree(), before);
    }
}

/// In a ledger of an older version nobody has a title yet: the shows get theirs once, and files are written where a
/// show gets another one.
#[test]
fn an_older_ledger_gets_its_titles_in_one_run() {
    let home = new_home();
    let source = shows(&home, &WHO);
    home.generate(&source, &[]);
    let before = home.tree();
    let ledger = Connection::open(home.ledger()).unwrap();
    ledger.execute("UPDATE titles SET nfo_title = NULL, fingerprint = zeroblob(16)", []).unwrap();
    drop(ledger);
    shows(&home, &[&WHO[..], &[(9, "Doctor Who (1996)")]].concat());
    let report = home.generate(&source, &[]);
    assert_eq!(number(&report, "/titles/series/changed"), 0, "{report:#}");
    let mut after = home.tree();
    after.retain(|path, _| !path.contains("(1996)"));
    assert_eq!(after, before);
    assert_eq!(titles(&home)["Doctor Who (1996)"], "Doctor Who (1996)");
}

/// Shows of one name without a year, told apart by what is known: an id, else a number.
#[test]
fn ids_and_numbers_tell_shows_of_one_title_apart() {
    let mut all = small();
    for (id, row) in (1..).zip(&mut all.series) {
        (row.name, row.year) = ("The Office".to_owned(), None);
        (row.tmdb_id, row.imdb_id) = (Some((2_315 + id).to_string()), None);
        row.custom_properties = None;
    }
    all.episodes[1].series_id = 2;
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&all);
    let home = new_home();
    let flags = ["--base-url", "http://d:9191"];
    home.generate(&database.url(), &flags);
    let first = ("The Office", "The Office");
    let by_id = ("The Office [tmdbid-2317]", "The Office [tmdbid-2317]");
    assert_eq!(titles(&home), expected(&[first, by_id]));
    let home = new_home();
    database.execute("UPDATE vod_series SET tmdb_id = NULL");
    home.generate(&database.url(), &[&flags[..], &["--no-name-clean"]].concat());
    assert_eq!(titles(&home), expected(&[first, ("The Office (2)", "The Office (2)")]));
}
