//! Series that wait to be asked for, account by account, each at its own pace.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::mpsc::TryRecvError;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep};
use vod2strm_core::pace::requests::{Pace, Reply, SeriesHealth, Turn};

use super::error::ApiError;
use crate::episodes::{AnswerQuality, FetchAnswer, FetchRequest, Line, Questions, Said};
use crate::error::CatalogError;
use crate::wait::Waiter;

/// How often is looked for what answers turned out to be.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How long Dispatcharr may be away: then asking ends, before anybody has to wait for minutes. A restart of its
/// web server takes some ten seconds.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a server before Dispatcharr says at once when nobody is behind it; later it says so of one slow series.
const AT_ONCE: Duration = Duration::from_secs(5);

/// Who is asked.
pub(super) trait Ask {
    /// Has the episodes of a series fetched.
    fn ask(&self, request: &FetchRequest) -> impl Future<Output = FetchAnswer>;
}

/// An account's series while they are asked for.
struct AccountQueue {
    account: i64,
    pace: Pace,
    waiting: VecDeque<usize>,
    is_over: bool,
}

impl From<Line> for AccountQueue {
    fn from(line: Line) -> AccountQueue {
        let Line { account, pace, waiting } = line;
        AccountQueue { account, pace, waiting, is_over: false }
    }
}

/// Whether Dispatcharr runs.
#[derive(Debug, Default)]
struct ServiceState {
    /// When the last request began that it answered.
    answered: Option<Instant>,
    /// Since when it answers none.
    away_since: Option<Instant>,
    /// When a server before Dispatcharr first said of a series' request that Dispatcharr is away.
    refused: HashMap<usize, Instant>,
}

impl ServiceState {
    /// Hears the answer to the request at a place, which began then. One that says that Dispatcharr is away ends
    /// all after a while.
    fn hear(
        &mut self,
        place: usize,
        answer: FetchAnswer,
        begun: Instant,
    ) -> Result<FetchAnswer, CatalogError> {
        match answer {
            FetchAnswer::Down(error) if self.is_about_one_series(place, &error, begun) => {
                Ok(FetchAnswer::Failed(error.to_string()))
            }
            FetchAnswer::Down(error) => match self.away_since.get_or_insert(begun).elapsed() {
                away if away >= PATIENCE => Err(error),
                _ => Ok(FetchAnswer::Down(error)),
            },
            answer => {
                (self.answered, self.away_since) = (self.answered.max(Some(begun)), None);
                Ok(answer)
            }
        }
    }

    /// A server before Dispatcharr also says that it is away when it takes too long for a series, or dies of it.
    /// Then the answer is late, or requests that began afterwards are answered.
    fn is_about_one_series(&mut self, place: usize, error: &CatalogError, begun: Instant) -> bool {
        if !matches!(error.reader(), Some(ApiError::Down { status: Some(_), .. })) {
            return false;
        }
        let refused = *self.refused.entry(place).or_insert_with(Instant::now);
        begun.elapsed() > AT_ONCE || self.answered > Some(refused)
    }
}

/// Asks for all, on this thread; `tell` hears of every answer as it comes. Ends early when nothing can be asked, and
/// when it is cancelled.
pub(super) fn ask(
    api: &impl Ask,
    questions: Questions<'_>,
    tell: &mut dyn FnMut(Said),
) -> Result<(), CatalogError> {
    let waiter = Waiter::new(questions.cancel).map_err(|source| CatalogError::Unreachable {
        target: "Dispatcharr".to_owned(),
        source: source.into(),
    })?;
    waiter.wait(work(api, questions, tell))?
}

