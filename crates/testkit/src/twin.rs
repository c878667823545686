//! The naive twin: the library that a catalogue should become, computed the slow and obvious way.
//!
//! It reads the generated values, not a database; it knows no stamp, no ledger, no batch and no
//! staging. Names, NFOs and URLs come from `core`, whose own tests hold those rules; what the twin
//! checks is everything between a row and a file.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use vod2strm_core::date::Day;
use vod2strm_core::identity::candidates::NameCandidates;
use vod2strm_core::model::media::{self, Details, Kind, Login, SourceKey, Stream, Title};
use vod2strm_core::model::merged::merged;
use vod2strm_core::model::stamp::{ExternalId, Few, StreamId, StreamRank};
use vod2strm_core::model::stated::{Premiere, Stated, meaning, text};
use vod2strm_core::names::called::Called;
use vod2strm_core::names::category_habits::CategoryHabits;
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::names::years::Years;
use vod2strm_core::naming::apart::{folder_candidates, nfo_title_candidates};
use vod2strm_core::naming::labels::{VersionLabels, path_key};
use vod2strm_core::naming::values::episode_mark;
use vod2strm_core::naming::{
    episode_stem, library_root, movie_stem, season_folder, stem_candidates, stream_label,
};
use vod2strm_core::policy::Policy;
use vod2strm_core::render::nfo::{episode_nfo, season_nfo, title_nfo};
use vod2strm_core::render::url::{Playable, stream_url};
use vod2strm_core::select::order_by_quality;
use vod2strm_core::text::fold_key;

use crate::said;
use crate::schema::{Catalogue, EpisodeRow};

/// When all rows were made, as the kit inserts them.
const ADDED: i64 = 1_767_225_600;

/// Files by path below the output folder.
pub type FileTree = BTreeMap<String, Vec<u8>>;

/// An entry of a catalogue: its kind, and the id of its row.
pub type CatalogueEntry = (Kind, i64);

/// The library of a catalogue that no run has seen before.
pub fn twin(catalogue: &Catalogue, policy: &Policy) -> FileTree {
    twin_of(catalogue, policy, &put_together(catalogue, policy))
}

/// The library of a catalogue of which these entries are one title each, the one that gives the details first.
pub fn twin_of(catalogue: &Catalogue, policy: &Policy, titles: &[Vec<CatalogueEntry>]) -> FileTree {
    let mut tree = FileTree::new();
    let mut cleaner = policy.cleaner(years());
    cleaner.habits = habits(catalogue);
    let mut given = GivenAway::default();
    for mut title in titles_of(catalogue, titles) {
        cleaner.clean(&mut title);
        if policy.are_names_cleaned() {
            order_by_quality(&mut title);
        }
        policy.choice.choose(&mut title);
        add_title(&title, policy, &mut given, &mut tree);
    }
    tree
}

/// What titles before have: nobody gets it twice.
#[derive(Default)]
struct GivenAway {
    folders: HashSet<String>,
    /// The titles in series' NFOs.
    nfo_titles: HashSet<String>,
}

/// The first of the names, or else the preferred one with a number, that `give` takes.
fn first_free(candidates: NameCandidates, give: impl FnMut(&String) -> bool) -> String {
    let NameCandidates { names, base } = candidates;
    let numbered = (2..1_850).map(|n| format!("{base} ({n})"));
    names.into_iter().chain(numbered).find(give).expect("no name has so many titles")
}

fn is_playable(title: &Title) -> bool {
    let is_wanted = |streams: &[Stream]| streams.iter().any(|stream| stream.is_wanted);
    let has_any = || title.episodes.iter().any(|episode| is_wanted(&episode.streams));
    !title.is_filtered() && (title.kind == Kind::Movie || has_any())
}

/// The years that are plausible today.
fn years() -> Years {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Years::plausible_at(now as i64)
}

