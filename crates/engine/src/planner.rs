//! Plans batches: where each title belongs, which of its files have to be written.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::claims::{Claims, IsForeign};
use vod2strm_core::identity::known::{Known, KnownTitle, TitleId};
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::plan::nfo_title::keeps_nfo_title;
use vod2strm_core::plan::{EpisodeChanges, Identity, TitlePlan, plan, plays_something};
use vod2strm_core::policy::Policy;
use vod2strm_core::removal::accounts::Will;
use vod2strm_core::removal::offered::OfferedTitles;
use vod2strm_core::render::NameRule;
use vod2strm_core::select::{Choice, mark_changed, mark_enabled, mark_let_in};
use vod2strm_disk::inspect::presence::Presence;
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;
use crate::read::load::Loaded;
use crate::read::select::Reading;

/// How the planner names titles.
#[derive(Default)]
pub struct Naming {
    /// All known titles get the names of today, whatever they were promised.
    pub is_renewed: bool,
    /// Titles that stay in their folders although they should move.
    pub stuck: HashSet<TitleId>,
    /// Titles whose folders have other names now.
    pub moved: HashSet<TitleId>,
    /// Titles whose folders turned out to be the user's: nothing in them gets another name.
    pub shared: HashSet<TitleId>,
}

/// Plans batches; knows which folders are given away.
pub struct Planner<'a> {
    policy: &'a Policy,
    naming: Naming,
    presence: Presence,
    /// The folders that are given away, once they have been asked for.
    claims: Option<Claims>,
    /// Titles that the catalogue no longer has.
    missing: Vec<Known>,
    offered: OfferedTitles,
    has_files: bool,
    /// The choices under which titles were let in; read when they are needed.
    filters: Option<HashMap<Fingerprint, Choice>>,
    /// The accounts that offer series, since the user's will has let that in, when the run began.
    let_in: Option<HashMap<TitleId, BTreeSet<i64>>>,
    /// The categories that are disabled now.
    disabled: BTreeSet<(i64, i64)>,
    /// A UUID alone writes no file.
    keeps_uuids: bool,
    /// The user's will in the last complete run of each kind, with the categories that were disabled then and are not
    /// now. It is read when it is needed.
    last_wills: HashMap<Kind, Option<Will>>,
}

