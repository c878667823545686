//! The words of which generated catalogues are made.

/// Names that go wrong somewhere, divided by `¦`. The first [`RIVALS`] are the same name for many a
/// file system.
const NASTY: &str = "\
Alien¦alien¦Alien ¦Alien (1979)¦Al\u{200b}ien¦Alien:¦Alien?¦ALIEN¦Caf\u{e9}¦Cafe\u{301}¦\
Stra\u{df}e¦STRASSE¦o\u{fb03}ce¦office¦Alien (1979) (1979)¦Alien (2025)¦1979¦(1979)¦\
Blade Runner 2049¦Face/Off¦AC\\DC¦A: B: C¦Who? *Me*¦\"Quoted\" <b>¦a|b¦CON¦con.txt¦NUL¦\
nul.¦LPT1¦COM\u{b9}¦AUX .nfo¦PRN¦Trailing dots...¦Trailing space ¦ Leading space¦\
.hidden¦-dash¦~tilde¦.¦..¦../../etc/passwd¦/¦/etc/passwd¦\\\\server\\share¦¦ ¦\t \u{a0}\u{3000}¦\
...¦Tab\tand\nline\r\nbreak¦\u{1}control\u{1f}¦\u{7f}\u{85}\u{9f}¦\
\u{1b}[31mred\u{1b}[0m¦\u{202e}gpj.exe¦\u{2066}isolated\u{2069}¦\u{200f}rtl\u{200e}¦\
\u{200b}\u{feff}¦\u{2028}x\u{2029}¦\u{fffe}\u{ffff}¦\u{10ffff}¦\u{e000}private¦a]]>b¦\
Love &amp; Death &amp;amp; Robots¦&#0;&bogus;¦<!-- x --><movie>¦\
'; DROP TABLE vod_movie; --¦%2e%2e%2f%00¦$HOME `id` $(id)¦{braces} [tmdbid-1]¦\
\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} family¦\
\u{1f1e9}\u{1f1ea}\u{1f3f4}\u{e0067}\u{e007f}¦Z\u{351}\u{36b}a\u{343}l\u{34f}go¦\
\u{d55c}\u{ae00}¦\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}¦\
\u{645}\u{633}\u{644}\u{633}\u{644}¦\u{130}stanbul \u{131}¦\u{1c4}\u{2126}\u{212b}¦\
\u{ff0f}full\u{ff1a}width¦\
\u{1d41}\u{1d34}\u{1d30} \u{b3}\u{2078}\u{2074}\u{2070}\u{1d3e}¦sample¦Movie-trailer¦\
extras¦Movie cd1¦metadata¦@eaDir¦S01E01¦Show - S01E02 - 1080p¦\
EN - 4K-NF| Alien (1979) [2160p] MULTI¦Season 01¦movie.nfo¦tvshow¦a.strm¦Unknown¦\
Unknown Movie¦null¦NaN¦\\N¦\\.¦C:\\x¦name\\¦Sample¦The sample 2¦24¦Extras¦Season¦S.W.A.T. S2E3¦X2 and 4x04¦\
E5 - Trailer¦Foo-other2¦Proof¦Subs¦S01 E05 - S01E06¦\
=cmd|' /C calc'!A0¦a,b;\"c\"\
";

/// How many names at the head of [`NASTY`] collide with each other in one way or another.
pub(crate) const RIVALS: usize = 16;

pub(crate) const ADJECTIVES: &[&str] = &[
    "Silent", "Broken", "Golden", "Last", "Hidden", "Burning", "Crimson", "Endless", "Frozen",
    "Lonely", "Midnight", "Savage", "Second", "Stolen", "Wild", "Zwölfte",
];
pub(crate) const NOUNS: &[&str] = &[
    "Harbour", "Witness", "Empire", "Garden", "Promise", "Shadow", "River", "Letter", "Stranger",
    "Kingdom", "Orchard", "Signal", "Winter", "Daughter", "Été", "Machine", "Tide", "Mirror",
];
pub(crate) const PLACES: &[&str] = &[
    "Lisbon",
    "the North",
    "Nowhere",
    "Tokyo",
    "the Deep",
    "São Paulo",
    "Kraków",
    "Elm Street",
    "the Moon",
    "Paris",
    "Zion",
    "the Valley",
    "Москва",
    "Berlin",
    "the Abyss",
    "Avalon",
];
pub(crate) const SENTENCES: &[&str] = &[
    "A retired detective is drawn back into the one case that he never solved. ",
    "Two sisters inherit a house, and with it a debt that nobody wants to speak about. ",
    "When the harbour freezes over, an old smuggler offers the only way out. ",
    "\u{201c}Trust no one\u{201d} is easier said than done \u{2013} above all at sea. ",
    "Ein Dorf schweigt, bis eine Fremde die richtigen Fragen stellt. ",
    "He has one night, three phone numbers & no idea whom to call first. ",
    "Based on the true story of a crew that came back without its captain. ",
    "Une com\u{e9}die douce-am\u{e8}re sur l'amiti\u{e9}, le temps et les mauvaises d\u{e9}cisions. ",
];
pub(crate) const GENRES: &[&str] =
    &["Drama", "Action, Thriller", "Comedy", "Crime / Drama", "Sci-Fi & Fantasy", "Documentary"];
pub(crate) const CONTAINERS: &[&str] = &["mkv", "mp4", "mkv", "mp4", "avi"];
pub(crate) const MOVIE_CATEGORIES: &[&str] = &[
    "Action",
    "Drama",
    "EN | Comedy",
    "4K - UHD",
    "Kids",
    "DE - Filme",
    "Adults",
    "Uncategorized",
    "|FR| CIN\u{c9}MA",
    "Netflix / 2024",
    "Classics",
    "Documentary",
];
pub(crate) const SERIES_CATEGORIES: &[&str] =
    &["Drama", "Netflix", "DE - Serien", "Anime", "Kids", "Uncategorized", "4K", "Reality"];

/// All names that go wrong somewhere, those with the greatest length that the tables allow included.
pub fn nasty_names() -> Vec<String> {
    let mut names: Vec<String> = NASTY.split('¦').map(str::to_owned).collect();
    for unit in
        ["a", "\u{e9}", "\u{6f22}", "\u{1d11e}", "e\u{301}", "\u{1f468}\u{200d}", ". ", "../"]
    {
        names.push(unit.repeat(255).chars().take(255).collect());
    }
    names.push(format!("{} (2020)", "b".repeat(248)));
    names.push(format!("{}x", "\u{6f22}".repeat(254)));
    names
}
