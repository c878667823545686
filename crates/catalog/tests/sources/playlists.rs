//! Playlists, as files and on the web.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::m3u::{Location, M3uCatalog, Rules};
use vod2strm_catalog::source::Catalog;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::names::years::Years;
use vod2strm_testkit::http::{Server, answer};
use vod2strm_testkit::source_suite::{SECRET, Source, SourceContents, Specimen};
use vod2strm_testkit::words::nasty_names;

/// What a list holds: streams, each with an address of its own, and entries that are movies or series, or neither.
#[derive(Clone, Copy, Default)]
struct Held {
    streams: usize,
    entries: [u64; 2],
}

/// Entries that are no titles: a channel, a heading, a further list, one that has no address.
const NO_TITLES: &str = "#EXTINF:-1 group-title=\"TV\",News 24\nhttp://h.example/live/joe/secret/1.ts\n\
    #EXTINF:-1 group-title=\"TV\",##### FILMS #####\nhttp://h.example/movie/joe/secret/9999999.mkv\n\
    #EXTINF:-1,More\nhttp://h.example/more.m3u\n#EXTINF:-1,Nothing\n";

fn list(contents: SourceContents) -> (String, Held) {
    let movies = match contents {
        SourceContents::Usual => (0..40).map(|n| format!("Film {n} ({})", 1950 + n)).collect(),
        SourceContents::Hostile => nasty_names(),
        SourceContents::Empty => Vec::new(),
    };
    let (mut list, mut streams) = ("#EXTM3U\n".to_owned(), 0);
    let mut add = |group: &str, name: &str, folder: &str| {
        streams += 1;
        // A line has one line.
        let name = name.replace(['\r', '\n'], " ");
        let url = format!("http://h.example/{folder}/joe/secret/{streams}.mkv");
        let _ = writeln!(list, "#EXTINF:-1 group-title=\"{group}\",{name}\n{url}");
    };
    for (n, name) in movies.iter().enumerate() {
        add(&format!("VOD {}", n % 5), name, "movie");
    }
    for n in 0..movies.len() / 4 {
        let (series, group) = (format!("Show {}", n / 6), format!("Series {}", n / 6 % 2));
        add(&group, &format!("{series} S{:02}E{:02}", n % 6 / 3, n % 3), "series");
    }
    if streams == 0 {
        return (list, Held::default());
    }
    // The first film stands there twice.
    let first = list.lines().skip(1).take(2).collect::<Vec<_>>().join("\n");
    let _ = writeln!(list, "{first}");
    list.push_str(NO_TITLES);
    let shows = (movies.len() / 4).div_ceil(6);
    (list, Held { streams, entries: [(movies.len() + shows) as u64, 4] })
}

