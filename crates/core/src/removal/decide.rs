//! Decides of each title and file that is missing or unwanted: it goes now, it waits, or it is held.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::hash::Fingerprint;
use crate::hold::{Content, Doubt, Hold, HoldId, HoldReason, KnownHold, LeavesNothing};
use crate::identity::known::{Cause, FilterState, Known, KnownStream, TitleId, Unwanted};
use crate::model::file::FileKey;
use crate::model::media::Kind;
use crate::plan::count_played;
use crate::removal::AccountContent;
use crate::removal::accounts::{Roster, Will};
use crate::removal::candidate::Candidate;
use crate::removal::guard::{Guard, Missing};
use crate::removal::reclassified::Reclassified;
use crate::removal::record::{Completed, FileRemoval, RemovalRecord, Removed, TitleRemoval};

/// What happens to something that is missing or unwanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It goes now.
    Now,
    /// It has not been missing for long enough.
    AfterGrace,
    /// A person has to say so.
    Held(Hold),
}

/// How long something has waited to go, and what was said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    /// Complete runs before this one that missed it.
    pub runs: u32,
    /// The last run with a cleanup held it.
    pub was_held: bool,
    /// A person allows what the last run held, and this is part of it.
    pub is_allowed: bool,
}

impl Removal {
    /// What is missing waits for `grace` complete runs. What was held, and is so no more, waits anew.
    pub fn decide(hold: Option<Hold>, waited: Waited, grace: u32) -> Removal {
        let runs = if waited.was_held { 0 } else { waited.runs };
        match hold {
            Some(hold) if !waited.is_allowed || !hold.reason.can_be_allowed() => {
                Removal::Held(hold)
            }
            _ if waited.is_allowed || runs >= grace => Removal::Now,
            _ => Removal::AfterGrace,
        }
    }

    /// Whether it is held, and new works are left out for it: with a cleanup and without.
    pub fn leaves_out(&self) -> bool {
        matches!(self, Removal::Held(hold) if hold.reason.leaves_out())
    }
}

/// Whether a title that is still there keeps too few of its episodes: less than half of the most that it had. One of
/// two may go, and never the last one.
pub fn are_most_missing(left: usize, most: usize) -> bool {
    left * 2 < most
}

/// What a run may do to what is missing.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    grace: u32,
    allowed: HashSet<HoldId>,
    can_fetch: bool,
    doubt: Option<Doubt>,
    leaves_nothing: LeavesNothing,
}

impl Terms {
    /// `grace` are the complete runs that something has to be missing for, besides the first. `allowed` are the
    /// holds that a person allows to let go. `can_fetch` says that the source can fetch episodes that it does not
    /// have. `doubt` says why what is missing may only be cut off: then nothing of it goes, whatever is allowed.
    pub fn new(
        grace: u32,
        allowed: HashSet<HoldId>,
        can_fetch: bool,
        doubt: Option<Doubt>,
    ) -> Terms {
        // While the end is in doubt nothing is let go, and so nothing that is held ends.
        let allowed = if doubt.is_some() { HashSet::new() } else { allowed };
        Terms { grace, allowed, can_fetch, doubt, leaves_nothing: LeavesNothing::default() }
    }

    /// The same, where this would be what leaves nothing.
    pub fn asking(self, leaves_nothing: LeavesNothing) -> Terms {
        Terms { leaves_nothing, ..self }
    }

    /// The holds that a person allows to let go.
    pub fn allowed(&self) -> &HashSet<HoldId> {
        &self.allowed
    }

    /// Why nobody knows whether the source was read to its end.
    pub fn doubt(&self) -> Option<Doubt> {
        self.doubt
    }
}

/// What a run has found, as far as removals depend on it.
#[derive(Clone, Debug, Default)]
pub struct RunFindings {
    /// The accounts of the source.
    pub roster: Roster,
    /// Which losses are held.
    pub guard: Guard,
    /// The streams that are missing, by title.
    pub missing_streams: HashMap<TitleId, Vec<KnownStream>>,
    /// The titles that the catalogue no longer has.
    pub missing_titles: HashMap<TitleId, Known>,
    /// Titles whose streams play other works all at once, and why they stay.
    pub contradicted: HashMap<TitleId, Hold>,
    /// Missing titles whose entries are taken for something else.
    pub reclassified: Reclassified,
    /// The kinds of which the run is about all titles.
    pub kinds: Vec<Kind>,
    /// Complete runs before this one that count: what is not in a list that may have been cut off is not known to be
    /// missing.
    pub proved: HashMap<Kind, u32>,
    /// Whether any title has files that are wanted.
    pub has_any: bool,
    /// The holds that last.
    pub known_holds: Vec<KnownHold>,
}

