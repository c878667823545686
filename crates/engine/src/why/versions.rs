//! Which streams of a title have a file, which have none, and why.

use std::collections::BTreeMap;

use vod2strm_core::model::file::{FileKey, FileKind};
use vod2strm_core::model::media::{Kind, Stream, Title};
use vod2strm_core::policy::{Policy, Versions};
use vod2strm_core::render::url::{Playable, stream_url};
use vod2strm_core::text::counted;

use super::answer::{DecisionStep, StepPart};
use super::best::SHOWN;
use super::offered::PlannedEntry;

/// Which streams have files.
pub(super) fn versions(policy: &Policy, made: &PlannedEntry) -> DecisionStep {
    let title = &made.plan.title;
    let versions = policy.versions.of(title.kind);
    let rule = format!("versions = {}, by {}", versions.as_str(), order(policy, made));
    if title.kind == Kind::Series {
        return episodes(made, &rule);
    }
    let url = |stream: &Stream| {
        stream_url(policy, Playable::Movie, title.uuid.as_deref(), stream)
            .map_err(|it| it.to_string())
    };
    let playable: Vec<&Stream> =
        title.streams.iter().filter(|it| it.is_wanted && url(it).is_ok()).collect();
    let chosen = versions.of(playable.iter().copied());
    let chosen: Vec<&Stream> = chosen.into_iter().map(|at| playable[at]).collect();
    let part = |stream: &Stream| {
        let has_file = chosen.iter().any(|it| std::ptr::eq(*it, stream));
        let why = match (has_file, stream.is_wanted, url(stream)) {
            (true, ..) if has_own_file(made, stream) => "has a file as a version".to_owned(),
            (true, ..) => "has the file without a label".to_owned(),
            (_, false, _) => "is not wanted".to_owned(),
            (_, _, Err(error)) => format!("has no file: {error}"),
            _ => format!("has no file: {}", why_not(versions, stream, &chosen)),
        };
        StepPart { text: format!("{} {why}", stream_words(stream)), passes: has_file }
    };
    let parts: Vec<StepPart> = title.streams.iter().take(SHOWN).map(part).collect();
    let further = title.streams.len() - parts.len();
    let further =
        if further > 0 { format!(", {further} of them not shown") } else { String::new() };
    let number = counted(title.streams.len() as u64, "stream", "streams");
    DecisionStep::says("version", format!("{number}{further}; {rule}")).with(parts)
}

/// Whether the plan has a file that is this stream's by its label.
fn has_own_file(made: &PlannedEntry, stream: &Stream) -> bool {
    made.plan.files().any(|it| match &it.file.key {
        FileKey::Item { kind: FileKind::Strm, version: Some(version), .. } => {
            version.account == stream.account.id && version.id == stream.stream_id
        }
        _ => false,
    })
}

/// Why a stream that could be played is none of those that have a file.
fn why_not(versions: Versions, stream: &Stream, chosen: &[&Stream]) -> String {
    if versions != Versions::Languages {
        return "a better one has it".to_owned();
    }
    let languages = &stream.traits.languages;
    if !chosen.iter().any(|it| !it.traits.languages.is_empty()) {
        "a better one has it".to_owned()
    } else if languages.is_empty() {
        "it tells no language, and others do".to_owned()
    } else {
        format!("others are better in {}", languages.join(", "))
    }
}

/// What puts streams in order.
fn order(policy: &Policy, made: &PlannedEntry) -> String {
    let chosen = made.explanation.chosen_by.iter().map(|line| format!("choose ({line})"));
    let prefer = policy.choice.prefer.as_ref();
    let prefer = prefer.map(|prefer| format!("prefer ({})", prefer.as_str()));
    let quality = policy.are_names_cleaned().then_some("quality");
    let usual = ["the account's priority"].into_iter().chain(quality).map(str::to_owned);
    chosen.chain(prefer).chain(usual).collect::<Vec<_>>().join(", ")
}

/// Account, category, quality and language of a stream.
fn stream_words(stream: &Stream) -> String {
    let mut words = vec![format!("{}'s stream {}", stream.account.name, stream.stream_id)];
    words.extend(stream.category_name.as_deref().map(str::to_owned));
    words.extend(stream.traits.quality.map(|lines| format!("{lines}p")));
    words.extend(stream.traits.languages.iter().cloned());
    words.join(", ")
}

/// How many episodes are played, and whose.
fn episodes(made: &PlannedEntry, rule: &str) -> DecisionStep {
    let title: &Title = &made.plan.title;
    let mut by_account: BTreeMap<i64, u64> = BTreeMap::new();
    for account in made.plan.files().filter_map(|it| it.file.account) {
        *by_account.entry(account).or_default() += 1;
    }
    let all = title.streams.iter().chain(title.episodes.iter().flat_map(|it| &it.streams));
    let names: BTreeMap<i64, &str> =
        all.map(|stream| (stream.account.id, stream.account.name.as_str())).collect();
    let part = |(account, number): (&i64, &u64)| {
        let name = names.get(account).copied().unwrap_or("an account");
        StepPart { text: format!("{name}: {}", counted(*number, "file", "files")), passes: true }
    };
    let parts: Vec<StepPart> = by_account.iter().map(part).collect();
    let without = title.episodes.iter().filter(|episode| episode.streams.is_empty()).count();
    let episodes = counted(title.episodes.len() as u64, "episode", "episodes");
    let text = format!("{episodes}, {without} of them without a stream; {rule}");
    DecisionStep::says("version", text).with(parts)
}
