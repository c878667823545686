//! The `.strm` files of an existing tree, and which title of the catalogue each of them plays.
//!
//! Titles are shown to it twice. The first time every file takes note of the title that fits best.
//! Then folders are given away, each to one title. The second time a title takes what is its own.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::adopt::strm::{Form, host_of, read_strm};
use crate::hash::{ContentHash, RowHasher};
use crate::identity::candidates::{NameCandidates, without_number};
use crate::layout::Layout;
use crate::model::media::{Kind, SourceKey, Stream, Title};
use crate::naming::apart::{folder_candidates, former_folders};
use crate::naming::{library_root, own_name};
use crate::policy::Policy;
use crate::render::url::{Playable, stream_url};
use crate::text::fold_key;

/// A title of the catalogue, in this run.
pub type TitleKey = (Kind, SourceKey);

/// A `.strm` file that was found.
#[derive(Clone, Debug)]
pub struct FoundFile {
    /// Path below the output folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Their hash.
    pub hash: ContentHash,
    /// What it plays; `None` when that is not understood.
    form: Option<Form>,
    /// The title that it fits best.
    claim: Option<FileClaim>,
    is_adopted: bool,
}

#[derive(Clone, Copy, Debug)]
struct FileClaim {
    title: TitleKey,
    strength: MatchStrength,
    /// Another title fits as well, and the evidence is too weak to choose.
    is_shared: bool,
}

/// What says that a file is a title's; the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    /// It is the very URL.
    Url,
    UuidAndStream,
    Uuid,
    HostAndStream,
    /// A provider's number alone, which may be another film's at another provider: it counts only
    /// where the folder's name agrees.
    Stream,
}

/// How a folder's name fits a title; the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    /// It is a name that the title would get, or once got.
    Name,
    /// It is such a name with a number.
    Number,
    /// The words of one are all in the other: somebody cleaned the name, or the year is missing.
    Words,
    Nothing,
}

type MatchStrength = (Evidence, Agreement);

/// A file that fits a title.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match {
    /// The file's place in the index.
    pub(crate) file: usize,
    /// The index of the episode that it plays; `None` for a movie.
    pub(crate) episode: Option<usize>,
    /// The index of the stream that it plays, when one is named.
    pub(crate) stream: Option<usize>,
    strength: MatchStrength,
    is_shared: bool,
}

/// Why a file was not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// There is no URL in it.
    NotUnderstood,
    /// Its URL is of nothing in the catalogue.
    NoTitle,
    /// It lies in no folder of its own, or in a season's without a series.
    NoFolder,
    /// It names a provider's id that several titles have.
    Ambiguous,
    /// Its folder belongs to another title.
    FolderTaken,
    /// More of its title lies in another folder.
    OtherFolder,
    /// It has no place among its title's files: another one plays the same, or nothing can be played.
    Surplus,
}

impl SkipReason {
    /// The reason as people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            SkipReason::NotUnderstood => "not understood",
            SkipReason::NoTitle => "no title of the catalogue plays this",
            SkipReason::NoFolder => "it lies in no title's folder",
            SkipReason::Ambiguous => "several titles of the catalogue could play this",
            SkipReason::FolderTaken => "another title has this folder",
            SkipReason::OtherFolder => "its title has another folder",
            SkipReason::Surplus => "its title has another file for this",
        }
    }
}

/// All `.strm` files that were found.
#[derive(Debug, Default)]
pub struct FoundStrms {
    files: Vec<FoundFile>,
    /// Files by 64-bit keys of their URL, their UUID and their stream id.
    by_key: HashMap<u64, Vec<usize>>,
    folders: HashMap<TitleKey, String>,
}

