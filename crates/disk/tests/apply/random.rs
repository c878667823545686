//! Random batches by several workers come out as one file after the other would.

use std::collections::BTreeSet;
use std::sync::Mutex;

use proptest::prelude::*;
use vod2strm_core::plan::{Change, PlannedFile, TitlePlan};
use vod2strm_disk::apply::apply_batch;
use vod2strm_disk::fs::staging::{WorkerStaging, prepare_staging};
use vod2strm_testkit::disks::pool;
use vod2strm_testkit::disks::{Disk, Entries};

use crate::batch::{context, said};
use crate::drafts::{Draft, insert_file, movie, path_of, series};

const OURS: &str = "what we wrote";

/// What is where a file is to be.
#[derive(Clone, Copy, Debug)]
enum Found {
    Nothing,
    Equal,
    Ours,
    Edited,
    Folder,
    Link,
}

#[derive(Clone, Copy, Debug)]
enum Wanted {
    Create,
    Replace,
    Keep,
}

#[derive(Clone, Debug)]
struct Draw {
    is_series: bool,
    is_known: bool,
    has_guest: bool,
    files: Vec<(Found, Wanted)>,
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    use Found::{Edited, Equal, Folder, Link, Nothing, Ours};
    // Mostly empty places: a folder that is there keeps a new title from being published whole.
    let found = prop_oneof![
        6 => Just(Nothing), 2 => Just(Equal), 2 => Just(Ours), 1 => Just(Edited),
        1 => Just(Folder), 1 => Just(Link)
    ];
    let wanted = prop_oneof![Just(Wanted::Create), Just(Wanted::Replace), Just(Wanted::Keep)];
    let files = prop::collection::vec((found, wanted), 0..6);
    let empty = prop::bool::weighted(0.5);
    let draw = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.2), files, empty).prop_map(
        |(is_series, is_known, has_guest, mut files, is_empty)| {
            if is_empty {
                files.iter_mut().for_each(|(found, _)| *found = Nothing);
            }
            Draw { is_series, is_known, has_guest, files }
        },
    );
    prop::collection::vec(draw, 0..8)
}

/// The plan of the n-th title; plants what is there before.
fn lay_out(n: usize, draw: &Draw, disk: &Disk) -> TitlePlan {
    let folder = format!("Title {n}");
    let mut plan = if draw.is_series { series(&folder) } else { movie(&folder) };
    if draw.is_known {
        plan = plan.known();
    }
    for (at, (_, wanted)) in draw.files.iter().enumerate() {
        let season = if draw.is_series { format!("Season {}/", at % 3) } else { String::new() };
        let extension = if at % 2 == 0 { "nfo" } else { "strm" };
        let (path, content) = (format!("{season}{at}.{extension}"), format!("{n} {at}"));
        plan = match (draw.is_known, wanted) {
            (true, Wanted::Keep) => plan.keep(&path, &content),
            (true, Wanted::Replace) => plan.replace(&path, OURS, &content),
            _ => plan.create(&path, &content),
        };
    }
    for (file, (found, _)) in plan.files().zip(&draw.files) {
        let path = path_of(&plan, &file.file);
        match found {
            Found::Nothing => {}
            Found::Equal => disk.plant(&path, std::str::from_utf8(&file.file.content).unwrap()),
            Found::Ours => disk.plant(&path, OURS),
            Found::Edited => disk.plant(&path, "an edit"),
            Found::Folder => disk.plant(&format!("{path}/"), ""),
            Found::Link => disk.plant(&format!("{path}@"), ""),
        }
    }
    if draw.has_guest {
        disk.plant(&format!("{}/{folder}/guest.txt", plan.root()), "a guest");
    }
    plan
}

/// What has to become of one file, told simply.
fn naive(library: &mut Entries, plan: &TitlePlan, planned: &PlannedFile, found: Found) -> String {
    let outcome = match (planned.change, found) {
        (Change::Keep, _) => "Right(CachedSkip)",
        (_, Found::Equal) => "Right(SameContents)",
        (Change::Create, Found::Nothing) => "Right(Created)",
        (Change::Replace(_), Found::Nothing) => "Right(Restored)",
        (Change::Replace(_), Found::Ours) => "Right(Updated)",
        (Change::Replace(_), Found::Edited) if planned.file.key.is_strm() => "Right(Updated)",
        (Change::Replace(_), Found::Edited) => "Left(UserEdited)",
        _ => "Left(ForeignFile)",
    };
    if matches!(outcome, "Right(Created)" | "Right(Updated)" | "Right(Restored)") {
        insert_file(library, plan, &planned.file);
    }
    outcome.to_owned()
}

fn check(disk: &Disk, draws: &[Draw], workers: usize) {
    let plans: Vec<TitlePlan> =
        draws.iter().enumerate().map(|(n, draw)| lay_out(n, draw, disk)).collect();
    let mut expected = disk.library();
    let mut words: Vec<Vec<String>> = Vec::new();
    for (plan, draw) in plans.iter().zip(draws) {
        let files = plan.files().zip(&draw.files);
        let one = |(file, (found, _)): (&PlannedFile, &(Found, Wanted))| {
            naive(&mut expected, plan, file, *found)
        };
        words.push(files.map(one).collect());
    }
    let heard = Mutex::new(Vec::new());
    let tree = disk.tree(None);
    prepare_staging(&tree).unwrap();
    let pool = pool(&tree, workers);
    let mut stagings = pool.tools(WorkerStaging::of);
    let applied = apply_batch(context(&pool, &mut stagings), &plans, &|plan, applied| {
        heard.lock().unwrap().push((plan.folder.clone().unwrap(), said(applied)));
    });
    assert_eq!(applied.iter().map(said).collect::<Vec<_>>(), words);
    assert_eq!(disk.library(), expected);
    let folders = plans.iter().map(|plan| plan.folder.clone().unwrap());
    let told: BTreeSet<_> = folders.zip(words).collect();
    let heard = heard.into_inner().unwrap();
    assert_eq!(heard.len(), plans.len());
    assert_eq!(heard.into_iter().collect::<BTreeSet<_>>(), told);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn batches_in_memory_come_out_as_one_by_one(draws in draws(), workers in 1_usize..6) {
        check(&Disk::memory(), &draws, workers);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() })]

    #[test]
    fn batches_on_a_real_disk_come_out_as_one_by_one(draws in draws(), workers in 1_usize..6) {
        check(&Disk::local(), &draws, workers);
    }
}
