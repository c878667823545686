//! Looking at a library: what is gone, what differs, what a power cut may have taken, and how much there is.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeMap;
use std::path::Path;

use tempfile::TempDir;
use vod2strm_core::event::TitleOutcome;
use vod2strm_core::hash::Written;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::settle::{FileNote, FileRecord, TitleRecord};
use vod2strm_core::removal::record::Completed;
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::fs::{Entry, Fs};
use vod2strm_disk::inspect::boot::{is_another_boot, look_at_last, note_boot};
use vod2strm_disk::inspect::count::{Files, count_files};
use vod2strm_disk::inspect::presence::{
    DifferenceKind, FileDifference, FolderTimes, Presence, PresenceError, TrialResult, compare_all,
    look, look_at_all, try_folder_times,
};
use vod2strm_disk::ledger::{Ledger, NewRun};
use vod2strm_testkit::disks::pool;
use vod2strm_testkit::drafts::{key, record};
use vod2strm_testkit::faulty_fs::{EACCES, ENOSPC, FaultyFs, InjectedFault};
use vod2strm_testkit::memory_fs::MemoryFs;

const STRM: &str = "Movies/Heat/Heat.strm";
const NFO: &str = "Movies/Heat/Heat.nfo";
const EPISODE: &str = "TV/Dark/Season 01/e1.strm";
const HEAT: TitleId = TitleId(1);
const DARK: TitleId = TitleId(2);

fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

/// A movie with two files and a series with one, in memory, and their ledger. A file's content is its path.
struct Scene {
    fs: MemoryFs,
    _dir: TempDir,
    ledger: Ledger,
}

/// A title as a run records it that has just written it.
fn written(fs: &MemoryFs, kind: Kind, folder: &str, files: &[(&str, &str)]) -> TitleRecord {
    let root = if kind == Kind::Movie { "Movies" } else { "TV" };
    let mut below: Vec<String> = vec![String::new()];
    let note = |(text, file): &(&str, &str)| {
        let full = format!("{root}/{folder}/{file}");
        let Written { hash, size } = Written::of(full.as_bytes());
        FileNote::Written(FileRecord {
            key: key(text),
            path: (*file).to_owned(),
            size,
            hash,
            account: None,
            stream: None,
        })
    };
    let notes = files.iter().map(note).collect();
    let dirs = files.iter().filter_map(|(_, file)| Some(file.rsplit_once('/')?.0.to_owned()));
    below.extend(dirs);
    let stamp = |dir: String| {
        let full = format!("{root}/{folder}/{dir}");
        let changed = fs.changed(&path(full.trim_end_matches('/'))).unwrap().unwrap();
        (dir, changed)
    };
    let folders = below.into_iter().map(stamp).collect();
    TitleRecord { what: Some(TitleOutcome::New), files: notes, folders, ..record(kind, folder) }
}

impl Scene {
    fn new() -> Scene {
        let fs = MemoryFs::default();
        for file in [STRM, NFO, EPISODE] {
            fs.plant(file, file.as_bytes());
        }
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        let id = ledger.begin_run(&NewRun { started: 1, source: "a list" }).unwrap();
        let records = [
            written(&fs, Kind::Movie, "Heat", &[("strm", "Heat.strm"), ("nfo", "Heat.nfo")]),
            written(&fs, Kind::Series, "Dark", &[("s01e01.strm", "Season 01/e1.strm")]),
        ];
        ledger.record(&records, &[], 1).unwrap();
        ledger
            .complete(&Completed { kinds: Kind::ALL.to_vec(), day: 1, ..Completed::default() })
            .unwrap();
        ledger.finish_run(id, 2, 0, "{}").unwrap();
        // The next process opens it anew.
        drop(ledger);
        let ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        fs.forget_calls();
        Scene { fs, _dir: dir, ledger }
    }

