//! Has episodes fetched that the source does not have yet, and writes what arrives, batch by batch.
//!
//! An answer does not tell whether the provider answered: the source is asked what came of it, for a whole batch at
//! once.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use vod2strm_catalog::episodes::{
    AnswerQuality, Asker, FetchAnswer, FetchRequest, Line, Providers, Questions, RefreshScope, Said,
};
use vod2strm_catalog::source::{Catalog, Scope, Selection};
use vod2strm_core::event::{Event, Observer, Phase, TitleOutcome};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::identity::merge::{MergeRules, Merging};
use vod2strm_core::model::media::Kind;
use vod2strm_core::pace::due::{
    FetchOutcome, FetchReason, Fetched, Need, SeriesOffer, SeriesPast, first_sight, need, remember,
    turn,
};
use vod2strm_core::pace::requests::{Limits, Pace, SeriesHealth};
use vod2strm_core::policy::Versions;
use vod2strm_disk::inspect::presence::Presence;
use vod2strm_disk::ledger::{Fetches, Ledger};
use vod2strm_disk::library::Library;

use crate::config::FetchConfig;
use crate::context::Run;
use crate::effects::writer::Writer;
use crate::error::{RunError, no_thread};
use crate::fetched::{RefreshReport, Stopped, left_for_later};
use crate::planner::{Naming, Planner};
use crate::read::compare::{ReadStamps, compared};
use crate::read::load::{Take, entries, work_through};
use crate::read::merge::EntryReader;
use crate::read::select::Reading;

/// Series whose answers are looked at together, and how long the first of them waits for others.
const BATCH: usize = 50;
const BATCH_WAIT: Duration = Duration::from_secs(3);

/// Series that a preview names.
const NAMED: usize = 10;

/// What is to be asked for, in order.
pub struct Plan {
    offers: Vec<SeriesOffer>,
    memory: Fetches,
    /// Places in the offers.
    line: Vec<usize>,
    /// Places of those that need nothing.
    content: Vec<usize>,
    /// What the report says before anything was asked.
    pub report: RefreshReport,
}

impl Plan {
    /// Looks at all series of the scope.
    pub fn new(
        run: &Run<'_>,
        settings: &FetchConfig,
        ledger: &Ledger,
        catalog: &mut dyn Catalog,
    ) -> Result<Plan, RunError> {
        let now = run.clock.now();
        // Versions of all providers need the episodes of all.
        let providers = match run.policy.versions.series {
            Versions::Best => Providers::Best,
            Versions::Languages | Versions::All => Providers::All,
        };
        let filtered = ledger.filtered_series()?;
        let is_filtered = |account, id: &str| {
            !filtered.is_empty() && filtered.contains(&(account, id.to_owned()))
        };
        let missing = ledger.missing_episodes()?;
        let missing_since = |account, id: &str| {
            if missing.is_empty() { None } else { missing.get(&(account, id.to_owned())).copied() }
        };
        let is_missing = |account, id: &str| missing_since(account, id).is_some();
        let asked = RefreshScope { providers, is_filtered: &is_filtered, is_missing: &is_missing };
        let mut offers = match catalog.episodes() {
            Some(episodes) => episodes.offers(&asked)?,
            None => Vec::new(),
        };
        offers.retain(|offer| run.scope.series.contains(offer.series));
        let memory = ledger.fetches()?;
        let mut report = RefreshReport::default();
        let (mut line, mut content): (Vec<(usize, FetchReason)>, _) = (Vec::new(), Vec::new());
        for (at, offer) in offers.iter().enumerate() {
            let past = SeriesPast {
                fetched: remembered(&memory, offer),
                missing_since: missing_since(offer.account, &offer.provider_id),
            };
            match need(offer, past, now, settings.max_age) {
                Need::Now(why) => line.push((at, why)),
                Need::Later => report.waiting += 1,
                Need::Nothing => content.push(at),
            }
        }
        line.sort_by_cached_key(|(at, why)| {
            turn(&offers[*at], remembered(&memory, &offers[*at]), *why)
        });
        for (_, why) in &line {
            *report.due.entry(why.as_str()).or_default() += 1;
        }
        let line: Vec<usize> = line.into_iter().map(|(at, _)| at).collect();
        report.seconds_at_least = seconds_at_least(&offers, &line, settings.limits);
        Ok(Plan { offers, memory, line, content, report })
    }

    /// An account's name.
    fn name_of(&self, account: i64) -> String {
        let offer = self.offers.iter().find(|offer| offer.account == account);
        offer.map_or_else(|| format!("account {account}"), |offer| offer.account_name.clone())
    }

