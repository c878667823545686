CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE changes (
    run   INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    title INTEGER NOT NULL,
    what  TEXT NOT NULL,            -- new, changed, moved, removed, failed
    files INTEGER NOT NULL,         -- how many of its files
    PRIMARY KEY (run, title, what)
) WITHOUT ROWID;
CREATE TABLE clock (
    kind TEXT PRIMARY KEY,          -- movie or series
    runs INTEGER NOT NULL,          -- complete runs
    days INTEGER NOT NULL,          -- days on which there was one
    day  INTEGER NOT NULL           -- the last of these, in days since 1970
) WITHOUT ROWID;
CREATE TABLE copies (
    kind      TEXT NOT NULL,
    account   INTEGER NOT NULL,
    stream    TEXT NOT NULL,        -- the provider's stream id, or series id
    category  INTEGER,              -- the source's id of the category it is in
    title     INTEGER NOT NULL REFERENCES titles(id) ON DELETE CASCADE,
    passage   TEXT,                 -- NULL: the filter lets it through; lapsed: it did so; barred: no
    since INTEGER NOT NULL DEFAULT 0, gone INTEGER, let_in INTEGER,          -- the newest title when it was first missed; NULL: it is there
    PRIMARY KEY (kind, account, stream)
) WITHOUT ROWID;
CREATE TABLE dirs (
    title   INTEGER NOT NULL REFERENCES titles(id) ON DELETE CASCADE,
    path    TEXT NOT NULL,          -- below the title's folder; empty for the folder itself
    changed INTEGER NOT NULL,       -- nanoseconds since 1970
    PRIMARY KEY (title, path)
) WITHOUT ROWID;
CREATE TABLE episodes (
    title   INTEGER NOT NULL REFERENCES titles(id) ON DELETE CASCADE,
    account INTEGER NOT NULL,
    number  INTEGER NOT NULL,       -- all of them
    wanted  INTEGER NOT NULL,       -- those that are wanted
    PRIMARY KEY (title, account)
) WITHOUT ROWID;
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
CREATE TABLE files (
    title INTEGER NOT NULL REFERENCES titles(id) ON DELETE CASCADE,
    key  TEXT NOT NULL,            -- what the file is for, for example s01e02.strm
    path  TEXT NOT NULL,            -- below the title's folder
    size  INTEGER NOT NULL,
    hash  BLOB NOT NULL,            -- xxh3-128 of the content
    cause TEXT, gone INTEGER, hold TEXT, account INTEGER, lost INTEGER,                     -- why it is not: settings, catalogue, vanished; kept: it is the user's
    PRIMARY KEY (title, key)
) WITHOUT ROWID;
CREATE TABLE filters (filter BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE holds (
    run     INTEGER NOT NULL,       -- the run in which it began
    number  INTEGER NOT NULL,       -- people see 17.2
    reason  TEXT NOT NULL,
    account INTEGER,
    content TEXT NOT NULL,          -- movie, series or episode
    ended   INTEGER, held INTEGER,                -- the run that held nothing under it any more
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE moves (
    title  INTEGER PRIMARY KEY,
    source TEXT NOT NULL,           -- below the output folder
    target TEXT NOT NULL,           -- the source itself: it goes back
    via    INTEGER NOT NULL,        -- 1: by way of .vod2strm/moving/<title>
    stage  INTEGER NOT NULL         -- 1: it has left the source, and is parked or at the target
);
CREATE TABLE numbers (
    account INTEGER NOT NULL,
    content TEXT NOT NULL,          -- movie, series or episode
    day     INTEGER NOT NULL,       -- which of the days in clock
    highest INTEGER NOT NULL,       -- without what the user's will or a permission took since
    offered INTEGER NOT NULL,       -- the same, without what is held or waits
    run     INTEGER NOT NULL,       -- the complete run that began with so many offered
    PRIMARY KEY (account, content, day)
) WITHOUT ROWID;
CREATE TABLE occupied_folders (
    folder TEXT PRIMARY KEY,        -- below the output folder
    title  INTEGER NOT NULL,        -- whose folder it was; the title may be forgotten
    path   TEXT NOT NULL            -- below the title's folder; empty for that folder itself
) WITHOUT ROWID;
CREATE TABLE pending (
    folder TEXT PRIMARY KEY,        -- below the output folder
    hashes BLOB NOT NULL            -- 16 bytes a file
, shared INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE runs (
    id       INTEGER PRIMARY KEY,
    started  INTEGER NOT NULL,
    finished INTEGER,               -- NULL: it is running, or was cut off
    source   TEXT NOT NULL,         -- without credentials
    status   INTEGER,               -- the exit status
    report   TEXT                   -- the object that --json prints
);
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
    removed     INTEGER             -- when its files were removed; it is remembered for a while
, gone INTEGER, hold TEXT, let_go INTEGER NOT NULL DEFAULT 0, most INTEGER NOT NULL DEFAULT 0, most_day INTEGER NOT NULL DEFAULT 0, shared INTEGER, uuid TEXT);
CREATE INDEX titles_removed ON titles(removed) WHERE removed IS NOT NULL;
CREATE INDEX copies_by_title ON copies(title);
CREATE INDEX titles_held ON titles(hold) WHERE hold IS NOT NULL;
CREATE INDEX files_unwanted ON files(title) WHERE gone IS NOT NULL;
CREATE INDEX files_held ON files(hold) WHERE hold IS NOT NULL;
CREATE INDEX titles_shared ON titles(kind) WHERE shared AND removed IS NULL;
CREATE INDEX titles_unclear ON titles(kind)
    WHERE shared IS NULL AND folder IS NOT NULL AND removed IS NULL;
CREATE INDEX copies_let_in ON copies(kind) WHERE let_in IS NOT NULL;
PRAGMA user_version = 9;
