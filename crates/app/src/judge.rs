//! Judges what the catalogue or the settings no longer want: may it go, does it wait, is it held?

use std::collections::{HashMap, HashSet};

use vod2strm_core::compare::Comparison;
use vod2strm_core::guard::{Census, Guard, Hold, Roster, Sentence};
use vod2strm_core::known::{Cause, KnownCopy, KnownTitle, Passage, TitleId, Unwanted};
use vod2strm_core::media::Kind;
use vod2strm_core::naming::library_root;
use vod2strm_core::plan::{TitlePlan, role_of};
use vod2strm_core::stamp::CopyId;
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::remove::Doomed;

use crate::error::RunError;
use crate::planner::Planner;

/// What the first pass found to be missing.
#[derive(Debug)]
pub struct Losses {
    /// The kinds of which the run is about all titles: nothing of another kind is missing.
    pub kinds: Vec<Kind>,
    copies: HashSet<CopyId>,
    /// The newest title that the ledger had before the run.
    newest: TitleId,
    is_empty: bool,
    /// Whether the ledger has copies that no longer pass a filter which is the same as before.
    has_lapsed: bool,
    /// Whether titles with files need no work.
    has_unchanged: bool,
}

impl Losses {
    /// What is missing of the kinds that the run is about as a whole.
    pub fn of(comparison: &mut Comparison, kinds: Vec<Kind>) -> Losses {
        let is_empty = comparison.work.is_empty() && comparison.unchanged.is_empty();
        let present = comparison.work.iter().chain(&comparison.unchanged);
        let known = present.filter_map(|work| work.known).chain(comparison.absent.iter().copied());
        let newest = known.map(|known| known.id).max().unwrap_or(TitleId(0));
        let mut unchanged = comparison.unchanged.iter().filter_map(|work| work.known);
        let has_unchanged = unchanged.any(|known| known.has_folder && !known.is_filtered);
        let copies = std::mem::take(&mut comparison.missing);
        let has_lapsed = comparison.has_lapsed;
        Losses { kinds, copies, newest, is_empty, has_lapsed, has_unchanged }
    }

    /// Whether every known copy is there, and passes the filter as before.
    pub fn is_none(&self) -> bool {
        self.copies.is_empty() && !self.has_lapsed
    }
}

/// A title of which something may have to go.
pub struct Candidate {
    /// Its entry in the ledger.
    pub title: TitleId,
    /// Movie or series.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its year.
    pub year: Option<i32>,
    /// Its folder, below the output folder; `None` when it never had one.
    pub folder: Option<String>,
    /// The files in question, and why they are.
    pub files: Vec<(Doomed, Option<Unwanted>)>,
    /// For an absent title: how many complete runs have missed it before.
    pub absent: Option<u32>,
    /// How many files it has, those that are wanted included.
    pub of: usize,
}

impl Candidate {
    /// A title of the ledger.
    pub fn known(id: TitleId, kind: Kind, known: &KnownTitle, absent: Option<u32>) -> Candidate {
        let files = known.files.iter().filter(|(_, file)| !file.is_kept());
        let of = files.clone().count();
        let files = files.filter(|(_, file)| absent.is_some() || file.unwanted.is_some());
        let files = files.map(|(slot, file)| {
            let role = role_of(kind, slot, &file.path);
            let (slot, path) = (slot.clone(), file.path.clone());
            (Doomed { slot, path, role, hash: file.hash }, file.unwanted)
        });
        Candidate {
            title: id,
            kind,
            name: known.name.clone(),
            year: known.year,
            folder: known.folder.as_ref().map(|folder| format!("{}/{folder}", library_root(kind))),
            files: files.collect(),
            absent,
            of,
        }
    }

    /// A title that a dry run has just planned, and of which the ledger does not know yet.
    pub fn planned(plan: &TitlePlan) -> Option<Candidate> {
        let files = plan.obsolete.iter().map(|file| {
            let (slot, path, role) = (file.slot.clone(), file.path.clone(), file.role);
            (Doomed { slot, path, role, hash: Some(file.hash) }, Some(file.unwanted))
        });
        let candidate = Candidate {
            title: plan.known?,
            kind: plan.title.kind,
            name: plan.title.details.name.clone(),
            year: plan.title.details.year,
            folder: plan
                .moves_from
                .as_ref()
                .or(plan.folder.as_ref())
                .map(|folder| format!("{}/{folder}", plan.root())),
            files: files.collect(),
            absent: None,
            of: plan.obsolete.len() + plan.files.len(),
        };
        (!candidate.files.is_empty()).then_some(candidate)
    }
}

