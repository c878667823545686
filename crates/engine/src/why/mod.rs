//! Why a title is in the library, or is not: what the source, the settings and the ledger say of it, decision by decision.
//! Reads alone, also while a run is at work.

pub mod answer;
mod target;
mod best;
mod entries;
mod offered;
mod files;
mod versions;
mod chain;

use std::collections::{BTreeMap, HashMap};

use vod2strm_core::hold::{HoldId, KnownHold};
use vod2strm_core::identity::known::{KnownTitle, TitleId};
use vod2strm_core::model::media::Kind;
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::names::years::Years;
use vod2strm_core::select::nearest::Nearest;
use vod2strm_core::select::search::{SearchedName, TitleSearch};
use vod2strm_core::text::redact::redact;
use vod2strm_disk::ledger::{Ledger, PastChange, TitleState};
use vod2strm_disk::library::LibraryError;
use vod2strm_disk::library::place::exists;

use self::answer::{Answer, TitleAnswer};
use self::best::{Best, SHOWN};
use self::chain::{Subject, told};
use self::offered::{FoundEntries, Offered, Sought, look_into_source, may_be, shown};
use self::target::{LibraryPath, Spot, Target};
use crate::config::{LibraryConfig, Place};
use crate::error::RunError;
use crate::host::Host;
use crate::library::with_known_versions;

/// What every answer of one question needs to know.
struct QuestionContext<'a> {
    config: &'a LibraryConfig,
    /// All titles of the ledger that are told of.
    states: HashMap<TitleId, TitleState>,
    /// Their files.
    files: HashMap<TitleId, KnownTitle>,
    /// What runs did to them.
    changes: HashMap<TitleId, Vec<PastChange>>,
    holds: BTreeMap<HoldId, KnownHold>,
    accounts: HashMap<i64, String>,
    /// The path that was asked for, below the root.
    path: Option<(Kind, String)>,
    /// Whether the source was read.
    is_source_read: bool,
}

/// Looks for titles and entries by name, id or path, and tells what becomes of each, and why.
pub fn why(config: &LibraryConfig, text: &str, host: &Host<'_>) -> Result<Answer, RunError> {
    let ledger = Ledger::open_beside_runs(&config.place.ledger_path()?)?;
    let config = &with_known_versions(config, &ledger)?;
    let target = Target::of(text, &config.place, &ledger)?;
    // It may be an address with a login.
    let ledger_error = lost_ledger(&config.place, host)?;
    let mut answer = Answer { query: redact(text), ledger_error, ..Answer::default() };
    // Names are compared as they are recognised, whatever the layout shows.
    let years = Years::plausible_at(host.clock.now());
    let mut cleaner = NameCleaner { takes_tags: true, ..config.policy.cleaner(years) };
    let (search, mut nearest, known) = match &target {
        Target::Path(path) => {
            let known = at_path(path, &ledger, &mut answer)?;
            (None, Nearest::to(""), known)
        }
        Target::Search(search) => {
            let mut nearest = Nearest::to(search.words().unwrap_or_default());
            let known = by_search(search, &ledger, &mut cleaner, &mut nearest, &mut answer)?;
            (Some(search), nearest, known)
        }
    };
    let states = ledger.states(&known)?;
    let mut offered = Vec::new();
    if search.is_some() || !states.is_empty() {
        let sought =
            Sought { search, states: &states, nearest: &mut nearest, cleaner: &mut cleaner };
        match look_into_source(config, &ledger, sought, host) {
            Ok(FoundEntries { offered: found, number, untold }) => {
                answer.entries = Some(number);
                answer.has_more = untold > 0;
                offered = found;
            }
            Err(error @ RunError::Catalog(_)) => {
                answer.source_error = Some(error.render(host.redactor).trim_end().to_owned());
            }
            Err(error) => return Err(error),
        }
    }
    host.cancel.check()?;
    let scene = scene(config, &ledger, &target, states, &offered, answer.source_error.is_none())?;
    answer.has_more |= answer.known > known.len() as u64;
    answer.titles = answers(&scene, known, offered, &mut cleaner);
    answer.has_more |= answer.titles.len() > SHOWN;
    answer.titles.truncate(SHOWN);
    if answer.is_empty() {
        answer.nearest = nearest.names();
    }
    Ok(answer)
}

/// That a library has no ledger, though it is one. What it has of titles is not told then.
fn lost_ledger(place: &Place, host: &Host<'_>) -> Result<Option<String>, RunError> {
    let (output, ledger) = (place.output.clone(), place.ledger_path()?);
    if place.is_new()? || exists(&ledger)? {
        return Ok(None);
    }
    let error = RunError::from(LibraryError::NoLedger { output, ledger });
    Ok(Some(error.render(host.redactor).trim_end().to_owned()))
}

