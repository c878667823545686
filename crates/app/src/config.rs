//! Settings: one table of keys; flags win over variables, variables over the file.
//!
//! Every layer is turned into text by key first, so that there is one parser per setting and an
//! error can say where the text came from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Scope, Selection};
use vod2strm_core::names::pattern::NamePattern;
use vod2strm_core::policy::{BadValue, BaseUrl, Layout, NfoDetail, Policy};
use vod2strm_disk::library::Place;

use crate::dressed::Dressed;
use crate::error::RunError;
use crate::source::{Source, years};

/// Every setting: `--base-url` is `base_url` in the file and `VOD2STRM_BASE_URL` as a variable.
pub const KEYS: [&str; 22] = [
    "source",
    "output",
    "layout",
    "base_url",
    "direct_urls",
    "nfo",
    "no_nfo",
    "no_name_clean",
    "name_clean_regex",
    "multi_provider",
    "movie_ids",
    "series_ids",
    "concurrency",
    "state",
    "report",
    "json",
    "dry_run",
    "cleanup",
    "grace",
    "allow_removals",
    "relayout",
    "full",
];

const PREFIX: &str = "VOD2STRM_";

/// The variable that names the settings file; not a setting itself.
const CONFIG_VARIABLE: &str = "VOD2STRM_CONFIG";

/// Where Dispatcharr is unless told otherwise; the original's default.
const DEFAULT_BASE_URL: &str = "http://localhost:9191";

/// The environment, passed in: variables by name.
pub type Env = BTreeMap<String, String>;

/// A setting's text and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Given {
    text: String,
    origin: String,
}

/// All layers, the winning text per key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    given: BTreeMap<&'static str, Given>,
    /// The settings file that was read.
    pub file: Option<PathBuf>,
}

impl Layers {
    /// Reads the settings file and the variables, and puts the flags on top. `flags` holds texts by
    /// key, `config` is `--config`.
    pub fn read(
        flags: Vec<(&'static str, Option<String>)>,
        config: Option<&Path>,
        env: &Env,
    ) -> Result<Layers, RunError> {
        let mut layers = Layers { file: find_file(config, env)?, ..Layers::default() };
        if let Some(path) = layers.file.clone() {
            layers.add_file(&path)?;
        }
        layers.add_env(env)?;
        for (key, text) in flags {
            let Some(text) = text else { continue };
            let origin = flag_name(key);
            // In the file and in variables an empty text leaves a setting out; a flag was meant.
            if text.is_empty() && !key.ends_with("_ids") {
                return Err(usage(format!("{origin}: the text is empty")));
            }
            layers.put(key, Given { text, origin });
        }
        Ok(layers)
    }

    /// Puts a text on top of those of the lower layers.
    fn put(&mut self, key: &'static str, given: Given) {
        if key == "nfo" {
            // The older name of one of its values: a lower layer must not win by it.
            self.given.remove("no_nfo");
        }
        self.given.insert(key, given);
    }

    fn add_file(&mut self, path: &Path) -> Result<(), RunError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| usage(format!("cannot read {}: {error}", path.display())))?;
        let table: toml::Table = text
            .parse()
            .map_err(|error| usage(format!("{} is not valid TOML: {error}", path.display())))?;
        for (name, value) in table {
            let origin = format!("{name} in {}", path.display());
            if value.is_table() && !KEYS.contains(&name.as_str()) {
                return Err(usage(format!(
                    "{origin}: there are no sections; settings stand alone"
                )));
            }
            let key = known_key(&name, &origin)?;
            let text = plain_text(&value).ok_or_else(|| {
                usage(format!("{origin}: a text, number, true, false or list is wanted"))
            })?;
            if !text.is_empty() {
                self.put(key, Given { text, origin });
            }
        }
        Ok(())
    }

    fn add_env(&mut self, env: &Env) -> Result<(), RunError> {
        for (variable, text) in env {
            let Some(name) = variable.strip_prefix(PREFIX) else { continue };
            // An empty variable is how compose files leave a setting out.
            if variable == CONFIG_VARIABLE || text.is_empty() {
                continue;
            }
            let origin = format!("variable {variable}");
            let key = known_key(&name.to_ascii_lowercase(), &origin)?;
            self.put(key, Given { text: text.clone(), origin });
        }
        Ok(())
    }

    /// Whether a setting was given as a flag.
    pub fn is_flag(&self, key: &str) -> bool {
        self.given.get(key).is_some_and(|given| given.origin == flag_name(key))
    }

    /// A setting's text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(|given| given.text.as_str())
    }

    fn parsed<T: FromStr>(&self, key: &str, default: T) -> Result<T, RunError>
    where
        T::Err: std::fmt::Display,
    {
        let Some(given) = self.given.get(key) else { return Ok(default) };
        given.text.parse().map_err(|error| usage(format!("{}: {error}", given.origin)))
    }

    fn switch(&self, key: &str) -> Result<bool, RunError> {
        let Some(given) = self.given.get(key) else { return Ok(false) };
        match given.text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            other => Err(usage(format!("{}: {other:?} is neither true nor false", given.origin))),
        }
    }

    /// Ids separated by commas; an empty list means all, as in the original.
    fn ids(&self, key: &str) -> Result<Selection, RunError> {
        let Some(given) = self.given.get(key) else { return Ok(Selection::All) };
        let mut ids = BTreeSet::new();
        for part in given.text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let id = part.parse::<i64>().map_err(|_| {
                usage(format!(
                    "{}: {part:?} is not an id; numbers separated by commas are wanted",
                    given.origin
                ))
            })?;
            ids.insert(id);
        }
        Ok(if ids.is_empty() { Selection::All } else { Selection::Ids(ids) })
    }
}

