//! Lines to titles: the state between an `#EXTINF` and its URL, and what is left out on the way.

use std::collections::HashSet;

use vod2strm_core::entries::WhyLeftOut;
use vod2strm_core::hold::Doubt;
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::model::stamp::StreamId;
use vod2strm_core::names::years::Years;
use vod2strm_core::select::classify::{Classify, ClassifyAs};

use super::address::{StreamUrl, has_scheme, inline};
use super::classify::{Classification, ClassifiedEntry, Classifier, LeftOut};
use super::entry::{EntryLine, PlaylistEntry, Tags, former_address};
use super::extinf::ExtInf;
use super::group::{EntryPlacement, TitleCollector};
use super::left_out::LeftOutEntries;
use super::other_ids::OtherIds;
use super::samples::EntrySamples;
use super::signs::Class;
use super::text::{clean, decode};
use super::votes::Neighbours;
use crate::source::IsPlayed;

/// After so many lines without any sign of a playlist the rest is not read.
const PATIENCE_LINES: u32 = 1000;

/// Kodi reads lines of a `.strm` of at most 4 095 bytes. Longer ones break, as longer addresses do.
const LONGEST_PROPERTY: usize = 4000;

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
    /// What parts the list: `##### MOVIES #####`.
    pub headings: u64,
    /// Addresses of further lists.
    pub lists: u64,
    /// Addresses of what is no video: tables of a panel, pictures.
    pub without_video: u64,
    /// Rows of series that name none of their episodes.
    pub without_episode: u64,
    /// What `classify_skip` matches.
    pub unwanted: u64,
    /// Last lines of lists that may be cut off in them.
    pub cut_off: u64,
    /// Lines `#KODIPROP` that Kodi would not read. Their entries are part of the catalogue.
    pub long_properties: u64,
}

impl Skipped {
    /// Why entries are left out, by their kind, where it is known.
    pub(super) fn reasons(&self) -> [(Option<Kind>, WhyLeftOut, u64); 7] {
        [
            (None, WhyLeftOut::Live, self.live + self.radio),
            (None, WhyLeftOut::Heading, self.headings),
            (None, WhyLeftOut::NoVideo, self.lists + self.without_video),
            (None, WhyLeftOut::Unreadable, self.cut_off),
            (None, WhyLeftOut::NoAddress, self.without_address + self.unsupported_address),
            (Some(Kind::Series), WhyLeftOut::NoEpisodes, self.without_episode),
            (None, WhyLeftOut::Filtered, self.unwanted),
        ]
    }

    fn count(&mut self, reason: LeftOut) {
        let count = match reason {
            LeftOut::Heading => &mut self.headings,
            LeftOut::List => &mut self.lists,
            LeftOut::NoVideo => &mut self.without_video,
            LeftOut::NoEpisode => &mut self.without_episode,
            LeftOut::Skipped => &mut self.unwanted,
        };
        *count += 1;
    }
}

/// What a playlist holds.
#[derive(Debug, Default)]
pub(super) struct PlaylistContents {
    /// The titles in order of appearance.
    pub(super) titles: Vec<Title>,
    /// What was left out.
    pub(super) skipped: Skipped,
    /// The same one by one, if they are kept.
    pub(super) left_out: LeftOutEntries,
    /// What entries would be recognised by as titles of other kinds.
    pub(super) others: HashSet<StreamId>,
    /// Entries with addresses that can be played.
    pub(super) entries: u64,
    /// Some entries of each kind.
    pub(super) samples: EntrySamples,
    /// How many entries each of the user's expressions decided; `None` where the user has none of that kind.
    pub(super) said: [Option<u64>; ClassifyAs::ALL.len()],
    /// Entries for which a pattern of the user's took too long.
    pub(super) too_slow: u64,
    /// Why nobody knows whether this is all.
    pub(super) doubt: Option<Doubt>,
}

/// An entry whose address has not come yet.
struct Pending {
    tags: Tags,
    /// The address at the end of its own line.
    inline: Option<StreamUrl>,
}

