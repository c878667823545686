//! Storage with a network's latency: a real file system, mounted by FUSE, and the real binary.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::slow_disk::{Model, SlowDisk, Storage, StorageTraits, Times};

/// A library on a slow disk; the disk goes first.
struct Scene {
    disk: SlowDisk,
    home: Home,
}

impl Scene {
    /// How many files there are; the disk takes no time from now on.
    fn files(&self) -> usize {
        self.disk.set(Model { latency: Duration::ZERO, storage: Storage::Flat });
        self.home.tree().len()
    }

    /// With a playlist of so many films. Says so where there is no FUSE: such tests are skipped.
    fn new(films: usize) -> Option<Scene> {
        Scene::with(films, 0)
    }

    /// The same with series as well, of two episodes each.
    fn with(films: usize, series: usize) -> Option<Scene> {
        let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
        home_with_playlist(&home, films, series);
        std::fs::create_dir(home.output()).unwrap();
        let model = Model { latency: Duration::from_millis(5), storage: Storage::Flat };
        match SlowDisk::mount(&home.output(), model) {
            Ok(disk) => Some(Scene { disk, home }),
            Err(why) => {
                // Past the test's own capture: it is to be seen.
                let note = format!("SKIPPED: no FUSE here: {why}\n");
                std::io::stderr().write_all(note.as_bytes()).unwrap();
                None
            }
        }
    }
}

fn home_with_playlist(home: &Home, films: usize, series: usize) {
    let mut list = String::from("#EXTM3U\n");
    for film in 1..=films {
        let _ = writeln!(list, "#EXTINF:-1 tvg-name=\"Film {film}\",Film number {film} (2001)");
        let _ = writeln!(list, "http://provider.example/movie/user/word/{film}.mkv");
    }
    for (series, episode) in (1..=series).flat_map(|series| [(series, 1), (series, 2)]) {
        let _ = writeln!(list, "#EXTINF:-1,Show number {series} S01E0{episode}");
        let _ = writeln!(list, "http://provider.example/series/user/word/{series}0{episode}.mkv");
    }
    std::fs::write(home.output().with_file_name("list.m3u"), list).unwrap();
}

fn source(home: &Home) -> String {
    home.output().with_file_name("list.m3u").to_str().unwrap().to_owned()
}

#[test]
fn it_finds_out_how_many_titles_the_storage_can_take() {
    let Some(scene) = Scene::new(300) else { return };
    scene.home.generate(&source(&scene.home), &[]);
    let most = scene.disk.most_at_once();
    assert!(most > 6, "more than it began with: {most}");
    assert_eq!(scene.files(), 600);
}

#[test]
fn no_more_at_a_time_than_the_user_allows() {
    for more in [&["--concurrency", "2"][..], &["--no-adaptive", "--concurrency", "2"]] {
        let Some(scene) = Scene::new(40) else { return };
        scene.home.generate(&source(&scene.home), more);
        assert_eq!(scene.disk.most_at_once(), 2, "{more:?}");
        assert_eq!(scene.files(), 80);
    }
}

#[test]
fn storage_that_does_not_answer_is_waited_for_and_told_of() {
    let Some(scene) = Scene::new(100) else { return };
    let Scene { disk, home } = &scene;
    let (source, output) = (source(home), home.output());
    let arguments = ["generate", "--source", &source, "--output", output.to_str().unwrap()];
    let mut run =
        home.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let renames = || disk.operations().get("rename").copied().unwrap_or(0);
    while renames() < 20 {
        std::thread::yield_now();
    }
    disk.stall(true);
    let mut said = BufReader::new(run.stderr.take().unwrap()).lines();
    let told = said.find(|line| line.as_ref().unwrap().contains("the storage does not answer"));
    assert!(told.is_some(), "it says why nothing happens");
    disk.stall(false);
    said.for_each(drop);
    assert!(run.wait().unwrap().success());
    assert_eq!(scene.files(), 200);
}

#[test]
fn films_and_series_are_written_side_by_side() {
    let Some(scene) = Scene::with(60, 30) else { return };
    scene.home.generate(&source(&scene.home), &[]);
    let titles = scene.disk.renamed();
    let titles = titles.iter().filter(|name| name.contains(" number "));
    let is_film: Vec<bool> = titles.map(|name| name.starts_with("Film")).collect();
    assert_eq!(is_film.len(), 90, "a title costs the folder that it lies in one rename");
    // A folder does one thing at a time: others have to be there to do something in meanwhile.
    for (part, is_film) in is_film.chunks(30).enumerate() {
        let films = is_film.iter().filter(|is_film| **is_film).count();
        assert!((10..=28).contains(&films), "{films} films of 30 in part {part}");
    }
    assert_eq!(scene.files(), 120 + 30 * 5);
}

