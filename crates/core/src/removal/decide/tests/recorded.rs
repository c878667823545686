//! What a removal leaves in the ledger, and what it has accepted.

use super::*;

#[test]
fn a_record_says_what_went_at_the_users_will() {
    let record = |found: RunFindings, terms: Terms, candidate: &Candidate| {
        let decider = Decider::new(found, terms);
        let removal = TitleRemoval {
            title: candidate.title,
            folder: String::new(),
            files: candidate.files.iter().map(|(file, _)| file.clone()).collect(),
            is_whole: true,
            ownership: Ownership::Ours,
            dirs: Vec::new(),
        };
        let removed =
            Removed::<()>::of(candidate.files.iter().map(|_| FileOutcome::Removed).collect());
        let record = decider.record(candidate, &removal, &removed);
        (record.is_let_go, record.let_go)
    };
    let nothing = || (false, Vec::new());
    let file = || vec![key("strm@1:7")];
    let two = with_file(
        present(Cause::Settings, 0),
        "strm@1:8",
        Some(1),
        Some(unwanted(Cause::Catalogue, 9)),
    );
    for (candidate, expected) in [
        (present(Cause::Settings, 0), (true, file())),
        (present(Cause::SwitchedOff, 0), (true, file())),
        (present(Cause::Filter, 0), (true, file())),
        (present(Cause::Catalogue, 0), nothing()),
        (two, (false, file())),
        (missing_for(9), (true, Vec::new())),
        (with_file(missing_for(9), "strm", Some(1), None), nothing()),
    ] {
        assert_eq!(record(found(), terms(), &candidate), expected, "{candidate:?}");
    }
    let held =
        Candidate { hold: Some(HOLD), ..with_file(missing_for(9), "strm@1:7", Some(1), None) };
    assert_eq!(record(found(), allowing(), &held), (true, file()));
    assert_eq!(record(found(), terms(), &held), nothing());
    let missing = Unwanted { hold: Some(HOLD), ..unwanted(Cause::Catalogue, 9) };
    let missing = with_file(candidate(Movie), "strm@1:7", Some(1), Some(missing));
    assert_eq!(record(found(), allowing(), &missing), (true, file()));
    // All accounts that offered it are switched off.
    let off = |streams: Vec<KnownStream>| {
        let missing_streams = HashMap::from([(TitleId(1), streams)]);
        let candidate = with_file(missing_for(9), "strm@1:7", Some(1), None);
        record(RunFindings { missing_streams, ..found() }, terms(), &candidate)
    };
    assert_eq!(off(vec![stream(1, 2, None), stream(1, 1, Some(9))]), (true, file()));
    assert_eq!(off(vec![stream(1, 2, None), stream(1, 1, None)]), nothing());
}

