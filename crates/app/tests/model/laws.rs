//! The laws that hold all along.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use vod2strm_core::model::media::Kind;
use vod2strm_core::naming::library_root;
use vod2strm_core::policy::NfoDetail;
use vod2strm_testkit::home::{ALL_FETCHED, assert_safe_paths, text};
use vod2strm_testkit::readings::joined_shows;

use crate::World;
use crate::counts::Photo;
use crate::people::EDITED;
use crate::played::tree_of;

/// What `Home::stamps` gives.
type Stamps = BTreeMap<PathBuf, (i64, i64, u64, bool)>;

/// What the `.strm` files of a tree play.
fn addresses(tree: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<String> {
    let strms = tree.into_iter().filter(|(path, _)| path.ends_with(".strm"));
    strms.map(|(_, content)| text(&content)).collect()
}

impl World<'_> {
    /// No file of the user's is lost or changed. None but a companion or an NFO that the user edited gets
    /// another name, and what was there before us stays where it is.
    fn check_theirs(&mut self, tree: &BTreeMap<String, Vec<u8>>, report: &serde_json::Value) {
        let paths: BTreeMap<&Vec<u8>, &String> =
            tree.iter().map(|(path, content)| (content, path)).collect();
        for (theirs, name) in &mut self.theirs {
            let Some(path) = paths.get(theirs) else {
                panic!("lost: {} {report}", text(theirs));
            };
            let now = path.rsplit_once('/').map_or(path.as_str(), |(_, name)| name);
            if name.ends_with(".jpg") {
                assert_eq!(now, name, "{path} was renamed: {report}");
            }
            if name.ends_with(".srt") && now != name {
                // Its `.strm` may go in the same run.
                let is_told = !report["files"]["moved"].is_null();
                assert!(is_told, "{name} got another name: {path} {report}");
            }
            now.clone_into(name);
        }
        for (path, content) in &self.settled {
            assert_eq!(tree.get(path), Some(content), "{path} is the user's {report}");
        }
    }

    /// What holds after every run.
    pub fn check(&mut self, report: &serde_json::Value) {
        let tree = tree_of(&self.home);
        let contents: BTreeSet<&Vec<u8>> = tree.values().collect();
        self.check_theirs(&tree, report);
        // What no ledger knows is like the user's: a name that differs from it in case alone is another name here.
        let held: BTreeSet<String> = self.held().into_iter().map(|(_, path)| path).collect();
        let is_orphan = |content: &Vec<u8>| self.orphans.contains_key(&text(content));
        let ours = tree.iter().filter(|(path, it)| held.contains(*path) || !is_orphan(it));
        assert_safe_paths(ours.map(|(path, _)| path));
        let missing: Vec<String> = self
            .wanted_tree()
            .into_iter()
            .filter(|(path, content)| path.ends_with(".strm") && !contents.contains(content))
            .map(|(path, content)| format!("{path}: {}", text(&content)))
            .collect();
        assert!(
            missing.len() <= self.excused(report),
            "nothing plays {missing:#?} {report} {:#?}",
            tree.iter()
                .filter(|(path, _)| path.ends_with(".strm"))
                .map(|(path, content)| format!("{path}: {}", text(content)))
                .collect::<Vec<_>>()
        );
        self.check_named(report);
        self.check_labels(report);
        self.check_shows(report);
        self.check_held(report);
    }

    /// No folder is labelled with the number of a stream.
    fn check_labels(&self, report: &serde_json::Value) {
        let movies = self.catalogue.movie_relations.iter();
        let movies = movies.map(|row| format!(" [{}-{}]", row.account_id, row.stream_id));
        let series = self.catalogue.series_relations.iter();
        let series = series.map(|row| format!(" [{}-{}]", row.account_id, row.external_series_id));
        let labels: BTreeSet<String> = movies.chain(series).collect();
        let folders: BTreeSet<String> =
            self.held().into_iter().filter_map(|(folder, _)| folder).collect();
        let label = |folder: &str| folder.rfind(" [").map(|at| folder[at..].to_owned());
        let labelled = folders.iter().find(|it| label(it).is_some_and(|it| labels.contains(&it)));
        assert_eq!(labelled, None, "{report}");
    }

    /// No server makes one show of two series.
    fn check_shows(&self, report: &serde_json::Value) {
        if self.policy.layout.is_classic() {
            return;
        }
        let (mut tree, stuck) = (tree_of(&self.home), self.stuck());
        let ours = self.paths("f.key = 'tvshow.nfo' AND f.gone IS NULL");
        tree.retain(|path, nfo| {
            ours.contains_key(path) && !stuck.contains_key(path) && !self.is_the_users(nfo)
        });
        assert_eq!(joined_shows(&tree), [], "a server makes one show of two: {report}");
    }

    /// How many files may be missing: where something stands in the way of one, the run says so.
    pub fn excused(&self, report: &serde_json::Value) -> usize {
        let tree = tree_of(&self.home);
        let unknown = tree.values().filter(|content| self.orphans.contains_key(&text(content)));
        let in_the_way = self.obstacles().len() + unknown.count();
        in_the_way.min(report["problem_count"].as_u64().unwrap() as usize)
    }

    /// What a run left that did not know its own files: those that nothing wants are like the user's, and stay.
    pub fn note_orphans(&mut self, before: &Photo, report: &serde_json::Value) {
        let warnings = report["warnings"].to_string();
        let is_tree_older = warnings.contains("older than its ledger");
        if !is_tree_older && !warnings.contains("the ledger was lost") {
            return;
        }
        // A folder is taken over by what it plays, whatever its name.
        self.named.clear();
        let wanted = addresses(self.wanted_tree());
        for (content, count) in &before.contents {
            // What is wanted is known again where nothing else plays its title. Not so in an older tree, where the
            // ledger knows it in another place. Not so an NFO, either: an NFO is known only if the catalogue still says
            // the same.
            let is_one_known =
                !is_tree_older && wanted.contains(content) && self.plays_alone(content, before);
            let rest = count - usize::from(is_one_known);
            if rest > 0 && !self.is_the_users(content.as_bytes()) {
                let most = self.orphans.entry(content.clone()).or_default();
                *most = rest.max(*most);
            }
        }
    }

    /// Whether no other content of that time plays the movie, or the episode, that this one plays. The UUID is that of
    /// today, or one from before all rows were created anew.
    fn plays_alone(&self, content: &str, before: &Photo) -> bool {
        let movies = self.catalogue.movies.iter().map(|row| &row.uuid);
        let mut uuids = movies.chain(self.catalogue.episodes.iter().map(|row| &row.uuid));
        uuids.find(|uuid| content.contains(&uuid[8..])).is_some_and(|uuid| {
            before.contents.keys().filter(|other| other.contains(&uuid[8..])).count() == 1
        })
    }

    /// All that the catalogue has is played, once, and besides it nothing but what no ledger knew.
    fn check_all_is_played(&self, report: &serde_json::Value) {
        let mut ours = tree_of(&self.home);
        ours.retain(|_, content| !self.theirs.contains_key(content) && content != EDITED);
        // Of a title that has a problem nothing goes until it is right, and what cannot have its new name plays what
        // it played.
        let stuck = self.stuck();
        ours.retain(|path, _| stuck.get(path) != Some(&true));
        let older =
            addresses(ours.clone().into_iter().filter(|(path, _)| stuck.contains_key(path)));
        let mut ours = addresses(ours);
        let mut missing = addresses(self.wanted_tree());
        missing.retain(|address| {
            let at = ours.iter().position(|played| played == address);
            at.map(|at| ours.remove(at)).is_none()
        });
        assert!(missing.len() <= self.excused(report), "nothing plays {missing:#?} {report}");
        let mut surplus: BTreeMap<String, usize> = BTreeMap::new();
        ours.into_iter().for_each(|address| *surplus.entry(address).or_default() += 1);
        for (address, count) in surplus {
            let known = self.orphans.get(&address).copied().unwrap_or(0);
            let known = known + older.iter().filter(|older| **older == address).count();
            assert!(count <= known, "{count} files more than {known} play {address}");
        }
    }

    /// The files of titles that have a problem: paths below the output folder, and whether nothing wants them any
    /// more.
    pub fn stuck(&self) -> BTreeMap<String, bool> {
        self.paths("t.problem IS NOT NULL")
    }

    /// The ledger's files of which this is true: paths below the output folder, and whether nothing wants them.
    fn paths(&self, which: &str) -> BTreeMap<String, bool> {
        let sql = format!(
            "SELECT t.kind, t.folder, f.path, f.gone IS NOT NULL FROM titles t
            JOIN files f ON f.title = t.id WHERE {which}"
        );
        let ledger = self.ledger();
        let mut rows = ledger.prepare(&sql).unwrap();
        let path = |row: &rusqlite::Row<'_>| {
            let (kind, folder, path): (String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let kind = Kind::ALL.into_iter().find(|it| it.as_str() == kind).unwrap();
            Ok((format!("{}/{folder}/{path}", library_root(kind)), row.get(3)?))
        };
        rows.query_map([], path).unwrap().map(Result::unwrap).collect()
    }

    /// What holds in the end, when all that was held may go.
    pub fn settle(&mut self) {
        self.clear_the_way();
        self.run(&["--full"]);
        // What the provider has no more, a refresh does not bring back.
        self.ledger().execute_batch(ALL_FETCHED).unwrap();
        let mut report = serde_json::Value::Null;
        for _ in 0..3 {
            report = self.run(&["--grace", "0", "--allow-removals", "--relayout"]);
            self.check(&report);
        }
        if self.policy.nfo == NfoDetail::Off {
            let is_ours = |content: &Vec<u8>| {
                !self.theirs.contains_key(content) && !self.orphans.contains_key(&text(content))
            };
            // One whose .strm somebody edited stays beside that when its title goes.
            let kept = self.paths("f.cause IS 'kept'");
            let mut tree = tree_of(&self.home).into_iter();
            let nfo = tree.find(|(path, nfo)| {
                path.ends_with(".nfo") && is_ours(nfo) && !kept.contains_key(path)
            });
            assert_eq!(nfo.map(|(path, _)| path), None, "NFOs are switched off");
        }
        self.check_all_is_played(&report);
        let before = self.home.stamps();
        let had_problems = report["problem_count"] != 0;
        let report = self.run(&["--grace", "0", "--allow-removals"]);
        assert_eq!(report["files"]["written"], serde_json::Value::Null, "{report}");
        assert_eq!(report["files"]["deleted"], serde_json::Value::Null, "{report}");
        // Who finds something in the way has begun to write, and notes that in its own folder.
        let own = self.home.output().join(".vod2strm");
        let is_begun = report["problem_count"] != 0;
        let stamps = |mut stamps: Stamps| {
            stamps.retain(|path, _| !is_begun || !path.starts_with(&own));
            stamps
        };
        let (before, after) = (stamps(before), stamps(self.home.stamps()));
        assert_eq!(after, before, "the second run's plan is empty: {report}");
        self.check_stock(&report, had_problems);
    }
}
