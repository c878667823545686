//! Counts what the library had, what is left of it, and what is lost: by account and kind.

use std::collections::{BTreeMap, HashMap, HashSet};

use vod2strm_core::hold::{Content, Hold, HoldId};
use vod2strm_core::identity::compare::Comparison;
use vod2strm_core::identity::known::{Known, KnownCopy, Passage, TitleId};
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::stamp::CopyId;
use vod2strm_core::removal::accounts::Roster;
use vod2strm_core::removal::{EpisodeCount, Guard, LossCounter, Memory, Scope};
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;
use crate::planner::Planner;
use crate::run::deleted::Deleted;

/// What the first pass found to be missing.
#[derive(Debug)]
pub struct Losses {
    /// The kinds of which the run is about all titles: nothing of another kind is missing.
    pub kinds: Vec<Kind>,
    copies: HashSet<CopyId>,
    /// Known copies that are another title's now, and whose they were: until that one is recorded, the ledger has them
    /// as they were.
    moved: HashMap<CopyId, TitleId>,
    /// Titles whose streams play other works all at once, and why they stay.
    pub contradicted: HashMap<TitleId, Hold>,
    /// The newest title that the ledger had before the run.
    newest: TitleId,
    /// The episodes that the library had before the run, by account.
    pub episodes: BTreeMap<i64, i64>,
    is_empty: bool,
    /// Whether the ledger has copies that no longer pass a filter which is the same as before.
    has_lapsed: bool,
    /// Whether titles with files need no work.
    pub has_unchanged: bool,
}

impl Losses {
    /// What is missing of the kinds that the run is about as a whole.
    pub fn of(
        comparison: &mut Comparison,
        kinds: Vec<Kind>,
        contradicted: HashMap<TitleId, Hold>,
    ) -> Losses {
        let is_empty = comparison.work.is_empty() && comparison.unchanged.is_empty();
        let present = comparison.work.iter().chain(&comparison.unchanged);
        let known = present.filter_map(|work| work.known).chain(comparison.absent.iter().copied());
        let newest = known.map(|known| known.id).max().unwrap_or(TitleId(0));
        let mut unchanged = comparison.unchanged.iter().filter_map(|work| work.known);
        let has_unchanged = unchanged.any(|known| known.has_folder && !known.is_filtered);
        let copies = std::mem::take(&mut comparison.missing);
        let moved = std::mem::take(&mut comparison.moved);
        let has_lapsed = comparison.has_lapsed;
        let episodes = BTreeMap::new();
        Losses {
            kinds,
            copies,
            moved,
            contradicted,
            newest,
            episodes,
            is_empty,
            has_lapsed,
            has_unchanged,
        }
    }

    /// Notes what the library has before the run writes.
    pub fn note_episodes(&mut self, ledger: &Ledger) -> Result<(), RunError> {
        Ok(ledger.each_episode_count(|_, account, [number, _]| {
            *self.episodes.entry(account).or_default() += number as i64;
        })?)
    }

    /// Whether every known copy is there, and passes the filter as before.
    pub fn is_none(&self) -> bool {
        self.copies.is_empty() && !self.has_lapsed
    }
}

/// What was counted.
pub struct LossCount {
    /// What is held.
    pub guard: Guard,
    /// The streams that are lost, by title.
    pub missing: HashMap<TitleId, Vec<KnownCopy>>,
    /// The titles that the catalogue no longer has.
    pub absent: HashMap<TitleId, Known>,
}

/// Where the numbers come from.
struct LossSources<'a> {
    losses: &'a Losses,
    ledger: &'a Ledger,
    planner: &'a Planner<'a>,
    deleted: Deleted,
    /// The titles that a person allows to go.
    allowed: HashSet<TitleId>,
    /// The ledger does not know what was planned.
    is_preview: bool,
}

/// Counts, after all is written that is there.
pub fn count<'a>(
    losses: &'a Losses,
    (ledger, planner): (&'a Ledger, &'a Planner<'a>),
    roster: &Roster,
    (allowed, is_preview): (&HashSet<HoldId>, bool),
) -> Result<LossCount, RunError> {
    let deleted = Deleted::of(ledger, planner, is_preview)?;
    let (allowed, allowed_episodes) = ledger.held_by(allowed)?;
    let sources = LossSources { losses, ledger, planner, deleted, allowed, is_preview };
    let (mut counter, mut memory) = (LossCounter::default(), ledger.memory()?);
    let absent: HashMap<TitleId, Known> =
        planner.absent().map(|known| (known.id, *known)).collect();
    let mut bereft: HashSet<TitleId> = absent.keys().copied().collect();
    let mut missing = sources.add_copies(&mut counter, &mut memory, roster, &mut bereft)?;
    sources.add_bereft(&mut counter, roster, &bereft, &mut missing)?;
    sources.add_planned(&mut counter);
    for (account, allowed) in allowed_episodes {
        counter.add_episodes(account, EpisodeCount { allowed, ..EpisodeCount::default() });
    }
    sources.add_changes(&mut counter, &mut memory);
    sources.add_episodes(&mut counter, &absent)?;
    let names = ledger.account_names()?;
    let guard = counter.judge(roster, &memory, &names, losses.is_empty);
    Ok(LossCount { guard, missing, absent })
}

