//! Counts what happened: the base of the summary, of `--json`, and of the exit status.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use serde::Serialize;
use vod2strm_core::event::{Action, Event, FileEvent, Observer, Phase, TitleOutcome};
use vod2strm_core::media::Kind;

use crate::error::held_hint;

/// How many problems are named; all are counted.
const NAMED_PROBLEMS: usize = 20;

/// What a run did, in numbers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// Nobody wrote to the source since a run that left nothing to do: it was not read.
    pub untouched: bool,
    /// Titles by kind and outcome.
    pub titles: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// Files by action and reason. Files of unchanged titles are not looked at and not counted.
    pub files: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// The first problems, in words.
    pub problems: Vec<String>,
    /// How many problems there were.
    pub problem_count: u64,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// Removals that wait for a person.
    pub held: Vec<Held>,
    /// Seconds by phase.
    pub seconds: BTreeMap<Phase, f64>,
}

/// Removals that wait for a person.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// Why.
    pub reason: String,
    /// How many titles are concerned.
    pub titles: u64,
    /// What a person can do about it.
    pub advice: &'static str,
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
    state: Mutex<State>,
}

struct State {
    counts: Counts,
    phase: Option<(Phase, Instant)>,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally { state: Mutex::new(State { counts: Counts::default(), phase: None }) }
    }
}

impl Tally {
    /// Forgets what was counted: the work begins anew.
    pub fn reset(&self) {
        let warnings = std::mem::take(&mut self.lock().counts.warnings);
        *self.lock() = State { counts: Counts { warnings, ..Counts::default() }, phase: None };
    }

    /// The counts at the end of a run.
    pub fn finish(&self) -> Counts {
        let mut state = self.lock();
        state.end_phase();
        state.counts.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|held| held.into_inner())
    }
}

impl State {
    fn end_phase(&mut self) {
        if let Some((phase, since)) = self.phase.take() {
            *self.counts.seconds.entry(phase).or_default() += since.elapsed().as_secs_f64();
        }
    }

    fn file(&mut self, file: &FileEvent<'_>) {
        let reasons = self.counts.files.entry(file.action.as_str()).or_default();
        *reasons.entry(file.reason.as_str()).or_default() += 1;
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
            Event::Titles(kind, outcome, number) => {
                let outcomes = state.counts.titles.entry(kind.as_str()).or_default();
                *outcomes.entry(outcome.as_str()).or_default() += number;
            }
            Event::Otherwise(kind, outcome, number) => {
                let outcomes = state.counts.titles.entry(kind.as_str()).or_default();
                let told = outcomes.entry(outcome.as_str()).or_default();
                *told = told.saturating_sub(*number);
            }
            Event::Warning(text) => state.counts.warnings.push((*text).to_owned()),
            Event::Held(hold, titles) => state.counts.held.push(Held {
                reason: hold.to_string(),
                titles: *titles,
                advice: held_hint(hold),
            }),
            Event::Untouched => state.counts.untouched = true,
            Event::Stamps(_) | Event::Asked(_) | Event::Workers(_) => {}
        }
    }
}
