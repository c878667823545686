//! Taking over what is already there: found files become files that the ledger knows, under the keys
//! that rendering would give them.

pub mod strm;
pub mod found;
mod nfos;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::adopt::found::{FoundStrms, Match, below_root};
use crate::adopt::nfos::{FoundNfo, NfoOrigin, find_nfos};
use crate::hash::ContentHash;
use crate::identity::known::{KnownFile, KnownFiles};
use crate::model::file::{FileKey, FileKind, Item, StreamRef};
use crate::model::media::{Stream, Title};
use crate::model::stamp::StreamId;
use crate::naming::apart::folder_candidates;
use crate::plan::nfo_title::found_nfo_title;
use crate::policy::{NfoDetail, Policy, VersionRules};
use crate::render::nfo::SHOW_NFO;
use crate::render::url::{Playable, stream_url};
use crate::render::{Desired, GivenNames, NameRule, Rendered, render};
use crate::text::fold_key;

/// A title that was found on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// Its folder below the library root.
    pub folder: String,
    /// Its files, by what they are for.
    pub files: BTreeMap<FileKey, AdoptedFile>,
    /// NFOs among them that are not as we would write them: somebody's edits.
    pub edited: u64,
    /// The title that a series' NFO gives.
    pub nfo_title: Option<String>,
    /// Whether it has all that it should have, and every `.strm` plays what it should.
    pub is_complete: bool,
    /// Whether its folder and its files are called as today's rules call them.
    pub has_names_of_today: bool,
}

/// A file of the title, as the ledger is to have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptedFile {
    /// Path below the title's folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Their hash; of an edited NFO that of what we would write, so that the edit shows.
    pub hash: ContentHash,
    /// Of a `.strm`: the account whose stream it plays; `None` when that is not known.
    pub account: Option<i64>,
    /// Of a `.strm`: that stream; `None` when that is not known.
    pub stream: Option<StreamId>,
}

/// Takes a title's files over; `None` when it has none. `read` gives the content of a file, if there
/// is one: title's folder, path below it.
pub fn adopt(
    policy: &Policy,
    title: &Title,
    found: &mut FoundStrms,
    mut read: impl FnMut(&str, &str) -> Option<Vec<u8>>,
) -> Option<Adopted> {
    let folder = found.folder(title)?.to_owned();
    let keys = keys(policy, title, &folder, found);
    if keys.is_empty() {
        return None;
    }
    let taken_over = |(key, at): (&FileKey, &usize)| {
        let file = found.file(*at);
        let (_, path) = below_root(title.kind, &file.path)?;
        let file = AdoptedFile {
            path: path.to_owned(),
            size: file.size,
            hash: file.hash,
            account: None,
            stream: None,
        };
        Some((key.clone(), file))
    };
    let mut files: BTreeMap<FileKey, AdoptedFile> = keys.iter().filter_map(taken_over).collect();
    found.adopted(keys.into_values());
    let strms = known(&files);
    let nfo_title = found_nfo_title(policy, title, read(&folder, SHOW_NFO).as_deref());
    let given = GivenNames { folder, nfo_title };
    let nfos = find_nfos(policy, title, &given, &strms, |path| read(&given.folder, path));
    let edited = nfos.iter().filter(|nfo| nfo.origin == NfoOrigin::Edited).count() as u64;
    let are_todays = nfos.iter().all(|nfo| nfo.origin != NfoOrigin::Other);
    files.extend(nfos.into_iter().map(|nfo| {
        let FoundNfo { key, path, size, hash, .. } = nfo;
        (key, AdoptedFile { path, size, hash, account: None, stream: None })
    }));
    let Rendered { files: wanted, .. } =
        render(policy, title, &given, &known(&files), NameRule::Keep);
    let is_there = |file: &Desired| {
        let is_right = |known: &AdoptedFile| known.hash == ContentHash::of(&file.content);
        files.get(&file.key).is_some_and(|known| !file.key.is_strm() || is_right(known))
    };
    let is_complete = are_todays && wanted.iter().all(is_there);
    let has_names_of_today = has_names_of_today(policy, title, &given, &files);
    for file in &wanted {
        files.entry(file.key.clone()).and_modify(|known| {
            (known.account, known.stream) = (file.account, file.stream);
        });
    }
    let GivenNames { folder, nfo_title } = given;
    Some(Adopted { folder, files, edited, nfo_title, is_complete, has_names_of_today })
}

