//! Counts what is missing of each account, scope by scope, and says which losses are held.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::hold::{Content, Hold, HoldReason};
use crate::identity::known::{FilterState, KnownStream, TitleId};
use crate::model::media::Kind;
use crate::removal::accounts::Roster;
use crate::removal::entries::{EntryCount, LostEntry};
use crate::removal::limits::{Availability, Loss, reason};
use crate::removal::{AccountContent, BestDay, Memory};

/// A title in a scope.
#[derive(Clone, Copy, Debug)]
struct Counted {
    availability: Availability,
    /// In which complete run its first stream there was found, and in which it was first missed.
    since: i64,
    missing_since: Option<i64>,
}

impl Counted {
    /// Whether the library has it, and the user has not switched it off.
    fn is_counted(&self) -> bool {
        self.availability > Availability::SwitchedOff
    }
}

/// The episodes that the library has from an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EpisodeCount {
    /// Those that the library had before the run: wanted then, or missing from the catalogue.
    pub had: i64,
    /// Those that are wanted now, new ones among them.
    pub left: i64,
    /// Those that are missing of series which are still there.
    pub missing: i64,
    /// Of those that are not wanted, the ones that a person allows to go.
    pub allowed: i64,
    /// Those that the user's will takes in this run.
    pub taken: i64,
}

/// What this run knows of a stream of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamNow {
    /// What the filter says of it in this run.
    pub filter_state: FilterState,
    /// The catalogue has it.
    pub is_present: bool,
    /// It is an entry of a title that was loaded, and counted there.
    pub is_offered: bool,
}

/// Counts what is there and what is missing, scope by scope.
#[derive(Debug, Default)]
pub struct LossCounter {
    titles: BTreeMap<AccountContent, HashMap<TitleId, Counted>>,
    /// Titles that have got their first files in this run.
    new: BTreeMap<AccountContent, usize>,
    /// The scopes that the user's will has let titles into, which make up for no loss; the titles that are known.
    let_in: BTreeMap<AccountContent, HashSet<TitleId>>,
    /// Titles that were removed within the last days, and neither at the user's will nor with permission. The
    /// values: when a title came, and when it was first missed.
    removed: BTreeMap<AccountContent, HashMap<TitleId, (i64, i64)>>,
    /// Titles that the filter takes in this run: the user's will.
    taken: BTreeMap<AccountContent, HashSet<TitleId>>,
    /// Titles that a person allows to go.
    allowed: BTreeMap<AccountContent, HashSet<TitleId>>,
    /// Episodes, by account.
    episodes: BTreeMap<i64, EpisodeCount>,
    /// The episodes of series that are gone as a whole, by account.
    whole: BTreeMap<i64, Vec<(TitleId, usize)>>,
    /// Entries of titles.
    entries: BTreeMap<AccountContent, EntryCount>,
    /// Those that are missing, by account and kind.
    lost: BTreeMap<(i64, Kind), Vec<LostEntry>>,
}

impl LossCounter {
    /// Counts a stream of the ledger. `this_run` is the run's number among the complete ones of the stream's kind.
    pub fn add(&mut self, roster: &Roster, this_run: i64, stream: &KnownStream, now: StreamNow) {
        let StreamNow { filter_state, is_present, is_offered } = now;
        let scope = AccountContent::of(stream);
        if stream.filter_state == FilterState::Filtered {
            return;
        }
        // What a scope has is what the library has: a series that is listed without episodes is no title of it.
        if !stream.is_removed && !stream.has_files {
            return;
        }
        if stream.is_let_in {
            if is_present && filter_state == FilterState::Wanted {
                self.add_let_in(stream.kind, stream.account, Some(stream.title));
            }
            return;
        }
        if stream.is_removed {
            if let (Some(missing_since), false) = (stream.missing_since, stream.is_let_go) {
                self.removed
                    .entry(scope)
                    .or_default()
                    .insert(stream.title, (stream.since, missing_since));
            }
            return;
        }
        let availability = match (filter_state, is_present) {
            (FilterState::Wanted, true) => Availability::Present,
            (FilterState::Filtered, _) => {
                self.taken.entry(scope).or_default().insert(stream.title);
                self.entries_of(stream.kind, stream.account).add_taken();
                return;
            }
            _ if roster.is_switched_off(stream) => Availability::SwitchedOff,
            (FilterState::Dropped, true) => Availability::Dropped,
            (_, false) => Availability::Missing,
        };
        let counted =
            Counted { availability, since: stream.since, missing_since: stream.missing_since };
        self.note(scope, stream.title, counted);
        let entries = self.entries_of(stream.kind, stream.account);
        let (title, since) = (stream.title, stream.since);
        match availability {
            Availability::SwitchedOff => entries.add_switched_off(),
            Availability::Present => entries.add_present(since, since >= this_run, is_offered),
            Availability::Dropped | Availability::Missing => {
                let missing_since = stream.missing_since.unwrap_or(this_run);
                let lost = LostEntry { title, availability, since, missing_since };
                self.lost.entry((stream.account, stream.kind)).or_default().push(lost);
            }
        }
    }