/// Where the kernel hands a flush of the whole file system on to nobody.
#[test]
fn each_file_and_each_folder_is_flushed_before_the_ledger_hears_of_it() {
    let Some(scene) = Scene::with(10, 5) else { return };
    scene.home.generate(&source(&scene.home), &[]);
    let flushed = scene.disk.operations();
    // A film has two files and a folder, a series five files and two folders, and their parents are flushed.
    assert!(flushed["fsync"] >= 10 * 2 + 5 * 5, "{flushed:?}");
    assert!(flushed["fsyncdir"] >= 10 + 5 * 2 + 2, "{flushed:?}");
    scene.disk.reset_counts();
    scene.home.generate(&source(&scene.home), &[]);
    let quiet = scene.disk.operations();
    assert!(!quiet.contains_key("fsync") && !quiet.contains_key("fsyncdir"), "{quiet:?}");
}

/// Servers such as mergerfs, sshfs and bindfs hand no flush of a folder on. What brings a rename to the disk is the
/// flush of a file that changed after it.
#[test]
fn each_file_is_changed_and_flushed_after_the_last_rename() {
    let Some(scene) = Scene::with(10, 5) else { return };
    scene.home.generate(&source(&scene.home), &[]);
    assert_eq!(scene.disk.renamed_before_flush(), scene.disk.renamed().len());
    let operations = scene.disk.operations();
    assert!(operations["setattr"] >= 10 * 2 + 5 * 5, "{operations:?}");
    assert!(operations["fsync"] >= 2 * (10 * 2 + 5 * 5), "{operations:?}");
}

/// Network storage tells of a full disk or quota when a file is closed.
#[test]
fn what_is_refused_when_a_file_is_closed_was_not_written() {
    let Some(scene) = Scene::new(5) else { return };
    let list = source(&scene.home);
    scene.home.generate(&list, &["--movie-ids", "1"]);
    scene.disk.be(StorageTraits { refuses_to_close: true, ..StorageTraits::default() });
    let output = scene.home.output();
    let arguments = ["generate", "--source", &list, "--output", output.to_str().unwrap()];
    assert_eq!(scene.home.run(&arguments).status.code(), Some(1));
    scene.disk.be(StorageTraits::default());
    let report = scene.home.generate(&list, &[]);
    assert_eq!(number(&report, "/files/written/created"), 8, "{report}");
    assert!(scene.home.tree().values().all(|content| !content.is_empty()));
}

/// A run, `verify --full` and a run that has nothing to do, all with these arguments.
fn thrice(scene: &Scene, more: &[&str]) -> serde_json::Value {
    let (list, output) = (source(&scene.home), scene.home.output());
    let report = scene.home.generate(&list, more);
    let verified = scene.home.run(&["verify", "--full", "--output", output.to_str().unwrap()]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    let again = scene.home.generate(&list, more);
    assert_eq!(again["files"].get("written"), None, "{again}");
    report
}

fn doctor(scene: &Scene) -> (Option<i32>, String) {
    let (list, output) = (source(&scene.home), scene.home.output());
    let arguments = ["doctor", "--source", &list, "--output", output.to_str().unwrap()];
    let done = scene.home.run(&arguments);
    (done.status.code(), text(&done.stdout))
}

/// A pool of two disks shows a folder's time of one of them; other storage shows one that never moves.
#[test]
fn folders_whose_times_prove_nothing_are_listed() {
    for times in [Times::OfHalf, Times::Still] {
        let Some(scene) = Scene::new(12) else { return };
        scene.disk.be(StorageTraits { times, ..StorageTraits::default() });
        let (list, output) = (source(&scene.home), scene.home.output());
        scene.home.generate(&list, &[]);
        let whole = scene.home.tree();
        for path in whole.keys().filter(|path| path.ends_with(".strm")) {
            std::fs::remove_file(output.join(path)).unwrap();
        }
        let verified = scene.home.run(&["verify", "--output", output.to_str().unwrap()]);
        let said = text(&verified.stdout);
        assert!(verified.status.code() == Some(3) && said.contains("12 files are gone"), "{said}");
        let report = scene.home.generate(&list, &[]);
        assert_eq!(number(&report, "/files/written/restored"), 12, "{times:?}: {report}");
        assert_eq!(scene.home.tree(), whole);
    }
}

/// The server of a mount dies, or a disk is pulled out; a bad disk says EIO, which one bad file may say, too.
#[test]
fn storage_that_has_gone_away_ends_the_run() {
    const EIO: i32 = 5;
    const ENOTCONN: i32 = 107;
    for (number, hint) in [(ENOTCONN, "try: the mount's server has died"), (EIO, "")] {
        let Some(scene) = Scene::new(200) else { return };
        let Scene { disk, home } = &scene;
        let (source, output) = (source(home), home.output());
        let arguments = ["generate", "--source", &source, "--output", output.to_str().unwrap()];
        let mut run = home.command(&[&arguments[..], &["--concurrency", "4"]].concat());
        let run = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let renames = || disk.operations().get("rename").copied().unwrap_or(0);
        while renames() < 20 {
            std::thread::yield_now();
        }
        disk.be(StorageTraits { fails_with: Some(number), ..StorageTraits::default() });
        disk.reset_counts();
        let done = run.wait_with_output().unwrap();
        let (said, tried) = (text(&done.stderr), disk.operations().values().sum::<u64>());
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains(hint) && !said.contains("fault of vod2strm"), "{said}");
        // Each of the 180 titles that are left would take some.
        assert!(tried < 120, "{tried}: {:?}", disk.operations());
        disk.be(StorageTraits::default());
        thrice(&scene, &[]);
        assert_eq!(scene.files(), 400);
    }
}

