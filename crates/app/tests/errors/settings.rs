//! Settings that are wrong, unknown or missing: status 2, and nothing is made.

use insta::assert_snapshot;
use vod2strm::settings::table::all;

use crate::scene::{SECRET, Scene, TO_LIBRARY, names};

/// Runs with each of these sources; gives the messages one below the other.
fn with_sources(sources: &[&str]) -> String {
    let scene = Scene::new();
    let run = |source: &&str| scene.generate(&["--source", &source.replace("SECRET", SECRET)]);
    sources.iter().map(run).collect()
}

#[test]
fn addresses_of_databases_that_cannot_be_used() {
    assert_snapshot!(with_sources(&[
        "postgres://joe:SECRET@db",
        "postgres://joe:SECRET@db:port/tv",
        "postgres://joe:SECRET@db/tv?sslmode=maybe",
        "postgres://joe:SECRET@db/tv?sslcert=joe.pem",
        "postgres://joe:SECRET@db/tv?nonsense=1",
    ]), @"
    status 2
    error: --source: postgres://***@db is not a usable source: it names no database
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    status 2
    error: --source: postgres://*** is not a usable source: invalid value for option `port`
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    status 2
    error: --source: postgres://***@db/tv is not a usable source: sslmode is none of disable, allow, prefer, require, verify-ca, verify-full
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    status 2
    error: --source: postgres://***@db/tv is not a usable source: sslcert and sslkey go together
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    status 2
    error: --source: postgres://***@db/tv is not a usable source: an option behind the ? is not known
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    ");
}

#[test]
fn addresses_of_playlists_that_cannot_be_used() {
    assert_snapshot!(with_sources(&[
        "http://",
        "http://joe:SECRET@tv.example:99999/list.m3u",
        "https://tv.example:port/get.php?password=SECRET&type=m3u",
    ]), @"
    status 2
    error: --source: http:// is not a usable source: empty host
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    status 2
    error: --source: http://***@tv.example:99999 is not a usable source: invalid port number
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    status 2
    error: --source: https://*** is not a usable source: invalid port number
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    ");
}

#[test]
fn addresses_of_nothing_that_is_known() {
    assert_snapshot!(with_sources(&[
        "mysql://joe:SECRET@db/tv",
        "ftp://joe:SECRET@tv.example/list.m3u",
        "xtream+http://joe:SECRET@tv.example",
        "sqlite:catalogue.db",
    ]), @"
    status 2
    error: --source: this is not a usable source: what stands before :// is no kind of source
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    status 2
    error: --source: this is not a usable source: what stands before :// is no kind of source
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    status 2
    error: --source: xtream+http://***@tv.example is not a usable source: Xtream panels are not built yet
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    status 2
    error: --source: sqlite:catalogue.db is not a usable source: the embedded catalogue is not built yet
      try: postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U playlist; in a user name or password write @ as %40, / as %2F, % as %25
    ");
}

#[test]
fn base_urls_that_are_none() {
    let scene = Scene::with_playlist();
    let run = |url: &str| {
        let arguments = ["generate", "--source", "list.m3u", "--output", "library", "--base-url"];
        scene.run(&[&arguments[..], &[&url.replace("SECRET", SECRET)]].concat())
    };
    let urls = ["dispatcharr:9191", "http://", "http://joe:SECRET@dispatcharr:9191", ""];
    assert_snapshot!(urls.map(run).concat(), @"
    status 2
    error: --base-url: wanted is an address such as http://192.168.1.5:9191
    status 2
    error: --base-url: wanted is an address such as http://192.168.1.5:9191
    status 2
    error: --base-url: wanted is an address such as http://192.168.1.5:9191
    status 2
    error: --base-url: the text is empty
    ");
    assert_eq!(names(&scene.path("")), ["list.m3u"]);
}

#[test]
fn a_key_that_no_setting_has() {
    let mut scene = Scene::with_playlist();
    scene.write("vod2strm.toml", format!("pasword = '{SECRET}'\n"));
    let first = scene.generate(&["--source", "list.m3u"]);
    scene.write("vod2strm.toml", format!("baseurl = '{SECRET}'\n"));
    let second = scene.generate(&["--source", "list.m3u"]);
    assert_snapshot!(first + &second, @"
    status 2
    error: vod2strm.toml, line 1: there is no such setting; the nearest is api_password
    status 2
    error: vod2strm.toml, line 1: there is no such setting; the nearest is base_url
    ");
    assert_eq!(names(&scene.path("")), ["list.m3u", "vod2strm.toml"]);
}

#[test]
fn a_settings_file_that_is_not_toml_or_not_there() {
    let mut scene = Scene::with_playlist();
    scene.write("mine.toml", format!("source = 'postgres://joe:{SECRET}@db/tv\noutput = 'x'\n"));
    let broken = scene.run(&["generate", "--config", "mine.toml"]);
    let no_file = scene.run(&["generate", "--config", "other.toml"]);
    scene.write("mine.toml", "source = 'list.m3u'\noutput = 'library'\nconcurrency = 'many'\n");
    let wrong = scene.run(&["generate", "--config", "mine.toml"]);
    assert_snapshot!(broken + &no_file + &wrong, @"
    status 2
    error: mine.toml: line 1 is not valid TOML, at the key source: is a quote missing, or one too many?
    status 2
    error: there is no settings file other.toml
    status 2
    error: concurrency in mine.toml, line 3: wanted is a number from 1 to 64
    ");
    assert_eq!(names(&scene.path("")), ["list.m3u", "mine.toml"]);
}

/// What stands in the wrong line may be a password. Of paths and addresses only those of files are shown.
#[test]
fn no_setting_repeats_a_value_that_it_does_not_take() {
    const PATHS: [&str; 10] = [
        "source",
        "output",
        "movies_root",
        "series_root",
        "state",
        "report",
        "csv",
        "log_file",
        "block_file",
        "pick_file",
    ];
    let mut scene = Scene::with_playlist();
    let arguments = [&TO_LIBRARY[..], &["--source", "list.m3u", "--config", "slip.toml"]].concat();
    let slips = ["SECRET", "(SECRET", "{SECRET}", "name =~ '(SECRET'", "kind == SECRET"];
    for key in all().map(|setting| setting.key).filter(|key| !PATHS.contains(key)) {
        for slip in slips.map(|slip| slip.replace("SECRET", SECRET)) {
            scene.write("slip.toml", format!("\n{key} = {slip:?}\n"));
            let said = scene.run(&arguments);
            let place = format!("error: {key} in slip.toml, line 2: ");
            let is_taken = said.starts_with("status 0") || said.starts_with("status 4");
            assert!(is_taken || said.contains(&place), "{key} = {slip}: {said}");
        }
        scene.write("slip.toml", "");
        let variable = format!("VOD2STRM_{}", key.to_ascii_uppercase());
        let run = scene.binary().args(&arguments).env(&variable, SECRET).output().unwrap();
        let said = scene.report(&run);
        let is_taken = said.starts_with("status 0") || said.starts_with("status 4");
        assert!(is_taken || said.contains(&format!("error: variable {variable}: ")), "{said}");
    }
}

/// A slip of the pen: key and line, and never what is written there.
#[test]
fn a_slip_in_a_settings_file_shows_no_value() {
    let mut scene = Scene::with_playlist();
    for slip in [
        "api_key = \"S3cr3tZq\n",
        "\n\napi_password = \"S3cr3tZq\" x\n",
        "api_key = \"S3cr\\q3tZq\"\r\n",
        "api_key = S3cr3tZq\n",
        "output = 'x'\napi_key = '''\nS3cr3tZq = 1\n",
        "S3cr3tZq\n",
        "[S3cr3tZq\n",
        "[S3cr3tZq]\n",
        "S3cr3tZq = 1\n",
        "[S3cr3tZq]\nmovie_folder = 'x'\n",
    ] {
        scene.write("slip.toml", slip);
        let said = scene.run(&["generate", "--config", "slip.toml"]);
        assert!(
            !said.contains("S3cr") && said.contains("slip.toml") && said.contains("line "),
            "{slip:?}: {said}"
        );
    }
}

/// Of an address in a file or a variable no more is shown than its host, and the error says where it is written.
#[test]
fn an_address_that_is_none_names_its_line_and_keeps_its_text() {
    let mut scene = Scene::with_playlist();
    let wrong = [
        "SECRET://x",
        "SECRET://x y",
        "SECRET://a:SECRET@h/d",
        "postgres://h/d?SECRET=1",
        "http:/SECRET",
    ];
    for address in wrong.map(|text| text.replace("SECRET", SECRET)) {
        let mut run = |line: String, variable: &str| {
            scene.write("vod2strm.toml", line);
            let mut binary = scene.binary();
            binary.args(TO_LIBRARY).env("VOD2STRM_SOURCE", variable);
            scene.report(&binary.output().unwrap())
        };
        let said = run(format!("\nsource = {address:?}\n"), "");
        assert!(said.starts_with("status 2\nerror: source in vod2strm.toml, line 2: "), "{said}");
        let said = run(String::new(), &address);
        assert!(said.starts_with("status 2\nerror: variable VOD2STRM_SOURCE: "), "{said}");
    }
    for address in ["SECRET", "joe:SECRET@h", "ftp://h/SECRET"] {
        let text = format!("\napi_url = '{}'\napi_key = '0815'", address.replace("SECRET", SECRET));
        scene.write("vod2strm.toml", text);
        let said = scene.run(&["refresh", "--output", "library", "--source", "postgres://h/d"]);
        assert!(said.starts_with("status 2\nerror: api_url in vod2strm.toml, line 2: "), "{said}");
    }
}

#[test]
fn a_variable_that_no_setting_has() {
    let scene = Scene::with_playlist();
    let run = |name: &str| {
        let arguments = ["generate", "--source", "list.m3u", "--output", "library"];
        scene.report(&scene.binary().args(arguments).env(name, SECRET).output().unwrap())
    };
    assert_snapshot!(run("VOD2STRM_BASEURL") + &run("VOD2STRM_OUTPUTS"), @r"
    status 2
    error: variable VOD2STRM_BASEURL: there is no such setting; the nearest is base_url
    status 2
    error: variable VOD2STRM_OUTPUTS: there is no such setting; the nearest is output
    ");
    assert_eq!(names(&scene.path("")), ["list.m3u"]);
}

#[test]
fn a_variable_that_is_no_text_is_an_error_and_not_left_out() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let scene = Scene::with_playlist();
    let run = |name: &[u8], value: &[u8]| {
        let arguments = ["generate", "--source", "list.m3u", "--output", "library"];
        let (name, value) = (OsStr::from_bytes(name), OsStr::from_bytes(value));
        scene.report(&scene.binary().args(arguments).env(name, value).output().unwrap())
    };
    let said = run(b"VOD2STRM_LAYOUT", b"kodi\xff");
    assert_snapshot!(said, @"
    status 2
    error: variable VOD2STRM_LAYOUT: its name or text is no UTF-8
    ");
    let said = run(b"VOD2STRM_LAYOUT\xff", b"kodi");
    assert!(said.contains("its name or text is no UTF-8"), "{said}");
    assert_eq!(names(&scene.path("")), ["list.m3u"]);
    let said = run(b"OTHER\xff", b"\xff");
    assert!(said.starts_with("status 0"), "others' are no matter of ours: {said}");
}

#[test]
fn flags_and_words_that_are_unknown() {
    let scene = Scene::with_playlist();
    let flag = scene.generate(&["--source", "list.m3u", "--dryrun"]);
    let word = scene.run(&["generate", "episodes"]);
    let command = scene.run(&["sync"]);
    assert_snapshot!(flag + &word + &command, @r"
    status 2
    error: unexpected argument '--dryrun' found

      tip: a similar argument exists: '--dry-run'

    Usage: vod2strm generate --output <DIR> --base-url <URL> --source <URL> --dry-run[=<false>] [WHAT]

    For more information, try '--help'.
    status 2
    error: invalid value 'episodes' for '[WHAT]'
      [possible values: all, movies, series]

      tip: a similar value exists: 'series'

    For more information, try '--help'.
    status 2
    error: unrecognized subcommand 'sync'

    Usage: vod2strm [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_eq!(names(&scene.path("")), ["list.m3u"]);
}

#[test]
fn a_missing_source_and_a_missing_output() {
    let scene = Scene::with_playlist();
    let source = scene.run(&["generate", "--output", "library"]);
    let output = scene.run(&["doctor", "--source", "list.m3u"]);
    assert_snapshot!(source + &output, @r#"
    status 2
    error: --source is missing: where the catalogue is
      try: --source playlist.m3u, or source = "…" in vod2strm.toml, or the variable VOD2STRM_SOURCE
    status 2
    error: --output is missing: the folder in which Movies and TV are made
      try: --output /media/vod, or output = "…" in vod2strm.toml, or the variable VOD2STRM_OUTPUT
    "#);
    assert_eq!(names(&scene.path("")), ["list.m3u"]);
}

#[test]
fn values_that_no_setting_takes() {
    let scene = Scene::with_playlist();
    let run = |flag: &str, value: &str| scene.generate(&["--source", "list.m3u", flag, value]);
    let layout = run("--layout", "flat");
    let template = run("--movie-folder", "{titel} ({year})");
    let ids = run("--movie-ids", "1,two");
    let concurrency = run("--concurrency", "0");
    assert_snapshot!(layout + &template + &ids + &concurrency, @"
    status 2
    error: --layout: wanted is standard, classic, jellyfin, emby, kodi, plex or channels
    status 2
    error: --movie-folder: wanted in { } is one of {title}, {year}, {tmdb}, {imdb}, {tvdb}, {genre}, {category}, {account}, {language}, {quality}
    status 2
    error: --movie-ids: wanted are ids: numbers with commas between them
    status 2
    error: --concurrency: wanted is a number from 1 to 64
    ");
    assert_eq!(names(&scene.path("")), ["list.m3u"]);
}

/// A setting is checked in every run, also in one that does not use it.
#[test]
fn a_slip_in_what_a_run_does_not_use_is_told_of() {
    let scene = Scene::with_playlist();
    for (flag, value) in [
        ("--refresh-rate", "abc"),
        ("--refresh-parallel", "none"),
        ("--refresh-budget", "-1"),
        ("--refresh-hourly", "few"),
        ("--max-age", "old"),
        ("--api-url", "dispatcharr"),
    ] {
        let flag_and_value = format!("{flag}={value}");
        let said = scene.generate(&["--source", "list.m3u", &flag_and_value]);
        assert!(said.starts_with("status 2\n") && said.contains(flag), "{flag}: {said}");
    }
    assert_eq!(names(&scene.path("")), ["list.m3u"]);
}

#[test]
fn a_cleanup_has_three_modes_and_grace_is_a_number() {
    let scene = Scene::with_playlist();
    let run = |flag: &str, text: &str| scene.generate(&["--source", "list.m3u", flag, text]);
    assert_snapshot!(run("--cleanup", "always") + &run("--grace", "soon"), @"
    status 2
    error: --cleanup: wanted is off, preview or apply
    status 2
    error: --grace: wanted is a number of runs from 0 to 1000
    ");
    assert_eq!(names(&scene.path("")), ["list.m3u"]);
}

#[test]
fn addresses_that_lack_something_keep_their_password() {
    with_sources(&[
        "postgres:/joe:SECRET@db/tv",
        "postgres:joe:SECRET@db/tv",
        "joe:SECRET@db/tv",
        "host=db user=joe password=SECRET dbname=tv",
        "http:/joe:SECRET@tv.example/list.m3u",
    ]);
}

#[test]
fn unusual_places_of_a_password_are_known() {
    with_sources(&[
        "postgres://joe:x@SECRET@127.0.0.1:1/tv",
        "postgres://joe:SECRET?x@127.0.0.1:1/tv",
        "postgres://joe:SECRET x@127.0.0.1:1/tv",
        "postgres://joe@127.0.0.1:1/tv?sslpassword=SECRET",
        "http://127.0.0.1:1/playlist/joe/SECRET/m3u_plus",
    ]);
}

#[test]
fn what_follows_a_hidden_value_is_not_lost() {
    let report = with_sources(&["http://tv.example:99999/get.php?password=SECRET"]);
    assert!(
        report.contains("error: --source: http://tv.example:99999/get.php is not a usable source"),
        "{report}"
    );
}

#[test]
fn an_address_that_cannot_be_used_makes_no_library() {
    let scene = Scene::with_playlist();
    scene.generate(&["--source", "postgres://joe@db"]);
    assert_eq!(names(&scene.path("")), ["list.m3u"]);
}
