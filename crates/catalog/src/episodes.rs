//! Sources that do not have all episodes: which series miss some, who is asked to fetch them, and what came of it.

use std::collections::VecDeque;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::pace::due::{FetchOutcome, SeriesOffer};
use vod2strm_core::pace::requests::{Pace, SeriesHealth, StopReason};
use vod2strm_core::text::secrets::Secret;

use crate::error::CatalogError;

/// A source whose service can fetch episodes that it does not have.
pub trait FetchEpisodes {
    /// All series at their providers, in any order.
    fn offers(&mut self, asked: &RefreshScope<'_>) -> Result<Vec<SeriesOffer>, CatalogError>;

    /// What came of asking for these series, as the source is now; in their order.
    fn outcomes(
        &mut self,
        answers: &[(&SeriesOffer, FetchAnswer)],
    ) -> Result<Vec<FetchOutcome>, CatalogError>;
}

/// The service that is asked to fetch episodes, beside the source.
pub trait Asker: Send + Sync {
    /// Who lets us in, in words.
    fn greeting(&self, cancel: &Cancel) -> Result<String, CatalogError>;

    /// Whether the service of such a version plays an address that names stream and account, whatever UUID it has.
    fn keeps_uuids(&self, version: &str) -> bool;

    /// The version of the service, which lets us in.
    fn version(&self, cancel: &Cancel) -> Result<String, CatalogError>;

    /// Asks for all series, on this thread; `tell` hears of every answer as it comes. Ends early when nothing can be
    /// asked, and when it is cancelled.
    fn ask(&self, questions: Questions<'_>, tell: &mut dyn FnMut(Said))
    -> Result<(), CatalogError>;
}

/// Who we are to the service.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A user's API key, which does not expire.
    Key(Secret),
    /// A user: logs in, and again when the token has expired.
    User {
        /// The user's name.
        name: String,
        /// The password.
        password: Secret,
    },
}

/// Which of a series' providers are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Providers {
    /// The best one, from which the source plays it.
    Best,
    /// All, each of which has episodes of its own.
    All,
}

/// Says something of a stream: of an account, and its provider's id of the series.
pub type IsStream<'a> = dyn Fn(i64, &str) -> bool + 'a;

/// Which streams of series a refresh is about.
pub struct RefreshScope<'a> {
    /// From which of a series' providers.
    pub providers: Providers,
    /// Those that are not wanted.
    pub is_filtered: &'a IsStream<'a>,
    /// Those that are asked for also where they are not the best: episodes of theirs are missing.
    pub is_missing: &'a IsStream<'a>,
}

/// A series to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    /// The source's id of the series.
    pub series: i64,
    /// Its id of the account's stream.
    pub relation: i64,
    /// What is known of it from earlier runs.
    pub past: SeriesHealth,
}

/// An account's series, none of which was asked for.
#[derive(Debug)]
pub struct Line {
    /// The account.
    pub account: i64,
    /// How fast it may be asked.
    pub pace: Pace,
    /// Places in the list of requests, the first to be asked for first.
    pub waiting: VecDeque<usize>,
}

/// All that is to be asked.
pub struct Questions<'a> {
    /// The series.
    pub requests: &'a [FetchRequest],
    /// By account.
    pub lines: Vec<Line>,
    /// Accounts, and what an answer of theirs turned out to be. When nobody is there any more to say so,
    /// nothing further is asked.
    pub qualities: Receiver<(i64, AnswerQuality)>,
    /// Once cancelled, nothing further is asked, and nobody waits for what was.
    pub cancel: &'a Cancel,
}

/// What came of asking for a series.
#[derive(Debug)]
pub enum FetchAnswer {
    /// The service has asked the provider, as far as it says.
    Asked,
    /// The provider did not answer the service.
    ProviderFailed,
    /// Too many requests; not before so long, if it says so.
    Refused(Option<Duration>),
    /// No answer, or an error, for this reason.
    Failed(String),
    /// Nothing listens there, or what listens says that the service does not run behind it.
    Down(CatalogError),
    /// The service has no such series at that account any more.
    Gone(String),
    /// Nothing can be asked: the address or the credentials are wrong.
    Fatal(CatalogError),
}

/// What is told of the work.
#[derive(Debug)]
pub enum Said {
    /// The series at this place of the requests was asked for.
    Answer(usize, FetchAnswer),
    /// An account is not asked any more; so many of its series are left.
    Ended(i64, StopReason, usize),
}

/// What an answer turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerQuality {
    /// A good one.
    Good,
    /// None, for such a series.
    Failed(SeriesHealth),
}
