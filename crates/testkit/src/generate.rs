//! Catalogues as plain values: generated ones of any size, a small one that is easy to know by heart,
//! and random ones for property tests.
//!
//! All of them satisfy the tables' constraints, and the same seed always makes the same catalogue.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::documents;
use crate::rng::Rng;
pub use crate::schema::{
    AccountRow, Catalogue, Category, CategoryRelation, EpisodeRelation, EpisodeRow, Logo, Movie,
    MovieRelation, SeriesRelation, SeriesRow,
};
use crate::schema::{account, as_movie, bare, bare_episode, offer, text, uuid};
use crate::words::{
    ADJECTIVES, CONTAINERS, GENRES, MOVIE_CATEGORIES, NOUNS, PLACES, RIVALS, SENTENCES,
    SERIES_CATEGORIES, nasty_names,
};

/// How much to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Number of movies.
    pub movies: usize,
    /// Number of series.
    pub series: usize,
    /// Average number of episodes of a series.
    pub episodes_per_series: usize,
}

/// What a title with this id has for an id elsewhere: unique, and not in the order of the rows.
fn foreign_id(id: i64) -> i64 {
    1000 + (id * 7919) % 1_000_003 + 1_000_003 * (id / 1_000_003)
}

/// Sees to it that no two titles without ids have the same name and year, by giving the later an id.
#[derive(Default)]
struct UniqueNames(HashSet<(String, i32)>);

impl UniqueNames {
    fn settle(&mut self, title: &mut SeriesRow) {
        let Some(year) = title.year else { return };
        let bare = title.tmdb_id.is_none() && title.imdb_id.is_none();
        if bare && !self.0.insert((title.name.clone(), year)) {
            title.tmdb_id = Some(foreign_id(title.id).to_string());
        }
    }
}

impl Catalogue {
    /// Makes a catalogue of which `seed` decides everything but the size. With `nasty` a quarter of
    /// the names, numbers and ids is what no provider should ever send.
    pub fn generate(seed: u64, size: Size, nasty: bool) -> Catalogue {
        let mut maker = RowMaker {
            rng: Rng(seed),
            papers: Rng(!seed),
            nasty,
            pool: nasty_names(),
            names: UniqueNames::default(),
            out: Catalogue::default(),
        };
        maker.accounts();
        maker.categories();
        for id in 1..=size.movies as i64 {
            maker.movie(id);
        }
        maker.names = UniqueNames::default();
        for id in 1..=size.series as i64 {
            maker.series(id, size.episodes_per_series);
        }
        maker.out
    }
}

/// Makes the rows of [`Catalogue::generate`].
struct RowMaker {
    rng: Rng,
    /// For documents alone: another key in them leaves all the rest as it was.
    papers: Rng,
    nasty: bool,
    pool: Vec<String>,
    names: UniqueNames,
    out: Catalogue,
}

impl RowMaker {
    /// True in so many of a hundred cases, if this is a nasty catalogue.
    fn mishap(&mut self, chance: usize) -> bool {
        self.nasty && self.rng.percent(chance)
    }

