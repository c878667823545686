//! How many titles the ledger has, by what became of them.

use std::collections::BTreeMap;

use vod2strm_core::entries::TitleCount;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::model::left_out::LeftOutBy;
use vod2strm_core::model::media::Kind;

use super::read::{fingerprint_at, parse_kind};
use super::{Ledger, LedgerError};

/// How many titles there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// They have something to play.
    pub playable: u64,
    /// They have nothing to play yet.
    pub empty: TitleCount,
    /// They could not be made right, and have no files or should have none.
    pub failed: u64,
    /// The user does not want them: by what leaves them out, and by the filter that was asked.
    pub filtered: BTreeMap<(LeftOutBy, Option<Fingerprint>), TitleCount>,
    /// The catalogue did not have them in the last complete run.
    pub missing: u64,
}

impl Ledger {
    /// How many titles of these kinds there are.
    pub fn population(&self, kinds: &[Kind]) -> Result<Vec<(Kind, Population)>, LedgerError> {
        // What was removed and is still in the catalogue counts as a run over all titles counts it.
        let sql =
            "SELECT kind, left_out, filter, count(*) FILTER (WHERE has_files AND NOT left_out),
                          count(*) FILTER (WHERE is_empty), sum(entries) FILTER (WHERE is_empty),
                          count(*) FILTER (WHERE has_failed AND NOT (is_missing OR has_files)),
                          count(*) FILTER (WHERE left_out), sum(entries) FILTER (WHERE left_out),
                          count(*) FILTER (WHERE is_missing)
                   FROM (SELECT *, NOT (has_files OR is_missing OR left_out OR has_failed) AS is_empty
                   FROM (SELECT kind, entries, folder IS NOT NULL AND removed IS NULL AS has_files,
                                gone IS NOT NULL AS is_missing, problem IS NOT NULL AS has_failed,
                                CASE WHEN gone IS NULL AND problem IS NULL THEN filtered ELSE 0 END AS left_out,
                                CASE WHEN gone IS NULL AND problem IS NULL AND filtered THEN filter END AS filter
                         FROM titles WHERE (removed IS NULL OR gone IS NULL) AND united IS NULL))
                   GROUP BY kind, left_out, filter";
        let mut found: BTreeMap<Kind, Population> = BTreeMap::new();
        self.each(sql, |row| {
            let count = |column| {
                Ok::<_, rusqlite::Error>(
                    row.get::<_, Option<i64>>(column)?.map_or(0, i64::unsigned_abs),
                )
            };
            let titles = |column| {
                Ok::<_, rusqlite::Error>(TitleCount {
                    titles: count(column)?,
                    entries: count(column + 1)?,
                })
            };
            let population = found.entry(parse_kind(row, 0)?).or_default();
            population.playable += count(3)?;
            population.empty += titles(4)?;
            population.failed += count(6)?;
            population.missing += count(9)?;
            if let Some(by) = LeftOutBy::of_code(row.get(1)?) {
                *population.filtered.entry((by, fingerprint_at(row, 2)?)).or_default() +=
                    titles(7)?;
            }
            Ok(())
        })?;
        found.retain(|kind, _| kinds.contains(kind));
        Ok(found.into_iter().collect())
    }
}
