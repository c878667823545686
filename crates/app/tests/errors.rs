//! What goes wrong and what the program says about it: the whole message, the exit status, and no
//! password anywhere.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]
#![expect(clippy::disallowed_methods, reason = "files and settings of the tests' own")]
#![expect(clippy::print_stderr, reason = "a check that cannot be made says so")]

#[path = "errors/scene.rs"]
mod scene;
#[path = "errors/doctor.rs"]
mod doctor;
#[path = "errors/nothing.rs"]
mod nothing;
#[path = "errors/settings.rs"]
mod settings;
#[path = "errors/source.rs"]
mod source;
#[path = "errors/storage.rs"]
mod storage;
#[path = "errors/unread.rs"]
mod unread;
