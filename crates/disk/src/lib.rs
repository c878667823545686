//! The writer: the only crate that changes a library, its files and its ledger.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod fs;
pub mod apply;
pub mod ledger;
pub mod inspect;
pub mod library;
pub mod moves;
