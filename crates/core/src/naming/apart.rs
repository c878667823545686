//! What tells titles apart that want one folder, and series that want one title in their NFOs: the year, the country, an
//! id, or else a number that stays.

use super::values::Shows;
use super::{FolderNames, stream_label};
use crate::identity::candidates::NameCandidates;
use crate::layout::Layout;
use crate::layout::template::{NameField, Template};
use crate::model::media::{Kind, Title};
use crate::model::values::one_line;

/// The widest number for which a name has room; a wider one makes a name longer.
const WIDEST: &str = " (999)";

/// Names for a title's folder. Those behind the preferred one tell it apart from titles that share that, as far as it is
/// known and not in the name anyway: by the year, the country, the id.
pub fn folder_candidates(layout: &Layout, title: &Title) -> NameCandidates {
    let folder = FolderNames::of(layout, title);
    let mut names = vec![folder.with("")];
    let labels = labels(layout, title, &folder.shows, Some(folder.template));
    names.extend(labels.map(|label| folder.with(&format!(" {label}"))));
    let base = folder.with(WIDEST);
    let base = base.strip_suffix(WIDEST).unwrap_or(&names[0]).to_owned();
    NameCandidates { names, base }
}

/// The titles that a series' NFO may give. Those behind its own tell it apart from series of the same title, which
/// servers would join: Kodi where their premieres are equal, too, Jellyfin 12 by the title alone.
pub fn nfo_title_candidates(layout: &Layout, series: &Title) -> NameCandidates {
    let base = one_line(series.details.shown().0).into_owned();
    let labels = labels(layout, series, &Shows::of(layout, series), None);
    let labelled = labels.map(|label| format!("{base} {label}"));
    NameCandidates { names: std::iter::once(base.clone()).chain(labelled).collect(), base }
}

/// What is known of a title that a name by this template does not say anyway.
fn labels(
    layout: &Layout,
    title: &Title,
    shows: &Shows<'_>,
    template: Option<&Template>,
) -> impl Iterator<Item = String> + use<> {
    let is_named = |field| template.is_some_and(|template| template.names(field));
    let own = |field| if is_named(field) { None } else { shows.value(field) };
    let year = own(NameField::Year).map(|year| format!("({year})"));
    let country = match title.kind {
        Kind::Movie => title.details.country_behind(),
        // It is in the name.
        Kind::Series => None,
    };
    let country = country.map(|country| format!("({})", country.written));
    let id = layout.apart.iter().map(|id| id.fill(0, &own)).find(|id| !id.is_empty());
    year.into_iter().chain(country).chain(id)
}

/// Names by which former versions told titles' folders apart: by quality and language, and by the best stream's id.
pub fn former_folders(layout: &Layout, title: &Title) -> Vec<String> {
    let names = FolderNames::of(layout, title);
    let Some(stream) = title.best_stream() else { return Vec::new() };
    let traits = stream.traits.label();
    let labels = [(!traits.is_empty()).then_some(traits), Some(stream_label(stream))];
    labels.into_iter().flatten().map(|label| names.with(&format!(" [{label}]"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::TemplateKind;
    use crate::model::country::Country;
    use crate::model::media::{Details, Shown, SourceKey};

    fn title(kind: Kind, name: &str, tmdb: Option<&str>, imdb: Option<&str>) -> Title {
        let details = Details {
            name: name.to_owned(),
            year: Some(2019),
            tmdb: tmdb.map(|id| id.to_owned().into()),
            imdb: imdb.map(|id| id.to_owned().into()),
            ..Details::default()
        };
        let (streams, episodes) = (Vec::new(), Vec::new());
        Title { kind, key: SourceKey(1), uuid: None, details, streams, episodes }
    }

    /// A title as it is once its name is cleaned: with a country behind it.
    fn of_country(kind: Kind, name: &str, tmdb: Option<&str>) -> Title {
        let mut title = title(kind, name, tmdb, None);
        let country = Country::read("US").map(Box::new);
        title.details.shown = Some(Shown { name: name.to_owned(), year: None, country });
        title
    }

    fn names(layout: &str, title: &Title) -> Vec<String> {
        folder_candidates(&Layout::named(layout).unwrap(), title).names
    }

    #[test]
    fn year_country_and_id_tell_titles_apart_in_this_order() {
        let film = of_country(Kind::Movie, "Cats", Some("603"));
        // The layout `classic` has the source's names.
        let uncleaned = title(Kind::Movie, "Cats", Some("603"), None);
        let show = of_country(Kind::Series, "The Office (US)", Some("603"));
        let [name, named] = ["Cats (2019)", "The Office (US) (2019)"];
        for (layout, id, is_in_name) in [
            ("standard", "[tmdbid-603]", false),
            ("jellyfin", "[tmdbid-603]", true),
            ("emby", "[tmdbid=603]", true),
            ("plex", "{tmdb-603}", true),
            ("kodi", "[tmdbid-603]", false),
            ("channels", "[tmdbid-603]", false),
            ("classic", "[tmdbid-603]", false),
        ] {
            let with_id = format!("{name} {id}");
            let (film, expected) = match (layout, is_in_name) {
                ("classic", _) => (&uncleaned, vec![name.to_owned(), with_id]),
                (_, false) => (&film, vec![name.to_owned(), format!("{name} (US)"), with_id]),
                (_, true) => (&film, vec![with_id.clone(), format!("{with_id} (US)")]),
            };
            assert_eq!(names(layout, film), expected, "{layout}");
            let with_id = format!("{named} {id}");
            let expected = if is_in_name { vec![with_id] } else { vec![named.to_owned(), with_id] };
            assert_eq!(names(layout, &show), expected, "{layout}: a country is in a series' name");
        }
        let bare = Layout::standard().with(TemplateKind::MovieFolder, "{title}").unwrap();
        let bare = folder_candidates(&bare, &film);
        assert_eq!(bare.names, ["Cats", "Cats (2019)", "Cats (US)", "Cats [tmdbid-603]"]);
        assert_eq!((bare.preferred(), bare.base.as_str()), ("Cats", "Cats"));
    }

    #[test]
    fn an_imdb_id_stands_for_a_tmdb_id_and_nothing_for_none() {
        let imdb = |tmdb| title(Kind::Movie, "Cats", tmdb, Some("tt0113277"));
        for (layout, id) in [
            ("standard", "[imdbid-tt0113277]"),
            ("jellyfin", "[imdbid-tt0113277]"),
            ("emby", "[imdbid=tt0113277]"),
            ("plex", "{imdb-tt0113277}"),
        ] {
            assert_eq!(
                names(layout, &imdb(None)),
                ["Cats (2019)".to_owned(), format!("Cats (2019) {id}")]
            );
        }
        assert_eq!(names("standard", &imdb(Some("603")))[1], "Cats (2019) [tmdbid-603]");
        assert_eq!(names("standard", &title(Kind::Movie, "Cats", None, None)), ["Cats (2019)"]);
    }

    /// However long the name is: it gets shorter, and keeps its year.
    #[test]
    fn there_is_room_for_a_number() {
        for layout in Layout::all() {
            for letter in ["a", "é", "語"] {
                let film = title(Kind::Movie, &letter.repeat(300), None, None);
                let NameCandidates { names, base } = folder_candidates(layout, &film);
                let longest = layout.longest() - ".strm".len();
                assert!(base.ends_with(" (2019)") && base.len() + " (999)".len() <= longest);
                assert!(names[0].len() <= longest && base.len() <= names[0].len(), "{names:?}");
            }
        }
    }
}