    /// What is known of a series from earlier runs.
    fn past(&self, offer: &SeriesOffer) -> SeriesHealth {
        match remembered(&self.memory, offer) {
            Some(memory) if memory.failures > 0 => SeriesHealth::Failing,
            _ => SeriesHealth::Sound,
        }
    }

    /// What a preview says.
    pub fn in_preview(mut self) -> RefreshReport {
        let names = self.line.iter().take(NAMED).map(|at| self.offers[*at].name.clone());
        self.report.first = names.collect();
        self.report
    }

    /// Remembers how series are that need nothing and were never asked for, so that a change is noticed.
    fn note_first_sights(&self, ledger: &mut Ledger) -> Result<(), RunError> {
        let news = self.content.iter().filter_map(|at| {
            let offer = &self.offers[*at];
            let seen = first_sight(offer, remembered(&self.memory, offer))?;
            Some((offer.account, offer.provider_id.as_str(), seen))
        });
        Ok(ledger.note_fetches(news)?)
    }

    /// The requests, in the order of the line, and each account's part of it.
    fn requests(&self, limits: Limits, now: i64) -> (Vec<FetchRequest>, Vec<Line>) {
        let mut by_account: BTreeMap<i64, VecDeque<usize>> = BTreeMap::new();
        let mut requests = Vec::with_capacity(self.line.len());
        for at in &self.line {
            let offer = &self.offers[*at];
            by_account.entry(offer.account).or_default().push_back(requests.len());
            let (series, relation) = (offer.series.0, offer.relation);
            requests.push(FetchRequest { series, relation, past: self.past(offer) });
        }
        let line = |(account, waiting)| {
            let of_it = self.memory.iter().filter(|((of, _), _)| *of == account);
            let ago = of_it.filter_map(|(_, fetched)| u64::try_from(now - fetched.tried?).ok());
            let pace = Pace::new(limits, ago.map(Duration::from_secs));
            Line { account, pace, waiting }
        };
        (requests, by_account.into_iter().map(line).collect())
    }
}

fn remembered<'a>(memory: &'a Fetches, offer: &SeriesOffer) -> Option<&'a Fetched> {
    memory.get(&(offer.account, offer.provider_id.clone()))
}

/// What the settings allow: the account with the longest line decides.
fn seconds_at_least(offers: &[SeriesOffer], line: &[usize], limits: Limits) -> f64 {
    let mut by_account: HashMap<i64, u64> = HashMap::new();
    for at in line {
        *by_account.entry(offers[*at].account).or_default() += 1;
    }
    let longest = by_account.into_values().max().unwrap_or_default();
    let longest = limits.run.map_or(longest, |most| longest.min(most));
    let by_gap = limits.gap.as_secs_f64() * longest as f64;
    let hours = limits.hour.map_or(0, |most| longest.saturating_sub(1) / most.max(1));
    by_gap.max(hours as f64 * 3_600.0)
}

/// Has episodes fetched, if that is wanted; `report` says how far it came, also when it fails.
pub fn fetch(
    run: &Run<'_>,
    library: &mut Library,
    source: &mut Reading,
    report: &mut Option<RefreshReport>,
) -> Result<(), RunError> {
    let Some(settings) = &run.config.fetch else { return Ok(()) };
    let plan = Plan::new(run, settings, &library.ledger, &mut *source.catalog)?;
    if run.request.mode.is_preview() {
        // Only who asks a provider learns what it answers: a preview says who would be asked.
        *report = Some(plan.in_preview());
        return Ok(());
    }
    let report = report.insert(plan.report.clone());
    let mut fetch = EpisodeFetch::new(run, &plan, library, source)?;
    fetch.run(settings.limits, &*settings.asker(run.redactor)?, report)
}

/// A refresh at work.
struct EpisodeFetch<'a> {
    run: &'a Run<'a>,
    plan: &'a Plan,
    library: &'a mut Library,
    source: &'a mut Reading,
    /// Knows which folders are given away; `None` while it is at work.
    planner: Option<Planner<'a>>,
    /// Answers that nobody has looked at: places in the offers.
    batch: Vec<(usize, FetchAnswer)>,
    since: Instant,
}

