//! Moving folders: every title's files are in one place at every moment, and in the end where the plan
//! wants them, whatever fails and whenever.

#![expect(clippy::unwrap_used, reason = "tests")]

mod scene;
mod plain;
mod faults;
