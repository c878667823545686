//! Why a title is in the library, or not: for each title the fact that decides, whatever the source.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use serde_json::{Value, json};
use vod2strm_testkit::generate::{Catalogue, Movie, MovieRelation, small};
use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// Exit status and standard output of `why`; what goes to standard error besides.
fn asked(home: &Home, source: &str, query: &str, more: &[&str]) -> (i32, String, String) {
    let output = home.output();
    let place = ["--source", source, "--output", output.to_str().unwrap()];
    let done = home.run(&[&["why", query], &place[..], more].concat());
    (done.status.code().unwrap(), text(&done.stdout), text(&done.stderr))
}

fn why(home: &Home, source: &str, query: &str, more: &[&str]) -> Value {
    let (status, said, errors) = asked(home, source, query, &[more, &["--json"]].concat());
    assert_eq!(status, 0, "{query}: {said} {errors}");
    serde_json::from_str(&said).unwrap()
}

/// What is told of the one title that a query finds: verdict, reason, and what decides.
fn fact(answer: &Value) -> [String; 3] {
    let titles = answer["titles"].as_array().unwrap();
    assert_eq!(titles.len(), 1, "{answer:#}");
    ["verdict", "reason", "because"]
        .map(|key| titles[0][key].as_str().unwrap_or_default().to_owned())
}

/// Each query finds one title, for which just this is told; `…` stands for what differs from run to run. What is not in
/// the library and is not to come has a step that fails.
fn assert_facts(home: &Home, source: &str, more: &[&str], facts: &[(&str, &str, &str, &str)]) {
    for (query, verdict, reason, because) in facts {
        let answer = why(home, source, query, more);
        let [is_verdict, is_reason, is_because] = fact(&answer);
        assert_eq!((is_verdict.as_str(), is_reason.as_str()), (*verdict, *reason), "{query}");
        let parts: Vec<&str> = because.split('…').collect();
        let fits = parts.iter().all(|part| is_because.contains(part));
        assert!(fits && (parts.len() > 1 || is_because == *because), "{query}: {is_because}");
        let steps = answer["titles"][0]["steps"].as_array().unwrap();
        let is_marked = steps.iter().any(|step| step["passes"] == false);
        let passes = ["in_library", "to_be_written"].contains(verdict);
        assert!(passes || is_marked, "{query}: a step is marked as failing: {answer:#}");
    }
}

/// The small catalogue with further movies, each offered by Alpha unless it is by nobody.
fn catalogue(further: &[(i64, &str, i32)]) -> Catalogue {
    let mut all = small();
    for (id, name, year) in further {
        let movie = all.movies[1].clone();
        let uuid = format!("00000001-0000-4000-8000-{id:012}");
        all.movies.push(Movie {
            id: *id,
            uuid,
            name: (*name).to_owned(),
            year: Some(*year),
            ..movie
        });
        if !name.contains("Nobody") {
            let stream = all.movie_relations[0].clone();
            let stream_id = format!("1{id:03}");
            all.offer_movie(*id, MovieRelation { stream_id, ..stream });
        }
    }
    all
}

const FURTHER: [(i64, &str, i32); 13] = [
    (7, "Nobody's Child", 1990),
    (8, "EN - Newest (2020)", 2020),
    (9, "Picked", 2021),
    (10, "|FR| Vanished (1991) 4K", 1991),
    (11, "Removed", 1992),
    (12, "Twins", 1988),
    (13, "Twins", 1989),
    (14, "Blocked Way", 1993),
    (15, "Amélie", 2001),
    (16, "Plain", 1981),
    (17, "Simple", 1982),
    (18, "Usual", 1983),
    (19, "Common", 1984),
];

const CHOICE: [&str; 6] = [
    "--filter",
    "(year < 2015 or kind == series) and account != Nowhere",
    "--block",
    "name:Solaris",
    "--pick",
    "movie:name:picked (2021)",
];

