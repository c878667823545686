//! The table of settings: the only place where one is declared. The builder of flags, the readers of file and
//! variables, help, and the test of `docs/settings.md` read it.
//!
//! A new setting costs a row here, a typed field, and its use.

use super::setting::Setting;
use super::setting::Shape::{Address, Optional, Secret, Switch, Text};

/// All commands.
const EVERYWHERE: &[&str] = &[
    "generate", "serve", "doctor", "verify", "adopt", "names", "refresh", "stats", "history",
    "why", "health",
];
/// Those that read a source.
const OF_SOURCE: &[&str] =
    &["generate", "serve", "doctor", "adopt", "names", "refresh", "stats", "why"];
/// Those that look at a library, or at its ledger.
const OF_LIBRARY: &[&str] =
    &["generate", "serve", "doctor", "verify", "adopt", "refresh", "stats", "history", "why"];
/// Those that compare a library with a catalogue.
const COMPARING: &[&str] = &["generate", "serve", "doctor", "adopt", "refresh", "why"];
/// Those that show cleaned names.
const CLEANING: &[&str] = &["generate", "serve", "doctor", "adopt", "names", "refresh", "why"];
/// Those that make files, or say which modes these have.
const WRITING: &[&str] = &["generate", "serve", "doctor", "refresh"];
/// Those that ask Dispatcharr for episodes, or try whether it answers.
const ASKING: &[&str] = &["generate", "serve", "doctor", "refresh"];
/// Those that make the library what the catalogue says.
const RUNS: &[&str] = &["generate", "refresh"];
/// The runs that remove, too.
const REMOVING: &[&str] = &["generate", "serve"];
/// The service, and who asks for its health.
const SERVICE: &[&str] = &["serve", "health"];
/// The service alone.
const SERVE: &[&str] = &["serve"];

/// Settings that help lists below one heading.
#[derive(Debug)]
pub struct Group {
    /// The heading.
    pub heading: &'static str,
    /// The settings.
    pub settings: &'static [Setting],
}

