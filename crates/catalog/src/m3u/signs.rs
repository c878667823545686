//! What an entry may say of itself, sign by sign, and how much each sign counts.
//!
//! The weights were set so that each row of `testkit/playlists/wild` and `channels` is read as it was meant: 10 and more
//! is on demand. A stated kind decides alone (`vod` and `video` only that it is no channel), a path nearly so. The words
//! of a group never do: channels of films stand in groups of films. What only channels have takes two hints away.

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A film.
    Movie,
    /// An episode of a series.
    Episode,
    /// A television channel.
    Live,
    /// A radio station.
    Radio,
}

/// From this sum on an entry is on demand, and no channel.
const ON_DEMAND: i32 = 10;

/// From this sum on what is on demand is an episode, and no film.
const EPISODE: i32 = 10;

/// Something that an entry, its group or its address says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    TypeLive,
    TypeMovie,
    TypeEpisode,
    TypeVideo,
    PathMovie,
    PathVideo,
    PathSeries,
    FolderSeries,
    PathLive,
    PanelChannel,
    File,
    FileInQuery,
    PackedFile,
    Transport,
    Playlist,
    Sound,
    Ids,
    Poster,
    Described,
    Numbered,
    Duration,
    Archive,
    Radio,
    Guide,
    ChannelNumber,
    Year,
    BareYear,
    StrongMark,
    WordMark,
    EpisodeMark,
    DateMark,
    WeakMark,
    PartMark,
    FilmPart,
    EpisodeWord,
    Spoken,
    Stars,
    MovieGroup,
    SeriesGroup,
    VideoGroup,
    LiveGroup,
    RoundTheClock,
    ChannelWord,
    Counted,
    CountedGroup,
    Majority,
    SeriesMajority,
    ManyParts,
}

