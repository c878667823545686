//! Titles of which files are to go, and what is on disk in the place of each. What has to become of it all is told
//! simply.

use std::collections::{BTreeMap, BTreeSet};

use vod2strm_core::hash::{ContentHash, Written};
use vod2strm_core::identity::known::{KnownFile, KnownTitle, TitleId};
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::naming::library_root;
use vod2strm_core::plan::settle::{FileNote, FileRecord, TitleRecord};
use vod2strm_core::removal::record::{
    FileOutcome, FileRemoval, RemovalRecord, Removed, TitleRemoval,
};
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::remove::remove_batch;
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_testkit::disks::pool;
use vod2strm_testkit::disks::{Entries, with_dirs};
use vod2strm_testkit::drafts;
use vod2strm_testkit::faulty_fs::InjectedFault;

use crate::world::{GO_ON, World};

/// What is where a file of the ledger should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Ours,
    Edited,
    Gone,
    Folder,
    Link,
}

/// A file of the ledger; its key follows from its path.
#[derive(Clone, Debug)]
pub struct Piece {
    pub path: String,
    pub found: Found,
    pub is_unwanted: bool,
}

/// A title of the ledger.
#[derive(Clone, Debug)]
pub struct Stock {
    pub kind: Kind,
    pub folder: String,
    pub pieces: Vec<Piece>,
    /// Files of others, below its folder.
    pub guests: Vec<String>,
    /// Folders in whose place there is a link.
    pub links: Vec<String>,
    /// The folder was there before the title.
    pub is_shared: bool,
}

impl Stock {
    pub fn new(kind: Kind, folder: &str) -> Stock {
        let (pieces, guests, links) = (Vec::new(), Vec::new(), Vec::new());
        Stock { kind, folder: folder.to_owned(), pieces, guests, links, is_shared: false }
    }

    fn with(mut self, path: &str, found: Found, is_unwanted: bool) -> Stock {
        self.pieces.push(Piece { path: path.to_owned(), found, is_unwanted });
        self
    }

    /// Has a file that is to go.
    pub fn unwanted(self, path: &str, found: Found) -> Stock {
        self.with(path, found, true)
    }

    /// Has a file that stays.
    pub fn staying(self, path: &str) -> Stock {
        self.with(path, Found::Ours, false)
    }

    /// Has a file of somebody.
    pub fn guest(mut self, path: &str) -> Stock {
        self.guests.push(path.to_owned());
        self
    }

    /// Is in a folder that was there before it.
    pub fn shared(mut self) -> Stock {
        self.is_shared = true;
        self
    }

    /// Has a link in the place of a folder.
    pub fn link(mut self, dir: &str) -> Stock {
        self.links.push(dir.to_owned());
        self
    }

    fn place(&self) -> String {
        format!("{}/{}", library_root(self.kind), self.folder)
    }

    /// A path below the output folder.
    pub fn at(&self, below: &str) -> String {
        format!("{}/{below}", self.place())
    }

    /// What we wrote into a file.
    pub fn ours(&self, path: &str) -> String {
        format!("ours: {}", self.at(path))
    }

    /// What is in its place, as the library's folders show it.
    fn found(&self, piece: &Piece) -> Found {
        if self.is_behind_link(piece) { Found::Link } else { piece.found }
    }

