//! Channels, half of them in groups with words for films and series: none of them is one.

use crate::playlists::meant::{Meant, WildEntry, WildList, entry};
use crate::rng::Rng;

/// Stations of films and series, and others.
const STATIONS: [&str; 40] = [
    "Sky Cinema Action",
    "Sky Cinema Due",
    "Film4",
    "HBO 2",
    "HBO Comedy",
    "TVP Seriale",
    "Kino TV",
    "AMC",
    "MGM+ Hits",
    "Cine Latino",
    "Canal+ Film",
    "Cinemax",
    "Movistar Acción",
    "TCM",
    "Paramount Network",
    "Star Movies",
    "Filmbox Extra",
    "Warner TV Serie",
    "Eurocinema",
    "Sony Movies Classic",
    "Дом Кино",
    "Кинохит",
    "Rotana Cinema",
    "ART Aflam 1",
    "beIN Movies Premiere",
    "Dizi TV",
    "Movie Smart Aksiyon",
    "TV 2000",
    "Studio 1",
    "E4",
    "E! Entertainment",
    "BBC One",
    "Das Erste",
    "Rai 1",
    "TF1",
    "RTL",
    "CNN",
    "Eurosport 1",
    "KABC-TV",
    "Canal 24",
];

/// What stands in front of them.
const FRONTS: [&str; 8] = ["", "", "", "IT: ", "PL| ", "|UK| ", "US - ", "TR ▎ "];

/// What stands behind them.
const ENDS: [&str; 9] = ["", "", "", " HD", " FHD", " (1080p)", " ᴴᴰ", " +1", " [Not 24/7]"];

/// Groups with words for films and series.
const FILM_GROUPS: [&str; 12] = [
    "Movies",
    "CINEMA",
    "UK | MOVIES",
    "IT | SKY CINEMA",
    "Filmy i Seriale",
    "Filmler",
    "Series",
    "Кино",
    "VOD | FILMS",
    "Cine y Series",
    "Kino",
    "افلام",
];

/// Other groups.
const GROUPS: [&str; 8] =
    ["News", "Sports", "Entertainment", "General", "DE | SENDER", "Undefined", "", "USA"];

/// A list of so many channels.
pub fn channels(seed: u64, number: usize) -> WildList {
    let mut rng = Rng(seed);
    let entries: Vec<WildEntry> =
        (0..number).map(|id| entry(channel(&mut rng, id), Meant::Live)).collect();
    WildList { name: "channels", entries, word: None }
}

/// The lines of a channel.
pub(crate) fn channel(rng: &mut Rng, id: usize) -> String {
    let is_of_films = rng.percent(50);
    let station = rng.pick(if is_of_films { &STATIONS[..30] } else { &STATIONS });
    let group = rng.pick(if is_of_films { &FILM_GROUPS[..] } else { &GROUPS });
    let name = match rng.below(12) {
        0 => format!("24/7 {}", rng.pick(&["Friends", "Recep İvedik", "Star Wars Movies"])),
        _ => format!("{}{station}{}", rng.pick(&FRONTS), rng.pick(&ENDS)),
    };
    let guide = if rng.percent(50) {
        format!(" tvg-id=\"{}.{}\"", station.replace(' ', ""), rng.pick(&["it", "uk", "us"]))
    } else {
        String::new()
    };
    let logo = rng.pick(&["", "", " tvg-logo=\"http://logos.example/a.png\""]);
    format!("#EXTINF:-1{guide}{logo} group-title=\"{group}\",{name}\n{}", address(rng, id))
}

fn address(rng: &mut Rng, id: usize) -> String {
    match rng.below(8) {
        0 => format!("http://live.example:8080/live/joe/secret/{id}.ts"),
        1 => format!("http://live.example:8080/joe/secret/{id}"),
        2 => format!("http://live.example:8080/joe/secret/{id}.ts"),
        3 => format!("http://live.example:8080/joe/secret/{id}.m3u8"),
        4 => format!("https://cdn.live.example/kino{id}/index.m3u8"),
        5 => format!("http://live.example/stream.php?id={id}"),
        6 => format!("http://live.example/play/{id}x"),
        _ => format!("https://dash.live.example/{id}/manifest.mpd"),
    }
}
