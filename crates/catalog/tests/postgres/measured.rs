//! What was measured of streams: the contract of the plugin vod-probe, and what Xtream's panels say.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::model::media::{Kind, Stream};
use vod2strm_testkit::generate::small;
use vod2strm_testkit::postgres::TestDatabase;

use super::{ALL, Key, filled, load, open, stamps};

/// A relation as vod-probe leaves it, in the shape of its schema 6.
fn probed() -> Value {
    json!({
        "basic_data": {"name": "Heat"},
        "quality": "4K",
        "resolution": "3840x2160",
        "probe": {
            "schema_version": 6, "status": "ok", "probed_at": "2026-11-01T00:00:00Z", "tier": "2160p",
            "hdr": "hdr10",
            "video": {"codec": "hevc", "profile": "Main 10", "bit_depth": 10, "bit_rate": 1, "frame_rate": 24},
            "audio": [
                {"codec": "eac3", "channels": 6, "language": "ger"},
                {"codec": "aac", "channels": 2, "language": "eng", "audio_description": true},
                {"codec": "aac", "channels": 2, "language": "und"},
            ],
            "audio_languages": ["ger"],
            "subtitle": [{"codec": "subrip", "language": "eng", "forced": true}],
            "subtitle_languages": ["eng"], "duration_secs": 10_200.5, "container": "matroska", "bit_rate": 1,
            "source": "file",
        },
    })
}

const WHOLE: &str =
    "2160 hdr10 video=hevc/3840x2160 audio=eac3/6/de audio=aac/2/- subtitle=en seconds=10200";
const LAST: &str = "part 2160 video=-/3840x2160";

/// The block with this value at this place, which are keys with slashes between.
fn with(path: &str, value: Value) -> Value {
    let mut all = probed();
    let mut at = &mut all;
    for key in path.split('/') {
        at = match at {
            Value::Array(list) => &mut list[key.parse::<usize>().unwrap()],
            object => &mut object[key],
        };
    }
    *at = value;
    all
}

/// Writes a relation's document.
fn set(database: &TestDatabase, table: &str, document: &Value) {
    let document = document.to_string().replace('\'', "''");
    database.execute(&format!("UPDATE {table} SET custom_properties = '{document}' WHERE id = 1"));
}

/// What is measured of the stream in row 1 of a table.
fn measured(database: &TestDatabase, table: &str) -> Option<String> {
    let kind = if table == MOVIE { Kind::Movie } else { Kind::Series };
    let title = load(&mut open(database), kind, &[1]).remove(&(kind, 1)).unwrap();
    let of = |streams: &[Stream]| Some(streams.first()?.measured.as_ref()?.to_string());
    match table {
        EPISODE => title.episodes.iter().find_map(|episode| of(&episode.streams)),
        _ => of(&title.streams),
    }
}

fn fingerprints(database: &TestDatabase) -> BTreeMap<Key, Fingerprint> {
    let stamps = stamps(&mut open(database), &ALL);
    stamps.into_iter().map(|(key, stamp)| (key, stamp.fingerprint)).collect()
}

const MOVIE: &str = "vod_m3umovierelation";
const SERIES: &str = "vod_m3useriesrelation";
const EPISODE: &str = "vod_m3uepisoderelation";

#[test]
fn every_status_says_whether_a_measurement_may_be_used() {
    let database = filled(&small());
    for table in [MOVIE, EPISODE] {
        for (status, expected) in [
            (json!("ok"), Some(WHOLE)),
            (json!("inferred"), Some(WHOLE)),
            // What stands beside the status is old; quality and resolution are the last good ones.
            (json!("error"), Some(LAST)),
            (json!("unreachable"), Some(LAST)),
            (json!("pending"), None),
            (json!("partial"), None),
            (json!("OK"), None),
            (json!(null), None),
            (json!(["ok"]), None),
        ] {
            set(&database, table, &with("probe/status", status.clone()));
            assert_eq!(measured(&database, table).as_deref(), expected, "{table}: {status}");
        }
        for version in [json!(5), json!(7), json!("6"), json!(null), json!([6])] {
            set(&database, table, &with("probe/schema_version", version.clone()));
            assert_eq!(measured(&database, table), None, "{table}: {version}");
        }
        for probe in [json!(null), json!([]), json!("6"), json!({}), json!(6)] {
            set(&database, table, &with("probe", probe.clone()));
            assert_eq!(measured(&database, table), None, "{table}: {probe}");
        }
        database.execute(&format!("UPDATE {table} SET custom_properties = NULL"));
        assert_eq!(measured(&database, table), None, "{table}");
    }
}

/// The block of a series sums up its episodes, and measures nothing.
#[test]
fn a_series_block_measures_nothing() {
    let database = filled(&small());
    let before = fingerprints(&database);
    let summary = json!({"probe": {"schema_version": 6, "status": "ok", "episodes": 12, "seasons": [1],
        "mode": "sample", "last_modified": "1", "sampled_from": [7]}, "quality": "4K"});
    let basic = small().series_relations[0].custom_properties.clone();
    let mut document: Value = basic.map_or(json!({}), |text| serde_json::from_str(&text).unwrap());
    for (key, value) in summary.as_object().unwrap() {
        document[key] = value.clone();
    }
    set(&database, SERIES, &document);
    assert_eq!(measured(&database, SERIES), None);
    assert_eq!(fingerprints(&database), before);
}

