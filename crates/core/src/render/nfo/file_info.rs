//! What was measured of the file beside an NFO, as Kodi reads it. Jellyfin and Emby look for themselves.

use std::fmt::Write as _;

use crate::layout::Dialect;
use crate::model::measured::{Hdr, Measured};
use crate::model::media::Stream;
use crate::names::languages::three_letters;
use crate::policy::{NfoDetail, Policy};

/// An NFO, with what was measured of the stream that the file beside it plays. Where the proxy chooses the stream,
/// nobody knows which one that is.
pub fn with_file_info(policy: &Policy, nfo: &[u8], stream: &Stream) -> Vec<u8> {
    let is_full = policy.nfo == NfoDetail::Full && policy.layout.dialect == Dialect::Standard;
    let end = nfo.windows(2).rposition(|two| two == b"</");
    match (&stream.measured, end) {
        (Some(measured), Some(end)) if is_full && !policy.unpinned_urls => {
            [&nfo[..end], file_info(measured).as_bytes(), &nfo[end..]].concat()
        }
        _ => nfo.to_vec(),
    }
}

/// The element; empty where the picture was not measured: Kodi looks no further where there is one.
fn file_info(measured: &Measured) -> String {
    let mut out = String::new();
    if measured.video.is_none() && measured.size.is_none() {
        return out;
    }
    let (width, height) = measured.size.unzip();
    out.push_str("  <fileinfo>\n    <streamdetails>\n");
    let video = [
        ("codec", measured.video.clone()),
        ("width", width.map(|it| it.to_string())),
        ("height", height.map(|it| it.to_string())),
        ("durationinseconds", measured.seconds.map(|it| it.to_string())),
        ("hdrtype", measured.hdr.and_then(Hdr::in_nfo).map(str::to_owned)),
    ];
    add(&mut out, "video", video);
    for track in &measured.audio {
        let language = track.language.as_deref().map(|it| three_letters(it).to_owned());
        let audio = [
            ("codec", track.codec.clone()),
            ("language", language),
            ("channels", track.channels.map(|it| it.to_string())),
        ];
        add(&mut out, "audio", audio);
    }
    for language in &measured.subtitles {
        add(&mut out, "subtitle", [("language", Some(three_letters(language).to_owned()))]);
    }
    out.push_str("    </streamdetails>\n  </fileinfo>\n");
    out
}

/// Adds a track. Its values are codes and numbers, as `Measured` has them: nothing in them is special in XML.
fn add<const N: usize>(out: &mut String, track: &str, values: [(&str, Option<String>); N]) {
    // A text takes everything.
    _ = writeln!(out, "      <{track}>");
    for (tag, value) in values {
        if let Some(value) = value {
            _ = writeln!(out, "        <{tag}>{value}</{tag}>");
        }
    }
    _ = writeln!(out, "      </{track}>");
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::media::Account;

    fn nfo(layout: &str, detail: NfoDetail, unpinned_urls: bool, measured: &str) -> String {
        let policy = Policy::new(layout.parse().unwrap(), "http://d:9191".parse().unwrap());
        let policy = Policy { nfo: detail, unpinned_urls, ..policy };
        let account = Account { id: 1, name: "A".to_owned(), priority: 0, login: None };
        let stream = Stream::new(Arc::new(account), "7".to_owned());
        let stream = Stream { measured: measured.parse().ok().map(Box::new), ..stream };
        String::from_utf8(with_file_info(&policy, b"<movie>\n</movie>\n", &stream)).unwrap()
    }

    #[test]
    fn kodi_reads_what_was_measured() {
        let measured = "2160 dolby_vision video=hevc/3840x2160 audio=eac3/6/de audio=aac/0/- \
                        subtitle=en subtitle=gsw seconds=5400";
        insta::assert_snapshot!(nfo("kodi", NfoDetail::Full, false, measured), @r"
        <movie>
          <fileinfo>
            <streamdetails>
              <video>
                <codec>hevc</codec>
                <width>3840</width>
                <height>2160</height>
                <durationinseconds>5400</durationinseconds>
                <hdrtype>dolbyvision</hdrtype>
              </video>
              <audio>
                <codec>eac3</codec>
                <language>ger</language>
                <channels>6</channels>
              </audio>
              <audio>
                <codec>aac</codec>
              </audio>
              <subtitle>
                <language>eng</language>
              </subtitle>
              <subtitle>
                <language>gsw</language>
              </subtitle>
            </streamdetails>
          </fileinfo>
        </movie>
        ");
    }

    #[test]
    fn what_nobody_measured_or_wants_is_not_there() {
        let (measured, full) = ("2160 video=hevc/0x0", NfoDetail::Full);
        assert!(
            nfo("standard", full, false, measured).contains("<codec>hevc</codec>\n      </video>")
        );
        for (layout, detail, is_unpinned, measured) in [
            ("standard", full, false, ""),
            ("standard", full, false, "2160 hdr10 audio=aac/2/en seconds=7"),
            ("standard", full, true, measured),
            ("standard", NfoDetail::Ids, false, measured),
            ("classic", full, false, measured),
        ] {
            let found = nfo(layout, detail, is_unpinned, measured);
            assert!(!found.contains("fileinfo"), "{layout}: {found}");
        }
    }
}
