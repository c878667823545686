//! Dispatcharr: its database, its proxy, and the one thing that its API is needed for.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod postgres;
pub mod proxy;
pub mod api;
