//! Removals and renames inside a title, whatever fails and whenever. What is not ours stays as it is. The ledger knows
//! what is there, and the next run ends where an undisturbed one would have.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod world;
mod scene;
mod removal;
mod links;
mod names;
mod renames;
mod companions;
mod random;
