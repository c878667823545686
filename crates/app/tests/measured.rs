//! What was measured of streams: it decides what is wanted, and it holds until something else is measured.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use serde_json::{Value, json};
use vod2strm_testkit::generate::small;
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;
use vod2strm_testkit::twin::FileTree;

fn filled() -> (Home, TestDatabase) {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&small());
    (Home::new(env!("CARGO_BIN_EXE_vod2strm")), database)
}

/// What vod-probe writes of a stream, with this status.
fn probed(status: &str, tier: &str, language: &str) -> Value {
    let audio = json!([{"codec": "eac3", "channels": 6, "language": language}]);
    json!({
        "quality": tier, "resolution": "1920x1080",
        "probe": {"schema_version": 6, "status": status, "tier": tier, "hdr": "hdr10", "audio": audio,
            "video": {"codec": "hevc"}, "subtitle": [{"language": "eng"}], "duration_secs": 6000},
    })
}

/// Sets the documents of all rows of a table where this is true.
fn set(database: &TestDatabase, table: &str, rows: &str, document: &Value) {
    database.execute(&format!("UPDATE {table} SET custom_properties = '{document}' WHERE {rows}"));
}

/// What Dispatcharr and the plugin leave of a measurement in a bad night.
fn bad_nights() -> [Value; 4] {
    let mut probing = probed("error", "1080p", "fre");
    probing["probe"]["error"] = json!("no slot");
    [json!({}), Value::Null, probing, json!({"probe": {"schema_version": 7, "status": "ok"}})]
}

const MOVIES: &str = "vod_m3umovierelation";
const EPISODES: &str = "vod_m3uepisoderelation";

const FLAGS: [&str; 6] = [
    "--cleanup",
    "apply",
    "--multi-provider",
    "--filter",
    "hdr == hdr10 and audio == deu and subtitles == en and codec == hevc and quality == 1080p",
    "--base-url=http://dispatcharr:9191",
];

fn run(home: &Home, database: &TestDatabase) -> (Value, FileTree) {
    let report = home.generate(&database.url(), &FLAGS);
    (report, home.tree())
}

