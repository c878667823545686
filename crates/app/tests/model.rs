//! Random lives of a library: the catalogue changes, the settings change, people put, edit and delete
//! files, and runs come and go. The laws hold all along.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use vod2strm_core::layout::Layout;
use vod2strm_core::policy::{NfoDetail, Policy};
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{ALL_FETCHED, Home, assert_safe_paths, layout_flags, shelved, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::{EpisodeRelation, Generation, MovieRelation};
use vod2strm_testkit::twin::twin;

/// What happens between two runs; the number says to which row or file.
#[derive(Clone, Copy, Debug)]
enum Step {
    RenameMovie(usize),
    RenameSeries(usize),
    RenameEpisode(usize),
    CorrectYear(usize),
    NewPlots,
    NewIds,
    NewStreams,
    MovieLeaves(usize),
    EpisodeLeaves(usize),
    AllReturn,
    SwitchAccount(usize),
    SwitchCategory(usize),
    TurnPriorities,
    SwitchLayout,
    SwitchNfo,
    SwitchVersions,
    MoveServer,
    DeleteFile(usize),
    EditNfo(usize),
    EditStrm(usize),
    PutFile(usize),
    Relayout,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = || 0..1_000_usize;
    let step = prop_oneof![
        at().prop_map(Step::RenameMovie),
        at().prop_map(Step::RenameSeries),
        at().prop_map(Step::RenameEpisode),
        at().prop_map(Step::CorrectYear),
        Just(Step::NewPlots),
        Just(Step::NewIds),
        Just(Step::NewStreams),
        at().prop_map(Step::MovieLeaves),
        at().prop_map(Step::EpisodeLeaves),
        Just(Step::AllReturn),
        at().prop_map(Step::SwitchAccount),
        at().prop_map(Step::SwitchCategory),
        Just(Step::TurnPriorities),
        Just(Step::SwitchLayout),
        Just(Step::SwitchNfo),
        Just(Step::SwitchVersions),
        Just(Step::MoveServer),
        at().prop_map(Step::DeleteFile),
        at().prop_map(Step::EditNfo),
        at().prop_map(Step::EditStrm),
        at().prop_map(Step::PutFile),
        Just(Step::Relayout),
    ];
    proptest::collection::vec(step, 3..12)
}

/// A library, its catalogue, its settings, and what people have put into it.
struct World<'a> {
    home: Home,
    database: &'a TestDatabase,
    catalogue: Catalogue,
    policy: Policy,
    away: (Vec<MovieRelation>, Vec<EpisodeRelation>),
    /// The users' own contents: each must be there for ever.
    theirs: BTreeSet<Vec<u8>>,
    counter: usize,
}

/// The next choice for NFOs, in turn.
fn next(nfo: NfoDetail) -> NfoDetail {
    match nfo {
        NfoDetail::Full => NfoDetail::Ids,
        NfoDetail::Ids => NfoDetail::Off,
        NfoDetail::Off => NfoDetail::Full,
    }
}

/// The choice that the command line takes: the classic layout has no `ids`.
fn nfo_flag(policy: &Policy) -> &'static str {
    match policy.nfo {
        NfoDetail::Ids if policy.layout.is_classic() => NfoDetail::Full.as_str(),
        nfo => nfo.as_str(),
    }
}

