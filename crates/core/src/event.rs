//! What a run says, once, as events; progress bar, report, JSON and tests are listeners.

use serde::Serialize;

use crate::entries::{EntryCounts, TitleCount};
use crate::hold::{Hold, HoldId};
use crate::model::file::{FileKey, FileKind, Item};
use crate::model::left_out::LeftOutBy;
use crate::model::media::Kind;
use crate::status::Status;

/// What a file of the library is; its text is the `type` column of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A movie's `.strm`.
    Movie,
    /// A movie's NFO.
    MovieNfo,
    /// An episode's `.strm`.
    Episode,
    /// An episode's NFO.
    EpisodeNfo,
    /// A season's NFO.
    SeasonNfo,
    /// A series' NFO.
    TvshowNfo,
    /// A subtitle or a picture of the user's that has the name of a `.strm`.
    Companion,
}

impl Role {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Movie => "movie",
            Role::MovieNfo => "movie_nfo",
            Role::Episode => "episode",
            Role::EpisodeNfo => "episode_nfo",
            Role::SeasonNfo => "season_nfo",
            Role::TvshowNfo => "tvshow_nfo",
            Role::Companion => "companion",
        }
    }

    /// That of the file that is for this.
    pub fn of(key: &FileKey) -> Role {
        match key {
            FileKey::Show => Role::TvshowNfo,
            FileKey::Season(_) => Role::SeasonNfo,
            FileKey::Item { item: Item::Movie, kind, .. } => match kind {
                FileKind::Strm => Role::Movie,
                FileKind::Nfo => Role::MovieNfo,
            },
            FileKey::Item { kind: FileKind::Strm, .. } => Role::Episode,
            FileKey::Item { kind: FileKind::Nfo, .. } => Role::EpisodeNfo,
        }
    }

    /// What stands for a title as a whole.
    pub fn of_title(kind: Kind) -> Role {
        match kind {
            Kind::Movie => Role::Movie,
            Kind::Series => Role::TvshowNfo,
        }
    }

    /// Whether the file is a `.strm`.
    pub fn is_strm(self) -> bool {
        matches!(self, Role::Movie | Role::Episode)
    }
}

/// What was done about a file or a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Written to disk.
    Written,
    /// Removed from disk.
    Deleted,
    /// A dry run, or a preview of the cleanup: it would be removed.
    WouldDelete,
    /// Given another name.
    Moved,
    /// Left as it is.
    Skipped,
    /// Not possible; the reason says why.
    Error,
}

impl Action {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Written => "written",
            Action::Deleted => "deleted",
            Action::WouldDelete => "would_delete",
            Action::Moved => "moved",
            Action::Skipped => "skipped",
            Action::Error => "error",
        }
    }
}

/// Why it was done; the words of the original's reports where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A new file.
    Created,
    /// Its content changed.
    Updated,
    /// It was gone from the disk.
    Restored,
    /// The ledger has it as it should be; the file was not looked at.
    CachedSkip,
    /// Looked at, and equal to what it should be.
    SameContents,
    /// Looked at, and different only in what nobody notices who watches; it stays as it is.
    SameToViewers,
    /// A dry run: it would be created.
    DryRunCreate,
    /// A dry run: its content would change.
    DryRunUpdate,
    /// Somebody edited our NFO; the edit is respected.
    UserEdited,
    /// Nothing wants it any more; it stays for now.
    Obsolete,
    /// Removed: its movie is no longer in the catalogue.
    StaleMovie,
    /// Removed: its episode or series is no longer in the catalogue.
    StaleEpisode,
    /// Removed: the source has its title's entries still, and takes them for something else.
    Reclassified,
    /// Removed: the settings no longer want it.
    NotWanted,
    /// It is not, or no longer, what we wrote, and is not ours to remove.
    NotOurs,
    /// Its removal waits for a person.
    Held,
    /// The file system refused to remove it.
    RemoveFailed,
    /// The title's folder has another name.
    FolderMoved,
    /// The file has another name in its title's folder.
    Renamed,
    /// A dry run: it would get another name.
    DryRunMove,
    /// The title's folder could not get the name that it should have.
    MoveFailed,
    /// The episode has no stream on an active account.
    NoActiveRelations,
    /// The series has nothing to play.
    NoEpisodes,
    /// The stream has no address that players open.
    NoUrl,
    /// The filter does not let it through.
    Filtered,
    /// A file that is not ours is in the way; it was not touched.
    ForeignFile,
    /// An NFO whose `.strm` cannot be written, since a file that is not ours is in its place.
    NoStrm,
    /// The file system refused.
    WriteFailed,
}

