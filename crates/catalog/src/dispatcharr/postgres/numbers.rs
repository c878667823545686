//! A catalogue in numbers: six statements, each of which looks at every big table once at most. The server counts
//! each account's share.

use std::collections::BTreeMap;

use super::reader::DatabaseReader;
use crate::error::CatalogError;
use crate::source::{AccountNumbers, Numbers};

const ACCOUNTS: &str = "
    SELECT id, name, account_type::text, priority, is_active FROM m3u_m3uaccount ORDER BY id";

const MOVIES: &str = "SELECT count(*) FROM vod_movie";

const SERIES: &str = "
    SELECT count(*), coalesce(sum(e.number), 0)::bigint, count(*) FILTER (WHERE e.number IS NULL)
    FROM vod_series s
    LEFT JOIN (SELECT series_id, count(*) AS number FROM vod_episode GROUP BY series_id) AS e
    ON e.series_id = s.id";

/// What each account offers, by the table of its streams.
const SHARES: [(&str, Put); 3] = [
    (
        "SELECT m3u_account_id, count(DISTINCT movie_id) FROM vod_m3umovierelation GROUP BY 1",
        |account, number| account.movies = number,
    ),
    (
        "SELECT m3u_account_id, count(DISTINCT series_id) FROM vod_m3useriesrelation GROUP BY 1",
        |account, number| account.series = number,
    ),
    (
        "SELECT m3u_account_id, count(DISTINCT episode_id) FROM vod_m3uepisoderelation GROUP BY 1",
        |account, number| account.episodes = number,
    ),
];

type Put = fn(&mut AccountNumbers, u64);

pub(super) fn numbers(reader: &mut DatabaseReader) -> Result<Numbers, CatalogError> {
    let (session, mut numbers) = (&mut reader.session, Numbers::default());
    let mut accounts: BTreeMap<i64, AccountNumbers> = BTreeMap::new();
    session.rows("accounts", ACCOUNTS, &[], &mut |row| {
        let account = AccountNumbers {
            name: row.try_get(1)?,
            kind: row.try_get::<_, Option<String>>(2)?.unwrap_or_default(),
            priority: row.try_get(3)?,
            is_active: row.try_get(4)?,
            ..AccountNumbers::default()
        };
        accounts.insert(row.try_get(0)?, account);
        Ok(())
    })?;
    session.rows("counts", MOVIES, &[], &mut |row| {
        numbers.movies = row.try_get::<_, i64>(0)?.unsigned_abs();
        Ok(())
    })?;
    session.rows("counts", SERIES, &[], &mut |row| {
        let number = |column| row.try_get::<_, i64>(column).map(i64::unsigned_abs);
        (numbers.series, numbers.episodes) = (number(0)?, number(1)?);
        numbers.series_without_episodes = number(2)?;
        Ok(())
    })?;
    for (sql, put) in SHARES {
        session.rows("counts by account", sql, &[], &mut |row| {
            if let Some(account) = accounts.get_mut(&row.try_get(0)?) {
                put(account, row.try_get::<_, i64>(1)?.unsigned_abs());
            }
            Ok(())
        })?;
    }
    numbers.accounts = accounts.into_values().collect();
    Ok(numbers)
}