/// Whether folder and files are called as today's rules call them.
fn has_names_of_today(
    policy: &Policy,
    title: &Title,
    given: &GivenNames,
    files: &BTreeMap<FileKey, AdoptedFile>,
) -> bool {
    let folder = given.folder.as_str();
    let candidates = folder_candidates(&policy.layout, title);
    let is_it = |name: &String| fold_key(name) == fold_key(folder);
    let is_candidate = candidates.names.iter().any(is_it) || candidates.has_number(folder);
    let is_called = |file: &Desired| {
        let known = files.get(&file.key);
        known.is_none_or(|known| fold_key(&known.path) == fold_key(&file.path))
    };
    is_candidate && {
        let today = render(policy, title, given, &known(files), NameRule::Renew).files;
        today.iter().all(is_called)
    }
}

fn known(files: &BTreeMap<FileKey, AdoptedFile>) -> KnownFiles {
    let known = |(key, file): (&FileKey, &AdoptedFile)| {
        (
            key.clone(),
            KnownFile {
                path: file.path.clone(),
                hash: Some(file.hash),
                account: file.account,
                stream: file.stream,
                size: file.size,
                is_edited: false,
                unwanted: None,
            },
        )
    };
    files.iter().map(known).collect()
}

/// Which key each of the title's files gets.
fn keys(
    policy: &Policy,
    title: &Title,
    folder: &str,
    found: &FoundStrms,
) -> BTreeMap<FileKey, usize> {
    let mut of_episode: BTreeMap<Option<usize>, Vec<Match>> = BTreeMap::new();
    for own in found.own(policy, title) {
        of_episode.entry(own.episode).or_default().push(own);
    }
    let items = items(policy, title, folder);
    let mut keys = BTreeMap::new();
    for (episode, mut files) in of_episode {
        let Some(item) = items.get(&episode) else { continue };
        // A version's name has a label, so that the shortest is the plain one.
        let by_length = |own: &Match| {
            let path = &found.file(own.file).path;
            (path.len(), path.clone())
        };
        files.sort_by_cached_key(by_length);
        let (playable, uuid, streams) = match episode.and_then(|at| title.episodes.get(at)) {
            None => (Playable::Movie, title.uuid.as_deref(), &title.streams),
            Some(episode) => (Playable::Episode, episode.uuid.as_deref(), &episode.streams),
        };
        let is_played = |stream: &Stream| stream_url(policy, playable, uuid, stream).is_ok();
        let best = streams.iter().position(is_played);
        give_keys(item, streams, best, &files, &mut keys);
    }
    keys
}

/// What can be played of the title, by the index of the episode.
fn items(policy: &Policy, title: &Title, folder: &str) -> HashMap<Option<usize>, Item> {
    // One file each, the plain one.
    let policy = Policy { versions: VersionRules::BEST, nfo: NfoDetail::Off, ..policy.clone() };
    let files =
        render(&policy, title, &GivenNames::of(folder), &KnownFiles::new(), NameRule::Keep).files;
    files.into_iter().filter_map(|file| Some((file.episode, file.key.played()?.clone()))).collect()
}

