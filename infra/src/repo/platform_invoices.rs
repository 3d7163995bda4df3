//! What the operator charges parks by, platform invoices and their payments.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_billing::invoicing::{PaymentTerms, Voided};
use voxpark_billing::parties::Party;
use voxpark_billing::platform_invoices::{PlatformInvoice, PlatformPayment, PlatformTerms, Store};
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::ids::{Id, ParkId, PlatformInvoiceId, PlatformPaymentId, UserId};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::permission::Role;
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id};
use super::estate::product;
use super::floor_plans::sha256;
use super::invoicing::{currency, small, tax_rate};
use super::price_books::read;
use super::{NEVER, broken, get};
use crate::db::{Slot, Tx, fail};

const INVOICE: [Slot; 2] = [Slot("i", "platform_invoice"), Slot("p", "platform_payment")];
const PARTIES: &str = "platform_invoice.parties_sealed";
const COLUMNS: &str =
    "i.park_id, i.invoice_id, i.number, i.month, i.terms_version, i.currency, i.net_minor, i.tax_minor, i.total_minor,
 i.said, i.parties_sealed, i.sha256, i.known_at, i.issued_at, i.due_on, i.voided_at, i.void_reason,
 COALESCE((SELECT CAST(SUM(p.amount_minor) AS bigint) FROM platform_payment p
  WHERE {p} AND p.park_id = i.park_id AND p.invoice_id = i.invoice_id), 0) AS paid_minor";

