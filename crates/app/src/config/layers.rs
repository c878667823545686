//! The layers of settings: file, variables, flags. Every layer is turned into text by key, so that there
//! is one parser per setting and an error can say where the text came from.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use vod2strm_core::layout::Slot;
use vod2strm_engine::error::RunError;
use vod2strm_engine::source::Selection;

use crate::error::CommandError;

/// Every setting: `--base-url` is `base_url` in the file and `VOD2STRM_BASE_URL` as a variable.
pub const KEYS: [&str; 59] = [
    "source",
    "max_silence",
    "min_speed",
    "speed_window",
    "max_line",
    "max_size",
    "max_entries",
    "output",
    "layout",
    "movie_folder",
    "movie_file",
    "series_folder",
    "season_folder",
    "specials_folder",
    "episode_file",
    "base_url",
    "direct_urls",
    "unpinned_urls",
    "strm_lines",
    "nfo",
    "no_nfo",
    "no_name_clean",
    "name_clean_regex",
    "multi_provider",
    "filter",
    "prefer",
    "movie_ids",
    "series_ids",
    "concurrency",
    "no_adaptive",
    "movies_root",
    "series_root",
    "state",
    "file_mode",
    "dir_mode",
    "report",
    "json",
    "dry_run",
    "cleanup",
    "grace",
    "allow_removals",
    "relayout",
    "full",
    "refresh",
    "api_url",
    "api_key",
    "api_user",
    "api_password",
    "max_age",
    "refresh_rate",
    "refresh_parallel",
    "refresh_budget",
    "refresh_hourly",
    "csv",
    "verbose",
    "log_file",
    "log_format",
    "log_size",
    "log_files",
];

const PREFIX: &str = "VOD2STRM_";

/// The variable that names the settings file; not a setting itself.
const CONFIG_VARIABLE: &str = "VOD2STRM_CONFIG";

/// The environment, passed in: variables by name.
pub type Env = BTreeMap<String, String>;

/// The variables that are texts. A setting among them that is none is an error: it was meant.
pub fn variables(all: impl Iterator<Item = (OsString, OsString)>) -> Result<Env, CommandError> {
    let mut env = Env::new();
    for (name, value) in all {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => {
                env.insert(name, value);
            }
            (name, _) => {
                let name = name.unwrap_or_else(|name| name.to_string_lossy().into_owned());
                if name.starts_with(PREFIX) {
                    return Err(usage(format!("variable {name}: its name or text is no UTF-8")));
                }
            }
        }
    }
    Ok(env)
}

/// A setting's text and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) text: String,
    pub(super) origin: String,
}

/// All layers, the winning text per key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    pub(super) given: BTreeMap<&'static str, Given>,
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
    ) -> Result<Layers, CommandError> {
        let mut layers = Layers { file: find_file(config, env)?, ..Layers::default() };
        if let Some(path) = layers.file.clone() {
            layers.add_file(&path)?;
        }
        layers.add_env(env)?;
        if let Some(given) = layers.given.get("allow_removals") {
            return Err(usage(format!(
                "{}: it is a permission for one run, and no setting: give --allow-removals=ID to that run",
                given.origin
            )));
        }
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

    fn add_file(&mut self, path: &Path) -> Result<(), CommandError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| usage(format!("cannot read {}: {error}", path.display())))?;
        let table: toml::Table = text.parse().map_err(|error| not_toml(path, &text, &error))?;
        let lines = lines_of(&text);
        for (name, value) in flattened(table) {
            let line = lines.get(&name).copied().unwrap_or(1);
            let place = format!("{}, line {line}", path.display());
            let key = name.replace('.', "_");
            if value.is_table() && !KEYS.contains(&key.as_str()) {
                return Err(usage(format!("{place}: there are no sections; settings stand alone")));
            }
            // The name of a key that is unknown may be a password that slipped into a line of its own.
            let key = known_key(&key, &place)?;
            let origin = format!("{name} in {place}");
            // A line for Kodi may have commas in it.
            let ends = if key == "strm_lines" { "\n" } else { "," };
            let text = plain_text(&value, ends).ok_or_else(|| {
                usage(format!("{origin}: a text, number, true, false or list is wanted"))
            })?;
            if !text.is_empty() {
                self.put(key, Given { text, origin });
            }
        }
        Ok(())
    }

    fn add_env(&mut self, env: &Env) -> Result<(), CommandError> {
        for (variable, text) in env {
            let Some(name) = variable.strip_prefix(PREFIX) else { continue };
            // An empty variable is how compose files leave a setting out.
            if variable == CONFIG_VARIABLE || text.is_empty() {
                continue;
            }
            let (origin, name) = (format!("variable {variable}"), name.to_ascii_lowercase());
            if is_of_kubernetes(&name) {
                continue;
            }
            let key = known_key(&name, &origin)?;
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

    /// A setting, understood.
    pub(super) fn parsed<T: FromStr>(&self, key: &str, default: T) -> Result<T, CommandError>
    where
        T::Err: std::fmt::Display,
    {
        let Some(given) = self.given.get(key) else { return Ok(default) };
        given.text.parse().map_err(|error| usage(format!("{}: {error}", given.origin)))
    }

    /// A setting that is on or off.
    pub fn switch(&self, key: &str) -> Result<bool, CommandError> {
        let Some(given) = self.given.get(key) else { return Ok(false) };
        match given.text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(usage(format!("{}: wanted is true or false", given.origin))),
        }
    }

    /// Ids separated by commas; an empty list means all, as in the original.
    pub(super) fn ids(&self, key: &str) -> Result<Selection, CommandError> {
        let Some(given) = self.given.get(key) else { return Ok(Selection::All) };
        let mut ids = BTreeSet::new();
        for part in given.text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let wanted = || {
                usage(format!("{}: wanted are ids: numbers with commas between them", given.origin))
            };
            ids.insert(part.parse().map_err(|_| wanted())?);
        }
        Ok(if ids.is_empty() { Selection::All } else { Selection::Ids(ids) })
    }
}

