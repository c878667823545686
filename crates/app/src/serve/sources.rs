//! A thread for each source: has the source changed, and is it quiet again?

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use vod2strm_core::cancel::Cancel;
use vod2strm_core::timing::retry::Retry;
use vod2strm_core::timing::settling::{NextStep, Settling};
use vod2strm_engine::error::{RunError, no_thread};
use vod2strm_engine::serve::{Watch, watch};
use vod2strm_engine::source::{CatalogError, SourceAddress};

use super::library::SourceName;
use super::say::Say;
use super::state::LibraryStates;

/// A server that is away is asked again after 5 s, later each time, and once a minute at last.
const WAITS: Retry = Retry::new(Duration::from_secs(5), Duration::from_secs(60));

/// The sources that are looked at, each with what ends that.
#[derive(Default)]
pub struct WatchedSources {
    watched: BTreeMap<SourceName, Cancel>,
    /// How long they have to be quiet.
    debounce: Duration,
}

impl WatchedSources {
    /// Looks at just the sources that the libraries have now.
    pub fn follow(
        &mut self,
        state: &Arc<LibraryStates>,
        debounce: Duration,
        say: Say,
        service: &Cancel,
    ) -> Result<(), RunError> {
        let sources = state.sources();
        self.watched.retain(|key, cancel| {
            let stays = sources.contains_key(key) && self.debounce == debounce;
            if !stays {
                cancel.cancel();
            }
            stays
        });
        self.debounce = debounce;
        state.wake();
        for (key, library) in sources {
            if self.watched.contains_key(&key) {
                continue;
            }
            let cancel = service.child();
            let watching = Watching {
                state: state.clone(),
                key: key.clone(),
                address: library.address().clone(),
                debounce,
                say,
                cancel: cancel.clone(),
            };
            let begin = move || watching.look_again_and_again();
            Builder::new().name("watch".to_owned()).spawn(begin).map_err(no_thread)?;
            self.watched.insert(key, cancel);
        }
        Ok(())
    }
}

/// What the thread of a source knows.
struct Watching {
    state: Arc<LibraryStates>,
    key: SourceName,
    address: SourceAddress,
    debounce: Duration,
    say: Say,
    cancel: Cancel,
}

impl Watching {
    /// Looks until the service ends, also after the source was away.
    fn look_again_and_again(self) {
        let (mut settling, mut retry, mut is_first) = (Settling::new(self.debounce), WAITS, true);
        let began = Instant::now();
        while !self.is_over() {
            let ended = match watch(&self.address, &self.cancel) {
                // It has to be fetched to be known: a run does that, when it is due.
                Ok(None) => return,
                Ok(Some(mut watch)) => {
                    self.look(&mut *watch, &mut settling, &mut retry, &mut is_first, began)
                }
                Err(error) => Err(error),
            };
            let Err(error) = ended else { return };
            if !self.is_over() {
                self.tell(Some(&error.to_string()));
                self.wait(retry.failed());
            }
        }
    }

    /// Looks over one connection, until it fails or all is over.
    fn look(
        &self,
        watch: &mut dyn Watch,
        settling: &mut Settling,
        retry: &mut Retry,
        is_first: &mut bool,
        began: Instant,
    ) -> Result<(), CatalogError> {
        while !self.is_over() {
            let seen = watch.look()?;
            retry.went_well();
            self.tell(None);
            let mut next = settling.looked(began.elapsed(), seen);
            if next == NextStep::Ask {
                let is_moving = watch.is_moving()?;
                next = settling.answered(began.elapsed(), is_moving);
            }
            if next == NextStep::Run {
                self.state.source_changed(&self.key);
            }
            if std::mem::take(is_first) {
                self.state.source_seen(&self.key);
            }
            self.wait(watch.pace());
        }
        Ok(())
    }

    /// Says so when the source goes away, and when it is back.
    fn tell(&self, error: Option<&str>) {
        for library in self.state.note_source(&self.key, error) {
            match error {
                Some(error) => {
                    let text = format!("the source is away: {error}; nothing is removed meanwhile");
                    self.say.of_library(&library, "source", &text);
                }
                None => self.say.of_library(&library, "source", "the source is back"),
            }
        }
    }

    fn wait(&self, time: Duration) {
        self.state.wait(time, || self.cancel.is_cancelled());
    }

    fn is_over(&self) -> bool {
        self.cancel.is_cancelled() || self.state.is_ending()
    }
}
