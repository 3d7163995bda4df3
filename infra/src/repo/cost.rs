//! Cost entries and rents of a tenant.

use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait as _, QueryFilter, QueryOrder, Set};
use voxpark_billing::cost::{CostEntry, CostRecord, CostSource, Store};
use voxpark_domain::Result;
use voxpark_domain::ids::{CostEntryId, Id, UserId};
use voxpark_domain::money::Money;
use voxpark_domain::time::Month;

use crate::db::{Slot, Tx, fail};
use crate::entity::cost_entry;
use crate::repo::invoicing::currency;
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
        self.hold(format!("cost/{}", self.tenant_id()?)).await
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
                // What an invoice corrects of another month is rent of that month.
                "SELECT q.month, q.currency, CAST(SUM(q.net) AS bigint) AS net FROM (
                  SELECT i.period_from AS month, i.currency, i.net_minor - COALESCE((SELECT SUM(c.net_minor) FROM credit_note c
                   WHERE {c} AND c.park_id = i.park_id AND c.tenant_id = i.tenant_id AND c.invoice_id = i.invoice_id), 0) AS net
                  FROM invoice i WHERE {i} AND i.voided_at IS NULL AND i.period_from >= $1 AND i.period_from < $2
                  UNION ALL SELECT i.period_from, i.currency, -x.net_minor FROM invoice i JOIN invoice_correction x
                   ON x.park_id = i.park_id AND x.tenant_id = i.tenant_id AND x.invoice_id = i.invoice_id
                   WHERE {i} AND {x} AND i.voided_at IS NULL AND i.period_from >= $1 AND i.period_from < $2
                  UNION ALL SELECT x.month, i.currency, x.net_minor FROM invoice_correction x JOIN invoice i
                   ON i.park_id = x.park_id AND i.tenant_id = x.tenant_id AND i.invoice_id = x.invoice_id
                   WHERE {i} AND {x} AND i.voided_at IS NULL AND x.month >= $1 AND x.month < $2) q
                 GROUP BY q.month, q.currency ORDER BY q.month, q.currency",
                &[Slot("i", "invoice"), Slot("c", "credit_note"), Slot("x", "invoice_correction")],
                vec![first.first_day().into(), last.end().into()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let net = Money::new(get(row, "net")?, currency(&get::<String>(row, "currency")?)?);
                Ok((Month::of(get(row, "month")?), net))
            })
            .collect()
    }
}
