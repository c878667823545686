//! May what the catalogue lacks be removed? A provider that answers with nothing, or with half, must not
//! cost a library: such losses are *held* until a person says otherwise, or the titles are back.
//!
//! What one account offers of one kind is judged by itself: a *sector*. An account that is switched off
//! and a category that is disabled are the user's will, and no loss.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use crate::known::{KnownCopy, Passage, TitleId};
use crate::media::Kind;

/// The part of a sector that may be lost at once, in percent.
const LIMIT: usize = 20;

/// A provider account, as far as removals depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name that people gave it.
    pub name: String,
    /// Whether it is switched on.
    pub is_active: bool,
    /// Whether the source is just reading its catalogue anew: what it offers is not complete.
    pub is_scanning: bool,
}

/// Who offers titles: the accounts, and the categories that are disabled on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// All accounts of the source, by id.
    pub accounts: BTreeMap<i64, Member>,
    /// Account and category.
    pub disabled: HashSet<(i64, i64)>,
}

impl Roster {
    /// Whether the user has switched off what offers this copy.
    fn is_withdrawn(&self, copy: &KnownCopy) -> bool {
        let is_off = self.accounts.get(&copy.account).is_some_and(|account| !account.is_active);
        let disabled = |category| self.disabled.contains(&(copy.account, category));
        is_off || copy.category.is_some_and(disabled)
    }
}

/// What one account offers of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sector {
    /// Movies or series.
    pub kind: Kind,
    /// The source's id of the account.
    pub account: i64,
}

/// Why removals wait for a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// The whole catalogue is empty.
    NothingLeft,
    /// The account is gone from the source, and with it its titles.
    AccountGone {
        /// Its id.
        account: i64,
    },
    /// The account is active and offers nothing of what the library has from it.
    Empty {
        /// Its name.
        account: String,
        /// Movies or series.
        kind: Kind,
        /// How many the library has from it.
        titles: usize,
    },
    /// Too many titles of the account are gone at once.
    TooMany {
        /// Its name.
        account: String,
        /// Movies or series.
        kind: Kind,
        /// How many are gone.
        lost: usize,
        /// Of how many.
        titles: usize,
    },
    /// Too many titles of the account, or all, no longer pass a filter that is the same as before.
    Lapsed {
        /// Its name.
        account: String,
        /// Movies or series.
        kind: Kind,
        /// How many do not, or are gone.
        lost: usize,
        /// Of how many.
        titles: usize,
    },
    /// The source is just reading the account's catalogue.
    Scanning {
        /// Its name.
        account: String,
    },
    /// Too many titles are gone at once whose copies play other titles now.
    Replaced {
        /// Movies or series.
        kind: Kind,
        /// How many are gone.
        lost: usize,
        /// Of how many.
        titles: usize,
    },
    /// The filter lets nothing through.
    NothingWanted,
    /// All or most episodes of a series are gone, and the series is not.
    Vanished,
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |kind: &Kind| match kind {
            Kind::Movie => "movies",
            Kind::Series => "series",
        };
        match self {
            Hold::NothingLeft => write!(f, "the catalogue is empty"),
            Hold::AccountGone { account } => {
                write!(f, "account {account} is no longer in the source")
            }
            Hold::Empty { account, kind, titles } => {
                let kind = many(kind);
                write!(
                    f,
                    "{account} offers none of the {titles} {kind} that the library has from it"
                )
            }
            Hold::TooMany { account, kind, lost, titles } => {
                let kind = many(kind);
                write!(
                    f,
                    "{lost} of {titles} {kind} from {account} are gone at once, more than {LIMIT} %"
                )
            }
            Hold::Lapsed { account, kind, lost, titles } => {
                let kind = many(kind);
                write!(
                    f,
                    "{lost} of {titles} {kind} from {account} no longer pass the filter, or are gone, \
                     all at once"
                )
            }
            Hold::Scanning { account } => {
                write!(f, "the catalogue of {account} is being read anew just now")
            }
            Hold::Replaced { kind, lost, titles } => {
                let kind = many(kind);
                write!(f, "the copies of {lost} of {titles} {kind} play other titles all at once")
            }
            Hold::NothingWanted => write!(f, "the filter leaves nothing"),
            Hold::Vanished => {
                write!(f, "series that are still there have lost most of their episodes")
            }
        }
    }
}

