//! The service: libraries that are kept true by themselves.
//!
//! Each library has a thread that does its runs, one after another. Each source has a thread that looks whether it has
//! changed. They meet in [`state`], which knows when each library's next run is due.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod say;
pub mod library;
pub mod state;
pub mod sources;
pub mod runs;
pub mod http;
