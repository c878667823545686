//! The ledger's tables, as a chain of migrations. A ledger is an ordinary SQLite database that its user may
//! open and read; `sqlite3 ledger.sqlite .schema` prints its tables.

/// Each step brings a ledger from one version to the next. The version is the number of steps that were made;
/// `PRAGMA user_version` holds it. A step that was ever released stays as it is: another change of the tables is
/// another step.
pub(super) const STEPS: &[&str] = &[FIRST];

/// The tables of version 1.
const FIRST: &str = "
-- One row per fact about the library itself: its id, its layout.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- A movie, or a series with all its episodes.
CREATE TABLE titles (
    id          INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,      -- movie or series
    folder      TEXT,               -- its folder below Movies or TV; NULL: nothing to play yet
    filtered    INTEGER NOT NULL DEFAULT 0,  -- 1: the filter does not let it through
    added       INTEGER,            -- when the source got to know it, in seconds since 1970
    name        TEXT NOT NULL,      -- as the catalogue had it last
    year        INTEGER,
    tmdb        TEXT,
    imdb        TEXT,
    fingerprint BLOB NOT NULL,      -- 16 bytes; zeros: to be looked at again
    naming      BLOB,               -- 16 bytes: the rules by which it was named
    filter      BLOB,               -- 16 bytes: the filter by which its copies were judged; NULL: none
    first_seen  INTEGER NOT NULL,   -- seconds since 1970
    problem     TEXT,               -- why the last run could not make it right; NULL: it is right
    absent      INTEGER NOT NULL DEFAULT 0,  -- complete runs in which the catalogue did not have it
    removed     INTEGER             -- when its files were removed; it is remembered for a while
);
CREATE INDEX titles_removed ON titles(removed) WHERE removed IS NOT NULL;

-- Who offers it: what a title is recognised by when the catalogue re-creates its rows.
CREATE TABLE copies (
    kind      TEXT NOT NULL,
    account   INTEGER NOT NULL,
    stream    TEXT NOT NULL,        -- the provider's stream id, or series id
    category  INTEGER,              -- the source's id of the category it is in
    title     INTEGER NOT NULL REFERENCES titles(id) ON DELETE CASCADE,
    passage   TEXT,                 -- NULL: the filter lets it through; lapsed: it did so; barred: no
    absent    INTEGER NOT NULL DEFAULT 0,  -- complete runs in which it was missing or lapsed
    missing_since INTEGER,          -- the newest title when it was first missed; NULL: it is there
    PRIMARY KEY (kind, account, stream)
) WITHOUT ROWID;
CREATE INDEX copies_by_title ON copies(title);

-- What we wrote, and nothing else.
CREATE TABLE files (
    title INTEGER NOT NULL REFERENCES titles(id) ON DELETE CASCADE,
    slot  TEXT NOT NULL,            -- what the file is for, for example s01e02.strm
    path  TEXT NOT NULL,            -- below the title's folder
    size  INTEGER NOT NULL,
    hash  BLOB NOT NULL,            -- xxh3-128 of the content
    unwanted INTEGER,               -- complete runs since nothing wants it; NULL: it is wanted
    cause TEXT,                     -- why it is not: settings, catalogue, vanished; kept: it is the user's
    PRIMARY KEY (title, slot)
) WITHOUT ROWID;
CREATE INDEX files_unwanted ON files(title) WHERE unwanted IS NOT NULL;

-- The folders of a title: when an entry last came or went. A folder that has this time still has all
-- that we put there.
CREATE TABLE dirs (
    title   INTEGER NOT NULL REFERENCES titles(id) ON DELETE CASCADE,
    path    TEXT NOT NULL,          -- below the title's folder; empty for the folder itself
    changed INTEGER NOT NULL,       -- nanoseconds since 1970
    PRIMARY KEY (title, path)
) WITHOUT ROWID;

-- What is being written right now: contents that may be on disk before the rows above say so.
CREATE TABLE pending (
    folder TEXT PRIMARY KEY,        -- below the output folder
    hashes BLOB NOT NULL            -- 16 bytes a file
) WITHOUT ROWID;

-- The folders that are being moved right now: a row is there before the first step, and goes with the
-- entry in titles that says where the folder is. It outlives its title, so that nothing stays parked.
CREATE TABLE moves (
    title  INTEGER PRIMARY KEY,
    source TEXT NOT NULL,           -- below the output folder
    target TEXT NOT NULL,           -- the source itself: it goes back
    via    INTEGER NOT NULL,        -- 1: by way of .vod2strm/moving/<title>
    stage  INTEGER NOT NULL         -- 1: it has left the source, and is parked or at the target
);

CREATE TABLE runs (
    id       INTEGER PRIMARY KEY,
    started  INTEGER NOT NULL,
    finished INTEGER,               -- NULL: it is running, or was cut off
    source   TEXT NOT NULL,         -- without credentials
    status   INTEGER,               -- the exit status
    report   TEXT                   -- the object that --json prints
);

-- When the episodes of a provider's series were asked for, and what came of it.
CREATE TABLE fetches (
    account  INTEGER NOT NULL,
    series   TEXT NOT NULL,         -- the provider's id
    modified TEXT,                  -- the provider's time of change when they were last fetched
    at       INTEGER,               -- when that was, in seconds since 1970
    tried    INTEGER,               -- when they were last asked for, whatever came of it
    empty    INTEGER NOT NULL,      -- how often in a row there were none
    failures INTEGER NOT NULL,      -- how often in a row they could not be fetched
    due      INTEGER NOT NULL,      -- not to be asked for before, in seconds since 1970
    problem  TEXT,                  -- why they could not be fetched the last time
    PRIMARY KEY (account, series)
) WITHOUT ROWID;

-- What runs did, by title.
CREATE TABLE changes (
    run   INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    title INTEGER NOT NULL,
    what  TEXT NOT NULL,            -- new, changed, moved, removed, failed
    files INTEGER NOT NULL,         -- how many of its files
    PRIMARY KEY (run, title, what)
) WITHOUT ROWID;
";