impl<'a> World<'a> {
    fn new(database: &'a TestDatabase, seed: u64) -> World<'a> {
        let size = Size { movies: 14, series: 3, episodes_per_series: 4 };
        let policy = Policy::new(Layout::standard(), "http://one:9191".parse().unwrap());
        World {
            home: Home::new(env!("CARGO_BIN_EXE_vod2strm")),
            database,
            catalogue: Catalogue::generate(seed, size, seed.is_multiple_of(2)),
            policy,
            away: (Vec::new(), Vec::new()),
            theirs: BTreeSet::new(),
            counter: 0,
        }
    }

    /// Something that nothing else is.
    fn fresh(&mut self) -> String {
        self.counter += 1;
        format!("number {}", self.counter)
    }

    fn live(&mut self, step: Step) {
        let fresh = self.fresh();
        let all = &mut self.catalogue;
        match step {
            Step::RenameMovie(at) => {
                pick(&mut all.movies, at).into_iter().for_each(|row| row.name = fresh.clone());
            }
            Step::RenameSeries(at) => {
                pick(&mut all.series, at).into_iter().for_each(|row| row.name = fresh.clone());
            }
            Step::RenameEpisode(at) => {
                pick(&mut all.episodes, at).into_iter().for_each(|row| row.name = fresh.clone());
            }
            Step::CorrectYear(at) => {
                if let Some(row) = pick(&mut all.movies, at) {
                    // The name too: with its year it must be the only one.
                    (row.name, row.year) = (fresh.clone(), Some(1987));
                }
            }
            Step::NewPlots => {
                all.movies.iter_mut().for_each(|row| row.description = Some(fresh.clone()));
                all.episodes.iter_mut().for_each(|row| row.description = Some(fresh.clone()));
            }
            Step::NewIds => new_ids(all, &mut self.away, self.counter),
            Step::NewStreams => {
                // What has no id of its own is recognised by its path alone, which may be another's.
                let known =
                    |id: &i64| all.movies.iter().any(|row| row.id == *id && row.tmdb_id.is_some());
                let rows = all.movie_relations.iter_mut().filter(|row| known(&row.movie_id));
                rows.for_each(|row| row.stream_id = format!("{}x", row.stream_id));
            }
            Step::MovieLeaves(at) => {
                if let Some(id) = pick(&mut all.movies, at).map(|row| row.id) {
                    let (gone, rest) =
                        all.movie_relations.drain(..).partition(|row| row.movie_id == id);
                    (all.movie_relations, self.away.0) =
                        (rest, [self.away.0.clone(), gone].concat());
                }
            }
            Step::EpisodeLeaves(at) => {
                if let Some(id) = pick(&mut all.episodes, at).map(|row| row.id) {
                    let (gone, rest) =
                        all.episode_relations.drain(..).partition(|row| row.episode_id == id);
                    (all.episode_relations, self.away.1) =
                        (rest, [self.away.1.clone(), gone].concat());
                }
            }
            Step::AllReturn => {
                all.movie_relations.append(&mut self.away.0);
                all.episode_relations.append(&mut self.away.1);
            }
            _ => self.switch(step, &fresh),
        }
    }

    /// What people switch.
    fn switch(&mut self, step: Step, fresh: &str) {
        let all = &mut self.catalogue;
        match step {
            Step::SwitchAccount(at) => {
                pick(&mut all.accounts, at).into_iter().for_each(|row| row.is_active ^= true);
            }
            Step::SwitchCategory(at) => {
                let row = pick(&mut all.category_relations, at);
                row.into_iter().for_each(|row| row.enabled ^= true);
            }
            Step::TurnPriorities => {
                all.accounts.iter_mut().for_each(|row| row.priority = 100 - row.priority);
            }
            Step::SwitchLayout => {
                self.policy.layout = match self.policy.layout.as_str() {
                    "standard" => Layout::classic(),
                    "classic" => shelved(),
                    _ => Layout::standard(),
                }
            }
            Step::SwitchNfo => self.policy.nfo = next(self.policy.nfo),
            Step::SwitchVersions => self.policy.multi_provider ^= true,
            Step::MoveServer => {
                self.policy.base_url = format!("http://h{}:9191", self.counter).parse().unwrap();
            }
            _ => self.handle(step, fresh),
        }
    }

    /// What people do to files.
    fn handle(&mut self, step: Step, fresh: &str) {
        match step {
            Step::DeleteFile(at) => {
                let path = self.some_file(at, |_, content| !self.theirs.contains(content));
                path.into_iter().for_each(|path| std::fs::remove_file(path).unwrap());
            }
            Step::EditNfo(at) => self.put(self.some_file(at, |path, _| path.ends_with(".nfo"))),
            Step::EditStrm(at) => {
                let path = self.some_file(at, |path, content| {
                    path.ends_with(".strm") && !self.theirs.contains(content)
                });
                path.into_iter().for_each(|path| std::fs::write(path, "http://edited/\n").unwrap());
            }
            Step::PutFile(at) => {
                let beside = self.some_file(at, |_, _| true);
                let path = beside.map(|path| path.with_file_name(format!("{fresh}.jpg")));
                self.put(path);
            }
            _ => {}
        }
    }

    /// A user's content at this path.
    fn put(&mut self, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        if let Ok(old) = std::fs::read(&path) {
            // It is the user's own file that is edited again.
            self.theirs.remove(&old);
        }
        let content = format!("theirs: {}", self.fresh()).into_bytes();
        std::fs::write(path, &content).unwrap();
        self.theirs.insert(content);
    }

    fn some_file(&self, at: usize, is_wanted: impl Fn(&str, &Vec<u8>) -> bool) -> Option<PathBuf> {
        let tree = if self.home.output().exists() { self.home.tree() } else { BTreeMap::new() };
        let paths: Vec<&String> = tree
            .iter()
            .filter(|(path, content)| is_wanted(path, content))
            .map(|(p, _)| p)
            .collect();
        let path = paths.get(at % paths.len().max(1))?;
        Some(self.home.output().join(path))
    }

    /// Runs with these flags; gives the object.
    fn run(&mut self, more: &[&str]) -> serde_json::Value {
        self.database.clear();
        self.database.insert(&self.catalogue);
        let (source, output) = (self.database.url(), self.home.output());
        let policy = self.policy.clone();
        let mut arguments = vec!["generate", "--json", "--source", &source];
        arguments.extend(["--output", output.to_str().unwrap(), "--cleanup", "apply"]);
        arguments.extend(["--base-url", self.policy.base_url.as_str()]);
        arguments.extend(layout_flags(&policy.layout));
        arguments.extend(["--nfo", nfo_flag(&self.policy)]);
        arguments.extend(self.policy.multi_provider.then_some("--multi-provider"));
        arguments.extend(more);
        let done = self.home.run(&arguments);
        assert!(matches!(done.status.code(), Some(0 | 3 | 4)), "{}", text(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }

    /// What holds after every run.
    fn check(&self, report: &serde_json::Value) {
        let tree = self.home.tree();
        let contents: BTreeSet<&Vec<u8>> = tree.values().collect();
        for theirs in &self.theirs {
            assert!(contents.contains(theirs), "lost: {} {report}", text(theirs));
        }
        assert_safe_paths(tree.keys());
        for (path, content) in twin(&self.catalogue, &self.policy) {
            if path.ends_with(".strm") {
                let paths: Vec<_> = tree.keys().collect();
                assert!(contents.contains(&content), "nothing plays {path} {report} {paths:#?}");
            }
        }
    }

    /// What holds in the end, when all that was held may go.
    fn settle(&mut self) {
        // What the provider has no more, a refresh does not bring back.
        let ledger = rusqlite::Connection::open(self.home.ledger()).unwrap();
        ledger.execute_batch(ALL_FETCHED).unwrap();
        drop(ledger);
        for _ in 0..3 {
            let report = self.run(&["--grace", "0", "--allow-removals", "--relayout"]);
            self.check(&report);
        }
        let strms = |tree: BTreeMap<String, Vec<u8>>| {
            let strms = tree.into_iter().filter(|(path, _)| path.ends_with(".strm"));
            let mut strms: Vec<String> = strms.map(|(_, content)| text(&content)).collect();
            strms.sort();
            strms
        };
        let mut ours = self.home.tree();
        ours.retain(|_, content| !self.theirs.contains(content) && content != b"http://edited/\n");
        for path in ours.keys().filter(|path| path.ends_with(".nfo")) {
            assert_ne!(self.policy.nfo, NfoDetail::Off, "NFOs are switched off: {path}");
        }
        assert_eq!(strms(ours), strms(twin(&self.catalogue, &self.policy)));
        let before = self.home.stamps();
        let report = self.run(&["--grace", "0", "--allow-removals"]);
        assert_eq!(report["files"]["written"], serde_json::Value::Null, "{report}");
        assert_eq!(report["files"]["deleted"], serde_json::Value::Null, "{report}");
        assert_eq!(self.home.stamps(), before, "the second run's plan is empty: {report}");
    }
}

fn pick<T>(rows: &mut [T], at: usize) -> Option<&mut T> {
    let length = rows.len().max(1);
    rows.get_mut(at % length)
}

/// Dispatcharr has created all rows anew.
fn new_ids(all: &mut Catalogue, away: &mut (Vec<MovieRelation>, Vec<EpisodeRelation>), by: usize) {
    let by = i64::try_from(by).unwrap() * 10_000;
    let uuid = |uuid: &str| format!("{:08x}{}", by, &uuid[8..]);
    for row in &mut all.movies {
        (row.id, row.uuid) = (row.id + by, uuid(&row.uuid));
    }
    for row in all.movie_relations.iter_mut().chain(&mut away.0) {
        (row.id, row.movie_id) = (row.id + by, row.movie_id + by);
    }
    for row in &mut all.series {
        (row.id, row.uuid) = (row.id + by, uuid(&row.uuid));
    }
    for row in &mut all.series_relations {
        row.series_id += by;
    }
    for row in &mut all.episodes {
        (row.id, row.series_id, row.uuid) = (row.id + by, row.series_id + by, uuid(&row.uuid));
    }
    for row in all.episode_relations.iter_mut().chain(&mut away.1) {
        row.episode_id += by;
    }
}

#[test]
fn a_library_stays_true_whatever_happens_to_it() {
    let database = TestDatabase::create(Generation::NEWEST);
    let cases = std::env::var("MODEL_CASES").ok().and_then(|text| text.parse().ok());
    let config =
        Config { cases: cases.unwrap_or(40), failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&(0..1_000_u64, steps()), |(seed, steps)| {
            let mut world = World::new(&database, seed);
            let report = world.run(&[]);
            world.check(&report);
            for step in steps {
                world.live(step);
                let more: &[&str] = match step {
                    Step::Relayout => &["--relayout"],
                    Step::EditStrm(_) => &["--full"],
                    _ => &[],
                };
                let report = world.run(more);
                world.check(&report);
            }
            world.settle();
            Ok(())
        })
        .unwrap();
}
