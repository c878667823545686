//! Titles, their folders and their files.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use vod2strm_core::entries::TitleCount;
use vod2strm_core::hash::{ContentHash, Fingerprint};
use vod2strm_core::identity::Heading;
use vod2strm_core::identity::compare::Matching;
use vod2strm_core::identity::known::{Cause, TitleId};
use vod2strm_core::model::media::Kind::{self, Movie, Series};
use vod2strm_core::model::media::{EpisodeStream, Stream};
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::names::called::Called;
use vod2strm_core::names::category_habits::Habits;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::settle::{FileNote, TitleRecord};
use vod2strm_core::plan::{Change, FileChange, PlannedFile, TitlePlan};
use vod2strm_core::removal::record::Completed;
use vod2strm_disk::apply::remove::OccupiedFolder;
use vod2strm_disk::fs::tree::{Tree, TreeError};
use vod2strm_disk::ledger::{FolderStamp, Ledger, Population};
use vod2strm_testkit::drafts;
use vod2strm_testkit::memory_fs::MemoryFs;

use crate::scene::{Scene, again, file, hash, key, movie, removal, series, stream, title};

/// Two movies, of which the second was removed, and a series without a folder.
fn three() -> Scene {
    let bare = TitleRecord { folder: None, folders: Vec::new(), ..series("Show", "7", &[]) };
    let mut scene = Scene::with(&[movie("Heat", "7"), movie("Ran", "8"), bare]);
    scene.remove(2, "Movies/Ran", &["strm"]);
    scene.reopened()
}

#[test]
fn titles_are_counted_by_what_they_have() {
    let scene = three();
    let ledger = &scene.ledger;
    assert_eq!(ledger.count_titles().unwrap(), 2);
    let movies = Population { playable: 1, empty: TitleCount::one(1), ..Population::default() };
    let shows = Population { empty: TitleCount::one(1), ..Population::default() };
    assert_eq!(
        ledger.population(&Kind::ALL).unwrap(),
        [(Movie, movies.clone()), (Series, shows.clone())]
    );
    assert_eq!(ledger.population(&[Series]).unwrap(), [(Series, shows.clone())]);
    assert_eq!(ledger.tally().unwrap().titles, [(Movie, movies), (Series, shows)]);
    assert_eq!(ledger.folders_of(Movie).unwrap(), ["Heat"]);
    assert_eq!(
        (ledger.has_folders(Movie).unwrap(), ledger.has_folders(Series).unwrap()),
        (true, false)
    );
    assert_eq!(ledger.title_groups().unwrap(), [(Movie, vec![TitleId(1)])]);
    assert_eq!(ledger.index(Fingerprint(3)).unwrap().len(), 3);
}

/// What could not be written has no folder either; it has something to play, and is not without.
#[test]
fn a_title_that_failed_is_none_that_has_nothing_to_play() {
    let bare = TitleRecord { folder: None, folders: Vec::new(), ..movie("Heat", "7") };
    let bare = TitleRecord { files: Vec::new(), ..bare };
    let failed = TitleRecord { problem: Some("read-only".into()), ..bare.clone() };
    let scene = Scene::with(&[bare, failed, movie("Ran", "8")]);
    let movies =
        Population { playable: 1, empty: TitleCount::one(1), failed: 1, ..Population::default() };
    assert_eq!(scene.ledger.population(&[Movie]).unwrap(), [(Movie, movies)]);
}

#[test]
fn a_content_is_known_while_a_file_has_it() {
    let scene = three();
    let has = |hash| scene.ledger.has_content(hash).unwrap();
    assert!(has(hash("strm")));
    assert!(!has(hash("nfo")));
    assert!(!Scene::with(&[]).ledger.has_content(hash("strm")).unwrap());
}

