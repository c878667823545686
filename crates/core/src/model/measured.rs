//! What somebody has measured of a stream: picture, sound and subtitles. Nothing here is guessed from a name.

use std::fmt;
use std::str::FromStr;

/// What a stream was measured to be. As a text it is a few words, in which the ledger keeps it:
/// `2160 hdr10 video=hevc/3840x2160 audio=eac3/6/de subtitle=en seconds=5400`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Only some of it was measured, or a single track of several: it does not take the place of a whole measurement.
    pub is_partial: bool,
    /// The picture's lines: 2160 for 4K.
    pub quality: Option<u16>,
    /// How the picture says its brightness.
    pub hdr: Option<Hdr>,
    /// The picture's codec, as `ffprobe` calls it: `hevc`.
    pub video: Option<String>,
    /// Width and height of the picture in pixels.
    pub size: Option<(u16, u16)>,
    /// The tracks of sound, in order; those that describe the picture are none.
    pub audio: Vec<AudioTrack>,
    /// The languages of the subtitles, each once.
    pub subtitles: Vec<String>,
    /// The running time in seconds.
    pub seconds: Option<u32>,
}

/// A track of sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AudioTrack {
    /// Its codec, as `ffprobe` calls it: `eac3`.
    pub codec: Option<String>,
    /// How many channels it has: 6 for 5.1.
    pub channels: Option<u8>,
    /// The language that is spoken.
    pub language: Option<String>,
}

/// How a picture says its brightness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hdr {
    /// Without a wide range.
    Sdr,
    /// HDR10.
    Hdr10,
    /// HLG.
    Hlg,
    /// Dolby Vision.
    DolbyVision,
}

impl Hdr {
    /// All of them.
    pub const ALL: [Hdr; 4] = [Hdr::Sdr, Hdr::Hdr10, Hdr::Hlg, Hdr::DolbyVision];

    /// The word in filters and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Hdr::Sdr => "sdr",
            Hdr::Hdr10 => "hdr10",
            Hdr::Hlg => "hlg",
            Hdr::DolbyVision => "dolby_vision",
        }
    }

    /// The one that this word means.
    pub fn named(word: &str) -> Option<Hdr> {
        Hdr::ALL.into_iter().find(|hdr| hdr.as_str().eq_ignore_ascii_case(word))
    }

    /// What versions are called by; nothing for the usual.
    pub fn label(self) -> Option<&'static str> {
        match self {
            Hdr::Sdr => None,
            Hdr::Hdr10 | Hdr::Hlg => Some("HDR"),
            Hdr::DolbyVision => Some("DV"),
        }
    }

    /// What Kodi calls it; nothing for the usual.
    pub fn in_nfo(self) -> Option<&'static str> {
        match self {
            Hdr::Sdr => None,
            Hdr::Hdr10 => Some("hdr10"),
            Hdr::Hlg => Some("hlg"),
            Hdr::DolbyVision => Some("dolbyvision"),
        }
    }
}

impl Measured {
    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        *self == Measured { is_partial: self.is_partial, ..Measured::default() }
    }

    /// The languages that are spoken, each once.
    pub fn languages(&self) -> Vec<&str> {
        let mut languages = Vec::new();
        for language in self.audio.iter().filter_map(|track| track.language.as_deref()) {
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        languages
    }

    /// What holds of a stream, of which a source says `now` and was known to be `before`. A value that is missing
    /// now stays as it was, and a part of a measurement takes nothing from a whole one.
    pub fn latest(now: Option<Measured>, before: Option<Measured>) -> Option<Measured> {
        match (now, before) {
            (Some(now), Some(before)) if now.is_partial => {
                Some(if before.is_partial { now.or(before) } else { before })
            }
            (now, before) => now.or(before),
        }
    }

    /// Completed by another one.
    fn or(self, other: Measured) -> Measured {
        let list = |own: Vec<String>, other| if own.is_empty() { other } else { own };
        Measured {
            is_partial: self.is_partial,
            quality: self.quality.or(other.quality),
            hdr: self.hdr.or(other.hdr),
            video: self.video.or(other.video),
            size: self.size.or(other.size),
            audio: if self.audio.is_empty() { other.audio } else { self.audio },
            subtitles: list(self.subtitles, other.subtitles),
            seconds: self.seconds.or(other.seconds),
        }
    }
}

