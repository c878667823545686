//! What a file is for within its title: the key under which the ledger keeps it, and what it is.

use std::fmt::{self, Write};
use std::str::FromStr;

use crate::model::media::{Episode, Stream};

/// What a file is for within its title. A title has one file for each key, and the file's role follows from
/// the key, whatever its name is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKey {
    /// The NFO of a series.
    Show,
    /// The NFO of the season that has this number.
    Season(i32),
    /// A file of the movie, or of an episode.
    Item {
        /// What it plays, or describes.
        item: Item,
        /// Whether it plays or describes.
        kind: FileKind,
        /// The stream of a further version; `None` for the plain file.
        version: Option<StreamRef>,
    },
}

/// What can be played of a title.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// The movie.
    Movie,
    /// An episode that has both numbers.
    Episode {
        /// The season's number.
        season: i32,
        /// The episode's number.
        number: i32,
        /// How many episodes before it have the same numbers.
        repeat: u32,
    },
    /// An episode that lacks a number, and is known by one of its streams.
    Unnumbered {
        /// The season's number, if there is one.
        season: Option<i32>,
        /// The episode's number, if there is one.
        number: Option<i32>,
        /// The stream.
        stream: StreamRef,
        /// How many episodes before it have the same numbers and the same stream.
        repeat: u32,
    },
}

/// Whether a file plays or describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// It describes: an NFO.
    Nfo,
    /// It plays: a `.strm`.
    Strm,
}

/// The number under which an account offers a stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamRef {
    /// The account.
    pub account: i64,
    /// The provider's id of the stream: any text.
    pub id: String,
}

impl StreamRef {
    /// That of a stream.
    pub fn of(stream: &Stream) -> StreamRef {
        StreamRef { account: stream.account.id, id: stream.stream_id.clone() }
    }
}

impl FileKey {
    /// The plain `.strm` of an item.
    pub fn strm_of(item: Item) -> FileKey {
        FileKey::Item { item, kind: FileKind::Strm, version: None }
    }

    /// Whether it is that of a `.strm`; the others are those of NFOs.
    pub fn is_strm(&self) -> bool {
        matches!(self, FileKey::Item { kind: FileKind::Strm, .. })
    }

    /// What a `.strm` plays; `None` for an NFO. Versions play the same.
    pub fn played(&self) -> Option<&Item> {
        match self {
            FileKey::Item { item, kind: FileKind::Strm, .. } => Some(item),
            _ => None,
        }
    }

    /// The movie or the episode that the file plays or describes; `None` for what describes a series or a season.
    pub fn item(&self) -> Option<&Item> {
        match self {
            FileKey::Item { item, .. } => Some(item),
            FileKey::Show | FileKey::Season(_) => None,
        }
    }

    /// The stream of a further version.
    pub fn version(&self) -> Option<&StreamRef> {
        match self {
            FileKey::Item { version, .. } => version.as_ref(),
            FileKey::Show | FileKey::Season(_) => None,
        }
    }

    /// The `.strm` of the same item and the same version; `None` for what describes a series or a season.
    pub fn strm(&self) -> Option<FileKey> {
        let FileKey::Item { item, version, .. } = self else { return None };
        Some(FileKey::Item { item: item.clone(), kind: FileKind::Strm, version: version.clone() })
    }
}

impl Item {
    /// An episode by its numbers, if it has both; the first that has these.
    pub fn numbered(episode: &Episode) -> Option<Item> {
        Some(Item::Episode { season: episode.season?, number: episode.number?, repeat: 0 })
    }

    /// The first item that has the same numbers, and the same stream where a number is missing.
    pub fn first(&self) -> Item {
        self.clone().repeated(0)
    }

    /// The one that has so many with the same numbers before it. There is one movie alone.
    pub fn repeated(mut self, times: u32) -> Item {
        match &mut self {
            Item::Movie => {}
            Item::Episode { repeat, .. } | Item::Unnumbered { repeat, .. } => *repeat = times,
        }
        self
    }

    /// The season in whose folder an episode belongs; `None` for a movie.
    pub fn season(&self) -> Option<i32> {
        match self {
            Item::Movie => None,
            Item::Episode { season, .. } => Some((*season).max(0)),
            Item::Unnumbered { season, .. } => Some(season.unwrap_or(0).max(0)),
        }
    }
}

/// A text that is no key of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it says of no file what it is for")]
pub struct NoFileKey;

