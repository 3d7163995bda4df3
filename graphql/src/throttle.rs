//! How much a caller may ask for: points that a bucket holds and that come back with time. One bucket for the user and
//! one for everybody of its tenant, so that neither a script nor a call centre slows the others down; one for the address
//! of whoever is not signed in. An operation costs
//! its complexity, taken before anything is read. Buckets are this process's own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{ServerError, SimpleObject, ValidationResult};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_domain::Ctx;
use voxpark_domain::ids::{TenantId, UserId};

use crate::document::Missing;
use crate::error;
use crate::request::Request;

/// Full buckets are forgotten once there are so many.
const MANY: usize = 10_000;
/// How much more a tenant may ask for than one of its users.
const TENANT: i64 = 5;

/// What a bucket holds and how fast it fills.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Points of a full bucket.
    pub burst: i64,
    /// Points that come back in a second.
    pub per_second: i64,
}

/// Whose bucket.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Whose {
    User(UserId),
    Tenant(TenantId),
    /// Of callers who are not signed in: an IPv4 address, or what one line of IPv6 is given (64 bits).
    Line(u64),
}

/// Who asks, as far as points go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payer<'a> {
    Caller(&'a Ctx),
    Nobody(Option<IpAddr>),
}

impl Payer<'_> {
    /// The bucket of the caller, and the one it shares with its tenant.
    fn buckets(self) -> (Option<Whose>, Option<Whose>) {
        match self {
            Self::Caller(ctx) => (ctx.actor().user.map(Whose::User), ctx.tenant().ok().map(Whose::Tenant)),
            Self::Nobody(address) => {
                // Those of whom nothing is known share one.
                let line = address.map_or(0, |address| match address.to_canonical() {
                    IpAddr::V4(v4) => u64::from(v4.to_bits()),
                    IpAddr::V6(v6) => u64::try_from(v6.to_bits() >> 64).unwrap_or_default(),
                });
                (Some(Whose::Line(line)), None)
            }
        }
    }
}

/// Thousandths of points at an instant.
#[derive(Clone, Copy)]
struct Bucket {
    milli: i64,
    at: DateTime<Utc>,
}

impl Bucket {
    fn filled(self, allowance: Allowance, now: DateTime<Utc>) -> Self {
        let passed = (now - self.at).num_milliseconds().max(0);
        let milli = self.milli.saturating_add(passed.saturating_mul(allowance.per_second));
        Self { milli: milli.min(allowance.burst.saturating_mul(1000)), at: now.max(self.at) }
    }
}

/// How much the caller may still ask for. An operation costs its complexity, in points that come back with time.
#[derive(SimpleObject, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "RateLimit")]
pub(crate) struct Standing {
    /// Points that this operation cost.
    pub(crate) cost: i64,
    /// Points that the caller has when it has not asked for anything for a while.
    pub(crate) limit: i64,
    /// Points left.
    pub(crate) remaining: i64,
    /// When all points are back.
    pub(crate) reset_at: DateTime<Utc>,
}

/// The buckets.
pub(crate) struct Throttle {
    allowance: Allowance,
    buckets: Mutex<HashMap<Whose, Bucket>>,
}

impl Throttle {
    pub(crate) fn new(allowance: Allowance) -> Self {
        Self { allowance, buckets: Mutex::default() }
    }

    /// Takes what an operation costs out of the caller's buckets, out of all or of none.
    ///
    /// # Errors
    /// The whole seconds to wait for.
    pub(crate) fn take(&self, payer: Payer<'_>, cost: i64, now: DateTime<Utc>) -> Result<Option<Standing>, i64> {
        let (own, shared) = payer.buckets();
        let user = own.map(|whose| (whose, self.allowance));
        let wide = Allowance {
            burst: self.allowance.burst.saturating_mul(TENANT),
            per_second: self.allowance.per_second.saturating_mul(TENANT),
        };
        let tenant = shared.map(|whose| (whose, wide));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MANY {
            // A full bucket says what no bucket says. Those of tenants fill slower than they are swept, at worst.
            let full = self.allowance.burst.saturating_mul(1000);
            buckets.retain(|_, bucket| bucket.filled(self.allowance, now).milli < full);
        }
        let mut after = Vec::with_capacity(2);
        let mut wait = 0;
        for (whose, allowance) in user.into_iter().chain(tenant) {
            let full = Bucket { milli: allowance.burst.saturating_mul(1000), at: now };
            let bucket = buckets.get(&whose).copied().unwrap_or(full).filled(allowance, now);
            // A cost beyond a full bucket waits for a full one.
            let needed = cost.min(allowance.burst).saturating_mul(1000);
            let missing = needed.saturating_sub(bucket.milli);
            if missing > 0 {
                let pace = allowance.per_second.saturating_mul(1000).max(1);
                wait = wait.max(missing.saturating_add(pace - 1) / pace);
            }
            after.push((whose, Bucket { milli: bucket.milli.saturating_sub(needed), ..bucket }));
        }
        if wait > 0 {
            return Err(wait);
        }
        buckets.extend(after.iter().copied());
        Ok(after.iter().find(|(whose, _)| Some(*whose) == own).map(|(_, bucket)| self.standing(*bucket, cost, now)))
    }

    fn standing(&self, bucket: Bucket, cost: i64, now: DateTime<Utc>) -> Standing {
        let missing = self.allowance.burst.saturating_mul(1000).saturating_sub(bucket.milli);
        let until_full =
            chrono::TimeDelta::try_milliseconds(missing / self.allowance.per_second.max(1)).unwrap_or_default();
        Standing {
            cost,
            limit: self.allowance.burst,
            remaining: bucket.milli / 1000,
            reset_at: now.checked_add_signed(until_full).unwrap_or(now),
        }
    }
}

/// Takes the cost once a document is known to be good, before it is executed.
pub(crate) struct Charge;

impl ExtensionFactory for Charge {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Charge {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await?;
        if let Some(missing) = ctx.data_opt::<Missing>() {
            missing.check().map_err(|error| vec![error])?;
        }
        if let Some(request) = ctx.data_opt::<Arc<Request>>() {
            let cost = i64::try_from(result.complexity).unwrap_or(i64::MAX);
            request.charge(cost).map_err(|wait| vec![error::too_much(request.lang(), wait)])?;
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_signed_in_pays_by_its_line() {
        let throttle = Throttle::new(Allowance { burst: 10, per_second: 1 });
        let now = DateTime::UNIX_EPOCH;
        let take = |address: &str, cost| throttle.take(Payer::Nobody(address.parse().ok()), cost, now);
        assert!(take("192.0.2.1", 8).is_ok());
        assert_eq!(take("192.0.2.1", 8).err(), Some(6));
        assert!(take("192.0.2.2", 8).is_ok(), "another line");
        assert_eq!(take("::ffff:192.0.2.2", 8).err(), Some(6), "the same line, said otherwise");
        assert!(take("2001:db8::1", 8).is_ok());
        assert_eq!(take("2001:db8::2", 8).err(), Some(6), "a line of IPv6 has 64 bits of addresses");
        assert!(take("2001:db8:0:1::1", 8).is_ok());
        assert!(take("unknown", 8).is_ok());
        assert_eq!(take("not known either", 8).err(), Some(6), "those of whom nothing is known share a line");
    }
}