/// What stands for a value that is not known.
const UNKNOWN: &str = "-";

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| UNKNOWN.to_owned());
        let mut words: Vec<String> = Vec::new();
        words.extend(self.is_partial.then(|| "part".to_owned()));
        words.extend(self.quality.map(|lines| lines.to_string()));
        words.extend(self.hdr.map(|hdr| hdr.as_str().to_owned()));
        if self.video.is_some() || self.size.is_some() {
            let (width, height) = self.size.unwrap_or_default();
            words.push(format!("video={}/{width}x{height}", or_unknown(&self.video)));
        }
        words.extend(self.audio.iter().map(|track| {
            let channels = track.channels.unwrap_or_default();
            let (codec, language) = (or_unknown(&track.codec), or_unknown(&track.language));
            format!("audio={codec}/{channels}/{language}")
        }));
        words.extend(self.subtitles.iter().map(|language| format!("subtitle={language}")));
        words.extend(self.seconds.map(|seconds| format!("seconds={seconds}")));
        f.write_str(&words.join(" "))
    }
}

/// A text that says nothing of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is measured in it")]
pub struct NothingMeasured;

impl FromStr for Measured {
    type Err = NothingMeasured;

    /// Words that nobody knows are left out.
    fn from_str(text: &str) -> Result<Measured, NothingMeasured> {
        let mut measured = Measured::default();
        for word in text.split(' ') {
            measured.read(word);
        }
        if measured.is_empty() { Err(NothingMeasured) } else { Ok(measured) }
    }
}

impl Measured {
    fn read(&mut self, word: &str) {
        let known = |text: &str| Some(text.to_owned()).filter(|text| text != UNKNOWN);
        match word.split_once('=') {
            None if word == "part" => self.is_partial = true,
            None => match word.parse() {
                Ok(lines) => self.quality = Some(lines),
                Err(_) => self.hdr = Hdr::named(word).or(self.hdr),
            },
            Some(("video", rest)) => {
                let (codec, size) = rest.split_once('/').unwrap_or((rest, ""));
                let size = size.split_once('x');
                let size = size.and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
                self.video = known(codec);
                self.size = size.filter(|size| *size != (0, 0));
            }
            Some(("audio", rest)) => {
                let mut parts = rest.splitn(3, '/');
                let codec = parts.next().and_then(known);
                let channels = parts.next().and_then(|text| text.parse().ok());
                let language = parts.next().and_then(known);
                let channels = channels.filter(|channels| *channels > 0);
                self.audio.push(AudioTrack { codec, channels, language });
            }
            Some(("subtitle", language)) => self.subtitles.push(language.to_owned()),
            Some(("seconds", seconds)) => self.seconds = seconds.parse().ok(),
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "2160 hdr10 video=hevc/3840x2160 audio=eac3/6/de audio=aac/2/- \
                         subtitle=en subtitle=fr seconds=5400";

    fn read(text: &str) -> Option<Measured> {
        text.parse().ok()
    }

    #[test]
    fn a_measurement_survives_the_ledger_whatever_is_not_known_of_it() {
        for text in [
            WHOLE,
            "part 720 video=h264/0x0",
            "part video=-/1280x536 audio=-/0/fr",
            "sdr",
            "dolby_vision",
            "hlg subtitle=de",
            "seconds=1",
        ] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
        assert_eq!(read("1080 later=7 x").unwrap().to_string(), "1080");
        for nothing in ["", "part", "later=7", "video=-/0x0"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_last_measurement_holds_until_another_comes() {
        let latest = |now: &str, before: &str| {
            Measured::latest(read(now), read(before)).map(|it| it.to_string()).unwrap_or_default()
        };
        for (now, before, holds, what) in [
            ("", WHOLE, WHOLE, "it is only missing"),
            ("", "", "", "there never was one"),
            ("1080", WHOLE, "1080", "another one has come"),
            ("part 1080 audio=aac/2/en", WHOLE, WHOLE, "less was measured than before"),
            ("1080", "part 720 hdr10", "1080", "more was measured than before"),
            (
                "part 1080",
                "part 720 audio=aac/2/en",
                "part 1080 audio=aac/2/en",
                "a part is missing",
            ),
        ] {
            assert_eq!(latest(now, before), holds, "{what}");
        }
    }

    #[test]
    fn a_language_counts_once() {
        let measured = read("audio=aac/2/de audio=eac3/6/de audio=aac/2/- audio=aac/2/en").unwrap();
        assert_eq!(measured.languages(), ["de", "en"]);
    }
}
