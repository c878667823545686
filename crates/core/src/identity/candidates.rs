//! Names that something of a title may have, its folder or its NFO's title, and the numbers behind them.

use crate::date::is_plausible_year;
use crate::text::fold_key;

/// The names that a title's folder may have below its root, or the titles that its NFO may give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameCandidates {
    /// The preferred one comes first.
    pub names: Vec<String>,
    /// What gets a number where all of these are taken: the preferred one, with room for a number.
    pub base: String,
}

impl NameCandidates {
    /// No name but this one, and that with a number.
    pub fn only(name: String) -> NameCandidates {
        NameCandidates { base: name.clone(), names: vec![name] }
    }

    /// The one that a title gets if it is free.
    pub fn preferred(&self) -> &str {
        self.names.first().unwrap_or(&self.base)
    }

    /// Whether this is one of the names.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Whether this is one of the names, or the preferred one with a number.
    pub fn allows(&self, name: &str) -> bool {
        self.has(name) || self.has_number(name)
    }

    /// Whether a folder has the preferred name with a number: behind it, or behind a folder above it.
    pub fn has_number(&self, folder: &str) -> bool {
        let (folder, base) = (fold_key(folder), fold_key(&self.base));
        if folder.matches('/').count() != base.matches('/').count() {
            return false;
        }
        let parts = folder.split('/').zip(base.split('/'));
        let mut others = parts.filter(|(part, of_base)| part != of_base);
        let first = others.next();
        let is_numbered = first.is_some_and(|(part, name)| without_number(part) == Some(name));
        is_numbered && others.next().is_none()
    }
}

/// Whether a number tells titles apart: one that may be a year would be read as one.
pub fn is_number(number: u64) -> bool {
    number > 1 && !i32::try_from(number).is_ok_and(is_plausible_year)
}

/// A name without the number behind it; `None` where there is none.
pub fn without_number(name: &str) -> Option<&str> {
    let (front, digits) = name.strip_suffix(')')?.rsplit_once(" (")?;
    let number = digits.parse().ok().filter(|number| is_number(*number))?;
    (number.to_string() == digits).then_some(front)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A film that is called so has no number, and neither has one with its year.
    #[test]
    fn a_number_is_told_from_what_names_have() {
        for (name, expected) in [
            ("Cube (2)", Some("Cube")),
            ("Cube (2) (12)", Some("Cube (2)")),
            ("Heat (1995) (3)", Some("Heat (1995)")),
            ("Film (2201)", Some("Film")),
            ("Heat (1995)", None),
            ("Cube (1)", None),
            ("Cube (02)", None),
            ("Cube(2)", None),
            ("Cube [2]", None),
            ("Cube (II)", None),
        ] {
            assert_eq!(without_number(name), expected, "{name}");
        }
        for (name, folder, expected) in [
            ("Cube", "CUBE (2)", true),
            ("Cube", "Cube", false),
            ("Cube (2)", "Cube (2)", false),
            ("Cube (2)", "Cube (2) (2)", true),
            ("Heat", "Heat (1995)", false),
            ("Action/Heat", "action/Heat (2)", true),
            ("Action/Heat", "Action (2)/Heat", true),
            ("Action/Heat", "Action (2)/Heat (2)", false),
            ("Action/Heat", "Heat (2)", false),
        ] {
            let candidates = NameCandidates::only(name.to_owned());
            assert_eq!(candidates.has_number(folder), expected, "{name}: {folder}");
        }
    }
}