/// The titles that these entries make.
fn titles_of(catalogue: &Catalogue, together: &[Vec<CatalogueEntry>]) -> Vec<Title> {
    let mut entries: HashMap<CatalogueEntry, Title> =
        titles(catalogue).into_iter().map(|it| ((it.kind, it.key.0), it)).collect();
    let of = |title: &Vec<CatalogueEntry>| {
        merged(title.iter().filter_map(|it| entries.remove(it)).collect())
    };
    together.iter().filter_map(of).collect()
}

/// What an entry says of the work that it is.
#[derive(Clone, Debug)]
pub struct EntrySign {
    /// What it is called.
    pub called: Called,
    /// Its TMDB and IMDb id.
    pub externals: Few<ExternalId>,
}

/// What all eligible entries say of themselves.
pub fn signs(catalogue: &Catalogue, policy: &Policy) -> BTreeMap<CatalogueEntry, EntrySign> {
    let mut cleaner = NameCleaner { takes_tags: true, ..policy.cleaner(years()) };
    let mut sign = |title: &Title| {
        let details = &title.details;
        let called = Called::read(&mut cleaner, title.kind, &details.name, details.year);
        let called = called.or_year(own_year(catalogue, title));
        ((title.kind, title.key.0), EntrySign { called, externals: externals(title) })
    };
    titles(catalogue).iter().map(&mut sign).collect()
}

/// The entries of each title, where nothing was put together before: of each entry every title before it is asked.
pub fn put_together(catalogue: &Catalogue, policy: &Policy) -> Vec<Vec<CatalogueEntry>> {
    let entries = titles(catalogue);
    let key = |at: usize| (entries[at].kind, entries[at].key.0);
    if !policy.are_names_cleaned() {
        return (0..entries.len()).map(|at| vec![key(at)]).collect();
    }
    let mut signs = signs(catalogue, policy);
    let signs: Vec<EntrySign> =
        (0..entries.len()).filter_map(|at| signs.remove(&key(at))).collect();
    let called: Vec<Called> = signs.iter().map(|sign| sign.called.clone()).collect();
    let mut groups: Vec<(EntrySign, Vec<usize>)> = Vec::new();
    for (at, EntrySign { called: own, externals }) in signs.iter().enumerate() {
        let kind = entries[at].kind;
        let of_name =
            |other: &Called| own.name_key().is_some() && own.name_key() == other.name_key();
        let namesakes = called.iter().zip(&entries);
        let namesakes = namesakes.filter(|(other, of)| of.kind == kind && of_name(other));
        let years: HashSet<i32> = namesakes.filter_map(|(other, _)| other.year()).collect();
        let is_one = |(other, places): &&(EntrySign, Vec<usize>)| {
            let shares_id = externals.iter().any(|id| other.externals.contains(id));
            let fits = match (kind, own.year(), other.called.year()) {
                (_, Some(a), Some(b)) => a == b,
                (Kind::Series, None, None) => true,
                (Kind::Series, ..) => years.len() == 1,
                (Kind::Movie, ..) => {
                    shares_id || places.iter().any(|it| has_poster_of(&entries, &called, at, *it))
                }
            };
            let is_kind = entries[places[0]].kind == kind;
            let is_other = ExternalId::contradict(externals, &other.externals);
            is_kind && of_name(&other.called) && fits && !is_other
        };
        let fitting: Vec<usize> =
            groups.iter().enumerate().filter(|(_, it)| is_one(it)).map(|(n, _)| n).collect();
        let has_id = |n: &&usize| externals.iter().any(|id| groups[**n].0.externals.contains(id));
        match fitting.iter().find(has_id).or(fitting.first()).copied() {
            Some(n) => {
                groups[n].0.called = groups[n].0.called.clone().or_year(own.year());
                groups[n].0.externals.extend(externals.iter().copied());
                groups[n].1.push(at);
            }
            None => groups.push((signs[at].clone(), vec![at])),
        }
    }
    groups.into_iter().map(|(_, places)| places.into_iter().map(key).collect()).collect()
}

