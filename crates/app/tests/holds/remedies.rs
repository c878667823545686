//! Every hold says what to do about it. Each of these is done as it is printed, and the next run shows that it helped.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use vod2strm_core::hold::{Doubt, HoldReason, LeavesNothing};
use vod2strm_testkit::dispatcharr::{Dispatcharr, KEY, Mood};
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::http::{Server, answer};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

use super::{AT_ONCE, DELETE_ALPHA};

/// A library, and what holds a removal of it.
struct World {
    home: Home,
    source: String,
    flags: Vec<&'static str>,
    /// What the last run held.
    held: Vec<Value>,
    database: Option<TestDatabase>,
    dispatcharr: Option<Dispatcharr>,
    web: Option<Arc<Mutex<Vec<u8>>>>,
}

/// What is done about a hold; gives the permissions for the next runs, one for each.
type Act = fn(&mut World) -> Vec<String>;

/// A reason as a run says it, how it comes about, and each piece of its remedy with what that is.
struct Case {
    says: &'static str,
    happens: fn() -> World,
    remedies: Vec<(&'static str, Act)>,
}

const EMPTY: HoldReason = HoldReason::Empty { of: 0 };
const TOO_MANY: HoldReason = HoldReason::TooMany { losses: 0, of: 0 };
const EXCHANGED: HoldReason = HoldReason::Exchanged { losses: 0, of: 0 };
const DROPPED: HoldReason = HoldReason::Dropped { losses: 0, of: 0 };
const RECLASSIFIED: HoldReason = HoldReason::Reclassified { losses: 0, of: 0 };
const CONTRADICTED: HoldReason = HoldReason::Contradicted { losses: 0, of: 0 };

/// Every reason there is: `case` gets a line for a new one, and this does, too.
const REASONS: [HoldReason; 15] = [
    HoldReason::NothingLeft,
    HoldReason::AccountGone,
    EMPTY,
    TOO_MANY,
    EXCHANGED,
    DROPPED,
    HoldReason::Scanning,
    CONTRADICTED,
    RECLASSIFIED,
    HoldReason::NothingWanted(LeavesNothing::Filter),
    HoldReason::NotFetched,
    HoldReason::MostEpisodes,
    HoldReason::EndUnproved(Doubt::NoLength),
    HoldReason::EndUnproved(Doubt::Moving),
    HoldReason::EndUnproved(Doubt::NoLineEnd),
];

fn case(reason: HoldReason) -> Case {
    match reason {
        HoldReason::NothingLeft => nothing_left(),
        HoldReason::AccountGone => account_gone(),
        HoldReason::Empty { .. } => empty(),
        HoldReason::TooMany { .. } => too_many(),
        HoldReason::Exchanged { .. } => exchanged(),
        HoldReason::Dropped { .. } => dropped(),
        HoldReason::Scanning => scanning(),
        HoldReason::Contradicted { .. } => contradicted(),
        HoldReason::Reclassified { .. } => reclassified(),
        HoldReason::NothingWanted(_) => nothing_wanted(),
        HoldReason::NotFetched => not_fetched(),
        HoldReason::MostEpisodes => most_episodes(),
        HoldReason::EndUnproved(Doubt::NoLength) => no_length(),
        HoldReason::EndUnproved(Doubt::Moving) => moving(),
        HoldReason::EndUnproved(Doubt::NoLineEnd) => no_line_end(),
    }
}

/// What a hold's text says is done; then nothing is held, nothing is gone that the source has, and nothing else plays.
#[test]
fn every_remedy_does_what_it_says() {
    for reason in REASONS {
        let Case { says, happens, remedies } = case(reason);
        for (hint, act) in remedies {
            let mut world = happens();
            world.runs_into(says, hint);
            let permissions = act(&mut world);
            let (status, report) = world.let_go(&permissions);
            let ended = (status, report["held"].as_array().unwrap().len());
            assert_eq!(ended, (0, 0), "{says}: {hint}: {report:#}");
            let fresh = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
            fresh.generate(&world.source, &world.flags);
            assert_eq!(played(&world.home), played(&fresh), "{says}: {hint}: {report:#}");
            assert_eq!(world.run(&[]).0, 0, "{says}: {hint}");
        }
    }
}

/// A dry run gives no id, and says which run does. What that one prints helps, too.
#[test]
fn a_hold_without_an_id_says_where_to_get_one() {
    for reason in REASONS.into_iter().filter(|reason| reason.can_be_allowed()) {
        let Case { says, happens, .. } = case(reason);
        let world = happens();
        let (status, report) = world.run(&["--dry-run"]);
        let remedy = report["held"][0]["remedy"].as_str().unwrap_or_default();
        let hint = "a run with --cleanup apply or preview gives it an id to allow";
        assert!(status == 4 && remedy.contains(hint), "{says}: {report:#}");
        let preview = [&world.flags[..], &["--cleanup", "preview"]].concat();
        let (_, report) = world.home.try_generate(&world.source, &preview);
        let ids: Vec<String> = held(&report).iter().filter_map(allowed_by).collect();
        let (status, report) = world.let_go(&ids);
        assert!(status == 0 && !ids.is_empty(), "{says}: {report:#}");
    }
}

/// What plays other titles is held without a cleanup, too: the permission has the new ones written then.
#[test]
fn what_plays_others_can_be_allowed_by_a_run_without_a_cleanup() {
    let world = (contradicted().happens)();
    let (status, report) = world.home.try_generate(&world.source, &[]);
    let id = allowed_by(&report["held"][0]).unwrap_or_default();
    assert_eq!(status, 4, "{report:#}");
    let (status, report) = world.home.try_generate(&world.source, &[&id]);
    let fresh = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    fresh.generate(&world.source, &[]);
    let ours = played(&world.home);
    assert!(status == 0 && played(&fresh).iter().all(|it| ours.contains(it)), "{report:#}");
}

/// What the `.strm` files of a library play.
fn played(home: &Home) -> Vec<String> {
    let tree = home.tree();
    let strms = tree.iter().filter(|(path, _)| path.ends_with(".strm"));
    // Stream and account play, whatever the UUID before them.
    let stream = |content: &Vec<u8>| {
        let address = text(content);
        address.split_once("?stream_id=").map_or(address.clone(), |(_, query)| query.to_owned())
    };
    let mut played: Vec<String> = strms.map(|(_, content)| stream(content)).collect();
    played.sort();
    played
}

/// The flag that a hold's remedy prints.
fn allowed_by(hold: &Value) -> Option<String> {
    let remedy = hold["remedy"].as_str()?;
    let (_, flag) = remedy.split_once("(--allow-removals=")?;
    Some(format!("--allow-removals={}", flag.split_once(')')?.0))
}

const ALLOW: Act = |world| {
    let ids: Vec<String> = world.held.iter().filter_map(allowed_by).collect();
    assert_eq!(ids.len(), world.held.len(), "{:?}", world.held);
    ids
};

fn held(report: &Value) -> Vec<Value> {
    report["held"].as_array().unwrap().clone()
}

impl World {
    fn new(source: &str) -> World {
        World {
            home: Home::new(env!("CARGO_BIN_EXE_vod2strm")),
            source: source.to_owned(),
            flags: Vec::new(),
            held: Vec::new(),
            database: None,
            dispatcharr: None,
            web: None,
        }
    }

