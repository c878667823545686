//! Random lives of a library: the catalogue changes, the settings change, people put, edit and delete
//! files, and runs come and go. The laws hold all along.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

#[path = "model/counts.rs"]
mod counts;
#[path = "model/entries.rs"]
mod entries;
#[path = "model/laws.rs"]
mod laws;
#[path = "model/lines.rs"]
mod lines;
#[path = "model/losses.rs"]
mod losses;
#[path = "model/named.rs"]
mod named;
#[path = "model/people.rs"]
mod people;
#[path = "model/played.rs"]
mod played;
#[path = "model/preview.rs"]
mod preview;
#[path = "model/together.rs"]
mod together;
#[path = "model/told.rs"]
mod told;

use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vod2strm_core::layout::Layout;
use vod2strm_core::policy::{NfoDetail, Policy, Versions};
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, files, grouped, layout_flags, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::{EpisodeRelation, Generation, MovieRelation};

use crate::counts::Photo;
use crate::lines::Named;
use crate::losses::Loss;
use crate::named::Heading;
use crate::people::Backup;
use crate::together::Past;

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
    PutCompanion(usize),
    Relayout,
    EpisodesMissing(usize),
    MoviesMissing(usize),
    FilterInTheNightOfALoss(usize),
    Exchange(usize),
    ShiftStreams(usize),
    ReuseStream(usize),
    SwitchFilter,
    Block(usize),
    Pick(usize),
    Choose(usize),
    ForgetLines,
    BackUp,
    RestoreLedger,
    RestoreTree,
    PutPipe(usize),
    PutGiant(usize),
    CloseFolder(usize),
    OtherMachine,
    BothMachines,
    Namesake(usize),
    NewMovieEntry(usize),
    NewSeriesEntry(usize),
    EntryLeaves(usize),
    EntryRenamed(usize),
    OtherId(usize),
    OtherYear(usize),
    YearLost(usize),
    YearsBack,
    IdGained(usize),
    RowsAnew,
}

fn steps(nights: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let at = || 0..1_000_usize;
    let rough = prop_oneof![
        at().prop_map(Step::EpisodesMissing),
        at().prop_map(Step::MoviesMissing),
        at().prop_map(Step::FilterInTheNightOfALoss),
        at().prop_map(Step::Exchange),
        at().prop_map(Step::ShiftStreams),
        at().prop_map(Step::ReuseStream),
        Just(Step::SwitchFilter),
        Just(Step::BackUp),
        Just(Step::RestoreLedger),
        Just(Step::RestoreTree),
        at().prop_map(Step::PutPipe),
        at().prop_map(Step::PutGiant),
        at().prop_map(Step::CloseFolder),
        Just(Step::OtherMachine),
        Just(Step::BothMachines),
    ];
    let step = prop_oneof![
        15 => rough,
        23 => usual(),
        14 => of_entries(),
        6 => of_lines(),
    ];
    proptest::collection::vec(step, nights)
}

/// What the user says of single titles.
fn of_lines() -> impl Strategy<Value = Step> {
    let at = || 0..1_000_usize;
    prop_oneof![
        2 => at().prop_map(Step::Block),
        2 => at().prop_map(Step::Pick),
        1 => at().prop_map(Step::Choose),
        1 => Just(Step::ForgetLines),
    ]
}

/// What happens to the entries of titles.
fn of_entries() -> impl Strategy<Value = Step> {
    let at = || 0..1_000_usize;
    prop_oneof![
        2 => at().prop_map(Step::Namesake),
        3 => at().prop_map(Step::NewMovieEntry),
        2 => at().prop_map(Step::NewSeriesEntry),
        2 => at().prop_map(Step::EntryLeaves),
        2 => at().prop_map(Step::EntryRenamed),
        1 => at().prop_map(Step::OtherId),
        1 => at().prop_map(Step::OtherYear),
        2 => at().prop_map(Step::YearLost),
        1 => Just(Step::YearsBack),
        1 => at().prop_map(Step::IdGained),
        1 => Just(Step::RowsAnew),
        1 => Just(Step::AllReturn),
    ]
}

fn usual() -> impl Strategy<Value = Step> {
    let at = || 0..1_000_usize;
    prop_oneof![
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
        at().prop_map(Step::PutCompanion),
        Just(Step::Relayout),
    ]
}