impl Reason {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Created => "created",
            Reason::Updated => "updated",
            Reason::Restored => "restored",
            Reason::CachedSkip => "cached_skip",
            Reason::SameContents => "same_contents",
            Reason::SameToViewers => "same_to_viewers",
            Reason::DryRunCreate => "dry_run_create",
            Reason::DryRunUpdate => "dry_run_update",
            Reason::UserEdited => "user_edited",
            Reason::Obsolete => "obsolete",
            Reason::StaleMovie => "stale_movie",
            Reason::StaleEpisode => "stale_episode",
            Reason::Reclassified => "reclassified",
            Reason::NotWanted => "not_wanted",
            Reason::NotOurs => "not_ours",
            Reason::Held => "held",
            Reason::RemoveFailed => "remove_failed",
            Reason::FolderMoved => "folder",
            Reason::Renamed => "file",
            Reason::DryRunMove => "dry_run_move",
            Reason::MoveFailed => "move_failed",
            Reason::NoActiveRelations => "no_active_relations",
            Reason::NoEpisodes => "no_episodes",
            Reason::NoUrl => "no_url",
            Reason::Filtered => "filtered",
            Reason::ForeignFile => "foreign_file",
            Reason::NoStrm => "no_strm",
            Reason::WriteFailed => "write_failed",
        }
    }
}

/// The stages of a run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Connecting to the source, or fetching it.
    Open,
    /// Reading one stamp per title.
    Stamps,
    /// Comparing with the ledger.
    Compare,
    /// Looking at titles, to say something of them.
    Look,
    /// Looking whether the library is still there.
    Check,
    /// Moving titles that are named by other rules.
    Move,
    /// Finding out which titles files belong to that the ledger does not know.
    Adopt,
    /// Loading, rendering and writing what is new or changed.
    Write,
    /// Having episodes fetched that the source does not have yet.
    Refresh,
    /// Removing what is missing or unwanted.
    #[serde(rename = "sweep")]
    Cleanup,
}

impl Phase {
    /// What a progress line says.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Open => "opening the source",
            Phase::Stamps => "reading the catalogue",
            Phase::Compare => "comparing with the ledger",
            Phase::Look => "looking at titles",
            Phase::Check => "looking at the library",
            Phase::Move => "moving titles",
            Phase::Adopt => "recognising titles",
            Phase::Write => "writing titles",
            Phase::Refresh => "fetching episodes",
            Phase::Cleanup => "removing what is gone",
        }
    }
}

/// The title that a file belongs to, for reports.
#[derive(Clone, Copy, Debug)]
pub struct TitleRef<'a> {
    /// Movie or series.
    pub kind: Kind,
    /// The source's name of it.
    pub name: &'a str,
    /// Its year, when known.
    pub year: Option<i32>,
    /// Its UUID, when the source has UUIDs.
    pub uuid: Option<&'a str>,
}

