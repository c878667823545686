//! Tells the listeners what became of a title, file by file.

use vod2strm_core::entries::TitleCount;
use vod2strm_core::event::{
    Action, Event, FileEvent, Observer, Reason, Role, TitleEvent, TitleOutcome, TitleRef,
};
use vod2strm_core::identity::compare::Comparison;
use vod2strm_core::identity::merges::Merges;
use vod2strm_core::model::left_out::LeftOutBy;
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::naming::{TitleFolder, library_root};
use vod2strm_core::path::{RelPath, is_strm};
use vod2strm_core::plan::settle::{Failure, FileResult, TitleResult, outcome};
use vod2strm_core::plan::{PlannedFile, TitlePlan};
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_disk::ledger::Population;

/// Tells the listeners of the titles of a kind that need no work.
pub fn tell_the_rest(
    observer: &dyn Observer,
    comparison: &Comparison,
    merges: &Merges,
    kind: Kind,
) {
    let mut population = Population::default();
    let unchanged =
        comparison.unchanged.iter().filter_map(|work| Some((work.stamp.key, work.known?)));
    for (key, known) in unchanged.filter(|(_, known)| known.kind == kind) {
        let title = || TitleCount::one(merges.number(kind, key));
        match known.left_out_by {
            Some(by) => *population.filtered.entry((by, None)).or_default() += title(),
            None if known.has_folder => population.playable += 1,
            None => population.empty += title(),
        }
    }
    tell_unchanged(observer, kind, &population);
}

/// Tells the listeners how many titles of a kind need no work.
pub fn tell_unchanged(observer: &dyn Observer, kind: Kind, population: &Population) {
    let Population { playable, empty, filtered, .. } = population;
    observer.event(&Event::Titles(kind, TitleOutcome::Unchanged, TitleCount::of(*playable)));
    observer.event(&Event::Titles(kind, TitleOutcome::Empty, *empty));
    if filtered.is_empty() {
        observer.event(&Event::Titles(
            kind,
            TitleOutcome::Filtered(LeftOutBy::Filter),
            TitleCount::default(),
        ));
    }
    for ((by, _), number) in filtered {
        observer.event(&Event::Titles(kind, TitleOutcome::Filtered(*by), *number));
    }
}

/// Tells the listeners how many titles of each kind are in folders of the user's.
pub fn tell_shared(observer: &dyn Observer, counts: Vec<(Kind, u64)>) {
    for (kind, number) in counts {
        observer.event(&Event::Titles(kind, TitleOutcome::Shared, TitleCount::of(number)));
    }
}

/// Tells the listeners what became of a title.
pub fn tell_title(observer: &dyn Observer, plan: &TitlePlan, applied: &TitleResult<TreeError>) {
    for (file, outcome) in plan.files().zip(&applied.files) {
        tell_file(observer, plan, file, outcome);
    }
    if let Some(error) = &applied.stray {
        tell_stray(observer, plan, error);
    }
    tell_strays(observer, plan, applied);
    tell_companions(observer, plan, applied);
    tell_omissions(observer, plan);
    let folder = plan.folder.as_deref();
    let folder = folder.map(|folder| TitleFolder::new(plan.title.kind, folder).to_string());
    observer.event(&Event::Title(TitleEvent {
        title: title_ref(&plan.title),
        folder: folder.as_deref(),
        entries: plan.title.entries(),
        outcome: outcome(plan, applied),
    }));
}

fn tell_file(
    observer: &dyn Observer,
    plan: &TitlePlan,
    planned: &PlannedFile,
    outcome: &FileResult<TreeError>,
) {
    let (action, reason) = match outcome {
        FileResult::Right(Reason::CachedSkip | Reason::SameToViewers) if planned.from.is_some() => {
            (Action::Moved, Reason::Renamed)
        }
        FileResult::Right(reason @ (Reason::Created | Reason::Updated | Reason::Restored)) => {
            (Action::Written, *reason)
        }
        FileResult::Right(reason)
        | FileResult::Left(reason @ (Reason::UserEdited | Reason::NoStrm)) => {
            (Action::Skipped, *reason)
        }
        FileResult::Left(reason) => (Action::Error, *reason),
        FileResult::Failed(_) => (Action::Error, Reason::WriteFailed),
        FileResult::NotTried => return,
    };
    let folder = TitleFolder::new(plan.title.kind, plan.folder.as_deref().unwrap_or_default());
    let path = folder.below(&planned.file.path);
    let problem = outcome.problem().map(|problem| match reason {
        Reason::ForeignFile => format!("{problem}: {path}"),
        _ => problem,
    });
    observer.event(&Event::File(FileEvent {
        title: title_ref(&plan.title),
        role: Role::of(&planned.file.key),
        season: planned.file.season,
        episode: planned.file.episode.and_then(|at| episode_ref(&plan.title, at)),
        path: &path,
        from: None,
        action,
        reason,
        detail: problem.as_deref(),
    }));
}

