//! What counts as there, as missing, as allowed and as deleted: a row for each branch.

use super::drafts::known;
use super::*;
use crate::hash::Fingerprint;
use crate::hold::HoldReason;
use crate::identity::RecognisedBy;
use crate::identity::compare::Work;
use crate::model::left_out::LeftOutBy;
use crate::model::media::{SourceKey, Stream, Title};
use crate::model::stamp::{Few, Stamp};
use crate::plan::EpisodeChanges;
use crate::removal::AccountContent;
use crate::removal::BestDay;
use crate::removal::drafts::{MOVIES, roster, stream};
use crate::removal::guard::Missing;
use crate::render::drafts;

fn work(known: Option<Known>) -> Work {
    let stamp = Stamp {
        kind: Kind::Movie,
        key: SourceKey(1),
        streams: Few::new(),
        externals: Few::new(),
        fingerprint: Fingerprint(0),
        episodes: 0,
    };
    Work { stamp, known, fingerprint: Fingerprint(0), reason: RecognisedBy::New }
}

/// The ledger had 99 titles; the streams of these are missing.
fn losses(missing: &[i64]) -> Losses {
    let streams = missing.iter().map(|n| StreamId::new(Kind::Movie, 1, &n.to_string()));
    Losses { newest: TitleId(99), streams: streams.collect(), ..Losses::default() }
}

/// What is counted of these streams.
fn counted(
    change: impl FnOnce(&mut LossSources<'_>),
    losses: &Losses,
    all: &[KnownStream],
) -> Counted {
    counted_besides(change, (losses, &OfferedTitles::default()), all)
}

/// No title is missing or allowed.
fn sources<'a>(
    losses: &'a Losses,
    offered: &'a OfferedTitles,
    roster: &'a Roster,
) -> LossSources<'a> {
    let (missing_titles, allowed, allowed_episodes) =
        (HashMap::new(), HashSet::new(), BTreeMap::new());
    let this_run = Kind::ALL.map(|kind| (kind, 9)).into();
    LossSources { losses, offered, roster, missing_titles, allowed, allowed_episodes, this_run }
}

