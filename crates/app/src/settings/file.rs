//! The settings file: which one it is, and what stands in it.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use vod2strm_core::layout::TemplateKind;
use vod2strm_engine::error::RunError;
use vod2strm_engine::host::found;

use super::layers::{CONFIG_VARIABLE, Env, Given, Layer, for_one_run, known, usage};
use super::setting::{Setting, SettingKind};
use super::table::setting;
use super::titles::LINED;
use crate::error::CommandError;

/// Above the names of libraries: `[library.films]`.
const SECTIONS: &str = "library";

/// What a settings file says.
#[derive(Debug)]
pub(super) struct SettingsFile {
    pub(super) path: PathBuf,
    /// What stands above all sections: of the process, and what holds for all libraries.
    pub(super) top: Layer,
    /// The libraries, in the order of the file.
    pub(super) sections: Vec<Section>,
}

/// The settings of one library.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) layer: Layer,
}

impl SettingsFile {
    /// Finds and reads the file, if there is one; `config` is `--config`.
    pub(super) fn find(
        config: Option<&Path>,
        env: &Env,
    ) -> Result<Option<SettingsFile>, CommandError> {
        find_file(config, env)?.map(SettingsFile::read).transpose()
    }

    /// The same, where a file that is named need not be there.
    pub(super) fn find_or_wait(
        config: Option<&Path>,
        env: &Env,
    ) -> Result<Option<SettingsFile>, CommandError> {
        match named(config, env) {
            Some(path) if !is_file(&path)? => Ok(None),
            _ => SettingsFile::find(config, env),
        }
    }

    fn read(path: PathBuf) -> Result<SettingsFile, CommandError> {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| usage(format!("cannot read {}: {error}", path.display())))?;
        let table = DeTable::parse(&text).map_err(|error| not_toml(&path, &text, &error))?;
        let reader = TomlReader { path: &path, text: &text };
        let (sections, top): (Vec<WrittenKey<'_>>, _) =
            table.get_ref().iter().partition(|(name, _)| name.get_ref() == SECTIONS);
        let top = reader.layer(top.into_iter(), |_, _| Ok(()))?;
        let sections = reader.sections(&sections)?;
        Ok(SettingsFile { path, top, sections })
    }
}

/// A key and its value, with their places in the text.
type WrittenKey<'a> = (&'a Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>);

/// A key as a whole, where it begins, and its value.
type SettingEntry<'a> = (String, usize, &'a DeValue<'a>);

/// Reads a file that is TOML.
struct TomlReader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl TomlReader<'_> {
    /// The libraries' sections.
    fn sections(&self, written: &[WrittenKey<'_>]) -> Result<Vec<Section>, CommandError> {
        let mut sections = Vec::new();
        for (name, value) in written {
            let no_section = |at| {
                let place = self.place(at);
                usage(format!("{place}: a library's settings stand in a section [library.NAME]"))
            };
            let DeValue::Table(libraries) = value.get_ref() else {
                return Err(no_section(name.span().start));
            };
            for (name, value) in libraries {
                let at = name.span().start;
                let DeValue::Table(table) = value.get_ref() else { return Err(no_section(at)) };
                sections.push((at, self.section(name, table)?));
            }
        }
        sections.sort_by_key(|(at, _)| *at);
        Ok(sections.into_iter().map(|(_, section)| section).collect())
    }

    fn section(
        &self,
        name: &Spanned<DeString<'_>>,
        table: &DeTable<'_>,
    ) -> Result<Section, CommandError> {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let text = name.get_ref();
        if text.is_empty() || !text.chars().all(is_part) {
            let place = self.place(name.span().start);
            return Err(usage(format!("{place}: a library's name has letters, digits, - and _")));
        }
        let layer = self.layer(table.iter(), |setting, origin| match setting.kind {
            SettingKind::Process => Err(usage(format!(
                "{origin}: it is the same for all libraries: write it above the first section"
            ))),
            _ => Ok(()),
        })?;
        Ok(Section { name: text.to_string(), layer })
    }

    /// The settings of a table; `check` refuses those that have no place there.
    fn layer<'a>(
        &self,
        table: impl Iterator<Item = WrittenKey<'a>>,
        check: impl Fn(&Setting, &str) -> Result<(), CommandError>,
    ) -> Result<Layer, CommandError> {
        let mut layer = Layer::new();
        for (name, at, value) in table.flat_map(flattened) {
            let place = self.place(at);
            let key = name.replace('.', "_");
            if value.is_table() && setting(&key).is_none() {
                let text = "there is no such section; a library's is [library.NAME]";
                return Err(usage(format!("{place}: {text}")));
            }
            // The name of a key that is unknown may be a password that slipped into a line of its own.
            let setting = known(&key, &place)?;
            let origin = format!("{name} in {place}");
            if setting.kind == SettingKind::Request {
                return Err(for_one_run(setting, &origin));
            }
            check(setting, &origin)?;
            let ends = if LINED.contains(&setting.key) { "\n" } else { "," };
            let text = plain_text(value, ends).ok_or_else(|| {
                usage(format!("{origin}: a text, number, true, false or list is wanted"))
            })?;
            if !text.is_empty() {
                layer.insert(setting.key, Given { text, origin });
            }
        }
        Ok(layer)
    }

    /// A place in the file, for people.
    fn place(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or_default();
        format!("{}, line {}", self.path.display(), before.matches('\n').count() + 1)
    }
}

