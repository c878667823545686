//! What was measured of a stream, as Dispatcharr's database has it. The plugin vod-probe measures every stream, and
//! publishes how it says so. Xtream's panels send what `ffprobe` said of the first tracks. All of it is hostile.
//!
//! Of documents only the values are selected that are read here: what else is in them changes no fingerprint.

use serde_json::Value;
use vod2strm_core::model::measured::{AudioTrack, Hdr, Measured};
use vod2strm_core::names::languages::of_code;
use vod2strm_core::names::quality::{codec, lines_of, lines_of_size};

/// What vod-probe has measured of a stream whose document is `r.custom_properties` and whose block is `j.probe`. Of a
/// version of the block that is not known nothing is read. After a failure its other values are old, but `quality`
/// and `resolution` beside it are the last good ones.
macro_rules! probed {
    () => {
        "CASE WHEN j.probe->'schema_version' = '6'::jsonb THEN
           CASE WHEN j.probe->>'status' IN ('ok', 'inferred') THEN jsonb_build_object(
               'tier', j.probe->'tier', 'quality', r.custom_properties->'quality',
               'resolution', r.custom_properties->'resolution', 'hdr', j.probe->'hdr',
               'codec', j.probe#>'{video,codec}', 'audio', j.probe->'audio',
               'audio_languages', j.probe->'audio_languages', 'subtitle', j.probe->'subtitle',
               'subtitle_languages', j.probe->'subtitle_languages',
               'duration_secs', j.probe->'duration_secs')
           END
         END"
    };
}

/// What is left of it after a failure.
macro_rules! last_probed {
    () => {
        "CASE WHEN j.probe->'schema_version' = '6'::jsonb
              AND j.probe->>'status' IN ('error', 'unreachable') THEN jsonb_build_object(
               'part', true, 'quality', r.custom_properties->'quality',
               'resolution', r.custom_properties->'resolution')
         END"
    };
}

/// What a panel says of a stream in these documents, each of which may be a list.
macro_rules! of_panel {
    ($video:literal, $audio:literal) => {
        concat!(
            "CASE WHEN ",
            $video,
            "->'codec_name' IS NOT NULL OR ",
            $audio,
            "->'codec_name' IS NOT NULL THEN jsonb_build_object(
               'part', true, 'codec', ",
            $video,
            "->'codec_name', 'width', ",
            $video,
            "->'width',
               'height', ",
            $video,
            "->'height', 'transfer', ",
            $video,
            "->'color_transfer',
               'side_data', ",
            $video,
            "->'side_data_list',
               'track', jsonb_build_object('codec', ",
            $audio,
            "->'codec_name',
                   'channels', ",
            $audio,
            "->'channels', 'language', ",
            $audio,
            "#>'{tags,language}',
                   'audio_description', ",
            $audio,
            "#>'{disposition,visual_impaired}'))
             END"
        )
    };
}

pub(super) use {last_probed, of_panel, probed};

/// More tracks than any film has.
const MAX_TRACKS: usize = 64;

/// The longest name of a codec, in bytes.
const MAX_CODEC: usize = 20;

/// The longest running time: a week, in seconds.
const LONGEST: u64 = 7 * 24 * 60 * 60;

/// What one of the objects above says, as the text of a measurement; `None` where it says nothing.
pub fn measured(value: &Value) -> Option<String> {
    let size = size(value);
    let tier = ["tier", "quality"].iter().find_map(|key| lines_of(value[*key].as_str()?));
    let quality = tier.or(size.map(|(width, height)| lines_of_size(width, height)));
    let measured = Measured {
        is_partial: value["part"] == true,
        quality,
        hdr: hdr(value),
        video: named_codec(&value["codec"]),
        size,
        audio: audio(value),
        subtitles: subtitles(value),
        seconds: number(&value["duration_secs"], LONGEST).and_then(|it| u32::try_from(it).ok()),
    };
    (!measured.is_empty()).then(|| measured.to_string())
}

/// The size of the picture: two numbers, or `3840x2160`.
fn size(value: &Value) -> Option<(u16, u16)> {
    let side = |value: &Value| u16::try_from(number(value, 20_000)?).ok();
    if let Some(text) = value["resolution"].as_str() {
        let (width, height) = text.split_once(['x', '×'])?;
        return Some((side(&width.into())?, side(&height.into())?));
    }
    Some((side(&value["width"])?, side(&value["height"])?))
}

/// A number from 1 to `most`, also one that is written as text or has a fraction.
fn number(value: &Value, most: u64) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let is_usable = number.is_finite() && number >= 1.0 && number <= most as f64;
    is_usable.then_some(number as u64)
}

