//! Episodes that Dispatcharr does not have yet: a real database, a real server that plays Dispatcharr, and
//! the binary.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

#[path = "refresh/habits.rs"]
mod habits;
#[path = "refresh/missing.rs"]
mod missing;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vod2strm_testkit::dispatcharr::{Dispatcharr, KEY, Mood, USER};
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

/// Series without episodes, a Dispatcharr that has them fetched, and a home.
struct Scene {
    home: Home,
    database: TestDatabase,
    server: Dispatcharr,
}

impl Scene {
    fn new(series: usize) -> Scene {
        let size = Size { movies: 3, series, episodes_per_series: 0 };
        let database = TestDatabase::create(Generation::NEWEST);
        database.insert(&Catalogue::generate(8, size, false));
        let server = Dispatcharr::start(&database.url());
        Scene { home: Home::new(env!("CARGO_BIN_EXE_vod2strm")), database, server }
    }

    /// The flags of a quick run with a key, as far as a test does not say otherwise.
    fn flags<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let usual = [
            ["--base-url", "http://dispatcharr:9191"],
            ["--api-url", self.server.url()],
            ["--refresh-rate", "500"],
            ["--api-key", KEY],
        ];
        let is_user = more.contains(&"--api-user");
        let is_free =
            |pair: &&[&str; 2]| !(more.contains(&pair[0]) || is_user && pair[0] == "--api-key");
        let usual = usual.iter().filter(is_free).flatten().copied();
        usual.chain(more.iter().copied()).collect()
    }

    fn refresh(&self, more: &[&str]) -> (i32, serde_json::Value) {
        let (url, output) = (self.database.url(), self.home.output());
        let output = output.to_str().unwrap();
        let flags = self.flags(more);
        let arguments = ["refresh", "--json", "--source", &url, "--output", output];
        let done = self.home.run(&[&arguments[..], &flags].concat());
        let report = serde_json::from_slice(&done.stdout);
        let report = report.unwrap_or_else(|_| panic!("{}", text(&done.stderr)));
        (done.status.code().unwrap(), report)
    }

    fn start(&self, more: &[&str]) -> Child {
        let (url, output) = (self.database.url(), self.home.output());
        let flags = self.flags(more);
        let arguments = ["refresh", "--source", &url, "--output", output.to_str().unwrap()];
        let mut command = self.home.command(&[&arguments[..], &flags].concat());
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// How often each series was asked for.
    fn asked(&self) -> BTreeMap<i64, usize> {
        let mut times = BTreeMap::new();
        self.server.asked().iter().for_each(|it| *times.entry(it.series).or_default() += 1);
        times
    }

    /// Series that somebody offers whom Dispatcharr can ask.
    fn series(&self) -> i64 {
        self.database.query_one_i64(
            "SELECT count(DISTINCT r.series_id) FROM vod_m3useriesrelation r
             JOIN m3u_m3uaccount a ON a.id = r.m3u_account_id AND a.is_active
             LEFT JOIN vod_m3uvodcategoryrelation c
               ON c.m3u_account_id = a.id AND c.category_id = r.category_id
             WHERE r.category_id IS NULL OR c.enabled",
        )
    }

    fn strm_files(&self) -> usize {
        self.home
            .tree()
            .keys()
            .filter(|path| path.starts_with("TV/") && path.ends_with(".strm"))
            .count()
    }
}

fn total(report: &serde_json::Value, path: &str) -> u64 {
    let numbers = report.pointer(path).and_then(serde_json::Value::as_object);
    numbers.into_iter().flatten().filter_map(|(_, number)| number.as_u64()).sum()
}

