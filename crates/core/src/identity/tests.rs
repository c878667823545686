//! Who is who, rule by rule.

use proptest::prelude::*;

use super::*;

/// `Heat (1995)`, or `Heat`.
fn label(text: &str, uuid: Option<u128>) -> Label {
    let parts = text.strip_suffix(')').and_then(|text| text.rsplit_once(" ("));
    let called = match parts {
        Some((name, year)) => Called::new(name, year.parse().ok()),
        None => Called::new(text, None),
    };
    Label { called, uuid, episodes: Box::default() }
}

fn externals(ids: &[u64]) -> Few<ExternalId> {
    ids.iter().map(|id| ExternalId(*id)).collect()
}

/// A candidate: its name, its ids (even ones of one registry, odd ones of the other), its UUID.
fn known(name: &str, ids: &[u64], uuid: Option<u128>) -> LedgerTitle {
    LedgerTitle { externals: externals(ids), label: label(name, uuid) }
}

/// An entry: the candidates that had its streams, its name, its ids, its UUID.
fn entry(streams: &[usize], name: &str, ids: &[u64], uuid: Option<u128>) -> SourceEntry {
    let streams = streams.iter().copied().collect();
    SourceEntry { streams, externals: externals(ids), label: label(name, uuid) }
}

/// A candidate with a name alone, and an entry with streams and a name.
fn plain(name: &str) -> LedgerTitle {
    known(name, &[], None)
}

fn seen(streams: &[usize], name: &str) -> SourceEntry {
    entry(streams, name, &[], None)
}

fn results(
    candidates: &[LedgerTitle],
    entries: &[SourceEntry],
) -> Vec<(Option<usize>, RecognisedBy)> {
    let results = identify(candidates, entries);
    results.into_iter().map(|result| (result.title, result.reason)).collect()
}

/// Rule 1: other ids, another title; an id alone that was corrected is none.
#[test]
fn ids_that_contradict() {
    let heat = [known("Heat (1995)", &[2], None)];
    let result = |entry| results(&heat, &[entry]).remove(0);
    let cases = [
        (entry(&[0], "Heat Extended (1995)", &[4], None), (None, RecognisedBy::Contradicts)),
        (entry(&[], "Heat (1995)", &[4], None), (None, RecognisedBy::New)),
        (entry(&[0], "Heat (1995)", &[4], None), (Some(0), RecognisedBy::Same)),
        (entry(&[0], "Heat (1986)", &[4], None), (None, RecognisedBy::Contradicts)),
        (entry(&[0], "Heat Extended (1995)", &[3], None), (Some(0), RecognisedBy::RenamedStream)),
    ];
    for (entry, expected) in cases {
        assert_eq!(result(entry.clone()), expected, "{entry:?}");
    }
}

/// Rule 2: an equal id outranks the name, but not one that several works have.
#[test]
fn an_equal_id_outranks_the_name() {
    let heat = [known("Heat (1995)", &[2], None)];
    let ronin = |streams: &[usize]| entry(streams, "Ronin (1998)", &[2], None);
    assert_eq!(results(&heat, &[ronin(&[])]), [(Some(0), RecognisedBy::Id)]);
    assert_eq!(results(&heat, &[ronin(&[0])]), [(Some(0), RecognisedBy::Same)]);
    let all_alike = [known("Heat (1995)", &[2], None), known("Ronin (1998)", &[2], None)];
    let exchanged = [entry(&[1], "Heat (1995)", &[2], None), ronin(&[0])];
    let places: Vec<_> = results(&all_alike, &exchanged).iter().map(|it| it.0).collect();
    assert_eq!(places, [Some(0), Some(1)], "an id that all have says nothing");
}

/// Rule 1: an id that another entry has was not corrected, whatever the streams say.
#[test]
fn ids_tell_namesakes_apart_whose_streams_are_exchanged() {
    let two = [known("Heat (1995)", &[2], None), known("Heat (1995)", &[4], None)];
    let exchanged =
        [entry(&[1], "Heat (1995)", &[2], None), entry(&[0], "Heat (1995)", &[4], None)];
    assert_eq!(
        results(&two, &exchanged),
        [(Some(0), RecognisedBy::Id), (Some(1), RecognisedBy::Id)]
    );
}

