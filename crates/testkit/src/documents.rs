//! The JSON in generated rows: what Dispatcharr stores, in the shapes in which providers send it.

use serde_json::{Map, Value, json};

use crate::rng::Rng;
use crate::words::nasty_names;

/// Values of every kind of key, ordinary ones.
const DIRECTORS: &[&str] = &["Q. Else", "Anna Björk, T. & T. Twin", "Ōkami Ken"];
const ACTORS: &[&str] =
    &["A. Nother", "A. Nother, B. Second, C. \"Third\" Man", "Éva, Éva, O'Neil"];
const COUNTRIES: &[&str] = &["US", "France, Germany", "Côte d'Ivoire"];
const AGES: &[&str] = &["12", "PG-13", "FSK 16", "0", ""];
const DATES: &[&str] =
    &["2019-05-31", "2019-05-31 00:00:00", "31-05-2019", "05-06-2019", "2019", "0000-00-00", ""];
const TRAILERS: &[&str] = &[
    "dQw4w9WgXcQ",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=1",
    "https://trailers.example/a.mp4?b=1&c",
    "unavailable",
    "",
];
const PICTURES: &[&str] = &["https://image.example/back.jpg?w=1&h=2", "/relative.jpg", ""];
const STATES: &[&str] = &["Returning Series", "Ended", "Planned", ""];
const STUDIOS: &[&str] = &["Studio One", "One, Two & Co"];
const IDS: &[&str] = &["72860", "0", "x"];

/// JSON whose keys are there or not, each in one shape or another.
struct Document<'a> {
    rng: &'a mut Rng,
    nasty: bool,
    keys: Map<String, Value>,
}

impl Document<'_> {
    fn put(&mut self, key: &str, from: &[&str]) {
        if self.rng.percent(60) {
            let value = self.value(from);
            self.keys.insert(key.to_owned(), value);
        }
    }

    fn put_seasons(&mut self) {
        if !self.rng.percent(80) {
            return;
        }
        let mut list = Vec::new();
        for number in 0..=self.rng.below(4) {
            let number =
                if self.rng.percent(50) { json!(number) } else { json!(number.to_string()) };
            let (cover, big) = (self.value(PICTURES), self.value(PICTURES));
            list.push(
                json!({"season_number": number, "cover": cover, "cover_big": big, "name": "S"}),
            );
        }
        let list = if self.rng.percent(10) { json!(json!(list).to_string()) } else { json!(list) };
        self.keys.insert("seasons".to_owned(), list);
    }

    fn value(&mut self, from: &[&str]) -> Value {
        let text = self.rng.pick(from).to_owned();
        if self.nasty && self.rng.percent(30) {
            return self.oddity(&text);
        }
        match self.rng.below(12) {
            0 => Value::Null,
            1 => json!([text]),
            2 => json!([text, null, "", "Second"]),
            _ => json!(text),
        }
    }

    fn oddity(&mut self, text: &str) -> Value {
        let names = nasty_names();
        // No text in PostgreSQL has a character 0.
        let name = names[self.rng.below(names.len())].replace('\0', "");
        match self.rng.below(13) {
            0 => json!(self.rng.below(3000)),
            1 => json!(12.5),
            2 => json!(true),
            3 => json!({ "name": text }),
            4 => json!([[text], { "name": text }, 7, "", name]),
            5 => json!([]),
            6 => json!(json!([text, name]).to_string()),
            7 => json!("[broken"),
            8 => json!("N/A"),
            9 => json!(format!("  {text} ")),
            10 => json!(["None", null, text]),
            _ => json!(name),
        }
    }

    fn text(self) -> Option<String> {
        Some(Value::Object(self.keys).to_string())
    }
}

fn document(rng: &mut Rng, nasty: bool) -> Document<'_> {
    Document { rng, nasty, keys: Map::new() }
}

