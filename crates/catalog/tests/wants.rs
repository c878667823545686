//! Small playlists after real reports: what they give is what the person there needed.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::path::{Path, PathBuf};

use vod2strm_catalog::m3u::{Location, M3uCatalog, Rules, Skipped};
use vod2strm_catalog::source::{Catalog, Scope, Selection};
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::names::years::Years;

fn list(number: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/tests/upgrade/lists");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let is_it = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(number);
    files.into_iter().find(is_it).unwrap()
}

fn read(number: &str) -> (Vec<Title>, Skipped) {
    let location = Location::File(list(number));
    let mut catalog =
        M3uCatalog::open(&location, Rules::from(Years::plausible_in(2026)), &|_, _| false).unwrap();
    let (mut keys, mut titles) = (Vec::new(), Vec::new());
    let all = Scope { movies: Selection::All, series: Selection::All };
    catalog.stamps(&all, &mut |stamp| keys.push((stamp.kind, stamp.key))).unwrap();
    for (kind, key) in keys {
        catalog.load(kind, &[key], &mut |title| titles.push(title)).unwrap();
    }
    (titles, *catalog.skipped())
}

/// A title in a line: name, year, and of a series its episodes.
fn line(title: &Title) -> String {
    let year = title.details.year.map(|year| format!(" ({year})")).unwrap_or_default();
    let numbers = title.episodes.iter().map(|episode| {
        let number = episode.number.map(|number| format!("E{number:02}")).unwrap_or_default();
        let own = if episode.name.is_empty() { "" } else { ":" };
        format!(" S{:02}{number}{own}{}", episode.season.unwrap_or(0), episode.name)
    });
    let kind = if title.kind == Kind::Movie { "movie" } else { "series" };
    format!("{kind} {}{year}{}", title.details.name, numbers.collect::<String>())
}

#[test]
fn lists_give_what_was_needed() {
    for (number, wanted) in [
        (
            "01",
            &[
                "movie Best. Christmas. Ever! (2023)",
                "movie L'ultima parola - La vera storia di Dalton Trumbo (2015)",
            ][..],
        ),
        ("02", &["movie Raging Fire (2021)", "movie Çılgın Aşık (1994)"]),
        ("03", &["series BEVERLY HILLS S10E09 S05E17"]),
        ("04", &["series EL CHAPO S01E01 S02E10"]),
        ("06", &[]),
        (
            "07",
            &[
                "series Breaking Bad S01E01:Pilot S01E02:Cat's in the Bag...",
                "series The Wire S01E03",
            ],
        ),
        ("10", &["movie Heat (1995)", "series Dark S01E01"]),
        (
            "12",
            &[
                "series Poldark - Wichry losu S02E10:Napisy PL",
                "series Bali S01E33:Spójrz na to",
                "series Tato! Tato! Tato! S01:Brokuły",
                "series 1000 miejsc w Polsce które musisz zobaczyć S01E04",
            ],
        ),
        ("15", &["movie Saint Seiya Alma Dorada"]),
        (
            "19",
            &["series Mister Rogers' Neighborhood (1968) S26E14", "movie Superman: Red Son (2020)"],
        ),
        ("20", &["movie Кали (4K HDR) (2024)", "series Тёмные ветра (2026) S01E01"]),
        ("22", &["movie Dune (2021)", "movie Heat (1995)"]),
        ("27", &["movie EL ULTIMO PARADISO (2021)"]),
        ("28", &["movie Devil s Knot (2013)", "series Sandokan S01E01"]),
    ] {
        let lines: Vec<String> = read(number).0.iter().map(line).collect();
        assert_eq!(lines, wanted, "{number}");
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let skipped = read("06").1;
    assert_eq!((skipped.without_video, skipped.without_episode), (2, 1));
    assert_eq!(read("15").1.lists, 1);
}

#[test]
fn ids_pictures_and_plots_are_found_where_players_write_them() {
    let titles = read("19").0;
    let ids: Vec<_> = titles.iter().map(|title| title.details.imdb.clone()).collect();
    assert_eq!(ids, [Some("tt0062588".into()), Some("tt10985510".into())]);
    let titles = read("20").0;
    let film = &titles[0].details;
    assert_eq!(film.poster.as_deref(), Some("http://example.com/poster.jpg"));
    assert_eq!(film.plot.as_deref(), Some("Film description text..."));
    assert_eq!(titles[1].details.poster.as_deref(), Some("http://example.com/series-poster.jpg"));
    assert_eq!(titles[1].episodes[0].plot.as_deref(), Some("Series description..."));
}

#[test]
fn the_query_tells_entries_apart() {
    let titles = read("21").0;
    let streams = titles.iter().map(|title| match title.kind {
        Kind::Movie => title.streams.len(),
        Kind::Series => title.episodes.iter().map(|episode| episode.streams.len()).sum(),
    });
    assert_eq!((titles.len(), streams.sum::<usize>()), (3, 4));
}

#[test]
fn parts_of_films_and_numbers_behind_years_are_no_years() {
    let lines = |number: &str| read(number).0.iter().map(line).collect::<Vec<_>>();
    let grant = [
        "series В поисках капитана Гранта (1986) S01E07",
        "series Капитан Немо (1975) S01E01 S01E02",
    ];
    let russian = lines("24");
    assert_eq!(russian[..2], grant);
    assert!(russian[2].starts_with("movie Звёздные Войны") && russian.len() == 3, "{russian:?}");
    let spanish = lines("25");
    let begins = [
        "series The last of us (2023) S01E01",
        "series Mashle:Magic and Muscles (2023) S01E11",
        "series VIKINGOS S05E02",
    ];
    for (line, begins) in spanish.iter().zip(begins) {
        assert!(line.starts_with(begins), "{line}");
    }
}
