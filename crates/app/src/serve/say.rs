//! What the service says on standard output: a line an event.

use std::io::Write as _;

use serde_json::json;
use vod2strm_core::date;
use vod2strm_core::text::printable;
use vod2strm_engine::host::Clock as _;

use crate::clock::SystemClock;
use crate::secrets::SECRETS;

/// Says what happens.
#[derive(Clone, Copy, Debug)]
pub struct Say {
    /// A JSON object a line, and no text.
    pub is_json: bool,
}

impl Say {
    /// Says something about the service.
    pub fn of_service(self, event: &str, text: &str) {
        self.line(None, event, text);
    }

    /// Says something about a library.
    pub fn of_library(self, library: &str, event: &str, text: &str) {
        self.line(Some(library), event, text);
    }

    fn line(self, library: Option<&str>, event: &str, text: &str) {
        let (at, text) = (date::moment(SystemClock.now()), SECRETS.censored(text));
        let line = if self.is_json {
            json!({ "at": at, "library": library, "event": event, "text": text }).to_string()
        } else {
            let text = printable(&text).into_owned();
            match library {
                Some(library) => format!("{at}  {library}: {text}"),
                None => format!("{at}  {text}"),
            }
        };
        tracing::info!(library, "{event}: {text}");
        // Whoever closed standard output wants no lines.
        let mut out = std::io::stdout();
        drop(writeln!(out, "{line}").and_then(|()| out.flush()));
    }
}
