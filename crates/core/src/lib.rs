//! The rules of vod2strm: what library a catalogue should become, and what has to change for it.
//!
//! Nothing here touches a file, a socket, a clock or a terminal. Data comes in, decisions go out, so
//! that every rule can be tested by the million in milliseconds.
//!
//! Modules stand in reading order; each uses only those above it (`tests/house.rs` in the `app`
//! crate holds that).

pub mod hash;
pub mod date;
pub mod limits;
pub mod limiter;
pub mod rewrite;
pub mod media;
pub mod stamp;
pub mod redact;
pub mod text;
pub mod secrets;
pub mod names;
pub mod filter;
pub mod choice;
pub mod path;
pub mod theirs;
pub mod layout;
pub mod policy;
pub mod url;
pub mod strm;
pub mod nfo;
pub mod naming;
pub mod hold;
pub mod known;
pub mod identity;
pub mod accounts;
pub mod removal;
pub mod claims;
pub mod moves;
pub mod event;
pub mod slot;
pub mod render;
pub mod compare;
pub mod plan;
pub mod found;
mod found_nfos;
pub mod adoption;
pub mod refresh;
pub mod pace;
