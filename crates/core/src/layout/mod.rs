//! Layouts: what folders and files are called, as tables of templates and rules. A server's layout is a
//! row here and no code of its own; users change single templates of it.
//!
//! Sources: `docs/layouts.md` names each server's rules.

pub mod template;

use std::sync::LazyLock;

use self::template::{NameField, Template, TemplateError};
use crate::text::MAX_COMPONENT;

/// A layout's way of writing NFO files and texts in names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// What today's media servers document and read.
    Standard,
    /// The bytes of vod2strm 0.0.13, which was a plugin.
    Classic,
}

/// A template of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateKind {
    /// A movie's folder, below the folder of all movies.
    MovieFolder,
    /// A movie's files, without extension and version.
    MovieFile,
    /// A series' folder.
    SeriesFolder,
    /// A season's folder in it.
    SeasonFolder,
    /// The folder of season 0.
    SpecialsFolder,
    /// An episode's files, without extension and version.
    EpisodeFile,
}

/// What a whole title is named by.
const TITLE: [NameField; 10] = [
    NameField::Title,
    NameField::Year,
    NameField::Tmdb,
    NameField::Imdb,
    NameField::Tvdb,
    NameField::Genre,
    NameField::Category,
    NameField::Account,
    NameField::Language,
    NameField::Quality,
];
const MOVIE_FILE: [NameField; 7] = [
    NameField::Folder,
    NameField::Title,
    NameField::Year,
    NameField::Tmdb,
    NameField::Imdb,
    NameField::Language,
    NameField::Quality,
];
const EPISODE_FILE: [NameField; 9] = [
    NameField::Title,
    NameField::Year,
    NameField::Tmdb,
    NameField::Tvdb,
    NameField::Season,
    NameField::Episode,
    NameField::Mark,
    NameField::Name,
    NameField::Aired,
];

impl TemplateKind {
    /// All of them.
    pub const ALL: [TemplateKind; 6] = [
        TemplateKind::MovieFolder,
        TemplateKind::MovieFile,
        TemplateKind::SeriesFolder,
        TemplateKind::SeasonFolder,
        TemplateKind::SpecialsFolder,
        TemplateKind::EpisodeFile,
    ];

    /// The name that settings use.
    pub fn key(self) -> &'static str {
        match self {
            TemplateKind::MovieFolder => "movie_folder",
            TemplateKind::MovieFile => "movie_file",
            TemplateKind::SeriesFolder => "series_folder",
            TemplateKind::SeasonFolder => "season_folder",
            TemplateKind::SpecialsFolder => "specials_folder",
            TemplateKind::EpisodeFile => "episode_file",
        }
    }

    /// The values that may stand in it.
    fn fields(self) -> &'static [NameField] {
        match self {
            TemplateKind::MovieFolder | TemplateKind::SeriesFolder => &TITLE,
            TemplateKind::MovieFile => &MOVIE_FILE,
            TemplateKind::SeasonFolder | TemplateKind::SpecialsFolder => &[NameField::Season],
            TemplateKind::EpisodeFile => &EPISODE_FILE,
        }
    }

    /// What a template for this kind lacks, if names made with it could not be told apart.
    fn lacks(self, template: &Template) -> Option<&'static str> {
        let has = |field| template.always_names(field);
        let is_single = template.depth() == 1;
        match self {
            TemplateKind::MovieFolder | TemplateKind::SeriesFolder => (!has(NameField::Title))
                .then_some(
                    "the folder's own name lacks {title}, where nothing else can take it away",
                ),
            TemplateKind::MovieFile
            | TemplateKind::EpisodeFile
            | TemplateKind::SpecialsFolder
            | TemplateKind::SeasonFolder
                if !is_single =>
            {
                Some("a / parts folders, and this is one name")
            }
            TemplateKind::MovieFile => (!has(NameField::Folder) && !has(NameField::Title))
                .then_some("it lacks {folder}, or {title}, where nothing else can take it away"),
            TemplateKind::EpisodeFile => {
                let has_number =
                    has(NameField::Mark) || has(NameField::Season) && has(NameField::Episode);
                (!has_number).then_some(
                    "it lacks {mark}, by which servers know episodes, where nothing else can take it \
                     away",
                )
            }
            TemplateKind::SeasonFolder => (!has(NameField::Season)).then_some("it lacks {season}"),
            TemplateKind::SpecialsFolder => None,
        }
    }
}

