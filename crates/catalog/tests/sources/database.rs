//! Dispatcharr's database.

use vod2strm_catalog::dispatcharr::postgres::PgCatalog;
use vod2strm_catalog::dispatcharr::postgres::address::DatabaseAddress;
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::Catalog;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_testkit::generate::{Catalogue, Size, small};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;
use vod2strm_testkit::source_suite::{SECRET, Source, SourceContents, Specimen};
use vod2strm_testkit::twin;

pub struct Databases;

struct Database {
    database: TestDatabase,
    /// What of it the program reads.
    titles: Vec<Title>,
    entries: u64,
    url: String,
}

impl Database {
    fn new(database: TestDatabase, catalogue: &Catalogue) -> Database {
        let (titles, url) = (twin::titles(catalogue), database.url());
        let entries = (catalogue.movies.len() + catalogue.series.len()) as u64;
        Database { database, titles, entries, url }
    }
}

impl Specimen for Databases {
    fn make(&self, contents: SourceContents) -> Box<dyn Source> {
        let catalogue = match contents {
            SourceContents::Usual => small(),
            SourceContents::Hostile => {
                let size = Size { movies: 200, series: 20, episodes_per_series: 6 };
                Catalogue::generate(11, size, true)
            }
            SourceContents::Empty => Catalogue::default(),
        };
        let database = TestDatabase::create(Generation::NEWEST);
        database.insert(&catalogue);
        Box::new(Database::new(database, &catalogue))
    }

    fn damaged(&self) -> Vec<(&'static str, Box<dyn Source>)> {
        let of = |sql: &str, is_sound: bool| {
            let database = if is_sound {
                TestDatabase::create(Generation::NEWEST)
            } else {
                TestDatabase::from_custom_sql("")
            };
            database.execute(sql);
            let mut source = Database::new(database, &Catalogue::default());
            source.url = source.database.tcp_url(&format!("postgres:{SECRET}"));
            Box::new(source) as Box<dyn Source>
        };
        let nowhere = Database::new(TestDatabase::from_custom_sql(""), &Catalogue::default());
        let url = nowhere.database.tcp_url(&format!("postgres:{SECRET}"));
        let url = url.replace(nowhere.database.name(), "no_such_database");
        let nowhere = Box::new(Database { url, ..nowhere });
        vec![
            ("no table", of("", false)),
            ("a table is missing", of("DROP TABLE vod_m3umovierelation CASCADE", true)),
            ("a column is missing", of("ALTER TABLE vod_movie DROP COLUMN name CASCADE", true)),
            ("it is not there", nowhere),
        ]
    }
}

impl Source for Database {
    fn open(&self, cancel: &Cancel) -> Result<Box<dyn Catalog>, CatalogError> {
        let address =
            DatabaseAddress { cancel: cancel.clone(), ..DatabaseAddress::parse(&self.url)? };
        Ok(Box::new(PgCatalog::open(&address)?))
    }

    fn streams(&self) -> usize {
        let streams = |title: &Title| match title.kind {
            Kind::Movie => title.streams.len(),
            Kind::Series => title.episodes.iter().map(|episode| episode.streams.len()).sum(),
        };
        self.titles.iter().map(streams).sum()
    }

    fn entries(&self) -> [u64; 2] {
        [self.entries, 0]
    }

    fn change(&self) {
        if self.titles.is_empty() {
            self.database.insert(&small());
        } else {
            self.database.execute("UPDATE vod_movie SET name = left(name, 200) || ' 2'");
        }
    }
}
