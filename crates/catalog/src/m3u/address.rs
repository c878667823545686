//! URL lines: what can be played, and what the URL says of it.
//!
//! Playlists hold URLs with spaces, Kodi suffixes and typing errors. They are cut by hand and not parsed strictly:
//! what a player would accept must not be lost.

use vod2strm_core::hash::RowHasher;
use vod2strm_core::model::media::Kind;

/// Extensions of programs, which say nothing of the stream.
const PROGRAMS: [&str; 7] = ["php", "asp", "aspx", "jsp", "cgi", "htm", "html"];

/// Extensions that only files have.
const FILES: [&str; 12] =
    ["mkv", "mp4", "avi", "m4v", "mov", "wmv", "mpg", "mpeg", "webm", "vob", "divx", "3gp"];

/// What servers of channels call their streams, whatever extension follows: `/hbo/stream.mp4`.
const STREAMS: [&str; 3] = ["stream", "live", "mono"];

/// Parameters that say of which type a stream is.
const TYPE_KEYS: [&str; 6] = ["ext", "extension", "type", "format", "container", "output"];

/// Extensions of what is a list of further addresses.
const LISTS: [&str; 2] = ["m3u", "pls"];

/// Extensions of what has no picture that moves.
const NO_VIDEOS: [&str; 14] = [
    "jpg", "jpeg", "png", "gif", "webp", "txt", "srt", "xml", "json", "zip", "rar", "7z", "pdf",
    "apk",
];

/// Programs of panels that answer with tables.
const TABLES: [&str; 4] = ["player_api.php", "panel_api.php", "enigma2.php", "xmltv.php"];

/// What an address leads to that is no video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoVideo {
    /// Another playlist.
    List,
    /// A table, a picture, a text.
    Other,
}

/// A playable URL and its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StreamUrl {
    /// The URL as it stood, trimmed, without a Kodi suffix; a `#` that is part of a name is escaped.
    pub(super) url: String,
    /// Host and port in lower case, without a user.
    pub(super) host: String,
    /// The path's segments, without empty ones.
    pub(super) segments: Vec<String>,
    /// The extension of the path, or else of the fragment.
    pub(super) extension: Option<String>,
}

/// A stream's identity, as far as its URL tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StreamIdentity {
    /// An Xtream panel's id.
    Xtream(String),
    /// A hash of the URL without its query.
    Path(String),
    /// Nothing in the URL lasts: a hash of title and group.
    Weak(String),
}

impl StreamIdentity {
    /// The text for `Stream::stream_id`.
    pub(super) fn text(&self) -> &str {
        match self {
            StreamIdentity::Xtream(id) | StreamIdentity::Path(id) | StreamIdentity::Weak(id) => id,
        }
    }
}

