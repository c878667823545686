//! A title becomes the files that it should have: names and bytes. Nothing is compared here.

pub mod url;
pub mod nfo;
#[cfg(test)]
pub mod drafts;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::event::Reason;
use crate::hash::ContentHash;
use crate::identity::known::{KnownFile, KnownFiles};
use crate::model::file::{FileKey, FileKind, Item, StreamRef};
use crate::model::media::{Episode, Kind, Stream, Title};
use crate::model::stamp::StreamId;
use crate::naming::labels::{VersionLabels, path_key};
use crate::naming::values::episode_mark;
use crate::naming::{
    episode_stem, movie_stem, own_name, season_folder, stem_candidates, stream_label,
};
use crate::path::strm_stem;
use crate::policy::Policy;
use crate::render::nfo::file_info::with_file_info;
use crate::render::nfo::{episode_nfo, season_nfo, title_nfo};
use crate::render::url::{Playable, escape_url, stream_url};

/// A file that the title should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// What the file is for; unique within the title.
    pub key: FileKey,
    /// Path below the title's folder.
    pub path: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// Season number, for what belongs to one.
    pub season: Option<i32>,
    /// The index of its episode in the title, for what belongs to one.
    pub episode: Option<usize>,
    /// Of a `.strm`: the account whose stream it plays.
    pub account: Option<i64>,
    /// Of a `.strm`: that stream.
    pub stream: Option<StreamId>,
}

/// Something that a title should have and cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omission {
    /// The index of the episode; `None` for the movie or series itself.
    pub episode: Option<usize>,
    /// Why.
    pub reason: Reason,
    /// The reason as a sentence, where the reason's word is not enough.
    pub detail: Option<String>,
}

/// All that a title should have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The files; NFOs before the `.strm` that they describe. Empty when nothing can be played.
    pub files: Vec<Desired>,
    /// What had to be left out.
    pub omissions: Vec<Omission>,
}

/// Whether files that the ledger knows keep their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRule {
    /// A path is a promise.
    Keep,
    /// The rules for names have changed, or the user wants the names of today.
    Renew,
}

/// The names that a title was given, and keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenNames {
    /// Its folder below its root.
    pub folder: String,
    /// The title that a series' NFO gives; `None` for its own name.
    pub nfo_title: Option<String>,
}

impl GivenNames {
    /// A folder, and no other title than its own.
    pub fn of(folder: &str) -> GivenNames {
        GivenNames { folder: folder.to_owned(), nfo_title: None }
    }
}

/// Renders a title with the names that it was given.
pub fn render(
    policy: &Policy,
    title: &Title,
    given: &GivenNames,
    known: &KnownFiles,
    names: NameRule,
) -> Rendered {
    let all = |wanted: Option<&HashSet<FileKey>>| {
        let mut renderer = Renderer::new(policy, title, given, known, wanted);
        match title.kind {
            Kind::Movie => renderer.movie(),
            Kind::Series => renderer.series(),
        }
        renderer.rendered
    };
    let kept = all(None);
    match names {
        NameRule::Keep => kept,
        // What the title loses keeps its place until it goes: keys do not depend on names.
        NameRule::Renew => all(Some(&kept.files.into_iter().map(|file| file.key).collect())),
    }
}

struct Renderer<'a> {
    policy: &'a Policy,
    title: &'a Title,
    given: &'a GivenNames,
    known: &'a KnownFiles,
    names: NameRule,
    /// The folders of seasons whose files keep their names.
    seasons: HashMap<i32, &'a str>,
    /// The keys of paths that are in use below the folder, and by how many files. Old files may share one.
    taken: HashMap<String, usize>,
    /// How many episodes there were with the same numbers, and the same stream where a number is missing.
    repeats: HashMap<Item, u32>,
    rendered: Rendered,
}

impl<'a> Renderer<'a> {
    fn new(
        policy: &'a Policy,
        title: &'a Title,
        given: &'a GivenNames,
        known: &'a KnownFiles,
        wanted: Option<&HashSet<FileKey>>,
    ) -> Self {
        // A file that is not wanted any more is in nobody's way once it is gone, but until then.
        let is_renewed = |key: &FileKey| wanted.is_some_and(|wanted| wanted.contains(key));
        let keeps =
            |(key, file): &(&FileKey, &KnownFile)| file.unwanted.is_some() || !is_renewed(key);
        let mut taken = HashMap::new();
        for (_, file) in known.iter().filter(keeps) {
            *taken.entry(path_key(&policy.layout, title.kind, &file.path)).or_default() += 1;
        }
        let names = if wanted.is_some() { NameRule::Renew } else { NameRule::Keep };
        let seasons = match names {
            NameRule::Keep => folders_of_seasons(known),
            NameRule::Renew => HashMap::new(),
        };
        let (repeats, rendered) = (HashMap::new(), Rendered::default());
        Renderer { policy, title, given, known, names, seasons, taken, repeats, rendered }
    }

