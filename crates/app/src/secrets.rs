//! What no library's settings show in this process: the log and what is printed are searched for it.

use std::sync::LazyLock;

use vod2strm_core::text::secrets::Redactor;

/// The secrets of all libraries. Static, since the log has lines of any library, and of none.
pub static SECRETS: LazyLock<Redactor> = LazyLock::new(Redactor::default);
