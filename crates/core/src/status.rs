//! How a run, or a command, ended: in its report, in the ledger, and to the shell.

/// Exit statuses; scripts and the plugin rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// All is done.
    Done = 0,
    /// It failed; nothing more was tried.
    Failed = 1,
    /// Wrong use: flags, settings.
    Usage = 2,
    /// Done, but some titles failed.
    SomeFailed = 3,
    /// Done, but something is held and a person must act; some titles may have failed, too.
    Held = 4,
    /// Another run holds the lock.
    Locked = 5,
}