/// Rule 2: an equal name with another year is a year that was corrected.
#[test]
fn a_corrected_year_is_no_contradiction() {
    let expected = [(Some(0), RecognisedBy::RenamedStream)];
    assert_eq!(results(&[plain("Heat (1995)")], &[seen(&[0], "Heat (1959)")]), expected);
}

/// Rule 3: numbers that are exchanged, shifted or re-used take no folder along.
#[test]
fn the_carrier_of_name_and_year_is_the_title() {
    let both = [plain("Heat (1995)"), plain("Ronin (1998)")];
    let exchanged = [seen(&[1], "Heat (1995)"), seen(&[0], "Ronin (1998)")];
    let by_name = |at| (Some(at), RecognisedBy::NameAndYear);
    assert_eq!(results(&both, &exchanged), [by_name(0), by_name(1)]);
    let parts = ["Film 1", "Film 2", "Film 3"].map(plain);
    let shifted = [seen(&[1], "Film 1"), seen(&[2], "Film 2"), seen(&[], "Film 3")];
    assert_eq!(results(&parts, &shifted), [by_name(0), by_name(1), by_name(2)]);
    let re_used = [seen(&[0], "Ronin"), seen(&[], "Heat (1995)")];
    assert_eq!(results(&both[..1], &re_used), [(None, RecognisedBy::New), by_name(0)]);
    let renamed = [seen(&[0], "Heat Extended (1995)"), seen(&[], "Heat (1995)")];
    assert_eq!(results(&both[..1], &renamed), [(None, RecognisedBy::New), by_name(0)]);
    let rows = [known("Alien", &[], Some(1)), known("Alien Reborn", &[], Some(2))];
    let exchanged = [entry(&[0], "Alien Reborn", &[], Some(1)), entry(&[1], "Alien", &[], Some(2))];
    assert_eq!(results(&rows, &exchanged), [by_name(1), by_name(0)]);
}

/// Rule 3: of several that carry it, the one with the title's stream.
#[test]
fn of_several_carriers_the_nearest_is_the_title() {
    let entries = [seen(&[], "Heat (1995)"), seen(&[0], "Heat (1995)")];
    let expected = [(None, RecognisedBy::New), (Some(0), RecognisedBy::Same)];
    assert_eq!(results(&[plain("Heat (1995)")], &entries), expected);
}

/// Of two entries that may be one title, the one that says more about it is. To be the first in the source's
/// order is no claim.
#[test]
fn the_entry_that_says_more_about_a_title_is_it() {
    let heat = [known("Heat (1995)", &[2], Some(7))];
    let first = || seen(&[0], "Heat (1995)");
    for (says_less, says_more, reason, what) in [
        (first(), entry(&[0], "Heat Extended", &[2], None), RecognisedBy::Same, "an id"),
        (
            entry(&[0], "Heat Extended", &[2], None),
            entry(&[0], "Heat (1995)", &[2], None),
            RecognisedBy::Same,
            "the name, where both have the id",
        ),
        (
            seen(&[0], "Heat Extended"),
            entry(&[], "Heat Directed", &[], Some(7)),
            RecognisedBy::RenamedRow,
            "a UUID, where both have other names",
        ),
    ] {
        let expected = [(None, RecognisedBy::New), (Some(0), reason)];
        assert_eq!(results(&heat, &[says_less, says_more]), expected, "{what}");
    }
}

/// Why an entry is a title is told to people: each reason in words of its own.
#[test]
fn every_reason_has_words_of_its_own() {
    use RecognisedBy as R;
    let words = [
        R::Unchanged,
        R::Same,
        R::Id,
        R::NameAndYear,
        R::RenamedRow,
        R::RenamedStream,
        R::New,
        R::Contradicts,
    ]
    .map(|reason| reason.to_string());
    let different: HashSet<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(different.len(), words.len());
    assert!(words.iter().all(|words| words.contains(' ')), "{words:?}");
}

/// Rule 4.
#[test]
fn what_contradicts_is_new_and_what_does_not_is_renamed() {
    let heat = [plain("Heat (1995)")];
    for (name, expected) in [
        ("Ronin (1998)", (None, RecognisedBy::Contradicts)),
        ("Heat 2", (None, RecognisedBy::Contradicts)),
        ("Heat Wave (2022)", (None, RecognisedBy::Contradicts)),
        ("Heat Extended", (Some(0), RecognisedBy::RenamedStream)),
    ] {
        assert_eq!(results(&heat, &[seen(&[0], name)]), [expected], "{name}");
    }
    let result = identify(&heat, &[seen(&[0, 0], "Ronin")]).remove(0);
    assert_eq!(result.contradicts.to_vec(), [0]);
    // The title is somebody else: nothing is missing, and nothing contradicts.
    let results = identify(&heat, &[seen(&[0], "Ronin"), seen(&[], "Heat (1995)")]);
    assert!(results[0].contradicts.is_empty(), "{results:?}");
}

