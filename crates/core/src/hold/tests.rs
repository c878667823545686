//! What is held, said and allowed.

use super::*;

fn hold(run: i64, reason: HoldReason, content: Content, is_last: bool) -> KnownHold {
    let key = Hold { reason, account: None, content }.key();
    KnownHold { id: HoldId { run, number: 1 }, key, items: 3, is_last }
}

const MANY: HoldReason = HoldReason::TooMany { losses: 3, of: 5 };

#[test]
fn what_is_held_anew_after_a_permission_has_another_id() {
    let known = [hold(2, MANY, Content::Movies, true)];
    let again = || std::iter::once(known[0].key.clone());
    let lasting = named(5, &known, &HashSet::new(), again());
    assert_eq!(lasting[&known[0].key].to_string(), "2.1");
    let anew = named(5, &known, &HashSet::from([known[0].id]), again());
    assert_eq!(anew[&known[0].key].to_string(), "5.1");
}

#[test]
fn a_permission_alone_covers_what_the_last_run_held() {
    let known = [hold(2, MANY, Content::Movies, false), hold(3, MANY, Content::Series, true)];
    let allowed = |permission: Permission| permission.holds(&known).unwrap();
    assert_eq!(allowed(Permission::LastRun), HashSet::from([known[1].id]));
    assert_eq!(allowed(Permission::Run(2)), HashSet::from([known[0].id]));
}

#[test]
fn a_permission_that_does_nothing_says_why() {
    let known = [
        hold(2, MANY, Content::Movies, true),
        hold(3, HoldReason::Scanning, Content::Series, true),
    ];
    let remarks = |is_removing, kinds: &[Kind]| {
        Permission::LastRun.remarks(&known, is_removing, kinds).join("; ")
    };
    let refused = "3.1 cannot be allowed: run again when";
    assert!(remarks(true, &Kind::ALL).starts_with(refused), "{}", remarks(true, &Kind::ALL));
    assert!(remarks(false, &Kind::ALL).contains("2.1 stays held: this run has no --cleanup"));
    assert!(remarks(true, &[Kind::Series]).contains("2.1 is about movies, and this run is not"));
    assert_eq!(Permission::Nothing.remarks(&known, false, &[]), Vec::<String>::new());
    let nothing = Permission::LastRun.remarks(&[], true, &Kind::ALL);
    assert_eq!(nothing, ["nothing that could be allowed was held by the last run"]);
}

#[test]
fn a_permission_is_remarked_on_only_where_it_does_not_do_what_it_says() {
    const NOTHING: &str = "nothing that could be allowed was held by the last run";
    let contradicted = HoldReason::Contradicted { losses: 3, of: 5 };
    let old = KnownHold { items: 0, ..hold(4, HoldReason::Scanning, Content::Movies, true) };
    let cases: [(&str, KnownHold, bool, &[&str]); 5] = [
        ("it is done", hold(2, MANY, Content::Movies, true), true, &[]),
        ("no cleanup is needed", hold(2, contradicted, Content::Movies, true), false, &[]),
        (
            "the refusal is remark enough",
            hold(3, HoldReason::Scanning, Content::Movies, true),
            true,
            &["3.1 cannot be allowed: run again when the source has finished reading the account"],
        ),
        (
            "what an earlier run held is not meant",
            hold(3, HoldReason::Scanning, Content::Movies, false),
            true,
            &[NOTHING],
        ),
        ("nothing is held by it any more", old, true, &[NOTHING]),
    ];
    for (what, known, is_removing, expected) in cases {
        let remarks = Permission::LastRun.remarks(&[known], is_removing, &Kind::ALL);
        assert_eq!(remarks, expected, "{what}");
    }
}

#[test]
fn what_is_held_no_more_cannot_be_allowed() {
    let gone = [KnownHold { items: 0, ..hold(2, MANY, Content::Movies, true) }];
    assert_eq!(Permission::LastRun.holds(&gone), Ok(HashSet::new()));
    let refused = Permission::Run(2).holds(&gone);
    assert_eq!(refused, Err(NotAllowed::NothingHeld("2".to_owned())));
    let scanned = [hold(2, HoldReason::Scanning, Content::Movies, true)];
    let refused = Permission::One(scanned[0].id).holds(&scanned);
    let remedy = HoldReason::Scanning.remedy();
    assert_eq!(refused, Err(NotAllowed::Refused { id: scanned[0].id, remedy }));
}

