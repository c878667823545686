//! Titles that the user names: what is blocked goes as by a filter, and what is picked is there whatever the filter says.

#![expect(clippy::unwrap_used, reason = "a test plays the user")]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vod2strm_testkit::generate::small;
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

const LIST: &str = r#"#EXTM3U
#EXTINF:-1 tmdb-id="949" imdb-id="tt0113277" group-title="EN",EN - Heat (1995)
http://host/movie/u/p/1.mkv
#EXTINF:-1 group-title="EN",EN - Alien: Origins (1979)
http://host/movie/u/p/2.mkv
#EXTINF:-1 group-title="DE",DE - Nemo (2003)
http://host/movie/u/p/3.mkv
#EXTINF:-1 group-title="DE",DE - Dark (2017) S01E01
http://host/series/u/p/4.mkv
#EXTINF:-1 group-title="DE",DE - Dark (2017) S01E02
http://host/series/u/p/5.mkv
"#;

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

#[expect(clippy::disallowed_methods, reason = "a test's own file")]
fn write(home: &Home, name: &str, content: &str) -> String {
    let path = home.output().with_file_name(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The titles' folders, without the roots above them and without years.
fn folders(home: &Home) -> BTreeSet<String> {
    let tree = home.tree();
    let folders = tree.keys().filter_map(|path| path.split('/').nth(1));
    folders.map(|folder| folder.split(" (").next().unwrap().to_owned()).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Runs with a cleanup, over the settings file that is in the home folder.
fn run(home: &Home, source: &str, more: &[&str]) -> (i32, Value) {
    home.try_generate(source, &[&["--cleanup", "apply"], more].concat())
}

fn warnings(report: &Value) -> Vec<String> {
    let warnings = report["warnings"].as_array().unwrap().iter();
    warnings.map(|warning| warning.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_blocked_title_goes_after_the_grace_and_comes_back_into_its_old_folder() {
    let home = new_home();
    let source = write(&home, "list.m3u", LIST);
    assert_eq!(run(&home, &source, &[]).0, 0);
    let whole = home.tree();
    assert_eq!(folders(&home), set(&["Heat", "Alien - Origins", "Nemo", "Dark"]));
    for block in [
        "movie:tmdb:949,name:Alien: Origins,series:name:DARK (2017)",
        "imdb:tt0113277,movie:name:alien - origins (1979), name:DE - Dark (2017)",
    ] {
        let (status, first) = run(&home, &source, &["--block", block]);
        assert_eq!((status, number(&first, "/titles/movie/filtered")), (0, 2), "{first}");
        assert_eq!(home.tree(), whole, "the grace period");
        let (status, second) = run(&home, &source, &["--block", block]);
        assert_eq!((status, number(&second, "/titles/series/removed")), (0, 1), "{second}");
        assert_eq!(folders(&home), set(&["Nemo"]), "{block}");
        assert_eq!(warnings(&second), [""; 0]);
        run(&home, &source, &["--block", block]);
        let (status, quiet) = run(&home, &source, &["--block", block]);
        assert_eq!((status, &quiet["files"]), (0, &json!({})), "{quiet}");
        assert_eq!(run(&home, &source, &[]).0, 0);
        assert_eq!(home.tree(), whole, "it comes back as it was");
    }
}

#[test]
fn pick_lets_in_what_the_filter_leaves_out_and_block_wins() {
    let home = new_home();
    let source = write(&home, "list.m3u", LIST);
    let list = write(&home, "pick.txt", "# mine\nmovie:tmdb:949 # Heat\n\nname:Alien - Origins\n");
    let settings = |block: &str| {
        let file = format!(
            "filter = 'category == DE'\npick = ['name:Nemo, or not', 'name:Dark']\n\
             pick_file = '{list}'\nblock = [{block}]\n"
        );
        write(&home, "vod2strm.toml", &file);
    };
    settings("");
    assert_eq!(run(&home, &source, &[]).0, 0);
    assert_eq!(folders(&home), set(&["Heat", "Alien - Origins", "Nemo", "Dark"]));
    settings("'movie:tmdb:949', 'name:Dark'");
    for _ in 0..2 {
        assert_eq!(run(&home, &source, &[]).0, 0);
    }
    assert_eq!(folders(&home), set(&["Alien - Origins", "Nemo"]));
    // The same lists in another order and spelling change nothing.
    settings("'series:name:dark', 'name: DARK', 'movie:tmdb:949', 'MOVIE:tmdb:949'");
    run(&home, &source, &[]);
    settings("'MOVIE : tmdb: 949', 'name:dark', 'series:name:DARK'");
    let quiet = run(&home, &source, &[]).1;
    assert_eq!(number(&quiet, "/titles/movie/unchanged"), 2, "{quiet}");
    assert_eq!(number(&quiet, "/titles/movie/changed"), 0, "{quiet}");
    // The file is read at each run.
    write(&home, "pick.txt", "movie:tmdb:949");
    for _ in 0..2 {
        assert_eq!(run(&home, &source, &[]).0, 0);
    }
    assert_eq!(folders(&home), set(&["Nemo"]));
}

#[test]
fn a_line_that_names_nothing_is_told() {
    let home = new_home();
    let source = write(&home, "list.m3u", LIST);
    let flags = ["--block", "movie:tmdb:1,name:Heat", "--pick", "series:name:Heat (1995)"];
    let told = [
        "block: movie:tmdb:1 matches none of 4 titles",
        "pick: series:name:Heat (1995) matches none of 4 titles",
    ];
    let unmatched = json!([
        { "setting": "block", "line": "movie:tmdb:1" },
        { "setting": "pick", "line": "series:name:Heat (1995)" },
    ]);
    for when in ["before the first run", "after it"] {
        let (_, foreseen) = run(&home, &source, &[&flags[..], &["--dry-run"]].concat());
        assert_eq!(warnings(&foreseen), told, "{when}");
        assert_eq!(foreseen["filter"]["unmatched"], unmatched, "{when}");
        assert_eq!(number(&foreseen, "/filter/wanted"), 3, "{when}");
        let (_, done) = run(&home, &source, &flags);
        let expected = if when == "after it" { &[][..] } else { &told };
        assert_eq!(warnings(&done), expected, "nothing was looked at again: {when}");
    }
    let output = home.output();
    let place = ["doctor", "--source", &source, "--output", output.to_str().unwrap()];
    let doctor = text(&home.run(&[&place[..], &flags].concat()).stdout);
    assert!(doctor.contains("ok    filter: 3 of 4 titles are wanted"), "{doctor}");
    assert!(told.iter().all(|line| doctor.contains(&format!("look  {line}"))), "{doctor}");
    let narrow = run(&home, &source, &["--movie-ids", "1", "--block", "name:Nemo"]).1;
    assert!(!warnings(&narrow).iter().any(|line| line.starts_with("block")), "{narrow}");
    let many: Vec<String> = (1..=30).map(|id| format!("movie:tmdb:{id}")).collect();
    let many = run(&home, &source, &["--block", &many.join(","), "--dry-run"]).1;
    let lines = warnings(&many);
    assert_eq!(lines.len(), 21);
    assert_eq!(lines[20], "block: 10 further lines match none of 4 titles");
}

#[test]
fn what_cannot_be_read_or_understood_fails_the_run() {
    let home = new_home();
    let source = write(&home, "list.m3u", LIST);
    run(&home, &source, &[]);
    let before = home.stamps();
    let list = write(&home, "block.txt", "name:Heat\nhunter22\n");
    for (flags, said) in [
        (["--block-file", "/nowhere/b.txt"], "--block-file: cannot read /nowhere/b.txt: No such"),
        (["--pick-file", &list], "block.txt, line 2: wanted is movie:tmdb:603"),
        (["--block", "tmdb:603"], "write movie:tmdb:603 or series:tmdb:603"),
        (["--pick", "603"], "--pick: wanted is movie:tmdb:603"),
    ] {
        let arguments = ["generate", "--source", &source, "--output"];
        let output = home.output();
        let done = home.run(&[&arguments[..], &[output.to_str().unwrap()], &flags].concat());
        let error = text(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{flags:?}: {error}");
        assert!(error.contains(said) && !error.contains("hunter22"), "{flags:?}: {error}");
    }
    assert_eq!(home.stamps(), before, "nothing was done");
    let list = write(&home, "block.txt", "name:Heat");
    let flags = ["--source", &source, "--output", "o", "--block-file", &list, "--report", &list];
    let error = text(&home.run(&[&["generate"], &flags[..]].concat()).stderr);
    assert!(error.contains("would be written over"), "{error}");
}

#[test]
fn a_list_that_blocks_everything_is_held() {
    let home = new_home();
    let source = write(&home, "list.m3u", LIST);
    run(&home, &source, &[]);
    let whole = home.tree();
    let all = ["--grace", "0", "--block", "name:Heat,name:Alien - Origins,name:Nemo,name:Dark"];
    let (status, report) = run(&home, &source, &all);
    assert_eq!(status, 4, "{report}");
    assert_eq!(report["held"][0]["reason"], "block leaves nothing", "{report}");
    assert_eq!(home.tree(), whole);
    let (status, _) = run(&home, &source, &[&all[..], &["--allow-removals"]].concat());
    assert_eq!((status, home.tree().len()), (0, 0));
}

/// Who decides what is wanted is named, and not the filter alone.
#[test]
fn a_dry_run_says_what_decides() {
    let home = new_home();
    let source = write(&home, "list.m3u", LIST);
    let output = home.output();
    let said = |more: &[&str]| {
        let place =
            ["generate", "--dry-run", "--source", &source, "--output", output.to_str().unwrap()];
        text(&home.run(&[&place[..], more].concat()).stdout)
    };
    let filter = ["--filter", "kind == series"];
    let block = ["--block", "name:Heat,"];
    let pick = ["--pick", "name:Nemo"];
    for (more, expected) in [
        (filter.to_vec(), "The filter lets 1 of 4 titles through; by itself,\n"),
        ([filter, pick].concat(), "2 of 4 titles are wanted by filter and pick; by itself,\n"),
        (
            [filter, block, pick].concat(),
            "2 of 4 titles are wanted by filter, block and pick; by itself,\n",
        ),
        (block.to_vec(), "3 of 4 titles are wanted.\n"),
    ] {
        let said = said(&more);
        assert!(said.contains(expected), "{more:?} {said}");
    }
}

/// Whether runs come to one that has nothing to do and does not read the database.
fn settles(database: &TestDatabase, run: impl Fn() -> Value) -> bool {
    (0..5).any(|_| {
        // The server counts what its sessions did when they end.
        database.execute_and_leave("SELECT 1");
        run()["untouched"] == true
    })
}

/// What an account or a category that is off offers stays out, whoever picks it; and a library that is settled hears of
/// a list that changed.
#[test]
fn a_database_heeds_the_lists_and_what_is_off_stays_out() {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&small());
    let home = new_home();
    let url = database.url();
    let flags = ["--base-url", "http://d:9191", "--grace", "0", "--filter", "account == Alpha"];
    let with = |more: &[&str]| run(&home, &url, &[&flags[..], more].concat());
    assert_eq!(with(&[]).0, 0);
    assert_eq!(folders(&home), set(&["Heat", "Solaris", "Dark"]));
    let pick = ["--pick", "name:Alien,name:Nemo,name:Gone"];
    let (_, report) = with(&pick);
    assert_eq!(folders(&home), set(&["Heat", "Solaris", "Dark", "Alien"]));
    assert_eq!(
        warnings(&report).iter().filter(|line| line.starts_with("pick: name:")).count(),
        2,
        "{report}"
    );
    assert!(settles(&database, || with(&pick).1));
    let both = [&pick[..], &["--block", "movie:tmdb:949,series:name:Dark"]].concat();
    with(&both);
    assert_eq!(folders(&home), set(&["Solaris", "Alien"]));
    with(&[]);
    assert_eq!(folders(&home), set(&["Heat", "Solaris", "Dark"]));
}

/// Which stream of a title plays: the user's word on it, or the rule.
#[test]
fn choose_says_which_stream_of_one_title_plays() {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&small());
    let home = new_home();
    let url = database.url();
    let with = |more: &[&str]| run(&home, &url, &[&["--base-url", "http://d:9191"], more].concat());
    let account = |path: &str| {
        let url = text(&home.tree()[path]);
        url.trim().rsplit_once("m3u_account_id=").unwrap().1.to_owned()
    };
    let (heat, dark) = ("Movies/Heat (1995)/Heat (1995).strm", "S01E01");
    let dark = |home: &Home| {
        let is_it = |path: &&String| path.contains(dark) && path.ends_with(".strm");
        home.tree().keys().find(is_it).unwrap().clone()
    };
    for (choose, plays, unmatched) in [
        ("movie:tmdb:949 = language == de", ["1", "1"], 1),
        ("movie:tmdb:949 = account in (Gamma, Beta),name:Dark = account == Beta", ["2", "2"], 0),
        ("imdb:tt0113277 = account == Beta", ["2", "1"], 0),
        ("series:tmdb:949 = account == Beta", ["1", "1"], 1),
    ] {
        let (status, report) = with(&["--prefer", "account == Alpha", "--choose", choose]);
        assert_eq!(status, 0, "{report}");
        assert_eq!([account(heat), account(&dark(&home))], plays, "{choose}");
        let told = format!("choose: {choose} matches no stream of 6 titles");
        let expected = if unmatched == 1 { vec![told] } else { Vec::new() };
        let own = warnings(&report).into_iter().filter(|line| line.starts_with("choose"));
        assert_eq!(own.collect::<Vec<_>>(), expected, "{choose}");
    }
    assert!(settles(&database, || with(&[]).1));
    assert_eq!(account(heat), "1");
    with(&["--choose", "movie:tmdb:949 = account == Beta"]);
    assert_eq!(account(heat), "2", "a settled library hears of it");
    let (_, report) = with(&["--dry-run", "--choose", "movie:tmdb:949 = account == Gamma"]);
    let line = json!([{ "setting": "choose", "line": "movie:tmdb:949 = account == Gamma" }]);
    assert_eq!(report["filter"]["unmatched"], line, "{report}");
    let output = home.output();
    let flags = ["--output", output.to_str().unwrap(), "--choose", "movie:tmdb:949 = stream == 5"];
    let error = text(&home.run(&[&["generate", "--source", &url], &flags[..]].concat()).stderr);
    assert!(error.contains("--choose: behind the =, at column 1: "), "{error}");
}
