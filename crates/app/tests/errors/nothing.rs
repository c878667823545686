//! A first run that fails before its first title leaves nothing behind, and touches nothing that was there.

use std::process::Command;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use vod2strm_testkit::http::{Server, answer};

use crate::scene::{PLAYLIST, SECRET, Scene, TO_LIBRARY, files, names};

/// A home with lists of all sorts.
fn scene() -> Scene {
    let mut scene = Scene::with_playlist();
    scene.write("page.m3u", "<!DOCTYPE html><title>Login</title>");
    scene.write("empty.m3u", "");
    scene.write("two.m3u", format!("{PLAYLIST}#EXTINF:-1,Up (2009)\nhttp://tv.example/up.mkv\n"));
    scene
}

#[test]
fn a_first_run_that_fails_leaves_nothing_behind() {
    let scene = scene();
    let unreachable = format!("postgres://joe:{SECRET}@127.0.0.1:1/tv");
    let file = scene.path("list.m3u").display().to_string();
    let before = (names(&scene.path("")), files(&scene.path("")));
    for (flags, status) in [
        (&["--source", "absent.m3u"][..], 1),
        (&["--source", "page.m3u"], 1),
        (&["--source", "empty.m3u"], 1),
        (&["--source", "two.m3u", "--max-entries", "1"], 1),
        (&["--source", &unreachable], 1),
        (&["--source", "http://127.0.0.1:1/list.m3u"], 1),
        (&["--source", "list.m3u", "--filter", "nonsense =="], 2),
        (&["--source", "list.m3u", "--allow-removals=17.2"], 2),
        (&["--source", "list.m3u", "--report", "list.m3u/last.csv"], 1),
        (&["--source", "list.m3u", "--state", "list.m3u"], 1),
        (&["--source", "list.m3u", "--movies-root", &file], 1),
        (&["--source", "absent.m3u", "--movies-root", "new/films"], 1),
        (&["--source", "absent.m3u", "--state", "new/state"], 1),
        (&["--source", "absent.m3u", "--output", "new/deep/library"], 1),
    ] {
        let flags: Vec<&str> = if flags.contains(&"--output") {
            [&["generate"], flags].concat()
        } else {
            [&TO_LIBRARY, flags].concat()
        };
        let report = scene.run(&flags);
        assert!(report.starts_with(&format!("status {status}\n")), "{flags:?}: {report}");
        assert_eq!((names(&scene.path("")), files(&scene.path(""))), before, "{flags:?}");
        let adopted = [&["adopt"], &flags[1..]].concat();
        let is_of_both = ["--report", "--allow-removals=17.2"].iter().all(|it| !flags.contains(it));
        if is_of_both {
            let report = scene.run(&adopted);
            assert!(report.starts_with(&format!("status {status}\n")), "{adopted:?}: {report}");
            assert_eq!((names(&scene.path("")), files(&scene.path(""))), before, "{adopted:?}");
        }
    }
}

#[test]
fn adopting_nothing_leaves_nothing_behind() {
    let mut scene = scene();
    scene
        .write("mine/Movies/Strange (1999)/Strange (1999).strm", "http://tv.example/strange.mkv\n");
    let before = (names(&scene.path("")), files(&scene.path("")));
    for (output, status) in [("libary", 0), ("mine", 3)] {
        let report = scene.run(&["adopt", "--source", "list.m3u", "--output", output]);
        assert!(report.starts_with(&format!("status {status}\n")), "{report}");
        assert_eq!((names(&scene.path("")), files(&scene.path(""))), before, "{output}");
    }
}

/// Folders that were there stay, with what is in them; a library that is one stays one.
#[test]
fn what_was_there_before_a_run_that_fails_stays() {
    let mut scene = scene();
    std::fs::create_dir_all(scene.path("library/TV")).unwrap();
    std::fs::create_dir_all(scene.path(".local/state/vod2strm")).unwrap();
    scene.write("library/Movies/Heat (1995)/heat.mkv", "mine");
    scene.generate(&["--source", "absent.m3u"]);
    assert_eq!(names(&scene.path("library")), ["Movies", "TV"]);
    assert_eq!(names(&scene.path("library/Movies/Heat (1995)")), ["heat.mkv"]);
    assert_eq!(names(&scene.path(".local/state/vod2strm")).len(), 0);
    assert!(scene.generate(&["--source", "list.m3u"]).starts_with("status 0"));
    let before = files(&scene.path(""));
    scene.generate(&["--source", "absent.m3u"]);
    assert_eq!(files(&scene.path("")), before);
    assert!(scene.run(&["history", "--output", "library"]).starts_with("status 0"));
}

/// Ends the first run with this signal while it reads its list: all of it is there, and none of it is written.
fn ended_by(signal: &'static str, scene: &Scene) -> Option<i32> {
    let (tell, told) = channel::<u32>();
    let told = Arc::new(Mutex::new(told));
    let server = Server::start(move |_, _| {
        let run = told.lock().unwrap().recv().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &run]).status().unwrap().success());
        answer(200, "audio/x-mpegurl", PLAYLIST.as_bytes())
    });
    let source = format!("{}/list.m3u", server.url());
    let mut run = scene.binary();
    let mut run = run.args(TO_LIBRARY).args(["--source", &source]).spawn().unwrap();
    tell.send(run.id()).unwrap();
    run.wait().unwrap().code()
}

#[test]
fn a_first_run_that_is_ended_before_its_first_title_leaves_nothing_behind() {
    let scene = scene();
    let before = (names(&scene.path("")), files(&scene.path("")));
    assert_eq!(ended_by("-INT", &scene), Some(1));
    assert_eq!((names(&scene.path("")), files(&scene.path(""))), before);
    // One that is killed can take nothing away; the next one is a first run all the same.
    assert_eq!(ended_by("-KILL", &scene), None);
    assert!(scene.generate(&["--source", "absent.m3u"]).starts_with("status 1"));
    let report = scene.generate(&["--source", "list.m3u"]);
    assert!(report.starts_with("status 0") && !report.contains("warning"), "{report}");
}
