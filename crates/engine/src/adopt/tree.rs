//! A tree that the ledger does not know is taken over. Finds out which title of the catalogue each of the tree's files
//! plays, and tells the ledger. No file of the library is written, moved or removed.
//!
//! The new titles of the catalogue are loaded twice: who has most files in a folder is known only when
//! all have been seen. What is kept meanwhile is a few hundred bytes per file.

use std::collections::{BTreeSet, HashSet};

use vod2strm_catalog::source::{Scope, Selection};
use vod2strm_core::adopt::found::{FoundStrms, SkipReason};
use vod2strm_core::adopt::{Adopted, AdoptedFile, adopt as adopt_title};
use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::claims::Claims;
use vod2strm_core::identity::compare::Work;
use vod2strm_core::identity::merge::MergeRules;
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::naming::TitleFolder;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::EpisodeChanges;
use vod2strm_core::plan::settle::{FileNote, FileRecord, TitleRecord};
use vod2strm_core::policy::Policy;
use vod2strm_core::text::counted;
use vod2strm_disk::fs::tree::{Tree, TreeError};
use vod2strm_disk::inspect::survey::{Survey, read_nfo, survey};
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::Library;
use vod2strm_disk::library::marker::raise;
use vod2strm_disk::moves::aside;

use crate::adopt::manifest::Hint;
use crate::effects::writer::learn_about_folder_times;
use crate::error::RunError;
use crate::read::compare::{ReadStamps, compared};
use crate::read::load::{Loaded, work_through};
use crate::read::merge::EntryReader;
use crate::read::select::Reading;
use crate::read::settled::SettledState;

/// How to take over.
pub struct Adopting<'a> {
    /// What shapes the library: the settings of the runs that follow.
    pub policy: &'a Policy,
    /// What files play that cannot be understood themselves.
    pub hints: Vec<Hint>,
    /// Now, in seconds since 1970.
    pub now: i64,
    /// Who listens.
    pub observer: &'a dyn Observer,
    /// Once true, the work ends after the batch that is begun.
    pub cancel: &'a Cancel,
}

/// What was taken over.
#[derive(Debug, Default)]
pub struct Adoption {
    /// Movies.
    pub movies: u64,
    /// Series.
    pub series: u64,
    /// `.strm` files.
    pub strms: u64,
    /// NFO files.
    pub nfos: u64,
    /// NFO files among them that somebody edited: they are left as they are.
    pub edited: u64,
    /// Titles that lack a file, or whose files play something else now: the next run sees to them.
    pub incomplete: u64,
    /// Titles that are not called as today's settings call them, and can be renamed.
    pub other_names: u64,
    /// `.strm` files that the ledger knew already.
    pub known: u64,
    /// `.strm` files that were not taken over, by path, and why.
    pub rest: Vec<(String, SkipReason)>,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
}

/// Takes the tree over.
pub fn adopt(
    job: &Adopting<'_>,
    library: &mut Library,
    source: &mut Reading,
) -> Result<Adoption, RunError> {
    library.begin_changes(job.now)?;
    let (tree, ledger) = (&library.tree, &mut library.ledger);
    SettledState::forget(ledger)?;
    source.selector.habits.keep(|| ledger.habits())?;
    let scene = recognise(job, tree, ledger, source)?;
    if !scene.work.is_empty() {
        raise(tree, ledger)?;
        learn_about_folder_times(tree, ledger)?;
    }
    take_over(job, tree, ledger, scene, source)
}

/// Notes that a ledger that was lost is filled, and tells of what was on its way when that happened.
pub fn recovered(library: &mut Library, observer: &dyn Observer) -> Result<(), RunError> {
    for path in aside(&library.tree)? {
        let text =
            format!("{path} was being moved when the ledger was lost: put it where it belongs");
        observer.event(&Event::Warning(&text));
    }
    Ok(library.recovered()?)
}

/// The tree as it was found, and the titles that have a folder in it.
struct RecognisedTree {
    found: FoundStrms,
    seen: Survey,
    work: Vec<Work>,
    known: u64,
}