/// `[ITEM.][+…]WORD[@ACCOUNT:ID]`, as in `strm`, `nfo@7:123`, `s01e02.strm`, `s01e02.+nfo@7:123`; and
/// `tvshow.nfo`, `s01/season.nfo`. ITEM is `s01e02`, or `s01e?#7:123` with a stream where a number is missing.
/// `.` and `%` of that stream's id are escaped, so that the first `.` ends the item. A `+` stands for each item
/// with the same numbers before this one. The text is in ledgers.
impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileKey::Show => f.write_str(SHOW),
            FileKey::Season(season) => write!(f, "s{season:02}{SEASON}"),
            FileKey::Item { item, kind, version } => {
                write!(f, "{item}{}", kind.word())?;
                match version {
                    Some(StreamRef { account, id }) => write!(f, "@{account}:{id}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What stands before the word of a file.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |n: &Option<i32>| n.map_or("?".to_owned(), |n| format!("{n:02}"));
        let repeat = match self {
            Item::Movie => return Ok(()),
            Item::Episode { season, number, repeat } => {
                write!(f, "s{season:02}e{number:02}.")?;
                repeat
            }
            Item::Unnumbered { season, number, stream: StreamRef { account, id }, repeat } => {
                let (season, number) = (show(season), show(number));
                let id = id.replace('%', "%25").replace('.', "%2E");
                write!(f, "s{season}e{number}#{account}:{id}.")?;
                repeat
            }
        };
        (0..*repeat).try_for_each(|_| f.write_str("+"))
    }
}

const SHOW: &str = "tvshow.nfo";
const SEASON: &str = "/season.nfo";

impl FileKind {
    const ALL: [FileKind; 2] = [FileKind::Nfo, FileKind::Strm];

    fn word(self) -> &'static str {
        match self {
            FileKind::Nfo => "nfo",
            FileKind::Strm => "strm",
        }
    }
}

impl FromStr for FileKey {
    type Err = NoFileKey;

    /// Reads what `Display` writes, and nothing else.
    fn from_str(text: &str) -> Result<FileKey, NoFileKey> {
        let season = |it: &str| it.strip_prefix('s')?.parse().ok().map(FileKey::Season);
        let key = match text.strip_suffix(SEASON).and_then(season) {
            _ if text == SHOW => Some(FileKey::Show),
            Some(season) => Some(season),
            None => movies_file(text).or_else(|| episodes_file(text)),
        };
        // One text for each key: numbers can be written in several ways.
        let mut rest = Unwritten(text);
        let is_its = |key: &FileKey| write!(rest, "{key}").is_ok() && rest.0.is_empty();
        key.filter(is_its).ok_or(NoFileKey)
    }
}

/// What is left of a text that is written once more; it takes nothing else. The ledger reads each file's key.
struct Unwritten<'a>(&'a str);

impl Write for Unwritten<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
        Ok(())
    }
}

fn movies_file(text: &str) -> Option<FileKey> {
    let (kind, version) = word(text)?;
    Some(FileKey::Item { item: Item::Movie, kind, version })
}

fn episodes_file(text: &str) -> Option<FileKey> {
    let (item, rest) = text.split_once('.')?;
    let file = rest.trim_start_matches('+');
    let repeat = u32::try_from(rest.len() - file.len()).ok()?;
    let (kind, version) = word(file)?;
    Some(FileKey::Item { item: item_of(item)?.repeated(repeat), kind, version })
}

/// `s01e02`, or `s01e?#7:123`.
fn item_of(text: &str) -> Option<Item> {
    let number = |text: &str| match text {
        "?" => Some(None),
        number => number.parse::<i32>().ok().map(Some),
    };
    let (numbers, stream) = match text.split_once('#') {
        Some((numbers, stream)) => (numbers, Some(stream_of(stream)?)),
        None => (text, None),
    };
    let (season, episode) = numbers.strip_prefix('s')?.split_once('e')?;
    let (season, number) = (number(season)?, number(episode)?);
    match stream {
        Some(StreamRef { account, id }) => {
            let id = id.replace("%2E", ".").replace("%25", "%");
            let stream = StreamRef { account, id };
            Some(Item::Unnumbered { season, number, stream, repeat: 0 })
        }
        None => Some(Item::Episode { season: season?, number: number?, repeat: 0 }),
    }
}

/// The word, and the version behind it.
fn word(text: &str) -> Option<(FileKind, Option<StreamRef>)> {
    let (word, version) = match text.split_once('@') {
        Some((word, stream)) => (word, Some(stream_of(stream)?)),
        None => (text, None),
    };
    let kind = FileKind::ALL.into_iter().find(|kind| kind.word() == word)?;
    Some((kind, version))
}

