//! The ledger's tables, as a chain of migrations. A ledger is an ordinary SQLite database that its user may
//! open and read; `sqlite3 ledger.sqlite .schema` prints its tables.

/// Each step brings a ledger from one version to the next. The version is the number of steps that were made;
/// `PRAGMA user_version` holds it. A step that was ever released stays as it is: another change of the tables is
/// another step.
pub(super) const STEPS: &[&str] = &[
    FIRST,
    REMOVALS,
    SHARED,
    UUIDS,
    LOSSES,
    PENDING,
    OCCUPIED,
    LET_IN,
    KEYS,
    HABITS,
    EPISODE_STREAMS,
    MEASURED,
    MERGED,
    NFO_TITLES,
    PLAYED,
];

/// What the source calls a title besides its name: Dispatcharr's UUID of its row.
const UUIDS: &str = "ALTER TABLE titles ADD COLUMN uuid TEXT;";

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

/// What is missing is counted by complete runs, each kind's by itself. A title, a stream or a file says in which run it
/// was first missed. Filters have texts, holds have ids, and the most that an account had is remembered.
const REMOVALS: &str = "
-- Complete runs: those that read all titles of a kind. Runs may be forgotten; these numbers are not.
CREATE TABLE clock (
    kind TEXT PRIMARY KEY,          -- movie or series
    runs INTEGER NOT NULL,          -- complete runs
    days INTEGER NOT NULL,          -- days on which there was one
    day  INTEGER NOT NULL           -- the last of these, in days since 1970
) WITHOUT ROWID;
INSERT INTO clock
    SELECT kind, missed, 1, day FROM (SELECT 'movie' AS kind UNION ALL SELECT 'series'),
        (SELECT max(runs) AS missed FROM (
            SELECT count(*) AS runs FROM runs WHERE status IN (0, 3, 4)
            UNION ALL SELECT coalesce(max(absent), 0) FROM titles
            UNION ALL SELECT coalesce(max(absent), 0) FROM copies
            UNION ALL SELECT coalesce(max(unwanted), 0) FROM files)),
        (SELECT coalesce(max(started), 0) / 86400 AS day FROM runs);

-- The texts of filters, by their fingerprints.
CREATE TABLE filters (filter BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;

-- The names of accounts, also of those that are gone.
CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL);

-- The most that the library had from an account, by day; written when something is missing.
CREATE TABLE numbers (
    account INTEGER NOT NULL,
    content TEXT NOT NULL,          -- movie, series or episode
    day     INTEGER NOT NULL,       -- which of the days in clock
    highest INTEGER NOT NULL,       -- without what the user's will or a permission took since
    offered INTEGER NOT NULL,       -- the same, without what is held or waits
    run     INTEGER NOT NULL,       -- the complete run that began with so many offered
    PRIMARY KEY (account, content, day)
) WITHOUT ROWID;

-- Removals that wait for a person.
CREATE TABLE holds (
    run     INTEGER NOT NULL,       -- the run in which it began
    number  INTEGER NOT NULL,       -- people see 17.2
    reason  TEXT NOT NULL,
    account INTEGER,
    content TEXT NOT NULL,          -- movie, series or episode
    ended   INTEGER,                -- the run that held nothing under it any more
    PRIMARY KEY (run, number)
) WITHOUT ROWID;

ALTER TABLE titles ADD COLUMN gone INTEGER;         -- the complete run that first missed it; NULL: it is there
ALTER TABLE titles ADD COLUMN hold TEXT;            -- the hold that keeps it
ALTER TABLE titles ADD COLUMN let_go INTEGER NOT NULL DEFAULT 0;  -- 1: removed at the user's will, or allowed
ALTER TABLE titles ADD COLUMN most INTEGER NOT NULL DEFAULT 0;    -- the most episodes that it had
ALTER TABLE titles ADD COLUMN most_day INTEGER NOT NULL DEFAULT 0;  -- on which of the days in clock
ALTER TABLE titles ADD COLUMN lost INTEGER;         -- when episodes were first found lost, in seconds since 1970
UPDATE titles SET gone = (SELECT runs + 1 FROM clock WHERE clock.kind = titles.kind) - absent WHERE absent > 0;
ALTER TABLE titles DROP COLUMN absent;
CREATE INDEX titles_held ON titles(hold) WHERE hold IS NOT NULL;

