//! Stamps of playlist titles: everything that a title says goes into its fingerprint.

use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::model::media::{Details, Episode, EpisodeStream, Stream, Title};
use vod2strm_core::model::stamp::{ExternalId, Stamp, StreamId};
use vod2strm_core::model::stated::{meaning, text};
use vod2strm_core::plan::quiet::without_query;

/// The stamp of a title.
pub(super) fn stamp(title: &Title) -> Stamp {
    let (kind, details) = (title.kind, &title.details);
    Stamp {
        kind,
        key: title.key,
        streams: title.streams.iter().map(|stream| StreamId::of(kind, stream)).collect(),
        externals: ExternalId::of(kind, meaning(&details.tmdb), meaning(&details.imdb)),
        fingerprint: fingerprint(title),
        episodes: u32::try_from(title.episodes.len()).unwrap_or(u32::MAX),
    }
}

/// All fields but the key, which may be another one in the next run. The order of episodes does not
/// count, that of streams does.
fn fingerprint(title: &Title) -> Fingerprint {
    let mut hasher = RowHasher::default();
    hasher.start(b't').text(title.kind.as_str());
    optional(&mut hasher, &title.uuid);
    details(&mut hasher, &title.details);
    streams(&mut hasher, &title.streams);
    let own = hasher.finish();
    title.episodes.iter().fold(own, |sum, one| sum.fold(episode(&mut hasher, one)))
}

// The exhaustive patterns make the compiler ask for every field that is added.

fn details(hasher: &mut RowHasher, details: &Details) {
    let Details {
        name,
        year,
        plot,
        rating,
        genre,
        tmdb,
        imdb,
        poster,
        duration_secs,
        original,
        director,
        cast,
        country,
        studio,
        mpaa,
        trailer,
        fanart,
        season_posters,
        tvdb,
        premiered,
        status,
        is_adult,
        added,
        shown: _,
    } = details;
    hasher.text(name);
    for text in [plot.as_deref(), text(rating), genre.as_deref(), text(tmdb), text(imdb)] {
        hasher.field(text.map(str::as_bytes));
    }
    hasher.field(poster.as_deref().map(|url| without_query(url.as_bytes())));
    for text in [original, director, cast, country, studio, mpaa, trailer, fanart] {
        optional(hasher, text);
    }
    for text in [text(tvdb), text(premiered), status.as_deref(), season_posters.as_deref()] {
        hasher.field(text.map(str::as_bytes));
    }
    for number in [year, duration_secs] {
        count(hasher, *number);
    }
    hasher.number(i64::from(*is_adult));
    hasher.field(added.map(i64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice));
}

fn episode(hasher: &mut RowHasher, episode: &Episode) -> Fingerprint {
    let Episode { uuid, season, number, last_number, name, plot, aired, .. } = episode;
    let Episode { rating, duration_secs, tmdb, imdb, director, thumb, streams: offered, .. } =
        episode;
    hasher.start(b'e').text(name);
    let aired = aired.map(|day| day.to_string());
    for text in [uuid, plot, &aired] {
        optional(hasher, text);
    }
    for text in [text(rating), text(tmdb), text(imdb), director.as_deref(), thumb.as_deref()] {
        hasher.field(text.map(str::as_bytes));
    }
    for value in [season, number, last_number, duration_secs] {
        count(hasher, *value);
    }
    streams(hasher, offered);
    hasher.finish()
}

fn streams(hasher: &mut RowHasher, streams: &[Stream]) {
    hasher.number(streams.len() as i64);
    for stream in streams {
        let Stream { account, stream_id, container, url, name, category_name, .. } = stream;
        let Stream { stated_type, kodi_properties, is_adult, episode, .. } = stream;
        hasher.number(account.id).text(&account.name).text(stream_id);
        for text in [container, url, name] {
            optional(hasher, text);
        }
        hasher.field(category_name.as_ref().map(|name| name.as_bytes()));
        if let Some(stated) = stated_type {
            hasher.text(stated);
        }
        if let Some(properties) = kodi_properties {
            hasher.text("kodi").text(properties);
        }
        hasher.number(i64::from(*is_adult));
        // A ledger that does not have it yet gets to know it: the series looks changed for once.
        if let Some(EpisodeStream(episode)) = episode {
            hasher.number(*episode as i64);
        }
    }
}

fn optional(hasher: &mut RowHasher, text: &Option<String>) {
    hasher.field(text.as_deref().map(str::as_bytes));
}

fn count(hasher: &mut RowHasher, number: Option<i32>) {
    match number {
        Some(number) => hasher.number(i64::from(number)),
        None => hasher.field(None),
    };
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use vod2strm_core::date::Day;

    use vod2strm_core::model::media::{Account, Kind, SourceKey};

    use super::*;

    fn title() -> Title {
        let account = Account { id: 0, name: "P".to_owned(), priority: 0, login: None };
        let episode = |number| Episode { number: Some(number), ..Episode::default() };
        Title {
            kind: Kind::Series,
            key: SourceKey(1),
            uuid: None,
            details: Details { name: "A".to_owned(), ..Details::default() },
            streams: vec![Stream {
                kodi_properties: Some("#KODIPROP:a=b".into()),
                ..Stream::new(Arc::new(account), "1".to_owned())
            }],
            episodes: vec![episode(1), episode(2)],
        }
    }

    #[test]
    fn key_and_order_of_episodes_do_not_count() {
        let mut other = title();
        other.key = SourceKey(7);
        other.episodes.reverse();
        assert_eq!(fingerprint(&title()), fingerprint(&other));
    }

    #[test]
    fn every_other_change_counts() {
        let changes: [fn(&mut Title); 16] = [
            |title| title.details.year = Some(0),
            |title| title.details.plot = Some(String::new()),
            |title| title.details.name.push('b'),
            |title| title.episodes[0].last_number = Some(3),
            |title| title.episodes[1].aired = Day::new(2024, 1, 1),
            |title| title.episodes.push(Episode::default()),
            |title| title.details.is_adult = true,
            |title| title.details.tvdb = Some("1".into()),
            |title| title.details.added = Some(0),
            |title| title.episodes[0].thumb = Some("1".to_owned()),
            |title| title.streams[0].name = Some("A".to_owned()),
            |title| title.streams[0].category_name = Some("A".into()),
            |title| title.streams[0].stated_type = Some("A".into()),
            |title| title.streams[0].kodi_properties = Some("A".into()),
            |title| title.streams[0].is_adult = true,
            |title| title.streams[0].episode = Some(EpisodeStream(0)),
        ];
        for change in changes {
            let mut changed = title();
            change(&mut changed);
            assert_ne!(fingerprint(&title()), fingerprint(&changed));
        }
    }
}
