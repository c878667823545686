//! Counts agree with the disk: what a run says that it wrote and removed, and what the ledger holds.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt as _;

use vod2strm_core::model::media::Kind;
use vod2strm_core::naming::library_root;
use vod2strm_core::path::is_strm_or_nfo;
use vod2strm_testkit::home::{Home, files, number, text};
use vod2strm_testkit::twin::CatalogueEntry;

use crate::World;
use crate::people::EDITED;
use crate::played::tree_of;

/// The library's files before a run.
pub struct Photo {
    /// What a rename leaves as it is, and a write does not: inode, and time of the last write.
    files: BTreeSet<(u64, i64, i64)>,
    /// How often each content of a `.strm` or an NFO is there.
    pub contents: BTreeMap<String, usize>,
}

impl Photo {
    /// The library as it is.
    pub fn of(home: &Home) -> Photo {
        let own = home.output().join(".vod2strm");
        let paths = files(&home.output()).into_iter().filter(|path| !path.starts_with(&own));
        let metas = paths.filter_map(|path| path.symlink_metadata().ok());
        let files = metas.map(|meta| (meta.ino(), meta.mtime(), meta.mtime_nsec())).collect();
        Photo { files, contents: counted(tree_of(home)) }
    }

    /// Of the later one: how many files came, and how many went.
    fn changes(&self, later: &Photo) -> (u64, u64) {
        let came = later.files.difference(&self.files).count();
        (came as u64, self.files.difference(&later.files).count() as u64)
    }
}

/// How often each content of a `.strm` or an NFO is in a tree.
fn counted(tree: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for (_, content) in tree.into_iter().filter(|(path, _)| is_strm_or_nfo(path)) {
        *counted.entry(text(&content)).or_default() += 1;
    }
    counted
}

/// All files with an action.
fn all(report: &serde_json::Value, action: &str) -> u64 {
    let reasons = report["files"][action].as_object();
    reasons.into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum()
}

impl World<'_> {
    /// As many files came as the run says that it wrote, and as many went as it replaced and removed.
    pub fn check_counts(&self, before: &Photo, report: &serde_json::Value) {
        let written = all(report, "written");
        let gone = all(report, "deleted") + number(report, "/files/written/updated");
        let changes = before.changes(&Photo::of(&self.home));
        assert_eq!(changes, (written, gone), "files that came and went: {report:#}");
    }

    /// The ledger holds nothing that is not there, but what comes back when nothing is in its title's way any more.
    pub fn check_held(&self, report: &serde_json::Value) {
        let (mut held, stuck) = (self.held(), self.stuck());
        held.retain(|(_, path)| !stuck.contains_key(path));
        held.retain(|(_, path)| self.home.output().join(path).symlink_metadata().is_err());
        assert!(held.is_empty(), "the ledger holds what is not there: {held:#?} {report}");
    }

    /// The ledger holds the files that are on disk; the run counts the titles of the catalogue.
    pub fn check_stock(&self, report: &serde_json::Value, had_problems: bool) {
        let held: BTreeSet<String> = self.held().into_iter().map(|(_, path)| path).collect();
        let tree = tree_of(&self.home);
        let is_known = |(path, content): &(&String, &Vec<u8>)| {
            held.contains(*path)
                || *content == EDITED
                || self.is_the_users(content)
                || self.orphans.contains_key(&text(content))
        };
        let strms = tree.iter().filter(|(path, _)| path.ends_with(".strm"));
        let unknown: Vec<_> = strms.filter(|it| !is_known(it)).map(|(path, _)| path).collect();
        assert!(unknown.is_empty(), "no ledger holds {unknown:#?} {report}");

        let output = self.home.output();
        let (output, state) = (output.to_str().unwrap(), self.state(self.machine));
        let arguments = ["stats", "--json", "--output", output, "--state", state.to_str().unwrap()];
        let rows = text(&self.home.run(&arguments).stdout);
        let rows = rows.lines().map(|row| serde_json::from_str(row).unwrap());
        let rows: Vec<serde_json::Value> = rows.collect();
        let told = |section: &str, measure: &str| -> u64 {
            let is_it =
                |row: &&serde_json::Value| row["section"] == section && row["measure"] == measure;
            rows.iter().filter(is_it).filter_map(|row| row["value"].as_u64()).sum()
        };
        let count = |end: &str| {
            files(&self.home.output())
                .iter()
                .filter(|path| path.extension().is_some_and(|extension| extension == end))
                .count() as u64
        };
        assert_eq!(told("disk", ".strm files"), count("strm"), "{rows:#?}");
        assert_eq!(told("disk", ".nfo files"), count("nfo"), "{rows:#?}");
        assert_eq!(told("ledger", "files held"), held.len() as u64, "{rows:#?}");

        let (wanted, together) = (self.wanted_tree(), self.titles_now());
        for kind in Kind::ALL {
            let uuids = |path: &String, content: &Vec<u8>| {
                let is_it = path.starts_with(library_root(kind)) && path.ends_with(".strm");
                if is_it { self.title_of(&text(content)) } else { None }
            };
            let played: BTreeSet<&str> =
                wanted.iter().filter_map(|(path, content)| uuids(path, content)).collect();
            let mut titles = together.clone();
            let is_played = |entry: &CatalogueEntry| {
                entry.0 == kind && self.uuid_of(*entry).is_some_and(|uuid| played.contains(uuid))
            };
            titles.retain(|entries| entries.iter().any(is_played));
            let told = |outcome: &str| number(report, &format!("/titles/{kind}/{outcome}"));
            // What stayed in its place in the last run, since something is in the way, is looked at once more.
            let looked_at = if had_problems { told("changed") } else { 0 };
            let all = told("unchanged") + told("failed") + looked_at;
            assert_eq!(all, titles.len() as u64, "{report:#}");
            let left_out = report["left_out"][kind.as_str()].as_object().into_iter().flatten();
            let left_out: u64 = left_out.filter_map(|(_, number)| number.as_u64()).sum();
            let entries = number(report, &format!("/entries/{kind}"));
            let in_titles = titles.iter().flatten().count() as u64;
            let known = told("new") + in_titles + left_out;
            assert_eq!(entries, known, "{kind}: {report:#}");
        }
    }

    /// The ledger's titles and files: the folder, and the path below the output folder. Without a folder stands what the
    /// catalogue has no more. So does a file that waits to go, unless another title plays the same.
    pub fn held(&self) -> Vec<(Option<String>, String)> {
        let sql = "SELECT t.kind, t.folder, t.gone IS NULL AND (f.gone IS NULL OR EXISTS (
                SELECT 1 FROM files o WHERE o.hash = f.hash AND o.title <> f.title AND o.gone IS NULL)), f.path
            FROM titles t JOIN files f ON f.title = t.id WHERE f.cause IS NOT 'kept'";
        let ledger = self.ledger();
        let mut rows = ledger.prepare(sql).unwrap();
        let held = rows.query_map([], |row| {
            let (kind, folder): (String, String) = (row.get(0)?, row.get(1)?);
            let (is_there, path): (bool, String) = (row.get(2)?, row.get(3)?);
            let kind = Kind::ALL.into_iter().find(|it| it.as_str() == kind).unwrap();
            let folder = format!("{}/{folder}", library_root(kind));
            let path = format!("{folder}/{path}");
            Ok((is_there.then_some(folder), path))
        });
        let held: Vec<_> = held.unwrap().map(Result::unwrap).collect();
        debug_assert!(held.iter().all(|(_, path)| is_strm_or_nfo(path)), "{held:?}");
        held
    }
}
