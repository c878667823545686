//! What people and machines do to files and states.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use vod2strm_testkit::home::{files, text};
use vod2strm_testkit::twin::twin;

use crate::counts::Photo;
use crate::{Step, World};

/// More than a program may read by mistake; the file is sparse.
const GIANT: u64 = 64 << 30;

/// What a person makes of a `.strm`; it is not respected.
pub const EDITED: &[u8] = b"http://edited/\n";

/// An older state and an older tree, as a backup has them.
pub struct Backup {
    dir: TempDir,
    machine: usize,
    theirs: BTreeMap<Vec<u8>, String>,
}

/// Copies a folder with all its files' times.
fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    let done = Command::new("cp").arg("-a").args([from, to]).output().unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
}

impl World<'_> {
    /// Before the first run, every fifth title has a folder of the user's with a film.
    pub fn settle_in(&mut self) {
        let mut folders: Vec<String> = twin(&self.catalogue, &self.policy)
            .into_keys()
            .map(|path| path.splitn(3, '/').take(2).collect::<Vec<_>>().join("/"))
            .collect();
        folders.dedup();
        for folder in folders.iter().step_by(5) {
            let (path, film) = (format!("{folder}/{}.mkv", self.fresh()), self.fresh());
            let content = format!("film: {film}").into_bytes();
            std::fs::create_dir_all(self.home.output().join(folder)).unwrap();
            std::fs::write(self.home.output().join(&path), &content).unwrap();
            self.settled.insert(path, content);
        }
    }

    /// What people do to files.
    pub fn handle(&mut self, step: Step, fresh: &str) {
        match step {
            Step::DeleteFile(at) => {
                let path = self.some_file(at, |_, content| !self.is_the_users(content));
                path.into_iter().for_each(|path| std::fs::remove_file(path).unwrap());
            }
            Step::EditNfo(at) => self.put(self.some_file(at, |path, _| path.ends_with(".nfo"))),
            Step::EditStrm(at) => {
                let path = self.some_file(at, |path, content| {
                    path.ends_with(".strm") && !self.theirs.contains_key(content)
                });
                path.into_iter().for_each(|path| std::fs::write(path, EDITED).unwrap());
            }
            Step::PutFile(at) => {
                let beside = self.some_file(at, |_, _| true);
                let path = beside.map(|path| path.with_file_name(format!("{fresh}.jpg")));
                self.put(path);
            }
            Step::PutCompanion(at) => {
                let beside = self.some_file(at, |path, content| {
                    path.ends_with(".strm") && !self.theirs.contains_key(content)
                });
                self.put(beside.map(|path| path.with_extension("en.srt")));
            }
            Step::PutPipe(at) => self.obstruct(at, |path| {
                let made = Command::new("mkfifo").arg(path).status().unwrap();
                assert!(made.success(), "a pipe can be made");
            }),
            Step::PutGiant(at) => self.obstruct(at, |path| {
                std::fs::File::create(path).unwrap().set_len(GIANT).unwrap();
            }),
            _ => self.keep(step),
        }
    }

    /// A user's content at this path.
    fn put(&mut self, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        if let Ok(old) = std::fs::read(&path) {
            // It is the user's own file that is edited again.
            self.theirs.remove(&old);
        }
        let content = format!("theirs: {}", self.fresh()).into_bytes();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        std::fs::write(path, &content).unwrap();
        self.theirs.insert(content, name);
    }

    pub fn some_file(
        &self,
        at: usize,
        is_wanted: impl Fn(&str, &Vec<u8>) -> bool,
    ) -> Option<PathBuf> {
        let tree = if self.home.output().exists() { self.home.tree() } else { BTreeMap::new() };
        let paths: Vec<&String> = tree
            .iter()
            .filter(|(path, content)| is_wanted(path, content))
            .map(|(p, _)| p)
            .collect();
        let path = paths.get(at % paths.len().max(1))?;
        Some(self.home.output().join(path))
    }

    pub fn is_the_users(&self, content: &[u8]) -> bool {
        self.theirs.contains_key(content) || self.settled.values().any(|film| film == content)
    }

    /// Something that is no file of ours stands in the place of one, until the next night.
    fn obstruct(&self, at: usize, make: impl Fn(&Path)) {
        let path = self.some_file(at, |_, content| !self.is_the_users(content));
        let Some(path) = path else { return };
        std::fs::remove_file(&path).unwrap();
        make(&path);
    }

    /// What stands in the place of files of ours.
    pub fn obstacles(&self) -> Vec<PathBuf> {
        let is_ours = |meta: &std::fs::Metadata| meta.is_file() && meta.len() != GIANT;
        let mut all = files(&self.home.output());
        all.retain(|path| path.symlink_metadata().is_ok_and(|meta| !is_ours(&meta)));
        all
    }

    /// It goes.
    pub fn clear_the_way(&self) {
        self.obstacles().into_iter().for_each(|path| std::fs::remove_file(path).unwrap());
    }

    /// Backups, and machines.
    fn keep(&mut self, step: Step) {
        match step {
            Step::BackUp => {
                let dir = self.home.neighbour();
                copy(&self.home.output(), &dir.path().join("library"));
                copy(&self.state(self.machine), &dir.path().join("state"));
                let (machine, theirs) = (self.machine, self.theirs.clone());
                self.backup = Some(Backup { dir, machine, theirs });
            }
            Step::RestoreLedger => {
                let Some(backup) = &self.backup else { return };
                let machine = backup.machine;
                copy(&backup.dir.path().join("state"), &self.state(machine));
                self.past.remove(&machine);
            }
            Step::RestoreTree => {
                let Some(backup) = &self.backup else { return };
                copy(&backup.dir.path().join("library"), &self.home.output());
                self.theirs = backup.theirs.clone();
            }
            Step::CloseFolder(at) => self.close_folder(at),
            Step::OtherMachine => self.machine ^= 1,
            Step::BothMachines => self.run_both(),
            _ => {}
        }
    }

    /// A run while a folder cannot be read; the superuser reads every folder.
    #[expect(clippy::print_stderr, reason = "a note on what was not tried")]
    fn close_folder(&mut self, at: usize) {
        if self.home.dir.path().metadata().unwrap().uid() == 0 {
            eprintln!(
                "skipped, folders that cannot be read: run scripts/lives as another user than root"
            );
            return;
        }
        let Some(path) = self.some_file(at, |_, _| true) else { return };
        let folder = path.parent().unwrap();
        std::fs::set_permissions(folder, Permissions::from_mode(0o000)).unwrap();
        self.run(&["--full"]);
        std::fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    }

    /// Both machines run at the same time: the one that finds the library in use gives way.
    fn run_both(&mut self) {
        self.database.clear();
        self.database.insert(&self.catalogue);
        let before = Photo::of(&self.home);
        let children = [0, 1].map(|machine| {
            let mut command = self.command(machine, &[]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        });
        let ends = children.map(|child| child.wait_with_output().unwrap());
        let is_whole = |end: &&std::process::Output| matches!(end.status.code(), Some(0 | 3 | 4));
        assert!(ends.iter().any(|end| is_whole(&end)), "{ends:?}");
        for end in ends.iter().filter(is_whole) {
            self.note_orphans(&before, &serde_json::from_slice(&end.stdout).unwrap());
        }
    }
}