    fn tree(&self, fault: Option<InjectedFault>) -> Tree {
        let fs: Box<dyn Fs> = match fault {
            None => Box::new(self.fs.clone()),
            Some(fault) => Box::new(FaultyFs::new(self.fs.clone(), fault)),
        };
        Tree::new(fs, Path::new("/library"))
    }

    fn remove(&self, file: &str) {
        self.fs.remove_file(&path(file)).unwrap();
    }

    fn look_with(
        &self,
        times: FolderTimes,
        fault: Option<InjectedFault>,
    ) -> Result<Presence, PresenceError> {
        look(&pool(&self.tree(fault), 2), &self.ledger, &Kind::ALL, times)
    }

    fn look(&self, times: FolderTimes) -> Presence {
        self.look_with(times, None).unwrap()
    }

    /// How many folders were listed to look, and whether all is there.
    fn listed(&self, times: FolderTimes) -> (usize, bool) {
        self.fs.forget_calls();
        let is_whole = self.look(times).is_whole();
        let calls = self.fs.calls();
        // The time of a folder in memory comes from its names: each question for it lists once.
        let lists = calls.iter().filter(|call| call.starts_with("list ")).count();
        (lists - 3, is_whole)
    }

    fn full(&self, kinds: &[Kind]) -> (u64, Vec<String>) {
        let mut lines = Vec::new();
        let tree = self.tree(None);
        let files =
            compare_all(&tree, &self.ledger, kinds, &mut |found| lines.push(line(&found))).unwrap();
        lines.sort();
        (files, lines)
    }

    fn last(&self, fault: Option<InjectedFault>) -> Result<Vec<String>, PresenceError> {
        let (mut lines, tree) = (Vec::new(), self.tree(fault));
        look_at_last(&pool(&tree, 2), &self.ledger, &Kind::ALL, &mut |it| lines.push(line(&it)))?;
        lines.sort();
        Ok(lines)
    }
}

fn line(found: &FileDifference) -> String {
    let what = match &found.what {
        DifferenceKind::Gone => "gone",
        DifferenceKind::Changed => "changed",
        DifferenceKind::Damaged => "damaged",
        DifferenceKind::Strange(entry) => entry.as_str(),
        DifferenceKind::Unread(_) => "unread",
    };
    format!("{what} {}", found.path)
}

fn gone(presence: &Presence) -> BTreeMap<i64, Vec<&str>> {
    let paths = presence.gone.iter();
    paths.map(|(id, files)| (id.0, files.values().map(String::as_str).collect())).collect()
}

#[test]
fn folders_that_are_as_they_were_are_not_listed() {
    let scene = Scene::new();
    assert_eq!(scene.listed(FolderTimes::Kept), (0, true));
    assert_eq!(scene.listed(FolderTimes::NotKept), (3, true), "their times prove nothing");
    scene.fs.plant("Movies/Heat/poster.jpg", b"mine");
    assert_eq!(scene.listed(FolderTimes::Kept), (1, true));
}

#[test]
fn what_is_gone_is_found_by_title_whatever_the_times_prove() {
    let far = FolderTimes::Coarse { now: i64::MAX };
    for times in [FolderTimes::Kept, FolderTimes::NotKept, far] {
        let scene = Scene::new();
        scene.remove(STRM);
        let presence = scene.look(times);
        assert_eq!(gone(&presence), [(1, vec![STRM])].into(), "{times:?}");
        assert!(!presence.is_whole() && presence.is_suspect(HEAT) && !presence.is_suspect(DARK));
        assert!(!presence.must_be_read(HEAT), "its folder says what is gone");
        let files = &scene.ledger.titles(&[HEAT]).unwrap()[&HEAT].files;
        assert!(!presence.is_all_gone(HEAT, files));
        scene.remove(NFO);
        scene.remove(EPISODE);
        scene.fs.remove_dir(&path("Movies/Heat")).unwrap();
        let presence = scene.look(times);
        let mut expected = vec![STRM, NFO];
        expected.sort_unstable();
        let mut found = gone(&presence);
        found.values_mut().for_each(|paths| paths.sort_unstable());
        assert_eq!(found, [(1, expected), (2, vec![EPISODE])].into(), "{times:?}");
        assert!(presence.is_all_gone(HEAT, files) && !presence.is_all_gone(TitleId(7), files));
        assert_eq!(presence.moved, []);
    }
}

