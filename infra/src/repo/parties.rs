//! How the sides of invoices are called, and what was fixed with each invoice. Sealed whole on its way in and opened on its
//! way out.

use async_trait::async_trait;
use sea_orm::{QueryResult, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use voxpark_billing::parties::{Buyer, Fixed, KeptLine, Party, Profile, Seller, Store};
use voxpark_domain::ids::{BillingProfileId, Id, InvoiceId, TenantId, UserId};
use voxpark_domain::pipeline::Private;
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id, portions};
use super::get;
use crate::db::{Slot, Tx};

const SELLER: &str = "seller_profile.said_sealed";
const BUYER: &str = "buyer_profile.said_sealed";
const PARTIES: &str = "invoice_fixed.parties_sealed";
const PROFILE: &[&str] =
    &["park_id", "tenant_id", "profile_id", "from_day", "said_sealed", "recorded_at", "recorded_by"];
const OF_PARK: &[&str] = &["park_id", "profile_id", "from_day", "said_sealed", "recorded_at", "recorded_by"];

impl Tx {
    pub(super) fn sealed_whole<T: Serialize>(&self, place: &str, of: Uuid, what: &T) -> Result<Value> {
        let text = serde_json::to_string(what).map_err(Error::internal)?;
        Ok(self.sealed(place, of, 0, &Private::new(text))?.into())
    }

    pub(super) fn opened_whole<T: DeserializeOwned>(&self, row: &QueryResult, place: &str, of: Uuid) -> Result<T> {
        serde_json::from_str(self.opened(row, place, of, 0)?.reveal()).map_err(Error::internal)
    }

    fn to_profile<T: DeserializeOwned>(&self, row: &QueryResult, place: &str) -> Result<Profile<T>> {
        let of: Uuid = get(row, "profile_id")?;
        Ok(Profile {
            id: BillingProfileId::from_uuid(of),
            from: get(row, "from_day")?,
            said: self.opened_whole(row, place, of)?,
            recorded_at: get(row, "recorded_at")?,
        })
    }

    /// The values of a profile behind those of its owner.
    fn profile_values<T: Serialize>(
        &self,
        place: &str,
        mut owner: Vec<Value>,
        profile: &Profile<T>,
        by: Option<UserId>,
    ) -> Result<Vec<Value>> {
        let of = profile.id.uuid();
        owner.extend([
            of.into(),
            profile.from.into(),
            self.sealed_whole(place, of, &profile.said)?,
            profile.recorded_at.into(),
            by.map(Id::uuid).into(),
        ]);
        Ok(owner)
    }
}

fn to_kept(row: &QueryResult) -> Result<(InvoiceId, KeptLine)> {
    let line = KeptLine {
        number: get(row, "line_no")?,
        kind: get(row, "kind")?,
        lease_version: get(row, "lease_version")?,
        product: get(row, "product")?,
        seat_days: get(row, "seat_days")?,
        unit_minor: get(row, "unit_price_minor")?,
        net_minor: get(row, "net_minor")?,
        gross_minor: get(row, "gross_minor")?,
        tax_rate_bp: get(row, "tax_rate_bp")?,
        explanation: get(row, "explanation")?,
    };
    Ok((InvoiceId::from_uuid(get(row, "invoice_id")?), line))
}

#[async_trait]
impl Store for Tx {
    async fn seller_profiles(&self) -> Result<Vec<Profile<Seller>>> {
        let sql = "SELECT s.profile_id, s.from_day, s.said_sealed, s.recorded_at FROM seller_profile s WHERE {s}";
        let rows = self.query(sql, &[Slot("s", "seller_profile")], Vec::new()).await?;
        rows.iter().map(|row| self.to_profile(row, SELLER)).collect()
    }

    async fn seller_profile_add(&self, profile: &Profile<Seller>, by: Option<UserId>) -> Result<()> {
        let row = self.profile_values(SELLER, vec![self.park_id()?.into()], profile, by)?;
        self.add_rows("seller_profile", OF_PARK, vec![row]).await
    }

    async fn buyer_profiles(&self, tenants: &[TenantId]) -> Result<Vec<(TenantId, Profile<Buyer>)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT b.tenant_id, b.profile_id, b.from_day, b.said_sealed, b.recorded_at FROM buyer_profile b
             WHERE {{b}} AND b.tenant_id IN {}",
            binds.ids(tenants)
        );
        let rows = self.query(&sql, &[Slot("b", "buyer_profile")], binds.into_values()).await?;
        let one = |row: &QueryResult| Ok((TenantId::from_uuid(get(row, "tenant_id")?), self.to_profile(row, BUYER)?));
        rows.iter().map(one).collect()
    }

    async fn buyer_profile_add(&self, tenant: TenantId, profile: &Profile<Buyer>, by: Option<UserId>) -> Result<()> {
        let row = self.profile_values(BUYER, vec![self.park_id()?.into(), id(tenant)], profile, by)?;
        self.add_rows("buyer_profile", PROFILE, vec![row]).await
    }

    async fn fixed_add(&self, fixed: &[Fixed]) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let row = |one: &Fixed| {
            let of = one.invoice.uuid();
            let sides = self.sealed_whole(PARTIES, of, &(&one.seller, &one.buyer))?;
            Ok(vec![park.clone(), id(one.tenant), of.into(), sides, one.sha256.clone().into()])
        };
        let rows = fixed.iter().map(row).collect::<Result<Vec<_>>>()?;
        let columns = ["park_id", "tenant_id", "invoice_id", "parties_sealed", "sha256"];
        self.add_rows("invoice_fixed", &columns, rows).await
    }

    async fn fixed_of(&self, invoices: &[InvoiceId]) -> Result<Vec<Fixed>> {
        let mut found = Vec::with_capacity(invoices.len());
        for portion in portions(invoices) {
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT f.tenant_id, f.invoice_id, f.parties_sealed, f.sha256 FROM invoice_fixed f
                 WHERE {{f}} AND f.invoice_id IN {}",
                binds.ids(portion)
            );
            for row in &self.query(&sql, &[Slot("f", "invoice_fixed")], binds.into_values()).await? {
                let of: Uuid = get(row, "invoice_id")?;
                let (seller, buyer): (Party, Party) = self.opened_whole(row, PARTIES, of)?;
                found.push(Fixed {
                    invoice: InvoiceId::from_uuid(of),
                    tenant: TenantId::from_uuid(get(row, "tenant_id")?),
                    seller,
                    buyer,
                    sha256: get(row, "sha256")?,
                });
            }
        }
        Ok(found)
    }

    async fn lines_kept(&self, invoices: &[InvoiceId]) -> Result<Vec<(InvoiceId, KeptLine)>> {
        let mut found = Vec::new();
        for portion in portions(invoices) {
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT l.invoice_id, l.line_no, l.kind, l.lease_version, l.product, l.seat_days, l.unit_price_minor,
                  l.net_minor, l.gross_minor, l.tax_rate_bp, l.explanation FROM invoice_line l WHERE {{l}} AND l.invoice_id IN {}
                 ORDER BY l.invoice_id, l.line_no",
                binds.ids(portion)
            );
            let rows = self.query(&sql, &[Slot("l", "invoice_line")], binds.into_values()).await?;
            found.extend(rows.iter().map(to_kept).collect::<Result<Vec<_>>>()?);
        }
        Ok(found)
    }
}