#[test]
fn what_is_missing_is_fetched_from_the_best_provider_written_and_not_asked_for_again() {
    let scene = Scene::new(30);
    let series = scene.series();
    assert!(series > 20, "{series}");
    let (status, report) = scene.refresh(&[]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(number(&report, "/refresh/due/new"), series as u64, "{report:#}");
    assert_eq!(number(&report, "/refresh/fetched"), series as u64);
    assert_eq!(number(&report, "/refresh/episodes"), 3 * series as u64);
    assert_eq!(scene.asked().len() as i64, series);
    assert!(scene.asked().values().all(|times| *times == 1));
    assert!(scene.server.most_at_once() <= 2 * 3, "two at a time for each of three accounts");
    assert_eq!(scene.strm_files() as i64, 3 * series, "all that came is on disk");
    for asked in scene.server.asked() {
        let better = format!(
            "SELECT count(*) FROM vod_m3useriesrelation r
             JOIN m3u_m3uaccount a ON a.id = r.m3u_account_id AND a.is_active AND a.account_type = 'XC'
             LEFT JOIN vod_m3uvodcategoryrelation c
               ON c.m3u_account_id = a.id AND c.category_id = r.category_id
             JOIN vod_m3useriesrelation mine ON mine.id = {}
             JOIN m3u_m3uaccount my ON my.id = mine.m3u_account_id
             WHERE r.series_id = {} AND (r.category_id IS NULL OR c.enabled)
               AND (a.priority > my.priority OR a.priority = my.priority AND r.id < mine.id)",
            asked.relation, asked.series
        );
        assert_eq!(scene.database.query_one_i64(&better), 0, "{asked:?}");
    }
    let before = scene.home.stamps();
    let (status, again) = scene.refresh(&[]);
    assert_eq!((status, total(&again, "/refresh/due")), (0, 0), "{again:#}");
    assert_eq!(scene.asked().values().sum::<usize>() as i64, series);
    assert_eq!(scene.home.stamps(), before, "and nothing is written");
}

/// A library whose source has all episodes is no part of it, unless it is the one that is meant.
#[test]
fn of_several_libraries_those_are_refreshed_whose_source_has_not_all_episodes() {
    let scene = Scene::new(3);
    let list = "#EXTM3U\n#EXTINF:-1,Alien (1979)\nhttp://h/movie/u/p/1.mkv\n";
    std::fs::write(scene.home.dir.path().join("a.m3u"), list).unwrap();
    let section =
        |name, source: &str| format!("[library.{name}]\nsource = '{source}'\noutput = '{name}'\n");
    let sections = section("list", "a.m3u") + &section("dispatcharr", &scene.database.url());
    let file = format!("state = 'state'\n{sections}");
    std::fs::write(scene.home.dir.path().join("vod2strm.toml"), file).unwrap();
    let done = scene.home.run(&[&["refresh", "--json"][..], &scene.flags(&[])].concat());
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((done.status.code(), report["status"].as_u64()), (Some(0), Some(0)), "{report:#}");
    let libraries: Vec<_> = report["libraries"].as_object().unwrap().keys().collect();
    assert_eq!(libraries, ["dispatcharr"]);
    assert_eq!(number(&report, "/libraries/dispatcharr/refresh/fetched"), scene.series() as u64);
    assert!(!scene.home.dir.path().join("list").exists());
    let one = scene.home.run(&[&["refresh", "--library", "list"][..], &scene.flags(&[])].concat());
    let said = text(&one.stderr);
    assert_eq!(one.status.code(), Some(2), "{said}");
    assert!(said.contains("any other source gives all that it has"), "{said}");
}

#[test]
fn the_number_of_statements_depends_on_batches_not_on_series() {
    let costs = |series| {
        let scene = Scene::new(series);
        // A session at work for all that time: one that is idle lets the run ask for the counters, too.
        scene.database.execute("BEGIN");
        let (_, dry) = scene.refresh(&["--dry-run"]);
        assert!(scene.server.asked().is_empty());
        (number(&dry, "/sql_statements"), number(&scene.refresh(&[]).1, "/sql_statements"))
    };
    let ((dry_few, few), (dry_many, many)) = (costs(5), costs(60));
    assert_eq!(dry_few, dry_many, "a plan has a constant number");
    assert!(many < few + 40, "{few} for 5 series, {many} for 60");
}

/// A show, and the same in 4K as a row of its own.
#[test]
fn all_entries_of_a_series_are_asked() {
    let scene = Scene::new(2);
    scene.database.execute(
        "UPDATE vod_series SET tmdb_id = NULL, imdb_id = NULL, year = 2024,
           name = CASE WHEN id = (SELECT min(id) FROM vod_series) THEN 'Fallout' ELSE '4K - Fallout' END",
    );
    let (status, report) = scene.refresh(&[]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(scene.asked().len(), 2, "{report:#}");
    scene.home.generate(&scene.database.url(), &["--base-url", "http://dispatcharr:9191"]);
    let tree = scene.home.tree();
    let shows = tree.keys().filter(|path| path.ends_with("tvshow.nfo"));
    assert_eq!(shows.collect::<Vec<_>>(), ["TV/Fallout (2024)/tvshow.nfo"], "{:?}", tree.keys());
}

#[test]
fn a_change_of_the_providers_and_old_age_are_reasons_to_ask_again() {
    let scene = Scene::new(20);
    let modified = |stamp: &str, which: &str| {
        scene.database.execute(&format!(
            "UPDATE vod_m3useriesrelation SET custom_properties = jsonb_set(
             coalesce(custom_properties, '{{}}'::jsonb) || '{{\"basic_data\": {{}}}}'::jsonb,
             '{{basic_data,last_modified}}', to_jsonb('{stamp}'::text)) WHERE {which}"
        ));
    };
    modified("1700000000", "true");
    scene.refresh(&[]);
    scene.server.be(|_, _| Mood::Episodes(5));
    modified("1600000000", "series_id % 4 = 0");
    let before = scene.server.asked().len();
    let (_, report) = scene.refresh(&[]);
    let changed = number(&report, "/refresh/due/changed");
    assert!(changed > 2 && total(&report, "/refresh/due") == changed, "{report:#}");
    let again = scene.server.asked()[before..].to_vec();
    assert!(again.iter().all(|asked| asked.series % 4 == 0) && again.len() as u64 == changed);
    assert_eq!(scene.strm_files() as u64, 3 * scene.series() as u64 + 2 * changed, "new episodes");
    scene.database.execute(
        "UPDATE vod_m3useriesrelation SET last_episode_refresh = now() - interval '40 days'",
    );
    let ledger = "UPDATE fetches SET at = at - 40 * 86400";
    execute_in_ledger(&scene.home, ledger);
    let (_, report) = scene.refresh(&["--dry-run"]);
    assert_eq!(number(&report, "/refresh/due/old"), scene.series() as u64, "{report:#}");
}

/// As a user could.
fn execute_in_ledger(home: &Home, sql: &str) {
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    ledger.execute_batch(sql).unwrap();
}

#[test]
fn series_without_episodes_are_told_of_and_left_alone_for_a_while() {
    let scene = Scene::new(10);
    scene.server.be(|_, _| Mood::Episodes(0));
    let (status, report) = scene.refresh(&[]);
    let series = scene.series() as u64;
    assert_eq!((status, number(&report, "/refresh/empty")), (0, series), "{report:#}");
    let (_, again) = scene.refresh(&[]);
    assert_eq!(number(&again, "/refresh/waiting"), series, "{again:#}");
    assert_eq!(scene.server.asked().len() as u64, series);
}

#[test]
fn what_fails_is_named_with_its_reason_and_the_rest_is_fetched() {
    for (mood, reason) in [
        (Mood::Status(500, None), "Dispatcharr answers with status 500"),
        (Mood::Status(404, None), "Dispatcharr does not have it any more"),
        (Mood::Half, "cannot reach"),
        (Mood::NoProvider, "Dispatcharr answered, but stored nothing"),
    ] {
        let scene = Scene::new(12);
        scene.server.be(move |number, _| if number == 4 { mood } else { Mood::Episodes(2) });
        let (status, report) = scene.refresh(&[]);
        assert_eq!(status, 3, "{mood:?}: {report:#}");
        let failed = report.pointer("/refresh/failed").unwrap().as_object().unwrap();
        assert_eq!(failed.len(), 1, "{mood:?}: {failed:?}");
        assert!(failed.keys().next().unwrap().contains(reason), "{mood:?}: {failed:?}");
        assert_eq!(number(&report, "/refresh/fetched"), scene.series() as u64 - 1, "{mood:?}");
        let (_, again) = scene.refresh(&[]);
        assert_eq!(number(&again, "/refresh/waiting"), 1, "{mood:?}: it is not asked at once");
    }
}

#[test]
fn too_many_requests_are_waited_for_and_nothing_is_left_out() {
    let scene = Scene::new(8);
    scene.server.be(|number, _| match number {
        2 => Mood::Status(429, Some(1)),
        _ => Mood::Episodes(2),
    });
    let (status, report) = scene.refresh(&[]);
    assert_eq!((status, number(&report, "/refresh/fetched")), (0, scene.series() as u64));
    assert_eq!(scene.server.asked().len() as i64, scene.series() + 1);
}

#[test]
fn wrong_credentials_and_wrong_addresses_end_it_with_advice() {
    let scene = Scene::new(5);
    let (status, report) = scene.refresh(&["--api-key", "wrong"]);
    let error = report["error"].as_str().unwrap().to_owned();
    assert_eq!(status, 1);
    assert!(error.contains("Invalid API key") && error.contains("try: check api_key"), "{error}");
    assert!(!error.contains("wrong"), "{error}");
    scene.server.be(|_, _| Mood::Page);
    let (status, report) = scene.refresh(&[]);
    let error = report["error"].as_str().unwrap();
    assert!(status == 1 && error.contains("not Dispatcharr's API"), "{error}");
    let (url, output) = (scene.database.url(), scene.home.output());
    let arguments = ["refresh", "--source", &url, "--output", output.to_str().unwrap()];
    let done = scene.home.run(&arguments);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("VOD2STRM_API_KEY"), "{}", text(&done.stderr));
}

