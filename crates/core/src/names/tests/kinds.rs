//! The kinds of names that panels and playlists have, each with what must not be taken for it.

use super::*;

#[test]
fn names_that_must_not_change() {
    for raw in [
        // No fields, but two titles.
        "Мумия | The Mummy",
        "Version | 2.0",
        // No codes that are glued on.
        "IT: Chapter Two",
        "NCIS: Hawai'i",
        "X-Men",
        "FR-37 - A Road",
        "RE:Zero",
        "Re: Born",
        "PC-4L",
        "INU-OH",
        "AKA - Jessica",
        "12. Mann",
        "4K-Land of the Lost",
        "|a| Song",
        // No dots for blanks.
        "S.W.A.T.",
        "M.A.S.H",
        "G.B.F",
        "4.3.2.1",
        "Mr.Robot",
        "Ra.One",
        "E.T.",
        "Chicago P.D.",
        "To be continued...",
        // No tags at the end.
        "Lektor",
        "Lektor PL",
        "El Castellano",
        "Latino",
        "Charlotte's Web",
        "CHARLOTTE'S WEB",
        "WWII in HD",
        "[REC]",
        "[Rec] 2",
        "Kill Bill (Part 1)",
        "Blade Runner (Director's Cut)",
        "Heat (4K edition of a film)",
        "Live (A night in it)",
        "TOM|JERRY",
        "Title -1",
        "747B",
        "2B",
        // No seasons.
        "Open Season 2",
        "Best of 2 Seasons",
        "Ice Cap 2",
        "Audi S4",
        "The S2",
        "Galaxy S10",
        // No codes and countries.
        "AL:ONE",
        "Fargo (TV)",
        "Cinderella (TO)",
        "Doom (ID)",
        "Four Seasons",
        "S05",
        // Words of markup and of no markup.
        "I <3 You",
        "[I] Robot",
        // No ages, no marks in front, and no parts of episodes.
        "+1 (One Plus)",
        "1+1",
        "T2 Trainspotting",
        "T-34",
        "9/11",
        "15/07 Şafak Vakti",
        "Kill Bill: Bölüm 1 - Kill Bill: Vol. 1",
        "John Wick: Bölüm 4",
        "Звёздные войны: Эпизод 5 — Империя наносит ответный удар",
        // No years.
        "Paris 1919 French Kiss",
        "Class of 1999 HDTV Heat",
    ] {
        assert_eq!(title(raw), raw, "{:?}", cleaned(raw, None, &CategoryHabits::default()));
    }
}