/// Rule 5: split for a night and joined again, the first folder is the title's.
#[test]
fn of_several_titles_the_oldest_is_kept() {
    let split = [known("Con (2015)", &[2], Some(1)), known("Con (2015)", &[], Some(2))];
    for (streams, uuid) in [([1, 0], 1), ([0, 1], 1), ([1, 0], 9)] {
        let joined = [entry(&streams, "Con (2015)", &[2], Some(uuid))];
        assert_eq!(results(&split, &joined), [(Some(0), RecognisedBy::Same)]);
    }
    let renamed = [plain("1917 (1960)"), plain("New 1917 (1960)")];
    let joined = [seen(&[1, 0], "1917 (1960)")];
    assert_eq!(results(&renamed, &joined), [(Some(0), RecognisedBy::Same)]);
}

/// Rule 5: a namesake whose stream is there moves nowhere, though an older one is missing.
#[test]
fn nobody_moves_up_into_a_namesakes_place() {
    let two = [plain("Heat (1995)"), plain("Heat (1995)")];
    assert_eq!(results(&two, &[seen(&[1], "Heat (1995)")]), [(Some(1), RecognisedBy::Same)]);
}

/// Rule 5: namesakes whose streams all have other numbers are told apart by their UUIDs.
#[test]
fn a_uuid_is_evidence() {
    let two = [known("Red (1991)", &[], Some(7)), known("Red (1991)", &[], Some(5))];
    let renumbered =
        [entry(&[], "Red (1991)", &[], Some(5)), entry(&[], "Red (1991)", &[], Some(7))];
    let expected = [(Some(1), RecognisedBy::Same), (Some(0), RecognisedBy::Same)];
    assert_eq!(results(&two, &renumbered), expected);
    let row = [entry(&[], "Red Extended (1991)", &[], Some(7))];
    assert_eq!(results(&two, &row), [(Some(0), RecognisedBy::RenamedRow)]);
    let other = [entry(&[], "Blue (1991)", &[], Some(7))];
    assert_eq!(results(&two, &other), [(None, RecognisedBy::New)]);
}

/// Rule 6.
#[test]
fn more_than_a_fifth_and_more_than_five_are_too_many() {
    let is_held = |number: usize, all: usize| {
        !too_many([((), number)].into_iter(), &BTreeMap::from([((), all)])).is_empty()
    };
    for (number, all, expected) in
        [(5, 6, false), (6, 29, true), (6, 30, false), (200, 1_000, false), (201, 1_000, true)]
    {
        assert_eq!(is_held(number, all), expected, "{number} of {all}");
    }
}

#[test]
fn thousands_of_one_name_take_no_time() {
    let named = |ids: u64| (0..5_000).map(move |n| [ids + 2 * n]);
    let candidates: Vec<LedgerTitle> = named(0).map(|ids| known("Movie", &ids, None)).collect();
    let entries: Vec<SourceEntry> =
        named(20_000).map(|ids| entry(&[], "Movie", &ids, None)).collect();
    assert!(identify(&candidates, &entries).iter().all(|result| result.title.is_none()));
    let candidates = vec![known("Heat", &[2], Some(1)); 5_000];
    let entries = vec![entry(&[], "Ronin", &[2], Some(1)); 5_000];
    assert!(identify(&candidates, &entries).iter().all(|result| result.title.is_none()));
}

fn names() -> impl Strategy<Value = &'static str> {
    let names = ["Heat (1995)", "Heat", "Heat 2", "Heat Wave (1996)", "Ronin (1998)", "Alien", ""];
    prop::sample::select(names.to_vec())
}

fn ids() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(0..6_u64, 0..3)
}