    fn run(&self, more: &[&str]) -> (i32, Value) {
        self.home.try_generate(&self.source, &[&self.flags[..], &AT_ONCE, more].concat())
    }

    /// Runs with each of these permissions, or else without one; gives what the last run said.
    fn let_go(&self, permissions: &[String]) -> (i32, Value) {
        let runs = permissions.iter().map(|permission| self.run(&[permission]));
        runs.last().unwrap_or_else(|| self.run(&[]))
    }

    /// A run that holds something for this reason alone, with this in its remedy.
    fn runs_into(&mut self, says: &str, hint: &str) {
        let before = self.home.tree();
        let (status, report) = self.run(&[]);
        self.held = held(&report);
        assert!(status == 4 && !self.held.is_empty(), "{says}: {report:#}");
        for hold in &self.held {
            let is_in = |key: &str, text| hold[key].as_str().unwrap().contains(text);
            assert!(is_in("reason", says) && is_in("remedy", hint), "{says}: {hint}: {report:#}");
        }
        let now = self.home.tree();
        assert!(before.keys().all(|path| now.contains_key(path)), "{says}: {report:#}");
    }

    fn change(&self, sql: &str) {
        self.database.as_ref().unwrap().execute(sql);
    }

    fn list(&self, list: &str) {
        std::fs::write(self.home.dir.path().join("list.m3u"), list).unwrap();
    }
}

/// A library of Dispatcharr's in which something happens.
fn dispatcharr(change: &str) -> World {
    let size = Size { movies: 40, series: 6, episodes_per_series: 8 };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(31, size, false));
    database.execute("CREATE TABLE kept AS SELECT * FROM vod_m3umovierelation");
    let mut world = World::new(&database.url());
    world.database = Some(database);
    world.run(&[]);
    world.change(change);
    world
}