/// Of vod-probe by its word; of a panel by how the picture is transferred.
fn hdr(value: &Value) -> Option<Hdr> {
    if let Some(word) = value["hdr"].as_str() {
        return Hdr::named(word);
    }
    let is_dolby = |data: &Value| {
        let kind = data["side_data_type"].as_str().unwrap_or_default();
        kind.starts_with("DOVI") || kind.starts_with("Dolby Vision")
    };
    if value["side_data"].as_array().is_some_and(|list| list.iter().any(is_dolby)) {
        return Some(Hdr::DolbyVision);
    }
    match value["transfer"].as_str()? {
        "smpte2084" => Some(Hdr::Hdr10),
        "arib-std-b67" => Some(Hdr::Hlg),
        "bt709" | "smpte170m" | "bt470bg" => Some(Hdr::Sdr),
        _ => None,
    }
}

fn named_codec(value: &Value) -> Option<String> {
    let name = codec(value.as_str()?);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let is_usable = name.len() <= MAX_CODEC && name.bytes().all(is_name) && !name.is_empty();
    (is_usable && !["none", "unknown", "-"].contains(&&*name)).then_some(name)
}

/// The tracks of sound: a list, a single one, or their languages alone.
fn audio(value: &Value) -> Vec<AudioTrack> {
    let listed = list(&value["audio"]).chain([&value["track"]]);
    let tracks: Vec<AudioTrack> = listed.filter_map(track).take(MAX_TRACKS).collect();
    if !tracks.is_empty() || value["audio"].as_array().is_some_and(|list| !list.is_empty()) {
        return tracks;
    }
    let languages = list(&value["audio_languages"]).filter_map(language);
    let alone = |language| AudioTrack { language: Some(language), ..AudioTrack::default() };
    languages.map(alone).take(MAX_TRACKS).collect()
}

/// A track that is for listening to: one that describes the picture is spoken in no language of the film.
fn track(value: &Value) -> Option<AudioTrack> {
    let describes = &value["audio_description"];
    if *describes == true || number(describes, 1).is_some() {
        return None;
    }
    let codec = named_codec(&value["codec"]);
    let channels = number(&value["channels"], 64).and_then(|it| u8::try_from(it).ok());
    let language = language(&value["language"]);
    let is_known = codec.is_some() || channels.is_some() || language.is_some();
    is_known.then_some(AudioTrack { codec, channels, language })
}