/// The year of the date that a title's own row has.
fn own_year(catalogue: &Catalogue, title: &Title) -> Option<i32> {
    let id = title.key.0;
    let details = match title.kind {
        Kind::Movie => {
            let row = catalogue.movies.iter().find(|row| row.id == id)?;
            said::of_movie(&said::parsed(&row.custom_properties), &Value::Null)
        }
        Kind::Series => {
            let row = catalogue.series.iter().find(|row| row.id == id)?;
            said::of_series(&said::parsed(&row.custom_properties), &Value::Null)
        }
    };
    Premiere::year(text(&details.premiered)?)
}

fn externals(title: &Title) -> Few<ExternalId> {
    let details = &title.details;
    ExternalId::of(title.kind, meaning(&details.tmdb), meaning(&details.imdb))
}

/// Whether two movies have one poster, which three names have at most.
fn has_poster_of(entries: &[Title], called: &[Called], some: usize, other: usize) -> bool {
    let poster = &entries[some].details.poster;
    let is_same =
        |title: &Title| title.kind == entries[some].kind && title.details.poster == *poster;
    let with_it = entries.iter().zip(called).filter(|(title, _)| is_same(title));
    let names: HashSet<_> = with_it.filter_map(|(_, called)| called.name_key()).collect();
    poster.is_some() && is_same(&entries[other]) && names.len() <= 3
}

/// What the names of each category have in common.
fn habits(catalogue: &Catalogue) -> HashMap<(Kind, Arc<str>), CategoryHabits> {
    let mut habits = HashMap::new();
    for category in &catalogue.categories {
        let is_here = |id: Option<i64>| id == Some(category.id);
        let movies = catalogue.movie_relations.iter().filter(|row| is_here(row.category_id));
        let movies = movies.flat_map(|row| {
            catalogue
                .movies
                .iter()
                .filter(|movie| movie.id == row.movie_id)
                .map(|one| one.name.as_str())
        });
        let series = catalogue.series_relations.iter().filter(|row| is_here(row.category_id));
        let series = series.flat_map(|row| {
            catalogue
                .series
                .iter()
                .filter(|one| one.id == row.series_id)
                .map(|one| one.name.as_str())
        });
        let name: Arc<str> = Arc::from(category.name.as_str());
        match category.category_type.as_str() {
            "movie" => habits.insert((Kind::Movie, name), CategoryHabits::learn(movies)),
            _ => habits.insert((Kind::Series, name), CategoryHabits::learn(series)),
        };
    }
    habits
}

/// All eligible titles: movies, then series, by row id.
pub fn titles(catalogue: &Catalogue) -> Vec<Title> {
    let mut titles = movies(catalogue);
    titles.extend(series(catalogue));
    titles.retain(|title| !title.streams.is_empty());
    titles
}

fn movies(catalogue: &Catalogue) -> Vec<Title> {
    let mut titles: Vec<Title> = Vec::new();
    let mut movies: Vec<_> = catalogue.movies.iter().collect();
    movies.sort_by_key(|movie| movie.id);
    for movie in movies {
        let offers =
            catalogue.movie_relations.iter().filter(|stream| stream.movie_id == movie.id).map(
                |stream| {
                    (
                        (stream.account_id, stream.category_id),
                        &stream.stream_id,
                        &stream.container_extension,
                        &stream.custom_properties,
                    )
                },
            );
        let (streams, best) = eligible(catalogue, Kind::Movie, offers);
        titles.push(Title {
            kind: Kind::Movie,
            key: SourceKey(movie.id),
            uuid: Some(movie.uuid.clone()),
            details: Details {
                name: movie.name.clone(),
                year: movie.year,
                plot: movie.description.clone(),
                rating: movie.rating.clone().map(Stated::from),
                genre: movie.genre.clone(),
                tmdb: movie.tmdb_id.clone().map(Stated::from),
                imdb: movie.imdb_id.clone().map(Stated::from),
                poster: logo(catalogue, movie.logo_id),
                duration_secs: movie.duration_secs,
                is_adult: movie.is_adult || streams.iter().any(|stream| stream.is_adult),
                added: Some(ADDED),
                ..said::of_movie(&said::parsed(&movie.custom_properties), &best)
            },
            streams,
            episodes: Vec::new(),
        });
    }
    titles
}

