//! What every layout makes of one playlist, names that media servers misread included.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use vod2strm_core::hash::RowHasher;
use vod2strm_core::layout::Layout;
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;
use vod2strm_testkit::servers::LibraryPaths;

const PLAYLIST: &str = r#"#EXTM3U
#EXTINF:-1 tmdb-id="949" group-title="EN | Crime",EN - Heat (1995) 4K
http://p.example/movie/u/p/1.mkv
#EXTINF:-1 tmdb-id="949" group-title="|FR| CINÉMA",|FR| Heat (1995) 1080p
http://p.example/movie/u/p/2.mp4
#EXTINF:-1 tmdb-id="603" group-title="EN | Action",The Matrix (1999)
http://p.example/movie/u/p/3.mkv
#EXTINF:-1 group-title="EN | Action",Sample (2010)
http://p.example/movie/u/p/4.mkv
#EXTINF:-1 group-title="EN | Action",AC/DC: Live? (1991)
http://p.example/movie/u/p/5.mkv
#EXTINF:-1 group-title="EN | Action",Foo - Other
http://p.example/movie/u/p/6.mkv
#EXTINF:-1 group-title="Crime" type="series",Fargo (2014) S01E01 The Crocodile's Dilemma
http://p.example/series/u/p/11.mkv
#EXTINF:-1 group-title="Crime",Fargo (2014) S00E01 A special
http://p.example/series/u/p/12.mkv
#EXTINF:-1 group-title="Crime",Fargo (2014) S02E01-E02 Two at once
http://p.example/series/u/p/13.mkv
#EXTINF:-1 group-title="Crime",24 S01E01 Midnight
http://p.example/series/u/p/14.mkv
#EXTINF:-1 group-title="Comedy",Extras S01E01 Trailer
http://p.example/series/u/p/15.mkv
#EXTINF:-1 group-title="Comedy",Extras S01E02 X2
http://p.example/series/u/p/16.mkv
"#;

/// The paths of the `.strm` files, and of the NFOs that do not lie beside one.
fn tree(flags: &[&str]) -> String {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    std::fs::write(&list, PLAYLIST).unwrap();
    home.generate(list.to_str().unwrap(), flags);
    let tree = home.tree();
    if !flags.contains(&"classic") {
        LibraryPaths::of(tree.keys()).assert_understood();
        LibraryPaths::of(tree.keys()).assert_nfos_are_paired();
    }
    let has_strm = |nfo: &str| tree.contains_key(&nfo.replace(".nfo", ".strm"));
    let paths = tree.keys().filter(|path| path.ends_with(".strm") || !has_strm(path));
    paths.map(|path| format!("{path}\n")).collect()
}

