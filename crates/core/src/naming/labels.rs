//! What the further versions of a movie or an episode are called: by what parts the versions, and not by what they share,
//! in words that no server takes for something else.

use super::reserved::{harmless_label, without_part_letters};
use super::values::classic_text;
use super::{NameLimits, joined, stream_label, told_apart};
use crate::layout::Layout;
use crate::model::measured::Hdr;
use crate::model::media::{Kind, Stream};
use crate::names::quality::label;
use crate::text::{fold_key, safe_component};

/// Something of a stream that a label can say.
#[derive(Clone, Copy)]
enum LabelPart {
    Quality,
    Hdr,
    Languages,
    Account,
    Codec,
    Category,
}

/// What a label begins with.
const TRAITS: [LabelPart; 3] = [LabelPart::Quality, LabelPart::Hdr, LabelPart::Languages];
/// What follows, one of them, where the traits part nothing.
const FURTHER: [LabelPart; 3] = [LabelPart::Account, LabelPart::Codec, LabelPart::Category];

impl LabelPart {
    /// The words that a label has for it; empty where it is not known.
    fn of(self, stream: &Stream) -> String {
        let traits = &stream.traits;
        let known = match self {
            LabelPart::Quality => traits.quality.map(label),
            LabelPart::Hdr => traits.hdr.and_then(Hdr::label).map(str::to_owned),
            LabelPart::Languages => Some(traits.languages.join(" ").to_uppercase()),
            LabelPart::Account => Some(stream.account.name.clone()),
            LabelPart::Codec => {
                let measured = stream.measured.as_ref().and_then(|it| it.video.as_deref());
                measured.map(str::to_uppercase)
            }
            LabelPart::Category => stream.category_name.as_deref().map(str::to_owned),
        };
        known.unwrap_or_default()
    }

    /// Whether these streams differ in it.
    fn parts(self, streams: &[&Stream]) -> bool {
        let first = streams.first().map(|stream| self.of(stream));
        streams.iter().any(|stream| Some(self.of(stream)) != first)
    }
}

/// The labels of the versions of one movie or episode.
pub struct VersionLabels<'a> {
    layout: &'a Layout,
    /// The stream whose file has none.
    plain: &'a Stream,
    /// What a label may say, in the order in which labels are tried.
    tried: Vec<Vec<LabelPart>>,
}

impl<'a> VersionLabels<'a> {
    /// The labels where these streams have files, and this one the file without a label.
    pub fn of(layout: &'a Layout, streams: &[&'a Stream], plain: &'a Stream) -> VersionLabels<'a> {
        let parting = |parts: [LabelPart; 3]| parts.into_iter().filter(|part| part.parts(streams));
        let traits: Vec<LabelPart> = parting(TRAITS).collect();
        let with = |further: LabelPart| [&traits[..], &[further]].concat();
        let further = parting(FURTHER).map(with).collect::<Vec<_>>();
        let tried = [traits].into_iter().chain(further).collect();
        VersionLabels { layout, plain, tried }
    }

    /// The stems that the file of a version may have: `stem - 2160p FR`, further ones in case that another version has that,
    /// and in the end numbers: `stem - Version 2`. The label is what may not be cut.
    pub fn stems<'s>(
        &'s self,
        stem: &'s str,
        stream: &'s Stream,
    ) -> Box<dyn Iterator<Item = String> + 's> {
        let layout = self.layout;
        let limits = NameLimits::of(layout);
        if layout.is_classic() {
            return Box::new(classic_stems(limits, stem, stream));
        }
        let says = |parts: &Vec<LabelPart>, stream: &Stream| {
            let words = parts.iter().map(|part| part.of(stream)).filter(|text| !text.is_empty());
            harmless_label(&words.collect::<Vec<_>>().join(" "), limits.label)
        };
        let own = |parts| {
            let label = says(parts, stream);
            // It would be the plain file's, too.
            (label != says(parts, self.plain)).then_some(label)
        };
        let mut labels: Vec<String> = self.tried.iter().filter_map(own).collect();
        labels.retain(|label| !label.is_empty());
        let traits = || self.tried.first().map(|parts| says(parts, stream));
        let base = labels.first().cloned().or_else(traits).unwrap_or_default();
        let numbers = (2_u64..).map(move |n| numbered(&base, n, limits.label));
        let all = labels.into_iter().chain(numbers);
        Box::new(all.map(move |label| joined(stem, " - ", &label, "", limits.stem)))
    }
}

