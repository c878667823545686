//! Why a title is in the library, or not: as text.

use std::fmt::Write as _;

use vod2strm_core::text::{counted, printable};
use vod2strm_engine::why::answer::{Answer, DecisionStep, FileAnswer, TitleAnswer};

use crate::secrets::SECRETS;

/// All that is told.
pub fn text(answer: &Answer) -> String {
    let mut text = String::new();
    if let Some(remark) = &answer.path {
        let _ = writeln!(text, "{}: {remark}", one_line(&answer.query));
    }
    for (at, title) in answer.titles.iter().enumerate() {
        if at > 0 || answer.path.is_some() {
            text.push('\n');
        }
        title_text(&mut text, title);
    }
    text.push_str(&rest(answer));
    printed(&text)
}

/// Without a secret, and without what plays tricks on a terminal; lines stay lines.
fn printed(text: &str) -> String {
    let text = SECRETS.censored(text);
    let lines = text.lines().map(|line| printable(line).into_owned() + "\n");
    lines.collect()
}

/// What is not shown, or that nothing was found.
fn rest(answer: &Answer) -> String {
    let mut text = String::new();
    if answer.is_empty() {
        let nothing = match answer.entries {
            Some(_) => "Neither the source nor the ledger has anything for",
            None => "The ledger has no title for",
        };
        let _ = writeln!(text, "{nothing} {}.", one_line(&answer.query));
        if !answer.nearest.is_empty() {
            let names: Vec<String> = answer.nearest.iter().map(|name| one_line(name)).collect();
            let _ = writeln!(text, "The nearest names: {}", names.join(", "));
        }
        return text;
    }
    if answer.has_more {
        let shown = counted(answer.titles.len() as u64, "title", "titles");
        let entries = counted(answer.entries.unwrap_or_default(), "entry", "entries");
        let known = counted(answer.known, "title", "titles");
        let _ = writeln!(
            text,
            "\n{shown} of {entries} of the source and {known} of the ledger: say more of the name to see others"
        );
    }
    text
}

/// A text from outside in one line.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ")
}

fn title_text(text: &mut String, title: &TitleAnswer) {
    let kind = title.kind.map_or("entry", |kind| kind.as_str());
    let year = title.year.map_or(String::new(), |year| format!(" ({year})"));
    let _ = writeln!(text, "{kind}: {}{year}", one_line(&title.name));
    let _ = writeln!(text, "  {}: {}", title.verdict.words(), one_line(&title.because));
    for step in &title.steps {
        step_text(text, step);
    }
    let _ = files_text(text, title);
}

fn step_text(text: &mut String, step: &DecisionStep) {
    let mark = match step.passes {
        Some(false) => "✗",
        Some(true) => "✓",
        None => " ",
    };
    let _ = writeln!(text, "  {mark} {:<9} {}", step.step, one_line(&step.text));
    // Accounts and categories are in the text.
    if !["account", "category"].contains(&step.step) {
        for part in &step.parts {
            let mark = if part.passes { "yes" } else { "no" };
            let _ = writeln!(text, "                {mark:<4}{}", one_line(&part.text));
        }
    }
}

fn files_text(text: &mut String, title: &TitleAnswer) -> std::fmt::Result {
    for (at, FileAnswer { path, is_there, unwanted }) in title.files.iter().enumerate() {
        let label = if at == 0 { "files" } else { "" };
        let state = match is_there {
            Some(true) => "",
            Some(false) => " (gone from disk)",
            None => " (cannot be looked at)",
        };
        let unwanted = unwanted.as_ref().map_or(String::new(), |why| format!(" (to go: {why})"));
        writeln!(text, "    {label:<9} {}{state}{unwanted}", one_line(path))?;
    }
    if title.further_files > 0 {
        let further = counted(title.further_files, "further file", "further files");
        writeln!(text, "              and {further}")?;
    }
    Ok(())
}
