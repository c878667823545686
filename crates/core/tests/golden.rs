//! Names and bytes that libraries have already: they change only together with `RENDERER_VERSION`.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::sync::Arc;

use vod2strm_core::date::Day;
use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::layout::Layout;
use vod2strm_core::model::media::{
    Account, Details, Episode, Kind, Login, SourceKey, Stream, Title, Traits,
};
use vod2strm_core::naming::apart::folder_candidates;
use vod2strm_core::policy::{NfoDetail, Policy, RENDERER_VERSION, Versions};
use vod2strm_core::render::{GivenNames, NameRule, render};

/// The renderers' version, and what they made of these titles when it was last raised. A test that fails here means
/// that names or contents have changed for libraries that exist. Raise the version, so that a new program looks at
/// every title once, and write both down anew.
const GOLDEN: (i64, u128) = (7, 0xe3863342_4684041c_30b9ea83_816048c3);

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn account(id: i64, name: &str, login: Option<Login>) -> Arc<Account> {
    Arc::new(Account { id, name: name.to_owned(), priority: 10, login })
}

/// A stream at an account that tells its login, and one of a playlist.
fn streams(stream: &str) -> Vec<Stream> {
    let login = Login {
        server_url: "http://panel.example:8080".to_owned(),
        username: "user".to_owned(),
        password: "p&ss word".to_owned().into(),
        rewrite: None,
    };
    let traits = Traits { languages: vec!["fr".to_owned()], quality: Some(2160), hdr: None };
    let panel = Stream {
        container: text("mkv"),
        traits,
        ..Stream::new(account(1, "Panel: one", Some(login)), stream.to_owned())
    };
    let url = text(&format!("http://list.example/movie/a b/{stream}.mp4"));
    let list = Stream { url, ..Stream::new(account(2, "list", None), format!("{stream}x")) };
    vec![panel, list]
}

fn movie(uuid: &str, details: Details) -> Title {
    let (kind, key, episodes) = (Kind::Movie, SourceKey(1), Vec::new());
    Title { kind, key, uuid: text(uuid), details, streams: streams("71"), episodes }
}

fn episode(season: Option<i32>, number: Option<i32>, name: &str) -> Episode {
    let stream = format!("{}{}", season.unwrap_or(90), number.unwrap_or(91));
    Episode {
        uuid: text(&format!("00000000-0000-4000-8000-0000000{stream:0>5}")),
        season,
        number,
        name: name.to_owned(),
        streams: streams(&stream),
        ..Episode::default()
    }
}

/// All that details can say.
fn details(name: &str) -> Details {
    Details {
        name: name.to_owned(),
        year: Some(1995),
        plot: text("Two <men> & a city."),
        rating: Some("8,3".into()),
        genre: text("Crime, Drama"),
        tmdb: Some("949".into()),
        imdb: Some("tt0113277".into()),
        poster: text("https://image.example/p.jpg"),
        duration_secs: Some(10_200),
        original: text("Heat"),
        director: text("A. Person"),
        cast: text("B. Person, C. Person"),
        country: text("US"),
        studio: text("Studio"),
        mpaa: text("R"),
        trailer: text("https://youtu.be/abcdefghijk"),
        fanart: text("https://image.example/f.jpg"),
        season_posters: text("1 https://image.example/s.jpg\n"),
        tvdb: Some("78901".into()),
        premiered: Some("1995-12-15".into()),
        status: text("Ended"),
        added: Some(1_700_000_000),
        ..Details::default()
    }
}

/// Titles with all that can be said, with hardly anything, and with what servers misread.
fn titles() -> Vec<Title> {
    let plain = |name: &str| Details { name: name.to_owned(), ..Details::default() };
    let mut last = episode(Some(1), Some(2), "Two: at once?");
    last.last_number = Some(3);
    let mut told = episode(Some(1), Some(1), "The Crocodile's Dilemma");
    (told.plot, told.aired) = (text("A & B"), Day::new(2014, 4, 15));
    (told.rating, told.tmdb) = (Some("9.0".into()), Some("77".into()));
    (told.imdb, told.thumb) = (Some("tt2802850".into()), text("http://i.example/t"));
    (told.duration_secs, told.director) = (Some(3_000), text("D. Person"));
    let episodes = vec![
        told,
        last,
        episode(Some(0), Some(1), "A special"),
        episode(None, None, "Trailer"),
        episode(Some(2), None, "X2"),
    ];
    let series = |details: Details, episodes: Vec<Episode>| Title {
        kind: Kind::Series,
        episodes,
        ..movie("10000000-0000-4000-8000-000000000009", details)
    };
    vec![
        movie("10000000-0000-4000-8000-000000000001", details("Heat")),
        movie("10000000-0000-4000-8000-000000000002", plain("AC/DC: Live?")),
        movie("10000000-0000-4000-8000-000000000003", plain("Sample")),
        movie(
            "10000000-0000-4000-8000-000000000004",
            plain(&"Zwölf Sehr Lange Wörter ".repeat(20)),
        ),
        series(details("Fargo"), episodes.clone()),
        series(plain("Extras"), episodes),
    ]
}

/// One hash of all names and bytes that a policy makes of the titles.
fn add(hasher: &mut RowHasher, policy: &Policy) {
    for title in titles() {
        let folders = folder_candidates(&policy.layout, &title).names;
        let rendered = render(
            policy,
            &title,
            &GivenNames::of(&folders[0]),
            &Default::default(),
            NameRule::Keep,
        );
        for folder in &folders {
            hasher.text(folder);
        }
        for file in rendered.files {
            hasher
                .text(&file.key.to_string())
                .text(&file.path)
                .text(std::str::from_utf8(&file.content).unwrap());
        }
        hasher.number(rendered.omissions.len() as i64);
    }
}

#[test]
fn names_and_bytes_change_only_with_the_renderers_version() {
    let mut hasher = RowHasher::default();
    hasher.start(b'g');
    for layout in Layout::all() {
        for nfo in NfoDetail::ALL {
            let base_url = "http://dispatcharr.example:9191".parse().unwrap();
            let policy = Policy { nfo, ..Policy::new(layout.clone(), base_url) };
            let others = [
                Policy { versions: Versions::All.into(), ..policy.clone() },
                Policy { direct_urls: true, ..policy.clone() },
                Policy { unpinned_urls: true, ..policy.clone() },
                Policy { strm_lines: vec!["#KODIPROP:a=b".to_owned()], ..policy.clone() },
            ];
            std::iter::once(&policy).chain(&others).for_each(|policy| add(&mut hasher, policy));
        }
    }
    let Fingerprint(hash) = hasher.finish();
    assert_eq!((RENDERER_VERSION, hash), GOLDEN, "names or bytes have changed: see GOLDEN");
}
