//! A clean title in anything that panels dress names with comes back whole, with its year.

use super::tables::rows;
use super::*;

/// What a panel puts before a title.
const FRONTS: [&str; 16] = [
    "",
    "FR:",
    "EN - ",
    "EX - ",
    "NF-DO - ",
    "SO-IN - ",
    "|FR| ",
    "|FR-4k| ",
    "|FR|VO| ",
    "|Fr-4K DV| ",
    "DE-TOP - 49. ",
    "4K-A+ ",
    "[tmdbid-603] ",
    "HD : ",
    "\u{200e}┃UK┃",
    "4K-AMZ - ",
];

/// What a panel puts behind a title with its year: `Y` stands for it.
const WITH_YEAR: [&str; 27] = [
    " (Y)",
    " - Y",
    " | Y | 6.3",
    " | 7.3 | Y",
    " | Y | 5.7 | +18 |",
    " | Y | LOWQ",
    " (Y) Lektor PL",
    " (Y) Napisy PL",
    " (Y) [Western Azione Dramma] ⭐7.3",
    " (Y) (Tamil)",
    " (60FPS) ᴴ²⁶⁵ (Y) VFF",
    " (Y) [4K HDR10+ Dolby A/V]",
    " (Y) [MULTi VQF/VO]",
    "|BRUTX| (FR) FHD Y",
    " - Y |HDTS]",
    " (Y) HQ-HDTC",
    " (Y) Dubbed",
    " (Y) FR-EN",
    " (Y) (CL)",
    " 4K (Y) PAUL NEWMAN (Y)",
    " [BluRay 720p X264 MKV][AC3 5.1 Castellano-Ingles - Sub ES][Y]",
    ". (Y)",
    " (Y",
    " - Y [VOSTENG]",
    " (Y).",
    " - Y_sub",
    " {tmdb-949} (Y)",
];

/// What a panel puts behind a title alone.
const WITHOUT_YEAR: [&str; 12] = [
    "",
    " [MULTI-AUDIO]",
    " (Telugu)",
    " Lektor PL",
    "_esp",
    " FHD",
    " [4K]",
    " (VO)",
    " {imdb-tt0133093}",
    " - 4K",
    " CASTELLANO",
    " (US)",
];

/// What a panel puts behind the title of an episode.
const EPISODES: [(&str, Option<i32>, i32); 11] = [
    (" S02E07", Some(2), 7),
    (" - S02E07 - Name", Some(2), 7),
    (" 2x07", Some(2), 7),
    (" - Tập Tập 07", None, 7),
    (" (Phần 2) - Tập Tập 07", Some(2), 7),
    (" - Vietsub #1 [7]", None, 7),
    (" 2S 7B", Some(2), 7),
    (" - 2. Sezon 7. Bölüm", Some(2), 7),
    (" T2 Capitulo 7", Some(2), 7),
    (" - Temporada 2 [HDTV][Cap.207][Español Castellano]", Some(2), 7),
    (" الموسم الثاني الحلقة 7 مترجم", Some(2), 7),
];

/// Titles that are no tag and no year themselves, and end with neither.
fn titles() -> Vec<&'static str> {
    let is_year = |word: &str| word.len() == 4 && Years::plausible_in(2026).read(word).is_some();
    let last = |title: &str| title.rsplit(' ').next().unwrap_or_default().to_owned();
    let has_mark = |title: &str| episode_marks::find(title, MarkStrength::Fair).is_some();
    let titles = rows().map(|row| row.answer[0]).filter(|title| !has_mark(title));
    let mut titles: Vec<&str> = titles.filter(|it| !it.is_empty() && !is_year(&last(it))).collect();
    titles.sort_unstable();
    titles.dedup();
    titles
}

/// Titles of several words without punctuation.
fn dotless() -> Vec<&'static str> {
    let is_plain =
        |title: &str| title.chars().all(|letter| letter.is_alphanumeric() || letter == ' ');
    titles().into_iter().filter(|title| title.contains(' ') && is_plain(title)).collect()
}

/// Whether a full stop behind a title would be its own: `Dr`, `H`.
fn is_abbreviated(title: &str) -> bool {
    title.ends_with('.') || separators::without_full_stop(&format!("{title}.")) != title
}

/// Whether a title says what its dressing says, or needs what a dressing takes: nobody could tell them apart.
fn is_unlike(title: &str, front: &str, behind: &str) -> bool {
    let is_shouted = !vocabulary::has_small_letters(title);
    // `AL:ONE` is a title.
    let is_glued = is_shouted && front.ends_with(':');
    let has_own_joint = title.contains(['|', ':']) && front == "HD : ";
    let shouts = ["PAUL", "BRUTX", "CASTELLANO"].iter().any(|word| behind.contains(word));
    !(is_shouted && shouts
        || is_glued
        || has_own_joint
        || behind.starts_with('.') && is_abbreviated(title))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_dressed_title_comes_back_with_its_year(
        title in prop::sample::select(titles()),
        front in prop::sample::select(FRONTS.as_slice()),
        behind in prop::sample::select(WITH_YEAR.as_slice()),
        year in 1920..2027_i32,
    ) {
        prop_assume!(is_unlike(title, front, behind));
        let raw = format!("{front}{title}{}", behind.replace('Y', &year.to_string()));
        let found = cleaned(&raw, None, &CategoryHabits::default());
        prop_assert_eq!((&*found.title, found.year), (title, Some(year)), "{}", raw);
        prop_assert_eq!((found.season, found.episodes), (None, None), "{}", raw);
    }

    #[test]
    fn a_dressed_title_without_a_year_gains_none(
        title in prop::sample::select(titles()),
        front in prop::sample::select(FRONTS.as_slice()),
        behind in prop::sample::select(WITHOUT_YEAR.as_slice()),
    ) {
        prop_assume!(is_unlike(title, front, behind));
        let raw = format!("{front}{title}{behind}");
        let found = cleaned(&raw, None, &CategoryHabits::default());
        prop_assert_eq!((&*found.title, found.year), (title, None), "{}", raw);
    }

    #[test]
    fn an_episode_of_a_dressed_title_is_found(
        title in prop::sample::select(titles()),
        front in prop::sample::select(FRONTS.as_slice()),
        (behind, season, number) in prop::sample::select(EPISODES.as_slice()),
        year in prop::option::of(1920..2027_i32),
    ) {
        prop_assume!(is_unlike(title, front, behind));
        let dated = year.map_or(String::new(), |year| format!(" ({year})"));
        let raw = format!("{front}{title}{dated}{behind}");
        let found = cleaned(&raw, None, &CategoryHabits::default());
        prop_assert_eq!((&*found.title, found.year), (title, year), "{}", raw);
        prop_assert_eq!((found.season, found.episodes), (season, Some((number, number))), "{}", raw);
    }

    #[test]
    fn dots_for_blanks_come_back_as_blanks(title in prop::sample::select(dotless()), year in 1920..2027_i32) {
        let raw = format!("{}.{year}.1080p.BluRay.x264-GROUP", title.replace(' ', "."));
        let found = cleaned(&raw, None, &CategoryHabits::default());
        prop_assert_eq!((&*found.title, found.year), (title, Some(year)), "{}", raw);
    }
}
