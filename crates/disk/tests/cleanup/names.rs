//! Titles whose files get other names: what the ledger has, what is wanted, and the plan between them,
//! made anew for every run.

use std::collections::{BTreeMap, BTreeSet};

use vod2strm_core::hash::{ContentHash, Fingerprint};
use vod2strm_core::identity::known::{KnownFile, KnownTitle, TitleId};
use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::media::Kind;
use vod2strm_core::names::category_habits::Habits;
use vod2strm_core::naming::library_root;
use vod2strm_core::plan::settle::{
    FileNote, FileRecord, FileResult, TitleRecord, TitleResult, settle,
};
use vod2strm_core::plan::{Change, FileChange, PlannedFile, TitlePlan};
use vod2strm_core::render::Desired;
use vod2strm_disk::apply::{ApplyContext, apply_batch};
use vod2strm_disk::fs::staging::{WorkerStaging, prepare_staging};
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_disk::inspect::presence::{FolderTimes, look};
use vod2strm_testkit::disks::Entries;
use vod2strm_testkit::disks::pool;
use vod2strm_testkit::drafts;
use vod2strm_testkit::faulty_fs::InjectedFault;

use crate::world::{GO_ON, World};

/// A file: what it is for, where it was with which content, and where it is to be with which.
#[derive(Clone, Debug)]
pub struct NamedFile {
    pub key: &'static str,
    /// `None` when it is new.
    pub before: Option<(&'static str, &'static str)>,
    pub after: (&'static str, &'static str),
}

/// A title, its files in the order in which they are written.
#[derive(Clone, Debug)]
pub struct Naming {
    pub kind: Kind,
    pub folder: &'static str,
    pub files: Vec<NamedFile>,
}

impl Naming {
    pub fn new(kind: Kind, folder: &'static str) -> Naming {
        Naming { kind, folder, files: Vec::new() }
    }

    /// Has a file that gets another name, another content, or both.
    pub fn from(
        mut self,
        key: &'static str,
        before: (&'static str, &'static str),
        after: (&'static str, &'static str),
    ) -> Naming {
        self.files.push(NamedFile { key, before: Some(before), after });
        self
    }

    /// Has a new file.
    pub fn create(mut self, key: &'static str, after: (&'static str, &'static str)) -> Naming {
        self.files.push(NamedFile { key, before: None, after });
        self
    }

    /// A path below the output folder.
    pub fn at(&self, below: &str) -> String {
        format!("{}/{}/{below}", library_root(self.kind), self.folder)
    }

    /// What the ledger has at first.
    fn record(&self) -> TitleRecord {
        let files = self.files.iter().filter_map(|file| {
            let (path, content) = file.before?;
            let hash = ContentHash::of(content.as_bytes());
            let (key, path) = (drafts::key(file.key), path.to_owned());
            Some(FileRecord {
                key,
                path,
                size: content.len() as u64,
                hash,
                account: None,
                stream: None,
            })
        });
        let files: Vec<FileRecord> = files.collect();
        let parent =
            |file: &FileRecord| file.path.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
        let mut dirs: BTreeSet<String> = files.iter().map(parent).collect();
        dirs.insert(String::new());
        let folders = dirs.into_iter().map(|dir| (dir, 5)).collect();
        let record = drafts::record(self.kind, self.folder);
        let files = files.into_iter().map(FileNote::Written).collect();
        TitleRecord { naming: None, files, folders, ..record }
    }