    fn movie(&mut self) {
        let urls =
            self.urls(Playable::Movie, self.title.uuid.as_deref(), &self.title.streams, None);
        if urls.is_empty() {
            return;
        }
        let layout = &self.policy.layout;
        let nfo_stem = layout.is_classic().then(|| "movie".to_owned());
        let nfo = Nfo { content: title_nfo(self.policy, self.title, None), own_stem: nfo_stem };
        let place =
            FilePlace { item: Item::Movie, dir: String::new(), season: None, episode: None };
        let stem = movie_stem(layout, self.title, &self.given.folder);
        self.playable(&place, &stem, urls, nfo);
    }

    fn series(&mut self) {
        let title = self.title;
        if title.is_filtered() {
            let reason = Reason::Filtered;
            self.rendered.omissions.push(Omission { episode: None, reason, detail: None });
            return;
        }
        let mut episodes: Vec<(usize, &'a Episode)> = title.episodes.iter().enumerate().collect();
        episodes.sort_by_cached_key(|(_, episode)| {
            let stream = episode.streams.first().map(|stream| StreamId::of(Kind::Series, stream));
            (episode.season, episode.number, stream, episode.uuid.clone())
        });
        let mut seasons = HashSet::new();
        for (index, episode) in episodes {
            self.episode(index, episode, &mut seasons);
        }
        if self.rendered.files.is_empty() {
            let reason = Reason::NoEpisodes;
            self.rendered.omissions.push(Omission { episode: None, reason, detail: None });
        } else if let Some(content) = title_nfo(self.policy, title, self.given.nfo_title.as_deref())
        {
            let stems = stem_candidates(&self.policy.layout, "tvshow", "series");
            let path = self.free_path("", &FileKey::Show, ".nfo", stems);
            self.rendered.files.insert(0, Desired::new(FileKey::Show, path, content));
        }
    }

    fn episode(&mut self, index: usize, episode: &'a Episode, seasons: &mut HashSet<i32>) {
        if episode.streams.is_empty() {
            let reason = Reason::NoActiveRelations;
            self.rendered.omissions.push(Omission { episode: Some(index), reason, detail: None });
            return;
        }
        let uuid = episode.uuid.as_deref();
        let urls = self.urls(Playable::Episode, uuid, &episode.streams, Some(index));
        if urls.is_empty() {
            return;
        }
        let layout = &self.policy.layout;
        let season = episode.season.unwrap_or(0).max(0);
        let known = self.seasons.get(&season).map(|dir| (*dir).to_owned());
        let dir = known.unwrap_or_else(|| season_folder(layout, season));
        if seasons.insert(season)
            && let Some(content) = season_nfo(self.policy, season, own_name(&self.given.folder))
        {
            let label = season.to_string();
            let stems = stem_candidates(layout, "season", &label);
            let path = self.free_path(&dir, &FileKey::Season(season), ".nfo", stems);
            let file = Desired::new(FileKey::Season(season), path, content);
            self.rendered.files.push(Desired { season: Some(season), ..file });
        }
        let Some(item) = self.item_of(episode) else { return };
        let repeats = self.repeats.entry(item.clone()).or_default();
        let item = item.repeated(*repeats);
        *repeats += 1;
        let nfo_stem = layout.is_classic().then(|| episode_mark(episode));
        let nfo = Nfo { content: episode_nfo(self.policy, episode), own_stem: nfo_stem };
        let place = FilePlace { item, dir, season: Some(season), episode: Some(index) };
        let stem = episode_stem(layout, self.title, episode);
        self.playable(&place, &stem, urls, nfo);
    }

    /// An episode without a number has nothing to be recognised by but its streams: by the first that has a file.
    fn item_of(&self, episode: &Episode) -> Option<Item> {
        let (season, number) = (episode.season, episode.number);
        let of = |stream: &Stream| Item::Unnumbered {
            season,
            number,
            stream: StreamRef::of(stream),
            repeat: 0,
        };
        let has_file = |item: &Item| self.known.contains_key(&FileKey::strm_of(item.clone()));
        let by_stream = || {
            let mut items = episode.streams.iter().map(of);
            let best = items.clone().next();
            items.find(has_file).or(best)
        };
        Item::numbered(episode).or_else(by_stream)
    }

    /// The streams that can be played and have a file, with their URLs.
    fn urls(
        &mut self,
        playable: Playable,
        uuid: Option<&str>,
        streams: &'a [Stream],
        episode: Option<usize>,
    ) -> Vec<(&'a Stream, String)> {
        let mut urls = Vec::new();
        let mut refused = Vec::new();
        let mut is_filtered = !streams.is_empty();
        for stream in streams.iter().filter(|stream| stream.is_wanted) {
            is_filtered = false;
            match stream_url(self.policy, playable, uuid, stream) {
                Ok(url) => urls.push((stream, url)),
                Err(error) => refused.push(error.to_string()),
            }
        }
        let chosen =
            self.policy.versions.of(self.title.kind).of(urls.iter().map(|(stream, _)| *stream));
        let mut at = 0..urls.len();
        urls.retain(|_| at.next().is_some_and(|at| chosen.contains(&at)));
        let detail = refused.into_iter().next();
        if urls.is_empty() {
            let reason = if is_filtered { Reason::Filtered } else { Reason::NoUrl };
            self.rendered.omissions.push(Omission { episode, reason, detail });
        }
        urls
    }

    /// The `.strm` of every stream, and the NFOs that go with them.
    fn playable(&mut self, place: &FilePlace, stem: &str, urls: Vec<(&Stream, String)>, nfo: Nfo) {
        let plain = self.plain_stream(&place.item, &urls);
        let layout = &self.policy.layout;
        let labels = (urls.len() > 1).then(|| {
            let streams: Vec<&Stream> = urls.iter().map(|(stream, _)| *stream).collect();
            VersionLabels::of(layout, &streams, streams[plain])
        });
        for (n, (stream, url)) in urls.into_iter().enumerate() {
            let version = (n != plain).then(|| StreamRef::of(stream));
            let key =
                |kind| FileKey::Item { item: place.item.clone(), kind, version: version.clone() };
            let (label, strm) = (stream_label(stream), key(FileKind::Strm));
            let path = match &labels {
                Some(labels) if n != plain => {
                    let stems = labels.stems(stem, stream).map(Cow::Owned);
                    self.free_path(&place.dir, &strm, ".strm", stems)
                }
                _ => {
                    let stems = stem_candidates(layout, stem, &label);
                    self.free_path(&place.dir, &strm, ".strm", stems)
                }
            };
            // Servers pair an NFO with a file by folder and whole stem, so it follows the promised name.
            let own_stem = match &nfo.own_stem {
                Some(own) if n == plain => Some(own.as_str()),
                Some(_) => None,
                None => Some(stem_of(&path)),
            };
            if let (Some(content), Some(stem)) = (&nfo.content, own_stem) {
                let key = key(FileKind::Nfo);
                let stems = stem_candidates(layout, stem, &label);
                let path = self.free_path(dir_of(&path), &key, ".nfo", stems);
                let content = with_file_info(self.policy, content, stream);
                let file = Desired::new(key, path, content);
                self.rendered.files.push(place.mark(file));
            }
            let strm = Desired::new(
                strm,
                path,
                content_of(self.policy, stream.kodi_properties.as_deref(), &url),
            );
            let played = Some(StreamId::of(self.title.kind, stream));
            let strm = Desired { account: Some(stream.account.id), stream: played, ..strm };
            self.rendered.files.push(place.mark(strm));
        }
    }

    /// Which stream has the file without a label: the one that has it on disk, or else the best one without a
    /// file. A stream keeps its file when another becomes the best.
    fn plain_stream(&self, item: &Item, urls: &[(&Stream, String)]) -> usize {
        if urls.len() < 2 {
            return 0;
        }
        let strm = |version| {
            let key = FileKey::Item { item: item.clone(), kind: FileKind::Strm, version };
            self.known.get(&key)
        };
        let has_own = |stream: &Stream| strm(Some(StreamRef::of(stream))).is_some();
        let known = strm(None);
        let (plain, played) = (known.and_then(|file| file.hash), known.and_then(|it| it.stream));
        let content = |stream: &Stream, url: &str| {
            content_of(self.policy, stream.kodi_properties.as_deref(), url)
        };
        let is_plain = |stream: &Stream, url: &str| {
            plain.is_some_and(|plain| plain == ContentHash::of(&content(stream, url)))
        };
        let free = || urls.iter().enumerate().filter(|(_, (stream, _))| !has_own(stream));
        // With another UUID its content is another one: the ledger knows what it plays. An older ledger does not.
        let is_played = |stream: &Stream| played == Some(StreamId::of(self.title.kind, stream));
        let known = free().find(|(_, (stream, _))| is_played(stream));
        let on_disk = || free().find(|(_, (stream, url))| is_plain(stream, url));
        known.or_else(on_disk).or_else(|| free().next()).map_or(0, |(at, _)| at)
    }

    /// The path that a key was promised. Else the first one with one of these stems, of which there is no end, that no other
    /// file of this title has.
    fn free_path<'s>(
        &mut self,
        dir: &str,
        key: &FileKey,
        extension: &str,
        stems: impl Iterator<Item = Cow<'s, str>>,
    ) -> String {
        if let Some(kept) = self.kept(key) {
            return kept.to_owned();
        }
        let (layout, kind) = (&self.policy.layout, self.title.kind);
        let key_of = |path: &str| path_key(layout, kind, path);
        // A file that is wanted again is not in its own way.
        let own = self.known.get(key).filter(|file| file.unwanted.is_some());
        if let Some(uses) = own.and_then(|own| self.taken.get_mut(&key_of(&own.path))) {
            *uses = uses.saturating_sub(1);
        }
        let mut paths = stems.map(|stem| in_dir(dir, &stem, extension));
        let free = paths.find(|path| {
            let uses = self.taken.entry(key_of(path)).or_default();
            let is_free = *uses == 0;
            *uses = (*uses).max(1);
            is_free
        });
        free.unwrap_or_default()
    }

