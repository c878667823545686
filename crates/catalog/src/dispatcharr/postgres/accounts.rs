//! Accounts and categories: who counts at all. Small tables, read once and kept.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use vod2strm_core::entries::WhyLeftOut;
use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::model::media::{Account, Login};
use vod2strm_core::model::rewrite::Rewrite;
use vod2strm_core::removal::accounts::{Member, Roster};
use vod2strm_core::text::pattern::BadPattern;

use super::session::Session;
use crate::error::CatalogError;

const ACCOUNTS: &str = "
    SELECT a.id, a.name, a.priority, a.account_type::text, a.server_url, a.username, a.password,
           a.is_active, p.search_pattern, p.replace_pattern
    FROM m3u_m3uaccount AS a
    LEFT JOIN LATERAL (
        SELECT search_pattern, replace_pattern FROM m3u_m3uaccountprofile
        WHERE m3u_account_id = a.id AND is_default AND is_active ORDER BY id LIMIT 1) AS p ON true";

const CATEGORIES: &str = "
    SELECT r.m3u_account_id, r.category_id, r.enabled, c.name
    FROM vod_m3uvodcategoryrelation r LEFT JOIN vod_vodcategory c ON c.id = r.category_id";

/// A list scan gives all that it sees one value of `last_seen`, its beginning, and removes the rest at its end. Two
/// values mean that one is under way. One that was cut off leaves them mixed for good, so
/// that old ones do not count (`dispatcharr.md` 5).
const SCANNING: &str = "
    SELECT account, min(seen) <> max(seen) AND max(seen) > now() - interval '6 hours'
    FROM (SELECT m3u_account_id AS account, last_seen AS seen FROM vod_m3umovierelation
          UNION ALL
          SELECT m3u_account_id, last_seen FROM vod_m3useriesrelation) AS relations
    GROUP BY account";

/// The active accounts and the categories that are enabled on them.
pub struct Accounts {
    active: HashMap<i64, (Arc<Account>, Fingerprint)>,
    enabled: HashMap<(i64, i64), Option<Arc<str>>>,
    /// What categories are called.
    categories: HashMap<i64, Arc<str>>,
    roster: Roster,
    /// Those that are Xtream panels.
    panels: HashSet<i64>,
}

/// Why a stream counts.
pub struct Eligible<'a> {
    /// Who offers it.
    pub account: &'a Arc<Account>,
    /// The name of its category, where it has one.
    pub category_name: Option<&'a Arc<str>>,
    who: Fingerprint,
}

impl Eligible<'_> {
    /// Adds account and category to the fingerprint of a stream.
    pub fn hash(&self, hasher: &mut RowHasher) {
        hasher.field(Some(&self.who.0.to_le_bytes()));
        hasher.field(self.category_name.map(|name| name.as_bytes()));
    }
}

impl Accounts {
    /// Reads both tables.
    pub fn read(session: &mut Session) -> Result<Accounts, CatalogError> {
        let (active, enabled) = (HashMap::new(), HashMap::new());
        let (roster, panels) = (Roster::default(), HashSet::new());
        let categories = HashMap::new();
        let mut accounts = Accounts { active, enabled, categories, roster, panels };
        session.rows("accounts", ACCOUNTS, &[], &mut |row| {
            let account_type: Option<String> = row.try_get(3)?;
            let login = match (
                account_type.as_deref(),
                row.try_get(4)?,
                row.try_get(5)?,
                row.try_get(6)?,
            ) {
                (Some("XC"), Some(server_url), Some(username), Some::<String>(password)) => {
                    let (search, replace) = (row.try_get(8)?, row.try_get(9)?);
                    // With a pattern that nobody understands, Dispatcharr alone can play.
                    rewrite(search, replace).ok().and_then(|rewrite| {
                        let password = password.into();
                        let login = Login { server_url, username, password, rewrite };
                        Some(login).filter(is_complete)
                    })
                }
                _ => None,
            };
            let (id, name, priority) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let is_active = row.try_get(7)?;
            let account = Account { id, name, priority, login };
            let member = Member { name: account.name.clone(), is_active, is_scanning: false };
            accounts.roster.accounts.insert(id, member);
            if !is_active {
                return Ok(());
            }
            if account_type.as_deref() == Some("XC") {
                accounts.panels.insert(id);
            }
            let fingerprint = fingerprint(&account);
            accounts.active.insert(id, (Arc::new(account), fingerprint));
            Ok(())
        })?;
        session.rows("categories", CATEGORIES, &[], &mut |row| {
            let pair = (row.try_get(0)?, row.try_get(1)?);
            let name: Option<&str> = row.try_get(3)?;
            let known = accounts.categories.get(&pair.1).cloned();
            let name = known.or_else(|| name.map(Arc::from));
            accounts.categories.extend(name.clone().map(|name| (pair.1, name)));
            if row.try_get(2)? {
                accounts.enabled.insert(pair, name);
            } else {
                accounts.roster.disabled.insert(pair);
            }
            Ok(())
        })?;
        Ok(accounts)
    }