#[test]
fn a_user_logs_in_once_and_his_token_is_renewed() {
    let scene = Scene::new(10);
    let (name, password) = USER;
    let user = ["--api-user", name, "--api-password", password];
    let (status, report) = scene.refresh(&user);
    assert_eq!((status, scene.server.logins()), (0, 1), "{report:#}");
    assert_eq!(number(&report, "/refresh/fetched"), scene.series() as u64);
    let (status, report) = scene.refresh(&["--api-user", name, "--api-password", "wrong"]);
    assert_eq!(status, 0, "nothing is due, so that nobody has to log in: {report:#}");
}

#[test]
fn a_token_that_expires_in_the_middle_is_renewed() {
    let scene = Scene::new(20);
    let (name, password) = USER;
    scene.server.be(|_, _| Mood::Slow(1, Duration::from_millis(50)));
    let mut run = scene.start(&["--api-user", name, "--api-password", password]);
    while scene.server.asked().len() < 8 {
        std::thread::yield_now();
    }
    scene.server.expire_tokens();
    assert!(run.wait().unwrap().success());
    assert_eq!(scene.server.logins(), 1, "the refresh token was good");
    assert_eq!(scene.strm_files() as i64, scene.series());
}

#[test]
fn what_arrives_is_on_disk_long_before_the_end() {
    let scene = Scene::new(20);
    scene.server.be(|number, _| if number < 6 { Mood::Episodes(2) } else { Mood::Hang });
    let mut run = scene.start(&[]);
    while scene.strm_files_now() < 12 {
        assert!(run.try_wait().unwrap().is_none(), "it is still at work");
        std::thread::yield_now();
    }
    // A signal ends it in order, whatever hangs.
    assert!(Command::new("kill").arg(run.id().to_string()).status().unwrap().success());
    let mut said = BufReader::new(run.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("interrupted")));
    assert_eq!(run.wait().unwrap().code(), Some(1));
    scene.server.be(|_, _| Mood::Episodes(2));
    let (_, report) = scene.refresh(&[]);
    assert_eq!(number(&report, "/refresh/fetched"), scene.series() as u64 - 6, "{report:#}");
}

