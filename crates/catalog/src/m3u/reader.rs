//! Lines to titles: the state between an `#EXTINF` and its URL, and what is left out on the way.

use vod2strm_core::hold::Doubt;
use vod2strm_core::model::media::Title;
use vod2strm_core::names::years::Years;

use super::address::{StreamUrl, has_scheme};
use super::classify::{Class, Rule, classify};
use super::entry::{PlaylistEntry, Tags};
use super::extinf::ExtInf;
use super::group::{EntryPlacement, TitleCollector};
use super::text::{clean, decode};
use crate::source::IsPlayed;

/// After so many lines without any sign of a playlist the rest is not read.
const PATIENCE_LINES: u32 = 1000;

/// Entries that are not part of the catalogue, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Television channels.
    pub live: u64,
    /// Radio stations.
    pub radio: u64,
    /// `#EXTINF` lines that no URL follows.
    pub without_address: u64,
    /// Addresses that are not http(s): rtmp, udp, files, relative paths.
    pub unsupported_address: u64,
    /// Further listings of a stream that is already known, mostly in another group.
    pub repeated: u64,
}

/// What a playlist holds.
#[derive(Debug, Default)]
pub(super) struct PlaylistContents {
    /// The titles in order of appearance.
    pub(super) titles: Vec<Title>,
    /// What was left out.
    pub(super) skipped: Skipped,
    /// How often each rule of classification decided.
    pub(super) rules: [u64; Rule::COUNT],
    /// Why nobody knows whether this is all.
    pub(super) doubt: Option<Doubt>,
}

/// Reads lines one after the other.
pub(super) struct PlaylistReader {
    titles: TitleCollector,
    pending: Option<Tags>,
    /// The group of an `#EXTGRP` line, for the next address.
    group: Option<String>,
    skipped: Skipped,
    rules: [u64; Rule::COUNT],
    /// Whether a line was seen that only playlists have.
    recognised: bool,
    addresses: u64,
    strange_lines: u32,
}

impl PlaylistReader {
    /// A reader at the beginning of a playlist.
    pub(super) fn new(years: Years) -> PlaylistReader {
        PlaylistReader {
            titles: TitleCollector::new(years),
            pending: None,
            group: None,
            skipped: Skipped::default(),
            rules: [0; Rule::COUNT],
            recognised: false,
            addresses: 0,
            strange_lines: 0,
        }
    }

    /// Takes one line. The error says why this is no playlist of titles.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), String> {
        // Concatenated lists have a byte order mark in the middle, too.
        let bytes = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes.starts_with(b"#") {
            self.directive(&decode(bytes))?;
        } else {
            self.address(&decode(bytes));
        }
        if !self.recognised {
            self.strange_lines += 1;
            if self.strange_lines > PATIENCE_LINES {
                return Err(NEITHER.to_owned());
            }
        }
        Ok(())
    }

    /// Takes a last line that may be cut off. An address counts only if it is known just so: a part of one
    /// may be another film's.
    pub(super) fn doubtful_line(
        &mut self,
        line: &[u8],
        is_played: &IsPlayed<'_>,
    ) -> Result<(), String> {
        let text = decode(line.trim_ascii());
        match StreamUrl::parse(&text) {
            Some(address) if !text.starts_with('#') && !is_played(&address.url) => {
                self.recognised = true;
                self.pending = None;
                Ok(())
            }
            _ => self.line(line),
        }
    }

    /// Entries so far.
    pub(super) fn entries(&self) -> u64 {
        self.addresses
    }

    /// The end of the playlist, and why it may be none.
    pub(super) fn finish(mut self, doubt: Option<Doubt>) -> Result<PlaylistContents, String> {
        if !self.recognised {
            let reason = if self.strange_lines == 0 { "it is empty" } else { NEITHER };
            return Err(reason.to_owned());
        }
        if self.pending.is_some() {
            self.skipped.without_address += 1;
        }
        let (skipped, rules) = (self.skipped, self.rules);
        Ok(PlaylistContents { titles: self.titles.finish(), skipped, rules, doubt })
    }

    fn directive(&mut self, line: &str) -> Result<(), String> {
        if let Some(rest) = after(line, "#EXTINF") {
            self.recognised = true;
            if self.pending.is_some() {
                self.skipped.without_address += 1;
                self.group = None;
            }
            let rest = rest.trim_start().strip_prefix(':').unwrap_or(rest);
            self.pending = Some(Tags::from_line(&ExtInf::parse(rest)));
        } else if let Some(rest) = after(line, "#EXTGRP") {
            self.group = Some(clean(rest.trim_start().strip_prefix(':').unwrap_or(rest)));
        } else if after(line, "#EXTM3U").is_some() {
            self.recognised = true;
        } else if self.addresses == 0 {
            let stream = ["#EXT-X-TARGETDURATION", "#EXT-X-STREAM-INF", "#EXT-X-MEDIA-SEQUENCE"];
            if stream.iter().any(|tag| after(line, tag).is_some()) {
                return Err("it is one HLS stream (an #EXT-X- playlist), not a list".to_owned());
            }
        }
        Ok(())
    }

    fn address(&mut self, line: &str) {
        let pending = self.pending.take();
        let Some(address) = StreamUrl::parse(line) else {
            // Text that nobody announced may be anything; it is not an entry.
            if pending.is_some() || (self.recognised && has_scheme(line)) {
                self.skipped.unsupported_address += 1;
            }
            self.recognised |= has_scheme(line);
            self.group = None;
            return;
        };
        self.recognised = true;
        self.addresses += 1;
        let mut tags = pending.unwrap_or_default();
        let group = self.group.take().unwrap_or_default();
        if tags.group.is_empty() {
            tags.group = group;
        }
        self.entry(PlaylistEntry { tags, address });
    }

    fn entry(&mut self, entry: PlaylistEntry) {
        let classified = classify(&entry);
        self.rules[classified.rule as usize] += 1;
        let placed = match classified.class {
            Class::Live => {
                self.skipped.live += 1;
                return;
            }
            Class::Radio => {
                self.skipped.radio += 1;
                return;
            }
            Class::Movie => self.titles.add_movie(entry, &classified.name),
            Class::Episode => self.titles.add_episode(entry, &classified),
        };
        if placed == EntryPlacement::Repeated {
            self.skipped.repeated += 1;
        }
    }
}

