//! A command over all libraries that are meant, one after another; what it says of each, and its status.

use std::cell::RefCell;

use serde_json::{Map, Value, json};
use vod2strm_core::status::Status;
use vod2strm_engine::error::{RunError, without_panic};

use super::{Process, print, tell};
use crate::error::CommandError;
use crate::secrets::SECRETS;
use crate::settings::layers::Layers;

/// What is said of a library whose turn did not come.
const NOT_BEGUN: &str = "error: it was not looked at: the command was ended before";

/// A library, with what the command needs to know of it.
pub(super) struct ChosenLibrary<T> {
    pub(super) layers: Layers,
    pub(super) settings: T,
    /// No other one is meant.
    pub(super) is_alone: bool,
}

/// What a command says of one library. Of one alone it is printed as it comes; of several, JSON becomes part of one
/// object.
pub(super) struct Page<'a> {
    /// The library's name, if there are several.
    name: Option<&'a str>,
    kept: Option<RefCell<Kept>>,
}

/// JSON of one library.
enum Kept {
    Nothing,
    Object(Value),
    Lines(Vec<Value>),
}

impl Page<'_> {
    /// Prints a text for people.
    pub(super) fn text(&self, text: &str) -> Result<(), RunError> {
        print(text)
    }

    /// Says all in one JSON object, with a line end.
    pub(super) fn object(&self, text: &str) -> Result<(), RunError> {
        let Some(kept) = &self.kept else { return print(text) };
        kept.replace(Kept::Object(parsed(text)));
        Ok(())
    }

    /// Says something in one of several JSON objects, each in a line.
    pub(super) fn line(&self, text: &str) -> Result<(), RunError> {
        let Some(kept) = &self.kept else { return print(text) };
        if let Kept::Lines(lines) = &mut *kept.borrow_mut() {
            lines.push(parsed(text));
            return Ok(());
        }
        kept.replace(Kept::Lines(vec![parsed(text)]));
        Ok(())
    }

    /// Prints and logs an error that is ready to be printed.
    pub(super) fn tell(&self, text: &str) {
        match self.name {
            Some(name) => tell(&format!("library {name}: {text}")),
            None => tell(text),
        }
    }

    /// What was kept of a library; of one that failed before it said anything, why.
    fn value(self, failed: Option<(Status, String)>) -> Value {
        match (self.kept.map(RefCell::into_inner), failed) {
            (Some(Kept::Object(object)), _) => object,
            (_, Some((status, error))) => json!({ "status": status as u8, "error": error }),
            (Some(Kept::Lines(lines)), None) => lines.into(),
            (Some(Kept::Nothing) | None, None) => Value::Array(Vec::new()),
        }
    }
}

/// JSON that this program wrote.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Does a command's work for each library, also after one that failed.
pub(super) fn each<T>(
    libraries: &[ChosenLibrary<T>],
    process: &Process,
    is_json: bool,
    work: impl Fn(&ChosenLibrary<T>, &Page<'_>) -> Result<Status, CommandError>,
) -> Result<Status, CommandError> {
    if let [library] = libraries
        && library.is_alone
    {
        return work(library, &Page { name: None, kept: None });
    }
    let (mut statuses, mut objects) = (Vec::new(), Map::new());
    for library in libraries {
        let name = library.layers.label();
        let kept = is_json.then(|| RefCell::new(Kept::Nothing));
        let page = Page { name: Some(name), kept };
        if process.signals.cancel.is_cancelled() {
            page.tell(NOT_BEGUN);
            statuses.push(Status::Failed);
            let failed = Some((Status::Failed, NOT_BEGUN.to_owned()));
            objects.insert(name.to_owned(), page.value(failed));
            continue;
        }
        if !is_json {
            print(&format!("Library {name}:\n"))?;
        }
        tracing::info!(library = name, "begins");
        let failed = without_panic(|| work(library, &page)).map(|status| statuses.push(status));
        let failed = failed.err().map(|error| {
            let text = error.render(&SECRETS).trim_end().to_owned();
            page.tell(&text);
            statuses.push(error.status());
            (error.status(), text)
        });
        objects.insert(name.to_owned(), page.value(failed));
    }
    let status = of_all(&statuses);
    if is_json {
        let object = json!({ "status": status as u8, "libraries": objects });
        print(&format!("{object:#}\n"))?;
    }
    Ok(status)
}

/// The status of several libraries: the worst that any had. Wrong use is told before anything runs; a library that
/// refused its own part has failed, unless all did.
fn of_all(statuses: &[Status]) -> Status {
    if !statuses.is_empty() && statuses.iter().all(|status| *status == Status::Usage) {
        return Status::Usage;
    }
    let has = |wanted: &Status| {
        let failed = *wanted == Status::Failed && statuses.contains(&Status::Usage);
        failed || statuses.contains(wanted)
    };
    let by_weight = [Status::Failed, Status::Locked, Status::Held, Status::SomeFailed];
    by_weight.into_iter().find(has).unwrap_or(Status::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_status_counts() {
        use Status::{Done, Failed, Held, Locked, SomeFailed, Usage};
        for (statuses, expected) in [
            (&[Done, Done][..], Done),
            (&[SomeFailed, Done], SomeFailed),
            (&[SomeFailed, Held], Held),
            (&[Held, Locked, Done], Locked),
            (&[Locked, Failed, Held], Failed),
            (&[Done, Usage, Locked], Failed),
            (&[Usage, Usage], Usage),
        ] {
            assert_eq!(of_all(statuses), expected, "{statuses:?}");
        }
    }
}
