//! Dispatcharr's REST API: the one thing that its database cannot be asked for, episodes of a series that
//! Dispatcharr itself does not have yet. It fetches them from the provider while the request waits.

mod error;
mod line;
mod client;

pub use client::Api;
pub use error::ApiError;
