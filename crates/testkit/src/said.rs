//! What the JSON of a catalogue's rows says, read the slow and obvious way, for the twin.

use serde_json::Value;
use vod2strm_core::model::media::Details;
use vod2strm_core::model::stated::Stated;

/// A row's JSON; what is none says nothing.
pub(crate) fn parsed(text: &Option<String>) -> Value {
    text.as_deref().map_or(Value::Null, |text| serde_json::from_str(text).expect("generated JSON"))
}

/// The usable texts of a value: a text, a number, or those in a list, be it written as text.
fn texts(value: &Value) -> Vec<String> {
    let nothing = ["", "n/a", "none", "null", "undefined", "-"];
    let usable = |value: &Value| {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        Some(text).filter(|text| !nothing.contains(&text.to_lowercase().as_str()))
    };
    if let Value::Array(list) = value {
        return list.iter().filter_map(usable).collect();
    }
    let inner: Option<Vec<Value>> =
        value.as_str().and_then(|text| serde_json::from_str(text.trim()).ok());
    inner.map_or_else(
        || usable(value).into_iter().collect(),
        |list| list.iter().filter_map(usable).collect(),
    )
}

/// The first of these values that says something, as a list or as one text.
fn first<'a>(values: impl IntoIterator<Item = &'a Value>, is_list: bool) -> Option<String> {
    let mut found = values.into_iter().map(texts).filter(|texts| !texts.is_empty());
    let found = found.next()?;
    Some(if is_list { found.join(", ") } else { found[0].clone() })
}

/// The details that a movie's own JSON has, or else that of its best stream.
pub(crate) fn of_movie(own: &Value, stream: &Value) -> Details {
    let (basic, info) = (&stream["basic_data"], &stream["detailed_info"]);
    let (one, list) = (false, true);
    Details {
        original: first([&info["o_name"]], one),
        director: first([&own["director"], &info["director"], &basic["director"]], list),
        cast: first([&own["actors"], &info["cast"], &info["actors"], &basic["cast"]], list),
        country: first([&own["country"], &info["country"]], list),
        studio: first([&info["studio"]], list),
        mpaa: first([&info["mpaa_rating"], &info["age"]], one),
        trailer: first(
            [
                &own["youtube_trailer"],
                &info["youtube_trailer"],
                &basic["youtube_trailer"],
                &basic["trailer"],
            ],
            one,
        ),
        fanart: first([&own["backdrop_path"], &info["backdrop_path"]], one),
        tvdb: first([&info["tvdb_id"]], one).map(Stated::from),
        premiered: first(
            [
                &own["release_date"],
                &info["releasedate"],
                &info["release_date"],
                &basic["release_date"],
            ],
            one,
        )
        .map(Stated::from),
        ..Details::default()
    }
}

/// The details that a series' own JSON has, and the few of its best entry.
pub(crate) fn of_series(own: &Value, stream: &Value) -> Details {
    let basic = &stream["basic_data"];
    let (one, list) = (false, true);
    let dates = [&own["first_air_date"], &own["releaseDate"], &own["release_date"]];
    Details {
        original: first([&own["original_name"]], one),
        director: first([&own["director"]], list),
        cast: first([&own["cast"]], list),
        country: first([&own["country"]], list),
        studio: first([&basic["studio"]], list),
        mpaa: first([&own["age"]], one),
        trailer: first([&own["youtube_trailer"]], one),
        fanart: first([&own["backdrop_path"]], one),
        tvdb: first([&basic["tvdb_id"]], one).map(Stated::from),
        premiered: first(dates, one).map(Stated::from),
        status: first([&own["status"]], one),
        season_posters: season_posters(&own["seasons"]),
        ..Details::default()
    }
}

/// The posters of seasons, by number.
fn season_posters(value: &Value) -> Option<String> {
    let inner: Value = match value {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    let mut lines: Vec<(u16, String)> = Vec::new();
    for season in inner.as_array()? {
        let plain = |value: &Value| match value {
            Value::Array(_) | Value::Object(_) => None,
            value => texts(&Value::Array(vec![value.clone()])).pop(),
        };
        let number = plain(&season["season_number"]).and_then(|text| text.parse().ok());
        let poster = plain(&season["cover_big"]).or_else(|| plain(&season["cover"]));
        let (Some(number), Some(poster)) = (number, poster) else { continue };
        if lines.iter().all(|(other, _)| *other != number) {
            lines.push((number, poster));
        }
    }
    lines.retain(|(_, poster)| !poster.contains('\n') && !poster.contains('\r'));
    lines.sort();
    let lines: Vec<String> = lines.iter().map(|(at, poster)| format!("{at} {poster}")).collect();
    if lines.is_empty() { None } else { Some(lines.join("\n")) }
}

/// Director and picture of an episode.
pub(crate) fn of_episode(own: &Value) -> (Option<String>, Option<String>) {
    (first([&own["pool"]], true), first([&own["movie_image"]], false))
}

/// What the provider calls it.
pub(crate) fn name(stream: &Value) -> Option<String> {
    match &stream["basic_data"]["name"] {
        Value::String(name) => Some(name.clone()).filter(|name| !name.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether the provider says that it is for adults.
pub(crate) fn is_adult(stream: &Value) -> bool {
    let flag = &stream["basic_data"]["is_adult"];
    let text = flag.as_str().map_or_else(|| flag.to_string(), |text| text.trim().to_lowercase());
    ["1", "true", "yes"].contains(&text.as_str())
}
