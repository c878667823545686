//! Applying plans: what appears on disk, in which steps, what is left alone, and what a failing
//! storage or a crash leaves behind. Tests run on the real disk and on the one in memory, unless
//! they look at single calls.

#![expect(clippy::unwrap_used, reason = "tests")]

mod batch;
mod drafts;
mod titles;
mod foreign;
mod strange;
mod faults;
mod rescue;
mod cut_off;
mod random;