#[test]
fn years_and_what_goes_on_behind_them() {
    for (raw, name, year) in [
        ("Heat (2019) Part 2", "Heat Part 2", 2019),
        ("Heat (2019) II", "Heat II", 2019),
        ("Heat (2019) (Part 2)", "Heat (Part 2)", 2019),
        ("HEAT (2019) OVER", "HEAT OVER", 2019),
        ("Heat (1995) PART TWO", "Heat PART TWO", 1995),
        ("Dune (2021) CHAPTER TWO", "Dune CHAPTER TWO", 2021),
        ("Der Pate (1972) TEIL ZWEI", "Der Pate TEIL ZWEI", 1972),
        ("Show (2019) SEASON TWO", "Show SEASON TWO", 2019),
        ("Война и мир (1965) ФИЛЬМ ВТОРОЙ", "Война и мир ФИЛЬМ ВТОРОЙ", 1965),
        ("White Cap 7 (2020)", "White Cap 7", 2020),
        ("Baseball Cap 3 (2001)", "Baseball Cap 3", 2001),
        ("1984 (1956) remade (1984)", "1984 (1956) remade", 1984),
        ("[REC] (2007) [MULTi]", "[REC]", 2007),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009),
        ("S.W.A.T. (2003)", "S.W.A.T.", 2003),
        ("Monsters, Inc. (2001)", "Monsters, Inc.", 2001),
        ("Super Mario Bros. (1993)", "Super Mario Bros.", 1993),
        ("Dr. (2004)", "Dr.", 2004),
        ("Творение господне. (2004)", "Творение господне", 2004),
        ("2012 | 2009 | 5.8", "2012", 2009),
        ("FR - 1917 - 2019", "1917", 2019),
        ("Wonder Woman 1984 - 2020 [VOSTENG]", "Wonder Woman 1984", 2020),
        ("Heat - 1995 - 4K", "Heat", 1995),
        (
            "Звёздные Войны. Эпизод 2: Атака клонов. (2002)",
            "Звёздные Войны. Эпизод 2: Атака клонов",
            2002,
        ),
        ("Star Wars: Episode 4 (1977)", "Star Wars: Episode 4", 1977),
        // Signs, and words for sound in any language, are no title; a second title is one.
        ("El Dorado (1967)*", "El Dorado", 1967),
        ("Thunderbolts* (2025)", "Thunderbolts*", 2025),
        ("Hidden Strike (2023) บรรยายไทย", "Hidden Strike", 2023),
        ("Taking On Taylor Swift (2023) | พากย์ไทย", "Taking On Taylor Swift", 2023),
        ("Мстители (2018) original", "Мстители", 2018),
        ("Мстители (2018) озвучка", "Мстители", 2018),
        ("The Original (2018)", "The Original", 2018),
        ("Saw X (2023) ชำแหละแค้น", "Saw X ชำแหละแค้น", 2023),
        // Brackets around more than a year, and years that nothing but words of a stream follows.
        ("Renfield ( 2023 )", "Renfield", 2023),
        ("Комета (2018-2019)", "Комета", 2018),
        ("War (1914-1918) (2014)", "War (1914-1918)", 2014),
        ("Doctor Who (1963-1989) (2005)", "Doctor Who (1963-1989)", 2005),
        ("Rei Arthur - Leg 2017", "Rei Arthur", 2017),
        ("Rei Arthur - Part 2017", "Rei Arthur - Part", 2017),
        ("Saw 5-2008-720p", "Saw 5", 2008),
        ("Blade Runner-2049 (2017)", "Blade Runner-2049", 2017),
        ("Dieudonné - 1905 (2005)", "Dieudonné - 1905", 2005),
        ("Last Flag Flying 2017 FRENCH", "Last Flag Flying", 2017),
        ("D'Aladin 2015 French", "D'Aladin", 2015),
        ("An American in Paris 2015 French", "An American in Paris", 2015),
        ("Wonder Woman 1984 2020 Hindi", "Wonder Woman 1984", 2020),
        // Films whose parts are called as episodes are.
        ("It: Capítulo 2 (2019)", "It: Capítulo 2", 2019),
        ("Horizon - Capítulo 1 (2024)", "Horizon - Capítulo 1", 2024),
        (
            "Ziyaretçiler: Bölüm 3 - The Strangers (2026)",
            "Ziyaretçiler: Bölüm 3 - The Strangers",
            2026,
        ),
        ("Star Wars : Episode 9 - 2019", "Star Wars : Episode 9", 2019),
        ("Lektor (2008) Lektor PL", "Lektor", 2008),
        ("[tmdbid-603] Heat <b>4K</b> (1995)", "Heat", 1995),
    ] {
        let found = cleaned(raw, None, &CategoryHabits::default());
        assert_eq!((&*found.title, found.year), (name, Some(year)), "{raw}: {found:?}");
        assert_eq!(found.episodes, None, "{raw}");
    }
}