    /// The path that a key was promised.
    fn kept(&self, key: &FileKey) -> Option<&str> {
        match self.names {
            NameRule::Keep => self.known.get(key).map(|file| file.path.as_str()),
            NameRule::Renew => None,
        }
    }
}

impl Desired {
    fn new(key: FileKey, path: String, content: Vec<u8>) -> Desired {
        Desired { key, path, content, season: None, episode: None, account: None, stream: None }
    }
}

/// Where the files of a movie or an episode go.
struct FilePlace {
    item: Item,
    dir: String,
    season: Option<i32>,
    episode: Option<usize>,
}

impl FilePlace {
    fn mark(&self, file: Desired) -> Desired {
        Desired { season: self.season, episode: self.episode, ..file }
    }
}

/// What the NFO beside a `.strm` is to be.
struct Nfo {
    /// `None` when NFOs are switched off.
    content: Option<Vec<u8>>,
    /// A stem of its own; `None` when it shares the `.strm`'s, and every version has one.
    own_stem: Option<String>,
}

/// The `.strm` that plays an address of a playlist, with the lines that the entry has for Kodi; `None` where players
/// open no such address.
pub fn strm_of(policy: &Policy, properties: Option<&str>, address: &str) -> Option<Vec<u8>> {
    Some(content_of(policy, properties, &escape_url(address).ok()?))
}

