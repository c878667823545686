//! The decisions on one title, in order, and what they come to.

use std::collections::BTreeMap;

use vod2strm_catalog::source::NotOffered;
use vod2strm_core::date;
use vod2strm_core::entries::WhyLeftOut;
use vod2strm_core::hold::Content;
use vod2strm_core::model::media::Kind;
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::naming::{TitleFolder, preferred_folder};
use vod2strm_core::plan::TitlePlan;
use vod2strm_core::select::PartAnswer;
use vod2strm_core::text::counted;
use vod2strm_disk::ledger::TitleState;

use super::QuestionContext;
use super::answer::{DecisionStep, StepPart, TitleAnswer, Verdict, VerdictReason};
use super::best::SHOWN;
use super::entries::MergedEntry;
use super::files::{self, ToldFiles};
use super::offered::{Offered, PlannedEntry};
use super::versions::versions;
use crate::names::NameRow;

/// What is told of: an entry of the source, a title of the ledger, or both.
pub(super) struct Subject<'a> {
    pub(super) offered: Option<&'a Offered>,
    pub(super) state: Option<&'a TitleState>,
}

/// All that is told of one.
pub(super) fn told(
    scene: &QuestionContext<'_>,
    subject: &Subject<'_>,
    cleaner: &mut NameCleaner,
) -> TitleAnswer {
    let made = subject.offered.and_then(|offered| offered.made.as_ref());
    let decided = match (subject.offered, made) {
        (Some(_), Some(made)) => of_made(scene, made, subject.state),
        (Some(offered), None) => not_offered(offered),
        (None, _) => without_entry(scene, subject.state),
    };
    let decided = with_files_left(decided, subject.state);
    let (kind, name, year) = called(subject, made, cleaner);
    let folder = folder(subject, made);
    let ToldFiles { some, further, gone } = told_files(scene, subject, kind);
    let decided = with_files_gone(decided, gone);
    let mut steps = steps(scene, subject, made);
    mark(&mut steps, &decided);
    TitleAnswer {
        kind,
        name,
        year,
        verdict: decided.verdict,
        reason: decided.reason.map(WhyLeftOut::as_str),
        because: decided.because,
        steps,
        folder,
        files: some,
        further_files: further,
    }
}

/// The title's files, as the ledger has them.
fn told_files(scene: &QuestionContext<'_>, subject: &Subject<'_>, kind: Option<Kind>) -> ToldFiles {
    let (Some(state), Some(kind)) = (subject.state, kind) else { return ToldFiles::default() };
    let (Some(folder), Some(title)) = (&state.folder, scene.files.get(&state.id)) else {
        return ToldFiles::default();
    };
    let asked = scene.path.as_ref().filter(|(of, _)| *of == kind);
    let path = asked.and_then(|(_, path)| path.strip_prefix(folder.as_str()));
    let path = path.map(|path| path.trim_start_matches('/')).filter(|path| !path.is_empty());
    files::told(&scene.config.place, TitleFolder::new(kind, folder), title, path)
}

/// Says so where files of what is in the library are not on disk.
fn with_files_gone(decided: VerdictReason, gone: u64) -> VerdictReason {
    if decided.verdict != Verdict::InLibrary || gone == 0 {
        return decided;
    }
    let gone = counted(gone, "file of it is", "files of it are");
    VerdictReason { because: format!("{}; {gone} gone from disk", decided.because), ..decided }
}

/// Marks the step that decides, where only all of them together tell that.
fn mark(steps: &mut [DecisionStep], decided: &VerdictReason) {
    let deciding = match (decided.verdict, decided.reason) {
        (Verdict::Missing | Verdict::Held | Verdict::Failed | Verdict::Removed, _) => "ledger",
        (_, Some(WhyLeftOut::NoEpisodes | WhyLeftOut::NoAddress)) => "version",
        (_, Some(WhyLeftOut::Filtered)) => "ledger",
        _ => return,
    };
    if steps.iter().all(|step| step.passes != Some(false))
        && let Some(step) = steps.iter_mut().find(|step| step.step == deciding)
    {
        step.passes = Some(false);
    }
}

