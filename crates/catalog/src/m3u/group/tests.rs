//! What becomes a title, and by what it is recognised.

use super::super::address::StreamUrl;
use super::super::classify::{Classification, Classifier};
use super::super::entry::Tags;
use super::super::extinf::ExtInf;
use super::*;
use vod2strm_core::select::classify::Classify;

fn collected(entries: &[(&str, &str)]) -> Vec<Title> {
    let mut collector = TitleCollector::new(Years::plausible_in(2026));
    let mut classifier = Classifier::new(Years::plausible_in(2026), Classify::default());
    for (line, url) in entries {
        let tags = Tags::from_line(&ExtInf::parse(line));
        let entry = PlaylistEntry { tags, address: StreamUrl::parse(url).unwrap() };
        let (Classification::Decided(classified) | Classification::Open(classified, _)) =
            classifier.classify(&entry)
        else {
            panic!("{line}");
        };
        match classified.mark {
            Some(_) => collector.add_episode(entry, &classified),
            None => collector.add_movie(entry, &classified.name),
        };
    }
    collector.finish()
}

fn ids(titles: &[Title]) -> Vec<Vec<&str>> {
    titles
        .iter()
        .map(|title| title.streams.iter().map(|stream| stream.stream_id.as_str()).collect())
        .collect()
}

#[test]
fn movies_are_told_apart_by_their_streams() {
    let titles = collected(&[
        ("-1,Heat (1995)", "http://h/movie/u/p/1.mkv"),
        ("-1,HEAT (1995)", "http://h/movie/u/p/2.mkv"),
        ("-1 group-title=\"New\",Heat (1995)", "http://h/movie/u/p/1.mkv"),
        ("-1,Heat again", "http://h/movie/u/p/1.mp4"),
        ("-1,Heat (1995)", "http://mirror/movie/u/p/1.mkv"),
        ("-1,Ronin", "http://other/movie/u/p/2.mkv"),
    ]);
    assert_eq!(ids(&titles), [vec!["1@h", "1@mirror"], vec!["2@h"], vec!["2@other"]]);
    assert_eq!(titles[1].key, SourceKey(2));
    assert_eq!((&*titles[1].details.name, titles[1].details.year), ("HEAT", Some(1995)));
}

