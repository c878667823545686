//! What folders and files are called: a layout's templates, filled in. Every name that leaves here is
//! safe on every file system; whether two titles want the same one is decided in `claims`.

pub mod reserved;
pub mod values;
pub mod apart;
pub mod labels;

use std::borrow::Cow;
use std::fmt;

use self::reserved::{harmless, harmless_folder, harmless_in, harmless_series, harmless_stem};
use self::values::Shows;
use crate::layout::template::{NameField, Template};
use crate::layout::{Layout, TemplateKind};
use crate::model::media::{Episode, Kind, Stream, Title};
use crate::path::{BadPath, RelPath};
use crate::text::{safe_component, truncate};

/// How long names may be, in bytes.
#[derive(Clone, Copy)]
struct NameLimits {
    /// A file's or folder's name.
    name: usize,
    /// The stem of a file: room for `.strm`.
    stem: usize,
    /// A title's folder. A movie's versions are named `folder - label.strm`, and media servers group them only if
    /// the whole folder name is repeated.
    folder: usize,
    /// A folder above titles' folders, or a season's.
    group: usize,
    /// The part of an episode's file name that repeats the series.
    show: usize,
    /// The label of a version.
    label: usize,
}

impl NameLimits {
    fn of(layout: &Layout) -> NameLimits {
        let stem = layout.longest() - ".strm".len();
        // Of the 195 bytes that a stem may have on most file systems, 150.
        let folder = stem * 10 / 13;
        let (group, label) = (folder.min(100), stem - folder - " - ".len());
        let own = if layout.is_classic() { stem } else { folder };
        NameLimits { name: layout.longest(), stem, folder: own, group, show: group, label }
    }
}

/// The longest name of a stream, in bytes: numbers that tell streams apart.
const MAX_STREAM: usize = 42;

/// The folder above titles of which what they are sorted by is not known.
const UNSORTED: &str = "Unsorted";

/// The folder, below the output folder, that media servers are pointed at.
pub fn library_root(kind: Kind) -> &'static str {
    match kind {
        Kind::Movie => "Movies",
        Kind::Series => "TV",
    }
}

/// A title's folder. As a text it is its path below the output folder: `Movies/A/Alien (1979)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TitleFolder<'a> {
    /// The kind that says in which library root it is.
    pub kind: Kind,
    /// Its path below that root, as the ledger has it: `A/Alien (1979)`.
    pub name: &'a str,
}

impl<'a> TitleFolder<'a> {
    /// The folder of this name.
    pub fn new(kind: Kind, name: &'a str) -> TitleFolder<'a> {
        TitleFolder { kind, name }
    }

    /// The library root that it is in.
    pub fn root(self) -> &'static str {
        library_root(self.kind)
    }

    /// Its path below the output folder; an error for a name that no vod2strm gave.
    pub fn path(self) -> Result<RelPath, BadPath> {
        RelPath::parse(&self.to_string())
    }

    /// What is in it under this path, below the output folder; the folder itself for an empty path.
    pub fn below(self, path: &str) -> String {
        if path.is_empty() { self.to_string() } else { [self.root(), self.name, path].join("/") }
    }
}

impl fmt::Display for TitleFolder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.root(), self.name)
    }
}

/// The name that the title's folder has below its root unless another title has it.
pub fn preferred_folder(layout: &Layout, title: &Title) -> String {
    FolderNames::of(layout, title).with("")
}

/// What the names of a title's folder are made of.
struct FolderNames<'a> {
    layout: &'a Layout,
    template: &'a Template,
    shows: Shows<'a>,
    kind: Kind,
    /// The folders above it.
    groups: Vec<String>,
}

impl<'a> FolderNames<'a> {
    fn of(layout: &'a Layout, title: &'a Title) -> FolderNames<'a> {
        let template = layout.template(match title.kind {
            Kind::Movie => TemplateKind::MovieFolder,
            Kind::Series => TemplateKind::SeriesFolder,
        });
        let shows = Shows::of(layout, title);
        let above = 0..template.depth() - 1;
        let limit = NameLimits::of(layout).group;
        let group = |at| group(&template.fill(at, &|field| shows.value(field)), limit);
        let groups = above.map(group);
        let groups = groups.collect();
        FolderNames { layout, template, shows, kind: title.kind, groups }
    }

    /// The folder's path, with this behind the name.
    fn with(&self, suffix: &str) -> String {
        let name = folder_name(self.layout, self.template, &self.shows, self.kind, suffix);
        let groups = self.groups.iter().map(String::as_str);
        groups.chain([name.as_str()]).collect::<Vec<_>>().join("/")
    }
}

