//! Holds: removals that wait for a person, each with a reason, a remedy and an id.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::str::FromStr;

use crate::model::media::Kind;

/// The part of the highest number that an account had that may be gone, in percent.
pub const LIMIT: usize = 20;

/// What an account offers, and what is counted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Content {
    /// Movies.
    Movies,
    /// Series, whatever they have.
    Series,
    /// The episodes of series, each once, however many versions it has.
    Episodes,
    /// The entries of movies: a movie may have several.
    MovieEntries,
    /// The entries of series.
    SeriesEntries,
}

impl Content {
    /// All that is counted.
    pub const ALL: [Content; 5] = [
        Content::Movies,
        Content::Series,
        Content::Episodes,
        Content::MovieEntries,
        Content::SeriesEntries,
    ];

    /// The titles of a kind.
    pub fn of(kind: Kind) -> Content {
        match kind {
            Kind::Movie => Content::Movies,
            Kind::Series => Content::Series,
        }
    }

    /// The entries of titles of a kind.
    pub fn entries(kind: Kind) -> Content {
        match kind {
            Kind::Movie => Content::MovieEntries,
            Kind::Series => Content::SeriesEntries,
        }
    }

    /// The kind of the titles that it is about.
    pub fn kind(self) -> Kind {
        match self {
            Content::Movies | Content::MovieEntries => Kind::Movie,
            Content::Series | Content::Episodes | Content::SeriesEntries => Kind::Series,
        }
    }

    /// The word in the ledger and in `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Content::Movies => "movie",
            Content::Series => "series",
            Content::Episodes => "episode",
            Content::MovieEntries => "movie_entry",
            Content::SeriesEntries => "series_entry",
        }
    }

    fn one(self) -> &'static str {
        match self {
            Content::Movies | Content::Series | Content::Episodes => self.as_str(),
            Content::MovieEntries => "entry of a movie",
            Content::SeriesEntries => "entry of a series",
        }
    }

    fn many(self) -> &'static str {
        match self {
            Content::Movies => "movies",
            Content::Series => "series",
            Content::Episodes => "episodes",
            Content::MovieEntries => "entries of movies",
            Content::SeriesEntries => "entries of series",
        }
    }
}

/// The word in the ledger for `HoldReason::Contradicted`.
const CONTRADICTED: &str = "contradicted";

/// Why removals wait for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldReason {
    /// The whole catalogue is empty.
    NothingLeft,
    /// The account is gone from the source, and with it its titles.
    AccountGone,
    /// The account is active and offers nothing of what the library has from it.
    Empty {
        /// How many the library has from it.
        of: usize,
    },
    /// Too much of what the account had within the last days is gone.
    TooMany {
        /// How many are gone.
        losses: usize,
        /// The highest number within those days.
        of: usize,
    },
    /// The account has exchanged its titles for others.
    Exchanged {
        /// How many of its best day are gone.
        losses: usize,
        /// How many it had on that day.
        of: usize,
    },
    /// Too much no longer passes a filter that is the same as before, or is gone.
    Dropped {
        /// How many.
        losses: usize,
        /// The highest number within the last days.
        of: usize,
    },
    /// The source is just reading the account's catalogue.
    Scanning,
    /// Too many streams of the account play other works: their titles stay, and nothing is made of the new
    /// ones.
    Contradicted {
        /// How many titles.
        losses: usize,
        /// How many the library has from the account.
        of: usize,
    },
    /// The source has the entries of too many titles still, and takes them for something else.
    Reclassified {
        /// How many titles.
        losses: usize,
        /// How many the library has of the kind.
        of: usize,
    },
    /// The user wants nothing of it.
    NothingWanted(LeavesNothing),
    /// Most episodes are missing of series that the source still has, and it has not fetched them since.
    NotFetched,
    /// Most of what they play is missing of titles that the source still has.
    MostEpisodes,
    /// Nobody knows whether the source was read to its end.
    EndUnproved(Doubt),
}

/// Why nobody knows whether a source was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The server told no length: an answer that broke off looks like a whole one.
    NoLength,
    /// The file was written to while it was read, or has no size of its own.
    Moving,
    /// The last line has no line end.
    NoLineEnd,
}

