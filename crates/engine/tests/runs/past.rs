//! What is known of runs of the past, of a source and of a library in numbers, and of names.

use serde_json::{Value, json};
use vod2strm_core::event::TitleOutcome;
use vod2strm_core::layout::Layout;
use vod2strm_core::policy::Policy;
use vod2strm_core::status::Status;
use vod2strm_disk::ledger::{Ledger, NewRun};
use vod2strm_disk::library::Library;
use vod2strm_engine::config::Cleanup;
use vod2strm_engine::history::History;
use vod2strm_engine::names::{NameRow, of_address, of_list};
use vod2strm_engine::stats::{StatsRow, stats};

use crate::scene::{FILMS, Scene, TITLES, Told};

fn history(scene: &Scene) -> History {
    History::open(&scene.config.place).unwrap()
}

/// What a run says of itself, but its source.
fn said(run: &Value) -> Value {
    let mut run = run.clone();
    run.as_object_mut().unwrap().remove("source");
    run
}

#[test]
fn runs_are_told_of_with_what_they_did() {
    let mut scene = Scene::made(&TITLES);
    scene.offer(&["Dark S01E01", "Dark S01E02", "Dark S01E03"]);
    scene.config.cleanup = Cleanup::Apply;
    scene.config.grace = 0;
    scene.later(60);
    assert_eq!(scene.run().status, Status::Held);
    let runs = history(&scene).runs(5).unwrap();
    assert_eq!(
        said(&runs[1]),
        json!({"run": 1, "started": "2025-11-24 16:01:00 UTC", "seconds": 0, "status": 0, "new": 4, "state": "done"})
    );
    let held = runs[0]["held"].as_array().unwrap();
    assert_eq!((held.len(), &held[0]["kind"], &held[0]["titles"]), (1, &json!("movie"), &json!(3)));
    let mut last = said(&runs[0]);
    last.as_object_mut().unwrap().remove("held");
    assert_eq!(
        last,
        json!({"run": 2, "started": "2025-11-24 16:02:00 UTC", "seconds": 0, "status": 4, "changed": 1,
               "held_titles": 3, "state": "done"})
    );
    assert_eq!(scene.plain(runs[0]["source"].as_str().unwrap()), "/list.m3u");
    assert_eq!(history(&scene).runs(1).unwrap(), runs[..1]);
    assert_eq!(history(&scene).run(1).unwrap(), runs[1]);
    let none = history(&scene).run(7).unwrap_err();
    assert_eq!(none.to_string(), "there is no run 7; vod2strm history lists them");
    let changes = |id| {
        let mut lines = Vec::new();
        history(&scene).changes(id, &mut |change| lines.push(change.to_string())).unwrap();
        lines.sort();
        lines
    };
    let line = |what: &str, kind: &str, name: &str, year: Value, files: u64| {
        json!({"change": what, "kind": kind, "name": name, "year": year, "files": files})
            .to_string()
    };
    let mut new = vec![line("new", "series", "Dark", Value::Null, 5)];
    new.extend(FILMS.map(|film| {
        let (name, year) = film.split_once(" (").unwrap();
        line("new", "movie", name, year[..4].parse::<i32>().unwrap().into(), 2)
    }));
    new.sort();
    assert_eq!(changes(1), new);
    assert_eq!(changes(2), [line("changed", "series", "Dark", Value::Null, 2)]);
}

#[test]
fn a_run_without_an_end_is_at_work_or_was_cut_off() {
    let scene = Scene::made(&FILMS);
    let begin = |started| {
        let mut ledger = Ledger::open(&scene.config.place.ledger_outside()).unwrap();
        ledger.begin_run(&NewRun { started, source: "a list" }).unwrap();
    };
    let states = || -> Vec<String> {
        let runs = history(&scene).runs(5).unwrap();
        runs.iter().map(|run| run["state"].as_str().unwrap().to_owned()).collect()
    };
    begin(5);
    assert_eq!(states(), ["cut off", "done"]);
    begin(6);
    let library = Library::open(&scene.config.place, "id", "somebody").unwrap();
    assert_eq!(states(), ["running", "cut off", "done"]);
    drop(library);
    assert_eq!(states(), ["cut off", "cut off", "done"]);
    assert_eq!(history(&scene).run(3).unwrap()["seconds"], Value::Null);
}

fn rows(scene: &Scene, has_source: bool, has_place: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut sink = |row: &StatsRow<'_>| {
        if row.section != "run" {
            lines.push(format!("{}|{}|{}|{}", row.section, row.subject, row.measure, row.value));
        }
        Ok(())
    };
    let config = &scene.config;
    let source = has_source.then_some(&config.source);
    let place = has_place.then_some(&config.place);
    stats(source, place, &scene.host(&[]), &mut sink).unwrap();
    lines.iter().map(|line| scene.plain(line)).collect()
}

