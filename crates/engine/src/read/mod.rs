//! Reading the source: which titles changed, and their content in batches.

pub mod habits;
pub mod merge;
pub mod select;
pub mod written;
pub mod version;
pub mod compare;
pub mod load;
pub mod origin;
pub mod settled;