/// What is decided of a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What happens to its files: one decision each, in their order.
    pub files: Vec<Removal>,
    /// What goes; `None` if nothing does.
    pub removal: Option<TitleRemoval>,
}

/// Decides, by everything that a removal depends on.
#[derive(Debug)]
pub struct Decider {
    found: RunFindings,
    terms: Terms,
    /// What allowed holds are about: an account's titles of a kind.
    allowed: HashSet<AccountContent>,
}

impl Decider {
    /// Decides by what a run has found and may do.
    pub fn new(found: RunFindings, terms: Terms) -> Decider {
        let named = found.known_holds.iter().filter(|hold| terms.allowed.contains(&hold.id));
        let scope = |hold: &KnownHold| {
            Some(AccountContent { account: hold.key.account?, content: hold.key.content })
        };
        Decider { allowed: named.filter_map(scope).collect(), found, terms }
    }

    /// The holds that last.
    pub fn known_holds(&self) -> &[KnownHold] {
        &self.found.known_holds
    }

    /// The holds that are allowed in this run.
    pub fn allowed_holds(&self) -> impl Iterator<Item = &KnownHold> {
        self.found.known_holds.iter().filter(|hold| self.terms.allowed.contains(&hold.id))
    }

    /// Whether the source has the entries of a missing title still, and takes them for something else.
    pub fn is_reclassified(&self, candidate: &Candidate) -> bool {
        candidate.is_missing() && self.found.reclassified.contains(candidate.title)
    }

    fn is_allowed(&self, candidate: &Candidate, unwanted: Option<Unwanted>) -> bool {
        candidate.held_by(unwanted).is_some_and(|hold| self.terms.allowed.contains(&hold))
    }

    /// Whether a file of a candidate, or the candidate as a whole, goes and is no loss. So it is by the user's will, by a
    /// permission, and where its entries are taken for something else.
    fn is_let_go(&self, candidate: &Candidate, unwanted: Option<Unwanted>) -> bool {
        let missing = self.found.missing_streams.get(&candidate.title);
        let is_switched_off = candidate.is_missing()
            && missing.is_some_and(|all| {
                all.iter().all(|stream| self.found.roster.is_switched_off(stream))
            });
        let is_will = unwanted.is_some_and(|unwanted| unwanted.cause.is_will());
        // Somebody has deleted all of it.
        let is_deleted = candidate.is_missing() && candidate.files.is_empty();
        let is_no_loss = is_switched_off || is_will || is_deleted;
        is_no_loss || self.is_allowed(candidate, unwanted) || self.is_reclassified(candidate)
    }

    /// What the ledger is to know of what became of a candidate's removal.
    pub fn record<E>(
        &self,
        candidate: &Candidate,
        removal: &TitleRemoval,
        removed: &Removed<E>,
    ) -> RemovalRecord {
        let is_let_go = match candidate.missing_runs {
            Some(_) => self.is_let_go(candidate, None),
            None => candidate.files.iter().all(|(_, it)| self.is_let_go(candidate, *it)),
        };
        let record = RemovalRecord::of(removal, removed, is_let_go);
        let gone = record.gone_keys();
        let let_go = candidate
            .files
            .iter()
            .filter(|(file, it)| gone.contains(&file.key) && self.is_let_go(candidate, *it));
        let let_go = let_go.map(|(file, _)| file.key.clone()).collect();
        RemovalRecord { let_go, ..record }
    }