/// A library made of the database, from which some titles have gone since, and one cannot be written.
fn grown(database: &TestDatabase) -> Home {
    database.insert(&catalogue(&FURTHER));
    let home = new_home();
    let flags = [&CHOICE[..], &["--base-url", "http://d:9191", "--cleanup", "apply"]].concat();
    let run = |more: &[&str]| home.try_generate(&database.url(), &[&flags[..], more].concat()).0;
    let way = home.output().join("Movies/Blocked Way (1993)/Blocked Way (1993).strm");
    std::fs::create_dir_all(way).unwrap();
    assert_eq!(run(&[]), 3, "one failed");
    let gone = |id: i64| {
        format!(
            "DELETE FROM vod_m3umovierelation WHERE movie_id = {id}; DELETE FROM vod_movie WHERE id = {id}"
        )
    };
    database.execute(&gone(11));
    assert_eq!(run(&["--grace", "0"]), 3);
    database.execute(&gone(10));
    run(&["--grace", "5"]);
    run(&["--grace", "5"]);
    database.execute(
        "INSERT INTO vod_movie SELECT (jsonb_populate_record(m, jsonb_build_object('id', 99, 'name', 'EN - Late (2003)',
             'year', 2003, 'uuid', gen_random_uuid(), 'tmdb_id', NULL, 'imdb_id', NULL))).*
         FROM vod_movie m WHERE id = 2;
         INSERT INTO vod_m3umovierelation SELECT (jsonb_populate_record(r, jsonb_build_object('id', 999,
             'movie_id', 99, 'stream_id', '9999', 'uuid', gen_random_uuid()))).*
         FROM vod_m3umovierelation r WHERE movie_id = 2",
    );
    home
}

/// Twenty titles of a database.
#[test]
fn each_title_of_a_database_has_its_deciding_fact() {
    let database = TestDatabase::create(Generation::NEWEST);
    let home = grown(&database);
    let url = database.url();
    let filter = "the filter: (year < 2015 or kind == series)";
    let facts = [
        ("heat", "in_library", "", "Movies/Heat (1995)"),
        ("imdb:tt0113277", "in_library", "", "Movies/Heat (1995)"),
        ("tmdb:949", "in_library", "", "Movies/Heat (1995)"),
        ("name:HEAT (1995)", "in_library", "", "Movies/Heat (1995)"),
        ("Alien (1979)", "in_library", "", "Movies/Alien (1979)"),
        ("AMELIE", "in_library", "", "Movies/Amélie (2001)"),
        ("series:dark", "in_library", "", "TV/Dark (2017)"),
        ("nemo", "left_out", "category_off", "it is in disabled categories alone, on Alpha"),
        (
            "gone",
            "left_out",
            "account_off",
            "only provider accounts that are switched off offer it: Gamma",
        ),
        ("nobodys child", "left_out", "no_stream", "no provider account offers it"),
        ("solaris", "left_out", "blocked", "block: name:Solaris"),
        ("untitled", "left_out", "filtered", filter),
        ("newest 2020", "left_out", "filtered", filter),
        ("picked", "in_library", "", "Movies/Picked (2021)"),
        (
            "silent",
            "left_out",
            "no_episodes",
            "the source has no episode of it; vod2strm refresh has them fetched",
        ),
        (
            "vanished",
            "missing",
            "",
            "complete runs have not found it in the source…at least since…",
        ),
        ("removed", "removed", "", "its files were removed on…"),
        ("Twins (1988)", "in_library", "", "Movies/Twins (1988)"),
        ("blocked way", "failed", "", "a file that is not ours is in the way"),
        ("late", "to_be_written", "", "the next generate writes it to Movies/Late (2003)"),
    ];
    let flags = [&CHOICE[..], &["--base-url", "http://d:9191"]].concat();
    assert_facts(&home, &url, &flags, &facts);
    let narrow = [&flags[..], &["--movie-ids", "2"]].concat();
    let asked =
        [("heat", "left_out", "not_asked", "movie_ids has other ids alone…its files stay…")];
    assert_facts(&home, &url, &narrow, &asked);
    let twins = why(&home, &url, "twins", &flags);
    let names: Vec<&Value> =
        twins["titles"].as_array().unwrap().iter().map(|it| &it["year"]).collect();
    assert_eq!(names, [1988, 1989], "{twins:#}");
}

