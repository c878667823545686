//! Settings: one table of keys; flags win over variables, variables over the file.

pub mod layers;
pub mod values;
mod limits;
pub mod refresh;
pub mod log;
pub mod written;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{IsPlayed, Scope, Selection};
use vod2strm_core::cancel::Cancel;
use vod2strm_core::hold::Permission;
use vod2strm_core::layout::{Layout, Slot};
use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::{BaseUrl, NfoDetail, Policy};
use vod2strm_core::select::Choice;
use vod2strm_core::text::redact::label;
use vod2strm_disk::apply::crew::Concurrency;
use vod2strm_disk::fs::modes::Modes;
use vod2strm_disk::fs::roots::Roots;
use vod2strm_disk::library::Place;

use self::layers::{Env, Layers, required, usage};
use self::limits::limits;
use self::refresh::RefreshSettings;
use self::values::{Access, Cleanup, Grace, MOST_WORKERS, USUAL_WORKERS, Workers};
use crate::dressed::Dressed;
use crate::error::RunError;
use crate::source::{Source, years};

/// Where Dispatcharr is unless told otherwise; the original's default.
const DEFAULT_BASE_URL: &str = "http://localhost:9191";

/// What a run needs to know, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The source for people, reports and the ledger: without a secret.
    pub label: String,
    /// The source, understood.
    pub source: Source,
    /// Output and state.
    pub place: Place,
    /// What shapes the library.
    pub policy: Policy,
    /// Whether the base URL is only the default.
    pub is_base_url_default: bool,
    /// Ids that the user asked for.
    pub movie_ids: Selection,
    /// Ids that the user asked for.
    pub series_ids: Selection,
    /// How many titles are written at a time.
    pub concurrency: Concurrency,
    /// CSV report.
    pub report: Option<PathBuf>,
    /// Print one JSON object at the end.
    pub json: bool,
    /// Plan only.
    pub dry_run: bool,
    /// Whether what is no longer wanted goes.
    pub cleanup: Cleanup,
    /// Complete runs that something has to be missing for, besides the first.
    pub grace: u32,
    /// What may be removed in this run, though it is held.
    pub permission: Permission,
    /// Whether every file of the library is read.
    pub full: bool,
    /// Whether known titles get the names of today.
    pub relayout: bool,
    /// The mode of new files, if it was chosen.
    pub file_mode: Option<u32>,
    /// The mode of new folders, if it was chosen.
    pub dir_mode: Option<u32>,
    /// How episodes are asked for that Dispatcharr does not have; `None` when they are not.
    pub refresh: Option<RefreshSettings>,
}

impl Settings {
    /// Opens the source, with the names that people are to see. `is_played` knows the library's addresses.
    /// Whoever cancels ends a reading that lasts.
    pub fn open_source(
        &self,
        is_played: &IsPlayed<'_>,
        cancel: &Cancel,
    ) -> Result<Dressed, CatalogError> {
        let (dresser, choice) = (self.policy.dresser(years()), self.policy.choice.clone());
        Ok(Dressed::new(self.source.open(is_played, cancel)?, dresser, choice))
    }

    /// Checks every setting.
    pub fn resolve(layers: &Layers, env: &Env) -> Result<Settings, RunError> {
        let (source, label) = source(layers)?;
        let policy = policy(layers)?;
        let (base_url, is_dispatcharr) = (policy.base_url.as_str(), source.is_dispatcharr());
        Ok(Settings {
            refresh: RefreshSettings::resolve(layers, base_url, is_dispatcharr)?,
            source,
            label,
            place: place(layers, env)?,
            policy,
            is_base_url_default: layers.text("base_url").is_none(),
            movie_ids: layers.ids("movie_ids")?,
            series_ids: layers.ids("series_ids")?,
            concurrency: concurrency(layers)?,
            report: layers.text("report").map(PathBuf::from),
            json: layers.switch("json")?,
            dry_run: layers.switch("dry_run")?,
            cleanup: layers.parsed("cleanup", Cleanup::Off)?,
            grace: layers.parsed("grace", Grace(1))?.0,
            permission: layers.parsed("allow_removals", Permission::Nothing)?,
            full: layers.switch("full")?,
            relayout: layers.switch("relayout")?,
            file_mode: optional::<Access>(layers, "file_mode")?.map(|access| access.0),
            dir_mode: optional::<Access>(layers, "dir_mode")?.map(|access| access.0 | 0o100),
        })
    }

