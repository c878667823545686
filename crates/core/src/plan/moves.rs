//! Which titles move to which folders when the rules for names have changed. A value to print and to
//! test; moving is `disk`'s work.

use crate::identity::candidates::NameCandidates;
use crate::identity::claims::{Claims, IsForeign};
use crate::identity::known::TitleId;
use crate::model::media::Kind;
use crate::naming::library_root;

/// A title's folder, and the names that it may have by the rules of today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The title.
    pub id: TitleId,
    /// Movie or series; says which root the folder is below.
    pub kind: Kind,
    /// Its folder, below its root.
    pub folder: String,
    /// The names that it may have; without one it stays where it is.
    pub candidates: NameCandidates,
    /// Whether it stays where it is as long as it may be there. Otherwise it takes a name that it would
    /// rather have, if that is free: the rules for names have changed.
    pub stays: bool,
}

/// A folder that gets another name below the same root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The title.
    pub id: TitleId,
    /// Its root.
    pub root: &'static str,
    /// Its folder now.
    pub from: String,
    /// Its folder afterwards.
    pub to: String,
    /// Another mover, or the title itself under other letters, is still in the new place: the way
    /// there leads by a place aside. So does one that leads below a mover's folder, or above it. All other moves can be made at once, in any order.
    pub via: bool,
}

/// A title that stays because something that is not ours is in the place that it would get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The title.
    pub id: TitleId,
    /// Its root.
    pub root: &'static str,
    /// Its folder, now and afterwards.
    pub folder: String,
    /// The folder that it would have got.
    pub wanted: String,
}

/// What has to move, and what cannot, both by ascending id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// The moves.
    pub list: Vec<Move>,
    /// The titles that stay against the rules.
    pub refused: Vec<Refused>,
}

/// Plans the moves, and lets `claims` (every title's folder) know of them.
///
/// A title in a folder that it may have stays. All others let go of theirs, and each, the oldest
/// first, takes the first that is free, or else a number: one that it has stays, and one that any of them has is no
/// other's. `is_foreign` is asked whether something is in a place that no title of the ledger has.
pub fn plan_moves(
    wishes: impl IntoIterator<Item = Wish>,
    claims: &mut Claims,
    is_foreign: &mut IsForeign<'_>,
) -> Moves {
    let movers = wishes.into_iter().map(Mover::new);
    let mut movers: Vec<Mover> = movers
        .filter(|mover| !mover.is_content() || mover.rank() > 0 && !mover.wish.stays)
        .collect();
    movers.sort_unstable_by_key(|mover| mover.wish.id);
    let mut before = Claims::default();
    for Mover { wish, root, .. } in &movers {
        before.insert(root, &wish.folder, wish.id);
    }
    let mut is_foreign = |root: &'static str, folder: &str| {
        !touches(&before, root, folder) && is_foreign(root, folder)
    };
    // Whoever got a folder that it may have keeps it. That can make room for one that did not, which
    // the next run would find: so it is found now.
    loop {
        for _ in 0..=movers.len() {
            let mut open: Vec<&mut Mover> =
                movers.iter_mut().filter(|it| !it.is_content()).collect();
            if !assign(&mut open, claims, &before, &mut is_foreign) {
                break;
            }
        }
        if !prefer(&mut movers, claims, &mut is_foreign) {
            break;
        }
    }
    let mut moves = Moves::default();
    for Mover { wish: Wish { id, folder, .. }, root, at, next, is_refused } in movers {
        if at != folder {
            let via = touches(&before, root, &at);
            moves.list.push(Move { id, root, from: folder, to: at, via });
        } else if is_refused {
            moves.refused.push(Refused { id, root, folder, wanted: next });
        }
    }
    moves
}

/// Whether a place is one that a mover has, or lies below or above one.
fn touches(before: &Claims, root: &str, place: &str) -> bool {
    before.owner(root, place).is_some()
        || before.is_group(root, place)
        || before.owners_above(root, place).next().is_some()
}

/// A title that is not in a folder that it may have.
struct Mover {
    wish: Wish,
    root: &'static str,
    /// Its folder by the plan so far.
    at: String,
    /// The folder that it would get now.
    next: String,
    is_refused: bool,
}

