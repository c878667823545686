//! What files play: a UUID does not count where stream and account stand behind it. In lives, the rows' generation is the
//! beginning of a UUID, and the rest of it is the entry's.

use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::twin::FileTree;

/// The library's files, in addresses by stream and account without the rows' generation.
pub fn tree_of(home: &Home) -> FileTree {
    without_rows(home.tree())
}

/// The same of any tree.
pub fn without_rows(mut tree: FileTree) -> FileTree {
    for content in tree.values_mut() {
        let address = text(content);
        let is_pinned = address.contains("?stream_id=") && address.contains("&m3u_account_id=");
        for kind in ["/proxy/vod/movie/", "/proxy/vod/episode/"] {
            if let Some((before, uuid)) = address.split_once(kind)
                && is_pinned
            {
                *content = format!("{before}{kind}--------{}", &uuid[8..]).into_bytes();
            }
        }
    }
    tree
}

/// Whether an address is that of a UUID, whatever the rows' generation.
pub fn plays(content: &[u8], uuid: &str) -> bool {
    text(content).contains(&uuid[8..])
}