/// A folder above titles' folders.
fn group(name: &str, limit: usize) -> String {
    match safe_component(&harmless(name), limit) {
        name if name.is_empty() => UNSORTED.to_owned(),
        name => harmless_folder(name),
    }
}

/// A title's own folder; the title is what gets cut.
fn folder_name(
    layout: &Layout,
    template: &Template,
    shows: &Shows<'_>,
    kind: Kind,
    suffix: &str,
) -> String {
    let limit = NameLimits::of(layout).folder;
    let limit = limit - suffix.len().min(limit);
    let last = template.depth() - 1;
    let name = cut_to(limit, &[NameField::Title], shows, |shows| {
        template.fill(last, &|field| shows.value(field))
    });
    let name = fit(&name, suffix, limit + suffix.len());
    if layout.is_classic() {
        name
    } else {
        // A movie's files repeat its name.
        let name = harmless_in(kind, &name);
        harmless_stem(match kind {
            Kind::Movie => harmless_folder(name),
            Kind::Series => harmless_series(name),
        })
    }
}

/// Fills in a name and, as long as it is too long, cuts these values, one after the other.
fn cut_to(
    limit: usize,
    fields: &[NameField],
    shows: &Shows<'_>,
    fill: impl Fn(&Shows<'_>) -> String,
) -> String {
    let mut name = fill(shows);
    if name.len() <= limit {
        return name;
    }
    let mut shows = shows.clone();
    for field in fields {
        while name.len() > limit && shows.cut(*field, name.len() - limit) {
            name = fill(&shows);
        }
    }
    name
}

/// The stem of a movie's files in its folder, as `apart` names it.
pub fn movie_stem(layout: &Layout, title: &Title, folder: &str) -> String {
    let own = own_name(folder);
    let template = layout.template(TemplateKind::MovieFile);
    let mut shows = Shows::of(layout, title);
    shows.folder = own;
    let stem =
        cut_to(NameLimits::of(layout).stem * 10 / 13, &[NameField::Title], &shows, |shows| {
            template.fill(0, &|field| shows.value(field))
        });
    // The folder's own name is safe as it is.
    if stem == own { stem } else { finished(layout, &stem) }
}

/// A title's folder without those above it.
pub fn own_name(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or(folder)
}

/// The folder of a season.
pub fn season_folder(layout: &Layout, season: i32) -> String {
    let season = season.max(0);
    let slot = if season == 0 { TemplateKind::SpecialsFolder } else { TemplateKind::SeasonFolder };
    let number = season.to_string();
    let name = layout.template(slot).fill(0, &|_| Some(number.clone()));
    safe_component(&name, NameLimits::of(layout).group)
}

/// The file name of an episode's `.strm`, without the extension.
pub fn episode_stem(layout: &Layout, title: &Title, episode: &Episode) -> String {
    let template = layout.template(TemplateKind::EpisodeFile);
    let mut shows = Shows::of(layout, title);
    let limits = NameLimits::of(layout);
    shows.limit_title(limits.show);
    shows.take_episode(layout, episode);
    let stem = cut_to(limits.stem, &[NameField::Name, NameField::Title], &shows, |shows| {
        template.fill(0, &|field| shows.value(field))
    });
    finished(layout, &stem)
}

/// A stem that is safe, and no trap.
fn finished(layout: &Layout, stem: &str) -> String {
    let limits = NameLimits::of(layout);
    if layout.is_classic() {
        safe_stem(stem, limits)
    } else {
        harmless_stem(safe_component(stem, limits.stem - " ·".len()))
    }
}

/// A stem as the original has it, final dots included: they are harmless before an extension.
fn safe_stem(stem: &str, limits: NameLimits) -> String {
    let file = safe_component(&format!("{}.strm", truncate(stem, limits.stem)), limits.name);
    file.strip_suffix(".strm").unwrap_or(&file).to_owned()
}

/// `account-stream`, safe and short: tells streams apart where nothing nicer does.
pub fn stream_label(stream: &Stream) -> String {
    safe_component(&format!("{}-{}", stream.account.id, stream.stream_id), MAX_STREAM)
}

/// `name` and `tail` in at most `limit` bytes: the name is what gets cut.
fn fit(name: &str, tail: &str, limit: usize) -> String {
    let name = truncate(name, limit.saturating_sub(tail.len())).trim_end();
    safe_component(&format!("{name}{tail}"), limit)
}

/// The stem, then the same with something that tells it apart (`stem [what]`), then with a number besides: one of them is
/// free.
pub fn stem_candidates<'a>(
    layout: &Layout,
    stem: &'a str,
    what: &'a str,
) -> impl Iterator<Item = Cow<'a, str>> {
    let limit = NameLimits::of(layout).stem;
    let further = (1..).map(move |n| Cow::Owned(told_apart(stem, what, n, limit)));
    std::iter::once(Cow::Borrowed(stem)).chain(further)
}

