//! What a file is that is not ours, as far as its name tells: a companion of a `.strm`, or a film.

/// What players look for beside a `.strm`: subtitles and pictures.
const COMPANIONS: [&str; 13] =
    ["srt", "ass", "ssa", "sub", "idx", "sup", "vtt", "smi", "jpg", "jpeg", "png", "webp", "tbn"];

/// What holds a film or an episode itself: what Jellyfin, Emby and Kodi play, discs and archives included. Playlists
/// and texts among that are none, and neither is `.ogg`: media servers play a `theme.ogg` beside a title.
const FILMS: [&str; 63] = [
    "001", "3g2", "3gp", "amv", "asf", "avc", "avi", "bdmv", "bin", "bivx", "dat", "divx", "dv",
    "dvr-ms", "evo", "f4v", "fli", "flv", "h264", "ifo", "img", "iso", "m2t", "m2ts", "m2v", "m4v",
    "mk3d", "mkv", "mov", "mp4", "mpe", "mpeg", "mpg", "mts", "mxf", "nrg", "nsv", "nuv", "ogm",
    "ogv", "pva", "qt", "rar", "rcv", "rec", "rm", "rmvb", "svq3", "tp", "trp", "ts", "ty", "udf",
    "vc1", "vdr", "viv", "vob", "vp3", "webm", "wmv", "wtv", "xvid", "zip",
];

/// What a companion's name has behind the name of its `.strm` (without the extension), as in `.en.srt` or
/// `-poster.jpg`. `None` when the file is no companion of it.
pub fn companion<'a>(name: &'a str, stem: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(stem).filter(|rest| rest.starts_with(['.', '-']))?;
    ends_with_one_of(rest, &COMPANIONS).then_some(rest)
}

/// Whether a file is a film or an episode, as far as its name tells.
pub fn is_film(name: &str) -> bool {
    ends_with_one_of(name, &FILMS)
}

fn ends_with_one_of(name: &str, extensions: &[&str]) -> bool {
    let is_it = |end: &str| extensions.iter().any(|it| it.eq_ignore_ascii_case(end));
    name.rsplit_once('.').is_some_and(|(_, end)| is_it(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtitles_and_pictures_with_the_name_of_the_strm_are_its_companions() {
        for (name, rest) in [
            ("Heat (1995).srt", Some(".srt")),
            ("Heat (1995).en.forced.ASS", Some(".en.forced.ASS")),
            ("Heat (1995)-poster.jpg", Some("-poster.jpg")),
            ("Heat (1995).trailer.mkv", None),
            ("Heat (1995).mkv", None),
            ("Heat (1995).nfo", None),
            ("Heat (1995).txt", None),
            ("Heat (1995)-srt", None),
            ("Heat (1995) 2.srt", None),
            ("Heat.srt", None),
            ("poster.jpg", None),
        ] {
            assert_eq!(companion(name, "Heat (1995)"), rest, "{name}");
        }
    }

    #[test]
    fn a_film_is_known_by_its_extension() {
        assert!(is_film("Heat.mkv") && is_film("Heat.MP4") && is_film(".m2ts"));
        assert!(!is_film("mkv") && !is_film("Heat.strm") && !is_film("Heat.mkv.txt"));
        for end in FILMS {
            assert!(is_film(&format!("Heat.{}", end.to_uppercase())), "{end}");
        }
    }

    /// A library of ours that players have filled with their own files is still ours, and moves.
    #[test]
    fn what_players_put_beside_a_title_is_no_film() {
        for name in [
            "Heat.nfo",
            "Heat-poster.jpg",
            "Heat.en.srt",
            "Heat.sub",
            "Heat-320-10.bif",
            "Heat-mediainfo.json",
            "movie.xml",
            "theme.mp3",
            "theme.ogg",
            "extrafanart/fanart1.png",
            "Heat.trickplay/320 - 10x10/0.jpg",
            ".DS_Store",
            "Thumbs.db",
        ] {
            assert!(!is_film(name), "{name}");
        }
    }
}
