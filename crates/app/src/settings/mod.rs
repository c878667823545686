//! Settings: one table of keys; flags win over variables, variables over the file.

pub mod setting;
pub mod table;
pub mod layers;
mod titles;
mod file;
pub mod libraries;
pub mod values;
mod limits;
pub mod refresh;
pub mod log;
pub mod service;
pub mod written;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use vod2strm_core::hold::Permission;
use vod2strm_core::layout::{Layout, TemplateKind};
use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::{BaseUrl, NfoDetail, Policy, VersionRules, Versions};
use vod2strm_core::select::classify::{Classify, ClassifyAs};
use vod2strm_core::text::redact::label;
use vod2strm_engine::config::{Cleanup, Concurrency, LibraryConfig, Place, Roots, VersionOrigin};
use vod2strm_engine::error::RunError;
use vod2strm_engine::request::{Mode, Request};
use vod2strm_engine::source::{Scope, SourceAddress};

use self::layers::{Env, Layers, required, usage};
use self::limits::limits;
use self::refresh::{known_api, wanted_fetch};
use self::titles::{choice, elements};
use self::values::{Access, CleanupMode, Grace, MOST_WORKERS, USUAL_WORKERS, Workers};
use crate::error::CommandError;

/// Where Dispatcharr is unless told otherwise; the original's default.
const DEFAULT_BASE_URL: &str = "http://localhost:9191";

/// What a command needs to know, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The library.
    pub library: LibraryConfig,
    /// What is asked of one run; all kinds of titles, unless the command says otherwise.
    pub request: Request,
    /// CSV report.
    pub report: Option<PathBuf>,
    /// Print one JSON object at the end.
    pub json: bool,
}

impl Settings {
    /// Checks every setting.
    pub fn resolve(layers: &Layers) -> Result<Settings, CommandError> {
        Ok(Settings {
            library: library(layers)?,
            request: request(layers)?,
            report: layers.text("report").map(PathBuf::from),
            json: layers.switch("json")?,
        })
    }
}

/// All settings of a library.
fn library(layers: &Layers) -> Result<LibraryConfig, CommandError> {
    let (source, label) = source(layers)?;
    let policy = policy(layers)?;
    let (base_url, can_fetch) = (policy.base_url.as_str(), source.can_fetch_episodes());
    let place = place(layers)?;
    let name = layers.name.clone().unwrap_or_else(|| place.output.display().to_string());
    Ok(LibraryConfig {
        name,
        fetch: wanted_fetch(layers, base_url, can_fetch)?,
        api: known_api(layers, base_url, can_fetch),
        source,
        label,
        place,
        policy,
        is_base_url_default: layers.text("base_url").is_none(),
        versions: versions(layers)?.map_or(VersionOrigin::Usual, |_| VersionOrigin::Chosen),
        scope: Scope { movies: layers.ids("movie_ids")?, series: layers.ids("series_ids")? },
        concurrency: concurrency(layers)?,
        cleanup: layers.parsed("cleanup", CleanupMode(Cleanup::Off))?.0,
        grace: layers.parsed("grace", Grace(1))?.0,
        file_mode: optional::<Access>(layers, "file_mode")?.map(|access| access.0),
        dir_mode: optional::<Access>(layers, "dir_mode")?.map(|access| access.0 | 0o100),
    })
}

/// What is asked of one run.
fn request(layers: &Layers) -> Result<Request, CommandError> {
    Ok(Request {
        mode: mode(layers)?,
        kinds: Kind::ALL.to_vec(),
        full: layers.switch("full")?,
        relayout: layers.switch("relayout")?,
        permission: layers.parsed("allow_removals", Permission::Nothing)?,
        trigger: None,
    })
}

/// Whether a run does what it says.
fn mode(layers: &Layers) -> Result<Mode, CommandError> {
    Ok(if layers.switch("dry_run")? { Mode::Preview } else { Mode::Real })
}

/// Titles written, or folders asked, at a time.
pub fn concurrency(layers: &Layers) -> Result<Concurrency, CommandError> {
    let is_fixed = layers.switch("no_adaptive")?;
    let default = if is_fixed { USUAL_WORKERS } else { MOST_WORKERS };
    let bound = layers.parsed("concurrency", Workers(default))?.0;
    Ok(Concurrency { bound, is_fixed })
}