fn packed(list: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(list.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn rules(cancel: &Cancel) -> Rules {
    let usual = Rules::from(Years::plausible_in(2026));
    Rules { cancel: cancel.clone(), keeps_left_out: true, ..usual }
}

fn open(location: &Location, cancel: &Cancel) -> Result<Box<dyn Catalog>, CatalogError> {
    Ok(Box::new(M3uCatalog::open(location, rules(cancel), &|_, _| false)?))
}

const ONE_MORE: &str = "#EXTINF:-1,One more (2001)\nhttp://h.example/movie/joe/secret/0.mkv\n";

/// Lists in files, packed or not.
pub struct Files {
    pub is_packed: bool,
}

struct File {
    folder: TempDir,
    list: String,
    held: Held,
    is_packed: bool,
}

impl File {
    fn path(&self) -> PathBuf {
        self.folder.path().join("list.m3u")
    }

    /// A file with these bytes.
    fn of(bytes: &[u8]) -> File {
        let folder = tempfile::tempdir().unwrap();
        let file = File { folder, list: String::new(), held: Held::default(), is_packed: false };
        std::fs::write(file.path(), bytes).unwrap();
        file
    }
}

impl Specimen for Files {
    fn make(&self, contents: SourceContents) -> Box<dyn Source> {
        let (list, held) = list(contents);
        let bytes = if self.is_packed { packed(&list) } else { list.clone().into_bytes() };
        Box::new(File { list, held, is_packed: self.is_packed, ..File::of(&bytes) })
    }

    fn damaged(&self) -> Vec<(&'static str, Box<dyn Source>)> {
        let of = |bytes: &[u8]| Box::new(File::of(bytes)) as Box<dyn Source>;
        let whole = packed(&list(SourceContents::Usual).0);
        let gone = File::of(b"");
        std::fs::remove_file(gone.path()).unwrap();
        let mut broken = whole.clone();
        broken[whole.len() / 2] ^= 0x55;
        vec![
            ("it is not there", Box::new(gone)),
            ("it is empty", of(b"")),
            ("it is a page", of(b"<html>login</html>")),
            ("it is cut off", of(&whole[..whole.len() - 6])),
            ("it is damaged", of(&broken)),
        ]
    }
}

impl Source for File {
    fn open(&self, cancel: &Cancel) -> Result<Box<dyn Catalog>, CatalogError> {
        open(&Location::File(self.path()), cancel)
    }

    fn streams(&self) -> usize {
        self.held.streams
    }

    fn entries(&self) -> [u64; 2] {
        self.held.entries
    }

    fn change(&self) {
        let list = format!("{}{ONE_MORE}", self.list);
        let bytes = if self.is_packed { packed(&list) } else { list.into_bytes() };
        std::fs::write(self.path(), bytes).unwrap();
    }
}

/// Lists on a web server.
pub struct Webs;

struct Web {
    server: Server,
    body: Arc<Mutex<String>>,
    held: Held,
}

/// The answer with a list.
fn whole(list: &str) -> Vec<u8> {
    answer(200, "audio/x-mpegurl", list.as_bytes())
}

impl Web {
    fn new(list: String, held: Held, say: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Web {
        let body = Arc::new(Mutex::new(list));
        let served = Arc::clone(&body);
        let server = Server::start(move |_, _| say(&served.lock().unwrap()));
        Web { server, body, held }
    }
}

impl Specimen for Webs {
    fn make(&self, contents: SourceContents) -> Box<dyn Source> {
        let (list, held) = list(contents);
        Box::new(Web::new(list, held, whole))
    }

    fn damaged(&self) -> Vec<(&'static str, Box<dyn Source>)> {
        let of = |say: fn(&str) -> Vec<u8>| {
            let (list, held) = list(SourceContents::Usual);
            Box::new(Web::new(list, held, say)) as Box<dyn Source>
        };
        vec![
            ("it is not there", of(|_| answer(404, "text/html", b""))),
            ("it is refused", of(|_| answer(403, "text/html", b""))),
            ("it is a page", of(|_| answer(200, "text/html", b"<html>login</html>"))),
            ("it is empty", of(|_| answer(200, "text/html", b""))),
            ("it is cut off", of(|list| whole(list)[..2000].to_vec())),
            (
                "its packed list is cut off",
                of(|list| {
                    let bytes = packed(list);
                    answer(200, "audio/x-mpegurl", &bytes[..bytes.len() - 6])
                }),
            ),
            ("it does not speak HTTP", of(|_| b"220 mail.example ESMTP\r\n".to_vec())),
        ]
    }
}

impl Source for Web {
    fn open(&self, cancel: &Cancel) -> Result<Box<dyn Catalog>, CatalogError> {
        let url = format!("{}/get.php?username=joe&password={SECRET}", self.server.url());
        open(&Location::Http(url.parse().unwrap()), cancel)
    }

    fn streams(&self) -> usize {
        self.held.streams
    }

    fn entries(&self) -> [u64; 2] {
        self.held.entries
    }

    fn change(&self) {
        self.body.lock().unwrap().push_str(ONE_MORE);
    }
}