/// A layout: its templates and rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    name: &'static str,
    /// How NFO files and texts are written.
    pub dialect: Dialect,
    /// What the user should know of this layout.
    pub note: Option<&'static str>,
    /// Whether a `.strm` has the lines that a playlist's entry has for Kodi (`#KODIPROP`).
    pub keeps_properties: bool,
    /// Whether NFOs call an episode without a name by its number: `Episode 3`. Kodi shows no title otherwise, and Jellyfin
    /// that of the series.
    pub names_by_number: bool,
    /// What is put behind a folder's name when two titles want the same one: the TMDB id, or else the IMDb id.
    pub apart: [Template; 2],
    templates: [Template; TemplateKind::ALL.len()],
    /// The longest name that it gives a file or folder, in bytes. It is no rule of names: names that were given
    /// stay.
    longest: usize,
}

/// What the longest names leave to companions of the user's and to temporary names of network file systems, in
/// bytes.
const SPARE: usize = 20;

/// Names are never cut to less than this, in bytes: they could not be told apart.
const SHORTEST_LIMIT: usize = 60;

/// A row of the table of layouts.
struct LayoutRow {
    name: &'static str,
    dialect: Dialect,
    note: Option<&'static str>,
    keeps_properties: bool,
    names_by_number: bool,
    movie: &'static str,
    series: &'static str,
    specials: &'static str,
    episode: &'static str,
    apart: [&'static str; 2],
}

const STANDARD: LayoutRow = LayoutRow {
    name: "standard",
    dialect: Dialect::Standard,
    note: None,
    keeps_properties: false,
    names_by_number: false,
    movie: "{title} ({year})",
    series: "{title} ({year})",
    specials: "Season 00",
    episode: "{title} ({year}) - {mark}< - {name}>",
    apart: ["[tmdbid-{tmdb}]", "[imdbid-{imdb}]"],
};

/// All layouts, the default first.
const ROWS: [LayoutRow; 7] = [
    LayoutRow { names_by_number: true, ..STANDARD },
    LayoutRow {
        name: "classic",
        dialect: Dialect::Classic,
        specials: "Season 00 (Specials)",
        episode: "{mark} - {name}",
        ..STANDARD
    },
    // Jellyfin up to 10.11 knows ids in this one form.
    LayoutRow {
        name: "jellyfin",
        movie: "{title} ({year}) [tmdbid-{tmdb}]",
        series: "{title} ({year}) [tmdbid-{tmdb}]",
        ..STANDARD
    },
    LayoutRow {
        name: "emby",
        movie: "{title} ({year}) [tmdbid={tmdb}]",
        series: "{title} ({year}) [tmdbid={tmdb}]",
        apart: ["[tmdbid={tmdb}]", "[imdbid={imdb}]"],
        ..STANDARD
    },
    // Kodi does not read ids in names: they would stand in what it searches for.
    LayoutRow { name: "kodi", keeps_properties: true, names_by_number: true, ..STANDARD },
    LayoutRow {
        name: "plex",
        note: Some(
            "Plex lists .strm files and does not play them: this layout is for its names and \
             metadata alone",
        ),
        movie: "{title} ({year}) {{tmdb-{tmdb}}}",
        series: "{title} ({year}) {{tmdb-{tmdb}}}",
        apart: ["{{tmdb-{tmdb}}}", "{{imdb-{imdb}}}"],
        ..STANDARD
    },
    LayoutRow {
        name: "channels",
        note: Some(
            "ChannelsDVR hands URLs to its players: --base-url must be an address that they reach",
        ),
        ..STANDARD
    },
];

#[expect(clippy::expect_used, reason = "constants, and tested")]
static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| {
    let layouts = ROWS.iter().map(Layout::of);
    layouts.collect::<Result<_, _>>().expect("the templates of the table are sound")
});