prop_compose! {
    fn cases()(
        candidates in prop::collection::vec((names(), ids(), prop::option::of(0..4_u128)), 0..7),
        entries in prop::collection::vec(
            (prop::collection::vec(0..7_usize, 0..3), names(), ids(), prop::option::of(0..4_u128)), 0..7),
    ) -> (Vec<LedgerTitle>, Vec<SourceEntry>) {
        let all = candidates.len();
        let known = candidates.iter().map(|(name, ids, uuid)| known(name, ids, *uuid)).collect();
        let entries = entries.iter().map(|(streams, name, ids, uuid)| {
            let mut streams = streams.clone();
            streams.retain(|at| *at < all);
            entry(&streams, name, ids, *uuid)
        });
        (known, entries.collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_rules_hold((candidates, entries) in cases()) {
        let results = identify(&candidates, &entries);
        let taken: Vec<usize> = results.iter().filter_map(|result| result.title).collect();
        let once: HashSet<usize> = taken.iter().copied().collect();
        prop_assert_eq!(once.len(), taken.len(), "nobody is taken twice");
        for (entry, result) in entries.iter().zip(&results) {
            prop_assert!(result.contradicts.iter().all(|at| !once.contains(at)));
            let Some(at) = result.title else { continue };
            let known = &candidates[at];
            let has_id = entry.externals.iter().any(|id| known.externals.contains(id));
            let called = (&entry.label.called, &known.label.called);
            let has_other_ids = ExternalId::contradict(&entry.externals, &known.externals);
            prop_assert!(has_id || !called.0.contradicts(called.1), "rules 2 and 4: {result:?}");
            prop_assert!(!has_other_ids || called.0.is_same(called.1), "rule 1: {result:?}");
        }
        for (at, known) in candidates.iter().enumerate().filter(|(at, _)| !once.contains(at)) {
            // Rule 3: a title that is missing is carried by nobody who is new.
            let carries = |(entry, result): &(&SourceEntry, &IdentifiedEntry)| {
                result.title.is_none()
                    && entry.label.called.key().is_some()
                    && entry.label.called.is_same(&known.label.called)
                    && !ExternalId::contradict(&entry.externals, &known.externals)
            };
            prop_assert!(!entries.iter().zip(&results).any(|pair| carries(&pair)), "{at}");
        }
    }

    #[test]
    fn names_alone_decide_whatever_numbers_are_exchanged(
        numbers in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let names = ["Heat", "Ronin", "Alien", "Brazil", "Rocky", "Rocky II"];
        let candidates = names.map(plain);
        let entries: Vec<SourceEntry> = names.iter().zip(&numbers)
            .map(|(name, number)| seen(&[*number], name)).collect();
        let places: Vec<_> =
            identify(&candidates, &entries).iter().map(|result| result.title).collect();
        prop_assert_eq!(places, (0..6).map(Some).collect::<Vec<_>>());
    }
}

#[test]
fn a_uuid_is_thirty_two_hexadecimal_digits() {
    let digits = "0123456789abcdef0123456789ABCDEF";
    let read = |uuid: Option<&str>| {
        let heading = Heading { name: "Heat", year: Some(1995), uuid, ..Heading::default() };
        let years = crate::names::years::Years::plausible_in(2026);
        let habits = std::collections::HashMap::new();
        let mut cleaner =
            NameCleaner { pattern: None, takes_tags: true, years, habits, too_slow: 0 };
        let label = Label::read(&mut cleaner, Kind::Movie, heading);
        assert!(label.called.is_same(&Called::new("Heat", Some(1995))));
        label.uuid
    };
    let number = u128::from_str_radix(digits, 16).ok();
    assert_eq!(read(Some(digits)), number);
    assert_eq!(read(Some("01234567-89ab-cdef-0123-456789abcdef")), number);
    for other in
        [None, Some(""), Some("0123"), Some(&digits[1..]), Some("+123456789abcdef0123456789ABCDEF")]
    {
        assert_eq!(read(other), None, "{other:?}");
    }
}

/// A series of a playlist and the numbers of its episodes' streams.
fn show(name: &str, episodes: impl Iterator<Item = u64>) -> Label {
    Label { episodes: episodes.map(EpisodeStream).collect(), ..label(name, None) }
}

fn known_show(name: &str, episodes: impl Iterator<Item = u64>) -> LedgerTitle {
    LedgerTitle { externals: Few::new(), label: show(name, episodes) }
}

fn seen_show(name: &str, episodes: impl Iterator<Item = u64>) -> SourceEntry {
    SourceEntry { streams: Few::new(), externals: Few::new(), label: show(name, episodes) }
}

/// The first seasons went, the name is dressed anew, and none of its streams is the first that the ledger has.
#[test]
fn a_series_of_a_playlist_is_known_by_any_of_its_episodes() {
    let known = [known_show("Lost Girl", 1..100), known_show("Lost Room", 200..300)];
    let renamed = (Some(1), RecognisedBy::RenamedStream);
    for left in [299..305, 200..300, 250..251] {
        let entry = seen_show("Lost Room Ultra", left);
        assert_eq!(results(&known, &[entry]), [renamed]);
    }
    let of_others = seen_show("Lost Room Ultra", 300..400);
    assert_eq!(results(&known, &[of_others]), [(None, RecognisedBy::New)]);
}

/// Rule 5: of several series that have become one, that with most of its episodes keeps its folder. One that has become
/// several keeps it with the entry that has most.
#[test]
fn the_greater_part_of_a_series_is_it() {
    let two = [known_show("Lost One", 0..2), known_show("Lost Two", 10..30)];
    let joined = seen_show("Lost Anew", (0..2).chain(10..31));
    assert_eq!(results(&two, &[joined]), [(Some(1), RecognisedBy::RenamedStream)]);
    let parts = [seen_show("Lost Again", 10..13), seen_show("Lost Anew", 13..30)];
    let expected = [(None, RecognisedBy::New), (Some(1), RecognisedBy::RenamedStream)];
    assert_eq!(results(&two, &parts), expected);
    let alike = [known_show("Lost", 0..9), known_show("Lost", 10..19)];
    let exchanged = [seen_show("Lost", 10..20), seen_show("Lost", 0..10)];
    let places: Vec<_> = results(&alike, &exchanged).iter().map(|it| it.0).collect();
    assert_eq!(places, [Some(1), Some(0)], "namesakes are told apart by their streams");
    let of_equal_size = seen_show("Lost Anew", (0..9).chain(10..19));
    let places: Vec<_> = results(&alike, &[of_equal_size]).iter().map(|it| it.0).collect();
    assert_eq!(places, [Some(0)], "the older one");
}

/// Rule 3: a panel that gives its numbers anew takes no folder along.
#[test]
fn who_carries_a_series_name_is_it_whatever_its_episodes_streams_say() {
    let both = [known_show("Lost Girl", 0..9), known_show("Lost Room", 10..19)];
    let exchanged = [seen_show("Lost Girl", 10..19), seen_show("Lost Room", 0..9)];
    let by_name = |at| (Some(at), RecognisedBy::NameAndYear);
    assert_eq!(results(&both, &exchanged), [by_name(0), by_name(1)]);
}

/// Ledgers of older versions know one stream of a series, which is enough for another number in the name.
#[test]
fn the_one_stream_that_is_known_of_a_series_outweighs_a_number() {
    let known = [known_show("Naruto Season 02", 3..4)];
    let renamed = (Some(0), RecognisedBy::RenamedStream);
    assert_eq!(results(&known, &[seen_show("Naruto", 1..9)]), [renamed]);
    assert_eq!(results(&known, &[seen_show("Naruto 3", 4..9)]), [(None, RecognisedBy::New)]);
}

/// Rule 4: most of the streams outweigh a number or a year, and no name without a word in common.
#[test]
fn most_streams_of_episodes_outweigh_a_number_and_not_a_whole_name() {
    let known = [known_show("Captain Grant 7 (1986)", 0..4)];
    let result = |name: &str, episodes| results(&known, &[seen_show(name, episodes)]).remove(0);
    let renamed = (Some(0), RecognisedBy::RenamedStream);
    assert_eq!(result("Captain Grant (1990)", 0..4), renamed);
    assert_eq!(result("Captain Grant", 1..5), renamed);
    let new = (None, RecognisedBy::New);
    assert_eq!(result("Captain Grant", 2..6), new, "half of both");
    assert_eq!(result("Captain Grant", 0..8), new, "half of the entry's");
    assert_eq!(result("Captain Grant", 0..2), new, "half of the title's");
    assert_eq!(result("Lost", 0..4), new);
    let mut other = seen_show("Captain Grant", 0..4);
    other.externals = externals(&[4]);
    let known = [LedgerTitle { externals: externals(&[2]), ..known[0].clone() }];
    assert_eq!(results(&known, &[other]), [new], "other ids");
}