#[test]
fn episodes_and_seasons_in_many_words() {
    for (raw, name, season, number) in [
        ("Show Episode 2: Title", "Show", None, Some(2)),
        ("Gizli Bahçe - Bölüm 2", "Gizli Bahçe", None, Some(2)),
        ("Lost Romance: Capitulo 11", "Lost Romance", None, Some(11)),
        ("Show Capitulo 12 (2020)", "Show", None, Some(12)),
        // A mark in front, words of sound, and the title.
        ("T2EP01 DUB Lucifer", "Lucifer", Some(2), Some(1)),
        ("T4EP07 LEG 12 Monkeys", "12 Monkeys", Some(4), Some(7)),
        ("[T6][Ep 07] Game of Thrones", "Game of Thrones", Some(6), Some(7)),
        ("Eps 5-Bidaah", "Bidaah", None, Some(5)),
        // Seasons in other words.
        ("Tuca & Bertie - 1.S Altyazı - Bölüm 9", "Tuca & Bertie", Some(1), Some(9)),
        ("You Me Her - 4.S Dublaj - Bölüm 7", "You Me Her", Some(4), Some(7)),
        ("Show ซีซั่น 19 an S19 E87", "Show", Some(19), Some(87)),
        ("Show Season 05 (2013) S05 E09", "Show", Some(5), Some(9)),
        ("Show Season 4 S05 E09", "Show Season 4", Some(5), Some(9)),
        ("La Casa de Papel Saison 3/8", "La Casa de Papel", Some(3), Some(8)),
        ("Король и Шут (сериал 2023) 1с-5с", "Король и Шут", Some(1), Some(5)),
        ("Show | Tamil S01 Show | Tamil - S01E02", "Show", Some(1), Some(2)),
        ("Demon Slayer S2 - 13 [720p]", "Demon Slayer", Some(2), Some(13)),
        // An episode's word that counts nothing: a film.
        ("Hàng Xóm - Tập Full", "Hàng Xóm", None, None),
        ("Neverland - Tập ", "Neverland", None, None),
        ("Show (2024) S01E02 Name", "Show", Some(1), Some(2)),
        ("Show 3 серия (1975)", "Show", None, Some(3)),
        ("Show 3 серия 1975", "Show", None, Some(3)),
        ("Show 7-я серия", "Show", None, Some(7)),
        ("Show 5 выпуск", "Show", None, Some(5)),
        ("Show серия 5", "Show", None, Some(5)),
        ("Show Эпизод 4", "Show", None, Some(4)),
        ("La Reina Cap. 101", "La Reina", None, Some(101)),
        ("Show - Temporada 7 [HDTV][Cap.702]", "Show", Some(7), Some(2)),
        ("Show - Temporada 7 [HDTV][Cap.801]", "Show", Some(7), Some(801)),
        ("Show S2 Episode 205", "Show", Some(2), Some(205)),
        ("VIKINGOS T5 CAPITULO 2", "VIKINGOS", Some(5), Some(2)),
        ("EL CHAPO TEMP 2 CAPT 10", "EL CHAPO", Some(2), Some(10)),
        ("Show S01 |FR| Show 01x05", "Show", Some(1), Some(5)),
        ("Show 02X5", "Show", Some(2), Some(5)),
        ("Show (2023) 01 720p latino", "Show", None, Some(1)),
        ("Show EP1", "Show", None, Some(1)),
        ("ละคร ตอนที่ 12", "ละคร", None, Some(12)),
        ("Show الموسم الأول الحلقة 4", "Show", Some(1), Some(4)),
        ("1923 S01", "1923", Some(1), None),
        ("Show 2 сезон", "Show", Some(2), None),
        ("Show Temporada 3", "Show", Some(3), None),
        ("Show - Season 4", "Show", Some(4), None),
        ("Show (US) Season 3", "Show", Some(3), None),
        ("Show - Vietsub #1 [Full]", "Show", None, None),
        ("Show 2nd Season", "Show", Some(2), None),
        ("Show الموسم الثاني", "Show", Some(2), None),
    ] {
        let found = cleaned(raw, None, &CategoryHabits::default());
        let expected = (name, season, number.map(|number| (number, number)));
        assert_eq!((&*found.title, found.season, found.episodes), expected, "{raw}: {found:?}");
    }
    let series = cleaned("Open Season 2", Some(Kind::Series), &CategoryHabits::default());
    assert_eq!((&*series.title, series.season), ("Open", Some(2)));
}