    fn entries_of(&mut self, kind: Kind, account: i64) -> &mut EntryCount {
        self.entries.entry(AccountContent::entries(kind, account)).or_default()
    }

    /// Counts entries of titles that were loaded: they are left.
    pub fn add_offered_entries(&mut self, kind: Kind, account: i64, number: usize) {
        self.entries_of(kind, account).add_offered(number);
    }

    /// Counts a known title that the account offers now and the filter lets through, whatever the ledger
    /// says.
    pub fn add_present(&mut self, kind: Kind, account: i64, title: TitleId) {
        let counted =
            Counted { availability: Availability::Present, since: 0, missing_since: None };
        self.note(AccountContent::titles(kind, account), title, counted);
    }

    /// Counts titles that have got their first files in this run: they are left, and the library did not have them.
    pub fn add_new(&mut self, kind: Kind, account: i64, number: usize) {
        *self.new.entry(AccountContent::titles(kind, account)).or_default() += number;
    }

    /// Counts a title that the user's will has let in: as far as the account had it before, it is there. Otherwise it
    /// is neither left nor missing. `title` is its entry, if it has one.
    pub fn add_let_in(&mut self, kind: Kind, account: i64, title: Option<TitleId>) {
        let scope = AccountContent::titles(kind, account);
        self.let_in.entry(scope).or_default().extend(title);
    }

    /// Counts an account's episodes.
    pub fn add_episodes(&mut self, account: i64, more: EpisodeCount) {
        let count = self.episodes.entry(account).or_default();
        count.had += more.had;
        count.left += more.left;
        count.missing += more.missing;
        count.allowed += more.allowed;
        count.taken += more.taken;
    }

    /// Counts the episodes that an account had of a series which is gone as a whole; they are missing of no other.
    pub fn add_whole(&mut self, account: i64, series: TitleId, episodes: usize) {
        self.whole.entry(account).or_default().push((series, episodes));
        self.episodes.entry(account).or_default();
    }

    /// Counts a stream of a title that a person allows to go.
    pub fn add_allowed(&mut self, stream: &KnownStream) {
        if stream.filter_state != FilterState::Filtered {
            let scope = AccountContent::of(stream);
            self.allowed.entry(scope).or_default().insert(stream.title);
            self.entries_of(stream.kind, stream.account).add_allowed();
        }
    }

    fn note(&mut self, scope: AccountContent, title: TitleId, counted: Counted) {
        let known = self.titles.entry(scope).or_default().entry(title).or_insert(counted);
        known.since = known.since.min(counted.since);
        match counted.availability.cmp(&known.availability) {
            Ordering::Greater => {
                (known.availability, known.missing_since) =
                    (counted.availability, counted.missing_since);
            }
            // The title was there as long as one of its streams was.
            Ordering::Equal => {
                known.missing_since =
                    known.missing_since.zip(counted.missing_since).map(|(a, b)| a.max(b))
            }
            Ordering::Less => {}
        }
    }

