//! What tenancy reads and writes.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::entity::{Park, Tenant, TenantSort};
use crate::error::Result;
use crate::identity::Region;
use crate::ids::{ParkId, TenantId};
use crate::page::{Page, PageRequest, Sort};

/// The park and its tenants, as far as the caller's scope reaches.
#[async_trait]
pub trait Store: Send + Sync {
    /// The caller's park.
    async fn park(&self) -> Result<Option<Park>>;
    /// Tenants.
    async fn tenants(&self, today: NaiveDate, sort: Sort<TenantSort>, page: &PageRequest) -> Result<Page<Tenant>>;
    /// How many.
    async fn tenants_count(&self) -> Result<i64>;
    /// Tenants by id; those out of reach are missing.
    async fn tenants_by_id(&self, ids: &[TenantId]) -> Result<Vec<Tenant>>;
    /// Stores a tenant; `false` when the code is taken.
    async fn tenant_add(&self, tenant: &Tenant, now: DateTime<Utc>) -> Result<bool>;
    /// Stores a park (provisioning).
    async fn park_add(&self, park: &Park, now: DateTime<Utc>) -> Result<()>;
    /// Says where a park lies (provisioning).
    async fn park_region_set(&self, park: ParkId, region: &Region) -> Result<()>;
}
