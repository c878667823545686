//! The readers: the only crate that talks to a catalogue. It never writes anywhere but to a
//! temporary file of its own.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod limits;
pub mod error;
pub mod source;
pub mod web;
pub mod m3u;
pub mod dispatcharr;
