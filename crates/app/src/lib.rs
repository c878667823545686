//! vod2strm talks: command line, settings, progress, reports. What it does is in the crate `engine`.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod error;
pub mod clock;
pub mod secrets;
pub mod signals;
pub mod settings;
pub mod report;
pub mod log;
pub mod serve;
pub mod cli;