#[test]
fn what_stands_behind_a_year_stays_for_the_cleaner() {
    let titles = collected(&[
        ("-1,Old Henry (2021) [Western] ⭐7", "http://h/movie/u/p/1.mkv"),
        ("-1,Heat (1995)", "http://h/movie/u/p/2.mkv"),
    ]);
    let names = titles.iter().map(|title| (&*title.details.name, title.details.year));
    let expected = [("Old Henry (2021) [Western] ⭐7", Some(2021)), ("Heat", Some(1995))];
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

#[test]
fn a_tail_tells_streams_of_one_path_apart() {
    let titles = collected(&[
        ("-1 tvg-name=\"Heat\",Heat [4K]", "http://h/films/heat.mkv?q=4k"),
        ("-1 tvg-name=\"Heat\",Heat [Lektor]", "http://h/films/heat.mkv?q=pl"),
        ("-1 tvg-name=\"Heat\",Heat [4K]", "http://h/films/heat.mkv?q=again"),
    ]);
    let urls = titles.iter().map(|title| title.streams[0].url.as_deref().unwrap_or_default());
    let expected = ["http://h/films/heat.mkv?q=4k", "http://h/films/heat.mkv?q=pl"];
    assert_eq!(urls.collect::<Vec<_>>(), expected);
    assert!(titles.iter().all(|title| title.details.name == "Heat"));
}

/// Version 0.1.0 read one group of several, and an option as a name.
#[test]
fn what_identifies_an_entry_is_what_version_0_1_0_read() {
    let url = "http://h/play.php?id=1";
    for (line, name, group) in [
        ("-1 group-title=\"VOD\" group-title=\"Drama\",Heat (1995)", "Heat (1995)", "VOD"),
        ("-1 group-title=\"\" group-title=\"VOD\",Heat (1995)", "Heat (1995)", ""),
        ("-1 grupo-title=\"VOD\",Heat (1995)", "Heat (1995)", ""),
        ("-1 group-title=\"VOD\" tvg-name=\"Heat\",Heat [4K]", "Heat [4K]", "VOD"),
        ("-1 type=\"movie\",#EXTVLCOPT:a=b", "#EXTVLCOPT:a=b", ""),
    ] {
        let known = hashed(&["weak", name, group]);
        assert_eq!(ids(&collected(&[(line, url)])), [[&*known]], "{line}");
    }
}

#[test]
fn a_year_behind_the_mark_parts_no_series() {
    let shown = |lines: &[&str]| {
        let urls: Vec<_> =
            (0..).map(|n| format!("http://h/series/u/p/{n}.mkv")).take(lines.len()).collect();
        let entries: Vec<_> = lines.iter().copied().zip(urls.iter().map(String::as_str)).collect();
        let titles = collected(&entries);
        assert_eq!(titles.len(), 1, "{lines:?}");
        assert!(titles[0].episodes.iter().all(|episode| episode.name.is_empty()));
        (titles[0].streams[0].stream_id.clone(), titles[0].details.year)
    };
    let id = hashed(&["series", "show", ""]);
    for (lines, year) in [
        (&["-1,Show S01E01 (2020)", "-1,Show S02E01 (2021)", "-1,Show S03E01"][..], None),
        (&["-1,Show S01E01 (2020)", "-1,Show S01E02 (2020)"], Some(2020)),
    ] {
        assert_eq!(shown(lines), (id.clone(), year));
    }
}

#[test]
fn no_two_movies_share_an_id() {
    let url = |id: u32| format!("http://h/play.php?id={id}");
    let urls: Vec<String> = (0..5).map(url).collect();
    let line = "-1 group-title=\"VOD\",Twin";
    let entries: Vec<(&str, &str)> = urls.iter().map(|url| (line, url.as_str())).collect();
    let titles = collected(&entries);
    let mut ids = ids(&titles).concat();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((titles.len(), ids.len()), (5, 5));
}

#[test]
fn episodes_gather_in_series() {
    let titles = collected(&[
        ("-1 tvg-logo=\"http://h/a.jpg\" tmdb-id=\"5\",Show S01E01", "http://h/series/u/p/1.mkv"),
        ("-1 tmdb-id=\"5\",SHOW  S01E02 Two", "http://h/series/u/p/2.mkv"),
        ("-1,Show (2001) S01E01", "http://h/series/u/p/3.mkv"),
        ("-1,Show S01E01 - One", "http://h/series/u/p/4.mp4"),
        ("-1,Show S01E01", "http://h/series/u/p/1.mkv"),
    ]);
    assert_eq!(titles.len(), 2);
    let show = &titles[0];
    assert_eq!((&*show.details.name, show.kind), ("Show", Kind::Series));
    assert_eq!(show.details.tmdb, Some("5".into()));
    assert_eq!(show.details.poster.as_deref(), Some("http://h/a.jpg"));
    let names: Vec<&str> = show.episodes.iter().map(|episode| &*episode.name).collect();
    assert_eq!(names, ["One", "Two"]);
    let urls: Vec<_> =
        show.episodes[0].streams.iter().map(|stream| stream.url.as_deref()).collect();
    let expected = ["http://h/series/u/p/1.mkv", "http://h/series/u/p/4.mp4"];
    assert_eq!(urls, expected.map(Some));
    assert_eq!(show.streams[0].stream_id.len(), 16);
    assert_ne!(show.streams[0].stream_id, titles[1].streams[0].stream_id);
}

#[test]
fn a_series_is_known_by_its_name_and_by_the_stream_of_its_first_episode() {
    let ids = |entries: &[(&str, &str)]| ids(&collected(entries))[0].join(" ");
    let both = |entries: &[(&str, &str)]| {
        let ids = ids(entries);
        ids.split_once(' ').map(|(name, stream)| (name.to_owned(), stream.to_owned())).unwrap()
    };
    let first = ("-1,Show S01E01", "http://h/series/u/p/2.mkv");
    let second = ("-1,Show S01E02", "http://h/series/u/p/1.mkv");
    let (name, stream) = both(&[first, second]);
    let special = ("-1,Show S00E01", "http://h/series/u/p/9.mkv");
    let later = ("-1,Show S02E01", "http://h/series/u/p/8.mkv");
    let login = ("-1,Show S01E01", "http://h/series/v/q/2.mkv");
    let same: [&[(&str, &str)]; 3] = [&[second, first], &[special, login], &[later, first]];
    same.iter().for_each(|it| assert_eq!(both(it), (name.clone(), stream.clone()), "{it:?}"));
    let renamed = both(&[("-1,Show Ultra S01E01", "http://h/series/u/p/2.mp4")]);
    assert!(renamed.0 != name && renamed.1 == stream);
    for url in ["http://h/series/u/p/3.mkv", "http://other/series/u/p/2.mkv"] {
        let renumbered = both(&[("-1,Show S01E01", url)]);
        assert!(renumbered.0 == name && renumbered.1 != stream, "{url}");
    }
}

/// With the host, without the login, and whatever the series is called.
#[test]
fn a_series_has_the_streams_of_all_its_episodes() {
    let streams = |lines: &[(&str, &str)]| {
        let titles = collected(lines);
        let streams: HashSet<_> = titles.iter().flat_map(|title| title.episode_streams()).collect();
        (titles.len(), streams)
    };
    let known = streams(&[
        ("-1,Show S01E01", "http://h/series/u/p/1.mkv"),
        ("-1,Show S01E01 4K", "http://h/series/u/p/2.mkv"),
        ("-1,Show S02E01", "http://h/files/3.mkv?token=1"),
    ]);
    assert_eq!((known.0, known.1.len()), (1, 3));
    let renamed = streams(&[
        ("-1,Show Ultra S02E01", "http://h/files/3.mkv?token=2"),
        ("-1,Show Ultra S01E01", "http://h/series/v/q/2.mp4"),
        ("-1,Show Ultra S01E02", "http://h/series/v/q/1.mkv"),
    ]);
    assert_eq!(renamed, known);
    let elsewhere = streams(&[
        ("-1,Show S01E01", "http://other/series/u/p/1.mkv"),
        ("-1,Film (2001)", "http://h/movie/u/p/2.mkv"),
    ]);
    assert!(elsewhere.1.len() == 1 && elsewhere.1.is_disjoint(&known.1));
}

#[test]
fn no_two_series_share_an_id() {
    let url = "http://h/series/u/p/1.mkv";
    let names = ["-1,Show S01E01", "-1,Show Ultra S01E01", "-1,Play S01E01"];
    let titles = collected(&names.map(|name| (name, url)));
    let mut ids = ids(&titles).concat();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((titles.len(), ids.len()), (3, 4), "the first has the stream");
}

#[test]
fn streams_know_their_entry() {
    let titles = collected(&[
        ("-1 group-title=\"VOD | New\",EN - Heat (1995)", "http://h/movie/u/p/1.mkv"),
        ("-1 adult=\"1\",Heat (1995) 4K", "http://h/movie/u/p/2.mkv"),
        ("-1 group-title=\"Shows\",Show S01E01", "http://h/series/u/p/1.mkv"),
        ("-1 group-title=\"XXX\" is-adult=\"true\",Show S01E02", "http://h/series/u/p/2.mkv"),
    ]);
    let said = |stream: &Stream| {
        (stream.name.clone().unwrap_or_default(), stream.category_name.clone(), stream.is_adult)
    };
    let streams: Vec<_> = titles.iter().map(|title| said(&title.streams[0])).collect();
    let (new, shows) = (Some("VOD | New".into()), Some("Shows".into()));
    assert_eq!(streams[0], ("EN - Heat (1995)".to_owned(), new, false));
    assert_eq!(streams[1], ("Heat (1995) 4K".to_owned(), None, true));
    assert_eq!(streams[2], (String::new(), shows, false), "a series is no entry");
    let second = said(&titles[2].episodes[1].streams[0]);
    assert_eq!(second, ("Show S01E02".to_owned(), Some("XXX".into()), true));
    let adult: Vec<bool> = titles.iter().map(|title| title.details.is_adult).collect();
    assert_eq!(adult, [false, true, true]);
}

#[test]
fn contradicting_ids_are_the_episodes_own() {
    let titles = collected(&[
        ("-1 tmdb-id=\"5\",Show S01E01", "http://h/series/u/p/1.mkv"),
        ("-1 tmdb-id=\"6\",Show S01E02", "http://h/series/u/p/2.mkv"),
    ]);
    assert_eq!(titles[0].details.tmdb, None);
}
