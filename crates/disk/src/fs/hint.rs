//! What a person can do about an error of the storage.

use std::io;

/// What a person can do about it; a setting stands in it as `<its_key>`.
pub fn storage_hint(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind as K;
    Some(match error.kind() {
        K::PermissionDenied => {
            "make the folder writable for the user that runs vod2strm (see `id`), or choose \
             another <output> or <state>"
        }
        K::ReadOnlyFilesystem => {
            "the file system is mounted read-only: remount it, or choose another <output>"
        }
        K::StorageFull | K::QuotaExceeded => {
            "free some space (or inodes: see `df -i`), then run again: what is written stays, \
             the rest follows"
        }
        K::StaleNetworkFileHandle => "the network storage went away: mount it again",
        K::NotADirectory | K::AlreadyExists => "a file is where a folder should be: move it away",
        K::NotFound => "check the path",
        K::CrossesDevices => {
            "another file system is mounted there: name it with <movies_root> or <series_root>, or move \
             it away"
        }
        K::TooManyLinks => {
            "the file system allows no more folders in this one: spread titles over several, for example with \
             <movie_folder> '{genre}/{title} ({year})' or <series_folder> '{genre}/{title} ({year})'"
        }
        K::NotConnected => "the mount's server has died: umount and mount again",
        _ => return None,
    })
}

/// What a person can do about the error of one title, where that is worth a word at each.
pub fn title_hint(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind as K;
    match error.kind() {
        K::CrossesDevices | K::TooManyLinks => storage_hint(error),
        K::InvalidFilename if error.raw_os_error().is_some() => Some(
            "the file system takes no such long names: a template with a shorter name helps (see <movie_folder>)",
        ),
        _ => None,
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_title_out_and_can_be_helped_is_told_with_the_way_out() {
        let hint = |number| title_hint(&io::Error::from_raw_os_error(number)).unwrap_or_default();
        let (exdev, emlink, too_long, enoent) = (18, 31, 36, 2);
        assert!(hint(exdev).contains("<movies_root>"), "{}", hint(exdev));
        assert!(hint(emlink).contains("{genre}/"), "{}", hint(emlink));
        assert!(hint(too_long).contains("shorter name"), "{}", hint(too_long));
        assert_eq!(hint(enoent), "", "nothing that is not said already");
    }
}
