//! The runs of the past, as the ledger has them.

use serde_json::{Map, Value, json};
use vod2strm_core::date;
use vod2strm_core::text::redact::redact;
use vod2strm_disk::ledger::{Ledger, PastRun};
use vod2strm_disk::library::is_at_work;

use crate::config::Place;
use crate::error::RunError;

/// Where a run says how many titles it holds.
pub const HELD_TITLES: &str = "held_titles";

/// The runs of a library. Reads its ledger alone, also while a run is at work.
pub struct History {
    ledger: Ledger,
    /// Whether a run is at work now: then the newest one that has no end.
    is_at_work: bool,
}

impl History {
    /// Opens the ledger of a library.
    pub fn open(place: &Place) -> Result<History, RunError> {
        let ledger = Ledger::open_beside_runs(&place.ledger_path()?)?;
        Ok(History { ledger, is_at_work: is_at_work(place) })
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The last runs, the newest first: a JSON object each, with `run`, `started`, `seconds`, `status`, `source`,
    /// `state`, what was done in numbers, and `held`.
    pub fn runs(&self, most: u32) -> Result<Vec<Value>, RunError> {
        self.ledger.runs(most)?.iter().map(|run| self.object(run)).collect()
    }

    /// One run.
    pub fn run(&self, id: i64) -> Result<Value, RunError> {
        match self.ledger.run(id)? {
            Some(run) => self.object(&run),
            None => {
                let text = format!("there is no run {id}; vod2strm history lists them");
                Err(RunError::Refused(text))
            }
        }
    }

    /// What a run did, title by title: a JSON object each, with `change`, `kind`, `name`, `year` and `files`.
    pub fn changes(&self, id: i64, sink: &mut dyn FnMut(&Value)) -> Result<(), RunError> {
        Ok(self.ledger.each_change(id, |change| {
            let (kind, name, year) = match &change.title {
                Some((kind, name, year)) => (kind.as_str(), name.as_str(), *year),
                None => ("title", "(forgotten)", None),
            };
            let (what, files) = (&change.what, change.files);
            sink(&json!({ "change": what, "kind": kind, "name": name, "year": year, "files": files }));
        })?)
    }

    fn object(&self, run: &PastRun) -> Result<Value, RunError> {
        let mut object = told(run);
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
}

/// What a run told of itself.
fn told(past: &PastRun) -> Map<String, Value> {
    let report: Value = past
        .report
        .as_deref()
        .map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_default());
    let mut counts = Map::new();
    for word in ["new", "changed", "removed", "failed", "held"] {
        let kinds = ["movie", "series"].iter();
        let titles = kinds.filter_map(|kind| report["titles"][kind][word].as_u64()).sum::<u64>();
        let number = titles + report["refresh"][word].as_u64().unwrap_or_default();
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
    let trigger = report["trigger"].as_str();
    object.extend(trigger.map(|trigger| ("trigger".to_owned(), trigger.into())));
    // An older version kept more of it.
    object.insert("source".to_owned(), redact(&past.source).into());
    object.extend(counts);
    let holds = report["held"].as_array().filter(|holds| !holds.is_empty());
    object.extend(holds.map(|holds| ("held".to_owned(), holds.clone().into())));
    object
}