#[test]
fn ids_and_permissions_are_read() {
    let id = HoldId { run: 17, number: 2 };
    let cases = [
        ("last", Some(Permission::LastRun)),
        ("17", Some(Permission::Run(17))),
        ("17.2", Some(Permission::One(id))),
        ("17.02", None),
        ("17.", None),
        ("17.2.3", None),
        ("first", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<Permission>().ok(), expected, "{text:?}");
    }
    assert_eq!(id.to_string().parse(), Ok(id));
}

/// The words are in ledgers, and what can be done decides whether anything goes.
#[test]
fn every_reason_has_its_word_and_its_remedy() {
    use HoldReason::*;
    let (losses, of) = (3, 5);
    let cases = [
        (NothingLeft, "empty_catalogue", true, false, "is it the right source"),
        (AccountGone, "account_gone", true, false, "deleted the account, allow it"),
        (Empty { of }, "missing", true, false, "look whether the provider still has them"),
        (TooMany { losses, of }, "missing", true, false, "really dropped so many"),
        (Exchanged { losses, of }, "missing", true, false, "really exchanged its titles"),
        (Dropped { losses, of }, "filter", true, false, "give the filter the new ones"),
        (Scanning, "being_read", false, false, "when the source has finished"),
        (Contradicted { losses, of }, "contradicted", true, true, "really other titles now"),
        (
            NothingWanted(LeavesNothing::Filter),
            "filter_leaves_nothing",
            true,
            false,
            "is the filter right",
        ),
        (
            NothingWanted(LeavesNothing::Block),
            "filter_leaves_nothing",
            true,
            false,
            "the list of block",
        ),
        (NotFetched, "not_fetched", false, false, "vod2strm refresh"),
        (MostEpisodes, "most_episodes", true, false, "episodes are really gone"),
        (EndUnproved(Doubt::NoLength), "end_without_length", false, false, "save the list"),
        (EndUnproved(Doubt::Moving), "end_while_written", false, false, "file is complete"),
        (EndUnproved(Doubt::NoLineEnd), "end_without_line_end", false, false, "a line end"),
    ];
    for (reason, word, can_be_allowed, leaves_out, remedy) in cases {
        let known = hold(2, reason, Content::Movies, true);
        assert_eq!(known.key.reason, word);
        assert_eq!(reason.can_be_allowed(), can_be_allowed, "{word}");
        assert_eq!((reason.leaves_out(), known.leaves_out()), (leaves_out, leaves_out), "{word}");
        assert!(reason.remedy().contains(remedy), "{word}: {}", reason.remedy());
    }
}

#[test]
fn a_hold_says_of_whom_and_what_it_is() {
    use HoldReason::*;
    let (losses, of) = (3, 5);
    let cases = [
        (NothingLeft, "the catalogue is empty"),
        (AccountGone, "the account Acme is no longer in the source"),
        (Empty { of: 1 }, "Acme does not offer the one episode that the library has from it"),
        (Empty { of }, "Acme offers none of the 5 episodes that the library has from it"),
        (TooMany { losses, of }, "with these, 3 of the 5 episodes that Acme had within 30 days"),
        (Exchanged { losses, of }, "Acme has exchanged its episodes: 3 of the 5 that it had"),
        (Dropped { losses, of }, "3 of 5 episodes from Acme no longer pass the filter"),
        (Scanning, "the catalogue of Acme is being read anew just now"),
        (Contradicted { losses, of }, "the streams of 3 of 5 episodes from Acme play other titles"),
        (NothingWanted(LeavesNothing::Filter), "the filter leaves nothing"),
        (NothingWanted(LeavesNothing::Block), "block leaves nothing"),
        (NothingWanted(LeavesNothing::Both), "the filter and block leave nothing"),
        (NotFetched, "series of Acme that are still there have lost most of their episodes"),
        (MostEpisodes, "titles of Acme that are still there have lost most"),
        (EndUnproved(Doubt::NoLength), "the list may be cut off: the server tells no length"),
        (EndUnproved(Doubt::Moving), "the list may be cut off: it was written to while"),
        (EndUnproved(Doubt::NoLineEnd), "the list may be cut off: its last line has no line end"),
    ];
    for (reason, text) in cases {
        let account = Some((7, "Acme".to_owned()));
        let hold = Hold { reason, account, content: Content::Episodes };
        assert!(hold.to_string().starts_with(text), "{hold}");
    }
    let words = Content::ALL.map(|content| (content.as_str(), content.many(), content.kind()));
    let movies = ("movie", "movies", Kind::Movie);
    let series = ("series", "series", Kind::Series);
    let episodes = ("episode", "episodes", Kind::Series);
    let of_movies = ("movie_entry", "entries of movies", Kind::Movie);
    let of_series = ("series_entry", "entries of series", Kind::Series);
    assert_eq!(words, [movies, series, episodes, of_movies, of_series]);
}
