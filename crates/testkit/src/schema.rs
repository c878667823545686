//! Dispatcharr's tables: which generation of its database has what, and their rows as plain values.
//!
//! A row has the columns that mean something to somebody here, under Dispatcharr's own names. But an account is
//! `account_id`, also where the column is called `m3u_account_id`. What every row needs and nobody reads, `created_at`
//! for one, is added when it is inserted.

/// Releases of Dispatcharr between which the tables differ, each named by its first release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Generation {
    /// 0.9: the first with movies and series. Posters are in the table of the channels' logos.
    V0_9,
    /// 0.12: posters have a table of their own.
    V0_12,
    /// 0.20: episode relations point to a series relation.
    V0_20,
    /// 0.29: movies are marked as adult or not.
    V0_29,
}

impl Generation {
    /// All of them, oldest first.
    pub const ALL: [Generation; 4] =
        [Generation::V0_9, Generation::V0_12, Generation::V0_20, Generation::V0_29];

    /// The one that is current.
    pub const NEWEST: Generation = Generation::V0_29;

    /// The statements that make its tables in an empty database.
    pub fn sql(self) -> &'static str {
        match self {
            Generation::V0_9 => include_str!("../schema/0.9.sql"),
            Generation::V0_12 => include_str!("../schema/0.12.sql"),
            Generation::V0_20 => include_str!("../schema/0.20.sql"),
            Generation::V0_29 => include_str!("../schema/0.29.sql"),
        }
    }

    /// Its first release, for example `0.12`.
    pub fn name(self) -> &'static str {
        match self {
            Generation::V0_9 => "0.9",
            Generation::V0_12 => "0.12",
            Generation::V0_20 => "0.20",
            Generation::V0_29 => "0.29",
        }
    }

    /// Whether posters are in `vod_vodlogo`.
    pub fn has_logo_table_vod(self) -> bool {
        self >= Generation::V0_12
    }

    /// The table that `logo_id` points to.
    pub fn logo_table(self) -> &'static str {
        if self.has_logo_table_vod() { "vod_vodlogo" } else { "dispatcharr_channels_logo" }
    }

    /// Whether `vod_m3uepisoderelation.series_relation_id` exists.
    pub fn has_series_relation(self) -> bool {
        self >= Generation::V0_20
    }

    /// Whether `vod_movie.is_adult` exists.
    pub fn has_is_adult(self) -> bool {
        self >= Generation::V0_29
    }
}

/// A row of `m3u_m3uaccount`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountRow {
    /// Primary key.
    pub id: i64,
    /// Unique.
    pub name: String,
    /// `XC` or `STD`.
    pub account_type: String,
    /// As the user entered it.
    pub server_url: Option<String>,
    /// User name at the provider, plain.
    pub username: Option<String>,
    /// Password at the provider, plain.
    pub password: Option<String>,
    /// The account's switch.
    pub is_active: bool,
    /// Not negative; bigger wins.
    pub priority: i32,
    /// Set for the built-in account `custom`.
    pub locked: bool,
    /// JSON text.
    pub custom_properties: Option<String>,
}

/// A row of `vod_vodcategory`; categories of the same name and type are shared by all accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Category {
    /// Primary key.
    pub id: i64,
    /// Unique together with the type.
    pub name: String,
    /// `movie` or `series`.
    pub category_type: String,
}

/// A row of `vod_m3uvodcategoryrelation`, unique by account and category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CategoryRelation {
    /// Primary key.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The category.
    pub category_id: i64,
    /// Whether the account's titles of this category are wanted.
    pub enabled: bool,
}

/// A row of the table with the posters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logo {
    /// Primary key.
    pub id: i64,
    /// Mostly the title's name.
    pub name: String,
    /// Unique.
    pub url: String,
}

/// A row of `vod_movie`. Names with years are unique among the movies without any id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movie {
    /// Primary key.
    pub id: i64,
    /// Unique; what proxy URLs are made of.
    pub uuid: String,
    /// At most 255 characters.
    pub name: String,
    /// Plot.
    pub description: Option<String>,
    /// Release year, or what the provider took for one.
    pub year: Option<i32>,
    /// At most 10 characters.
    pub rating: Option<String>,
    /// At most 255 characters.
    pub genre: Option<String>,
    /// Running time.
    pub duration_secs: Option<i32>,
    /// Unique.
    pub tmdb_id: Option<String>,
    /// Unique.
    pub imdb_id: Option<String>,
    /// JSON text.
    pub custom_properties: Option<String>,
    /// The poster; may point nowhere.
    pub logo_id: Option<i64>,
    /// Left out of generations that do not know it.
    pub is_adult: bool,
}

