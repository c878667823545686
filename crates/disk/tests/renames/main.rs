//! Names inside a title's folder, given anew over storage that fails or is cut off at every call.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod world;
mod names;
mod renames;
mod companions;
