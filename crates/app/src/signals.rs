//! SIGINT and SIGTERM: the first one lets the run end in order, the second one ends it at once. An end at once is as
//! safe as a crash. The first signal, too, ends the run at once after a while: a call that storage never answers cannot
//! be taken back.

use std::collections::BTreeSet;
use std::io::{Read, Write as _, stderr};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::Builder;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};
use vod2strm_core::cancel::Cancel;
use vod2strm_core::status::Status;
use vod2strm_core::text::printable;
use vod2strm_engine::config::Place;
use vod2strm_engine::error::{RunError, no_thread};

/// How long a run that was asked to end has for what it has begun.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a folder has to answer before its storage is named as the one that does not.
const ANSWER: Duration = Duration::from_secs(1);

/// What signals do to this process.
pub struct Signals {
    /// What the first signal cancels.
    pub cancel: Cancel,
    /// The folders that the process works on.
    pub folders: WatchedFolders,
    /// What is done at the first signal.
    at_first: Arc<Mutex<Vec<Reaction>>>,
}

/// What is done at a signal, on a thread of its own.
type Reaction = Box<dyn Fn() + Send>;

impl Signals {
    /// Registers for both signals; once for the process.
    pub fn register() -> Result<Signals, RunError> {
        let failed = |source| RunError::System { what: "watch for signals", source };
        let stop = Arc::new(AtomicBool::new(false));
        let (mut came, tell) = UnixStream::pair().map_err(failed)?;
        for signal in [SIGINT, SIGTERM] {
            // In this order: the second signal finds the flag raised, and ends the process as it would
            // have without us.
            flag::register_conditional_default(signal, stop.clone()).map_err(failed)?;
            flag::register(signal, stop.clone()).map_err(failed)?;
            low_level::pipe::register(signal, tell.try_clone().map_err(failed)?).map_err(failed)?;
        }
        let folders = WatchedFolders::default();
        let at_first: Arc<Mutex<Vec<Reaction>>> = Arc::default();
        let (watched, reactions) = (folders.clone(), at_first.clone());
        let watch = move || {
            if came.read_exact(&mut [0]).is_ok() {
                held(&reactions).iter().for_each(|react| react());
                std::thread::sleep(PATIENCE - ANSWER);
                let folders: Vec<PathBuf> = held(&watched.0).iter().cloned().collect();
                end_as_after_a_crash(&folders);
            }
        };
        Builder::new().name("signals".to_owned()).spawn(watch).map_err(no_thread)?;
        Ok(Signals { cancel: Cancel::by_flag(stop), folders, at_first })
    }

    /// Has something done at once when the first signal comes.
    pub fn at_first(&self, react: impl Fn() + Send + 'static) {
        held(&self.at_first).push(Box::new(react));
    }

    /// Has something done whenever SIGHUP comes, one after another; without this, SIGHUP ends the process.
    pub fn at_hangup(react: impl Fn() + Send + 'static) -> Result<(), RunError> {
        let failed = |source| RunError::System { what: "watch for signals", source };
        let (mut came, tell) = UnixStream::pair().map_err(failed)?;
        low_level::pipe::register(SIGHUP, tell).map_err(failed)?;
        let watch = move || {
            while came.read_exact(&mut [0]).is_ok() {
                react();
            }
        };
        Builder::new().name("hangup".to_owned()).spawn(watch).map_err(no_thread)?;
        Ok(())
    }
}

/// The folders that a process works on.
#[derive(Clone, Default)]
pub struct WatchedFolders(Arc<Mutex<BTreeSet<PathBuf>>>);

impl WatchedFolders {
    /// Notes that the process works on a library: its storage is named if it keeps the process from its end.
    pub fn add(&self, place: &Place) {
        let roots = place.roots.volumes();
        let roots = roots.map(|volume| place.roots.real(&place.output, &volume));
        held(&self.0).extend(roots.chain([place.state.clone()]));
    }
}

/// A thread that panicked held nothing half-done.
fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(|held| held.into_inner())
}

/// Ends the process, and says what kept it.
fn end_as_after_a_crash(folders: &[PathBuf]) {
    let silent = silent(folders, |folder| drop(folder.metadata()));
    let names: Vec<String> =
        silent.iter().map(|folder| printable(&folder.display().to_string()).into_owned()).collect();
    let what = match names.as_slice() {
        [] => "a call to the system does not come back".to_owned(),
        names => format!("the storage of {} does not answer", names.join(" and ")),
    };
    let text = format!(
        "error: {what}\n  try: see what is wrong with it; the run ends as after a crash, and the next one does \
         the rest\n"
    );
    drop(stderr().write_all(text.as_bytes()));
    low_level::exit(Status::Failed as i32);
}

/// Those of the folders of which `ask` gets no answer in time.
fn silent(folders: &[PathBuf], ask: impl Fn(&Path) + Clone + Send + 'static) -> Vec<PathBuf> {
    let (tell, told) = channel();
    for folder in folders {
        let (tell, folder, ask) = (tell.clone(), folder.clone(), ask.clone());
        let asking = move || {
            ask(&folder);
            drop(tell.send(folder));
        };
        // Without a thread nobody is asked, and nobody is blamed.
        if Builder::new().spawn(asking).is_err() {
            return Vec::new();
        }
    }
    drop(tell);
    let (mut silent, end) = (folders.to_vec(), Instant::now() + ANSWER);
    while let Ok(answered) = told.recv_timeout(end.saturating_duration_since(Instant::now())) {
        silent.retain(|folder| *folder != answered);
    }
    silent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_that_does_not_answer_is_named() {
        let folders = ["/fine", "/dead"].map(PathBuf::from);
        let hangs = |folder: &Path| {
            while folder == Path::new("/dead") {
                std::thread::park();
            }
        };
        assert_eq!(silent(&folders, hangs), [PathBuf::from("/dead")]);
        assert_eq!(silent(&folders, |_| ()), [] as [PathBuf; 0]);
    }
}