/// A row of `vod_m3umovierelation`: an account's stream of a movie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MovieRelation {
    /// Primary key.
    pub id: i64,
    /// The account that offers it.
    pub account_id: i64,
    /// The movie.
    pub movie_id: i64,
    /// The category under which the account offers it.
    pub category_id: Option<i64>,
    /// The provider's id, unique within the account's movies.
    pub stream_id: String,
    /// At most 10 characters.
    pub container_extension: Option<String>,
    /// JSON text.
    pub custom_properties: Option<String>,
}

/// A row of `vod_series`. Names with years are unique among the series without any id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesRow {
    /// Primary key.
    pub id: i64,
    /// Unique.
    pub uuid: String,
    /// At most 255 characters.
    pub name: String,
    /// Plot.
    pub description: Option<String>,
    /// Year of the first episode.
    pub year: Option<i32>,
    /// At most 10 characters.
    pub rating: Option<String>,
    /// At most 255 characters.
    pub genre: Option<String>,
    /// Unique.
    pub tmdb_id: Option<String>,
    /// Unique.
    pub imdb_id: Option<String>,
    /// JSON text.
    pub custom_properties: Option<String>,
    /// The poster; may point nowhere.
    pub logo_id: Option<i64>,
}

/// A row of `vod_m3useriesrelation`: an account's entry of a series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesRelation {
    /// Primary key.
    pub id: i64,
    /// The account that offers it.
    pub account_id: i64,
    /// The series.
    pub series_id: i64,
    /// The category under which the account offers it.
    pub category_id: Option<i64>,
    /// The provider's id, unique within the account's series.
    pub external_series_id: String,
    /// JSON text.
    pub custom_properties: Option<String>,
}

/// A row of `vod_episode`, unique by series, season and number as far as both numbers are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpisodeRow {
    /// Primary key.
    pub id: i64,
    /// Unique; what proxy URLs are made of.
    pub uuid: String,
    /// The series.
    pub series_id: i64,
    /// At most 255 characters.
    pub name: String,
    /// Plot.
    pub description: Option<String>,
    /// `YYYY-MM-DD`.
    pub air_date: Option<String>,
    /// At most 10 characters.
    pub rating: Option<String>,
    /// Running time.
    pub duration_secs: Option<i32>,
    /// 0 for specials.
    pub season_number: Option<i32>,
    /// Number within the season.
    pub episode_number: Option<i32>,
    /// Not unique.
    pub tmdb_id: Option<String>,
    /// Not unique.
    pub imdb_id: Option<String>,
    /// JSON text.
    pub custom_properties: Option<String>,
}

/// A row of `vod_m3uepisoderelation`: an account's stream of an episode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpisodeRelation {
    /// Primary key.
    pub id: i64,
    /// The account that offers it.
    pub account_id: i64,
    /// The episode.
    pub episode_id: i64,
    /// The account's entry of the series; left out of generations that do not know it.
    pub series_relation_id: Option<i64>,
    /// The provider's id, unique within the account's episodes.
    pub stream_id: String,
    /// At most 10 characters.
    pub container_extension: Option<String>,
    /// JSON text.
    pub custom_properties: Option<String>,
}

/// All rows of a catalogue. Every id is a row's place in its list, counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Provider accounts.
    pub accounts: Vec<AccountRow>,
    /// Categories of movies and of series.
    pub categories: Vec<Category>,
    /// What the accounts' users want of the categories; rows may be missing, which means enabled.
    pub category_relations: Vec<CategoryRelation>,
    /// Posters.
    pub logos: Vec<Logo>,
    /// Movies.
    pub movies: Vec<Movie>,
    /// Streams of movies.
    pub movie_relations: Vec<MovieRelation>,
    /// Series.
    pub series: Vec<SeriesRow>,
    /// Entries of series.
    pub series_relations: Vec<SeriesRelation>,
    /// Episodes.
    pub episodes: Vec<EpisodeRow>,
    /// Streams of episodes.
    pub episode_relations: Vec<EpisodeRelation>,
}

impl Catalogue {
    /// The number of rows in all tables.
    pub fn rows(&self) -> usize {
        let shared = self.accounts.len() + self.categories.len() + self.category_relations.len();
        let titles = self.logos.len() + self.movies.len() + self.series.len() + self.episodes.len();
        let relations = self.movie_relations.len() + self.series_relations.len();
        shared + titles + relations + self.episode_relations.len()
    }

    /// The catalogue with these movies alone: name, year and TMDB id of each. All else is as its first movie has it.
    #[must_use]
    pub fn with_movies(mut self, movies: &[(&str, Option<i32>, Option<&str>)]) -> Catalogue {
        let (movie, stream) = (self.movies[0].clone(), self.movie_relations[0].clone());
        (self.movies, self.movie_relations) = (Vec::new(), Vec::new());
        for (id, (name, year, tmdb)) in (1..).zip(movies) {
            self.movies.push(Movie {
                id,
                uuid: format!("00000000-0000-4000-8000-{id:012}"),
                name: (*name).to_owned(),
                year: *year,
                tmdb_id: tmdb.map(str::to_owned),
                imdb_id: None,
                logo_id: None,
                custom_properties: None,
                ..movie.clone()
            });
            let (stream_id, custom_properties) = ((100 + id).to_string(), None);
            self.offer_movie(id, MovieRelation { stream_id, custom_properties, ..stream.clone() });
        }
        self
    }