#[test]
fn the_numbers_sink_by_what_is_allowed_or_excused() {
    let keys = |candidate: &Candidate| -> Vec<FileKey> {
        candidate.files.iter().map(|(file, _)| file.key.clone()).collect()
    };
    let lowered = |found: RunFindings, terms: Terms, candidate: &Candidate, gone: Vec<FileKey>| {
        let record = RemovalRecord {
            title: candidate.title,
            folder: String::new(),
            gone,
            kept: Vec::new(),
            folders: Vec::new(),
            occupied: Vec::new(),
            is_let_go: true,
            let_go: Vec::new(),
        };
        Decider::new(found, terms).lowered(candidate, &record)
    };
    let held = Candidate { hold: Some(HOLD), ..missing_for(9) };
    let movie = BTreeMap::from([(MOVIES, 1), (ENTRIES, 1)]);
    let none = BTreeMap::new;
    assert_eq!(lowered(movies_missing(), allowing(), &held, Vec::new()), movie);
    assert_eq!(lowered(movies_missing(), terms(), &held, Vec::new()), none());
    assert_eq!(lowered(movies_missing(), allowing(), &missing_for(9), Vec::new()), none());
    for filter_state in [
        KnownStream { filter_state: FilterState::Filtered, ..stream(1, 1, None) },
        KnownStream { is_let_in: true, ..stream(1, 1, None) },
    ] {
        let found = RunFindings {
            missing_streams: HashMap::from([(TitleId(1), vec![filter_state])]),
            ..found()
        };
        assert_eq!(lowered(found, allowing(), &held, Vec::new()), none());
    }
    let two = vec![stream(1, 1, None), KnownStream { stream_id: "8".into(), ..stream(1, 1, None) }];
    let two = RunFindings { missing_streams: HashMap::from([(TitleId(1), two)]), ..found() };
    let of_two = BTreeMap::from([(MOVIES, 1), (ENTRIES, 2)]);
    assert_eq!(lowered(two, allowing(), &held, Vec::new()), of_two, "one title of two entries");
    let missing = |hold| Some(Unwanted { hold, ..unwanted(Cause::Catalogue, 9) });
    let of = |hold| {
        let series = with_file(candidate(Series), "s01e01.strm", Some(1), missing(hold));
        with_file(series, "s01e02.strm", Some(1), missing(hold))
    };
    let episodes = |number| BTreeMap::from([(AccountContent::episodes(1), number)]);
    let (kept, free) = (of(Some(HOLD)), of(None));
    assert_eq!(lowered(found(), allowing(), &kept, keys(&kept)), episodes(2));
    let one = vec![key("s01e02.strm")];
    assert_eq!(lowered(found(), allowing(), &kept, one), episodes(1), "the other one stays");
    assert_eq!(lowered(found(), allowing(), &free, keys(&free)), none());
    let by_will =
        with_file(candidate(Series), "s01e01.strm", Some(1), Some(unwanted(Cause::SwitchedOff, 9)));
    assert_eq!(lowered(found(), terms(), &by_will, keys(&by_will)), none(), "told of before");
    let whole = |series: &Candidate| Candidate { missing_runs: Some(9), ..series.clone() };
    assert_eq!(lowered(found(), terms(), &whole(&free), keys(&free)), none());
    assert_eq!(lowered(found(), terms(), &whole(&by_will), keys(&by_will)), episodes(1));
    let mut excused = found();
    excused.guard.excused.insert(1);
    assert_eq!(lowered(excused, terms(), &whole(&free), keys(&free)), episodes(2));
}

#[test]
fn the_ledger_hears_what_is_missing_since_now_and_what_is_accepted() {
    let missing = |n| stream(n, 1, None);
    let waited = |n| KnownStream { missing_since: Some(3), missing_runs: 2, ..missing(n) };
    let known = |n, missing_runs| Known {
        id: TitleId(n),
        kind: Movie,
        fingerprint: Fingerprint(0),
        has_folder: true,
        left_out_by: None,
        missing_runs,
        has_old_names: false,
        is_removed: false,
    };
    let off = stream(4, 2, None);
    let filtered = KnownStream { filter_state: FilterState::Filtered, ..stream(5, 2, None) };
    let all = [missing(1), waited(2), waited(3), off.clone(), filtered.clone()];
    let found = |kinds: &[Kind]| RunFindings {
        missing_streams: all.iter().map(|stream| (stream.title, vec![stream.clone()])).collect(),
        missing_titles: HashMap::from([(TitleId(3), known(3, 1)), (TitleId(6), known(6, 0))]),
        kinds: kinds.to_vec(),
        ..found()
    };
    let filter = Some(Fingerprint(7));
    let completed = |found: RunFindings, terms: Terms| {
        let mut done = Decider::new(found, terms).completed(BTreeMap::new(), 11, filter);
        done.missing_streams.sort_by_key(|stream| stream.title);
        done
    };
    let done = completed(found(&[Movie]), terms());
    assert_eq!((done.kinds.as_slice(), done.day), ([Movie].as_slice(), 11));
    assert_eq!(done.missing_titles, [TitleId(6)], "the other one has been missing before");
    assert_eq!(done.missing_streams, [missing(1), filtered], "since this run");
    assert_eq!(done.accepted, [waited(2)], "a missing title keeps its streams");
    assert_eq!(done.switched_off, [off]);
    let entries = BTreeMap::from([(AccountContent::entries(Movie, 2), 1)]);
    assert_eq!(done.lowered, entries, "the one that is switched off");
    let will = Will { filter, disabled: [(1, 9)].into() };
    assert_eq!((done.will, done.holds.is_none()), (Some(will), true));
    let done = completed(found(&[Series]), terms());
    assert_eq!((done.missing_titles, done.accepted), (Vec::new(), Vec::new()), "of other kinds");
    let doubt = Terms::new(0, HashSet::new(), false, Some(Doubt::NoLength));
    assert_eq!(completed(found(&[Movie]), doubt).accepted, [], "nothing is, in doubt");
    let capped = RunFindings { proved: HashMap::from([(Movie, 1)]), ..found(&[Movie]) };
    assert_eq!(completed(capped, terms()).accepted, [], "one run is proved");
}