    /// What an undisturbed cleanup says of it.
    fn word(&self, piece: &Piece) -> &'static str {
        let is_foreign = |piece: &Piece| {
            matches!(self.found(piece), Found::Edited | Found::Folder | Found::Link)
        };
        let is_its_strm = |other: &&Piece| {
            let is_pair = stem(&other.path) == stem(&piece.path) && other.path.ends_with(".strm");
            is_pair && other.is_unwanted && is_foreign(other)
        };
        match self.found(piece) {
            _ if is_foreign(piece) => "NotOurs",
            // Somebody's `.strm` keeps the NFO that is about it.
            _ if self.pieces.iter().any(|other| is_its_strm(&other)) => "NotOurs",
            Found::Gone => "Gone",
            _ => "Removed",
        }
    }

    fn is_behind_link(&self, piece: &Piece) -> bool {
        self.links.iter().any(|dir| piece.path.starts_with(&format!("{dir}/")))
    }

    fn is_whole(&self) -> bool {
        self.pieces.iter().all(|piece| piece.is_unwanted)
    }

    fn plant(&self, world: &World) {
        for dir in &self.links {
            world.plant(&format!("{}@", self.at(dir)), "");
        }
        let is_reached = |piece: &&Piece| !self.is_behind_link(piece);
        for piece in self.pieces.iter().filter(is_reached) {
            let path = self.at(&piece.path);
            match piece.found {
                Found::Ours => world.plant(&path, &self.ours(&piece.path)),
                Found::Edited => world.plant(&path, &format!("edited: {path}")),
                Found::Folder => world.plant(&format!("{path}/"), ""),
                Found::Link => world.plant(&format!("{path}@"), ""),
                Found::Gone => {}
            }
        }
        for guest in &self.guests {
            world.plant(&self.at(guest), &format!("guest: {guest}"));
        }
    }

    fn record(&self) -> TitleRecord {
        let file = |piece: &Piece| {
            let (key, content) =
                (drafts::key_of_path(self.kind, &piece.path), self.ours(&piece.path));
            let path = piece.path.clone();
            let hash = ContentHash::of(content.as_bytes());
            let size = content.len() as u64;
            FileNote::Written(FileRecord { key, path, size, hash, account: None, stream: None })
        };
        let files = self.pieces.iter().map(file).collect();
        let folders = self.dirs(|_| true).into_iter().map(|dir| (dir, 5)).collect();
        let ownership = Ownership::of(self.is_shared);
        TitleRecord { files, folders, ownership, ..drafts::record(self.kind, &self.folder) }
    }

    /// The folders of these files, the title's own among them.
    fn dirs(&self, is_asked: impl Fn(&Piece) -> bool) -> BTreeSet<String> {
        let pieces = self.pieces.iter().filter(|piece| is_asked(piece));
        let parent =
            |piece: &Piece| piece.path.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
        let mut dirs: BTreeSet<String> = pieces.map(parent).collect();
        dirs.insert(String::new());
        dirs
    }
}

/// Where a file's name ends and its extension begins.
fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

/// Whether an NFO is about a `.strm`, alone or with others.
fn is_about(nfo: &str, strm: &str) -> bool {
    let (dir, name) = nfo.rsplit_once('/').map_or(("", nfo), |(dir, name)| (dir, name));
    let is_for_all = ["tvshow.nfo", "season.nfo", "movie.nfo"].contains(&name);
    stem(nfo) == stem(strm) || is_for_all && strm.starts_with(dir)
}

/// A library of such titles.
pub struct Scene {
    pub world: World,
    pub stocks: Vec<Stock>,
    pub before: Entries,
    pub goal: Entries,
}

impl Scene {
    pub fn new(world: World, stocks: &[Stock]) -> Scene {
        let records: Vec<TitleRecord> = stocks.iter().map(Stock::record).collect();
        world.ledger().record(&records, &[], 1).unwrap();
        stocks.iter().for_each(|stock| stock.plant(&world));
        world.plant("Movies/Somebody's/film.mkv", "somebody's");
        let before = world.library();
        let goal = goal(&before, stocks);
        Scene { world, stocks: stocks.to_vec(), before, goal }
    }

    fn titles(&self) -> impl Iterator<Item = (TitleId, &Stock)> {
        self.stocks.iter().enumerate().map(|(n, stock)| (TitleId(n as i64 + 1), stock))
    }

    /// The paths that the ledger has of each title, but those that it keeps as somebody's.
    fn rows(&self) -> BTreeMap<TitleId, BTreeSet<String>> {
        self.rows_that(|file| !file.is_kept())
    }

    fn rows_that(
        &self,
        is_asked: impl Fn(&KnownFile) -> bool,
    ) -> BTreeMap<TitleId, BTreeSet<String>> {
        let ids: Vec<TitleId> = self.titles().map(|(id, _)| id).collect();
        let known = self.world.ledger().titles(&ids).unwrap();
        let paths = |title: &KnownTitle| {
            let asked = title.files.values().filter(|file| is_asked(file));
            asked.map(|file| file.path.clone()).collect()
        };
        known.iter().map(|(id, title)| (*id, paths(title))).collect()
    }

