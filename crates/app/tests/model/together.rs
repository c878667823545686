//! Entries that are one title: which the ledger has together, and the laws of putting them together.

use std::collections::{BTreeMap, BTreeSet};

use vod2strm_core::model::media::{Kind, Stream, Title};
use vod2strm_core::model::stamp::ExternalId;
use vod2strm_testkit::home::files;
use vod2strm_testkit::twin::{
    CatalogueEntry, EntrySign, FileTree, put_together, signs, titles, twin_of,
};

use crate::World;
use crate::played::without_rows;

/// Complete runs that an entry which contradicts its title stays with it, besides the first.
const GRACE: u32 = 1;

/// The ledger's titles, with the entries that the catalogue has of them now.
pub type Together = BTreeMap<i64, Vec<CatalogueEntry>>;

/// What was with what before a run.
#[derive(Debug, Default)]
pub struct BeforeRun {
    together: Together,
    /// The titles that the ledger had.
    titles: BTreeSet<i64>,
}

/// What the law of staying needs of the runs before: what each title was, and since when entries contradict it.
#[derive(Clone, Debug, Default)]
pub struct Past {
    own: BTreeMap<i64, EntrySign>,
    apart: BTreeMap<String, u32>,
}

/// A title of the ledger, and the ids of its entries.
type TitleIds = (i64, Vec<ExternalId>);

/// A row of `copies`, by kind, account and stream: the title, and whether its entry contradicts that.
type Copies = BTreeMap<(String, i64, String), (i64, bool)>;

fn contradicts(some: &EntrySign, other: &EntrySign) -> bool {
    ExternalId::contradict(&some.externals, &other.externals)
        || some.called.is_another_work(&other.called)
}

