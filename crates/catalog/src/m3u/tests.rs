//! Playlists from beginning to end: the example, files, a small web server, and random bytes.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use url::Url;
use vod2strm_core::names::years::Years;

use super::intake::Intake;
use super::*;
use crate::source::Selection;

const LIST: &str = "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h/movie/u/p/1.mkv\n";

fn example() -> M3uCatalog {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/playlist.m3u");
    M3uCatalog::open(&Location::File(path), Years::plausible_in(2026), &|_, _| false).unwrap()
}

fn take(bytes: &[u8]) -> Result<PlaylistContents, intake::BodyFault> {
    let mut intake = Intake::new(Years::plausible_in(2026));
    intake.push(bytes)?;
    intake.finish(intake::Framing::Lines, &|_, _| false)
}

fn whole_scope() -> Scope {
    Scope { movies: Selection::All, series: Selection::All }
}

fn stamps(catalog: &mut M3uCatalog, scope: &Scope) -> Vec<Stamp> {
    let mut found = Vec::new();
    catalog.stamps(scope, &mut |stamp| found.push(stamp)).unwrap();
    found
}

#[test]
fn the_example_holds_forty_movies_and_five_series() {
    let catalog = example();
    assert_eq!((catalog.count(Kind::Movie), catalog.count(Kind::Series)), (40, 5));
    let skipped =
        Skipped { live: 3, radio: 1, unsupported_address: 1, repeated: 2, ..Skipped::default() };
    assert_eq!(*catalog.skipped(), skipped);
    let series: Vec<_> = catalog
        .contents
        .titles
        .iter()
        .filter(|title| title.kind == Kind::Series)
        .map(|title| (title.details.name.as_str(), title.details.year, title.episodes.len()))
        .collect();
    let expected = [
        ("The Lighthouse Keepers", None, 8),
        ("Night Ferry", None, 6),
        ("Harvest Road", None, 7),
        ("Copper & Rain", Some(2019), 6),
        ("シリーズ A/B: \"Crossing\"?", None, 7),
    ];
    assert_eq!(series, expected);
    let streams: Vec<usize> = catalog
        .contents
        .titles
        .iter()
        .find(|title| title.details.year == Some(2019))
        .unwrap()
        .episodes
        .iter()
        .map(|episode| episode.streams.len())
        .collect();
    assert_eq!(streams, [2, 2, 2, 1, 1, 1]);
}

#[test]
fn the_example_s_movies_keep_their_names() {
    let catalog = example();
    let movies = catalog.contents.titles.iter().filter(|title| title.kind == Kind::Movie);
    let names: Vec<(&str, Option<i32>)> =
        movies.map(|title| (title.details.name.as_str(), title.details.year)).collect();
    for expected in [
        ("Harbour Lights", Some(2011)),
        ("Bare Year", Some(2017)),
        ("Dash Year", Some(2018)),
        ("Too Much Space", Some(2010)),
        ("Only the Attribute Knows", Some(2009)),
        ("AC/DC: Back to the Amp", Some(1999)),
        ("The \"Lamp\", uncut", Some(1987)),
        ("Waiting...", Some(2008)),
        ("Ends in Dots...", None),
        (".hidden Shore", Some(2015)),
        ("..", None),
        ("???", None),
        ("1911", None),
        ("Station 2049", Some(2017)),
        ("Salt & Smoke: It's \"Over\"", Some(2005)),
        ("Bell\u{7} Tower", Some(1990)),
        ("Named by Its File", Some(1996)),
    ] {
        assert!(names.contains(&expected), "{expected:?} is missing in {names:?}");
    }
    assert_eq!(names.iter().filter(|(name, _)| name.eq_ignore_ascii_case("the tide")).count(), 3);
    assert!(names.iter().any(|(name, _)| name.len() >= 300));
    let spaces = catalog.contents.titles.iter().find(|title| title.details.year == Some(1997));
    let url = spaces.unwrap().streams[0].url.as_deref();
    assert_eq!(url, Some("http://media.example:8080/files/a film with spaces.mkv"));
}

#[test]
fn stamps_and_titles_of_a_scope() {
    let mut catalog = example();
    let all = stamps(&mut catalog, &whole_scope());
    assert_eq!(all.len(), 45);
    let streams: BTreeSet<_> = all.iter().flat_map(|stamp| &stamp.streams).collect();
    let series = all.iter().filter(|stamp| stamp.kind == Kind::Series).count();
    assert_eq!(streams.len(), 45 + series, "no two titles share a stream");
    assert_eq!(all, stamps(&mut example(), &whole_scope()), "two readings agree");
    let one = Scope { movies: Selection::Ids([2].into()), series: Selection::Nothing };
    let found = stamps(&mut catalog, &one);
    assert_eq!(found.iter().map(|stamp| stamp.key.0).collect::<Vec<_>>(), [2]);
    let keys = [SourceKey(2), SourceKey(0), SourceKey(-1), SourceKey(45), SourceKey(46)];
    let mut loaded = Vec::new();
    catalog.load(Kind::Movie, &keys, &mut |title| loaded.push(title)).unwrap();
    assert_eq!(loaded.len(), 1);
    assert_eq!(&loaded[0], catalog.title(SourceKey(2)).unwrap());
    assert_eq!(catalog.statements(), 0);
}

