//! Playlists of which nobody knows what will be in them: entries of several lists, broken ones, and some twice.

use crate::playlists::wild;
use crate::rng::Rng;

/// A label of one of a few movies, each of which has several.
fn one_of_several(rng: &mut Rng) -> String {
    let label = ["", "EN - ", "4K-EN - ", "DE: ", "|FR| "][rng.below(5)];
    format!("{label}{} (20{:02})", ["Dune", "Nope", "Pearl"][rng.below(3)], rng.below(2))
}

/// A playlist of random entries: some stand there twice, some have no address, some are no video, some name a series and
/// none of its episodes.
pub fn mixed(seed: u64) -> String {
    let mut rng = Rng(seed);
    let lists = wild::lists(rng.next() % 1_000);
    let mut text = "#EXTM3U\n".to_owned();
    for _ in 0..2 {
        let list = &lists[rng.below(lists.len())];
        for _ in 0..rng.below(80) {
            let entry = &list.entries[rng.below(list.entries.len())].lines;
            let copies = if rng.percent(25) { 2 } else { 1 };
            (0..copies).for_each(|_| text += entry);
        }
    }
    for n in 0..rng.below(30) {
        text += &match rng.below(5) {
            0 => "#EXTINF:-1,Nothing\n".to_owned(),
            1 => format!("#EXTINF:-1,More\nhttp://h.example/{n}.m3u\n"),
            2 => format!("#EXTINF:-1,Dark\nhttp://h.example/series/u/p/{n}.mp4\n"),
            3 => format!(
                "#EXTINF:-1,{}\nhttp://h.example/movie/u/p/7{n}.mkv\n",
                one_of_several(&mut rng)
            ),
            _ => format!("#EXTINF:-1,A Show S01E{n:02}\nhttp://h.example/series/u/p/9{n}.mkv\n"),
        };
    }
    text
}
