//! Cost entries, rents and seat-days of a tenant.

use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait as _, QueryFilter, QueryOrder, QueryResult, Set};
use voxpark_billing::cost::{CostEntry, CostRecord, CostSource, Store};
use voxpark_domain::Result;
use voxpark_domain::ids::{CostEntryId, Id, SeatId, UserId};
use voxpark_domain::money::Money;
use voxpark_domain::time::{Month, Period};

use crate::db::{Slot, Tx, fail};
use crate::entity::cost_entry;
use crate::repo::invoicing::currency;
use crate::repo::ledger::{FOLD_SLOTS, fold};
use crate::repo::{broken, get};

/// Rows of one insert: SQLite binds at most 32766 values.
const CHUNK: usize = 1_000;

fn to_record(row: cost_entry::Model) -> Result<CostRecord> {
    Ok(CostRecord {
        id: CostEntryId::from_uuid(row.entry_id),
        entry: CostEntry {
            month: Month::of(row.month),
            category: row.category,
            amount: Money::new(row.amount_minor, currency(&row.currency)?),
            source: CostSource::from_name(&row.source).ok_or_else(|| broken("cost source", &row.source))?,
            note: row.note,
        },
        recorded_at: row.recorded_at,
        recorded_by: row.recorded_by.map(UserId::from_uuid),
    })
}

fn to_days(row: &QueryResult, from: NaiveDate, to: NaiveDate) -> Result<(SeatId, Period)> {
    let (first, last): (NaiveDate, Option<NaiveDate>) = (get(row, "held_from")?, get(row, "held_to")?);
    let period = Period { from: first.max(from), to: Some(last.unwrap_or(to).min(to)) };
    Ok((SeatId::from_uuid(get(row, "seat_id")?), period))
}

#[async_trait]
impl Store for Tx {
    async fn cost_entries(&self, first: Month, last: Month) -> Result<Vec<CostRecord>> {
        let rows = self
            .select::<cost_entry::Entity>()?
            .filter(cost_entry::Column::Month.between(first.first_day(), last.first_day()))
            .order_by_asc(cost_entry::Column::Month)
            .order_by_asc(cost_entry::Column::RecordedAt)
            .order_by_asc(cost_entry::Column::EntryId)
            .all(self.conn())
            .await
            .map_err(fail)?;
        rows.into_iter().map(to_record).collect()
    }

    async fn cost_entries_by_id(&self, ids: &[CostEntryId]) -> Result<Vec<CostRecord>> {
        let rows = self
            .select::<cost_entry::Entity>()?
            .filter(cost_entry::Column::EntryId.is_in(ids.iter().map(|id| id.uuid())))
            .all(self.conn())
            .await
            .map_err(fail)?;
        rows.into_iter().map(to_record).collect()
    }

    async fn cost_lock(&self) -> Result<()> {
        // SQLite has one writer at a time: the transaction itself is the lock.
        if self.postgres() {
            let key = format!("cost/{}", self.tenant_id()?);
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            self.execute(sql, &[], vec![key.into()]).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn cost_entries_add(&self, entries: &[CostRecord]) -> Result<()> {
        let (park, tenant) = (self.park_id()?, self.tenant_id()?);
        let row = |record: &CostRecord| cost_entry::ActiveModel {
            park_id: Set(park),
            tenant_id: Set(tenant),
            month: Set(record.entry.month.first_day()),
            entry_id: Set(record.id.uuid()),
            category: Set(record.entry.category.clone()),
            amount_minor: Set(record.entry.amount.minor),
            currency: Set(record.entry.amount.currency.code().to_owned()),
            source: Set(record.entry.source.name().to_owned()),
            note: Set(record.entry.note.clone()),
            recorded_at: Set(record.recorded_at),
            recorded_by: Set(record.recorded_by.map(Id::uuid)),
        };
        for chunk in entries.chunks(CHUNK) {
            let rows = cost_entry::Entity::insert_many(chunk.iter().map(row));
            rows.exec_without_returning(self.conn()).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn rents(&self, first: Month, last: Month) -> Result<Vec<(Month, Money)>> {
        let rows = self
            .query(
                "SELECT i.period_from, i.currency, CAST(SUM(i.net_minor) AS bigint) AS net FROM invoice i
                 WHERE {i} AND i.period_from >= $1 AND i.period_from < $2
                 GROUP BY i.period_from, i.currency ORDER BY i.period_from, i.currency",
                &[Slot("i", "invoice")],
                vec![first.first_day().into(), last.end().into()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let net = Money::new(get(row, "net")?, currency(&get::<String>(row, "currency")?)?);
                Ok((Month::of(get(row, "period_from")?), net))
            })
            .collect()
    }

    async fn leased_days(&self, from: NaiveDate, to: NaiveDate) -> Result<Vec<(SeatId, Period)>> {
        // What is not released ends with the term of the lease.
        let asked = "SELECT 0, a.lease_id, $1, $2, MAX(a.recorded_at) FROM seat_ledger a WHERE {a} GROUP BY a.lease_id";
        let sql = fold(asked)
            + " SELECT h.seat_id, h.held_from, COALESCE(h.held_to, (SELECT v.term_to FROM lease_version v WHERE {v}
                AND v.park_id = h.park_id AND v.tenant_id = h.tenant_id AND v.lease_id = h.lease_id
                ORDER BY v.version DESC LIMIT 1)) AS held_to
               FROM held h ORDER BY h.seat_id, h.held_from";
        let [e, l] = FOLD_SLOTS;
        let slots = [e, l, Slot("a", "seat_ledger"), Slot("v", "lease_version")];
        let rows = self.query(&sql, &slots, vec![from.into(), to.into()]).await?;
        let days = rows.iter().map(|row| to_days(row, from, to));
        days.filter(|d| d.as_ref().is_ok_and(|(_, p)| p.to > Some(p.from)) || d.is_err()).collect()
    }

    async fn occupied_days(&self, from: NaiveDate, to: NaiveDate) -> Result<Vec<(SeatId, Period)>> {
        let rows = self
            .query(
                "SELECT o.seat_id, o.sat_from AS held_from, o.sat_to AS held_to FROM occupancy o
                 WHERE {o} AND o.sat_from < $2 AND (o.sat_to IS NULL OR o.sat_to > $1)",
                &[Slot("o", "occupancy")],
                vec![from.into(), to.into()],
            )
            .await?;
        rows.iter().map(|row| to_days(row, from, to)).collect()
    }
}
