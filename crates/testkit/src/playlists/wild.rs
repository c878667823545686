//! Playlists as they are in the wild, and what their entries are meant to be. Each is made after a list of which somebody
//! counted how it is read. Language, names of groups, forms of addresses, marks and shares are those of the real lists.
//! Titles and hosts are made up.

use crate::playlists::channels;
use crate::playlists::meant::{Meant, WildEntry, WildList, entry};
use crate::rng::Rng;

/// Entries of a list, channels not counted.
const ENTRIES: usize = 400;

/// Channels among them.
const CHANNELS: usize = 100;

/// Writes one entry: a number that no other has, and words for its title.
type EntryWriter = fn(&mut Rng, usize, &str) -> (String, Meant);

/// A list's name, its words for titles, how an entry is written, and what its user has to say.
type WildRow =
    (&'static str, &'static [&'static str], EntryWriter, Option<(&'static str, &'static str)>);

/// All of them, of one seed.
pub fn lists(seed: u64) -> Vec<WildList> {
    ROWS.iter().enumerate().map(|(at, row)| list(row, seed.wrapping_add(at as u64))).collect()
}

fn list(row: &WildRow, seed: u64) -> WildList {
    let (name, words, write, word) = *row;
    let mut rng = Rng(seed);
    let mut entries: Vec<WildEntry> = (0..ENTRIES)
        .map(|id| {
            let title = format!("{} {}", rng.pick(words), rng.pick(words));
            let (lines, meant) = write(&mut rng, id, &title);
            entry(lines, meant)
        })
        .collect();
    for id in 0..CHANNELS {
        let at = rng.below(entries.len());
        entries.insert(at, entry(channels::channel(&mut rng, id), Meant::Live));
    }
    WildList { name, entries, word }
}

const FR: &[&str] =
    &["Le", "Nuit", "Rivage", "Été", "L'ombre", "Mémoire", "Soleil", "Jardin", "Noël"];
const PT: &[&str] = &["Coração", "Noite", "Fuga", "Irmãos", "Segredo", "Verão", "Ilha", "Guerra"];
const AR: &[&str] = &["ليلة", "قمر", "الطريق", "حكاية", "البحر", "رجل", "بنت", "مدينة"];
const ES: &[&str] = &["Corazón", "Noche", "Fuego", "Camino", "Sombra", "Reina", "Luna", "Viaje"];
const IT: &[&str] = &["Notte", "Amore", "Strada", "Segreto", "Mare", "Inverno", "Luce", "Casa"];
const EN: &[&str] =
    &["Silent", "Harbour", "Winter", "Empire", "Witness", "River", "Stranger", "Last"];
const PL: &[&str] = &["Zima", "Miasto", "Cień", "Noc", "Rzeka", "Wojna", "Dom", "Światło"];
const TR: &[&str] = &["Gece", "Yol", "Deniz", "Aşk", "Şehir", "Gölge", "Kış", "Çukur"];
const VI: &[&str] = &["Mùa", "Đêm", "Người", "Biển", "Trăng", "Gió", "Yêu", "Phố"];
const RU: &[&str] = &["Зима", "Берег", "Тень", "Ночь", "Город", "Дом", "Река", "Мечта"];
const TH: &[&str] = &["รัก", "คืน", "ฝน", "เมือง", "ทะเล", "หัวใจ"];

const POSTER: &str = "tvg-logo=\"https://image.tmdb.org/t/p/w500/a.jpg\"";

/// A year, by an entry's number.
fn year(id: usize) -> usize {
    1960 + id * 7 % 66
}

const ROWS: [WildRow; 26] = [
    (
        "fr_vod",
        FR,
        |_, id, title| {
            film(
                "FR | FILMS RECENTS",
                &format!("FR - {title} ({})", year(id)),
                &format!("http://panel.example:8080/movie/joe/secret/{id}.mkv"),
            )
        },
        None,
    ),
    (
        "pt_filmes",
        PT,
        |rng, id, title| {
            film(
                rng.pick(&["FILMES | LANÇAMENTOS", "FILMES | DRAMA"]),
                &format!("{title} [{}]", year(id)),
                &format!("http://pt.example/movie/joe/secret/{id}.mp4"),
            )
        },
        None,
    ),
    (
        "ar_all",
        AR,
        |rng, id, title| {
            film(
                rng.pick(&["افلام عربية", "افلام اجنبية 2023", "نتفلكس"]),
                title,
                &format!("http://ar.example:80/movie/joe/secret/{id}.mp4"),
            )
        },
        None,
    ),
    ("es_pelis", ES, es_pelis, None),
    (
        "it_film",
        IT,
        |_, id, title| {
            let name = format!("{title} ({})", year(id));
            let line = format!(
                "#EXTINF:-1 tvg-id=\"{id}\" tvg-name=\"{name}\" type=\"movie\" group-title=\"Dramma\",{name} [Dramma] ⭐7.{}",
                id % 10
            );
            (format!("{line}\nhttp://it.example/movie/u/p/{id}.mkv"), Meant::Movie)
        },
        None,
    ),
    (
        "in_vod",
        EN,
        |_, id, title| {
            film(
                "Tamil Movies",
                &format!("{title} ({}) (Tamil)", year(id)),
                &format!("http://in.example/tamil/{id}.mp4"),
            )
        },
        None,
    ),
    (
        "mixed_vod",
        EN,
        |rng, id, title| {
            film(
                rng.pick(&["EN | ACTION", "DE | FILME", "VOD"]),
                &format!("{title} {}", year(id)),
                &format!(
                    "http://mix.example:25461/movie/joe/secret/{id}.{}",
                    rng.pick(&["mkv", "mp4", "avi"])
                ),
            )
        },
        None,
    ),
    (
        "pl_vod2",
        PL,
        |rng, id, title| {
            let line = format!(
                "#EXTINF:0 group-title=\"Dramat\" group-title=\"{}\",{title} ({}) {}",
                rng.pick(&["Film", "Europejski"]),
                year(id),
                rng.pick(&["Lektor PL", "Napisy PL"])
            );
            (format!("{line}\nhttp://pl.example/vod/{id}_{title}.mp4"), Meant::Movie)
        },
        None,
    ),
    (
        "tr_movies",
        TR,
        |rng, id, title| {
            let known = if rng.percent(99) {
                format!("tvg-id=\"tt{:07}\" {POSTER} ", 100_000 + id)
            } else {
                String::new()
            };
            let name = format!("{title} ({})", year(id));
            let line = format!(
                "#EXTINF:-1 {known}tvg-name=\"{name}\" group-title=\"Son Eklenenler\" genres=\"Suç\",{name}"
            );
            (format!("{line}\nhttps://vod.example/vs/tt{id:07}"), Meant::Movie)
        },
        None,
    ),
    (
        "tr_filmmodu",
        TR,
        |rng, id, title| {
            film(
                rng.pick(&["4K Filmler", "Aile Filmleri", "Filmler"]),
                &format!("{title} {}", rng.pick(&["1080p", "4K", "720p"])),
                &format!("https://modu.example/izle/{id}"),
            )
        },
        Some(("classify_movies", "category =~ 'Film(ler|leri)' and url =~ modu")),
    ),
    ("vi_movies", VI, vietnamese, None),
    (
        "vi_tv",
        VI,
        |_, id, title| {
            show(
                "Phim bộ",
                &format!("{title} - Tập {}", id % 40 + 1),
                &format!("https://vi2.example/{id}/index.m3u8"),
            )
        },
        None,
    ),
    (
        "tr_full",
        TR,
        |rng, id, title| {
            film(
                rng.pick(&["Dram | Gerilim", "Aksiyon | Suç", "Komedi"]),
                title,
                &format!("https://full.example/video/{id}x"),
            )
        },
        Some(("classify_movies", "category =~ 'Dram|Aksiyon|Komedi' and url =~ full")),
    ),
    (
        "ru_film01",
        RU,
        |rng, id, title| {
            film(
                "Фильмы",
                &if rng.percent(79) { format!("{title} ({})", year(id)) } else { title.to_owned() },
                &format!("https://cdn{}.ru.example/{id}/hls/index.m3u8", id % 5),
            )
        },
        None,
    ),
    (
        "ru_films",
        RU,
        |rng, id, title| {
            let poster = if rng.percent(60) { POSTER } else { "" };
            let name =
                if rng.percent(75) { format!("{title} - {}", year(id)) } else { title.to_owned() };
            let line = format!("#EXTINF:-1 {poster} group-title=\"Кино\",{name}");
            (format!("{line}\nhttps://films.ru.example/{id}/master.m3u8"), Meant::Movie)
        },
        None,
    ),
    (
        "tr_anime",
        TR,
        |_, id, title| {
            show(
                "Anime",
                &format!("{title} {}S {}B", id % 3 + 1, id % 24 + 1),
                &format!("https://anime.example/{id}/master.m3u8"),
            )
        },
        None,
    ),
    (
        "th_series",
        TH,
        |_, id, title| {
            show(
                title,
                &format!("EP{}", id % 30 + 1),
                &format!("https://th.example/{id}/playlist.m3u8"),
            )
        },
        None,
    ),
    (
        "es_series1",
        ES,
        |rng, id, title| {
            let (season, number) = (id % 9 + 1, id % 20 + 1);
            let name = match rng.below(4) {
                0 => format!("{season:02}X{number} {title}"),
                1 => format!("{title} ({}) {number:02} 720p latino", year(id)),
                2 => format!("{title} T{season}  CAPITULO {number}"),
                _ => format!("{title} {season}x{number:02}"),
            };
            show("", &name, &format!("https://dl.example/scl/fi/{id}/{id}.mp4?rlkey=x"))
        },
        None,
    ),
    (
        "series",
        EN,
        |_, id, title| {
            (
                written(
                    "SRS | FR - DRAME",
                    &format!("FR - {title}"),
                    &format!(
                        "http://h.example/player_api.php?username=u&password=p&action=get_series_info&series_id={id}"
                    ),
                ),
                Meant::Nothing,
            )
        },
        None,
    ),
    (
        "tr_netflix",
        TR,
        |_, id, title| {
            show(
                "Netflix Dizileri",
                &format!("{title} {}. Sezon {}. Bölüm", id % 4 + 1, id % 10 + 1),
                &format!("https://nf.example/{id}.mp4"),
            )
        },
        None,
    ),
    (
        "tr_diziyou",
        TR,
        |_, id, title| {
            show(
                title,
                &format!("{title} S{:02}E{:02}", id % 4 + 1, id % 10 + 1),
                &format!("https://diziyou.example/episodes/{id}/play.m3u8"),
            )
        },
        None,
    ),
    (
        "ar_series1",
        AR,
        |_, id, title| {
            show(
                "مسلسلات عربية",
                &format!("{title} S{:02} E{:02}", id % 3 + 1, id % 30 + 1),
                &format!("http://ar.example:80/series/joe/secret/{id}.mp4"),
            )
        },
        None,
    ),
    (
        "it_serie",
        IT,
        |_, id, title| {
            show(
                title,
                &format!("{}x{:02}", id % 9 + 1, id % 20 + 1),
                &format!("https://voe.example/{id}abc"),
            )
        },
        None,
    ),
    (
        "it_filmshare",
        IT,
        |rng, id, title| {
            let (group, url) = ("FILM", format!("http://share.example/movie/u/p/{id}.mkv"));
            if rng.percent(10) {
                show(group, &format!("{title} S01E{:02}", id % 10 + 1), &url)
            } else {
                film(group, &format!("{title} ({})", year(id)), &url)
            }
        },
        None,
    ),
    (
        "en_anime",
        EN,
        |rng, id, _| {
            let group = EN[id % EN.len()];
            let number = id / EN.len() + 1;
            let name =
                if rng.below(3) == 0 { format!("{group} {number}") } else { number.to_string() };
            let line = format!("#EXTINF:-1 group-title=\"{group}\",{name}");
            (format!("{line}\nhttp://dl.example/{id}/{group}%20{number}.mkv"), Meant::Episode)
        },
        None,
    ),
    (
        "tr_bolum",
        TR,
        |_, id, title| {
            let line = format!(
                "#EXTINF:-1 tvg-id=\"Dizi.tr\" group-title=\"Efsane Yerli Diziler\",TR: {title} {} Bölüm",
                id + 1
            );
            (format!("{line}\nhttp://tr.example/hls/{id:08x}/master1080p.m3u8"), Meant::Episode)
        },
        None,
    ),
];

fn written(group: &str, name: &str, url: &str) -> String {
    let group = if group.is_empty() { String::new() } else { format!(" group-title=\"{group}\"") };
    format!("#EXTINF:-1{group},{name}\n{url}")
}

fn film(group: &str, name: &str, url: &str) -> (String, Meant) {
    (written(group, name, url), Meant::Movie)
}

fn show(group: &str, name: &str, url: &str) -> (String, Meant) {
    (written(group, name, url), Meant::Episode)
}

fn es_pelis(rng: &mut Rng, id: usize, title: &str) -> (String, Meant) {
    let url = format!("http://pelis.example:85/archivo/{id}.mp4");
    match rng.below(3) {
        0 => film("PELICULAS ACCION", &format!("{title} ({})", year(id)), &url),
        1 => show(
            &format!("SERIE {title}"),
            &format!("TEMP {} CAP {}", id % 4 + 1, id % 12 + 1),
            &url,
        ),
        _ => show("SERIES", &format!("{title} {}x{:02}", id % 4 + 1, id % 12 + 1), &url),
    }
}

fn vietnamese(rng: &mut Rng, id: usize, title: &str) -> (String, Meant) {
    let url = format!("https://vi.example/{id}/index.m3u8");
    match rng.below(3) {
        0 => show("Phim", &format!("{title} (Phần 2) - Tập {:02}", id % 24 + 1), &url),
        1 => show("Phim", &format!("{title} - Vietsub #1 [{}]", id % 40 + 1), &url),
        _ => show("Phim", &format!("{title} (Vietsub) [Tập {}]", id % 40 + 1), &url),
    }
}
