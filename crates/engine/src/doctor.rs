//! Is everything there that a run needs? What is made for trial is removed again.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use vod2strm_catalog::web::known_authorities;
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::model::left_out::LeftOutBy;
use vod2strm_core::model::media::Kind;
use vod2strm_core::path::RelPath;
use vod2strm_core::text::secrets::Redactor;
use vod2strm_core::text::{counted, printable};
use vod2strm_disk::fs::modes::open_to_others;
use vod2strm_disk::library::lock::{LockError, LockReach};
use vod2strm_disk::library::probe::{self, Probed, Room, StateFolder};
use vod2strm_disk::library::{LibraryError, LibraryView, Note, is_at_work};

use crate::config::{FetchConfig, LibraryConfig, Place};
use crate::entries::EntryReport;
use crate::error::RunError;
use crate::host::{Host, Listeners};
use crate::names::known_habits;
use crate::read::select::PartMatches;
use crate::read::select::Reading;
use crate::sample::{Sample, sample};

/// As many titles as a library may well get: less room than these need is told of.
const MANY: u64 = 10_000;

/// What the `.strm`, the NFO and the folder of a title take, a block each, in bytes.
const TITLE: u64 = 3 * 4096;

/// The longest name, in bytes, on most file systems.
const USUAL_NAME: u64 = 255;

/// How many files and folders those are.
const FILES: u64 = 3;

/// How something is that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Ok,
    /// A run can begin; it may go better.
    Look,
    /// No run can begin.
    Fail,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How it is.
    pub health: Health,
    /// What was looked at: a setting, a folder, a part of the source.
    pub what: String,
    /// What was found; of what failed, the error, its causes and what to try, in several lines.
    pub text: String,
}

/// Everything that was looked at, in order.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Findings {
    /// The findings.
    pub all: Vec<Finding>,
    #[serde(skip)]
    redactor: Redactor,
}

impl Findings {
    /// How everything is: as its worst part.
    pub fn health(&self) -> Health {
        let has = |health| self.all.iter().any(|finding| finding.health == health);
        match (has(Health::Fail), has(Health::Look)) {
            (true, _) => Health::Fail,
            (false, true) => Health::Look,
            (false, false) => Health::Ok,
        }
    }

    fn ok(&mut self, what: &str, text: &str) {
        self.add(Health::Ok, what, printable(text).into_owned());
    }

    fn warn(&mut self, what: &str, text: &str) {
        self.add(Health::Look, what, printable(text).into_owned());
    }

    fn fail(&mut self, what: &str, error: &RunError) {
        self.add(Health::Fail, what, error.render(&self.redactor));
    }

    fn add(&mut self, health: Health, what: &str, text: String) {
        self.all.push(Finding { health, what: what.to_owned(), text });
    }
}

/// What is to be looked at besides the library's settings.
pub struct Examination {
    /// The settings file that was read.
    pub settings_file: Option<PathBuf>,
    /// Who would be asked for episodes; an error, ready to be printed, where the settings do not say it. `None` if
    /// nobody is meant to be.
    pub fetch: Option<Result<FetchConfig, String>>,
    /// The files of reports and logs.
    pub own_files: Vec<PathBuf>,
}

/// Looks at settings, source, output and state.
pub fn doctor(config: &LibraryConfig, examination: &Examination, host: &Host<'_>) -> Findings {
    let mut findings = Findings { all: Vec::new(), redactor: host.redactor.clone() };
    check_settings(&mut findings, config, examination);
    check_source(&mut findings, config, host);
    check_fetch(&mut findings, examination, host);
    check_certificates(&mut findings, config, examination);
    check_storage(&mut findings, &config.place);
    check_own_files(&mut findings, config, examination);
    check_library(&mut findings, config);
    findings
}

fn check_settings(findings: &mut Findings, config: &LibraryConfig, examination: &Examination) {
    match &examination.settings_file {
        Some(path) => findings.ok("settings file", &path.display().to_string()),
        None => findings.ok("settings file", "none; flags and variables alone"),
    }
    findings.ok("layout", config.policy.layout.as_str());
    if config.source.is_proxied() && !config.policy.direct_urls {
        findings.ok("base_url", config.policy.base_url.as_str());
    }
    for (setting, text) in config.advice() {
        findings.warn(setting, &text);
    }
}

