//! Entries of which it is known what they are.

/// What an entry is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    /// A film.
    Movie,
    /// An episode of a series.
    Episode,
    /// A channel.
    Live,
    /// Nothing that can be played.
    Nothing,
}

/// An entry and what it is meant to be.
#[derive(Clone, Debug)]
pub struct WildEntry {
    /// Its lines, the address's line among them.
    pub lines: String,
    /// Its address.
    pub url: String,
    /// What it is.
    pub meant: Meant,
}

/// A list of which it is known what its entries are.
#[derive(Clone, Debug)]
pub struct WildList {
    /// The name of the list that it was made after.
    pub name: &'static str,
    /// Its entries.
    pub entries: Vec<WildEntry>,
    /// What its user has to say of it: a setting and its expression.
    pub word: Option<(&'static str, &'static str)>,
}

impl WildList {
    /// The list itself.
    pub fn text(&self) -> String {
        let lines = self.entries.iter().map(|entry| entry.lines.as_str());
        std::iter::once("#EXTM3U\n").chain(lines).collect()
    }
}

/// An entry of its lines, the last of which is its address.
pub fn entry(lines: String, meant: Meant) -> WildEntry {
    let url = lines.lines().last().unwrap_or_default().to_owned();
    WildEntry { lines: lines + "\n", url, meant }
}
