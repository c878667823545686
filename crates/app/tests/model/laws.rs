//! The laws that hold all along.

use std::collections::{BTreeMap, BTreeSet};

use vod2strm_core::policy::NfoDetail;
use vod2strm_testkit::home::{ALL_FETCHED, assert_safe_paths, text};
use vod2strm_testkit::twin::twin;

use crate::World;
use crate::counts::Photo;
use crate::people::EDITED;

/// What the `.strm` files of a tree play.
fn addresses(tree: BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let strms = tree.into_iter().filter(|(path, _)| path.ends_with(".strm"));
    strms.map(|(_, content)| text(&content)).collect()
}

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
    pub fn check(&mut self, report: &serde_json::Value) {
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
        self.check_named(report);
    }

    /// What a run left that did not know its own files: those that nothing wants are like the user's, and stay.
    pub fn note_orphans(&mut self, before: &Photo, report: &serde_json::Value) {
        let warnings = report["warnings"].to_string();
        if !warnings.contains("the ledger was lost") && !warnings.contains("older than its ledger")
        {
            return;
        }
        // A folder is taken over by what it plays, whatever its name.
        self.named.clear();
        let wanted = addresses(twin(&self.catalogue, &self.policy));
        for (address, count) in &before.played {
            let rest = count - usize::from(wanted.contains(address));
            if rest > 0 && !self.is_the_users(address.as_bytes()) {
                let most = self.orphans.entry(address.clone()).or_default();
                *most = rest.max(*most);
            }
        }
    }

    /// All that the catalogue has is played, once, and besides it nothing but what no ledger knew.
    fn check_all_is_played(&self) {
        let mut ours = self.home.tree();
        ours.retain(|_, content| !self.theirs.contains_key(content) && content != EDITED);
        let mut ours = addresses(ours);
        for address in addresses(twin(&self.catalogue, &self.policy)) {
            let at = ours.iter().position(|played| *played == address);
            ours.remove(at.unwrap_or_else(|| panic!("nothing plays {address}")));
        }
        let mut surplus: BTreeMap<String, usize> = BTreeMap::new();
        ours.into_iter().for_each(|address| *surplus.entry(address).or_default() += 1);
        for (address, count) in surplus {
            let known = self.orphans.get(&address).copied().unwrap_or(0);
            assert!(count <= known, "{count} files more than {known} play {address}");
        }
    }

    /// What holds in the end, when all that was held may go.
    pub fn settle(&mut self) {
        self.clear_the_way();
        self.run(&["--full"]);
        // What the provider has no more, a refresh does not bring back.
        self.ledger().execute_batch(ALL_FETCHED).unwrap();
        for _ in 0..3 {
            let report = self.run(&["--grace", "0", "--allow-removals", "--relayout"]);
            self.check(&report);
        }
        let nfos = |tree: BTreeMap<String, Vec<u8>>| {
            let mut nfos = tree.into_iter().filter(|(path, _)| path.ends_with(".nfo"));
            nfos.find(|(_, content)| !self.theirs.contains_key(content))
        };
        if self.policy.nfo == NfoDetail::Off {
            assert_eq!(nfos(self.home.tree()), None, "NFOs are switched off");
        }
        self.check_all_is_played();
        let before = self.home.stamps();
        let report = self.run(&["--grace", "0", "--allow-removals"]);
        assert_eq!(report["files"]["written"], serde_json::Value::Null, "{report}");
        assert_eq!(report["files"]["deleted"], serde_json::Value::Null, "{report}");
        assert_eq!(self.home.stamps(), before, "the second run's plan is empty: {report}");
        self.check_stock(&report);
    }
}
