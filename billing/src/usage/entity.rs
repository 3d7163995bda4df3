//! A figure of a meter.

use chrono::{DateTime, Utc};
use voxpark_domain::ids::{LeaseId, TenantId, UsageId, UserId};
use voxpark_domain::pack::Bilingual;
use voxpark_domain::time::Month;

use crate::pricing::{Ratio, Usage};

/// What a meter counted for a lease in a month, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRecord {
    /// Its id.
    pub id: UsageId,
    /// Whose lease.
    pub tenant: TenantId,
    /// The lease.
    pub lease: LeaseId,
    /// The month.
    pub month: Month,
    /// The meter, as the price book names it.
    pub meter: String,
    /// Everything counted in the month, in the unit of the meter; 0 takes back what was recorded before.
    pub quantity: Ratio,
    /// Where the figure comes from; may be empty.
    pub note: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: Option<UserId>,
}

impl UsageRecord {
    /// As a book charges it; nothing of what was taken back.
    pub fn usage(&self) -> Option<Usage> {
        let (meter, quantity) = (self.meter.clone(), self.quantity);
        (!quantity.is_zero()).then(|| Usage { meter, quantity, billed: None, event: self.id.to_string() })
    }
}

/// A meter that the book of a lease charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeterUsage {
    /// The meter, as the price book names it.
    pub meter: String,
    /// Name of the first price that charges it.
    pub title: Bilingual,
    /// What was recorded last of the month.
    pub last: Option<UsageRecord>,
}
