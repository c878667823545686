//! Judges what the catalogue or the settings no longer want: may it go, does it wait, is it held?

use std::collections::{BTreeMap, HashMap, HashSet};

use vod2strm_core::hash::Fingerprint;
use vod2strm_core::hold::{Content, Doubt, Hold, HoldId, HoldReason, KnownHold};
use vod2strm_core::identity::known::{
    Cause, Known, KnownCopy, KnownTitle, Passage, TitleId, Unwanted,
};
use vod2strm_core::model::media::Kind;
use vod2strm_core::naming::library_root;
use vod2strm_core::plan::{Obsolete, TitlePlan, count_played};
use vod2strm_core::removal::accounts::{Roster, Will};
use vod2strm_core::removal::{Absence, Gone, Guard, MayGo, Scope, lost_most_episodes};
use vod2strm_core::render::slot::{played, role_of};
use vod2strm_disk::apply::remove::Doomed;
use vod2strm_disk::ledger::{Completed, Ledger};

use crate::error::RunError;
use crate::planner::Planner;
use crate::run::count::{LossCount, Losses, count, scope_of};

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
    /// The accounts whose streams these files play, as far as they are known.
    pub accounts: HashMap<String, i64>,
    /// For an absent title: how many complete runs have missed it before.
    pub absent: Option<u32>,
    /// The hold that keeps it, of an absent title.
    pub hold: Option<HoldId>,
    /// How many files it has, those that are wanted included.
    pub of: usize,
    /// How many movies or episodes it plays, and the most that it played within the last days; what the user's
    /// will took is not counted.
    pub played: (usize, usize),
    /// Whether the filter lets none of it through.
    pub is_filtered: bool,
    /// Slots of lost episodes that the source has not fetched since.
    pub unfetched: HashSet<String>,
    /// The folder is the user's, or may be: it stays.
    pub is_shared: bool,
    /// Folders below it that were written to.
    pub dirs: Vec<String>,
}

impl Candidate {
    /// A title of the ledger.
    pub fn known(id: TitleId, kind: Kind, known: &KnownTitle, absent: Option<u32>) -> Candidate {
        let files = known.files.iter().filter(|(_, file)| !file.is_kept());
        let of = files.clone().count();
        let strms = || {
            let strms = known.files.iter().filter(|(slot, _)| role_of(kind, slot).is_strm());
            strms.filter(|(_, file)| file.unwanted.is_none_or(|it| it.cause == Cause::Catalogue))
        };
        let slots = |is_all: bool| {
            let files = strms().filter(move |(_, file)| is_all || file.unwanted.is_none());
            count_played(files.map(|(slot, _)| slot.as_str()))
        };
        let accounts =
            known.files.iter().filter_map(|(slot, it)| Some((slot.clone(), it.account?)));
        let files = files.filter(|(_, file)| absent.is_some() || file.unwanted.is_some());
        let files = files.map(|(slot, file)| {
            let role = role_of(kind, slot);
            let (slot, path) = (slot.clone(), file.path.clone());
            (Doomed { slot, path, role, written: file.written() }, file.unwanted)
        });
        Candidate {
            title: id,
            kind,
            name: known.name.clone(),
            year: known.year,
            folder: known.folder.as_ref().map(|folder| format!("{}/{folder}", library_root(kind))),
            files: files.collect(),
            accounts: accounts.collect(),
            absent,
            hold: known.hold,
            of,
            played: (slots(false), slots(true).max(known.most_episodes)),
            is_filtered: known.is_filtered,
            unfetched: HashSet::new(),
            is_shared: known.is_shared != Some(false),
            dirs: Vec::new(),
        }
    }

    /// The account whose stream a file played; of an NFO, the first one whose streams the title has lost.
    fn loser(&self, slot: &str) -> Option<i64> {
        // A file that names its account, as nearly all do, has to look at no other.
        let first = || {
            let is_lost = |it: &Option<Unwanted>| it.is_some_and(|it| it.cause == Cause::Catalogue);
            let lost = self.files.iter().filter(|(_, it)| is_lost(it));
            lost.filter_map(|(file, _)| self.accounts.get(&file.slot)).min()
        };
        self.accounts.get(slot).or_else(first).copied()
    }

