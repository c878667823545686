//! Which missing titles are no loss, and when they are too many.

use super::*;
use crate::identity::compare::StreamState;
use crate::removal::drafts::MOVIES;
use crate::removal::losses::drafts::known;

#[test]
fn missing_titles_with_a_stream_that_is_taken_for_something_else() {
    let mut index = KnownIndex::default();
    for (title, stream) in [(1, 10), (2, 20), (3, 30)] {
        index.add(known(title));
        index.add_stream(TitleId(title), StreamId(stream), StreamState::There);
    }
    let comparison = Comparison {
        missing_titles: vec![known(1), known(2)],
        // A stream of a title that is still there is none of a missing title.
        missing_streams: [10, 20, 30].map(StreamId).into(),
        ..Comparison::default()
    };
    let found = Reclassified::of(&comparison, &index, &[10, 30, 40].map(StreamId).into());
    assert_eq!([1, 2, 3].map(|id| found.contains(TitleId(id))), [true, false, false]);
    assert_eq!(Kind::ALL.map(|kind| found.number(kind)), [1, 0]);
}

#[test]
fn one_goes_and_many_are_held() {
    let held = |number: i64, highest: usize| {
        let titles = [(Kind::Movie, (0..number).map(TitleId).collect())].into();
        let had = BTreeMap::from([(MOVIES, BestDay { highest, ..BestDay::default() })]);
        let hold = Reclassified { titles }.hold(Kind::Movie, &had);
        hold.map(|hold| (hold.reason, hold.account, hold.content))
    };
    assert_eq!((held(1, 1), held(2, 10), held(0, 0)), (None, None, None));
    let reason = HoldReason::Reclassified { losses: 3, of: 14 };
    assert_eq!(held(3, 14), Some((reason, None, Content::Movies)));
    assert_eq!(held(3, 15), None, "a fifth is not more than a fifth");
}