/// All settings, by heading.
pub const GROUPS: &[Group] = &[
    Group {
        heading: "Source and library",
        settings: &[
            Setting::library("source", Address("URL")).on(OF_SOURCE).help(
                "Where the catalogue is: postgres://USER:PASSWORD@HOST:PORT/DATABASE \
                 (Dispatcharr), or the path or http(s) URL of an M3U playlist",
            ),
            Setting::library("output", Text("DIR"))
                .on(EVERYWHERE)
                .help("The folder in which Movies and TV are made"),
            Setting::library("movies_root", Text("DIR"))
                .default("Movies")
                .on(OF_LIBRARY)
                .help("Where movies are: a path, or a folder in the output folder"),
            Setting::library("series_root", Text("DIR"))
                .default("TV")
                .on(OF_LIBRARY)
                .help("Where series are: a path, or a folder in the output folder"),
            Setting::process("state", Text("DIR"))
                .default("~/.local/state/vod2strm")
                .on(EVERYWHERE)
                .help("Where ledgers are kept"),
        ],
    },
    Group {
        heading: "This run",
        settings: &[
            Setting::request("dry_run", Switch)
                .on(&["generate", "refresh", "adopt"])
                .help("Say what would be done, and do nothing"),
            Setting::request("full", Switch).on(&["generate", "refresh", "verify"]).help(
                "Read every file of the library; generate writes a .strm again that holds \
                 something else",
            ),
            Setting::request("relayout", Switch).on(RUNS).help(
                "Give all titles the names that the catalogue has today: folders are renamed, \
                 with all in them",
            ),
            Setting::request("allow_removals", Optional { value: "ID", nothing: "last" })
                .on(&["generate"])
                .help(
                    "Remove, in this run, what a hold has held until now. ID is the hold's, as 17.2; 17 \
                     means all that began in run 17; without an ID, all of the last run. Look first \
                     at why it is held",
                ),
        ],
    },
    Group {
        heading: "Titles",
        settings: &[
            Setting::library("filter", Text("EXPRESSION")).default("all").on(COMPARING).help(
                "Which titles are wanted, e.g. 'category =~ \"4K\" and year >= 2015 and not \
                 adult'",
            ),
            Setting::library("prefer", Text("EXPRESSIONS")).default("priority").on(COMPARING).help(
                "Which stream of a title is the better one, the most important first, e.g. \
                 'language == de, quality >= 1080p, account == Main'",
            ),
            Setting::library("block", Text("TITLES")).on(COMPARING).help(
                "Titles that are not wanted, whatever --filter says: movie:tmdb:603, series:tmdb:1396, \
                 imdb:tt0133093, name:The Matrix (1999), with commas between them",
            ),
            Setting::library("block_file", Text("FILE"))
                .on(COMPARING)
                .help("A text file with further ones, one a line, and comments after #"),
            Setting::library("pick", Text("TITLES")).on(COMPARING).help(
                "Titles that are wanted though --filter leaves them out, named as those of --block, \
                 which wins",
            ),
            Setting::library("pick_file", Text("FILE"))
                .on(COMPARING)
                .help("A text file with further ones, as --block-file"),
            Setting::library("choose", Text("LINES")).on(COMPARING).help(
                "Which stream of one title is the better one, before --prefer, e.g. \
                 'movie:tmdb:603 = language == de and quality >= 1080p'",
            ),
            Setting::library("movie_ids", Text("1,2"))
                .default("all")
                .on(&["generate", "serve", "doctor", "why"])
                .help("Only these movies, by the source's ids"),
            Setting::library("series_ids", Text("3"))
                .default("all")
                .on(ASKING)
                .help("Only these series, by the source's ids"),
        ],
    },
    Group {
        heading: "Entries of a playlist",
        settings: &[
            Setting::library("classify_live", Text("EXPRESSION")).on(OF_SOURCE).help(
                "Which entries are channels, whatever they look like, e.g. 'category =~ \"24/7\"'; \
                 this is asked first, then the next three",
            ),
            Setting::library("classify_series", Text("EXPRESSION"))
                .on(OF_SOURCE)
                .help("Which entries are episodes of series, e.g. 'category =~ \"Diziler\"'"),
            Setting::library("classify_movies", Text("EXPRESSION"))
                .on(OF_SOURCE)
                .help("Which entries are movies, e.g. 'category =~ \"Filmler\" and url !~ live'"),
            Setting::library("classify_skip", Text("EXPRESSION"))
                .on(OF_SOURCE)
                .help("Which entries are left out, e.g. 'name =~ trailer'"),
        ],
    },
    Group {
        heading: "Names",
        settings: &[
            Setting::library("layout", Text("NAME")).default("standard").on(CLEANING).help(
                "Names and NFO style: standard, jellyfin, emby, kodi, plex, channels, or \
                 classic (as the Dispatcharr plugin vod2strm wrote them)",
            ),
            Setting::library("movie_folder", Text("TEMPLATE"))
                .default("the layout's")
                .on(COMPARING)
                .help(
                    "A movie's folder, e.g. '{genre}/{title} ({year}) [tmdbid-{tmdb}]'; what is in \
                 brackets is left out when it is not known",
                ),
            Setting::library("movie_file", Text("TEMPLATE"))
                .default("{folder}")
                .on(COMPARING)
                .help("A movie's file"),
            Setting::library("series_folder", Text("TEMPLATE"))
                .default("the layout's")
                .on(COMPARING)
                .help("A series' folder"),
            Setting::library("season_folder", Text("TEMPLATE"))
                .default("Season {season:2}")
                .on(COMPARING)
                .help("A season's folder"),
            Setting::library("specials_folder", Text("TEMPLATE"))
                .default("Season 00")
                .on(COMPARING)
                .help("The folder of season 0"),
            Setting::library("episode_file", Text("TEMPLATE"))
                .default("{title} ({year}) - {mark}< - {name}>")
                .on(COMPARING)
                .help("An episode's file"),
            Setting::library("no_name_clean", Switch)
                .on(CLEANING)
                .help("Leave names as the source has them, noise included"),
            Setting::library("name_clean_regex", Text("REGEX")).on(CLEANING).help(
                "A regular expression, in Python's syntax: every match is removed from names",
            ),
        ],
    },
    Group {
        heading: "Contents of files",
        settings: &[
            Setting::library("base_url", Address("URL"))
                .default("http://localhost:9191")
                .on(COMPARING)
                .help("Dispatcharr's address as players see it"),
            Setting::library("direct_urls", Switch).on(COMPARING).help(
                "Write the provider's own URLs (with its user name and password in them) \
                 instead of Dispatcharr's",
            ),
            Setting::library("unpinned_urls", Switch).on(COMPARING).help(
                "Let Dispatcharr choose among a title's streams at each playback, instead of \
                 naming one in the URL. What Dispatcharr makes anew then plays only after the \
                 next run",
            ),
            Setting::library("versions", Text("WHICH")).on(COMPARING).help(
                "Which streams of a title get a .strm: best, languages (the best one of each \
                 language) or all. A new library has languages for movies, in layouts whose \
                 server groups them, and best for all else",
            ),
            Setting::library("multi_provider", Switch)
                .on(COMPARING)
                .help("The same as --versions all"),
            Setting::library("strm_lines", Text("LINES")).on(COMPARING).help(
                "Lines for Kodi before the URL in every .strm, e.g. \
                 '#KODIPROP:mimetype=video/mp4'; media servers skip them",
            ),
            Setting::library("nfo", Text("DETAIL")).default("full").on(COMPARING).help(
                "What NFO files say: full, ids (what a title is, no more), or off (there are \
                 none)",
            ),
            Setting::library("no_nfo", Switch)
                .on(COMPARING)
                .help("Write no NFO files: the same as --nfo off"),
        ],
    },
    Group {
        heading: "Writing",
        settings: &[
            Setting::library("concurrency", Text("N"))
                .default("64")
                .on(&["generate", "serve", "refresh", "verify"])
                .help(
                    "The most titles that are written, or looked at, at a time; how many is found \
                 by trying",
                ),
            Setting::library("no_adaptive", Switch).on(&["generate", "serve", "refresh", "verify"]).help(
                "As many titles at a time as --concurrency says [4], whatever the storage \
                 makes of it",
            ),
            Setting::library("file_mode", Text("MODE"))
                .default("640 if .strm files hold a login, else 666 less the umask")
                .on(WRITING)
                .help("The mode of new files, in octal"),
            Setting::library("dir_mode", Text("MODE"))
                .default("750 if .strm files hold a login, else 777 less the umask")
                .on(WRITING)
                .help("The mode of new folders, in octal"),
        ],
    },
    Group {
        heading: "Cleaning up",
        settings: &[
            Setting::library("cleanup", Text("MODE")).default("off").on(REMOVING).help(
                "Remove what the catalogue no longer has: off, preview (say what would go) or \
                 apply",
            ),
            Setting::library("grace", Text("RUNS"))
                .default("1")
                .on(REMOVING)
                .help("Further runs that have to miss something before it is removed"),
        ],
    },
    Group {
        heading: "Episodes that Dispatcharr does not have yet",
        settings: &[
            Setting::library("refresh", Switch).on(&["generate", "serve", "doctor"]).help(
                "Afterwards, have Dispatcharr fetch the episodes that it does not have yet: \
                 see vod2strm refresh",
            ),
            Setting::library("api_url", Address("URL"))
                .default("--base-url")
                .on(ASKING)
                .help("Dispatcharr's address as this machine sees it"),
            Setting::library("api_key", Secret("KEY")).on(ASKING).help(
                "The API key of one of Dispatcharr's users; better kept in a variable or in \
                 the settings file",
            ),
            Setting::library("api_user", Text("NAME"))
                .on(ASKING)
                .help("One of Dispatcharr's users, instead of a key"),
            Setting::library("api_password", Secret("PASSWORD"))
                .on(ASKING)
                .help("That user's password; better kept in a variable or in the settings file"),
            Setting::library("max_age", Text("AGE"))
                .default("30d")
                .on(ASKING)
                .help("Ask again for series that nobody asked for since so long"),
            Setting::library("refresh_rate", Text("N"))
                .default("2")
                .on(ASKING)
                .help("Series a second that each account is asked for at most"),
            Setting::library("refresh_parallel", Text("N"))
                .default("2")
                .on(ASKING)
                .help("Series at a time that each account is asked for at most"),
            Setting::library("refresh_budget", Text("N"))
                .default("0")
                .on(ASKING)
                .help("Series that each account is asked for in a run at most; 0: all"),
            Setting::library("refresh_hourly", Text("N")).default("0").on(ASKING).help(
                "Series that each account is asked for in an hour at most; 0: as many as \
                 --refresh-rate allows",
            ),
        ],
    },
    Group {
        heading: "Limits of the source",
        settings: &[
            Setting::library("max_silence", Text("SECONDS"))
                .default("60")
                .on(OF_SOURCE)
                .help("Seconds that the source may say nothing"),
            Setting::library("min_speed", Text("BYTES")).default("1024").on(OF_SOURCE).help(
                "Bytes a second that have to come from a web server, over --speed-window; 0: any",
            ),
            Setting::library("speed_window", Text("SECONDS"))
                .default("120")
                .on(OF_SOURCE)
                .help("Seconds over which --min-speed is taken"),
            Setting::library("max_line", Text("KIB"))
                .default("1024")
                .on(OF_SOURCE)
                .help("The longest line of a playlist"),
            Setting::library("max_size", Text("MIB"))
                .default("4096")
                .on(OF_SOURCE)
                .help("The largest playlist, packed and unpacked"),
            Setting::library("max_entries", Text("N"))
                .default("5000000")
                .on(OF_SOURCE)
                .help("The most entries of a playlist"),
        ],
    },
    Group {
        heading: "By itself",
        settings: &[
            Setting::library("schedule", Text("CRON")).on(SERVE).help(
                "When runs are due, in cron's five fields, e.g. '30 4 * * *' for every day at 4:30; \
                 without it a run follows each change of the source alone",
            ),
            Setting::library("time_zone", Text("ZONE"))
                .default("TZ, else UTC")
                .on(SERVE)
                .help("The time zone of --schedule, e.g. Europe/Berlin"),
            Setting::library("jitter", Text("TIME"))
                .default("5m")
                .on(SERVE)
                .help("The longest delay of a scheduled run, below 10m; each has its own"),
            Setting::library("ping_url", Address("URL")).on(SERVE).help(
                "Asked for after each run that went well, so that somebody else notices when none does",
            ),
            Setting::process("debounce", Text("TIME"))
                .default("30s")
                .on(SERVE)
                .help("How long a source that has changed must be quiet before it is read"),
            Setting::process("listen", Text("ADDRESS"))
                .default("127.0.0.1:9797")
                .on(SERVICE)
                .help("Where the service answers; any address that is not loopback needs --token"),
            Setting::process("token", Secret("TOKEN"))
                .on(SERVE)
                .help("What whoever asks the service has to know; better kept in a variable or in the file"),
        ],
    },
    Group {
        heading: "Reports and logs",
        settings: &[
            Setting::library("report", Text("FILE"))
                .on(ASKING)
                .help("Write a CSV report of every file that was looked at"),
            Setting::process("json", Switch).on(EVERYWHERE).help("Print JSON instead of text"),
            Setting::process("csv", Text("FILE"))
                .on(&["stats"])
                .help("Write the numbers as a CSV file, too"),
            Setting::process("verbose", Switch)
                .on(EVERYWHERE)
                .help("Log on standard error what is done, file by file (RUST_LOG says it finer)"),
            Setting::process("log_file", Text("FILE")).on(EVERYWHERE).help("Log into a file, too"),
            Setting::process("log_format", Text("FORMAT"))
                .default("text")
                .on(EVERYWHERE)
                .help("What a line of the log looks like: text or json"),
            Setting::process("log_size", Text("MIB"))
                .default("10")
                .on(EVERYWHERE)
                .help("The log file is begun anew when it has so many MiB"),
            Setting::process("log_files", Text("N"))
                .default("5")
                .on(EVERYWHERE)
                .help("So many log files are kept, with .1, .2 … behind their names"),
        ],
    },
];

