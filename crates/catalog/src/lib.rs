//! The readers: the only crate that talks to a catalogue. It writes nothing.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod limits;
pub mod error;
pub mod source;
pub mod web;
mod wait;
pub mod m3u;
pub mod dispatcharr;
