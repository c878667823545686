//! Progress: a bar on a terminal, a line now and then elsewhere. Both on standard error.

use std::fmt;
use std::io::{IsTerminal, Write, stderr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_engine::host::Listener;

use crate::secrets::SECRETS;

/// How often a line is printed where no bar can be.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The listener that shows progress; the right one for standard error.
pub fn progress() -> Box<dyn Listener> {
    if stderr().is_terminal() { Box::new(Bar::new()) } else { Box::new(PlainLines::new()) }
}

/// A bar: phase, titles, titles per second, workers.
struct Bar {
    bar: ProgressBar,
    /// Series are asked for: what is written of them is no progress of its own.
    is_asking: AtomicBool,
}

impl Bar {
    fn new() -> Bar {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(120));
        Bar { bar, is_asking: AtomicBool::new(false) }
    }

    fn begin(&self, phase: Phase, total: Option<u64>) {
        self.is_asking.store(phase == Phase::Refresh, Ordering::Relaxed);
        self.bar.reset();
        self.bar.set_length(total.unwrap_or(0));
        self.bar.set_message(phase.as_str());
        let template = match total {
            Some(_) => "{spinner} {msg} [{bar:20}] {pos}/{len}{rate}{left}{prefix}",
            None => "{spinner} {msg}{count}{rate}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let style = style.with_key("rate", write_rate).with_key("count", write_count);
            let style = style.with_key("left", write_left);
            self.bar.set_style(style.progress_chars("=> "));
        }
    }
}

fn write_rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    if state.pos() > 0 {
        let _ = write!(out, " titles, {}/s", rate(state.per_sec()));
    }
}

/// How long the rest takes; nobody knows before the first title is done.
fn write_left(state: &ProgressState, out: &mut dyn fmt::Write) {
    let rest = state.len().unwrap_or(0).saturating_sub(state.pos());
    if state.pos() > 0 {
        let _ = out.write_str(&left(rest, state.per_sec()));
    }
}

fn write_count(state: &ProgressState, out: &mut dyn fmt::Write) {
    if state.pos() > 0 {
        let _ = write!(out, " {}", state.pos());
    }
}

impl Listener for Bar {}

impl Observer for Bar {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Phase(phase, total) => self.begin(*phase, *total),
            Event::Stamps(number) => self.bar.inc(*number),
            Event::Title(_) if !self.is_asking.load(Ordering::Relaxed) => self.bar.inc(1),
            Event::Asked(number) => self.bar.inc(*number),
            Event::Workers(number) => self.bar.set_prefix(format!(", {number} at a time")),
            Event::Warning(text) => self.bar.println(format!("warning: {}", SECRETS.shown(text))),
            Event::File(_)
            | Event::Titles(..)
            | Event::Title(_)
            | Event::RunStarted(_)
            | Event::RunFinished(..)
            | Event::Held(..)
            | Event::Entries(_)
            | Event::Untouched => {}
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Plain lines.
struct PlainLines {
    state: Mutex<LineState>,
}

struct LineState {
    phase: Phase,
    total: Option<u64>,
    done: u64,
    workers: usize,
    began: Instant,
    printed: Instant,
}

impl PlainLines {
    fn new() -> PlainLines {
        let now = Instant::now();
        let (phase, total, done, workers) = (Phase::Open, None, 0, 0);
        PlainLines {
            state: Mutex::new(LineState { phase, total, done, workers, began: now, printed: now }),
        }
    }
}

impl LineState {
    fn begin(&mut self, phase: Phase, total: Option<u64>) {
        let now = Instant::now();
        *self =
            LineState { phase, total, done: 0, workers: self.workers, began: now, printed: now };
        match total {
            Some(0) => {}
            Some(total) => say(&format!("{}: {total} to do", phase.as_str())),
            None => say(phase.as_str()),
        }
    }

    fn advance(&mut self, number: u64) {
        self.done += number;
        if self.printed.elapsed() < LINE_EVERY {
            return;
        }
        self.printed = Instant::now();
        let per_second = self.done as f64 / self.began.elapsed().as_secs_f64();
        let of = self.total.map_or(String::new(), |total| format!(" of {total}"));
        let at = match self.workers {
            0 => String::new(),
            workers => format!(", {workers} at a time"),
        };
        let left = self
            .total
            .map_or(String::new(), |total| left(total.saturating_sub(self.done), per_second));
        let rate = rate(per_second);
        say(&format!("{}: {}{of} titles, {rate}/s{at}{left}", self.phase.as_str(), self.done));
    }
}

impl Listener for PlainLines {}

impl Observer for PlainLines {
    fn event(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(|held| held.into_inner());
        match event {
            Event::Phase(phase, total) => state.begin(*phase, *total),
            Event::Stamps(number) => state.advance(*number),
            Event::Title(_) if state.phase != Phase::Refresh => state.advance(1),
            Event::Asked(number) => state.advance(*number),
            Event::Workers(number) => state.workers = *number,
            Event::Warning(text) => say(&format!("warning: {}", SECRETS.shown(text))),
            Event::File(_)
            | Event::Titles(..)
            | Event::Title(_)
            | Event::RunStarted(_)
            | Event::RunFinished(..)
            | Event::Held(..)
            | Event::Entries(_)
            | Event::Untouched => {}
        }
    }
}

/// With a decimal where a few make a difference.
fn rate(per_second: f64) -> String {
    if per_second < 10.0 { format!("{per_second:.1}") } else { format!("{per_second:.0}") }
}

/// How long the rest takes at this rate.
fn left(rest: u64, per_second: f64) -> String {
    let seconds = rest as f64 / per_second;
    match seconds {
        _ if rest == 0 || per_second <= 0.0 => String::new(),
        _ if seconds < 90.0 => format!(", {seconds:.0} s left"),
        _ => format!(", {:.0} min left", seconds / 60.0),
    }
}

/// A closed standard error is no reason to fail.
fn say(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}