impl StreamUrl {
    /// Reads a URL line. `None` when it is not an http(s) URL with a host.
    pub(super) fn parse(line: &str) -> Option<StreamUrl> {
        let url = with_names_escaped(repaired(without_kodi_suffix(line.trim()).trim_end()));
        let (scheme, rest) = url.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return None;
        }
        let path_at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(path_at);
        let host = authority.rsplit('@').next().unwrap_or(authority).to_lowercase();
        if host.is_empty() || host.starts_with(':') || host.contains(char::is_whitespace) {
            return None;
        }
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let path = rest.split('?').next().unwrap_or(rest);
        let segments: Vec<String> =
            path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        let extension = segments.last().and_then(|last| extension(last));
        let extension = extension.or_else(|| self::extension(fragment));
        Some(StreamUrl { host, segments, extension, url })
    }

    /// The last segment without its extension: what an entry without a name is called.
    pub(super) fn stem(&self) -> &str {
        let last = self.segments.last().map_or("", String::as_str);
        match last.rsplit_once('.') {
            Some((stem, _)) if extension(last).is_some() => stem,
            _ => last,
        }
    }

    /// Whether it names a file that can be played.
    pub(super) fn is_file(&self) -> bool {
        self.extension.as_deref().is_some_and(|extension| FILES.contains(&extension))
            && !self.is_called_stream()
    }

    /// Whether its last part has a name that servers of channels give their streams.
    fn is_called_stream(&self) -> bool {
        STREAMS.iter().any(|name| self.stem().eq_ignore_ascii_case(name))
    }

    /// Whether its query names such a file, or its type: `?ext=mp4`, `?file=heat.mkv`.
    pub(super) fn has_file_in_query(&self) -> bool {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let mut values = query.split('&').filter_map(|pair| pair.split_once('='));
        self.extension.is_none()
            && values.any(|(key, value)| {
                let value = value.to_ascii_lowercase();
                let stem = value.rsplit_once('.').map_or("", |(stem, _)| stem);
                let is_type = TYPE_KEYS.contains(&key.to_ascii_lowercase().as_str())
                    && FILES.contains(&&*value);
                let is_name = !stem.is_empty()
                    && extension(&value).is_some_and(|extension| FILES.contains(&&*extension));
                is_type || is_name
            })
    }

    /// Whether a file is packed into a stream: `film.mp4/playlist.m3u8`, `film,hd.,,mp4.urlset/master.m3u8`.
    pub(super) fn is_packed_file(&self) -> bool {
        let folders = self.segments.split_last().map_or(&[][..], |(_, folders)| folders);
        let files = [".mp4", ".mkv", ".avi", ".m4v", ".mov"];
        let is_file = |folder: &String| {
            let lower = folder.to_ascii_lowercase();
            lower.ends_with("mp4.urlset")
                || files
                    .iter()
                    .any(|file| lower.ends_with(file) || lower.contains(&format!("{file}.")))
        };
        folders.iter().any(is_file)
    }

    /// What it leads to, where that is no video.
    pub(super) fn no_video(&self) -> Option<NoVideo> {
        let last = self.segments.last().map_or("", String::as_str);
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let is_list = |pair: &str| pair == "type=m3u" || pair == "type=m3u_plus";
        let is_playlist = last.eq_ignore_ascii_case("get.php") && query.split('&').any(is_list);
        match self.extension.as_deref() {
            Some(extension) if LISTS.contains(&extension) => Some(NoVideo::List),
            _ if is_playlist => Some(NoVideo::List),
            // Some hosts of films hide a stream behind a text: `/cf-master.txt?v=1`.
            Some("txt") if self.stem().ends_with("master") => None,
            Some(extension) if NO_VIDEOS.contains(&extension) => Some(NoVideo::Other),
            _ => {
                let is_table = TABLES.iter().any(|table| last.eq_ignore_ascii_case(table));
                is_table.then_some(NoVideo::Other)
            }
        }
    }

    /// What identifies the stream; `title` and `group` serve where the URL does not.
    pub(super) fn identity(&self, title: &str, group: &str) -> StreamIdentity {
        if let Some(id) = self.xtream_id() {
            return StreamIdentity::Xtream(id.to_owned());
        }
        let parent = self.segments.len().checked_sub(2).map(|at| self.segments[at].as_str());
        let program = self.segments.last().is_none_or(|last| is_program(last));
        // `/play/<token>` changes with every login; of a program, only the query tells entries
        // apart.
        if parent.is_some_and(|parent| parent.eq_ignore_ascii_case("play")) || program {
            return StreamIdentity::Weak(hashed(&["weak", title, group]));
        }
        let lasting = self.url.split(['?', '#']).next().unwrap_or(&self.url);
        StreamIdentity::Path(hashed(&["path", lasting]))
    }

    /// Whether a panel says that its address is a channel: `/live/USER/PASSWORD/ID`.
    pub(super) fn is_panels_channel(&self) -> bool {
        let marker = self.segments.len().checked_sub(4).map(|at| &self.segments[at]);
        marker.is_some_and(|marker| marker.eq_ignore_ascii_case("live"))
    }

    /// What a panel says that its address is, by its folder: a movie, or an episode of a series.
    pub(super) fn panel_kind(&self) -> Option<Kind> {
        let marker = &self.segments[self.segments.len().checked_sub(4)?];
        let words = [("movie", Kind::Movie), ("series", Kind::Series)];
        let found = words.into_iter().find(|(word, _)| marker.eq_ignore_ascii_case(word));
        found.map(|(_, kind)| kind)
    }

    /// The id in `/movie/USER/PASSWORD/ID.ext` and `/series/USER/PASSWORD/ID.ext`.
    pub(super) fn xtream_id(&self) -> Option<&str> {
        let known = self.panel_kind().is_some();
        let id = self.stem();
        // Anything but digits is a file's name on some web server, not an id.
        (known && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
    }
}

