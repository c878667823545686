//! What `doctor` finds of settings, source, storage and ledger.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use vod2strm_core::layout::{Layout, TemplateKind};
use vod2strm_disk::library::Library;
use vod2strm_engine::doctor::{Examination, Findings, Health, doctor};
use vod2strm_engine::source::SourceAddress;

use crate::scene::{FILMS, Scene, TITLES, Told};

fn nothing_else() -> Examination {
    Examination { settings_file: None, fetch: None, own_files: Vec::new() }
}

fn look(scene: &Scene) -> Findings {
    doctor(&scene.config, &nothing_else(), &scene.host(&[]))
}

/// The findings, a line each, but for how much room there is.
fn lines(scene: &Scene, findings: &Findings) -> Vec<String> {
    let line = |finding: &vod2strm_engine::doctor::Finding| {
        let text = scene.plain(&finding.text);
        let text = text.split(", ").filter(|part| !part.ends_with(" MiB free"));
        let text = text.collect::<Vec<_>>().join(", ");
        format!("{:?} {}: {text}", finding.health, finding.what)
    };
    let lines = findings.all.iter().map(line);
    // Who the group is and how much room there is depends on the machine.
    lines.filter(|line| !line.contains("room for about") && !line.contains("inodes")).collect()
}

/// The lines about this.
fn of(scene: &Scene, what: &str) -> Vec<String> {
    let lines = lines(scene, &look(scene));
    lines.into_iter().filter(|line| line.split([' ', ':']).nth(1) == Some(what)).collect()
}

#[test]
fn before_and_after_the_first_run_all_is_well() {
    let scene = Scene::of(&["Heat (1995)", "Dark S01E02"]);
    let told = Told::default();
    let findings = doctor(&scene.config, &nothing_else(), &scene.host(&[&told]));
    assert_eq!(findings.health(), Health::Ok, "{findings:?}");
    let all = lines(&scene, &findings);
    let labels: Vec<&str> = all.iter().map(|line| line.split_once(": ").unwrap().0).collect();
    assert_eq!(labels.first(), Some(&"Ok settings file"));
    for line in [
        "Ok settings file: none; flags and variables alone",
        "Ok layout: standard",
        "Ok source: /list.m3u",
        "Ok example: Movies/Heat (1995)/Heat (1995).strm",
        "Ok example: TV/Dark/Season 01/Dark - S01E02.strm",
        "Ok output: /films will be made by the first run;  is writable",
        "Ok lock: keeps other runs away",
        "Ok state: /state can be written, and SQLite works there",
    ] {
        assert!(all.iter().any(|it| it == line), "{line}: {all:#?}");
    }
    assert!(of(&scene, "ledger")[0].ends_with("has no titles yet"), "{all:#?}");
    assert!(!scene.at("").exists(), "nothing is made");
    assert_eq!(told.of("phase")[..2], ["phase Look Some(2)", "phase Open None"]);
    scene.done();
    assert_eq!(look(&scene).health(), Health::Ok);
    assert!(of(&scene, "ledger")[0].ends_with("ledger.sqlite has 2 titles"));
    assert_eq!(of(&scene, "output"), ["Ok output: /films is writable"]);
}

#[test]
fn the_settings_file_and_advice_are_named() {
    let mut scene = Scene::of(&FILMS);
    let file = Some("/etc/vod2strm.toml".into());
    let examination = Examination { settings_file: file, ..nothing_else() };
    let findings = doctor(&scene.config, &examination, &scene.host(&[]));
    assert_eq!(lines(&scene, &findings)[0], "Ok settings file: /etc/vod2strm.toml");
    let layout = Layout::standard().with(TemplateKind::SeriesFolder, "{genre}/{title}").unwrap();
    scene.config.policy.layout = layout;
    let advice = of(&scene, "series_folder");
    assert_eq!(advice.len(), 1, "{advice:?}");
    assert!(advice[0].starts_with("Look series_folder: Jellyfin and Emby take every folder"));
}

#[test]
fn a_source_that_cannot_be_read_fails_and_the_rest_is_looked_at() {
    let scene = Scene::made(&FILMS);
    fs::remove_file(scene.dir.path().join("list.m3u")).unwrap();
    let findings = look(&scene);
    assert_eq!(findings.health(), Health::Fail);
    let source = of(&scene, "source");
    assert_eq!(source.len(), 1, "{source:?}");
    assert!(source[0].starts_with("Fail source: error: "), "{source:?}");
    assert!(source[0].contains("\n  because: "), "{source:?}");
    assert_eq!(of(&scene, "output"), ["Ok output: /films is writable"]);
}

#[test]
fn each_part_of_a_filter_is_counted() {
    let mut scene = Scene::of(&TITLES);
    scene.config.policy.choice.filter = Some("year < 1990 or year > 2050".parse().unwrap());
    assert_eq!(
        of(&scene, "filter"),
        [
            "Ok filter: 2 of 4 titles are wanted",
            "Ok filter: year < 1990 matches 2 titles",
            "Look filter: year > 2050 matches 0 titles",
        ]
    );
    assert_eq!(look(&scene).health(), Health::Look);
}