/// What the catalogue has of a title in a sector; what counts more is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It was never let into the library from there.
    Barred,
    Withdrawn,
    Lapsed,
    Lost,
    Present,
}

/// A title in a sector.
#[derive(Clone, Copy, Debug)]
struct Resident {
    standing: Standing,
    missing_since: Option<TitleId>,
}

/// Counts what is there and what is lost, sector by sector.
///
/// Titles that came when others were lost already make that loss no smaller: a provider that exchanges
/// its whole catalogue has lost the old one.
#[derive(Debug, Default)]
pub struct Census {
    sectors: BTreeMap<Sector, HashMap<TitleId, Resident>>,
    /// Titles whose copies are other titles' now, by kind.
    replaced: BTreeMap<Kind, usize>,
}

impl Census {
    /// Counts a copy of the ledger. `is_present` says that the catalogue has it.
    pub fn add(&mut self, roster: &Roster, copy: &KnownCopy, is_present: bool) {
        let standing = match (copy.passage, is_present) {
            (Passage::Barred, _) => Standing::Barred,
            (Passage::Through, true) => Standing::Present,
            _ if roster.is_withdrawn(copy) => Standing::Withdrawn,
            (Passage::Lapsed, true) => Standing::Lapsed,
            (_, false) => Standing::Lost,
        };
        let resident = Resident { standing, missing_since: copy.missing_since };
        self.note(Sector { kind: copy.kind, account: copy.account }, copy.title, resident);
    }

    /// Counts an absent title that has no copy left: what it had plays another title.
    pub fn add_replaced(&mut self, kind: Kind) {
        *self.replaced.entry(kind).or_default() += 1;
    }

    /// Whether a title has a copy.
    pub fn has(&self, title: TitleId) -> bool {
        self.sectors.values().any(|titles| titles.contains_key(&title))
    }

    /// Counts a known title that the account offers now and the filter lets through, whatever the ledger
    /// says.
    pub fn add_present(&mut self, kind: Kind, account: i64, title: TitleId) {
        let resident = Resident { standing: Standing::Present, missing_since: None };
        self.note(Sector { kind, account }, title, resident);
    }

    fn note(&mut self, sector: Sector, title: TitleId, resident: Resident) {
        let known = self.sectors.entry(sector).or_default().entry(title).or_insert(resident);
        match resident.standing.cmp(&known.standing) {
            Ordering::Greater => *known = resident,
            Ordering::Equal => {
                let since = [known.missing_since, resident.missing_since];
                known.missing_since = since.into_iter().flatten().min();
            }
            Ordering::Less => {}
        }
    }

    /// Judges. `is_empty` says that the catalogue has no title at all, `newest` is the newest title
    /// that the ledger had before the run.
    pub fn judge(self, roster: &Roster, is_empty: bool, newest: TitleId) -> Guard {
        let mut holds = BTreeMap::new();
        for (sector, titles) in &self.sectors {
            let is_lost = |standing| matches!(standing, Standing::Lost | Standing::Lapsed);
            let lost: Vec<&Resident> = titles.values().filter(|it| is_lost(it.standing)).collect();
            let has_lapsed = lost.iter().any(|it| it.standing == Standing::Lapsed);
            let began = lost.iter().map(|it| it.missing_since.unwrap_or(newest)).min();
            let was_there = |(id, it): &(&TitleId, &Resident)| {
                it.standing == Standing::Present && Some(**id) <= began
            };
            let (lost, present) = (lost.len(), titles.iter().filter(was_there).count());
            if let Some(hold) = hold(roster, *sector, (lost, has_lapsed), present) {
                holds.insert(*sector, hold);
            }
        }
        let mut replaced = BTreeMap::new();
        for (kind, lost) in self.replaced {
            let of_kind = self.sectors.iter().filter(|(sector, _)| sector.kind == kind);
            let in_library =
                |(id, it): (&TitleId, &Resident)| (it.standing > Standing::Barred).then_some(*id);
            let known: HashSet<TitleId> =
                of_kind.flat_map(|(_, all)| all.iter().filter_map(in_library)).collect();
            let titles = known.len() + lost;
            if lost > 1 && lost * 100 > titles * LIMIT {
                replaced.insert(kind, Hold::Replaced { kind, lost, titles });
            }
        }
        Guard { holds, replaced, is_empty }
    }
}