    /// By how much the numbers sink that are remembered, when what a record says of a candidate is gone. A
    /// permission lowers them by what it takes. A series that goes as a whole lowers them by what the user's will
    /// takes, or may always go. What the
    /// user's will takes of a title that is there was told of before.
    pub fn lowered(
        &self,
        candidate: &Candidate,
        record: &RemovalRecord,
    ) -> BTreeMap<AccountContent, usize> {
        let gone = record.gone_keys();
        let mut lowered = BTreeMap::new();
        let is_no_loss = self.is_allowed(candidate, None) || self.is_reclassified(candidate);
        if candidate.is_missing() && is_no_loss {
            let missing = self.found.missing_streams.get(&candidate.title).into_iter().flatten();
            let is_counted = |stream: &&KnownStream| {
                stream.filter_state != FilterState::Filtered && !stream.is_let_in
            };
            for stream in missing.filter(is_counted) {
                lowered.insert(AccountContent::of(stream), 1);
                let entries = AccountContent::entries(stream.kind, stream.account);
                *lowered.entry(entries).or_default() += 1;
            }
        }
        if candidate.kind == Kind::Series {
            let mut played: BTreeMap<i64, Vec<&FileKey>> = BTreeMap::new();
            for (file, unwanted) in &candidate.files {
                let account = candidate.accounts.get(&file.key);
                let is_excused = account.is_some_and(|it| self.found.guard.excused.contains(it));
                let is_counted = match candidate.missing_runs {
                    Some(_) => is_excused || self.is_let_go(candidate, *unwanted),
                    None => self.is_allowed(candidate, *unwanted),
                };
                if let Some(account) = account
                    && is_counted
                    && gone.contains(&file.key)
                {
                    played.entry(*account).or_default().push(&file.key);
                }
            }
            lowered.extend(played.into_iter().map(|(account, files)| {
                let scope = AccountContent::episodes(account);
                (scope, count_played(files.into_iter()))
            }));
        }
        lowered
    }

    /// What happens to a candidate, file by file.
    pub fn decide_all(&self, candidate: &Candidate) -> Decided {
        let decide = |(file, unwanted): &(FileRemoval, Option<Unwanted>)| {
            self.decide(candidate, unwanted.map(|unwanted| (&file.key, unwanted)))
        };
        let files: Vec<Removal> = candidate.files.iter().map(decide).collect();
        let going = candidate.files.iter().zip(&files).filter(|(_, it)| **it == Removal::Now);
        let going: Vec<FileRemoval> = going.map(|((file, _), _)| file.clone()).collect();
        let is_due = if candidate.files.is_empty() {
            self.decide(candidate, None) == Removal::Now
        } else {
            !going.is_empty()
        };
        let removal = is_due.then(|| TitleRemoval {
            title: candidate.title,
            folder: candidate.folder.clone().unwrap_or_default(),
            is_whole: going.len() == candidate.of,
            files: going,
            ownership: candidate.ownership,
            dirs: candidate.dirs.clone(),
        });
        Decided { files, removal }
    }

    /// What happens to a file of a candidate; without a file, to the candidate as a whole. What the settings
    /// take goes also while the end of the source is in doubt.
    fn decide(&self, candidate: &Candidate, file: Option<(&FileKey, Unwanted)>) -> Removal {
        let is_by_settings = !candidate.is_missing()
            && file.is_some_and(|(_, unwanted)| unwanted.cause == Cause::Settings);
        match (self.decide_by_rules(candidate, file), self.terms.doubt) {
            (Removal::Now, Some(doubt)) if !is_by_settings => Removal::Held(Hold {
                reason: HoldReason::EndUnproved(doubt),
                account: None,
                content: match (candidate.kind, candidate.missing_runs) {
                    (Kind::Series, None) => Content::Episodes,
                    (kind, _) => Content::of(kind),
                },
            }),
            (decision, _) => decision,
        }
    }

    fn decide_by_rules(
        &self,
        candidate: &Candidate,
        file: Option<(&FileKey, Unwanted)>,
    ) -> Removal {
        let unwanted = file.map(|(_, unwanted)| unwanted);
        let held_by = candidate.held_by(unwanted);
        let waited = |runs: u32| Waited {
            runs: self.counted(candidate.kind, runs),
            // A hold for a doubt lasts as long as the doubt: only without one it may end.
            was_held: held_by.is_some() && self.terms.doubt.is_none(),
            is_allowed: held_by.is_some_and(|hold| self.terms.allowed.contains(&hold)),
        };
        let decide = |hold, runs| Removal::decide(hold, waited(runs), self.terms.grace);
        match (candidate.missing_runs, file) {
            (Some(runs), _) => decide(self.hold(candidate), runs),
            (None, None) => Removal::AfterGrace,
            (None, Some((key, Unwanted { cause, runs, .. }))) => match cause {
                Cause::Kept => Removal::AfterGrace,
                Cause::Settings => Removal::Now,
                Cause::SwitchedOff => decide(self.hold(candidate), runs),
                Cause::Catalogue => decide(self.hold_missing(candidate, key), runs),
                Cause::Filter => {
                    let reason = HoldReason::NothingWanted(self.terms.leaves_nothing);
                    let content = Content::of(candidate.kind);
                    let nothing = Hold { reason, account: None, content };
                    // What is missing is the catalogue's doing, though the filter takes the rest.
                    decide(self.hold(candidate).or((!self.found.has_any).then_some(nothing)), runs)
                }
            },
        }
    }

