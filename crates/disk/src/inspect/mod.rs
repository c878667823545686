//! Looks at a library, and changes nothing.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod presence;
pub mod boot;
pub mod survey;
pub mod count;