    /// Gives each second series the name of the one before it, and the year after that one's.
    pub fn name_series_alike(&mut self) {
        for pair in self.series.chunks_mut(2) {
            let [one, other] = pair else { continue };
            other.name.clone_from(&one.name);
            let year = *one.year.get_or_insert(2000);
            other.year = Some(year + 1);
        }
    }

    /// Adds a stream of a movie; its id is the next.
    pub fn offer_movie(&mut self, movie_id: i64, stream: MovieRelation) {
        let id = self.movie_relations.len() as i64 + 1;
        self.movie_relations.push(MovieRelation { id, movie_id, ..stream });
    }

    /// Adds an entry of a series, given as if it were a movie's stream; its id is the next.
    pub fn offer_series(&mut self, series_id: i64, stream: MovieRelation) {
        self.series_relations.push(SeriesRelation {
            id: self.series_relations.len() as i64 + 1,
            account_id: stream.account_id,
            series_id,
            category_id: stream.category_id,
            external_series_id: stream.stream_id,
            custom_properties: stream.custom_properties,
        });
    }

    /// Adds a stream of an episode, given as if it were a movie's; its id is the next. It belongs to the
    /// account's latest entry of the series, if that is the series that got an entry last.
    pub fn offer_episode(&mut self, episode_id: i64, stream: MovieRelation) {
        let series_id = self.episodes[episode_id as usize - 1].series_id;
        let entries = self.series_relations.iter().rev();
        let series_relation_id = entries
            .take_while(|entry| entry.series_id == series_id)
            .find(|entry| entry.account_id == stream.account_id)
            .map(|entry| entry.id);
        self.episode_relations.push(EpisodeRelation {
            id: self.episode_relations.len() as i64 + 1,
            account_id: stream.account_id,
            episode_id,
            series_relation_id,
            stream_id: stream.stream_id,
            container_extension: stream.container_extension,
            custom_properties: stream.custom_properties,
        });
    }
}

/// A version-4 UUID of two numbers.
pub(crate) fn uuid(high: u64, low: u64) -> String {
    let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
    let (d, e) = (0x8000 | (low >> 50), low & 0xffff_ffff_ffff);
    format!("{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}")
}

/// A series' row is a movie's, but for two columns.
pub(crate) fn as_movie(title: SeriesRow, duration_secs: Option<i32>, is_adult: bool) -> Movie {
    let SeriesRow { id, uuid, name, description, year, rating, genre, .. } = title;
    let SeriesRow { tmdb_id, imdb_id, custom_properties, logo_id, .. } = title;
    Movie {
        id,
        uuid,
        name,
        description,
        year,
        rating,
        genre,
        duration_secs,
        tmdb_id,
        imdb_id,
        custom_properties,
        logo_id,
        is_adult,
    }
}

/// The text, unless it is empty.
pub(crate) fn text(value: &str) -> Option<String> {
    Some(value.to_owned()).filter(|value| !value.is_empty())
}

/// An Xtream account with a login.
pub(crate) fn account(id: i64, name: &str, is_active: bool, priority: i32) -> AccountRow {
    AccountRow {
        id,
        name: name.to_owned(),
        account_type: "XC".to_owned(),
        server_url: Some(format!("http://host{id}.example:8080")),
        username: Some(format!("user{id}")),
        password: Some(format!("secret{id}")),
        is_active,
        priority,
        locked: false,
        custom_properties: None,
    }
}

/// A stream, still without its id and its movie's.
pub(crate) fn offer(
    account_id: i64,
    category_id: Option<i64>,
    stream: &str,
    container: &str,
) -> MovieRelation {
    let (stream_id, container_extension) = (stream.to_owned(), text(container));
    MovieRelation { account_id, category_id, stream_id, container_extension, ..Default::default() }
}

/// A series that has nothing but a name and a year; `high` begins its UUID.
pub(crate) fn bare(id: i64, high: u64, name: &str, year: Option<i32>) -> SeriesRow {
    SeriesRow {
        id,
        uuid: uuid(high << 32, id as u64),
        name: name.to_owned(),
        year,
        ..SeriesRow::default()
    }
}

/// An episode that has nothing but its numbers and a name.
pub(crate) fn bare_episode(
    id: i64,
    series_id: i64,
    numbers: (Option<i32>, Option<i32>),
    name: &str,
) -> EpisodeRow {
    EpisodeRow {
        id,
        uuid: uuid(3 << 32, id as u64),
        series_id,
        name: name.to_owned(),
        season_number: numbers.0,
        episode_number: numbers.1,
        ..EpisodeRow::default()
    }
}
