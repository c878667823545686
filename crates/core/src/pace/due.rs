//! Which series need their episodes from the provider, and whose turn it is. Data in, data out.
//!
//! A source may know a series and not its episodes until somebody asks the provider for them. The provider's own
//! time of change tells when to ask again; where it has none, age does. That time goes down when an episode is
//! removed, so any difference counts. It says nothing of files that were replaced (`xtream-and-m3u.md` 1.10).

use std::cmp::Reverse;

use crate::model::media::SourceKey;

/// Seconds in an hour and in a day.
const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
/// Microseconds in a second.
const MICROS: i64 = 1_000_000;

/// How long a series without episodes is left alone after each time that it had none. The last value goes on.
const PAUSES_WHEN_EMPTY: [i64; 5] = [HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY];
/// How long a series that could not be fetched is left alone after each failure. The last value goes on.
const PAUSES_AFTER_FAILURE: [i64; 5] = [HOUR, 6 * HOUR, DAY, 7 * DAY, LONGEST_PAUSE];
const LONGEST_PAUSE: i64 = 28 * DAY;

/// A series whose provider never says when it changed is asked so many times as often.
const MUTE: i64 = 10;

/// A series at a provider, as the source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesOffer {
    /// The series in the source.
    pub series: SourceKey,
    /// The source's row for this provider's stream of it.
    pub relation: i64,
    /// The account.
    pub account: i64,
    /// The name that people gave it.
    pub account_name: String,
    /// The provider's id of the series: outlives the source's rows.
    pub provider_id: String,
    /// The series' name in the source.
    pub name: String,
    /// When the provider says that it last changed; `None` where it does not.
    pub modified: Option<String>,
    /// When the source last fetched its episodes from this provider, in microseconds since 1970. It is as exact as
    /// the source has it, for it tells whether asking again did anything.
    pub refreshed: Option<i64>,
    /// Episodes that this account has.
    pub episodes: u32,
}

impl SeriesOffer {
    /// When the source last fetched its episodes, in seconds since 1970.
    fn refreshed_at(&self) -> Option<i64> {
        self.refreshed.map(|at| at.div_euclid(MICROS))
    }
}

/// What the ledger remembers of the last time that a series was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The provider's time of change then.
    pub modified: Option<String>,
    /// When its episodes were last fetched, in seconds since 1970.
    pub at: Option<i64>,
    /// When it was last asked for, whatever came of it, in seconds since 1970.
    pub tried: Option<i64>,
    /// How often in a row it had no episode.
    pub empty: u32,
    /// How often in a row it could not be fetched.
    pub failures: u32,
    /// Not to be asked for before.
    pub due: i64,
    /// Why it could not be fetched the last time.
    pub problem: Option<String>,
}

/// Why a series is to be asked for; in the order in which people wait for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FetchReason {
    /// It has nothing to play, or something of it is missing.
    New,
    /// The provider says that it changed.
    Changed,
    /// It has not been asked for since long.
    Old,
}

impl FetchReason {
    /// All that there are.
    pub const ALL: [FetchReason; 3] = [FetchReason::New, FetchReason::Changed, FetchReason::Old];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            FetchReason::New => "new",
            FetchReason::Changed => "changed",
            FetchReason::Old => "old",
        }
    }
}

/// Whether a series is to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It is as the provider has it, as far as anybody knows.
    Nothing,
    /// Now.
    Now(FetchReason),
    /// It failed or was empty, and is left alone for a while.
    Later,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchOutcome {
    /// The source has fetched it, and has so many episodes of this account now.
    Fetched(u32),
    /// It could not be fetched, for this reason.
    Failed(String),
}

/// What the ledger knows of a series at a provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeriesPast<'a> {
    /// The last time that it was asked for.
    pub fetched: Option<&'a Fetched>,
    /// When episodes of it were found missing that were not fetched since, in seconds since 1970; `None` where there are
    /// none.
    pub missing_since: Option<i64>,
}