/// The languages of the subtitles: of a list of tracks, or else those that are listed.
fn subtitles(value: &Value) -> Vec<String> {
    let tracks = list(&value["subtitle"]).filter_map(|track| language(&track["language"]));
    let mut found: Vec<String> = tracks.take(MAX_TRACKS).collect();
    if found.is_empty() {
        found = list(&value["subtitle_languages"]).filter_map(language).take(MAX_TRACKS).collect();
    }
    let mut languages: Vec<String> = Vec::new();
    for language in found {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    languages
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn language(value: &Value) -> Option<String> {
    of_code(value.as_str()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A whole measurement of vod-probe, with one of its values exchanged.
    fn probed_with(key: &str, value: Value) -> Value {
        let mut all = json!({
            "tier": "2160p", "quality": "4K", "resolution": "3840x2160", "hdr": "hdr10", "codec": "hevc",
            "audio": [{"codec": "eac3", "channels": 6, "language": "ger"}],
            "audio_languages": ["ger"], "subtitle": [{"codec": "subrip", "language": "eng", "forced": true}],
            "subtitle_languages": ["eng"], "duration_secs": 5400,
        });
        all[key] = value;
        all
    }

    /// A word of a measurement's text, or all words of it that begin so.
    fn words(value: &Value, begins: &str) -> String {
        let text = measured(value).unwrap_or_default();
        let found: Vec<&str> = text.split(' ').filter(|word| word.starts_with(begins)).collect();
        found.join(" ")
    }

    #[test]
    fn a_measurement_of_vod_probe_is_read_field_by_field() {
        let whole = "2160 hdr10 video=hevc/3840x2160 audio=eac3/6/de subtitle=en seconds=5400";
        assert_eq!(measured(&probed_with("later", json!(1))).as_deref(), Some(whole));
        for (tier, lines) in [
            ("1080p", "1080"),
            ("720p", "720"),
            ("480p", "480"),
            ("sd", "480"),
            ("unknown", "2160"),
        ] {
            assert_eq!(words(&probed_with("tier", json!(tier)), lines), lines, "{tier}");
        }
        for hdr in ["sdr", "hlg", "dolby_vision"] {
            assert_eq!(words(&probed_with("hdr", json!(hdr)), hdr), hdr);
        }
        for (key, value, begins, expected) in [
            ("resolution", json!("1920 x 1080"), "video", "video=hevc/1920x1080"),
            ("resolution", json!("big"), "video", "video=hevc/0x0"),
            ("codec", json!("H265"), "video", "video=hevc/3840x2160"),
            ("codec", json!("../../x y"), "video", "video=-/3840x2160"),
            ("codec", json!("x".repeat(9_000)), "video", "video=-/3840x2160"),
            ("audio", json!([]), "audio", "audio=-/0/de"),
            ("audio", json!(null), "audio", "audio=-/0/de"),
            ("audio", json!("text"), "audio", "audio=-/0/de"),
            ("audio", json!([1, null, [], {"channels": "2"}]), "audio", "audio=-/2/-"),
            ("audio", json!([{"codec": "aac", "language": "und"}]), "audio", "audio=aac/0/-"),
            ("subtitle", json!([]), "subtitle", "subtitle=en"),
            (
                "subtitle",
                json!([{"language": "fre"}, {"language": "fra"}]),
                "subtitle",
                "subtitle=fr",
            ),
            ("subtitle", json!([{"language": 7}]), "subtitle", "subtitle=en"),
            ("duration_secs", json!("61.9"), "seconds", "seconds=61"),
            ("duration_secs", json!(-1), "seconds", ""),
            ("duration_secs", json!(1e300), "seconds", ""),
        ] {
            let found = words(&probed_with(key, value.clone()), begins);
            assert_eq!(found, expected, "{key}: {value}");
        }
    }

    #[test]
    fn a_description_of_the_picture_is_no_language() {
        let tracks = json!([
            {"codec": "aac", "channels": 2, "language": "eng", "audio_description": true},
            {"codec": "eac3", "channels": 6, "language": "ger"},
        ]);
        assert_eq!(words(&probed_with("audio", tracks), "audio"), "audio=eac3/6/de");
        let alone = json!([{"codec": "aac", "language": "eng", "audio_description": true}]);
        assert_eq!(words(&probed_with("audio", alone), "audio"), "");
    }

    #[test]
    fn tracks_without_end_are_cut() {
        let tracks = json!(vec![json!({"codec": "aac"}); 100_000]);
        let text = measured(&probed_with("audio", tracks)).unwrap();
        assert_eq!(text.matches("audio=").count(), MAX_TRACKS);
    }

    #[test]
    fn a_panel_says_a_part() {
        let track = json!({"codec": "ac3", "channels": 6, "language": "fre"});
        let panel = |transfer: &str, side: Value| {
            json!({"part": true, "codec": "hevc", "width": 3840, "height": "1600",
                "transfer": transfer, "side_data": side, "track": track})
        };
        let text = measured(&panel("smpte2084", json!(null)));
        let expected = "part 2160 hdr10 video=hevc/3840x1600 audio=ac3/6/fr";
        assert_eq!(text.as_deref(), Some(expected));
        let dolby = json!([7, {"side_data_type": "DOVI configuration record"}]);
        assert_eq!(words(&panel("smpte2084", dolby), "dolby"), "dolby_vision");
        assert_eq!(words(&panel("arib-std-b67", json!([])), "hlg"), "hlg");
        assert_eq!(words(&panel("bt709", json!("x")), "sdr"), "sdr");
        let nothing = json!({"part": true, "codec": null, "track": {"codec": null}});
        assert_eq!(measured(&nothing), None);
        assert_eq!(measured(&json!([])), None);
    }
}
