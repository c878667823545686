//! Holds, what they keep, and missing episodes that the source has not fetched since.

use std::collections::{BTreeMap, HashMap, HashSet};

use vod2strm_core::hold::{Content, HoldId, HoldKey, KnownHold};
use vod2strm_core::identity::known::{Cause, TitleId};
use vod2strm_core::model::file::FileKey;
use vod2strm_core::pace::due::Fetched;
use vod2strm_core::plan::settle::{FileNote, TitleRecord};
use vod2strm_core::removal::record::{Completed, Holds};

use crate::scene::{Scene, again, file, key, movie, series, stream};

const FIRST: HoldId = HoldId { run: 1, number: 1 };
const SECOND: HoldId = HoldId { run: 1, number: 2 };

fn hold_key(content: Content) -> HoldKey {
    HoldKey { reason: "too many".to_owned(), account: Some(1), content }
}

/// A movie, and a series of which two episodes of account 1 and one of account 2 are missing.
fn with_missing_episodes() -> Scene {
    let texts = ["s01e01.strm", "s01e02.strm", "s01e02.strm@1:7", "s01e03.strm"];
    let mut show = series("Show", "7", &texts[..3]);
    show.files.push(file(texts[3], Some(2)));
    show.title.streams.push(stream(2, "8"));
    let mut scene = Scene::with(&[movie("Heat", "7"), show]);
    let unwanted = |text: &&str| {
        let account = if *text == texts[3] { 2 } else { 1 };
        FileNote::Unwanted(key(text), Cause::Catalogue, Some(account))
    };
    let mut record = again(2, series("Show", "7", &[]));
    record.title.streams.push(stream(2, "8"));
    record.files = texts.iter().map(unwanted).collect();
    scene.ledger.record(&[record], &[], 100).unwrap();
    scene
}

/// Holds the movie by the first hold, and files of the series by the second one.
fn held(scene: &mut Scene, files: &[&str], is_cleanup: bool) {
    scene.begin(1);
    let holds = Holds {
        ids: [(hold_key(Content::Movies), FIRST), (hold_key(Content::Episodes), SECOND)].into(),
        titles: vec![(TitleId(1), Some(FIRST))],
        files: files.iter().map(|text| (TitleId(2), key(text), Some(SECOND))).collect(),
        is_cleanup,
    };
    scene.complete(1, Completed { holds: Some(holds), ..Completed::default() });
}

#[test]
fn a_hold_lasts_with_what_it_keeps_until_a_run_no_longer_has_it() {
    let mut scene = with_missing_episodes();
    held(&mut scene, &["s01e01.strm", "s01e02.strm"], true);
    let mut scene = scene.reopened();
    let hold =
        |id, content, items, is_last| KnownHold { id, key: hold_key(content), items, is_last };
    let movies = |is_last| hold(FIRST, Content::Movies, 1, is_last);
    let episodes = |is_last| hold(SECOND, Content::Episodes, 2, is_last);
    assert_eq!(scene.ledger.holds().unwrap(), [movies(true), episodes(true)]);
    assert_eq!(scene.known(1).hold, Some(FIRST));
    let file = |scene: &Scene, text: &str| scene.known(2).files[&key(text)].unwanted.unwrap().hold;
    assert_eq!(file(&scene, "s01e01.strm"), Some(SECOND));
    assert_eq!(file(&scene, "s01e03.strm"), None);
    // The next run with a cleanup holds the movie alone.
    scene.begin(2);
    let holds = Holds {
        ids: [(hold_key(Content::Movies), FIRST)].into(),
        files: vec![(TitleId(2), key("s01e01.strm"), None), (TitleId(2), key("s01e02.strm"), None)],
        is_cleanup: true,
        ..Holds::default()
    };
    scene.complete(2, Completed { holds: Some(holds), ..Completed::default() });
    assert_eq!(scene.ledger.holds().unwrap(), [movies(true)]);
    assert_eq!(file(&scene, "s01e01.strm"), None);
    // One of whose holds nothing is told leaves them as they are.
    scene.complete(3, Completed::default());
    assert_eq!(scene.ledger.holds().unwrap(), [movies(true)]);
}

