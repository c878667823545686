//! Whoever waits for a source is told to end, and ends. The sources here say nothing until nobody waits any more.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::io::Read;
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use vod2strm_catalog::asker;
use vod2strm_catalog::episodes::{Asker, Credentials, FetchRequest, Line, Questions};
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::limits::SourceLimits;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::pace::requests::{Limits, Pace, SeriesHealth};
use vod2strm_core::text::secrets::Redactor;

/// The longest silence that a setting allows: nothing but the wish ends it.
const PATIENT: SourceLimits = SourceLimits {
    silence: Duration::from_secs(3600),
    speed: 0,
    window: Duration::from_secs(3600),
    line: 1 << 20,
    size: 1 << 20,
    entries: 10,
};

/// Dispatcharr's API does not answer; what waits for it ends once its guest has asked and the wish was raised.
fn assert_ends(
    login: Credentials,
    wait: impl FnOnce(&dyn Asker, &Cancel) -> Result<(), CatalogError>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (cancel, api) =
        (Cancel::default(), asker(&url, login, PATIENT, &Redactor::default()).unwrap());
    let ended = thread::scope(|scope| {
        scope.spawn(|| {
            let (mut guest, _) = listener.accept().unwrap();
            guest.read_exact(&mut [0; 4]).unwrap();
            cancel.cancel();
            // It has gone, and its last words were its question.
            guest.read_to_end(&mut Vec::new()).unwrap();
        });
        wait(&*api, &cancel)
    });
    assert!(matches!(ended, Err(CatalogError::Cancelled(_))), "{ended:?}");
}

fn key() -> Credentials {
    Credentials::Key("key".to_owned().into())
}

#[test]
fn while_dispatcharr_does_not_tell_its_version() {
    assert_ends(key(), |api, cancel| api.version(cancel).map(drop));
}

#[test]
fn while_dispatcharr_does_not_let_a_user_in() {
    let user = Credentials::User { name: "joe".to_owned(), password: "secret".to_owned().into() };
    assert_ends(user, |api, cancel| api.version(cancel).map(drop));
}

#[test]
fn while_dispatcharr_does_not_say_what_came_of_a_series() {
    assert_ends(key(), |api, cancel| {
        let requests = [FetchRequest { series: 1, relation: 2, past: SeriesHealth::Sound }];
        let limits = Limits { gap: Duration::ZERO, parallel: 1, run: None, hour: None };
        let pace = Pace::new(limits, std::iter::empty());
        let lines = vec![Line { account: 1, pace, waiting: [0].into() }];
        let (_teller, qualities) = channel();
        let questions = Questions { requests: &requests, lines, cancel, qualities };
        api.ask(questions, &mut |said| panic!("nobody has said anything: {said:?}"))
    });
}