#[test]
fn facts_name_the_playlist_and_count() {
    let facts = example().facts().unwrap();
    let value = |label| facts.iter().find(|fact| fact.label == label).unwrap().value.as_str();
    assert!(value("playlist").ends_with("playlist.m3u"));
    assert_eq!((value("movies"), value("series"), value("episodes")), ("40", "5", "34"));
    assert_eq!(value("skipped, live"), "3");
    let shown = facts.iter().filter(|fact| fact.label == "a movie");
    assert!(
        shown.clone().count() > 1 && shown.clone().any(|it| it.value.contains("path of movies"))
    );
}

fn open_file(body: &[u8]) -> Result<M3uCatalog, CatalogError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(body).unwrap();
    M3uCatalog::open(&Location::File(file.path().to_owned()), Years::plausible_in(2026), &|_, _| {
        false
    })
}

#[test]
fn files_may_be_missing_compressed_or_something_else() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(LIST.as_bytes()).unwrap();
    let catalog = open_file(&encoder.finish().unwrap()).unwrap();
    assert_eq!(catalog.count(Kind::Movie), 1);
    assert!(!format!("{catalog:?}").contains("http"), "addresses hold credentials");
    assert_eq!(open_file(b"#EXTM3U").unwrap().contents.titles, []);
    assert!(matches!(open_file(b"<html>"), Err(CatalogError::NotAPlaylist { .. })));
    assert!(matches!(open_file(b""), Err(CatalogError::NotAPlaylist { .. })));
    let missing = Location::File(PathBuf::from("/nonexistent/list.m3u"));
    assert!(matches!(
        M3uCatalog::open(&missing, Years::plausible_in(2026), &|_, _| false),
        Err(CatalogError::File { .. })
    ));
}

#[test]
fn a_sloppy_list_loses_nothing_but_the_discarded() {
    let logo = "A".repeat(1000 * 1024);
    let list = format!(
        "\u{feff}#EXTM3U\r\n#EXTINF:-1,Discarded\n#EXTINF:-1 tvg-logo=\"data:image/png;base64,{logo}=\" \
         group-title=\"é\",Ünder\n#EXTGRP:VOD\r\nhttp://h/movie/u/p/1.mkv\r\nhttp://h/Bare.mkv\n"
    );
    let mut bytes = list.into_bytes();
    bytes.extend_from_slice(b"#EXTINF:-1,Am\xe9lie\nhttp://h/movie/u/p/2.mkv\n");
    let contents = take(&bytes).unwrap();
    let names: Vec<&str> = contents.titles.iter().map(|title| &*title.details.name).collect();
    assert_eq!(names, ["Ünder", "Bare", "Amélie"]);
    assert_eq!(contents.titles[0].details.poster, None);
    assert_eq!(contents.skipped, Skipped { without_address: 1, ..Skipped::default() });
}

/// Serves these answers, one per connection, and gives the address.
fn serve(answers: Vec<Vec<u8>>) -> (Url, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut chunk = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                let length = stream.read(&mut chunk).unwrap();
                request.extend_from_slice(&chunk[..length]);
            }
            stream.write_all(&answer).unwrap();
            requests.push(String::from_utf8(request).unwrap());
        }
        requests
    });
    let url = format!("http://127.0.0.1:{port}/get.php?username=joe&password=s3cret&type=m3u_plus");
    (Url::parse(&url).unwrap(), server)
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn open_web(answer: Vec<u8>) -> Result<M3uCatalog, CatalogError> {
    let (url, server) = serve(vec![answer]);
    let opened = M3uCatalog::open(&Location::Http(url), Years::plausible_in(2026), &|_, _| false);
    server.join().unwrap();
    if let Err(error) = &opened {
        assert_no_secret(error);
    }
    opened
}

fn assert_no_secret(error: &CatalogError) {
    let mut chain = format!("{error:?} {error}");
    let mut next = error.source();
    while let Some(cause) = next {
        chain += &format!(" {cause:?} {cause}");
        next = cause.source();
    }
    assert!(!chain.contains("s3cret"), "{chain}");
}

#[test]
fn a_list_from_the_web() {
    let (url, server) = serve(vec![answer("200 OK", LIST.as_bytes())]);
    let mut catalog =
        M3uCatalog::open(&Location::Http(url), Years::plausible_in(2026), &|_, _| false).unwrap();
    assert_eq!(catalog.count(Kind::Movie), 1);
    assert!(!format!("{:?}", catalog.facts().unwrap()).contains("s3cret"));
    let requests = server.join().unwrap();
    assert!(requests[0].to_lowercase().contains("user-agent: vlc/3.0.21 libvlc/3.0.21"));
}

