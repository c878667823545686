//! A playlist's file, piece by piece.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Instant, SystemTime};

use vod2strm_core::cancel::Cancel;
use vod2strm_core::hold::Doubt;

use super::intake::{BodyFault, Framing};
use crate::limits::{Flow, SourceLimits};
use crate::wait::ASKED_EVERY;

/// Bytes of a piece.
pub(super) const PIECE: usize = 64 * 1024;

/// Pieces that are read ahead.
const AHEAD: usize = 4;

enum FilePiece {
    Bytes(Vec<u8>),
    End(Framing),
}

/// Hands each piece of a file to `sink`, and says how far its end is proved.
pub(super) fn read(
    path: &Path,
    limits: SourceLimits,
    cancel: &Cancel,
    mut sink: impl FnMut(&[u8]) -> Result<(), BodyFault>,
) -> Result<Framing, BodyFault> {
    let pieces = begin(path.to_owned()).map_err(BodyFault::Corrupt)?;
    let mut flow = Flow::new(limits);
    loop {
        let begun = Instant::now();
        cancel.check()?;
        match pieces.recv_timeout(flow.patience().min(ASKED_EVERY)) {
            Ok(Ok(FilePiece::Bytes(bytes))) => {
                flow.came(bytes.len(), begun.elapsed())?;
                sink(&bytes)?;
            }
            Ok(Ok(FilePiece::End(framing))) => return Ok(framing),
            Ok(Err(error)) => return Err(BodyFault::Corrupt(error)),
            Err(RecvTimeoutError::Timeout) => flow.waited(begun.elapsed())?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(BodyFault::Corrupt(io::Error::other(
                    "its reading ended without a reason",
                )));
            }
        }
    }
}

/// Reads on a thread of its own. A pipe that nobody writes to, or a share that has gone away, holds up that thread
/// alone. The run can end without it.
fn begin(path: PathBuf) -> io::Result<Receiver<io::Result<FilePiece>>> {
    let (sender, pieces) = sync_channel(AHEAD);
    thread::Builder::new().name("playlist".to_owned()).spawn(move || {
        let end = send(&path, &sender);
        // Whoever has stopped listening wants no end.
        drop(sender.send(end));
    })?;
    Ok(pieces)
}

fn send(path: &Path, pieces: &SyncSender<io::Result<FilePiece>>) -> io::Result<FilePiece> {
    let mut file = File::open(path)?;
    let before = state(&file)?;
    let mut length = 0;
    loop {
        let mut bytes = vec![0; PIECE];
        match file.read(&mut bytes) {
            Ok(0) => break,
            Ok(more) => {
                length += more as u64;
                bytes.truncate(more);
                if pieces.send(Ok(FilePiece::Bytes(bytes))).is_err() {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(FilePiece::End(framing(before, length, state(&file)?)))
}

/// A file's size, when it was last written to, and whether it is a plain one.
type FileState = (u64, SystemTime, bool);

fn state(file: &File) -> io::Result<FileState> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified()?, metadata.is_file()))
}

/// How far a file that had so many bytes proves its end. A pipe has no size of its own.
fn framing(before: FileState, length: u64, after: FileState) -> Framing {
    let (size, _, is_plain) = before;
    match before == after && length == size {
        true => Framing::Lines,
        false if is_plain => Framing::Changed,
        false => Framing::Open(Doubt::Moving),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_that_changes_while_it_is_read_proves_no_end() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let file = |size, seconds| (size, at(seconds), true);
        assert_eq!(framing(file(9, 1), 9, file(9, 1)), Framing::Lines);
        for (before, length, after) in [
            (file(9, 1), 9, file(12, 1)),
            (file(9, 1), 12, file(12, 2)),
            (file(9, 1), 9, file(9, 2)),
            (file(0, 1), 9, file(0, 1)),
        ] {
            let found = framing(before, length, after);
            assert_eq!(found, Framing::Changed, "{before:?} {length} {after:?}");
        }
        let pipe = (0, at(1), false);
        assert_eq!(framing(pipe, 9, pipe), Framing::Open(Doubt::Moving));
    }
}