#[test]
fn names_of_other_rules_are_counted_unless_the_filter_leaves_them_out() {
    let of = |naming: Option<u128>| TitleRecord {
        naming: naming.map(Fingerprint),
        ..movie("Heat", "7")
    };
    let filtered = {
        let unwanted = vec![Stream { is_wanted: false, ..stream(1, "9") }];
        TitleRecord { naming: None, ..title(Movie, "Ran", unwanted, Vec::new()) }
    };
    let bare = TitleRecord { folder: None, ..of(None) };
    let scene = Scene::with(&[of(Some(3)), of(Some(4)), of(None), filtered, bare]);
    assert_eq!(scene.ledger.count_old_names(Fingerprint(3)).unwrap(), 2);
    assert_eq!(scene.ledger.count_old_names(Fingerprint(4)).unwrap(), 2);
    assert_eq!(scene.ledger.count_old_names(Fingerprint(5)).unwrap(), 3);
    let index = scene.ledger.index(Fingerprint(3)).unwrap();
    let all = Matching::new(&index, Vec::new(), Fingerprint(0)).compare(&Kind::ALL).missing_titles;
    let old = all.iter().map(|known| known.has_old_names);
    assert_eq!(old.collect::<Vec<_>>(), [false, true, true, true, true]);
    let namings = [1, 2, 3].map(|id| scene.known(id).naming);
    assert_eq!(namings, [Some(Fingerprint(3)), Some(Fingerprint(4)), None]);
}

#[test]
fn titles_come_in_groups_of_one_kind_and_of_bounded_size() {
    let many = (0..501).map(|n| movie(&n.to_string(), &n.to_string()));
    let all: Vec<TitleRecord> = many.chain([series("Show", "7", &["s01e01.strm"])]).collect();
    let groups = Scene::with(&all).ledger.title_groups().unwrap();
    let sizes: Vec<_> = groups.iter().map(|(kind, ids)| (*kind, ids.len())).collect();
    assert_eq!(sizes, [(Movie, 500), (Movie, 1), (Series, 1)]);
}

#[test]
fn folders_are_given_away_also_to_titles_that_were_removed() {
    let scene = three();
    let (all, used) = (scene.ledger.claims().unwrap(), scene.ledger.claims_in_use().unwrap());
    assert_eq!(all.owner("Movies", "Heat"), Some(TitleId(1)));
    assert_eq!(all.owner("Movies", "Ran"), Some(TitleId(2)));
    assert_eq!(used.owner("Movies", "Heat"), Some(TitleId(1)));
    assert_eq!(used.owner("Movies", "Ran"), None);
    let ours = |folder: &str| (folder.to_owned(), Ownership::Ours);
    let folders = HashMap::from([(TitleId(1), ours("Heat")), (TitleId(2), ours("Ran"))]);
    assert_eq!(scene.ledger.folders().unwrap(), folders);
}

#[test]
fn a_folder_is_unclear_until_it_is_noted_whose_it_is() {
    let of = |folder, ownership| TitleRecord { ownership, ..movie(folder, folder) };
    let show =
        TitleRecord { ownership: Ownership::Unknown, ..series("Show", "7", &["s01e01.strm"]) };
    let mut scene = Scene::with(&[
        of("A", Ownership::Unknown),
        of("B", Ownership::Users),
        of("C", Ownership::Unknown),
        show,
    ]);
    let path = |path: &str| RelPath::parse(path).unwrap();
    let unclear = scene.ledger.unclear_folders(&[Movie]).unwrap();
    assert_eq!(
        unclear,
        [(TitleId(1), Movie, path("Movies/A")), (TitleId(3), Movie, path("Movies/C")),]
    );
    assert_eq!(scene.ledger.count_shared(&Kind::ALL).unwrap(), [(Movie, 1), (Series, 0)]);
    scene
        .ledger
        .note_ownership(&[(TitleId(1), Ownership::Users), (TitleId(3), Ownership::Ours)])
        .unwrap();
    scene.ledger.note_ownership(&[]).unwrap();
    let mut scene = scene.reopened();
    assert_eq!(scene.ledger.unclear_folders(&[Movie]).unwrap(), []);
    assert_eq!(scene.ledger.unclear_folders(&[Series]).unwrap().len(), 1);
    assert_eq!(scene.ledger.count_shared(&[Movie]).unwrap(), [(Movie, 2)]);
    scene.remove(2, "Movies/B", &["strm"]);
    assert_eq!(scene.ledger.count_shared(&[Movie]).unwrap(), [(Movie, 1)], "it was removed");
}

