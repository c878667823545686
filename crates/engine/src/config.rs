//! A library's settings, as a run needs them.

use vod2strm_catalog::episodes::Asker;
use vod2strm_core::layout::TemplateKind;
use vod2strm_core::pace::requests::Limits;
use vod2strm_core::policy::{Policy, VersionRules, Versions};
use vod2strm_core::text::secrets::Redactor;
use vod2strm_disk::library::probe::longest_name;

pub use vod2strm_disk::apply::workers::Concurrency;
pub use vod2strm_disk::fs::modes::Modes;
pub use vod2strm_disk::fs::roots::Roots;
pub use vod2strm_disk::library::Place;
pub use vod2strm_disk::library::needed::Needed;

use crate::source::{CatalogError, Credentials, Scope, SourceAddress, SourceLimits};

/// All settings of one library.
#[derive(Clone, Debug)]
pub struct LibraryConfig {
    /// What listeners call the library: its section of the settings file, or its output folder.
    pub name: String,
    /// The source for people, reports and the ledger: without a secret.
    pub label: String,
    /// The source.
    pub source: SourceAddress,
    /// Output and state.
    pub place: Place,
    /// What shapes the library.
    pub policy: Policy,
    /// Whether the base URL is only the default.
    pub is_base_url_default: bool,
    /// Who says which streams have a file.
    pub versions: VersionOrigin,
    /// The titles that the library is about.
    pub scope: Scope,
    /// How many titles are written at a time.
    pub concurrency: Concurrency,
    /// Whether what is no longer wanted goes.
    pub cleanup: Cleanup,
    /// Complete runs that something has to be missing for, besides the first.
    pub grace: u32,
    /// The mode of new files, if it was chosen.
    pub file_mode: Option<u32>,
    /// The mode of new folders, if it was chosen.
    pub dir_mode: Option<u32>,
    /// How episodes are asked for that the source does not have; `None` when they are not.
    pub fetch: Option<FetchConfig>,
    /// The service's API, where the settings have a key for it.
    pub api: Option<FetchConfig>,
}

impl LibraryConfig {
    /// The same library, whose names heed what its file system takes.
    pub fn fitted(mut self) -> LibraryConfig {
        if let Some(bytes) = longest_name(&self.place) {
            self.policy.layout = self.policy.layout.on(bytes);
        }
        self
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
        if !policy.direct_urls {
            let text = self.source.proxy_advice(&policy.base_url, self.is_base_url_default);
            advice.extend(text.map(|text| ("base_url", text)));
        }
        advice.extend(policy.layout.note.map(|note| ("layout", note.to_owned())));
        if policy.layout.template(TemplateKind::SeriesFolder).depth() > 1 {
            let text = "Jellyfin and Emby take every folder right below a library for a series: point \
                        them at the folders in TV, not at TV";
            advice.push(("series_folder", text.to_owned()));
        }
        let file = policy.layout.template(TemplateKind::MovieFile).as_str();
        if policy.versions.movies != Versions::Best && !file.starts_with("{folder}") {
            let text =
                "media servers group a movie's versions only if its files begin with {folder}";
            advice.push(("movie_file", text.to_owned()));
        }
        if self.versions == VersionOrigin::Kept(true) {
            let (kept, usual) = (policy.versions.movies, VersionRules::usual(&policy.layout));
            let text = format!(
                "this library keeps its versions as they are ({}); a new one has {} for movies and {} for series",
                kept.as_str(),
                usual.movies.as_str(),
                usual.series.as_str()
            );
            advice.push(("versions", text));
        }
        advice
    }
}

/// Who says which streams of a title have a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionOrigin {
    /// The user.
    Chosen,
    /// Nobody: it is as in every new library.
    Usual,
    /// The library: it was made before the user could say, and keeps what it has. The flag says that this has just been
    /// found out.
    Kept(bool),
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

/// How a source is asked for episodes that it does not have yet: whom, and how fast.
#[derive(Clone, Debug)]
pub struct FetchConfig {
    /// Where the service is that fetches them.
    pub api_url: String,
    /// Who asks.
    pub credentials: Credentials,
    /// What each account may be asked at most.
    pub limits: Limits,
    /// How long an answer may take, and how large it may be.
    pub bounds: SourceLimits,
    /// Seconds after which a series is asked for again, whatever its provider says.
    pub max_age: i64,
}

impl FetchConfig {
    /// Who is asked; nothing is asked yet.
    pub fn asker(&self, redactor: &Redactor) -> Result<Box<dyn Asker>, CatalogError> {
        vod2strm_catalog::asker(&self.api_url, self.credentials.clone(), self.bounds, redactor)
    }
}