#[test]
fn gzip_with_and_without_its_header() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(LIST.as_bytes()).unwrap();
    let body = encoder.finish().unwrap();
    for head in ["200 OK", "200 OK\r\nContent-Encoding: gzip"] {
        assert_eq!(open_web(answer(head, &body)).unwrap().count(Kind::Movie), 1, "{head}");
    }
    let cut = open_web(answer("200 OK", &body[..body.len() - 4]));
    assert!(matches!(cut, Err(CatalogError::Incomplete { .. })));
}

#[test]
fn answers_that_are_no_list() {
    let missing = open_web(answer("404 Not Found", b""));
    assert!(matches!(missing, Err(CatalogError::Status { status: 404, .. })));
    let odd = open_web(answer("884 Whatever", b""));
    assert!(matches!(odd, Err(CatalogError::Status { status: 884, .. })));
    let page = open_web(answer("200 OK", b"<html>login</html>"));
    assert!(matches!(page, Err(CatalogError::NotAPlaylist { .. })));
    let silent = open_web(answer("200 OK", b""));
    assert!(matches!(silent, Err(CatalogError::NotAPlaylist { .. })));
    let broken = open_web(answer("200 OK\r\nContent-Length: 9999", LIST.as_bytes()));
    assert!(matches!(broken, Err(CatalogError::Incomplete { .. })));
}

#[test]
fn redirections_are_followed_up_to_five() {
    let onward = || answer("302 Found\r\nLocation: /next?password=s3cret", b"");
    let mut answers: Vec<Vec<u8>> = (0..5).map(|_| onward()).collect();
    answers.push(answer("200 OK", LIST.as_bytes()));
    let (url, server) = serve(answers);
    assert_eq!(
        M3uCatalog::open(&Location::Http(url), Years::plausible_in(2026), &|_, _| false)
            .unwrap()
            .count(Kind::Movie),
        1
    );
    assert!(server.join().unwrap().iter().all(|request| !request.contains("referer")));
    let (url, server) = serve((0..6).map(|_| onward()).collect());
    let error = M3uCatalog::open(&Location::Http(url), Years::plausible_in(2026), &|_, _| false)
        .unwrap_err();
    server.join().unwrap();
    assert!(matches!(error, CatalogError::Unreachable { .. }));
    assert_no_secret(&error);
}

#[test]
fn nobody_there_and_no_web_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let open = |url: &str| {
        M3uCatalog::open(
            &Location::Http(Url::parse(url).unwrap()),
            Years::plausible_in(2026),
            &|_, _| false,
        )
    };
    let error = open(&format!("http://joe:s3cret@127.0.0.1:{port}/list.m3u")).unwrap_err();
    assert!(matches!(error, CatalogError::Unreachable { .. }));
    assert_no_secret(&error);
    assert!(matches!(open("ftp://h/list.m3u"), Err(CatalogError::InvalidUrl { .. })));
}

#[test]
fn locations_hide_their_credentials() {
    let url = Url::parse("http://h/get.php?username=a&password=s3cret").unwrap();
    assert!(!Location::Http(url).label().contains("s3cret"));
    assert_eq!(Location::File(PathBuf::from("/x.m3u")).label(), "/x.m3u");
}

/// The streams of a title and of its episodes.
fn all_streams(title: &Title) -> impl Iterator<Item = &vod2strm_core::model::media::Stream> {
    title.streams.iter().chain(title.episodes.iter().flat_map(|episode| &episode.streams))
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut list = b"#EXTM3U\n#EXTINF:".to_vec();
        list.extend_from_slice(&bytes);
        let _ = take(&list);
        let _ = take(&bytes);
    }

    #[test]
    fn no_file_on_the_web_is_lost(
        lines in proptest::collection::vec(("[^\r\n=]{0,30}", "[^\r\n=]{0,30}", 0..5_usize), 0..20),
    ) {
        let mut list = "#EXTM3U\n".to_owned();
        for (at, (name, title, extension)) in lines.iter().enumerate() {
            let extension = ["mkv", "MP4", "avi", "webm", "3gp"][*extension];
            list += &format!("#EXTINF:-1 tvg-name=\"{name}\",{title}\nhttp://h/{at}.{extension}\n");
        }
        let contents = take(list.as_bytes()).unwrap();
        let urls: BTreeSet<_> =
            contents.titles.iter().flat_map(all_streams).filter_map(|stream| stream.url.as_deref()).collect();
        let headings = contents.skipped.headings;
        prop_assert_eq!(urls.len() + headings as usize, lines.len());
        prop_assert_eq!(contents.skipped, Skipped { headings, ..Skipped::default() });
    }
}