/// A `.strm`: the entry's lines for Kodi where the layout has them, the user's, and the URL. Of several types of one
/// stream Kodi takes the last: the entry's own wins.
fn content_of(policy: &Policy, properties: Option<&str>, url: &str) -> Vec<u8> {
    let is_kept = policy.layout.keeps_properties;
    let kept = if is_kept { properties.unwrap_or_default() } else { "" };
    let own = || kept.lines();
    let has_type = own().any(states_type);
    let users = policy.strm_lines.iter().map(String::as_str);
    let users = users.filter(|line| !(has_type && states_type(line)));
    let mut content = Vec::with_capacity(url.len() + 1);
    for line in own().chain(users).chain([url]) {
        content.extend_from_slice(line.as_bytes());
        content.push(b'\n');
    }
    content
}

/// Whether a line tells Kodi what kind of file a stream is. Kodi reads it with blanks around the name, too.
fn states_type(line: &str) -> bool {
    let property = line.split_once(':').filter(|(word, _)| word.eq_ignore_ascii_case("#KODIPROP"));
    let name = property.and_then(|(_, text)| text.split_once('=')).map(|(name, _)| name.trim());
    name.is_some_and(|name| name.eq_ignore_ascii_case("mimetype"))
}

/// The folder that most known episodes of each season lie in, if no other season's do. The series' own folder is
/// no season's.
fn folders_of_seasons(known: &KnownFiles) -> HashMap<i32, &str> {
    let mut counts: BTreeMap<(&str, i32), usize> = BTreeMap::new();
    for (key, file) in known {
        if let Some(season) = key.played().and_then(Item::season) {
            *counts.entry((dir_of(&file.path), season)).or_default() += 1;
        }
    }
    let seasons_in = |dir: &str| counts.range((dir, i32::MIN)..=(dir, i32::MAX)).count();
    let mut folders: HashMap<i32, (usize, &str)> = HashMap::new();
    for (&(dir, season), &count) in &counts {
        if !dir.is_empty() && seasons_in(dir) == 1 {
            let most = folders.entry(season).or_default();
            // Of equals the first by name.
            if count > most.0 {
                *most = (count, dir);
            }
        }
    }
    folders.into_iter().map(|(season, (_, dir))| (season, dir)).collect()
}

fn in_dir(dir: &str, stem: &str, extension: &str) -> String {
    [dir, if dir.is_empty() { "" } else { "/" }, stem, extension].concat()
}

/// The folder of a file below its title's folder; empty for that one.
fn dir_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

fn stem_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    strm_stem(name).unwrap_or(name)
}

#[cfg(test)]
mod tests;