fn nothing_left() -> Case {
    Case {
        says: "the catalogue is empty",
        happens: || dispatcharr("UPDATE m3u_m3uaccount SET is_active = false"),
        remedies: vec![
            ("is an account active in it?", |world| {
                world.change("UPDATE m3u_m3uaccount SET is_active = true WHERE id < 4");
                Vec::new()
            }),
            ("If the library is to be emptied, allow it", ALLOW),
        ],
    }
}

fn account_gone() -> Case {
    Case {
        says: "the account Alpha is no longer in the source",
        happens: || dispatcharr(DELETE_ALPHA),
        remedies: vec![("If you have deleted the account, allow it", ALLOW)],
    }
}

fn empty() -> Case {
    Case {
        says: "offers none of the",
        happens: || dispatcharr("DELETE FROM vod_m3umovierelation WHERE m3u_account_id = 2"),
        remedies: vec![
            ("refresh the account in Dispatcharr", |world| {
                // As Dispatcharr's button does.
                world.change(
                    "INSERT INTO vod_m3umovierelation SELECT * FROM kept WHERE m3u_account_id = 2",
                );
                Vec::new()
            }),
            ("if they have really been given up, allow it", ALLOW),
        ],
    }
}

fn too_many() -> Case {
    Case {
        says: "more than 20 %",
        happens: || {
            dispatcharr("DELETE FROM vod_m3umovierelation WHERE m3u_account_id = 2 AND id % 3 = 0")
        },
        remedies: vec![("if the provider has really dropped so many, allow it", ALLOW)],
    }
}

fn exchanged() -> Case {
    Case {
        says: "has exchanged its movies",
        happens: || {
            dispatcharr(
                "INSERT INTO vod_movie SELECT (jsonb_populate_record(m, jsonb_build_object(
                     'id', m.id + 1000, 'uuid', gen_random_uuid(), 'tmdb_id', null, 'imdb_id', null,
                     'name', 'Quite another film ' || m.id))).* FROM vod_movie m;
                 INSERT INTO vod_m3umovierelation SELECT (jsonb_populate_record(r, jsonb_build_object(
                     'id', r.id + 100000, 'movie_id', r.movie_id + 1000, 'stream_id', 'n' || r.stream_id))).*
                     FROM vod_m3umovierelation r WHERE movie_id < 1000;
                 DELETE FROM vod_m3umovierelation WHERE movie_id < 30",
            )
        },
        remedies: vec![("if the provider has really exchanged its titles, allow it", ALLOW)],
    }
}

fn dropped() -> Case {
    Case {
        says: "no longer pass the filter",
        happens: || {
            let mut world = dispatcharr("SELECT 1");
            world.flags.extend(["--filter", "not category =~ '^Renamed'"]);
            world.run(&[]);
            world.change("UPDATE vod_vodcategory SET name = 'Renamed ' || name");
            world
        },
        remedies: vec![
            ("give the filter the new ones", |world| {
                *world.flags.last_mut().unwrap() = "category =~ '^Renamed'";
                Vec::new()
            }),
            ("if the titles are to go, allow it", ALLOW),
        ],
    }
}