impl Layout {
    /// All layouts, the default first.
    pub fn all() -> &'static [Layout] {
        &LAYOUTS
    }

    /// The layout of this name.
    pub fn named(name: &str) -> Option<Layout> {
        Layout::all().iter().find(|layout| layout.name == name).cloned()
    }

    /// The default.
    pub fn standard() -> Layout {
        Layout::all()[0].clone()
    }

    /// The plugin's.
    pub fn classic() -> Layout {
        Layout::all()[1].clone()
    }

    /// The name that settings use.
    pub fn as_str(&self) -> &'static str {
        self.name
    }

    /// Whether it is the plugin's dialect.
    pub fn is_classic(&self) -> bool {
        self.dialect == Dialect::Classic
    }

    /// The layout with NFO files in another dialect.
    #[must_use]
    pub fn in_dialect(self, dialect: Dialect) -> Layout {
        Layout { dialect, ..self }
    }

    /// A template.
    pub fn template(&self, kind: TemplateKind) -> &Template {
        &self.templates[kind as usize]
    }

    /// The layout with another template of a kind.
    ///
    /// # Errors
    /// One that cannot be understood, or with which names could not be told apart.
    pub fn with(mut self, kind: TemplateKind, text: &str) -> Result<Layout, TemplateError> {
        self.templates[kind as usize] = template_of(kind, text)?;
        Ok(self)
    }

    /// The layout on a file system on which a name may have so many bytes.
    #[must_use]
    pub fn on(self, bytes: u64) -> Layout {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).saturating_sub(SPARE);
        Layout { longest: MAX_COMPONENT.min(bytes).max(SHORTEST_LIMIT), ..self }
    }

    /// The longest name that it gives a file or folder, in bytes.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Everything that makes titles move when it changes: the dialect, and the templates' texts. What tells titles apart
    /// moves nothing; the TMDB id is here since it always was.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        let dialect = if self.is_classic() { "classic" } else { "standard" };
        let templates = self.templates.iter().map(Template::as_str);
        [dialect, self.apart[0].as_str()].into_iter().chain(templates)
    }

    fn of(row: &LayoutRow) -> Result<Layout, TemplateError> {
        let texts =
            [row.movie, "{folder}", row.series, "Season {season:2}", row.specials, row.episode];
        let [a, b, c, d, e, f] =
            TemplateKind::ALL.map(|kind| template_of(kind, texts[kind as usize]));
        let [tmdb, imdb] = row.apart.map(|id| Template::parse(id, &TITLE));
        Ok(Layout {
            name: row.name,
            dialect: row.dialect,
            note: row.note,
            keeps_properties: row.keeps_properties,
            names_by_number: row.names_by_number,
            apart: [tmdb?, imdb?],
            templates: [a?, b?, c?, d?, e?, f?],
            longest: MAX_COMPONENT,
        })
    }
}

fn template_of(kind: TemplateKind, text: &str) -> Result<Template, TemplateError> {
    let template = Template::parse(text, kind.fields())?;
    match kind.lacks(&template) {
        None => Ok(template),
        Some(problem) => Err(TemplateError(problem.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        let names: Vec<&str> = Layout::all().iter().map(Layout::as_str).collect();
        assert_eq!(names, ["standard", "classic", "jellyfin", "emby", "kodi", "plex", "channels"]);
        assert_eq!(Layout::standard().as_str(), "standard");
        assert!(Layout::classic().is_classic());
    }

    #[test]
    fn templates_that_cannot_tell_titles_apart_are_refused() {
        for (kind, text, problem) in [
            (TemplateKind::MovieFolder, "{year}", "lacks {title}"),
            (TemplateKind::MovieFolder, "{title}/{year}", "lacks {title}"),
            (TemplateKind::MovieFile, "movie", "lacks {folder}"),
            (TemplateKind::MovieFile, "a/{folder}", "one name"),
            (TemplateKind::EpisodeFile, "{title} - {name}", "lacks {mark}"),
            (TemplateKind::EpisodeFile, "{title} {episode}", "lacks {mark}"),
            (TemplateKind::SeasonFolder, "Season", "lacks {season}"),
            (TemplateKind::MovieFolder, "<{title} ({year})>", "lacks {title}, where nothing else"),
            (
                TemplateKind::MovieFile,
                "<{folder} [{quality}]>",
                "lacks {folder}, or {title}, where",
            ),
            (TemplateKind::EpisodeFile, "<{mark} - {name}>", "lacks {mark}"),
            (TemplateKind::EpisodeFile, "{title} - {aired}", "lacks {mark}"),
            (TemplateKind::SeasonFolder, "{title}", "one of {season}"),
        ] {
            let error = Layout::standard().with(kind, text).unwrap_err();
            assert!(error.0.contains(problem), "{text}: {error}");
        }
        let changed =
            Layout::standard().with(TemplateKind::EpisodeFile, "{season}x{episode:2}").unwrap();
        assert_ne!(changed, Layout::standard());
        // In brackets of its own it is always there.
        assert!(Layout::standard().with(TemplateKind::MovieFolder, "[{title}] ({year})").is_ok());
    }
}
