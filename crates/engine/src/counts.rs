//! Counts what happened: the base of the summary, of `--json`, and of the exit status.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use serde::Serialize;
use vod2strm_core::entries::TitleCount;
use vod2strm_core::event::{
    Action, Event, FileEvent, HeldEvent, Observer, Phase, Reason, TitleEvent, TitleOutcome,
};
use vod2strm_core::model::left_out::LeftOutBy;
use vod2strm_core::model::media::Kind;
use vod2strm_core::status::Status;

use crate::entries::EntryReport;

/// How many problems are named; all are counted.
const NAMED_PROBLEMS: usize = 20;

/// How many folders that move, and titles that go, are named; all are counted.
const NAMED_TITLES: usize = 10;

/// What a run did, in numbers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// Nobody wrote to the source since a run that left nothing to do: it was not read.
    pub untouched: bool,
    /// Titles by kind and outcome.
    pub titles: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// Entries of the source, and why some of them are left out.
    #[serde(flatten)]
    pub entries: EntryReport,
    /// Entries of titles that the user does not want, by kind and by what leaves them out; under `None` those of
    /// titles that have nothing to play.
    #[serde(skip)]
    pub unwanted: BTreeMap<(Kind, Option<LeftOutBy>), u64>,
    /// Files by action and reason. Files of unchanged titles are not looked at and not counted.
    pub files: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// The first problems, in words.
    pub problems: Vec<String>,
    /// How many problems there were.
    pub problem_count: u64,
    /// The first folders of titles that have another name now, or would have.
    pub moves: Vec<MovedFolder>,
    /// How many folders there were.
    pub moved_folders: u64,
    /// The first folders of titles that went, or would go.
    pub removals: Vec<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// Removals that wait for a person.
    pub held: Vec<Held>,
    /// Seconds by phase.
    pub seconds: BTreeMap<Phase, f64>,
}

/// A title's folder that has another name now, or would have.
#[derive(Clone, Debug, Serialize)]
pub struct MovedFolder {
    /// Its path before, below the library's root.
    pub from: String,
    /// Its path now.
    pub to: String,
}

/// Removals that wait for a person.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// What a person names it by; of a dry run, `null` for what no run has held yet.
    pub id: Option<String>,
    /// Why.
    pub reason: String,
    /// The account whose titles they are; `null` where it is no one account's doing.
    pub account: Option<String>,
    /// What is held: `movie`, `series` or `episode`.
    pub kind: &'static str,
    /// How many titles are held, or have files that are held.
    pub titles: u64,
    /// How many files are held.
    pub files: u64,
    /// What a person can do about it.
    pub remedy: String,
}

impl From<&HeldEvent<'_>> for Held {
    fn from(held: &HeldEvent<'_>) -> Held {
        let HeldEvent { hold, id, titles, files } = *held;
        let how = match id {
            _ if !hold.reason.can_be_allowed() => String::new(),
            Some(id) => format!(" (--allow-removals={id})"),
            None => " (a run with --cleanup apply or preview gives it an id to allow)".to_owned(),
        };
        Held {
            id: id.map(|id| id.to_string()),
            reason: hold.to_string(),
            account: hold.account.as_ref().map(|(_, name)| name.clone()),
            kind: hold.content.as_str(),
            titles,
            files,
            remedy: format!("{}{how}", hold.reason.remedy()),
        }
    }
}

impl Counts {
    /// Titles of any kind with this outcome.
    pub fn titles(&self, outcome: TitleOutcome) -> u64 {
        Kind::ALL.into_iter().map(|kind| self.titles_of(kind, outcome)).sum()
    }

    /// Titles of a kind with this outcome.
    pub fn titles_of(&self, kind: Kind, outcome: TitleOutcome) -> u64 {
        let by_outcome = self.titles.get(kind.as_str());
        by_outcome.and_then(|counts| counts.get(outcome.as_str())).copied().unwrap_or(0)
    }

    /// Leaves out the entries of titles that have no files. So many of series have got their first files since.
    /// The parts are those of the filter.
    pub fn leave_out(&mut self, filled: u64, parts: &[String]) {
        for ((kind, by), entries) in &self.unwanted {
            match by {
                Some(by) => self.entries.set_filtered_aside(*kind, *by, parts, *entries),
                None => {
                    let filled = if *kind == Kind::Series { filled } else { 0 };
                    self.entries.set_empty_aside(*kind, entries.saturating_sub(filled));
                }
            }
        }
    }

    /// The status of a run that came to its end.
    pub fn status(&self) -> Status {
        // A person must act, whatever else there was.
        if !self.held.is_empty() {
            Status::Held
        } else if self.titles(TitleOutcome::Failed) > 0 {
            Status::SomeFailed
        } else {
            Status::Done
        }
    }

