//! How often a secret may be guessed: tries are counted before they are looked at, and each wrong one makes the wait longer.
//!
//! Three counts stand side by side. One for the account as seen from one network: a person who mistypes waits a little.
//! One for the network: who tries many accounts waits. One for the account from everywhere, against guesses that come from
//! many networks at once; it does not hold for networks from which the account has signed in before, so that nobody can
//! lock a person out of where they work. Accounts that do not exist are counted alike.

use chrono::{DateTime, TimeDelta, Utc};

use super::client::Client;
use super::store::Sessions;
use crate::error::{Error, Refusal, RefusalCode, Result};

/// How one count grows into a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Wrong tries without a wait.
    pub free: i64,
    /// The first wait, seconds; every further wrong try doubles it.
    pub first: i64,
    /// The longest wait, seconds.
    pub longest: i64,
    /// A count without a try for so long begins anew, seconds.
    pub forgotten: i64,
}

/// One account seen from one network.
pub const PAIR: Limit = Limit { free: 5, first: 30, longest: 900, forgotten: 86_400 };
/// One account from everywhere.
pub const ACCOUNT: Limit = Limit { free: 20, first: 60, longest: 900, forgotten: 86_400 };
/// One network, whatever the account: a whole call centre may sit behind it.
pub const NETWORK: Limit = Limit { free: 200, first: 30, longest: 900, forgotten: 3600 };
/// How long a network stays one from which the account has signed in, days.
pub const KNOWN_DAYS: i64 = 90;

/// Wrong tries so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub count: i64,
    /// The last one.
    pub last_at: DateTime<Utc>,
}

impl Limit {
    /// Seconds to wait for before the next try; 0 = none.
    pub fn wait(self, tries: Tries, now: DateTime<Utc>) -> i64 {
        let since = (now - tries.last_at).num_seconds();
        let beyond = tries.count - self.free;
        if beyond < 0 || since >= self.forgotten {
            return 0;
        }
        let factor = u32::try_from(beyond).ok().and_then(|n| 1_i64.checked_shl(n.min(40))).unwrap_or(i64::MAX);
        (self.first.saturating_mul(factor).min(self.longest) - since).max(0)
    }
}

/// A try at a secret, counted.
#[derive(Clone, Debug)]
pub struct Attempt {
    pair: String,
    network: String,
    account: String,
}

impl Attempt {
    /// A try at a kind of secret (`password`, `factor`) of an account, whether or not it exists.
    pub fn at(kind: &str, account: &str, client: &Client) -> Self {
        let (account, place) = (account.trim().to_lowercase(), client.place().unwrap_or_default());
        Self {
            pair: format!("{kind} pair {place} {account}"),
            network: format!("{kind} network {place}"),
            account: format!("{kind} account {account}"),
        }
    }

    fn keys(&self) -> [&str; 3] {
        [&self.pair, &self.network, &self.account]
    }

    /// Counts the try as a wrong one until [`forgive`](Self::forgive) takes it back; `known` tells whether the account has
    /// signed in from this network before, and is asked only when it matters. The change has to last even if the try fails.
    ///
    /// # Errors
    /// `try-again-later` with the seconds to wait for; the try is then not counted.
    pub async fn count<S: Sessions + ?Sized>(
        &self,
        store: &S,
        known: impl Future<Output = Result<bool>> + Send,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let tries = store.tries(&self.keys()).await?;
        let wait = |key: &str, limit: Limit| {
            tries.iter().find(|(k, _)| k == key).map_or(0, |(_, tries)| limit.wait(*tries, now))
        };
        let mut seconds = wait(&self.pair, PAIR).max(wait(&self.network, NETWORK));
        let account = wait(&self.account, ACCOUNT);
        if account > seconds && !known.await? {
            seconds = account;
        }
        if seconds > 0 {
            return Err(later(seconds));
        }
        let counted = [(&*self.pair, PAIR), (&*self.network, NETWORK), (&*self.account, ACCOUNT)];
        store.tries_add(&counted.map(|(key, limit)| (key, now - TimeDelta::seconds(limit.forgotten))), now).await?;
        // What is forgotten by every limit is no use to anybody.
        let longest = [PAIR, NETWORK, ACCOUNT].into_iter().map(|limit| limit.forgotten).max().unwrap_or_default();
        store.tries_sweep(now - TimeDelta::seconds(longest)).await
    }

    /// Takes the try back, because it was right: the account starts anew from this network; the wider counts lose only this
    /// one, so that an account of one's own does not pay for guesses at others.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn forgive<S: Sessions + ?Sized>(&self, store: &S) -> Result<()> {
        store.tries_forgive(&[&self.pair], &[&self.network, &self.account]).await
    }

    /// Forgets the wrong tries at the account: its secret is another now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn forget<S: Sessions + ?Sized>(&self, store: &S) -> Result<()> {
        store.tries_forgive(&[&self.pair, &self.account], &[]).await
    }
}

/// The refusal of a try that comes too early.
fn later(seconds: i64) -> Error {
    if seconds <= 90 {
        return Refusal::new(RefusalCode::State, "try-again-later").with("seconds", seconds).into();
    }
    Refusal::new(RefusalCode::State, "try-again-in-minutes").with("minutes", (seconds + 59) / 60).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_end_and_are_forgotten() {
        let at = DateTime::UNIX_EPOCH;
        let wait = |count, since| PAIR.wait(Tries { count, last_at: at }, at + TimeDelta::seconds(since));
        let waits: Vec<_> = (3..=11).map(|n| wait(n, 0)).collect();
        assert_eq!(waits, [0, 0, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(wait(1_000_000, 0), 900);
        assert_eq!((wait(5, 29), wait(5, 30)), (1, 0));
        assert_eq!(wait(1_000_000, 86_400), 0);
    }
}