impl LossSources<'_> {
    /// Counts what the ledger has of titles. Gives the streams that are lost, and leaves in `bereft` the titles that
    /// have none.
    fn add_copies(
        &self,
        counter: &mut LossCounter,
        memory: &mut Memory,
        roster: &Roster,
        bereft: &mut HashSet<TitleId>,
    ) -> Result<HashMap<TitleId, Vec<KnownCopy>>, RunError> {
        let (offers, mut missing) = (self.planner.offers(), HashMap::<_, Vec<_>>::new());
        let mut deleted: HashSet<(TitleId, Scope)> = HashSet::new();
        self.ledger.each_copy(|mut copy| {
            let id = CopyId::new(copy.kind, copy.account, &copy.stream);
            if self.losses.moved.get(&id) == Some(&copy.title) {
                return;
            }
            bereft.remove(&copy.title);
            if self.deleted.titles.contains(&copy.title) && copy.passage != Passage::Barred {
                copy.has_files = false;
                deleted.insert((copy.title, scope_of(&copy)));
            }
            // Titles that are new, or have only now got files, are counted by the planner: a dry run has it, too.
            if copy.title > self.losses.newest || offers.filled.contains(&copy.title) {
                return;
            }
            let is_present = !self.losses.copies.contains(&id);
            let passage = offers.passage(&id, copy.passage);
            let is_lost = !copy.is_removed && (!is_present || passage == Passage::Lapsed);
            match is_lost && self.allowed.contains(&copy.title) {
                true => counter.add_allowed(&copy),
                false => counter.add(roster, &copy, passage, is_present),
            }
            if is_lost {
                missing.entry(copy.title).or_default().push(KnownCopy { passage, ..copy });
            }
        })?;
        deleted.into_iter().for_each(|(_, scope)| lower(memory, scope, 1));
        Ok(missing)
    }

    /// Counts titles whose streams all play others now: their files say which account's they were.
    fn add_bereft(
        &self,
        counter: &mut LossCounter,
        roster: &Roster,
        bereft: &HashSet<TitleId>,
        missing: &mut HashMap<TitleId, Vec<KnownCopy>>,
    ) -> Result<(), RunError> {
        let bereft: Vec<TitleId> = bereft.difference(&self.deleted.titles).copied().collect();
        Ok(self.ledger.each_played(&bereft, |copy| {
            match self.allowed.contains(&copy.title) {
                true => counter.add_allowed(&copy),
                false => counter.add(roster, &copy, copy.passage, false),
            }
            missing.entry(copy.title).or_default().push(copy);
        })?)
    }

    /// Counts what the planner knows of titles.
    fn add_planned(&self, counter: &mut LossCounter) {
        let offers = self.planner.offers();
        for (title, kind, account, is_let_in) in &offers.present {
            match is_let_in {
                true => counter.add_let_in(*kind, *account, Some(*title)),
                false => counter.add_present(*kind, *account, *title),
            }
        }
        for (kind, account) in &offers.let_in {
            counter.add_let_in(*kind, *account, None);
        }
        for ((kind, account), number) in &offers.new {
            counter.add_new(*kind, *account, *number);
        }
    }

    /// Counts the episodes that the library had before the run, and what the run changes. Until the ledger hears of
    /// that, in a dry run, the memory is lowered here.
    fn add_changes(&self, counter: &mut LossCounter, memory: &mut Memory) {
        let nothing = EpisodeCount::default();
        for (account, had) in &self.losses.episodes {
            let had = *had - self.deleted.of_account(*account) as i64;
            counter.add_episodes(*account, EpisodeCount { had, ..nothing });
        }
        for ((_, account), number) in &self.deleted.episodes {
            lower(memory, episodes_of(*account), *number);
        }
        for (account, change) in &self.planner.offers().episodes {
            let taken = change.taken as i64;
            counter.add_episodes(*account, EpisodeCount { taken, ..nothing });
            if self.is_preview {
                let (left, lost) = (change.left, change.lost);
                counter.add_episodes(*account, EpisodeCount { left, lost, ..nothing });
                lower(memory, episodes_of(*account), change.taken);
            }
        }
    }

    /// Counts the episodes that the ledger has.
    fn add_episodes(
        &self,
        counter: &mut LossCounter,
        absent: &HashMap<TitleId, Known>,
    ) -> Result<(), RunError> {
        let nothing = EpisodeCount::default();
        Ok(self.ledger.each_episode_count(|title, account, [number, wanted]| {
            let number = number - self.deleted.of_series(title, account);
            let (all, wanted) = (number as i64, wanted as i64);
            let count = match (absent.contains_key(&title), self.allowed.contains(&title)) {
                (true, true) => EpisodeCount { allowed: all, lost: all, ..nothing },
                (true, false) => return counter.add_whole(account, title, number),
                (false, _) => EpisodeCount { left: wanted, lost: all - wanted, ..nothing },
            };
            counter.add_episodes(account, count);
        })?)
    }
}

fn episodes_of(account: i64) -> Scope {
    Scope { account, content: Content::Episodes }
}

fn lower(memory: &mut Memory, scope: Scope, by: usize) {
    if let Some(best) = memory.get_mut(&scope) {
        best.highest = best.highest.saturating_sub(by);
        best.offered = best.offered.saturating_sub(by);
    }
}

/// What a copy is counted in.
pub fn scope_of(copy: &KnownCopy) -> Scope {
    Scope { account: copy.account, content: Content::of(copy.kind) }
}
