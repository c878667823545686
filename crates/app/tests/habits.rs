//! What a category's names have in common, from one night to the next: names stay when others of their category go.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeSet;

use vod2strm_testkit::home::{Home, text};

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
    let name =
        |n: u32| if n < with_prefix { format!("XYZ - Film {n}") } else { format!("Road {n}") };
    (0..12).map(|n| (name(n), n)).collect()
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