async fn work(
    api: &impl Ask,
    questions: Questions<'_>,
    tell: &mut dyn FnMut(Said),
) -> Result<(), CatalogError> {
    let Questions { requests, lines, qualities, cancel } = questions;
    let mut lines: Vec<AccountQueue> = lines.into_iter().map(AccountQueue::from).collect();
    let began = Instant::now();
    let (mut under_way, mut presence) = (FuturesUnordered::new(), ServiceState::default());
    loop {
        cancel.check()?;
        loop {
            let (account, quality) = match qualities.try_recv() {
                Ok(quality) => quality,
                Err(TryRecvError::Empty) => break,
                // Nobody listens any more.
                Err(TryRecvError::Disconnected) => return Ok(()),
            };
            let line = lines.iter_mut().find(|line| line.account == account);
            let now = began.elapsed();
            line.into_iter().for_each(|line| match quality {
                AnswerQuality::Good => line.pace.succeed(),
                AnswerQuality::Failed(series) => line.pace.fail(now, series, chance()),
            });
        }
        let mut wake = LOOK_EVERY;
        for (number, line) in lines.iter_mut().enumerate() {
            let now = began.elapsed();
            while let Some(at) = next(line, requests, now, &mut wake, tell) {
                under_way.push(async move {
                    let begun = Instant::now();
                    let answer = api.ask(&requests[at]).await;
                    (number, at, answer, begun)
                });
            }
        }
        if under_way.is_empty() && lines.iter().all(|line| line.waiting.is_empty()) {
            return Ok(());
        }
        tokio::select! {
            Some((number, at, answer, begun)) = under_way.next() => {
                let answer = presence.hear(at, answer, begun)?;
                let (line, took) = (&mut lines[number], begun.elapsed());
                let reply = reply(&answer, requests[at].past);
                line.pace.end(began.elapsed(), reply, took, chance());
                match answer {
                    FetchAnswer::Fatal(error) => return Err(error),
                    // It was not the series' fault: it is the next.
                    FetchAnswer::Refused(_) | FetchAnswer::Down(_) if line.is_over => {}
                    FetchAnswer::Refused(_) | FetchAnswer::Down(_) => line.waiting.push_front(at),
                    answer => tell(Said::Answer(at, answer)),
                }
            }
            () = sleep(wake) => {}
        }
    }
}

/// The series that is asked for now, if one is; otherwise `wake` is brought forward to when that may be.
fn next(
    line: &mut AccountQueue,
    requests: &[FetchRequest],
    now: Duration,
    wake: &mut Duration,
    tell: &mut dyn FnMut(Said),
) -> Option<usize> {
    if line.waiting.is_empty() {
        return None;
    }
    match line.pace.turn(now) {
        Turn::Go => {
            line.pace.begin(now);
            line.waiting.remove(whose_turn(line, requests))
        }
        Turn::Wait(at) => {
            *wake = (*wake).min(at.saturating_sub(now));
            None
        }
        Turn::Full => None,
        Turn::Over(end) => {
            tell(Said::Ended(line.account, end, line.waiting.len()));
            line.waiting.clear();
            line.is_over = true;
            None
        }
    }
}

/// The place in the line of the series that is asked for next: the first. In doubt it is any of those that have not
/// failed before, for these tell most about their account.
fn whose_turn(line: &AccountQueue, requests: &[FetchRequest]) -> usize {
    if !line.pace.is_in_doubt() {
        return 0;
    }
    let is_sound = |place: &usize| requests[line.waiting[*place]].past == SeriesHealth::Sound;
    let sound: Vec<usize> = (0..line.waiting.len()).filter(is_sound).collect();
    let one_of = |number: usize| (number as f64 * chance()) as usize;
    sound.get(one_of(sound.len())).copied().unwrap_or_else(|| one_of(line.waiting.len()))
}

fn reply(answer: &FetchAnswer, past: SeriesHealth) -> Reply {
    match answer {
        FetchAnswer::Asked => Reply::Answered,
        FetchAnswer::Refused(wait) => Reply::Refused(*wait),
        FetchAnswer::ProviderFailed | FetchAnswer::Failed(_) => Reply::Failed(past),
        FetchAnswer::Down(_) => Reply::Down,
        FetchAnswer::Gone(_) | FetchAnswer::Fatal(_) => Reply::Unfit,
    }
}

