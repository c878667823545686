//! What a run does to the library: files, ledger, and what is told of both.

pub mod tell;
pub mod hands;
pub mod writer;