fn counted_besides(
    change: impl FnOnce(&mut LossSources<'_>),
    (losses, offered): (&Losses, &OfferedTitles),
    all: &[KnownStream],
) -> Counted {
    let roster = roster();
    let mut sources = sources(losses, offered, &roster);
    change(&mut sources);
    let mut counting = LossCounting::new(sources);
    all.iter().for_each(|stream| counting.add_stream(stream.clone()));
    let mut bereft = counting.bereft();
    bereft.sort_unstable();
    let best = BestDay { highest: 10, offered: 10, run: 1 };
    let count = counting.finish(Memory::from([(MOVIES, best)]), &BTreeMap::new());
    let mut missing: Vec<i64> = count.missing_streams.keys().map(|title| title.0).collect();
    missing.sort_unstable();
    let dropped = count
        .missing_streams
        .values()
        .flatten()
        .filter(|it| it.filter_state == FilterState::Dropped)
        .count();
    let had = count.guard.had.get(&MOVIES).map_or(0, |had| had.highest);
    let hold = count.guard.hold_streams(&roster, Kind::Movie, true, all.iter());
    Counted {
        missing,
        dropped,
        bereft,
        had,
        held: hold.map(|hold| hold.reason),
        guard: count.guard,
    }
}

/// What was counted, in short.
struct Counted {
    missing: Vec<i64>,
    dropped: usize,
    bereft: Vec<TitleId>,
    had: usize,
    held: Option<HoldReason>,
    guard: Guard,
}

#[test]
fn a_comparison_says_what_is_missing() {
    let filtered = Known { left_out_by: Some(LeftOutBy::Filter), ..known(2) };
    let bare = Known { has_folder: false, ..known(3) };
    let comparison = |unchanged: &[Known]| Comparison {
        work: vec![work(None), work(Some(known(7)))],
        unchanged: unchanged.iter().map(|known| work(Some(*known))).collect(),
        missing_titles: vec![known(9)],
        missing_streams: HashSet::from([StreamId(1)]),
        moved: HashMap::from([(StreamId(2), TitleId(4))]),
        ..Comparison::default()
    };
    let mut some = comparison(&[known(1)]);
    let found = Losses::of(&mut some, vec![Kind::Movie], HashMap::new(), Reclassified::default());
    assert_eq!((found.newest, found.is_empty, found.has_unchanged), (TitleId(9), false, true));
    assert_eq!((found.streams.len(), found.moved.len()), (1, 1));
    assert_eq!((some.missing_streams.len(), some.moved.len()), (0, 0), "they are taken out");
    assert!(!found.is_none());
    let found = Losses::of(
        &mut comparison(&[filtered, bare]),
        Vec::new(),
        HashMap::new(),
        Reclassified::default(),
    );
    assert!(!found.has_unchanged, "these have no files that are wanted");
    let found =
        Losses::of(&mut Comparison::default(), Vec::new(), HashMap::new(), Reclassified::default());
    assert!(found.is_empty && found.is_none());
    for one in [(1, 0), (0, 1)] {
        let works = |number| vec![work(None); number];
        let (work, unchanged) = (works(one.0), works(one.1));
        let mut some = Comparison { work, unchanged, ..Comparison::default() };
        assert!(
            !Losses::of(&mut some, Vec::new(), HashMap::new(), Reclassified::default()).is_empty,
            "{one:?}"
        );
    }
    let mut dropped = Comparison { has_dropped: true, ..Comparison::default() };
    assert!(
        !Losses::of(&mut dropped, Vec::new(), HashMap::new(), Reclassified::default()).is_none()
    );
}

#[test]
fn streams_are_there_or_missing() {
    let all: Vec<KnownStream> = (0..10).map(|n| stream(n, 1, None)).collect();
    let count = counted(|_| {}, &losses(&[0, 1, 2]), &all);
    assert_eq!((count.missing, count.had), (vec![0, 1, 2], 10));
    assert_eq!(count.held, Some(HoldReason::TooMany { losses: 3, of: 10 }));
    let removed: Vec<KnownStream> =
        all.iter().map(|stream| KnownStream { is_removed: true, ..stream.clone() }).collect();
    assert_eq!(
        counted(|_| {}, &losses(&[0]), &removed).missing,
        [],
        "of removed titles nothing is"
    );
    let mut moved = losses(&[0, 1, 2]);
    moved.moved.insert(StreamId::new(Kind::Movie, 1, "0"), TitleId(0));
    assert_eq!(counted(|_| {}, &moved, &all).missing, [1, 2], "it is another title's now");
    moved.moved.insert(StreamId::new(Kind::Movie, 1, "0"), TitleId(5));
    assert_eq!(counted(|_| {}, &moved, &all).missing, [0, 1, 2], "it is that one's again");
}

#[test]
fn titles_that_are_new_or_filled_are_counted_by_what_was_loaded() {
    let all = [stream(99, 1, None), stream(100, 1, None)];
    let missing = losses(&[99, 100]);
    assert_eq!(counted(|_| {}, &missing, &all).missing, [99]);
    let mut offered = OfferedTitles::default();
    offered.filled.insert(TitleId(99));
    let besides = (&missing, &offered);
    assert_eq!(counted_besides(|_| {}, besides, &all).missing, []);
}

/// An account that is there, and the filter lets through, fills up what is left; what the user's will lets in does not.
#[test]
fn what_was_loaded_counts_besides_the_ledger() {
    let all: Vec<KnownStream> = (0..10).map(|n| stream(n, 1, None)).collect();
    let missing = losses(&[0, 1, 2]);
    let too_many = Some(HoldReason::TooMany { losses: 3, of: 10 });
    let held = |offered: &OfferedTitles| counted_besides(|_| {}, (&missing, offered), &all).held;
    let mut there = OfferedTitles::default();
    there.present.push((TitleId(0), Kind::Movie, 1, false));
    assert_eq!(held(&there), None, "two of ten");
    let mut new = OfferedTitles::default();
    new.new.insert((Kind::Movie, 1), 1);
    assert_eq!(held(&new), None);
    let mut let_in = OfferedTitles::default();
    let_in.let_in.insert((Kind::Movie, 1));
    assert_eq!(held(&let_in), too_many);
    let mut back = OfferedTitles::default();
    back.present.push((TitleId(0), Kind::Movie, 1, true));
    assert_eq!(held(&back), None, "the account had it before");
}

#[test]
fn what_was_dropped_is_missing_by_what_the_filter_says_in_this_run() {
    let mut offered = OfferedTitles::default();
    let mut refuse = |n: i64, is_taken| {
        let account = std::sync::Arc::new(drafts::account(1));
        let stream = Stream::new(account, n.to_string());
        let stream = Stream { is_wanted: false, is_taken, ..stream };
        offered.add(None, &Title { streams: vec![stream], ..drafts::title(Kind::Movie, "Heat") });
    };
    (0..3).for_each(|n| refuse(n, false));
    refuse(3, true);
    let all: Vec<KnownStream> = (0..10).map(|n| stream(n, 1, None)).collect();
    let count = counted_besides(|_| {}, (&losses(&[]), &offered), &all);
    assert_eq!((count.missing, count.dropped), (vec![0, 1, 2], 3));
    assert_eq!(count.held, Some(HoldReason::Dropped { losses: 3, of: 9 }));
}

#[test]
fn what_a_person_allows_lowers_the_numbers() {
    let all: Vec<KnownStream> = (0..10).map(|n| stream(n, 1, None)).collect();
    let allow = |sources: &mut LossSources<'_>| {
        sources.allowed = HashSet::from([TitleId(0), TitleId(9)]);
    };
    let count = counted(allow, &losses(&[0, 1]), &all);
    assert_eq!(count.missing, [0, 1], "it is missing all the same");
    assert_eq!((count.held, count.had), (None, 10));
    let missing = count.guard.missing;
    assert_eq!(missing, HashMap::from([((TitleId(1), MOVIES), Missing::Everywhere)]));
}