/// The `n`th stem that has something behind it that tells it apart.
fn told_apart(stem: &str, what: &str, n: u64, limit: usize) -> String {
    let number = if n == 1 { "]".to_owned() } else { format!("] {n}") };
    joined(stem, " [", what, &number, limit)
}

fn joined(stem: &str, before: &str, what: &str, after: &str, limit: usize) -> String {
    let tail = format!("{before}{what}{after}");
    fit(stem, &tail, limit)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::apart::folder_candidates;
    use super::*;
    use crate::identity::candidates::NameCandidates;
    use crate::model::media::{Account, Details, SourceKey};

    fn title(kind: Kind, name: &str, year: Option<i32>) -> Title {
        let account = Account { id: 3, name: "Süd / EU".into(), priority: 0, login: None };
        let stream = Stream::new(Arc::new(account), "a/7".into());
        Title {
            kind,
            key: SourceKey(1),
            uuid: None,
            details: Details {
                name: name.into(),
                year,
                tmdb: Some("603".into()),
                ..Details::default()
            },
            streams: vec![stream],
            episodes: Vec::new(),
        }
    }

    fn folder(layout: Layout, kind: Kind, name: &str, year: Option<i32>) -> String {
        preferred_folder(&layout, &title(kind, name, year))
    }

    #[test]
    fn standard_folders() {
        for (name, year, expected) in [
            ("The Matrix (1999)", Some(1999), "The Matrix (1999)"),
            ("The Matrix", Some(1999), "The Matrix (1999)"),
            ("The Matrix (1999)", None, "The Matrix (1999)"),
            ("2012 (2009)", Some(2009), "2012 (2009)"),
            ("Doctor Who (2005)", Some(2023), "Doctor Who (2005) (2023)"),
            ("AC/DC: Live?", Some(1980), "AC-DC - Live (1980)"),
            ("", Some(1980), "Unknown Movie (1980)"),
            ("..", None, "Unknown Movie"),
            ("(1984)", None, "Unknown Movie (1984)"),
            ("Far Future", Some(99_999), "Far Future"),
            ("CON", None, "CON_"),
            ("CON", Some(2001), "CON (2001)"),
            ("-rf", Some(2020), "rf (2020)"),
        ] {
            assert_eq!(folder(Layout::standard(), Kind::Movie, name, year), expected, "{name:?}");
        }
    }

    /// Of the candidates one is free, however many are not.
    #[test]
    fn stems_get_what_tells_them_apart_and_then_a_number() {
        let some: Vec<_> = stem_candidates(&Layout::standard(), "Heat", "1-a").take(4).collect();
        assert_eq!(some, ["Heat", "Heat [1-a]", "Heat [1-a] 2", "Heat [1-a] 3"]);
    }

    #[test]
    fn classic_folders() {
        for (kind, name, year, expected) in [
            (Kind::Movie, "Double (2001) (2001)", Some(2001), "Double (2001) (2001)"),
            (Kind::Movie, "1917 (2019)", None, "1917"),
            (Kind::Movie, "Far Future", Some(99_999), "Far Future (99999)"),
            (Kind::Movie, "Arabic digits (٢٠٢٠)", Some(2020), "Arabic digits (2020)"),
            (Kind::Movie, "A < B > \"C\"", None, "A ( B ) 'C'"),
            (Kind::Movie, "", Some(2011), "Unknown Movie (2011)"),
            (Kind::Movie, " ", Some(2012), "(2012)"),
            (Kind::Series, "", Some(2011), "(2011)"),
            (Kind::Series, "", None, "Unknown Series"),
            (Kind::Movie, "(1984)", None, "Unknown"),
            (Kind::Series, "Doctor Who (2005)", Some(2005), "Doctor Who (2005)"),
            (Kind::Series, "Doctor Who (2005)", None, "Doctor Who (2005)"),
            (Kind::Series, "Doctor Who (2005)", Some(2023), "Doctor Who (2005) (2023)"),
        ] {
            assert_eq!(folder(Layout::classic(), kind, name, year), expected, "{name:?}");
        }
    }

    #[test]
    fn episodes_are_named_after_show_and_number() {
        let show = title(Kind::Series, "Show: One", Some(2001));
        let mut episode = Episode {
            season: Some(1),
            number: Some(2),
            name: "Pilot".into(),
            ..Episode::default()
        };
        assert_eq!(
            episode_stem(&Layout::standard(), &show, &episode),
            "Show - One (2001) - S01E02 - Pilot"
        );
        assert_eq!(episode_stem(&Layout::classic(), &show, &episode), "S01E02 - Pilot");
        for (name, expected) in [
            ("Show: One (2001) - S01E02 - Pilot", "Show - One (2001) - S01E02 - Pilot"),
            ("show s01e02", "Show - One (2001) - S01E02"),
            ("S01E023 is longer", "Show - One (2001) - S01E02 - S01·E023 is longer"),
        ] {
            episode.name = name.into();
            assert_eq!(episode_stem(&Layout::standard(), &show, &episode), expected);
        }
        episode.name = String::new();
        episode.last_number = Some(3);
        assert_eq!(
            episode_stem(&Layout::standard(), &show, &episode),
            "Show - One (2001) - S01E02-E03"
        );
        assert_eq!(episode_stem(&Layout::classic(), &show, &episode), "S01E02-E03 - Episode");
        assert_eq!(season_folder(&Layout::standard(), 0), "Season 00");
        assert_eq!(season_folder(&Layout::classic(), 0), "Season 00 (Specials)");
    }

    #[test]
    fn values_of_a_template_leave_room_for_the_title_and_what_tells_it_apart() {
        let template = "{genre} {category} {account} {title} ({year})";
        let layout = Layout::standard().with(TemplateKind::MovieFolder, template).unwrap();
        let mut film = title(Kind::Movie, &"Long ".repeat(60), Some(1999));
        film.details.genre = Some(format!("N/A | {} | Drama", "Thriller".repeat(30)));
        film.streams[0].category_name = Some("Category".repeat(30).into());
        let NameCandidates { names, .. } = folder_candidates(&layout, &film);
        for (candidate, suffix) in names.iter().zip(["(1999)", "-603]"]) {
            assert!(candidate.starts_with("ThrillerThriller"), "{candidate}");
            assert!(candidate.contains(" Long ") && candidate.ends_with(suffix), "{candidate}");
        }
        let wide = "long ".repeat(40) + "{title}";
        let layout = Layout::standard().with(TemplateKind::MovieFolder, &wide).unwrap();
        let apart = folder_candidates(&layout, &film).names;
        assert!(apart[1].ends_with(" (1999)") && apart[2].ends_with(" [tmdbid-603]"), "{apart:?}");
    }

    #[test]
    fn a_double_episode_is_a_range_by_its_numbers_too() {
        let show = title(Kind::Series, "Show", None);
        let layout =
            Layout::standard().with(TemplateKind::EpisodeFile, "{title} {season}x{episode:2}");
        let (layout, number) = (layout.unwrap(), Some(2));
        let mut episode = Episode { season: Some(1), number, ..Episode::default() };
        assert_eq!(episode_stem(&layout, &show, &episode), "Show 1x02");
        episode.last_number = Some(3);
        assert_eq!(episode_stem(&layout, &show, &episode), "Show 1x02-E03");
    }

    proptest! {
        #[test]
        fn names_keep_their_year_and_number_however_long(name in ".{0,300}", episode in ".{0,300}") {
            // Names of eCryptfs have 143 bytes.
            let layouts = Layout::all().iter().flat_map(|layout| [(layout.clone(), 195), (layout.clone().on(143), 118)]);
            for (layout, longest) in layouts {
                let layout = &layout;
                let show = title(Kind::Series, &name, Some(1999));
                let NameCandidates { mut names, base } = folder_candidates(layout, &show);
                names.push(format!("{base} (999)"));
                for candidate in names {
                    prop_assert!(candidate.len() <= longest && !candidate.is_empty());
                    prop_assert!(candidate.contains("(1999)"), "{}", candidate);
                }
                let episode = Episode { season: Some(1), number: Some(2), name: episode.clone(), ..Episode::default() };
                let stem = episode_stem(layout, &show, &episode);
                prop_assert!(stem.len() <= longest && stem.contains("S01E02"), "{}", stem);
                for stem in stem_candidates(layout, &stem, "3-a-7").take(3) {
                    prop_assert!(stem.len() <= longest, "{}", stem);
                }
            }
        }
    }

    #[test]
    fn a_titles_folder_is_in_the_root_of_its_kind() {
        let (film, show) =
            (TitleFolder::new(Kind::Movie, "A/Alien"), TitleFolder::new(Kind::Series, "Dark"));
        assert_eq!([film.to_string(), show.to_string()], ["Movies/A/Alien", "TV/Dark"]);
        assert_eq!(show.path().unwrap().as_str(), "TV/Dark");
        assert_eq!(show.below("Season 01/1.strm"), "TV/Dark/Season 01/1.strm");
        assert_eq!(show.below(""), "TV/Dark");
        for name in ["", "../Dark", "Dark/", "a\0b"] {
            assert!(TitleFolder::new(Kind::Series, name).path().is_err(), "{name:?}");
        }
    }
}