fn scanning() -> Case {
    Case {
        says: "is being read anew",
        happens: || {
            dispatcharr(
                "DELETE FROM vod_m3umovierelation WHERE movie_id = 3;
                 UPDATE vod_m3umovierelation SET last_seen = now() WHERE movie_id % 2 = 0",
            )
        },
        remedies: vec![("run again when the source has finished reading the account", |world| {
            world.change(
                "UPDATE vod_m3umovierelation SET last_seen = '2026-01-01';
                 UPDATE vod_m3useriesrelation SET last_seen = '2026-01-01'",
            );
            Vec::new()
        })],
    }
}

fn nothing_wanted() -> Case {
    Case {
        says: "the filter leaves nothing",
        happens: || {
            let mut world = dispatcharr("SELECT 1");
            world.flags.extend(["--filter", "genre == Drmaa"]);
            world
        },
        remedies: vec![
            ("vod2strm doctor says how many titles each part of it matches", |world| {
                let flags =
                    ["--source", &world.source, "--output", "library", "--filter", world.flags[1]];
                let done = world.home.run(&[&["doctor"], &flags[..]].concat());
                let said = text(&done.stdout);
                assert!(said.contains("look  filter: genre == Drmaa matches 0 titles"), "{said}");
                *world.flags.last_mut().unwrap() = "genre == Drama";
                Vec::new()
            }),
            ("if the library is to be emptied, allow it", ALLOW),
        ],
    }
}

/// A Dispatcharr that has fetched six episodes of each series, of which all are missing.
fn missing_in_dispatcharr() -> World {
    let size = Size { movies: 3, series: 12, episodes_per_series: 0 };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(8, size, false));
    let server = Dispatcharr::start(&database.url());
    server.be(|_, _| Mood::Episodes(6));
    let mut world = World::new(&database.url());
    (world.database, world.dispatcharr) = (Some(database), Some(server));
    refresh(&world);
    world.run(&[]);
    world.change(
        "DELETE FROM vod_m3uepisoderelation; DELETE FROM vod_episode;
         UPDATE vod_m3useriesrelation SET last_episode_refresh = NULL",
    );
    world
}

/// `vod2strm refresh`.
fn refresh(world: &World) {
    let server = world.dispatcharr.as_ref().unwrap();
    let place = ["--source", &world.source, "--output", "library", "--refresh-rate", "500"];
    let api = ["--api-url", server.url(), "--api-key", KEY];
    let done = world.home.run(&[&["refresh"], &place[..], &api].concat());
    assert!(done.status.success(), "{} {}", text(&done.stdout), text(&done.stderr));
}

fn not_fetched() -> Case {
    Case {
        says: "has not fetched them again",
        happens: missing_in_dispatcharr,
        remedies: vec![
            ("vod2strm refresh has Dispatcharr fetch their episodes again", |world| {
                refresh(world);
                Vec::new()
            }),
            ("what is gone then as well can be allowed", |world| {
                // Somebody reads that, and does it a minute later.
                let ledger = rusqlite::Connection::open(world.home.ledger()).unwrap();
                ledger.execute("UPDATE files SET lost = lost - 60", []).unwrap();
                world.dispatcharr.as_ref().unwrap().be(|_, _| Mood::Episodes(1));
                refresh(world);
                let (status, report) = world.run(&[]);
                assert_eq!(status, 4, "{report:#}");
                world.held = held(&report);
                ALLOW(world)
            }),
        ],
    }
}

/// A world whose source is a playlist: this list, and then the other one.
fn playlist(first: &str, then: &str) -> World {
    let mut world = World::new("list.m3u");
    world.source = world.home.dir.path().join("list.m3u").to_str().unwrap().to_owned();
    world.list(first);
    world.run(&[]);
    world.list(then);
    world
}

fn films(numbers: std::ops::Range<u32>) -> String {
    list(numbers.map(|film| (format!("Film {film} of all ({})", 1950 + film % 60), film)))
}