#[test]
fn files_end_at_their_year() {
    for (raw, name, year) in [
        ("Brothers.2015.Hindi.1080p.BluRay.6CH.ShAaNiG.mkv", "Brothers", 2015),
        ("13.lives.2022.lati.mp4", "13 lives", 2022),
        ("The.Da.Vinci.Code.2006.Extended.Cut.720p.FarsiMovie.Net.mkv", "The Da Vinci Code", 2006),
        ("E.T.The.Extra-Terrestrial.1982.1080p.5.1CH.mkv", "E.T. The Extra-Terrestrial", 1982),
        ("Before_I_Wake_2016_BluRay_720p_Org_Auds.mkv", "Before I Wake", 2016),
        ("Blade.Runner.2049.2017", "Blade Runner 2049", 2017),
        ("Blade.Runner.2049.2017.Some.Group.mkv", "Blade Runner 2049", 2017),
        ("Kill.Bill.2003.Part.1.1080p.mkv", "Kill Bill Part 1", 2003),
        ("Tashan 2008 Hindi 720p DvDRip CharmeLeon SilverRG.mkv", "Tashan", 2008),
        ("Ki & Ka (2016) Hindi 1080p BRRip x264 AAC-ETRG.mp4", "Ki & Ka", 2016),
        ("1917 2019 German DL 1080p BluRay.mkv", "1917", 2019),
        ("2001 A Space Odyssey 1968 German DL 1080p BluRay", "2001 A Space Odyssey", 1968),
        ("Pulp Fiction 1994 (tt0110912).mkv", "Pulp Fiction", 1994),
        ("Heat (1995) Director's Cut 1080p", "Heat Director's Cut", 1995),
    ] {
        let found = cleaned(raw, None, &CategoryHabits::default());
        assert_eq!((&*found.title, found.year), (name, Some(year)), "{raw}: {found:?}");
    }
    let episode =
        cleaned("@SONYAXN - Elite (2018) S01E06 - 720p.mkv", None, &CategoryHabits::default());
    assert_eq!((&*episode.title, episode.season), ("Elite", Some(1)));
    assert!(episode.tags.contains(&Tag::Other("@SONYAXN".to_owned())), "{:?}", episode.tags);
}

#[test]
fn what_a_name_does_not_say_is_no_tag() {
    let tags = |raw: &str| cleaned(raw, None, &CategoryHabits::default()).tags;
    assert_eq!(tags("Heat (1995) AL PACINO (1995)"), []);
    assert_eq!(tags("Heat | 1995 | 7.1"), []);
    assert_eq!(tags("Heat (1995) DE"), [Tag::Language("de".to_owned())]);
}

#[test]
fn a_year_behind_a_sure_code_is_the_title() {
    for raw in [
        "+16 1917",
        "FR DV 1917",
        "FR - 1917",
        "FR: 1917",
        "[FR] 1917",
        "4K - 2012",
        "FR:2012",
        "|FR|VO| 1922",
        "EN| 1984",
    ] {
        let found = cleaned(raw, None, &CategoryHabits::default());
        assert_eq!((&*found.title, found.year), (&raw[raw.len() - 4..], None), "{raw}");
    }
    let habits = learnt(&(0..12).map(|n| format!("IT - Film {n}")).collect::<Vec<_>>());
    assert_eq!(cleaned("IT - 2017", None, &habits).title, "2017");
    let film = cleaned("IT - 2017", None, &CategoryHabits::default());
    assert_eq!((&*film.title, film.year), ("IT", Some(2017)));
}

