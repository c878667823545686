//! What can go wrong with Dispatcharr's API, and what a person can do about it.

use crate::error::CatalogError;

/// Why nothing can be asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// What answers is not Dispatcharr's API.
    #[error("{target} is not Dispatcharr's API: it answers with something else")]
    NoApi {
        /// The redacted address.
        target: String,
    },
    /// Dispatcharr does not run there.
    #[error("{}", down(target, *status))]
    Down {
        /// The redacted address.
        target: String,
        /// What a server before Dispatcharr says; `None` when nothing listens.
        status: Option<u16>,
    },
    /// Dispatcharr's API refuses our credentials.
    #[error("{target} refuses to fetch episodes for us{words}")]
    Denied {
        /// The redacted address.
        target: String,
        /// Dispatcharr's words.
        words: String,
    },
}

fn down(target: &str, status: Option<u16>) -> String {
    match status {
        None => format!("nothing listens at {target}"),
        Some(status) => {
            format!("{target} answers with status {status}: Dispatcharr does not run behind it")
        }
    }
}

impl ApiError {
    fn hint(&self) -> &'static str {
        match self {
            ApiError::NoApi { .. } => {
                "set api_url to Dispatcharr's own address, for example http://192.168.1.5:9191"
            }
            ApiError::Down { .. } => {
                "is <api_url> right, and does Dispatcharr run? No series was marked as failed: run again"
            }
            ApiError::Denied { .. } => {
                "check api_key, or api_user and api_password: each of Dispatcharr's users may have one key"
            }
        }
    }
}

impl From<ApiError> for CatalogError {
    fn from(error: ApiError) -> CatalogError {
        let hint = error.hint();
        CatalogError::of_reader(error, hint)
    }
}