impl Scene {
    /// As `strm_files`, while the library is being made.
    fn strm_files_now(&self) -> usize {
        let files = vod2strm_testkit::home::files(&self.home.output().join("TV"));
        files.iter().filter(|path| path.extension().is_some_and(|end| end == "strm")).count()
    }
}

#[test]
fn killed_again_and_again_it_asks_for_nothing_twice() {
    let scene = Scene::new(40);
    scene.server.be(|_, _| Mood::Slow(2, Duration::from_millis(20)));
    let (kills, one_at_a_time) = (4, ["--refresh-parallel", "1"]);
    for round in 1..=kills {
        let mut run = scene.start(&one_at_a_time);
        while scene.server.asked().len() < 8 * round {
            std::thread::yield_now();
        }
        run.kill().unwrap();
        run.wait().unwrap();
    }
    let (status, report) = scene.refresh(&one_at_a_time);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(scene.strm_files() as i64, 2 * scene.series());
    // With each kill at most what was under way at the three accounts is lost.
    let (asked, series) = (scene.server.asked().len(), scene.series() as usize);
    assert!(asked <= series + 3 * kills, "{asked} for {series} series");
}

#[test]
fn a_database_that_goes_away_ends_it_at_once() {
    let scene = Scene::new(90);
    // None of these needs the database: they would be asked for to the end.
    scene.server.be(|number, _| match number {
        0..6 => Mood::Episodes(2),
        _ => Mood::Status(404, None),
    });
    let mut run = scene.start(&["--refresh-rate", "3", "--refresh-parallel", "1"]);
    while scene.server.asked().len() < 8 {
        std::thread::yield_now();
    }
    scene.database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    assert_eq!(run.wait().unwrap().code(), Some(1));
    let asked = scene.server.asked().len() as i64;
    assert!(asked < scene.series() - 5, "{asked} of {} were asked for", scene.series());
}