/// A folder in which something of somebody's came has another time: it is noted once that is proof.
#[test]
fn the_new_time_of_a_folder_that_has_all_of_ours_is_noted() {
    let scene = Scene::new();
    scene.fs.plant("Movies/Heat/poster.jpg", b"mine");
    let changed = scene.fs.changed(&path("Movies/Heat")).unwrap().unwrap();
    let moved = |times| -> Vec<(String, i64)> {
        let presence = scene.look(times);
        assert!(presence.is_whole(), "{times:?}");
        presence.moved.iter().map(|it| (it.path.to_string(), it.changed)).collect()
    };
    let now = changed + 3_000_000_000;
    let noted = vec![("Movies/Heat".to_owned(), changed)];
    for (times, expected) in [
        (FolderTimes::Kept, noted.clone()),
        (FolderTimes::NotKept, vec![]),
        (FolderTimes::Coarse { now }, vec![]),
        (FolderTimes::Coarse { now: now + 1 }, noted),
    ] {
        let found: Vec<_> =
            moved(times).into_iter().filter(|(path, _)| path == "Movies/Heat").collect();
        assert_eq!(found, expected, "{times:?}");
    }
    let mut scene = scene;
    let presence = scene.look(FolderTimes::Kept);
    scene.ledger.restamp(&presence.moved).unwrap();
    assert_eq!(scene.listed(FolderTimes::Kept), (0, true));
    assert_eq!(scene.look(FolderTimes::NotKept).moved, []);
}

#[test]
fn a_folder_that_cannot_be_looked_at_is_its_titles_failure_alone() {
    let scene = Scene::new();
    let fault = |error| Some(InjectedFault::on_question_of("Movies/Heat", error));
    let presence = scene.look_with(FolderTimes::Kept, fault(EACCES)).unwrap();
    let unread: Vec<_> = presence.unread.keys().collect();
    assert_eq!(unread, [&HEAT]);
    assert!(presence.must_be_read(HEAT) && presence.is_suspect(HEAT) && !presence.is_whole());
    assert!(!presence.must_be_read(DARK) && presence.gone.is_empty());
    let error = scene.look_with(FolderTimes::Kept, fault(ENOSPC)).unwrap_err();
    assert!(matches!(error, PresenceError::Tree(_)), "{error}");
    // The same where the folder changed, and cannot be listed.
    scene.remove(STRM);
    let presence = scene.look_with(FolderTimes::NotKept, fault(EACCES)).unwrap();
    assert!(presence.unread.contains_key(&HEAT) && presence.gone.is_empty());
}