/// Whether a series is to be asked for at a time; `max_age` is in seconds.
pub fn need(offer: &SeriesOffer, past: SeriesPast<'_>, now: i64, max_age: i64) -> Need {
    let nothing = Fetched::default();
    let memory = past.fetched.unwrap_or(&nothing);
    // Somebody else may have had it fetched meanwhile.
    let is_failing = failures(offer, memory) > 0;
    // It had some when it was last fetched, and if it failed since, then too: they are missing.
    if offer.episodes == 0 && memory.at.is_some() && memory.empty == 0 {
        return Need::Now(FetchReason::New);
    }
    // What failed since then waits like all that failed.
    if past.missing_since.is_some_and(|since| memory.tried.is_none_or(|tried| tried <= since)) {
        return Need::Now(FetchReason::New);
    }
    // A time that far ahead is a wrong clock's.
    if is_failing && now < memory.due && memory.due <= now + LONGEST_PAUSE {
        return Need::Later;
    }
    if past.missing_since.is_some() {
        return Need::Now(FetchReason::New);
    }
    let last = last_time(offer, memory).filter(|at| *at <= now + DAY);
    if offer.episodes == 0 {
        let due = last.map_or(0, |at| at + pause(&PAUSES_WHEN_EMPTY, memory.empty));
        return if now < due { Need::Later } else { Need::Now(FetchReason::New) };
    }
    let has_changed = match (&memory.modified, &offer.modified) {
        (Some(then), Some(today)) => then != today,
        // Nobody knows what it was then: its own words have to do, where they are a time.
        (None, Some(today)) => today.parse::<i64>().ok() > offer.refreshed_at().or(Some(now)),
        _ => false,
    };
    let max_age = if offer.modified.is_some() { max_age } else { max_age / MUTE };
    match last {
        _ if has_changed => Need::Now(FetchReason::Changed),
        Some(at) if now - at <= max_age => Need::Nothing,
        _ => Need::Now(FetchReason::Old),
    }
}

/// How often in a row it could not be fetched, and nobody else has had it fetched since.
fn failures(offer: &SeriesOffer, memory: &Fetched) -> u32 {
    if memory.tried >= offer.refreshed_at() { memory.failures } else { 0 }
}

/// When it was last fetched, by us or by somebody else: an answer of ours may not have been recorded.
fn last_time(offer: &SeriesOffer, memory: &Fetched) -> Option<i64> {
    memory.at.max(offer.refreshed_at())
}

/// Where a series stands in the line: those that failed behind all others, the oftener the later. Among
/// equals new ones come first, the youngest of them before the others. Then come what changed and what is old,
/// each by how long nobody asked for it.
pub fn turn(offer: &SeriesOffer, memory: Option<&Fetched>, why: FetchReason) -> impl Ord + use<> {
    let failures = memory.map_or(0, |memory| failures(offer, memory));
    let last = memory.map_or(offer.refreshed_at(), |memory| last_time(offer, memory));
    let youngest = (why == FetchReason::New).then_some(Reverse(offer.series));
    (failures, why, youngest, last, offer.series)
}

/// What to remember of a series that needs nothing and of which no time of change is remembered: a change is noticed
/// by it. `None` when there is nothing to add.
pub fn first_sight(offer: &SeriesOffer, memory: Option<&Fetched>) -> Option<Fetched> {
    let before = memory.cloned().unwrap_or_default();
    let is_news = before.modified.is_none() && offer.modified.is_some();
    let at = last_time(offer, &before);
    is_news.then(|| Fetched { modified: offer.modified.clone(), at, ..before })
}

