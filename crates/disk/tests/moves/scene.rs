//! A library whose titles move in all ways there are, and what must be true of it at any moment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::hash::ContentHash;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::naming::library_root;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::moves::Move;
use vod2strm_core::plan::settle::{FileNote, FileRecord, TitleRecord};
use vod2strm_disk::fs::Fs;
use vod2strm_disk::fs::local::LocalFs;
use vod2strm_disk::fs::roots::Roots;
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::moves::{MoveError, make_moves, resume_moves};
use vod2strm_testkit::disks::entries_of;
use vod2strm_testkit::drafts;
use vod2strm_testkit::faulty_fs::{FaultyFs, InjectedFault};
use vod2strm_testkit::memory_fs::MemoryFs;

use Kind::{Movie, Series};

/// The way a title goes in the plan.
type Way = (Kind, &'static str, &'static str, bool);

/// Every sort of move. By id: a direct one; a swap; a cycle of three; a case; one after the direct one; one to a taken
/// place. The last one goes to the place that the one before it should have left.
pub const WAYS: [Way; 10] = [
    (Movie, "Direct", "Direct (1999)", false),
    (Movie, "Heat", "Ran", true),
    (Movie, "Ran", "Heat", true),
    (Series, "One", "Two", true),
    (Series, "Two", "Three", true),
    (Series, "Three", "One", true),
    (Movie, "ALIEN", "Alien", true),
    (Movie, "After", "Direct", true),
    (Movie, "Poor", "Taken", false),
    (Movie, "Poorer", "Poor", true),
];

/// Fewer, that still go directly, through the place aside, back home, and not at all.
pub const FEW: [Way; 4] = [WAYS[1], WAYS[2], WAYS[8], WAYS[9]];

/// Some that go without a detour, one below a further folder.
pub const DIRECT: [Way; 3] =
    [WAYS[0], (Series, "One", "Two", false), (Movie, "Heat", "Drama/Heat", false)];

/// Below further folders, out of them, and to where such a folder was.
pub const GROUPED: [Way; 6] = [
    (Movie, "Heat", "Drama/Old/Heat", false),
    (Movie, "Comedy/Ran", "Ran", false),
    (Movie, "Action", "Action/Action", true),
    (Movie, "Alien", "Action/Alien", true),
    (Series, "Up/Show", "Up", true),
    (Series, "Up/Other", "Other", false),
];

/// One has a name that no disk takes; when that shows, another one is in its place already.
pub const HELD: [Way; 3] =
    [WAYS[0], (Movie, "Early", "Late", true), (Movie, "Late", TOO_LONG, true)];

const TOO_LONG: &str = match str::from_utf8(&[b'x'; 300]) {
    Ok(name) => name,
    Err(_) => panic!(),
};

/// Where those want to go that cannot.
const CLOSED: [&str; 4] = ["Taken", "Poor", "Late", TOO_LONG];

/// Opens the library's file system, with a fault or without.
pub type OpenFs = Box<dyn Fn(Option<&InjectedFault>) -> Box<dyn Fs>>;

/// A file system, with a fault or without.
pub fn with_fault<F: Fs + 'static>(fs: F, fault: Option<&InjectedFault>) -> Box<dyn Fs> {
    match fault {
        Some(fault) => Box::new(FaultyFs::new(fs, fault.clone())),
        None => Box::new(fs),
    }
}

/// A library in the middle of somewhere.
pub struct World {
    dir: TempDir,
    open: OpenFs,
    root: Option<PathBuf>,
    roots: Roots,
    /// The plan.
    pub moves: Vec<Move>,
}

impl World {
    /// In memory; the other handle is for looking at its calls.
    pub fn in_memory(ways: &[Way]) -> (World, MemoryFs) {
        let fs = MemoryFs::default();
        let handle = fs.clone();
        (World::new(ways, Box::new(move |fault| with_fault(handle.clone(), fault))), fs)
    }

