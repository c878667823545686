//! What vod2strm's tests share: databases like Dispatcharr's, and catalogues to fill them with.
//!
//! Modules stand in reading order; each uses only those above it.

#![expect(clippy::expect_used, reason = "test support: a failure here is a failed test")]

pub mod schema;

pub mod words;

mod rng;

mod documents;

pub mod generate;
pub mod nights;
pub mod playlists;
pub mod postgres;
pub mod memory_fs;
pub mod folding_fs;
pub mod faulty_fs;
pub mod disks;
pub mod drafts;
pub mod fs_suite;
pub mod source_suite;
mod said;

pub mod twin;
pub mod readings;
pub mod servers;
pub mod home;
#[cfg(target_os = "linux")]
pub mod preload;
pub mod http;
pub mod dispatcharr;
#[cfg(target_os = "linux")]
mod memory_inodes;
#[cfg(target_os = "linux")]
mod slow_server;
#[cfg(target_os = "linux")]
mod slow_requests;
#[cfg(target_os = "linux")]
pub mod slow_disk;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::Hash;

    use super::generate::{Catalogue, Size, small};
    use super::words::{RIVALS, nasty_names};

    const SIZE: Size = Size { movies: 2_000, series: 200, episodes_per_series: 12 };

    fn unique<T: Hash + Eq>(what: &str, keys: impl Iterator<Item = T>) {
        let mut seen = HashSet::new();
        keys.for_each(|key| assert!(seen.insert(key), "{what} repeats"));
    }

    fn assert_unique(all: &Catalogue) {
        unique("account", all.accounts.iter().map(|row| &row.name));
        unique("logo", all.logos.iter().map(|row| &row.url));
        unique("tmdb", all.movies.iter().filter_map(|row| row.tmdb_id.as_ref()));
        unique("imdb", all.movies.iter().filter_map(|row| row.imdb_id.as_ref()));
        unique("tmdb", all.series.iter().filter_map(|row| row.tmdb_id.as_ref()));
        unique("imdb", all.series.iter().filter_map(|row| row.imdb_id.as_ref()));
        unique("uuid", all.movies.iter().map(|row| &row.uuid));
        unique("uuid", all.episodes.iter().map(|row| &row.uuid));
        let bare = all.movies.iter().filter(|row| row.tmdb_id.is_none() && row.imdb_id.is_none());
        unique("movie", bare.filter_map(|row| row.year.map(|year| (&row.name, year))));
        let bare = all.series.iter().filter(|row| row.tmdb_id.is_none() && row.imdb_id.is_none());
        unique("series", bare.filter_map(|row| row.year.map(|year| (&row.name, year))));
        let streams = all.movie_relations.iter();
        unique("movie stream", streams.map(|row| (row.account_id, &row.stream_id)));
        let streams = all.episode_relations.iter();
        unique("episode stream", streams.map(|row| (row.account_id, &row.stream_id)));
        let numbers = |row: &super::schema::EpisodeRow| {
            Some((row.series_id, row.season_number?, row.episode_number?))
        };
        unique("episode", all.episodes.iter().filter_map(numbers));
    }

    #[test]
    fn one_seed_makes_one_catalogue() {
        let first = Catalogue::generate(7, SIZE, true);
        assert_eq!(first, Catalogue::generate(7, SIZE, true));
        assert_ne!(first, Catalogue::generate(8, SIZE, true));
        assert_ne!(first, Catalogue::generate(7, SIZE, false));
    }

    #[test]
    fn generated_rows_are_unique_where_they_must_be() {
        assert_unique(&small());
        for seed in 0..8 {
            assert_unique(&Catalogue::generate(seed, SIZE, seed % 4 != 0));
        }
    }

    #[test]
    fn generated_catalogues_have_what_real_ones_have() {
        let all = Catalogue::generate(1, SIZE, false);
        let streams = all.movie_relations.len() as f64 / all.movies.len() as f64;
        assert!((1.2..1.4).contains(&streams), "{streams} streams of a movie");
        let episodes = all.episodes.len() as f64 / all.series.len() as f64;
        assert!((10.0..14.0).contains(&episodes), "{episodes} episodes of a series");
        let playable: HashSet<_> = all.episode_relations.iter().map(|row| row.episode_id).collect();
        assert!(playable.len() < all.episodes.len(), "some episodes have no stream");
        let told: HashSet<_> = all.episodes.iter().map(|row| row.series_id).collect();
        assert!(told.len() < all.series.len(), "some series have no episodes");
        assert!(all.episodes.iter().any(|row| row.season_number == Some(0)), "specials");
        let posters = all.logos.len() as i64;
        assert!(all.movies.iter().any(|row| row.logo_id > Some(posters)), "posters that dangle");
        assert!(all.movie_relations.iter().any(|row| row.category_id.is_none()), "no category");
        let cells = all.categories.len() * 4;
        assert!(all.category_relations.len() < cells, "missing rows");
        assert!(all.category_relations.iter().any(|row| !row.enabled), "disabled categories");
        let plots = all.movies.iter().filter_map(|row| row.description.as_ref());
        assert!(plots.map(String::len).all(|length| (97..=800).contains(&length)), "plots");
    }

    #[test]
    fn nasty_catalogues_hold_titles_of_the_same_name_and_year() {
        let all = Catalogue::generate(1, SIZE, true);
        let names: HashSet<_> = all.movies.iter().map(|row| (&row.name, row.year)).collect();
        assert!(names.len() + 20 < all.movies.len());
        assert!(all.episodes.iter().any(|row| row.season_number.is_none()));
        assert!(all.episodes.iter().any(|row| row.episode_number > Some(i32::MAX - 1_000_000)));
    }

    #[test]
    fn nasty_names_fit_their_column() {
        let names = nasty_names();
        unique("name", names.iter());
        assert!(names.iter().all(|name| name.chars().count() <= 255 && !name.contains('\0')));
        assert!(
            names.iter().any(String::is_empty)
                && names.iter().any(|name| name == "\t \u{a0}\u{3000}")
        );
        assert!(names.iter().any(|name| name.len() == 1020) && RIVALS < names.len());
    }
}
