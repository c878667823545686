//! All that is given, in the settings file, as variables and as flags; and which libraries there are.

use std::path::Path;

use super::file::{Section, SettingsFile};
use super::layers::{Env, Layer, Layers, of_flags, of_variables, usage};
use crate::error::CommandError;

/// What can only be meant for one library, when it does not stand in that library's section.
const OF_ONE: [&str; 5] = ["source", "output", "movies_root", "series_root", "allow_removals"];

/// All layers.
pub struct AllSettings {
    file: Option<SettingsFile>,
    /// Variables and flags stand over every section.
    over: [Layer; 2],
    env: Env,
    /// `--library`.
    library: Option<String>,
}

impl AllSettings {
    /// Reads the settings file and the variables. `flags` holds texts by key, `config` is `--config`, and `library`
    /// is `--library`: it has to be the name of a section.
    pub fn read(
        flags: &[(&'static str, String)],
        config: Option<&Path>,
        library: Option<&str>,
        env: Env,
    ) -> Result<AllSettings, CommandError> {
        let file = SettingsFile::find(config, &env)?;
        AllSettings::of(file, flags, library, env)
    }

    /// The same; a file that is named and not there yet counts as empty: somebody will write it.
    pub fn read_or_wait(
        flags: &[(&'static str, String)],
        config: Option<&Path>,
        library: Option<&str>,
        env: Env,
    ) -> Result<AllSettings, CommandError> {
        let file = SettingsFile::find_or_wait(config, &env)?;
        AllSettings::of(file, flags, library, env)
    }

    fn of(
        file: Option<SettingsFile>,
        flags: &[(&'static str, String)],
        library: Option<&str>,
        env: Env,
    ) -> Result<AllSettings, CommandError> {
        let over = [of_variables(&env)?, of_flags(flags)?];
        let all = AllSettings { file, over, env, library: library.map(str::to_owned) };
        all.check()?;
        Ok(all)
    }

    /// Keeps secret what must not be shown, of all libraries.
    pub fn keep_secrets(&self) {
        let sections = self.sections().iter().map(|section| &section.layer);
        self.top().chain(sections).chain(&self.over).for_each(Layers::keep_secrets);
    }

    /// What holds for the process, whatever the library.
    pub fn process(&self) -> Layers {
        self.layers(None)
    }

    /// All libraries, in the order of the file. A file without sections is about one, which has no name.
    pub fn libraries(&self) -> Vec<Layers> {
        match self.sections() {
            [] => vec![self.layers(None)],
            sections => sections.iter().map(|section| self.layers(Some(section))).collect(),
        }
    }

    /// Whether somebody has said what library there is.
    pub fn has_library(&self) -> bool {
        let is_told = |key: &str| self.process().text(key).is_some();
        !self.sections().is_empty() || is_told("source") || is_told("output")
    }

    /// Whether this run is about a library.
    pub fn is_meant(&self, library: &Layers) -> bool {
        self.library.is_none() || self.library == library.name
    }

    /// The libraries that this run is about.
    pub fn meant(&self) -> Vec<Layers> {
        self.libraries().into_iter().filter(|library| self.is_meant(library)).collect()
    }

    /// The names of all libraries, for people.
    pub fn names(&self) -> String {
        let names = self.sections().iter().map(|section| section.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    fn top(&self) -> impl Iterator<Item = &Layer> {
        self.file.iter().map(|file| &file.top)
    }

    fn sections(&self) -> &[Section] {
        self.file.as_ref().map_or(&[], |file| &file.sections)
    }

    fn layers(&self, section: Option<&Section>) -> Layers {
        let mut layers = Layers {
            name: section.map(|section| section.name.clone()),
            given: Layer::new(),
            file: self.file.as_ref().map(|file| file.path.clone()),
            env: self.env.clone(),
        };
        self.top().chain(section.map(|section| &section.layer)).for_each(|it| layers.add(it));
        let is_meant = self.is_meant(&layers);
        for layer in &self.over {
            let mut layer = layer.clone();
            layer.retain(|key, _| is_meant || !OF_ONE.contains(key));
            layers.add(&layer);
        }
        layers
    }

    /// Checks the name, and that nothing is given for several libraries which only one can have.
    fn check(&self) -> Result<(), CommandError> {
        let sections = self.sections();
        let Some(name) = &self.library else {
            let mut of_one = self.over.iter().flatten().filter(|(key, _)| OF_ONE.contains(key));
            return match of_one.next() {
                Some((_, given)) if sections.len() > 1 => Err(usage(format!(
                    "{}: there are several libraries: say which one with --library ({})",
                    given.origin,
                    self.names()
                ))),
                _ => Ok(()),
            };
        };
        if sections.iter().any(|section| section.name == *name) {
            return Ok(());
        }
        Err(usage(match (&self.file, sections) {
            (None, _) => {
                "--library: there is no settings file, and so no section of a library".to_owned()
            }
            (Some(file), []) => {
                format!("--library: {} has no section [library.NAME]", file.path.display())
            }
            (Some(file), _) => format!(
                "--library: {} has no section of that name; there are {}",
                file.path.display(),
                self.names()
            ),
        }))
    }
}