/// An entry that waits for the end of the list: its neighbours decide what it is, or it stands behind one of those.
struct WaitingEntry {
    entry: Box<PlaylistEntry>,
    found: ClassifiedEntry,
    neighbours: Option<Neighbours>,
}

/// Reads lines one after the other.
pub(super) struct PlaylistReader {
    titles: TitleCollector,
    others: OtherIds,
    classifier: Classifier,
    /// Which of the user's expressions there are.
    is_said: [bool; ClassifyAs::ALL.len()],
    /// All titles from the first entry on that its neighbours decide: the first of several is the one that is used.
    waiting: Vec<WaitingEntry>,
    samples: EntrySamples,
    pending: Option<Pending>,
    /// The group of an `#EXTGRP` line, for the next address.
    group: Option<String>,
    /// The `#KODIPROP` lines for the next address.
    properties: String,
    skipped: Skipped,
    left_out: LeftOutEntries,
    /// Whether a line was seen that only playlists have.
    recognised: bool,
    addresses: u64,
    strange_lines: u32,
}

impl PlaylistReader {
    /// A reader at the beginning of a playlist. Entries that are in no title are kept if that is wanted.
    pub(super) fn new(years: Years, classify: Classify, keeps_left_out: bool) -> PlaylistReader {
        PlaylistReader {
            left_out: LeftOutEntries::new(keeps_left_out),
            titles: TitleCollector::new(years.clone()),
            others: OtherIds::default(),
            is_said: classify.0.each_ref().map(Option::is_some),
            classifier: Classifier::new(years, classify),
            waiting: Vec::new(),
            samples: EntrySamples::default(),
            pending: None,
            group: None,
            properties: String::new(),
            skipped: Skipped::default(),
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
        } else if bytes.starts_with(b"EXTINF:") {
            self.directive(&format!("#{}", decode(bytes)))?;
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
        let properties = Some(self.properties.clone()).filter(|text| !text.is_empty());
        let is_played = |address: &StreamUrl| is_played(properties.as_deref(), &address.url);
        match StreamUrl::parse(&text) {
            Some(address) if !text.starts_with('#') && !is_played(&address) => {
                self.recognised = true;
                let tags = self.pending.take().map(|pending| pending.tags);
                let words = "it is the last one, and its address may be cut off";
                self.left_out.note_tags(tags.as_ref(), WhyLeftOut::Unreadable, words);
                self.skipped.cut_off += 1;
                Ok(())
            }
            _ => {
                self.line(line)?;
                if let Some(pending) = &mut self.pending {
                    pending.inline = pending.inline.take().filter(is_played);
                }
                Ok(())
            }
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
        self.end_pending();
        self.end_waiting();
        let counts = self.is_said.into_iter().zip(self.classifier.said);
        let mut counts = counts.map(|(is_said, count)| is_said.then_some(count));
        Ok(PlaylistContents {
            titles: self.titles.finish(),
            others: self.others.into_streams(),
            skipped: self.skipped,
            left_out: self.left_out,
            entries: self.addresses,
            samples: self.samples,
            said: std::array::from_fn(|_| counts.next().flatten()),
            too_slow: self.classifier.too_slow,
            doubt,
        })
    }

    /// Places what waits, in the order of the list.
    fn end_waiting(&mut self) {
        for WaitingEntry { entry, found, neighbours } in std::mem::take(&mut self.waiting) {
            let settled = match neighbours {
                Some(neighbours) => self.classifier.settle(&entry, found, neighbours),
                None => Classification::Decided(found),
            };
            match settled {
                Classification::LeftOut(reason) => self.leave_out(&entry, reason),
                Classification::Decided(found) | Classification::Open(found, _) => {
                    self.place(*entry, &found)
                }
            }
        }
    }

    fn directive(&mut self, line: &str) -> Result<(), String> {
        if let Some(rest) = after(line, "#EXTINF") {
            self.recognised = true;
            if self.end_pending() {
                self.group = None;
                self.properties.clear();
            }
            let mut line = ExtInf::parse(behind_colon(rest));
            let inline = inline(line.title).map(|(title, address)| {
                line.title = title;
                address
            });
            self.pending = Some(Pending { tags: Tags::from_line(&line), inline });
        } else if let Some(rest) = after(line, "#EXTGRP") {
            self.group = Some(clean(behind_colon(rest)));
        } else if let Some(rest) = after(line, "#EXTIMG") {
            self.add_line(EntryLine::Picture, behind_colon(rest));
        } else if let Some(rest) = after(line, "#EXTDESC") {
            self.add_line(EntryLine::Plot, behind_colon(rest));
        } else if after(line, "#KODIPROP").is_some() {
            self.add_property(line);
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

    fn add_line(&mut self, directive: EntryLine, text: &str) {
        if let Some(pending) = &mut self.pending {
            pending.tags.add_line(directive, text);
        }
    }

    fn add_property(&mut self, line: &str) {
        if line.len() >= LONGEST_PROPERTY {
            self.skipped.long_properties += 1;
            return;
        }
        if !self.properties.is_empty() {
            self.properties.push('\n');
        }
        self.properties.extend(line.chars().filter(|letter| !letter.is_control()));
    }

    /// Ends an entry that no address line follows; says whether there was one.
    fn end_pending(&mut self) -> bool {
        match self.pending.take() {
            None => return false,
            Some(Pending { tags, inline: Some(address) }) => self.played(tags, address),
            Some(Pending { tags, inline: None }) => {
                let words = "no address follows it";
                self.left_out.note_tags(Some(&tags), WhyLeftOut::NoAddress, words);
                self.skipped.without_address += 1;
            }
        }
        true
    }

    fn address(&mut self, line: &str) {
        let pending = self.pending.take();
        let Some(address) = StreamUrl::parse(line) else {
            // Text that nobody announced may be anything; it is not an entry.
            if pending.is_some() || (self.recognised && has_scheme(line)) {
                let tags = pending.map(|pending| pending.tags);
                let words = "players do not open its address";
                self.left_out.note_tags(tags.as_ref(), WhyLeftOut::NoAddress, words);
                self.skipped.unsupported_address += 1;
            }
            self.recognised |= has_scheme(line);
            self.group = None;
            self.properties.clear();
            return;
        };
        let mut tags = pending.map(|pending| pending.tags).unwrap_or_default();
        tags.former_address = former_address(line, &address);
        self.played(tags, address);
    }

    fn played(&mut self, mut tags: Tags, address: StreamUrl) {
        self.recognised = true;
        self.addresses += 1;
        let group = self.group.take().unwrap_or_default();
        if tags.first_group.as_ref().is_some_and(String::is_empty) {
            tags.first_group = Some(group.clone());
        }
        if tags.group.is_empty() {
            tags.group = group;
        }
        if !self.properties.is_empty() {
            tags.kodi_properties = Some(std::mem::take(&mut self.properties).into_boxed_str());
        }
        let entry = PlaylistEntry { tags, address };
        let classification = self.classifier.classify(&entry);
        self.take(entry, classification);
    }

    fn note_other_kinds(&mut self, entry: &PlaylistEntry, classified: &ClassifiedEntry) {
        let taken_for = match classified.class {
            Class::Live | Class::Radio => None,
            Class::Movie => Some(Kind::Movie),
            Class::Episode => Some(Kind::Series),
        };
        match taken_for {
            None => self.others.note(entry, &entry.name(), None),
            kind => self.others.note(entry, &classified.name, kind),
        }
    }

    /// Takes an entry as it is classified, or lets it wait.
    fn take(&mut self, entry: PlaylistEntry, classification: Classification) {
        let is_title =
            |found: &ClassifiedEntry| matches!(found.class, Class::Movie | Class::Episode);
        let (found, neighbours) = match classification {
            Classification::LeftOut(reason) => return self.leave_out(&entry, reason),
            Classification::Open(found, neighbours) => (found, Some(neighbours)),
            Classification::Decided(found) if is_title(&found) && !self.waiting.is_empty() => {
                (found, None)
            }
            Classification::Decided(found) => return self.place(entry, &found),
        };
        self.waiting.push(WaitingEntry { entry: Box::new(entry), found, neighbours });
    }

    fn leave_out(&mut self, entry: &PlaylistEntry, reason: LeftOut) {
        self.others.note(entry, &entry.name(), None);
        self.left_out.note(entry, reason);
        self.skipped.count(reason);
    }

    fn place(&mut self, entry: PlaylistEntry, classified: &ClassifiedEntry) {
        self.samples.add(&entry, classified);
        self.note_other_kinds(&entry, classified);
        if matches!(classified.class, Class::Live | Class::Radio) {
            self.left_out.note_channel(&entry, classified);
        }
        let placed = match classified.class {
            Class::Live => return self.skipped.live += 1,
            Class::Radio => return self.skipped.radio += 1,
            Class::Movie => self.titles.add_movie(entry, &classified.name),
            Class::Episode => self.titles.add_episode(entry, classified),
        };
        if placed == EntryPlacement::Repeated {
            self.skipped.repeated += 1;
        }
    }
}

/// What stands behind a directive's colon.
fn behind_colon(rest: &str) -> &str {
    rest.trim_start().strip_prefix(':').unwrap_or(rest)
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
    use super::super::address::hashed;
    use super::*;

    fn read(text: &str) -> Result<PlaylistContents, String> {
        let mut reader = PlaylistReader::new(Years::plausible_in(2026), Classify::default(), false);
        for line in text.lines() {
            reader.line(line.as_bytes())?;
        }
        reader.finish(None)
    }

    fn names(contents: &PlaylistContents) -> Vec<&str> {
        contents.titles.iter().map(|title| title.details.name.as_str()).collect()
    }

    #[test]
    fn properties_for_kodi_belong_to_the_entry_around_them() {
        let long = "x".repeat(LONGEST_PROPERTY);
        let contents = read(&format!(
            "#EXTM3U\n#EXTINF:-1,Heat (1995)\n#KODIPROP:a=b\n#kodiprop:\x1bc=\rd\n\
             #KODIPROP:e={long}\nhttp://h/1.mkv\n#EXTINF:-1,Ronin (1998)\nhttp://h/2.mkv\n\
             #EXTINF:-1,Lost\n#KODIPROP:f=g\nrtmp://h/3\n#KODIPROP:h=i\n\
             #EXTINF:-1,Drive (2011)\nhttp://h/4.mkv\n"
        ));
        let contents = contents.unwrap();
        let of = |title: &Title| title.streams[0].kodi_properties.as_deref().map(str::to_owned);
        let properties: Vec<_> = contents.titles.iter().map(of).collect();
        let expected = [Some("#KODIPROP:a=b\n#kodiprop:c=d"), None, Some("#KODIPROP:h=i")];
        assert_eq!(properties, expected.map(|it| it.map(str::to_owned)));
        assert_eq!(contents.skipped.long_properties, 1);
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
        let list = "#EXTINF:-1,A 2020\n#EXTGRP:Filme\nhttp://h/a\n#EXTINF:-1,B 2020\nhttp://h/b";
        let contents = read(list);
        let contents = contents.unwrap();
        assert_eq!((names(&contents), contents.skipped.live), (vec!["A"], 1));
    }

    #[test]
    fn an_address_may_stand_on_the_entry_s_own_line() {
        let contents = read(
            "#EXTINF:-1 group-title=\"A\",Heat (1995) http://h/heat one.mp4\n\
             #EXTINF:-1,Ronin (1998) http://h/poster\nhttp://h/ronin.mp4\n\
             #EXTINF:-1,http://h/Up.mp4",
        );
        let contents = contents.unwrap();
        assert_eq!(names(&contents), ["Heat", "Ronin", "Up"]);
        let urls = contents.titles.iter().map(|title| title.streams[0].url.as_deref().unwrap());
        let expected = ["http://h/heat one.mp4", "http://h/ronin.mp4", "http://h/Up.mp4"];
        assert_eq!(urls.collect::<Vec<_>>(), expected);
        assert_eq!(contents.skipped, Skipped::default());
    }

    /// Its address is played as it stands in the first of two groups, whichever of them is decided first.
    #[test]
    fn what_waits_keeps_its_place() {
        let mut list = "#EXTINF:-1 group-title=\"G\",Open\nhttp://h/0.m3u8\n".to_owned();
        for n in 1..9 {
            list += &format!("#EXTINF:-1 group-title=\"G\",Film {n} (2020)\nhttp://h/{n}.m3u8\n");
        }
        list += "#EXTINF:-1 group-title=\"New\" type=\"movie\",Open\nhttp://h/0.m3u8\n";
        let contents = read(&list).unwrap();
        assert_eq!(names(&contents)[..2], ["Open", "Film 1"]);
        assert_eq!(contents.titles[0].streams[0].category_name.as_deref(), Some("G"));
        assert_eq!((contents.titles.len(), contents.skipped.repeated), (9, 1));
        assert!(contents.titles.iter().zip(1..).all(|(title, at)| title.key.0 == at));
    }

    /// Version 0.1.0 cut an address at its first `#`, and recognised a movie by what was left.
    #[test]
    fn a_movie_with_a_hash_in_its_address_is_recognised_as_before() {
        let list = "#EXTINF:-1,A\nhttp://h/films/Part #1.mkv\n#EXTINF:-1,A\nhttp://h/films/Part #2.mkv\n\
                    #EXTINF:-1,B\nhttp://h/films/b.mkv#t=10\n";
        let contents = read(list).unwrap();
        let streams: Vec<_> = contents.titles.iter().map(|title| &title.streams[0]).collect();
        assert_eq!(streams.len(), 3);
        assert_eq!(streams[0].stream_id, hashed(&["path", "http://h/films/Part "]));
        assert_eq!(streams[1].url.as_deref(), Some("http://h/films/Part %232.mkv"));
        assert_eq!(streams[2].stream_id, hashed(&["path", "http://h/films/b.mkv"]));
    }

    #[test]
    fn lines_of_an_entry_are_its_own() {
        let contents = read(
            "#EXTIMG:http://h/none.jpg\n#EXTINF:-1,Heat (1995)\n#EXTIMG:http://h/a.jpg\n\
             #EXTDESC:Cops.\nhttp://h/1.mkv\n#EXTINF:-1,Ronin (1998)\nhttp://h/2.mkv",
        );
        let contents = contents.unwrap();
        let details = |at: usize| {
            let details = &contents.titles[at].details;
            (details.poster.as_deref(), details.plot.as_deref())
        };
        assert_eq!(details(0), (Some("http://h/a.jpg"), Some("Cops.")));
        assert_eq!(details(1), (None, None));
    }

    #[test]
    fn what_is_no_title_is_counted_by_its_reason() {
        let classify = Classify([None, None, None, Some("name == Ronin".parse().unwrap())]);
        let mut reader = PlaylistReader::new(Years::plausible_in(2026), classify, false);
        for line in [
            "#EXTINF:-1,=== FILMS ===",
            "http://h/movie/u/p/1.mkv",
            "#EXTINF:-1,More",
            "http://h/more.m3u",
            "#EXTINF:-1,Colony",
            "http://h/player_api.php?series_id=1",
            "#EXTINF:-1,Dark",
            "http://h/series/u/p/1.mp4",
            "#EXTINF:-1,Ronin",
            "http://h/movie/u/p/2.mkv",
        ] {
            reader.line(line.as_bytes()).unwrap();
        }
        let contents = reader.finish(None).unwrap();
        assert_eq!((contents.titles.len(), contents.said), (0, [None, None, None, Some(1)]));
        let skipped = Skipped {
            headings: 1,
            lists: 1,
            without_video: 1,
            without_episode: 1,
            unwanted: 1,
            ..Skipped::default()
        };
        assert_eq!(contents.skipped, skipped);
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