    /// Decides. `is_empty` says that the catalogue has no title at all; `names` are the names of accounts that
    /// the source may not have any more.
    pub fn decide(
        mut self,
        roster: &Roster,
        memory: &Memory,
        names: &BTreeMap<i64, String>,
        is_empty: bool,
    ) -> Guard {
        self.settle_let_in();
        self.settle_lost();
        // The same title may still be there by another stream of the account.
        for (scope, taken) in self.taken.iter_mut().chain(&mut self.allowed) {
            let titles = self.titles.get(scope);
            taken.retain(|title| titles.is_none_or(|titles| !titles.contains_key(title)));
        }
        let mut names = names.clone();
        names.extend(roster.accounts.iter().map(|(id, member)| (*id, member.name.clone())));
        let mut guard = Guard { is_empty, names, ..Guard::default() };
        // How many series of each account are missing within the days, and whether some no longer pass the filter.
        let mut series: BTreeMap<i64, (usize, bool)> = BTreeMap::new();
        for (scope, titles) in &self.titles {
            let loss = self.loss(*scope, titles, memory.get(scope).copied());
            guard.had.insert(*scope, loss.had);
            if scope.content == Content::Series {
                let losses = loss.highest.saturating_sub(loss.left);
                series.insert(scope.account, (losses, loss.has_dropped));
            }
            if let Some(reason) = reason(roster, *scope, &loss) {
                let account = Some(guard.account(scope.account));
                guard.holds.insert(*scope, Hold { reason, account, content: scope.content });
            }
        }
        for (account, count) in &self.episodes {
            let scope = AccountContent::episodes(*account);
            let (series_losses, has_dropped) = series.get(account).copied().unwrap_or_default();
            let is_first = series_losses <= 1;
            if is_first {
                guard.excused.insert(*account);
            }
            let whole = self.whole_series(*account, is_first);
            let past = memory.get(&scope).copied();
            let loss = Loss { has_dropped, ..episode_loss(*count, whole, past) };
            guard.decide_part(roster, scope, &loss);
        }
        for (scope, count) in &self.entries {
            guard.decide_part(roster, *scope, &count.loss(memory.get(scope).copied()));
        }
        guard.missing = self.missing();
        let allowed = self.allowed.iter();
        let of = |(scope, titles): (&AccountContent, &HashSet<TitleId>)| {
            titles.iter().map(|title| (*title, *scope)).collect::<Vec<_>>()
        };
        guard.allowed = allowed.flat_map(of).collect();
        guard
    }

    /// What the account had before is there, though it is only the user's will that lets it through now.
    fn settle_let_in(&mut self) {
        let present =
            Counted { availability: Availability::Present, since: 0, missing_since: None };
        for (scope, let_in) in &mut self.let_in {
            let (titles, taken) =
                (self.titles.entry(*scope).or_default(), self.taken.get_mut(scope));
            let had: Vec<TitleId> = let_in
                .iter()
                .filter(|title| {
                    titles.contains_key(title)
                        || taken.as_ref().is_some_and(|it| it.contains(title))
                })
                .copied()
                .collect();
            for title in had {
                let_in.remove(&title);
                titles.insert(title, present);
            }
        }
    }

    /// Counts the missing entries of titles that the account still has.
    fn settle_lost(&mut self) {
        for ((account, kind), lost) in &self.lost {
            let titles = self.titles.get(&AccountContent::titles(*kind, *account));
            let is_there = |lost: &&LostEntry| {
                let counted = titles.and_then(|titles| titles.get(&lost.title));
                counted.is_some_and(|it| it.availability == Availability::Present)
            };
            let entries = self.entries.entry(AccountContent::entries(*kind, *account)).or_default();
            lost.iter().filter(is_there).for_each(|lost| entries.add_lost(*lost));
        }
    }

    /// The episodes of an account's series that are gone as a whole: that count as missing, and that do not. What the
    /// user switched off does not, and one series may always go (`is_first`), however many episodes it has.
    fn whole_series(&self, account: i64, is_first: bool) -> [usize; 2] {
        let titles = self.titles.get(&AccountContent { account, content: Content::Series });
        let is_loss = |title: &TitleId| {
            let counted = titles.and_then(|titles| titles.get(title));
            !is_first && counted.is_some_and(Counted::is_counted)
        };
        let mut whole = [0, 0];
        for (title, episodes) in self.whole.get(&account).into_iter().flatten() {
            whole[usize::from(!is_loss(title))] += episodes;
        }
        whole
    }

