//! Invoices sent by mail. Addresses are sealed on their way in and opened on their way out.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_billing::sending::{Delivery, InvoicePolicy, Store};
use voxpark_domain::Result;
use voxpark_domain::ids::{CreditNoteId, Id, InvoiceId, LetterId, TenantId, UserId};
use voxpark_domain::mail::LetterState;
use voxpark_domain::papers::PaperLanguage;

use super::binds::{Binds, id};
use super::{broken, get};
use crate::db::{Slot, Tx, fail};

const TO: &str = "invoice_delivery.to_sealed";
const DELIVERY: &[&str] = &[
    "park_id",
    "tenant_id",
    "letter_id",
    "invoice_id",
    "note_id",
    "to_sealed",
    "language",
    "posted_at",
    "posted_by",
    "state",
];

#[async_trait]
impl Store for Tx {
    async fn deliveries_of(&self, invoices: &[InvoiceId]) -> Result<Vec<Delivery>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT d.tenant_id, d.letter_id, d.invoice_id, d.note_id, d.to_sealed, d.language, d.posted_at, d.posted_by, d.state, d.code,
              d.ended_at FROM invoice_delivery d WHERE {{d}} AND d.invoice_id IN {} ORDER BY d.posted_at, d.letter_id",
            binds.ids(invoices)
        );
        let rows = self.query(&sql, &[Slot("d", "invoice_delivery")], binds.into_values()).await?;
        let one = |row: &QueryResult| {
            let (letter, language, state): (Uuid, String, String) =
                (get(row, "letter_id")?, get(row, "language")?, get(row, "state")?);
            Ok(Delivery {
                letter: LetterId::from_uuid(letter),
                invoice: InvoiceId::from_uuid(get(row, "invoice_id")?),
                note: get::<Option<Uuid>>(row, "note_id")?.map(CreditNoteId::from_uuid),
                tenant: TenantId::from_uuid(get(row, "tenant_id")?),
                to: self.opened(row, TO, letter, 0)?,
                language: PaperLanguage::from_name(&language).ok_or_else(|| broken("language", &language))?,
                posted_at: get(row, "posted_at")?,
                posted_by: get::<Option<Uuid>>(row, "posted_by")?.map(UserId::from_uuid),
                state: LetterState::from_name(&state).ok_or_else(|| broken("state", &state))?,
                code: get(row, "code")?,
                ended_at: get(row, "ended_at")?,
            })
        };
        rows.iter().map(one).collect()
    }

    async fn deliveries_add(&self, deliveries: &[Delivery]) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let row = |one: &Delivery| {
            Ok(vec![
                park.clone(),
                id(one.tenant),
                id(one.letter),
                id(one.invoice),
                one.note.map(Id::uuid).into(),
                self.sealed(TO, one.letter.uuid(), 0, &one.to)?.into(),
                one.language.name().into(),
                one.posted_at.into(),
                one.posted_by.map(Id::uuid).into(),
                one.state.name().into(),
            ])
        };
        let rows = deliveries.iter().map(row).collect::<Result<Vec<_>>>()?;
        self.add_rows("invoice_delivery", DELIVERY, rows).await
    }

    async fn delivery_end(
        &self,
        letter: LetterId,
        state: LetterState,
        code: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sql =
            "UPDATE invoice_delivery AS d SET state = $2, code = $3, ended_at = $4 WHERE {d} AND d.letter_id = $1";
        let values = vec![id(letter), state.name().into(), code.into(), now.into()];
        self.execute(sql, &[Slot("d", "invoice_delivery")], values).await.map(|_| ()).map_err(fail)
    }

    async fn invoice_policy(&self) -> Result<Option<InvoicePolicy>> {
        let sql = "SELECT p.send_with_run FROM invoice_policy p WHERE {p}";
        let row = self.query_one(sql, &[Slot("p", "invoice_policy")], Vec::new()).await?;
        row.map(|row| Ok(InvoicePolicy { send_with_run: get(&row, "send_with_run")? })).transpose()
    }

    async fn invoice_policy_set(&self, policy: InvoicePolicy) -> Result<()> {
        let sql = "INSERT INTO invoice_policy (park_id, send_with_run) VALUES ($1, $2)
             ON CONFLICT (park_id) DO UPDATE SET send_with_run = $2";
        let values = vec![self.park_id()?.into(), policy.send_with_run.into()];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }
}
