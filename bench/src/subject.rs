//! What is measured: the program's runs, and the database that they read.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;
use vod2strm_testkit::postgres::TestDatabase;

use crate::storage::FreshExt4;

/// The program, and a place for its libraries.
pub struct Bench {
    program: PathBuf,
    place: TempDir,
    /// What the place is on, if it was made for it. It goes after the place.
    _disk: Option<FreshExt4>,
}

/// What is known of a run.
pub struct MeasuredRun {
    /// From its start to its end.
    pub seconds: f64,
    /// The most memory that it had, in bytes.
    pub peak: f64,
    /// Statements that it sent.
    pub statements: f64,
    /// Seconds by phase.
    pub phases: BTreeMap<String, f64>,
    /// Files that it created, replaced or removed.
    pub files_changed: u64,
    /// New titles.
    pub titles: u64,
    /// The catalogue was not read.
    pub is_untouched: bool,
}

impl Bench {
    /// With a place below `TMPDIR`.
    pub fn new(program: PathBuf) -> Bench {
        let place = tempfile::tempdir().expect("a place for libraries");
        Bench { program, place, _disk: None }
    }

    /// The same program with a place elsewhere, if there is such a folder.
    pub fn elsewhere(&self, above: &Path) -> Option<Bench> {
        let place = tempfile::tempdir_in(above).ok()?;
        Some(Bench { program: self.program.clone(), place, _disk: None })
    }

    /// The same program with a place on an ext4 that nobody used before, in an image in this folder.
    ///
    /// # Errors
    /// What stands in the way, in words.
    pub fn on_fresh_ext4(&self, above: &Path) -> Result<Bench, String> {
        let disk = FreshExt4::mount(above)?;
        let place = tempfile::tempdir_in(disk.path()).map_err(|error| error.to_string())?;
        Ok(Bench { program: self.program.clone(), place, _disk: Some(disk) })
    }

    /// The folder of a library.
    pub fn library(&self, name: &str) -> PathBuf {
        self.place.path().join(name).join("library")
    }

    fn state(&self, name: &str) -> PathBuf {
        self.place.path().join(name).join("state")
    }

    /// The ledger of a library.
    pub fn ledger(&self, name: &str) -> PathBuf {
        let folders = fs::read_dir(self.state(name)).expect("a state folder");
        let ledger = |entry: io::Result<fs::DirEntry>| {
            entry.expect("a state folder").path().join("ledger.sqlite")
        };
        folders.map(ledger).find(|path| path.exists()).expect("a ledger")
    }

    /// Cleans names; gives the seconds.
    pub fn clean(&self, names: &[&str]) -> f64 {
        let file = self.place.path().join("names.txt");
        fs::write(&file, names.join("\n")).expect("a place for names");
        let mut command = Command::new(&self.program);
        command.arg("names").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        assert!(command.status().expect("the program runs").success());
        start.elapsed().as_secs_f64()
    }

    /// A folder for what belongs to no library.
    pub fn place(&self) -> &Path {
        self.place.path()
    }

    /// Brings a library to what the database says.
    pub fn generate(&self, database: &BenchDatabase, name: &str, more: &[&str]) -> MeasuredRun {
        self.run(&database.tests.url(), name, more)
    }

    /// Brings a library to what a source says.
    pub fn run(&self, source: &str, name: &str, more: &[&str]) -> MeasuredRun {
        self.run_under(&[], source, name, more)
    }

    /// The same by way of another program, of which these are the first words.
    pub fn run_under(&self, by: &[&OsStr], source: &str, name: &str, more: &[&str]) -> MeasuredRun {
        let (library, state) = (self.library(name), self.state(name));
        fs::create_dir_all(&library).expect("a place for libraries");
        let words: Vec<&OsStr> = by.iter().copied().chain([self.program.as_os_str()]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["generate", "--json", "--source"]).arg(source);
        command.arg("--output").arg(&library).arg("--state").arg(&state);
        command.args(["--base-url", "http://dispatcharr:9191"]).args(more);
        command.env_clear().env("HOME", self.place.path()).stderr(Stdio::null());
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        let start = Instant::now();
        let output = command.output().expect("the program runs");
        let seconds = start.elapsed().as_secs_f64();
        // 4: something is held, which is no matter here.
        let is_done = matches!(output.status.code(), Some(0 | 4));
        assert!(is_done, "{name}: {}", output.status);
        let report = serde_json::from_slice(&output.stdout).expect("a report");
        MeasuredRun::of(seconds, &report)
    }
}

impl MeasuredRun {
    fn of(seconds: f64, report: &Value) -> MeasuredRun {
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        let phases = report["seconds"].as_object().into_iter().flatten();
        let counts = |action: &str| {
            let reasons = report["files"][action].as_object().into_iter().flatten();
            reasons.map(|(_, count)| count.as_u64().unwrap_or_default()).sum::<u64>()
        };
        let titles = ["movie", "series"]
            .iter()
            .map(|kind| report["titles"][kind]["new"].as_u64().unwrap_or_default());
        MeasuredRun {
            seconds,
            peak: number(&report["peak_memory_bytes"]),
            statements: number(&report["sql_statements"]),
            phases: phases.map(|(phase, time)| (phase.clone(), number(time))).collect(),
            files_changed: ["written", "deleted", "moved"].map(counts).iter().sum(),
            titles: titles.sum(),
            is_untouched: report["untouched"] == true,
        }
    }
}