#[test]
fn folders_have_the_times_that_were_noted_last() {
    let below = |dir: &str| (dir.to_owned(), 7);
    let folders = vec![below(""), below("Season 01")];
    let show = TitleRecord { folders, ..series("Show", "7", &["s01e01.strm"]) };
    let mut scene = Scene::with(&[show]);
    let stamp = |below: &str, changed| FolderStamp {
        title: TitleId(1),
        path: RelPath::parse(format!("TV/Show/{below}").trim_end_matches('/')).unwrap(),
        below: below.to_owned(),
        changed,
    };
    scene.ledger.restamp(&[stamp("Season 01", 9), stamp("Season 02", 8)]).unwrap();
    scene.ledger.restamp(&[]).unwrap();
    let scene = scene.reopened();
    let mut found = Vec::new();
    let take = |chunk: Vec<FolderStamp>| {
        found.extend(chunk);
        Ok(())
    };
    scene.ledger.each_folder(&Kind::ALL, take).unwrap().unwrap();
    found.sort_by(|a, b| a.below.cmp(&b.below));
    assert_eq!(found, [stamp("", 7), stamp("Season 01", 9), stamp("Season 02", 8)]);
    let dirs = &scene.ledger.dirs(&[TitleId(1)]).unwrap()[&TitleId(1)];
    assert_eq!(dirs.iter().collect::<HashSet<_>>().len(), 2, "without the title's own");
}

/// However many folders there are, few are in memory at once; after a failure no more are told.
#[test]
fn folders_are_told_in_chunks_and_of_the_kinds_that_were_asked_for() {
    let folders = (0..2_049).map(|n| (format!("Season {n}"), 7)).collect();
    let show = TitleRecord { folders, ..series("Show", "7", &["s01e01.strm"]) };
    let scene = Scene::with(&[movie("Heat", "8"), show]);
    let chunks = |kinds: &[Kind], failure: Option<TreeError>| {
        let (mut failure, mut sizes) = (failure, Vec::new());
        let take = |chunk: Vec<FolderStamp>| {
            sizes.push(chunk.len());
            failure.take().map_or(Ok(()), Err)
        };
        let result = scene.ledger.each_folder(kinds, take).unwrap();
        (sizes, result.is_ok())
    };
    assert_eq!(chunks(&[Movie], None), (vec![1], true));
    assert_eq!(chunks(&[Series], None), (vec![2_048, 1], true));
    let tree = Tree::new(Box::new(MemoryFs::default()), Path::new("/library"));
    let nowhere = RelPath::parse("nowhere").unwrap();
    let failure = tree.rename_new(&nowhere, &nowhere).unwrap_err();
    assert_eq!(chunks(&[Series], Some(failure)), (vec![2_048], false));
}