ALTER TABLE copies ADD COLUMN since INTEGER NOT NULL DEFAULT 0;  -- the complete run that first found it
ALTER TABLE copies ADD COLUMN gone INTEGER;         -- the complete run that first missed it, or had it lapsed
UPDATE copies SET gone = (SELECT runs + 1 FROM clock WHERE clock.kind = copies.kind) - max(absent, 1)
    WHERE absent > 0 OR missing_since IS NOT NULL;
ALTER TABLE copies DROP COLUMN absent;
ALTER TABLE copies DROP COLUMN missing_since;

DROP INDEX files_unwanted;
ALTER TABLE files ADD COLUMN gone INTEGER;          -- the complete run since which nothing wants it
ALTER TABLE files ADD COLUMN hold TEXT;             -- the hold that keeps it
ALTER TABLE files ADD COLUMN account INTEGER;       -- of a .strm: the account whose stream it plays
UPDATE files SET gone = (SELECT runs + 1 FROM clock JOIN titles t ON t.kind = clock.kind WHERE t.id = title)
    - unwanted WHERE unwanted IS NOT NULL;
UPDATE files SET cause = 'catalogue' WHERE cause = 'vanished';
ALTER TABLE files DROP COLUMN unwanted;
CREATE INDEX files_unwanted ON files(title) WHERE gone IS NOT NULL;
CREATE INDEX files_held ON files(hold) WHERE hold IS NOT NULL;
-- Which account a file plays is known where the title has one alone.
UPDATE files SET account = (SELECT min(account) FROM copies WHERE copies.title = files.title)
    WHERE path LIKE '%.strm'
      AND (SELECT count(DISTINCT account) FROM copies WHERE copies.title = files.title) = 1;
UPDATE titles SET most_day = 1, most = (
    SELECT count(DISTINCT substr(slot, 1, instr(slot, 'strm'))) FROM files
    WHERE files.title = titles.id AND path LIKE '%.strm' AND (cause IS NULL OR cause = 'catalogue'));
UPDATE titles SET lost = (SELECT coalesce(max(started), 0) FROM runs)
    WHERE id IN (SELECT title FROM files WHERE cause = 'catalogue');

-- How many episodes a series has from an account: that are wanted, or lost by the catalogue.
CREATE TABLE episodes (
    title   INTEGER NOT NULL REFERENCES titles(id) ON DELETE CASCADE,
    account INTEGER NOT NULL,
    number  INTEGER NOT NULL,       -- all of them
    wanted  INTEGER NOT NULL,       -- those that are wanted
    PRIMARY KEY (title, account)
) WITHOUT ROWID;
INSERT INTO episodes
    SELECT title, account, count(DISTINCT substr(slot, 1, instr(slot, 'strm'))),
        count(DISTINCT CASE WHEN files.gone IS NULL THEN substr(slot, 1, instr(slot, 'strm')) END)
    FROM files JOIN titles ON titles.id = title
    WHERE kind = 'series' AND account IS NOT NULL AND (cause IS NULL OR cause = 'catalogue')
    GROUP BY title, account;
";

/// Whose a title's folder is.
const SHARED: &str = "
-- 1: the folder was there before the title, and is the user's; NULL: not known, or there is no folder.
ALTER TABLE titles ADD COLUMN shared INTEGER;
CREATE INDEX titles_shared ON titles(kind) WHERE shared AND removed IS NULL;
CREATE INDEX titles_unclear ON titles(kind)
    WHERE shared IS NULL AND folder IS NOT NULL AND removed IS NULL;
";

/// Since when each episode is missing, and which run last held something.
const LOSSES: &str = "
ALTER TABLE files ADD COLUMN lost INTEGER;          -- when the catalogue was found to have lost it, in seconds since 1970
UPDATE files SET lost = (SELECT lost FROM titles WHERE id = title) WHERE cause = 'catalogue';
ALTER TABLE titles DROP COLUMN lost;
ALTER TABLE holds ADD COLUMN held INTEGER;          -- the last run with a cleanup that held something under it
";

/// Whose a folder is that is being written to.
const PENDING: &str = "
-- 1: the folder was there before its first file of ours, and is the user's.
ALTER TABLE pending ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;
";

