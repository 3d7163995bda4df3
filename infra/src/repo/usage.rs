//! Figures of meters, and what else price books ask of leases beside their seats.

use std::collections::HashMap;

use async_trait::async_trait;
use sea_orm::{QueryResult, Value};
use voxpark_billing::invoicing::{Holding, KnownMonth};
use voxpark_billing::pricing::Ratio;
use voxpark_billing::usage::{Store, UsageRecord};
use voxpark_domain::estate::Places as _;
use voxpark_domain::ids::{AllocationId, Id, LeaseId, SeatId, TenantId, UsageId, UserId};
use voxpark_domain::leasing::Shift;
use voxpark_domain::time::Month;
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id, portions};
use super::invoicing::rows_of;
use super::{broken, get};
use crate::db::{Slot, Tx};

const NEW: &[&str] = &[
    "park_id",
    "tenant_id",
    "usage_id",
    "lease_id",
    "month",
    "meter",
    "quantity",
    "note",
    "recorded_at",
    "recorded_by",
];

fn to_record(row: &QueryResult) -> Result<UsageRecord> {
    let quantity: String = get(row, "quantity")?;
    Ok(UsageRecord {
        id: UsageId::from_uuid(get(row, "usage_id")?),
        tenant: TenantId::from_uuid(get(row, "tenant_id")?),
        lease: LeaseId::from_uuid(get(row, "lease_id")?),
        month: Month::of(get(row, "month")?),
        meter: get(row, "meter")?,
        quantity: Ratio::parse(&quantity).map_err(|_| broken("quantity", &quantity))?,
        note: get(row, "note")?,
        recorded_at: get(row, "recorded_at")?,
        recorded_by: get::<Option<uuid::Uuid>>(row, "recorded_by")?.map(UserId::from_uuid),
    })
}

#[async_trait]
impl Store for Tx {
    async fn usage_known(&self, asked: &[KnownMonth]) -> Result<Vec<(KnownMonth, UsageRecord)>> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let (rows, values) = rows_of(asked);
        let sql = format!(
            "WITH asked (n, lease_id, since, till, known_at) AS ({rows})
             SELECT x.n, x.tenant_id, x.usage_id, x.lease_id, x.month, x.meter, x.quantity, x.note, x.recorded_at, x.recorded_by FROM (
              SELECT k.n, u.tenant_id, u.usage_id, u.lease_id, u.month, u.meter, u.quantity, u.note, u.recorded_at, u.recorded_by,
               ROW_NUMBER() OVER (PARTITION BY k.n, u.meter ORDER BY u.recorded_at DESC, u.usage_id DESC) AS newest
              FROM asked k JOIN lease e ON e.lease_id = k.lease_id
              JOIN lease_usage u ON u.park_id = e.park_id AND u.tenant_id = e.tenant_id AND u.lease_id = e.lease_id
              WHERE {{e}} AND {{u}} AND u.month > k.since AND u.month < k.till AND u.recorded_at <= k.known_at) x
             WHERE x.newest = 1 ORDER BY x.n, x.meter"
        );
        let slots = [Slot("e", "lease"), Slot("u", "lease_usage")];
        let rows = self.query(&sql, &slots, values).await?;
        let of = |row: &QueryResult| {
            let at = usize::try_from(get::<i64>(row, "n")?).map_err(Error::internal)?;
            let at = asked.get(at).ok_or_else(|| Error::internal("an answer that nobody asked for"))?;
            Ok((*at, to_record(row)?))
        };
        rows.iter().map(of).collect()
    }

    async fn usage_add(&self, records: &[UsageRecord]) -> Result<()> {
        let park = self.park_id()?;
        let row = |record: &UsageRecord| -> Vec<Value> {
            vec![
                park.into(),
                id(record.tenant),
                id(record.id),
                id(record.lease),
                record.month.first_day().into(),
                record.meter.clone().into(),
                record.quantity.to_string().into(),
                record.note.clone().into(),
                record.recorded_at.into(),
                record.recorded_by.map(Id::uuid).into(),
            ]
        };
        self.add_rows("lease_usage", NEW, records.iter().map(row).collect()).await
    }
}

impl Tx {
    /// Puts down what meters counted for leases with a book that asks.
    pub(super) async fn usage_asked(&self, found: &mut [(KnownMonth, Holding)]) -> Result<()> {
        let asks = |(_, holding): &&(KnownMonth, Holding)| holding.any_price(|price| price.meter.is_some());
        let asked: Vec<KnownMonth> = found.iter().filter(asks).map(|(at, _)| *at).collect();
        let mut known: HashMap<KnownMonth, Vec<UsageRecord>> = HashMap::new();
        for (at, record) in self.usage_known(&asked).await? {
            known.entry(at).or_default().push(record);
        }
        for (at, holding) in found {
            let records = known.get(at).map(Vec::as_slice).unwrap_or_default();
            holding.usage = records.iter().filter_map(UsageRecord::usage).collect();
        }
        Ok(())
    }

    /// Puts down in which zones the seats of leases with a book that asks were.
    pub(super) async fn zones_asked(&self, found: &mut [(KnownMonth, Holding)]) -> Result<()> {
        let asks = |holding: &Holding| holding.any_price(|price| !price.applies.zones.is_empty());
        let asked = found.iter().filter(|(_, holding)| asks(holding));
        let mut seats: Vec<SeatId> = asked.flat_map(|(_, holding)| &holding.seats).map(|seat| seat.seat).collect();
        seats.sort_unstable();
        seats.dedup();
        let zones = self.seat_zones(&seats).await?;
        for (at, holding) in found.iter_mut().filter(|(_, holding)| asks(holding)) {
            holding.zones = zones.known(holding.seats.iter().map(|seat| seat.seat), at.known_at);
        }
        Ok(())
    }

    /// Puts down the part of the day for which the seats of leases with a book that asks are held; it never changes.
    pub(super) async fn shifts_asked(&self, found: &mut [(KnownMonth, Holding)]) -> Result<()> {
        let asks = |(_, holding): &&(KnownMonth, Holding)| holding.any_price(|price| !price.applies.shifts.is_empty());
        let mut leases: Vec<LeaseId> = found.iter().filter(asks).map(|(at, _)| at.lease).collect();
        leases.sort_unstable();
        leases.dedup();
        let mut shifts: HashMap<AllocationId, Shift> = HashMap::new();
        for portion in portions(&leases) {
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT a.allocation_id, a.shift_from_min, a.shift_to_min, a.shift_next_min FROM lease l
                 JOIN allocation a ON a.park_id = l.park_id AND a.tenant_id = l.tenant_id AND a.lease_id = l.lease_id
                 WHERE {{l}} AND {{a}} AND l.lease_id IN {}",
                binds.ids(portion)
            );
            let slots = [Slot("l", "lease"), Slot("a", "allocation")];
            for row in self.query(&sql, &slots, binds.into_values()).await? {
                let (from, to, next) =
                    (get(&row, "shift_from_min")?, get(&row, "shift_to_min")?, get(&row, "shift_next_min")?);
                let allocation = AllocationId::from_uuid(get(&row, "allocation_id")?);
                shifts.insert(allocation, Shift::stored(from, to, next));
            }
        }
        for seat in found.iter_mut().flat_map(|(_, holding)| &mut holding.seats) {
            if let Some(shift) = shifts.get(&seat.allocation) {
                seat.shift = *shift;
            }
        }
        Ok(())
    }
}
