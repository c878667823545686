//! The seam: what every catalogue can be asked.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::Arc;

use vod2strm_core::entries::{EntryCounts, WhyLeftOut};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::hold::Doubt;
use vod2strm_core::identity::Heading;
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::model::stamp::{Stamp, StreamId};
use vod2strm_core::removal::accounts::Roster;

use crate::episodes::FetchEpisodes;
use crate::error::CatalogError;

/// Which titles of one kind a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The kind is not part of this run.
    Nothing,
    /// All eligible titles.
    All,
    /// Only these of the source's ids, as far as they are eligible.
    Ids(BTreeSet<i64>),
}

impl Selection {
    /// Whether a title with this key is wanted.
    pub fn contains(&self, key: SourceKey) -> bool {
        match self {
            Selection::Nothing => false,
            Selection::All => true,
            Selection::Ids(ids) => ids.contains(&key.0),
        }
    }
}

/// What a run wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The movies.
    pub movies: Selection,
    /// The series.
    pub series: Selection,
}

impl Scope {
    /// The selection for a kind.
    pub fn of(&self, kind: Kind) -> &Selection {
        match kind {
            Kind::Movie => &self.movies,
            Kind::Series => &self.series,
        }
    }
}

/// One line that a source says of itself, for `doctor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about, for example `server`.
    pub label: &'static str,
    /// What was found.
    pub value: String,
    /// Whether it is as it should be.
    pub is_fine: bool,
}

impl Fact {
    /// What was found, and is as it should be.
    pub fn new(label: &'static str, value: impl Into<String>) -> Fact {
        Fact { label, value: value.into(), is_fine: true }
    }

    /// What a person should look at, with what to do about it.
    pub fn to_look_at(label: &'static str, value: impl Into<String>) -> Fact {
        Fact { label, value: value.into(), is_fine: false }
    }
}

/// Which database a source is, as its server tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseId {
    /// The server's identifier; `None` where we may not ask for it.
    pub server: Option<i64>,
    /// The database's number on it: one that is made anew has another.
    pub database: u32,
}

impl DatabaseId {
    /// Whether it is for certain another database than that one.
    pub fn is_other(self, than: DatabaseId) -> bool {
        let are_servers_known = self.server.is_some() && than.server.is_some();
        self.database != than.database || are_servers_known && self.server != than.server
    }
}

impl fmt::Display for DatabaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.server {
            Some(server) => write!(f, "{server}/{}", self.database),
            None => write!(f, "/{}", self.database),
        }
    }
}

impl FromStr for DatabaseId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<DatabaseId, ParseIntError> {
        let (server, database) = text.split_once('/').unwrap_or((text, ""));
        let server = if server.is_empty() { None } else { Some(server.parse()?) };
        Ok(DatabaseId { server, database: database.parse()? })
    }
}

/// Whether the library plays just this address already, with just these properties for Kodi.
pub type IsPlayed<'a> = dyn Fn(Option<&str>, &str) -> bool + 'a;

/// An account in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountNumbers {
    /// Its name.
    pub name: String,
    /// Of what kind it is, for example `XC`.
    pub kind: String,
    /// Bigger wins.
    pub priority: i32,
    /// Whether it is switched on.
    pub is_active: bool,
    /// Movies that it offers.
    pub movies: u64,
    /// Series that it offers.
    pub series: u64,
    /// Episodes that it has.
    pub episodes: u64,
}

/// A catalogue in numbers, for `stats`: everything in it, wanted or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Movies.
    pub movies: u64,
    /// Series.
    pub series: u64,
    /// Episodes.
    pub episodes: u64,
    /// Series of which no episode is known.
    pub series_without_episodes: u64,
    /// The accounts, where the source has some.
    pub accounts: Vec<AccountNumbers>,
}

/// Why a title is not offered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotOffered {
    /// The source has nothing under this id.
    Unknown,
    /// No account has a stream of it.
    NoAccount,
    /// Only accounts that are switched off have one: their names.
    AccountsOff(Vec<String>),
    /// Accounts that are switched on have it in disabled categories alone: their names.
    CategoriesDisabled(Vec<String>),
}

