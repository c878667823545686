//! Dispatcharr's PostgreSQL, read-only: one connection, one snapshot per run.

pub mod error;
pub mod address;
mod tls;
mod bounded;
mod session;
mod schema;
mod measured;
mod json;
mod columns;
mod accounts;
mod touched;
pub mod watch;
mod reader;
mod stamps;
mod not_offered;
mod load;
mod first;
mod entries;
mod offers;
mod numbers;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use vod2strm_core::entries::EntryCounts;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::Heading;
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::pace::due::{FetchOutcome, SeriesOffer};
use vod2strm_core::removal::accounts::Roster;

use self::address::DatabaseAddress;
use self::reader::DatabaseReader;
use crate::episodes::{FetchAnswer, FetchEpisodes, RefreshScope};
use crate::error::CatalogError;
use crate::source::{
    AccountListing, Catalog, DatabaseId, Describe, EntrySink, Fact, NotOffered, Numbers, Scope,
    Selection, Unfollowed,
};

/// Dispatcharr's catalogue, as it was when it was opened.
pub struct PgCatalog {
    reader: DatabaseReader,
}

impl PgCatalog {
    /// Connects, opens the snapshot, and makes sure that it is a Dispatcharr's.
    pub fn open(address: &DatabaseAddress) -> Result<PgCatalog, CatalogError> {
        Ok(PgCatalog { reader: DatabaseReader::open(address)? })
    }
}

const COUNTS: &str = "
    SELECT current_setting('server_version'), (SELECT count(*) FROM vod_movie),
           (SELECT count(*) FROM vod_series), (SELECT count(*) FROM vod_episode),
           (SELECT count(*) FROM vod_series s
            WHERE NOT EXISTS (SELECT FROM vod_episode e WHERE e.series_id = s.id))";

/// A user that may not see what Dispatcharr's sessions do; none otherwise. Dispatcharr's own user made the
/// tables.
const BLIND: &str = "
    SELECT quote_ident(current_user) FROM pg_catalog.pg_class c
    WHERE c.relname = 'vod_movie' AND pg_catalog.pg_table_is_visible(c.oid)
      AND NOT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
      AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')";

/// Names with their categories, for what the names of a category have in common.
const MOVIE_NAMES: &str = "
    SELECT c.name, t.name FROM vod_m3umovierelation r
    JOIN vod_movie t ON t.id = r.movie_id JOIN vod_vodcategory c ON c.id = r.category_id
    WHERE c.name = ANY($1)";
const SERIES_NAMES: &str = "
    SELECT c.name, t.name FROM vod_m3useriesrelation r
    JOIN vod_series t ON t.id = r.series_id JOIN vod_vodcategory c ON c.id = r.category_id
    WHERE c.name = ANY($1)";

impl Describe for PgCatalog {
    fn facts(&mut self) -> Result<Vec<Fact>, CatalogError> {
        let DatabaseReader { session, schema, accounts, .. } = &mut self.reader;
        let place = format!("{} at {}", session.database(), session.target());
        let mut facts =
            vec![Fact::new("database", place), Fact::new("Dispatcharr", schema.generation)];
        let names = accounts.names();
        let value = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        facts.push(Fact::new("active accounts (priority)", value));
        if !accounts.has_panel() {
            let text = "none is an Xtream panel, and only such offer movies and series: add one in \
                        Dispatcharr, or switch one on";
            facts.push(Fact::to_look_at("active accounts", text));
        }
        session.rows("counts", COUNTS, &[], &mut |row| {
            facts.push(Fact::new("PostgreSQL", row.try_get::<_, String>(0)?));
            for (column, label) in [(1, "movies"), (2, "series"), (3, "episodes")] {
                facts.push(Fact::new(label, row.try_get::<_, i64>(column)?.to_string()));
            }
            let without: i64 = row.try_get(4)?;
            if without > 0 {
                facts.push(Fact::to_look_at(
                    "series without episodes",
                    format!("{without}; vod2strm refresh has Dispatcharr fetch their episodes"),
                ));
            }
            Ok(())
        })?;
        session.rows("its rights", BLIND, &[], &mut |row| {
            let user: &str = row.try_get(0)?;
            facts.push(Fact::to_look_at(
                "other sessions",
                format!(
                    "the database user may not see whether they write, so that every run reads the whole \
                     catalogue, also when nobody has touched it; as an administrator of the database: \
                     GRANT pg_read_all_stats TO {user}"
                ),
            ));
            Ok(())
        })?;
        Ok(facts)
    }