/// Templates may be written as `movie.folder` or below `[movie]`.
fn flattened<'a>((name, value): WrittenKey<'a>) -> Vec<SettingEntry<'a>> {
    let is_template = |name: &str| TemplateKind::ALL.iter().any(|kind| kind.key() == name);
    let (whole, at) = (name.get_ref(), name.span().start);
    match value.get_ref() {
        DeValue::Table(inner)
            if inner.keys().any(|below| is_template(&format!("{whole}_{}", below.get_ref()))) =>
        {
            let entry = |(below, value): WrittenKey<'a>| {
                (format!("{whole}.{}", below.get_ref()), below.span().start, value.get_ref())
            };
            inner.iter().map(entry).collect()
        }
        value => vec![(whole.to_string(), at, value)],
    }
}

/// A value as a flag would have it; `ends` stands after each element of a list.
fn plain_text(value: &DeValue<'_>, ends: &str) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        // What is written in octal is a mode, and stays as it is.
        DeValue::Integer(number) if matches!(number.radix(), 8 | 10) => Some(number.to_string()),
        DeValue::Integer(number) => {
            Some(i64::from_str_radix(number.as_str(), number.radix()).ok()?.to_string())
        }
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(switch) => Some(switch.to_string()),
        DeValue::Array(values) => {
            let part =
                |value: &Spanned<DeValue<'_>>| Some(plain_text(value.get_ref(), ends)? + ends);
            let text: String = values.iter().map(part).collect::<Option<_>>()?;
            Some(text.strip_suffix(',').unwrap_or(&text).to_owned())
        }
        _ => None,
    }
}

/// The file that `--config` or the variable names.
fn named(config: Option<&Path>, env: &Env) -> Option<PathBuf> {
    let variable = || env.get(CONFIG_VARIABLE).filter(|path| !path.is_empty());
    config.map(Path::to_owned).or_else(|| variable().map(PathBuf::from))
}

/// `--config`, the variable, `./vod2strm.toml`, `$XDG_CONFIG_HOME/vod2strm/vod2strm.toml`.
fn find_file(config: Option<&Path>, env: &Env) -> Result<Option<PathBuf>, CommandError> {
    if let Some(path) = named(config, env) {
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
    let looked = found(path).map_err(|source| RunError::Read { path: path.to_owned(), source });
    Ok(looked?.is_some_and(|found| found.is_file()))
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
    let is_key = |key: &&str| setting(&key.replace('.', "_")).is_some();
    let key = key.filter(is_key).map_or(String::new(), |key| format!(", at the key {key}"));
    let text = format!(
        "{}: line {} is not valid TOML{key}: is a quote missing, or one too many?",
        path.display(),
        line + 1
    );
    usage(text)
}
