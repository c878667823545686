//! The layers of settings: file, variables, flags. Every layer is turned into text by key. So there is one parser per
//! setting, and an error can say where the text came from.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use vod2strm_engine::source::Selection;

use super::setting::{PREFIX, Setting, Shape, is_of_kubernetes};
use super::table::{all, setting};
use crate::error::CommandError;
use crate::secrets::SECRETS;

/// The variable that names the settings file; not a setting itself.
pub(super) const CONFIG_VARIABLE: &str = "VOD2STRM_CONFIG";

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
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) text: String,
    pub(super) origin: String,
}

impl fmt::Debug for Given {
    /// Where it was given. Its text may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

/// The settings of one place, by key.
pub(super) type Layer = BTreeMap<&'static str, Given>;

/// All layers, the winning text per key.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Layers {
    /// The library's name, if it has a section.
    pub name: Option<String>,
    pub(super) given: Layer,
    /// The settings file that was read.
    pub file: Option<PathBuf>,
    /// The variables.
    pub(super) env: Env,
}

impl fmt::Debug for Layers {
    /// Without the variables, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, given) = (&self.name, &self.given);
        f.debug_struct("Layers").field("name", name).field("given", given).finish_non_exhaustive()
    }
}

/// What the variables say.
pub(super) fn of_variables(env: &Env) -> Result<Layer, CommandError> {
    let mut layer = Layer::new();
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
        if let Some(setting) = secret_in_file(&name) {
            layer.insert(setting.key, Given { text: secret(text, &origin)?, origin });
            continue;
        }
        let setting = known(&name, &origin)?;
        if setting.key == "allow_removals" {
            return Err(for_one_run(setting, &origin));
        }
        layer.insert(setting.key, Given { text: text.clone(), origin });
    }
    Ok(layer)
}

/// The setting whose secret is in a file that `…_file` names, as containers get theirs.
fn secret_in_file(name: &str) -> Option<&'static Setting> {
    let setting = name.strip_suffix("_file").and_then(setting)?;
    matches!(setting.shape, Shape::Secret(_) | Shape::Address(_)).then_some(setting)
}

/// A secret that is alone in its file, but for a line end.
fn secret(path: &str, origin: &str) -> Result<String, CommandError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| usage(format!("{origin}: cannot read {path}: {error}")))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(usage(format!("{origin}: {path} is empty"))),
        secret => Ok(secret.to_owned()),
    }
}

/// What the flags say, as texts by key.
pub(super) fn of_flags(flags: &[(&'static str, String)]) -> Result<Layer, CommandError> {
    let mut layer = Layer::new();
    for (key, text) in flags {
        let origin = flag_name(key);
        // In the file and in variables an empty text leaves a setting out; a flag was meant.
        if text.is_empty() && !key.ends_with("_ids") {
            return Err(usage(format!("{origin}: the text is empty")));
        }
        layer.insert(key, Given { text: text.clone(), origin });
    }
    Ok(layer)
}

/// The error of a request that stands where it would count for every run.
pub(super) fn for_one_run(setting: &Setting, origin: &str) -> CommandError {
    let value = if matches!(setting.shape, Shape::Optional { .. }) { "=ID" } else { "" };
    usage(format!(
        "{origin}: it is for one run, and no setting: give {}{value} to that run",
        flag_name(setting.key)
    ))
}

impl Layers {
    /// Puts a layer on top of the lower ones.
    pub(super) fn add(&mut self, layer: &Layer) {
        for (key, given) in layer {
            if *key == "nfo" {
                // The older name of one of its values: a lower layer must not win by it.
                self.given.remove("no_nfo");
            }
            self.given.insert(key, given.clone());
        }
    }

    /// The library's name for people.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or("without a name")
    }

    /// Keeps secret what must not be shown of these settings.
    pub(super) fn keep_secrets(layer: &Layer) {
        for (key, Given { text, .. }) in layer {
            match setting(key).map(|setting| setting.shape) {
                Some(Shape::Address(_)) => SECRETS.keep_those_of(text),
                Some(Shape::Secret(_)) => SECRETS.keep(text),
                _ => {}
            }
        }
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
        T::Err: fmt::Display,
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

/// The setting with this name, or an error that names the nearest one.
pub(super) fn known(name: &str, origin: &str) -> Result<&'static Setting, CommandError> {
    if let Some(setting) = setting(name) {
        return Ok(setting);
    }
    let similarity = |key: &str| strsim::jaro_winkler(name, key);
    let keys: Vec<&str> = all().map(|setting| setting.key).collect();
    let nearest = keys.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    let advice = match nearest.filter(|key| similarity(key) > 0.8) {
        Some(nearest) => format!("the nearest is {nearest}"),
        None => format!("there are {}", keys.join(", ")),
    };
    Err(usage(format!("{origin}: there is no such setting; {advice}")))
}

fn flag_name(key: &str) -> String {
    format!("--{}", key.replace('_', "-"))
}

pub(super) fn usage(text: String) -> CommandError {
    CommandError::Usage(text)
}
