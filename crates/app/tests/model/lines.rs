//! Titles that the user names: `block`, `pick` and `choose`.

use vod2strm_core::model::media::Kind;
use vod2strm_core::select::lines::TitleLines;
use vod2strm_core::select::own::TitlePreferences;
use vod2strm_testkit::home::text;
use vod2strm_testkit::schema::Movie;

use crate::counts::Photo;
use crate::people::EDITED;
use crate::played::tree_of;
use crate::{World, pick};

/// What must be true of movies after the next run, by their UUIDs.
#[derive(Debug, Default)]
pub struct Named {
    /// They are played.
    come: Vec<String>,
    /// They are not.
    gone: Vec<String>,
}

/// What `choose` prefers, in turn.
const PREFERRED: [&str; 3] = ["account == Gamma", "quality >= 1080p", "language == de"];

/// The line that names a movie by its TMDB id.
fn line(row: &Movie) -> Option<String> {
    let id = row.tmdb_id.as_deref()?;
    id.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("movie:tmdb:{id}"))
}

fn lines(line: &str) -> TitleLines {
    TitleLines::new(vec![line.parse().unwrap()])
}

impl World<'_> {
    /// Some movie that a line can name, and that line.
    fn some_named(&mut self, at: usize) -> Option<(Movie, String)> {
        let mut named: Vec<Movie> =
            self.catalogue.movies.iter().filter(|row| line(row).is_some()).cloned().collect();
        let row = pick(&mut named, at)?.clone();
        line(&row).map(|line| (row, line))
    }

    /// Whether an entry is a title for itself, which somebody offers.
    fn is_alone(&self, row: &Movie) -> bool {
        self.titles_now().contains(&vec![(Kind::Movie, row.id)])
    }

    /// A title is blocked in the night before. What is wanted stays for the grace and goes then, as by a filter.
    pub fn block(&mut self, at: usize) {
        let Some((row, line)) = self.some_named(at) else { return };
        let is_wanted = self.wanted()(&row.uuid) && self.is_alone(&row);
        self.policy.choice.block = lines(&line);
        let report = self.run(&[]);
        self.check(&report);
        if is_wanted {
            let is_there = self.is_played(&row.uuid) || self.excused(&report) > 0;
            assert!(is_there, "{line} is blocked, and went before the grace was over: {report}");
            self.named_lines.gone.push(row.uuid);
        }
    }

    /// A title is picked; now and then the one that is blocked.
    pub fn pick_title(&mut self, at: usize) {
        let blocked = self.policy.choice.block.iter().next().map(|it| it.as_str().to_owned());
        let is_blocked = |row: &&Movie| line(row).is_some_and(|it| Some(it) == blocked);
        let blocked_row = self.catalogue.movies.iter().find(is_blocked).cloned();
        let some = match (at.is_multiple_of(3), blocked_row) {
            (true, Some(row)) => line(&row).map(|line| (row, line)),
            _ => self.some_named(at),
        };
        let Some((row, line)) = some else { return };
        self.policy.choice.pick = lines(&line);
        let is_offered = self.titles_now().iter().flatten().any(|it| *it == (Kind::Movie, row.id));
        if Some(line) == blocked || !is_offered {
            // What is off, or blocked, no line lets in.
            if !self.is_played(&row.uuid) {
                self.named_lines.gone.push(row.uuid);
            }
        } else if self.is_alone(&row) {
            self.named_lines.come.push(row.uuid);
        }
    }

    /// Another stream of a title is the better one.
    pub fn choose_stream(&mut self, at: usize) {
        let Some((_, line)) = self.some_named(at) else { return };
        let text = format!("{line} = {}", PREFERRED[at % PREFERRED.len()]);
        self.policy.choice.choose = TitlePreferences::new(vec![text.parse().unwrap()]);
    }

    /// No title is named any more.
    pub fn forget_lines(&mut self) {
        let choice = &mut self.policy.choice;
        (choice.block, choice.pick, choice.choose) = Default::default();
    }

    /// The flags that say so.
    pub fn lines_as_flags(&self) -> Vec<String> {
        let choice = &self.policy.choice;
        let of = |flag: &str, text: &str| [flag.to_owned(), text.to_owned()];
        let block = choice.block.iter().flat_map(|line| of("--block", line.as_str()));
        let pick = choice.pick.iter().flat_map(|line| of("--pick", line.as_str()));
        let choose = choice.choose.texts().flat_map(|text| of("--choose", text));
        block.chain(pick).chain(choose).collect()
    }

    /// What the user names is there, or not, where nothing is in the way.
    pub fn check_lines(&mut self, report: &serde_json::Value) {
        let Named { come, gone } = std::mem::take(&mut self.named_lines);
        let is_held = report["held"].as_array().is_some_and(|held| !held.is_empty());
        if is_held || report["problem_count"] != 0 {
            return;
        }
        for uuid in come {
            assert!(self.is_played(&uuid), "{uuid} is picked and not played: {report}");
        }
        let tree = tree_of(&self.home);
        let strms = tree.iter().filter(|(path, _)| path.ends_with(".strm"));
        let mut played: Vec<String> = strms.map(|(_, content)| text(content)).collect();
        played.retain(|content| !self.orphans.contains_key(content));
        for uuid in gone {
            let is_played = played.iter().any(|content| content.contains(&uuid[8..]));
            assert!(!is_played, "{uuid} is blocked or off, and played: {report}");
        }
    }

    /// Nothing comes that the user does not want.
    pub fn check_new(&self, before: &Photo, report: &serde_json::Value) {
        let wanted = self.wanted_tree();
        let tree = tree_of(&self.home);
        let strms = tree.iter().filter(|(path, _)| path.ends_with(".strm"));
        let new = strms.filter(|(_, it)| !before.contents.contains_key(&text(it)));
        for (path, content) in new.filter(|(_, it)| *it != EDITED) {
            let is_wanted = wanted.values().any(|it| it == content);
            assert!(is_wanted, "{path} came and is not wanted: {} {report}", text(content));
        }
    }
}
