//! A preview says what the run after it does.

use std::path::Path;

use serde_json::Value;
use vod2strm_testkit::home::text;

use crate::World;
use crate::told::Told;

impl World<'_> {
    /// What a preview of the next run says.
    pub fn preview(&self, more: &[&str]) -> Told {
        let before = self.home.stamps();
        let csv = self.home.dir.path().join("preview.csv");
        let flags = [&["--dry-run", "--report", csv.to_str().unwrap()], more].concat();
        let done = self.command(self.machine, &flags).output().unwrap();
        assert!(matches!(done.status.code(), Some(0 | 3 | 4)), "{}", text(&done.stderr));
        assert_eq!(self.home.stamps(), before, "a preview changes nothing");
        Told::of_preview(&csv, &serde_json::from_slice(&done.stdout).unwrap())
    }

    /// Holds what a preview said against what the run then did.
    pub fn check_preview(&self, foreseen: &Told, csv: &Path, report: &Value) {
        foreseen.assert_same(&Told::of_run(csv, report), &report.to_string());
    }
}
