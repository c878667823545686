//! Plans, applies and records batches: what the run does once it knows what changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use vod2strm_core::claims::Claims;
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::known::{Known, KnownTitle, TitleId};
use vod2strm_core::media::{Kind, Title};
use vod2strm_core::naming::{folder_candidates, library_root};
use vod2strm_core::plan::{Change, Identity, PlannedFile, TitlePlan, plan};
use vod2strm_core::policy::Policy;
use vod2strm_core::stamp::ExternalId;
use vod2strm_disk::apply::{Applied, FileOutcome, Site, apply_batch};
use vod2strm_disk::ledger::{FileRecord, Ledger, TitleRecord};
use vod2strm_disk::leftovers::Leftovers;
use vod2strm_disk::library::Library;
use vod2strm_disk::presence::keeps_folder_times;
use vod2strm_disk::staging::{Corner, clear_staging, prepare_staging};
use vod2strm_disk::tree::Tree;

use crate::batches::Loaded;
use crate::error::RunError;
use crate::tell::{problem_of, tell_title};

/// Files that are written before the ledger hears of them; each time costs one flush of the disk.
const RECORD_FILES: usize = 20_000;

/// Plans batches; knows which folders are given away.
pub struct Planner<'a> {
    policy: &'a Policy,
    claims: Option<Claims>,
    gone: Gone,
    /// Titles that the catalogue no longer has, until one turns out to be back under another identity.
    absent: HashMap<TitleId, Kind>,
}

/// Files that are gone from the disk, by title: slot and path.
pub type Gone = HashMap<TitleId, BTreeMap<String, String>>;

impl<'a> Planner<'a> {
    /// A planner that knows no folder yet.
    pub fn new(policy: &'a Policy, gone: Gone, absent: &[Known]) -> Planner<'a> {
        let absent = absent.iter().map(|known| (known.id, known.kind)).collect();
        Planner { policy, claims: None, gone, absent }
    }

    /// How many titles of a kind the catalogue no longer has.
    pub fn absent(&self, kind: Kind) -> u64 {
        self.absent.values().filter(|absent| **absent == kind).count() as u64
    }

    /// Plans a batch, in its order.
    pub fn plans(
        &mut self,
        ledger: &Ledger,
        batch: Vec<Loaded>,
    ) -> Result<Vec<TitlePlan>, RunError> {
        let mut claims = match self.claims.take() {
            Some(claims) => claims,
            None => ledger.claims()?,
        };
        let namesakes: Vec<Option<TitleId>> =
            batch.iter().map(|loaded| self.namesake(&claims, loaded)).collect();
        let ids = batch
            .iter()
            .filter_map(|loaded| loaded.known)
            .chain(namesakes.iter().flatten().copied());
        let mut known: HashMap<TitleId, KnownTitle> = ledger.titles(&ids.collect::<Vec<_>>())?;
        for (id, title) in &mut known {
            for slot in self.gone.get(id).into_iter().flat_map(BTreeMap::keys) {
                if let Some(file) = title.files.get_mut(slot) {
                    file.hash = None;
                }
            }
        }
        let nothing = KnownTitle::default();
        let mut plans = Vec::with_capacity(batch.len());
        for (loaded, namesake) in batch.into_iter().zip(namesakes) {
            let returned = namesake.filter(|id| {
                let is_same = known.get(id).is_some_and(|known| !contradicts(&loaded.title, known));
                is_same && self.absent.remove(id).is_some()
            });
            let id = loaded.known.or(returned);
            let known = id.map(|id| (id, known.get(&id).unwrap_or(&nothing)));
            let identity = Identity { known, fingerprint: loaded.fingerprint };
            plans.push(plan(self.policy, loaded.title, identity, &mut claims));
        }
        self.claims = Some(claims);
        Ok(plans)
    }

    /// The absent title that has the folder that a new one would get: no copy and no id recognised it,
    /// but its path does.
    fn namesake(&self, claims: &Claims, loaded: &Loaded) -> Option<TitleId> {
        if loaded.known.is_some() || self.absent.is_empty() {
            return None;
        }
        let folder = folder_candidates(self.policy.layout, &loaded.title).into_iter().next()?;
        let owner = claims.owner(library_root(loaded.title.kind), &folder)?;
        self.absent.contains_key(&owner).then_some(owner)
    }
}

/// Whether a title and a known one of the same name have ids that say they are different works.
fn contradicts(title: &Title, known: &KnownTitle) -> bool {
    let (kind, details) = (title.kind, &title.details);
    let tmdb = details.tmdb.iter().map(|id| ExternalId::tmdb(kind, id));
    let imdb = details.imdb.iter().map(|id| ExternalId::imdb(kind, id));
    let externals: Vec<ExternalId> = tmdb.chain(imdb).collect();
    ExternalId::contradict(&externals, &known.externals)
}

/// How to write.
#[derive(Clone, Copy)]
pub struct WriterSettings<'a> {
    /// What shapes the library.
    pub policy: &'a Policy,
    /// Titles written at a time.
    pub concurrency: usize,
    /// Now, in seconds since 1970.
    pub now: i64,
    /// Who listens.
    pub observer: &'a dyn Observer,
    /// Once true, the run ends after the titles that are begun.
    pub stop: &'a AtomicBool,
}

