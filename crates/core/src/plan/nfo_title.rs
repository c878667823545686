//! The title that a series' NFO gives. No two series of a library give the same: servers would make one show of both.

use crate::identity::claims::Claims;
use crate::identity::known::{KnownTitle, TitleId};
use crate::layout::Dialect;
use crate::model::media::{Kind, Title};
use crate::model::values::one_line;
use crate::naming::apart::nfo_title_candidates;
use crate::policy::Policy;
use crate::render::NameRule;
use crate::render::nfo::title_in;

/// The title that a title's NFO is to give unless another series gives it; `None` where that is its own name whatever
/// others give. So are movies: no server joins them by that. The classic dialect gives what the original gave.
pub fn preferred_nfo_title(
    policy: &Policy,
    title: &Title,
    known: &KnownTitle,
    names: NameRule,
) -> Option<String> {
    if title.kind == Kind::Movie || policy.layout.dialect == Dialect::Classic {
        return None;
    }
    let own = one_line(title.details.shown().0);
    let is_allowed = |given: &&String| {
        names == NameRule::Keep
            && (**given == own || nfo_title_candidates(&policy.layout, title).allows(given))
    };
    let kept = known.nfo_title.as_ref().filter(is_allowed).cloned();
    kept.or_else(|| Some(own.into_owned())).filter(|title| !title.is_empty())
}

/// Whether a title goes on to give the title that it gives: no other is asked for.
pub fn keeps_nfo_title(
    policy: &Policy,
    title: &Title,
    known: &KnownTitle,
    names: NameRule,
) -> bool {
    let preferred = preferred_nfo_title(policy, title, known, names);
    preferred.is_none() || names == NameRule::Keep && preferred == known.nfo_title
}

/// Gives a series the first title for its NFO that no other series gives.
pub fn give_nfo_title(
    policy: &Policy,
    series: &Title,
    preferred: String,
    known: Option<(TitleId, &KnownTitle)>,
    claims: &mut Claims,
) -> String {
    let id = known.map(|(id, _)| id);
    // Few series share a name: the others are made only for those.
    let title = if claims.may_give(&preferred, id) {
        preferred
    } else {
        claims.free_nfo_title(&nfo_title_candidates(&policy.layout, series), id)
    };
    let before = known.and_then(|(_, known)| known.nfo_title.as_deref());
    claims.give_nfo_title(&title, before, id);
    title
}

/// The title that a series' NFO is found to give, as far as the series may give it; its own where there is none, or where
/// somebody has written another one.
pub fn found_nfo_title(policy: &Policy, title: &Title, nfo: Option<&[u8]>) -> Option<String> {
    let own = preferred_nfo_title(policy, title, &KnownTitle::default(), NameRule::Keep)?;
    let candidates = nfo_title_candidates(&policy.layout, title);
    nfo.and_then(title_in).filter(|found| candidates.allows(found)).or(Some(own))
}
