//! vod2strm runs and talks: command line, settings, progress, reports. The program itself is
//! `sync.rs`.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod error;
pub mod clock;
pub mod stop;
pub mod source;
pub mod dressed;
pub mod config;
pub mod batches;
pub mod who;
pub mod look;
pub mod tell;
pub mod rest;
pub mod origin;
pub mod planner;
pub mod hands;
mod writer;
pub mod relayout;
pub mod manifest;
pub mod adopt;
pub mod names;
pub mod deleted;
pub mod count;
pub mod judge;
pub mod sweep;
pub mod sync;
pub mod refresh;
pub mod report;
pub mod log;
pub mod cli;
