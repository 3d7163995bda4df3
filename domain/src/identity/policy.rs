//! What a park or tenant requires of its members when they sign in.

use async_trait::async_trait;
use chrono::NaiveDate;

use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::permission::{Action, Resource};

/// What is required.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessPolicy {
    /// First day on which a member without a second factor can do nothing but set one up; `None` = it is not required.
    pub factor_from: Option<NaiveDate>,
}

/// What policies read and write.
#[async_trait]
pub trait Policies: Send + Sync {
    /// The policy of the caller's park or tenant.
    async fn access_policy(&self) -> Result<AccessPolicy>;
    /// Replaces it.
    async fn access_policy_set(&self, policy: &AccessPolicy) -> Result<()>;
}

/// The policy of the caller's park or tenant.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission.
pub async fn access_policy<S: Policies + ?Sized>(store: &S, ctx: &Ctx) -> Result<AccessPolicy> {
    ctx.require(Action::Read, Resource::Security)?;
    store.access_policy().await
}

/// Requires a second factor of every member of the caller's park or tenant from a day on, or no longer.
///
/// # Errors
/// `step-up-required`.
pub async fn factor_require<S: Policies + ?Sized>(store: &S, ctx: &Ctx, from: Option<NaiveDate>) -> Result<()> {
    ctx.require(Action::Commit, Resource::Security)?;
    ctx.require_proof()?;
    let before = store.access_policy().await?;
    store.access_policy_set(&AccessPolicy { factor_from: from }).await?;
    ctx.heard().changed("secondFactorRequiredFrom", Seen::maybe(before.factor_from), Seen::maybe(from));
    Ok(())
}