/// A sign. How much it speaks for a film or an episode, against a channel. How much for an episode, against a film. Its
/// words for people.
type SignRow = (Sign, i32, i32, &'static str);

/// Every sign, in the order of [`Sign`].
static TABLE: [SignRow; 48] = {
    use Sign::*;
    [
        (TypeLive, -1000, 0, "type live"),
        (TypeMovie, 1000, -1000, "type movie"),
        (TypeEpisode, 1000, 1000, "type series"),
        (TypeVideo, 200, 0, "type video"),
        (PathMovie, 100, -30, "path of movies"),
        (PathVideo, 100, -12, "path of video on demand"),
        (PathSeries, 100, 60, "path of series"),
        (FolderSeries, 100, 20, "folder of series"),
        (PathLive, -200, 0, "path of channels"),
        (PanelChannel, -30, 0, "address of a panel's channel"),
        (File, 40, 0, "file"),
        (FileInQuery, 40, 0, "file in the query"),
        (PackedFile, 20, 0, "file in a stream"),
        (Transport, -25, 0, ".ts"),
        (Playlist, -4, 0, ".m3u8"),
        (Sound, -60, 0, "sound"),
        (Ids, 40, 0, "id of a film or series"),
        (Poster, 10, 0, "poster at TMDB"),
        (Described, 15, 0, "year, plot or rating"),
        (Numbered, 65, 60, "season and episode"),
        (Duration, 40, 0, "duration"),
        (Archive, -60, 0, "archive"),
        (Radio, -200, 0, "radio"),
        (Guide, -20, 0, "id of a guide"),
        (ChannelNumber, -10, 0, "channel number"),
        (Year, 15, 0, "year"),
        (BareYear, 7, 0, "number like a year"),
        (StrongMark, 65, 60, "season and episode in the name"),
        (WordMark, 34, 30, "episode in the name"),
        (EpisodeMark, 34, 20, "\"episode\" in the name"),
        (DateMark, 0, 20, "date in the name"),
        (WeakMark, 0, 6, "number in the name"),
        (PartMark, 5, 8, "episode or part in the name"),
        (FilmPart, 5, -20, "part of a film"),
        (EpisodeWord, 0, 20, "word for episode"),
        (Spoken, 9, 0, "dubbed or subtitled"),
        (Stars, 10, 0, "stars"),
        (MovieGroup, 3, -12, "group of movies"),
        (SeriesGroup, 3, 4, "group of series"),
        (VideoGroup, 3, 0, "group of video on demand"),
        (LiveGroup, -15, 0, "group of channels"),
        (RoundTheClock, -40, 0, "around the clock"),
        (ChannelWord, -20, 0, "channel's name"),
        (Counted, 0, 0, "number behind the group's name"),
        (CountedGroup, 0, 20, "numbers throughout the group"),
        (Majority, 20, 0, "majority of the group"),
        (SeriesMajority, 0, 8, "series by majority of the group"),
        (ManyParts, 30, 30, "one of many of this name"),
    ]
};

/// The signs of an entry, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs(u64);

impl Signs {
    /// Notes a sign where it is seen.
    pub(super) fn note(&mut self, sign: Sign, is_seen: bool) {
        self.0 |= u64::from(is_seen) << sign as u32;
    }

    /// These and others.
    pub(super) fn with(self, other: Signs) -> Signs {
        Signs(self.0 | other.0)
    }

    /// Whether a sign was seen.
    pub(super) fn has(self, sign: Sign) -> bool {
        self.0 >> sign as u32 & 1 == 1
    }

    fn rows(self) -> impl Iterator<Item = &'static SignRow> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let row = TABLE.get(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(row)
        })
    }

    /// How much they speak for a film or an episode.
    pub(super) fn demand(self) -> i32 {
        self.rows().map(|(_, demand, ..)| demand).sum()
    }

    /// How much they speak for an episode.
    fn episode(self) -> i32 {
        self.rows().map(|(_, _, episode, _)| episode).sum()
    }

    /// Whether they make something on demand.
    pub(super) fn is_on_demand(self) -> bool {
        self.demand() >= ON_DEMAND
    }

    /// What they make of an entry.
    pub(super) fn class(self) -> Class {
        match (self.is_on_demand(), self.episode() >= EPISODE) {
            (true, true) => Class::Episode,
            (true, false) => Class::Movie,
            (false, _) if self.has(Sign::Radio) || self.has(Sign::Sound) => Class::Radio,
            (false, _) => Class::Live,
        }
    }

    /// Whether the rest of the group could make something else of it.
    pub(super) fn is_open(self) -> bool {
        let class = self.class();
        let is_changed_by = |signs: &[Sign]| {
            let mut most = self;
            signs.iter().for_each(|sign| most.note(*sign, true));
            most.class() != class
        };
        is_changed_by(&[Sign::Majority])
            || is_changed_by(&[Sign::Majority, Sign::SeriesMajority])
            || self.has(Sign::PartMark) && is_changed_by(&[Sign::Majority, Sign::ManyParts])
            || self.has(Sign::Counted) && is_changed_by(&[Sign::Majority, Sign::CountedGroup])
    }

    /// Their words for people, the weightiest first.
    pub(super) fn words(self) -> String {
        let mut rows: Vec<_> = self.rows().collect();
        rows.sort_by_key(|(_, demand, episode, _)| -demand.abs().max(episode.abs()));
        let words: Vec<&str> = rows.into_iter().map(|(.., words)| *words).collect();
        if words.is_empty() { "no sign".to_owned() } else { words.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(all: &[Sign]) -> Signs {
        let mut signs = Signs::default();
        all.iter().for_each(|sign| signs.note(*sign, true));
        signs
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(TABLE.iter().enumerate().all(|(at, (sign, ..))| *sign as usize == at));
    }

    #[test]
    fn weights_decide_together() {
        use Sign::*;
        for (seen, class) in [
            (&[][..], Class::Live),
            (&[Year, Playlist], Class::Movie),
            (&[Year, Guide], Class::Live),
            (&[Poster, Playlist], Class::Live),
            (&[MovieGroup, SeriesGroup, VideoGroup], Class::Live),
            (&[MovieGroup, BareYear], Class::Movie),
            (&[MovieGroup], Class::Live),
            (&[StrongMark, PanelChannel], Class::Episode),
            (&[Year, PanelChannel], Class::Live),
            (&[File, Archive], Class::Live),
            (&[File, Radio], Class::Radio),
            (&[PathMovie, StrongMark, MovieGroup], Class::Episode),
            (&[PathMovie, WordMark], Class::Movie),
            (&[PathMovie, WordMark, SeriesGroup], Class::Movie),
            (&[File, WordMark], Class::Episode),
            (&[File, WordMark, MovieGroup], Class::Episode),
            (&[File, EpisodeMark, MovieGroup], Class::Movie),
            (&[File, WeakMark, SeriesGroup], Class::Episode),
            (&[File, SeriesGroup], Class::Movie),
            (&[File, RoundTheClock, Year], Class::Movie),
            (&[TypeMovie, StrongMark], Class::Movie),
            (&[Guide, WordMark, Playlist], Class::Episode),
            (&[PanelChannel, WordMark], Class::Live),
            (&[FolderSeries], Class::Episode),
            (&[FolderSeries, MovieGroup], Class::Movie),
            (&[File, CountedGroup], Class::Episode),
            (&[CountedGroup], Class::Live),
            (&[PathMovie, CountedGroup], Class::Movie),
            (&[File, PartMark], Class::Movie),
            (&[File, PartMark, SeriesGroup], Class::Episode),
            (&[File, PartMark, MovieGroup, ManyParts], Class::Episode),
            (&[Playlist, PartMark, ManyParts], Class::Episode),
            (&[Transport, WordMark], Class::Live),
        ] {
            assert_eq!(signs(seen).class(), class, "{seen:?}");
        }
    }

    #[test]
    fn what_the_majority_could_change_is_open() {
        use Sign::*;
        for (seen, is_open) in [
            (&[][..], true),
            (&[Playlist], true),
            (&[File], false),
            (&[File, WeakMark], true),
            (&[File, SeriesGroup], true),
            (&[Guide], false),
            (&[Transport], false),
            (&[ChannelWord], false),
            (&[ChannelWord, MovieGroup, SeriesGroup, VideoGroup], false),
            (&[Year, Guide], true),
            (&[PathMovie], false),
            (&[File, Counted], true),
            (&[PathMovie, Counted], false),
            (&[File, PartMark], true),
            (&[File, WordMark], false),
        ] {
            assert_eq!(signs(seen).is_open(), is_open, "{seen:?}");
        }
    }

    #[test]
    fn words_begin_with_what_counts_most() {
        assert_eq!(signs(&[Sign::Year, Sign::PathMovie]).words(), "path of movies, year");
        assert_eq!(Signs::default().words(), "no sign");
    }
}
