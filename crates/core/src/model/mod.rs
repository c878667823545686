//! What a catalogue can say, as values: titles, episodes, streams, accounts.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod rewrite;
pub mod stated;
pub mod ids;
pub mod left_out;
pub mod measured;
pub mod country;
pub mod media;
pub mod merged;
pub mod file;
pub mod stamp;
pub mod values;
pub mod theirs;
pub mod ownership;