impl fmt::Display for NotOffered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotOffered::Unknown => f.write_str("nothing in the source has this id"),
            NotOffered::NoAccount => f.write_str("no provider account offers it"),
            NotOffered::AccountsOff(names) => {
                write!(
                    f,
                    "only provider accounts that are switched off offer it: {}",
                    names.join(", ")
                )
            }
            NotOffered::CategoriesDisabled(names) => {
                write!(f, "it is in disabled categories alone, on {}", names.join(", "))
            }
        }
    }
}

/// An entry of a source, as it is looked up: a title, or what is in none.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryName<'a> {
    /// Movie or series; `None` where nobody can say.
    pub kind: Option<Kind>,
    /// What its title is loaded by, if it is offered; `None` for what is in no title whatever its accounts are.
    pub key: Option<SourceKey>,
    /// The name, noise included.
    pub name: &'a str,
    /// The release year.
    pub year: Option<i32>,
    /// The source's UUID.
    pub uuid: Option<&'a str>,
    /// TMDB id.
    pub tmdb: Option<&'a str>,
    /// IMDb id.
    pub imdb: Option<&'a str>,
    /// Its category, of what is in no title.
    pub category: Option<&'a str>,
    /// Why it is in no title, where that does not depend on accounts and categories, and what says so.
    pub left_out: Option<(WhyLeftOut, &'a str)>,
}

/// Takes entries one by one.
pub type EntrySink<'a> = dyn FnMut(EntryName<'_>) + 'a;

/// An account that lists a title, whether that counts or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountListing {
    /// The source's id of the title.
    pub title: i64,
    /// The account's name.
    pub account: String,
    /// Whether the account is switched on.
    pub is_account_on: bool,
    /// The name of the category in which it lists the title, if it is in one.
    pub category: Option<String>,
    /// Whether the category is switched on for the account; true where it is in none.
    pub is_category_on: bool,
}

impl AccountListing {
    /// Whether it counts.
    pub fn counts(&self) -> bool {
        self.is_account_on && self.is_category_on
    }
}

/// Says what a source holds, and why it does not offer a title.
pub trait Describe {
    /// Version, schema, counts: what a person wants to see before the first run.
    fn facts(&mut self) -> Result<Vec<Fact>, CatalogError>;

    /// The source in numbers; as many statements whatever its size.
    fn numbers(&mut self) -> Result<Numbers, CatalogError>;

    /// Why each of these titles is not offered; nothing of those that are. A source that offers all that it knows
    /// knows nothing of the others.
    fn not_offered(
        &mut self,
        _kind: Kind,
        ids: &[i64],
    ) -> Result<Vec<(i64, NotOffered)>, CatalogError> {
        Ok(ids.iter().map(|id| (*id, NotOffered::Unknown)).collect())
    }

    /// The accounts that list these titles, those that do not count among them. A source without accounts has none.
    fn listings(&mut self, _kind: Kind, _ids: &[i64]) -> Result<Vec<AccountListing>, CatalogError> {
        Ok(Vec::new())
    }
}

/// What a source says and no file does, or what files keep as they have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unfollowed {
    /// UUIDs.
    pub uuids: bool,
    /// Where providers are, and the logins there.
    pub logins: bool,
}

/// A source of titles.
///
/// All answers of one `Catalog` come from one and the same state of the source, until `renew`: what `load`
/// gives is what `stamps` fingerprinted. Implementations never change the source.
pub trait Catalog: Describe + Send {
    /// Whether an address that names stream and account plays whatever UUID it has. `None` where only the version of
    /// the service tells. A source without UUIDs has no such addresses.
    fn keeps_uuids(&self) -> Option<bool> {
        Some(false)
    }

    /// From now on `stamps` does not tell that these are others: no file has them, or it keeps those that it has.
    fn leave_out(&mut self, _what: Unfollowed) {}