#[test]
fn the_titles_of_announced_folders_are_unsure() {
    let mut scene = three();
    let plan = |folder| {
        let file = vod2strm_core::render::Desired {
            key: key("strm"),
            path: "a.strm".to_owned(),
            season: None,
            episode: None,
            account: None,
            stream: None,
            content: b"new".to_vec(),
        };
        let planned = PlannedFile::new(file, Change::Create);
        TitlePlan { changes: vec![FileChange::Want(planned)], ..drafts::plan(Movie, folder) }
    };
    scene.ledger.announce(&[plan("Heat"), plan("Alien")], &Habits::new()).unwrap();
    let scene = scene.reopened();
    let leftovers = scene.ledger.leftovers().unwrap();
    assert_eq!(leftovers.folders(), ["Movies/Alien", "Movies/Heat"]);
    assert!(leftovers.contains("Movies/Heat", ContentHash::of(b"new")));
    assert_eq!(scene.ledger.unsure(&leftovers).unwrap(), HashSet::from([TitleId(1)]));
    let mut scene = scene;
    scene.ledger.settled(&["Movies/Heat".to_owned()]).unwrap();
    let leftovers = scene.ledger.leftovers().unwrap();
    assert_eq!(leftovers.folders(), ["Movies/Alien"]);
    assert_eq!(scene.ledger.unsure(&leftovers).unwrap(), HashSet::new());
}

/// A run that is cut off while it renames is gone on with; whose a new folder is, is known from then on.
#[test]
fn what_is_announced_says_what_is_renamed_and_whose_the_folder_is() {
    let mut scene = Scene::with(&[movie("Heat", "7"), movie("Ran", "8")]);
    let plan = |id: i64, folder: &str, from: Option<&str>, ownership| {
        let (season, episode, account) = (None, None, None);
        let (key, path, content) = (key("strm"), "a.strm".to_owned(), b"new".to_vec());
        let file = vod2strm_core::render::Desired {
            key,
            path,
            season,
            episode,
            account,
            stream: None,
            content,
        };
        let planned =
            PlannedFile { from: from.map(str::to_owned), ..PlannedFile::new(file, Change::Create) };
        let (known, changes) = (Some(TitleId(id)), vec![FileChange::Want(planned)]);
        TitlePlan { known, changes, ownership, ..drafts::plan(Movie, folder) }
    };
    let plans = [
        plan(1, "Heat", Some("old.strm"), Ownership::Ours),
        plan(2, "Ran", None, Ownership::Users),
    ];
    scene.ledger.announce(&plans, &Habits::new()).unwrap();
    let namings = [1, 2].map(|id| scene.known(id).naming);
    assert_eq!(namings, [None, Some(Fingerprint(3))]);
    let leftovers = scene.ledger.leftovers().unwrap();
    let users = ["Movies/Heat", "Movies/Ran"].map(|folder| leftovers.is_users(folder));
    assert_eq!(users, [false, true]);
}

/// A folder that others' files occupy is noted when the last file of ours below it goes.
#[test]
fn an_occupied_folder_is_noted_until_it_is_vacated() {
    let show = series("Show", "7", &["s01e01.strm", "s02e01.strm"]);
    let mut scene = Scene::with(&[show]);
    let removed = |scene: &mut Scene, file: &str, occupied: &[&str]| {
        let mut record = removal(1, "TV/Show", &[file]);
        record.occupied = occupied.iter().map(|dir| (*dir).to_owned()).collect();
        scene.ledger.removed(&[record], &Default::default(), 5).unwrap();
    };
    let occupied = |scene: &Scene| scene.ledger.left_behind().unwrap().occupied;
    removed(&mut scene, "s01e01.strm", &[""]);
    assert_eq!(occupied(&scene), [], "a file of ours is still in it");
    removed(&mut scene, "s02e01.strm", &["", "Season 01"]);
    let of = |folder: &str, is_titles| OccupiedFolder { folder: folder.to_owned(), is_titles };
    assert_eq!(occupied(&scene), [of("TV/Show", true), of("TV/Show/Season 01", false)]);
    scene.ledger.vacated(&["TV/Show/Season 01".to_owned()]).unwrap();
    assert_eq!(occupied(&scene), [of("TV/Show", true)]);
    assert_eq!(scene.known(1).ownership, Ownership::Ours);
    scene.ledger.vacated(&["TV/Show".to_owned()]).unwrap();
    assert_eq!(occupied(&scene), []);
    assert_eq!(
        scene.known(1).ownership,
        Ownership::Unknown,
        "another folder in its place is not ours"
    );
}