/// What shapes a library.
pub fn policy(layers: &Layers) -> Result<Policy, CommandError> {
    #[expect(clippy::expect_used, reason = "a constant, and tested")]
    let default: BaseUrl = DEFAULT_BASE_URL.parse().expect("the default base URL is one");
    let layout = layout(layers)?;
    let unpinned_urls = layers.switch("unpinned_urls")?;
    let versions = versions(layers)?;
    if unpinned_urls && versions.is_some_and(|versions| versions != Versions::Best) {
        let text = "unpinned_urls excludes versions other than best, and multi_provider: without a stream in \
                    the URL, all versions of a title would play the same";
        return Err(usage(text.to_owned()));
    }
    let usual = if unpinned_urls { VersionRules::BEST } else { VersionRules::usual(&layout) };
    Ok(Policy {
        nfo: nfo_detail(layers, &layout)?,
        layout,
        base_url: layers.parsed("base_url", default)?,
        direct_urls: layers.switch("direct_urls")?,
        name_pattern: optional(layers, "name_clean_regex")?,
        clean_names: !layers.switch("no_name_clean")?,
        versions: versions.map_or(usual, VersionRules::from),
        unpinned_urls,
        strm_lines: strm_lines(layers)?,
        choice: choice(layers)?,
    })
}

/// Which streams have a file, if the user has said so: in words, or by the switch of earlier versions.
fn versions(layers: &Layers) -> Result<Option<Versions>, CommandError> {
    let (chosen, has_all) =
        (optional::<Versions>(layers, "versions")?, layers.switch("multi_provider")?);
    match chosen {
        Some(versions) if has_all && versions != Versions::All => {
            let text = format!(
                "versions = {} and multi_provider exclude each other: leave out multi_provider",
                versions.as_str()
            );
            Err(usage(text))
        }
        None if has_all => Ok(Some(Versions::All)),
        chosen => Ok(chosen),
    }
}

/// The layout, with the user's own templates.
fn layout(layers: &Layers) -> Result<Layout, CommandError> {
    let mut layout = layers.parsed("layout", Layout::standard())?;
    for kind in TemplateKind::ALL {
        let Some(given) = layers.given.get(kind.key()) else { continue };
        let changed = layout.with(kind, &given.text);
        layout = changed.map_err(|error| usage(format!("{}: {error}", given.origin)))?;
    }
    Ok(layout)
}

/// The source, and its label.
pub fn source(layers: &Layers) -> Result<(SourceAddress, String), CommandError> {
    let address = required(layers, "source", "where the catalogue is")?;
    let source =
        SourceAddress::parse(&address).map_err(|error| match layers.given.get("source") {
            Some(given) => CommandError::Source { origin: given.origin.clone(), error },
            None => RunError::from(error).into(),
        })?;
    Ok((ruled(source, layers)?, label(&address)))
}

/// A source as the settings want it read: how much it may send, and what its entries are.
pub fn ruled(source: SourceAddress, layers: &Layers) -> Result<SourceAddress, CommandError> {
    Ok(source.within(limits(layers)?).classified(classify(layers)?))
}

/// What the user says that entries of a playlist are.
fn classify(layers: &Layers) -> Result<Classify, CommandError> {
    let mut classify = Classify::default();
    for (said, filter) in ClassifyAs::ALL.into_iter().zip(&mut classify.0) {
        *filter = optional(layers, said.setting())?;
    }
    Ok(classify)
}

/// A setting without a default.
pub(super) fn optional<T: FromStr>(layers: &Layers, key: &str) -> Result<Option<T>, CommandError>
where
    T::Err: std::fmt::Display,
{
    let Some(given) = layers.given.get(key) else { return Ok(None) };
    let value = given.text.parse().map_err(|error| usage(format!("{}: {error}", given.origin)));
    value.map(Some)
}

/// Lines for Kodi before the URL. In a flag or a variable a comma parts them, in the file they are a list.
fn strm_lines(layers: &Layers) -> Result<Vec<String>, CommandError> {
    let Some(given) = layers.given.get("strm_lines") else { return Ok(Vec::new()) };
    let lines = elements(given, |_| true);
    let is_sound = |line: &String| {
        line.starts_with('#') && line.len() <= 1_000 && !line.chars().any(char::is_control)
    };
    if lines.iter().all(is_sound) {
        Ok(lines)
    } else {
        Err(usage(format!(
            "{}: wanted are lines for Kodi such as #KODIPROP:mimetype=video/mp4, each of which begins with #",
            given.origin
        )))
    }
}