/// Kind, name and year as people see them. The name of what is in no title is left as it is.
fn called(
    subject: &Subject<'_>,
    made: Option<&PlannedEntry>,
    cleaner: &mut NameCleaner,
) -> (Option<Kind>, String, Option<i32>) {
    if let Some(PlannedEntry { plan, .. }) = made {
        let (name, year) = plan.title.details.shown();
        return (Some(plan.title.kind), name.to_owned(), year);
    }
    let (kind, name, year) = match (subject.state, subject.offered) {
        (Some(state), _) => (Some(state.kind), &state.name, state.year),
        (None, Some(Offered { entry, .. })) if entry.key.is_none() => {
            return (entry.kind, entry.name.clone(), entry.year);
        }
        (None, Some(Offered { entry, .. })) => (entry.kind, &entry.name, entry.year),
        (None, None) => return (None, String::new(), None),
    };
    let (clean, in_name) = cleaner.name_and_year(name, kind, year);
    (kind, clean, year.or(in_name))
}

/// The folder that it has, or would get.
fn folder(subject: &Subject<'_>, made: Option<&PlannedEntry>) -> Option<String> {
    let planned = made.and_then(|made| made.plan.title_folder().map(|folder| folder.to_string()));
    let own = || {
        let state = subject.state?;
        Some(TitleFolder::new(state.kind, state.folder.as_deref()?).to_string())
    };
    planned.or_else(own)
}

/// What becomes of an entry that is offered.
fn of_made(
    scene: &QuestionContext<'_>,
    made: &PlannedEntry,
    state: Option<&TitleState>,
) -> VerdictReason {
    let (plan, said) = (&made.plan, &made.explanation);
    if !said.is_let_through && said.picked_by.is_empty() {
        let failing: Vec<&str> = said.failing().collect();
        let because = match failing.as_slice() {
            [] => "the filter: each part holds for some stream, and all hold for none".to_owned(),
            parts => format!("the filter: {}", parts.join(", ")),
        };
        return VerdictReason::left_out(WhyLeftOut::Filtered, because);
    }
    if let Some(line) = said.blocked_by.first() {
        return VerdictReason::left_out(WhyLeftOut::Blocked, format!("block: {line}"));
    }
    if let Some(step) = ids(scene, made) {
        return VerdictReason::left_out(WhyLeftOut::NotAsked, step.text);
    }
    if plan.files().next().is_none() {
        return nothing_to_play(plan);
    }
    of_wanted(scene, plan, state)
}

/// That the settings ask for other titles alone. One entry of a title is asked for as all are.
fn ids(scene: &QuestionContext<'_>, made: &PlannedEntry) -> Option<DecisionStep> {
    let title = &made.plan.title;
    let asked = scene.config.scope.of(title.kind);
    let is_asked =
        asked.contains(title.key) || made.entries.iter().any(|it| asked.contains(it.key));
    let setting = if title.kind == Kind::Movie { "movie_ids" } else { "series_ids" };
    let text = format!("{setting} has other ids alone");
    (!is_asked).then(|| DecisionStep::decides("ids", false, text))
}

/// A title that has nothing to play.
fn nothing_to_play(plan: &TitlePlan) -> VerdictReason {
    if plan.title.kind == Kind::Series {
        let text = match plan.title.episodes.len() {
            0 => "the source has no episode of it; vod2strm refresh has them fetched",
            _ => "no account that is on offers one of its episodes",
        };
        return VerdictReason::left_out(WhyLeftOut::NoEpisodes, text);
    }
    let detail = plan.omissions.iter().find_map(|omission| omission.detail.clone());
    let text = detail.unwrap_or_else(|| "it has no address that players open".to_owned());
    VerdictReason::left_out(WhyLeftOut::NoAddress, text)
}

/// A title that the next run writes, if it is not there.
fn of_wanted(
    scene: &QuestionContext<'_>,
    plan: &TitlePlan,
    state: Option<&TitleState>,
) -> VerdictReason {
    if let Some(problem) = state.and_then(|state| state.problem.as_ref()) {
        return VerdictReason::of(Verdict::Failed, problem.clone());
    }
    let folder = plan.title_folder().map(|folder| folder.to_string()).unwrap_or_default();
    let is_there = |state: &&TitleState| state.folder.is_some() && state.removed.is_none();
    if let Some(state) = state.filter(is_there) {
        let back = match state.missing_runs {
            Some(_) => "; it was missing, and the source has it again",
            None if plan.is_idle() => "",
            None => "; the next generate brings its files up to date",
        };
        return VerdictReason::of(Verdict::InLibrary, format!("{folder}{back}"));
    }
    let accounts: Vec<i64> = plan.title.streams.iter().map(|it| it.account.id).collect();
    let holds = scene.holds.values().filter(|hold| hold.items > 0 && hold.leaves_out());
    let mut holds = holds.filter(|hold| {
        hold.key.content == Content::of(plan.title.kind)
            && hold.key.account.is_none_or(|account| accounts.contains(&account))
    });
    if let (Some(hold), None) = (holds.next(), state) {
        let text = format!(
            "while hold {} lasts, nothing new of its account is written: vod2strm history shows it",
            hold.id
        );
        return VerdictReason::of(Verdict::Held, text);
    }
    VerdictReason::of(Verdict::ToBeWritten, format!("the next generate writes it to {folder}"))
}