/// What `why` says of a title.
fn verdict(home: &Home, database: &TestDatabase, title: &str) -> String {
    let (url, output) = (database.url(), home.output());
    let place = ["--source", &url, "--output", output.to_str().unwrap()];
    let said = home.run(&[&["why", title, "--json"], &place[..], &FLAGS[2..]].concat()).stdout;
    let answer: Value = serde_json::from_str(&text(&said)).unwrap();
    answer["titles"][0]["verdict"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_measurement_that_is_missing_for_nights_changes_nothing() {
    let (home, database) = filled();
    set(&database, MOVIES, "movie_id IN (1, 2)", &probed("ok", "1080p", "ger"));
    set(&database, EPISODES, "true", &probed("inferred", "1080p", "ger"));
    let (first, tree) = run(&home, &database);
    assert_eq!(number(&first, "/titles/movie/new"), 2, "{first:#}");
    assert_eq!(number(&first, "/titles/series/new"), 1, "{first:#}");
    for night in bad_nights() {
        set(&database, MOVIES, "true", &night);
        set(&database, EPISODES, "true", &night);
        for _ in 0..4 {
            let (report, now) = run(&home, &database);
            let writes = number(&report, "/file_system_calls/writes");
            assert_eq!(writes, 0, "{night}: {report:#}");
            assert_eq!(now, tree, "{night}");
            assert_eq!(verdict(&home, &database, "Heat"), "in_library", "{night}");
        }
    }
    // It holds in a preview, too, and when all titles are looked at again.
    let preview = home.generate(&database.url(), &[&FLAGS[..], &["--dry-run"]].concat());
    assert_eq!(number(&preview, "/filter/wanted"), 3, "{preview:#}");
    let relaid = home.generate(&database.url(), &[&FLAGS[..], &["--relayout"]].concat());
    assert_eq!(home.tree(), tree, "{relaid:#}");
    // Another one is another one.
    set(&database, MOVIES, "movie_id = 1", &probed("ok", "720p", "ger"));
    let (status, report) = home.try_generate(&database.url(), &FLAGS);
    assert_eq!(number(&report, "/titles/movie/filtered"), 3, "{report:#}");
    assert_eq!(status, 4, "what the filter lets through no longer is held: {report:#}");
}

#[test]
fn a_stream_that_is_gone_is_not_remembered() {
    let (home, database) = filled();
    set(&database, MOVIES, "movie_id = 1", &probed("ok", "1080p", "ger"));
    let (first, _) = run(&home, &database);
    assert_eq!(number(&first, "/titles/movie/new"), 1, "{first:#}");
    let streams = "SELECT count(*) FROM vod_m3umovierelation WHERE movie_id = 1";
    assert_eq!(database.query_one_i64(streams), 2);
    let measured = || {
        let ledger = home.ledger();
        let db = rusqlite::Connection::open(ledger).unwrap();
        let sql = "SELECT group_concat(account || ' ' || stream || ' ' || said) FROM measured";
        db.query_row(sql, [], |row| row.get::<_, Option<String>>(0)).unwrap()
    };
    let said = "1080 hdr10 video=hevc/1920x1080 audio=eac3/6/de subtitle=en seconds=6000";
    assert_eq!(measured().unwrap().matches(said).count(), 2);
    database.execute(
        "CREATE TABLE kept AS SELECT * FROM vod_m3umovierelation WHERE id = 2;
         DELETE FROM vod_m3umovierelation WHERE id = 2",
    );
    home.try_generate(&database.url(), &FLAGS);
    assert_eq!(measured().unwrap().matches(said).count(), 1);
    database.execute("INSERT INTO vod_m3umovierelation SELECT * FROM kept");
    set(&database, MOVIES, "true", &json!({}));
    home.try_generate(&database.url(), &FLAGS);
    assert_eq!(measured().unwrap().matches(said).count(), 1);
    // A title that has gone takes its measurements with it.
    database.execute("DELETE FROM vod_m3umovierelation WHERE movie_id = 1");
    let flags = [&FLAGS[..], &["--allow-removals", "all"]].concat();
    for _ in 0..4 {
        home.try_generate(&database.url(), &flags);
    }
    assert_eq!(measured(), None);
}

/// Who asks for what nothing in the source can answer is told so, by `doctor` and by a dry run.
#[test]
fn a_filter_that_asks_for_what_nobody_measures_is_told_of() {
    let (home, database) = filled();
    let list = home.output().with_file_name("list.m3u");
    let entry = "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h.example/movie/a/b/1.mkv\n";
    std::fs::write(&list, entry).unwrap();
    let (list, output) = (list.to_str().unwrap().to_owned(), home.output());
    let output = output.to_str().unwrap();
    let filter = "--filter=hdr == hdr10 or quality == 4K or audio == de";
    let base = "--base-url=http://dispatcharr:9191";
    let told = "filter: audio, hdr: only known of streams that were measured";
    let said = |source: &str| {
        let flags = ["--source", source, "--output", output, base, filter];
        let dry = home.run(&[&["generate", "--dry-run"], &flags[..]].concat());
        let doctor = home.run(&[&["doctor"], &flags[..]].concat());
        let doctor = text(&doctor.stdout) + &text(&doctor.stderr);
        (text(&dry.stderr).contains(told), doctor.contains("audio, hdr: only known of streams"))
    };
    assert_eq!(said(&list), (true, true));
    assert_eq!(said(&database.url()), (true, true));
    set(&database, MOVIES, "id = 1", &probed("ok", "1080p", "ger"));
    assert_eq!(said(&database.url()), (false, false));
}

/// Each file's NFO says what was measured of the stream that it plays, and nothing that was not.
#[test]
fn nfos_have_what_was_measured_of_the_stream_beside_them() {
    let (home, database) = filled();
    set(&database, MOVIES, "id = 1", &probed("ok", "1080p", "ger"));
    set(&database, EPISODES, "id = 1", &probed("ok", "1080p", "fre"));
    home.generate(&database.url(), &["--multi-provider"]);
    let tree = home.tree();
    let languages = |path: &str| -> Vec<String> {
        let nfo = text(&tree[path]);
        let lines = nfo.lines().map(str::trim).filter(|line| line.starts_with("<language>"));
        lines.map(|line| line.replace("language>", "")).collect()
    };
    assert_eq!(languages("Movies/Heat (1995)/Heat (1995).nfo"), ["<ger</", "<eng</"]);
    let others: Vec<&String> = tree.keys().filter(|path| path.ends_with(".nfo")).collect();
    let told = others.iter().filter(|path| !languages(path).is_empty()).count();
    assert_eq!((told, others.len() > 6), (2, true), "{others:?}");
}