/// The entries of the movies of account 1.
const ENTRIES: AccountContent = AccountContent { account: 1, content: Content::MovieEntries };

/// What is held is not accepted, unless a person allows it; what is allowed, switched off or spare lowers the number.
#[test]
fn accepted_losses_lower_the_numbers_and_held_ones_are_not_accepted() {
    let waited = KnownStream { missing_since: Some(3), missing_runs: 9, ..stream(1, 1, None) };
    let found = |gone| {
        let mut found = movies_missing();
        found.guard.missing = gone;
        found.missing_streams = HashMap::from([(TitleId(1), vec![waited.clone()])]);
        RunFindings { kinds: vec![Movie], ..found }
    };
    let hold = || KnownHold {
        id: HOLD,
        key: HoldKey { reason: "empty".to_owned(), account: Some(1), content: Content::Movies },
        items: 1,
        is_last: true,
    };
    let completed = |found: RunFindings, terms: Terms| {
        let done = Decider::new(found, terms).completed(BTreeMap::new(), 1, None);
        (done.accepted.len(), done.lowered)
    };
    let movie = || BTreeMap::from([(MOVIES, 1)]);
    let entry = || BTreeMap::from([(ENTRIES, 1)]);
    let held = || RunFindings { known_holds: vec![hold()], ..found(HashMap::new()) };
    assert_eq!(completed(held(), terms()), (0, BTreeMap::new()));
    assert_eq!(completed(held(), allowing()), (1, entry()), "the title has others");
    let mut whole = held();
    whole.guard.allowed.insert((TitleId(1), MOVIES));
    let both = || BTreeMap::from([(MOVIES, 1), (ENTRIES, 1)]);
    assert_eq!(completed(whole, allowing()), (1, both()));
    let new = RunFindings {
        missing_streams: HashMap::from([(TitleId(1), vec![stream(1, 1, None)])]),
        ..held()
    };
    assert_eq!(completed(new, allowing()).0, 0, "no permission is about what is missing since now");
    let free = |gone: Option<Missing>| {
        let gone = gone.map(|gone| ((TitleId(1), MOVIES), gone));
        let mut guard = Guard::default();
        guard.missing.extend(gone);
        RunFindings { guard, ..held() }
    };
    assert_eq!(completed(free(None), terms()), (1, BTreeMap::new()));
    assert_eq!(completed(free(Some(Missing::Everywhere)), terms()), (1, BTreeMap::new()));
    assert_eq!(completed(free(Some(Missing::Spare)), terms()), (1, both()));
    assert_eq!(completed(free(Some(Missing::SwitchedOff)), terms()), (1, movie()));
    let names = Decider::new(held(), allowing());
    assert_eq!(names.allowed_holds().count(), 1);
    assert_eq!(Decider::new(held(), terms()).allowed_holds().count(), 0);
    assert_eq!(names.known_holds(), [hold()]);
}
