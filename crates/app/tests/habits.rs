//! What a category's names have in common, from one night to the next: names stay when others of their category go.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeSet;

use vod2strm_testkit::home::{Home, files, number, text};

/// A library of a playlist with one group.
struct Scene {
    home: Home,
}

impl Scene {
    fn new() -> Scene {
        Scene { home: Home::new(env!("CARGO_BIN_EXE_vod2strm")) }
    }

    fn source(&self) -> String {
        self.home.dir.path().join("list.m3u").display().to_string()
    }

    /// Writes the list: films by their names, each with the number of its stream.
    fn list(&self, films: &[(String, u32)]) {
        let entry = |(name, film): &(String, u32)| {
            format!("#EXTINF:-1 group-title=\"Films\",{name}\nhttp://h/movie/u/p/{film}.mkv\n")
        };
        let entries: String = films.iter().map(entry).collect();
        std::fs::write(self.source(), format!("#EXTM3U\n{entries}")).unwrap();
    }

    fn night(&self, flags: &[&str]) {
        self.home.generate(&self.source(), flags);
    }

    /// The folders of movies.
    fn folders(&self) -> BTreeSet<String> {
        let tree = self.home.tree();
        tree.keys().map(|path| path.split('/').nth(1).unwrap().to_owned()).collect()
    }

    fn has(&self, folder: &str) -> bool {
        self.folders().contains(folder)
    }
}

/// So many films with the prefix, and others without it: twelve in all.
fn films(with_prefix: u32) -> Vec<(String, u32)> {
    let film = |n: u32| {
        if n < with_prefix { (format!("XYZ - Film {n}"), n) } else { (format!("Road {n}"), 50 + n) }
    };
    (0..12).map(film).collect()
}

/// The same with a new one that has the prefix, and the first one at another address.
fn with_news(with_prefix: u32, title: &str) -> Vec<(String, u32)> {
    let mut films = films(with_prefix);
    let number = 100 + title.bytes().map(u32::from).sum::<u32>();
    films[11] = (format!("XYZ - {title}"), number);
    films[0].1 = 10 * number;
    films
}

#[test]
fn a_habit_is_kept_while_a_tenth_of_the_names_have_it() {
    let scene = Scene::new();
    scene.list(&films(4));
    scene.night(&[]);
    assert!(scene.has("Film 0") && scene.has("Film 3"), "{:?}", scene.folders());
    let before = scene.folders();
    // Two of twelve: a first run would learn nothing of them.
    scene.list(&with_news(1, "Harbour"));
    scene.night(&["--dry-run"]);
    scene.night(&[]);
    assert!(scene.has("Harbour"), "{:?}", scene.folders());
    assert!(before.is_subset(&scene.folders()), "nothing moves: {:?}", scene.folders());
    // One of twelve. A dry run forgets nothing, the night does.
    scene.list(&with_news(0, "Late"));
    scene.night(&["--dry-run"]);
    scene.list(&with_news(1, "Bridge"));
    scene.night(&[]);
    assert!(scene.has("Bridge"), "{:?}", scene.folders());
    scene.list(&with_news(0, "Late"));
    scene.night(&[]);
    assert!(scene.has("XYZ - Late"), "{:?}", scene.folders());
    scene.list(&with_news(1, "Later"));
    scene.night(&[]);
    assert!(scene.has("XYZ - Later"), "it is forgotten: {:?}", scene.folders());
    assert!(before.is_subset(&scene.folders()), "nothing moves: {:?}", scene.folders());
}

/// The titles and years that `names` prints with these flags.
fn named(scene: &Scene, flags: &[&str]) -> BTreeSet<(String, String)> {
    let before = files(scene.home.dir.path());
    let done = scene.home.run(&[&["names"], flags].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(files(scene.home.dir.path()), before, "nothing is left behind");
    let table = text(&done.stdout);
    let columns = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        (columns[1].to_owned(), columns[2].to_owned())
    };
    table.lines().skip(1).map(columns).collect()
}