/// What may stand instead of a document: an object as text, or what is no object at all.
fn instead(rng: &mut Rng, nasty: bool) -> Option<String> {
    let others = [r#""{\"director\": \"A String\"}""#, "[1]", "null", "7"];
    let is_odd = nasty && rng.percent(10);
    is_odd.then(|| rng.pick(&others).to_owned())
}

/// `custom_properties` of a movie.
pub(crate) fn movie(rng: &mut Rng, nasty: bool) -> Option<String> {
    let other = instead(rng, nasty);
    if other.is_some() {
        return other;
    }
    let mut document = document(rng, nasty);
    document.put("director", DIRECTORS);
    document.put("actors", ACTORS);
    document.put("country", COUNTRIES);
    document.put("youtube_trailer", TRAILERS);
    document.put("backdrop_path", PICTURES);
    document.put("release_date", DATES);
    document.text()
}

/// `custom_properties` of a series.
pub(crate) fn series(rng: &mut Rng, nasty: bool) -> Option<String> {
    let other = instead(rng, nasty);
    if other.is_some() {
        return other;
    }
    let mut document = document(rng, nasty);
    document.put("original_name", DIRECTORS);
    document.put("director", DIRECTORS);
    document.put("cast", ACTORS);
    document.put("country", COUNTRIES);
    document.put("age", AGES);
    document.put("youtube_trailer", TRAILERS);
    document.put("backdrop_path", PICTURES);
    document.put("status", STATES);
    document.put_seasons();
    for key in ["first_air_date", "releaseDate", "release_date"] {
        document.put(key, DATES);
    }
    document.text()
}

/// `custom_properties` of an episode.
pub(crate) fn episode(rng: &mut Rng, nasty: bool) -> Option<String> {
    let other = instead(rng, nasty);
    if other.is_some() {
        return other;
    }
    let mut document = document(rng, nasty);
    document.put("pool", DIRECTORS);
    document.put("movie_image", PICTURES);
    document.text()
}

/// `custom_properties` of an account's stream of a movie, which calls it `name`; `flag` says, in JSON,
/// whether it is for adults.
pub(crate) fn movie_stream(
    rng: &mut Rng,
    nasty: bool,
    (name, number, flag): (&str, usize, &str),
) -> Option<String> {
    let flags: &[&str] = match flag.contains('1') {
        _ if !nasty => &[flag],
        true => &["1", "\"1\"", "true", "\"True\""],
        false => &["0", "\"0\"", "\"\"", "\"None\"", "false", "null", "[1]"],
    };
    let flag: Value = serde_json::from_str(rng.pick(flags)).expect("flags are JSON");
    let name = match rng.below(20) {
        _ if !nasty => json!(name),
        0 => Value::Null,
        1 => json!(1917),
        2 => json!(" "),
        3 => json!([name]),
        _ => json!(format!(" {name}")),
    };
    let mut basic = document(rng, nasty);
    basic.put("director", DIRECTORS);
    basic.put("cast", ACTORS);
    basic.put("youtube_trailer", TRAILERS);
    basic.put("trailer", TRAILERS);
    basic.put("release_date", DATES);
    basic.keys.extend([
        ("name".to_owned(), name),
        ("num".to_owned(), json!(number)),
        ("is_adult".to_owned(), flag),
        ("added".to_owned(), json!(format!("17{number:08}"))),
    ]);
    let basic = Value::Object(basic.keys);
    let detailed = match rng.below(10) {
        0..=4 => {
            return Some(json!({ "basic_data": basic, "detailed_fetched": false }).to_string());
        }
        5 if nasty => json!([]),
        _ => detailed_info(rng, nasty),
    };
    Some(json!({ "basic_data": basic, "detailed_info": detailed }).to_string())
}

fn detailed_info(rng: &mut Rng, nasty: bool) -> Value {
    let mut info = document(rng, nasty);
    info.put("o_name", DIRECTORS);
    info.put("director", DIRECTORS);
    info.put("cast", ACTORS);
    info.put("actors", ACTORS);
    info.put("country", COUNTRIES);
    info.put("studio", STUDIOS);
    info.put("mpaa_rating", AGES);
    info.put("age", AGES);
    info.put("youtube_trailer", TRAILERS);
    info.put("backdrop_path", PICTURES);
    info.put("tvdb_id", IDS);
    info.put("releasedate", DATES);
    info.put("release_date", DATES);
    info.keys.insert("bitrate".to_owned(), json!(4200));
    Value::Object(info.keys)
}

/// `custom_properties` of an account's entry of a series.
pub(crate) fn series_stream(
    rng: &mut Rng,
    nasty: bool,
    name: &str,
    number: usize,
) -> Option<String> {
    let mut basic = document(rng, nasty);
    basic.put("studio", STUDIOS);
    basic.put("tvdb_id", IDS);
    basic.put("is_adult", &["0", "0", "1"]);
    basic.keys.extend([
        ("name".to_owned(), json!(name)),
        ("num".to_owned(), json!(number)),
        ("last_modified".to_owned(), json!("1700000000")),
    ]);
    Some(json!({ "basic_data": basic.keys }).to_string())
}
