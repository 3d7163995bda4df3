//! What the tax office was told of invoices. Titles and tax numbers are sealed on their way in and opened on their way out.

use async_trait::async_trait;
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_billing::fiscal::{Fapiao, FapiaoColour, Store};
use voxpark_domain::Result;
use voxpark_domain::ids::{FapiaoId, Id, InvoiceId, TenantId, UserId};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::time::Month;

use super::binds::{Binds, id};
use super::{broken, get};
use crate::db::{Slot, Tx};

const COLUMNS: &str =
    "f.tenant_id, f.fapiao_id, f.invoice_id, f.kind, f.colour, f.code, f.number, f.issued_on, f.net_minor,
  f.tax_minor, f.title_sealed, f.tax_number_sealed, f.takes_back_id, f.recorded_at, f.recorded_by";
const OF_FAPIAO: [Slot; 1] = [Slot("f", "invoice_fapiao")];
const TITLE: &str = "invoice_fapiao.title_sealed";
const TAX_NUMBER: &str = "invoice_fapiao.tax_number_sealed";
const NEW: &[&str] = &[
    "park_id",
    "tenant_id",
    "fapiao_id",
    "invoice_id",
    "kind",
    "colour",
    "code",
    "number",
    "issued_on",
    "net_minor",
    "tax_minor",
    "title_sealed",
    "tax_number_sealed",
    "takes_back_id",
    "recorded_at",
    "recorded_by",
];

impl Tx {
    fn to_fapiao(&self, row: &QueryResult) -> Result<Fapiao> {
        let (of, colour): (Uuid, String) = (get(row, "fapiao_id")?, get(row, "colour")?);
        Ok(Fapiao {
            id: FapiaoId::from_uuid(of),
            invoice: InvoiceId::from_uuid(get(row, "invoice_id")?),
            tenant: TenantId::from_uuid(get(row, "tenant_id")?),
            kind: get(row, "kind")?,
            colour: FapiaoColour::from_name(&colour).ok_or_else(|| broken("colour", &colour))?,
            code: get(row, "code")?,
            number: get(row, "number")?,
            issued_on: get(row, "issued_on")?,
            net_minor: get(row, "net_minor")?,
            tax_minor: get(row, "tax_minor")?,
            title: self.opened(row, TITLE, of, 0)?,
            tax_number: self.opened(row, TAX_NUMBER, of, 0)?,
            takes_back: get::<Option<Uuid>>(row, "takes_back_id")?.map(FapiaoId::from_uuid),
            recorded_at: get(row, "recorded_at")?,
            recorded_by: get::<Option<Uuid>>(row, "recorded_by")?.map(UserId::from_uuid),
        })
    }

    async fn fapiaos_where(&self, of: &str, binds: Binds) -> Result<Vec<Fapiao>> {
        let sql = format!("SELECT {COLUMNS} FROM invoice_fapiao f WHERE {{f}} AND {of}");
        self.query(&sql, &OF_FAPIAO, binds.into_values()).await?.iter().map(|row| self.to_fapiao(row)).collect()
    }
}

/// The condition of a month.
fn issued_in(month: Month, binds: &mut Binds) -> String {
    let (from, to) = (binds.one(month.first_day()), binds.one(month.end()));
    format!("f.issued_on >= {from} AND f.issued_on < {to}")
}

#[async_trait]
impl Store for Tx {
    async fn fapiaos_of(&self, invoices: &[InvoiceId]) -> Result<Vec<Fapiao>> {
        let mut binds = Binds::default();
        // Ids are minted in the order of time.
        let of = format!("f.invoice_id IN {} ORDER BY f.fapiao_id", binds.ids(invoices));
        self.fapiaos_where(&of, binds).await
    }

    async fn fapiaos_by_id(&self, ids: &[FapiaoId]) -> Result<Vec<Fapiao>> {
        let mut binds = Binds::default();
        let of = format!("f.fapiao_id IN {}", binds.ids(ids));
        self.fapiaos_where(&of, binds).await
    }

    async fn fapiaos(&self, month: Month, page: &PageRequest) -> Result<Page<Fapiao>> {
        let mut binds = Binds::default();
        let of = issued_in(month, &mut binds);
        let after = match page.after.as_deref().map(str::parse::<FapiaoId>) {
            None => "1 = 1".to_owned(),
            Some(Err(_)) => "1 = 0".to_owned(),
            Some(Ok(last)) => format!("f.fapiao_id > {}", binds.one(last.uuid())),
        };
        let of = format!("{of} AND {after} ORDER BY f.fapiao_id LIMIT {}", u64::from(page.first) + 1);
        let rows = self.fapiaos_where(&of, binds).await?;
        Ok(Page::from_rows(page, rows.into_iter().map(|one| (one.id.to_string(), one)).collect()))
    }

    async fn fapiaos_count(&self, month: Month) -> Result<i64> {
        let mut binds = Binds::default();
        let of = issued_in(month, &mut binds);
        let sql = format!("SELECT COUNT(*) AS n FROM invoice_fapiao f WHERE {{f}} AND {of}");
        let row = self.query_one(&sql, &OF_FAPIAO, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn fapiao_known(&self, code: &str, number: &str) -> Result<bool> {
        self.hold(format!("fapiao {} {code} {number}", self.park_id()?)).await?;
        let sql = "SELECT 1 AS one FROM invoice_fapiao f WHERE {f} AND f.code = $1 AND f.number = $2";
        Ok(self.query_one(sql, &OF_FAPIAO, vec![code.into(), number.into()]).await?.is_some())
    }

    async fn fapiao_add(&self, fapiao: &Fapiao) -> Result<()> {
        let of = fapiao.id.uuid();
        let row = vec![
            self.park_id()?.into(),
            id(fapiao.tenant),
            of.into(),
            id(fapiao.invoice),
            fapiao.kind.as_str().into(),
            fapiao.colour.name().into(),
            fapiao.code.as_str().into(),
            fapiao.number.as_str().into(),
            fapiao.issued_on.into(),
            fapiao.net_minor.into(),
            fapiao.tax_minor.into(),
            self.sealed(TITLE, of, 0, &fapiao.title)?.into(),
            self.sealed(TAX_NUMBER, of, 0, &fapiao.tax_number)?.into(),
            fapiao.takes_back.map(Id::uuid).into(),
            fapiao.recorded_at.into(),
            fapiao.recorded_by.map(Id::uuid).into(),
        ];
        self.add_rows("invoice_fapiao", NEW, vec![row]).await
    }
}
