//! Series and the state of their episodes: what a refresh needs to know. Two statements for all of them,
//! one for each batch that was asked for.

use std::cmp::Reverse;
use std::collections::HashMap;

use vod2strm_core::model::media::SourceKey;
use vod2strm_core::pace::due::{FetchOutcome, SeriesOffer};

use super::reader::DatabaseReader;
use crate::episodes::{FetchAnswer, IsStream, Providers, RefreshScope};
use crate::error::CatalogError;

/// All that Dispatcharr's answer tells: it is the same whether the provider or its own tables refused.
const STORED_NOTHING: &str = "Dispatcharr answered, but stored nothing: the provider did not answer it, or it could not save them; its \
     log says `Error refreshing episodes for series`";

const SERIES: &str = "
    SELECT r.series_id, r.id, r.m3u_account_id, r.category_id, r.external_series_id, s.name,
           r.custom_properties->'basic_data'->>'last_modified',
           (extract(epoch FROM r.last_episode_refresh) * 1000000)::bigint
    FROM vod_m3useriesrelation r JOIN vod_series s ON s.id = r.series_id";

/// An episode may have several streams at an account: what counts is whether there is one at all.
const EPISODES: &str = "
    SELECT e.series_id, r.m3u_account_id, count(*)
    FROM vod_m3uepisoderelation r JOIN vod_episode e ON e.id = r.episode_id GROUP BY 1, 2";

const STATES: &str = "
    SELECT r.id, (extract(epoch FROM r.last_episode_refresh) * 1000000)::bigint,
           (SELECT count(DISTINCT e.id) FROM vod_episode e JOIN vod_m3uepisoderelation c ON c.episode_id = e.id
            WHERE e.series_id = r.series_id AND c.m3u_account_id = r.m3u_account_id)
    FROM vod_m3useriesrelation r WHERE r.id = ANY($1)";

/// Every series at its best account, or every row of every account. The best account is the one that Dispatcharr
/// plays the series from: the highest priority, then the oldest row. Streams of which episodes are missing are among
/// them, and streams that the user does not want are not.
pub(super) fn offers(
    reader: &mut DatabaseReader,
    asked: &RefreshScope<'_>,
) -> Result<Vec<SeriesOffer>, CatalogError> {
    let mut offers = all(reader, asked.is_filtered)?;
    if asked.providers == Providers::Best {
        offers.sort_unstable_by_key(|(rank, offer)| (offer.series, *rank, offer.relation));
        let mut last = None;
        offers.retain(|(_, offer)| {
            let is_best = last.replace(offer.series) != Some(offer.series);
            is_best || (asked.is_missing)(offer.account, &offer.provider_id)
        });
    }
    let mut episodes: HashMap<(i64, i64), u32> = HashMap::new();
    reader.session.rows("episodes by account", EPISODES, &[], &mut |row| {
        episodes.insert((row.try_get(0)?, row.try_get(1)?), number(row.try_get(2)?));
        Ok(())
    })?;
    let offers = offers.into_iter().map(|(_, offer)| SeriesOffer {
        episodes: episodes.get(&(offer.series.0, offer.account)).copied().unwrap_or(0),
        ..offer
    });
    Ok(offers.collect())
}

/// All rows that count, with their accounts' ranks; none of their episodes is counted yet.
fn all(
    reader: &mut DatabaseReader,
    is_filtered: &IsStream<'_>,
) -> Result<Vec<(Reverse<i32>, SeriesOffer)>, CatalogError> {
    let DatabaseReader { session, accounts, .. } = reader;
    let mut offers = Vec::new();
    session.rows("series", SERIES, &[], &mut |row| {
        let (account, provider_id): (i64, &str) = (row.try_get(2)?, row.try_get(4)?);
        let eligible = accounts.eligible(account, row.try_get(3)?);
        let Some(eligible) = eligible else { return Ok(()) };
        if !accounts.is_panel(account) || is_filtered(account, provider_id) {
            return Ok(());
        }
        let offer = SeriesOffer {
            series: SourceKey(row.try_get(0)?),
            relation: row.try_get(1)?,
            account,
            account_name: eligible.account.name.clone(),
            provider_id: provider_id.to_owned(),
            name: row.try_get(5)?,
            modified: said(row.try_get(6)?),
            refreshed: row.try_get(7)?,
            episodes: 0,
        };
        offers.push((Reverse(eligible.account.priority), offer));
        Ok(())
    })?;
    Ok(offers)
}

/// How a series is at a provider after it was asked for.
struct SeriesState {
    /// When Dispatcharr last fetched its episodes, in microseconds since 1970.
    refreshed: Option<i64>,
    /// Episodes that the provider has.
    episodes: u32,
}

/// What came of asking for these.
pub(super) fn outcomes(
    reader: &mut DatabaseReader,
    answers: &[(&SeriesOffer, FetchAnswer)],
) -> Result<Vec<FetchOutcome>, CatalogError> {
    let relations: Vec<i64> = answers.iter().map(|(offer, _)| offer.relation).collect();
    let states = states(reader, &relations)?;
    let outcome =
        |(offer, answer): &(&SeriesOffer, _)| outcome(offer, answer, states.get(&offer.relation));
    Ok(answers.iter().map(outcome).collect())
}

/// How some of these rows of providers' series are now.
fn states(
    reader: &mut DatabaseReader,
    relations: &[i64],
) -> Result<HashMap<i64, SeriesState>, CatalogError> {
    let mut states = HashMap::with_capacity(relations.len());
    reader.session.rows("refreshed series", STATES, &[&relations], &mut |row| {
        let state = SeriesState { refreshed: row.try_get(1)?, episodes: number(row.try_get(2)?) };
        states.insert(row.try_get(0)?, state);
        Ok(())
    })?;
    Ok(states)
}

/// What came of asking for a series, by the answer and by what the database says now.
fn outcome(offer: &SeriesOffer, answer: &FetchAnswer, state: Option<&SeriesState>) -> FetchOutcome {
    let failed = |text: &str| FetchOutcome::Failed(text.to_owned());
    match (answer, state) {
        // Whatever was said: the database knows.
        (
            FetchAnswer::Asked | FetchAnswer::ProviderFailed | FetchAnswer::Failed(_),
            Some(state),
        ) if state.refreshed != offer.refreshed => FetchOutcome::Fetched(state.episodes),
        (FetchAnswer::Asked | FetchAnswer::ProviderFailed, Some(_)) => failed(STORED_NOTHING),
        (FetchAnswer::Gone(_), _) | (FetchAnswer::Asked | FetchAnswer::ProviderFailed, None) => {
            failed("Dispatcharr does not have it any more")
        }
        (FetchAnswer::Failed(words), _) => failed(words),
        (FetchAnswer::Refused(_), _) => failed("too many requests"),
        (FetchAnswer::Fatal(error) | FetchAnswer::Down(error), _) => failed(&error.to_string()),
    }
}

fn number(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A provider's time of change; many say 0 or nothing when they do not know.
fn said(modified: Option<&str>) -> Option<String> {
    let modified = modified.map(str::trim).filter(|text| !text.is_empty() && *text != "0");
    modified.map(str::to_owned)
}
