//! The titles that the user names: which are blocked, which are picked, and which stream of them is preferred.

use std::fmt::Display;
use std::str::FromStr;

use vod2strm_core::select::Choice;
use vod2strm_core::select::lines::{TitleLine, TitleLines, begins_line};
use vod2strm_core::select::own::TitlePreferences;

use super::layers::{Given, Layers, usage};
use super::optional;
use crate::error::CommandError;

/// The settings whose lists have lines that may have commas in them.
pub(super) const LINED: [&str; 4] = ["strm_lines", "block", "pick", "choose"];

/// The settings that name files with titles, and what such a file is for people.
pub(super) const TITLE_FILES: [(&str, &str); 2] = [
    ("block_file", "the list of titles that are blocked"),
    ("pick_file", "the list of titles that are picked"),
];

/// What is wanted, and what is better.
pub(super) fn choice(layers: &Layers) -> Result<Choice, CommandError> {
    Ok(Choice {
        filter: optional(layers, "filter")?,
        prefer: optional(layers, "prefer")?,
        block: titles(layers, "block", "block_file")?,
        pick: titles(layers, "pick", "pick_file")?,
        choose: TitlePreferences::new(listed(layers, "choose")?),
    })
}

/// The titles that a setting names, and those of the file that another one names.
fn titles(layers: &Layers, list: &str, file: &str) -> Result<TitleLines, CommandError> {
    let mut lines = listed(layers, list)?;
    if let Some(given) = layers.given.get(file) {
        lines.extend(lines_of_file(given)?);
    }
    Ok(TitleLines::new(lines))
}

/// The lines of a setting that begin with a title.
fn listed<T: FromStr>(layers: &Layers, list: &str) -> Result<Vec<T>, CommandError>
where
    T::Err: Display,
{
    let Some(given) = layers.given.get(list) else { return Ok(Vec::new()) };
    let lines = elements(given, begins_line);
    // A comma at the end, or two of them, part nothing.
    let lines = lines.iter().map(|line| line.trim_end_matches([',', ' ']));
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(|line| read(line, &given.origin)).collect()
}

/// The lines of a setting. In the file they are a list. In a flag or a variable a comma parts them, where one that
/// `is_line` follows: a name may have commas in it.
pub(super) fn elements(given: &Given, is_line: impl Fn(&str) -> bool) -> Vec<String> {
    let text = given.text.trim();
    if given.text.ends_with('\n') {
        return text.lines().map(|line| line.trim().to_owned()).collect();
    }
    let mut lines: Vec<String> = Vec::new();
    for part in text.split(',') {
        match lines.last_mut() {
            Some(line) if !is_line(part) => *line += &format!(",{part}"),
            _ => lines.push(part.to_owned()),
        }
    }
    lines.into_iter().map(|line| line.trim().to_owned()).collect()
}

fn lines_of_file(given: &Given) -> Result<Vec<TitleLine>, CommandError> {
    let Given { text: path, origin } = given;
    let unread = |error: std::io::Error| usage(format!("{origin}: cannot read {path}: {error}"));
    // Whoever opens a pipe waits for somebody to write into it.
    if !std::fs::metadata(path).map_err(unread)?.is_file() {
        return Err(usage(format!("{origin}: cannot read {path}: it is no ordinary file")));
    }
    let text = std::fs::read_to_string(path).map_err(unread)?;
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = without_comment(line);
        if !line.is_empty() {
            lines.push(read(line, &format!("{path}, line {}", at + 1))?);
        }
    }
    Ok(lines)
}

/// A line without what follows a `#` that stands at its beginning or behind a blank.
fn without_comment(line: &str) -> &str {
    let mut marks = line.match_indices('#').map(|(at, _)| at);
    let is_comment = |at: &usize| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    marks.find(is_comment).map_or(line, |at| &line[..at]).trim()
}

fn read<T: FromStr>(line: &str, origin: &str) -> Result<T, CommandError>
where
    T::Err: Display,
{
    line.parse().map_err(|error| usage(format!("{origin}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Given {
        Given { text: text.to_owned(), origin: "--block".to_owned() }
    }

    #[test]
    fn a_comma_parts_lines_where_another_one_begins() {
        let lines = |text: &str| elements(&given(text), begins_line);
        assert_eq!(lines("movie:tmdb:1, imdb:tt0133093"), ["movie:tmdb:1", "imdb:tt0133093"]);
        let good = "name:The Good, the Bad and the Ugly (1966)";
        assert_eq!(lines(&format!("{good},NAME:Heat")), [good, "NAME:Heat"]);
        assert_eq!(lines(&format!("{good}\nname:Heat\n")), [good, "name:Heat"], "of the file");
    }

    #[test]
    fn a_comma_that_parts_nothing_is_no_line() {
        let lines = |text: &str| -> Vec<String> {
            let given = [("block", given(text))].into();
            let layers = Layers { given, ..Layers::default() };
            let lines: Vec<TitleLine> = listed(&layers, "block").unwrap();
            lines.iter().map(|line| line.as_str().to_owned()).collect()
        };
        let both = ["movie:tmdb:1", "name:Heat"];
        for text in
            ["movie:tmdb:1,name:Heat,", "movie:tmdb:1,,name:Heat, ,", "movie:tmdb:1\n\nname:Heat\n"]
        {
            assert_eq!(lines(text), both, "{text:?}");
        }
        assert_eq!(lines(","), [""; 0]);
    }

    /// Whoever opens a pipe waits until somebody writes into it.
    #[test]
    fn what_is_no_ordinary_file_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        for path in [dir.path(), &pipe] {
            let path = path.to_str().unwrap();
            let error = lines_of_file(&given(path)).unwrap_err().to_string();
            let expected = format!("--block: cannot read {path}: it is no ordinary file");
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn a_file_has_a_title_a_line_and_comments() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("block.txt");
        let text = "\u{feff}# mine\r\nmovie:tmdb:1 # Heat\r\n\n  name:Se7en#1  \n#name:Heat";
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let lines = lines_of_file(&given(path)).unwrap();
        let lines: Vec<&str> = lines.iter().map(TitleLine::as_str).collect();
        assert_eq!(lines, ["movie:tmdb:1", "name:Se7en#1"]);
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(path, "name:Heat\nhunter22").unwrap();
        let error = lines_of_file(&given(path)).unwrap_err().to_string();
        assert!(error.contains("block.txt, line 2: wanted is movie:tmdb:603"), "{error}");
        assert!(!error.contains("hunter22"), "a password may stand there: {error}");
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(path, "name:Heat\r\rname:Dark\r").unwrap();
        assert_eq!(lines_of_file(&given(path)).unwrap().len(), 2, "ends of lines of an old Mac");
        let error = lines_of_file(&given("/nowhere/block.txt")).unwrap_err().to_string();
        assert!(error.starts_with("--block: cannot read /nowhere/block.txt: "), "{error}");
    }
}
