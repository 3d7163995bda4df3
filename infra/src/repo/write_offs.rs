//! What was given up of invoices.

use sea_orm::{QueryResult, Value};
use voxpark_billing::invoicing::{WriteOff, WriteOffStep};
use voxpark_domain::Result;
use voxpark_domain::ids::{Id, InvoiceId, TenantId, UserId, WriteOffId};
use voxpark_domain::money::Money;

use super::binds::{Binds, id};
use super::invoicing::currency;
use super::{broken, get};
use crate::db::{Slot, Tx};

const NEW: &[&str] = &[
    "park_id",
    "tenant_id",
    "act_id",
    "invoice_id",
    "step",
    "amount_minor",
    "done_on",
    "reason",
    "recorded_at",
    "recorded_by",
];

fn to_write_off(row: &QueryResult) -> Result<WriteOff> {
    let step: String = get(row, "step")?;
    Ok(WriteOff {
        id: WriteOffId::from_uuid(get(row, "act_id")?),
        invoice: InvoiceId::from_uuid(get(row, "invoice_id")?),
        tenant: TenantId::from_uuid(get(row, "tenant_id")?),
        step: WriteOffStep::from_name(&step).ok_or_else(|| broken("step", &step))?,
        amount: Money::new(get(row, "amount_minor")?, currency(&get::<String>(row, "currency")?)?),
        done_on: get(row, "done_on")?,
        reason: get(row, "reason")?,
        recorded_at: get(row, "recorded_at")?,
        recorded_by: get::<Option<uuid::Uuid>>(row, "recorded_by")?.map(UserId::from_uuid),
    })
}

impl Tx {
    pub(super) async fn given_up(&self, invoices: &[InvoiceId]) -> Result<Vec<WriteOff>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT o.act_id, o.invoice_id, o.tenant_id, o.step, o.amount_minor, i.currency, o.done_on, o.reason, o.recorded_at, o.recorded_by
             FROM invoice_write_off o JOIN invoice i ON i.park_id = o.park_id AND i.tenant_id = o.tenant_id AND i.invoice_id = o.invoice_id
             WHERE {{o}} AND {{i}} AND o.invoice_id IN {} ORDER BY o.recorded_at, o.act_id",
            binds.ids(invoices)
        );
        let slots = [Slot("o", "invoice_write_off"), Slot("i", "invoice")];
        self.query(&sql, &slots, binds.into_values()).await?.iter().map(to_write_off).collect()
    }

    pub(super) async fn give_up(&self, new: &WriteOff) -> Result<()> {
        let row: Vec<Value> = vec![
            self.park_id()?.into(),
            id(new.tenant),
            id(new.id),
            id(new.invoice),
            new.step.name().into(),
            new.amount.minor.into(),
            new.done_on.into(),
            new.reason.as_str().into(),
            new.recorded_at.into(),
            new.recorded_by.map(Id::uuid).into(),
        ];
        self.add_rows("invoice_write_off", NEW, vec![row]).await
    }
}
