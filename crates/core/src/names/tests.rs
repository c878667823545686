//! Names of real panels and playlists, and what becomes of them.

mod dressed;
mod kinds;
mod tables;

use proptest::prelude::*;

use super::*;
use crate::model::media::{Details, Episode, Shown, SourceKey, Title};

fn cleaned(raw: &str, kind: Option<Kind>, habits: &CategoryHabits) -> Cleaned {
    clean(raw, &Context { kind, habits, years: &Years::plausible_in(2026), known_year: None })
}

fn title(raw: &str) -> String {
    cleaned(raw, None, &CategoryHabits::default()).title
}

#[test]
fn traps_keep_their_words() {
    for raw in [
        "U-571",
        "V2 - Escape from Hell",
        "1917",
        "24",
        "2012",
        "NCIS: Los Angeles",
        "B-Boy Blues",
        "2235 - I Am Mortal",
        "DUNE - Part Two",
        "ALIEN - Covenant",
        "X-MEN - Apocalypse",
        "SS-GB",
        "IT: Welcome to Derry",
        "CSI: Miami",
        "[REC] 2",
        "(500) Days of Summer",
        "The Last of US",
        "Love | Hate",
        "9-1-1",
        "Alien³",
        "Made in USA",
        "WALL-E",
        "Se7en",
        "M*A*S*H",
        "CAM",
        "HD",
        "Spy Kids 3-D",
        "Blade Runner 2049",
        "NO-ONE - Gets Out",
        "EN",
        "4K",
        "AKA Jessica Jones",
        "Monsters, Inc.",
        "Ocean's 8",
        "Face/Off",
        "xXx",
        "Wonder Woman 1984 - The Film",
        "R.I.P.D.",
    ] {
        let raw_or_year = title(raw);
        assert_eq!(raw_or_year, raw, "{:?}", cleaned(raw, None, &CategoryHabits::default()));
    }
}

#[test]
fn a_title_that_looks_like_a_tag_stays_beside_a_year() {
    for (raw, name, year) in [
        ("IO - 2019", "IO", 2019),
        ("ARQ - 2016", "ARQ", 2016),
        ("LBJ - 2017", "LBJ", 2017),
        ("RRR - 2022 - 4K", "RRR", 2022),
        ("EGO - (2014)", "EGO", 2014),
        ("AKA - 2023", "AKA", 2023),
        ("IT - 2017", "IT", 2017),
    ] {
        let found = cleaned(raw, None, &CategoryHabits::default());
        assert_eq!((found.title.as_str(), found.year), (name, Some(year)), "{raw}");
    }
}

#[test]
fn tags_at_the_ends() {
    for (raw, name) in [
        ("EN| Heat", "Heat"),
        ("| EN | Heat", "Heat"),
        ("[EN] Heat", "Heat"),
        ("(EN) Heat", "Heat"),
        ("EN: Heat", "Heat"),
        ("┃UK┃ Heat", "Heat"),
        ("EN │ Heat", "Heat"),
        ("FR｜Heat", "Heat"),
        ("DE ¦ Heat", "Heat"),
        ("|FR|4K| Heat", "Heat"),
        ("4K-DE - Heat", "Heat"),
        ("4K-NF-DO - Heat", "Heat"),
        ("EN-CAM - Heat", "Heat"),
        ("EN-4K- Heat", "Heat"),
        ("AR-SUBS - Heat", "Heat"),
        ("SC - Heat", "Heat"),
        ("UHD Heat", "Heat"),
        ("HEVC Heat", "Heat"),
        ("Heat (4K)", "Heat"),
        ("Heat - [4K]", "Heat"),
        ("Heat [x265]", "Heat"),
        ("Heat HEVC", "Heat"),
        ("Heat - 4K", "Heat"),
        ("Heat_eng", "Heat"),
        ("Heat-DE", "Heat"),
        ("Heat--esp", "Heat"),
        ("Heat ES", "Heat"),
        ("Heat Multi", "Heat"),
        ("Heat SUB", "Heat"),
        ("Heat (US)_msub", "Heat"),
        ("Heat (EN SPOKEN)", "Heat"),
        ("Heat (DE-)", "Heat"),
        ("Heat [Multi-Sub]", "Heat"),
        ("Heat [V2]", "Heat"),
        ("Heat {tmdb-949}", "Heat"),
        ("Heat ( مدبلج )", "Heat"),
        ("Heat [L]", "Heat"),
        ("★ Heat ★", "Heat"),
        ("IT ★ 🧟‍♀️ Heat 👨‍👩", "Heat"),
        ("Heat (1995) ES 4K", "Heat"),
        ("EN - Heat 4K (1995) HEVC", "Heat"),
    ] {
        assert_eq!(title(raw), name, "{:?}", cleaned(raw, None, &CategoryHabits::default()));
    }
}