#[test]
fn reading_finds_every_kind_of_difference() {
    type Harm = fn(&Scene);
    let harms: [(&str, &[&str], Harm); 6] = [
        ("nothing", &[], |_| {}),
        ("gone", &["gone Movies/Heat/Heat.strm"], |scene| scene.remove(STRM)),
        ("changed", &["changed Movies/Heat/Heat.nfo", "changed Movies/Heat/Heat.strm"], |scene| {
            scene.fs.plant(STRM, b"mine");
            // As long as ours.
            scene.fs.plant(NFO, &[b'x'; NFO.len()]);
        }),
        ("damaged", &["damaged Movies/Heat/Heat.nfo", "damaged Movies/Heat/Heat.strm"], |scene| {
            scene.fs.plant(STRM, b"");
            scene.fs.plant(NFO, &[0; NFO.len()]);
        }),
        ("strange", &["a FIFO Movies/Heat/Heat.strm"], |scene| {
            scene.remove(STRM);
            scene.fs.plant_entry(STRM, Entry::Fifo);
        }),
        ("a link", &["gone TV/Dark/Season 01/e1.strm"], |scene| {
            scene.remove(EPISODE);
            scene.fs.remove_dir(&path("TV/Dark/Season 01")).unwrap();
            scene.fs.remove_dir(&path("TV/Dark")).unwrap();
            scene.fs.plant_entry("TV/Dark", Entry::Link);
        }),
    ];
    for (name, expected, harm) in harms {
        let scene = Scene::new();
        harm(&scene);
        let expected: Vec<String> = expected.iter().map(|&line| line.to_owned()).collect();
        assert_eq!(scene.full(&Kind::ALL), (3, expected.clone()), "{name}");
        let of_movies = expected.iter().filter(|line| line.contains("Movies/")).cloned().collect();
        assert_eq!(scene.full(&[Kind::Movie]), (2, of_movies), "{name}");
        assert_eq!(scene.full(&[]), (0, vec![]), "{name}");
    }
}

/// What somebody made of an NFO is respected; what a power cut left of it is not.
#[test]
fn edits_of_an_nfo_are_respected_and_all_else_is_written_anew() {
    let edited = |harm: &dyn Fn(&Scene)| -> (Vec<String>, usize) {
        let scene = Scene::new();
        harm(&scene);
        let presence = look_at_all(&scene.tree(None), &scene.ledger, &Kind::ALL).unwrap();
        let keys = presence.edited.values().flatten().map(ToString::to_string).collect();
        assert_eq!(presence.is_suspect(HEAT), !presence.is_whole());
        (keys, presence.gone.len())
    };
    let plant = |file: &'static str, content: &'static [u8]| {
        move |scene: &Scene| scene.fs.plant(file, content)
    };
    assert_eq!(edited(&plant(NFO, b"mine")), (vec![], 0));
    assert_eq!(edited(&plant(NFO, b"")), (vec!["nfo".to_owned()], 0));
    assert_eq!(edited(&plant(STRM, b"mine")), (vec!["strm".to_owned()], 0));
    assert_eq!(edited(&|scene| scene.remove(NFO)), (vec![], 1));
    let strange = |file: &'static str| {
        move |scene: &Scene| {
            scene.remove(file);
            scene.fs.plant_entry(file, Entry::Fifo);
        }
    };
    assert_eq!(edited(&strange(NFO)), (vec![], 0));
    assert_eq!(edited(&strange(STRM)), (vec!["strm".to_owned()], 0));
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_trouble_with_the_storage_ends_it() {
    let scene = Scene::new();
    let full = |error| {
        let tree = scene.tree(Some(InjectedFault::on_question_of(STRM, error)));
        look_at_all(&tree, &scene.ledger, &Kind::ALL)
    };
    let presence = full(EACCES).unwrap();
    assert!(presence.unread.contains_key(&HEAT) && presence.edited.is_empty());
    assert!(full(ENOSPC).is_err());
    let folder = InjectedFault::on_question_of("Movies/Heat", ENOSPC);
    assert!(look_at_all(&scene.tree(Some(folder)), &scene.ledger, &Kind::ALL).is_err());
}

#[test]
fn whose_a_folder_is_is_told_only_where_it_was_looked_at() {
    let mut presence = Presence::default();
    assert_eq!(presence.ownership(HEAT), Ownership::Unknown);
    assert!(presence.is_whole());
    presence.ownership.insert(HEAT, (Kind::Movie, Ownership::Users));
    assert_eq!(presence.ownership(HEAT), Ownership::Users);
    assert!(!presence.is_whole());
    let mut unsure = Presence::default();
    unsure.unsure.insert(HEAT);
    assert!(unsure.must_be_read(HEAT) && unsure.is_suspect(HEAT) && !unsure.is_whole());
}

