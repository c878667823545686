//! What Dispatcharr knows only in JSON, read leniently: under one key providers send text, numbers,
//! lists, null and nonsense. What cannot be used is not there; nothing here is an error.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use tokio_postgres::types::{FromSql, Type};
use vod2strm_core::text::is_placeholder;

use super::measured::measured;
use crate::error::BoxedError;

/// Which part of a title or an episode a JSON value fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonField {
    /// Title in the original language.
    Original,
    /// Directors.
    Director,
    /// Actors.
    Cast,
    /// Countries.
    Country,
    /// Studios.
    Studio,
    /// From which age on.
    Mpaa,
    /// A YouTube id or a URL.
    Trailer,
    /// A title's background, an episode's picture.
    Picture,
    /// TVDB id.
    Tvdb,
    /// A date in whatever form.
    Premiered,
    /// Whether there will be more of it.
    Status,
    /// Seasons' posters, a line each: number, blank, URL.
    Seasons,
    /// What was measured of a stream.
    Measured,
}

impl JsonField {
    /// What a value says for this field: of a list all for what there can be several of, otherwise the
    /// first that can be used.
    pub fn read(self, json: &Json) -> Option<String> {
        let value = json.0.as_ref()?;
        match self {
            JsonField::Seasons => seasons(value),
            JsonField::Measured => measured(value),
            JsonField::Director | JsonField::Cast | JsonField::Country | JsonField::Studio => {
                Some(texts(value).join(", ")).filter(|text| !text.is_empty())
            }
            _ => texts(value).into_iter().next(),
        }
    }
}

/// A JSON value; `None` when the server has none, or one that cannot be read.
pub struct Json(Option<Value>);

impl Json {
    /// A name exactly as it is; the film "1917" may come as a number.
    pub fn name(&self) -> Option<String> {
        match self.0.as_ref()? {
            Value::String(name) => Some(name.clone()).filter(|name| !name.trim().is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Whether it says yes: `1`, `true`, and the same as text.
    pub fn is_yes(&self) -> bool {
        match &self.0 {
            Some(Value::Bool(yes)) => *yes,
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            Some(Value::String(text)) => {
                ["1", "true", "yes"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
            }
            _ => false,
        }
    }
}

/// The usable texts of a value.
fn texts(value: &Value) -> Vec<String> {
    match list(value) {
        Some(list) => list.iter().filter_map(text).collect(),
        None => text(value).into_iter().collect(),
    }
}

/// A list, which may also come as text that is JSON itself.
fn list(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::Array(list) => Some(Cow::Borrowed(list)),
        Value::String(text) if text.trim_start().starts_with('[') => {
            serde_json::from_str(text).ok().map(Cow::Owned)
        }
        _ => None,
    }
}

/// The posters in a list of seasons, as Xtream's `seasons` is; the first of a number counts.
fn seasons(value: &Value) -> Option<String> {
    let mut posters = BTreeMap::new();
    for season in list(value)?.iter() {
        let number = text(&season["season_number"]).and_then(|text| text.parse::<u16>().ok());
        let poster = text(&season["cover_big"]).or_else(|| text(&season["cover"]));
        if let (Some(number), Some(poster)) = (number, poster) {
            posters.entry(number).or_insert(poster);
        }
    }
    let is_line = |poster: &String| !poster.contains(['\n', '\r']);
    let lines = posters.into_iter().filter(|(_, poster)| is_line(poster));
    let lines: Vec<String> = lines.map(|(number, poster)| format!("{number} {poster}")).collect();
    Some(lines.join("\n")).filter(|lines| !lines.is_empty())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !is_placeholder(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl<'a> FromSql<'a> for Json {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Json, BoxedError> {
        // The binary form of jsonb is a version, 1, and the text.
        let text = if *ty == Type::JSONB { raw.get(1..).unwrap_or_default() } else { raw };
        Ok(Json(serde_json::from_slice(text).ok()))
    }

    fn from_sql_null(_: &Type) -> Result<Json, BoxedError> {
        Ok(Json(None))
    }

    fn accepts(ty: &Type) -> bool {
        [Type::JSONB, Type::JSON].contains(ty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::from_sql(&Type::JSONB, format!("\u{1}{text}").as_bytes()).unwrap()
    }

    #[test]
    fn lists_are_joined_or_their_first_is_taken() {
        for (raw, all, first) in [
            (r#""A, B""#, Some("A, B"), Some("A, B")),
            (r#"["A", null, "", {"name": "x"}, "B", 3]"#, Some("A, B, 3"), Some("A")),
            (r#"["N/A", " B "]"#, Some("B"), Some("B")),
            (r#""[\"A\", \"B\"]""#, Some("A, B"), Some("A")),
            (r#""[REC]""#, Some("[REC]"), Some("[REC]")),
            ("12", Some("12"), Some("12")),
            (r#"" \t""#, None, None),
            (r#""n/a""#, None, None),
            (r#""None""#, None, None),
            ("[]", None, None),
            ("[[\"A\"]]", None, None),
            ("{}", None, None),
            ("null", None, None),
            ("true", None, None),
            ("1e999", None, None),
            ("no JSON", None, None),
        ] {
            assert_eq!(JsonField::Cast.read(&json(raw)).as_deref(), all, "{raw}");
            assert_eq!(JsonField::Picture.read(&json(raw)).as_deref(), first, "{raw}");
        }
    }

    #[test]
    fn seasons_have_posters_in_many_shapes() {
        for (raw, lines) in [
            (
                r#"[{"season_number": 2, "cover": "http://b"},
                    {"season_number": "1", "cover": "http://s", "cover_big": "http://a"},
                    {"season_number": 2, "cover": "http://c"}]"#,
                Some("1 http://a\n2 http://b"),
            ),
            (r#""[{\"season_number\": 0, \"cover\": \"http://a\"}]""#, Some("0 http://a")),
            (
                r#"[{"season_number": -1, "cover": "a"}, {"season_number": 1}, {"cover": "a"}]"#,
                None,
            ),
            (r#"[{"season_number": 1, "cover": "a\nb"}, 1, null, []]"#, None),
            ("[]", None),
            ("3", None),
            (r#"{"1": {"season_number": 1, "cover": "a"}}"#, None),
            ("null", None),
        ] {
            assert_eq!(JsonField::Seasons.read(&json(raw)).as_deref(), lines, "{raw}");
        }
    }

    #[test]
    fn yes_has_many_forms() {
        for raw in ["1", "true", "\"1\"", "\"True\"", "\" yes \""] {
            assert!(json(raw).is_yes(), "{raw}");
        }
        for raw in
            ["0", "false", "\"0\"", "\"None\"", "null", "[1]", "{}", "\"\"", "18", "nonsense"]
        {
            assert!(!json(raw).is_yes(), "{raw}");
        }
    }

    #[test]
    fn names_are_left_as_they_are() {
        for (raw, name) in
            [("\" None \"", Some(" None ")), ("1917", Some("1917")), ("\" \"", None), ("[]", None)]
        {
            assert_eq!(json(raw).name().as_deref(), name, "{raw}");
        }
        assert_eq!(Json::from_sql_null(&Type::JSONB).unwrap().name(), None);
    }
}