#[test]
fn what_is_taken_off_is_kept_as_data() {
    let found = cleaned("4K-NF - Alpha Males (ES) [tmdbid-7]", None, &CategoryHabits::default());
    let expected = [
        Tag::Id("tmdb=7".to_owned()),
        Tag::Quality("4K".to_owned()),
        Tag::Platform("NF".to_owned()),
        Tag::Language("es".to_owned()),
    ];
    assert_eq!(found.tags, expected);
}

#[test]
fn a_category_teaches_its_prefix() {
    let named: Vec<String> = (0..12).map(|n| format!("XYZ - Film {n}")).collect();
    let habits = CategoryHabits::learn(named.iter().map(String::as_str));
    assert_eq!(habits.prefixes(), ["XYZ"]);
    assert_eq!(cleaned("XYZ - Heat", None, &habits).title, "Heat");
    assert_eq!(title("XYZ - Heat"), "XYZ - Heat");
    // Too few, or too seldom.
    assert_eq!(
        CategoryHabits::learn(named[..9].iter().map(String::as_str)),
        CategoryHabits::default()
    );
    let mut mixed: Vec<String> = (0..40).map(|n| format!("Film {n}")).collect();
    mixed.extend(named);
    assert_eq!(CategoryHabits::learn(mixed.iter().map(String::as_str)), CategoryHabits::default());
    // A name that comes again and again is one name.
    assert_eq!(CategoryHabits::learn(["XYZ - Film"; 20]), CategoryHabits::default());
}

#[test]
fn titles_in_capitals_teach_nothing() {
    let named: Vec<String> = (0..12).map(|n| format!("THE FILM {n}")).collect();
    assert_eq!(CategoryHabits::learn(named.iter().map(String::as_str)), CategoryHabits::default());
    let named: Vec<String> = (0..12).map(|n| format!("NCIS: City {n}")).collect();
    assert_eq!(CategoryHabits::learn(named.iter().map(String::as_str)), CategoryHabits::default());
}

#[test]
fn an_ambiguous_code_counts_where_a_category_has_it() {
    let named: Vec<String> = (0..12).map(|n| format!("IT: Film {n}")).collect();
    let habits = CategoryHabits::learn(named.iter().map(String::as_str));
    assert_eq!(cleaned("IT: Gomorra", None, &habits).title, "Gomorra");
    assert_eq!(title("IT: Gomorra"), "IT: Gomorra");
}

#[test]
fn an_episode_has_a_title_of_its_own() {
    let found = cleaned("S.W.A.T. (2017) S02E10 Title 4K HEVC", None, &CategoryHabits::default());
    assert_eq!((found.title.as_str(), found.episode_title.as_str()), ("S.W.A.T.", "Title"));
    assert_eq!((found.year, found.season, found.episodes), (Some(2017), Some(2), Some((10, 10))));
}

#[test]
fn only_a_series_counts_by_a_bare_number() {
    let series = cleaned("One Piece - 1071", Some(Kind::Series), &CategoryHabits::default());
    assert_eq!((series.title.as_str(), series.episodes), ("One Piece", Some((1071, 1071))));
    assert_eq!(title("One Piece - 1071"), "One Piece - 1071");
    assert_eq!(
        cleaned("Alarum - 2025", Some(Kind::Series), &CategoryHabits::default()).year,
        Some(2025)
    );
}