/// A playlist in which every kind of entry stands that is in no title. Its last line may be cut off.
const LIST: &str = "#EXTM3U
#EXTINF:-1 tmdb-id=\"949\" group-title=\"EN\",EN - Heat (1995)
http://host/movie/u/hunter22/1.mkv
#EXTINF:-1 group-title=\"DE\",DE - Dark (2017) S01E01
http://host/series/u/hunter22/4.mkv
#EXTINF:-1 group-title=\"TV\",Arena 24
http://host/live/u/hunter22/9.ts
#EXTINF:-1,##### COMEDY #####
http://host/movie/u/hunter22/8.mkv
#EXTINF:-1,Further films
http://host/more.m3u
#EXTINF:-1,Pathless (2001)
#EXTINF:-1,Streamed (2002)
rtmp://host/7
#EXTINF:-1 group-title=\"EN\",Trailer Reel (2003)
http://host/movie/u/hunter22/6.mkv
#EXTINF:-1,Unfinished (2004)
http://host/movie/u/hunter22/5";

fn write(home: &Home, name: &str, content: &str) -> String {
    let path = home.dir.path().join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn each_entry_of_a_playlist_has_its_deciding_fact() {
    let home = new_home();
    let list = write(&home, "list.m3u", LIST);
    let flags = ["--classify-skip", "name =~ Reel"];
    home.generate(&list, &flags);
    let facts = [
        ("heat", "in_library", "", "Movies/Heat (1995)"),
        ("movie:tmdb:949", "in_library", "", "Movies/Heat (1995)"),
        ("dark", "in_library", "", "TV/Dark (2017)"),
        ("arena", "left_out", "live", "a channel: path of channels"),
        ("comedy", "left_out", "heading", "a heading: it parts the list"),
        ("further", "left_out", "no_video", "no video: its address is that of a further list"),
        (
            "pathless",
            "left_out",
            "no_address",
            "no address that players open: no address follows it",
        ),
        (
            "streamed",
            "left_out",
            "no_address",
            "no address that players open: players do not open its address",
        ),
        ("reel", "left_out", "filtered", "filtered: classify_skip matches it"),
        (
            "unfinished",
            "left_out",
            "unreadable",
            "cut off: it is the last one, and its address may be cut off",
        ),
    ];
    assert_facts(&home, &list, &flags, &facts);
    let (_, said, _) = asked(&home, &list, "arena", &[]);
    assert!(
        said.starts_with("entry: Arena 24\n  left out: a channel: path of channels\n"),
        "{said}"
    );
    let all =
        ["heat", "arena", "streamed"].map(|it| asked(&home, &list, it, &["--json"]).1).concat();
    assert!(!all.contains("hunter22"), "{all}");
}

/// Titles whose removal waits for a person say so.
#[test]
fn what_is_held_is_told_with_its_hold() {
    let home = new_home();
    let entry = |n: u32| format!("#EXTINF:-1,Film {n} (2020)\nhttp://host/movie/u/p/{n}.mkv\n");
    let films = |from: u32| "#EXTM3U\n".to_owned() + &(from..=12).map(entry).collect::<String>();
    let list = write(&home, "list.m3u", &films(1));
    home.generate(&list, &[]);
    write(&home, "list.m3u", &films(9));
    let flags = ["--cleanup", "apply", "--grace", "0"];
    assert_eq!(home.try_generate(&list, &flags).0, 4);
    let held = "its removal is held as 2.1 (missing): vod2strm history shows why";
    assert_facts(&home, &list, &[], &[("film 3", "held", "", held)]);
}

#[test]
fn a_path_is_ours_or_somebody_elses() {
    let home = new_home();
    let list = write(&home, "list.m3u", LIST);
    home.generate(&list, &[]);
    let folder = home.output().join("Movies/Heat (1995)");
    std::fs::write(folder.join("Heat (1995)-fanart.jpg"), "x").unwrap();
    std::fs::remove_file(folder.join("Heat (1995).nfo")).unwrap();
    let answer = |path: &str| {
        let answer = why(&home, &list, path, &[]);
        let titles = answer["titles"].as_array().unwrap();
        (titles.len(), answer["path"].as_str().unwrap_or_default().to_owned(), answer)
    };
    let absolute = folder.join("Heat (1995).strm");
    for ours in [
        absolute.to_str().unwrap(),
        folder.to_str().unwrap(),
        "library/Movies/Heat (1995)/Heat (1995).nfo",
        "Movies/Heat (1995)/Heat (1995).nfo",
        "Heat (1995)/Heat (1995).nfo",
        "./library/Movies/Heat (1995)/",
    ] {
        let (titles, said, answer) = answer(ours);
        assert_eq!((titles, said.as_str()), (1, ""), "{ours}");
        let because = "Movies/Heat (1995); 1 file of it is gone from disk";
        assert_eq!(answer["titles"][0]["because"], because);
    }
    let gone = answer("Movies/Heat (1995)/Heat (1995).nfo").2;
    let file = json!({ "path": "Movies/Heat (1995)/Heat (1995).nfo", "is_there": false, "unwanted": null });
    assert_eq!(gone["titles"][0]["files"][0], file, "the file that was asked for comes first");
    let theirs = "this file is not in the ledger: it is somebody else's";
    for (path, titles, said) in [
        ("Movies/Heat (1995)/Heat (1995)-fanart.jpg", 1, theirs),
        ("library/Movies/Ronin (1998)", 0, "nothing is there, and the ledger has nothing of it"),
        ("/etc/hosts", 0, "this path is not in the library"),
        ("library/Movies/.vod2strm/library", 0, "this is vod2strm's own: lock, marker, staging"),
    ] {
        let (found, remark, answer) = answer(path);
        assert_eq!((found, remark.as_str()), (titles, said), "{path}: {answer:#}");
    }
    // A file whose title is gone.
    write(
        &home,
        "list.m3u",
        &LIST
            .replace("EN - Heat (1995)", "EN - Ronin (1998)")
            .replace("949", "8195")
            .replace("/1.mkv", "/11.mkv"),
    );
    home.generate(&list, &[]);
    let lost = answer(absolute.to_str().unwrap()).2;
    assert_eq!(lost["titles"][0]["verdict"], "missing", "{lost:#}");
}

#[test]
fn nothing_found_tells_the_nearest_names_and_needs_no_library() {
    let home = new_home();
    let list = write(&home, "list.m3u", LIST);
    let answer = why(&home, &list, "hete", &[]);
    assert_eq!(
        (&answer["titles"], &answer["entries"], &answer["known"]),
        (&json!([]), &json!(0), &json!(0))
    );
    assert_eq!(answer["nearest"][0], "Heat (1995)", "{answer:#}");
    let (status, said, _) = asked(&home, &list, "drak", &[]);
    assert_eq!(status, 0);
    let expected =
        "Neither the source nor the ledger has anything for drak.\nThe nearest names: Dark (2017)";
    assert!(said.starts_with(expected), "{said}");
    let (_, said, _) = asked(&home, &list, "http://host/movie/alice/s3cret/1.mkv", &[]);
    assert!(!said.contains("alice") && !said.contains("s3cret"), "{said}");
    let nobody = why(&home, &list, "tmdb:1", &[]);
    assert_eq!((&nobody["titles"], &nobody["nearest"]), (&json!([]), &json!([])));
    assert!(!home.output().exists(), "nothing was made");
    for (query, error) in [
        ("?", "wanted is a part of a name"),
        ("tmdb:x", "wanted is movie:tmdb:603"),
        ("imdb:603", "a part of a name may stand alone"),
    ] {
        let (status, said, errors) = asked(&home, &list, query, &[]);
        assert_eq!((status, said.as_str()), (2, ""), "{query}");
        assert!(errors.contains(error), "{errors}");
    }
}

#[test]
fn without_the_source_the_ledger_is_told_with_status_3() {
    let home = new_home();
    let list = write(&home, "list.m3u", LIST);
    home.generate(&list, &[]);
    std::fs::remove_file(&list).unwrap();
    let (status, said, errors) = asked(&home, &list, "HEAT", &[]);
    assert_eq!(status, 3, "{errors}");
    assert!(
        said.starts_with("movie: Heat (1995)\n  in the library: Movies/Heat (1995)\n"),
        "{said}"
    );
    assert!(errors.contains("error: cannot read ") && errors.contains("list.m3u"), "{errors}");
    let (status, said, _) = asked(&home, &list, "heat", &["--json"]);
    let answer: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((status, &answer["status"], &answer["entries"]), (3, &json!(3), &json!(null)));
    assert!(answer["source_error"].as_str().unwrap().contains("cannot read"), "{answer:#}");
    let (status, said, _) = asked(&home, &list, "nobody", &[]);
    assert_eq!((status, said.lines().next()), (3, Some("The ledger has no title for nobody.")));
}

/// A page reads it: keys and words stay.
#[test]
fn without_the_ledger_the_source_is_told_with_status_3() {
    let home = new_home();
    let list = write(&home, "list.m3u", LIST);
    let state = home.dir.path().join("chosen");
    let flags = ["--state", state.to_str().unwrap()];
    home.generate(&list, &flags);
    std::fs::remove_dir_all(&state).unwrap();
    let (status, said, errors) = asked(&home, &list, "heat", &flags);
    assert_eq!(status, 3, "{said} {errors}");
    assert!(said.starts_with("movie: Heat (1995)"), "{said}");
    assert!(errors.contains("there is no ledger of"), "{errors}");
}

#[test]
fn the_shape_of_json_stays() {
    let home = new_home();
    let list = write(&home, "list.m3u", LIST);
    home.generate(&list, &[]);
    let mut answer = why(&home, &list, "heat", &["--filter", "year == 1995 and quality >= 720"]);
    let steps = answer["titles"][0]["steps"].as_array_mut().unwrap();
    let history = steps.pop().unwrap();
    assert_eq!(history["step"], "history");
    let expected = json!({
        "query": "heat", "entries": 1, "known": 1, "nearest": [], "path": null, "source_error": null, "status": 0,
        "ledger_error": null, "titles": [{
            "kind": "movie", "name": "Heat", "year": 1995, "verdict": "left_out", "reason": "filtered",
            "because": "the filter: quality >= 720; its files stay until runs with --cleanup apply remove them, after the grace",
            "folder": "Movies/Heat (1995)",
            "files": [
                { "path": "Movies/Heat (1995)/Heat (1995).nfo", "is_there": true, "unwanted": null },
                { "path": "Movies/Heat (1995)/Heat (1995).strm", "is_there": true, "unwanted": null },
            ],
            "further_files": 0,
            "steps": [
                { "step": "entry", "passes": null, "text": "the source has it as movie 1" },
                { "step": "category", "passes": null, "text": "EN" },
                { "step": "filter", "passes": false, "text": "leaves it out", "parts": [
                    { "text": "year == 1995", "passes": true },
                    { "text": "quality >= 720", "passes": false },
                ] },
                { "step": "merge", "passes": null, "text": "it is made of this entry alone" },
                { "step": "version", "passes": null, "text": "1 stream; versions = languages, by the account's priority, quality", "parts": [
                    { "text": "playlist's stream 1@host, EN, en is not wanted", "passes": false },
                ] },
                { "step": "name", "passes": null, "text": "EN - Heat is Heat (1995); taken off: language=en" },
                { "step": "folder", "passes": null, "text": "Movies/Heat (1995)" },
                { "step": "ledger", "passes": null,
                  "text": "it has a folder; offered by playlist when it was last looked at" },
            ],
        }],
    });
    assert_eq!(answer, expected);
}

/// A playlist in which a film stands five times, in two languages, and once more under another id.
const VERSIONS: &str = "#EXTM3U
#EXTINF:-1,EN - Dune (2021)
http://host/movie/u/p/1.mkv
#EXTINF:-1,4K-EN - Dune (2021)
http://host/movie/u/p/2.mkv
#EXTINF:-1 tmdb-id=\"438631\",|DE| Dune (2021) FHD
http://host/movie/u/p/3.mkv
#EXTINF:-1,Dune (2021)
http://host/movie/u/p/4.mkv
#EXTINF:-1,Dune (2021)
rtmp://host/movie/u/p/5.mkv
#EXTINF:-1 tvg-logo=\"http://h/heat.jpg\",EN - Heat
http://host/movie/u/p/6.mkv
#EXTINF:-1 tvg-logo=\"http://h/heat.jpg\",FR - Heat
http://host/movie/u/p/7.mkv
";

/// The parts of a step of the only title that is told of, and the step's text.
fn step(answer: &Value, name: &str) -> (String, Vec<(String, bool)>) {
    let titles = answer["titles"].as_array().unwrap();
    assert_eq!(titles.len(), 1, "{answer:#}");
    let steps = titles[0]["steps"].as_array().unwrap();
    let step = steps.iter().find(|it| it["step"] == name).unwrap();
    let part = |it: &Value| (it["text"].as_str().unwrap().to_owned(), it["passes"] == true);
    let parts = step["parts"].as_array().map(|all| all.iter().map(part).collect());
    (step["text"].as_str().unwrap().to_owned(), parts.unwrap_or_default())
}

/// One title, whichever entry was found: with all of them, and with what has a file.
#[test]
fn a_title_of_several_entries_is_told_once_with_its_versions() {
    let home = new_home();
    let list = write(&home, "list.m3u", VERSIONS);
    home.generate(&list, &[]);
    let merge = |entries: &[(u32, &str, &str)]| {
        let part = |(id, name, why): &(u32, &str, &str)| format!("{id}: {name} of playlist: {why}");
        let parts = entries.iter().map(|entry| (part(entry), true)).collect::<Vec<_>>();
        (format!("it is made of {} entries", entries.len()), parts)
    };
    let namesake = "the same name and year";
    let dune = merge(&[
        (1, "EN - Dune (2021)", namesake),
        (2, "4K-EN - Dune (2021)", namesake),
        (3, "|DE| Dune (2021) FHD", namesake),
        (4, "Dune (2021)", namesake),
    ]);
    let streams_told = [
        ("2@host, 2160p, en has the file without a label", true),
        ("3@host, 1080p, de has a file as a version", true),
        ("1@host, en has no file: others are better in en", false),
        ("4@host has no file: it tells no language, and others do", false),
    ];
    let streams = |parts: &[(&str, bool)]| {
        let part = |(text, is): &(&str, bool)| (format!("playlist's stream {text}"), *is);
        parts.iter().map(part).collect::<Vec<_>>()
    };
    let rule = "4 streams; versions = languages, by the account's priority, quality";
    for (query, entry) in [("tmdb:438631", 3), ("4k-en dune", 2), ("movie:en - dune", 1)] {
        let answer = why(&home, &list, query, &[]);
        let text = format!("the source has it as movie {entry} and 3 further entries");
        assert_eq!(step(&answer, "entry").0, text, "{query}");
        assert_eq!(step(&answer, "merge"), dune, "{query}");
        assert_eq!(step(&answer, "version"), (rule.to_owned(), streams(&streams_told)), "{query}");
    }
    let best = why(&home, &list, "tmdb:438631", &["--versions", "best"]);
    let lost =
        ("playlist's stream 3@host, 1080p, de has no file: a better one has it".to_owned(), false);
    assert_eq!(step(&best, "version").1[1], lost, "{best:#}");
    let heat = |second: &str| {
        merge(&[(5, "EN - Heat", "the same name and poster"), (6, "FR - Heat", second)])
    };
    assert_eq!(step(&why(&home, &list, "heat", &[]), "merge"), heat("the same name and poster"));
    let (_, said, _) = asked(&home, &list, "dune", &[]);
    assert_eq!(said.matches("movie: Dune (2021)").count(), 1, "{said}");
    assert!(said.contains("entry: Dune (2021)\n  left out: no address"), "{said}");
    assert!(!said.contains("say more of the name"), "all five entries are told: {said}");
}

/// What was one title stays one, also when nothing of its entries is the same any more.
#[test]
fn an_entry_that_was_taken_for_a_title_before_is_told_as_such() {
    let home = new_home();
    let list = write(&home, "list.m3u", VERSIONS);
    home.generate(&list, &[]);
    write(&home, "list.m3u", &VERSIONS.replacen("tvg-logo=\"http://h/heat.jpg\"", "", 1));
    home.generate(&list, &[]);
    let parts = step(&why(&home, &list, "heat", &[]), "merge").1;
    let ends = |(text, _): &(String, bool)| text.ends_with("it was taken for this title before");
    assert_eq!((parts.len(), parts.iter().all(ends)), (2, true), "{parts:?}");
    let classic = why(&home, &list, "tmdb:438631", &["--no-name-clean"]);
    let text = "each entry is a title of its own where names are left as they are";
    assert_eq!(step(&classic, "merge").0, text);
}

/// A library from before there was a choice keeps its versions: `why` tells what the next run does.
#[test]
fn versions_that_a_library_keeps_are_told() {
    let home = new_home();
    let list = write(&home, "list.m3u", VERSIONS);
    home.generate(&list, &["--versions", "all"]);
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    ledger.execute("DELETE FROM meta WHERE key = 'versions'", []).unwrap();
    let (text, parts) = step(&why(&home, &list, "tmdb:438631", &[]), "version");
    assert!(text.contains("versions = all"), "{text}");
    assert!(parts.len() == 4 && parts.iter().all(|it| it.1), "{parts:?}");
}

#[test]
fn entries_of_a_database_are_told_with_their_accounts() {
    let mut all = catalogue(&[(21, "EN - Double (2001)", 2001), (22, "DE: Double", 2001)]);
    all.movie_relations.last_mut().unwrap().account_id = all.accounts[1].id;
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&all);
    let home = new_home();
    let answer = why(&home, &database.url(), "double", &["--base-url", "http://d:9191"]);
    let (text, parts) = step(&answer, "merge");
    assert_eq!(text, "it is made of 2 entries");
    let expected = [
        "21: EN - Double (2001) of Alpha: the same name and year",
        "22: DE: Double (2001) of Beta: the same name and year",
    ];
    assert_eq!(parts.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), expected);
}

