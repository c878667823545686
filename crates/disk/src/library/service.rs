//! One service per library: an OS lock in the library's state folder. It keeps no run away, only another service.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{io, process};

use rustix::process::{Pid, Signal, kill_process};

use crate::fs::modes::own_file;
use crate::library::lock::LockError;
use crate::library::place::{LibraryError, Place, folder_error, make_state_folder};

/// The file that the service locks; its first line names the service for people.
const FILE: &str = "service";

/// Tells processes of one container from those of another: both have a process 1.
const NAMESPACE: &str = "/proc/self/ns/pid";

/// This process keeps a library, as long as this value lives.
#[derive(Debug)]
pub struct ServiceLock {
    // Closing it lets the lock go.
    _file: File,
}

/// Takes a library for a service; `holder` says who it is.
pub fn lock_for_service(place: &Place, holder: &str) -> Result<ServiceLock, LibraryError> {
    let path = service_file(place);
    if let Some(folder) = path.parent() {
        make_state_folder(folder)?;
    }
    let failed = |source| folder_error(&path, source);
    let mut file = own_file().write(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let library = place.output.clone();
            let holder = noted(&path).map(|(holder, _)| holder);
            return Err(LockError::Served { library, holder }.into());
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let note = format!("{holder}\n{} {}\n", process::id(), namespace());
    file.set_len(0).and_then(|()| file.write_all(note.as_bytes())).map_err(failed)?;
    Ok(ServiceLock { _file: file })
}

/// Asks the service that keeps a library to end. `false` if it cannot be asked from here: it is another container's.
pub fn ask_service_to_end(place: &Place) -> bool {
    let Some((_, who)) = noted(&service_file(place)) else { return false };
    let Some((pid, space)) = who.split_once(' ') else { return false };
    let pid = pid.parse::<i32>().ok().and_then(Pid::from_raw);
    match pid {
        Some(pid) if space == namespace() => kill_process(pid, Signal::TERM).is_ok(),
        _ => false,
    }
}

fn service_file(place: &Place) -> PathBuf {
    place.state_folder().join(FILE)
}

/// Who keeps the library, for people and for programs.
fn noted(path: &Path) -> Option<(String, String)> {
    let text = std::fs::read_to_string(path).ok()?;
    let (holder, who) = text.split_once('\n')?;
    Some((holder.to_owned(), who.trim_end().to_owned()))
}

fn namespace() -> String {
    let link: io::Result<PathBuf> = std::fs::read_link(NAMESPACE);
    link.map_or_else(|_| "alone".to_owned(), |link| link.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::roots::Roots;

    fn place(dir: &Path) -> Place {
        let (output, state) = (dir.join("library"), dir.join("state"));
        Place { output, roots: Roots::default(), state, is_state_chosen: true }
    }

    #[test]
    fn a_library_has_one_service_and_the_second_hears_whose_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        let first = lock_for_service(&place, "process 7, since noon").unwrap();
        let error = lock_for_service(&place, "process 8").unwrap_err();
        let library = place.output.display();
        let expected = format!("another service keeps {library} (process 7, since noon)");
        assert_eq!(error.to_string(), expected);
        drop(first);
        drop(lock_for_service(&place, "process 8").unwrap());
    }

    #[test]
    fn nobody_is_told_to_end_who_is_another_containers() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        assert!(!ask_service_to_end(&place), "there is none");
        let path = service_file(&place);
        drop(lock_for_service(&place, "process 7").unwrap());
        for who in ["1 pid:[1]", "0 ", "x y", ""] {
            let mut file = own_file().write(true).truncate(true).open(&path).unwrap();
            file.write_all(format!("process 1\n{who}\n").as_bytes()).unwrap();
            assert!(!ask_service_to_end(&place), "{who}");
        }
    }
}
