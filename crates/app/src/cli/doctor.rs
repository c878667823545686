//! `vod2strm doctor`: is everything there that a run needs, and if not, what to do.

use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use clap::Args;
use vod2strm_catalog::source::Catalog as _;
use vod2strm_catalog::web::known_authorities;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::model::media::Kind;
use vod2strm_core::path::RelPath;
use vod2strm_core::text::counted;
use vod2strm_disk::fs::modes::open_to_others;
use vod2strm_disk::library::lock::{Held, LockError};
use vod2strm_disk::library::probe::{self, Finding, Room, State};
use vod2strm_disk::library::{LibraryError, LibraryView, Note, Place, is_at_work};

use super::{Asking, Common, Contents, print};
use crate::config::Settings;
use crate::config::layers::{Env, Layers};
use crate::config::log::LogSettings;
use crate::config::refresh::RefreshSettings;
use crate::dressed::Dressed;
use crate::error::{RunError, Status, printable};
use crate::look::{Look, Matches, PartMatches, look};
use crate::report::progress::progress;

/// As many titles as a library may well get: less room than these need is told of.
const MANY: u64 = 10_000;

/// What the `.strm`, the NFO and the folder of a title take, a block each, in bytes.
const TITLE: u64 = 3 * 4096;

/// The longest name, in bytes, on most file systems.
const USUAL_NAME: u64 = 255;

/// How many files and folders those are.
const FILES: u64 = 3;

/// Check settings, source, output and state, and say what to do about what is wrong.
///
/// Changes nothing: what is made for trial in the folders of output and state is removed again.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  vod2strm doctor --source playlist.m3u --output library")]
pub(super) struct Doctor {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    contents: Contents,
    #[command(flatten)]
    asking: Asking,
}

/// Collects what was found.
#[derive(Default)]
struct Findings {
    text: String,
    has_failed: bool,
    has_advice: bool,
}

impl Findings {
    fn ok(&mut self, what: &str, value: &str) {
        let _ = writeln!(self.text, "  ok    {what}: {}", printable(value));
    }

    fn warn(&mut self, what: &str, value: &str) {
        self.has_advice = true;
        let _ = writeln!(self.text, "  look  {what}: {}", printable(value));
    }

    fn fail(&mut self, what: &str, error: &RunError) {
        self.has_failed = true;
        let _ = writeln!(self.text, "  FAIL  {what}");
        for line in error.render().lines() {
            let _ = writeln!(self.text, "        {}", line.trim_start_matches("error: "));
        }
    }
}

/// Runs the command.
pub(super) fn run(command: &Doctor) -> Result<Status, RunError> {
    let flags = command.contents.flags().into_iter().chain(command.asking.flags());
    let (settings, layers) = command.common.settings(flags.collect())?;
    let mut findings = Findings::default();
    let _ = writeln!(findings.text, "vod2strm {}", env!("CARGO_PKG_VERSION"));
    check_settings(&mut findings, &settings, &layers);
    check_source(&mut findings, &settings);
    check_api(&mut findings, &settings, &layers);
    check_certificates(&mut findings, &settings, &layers);
    check_storage(&mut findings, &settings.place);
    check_own_files(&mut findings, &settings, &layers)?;
    check_library(&mut findings, &settings);
    let verdict = match (findings.has_failed, findings.has_advice) {
        (true, _) => "Something is missing; see FAIL above.\n",
        (false, true) => "A run can begin; what may go better is marked \"look\" above.\n",
        (false, false) => "All that a run needs is there.\n",
    };
    print(&(findings.text + verdict))?;
    Ok(if findings.has_failed { Status::Failed } else { Status::Done })
}

fn check_settings(findings: &mut Findings, settings: &Settings, layers: &Layers) {
    match &layers.file {
        Some(path) => findings.ok("settings file", &path.display().to_string()),
        None => findings.ok("settings file", "none; flags and variables alone"),
    }
    findings.ok("layout", settings.policy.layout.as_str());
    if settings.source.is_dispatcharr() && !settings.policy.direct_urls {
        findings.ok("base_url", settings.policy.base_url.as_str());
    }
    for (setting, text) in settings.advice() {
        findings.warn(setting, &text);
    }
}

fn check_source(findings: &mut Findings, settings: &Settings) {
    let progress = progress();
    progress.event(&Event::Phase(Phase::Open, None));
    let opened = settings.open_source(&|_| false, &Cancel::default()).and_then(|mut catalog| {
        let facts = catalog.facts()?;
        Ok((catalog, facts))
    });
    match opened {
        Ok((catalog, facts)) => {
            findings.ok("source", &settings.label);
            for fact in facts {
                match fact.is_fine {
                    true => findings.ok(fact.label, &fact.value),
                    false => findings.warn(fact.label, &fact.value),
                }
            }
            if settings.policy.direct_urls || catalog.has_logins() {
                check_readers(findings, settings);
            }
            check_titles(findings, settings, catalog, &*progress);
        }
        Err(error) => findings.fail("source", &error.into()),
    }
}