/// What happened to one file, or to an episode that got none.
#[derive(Clone, Copy, Debug)]
pub struct FileEvent<'a> {
    /// Whose file it is.
    pub title: TitleRef<'a>,
    /// What the file is.
    pub role: Role,
    /// Season number, for what belongs to one.
    pub season: Option<i32>,
    /// The episode's name and UUID, for what belongs to one.
    pub episode: Option<(&'a str, Option<&'a str>)>,
    /// Path below the library's root; empty when there is none.
    pub path: &'a str,
    /// The path before, of what has another name now, or would have.
    pub from: Option<&'a str>,
    /// What was done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The cause of an error, as a sentence.
    pub detail: Option<&'a str>,
}

/// How a title as a whole came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TitleOutcome {
    /// New in the library.
    New,
    /// Known, and something of it was written.
    Changed,
    /// Known, and its folder or files have other names; nothing of it was written.
    Moved,
    /// Not touched: nothing had to be written.
    Unchanged,
    /// A series without anything to play.
    Empty,
    /// The user does not want it: the filter, or `block`.
    Filtered(LeftOutBy),
    /// Something of it could not be written; it is tried again next time.
    Failed,
    /// It is in a folder of the user's, which was there before it and never moves.
    Shared,
    /// In the library, and no longer in the catalogue.
    Missing,
    /// Of those: removed.
    Removed,
    /// It would be removed if the cleanup were on.
    WouldRemove,
    /// It waits until it, or something of it, has been missing for some runs.
    Waiting,
    /// Its removal, or that of some of its files, waits for a person.
    Held,
}

impl TitleOutcome {
    /// The word in reports and in `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            TitleOutcome::New => "new",
            TitleOutcome::Changed => "changed",
            TitleOutcome::Moved => "moved",
            TitleOutcome::Unchanged => "unchanged",
            TitleOutcome::Empty => "empty",
            TitleOutcome::Filtered(_) => "filtered",
            TitleOutcome::Failed => "failed",
            TitleOutcome::Shared => "shared",
            TitleOutcome::Missing => "absent",
            TitleOutcome::Removed => "removed",
            TitleOutcome::WouldRemove => "would_remove",
            TitleOutcome::Waiting => "waiting",
            TitleOutcome::Held => "held",
        }
    }
}

/// How one title came out.
#[derive(Clone, Copy, Debug)]
pub struct TitleEvent<'a> {
    /// Who it is.
    pub title: TitleRef<'a>,
    /// Its folder below the library's root, if it has one.
    pub folder: Option<&'a str>,
    /// How many entries of the source it is made of.
    pub entries: u64,
    /// How it came out.
    pub outcome: TitleOutcome,
}

/// One run of one library.
#[derive(Clone, Copy, Debug)]
pub struct RunEvent<'a> {
    /// The run's number in the library's ledger; a preview has none.
    pub run: Option<i64>,
    /// The library's name: its section of the settings file, or its output folder.
    pub library: &'a str,
    /// The time of day, in seconds since 1970.
    pub at: i64,
}

/// Removals that are held.
#[derive(Clone, Copy, Debug)]
pub struct HeldEvent<'a> {
    /// Why.
    pub hold: &'a Hold,
    /// What a person names it by; a dry run, which makes no holds, has none for what no run has held yet.
    pub id: Option<HoldId>,
    /// Titles that are held, or files of them.
    pub titles: u64,
    /// Files that are held.
    pub files: u64,
}