    /// The modes of what a run makes. Where addresses hold a login, others cannot read them.
    pub fn modes(&self, has_logins: bool) -> Modes {
        let usual = if has_logins { Modes::GUARDED } else { Modes::OPEN };
        Modes {
            file: self.file_mode.unwrap_or(usual.file),
            dir: self.dir_mode.unwrap_or(usual.dir),
            is_guarded: usual.is_guarded || self.file_mode.or(self.dir_mode).is_some(),
        }
    }

    /// What is allowed and hardly meant, by the setting that it is about.
    pub fn advice(&self) -> Vec<(&'static str, String)> {
        let (policy, mut advice) = (&self.policy, Vec::new());
        let url = policy.base_url.as_str();
        let default = if self.is_base_url_default { ", the default" } else { "" };
        let is_proxied = self.source.is_dispatcharr() && !policy.direct_urls;
        if is_proxied && policy.base_url.is_local() {
            let text = format!(
                "{url}{default}: players on other machines cannot open it; set --base-url to \
                 Dispatcharr's address in your network"
            );
            advice.push(("base_url", text));
        } else if is_proxied && policy.base_url.is_placeholder() {
            let text =
                format!("{url} looks like an example: set --base-url to Dispatcharr's address");
            advice.push(("base_url", text));
        }
        advice.extend(policy.layout.note.map(|note| ("layout", note.to_owned())));
        if policy.layout.template(Slot::SeriesFolder).depth() > 1 {
            let text = "Jellyfin and Emby take every folder right below a library for a series: point \
                        them at the folders in TV, not at TV";
            advice.push(("series_folder", text.to_owned()));
        }
        let file = policy.layout.template(Slot::MovieFile).as_str();
        if policy.multi_provider && !file.starts_with("{folder}") {
            let text =
                "media servers group a movie's versions only if its files begin with {folder}";
            advice.push(("movie_file", text.to_owned()));
        }
        advice
    }

    /// The scope of a run over these kinds.
    pub fn scope(&self, movies: bool, series: bool) -> Scope {
        let pick =
            |wanted: bool, ids: &Selection| if wanted { ids.clone() } else { Selection::Nothing };
        Scope { movies: pick(movies, &self.movie_ids), series: pick(series, &self.series_ids) }
    }
}

/// Titles written, or folders asked, at a time.
pub fn concurrency(layers: &Layers) -> Result<Concurrency, RunError> {
    let is_fixed = layers.switch("no_adaptive")?;
    let default = if is_fixed { USUAL_WORKERS } else { MOST_WORKERS };
    let bound = layers.parsed("concurrency", Workers(default))?.0;
    Ok(Concurrency { bound, is_fixed })
}

/// What shapes a library.
pub fn policy(layers: &Layers) -> Result<Policy, RunError> {
    #[expect(clippy::expect_used, reason = "a constant, and tested")]
    let default: BaseUrl = DEFAULT_BASE_URL.parse().expect("the default base URL is one");
    let layout = layout(layers)?;
    let unpinned_urls = layers.switch("unpinned_urls")?;
    let multi_provider = layers.switch("multi_provider")?;
    if unpinned_urls && multi_provider {
        let text = "unpinned_urls and multi_provider exclude each other: without a stream in the URL, \
                    all versions of a title would play the same";
        return Err(usage(text.to_owned()));
    }
    Ok(Policy {
        nfo: nfo_detail(layers, &layout)?,
        layout,
        base_url: layers.parsed("base_url", default)?,
        direct_urls: layers.switch("direct_urls")?,
        name_pattern: optional(layers, "name_clean_regex")?,
        clean_names: !layers.switch("no_name_clean")?,
        multi_provider,
        unpinned_urls,
        strm_lines: strm_lines(layers)?,
        choice: Choice { filter: optional(layers, "filter")?, prefer: optional(layers, "prefer")? },
    })
}