#[test]
fn titles_and_episodes_are_shown_clean_and_known_by_their_own_names() {
    let mut title = titled("EN - Dark (2017)", None);
    let names = [
        ("EN - Dark - S01E02 - Lies 4K", "Lies"),
        ("Secrets", "Secrets"),
        ("Summer of 1984", "Summer of 1984"),
        ("Recap of S01E01", "Recap of S01E01"),
        ("Dark S01E02", ""),
    ];
    for (name, _) in names {
        let (season, number, name) = (Some(1), Some(2), name.to_owned());
        title.episodes.push(Episode { season, number, name, ..Episode::default() });
    }
    cleaner(None, true).clean(&mut title);
    assert_eq!(title.details.shown(), ("Dark", Some(2017)));
    assert_eq!(title.details.name, "EN - Dark (2017)");
    for (episode, (_, shown)) in title.episodes.iter().zip(names) {
        assert_eq!(episode.shown(), shown, "{}", episode.name);
    }
}

/// Shows of one name are told apart by their countries; films have theirs beside the name.
#[test]
fn a_country_stays_behind_a_series_name() {
    for (raw, series, film, code) in [
        ("The Office (US)", "The Office (US)", "The Office", Some("US")),
        ("EN - The Office (2001) (UK) 4K", "The Office (UK)", "The Office", Some("GB")),
        ("Love Island (Australia)", "Love Island (Australia)", "Love Island", Some("AU")),
        ("House of Cards (USA) [HD]", "House of Cards (USA)", "House of Cards", Some("US")),
        ("Dark (DE)", "Dark", "Dark", None),
        ("US| Heat", "Heat", "Heat", None),
        ("The Last of US", "The Last of US", "The Last of US", None),
        ("Shameless (uk)", "Shameless (uk)", "Shameless", Some("GB")),
    ] {
        for (kind, expected) in [(Kind::Series, series), (Kind::Movie, film)] {
            let mut title = Title { kind, ..titled(raw, None) };
            let mut cleaner = cleaner(None, true);
            cleaner.clean(&mut title);
            assert_eq!(title.details.shown().0, expected, "{raw} {kind}");
            assert_eq!(
                title.details.country_behind().map(|country| country.code),
                code,
                "{raw} {kind}"
            );
            let told = cleaner.explain(&title).title;
            assert!(code.is_none_or(|_| !told.ends_with(')')), "{told}");
        }
    }
}

/// A title of this name and year, without streams and episodes.
fn titled(name: &str, year: Option<i32>) -> Title {
    let details = Details { name: name.to_owned(), year, ..Details::default() };
    let (kind, key, streams, episodes) = (Kind::Series, SourceKey(1), Vec::new(), Vec::new());
    Title { kind, key, uuid: None, details, streams, episodes }
}

fn cleaner(pattern: Option<&str>, takes_tags: bool) -> cleaner::NameCleaner {
    let pattern = pattern.map(|text| text.parse().unwrap());
    let (years, habits) = (Years::plausible_in(2026), std::collections::HashMap::new());
    cleaner::NameCleaner { pattern, takes_tags, years, habits, too_slow: 0 }
}