/// The titles of the ledger at a path; tells what is there besides.
fn at_path(
    path: &LibraryPath,
    ledger: &Ledger,
    answer: &mut Answer,
) -> Result<Vec<TitleId>, RunError> {
    let (titles, number) = match &path.spot {
        Spot::Root(kind, below) => ledger.at_folder(*kind, below, SHOWN)?,
        Spot::Own | Spot::Beside | Spot::Outside => (Vec::new(), 0),
    };
    answer.known = number;
    let is_file_of_ours = match &path.spot {
        Spot::Root(_, below) if number == 1 => files::has(&ledger.titles(&titles)?, below),
        _ => number > 0,
    };
    answer.path = (!is_file_of_ours).then(|| path.remark());
    Ok(titles)
}

/// The best titles of the ledger that match.
fn by_search(
    search: &TitleSearch,
    ledger: &Ledger,
    cleaner: &mut NameCleaner,
    nearest: &mut Nearest,
    answer: &mut Answer,
) -> Result<Vec<TitleId>, RunError> {
    let mut best = Best::new();
    ledger.each_looked_up(|title| {
        let (kind, name, year) = (Some(title.kind), title.name, title.year);
        let (folder, tmdb, imdb) = (title.folder, title.tmdb, title.imdb);
        let named = SearchedName { kind, name, year, folder, tmdb, imdb };
        match search.rank(&named, cleaner) {
            Some(rank) => best.add(rank, name, || title.id),
            None => nearest.look_at(name, || shown(cleaner, name, kind, year)),
        }
    })?;
    answer.known = best.number;
    Ok(best.into_best())
}

/// All that the ledger has of the titles that are told of.
fn scene<'a>(
    config: &'a LibraryConfig,
    ledger: &Ledger,
    target: &Target,
    states: Vec<TitleState>,
    offered: &[Offered],
    is_source_read: bool,
) -> Result<QuestionContext<'a>, RunError> {
    let mut states: HashMap<TitleId, TitleState> =
        states.into_iter().map(|state| (state.id, state)).collect();
    let others: Vec<TitleId> =
        offered.iter().filter_map(Offered::known).filter(|id| !states.contains_key(id)).collect();
    states.extend(ledger.states(&others)?.into_iter().map(|state| (state.id, state)));
    let ids: Vec<TitleId> = states.keys().copied().collect();
    let path = match target {
        Target::Path(LibraryPath { spot: Spot::Root(kind, below), .. }) => {
            Some((*kind, below.clone()))
        }
        Target::Path(_) | Target::Search(_) => None,
    };
    Ok(QuestionContext {
        config,
        files: ledger.titles(&ids)?,
        changes: ledger.changes_of(&ids)?,
        holds: ledger.holds()?.into_iter().map(|hold| (hold.id, hold)).collect(),
        accounts: ledger.account_names()?.into_iter().collect(),
        states,
        path,
        is_source_read,
    })
}

/// An answer for each title: entries of the source with their titles in the ledger, and titles that have no entry.
fn answers(
    scene: &QuestionContext<'_>,
    known: Vec<TitleId>,
    offered: Vec<Offered>,
    cleaner: &mut NameCleaner,
) -> Vec<TitleAnswer> {
    let mut open: Vec<&TitleState> = known.iter().filter_map(|id| scene.states.get(id)).collect();
    let mut answers = Vec::new();
    let taken: Vec<TitleId> = offered.iter().filter_map(Offered::known).collect();
    open.retain(|state| !taken.contains(&state.id));
    // Of what does not match, that alone is told which is a title that does.
    let is_meant = |it: &&Offered| {
        it.entry.is_match || it.made.is_none() || it.known().is_some_and(|id| known.contains(&id))
    };
    for offered in offered.iter().filter(is_meant) {
        let state = match offered.known() {
            Some(id) => scene.states.get(&id),
            None => {
                // What a run makes a title of its own of is no other.
                let may_be = |state: &&TitleState| {
                    offered.made.is_none() && may_be(&offered.entry.name(), state)
                };
                open.iter().position(may_be).map(|at| open.remove(at))
            }
        };
        if offered.entry.is_match || state.is_some() {
            answers.push(told(scene, &Subject { offered: Some(offered), state }, cleaner));
        }
    }
    let rest = open.into_iter().map(|state| Subject { offered: None, state: Some(state) });
    answers.extend(rest.map(|subject| told(scene, &subject, cleaner)));
    answers
}
