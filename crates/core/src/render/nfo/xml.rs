//! XML of NFO files.

use std::cell::Cell;
use std::fmt::Write as _;

use crate::date::{Day, is_plausible_year};
use crate::model::ids::{ImdbId, TmdbId, TvdbId};
use crate::model::media::Kind;
use crate::model::stated::{Rating, Stated, meaning, text};
use crate::text::{find_byte, is_xml_char, legal};

/// Room for most NFO files, in bytes.
const USUAL: usize = 4_096;

thread_local! {
    /// Where NFOs are written: a file has as much room as it needs, and no more.
    static BUFFER: Cell<String> = const { Cell::new(String::new()) };
}

/// Writes indented XML into one buffer; leaves out what XML forbids and elements without a value.
pub(super) struct Xml {
    out: String,
}

impl Xml {
    pub(super) fn bare(root: &str) -> Xml {
        Xml::beginning("", root)
    }

    fn beginning(declaration: &str, root: &str) -> Xml {
        let mut out = BUFFER.take();
        out.clear();
        out.reserve(USUAL);
        for part in [declaration, "<", root, ">\n"] {
            out.push_str(part);
        }
        Xml { out }
    }

    /// With a declaration: without it, Kodi guesses the encoding and can guess wrong.
    pub(super) fn declared(root: &str) -> Xml {
        Xml::beginning("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n", root)
    }

    pub(super) fn text(&mut self, tag: &str, value: &str) {
        self.element(tag, "", value);
    }

    pub(super) fn optional(&mut self, tag: &str, value: Option<&str>) {
        self.text(tag, value.unwrap_or_default());
    }

    pub(super) fn day(&mut self, tag: &str, day: Option<Day>) {
        if let Some(day) = day {
            // A text takes everything.
            _ = writeln!(self.out, "  <{tag}>{day}</{tag}>");
        }
    }

    pub(super) fn number(&mut self, tag: &str, value: i64) {
        // A text takes everything.
        _ = writeln!(self.out, "  <{tag}>{value}</{tag}>");
    }

    pub(super) fn element(&mut self, tag: &str, attributes: &str, value: &str) {
        if !value.chars().any(is_xml_char) {
            return;
        }
        self.out.push_str("  <");
        self.out.push_str(tag);
        self.out.push_str(attributes);
        self.out.push('>');
        self.escaped(value);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push_str(">\n");
    }

    fn escaped(&mut self, value: &str) {
        let value = legal(value);
        let is_special = |byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
        let mut rest = &*value;
        while let Some(at) = find_byte(rest.as_bytes(), is_special) {
            self.out.push_str(&rest[..at]);
            self.out.push_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&apos;",
            });
            rest = &rest[at + 1..];
        }
        self.out.push_str(rest);
    }

    pub(super) fn dates(&mut self, year: Option<i32>, premiere: Option<Day>, kind: Kind) {
        let year = year.filter(|year| is_plausible_year(*year));
        if let Some(year) = year {
            self.number("year", i64::from(year));
        }
        // Kodi ignores a show's <year> and shows 1970 unless it has a date.
        let first = match kind {
            Kind::Series => year.and_then(|year| Day::new(year, 1, 1)),
            Kind::Movie => None,
        };
        self.day("premiered", premiere.or(first));
    }

    pub(super) fn each(&mut self, tag: &str, values: &[String]) {
        for value in values {
            self.text(tag, value);
        }
    }

    /// Kodi counts from 0.
    pub(super) fn actors(&mut self, names: &[String]) {
        for (order, name) in names.iter().enumerate() {
            self.out.push_str("  <actor>\n    <name>");
            self.escaped(name);
            self.out.push_str(&format!("</name>\n    <order>{order}</order>\n  </actor>\n"));
        }
    }

    pub(super) fn fanart(&mut self, url: Option<&str>) {
        if let Some(url) = url {
            self.out.push_str("  <fanart>\n    <thumb>");
            self.escaped(url);
            self.out.push_str("</thumb>\n  </fanart>\n");
        }
    }

    pub(super) fn runtime(&mut self, seconds: Option<i32>) {
        if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
            self.number("runtime", (i64::from(seconds) + 30).div_euclid(60).max(1));
        }
    }

    /// One rating out of 10.
    pub(super) fn rating(&mut self, rating: &Option<Stated<Rating>>) {
        if let Some(value) = meaning(rating).and_then(Rating::out_of_ten) {
            self.out.push_str(&format!(
                "  <ratings>\n    <rating name=\"default\" max=\"10\" default=\"true\">\n      \
                 <value>{value:.1}</value>\n    </rating>\n  </ratings>\n"
            ));
        }
    }

    pub(super) fn classic_ids(
        &mut self,
        tmdb: &Option<Stated<TmdbId>>,
        imdb: &Option<Stated<ImdbId>>,
    ) {
        self.element("uniqueid", " type=\"tmdb\"", text(tmdb).unwrap_or_default());
        self.element("uniqueid", " type=\"imdb\"", text(imdb).unwrap_or_default());
    }

    /// The first one is the default.
    pub(super) fn standard_ids(
        &mut self,
        tmdb: Option<TmdbId>,
        imdb: Option<ImdbId>,
        tvdb: Option<TvdbId>,
    ) {
        let ids = [
            ("tmdb", tmdb.map(|id| id.to_string())),
            ("imdb", imdb.map(|id| id.to_string())),
            ("tvdb", tvdb.map(|id| id.to_string())),
        ];
        let mut default = " default=\"true\"";
        for (kind, id) in ids.into_iter().filter_map(|(kind, id)| Some((kind, id?))) {
            self.element("uniqueid", &format!(" type=\"{kind}\"{default}"), &id);
            default = "";
        }
    }

    pub(super) fn finish(mut self, root: &str) -> Vec<u8> {
        self.out.push_str("</");
        self.out.push_str(root);
        self.out.push_str(">\n");
        let content = self.out.as_bytes().to_vec();
        BUFFER.set(self.out);
        content
    }
}