fn series(catalogue: &Catalogue) -> Vec<Title> {
    let mut titles: Vec<Title> = Vec::new();
    let mut series: Vec<_> = catalogue.series.iter().collect();
    series.sort_by_key(|series| series.id);
    for one in series {
        let offers =
            catalogue.series_relations.iter().filter(|stream| stream.series_id == one.id).map(
                |stream| {
                    (
                        (stream.account_id, stream.category_id),
                        &stream.external_series_id,
                        &None,
                        &stream.custom_properties,
                    )
                },
            );
        let (streams, best) = eligible(catalogue, Kind::Series, offers);
        titles.push(Title {
            kind: Kind::Series,
            key: SourceKey(one.id),
            uuid: Some(one.uuid.clone()),
            details: Details {
                name: one.name.clone(),
                year: one.year,
                plot: one.description.clone(),
                rating: one.rating.clone().map(Stated::from),
                genre: one.genre.clone(),
                tmdb: one.tmdb_id.clone().map(Stated::from),
                imdb: one.imdb_id.clone().map(Stated::from),
                poster: logo(catalogue, one.logo_id),
                is_adult: streams.iter().any(|stream| stream.is_adult),
                added: Some(ADDED),
                ..said::of_series(&said::parsed(&one.custom_properties), &best)
            },
            streams,
            episodes: catalogue
                .episodes
                .iter()
                .filter(|episode| episode.series_id == one.id)
                .map(|row| episode(catalogue, row))
                .collect(),
        });
    }
    titles
}

/// Account and category; stream id, container, JSON.
type OfferRow<'a> = ((i64, Option<i64>), &'a String, &'a Option<String>, &'a Option<String>);

/// Active account; category unknown, or enabled on this account. Best first, and the JSON of the best.
fn eligible<'a>(
    catalogue: &Catalogue,
    kind: Kind,
    offers: impl Iterator<Item = OfferRow<'a>>,
) -> (Vec<Stream>, Value) {
    let mut found = Vec::new();
    for ((account, category), stream_id, container, json) in offers {
        let Some(row) = catalogue.accounts.iter().find(|row| row.id == account) else { continue };
        let is_enabled = category.is_none_or(|category| {
            catalogue.category_relations.iter().any(|relation| {
                relation.account_id == account
                    && relation.category_id == category
                    && relation.enabled
            })
        });
        if row.is_active && is_enabled {
            let login =
                match (row.account_type.as_str(), &row.server_url, &row.username, &row.password) {
                    ("XC", Some(server), Some(user), Some(password))
                        if !server.is_empty() && !user.is_empty() && !password.is_empty() =>
                    {
                        Some(Login {
                            server_url: server.clone(),
                            username: user.clone(),
                            password: password.clone().into(),
                            rewrite: None,
                        })
                    }
                    _ => None,
                };
            let name = row.name.clone();
            let account = media::Account { id: row.id, name, priority: row.priority, login };
            let json = said::parsed(json);
            let name = catalogue.categories.iter().find(|row| Some(row.id) == category);
            let stream = Stream {
                category,
                container: container.clone(),
                name: said::name(&json),
                category_name: name.map(|row| row.name.as_str().into()),
                is_adult: said::is_adult(&json),
                ..Stream::new(Arc::new(account), stream_id.clone())
            };
            found.push((StreamRank::new(kind, &stream.account, stream_id), stream, json));
        }
    }
    found.sort_by_key(|(rank, ..)| *rank);
    let best = found.first().map_or(Value::Null, |best| best.2.clone());
    (found.into_iter().map(|(_, stream, _)| stream).collect(), best)
}

