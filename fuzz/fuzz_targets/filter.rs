//! Whatever a user writes as a filter: it is understood or refused, and judges without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vod2strm_core::select::filter::{EntryFilter, Facts, Filter, Preference};

fuzz_target!(|text: &str| {
    let facts = Facts {
        names: ["EN - Heat (1995)", "Heat"],
        genres: vec!["Drama"],
        year: Some(1995),
        rating: Some(7.0),
        id: 1,
        tmdb: Some("949"),
        category: Some("4K"),
        account: "Main",
        languages: vec!["en"],
        quality: Some(2160),
        url: Some("http://h/movie/u/p/1.mkv"),
        list_id: Some("h.example"),
        duration: Some(5400),
        ..Facts::of(["", ""])
    };
    if let Ok(filter) = text.parse::<Filter>() {
        let found = filter.evaluate(&facts);
        assert_eq!(found.parts.len(), filter.parts().len());
    }
    if let Ok(filter) = text.parse::<EntryFilter>() {
        filter.evaluate(&facts);
    }
    if let Ok(preference) = text.parse::<Preference>() {
        preference.rank(&facts);
    }
});