/// What a run needs to know, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The source's address; may hold a password.
    pub address: String,
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
    /// Titles written at a time.
    pub concurrency: usize,
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
    /// Whether the guard is lifted.
    pub allow_removals: bool,
    /// Whether every file of the library is read.
    pub full: bool,
    /// Whether known titles get the names of today.
    pub relayout: bool,
}

impl Settings {
    /// Opens the source, with the names that people are to see.
    pub fn open_source(&self) -> Result<Dressed, CatalogError> {
        Ok(Dressed { catalog: self.source.open()?, dresser: self.policy.dresser(years()) })
    }

    /// Checks every setting.
    pub fn resolve(layers: &Layers, env: &Env) -> Result<Settings, RunError> {
        let (source, address) = source(layers)?;
        Ok(Settings {
            source,
            address,
            place: place(layers, env)?,
            policy: policy(layers)?,
            is_base_url_default: layers.text("base_url").is_none(),
            movie_ids: layers.ids("movie_ids")?,
            series_ids: layers.ids("series_ids")?,
            concurrency: concurrency(layers)?,
            report: layers.text("report").map(PathBuf::from),
            json: layers.switch("json")?,
            dry_run: layers.switch("dry_run")?,
            cleanup: layers.parsed("cleanup", Cleanup::Off)?,
            grace: layers.parsed("grace", Grace(1))?.0,
            allow_removals: layers.switch("allow_removals")?,
            full: layers.switch("full")?,
            relayout: layers.switch("relayout")?,
        })
    }

    /// The scope of a run over these kinds.
    pub fn scope(&self, movies: bool, series: bool) -> Scope {
        let pick =
            |wanted: bool, ids: &Selection| if wanted { ids.clone() } else { Selection::Nothing };
        Scope { movies: pick(movies, &self.movie_ids), series: pick(series, &self.series_ids) }
    }
}

/// Titles written at a time.
struct Concurrency(usize);

impl FromStr for Concurrency {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Concurrency, BadValue> {
        let number = text.parse().ok().filter(|number| (1..=64).contains(number));
        let bad =
            || BadValue { given: text.to_owned(), wanted: "a number from 1 to 64".to_owned() };
        number.map(Concurrency).ok_or_else(bad)
    }
}