impl Doubt {
    /// What makes the end known.
    pub fn remedy(self) -> &'static str {
        match self {
            Doubt::NoLength => {
                "save the list as a file, see that its last entries are there, and give that file as --source"
            }
            Doubt::Moving => {
                "run again when the file is complete; save what comes from a pipe as a file, and give that"
            }
            Doubt::NoLineEnd => "if the list is whole, end it with a line end",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doubt::NoLength => "the list may be cut off: the server tells no length",
            Doubt::Moving => {
                "the list may be cut off: it was written to while it was read, or is a pipe"
            }
            Doubt::NoLineEnd => "the list may be cut off: its last line has no line end",
        })
    }
}

/// What of the user's will is there that may leave nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeavesNothing {
    /// A filter alone.
    #[default]
    Filter,
    /// `block` alone.
    Block,
    /// Both.
    Both,
}

/// What another run settles by itself, and no person can allow.
const NEVER_ALLOWED: [HoldReason; 5] = [
    HoldReason::NotFetched,
    HoldReason::Scanning,
    HoldReason::EndUnproved(Doubt::NoLength),
    HoldReason::EndUnproved(Doubt::Moving),
    HoldReason::EndUnproved(Doubt::NoLineEnd),
];

/// Removals that wait for a person: one reason, one account, one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// The account whose titles they are: its id and its name; `None` where it is no one account's doing.
    pub account: Option<(i64, String)>,
    /// What is held.
    pub content: Content,
}

impl Hold {
    /// What tells this hold from others: it keeps its id for as long as this is the same.
    pub fn key(&self) -> HoldKey {
        let account = self.account.as_ref().map(|(id, _)| *id);
        HoldKey { reason: self.reason.word().to_owned(), account, content: self.content }
    }
}

impl HoldReason {
    /// What a person can do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            HoldReason::NothingLeft => {
                "is it the right source, and is an account active in it? If the library is to be emptied, \
                 allow it"
            }
            HoldReason::AccountGone => {
                "is it the right source? If you have deleted the account, allow it"
            }
            HoldReason::Empty { .. } => {
                "look whether the provider still has them: refresh the account in Dispatcharr, or look into the \
                 playlist; if they have really been given up, allow it"
            }
            HoldReason::TooMany { .. } => {
                "look at the account; if the provider has really dropped so many, allow it"
            }
            HoldReason::Exchanged { .. } => {
                "look at the account; if the provider has really exchanged its titles, allow it"
            }
            HoldReason::Dropped { .. } => {
                "have categories, accounts or ratings other names or values now? Then give the filter the \
                 new ones; if the titles are to go, allow it"
            }
            HoldReason::Contradicted { .. } => {
                "look at some of them at the provider; if its streams are really other titles now, allow it: \
                 the old ones go, and the new ones are written"
            }
            HoldReason::Reclassified { .. } => {
                "vod2strm doctor shows what entries are taken for, and why; where that is wrong, classify_movies, \
                 classify_series, classify_live or classify_skip overrules it. If it is right, allow it"
            }
            HoldReason::NothingWanted(LeavesNothing::Block) => {
                "is the list of block right? If the library is to be emptied, allow it"
            }
            HoldReason::NothingWanted(_) => {
                "is the filter right? vod2strm doctor says how many titles each part of it matches; if the \
                 library is to be emptied, allow it"
            }
            HoldReason::EndUnproved(doubt) => doubt.remedy(),
            HoldReason::Scanning => "run again when the source has finished reading the account",
            HoldReason::NotFetched => {
                "vod2strm refresh has Dispatcharr fetch their episodes again; what is gone then as well can \
                 be allowed"
            }
            HoldReason::MostEpisodes => {
                "look at the series at the provider; if the episodes are really gone, allow it"
            }
        }
    }

    /// Whether a person may let go what is held.
    pub fn can_be_allowed(self) -> bool {
        !NEVER_ALLOWED.contains(&self)
    }

    /// Whether new works are left out while it lasts: with a cleanup and without.
    pub fn leaves_out(self) -> bool {
        matches!(self, HoldReason::Contradicted { .. })
    }

    /// The word in the ledger. Reasons that follow each other while the same titles are gone have one, so that the
    /// hold keeps its id.
    fn word(self) -> &'static str {
        match self {
            HoldReason::NothingLeft => "empty_catalogue",
            HoldReason::AccountGone => "account_gone",
            HoldReason::Empty { .. }
            | HoldReason::TooMany { .. }
            | HoldReason::Exchanged { .. } => "missing",
            HoldReason::Dropped { .. } => "filter",
            HoldReason::Scanning => "being_read",
            HoldReason::Contradicted { .. } => CONTRADICTED,
            HoldReason::Reclassified { .. } => "reclassified",
            HoldReason::NothingWanted(_) => "filter_leaves_nothing",
            HoldReason::NotFetched => "not_fetched",
            HoldReason::MostEpisodes => "most_episodes",
            HoldReason::EndUnproved(Doubt::NoLength) => "end_without_length",
            HoldReason::EndUnproved(Doubt::Moving) => "end_while_written",
            HoldReason::EndUnproved(Doubt::NoLineEnd) => "end_without_line_end",
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.account.as_ref().map_or("the source", |(_, name)| name);
        let many = self.content.many();
        match self.reason {
            HoldReason::NothingLeft => write!(f, "the catalogue is empty"),
            HoldReason::AccountGone => {
                write!(f, "the account {account} is no longer in the source")
            }
            HoldReason::Empty { of: 1 } => {
                let one = self.content.one();
                write!(f, "{account} does not offer the one {one} that the library has from it")
            }
            HoldReason::Empty { of } => {
                write!(f, "{account} offers none of the {of} {many} that the library has from it")
            }
            HoldReason::TooMany { losses, of } => write!(
                f,
                "with these, {losses} of the {of} {many} that {account} had within 30 days are gone, more than \
                 {LIMIT} %"
            ),
            HoldReason::Exchanged { losses, of } => write!(
                f,
                "{account} has exchanged its {many}: {losses} of the {of} that it had within 30 days are gone"
            ),
            HoldReason::Dropped { losses, of } => write!(
                f,
                "{losses} of {of} {many} from {account} no longer pass the filter, or are gone, though the \
                 filter is the same"
            ),
            HoldReason::Scanning => {
                write!(f, "the catalogue of {account} is being read anew just now")
            }
            HoldReason::Contradicted { losses, of } => write!(
                f,
                "the streams of {losses} of {of} {many} from {account} play other titles all at once, which are \
                 left out"
            ),
            HoldReason::Reclassified { losses, of } => write!(
                f,
                "the source has the entries of {losses} of {of} {many} still, and takes them for something else"
            ),
            HoldReason::NothingWanted(by) => f.write_str(match by {
                LeavesNothing::Filter => "the filter leaves nothing",
                LeavesNothing::Block => "block leaves nothing",
                LeavesNothing::Both => "the filter and block leave nothing",
            }),
            HoldReason::EndUnproved(doubt) => write!(f, "{doubt}"),
            HoldReason::NotFetched => write!(
                f,
                "series of {account} that are still there have lost most of their episodes, and the source has \
                 not fetched them again"
            ),
            HoldReason::MostEpisodes => {
                write!(
                    f,
                    "titles of {account} that are still there have lost most of their episodes"
                )
            }
        }
    }
}

