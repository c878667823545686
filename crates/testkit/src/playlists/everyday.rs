//! A panel's list of movies and episodes in names as panels dress them. The fixtures of `app/tests/upgrade.rs` were made
//! of it: what it gives for a seed must not change.

use crate::rng::Rng;
use crate::words::{ADJECTIVES, NOUNS, PLACES};

/// Titles that look like years, marks or prefixes.
const ODD: [&str; 12] = [
    "1917",
    "2012",
    "Blade Runner 2049",
    "S.W.A.T.",
    "X-Men",
    "9-1-1",
    "24",
    "M.A.S.H",
    "It: Chapter Two",
    "Open Season 2",
    "[REC]",
    "Мумия",
];

/// A movie's name, its year, and the two put together.
type Dress = fn(&str, i32) -> String;

/// Names of groups, and how their movies are dressed.
const MOVIE_GROUPS: [(&str, Dress); 14] = [
    ("EN | MOVIES", |name, year| format!("EN - {name} ({year})")),
    ("|FR| FILMS FHD", |name, year| format!("|FR| {name} ({year}) FHD")),
    ("VOD | 2160p", |name, year| format!("4K-DE - {name} ({year})")),
    ("Filme", |name, year| format!("{name} - {year}")),
    ("Filmy", |name, year| format!("{name} ({year}) Lektor PL")),
    ("Tamil Movies", |name, year| format!("{name} ({year}) (Tamil)")),
    ("Azione", |name, year| format!("{name} ({year}) [Azione Dramma] ⭐7.3")),
    ("FR | CINEMA", |name, year| format!("FR:{name} - {year}")),
    ("DE | KINO", |name, year| format!("{name} | {year} | 6.3")),
    ("Filmler", |name, year| format!("{name} ({year}) (ATOM)")),
    ("Scene", |name, year| format!("{}.{year}.German.1080p.WEB-DL", name.replace(' ', "."))),
    ("Peliculas", |name, year| format!("{name} {year}")),
    ("VOD", |name, _| name.to_owned()),
    ("EX | MOVIES", |name, year| format!("EX - {name} ({year})")),
];

/// A series' name, its year, season and episode, and all put together.
type SeriesDress = fn(&str, i32, (usize, usize)) -> String;

/// Names of groups, and how their episodes are dressed.
const SERIES_GROUPS: [(&str, SeriesDress); 8] = [
    ("EN | SERIES", |name, _, (season, number)| format!("EN - {name} S{season:02} E{number:02}")),
    ("Serien", |name, year, (season, number)| {
        format!("|DE| {name} ({year}) S{season:02}E{number:02} - Teil {number}")
    }),
    ("Shows", |name, _, (season, number)| format!("{name} S{season:02}E{number:02}")),
    ("Series 4K", |name, _, (season, number)| format!("4K - {name} {season}x{number:02}")),
    ("Seriale", |name, year, (season, number)| {
        format!("{name} ({year}) S{season:02}E{number:02} Napisy PL")
    }),
    ("Сериалы", |name, _, (season, number)| format!("{name} {season} сезон {number} серия")),
    ("Diziler", |name, _, (season, number)| format!("{name} {season}. Sezon {number}. Bölüm")),
    ("Anime", |name, _, (season, number)| format!("{name} Staffel {season} Folge {number}")),
];

/// A playlist of so many entries, about half of them episodes.
pub fn everyday(seed: u64, entries: usize) -> String {
    let (mut rng, mut list, mut id) = (Rng(seed), "#EXTM3U\n".to_owned(), 0);
    while id < entries {
        if rng.percent(90) {
            id += 1;
            movie(&mut rng, &mut list, id);
        } else {
            let episodes = (4 + rng.below(10)).min(entries - id);
            series(&mut rng, &mut list, id, episodes);
            id += episodes;
        }
    }
    list
}

fn title(rng: &mut Rng) -> String {
    match rng.below(12) {
        0 => rng.pick(&ODD).to_owned(),
        1 | 2 => format!("{} of {}", rng.pick(NOUNS), rng.pick(PLACES)),
        3 => format!("The {}'s {}", rng.pick(NOUNS), rng.pick(NOUNS)),
        _ => format!("{} {}", rng.pick(ADJECTIVES), rng.pick(NOUNS)),
    }
}

fn movie(rng: &mut Rng, list: &mut String, id: usize) {
    let (name, year) = (title(rng), 1950 + rng.below(75) as i32);
    let (group, dress) = MOVIE_GROUPS[rng.below(MOVIE_GROUPS.len())];
    entry(list, group, &dress(&name, year), &format!("movie/joe/secret/{id}.mkv"));
}

fn series(rng: &mut Rng, list: &mut String, after: usize, episodes: usize) {
    let (name, year) = (title(rng), 1990 + rng.below(35) as i32);
    let (group, dress) = SERIES_GROUPS[rng.below(SERIES_GROUPS.len())];
    for at in 0..episodes {
        let id = after + at + 1;
        let name = dress(&name, year, (at / 6 + 1, at % 6 + 1));
        entry(list, group, &name, &format!("series/joe/secret/{id}.mkv"));
    }
}

fn entry(list: &mut String, group: &str, name: &str, path: &str) {
    list.push_str(&format!(
        "#EXTINF:-1 tvg-id=\"\" tvg-name=\"{name}\" group-title=\"{group}\",{name}\n\
         http://panel.example:8080/{path}\n"
    ));
}
