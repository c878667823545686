//! Whatever a provider calls a title: it is taken apart without a panic, and something is left of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vod2strm_core::model::media::Kind;
use vod2strm_core::names::category_habits::CategoryHabits;
use vod2strm_core::names::normalize::normalized;
use vod2strm_core::names::years::Years;
use vod2strm_core::names::{Context, clean};

fuzz_target!(|input: (&str, u8)| {
    let (raw, choice) = input;
    let kind = [None, Some(Kind::Movie), Some(Kind::Series)][usize::from(choice) % 3];
    let (habits, years) = (CategoryHabits::learn([raw]), Years::plausible_in(2026));
    let known_year = (choice > 128).then_some(2000);
    let cleaned = clean(raw, &Context { kind, habits: &habits, years: &years, known_year });
    // `&nbsp;` alone is no name.
    assert!(!cleaned.title.is_empty() || !normalized(raw).chars().any(char::is_alphanumeric));
});
