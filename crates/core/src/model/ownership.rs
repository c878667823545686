//! Whose a title's folder is. What is the user's, or may be, stays.

/// Whose a title's folder is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// It came with the title, and goes with it.
    Ours,
    /// The user's: it was there before the title, or holds a film.
    Users,
    /// The ledger does not say, or nobody has looked.
    #[default]
    Unknown,
}

impl Ownership {
    /// Whose a folder is of which it is known whether it is the user's.
    pub fn of(is_users: bool) -> Ownership {
        if is_users { Ownership::Users } else { Ownership::Ours }
    }

    /// Whether it is the user's, where that is known: as the ledger keeps it.
    pub fn is_users(self) -> Option<bool> {
        match self {
            Ownership::Ours => Some(false),
            Ownership::Users => Some(true),
            Ownership::Unknown => None,
        }
    }

    /// Whether it must be treated as the user's: what is not known to be ours is.
    pub fn may_be_users(self) -> bool {
        self != Ownership::Ours
    }

    /// What this says, or the other where this says nothing.
    #[must_use]
    pub fn or(self, other: Ownership) -> Ownership {
        if self == Ownership::Unknown { other } else { self }
    }
}

impl From<Option<bool>> for Ownership {
    /// As the ledger keeps it.
    fn from(is_users: Option<bool>) -> Ownership {
        is_users.map_or(Ownership::Unknown, Ownership::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_to_be_ours_may_be_the_users() {
        let all = [Ownership::Ours, Ownership::Users, Ownership::Unknown];
        assert_eq!(all.map(Ownership::may_be_users), [false, true, true]);
        for ownership in all {
            assert_eq!(Ownership::from(ownership.is_users()), ownership);
            assert_eq!(Ownership::Unknown.or(ownership), ownership);
            assert_eq!(ownership.or(Ownership::Unknown), ownership);
        }
        assert_eq!(Ownership::Ours.or(Ownership::Users), Ownership::Ours);
    }
}