#[test]
fn tags_behind_an_episode_are_not_its_title() {
    for (raw, own) in [
        ("Show S01E02 Napisy PL", ""),
        ("Show cap 1 720p latino", ""),
        ("Show S01E02 [HDTV][Español Castellano]", ""),
        ("Show S01E02 [HDTV]", ""),
        ("Show 2020 03 11 David Spade 720p WEB x264-XLF", "David Spade"),
        ("Show S01E02 - The Web", "The Web"),
        ("Show S01E02 - Lektor", "Lektor"),
        ("Show S01E02 (1999) Name", "Name"),
    ] {
        let found = cleaned(raw, None, &CategoryHabits::default());
        assert_eq!(found.episode_title, own, "{raw}: {found:?}");
    }
}

#[test]
fn a_range_counts_from_its_season() {
    let found = cleaned("Show - Temporada 2 [Cap.201_202]", None, &CategoryHabits::default());
    assert_eq!((found.season, found.episodes), (Some(2), Some((1, 2))));
}

#[test]
fn a_category_of_glued_codes_teaches_them() {
    let named: Vec<String> = (0..12).map(|n| format!("FR-Film {n}")).collect();
    let habits = CategoryHabits::learn(named.iter().map(String::as_str));
    assert_eq!(cleaned("FR-Ronin", None, &habits).title, "Ronin");
    assert_eq!(title("FR-Ronin"), "FR-Ronin");
    assert_eq!(title("FR-The Silent Hour"), "The Silent Hour");
}

/// So many names that end with a bracket, and so many without.
fn named(with: usize, without: usize, behind: &str) -> Vec<String> {
    let marked = (0..with).map(|n| format!("Film {n}{behind}"));
    marked.chain((0..without).map(|n| format!("Movie {n}"))).collect()
}

fn learnt(names: &[String]) -> CategoryHabits {
    CategoryHabits::learn(names.iter().map(String::as_str))
}

#[test]
fn a_category_teaches_the_bracket_at_its_end() {
    let habits = learnt(&named(12, 12, " (ATOM)"));
    for (raw, name, year) in [
        ("Ronin (ATOM)", "Ronin", None),
        ("Ronin (ATOM) (1998)", "Ronin", Some(1998)),
        ("Ronin (ATOM) 4K", "Ronin", None),
        ("Ronin (Atom)", "Ronin (Atom)", None),
        ("(ATOM)", "(ATOM)", None),
    ] {
        let found = cleaned(raw, None, &habits);
        assert_eq!((&*found.title, found.year), (name, year), "{raw}");
    }
    // Too few, and parts of a work.
    assert!(learnt(&named(2, 10, " (ATOM)")).is_empty());
    assert!(learnt(&named(12, 0, " (Part 1)")).is_empty());
}

#[test]
fn a_habit_goes_when_fewer_than_a_tenth_have_it() {
    let kept = learnt(&named(12, 0, " (ATOM)"));
    let next = |names: Vec<String>| {
        let mut learner = category_habits::Learner::default();
        names.iter().for_each(|name| learner.add(name));
        learner.habits(&kept)
    };
    assert_eq!(next(named(10, 90, " (ATOM)")), kept);
    assert_eq!(next(named(1, 3, " (ATOM)")), kept, "a category that became small keeps its habits");
    assert_eq!(next(Vec::new()), kept);
    assert!(next(named(9, 91, " (ATOM)")).is_empty());
    assert!(!kept.is_empty() && learnt(&named(10, 90, " (ATOM)")).is_empty());
}

#[test]
fn a_name_that_is_hostile_costs_no_more_than_its_length() {
    for piece in
        ["(", "[", "|", "| ", " - ", "(2000) ", "A (2000) ", "S1 ", "<", "<b>", "a((", "Tập ", "."]
    {
        let raw = format!("A {}", piece.repeat(1_000_000 / piece.len()));
        assert!(!title(&raw).is_empty(), "{piece}");
        assert!(
            episode_marks::find(&raw[..raw.len() / 20], MarkStrength::Weak)
                .is_none_or(|mark| mark.end > 0)
        );
        let raw = format!("A {}", piece.repeat(1_000 / piece.len()));
        assert!(!title(&raw).is_empty(), "{piece}");
    }
}