fn logo(catalogue: &Catalogue, id: Option<i64>) -> Option<String> {
    catalogue.logos.iter().find(|logo| Some(logo.id) == id).map(|logo| logo.url.clone())
}

fn episode(catalogue: &Catalogue, row: &EpisodeRow) -> media::Episode {
    let offers =
        catalogue.episode_relations.iter().filter(|stream| stream.episode_id == row.id).map(
            |stream| {
                // An episode's streams have no category, and nothing is read of their JSON.
                ((stream.account_id, None), &stream.stream_id, &stream.container_extension, &None)
            },
        );
    let has_offers = offers.clone().next().is_some();
    let (streams, _) = eligible(catalogue, Kind::Series, offers);
    let (director, thumb) = said::of_episode(&said::parsed(&row.custom_properties));
    media::Episode {
        uuid: Some(row.uuid.clone()),
        season: row.season_number,
        number: row.episode_number,
        last_number: None,
        name: row.name.clone(),
        plot: row.description.clone(),
        aired: row.air_date.as_deref().and_then(Day::parse),
        rating: row.rating.clone().map(Stated::from),
        duration_secs: row.duration_secs,
        shown: None,
        tmdb: row.tmdb_id.clone().map(Stated::from),
        imdb: row.imdb_id.clone().map(Stated::from),
        director,
        thumb,
        is_switched_off: has_offers && streams.is_empty(),
        streams,
    }
}

fn add_title(title: &Title, policy: &Policy, given: &mut GivenAway, tree: &mut FileTree) {
    if !is_playable(title) {
        return;
    }
    let root = library_root(title.kind);
    let give = |name: &String| given.folders.insert(format!("{root}/{}", fold_key(name)));
    let folder = first_free(folder_candidates(&policy.layout, title), give);
    let folder = spelled(tree, root, folder);
    let base = format!("{root}/{folder}");
    let mut taken = HashSet::new();
    match title.kind {
        Kind::Movie => {
            let own = policy.layout.is_classic().then_some("movie");
            let nfo = title_nfo(policy, title, None);
            let urls = urls(policy, Playable::Movie, title.uuid.as_deref(), &title.streams);
            let stem = movie_stem(&policy.layout, title, &folder);
            add_versions(policy, (&base, &stem), urls, (own, nfo), &mut taken, tree);
        }
        Kind::Series => {
            add_series(title, policy, &folder, &base, &mut taken, tree);
            add_show_nfo(title, policy, &base, &mut given.nfo_titles, tree);
        }
    }
}

fn add_show_nfo(
    title: &Title,
    policy: &Policy,
    base: &str,
    given: &mut HashSet<String>,
    tree: &mut FileTree,
) {
    let has_name = !title.details.shown().0.trim().is_empty();
    let nfo_title = (has_name && !policy.layout.is_classic()).then(|| {
        let candidates = nfo_title_candidates(&policy.layout, title);
        first_free(candidates, |title| given.insert(fold_key(title)))
    });
    if let Some(nfo) = title_nfo(policy, title, nfo_title.as_deref()) {
        tree.insert(format!("{base}/tvshow.nfo"), nfo);
    }
}

/// The folder, of which those above are spelled as in the tree, whatever their case.
fn spelled(tree: &FileTree, root: &str, folder: String) -> String {
    let parts: Vec<&str> = folder.split('/').collect();
    for depth in (1..parts.len()).rev() {
        let group = format!("{root}/{}", parts[..depth].join("/"));
        let wanted = format!("{}/", fold_key(&group));
        if let Some(path) = tree.keys().find(|path| fold_key(path).starts_with(&wanted)) {
            let there: Vec<&str> = path.split('/').skip(1).take(depth).collect();
            return [&there[..], &parts[depth..]].concat().join("/");
        }
    }
    folder
}