/// The titles and years of the NFOs on disk, as far as their films are in the list.
fn written(scene: &Scene, films: &[(String, u32)]) -> BTreeSet<(String, String)> {
    let tree = scene.home.tree();
    let is_listed = |film: u32| films.iter().any(|(_, number)| *number == film);
    let number = |strm: &str| {
        let end = strm.trim().rsplit('/').next()?.strip_suffix(".mkv")?;
        end.parse::<u32>().ok()
    };
    let strms = tree.iter().filter(|(path, _)| path.ends_with(".strm"));
    let listed = strms.filter(|(_, strm)| number(&text(strm)).is_some_and(is_listed));
    let between = |nfo: &str, tag: &str| {
        let (_, rest) = nfo.split_once(&format!("<{tag}>"))?;
        Some(rest.split_once("</")?.0.to_owned())
    };
    let said = listed.map(|(path, _)| {
        let nfo = text(&tree[&path.replace(".strm", ".nfo")]);
        (between(&nfo, "title").unwrap(), between(&nfo, "year").unwrap_or_default())
    });
    said.collect()
}

/// One library of the settings file, with a pattern of its own, beside another one without.
#[test]
fn names_of_a_library_are_those_that_generate_writes() {
    let scene = Scene::new();
    let settings = format!(
        "source = '{}'\nstate = 'state'\n[library.films]\noutput = 'library'\n\
         name_clean_regex = '^\\(VIP\\) '\n[library.raw]\noutput = 'raw'\nno_name_clean = true\n",
        scene.source()
    );
    std::fs::write(scene.home.dir.path().join("vod2strm.toml"), settings).unwrap();
    let library = ["--library", "films"];
    let vip = |mut films: Vec<(String, u32)>| {
        films[10].0 = "(VIP) Tower [4K] (1999)".to_owned();
        films
    };
    // Learnt, kept, and forgotten.
    for (night, has_habit) in
        [vip(films(4)), vip(with_news(1, "Harbour")), vip(with_news(0, "Late"))]
            .into_iter()
            .zip([true, true, false])
    {
        scene.list(&night);
        // Before the night, and after it.
        let before = named(&scene, &library);
        let done = scene.home.run(&["generate", "--full", "--library", "films"]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        let on_disk = written(&scene, &night);
        assert_eq!(on_disk.len(), 12, "{on_disk:?}");
        assert_eq!(named(&scene, &library), on_disk);
        assert_eq!(before, on_disk);
        assert!(on_disk.contains(&("Tower".to_owned(), "1999".to_owned())), "{on_disk:?}");
        assert_eq!(on_disk.iter().all(|(title, _)| !title.contains("XYZ")), has_habit);
    }
    assert!(!scene.home.dir.path().join("raw").exists());
    let raw = named(&scene, &["--library", "raw"]);
    assert!(raw.contains(&("(VIP) Tower [4K]".to_owned(), "1999".to_owned())), "{raw:?}");
}

/// A library is given by flags, too. Where it has no ledger yet, names are learnt as by its first run; a file is of no
/// library.
#[test]
fn names_of_a_source_heed_the_ledger_of_the_output_folder() {
    let scene = Scene::new();
    scene.list(&films(4));
    scene.night(&[]);
    let night = with_news(1, "Harbour");
    scene.list(&night);
    let has = |flags: &[&str], title: &str| {
        named(&scene, flags).contains(&(title.to_owned(), String::new()))
    };
    let (source, output) = (scene.source(), scene.home.output());
    let output = output.to_str().unwrap();
    assert!(has(&["--source", &source, "--output", output], "Harbour"));
    let examined = scene.home.run(&["doctor", "--source", &source, "--output", output]);
    let examined = text(&examined.stdout);
    assert!(examined.contains("example: Movies/Film 0/"), "{examined}");
    assert!(has(&["--source", &source], "XYZ - Harbour"));
    assert!(has(&["--source", &source, "--output", "elsewhere"], "XYZ - Harbour"));
    assert!(has(&[&source, "--output", output], "XYZ - Harbour"));
    assert!(!scene.home.dir.path().join("elsewhere").exists(), "nothing is made");
}

#[test]
fn a_known_title_keeps_the_name_in_its_nfo() {
    let scene = Scene::new();
    scene.list(&films(4));
    scene.night(&[]);
    scene.list(&with_news(1, "Harbour"));
    scene.night(&["--full"]);
    let nfo = text(&scene.home.tree()["Movies/Film 0/Film 0.nfo"]);
    assert!(nfo.contains("<title>Film 0</title>"), "{nfo}");
}

/// A bracket at the end is a habit, too. A run over some titles keeps it.
#[test]
fn a_run_over_some_titles_keeps_what_a_bracket_at_the_end_is() {
    let scene = Scene::new();
    let named = |n: u32, of: u32| {
        if n < of { format!("Film {n} (ATOM)") } else { format!("Road {n}") }
    };
    let films = |of: u32| (0..12).map(|n| (named(n, of), n)).collect::<Vec<_>>();
    scene.list(&films(4));
    scene.night(&[]);
    assert!(scene.has("Film 3"), "{:?}", scene.folders());
    let mut less = films(2);
    less[11] = ("Bridge (ATOM)".to_owned(), 40);
    scene.list(&less);
    scene.night(&["--movie-ids", "12"]);
    assert!(scene.has("Bridge"), "{:?}", scene.folders());
    less[10] = ("Tower (ATOM)".to_owned(), 41);
    scene.list(&less);
    scene.night(&[]);
    assert!(scene.has("Tower"), "{:?}", scene.folders());
}

/// A dry run counts what the filter matches, also where nothing is to be done: by the names that the library has.
#[test]
fn a_dry_run_without_news_counts_a_filters_matches_by_kept_habits() {
    let scene = Scene::new();
    let filter = ["--filter", "not name == Harbour"];
    scene.list(&films(4));
    scene.night(&filter);
    scene.list(&with_news(1, "Harbour"));
    scene.night(&filter);
    let dry = [&filter[..], &["--dry-run"]].concat();
    let report = scene.home.generate(&scene.source(), &dry);
    assert_eq!(number(&report, "/filter/parts/0/titles"), 1, "{report:#}");
}

/// Habits are read where something is loaded, and nowhere else: of a row that cannot be read, a night without news
/// learns nothing.
#[test]
fn a_night_without_news_asks_for_no_habits() {
    let scene = Scene::new();
    let ledger = || rusqlite::Connection::open(scene.home.ledger()).unwrap();
    let unreadable = || {
        let sql = "SELECT count(*) FROM habits WHERE kind = 'nobody'";
        ledger().query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap()
    };
    scene.list(&films(4));
    scene.night(&[]);
    ledger().execute("INSERT INTO habits VALUES ('nobody', 'Films', 'dash', 'XYZ')", []).unwrap();
    scene.night(&[]);
    assert_eq!(unreadable(), 1);
    let mut news = films(4);
    news.push(("XYZ - Harbour".to_owned(), 100));
    scene.list(&news);
    scene.night(&[]);
    assert_eq!(unreadable(), 0, "a ledger that is damaged is made anew");
}

/// Names of today are those that a new library would have.
#[test]
fn relayout_keeps_no_habit() {
    let scene = Scene::new();
    scene.list(&films(4));
    scene.night(&[]);
    scene.list(&films(2));
    scene.night(&["--relayout", "--movie-ids", "1"]);
    assert!(scene.has("Film 0"), "some titles are no reason to forget: {:?}", scene.folders());
    scene.night(&["--relayout"]);
    let fresh = Scene::new();
    fresh.list(&films(2));
    fresh.night(&[]);
    assert!(fresh.folders().is_subset(&scene.folders()), "{:?}", scene.folders());
    assert!(!scene.has("Film 0") && !scene.has("Film 1"));
    // It is forgotten for good.
    scene.list(&with_news(1, "Harbour"));
    scene.night(&[]);
    assert!(scene.has("XYZ - Harbour"), "{:?}", scene.folders());
}
