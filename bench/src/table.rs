//! The table of results: Markdown, with the facts of the machine.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use vod2strm_testkit::generate::Catalogue;

use crate::cpu::Cpu;
use crate::rounds::{RoundTimes, median, spread};
use crate::subject::{MeasuredRun, size_of};

/// What was measured.
pub struct ResultTable {
    size: String,
    text: String,
    facts: String,
}

impl ResultTable {
    /// One without rows.
    pub fn new(size: &str, catalogue: &Catalogue) -> ResultTable {
        let (movies, series) = (catalogue.movies.len(), catalogue.series.len());
        let mut text = format!(
            "# {size}: {movies} movies, {series} series, {} episodes\n\n{}; {}\n\n",
            catalogue.episodes.len(),
            machine(),
            said("date", &["-u", "+%F"])
        );
        text.push_str("| work | vod2strm | beside | ratio | target |\n|---|---|---|---|---|\n");
        ResultTable { size: size.to_owned(), text, facts: String::new() }
    }

    /// A row of times.
    pub fn time(&mut self, work: &str, pair: &RoundTimes, target: &str) {
        let ratio = median(&pair.ours) / median(&pair.limit);
        self.row(work, [&times(&pair.ours), &times(&pair.limit)], (ratio, target));
    }

    /// A row of so many things in these times.
    pub fn rate(&mut self, work: &str, pair: &RoundTimes, count: f64, target: &str) {
        let rate = |times: &[f64]| format!("{:.0}", count / median(times));
        let ratio = median(&pair.limit) / median(&pair.ours);
        self.row(work, [&rate(&pair.ours), &rate(&pair.limit)], (ratio, target));
        self.time(&format!("{work}: seconds"), pair, "");
    }

    /// A row of times of which some files more are the reason.
    pub fn over(&mut self, work: &str, pair: &RoundTimes, files: u64, allowed: f64) {
        let allowed = median(&pair.limit) + allowed;
        let target = format!("at most {allowed:.2} s, with {files} files");
        self.time(work, pair, &target);
    }

    /// The ledger's size after a first run.
    pub fn ledger(&mut self, path: &Path, run: &MeasuredRun) {
        let (bytes, files) = (size_of(path) as f64, run.files_changed as f64);
        let titles = run.titles as f64;
        self.fact("ledger, bytes", bytes);
        self.fact(
            "ledger, part of 250 bytes a title and 120 a file",
            bytes / (250.0 * titles + 120.0 * files),
        );
    }

    /// The CPU that a run took, if the system says so, by who used it.
    pub fn cpu(&mut self, work: &str, cpu: Option<Cpu>) {
        let Some(cpu) = cpu else { return };
        self.fact(&format!("{work}, seconds of CPU outside of the kernel"), cpu.user);
        self.fact(&format!("{work}, seconds of CPU in it"), cpu.kernel);
        self.fact(&format!("{work}, seconds of CPU of PostgreSQL"), cpu.server);
    }

    /// A single number.
    pub fn fact(&mut self, what: &str, value: f64) {
        let digits = if value.abs() < 100.0 { 2 } else { 0 };
        writeln!(self.facts, "- {what}: {value:.digits$}").expect("a text takes everything");
    }

    fn row(&mut self, work: &str, [ours, limit]: [&str; 2], (ratio, target): (f64, &str)) {
        let row = format!("| {work} | {ours} | {limit} | {ratio:.2} | {target} |");
        eprintln!("{row}");
        self.text.push_str(&row);
        self.text.push('\n');
    }

    /// Prints the table and puts it into `bench/results/`.
    pub fn write(self) {
        let text = format!("{}\n{}", self.text, self.facts);
        println!("{text}");
        fs::create_dir_all("bench/results").expect("a writable project");
        let path = format!("bench/results/{}.md", self.size);
        fs::write(&path, text).expect("a writable project");
        eprintln!("written to {path}");
    }
}

fn times(times: &[f64]) -> String {
    let (least, most) = spread(times);
    format!("{:.2} ({least:.2} to {most:.2})", median(times))
}

/// Processor, cores, memory, kernel.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let (cpu, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    format!(
        "{} × {}, memory {}, Linux {}",
        std::thread::available_parallelism().map_or(0, usize::from),
        value(&cpu, "model name").unwrap_or_else(|| "unknown processor".to_owned()),
        value(&memory, "MemTotal").unwrap_or_default(),
        said("uname", &["-r"])
    )
}

/// What a program says of itself, in one text.
pub fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.unwrap_or_default()
}
