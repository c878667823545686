//! When a library's run is due: by the clock, by what happens, and once a source that moved is quiet.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod schedule;
pub mod settling;
pub mod retry;
pub mod agenda;