#[test]
fn a_boot_is_noted_and_another_one_is_told_apart() {
    let scene = Scene::new();
    assert!(is_another_boot(&scene.ledger).unwrap(), "none is known");
    note_boot(&scene.ledger).unwrap();
    assert!(!is_another_boot(&scene.ledger).unwrap());
    let boot = scene.ledger.meta("boot").unwrap();
    note_boot(&scene.ledger).unwrap();
    assert_eq!(scene.ledger.meta("boot").unwrap(), boot);
    scene.ledger.set_meta("boot", "the one before").unwrap();
    assert!(is_another_boot(&scene.ledger).unwrap());
    note_boot(&scene.ledger).unwrap();
    assert_eq!(scene.ledger.meta("boot").unwrap(), boot);
}

#[test]
fn after_a_boot_the_sizes_of_what_was_written_last_are_looked_at() {
    let scene = Scene::new();
    assert_eq!(scene.last(None).unwrap(), [""; 0]);
    let reads = |scene: &Scene| scene.fs.calls().iter().any(|call| call.starts_with("read"));
    assert!(!reads(&scene), "no file of the right size is read");
    scene.fs.plant(STRM, &[b'x'; STRM.len()]);
    assert_eq!(scene.last(None).unwrap(), [""; 0]);
    scene.fs.plant(STRM, b"");
    scene.fs.plant(NFO, b"mine");
    scene.remove(EPISODE);
    let damaged = format!("damaged {STRM}");
    let expected = [format!("changed {NFO}"), damaged.clone(), format!("gone {EPISODE}")];
    assert_eq!(scene.last(None).unwrap(), expected);
    let fault = |error| Some(InjectedFault::on_question_of(NFO, error));
    let unread = scene.last(fault(EACCES)).unwrap();
    assert_eq!(unread, [damaged, format!("gone {EPISODE}"), format!("unread {NFO}")]);
    assert!(scene.last(fault(ENOSPC)).is_err());
    let mut scene = scene;
    scene.ledger.begin_run(&NewRun { started: 3, source: "a list" }).unwrap();
    assert_eq!(scene.last(None).unwrap().len(), 3, "this run has written nothing");
}

#[test]
fn a_trial_of_the_times_of_folders_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let local = || vod2strm_disk::fs::local::LocalFs::open(dir.path()).unwrap();
    let own = dir.path().join(".vod2strm");
    std::fs::create_dir(&own).unwrap();
    let tree = |fs: Box<dyn Fs>| Tree::new(fs, dir.path()).with_run("w0".to_owned(), true);
    let tried = try_folder_times(&tree(Box::new(local())));
    assert_ne!(tried, TrialResult::NotKept, "a usual disk keeps them");
    assert_eq!(std::fs::read_dir(&own).unwrap().count(), 0);
    for fault in [
        InjectedFault::on_change_of("time-test", EACCES),
        InjectedFault::on_question_of("time-test", EACCES),
    ] {
        let tried = try_folder_times(&tree(Box::new(FaultyFs::new(local(), fault))));
        assert_eq!(tried, TrialResult::NotKept);
    }
}

#[test]
fn files_of_ours_are_counted_below_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("Movies");
    assert_eq!(count_files(&root).unwrap(), None);
    for file in ["a/a.strm", "a/a.nfo", "b/Season 01/1.STRM", "b/tvshow.nfo", "b/x.jpg", "c.nfo"] {
        std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        std::fs::write(root.join(file), "x").unwrap();
    }
    std::os::unix::fs::symlink(root.join("a"), root.join("link")).unwrap();
    assert_eq!(count_files(&root).unwrap(), Some(Files { strm: 2, nfo: 3 }));
    let (path, error) = count_files(&root.join("c.nfo")).unwrap_err();
    assert_eq!((path, error.kind()), (root.join("c.nfo"), std::io::ErrorKind::NotADirectory));
}