/// What tells one hold from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HoldKey {
    /// The word for the reason.
    pub reason: String,
    /// The account's id.
    pub account: Option<i64>,
    /// What is held.
    pub content: Content,
}

/// A hold's id: the run in which it began, and its number there. People see `17.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HoldId {
    /// The run.
    pub run: i64,
    /// From 1.
    pub number: i64,
}

impl fmt::Display for HoldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.run, self.number)
    }
}

/// A text that is no hold's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no id of a hold: 17.2 is one, and 17 stands for all that began in run 17")]
pub struct NoHoldId(String);

impl FromStr for HoldId {
    type Err = NoHoldId;

    fn from_str(text: &str) -> Result<HoldId, NoHoldId> {
        let id = text.split_once('.').and_then(|(run, number)| {
            Some(HoldId { run: run.parse().ok()?, number: number.parse().ok()? })
        });
        id.filter(|id| id.to_string() == text).ok_or_else(|| NoHoldId(text.to_owned()))
    }
}

/// What a person allows to be removed in one run, though it is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// Nothing.
    #[default]
    Nothing,
    /// All that the last complete run with a cleanup held: `last`.
    LastRun,
    /// All that began to be held in this run.
    Run(i64),
    /// One hold.
    One(HoldId),
}

impl FromStr for Permission {
    type Err = NoHoldId;

    fn from_str(text: &str) -> Result<Permission, NoHoldId> {
        match text.parse() {
            _ if text == "last" => Ok(Permission::LastRun),
            Ok(run) => Ok(Permission::Run(run)),
            Err(_) => text.parse().map(Permission::One),
        }
    }
}

/// A hold that lasts, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownHold {
    /// Its id.
    pub id: HoldId,
    /// What tells it from others.
    pub key: HoldKey,
    /// Titles and files that are still held by it.
    pub items: u64,
    /// The last complete run with a cleanup held something under it.
    pub is_last: bool,
}