impl FoundStrms {
    /// Adds a file: its path below the output folder, and its content. `None`: it is too large to be
    /// one of ours.
    pub fn add(&mut self, path: String, content: Option<&[u8]>) {
        let played = content.and_then(read_strm);
        let content = content.unwrap_or_default();
        let (size, hash) = (content.len() as u64, ContentHash::of(content));
        let url = played.as_ref().map(|played| url_key(&played.url));
        let form = played.map(|played| played.form);
        let at = self.files.len();
        let keys: Vec<u64> = url.into_iter().chain(form.iter().flat_map(form_keys)).collect();
        for key in keys {
            self.by_key.entry(key).or_default().push(at);
        }
        let (claim, is_adopted) = (None, false);
        self.files.push(FoundFile { path, size, hash, form, claim, is_adopted });
    }

    /// Says what files play that are not understood: UUIDs by paths that begin with any folders. The
    /// longest end of such a path that is there is meant, from `Movies` or `TV` on.
    pub fn hint(&mut self, hints: impl Iterator<Item = (String, Playable, String)>) {
        if self.files.iter().all(|file| file.form.is_some()) {
            return;
        }
        let places: HashMap<String, usize> =
            self.files.iter().enumerate().map(|(at, file)| (file.path.clone(), at)).collect();
        for (path, playable, uuid) in hints {
            let Some(at) = ends(&path).find_map(|end| places.get(end).copied()) else { continue };
            if self.files[at].form.is_none() {
                let form = Form::Proxy { playable, uuid: uuid.to_lowercase(), stream_id: None };
                for key in form_keys(&form) {
                    self.by_key.entry(key).or_default().push(at);
                }
                self.files[at].form = Some(form);
            }
        }
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The first time that a title is shown.
    pub fn consider(&mut self, policy: &Policy, title: &Title) {
        let key = (title.kind, title.key);
        for found in self.matches(policy, title) {
            let claim = &mut self.files[found.file].claim;
            let is_weak = found.strength.0 == Evidence::Stream;
            match claim {
                Some(best) if best.strength < found.strength => {}
                Some(best) if best.strength == found.strength => best.is_shared |= is_weak,
                _ => {
                    let (strength, is_shared) = (found.strength, found.is_shared);
                    *claim = Some(FileClaim { title: key, strength, is_shared });
                }
            }
        }
    }

    /// Gives the folders away. A title gets the one that most of its files are in, and a folder goes to the title
    /// that has most files in it. `is_taken` knows folders that are not to be had: library root and folder.
    pub fn settle(&mut self, is_taken: impl Fn(&str, &str) -> bool) {
        let mut wishes: BTreeMap<TitleKey, BTreeMap<&str, Weight>> = BTreeMap::new();
        for (file, claim) in self.files.iter().filter_map(|file| Some((file, file.claim()?))) {
            let Some((folder, _)) = below_root(claim.title.0, &file.path) else { continue };
            let weight = wishes.entry(claim.title).or_default().entry(folder).or_default();
            weight.files += 1;
            weight.has_name |= claim.strength.1 <= Agreement::Number;
        }
        let mut owners: HashMap<(Kind, &str), (Weight, TitleKey)> = HashMap::new();
        for (title, folders) in &wishes {
            // Of equals the last is the maximum, and the first by name is wanted.
            let Some((folder, weight)) = folders.iter().rev().max_by_key(|(_, weight)| **weight)
            else {
                continue;
            };
            let owner = owners.entry((title.0, folder)).or_insert((*weight, *title));
            if *weight > owner.0 {
                *owner = (*weight, *title);
            }
        }
        let free =
            owners.into_iter().filter(|((kind, name), _)| !is_taken(library_root(*kind), name));
        let free: Vec<((Kind, &str), TitleKey)> =
            free.map(|(at, (_, title))| (at, title)).collect();
        let taken: HashSet<(Kind, &str)> = free.iter().map(|(at, _)| *at).collect();
        // No title lies in another's folder.
        let is_within = |(kind, name): (Kind, &str)| {
            name.match_indices('/').any(|(at, _)| taken.contains(&(kind, &name[..at])))
        };
        let apart = free.iter().filter(|(at, _)| !is_within(*at));
        self.folders = apart.map(|((_, name), title)| (*title, (*name).to_owned())).collect();
    }

    /// The titles that got a folder.
    pub fn titles(&self) -> HashSet<TitleKey> {
        self.folders.keys().copied().collect()
    }

    /// The folder that a title got, below its library root.
    pub(crate) fn folder(&self, title: &Title) -> Option<&str> {
        self.folders.get(&(title.kind, title.key)).map(String::as_str)
    }

    /// The second time that a title is shown: the files in its folder that are its own.
    pub(crate) fn own(&self, policy: &Policy, title: &Title) -> Vec<Match> {
        let Some(own) = self.folder(title) else { return Vec::new() };
        let is_own = |found: &Match| {
            let file = &self.files[found.file];
            let is_here = below_root(title.kind, &file.path).is_some_and(|(name, _)| name == own);
            is_here && file.claim().is_some_and(|claim| claim.title == (title.kind, title.key))
        };
        self.matches(policy, title).into_iter().filter(is_own).collect()
    }

    /// A file by its place.
    pub(crate) fn file(&self, at: usize) -> &FoundFile {
        &self.files[at]
    }

    /// Notes that files were taken over.
    pub(crate) fn adopted(&mut self, files: impl Iterator<Item = usize>) {
        files.for_each(|at| self.files[at].is_adopted = true);
    }

    /// What was not taken over, and why, by path.
    pub fn rest(&self) -> Vec<(&str, SkipReason)> {
        let left = self.files.iter().filter(|file| !file.is_adopted);
        let mut rest: Vec<(&str, SkipReason)> =
            left.map(|file| (file.path.as_str(), self.why(file))).collect();
        rest.sort_unstable_by_key(|(path, _)| *path);
        rest
    }

    fn why(&self, file: &FoundFile) -> SkipReason {
        let Some(claim) = &file.claim else {
            let has_folder = Kind::ALL.iter().any(|kind| below_root(*kind, &file.path).is_some());
            return match (&file.form, has_folder) {
                (None, _) => SkipReason::NotUnderstood,
                (Some(_), false) => SkipReason::NoFolder,
                (Some(_), true) => SkipReason::NoTitle,
            };
        };
        let folder = below_root(claim.title.0, &file.path).map(|(folder, _)| folder);
        match self.folders.get(&claim.title) {
            _ if claim.is_shared => SkipReason::Ambiguous,
            None => SkipReason::FolderTaken,
            Some(own) if Some(own.as_str()) == folder => SkipReason::Surplus,
            Some(_) => SkipReason::OtherFolder,
        }
    }

    /// The files that fit a title, each once, with the strongest evidence.
    fn matches(&self, policy: &Policy, title: &Title) -> Vec<Match> {
        let mut search = Search { found: self, policy, title, names: None, best: BTreeMap::new() };
        match title.kind {
            Kind::Movie => search.playable(None, title.uuid.as_deref(), &title.streams),
            Kind::Series => {
                for (at, episode) in title.episodes.iter().enumerate() {
                    search.playable(Some(at), episode.uuid.as_deref(), &episode.streams);
                }
            }
        }
        search.best.into_values().collect()
    }
}

impl FoundFile {
    /// The title that it belongs to.
    fn claim(&self) -> Option<&FileClaim> {
        self.claim.as_ref().filter(|claim| !claim.is_shared)
    }
}

/// How much a folder is a title's: more files, then a name that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Weight {
    files: usize,
    has_name: bool,
}

