//! A catalogue that nobody has touched is not read: known from the server's counters, and only there.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]
#![expect(clippy::disallowed_methods, reason = "a test plays the user")]

use serde_json::Value;
use vod2strm_testkit::generate::small;
use vod2strm_testkit::home::{Home, number};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

/// A library that is right, and whose database nobody uses.
struct Scene {
    home: Home,
    database: TestDatabase,
}

impl Scene {
    fn new() -> Scene {
        let database = TestDatabase::create(Generation::NEWEST);
        database.insert(&small());
        let scene = Scene { home: Home::new(env!("CARGO_BIN_EXE_vod2strm")), database };
        assert!(!is_untouched(&scene.run(&[])), "a first run reads");
        scene
    }

    /// A run that finds no other session, not even that of the run before.
    fn run(&self, more: &[&str]) -> Value {
        self.database.execute_and_leave("SELECT 1");
        self.home.generate(&self.database.url(), more)
    }

    fn assert_read(&self, why: &str) {
        assert!(!is_untouched(&self.run(&[])), "{why}");
    }

    fn assert_settled(&self) {
        let report = self.run(&[]);
        assert!(is_untouched(&report), "{report}");
    }
}

fn is_untouched(report: &Value) -> bool {
    report["untouched"].as_bool().unwrap()
}

#[test]
fn an_untouched_catalogue_costs_no_look_at_its_tables() {
    let scene = Scene::new();
    let before = scene.home.stamps();
    let plain = scene.run(&["--full"]);
    assert!(!is_untouched(&plain), "--full reads all the same");
    scene.assert_read("after a run that noted nothing");
    let resting = scene.run(&[]);
    assert!(is_untouched(&resting), "{resting}");
    assert_eq!(resting["titles"]["movie"]["unchanged"], plain["titles"]["movie"]["unchanged"]);
    assert_eq!(resting["titles"]["series"], plain["titles"]["series"]);
    assert!(number(&resting, "/sql_statements") < number(&plain, "/sql_statements"));
    assert!(number(&resting, "/file_system_calls/stats") > 0, "the folders are asked all the same");
    assert_eq!(scene.home.stamps(), before);
}

/// A preview knows it as well, says the same, and leaves the ledger as it is.
#[test]
fn a_preview_over_an_untouched_catalogue_reads_nothing() {
    let scene = Scene::new();
    let resting = scene.run(&[]);
    let ledger = std::fs::read(scene.home.ledger()).unwrap();
    let preview = scene.run(&["--dry-run"]);
    assert!(is_untouched(&resting) && is_untouched(&preview), "{preview}");
    assert_eq!(preview["titles"], resting["titles"]);
    assert_eq!(number(&preview, "/sql_statements"), number(&resting, "/sql_statements"));
    assert!(std::fs::read(scene.home.ledger()).unwrap() == ledger, "the ledger is as it was");
    scene.assert_settled();
}

/// A folder of ours that somebody's files occupied goes once they are gone, though nobody touches the catalogue.
#[test]
fn folders_that_could_not_go_are_tried_again_when_settled() {
    let scene = Scene::new();
    let tree = scene.home.tree();
    let strm = tree.keys().find(|path| path.starts_with("Movies/") && path.ends_with(".strm"));
    let folder = scene.home.output().join(strm.unwrap()).parent().unwrap().to_owned();
    let mine = folder.join("Thumbs.db");
    std::fs::write(&mine, "theirs").unwrap();
    let name = folder.file_name().unwrap().to_str().unwrap();
    let db = rusqlite::Connection::open(scene.home.ledger()).unwrap();
    let sql = "SELECT c.stream FROM copies c JOIN titles t ON t.id = c.title WHERE t.folder = ?1";
    let stream: String = db.query_row(sql, [name], |row| row.get(0)).unwrap();
    drop(db);
    let sql = format!("DELETE FROM vod_m3umovierelation WHERE stream_id = '{stream}'");
    scene.database.execute_and_leave(&sql);
    let clean = ["--cleanup", "apply", "--grace", "0"];
    scene.run(&clean);
    assert!(mine.exists() && !scene.home.tree().contains_key(strm.unwrap()));
    let mut runs = 0;
    while !is_untouched(&scene.run(&clean)) {
        runs += 1;
        assert!(runs < 3, "it does not come to rest");
    }
    let generation = || {
        let marker = scene.home.output().join(".vod2strm/library");
        std::fs::read_to_string(marker).unwrap()
    };
    let before = generation();
    assert!(is_untouched(&scene.run(&clean)) && folder.exists());
    assert_eq!(generation(), before, "nothing was changed");
    std::fs::remove_file(&mine).unwrap();
    assert!(is_untouched(&scene.run(&clean)) && !folder.exists());
    assert_ne!(generation(), before);
    assert!(is_untouched(&scene.run(&clean)));
}

