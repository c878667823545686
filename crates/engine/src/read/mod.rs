//! Reading the source: which titles changed, and their content in batches.

pub mod habits;
pub mod select;
pub mod load;
pub mod origin;
pub mod settled;
pub mod compare;