    /// In memory, movies and series on file systems of their own.
    pub fn split(ways: &[Way]) -> World {
        let fs = MemoryFs::split();
        let roots = fs.roots();
        World { roots, ..World::new(ways, Box::new(move |fault| with_fault(fs.clone(), fault))) }
    }

    /// On the real disk.
    pub fn on_disk(ways: &[Way]) -> World {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_owned();
        let open = move |fault: Option<&InjectedFault>| {
            with_fault(LocalFs::open(dir.path()).unwrap(), fault)
        };
        World { root: Some(root), ..World::new(ways, Box::new(open)) }
    }

    /// The library's folder on the real disk.
    pub fn root(&self) -> &Path {
        self.root.as_deref().unwrap()
    }

    /// On another file system.
    pub fn new(ways: &[Way], open: OpenFs) -> World {
        let mut moves = Vec::new();
        for (n, (kind, from, to, via)) in ways.iter().enumerate() {
            let (id, root) = (TitleId(n as i64 + 1), library_root(*kind));
            let (from, to) = ((*from).to_owned(), (*to).to_owned());
            moves.push(Move { id, root, from, to, via: *via });
        }
        let (dir, roots) = (tempfile::tempdir().unwrap(), Roots::default());
        let world = World { dir, open, root: None, roots, moves };
        let kinds = ways.iter().map(|(kind, ..)| *kind);
        let records: Vec<_> = kinds.zip(&world.moves).map(|(kind, it)| record(kind, it)).collect();
        world.ledger().record(&records, &[], 1).unwrap();
        for it in &world.moves {
            world.plant(&format!("{}/{}/Season 01/it.strm", it.root, it.from), &ours(it.id));
            world.plant(&format!("{}/{}/poster.jpg", it.root, it.from), &theirs(it.id));
        }
        world.plant("Movies/Taken/theirs.mkv", "somebody's");
        world
    }

    /// Puts a file there, with the folders above it.
    pub fn plant(&self, path: &str, content: &str) {
        let fs = (self.open)(None);
        for (end, _) in path.match_indices('/') {
            drop(fs.create_dir(&at(&path[..end])));
        }
        fs.write_new(&at(path), content.as_bytes()).unwrap();
    }

    /// The ledger, opened anew.
    pub fn ledger(&self) -> Ledger {
        Ledger::open(&self.dir.path().join("ledger.sqlite")).unwrap()
    }

    /// A tree, opened anew.
    pub fn tree(&self) -> Tree {
        Tree::new((self.open)(None), Path::new("/library")).with_roots(self.roots.clone())
    }

    /// The same, with a fault.
    pub fn faulty_tree(&self, fault: &InjectedFault) -> Tree {
        Tree::new((self.open)(Some(fault)), Path::new("/library")).with_roots(self.roots.clone())
    }

    /// Makes these moves, unless it fails as a whole; says what was told, as `1 moved`, `2 stayed`.
    pub fn make(&self, tree: &Tree, moves: &[Move]) -> Result<Vec<String>, MoveError> {
        let mut told = Vec::new();
        let cancel = Cancel::default();
        make_moves(tree, &mut self.ledger(), moves, &cancel, &mut |it, result| {
            let word = if result.is_ok() { "moved" } else { "stayed" };
            told.push(format!("{} {word}", it.id.0));
        })?;
        Ok(told)
    }

    /// Does what the next run does first.
    pub fn resume(&self, tree: &Tree) -> Result<usize, MoveError> {
        resume_moves(tree, &mut self.ledger())
    }

    /// The moves that the ledger knows nothing of.
    pub fn left(&self) -> Vec<Move> {
        let folders = self.folders();
        self.moves.iter().filter(|it| folders[&it.id] == it.from).cloned().collect()
    }