    /// A title that a dry run has just planned, and of which the ledger does not know yet.
    pub fn planned(plan: &TitlePlan) -> Option<Candidate> {
        let files = plan.obsolete.iter().map(|file| {
            let (slot, path, role) = (file.slot.clone(), file.path.clone(), file.role);
            (Doomed { slot, path, role, written: Some(file.written) }, Some(file.unwanted))
        });
        let lost = plan
            .obsolete
            .iter()
            .filter(|file| file.role.is_strm() && file.unwanted.cause == Cause::Catalogue);
        let strms = plan.files.iter().filter(|file| file.file.role.is_strm());
        let left: Vec<&str> = strms.map(|file| file.file.slot.as_str()).collect();
        let all = lost.map(|file| file.slot.as_str()).chain(left.iter().copied());
        let most = plan.most_episodes.saturating_sub(plan.episodes.taken);
        let most = count_played(all).max(most);
        let is_new = |it: &&Obsolete| it.is_new && it.unwanted.cause == Cause::Catalogue;
        let unfetched = plan.obsolete.iter().filter(is_new).map(|it| it.slot.clone());
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
            accounts: plan
                .obsolete
                .iter()
                .filter_map(|file| Some((file.slot.clone(), file.account?)))
                .collect(),
            absent: None,
            hold: None,
            of: plan.obsolete.len() + plan.files.len(),
            played: (count_played(left.iter().copied()), most),
            is_filtered: plan.title.is_filtered(),
            unfetched: unfetched.filter(|slot| played(slot).is_some()).collect(),
            is_shared: plan.is_shared != Some(false),
            dirs: Vec::new(),
        };
        (!candidate.files.is_empty()).then_some(candidate)
    }

    /// The hold that keeps a file, or the title as a whole.
    pub fn held_by(&self, unwanted: Option<Unwanted>) -> Option<HoldId> {
        match self.absent {
            Some(_) => self.hold,
            None => unwanted.and_then(|unwanted| unwanted.hold),
        }
    }
}

/// What a run may do to what is missing.
#[derive(Clone, Debug, Default)]
pub struct Leave {
    /// Complete runs that something has to be missing for, besides the first.
    pub grace: u32,
    /// The holds that a person allows to let go.
    pub allowed: HashSet<HoldId>,
    /// Whether the source can fetch episodes that it does not have.
    pub can_fetch: bool,
    /// A dry run: the ledger does not know what was planned.
    pub is_preview: bool,
    /// Why what is missing may only be cut off: then nothing of it goes, whatever is allowed.
    pub doubt: Option<Doubt>,
}

/// Everything that a removal depends on.
pub struct Judge {
    roster: Roster,
    guard: Guard,
    leave: Leave,
    /// What allowed holds are about: an account's titles of a kind.
    allowed: HashSet<Scope>,
    missing: HashMap<TitleId, Vec<KnownCopy>>,
    contradicted: HashMap<TitleId, Hold>,
    absent: HashMap<TitleId, Known>,
    kinds: Vec<Kind>,
    /// Complete runs before this one that count: what a list lacks that may have been cut off is not known to be
    /// missing.
    proved: HashMap<Kind, u32>,
    /// Whether any title has files that are wanted.
    has_any: bool,
    /// The holds that last.
    pub known_holds: Vec<KnownHold>,
}

impl Judge {
    /// Reads from the ledger what the catalogue lacks.
    pub fn new(
        losses: &Losses,
        ledger: &Ledger,
        planner: &Planner<'_>,
        roster: Roster,
        mut leave: Leave,
    ) -> Result<Judge, RunError> {
        if leave.doubt.is_some() {
            // Nothing is let go, and so nothing that is held ends.
            leave.allowed.clear();
        }
        let known = (ledger, planner);
        let LossCount { guard, missing, absent } =
            count(losses, known, &roster, (&leave.allowed, leave.is_preview))?;
        let known_holds = ledger.holds()?;
        let named = known_holds.iter().filter(|hold| leave.allowed.contains(&hold.id));
        let allowed = named.filter_map(|hold| {
            Some(Scope { account: hold.key.account?, content: hold.key.content })
        });
        Ok(Judge {
            roster,
            guard,
            allowed: allowed.collect(),
            proved: proved_runs(ledger, leave.doubt)?,
            leave,
            missing,
            contradicted: losses.contradicted.clone(),
            absent,
            kinds: losses.kinds.clone(),
            has_any: losses.has_unchanged || planner.has_files(),
            known_holds,
        })
    }