#[test]
fn the_users_pattern_comes_first_and_works_alone_too() {
    let mut title = titled("XX~EN - Dark", None);
    title.episodes.push(Episode { name: "XX~Lies HD".to_owned(), ..Episode::default() });
    let shown = |title: &Title| {
        let (name, _) = title.details.shown();
        (name.to_owned(), title.episodes[0].shown().to_owned())
    };
    cleaner(Some("^XX~"), true).clean(&mut title);
    assert_eq!(shown(&title), ("Dark".to_owned(), "Lies".to_owned()));
    title.details.shown = None;
    cleaner(Some("^XX~"), false).clean(&mut title);
    assert_eq!(shown(&title), ("EN - Dark".to_owned(), "Lies HD".to_owned()));
    // What the source shows stays where nobody cleans. The year in the source's name would stand there twice.
    let sources = Some(Shown { name: "XX~Dark (DE)".to_owned(), year: Some(2017), country: None });
    title.details.name = "XX~Dark (2017) (DE)".to_owned();
    for (pattern, left) in [(None, "XX~Dark (DE)"), (Some("^XX~"), "Dark (DE)")] {
        title.details.shown = sources.clone();
        cleaner(pattern, false).clean(&mut title);
        assert_eq!(title.details.shown(), (left, Some(2017)));
    }
    title.details.name = "XX~EN - Dark".to_owned();
    title.details.shown = None;
    cleaner(None, false).clean(&mut title);
    assert_eq!(shown(&title), ("XX~EN - Dark".to_owned(), "XX~Lies HD".to_owned()));
    title.details.name = "a".repeat(60);
    let mut slow = cleaner(Some(r"(a|aa)+(?!a)\1b"), false);
    slow.clean(&mut title);
    assert_eq!((slow.too_slow, shown(&title).0), (1, "a".repeat(60)));
}

#[test]
fn a_known_year_protects_a_number_in_the_title() {
    let mut title = titled("4K - Wonder Woman 1984", Some(2020));
    cleaner(None, true).clean(&mut title);
    assert_eq!(title.details.shown(), ("Wonder Woman 1984", Some(2020)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_name_has_a_title(raw in ".{0,80}", kind in 0..3) {
        let kind = [None, Some(Kind::Movie), Some(Kind::Series)][kind as usize];
        let found = cleaned(&raw, kind, &CategoryHabits::learn([raw.as_str()]));
        let has_word = raw.chars().any(char::is_alphanumeric);
        prop_assert!(!has_word || !found.title.trim().is_empty(), "{found:?}");
    }

    #[test]
    fn names_made_of_tags_have_one_too(words in prop::collection::vec(
        prop_oneof!["EN", "4K", "\\|", "-", "\\(", "\\)", "\\[4K\\]", "Heat", "2012", "S01E02", "_eng", "IT:", "★"], 1..8,
    )) {
        let raw = words.join(" ");
        let found = cleaned(&raw, None, &CategoryHabits::default());
        let has_word = raw.chars().any(char::is_alphanumeric);
        prop_assert!(!has_word || found.title.chars().any(char::is_alphanumeric), "{raw}: {found:?}");
        prop_assert!(!words.contains(&"Heat".to_owned()) || raw.starts_with("Heat") || found.title.len() <= raw.len());
    }

    #[test]
    fn what_asks_for_no_prefixes_is_read_without_them(
        lead in "(EN|XYZ|IT|4K|THE|NF|fr|\\[AB\\]|\\|DE\\||X-Y|2235|V2|DV)( - |: |\\| | |-)(4K |XYZ - |IT: )?",
        rest in "(Heat|THE Film|★ Film|12)( 2| \\(1999\\)| S01E02)?( \\(AB\\))?",
    ) {
        let named: Vec<String> = (0..12).map(|n| format!("{lead}Name {n}")).collect();
        let habits = CategoryHabits::learn(named.iter().map(String::as_str));
        let raw = format!("{lead}{rest}");
        let asks = asks_for_habits(&raw, &Years::plausible_in(2026));
        let (with, without) =
            (cleaned(&raw, None, &habits), cleaned(&raw, None, &CategoryHabits::default()));
        prop_assert!(asks || with == without, "{raw}: {with:?}, {without:?}");
    }
}

#[test]
fn habits_are_asked_for_where_they_decide() {
    let asks = |raw: &str| asks_for_habits(raw, &Years::plausible_in(2026));
    assert!(["XYZ - Heat", "IT: Gomorra", "EN - XYZ - Heat"].into_iter().all(asks));
    assert!(["Heat (XYZ)", "Heat (XYZ) (1999)"].into_iter().all(asks));
    assert!(
        !["Heat (US) [4K] (1999)", "EN - Heat", "4K| Heat", "Heat", "THE FILM", "NCIS: Hawaii"]
            .into_iter()
            .any(asks)
    );
}
