//! The NFO files beside the `.strm` files of an unknown tree: which of them are ours, whichever settings wrote them.

use std::collections::{BTreeMap, HashMap};

use crate::hash::ContentHash;
use crate::identity::known::KnownFiles;
use crate::layout::Dialect;
use crate::model::file::FileKey;
use crate::model::media::Title;
use crate::policy::{NfoDetail, Policy, Versions};
use crate::render::{Desired, GivenNames, NameRule, render};
use crate::text::{fold_key, is_xml_char};

/// An NFO that was found.
pub(crate) struct FoundNfo {
    /// What it is for.
    pub(crate) key: FileKey,
    /// Path below the title's folder.
    pub(crate) path: String,
    /// Bytes; of an edited one those of what we would write.
    pub(crate) size: u64,
    /// Their hash; of an edited one that of what we would write, so that the edit shows.
    pub(crate) hash: ContentHash,
    /// What it is.
    pub(crate) origin: NfoOrigin,
}

/// What a found NFO is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum NfoOrigin {
    /// What today's settings write.
    Today,
    /// What other settings write.
    Other,
    /// It has the name of one of ours, and holds something else.
    Edited,
}

/// The title's NFOs, beside the `.strm` files that were found. What is at the place of one that today's settings write
/// may be edited. What is at the place of another one is ours only if its content is. `read` gives what is at a path below
/// the title's folder.
pub(crate) fn find_nfos(
    policy: &Policy,
    title: &Title,
    given: &GivenNames,
    strms: &KnownFiles,
    mut read: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Vec<FoundNfo> {
    let mut nfos: BTreeMap<FileKey, FoundNfo> = BTreeMap::new();
    let mut contents: HashMap<String, Option<Vec<u8>>> = HashMap::new();
    // No two keys have one file.
    let mut owners: HashMap<String, FileKey> = HashMap::new();
    let uncleaned = uncleaned(title);
    let others = other_settings(policy);
    let ways = others.iter().flat_map(|others| [(others, title), (others, &uncleaned)]);
    for (n, (policy, title)) in std::iter::once((policy, title)).chain(ways).enumerate() {
        let is_today = n == 0;
        let is_open = |nfo: &Desired| {
            let known = nfos.get(&nfo.key);
            let is_open = known.is_none_or(|nfo| nfo.origin == NfoOrigin::Edited);
            !nfo.key.is_strm() && is_open && (is_today || describes_one_of(strms, nfo))
        };
        let files = render(policy, title, given, strms, NameRule::Keep).files;
        for nfo in files.into_iter().filter(is_open).collect::<Vec<_>>() {
            let content = contents.entry(nfo.path.clone()).or_insert_with(|| read(&nfo.path));
            let Some(content) = content else { continue };
            let is_ours = is_same_nfo(content, &nfo.content, policy.layout.is_classic());
            let (content, origin) = match (is_ours, is_today) {
                (true, true) => (&*content, NfoOrigin::Today),
                (true, false) => (&*content, NfoOrigin::Other),
                (false, true) => (&nfo.content, NfoOrigin::Edited),
                (false, false) => continue,
            };
            let owner = owners.entry(fold_key(&nfo.path)).or_insert_with(|| nfo.key.clone());
            if *owner != nfo.key {
                continue;
            }
            nfos.insert(nfo.key.clone(), FoundNfo::new(nfo.key, nfo.path, content, origin));
        }
    }
    nfos.into_values().collect()
}

/// Whether an NFO is that of one of these `.strm` files, or of no single one.
fn describes_one_of(strms: &KnownFiles, nfo: &Desired) -> bool {
    nfo.key.strm().is_none_or(|strm| strms.contains_key(&strm))
}

impl FoundNfo {
    fn new(key: FileKey, path: String, content: &[u8], origin: NfoOrigin) -> FoundNfo {
        let (size, hash) = (content.len() as u64, ContentHash::of(content));
        FoundNfo { key, path, size, hash, origin }
    }
}

/// Settings that write other NFOs, or more of them: the ledger that told which of them there are is lost.
fn other_settings(policy: &Policy) -> Vec<Policy> {
    let others = [
        (Dialect::Standard, NfoDetail::Full, true),
        (Dialect::Standard, NfoDetail::Full, false),
        (Dialect::Standard, NfoDetail::Ids, false),
        (Dialect::Classic, NfoDetail::Full, false),
    ];
    let with = |(dialect, nfo, names_by_number)| {
        let mut layout = policy.layout.clone().in_dialect(dialect);
        layout.names_by_number = names_by_number;
        Policy { layout, nfo, versions: Versions::All.into(), ..policy.clone() }
    };
    others.into_iter().map(with).collect()
}

/// The title with the names of the source, as the classic dialect shows it.
fn uncleaned(title: &Title) -> Title {
    let mut title = title.clone();
    title.details.shown = None;
    title.episodes.iter_mut().for_each(|episode| episode.shown = None);
    title
}

/// Whether an NFO is what we would write. In the classic dialect what the original got wrong makes no difference.
/// That is a poster's name where its address belongs, no number for season 0 and episode 0, and characters that
/// XML forbids.
fn is_same_nfo(found: &[u8], ours: &[u8], is_classic: bool) -> bool {
    let is_originals = || match (thumb(found), thumb(ours)) {
        // An address, or that there is none, is somebody's choice.
        (Some(thumb), _) if thumb.contains("://") => false,
        (None, Some(_)) => false,
        _ => sound_lines(found) == sound_lines(ours),
    };
    found == ours || is_classic && is_originals()
}

/// What stands in the thumb, attributes included.
fn thumb(nfo: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(nfo);
    let (thumb, _) = text.split_once("<thumb")?.1.split_once("</thumb>")?;
    Some(thumb.to_owned())
}

fn sound_lines(nfo: &[u8]) -> Vec<String> {
    let text: String = String::from_utf8_lossy(nfo).chars().filter(|c| is_xml_char(*c)).collect();
    let is_sound =
        |line: &&str| !["", "<season>0</season>", "<episode>0</episode>"].contains(&line.trim());
    without_thumb(&text).lines().filter(is_sound).map(str::to_owned).collect()
}

/// The text without its thumb, which may have several lines.
fn without_thumb(text: &str) -> String {
    let (begin, end) = ("<thumb", "</thumb>");
    let cut = text.split_once(begin).and_then(|(front, rest)| {
        rest.split_once(end).map(|(_, tail)| format!("{}{tail}", front.trim_end_matches(' ')))
    });
    cut.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_original_got_wrong_is_no_edit() {
        let ours =
            b"<e>\n  <title>A</title>\n  <season>0</season>\n  <thumb>http://h/a</thumb>\n</e>\n";
        let theirs = b"<e>\n  <title>A\x01</title>\n  <thumb>A &amp;\n B</thumb>\n</e>\n";
        assert!(is_same_nfo(theirs, ours, true));
        assert!(!is_same_nfo(theirs, ours, false), "other layouts never got it wrong");
        assert!(!is_same_nfo(b"<e>\n  <title>Mine</title>\n</e>\n", ours, true));
        for mine in ["https://mine.example/a</thumb>", "</thumb>"] {
            let mine = String::from_utf8_lossy(ours).replace("http://h/a</thumb>", mine);
            let mine = mine.replace("  <thumb></thumb>\n", "");
            assert!(!is_same_nfo(mine.as_bytes(), ours, true), "somebody's choice: {mine}");
        }
    }
}