#[test]
fn the_strms_of_all_titles_are_known_by_path() {
    let show = series("Show", "7", &["s01e01.strm", "s01e01.nfo"]);
    let scene = Scene::with(&[movie("Heat", "7"), show]);
    let paths = ["Movies/Heat/strm", "TV/Show/s01e01.strm"].map(str::to_owned);
    assert_eq!(scene.ledger.strm_paths().unwrap(), HashSet::from(paths));
}

#[test]
fn titles_are_known_by_what_the_catalogue_called_them() {
    let mut heat = movie("Heat", "7");
    (heat.title.details.year, heat.title.uuid) = (Some(1995), Some("u-1".to_owned()));
    let scene = Scene::with(&[heat, movie("Ran", "8"), movie("Alien", "9")]);
    let mut found = Vec::new();
    let ids = [TitleId(1), TitleId(3)];
    let take = |id: TitleId, heading: vod2strm_core::identity::Heading<'_>| {
        let uuid = heading.uuid.map(str::to_owned);
        found.push((id.0, heading.name.to_owned(), heading.year, uuid));
    };
    scene.ledger.each_heading(&ids, take).unwrap();
    found.sort_unstable();
    let heat = (1, "Heat".to_owned(), Some(1995), Some("u-1".to_owned()));
    assert_eq!(found, [heat, (3, "Alien".to_owned(), None, None)]);
}

/// Names are read once, and again by another way of reading. A ledger that is only read has them read each time.
#[test]
fn names_of_titles_are_read_once_unless_the_ledger_is_only_read() {
    let mut heat = movie("Heat", "7");
    heat.title.details.year = Some(1995);
    let scene = Scene::with(&[heat, movie("Ran", "8")]);
    let names = |ledger: &Ledger, reader: u128| {
        let (mut read, mut known) = (Vec::new(), Vec::new());
        let call = |name: &str, year| {
            read.push(name.to_owned());
            Called::new(name, year)
        };
        ledger.each_known_name(Movie, Fingerprint(reader), call, |it| known.push(it)).unwrap();
        let heat = Called::new("Heat", Some(1995)).name_key().unwrap();
        let has_heat = known.iter().any(|it| (it.name, it.year) == (heat, Some(1995)));
        (read.len(), known.len(), has_heat)
    };
    for (reader, read) in [(1, 2), (1, 0), (2, 2), (2, 0)] {
        assert_eq!(names(&scene.ledger, reader), (read, 2, true), "{reader}");
    }
    let view = Ledger::open_beside_runs(scene.ledger.path()).unwrap();
    for (reader, read) in [(2, 0), (3, 2), (3, 2)] {
        assert_eq!(names(&view, reader), (read, 2, true), "{reader}");
    }
}

/// Somebody has deleted files: that is the user's will, and lowers what is remembered.
#[test]
fn files_that_are_forgotten_lower_the_episodes() {
    let texts = ["s01e01.strm", "s01e02.strm", "s01e03.strm"];
    let mut scene = Scene::with(&[series("Show", "7", &texts)]);
    let [one, two] = ["s01e01.strm", "s01e02.strm"].map(key);
    scene.ledger.forget(&[]).unwrap();
    assert_eq!(scene.known(1).most_episodes, 3);
    scene.ledger.forget(&[(TitleId(1), &one), (TitleId(1), &two)]).unwrap();
    let known = scene.known(1);
    assert_eq!(known.files.keys().collect::<Vec<_>>(), [&key("s01e03.strm")]);
    assert_eq!(known.most_episodes, 1);
}

