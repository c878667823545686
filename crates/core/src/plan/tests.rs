//! What has to happen to a title: plans that follow each other, each from what the ledger has after the one before.

use super::*;
use crate::event::Role;
use crate::identity::known::Unwanted;
use crate::layout::Layout;
use crate::model::media::Episode;
use crate::model::ownership::Ownership;
use crate::policy::Versions;
use crate::render::drafts::{self, episode, movie, policy, recorded, stream};

mod numbers;
mod unwanted;

/// Without NFOs, one version.
fn plain() -> Policy {
    Policy { nfo: NfoDetail::Off, ..policy() }
}

/// Without NFOs, all versions.
fn versions() -> Policy {
    Policy { versions: Versions::All.into(), ..plain() }
}

/// The layout with NFOs of seasons.
fn classic() -> Policy {
    Policy { layout: Layout::classic(), ..policy() }
}

fn series(episodes: Vec<Episode>) -> Title {
    let streams = vec![stream(&(1, "s")), stream(&(2, "s"))];
    Title { episodes, streams, ..drafts::title(Kind::Series, "Fargo") }
}

fn planned(policy: &Policy, title: Title, known: Option<&KnownTitle>) -> TitlePlan {
    named(policy, title, known, NameRule::Keep)
}

fn named(policy: &Policy, title: Title, known: Option<&KnownTitle>, names: NameRule) -> TitlePlan {
    let known = known.map(|known| (TitleId(5), known));
    let identity = Identity { known, fingerprint: Fingerprint(1), names };
    plan(policy, title, identity, &mut Claims::default(), &mut |_, _| false)
}

/// What the ledger has when all of a plan is done.
fn done(plan: &TitlePlan) -> KnownTitle {
    let mut files = recorded(plan.files().map(|it| &it.file));
    for it in plan.unwanted() {
        let (path, account, unwanted) = (it.path.clone(), it.account, waiting(it.cause, 0));
        let (hash, size, is_edited) = (Some(it.written.hash), it.written.size, false);
        let file = KnownFile { path, hash, size, account, stream: None, is_edited, unwanted };
        files.insert(it.key.clone(), file);
    }
    KnownTitle { folder: plan.folder.clone(), files, ..KnownTitle::default() }
}

/// The ledger's entry of a title that was written once.
fn written(policy: &Policy, title: Title) -> KnownTitle {
    done(&planned(policy, title, None))
}

/// The file with this path.
fn file<'a>(known: &'a mut KnownTitle, path: &str) -> &'a mut KnownFile {
    known.files.values_mut().find(|file| file.path == path).unwrap()
}

/// What happens to the files, by their paths.
fn changes(plan: &TitlePlan) -> Vec<String> {
    let renames = plan.renames().into_iter();
    let renames = renames.map(|it| format!("rename {} to {}", it.path_before(), it.file.path));
    let files = plan.files().map(|it| {
        let word = match it.change {
            Change::Create => "create",
            Change::Restore => "restore",
            Change::Replace(_) => "replace",
            Change::Keep => "keep",
        };
        format!("{word} {}", it.file.path)
    });
    renames.chain(files).collect()
}

/// What is not wanted any more: path, cause, and whose.
fn unwanted(plan: &TitlePlan) -> Vec<String> {
    let told = |it: &UnwantedFile| {
        let account = it.account.map_or(String::new(), |account| format!(" of {account}"));
        format!("{} {}{account}", it.path, it.cause.as_str())
    };
    plan.unwanted().map(told).collect()
}

/// The files that are wanted again.
fn revived(plan: &TitlePlan) -> Vec<&str> {
    plan.files().filter(|it| it.is_revived).map(|it| it.file.path.as_str()).collect()
}

/// The paths of the files that may be forgotten.
fn forgotten<'a>(plan: &TitlePlan, known: &'a KnownTitle) -> Vec<&'a str> {
    let forgotten = plan.changes.iter().filter_map(|change| match change {
        FileChange::Forget(key) => Some(known.files[key].path.as_str()),
        FileChange::Want(_) | FileChange::Retire(_) => None,
    });
    forgotten.collect()
}

fn waiting(cause: Cause, runs: u32) -> Option<Unwanted> {
    Some(Unwanted { cause, runs, hold: None })
}

#[test]
fn a_new_title_gets_a_folder_that_is_free_and_all_its_files() {
    let heat = || movie("Heat", &[(1, "a")]);
    let new = planned(&policy(), heat(), None);
    assert_eq!((new.folder.as_deref(), new.had_files), (Some("Heat"), false));
    assert_eq!(changes(&new), ["create Heat.nfo", "create Heat.strm"]);
    assert!(!new.is_idle() && new.may_appear_whole());
    let mut claims = Claims::default();
    let identity = Identity { known: None, fingerprint: Fingerprint(1), names: NameRule::Keep };
    claims.insert("Movies", "heat", TitleId(9));
    let mut plan = |foreign: &str| {
        plan(&policy(), heat(), identity, &mut claims, &mut |_, folder| folder == foreign)
    };
    let other = plan("");
    assert_eq!(other.folder.as_deref(), Some("Heat (2)"));
    assert_eq!(changes(&other), ["create Heat (2).nfo", "create Heat (2).strm"]);
    let next = plan("Heat (3)");
    assert_eq!(next.folder.as_deref(), Some("Heat (4)"), "nobody else's folder is taken");
    let nothing = planned(&policy(), movie("Heat", &[]), None);
    assert_eq!((nothing.folder.as_deref(), nothing.omissions.len()), (None, 1));
    assert!(nothing.is_idle());
}

