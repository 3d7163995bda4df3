//! What statistics reads.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::entity::ParkFigures;
use crate::error::Result;
use crate::ids::ParkId;

/// Sums over a park. Needs a system scope: it counts rows that only their tenants may read.
#[async_trait]
pub trait Store: Send + Sync {
    /// The figures of a park on a day.
    async fn park_figures(&self, park: ParkId, day: NaiveDate) -> Result<ParkFigures>;
}