/// Names of strangers write no lines of their own and play no tricks; many are counted.
#[test]
fn hostile_and_many_names_are_shown_in_order() {
    let home = new_home();
    let entry = |n: u32| format!("#EXTINF:-1,Film {n} (2020)\nhttp://host/movie/u/p/{n}.mkv\n");
    let films: String = (1..=30).map(entry).collect();
    let bad = "#EXTINF:-1,Bad\u{1b}[31m \u{202e}Film (2019)\nhttp://host/movie/u/p/99.mkv\n";
    let list = write(&home, "list.m3u", &format!("#EXTM3U\n{films}{bad}"));
    let (status, said, _) = asked(&home, &list, "film", &[]);
    assert_eq!((status, said.matches("movie: ").count()), (0, 10), "{said}");
    let last = "10 titles of 31 entries of the source and 0 titles of the ledger: say more of the name to see others\n";
    assert!(said.ends_with(last), "{said}");
    let (_, said, _) = asked(&home, &list, "bad", &[]);
    assert!(said.contains("Film (2019)") && !said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
}

/// Nothing is changed, and a run at work is not waited for.
#[test]
fn it_only_reads_beside_a_run_and_over_all_libraries() {
    let home = new_home();
    let list = write(&home, "list.m3u", LIST);
    home.generate(&list, &[]);
    let before = home.stamps();
    let lock = std::fs::File::open(home.output().join(".vod2strm/lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(fact(&why(&home, &list, "heat", &[]))[0], "in_library");
    assert_eq!(home.stamps(), before);
    drop(lock);
    let (output, other) = (home.output(), home.dir.path().join("other"));
    let section = |name: &str, output: &std::path::Path| {
        format!("[library.{name}]\nsource = '{list}'\noutput = '{}'\n", output.display())
    };
    write(&home, "vod2strm.toml", &(section("one", &output) + &section("two", &other)));
    let said = text(&home.run(&["why", "heat", "--json"]).stdout);
    let both: Value = serde_json::from_str(&said).unwrap();
    let verdict = |name: &str| both["libraries"][name]["titles"][0]["verdict"].clone();
    assert_eq!(
        (verdict("one"), verdict("two")),
        (json!("in_library"), json!("to_be_written")),
        "{both:#}"
    );
}