/// eCryptfs and others take names of 143 bytes.
#[test]
fn new_names_are_as_long_as_the_file_system_takes() {
    let Some(scene) = Scene::new(3) else { return };
    scene.disk.be(StorageTraits { longest_name: 143, ..StorageTraits::default() });
    let (long, show) = ("long ".repeat(60), "show ".repeat(60));
    let list = format!(
        "#EXTM3U\n#EXTINF:-1,{long}(2001)\nhttp://h/movie/u/p/1.mkv\n#EXTINF:-1,{long}(2002)\nhttp://h/movie/u/p/2.mkv\n\
         #EXTINF:-1,{show}S01E01 {long}\nhttp://h/series/u/p/3.mkv\n"
    );
    std::fs::write(source(&scene.home), list).unwrap();
    let (status, said) = doctor(&scene);
    assert!(status == Some(0) && said.contains("at most 143 bytes"), "{said}");
    thrice(&scene, &[]);
    thrice(&scene, &["--layout", "classic"]);
    let longest = scene.home.tree().keys().flat_map(|path| path.split('/')).map(str::len).max();
    assert!(longest.unwrap() > 90 && longest.unwrap() <= 123, "{longest:?}");
}

/// As in the lower layer of an overlay.
#[test]
fn where_folders_cannot_be_renamed_files_are() {
    let Some(scene) = Scene::with(6, 3) else { return };
    let mine = "Movies/Film number 2 (2001)/mine/poster.jpg";
    scene.disk.be(StorageTraits { keeps_folders: true, ..StorageTraits::default() });
    let (status, said) = doctor(&scene);
    assert!(status == Some(0) && said.contains("folders cannot be renamed"), "{said}");
    let report = thrice(&scene, &[]);
    assert_eq!(number(&report, "/files/written/created"), 12 + 3 * 5, "{report}");
    let theirs = scene.home.output().join(mine);
    std::fs::create_dir(theirs.parent().unwrap()).unwrap();
    std::fs::write(theirs, "a picture").unwrap();
    let report = thrice(&scene, &["--movie-folder", "{title} [{year}]"]);
    assert_eq!(report["files"].get("written"), None, "{report}");
    let tree = scene.home.tree();
    assert_eq!(tree["Movies/Film number 2 [2001]/mine/poster.jpg"], b"a picture");
    assert_eq!(tree.len(), 12 + 3 * 5 + 1);
    assert_eq!(scene.home.empty_folders(), [""; 0]);
}

#[test]
fn a_share_that_takes_no_dots_is_told_of() {
    let Some(scene) = Scene::new(1) else { return };
    scene.disk.be(StorageTraits { refuses_dots: true, ..StorageTraits::default() });
    let (status, said) = doctor(&scene);
    assert!(status == Some(1) && said.contains("no names that begin with a dot"), "{said}");
    let (list, output) = (source(&scene.home), scene.home.output());
    let arguments = ["generate", "--source", &list, "--output", output.to_str().unwrap()];
    let run = scene.home.run(&arguments);
    assert!(text(&run.stderr).contains("no names that begin with a dot"), "{}", text(&run.stderr));
    assert_eq!(std::fs::read_dir(output).unwrap().count(), 0);
}
