//! The choices that shape a library, already checked.

use std::str::FromStr;

use crate::hash::{Fingerprint, RowHasher};
use crate::layout::Layout;
use crate::model::media::{Kind, Stream};
use crate::names::category_habits::Habits;
use crate::names::cleaner::NameCleaner;
use crate::names::pattern::NamePattern;
use crate::names::years::Years;
use crate::select::Choice;
use crate::select::filter::{Filter, Preference};

/// Raised whenever the same title and policy would render to other bytes or names than before. So a new version
/// looks at every title once. `tests/golden.rs` fails when they change and this does not.
pub const RENDERER_VERSION: i64 = 7;

/// Raised whenever a name can be read as another one than before: the ledger then reads the names again that it knows.
const READER_VERSION: i64 = 1;

/// A setting's text that means nothing; says what would. The text itself stays out: a password may stand in
/// the wrong line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("wanted is {0}")]
pub struct BadValue(pub String);

impl FromStr for Layout {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Layout, BadValue> {
        let names: Vec<&str> = Layout::all().iter().map(Layout::as_str).collect();
        let (last, others) = names.split_last().unwrap_or((&"", &[]));
        let wanted = || format!("{} or {last}", others.join(", "));
        Layout::named(text).ok_or_else(|| BadValue(wanted()))
    }
}

/// How much NFO files say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NfoDetail {
    /// All that the catalogue knows.
    Full,
    /// What a title is, so that the media server fetches the rest: its name, numbers and ids.
    Ids,
    /// There are none.
    Off,
}

impl NfoDetail {
    /// All of them, the default first.
    pub const ALL: [NfoDetail; 3] = [NfoDetail::Full, NfoDetail::Ids, NfoDetail::Off];

    /// The name that settings use.
    pub fn as_str(self) -> &'static str {
        match self {
            NfoDetail::Full => "full",
            NfoDetail::Ids => "ids",
            NfoDetail::Off => "off",
        }
    }
}

impl FromStr for NfoDetail {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<NfoDetail, BadValue> {
        let named = NfoDetail::ALL.into_iter().find(|detail| detail.as_str() == text);
        named.ok_or_else(|| BadValue("full, ids or off".to_owned()))
    }
}

/// Which streams of a movie or an episode have a `.strm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// The best one.
    Best,
    /// The best one of each language that is spoken. Those without a language count as one, which is there only
    /// where no other is.
    Languages,
    /// All.
    All,
}

impl Versions {
    /// All of them.
    pub const ALL: [Versions; 3] = [Versions::Best, Versions::Languages, Versions::All];

    /// The name that settings use.
    pub fn as_str(self) -> &'static str {
        match self {
            Versions::Best => "best",
            Versions::Languages => "languages",
            Versions::All => "all",
        }
    }

    /// Of these streams, the best first, the places of those that have a `.strm`.
    pub fn of<'a>(self, streams: impl Iterator<Item = &'a Stream>) -> Vec<usize> {
        let streams: Vec<&Stream> = streams.collect();
        match self {
            Versions::All => (0..streams.len()).collect(),
            Versions::Best => (0..streams.len().min(1)).collect(),
            Versions::Languages => {
                let mut spoken: Vec<&str> = Vec::new();
                let mut chosen = Vec::new();
                for (at, stream) in streams.iter().enumerate() {
                    let before = spoken.len();
                    for language in &stream.traits.languages {
                        if !spoken.contains(&language.as_str()) {
                            spoken.push(language);
                        }
                    }
                    chosen.extend((spoken.len() > before).then_some(at));
                }
                if chosen.is_empty() { (0..streams.len().min(1)).collect() } else { chosen }
            }
        }
    }
}

impl FromStr for Versions {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Versions, BadValue> {
        let named = Versions::ALL.into_iter().find(|versions| versions.as_str() == text);
        named.ok_or_else(|| BadValue("best, languages or all".to_owned()))
    }
}

/// The same, by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionRules {
    /// Of movies.
    pub movies: Versions,
    /// Of episodes.
    pub series: Versions,
}

impl VersionRules {
    /// The best one of everything.
    pub const BEST: VersionRules = VersionRules { movies: Versions::Best, series: Versions::Best };

    /// What a new library has. Kodi 20 and 21 list each file as a film of its own, and Jellyfin before 12 shows the
    /// versions of an episode as two.
    pub fn usual(layout: &Layout) -> VersionRules {
        let can_group = ["standard", "jellyfin", "emby", "plex"].contains(&layout.as_str());
        let movies = if can_group { Versions::Languages } else { Versions::Best };
        VersionRules { movies, ..VersionRules::BEST }
    }

    /// The rule for a kind.
    pub fn of(self, kind: Kind) -> Versions {
        match kind {
            Kind::Movie => self.movies,
            Kind::Series => self.series,
        }
    }
}

impl From<Versions> for VersionRules {
    fn from(versions: Versions) -> VersionRules {
        VersionRules { movies: versions, series: versions }
    }
}

