//! What a person or a program is told: listeners on a run's events, and results as text.

pub mod csv;
pub mod progress;
pub mod summary;
pub mod past;
pub mod rows;
pub mod why;