/// Looks for the files of one title.
struct Search<'a> {
    found: &'a FoundStrms,
    policy: &'a Policy,
    title: &'a Title,
    /// Names that the title may have, worked out when they are needed.
    names: Option<TitleNames>,
    best: BTreeMap<usize, Match>,
}

impl Search<'_> {
    /// Looks for files that play a movie, or an episode.
    fn playable(&mut self, episode: Option<usize>, uuid: Option<&str>, streams: &[Stream]) {
        let playable = if episode.is_some() { Playable::Episode } else { Playable::Movie };
        let uuid = uuid.map(str::to_lowercase);
        for (at, stream) in streams.iter().enumerate() {
            if let Ok(url) = stream_url(self.policy, playable, uuid.as_deref(), stream) {
                self.note(url_key(&url), episode, Some(at), |_| Some(Evidence::Url));
            }
            let number = number_of(stream);
            let played = (playable, number.as_str());
            let host = server_of(stream);
            self.note(stream_key(played), episode, Some(at), |form| match form {
                form if form.stream() != Some(played) => None,
                Form::Proxy { uuid: theirs, .. } if uuid.as_ref() == Some(theirs) => {
                    Some(Evidence::UuidAndStream)
                }
                Form::Direct { host: theirs, .. } if host.as_ref() == Some(theirs) => {
                    Some(Evidence::HostAndStream)
                }
                _ => Some(Evidence::Stream),
            });
        }
        if let Some(uuid) = &uuid {
            self.note(uuid_key(playable, uuid), episode, None, |form| match form {
                Form::Proxy { uuid: theirs, playable: is, .. } => {
                    (theirs == uuid && *is == playable).then_some(Evidence::Uuid)
                }
                _ => None,
            });
        }
    }

    /// Takes note of the files that have this key, as far as there is evidence.
    fn note(
        &mut self,
        key: u64,
        episode: Option<usize>,
        stream: Option<usize>,
        evidence: impl Fn(&Form) -> Option<Evidence>,
    ) {
        let found = self.found;
        for &file in found.by_key.get(&key).into_iter().flatten() {
            let place = below_root(self.title.kind, &found.files[file].path);
            let evidence = found.files[file].form.as_ref().and_then(&evidence);
            let (Some((folder, _)), Some(evidence)) = (place, evidence) else { continue };
            let names = self.names.get_or_insert_with(|| TitleNames::of(self.title));
            let strength = (evidence, names.agree(folder));
            if strength == (Evidence::Stream, Agreement::Nothing) {
                continue;
            }
            let new = Match { file, episode, stream, strength, is_shared: false };
            let best = self.best.entry(file).or_insert(new);
            if strength < best.strength {
                *best = new;
            } else if strength == best.strength && episode != best.episode {
                best.is_shared |= evidence == Evidence::Stream;
            }
        }
    }
}