#[test]
fn a_known_title_keeps_its_folder_and_what_is_right() {
    let heat = || movie("Heat", &[(1, "a")]);
    let mut known = KnownTitle {
        folder: Some("Old Name".to_owned()),
        added: Some(17),
        ownership: Ownership::Users,
        ..written(&policy(), heat())
    };
    let mut title = heat();
    title.details.added = Some(99);
    let again = planned(&policy(), title, Some(&known));
    assert_eq!(changes(&again), ["replace Heat.nfo", "keep Heat.strm"], "it was added then");
    assert_eq!((again.folder.as_deref(), again.known), (Some("Old Name"), Some(TitleId(5))));
    assert_eq!((again.had_files, again.ownership), (true, Ownership::Users));
    assert_eq!(again.title.details.added, Some(17));
    known.added = None;
    let again = planned(&policy(), heat(), Some(&known));
    assert_eq!(changes(&again), ["keep Heat.nfo", "keep Heat.strm"]);
    assert!(again.is_idle() && !again.may_appear_whole());
    let mut bare = KnownTitle { folder: Some("Old Name".to_owned()), ..KnownTitle::default() };
    let filled = planned(&plain(), heat(), Some(&bare));
    assert_eq!((filled.folder.as_deref(), filled.had_files), (Some("Old Name"), false));
    assert_eq!(changes(&filled), ["create Old Name.strm"]);
    bare.folder = None;
    assert_eq!(planned(&plain(), heat(), Some(&bare)).folder.as_deref(), Some("Heat"));
}

#[test]
fn what_happens_to_a_file_depends_on_what_the_ledger_says_of_it() {
    let heat = || movie("Heat", &[(1, "a")]);
    type Make = fn(&mut KnownFile);
    let rows: [(Make, &str); 7] = [
        (|_| (), "keep"),
        (|file| file.hash = None, "restore"),
        (|file| file.hash = Some(ContentHash::of(b"other")), "replace"),
        (|file| file.is_edited = true, "replace"),
        (|file| file.unwanted = waiting(Cause::Kept, 0), "replace"),
        (|file| file.unwanted = waiting(Cause::Catalogue, 3), "keep"),
        (|file| file.size += 1, "keep"),
    ];
    for (n, (make, expected)) in rows.into_iter().enumerate() {
        let mut known = written(&plain(), heat());
        make(file(&mut known, "Heat.strm"));
        let plan = planned(&plain(), heat(), Some(&known));
        assert_eq!(changes(&plan), [format!("{expected} Heat.strm")], "row {n}");
        assert_eq!(plan.is_idle(), expected == "keep", "row {n}");
        assert_eq!(plan.may_appear_whole(), expected == "restore", "row {n}");
    }
}

/// What comes back after it was not wanted is told, and what is gone from the disk and not wanted is forgotten.
#[test]
fn files_are_wanted_again_or_forgotten() {
    let both = || movie("Heat", &[(1, "a"), (2, "b")]);
    let mut known = written(&versions(), both());
    file(&mut known, "Heat - 2.strm").unwanted = waiting(Cause::Catalogue, 3);
    let back = planned(&versions(), both(), Some(&known));
    assert_eq!(revived(&back), ["Heat - 2.strm"]);
    assert_eq!((unwanted(&back), forgotten(&back, &known).len()), (Vec::new(), 0));
    let one = || movie("Heat", &[(1, "a")]);
    let still = planned(&versions(), one(), Some(&known));
    assert_eq!(unwanted(&still), ["Heat - 2.strm catalogue of 2"]);
    assert_eq!((revived(&still).len(), forgotten(&still, &known).len()), (0, 0));
    file(&mut known, "Heat - 2.strm").hash = None;
    let gone = planned(&versions(), one(), Some(&known));
    assert_eq!(forgotten(&gone, &known), ["Heat - 2.strm"]);
    assert_eq!((unwanted(&gone), revived(&gone).len()), (Vec::new(), 0));
    let deleted = planned(&versions(), both(), Some(&known));
    assert_eq!(
        (forgotten(&deleted, &known).len(), changes(&deleted)[1].as_str()),
        (0, "restore Heat - 2.strm")
    );
}