    /// Why nothing may go of a title: for its streams that are missing.
    fn hold(&self, candidate: &Candidate) -> Option<Hold> {
        if let Some(hold) = self.found.contradicted.get(&candidate.title) {
            return Some(hold.clone());
        }
        if self.is_reclassified(candidate) {
            return self.found.reclassified.hold(candidate.kind, &self.found.guard.had);
        }
        match self.found.missing_streams.get(&candidate.title) {
            Some(missing) => {
                let RunFindings { guard, roster, .. } = &self.found;
                let streams =
                    guard.hold_streams(roster, candidate.kind, candidate.is_missing(), missing);
                streams.or_else(|| self.hold_whole(candidate, missing))
            }
            None if candidate.is_missing() => self.found.guard.hold_all(candidate.kind),
            None => None,
        }
    }

    /// Why a series that is gone as a whole may not go: for its episodes.
    fn hold_whole(&self, candidate: &Candidate, missing: &[KnownStream]) -> Option<Hold> {
        let is_loss = |stream: &&KnownStream| {
            stream.filter_state != FilterState::Filtered
                && !self.found.roster.is_switched_off(stream)
                && !self.found.guard.excused.contains(&stream.account)
        };
        if !candidate.is_missing() || candidate.kind != Kind::Series {
            return None;
        }
        let mut losses = missing.iter().filter(is_loss);
        losses.find_map(|stream| self.found.guard.hold_episodes(stream.account))
    }

    /// Why a file of a title that is still there may not go, though what it plays is missing.
    fn hold_missing(&self, candidate: &Candidate, key: &FileKey) -> Option<Hold> {
        let (left, most) = candidate.played;
        // Without a permission, which is rare, no file has to look at all others.
        let may_be_allowed = !self.terms.allowed.is_empty();
        let files: &[_] = if may_be_allowed { &candidate.files } else { &[] };
        let own = files.iter().find(|(file, _)| file.key == *key);
        let is_own_allowed = own.is_some_and(|(_, it)| self.is_allowed(candidate, *it));
        let is_series = candidate.kind == Kind::Series;
        let content = if is_series { Content::Episodes } else { Content::Movies };
        let account = candidate.account_of(key);
        let named = account.map(|account| self.found.guard.account(account));
        let most_episodes = Hold { reason: HoldReason::MostEpisodes, account: named, content };
        // What a person allows to go is missing no more.
        let allowed = files.iter().filter(|(_, it)| self.is_allowed(candidate, *it));
        let allowed = count_played(allowed.map(|(file, _)| &file.key));
        let most = if is_own_allowed { most } else { most.saturating_sub(allowed) };
        let is_most = !candidate.is_filtered && are_most_missing(left, most);
        let episodes = account.and_then(|account| self.found.guard.hold_episodes(account));
        let of_account = if is_series { episodes } else { None };
        let hold = is_most.then_some(most_episodes).or(of_account);
        let is_unfetched = if key.is_strm() {
            candidate.unfetched.contains(key)
        } else {
            // An NFO goes with what it is about.
            !candidate.unfetched.is_empty()
        };
        let is_unknown = is_series && self.terms.can_fetch && is_unfetched;
        match hold {
            // What the source has not looked for is not missing.
            Some(hold) if is_unknown && hold.reason != HoldReason::Scanning => {
                Some(Hold { reason: HoldReason::NotFetched, ..hold })
            }
            hold => hold.or_else(|| self.hold(candidate)),
        }
    }

