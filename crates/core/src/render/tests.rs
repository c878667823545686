//! Which files a title should have, what each is, and which names files keep.

use super::*;
use crate::event::Role;
use crate::layout::Layout;
use crate::policy::{NfoDetail, Versions};
use crate::render::drafts::{self, episode, movie, policy, recorded};

/// Without NFOs, each version with a file.
fn versions() -> Policy {
    Policy { versions: Versions::All.into(), ..plain() }
}

/// Without NFOs.
fn plain() -> Policy {
    Policy { nfo: NfoDetail::Off, ..policy() }
}

fn series(episodes: Vec<Episode>) -> Title {
    Title { episodes, ..drafts::title(Kind::Series, "Fargo") }
}

fn rendered(policy: &Policy, title: &Title, known: &KnownFiles) -> Rendered {
    render(policy, title, &GivenNames::of("Folder"), known, NameRule::Keep)
}

/// The accounts and the paths of files, in their order.
fn files(rendered: &Rendered) -> Vec<(Option<i64>, &str)> {
    rendered.files.iter().map(|file| (file.account, file.path.as_str())).collect()
}

fn paths(rendered: &Rendered) -> Vec<&str> {
    rendered.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn every_file_says_what_it_is_and_what_it_belongs_to() {
    let title = series(vec![episode(2, 5, &[(7, "b")]), episode(1, 1, &[(4, "a")])]);
    // The one layout with an NFO of each season.
    let classic = Policy { layout: Layout::classic(), ..policy() };
    let rendered = rendered(&classic, &title, &KnownFiles::new());
    let told: Vec<_> = rendered
        .files
        .iter()
        .map(|it| (Role::of(&it.key), it.season, it.episode, it.account))
        .collect();
    let expected = [
        (Role::TvshowNfo, None, None, None),
        (Role::SeasonNfo, Some(1), None, None),
        (Role::EpisodeNfo, Some(1), Some(1), None),
        (Role::Episode, Some(1), Some(1), Some(4)),
        (Role::SeasonNfo, Some(2), None, None),
        (Role::EpisodeNfo, Some(2), Some(0), None),
        (Role::Episode, Some(2), Some(0), Some(7)),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_left_out_has_its_reason() {
    let unwanted = |mut title: Title| {
        let played = title.episodes.iter_mut().flat_map(|episode| &mut episode.streams);
        title.streams.iter_mut().chain(played).for_each(|stream| stream.is_wanted = false);
        title
    };
    let heat = || movie("Heat", &[(1, "a"), (2, "b")]);
    let lacks_address = |mut title: Title, others: &str| {
        for stream in &mut title.streams {
            stream.url = (!others.is_empty()).then(|| others.to_owned());
        }
        title
    };
    let silent = Episode { streams: Vec::new(), ..episode(1, 1, &[]) };
    let no_episodes = (None, Reason::NoEpisodes, false);
    let cases = [
        (heat(), vec![], "all is there"),
        (movie("Heat", &[]), vec![(None, Reason::NoUrl, false)], "nobody offers it"),
        (unwanted(heat()), vec![(None, Reason::Filtered, false)], "the filter"),
        (lacks_address(heat(), ""), vec![(None, Reason::NoUrl, true)], "no address"),
        (lacks_address(heat(), "ftp://h/a"), vec![(None, Reason::NoUrl, true)], "no such address"),
        (series(vec![]), vec![no_episodes], "nothing to play"),
        (
            series(vec![silent]),
            vec![(Some(0), Reason::NoActiveRelations, false), no_episodes],
            "nobody plays it",
        ),
        (
            unwanted(series(vec![episode(1, 1, &[(1, "a")])])),
            vec![(Some(0), Reason::Filtered, false), no_episodes],
            "the filter takes its only episode",
        ),
        (
            unwanted(Title { streams: heat().streams, ..series(vec![episode(1, 1, &[(1, "a")])]) }),
            vec![(None, Reason::Filtered, false)],
            "the filter takes the series",
        ),
    ];
    for (title, expected, what) in cases {
        let rendered = rendered(&plain(), &title, &KnownFiles::new());
        let omissions: Vec<_> = rendered
            .omissions
            .iter()
            .map(|it| (it.episode, it.reason, it.detail.is_some()))
            .collect();
        assert_eq!(omissions, expected, "{what}");
        assert_eq!(rendered.files.is_empty(), !expected.is_empty(), "{what}");
    }
}

#[test]
fn one_stream_that_can_be_played_is_enough() {
    let mut title = movie("Heat", &[(1, "a"), (2, "b"), (3, "c")]);
    title.streams[0].url = None;
    let nothing = KnownFiles::new();
    assert_eq!(files(&rendered(&plain(), &title, &nothing)), [(Some(2), "Folder.strm")]);
    let all = rendered(&versions(), &title, &nothing);
    assert_eq!(files(&all), [(Some(2), "Folder.strm"), (Some(3), "Folder - 3.strm")]);
    assert_eq!(all.omissions, []);
}

/// A file keeps its stream, whichever stream is the best today.
#[test]
fn streams_keep_their_files() {
    let all = |streams: &[(i64, &str)], known: &KnownFiles| {
        let rendered = rendered(&versions(), &movie("Heat", streams), known);
        let mut files: Vec<(i64, String)> =
            rendered.files.iter().map(|it| (it.account.unwrap(), it.path.clone())).collect();
        files.sort();
        (files, recorded(&rendered.files))
    };
    let of = |files: &[(i64, &str)]| -> Vec<(i64, String)> {
        files.iter().map(|(account, path)| (*account, (*path).to_owned())).collect()
    };
    let (one, two, three) = ((1, "a"), (2, "b"), (3, "c"));
    let (first, only_first) = all(&[one], &KnownFiles::new());
    assert_eq!(first, of(&[(1, "Folder.strm")]));
    let (both, known) = all(&[two, one], &only_first);
    let expected = of(&[(1, "Folder.strm"), (2, "Folder - 2.strm")]);
    assert_eq!(both, expected, "the new one is better, and the file is the first one's");
    assert_eq!(all(&[one, two], &known).0, expected);
    assert_eq!(all(&[two, one], &known).0, expected, "in any order");
    assert_eq!(all(&[three, two], &known).0, of(&[(2, "Folder - 2.strm"), (3, "Folder.strm")]));
    let expected = of(&[(1, "Folder.strm"), (2, "Folder - 2.strm"), (3, "Folder - 3.strm")]);
    assert_eq!(all(&[three, two, one], &known).0, expected, "none takes another one's file");
    let mut gone = known.clone();
    gone.values_mut().for_each(|file| file.hash = None);
    assert_eq!(all(&[two, one], &gone).0, of(&[(1, "Folder.strm"), (2, "Folder - 2.strm")]));
}

/// New episodes lie beside those that are there, unless that folder is several seasons', or none.
#[test]
fn a_season_stays_in_its_folder() {
    let known = |folders: &[&str]| -> KnownFiles {
        let episodes = folders.iter().zip(1..).map(|(_, n)| episode(1, n, &[(1, "a")])).collect();
        let mut files = rendered(&plain(), &series(episodes), &KnownFiles::new()).files;
        for (file, folder) in files.iter_mut().zip(folders) {
            file.path = in_dir(folder, stem_of(&file.path), ".strm");
        }
        recorded(&files)
    };
    let new = series(vec![episode(1, 9, &[(1, "a")])]);
    for (folders, expected) in [
        (&[][..], "Season 01"),
        (&["Staffel 1"], "Staffel 1"),
        (&["Zwei", "Staffel 1", "Staffel 1"], "Staffel 1"),
        (&["B", "A"], "A"),
        (&["C", "A", "B", "C"], "C"),
        (&[""], "Season 01"),
        (&["", "", "Staffel 1"], "Staffel 1"),
    ] {
        let rendered = rendered(&plain(), &new, &known(folders));
        assert_eq!(dir_of(&rendered.files[0].path), expected, "{folders:?}");
    }
    let two = series(vec![episode(1, 1, &[(1, "a")]), episode(2, 1, &[(1, "b")])]);
    let mut files = rendered(&plain(), &two, &KnownFiles::new()).files;
    for file in &mut files {
        file.path = in_dir("All", stem_of(&file.path), ".strm");
    }
    let rendered = rendered(&plain(), &new, &recorded(&files));
    assert_eq!(dir_of(&rendered.files[0].path), "Season 01", "one folder of two seasons");
}

/// What is written once keeps its name, until names are to be those of today.
#[test]
fn known_files_keep_their_names_or_get_those_of_today() {
    let title = movie("Heat", &[(1, "a")]);
    let mut old = rendered(&policy(), &title, &KnownFiles::new());
    for file in &mut old.files {
        file.path = format!("Old {}", file.path);
    }
    let known = recorded(&old.files);
    let names = |names| render(&policy(), &title, &GivenNames::of("Folder"), &known, names);
    assert_eq!(paths(&names(NameRule::Keep)), ["Old Folder.nfo", "Old Folder.strm"]);
    assert_eq!(paths(&names(NameRule::Renew)), ["Folder.nfo", "Folder.strm"]);
}

/// A file that is to go is in the way as long as it is there.
#[test]
fn a_name_that_is_in_use_is_given_to_nobody_else() {
    let known =
        recorded(&rendered(&versions(), &movie("Heat", &[(1, "a")]), &KnownFiles::new()).files);
    let mut unwanted = known.clone();
    let cause = crate::identity::known::Cause::Catalogue;
    for file in unwanted.values_mut() {
        let waits = crate::identity::known::Unwanted { cause, runs: 0, hold: None };
        (file.path, file.unwanted) = ("folder - 2.STRM".to_owned(), Some(waits));
    }
    let both = movie("Heat", &[(1, "a"), (2, "b")]);
    let names = |known: &KnownFiles, names| {
        let rendered = render(&versions(), &both, &GivenNames::of("Folder"), known, names);
        paths(&rendered).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names(&unwanted, NameRule::Keep), ["folder - 2.STRM", "Folder - 2 (2).strm"]);
    assert_eq!(names(&unwanted, NameRule::Renew), ["Folder.strm", "Folder - 2.strm"]);
    assert_eq!(names(&known, NameRule::Renew), ["Folder.strm", "Folder - 2.strm"]);
}

#[test]
fn an_address_of_a_playlist_becomes_a_strm() {
    let lines = Policy { strm_lines: vec!["#KODIPROP:a=b".to_owned()], ..policy() };
    let text = |policy: &Policy, address: &str| {
        strm_of(policy, Some("#KODIPROP:c=d"), address).map(|it| String::from_utf8(it).unwrap())
    };
    assert_eq!(text(&policy(), "http://h/a b").as_deref(), Some("http://h/a%20b\n"));
    let with_lines = "#KODIPROP:a=b\nhttp://h/a\n";
    assert_eq!(text(&lines, "http://h/a").as_deref(), Some(with_lines));
    assert_eq!(text(&policy(), "rtsp://h/a"), None);
}

#[test]
fn properties_of_an_entry_stand_before_the_users_lines_and_their_type_wins() {
    let users = ["#KODIPROP:mimetype=video/mp4", "#KODIPROP:a=b"].map(str::to_owned).to_vec();
    let kodi = Layout::named("kodi").unwrap();
    let policy = Policy { strm_lines: users, layout: kodi, ..policy() };
    let content = |properties: Option<&str>| {
        let mut title = movie("Heat", &[(1, "a")]);
        title.streams[0].kodi_properties = properties.map(Into::into);
        let file = rendered(&policy, &title, &KnownFiles::new()).files.pop().unwrap();
        let text = String::from_utf8(file.content).unwrap();
        text.lines().filter(|line| line.starts_with('#')).collect::<Vec<_>>().join("\n")
    };
    let both = "#KODIPROP:mimetype=video/mp4\n#KODIPROP:a=b";
    assert_eq!(content(None), both);
    assert_eq!(content(Some("#KODIPROP:c=d")), format!("#KODIPROP:c=d\n{both}"));
    let own = "#KODIPROP:c=d\n#kodiprop: MimeType = application/dash+xml";
    assert_eq!(content(Some(own)), format!("{own}\n#KODIPROP:a=b"));
}

/// Of episodes with the same numbers each has a file: the key counts those before it.
#[test]
fn episodes_with_the_same_numbers_have_keys_that_count_them() {
    let same = |id| episode(1, 1, &[(4, id)]);
    let title = series(vec![same("a"), same("b"), same("c"), episode(1, 2, &[(4, "d")])]);
    let rendered = rendered(&plain(), &title, &KnownFiles::new());
    let keys: Vec<String> = rendered.files.iter().map(|file| file.key.to_string()).collect();
    assert_eq!(keys, ["s01e01.strm", "s01e01.+strm", "s01e01.++strm", "s01e02.strm"]);
}
