//! Episodes that Dispatcharr had, and that are missing.

use vod2strm_testkit::dispatcharr::Mood;
use vod2strm_testkit::home::number;

use super::{Scene, total};

/// As when Dispatcharr makes its series anew: their episodes go along.
const LOSE_EPISODES: &str = "DELETE FROM vod_m3uepisoderelation; DELETE FROM vod_episode;
    UPDATE vod_m3useriesrelation SET last_episode_refresh = NULL";

#[test]
fn what_has_missing_episodes_is_mended_by_the_run_that_finds_it_and_nothing_is_held() {
    let scene = Scene::new(12);
    let flags = scene.flags(&["--refresh", "--cleanup", "apply"]);
    scene.home.generate(&scene.database.url(), &flags);
    let before: Vec<String> = scene.home.tree().into_keys().collect();
    scene.database.execute(LOSE_EPISODES);
    let report = scene.home.generate(&scene.database.url(), &flags);
    // An account that lists a series twice is asked for both.
    assert!(number(&report, "/refresh/fetched") >= scene.series() as u64, "{report:#}");
    assert_eq!(report["held"].as_array().unwrap().len(), 0, "{report:#}");
    assert_eq!(scene.home.tree().into_keys().collect::<Vec<_>>(), before);
    // Where the provider has none of them any more, the loss is decided as ever.
    scene.database.execute(LOSE_EPISODES);
    scene.server.be(|_, _| Mood::Episodes(0));
    let (status, report) = scene.home.try_generate(&scene.database.url(), &flags);
    assert_eq!(status, 4, "{report:#}");
    assert_eq!(scene.home.tree().into_keys().collect::<Vec<_>>(), before);
}

/// A part of what was fetched is missing; of the best provider, and of another one that was it when files were written.
#[test]
fn what_has_some_missing_episodes_is_asked_for_though_its_provider_says_nothing_and_is_not_the_best()
 {
    let scene = Scene::new(12);
    scene.server.be(|_, _| Mood::Episodes(6));
    let url = scene.database.url();
    let flags = scene.flags(&["--refresh", "--cleanup", "apply"]);
    scene.home.generate(&url, &flags);
    let before: Vec<String> = scene.home.tree().into_keys().collect();
    let without = scene.flags(&["--cleanup", "apply"]);
    for better in [false, true] {
        if better {
            // Each series is played from another account by now, as soon as it has episodes.
            scene.database.execute(
                "UPDATE m3u_m3uaccount SET priority = 1000 - priority;
                 UPDATE vod_m3useriesrelation SET last_episode_refresh = now()",
            );
        }
        scene.database.execute(
            "DELETE FROM vod_m3uepisoderelation WHERE episode_id IN
               (SELECT id FROM vod_episode WHERE episode_number > 1);
             DELETE FROM vod_episode WHERE episode_number > 1",
        );
        let (status, report) = scene.home.try_generate(&url, &without);
        assert!(
            status == 4 && report["held"].to_string().contains("vod2strm refresh"),
            "{report:#}"
        );
        let (_, refreshed) = scene.refresh(&[]);
        assert_eq!(total(&refreshed, "/refresh/failed"), 0, "{refreshed:#}");
        let (status, report) = scene.home.try_generate(&url, &without);
        assert_eq!((status, report["held"].as_array().unwrap().len()), (0, 0), "{report:#}");
        assert_eq!(scene.home.tree().into_keys().collect::<Vec<_>>(), before, "{better}");
    }
}