    /// What the ledger is to know of what is missing. `filter` is today's. `let_go` is what was removed at the
    /// user's will, or with permission, and was told of, by scope.
    pub fn completed(
        &self,
        let_go: BTreeMap<AccountContent, usize>,
        day: i64,
        filter: Option<Fingerprint>,
    ) -> Completed {
        let disabled = self.found.roster.disabled.iter().copied().collect();
        let all = || self.found.missing_streams.values().flatten();
        let is_switched_off = |stream: &&KnownStream| {
            stream.filter_state != FilterState::Filtered
                && self.found.roster.is_switched_off(stream)
        };
        let switched_off: Vec<KnownStream> = all().filter(is_switched_off).cloned().collect();
        let missing = all().filter(|stream| !is_switched_off(stream));
        let new = missing.filter(|stream| stream.missing_since.is_none()).cloned().collect();
        let accepted = self.accepted();
        let guard = &self.found.guard;
        let counted = |stream: &&KnownStream| {
            let scope = AccountContent::of(stream);
            match guard.missing.get(&(stream.title, scope)) {
                // What others offer is no title that is missing: such losses must not add up to one that is held.
                Some(Missing::SwitchedOff | Missing::Spare) => true,
                Some(Missing::Everywhere) => self.is_scope_allowed(stream),
                None => guard.allowed.contains(&(stream.title, scope)),
            }
        };
        let titles: HashSet<(TitleId, AccountContent)> = switched_off
            .iter()
            .chain(&accepted)
            .filter(counted)
            .map(|stream| (stream.title, AccountContent::of(stream)))
            .collect();
        let is_counted = |stream: &&KnownStream| stream.has_files && !stream.is_let_in;
        let is_spare = |stream: &&KnownStream| {
            let missing = guard.missing.get(&(stream.title, AccountContent::of(stream)));
            missing == Some(&Missing::Spare) || self.is_scope_allowed(stream)
        };
        let entries = accepted.iter().filter(is_spare);
        let entries = switched_off.iter().chain(entries).filter(is_counted);
        let entries = entries.map(|stream| AccountContent::entries(stream.kind, stream.account));
        let mut lowered = BTreeMap::new();
        for scope in titles.into_iter().map(|(_, scope)| scope).chain(entries) {
            *lowered.entry(scope).or_default() += 1;
        }
        Completed {
            kinds: self.found.kinds.clone(),
            day,
            missing_titles: self.newly_missing(),
            missing_streams: new,
            accepted,
            switched_off,
            had: self.found.guard.had.clone(),
            lowered,
            let_go,
            held: self.found.guard.held_accounts(),
            will: Some(Will { filter, disabled }),
            holds: None,
        }
    }

    fn newly_missing(&self) -> Vec<TitleId> {
        let missing = self
            .found
            .missing_titles
            .values()
            .filter(|known| self.found.kinds.contains(&known.kind));
        missing.filter(|known| known.missing_runs == 0).map(|known| known.id).collect()
    }

    /// Of the runs that missed something, those that count.
    fn counted(&self, kind: Kind, runs: u32) -> u32 {
        self.found.proved.get(&kind).map_or(runs, |proved| runs.min(*proved))
    }

    fn is_scope_allowed(&self, stream: &KnownStream) -> bool {
        let entries = AccountContent::entries(stream.kind, stream.account);
        let scopes = [AccountContent::of(stream), entries];
        stream.missing_since.is_some() && scopes.iter().any(|it| self.allowed.contains(it))
    }

    /// The missing streams of present titles whose loss is accepted now (a missing title is recognised by its
    /// streams when it returns).
    fn accepted(&self) -> Vec<KnownStream> {
        if self.terms.doubt.is_some() {
            return Vec::new();
        }
        let present = self
            .found
            .missing_streams
            .iter()
            .filter(|(title, _)| !self.found.missing_titles.contains_key(title));
        let all = present.flat_map(|(_, streams)| streams);
        let all = all.filter(|stream| self.found.kinds.contains(&stream.kind));
        let is_due = |stream: &&KnownStream| {
            let RunFindings { guard, roster, .. } = &self.found;
            let is_held = || guard.hold_streams(roster, stream.kind, false, [*stream]).is_some();
            self.is_scope_allowed(stream)
                || self.counted(stream.kind, stream.missing_runs) >= self.terms.grace && !is_held()
        };
        all.filter(is_due).cloned().collect()
    }
}

#[cfg(test)]
mod tests;