#[test]
fn beside_a_run_nothing_is_tried() {
    let scene = Scene::made(&FILMS);
    let library = Library::open(&scene.config.place, "id", "somebody").unwrap();
    assert_eq!(of(&scene, "output"), ["Look output: a run is at work: nothing is tried beside it"]);
    assert_eq!(
        of(&scene, "ledger"),
        ["Look ledger: a run is at work: the ledger is not looked at meanwhile"]
    );
    drop(library);
}

#[test]
fn a_ledger_that_is_lost_or_has_names_of_other_settings_is_told_of() {
    let mut scene = Scene::made(&FILMS);
    let layout = Layout::standard().with(TemplateKind::MovieFolder, "{year} {title}").unwrap();
    scene.config.policy.layout = layout;
    let text = "has 3 titles; 3 of them were named by other settings: the next generate gives the names of today (--dry-run \
                tells which)";
    assert!(of(&scene, "ledger")[0].ends_with(text), "{:?}", of(&scene, "ledger"));
    fs::remove_dir_all(scene.dir.path().join("state")).unwrap();
    let lost = of(&scene, "ledger");
    assert!(
        lost[0].starts_with("Look ledger: ") && lost[0].contains("is not there, or older"),
        "{lost:?}"
    );
}

/// Files that hold a login, and that others can read.
#[test]
fn who_can_read_logins_is_told() {
    let scene = Scene::made(&FILMS);
    let logins = of(&scene, "logins");
    assert!(
        logins[0].starts_with("Ok logins: the .strm files hold your provider's login"),
        "{logins:?}"
    );
    assert_eq!(of(&scene, "own"), [""; 0]);
    let open = |path: std::path::PathBuf| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    };
    open(scene.config.place.ledger_outside());
    let log = scene.dir.path().join("run's.log");
    fs::write(&log, "").unwrap();
    open(log.clone());
    let examination = Examination { own_files: vec![log], ..nothing_else() };
    let findings = doctor(&scene.config, &examination, &scene.host(&[]));
    let all = lines(&scene, &findings);
    let own: Vec<_> = all.iter().filter(|line| line.starts_with("Look own files: ")).collect();
    assert_eq!(own.len(), 1, "{all:#?}");
    assert!(own[0].contains("ledger.sqlite' '/run'\\''s.log' (if that"), "{own:?}");
    fs::set_permissions(scene.at("Movies"), fs::Permissions::from_mode(0o755)).unwrap();
    let readers = of(&scene, "logins");
    assert!(readers.iter().any(|line| line.contains("chmod -R o= '/films/Movies'")), "{readers:?}");
}

#[test]
fn a_state_folder_that_cannot_be_used_is_a_failure_or_the_library_takes_the_ledger() {
    let mut scene = Scene::of(&FILMS);
    fs::write(scene.dir.path().join("state"), "a file").unwrap();
    let state = of(&scene, "state");
    assert!(state[0].starts_with("Fail state: error: cannot use folder /state"), "{state:?}");
    scene.config.place.is_state_chosen = false;
    let state = of(&scene, "state");
    assert!(
        state[0].starts_with("Look state: the first run will keep its ledger in the library: "),
        "{state:?}"
    );
    scene.done();
    assert_eq!(of(&scene, "state"), ["Ok state: the ledger is in the library"]);
}

/// Whoever fetches episodes is asked who we are; settings that do not say it are a failure.
#[test]
fn settings_that_do_not_say_who_fetches_are_a_failure() {
    let scene = Scene::of(&FILMS);
    let fetch = Some(Err("error: no password".to_owned()));
    let examination = Examination { fetch, ..nothing_else() };
    let findings = doctor(&scene.config, &examination, &scene.host(&[]));
    let all = lines(&scene, &findings);
    assert!(all.contains(&"Fail API: error: no password".to_owned()), "{all:#?}");
    assert_eq!(findings.health(), Health::Fail);
}

/// What is asked of the network: a proxy's address, and who proves who servers are.
#[test]
fn addresses_and_certificates_are_looked_at_where_they_are_needed() {
    let mut scene = Scene::of(&FILMS);
    let has = |scene: &Scene, what: &str| !of(scene, what).is_empty();
    assert!(!has(&scene, "base_url") && !has(&scene, "certificates"));
    scene.config.source = SourceAddress::parse("https://127.0.0.1:1/list.m3u").unwrap();
    assert!(has(&scene, "certificates") && !has(&scene, "base_url"));
    assert!(of(&scene, "source")[0].starts_with("Fail source: error: "));
    scene.config.source = SourceAddress::parse("postgres://u@127.0.0.1:1/d").unwrap();
    assert_eq!(of(&scene, "base_url"), ["Ok base_url: http://d:9191"]);
    assert!(!has(&scene, "certificates"));
    scene.config.policy.direct_urls = true;
    assert!(!has(&scene, "base_url"));
}

/// The group whose members can read logins is named as the system names it.
#[test]
fn the_group_of_logins_is_named() {
    let scene = Scene::made(&FILMS);
    let gid = fs::metadata(scene.at("")).unwrap().gid().to_string();
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let named = groups.lines().find(|line| line.split(':').nth(2) == Some(&gid));
    let name = named.map_or(gid.as_str(), |line| line.split(':').next().unwrap());
    let logins = of(&scene, "logins");
    assert!(logins[0].contains(&format!("and the group {name}, which")), "{logins:?}");
}