/// The layout, with the user's own templates.
fn layout(layers: &Layers) -> Result<Layout, RunError> {
    let mut layout = layers.parsed("layout", Layout::standard())?;
    for slot in Slot::ALL {
        let Some(given) = layers.given.get(slot.key()) else { continue };
        let changed = layout.with(slot, &given.text);
        layout = changed.map_err(|error| usage(format!("{}: {error}", given.origin)))?;
    }
    Ok(layout)
}

/// The source, and its label.
pub fn source(layers: &Layers) -> Result<(Source, String), RunError> {
    let address = required(layers, "source", "where the catalogue is")?;
    let source = Source::parse(&address).map_err(|error| match layers.given.get("source") {
        Some(given) => RunError::Source { origin: given.origin.clone(), error },
        None => error.into(),
    })?;
    Ok((source.within(limits(layers)?), label(&address)))
}

/// A setting without a default.
pub(super) fn optional<T: FromStr>(layers: &Layers, key: &str) -> Result<Option<T>, RunError>
where
    T::Err: std::fmt::Display,
{
    let Some(given) = layers.given.get(key) else { return Ok(None) };
    let value = given.text.parse().map_err(|error| usage(format!("{}: {error}", given.origin)));
    value.map(Some)
}

/// Lines for Kodi before the URL. In a flag or a variable a comma parts them, in the file they are a list.
fn strm_lines(layers: &Layers) -> Result<Vec<String>, RunError> {
    let Some(given) = layers.given.get("strm_lines") else { return Ok(Vec::new()) };
    let ends = if given.text.ends_with('\n') { '\n' } else { ',' };
    let lines: Vec<String> =
        given.text.trim().split(ends).map(|line| line.trim().to_owned()).collect();
    let is_sound = |line: &String| {
        line.starts_with('#') && line.len() <= 1_000 && !line.chars().any(char::is_control)
    };
    match lines.iter().all(is_sound) {
        true => Ok(lines),
        false => Err(usage(format!(
            "{}: wanted are lines for Kodi such as #KODIPROP:mimetype=video/mp4, each of which begins with #",
            given.origin
        ))),
    }
}

/// What NFOs say. The classic layout's are what they always were.
fn nfo_detail(layers: &Layers, layout: &Layout) -> Result<NfoDetail, RunError> {
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
pub fn place(layers: &Layers, env: &Env) -> Result<Place, RunError> {
    let output = required(layers, "output", "the folder in which Movies and TV are made")?;
    // Without a slash at its end: paths below it are shown.
    let output: PathBuf = Path::new(&output).components().collect();
    let chosen = layers.text("state").map(PathBuf::from);
    let is_state_chosen = chosen.is_some();
    let state = chosen.or_else(|| default_state(env)).unwrap_or_else(|| output.join(".vod2strm"));
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
        let flags = flags.iter().map(|(key, text)| (*key, Some((*text).to_owned()))).collect();
        let env = env(variables);
        let settings = Layers::read(flags, Some(&path), &env)
            .and_then(|layers| Settings::resolve(&layers, &env));
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
        assert_eq!(settings.policy.layout, Layout::classic());
        assert_eq!(settings.concurrency, Concurrency { bound: 3, is_fixed: false });
        assert_eq!(settings.policy.base_url.as_str(), "http://flag");
        assert!(!settings.place.is_state_chosen);
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
            assert_eq!(settings.policy.nfo, expected, "{file} {variables:?} {flags:?}");
        }
    }

    #[test]
    fn a_line_for_kodi_may_have_commas_in_the_file() {
        let lines = |file: &str, flags: &[(&'static str, &str)]| {
            resolve(&format!("{MINIMUM}{file}"), &[], flags).unwrap().policy.strm_lines
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
        assert_eq!(settings.movie_ids, Selection::All);
        assert_eq!(settings.series_ids, Selection::Ids([3, 4].into()));
    }

    #[test]
    fn every_key_is_a_variable_too() {
        // A permission for one run is no setting.
        for key in layers::KEYS.into_iter().filter(|key| *key != "allow_removals") {
            let variable = format!("VOD2STRM_{}", key.to_ascii_uppercase());
            let env = env(&[(&variable, "x"), ("HOME", "/nowhere")]);
            let layers = Layers::read(Vec::new(), None, &env).unwrap();
            assert_eq!(layers.text(key), Some("x"), "{key}");
        }
    }
}