fn hold(
    roster: &Roster,
    sector: Sector,
    (lost, has_lapsed): (usize, bool),
    present: usize,
) -> Option<Hold> {
    if lost == 0 {
        return None;
    }
    let Some(member) = roster.accounts.get(&sector.account) else {
        return Some(Hold::AccountGone { account: sector.account });
    };
    let (account, kind, titles) = (member.name.clone(), sector.kind, lost + present);
    let is_much = present == 0 || lost > 1 && lost * 100 > titles * LIMIT;
    match () {
        () if member.is_scanning => Some(Hold::Scanning { account }),
        () if !is_much => None,
        () if has_lapsed => Some(Hold::Lapsed { account, kind, lost, titles }),
        () if present == 0 => Some(Hold::Empty { account, kind, titles }),
        () => Some(Hold::TooMany { account, kind, lost, titles }),
    }
}

/// What happens to something that is missing or unwanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// It may go now.
    Due,
    /// It has not been missing for long enough.
    Waiting,
    /// A person has to say so.
    Held(Hold),
}

impl Sentence {
    /// What was missed by `runs` complete runs before this one, and waits for `grace` of them. What would
    /// be held goes at once when the user has looked at it and said so.
    pub fn pass(hold: Option<Hold>, is_allowed: bool, runs: u32, grace: u32) -> Sentence {
        match hold {
            Some(_) if is_allowed => Sentence::Due,
            Some(hold) => Sentence::Held(hold),
            None if runs < grace => Sentence::Waiting,
            None => Sentence::Due,
        }
    }
}

/// Which removals are held.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    holds: BTreeMap<Sector, Hold>,
    replaced: BTreeMap<Kind, Hold>,
    is_empty: bool,
}

impl Guard {
    /// Why nothing of an absent title may go that has no copy left.
    pub fn hold_replaced(&self, kind: Kind) -> Option<Hold> {
        if self.is_empty {
            return Some(Hold::NothingLeft);
        }
        self.replaced.get(&kind).cloned()
    }

