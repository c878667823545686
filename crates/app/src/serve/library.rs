//! The libraries that a service keeps, and what it needs to know of each.

use vod2strm_core::timing::schedule::CronSchedule;
use vod2strm_engine::source::SourceAddress;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::settings::layers::Layers;
use crate::settings::libraries::AllSettings;
use crate::settings::service::{ServiceSettings, ping_url, schedule};

/// What the only library is called whose settings stand above all sections.
const ONLY: &str = "library";

/// A library that a service keeps.
#[derive(Clone, Debug)]
pub struct ServedLibrary {
    /// Its name, which no other one has.
    pub name: String,
    /// Its settings.
    pub settings: Settings,
    /// Its times; `None` if it has none.
    pub schedule: Option<CronSchedule>,
    /// Where somebody counts its runs that went well; `None` if nobody does.
    pub ping_url: Option<String>,
    /// What its source is told from others by.
    pub source: SourceName,
}

/// A source as the settings name it: libraries that name it alike share what looks at it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceName(String);

impl std::fmt::Debug for SourceName {
    /// It may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a source")
    }
}

/// All that a service is to do.
#[derive(Clone, Debug)]
pub struct Served {
    /// The service.
    pub service: ServiceSettings,
    /// The libraries, in the order of the file; none before somebody has written one.
    pub libraries: Vec<ServedLibrary>,
}

impl Served {
    /// Checks all settings.
    pub fn resolve(all: &AllSettings) -> Result<Served, CommandError> {
        let service = ServiceSettings::resolve(&all.process())?;
        let layers = if all.has_library() { all.meant() } else { Vec::new() };
        let is_alone = layers.len() == 1;
        let library = |layers: &Layers| match ServedLibrary::resolve(layers) {
            Err(CommandError::Usage(text)) if !is_alone => {
                Err(CommandError::Usage(format!("library {}: {text}", layers.label())))
            }
            resolved => resolved,
        };
        let libraries = layers.iter().map(library).collect::<Result<_, _>>()?;
        Ok(Served { service, libraries })
    }
}

impl ServedLibrary {
    fn resolve(layers: &Layers) -> Result<ServedLibrary, CommandError> {
        let mut settings = Settings::resolve(layers)?;
        let name = layers.name.clone().unwrap_or_else(|| ONLY.to_owned());
        settings.library.name.clone_from(&name);
        let source = SourceName(layers.text("source").unwrap_or_default().to_owned());
        let (schedule, ping_url) = (schedule(layers)?, ping_url(layers)?);
        Ok(ServedLibrary { name, settings, schedule, ping_url, source })
    }

    /// Where its titles come from.
    pub fn address(&self) -> &SourceAddress {
        &self.settings.library.source
    }
}
