//! Generated playlists. The same seed always makes the same list.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod everyday;
pub mod meant;
pub mod channels;
pub mod wild;
pub mod mixed;