/// An entry that is in no title.
fn not_offered(offered: &Offered) -> VerdictReason {
    if let Some((why, said)) = &offered.entry.left_out {
        return VerdictReason::left_out(*why, format!("{}: {said}", why.word()));
    }
    let why = match &offered.not_offered {
        Some(NotOffered::AccountsOff(_)) => WhyLeftOut::AccountOff,
        Some(NotOffered::CategoriesDisabled(_)) => WhyLeftOut::CategoryOff,
        Some(NotOffered::NoAccount | NotOffered::Unknown) | None => WhyLeftOut::NoStream,
    };
    let because = offered.not_offered.as_ref().map_or_else(String::new, ToString::to_string);
    VerdictReason::left_out(why, because)
}

/// A title of the ledger of which the source has no entry, or which nobody could ask it about.
fn without_entry(scene: &QuestionContext<'_>, state: Option<&TitleState>) -> VerdictReason {
    let Some(state) = state else { return VerdictReason::of(Verdict::Missing, "") };
    let missing = state.missing_runs.map(|runs| missing_text(state, runs));
    if let Some(removed) = state.removed {
        let will = if state.is_let_go { ", as you wanted or allowed" } else { "" };
        let text = format!("its files were removed on {}{will}", date::moment(removed));
        return VerdictReason::of(Verdict::Removed, text);
    }
    if let Some(id) = state.hold {
        let reason = scene.holds.get(&id).map_or("", |hold| hold.key.reason.as_str());
        let text = format!("its removal is held as {id} ({reason}): vod2strm history shows why");
        return VerdictReason::of(Verdict::Held, text);
    }
    if let Some(missing) = missing {
        return VerdictReason::of(Verdict::Missing, missing);
    }
    if scene.is_source_read {
        let text = "the source has no entry of it now; the next complete run notes it as missing";
        return VerdictReason::of(Verdict::Missing, text);
    }
    if let Some(problem) = &state.problem {
        return VerdictReason::of(Verdict::Failed, problem.clone());
    }
    if state.is_filtered {
        let text = "the filter, or block, left it out when it was last looked at";
        return VerdictReason::left_out(WhyLeftOut::Filtered, text);
    }
    match &state.folder {
        Some(folder) => {
            let folder = TitleFolder::new(state.kind, folder).to_string();
            VerdictReason::of(Verdict::InLibrary, folder)
        }
        None => VerdictReason::left_out(WhyLeftOut::NoEpisodes, "it had nothing to play"),
    }
}

fn missing_text(state: &TitleState, runs: u32) -> String {
    let runs = counted(u64::from(runs), "complete run has", "complete runs have");
    let since = state.missing_since.map(date::moment);
    let since = since.map_or(String::new(), |at| format!(", at least since {at}"));
    format!("{runs} not found it in the source{since}")
}

/// Says so where files of what is left out are still there. A run about other ids removes none.
fn with_files_left(decided: VerdictReason, state: Option<&TitleState>) -> VerdictReason {
    let has_files = |state: &&TitleState| state.folder.is_some() && state.removed.is_none();
    let (VerdictReason { verdict: Verdict::LeftOut, .. }, Some(state)) =
        (&decided, state.filter(has_files))
    else {
        return decided;
    };
    let what = match state.hold {
        Some(hold) => format!("the removal of its files is held as {hold}"),
        None if decided.reason == Some(WhyLeftOut::NotAsked) => {
            "its files stay as they are".to_owned()
        }
        None => {
            "its files stay until runs with --cleanup apply remove them, after the grace".to_owned()
        }
    };
    VerdictReason { because: format!("{}; {what}", decided.because), ..decided }
}

