//! What the names around a stream say of its sound and picture.

use super::category_habits::CategoryHabits;
use super::quality::{label, lines};
use super::vocabulary::{Tag, has_capitals, is_ambiguous, tag};
use super::years::Years;
use super::{Context, clean};
use crate::model::media::{Stream, Title, Traits};

/// Words of categories that are not for everybody.
const ADULT: [&str; 10] =
    ["adult", "adults", "18+", "xxx", "porn", "porno", "erotic", "erotica", "erotik", "hentai"];

/// Fills in the traits of all streams of a title. The stream's own name says them, else its category, else, where
/// the stream has no name of its own, the title's name. An episode's stream has those of
/// its series at the same account.
pub(super) fn describe(title: &mut Title, years: &Years) {
    let name = title.details.name.as_str();
    let of_title = of_name(name, years);
    let read = |other: &str| if other == name { of_title.clone() } else { of_name(other, years) };
    for stream in &mut title.streams {
        stream.traits = of_stream(stream, &of_title, read);
    }
    for episode in &mut title.episodes {
        for stream in &mut episode.streams {
            let same = title.streams.iter().find(|own| own.account.id == stream.account.id);
            stream.traits = match same {
                Some(own) => of_stream(stream, &own.traits, read).or(own.traits.clone()),
                None => of_stream(stream, &of_title, read),
            };
        }
    }
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
        Traits { languages, quality: self.quality.or(other.quality) }
    }

    fn add(&mut self, found: Tag) {
        match found {
            Tag::Language(code) if !self.languages.contains(&code) => self.languages.push(code),
            Tag::Quality(name) => self.quality = self.quality.max(lines(&name)),
            _ => {}
        }
    }

    /// What versions are called by: `2160p FR`; empty when nothing is known.
    pub fn label(&self) -> String {
        let quality = self.quality.map(label);
        let languages = self.languages.iter().map(|code| code.to_uppercase());
        quality.into_iter().chain(languages).collect::<Vec<_>>().join(" ")
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
    use super::*;

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
}