    /// What is to go of what the ledger has.
    pub fn removals(&self) -> Vec<TitleRemoval> {
        let rows = self.rows();
        let ids: Vec<TitleId> = rows.keys().copied().collect();
        let dirs = self.world.ledger().dirs(&ids).unwrap();
        let removal = |(title, stock): (TitleId, &Stock)| {
            let known = &rows[&title];
            let unwanted = stock
                .pieces
                .iter()
                .filter(|piece| piece.is_unwanted && known.contains(&piece.path));
            let files: Vec<FileRemoval> =
                unwanted.map(|piece| unwanted_file(stock, piece)).collect();
            let is_whole = files.len() == known.len();
            let dirs = dirs.get(&title).cloned().unwrap_or_default();
            let (folder, ownership) = (stock.place(), Ownership::of(stock.is_shared));
            let removal = TitleRemoval { title, folder, files, is_whole, ownership, dirs };
            (!removal.files.is_empty()).then_some(removal)
        };
        self.titles().filter_map(removal).collect()
    }

    /// Removes, and tells the ledger as a run does, unless it was cut off.
    pub fn clean_up(
        &self,
        fault: Option<&InjectedFault>,
        workers: usize,
        is_cut_off: bool,
    ) -> Vec<Removed<TreeError>> {
        let tree = self.world.tree(fault);
        let removals = self.removals();
        let done = remove_batch(&pool(&tree, workers), &Leftovers::default(), &removals, &GO_ON);
        if tree.sync().is_ok() && !is_cut_off {
            let records: Vec<RemovalRecord> = removals
                .iter()
                .zip(&done)
                .map(|(removal, done)| RemovalRecord::of(removal, done, false))
                .collect();
            self.world.ledger().removed(&records, &BTreeMap::new(), 2).unwrap();
        }
        done
    }

    /// What must be true at any moment: nothing went that should stay, and nothing came. No `.strm` of ours has lost an
    /// NFO of ours that is about it.
    pub fn assert_unharmed(&self) {
        let now = self.world.library();
        assert!(
            now.iter().all(|(path, content)| self.before.get(path) == Some(content)),
            "{now:#?}"
        );
        for path in self.goal.keys() {
            assert!(now.contains_key(path), "{path} went: {now:#?}");
        }
        for (_, stock) in self.titles() {
            let is_unwanted = |piece: &&Piece| piece.is_unwanted && stock.word(piece) == "Removed";
            let ours: Vec<&Piece> = stock.pieces.iter().filter(is_unwanted).collect();
            let is_there = |piece: &&&Piece| now.contains_key(&stock.at(&piece.path));
            for strm in ours.iter().filter(|it| it.path.ends_with(".strm")).filter(is_there) {
                let is_about = |it: &&Piece| {
                    it.path.ends_with(".nfo") && is_about(&it.path, &strm.path) && !is_there(&it)
                };
                let lost = ours.iter().find(|it| is_about(it));
                assert!(lost.is_none(), "{lost:?} went before {strm:?} in {}", stock.folder);
            }
        }
    }

    /// Every file of ours that is on disk is in the ledger.
    pub fn assert_ours_are_known(&self) {
        let (now, rows) = (self.world.library(), self.rows_that(|_| true));
        for (id, stock) in self.titles() {
            for piece in &stock.pieces {
                let is_ours = now.get(&stock.at(&piece.path)) == Some(&stock.ours(&piece.path));
                assert!(!is_ours || rows[&id].contains(&piece.path), "nobody knows {piece:?}");
            }
        }
    }

    /// All is gone that should be, from the ledger too. `may_keep_folders`: one could not be removed,
    /// and stays, empty.
    pub fn assert_done(&self, may_keep_folders: bool) {
        self.assert_unharmed();
        self.assert_ours_are_known();
        let mut now = self.world.library();
        if may_keep_folders {
            now.retain(|path, _| !path.ends_with('/') || self.goal.contains_key(path));
        }
        assert_eq!(now, self.goal);
        let rows = self.rows();
        let groups = self.world.ledger().title_groups().unwrap();
        let living: BTreeSet<TitleId> = groups.into_iter().flat_map(|(_, ids)| ids).collect();
        for (id, stock) in self.titles() {
            let staying = stock.pieces.iter().filter(|piece| !piece.is_unwanted);
            let staying: BTreeSet<String> = staying.map(|piece| piece.path.clone()).collect();
            assert_eq!(rows[&id], staying, "of {}", stock.folder);
            assert_eq!(living.contains(&id), !staying.is_empty(), "{}", stock.folder);
        }
        // Whether a folder that resisted went all the same is not told.
        if !may_keep_folders {
            self.assert_folders_are_known();
        }
    }

