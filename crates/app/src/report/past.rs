//! Runs of the past, for people.

use std::fmt::Write as _;

use serde_json::Value;
use vod2strm_core::text::printable;
use vod2strm_engine::history::HELD_TITLES;

use super::summary::held_titles;

/// What the list says of a run, behind its number: when it began, how long it took, its status, what it did.
pub fn words(run: &Value) -> String {
    let mut text = run["started"].as_str().unwrap_or_default().to_owned();
    let took = match run["seconds"].as_i64() {
        Some(seconds) => format!("{seconds} s"),
        None => run["state"].as_str().unwrap_or_default().to_owned(),
    };
    let status = run["status"].as_i64().map_or("-".to_owned(), |status| status.to_string());
    let _ = write!(text, "  {took:>8}  status {status}");
    let words = ["new", "changed", "moved", "removed", "failed", "held", "fetched"];
    let counts: Vec<String> = words
        .iter()
        .filter_map(|word| {
            let key = if *word == "held" { HELD_TITLES } else { word };
            Some(format!("{} {word}", run.get(key)?.as_u64()?))
        })
        .collect();
    let nothing = if run["state"] == "running" { "nothing changed yet" } else { "nothing changed" };
    let counts = if counts.is_empty() { nothing.to_owned() } else { counts.join(", ") };
    let _ = write!(text, "  {counts}");
    text
}

/// A run, and what it holds.
pub fn line(run: &Value) -> String {
    let mut text = format!("{:>5}  {}\n", run["run"].as_i64().unwrap_or_default(), words(run));
    for hold in run.get("held").and_then(Value::as_array).into_iter().flatten() {
        let (id, reason) = (hold["id"].as_str().unwrap_or("-"), hold["reason"].as_str());
        let reason = printable(reason.unwrap_or_default());
        let titles = hold["titles"].as_u64().unwrap_or_default();
        let titles = held_titles(hold["kind"].as_str().unwrap_or_default(), titles);
        let _ = writeln!(text, "       held {id}: {titles}: {reason}");
    }
    text
}