    /// From now on the fingerprints of accounts do not tell where they are, nor who is logged in there.
    pub fn leave_out_logins(&mut self) {
        for (account, who) in self.active.values_mut() {
            *who = fingerprint(&Account { login: None, ..(**account).clone() });
        }
    }

    /// Who offers titles, and whose catalogue is being read anew just now: one scan of the streams.
    pub fn roster(&self, session: &mut Session) -> Result<Roster, CatalogError> {
        let mut roster = self.roster.clone();
        session.rows("times of the streams", SCANNING, &[], &mut |row| {
            if let Some(member) = roster.accounts.get_mut(&row.try_get(0)?) {
                member.is_scanning = row.try_get::<_, Option<bool>>(1)?.unwrap_or(false);
            }
            Ok(())
        })?;
        Ok(roster)
    }

    /// The categories that are disabled: account and category.
    pub fn disabled(&self) -> BTreeSet<(i64, i64)> {
        self.roster.disabled.iter().copied().collect()
    }

    /// The account of a stream that counts: it is active, and the stream's category is unknown or
    /// enabled on it. A category without an entry for the account does not count, as in the
    /// original.
    pub fn eligible(&self, account: i64, category: Option<i64>) -> Option<Eligible<'_>> {
        let (found, who) = self.active.get(&account)?;
        let category_name = match category {
            Some(category) => self.enabled.get(&(account, category))?.as_ref(),
            None => None,
        };
        Some(Eligible { account: found, category_name, who: *who })
    }

    /// Why a stream does not count.
    pub fn why_left_out(&self, account: i64) -> WhyLeftOut {
        if self.is_active(account) { WhyLeftOut::CategoryOff } else { WhyLeftOut::AccountOff }
    }

    /// Whether Dispatcharr can ask this active account for episodes: only Xtream panels have such.
    pub fn is_panel(&self, account: i64) -> bool {
        self.panels.contains(&account)
    }

    /// Whether any active account can offer movies and series.
    pub fn has_panel(&self) -> bool {
        !self.panels.is_empty()
    }

    /// Whether an account is switched on.
    pub fn is_active(&self, account: i64) -> bool {
        self.active.contains_key(&account)
    }

    /// What people call an account, also one that is switched off.
    pub fn name_of(&self, account: i64) -> String {
        let member = self.roster.accounts.get(&account);
        member.map_or_else(|| format!("account {account}"), |member| member.name.clone())
    }

    /// Whether a category is enabled on an account, be that switched on or not.
    pub fn is_enabled(&self, account: i64, category: i64) -> bool {
        self.enabled.contains_key(&(account, category))
    }

    /// What people call a category.
    pub fn category_name(&self, category: i64) -> String {
        let name = self.categories.get(&category);
        name.map_or_else(|| format!("category {category}"), |name| name.to_string())
    }

    /// Names of the active accounts by priority, for `doctor`.
    pub fn names(&self) -> Vec<String> {
        let by_rank: BTreeMap<_, _> = self
            .active
            .values()
            .map(|(a, _)| ((std::cmp::Reverse(a.priority), a.id), &a.name))
            .collect();
        by_rank
            .into_iter()
            .map(|((priority, _), name)| format!("{name} ({})", priority.0))
            .collect()
    }
}

/// Whether any account's catalogue is being read anew just now: one scan of the streams.
pub fn is_scanning(session: &mut Session) -> Result<bool, CatalogError> {
    let mut is_scanning = false;
    session.rows("times of the streams", SCANNING, &[], &mut |row| {
        is_scanning |= row.try_get::<_, Option<bool>>(1)?.unwrap_or(false);
        Ok(())
    })?;
    Ok(is_scanning)
}

/// What the account's default profile does to URLs; there may be none.
fn rewrite(search: Option<&str>, replace: Option<&str>) -> Result<Option<Rewrite>, BadPattern> {
    Rewrite::new(search.unwrap_or_default(), replace.unwrap_or_default())
}

fn is_complete(login: &Login) -> bool {
    ![&login.server_url, &login.username, login.password.reveal()].into_iter().any(str::is_empty)
}

/// Everything of an account that can influence a file.
fn fingerprint(account: &Account) -> Fingerprint {
    let mut hasher = RowHasher::default();
    hasher.start(b'a').number(account.id).text(&account.name).number(i64::from(account.priority));
    if let Some(login) = &account.login {
        hasher.text(&login.server_url).text(&login.username).text(login.password.reveal());
        for text in login.rewrite.iter().flat_map(Rewrite::texts) {
            hasher.text(text);
        }
    }
    hasher.finish()
}
