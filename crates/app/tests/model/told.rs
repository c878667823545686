//! What is told of a run, and of its preview: the same files, titles and holds, but for the words.
//!
//! Left out is what only the attempt can show, and what is a run's own: ids of new holds, warnings, times.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// Rows of the report, with how often there is such a row; titles by kind and outcome; holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    files: BTreeMap<Vec<String>, usize>,
    titles: BTreeMap<String, u64>,
    held: Vec<String>,
}

/// Columns of the report.
const ACTION: usize = 8;
const REASON: usize = 9;

impl Told {
    /// Of a preview: its report, and its object.
    pub fn of_preview(csv: &Path, report: &Value) -> Told {
        Told::of(csv, report, false)
    }

    /// Of a run, in the words of a preview.
    pub fn of_run(csv: &Path, report: &Value) -> Told {
        Told::of(csv, report, true)
    }

    /// Holds what a preview told against what the run after it told.
    pub fn assert_same(&self, done: &Told, place: &str) {
        let only = |these: &Told, those: &Told| -> Vec<_> {
            let differs = |row: &&Vec<String>| these.files.get(*row) != those.files.get(*row);
            these.files.keys().filter(differs).cloned().collect()
        };
        assert!(
            self == done,
            "only foreseen: {:#?}\nonly done: {:#?}\n{:?} {:?}\n{:?} {:?}\n{place}",
            only(self, done),
            only(done, self),
            self.titles,
            done.titles,
            self.held,
            done.held
        );
    }

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