    /// The plan, given what the ledger has, without hashes for what is gone.
    fn plan(&self, id: TitleId, known: &KnownTitle) -> TitlePlan {
        let mut plan = TitlePlan {
            known: Some(id),
            fingerprint: Fingerprint(2),
            folder: known.folder.clone(),
            ..drafts::plan(self.kind, self.folder)
        };
        for wish in &self.files {
            let (to, content) = (wish.after.0.to_owned(), wish.after.1.as_bytes().to_vec());
            let (key, hash) = (drafts::key(wish.key), ContentHash::of(&content));
            let file = known.files.get(&key);
            let change = match file.map(KnownFile::written) {
                None => Change::Create,
                Some(None) => Change::Restore,
                Some(Some(ours)) if ours.hash == hash => Change::Keep,
                Some(Some(ours)) => Change::Replace(ours),
            };
            let from = file.filter(|file| file.path != to).map(|file| file.path.clone());
            let file = Desired {
                key,
                path: to,
                content,
                season: None,
                episode: None,
                account: None,
                stream: None,
            };
            let planned = PlannedFile { from, ..PlannedFile::new(file, change) };
            plan.changes.push(FileChange::Want(planned));
        }
        plan
    }
}

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// It came to its end: what became of each title.
    Told(Vec<TitleResult<TreeError>>),
    /// It ended before the ledger heard of anything.
    CutOff,
}

/// A library of such titles.
pub struct Scene {
    pub world: World,
    pub namings: Vec<Naming>,
    /// Whose files must not change: content by path.
    pub foreign: Entries,
}

impl Scene {
    /// Plants what the ledger has, unless something is there, and then the rest.
    pub fn new(world: World, namings: &[Naming], foreign: &[(&str, &str)]) -> Scene {
        let records: Vec<TitleRecord> = namings.iter().map(Naming::record).collect();
        world.ledger().record(&records, &[], 1).unwrap();
        for naming in namings {
            for (path, content) in naming.files.iter().filter_map(|file| file.before) {
                world.plant(&naming.at(path), content);
            }
        }
        // Edits among them.
        foreign.iter().for_each(|(path, content)| world.plant(path, content));
        let own = |(path, content): &(&str, &str)| ((*path).to_owned(), (*content).to_owned());
        Scene { world, namings: namings.to_vec(), foreign: foreign.iter().map(own).collect() }
    }

    fn ids(&self) -> Vec<TitleId> {
        (1..=self.namings.len() as i64).map(TitleId).collect()
    }

    /// What the ledger has; what a look at the disk misses has no hash.
    pub fn known(&self, has_looked: bool) -> BTreeMap<TitleId, KnownTitle> {
        let ledger = self.world.ledger();
        let mut known: BTreeMap<_, _> = ledger.titles(&self.ids()).unwrap().into_iter().collect();
        if has_looked {
            let tree = self.world.tree(None);
            let presence =
                look(&pool(&tree, 1), &ledger, &Kind::ALL, FolderTimes::NotKept).unwrap();
            for (id, gone) in &presence.gone {
                let files = &mut known.get_mut(id).unwrap().files;
                gone.keys().for_each(|key| files.get_mut(key).unwrap().hash = None);
            }
        }
        known
    }

    /// The plans of the next run.
    pub fn plans(&self) -> Vec<TitlePlan> {
        let known = self.known(true);
        let plans = self.namings.iter().zip(self.ids());
        plans.map(|(naming, id)| naming.plan(id, &known[&id])).collect()
    }

    /// Plans, applies, and tells the ledger as a run does, unless it was cut off.
    pub fn run(&self, fault: Option<&InjectedFault>, is_cut_off: bool) -> End {
        let plans = self.plans();
        let (tree, mut ledger) = (self.world.tree(fault), self.world.ledger());
        if prepare_staging(&tree).is_err() {
            return End::CutOff;
        }
        let pool = pool(&tree, 1);
        let leftovers = ledger.leftovers().unwrap();
        ledger.announce(&plans, &Habits::new()).unwrap();
        let (stagings, leftovers) = (&mut pool.tools(WorkerStaging::of)[..], &leftovers);
        let context = ApplyContext { pool: &pool, stagings, leftovers, cancel: &GO_ON };
        let applied = apply_batch(context, &plans, &|_, _| {});
        if is_cut_off || tree.sync().is_err() {
            return End::CutOff;
        }
        let settled = plans.iter().zip(&applied).filter(|(_, applied)| applied.is_settled());
        let place = |plan: &TitlePlan| {
            format!("{}/{}", plan.root(), plan.folder.as_deref().unwrap_or_default())
        };
        let settled: Vec<String> = settled.map(|(plan, _)| place(plan)).collect();
        let settle = |(plan, applied)| settle(plan, applied).0;
        let records: Vec<TitleRecord> =
            plans.into_iter().zip(&applied).filter_map(settle).collect();
        ledger.record(&records, &settled, 2).unwrap();
        End::Told(applied)
    }

