//! Leases and allocations in batches.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use voxpark_billing::uow::Tx;
use voxpark_domain::estate::SeatUseMonth;
use voxpark_domain::ids::{AllocationId, LeaseId, SeatId, TenantId};
use voxpark_domain::leasing::{self, AllocationsOf};
use voxpark_domain::permission::Resource;
use voxpark_domain::{Ctx, Result};

use crate::estate::{alike, grouped, holders};
use crate::load::Load;

/// Everybody who holds a seat on a day, by time of the day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct HoldersOn {
    pub(crate) seat: SeatId,
    pub(crate) on: NaiveDate,
}

/// The first allocations of a tenant or lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct AllocationsFirst {
    pub(super) of: AllocationsOf,
    pub(super) on: Option<NaiveDate>,
    pub(super) first: u32,
}

/// How many allocations a tenant or lease has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct AllocationsOn {
    pub(super) of: AllocationsOf,
    pub(super) on: Option<NaiveDate>,
}

/// How many leases a tenant has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LeasesOf(pub(super) TenantId);

/// The first leases of a tenant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LeasesFirst {
    pub(super) tenant: TenantId,
    pub(super) first: u32,
}

/// How many seats a lease holds on a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LeaseSeats {
    pub(super) lease: LeaseId,
    pub(super) on: NaiveDate,
}

/// What a lease became and was before: day and both leases.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LeaseTransfers(pub(super) LeaseId);

#[async_trait]
impl Load for LeaseTransfers {
    type Value = Vec<(NaiveDate, LeaseId, LeaseId)>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !ctx.actor().role.is_park_staff() {
            return Ok(Vec::new());
        }
        let leases: Vec<LeaseId> = keys.iter().map(|key| key.0).collect();
        let found = tx.lease_transfers(&leases).await?;
        let of = |lease| found.iter().copied().filter(|(_, from, to)| *from == lease || *to == lease).collect();
        Ok(keys.iter().map(|key| (*key, of(key.0))).collect())
    }
}

/// How many seats a tenant holds on a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TenantSeats {
    pub(super) tenant: TenantId,
    pub(super) on: NaiveDate,
}

/// Seat-days of a tenant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TenantUse {
    pub(super) tenant: TenantId,
    pub(super) months: i32,
}

#[async_trait]
impl Load for LeaseId {
    type Value = Arc<leasing::Lease>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.leases_by_id(keys).await?.into_iter().map(|l| (l.id, Arc::new(l))).collect())
    }
}

#[async_trait]
impl Load for AllocationId {
    type Value = Arc<leasing::Allocation>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.allocations_by_id(keys).await?.into_iter().map(|a| (a.id, Arc::new(a))).collect())
    }
}

#[async_trait]
impl Load for HoldersOn {
    type Value = Vec<Arc<leasing::Allocation>>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        holders(tx, keys, |k| (k.seat, k.on)).await
    }
}

#[async_trait]
impl Load for AllocationsFirst {
    type Value = Vec<Arc<leasing::Allocation>>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for ((on, first), keys) in alike(keys, |k| (k.on, k.first)) {
            let of: Vec<_> = keys.iter().map(|k| k.of).collect();
            let found = tx.allocations_first(&of, on, first).await?;
            let lists = grouped(&of, found, |(of, _)| *of);
            all.extend(lists.into_iter().map(|(of, list)| {
                let list = list.into_iter().map(|found| Arc::new(found.1.clone())).collect();
                (Self { of, on, first }, list)
            }));
        }
        Ok(all)
    }
}

#[async_trait]
impl Load for AllocationsOn {
    type Value = i64;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for (on, keys) in alike(keys, |k| k.on) {
            let of: Vec<_> = keys.iter().map(|k| k.of).collect();
            all.extend(tx.allocations_counts(&of, on).await?.into_iter().map(|(of, n)| (Self { of, on }, n)));
        }
        Ok(all)
    }
}

#[async_trait]
impl Load for LeasesOf {
    type Value = i64;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let tenants: Vec<_> = keys.iter().map(|k| k.0).collect();
        Ok(tx.leases_counts(&tenants).await?.into_iter().map(|(tenant, n)| (Self(tenant), n)).collect())
    }
}

#[async_trait]
impl Load for LeasesFirst {
    type Value = Vec<Arc<leasing::Lease>>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for (first, keys) in alike(keys, |k| k.first) {
            let tenants: Vec<_> = keys.iter().map(|k| k.tenant).collect();
            let found = tx.leases_first(&tenants, first).await?;
            all.extend(grouped(&keys, found, |l| Self { tenant: l.tenant, first }));
        }
        Ok(all)
    }
}

#[async_trait]
impl Load for LeaseSeats {
    type Value = i64;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for (on, keys) in alike(keys, |k| k.on) {
            let leases: Vec<_> = keys.iter().map(|k| k.lease).collect();
            let found = tx.lease_seat_counts(&leases, on).await?;
            all.extend(found.into_iter().map(|(lease, seats)| (Self { lease, on }, seats)));
        }
        Ok(all)
    }
}

#[async_trait]
impl Load for TenantSeats {
    type Value = leasing::TenantSeatCounts;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for (on, keys) in alike(keys, |k| k.on) {
            let tenants: Vec<_> = keys.iter().map(|k| k.tenant).collect();
            let found = leasing::tenant_seat_counts(tx, ctx, &tenants, on).await?;
            all.extend(found.into_iter().map(|(tenant, counts)| (Self { tenant, on }, counts)));
        }
        Ok(all)
    }
}

#[async_trait]
impl Load for TenantUse {
    type Value = Vec<SeatUseMonth>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for (months, keys) in alike(keys, |k| k.months) {
            let tenants: Vec<_> = keys.iter().map(|k| k.tenant).collect();
            let found = leasing::tenant_seat_use(tx, ctx, &tenants, months).await?;
            all.extend(found.into_iter().map(|(tenant, list)| (Self { tenant, months }, list)));
        }
        Ok(all)
    }
}