/// Allocations as they were known, each with the product and the end of its lease where it was not released; of a seat that is
/// held twice with one product, for a shift each, the days of both as one run; and where runs begin and end. `$1` is when it
/// was known, `$2` and `$3` are the first day and the day after the last one.
const CHANGES: &str = "WITH facts AS (
  SELECT l.tenant_id, l.lease_id, l.allocation_id, l.seat_id, l.kind, l.effective_on,
   ROW_NUMBER() OVER (PARTITION BY l.allocation_id, l.kind ORDER BY l.recorded_at DESC, l.entry_id DESC) AS newest
  FROM seat_ledger l WHERE {l} AND l.recorded_at <= $1),
 terms AS (
  SELECT v.tenant_id, v.lease_id, v.product, v.term_to, ROW_NUMBER() OVER (PARTITION BY v.lease_id ORDER BY v.version DESC) AS newest
  FROM lease_version v WHERE {v} AND v.recorded_at <= $1),
 held AS (
  SELECT f.tenant_id, f.lease_id, f.seat_id, MIN(CASE WHEN f.kind = 'allocate' THEN f.effective_on END) AS held_from,
   MIN(CASE WHEN f.kind = 'release' THEN f.effective_on END) AS held_to
  FROM facts f WHERE f.newest = 1 GROUP BY f.tenant_id, f.lease_id, f.allocation_id, f.seat_id
  HAVING SUM(CASE WHEN f.kind = 'reverse' THEN 1 ELSE 0 END) = 0),
 ended AS (
  SELECT t.product, h.seat_id, h.held_from, COALESCE(h.held_to, t.term_to) AS held_to
  FROM held h JOIN terms t ON t.tenant_id = h.tenant_id AND t.lease_id = h.lease_id AND t.newest = 1),
 spans AS (
  SELECT e.product, e.seat_id, CASE WHEN e.held_from < $2 THEN $2 ELSE e.held_from END AS since,
   CASE WHEN e.held_to > $3 THEN $3 ELSE e.held_to END AS till
  FROM ended e WHERE e.held_from < e.held_to AND e.held_from < $3 AND e.held_to > $2),
 marked AS (
  SELECT s.product, s.seat_id, s.since, s.till, MAX(s.till) OVER (PARTITION BY s.product, s.seat_id ORDER BY s.since, s.till
   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached FROM spans s),
 numbered AS (
  SELECT m.product, m.seat_id, m.since, m.till, SUM(CASE WHEN m.reached IS NULL OR m.since > m.reached THEN 1 ELSE 0 END)
   OVER (PARTITION BY m.product, m.seat_id ORDER BY m.since, m.till) AS run FROM marked m),
 runs AS (
  SELECT n.product, MIN(n.since) AS since, MAX(n.till) AS till FROM numbered n GROUP BY n.product, n.seat_id, n.run),
 steps AS (
  SELECT r.product, r.since AS day, COUNT(*) AS seats FROM runs r GROUP BY r.product, r.since
  UNION ALL
  SELECT r.product, r.till, -COUNT(*) FROM runs r WHERE r.till < $3 GROUP BY r.product, r.till)
 SELECT x.product, x.day, CAST(SUM(x.seats) AS bigint) AS change FROM steps x GROUP BY x.product, x.day
 HAVING SUM(x.seats) <> 0 ORDER BY x.product, x.day";

fn to_terms(row: &QueryResult) -> Result<PlatformTerms> {
    let text: String = get(row, "file_text")?;
    let days: i64 = get(row, "payment_days")?;
    Ok(PlatformTerms {
        version: small("version", get(row, "version")?)?,
        from: Month::of(get(row, "from_month")?),
        book: read(&text)?,
        text,
        sha256: sha256(get(row, "sha256")?)?,
        tax: tax_rate(get(row, "tax_rate_bp")?)?,
        payment: PaymentTerms::net_days(days).map_err(|_| broken("payment days", &days.to_string()))?,
        recorded_at: get(row, "recorded_at")?,
    })
}

impl Tx {
    fn to_platform_invoice(&self, row: &QueryResult) -> Result<PlatformInvoice> {
        let of: Uuid = get(row, "invoice_id")?;
        let number: String = get(row, "number")?;
        let kept: serde_json::Value = get(row, "said")?;
        let (seller, buyer): (Party, Party) = self.opened_whole(row, PARTIES, of)?;
        Ok(PlatformInvoice {
            id: PlatformInvoiceId::from_uuid(of),
            park: ParkId::from_uuid(get(row, "park_id")?),
            number: number.parse().map_err(|_| broken("invoice number", &number))?,
            month: Month::of(get(row, "month")?),
            terms: small("version", get(row, "terms_version")?)?,
            currency: currency(&get::<String>(row, "currency")?)?,
            net_minor: get(row, "net_minor")?,
            tax_minor: get(row, "tax_minor")?,
            total_minor: get(row, "total_minor")?,
            issued_at: get(row, "issued_at")?,
            due_on: get(row, "due_on")?,
            known_at: get(row, "known_at")?,
            body: serde_json::from_value(kept.clone()).map_err(Error::internal)?,
            kept,
            seller,
            buyer,
            sha256: get(row, "sha256")?,
            paid_minor: get(row, "paid_minor")?,
            voided: match get(row, "voided_at")? {
                Some(at) => Some(Voided { at, reason: get(row, "void_reason")? }),
                None => None,
            },
        })
    }

    async fn platform_invoices_where(&self, of: &str, binds: Binds) -> Result<Vec<PlatformInvoice>> {
        let sql = format!("SELECT {COLUMNS} FROM platform_invoice i WHERE {{i}} AND {of}");
        let rows = self.query(&sql, &INVOICE, binds.into_values()).await?;
        rows.iter().map(|row| self.to_platform_invoice(row)).collect()
    }
}

#[async_trait]
impl Store for Tx {
    async fn leased_changes(
        &self,
        within: Period,
        known_at: DateTime<Utc>,
    ) -> Result<Vec<(SeatProduct, NaiveDate, i64)>> {
        let slots = [Slot("l", "seat_ledger"), Slot("v", "lease_version")];
        let values = vec![known_at.into(), within.from.into(), within.to.unwrap_or(NEVER).into()];
        let rows = self.query(CHANGES, &slots, values).await?;
        let change =
            |row: &QueryResult| Ok((product(&get::<String>(row, "product")?)?, get(row, "day")?, get(row, "change")?));
        let mut changes = rows.iter().map(change).collect::<Result<Vec<_>>>()?;
        // The words of products have another order than products.
        changes.sort_by_key(|(product, day, _)| (*product, *day));
        Ok(changes)
    }

    async fn platform_terms(&self, park: ParkId) -> Result<Vec<PlatformTerms>> {
        let sql = "SELECT t.version, t.from_month, t.file_text, t.sha256, t.tax_rate_bp, t.payment_days, t.recorded_at
             FROM platform_terms t WHERE {t} AND t.park_id = $1 ORDER BY t.version";
        let rows = self.query(sql, &[Slot("t", "platform_terms")], vec![id(park)]).await?;
        rows.iter().map(to_terms).collect()
    }

    async fn platform_terms_add(&self, park: ParkId, terms: &PlatformTerms) -> Result<()> {
        let row = vec![
            id(park),
            i64::from(terms.version).into(),
            terms.from.first_day().into(),
            terms.text.as_str().into(),
            terms.sha256.to_vec().into(),
            terms.book.currency.code().into(),
            i64::from(terms.tax.basis_points()).into(),
            i64::from(terms.payment.days()).into(),
            terms.recorded_at.into(),
        ];
        let columns = [
            "park_id",
            "version",
            "from_month",
            "file_text",
            "sha256",
            "currency",
            "tax_rate_bp",
            "payment_days",
            "recorded_at",
        ];
        self.add_rows("platform_terms", &columns, vec![row]).await
    }

    async fn platform_hold(&self, park: ParkId) -> Result<()> {
        self.hold(format!("platform-invoices/{}", park.uuid())).await
    }

    async fn platform_number_take(&self, series: &str, year: i32) -> Result<u32> {
        // One statement: the row is locked from here to the end of the transaction, whether it was there or not.
        let sql = "INSERT INTO platform_series AS s (series, year, next_number) VALUES ($1, $2, 2)
             ON CONFLICT (series, year) DO UPDATE SET next_number = s.next_number + 1 WHERE {s} RETURNING next_number - 1 AS number";
        let values = vec![series.into(), i64::from(year).into()];
        let row = self.query_one(sql, &[Slot("s", "platform_series")], values).await?;
        let row = row.ok_or_else(|| Error::internal("no number was given"))?;
        small("invoice number", get(&row, "number")?)
    }

    async fn platform_invoice_add(&self, new: &PlatformInvoice) -> Result<()> {
        let row = vec![
            id(new.park),
            id(new.id),
            new.number.to_string().into(),
            new.month.first_day().into(),
            i64::from(new.terms).into(),
            new.currency.code().into(),
            new.net_minor.into(),
            new.tax_minor.into(),
            new.total_minor.into(),
            new.kept.clone().into(),
            self.sealed_whole(PARTIES, new.id.uuid(), &(&new.seller, &new.buyer))?,
            new.sha256.clone().into(),
            new.known_at.into(),
            new.issued_at.into(),
            new.due_on.into(),
        ];
        let columns = [
            "park_id",
            "invoice_id",
            "number",
            "month",
            "terms_version",
            "currency",
            "net_minor",
            "tax_minor",
            "total_minor",
            "said",
            "parties_sealed",
            "sha256",
            "known_at",
            "issued_at",
            "due_on",
        ];
        self.add_rows("platform_invoice", &columns, vec![row]).await
    }

    async fn platform_invoice_void(&self, of: &PlatformInvoice, voided: &Voided) -> Result<()> {
        let sql = "UPDATE platform_invoice AS i SET voided_at = $1, void_reason = $2
             WHERE {i} AND i.park_id = $3 AND i.invoice_id = $4 AND i.voided_at IS NULL";
        let values = vec![voided.at.into(), voided.reason.as_str().into(), id(of.park), id(of.id)];
        self.execute(sql, &[INVOICE[0]], values).await.map(drop).map_err(fail)
    }

    async fn platform_payment_add(&self, park: ParkId, payment: &PlatformPayment) -> Result<()> {
        let row = vec![
            id(park),
            id(payment.id),
            id(payment.invoice),
            payment.amount_minor.into(),
            payment.paid_on.into(),
            payment.reference.as_str().into(),
            payment.recorded_at.into(),
        ];
        let columns = ["park_id", "payment_id", "invoice_id", "amount_minor", "paid_on", "reference", "recorded_at"];
        self.add_rows("platform_payment", &columns, vec![row]).await
    }

    async fn platform_invoices_of(&self, park: ParkId) -> Result<Vec<PlatformInvoice>> {
        let mut binds = Binds::default();
        let of = format!("i.park_id = {} ORDER BY i.number", binds.one(park.uuid()));
        self.platform_invoices_where(&of, binds).await
    }

    async fn platform_invoice_numbered(&self, number: &str) -> Result<Option<PlatformInvoice>> {
        let mut binds = Binds::default();
        let of = format!("i.number = {}", binds.one(number));
        Ok(self.platform_invoices_where(&of, binds).await?.pop())
    }

    async fn platform_invoices(&self, page: &PageRequest) -> Result<Page<PlatformInvoice>> {
        let mut binds = Binds::default();
        // Numbers are as long as one another, so as texts they follow the order in which they were given.
        let after = match page.after.as_deref() {
            None => "1 = 1".to_owned(),
            Some(last) => format!("i.number < {}", binds.one(last)),
        };
        let of = format!("{after} ORDER BY i.number DESC LIMIT {}", u64::from(page.first) + 1);
        let found = self.platform_invoices_where(&of, binds).await?;
        Ok(Page::from_rows(page, found.into_iter().map(|invoice| (invoice.number.to_string(), invoice)).collect()))
    }

    async fn platform_invoices_count(&self) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM platform_invoice i WHERE {i}";
        self.query_one(sql, &[INVOICE[0]], Vec::new()).await?.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn platform_invoices_by_id(&self, ids: &[PlatformInvoiceId]) -> Result<Vec<PlatformInvoice>> {
        let mut binds = Binds::default();
        let of = format!("i.invoice_id IN {}", binds.ids(ids));
        self.platform_invoices_where(&of, binds).await
    }

    async fn platform_payments_of(&self, ids: &[PlatformInvoiceId]) -> Result<Vec<PlatformPayment>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT p.payment_id, p.invoice_id, p.amount_minor, p.paid_on, p.reference, p.recorded_at FROM platform_payment p
             WHERE {{p}} AND p.invoice_id IN {} ORDER BY p.recorded_at, p.payment_id",
            binds.ids(ids)
        );
        let rows = self.query(&sql, &[INVOICE[1]], binds.into_values()).await?;
        let payment = |row: &QueryResult| {
            Ok(PlatformPayment {
                id: PlatformPaymentId::from_uuid(get(row, "payment_id")?),
                invoice: PlatformInvoiceId::from_uuid(get(row, "invoice_id")?),
                amount_minor: get(row, "amount_minor")?,
                paid_on: get(row, "paid_on")?,
                reference: get(row, "reference")?,
                recorded_at: get(row, "recorded_at")?,
            })
        };
        rows.iter().map(payment).collect()
    }

    async fn platform_told(&self, park: ParkId, today: NaiveDate) -> Result<Vec<UserId>> {
        let sql = "SELECT DISTINCT m.user_id FROM park_member m WHERE {m} AND m.park_id = $1 AND m.role = $2
              AND m.valid_from <= $3 AND (m.valid_to IS NULL OR m.valid_to > $3) ORDER BY m.user_id";
        let values = vec![id(park), Role::ParkFinance.name().into(), today.into()];
        let rows = self.query(sql, &[Slot("m", "park_member")], values).await?;
        rows.iter().map(|row| get(row, "user_id").map(UserId::from_uuid)).collect()
    }
}