/// Folders that could not go.
const OCCUPIED: &str = "
-- Folders of ours that were to go, and in which somebody's files were: a cleanup removes them once they are empty.
CREATE TABLE occupied_folders (
    folder TEXT PRIMARY KEY,        -- below the output folder
    title  INTEGER NOT NULL,        -- whose folder it was; the title may be forgotten
    path   TEXT NOT NULL            -- below the title's folder; empty for that folder itself
) WITHOUT ROWID;
";

/// What the user's will lets in makes up for no loss of the catalogue.
const LET_IN: &str = "
-- 1: the user's will has let it in, and its account has had something held ever since.
ALTER TABLE copies ADD COLUMN let_in INTEGER;
CREATE INDEX copies_let_in ON copies(kind) WHERE let_in IS NOT NULL;
";

/// What files are for is a key: a text that is read as it was written, whatever ids providers give. What cannot be
/// brought into that form stays as it is, and costs that file alone.
const KEYS: &str = "
ALTER TABLE files RENAME COLUMN slot TO key;        -- what the file is for, for example s01e02.strm
-- A text that has no key gives NULL, which is ignored.
UPDATE OR IGNORE files SET key = key_of_slot(key) WHERE instr(key, '#') > 0;
";

/// What the names of categories have in common.
const HABITS: &str = "
-- What no title has: a beginning of a category's names, or a bracket at their end. A tenth of the names keep it.
CREATE TABLE habits (
    kind     TEXT NOT NULL,         -- movie or series
    category TEXT NOT NULL,         -- its name
    place    TEXT NOT NULL,         -- end, or what parts a beginning from the title: dash, pipe, bars …
    text     TEXT NOT NULL,
    PRIMARY KEY (kind, category, place, text)
) WITHOUT ROWID;
";

/// What a playlist's series is recognised by. Until it changes, an older ledger knows of it the streams that its first
/// episode had.
const EPISODE_STREAMS: &str = "
ALTER TABLE titles ADD COLUMN episode_streams BLOB; -- of a playlist's series: 8 bytes for each stream of its episodes
UPDATE titles SET episode_streams = (
    SELECT unhex(group_concat(substr(stream, 9), '')) FROM copies
    WHERE title = titles.id AND kind = 'series' AND stream GLOB 'episode-????????????????')
    WHERE kind = 'series';
";

/// What was measured of streams.
const MEASURED: &str = "
-- What the source said last of sound and picture of streams that are played, those of movies and of episodes. It is
-- remembered until the source says something else, or the stream is gone.
CREATE TABLE measured (
    kind    TEXT NOT NULL,          -- movie or series
    account INTEGER NOT NULL,
    stream  TEXT NOT NULL,          -- the provider's stream id
    title   INTEGER NOT NULL REFERENCES titles(id) ON DELETE CASCADE,
    said    TEXT NOT NULL,          -- for example 2160 hdr10 video=hevc/3840x2160 audio=eac3/6/de subtitle=en
    PRIMARY KEY (kind, account, stream)
) WITHOUT ROWID;
CREATE INDEX measured_by_title ON measured(title);
";

/// A title may have several entries of the source.
const MERGED: &str = "
ALTER TABLE titles ADD COLUMN called INTEGER;       -- stands for its cleaned name; NULL: to be read
ALTER TABLE titles ADD COLUMN called_year INTEGER;  -- the year that people see
ALTER TABLE titles ADD COLUMN united INTEGER;       -- the title that its entries are now; its files go
ALTER TABLE titles ADD COLUMN entries INTEGER NOT NULL DEFAULT 1; -- how many it is made of
ALTER TABLE copies ADD COLUMN apart INTEGER;        -- the complete run in which its entry first contradicted the title
CREATE INDEX copies_apart ON copies(kind) WHERE apart IS NOT NULL;
";

/// No two series of a library give the same title in their NFOs.
const NFO_TITLES: &str = "
-- The title in a series' NFO, with what tells it apart from another one's; NULL: an older version gave it.
ALTER TABLE titles ADD COLUMN nfo_title TEXT;
";

/// A file keeps playing its stream whatever UUID is in its address.
const PLAYED: &str = "
-- Of a .strm: stands for the stream that it plays; NULL: not known.
ALTER TABLE files ADD COLUMN stream INTEGER;
";