/// The address at the end of a title, and the title before it.
pub(super) fn inline(title: &str) -> Option<(&str, StreamUrl)> {
    memchr::memmem::find(title.as_bytes(), b"://")?;
    let at = ["http://", "https://"].into_iter().filter_map(|scheme| title.rfind(scheme)).max()?;
    let front = &title[..at];
    let is_apart = front.is_empty() || front.ends_with(char::is_whitespace);
    let address = if is_apart { StreamUrl::parse(&title[at..])? } else { return None };
    Some((front.trim_end(), address))
}

/// 64 bits in hexadecimal that stand for these texts.
pub(super) fn hashed(texts: &[&str]) -> String {
    format!("{:016x}", hash_of(texts))
}

/// A hash of texts, each told apart from the next.
pub(super) fn hash_of(texts: &[&str]) -> u64 {
    let mut hasher = RowHasher::default();
    hasher.start(b'u');
    for text in texts {
        hasher.text(text);
    }
    hasher.finish().0 as u64
}

/// Whether a line starts with a scheme, playable or not.
pub(super) fn has_scheme(line: &str) -> bool {
    line.find("://").is_some_and(|at| {
        at > 0 && line[..at].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
    })
}

/// Cuts `|User-Agent=…&Referer=…` off. A bar without a header after it belongs to the URL.
fn without_kodi_suffix(line: &str) -> &str {
    match line.split_once('|') {
        Some((url, headers)) => match headers.split_once('=') {
            Some((name, _)) if is_header_name(name.trim().trim_start_matches('!')) => url,
            _ => line,
        },
        None => line,
    }
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Escapes each `#` that is part of a name: `Film #1.mkv`. A hint for players (`#.mkv`, `#t=10`) stays one.
fn with_names_escaped(url: String) -> String {
    let is_hint = |rest: &str| rest.is_empty() || rest.starts_with('.') || rest.contains('=');
    let is_hint = |rest: &str| is_hint(rest) && !rest.contains('/');
    if !url.contains('#') {
        return url;
    }
    match url.rsplit_once('#') {
        Some((front, hint)) if is_hint(hint) => format!("{}#{hint}", front.replace('#', "%23")),
        _ => url.replace('#', "%23"),
    }
}

/// Puts the colon back into `http//host`.
fn repaired(url: &str) -> String {
    for scheme in ["https", "http"] {
        let Some(start) = url.get(..scheme.len()) else { continue };
        if start.eq_ignore_ascii_case(scheme) && url[scheme.len()..].starts_with("//") {
            return format!("{start}:{}", &url[scheme.len()..]);
        }
    }
    url.to_owned()
}

/// The extension of a file name: one to five letters and digits, in lower case.
fn extension(name: &str) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    let usable = (1..=5).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let extension = extension.to_ascii_lowercase();
    (usable && !PROGRAMS.contains(&extension.as_str())).then_some(extension)
}

