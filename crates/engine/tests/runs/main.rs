//! Runs of one library and of several, over playlists. What they do to the files, what they tell, and what can be
//! asked of them later.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

mod adopt;
mod cleanup;
mod doctor;
mod fetching;
mod libraries;
mod moves;
mod past;
mod refresh;
mod scene;
mod told;
mod verify;