    /// What would be told of a run.
    pub fn preview(&self) -> Vec<TitleResult<TreeError>> {
        let tree = self.world.tree(None).preview();
        prepare_staging(&tree).unwrap();
        let (pool, leftovers) = (pool(&tree, 1), self.world.ledger().leftovers().unwrap());
        let (stagings, leftovers) = (&mut pool.tools(WorkerStaging::of)[..], &leftovers);
        let context = ApplyContext { pool: &pool, stagings, leftovers, cancel: &GO_ON };
        apply_batch(context, &self.plans(), &|_, _| {})
    }

    /// Paths and contents that the ledger has, of each title.
    pub fn rows(&self) -> BTreeMap<TitleId, BTreeMap<String, (String, Option<ContentHash>)>> {
        let known = self.known(false).into_iter();
        let rows = known.map(|(id, title)| {
            let row = |(key, file): (FileKey, vod2strm_core::identity::known::KnownFile)| {
                (key.to_string(), (file.path, file.hash))
            };
            (id, title.files.into_iter().map(row).collect())
        });
        rows.collect()
    }

    /// The places where a content is.
    pub fn places(&self, content: &str) -> Vec<String> {
        let library = self.world.library().into_iter();
        library.filter(|(_, it)| it == content).map(|(path, _)| path).collect()
    }

    /// Every file of ours is where it was or where it is to be, as it was or as it is to be. The file is at one of both
    /// places alone. Nothing of somebody's is lost or doubled.
    pub fn assert_unharmed(&self) {
        let now = self.world.library();
        for (path, content) in &self.foreign {
            let is_twin = |other: &&String| *other == content;
            let twins = self.foreign.values().filter(is_twin).count();
            assert_eq!(self.places(content).len(), twins, "{path}: {now:#?}");
        }
        for naming in &self.namings {
            for file in &naming.files {
                let (new, wanted) = file.after;
                let is_foreign = |path: &String| {
                    now.get(path).is_some_and(|it| self.foreign.values().any(|other| other == it))
                };
                let Some((old, had)) = file.before else { continue };
                let places = BTreeSet::from([naming.at(old), naming.at(new)]);
                let ours: Vec<&String> = places
                    .iter()
                    .filter(|path| now.get(*path).is_some_and(|it| it == had || it == wanted))
                    .collect();
                let is_edited = places.iter().any(&is_foreign);
                assert!(ours.len() == 1 || ours.is_empty() && is_edited, "{file:?}: {now:#?}");
            }
        }
    }

    /// The next run, and the one after it, leave the library and the ledger as an undisturbed one does.
    /// `may_keep_folders`: one could not be removed, and stays, empty.
    pub fn assert_recovers(&self, goal: &Scene, may_keep_folders: bool) {
        let End::Told(applied) = self.run(None, false) else { panic!("nothing fails") };
        let End::Told(wanted) = goal.run(None, false) else { panic!("nothing fails") };
        for (applied, wanted) in applied.iter().zip(&wanted) {
            assert_eq!(applied.is_right(), wanted.is_right(), "{:?}", said(applied));
        }
        for is_last in [false, true] {
            let (mut now, goal) = (self.world.library(), (goal.world.library(), goal.rows()));
            if may_keep_folders {
                now.retain(|path, _| !path.ends_with('/') || goal.0.contains_key(path));
            }
            assert_eq!(now, goal.0);
            assert_eq!(self.rows(), goal.1);
            assert_eq!(self.world.staged(), Vec::<String>::new());
            self.assert_unharmed();
            if !is_last {
                self.run(None, false);
            }
        }
    }
}

/// The outcomes as words.
pub fn said(applied: &TitleResult<TreeError>) -> Vec<String> {
    let word = |file: &FileResult<TreeError>| match file {
        FileResult::Failed(_) => "Failed".to_owned(),
        other => format!("{other:?}"),
    };
    applied.files.iter().map(word).collect()
}