/// All decisions that were made, in order.
fn steps(
    scene: &QuestionContext<'_>,
    subject: &Subject<'_>,
    made: Option<&PlannedEntry>,
) -> Vec<DecisionStep> {
    let mut steps = Vec::new();
    if let Some(offered) = subject.offered {
        steps.extend(entry(offered));
        steps.extend(accounts(offered));
    }
    if let Some(made) = made {
        steps.extend(choice(made));
        steps.extend(ids(scene, made));
        steps.push(merge(scene, made));
        steps.push(versions(&scene.config.policy, made));
        steps.push(name(&made.name));
        steps.extend(planned(scene, made, subject.state));
    }
    steps.extend(ledger(scene, subject.state));
    steps
}

/// The entry itself.
fn entry(offered: &Offered) -> Option<DecisionStep> {
    let entry = &offered.entry;
    let category = entry.category.as_ref().map_or(String::new(), |it| format!(", in {it}"));
    match (&entry.left_out, entry.kind, entry.key) {
        (Some((why, said)), ..) => {
            let text = format!("{}{category}; {}: {said}", entry.name, why.word());
            Some(DecisionStep::decides("entry", false, text))
        }
        (None, Some(kind), Some(key)) => {
            let further = offered.keys.len().saturating_sub(1) as u64;
            let further = match further {
                0 => String::new(),
                more => format!(" and {}", counted(more, "further entry", "further entries")),
            };
            let text = format!("the source has it as {kind} {}{further}", key.0);
            Some(DecisionStep::says("entry", text))
        }
        _ => None,
    }
}

/// Accounts and categories.
fn accounts(offered: &Offered) -> Vec<DecisionStep> {
    let Offered { listings, made, .. } = offered;
    if listings.is_empty() {
        let Some(made) = made else {
            let is_title = offered.entry.left_out.is_none();
            let step = || DecisionStep::decides("account", false, "no provider account lists it");
            return is_title.then(step).into_iter().collect();
        };
        let streams = made.plan.title.streams.iter();
        let mut names: Vec<&str> = streams.filter_map(|it| it.category_name.as_deref()).collect();
        names.dedup();
        let step = || DecisionStep::says("category", names.join(", "));
        return (!names.is_empty()).then(step).into_iter().collect();
    }
    let on_off = |is_on: bool| if is_on { "on" } else { "off" };
    let mut by_account: BTreeMap<&str, bool> = BTreeMap::new();
    for listing in listings {
        by_account.insert(&listing.account, listing.is_account_on);
    }
    let accounts: Vec<StepPart> = by_account
        .iter()
        .map(|(name, is_on)| StepPart { text: (*name).to_owned(), passes: *is_on })
        .collect();
    let is_any_on = accounts.iter().any(|part| part.passes);
    let text = accounts.iter().map(|part| format!("{} is {}", part.text, on_off(part.passes)));
    let text = text.collect::<Vec<_>>().join(", ");
    let mut steps = vec![DecisionStep::decides("account", is_any_on, text).with(accounts)];
    let on = listings.iter().filter(|listing| listing.is_account_on);
    let categories: Vec<StepPart> = on
        .map(|listing| {
            let name = listing.category.as_deref().unwrap_or("no category");
            let text = format!("{name} of {}", listing.account);
            StepPart { text, passes: listing.is_category_on }
        })
        .collect();
    if is_any_on {
        let text =
            categories.iter().map(|part| format!("{} is {}", part.text, on_off(part.passes)));
        let text = text.collect::<Vec<_>>().join(", ");
        let is_any = categories.iter().any(|part| part.passes);
        steps.push(DecisionStep::decides("category", is_any, text).with(categories));
    }
    steps
}

/// The entries that it is made of.
fn merge(scene: &QuestionContext<'_>, made: &PlannedEntry) -> DecisionStep {
    if made.entries.is_empty() {
        let text = if scene.config.policy.are_names_cleaned() {
            "it is made of this entry alone"
        } else {
            "each entry is a title of its own where names are left as they are"
        };
        return DecisionStep::says("merge", text);
    }
    let part = |entry: &MergedEntry| {
        let year = entry.year.filter(|year| !entry.name.contains(&year.to_string()));
        let year = year.map_or(String::new(), |year| format!(" ({year})"));
        let accounts = entry.accounts.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let MergedEntry { key, name, because, .. } = entry;
        let id = key.0;
        StepPart { text: format!("{id}: {name}{year} of {accounts}: {because}"), passes: true }
    };
    let parts: Vec<StepPart> = made.entries.iter().map(part).take(SHOWN).collect();
    let further = made.entries.len() - parts.len();
    let further =
        if further > 0 { format!(", {further} of them not shown") } else { String::new() };
    let text = format!("it is made of {} entries{further}", made.entries.len());
    DecisionStep::says("merge", text).with(parts)
}

