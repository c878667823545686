//! The words for seasons, episodes, specials and categories in the languages of playlists.
//!
//! All stand without accents and in lower case, since names are compared in that form.

/// A word, folded.
pub type Word = &'static str;

/// Words before or after a season's number.
pub const SEASON: &[Word] = &[
    "season",
    "series",
    "staffel",
    "saison",
    "temporada",
    "temp",
    "stagione",
    "sezon",
    "sezonul",
    "sezona",
    "seizoen",
    "sasong",
    "saeson",
    "sesong",
    "serie",
    "kausi",
    "evad",
    "phần",
    "сезон",
    "κύκλος",
    "ซีซั่น",
    "ซีซัน",
    "الموسم",
    "موسم",
];

/// Words of [`SEASON`] that titles of movies have, too: `Open Season 2`.
pub const VAGUE_SEASONS: &[Word] = &["season", "series", "serie", "temp"];

/// Ordinals behind the words for a season and an episode, and their numbers.
pub const ORDINALS: &[(Word, i32)] = &[
    ("الأول", 1),
    ("الاول", 1),
    ("الأولى", 1),
    ("الاولى", 1),
    ("الثاني", 2),
    ("الثانية", 2),
    ("الثالث", 3),
    ("الثالثة", 3),
    ("الرابع", 4),
    ("الرابعة", 4),
    ("الخامس", 5),
    ("الخامسة", 5),
    ("السادس", 6),
    ("السادسة", 6),
    ("السابع", 7),
    ("السابعة", 7),
    ("الثامن", 8),
    ("الثامنة", 8),
    ("التاسع", 9),
    ("التاسعة", 9),
    ("العاشر", 10),
    ("العاشرة", 10),
];

/// What servers of Vietnamese lists say of their sound.
pub const VIETNAMESE_SOUND: &[Word] = &["vietsub", "thuyết minh", "lồng tiếng"];

/// What Turkish lists say of their sound.
pub const TURKISH_SOUND: &[Word] = &["altyazi", "altyazili", "dublaj", "dublajli"];

/// Words of [`EPISODE`] that count the parts of a film, too: `John Wick: Bölüm 4`.
pub const PART_EPISODES: &[Word] = &[
    "bolum",
    "эпизод",
    "epizoda",
    "epizod",
    "епізод",
    "episode",
    "episodio",
    "episod",
    "επεισόδιο",
    "capitulo",
];

/// Words before or after an episode's number. The first [`UNMISTAKABLE`] ones also mean an episode
/// when they stand after the number and no season is named.
pub const EPISODE: &[Word] = &[
    "bolum",
    "серия",
    "эпизод",
    "folge",
    "odcinek",
    "epizoda",
    "epizod",
    "выпуск",
    "серія",
    "епізод",
    "الحلقة",
    "حلقة",
    "episode",
    "episodio",
    "episod",
    "aflevering",
    "avsnitt",
    "afsnit",
    "jakso",
    "tập",
    "ตอนที่",
    "επεισόδιο",
    "capitulo",
    "capt",
    "cap",
    "odc",
    "ep",
    "eps",
    "e",
];

/// How many of the episode words may follow their number.
pub const UNMISTAKABLE: usize = 10;

/// Words for specials.
pub const SPECIAL: &[Word] = &["special", "specials", "especial", "ozel", "ova", "oad", "sp"];

/// Words that count the parts of a work: what has one goes on with a title.
pub const PARTS: &[Word] = &[
    "part",
    "parts",
    "parte",
    "partie",
    "teil",
    "vol",
    "volume",
    "chapter",
    "chapitre",
    "kapitel",
    "episode",
    "book",
    "tome",
    "season",
    "czesc",
    "część",
    "часть",
    "фильм",
    "глава",
    "серия",
    "эпизод",
    "phần",
    "الجزء",
];

/// Words of categories that hold series.
pub const SERIES_GROUPS: &[Word] = &[
    "series",
    "serie",
    "serien",
    "seriale",
    "serial",
    "serije",
    "dizi",
    "diziler",
    "season",
    "seasons",
    "shows",
    "сериал",
    "сериалы",
    "мультсериалы",
    "مسلسل",
    "مسلسلات",
    "bộ",
    "dizileri",
    "dizisi",
    "seri",
    "serials",
    "seriali",
    "serialy",
    "serialai",
    "serija",
    "sorozat",
    "sorozatok",
    "novela",
    "novelas",
    "telenovela",
    "telenovelas",
    "dorama",
    "doramas",
    "anime",
    "animes",
    "kdrama",
    "σειρες",
    "σειρές",
];

/// Words of categories that hold movies, or video on demand in general.
pub const MOVIE_GROUPS: &[Word] = &[
    "vod",
    "movie",
    "movies",
    "film",
    "films",
    "filme",
    "filmy",
    "filmovi",
    "filmes",
    "cinema",
    "kino",
    "pelicula",
    "peliculas",
    "фильм",
    "фильмы",
    "افلام",
    "أفلام",
    "فيلم",
    "filmler",
    "filmleri",
    "filmai",
    "filmek",
    "filmer",
    "filmove",
    "elokuvat",
    "peli",
    "pelis",
    "cine",
    "phim",
    "кино",
    "мультфильмы",
    "филми",
    "ταινιες",
    "ταινίες",
    "bollywood",
    "hollywood",
];

/// A character in lower case and without its accent, one for one.
pub fn folded(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    match lower {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'è' | 'é' | 'ê' | 'ë' | 'ě' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        // Arabic and Persian digits.
        '٠'..='٩' => digit(lower, '٠'),
        '۰'..='۹' => digit(lower, '۰'),
        _ => lower,
    }
}

fn digit(letter: char, zero: char) -> char {
    char::from_digit(letter as u32 - zero as u32, 10).unwrap_or(letter)
}

/// Whether a text is one of these words.
pub fn is_word_of(text: &str, words: &[Word]) -> bool {
    words.iter().any(|word| text.chars().map(folded).eq(word.chars()))
}

/// Whether a text has one of these words.
pub fn has_word(text: &str, words: &[Word]) -> bool {
    let folded: String = text.chars().map(folded).collect();
    folded.split(|letter: char| !letter.is_alphanumeric()).any(|word| words.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_folded() {
        for word in [SEASON, EPISODE, SPECIAL, SERIES_GROUPS, MOVIE_GROUPS].concat() {
            assert_eq!(word.chars().map(folded).collect::<String>(), word);
        }
    }

    #[test]
    fn categories() {
        assert!(has_word("TV VOD", MOVIE_GROUPS));
        assert!(has_word("|FR| SÉRIES HD", SERIES_GROUPS));
        assert!(has_word("مسلسلات تركية", SERIES_GROUPS));
        assert!(!has_word("Filmed live", MOVIE_GROUPS));
        assert_eq!(folded('٣'), '3');
        assert_eq!(folded('İ'), 'i');
    }
}
