//! Instructions of whole runs, by callgrind: a number that no load on the machine changes.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::cpu::Cpu;
use crate::subject::{Bench, BenchDatabase};
use crate::table::ResultTable;

/// Counts a first and an unchanged run, where valgrind is to be had. `cpu` is what a first run takes.
pub fn count(bench: &Bench, database: &BenchDatabase, cpu: Option<Cpu>, table: &mut ResultTable) {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no valgrind here");
        return;
    }
    eprintln!("instructions");
    for what in ["first", "unchanged"] {
        let out = bench.place().join(format!("{what}.callgrind"));
        run(bench, database, &out);
        let (all, ledger) = costs(&out);
        table.fact(&format!("{what} run, millions of instructions"), all as f64 / 1e6);
        let part = ledger as f64 / all as f64;
        table.fact(&format!("{what} run, part of the ledger in them"), part);
        if let (true, Some(cpu)) = (what == "first", cpu) {
            let work = "first run, part of the ledger in all CPU, the kernel's for it left out \
                        (at most 0.15)";
            table.fact(work, part * cpu.user / (cpu.user + cpu.kernel));
        }
    }
}

fn run(bench: &Bench, database: &BenchDatabase, out: &Path) {
    let out = format!("--callgrind-out-file={}", out.display());
    let by = ["valgrind", "-q", "--tool=callgrind", &out].map(OsStr::new);
    bench.run_under(&by, &database.url(), "counted", &[]);
}

/// All instructions, and those of the ledger's own functions and of all that they call.
fn costs(out: &Path) -> (u64, u64) {
    let mut annotate = Command::new("callgrind_annotate");
    annotate.args(["--inclusive=yes", "--threshold=100"]).arg(out);
    let said = annotate.output().expect("it comes with valgrind");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let cost = |line: &str| -> Option<u64> {
        line.split_whitespace().next()?.replace(',', "").parse().ok()
    };
    let total = said.lines().find(|line| line.contains("PROGRAM TOTALS")).and_then(cost);
    // Those that call others of them would be counted twice.
    let inner = ["::transaction", "::each", "::error", "::batch", "::version"];
    let is_outer = |line: &&str| {
        let name = line.split("vod2strm_disk::ledger::Ledger>::").nth(1);
        line.contains("Ledger>::")
            && name.is_some_and(|name| !name.contains("{{closure}}"))
            && !inner.iter().any(|inner| line.contains(inner))
    };
    let ledger = said.lines().filter(is_outer).filter_map(cost).sum();
    (total.expect("callgrind counts"), ledger)
}
