//! A preview says what the run after it does: the same files, titles and holds, but for the words.
//!
//! Left out is what only the attempt can show: a run's new holds have ids, warnings and times are its own.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use vod2strm_testkit::home::text;

use crate::World;

/// What is told of a run: rows of the report, with how often there is such a row; titles by kind and outcome; holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    files: BTreeMap<Vec<String>, usize>,
    titles: BTreeMap<String, u64>,
    held: Vec<String>,
}

/// Columns of the report.
const ACTION: usize = 8;
const REASON: usize = 9;

impl World<'_> {
    /// What a preview of the next run says.
    pub fn preview(&self, more: &[&str]) -> Told {
        let before = self.home.stamps();
        let report = self.home.dir.path().join("preview.csv");
        let flags = [&["--dry-run", "--report", report.to_str().unwrap()], more].concat();
        let done = self.command(self.machine, &flags).output().unwrap();
        assert!(matches!(done.status.code(), Some(0 | 3 | 4)), "{}", text(&done.stderr));
        assert_eq!(self.home.stamps(), before, "a preview changes nothing");
        Told::of(&report, &serde_json::from_slice(&done.stdout).unwrap(), false)
    }

    /// Holds what a preview said against what the run then did.
    pub fn check_preview(&self, foreseen: Option<&Told>, csv: &Path, report: &Value) {
        let Some(foreseen) = foreseen else { return };
        let done = Told::of(csv, report, true);
        let only = |these: &Told, those: &Told| -> Vec<_> {
            let differs = |row: &&Vec<String>| these.files.get(*row) != those.files.get(*row);
            these.files.keys().filter(differs).cloned().collect()
        };
        assert!(
            *foreseen == done,
            "only foreseen: {:#?}\nonly done: {:#?}\n{:?} {:?}\n{:?} {:?}\n{report}",
            only(foreseen, &done),
            only(&done, foreseen),
            foreseen.titles,
            done.titles,
            foreseen.held,
            done.held
        );
    }
}

impl Told {
    fn of(csv: &Path, report: &Value, is_done: bool) -> Told {
        let mut files: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for row in csv::Reader::from_path(csv).unwrap().records() {
            let mut row: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
            if is_done {
                would_be(&mut row);
            }
            *files.entry(row).or_default() += 1;
        }
        let mut titles = BTreeMap::new();
        for (kind, outcomes) in report["titles"].as_object().unwrap() {
            for (outcome, number) in outcomes.as_object().unwrap() {
                let outcome = if outcome == "removed" { "would_remove" } else { outcome };
                let number = number.as_u64().unwrap();
                if number > 0 {
                    titles.insert(format!("{kind} {outcome}"), number);
                }
            }
        }
        let held = report["held"].as_array().unwrap().iter().map(|held| {
            let of = |key: &str| held[key].to_string();
            ["reason", "account", "kind", "titles", "files"].map(of).join(" ")
        });
        let mut held: Vec<String> = held.collect();
        held.sort();
        Told { files, titles, held }
    }
}

/// A row of a run in the words of a preview.
fn would_be(row: &mut [String]) {
    let reason = row[REASON].clone();
    let (word, rest) = reason
        .split_once(':')
        .map_or((reason.as_str(), ""), |(word, _)| (word, &reason[word.len()..]));
    let (action, word) = match (row[ACTION].as_str(), word) {
        ("written", "updated") => ("skipped", "dry_run_update"),
        ("written", _) => ("skipped", "dry_run_create"),
        ("moved", _) => ("skipped", "dry_run_move"),
        ("deleted", word) => ("would_delete", word),
        (action, word) => (action, word),
    };
    (row[ACTION], row[REASON]) = (action.to_owned(), format!("{word}{rest}"));
}
