//! Accounts and categories: who counts at all. Small tables, read once and kept.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::media::{Account, Login};

use super::session::Session;
use crate::error::CatalogError;

const ACCOUNTS: &str = "
    SELECT id, name, priority, account_type::text, server_url, username, password
    FROM m3u_m3uaccount WHERE is_active";

const ENABLED: &str =
    "SELECT m3u_account_id, category_id FROM vod_m3uvodcategoryrelation WHERE enabled";

/// The active accounts and the categories that are enabled on them.
pub struct Accounts {
    active: HashMap<i64, (Arc<Account>, Fingerprint)>,
    enabled: HashSet<(i64, i64)>,
}

impl Accounts {
    /// Reads both tables.
    pub fn read(session: &mut Session) -> Result<Accounts, CatalogError> {
        let mut accounts = Accounts { active: HashMap::new(), enabled: HashSet::new() };
        session.rows("accounts", ACCOUNTS, &[], &mut |row| {
            let account_type: Option<String> = row.try_get(3)?;
            let login = match (
                account_type.as_deref(),
                row.try_get(4)?,
                row.try_get(5)?,
                row.try_get(6)?,
            ) {
                (Some("XC"), Some(server_url), Some(username), Some(password)) => {
                    Some(Login { server_url, username, password }).filter(is_complete)
                }
                _ => None,
            };
            let (id, name, priority) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let account = Account { id, name, priority, login };
            let fingerprint = fingerprint(&account);
            accounts.active.insert(id, (Arc::new(account), fingerprint));
            Ok(())
        })?;
        session.rows("enabled categories", ENABLED, &[], &mut |row| {
            accounts.enabled.insert((row.try_get(0)?, row.try_get(1)?));
            Ok(())
        })?;
        Ok(accounts)
    }

    /// The account of a copy that counts: it is active, and the copy's category is unknown or
    /// enabled on it. A category without an entry for the account does not count, as in the
    /// original.
    pub fn eligible(
        &self,
        account: i64,
        category: Option<i64>,
    ) -> Option<&(Arc<Account>, Fingerprint)> {
        let found = self.active.get(&account)?;
        let counts = category.is_none_or(|category| self.enabled.contains(&(account, category)));
        counts.then_some(found)
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

fn is_complete(login: &Login) -> bool {
    ![&login.server_url, &login.username, &login.password].into_iter().any(String::is_empty)
}

/// Everything of an account that can influence a file.
fn fingerprint(account: &Account) -> Fingerprint {
    let mut hasher = RowHasher::default();
    hasher.start(b'a').number(account.id).text(&account.name).number(i64::from(account.priority));
    if let Some(login) = &account.login {
        hasher.text(&login.server_url).text(&login.username).text(&login.password);
    }
    hasher.finish()
}