    /// Files with this action, by reason.
    pub fn files(&self, action: Action) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.files
            .get(action.as_str())
            .into_iter()
            .flatten()
            .map(|(reason, count)| (*reason, *count))
    }
}

/// The listener that counts.
pub struct Tally {
    state: Mutex<CounterState>,
}

struct CounterState {
    counts: Counts,
    phase: Option<(Phase, Instant)>,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally { state: Mutex::new(CounterState { counts: Counts::default(), phase: None }) }
    }
}

impl Tally {
    /// The counts at the end of a run.
    pub fn finish(&self) -> Counts {
        let mut state = self.lock();
        state.end_phase();
        state.counts.clone()
    }

    fn lock(&self) -> MutexGuard<'_, CounterState> {
        self.state.lock().unwrap_or_else(|held| held.into_inner())
    }
}

impl CounterState {
    fn end_phase(&mut self) {
        if let Some((phase, since)) = self.phase.take() {
            *self.counts.seconds.entry(phase).or_default() += since.elapsed().as_secs_f64();
        }
    }

    fn titles(&mut self, kind: Kind, outcome: TitleOutcome, number: TitleCount) {
        let outcomes = self.counts.titles.entry(kind.as_str()).or_default();
        *outcomes.entry(outcome.as_str()).or_default() += number.titles;
        let by = match outcome {
            TitleOutcome::Filtered(by) => Some(by),
            TitleOutcome::Empty => None,
            _ => return,
        };
        *self.counts.unwanted.entry((kind, by)).or_default() += number.entries;
    }

    /// Remembers a title's folder that moves: files have a phase of their own.
    fn moved(&mut self, file: &FileEvent<'_>) {
        let is_folder = matches!(self.phase, Some((Phase::Move, _)));
        let is_moved = matches!(file.reason, Reason::FolderMoved | Reason::DryRunMove);
        let Some(from) = file.from else { return };
        if !(is_folder && is_moved) {
            return;
        }
        self.counts.moved_folders += 1;
        if self.counts.moves.len() < NAMED_TITLES {
            self.counts.moves.push(MovedFolder { from: from.to_owned(), to: file.path.to_owned() });
        }
    }

    fn title(&mut self, title: &TitleEvent<'_>) {
        self.titles(title.title.kind, title.outcome, TitleCount::one(title.entries));
        let is_gone = matches!(title.outcome, TitleOutcome::Removed | TitleOutcome::WouldRemove);
        if is_gone && self.counts.removals.len() < NAMED_TITLES {
            self.counts.removals.extend(title.folder.map(str::to_owned));
        }
    }

    fn file(&mut self, file: &FileEvent<'_>) {
        self.moved(file);
        let reasons = self.counts.files.entry(file.action.as_str()).or_default();
        *reasons.entry(file.reason.as_str()).or_default() += 1;
        if matches!(file.reason, Reason::Created | Reason::Updated) {
            // Scripts find both numbers where either is.
            for reason in [Reason::Created, Reason::Updated] {
                reasons.entry(reason.as_str()).or_default();
            }
        }
        if file.action == Action::Error {
            self.counts.problem_count += 1;
            if self.counts.problems.len() < NAMED_PROBLEMS {
                let detail = file.detail.unwrap_or(file.reason.as_str());
                self.counts.problems.push(format!("{}: {detail}", file.title.name));
            }
        }
    }
}

impl Observer for Tally {
    fn event(&self, event: &Event<'_>) {
        let mut state = self.lock();
        match event {
            Event::Phase(phase, _) => {
                state.end_phase();
                state.phase = Some((*phase, Instant::now()));
            }
            Event::File(file) => state.file(file),
            Event::Titles(kind, outcome, number) => state.titles(*kind, *outcome, *number),
            Event::Title(title) => state.title(title),
            Event::Warning(text) => state.counts.warnings.push((*text).to_owned()),
            Event::Held(held) => state.counts.held.push(Held::from(*held)),
            Event::Entries(entries) => state.counts.entries = EntryReport::new((*entries).clone()),
            Event::Untouched => state.counts.untouched = true,
            Event::RunStarted(_) | Event::RunFinished(..) => {}
            Event::Stamps(_) | Event::Asked(_) | Event::Workers(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scripts read them in `--json`: they stay, whatever the phases are called inside.
    #[test]
    fn the_words_of_phases_stay() {
        let tally = Tally::default();
        for phase in [Phase::Stamps, Phase::Write, Phase::Cleanup] {
            tally.event(&Event::Phase(phase, None));
        }
        let counts = serde_json::to_value(tally.finish()).unwrap();
        for word in ["stamps", "write", "sweep"] {
            assert!(counts["seconds"][word].is_number(), "{word}: {counts}");
        }
    }
}