/// What NFOs say. The classic layout's are what they always were.
fn nfo_detail(layers: &Layers, layout: &Layout) -> Result<NfoDetail, CommandError> {
    let detail = layers.parsed("nfo", NfoDetail::Full)?;
    if layers.switch("no_nfo")? {
        return Ok(NfoDetail::Off);
    }
    match layers.given.get("nfo") {
        Some(given) if detail == NfoDetail::Ids && layout.is_classic() => Err(usage(format!(
            "{}: ids is for other layouts; the layout classic has full or off",
            given.origin
        ))),
        _ => Ok(detail),
    }
}

/// Where the library and its state are.
pub fn place(layers: &Layers) -> Result<Place, CommandError> {
    let output = required(layers, "output", "the folder in which Movies and TV are made")?;
    // Without a slash at its end: paths below it are shown.
    let output: PathBuf = Path::new(&output).components().collect();
    let chosen = layers.text("state").map(PathBuf::from);
    let is_state_chosen = chosen.is_some();
    let state =
        chosen.or_else(|| default_state(&layers.env)).unwrap_or_else(|| output.join(".vod2strm"));
    let mut roots = Roots::default();
    for (kind, key) in [(Kind::Movie, "movies_root"), (Kind::Series, "series_root")] {
        if let Some(folder) = layers.text(key) {
            roots.put(kind, output.join(folder).components().collect());
        }
    }
    Ok(Place { output, roots, state, is_state_chosen })
}

/// `$XDG_STATE_HOME/vod2strm` or `~/.local/state/vod2strm`.
fn default_state(env: &Env) -> Option<PathBuf> {
    let folder = |name: &str| env.get(name).filter(|path| path.starts_with('/')).map(PathBuf::from);
    let base = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))?;
    Some(base.join("vod2strm"))
}

#[cfg(test)]
mod tests {
    use vod2strm_engine::source::Selection;