    /// Hands one stamp per eligible title of the scope to `sink`, in any order.
    ///
    /// The number of statements or requests does not depend on the number of titles.
    fn stamps(&mut self, scope: &Scope, sink: &mut dyn FnMut(Stamp)) -> Result<(), CatalogError>;

    /// `stamps` for a library that has nothing yet: everything will be loaded anyway. The stamps have no fingerprints, and
    /// `loaded` has those of what was loaded since. `named` gets what each of these entries is called, before its
    /// stamp comes. `false` where the source has no such way, and nothing was read.
    fn first_stamps(
        &mut self,
        _scope: &Scope,
        _sink: &mut dyn FnMut(Stamp),
        _named: &mut dyn FnMut(Kind, SourceKey, Heading<'_>),
    ) -> Result<bool, CatalogError> {
        Ok(false)
    }

    /// After `first_stamps`: the fingerprints of what the last `load` gave.
    fn loaded(&self) -> Option<&HashMap<SourceKey, Fingerprint>> {
        None
    }

    /// The entries that the last `stamps` met, and why it left some of them out: they were counted on the way. Kinds that
    /// it read in part are not among them.
    fn entries(&self) -> &EntryCounts;

    /// The number that the source has for an entry, known from `stamps`, wherever that stands: of new titles that want one
    /// folder, the one with the smallest number gets it. `None` for an entry without.
    fn number(&self, key: SourceKey) -> Option<u64> {
        u64::try_from(key.0).ok()
    }

    /// Hands the whole titles behind `keys`, all of one kind and known from `stamps`, to `sink`, in
    /// any order.
    fn load(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(Title),
    ) -> Result<(), CatalogError>;

    /// Hands name, year and UUID of the titles behind `keys`, all of one kind and known from `stamps`, to
    /// `sink`, in any order: one statement.
    fn headings(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(SourceKey, Heading<'_>),
    ) -> Result<(), CatalogError>;

    /// Hands the names of all titles of a kind that are in one of these categories to `sink`, after the
    /// category's, in any order. A title in several comes as often.
    fn names(
        &mut self,
        kind: Kind,
        categories: &[Arc<str>],
        sink: &mut dyn FnMut(&str, &str),
    ) -> Result<(), CatalogError>;

    /// Hands each title to `sink`, offered or not, and each entry that is in none, in any order: a statement a kind. A
    /// playlist knows its other entries only if it was opened to keep them.
    fn each_entry(&mut self, sink: &mut EntrySink<'_>) -> Result<(), CatalogError>;

    /// Who offers titles, as far as removals depend on it. RefreshScope only when something is missing.
    fn roster(&mut self) -> Result<Roster, CatalogError>;

    /// The categories that are disabled: account and category.
    fn disabled(&self) -> BTreeSet<(i64, i64)> {
        BTreeSet::new()
    }

    /// What the source's own bookkeeping said before anything was read: as long as it is equal, the source
    /// is what it was. `None` where nothing proves that.
    fn state(&self) -> Option<Fingerprint> {
        None
    }

    /// Why nobody knows whether it was read to its end; `None` when the end is proved. What is missing from
    /// such a source may only be cut off.
    fn doubt(&self) -> Option<Doubt> {
        None
    }

    /// Which database it is; `None` for sources that are none, or whose server does not tell.
    fn identity(&self) -> Option<DatabaseId> {
        None
    }

    /// The streams that titles would have whose entries are there, and were taken for something else: after `stamps`.
    /// `None` for sources that state what an entry is.
    fn reclassified(&self) -> Option<&HashSet<StreamId>> {
        None
    }

    /// Fetches episodes that the source does not have: they may be at the provider. `None` for sources that
    /// have all episodes of all series that they know.
    fn episodes(&mut self) -> Option<&mut dyn FetchEpisodes> {
        None
    }

    /// Goes on with the source as it is now.
    fn renew(&mut self) -> Result<(), CatalogError> {
        Ok(())
    }

    /// Whether addresses of its own hold a login, so that what plays them is not for everybody.
    fn has_logins(&self) -> bool {
        false
    }

    /// Statements sent so far; 0 for sources that know none.
    fn statements(&self) -> u64;
}