fn add_series(
    title: &Title,
    policy: &Policy,
    folder: &str,
    base: &str,
    taken: &mut HashSet<String>,
    tree: &mut FileTree,
) {
    let mut episodes: Vec<&media::Episode> = title
        .episodes
        .iter()
        .filter(|episode| episode.streams.iter().any(|stream| stream.is_wanted))
        .collect();
    episodes.sort_by_key(|episode| {
        let stream = StreamId::of(Kind::Series, &episode.streams[0]);
        (episode.season, episode.number, stream, episode.uuid.clone())
    });
    for episode in episodes {
        let season = episode.season.unwrap_or(0).max(0);
        let dir = format!("{base}/{}", season_folder(&policy.layout, season));
        if let Some(nfo) = season_nfo(policy, season, folder) {
            tree.insert(format!("{dir}/season.nfo"), nfo);
        }
        let mark = episode_mark(episode);
        let own = policy.layout.is_classic().then_some(mark.as_str());
        let nfo = episode_nfo(policy, episode);
        let stem = episode_stem(&policy.layout, title, episode);
        let urls = urls(policy, Playable::Episode, episode.uuid.as_deref(), &episode.streams);
        add_versions(policy, (&dir, &stem), urls, (own, nfo), taken, tree);
    }
}

fn urls<'a>(
    policy: &Policy,
    playable: Playable,
    uuid: Option<&str>,
    streams: &'a [Stream],
) -> Vec<(&'a Stream, String)> {
    let versions = match playable {
        Playable::Movie => policy.versions.movies,
        Playable::Episode => policy.versions.series,
    };
    let url =
        |stream| stream_url(policy, playable, uuid, stream).expect("generated streams have URLs");
    let wanted: Vec<&Stream> = streams.iter().filter(|stream| stream.is_wanted).collect();
    let chosen = versions.of(wanted.iter().copied());
    chosen.into_iter().map(|at| (wanted[at], url(wanted[at]))).collect()
}

/// The `.strm` of each stream and its NFO: beside each in the standard layout, one in the classic.
fn add_versions(
    policy: &Policy,
    (dir, stem): (&str, &str),
    urls: Vec<(&Stream, String)>,
    (own_nfo_stem, nfo): (Option<&str>, Option<Vec<u8>>),
    taken: &mut HashSet<String>,
    tree: &mut FileTree,
) {
    let layout = &policy.layout;
    let kind = if dir.starts_with(library_root(Kind::Movie)) { Kind::Movie } else { Kind::Series };
    let streams: Vec<&Stream> = urls.iter().map(|(stream, _)| *stream).collect();
    let Some(plain) = streams.first() else { return };
    let labels = VersionLabels::of(layout, &streams, plain);
    for (n, (stream, url)) in urls.into_iter().enumerate() {
        let label = stream_label(stream);
        let own = |stem: &str| -> Vec<String> {
            stem_candidates(layout, stem, &label).take(9).map(Cow::into_owned).collect()
        };
        let mut free = |stems: Vec<String>, extension: &str| {
            let is_free = |stem: &String| {
                taken.insert(path_key(layout, kind, &format!("{dir}/{stem}.{extension}")))
            };
            stems.into_iter().find(is_free).expect("a generated title has few versions")
        };
        let versions = |stem| labels.stems(stem, stream).take(99).collect();
        let stem = free(if n == 0 { own(stem) } else { versions(stem) }, "strm");
        tree.insert(format!("{dir}/{stem}.strm"), format!("{url}\n").into_bytes());
        let nfo_stem = match own_nfo_stem {
            None => Some(free(own(&stem), "nfo")),
            Some(name) if n == 0 => Some(free(own(name), "nfo")),
            Some(_) => None,
        };
        if let (Some(nfo), Some(nfo_stem)) = (&nfo, nfo_stem) {
            tree.insert(format!("{dir}/{nfo_stem}.nfo"), nfo.clone());
        }
    }
}
