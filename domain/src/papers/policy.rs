//! How a park goes about contract papers.

use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::permission::{Action, Resource};

/// The most approvals that a park can ask for.
const MAX_APPROVALS: i64 = 3;
/// The earliest that a coming end is warned of, days.
const MAX_WARN_DAYS: i64 = 730;
/// The most warnings of one end.
const MAX_WARNINGS: usize = 5;

/// How a park goes about contract papers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractPolicy {
    /// How many people approve a paper before it is signed, 1 to 3; its author is none of them.
    pub approvals: i64,
    /// Whether seats are allocated only under a version of a lease whose paper is signed.
    pub sign_before_seats: bool,
    /// Days before the end of a lease at which somebody is warned: 1 to 730, falling, at most five.
    pub warn_days: Vec<i64>,
}

impl Default for ContractPolicy {
    /// Approval by two, seats at once, warnings 90, 60 and 30 days before the end.
    fn default() -> Self {
        Self { approvals: 2, sign_before_seats: false, warn_days: vec![90, 60, 30] }
    }
}

impl ContractPolicy {
    /// The shortest warning that an end so many days away is inside of; `None` = it is too far away.
    pub fn band(&self, days: i64) -> Option<i64> {
        self.warn_days.iter().copied().filter(|band| days <= *band).min()
    }
    /// The earliest warning.
    pub fn first_warning(&self) -> i64 {
        self.warn_days.iter().copied().max().unwrap_or(0)
    }
}

/// How the caller's park goes about contract papers.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission.
pub async fn contract_policy<S: Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<ContractPolicy> {
    ctx.require(Action::Read, Resource::Leasing)?;
    Ok(store.contract_policy().await?.unwrap_or_default())
}

/// Sets it. Papers drafted before keep the approvals they need.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `approvals-range`, `warn-days-invalid`.
pub async fn contract_policy_set<S: Store + ?Sized>(store: &S, ctx: &Ctx, policy: &ContractPolicy) -> Result<()> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let mut bad = Refusals::new();
    bad.when(!(1..=MAX_APPROVALS).contains(&policy.approvals), || {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "approvals-range").at("approvals");
        refusal.with("value", policy.approvals).with("max", MAX_APPROVALS)
    });
    let days = &policy.warn_days;
    let falling = days.iter().zip(days.iter().skip(1)).all(|(a, b)| a > b);
    let sound = days.iter().all(|day| (1..=MAX_WARN_DAYS).contains(day)) && falling;
    bad.when(!sound || days.is_empty() || days.len() > MAX_WARNINGS, || {
        let refusal = Refusal::new(RefusalCode::Invalid, "warn-days-invalid").at("warnDays");
        refusal.with("max", MAX_WARN_DAYS).with("count", MAX_WARNINGS)
    });
    bad.finish()?;
    let before = store.contract_policy().await?.unwrap_or_default();
    let heard = ctx.heard();
    heard.changed("approvals", Seen::json(before.approvals), Seen::json(policy.approvals));
    heard.changed("signBeforeSeats", Seen::json(before.sign_before_seats), Seen::json(policy.sign_before_seats));
    heard.changed("warnDays", Seen::of(format!("{:?}", before.warn_days)), Seen::of(format!("{:?}", policy.warn_days)));
    store.contract_policy_set(policy).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_in_the_narrowest_band_that_holds_it() {
        let policy = ContractPolicy::default();
        let bands = [0, 30, 31, 60, 61, 90, 91].map(|days| policy.band(days));
        assert_eq!(bands, [Some(30), Some(30), Some(60), Some(60), Some(90), Some(90), None]);
        assert_eq!(policy.first_warning(), 90);
    }
}
