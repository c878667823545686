//! Names with an episode mark, and names without one.

use proptest::prelude::*;

use super::*;

/// Text before the mark, season, number, last number, strength.
type Expected<'a> = (&'a str, Option<i32>, Option<i32>, Option<i32>, MarkStrength);

#[test]
fn marks_in_names() {
    use MarkStrength::{Fair, Strong, Weak};
    let strong = |before, season, number| (before, Some(season), Some(number), None, Strong);
    let range =
        |before, season, number, last| (before, Some(season), Some(number), Some(last), Strong);
    let cases: [(&str, Expected<'_>); 67] = [
        ("Mad Men S01E01", strong("Mad Men ", 1, 1)),
        ("Mad Men s1.e2 x", strong("Mad Men ", 1, 2)),
        ("مسلسل الهيبة S03 E05", strong("مسلسل الهيبة ", 3, 5)),
        ("X S01 - Ep. 02", strong("X ", 1, 2)),
        ("X S2024E123", strong("X ", 2024, 123)),
        ("X S00E03", strong("X ", 0, 3)),
        ("S.W.A.T. (2017) S02E10 Title 4K HEVC", strong("S.W.A.T. (2017) ", 2, 10)),
        ("9-1-1 S01E01", strong("9-1-1 ", 1, 1)),
        ("24 S01E01", strong("24 ", 1, 1)),
        ("X [S01E02]", strong("X [", 1, 2)),
        ("X S01E02-1080p", strong("X ", 1, 2)),
        ("X S01E02 - 24 Hours", strong("X ", 1, 2)),
        ("X S01E02.1080p", strong("X ", 1, 2)),
        ("The Simpsons S05E01-E02", range("The Simpsons ", 5, 1, 2)),
        ("X S05E01E02", range("X ", 5, 1, 2)),
        ("X S05E01-02", range("X ", 5, 1, 2)),
        ("X S05E01+02", range("X ", 5, 1, 2)),
        ("X S05E01 - E03", range("X ", 5, 1, 3)),
        ("X S05E01E02E03", range("X ", 5, 1, 3)),
        ("X S01E12.5", strong("X ", 0, 1125)),
        ("The Office 1x02", strong("The Office ", 1, 2)),
        ("X 1x01-02", range("X ", 1, 1, 2)),
        ("X 1x01-1x02", range("X ", 1, 1, 2)),
        ("Friends Season 1 Episode 2", strong("Friends ", 1, 2)),
        ("Friends 2 Season 1 Episode 3", strong("Friends 2 ", 1, 3)),
        ("X - Season 1, Episode 02", strong("X - ", 1, 2)),
        ("X Staffel 2 Folge 3", strong("X ", 2, 3)),
        ("X Saison 1 Épisode 4", strong("X ", 1, 4)),
        ("X Saison 1 E\u{301}pisode 4", strong("X ", 1, 4)),
        ("X Temporada 2 Capítulo 5", strong("X ", 2, 5)),
        ("X Stagione 1 Episodio 6", strong("X ", 1, 6)),
        ("X 2. Sezon 5. Bölüm", strong("X ", 2, 5)),
        ("X 2 SEZON 5 BÖLÜM", strong("X ", 2, 5)),
        ("X 1 сезон 3 серия", strong("X ", 1, 3)),
        ("X Сезон 1 Серия 3", strong("X ", 1, 3)),
        ("X الموسم 1 الحلقة ٢", strong("X ", 1, 2)),
        ("X Episode 3 Season 2", strong("X ", 2, 3)),
        ("X T01 E05", strong("X ", 1, 5)),
        ("X T1:Ep5", strong("X ", 1, 5)),
        ("Tatort Folge 1234", ("Tatort ", None, Some(1234), None, Fair)),
        ("X Cap. 305", ("X ", None, Some(305), None, Fair)),
        ("X E1071", ("X ", None, Some(1071), None, Fair)),
        ("X #12", ("X ", None, Some(12), None, Weak)),
        ("X SP02", ("X ", Some(0), Some(2), None, Weak)),
        ("X Christmas Special", ("X Christmas ", Some(0), None, None, Weak)),
        ("X 02X5", strong("X ", 2, 5)),
        ("X 1S 181B", strong("X ", 1, 181)),
        ("X (Phần 2) - Tập Tập 09", strong("X (", 2, 9)),
        ("X 7-серия (1986)", ("X ", None, Some(7), None, Fair)),
        ("X - Vietsub #1 [15]", ("X", None, Some(15), None, Fair)),
        ("X - #Hà Nội (Vietsub) [Tập 130]", ("X", None, Some(130), None, Fair)),
        ("X - 1.S Dublaj - Bölüm 7", strong("X - ", 1, 7)),
        ("X Saison 3/8", strong("X ", 3, 8)),
        ("X 1с-5с", strong("X ", 1, 5)),
        ("X S2 - 13 [720p]", ("X ", Some(2), Some(13), None, Fair)),
        ("X Eps 5", ("X ", None, Some(5), None, Fair)),
        ("X - Bölüm 4", ("X - ", None, Some(4), None, Fair)),
        ("X: Bölüm 4", ("X: ", None, Some(4), None, Weak)),
        ("X: Bölüm 12", ("X: ", None, Some(12), None, Fair)),
        ("X - Bölüm 4 (2020)", ("X - ", None, Some(4), None, Weak)),
        ("X: Tập 4", ("X: ", None, Some(4), None, Fair)),
        ("X: Episode 05", ("X: ", None, Some(5), None, Fair)),
        ("X: Episode 9 of 12", ("X: ", None, Some(9), None, Fair)),
        ("X (2019): Episode 5", ("X (2019): ", None, Some(5), None, Fair)),
        ("X Season 1: Episode 5", strong("X ", 1, 5)),
        ("X (2023) 12 720p", ("X (2023)", None, Some(12), None, Fair)),
        ("One Piece - 1071v2 x", ("One Piece", None, Some(1071), None, Weak)),
    ];
    for (name, (before, season, number, last, strength)) in cases {
        let mark = find(name, MarkStrength::Weak).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(&name[..mark.start], before, "{name}");
        let found = (mark.season, mark.number, mark.last, mark.strength);
        assert_eq!(found, (season, number, last, strength), "{name}");
    }
}

#[test]
fn dates() {
    for (name, season, number, aired) in [
        ("The Daily Show 2024.03.12", 2024, 312, "2024-03-12"),
        ("X 2024-3-2 Guest", 2024, 302, "2024-03-02"),
        ("X 12.03.2024", 2024, 312, "2024-03-12"),
        ("X 2020 03 11 Guest", 2020, 311, "2020-03-11"),
    ] {
        let mark = find(name, MarkStrength::Fair).unwrap();
        assert_eq!((mark.season, mark.number), (Some(season), Some(number)));
        assert_eq!(mark.aired, Day::parse(aired));
    }
    assert_eq!(whole_date("2024-03-12"), Day::new(2024, 3, 12));
    assert_eq!(whole_date("2024-03-12 x"), None);
}

#[test]
fn names_without_a_mark() {
    for name in [
        "1920x1080",
        "Film 16x9",
        "Film x264",
        "H.265 DDP5.1",
        "24/7",
        "9-1-1",
        "2012",
        "U-571",
        "Se7en",
        "T2E",
        "Film 2024.13.12",
        "Film 2024.03.45",
        "Film 2023.02.29",
        "Blade Runner 2049 (2017)",
        "Vitamin E 12",
        "WALL-E 2",
        "The Boys s05",
        "Ocean's 11x1",
        "Apollo 13",
        "",
        "é",
        "S",
        "Season 1",
        "Especially 12",
        "Epson 12",
        "Fahrenheit 9/11",
        "15/07 Şafak Vakti",
        "Season 1/2/2020",
        "Audi S4 - 2 Years",
        "Film 11x200x3",
        "X - Y [54]",
        "X 1S 181Be",
        "Heat (1995) 12",
        "X серия (1986)",
    ] {
        assert_eq!(find(name, MarkStrength::Weak), None, "{name}");
    }
}

#[test]
fn small_helpers() {
    assert_eq!(trailing_season("The Boys s05"), Some((9, 5)));
    assert_eq!(trailing_season("The Boys05"), None);
    assert_eq!(trailing_season("S05"), None);
    assert_eq!(trailing_season("Show Temporada 2"), Some((5, 2)));
    assert_eq!((trailing_season("Show T2"), sure_season("Show T2")), (Some((5, 2)), None));
    assert_eq!(
        (trailing_season("Open Season 2"), sure_season("Open Season 2")),
        (Some((5, 2)), None)
    );
    assert_eq!(
        (sure_season("Show сезон 2"), sure_season("Show (Phần 2)")),
        (Some((5, 2)), Some((6, 2)))
    );
    assert_eq!((whole_season("Temporada 1"), whole_season("Show Temporada 1")), (Some(1), None));
    for (name, bare) in [
        ("Episode 1", true),
        ("Folge 12", true),
        ("Ep. 3", true),
        ("7", true),
        ("Pilot 1", false),
        ("", false),
    ] {
        assert_eq!(is_bare_episode(name), bare, "{name}");
    }
}

proptest! {
    #[test]
    fn no_name_panics_and_places_are_boundaries(
        name in "[sStTeExX0-9 .#é٣Bölüm-]{0,24}|\\PC{0,40}",
    ) {
        if let Some(mark) = find(&name, MarkStrength::Weak) {
            prop_assert!(mark.start <= mark.end && name.is_char_boundary(mark.start));
            prop_assert!(name.is_char_boundary(mark.end));
        }
        trailing_season(&name);
        is_bare_episode(&name);
    }

    #[test]
    fn what_is_not_looked_for_is_not_there(
        name in "([sStTeExX#. -]|[0-9]{1,4}|[٣-٥]|season|Folge|Bölüm|ep|special|2024.3.1|[()]){0,12}",
    ) {
        let text = FoldedName::new(&name);
        for least in [MarkStrength::Weak, MarkStrength::Fair, MarkStrength::Strong] {
            let mut all = PATTERNS.iter().filter(|pattern| pattern.strength >= least);
            let anywhere = all.find_map(|pattern| text.leftmost(pattern));
            prop_assert_eq!(find(&name, least), anywhere);
        }
    }
}

#[test]
fn years_and_lines_of_pictures_are_no_episodes_of_a_season() {
    for name in ["Audi S3 - 2021", "Dark S2 - 2019", "Naruto S1 - 720"] {
        assert_eq!(find(name, MarkStrength::Fair), None, "{name}");
    }
}
