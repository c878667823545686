//! What every step of a run needs to know, and nothing that a step makes.

use std::collections::HashSet;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::Observer;
use vod2strm_core::hold::HoldId;
use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::Policy;
use vod2strm_core::text::secrets::Redactor;

use crate::config::LibraryConfig;
use crate::host::Clock;
use crate::request::Request;
use crate::source::{Scope, Selection};

/// A run at work.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The library's settings.
    pub config: &'a LibraryConfig,
    /// What was asked for.
    pub request: &'a Request,
    /// What shapes the library.
    pub policy: &'a Policy,
    /// The titles that the run is about.
    pub scope: &'a Scope,
    /// The holds that a person allows to let go.
    pub allowed: &'a HashSet<HoldId>,
    /// When the run began, in seconds since 1970.
    pub now: i64,
    /// The run's number in the ledger; 0 for a preview.
    pub id: i64,
    /// Who listens.
    pub observer: &'a dyn Observer,
    /// Who cancels it ends the run after the titles that are begun.
    pub cancel: &'a Cancel,
    /// The time of day.
    pub clock: &'a dyn Clock,
    /// Knows what must not be shown, nor kept.
    pub redactor: &'a Redactor,
}

impl Run<'_> {
    /// The kinds that the run is about.
    pub fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| *self.scope.of(*kind) != Selection::Nothing).collect()
    }

    /// The kinds that no ids narrow: only of these the run knows what is missing.
    pub fn whole_kinds(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| *self.scope.of(*kind) == Selection::All).collect()
    }

    /// Whether no ids narrow the run: only then it tells what the catalogue no longer has.
    pub fn is_whole(&self) -> bool {
        Kind::ALL.into_iter().all(|kind| !matches!(self.scope.of(kind), Selection::Ids(_)))
    }
}

/// The part of a library's titles that a run over these kinds is about.
pub fn narrowed(scope: &Scope, kinds: &[Kind]) -> Scope {
    let pick =
        |kind| if kinds.contains(&kind) { scope.of(kind).clone() } else { Selection::Nothing };
    Scope { movies: pick(Kind::Movie), series: pick(Kind::Series) }
}
