//! Countries in brackets behind a title: `The Office (US)`. Shows of one name are told apart by them.

/// Codes that are countries behind a title. Other codes of two letters are languages there.
const CODES: [(&str, &str); 8] = [
    ("AU", "AU"),
    ("CA", "CA"),
    ("GB", "GB"),
    ("IE", "IE"),
    ("NZ", "NZ"),
    ("UK", "GB"),
    ("US", "US"),
    ("USA", "US"),
];

/// Countries that are written out.
const NAMES: [(&str, &str); 43] = [
    ("argentina", "AR"),
    ("australia", "AU"),
    ("austria", "AT"),
    ("belgium", "BE"),
    ("brasil", "BR"),
    ("brazil", "BR"),
    ("canada", "CA"),
    ("chile", "CL"),
    ("china", "CN"),
    ("colombia", "CO"),
    ("croatia", "HR"),
    ("czech republic", "CZ"),
    ("denmark", "DK"),
    ("finland", "FI"),
    ("france", "FR"),
    ("germany", "DE"),
    ("great britain", "GB"),
    ("greece", "GR"),
    ("hungary", "HU"),
    ("iceland", "IS"),
    ("india", "IN"),
    ("ireland", "IE"),
    ("israel", "IL"),
    ("italy", "IT"),
    ("japan", "JP"),
    ("korea", "KR"),
    ("mexico", "MX"),
    ("netherlands", "NL"),
    ("new zealand", "NZ"),
    ("norway", "NO"),
    ("philippines", "PH"),
    ("poland", "PL"),
    ("portugal", "PT"),
    ("romania", "RO"),
    ("south africa", "ZA"),
    ("south korea", "KR"),
    ("spain", "ES"),
    ("sweden", "SE"),
    ("switzerland", "CH"),
    ("thailand", "TH"),
    ("turkey", "TR"),
    ("united kingdom", "GB"),
    ("united states", "US"),
];

/// A country that stands behind a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    /// Its code in ISO 3166-1: `GB`.
    pub code: &'static str,
    /// As the name has it: `UK`.
    pub written: String,
}

impl Country {
    /// The country that a bracket says.
    pub fn read(inside: &str) -> Option<Country> {
        let is_it = |(word, _): &&(&str, &str)| inside.trim().eq_ignore_ascii_case(word);
        let (_, code) = CODES.iter().chain(&NAMES).find(is_it)?;
        Some(Country { code, written: inside.trim().to_owned() })
    }

    /// A name with the country behind it.
    pub fn behind(&self, name: &str) -> String {
        format!("{name} ({})", self.written)
    }

    /// A name without the country behind it, if it is there.
    pub fn without<'a>(&self, name: &'a str) -> &'a str {
        let front = name.strip_suffix(&format!("({})", self.written));
        front.map_or(name, str::trim_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_known_in_any_case() {
        for (inside, code) in [
            ("US", "US"),
            ("USA", "US"),
            ("UK", "GB"),
            ("GB", "GB"),
            (" nz ", "NZ"),
            ("Australia", "AU"),
            ("NEW ZEALAND", "NZ"),
        ] {
            assert_eq!(Country::read(inside).map(|it| it.code), Some(code), "{inside}");
        }
        for inside in ["DE", "FR", "Down Under", ""] {
            assert_eq!(Country::read(inside), None, "{inside}");
        }
    }
}
