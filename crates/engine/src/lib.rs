//! The runs: one run of one library, as values in, and values and events out. No terminal, no command line, no
//! signal, no environment, and no clock of its own.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod error;
pub mod source;
pub mod config;
pub mod request;
pub mod host;
pub mod context;
pub mod library;
pub mod entries;
pub mod counts;
pub mod read;
pub mod sample;
pub mod fetched;
pub mod outcome;
pub mod planner;
pub mod effects;
pub mod adopt;
pub mod run;
pub mod verify;
pub mod history;
pub mod serve;
pub mod stats;
pub mod names;
pub mod why;
pub mod doctor;

pub use crate::run::run;