impl Mover {
    fn new(wish: Wish) -> Mover {
        let (at, next) = (wish.folder.clone(), wish.folder.clone());
        Mover { root: library_root(wish.kind), at, next, is_refused: false, wish }
    }

    /// Whether it is where it may be; one that may be nowhere has no wish.
    fn is_content(&self) -> bool {
        self.wish.candidates.names.is_empty() || self.wish.candidates.has(&self.at)
    }

    /// How many names it would rather have than that of its folder.
    fn rank(&self) -> usize {
        self.wish.candidates.names.iter().position(|name| *name == self.at).unwrap_or(0)
    }

    /// Takes the first folder that is free. Refused, it takes none.
    fn take(&mut self, claims: &mut Claims, before: &Claims, is_foreign: &mut IsForeign<'_>) {
        let (root, wanted) = (self.root, &self.wish.candidates);
        let to = match claims.free_name(root, wanted) {
            Some(name) => name,
            None if wanted.has_number(&self.at) && claims.is_free(root, &self.at) => {
                self.at.clone()
            }
            None => claims.free_number(root, wanted, &mut |root, folder| {
                before.owner(root, folder).is_some() || is_foreign(root, folder)
            }),
        };
        // What it had or got before was asked about before.
        let is_new = to != self.at && to != self.next;
        self.is_refused = is_new && is_foreign(root, &to);
        self.next = to;
        if !self.is_refused {
            claims.insert(self.root, &self.next, self.wish.id);
        }
    }
}

/// Gives movers names that they would rather have, as far as those are free by now; says whether anybody
/// got one. Nobody gets a worse one, so that this comes to an end.
fn prefer(movers: &mut [Mover], claims: &mut Claims, is_foreign: &mut IsForeign<'_>) -> bool {
    let mut has_changed = false;
    for mover in movers.iter_mut().filter(|mover| !mover.wish.stays) {
        let (root, rank) = (mover.root, mover.rank());
        claims.release(root, &mover.at, mover.wish.id);
        let mut better = mover.wish.candidates.names.iter().take(rank);
        let better = better.find(|name| claims.is_free(root, name) && !is_foreign(root, name));
        has_changed |= better.is_some();
        mover.at = better.unwrap_or(&mover.at).clone();
        claims.insert(root, &mover.at, mover.wish.id);
    }
    has_changed
}