/// The catalogue.
pub struct BenchDatabase {
    tests: TestDatabase,
    /// A session that keeps the server's counters from proving anything; it ends with this.
    _busy: Child,
}

impl BenchDatabase {
    /// A filled one.
    pub fn new(tests: TestDatabase) -> BenchDatabase {
        let mut psql = Command::new("psql");
        psql.args(["-q", "-X", "-d"]).arg(tests.url()).stdin(Stdio::piped());
        let mut busy = psql.spawn().expect("psql is there");
        let session = busy.stdin.as_mut().expect("it is piped");
        session.write_all(b"BEGIN;\n").expect("psql reads");
        BenchDatabase { tests, _busy: busy }
    }

    /// The database.
    pub fn tests(&self) -> &TestDatabase {
        &self.tests
    }

    /// Ends all sessions of the database: all that was written is counted then.
    pub fn leave(&self) {
        self.tests.execute_and_leave("SELECT 1");
    }

    /// Another plot for one title in a hundred.
    pub fn change_one_percent(&self, round: usize) {
        for table in ["vod_movie", "vod_series"] {
            self.tests.execute(&format!(
                "UPDATE {table} SET description = coalesce(description, '') || '!' WHERE id % 100 = {round}"
            ));
        }
        self.tests.execute("VACUUM ANALYZE");
    }

    /// Takes away one title in ten of those that there were.
    pub fn remove_one_in_ten(&self, round: usize) {
        self.tests.execute_and_leave(&format!(
            "DELETE FROM vod_m3uepisoderelation WHERE series_relation_id IN
             (SELECT id FROM vod_m3useriesrelation WHERE series_id % 10 = {round});
             DELETE FROM vod_m3umovierelation WHERE movie_id % 10 = {round};
             DELETE FROM vod_m3useriesrelation WHERE series_id % 10 = {round}"
        ));
    }

    /// Takes away four episodes in five, with their streams.
    pub fn keep_one_episode_in_five(&self) {
        self.tests.execute_and_leave(
            "DELETE FROM vod_m3uepisoderelation WHERE episode_id % 5 <> 0;
             DELETE FROM vod_episode WHERE id % 5 <> 0;",
        );
        self.tests.execute_and_leave("VACUUM ANALYZE");
    }

    /// The URL at which runs read it.
    pub fn url(&self) -> String {
        self.tests.url()
    }

    /// The statements over whole tables that a run sends, as the server's log has them.
    pub fn statements_of(&self, run: impl FnOnce()) -> Vec<String> {
        let log = env::var("V2S_TEST_PG_LOG").expect("scripts/postgres names the log");
        let before = fs::read_to_string(&log).expect("a readable log").len();
        let setting = |value: &str| {
            self.tests.execute(&format!("ALTER DATABASE {} {value}", self.tests.name()));
        };
        setting("SET log_statement = 'all'");
        run();
        setting("RESET log_statement");
        let text = fs::read_to_string(&log).expect("a readable log");
        statements_in(&text[before..])
    }

    /// Lets `psql` read what the statements give to nowhere; gives the seconds.
    pub fn copy(&self, statements: &[String]) -> f64 {
        let mut psql = Command::new("psql");
        psql.args(["-q", "-X", "-d"]).arg(self.tests.url());
        for statement in statements {
            psql.arg("-c").arg(format!("\\copy ({statement}) to '/dev/null' with (format binary)"));
        }
        let start = Instant::now();
        let output = psql.output().expect("psql is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}");
        start.elapsed().as_secs_f64()
    }
}

/// The selections without parameters from Dispatcharr's tables, in a server's log.
fn statements_in(log: &str) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in log.lines() {
        if line.contains("LOG:")
            && let Some((_, sql)) = line.split_once("execute ")
        {
            statements.push(sql.split_once(": ").map_or("", |(_, sql)| sql).to_owned());
            is_open = true;
        } else if is_open && let Some(more) = line.strip_prefix('\t') {
            let last = statements.last_mut().expect("it is open");
            last.push(' ');
            last.push_str(more.trim());
        } else {
            is_open = false;
        }
    }
    let is_whole = |sql: &String| sql.contains("FROM vod_") && !sql.contains('$');
    statements.retain(is_whole);
    assert!(statements.len() >= 6, "the statements of the first pass: {statements:?}");
    statements
}

/// How big a file is, with its write-ahead log.
pub fn size_of(path: &Path) -> u64 {
    let log = path.with_extension("sqlite-wal");
    [path, &log].iter().filter_map(|path| fs::metadata(path).ok()).map(|it| it.len()).sum()
}
