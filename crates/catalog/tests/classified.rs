//! How well entries of playlists are told apart, counted for each list: films, episodes, channels, and what is neither.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a failure here is a failed test"
)]
#![expect(clippy::print_stdout, reason = "the counts are for people")]

use std::collections::HashMap;

use vod2strm_catalog::m3u::{Location, M3uCatalog, Rules};
use vod2strm_catalog::source::{Catalog, Scope, Selection};
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::names::years::Years;
use vod2strm_core::select::classify::{Classify, ClassifyAs};
use vod2strm_testkit::playlists::channels::channels;
use vod2strm_testkit::playlists::meant::{Meant, WildList, entry};
use vod2strm_testkit::playlists::wild::lists;

const SEED: u64 = 8;

/// What came of a list.
#[derive(Debug, Default)]
struct Score {
    /// Films and episodes, and how many of them were taken for that.
    wanted: usize,
    found: usize,
    /// Everything else, and how much of it was taken for a film or an episode.
    others: usize,
    mistaken: usize,
    /// Some of the mistakes.
    examples: Vec<String>,
}

impl Score {
    fn share(&self) -> f64 {
        if self.wanted == 0 { 1.0 } else { self.found as f64 / self.wanted as f64 }
    }
}

fn read(list: &WildList, word: Option<(&str, &str)>) -> Vec<Title> {
    let mut classify = Classify::default();
    for (said, filter) in ClassifyAs::ALL.into_iter().zip(&mut classify.0) {
        let own = word.filter(|(setting, _)| *setting == said.setting());
        *filter = own.map(|(_, expression)| expression.parse().unwrap());
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), list.text()).unwrap();
    let location = Location::File(file.path().to_owned());
    let rules = Rules { classify, ..Rules::from(Years::plausible_in(2026)) };
    let mut catalog = M3uCatalog::open(&location, rules, &|_, _| false).unwrap();
    let (mut keys, mut titles) = (Vec::new(), Vec::new());
    let all = Scope { movies: Selection::All, series: Selection::All };
    catalog.stamps(&all, &mut |stamp| keys.push((stamp.kind, stamp.key))).unwrap();
    for kind in Kind::ALL {
        let of_kind: Vec<_> = keys.iter().filter(|key| key.0 == kind).map(|key| key.1).collect();
        catalog.load(kind, &of_kind, &mut |title| titles.push(title)).unwrap();
    }
    titles
}

fn score(list: &WildList, word: Option<(&str, &str)>) -> Score {
    let titles = read(list, word);
    let taken: HashMap<&str, Kind> = titles
        .iter()
        .flat_map(|title| {
            let episodes = title.episodes.iter().flat_map(|episode| &episode.streams);
            let streams = title.streams.iter().chain(episodes);
            streams.filter_map(|stream| Some((stream.url.as_deref()?, title.kind)))
        })
        .collect();
    let mut score = Score::default();
    for entry in &list.entries {
        let taken = taken.get(entry.url.as_str()).copied();
        let is_right = match entry.meant {
            Meant::Movie => taken == Some(Kind::Movie),
            Meant::Episode => taken == Some(Kind::Series),
            Meant::Live | Meant::Nothing => taken.is_none(),
        };
        if matches!(entry.meant, Meant::Movie | Meant::Episode) {
            score.wanted += 1;
            score.found += usize::from(is_right);
        } else {
            score.others += 1;
            score.mistaken += usize::from(!is_right);
        }
        if !is_right && score.examples.len() < 5 {
            score.examples.push(format!("{:?} taken for {taken:?}: {}", entry.meant, entry.lines));
        }
    }
    score
}

fn print(name: &str, how: &str, score: &Score) {
    let Score { wanted, found, others, mistaken, examples } = score;
    println!("{name:14} {how:10} found {found} of {wanted}, of {others} others {mistaken} taken");
    examples.iter().for_each(|example| println!("    {}", example.replace('\n', " ")));
}

#[test]
fn each_list_is_read_as_it_is_meant() {
    let (mut bad, mut others, mut mistaken) = (Vec::new(), 0, 0);
    for list in lists(SEED) {
        let alone = score(&list, None);
        print(list.name, "alone", &alone);
        let best = match list.word {
            None => alone,
            Some(word) => {
                let told = score(&list, Some(word));
                print(list.name, "with word", &told);
                told
            }
        };
        others += best.others;
        mistaken += best.mistaken;
        if best.share() < 0.95 {
            bad.push(list.name);
        }
    }
    assert!(bad.is_empty(), "less than 95 % of {bad:?}");
    assert!(mistaken * 1000 <= others, "{mistaken} of {others} channels are taken for films");
}

#[test]
fn channels_alone_are_hardly_ever_taken_for_films() {
    let score = score(&channels(SEED, 6_000), None);
    print("channels", "alone", &score);
    assert!(score.mistaken * 1000 <= score.others, "{score:?}");
}

/// Each entry of these names in one group is of this kind; they stand at files with that ending.
fn assert_all(
    group: &str,
    names: &dyn Fn(usize) -> String,
    last: usize,
    ending: &str,
    meant: Meant,
) {
    let lines = |id: usize| {
        let line = format!("#EXTINF:-1 group-title=\"{group}\",{}", names(id));
        entry(format!("{line}\nhttp://h.example/{id}{ending}"), meant)
    };
    let list = WildList { name: "made", entries: (1..=last).map(lines).collect(), word: None };
    let score = score(&list, None);
    assert!(score.found == score.wanted && score.mistaken == 0, "{}: {score:?}", names(1));
}

/// A word for episode tells no part of a film where many have it, however it is written and wherever it stands.
#[test]
fn series_stay_whole() {
    for group in ["Series", "Diziler", "", "Dark", "Yerli"] {
        for ending in [".mkv", ".m3u8"] {
            let all = |names: &dyn Fn(usize) -> String| {
                assert_all(group, names, 20, ending, Meant::Episode);
            };
            all(&|id| format!("Dark: Folge {id}"));
            all(&|id| format!("Dark: Episode {id}"));
            all(&|id| format!("Gönül Bölüm {id} (2019)"));
        }
    }
}

/// Collections of films are no series, and years no numbers of episodes.
#[test]
fn collections_of_films_are_films() {
    assert_all("James Bond", &|id| format!("James Bond {id}"), 25, ".mkv", Meant::Movie);
    assert_all("Fast & Furious", &|id| format!("Fast {id}"), 12, ".mkv", Meant::Movie);
    assert_all("Eurovision", &|id| format!("Eurovision {}", 1979 + id), 40, ".mkv", Meant::Movie);
    assert_all("Oscars", &|id| (1999 + id).to_string(), 20, ".mkv", Meant::Movie);
    assert_all("Filmler", &|id| format!("Kış {}: Bölüm 2", id * 7), 30, ".mkv", Meant::Movie);
}