    /// The holds that are allowed in this run.
    pub fn allowed_holds(&self) -> impl Iterator<Item = &KnownHold> {
        self.known_holds.iter().filter(|hold| self.leave.allowed.contains(&hold.id))
    }

    fn is_allowed(&self, candidate: &Candidate, unwanted: Option<Unwanted>) -> bool {
        candidate.held_by(unwanted).is_some_and(|hold| self.leave.allowed.contains(&hold))
    }

    /// Whether the user's will or a permission takes a file of a candidate, or the candidate as a whole.
    pub fn is_let_go(&self, candidate: &Candidate, unwanted: Option<Unwanted>) -> bool {
        let lacking = self.missing.get(&candidate.title);
        let is_withdrawn = candidate.absent.is_some()
            && lacking.is_some_and(|all| all.iter().all(|copy| self.roster.is_withdrawn(copy)));
        let is_will = unwanted.is_some_and(|unwanted| unwanted.cause.is_will());
        // Somebody has deleted all of it.
        let is_deleted = candidate.absent.is_some() && candidate.files.is_empty();
        self.is_allowed(candidate, unwanted) || is_withdrawn || is_will || is_deleted
    }

    /// By how much the numbers sink that are remembered, when these files of a candidate go: what a permission takes,
    /// and of a series that goes as a whole what the user's will takes, or may always go. What the user's will takes of
    /// a title that is there was told of before.
    pub fn lowered(&self, candidate: &Candidate, slots: &HashSet<&str>) -> BTreeMap<Scope, usize> {
        let mut lowered = BTreeMap::new();
        if candidate.absent.is_some() && self.is_allowed(candidate, None) {
            let lacking = self.missing.get(&candidate.title).into_iter().flatten();
            let is_counted = |copy: &&KnownCopy| copy.passage != Passage::Barred && !copy.is_let_in;
            let counted = lacking.filter(is_counted);
            lowered.extend(counted.map(|copy| (scope_of(copy), 1)));
        }
        if candidate.kind == Kind::Series {
            let mut played: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
            for (file, unwanted) in &candidate.files {
                let account = candidate.accounts.get(&file.slot);
                let is_excused = account.is_some_and(|it| self.guard.excused.contains(it));
                let is_counted = match candidate.absent {
                    Some(_) => is_excused || self.is_let_go(candidate, *unwanted),
                    None => self.is_allowed(candidate, *unwanted),
                };
                if let Some(account) = account.filter(|_| is_counted && slots.contains(&*file.slot))
                {
                    played.entry(*account).or_default().push(&file.slot);
                }
            }
            lowered.extend(played.into_iter().map(|(account, slots)| {
                let scope = Scope { account, content: Content::Episodes };
                (scope, count_played(slots.into_iter()))
            }));
        }
        lowered
    }

    /// What happens to a file of a candidate; without a file, to the candidate as a whole. What the settings
    /// take goes also while the end of the source is in doubt.
    pub fn decide(&self, candidate: &Candidate, file: Option<(&str, Unwanted)>) -> MayGo {
        let is_by_settings = candidate.absent.is_none()
            && file.is_some_and(|(_, unwanted)| unwanted.cause == Cause::Settings);
        match (self.decide_by_rules(candidate, file), self.leave.doubt) {
            (MayGo::Now, Some(doubt)) if !is_by_settings => MayGo::Held(Hold {
                reason: HoldReason::EndUnproved(doubt),
                account: None,
                content: match (candidate.kind, candidate.absent) {
                    (Kind::Series, None) => Content::Episodes,
                    (kind, _) => Content::of(kind),
                },
            }),
            (decision, _) => decision,
        }
    }