#[test]
fn a_field_of_the_contract_counts_and_nothing_beside_it() {
    let database = filled(&small());
    for (table, key) in [(MOVIE, (Kind::Movie, 1)), (EPISODE, (Kind::Series, 1))] {
        set(&database, table, &probed());
        let before = fingerprints(&database);
        for (path, value, is_read) in [
            ("quality", json!("1080p"), true),
            ("resolution", json!("1920x1080"), true),
            ("probe/status", json!("error"), true),
            ("probe/schema_version", json!(7), true),
            ("probe/tier", json!("1080p"), true),
            ("probe/hdr", json!("sdr"), true),
            ("probe/video/codec", json!("av1"), true),
            ("probe/audio/0/codec", json!("dts"), true),
            ("probe/audio/0/channels", json!(2), true),
            ("probe/audio/0/language", json!("fre"), true),
            ("probe/audio/1/audio_description", json!(false), true),
            ("probe/audio_languages", json!(["fre"]), true),
            ("probe/subtitle/0/language", json!("fre"), true),
            ("probe/subtitle_languages", json!(["fre"]), true),
            ("probe/duration_secs", json!(7), true),
            ("probe/status", json!("inferred"), false),
            ("probe/retry", json!(3), false),
            ("probe/reload", json!(true), false),
            ("probe/probed_at", json!("2026-11-02T00:00:00Z"), false),
            ("probe/attempts", json!(2), false),
            ("probe/error", json!("it was away"), false),
            ("probe/source", json!("proxy"), false),
            ("probe/inferred_from", json!(7), false),
            ("probe/container", json!("mp4"), false),
            ("probe/bit_rate", json!(2), false),
            ("probe/video/bit_rate", json!(2), false),
            ("probe/video/frame_rate", json!(25), false),
            ("probe/later", json!({"a": [1]}), false),
            ("later", json!(1), false),
        ] {
            set(&database, table, &with(path, value.clone()));
            let after = fingerprints(&database);
            assert_eq!(before[&key] != after[&key], is_read, "{table}: {path} {value}");
        }
    }
}

#[test]
fn panels_say_what_ffprobe_saw_of_the_first_tracks() {
    let database = filled(&small());
    let video = json!({"codec_name": "hevc", "width": 1920, "height": 800, "color_transfer": "smpte2084",
        "index": 0, "tags": {"language": "eng"}});
    let audio = json!({"codec_name": "ac3", "channels": 6, "tags": {"language": "fre"},
        "disposition": {"visual_impaired": 0}});
    let described = json!({"codec_name": "ac3", "tags": {"language": "fre"},
        "disposition": {"visual_impaired": 1}});
    let whole = "part 1080 hdr10 video=hevc/1920x800 audio=ac3/6/fr";
    for (video, audio, expected) in [
        (video.clone(), audio.clone(), Some(whole)),
        (json!([video]), json!([audio]), Some(whole)),
        (video.clone(), json!([]), Some("part 1080 hdr10 video=hevc/1920x800")),
        (video.clone(), described, Some("part 1080 hdr10 video=hevc/1920x800")),
        (json!({}), audio.clone(), Some("part audio=ac3/6/fr")),
        (json!([]), json!([]), None),
        (json!("hevc"), json!(7), None),
        (json!({"codec_name": {"a": 1}}), json!({"codec_name": [1]}), None),
    ] {
        let info = json!({"duration_secs": 7, "bitrate": 5, "video": video, "audio": audio});
        for (table, document) in [
            (MOVIE, json!({"detailed_info": info})),
            (EPISODE, json!({"info": {"id": "1", "info": info}})),
        ] {
            set(&database, table, &document);
            assert_eq!(measured(&database, table).as_deref(), expected, "{table}: {document}");
        }
    }
    // What the plugin has measured comes first, and what is left of that comes last.
    let mut both = probed();
    both["detailed_info"] = json!({"video": video, "audio": audio});
    set(&database, MOVIE, &both);
    assert_eq!(measured(&database, MOVIE).as_deref(), Some(WHOLE));
    both["probe"]["status"] = json!("error");
    set(&database, MOVIE, &both);
    assert_eq!(measured(&database, MOVIE).as_deref(), Some(whole));
}

/// What nobody would send costs its own measurement, and no title.
#[test]
fn hostile_documents_are_no_measurement() {
    let database = filled(&small());
    let deep = "[".repeat(3_000) + &"]".repeat(3_000);
    for audio in [deep.as_str(), "{\"a\": 1e400}", "\"\\u0001\""] {
        let document = format!(
            "{{\"probe\": {{\"schema_version\": 6, \"status\": \"ok\", \"tier\": \"720p\", \"audio\": {audio}}}}}"
        );
        let sql = format!("UPDATE {MOVIE} SET custom_properties = '{document}' WHERE id = 1");
        database.execute(&sql);
        let found = measured(&database, MOVIE);
        assert!(found.as_deref().is_none_or(|text| text == "720"), "{found:?}");
    }
}