impl<'a> EpisodeFetch<'a> {
    fn new(
        run: &'a Run<'a>,
        plan: &'a Plan,
        library: &'a mut Library,
        source: &'a mut Reading,
    ) -> Result<EpisodeFetch<'a>, RunError> {
        // How often a provider was asked is remembered whatever happens.
        library.ledger.be_durable()?;
        plan.note_first_sights(&mut library.ledger)?;
        if !plan.line.is_empty() {
            know_entries(run, &library.ledger, source)?;
        }
        let (naming, presence) = (Naming::default(), Presence::default());
        let planner = Planner::new(run.policy, source, naming, presence, &[]);
        Ok(EpisodeFetch {
            run,
            plan,
            library,
            source,
            planner: Some(planner),
            batch: Vec::new(),
            since: Instant::now(),
        })
    }

    fn run(
        &mut self,
        limits: Limits,
        asker: &dyn Asker,
        report: &mut RefreshReport,
    ) -> Result<(), RunError> {
        let titles = self.plan.line.len() as u64;
        self.run.observer.event(&Event::Phase(Phase::Refresh, Some(titles)));
        if titles == 0 {
            return Ok(());
        }
        let (requests, lines) = self.plan.requests(limits, self.run.clock.now());
        let cancel = self.run.cancel;
        std::thread::scope(|scope| {
            let ((tell, told), (teller, qualities)) = (channel(), channel());
            let ask = move || {
                let questions = Questions { requests: &requests, lines, qualities, cancel };
                asker.ask(questions, &mut |said| drop(tell.send(said)))
            };
            let asking = Builder::new().spawn_scoped(scope, ask).map_err(no_thread)?;
            let listened = self.listen(&told, &teller, report);
            // Without anybody who tells, nothing further is asked.
            drop((told, teller));
            let asked = asking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            listened?;
            asked?;
            Ok(cancel.check()?)
        })
    }

    /// Takes answers as they come, until there will be none any more.
    fn listen(
        &mut self,
        told: &Receiver<Said>,
        teller: &Sender<(i64, AnswerQuality)>,
        report: &mut RefreshReport,
    ) -> Result<(), RunError> {
        loop {
            let wait = BATCH_WAIT.saturating_sub(self.since.elapsed());
            let is_due = !self.batch.is_empty() && (wait.is_zero() || self.batch.len() >= BATCH);
            if is_due {
                self.settle(teller, report)?;
                continue;
            }
            match told.recv_timeout(if self.batch.is_empty() { BATCH_WAIT } else { wait }) {
                Ok(Said::Answer(place, answer)) => {
                    if self.batch.is_empty() {
                        self.since = Instant::now();
                    }
                    self.run.observer.event(&Event::Asked(1));
                    self.batch.push((self.plan.line[place], answer));
                }
                Ok(Said::Ended(account, end, left)) => {
                    let stopped = Stopped::new(account, self.plan.name_of(account), end, left);
                    let Stopped { name, why, .. } = &stopped;
                    let text = format!("{name}: {}: {why}", left_for_later(left));
                    self.run.observer.event(&Event::Warning(&text));
                    report.stopped.push(stopped);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) if self.batch.is_empty() => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => self.settle(teller, report)?,
            }
        }
    }

    /// Looks what came of the batch's series, remembers it, and writes those that were fetched.
    fn settle(
        &mut self,
        teller: &Sender<(i64, AnswerQuality)>,
        report: &mut RefreshReport,
    ) -> Result<(), RunError> {
        let batch = std::mem::take(&mut self.batch);
        self.source.catalog.renew()?;
        let answers: Vec<(&SeriesOffer, FetchAnswer)> =
            batch.into_iter().map(|(at, answer)| (&self.plan.offers[at], answer)).collect();
        let outcomes = match self.source.catalog.episodes() {
            Some(episodes) => episodes.outcomes(&answers)?,
            None => Vec::new(),
        };
        let redactor = self.run.redactor;
        let outcomes = outcomes.into_iter().map(|outcome| match outcome {
            FetchOutcome::Failed(words) => FetchOutcome::Failed(redactor.shown(&words)),
            fetched @ FetchOutcome::Fetched(_) => fetched,
        });
        let (mut fetched, mut notes) = (Vec::new(), Vec::new());
        for ((offer, answer), outcome) in answers.into_iter().zip(outcomes) {
            if matches!(answer, FetchAnswer::Asked) {
                // Whoever asks may be done.
                let quality = match outcome {
                    FetchOutcome::Fetched(_) => AnswerQuality::Good,
                    FetchOutcome::Failed(_) => AnswerQuality::Failed(self.plan.past(offer)),
                };
                let _ = teller.send((offer.account, quality));
            }
            match &outcome {
                FetchOutcome::Fetched(episodes) => {
                    fetched.push(offer);
                    report.fetched += 1;
                    report.episodes += u64::from(*episodes);
                    report.empty += u64::from(*episodes == 0);
                }
                FetchOutcome::Failed(problem) => {
                    *report.failed.entry(problem.clone()).or_default() += 1;
                }
            }
            let memory = remembered(&self.plan.memory, offer);
            let note = remember(memory, offer, &outcome, self.run.clock.now());
            notes.push((offer.account, offer.provider_id.as_str(), note));
        }
        self.library.ledger.note_fetches(notes.into_iter())?;
        self.write(&fetched, report)?;
        // Nothing of the database is held on to while the next answers are waited for.
        Ok(self.source.catalog.renew()?)
    }

    /// Writes series that were fetched, those that the ledger knows. Which title any other series is can be said only
    /// beside all others, by the next run.
    fn write(
        &mut self,
        fetched: &[&SeriesOffer],
        report: &mut RefreshReport,
    ) -> Result<(), RunError> {
        let Some(planner) = self.planner.take() else { return Ok(()) };
        let (kind, merges) = (Kind::Series, &self.source.merges);
        let entries = fetched.iter().flat_map(|offer| merges.of_entry(kind, offer.series));
        let ids = entries.map(|entry| entry.0).collect();
        let scope = Scope { movies: Selection::Nothing, series: Selection::Ids(ids) };
        let mut stamps = Vec::with_capacity(fetched.len());
        self.source.catalog.stamps(&scope, &mut |stamp| stamps.push(stamp))?;
        let policy = self.run.policy;
        let streams = fetched.iter().map(|offer| (offer.account, offer.provider_id.as_str()));
        let index = self.library.ledger.index_of_series(policy.naming(), streams)?;
        let rules = MergeRules { grace: self.run.config.grace, is_anew: false };
        let names = EntryReader::new(policy, self.source.selector.cleaner.years.clone());
        let read = ReadStamps { stamps, names, kinds: &[], policy, rules };
        let mut work = compared(&index, read, &self.library.ledger, self.source)?.work;
        // What has to be renamed, too, is a matter of the next run.
        work.retain(|work| work.known.is_some_and(|known| !known.has_old_names));
        let known: Vec<TitleId> = work.iter().filter_map(|work| Some(work.known?.id)).collect();
        let again = self.library.ledger.written_in_this_run(&known)?;
        let batch = Batch::before(self.run.observer);
        let run = Run { observer: &batch, ..*self.run };
        let source = &mut *self.source;
        source.selector.habits.keep(|| self.library.ledger.habits())?;
        source.remember(&self.library.ledger, known.into_iter())?;
        let habits = source.selector.habits.news();
        let feed = |take: &mut Take<'_>| work_through(work, source, take);
        self.planner = Some(Writer::write(run, self.library, planner, habits, feed)?);
        report.new += batch.new.into_inner();
        report.new_entries += batch.new_entries.into_inner();
        report.changed += batch.changed.into_inner().saturating_sub(again);
        Ok(())
    }
}