/// Whatever is written to whichever table that is read, by whichever statement.
#[test]
fn whatever_is_written_is_noticed() {
    let scene = Scene::new();
    let tables = [
        "m3u_m3uaccount",
        "m3u_m3uaccountprofile",
        "vod_vodlogo",
        "vod_vodcategory",
        "vod_m3uvodcategoryrelation",
        "vod_movie",
        "vod_m3umovierelation",
        "vod_series",
        "vod_m3useriesrelation",
        "vod_episode",
        "vod_m3uepisoderelation",
    ];
    for table in tables {
        scene.assert_settled();
        scene.database.execute_and_leave(&format!("UPDATE {table} SET id = id"));
        scene.assert_read(table);
    }
    for sql in [
        "INSERT INTO vod_vodcategory (name, category_type, created_at, updated_at)
         VALUES ('New', 'movie', now(), now())",
        "DELETE FROM vod_vodcategory WHERE name = 'New'",
        "ALTER TABLE vod_movie ADD COLUMN more text DEFAULT 'something'",
        "TRUNCATE vod_m3uepisoderelation",
    ] {
        scene.assert_settled();
        scene.database.execute_and_leave(sql);
        scene.assert_read(sql);
    }
    scene.assert_read("what is missing is counted run by run");
}

#[test]
fn counters_that_prove_nothing_are_not_trusted() {
    let scene = Scene::new();
    scene.assert_settled();
    // A session that is at work may have written what is not counted yet.
    let busy = TestDatabase::create(Generation::NEWEST);
    busy.insert(&small());
    busy.execute("BEGIN");
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    for _ in 0..3 {
        assert!(!is_untouched(&home.generate(&busy.url(), &[])));
    }
    for sql in [
        "SELECT pg_stat_reset()",
        "SELECT pg_stat_reset_single_table_counters('vod_movie'::regclass)",
    ] {
        scene.assert_settled();
        scene.database.execute_and_leave(sql);
        scene.assert_read(sql);
    }
    scene.assert_settled();
    let name = scene.database.name();
    scene.database.execute_and_leave(&format!("ALTER DATABASE {name} SET track_counts = off"));
    for _ in 0..2 {
        scene.assert_read("where nothing is counted");
    }
    scene.database.execute_and_leave(&format!("ALTER DATABASE {name} RESET track_counts"));
    scene.assert_read("the first run that is counted again");
    scene.assert_settled();
    scene.database.execute_and_leave("ALTER TABLE vod_movie ENABLE ROW LEVEL SECURITY");
    for _ in 0..2 {
        scene.assert_read("where rows may be hidden");
    }
}

const BEAT: &str = "Dispatcharr-celery-beat-4711";
/// What Dispatcharr's scheduler asks every five seconds.
const POLL: &str = "SELECT \"django_celery_beat_periodictasks\".\"ident\" FROM \"django_celery_beat_periodictasks\" LIMIT 21";

/// A session of another program while a run is at work: its name, and what it did last.
fn is_untouched_beside(scene: &Scene, application: &str, statements: &[&str]) -> bool {
    scene.database.execute_and_leave("SELECT 1");
    let session = scene.database.session(application);
    statements.iter().for_each(|sql| session.execute(sql));
    is_untouched(&scene.home.generate(&scene.database.url(), &[]))
}

#[test]
fn a_living_dispatcharr_whose_scheduler_only_asks_is_no_reason_to_read() {
    let scene = Scene::new();
    scene.database.execute_and_leave(
        "CREATE TABLE django_celery_beat_periodictasks (ident smallint PRIMARY KEY, last_update timestamptz)",
    );
    scene.run(&[]);
    scene.assert_settled();
    assert!(is_untouched_beside(&scene, BEAT, &[POLL]), "it asked a moment ago");
    assert!(is_untouched_beside(&scene, BEAT, &["BEGIN", POLL]), "inside a transaction");
    assert!(is_untouched_beside(&scene, "vod2strm watch", &["SELECT 1"]), "a session of our own");
    // Whoever else asks, and whatever else it does, may have written.
    let wrote = "UPDATE vod_movie SET id = id WHERE id < 0";
    for (application, statements) in [
        (BEAT, &["SELECT count(*) FROM vod_movie"][..]),
        (BEAT, &["BEGIN", "UPDATE vod_movie SET description = 'new'", POLL]),
        (BEAT, &[POLL, wrote]),
        ("Dispatcharr-uwsgi-17", &[POLL]),
        ("Dispatcharr-celery-18", &[wrote]),
    ] {
        scene.run(&[]);
        assert!(
            !is_untouched_beside(&scene, application, statements),
            "{application} {statements:?}"
        );
    }
}

