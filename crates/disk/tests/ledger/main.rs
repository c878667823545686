//! The ledger, entry by entry: what is noted is what is read, also after it was opened anew.

#![expect(clippy::unwrap_used, reason = "a test")]

mod scene;
mod opened;
mod facts;
mod habits;
mod runs;
mod titles;
mod losses;
mod holds;