/// A title that the catalogue has is empty once its last file is forgotten, and no folder of it is looked at.
#[test]
fn a_title_whose_last_file_is_forgotten_is_empty() {
    let files = vec![file("strm", Some(1)), file("nfo", None)];
    let mut scene = Scene::with(&[title(Movie, "Heat", vec![stream(1, "7")], files)]);
    let state = |scene: &Scene| {
        let dirs = scene.number("SELECT count(*) FROM dirs");
        (scene.ledger.population(&[Movie]).unwrap()[0].1.empty.titles, dirs)
    };
    for (forgotten, expected) in [("nfo", (0, 1)), ("strm", (1, 0))] {
        let files = vec![FileNote::Forgotten(key(forgotten))];
        let (folders, known) = (Vec::new(), again(1, movie("Heat", "7")));
        scene.ledger.record(&[TitleRecord { files, folders, ..known }], &[], 2).unwrap();
        assert_eq!(state(&scene), expected, "{forgotten}");
    }
}

/// The most that a series had is remembered for thirty days; what went at the user's will lowers it at once.
#[test]
fn the_most_episodes_of_a_series_are_remembered_for_days_with_a_run() {
    let texts = ["s01e01.strm", "s01e02.strm", "s01e03.strm", "s01e04.strm"];
    let mut scene = Scene::with(&[series("Show", "7", &texts)]);
    let mut record = removal(1, "TV/Show", &texts[..2]);
    record.let_go = vec![key(texts[0])];
    scene.complete(1, Completed::default());
    scene.ledger.removed(&[record], &BTreeMap::new(), 5).unwrap();
    assert_eq!(scene.known(1).most_episodes, 3, "one of two that went was let go");
    for day in 2..=29 {
        scene.complete(day, Completed::default());
    }
    assert_eq!(scene.known(1).most_episodes, 3);
    scene.complete(30, Completed::default());
    assert_eq!(scene.known(1).most_episodes, 0);
}

#[test]
fn a_file_that_was_edited_is_to_be_written_anew() {
    let mut scene = Scene::with(&[movie("Heat", "7"), movie("Ran", "8")]);
    scene.ledger.note_edited(&[]).unwrap();
    scene.ledger.note_edited(&[(TitleId(1), &key("strm"))]).unwrap();
    let scene = scene.reopened();
    assert_eq!(scene.known(1).files[&key("strm")].hash, Some(ContentHash(0)));
    assert_eq!(scene.known(2).files[&key("strm")].hash, Some(hash("strm")));
}

/// All that a record says of files is read back.
#[test]
fn a_titles_record_changes_its_files() {
    let texts = ["s01e01.strm", "s01e02.strm", "s01e03.strm", "s01e04.strm"];
    let mut scene = Scene::with(&[series("Show", "7", &texts)]);
    let file_key = |n: usize| key(texts[n]);
    let change = TitleRecord {
        files: vec![
            file("tvshow.nfo", None),
            FileNote::Renamed(file_key(0), "new.strm".to_owned()),
            FileNote::Reassigned(file_key(0), Some(5), None),
            FileNote::Forgotten(file_key(1)),
            FileNote::Unwanted(file_key(2), Cause::Catalogue, Some(6)),
            FileNote::Unwanted(file_key(3), Cause::Filter, Some(1)),
            FileNote::Holds(file_key(3), vod2strm_core::hash::Written::of(b"other")),
        ],
        ..again(1, series("Show", "7", &[]))
    };
    scene.ledger.record(&[change], &[], 9).unwrap();
    let known = scene.known(1);
    assert_eq!(known.files.len(), 4);
    let first = &known.files[&key(texts[0])];
    assert_eq!((first.path.as_str(), first.account), ("new.strm", Some(5)));
    let causes = [2, 3].map(|n| known.files[&key(texts[n])].unwanted.unwrap());
    assert_eq!(causes.map(|it| (it.cause, it.runs)), [(Cause::Catalogue, 0), (Cause::Filter, 0)]);
    assert_eq!(known.files[&key(texts[2])].account, Some(6));
    assert_eq!(known.files[&key(texts[3])].hash, Some(ContentHash::of(b"other")));
    assert_eq!(scene.ledger.with_unwanted().unwrap(), [(TitleId(1), Series)]);
    let back = TitleRecord {
        files: vec![FileNote::Revived(file_key(2))],
        problem: Some("full".to_owned()),
        ..again(1, series("Show", "7", &[]))
    };
    scene.ledger.record(&[back], &[], 9).unwrap();
    assert_eq!(scene.known(1).files[&key(texts[2])].unwanted, None);
    assert_eq!(scene.ledger.with_unwanted().unwrap(), [], "what is not right is not cleaned up");
}