/// What to remember after asking.
pub fn remember(
    memory: Option<&Fetched>,
    offer: &SeriesOffer,
    outcome: &FetchOutcome,
    now: i64,
) -> Fetched {
    let before = memory.cloned().unwrap_or_default();
    match outcome {
        FetchOutcome::Fetched(episodes) => {
            let empty = if *episodes == 0 { before.empty.saturating_add(1) } else { 0 };
            let modified = offer.modified.clone();
            Fetched { modified, at: Some(now), tried: Some(now), empty, ..Fetched::default() }
        }
        FetchOutcome::Failed(problem) => {
            let due = now + pause(&PAUSES_AFTER_FAILURE, before.failures + 1);
            let failures = before.failures.saturating_add(1);
            // What is missing cannot be missing anew: from now on it waits like all that failed.
            let at = if offer.episodes > 0 { before.at } else { None };
            let (tried, problem) = (Some(now), Some(problem.clone()));
            Fetched { at, tried, failures, due, problem, ..before }
        }
    }
}

/// The pause after so many times in a row.
fn pause(pauses: &[i64], times: u32) -> i64 {
    let at = (times as usize).saturating_sub(1).min(pauses.len() - 1);
    pauses[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000 * DAY;
    const MAX_AGE: i64 = 30 * DAY;

    fn offer(episodes: u32, modified: Option<&str>, refreshed: Option<i64>) -> SeriesOffer {
        SeriesOffer {
            series: SourceKey(7),
            relation: 70,
            account: 1,
            account_name: "A".into(),
            provider_id: "501".into(),
            name: "Fargo".into(),
            modified: modified.map(str::to_owned),
            refreshed: refreshed.map(|at| at * MICROS),
            episodes,
        }
    }

    fn past(fetched: Option<&Fetched>) -> SeriesPast<'_> {
        SeriesPast { fetched, missing_since: None }
    }

    fn seen(modified: Option<&str>, at: i64) -> Fetched {
        Fetched { modified: modified.map(str::to_owned), at: Some(at), ..Fetched::default() }
    }

    #[test]
    fn what_has_no_episodes_is_asked_for_at_once_and_then_ever_more_seldom() {
        let mut now = NOW;
        let mut memory: Option<Fetched> = None;
        for pause in [0, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 7 * DAY] {
            let offer = offer(0, Some("5"), memory.as_ref().and_then(|memory| memory.at));
            if pause > 0 {
                assert_eq!(
                    need(&offer, past(memory.as_ref()), now + pause - 1, MAX_AGE),
                    Need::Later
                );
            }
            now += pause;
            assert_eq!(
                need(&offer, past(memory.as_ref()), now, MAX_AGE),
                Need::Now(FetchReason::New),
                "{pause}"
            );
            memory = Some(remember(memory.as_ref(), &offer, &FetchOutcome::Fetched(0), now));
        }
        let found =
            remember(memory.as_ref(), &offer(0, None, None), &FetchOutcome::Fetched(8), now);
        assert_eq!((found.empty, found.at), (0, Some(now)));
    }

    #[test]
    fn any_other_time_of_change_is_a_change() {
        for (then, today, expected) in [
            (Some("5"), Some("5"), Need::Nothing),
            (Some("5"), Some("6"), Need::Now(FetchReason::Changed)),
            (Some("5"), Some("4"), Need::Now(FetchReason::Changed)),
            (Some("5"), None, Need::Nothing),
            (None, Some("5"), Need::Nothing),
            (None, Some("86400000"), Need::Nothing),
        ] {
            let memory = seen(then, NOW - DAY);
            let offer = offer(3, today, None);
            assert_eq!(
                need(&offer, past(Some(&memory)), NOW, MAX_AGE),
                expected,
                "{then:?} {today:?}"
            );
        }
    }

    #[test]
    fn what_is_old_is_asked_for_again_and_a_mute_provider_sooner() {
        for (modified, age, expected) in [
            (Some("5"), 29, Need::Nothing),
            (Some("5"), 31, Need::Now(FetchReason::Old)),
            (None, 2, Need::Nothing),
            (None, 4, Need::Now(FetchReason::Old)),
        ] {
            let at = NOW - age * DAY;
            let by_us =
                need(&offer(3, modified, None), past(Some(&seen(modified, at))), NOW, MAX_AGE);
            assert_eq!(by_us, expected, "{modified:?} {age}");
            let by_others = need(&offer(3, modified, Some(at)), past(None), NOW, MAX_AGE);
            assert_eq!(by_others, expected, "{modified:?} {age}, not by us");
        }
    }

    #[test]
    fn what_failed_is_left_alone_for_a_while() {
        let offer = offer(0, Some("5"), None);
        let failed = FetchOutcome::Failed("500".into());
        let once = remember(None, &offer, &failed, NOW);
        let twice = remember(Some(&once), &offer, &failed, NOW);
        assert_eq!((twice.failures, twice.at), (2, None));
        let (mut now, mut memory) = (NOW, once);
        for pause in [HOUR, 6 * HOUR, DAY, 7 * DAY, 28 * DAY, 28 * DAY] {
            let need_at = |at| need(&offer, past(Some(&memory)), at, MAX_AGE);
            assert_eq!(need_at(now + pause - 1), Need::Later, "{pause}");
            assert_eq!(need_at(now + pause), Need::Now(FetchReason::New), "{pause}");
            now += pause;
            memory = remember(Some(&memory), &offer, &failed, now);
        }
        let found = remember(Some(&twice), &offer, &FetchOutcome::Fetched(1), NOW);
        assert_eq!((found.failures, found.problem), (0, None));
    }

    #[test]
    fn what_had_episodes_when_it_was_fetched_and_has_none_is_asked_for_at_once() {
        let fetched = remember(None, &offer(0, None, None), &FetchOutcome::Fetched(8), NOW);
        for refreshed in [None, Some(NOW)] {
            let missing = offer(0, Some("5"), refreshed);
            assert_eq!(
                need(&missing, past(Some(&fetched)), NOW + 60, MAX_AGE),
                Need::Now(FetchReason::New)
            );
            let empty = remember(Some(&fetched), &missing, &FetchOutcome::Fetched(0), NOW + 60);
            assert_eq!(need(&missing, past(Some(&empty)), NOW + 120, MAX_AGE), Need::Later);
            let failed =
                remember(Some(&fetched), &missing, &FetchOutcome::Failed("500".into()), NOW + 60);
            assert_eq!(need(&missing, past(Some(&failed)), NOW + 120, MAX_AGE), Need::Later);
            // It failed while it still had them, and loses them while it waits.
            let there = offer(8, Some("5"), refreshed);
            let waits =
                remember(Some(&fetched), &there, &FetchOutcome::Failed("500".into()), NOW + 60);
            assert_eq!(need(&there, past(Some(&waits)), NOW + 120, MAX_AGE), Need::Later);
            assert_eq!(
                need(&missing, past(Some(&waits)), NOW + 120, MAX_AGE),
                Need::Now(FetchReason::New)
            );
            let again =
                remember(Some(&waits), &missing, &FetchOutcome::Failed("500".into()), NOW + 120);
            assert_eq!(need(&missing, past(Some(&again)), NOW + 180, MAX_AGE), Need::Later);
            assert_eq!(again.failures, 2);
        }
    }

    #[test]
    fn what_has_missing_episodes_is_asked_for_at_once_and_waits_when_it_fails() {
        let there = offer(1, Some("5"), Some(NOW - 60));
        let before = seen(Some("5"), NOW - 60);
        let need_at = |fetched: Option<&Fetched>, missing_since, now| {
            need(&there, SeriesPast { fetched, missing_since }, now, MAX_AGE)
        };
        assert_eq!(need_at(Some(&before), None, NOW + 1), Need::Nothing);
        for fetched in [None, Some(&before)] {
            assert_eq!(need_at(fetched, Some(NOW), NOW + 1), Need::Now(FetchReason::New));
        }
        let failed = remember(Some(&before), &there, &FetchOutcome::Failed("500".into()), NOW + 1);
        assert_eq!(need_at(Some(&failed), Some(NOW), NOW + 2), Need::Later);
        assert_eq!(need_at(Some(&failed), Some(NOW), NOW + 1 + HOUR), Need::Now(FetchReason::New));
        assert_eq!(
            need_at(Some(&failed), Some(NOW + 5), NOW + 6),
            Need::Now(FetchReason::New),
            "more is missing"
        );
    }

    #[test]
    fn an_answer_that_was_not_recorded_counts_by_what_the_source_says() {
        let offer = offer(0, Some("5"), Some(NOW - 60));
        assert_eq!(
            need(&offer, past(None), NOW, MAX_AGE),
            Need::Later,
            "it was asked a minute ago"
        );
    }

    #[test]
    fn what_changed_before_we_came_is_seen_by_the_providers_own_time() {
        let (opened, changed) = (NOW - 20 * DAY, (NOW - 2 * DAY).to_string());
        let offer = offer(3, Some(&changed), Some(opened));
        assert_eq!(need(&offer, past(None), NOW, MAX_AGE), Need::Now(FetchReason::Changed));
        let mut since = offer.clone();
        since.refreshed = Some((NOW - DAY) * MICROS);
        assert_eq!(need(&since, past(None), NOW, MAX_AGE), Need::Nothing);
        let seen = first_sight(&since, None).unwrap();
        assert_eq!((seen.modified.as_deref(), seen.at), (Some(&*changed), Some(NOW - DAY)));
        assert_eq!(first_sight(&since, Some(&seen)), None);
    }

    #[test]
    fn a_failure_is_forgotten_when_somebody_else_had_more_luck() {
        let failed = FetchOutcome::Failed("500".into());
        let memory = remember(None, &offer(0, None, None), &failed, NOW);
        let later = offer(3, Some("5"), Some(NOW + 60));
        assert_eq!(need(&later, past(Some(&memory)), NOW + 120, MAX_AGE), Need::Nothing);
    }

    #[test]
    fn a_clock_that_was_a_year_ahead_keeps_nothing_away() {
        let ahead = NOW + 365 * DAY;
        let fetched = remember(None, &offer(0, None, None), &FetchOutcome::Fetched(3), ahead);
        assert_eq!(
            need(&offer(3, None, None), past(Some(&fetched)), NOW, MAX_AGE),
            Need::Now(FetchReason::Old)
        );
        let failed = FetchOutcome::Failed("500".into());
        let failed = remember(None, &offer(0, None, None), &failed, ahead);
        assert_eq!(
            need(&offer(0, None, None), past(Some(&failed)), NOW, MAX_AGE),
            Need::Now(FetchReason::New)
        );
    }

    #[test]
    fn new_ones_come_first_then_changed_then_old() {
        let at = |key: i64, refreshed| SeriesOffer {
            series: SourceKey(key),
            ..offer(0, None, refreshed)
        };
        let mut line = [
            (at(1, Some(50)), FetchReason::Old),
            (at(2, Some(40)), FetchReason::Old),
            (at(3, None), FetchReason::New),
            (at(4, Some(90)), FetchReason::Changed),
            (at(5, None), FetchReason::New),
        ];
        line.sort_by_key(|(offer, why)| turn(offer, None, *why));
        assert_eq!(line.clone().map(|(offer, _)| offer.series.0), [5, 3, 4, 2, 1]);
        // Whatever failed comes behind all that did not.
        let failures = |offer: &SeriesOffer| match offer.series.0 {
            5 => 3,
            3 => 1,
            _ => 0,
        };
        line.sort_by_key(|(offer, why)| {
            let failures = failures(offer);
            let memory = Fetched { failures, tried: Some(NOW), ..Fetched::default() };
            turn(offer, Some(&memory), *why)
        });
        assert_eq!(line.map(|(offer, _)| offer.series.0), [4, 2, 1, 3, 5]);
    }
}