#[test]
fn missing_titles_without_streams_are_counted_by_what_their_files_play() {
    let missing = |sources: &mut LossSources<'_>| {
        sources.missing_titles = [3, 4].map(|n| (TitleId(n), known(n))).into_iter().collect();
    };
    let mut moved = losses(&[]);
    moved.moved.insert(StreamId::new(Kind::Movie, 1, "4"), TitleId(4));
    let all = [stream(3, 1, None), stream(4, 1, None)];
    assert_eq!(counted(missing, &moved, &all).bereft, [TitleId(4)]);
    let (roster, offered, losses) = (roster(), OfferedTitles::default(), losses(&[]));
    let played = |allowed: HashSet<TitleId>| {
        let missing_titles = HashMap::from([(TitleId(4), known(4))]);
        let sources =
            LossSources { missing_titles, allowed, ..sources(&losses, &offered, &roster) };
        let mut counting = LossCounting::new(sources);
        counting.add_played(stream(4, 1, None));
        let count = counting.finish(Memory::new(), &BTreeMap::new());
        assert_eq!(count.missing_streams[&TitleId(4)], [stream(4, 1, None)]);
        assert_eq!(count.missing_titles.len(), 1);
        count.guard.missing.len()
    };
    assert_eq!(played(HashSet::new()), 1);
    assert_eq!(played(HashSet::from([TitleId(4)])), 0);
}

/// The episodes of account 1; the library had 10 of a series, of which 3 are missing.
fn episodes(change: impl FnOnce(&mut LossSources<'_>), offered: &OfferedTitles) -> Episodes {
    episodes_of(change, offered, &[[10, 7]])
}

/// The same of several series: how many the ledger has of each, and how many of these are wanted.
fn episodes_of(
    change: impl FnOnce(&mut LossSources<'_>),
    offered: &OfferedTitles,
    series: &[[usize; 2]],
) -> Episodes {
    let (roster, mut losses) = (roster(), losses(&[]));
    series.iter().for_each(|[all, _]| losses.add_episodes(1, *all));
    let mut sources = sources(&losses, offered, &roster);
    change(&mut sources);
    let mut counting = LossCounting::new(sources);
    for (series, title) in series.iter().zip(1..) {
        counting.add_episodes(TitleId(title), 1, *series);
    }
    let best = BestDay { highest: 10, offered: 0, run: 1 };
    let memory = Memory::from([(AccountContent::episodes(1), best)]);
    let guard = counting.finish(memory, &BTreeMap::new()).guard;
    let had = guard.had[&AccountContent::episodes(1)].highest;
    (guard.hold_episodes(1).map(|hold| hold.reason), had)
}

/// Why episodes are held, and what the library had.
type Episodes = (Option<HoldReason>, usize);

#[test]
fn episodes_are_left_missing_allowed_or_gone_as_a_whole() {
    let nothing = OfferedTitles::default();
    let too_many = Some(HoldReason::TooMany { losses: 3, of: 10 });
    let missing = |sources: &mut LossSources<'_>| {
        let series = Known { kind: Kind::Series, ..known(1) };
        sources.missing_titles.insert(TitleId(1), series);
    };
    assert_eq!(episodes(|_| {}, &nothing), (too_many, 10));
    assert_eq!(episodes(missing, &nothing), (None, 10), "one series may always go");
    let allow = |sources: &mut LossSources<'_>| {
        sources.allowed_episodes.insert(1, 2);
    };
    assert_eq!(episodes(allow, &nothing), (None, 10), "one of eight is missing");
    let whole = |sources: &mut LossSources<'_>| {
        missing(sources);
        sources.allowed.insert(TitleId(1));
    };
    assert_eq!(episodes(whole, &nothing), (None, 10));
    let two = episodes_of(whole, &nothing, &[[10, 0], [10, 7]]);
    assert_eq!(two, (too_many, 20), "what is allowed of one series is not of the next one");
    assert_eq!(episodes_of(|_| {}, &nothing, &[[7, 7]]), (None, 7), "three went before");
}

/// What the settings take lowers the number that the library had: the ledger has lowered its best number itself.
#[test]
fn what_the_settings_take_was_not_there_before() {
    let mut offered = OfferedTitles::default();
    offered.add_episodes(&EpisodeChanges { taken: 0, accounts: [(1, 2)].into() });
    let too_many = HoldReason::TooMany { losses: 3, of: 10 };
    assert_eq!(episodes(|_| {}, &offered), (Some(too_many), 8));
}