/// A file whose key cannot be read is nobody's: the others are known, and what is written next forgets it.
#[test]
fn a_key_that_cannot_be_read_costs_its_file_alone() {
    for damaged in ["'s01e01.mkv'", "''", "x'ff00'", "CAST(x'73ff' AS TEXT)"] {
        let show = series("Show", "7", &["s01e01.strm", "s01e02.strm"]);
        let mut scene = Scene::with(&[movie("Heat", "7"), show]);
        scene.sql(&format!("UPDATE files SET key = {damaged} WHERE key = 's01e01.strm'"));
        assert_eq!(scene.ledger.keyless_files(), [], "nobody asked");
        assert_eq!(scene.known(1).files.len(), 1);
        let known = scene.known(2);
        assert_eq!(known.files.keys().collect::<Vec<_>>(), [&key("s01e02.strm")], "{damaged}");
        let keyless = scene.ledger.keyless_files();
        let paths: Vec<&str> = keyless.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["TV/Show/s01e01.strm"]);
        let none = scene.ledger.leftovers().unwrap();
        assert_eq!(scene.ledger.unsure(&none).unwrap(), HashSet::from([TitleId(2)]));
        let everything = |scene: &Scene| {
            let ledger = &scene.ledger;
            ledger.each_stream(|_| ()).unwrap();
            ledger.each_episode_count(|_, _, _| ()).unwrap();
            (ledger.strm_paths().unwrap().len(), ledger.tally().unwrap().files)
        };
        assert_eq!(everything(&scene), (2, 3), "{damaged}");

        scene.ledger.returned(&[TitleId(1)]).unwrap();
        assert_eq!(scene.ledger.keyless_files(), keyless, "still to be told");
        let scene = scene.reopened();
        assert_eq!(everything(&scene), (2, 2), "{damaged}");
        assert_eq!(scene.ledger.keyless_files(), []);
        let again = "SELECT sum(id) FROM titles WHERE fingerprint = zeroblob(16)";
        assert_eq!(scene.number(again), 2, "its title is looked at again");
    }
}

/// Once it is forgotten, its title that was recorded since is right, whatever else is written in the same run.
#[test]
fn a_key_that_cannot_be_read_is_forgotten_once() {
    let show = || series("Show", "7", &["s01e01.strm", "s01e02.strm"]);
    let mut scene = Scene::with(&[show()]);
    scene.sql("UPDATE files SET key = 'nothing' WHERE key = 's01e01.strm'");
    assert_eq!(scene.known(1).files.len(), 1);
    scene.ledger.record(&[again(1, show())], &[], 2).unwrap();
    scene.ledger.returned(&[TitleId(1)]).unwrap();
    let again = "SELECT count(*) FROM titles WHERE fingerprint = zeroblob(16)";
    assert_eq!(scene.number(again), 0);
}

#[test]
fn a_cause_that_nobody_knows_is_named_with_its_column() {
    let mut scene = Scene::with(&[movie("Heat", "7")]);
    scene.complete(1, Completed::default());
    scene.sql("UPDATE files SET gone = 1, cause = 'weather'");
    let error = scene.ledger.titles(&[TitleId(1)]).unwrap_err();
    assert!(error.is_damaged());
    let error = error.to_string();
    assert!(error.contains("column 6") && error.contains("\"weather\" is no cause"), "{error}");
}