#[test]
fn every_layout_has_its_names() {
    insta::assert_snapshot!(tree(&["--layout", "standard"]), @"
    Movies/AC-DC - Live (1991)/AC-DC - Live (1991).strm
    Movies/Foo - Other ·/Foo - Other ·.strm
    Movies/Heat (1995)/Heat (1995) - 1080p FR.strm
    Movies/Heat (1995)/Heat (1995).strm
    Movies/Sampleʼ (2010)/Sampleʼ (2010).strm
    Movies/The Matrix (1999)/The Matrix (1999).strm
    TV/24 ·/Season 01/24 - S01E01 - Midnight.strm
    TV/24 ·/tvshow.nfo
    TV/Extras ·/Season 01/Extras - S01E01 - Trailer ·.strm
    TV/Extras ·/Season 01/Extras - S01E02 - ·X2.strm
    TV/Extras ·/tvshow.nfo
    TV/Fargo (2014)/Season 00/Fargo (2014) - S00E01 - A special.strm
    TV/Fargo (2014)/Season 01/Fargo (2014) - S01E01 - The Crocodile's Dilemma.strm
    TV/Fargo (2014)/Season 02/Fargo (2014) - S02E01-E02 - Two at once.strm
    TV/Fargo (2014)/tvshow.nfo
    ");
    insta::assert_snapshot!(tree(&["--layout", "jellyfin"]), @"
    Movies/AC-DC - Live (1991)/AC-DC - Live (1991).strm
    Movies/Foo - Other ·/Foo - Other ·.strm
    Movies/Heat (1995) [tmdbid-949]/Heat (1995) [tmdbid-949] - 1080p FR.strm
    Movies/Heat (1995) [tmdbid-949]/Heat (1995) [tmdbid-949].strm
    Movies/Sampleʼ (2010)/Sampleʼ (2010).strm
    Movies/The Matrix (1999) [tmdbid-603]/The Matrix (1999) [tmdbid-603].strm
    TV/24 ·/Season 01/24 - S01E01 - Midnight.strm
    TV/24 ·/tvshow.nfo
    TV/Extras ·/Season 01/Extras - S01E01 - Trailer ·.strm
    TV/Extras ·/Season 01/Extras - S01E02 - ·X2.strm
    TV/Extras ·/tvshow.nfo
    TV/Fargo (2014)/Season 00/Fargo (2014) - S00E01 - A special.strm
    TV/Fargo (2014)/Season 01/Fargo (2014) - S01E01 - The Crocodile's Dilemma.strm
    TV/Fargo (2014)/Season 02/Fargo (2014) - S02E01-E02 - Two at once.strm
    TV/Fargo (2014)/tvshow.nfo
    ");
    insta::assert_snapshot!(tree(&["--layout", "emby"]), @"
    Movies/AC-DC - Live (1991)/AC-DC - Live (1991).strm
    Movies/Foo - Other ·/Foo - Other ·.strm
    Movies/Heat (1995) [tmdbid=949]/Heat (1995) [tmdbid=949] - 1080p FR.strm
    Movies/Heat (1995) [tmdbid=949]/Heat (1995) [tmdbid=949].strm
    Movies/Sampleʼ (2010)/Sampleʼ (2010).strm
    Movies/The Matrix (1999) [tmdbid=603]/The Matrix (1999) [tmdbid=603].strm
    TV/24 ·/Season 01/24 - S01E01 - Midnight.strm
    TV/24 ·/tvshow.nfo
    TV/Extras ·/Season 01/Extras - S01E01 - Trailer ·.strm
    TV/Extras ·/Season 01/Extras - S01E02 - ·X2.strm
    TV/Extras ·/tvshow.nfo
    TV/Fargo (2014)/Season 00/Fargo (2014) - S00E01 - A special.strm
    TV/Fargo (2014)/Season 01/Fargo (2014) - S01E01 - The Crocodile's Dilemma.strm
    TV/Fargo (2014)/Season 02/Fargo (2014) - S02E01-E02 - Two at once.strm
    TV/Fargo (2014)/tvshow.nfo
    ");
    insta::assert_snapshot!(tree(&["--layout", "plex"]), @"
    Movies/AC-DC - Live (1991)/AC-DC - Live (1991).strm
    Movies/Foo - Other ·/Foo - Other ·.strm
    Movies/Heat (1995) {tmdb-949}/Heat (1995) {tmdb-949} - 1080p FR.strm
    Movies/Heat (1995) {tmdb-949}/Heat (1995) {tmdb-949}.strm
    Movies/Sampleʼ (2010)/Sampleʼ (2010).strm
    Movies/The Matrix (1999) {tmdb-603}/The Matrix (1999) {tmdb-603}.strm
    TV/24 ·/Season 01/24 - S01E01 - Midnight.strm
    TV/24 ·/tvshow.nfo
    TV/Extras ·/Season 01/Extras - S01E01 - Trailer ·.strm
    TV/Extras ·/Season 01/Extras - S01E02 - ·X2.strm
    TV/Extras ·/tvshow.nfo
    TV/Fargo (2014)/Season 00/Fargo (2014) - S00E01 - A special.strm
    TV/Fargo (2014)/Season 01/Fargo (2014) - S01E01 - The Crocodile's Dilemma.strm
    TV/Fargo (2014)/Season 02/Fargo (2014) - S02E01-E02 - Two at once.strm
    TV/Fargo (2014)/tvshow.nfo
    ");
    insta::assert_snapshot!(tree(&["--layout", "classic"]), @"
    Movies/-FR- Heat 1080p (1995)/-FR- Heat 1080p (1995).strm
    Movies/-FR- Heat 1080p (1995)/movie.nfo
    Movies/AC-DC - Live (1991)/AC-DC - Live (1991).strm
    Movies/AC-DC - Live (1991)/movie.nfo
    Movies/EN - Heat 4K (1995)/EN - Heat 4K (1995).strm
    Movies/EN - Heat 4K (1995)/movie.nfo
    Movies/Foo - Other/Foo - Other.strm
    Movies/Foo - Other/movie.nfo
    Movies/Sample (2010)/Sample (2010).strm
    Movies/Sample (2010)/movie.nfo
    Movies/The Matrix (1999)/The Matrix (1999).strm
    Movies/The Matrix (1999)/movie.nfo
    TV/24/Season 01/S01E01 - Midnight.strm
    TV/24/Season 01/S01E01.nfo
    TV/24/Season 01/season.nfo
    TV/24/tvshow.nfo
    TV/Extras/Season 01/S01E01 - Trailer.strm
    TV/Extras/Season 01/S01E01.nfo
    TV/Extras/Season 01/S01E02 - X2.strm
    TV/Extras/Season 01/S01E02.nfo
    TV/Extras/Season 01/season.nfo
    TV/Extras/tvshow.nfo
    TV/Fargo (2014)/Season 00 (Specials)/S00E01 - A special.strm
    TV/Fargo (2014)/Season 00 (Specials)/S00E01.nfo
    TV/Fargo (2014)/Season 00 (Specials)/season.nfo
    TV/Fargo (2014)/Season 01/S01E01 - The Crocodile's Dilemma.strm
    TV/Fargo (2014)/Season 01/S01E01.nfo
    TV/Fargo (2014)/Season 01/season.nfo
    TV/Fargo (2014)/Season 02/S02E01-E02 - Two at once.strm
    TV/Fargo (2014)/Season 02/S02E01-E02.nfo
    TV/Fargo (2014)/Season 02/season.nfo
    TV/Fargo (2014)/tvshow.nfo
    ");
    // A file of a film there is a film of its own, so only the best version has one.
    let best = tree(&["--layout", "standard", "--versions", "best"]);
    assert!(best.contains("Heat (1995).strm") && !best.contains("1080p FR"), "{best}");
    for same in ["kodi", "channels"] {
        assert_eq!(tree(&["--layout", same]), best, "{same}");
    }
    assert_eq!(Layout::all().len(), 7, "all layouts are above");
}

#[test]
fn lines_for_kodi_stand_before_the_url_and_change_no_path() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    std::fs::write(&list, PLAYLIST).unwrap();
    home.generate(list.to_str().unwrap(), &[]);
    let before = home.tree();
    let lines = ["--strm-lines", "#KODIPROP:a=b, #EXTVLCOPT:c"];
    home.generate(list.to_str().unwrap(), &lines);
    let strm = "Movies/The Matrix (1999)/The Matrix (1999).strm";
    let content = "#KODIPROP:a=b\n#EXTVLCOPT:c\nhttp://p.example/movie/u/p/3.mkv\n";
    assert_eq!(String::from_utf8_lossy(&home.tree()[strm]), content);
    assert!(home.tree().keys().eq(before.keys()));
    let report = home.generate(list.to_str().unwrap(), &lines);
    assert_eq!(report["files"], serde_json::json!({}));
}

#[test]
fn the_properties_of_an_entry_are_kept_for_kodi() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    let with_properties = PLAYLIST.replace("#EXTINF", "#KODIPROP:mimetype=video/mp4\n#EXTINF");
    assert!(with_properties != PLAYLIST, "the list has entries");
    std::fs::write(&list, with_properties).unwrap();
    let strm = "Movies/The Matrix (1999)/The Matrix (1999).strm";
    let url = "http://p.example/movie/u/p/3.mkv\n";
    for (layout, properties) in [("standard", ""), ("kodi", "#KODIPROP:mimetype=video/mp4\n")] {
        let flags = ["--layout", layout, "--versions", "best"];
        home.generate(list.to_str().unwrap(), &flags);
        let content = home.tree()[strm].clone();
        assert_eq!(String::from_utf8(content).unwrap(), format!("{properties}{url}"));
        let again = home.generate(list.to_str().unwrap(), &flags);
        assert_eq!(again["files"], serde_json::json!({}));
    }
}

#[test]
fn templates_of_ones_own_are_followed() {
    let own = tree(&[
        "--movie-folder",
        "{language}/{category}/{title} [{quality}] ({year})",
        "--movie-file",
        "{title}",
        "--series-folder",
        "{category}/{title}",
        "--season-folder",
        "S{season:2}",
        "--specials-folder",
        "Extras of it",
        "--episode-file",
        "{season}x{episode:2}< {name}>",
        "--multi-provider",
    ]);
    insta::assert_snapshot!(own, @"
    Movies/EN/EN Action/AC-DC - Live (1991)/AC-DC - Live.strm
    Movies/EN/EN Action/Foo - Other ·/Foo - Other ·.strm
    Movies/EN/EN Action/Sampleʼ (2010)/Sampleʼ.strm
    Movies/EN/EN Action/The Matrix (1999)/The Matrix.strm
    Movies/EN/EN Crime/Heat [2160p] (1995)/Heat - 1080p FR.strm
    Movies/EN/EN Crime/Heat [2160p] (1995)/Heat.strm
    TV/Comedy/Extras ·/S01/1x01 Trailer.strm
    TV/Comedy/Extras ·/S01/1x02 ·X2.strm
    TV/Comedy/Extras ·/tvshow.nfo
    TV/Crime/24 ·/S01/1x01 Midnight.strm
    TV/Crime/24 ·/tvshow.nfo
    TV/Crime/Fargo/Extras of it/0x01 A special.strm
    TV/Crime/Fargo/S01/1x01 The Crocodile's Dilemma.strm
    TV/Crime/Fargo/S02/2x01-E02 Two at once.strm
    TV/Crime/Fargo/tvshow.nfo
    ");
}

/// The trees that every layout makes of one generated catalogue, as hashes. They change only on purpose; where
/// they do for libraries that exist, `RENDERER_VERSION` changes, too.
const TREES: [(&str, &str, u128); 14] = [
    ("standard", "full", 0x6c3fa5a4_9b9b1eab_2944bf22_83ac02ea),
    ("standard", "off", 0x88d62e05_4f606f98_f66f9e4d_140a2e6f),
    ("classic", "full", 0x0a4930dd_fc40f317_579f6f95_fb487534),
    ("classic", "off", 0x44211ace_3338dacc_d7904de6_e311a1ae),
    ("jellyfin", "full", 0xa1440a63_802419c8_7f9c7553_b3e6b3ae),
    ("jellyfin", "off", 0xa25caf23_17c0f0e7_689e2924_9dae25cf),
    ("emby", "full", 0x17a1826e_34480385_99f5a85d_66bc3fc1),
    ("emby", "off", 0x98c0729e_889d86b1_2bb336ef_00aac725),
    ("kodi", "full", 0x7ac32422_8329990a_1c91d2b8_20041efc),
    ("kodi", "off", 0xa216ef10_df1bf63f_9f926cb3_a3a4a5e4),
    ("plex", "full", 0x7c6d653a_d6315a23_f05663b2_b1be1fa0),
    ("plex", "off", 0xa8c4d9d6_a61b8333_6ecd2d52_8185c1c3),
    ("channels", "full", 0xe7f1b563_44e61c16_a0eb5dae_a3c2ebd9),
    ("channels", "off", 0xa216ef10_df1bf63f_9f926cb3_a3a4a5e4),
];

#[test]
fn every_layouts_tree_stays_as_it_is_byte_for_byte() {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(
        11,
        Size { movies: 120, series: 12, episodes_per_series: 6 },
        true,
    ));
    let mut trees = Vec::new();
    for layout in Layout::all() {
        for nfo in ["full", "off"] {
            let home = Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"));
            let flags = ["--layout", layout.as_str(), "--nfo", nfo, "--base-url", "http://d:9191"];
            home.generate(&database.url(), &flags);
            let mut hasher = RowHasher::default();
            hasher.start(b't');
            for (path, content) in home.tree() {
                hasher.text(&path).text(&text(&content));
            }
            trees.push((layout.as_str(), nfo, hasher.finish().0));
        }
    }
    assert_eq!(trees, TREES, "names or contents have changed");
}

#[test]
fn a_preview_names_the_first_titles_that_would_move_or_go() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    let entry = |id: usize| {
        format!("#EXTINF:-1,Film {} (1990)\nhttp://h/movie/u/p/{id}.mkv\n", "I".repeat(id))
    };
    let write = |ids: std::ops::Range<usize>| {
        std::fs::write(&list, format!("#EXTM3U\n{}", ids.map(entry).collect::<String>())).unwrap();
    };
    let source = list.to_str().unwrap();
    let said = |more: &[&str]| {
        let output = home.output();
        let flags = ["generate", "--source", source, "--output", output.to_str().unwrap()];
        let told = home.run(&[&flags[..], more].concat());
        String::from_utf8(told.stdout).unwrap()
    };
    write(1..13);
    home.generate(source, &[]);
    let text = said(&["--dry-run", "--movie-folder", "{title} - {year}"]);
    assert!(text.contains("Would rename: 12 folders, 24 files"), "{text}");
    assert!(text.contains("\n  Movies/Film I (1990) -> Movies/Film I - 1990\n"), "{text}");
    assert_eq!((text.matches(" -> ").count(), text.contains("\n  and 2 more\n")), (10, true));
    write(1..11);
    let text = said(&["--cleanup", "preview", "--grace", "0"]);
    assert!(text.contains("Would remove: 2 titles, 4 files."), "{text}");
    assert!(text.contains(&format!("\n  Movies/Film {} (1990)\n", "I".repeat(12))), "{text}");
    assert!(!text.contains(" more"), "{text}");
}