    /// Three that play, two of them equally good; one switched off, though it would be the best. A
    /// playlist, which has no titles; the built-in one.
    fn accounts(&mut self) {
        let rows = [
            ("Alpha", "XC", "http://alpha.example:8080/", true, 10),
            ("Beta", "XC", "https://beta.example/sub/player_api.php?u=1", true, 10),
            ("Gamma", "XC", "http://gamma.example", true, 5),
            ("Old", "XC", "http://old.example", false, 100),
            ("Playlist", "STD", "http://list.example/get.php?type=m3u", true, 50),
            ("custom", "STD", "", true, 0),
        ];
        for (id, (name, account_type, url, is_active, priority)) in (1..).zip(rows) {
            let xc = account_type == "XC";
            let nasty = match id {
                2 => "Be/ta: \"4K\"",
                3 => "alpha",
                4 => "CON",
                _ => name,
            };
            self.out.accounts.push(AccountRow {
                id,
                name: if self.nasty { nasty } else { name }.to_owned(),
                account_type: account_type.to_owned(),
                server_url: Some(url.to_owned()).filter(|url| !url.is_empty()),
                username: xc.then(|| format!("user{id}")),
                password: xc.then(|| format!("p@ss w/{id}#?")),
                is_active,
                priority,
                locked: name == "custom",
                custom_properties: match id {
                    1 => Some(r#"{"enable_vod": true}"#.to_owned()),
                    2 => Some(r#""{\"enable_vod\": true}""#.to_owned()),
                    _ => None,
                },
            });
        }
    }

    /// Of the accounts' answers to categories one in seven is no, one is missing.
    fn categories(&mut self) {
        let movies = MOVIE_CATEGORIES.iter().map(|name| (name, "movie"));
        let series = SERIES_CATEGORIES.iter().map(|name| (name, "series"));
        for (id, (name, category_type)) in (1..).zip(movies.chain(series)) {
            let (name, category_type) = (name.to_string(), category_type.to_owned());
            self.out.categories.push(Category { id, name, category_type });
            for account_id in 1..=4 {
                let state = (account_id * 3 + id) % 7;
                if state != 1 {
                    let id_of_relation = self.out.category_relations.len() as i64 + 1;
                    self.out.category_relations.push(CategoryRelation {
                        id: id_of_relation,
                        account_id,
                        category_id: id,
                        enabled: state != 0,
                    });
                }
            }
        }
    }

    fn name(&mut self, year: Option<i32>) -> String {
        let plain = match self.rng.below(4) {
            0 => format!("The {}", self.rng.pick(NOUNS)),
            1 => format!("{} of {}", self.rng.pick(NOUNS), self.rng.pick(PLACES)),
            2 => format!("{} {}", self.rng.pick(ADJECTIVES), self.rng.pick(NOUNS)),
            _ => {
                let (adjective, place) = (self.rng.pick(ADJECTIVES), self.rng.pick(PLACES));
                format!("{adjective} {}: {place} {}", self.rng.pick(NOUNS), self.rng.below(9) + 1)
            }
        };
        let name = match (self.rng.below(10), year) {
            (0, _) => format!("EN - {plain}"),
            (1, Some(year)) => format!("{plain} ({year})"),
            (2, Some(year)) => format!("4K| {plain} - {year}"),
            _ => plain,
        };
        if !self.mishap(25) {
            return name;
        }
        let odd = self.pool[self.rng.below(self.pool.len())].clone();
        let mixed = match self.rng.below(4) {
            0 => format!("{odd} {name}"),
            1 => format!("{name}{odd}"),
            _ => odd,
        };
        mixed.chars().take(255).collect()
    }

    fn year(&mut self) -> Option<i32> {
        let years = [None, Some(0), Some(-5), Some(99_999), Some(i32::MIN), Some(1979), Some(2025)];
        match self.rng.below(20) {
            0 => None,
            1..=9 if self.nasty => years[self.rng.below(years.len())],
            _ => Some(1950 + self.rng.below(76) as i32),
        }
    }

    fn plot(&mut self, from: usize, to: usize) -> Option<String> {
        if self.mishap(5) {
            return Some(self.pool[self.rng.below(self.pool.len())].clone());
        }
        let length = from + self.rng.below(to - from);
        let mut text = String::with_capacity(length + 100);
        while text.len() < length {
            text.push_str(self.rng.pick(SENTENCES));
        }
        while text.len() > length {
            text.pop();
        }
        (!self.rng.percent(5)).then_some(text)
    }

    fn genre(&mut self) -> Option<String> {
        let genre = self.rng.pick(GENRES).to_owned();
        (!self.rng.percent(10)).then_some(genre)
    }

    fn rating(&mut self) -> Option<String> {
        if self.mishap(10) {
            return Some(
                self.rng.pick(&["0", "", "N/A", "7,5", "10", "-1", "1e400", "0.0"]).into(),
            );
        }
        let tenths = self.rng.below(100);
        (tenths > 5).then(|| format!("{}.{}", tenths / 10, tenths % 10))
    }

    fn uuid(&mut self) -> String {
        uuid(self.rng.next(), self.rng.next())
    }

    fn title(&mut self, id: i64, kind: &str) -> SeriesRow {
        let year = self.year();
        let name = self.name(year);
        let (tmdb, imdb) = (self.rng.percent(70), self.rng.percent(40));
        let odd = if self.mishap(5) { "<&> /" } else { "" };
        let foreign = foreign_id(id);
        let mut title = SeriesRow {
            id,
            uuid: self.uuid(),
            description: self.plot(100, 800),
            rating: self.rating(),
            genre: self.genre(),
            tmdb_id: tmdb.then(|| format!("{odd}{foreign}")),
            imdb_id: imdb.then(|| format!("tt{foreign:07}{odd}")),
            custom_properties: match (self.rng.percent(40), kind) {
                (false, _) => None,
                (_, "movie") => documents::movie(&mut self.papers, self.nasty),
                _ => documents::series(&mut self.papers, self.nasty),
            },
            logo_id: None,
            name,
            year,
        };
        self.names.settle(&mut title);
        title.logo_id = match self.rng.below(20) {
            0 => None,
            1 => Some(10_000_000 + id),
            _ => {
                let logo = self.out.logos.len() as i64 + 1;
                let url = format!("https://image.example/{kind}/{foreign}.jpg?w=600&h=900");
                self.out.logos.push(Logo { id: logo, name: title.name.clone(), url });
                Some(logo)
            }
        };
        title
    }

    /// One account's stream of something, `number` being unique among its kind.
    fn stream(&mut self, account_id: i64, number: usize, raw: Option<String>) -> MovieRelation {
        let odd = ["a b&c=1#x?/\u{fc}", "../", "%2e%2F+", "{}\u{202e}", "\u{1} "];
        let prefix = if self.mishap(10) { self.rng.pick(&odd) } else { "" };
        let container = match self.rng.below(10) {
            0 => None,
            1..=2 if self.nasty => {
                Some(self.rng.pick(&["", "MKV", ".mkv", "../x", "m3u8", "ts?a=1"]))
            }
            _ => Some(self.rng.pick(CONTAINERS)),
        };
        MovieRelation {
            account_id,
            category_id: None,
            stream_id: format!("{prefix}{}", account_id as usize * 10_000_019 + number * 3),
            container_extension: container.map(str::to_owned),
            custom_properties: raw,
            ..MovieRelation::default()
        }
    }

    /// The accounts that offer a title, with the categories: 1.3 on average, hardly ever none, at
    /// times one account twice.
    fn offers(&mut self, first: usize, categories: usize) -> Vec<(i64, Option<i64>)> {
        let count = [0, 1, 2, 3][match self.rng.below(100) {
            0 => 0,
            1..=74 => 1,
            75..=94 => 2,
            _ => 3,
        }];
        let offer = |maker: &mut RowMaker| {
            let stray = if maker.mishap(2) { 5 } else { 4 };
            let account = [1, 1, 1, 1, 2, 2, 2, 3, 3, stray][maker.rng.below(10)];
            let category = first + maker.rng.below(categories);
            (account, (!maker.rng.percent(5)).then_some(category as i64))
        };
        (0..count).map(|_| offer(self)).collect()
    }

    fn movie(&mut self, id: i64) {
        let title = self.title(id, "movie");
        let adult = self.rng.percent(3);
        for (account, category) in self.offers(1, MOVIE_CATEGORIES.len()) {
            let number = self.out.movie_relations.len();
            let flag = ["0", "\"0\"", "1", "\"1\""][self.rng.below(2) + 2 * usize::from(adult)];
            let said = (title.name.as_str(), number, flag);
            let raw = documents::movie_stream(&mut self.papers, self.nasty, said);
            let stream = self.stream(account, number, raw);
            self.out.offer_movie(id, MovieRelation { category_id: category, ..stream });
        }
        let duration = 60 * (60 + self.rng.below(120) as i32);
        let duration = (!self.rng.percent(20)).then_some(duration);
        self.out.movies.push(as_movie(title, duration, adult));
    }

    fn series(&mut self, id: i64, average: usize) {
        let title = self.title(id, "series");
        let name = title.name.clone();
        self.out.series.push(title);
        let mut accounts = Vec::new();
        for (account, category) in self.offers(1 + MOVIE_CATEGORIES.len(), SERIES_CATEGORIES.len())
        {
            let number = self.out.series_relations.len();
            let raw = documents::series_stream(&mut self.papers, self.nasty, &name, number);
            let stream = self.stream(account, number, raw);
            self.out.offer_series(id, MovieRelation { category_id: category, ..stream });
            accounts.push(account);
        }
        let count = if self.rng.percent(5) { 0 } else { self.rng.below(2 * average + 1) };
        let specials = self.rng.below(30).saturating_sub(27).min(count);
        for index in 0..count {
            let (season, number) = match index.checked_sub(specials) {
                None => (0, index + 1),
                Some(regular) => (1 + regular / 10, 1 + regular % 10),
            };
            self.episode(id, season as i32, number as i32);
            let episode = self.out.episodes.len() as i64;
            let missing = self.rng.percent(2);
            for &account in &accounts {
                if !missing && self.rng.percent(90) {
                    let number = self.out.episode_relations.len();
                    let raw = format!(r#"{{"info": {{"id": "{number}", "season": {season}}}}}"#);
                    let stream = self.stream(account, number, Some(raw));
                    self.out.offer_episode(episode, stream);
                }
            }
        }
    }

    fn episode(&mut self, series_id: i64, season: i32, number: i32) {
        let id = self.out.episodes.len() as i64 + 1;
        let name = match self.rng.below(3) {
            0 => format!("Episode {number}"),
            1 => format!("S{season:02}E{number:02}"),
            _ => self.name(None),
        };
        let far =
            if self.mishap(3) { 100_000 + self.rng.below(2) as i32 * 2_147_000_000 } else { 0 };
        let (no_season, no_number) = (self.mishap(4), self.mishap(4));
        let month = 1 + self.rng.below(12);
        let row = EpisodeRow {
            id,
            uuid: self.uuid(),
            series_id,
            name,
            description: self.plot(100, 300),
            air_date: (!self.rng.percent(20))
                .then(|| format!("20{:02}-{month:02}-{:02}", season.min(25), 1 + number.min(27))),
            rating: self.rating(),
            duration_secs: Some(60 * (20 + self.rng.below(50) as i32)),
            season_number: (!no_season).then_some(season),
            episode_number: (!no_number).then_some(number + far),
            tmdb_id: self.rng.percent(30).then(|| foreign_id(id).to_string()),
            imdb_id: None,
            custom_properties: documents::episode(&mut self.papers, self.nasty),
        };
        self.out.episodes.push(row);
    }
}

/// Six movies and two series at accounts Alpha (1, priority 10), Beta (2, priority 5) and Gamma (3,
/// priority 99, inactive). UUIDs are `00000001-0000-4000-8000-` and the id in twelve digits, for
/// movies; `00000002-…` for series, `00000003-…` for episodes.
///
/// | title | streams (account, stream id, container), best first |
/// |---|---|
/// | 1 Heat (1995), with all details | Alpha 101 mkv, Beta 201 mp4 |
/// | 2 Alien (1979) | Beta 202 mkv, without category |
/// | 3 Nemo (2003) | none that counts: Alpha 103 is of category Kids, which is disabled there |
/// | 4 Gone (2010) | none that counts: only Gamma 301 |
/// | 5 Solaris (1972) | Alpha 105 mp4 |
/// | 6 Untitled, no year | Beta 206, no container |
/// | 1 Dark (2017) | Alpha 501, Beta 601; Beta has no row for the category |
/// | S01E01 Secrets | Alpha 1001 mkv, Beta 2001 mkv |
/// | S01E02 Lies | Alpha 1002 mkv |
/// | S00E01 Behind the Scenes | Beta 2003 mp4 |
/// | S01E03 Lost | none |
/// | 2 Silent (2020), no episodes | Alpha 502 |
pub fn small() -> Catalogue {
    let category = |(id, name, kind): (i64, &str, &str)| Category {
        id,
        name: name.to_owned(),
        category_type: kind.to_owned(),
    };
    let relation = |(id, account_id, category_id, enabled)| CategoryRelation {
        id,
        account_id,
        category_id,
        enabled,
    };
    let poster = Logo { id: 1, name: "Heat".into(), url: "https://image.example/heat.jpg".into() };
    let mut all = Catalogue {
        accounts: vec![
            account(1, "Alpha", true, 10),
            account(2, "Beta", true, 5),
            account(3, "Gamma", false, 99),
        ],
        categories: [(1, "Action", "movie"), (2, "Kids", "movie"), (3, "Drama", "series")]
            .map(category)
            .into(),
        category_relations: [(1, 1, 1, true), (2, 1, 2, false), (3, 2, 1, true), (4, 1, 3, true)]
            .map(relation)
            .into(),
        logos: vec![poster],
        ..Catalogue::default()
    };
    let names = ["Heat", "Alien", "Nemo", "Gone", "Solaris", "Untitled"];
    let years = [Some(1995), Some(1979), Some(2003), Some(2010), Some(1972), None];
    for (id, (name, year)) in (1..).zip(names.into_iter().zip(years)) {
        all.movies.push(as_movie(bare(id, 1, name, year), None, false));
    }
    let heat = &mut all.movies[0];
    (heat.tmdb_id, heat.imdb_id, heat.logo_id) = (text("949"), text("tt0113277"), Some(1));
    (heat.rating, heat.genre, heat.duration_secs) =
        (text("7.9"), text("Action, Crime"), Some(10_200));
    heat.description = text("A pool of thieves & the detective who is after them.");
    all.offer_movie(1, offer(1, Some(1), "101", "mkv"));
    all.offer_movie(1, offer(2, Some(1), "201", "mp4"));
    all.offer_movie(2, offer(2, None, "202", "mkv"));
    all.offer_movie(3, offer(1, Some(2), "103", "mkv"));
    all.offer_movie(4, offer(3, Some(1), "301", "mkv"));
    all.offer_movie(5, offer(1, Some(1), "105", "mp4"));
    all.offer_movie(6, offer(2, Some(1), "206", ""));
    all.series = vec![bare(1, 2, "Dark", Some(2017)), bare(2, 2, "Silent", Some(2020))];
    all.offer_series(1, offer(1, Some(3), "501", ""));
    all.offer_series(1, offer(2, Some(3), "601", ""));
    let episodes = [(1, 1, "Secrets"), (1, 2, "Lies"), (0, 1, "Behind the Scenes"), (1, 3, "Lost")];
    for (id, (season, number, name)) in (1..).zip(episodes) {
        all.episodes.push(bare_episode(id, 1, (Some(season), Some(number)), name));
    }
    all.offer_episode(1, offer(1, None, "1001", "mkv"));
    all.offer_episode(1, offer(2, None, "2001", "mkv"));
    all.offer_episode(2, offer(1, None, "1002", "mkv"));
    all.offer_episode(3, offer(2, None, "2003", "mp4"));
    all.offer_series(2, offer(1, Some(3), "502", ""));
    all
}

/// Account, category (0 is none), container.
type StreamPlan = (usize, usize, &'static str);
/// Name, year, whether with TMDB and with IMDb id, streams.
type GeneratedTitle = (usize, Option<i32>, (bool, bool), Vec<StreamPlan>);
/// Season and number, name, streams.
type EpisodePlan = ((Option<i32>, Option<i32>), usize, Vec<StreamPlan>);

fn stream_plans() -> impl Strategy<Value = Vec<StreamPlan>> {
    let container = prop::sample::select(vec!["mkv", "mp4", "", "MKV"]);
    vec((0..4_usize, 0..3_usize, container), 0..4)
}

fn name_plan() -> impl Strategy<Value = usize> {
    prop_oneof![3 => 0..RIVALS, 2 => 0..nasty_names().len()]
}

fn title_plan() -> impl Strategy<Value = GeneratedTitle> {
    let odd = prop::sample::select(vec![Some(2025), Some(0), Some(-5), Some(99_999)]);
    let year = prop_oneof![6 => Just(Some(1979)), 2 => Just(None), 1 => odd];
    (name_plan(), year, any::<(bool, bool)>(), stream_plans())
}

fn episode_plan() -> impl Strategy<Value = EpisodePlan> {
    let season = prop_oneof![5 => Just(Some(1)), 1 => Just(Some(0)), 1 => Just(None)];
    let number = prop_oneof![6 => (1..5).prop_map(Some), 1 => Just(None), 1 => Just(Some(12_345))];
    ((season, number), name_plan(), stream_plans())
}

/// Small catalogues in which names collide often. They have 1 to 12 movies, and up to 5 series with up to 6 episodes
/// each. They have 2 to 4 accounts, active or not, of any order, and categories of any state.
pub fn catalogues() -> impl Strategy<Value = Catalogue> {
    let accounts = vec((prop::bool::weighted(0.7), 0..3), 2..=4);
    let states = vec(0..3_u8, 16);
    let series = vec((title_plan(), vec(episode_plan(), 0..=6)), 0..=5);
    (accounts, states, vec(title_plan(), 1..=12), series).prop_map(
        |(accounts, states, movies, series)| {
            let mut all = Catalogue::default();
            for (id, (active, priority)) in (1..).zip(accounts) {
                all.accounts.push(account(id, &format!("Account {id}"), active, priority));
            }
            plan_categories(&mut all, &states);
            plan_titles(&mut all, movies, series);
            all
        },
    )
}

/// Two categories of movies, two of series; a state is none, disabled or enabled.
fn plan_categories(all: &mut Catalogue, states: &[u8]) {
    for (id, category_type) in (1..).zip(["movie", "movie", "series", "series"]) {
        let (name, category_type) = (format!("Category {id}"), category_type.to_owned());
        all.categories.push(Category { id, name, category_type });
    }
    for (index, &state) in states.iter().enumerate().filter(|(_, state)| **state > 0) {
        let (account_id, category_id) = (1 + index as i64 / 4, 1 + index as i64 % 4);
        let id = all.category_relations.len() as i64 + 1;
        if account_id <= all.accounts.len() as i64 {
            let enabled = state == 2;
            all.category_relations.push(CategoryRelation { id, account_id, category_id, enabled });
        }
    }
}

fn plan_titles(
    all: &mut Catalogue,
    movies: Vec<GeneratedTitle>,
    series: Vec<(GeneratedTitle, Vec<EpisodePlan>)>,
) {
    let pool = nasty_names();
    let accounts = all.accounts.len();
    let mut number = 0;
    let mut stream = |(account, category, container): StreamPlan, base: usize| {
        number += 1;
        let category = (category > 0).then_some((base + category) as i64);
        let stream_id = format!("a b&c={number}#x?/\u{fc}");
        let stream = offer((account % accounts) as i64 + 1, category, &stream_id, container);
        let flag = if number % 7 == 0 { "1" } else { "0" };
        let said = (stream_id.as_str(), number, flag);
        let custom_properties = documents::movie_stream(&mut Rng(number as u64), true, said);
        MovieRelation { custom_properties, ..stream }
    };
    let title = |id: i64, high: u64, plan: &GeneratedTitle, names: &mut UniqueNames| {
        let mut row = bare(id, high, &pool[plan.0], plan.1);
        row.tmdb_id = plan.2.0.then(|| foreign_id(id).to_string());
        row.imdb_id = plan.2.1.then(|| format!("tt{:07}", foreign_id(id)));
        names.settle(&mut row);
        let rng = &mut Rng((plan.0 as u64) << 32 | id as u64);
        row.custom_properties = match high {
            1 => documents::movie(rng, true),
            _ => documents::series(rng, true),
        };
        row
    };
    let mut names = UniqueNames::default();
    for (id, plan) in (1..).zip(movies) {
        all.movies.push(as_movie(title(id, 1, &plan, &mut names), None, false));
        plan.3.into_iter().for_each(|plan| all.offer_movie(id, stream(plan, 0)));
    }
    names = UniqueNames::default();
    for (id, (plan, episodes)) in (1..).zip(series) {
        all.series.push(title(id, 2, &plan, &mut names));
        plan.3.into_iter().for_each(|plan| all.offer_series(id, stream(plan, 2)));
        let mut taken = HashSet::new();
        for ((season, mut number), name, streams) in episodes {
            while season.is_some() && number.is_some() && !taken.insert((season, number)) {
                number = number.map(|number| number + 1);
            }
            let episode = all.episodes.len() as i64 + 1;
            all.episodes.push(bare_episode(episode, id, (season, number), &pool[name]));
            streams.into_iter().for_each(|plan| all.offer_episode(episode, stream(plan, 0)));
        }
    }
}