/// The address of the source's proxy as players see it: `http://host[:port][/path]`, without a final slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The text, to which `/proxy/…` is appended.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether only a player on the same machine can open it.
    pub fn is_local(&self) -> bool {
        let host = self.0.split("://").nth(1).unwrap_or_default();
        ["localhost", "127.", "[::1]", "0.0.0.0"].iter().any(|local| host.starts_with(local))
    }

    /// Whether it is an example that nobody filled in: `http://your-server:9191`, `http://x.x.x.x`.
    pub fn is_placeholder(&self) -> bool {
        let lower = self.0.to_ascii_lowercase();
        let host = lower.split("://").nth(1).unwrap_or_default();
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let is_word = |word: &str| {
            ["your", "yours", "changeme", "placeholder", "server_ip", "ip_address", "host_ip"]
                .contains(&word)
        };
        host.split(['.', '-']).any(is_word)
            || host.starts_with("x.x")
            || host.split('.').rev().take(2).any(|part| part == "example")
    }
}

impl FromStr for BaseUrl {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<BaseUrl, BadValue> {
        let trimmed = text.trim().trim_end_matches('/');
        let lower = trimmed.to_ascii_lowercase();
        let rest = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://"));
        let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
        let plain = trimmed.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}?#@".contains(c));
        match host {
            Some(host) if !host.is_empty() && !host.starts_with(':') && plain => {
                Ok(BaseUrl(trimmed.to_owned()))
            }
            _ => Err(BadValue("an address such as http://192.168.1.5:9191".to_owned())),
        }
    }
}

/// The choices that shape a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Names and NFO dialect.
    pub layout: Layout,
    /// Prefix of proxy URLs.
    pub base_url: BaseUrl,
    /// Write the provider's own URL where an account has one, instead of the proxy's.
    pub direct_urls: bool,
    /// Leave the choice of the stream to the source's proxy.
    pub unpinned_urls: bool,
    /// Lines before the URL in every `.strm`, each of which begins with `#`: Kodi reads properties there
    /// (`#KODIPROP:…`), Jellyfin and Emby skip them.
    pub strm_lines: Vec<String>,
    /// What the user wants to be gone from names.
    pub name_pattern: Option<NamePattern>,
    /// Take the providers' noise out of names (all layouts but `classic`).
    pub clean_names: bool,
    /// What NFO files say, if there are any. The classic layout knows no `Ids`: its NFOs are full.
    pub nfo: NfoDetail,
    /// Which titles and streams are wanted, and which stream is the best.
    pub choice: Choice,
    /// Which streams of a title have a `.strm`.
    pub versions: VersionRules,
}

impl Policy {
    /// What a user gets who chooses nothing else.
    pub fn new(layout: Layout, base_url: BaseUrl) -> Policy {
        Policy {
            versions: VersionRules::usual(&layout),
            layout,
            base_url,
            direct_urls: false,
            unpinned_urls: false,
            strm_lines: Vec::new(),
            name_pattern: None,
            clean_names: true,
            nfo: NfoDetail::Full,
            choice: Choice::default(),
        }
    }

    /// Whether a proxy's address names stream and account.
    pub fn names_streams(&self) -> bool {
        !self.unpinned_urls && !self.layout.is_classic()
    }

    /// Whether people see cleaned names: `classic` has those of the source.
    pub fn are_names_cleaned(&self) -> bool {
        self.clean_names && !self.layout.is_classic()
    }

    fn pattern_text(&self) -> &str {
        self.name_pattern.as_ref().map_or("", NamePattern::as_str)
    }

    /// What gives titles the names that people are to see.
    pub fn cleaner(&self, years: Years) -> NameCleaner {
        let (pattern, takes_tags) = (self.name_pattern.clone(), self.are_names_cleaned());
        NameCleaner { pattern, takes_tags, years, habits: Habits::new(), too_slow: 0 }
    }

    /// What the user wants, to be told from something else: equal filters, with equal lists of blocked and picked
    /// titles, have one fingerprint. `None` where all is wanted.
    pub fn filter(&self) -> Option<Fingerprint> {
        self.wanted_by(Filter::normal)
    }

    /// Whether a title was let in under today's filter. The first ledgers have the fingerprint of the text as
    /// the user wrote it.
    pub fn is_same_filter(&self, before: Option<Fingerprint>) -> bool {
        before == self.filter() || before == self.wanted_by(Filter::as_str)
    }

    /// What is wanted, with this text of the filter.
    fn wanted_by(&self, text: fn(&Filter) -> &str) -> Option<Fingerprint> {
        let Choice { filter, block, pick, .. } = &self.choice;
        if !self.choice.leaves_out() {
            return None;
        }
        let mut hasher = RowHasher::default();
        hasher.start(b'w').text(filter.as_ref().map_or("", text));
        if self.choice.has_lines() {
            hasher.text(block.digest()).text(pick.digest());
        }
        Some(hasher.finish())
    }