/// A title is removed although the ledger cannot say what one of its files is for: that file stays.
#[test]
fn a_key_that_cannot_be_read_keeps_no_title() {
    let show = series("Show", "7", &["s01e01.strm", "s01e02.strm"]);
    let mut scene = Scene::with(&[show]);
    scene.sql("UPDATE files SET key = 'nothing' WHERE key = 's01e01.strm'");
    assert_eq!(scene.known(1).files.len(), 1);
    scene.remove(1, "TV/Show", &["s01e02.strm"]);
    assert_eq!(scene.number("SELECT count(*) FROM files"), 0);
    assert_eq!(scene.number("SELECT count(*) FROM titles WHERE removed IS NOT NULL"), 1);
}

/// The streams of a series' episodes are read as they were recorded last. An older ledger has those of the first episode.
#[test]
fn the_streams_of_a_series_episodes_are_kept_and_brought_over() {
    let of = |scene: &Scene| -> Vec<Vec<u64>> {
        let mut all = Vec::new();
        let ids = [TitleId(1), TitleId(2), TitleId(3)];
        let take = |_, heading: Heading<'_>| {
            all.push(heading.episodes.iter().map(|EpisodeStream(stream)| *stream).collect());
        };
        scene.ledger.each_heading(&ids, take).unwrap();
        all
    };
    let with = |record: TitleRecord, streams: &[u64]| TitleRecord {
        episode_streams: streams.iter().map(|stream| EpisodeStream(*stream)).collect(),
        ..record
    };
    let show = |streams: &[u64]| with(series("Show", "episode-00000000000000ff", &[]), streams);
    let other = series("Other", "s-7", &[]);
    let mut scene = Scene::with(&[show(&[1, u64::MAX]), other, movie("Heat", "episode-1")]);
    assert_eq!(of(&scene), [vec![1, u64::MAX], vec![], vec![]]);
    scene.ledger.record(&[again(1, show(&[7]))], &[], 2).unwrap();
    assert_eq!(of(&scene), [vec![7], vec![], vec![]]);
    let version = scene.number("PRAGMA user_version");
    scene.sql(&format!(
        "DROP INDEX copies_apart;
         ALTER TABLE titles DROP COLUMN called; ALTER TABLE titles DROP COLUMN called_year;
         ALTER TABLE titles DROP COLUMN entries; ALTER TABLE titles DROP COLUMN nfo_title;
         ALTER TABLE titles DROP COLUMN united; ALTER TABLE copies DROP COLUMN apart;
         ALTER TABLE files DROP COLUMN stream;
         ALTER TABLE titles DROP COLUMN episode_streams; DROP TABLE measured; PRAGMA user_version = {}",
        version - 5
    ));
    let scene = scene.reopened();
    assert_eq!(of(&scene), [vec![255], vec![], vec![]]);
    scene.sql("UPDATE titles SET episode_streams = 'no bytes' WHERE id = 1");
    assert_eq!(of(&scene), vec![Vec::<u64>::new(); 3]);
}

/// A title in an NFO is given away with the folder: without one, nobody would know of it, and another series might get it.
#[test]
fn a_title_in_an_nfo_lasts_as_long_as_its_folder() {
    let show = TitleRecord { nfo_title: Some("Dark".into()), ..series("Dark", "7", &[]) };
    let mut scene = Scene::with(std::slice::from_ref(&show));
    let of = |scene: &Scene| scene.known(1).nfo_title;
    assert_eq!(of(&scene).as_deref(), Some("Dark"));
    assert!(!scene.ledger.claims().unwrap().may_give("Dark", None));
    scene
        .ledger
        .record(&[TitleRecord { nfo_title: None, ..again(1, show.clone()) }], &[], 2)
        .unwrap();
    assert_eq!(of(&scene).as_deref(), Some("Dark"), "what is not told stays");
    scene.ledger.record(&[TitleRecord { folder: None, ..again(1, show) }], &[], 3).unwrap();
    assert_eq!(of(&scene), None);
    assert!(scene.ledger.claims().unwrap().may_give("Dark", None));
}