/// Who may read `.strm` files that hold a login. Those that were made before keep their modes.
fn check_readers(findings: &mut Findings, settings: &Settings) {
    let group = std::fs::metadata(&settings.place.output).map(|output| group_name(output.gid()));
    let group = group.unwrap_or_else(|_| "of the output folder".to_owned());
    let text = format!(
        "the .strm files hold your provider's login: new ones are for their owner and the group {group}, which the media \
         server's user must be in"
    );
    findings.ok("logins", &text);
    if settings.modes(true).file & 0o004 != 0 {
        return;
    }
    for root in Kind::ALL.map(|kind| settings.place.root(kind)) {
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
fn check_own_files(
    findings: &mut Findings,
    settings: &Settings,
    layers: &Layers,
) -> Result<(), RunError> {
    let log = LogSettings::resolve(layers, &Env::new())?;
    let own = settings.place.ledger_files().into_iter().chain(settings.report.clone());
    // The files of a log are numbered without a gap.
    let logs = log.files().take_while(|path| path.symlink_metadata().is_ok());
    let open = open_to_others(own.chain(logs));
    if open.is_empty() {
        return Ok(());
    }
    let paths = open.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(" ");
    let text = format!(
        "others can read or change what may hold your provider's login; to change that: chmod o= {paths} (if that does \
         not help, the storage has no modes: its mount options say who may)"
    );
    findings.warn("own files", &text);
    Ok(())
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

/// Whether Dispatcharr would fetch episodes for us, if the settings say who we are.
fn check_api(findings: &mut Findings, settings: &Settings, layers: &Layers) {
    let is_meant = ["api_key", "api_user", "api_url"].iter().any(|key| layers.text(key).is_some());
    if !is_meant && settings.refresh.is_none() {
        return;
    }
    let asked = RefreshSettings::read(layers, settings.policy.base_url.as_str())
        .and_then(|refresh| Ok(refresh.api()?.version(&Cancel::default())?));
    match asked {
        Ok(version) => findings.ok("API", &format!("Dispatcharr {version} lets us in")),
        Err(error) => findings.fail("API", &error),
    }
}

/// Whether servers can prove who they are, where one is asked by https.
fn check_certificates(findings: &mut Findings, settings: &Settings, layers: &Layers) {
    let api = layers.text("api_url").unwrap_or_default();
    if !settings.source.is_https() && !api.to_ascii_lowercase().starts_with("https://") {
        return;
    }
    match known_authorities() {
        0 => findings.fail("certificates", &RunError::NoAuthorities),
        number => findings.ok("certificates", &format!("{number} authorities are trusted")),
    }
}

/// What the filter matches, and what some titles would be called.
fn check_titles(
    findings: &mut Findings,
    settings: &Settings,
    mut catalog: Dressed,
    progress: &dyn Observer,
) {
    // Nothing is written: a signal may end it as it likes.
    let listens = (progress, &Cancel::default());
    let looked = look(&mut catalog, &settings.policy, &settings.scope(true, true), listens);
    let Look { samples, filter } = match looked {
        Ok(looked) => looked,
        Err(error) => return findings.fail("titles", &error),
    };
    catalog.warn(progress);
    if let Some(Matches { titles, wanted, parts }) = filter {
        findings.ok(
            "filter",
            &format!("{wanted} of {} wanted", counted(titles, "title is", "titles are")),
        );
        for PartMatches { part, titles } in parts {
            let text = format!("{part} matches {}", counted(titles, "title", "titles"));
            match titles {
                0 => findings.warn("filter", &text),
                _ => findings.ok("filter", &text),
            }
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
    for home in place.roots.homes() {
        check_folder(findings, place, &home);
    }
    check_lock(findings, place);
    check_state(findings, place);
}

fn check_folder(findings: &mut Findings, place: &Place, home: &RelPath) {
    let (label, folder) = match home.as_str() {
        "" => ("output", place.output.clone()),
        name => (name, place.roots.real(&place.output, home)),
    };
    let folder = folder.display();
    match probe::storage(place, home) {
        Ok(Finding::Missing { nearest }) => {
            let text = format!(
                "{folder} will be made by the first run; {} is writable",
                nearest.display()
            );
            findings.ok(label, &text);
        }
        Ok(Finding::Usable(usable)) => {
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
        Ok(Held::Alone) => findings.ok("lock", "keeps other runs away"),
        Ok(Held::OnThisMachine) => {
            findings.warn("lock", &Note::NoLocks(place.output.clone()).to_string());
        }
        Ok(Held::ForShow) => {
            findings.warn("lock", &Note::IdleLocks(place.output.clone()).to_string());
        }
        Err(error) => findings.fail("lock", &error.into()),
    }
}

fn check_state(findings: &mut Findings, place: &Place) {
    let state = place.state.display();
    match probe::state(place) {
        Ok(State::Outside) => {
            findings.ok("state", &format!("{state} can be written, and SQLite works there"));
        }
        Ok(State::Inside) => findings.ok("state", "the ledger is in the library"),
        Ok(State::WillBeInside(error)) => {
            let text = RunError::from(error).render();
            let why = text.lines().map(|line| line.trim().trim_start_matches("error: "));
            let why = why.take(2).collect::<Vec<_>>().join(", ");
            let text = format!("the first run will keep its ledger in the library: {why}");
            findings.warn("state", &text);
        }
        Err(error) => findings.fail("state", &error.into()),
    }
}

fn check_library(findings: &mut Findings, settings: &Settings) {
    let naming = settings.policy.naming();
    let view = match LibraryView::open(&settings.place) {
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