    /// What is missing from each scope.
    fn missing(&self) -> HashMap<(TitleId, AccountContent), Missing> {
        let all = || {
            self.titles.iter().flat_map(|(scope, titles)| {
                titles.iter().map(|(title, counted)| (*title, *scope, counted.availability))
            })
        };
        let gone: Vec<(TitleId, AccountContent, Availability)> =
            all().filter(|(.., availability)| *availability < Availability::Present).collect();
        let some: HashSet<TitleId> = gone.iter().map(|(title, ..)| *title).collect();
        let there =
            all().filter(|(title, _, it)| *it == Availability::Present && some.contains(title));
        let let_in = self.let_in.values().flatten().copied();
        let there: HashSet<TitleId> = there.map(|(title, ..)| title).chain(let_in).collect();
        let of = |(title, scope, availability): (TitleId, AccountContent, Availability)| {
            let gone = match availability {
                Availability::SwitchedOff => Missing::SwitchedOff,
                _ if there.contains(&title) => Missing::Spare,
                _ => Missing::Everywhere,
            };
            ((title, scope), gone)
        };
        gone.into_iter().map(of).collect()
    }

    fn loss(
        &self,
        scope: AccountContent,
        titles: &HashMap<TitleId, Counted>,
        best: Option<BestDay>,
    ) -> Loss {
        let count = |wanted: Availability| {
            titles.values().filter(|counted| counted.availability == wanted).count()
        };
        let [switched_off, dropped, missing, present] = [
            Availability::SwitchedOff,
            Availability::Dropped,
            Availability::Missing,
            Availability::Present,
        ]
        .map(count);
        let losses_now = dropped + missing;
        let had = present + losses_now;
        let offered =
            titles.values().filter(|it| it.is_counted() && it.missing_since.is_none()).count();
        let allowed = self.allowed.get(&scope).map_or(0, HashSet::len);
        let by_will = switched_off + allowed + self.taken.get(&scope).map_or(0, HashSet::len);
        let past = best.map(|best| BestDay {
            highest: best.highest.saturating_sub(by_will),
            offered: best.offered.saturating_sub(by_will),
            ..best
        });
        // The best day is a past one, or this one.
        let now = BestDay { highest: had, offered, run: i64::MAX };
        let best_day = past.filter(|past| past.offered >= offered).unwrap_or(now);
        let is_loss = |counted: &&Counted| {
            matches!(counted.availability, Availability::Dropped | Availability::Missing)
                && was_there(counted.since, counted.missing_since, best_day.run)
        };
        let removed = self.removed.get(&scope).into_iter().flat_map(HashMap::values);
        let removed = removed.filter(|(since, gone)| was_there(*since, Some(*gone), best_day.run));
        Loss {
            losses_now,
            had: BestDay {
                highest: had + switched_off + allowed,
                offered: offered + switched_off + allowed,
                run: 0,
            },
            left: present + self.new.get(&scope).copied().unwrap_or(0),
            highest: past.map_or(had, |past| past.highest.max(had)),
            exchanged: titles.values().filter(is_loss).count() + removed.count(),
            of_best_day: best_day.offered,
            has_dropped: dropped > 0,
            has_let_in: self.let_in.contains_key(&scope),
        }
    }
}

/// Whether something that was found in the run `since` and first missed in the run `missing_since` was in the library
/// when the run `at` began.
fn was_there(since: i64, missing_since: Option<i64>, at: i64) -> bool {
    since < at && missing_since.is_none_or(|missed| missed >= at)
}

