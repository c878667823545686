//! A playlist that passes for a source without all episodes: what its service fetches is written into the list. And one
//! that tells its state, and which database it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vod2strm_catalog::episodes::{FetchAnswer, FetchEpisodes, RefreshScope};
use vod2strm_catalog::source::{DatabaseId, Describe, EntrySink, Fact, NotOffered, Numbers};
use vod2strm_core::cancel::Cancel;
use vod2strm_core::entries::EntryCounts;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::hold::Doubt;
use vod2strm_core::identity::Heading;
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::names::years::Years;
use vod2strm_core::pace::due::{FetchOutcome, SeriesOffer};
use vod2strm_core::pace::requests::Limits;
use vod2strm_core::removal::accounts::Roster;
use vod2strm_core::text::secrets::Secret;
use vod2strm_engine::config::FetchConfig;
use vod2strm_engine::source::{
    Catalog, CatalogError, Credentials, OwnSources, Scope, Selection, SourceAddress, SourceLimits,
    SourceOptions, Sources,
};
use vod2strm_testkit::http::{Server, answer};

/// What the source tells besides its titles.
#[derive(Clone, Default)]
pub struct Traits {
    /// Its state.
    pub state: Option<Fingerprint>,
    /// Which database it is.
    pub identity: Option<DatabaseId>,
    /// What comes of asking for a series, by its name; `None` where nobody can be asked.
    pub answers: Option<BTreeMap<&'static str, FetchOutcome>>,
}

/// Opens playlists that pass for such sources.
#[derive(Default)]
pub struct Disguised(pub Mutex<Traits>);

impl Sources for Disguised {
    fn open(
        &self,
        address: &SourceAddress,
        options: &SourceOptions<'_>,
        cancel: &Cancel,
    ) -> Result<Box<dyn Catalog>, CatalogError> {
        let traits = self.0.lock().unwrap().clone();
        let (list, cancel) = (OwnSources.open(address, options, cancel)?, cancel.clone());
        let (address, years) = (address.clone(), options.years.clone());
        Ok(Box::new(Source { list, address, years, cancel, traits, offers: Vec::new() }))
    }
}

struct Source {
    list: Box<dyn Catalog>,
    address: SourceAddress,
    years: Years,
    cancel: Cancel,
    traits: Traits,
    offers: Vec<SeriesOffer>,
}

impl Describe for Source {
    fn facts(&mut self) -> Result<Vec<Fact>, CatalogError> {
        self.list.facts()
    }

    fn numbers(&mut self) -> Result<Numbers, CatalogError> {
        self.list.numbers()
    }

    fn not_offered(
        &mut self,
        kind: Kind,
        ids: &[i64],
    ) -> Result<Vec<(i64, NotOffered)>, CatalogError> {
        self.list.not_offered(kind, ids)
    }
}

impl Catalog for Source {
    fn stamps(&mut self, scope: &Scope, sink: &mut dyn FnMut(Stamp)) -> Result<(), CatalogError> {
        self.list.stamps(scope, sink)
    }

    fn entries(&self) -> &EntryCounts {
        self.list.entries()
    }

    fn number(&self, key: SourceKey) -> Option<u64> {
        self.list.number(key)
    }

    fn load(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(Title),
    ) -> Result<(), CatalogError> {
        self.list.load(kind, keys, sink)
    }

    fn headings(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(SourceKey, Heading<'_>),
    ) -> Result<(), CatalogError> {
        self.list.headings(kind, keys, sink)
    }

    fn names(
        &mut self,
        kind: Kind,
        categories: &[Arc<str>],
        sink: &mut dyn FnMut(&str, &str),
    ) -> Result<(), CatalogError> {
        self.list.names(kind, categories, sink)
    }

    fn each_entry(&mut self, sink: &mut EntrySink<'_>) -> Result<(), CatalogError> {
        self.list.each_entry(sink)
    }

    fn roster(&mut self) -> Result<Roster, CatalogError> {
        self.list.roster()
    }

    fn doubt(&self) -> Option<Doubt> {
        self.list.doubt()
    }

    fn statements(&self) -> u64 {
        self.list.statements()
    }

    fn state(&self) -> Option<Fingerprint> {
        self.traits.state
    }

    fn identity(&self) -> Option<DatabaseId> {
        self.traits.identity
    }

    fn episodes(&mut self) -> Option<&mut dyn FetchEpisodes> {
        if self.traits.answers.is_some() { Some(self) } else { None }
    }

    fn renew(&mut self) -> Result<(), CatalogError> {
        let years = self.years.clone();
        let options = SourceOptions { years, is_played: &|_, _| false, keeps_left_out: false };
        self.list = OwnSources.open(&self.address, &options, &self.cancel)?;
        Ok(())
    }
}

impl FetchEpisodes for Source {
    fn offers(&mut self, _asked: &RefreshScope<'_>) -> Result<Vec<SeriesOffer>, CatalogError> {
        let mut keys = Vec::new();
        let series = Scope { movies: Selection::Nothing, series: Selection::All };
        self.list.stamps(&series, &mut |stamp| keys.push(stamp.key))?;
        let mut offers = Vec::new();
        self.list.load(Kind::Series, &keys, &mut |title| {
            let stream = &title.streams[0];
            offers.push(SeriesOffer {
                series: title.key,
                relation: title.key.0,
                account: stream.account.id,
                account_name: "a provider".to_owned(),
                provider_id: stream.stream_id.clone(),
                name: title.details.name.clone(),
                modified: Some("1".to_owned()),
                refreshed: None,
                episodes: u32::try_from(title.episodes.len()).unwrap(),
            });
        })?;
        self.offers = offers.clone();
        Ok(offers)
    }

    fn outcomes(
        &mut self,
        answers: &[(&SeriesOffer, FetchAnswer)],
    ) -> Result<Vec<FetchOutcome>, CatalogError> {
        let known = self.traits.answers.clone().unwrap_or_default();
        let outcome = |(offer, answer): &(&SeriesOffer, FetchAnswer)| match answer {
            FetchAnswer::Asked => known[offer.name.as_str()].clone(),
            other => FetchOutcome::Failed(format!("{other:?}")),
        };
        Ok(answers.iter().map(outcome).collect())
    }
}

/// A service that does this to the list whenever it is asked, and says that it has asked the provider.
pub fn service(fetch: impl Fn() + Send + 'static) -> Server {
    Server::start(move |_, _| {
        fetch();
        answer(200, "application/json", br#"{"episodes_fetched": true}"#)
    })
}

/// Asks that service, without a pause, so many times a run at most.
pub fn settings(service: &Server, run: Option<u64>) -> FetchConfig {
    FetchConfig {
        api_url: service.url().to_owned(),
        credentials: Credentials::Key(Secret::from("key".to_owned())),
        limits: Limits { gap: Duration::ZERO, parallel: 1, run, hour: None },
        bounds: SourceLimits::default(),
        max_age: 1_000_000,
    }
}