/// A list of films with the numbers of their streams.
fn list(films: impl Iterator<Item = (String, u32)>) -> String {
    films.fold("#EXTM3U\n".to_owned(), |mut list, (name, number)| {
        writeln!(list, "#EXTINF:-1,{name}\nhttp://h/movie/u/p/{number}.mkv").unwrap();
        list
    })
}

fn reclassified() -> Case {
    Case {
        says: "takes them for something else",
        happens: || {
            let channels = films(0..9).replacen("-1,", "-1 tvg-type=\"live\",", 3);
            playlist(&films(0..9), &channels)
        },
        remedies: vec![
            (
                "classify_movies, classify_series, classify_live or classify_skip overrules",
                |world| {
                    world.flags.extend(["--classify-movies", "type == live"]);
                    Vec::new()
                },
            ),
            ("If it is right, allow it", ALLOW),
        ],
    }
}

fn contradicted() -> Case {
    Case {
        says: "play other titles all at once",
        happens: || {
            let panel = |name: &str, year: u32| {
                let letters = ('a'..='t').zip(1..);
                list(letters.map(|(letter, n)| (format!("{name}{letter}{letter} ({year})"), n)))
            };
            playlist(&panel("Old", 1990), &panel("Young", 2020))
        },
        remedies: vec![(
            "if its streams are really other titles now, allow it: the old ones go, and the new ones are written",
            ALLOW,
        )],
    }
}

fn most_episodes() -> Case {
    Case {
        says: "are still there have lost most of their episodes",
        happens: || {
            let shows = |of_first: u32| {
                let mut list = "#EXTM3U\n".to_owned();
                for show in 0..40 {
                    for episode in 1..=(if show == 0 { of_first } else { 40 }) {
                        let number = show * 1_000 + episode;
                        let name = format!("Show {show} S01E{episode:02}");
                        let url = format!("http://h/series/u/p/{number}.mkv");
                        writeln!(list, "#EXTINF:-1,{name}\n{url}").unwrap();
                    }
                }
                list
            };
            playlist(&shows(12), &shows(2))
        },
        remedies: vec![("if the episodes are really gone, allow it", ALLOW)],
    }
}

fn no_length() -> Case {
    Case {
        says: "the server tells no length",
        happens: || {
            let whole = answer(200, "audio/x-mpegurl", films(0..9).as_bytes());
            let given = Arc::new(Mutex::new(whole));
            let body = given.clone();
            let server = Server::start(move |_, _| body.lock().unwrap().clone());
            let mut world = World::new(server.url());
            world.run(&[]);
            let open = format!("HTTP/1.0 200 OK\r\n\r\n{}", films(1..9));
            *given.lock().unwrap() = open.into_bytes();
            world.web = Some(given);
            world
        },
        remedies: vec![("and give that file as --source", |world| {
            let given = text(&world.web.as_ref().unwrap().lock().unwrap());
            world.list(given.split_once("\r\n\r\n").unwrap().1);
            world.source = world.home.dir.path().join("list.m3u").to_str().unwrap().to_owned();
            Vec::new()
        })],
    }
}

fn moving() -> Case {
    Case {
        says: "it was written to while it was read, or is a pipe",
        happens: || {
            let mut world = playlist(&films(0..9), &films(1..9));
            let pipe = world.home.dir.path().join("pipe");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            world.source = pipe.to_str().unwrap().to_owned();
            std::thread::spawn(move || std::fs::write(pipe, films(1..9)).unwrap());
            world
        },
        remedies: vec![
            ("run again when the file is complete", |world| {
                world.source = world.source.replace("/pipe", "/list.m3u");
                Vec::new()
            }),
            ("save what comes from a pipe as a file", |world| {
                world.source = world.source.replace("/pipe", "/list.m3u");
                Vec::new()
            }),
        ],
    }
}

fn no_line_end() -> Case {
    Case {
        says: "its last line has no line end",
        happens: || playlist(&films(0..9), films(1..9).trim_end()),
        remedies: vec![("if the list is whole, end it with a line end", |world| {
            let list = std::fs::read_to_string(&world.source).unwrap();
            world.list(&(list + "\n"));
            Vec::new()
        })],
    }
}