#[test]
fn a_provider_that_is_down_is_left_alone_though_dispatcharr_says_that_all_is_well() {
    let scene = Scene::new(60);
    scene.refresh(&[]);
    execute_in_ledger(&scene.home, "UPDATE fetches SET modified = 'before'");
    scene.database.execute(
        "UPDATE vod_m3useriesrelation SET custom_properties = coalesce(custom_properties, '{}')
         || '{\"basic_data\": {\"last_modified\": \"after\"}}'",
    );
    scene.server.be(|_, _| Mood::NoProvider);
    let before = scene.server.asked().len();
    let (status, report) = scene.refresh(&["--refresh-rate", "1000", "--refresh-parallel", "10"]);
    assert_eq!(status, 3, "{report:#}");
    assert_eq!(number(&report, "/refresh/fetched"), 0);
    let stopped = report["refresh"]["stopped"].as_array().unwrap();
    let asked = scene.server.asked().len() - before;
    assert!(!stopped.is_empty() || asked as i64 == scene.series(), "{report:#}");
    let reasons = report["refresh"]["failed"].as_object().unwrap();
    assert!(reasons.keys().all(|why| why.contains("its log says")), "{reasons:?}");
    // People know accounts by their names.
    assert!(stopped.iter().all(|it| !it["name"].as_str().unwrap().is_empty()), "{report:#}");
}

#[test]
fn titles_are_counted_once_and_history_says_the_same() {
    let scene = Scene::new(20);
    let series = scene.series() as u64;
    let (_, first) = scene.refresh(&[]);
    assert_eq!(number(&first, "/refresh/new"), series, "{first:#}");
    assert_eq!(number(&first, "/titles/series/new"), 0, "what a run read had nothing to play");
    assert_eq!(number(&first, "/left_out/series/no_episodes"), 0, "they have some now: {first:#}");
    scene.server.be(|_, _| Mood::Episodes(4));
    execute_in_ledger(&scene.home, "UPDATE fetches SET at = 0, tried = 0");
    scene.database.execute("UPDATE vod_m3useriesrelation SET last_episode_refresh = 'epoch'");
    let (_, second) = scene.refresh(&[]);
    assert_eq!(number(&second, "/refresh/changed"), series, "{second:#}");
    assert_eq!(number(&second, "/titles/series/unchanged"), series, "{second:#}");
    let output = scene.home.output();
    for (run, what) in [("1", "new"), ("2", "changed")] {
        let done = scene.home.run(&["history", run, "--output", output.to_str().unwrap()]);
        let said = text(&done.stdout);
        let count = said.lines().filter(|line| line.trim().starts_with(what)).count() as u64;
        assert_eq!(count, series, "{said}");
    }
}

#[test]
fn a_dispatcharr_that_dies_and_a_run_that_is_ended_lose_nothing() {
    let mut scene = Scene::new(20);
    scene.server.be(|number, _| if number < 7 { Mood::Episodes(2) } else { Mood::Hang });
    let mut run = scene.start(&[]);
    while scene.strm_files_now() < 14 {
        std::thread::yield_now();
    }
    scene.server.die();
    assert!(Command::new("kill").arg(run.id().to_string()).status().unwrap().success());
    assert_eq!(run.wait().unwrap().code(), Some(1));
    assert_eq!(scene.strm_files(), 14);
    scene.server = Dispatcharr::start(&scene.database.url());
    let (_, report) = scene.refresh(&["--max-age", "1h"]);
    let left = number(&report, "/refresh/fetched") + number(&report, "/refresh/waiting");
    assert_eq!(left, scene.series() as u64 - 7, "{report:#}");
}