/// Filter, `block` and `pick`.
fn choice(made: &PlannedEntry) -> Vec<DecisionStep> {
    let said = &made.explanation;
    let mut steps = Vec::new();
    if said.parts.is_empty() {
        steps.push(DecisionStep::says("filter", "there is none"));
    } else {
        let part = |part: &PartAnswer| StepPart { text: part.text.clone(), passes: part.holds };
        let text = if said.is_let_through { "lets it through" } else { "leaves it out" };
        let parts = said.parts.iter().map(part).collect();
        steps.push(DecisionStep::decides("filter", said.is_let_through, text).with(parts));
    }
    let lines = |step, passes, lines: &[String]| {
        (!lines.is_empty()).then(|| DecisionStep::decides(step, passes, lines.join(", ")))
    };
    steps.extend(lines("block", false, &said.blocked_by));
    steps.extend(lines("pick", true, &said.picked_by));
    steps
}

/// The name: as the source has it, what was taken off, and what is left.
fn name(row: &NameRow) -> DecisionStep {
    let year = row.year.map_or(String::new(), |year| format!(" ({year})"));
    let tags = [("quality", &row.quality), ("language", &row.language), ("", &row.other)];
    let tags = tags
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| if key.is_empty() { value.clone() } else { format!("{key}={value}") });
    let tags = tags.collect::<Vec<_>>().join("; ");
    let tags = if tags.is_empty() { String::new() } else { format!("; taken off: {tags}") };
    DecisionStep::says("name", format!("{} is {}{year}{tags}", row.raw, row.title))
}

/// What the next run does with its folder.
fn planned(
    scene: &QuestionContext<'_>,
    made: &PlannedEntry,
    state: Option<&TitleState>,
) -> Option<DecisionStep> {
    let plan = &made.plan;
    let folder = plan.title_folder()?;
    let is_there = state.is_some_and(|state| state.folder.is_some());
    let preferred = preferred_folder(&scene.config.policy.layout, &plan.title);
    let text = match (is_there, plan.folder.as_deref() == Some(preferred.as_str())) {
        (true, true) => format!("{folder}"),
        (true, false) => format!("{folder}, as it was named; by the names of today: {preferred}"),
        (false, true) => format!("it would get {folder}"),
        (false, false) => format!("it would get {folder}: another title has {preferred}"),
    };
    Some(DecisionStep::says("folder", text))
}

/// What the ledger says.
fn ledger(scene: &QuestionContext<'_>, state: Option<&TitleState>) -> Vec<DecisionStep> {
    let Some(state) = state else {
        return vec![DecisionStep::says("ledger", "it is not known there")];
    };
    let mut said = Vec::new();
    match (state.removed, &state.folder) {
        (Some(at), _) => said.push(format!("removed on {}", date::moment(at))),
        (None, Some(_)) => said.push("it has a folder".to_owned()),
        (None, None) => said.push("known, without a folder".to_owned()),
    }
    said.extend(state.is_filtered.then(|| "filtered".to_owned()));
    said.extend(state.missing_runs.map(|runs| missing_text(state, runs)));
    said.extend(state.hold.map(|id| format!("held as {id}")));
    said.extend(state.problem.as_ref().map(|problem| format!("failed: {problem}")));
    let names = state.accounts.iter().filter_map(|account| scene.accounts.get(account).cloned());
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        said.push(format!("offered by {} when it was last looked at", names.join(", ")));
    }
    let mut steps = vec![DecisionStep::says("ledger", said.join("; "))];
    let changes = scene.changes.get(&state.id).into_iter().flatten().take(3);
    let changes =
        changes.map(|it| format!("{} in run {} ({})", it.what, it.run, date::moment(it.started)));
    let changes = changes.collect::<Vec<_>>().join(", ");
    if !changes.is_empty() {
        steps.push(DecisionStep::says("history", changes));
    }
    steps
}