/// Gives the plain key to the best stream's file, or else to the first file. The other files get the keys of
/// their streams, each of which has one file.
fn give_keys(
    item: &Item,
    streams: &[Stream],
    best: Option<usize>,
    files: &[Match],
    keys: &mut BTreeMap<FileKey, usize>,
) {
    let is_best = |own: &&Match| own.stream.is_some() && own.stream == best;
    let Some(plain) = files.iter().find(is_best).or(files.first()) else { return };
    keys.insert(FileKey::strm_of(item.clone()), plain.file);
    let mut played: BTreeSet<usize> = plain.stream.into_iter().collect();
    for own in files.iter().filter(|own| own.file != plain.file) {
        if let Some(at) = own.stream.filter(|at| played.insert(*at)) {
            let (item, version) = (item.clone(), Some(StreamRef::of(&streams[at])));
            keys.insert(FileKey::Item { item, kind: FileKind::Strm, version }, own.file);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Versions;
    use std::sync::Arc;

    use super::*;
    use crate::adopt::found::SkipReason;
    use crate::layout::{Dialect, Layout, TemplateKind};
    use crate::model::media::{Account, Details, Episode, Kind, Login, Shown, SourceKey};
    use crate::naming::library_root;

    const FOLDER: &str = "A (1999)";

    fn policy(has_all: bool) -> Policy {
        let versions = if has_all { Versions::All.into() } else { VersionRules::BEST };
        let (layout, base_url) = (Layout::classic(), "http://d:9191".parse().unwrap());
        Policy { versions, ..Policy::new(layout, base_url) }
    }

    fn stream(account: i64, stream_id: &str) -> Stream {
        let name = format!("P{account}");
        let account = Arc::new(Account { id: account, name, priority: 0, login: None });
        Stream::new(account, stream_id.to_owned())
    }

    fn movie(key: i64, name: &str, streams: &[(i64, &str)]) -> Title {
        Title {
            kind: Kind::Movie,
            key: SourceKey(key),
            uuid: Some(format!("u-{key}")),
            details: Details { name: name.to_owned(), year: Some(1999), ..Details::default() },
            streams: streams.iter().map(|(account, id)| stream(*account, id)).collect(),
            episodes: Vec::new(),
        }
    }

    fn series(key: i64, name: &str, episodes: &[i32]) -> Title {
        let episode = |number: &i32| Episode {
            uuid: Some(format!("e-{key}-{number}")),
            season: Some(1),
            number: Some(*number),
            name: format!("Part {number}"),
            streams: vec![stream(1, &format!("{key}{number}"))],
            ..Episode::default()
        };
        let episodes = episodes.iter().map(episode).collect();
        Title { kind: Kind::Series, episodes, ..movie(key, name, &[(1, &format!("s{key}"))]) }
    }

    fn proxy(kind: &str, uuid: &str, stream_id: &str) -> String {
        format!("http://d:9191/proxy/vod/{kind}/{uuid}?stream_id={stream_id}\n")
    }

    fn found(files: &[(&str, String)]) -> FoundStrms {
        let mut found = FoundStrms::default();
        for (path, content) in files {
            found.add((*path).to_owned(), Some(content.as_bytes()));
        }
        found
    }

    /// Takes over what is there; no NFO is.
    fn adopt_all(
        found: &mut FoundStrms,
        policy: &Policy,
        titles: &[Title],
    ) -> Vec<Option<Adopted>> {
        titles.iter().for_each(|title| found.consider(policy, title));
        found.settle(|_, _| false);
        titles.iter().map(|title| adopt(policy, title, found, |_, _| None)).collect()
    }

    fn file<'a>(adopted: &'a Adopted, key: &str) -> &'a AdoptedFile {
        &adopted.files[&key.parse::<FileKey>().unwrap()]
    }

    fn folders(adopted: &[Option<Adopted>]) -> Vec<Option<&str>> {
        adopted.iter().map(|one| one.as_ref().map(|one| one.folder.as_str())).collect()
    }

    #[test]
    fn a_title_is_known_by_either_of_its_ids() {
        let titles = [movie(1, "A", &[(1, "7")]), movie(2, "B", &[(1, "8")])];
        let mut found = found(&[
            ("Movies/Renamed/x.strm", proxy("movie", "u-1", "old")),
            ("Movies/B (1999)/x.strm", proxy("movie", "gone", "8")),
        ]);
        let adopted = adopt_all(&mut found, &policy(false), &titles);
        assert_eq!(folders(&adopted), [Some("Renamed"), Some("B (1999)")]);
        let first = adopted[0].as_ref().unwrap();
        assert_eq!(file(first, "strm").path, "x.strm");
        assert!(!first.is_complete, "its URL is to be made right");
    }

    #[test]
    fn a_direct_url_is_known_by_its_server_whatever_the_password() {
        let mut titles = [movie(1, "A", &[(1, "7")]), movie(2, "B", &[(2, "7")])];
        for (title, host) in titles.iter_mut().zip(["a.example", "b.example"]) {
            let account = Arc::make_mut(&mut title.streams[0].account);
            let server_url = format!("http://{host}:8080");
            let (username, password) = ("new".to_owned(), "new".to_owned().into());
            account.login = Some(Login { server_url, username, password, rewrite: None });
        }
        let old = "https://B.example/movie/old/old/7.mkv".to_owned();
        let mut found = found(&[("Movies/Renamed/x.strm", old)]);
        let policy = Policy { direct_urls: true, ..policy(false) };
        let adopted = adopt_all(&mut found, &policy, &titles);
        assert_eq!(folders(&adopted), [None, Some("Renamed")]);
    }

    #[test]
    fn a_stream_id_alone_says_nothing_beside_another_name() {
        let titles = [movie(1, "Up", &[(1, "7")])];
        let mut found = found(&[
            ("Movies/Alien (1979)/a.strm", proxy("movie", "gone", "7")),
            ("Movies/Alien (1980)/a.strm", "http://h/movie/u/p/7.mkv".to_owned()),
        ]);
        assert_eq!(folders(&adopt_all(&mut found, &policy(false), &titles)), [None]);
        assert!(found.rest().iter().all(|(_, why)| *why == SkipReason::NoTitle));
    }

    #[test]
    fn a_stream_id_that_two_accounts_have_is_decided_by_the_folders_name() {
        let titles = [movie(1, "A", &[(1, "7")]), movie(2, "B", &[(2, "7")])];
        let mut found = found(&[("Movies/B (1999)/x.strm", proxy("movie", "gone", "7"))]);
        assert_eq!(
            folders(&adopt_all(&mut found, &policy(false), &titles)),
            [None, Some("B (1999)")]
        );

        let namesakes = [movie(1, "A", &[(1, "7")]), movie(2, "A", &[(2, "7")])];
        let mut found =
            super::tests::found(&[("Movies/A (1999)/x.strm", proxy("movie", "gone", "7"))]);
        assert_eq!(folders(&adopt_all(&mut found, &policy(false), &namesakes)), [None, None]);
        assert_eq!(found.rest(), [("Movies/A (1999)/x.strm", SkipReason::Ambiguous)]);
    }

    #[test]
    fn versions_take_the_keys_of_their_streams() {
        let titles = [movie(1, "A", &[(1, "7"), (2, "8"), (3, "9")])];
        let files = [
            ("Movies/A (1999)/A (1999) - P2.strm", proxy("movie", "u-1", "8")),
            ("Movies/A (1999)/A (1999).strm", proxy("movie", "u-1", "7")),
            ("Movies/A (1999)/copy of A.strm", proxy("movie", "u-1", "7")),
        ];
        let adopted = adopt_all(&mut found(&files), &policy(true), &titles).remove(0).unwrap();
        let keys: Vec<(String, &str)> =
            adopted.files.iter().map(|(key, file)| (key.to_string(), file.path.as_str())).collect();
        let expected = [("strm", "A (1999).strm"), ("strm@2:8", "A (1999) - P2.strm")];
        assert_eq!(keys, expected.map(|(key, path)| (key.to_owned(), path)));

        let mut index = found(&files[..1]);
        let adopted = adopt_all(&mut index, &policy(false), &titles).remove(0).unwrap();
        assert_eq!(file(&adopted, "strm").path, "A (1999) - P2.strm");
        assert!(!adopted.is_complete, "another stream is the best one");
    }

    #[test]
    fn a_folder_goes_to_the_series_with_most_files_in_it() {
        let titles = [series(1, "A", &[1]), series(2, "B", &[1, 2])];
        let file = |name: &'static str, uuid: &str| (name, proxy("episode", uuid, "0"));
        let mut found = found(&[
            file("TV/Both/Season 01/a1.strm", "e-1-1"),
            file("TV/Both/Season 01/b1.strm", "e-2-1"),
            file("TV/Both/Season 01/b2.strm", "e-2-2"),
            file("TV/B (1999)/b1.strm", "e-2-1"),
        ]);
        let adopted = adopt_all(&mut found, &policy(false), &titles);
        assert_eq!(folders(&adopted), [None, Some("Both")]);
        let keys = adopted[1].as_ref().unwrap().files.keys();
        let keys: Vec<String> = keys.map(FileKey::to_string).collect();
        assert_eq!(keys, ["s01e01.strm", "s01e02.strm"]);
        assert_eq!(
            found.rest(),
            [
                ("TV/B (1999)/b1.strm", SkipReason::OtherFolder),
                ("TV/Both/Season 01/a1.strm", SkipReason::FolderTaken),
            ]
        );
    }

    #[test]
    fn a_hint_helps_where_a_file_is_not_understood() {
        let titles = [movie(1, "A", &[(1, "7")]), movie(2, "B", &[(1, "8")])];
        let mut found = found(&[
            ("Movies/Movies/x.strm", "broken".to_owned()),
            ("Movies/B/x.strm", proxy("movie", "u-2", "8")),
        ]);
        let hint = |path: &str, uuid: &str| (path.to_owned(), Playable::Movie, uuid.to_owned());
        let hints = [
            hint("/data/STRM/Movies/Movies/x.strm", "U-1"),
            hint("/data/STRM/Movies/B/x.strm", "u-1"),
            hint("/data/STRM/Movies/../../etc/x.strm", "u-1"),
        ];
        found.hint(hints.into_iter());
        let adopted = adopt_all(&mut found, &policy(false), &titles);
        assert_eq!(folders(&adopted), [Some("Movies"), Some("B")]);
    }

    #[test]
    fn nfos_are_ours_or_edited() {
        let (policy, titles) = (policy(false), [movie(1, "A", &[(1, "7")])]);
        for (nfo, edited) in [
            ("<movie>\n  <title>A</title>\n  <year>1999</year>\n  <thumb>x</thumb>\n</movie>\n", 0),
            ("<movie><title>Mine</title></movie>", 1),
        ] {
            let mut found = found(&[("Movies/A (1999)/x.strm", proxy("movie", "u-1", "7"))]);
            found.consider(&policy, &titles[0]);
            found.settle(|_, _| false);
            let read = |_: &str, path: &str| (path == "movie.nfo").then(|| nfo.as_bytes().to_vec());
            let adopted = adopt(&policy, &titles[0], &mut found, read).unwrap();
            assert_eq!((adopted.edited, adopted.is_complete), (edited, true), "{nfo}");
            let on_disk = ContentHash::of(nfo.as_bytes());
            assert_eq!(file(&adopted, "nfo").hash == on_disk, edited == 0);
        }
    }

    /// The ledger tells neither the templates nor how NFOs were written: each setting finds what any other wrote.
    #[test]
    fn nfos_of_other_settings_are_known_as_ours_beside_their_strms() {
        let templates = Layout::standard();
        let templates = templates.with(TemplateKind::SeasonFolder, "S{season:2}").unwrap();
        let templates = templates.with(TemplateKind::EpisodeFile, "{title} {mark}").unwrap();
        let layouts = [Layout::standard(), Layout::classic(), templates.clone()];
        let layouts = layouts.into_iter().chain([templates.in_dialect(Dialect::Classic)]);
        let with = |layout: &Layout, nfo| Policy { layout: layout.clone(), nfo, ..policy(false) };
        let settings: Vec<Policy> =
            layouts.flat_map(|layout| NfoDetail::ALL.map(|nfo| with(&layout, nfo))).collect();
        let titles = [movie(1, "A", &[(1, "7")]), series(2, "A", &[1, 2])];
        for (before, today) in
            settings.iter().flat_map(|it| settings.iter().map(move |to| (it, to)))
        {
            for title in &titles {
                // Names are cleaned in all layouts but the classic one.
                let mut cleaned = title.clone();
                let (shown, year) = (title.details.name.to_lowercase(), None);
                let is_cleaned = before.layout.is_classic() && !today.layout.is_classic();
                cleaned.details.shown =
                    is_cleaned.then_some(Shown { name: shown, year, country: None });
                let there = there(before, title);
                let (adopted, rest) = adopt_nfos(today, &cleaned, &there);
                let known: BTreeSet<&str> =
                    adopted.files.values().map(|file| file.path.as_str()).collect();
                let paths: BTreeSet<&str> = there.keys().map(String::as_str).collect();
                assert_eq!((known, adopted.edited, rest), (paths, 0, 0), "{before:?} {today:?}");
                assert!(before != today || adopted.is_complete, "{today:?}");
                assert!(before.naming() != today.naming() || adopted.has_names_of_today);
                let known = super::known(&adopted.files);
                let files =
                    render(today, &cleaned, &GivenNames::of(FOLDER), &known, NameRule::Keep).files;
                let dir = |path: &str| path.rsplit_once('/').map(|(dir, _)| dir.to_owned());
                let strms = there.keys().map(|path| dir(path));
                let dirs: BTreeSet<_> = strms.chain([None]).collect();
                assert!(files.iter().all(|file| dirs.contains(&dir(&file.path))), "{files:?}");
            }
        }
    }

    /// An NFO of other settings that says something else than ours is somebody's: Jellyfin writes `movie.nfo`, too.
    #[test]
    fn what_has_the_name_of_another_layouts_nfo_and_another_content_is_not_ours() {
        let (title, today) =
            (movie(1, "A", &[(1, "7")]), Policy { layout: Layout::standard(), ..policy(false) });
        let mut there = there(&policy(false), &title);
        there.insert("movie.nfo".to_owned(), b"<movie><title>Mine</title></movie>".to_vec());
        let (adopted, _) = adopt_nfos(&today, &title, &there);
        assert!(adopted.files.keys().eq([&FileKey::strm_of(Item::Movie)]));
        assert_eq!(adopted.edited, 0);
    }

    /// A version's `.strm` may be called as the classic layout calls the film's NFO: one file has one entry.
    #[test]
    fn no_two_entries_have_one_nfo() {
        let title = movie(1, "A", &[(1, "7"), (2, "8")]);
        let today = Policy { layout: Layout::standard(), ..policy(true) };
        let mut there = there(&policy(true), &title);
        let version = there.keys().find(|path| path.contains("P2")).unwrap().clone();
        let strm = there.remove(&version).unwrap();
        there.insert("movie.strm".to_owned(), strm);
        let (adopted, _) = adopt_nfos(&today, &title, &there);
        let paths: BTreeSet<&str> = adopted.files.values().map(|it| it.path.as_str()).collect();
        assert_eq!(paths.len(), adopted.files.len(), "{:?}", adopted.files);
        assert!(paths.contains("movie.nfo"));
    }

    /// A title's files as settings write them, by path below its folder.
    fn there(policy: &Policy, title: &Title) -> BTreeMap<String, Vec<u8>> {
        let files =
            render(policy, title, &GivenNames::of(FOLDER), &KnownFiles::new(), NameRule::Keep)
                .files;
        files.into_iter().map(|file| (file.path, file.content)).collect()
    }

    /// Takes these files over; and how many `.strm` files were not.
    fn adopt_nfos(
        policy: &Policy,
        title: &Title,
        there: &BTreeMap<String, Vec<u8>>,
    ) -> (Adopted, usize) {
        let mut found = FoundStrms::default();
        for (path, content) in there.iter().filter(|(path, _)| path.ends_with(".strm")) {
            found.add(format!("{}/{FOLDER}/{path}", library_root(title.kind)), Some(content));
        }
        found.consider(policy, title);
        found.settle(|_, _| false);
        let adopted = adopt(policy, title, &mut found, |_, path| there.get(path).cloned());
        (adopted.unwrap(), found.rest().len())
    }
}