    fn decide_by_rules(&self, candidate: &Candidate, file: Option<(&str, Unwanted)>) -> MayGo {
        let unwanted = file.map(|(_, unwanted)| unwanted);
        let held_by = candidate.held_by(unwanted);
        let absence = |runs: u32| Absence {
            runs: self.counted(candidate.kind, runs),
            // A hold for a doubt lasts as long as the doubt: only without one it may end.
            was_held: held_by.is_some() && self.leave.doubt.is_none(),
            is_allowed: held_by.is_some_and(|hold| self.leave.allowed.contains(&hold)),
        };
        let decide = |hold, runs| MayGo::decide(hold, absence(runs), self.leave.grace);
        match (candidate.absent, file) {
            (Some(runs), _) => decide(self.hold(candidate), runs),
            (None, None) => MayGo::Later,
            (None, Some((slot, Unwanted { cause, runs, .. }))) => match cause {
                Cause::Kept => MayGo::Later,
                Cause::Settings => MayGo::Now,
                Cause::SwitchedOff => decide(self.hold(candidate), runs),
                Cause::Catalogue => decide(self.hold_lost(candidate, slot), runs),
                Cause::Filter => {
                    let (reason, content) =
                        (HoldReason::NothingWanted, Content::of(candidate.kind));
                    let nothing = Hold { reason, account: None, content };
                    // What it lost is the catalogue's doing, though the filter takes the rest.
                    decide(self.hold(candidate).or((!self.has_any).then_some(nothing)), runs)
                }
            },
        }
    }

    /// Why nothing may go of a title: for the streams that it lacks.
    fn hold(&self, candidate: &Candidate) -> Option<Hold> {
        if let Some(hold) = self.contradicted.get(&candidate.title) {
            return Some(hold.clone());
        }
        let about = (candidate.kind, candidate.absent.is_some());
        match self.missing.get(&candidate.title) {
            Some(lacking) => {
                let streams = self.guard.hold_streams(&self.roster, about, lacking);
                streams.or_else(|| self.hold_whole(candidate, lacking))
            }
            None if about.1 => self.guard.hold_all(candidate.kind),
            None => None,
        }
    }

    /// Why a series that is gone as a whole may not go: for its episodes.
    fn hold_whole(&self, candidate: &Candidate, lacking: &[KnownCopy]) -> Option<Hold> {
        let is_lost = |copy: &&KnownCopy| {
            copy.passage != Passage::Barred
                && !self.roster.is_withdrawn(copy)
                && !self.guard.excused.contains(&copy.account)
        };
        let is_series = candidate.absent.is_some() && candidate.kind == Kind::Series;
        let mut lost = lacking.iter().filter(|_| is_series).filter(is_lost);
        lost.find_map(|copy| self.guard.hold_episodes(copy.account))
    }

    /// Why a file of a title that is still there may not go, though the catalogue has lost what it plays.
    fn hold_lost(&self, candidate: &Candidate, slot: &str) -> Option<Hold> {
        let (left, most) = candidate.played;
        // Without a permission, which is rare, no file has to look at all others.
        let may_be_allowed = !self.leave.allowed.is_empty();
        let is_strm = |slot: &&str| played(slot).is_some();
        let files = candidate.files.iter().filter(|_| may_be_allowed);
        let own = files.clone().find(|(file, _)| file.slot == slot);
        let is_own_allowed = own.is_some_and(|(_, it)| self.is_allowed(candidate, *it));
        let is_series = candidate.kind == Kind::Series;
        let content = if is_series { Content::Episodes } else { Content::Movies };
        let account = candidate.loser(slot);
        let named = account.map(|account| self.guard.account(account));
        let most_episodes =
            Hold { reason: HoldReason::MostEpisodes, account: named.clone(), content };
        // What a person allows to go is lost no more.
        let allowed = files.filter(|(_, it)| self.is_allowed(candidate, *it));
        let allowed = count_played(allowed.map(|(file, _)| file.slot.as_str()).filter(is_strm));
        let most = if is_own_allowed { most } else { most.saturating_sub(allowed) };
        let is_most = !candidate.is_filtered && lost_most_episodes(left, most);
        let episodes = account.and_then(|account| self.guard.hold_episodes(account));
        let hold = is_most.then_some(most_episodes).or(episodes.filter(|_| is_series));
        let is_unfetched = match played(slot) {
            Some(_) => candidate.unfetched.contains(slot),
            // An NFO goes with what it is about.
            None => !candidate.unfetched.is_empty(),
        };
        let is_unknown = is_series && self.leave.can_fetch && is_unfetched;
        match hold {
            // What the source has not looked for is not lost.
            Some(hold) if is_unknown && hold.reason != HoldReason::Scanning => {
                Some(Hold { reason: HoldReason::NotFetched, account: named, ..hold })
            }
            hold => hold.or_else(|| self.hold(candidate)),
        }
    }