    /// The ledger has the folders of all files that stay, and none that is gone.
    fn assert_folders_are_known(&self) {
        let now = self.world.library();
        let mut known: BTreeMap<TitleId, BTreeSet<String>> = BTreeMap::new();
        let take = |chunk: Vec<vod2strm_disk::ledger::FolderStamp>| {
            for folder in chunk {
                known.entry(folder.title).or_default().insert(folder.below);
            }
            Ok(())
        };
        self.world.ledger().each_folder(&Kind::ALL, take).unwrap().unwrap();
        for (id, stock) in self.titles() {
            let known = known.remove(&id).unwrap_or_default();
            if stock.is_whole() {
                assert!(known.is_empty(), "folders of {}: {known:?}", stock.folder);
                continue;
            }
            let wanted = stock.dirs(|piece| !piece.is_unwanted);
            assert!(known.is_superset(&wanted), "{known:?} of {}", stock.folder);
            for dir in known.difference(&wanted) {
                let is_there = |end| now.contains_key(&format!("{}{end}", stock.at(dir)));
                assert!(is_there('/') || is_there('@'), "{dir} of {} is gone", stock.folder);
            }
        }
    }

    /// An undisturbed cleanup ends where the first one would have.
    pub fn assert_recovers(&self, may_keep_folders: bool) {
        self.clean_up(None, 2, false);
        self.assert_done(may_keep_folders);
        assert_eq!(self.removals(), []);
    }

    /// What is said of each file when nothing fails.
    pub fn words(&self) -> Vec<Vec<&'static str>> {
        let words = |stock: &Stock| -> Vec<&'static str> {
            let unwanted = stock.pieces.iter().filter(|piece| piece.is_unwanted);
            unwanted.map(|piece| stock.word(piece)).collect()
        };
        self.stocks.iter().map(words).filter(|words| !words.is_empty()).collect()
    }
}

fn unwanted_file(stock: &Stock, piece: &Piece) -> FileRemoval {
    let (key, path) = (drafts::key_of_path(stock.kind, &piece.path), piece.path.clone());
    FileRemoval { key, path, written: Some(Written::of(stock.ours(&piece.path).as_bytes())) }
}

/// What was said of each file.
pub fn said(removed: &Removed<TreeError>) -> Vec<&'static str> {
    let word = |outcome: &FileOutcome<TreeError>| match outcome {
        FileOutcome::Removed => "Removed",
        FileOutcome::Gone => "Gone",
        FileOutcome::NotOurs => "NotOurs",
        FileOutcome::Failed(_) => "Failed",
        FileOutcome::NotTried => "NotTried",
    };
    removed.files.iter().map(word).collect()
}

/// What an undisturbed cleanup leaves.
fn goal(before: &Entries, stocks: &[Stock]) -> Entries {
    let mut goal = before.clone();
    for stock in stocks {
        let (mut above, unwanted) =
            (Entries::new(), stock.pieces.iter().filter(|it| it.is_unwanted));
        for piece in unwanted {
            match stock.word(piece) {
                "NotOurs" => continue,
                _ => drop(goal.remove(&stock.at(&piece.path))),
            }
            with_dirs(&mut above, &stock.at(&piece.path));
        }
        above.retain(|dir, _| dir.len() > stock.at("").len() || stock.is_whole());
        above.retain(|dir, _| dir.len() > library_root(stock.kind).len() + 1 && !stock.is_shared);
        // The deepest first.
        for dir in above.keys().rev() {
            if !goal.keys().any(|path| path != dir && path.starts_with(dir.as_str())) {
                goal.remove(dir);
            }
        }
    }
    goal
}