/// The names of a title, as far as folders are concerned.
struct TitleNames {
    folded: HashSet<String>,
    /// What numbers are put behind.
    bases: HashSet<String>,
    words: HashSet<String>,
}

impl TitleNames {
    fn of(title: &Title) -> TitleNames {
        let (mut folded, mut bases) = (HashSet::new(), HashSet::new());
        for layout in Layout::all() {
            let NameCandidates { names, base } = folder_candidates(layout, title);
            let names = names.into_iter().chain(former_folders(layout, title));
            folded.extend(names.map(|name| fold_key(&name)));
            bases.insert(fold_key(&base));
        }
        let words = folded.iter().flat_map(|name| words(name)).collect();
        TitleNames { folded, bases, words }
    }

    fn agree(&self, folder: &str) -> Agreement {
        let folder = fold_key(own_name(folder));
        if self.folded.contains(&folder) {
            return Agreement::Name;
        }
        if without_number(&folder).is_some_and(|base| self.bases.contains(base)) {
            return Agreement::Number;
        }
        let theirs: HashSet<String> = words(&folder).collect();
        let is_within = |some: &HashSet<String>| !some.is_empty() && some.is_subset(&self.words);
        let holds = |name: &String| {
            let mut words = words(name).peekable();
            words.peek().is_some() && words.all(|word| theirs.contains(&word))
        };
        if is_within(&theirs) || self.folded.iter().any(holds) {
            Agreement::Words
        } else {
            Agreement::Nothing
        }
    }
}

fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned)
}

/// The provider's number of a stream. That of a playlist is told apart by its host besides, which may be
/// another one by now: its address says the number alone.
fn number_of(stream: &Stream) -> String {
    let played = stream.url.as_deref().and_then(|url| read_strm(url.as_bytes()));
    let number = played.as_ref().and_then(|played| played.form.stream()).map(|(_, number)| number);
    number.unwrap_or(&stream.stream_id).to_owned()
}

/// The server that a stream is played from.
fn server_of(stream: &Stream) -> Option<String> {
    let login = stream.account.login.as_ref().map(|login| login.server_url.as_str());
    host_of(stream.url.as_deref().or(login)?)
}

/// The title's folder below its root, and the path below that, for a file that lies in one. The folder may
/// be below further ones (`Drama/Heat (1995)`). The original put the seasons of a series called `.` right
/// below the root: a season with files is no title's folder. (A series may be called so, and has its
/// seasons in it.)
pub(crate) fn below_root(kind: Kind, path: &str) -> Option<(&str, &str)> {
    let below = path.strip_prefix(library_root(kind))?.strip_prefix('/')?;
    let (dir, _) = below.rsplit_once('/')?;
    let end = match kind {
        Kind::Movie => dir.len(),
        Kind::Series => match seasons_in(dir).last() {
            Some(0) => return None,
            Some(start) => start - 1,
            None => dir.len(),
        },
    };
    Some((&below[..end], &below[end + 1..]))
}

/// Where in a path folders begin that are called like seasons.
fn seasons_in(dir: &str) -> impl Iterator<Item = usize> + '_ {
    let starts = std::iter::once(0).chain(dir.match_indices('/').map(|(at, _)| at + 1));
    starts.filter(|start| is_season(dir[*start..].split('/').next().unwrap_or_default()))
}

fn is_season(folder: &str) -> bool {
    const WORDS: [&str; 11] = [
        "",
        "s",
        "season",
        "series",
        "staffel",
        "saison",
        "temporada",
        "stagione",
        "sezon",
        "säsong",
        "sæson",
    ];
    let lower = folder.to_lowercase();
    let lower = lower.strip_suffix(" (specials)").unwrap_or(&lower);
    let is_number = |rest: &str| {
        (1..=4).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit())
    };
    lower == "specials"
        || WORDS
            .iter()
            .any(|word| lower.strip_prefix(word).is_some_and(|it| is_number(it.trim_start())))
}

/// The ends of a path that begin with a library root, the longest first.
fn ends(path: &str) -> impl Iterator<Item = &str> {
    let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
    let is_root = |end: &&str| Kind::ALL.iter().any(|kind| below_root(*kind, end).is_some());
    starts.map(|at| &path[at..]).filter(is_root)
}

fn form_keys(form: &Form) -> impl Iterator<Item = u64> + use<> {
    let uuid = match form {
        Form::Proxy { playable, uuid, .. } => Some(uuid_key(*playable, uuid)),
        _ => None,
    };
    uuid.into_iter().chain(form.stream().map(stream_key))
}

fn url_key(url: &str) -> u64 {
    key(b'u', "", url)
}

fn uuid_key(playable: Playable, uuid: &str) -> u64 {
    key(b'i', word(playable), uuid)
}

fn stream_key((playable, stream_id): (Playable, &str)) -> u64 {
    key(b's', word(playable), stream_id)
}

fn word(playable: Playable) -> &'static str {
    match playable {
        Playable::Movie => "movie",
        Playable::Episode => "episode",
    }
}

fn key(tag: u8, kind: &str, text: &str) -> u64 {
    let mut hasher = RowHasher::default();
    hasher.start(tag).text(kind).text(text);
    hasher.finish().0 as u64
}