fn is_program(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        PROGRAMS.iter().any(|program| extension.eq_ignore_ascii_case(program))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(line: &str) -> StreamIdentity {
        StreamUrl::parse(line).unwrap().identity("T", "G")
    }

    #[test]
    fn urls_are_kept_as_they_stand() {
        for (line, url, extension) in [
            (" http://h:80/movie/u/p/1.MKV ", "http://h:80/movie/u/p/1.MKV", Some("mkv")),
            ("http://h/a b/c d.mp4", "http://h/a b/c d.mp4", Some("mp4")),
            ("http://h/a.mkv|User-Agent=x&Referer=y", "http://h/a.mkv", Some("mkv")),
            ("http://h/a.mkv|part", "http://h/a.mkv|part", None),
            ("http//h/a.mkv?t=1.ts", "http://h/a.mkv?t=1.ts", Some("mkv")),
            ("HTTPS://H/play/AbC#.mkv", "HTTPS://H/play/AbC#.mkv", Some("mkv")),
            ("http://h/play.php?id=3", "http://h/play.php?id=3", None),
            ("http://h/v1.matroska", "http://h/v1.matroska", None),
            ("http://u:p@h", "http://u:p@h", None),
            ("http://h/Part #1/Film #2.mkv", "http://h/Part %231/Film %232.mkv", Some("mkv")),
            ("http://h/#1/a.ts#t=10", "http://h/%231/a.ts#t=10", Some("ts")),
            ("http://h/ü.ä", "http://h/ü.ä", None),
        ] {
            let address = StreamUrl::parse(line).unwrap();
            assert_eq!(address.url, url);
            assert_eq!(address.extension.as_deref(), extension, "{line}");
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for line in
            ["rtmp://h/x", "udp://@239.0.0.1:1234", "file:///x.mkv", "videos/x.mkv", "http://", ""]
        {
            assert_eq!(StreamUrl::parse(line), None, "{line}");
        }
        assert!(has_scheme("rtmp://h/x") && !has_scheme("see http://h") && !has_scheme("://"));
    }

    #[test]
    fn identities() {
        assert_eq!(identity("http://h/movie/u/p/123.mkv"), StreamIdentity::Xtream("123".into()));
        assert_eq!(identity("http://h/sub/series/u/p/456"), StreamIdentity::Xtream("456".into()));
        let path = identity("http://h/films/heat.mkv?token=1");
        assert_eq!(path, identity("http://h/films/heat.mkv?token=2"));
        assert!(matches!(path, StreamIdentity::Path(_)) && path.text().len() == 16);
        assert_ne!(path, identity("http://h/films/ronin.mkv"));
        assert_eq!(identity("http://h/play/aaa"), identity("http://h/play/bbb"));
        assert!(matches!(identity("http://h/play.php?id=1"), StreamIdentity::Weak(_)));
        assert!(matches!(identity("http://h/movie/drama/1999/heat.mkv"), StreamIdentity::Path(_)));
    }

    #[test]
    fn files_in_queries_and_in_streams() {
        let address = |url: &str| StreamUrl::parse(url).unwrap();
        for url in ["http://h/s?id=7&ext=MP4", "http://h/get.php?file=heat.mkv"] {
            assert!(address(url).has_file_in_query(), "{url}");
        }
        for url in
            ["http://h/a.ts?ext=mp4", "http://h/s?x=.mkv", "http://h/s?name=mp4", "http://h/s"]
        {
            assert!(!address(url).has_file_in_query(), "{url}");
        }
        assert!(address("http://h/i/a/b_,800,.mp4.csmil/master.m3u8").is_packed_file());
        assert!(address("http://h/a,hd.,,mp4.urlset/master.m3u8").is_packed_file());
        assert!(!address("http://h/live/mp4/a.mp4").is_packed_file());
        for url in ["http://h/hbo/stream.mp4", "http://h/live.flv", "http://h/hbo.flv"] {
            assert!(!address(url).is_file(), "{url}");
        }
        assert!(address("http://h/livestream.mp4").is_file());
    }

    #[test]
    fn what_is_no_video() {
        let leads_to = |url: &str| StreamUrl::parse(url).unwrap().no_video();
        for url in ["http://h/a.m3u", "http://h/get.php?username=u&type=m3u_plus"] {
            assert_eq!(leads_to(url), Some(NoVideo::List), "{url}");
        }
        for url in ["http://h/player_api.php?action=get_series_info&series_id=1", "http://h/a.jpg"]
        {
            assert_eq!(leads_to(url), Some(NoVideo::Other), "{url}");
        }
        for url in [
            "http://h/a.m3u8",
            "http://h/cf-master.txt?v=1",
            "http://h/play.php?id=1",
            "http://h/get.php?file=a.mkv",
        ] {
            assert_eq!(leads_to(url), None, "{url}");
        }
    }

    #[test]
    fn stems() {
        assert_eq!(StreamUrl::parse("http://h/a/The Film.mkv?x").unwrap().stem(), "The Film");
        assert_eq!(StreamUrl::parse("http://h").unwrap().stem(), "");
    }
}
