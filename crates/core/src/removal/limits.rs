//! What is missing of a scope, and whether that is more than may go without a person.

use crate::hold::{HoldReason, LIMIT};
use crate::removal::accounts::Roster;
use crate::removal::{AccountContent, BestDay};

/// What the catalogue has of a title in a scope, or of an entry; what counts more is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Availability {
    /// The user has switched off what offers it.
    SwitchedOff,
    /// It no longer passes the filter, which is the same as before.
    Dropped,
    /// The catalogue does not have it.
    Missing,
    /// It is there.
    Present,
}

/// What is missing of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Titles that the library has and the catalogue has no more, or the filter.
    pub losses_now: usize,
    /// What the library had when the run began.
    pub had: BestDay,
    /// Titles that would be left.
    pub left: usize,
    /// The highest number within the last days.
    pub highest: usize,
    /// Titles of the best day that are gone.
    pub exchanged: usize,
    /// How many the best day had.
    pub of_best_day: usize,
    /// Some no longer pass the filter.
    pub has_dropped: bool,
    /// There are others, which the user's will has let in.
    pub has_let_in: bool,
}

/// Why what is missing of a scope is held, if it is.
pub fn reason(roster: &Roster, scope: AccountContent, loss: &Loss) -> Option<HoldReason> {
    if loss.losses_now == 0 {
        return None;
    }
    let Some(member) = roster.accounts.get(&scope.account) else {
        return Some(HoldReason::AccountGone);
    };
    if member.is_scanning {
        return Some(HoldReason::Scanning);
    }
    let (losses, of) = (loss.highest.saturating_sub(loss.left), loss.highest);
    // One may always go, the last one never.
    let is_last = loss.left == 0 && !loss.has_let_in;
    let is_much = is_last || losses > 1 && loss.left * 100 < of * (100 - LIMIT);
    let is_exchanged = loss.exchanged > 1 && loss.exchanged * 2 >= loss.of_best_day;
    if is_much && loss.has_dropped {
        Some(HoldReason::Dropped { losses, of })
    } else if is_last {
        Some(HoldReason::Empty { of: loss.losses_now })
    } else if is_much {
        Some(HoldReason::TooMany { losses, of })
    } else if is_exchanged {
        Some(HoldReason::Exchanged { losses: loss.exchanged, of: loss.of_best_day })
    } else {
        None
    }
}