/// `missing` are the episodes of series that are gone as a whole, `excused` those of them that are no loss. The memory
/// is without what the user's will takes.
fn episode_loss(
    count: EpisodeCount,
    [missing, excused]: [usize; 2],
    best: Option<BestDay>,
) -> Loss {
    let number = |number: i64| usize::try_from(number).unwrap_or(0);
    let (all, left) = (number(count.had - count.taken), number(count.left));
    let allowed = number(count.allowed) + excused;
    let had = all.saturating_sub(allowed);
    let past = best.map_or(0, |best| best.highest.saturating_sub(allowed));
    Loss {
        losses_now: number(count.missing - count.allowed) + missing,
        had: BestDay { highest: all, offered: 0, run: 0 },
        left,
        highest: past.max(had),
        // Episodes are told apart by their numbers: one that is exchanged is none that is missing.
        exchanged: 0,
        of_best_day: 0,
        has_dropped: false,
        has_let_in: false,
    }
}

/// How a title is missing from a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The user has switched off what offered it.
    SwitchedOff,
    /// Another account offers it.
    Spare,
    /// Nobody else offers it.
    Everywhere,
}

/// Which removals are held.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    holds: BTreeMap<AccountContent, Hold>,
    /// What the library had when the run began, by scope; `run` is not set.
    pub had: BTreeMap<AccountContent, BestDay>,
    /// Accounts of which one series at most is missing within the days: it may always go, with all its episodes.
    pub excused: HashSet<i64>,
    /// How titles are missing that the scope had.
    pub missing: HashMap<(TitleId, AccountContent), Missing>,
    /// Titles of a scope that a person allows to go, and that it does not have any more.
    pub allowed: HashSet<(TitleId, AccountContent)>,
    /// The accounts' names, also of those that are gone.
    names: BTreeMap<i64, String>,
    is_empty: bool,
}

impl Guard {
    /// An account, with the name that people gave it.
    pub fn account(&self, id: i64) -> (i64, String) {
        (id, self.names.get(&id).cloned().unwrap_or_else(|| id.to_string()))
    }

    /// Why nothing may go, of whatever title.
    pub fn hold_all(&self, kind: Kind) -> Option<Hold> {
        let (reason, content) = (HoldReason::NothingLeft, Content::of(kind));
        self.is_empty.then_some(Hold { reason, account: None, content })
    }

    /// Decides on episodes or entries.
    fn decide_part(&mut self, roster: &Roster, scope: AccountContent, loss: &Loss) {
        self.had.insert(scope, loss.had);
        // What an account has that is gone is no loss of the title: others offer that.
        let is_known = roster.accounts.contains_key(&scope.account);
        if let Some(reason) = reason(roster, scope, loss)
            && is_known
        {
            let account = Some(self.account(scope.account));
            self.holds.insert(scope, Hold { reason, account, content: scope.content });
        }
    }

    /// Why nothing may go of a title of which these streams are missing. Of a title that the catalogue still has
    /// (`is_missing` is false), what an account had that is gone is no loss: others offer the title. Its entries
    /// count instead.
    pub fn hold_streams<'a>(
        &self,
        roster: &Roster,
        kind: Kind,
        is_missing: bool,
        missing: impl IntoIterator<Item = &'a KnownStream>,
    ) -> Option<Hold> {
        let of = |stream: &KnownStream| {
            let is_loss = |hold: &&Hold| is_missing || hold.reason != HoldReason::AccountGone;
            let entries = AccountContent::entries(stream.kind, stream.account);
            let of_titles = self.holds.get(&AccountContent::of(stream)).filter(is_loss);
            let of_entries = if is_missing { None } else { self.holds.get(&entries) };
            let hold = of_titles.or(of_entries)?;
            (!roster.is_switched_off(stream)).then(|| hold.clone())
        };
        let missing =
            missing.into_iter().filter(|stream| stream.filter_state != FilterState::Filtered);
        self.hold_all(kind).or_else(|| missing.into_iter().find_map(of))
    }

    /// The accounts of which something is held, by kind.
    pub fn held_accounts(&self) -> BTreeSet<(Kind, i64)> {
        self.holds.keys().map(|scope| (scope.content.kind(), scope.account)).collect()
    }

    /// Why no episodes may go that played an account's streams.
    pub fn hold_episodes(&self, account: i64) -> Option<Hold> {
        self.holds.get(&AccountContent::episodes(account)).cloned()
    }
}

#[cfg(test)]
mod tests;
