//! Plans batches: who each title is, where it belongs, which of its files have to be written.

use std::collections::{BTreeMap, HashMap};

use vod2strm_core::claims::Claims;
use vod2strm_core::known::{Known, KnownTitle, TitleId};
use vod2strm_core::media::{Kind, Title};
use vod2strm_core::naming::{folder_candidates, library_root};
use vod2strm_core::plan::{Identity, TitlePlan, plan};
use vod2strm_core::policy::Policy;
use vod2strm_core::stamp::ExternalId;
use vod2strm_disk::ledger::Ledger;

use crate::batches::Loaded;
use crate::error::RunError;

/// Plans batches; knows which folders are given away.
pub struct Planner<'a> {
    policy: &'a Policy,
    claims: Option<Claims>,
    gone: Gone,
    /// Titles that the catalogue no longer has, until one turns out to be back under another identity.
    absent: HashMap<TitleId, Known>,
    /// Known titles that were loaded, and an account that offers each: `Census` wants to know.
    offered: Vec<(TitleId, Kind, i64)>,
}

/// Files that are gone from the disk, by title: slot and path.
pub type Gone = HashMap<TitleId, BTreeMap<String, String>>;

impl<'a> Planner<'a> {
    /// A planner that knows no folder yet.
    pub fn new(policy: &'a Policy, gone: Gone, absent: &[Known]) -> Planner<'a> {
        let absent = absent.iter().map(|known| (known.id, *known)).collect();
        Planner { policy, claims: None, gone, absent, offered: Vec::new() }
    }

    /// The titles that the catalogue no longer has, without those that were removed before.
    pub fn absent(&self) -> impl Iterator<Item = &Known> {
        self.absent.values().filter(|known| !known.is_removed)
    }

    /// The known titles that were loaded, with each account that offers them.
    pub fn offered(&self) -> &[(TitleId, Kind, i64)] {
        &self.offered
    }

    /// Plans a batch, in its order.
    pub fn plans(
        &mut self,
        ledger: &Ledger,
        batch: Vec<Loaded>,
    ) -> Result<Vec<TitlePlan>, RunError> {
        let mut claims = match self.claims.take() {
            Some(claims) => claims,
            None => ledger.claims()?,
        };
        let namesakes: Vec<Option<TitleId>> =
            batch.iter().map(|loaded| self.namesake(&claims, loaded)).collect();
        let ids = batch
            .iter()
            .filter_map(|loaded| loaded.known)
            .chain(namesakes.iter().flatten().copied());
        let mut known: HashMap<TitleId, KnownTitle> = ledger.titles(&ids.collect::<Vec<_>>())?;
        for (id, title) in &mut known {
            for slot in self.gone.get(id).into_iter().flat_map(BTreeMap::keys) {
                if let Some(file) = title.files.get_mut(slot) {
                    file.hash = None;
                }
            }
        }
        let nothing = KnownTitle::default();
        let mut plans = Vec::with_capacity(batch.len());
        for (loaded, namesake) in batch.into_iter().zip(namesakes) {
            let returned = namesake.filter(|id| {
                let is_same = known.get(id).is_some_and(|known| !contradicts(&loaded.title, known));
                is_same && self.absent.remove(id).is_some()
            });
            let id = loaded.known.or(returned);
            let (kind, copies) = (loaded.title.kind, &loaded.title.copies);
            self.offered
                .extend(id.iter().flat_map(|id| copies.iter().map(|c| (*id, kind, c.account.id))));
            let known = id.map(|id| (id, known.get(&id).unwrap_or(&nothing)));
            let identity = Identity { known, fingerprint: loaded.fingerprint };
            plans.push(plan(self.policy, loaded.title, identity, &mut claims));
        }
        self.claims = Some(claims);
        Ok(plans)
    }

    /// The absent title that has the folder that a new one would get: no copy and no id recognised it,
    /// but its path does.
    fn namesake(&self, claims: &Claims, loaded: &Loaded) -> Option<TitleId> {
        if loaded.known.is_some() || self.absent.is_empty() {
            return None;
        }
        let folder = folder_candidates(self.policy.layout, &loaded.title).into_iter().next()?;
        let owner = claims.owner(library_root(loaded.title.kind), &folder)?;
        self.absent.contains_key(&owner).then_some(owner)
    }
}

/// Whether a title and a known one of the same name have ids that say they are different works.
fn contradicts(title: &Title, known: &KnownTitle) -> bool {
    ExternalId::contradict(&ExternalId::of(title.kind, &title.details), &known.externals)
}