    use super::libraries::AllSettings;
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Env {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn resolve(
        file: &str,
        variables: &[(&str, &str)],
        flags: &[(&'static str, &str)],
    ) -> Result<Settings, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vod2strm.toml");
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(&path, file).unwrap();
        let flags: Vec<_> = flags.iter().map(|(key, text)| (*key, (*text).to_owned())).collect();
        let settings = AllSettings::read(&flags, Some(&path), None, env(variables))
            .and_then(|all| Settings::resolve(&all.libraries()[0]));
        settings.map_err(|error| error.to_string())
    }

    const MINIMUM: &str = "source = 'a.m3u'\noutput = '/o'\n";

    #[test]
    fn flags_win_over_variables_over_the_file() {
        let file =
            &format!("{MINIMUM}layout = 'classic'\nconcurrency = 2\nbase_url = 'http://file'");
        let variables = [
            ("VOD2STRM_CONCURRENCY", "3"),
            ("VOD2STRM_BASE_URL", "http://variable"),
            ("VOD2STRM_STATE", ""),
        ];
        let settings = resolve(file, &variables, &[("base_url", "http://flag")]).unwrap();
        assert_eq!(settings.library.policy.layout, Layout::classic());
        assert_eq!(settings.library.concurrency, Concurrency { bound: 3, is_fixed: false });
        assert_eq!(settings.library.policy.base_url.as_str(), "http://flag");
        assert!(!settings.library.place.is_state_chosen);
    }

    #[test]
    fn no_nfo_is_another_name_of_off() {
        use NfoDetail::{Full, Ids, Off};
        type Pairs<'a> = &'a [(&'static str, &'static str)];
        let cases: [(&str, Pairs, Pairs, NfoDetail); 7] = [
            ("", &[], &[], Full),
            ("nfo = 'ids'", &[], &[], Ids),
            ("no_nfo = true", &[], &[], Off),
            ("no_nfo = true", &[], &[("nfo", "full")], Full),
            ("nfo = 'ids'", &[], &[("no_nfo", "true")], Off),
            ("nfo = 'ids'", &[("VOD2STRM_NO_NFO", "false")], &[], Ids),
            ("no_nfo = true", &[("VOD2STRM_NFO", "ids")], &[], Ids),
        ];
        for (file, variables, flags, expected) in cases {
            let settings = resolve(&format!("{MINIMUM}{file}"), variables, flags).unwrap();
            assert_eq!(settings.library.policy.nfo, expected, "{file} {variables:?} {flags:?}");
        }
    }

    #[test]
    fn a_line_for_kodi_may_have_commas_in_the_file() {
        let lines = |file: &str, flags: &[(&'static str, &str)]| {
            resolve(&format!("{MINIMUM}{file}"), &[], flags).unwrap().library.policy.strm_lines
        };
        assert_eq!(lines("strm_lines = ['#A=b,c']", &[]), ["#A=b,c"]);
        assert_eq!(lines("strm_lines = ['#A=b,c', '#D']", &[]), ["#A=b,c", "#D"]);
        assert_eq!(lines("", &[("strm_lines", "#A=b,#D")]), ["#A=b", "#D"]);
    }

    #[test]
    fn unknown_keys_name_the_nearest() {
        let error = resolve(&format!("{MINIMUM}outptu = 'x'"), &[], &[]).unwrap_err();
        assert!(error.contains(", line 3: ") && error.contains("nearest is output"), "{error}");
        let error = resolve(MINIMUM, &[("VOD2STRM_BASEURL", "x")], &[]).unwrap_err();
        assert!(
            error.contains("VOD2STRM_BASEURL") && error.contains("nearest is base_url"),
            "{error}"
        );
    }

    #[test]
    fn variables_that_kubernetes_makes_are_no_settings() {
        for variable in [
            "VOD2STRM_SERVICE_HOST",
            "VOD2STRM_SERVICE_PORT",
            "VOD2STRM_SERVICE_PORT_HTTP",
            "VOD2STRM_PORT",
            "VOD2STRM_PORT_9191_TCP",
            "VOD2STRM_PORT_9191_TCP_ADDR",
            "VOD2STRM_WEB_SERVICE_HOST",
            "VOD2STRM_WEB_PORT",
            "VOD2STRM_WEB_PORT_80_TCP_PROTO",
        ] {
            let with = resolve(MINIMUM, &[(variable, "tcp://10.0.0.1:9191")], &[]);
            assert!(with.is_ok(), "{variable}: {with:?}");
        }
        assert!(resolve(MINIMUM, &[("VOD2STRM_REPORTS", "x")], &[]).is_err(), "a slip is told");
    }

    #[test]
    fn bad_values_say_where_they_are() {
        for (file, expected) in [
            ("layout = 'fancy'", "layout in"),
            ("base_url = 'dispatcharr:9191'", "http://192.168.1.5:9191"),
            ("concurrency = 0", "1 to 64"),
            ("movie_ids = ['1', 'x']", "movie_ids in"),
            ("json = 'maybe'", "wanted is true or false"),
            ("nfo = 'some'", "full, ids or off"),
            ("nfo = 'ids'\nlayout = 'classic'", "other layouts"),
            ("movie.folder = '{year}'", "lacks {title}"),
            ("episode = { file = '{titel}' }", "one of {title}"),
            ("strm_lines = ['#KODIPROP:a=b', 'c']", "lines for Kodi"),
            ("cleanup = 'sometimes'", "off, preview or apply"),
            ("source = { a = 1 }", "is wanted"),
        ] {
            let file = format!(
                "{file}\n{}",
                MINIMUM.replace(
                    "source = 'a.m3u'\n",
                    if file.starts_with("source") { "" } else { "source = 'a.m3u'\n" }
                )
            );
            let error = resolve(&file, &[], &[]).unwrap_err();
            assert!(error.contains(expected), "{file}: {error}");
        }
    }

    #[test]
    fn what_is_missing_is_explained() {
        let error = resolve("output = '/o'", &[], &[]).unwrap_err();
        assert!(
            error.contains("--source is missing") && error.contains("VOD2STRM_SOURCE"),
            "{error}"
        );
    }

    #[test]
    fn an_empty_id_list_means_all() {
        let settings =
            resolve(&format!("{MINIMUM}movie_ids = []\nseries_ids = [3, 4]"), &[], &[]).unwrap();
        assert_eq!(settings.library.scope.movies, Selection::All);
        assert_eq!(settings.library.scope.series, Selection::Ids([3, 4].into()));
    }

    /// What help and documentation call the default is what holds without the setting.
    #[test]
    fn defaults_are_what_they_are_said_to_be() {
        // Words for people, and what a setting says of itself that it was given.
        let is_said = ["filter", "prefer", "movie_ids", "series_ids", "movies_root", "series_root"];
        let is_place = ["state", "file_mode", "dir_mode", "base_url", "api_url"];
        let templates = TemplateKind::ALL.map(TemplateKind::key);
        let usual = |setting: &&setting::Setting| {
            let key = setting.key;
            !setting.default.is_empty()
                && ![&is_said[..], &is_place, &templates].concat().contains(&key)
        };
        let shown = |flags: &[(&'static str, &str)]| {
            let settings = resolve(MINIMUM, &[], flags).unwrap();
            format!("{settings:?}")
        };
        let all: Vec<_> = table::all().filter(usual).map(|it| (it.key, it.default)).collect();
        assert!(all.len() > 12, "{all:?}");
        assert_eq!(shown(&all), shown(&[]));
        assert_eq!(DEFAULT_BASE_URL, table::setting("base_url").unwrap().default);
    }

    #[test]
    fn settings_that_are_printed_show_no_secret() {
        let database = "source = 'postgres://joe:hunter22@h/d'\noutput = '/o'\nrefresh = true\n";
        let user = "api_user = 'joe'\napi_password = 'hunter22'";
        for file in [
            "source = 'http://h/get.php?username=joe&password=hunter22'\noutput = '/o'".to_owned(),
            format!("{database}{user}"),
            format!("{database}api_key = 'hunter22'"),
        ] {
            let settings = format!("{:?}", resolve(&file, &[], &[]).unwrap());
            assert!(settings.contains("/o") && !settings.contains("hunter22"), "{settings}");
        }
        let given = [("api_key", "hunter22".to_owned())];
        let all = AllSettings::read(&given, None, None, env(&[("HOME", "/nowhere")])).unwrap();
        assert!(!format!("{:?}", all.libraries()).contains("hunter22"));
    }

    #[test]
    fn what_is_asked_of_one_run_is_refused_in_the_file_and_taken_as_a_variable() {
        for key in ["dry_run", "full", "relayout", "allow_removals"] {
            let flag = format!("give --{}", key.replace('_', "-"));
            for value in ["true", "false", "'1.1'"] {
                let error = resolve(&format!("{MINIMUM}{key} = {value}"), &[], &[]).unwrap_err();
                assert!(error.contains(&format!("{key} in ")) && error.contains(&flag), "{error}");
            }
        }
        let variables = [("VOD2STRM_DRY_RUN", "yes"), ("VOD2STRM_FULL", "1")];
        let request = resolve(MINIMUM, &variables, &[]).unwrap().request;
        assert!(request.mode.is_preview() && request.full && !request.relayout);
        let request = resolve(MINIMUM, &variables, &[("dry_run", "false")]).unwrap().request;
        assert!(!request.mode.is_preview(), "a flag can say no");
        let error = resolve(MINIMUM, &[("VOD2STRM_ALLOW_REMOVALS", "1.1")], &[]).unwrap_err();
        assert!(error.contains("give --allow-removals=ID"), "{error}");
    }

    #[test]
    fn numbers_of_the_file_are_what_they_are_in_toml() {
        let with = |line: &str| resolve(&format!("{MINIMUM}{line}"), &[], &[]);
        let fetching = "source = 'postgres://h/d'\noutput = '/o'\nrefresh = true\napi_key = 'k'\n";
        let settings = resolve(&format!("{fetching}refresh_rate = 0.5"), &[], &[]).unwrap();
        assert_eq!(settings.library.fetch.unwrap().limits.gap.as_secs(), 2);
        assert_eq!(with("max_entries = 5_000").unwrap().library.concurrency.bound, 64);
        assert_eq!(with("concurrency = 0x10").unwrap().library.concurrency.bound, 16);
        for mode in ["640", "0o640", "'640'"] {
            let found = with(&format!("file_mode = {mode}")).unwrap().library.file_mode;
            assert_eq!(found, Some(0o640), "{mode}");
        }
        for wrong in ["concurrency = 2.5", "concurrency = 0o10", "refresh_rate = nan"] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_key_is_a_variable_too() {
        // A permission for one run is no setting.
        for setting in table::all().filter(|setting| setting.key != "allow_removals") {
            let env = env(&[(&setting.variable(), "x"), ("HOME", "/nowhere")]);
            let layers = AllSettings::read(&[], None, None, env).unwrap().process();
            assert_eq!(layers.text(setting.key), Some("x"), "{}", setting.key);
        }
    }
}
