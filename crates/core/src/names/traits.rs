//! What is known of a stream's sound and picture: what was measured, and else what the names around it say.

use super::category_habits::CategoryHabits;
use super::quality::{label, lines};
use super::vocabulary::{Tag, has_capitals, is_ambiguous, tag};
use super::years::Years;
use super::{Context, clean};
use crate::model::measured::Hdr;
use crate::model::media::{Stream, Title, Traits};

/// Words of categories that are not for everybody.
const ADULT: [&str; 10] =
    ["adult", "adults", "18+", "xxx", "porn", "porno", "erotic", "erotica", "erotik", "hentai"];

/// Fills in the traits of all streams of a title. What was measured of a stream comes first. Then its own name says
/// them, else its category, else, where the stream has no name of its own, the title's name. An episode's stream has
/// those of its series at the same account.
pub(super) fn describe(title: &mut Title, years: &Years) {
    let name = title.details.name.as_str();
    let of_title = of_name(name, years);
    let read = |other: &str| if other == name { of_title.clone() } else { of_name(other, years) };
    for stream in &mut title.streams {
        stream.traits = of_stream(stream, &of_title, read);
        measure(stream);
    }
    for episode in &mut title.episodes {
        for stream in &mut episode.streams {
            let same = title.streams.iter().find(|own| own.is_series_of(stream));
            stream.traits = match same {
                Some(own) => of_stream(stream, &own.traits, read).or(own.traits.clone()),
                None => of_stream(stream, &of_title, read),
            };
            measure(stream);
        }
    }
}

/// What was measured outranks words. A single track that was measured leaves a name its several languages.
fn measure(stream: &mut Stream) {
    let Some(measured) = &stream.measured else { return };
    let traits = &mut stream.traits;
    let spoken = measured.languages();
    let has_several = traits.languages.len() > 1 || traits.languages == ["multi"];
    let says_less = spoken.is_empty() || measured.is_partial && has_several;
    if !says_less {
        traits.languages = spoken.into_iter().map(str::to_owned).collect();
    }
    traits.quality = measured.quality.or(traits.quality);
    traits.hdr = measured.hdr;
}

fn of_stream(stream: &Stream, of_title: &Traits, read: impl Fn(&str) -> Traits) -> Traits {
    let own = stream.name.as_deref().map(read);
    let category = stream.category_name.as_deref().map(of_category).unwrap_or_default();
    match own {
        Some(own) => own.or(category),
        None => category.or(of_title.clone()),
    }
}

impl Traits {
    /// What is known, completed by what something else says.
    fn or(self, other: Traits) -> Traits {
        let languages = if self.languages.is_empty() { other.languages } else { self.languages };
        Traits { languages, quality: self.quality.or(other.quality), hdr: self.hdr.or(other.hdr) }
    }

    fn add(&mut self, found: Tag) {
        match found {
            Tag::Language(code) if !self.languages.contains(&code) => self.languages.push(code),
            Tag::Quality(name) => self.quality = self.quality.max(lines(&name)),
            _ => {}
        }
    }

    /// What versions are called by: `2160p HDR FR`; empty when nothing is known.
    pub fn label(&self) -> String {
        let quality = self.quality.map(label);
        let hdr = self.hdr.and_then(Hdr::label).map(str::to_owned);
        let languages = self.languages.iter().map(|code| code.to_uppercase());
        quality.into_iter().chain(hdr).chain(languages).collect::<Vec<_>>().join(" ")
    }
}

fn of_name(name: &str, years: &Years) -> Traits {
    let habits = CategoryHabits::default();
    let context = Context { kind: None, habits: &habits, years, known_year: None };
    let mut traits = Traits::default();
    clean(name, &context).tags.into_iter().for_each(|found| traits.add(found));
    traits
}

/// A category's name is nothing but tags and words: `|FR| CINÉMA 4K`.
fn of_category(name: &str) -> Traits {
    let mut traits = Traits::default();
    for word in name.split(|c: char| !c.is_alphanumeric() && c != '+') {
        let is_sure = has_capitals(word) && !is_ambiguous(word) || word.len() > 3;
        traits_of_word(&mut traits, word, is_sure);
    }
    traits
}

fn traits_of_word(traits: &mut Traits, word: &str, is_sure: bool) {
    match tag(word) {
        Some(Tag::Language(_)) if !is_sure => {}
        Some(found) => traits.add(found),
        None => {}
    }
}

/// Whether a category says that it is for adults.
pub fn is_adult_category(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric() && c != '+');
    words.any(|word| ADULT.contains(&word))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::media::Account;

    fn label_of(traits: Traits) -> String {
        traits.label()
    }

    #[test]
    fn names_and_categories_tell() {
        let years = Years::plausible_in(2026);
        for (name, expected) in [
            ("EN - Heat (1995) 4K", "2160p EN"),
            ("|FR| Heat 1080p MULTI", "1080p FR MULTI"),
            ("Heat (1995)", ""),
        ] {
            assert_eq!(label_of(of_name(name, &years)), expected, "{name}");
        }
        for (name, expected) in [
            ("4K - UHD", "2160p"),
            ("|FR| CINÉMA", "FR"),
            ("DE - Serien HD", "720p DE"),
            ("Movies in English", "EN"),
            ("No. 1 in it", ""),
            ("Drama", ""),
        ] {
            assert_eq!(label_of(of_category(name)), expected, "{name}");
        }
        assert!(is_adult_category("XXX | Adults") && is_adult_category("For adults 18+"));
        assert!(!is_adult_category("Adulthood") && !is_adult_category("18"));
    }

    #[test]
    fn what_was_measured_outranks_words() {
        let account = Account { id: 1, name: "A".to_owned(), priority: 0, login: None };
        let account = Arc::new(account);
        let of = |name: &str, measured: &str| {
            let measured = measured.parse().ok().map(Box::new);
            let name = Some(name.to_owned());
            let mut stream = Stream::new(account.clone(), "7".to_owned());
            stream = Stream { name, measured, ..stream };
            let years = Years::plausible_in(2026);
            stream.traits = of_stream(&stream, &Traits::default(), |name| of_name(name, &years));
            measure(&mut stream);
            stream.traits.label()
        };
        for (name, measured, label) in [
            ("EN - Heat (1995) 4K", "1080 hdr10 audio=aac/2/de audio=aac/2/fr", "1080p HDR DE FR"),
            ("EN - Heat (1995) 4K", "dolby_vision", "2160p DV EN"),
            ("EN - Heat (1995) 4K", "sdr", "2160p EN"),
            ("EN - Heat (1995) 4K", "", "2160p EN"),
            ("Heat MULTI", "audio=aac/2/de", "DE"),
            ("Heat MULTI", "part audio=aac/2/de", "MULTI"),
            ("EN - Heat", "part audio=aac/2/de", "DE"),
        ] {
            assert_eq!(of(name, measured), label, "{name}: {measured}");
        }
    }
}
