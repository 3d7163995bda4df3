//! Settlement sheets. Names and reasons are sealed on their way in and opened on their way out.

use async_trait::async_trait;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_billing::invoicing::IssuedInvoice;
use voxpark_billing::settling::{Settlement, SettlementState, Store};
use voxpark_domain::ids::{Id, LeaseId, SettlementId, TenantId, UserId};
use voxpark_domain::money::Currency;
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id, inserts};
use super::invoicing::{PAID_SLOTS, WITH_PAID, to_invoice};
use super::{broken, get};
use crate::db::{Slot, Tx, fail, violated};

const SETTLEMENT: &str =
    "s.tenant_id, s.settlement_id, s.lease_id, s.number, s.ended_on, s.currency, s.sheet, s.balance_minor,
     s.sha256, s.state, s.issued_at, s.agreed_on, s.agreed_by_sealed, s.withdrawn_for_sealed";
const OF_SETTLEMENT: [Slot; 1] = [Slot("s", "settlement")];
const AGREED_BY: &str = "settlement.agreed_by_sealed";
const WITHDRAWN_FOR: &str = "settlement.withdrawn_for_sealed";

impl Tx {
    fn to_settlement(&self, row: &QueryResult) -> Result<Settlement> {
        let of: Uuid = get(row, "settlement_id")?;
        let (currency, state, sheet): (String, String, String) =
            (get(row, "currency")?, get(row, "state")?, get(row, "sheet")?);
        Ok(Settlement {
            id: SettlementId::from_uuid(of),
            tenant: TenantId::from_uuid(get(row, "tenant_id")?),
            lease: LeaseId::from_uuid(get(row, "lease_id")?),
            number: get(row, "number")?,
            ended_on: get(row, "ended_on")?,
            currency: Currency::parse(&currency).map_err(|_| broken("currency", &currency))?,
            sheet: serde_json::from_str(&sheet).map_err(Error::internal)?,
            balance_minor: get(row, "balance_minor")?,
            sha256: get(row, "sha256")?,
            state: SettlementState::from_name(&state).ok_or_else(|| broken("state", &state))?,
            issued_at: get(row, "issued_at")?,
            agreed_on: get(row, "agreed_on")?,
            agreed_by: self.opened(row, AGREED_BY, of, 0)?,
            withdrawn_for: self.opened(row, WITHDRAWN_FOR, of, 0)?,
        })
    }

    async fn settlements_where(&self, of: &str, binds: Binds) -> Result<Vec<Settlement>> {
        let sql = format!("SELECT {SETTLEMENT} FROM settlement s WHERE {{s}} AND {of}");
        self.query(&sql, &OF_SETTLEMENT, binds.into_values()).await?.iter().map(|row| self.to_settlement(row)).collect()
    }
}

#[async_trait]
impl Store for Tx {
    async fn settlements_of(&self, leases: &[LeaseId]) -> Result<Vec<Settlement>> {
        let mut binds = Binds::default();
        // Ids are minted in the order of time.
        let of = format!("s.lease_id IN {} ORDER BY s.settlement_id DESC", binds.ids(leases));
        self.settlements_where(&of, binds).await
    }

    async fn settlements_by_id(&self, ids: &[SettlementId]) -> Result<Vec<Settlement>> {
        let mut binds = Binds::default();
        let of = format!("s.settlement_id IN {}", binds.ids(ids));
        self.settlements_where(&of, binds).await
    }

    async fn settlement_locked(&self, settlement: SettlementId) -> Result<Option<Settlement>> {
        let mut binds = Binds::default();
        // On SQLite there is one writer at a time anyway.
        let lock = if self.postgres() { " FOR NO KEY UPDATE OF s" } else { "" };
        let of = format!("s.settlement_id = {}{lock}", binds.one(settlement.uuid()));
        Ok(self.settlements_where(&of, binds).await?.pop())
    }

    async fn settlement_add(&self, settlement: &Settlement, by: Option<UserId>) -> Result<bool> {
        let sheet = serde_json::to_string(&settlement.sheet).map_err(Error::internal)?;
        let row: [(&str, Value); 13] = [
            ("park_id", self.park_id()?.into()),
            ("tenant_id", id(settlement.tenant)),
            ("settlement_id", id(settlement.id)),
            ("lease_id", id(settlement.lease)),
            ("number", settlement.number.as_str().into()),
            ("ended_on", settlement.ended_on.into()),
            ("currency", settlement.currency.code().into()),
            ("sheet", sheet.into()),
            ("balance_minor", settlement.balance_minor.into()),
            ("sha256", settlement.sha256.clone().into()),
            ("state", settlement.state.name().into()),
            ("issued_at", settlement.issued_at.into()),
            ("issued_by", by.map(Id::uuid).into()),
        ];
        let (columns, values): (Vec<&str>, Vec<Value>) = row.into_iter().unzip();
        for (sql, values) in inserts("settlement", &columns, vec![values]) {
            match self.execute(&sql, &[], values).await {
                // SQLite names the columns, not the index.
                Err(e) if violated(&e).is_some_and(|c| c.contains("living") || c.contains("lease_id")) => {
                    return Ok(false);
                }
                other => other.map_err(fail)?,
            };
        }
        Ok(true)
    }

    async fn settlement_save(&self, settlement: &Settlement) -> Result<()> {
        let sql =
            "UPDATE settlement AS s SET state = $2, agreed_on = $3, agreed_by_sealed = $4, withdrawn_for_sealed = $5
             WHERE {s} AND s.settlement_id = $1";
        let of = settlement.id.uuid();
        let values = vec![
            of.into(),
            settlement.state.name().into(),
            settlement.agreed_on.into(),
            self.sealed(AGREED_BY, of, 0, &settlement.agreed_by)?.into(),
            self.sealed(WITHDRAWN_FOR, of, 0, &settlement.withdrawn_for)?.into(),
        ];
        self.execute(sql, &OF_SETTLEMENT, values).await.map(|_| ()).map_err(fail)
    }

    async fn invoices_of_lease(&self, lease: LeaseId) -> Result<Vec<IssuedInvoice>> {
        let sql = format!("{WITH_PAID} AND i.lease_id = $1 AND i.voided_at IS NULL ORDER BY i.period_from");
        self.query(&sql, &PAID_SLOTS, vec![id(lease)]).await?.iter().map(to_invoice).collect()
    }
}