/// Tells of something that a run that was cut off left in a title's folder, and that resists.
fn tell_stray(observer: &dyn Observer, plan: &TitlePlan, error: &TreeError) {
    let folder = TitleFolder::new(plan.title.kind, plan.folder.as_deref().unwrap_or_default());
    observer.event(&Event::File(FileEvent {
        title: title_ref(&plan.title),
        role: Role::of_title(plan.title.kind),
        season: None,
        episode: None,
        path: &folder.to_string(),
        from: None,
        action: Action::Error,
        reason: Reason::RemoveFailed,
        detail: Some(&error.words()),
    }));
}

/// Tells of what a run that was cut off left in a title's folder, and that went.
fn tell_strays(observer: &dyn Observer, plan: &TitlePlan, applied: &TitleResult<TreeError>) {
    let folder = TitleFolder::new(plan.title.kind, plan.folder.as_deref().unwrap_or_default());
    for path in &applied.strays {
        observer.event(&Event::File(FileEvent {
            title: title_ref(&plan.title),
            role: role_of_name(plan.title.kind, path),
            season: None,
            episode: None,
            path: &folder.below(path),
            from: None,
            action: Action::Deleted,
            reason: Reason::NotWanted,
            detail: None,
        }));
    }
}

/// Tells of what a run that was cut off left in a folder that no title has, and that went. The folder's name stands
/// for the title's.
pub fn tell_orphans(observer: &dyn Observer, folder: &str, gone: &[RelPath]) {
    let (root, name) = folder.split_once('/').unwrap_or((folder, folder));
    let kind = Kind::ALL.into_iter().find(|kind| library_root(*kind) == root);
    let kind = kind.unwrap_or(Kind::Movie);
    for path in gone {
        observer.event(&Event::File(FileEvent {
            title: TitleRef { kind, name, year: None, uuid: None },
            role: role_of_name(kind, path.as_str()),
            season: None,
            episode: None,
            path: path.as_str(),
            from: None,
            action: Action::Deleted,
            reason: Reason::NotWanted,
            detail: None,
        }));
    }
}

/// What a file is that has no key: its name tells.
pub fn role_of_name(kind: Kind, path: &str) -> Role {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name).to_ascii_lowercase();
    match (kind, is_strm(&name), name.as_str()) {
        (Kind::Movie, true, _) => Role::Movie,
        (Kind::Movie, false, _) => Role::MovieNfo,
        (Kind::Series, true, _) => Role::Episode,
        (Kind::Series, false, "tvshow.nfo") => Role::TvshowNfo,
        (Kind::Series, false, "season.nfo") => Role::SeasonNfo,
        (Kind::Series, false, _) => Role::EpisodeNfo,
    }
}

/// Tells of the subtitles and pictures that went along with `.strm` files.
fn tell_companions(observer: &dyn Observer, plan: &TitlePlan, applied: &TitleResult<TreeError>) {
    let folder = TitleFolder::new(plan.title.kind, plan.folder.as_deref().unwrap_or_default());
    for (from, to) in &applied.companions {
        observer.event(&Event::File(FileEvent {
            title: title_ref(&plan.title),
            role: Role::Companion,
            season: None,
            episode: None,
            path: &folder.below(to),
            from: Some(&folder.below(from)),
            action: Action::Moved,
            reason: Reason::Renamed,
            detail: None,
        }));
    }
}

/// Tells of what a title should have and cannot.
fn tell_omissions(observer: &dyn Observer, plan: &TitlePlan) {
    let omissions = plan.omissions.iter().map(|omission| {
        let role = match (plan.title.kind, omission.episode) {
            (Kind::Movie, _) => Role::Movie,
            (Kind::Series, None) => Role::TvshowNfo,
            (Kind::Series, Some(_)) => Role::Episode,
        };
        (role, omission.episode, String::new(), omission.reason, omission.detail.as_deref())
    });
    for (role, episode, path, reason, detail) in omissions {
        observer.event(&Event::File(FileEvent {
            title: title_ref(&plan.title),
            role,
            season: episode.and_then(|at| plan.title.episodes.get(at)?.season),
            episode: episode.and_then(|at| episode_ref(&plan.title, at)),
            path: &path,
            from: None,
            action: Action::Skipped,
            reason,
            detail,
        }));
    }
}

fn title_ref(title: &Title) -> TitleRef<'_> {
    TitleRef {
        kind: title.kind,
        name: &title.details.name,
        year: title.details.year,
        uuid: title.uuid.as_deref(),
    }
}

fn episode_ref(title: &Title, at: usize) -> Option<(&str, Option<&str>)> {
    let episode = title.episodes.get(at)?;
    Some((episode.name.as_str(), episode.uuid.as_deref()))
}