/// Looks through the tree and the catalogue, and gives every folder to a title.
fn recognise(
    job: &Adopting<'_>,
    tree: &Tree,
    ledger: &Ledger,
    source: &mut Reading,
) -> Result<RecognisedTree, RunError> {
    job.observer.event(&Event::Phase(Phase::Check, None));
    let known: HashSet<String> = ledger.strm_paths()?;
    let mut found = FoundStrms::default();
    let seen =
        survey(tree, &known, job.cancel, &mut |path, strm| found.add(path, strm.as_deref()))?;
    job.cancel.check()?;
    found.hint(job.hints.iter().cloned());
    let mut work = if found.is_empty() { Vec::new() } else { new_titles(job, ledger, source)? };
    job.observer.event(&Event::Phase(Phase::Adopt, None));
    work_through(work.clone(), source, |batch| {
        job.observer.event(&Event::Stamps(batch.len() as u64));
        batch.iter().for_each(|loaded| found.consider(job.policy, &loaded.title));
        Ok(job.cancel.check()?)
    })?;
    let claims = ledger.claims()?;
    found.settle(|root, folder| claims.owner(root, folder).is_some());
    let titles = found.titles();
    work.retain(|work| titles.contains(&(work.stamp.kind, work.stamp.key)));
    Ok(RecognisedTree { found, seen, work, known: known.len() as u64 })
}

/// The titles that the ledger has no folder for.
fn new_titles(
    job: &Adopting<'_>,
    ledger: &Ledger,
    source: &mut Reading,
) -> Result<Vec<Work>, RunError> {
    job.observer.event(&Event::Phase(Phase::Stamps, None));
    let mut stamps: Vec<Stamp> = Vec::new();
    let everything = Scope { movies: Selection::All, series: Selection::All };
    source.catalog.stamps(&everything, &mut |stamp| stamps.push(stamp))?;
    let index = ledger.index(job.policy.naming())?;
    let (policy, rules) = (job.policy, MergeRules::default());
    let names = EntryReader::new(policy, source.selector.cleaner.years.clone());
    let read = ReadStamps { stamps, names, kinds: &Kind::ALL, policy, rules };
    let compared = compared(&index, read, ledger, source)?;
    let mut work = compared.work;
    work.extend(compared.unchanged);
    work.retain(|work| work.known.is_none_or(|known| !known.has_folder));
    work.sort_unstable_by_key(|work| (work.stamp.kind, work.stamp.key));
    Ok(work)
}

/// Loads the titles that have a folder again, takes over their files, and records them.
fn take_over(
    job: &Adopting<'_>,
    tree: &Tree,
    ledger: &mut Ledger,
    scene: RecognisedTree,
    source: &mut Reading,
) -> Result<Adoption, RunError> {
    let RecognisedTree { mut found, seen, work, known } = scene;
    let mut adoption = Adoption { known, ..Adoption::default() };
    let mut context =
        TreeContext { tree, folders: &seen, policy: job.policy, notes: Vec::new(), failed: None };
    let habits = source.selector.habits.news();
    let mut claims = ledger.claims()?;
    source.remember(ledger, work.iter().filter_map(|work| Some(work.known?.id)))?;
    work_through(work, source, |batch| {
        job.observer.event(&Event::Stamps(batch.len() as u64));
        ledger.announce(&[], &habits.take())?;
        let mut records = Vec::with_capacity(batch.len());
        for loaded in batch {
            let kind = loaded.title.kind;
            let read = |folder: &str, below: &str| context.read(kind, folder, below);
            let adopted = adopt_title(job.policy, &loaded.title, &mut found, read);
            if let Some(mut adopted) = adopted {
                claim_nfo_title(&mut claims, &mut adopted);
                adoption.count(kind, &adopted);
                let has_other_names = !adopted.has_names_of_today;
                let record = context.record(loaded, adopted);
                let is_ours = record.ownership == Ownership::Ours;
                adoption.other_names += u64::from(has_other_names && is_ours);
                records.push(record);
            }
        }
        if let Some(error) = context.failed.take() {
            return Err(error.into());
        }
        ledger.record(&records, &[], job.now)?;
        Ok(job.cancel.check()?)
    })?;
    adoption.notes = context.notes;
    adoption.notes.extend_from_slice(&seen.notes);
    adoption.rest = found.rest().into_iter().map(|(path, why)| (path.to_owned(), why)).collect();
    Ok(adoption)
}