    fn numbers(&mut self) -> Result<Numbers, CatalogError> {
        numbers::numbers(&mut self.reader)
    }

    fn not_offered(
        &mut self,
        kind: Kind,
        ids: &[i64],
    ) -> Result<Vec<(i64, NotOffered)>, CatalogError> {
        not_offered::not_offered(&mut self.reader, kind, ids)
    }

    fn listings(&mut self, kind: Kind, ids: &[i64]) -> Result<Vec<AccountListing>, CatalogError> {
        not_offered::listings(&mut self.reader, kind, ids)
    }
}

impl Catalog for PgCatalog {
    fn keeps_uuids(&self) -> Option<bool> {
        self.reader.schema.keeps_uuids
    }

    fn leave_out(&mut self, what: Unfollowed) {
        self.reader.leaves_out_uuids = what.uuids;
        if what.logins {
            self.reader.accounts.leave_out_logins();
        }
    }

    fn stamps(&mut self, scope: &Scope, sink: &mut dyn FnMut(Stamp)) -> Result<(), CatalogError> {
        self.reader.entries.clear();
        for kind in Kind::ALL {
            if *scope.of(kind) != Selection::Nothing {
                stamps::stamps(&mut self.reader, kind, scope.of(kind), sink)?;
            }
        }
        Ok(())
    }

    fn first_stamps(
        &mut self,
        scope: &Scope,
        sink: &mut dyn FnMut(Stamp),
        named: &mut dyn FnMut(Kind, SourceKey, Heading<'_>),
    ) -> Result<bool, CatalogError> {
        let is_narrow = |kind: Kind| matches!(scope.of(kind), Selection::Ids(_));
        if Kind::ALL.into_iter().any(is_narrow) {
            return Ok(false);
        }
        self.reader.entries.clear();
        for kind in Kind::ALL.into_iter().filter(|kind| *scope.of(*kind) == Selection::All) {
            first::first_stamps(&mut self.reader, kind, sink, named)?;
        }
        Ok(true)
    }

    fn loaded(&self) -> Option<&HashMap<SourceKey, Fingerprint>> {
        self.reader.loaded.as_ref()
    }

    fn entries(&self) -> &EntryCounts {
        &self.reader.entries
    }

    fn load(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(Title),
    ) -> Result<(), CatalogError> {
        load::load(&mut self.reader, kind, keys, sink)
    }

    fn headings(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(SourceKey, Heading<'_>),
    ) -> Result<(), CatalogError> {
        load::headings(&mut self.reader, kind, keys, sink)
    }

    fn names(
        &mut self,
        kind: Kind,
        categories: &[Arc<str>],
        sink: &mut dyn FnMut(&str, &str),
    ) -> Result<(), CatalogError> {
        let names = match kind {
            Kind::Movie => MOVIE_NAMES,
            Kind::Series => SERIES_NAMES,
        };
        let categories: Vec<&str> = categories.iter().map(|category| &**category).collect();
        self.reader.session.rows("names by category", names, &[&categories], &mut |row| {
            sink(row.try_get(0)?, row.try_get(1)?);
            Ok(())
        })
    }

    fn each_entry(&mut self, sink: &mut EntrySink<'_>) -> Result<(), CatalogError> {
        entries::each_entry(&mut self.reader, sink)
    }

    fn roster(&mut self) -> Result<Roster, CatalogError> {
        let DatabaseReader { session, accounts, .. } = &mut self.reader;
        accounts.roster(session)
    }

    fn disabled(&self) -> BTreeSet<(i64, i64)> {
        self.reader.accounts.disabled()
    }

    fn state(&self) -> Option<Fingerprint> {
        self.reader.books.state
    }

    fn identity(&self) -> Option<DatabaseId> {
        self.reader.books.identity
    }

    fn episodes(&mut self) -> Option<&mut dyn FetchEpisodes> {
        Some(self)
    }

    fn renew(&mut self) -> Result<(), CatalogError> {
        self.reader.books.state = None;
        self.reader.session.renew_snapshot()
    }

    fn statements(&self) -> u64 {
        self.reader.session.statements()
    }
}

impl FetchEpisodes for PgCatalog {
    fn offers(&mut self, asked: &RefreshScope<'_>) -> Result<Vec<SeriesOffer>, CatalogError> {
        offers::offers(&mut self.reader, asked)
    }

    fn outcomes(
        &mut self,
        answers: &[(&SeriesOffer, FetchAnswer)],
    ) -> Result<Vec<FetchOutcome>, CatalogError> {
        offers::outcomes(&mut self.reader, answers)
    }
}
