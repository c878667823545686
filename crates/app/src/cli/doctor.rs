//! `vod2strm doctor`: is everything there that a run needs, and if not, what to do.

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;
use vod2strm_core::status::Status;
use vod2strm_engine::doctor::{Examination, Finding, Findings, Health, doctor};

use super::each::each;
use super::{Call, Process, whole};
use crate::error::CommandError;
use crate::report::progress::progress;
use crate::secrets::SECRETS;
use crate::settings::layers::Layers;
use crate::settings::log::LogSettings;
use crate::settings::{Settings, refresh};

/// Check settings, source, output and state, and say what to do about what is wrong.
///
/// Changes nothing: what is made for trial in the folders of output and state is removed again.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  vod2strm doctor --source playlist.m3u --output library")]
pub(super) struct DoctorArgs {}

/// Runs the command.
pub(super) fn run(call: &Call, process: &Process) -> Result<Status, CommandError> {
    let libraries = call.libraries(|layers| {
        let settings = whole(layers)?;
        let examination = examination(&settings, layers)?;
        Ok((settings, examination))
    })?;
    let is_json = libraries.first().is_some_and(|library| library.settings.0.json);
    each(&libraries, process, is_json, |library, page| {
        let (settings, examination) = &library.settings;
        let progress = progress();
        let findings = doctor(
            &settings.library,
            examination,
            &process.host(Some(&settings.library.place), &[&*progress]),
        );
        drop(progress);
        let status = match findings.health() {
            Health::Fail => Status::Failed,
            Health::Ok | Health::Look => Status::Done,
        };
        if settings.json {
            page.object(&json(&findings, status))?;
        } else {
            page.text(&text(&findings))?;
        }
        Ok(status)
    })
}

/// What is to be looked at besides the library's settings.
fn examination(settings: &Settings, layers: &Layers) -> Result<Examination, CommandError> {
    let is_meant = ["api_key", "api_user", "api_url"].iter().any(|key| layers.text(key).is_some());
    let base_url = settings.library.policy.base_url.as_str();
    let fetch = (is_meant || settings.library.fetch.is_some())
        .then(|| refresh::fetch(layers, base_url).map_err(|error| error.render(&SECRETS)));
    let log = LogSettings::resolve(layers)?;
    // The files of a log are numbered without a gap.
    let logs = log.files().take_while(|path| path.symlink_metadata().is_ok());
    let own_files = settings.report.clone().into_iter().chain(logs).collect();
    Ok(Examination { settings_file: layers.file.clone(), fetch, own_files })
}

fn text(findings: &Findings) -> String {
    let mut text = format!("vod2strm {}\n", env!("CARGO_PKG_VERSION"));
    for Finding { health, what, text: found } in &findings.all {
        let _ = match health {
            Health::Ok => writeln!(text, "  ok    {what}: {found}"),
            Health::Look => writeln!(text, "  look  {what}: {found}"),
            Health::Fail => writeln!(text, "  FAIL  {what}\n{}", indented(found)),
        };
    }
    text + match findings.health() {
        Health::Fail => "Something is missing; see FAIL above.\n",
        Health::Look => "A run can begin; what may go better is marked \"look\" above.\n",
        Health::Ok => "All that a run needs is there.\n",
    }
}

/// The lines of an error below the name of what failed.
fn indented(error: &str) -> String {
    let line = |line: &str| format!("        {}", line.trim_start_matches("error: "));
    error.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn json(findings: &Findings, status: Status) -> String {
    let object = json!({
        "status": status as u8,
        "version": env!("CARGO_PKG_VERSION"),
        "health": findings.health(),
        "findings": findings,
    });
    format!("{object:#}\n")
}