/// Whether what is no longer wanted goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleanup {
    /// It stays.
    Off,
    /// It stays, and what would go is told.
    Preview,
    /// It goes.
    Apply,
}

/// A number of runs.
struct Grace(u32);

impl FromStr for Grace {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Grace, BadValue> {
        let number = text.parse().ok().filter(|number| *number <= 1_000);
        let wanted = "a number of runs from 0 to 1000".to_owned();
        number.map(Grace).ok_or(BadValue { given: text.to_owned(), wanted })
    }
}

impl Cleanup {
    /// The word in settings and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Cleanup::Off => "off",
            Cleanup::Preview => "preview",
            Cleanup::Apply => "apply",
        }
    }
}

impl FromStr for Cleanup {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Cleanup, BadValue> {
        match text {
            "off" => Ok(Cleanup::Off),
            "preview" => Ok(Cleanup::Preview),
            "apply" => Ok(Cleanup::Apply),
            _ => {
                Err(BadValue { given: text.to_owned(), wanted: "off, preview or apply".to_owned() })
            }
        }
    }
}

/// Titles written, or folders asked, at a time.
pub fn concurrency(layers: &Layers) -> Result<usize, RunError> {
    Ok(layers.parsed("concurrency", Concurrency(4))?.0)
}

fn policy(layers: &Layers) -> Result<Policy, RunError> {
    #[expect(clippy::expect_used, reason = "a constant, and tested")]
    let default: BaseUrl = DEFAULT_BASE_URL.parse().expect("the default base URL is one");
    let layout = layers.parsed("layout", Layout::Standard)?;
    Ok(Policy {
        layout,
        base_url: layers.parsed("base_url", default)?,
        direct_urls: layers.switch("direct_urls")?,
        name_pattern: name_pattern(layers)?,
        clean_names: !layers.switch("no_name_clean")?,
        nfo: nfo_detail(layers, layout)?,
        multi_provider: layers.switch("multi_provider")?,
    })
}

/// The source, and its address as it was given.
pub fn source(layers: &Layers) -> Result<(Source, String), RunError> {
    let address = required(layers, "source", "where the catalogue is")?;
    Ok((Source::parse(&address)?, address))
}

/// What the user wants to be gone from names.
fn name_pattern(layers: &Layers) -> Result<Option<NamePattern>, RunError> {
    let Some(given) = layers.given.get("name_clean_regex") else { return Ok(None) };
    let pattern = given.text.parse().map_err(|error| usage(format!("{}: {error}", given.origin)));
    pattern.map(Some)
}

/// What NFOs say. The classic layout's are what they always were.
fn nfo_detail(layers: &Layers, layout: Layout) -> Result<NfoDetail, RunError> {
    let detail = layers.parsed("nfo", NfoDetail::Full)?;
    if layers.switch("no_nfo")? {
        return Ok(NfoDetail::Off);
    }
    match (detail, layout, layers.given.get("nfo")) {
        (NfoDetail::Ids, Layout::Classic, Some(given)) => Err(usage(format!(
            "{}: ids is for the layout standard; the layout classic has full or off",
            given.origin
        ))),
        _ => Ok(detail),
    }
}

/// Where the library and its state are.
pub fn place(layers: &Layers, env: &Env) -> Result<Place, RunError> {
    let output =
        PathBuf::from(required(layers, "output", "the folder in which Movies and TV are made")?);
    let chosen = layers.text("state").map(PathBuf::from);
    let is_state_chosen = chosen.is_some();
    let state = chosen.or_else(|| default_state(env)).unwrap_or_else(|| output.join(".vod2strm"));
    Ok(Place { output, state, is_state_chosen })
}

/// `$XDG_STATE_HOME/vod2strm` or `~/.local/state/vod2strm`.
fn default_state(env: &Env) -> Option<PathBuf> {
    let folder = |name: &str| env.get(name).filter(|path| path.starts_with('/')).map(PathBuf::from);
    let base = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))?;
    Some(base.join("vod2strm"))
}