/// All settings.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

/// The setting with this key.
pub fn setting(key: &str) -> Option<&'static Setting> {
    all().find(|setting| setting.key == key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::settings::setting::{SettingKind, Shape, is_of_kubernetes};

    /// The row of a setting in `docs/settings.md`, up to its meaning.
    fn row(setting: &Setting) -> String {
        let flag = match setting.shape {
            Switch => format!("--{}", setting.flag()),
            Optional { value, .. } => format!("--{}[={value}]", setting.flag()),
            Text(value) | Address(value) | Secret(value) => format!("--{} {value}", setting.flag()),
        };
        let key = match setting.kind {
            SettingKind::Request => "–".to_owned(),
            _ => format!("`{}`", setting.key),
        };
        let variable = match setting.key {
            "allow_removals" => "–".to_owned(),
            _ => format!("`{}`", setting.variable()),
        };
        let default = match (setting.shape, setting.default) {
            (Shape::Switch, _) => "off".to_owned(),
            (_, "") => "–".to_owned(),
            (_, default) => format!("`{default}`"),
        };
        format!("| `{flag}` | {key} | {variable} | {default} | ")
    }

    #[test]
    fn the_documentation_has_every_setting_as_it_is_declared() {
        let page = include_str!("../../../../docs/settings.md");
        let told =
            page.lines().filter(|line| line.starts_with("| `--") || line.starts_with("### "));
        let groups = GROUPS.iter().flat_map(|group| {
            let rows = group.settings.iter().map(row);
            std::iter::once(format!("### {}", group.heading)).chain(rows)
        });
        let told: Vec<&str> = told.collect();
        let declared: Vec<String> = groups.collect();
        assert_eq!(told.len(), declared.len());
        for (told, declared) in told.iter().zip(&declared) {
            let meaning = told.strip_prefix(declared.as_str());
            let is_told = declared.starts_with('#') || meaning.is_some_and(|it| it.len() > 10);
            assert!(meaning.is_some() && is_told, "docs/settings.md says {told}, not {declared}");
        }
    }

    #[test]
    fn names_and_words_of_settings_are_sound() {
        let mut keys = BTreeSet::new();
        for setting in all() {
            let Setting { key, kind, commands, help, .. } = setting;
            assert!(keys.insert(*key), "{key} is there twice");
            assert!(key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{key}");
            assert!(!help.is_empty() && !help.ends_with('.'), "{key}: {help}");
            assert!(commands.iter().all(|command| EVERYWHERE.contains(command)), "{key}");
            assert!(!commands.is_empty(), "{key} is of no use");
            let is_asked = ["dry_run", "full", "relayout", "allow_removals"].contains(key);
            assert_eq!(*kind == SettingKind::Request, is_asked, "{key}");
        }
    }

    /// Kubernetes makes such variables, and they are no errors: a setting with such a name could never be told from them.
    #[test]
    fn no_setting_has_the_name_of_a_variable_that_kubernetes_makes() {
        for setting in all() {
            assert!(
                setting.key != "port" && !setting.key.starts_with("service_"),
                "{}",
                setting.key
            );
            assert!(!is_of_kubernetes(setting.key), "{}", setting.key);
        }
    }
}