impl World<'_> {
    fn copies(&self) -> Copies {
        if !files(&self.state(self.machine)).iter().any(|path| path.ends_with("ledger.sqlite")) {
            return Copies::new();
        }
        let ledger = self.ledger();
        let mut rows = ledger
            .prepare("SELECT kind, account, stream, title, apart IS NOT NULL FROM copies")
            .unwrap();
        let of = |row: &rusqlite::Row<'_>| {
            Ok(((row.get(0)?, row.get(1)?, row.get(2)?), (row.get(3)?, row.get(4)?)))
        };
        rows.query_map([], of).unwrap().map(Result::unwrap).collect()
    }

    /// The titles that each eligible entry's streams are with, and whether they contradict these, stream by stream.
    fn of_streams(&self) -> BTreeMap<CatalogueEntry, Vec<(i64, bool)>> {
        let copies = self.copies();
        let entry = |title: &Title| {
            let of = |stream: &Stream| {
                let kind = title.kind.as_str().to_owned();
                copies.get(&(kind, stream.account.id, stream.stream_id.clone())).copied()
            };
            ((title.kind, title.key.0), title.streams.iter().filter_map(of).collect())
        };
        titles(&self.catalogue).iter().map(entry).collect()
    }

    /// The title that each eligible entry is with, and whether it contradicts that.
    fn with_titles(&self) -> BTreeMap<CatalogueEntry, (i64, bool)> {
        let of = |(entry, streams): (CatalogueEntry, Vec<(i64, bool)>)| {
            let is_apart = streams.iter().any(|(_, is_apart)| *is_apart);
            Some((entry, (streams.first()?.0, is_apart)))
        };
        self.of_streams().into_iter().filter_map(of).collect()
    }

    /// The entries of each of the ledger's titles, the one that gives the details first.
    pub fn together(&self) -> Together {
        let mut together = Together::new();
        for (entry, (title, _)) in self.with_titles() {
            together.entry(title).or_default().push(entry);
        }
        if together.is_empty() {
            return together;
        }
        let ledger = self.ledger();
        let mut rows =
            ledger.prepare("SELECT id, uuid FROM titles WHERE uuid IS NOT NULL").unwrap();
        let uuids = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let uuids: BTreeMap<i64, String> = uuids.map(Result::unwrap).collect();
        for (title, entries) in &mut together {
            let own = uuids.get(title);
            entries.sort_by_key(|entry| {
                own.is_none() || self.uuid_of(*entry) != own.map(String::as_str)
            });
        }
        together
    }

    /// The UUID of an entry's row.
    pub fn uuid_of(&self, (kind, id): CatalogueEntry) -> Option<&str> {
        match kind {
            Kind::Movie => {
                let row = self.catalogue.movies.iter().find(|row| row.id == id)?;
                Some(&row.uuid)
            }
            Kind::Series => {
                let row = self.catalogue.series.iter().find(|row| row.id == id)?;
                Some(&row.uuid)
            }
        }
    }

    /// The entries of each title, of those that no ledger has as if they came today.
    pub fn titles_now(&self) -> Vec<Vec<CatalogueEntry>> {
        let fresh = put_together(&self.catalogue, &self.policy);
        if !self.policy.are_names_cleaned() {
            return fresh;
        }
        let together = self.together();
        let known: BTreeSet<CatalogueEntry> = together.values().flatten().copied().collect();
        let mut all: Vec<Vec<CatalogueEntry>> = together.into_values().collect();
        let others = fresh.into_iter().map(|mut entries| {
            entries.retain(|entry| !known.contains(entry));
            entries
        });
        all.extend(others.filter(|entries| !entries.is_empty()));
        // The twin gives folders away in the order of the rows.
        all.sort_by_key(|entries| entries.iter().min().copied());
        all
    }

    /// The library as it should be, where what is one title stays one.
    pub fn wanted_tree(&self) -> FileTree {
        without_rows(twin_of(&self.catalogue, &self.policy, &self.titles_now()))
    }

    /// UUIDs of entries that are still with a title which they contradict.
    pub fn apart(&self) -> BTreeSet<String> {
        let with = self.with_titles();
        let apart = with.iter().filter(|(_, (_, is_apart))| *is_apart);
        apart.filter_map(|(entry, _)| self.uuid_of(*entry)).map(str::to_owned).collect()
    }

    /// What is together before a run, without entries whose streams are at several titles: numbers were exchanged.
    pub fn before_run(&self) -> BeforeRun {
        let titles = self.copies().values().map(|(title, _)| *title).collect();
        let is_torn = |streams: &[(i64, bool)]| streams.iter().any(|it| it.0 != streams[0].0);
        let streams = self.of_streams().into_iter();
        let torn: BTreeSet<CatalogueEntry> =
            streams.filter(|(_, it)| is_torn(it)).map(|(entry, _)| entry).collect();
        let mut together = self.together();
        together.values_mut().for_each(|entries| entries.retain(|it| !torn.contains(it)));
        BeforeRun { together, titles }
    }

    /// The laws of putting entries together. `grace` is that of the run; with `is_anew` all names are given anew.
    pub fn check_together(
        &mut self,
        before: &BeforeRun,
        (grace, is_anew): (u32, bool),
        report: &serde_json::Value,
    ) {
        let is_lost = report["warnings"].to_string().contains("the ledger was lost");
        if is_lost || !self.policy.are_names_cleaned() {
            self.past.remove(&self.machine);
            return;
        }
        let signs = signs(&self.catalogue, &self.policy);
        let after = self.together();
        self.check_united(before, &after, &signs, is_anew, report);
        self.check_staying(before, &after, &signs, (grace, is_anew), report);
        let past = self.past.entry(self.machine).or_default();
        let of = |(title, entries): (&i64, &Vec<CatalogueEntry>)| {
            Some((*title, signs.get(&entries[0])?.clone()))
        };
        past.own = after.iter().filter_map(of).collect();
    }

    /// Two titles that could be one are one, unless the ledger knew both.
    fn check_united(
        &self,
        before: &BeforeRun,
        after: &Together,
        signs: &BTreeMap<CatalogueEntry, EntrySign>,
        is_anew: bool,
        report: &serde_json::Value,
    ) {
        let apart = self.apart();
        let is_sound = |entry: &&CatalogueEntry| {
            !self.uuid_of(**entry).is_some_and(|uuid| apart.contains(uuid))
        };
        let mut sums: BTreeMap<(Kind, u64, Option<i32>), Vec<TitleIds>> = BTreeMap::new();
        for (title, entries) in after {
            let all = || entries.iter().filter(is_sound).filter_map(|entry| signs.get(entry));
            let Some(name) = all().next().and_then(|sign| sign.called.name_key()) else { continue };
            let year = all().find_map(|sign| sign.called.year());
            let kind = entries[0].0;
            if year.is_some() || kind == Kind::Series {
                let ids = all().flat_map(|sign| sign.externals.iter().copied()).collect();
                sums.entry((kind, name, year)).or_default().push((*title, ids));
            }
        }
        for same in sums.values() {
            for (at, (one, ids)) in same.iter().enumerate() {
                for (other, others) in &same[at + 1..] {
                    let are_known = before.titles.contains(one) && before.titles.contains(other);
                    assert!(
                        (are_known && !is_anew) || ExternalId::contradict(ids, others),
                        "{:?} and {:?} are two titles: {one} {other} {report}",
                        after[one].iter().map(|it| &signs[it]).collect::<Vec<_>>(),
                        after[other].iter().map(|it| &signs[it]).collect::<Vec<_>>()
                    );
                }
            }
        }
    }

    /// An entry stays with its title while it does not contradict that, and for the grace when it does.
    fn check_staying(
        &mut self,
        before: &BeforeRun,
        after: &Together,
        signs: &BTreeMap<CatalogueEntry, EntrySign>,
        (grace, is_anew): (u32, bool),
        report: &serde_json::Value,
    ) {
        let now: BTreeMap<CatalogueEntry, i64> =
            after.iter().flat_map(|(title, all)| all.iter().map(|it| (*it, *title))).collect();
        let past = self.past.get(&self.machine).cloned().unwrap_or_default();
        let mut apart = BTreeMap::new();
        for (title, entries) in &before.together {
            let Some(own) = past.own.get(title) else { continue };
            let agrees = |entry: &&CatalogueEntry| !contradicts(&signs[*entry], own);
            if entries.len() < 2 || entries.iter().filter(agrees).count() == 0 {
                continue;
            }
            for entry in entries {
                let name = self.uuid_of(*entry).unwrap_or_default()[8..].to_owned();
                let is_with = now.get(entry) == Some(title);
                let tell = || format!("{entry:?} {:?} of {title} {own:?}: {report}", signs[entry]);
                if agrees(&entry) {
                    assert!(is_with || is_anew, "it left: {}", tell());
                    continue;
                }
                let runs = past.apart.get(&name).copied().unwrap_or(0) + 1;
                let is_due = is_anew || runs > grace;
                assert!(!is_with || !is_due, "it should have left: {}", tell());
                apart.insert(name, runs);
            }
        }
        self.past.entry(self.machine).or_default().apart = apart;
    }

    /// The grace of a run with these flags, and whether it gives names anew.
    pub fn terms_of(more: &[&str]) -> (u32, bool) {
        let is_at_once = more.windows(2).any(|pair| pair == ["--grace", "0"]);
        (if is_at_once { 0 } else { GRACE }, more.contains(&"--relayout"))
    }
}