/// `7:123`.
fn stream_of(text: &str) -> Option<StreamRef> {
    let (account, id) = text.split_once(':')?;
    Some(StreamRef { account: account.parse().ok()?, id: id.to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream(account: i64, id: &str) -> StreamRef {
        StreamRef { account, id: id.to_owned() }
    }

    fn key(item: Item, kind: FileKind, version: Option<StreamRef>) -> FileKey {
        FileKey::Item { item, kind, version }
    }

    #[test]
    fn every_key_has_its_text() {
        use FileKind::{Nfo, Strm};
        let episode = |season, number, repeat| Item::Episode { season, number, repeat };
        let unnumbered =
            |season, number, stream| Item::Unnumbered { season, number, stream, repeat: 0 };
        let odd = unnumbered(None, None, stream(0, "12@media.example.nfo"));
        for (key, text) in [
            (FileKey::Show, "tvshow.nfo"),
            (FileKey::Season(0), "s00/season.nfo"),
            (FileKey::Season(-1), "s-1/season.nfo"),
            (key(Item::Movie, Strm, None), "strm"),
            (key(Item::Movie, Nfo, Some(stream(7, "1.strm"))), "nfo@7:1.strm"),
            (
                key(Item::Movie, Strm, Some(stream(7, "1#a.b/season.nfo"))),
                "strm@7:1#a.b/season.nfo",
            ),
            (key(episode(1, 2, 0), Strm, None), "s01e02.strm"),
            (key(episode(100, -1, 2), Nfo, Some(stream(-3, ""))), "s100e-1.++nfo@-3:"),
            (key(unnumbered(Some(1), None, stream(7, "%2E")), Strm, None), "s01e?#7:%252E.strm"),
            (key(odd, Strm, Some(stream(2, "9@h"))), "s?e?#0:12@media%2Eexample%2Enfo.strm@2:9@h"),
        ] {
            assert_eq!(key.to_string(), text);
            assert_eq!(text.parse(), Ok(key));
        }
    }

    #[test]
    fn what_no_key_says_is_none() {
        for text in [
            "",
            ".",
            "strm.",
            "Strm",
            "nfo@",
            "nfo@7",
            "nfo@a:1",
            "strm@+7:1",
            "s1e2.strm",
            "s01e02.",
            "s01e02.mkv",
            "s001e02.strm",
            "s+1e02.strm",
            "s01e?.strm",
            "s01/season.nfo ",
            "s1/season.nfo",
            "tvshow",
            "s01e?#7:%2e.strm",
            "s01e?#7:%41.strm",
            "s01e?#7.strm",
            "+strm",
            "a.strm",
        ] {
            assert_eq!(text.parse::<FileKey>(), Err(NoFileKey), "{text:?}");
        }
    }

    #[test]
    fn a_file_belongs_to_the_season_of_its_item() {
        for (text, season) in [
            ("s01e02.strm", Some(1)),
            ("s100e?#7:1.strm", Some(100)),
            ("s?e02#7:e.strm", Some(0)),
            ("s-1e02.nfo", Some(0)),
            ("strm", None),
            ("s01/season.nfo", None),
        ] {
            let key: FileKey = text.parse().unwrap();
            assert_eq!(key.item().and_then(Item::season), season, "{text}");
        }
    }

    #[test]
    fn an_nfo_has_the_strm_of_its_item_and_version() {
        for (nfo, strm) in [
            ("nfo", Some("strm")),
            ("nfo@7:1", Some("strm@7:1")),
            ("s01e02.+nfo", Some("s01e02.+strm")),
            ("tvshow.nfo", None),
            ("s01/season.nfo", None),
        ] {
            let key: FileKey = nfo.parse().unwrap();
            assert_eq!(key.strm().map(|key| key.to_string()).as_deref(), strm, "{nfo}");
            assert_eq!((key.is_strm(), key.played()), (false, None));
        }
        let strm: FileKey = "s01e02.+strm@7:1".parse().unwrap();
        assert_eq!(strm.strm().as_ref(), Some(&strm));
        let item = Item::Episode { season: 1, number: 2, repeat: 1 };
        assert_eq!((strm.is_strm(), strm.played()), (true, Some(&item)));
        assert_eq!(strm.version(), Some(&stream(7, "1")));
        assert_eq!(item.first(), Item::Episode { season: 1, number: 2, repeat: 0 });
    }

    /// Ids as hostile as they can be: the marks and the words of the texts themselves.
    fn streams() -> impl Strategy<Value = StreamRef> {
        let id = prop_oneof![
            "[a-z0-9.@:#+%?/]{0,9}",
            "(\\.|\\+|strm|nfo|@7:|#|%2E|%25|s01e02)*",
            any::<String>()
        ];
        (any::<i64>(), id).prop_map(|(account, id)| StreamRef { account, id })
    }

    fn keys() -> impl Strategy<Value = FileKey> {
        let numbers = || prop_oneof![-3..200, any::<i32>()];
        let item = prop_oneof![
            Just(Item::Movie),
            (numbers(), numbers(), 0_u32..4).prop_map(|(season, number, repeat)| Item::Episode {
                season,
                number,
                repeat
            }),
            (proptest::option::of(numbers()), proptest::option::of(numbers()), streams(), 0_u32..4)
                .prop_map(|(season, number, stream, repeat)| Item::Unnumbered {
                    season,
                    number,
                    stream,
                    repeat
                }),
        ];
        let kind = proptest::sample::select(FileKind::ALL.to_vec());
        prop_oneof![
            Just(FileKey::Show),
            numbers().prop_map(FileKey::Season),
            (item, kind, proptest::option::of(streams()))
                .prop_map(|(item, kind, version)| FileKey::Item { item, kind, version }),
        ]
    }

    proptest! {
        /// A file is found again under its key, whatever ids providers give.
        #[test]
        fn texts_of_keys_are_read_again(key in keys()) {
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }

        #[test]
        fn texts_that_are_read_are_those_of_keys(text in "(s|e|[0-9]|\\.|\\+|strm|nfo|@7:|#|%2E|%25|/season.nfo|tvshow.nfo|a){0,9}") {
            if let Ok(key) = text.parse::<FileKey>() {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }
}
