//! Listeners on a run's events: each tells one audience what happened.

pub mod tally;
pub mod csv;
pub mod progress;
pub mod summary;
pub mod rows;