#[test]
fn a_dry_run_says_how_many_in_what_order_and_how_long() {
    let scene = Scene::new(30);
    let (status, report) = scene.refresh(&["--dry-run", "--refresh-rate", "2"]);
    assert_eq!(status, 0);
    assert_eq!(number(&report, "/refresh/due/new"), scene.series() as u64);
    assert_eq!(report["refresh"]["first"].as_array().unwrap().len(), 10);
    let seconds = report["refresh"]["seconds_at_least"].as_f64().unwrap();
    assert!((4.0..16.0).contains(&seconds), "{seconds}");
    assert!(scene.server.asked().is_empty());
    let budget = scene.refresh(&["--refresh-budget", "3"]).1;
    assert!(number(&budget, "/refresh/fetched") <= 9, "{budget:#}");
    let stopped = budget["refresh"]["stopped"].as_array().unwrap();
    assert!(stopped.iter().any(|it| it["why"].as_str().unwrap().contains("budget")), "{budget:#}");
}

#[test]
fn series_that_can_never_be_stored_stop_no_other() {
    let scene = Scene::new(60);
    // The youngest dozen, which are the first in line.
    let youngest = scene.database.query_one_i64("SELECT max(id) - 12 FROM vod_series");
    scene.server.be(
        move |_, asked| if asked.series > youngest { Mood::NoProvider } else { Mood::Episodes(2) },
    );
    let fast = ["--refresh-rate", "500", "--refresh-parallel", "1"];
    let (status, first) = scene.refresh(&fast);
    let failed = total(&first, "/refresh/failed");
    assert!(status == 3 && failed >= 6, "{first:#}");
    assert_eq!(number(&first, "/refresh/fetched") + failed, scene.series() as u64, "{first:#}");
    assert_eq!(first["refresh"]["stopped"].as_array().unwrap().len(), 0, "{first:#}");
    // They wait, ever longer, and then come last.
    execute_in_ledger(&scene.home, "UPDATE fetches SET due = due - 3600, tried = tried - 3600");
    scene.database.execute(
        "UPDATE vod_m3useriesrelation SET last_episode_refresh = 'epoch' WHERE series_id % 4 = 0",
    );
    execute_in_ledger(&scene.home, "UPDATE fetches SET at = 0 WHERE failures = 0");
    let before = scene.server.asked().len();
    let (_, second) = scene.refresh(&fast);
    assert_eq!(total(&second, "/refresh/failed"), failed, "{second:#}");
    let asked = scene.server.asked()[before..].to_vec();
    let is_failing = |asked: &vod2strm_testkit::dispatcharr::Asked| asked.series > youngest;
    let fetched = asked.iter().filter(|it| !is_failing(it)).count() as u64;
    assert!(fetched > 0 && fetched == number(&second, "/refresh/fetched"), "{second:#}");
    assert!(asked[..3].iter().all(|it| !is_failing(it)), "{asked:?}");
    execute_in_ledger(&scene.home, "UPDATE fetches SET due = due - 3600, tried = tried - 3600");
    let (_, third) = scene.refresh(&fast);
    assert_eq!(number(&third, "/refresh/waiting"), failed, "six hours now: {third:#}");
}

#[test]
fn a_dispatcharr_that_does_not_run_is_told_of_and_no_series_is_marked() {
    let mut scene = Scene::new(8);
    scene.server.be(|_, _| Mood::Status(502, None));
    let (status, report) = scene.refresh(&[]);
    let error = report["error"].as_str().unwrap();
    assert!(status == 1 && error.contains("status 502: Dispatcharr does not run"), "{error}");
    assert_eq!(total(&report, "/refresh/failed"), 0, "{report:#}");
    scene.server.die();
    let (status, report) = scene.refresh(&[]);
    let error = report["error"].as_str().unwrap();
    assert!(status == 1 && error.contains("nothing listens at http://127.0.0.1"), "{error}");
    assert!(error.contains("is --api-url right"), "{error}");
    scene.server = Dispatcharr::start(&scene.database.url());
    let (status, report) = scene.refresh(&[]);
    let found = (status, number(&report, "/refresh/fetched"), number(&report, "/refresh/waiting"));
    assert_eq!(found, (0, scene.series() as u64, 0), "{report:#}");
}