/// A number from 0 to 1 at random: every such state has other keys.
fn chance() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::mpsc::channel;

    use vod2strm_core::cancel::Cancel;
    use vod2strm_core::pace::requests::Limits;

    use super::*;

    const LIMITS: Limits =
        Limits { gap: Duration::from_millis(500), parallel: 2, run: None, hour: None };

    /// Answers by the series' number and how often it was asked for; takes its time, which is virtual.
    struct Fake {
        answer: fn(i64, usize) -> FetchAnswer,
        asked: RefCell<Vec<(i64, Duration)>>,
        began: Instant,
    }

    impl Ask for Fake {
        async fn ask(&self, request: &FetchRequest) -> FetchAnswer {
            let before = self.times(request.series);
            self.asked.borrow_mut().push((request.series, self.began.elapsed()));
            sleep(Duration::from_millis(100)).await;
            (self.answer)(request.series, before)
        }
    }

    impl Fake {
        fn times(&self, series: i64) -> usize {
            self.asked.borrow().iter().filter(|(asked, _)| *asked == series).count()
        }
    }

    /// How it ended, what was told, and what was asked for when.
    type Played = (Result<(), CatalogError>, Vec<String>, Vec<(i64, Duration)>);

    /// Two accounts with so many series each: the even numbers and the odd ones.
    fn play(series: i64, answer: fn(i64, usize) -> FetchAnswer) -> Played {
        let series: Vec<SeriesHealth> = (0..2 * series).map(|_| SeriesHealth::Sound).collect();
        play_of(2, &series, answer)
    }

    /// So many accounts, whose series take turns.
    fn play_of(
        accounts: i64,
        past: &[SeriesHealth],
        answer: fn(i64, usize) -> FetchAnswer,
    ) -> Played {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let fake = Fake { answer, asked: RefCell::default(), began: Instant::now() };
            let requests: Vec<FetchRequest> = (0..)
                .zip(past)
                .map(|(n, past)| FetchRequest { series: n, relation: 100 + n, past: *past })
                .collect();
            let line = |account: i64| {
                let waiting = (0..requests.len()).filter(|at| *at as i64 % accounts == account);
                let pace = Pace::new(LIMITS, std::iter::empty());
                Line { account, pace, waiting: waiting.collect() }
            };
            let (cancel, (teller, qualities)) = (Cancel::default(), channel());
            let lines = (0..accounts).map(line).collect();
            let all = Questions { requests: &requests, lines, cancel: &cancel, qualities };
            let mut said = Vec::new();
            let mut hear = |it: Said| {
                said.push(format!("{it:?}"));
                if let Said::Answer(at, FetchAnswer::Asked) = it {
                    teller.send((at as i64 % accounts, AnswerQuality::Good)).unwrap();
                }
            };
            let done = work(&fake, all, &mut hear).await;
            let asked = fake.asked.borrow().clone();
            (done, said, asked)
        })
    }

    /// Dispatcharr does not run, or a server before it says so.
    fn down(status: Option<u16>) -> FetchAnswer {
        FetchAnswer::Down(ApiError::Down { target: "x".into(), status }.into())
    }

    fn is_down(done: &Result<(), CatalogError>) -> bool {
        matches!(done.as_ref().unwrap_err().reader(), Some(ApiError::Down { .. }))
    }

    #[test]
    fn all_are_asked_for_once_each_account_in_its_order_and_at_its_pace() {
        let (done, said, asked) = play(20, |_, _| FetchAnswer::Asked);
        done.unwrap();
        assert_eq!((said.len(), asked.len()), (40, 40));
        let even: Vec<_> = asked.iter().filter(|(series, _)| series % 2 == 0).collect();
        assert!(even.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(even.windows(2).all(|pair| pair[1].1 - pair[0].1 >= Duration::from_millis(500)));
        assert!(asked.iter().map(|(_, at)| *at).max().unwrap() < Duration::from_secs(11));
    }

    #[test]
    fn an_account_that_only_fails_is_left_alone_and_the_other_goes_on() {
        let (done, said, asked) = play(50, |series, _| match series % 2 {
            0 => FetchAnswer::Failed("500".to_owned()),
            _ => FetchAnswer::Asked,
        });
        done.unwrap();
        assert_eq!(asked.iter().filter(|(series, _)| series % 2 == 0).count(), 10);
        assert_eq!(asked.iter().filter(|(series, _)| series % 2 == 1).count(), 50);
        assert!(said.contains(&"Ended(0, Failures, 40)".to_owned()), "{said:?}");
    }

    #[test]
    fn a_series_for_which_the_provider_had_no_time_is_the_next_one() {
        let (done, said, asked) = play(3, |series, before| match (series, before) {
            (0, 0) => FetchAnswer::Refused(Some(Duration::from_secs(60))),
            _ => FetchAnswer::Asked,
        });
        done.unwrap();
        assert_eq!(said.len(), 6, "nobody hears of the refusal: {said:?}");
        let even: Vec<i64> = asked.iter().map(|it| it.0).filter(|series| series % 2 == 0).collect();
        assert_eq!(even, [0, 0, 2, 4]);
        assert!(asked.iter().any(|(series, at)| *series == 0 && *at >= Duration::from_secs(60)));
    }

    #[test]
    fn a_series_that_fails_is_no_fault_of_an_account_that_answers_for_the_others() {
        // The first dozen of an account can never be stored; all others can.
        let (done, said, asked) = play(150, |series, _| match series {
            0..24 if series % 2 == 0 => FetchAnswer::Failed("500".to_owned()),
            _ => FetchAnswer::Asked,
        });
        done.unwrap();
        assert_eq!((said.len(), asked.len()), (300, 300), "{said:?}");
    }

    #[test]
    fn a_dispatcharr_that_does_not_run_ends_it_within_half_a_minute_and_nothing_is_told() {
        for status in [None, Some(502)] {
            let down = match status {
                None => |_, _| down(None),
                Some(_) => |_: i64, _: usize| down(Some(502)),
            };
            let (done, said, asked) = play(50, down);
            assert!(is_down(&done), "{done:?}");
            assert!(said.is_empty() && asked.len() < 60, "{said:?}");
            assert!(asked.iter().all(|(_, at)| *at < Duration::from_secs(25)), "{asked:?}");
        }
    }

    #[test]
    fn a_dispatcharr_that_is_away_for_a_moment_is_waited_for() {
        let (done, said, asked) = play(20, |_, before| match before {
            0 => down(None),
            _ => FetchAnswer::Asked,
        });
        done.unwrap();
        assert_eq!((said.len(), asked.len()), (40, 80));
    }

    #[test]
    fn once_it_has_answered_a_server_before_it_speaks_of_one_series() {
        let (done, said, _) = play(20, |series, _| match series {
            7 => down(Some(504)),
            _ => FetchAnswer::Asked,
        });
        done.unwrap();
        assert_eq!(said.iter().filter(|it| it.contains("504")).count(), 1, "{said:?}");
    }

    #[test]
    fn a_series_that_its_servers_die_of_is_no_sign_that_dispatcharr_is_away() {
        // One account, whose first series it is.
        let (done, said, asked) =
            play_of(1, &[SeriesHealth::Sound; 30], |series, _| match series {
                0 => down(Some(502)),
                _ => FetchAnswer::Asked,
            });
        done.unwrap();
        assert_eq!(said.iter().filter(|it| it.contains("502")).count(), 1, "{said:?}");
        assert_eq!((said.len(), asked.len()), (30, 31), "{asked:?}");
    }

    #[test]
    fn a_dispatcharr_that_stops_behind_its_web_server_ends_it_and_marks_nothing() {
        let (done, said, asked) = play(50, |series, _| match series {
            0..20 => FetchAnswer::Asked,
            _ => down(Some(502)),
        });
        assert!(is_down(&done), "{done:?}");
        assert!(said.len() == 20 && said.iter().all(|it| it.contains("Asked")), "{said:?}");
        assert!(asked.iter().all(|(_, at)| *at < Duration::from_secs(35)), "{asked:?}");
    }

    #[test]
    fn after_a_failure_those_are_asked_for_that_have_not_failed_before() {
        let past: Vec<SeriesHealth> = (0..60)
            .map(|n| if n < 30 { SeriesHealth::Sound } else { SeriesHealth::Failing })
            .collect();
        let (done, _, asked) = play_of(1, &past, |series, _| match series {
            0..5 | 30.. => FetchAnswer::Failed("500".to_owned()),
            _ => FetchAnswer::Asked,
        });
        done.unwrap();
        let sound = asked.iter().take_while(|(series, _)| *series < 30).count();
        assert_eq!((sound, asked.len()), (30, 60), "{asked:?}");
    }

    #[test]
    fn what_makes_asking_senseless_ends_it() {
        let (done, said, asked) = play(20, |series, _| match series {
            5 => FetchAnswer::Fatal(ApiError::NoApi { target: "x".to_owned() }.into()),
            _ => FetchAnswer::Asked,
        });
        assert!(matches!(done.unwrap_err().reader(), Some(ApiError::NoApi { .. })));
        assert!(asked.len() < 12 && said.len() < 12, "{asked:?}");
    }
}
