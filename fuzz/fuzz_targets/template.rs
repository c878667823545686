//! Whatever a user writes as a template: it is understood or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vod2strm_core::layout::{Layout, TemplateKind};

fuzz_target!(|input: (&str, u8)| {
    let (text, slot) = input;
    let _ = Layout::standard()
        .with(TemplateKind::ALL[usize::from(slot) % TemplateKind::ALL.len()], text);
});
