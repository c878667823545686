//! How fast: writes at a time, requests to an account, and which series are due.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod concurrency;
pub mod requests;
pub mod due;