/// Applies batches and records them.
pub struct Writer<'a> {
    settings: WriterSettings<'a>,
    tree: &'a Tree,
    ledger: &'a mut Ledger,
    planner: Planner<'a>,
    corners: Vec<Corner>,
    leftovers: Leftovers,
    pending: Vec<TitleRecord>,
    /// Folders of which all that was announced is accounted for.
    settled: Vec<String>,
}

impl<'a> Writer<'a> {
    /// A writer on a library.
    pub fn new(
        settings: WriterSettings<'a>,
        library: &'a mut Library,
        planner: Planner<'a>,
    ) -> Writer<'a> {
        Writer {
            planner,
            settings,
            tree: &library.tree,
            ledger: &mut library.ledger,
            corners: Vec::new(),
            leftovers: Leftovers::default(),
            pending: Vec::new(),
            settled: Vec::new(),
        }
    }

    /// Plans, applies and, now and then, records.
    pub fn batch(&mut self, batch: Vec<Loaded>) -> Result<(), RunError> {
        let plans = self.planner.plans(self.ledger, batch)?;
        let observer = self.settings.observer;
        if self.corners.is_empty() && plans.iter().any(|plan| !plan.is_idle()) {
            self.corners = prepare_staging(self.tree, self.settings.concurrency)?;
            self.leftovers = self.ledger.leftovers()?;
            learn_about_folder_times(self.tree, self.ledger)?;
            observer.event(&Event::Workers(self.corners.len()));
        }
        let done = |plan: &TitlePlan, applied: &Applied| tell_title(observer, plan, applied, false);
        self.ledger.announce(&plans)?;
        let site = Site {
            tree: self.tree,
            corners: &mut self.corners,
            leftovers: &self.leftovers,
            stop: self.settings.stop,
        };
        let applied = apply_batch(site, &plans, &done);
        let mut storage_error = None;
        for (plan, applied) in plans.into_iter().zip(applied) {
            if let (true, Some(folder)) = (applied.is_settled(), &plan.folder) {
                self.settled.push(format!("{}/{folder}", plan.root()));
            }
            self.pending.extend(record_of(plan, &applied));
            storage_error = storage_error.or_else(|| applied.storage_error());
        }
        if let Some(error) = storage_error {
            return Err(error.into());
        }
        if self.settings.stop.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        let files: usize = self.pending.iter().map(|record| record.files.len()).sum();
        if files >= RECORD_FILES { self.record() } else { Ok(()) }
    }

    /// Records the rest and tidies up; also after an error, so that what was done is known.
    pub fn finish(mut self) -> Result<Planner<'a>, RunError> {
        self.record()?;
        if !self.corners.is_empty() {
            clear_staging(self.tree)?;
        }
        Ok(self.planner)
    }

    /// Makes the files durable, then tells the ledger.
    fn record(&mut self) -> Result<(), RunError> {
        if self.pending.iter().any(|record| !record.files.is_empty()) {
            self.tree.sync()?;
        }
        self.ledger.record(&self.pending, &self.settled, self.settings.now)?;
        self.pending.clear();
        self.settled.clear();
        Ok(())
    }
}

/// What the ledger is to know of a title; nothing of a new one of which nothing came to be.
fn record_of(plan: TitlePlan, applied: &Applied) -> Option<TitleRecord> {
    if applied.is_untried() {
        return None;
    }
    let is_right = applied.is_right();
    let outcomes = plan.files.into_iter().zip(&applied.files);
    let is_news = |(file, outcome): &(PlannedFile, &FileOutcome)| {
        file.change != Change::Keep && matches!(outcome, FileOutcome::Right(_))
    };
    let files: Vec<FileRecord> =
        outcomes.filter(is_news).map(|(file, _)| file_record(file)).collect();
    if !is_right && plan.known.is_none() && files.is_empty() {
        return None;
    }
    Some(TitleRecord {
        title: Title { episodes: Vec::new(), ..plan.title },
        known: plan.known,
        folder: plan.folder,
        fingerprint: if is_right { plan.fingerprint } else { Fingerprint::default() },
        problem: applied.files.iter().find_map(problem_of),
        files,
        folders: applied.folders.clone(),
    })
}

const FOLDER_TIMES: &str = "folder_times";

/// Tries, once per library, whether the file system keeps the times of folders.
fn learn_about_folder_times(tree: &Tree, ledger: &Ledger) -> Result<(), RunError> {
    if ledger.meta(FOLDER_TIMES)?.is_none() {
        let kept = if keeps_folder_times(tree)? { "kept" } else { "not kept" };
        ledger.set_meta(FOLDER_TIMES, kept)?;
    }
    Ok(())
}

/// Whether the times of folders tell what came and went.
pub fn are_folder_times_kept(ledger: &Ledger) -> Result<bool, RunError> {
    Ok(ledger.meta(FOLDER_TIMES)?.as_deref() == Some("kept"))
}

fn file_record(file: PlannedFile) -> FileRecord {
    let size = file.file.content.len() as u64;
    FileRecord { slot: file.file.slot, path: file.file.path, size, hash: file.hash }
}
