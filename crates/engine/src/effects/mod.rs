//! What a run does to the library: files, ledger, and what is told of both.

pub mod tell;
pub mod in_preview;
pub mod hands;
pub mod writer;