/// Gives a series the title in its NFO. One whose title another one gives is looked at again by the next run, which tells
/// the two apart.
fn claim_nfo_title(claims: &mut Claims, adopted: &mut Adopted) {
    let Some(title) = &adopted.nfo_title else { return };
    if claims.may_give(title, None) {
        claims.give_nfo_title(title, None, None);
    } else {
        (adopted.nfo_title, adopted.is_complete) = (None, false);
    }
}

impl Adoption {
    /// What is to be said of titles that are not called as today's settings call them; `None` if there is none.
    pub fn note_on_names(&self) -> Option<String> {
        let titles = counted(self.other_names, "title has", "titles have");
        (self.other_names > 0).then(|| {
            format!(
                "{titles} other names than the layout and the templates of today give: names stay until generate \
                 --relayout"
            )
        })
    }

    /// How many titles were taken over.
    pub fn titles(&self) -> u64 {
        self.movies + self.series
    }

    fn count(&mut self, kind: Kind, adopted: &Adopted) {
        match kind {
            Kind::Movie => self.movies += 1,
            Kind::Series => self.series += 1,
        }
        let strms = adopted.files.keys().filter(|key| key.is_strm()).count() as u64;
        self.strms += strms;
        self.nfos += adopted.files.len() as u64 - strms;
        self.edited += adopted.edited;
        self.incomplete += u64::from(!adopted.is_complete);
    }
}

/// The tree, and what was seen of it.
struct TreeContext<'a> {
    tree: &'a Tree,
    folders: &'a Survey,
    /// The choices by which the tree is taken to be made.
    policy: &'a Policy,
    notes: Vec<String>,
    /// The storage failed as a whole.
    failed: Option<TreeError>,
}

impl TreeContext<'_> {
    /// The content of a title's NFO, if there is one. Folders that were not gone through, such as
    /// links, have none.
    fn read(&mut self, kind: Kind, folder: &str, below: &str) -> Option<Vec<u8>> {
        let path = RelPath::parse(&TitleFolder::new(kind, folder).below(below)).ok()?;
        if !self.folders.folders.contains_key(path.parent()?.as_str()) {
            return None;
        }
        match read_nfo(self.tree, &path) {
            Ok(content) => content,
            Err(error) if error.is_storage() => {
                self.failed.get_or_insert(error);
                None
            }
            Err(error) => {
                self.notes.push(format!("{error}: {}", error.source));
                None
            }
        }
    }

    /// What the ledger is to know of a title.
    fn record(&self, loaded: Loaded, adopted: Adopted) -> TitleRecord {
        let folder = TitleFolder::new(loaded.title.kind, &adopted.folder);
        let parent = |path: &str| path.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
        let mut below: BTreeSet<String> =
            adopted.files.values().map(|file| parent(&file.path)).collect();
        below.insert(String::new());
        let changed = |dir: String| {
            let changed = *self.folders.folders.get(&folder.below(&dir))?;
            Some((dir, changed))
        };
        let folders = below.into_iter().filter_map(changed).collect();
        let ownership = Ownership::of(self.folders.holds_film(&folder.to_string()));
        let files = adopted.files.into_iter().map(|(key, file)| {
            let AdoptedFile { path, size, hash, account, stream } = file;
            FileNote::Written(FileRecord { key, path, size, hash, account, stream })
        });
        // What the filter does not let through is its will; from now on, what it no longer does is a loss.
        let is_wholly_wanted = loaded.title.is_wholly_wanted();
        let filter = if is_wholly_wanted { self.policy.filter() } else { None };
        let (fingerprint, problem) = if adopted.is_complete {
            (loaded.fingerprint, None)
        } else {
            // Looked at again by the next run.
            (Fingerprint::default(), Some("taken over, and not complete".to_owned()))
        };
        TitleRecord {
            what: None,
            episode_streams: loaded.title.episode_streams(),
            measured: loaded.title.measured(),
            title: Title { episodes: Vec::new(), ..loaded.title },
            known: loaded.known,
            folder: Some(adopted.folder),
            nfo_title: adopted.nfo_title,
            fingerprint,
            problem,
            files: files.collect(),
            naming: Some(self.policy.naming()),
            filter,
            is_filled: false,
            episodes: EpisodeChanges::default(),
            folders,
            ownership,
        }
    }
}
