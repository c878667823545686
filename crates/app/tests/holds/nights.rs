//! Nights in which episodes are missing and the user changes something else as well.

use std::collections::BTreeSet;

use vod2strm_testkit::home::Home;
use vod2strm_testkit::postgres::TestDatabase;

use super::fetches::{of_two_accounts, vanish};

/// What can be played: folder, and season and episode; each once, however many versions there are.
fn played(home: &Home) -> BTreeSet<(String, String)> {
    let tree = home.tree();
    let strms = tree.keys().filter(|path| path.starts_with("TV/") && path.ends_with(".strm"));
    let played = strms.map(|path| {
        let (folder, name) = path.rsplit_once('/').unwrap();
        let is_mark = |word: &&str| word.starts_with('S') && word.get(3..4) == Some("E");
        let mark = name.split(' ').find(is_mark).unwrap_or_else(|| panic!("{path}"));
        (folder.to_owned(), mark[..6].to_owned())
    });
    played.collect()
}

/// A loss: who loses, and how.
type Loss = (&'static str, fn(&TestDatabase));

/// Both accounts lose most of what they have; or one loses all, of which the other has never had most.
const LOSSES: [Loss; 2] = [
    ("both", |database| vanish(database, "id % 8 < 6")),
    ("the first", |database| {
        database.execute("DELETE FROM vod_m3uepisoderelation WHERE m3u_account_id = 1");
    }),
];

#[test]
fn versions_and_priorities_that_change_in_the_night_of_a_loss_lift_no_hold() {
    let versions: &[&str] = &["--multi-provider"];
    for (before, after, is_reordered) in [
        (&[][..], versions, false),
        (versions, &[], false),
        (&[], &[], true),
        (&[], versions, true),
        (versions, &[], true),
    ] {
        for (loser, lose) in LOSSES {
            let database = of_two_accounts();
            if loser == "the first" {
                database.execute(
                    "DELETE FROM vod_m3uepisoderelation WHERE m3u_account_id = 2 AND episode_id % 8 < 6",
                );
            }
            let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
            let flags = ["--cleanup", "apply", "--grace", "0"];
            home.generate(&database.url(), &[&flags[..], before].concat());
            let all = played(&home);
            assert!(all.len() > 10);
            lose(&database);
            if is_reordered {
                database.execute("UPDATE m3u_m3uaccount SET priority = 100 - priority");
            }
            for night in 0..3 {
                let done = home.try_generate(&database.url(), &[&flags[..], after].concat());
                let what = format!("{loser}, {before:?} {after:?} {is_reordered}, night {night}");
                assert_eq!(done.0, 4, "{what}: {:#}", done.1);
                assert_eq!(played(&home), all, "{what}: {:#}", done.1);
            }
        }
    }
}
