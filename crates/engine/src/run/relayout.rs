//! Moves titles' folders when the rules for names have changed, or the user wants the names of today.
//!
//! Before anything is written: all titles that may move are looked at together, since they may want each
//! other's folders.

use std::collections::{HashMap, HashSet};

use vod2strm_core::event::{Action, Event, FileEvent, Phase, Reason, Role, TitleRef};
use vod2strm_core::identity::candidates::NameCandidates;
use vod2strm_core::identity::compare::Work;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::naming::apart::folder_candidates;
use vod2strm_core::naming::{TitleFolder, library_root};
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::moves::{Move, Moves, Wish, plan_moves};
use vod2strm_core::text::fold_key;
use vod2strm_disk::apply::ownership::holds_film;
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::inspect::presence::Presence;
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::Library;
use vod2strm_disk::moves::{foreign_at, make_moves};

use crate::context::Run;
use crate::error::RunError;
use crate::planner::Naming;
use crate::read::load::work_through;
use crate::read::select::Reading;

/// Where titles go before anything is written.
#[derive(Default)]
pub struct Relayout {
    moves: Moves,
    /// Titles whose folders turned out to be the user's.
    shared: HashSet<TitleId>,
}

impl Relayout {
    /// Looks at all titles that were named by other rules; if that is asked for, at all that are known.
    pub fn plan(
        run: &Run<'_>,
        work: &[Work],
        ledger: &Ledger,
        tree: &Tree,
        presence: &Presence,
        source: &mut Reading,
    ) -> Result<Relayout, RunError> {
        // One that was removed too, when it returns: others may have put something into its folder.
        let may_move = |work: &&Work| {
            work.known.is_some_and(|known| run.request.relayout || known.has_old_names)
        };
        let work: Vec<Work> = work.iter().filter(may_move).cloned().collect();
        if work.is_empty() {
            return Ok(Relayout::default());
        }
        run.observer.event(&Event::Phase(Phase::Move, None));
        let old = work.iter().filter_map(|work| work.known).filter(|known| known.has_old_names);
        let has_old_names: HashSet<TitleId> = old.map(|known| known.id).collect();
        let mut folders = ledger.folders()?;
        let (mut wishes, mut twins) = (Vec::new(), Twins::default());
        let mut shared = HashSet::new();
        work_through(work, source, |batch| {
            for loaded in batch {
                // What the filter does not let through goes from where it is.
                if loaded.title.is_filtered() {
                    continue;
                }
                let Some(id) = loaded.known else { continue };
                let Some((folder, ownership)) = folders.remove(&id) else { continue };
                let ownership = ownership.or(presence.ownership(id));
                let place = TitleFolder::new(loaded.title.kind, &folder);
                if is_the_users(ledger, tree, presence, id, place, ownership)? {
                    shared.insert(id);
                    continue;
                }
                let candidates = folder_candidates(&run.policy.layout, &loaded.title);
                let stays = !has_old_names.contains(&id);
                let is_content =
                    if stays { candidates.has(&folder) } else { candidates.preferred() == folder };
                if !is_content {
                    let kind = loaded.title.kind;
                    let candidates = twins.leave_out(tree, kind, &folder, candidates)?;
                    wishes.push(Wish { id, kind, folder, candidates, stays });
                }
            }
            Ok(())
        })?;
        let mut claims = ledger.claims()?;
        let mut is_foreign = |root: &'static str, folder: &str| foreign_at(tree, root, folder);
        let moves = plan_moves(wishes, &mut claims, &mut is_foreign);
        Ok(Relayout { moves, shared })
    }

    /// Moves the folders.
    pub fn make(self, run: &Run<'_>, library: &mut Library) -> Result<Naming, RunError> {
        let (mut stuck, shared) = (self.tell_refused(run), self.shared);
        let mut moved = HashSet::new();
        let (tree, ledger) = (&library.tree, &mut library.ledger);
        make_moves(tree, ledger, &self.moves.list, run.cancel, &mut |planned, made| {
            let problem = made.err().map(|error| format!("{error}: {}", error.source));
            let ids = if problem.is_some() { &mut stuck } else { &mut moved };
            ids.insert(planned.id);
            tell(run, planned, problem.as_deref());
        })?;
        run.cancel.check()?;
        Ok(Naming { is_renewed: run.request.relayout, stuck, moved, shared })
    }