#[test]
fn source_disk_and_ledger_are_told_in_numbers() {
    let mut scene = Scene::of(&TITLES);
    let source = ["movies|3", "series|1", "episodes|2", "series without episodes|0"];
    let source = source.map(|line| format!("catalogue|all|{line}"));
    assert_eq!(rows(&scene, true, false)[..4], source);
    assert_eq!(
        rows(&scene, false, true)[..2],
        [r#"disk|/films/Movies|folder|"missing""#, r#"disk|/films/TV|folder|"missing""#]
    );
    scene.done();
    scene.offer(&["Alien (1979)", "Heat (1995)", "Dark S01E01", "Dark S01E02"]);
    scene.config.cleanup = Cleanup::Apply;
    scene.later(60);
    scene.run();
    let expected = [
        "disk|/films/Movies|.strm files|3",
        "disk|/films/Movies|.nfo files|3",
        "disk|/films/TV|.strm files|2",
        "disk|/films/TV|.nfo files|3",
        "ledger|all|files held|11",
        "ledger|movie|titles held|3",
        "ledger|movie|titles without anything to play|0",
        "ledger|movie|titles failed, without files|0",
        "ledger|movie|titles filtered|0",
        "ledger|movie|titles missing from the catalogue|1",
        "ledger|series|titles held|1",
        "ledger|series|titles without anything to play|0",
        "ledger|series|titles failed, without files|0",
        "ledger|series|titles filtered|0",
        "ledger|series|titles missing from the catalogue|0",
        "ledger|series|not fetched the last time|0",
        "ledger|series|fetched and empty|0",
        "entries|movie|all|2",
        "entries|series|all|1",
        "title|movie: Ran|missing for so many runs|1",
    ];
    assert_eq!(rows(&scene, false, true), expected);
    let mut runs = Vec::new();
    let mut sink = |row: &StatsRow<'_>| {
        if row.section == "run" {
            runs.push((row.subject.to_owned(), row.value["run"].clone()));
        }
        Ok(())
    };
    stats(None, Some(&scene.config.place), &scene.host(&[]), &mut sink).unwrap();
    assert_eq!(runs, [("2".to_owned(), json!(2)), ("1".to_owned(), json!(1))]);
}

#[test]
fn a_sink_that_fails_ends_the_numbers() {
    let scene = Scene::made(&FILMS);
    let refused = || vod2strm_engine::error::RunError::Refused("full".to_owned());
    for most in [0, 1, 4, 6] {
        let mut taken = 0;
        let mut sink = |_: &StatsRow<'_>| {
            taken += 1;
            if taken > most { Err(refused()) } else { Ok(()) }
        };
        let (config, host) = (&scene.config, scene.host(&[]));
        stats(Some(&config.source), Some(&config.place), &host, &mut sink).unwrap_err();
        assert_eq!(taken, most + 1);
    }
}

/// The names of a source, as a library shows them; and those of a list, which are of one category.
#[test]
fn names_are_taken_apart_from_a_source_and_from_a_list() {
    let scene = Scene::of(&["Heat (1995) 4K", "Dark S01E02"]);
    let policy = Policy::new(Layout::standard(), "http://d:9191".parse().unwrap());
    let mut all: Vec<NameRow> = Vec::new();
    let mut sink = |rows: &[NameRow]| {
        all.extend_from_slice(rows);
        Ok(())
    };
    let told = Told::default();
    of_address(&scene.config.source, &policy, None, &scene.host(&[&told]), &mut sink).unwrap();
    let of_source: Vec<_> = all.drain(..).map(|row| (row.title, row.year, row.quality)).collect();
    let row = |title: &str, year, quality: &str| (title.to_owned(), year, quality.to_owned());
    assert_eq!(of_source, [row("Heat", Some(1995), "4K"), row("Dark", None, "")]);
    let phases = ["phase Look Some(2)", "phase Open None", "phase Stamps None"];
    assert_eq!(told.of("phase"), phases);
    let mut sink = |rows: &[NameRow]| {
        all.extend_from_slice(rows);
        Ok(())
    };
    let lines = "Alien (1979)\n\nDark - S01E02\n";
    of_list(lines, None, &policy, &scene.host(&[]), &mut sink).unwrap();
    let of_list: Vec<_> = all.iter().map(|row| (&*row.title, row.year, &*row.episodes)).collect();
    assert_eq!(of_list, [("Alien", Some(1979), ""), ("Dark", None, "2")]);
    assert_eq!(scene.files(""), [""; 0], "names are looked at, and nothing is made");
}

/// What `--json` of the last run has is what the ledger keeps.
#[test]
fn the_ledger_keeps_the_counts_of_the_outcome() {
    let scene = Scene::of(&TITLES);
    scene.later(60);
    let outcome = scene.run();
    assert_eq!(outcome.counts.titles(TitleOutcome::New), 4);
    let ledger = Ledger::open(&scene.config.place.ledger_outside()).unwrap();
    let run = ledger.run(1).unwrap().unwrap();
    let kept: Value = serde_json::from_str(&run.report.unwrap()).unwrap();
    assert_eq!(kept, serde_json::from_str::<Value>(&outcome.json()).unwrap());
    assert_eq!((run.status, kept["titles"]["movie"]["new"].as_u64()), (Some(0), Some(3)));
}