    /// What the ledger is to know of what is missing; `filter` is today's, and `let_go` what was removed at the user's will, or with
    /// permission, by scope, and was told of.
    pub fn completed(
        &self,
        let_go: BTreeMap<Scope, usize>,
        day: i64,
        filter: Option<Fingerprint>,
    ) -> Completed {
        let disabled = self.roster.disabled.iter().copied().collect();
        let all = || self.missing.values().flatten();
        let is_withdrawn =
            |copy: &&KnownCopy| copy.passage != Passage::Barred && self.roster.is_withdrawn(copy);
        let withdrawn: Vec<KnownCopy> = all().filter(is_withdrawn).cloned().collect();
        let lost = all().filter(|copy| !is_withdrawn(copy));
        let new = lost.filter(|copy| copy.gone.is_none()).cloned().collect();
        let accepted = self.accepted();
        let counted = |copy: &&KnownCopy| match self.guard.gone.get(&(copy.title, scope_of(copy))) {
            // What others offer is no title that was lost: such losses must not add up to one that is held.
            Some(Gone::Withdrawn | Gone::Spare) => true,
            Some(Gone::Lost) | None => self.is_scope_allowed(copy),
        };
        let titles: HashSet<(TitleId, Scope)> = withdrawn
            .iter()
            .chain(&accepted)
            .filter(counted)
            .map(|copy| (copy.title, scope_of(copy)))
            .collect();
        let mut lowered = BTreeMap::new();
        for (_, scope) in titles {
            *lowered.entry(scope).or_default() += 1;
        }
        Completed {
            kinds: self.kinds.clone(),
            day,
            missing_titles: self.newly_absent(),
            missing_copies: new,
            accepted,
            withdrawn,
            had: self.guard.had.clone(),
            lowered,
            let_go,
            held: self.guard.held_accounts(),
            will: Some(Will { filter, disabled }),
            holds: None,
        }
    }

    fn newly_absent(&self) -> Vec<TitleId> {
        let absent = self.absent.values().filter(|known| self.kinds.contains(&known.kind));
        absent.filter(|known| known.absent == 0).map(|known| known.id).collect()
    }

    /// Of the runs that missed something, those that count.
    fn counted(&self, kind: Kind, runs: u32) -> u32 {
        self.proved.get(&kind).map_or(runs, |proved| runs.min(*proved))
    }

    fn is_scope_allowed(&self, copy: &KnownCopy) -> bool {
        copy.gone.is_some() && self.allowed.contains(&scope_of(copy))
    }

    /// The missing copies of present titles whose loss is accepted now (an absent title is recognised by its
    /// copies when it returns).
    fn accepted(&self) -> Vec<KnownCopy> {
        let present = self.missing.iter().filter(|(title, _)| !self.absent.contains_key(title));
        let all = present.flat_map(|(_, copies)| copies);
        let all = all.filter(|copy| self.kinds.contains(&copy.kind));
        let is_due = |copy: &&KnownCopy| {
            let about = (copy.kind, false);
            let is_held = || self.guard.hold_streams(&self.roster, about, [*copy]).is_some();
            self.is_scope_allowed(copy)
                || self.counted(copy.kind, copy.absent) >= self.leave.grace && !is_held()
        };
        all.filter(|_| self.leave.doubt.is_none()).filter(is_due).cloned().collect()
    }
}

/// By kind the runs that count; while the end is in doubt itself all do, for then nothing goes.
fn proved_runs(ledger: &Ledger, doubt: Option<Doubt>) -> Result<HashMap<Kind, u32>, RunError> {
    let kinds = Kind::ALL.into_iter().filter(|_| doubt.is_none());
    kinds.map(|kind| Ok((kind, ledger.proved_runs(kind)?))).collect()
}