impl<'a> Planner<'a> {
    /// A planner that has planned nothing yet.
    ///
    /// `source` is what is read.
    pub fn new(
        policy: &'a Policy,
        source: &Reading,
        naming: Naming,
        presence: Presence,
        missing: &[Known],
    ) -> Planner<'a> {
        Planner {
            policy,
            naming,
            presence,
            claims: None,
            missing: missing.to_vec(),
            offered: OfferedTitles::default(),
            has_files: false,
            filters: None,
            let_in: None,
            disabled: source.catalog.disabled(),
            keeps_uuids: source.keeps_uuids,
            last_wills: HashMap::new(),
        }
    }

    /// The titles that the catalogue no longer has, without those that were removed before.
    pub fn missing(&self) -> impl Iterator<Item = &Known> {
        self.missing.iter().filter(|known| !known.is_removed)
    }

    /// Who offers the titles that were loaded.
    pub fn offered(&self) -> &OfferedTitles {
        &self.offered
    }

    /// Counts the episodes that a plan takes.
    pub fn note_episodes(&mut self, changes: &EpisodeChanges) {
        self.offered.add_episodes(changes);
    }

    /// Counts a title that has got its first files: its entry, if it has one.
    pub fn note_new(&mut self, title: &Title, known: Option<TitleId>) {
        self.offered.add_new(title, known);
    }

    /// Whether a planned title has files that are wanted.
    pub fn has_files(&self) -> bool {
        self.has_files
    }

    /// Plans a batch, in its order. `is_foreign` is asked before a new folder gets a number.
    pub fn plans(
        &mut self,
        ledger: &Ledger,
        batch: Vec<Loaded>,
        is_foreign: &mut IsForeign<'_>,
    ) -> Result<Vec<TitlePlan>, RunError> {
        let ids: Vec<TitleId> = batch.iter().filter_map(|loaded| loaded.known).collect();
        let mut known: HashMap<TitleId, KnownTitle> = ledger.titles(&ids)?;
        let has_names = |id: TitleId, title: &Title| {
            let Some(known) = known.get(&id) else { return false };
            let names = self.names(Some((id, known)));
            known.folder.is_some() && keeps_nfo_title(self.policy, title, known, names)
        };
        // All folders and titles are looked up for these: a series without episodes needs none.
        let wants_names = |loaded: &Loaded| match loaded.known {
            Some(id) => loaded.title.has_streams() && !has_names(id, &loaded.title),
            None => true,
        };
        if self.claims.is_none() && batch.iter().any(wants_names) {
            self.claims = Some(ledger.claims()?);
        }
        // Nobody asks claims that were not asked for.
        let are_claims_known = self.claims.is_some();
        let mut claims = self.claims.take().unwrap_or_default();
        let let_in = match &mut self.let_in {
            Some(let_in) => let_in,
            None => self.let_in.insert(ledger.series_let_in()?),
        };
        for (id, title) in &mut known {
            title.ownership = title.ownership.or(self.presence.ownership(*id));
            title.let_in = let_in.get(id).cloned().unwrap_or_default();
            for key in self.presence.gone.get(id).into_iter().flat_map(BTreeMap::keys) {
                title.files.entry(key.clone()).and_modify(|file| file.hash = None);
            }
            if self.presence.must_be_read(*id) {
                title.files.values_mut().for_each(|file| file.is_edited = true);
            }
            for key in self.presence.edited.get(id).into_iter().flatten() {
                title.files.entry(key.clone()).and_modify(|file| file.is_edited = true);
            }
        }
        let nothing = KnownTitle::default();
        let mut plans = Vec::with_capacity(batch.len());
        for loaded in batch {
            let id = loaded.known;
            let names = self.names(id.and_then(|id| Some((id, known.get(&id)?))));
            let known = id.map(|id| (id, known.get(&id).unwrap_or(&nothing)));
            let mut title = loaded.title;
            self.mark_changed(&mut title, known.map(|(_, known)| known), ledger)?;
            self.offered.add(known, &title);
            let identity = Identity { known, fingerprint: loaded.fingerprint, names };
            let plan = plan(self.policy, title, identity, &mut claims, is_foreign);
            let is_stuck = id.is_some_and(|id| self.naming.stuck.contains(&id));
            let is_moved = id.is_some_and(|id| self.naming.moved.contains(&id));
            self.has_files |= plan.files().next().is_some();
            let keeps_uuids = self.keeps_uuids;
            plans.push(TitlePlan { is_stuck, is_moved, keeps_uuids, ..plan });
        }
        self.claims = are_claims_known.then_some(claims);
        Ok(plans)
    }

    /// Marks the streams that the user's will takes, or lets in, since the title was evaluated the last time. One that is
    /// not known is evaluated by the last run's filter.
    fn mark_changed(
        &mut self,
        title: &mut Title,
        known: Option<&KnownTitle>,
        ledger: &Ledger,
    ) -> Result<(), RunError> {
        let last = self.last_will(title.kind, ledger)?;
        // After a run of a version that did not note the user's will, what is new may be at that.
        let is_will_unknown = last.is_none() && ledger.this_run(title.kind) > 1;
        if is_will_unknown && !known.is_some_and(plays_something) {
            mark_let_in(title);
            return Ok(());
        }
        let before = known.map(|known| known.filter).or(last.as_ref().map(|will| will.filter));
        if let Some(before) = before {
            self.mark_filtered(title, before, ledger)?;
        }
        if let Some(will) = self.last_wills.get(&title.kind).and_then(Option::as_ref) {
            mark_enabled(title, &will.disabled);
        }
        Ok(())
    }

    /// The same of the filter alone, with the titles that are blocked and picked.
    fn mark_filtered(
        &mut self,
        title: &mut Title,
        before: Option<Fingerprint>,
        ledger: &Ledger,
    ) -> Result<(), RunError> {
        if self.policy.is_same_filter(before) || before.is_none() && title.is_wholly_wanted() {
            return Ok(());
        }
        let Some(before) = before else {
            mark_changed(title, None);
            return Ok(());
        };
        if self.filters.is_none() {
            let filters = ledger.filters()?.into_iter();
            let parsed = filters.filter_map(|(id, text)| Some((id, Choice::of_text(&text)?)));
            self.filters = Some(parsed.collect());
        }
        // What an unknown filter let in may not be taken for the user's will.
        if let Some(before) = self.filters.as_ref().and_then(|filters| filters.get(&before)) {
            mark_changed(title, Some(before));
        }
        Ok(())
    }

    fn last_will(&mut self, kind: Kind, ledger: &Ledger) -> Result<&Option<Will>, RunError> {
        match self.last_wills.entry(kind) {
            Entry::Occupied(will) => Ok(will.into_mut()),
            Entry::Vacant(place) => {
                let mut will = ledger.last_will(kind)?;
                will.iter_mut().for_each(|will| {
                    will.disabled.retain(|pair| !self.disabled.contains(pair));
                });
                Ok(place.insert(will))
            }
        }
    }

    /// Whether a known title's files are named anew.
    fn names(&self, known: Option<(TitleId, &KnownTitle)>) -> NameRule {
        let Some((id, known)) = known else { return NameRule::Keep };
        let has_names_of_today = known.naming == Some(self.policy.naming());
        // What is not known to be ours may be the user's.
        let is_ours = known.ownership == Ownership::Ours && !self.naming.shared.contains(&id);
        if !is_ours || !self.naming.is_renewed && has_names_of_today {
            NameRule::Keep
        } else {
            NameRule::Renew
        }
    }
}