    /// Why nothing of a title may go that lacks these copies.
    pub fn hold<'a>(
        &self,
        roster: &Roster,
        lacking: impl IntoIterator<Item = &'a KnownCopy>,
    ) -> Option<Hold> {
        if self.is_empty {
            return Some(Hold::NothingLeft);
        }
        let mut lacking = lacking.into_iter().filter(|copy| copy.passage != Passage::Barred);
        let of = |copy: &KnownCopy| {
            let sector = Sector { kind: copy.kind, account: copy.account };
            self.holds.get(&sector).filter(|_| !roster.is_withdrawn(copy)).cloned()
        };
        lacking.find_map(of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster() -> Roster {
        let member =
            |name: &str, is_active| Member { name: name.into(), is_active, is_scanning: false };
        let accounts = BTreeMap::from([(1, member("A", true)), (2, member("B", false))]);
        Roster { accounts, disabled: HashSet::from([(1, 9)]) }
    }

    fn copy(title: i64, account: i64, category: Option<i64>) -> KnownCopy {
        let (title, kind) = (TitleId(title), Kind::Movie);
        let (stream, absent) = (title.0.to_string(), 0);
        let (passage, missing_since) = (Passage::Through, None);
        KnownCopy { title, kind, account, category, stream, passage, absent, missing_since }
    }

    /// `present` and `lost` titles of account 1, judged.
    fn judged(present: i64, lost: i64, roster: &Roster) -> Option<Hold> {
        let mut census = Census::default();
        (0..present).for_each(|n| census.add(roster, &copy(n, 1, None), true));
        (0..lost).for_each(|n| census.add(roster, &copy(1_000 + n, 1, None), false));
        census.judge(roster, present == 0, TitleId(9_999)).hold(roster, [&copy(1_000, 1, None)])
    }

    #[test]
    fn a_fifth_may_go_and_one_always_but_never_all() {
        let roster = roster();
        assert_eq!(judged(80, 20, &roster), None);
        let too_many = judged(79, 21, &roster).unwrap().to_string();
        assert!(too_many.contains("21 of 100 movies from A"), "{too_many}");
        assert_eq!(judged(1, 1, &roster), None);
        assert!(matches!(judged(1, 2, &roster), Some(Hold::TooMany { .. })));
        assert_eq!(judged(0, 1, &roster), Some(Hold::NothingLeft));
    }

    #[test]
    fn an_account_that_offers_nothing_is_held_and_one_that_is_switched_off_is_not() {
        let roster = roster();
        let mut census = Census::default();
        census.add_present(Kind::Movie, 5, TitleId(7));
        let lost = [copy(1, 1, None), copy(2, 2, None), copy(3, 1, Some(9)), copy(4, 3, None)];
        lost.iter().for_each(|copy| census.add(&roster, copy, false));
        let guard = census.judge(&roster, false, TitleId(9_999));
        assert!(matches!(guard.hold(&roster, [&lost[0]]), Some(Hold::Empty { .. })));
        assert_eq!(guard.hold(&roster, [&lost[1]]), None, "switched off");
        assert_eq!(guard.hold(&roster, [&lost[2]]), None, "its category is disabled");
        assert_eq!(guard.hold(&roster, [&lost[3]]), Some(Hold::AccountGone { account: 3 }));
    }

    #[test]
    fn copies_that_the_filter_never_let_in_count_neither_as_there_nor_as_lost() {
        let roster = roster();
        let with = |title, passage| KnownCopy { passage, ..copy(title, 1, None) };
        let mut census = Census::default();
        (0..90).for_each(|n| census.add(&roster, &with(n, Passage::Barred), n % 2 == 0));
        (90..95).for_each(|n| census.add(&roster, &with(n, Passage::Lapsed), true));
        (95..99).for_each(|n| census.add(&roster, &with(n, Passage::Through), true));
        let guard = census.judge(&roster, false, TitleId(9_999));
        let said = guard.hold(&roster, [&with(90, Passage::Lapsed)]).unwrap().to_string();
        assert!(said.contains("5 of 9 movies from A no longer pass the filter"), "{said}");
        assert_eq!(guard.hold(&roster, [&with(1, Passage::Barred)]), None);
    }

    #[test]
    fn new_titles_make_no_loss_smaller() {
        let roster = roster();
        let mut census = Census::default();
        let lost = KnownCopy { missing_since: Some(TitleId(20)), ..copy(7, 1, None) };
        (0..20).for_each(|n| {
            // Neither does a copy that the filter never let in.
            let barred = KnownCopy { passage: Passage::Barred, ..copy(n, 1, None) };
            census.add(&roster, &barred, true);
            census.add(&roster, &KnownCopy { title: TitleId(n), ..lost.clone() }, false)
        });
        (21..150).for_each(|n| census.add(&roster, &copy(n, 1, None), true));
        let guard = census.judge(&roster, false, TitleId(150));
        assert!(matches!(guard.hold(&roster, [&lost]), Some(Hold::Empty { .. })));
    }

    #[test]
    fn nothing_goes_while_the_catalogue_is_being_read() {
        let mut roster = roster();
        roster.accounts.get_mut(&1).unwrap().is_scanning = true;
        assert!(matches!(judged(99, 1, &roster), Some(Hold::Scanning { .. })));
    }

    #[test]
    fn a_title_that_the_account_still_offers_under_another_number_is_no_loss() {
        let roster = roster();
        let mut census = Census::default();
        for n in 0..10 {
            census.add(&roster, &copy(n, 1, None), false);
            census.add_present(Kind::Movie, 1, TitleId(n));
        }
        assert_eq!(
            census.judge(&roster, false, TitleId(9_999)).hold(&roster, [&copy(3, 1, None)]),
            None
        );
    }
}