fn required(layers: &Layers, key: &'static str, what: &str) -> Result<String, RunError> {
    match layers.text(key) {
        Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err(usage(format!(
            "{} is missing: {what}\n  try: {}, or {key} = \"…\" in vod2strm.toml, or the variable {PREFIX}{}",
            flag_name(key),
            example(key),
            key.to_ascii_uppercase(),
        ))),
    }
}

fn example(key: &str) -> &'static str {
    match key {
        "source" => "--source playlist.m3u",
        _ => "--output /media/vod",
    }
}

/// `--config`, the variable, `./vod2strm.toml`, `$XDG_CONFIG_HOME/vod2strm/vod2strm.toml`.
fn find_file(config: Option<&Path>, env: &Env) -> Result<Option<PathBuf>, RunError> {
    let named = config
        .map(Path::to_owned)
        .or_else(|| env.get(CONFIG_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from));
    if let Some(path) = named {
        return match path.is_file() {
            true => Ok(Some(path)),
            false => Err(usage(format!("there is no settings file {}", path.display()))),
        };
    }
    let folder = |name: &str| env.get(name).filter(|path| path.starts_with('/')).map(PathBuf::from);
    let home = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    let candidates = [
        Some(PathBuf::from("vod2strm.toml")),
        home.map(|home| home.join("vod2strm/vod2strm.toml")),
    ];
    Ok(candidates.into_iter().flatten().find(|path| path.is_file()))
}

fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(switch) => Some(switch.to_string()),
        toml::Value::Array(values) => {
            let parts: Option<Vec<String>> = values.iter().map(plain_text).collect();
            parts.map(|parts| parts.join(","))
        }
        _ => None,
    }
}

/// The key with this name, or an error that names the nearest one.
fn known_key(name: &str, origin: &str) -> Result<&'static str, RunError> {
    if let Some(key) = KEYS.into_iter().find(|key| *key == name) {
        return Ok(key);
    }
    let similarity = |key: &str| strsim::jaro_winkler(name, key);
    let nearest = KEYS.into_iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    let advice = match nearest.filter(|key| similarity(key) > 0.8) {
        Some(nearest) => format!("the nearest is {nearest}"),
        None => format!("there are {}", KEYS.join(", ")),
    };
    Err(usage(format!("{origin}: there is no such setting; {advice}")))
}

fn flag_name(key: &str) -> String {
    format!("--{}", key.replace('_', "-"))
}

fn usage(text: String) -> RunError {
    RunError::Usage(text)
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
        assert_eq!(settings.policy.layout, Layout::Classic);
        assert_eq!(settings.concurrency, 3);
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
    fn unknown_keys_name_the_nearest() {
        let error = resolve(&format!("{MINIMUM}outptu = 'x'"), &[], &[]).unwrap_err();
        assert!(error.contains("outptu") && error.contains("nearest is output"), "{error}");
        let error = resolve(MINIMUM, &[("VOD2STRM_BASEURL", "x")], &[]).unwrap_err();
        assert!(
            error.contains("VOD2STRM_BASEURL") && error.contains("nearest is base_url"),
            "{error}"
        );
    }

    #[test]
    fn bad_values_say_where_they_are() {
        for (file, expected) in [
            ("layout = 'fancy'", "layout in"),
            ("base_url = 'dispatcharr:9191'", "http://192.168.1.5:9191"),
            ("concurrency = 0", "1 to 64"),
            ("movie_ids = ['1', 'x']", "\"x\" is not an id"),
            ("json = 'maybe'", "neither true nor false"),
            ("nfo = 'some'", "full, ids or off"),
            ("nfo = 'ids'\nlayout = 'classic'", "layout standard"),
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
        for key in KEYS {
            let variable = format!("VOD2STRM_{}", key.to_ascii_uppercase());
            let env = env(&[(&variable, "x"), ("HOME", "/nowhere")]);
            let layers = Layers::read(Vec::new(), None, &env).unwrap();
            assert_eq!(layers.text(key), Some("x"));
        }
    }
}