/// Why a permission allows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// No hold has this id, or nothing is held by it any more.
    #[error("nothing is held under {0}: vod2strm history shows what is")]
    NothingHeld(String),
    /// The hold cannot be allowed.
    #[error("{id} cannot be allowed: {remedy}")]
    Refused {
        /// The hold.
        id: HoldId,
        /// What is to be done instead.
        remedy: &'static str,
    },
}

impl Permission {
    /// The holds that are allowed, of those that last.
    pub fn holds(self, known: &[KnownHold]) -> Result<HashSet<HoldId>, NotAllowed> {
        let is_named = |hold: &&KnownHold| match self {
            Permission::Nothing => false,
            Permission::LastRun => hold.is_last,
            Permission::Run(run) => hold.id.run == run,
            Permission::One(id) => hold.id == id,
        };
        let named: Vec<&KnownHold> =
            known.iter().filter(|hold| hold.items > 0).filter(is_named).collect();
        let allowed: HashSet<HoldId> =
            named.iter().filter(|hold| hold.refused().is_none()).map(|hold| hold.id).collect();
        let wanted = match self {
            Permission::Nothing | Permission::LastRun => return Ok(allowed),
            Permission::Run(run) => run.to_string(),
            Permission::One(id) => id.to_string(),
        };
        let refused = named.iter().find_map(|hold| Some((hold.id, hold.refused()?)));
        match (allowed.is_empty(), refused) {
            (false, _) => Ok(allowed),
            (true, Some((id, reason))) => Err(NotAllowed::Refused { id, remedy: reason.remedy() }),
            (true, None) => Err(NotAllowed::NothingHeld(wanted)),
        }
    }

    /// What a person should know of it, in a run over these kinds: where it allows nothing, or not all that it names.
    /// `is_removing` says that the run has a cleanup.
    pub fn remarks(self, known: &[KnownHold], is_removing: bool, kinds: &[Kind]) -> Vec<String> {
        if self == Permission::Nothing {
            return Vec::new();
        }
        let allowed = self.holds(known).unwrap_or_default();
        let mut remarks = Vec::new();
        if self == Permission::LastRun {
            let last = known.iter().filter(|hold| hold.is_last && hold.items > 0);
            let refused = last.filter_map(|hold| Some((hold.id, hold.refused()?)));
            remarks.extend(
                refused.map(|(id, reason)| format!("{id} cannot be allowed: {}", reason.remedy())),
            );
        }
        if allowed.is_empty() && remarks.is_empty() {
            remarks.push("nothing that could be allowed was held by the last run".to_owned());
        }
        for hold in known.iter().filter(|hold| allowed.contains(&hold.id)) {
            if !kinds.contains(&hold.key.content.kind()) {
                let many = hold.key.content.many();
                remarks.push(format!("{} is about {many}, and this run is not", hold.id));
            } else if !is_removing && !hold.leaves_out() {
                remarks.push(format!("{} stays held: this run has no --cleanup apply", hold.id));
            }
        }
        remarks
    }
}

impl KnownHold {
    /// Whether new works are left out while it lasts.
    pub fn leaves_out(&self) -> bool {
        self.key.reason == CONTRADICTED
    }

    /// The reason, if it is one that cannot be allowed.
    fn refused(&self) -> Option<HoldReason> {
        NEVER_ALLOWED.into_iter().find(|reason| reason.word() == self.key.reason)
    }
}

/// Gives each hold of a run its id: a hold that lasts keeps it, a new one gets the run's next number. A hold whose
/// content was let go (`ended`) lasts no longer: a permission does not cover what is held anew.
pub fn named(
    run: i64,
    known: &[KnownHold],
    ended: &HashSet<HoldId>,
    holds: impl Iterator<Item = HoldKey>,
) -> BTreeMap<HoldKey, HoldId> {
    let used = known.iter().filter(|hold| hold.id.run == run).map(|hold| hold.id.number).max();
    let mut next = used.unwrap_or(0);
    let mut named = BTreeMap::new();
    for key in holds {
        let mut lasting = known.iter().filter(|hold| !ended.contains(&hold.id));
        let lasting = lasting.find(|hold| hold.key == key).map(|hold| hold.id);
        let id = lasting.unwrap_or_else(|| {
            next += 1;
            HoldId { run, number: next }
        });
        named.insert(key, id);
    }
    named
}

#[cfg(test)]
mod tests;