#[test]
fn a_user_that_may_not_see_other_sessions_reads_and_the_doctor_says_what_to_grant() {
    let scene = Scene::new();
    let role = format!("reader_{}", scene.database.name());
    scene.database.execute_and_leave(&format!(
        "CREATE ROLE {role} LOGIN; GRANT pg_read_all_data TO {role};
         CREATE TABLE django_celery_beat_periodictasks (ident smallint PRIMARY KEY)"
    ));
    let url = scene.database.tcp_url(&role);
    let run = || {
        scene.database.execute_and_leave("SELECT 1");
        let beat = scene.database.session(BEAT);
        beat.execute(POLL);
        is_untouched(&scene.home.generate(&url, &[]))
    };
    let doctor = || {
        let output = scene.home.output();
        let arguments = ["doctor", "--source", &url, "--output", output.to_str().unwrap()];
        String::from_utf8(scene.home.run(&arguments).stdout).unwrap()
    };
    assert!((0..3).all(|_| !run()), "nobody knows whether the others write");
    let grant = format!("GRANT pg_read_all_stats TO {role}");
    let said = doctor();
    assert!(said.contains("look  other sessions") && said.contains(&grant), "{said}");
    scene.database.execute_and_leave(&grant);
    run();
    assert!(run());
    let said = doctor();
    assert!(!said.contains("other sessions"), "{said}");
    // Whoever may not ask for the server's identifier is told by the database's number.
    scene.database.execute_and_leave("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
    run();
    assert!(run());
    scene.database.execute_and_leave(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn another_database_at_the_same_address_is_noticed_and_told_of() {
    let scene = Scene::new();
    scene.run(&[]);
    scene.assert_settled();
    scene.database.replace_by_copy();
    for (run, expected) in [(1, true), (2, false)] {
        scene.database.execute_and_leave("SELECT 1");
        let report = scene.home.generate(&scene.database.url(), &[]);
        let warnings = report["warnings"].to_string();
        assert_eq!(warnings.contains("another database"), expected, "run {run}: {report:#}");
        assert_eq!(is_untouched(&report), !expected, "run {run}: {report:#}");
    }
}

#[test]
fn a_run_that_may_have_something_to_do_reads() {
    let scene = Scene::new();
    scene.assert_settled();
    for flags in [
        &["--nfo", "ids"][..],
        &["--relayout"],
        &["--movie-ids", "1"],
        &["--filter", "year > 1900"],
    ] {
        assert!(!is_untouched(&scene.run(flags)), "{flags:?}");
    }
    scene.run(&[]);
    scene.assert_settled();
    let strm = scene.home.tree().into_keys().find(|path| path.ends_with(".strm")).unwrap();
    std::fs::remove_file(scene.home.output().join(&strm)).unwrap();
    let report = scene.run(&[]);
    assert!(!is_untouched(&report));
    assert!(scene.home.tree().contains_key(&strm), "{report}");
    scene.assert_settled();
    // Somebody's own file is nobody's business.
    let folder = strm.rsplit_once('/').unwrap().0;
    std::fs::write(scene.home.output().join(folder).join("holiday.jpg"), "mine").unwrap();
    scene.assert_settled();
}

#[test]
fn what_is_missing_goes_on_ageing() {
    let scene = Scene::new();
    scene.database.execute_and_leave(
        "DELETE FROM vod_m3umovierelation WHERE movie_id = (SELECT min(movie_id) FROM vod_m3umovierelation)",
    );
    for run in 0..3 {
        let report = scene.run(&["--cleanup", "apply", "--grace", "1"]);
        assert!(!is_untouched(&report), "run {run}: {report}");
        let removed = report["titles"]["movie"]["removed"].as_u64().unwrap_or(0);
        assert_eq!(removed, u64::from(run == 1), "run {run}: {report}");
        if removed > 0 {
            break;
        }
    }
    scene.run(&["--cleanup", "apply"]);
    let report = scene.run(&["--cleanup", "apply"]);
    assert!(is_untouched(&report), "{report}");
}
