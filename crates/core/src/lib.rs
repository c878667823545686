//! The rules of vod2strm: what library a catalogue should become, and what has to change for it.
//!
//! Nothing here touches a file, a socket, a clock or a terminal. Data comes in, decisions go out, so
//! that every rule can be tested by the million in milliseconds.
//!
//! Modules stand in reading order; each uses only those above it (`tests/house.rs` in the `app`
//! crate holds that).

pub mod hash;
pub mod date;
pub mod path;
pub mod cancel;
pub mod status;
pub mod text;
pub mod model;
pub mod layout;
pub mod names;
pub mod pace;
pub mod timing;
pub mod hold;
pub mod identity;
pub mod select;
pub mod policy;
pub mod naming;
pub mod entries;
pub mod event;
pub mod render;
pub mod plan;
pub mod adopt;
pub mod removal;