/// Gives the movers other folders; says whether anybody got one.
///
/// A refused one keeps its folder, so that whoever took that has to take another, and may be refused in turn.
/// That is tried until nobody else is refused. More refusals never leave more folders free, so that nobody is
/// refused in vain.
fn assign(
    movers: &mut [&mut Mover],
    claims: &mut Claims,
    before: &Claims,
    is_foreign: &mut IsForeign<'_>,
) -> bool {
    for mover in movers.iter_mut() {
        (mover.next, mover.is_refused) = (mover.at.clone(), false);
    }
    loop {
        for mover in movers.iter().filter(|mover| !mover.is_refused) {
            claims.release(mover.root, &mover.next, mover.wish.id);
        }
        for mover in movers.iter().filter(|mover| mover.is_refused) {
            claims.insert(mover.root, &mover.at, mover.wish.id);
        }
        let mut has_settled = true;
        for mover in movers.iter_mut().filter(|mover| !mover.is_refused) {
            mover.take(claims, before, is_foreign);
            has_settled &= !mover.is_refused;
        }
        if has_settled {
            break;
        }
    }
    let mut has_changed = false;
    for mover in movers.iter_mut().filter(|mover| !mover.is_refused) {
        has_changed |= mover.at != mover.next;
        mover.at.clone_from(&mover.next);
    }
    has_changed
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::text::fold_key;

    fn wish(id: i64, folder: &str, candidates: &[&str]) -> Wish {
        let names: Vec<String> = candidates.iter().map(|name| (*name).to_owned()).collect();
        let base = names.first().cloned().unwrap_or_default();
        let (candidates, folder) = (NameCandidates { names, base }, folder.to_owned());
        Wish { id: TitleId(id), kind: Kind::Movie, folder, candidates, stays: true }
    }

    fn claims_of(wishes: &[Wish]) -> Claims {
        let mut claims = Claims::default();
        for wish in wishes {
            claims.insert(library_root(wish.kind), &wish.folder, wish.id);
        }
        claims
    }

    /// The moves as `1: A -> B`, with `=>` for those by a place aside; `1: A x B` is refused.
    fn planned(wishes: &[Wish], foreign: &[&str]) -> Vec<String> {
        let mut is_foreign = |_: &'static str, folder: &str| foreign.contains(&folder);
        let moves = plan_moves(wishes.to_vec(), &mut claims_of(wishes), &mut is_foreign);
        let moved = moves.list.iter().map(|Move { id, from, to, via, .. }| {
            format!("{}: {from} {} {to}", id.0, if *via { "=>" } else { "->" })
        });
        let refused =
            moves.refused.iter().map(|it| format!("{}: {} x {}", it.id.0, it.folder, it.wanted));
        moved.chain(refused).collect()
    }

    #[test]
    fn who_has_a_name_that_it_may_have_stays() {
        let wishes = [wish(1, "A [tmdbid-1]", &["A", "A [tmdbid-1]"]), wish(2, "Z", &[])];
        assert_eq!(planned(&wishes, &[]), [""; 0]);
    }

    #[test]
    fn after_a_change_of_the_rules_a_better_name_is_taken_if_it_is_free() {
        let wish =
            |id, folder, candidates: &[&str]| Wish { stays: false, ..wish(id, folder, candidates) };
        let free = [wish(1, "A [1]", &["A", "A [1]"]), wish(2, "A [2]", &["A", "A [2]"])];
        assert_eq!(planned(&free, &[]), ["1: A [1] -> A"]);
        assert_eq!(planned(&free, &["A"]), [""; 0], "they may be where they are");
        let left = [wish(1, "A [1]", &["A", "A [1]"]), wish(2, "A", &["B"])];
        assert_eq!(planned(&left, &[]), ["1: A [1] => A", "2: A -> B"]);
    }

    #[test]
    fn a_number_stays_until_the_name_itself_is_free() {
        let wishes = [wish(1, "A", &["A"]), wish(3, "A (3)", &["A"]), wish(4, "A (2)", &["A"])];
        assert_eq!(planned(&wishes, &[]), [""; 0]);
        let left = [wish(1, "A", &["B"]), wish(3, "A (3)", &["A"]), wish(4, "A (2)", &["A"])];
        assert_eq!(planned(&left, &[]), ["1: A -> B", "3: A (3) => A"]);
        let below = [wish(1, "G", &["G"]), wish(2, "G (3)/A", &["G/A"])];
        assert_eq!(planned(&below, &[]), [""; 0]);
        let known = [wish(1, "A", &["A"]), wish(2, "A (2)", &["A", "A [tmdbid-7]"])];
        assert_eq!(planned(&known, &[]), ["2: A (2) -> A [tmdbid-7]"], "an id says more");
    }

    #[test]
    fn former_labels_become_numbers_that_nobody_has() {
        let wishes = [
            wish(1, "A", &["A"]),
            wish(3, "A [0-7e01]", &["A"]),
            wish(4, "A (2)", &["A"]),
            wish(5, "Z", &["A"]),
        ];
        assert_eq!(planned(&wishes, &[]), ["3: A [0-7e01] -> A (3)", "5: Z -> A (4)"]);
        assert_eq!(planned(&wishes, &["A (3)"]), ["3: A [0-7e01] -> A (4)", "5: Z -> A (5)"]);
    }

    #[test]
    fn the_oldest_takes_first_and_nobody_gets_a_folder_twice() {
        let wishes = [
            wish(9, "X", &["A", "A [9]"]),
            wish(3, "Y", &["A", "A [3]"]),
            wish(4, "B", &["B"]),
            wish(5, "Z", &["b"]),
        ];
        assert_eq!(planned(&wishes, &[]), ["3: Y -> A", "5: Z -> b (2)", "9: X -> A [9]"]);
    }

    #[test]
    fn swaps_and_cycles_go_by_way_of_a_parking_place() {
        let swap = [wish(1, "A", &["B"]), wish(2, "B", &["A"])];
        assert_eq!(planned(&swap, &[]), ["1: A => B", "2: B => A"]);
        let cycle = [wish(1, "A", &["B"]), wish(2, "B", &["C"]), wish(3, "C", &["a"])];
        assert_eq!(planned(&cycle, &[]), ["1: A => B", "2: B => C", "3: C => a"]);
        let chain = [wish(1, "A", &["B"]), wish(2, "B", &["C"])];
        assert_eq!(planned(&chain, &[]), ["1: A => B", "2: B -> C"]);
    }

    #[test]
    fn a_place_below_or_above_a_movers_folder_is_reached_by_way_of_the_parking_place() {
        let down = [wish(1, "Action", &["Action/Heat"]), wish(2, "Heat", &["Action/Alien"])];
        assert_eq!(planned(&down, &[]), ["1: Action => Action/Heat", "2: Heat => Action/Alien"]);
        let up = [wish(1, "Action/Heat", &["Action"]), wish(2, "Action/Alien", &["Heat"])];
        assert_eq!(
            planned(&up, &["Action"]),
            ["1: Action/Heat => Action", "2: Action/Alien -> Heat"]
        );
    }

    #[test]
    fn other_letters_of_its_own_name_are_not_foreign() {
        let foreign = ["Alien", "Am\u{e9}lie"];
        assert_eq!(planned(&[wish(1, "ALIEN", &["Alien"])], &foreign), ["1: ALIEN => Alien"]);
        let forms = [wish(1, "Ame\u{301}lie", &["Am\u{e9}lie"])];
        assert_eq!(planned(&forms, &foreign), ["1: Ame\u{301}lie => Am\u{e9}lie"]);
    }

    #[test]
    fn a_refused_title_keeps_its_folder_and_nobody_takes_it() {
        let wishes = [wish(1, "A", &["B", "B [1]"]), wish(2, "B", &["F"]), wish(3, "C", &["F"])];
        assert_eq!(planned(&wishes, &["F"]), ["1: A -> B [1]", "2: B x F", "3: C x F"]);
        assert_eq!(planned(&wishes, &["F", "B [1]"]), ["1: A x B [1]", "2: B x F", "3: C x F"]);
    }

    /// Each question costs a call of the disk: of what a title gets, there is one.
    #[test]
    fn who_has_a_place_is_asked_once_by_whom_it_is_given_to() {
        let wishes = [wish(1, "A", &["X"]), wish(2, "B", &["A", "C"]), wish(3, "D", &["E"])];
        let mut asked = Vec::new();
        let mut is_foreign = |_: &'static str, folder: &str| {
            asked.push(folder.to_owned());
            folder == "X"
        };
        let moves = plan_moves(wishes.to_vec(), &mut claims_of(&wishes), &mut is_foreign);
        assert_eq!((moves.list.len(), moves.refused.len()), (2, 1));
        asked.retain(|place| place != "X");
        asked.sort_unstable();
        assert_eq!(asked, ["C", "E"]);
    }

    #[test]
    fn a_title_may_move_into_what_a_refused_one_kept_from_another() {
        let wishes =
            [wish(1, "M", &["C", "A"]), wish(2, "B", &["C", "F"]), wish(4, "C", &["B", "G"])];
        assert_eq!(planned(&wishes, &["F", "G"]), ["1: M -> A", "2: B => C", "4: C => B"]);
    }

    #[test]
    fn both_roots_have_names_of_their_own() {
        let series = Wish { kind: Kind::Series, ..wish(2, "B", &["A"]) };
        assert_eq!(planned(&[wish(1, "A", &["B"]), series], &[]), ["1: A -> B", "2: B -> A"]);
    }

    #[test]
    fn the_claims_know_who_is_where_afterwards() {
        let wishes = [wish(1, "A", &["B"]), wish(2, "B", &["F"]), wish(3, "C", &["D"])];
        let mut claims = claims_of(&wishes);
        plan_moves(wishes, &mut claims, &mut |_, folder| folder == "F");
        let owners = ["A", "B", "B (2)", "C", "D", "F"].map(|name| claims.owner("Movies", name));
        let owners = owners.map(|owner| owner.map_or(0, |id| id.0));
        assert_eq!(owners, [0, 2, 1, 0, 3, 0]);
    }

    /// Whether a place is another one, or lies below it.
    fn is_within(place: &str, other: &str) -> bool {
        let (place, other) = (fold_key(place), fold_key(other));
        place == other || place.starts_with(&format!("{other}/"))
    }

    /// Titles in folders of their own, with names that many of them want.
    fn any_wishes() -> impl Strategy<Value = Vec<Wish>> {
        let flat = ["A", "a", "B", "b", "C", "D", "E", "E (2)", "D (2)", "A (2)"];
        let deep = ["A/B", "a/C", "B/B", "b/a", "E/E (2)", "C/D", "A/C"];
        // A layout's names are all equally deep; the folders may be another layout's.
        let wanted = prop_oneof![Just(flat.to_vec()), Just(deep.to_vec())];
        let titles = wanted.prop_flat_map(move |names| {
            let any = proptest::sample::select([&flat[..], &deep[..]].concat());
            let name = proptest::sample::select(names);
            proptest::collection::vec((any, proptest::collection::vec(name, 0..4)), 0..9)
        });
        titles.prop_map(|titles| {
            let mut seen = BTreeSet::new();
            let own = titles.into_iter().filter(|(folder, _)| {
                let nests = |other: &String| is_within(folder, other) || is_within(other, folder);
                !seen.iter().any(nests) && seen.insert(fold_key(folder))
            });
            let wishes = own.enumerate().map(|(n, (folder, names))| Wish {
                stays: n % 2 == 0,
                ..wish(n as i64, folder, &names)
            });
            wishes.collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        #[test]
        fn any_plan_keeps_the_promises(
            wishes in any_wishes(),
            foreign in proptest::collection::btree_set("[A-F]( \\([23]\\))?", 0..6),
            other in proptest::option::of("[A-F]"),
        ) {
            // As on a disk that folds case.
            let foreign: BTreeSet<String> = foreign.iter().map(|name| fold_key(name)).collect();
            let is_foreign_at = |folder: &str| foreign.contains(&fold_key(folder));
            let mut claims = claims_of(&wishes);
            let touches = |a: &str, b: &str| is_within(a, b) || is_within(b, a);
            let is_owned = |name: &str| wishes.iter().any(|it| touches(&it.folder, name));
            let other = other.filter(|name| !is_owned(name));
            other.iter().for_each(|name| claims.insert("Movies", name, TitleId(99)));
            let mut is_foreign = |_: &'static str, folder: &str| {
                assert!(!is_owned(folder), "{folder} is a title's, and was asked for");
                is_foreign_at(folder)
            };
            let moves = plan_moves(wishes.clone(), &mut claims, &mut is_foreign);
            let to: BTreeMap<TitleId, &Move> = moves.list.iter().map(|it| (it.id, it)).collect();
            let mut after = wishes.clone();
            let mut taken = BTreeSet::from_iter(other.as_deref().map(fold_key));
            for wish in &mut after {
                if let Some(it) = to.get(&wish.id) {
                    let is_stayer = wish.stays && wish.candidates.has(&wish.folder);
                    prop_assert!(!is_stayer, "a stayer moves");
                    prop_assert_eq!(&it.from, &wish.folder);
                    prop_assert_ne!(&it.to, &it.from);
                    prop_assert!(is_owned(&it.to) || !is_foreign_at(&it.to));
                    let is_left = moves.list.iter().any(|other| touches(&other.from, &it.to));
                    prop_assert_eq!(it.via, is_left);
                    wish.folder.clone_from(&it.to);
                }
                let is_free = !taken.iter().any(|other: &String| touches(other, &wish.folder));
                prop_assert!(is_free && taken.insert(fold_key(&wish.folder)), "{} twice", wish.folder);
                prop_assert_eq!(claims.owner("Movies", &wish.folder), Some(wish.id));
            }
            for it in &moves.refused {
                prop_assert!(!to.contains_key(&it.id) && is_foreign_at(&it.wanted));
            }
            let mut is_foreign = |_: &'static str, folder: &str| is_foreign_at(folder);
            let again = plan_moves(after, &mut claims, &mut is_foreign);
            prop_assert_eq!(again.list, [], "planned again, nothing moves");
            prop_assert_eq!(again.refused.iter().filter(|it| !to.contains_key(&it.id)).collect::<Vec<_>>(), moves.refused.iter().collect::<Vec<_>>());
        }
    }
}