fn check_source(findings: &mut Findings, config: &LibraryConfig, host: &Host<'_>) {
    let listeners = Listeners(host.listeners);
    listeners.event(&Event::Phase(Phase::Open, None));
    let opened = Reading::open(&config.source, &config.policy, host, &|_, _| false);
    let opened = opened.and_then(|mut source| {
        // What is wrong with a ledger is told with the library.
        let _ = source.selector.habits.keep(|| known_habits(&config.place));
        let facts = source.catalog.facts()?;
        Ok((source, facts))
    });
    match opened {
        Ok((source, facts)) => {
            findings.ok("source", &config.label);
            for fact in facts {
                if fact.is_fine {
                    findings.ok(fact.label, &fact.value);
                } else {
                    findings.warn(fact.label, &fact.value);
                }
            }
            if config.policy.direct_urls || source.catalog.has_logins() {
                check_readers(findings, config);
            }
            check_titles(findings, config, source, &listeners, host);
        }
        Err(error) => findings.fail("source", &error.into()),
    }
}

/// Who may read `.strm` files that hold a login. Those that were made before keep their modes.
fn check_readers(findings: &mut Findings, config: &LibraryConfig) {
    let group = std::fs::metadata(&config.place.output).map(|output| group_name(output.gid()));
    let group = group.unwrap_or_else(|_| "of the output folder".to_owned());
    let text = format!(
        "the .strm files hold your provider's login: new ones are for their owner and the group {group}, which the media \
         server's user must be in"
    );
    findings.ok("logins", &text);
    if config.modes(true).file & 0o004 != 0 {
        return;
    }
    for root in Kind::ALL.map(|kind| config.place.root(kind)) {
        if std::fs::metadata(&root).is_ok_and(|found| found.mode() & 0o007 != 0) {
            let path = quoted(&root);
            let text = format!(
                "others can read what was made before; to change that: chgrp -R {group} {path} && chmod -R o= {path}"
            );
            findings.warn("logins", &text);
        }
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

/// Whether others can read what may hold a login: ledger, report and log.
fn check_own_files(findings: &mut Findings, config: &LibraryConfig, examination: &Examination) {
    let own = config.place.ledger_files().into_iter().chain(examination.own_files.clone());
    let open = open_to_others(own);
    if open.is_empty() {
        return;
    }
    let paths = open.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(" ");
    let text = format!(
        "others can read or change what may hold your provider's login; to change that: chmod o= {paths} (if that does \
         not help, the storage has no modes: its mount options say who may)"
    );
    findings.warn("own files", &text);
}

/// A group's name, or its number where the system has none.
fn group_name(group: u32) -> String {
    let number = group.to_string();
    let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let fields = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let name = fields
        .filter(|fields| fields.get(2) == Some(&number.as_str()))
        .find_map(|fields| fields.first().map(|name| (*name).to_owned()));
    name.unwrap_or(number)
}

/// Whether episodes would be fetched for us, if the settings say who we are.
fn check_fetch(findings: &mut Findings, examination: &Examination, host: &Host<'_>) {
    match &examination.fetch {
        None => {}
        Some(Err(error)) => findings.add(Health::Fail, "API", error.clone()),
        Some(Ok(fetch)) => {
            match fetch.asker(host.redactor).and_then(|asker| asker.greeting(host.cancel)) {
                Ok(greeting) => findings.ok("API", &greeting),
                Err(error) => findings.fail("API", &error.into()),
            }
        }
    }
}

/// Whether servers can prove who they are, where one is asked by https.
fn check_certificates(findings: &mut Findings, config: &LibraryConfig, examination: &Examination) {
    let fetch = examination.fetch.as_ref().and_then(|fetch| fetch.as_ref().ok());
    let is_https = |fetch: &FetchConfig| fetch.api_url.to_ascii_lowercase().starts_with("https://");
    if !config.source.is_https() && !fetch.is_some_and(is_https) {
        return;
    }
    match known_authorities() {
        0 => findings.fail("certificates", &RunError::NoAuthorities),
        number => findings.ok(
            "certificates",
            &format!("{} trusted", counted(number as u64, "authority is", "authorities are")),
        ),
    }
}

/// What the filter matches, and what some titles would be called.
fn check_titles(
    findings: &mut Findings,
    config: &LibraryConfig,
    mut source: Reading,
    observer: &dyn Observer,
    host: &Host<'_>,
) {
    let seen = sample(&mut source, &config.policy, &config.scope, observer, host.cancel);
    let Sample { samples, filter, bare_series } = match seen {
        Ok(seen) => seen,
        Err(error) => return findings.fail("titles", &error),
    };
    source.selector.warn(observer);
    let mut entries = EntryReport::new(source.catalog.entries().clone());
    entries.set_empty_aside(Kind::Series, bare_series);
    let operands = config.policy.choice.operands();
    let left_out = filter.iter().flat_map(|matches| &matches.left_out);
    // Series without episodes are counted, whoever else leaves them out.
    for ((kind, by), titles) in left_out.filter(|((_, by), _)| *by != LeftOutBy::NoEpisodes) {
        entries.set_filtered_aside(*kind, *by, &operands, *titles);
    }
    // What a playlist has besides is among its facts.
    for (_, line) in entries.lines().filter(|(kind, _)| kind.is_some()) {
        findings.ok("left out", &line);
    }
    if let Some(matches) = filter {
        let (titles, wanted) = (matches.titles, matches.wanted);
        findings.ok(
            "filter",
            &format!("{wanted} of {} wanted", counted(titles, "title is", "titles are")),
        );
        for PartMatches { part, titles } in &matches.parts {
            let text = format!("{part} matches {}", counted(*titles, "title", "titles"));
            match titles {
                0 => findings.warn("filter", &text),
                _ => findings.ok("filter", &text),
            }
        }
        if let Some(text) = matches.unmeasured_fields() {
            findings.warn("filter", &text);
        }
        for (setting, text) in matches.unmatched_lines() {
            findings.warn(setting, &text);
        }
    }
    for path in samples {
        findings.ok("example", &path);
    }
}

/// Tries the folders, the lock and the state folder as a run uses them.
fn check_storage(findings: &mut Findings, place: &Place) {
    if is_at_work(place) {
        return findings.warn("output", "a run is at work: nothing is tried beside it");
    }
    for volume in place.roots.volumes() {
        check_folder(findings, place, &volume);
    }
    check_lock(findings, place);
    check_state(findings, place);
}

fn check_folder(findings: &mut Findings, place: &Place, volume: &RelPath) {
    let (label, folder) = match volume.as_str() {
        "" => ("output", place.output.clone()),
        name => (name, place.roots.real(&place.output, volume)),
    };
    let folder = folder.display();
    match probe::storage(place, volume) {
        Ok(Probed::Missing { nearest }) => {
            let text = format!(
                "{folder} will be made by the first run; {} is writable",
                nearest.display()
            );
            findings.ok(label, &text);
        }
        Ok(Probed::Usable(usable)) => {
            let case = if usable.folds_case { ", does not tell upper from lower case" } else { "" };
            let free = usable
                .room
                .map_or(String::new(), |room| format!(", {} MiB free", room.bytes / (1024 * 1024)));
            findings.ok(label, &format!("{folder} is writable{free}{case}"));
            if !usable.moves_folders {
                let text = "folders cannot be renamed there: titles appear and move file by file";
                findings.warn(label, text);
            }
            for text in usable.room.iter().flat_map(warnings) {
                findings.warn(label, &text);
            }
        }
        Err(error) => findings.fail(label, &error.into()),
    }
}

/// What there may be too little room for.
fn warnings(room: &Room) -> Vec<String> {
    let mut warnings = Vec::new();
    if room.bytes < MANY * TITLE {
        let titles = counted(room.bytes / TITLE, "title", "titles");
        warnings.push(format!("there is room for about {titles}"));
    }
    if let Some(bytes) = room.longest_name.filter(|bytes| *bytes < USUAL_NAME) {
        warnings.push(format!("names may have at most {bytes} bytes there: longer ones are cut"));
    }
    if let Some(files) = room.files.filter(|files| *files < MANY * FILES) {
        let files = counted(files, "further file", "further files");
        warnings.push(format!("only {files} can be made (inodes: see `df -i`)"));
    }
    warnings
}

fn check_lock(findings: &mut Findings, place: &Place) {
    match probe::locks(place) {
        Ok(LockReach::Alone) => findings.ok("lock", "keeps other runs away"),
        Ok(LockReach::OnThisMachine) => {
            findings.warn("lock", &Note::NoLocks(place.output.clone()).to_string());
        }
        Ok(LockReach::ForShow) => {
            findings.warn("lock", &Note::IdleLocks(place.output.clone()).to_string());
        }
        Err(error) => findings.fail("lock", &error.into()),
    }
}

fn check_state(findings: &mut Findings, place: &Place) {
    let state = place.state.display();
    match probe::state(place) {
        Ok(StateFolder::Outside) => {
            findings.ok("state", &format!("{state} can be written, and SQLite works there"));
        }
        Ok(StateFolder::Inside) => findings.ok("state", "the ledger is in the library"),
        Ok(StateFolder::WillBeInside(error)) => {
            let text = RunError::from(error).render(&findings.redactor);
            let why = text.lines().map(|line| line.trim().trim_start_matches("error: "));
            let why = why.take(2).collect::<Vec<_>>().join(", ");
            let text = format!("the first run will keep its ledger in the library: {why}");
            findings.warn("state", &text);
        }
        Err(error) => findings.fail("state", &error.into()),
    }
}

fn check_library(findings: &mut Findings, config: &LibraryConfig) {
    let naming = config.policy.naming();
    let view = match LibraryView::open(&config.place) {
        Ok(view) => view,
        Err(LibraryError::Lock(LockError::Held { .. })) => {
            return findings
                .warn("ledger", "a run is at work: the ledger is not looked at meanwhile");
        }
        Err(error) => return findings.fail("ledger", &error.into()),
    };
    let path = view.ledger.path().display();
    let known = |titles| counted(titles, "title", "titles");
    if view.is_tree_older {
        findings.warn("library", &Note::TreeOlder.to_string());
    }
    if view.is_ledger_lost {
        let text = format!(
            "{path} is not there, or older than the library: the next generate recognises titles by \
             what is on disk (see vod2strm adopt --dry-run)"
        );
        return findings.warn("ledger", &text);
    }
    match view.ledger.count_titles().and_then(|all| Ok((all, view.ledger.count_old_names(naming)?)))
    {
        Ok((0, _)) => findings.ok("ledger", &format!("{path} has no titles yet")),
        Ok((titles, 0)) => findings.ok("ledger", &format!("{path} has {}", known(titles))),
        Ok((titles, old)) => {
            let text = format!(
                "{path} has {}; {} named by other settings: the next generate gives the names of today \
                 (--dry-run tells which)",
                known(titles),
                counted(old, "of them was", "of them were")
            );
            findings.ok("ledger", &text);
        }
        Err(error) => findings.fail("ledger", &error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_is_told_of_by_what_there_is_too_little_of() {
        let enough = Room { bytes: 122_880_000, files: Some(30_000), longest_name: Some(255) };
        assert_eq!(warnings(&enough), [""; 0]);
        assert_eq!(warnings(&Room { files: None, longest_name: None, ..enough }), [""; 0]);
        let little = Room { bytes: 122_879_999, files: Some(29_999), longest_name: Some(143) };
        let texts = [
            "there is room for about 9999 titles",
            "names may have at most 143 bytes there: longer ones are cut",
            "only 29999 further files can be made (inodes: see `df -i`)",
        ];
        assert_eq!(warnings(&little), texts);
    }
}