pub(super) fn required(
    layers: &Layers,
    key: &'static str,
    what: &str,
) -> Result<String, CommandError> {
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
fn find_file(config: Option<&Path>, env: &Env) -> Result<Option<PathBuf>, CommandError> {
    let named = config
        .map(Path::to_owned)
        .or_else(|| env.get(CONFIG_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from));
    if let Some(path) = named {
        return if is_file(&path)? {
            Ok(Some(path))
        } else {
            Err(usage(format!("there is no settings file {}", path.display())))
        };
    }
    let folder = |name: &str| env.get(name).filter(|path| path.starts_with('/')).map(PathBuf::from);
    let home = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    let candidates = [
        Some(PathBuf::from("vod2strm.toml")),
        home.map(|home| home.join("vod2strm/vod2strm.toml")),
    ];
    for path in candidates.into_iter().flatten() {
        if is_file(&path)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Whether a settings file is there. What cannot be looked at is an error: it may hold what the user wants.
fn is_file(path: &Path) -> Result<bool, CommandError> {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    match path.metadata() {
        Ok(found) => Ok(found.is_file()),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(false),
        Err(source) => Err(RunError::Read { path: path.to_owned(), source }.into()),
    }
}

/// Templates may be written as `movie.folder` or below `[movie]`.
fn flattened(table: toml::Table) -> Vec<(String, toml::Value)> {
    let is_template = |name: &str| Slot::ALL.iter().any(|slot| slot.key() == name);
    let mut flat = Vec::new();
    for (name, value) in table {
        match value {
            toml::Value::Table(inner)
                if inner.keys().any(|below| is_template(&format!("{name}_{below}"))) =>
            {
                let named = |(below, value)| (format!("{name}.{below}"), value);
                flat.extend(inner.into_iter().map(named));
            }
            value => flat.push((name, value)),
        }
    }
    flat
}

/// The line of each key, counted from 1; keys below a section have a dot.
fn lines_of(text: &str) -> BTreeMap<String, usize> {
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let mut lines = BTreeMap::new();
    let Ok(table) = toml::de::DeTable::parse(text) else { return lines };
    for (name, value) in table.get_ref() {
        lines.insert(name.get_ref().to_string(), line(name.span().start));
        for below in value.get_ref().as_table().into_iter().flat_map(|inner| inner.keys()) {
            let whole = format!("{}.{}", name.get_ref(), below.get_ref());
            lines.insert(whole, line(below.span().start));
        }
    }
    lines
}

/// A value as a flag would have it; `ends` stands after each element of a list.
fn plain_text(value: &toml::Value, ends: &str) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(switch) => Some(switch.to_string()),
        toml::Value::Array(values) => {
            let part = |value| Some(plain_text(value, ends)? + ends);
            let text: String = values.iter().map(part).collect::<Option<_>>()?;
            Some(text.strip_suffix(',').unwrap_or(&text).to_owned())
        }
        _ => None,
    }
}

/// Whether Kubernetes makes a variable with this name behind the prefix, for a service `vod2strm` or `vod2strm-…`:
/// `VOD2STRM_SERVICE_HOST`, `VOD2STRM_PORT_80_TCP`, `VOD2STRM_WEB_SERVICE_PORT_HTTP`. No setting is named so.
fn is_of_kubernetes(name: &str) -> bool {
    let name = format!("_{name}_");
    name.contains("_service_") || name.contains("_port_")
}

/// The key with this name, or an error that names the nearest one.
fn known_key(name: &str, origin: &str) -> Result<&'static str, CommandError> {
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

/// A settings file that cannot be read as TOML: file, line and key. The line's text and the parser's words stay
/// out, for the line may hold a password.
fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> CommandError {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count();
    let whole = text.lines().nth(line).unwrap_or_default();
    let key = whole.split_once('=').map(|(key, _)| key.trim());
    // In a text of several lines, what stands before a = may be anything.
    let is_key = |key: &&str| KEYS.contains(&&*key.replace('.', "_"));
    let key = key.filter(is_key).map_or(String::new(), |key| format!(", at the key {key}"));
    let text = format!(
        "{}: line {} is not valid TOML{key}: is a quote missing, or one too many?",
        path.display(),
        line + 1
    );
    usage(text)
}

pub(super) fn usage(text: String) -> CommandError {
    CommandError::Usage(text)
}