#[test]
fn with_versions_of_all_providers_all_are_asked() {
    let scene = Scene::new(30);
    let streams = scene.database.query_one_i64(
        "SELECT count(*) FROM vod_m3useriesrelation r
         JOIN m3u_m3uaccount a ON a.id = r.m3u_account_id AND a.is_active AND a.account_type = 'XC'
         LEFT JOIN vod_m3uvodcategoryrelation c
           ON c.m3u_account_id = a.id AND c.category_id = r.category_id
         WHERE r.category_id IS NULL OR c.enabled",
    );
    assert!(streams > scene.series(), "some series are offered more than once");
    let (_, dry) = scene.refresh(&["--multi-provider", "--dry-run"]);
    assert_eq!(total(&dry, "/refresh/due"), streams as u64, "{dry:#}");
    let (status, report) = scene.refresh(&["--multi-provider"]);
    assert_eq!((status, number(&report, "/refresh/fetched")), (0, streams as u64), "{report:#}");
    let asked: std::collections::BTreeSet<i64> =
        scene.server.asked().iter().map(|asked| asked.relation).collect();
    assert_eq!(asked.len() as i64, streams);
    let (_, again) = scene.refresh(&["--multi-provider"]);
    assert_eq!(total(&again, "/refresh/due"), 0, "{again:#}");
}

#[test]
fn generate_refreshes_too_when_told_to() {
    let scene = Scene::new(6);
    let flags = scene.flags(&["--refresh"]);
    let report = scene.home.generate(&scene.database.url(), &flags);
    assert_eq!(number(&report, "/refresh/fetched"), scene.series() as u64);
    assert!(number(&report, "/titles/movie/new") > 0);
    assert_eq!(scene.strm_files() as i64, 3 * scene.series());
}

#[test]
fn a_playlist_has_nothing_to_refresh() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    std::fs::write(home.dir.path().join("a.m3u"), "#EXTM3U\n").unwrap();
    let flags = ["refresh", "--source", "a.m3u", "--output", "o", "--api-key", "k"];
    let done = home.run(&flags);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("only Dispatcharr"), "{}", text(&done.stderr));
}

#[test]
fn the_doctor_asks_whether_dispatcharr_lets_us_in() {
    let scene = Scene::new(1);
    let (url, output) = (scene.database.url(), scene.home.output());
    let doctor = |key: &str| {
        let flags = ["--api-url", scene.server.url(), "--api-key", key];
        let arguments = ["doctor", "--source", &url, "--output", output.to_str().unwrap()];
        let done = scene.home.run(&[&arguments[..], &flags].concat());
        (done.status.code(), text(&done.stdout))
    };
    let (status, said) = doctor(KEY);
    assert!(status == Some(0) && said.contains("API: Dispatcharr 0.29.0 lets us in"), "{said}");
    assert!(said.contains("look  series without episodes: 1; vod2strm refresh"), "{said}");
    let (status, said) = doctor("not-that-key");
    assert!(status == Some(1) && said.contains("FAIL  API") && said.contains("api_key"), "{said}");
    assert!(!said.contains("not-that-key"), "{said}");
}

#[test]
fn a_fresh_dispatcharr_is_told_of_refresh_and_of_no_folder_that_is_not_there() {
    let scene = Scene::new(5);
    let (url, output) = (scene.database.url(), scene.home.output());
    let arguments = ["generate", "--source", &url, "--output", output.to_str().unwrap()];
    let said = text(&scene.home.run(&arguments).stdout);
    assert!(said.contains("vod2strm refresh has Dispatcharr fetch episodes"), "{said}");
    assert!(said.contains("Movies (movies) to your") && !said.contains("(shows)"), "{said}");
    scene.database.execute("UPDATE m3u_m3uaccount SET account_type = 'STD'");
    let arguments = ["doctor", "--source", &url, "--output", output.to_str().unwrap()];
    let said = text(&scene.home.run(&arguments).stdout);
    assert!(said.contains("look  active accounts: none is an Xtream panel"), "{said}");
}