const NEITHER: &str = "it has neither #EXTM3U nor #EXTINF nor an address";

/// What follows a directive's name, whatever its case; `None` when the line has another one.
fn after<'a>(line: &'a str, directive: &str) -> Option<&'a str> {
    let (name, rest) = line.split_at_checked(directive.len())?;
    let ends = !rest.starts_with(|next: char| next.is_ascii_alphabetic());
    (name.eq_ignore_ascii_case(directive) && ends).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PlaylistContents, String> {
        let mut reader = PlaylistReader::new(Years::plausible_in(2026));
        for line in text.lines() {
            reader.line(line.as_bytes())?;
        }
        reader.finish(None)
    }

    fn names(contents: &PlaylistContents) -> Vec<&str> {
        contents.titles.iter().map(|title| title.details.name.as_str()).collect()
    }

    #[test]
    fn directives_between_extinf_and_address() {
        let contents = read(
            "#EXTM3U\n#EXTINF:-1,Discarded\n#extinf:-1,Heat\n#EXTGRP:VOD\n#EXTVLCOPT:x=y\n\
             #KODIPROP:a=b\n# words\n\nhttp://h/1.mkv\nhttp://h/The%20Film.mkv\n#EXTM3U\n\
             #EXTINF:-1,Radio\nrtmp://h/x\n#EXTINF:-1,Relative\nvideo.mkv\n#EXTINF:-1,End",
        );
        let contents = contents.unwrap();
        assert_eq!(names(&contents), ["Heat", "The Film"]);
        let skipped = Skipped { without_address: 2, unsupported_address: 2, ..Skipped::default() };
        assert_eq!(contents.skipped, skipped);
    }

    #[test]
    fn the_fallback_group_serves_one_entry() {
        let contents = read("#EXTINF:-1,A\n#EXTGRP:VOD\nhttp://h/a\n#EXTINF:-1,B\nhttp://h/b");
        let contents = contents.unwrap();
        assert_eq!((names(&contents), contents.skipped.live), (vec!["A"], 1));
    }

    #[test]
    fn what_is_no_playlist_is_refused() {
        for (text, reason) in [
            ("", "empty"),
            ("\n \n", "empty"),
            ("Not found", "neither"),
            ("#EXTM3U\n#EXT-X-TARGETDURATION:10\n", "HLS"),
            ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://h/x.m3u8", "HLS"),
        ] {
            assert!(read(text).unwrap_err().contains(reason), "{text}");
        }
        assert!(read(&"x\n".repeat(2000)).is_err());
        for text in ["#EXTM3U", "\u{feff}#extm3u x-tvg-url=\"\"", "#EXTINF:-1,A", "http://h/a.mkv"]
        {
            assert!(read(text).is_ok(), "{text}");
        }
        assert!(read("#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID=\"x\"").is_ok());
    }
}