/// What was held waits anew from the run that no longer holds it.
#[test]
fn what_is_released_waits_anew() {
    let mut scene = with_missing_episodes();
    held(&mut scene, &["s01e01.strm"], true);
    scene.complete(2, Completed::default());
    let runs = |scene: &Scene, text: &str| scene.known(2).files[&key(text)].unwanted.unwrap().runs;
    assert_eq!((runs(&scene, "s01e01.strm"), runs(&scene, "s01e02.strm")), (2, 2));
    let files = vec![(TitleId(2), key("s01e01.strm"), None)];
    let holds = Holds { files, is_cleanup: true, ..Holds::default() };
    scene.complete(3, Completed { holds: Some(holds), ..Completed::default() });
    assert_eq!((runs(&scene, "s01e01.strm"), runs(&scene, "s01e02.strm")), (1, 3));
}

#[test]
fn what_a_hold_keeps_is_found_by_its_id() {
    let mut scene = with_missing_episodes();
    held(&mut scene, &["s01e01.strm", "s01e02.strm", "s01e02.strm@1:7", "s01e03.strm"], true);
    let by = |ids: &[HoldId]| scene.ledger.held_by(&ids.iter().copied().collect()).unwrap();
    assert_eq!(by(&[]), (HashSet::new(), BTreeMap::new()));
    assert_eq!(by(&[FIRST]), (HashSet::from([TitleId(1)]), BTreeMap::new()));
    let episodes = BTreeMap::from([(1, 2), (2, 1)]);
    assert_eq!(by(&[SECOND]), (HashSet::new(), episodes.clone()), "each once, by account");
    assert_eq!(by(&[FIRST, SECOND]), (HashSet::from([TitleId(1)]), episodes));
}

/// Missing episodes wait for the account that had them to be asked; where it lists the series no more, for any.
#[test]
fn missing_episodes_are_unfetched_until_their_account_was_asked() {
    let mut scene = with_missing_episodes();
    let unfetched = |scene: &Scene| {
        let mut found = scene.ledger.unfetched([TitleId(2)].into_iter()).unwrap();
        let found = found.remove(&TitleId(2)).unwrap_or_default();
        let mut texts: Vec<String> = found.iter().map(FileKey::to_string).collect();
        texts.sort_unstable();
        texts
    };
    let of_one = ["s01e01.strm", "s01e02.strm", "s01e02.strm@1:7"];
    let all = [of_one.as_slice(), &["s01e03.strm"]].concat();
    assert_eq!(unfetched(&scene), all);
    assert_eq!(scene.ledger.unfetched([TitleId(1)].into_iter()).unwrap(), HashMap::new());
    let asked = |account: i64, id: &str| ((account, id.to_owned()), 100);
    let wanted = HashMap::from([asked(1, "7"), asked(2, "8")]);
    assert_eq!(scene.ledger.missing_episodes().unwrap(), wanted);
    let fetched = |at| Fetched { at: Some(at), ..Fetched::default() };
    scene.ledger.note_fetches([(1, "7", fetched(100))].into_iter()).unwrap();
    assert_eq!(unfetched(&scene), all, "it was fetched before they were missing");
    scene.ledger.note_fetches([(1, "7", fetched(101))].into_iter()).unwrap();
    assert_eq!(unfetched(&scene), ["s01e03.strm"]);
    assert_eq!(scene.ledger.missing_episodes().unwrap(), HashMap::from([asked(2, "8")]));
    // What is wanted again is missing no more.
    let mut back = again(2, series("Show", "7", &[]));
    back.title.streams.push(stream(2, "8"));
    let back = TitleRecord { files: vec![FileNote::Revived(key("s01e03.strm"))], ..back };
    scene.ledger.record(&[back], &[], 101).unwrap();
    assert_eq!(unfetched(&scene), [""; 0]);
}