/// A library, its catalogue, its settings, and what people have put into it.
struct World<'a> {
    home: Home,
    database: &'a TestDatabase,
    catalogue: Catalogue,
    policy: Policy,
    away: (Vec<MovieRelation>, Vec<EpisodeRelation>),
    /// The users' own contents: each must be there for ever; with the name that the file was given.
    theirs: BTreeMap<Vec<u8>, String>,
    /// Files in folders that were there before us: they stay where they are.
    settled: BTreeMap<String, Vec<u8>>,
    backup: Option<Backup>,
    /// Which of two machines runs next; each has a state of its own.
    machine: usize,
    /// What must not go in the next run.
    loss: Loss,
    /// What the user's lines must do in the next run.
    named_lines: Named,
    /// Contents of files that a ledger may not know: the ledger was lost, or the tree is an older one. The number says
    /// how many there were of each besides those that were wanted. Such files stay.
    orphans: BTreeMap<String, usize>,
    /// What folders were named after.
    named: BTreeMap<String, Heading>,
    /// What the ledger of each machine had together.
    past: BTreeMap<usize, Past>,
    /// Years that rows have lost, by the end of their UUIDs.
    lost_years: BTreeMap<String, i32>,
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
    fn new(database: &'a TestDatabase, seed: u64, size: Size) -> World<'a> {
        let policy = Policy::new(Layout::standard(), "http://one:9191".parse().unwrap());
        // As `--versions` has them, which is about both kinds.
        let policy = Policy { versions: policy.versions.movies.into(), ..policy };
        let mut world = World {
            home: Home::in_memory(env!("CARGO_BIN_EXE_vod2strm")),
            database,
            catalogue: Catalogue::generate(seed, size, seed.is_multiple_of(2)),
            policy,
            away: (Vec::new(), Vec::new()),
            theirs: BTreeMap::new(),
            settled: BTreeMap::new(),
            backup: None,
            machine: 0,
            loss: Loss::default(),
            named_lines: Named::default(),
            orphans: BTreeMap::new(),
            named: BTreeMap::new(),
            past: BTreeMap::new(),
            lost_years: BTreeMap::new(),
            counter: 0,
        };
        match seed % 4 {
            1 => world.list_movies_twice(),
            3 => world.catalogue.name_series_alike(),
            _ => {}
        }
        world.settle_in();
        world
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
            Step::NewIds => new_ids(all, &mut self.away, self.counter, false),
            Step::RowsAnew => new_ids(all, &mut self.away, self.counter, true),
            Step::NewStreams => {
                let rows = all.movie_relations.iter_mut();
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
                    "classic" => grouped(),
                    _ => Layout::standard(),
                }
            }
            Step::SwitchNfo => self.policy.nfo = next(self.policy.nfo),
            Step::SwitchVersions => self.policy.versions = next_versions(&self.policy).into(),
            Step::MoveServer => {
                self.policy.base_url = format!("http://h{}:9191", self.counter).parse().unwrap();
            }
            Step::SwitchFilter => self.switch_filter(),
            Step::Block(at) => self.block(at),
            Step::Pick(at) => self.pick_title(at),
            Step::Choose(at) => self.choose_stream(at),
            Step::ForgetLines => self.forget_lines(),
            Step::MoviesMissing(at) => self.lose_movies(at),
            Step::EpisodesMissing(at) => self.lose_episodes(at),
            Step::FilterInTheNightOfALoss(at) => self.lose_movies_and_switch_filter(at),
            Step::Exchange(at) => self.exchange(at),
            Step::ShiftStreams(at) => self.shift_streams(at),
            Step::ReuseStream(at) => self.reuse_stream(at),
            _ => self.turn_entries(step, fresh),
        }
    }

    /// Runs with these flags; gives the object.
    fn run(&mut self, more: &[&str]) -> serde_json::Value {
        self.database.clear();
        self.database.insert(&self.catalogue);
        let (before, known) = (Photo::of(&self.home), self.before_run());
        let foreseen = self.preview(more);
        let csv = self.home.dir.path().join("run.csv");
        let flags = [&["--report", csv.to_str().unwrap()], more].concat();
        let done = self.command(self.machine, &flags).output().unwrap();
        assert!(matches!(done.status.code(), Some(0 | 3 | 4)), "{}", text(&done.stderr));
        let report = serde_json::from_slice(&done.stdout).unwrap();
        self.check_preview(&foreseen, &csv, &report);
        self.note_orphans(&before, &report);
        self.check_counts(&before, &report);
        self.check_new(&before, &report);
        self.check_together(&known, World::terms_of(more), &report);
        report
    }

    /// The ledger of the machine that runs.
    fn ledger(&self) -> rusqlite::Connection {
        let state = files(&self.state(self.machine));
        let ledger = state.iter().find(|path| path.ends_with("ledger.sqlite")).unwrap();
        rusqlite::Connection::open(ledger).unwrap()
    }

    /// The state folder of a machine.
    fn state(&self, machine: usize) -> PathBuf {
        self.home.dir.path().join(format!("state{machine}"))
    }

    /// A run of a machine with these flags.
    fn command(&self, machine: usize, more: &[&str]) -> std::process::Command {
        let (source, output) = (self.database.url(), self.home.output());
        let policy = self.policy.clone();
        let state = self.state(machine);
        let filter = policy.choice.filter.as_ref().map(|filter| filter.as_str().to_owned());
        let lines = self.lines_as_flags();
        let mut arguments = vec!["generate", "--json", "--source", &source];
        arguments.extend(["--state", state.to_str().unwrap()]);
        arguments.extend(filter.iter().flat_map(|filter| ["--filter", filter.as_str()]));
        arguments.extend(["--output", output.to_str().unwrap(), "--cleanup", "apply"]);
        arguments.extend(["--base-url", self.policy.base_url.as_str()]);
        arguments.extend(layout_flags(&policy.layout));
        arguments.extend(["--nfo", nfo_flag(&self.policy)]);
        arguments.extend(["--versions", self.policy.versions.movies.as_str()]);
        arguments.extend(lines.iter().map(String::as_str));
        arguments.extend(more);
        self.home.command(&arguments)
    }
}

