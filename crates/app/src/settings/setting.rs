//! What a setting is: its names, its kind, its flag, and what help says of it.

/// The beginning of the variables' names.
pub const PREFIX: &str = "VOD2STRM_";

/// A setting: a row of the table.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the settings file.
    pub key: &'static str,
    /// What it belongs to.
    pub kind: SettingKind,
    /// What its flag takes.
    pub shape: Shape,
    /// What holds without it, for people; empty if that needs no word.
    pub default: &'static str,
    /// The commands that heed it: their help lists it.
    pub commands: &'static [&'static str],
    /// What it does, for people.
    pub help: &'static str,
}

/// What a setting belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// What is asked of one run.
    Request,
    /// This process: where ledgers are, what it prints and logs.
    Process,
    /// A library.
    Library,
}

/// What a setting's flag takes; texts are the names of values in help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing: it is on, unless `=false` follows.
    Switch,
    /// A text.
    Text(&'static str),
    /// A text after `=`, or nothing, which stands for `nothing`.
    Optional {
        /// The name of the value.
        value: &'static str,
        /// What the flag alone means.
        nothing: &'static str,
    },
    /// An address, which may have a password in it.
    Address(&'static str),
    /// A text that must not be shown.
    Secret(&'static str),
}

impl Setting {
    /// A setting of a library.
    pub(super) const fn library(key: &'static str, shape: Shape) -> Setting {
        Setting::new(key, SettingKind::Library, shape)
    }

    /// What is asked of one run.
    pub(super) const fn request(key: &'static str, shape: Shape) -> Setting {
        Setting::new(key, SettingKind::Request, shape)
    }

    /// A setting of this process.
    pub(super) const fn process(key: &'static str, shape: Shape) -> Setting {
        Setting::new(key, SettingKind::Process, shape)
    }

    const fn new(key: &'static str, kind: SettingKind, shape: Shape) -> Setting {
        Setting { key, kind, shape, default: "", commands: &[], help: "" }
    }

    /// The same with a default.
    pub(super) const fn default(self, default: &'static str) -> Setting {
        Setting { default, ..self }
    }

    /// The same on these commands.
    pub(super) const fn on(self, commands: &'static [&'static str]) -> Setting {
        Setting { commands, ..self }
    }

    /// The same with its help.
    pub(super) const fn help(self, help: &'static str) -> Setting {
        Setting { help, ..self }
    }

    /// The flag's name, without its dashes.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The variable.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key.to_ascii_uppercase())
    }
}

/// Whether Kubernetes makes a variable with this name behind the prefix, for a service `vod2strm` or `vod2strm-…`:
/// `VOD2STRM_SERVICE_HOST`, `VOD2STRM_PORT_80_TCP`, `VOD2STRM_WEB_SERVICE_PORT_HTTP`. No setting is named so.
pub(super) fn is_of_kubernetes(name: &str) -> bool {
    let name = format!("_{name}_");
    name.contains("_service_") || name.contains("_port_")
}