    /// The way in which the names of entries are read to put these together: the version of its rules, and the user's
    /// pattern.
    pub fn reading(&self) -> Fingerprint {
        let mut hasher = RowHasher::default();
        hasher.start(b'r').number(READER_VERSION).text(self.pattern_text()).finish()
    }

    /// The rules for names: when they change, titles move.
    pub fn naming(&self) -> Fingerprint {
        let mut hasher = RowHasher::default();
        hasher.start(b'n').number(i64::from(self.are_names_cleaned())).text(self.pattern_text());
        for rule in self.layout.rules() {
            hasher.text(rule);
        }
        hasher.finish()
    }

    /// Everything here that can influence a title's files, and the version of the renderers.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = RowHasher::default();
        hasher
            .start(b'p')
            .number(RENDERER_VERSION)
            .text(self.base_url.as_str())
            .number(i64::from(self.direct_urls))
            .number(i64::from(self.unpinned_urls))
            .text(&self.strm_lines.join("\n"))
            .text(self.nfo.as_str())
            .text(self.versions.movies.as_str())
            .text(self.versions.series.as_str())
            .text(self.choice.filter.as_ref().map_or("", Filter::normal))
            .text(self.choice.prefer.as_ref().map_or("", Preference::as_str));
        if self.layout.names_by_number {
            hasher.text("episodes by number");
        }
        if self.layout.keeps_properties {
            hasher.text("kodi properties");
        }
        if self.choice.has_lines() {
            hasher.text(self.choice.block.digest()).text(self.choice.pick.digest());
        }
        if !self.choice.choose.is_empty() {
            hasher.text("choose").text(self.choice.choose.digest());
        }
        hasher.finish().mixed_with(self.naming())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::TemplateKind;
    use crate::select::lines::TitleLines;
    use crate::select::own::TitlePreferences;

    #[test]
    fn base_urls_are_checked() {
        for good in ["http://h", "https://h:9191/", "http://h/sub/path//", "HTTP://H"] {
            assert!(BaseUrl::from_str(good).is_ok(), "{good}");
        }
        for bad in
            ["", "h:9191", "http://", "http://:80", "ftp://h", "http://h/a b", "http://h?x=1"]
        {
            assert!(BaseUrl::from_str(bad).is_err(), "{bad}");
        }
        assert_eq!(BaseUrl::from_str(" http://h:1/ ").unwrap().as_str(), "http://h:1");
        assert!(BaseUrl::from_str("http://localhost:9191").unwrap().is_local());
        assert!(!BaseUrl::from_str("http://dispatcharr:9191").unwrap().is_local());
        for placeholder in [
            "http://your-server:9191",
            "http://x.x.x.x:1",
            "http://tv.example.com/a",
            "http://CHANGEME",
        ] {
            assert!(BaseUrl::from_str(placeholder).unwrap().is_placeholder(), "{placeholder}");
        }
        assert!(!BaseUrl::from_str("http://yourself.tv/your").unwrap().is_placeholder());
    }

    #[test]
    fn every_choice_changes_the_fingerprint() {
        let base = Policy::new(Layout::standard(), "http://h".parse().unwrap());
        let own = || TitlePreferences::new(vec!["name:Heat = adult".parse().unwrap()]);
        let heat = || TitleLines::new(vec!["name:Heat".parse().unwrap()]);
        for changed in [
            Policy { layout: Layout::classic(), ..base.clone() },
            Policy { layout: Layout::named("kodi").unwrap(), ..base.clone() },
            Policy {
                layout: Layout::standard().with(TemplateKind::MovieFile, "{title}").unwrap(),
                ..base.clone()
            },
            Policy { base_url: "http://i".parse().unwrap(), ..base.clone() },
            Policy { direct_urls: true, ..base.clone() },
            Policy { unpinned_urls: true, ..base.clone() },
            Policy { strm_lines: vec!["#x".into()], ..base.clone() },
            Policy { clean_names: false, ..base.clone() },
            Policy { name_pattern: Some("x".parse().unwrap()), ..base.clone() },
            Policy { nfo: NfoDetail::Ids, ..base.clone() },
            Policy { nfo: NfoDetail::Off, ..base.clone() },
            Policy { versions: Versions::All.into(), ..base.clone() },
            Policy { versions: Versions::Languages.into(), ..base.clone() },
            Policy {
                choice: Choice { filter: Some("adult".parse().unwrap()), ..Choice::default() },
                ..base.clone()
            },
            Policy {
                choice: Choice { prefer: Some("adult".parse().unwrap()), ..Choice::default() },
                ..base.clone()
            },
            Policy { choice: Choice { block: heat(), ..Choice::default() }, ..base.clone() },
            Policy { choice: Choice { pick: heat(), ..Choice::default() }, ..base.clone() },
            Policy { choice: Choice { choose: own(), ..Choice::default() }, ..base.clone() },
        ] {
            assert_ne!(changed.fingerprint(), base.fingerprint(), "{changed:?}");
        }
    }
}
