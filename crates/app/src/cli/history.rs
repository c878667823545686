//! `vod2strm history`: the last runs, and what one of them did.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Map, Value, json};
use vod2strm_core::date;
use vod2strm_core::text::counted;
use vod2strm_core::text::redact::redact;
use vod2strm_disk::ledger::{Ledger, PastRun};
use vod2strm_disk::library::is_at_work;

use super::{Common, print, switch};
use crate::config;
use crate::error::{RunError, Status, printable};
use crate::report::summary::held_titles;

/// Show the last runs with their counts and durations, or what one of them did, by title.
///
/// Reads the ledger alone, also while a run is at work. Runs are remembered for 90 days with a run.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct History {
    /// A run's number, as the list shows it: then its changes, title by title
    run: Option<i64>,
    #[command(flatten)]
    common: Common,
    /// How many runs are listed
    #[arg(long, value_name = "N", default_value_t = 20)]
    last: u32,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm history
  vod2strm history --last 100 --json
  vod2strm history 17

Exit status: 0 done, 1 failed, 2 wrong use (there is no such run).";

/// Runs the command.
pub(super) fn run(command: &History) -> Result<Status, RunError> {
    let (layers, env) = command.common.layers(vec![("json", switch(command.json))])?;
    let is_json = layers.switch("json")?;
    let place = config::place(&layers, &env)?;
    let ledger = Ledger::open_beside_runs(&place.ledger_path()?)?;
    let past = Past { is_at_work: is_at_work(&place), ledger: &ledger };
    match command.run {
        Some(id) => changes(&past, id, is_json)?,
        None => {
            let runs = ledger.runs(command.last)?;
            if runs.is_empty() && !is_json {
                print("No run is known.\n")?;
            }
            for run in runs.iter().rev() {
                print(&past.text(run, is_json)?)?;
            }
        }
    }
    Ok(Status::Done)
}

fn changes(past: &Past<'_>, id: i64, is_json: bool) -> Result<(), RunError> {
    let Some(run) = past.ledger.run(id)? else {
        return Err(RunError::Usage(format!("there is no run {id}; vod2strm history lists them")));
    };
    print(&past.text(&run, is_json)?)?;
    let mut printed = Ok(());
    past.ledger.each_change(id, |change| {
        let (kind, name, year) = match &change.title {
            Some((kind, name, year)) => (kind.as_str(), name.as_str(), *year),
            None => ("title", "(forgotten)", None),
        };
        let what = &change.what;
        let files = change.files;
        let text = if is_json {
            json!({ "change": what, "kind": kind, "name": name, "year": year, "files": files })
                .to_string()
        } else {
            let year = year.map_or(String::new(), |year| format!(" ({year})"));
            let files = counted(files, "file", "files");
            format!("  {what:<8} {kind:<7} {}{year}, {files}", printable(name))
        };
        if printed.is_ok() {
            printed = print(&(text + "\n"));
        }
    })?;
    printed
}

/// The runs of a library, for people.
pub(super) struct Past<'a> {
    /// The library's ledger.
    pub(super) ledger: &'a Ledger,
    /// Whether a run is at work now: then the newest one that has no end.
    pub(super) is_at_work: bool,
}

impl Past<'_> {
    /// A run as a JSON object: what the list says of it.
    pub(super) fn json(&self, run: &PastRun) -> Result<Value, RunError> {
        let mut object = run_json(run);
        let newest = || Ok::<_, RunError>(self.ledger.runs(1)?.first().map(|newest| newest.id));
        let state = match run.finished {
            Some(_) => "done",
            None if self.is_at_work && newest()? == Some(run.id) => "running",
            None => "cut off",
        };
        object.insert("state".to_owned(), state.into());
        if run.report.is_none() {
            // It has told nothing yet, or never could: the ledger knows what was done.
            let counts = self.ledger.change_counts(run.id)?;
            object.extend(counts.into_iter().map(|(what, number)| (what, number.into())));
        }
        Ok(Value::Object(object))
    }

    fn text(&self, run: &PastRun, is_json: bool) -> Result<String, RunError> {
        let object = self.json(run)?;
        Ok(if is_json { format!("{object}\n") } else { line(run, &object) })
    }
}

/// How many titles are held.
const HELD_TITLES: &str = "held_titles";

fn run_json(past: &PastRun) -> Map<String, Value> {
    let report: Value = past
        .report
        .as_deref()
        .map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_default());
    let mut counts = Map::new();
    for word in ["new", "changed", "removed", "failed", "held"] {
        let kinds = ["movie", "series"].iter();
        let number = kinds.filter_map(|kind| report["titles"][kind][word].as_u64()).sum::<u64>();
        // What is held is a list of its own.
        let word = if word == "held" { HELD_TITLES } else { word };
        if number > 0 {
            counts.insert(word.to_owned(), number.into());
        }
    }
    let fetched = report["refresh"]["fetched"].as_u64().filter(|number| *number > 0);
    counts.extend(fetched.map(|number| ("fetched".to_owned(), number.into())));
    let seconds = past.finished.map(|finished| finished - past.started);
    let mut object = Map::new();
    object.insert("run".to_owned(), past.id.into());
    object.insert("started".to_owned(), date::moment(past.started).into());
    object.insert("seconds".to_owned(), seconds.into());
    object.insert("status".to_owned(), past.status.into());
    // An older version kept more of it.
    object.insert("source".to_owned(), redact(&past.source).into());
    object.extend(counts);
    let holds = report["held"].as_array().filter(|holds| !holds.is_empty());
    object.extend(holds.map(|holds| ("held".to_owned(), holds.clone().into())));
    object
}

/// What the list says of a run, behind its number: when it began, how long it took, its status, what it did.
pub(super) fn words(past: &PastRun, object: &Value) -> String {
    let mut text = date::moment(past.started);
    let took = match object["seconds"].as_i64() {
        Some(seconds) => format!("{seconds} s"),
        None => object["state"].as_str().unwrap_or_default().to_owned(),
    };
    let status = past.status.map_or("-".to_owned(), |status| status.to_string());
    let _ = write!(text, "  {took:>8}  status {status}");
    let words = ["new", "changed", "moved", "removed", "failed", "held", "fetched"];
    let counts: Vec<String> = words
        .iter()
        .filter_map(|word| {
            let key = if *word == "held" { HELD_TITLES } else { word };
            Some(format!("{} {word}", object.get(key)?.as_u64()?))
        })
        .collect();
    let is_running = object["state"] == "running";
    let counts = match counts.is_empty() {
        true if is_running => "nothing changed yet".to_owned(),
        true => "nothing changed".to_owned(),
        false => counts.join(", "),
    };
    let _ = write!(text, "  {counts}");
    text
}

fn line(past: &PastRun, object: &Value) -> String {
    let mut text = format!("{:>5}  {}\n", past.id, words(past, object));
    for hold in object.get("held").and_then(Value::as_array).into_iter().flatten() {
        let (id, reason) = (hold["id"].as_str().unwrap_or("-"), hold["reason"].as_str());
        let reason = printable(reason.unwrap_or_default());
        let titles = hold["titles"].as_u64().unwrap_or_default();
        let titles = held_titles(hold["kind"].as_str().unwrap_or_default(), titles);
        let _ = writeln!(text, "       held {id}: {titles}: {reason}");
    }
    text
}