/// A label with a number, in at most `limit` bytes.
fn numbered(label: &str, n: u64, limit: usize) -> String {
    if label.is_empty() {
        return format!("Version {n}");
    }
    let number = format!(" ({n})");
    harmless_label(label, limit - number.len().min(limit)) + &number
}

/// The original's: the account's name.
fn classic_stems(limits: NameLimits, stem: &str, stream: &Stream) -> impl Iterator<Item = String> {
    let what = stream_label(stream);
    let label = safe_component(&classic_text(&stream.account.name), limits.label);
    let label = if label.is_empty() { &what } else { &label };
    let stem = joined(stem, " - ", label, "", limits.stem);
    (0..).map(move |n| if n == 0 { stem.clone() } else { told_apart(&stem, &what, n, limits.stem) })
}

/// What tells the paths of one title's files apart: letter case does not. Neither does a letter by which Kodi takes the
/// files of a movie for its parts: `Heat - List A` and `Heat - List B`.
pub fn path_key(layout: &Layout, kind: Kind, path: &str) -> String {
    let key = fold_key(path);
    match kind {
        Kind::Movie if !layout.is_classic() => without_part_letters(&key),
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::measured::Measured;
    use crate::model::media::Account;

    /// An account, what is measured (`2160 hdr10 audio=aac/2/fr`), a category.
    type Said<'a> = (&'a str, &'a str, &'a str);

    fn stream((account, said, category): &Said) -> Stream {
        let account = Account { id: 3, name: (*account).into(), priority: 0, login: None };
        let mut stream = Stream::new(Arc::new(account), "a/7".into());
        let measured: Measured = said.parse().unwrap_or_default();
        stream.traits.languages = measured.languages().into_iter().map(str::to_owned).collect();
        (stream.traits.quality, stream.traits.hdr) = (measured.quality, measured.hdr);
        stream.measured = Some(Box::new(measured));
        stream.category_name = (!category.is_empty()).then(|| Arc::from(*category));
        stream
    }

    /// The labels of all streams behind the first, which has the plain file.
    fn labels(layout: &Layout, streams: &[Said]) -> Vec<String> {
        let streams: Vec<Stream> = streams.iter().map(stream).collect();
        let all: Vec<&Stream> = streams.iter().collect();
        let labels = VersionLabels::of(layout, &all, all[0]);
        let mut taken = vec![path_key(layout, Kind::Movie, "Heat")];
        let mut free = |stream| {
            let mut stems = labels.stems("Heat", stream);
            let free = stems.find(|stem| !taken.contains(&path_key(layout, Kind::Movie, stem)));
            let stem = free.unwrap();
            taken.push(path_key(layout, Kind::Movie, &stem));
            stem.strip_prefix("Heat - ").unwrap_or(&stem).to_owned()
        };
        streams[1..].iter().map(&mut free).collect()
    }

    #[test]
    fn a_label_says_what_parts_the_versions() {
        const EN: &str = "audio=aac/2/en";
        const FR: &str = "audio=aac/2/fr";
        let cases: [(&[Said], &[&str]); 15] = [
            // What all share stays out.
            (&[("A", "2160 audio=aac/2/en", ""), ("A", "2160 audio=aac/2/fr", "")], &["FR"]),
            (&[("A", "2160 audio=aac/2/en", ""), ("A", "1080 audio=aac/2/en", "")], &["1080p"]),
            (&[("A", "2160 sdr", ""), ("A", "2160 dolby_vision", "")], &["DV"]),
            (&[("A", "2160 hdr10", ""), ("A", "2160 sdr", "")], &["Version 2"]),
            (&[("A", "576", ""), ("A", "480", "")], &["Version 2"]),
            // The plain one is 4K, and the other is no more English than that.
            (&[("A", "2160 audio=aac/2/en", "EN"), ("A", EN, "EN")], &["Version 2"]),
            (&[("A", "2160", "Series 4K"), ("A", "", "Series Drama")], &["Series Drama"]),
            (&[("A", "2160 audio=aac/2/en", ""), ("A", EN, ""), ("A", FR, "")], &["EN", "FR"]),
            (&[("One", EN, ""), ("One", FR, ""), ("Two", FR, "")], &["FR", "FR Two"]),
            (&[("One", EN, ""), ("One", FR, ""), ("Two", EN, "")], &["FR", "EN Two"]),
            (&[("One", FR, ""), ("Two", FR, ""), ("Two", FR, "")], &["Two", "Two (2)"]),
            (&[("One", "video=h264", ""), ("One", "video=hevc", "")], &["HEVC"]),
            // Letter case tells no files apart.
            (&[("One", "", "x"), ("One", "", "y"), ("One", "", "Y")], &["y", "Y (2)"]),
            (&[("One", EN, ""), ("One", FR, ""), ("One", FR, "")], &["FR", "FR (2)"]),
            // Kodi takes two files for the parts of one by a letter such as these.
            (&[("Z", "", ""), ("List A", "", ""), ("List B", "", "")], &["List A", "List B (2)"]),
        ];
        for (streams, expected) in cases {
            assert_eq!(labels(&Layout::standard(), streams), expected, "{streams:?}");
        }
        let streams = [("One", EN, ""), ("Part 1", FR, ""), ("Part 1", EN, "")];
        assert_eq!(labels(&Layout::classic(), &streams), ["Part 1", "Part 1 [3-a-7]"]);
    }

    #[test]
    fn a_label_is_no_trap() {
        for (account, expected) in [
            ("X2 IPTV", "·X2 IPTV"),
            ("Trailer", "Trailer ·"),
            ("My Trailer 2", "My Trailer 2 ·"),
            ("IPTV 2020", "IPTV 20·20"),
            ("(1999)", "19·99"),
            ("IPTV2020", "IPTV2020"),
            ("Part 1", "Part ·1"),
            ("cd2", "cd·2"),
            ("PTB", "PT·B"),
            ("DVD B", "DVD ·B"),
            ("Part of it", "Part of it"),
            ("Half SBS", "Half ·SBS"),
            ("3D.Tab", "·3D.·Tab"),
            ("The Sample", "The Sampleʼ"),
            ("a-behindthescenes", "a-behindthescenes ·"),
            ("[tmdbid-603] {edition-Cut} (UK)", "tmdbid-603 edition-Cut UK"),
            ("tt0133093", "tt·0133093"),
            ("S01E02", "S01·E02"),
            ("EN | Süd / EU: one", "EN Süd - EU - one"),
            ("- .main. _", "main"),
            ("...", "Version 2"),
        ] {
            let streams = [("First", "", ""), (account, "", "")];
            assert_eq!(labels(&Layout::standard(), &streams), [expected], "{account}");
        }
    }

    #[test]
    fn versions_repeat_the_whole_folder_name() {
        let (layout, folder) = (Layout::standard(), "漢".repeat(50));
        let streams = [("First", "", ""), (&*"2020 ".repeat(20), "", "")].map(|it| stream(&it));
        let labels = VersionLabels::of(&layout, &[&streams[0], &streams[1]], &streams[0]);
        for stem in labels.stems(&folder, &streams[1]).take(3) {
            assert!(stem.starts_with(&folder) && stem.len() <= 195, "{stem}");
        }
    }
}
