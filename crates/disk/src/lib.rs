//! The writer: the only crate that changes a library, its files and its ledger.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod modes;
pub mod fs;
mod touched;
pub mod roots;
mod flush;
pub mod local;
pub mod tree;
pub mod staging;
pub mod leftovers;
pub mod crew;
pub mod ownership;
pub mod rename;
mod applied;
pub mod apply;
pub mod remove;
pub mod lock;
pub mod ledger;
pub mod marker;
pub mod moves;
pub mod presence;
pub mod boot;
pub mod survey;
pub mod count;
pub mod mounts;
pub mod place;
pub mod needed;
mod made;
mod recognise;
pub mod library;
pub mod probe;