/// The versions after today's, in a circle.
fn next_versions(policy: &Policy) -> Versions {
    match policy.versions.movies {
        Versions::Best => Versions::Languages,
        Versions::Languages => Versions::All,
        Versions::All => Versions::Best,
    }
}

fn pick<T>(rows: &mut [T], at: usize) -> Option<&mut T> {
    let length = rows.len().max(1);
    rows.get_mut(at % length)
}

/// Dispatcharr has created all rows anew; titles in the other order, if that is turned.
fn new_ids(
    all: &mut Catalogue,
    away: &mut (Vec<MovieRelation>, Vec<EpisodeRelation>),
    by: usize,
    is_turned: bool,
) {
    const SPAN: i64 = 10_000;
    let by = i64::try_from(by).unwrap() * SPAN;
    let uuid = |uuid: &str| format!("{:08x}{}", by, &uuid[8..]);
    let id = |id: i64| if is_turned { by + SPAN - 1 - id % SPAN } else { by + id };
    for row in &mut all.movies {
        (row.id, row.uuid) = (id(row.id), uuid(&row.uuid));
    }
    for row in all.movie_relations.iter_mut().chain(&mut away.0) {
        (row.id, row.movie_id) = (row.id + by, id(row.movie_id));
    }
    for row in &mut all.series {
        (row.id, row.uuid) = (id(row.id), uuid(&row.uuid));
    }
    for row in &mut all.series_relations {
        row.series_id = id(row.series_id);
    }
    for row in &mut all.episodes {
        (row.id, row.series_id, row.uuid) = (row.id + by, id(row.series_id), uuid(&row.uuid));
    }
    for row in all.episode_relations.iter_mut().chain(&mut away.1) {
        row.episode_id += by;
    }
}

/// A number of the environment.
fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// One life, night after night.
fn live(mut world: World<'_>, steps: Vec<Step>) {
    let report = world.run(&[]);
    world.check(&report);
    for step in steps {
        world.clear_the_way();
        world.live(step);
        let more: &[&str] = match step {
            Step::Relayout => &["--relayout"],
            Step::EditStrm(_) | Step::PutPipe(_) | Step::PutGiant(_) => &["--full"],
            Step::MoviesMissing(_)
            | Step::EpisodesMissing(_)
            | Step::FilterInTheNightOfALoss(_) => &["--grace", "0"],
            _ => &[],
        };
        let report = world.run(more);
        world.check(&report);
        world.check_loss(&report);
        world.check_lines(&report);
    }
    world.settle();
}

/// The life of this number; a failure is made small, unless many lives are run.
fn life(database: &TestDatabase, number: u64, is_large: bool, shrinks: u32) -> Result<(), String> {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters: shrinks,
        ..Config::default()
    };
    let size = if is_large {
        Size { movies: 200, series: 20, episodes_per_series: 10 }
    } else {
        Size { movies: 14, series: 3, episodes_per_series: 4 }
    };
    let nights = if is_large { 40..41 } else { 3..12 };
    let lived = TestRunner::new_with_rng(config, rng).run(
        &(0..1_000_u64, steps(nights)),
        |(seed, steps)| {
            live(World::new(database, seed, size), steps);
            Ok(())
        },
    );
    lived.map_err(|error| format!("life {number}: {error}"))
}

/// `MODEL_CASES` lives from the number `MODEL_FIRST` on. With `MODEL_LARGE` every tenth is large, and no
/// failure is made small: `scripts/lives`.
#[test]
fn a_library_stays_true_whatever_happens_to_it() {
    let database = TestDatabase::create(Generation::NEWEST);
    let first = from_env("MODEL_FIRST").unwrap_or(0);
    let is_many = from_env("MODEL_LARGE").is_some();
    let shrinks = if is_many { 0 } else { 300 };
    let lives = first..first + from_env("MODEL_CASES").unwrap_or(40);
    let failures: Vec<String> =
        lives.filter_map(|n| life(&database, n, is_many && n % 10 == 9, shrinks).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