    fn tell_refused(&self, run: &Run<'_>) -> HashSet<TitleId> {
        for refused in &self.moves.refused {
            let planned = Move {
                id: refused.id,
                root: refused.root,
                from: refused.folder.clone(),
                to: refused.wanted.clone(),
                via: false,
            };
            tell(run, &planned, Some("something that is not ours has the new name"));
        }
        self.moves.refused.iter().map(|refused| refused.id).collect()
    }
}

/// Whether a title's folder is the user's, and stays where it is. The folder was there before the title, or another one
/// that holds a film has come into its place.
fn is_the_users(
    ledger: &Ledger,
    tree: &Tree,
    presence: &Presence,
    id: TitleId,
    folder: TitleFolder<'_>,
    ownership: Ownership,
) -> Result<bool, RunError> {
    let Ok(path) = folder.path() else {
        return Ok(ownership == Ownership::Users);
    };
    match ownership {
        Ownership::Users => Ok(true),
        Ownership::Ours if presence.gone.contains_key(&id) => {
            let known = ledger.titles(&[id])?;
            let files = known.get(&id).map(|known| &known.files);
            let is_all_gone = files.is_some_and(|files| presence.is_all_gone(id, files));
            Ok(is_all_gone && holds_film(tree, &path)?)
        }
        Ownership::Ours => Ok(false),
        // Its own was removed, or could not be looked at.
        Ownership::Unknown => Ok(tree.kind(&path)?.is_some()),
    }
}

/// The names beside titles, asked for when a title's name changes in letter case or Unicode form alone.
#[derive(Default)]
struct Twins {
    /// By the folder that they are in.
    names: HashMap<String, HashSet<String>>,
}

impl Twins {
    /// Leaves out the names that differ from the title's folder so little, and that something else has beside it. To
    /// most of the planner that is one and the same place.
    fn leave_out(
        &mut self,
        tree: &Tree,
        kind: Kind,
        folder: &str,
        mut candidates: NameCandidates,
    ) -> Result<NameCandidates, RunError> {
        let is_like = |name: &String| fold_key(name) == fold_key(folder);
        if !candidates.names.iter().any(is_like) {
            return Ok(candidates);
        }
        let (above, _) = folder.rsplit_once('/').unwrap_or_default();
        let root = format!("{}/{above}", library_root(kind)).trim_end_matches('/').to_owned();
        if !self.names.contains_key(&root) {
            let names = RelPath::parse(&root).map_or(Ok(Vec::new()), |path| tree.list(&path))?;
            self.names.insert(root.clone(), names.into_iter().collect());
        }
        let Some(names) = self.names.get(&root) else { return Ok(candidates) };
        let own = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let is_there = |name: &str| own(name) != own(folder) && names.contains(&own(name));
        let is_twin = |name: &String| is_like(name) && is_there(name);
        candidates.names.retain(|name| !is_twin(name));
        Ok(candidates)
    }
}

fn tell(run: &Run<'_>, planned: &Move, problem: Option<&str>) {
    let kind = if planned.root == library_root(Kind::Movie) { Kind::Movie } else { Kind::Series };
    let (action, reason) = match problem {
        Some(_) => (Action::Error, Reason::MoveFailed),
        None => (Action::Moved, Reason::FolderMoved),
    };
    let Move { root, from, to, .. } = planned;
    let (before, after) = (format!("{root}/{from}"), format!("{root}/{to}"));
    let detail = problem.map(|problem| format!("{before} stays: {problem}: {after}"));
    run.observer.event(&Event::File(FileEvent {
        title: TitleRef { kind, name: to, year: None, uuid: None },
        role: if kind == Kind::Movie { Role::Movie } else { Role::TvshowNfo },
        season: None,
        episode: None,
        path: &after,
        from: problem.is_none().then_some(before.as_str()),
        action,
        reason,
        detail: detail.as_deref(),
    }));
}
