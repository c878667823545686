//! The laws that hold all along.

use std::collections::{BTreeMap, BTreeSet};

use vod2strm_core::policy::NfoDetail;
use vod2strm_testkit::home::{ALL_FETCHED, assert_safe_paths, files, text};
use vod2strm_testkit::twin::twin;

use crate::World;

impl World<'_> {
    /// No file of the user's is lost or changed. None but a companion or an NFO that the user edited gets
    /// another name, and what was there before us stays where it is.
    fn check_theirs(&self, tree: &BTreeMap<String, Vec<u8>>, report: &serde_json::Value) {
        let names: BTreeMap<&Vec<u8>, &String> =
            tree.iter().map(|(path, content)| (content, path)).collect();
        for (theirs, name) in &self.theirs {
            let Some(path) = names.get(theirs) else {
                panic!("lost: {} {report}", text(theirs));
            };
            if name.ends_with(".jpg") {
                assert!(path.ends_with(name.as_str()), "{name} was renamed: {path} {report}");
            }
            if name.ends_with(".srt") {
                let strm = path.replace(".en.srt", ".strm");
                assert!(
                    path.ends_with(name.as_str()) || tree.contains_key(&strm),
                    "{name} is beside no `.strm`: {path} {report}"
                );
            }
        }
        for (path, content) in &self.settled {
            assert_eq!(tree.get(path), Some(content), "{path} is the user's {report}");
        }
    }

    /// What holds after every run.
    pub fn check(&self, report: &serde_json::Value) {
        let tree = self.home.tree();
        let contents: BTreeSet<&Vec<u8>> = tree.values().collect();
        self.check_theirs(&tree, report);
        assert_safe_paths(tree.keys());
        let missing: Vec<String> = twin(&self.catalogue, &self.policy)
            .into_iter()
            .filter(|(path, content)| path.ends_with(".strm") && !contents.contains(content))
            .map(|(path, _)| path)
            .collect();
        // Where something stands in the way of a file, the run says so.
        let excused =
            self.obstacles().len().min(report["problem_count"].as_u64().unwrap() as usize);
        assert!(
            missing.len() <= excused,
            "nothing plays {missing:#?} {report} {:#?}",
            tree.keys().collect::<Vec<_>>()
        );
    }

    /// What holds in the end, when all that was held may go.
    pub fn settle(&mut self) {
        self.clear_the_way();
        self.run(&["--full"]);
        // What the provider has no more, a refresh does not bring back.
        let state = files(&self.state(self.machine));
        let ledger = state.iter().find(|path| path.ends_with("ledger.sqlite")).unwrap();
        let ledger = rusqlite::Connection::open(ledger).unwrap();
        ledger.execute_batch(ALL_FETCHED).unwrap();
        drop(ledger);
        for _ in 0..3 {
            let report = self.run(&["--grace", "0", "--allow-removals", "--relayout"]);
            self.check(&report);
        }
        let strms = |tree: BTreeMap<String, Vec<u8>>| {
            let strms = tree.into_iter().filter(|(path, _)| path.ends_with(".strm"));
            let mut strms: Vec<String> = strms.map(|(_, content)| text(&content)).collect();
            strms.sort();
            strms
        };
        let mut ours = self.home.tree();
        ours.retain(|_, content| {
            !self.theirs.contains_key(content) && content != b"http://edited/\n"
        });
        for path in ours.keys().filter(|path| path.ends_with(".nfo")) {
            assert_ne!(self.policy.nfo, NfoDetail::Off, "NFOs are switched off: {path}");
        }
        self.check_all_is_played(&strms(ours), &strms(twin(&self.catalogue, &self.policy)));
        let before = self.home.stamps();
        let report = self.run(&["--grace", "0", "--allow-removals"]);
        assert_eq!(report["files"]["written"], serde_json::Value::Null, "{report}");
        assert_eq!(report["files"]["deleted"], serde_json::Value::Null, "{report}");
        assert_eq!(self.home.stamps(), before, "the second run's plan is empty: {report}");
    }

    /// All that the catalogue has is played, and nothing else. Where a second machine ran with a ledger of its
    /// own, a file that it left may be played besides: a known fault, by which nothing is lost.
    fn check_all_is_played(&self, ours: &[String], wanted: &[String]) {
        if self.state(1).exists() {
            for address in wanted {
                assert!(ours.contains(address), "nothing plays {address}");
            }
        } else {
            assert_eq!(ours, wanted);
        }
    }
}
