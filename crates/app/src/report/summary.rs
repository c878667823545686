//! The summary: what a run did, in the words of a person, as one JSON object, and as a line of the log.

use std::fmt::Write as _;

use vod2strm_core::event::{Action, TitleOutcome};
use vod2strm_core::model::media::Kind;
use vod2strm_core::select::Choice;
use vod2strm_core::text::{counted, printable};
use vod2strm_engine::config::{Cleanup, LibraryConfig};
use vod2strm_engine::fetched::{RefreshReport, Stopped, left_for_later};
use vod2strm_engine::outcome::Outcome;
use vod2strm_engine::read::select::Matches;

/// What a run of a library did, for people and programs.
pub struct Summary<'a> {
    /// What it did.
    pub outcome: &'a Outcome,
    /// The library.
    pub library: &'a LibraryConfig,
}

impl Summary<'_> {
    /// One JSON object, with a line end.
    pub fn json(&self) -> String {
        Outcome { peak_memory_bytes: peak_memory(), ..self.outcome.clone() }.json()
    }

    /// The run in one line of the log.
    pub fn log(&self) {
        let kinds = Kind::ALL.map(|kind| self.kind_line(kind).unwrap_or_default());
        let refresh = self.outcome.refresh.as_ref();
        tracing::info!(
            status = self.outcome.status as u8,
            dry_run = self.outcome.dry_run,
            seconds = self.outcome.counts.seconds.values().sum::<f64>(),
            source = self.outcome.source,
            output = self.outcome.output,
            movies = kinds[0],
            series = kinds[1],
            files = self.files_line(),
            fetched = refresh.map(|it| it.fetched),
            fetch_failed = refresh.map(|it| it.failed.values().sum::<u64>()),
            held = self.outcome.counts.held.len(),
            warnings = self.outcome.counts.warnings.len(),
            sql_statements = self.outcome.sql_statements,
            peak_memory_bytes = peak_memory(),
            error = self.outcome.error,
            "run"
        );
    }

    /// What was done, in one line for a person.
    pub fn line(&self) -> String {
        let kinds = Kind::ALL.into_iter().filter_map(|kind| self.kind_line(kind));
        let seconds = self.outcome.counts.seconds.values().sum::<f64>();
        let all: Vec<String> = kinds.chain([format!("files: {}", self.files_line())]).collect();
        format!("{}; {seconds:.1} s", all.join("; "))
    }

    /// The summary for a person.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let dry = if self.outcome.dry_run { " (dry run: nothing was written)" } else { "" };
        let _ = writeln!(text, "{}{dry}:", printable(&self.outcome.output));
        for kind in Kind::ALL {
            if let Some(line) = self.kind_line(kind) {
                let _ = writeln!(text, "  {line}");
            }
        }
        let _ = writeln!(text, "Files: {}.", self.files_line());
        if self.outcome.says_more && self.updated() > 0 {
            let _ = writeln!(
                text,
                "NFOs may be updated this once because this version says more in them than the one before."
            );
        }
        if self.outcome.counts.untouched {
            let _ = writeln!(text, "The catalogue was not touched since the last run.");
        }
        let left_out: Vec<_> = self.outcome.counts.entries.lines().collect();
        if !left_out.is_empty() {
            let _ = writeln!(text, "Left out:");
            for (_, line) in left_out {
                let _ = writeln!(text, "  {line}");
            }
        }
        if let Some(filter) = &self.outcome.filter {
            let Matches { titles, wanted, parts, .. } = filter;
            let are = counted(*titles, "title is", "titles are");
            let _ = match self.deciders().as_str() {
                _ if parts.is_empty() => writeln!(text, "{wanted} of {are} wanted."),
                "filter" => {
                    let titles = counted(*titles, "title", "titles");
                    writeln!(text, "The filter lets {wanted} of {titles} through; by itself,")
                }
                several => {
                    writeln!(text, "{wanted} of {are} wanted by {several}; by itself,")
                }
            };
            for part in parts {
                let _ = writeln!(text, "  {} matches {}", printable(&part.part), part.titles);
            }
        }
        if let Some(refresh) = &self.outcome.refresh {
            self.episodes(&mut text, refresh);
        }
        self.removals(&mut text);
        self.notes(&mut text);
        self.next_step(&mut text);
        let seconds: f64 = self.outcome.counts.seconds.values().sum();
        let statements = match self.outcome.sql_statements {
            0 => String::new(),
            number => format!(", {number} SQL statements"),
        };
        let _ = writeln!(text, "Took {seconds:.1} s{statements}.");
        text
    }

    /// What says which titles are wanted: `filter, block and pick`.
    fn deciders(&self) -> String {
        let Choice { filter, block, pick, .. } = &self.library.policy.choice;
        let all = [
            ("filter", filter.is_some()),
            ("block", !block.is_empty()),
            ("pick", !pick.is_empty()),
        ];
        let all: Vec<&str> = all.into_iter().filter(|(_, is_set)| *is_set).map(|it| it.0).collect();
        match all.split_last() {
            Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => all.concat(),
        }
    }

    /// What came of asking for episodes; of a dry run, what would be asked for.
    fn episodes(&self, text: &mut String, refresh: &RefreshReport) {
        let due: u64 = refresh.due.values().sum();
        let by_reason = |(why, number): (&&str, &u64)| format!("{number} {why}");
        let reasons: Vec<String> = refresh.due.iter().map(by_reason).collect();
        let reasons = if due == 0 { String::new() } else { format!(" ({})", reasons.join(", ")) };
        if self.outcome.dry_run {
            let least = duration(refresh.seconds_at_least);
            let _ = writeln!(
                text,
                "Episodes: {due} series would be asked for{reasons}, in {least} at least."
            );
            for name in &refresh.first {
                let _ = writeln!(text, "  {}", printable(name));
            }
            let more = due.saturating_sub(refresh.first.len() as u64);
            if more > 0 {
                let _ = writeln!(text, "  and {more} more");
            }
        } else {
            let failed: u64 = refresh.failed.values().sum();
            let RefreshReport { fetched, episodes, empty, .. } = refresh;
            let _ = writeln!(
                text,
                "Episodes: {}{reasons}: {fetched} fetched, with {}; {empty} without any, {failed} failed.",
                counted(due, "series was due", "series were due"),
                counted(*episodes, "episode", "episodes"),
            );
        }
        if refresh.new + refresh.changed > 0 {
            let RefreshReport { new, changed, .. } = refresh;
            let _ = writeln!(text, "  series: {new} new, {changed} changed by what was fetched");
        }
        for (reason, number) in &refresh.failed {
            let _ = writeln!(text, "  {number} failed: {}", printable(reason));
        }
        for Stopped { name, left, why, .. } in &refresh.stopped {
            let _ = writeln!(text, "  {}: {}: {why}", printable(name), left_for_later(*left));
        }
        if refresh.waiting > 0 {
            let _ = writeln!(
                text,
                "  {} left alone for a while: no episodes, or failures.",
                counted(refresh.waiting, "series is", "series are")
            );
        }
    }

    /// Series that had nothing to play when the run read the source, and have their first files now.
    fn filled(&self) -> u64 {
        self.outcome.refresh.as_ref().map_or(0, |refresh| refresh.new)
    }

    /// After a first run: what to do with the folders that it made.
    fn next_step(&self, text: &mut String) {
        let get = |outcome| self.outcome.counts.titles(outcome);
        let is_first =
            get(TitleOutcome::New) + self.filled() > 0 && get(TitleOutcome::Unchanged) == 0;
        if !is_first || self.outcome.dry_run {
            return;
        }
        let roots = Kind::ALL.map(|kind| {
            let root = self.library.place.root(kind);
            std::path::absolute(&root).unwrap_or(root).display().to_string()
        });
        let made = Kind::ALL.into_iter().zip(&roots);
        let made =
            made.filter(|(kind, _)| self.outcome.counts.titles_of(*kind, TitleOutcome::New) > 0);
        let folders: Vec<String> = made
            .map(|(kind, root)| match kind {
                Kind::Movie => format!("{} (movies)", printable(root)),
                Kind::Series => format!("{} (shows)", printable(root)),
            })
            .collect();
        let _ = writeln!(text, "Now add {} to your media server.", folders.join(" and "));
    }

    /// What was found of a kind; only what this run looked at is counted.
    fn kind_line(&self, kind: Kind) -> Option<String> {
        use TitleOutcome as T;
        let name = match kind {
            Kind::Movie => "movies",
            Kind::Series => "series",
        };
        let new = if self.outcome.dry_run { "would be new" } else { "new" };
        let words = [
            (T::New, new),
            (T::Changed, "changed"),
            (T::Moved, "moved"),
            (T::Unchanged, "unchanged"),
            (T::Failed, "failed"),
        ];
        let parts: Vec<String> = words
            .into_iter()
            .map(|(outcome, word)| (self.outcome.counts.titles_of(kind, outcome), word))
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        let is_mentioned = self.outcome.counts.titles.contains_key(kind.as_str());
        let parts = if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
        is_mentioned.then(|| format!("{name}: {parts}"))
    }

    /// How many files there are for a reason, written or not.
    fn files_for(&self, wanted: &str) -> u64 {
        let all = [Action::Written, Action::Skipped];
        let all = all.into_iter().flat_map(|action| self.outcome.counts.files(action));
        all.filter(|(reason, _)| *reason == wanted).map(|(_, number)| number).sum()
    }

    /// How many files are updated, or would be.
    fn updated(&self) -> u64 {
        self.files_for(if self.outcome.dry_run { "dry_run_update" } else { "updated" })
    }

    fn files_line(&self) -> String {
        let sum = |action| self.outcome.counts.files(action).map(|(_, number)| number).sum::<u64>();
        if self.outcome.dry_run {
            return match (self.files_for("dry_run_create"), self.files_for("dry_run_update")) {
                (0, 0) => "nothing to write".to_owned(),
                (create, update) => format!("{create} would be created, {update} updated"),
            };
        }
        match sum(Action::Written) {
            0 => "nothing to write".to_owned(),
            _ => {
                let restored = match self.files_for("restored") {
                    0 => String::new(),
                    number => format!(", {number} restored"),
                };
                let (created, updated) = (self.files_for("created"), self.files_for("updated"));
                format!("{created} created, {updated} updated{restored}")
            }
        }
    }

    /// What moved, went, would go, waits and is held.
    fn removals(&self, text: &mut String) {
        let counts = &self.outcome.counts;
        let files = |action| counts.files(action).map(|(_, number)| number).sum::<u64>();
        let lines = [
            ("Removed", counts.titles(TitleOutcome::Removed), files(Action::Deleted)),
            ("Would remove", counts.titles(TitleOutcome::WouldRemove), files(Action::WouldDelete)),
        ];
        for (word, titles, files) in
            lines.into_iter().filter(|(_, titles, files)| titles + files > 0)
        {
            let files = counted(files, "file", "files");
            let titles = counted(titles, "title", "titles");
            let _ = writeln!(text, "{word}: {titles}, {files}.");
        }
        let would_go = counts.titles(TitleOutcome::WouldRemove);
        if would_go > 0 {
            list(text, counts.removals.iter().cloned(), would_go);
        }
        let moved = |reason: &str| {
            counts.files(Action::Moved).find(|(found, _)| *found == reason).map_or(0, |(_, n)| n)
        };
        let (folders, names) = (moved("folder"), moved("file"));
        if folders + names > 0 {
            let files = counted(names, "file", "files");
            let folders = counted(folders, "folder", "folders");
            let _ = writeln!(text, "Renamed: {folders}, {files}.");
        }
        let would_move =
            counts.files(Action::Skipped).find(|(reason, _)| *reason == "dry_run_move");
        if let Some((_, number)) = would_move {
            let folders = counted(counts.moved_folders, "folder", "folders");
            let files = counted(number.saturating_sub(counts.moved_folders), "file", "files");
            let _ =
                writeln!(text, "Would rename: {folders}, {files} (--report FILE.csv lists them).");
            let moves = counts.moves.iter().map(|moved| format!("{} -> {}", moved.from, moved.to));
            list(text, moves, counts.moved_folders);
        }
        let waiting = counts.titles(TitleOutcome::Waiting);
        if waiting > 0 {
            let titles = counted(waiting, "title", "titles");
            let _ = writeln!(
                text,
                "Waiting: {titles}; what is missing goes with a later run (--grace)."
            );
        }
        for held in &counts.held {
            let titles = held_titles(held.kind, held.titles);
            let id = held.id.as_ref().map_or(String::new(), |id| format!(" {id}"));
            let _ = writeln!(text, "HELD{id}: {titles}: {}.", printable(&held.reason));
            let _ = writeln!(text, "  try: {}", held.remedy);
        }
    }

    /// What needs attention, or explains a number that somebody may wonder about.
    fn notes(&self, text: &mut String) {
        for (number, one, more, rest) in self.remarks().into_iter().filter(|note| note.0 > 0) {
            let _ = writeln!(text, "Note: {}{rest}.", counted(number, one, more));
        }
        if self.outcome.has_logins {
            let _ = writeln!(
                text,
                "Note: the .strm files hold the login of your provider; who can read them can use it (see vod2strm doctor)."
            );
        }
        self.failures(text);
    }

    /// What a person can do about series that have no episodes.
    fn remedy_of_empty(&self) -> &'static str {
        let is_unasked = self.library.source.can_fetch_episodes() && self.outcome.refresh.is_none();
        let empty = self.outcome.counts.titles_of(Kind::Series, TitleOutcome::Empty);
        let lacks_episodes = empty > self.filled();
        if lacks_episodes && is_unasked {
            "; vod2strm refresh has Dispatcharr fetch episodes"
        } else {
            ""
        }
    }

    /// Numbers that somebody may wonder about, each with what is said of one, of more, and of both.
    fn remarks(&self) -> [(u64, &'static str, &'static str, &'static str); 8] {
        let counts = &self.outcome.counts;
        let file = |action, wanted: &str| {
            counts.files(action).find(|(reason, _)| *reason == wanted).map_or(0, |(_, n)| n)
        };
        let is_off = self.outcome.cleanup == Cleanup::Off.as_str();
        let stays = "(--cleanup preview says what would go)";
        [
            (
                counts.titles(TitleOutcome::Shared),
                "title shares",
                "titles share",
                " a folder of yours, which stays where it is, with all names in it",
            ),
            (
                counts.titles(TitleOutcome::Empty).saturating_sub(self.filled()),
                "title has nothing to play yet and got no folder",
                "titles have nothing to play yet and got no folder",
                self.remedy_of_empty(),
            ),
            (
                file(Action::Skipped, "no_active_relations"),
                "episode has",
                "episodes have",
                " no stream on an active account",
            ),
            (
                file(Action::Skipped, "no_url"),
                "title or episode has",
                "titles or episodes have",
                " no address that players open",
            ),
            (
                file(Action::Skipped, "user_edited"),
                "NFO file was edited by hand and is left as it is",
                "NFO files were edited by hand and are left as they are",
                "",
            ),
            (
                file(Action::Skipped, "not_ours"),
                "file or folder is not what was written, and stays",
                "files or folders are not what was written, and stay",
                "",
            ),
            (
                if is_off { file(Action::Skipped, "obsolete") } else { 0 },
                "file is no longer wanted; it stays ",
                "files are no longer wanted; they stay ",
                stays,
            ),
            (
                if is_off { counts.titles(TitleOutcome::Missing) } else { 0 },
                "title is no longer in the catalogue; it stays ",
                "titles are no longer in the catalogue; they stay ",
                stays,
            ),
        ]
    }

    /// What failed, and why.
    fn failures(&self, text: &mut String) {
        let counts = &self.outcome.counts;
        let failed = counts.titles(TitleOutcome::Failed);
        if failed > 0 {
            let said = counted(
                failed,
                "title FAILED, and is tried again next time",
                "titles FAILED, and are tried again next time",
            );
            let _ = writeln!(text, "{said}:");
            for problem in &counts.problems {
                let _ = writeln!(text, "  {}", printable(problem));
            }
            let more = counts.problem_count.saturating_sub(counts.problems.len() as u64);
            if more > 0 {
                let _ = writeln!(text, "  and {more} more; --report FILE.csv lists them all");
            }
        }
    }
}

/// Titles of a hold: `1 movie`, `3 series`.
pub fn held_titles(kind: &str, titles: u64) -> String {
    match kind {
        "movie" => counted(titles, "movie", "movies"),
        _ => counted(titles, "series", "series"),
    }
}

/// The first of several titles, a line each, and how many more there are.
fn list(text: &mut String, titles: impl ExactSizeIterator<Item = String>, all: u64) {
    let more = all.saturating_sub(titles.len() as u64);
    for title in titles {
        let _ = writeln!(text, "  {}", printable(&title));
    }
    if more > 0 {
        let _ = writeln!(text, "  and {more} more");
    }
}

/// Seconds for people.
fn duration(seconds: f64) -> String {
    match seconds {
        _ if seconds < 90.0 => format!("{seconds:.0} s"),
        _ if seconds < 5_400.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3_600.0),
    }
}

/// Peak memory of this process in bytes, where Linux tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
