//! The estate in batches.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use voxpark_billing::uow::Tx;
use voxpark_domain::estate;
use voxpark_domain::ids::{BuildingId, FloorId, SeatId, ZoneId};
use voxpark_domain::leasing::Allocation;
use voxpark_domain::permission::Resource;
use voxpark_domain::time::Period;
use voxpark_domain::{Ctx, Result};

use crate::load::Load;

/// The floors of a building.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FloorsOf(pub(super) BuildingId);

/// The zones of a floor.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ZonesOf(pub(super) FloorId);

/// The first seats of a zone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SeatsOf {
    pub(super) zone: ZoneId,
    pub(super) first: u32,
}

/// How many seats a zone has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SeatsIn(pub(super) ZoneId);

#[async_trait]
impl Load for SeatsIn {
    type Value = i64;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let zones: Vec<_> = keys.iter().map(|k| k.0).collect();
        Ok(tx.seats_in(&zones).await?.into_iter().map(|(zone, n)| (Self(zone), n)).collect())
    }
}

/// What came before a day on the seats of a floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PastOn {
    pub(super) floor: FloorId,
    pub(super) on: NaiveDate,
}

#[async_trait]
impl Load for PastOn {
    type Value = Arc<HashMap<SeatId, estate::SeatPast>>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        // A floor is asked about on one day, or on few.
        for key in keys {
            all.push((*key, Arc::new(estate::floor_past(tx, ctx, key.floor, key.on).await?)));
        }
        Ok(all)
    }
}

/// Whether an allocation in reach covers a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct HeldOn {
    pub(super) seat: SeatId,
    pub(super) on: NaiveDate,
}

/// Puts rows together by what they belong to; keys without rows get none.
pub(crate) fn grouped<K: Copy + Eq + Hash, T>(
    keys: &[K],
    rows: impl IntoIterator<Item = T>,
    of: impl Fn(&T) -> K,
) -> Vec<(K, Vec<Arc<T>>)> {
    let mut groups: HashMap<K, Vec<Arc<T>>> = keys.iter().map(|k| (*k, Vec::new())).collect();
    for row in rows {
        if let Some(group) = groups.get_mut(&of(&row)) {
            group.push(Arc::new(row));
        }
    }
    groups.into_iter().collect()
}

/// Keys with the same `by`, which one statement can answer; nearly always all of them.
pub(crate) fn alike<K: Copy, B: PartialEq>(keys: &[K], by: impl Fn(&K) -> B) -> Vec<(B, Vec<K>)> {
    let mut groups: Vec<(B, Vec<K>)> = Vec::new();
    for key in keys {
        let of = by(key);
        match groups.iter_mut().find(|g| g.0 == of) {
            Some(group) => group.1.push(*key),
            None => groups.push((of, vec![*key])),
        }
    }
    groups
}

macro_rules! by_id {
    ($($key:ident => $value:ty, $find:ident;)+) => {$(
        #[async_trait]
        impl Load for $key {
            type Value = Arc<$value>;
            const RESOURCE: Resource = Resource::Estate;
            async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
                Ok(tx.$find(keys).await?.into_iter().map(|found| (found.id, Arc::new(found))).collect())
            }
        }
    )+};
}

by_id! {
    BuildingId => estate::Building, buildings_by_id;
    FloorId => estate::Floor, floors_by_id;
    ZoneId => estate::Zone, zones_by_id;
    SeatId => estate::Seat, seats_by_id;
}

#[async_trait]
impl Load for FloorsOf {
    type Value = Vec<Arc<estate::Floor>>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<_> = keys.iter().map(|k| k.0).collect();
        Ok(grouped(keys, tx.floors_of(&ids).await?, |f| FloorsOf(f.building)))
    }
}

#[async_trait]
impl Load for ZonesOf {
    type Value = Vec<Arc<estate::Zone>>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<_> = keys.iter().map(|k| k.0).collect();
        Ok(grouped(keys, tx.zones_of(&ids).await?, |z| ZonesOf(z.floor)))
    }
}

#[async_trait]
impl Load for SeatsOf {
    type Value = Vec<Arc<estate::Seat>>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for (first, keys) in alike(keys, |k| k.first) {
            let zones: Vec<_> = keys.iter().map(|k| k.zone).collect();
            all.extend(grouped(&keys, tx.seats_first(&zones, first).await?, |s| SeatsOf { zone: s.zone, first }));
        }
        Ok(all)
    }
}

/// The allocations that cover each seat's day, by time of the day.
pub(crate) async fn holders<K: Copy>(
    tx: &dyn Tx,
    keys: &[K],
    of: impl Fn(&K) -> (SeatId, NaiveDate),
) -> Result<Vec<(K, Vec<Arc<Allocation>>)>> {
    let asked: Vec<_> = keys.iter().map(|k| (*k, of(k))).collect();
    let days = asked.iter().map(|(_, (_, on))| *on);
    let (Some(first), Some(last)) = (days.clone().min(), days.max()) else { return Ok(Vec::new()) };
    let seats: Vec<SeatId> = asked.iter().map(|(_, (seat, _))| *seat).collect();
    let within = Period { from: first, to: last.succ_opt() };
    let mut held: HashMap<SeatId, Vec<Arc<Allocation>>> = HashMap::new();
    for allocation in tx.allocations_of_seats(&seats, within).await? {
        held.entry(allocation.seat).or_default().push(Arc::new(allocation));
    }
    let covering = |(seat, on): (SeatId, NaiveDate)| {
        held.get(&seat).into_iter().flatten().filter(|a| a.held.contains(on)).cloned().collect()
    };
    Ok(asked.into_iter().map(|(key, asked)| (key, covering(asked))).collect())
}

#[async_trait]
impl Load for HeldOn {
    type Value = ();
    const RESOURCE: Resource = Resource::Estate;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let found = holders(tx, keys, |k| (k.seat, k.on)).await?;
        Ok(found.into_iter().filter(|(_, held)| !held.is_empty()).map(|(k, _)| (k, ())).collect())
    }
}