/// Something that a run says, once: no event corrects an earlier one.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The run begins: it has its library, and has read nothing yet.
    RunStarted(RunEvent<'a>),
    /// The run has ended, in this way.
    RunFinished(RunEvent<'a>, Status),
    /// A stage began; the number is that of the titles it will handle, when known.
    Phase(Phase, Option<u64>),
    /// Nobody wrote to the source since a run that left nothing to do: it is not read.
    Untouched,
    /// So many entries the source has, of the kinds that the run is about, and so many are left out before anything is
    /// loaded.
    Entries(&'a EntryCounts),
    /// So many more stamps were read.
    Stamps(u64),
    /// Something happened to a file.
    File(FileEvent<'a>),
    /// A title came out like this.
    Title(TitleEvent<'a>),
    /// So many titles of this kind came out like this, of which none has an event of its own.
    Titles(Kind, TitleOutcome, TitleCount),
    /// Removals are held.
    Held(&'a HeldEvent<'a>),
    /// So many more series were asked for.
    Asked(u64),
    /// So many workers are writing now.
    Workers(usize),
    /// Something that a person should know; not an error.
    Warning(&'a str),
}

/// A listener. Events come from several threads.
pub trait Observer: Sync {
    /// Takes note of an event. Must be quick, and must not fail: a listener's trouble is its own.
    fn event(&self, event: &Event<'_>);
}

/// Passes every event to several listeners, in order.
pub struct FanOut<'a>(pub Vec<&'a dyn Observer>);

impl Observer for FanOut<'_> {
    fn event(&self, event: &Event<'_>) {
        for observer in &self.0 {
            observer.event(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scripts know these words: they stay.
    #[test]
    fn the_words_of_reports_stay() {
        for (it, word) in [
            (Reason::Created, "created"),
            (Reason::Updated, "updated"),
            (Reason::Restored, "restored"),
            (Reason::CachedSkip, "cached_skip"),
            (Reason::SameContents, "same_contents"),
            (Reason::SameToViewers, "same_to_viewers"),
            (Reason::DryRunCreate, "dry_run_create"),
            (Reason::DryRunUpdate, "dry_run_update"),
            (Reason::UserEdited, "user_edited"),
            (Reason::Obsolete, "obsolete"),
            (Reason::StaleMovie, "stale_movie"),
            (Reason::StaleEpisode, "stale_episode"),
            (Reason::Reclassified, "reclassified"),
            (Reason::NotWanted, "not_wanted"),
            (Reason::NotOurs, "not_ours"),
            (Reason::Held, "held"),
            (Reason::RemoveFailed, "remove_failed"),
            (Reason::FolderMoved, "folder"),
            (Reason::Renamed, "file"),
            (Reason::DryRunMove, "dry_run_move"),
            (Reason::MoveFailed, "move_failed"),
            (Reason::NoActiveRelations, "no_active_relations"),
            (Reason::NoEpisodes, "no_episodes"),
            (Reason::NoUrl, "no_url"),
            (Reason::Filtered, "filtered"),
            (Reason::ForeignFile, "foreign_file"),
            (Reason::NoStrm, "no_strm"),
            (Reason::WriteFailed, "write_failed"),
        ] {
            assert_eq!(it.as_str(), word);
        }
        for (it, word) in [
            (TitleOutcome::New, "new"),
            (TitleOutcome::Changed, "changed"),
            (TitleOutcome::Moved, "moved"),
            (TitleOutcome::Unchanged, "unchanged"),
            (TitleOutcome::Empty, "empty"),
            (TitleOutcome::Filtered(LeftOutBy::Block), "filtered"),
            (TitleOutcome::Failed, "failed"),
            (TitleOutcome::Shared, "shared"),
            (TitleOutcome::Missing, "absent"),
            (TitleOutcome::Removed, "removed"),
            (TitleOutcome::WouldRemove, "would_remove"),
            (TitleOutcome::Waiting, "waiting"),
            (TitleOutcome::Held, "held"),
        ] {
            assert_eq!(it.as_str(), word);
        }
    }

    #[test]
    fn a_role_comes_from_the_key() {
        for (key, role) in [
            ("strm@1:tvshow.nfo", Role::Movie),
            ("nfo", Role::MovieNfo),
            ("tvshow.nfo", Role::TvshowNfo),
            ("s01/season.nfo", Role::SeasonNfo),
            ("s01e02.strm", Role::Episode),
            ("s01e02.nfo@1:x/season.nfo", Role::EpisodeNfo),
            ("s01e?#1:tvshow.strm", Role::Episode),
        ] {
            assert_eq!(Role::of(&key.parse().unwrap()), role, "{key}");
        }
    }
}