/// Finds out which series have several entries, unless the run has found that out already.
fn know_entries(run: &Run<'_>, ledger: &Ledger, source: &mut Reading) -> Result<(), RunError> {
    if source.are_merges_known || !run.policy.are_names_cleaned() {
        return Ok(());
    }
    let scope = Scope { movies: Selection::Nothing, series: Selection::All };
    let stamps = entries(&mut *source.catalog, &scope, run.observer)?;
    let index = ledger.index(run.policy.naming())?;
    source.merges.extend(Merging::new(&index, stamps).finish().merges);
    source.are_merges_known = true;
    Ok(())
}

/// A listener between a batch and the others: its titles have been told of already in this run, as empty,
/// unchanged, or written. What they become is counted for the report of the fetch.
struct Batch<'a> {
    observer: &'a dyn Observer,
    new: AtomicU64,
    new_entries: AtomicU64,
    changed: AtomicU64,
}

impl Batch<'_> {
    fn before(observer: &dyn Observer) -> Batch<'_> {
        let none = || AtomicU64::new(0);
        Batch { observer, new: none(), new_entries: none(), changed: none() }
    }
}

impl Observer for Batch<'_> {
    fn event(&self, event: &Event<'_>) {
        let Event::Title(title) = event else { return self.observer.event(event) };
        match title.outcome {
            TitleOutcome::New => {
                self.new.fetch_add(1, Ordering::Relaxed);
                self.new_entries.fetch_add(title.entries, Ordering::Relaxed);
            }
            TitleOutcome::Changed => drop(self.changed.fetch_add(1, Ordering::Relaxed)),
            // They have been counted.
            TitleOutcome::Empty | TitleOutcome::Filtered(_) | TitleOutcome::Unchanged => {}
            _ => self.observer.event(event),
        }
    }
}
