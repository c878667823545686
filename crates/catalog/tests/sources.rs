//! Every kind of source obeys the same laws.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the source")]

#[path = "sources/database.rs"]
mod database;
#[path = "sources/playlists.rs"]
mod playlists;

mod postgres {
    vod2strm_testkit::source_suite!(crate::database::Databases);
}

mod playlist {
    vod2strm_testkit::source_suite!(crate::playlists::Files { is_packed: false });
}

mod packed_playlist {
    vod2strm_testkit::source_suite!(crate::playlists::Files { is_packed: true });
}

mod playlist_on_the_web {
    vod2strm_testkit::source_suite!(crate::playlists::Webs);
}