/// Each new name is free when its turn comes; two that change places keep what they have.
#[test]
fn names_of_today_are_given_in_an_order_in_which_each_is_free() {
    let renamed = |streams: &[(i64, &str)], old: [&str; 2]| {
        let mut known = written(&versions(), movie("Heat", &[(1, "a"), (2, "b")]));
        let names = ["Heat.strm", "Heat - 2.strm"];
        let hashes = names.map(|name| file(&mut known, name).hash);
        // By way of names that nobody has.
        for (name, between) in names.iter().zip(["1", "2"]) {
            between.clone_into(&mut file(&mut known, name).path);
        }
        for (between, old) in ["1", "2"].iter().zip(old) {
            old.clone_into(&mut file(&mut known, between).path);
        }
        let plan = named(&versions(), movie("Heat", streams), Some(&known), NameRule::Renew);
        let by_name = |it: &PlannedFile| hashes[usize::from(it.file.path == names[1])];
        assert!(plan.renames().iter().all(|it| it.written() == by_name(it)), "{plan:?}");
        changes(&plan)
    };
    let both = [(1, "a"), (2, "b")];
    let kept = ["keep Heat.strm", "keep Heat - 2.strm"];
    assert_eq!(renamed(&both, ["Heat.strm", "Heat - 2.strm"]), kept);
    let case = renamed(&both, ["HEAT.strm", "Heat - 2.strm"]);
    assert_eq!(case, [&["rename HEAT.strm to Heat.strm"], &kept[..]].concat());
    let chain = ["rename Heat - 2.strm to Heat.strm", "rename x.strm to Heat - 2.strm"];
    for (streams, files) in [(both, kept), ([(2, "b"), (1, "a")], [kept[1], kept[0]])] {
        let expected = [&chain[..], &files].concat();
        assert_eq!(renamed(&streams, ["Heat - 2.strm", "x.strm"]), expected);
    }
    let swapped = ["keep Heat - 2.strm", "keep Heat.strm"];
    assert_eq!(renamed(&both, ["Heat - 2.strm", "Heat.strm"]), swapped, "nothing is risked");
}

#[test]
fn a_plan_knows_where_its_files_are_and_whether_that_is_all_new() {
    let heat = || movie("Heat", &[(1, "a")]);
    let mut known = written(&policy(), heat());
    "Old.strm".clone_into(&mut file(&mut known, "Heat.strm").path);
    let plan = named(&policy(), heat(), Some(&known), NameRule::Renew);
    let before: Vec<&str> = plan.files().map(PlannedFile::path_before).collect();
    assert_eq!(before, ["Heat.nfo", "Old.strm"]);
    assert!(!plan.is_idle() && !plan.may_appear_whole());
    known.files.values_mut().for_each(|file| file.hash = None);
    let gone = named(&policy(), heat(), Some(&known), NameRule::Renew);
    assert!(!gone.may_appear_whole(), "a name that changes may still be there");
}

#[test]
fn an_nfo_describes_its_episode_its_season_or_all() {
    let one = |season, n| episode(season, n, &[(1, &*format!("{season}{n}"))]);
    let plan = planned(&classic(), series(vec![one(1, 1), one(1, 2), one(2, 1)]), None);
    let described: Vec<(Role, Vec<usize>)> = plan
        .files()
        .filter(|it| !it.file.key.is_strm())
        .map(|it| {
            (
                Role::of(&it.file.key),
                plan.strms_of(&it.file).filter_map(|it| it.file.episode).collect(),
            )
        })
        .collect();
    let expected = [
        (Role::TvshowNfo, vec![0, 1, 2]),
        (Role::SeasonNfo, vec![0, 1]),
        (Role::EpisodeNfo, vec![0]),
        (Role::EpisodeNfo, vec![1]),
        (Role::SeasonNfo, vec![2]),
        (Role::EpisodeNfo, vec![2]),
    ];
    assert_eq!(described, expected);
    let both = Policy { versions: Versions::All.into(), ..policy() };
    let plan = planned(&both, movie("Heat", &[(1, "a"), (2, "b")]), None);
    let nfos = plan.files().filter(|it| !it.file.key.is_strm());
    let accounts = nfos.flat_map(|it| plan.strms_of(&it.file)).map(|it| it.file.account);
    assert_eq!(accounts.collect::<Vec<_>>(), [Some(1), Some(2)], "each version has one");
}

#[test]
fn a_plan_knows_where_the_title_is_and_whether_files_get_other_names() {
    let heat = || movie("Heat", &[(1, "a")]);
    let new = planned(&plain(), heat(), None);
    assert_eq!(new.root(), "Movies");
    assert_eq!(new.title_folder().map(|it| it.to_string()).as_deref(), Some("Movies/Heat"));
    assert!(!new.has_renames() && !new.is_idle());
    let mut known = written(&plain(), heat());
    let same = planned(&plain(), heat(), Some(&known));
    assert!(!same.has_renames() && same.is_idle());
    "HEAT.strm".clone_into(&mut file(&mut known, "Heat.strm").path);
    let other = named(&plain(), heat(), Some(&known), NameRule::Renew);
    assert!(other.has_renames() && !other.is_idle());
    let empty = planned(&plain(), series(Vec::new()), None);
    assert_eq!((empty.root(), empty.title_folder().is_none()), ("TV", true));
}
