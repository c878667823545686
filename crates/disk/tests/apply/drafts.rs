//! Plans written by hand, and the library that they stand for.

use vod2strm_core::hash::Written;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::Kind;
use vod2strm_core::plan::{Change, FileChange, PlannedFile, TitlePlan};
use vod2strm_core::render::Desired;

use vod2strm_testkit::disks::{Entries, with_dirs};
use vod2strm_testkit::drafts;

/// A new movie without files yet.
pub fn movie(folder: &str) -> TitlePlan {
    drafts::plan(Kind::Movie, folder)
}

/// A new series without files yet.
pub fn series(folder: &str) -> TitlePlan {
    drafts::plan(Kind::Series, folder)
}

/// Says what has to happen to a title, file by file.
pub trait Draft: Sized {
    /// Has this file, to which this has to happen.
    fn with(self, path: &str, content: &str, change: Change) -> Self;

    /// The ledger has the title.
    fn known(self) -> Self;

    /// Has a new file.
    fn create(self, path: &str, content: &str) -> Self {
        self.with(path, content, Change::Create)
    }

    /// Has an unchanged file.
    fn keep(self, path: &str, content: &str) -> Self {
        self.with(path, content, Change::Keep)
    }

    /// Has a file that we wrote with other content.
    fn replace(self, path: &str, ours: &str, content: &str) -> Self {
        self.with(path, content, Change::Replace(Written::of(ours.as_bytes())))
    }
}

impl Draft for TitlePlan {
    fn with(mut self, path: &str, content: &str, change: Change) -> TitlePlan {
        let (key, content) =
            (drafts::key_of_path(self.title.kind, path), content.as_bytes().to_vec());
        let path = path.to_owned();
        let file = Desired {
            key,
            path,
            content,
            season: None,
            episode: None,
            account: None,
            stream: None,
        };
        self.changes.push(FileChange::Want(PlannedFile::new(file, change)));
        self
    }

    fn known(mut self) -> TitlePlan {
        self.known = Some(TitleId(1));
        self
    }
}

/// A new movie.
pub fn alien() -> TitlePlan {
    movie("Alien").create("Alien.nfo", "<alien/>").create("Alien.strm", "http://alien")
}

/// A new series.
pub fn lost() -> TitlePlan {
    let mut plan = series("Lost").create("tvshow.nfo", "<lost/>");
    for path in ["Season 01/S01E01", "Season 01/S01E02", "Season 02/S02E01"] {
        plan = plan.create(&format!("{path}.nfo"), "<e/>").create(&format!("{path}.strm"), path);
    }
    plan
}

/// A known movie, both of whose files changed.
pub fn blade() -> TitlePlan {
    movie("Blade").known().replace("Blade.nfo", "old nfo", "new nfo").replace(
        "Blade.strm",
        "old url",
        "new url",
    )
}

/// A title as it has to be, without its library root.
pub fn whole(plan: &TitlePlan) -> Entries {
    let mut all = Entries::new();
    for file in plan.files() {
        insert_file(&mut all, plan, &file.file);
    }
    all.remove(&format!("{}/", plan.root()));
    all
}

/// Adds a file as planned, and the directories above it.
pub fn insert_file(all: &mut Entries, plan: &TitlePlan, file: &Desired) {
    let path = path_of(plan, file);
    with_dirs(all, &path);
    all.insert(path, String::from_utf8(file.content.clone()).unwrap());
}

/// A planned file's path in the library.
pub fn path_of(plan: &TitlePlan, file: &Desired) -> String {
    format!("{}/{}/{}", plan.root(), plan.folder.as_deref().unwrap(), file.path)
}