    /// Where the ledger has them.
    pub fn folders(&self) -> BTreeMap<TitleId, String> {
        let ids: Vec<TitleId> = self.moves.iter().map(|it| it.id).collect();
        let known = self.ledger().titles(&ids).unwrap();
        known.into_iter().map(|(id, title)| (id, title.folder.unwrap())).collect()
    }

    /// All files.
    pub fn files(&self) -> BTreeMap<String, String> {
        let mut all = entries_of((self.open)(None).as_ref());
        all.retain(|path, _| !path.ends_with('/'));
        all
    }

    /// The one folder in which a title's files are, its companion's too.
    pub fn place(&self, files: &BTreeMap<String, String>, id: TitleId) -> String {
        let of = |content: String, below: &str| {
            let paths: Vec<&String> =
                files.iter().filter(|(_, it)| **it == content).map(|(path, _)| path).collect();
            assert_eq!(paths.len(), 1, "title {}: {files:#?}", id.0);
            paths[0].strip_suffix(below).unwrap().to_owned()
        };
        let place = of(ours(id), "/Season 01/it.strm");
        assert_eq!(of(theirs(id), "/poster.jpg"), place);
        place
    }

    /// Every title is in one of the three places where it may be; nothing else has changed.
    pub fn assert_whole(&self) {
        let files = self.files();
        for it in &self.moves {
            let home = self.roots.volume_of(&at(it.root));
            let aside = home.join(&format!(".vod2strm/moving/{}", it.id.0)).unwrap();
            let aside = aside.as_str().to_owned();
            let (from, to) = (format!("{}/{}", it.root, it.from), format!("{}/{}", it.root, it.to));
            let place = self.place(&files, it.id);
            assert!([from, to, aside].contains(&place), "title {} is in {place}", it.id.0);
        }
        assert_eq!(files["Movies/Taken/theirs.mkv"], "somebody's");
        let in_library = files.keys().filter(|path| !path.contains(".vod2strm/."));
        assert_eq!(in_library.count(), 2 * self.moves.len() + 1, "{files:#?}");
    }

    /// Nothing is under way, and the ledger has every title where it is.
    pub fn assert_settled(&self) {
        assert_eq!(self.ledger().open_moves().unwrap(), []);
        let (files, folders) = (self.files(), self.folders());
        for it in &self.moves {
            let known = format!("{}/{}", it.root, folders[&it.id]);
            assert_eq!(self.place(&files, it.id), known, "title {}", it.id.0);
        }
    }

    /// All is as the plan wants it, as far as that can be.
    pub fn assert_done(&self) {
        self.assert_whole();
        self.assert_settled();
        let mut staying = self.moves.clone();
        staying.retain(|it| CLOSED.contains(&it.to.as_str()));
        assert_eq!(self.left(), staying);
    }

    /// What the next run does brings all to where it belongs.
    pub fn assert_recovers(&self) {
        let tree = self.tree();
        self.resume(&tree).unwrap();
        self.assert_whole();
        self.assert_settled();
        self.make(&tree, &self.left()).unwrap();
        self.assert_done();
        assert_eq!(self.resume(&tree).unwrap(), 0);
    }
}

fn ours(id: TitleId) -> String {
    format!("http://{}", id.0)
}

fn theirs(id: TitleId) -> String {
    format!("poster of {}", id.0)
}

/// A path of the library.
pub fn at(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

fn record(kind: Kind, it: &Move) -> TitleRecord {
    let content = ours(it.id);
    TitleRecord {
        title: Title { key: SourceKey(it.id.0), ..drafts::title(kind, &it.from) },
        naming: None,
        files: vec![FileNote::Written(FileRecord {
            account: None,
            stream: None,
            key: drafts::key("strm"),
            path: "Season 01/it.strm".to_owned(),
            size: content.len() as u64,
            hash: ContentHash::of(content.as_bytes()),
        })],
        folders: vec![(String::new(), 5), ("Season 01".to_owned(), 5)],
        ..drafts::record(kind, &it.from)
    }
}