/// Everything that a sentence depends on.
pub struct Judge {
    roster: Roster,
    guard: Guard,
    grace: u32,
    is_allowed: bool,
    missing: HashMap<TitleId, Vec<KnownCopy>>,
    absent: HashSet<TitleId>,
    kinds: Vec<Kind>,
    newest: TitleId,
    /// Whether any title has files that are wanted.
    has_any: bool,
}

impl Judge {
    /// Reads from the ledger what the catalogue lacks. `grace` is how many complete runs have to miss
    /// something besides the first; with `is_allowed`, what is held may go.
    pub fn new(
        losses: &Losses,
        ledger: &Ledger,
        planner: &Planner<'_>,
        roster: Roster,
        (grace, is_allowed): (u32, bool),
    ) -> Result<Judge, RunError> {
        let (mut census, mut missing) = (Census::default(), HashMap::<_, Vec<KnownCopy>>::new());
        let offers = planner.offers();
        ledger.each_copy(|mut copy| {
            let id = CopyId::new(copy.kind, copy.account, &copy.stream);
            let is_present = !losses.copies.contains(&id);
            copy.passage = offers.passage(&id, copy.passage);
            census.add(&roster, &copy, is_present);
            if !is_present || copy.passage == Passage::Lapsed {
                missing.entry(copy.title).or_default().push(copy);
            }
        })?;
        for known in planner.absent().filter(|known| losses.kinds.contains(&known.kind)) {
            if known.has_folder && !census.has(known.id) {
                census.add_replaced(known.kind);
            }
        }
        for (title, kind, account) in &offers.present {
            census.add_present(*kind, *account, *title);
        }
        let guard = census.judge(&roster, losses.is_empty, losses.newest);
        let absent = planner.absent().map(|known| known.id).collect();
        let kinds = losses.kinds.clone();
        let newest = losses.newest;
        let has_any = losses.has_unchanged || planner.has_files();
        Ok(Judge { roster, guard, grace, is_allowed, missing, absent, kinds, newest, has_any })
    }

    /// Whether what is held may go in this run.
    pub fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    /// The sentence on a file of a candidate; without a file, on the candidate as a whole.
    pub fn pass(&self, candidate: &Candidate, unwanted: Option<Unwanted>) -> Sentence {
        let hold = || match self.missing.get(&candidate.title) {
            Some(lacking) => self.guard.hold(&self.roster, lacking),
            None if candidate.absent.is_some() => self.guard.hold_replaced(candidate.kind),
            None => None,
        };
        let pass = |hold, runs| Sentence::pass(hold, self.is_allowed, runs, self.grace);
        match (candidate.absent, unwanted) {
            (Some(absent), _) => pass(hold(), absent),
            (None, None | Some(Unwanted { cause: Cause::Kept, .. })) => Sentence::Waiting,
            (None, Some(Unwanted { cause: Cause::Settings, .. })) => Sentence::Due,
            (None, Some(Unwanted { cause: Cause::Catalogue, runs })) => pass(hold(), runs),
            (None, Some(Unwanted { cause: Cause::Filter, runs })) => {
                // What it lost is the catalogue's doing, though the filter takes the rest.
                pass(hold().or(Some(Hold::NothingWanted).filter(|_| !self.has_any)), runs)
            }
            (None, Some(Unwanted { cause: Cause::Vanished, runs })) => {
                pass(hold().or(Some(Hold::Vanished)), runs)
            }
        }
    }

    /// The copies that are missing since this run, and the newest title before it.
    pub fn newly_missing(&self) -> (Vec<KnownCopy>, i64) {
        let all = self.missing.values().flatten();
        let new = all.filter(|copy| copy.missing_since.is_none()).cloned().collect();
        (new, self.newest.0)
    }

    /// The missing copies of present titles that no hold protects (an absent title is recognised by its
    /// copies when it returns): those that are to wait on, and those whose loss is
    /// accepted now.
    pub fn lost_copies(&self) -> (Vec<KnownCopy>, Vec<KnownCopy>) {
        let present = self.missing.iter().filter(|(title, _)| !self.absent.contains(title));
        let all = present.flat_map(|(_, copies)| copies);
        let all = all.filter(|copy| self.kinds.contains(&copy.kind));
        let is_free =
            |copy: &&KnownCopy| self.is_allowed || self.guard.hold(&self.roster, [*copy]).is_none();
        let free = all.filter(is_free);
        free.cloned().partition(|copy| copy.absent < self.grace)
    }
}
