//! Invoices, payments and what they are priced from.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, FromQueryResult as _, QueryFilter, QueryOrder, QueryResult, Set, Value};
use voxpark_billing::invoicing::{
    DueState, Holding, InvoiceBody, InvoiceFilter, InvoiceLine, InvoiceNumber, InvoiceSort, IssuedInvoice, KnownMonth,
    MonthTotals, PaymentRecord, RecordedSeat, Store, Voided, WriteOff,
};
use voxpark_billing::pricing::{LineKind, RatedLine, TaxRate};
use voxpark_domain::ids::{AllocationId, Id, InvoiceId, LeaseId, PaymentId, SeatId, TenantId, UserId};
use voxpark_domain::leasing::FULL_DAY;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Error, Result};

use crate::db::{Slot, Tx, fail};
use crate::entity::{invoice, invoice_line, payment};
use crate::repo::binds::{Binds, id, inserts};
use crate::repo::estate::product;
use crate::repo::leasing::to_version;
use crate::repo::ledger::{FOLD_SLOTS, fold};
use crate::repo::sorted::{Key, Sorted};
use crate::repo::{broken, get};

pub(crate) fn currency(code: &str) -> Result<Currency> {
    Currency::parse(code).map_err(|_| broken("currency", code))
}

pub(super) fn tax_rate(basis_points: i64) -> Result<TaxRate> {
    let rate = u32::try_from(basis_points).ok().and_then(|bp| TaxRate::new(bp).ok());
    rate.ok_or_else(|| broken("tax rate", &basis_points.to_string()))
}

pub(super) fn small(what: &str, value: i64) -> Result<u32> {
    u32::try_from(value).map_err(|_| broken(what, &value.to_string()))
}

fn to_line(row: invoice_line::Model) -> Result<(InvoiceId, i64, InvoiceLine)> {
    let explanation: voxpark_billing::pricing::Explanation =
        serde_json::from_value(row.explanation).map_err(Error::internal)?;
    let rated = RatedLine {
        kind: LineKind::from_name(&row.kind).ok_or_else(|| broken("line kind", &row.kind))?,
        lease_version: row.lease_version,
        product: product(&row.product)?,
        unit: Money::new(row.unit_price_minor, explanation.unit.currency),
        vat: tax_rate(row.tax_rate_bp)?,
        seat_days: row.seat_days,
        amount_minor: row.gross_minor.unwrap_or(row.net_minor),
        explanation,
    };
    Ok((
        InvoiceId::from_uuid(row.invoice_id),
        row.line_no,
        InvoiceLine { rated, net_minor: row.net_minor, tax_included: row.gross_minor.is_some() },
    ))
}

pub(super) fn to_payment(row: payment::Model) -> Result<PaymentRecord> {
    Ok(PaymentRecord {
        id: PaymentId::from_uuid(row.payment_id),
        invoice: row.invoice_id.map(InvoiceId::from_uuid),
        tenant: TenantId::from_uuid(row.tenant_id),
        amount: Money::new(row.amount_minor, currency(&row.currency)?),
        paid_on: row.paid_on,
        method: row.method,
        reference: row.reference,
        recorded_at: row.recorded_at,
        recorded_by: row.recorded_by.map(UserId::from_uuid),
    })
}

pub(super) fn to_invoice(row: &QueryResult) -> Result<IssuedInvoice> {
    let number: String = get(row, "number")?;
    Ok(IssuedInvoice {
        id: InvoiceId::from_uuid(get(row, "invoice_id")?),
        tenant: TenantId::from_uuid(get(row, "tenant_id")?),
        lease: LeaseId::from_uuid(get(row, "lease_id")?),
        number: number.parse().map_err(|_| broken("invoice number", &number))?,
        period: Period { from: get(row, "period_from")?, to: Some(get(row, "period_to")?) },
        currency: currency(&get::<String>(row, "currency")?)?,
        net_minor: get(row, "net_minor")?,
        tax_minor: get(row, "tax_minor")?,
        total_minor: get(row, "total_minor")?,
        paid_minor: get(row, "paid_minor")?,
        credited_minor: get(row, "credited_minor")?,
        given_up_minor: get(row, "given_up_minor")?,
        issued_at: get(row, "issued_at")?,
        due_on: get(row, "due_on")?,
        known_at: get(row, "known_at")?,
        brings_up: get(row, "brings_up")?,
        voided: match get(row, "voided_at")? {
            Some(at) => Some(Voided { at, reason: get(row, "void_reason")? }),
            None => None,
        },
    })
}

/// What is stored of an invoice when it is issued.
const HEAD: &[&str] = &[
    "park_id",
    "tenant_id",
    "invoice_id",
    "number",
    "lease_id",
    "period_from",
    "period_to",
    "currency",
    "net_minor",
    "tax_minor",
    "total_minor",
    "issued_at",
    "issued_by",
    "due_on",
    "known_at",
    "brings_up",
    "void_reason",
];

/// What is stored of each of its lines.
const LINE: &[&str] = &[
    "park_id",
    "tenant_id",
    "invoice_id",
    "line_no",
    "kind",
    "lease_version",
    "product",
    "seat_days",
    "unit_price_minor",
    "net_minor",
    "gross_minor",
    "tax_rate_bp",
    "explanation",
];

/// What is stored of each month that it corrects.
const CORRECTION: &[&str] = &["park_id", "tenant_id", "invoice_id", "lease_id", "month", "net_minor"];

/// The months that an invoice corrects, with what the lines for each come to before tax.
fn corrected(body: &InvoiceBody) -> BTreeMap<Month, i64> {
    let mut months = BTreeMap::new();
    for line in body.lines.iter().filter(|line| line.rated.explanation.correction.is_some()) {
        let sum: &mut i64 = months.entry(Month::of(line.rated.explanation.period.from)).or_default();
        *sum = sum.saturating_add(line.net_minor);
    }
    months
}

/// The tables of [`WITH_PAID`].
pub(super) const PAID_SLOTS: [Slot; 4] =
    [Slot("i", "invoice"), Slot("p", "payment_act"), Slot("c", "credit_note"), Slot("wo", "invoice_write_off")];

/// Invoices with the sum of what pays them less what went back, and of their credit notes.
pub(super) const WITH_PAID: &str =
    "SELECT i.park_id, i.invoice_id, i.tenant_id, i.lease_id, i.number, i.period_from, i.period_to, i.currency,
  i.net_minor, i.tax_minor, i.total_minor, i.issued_at, i.due_on, i.known_at, i.brings_up, i.voided_at, i.void_reason,
  COALESCE((SELECT CAST(SUM(CASE WHEN p.step = 'applied' THEN p.amount_minor ELSE -p.amount_minor END) AS bigint)
   FROM payment_act p WHERE {p} AND p.park_id = i.park_id AND p.tenant_id = i.tenant_id AND p.invoice_id = i.invoice_id), 0) - COALESCE(c.returned, 0) AS paid_minor,
  COALESCE(c.net, 0) AS credited_net, COALESCE(c.total, 0) AS credited_minor,
  COALESCE((SELECT CAST(SUM(CASE WHEN wo.step = 'written_off' THEN wo.amount_minor ELSE -wo.amount_minor END) AS bigint)
   FROM invoice_write_off wo WHERE {wo} AND wo.park_id = i.park_id AND wo.tenant_id = i.tenant_id AND wo.invoice_id = i.invoice_id), 0) AS given_up_minor
 FROM invoice i LEFT JOIN (SELECT c.park_id, c.tenant_id, c.invoice_id, CAST(SUM(c.net_minor) AS bigint) AS net,
   CAST(SUM(c.total_minor) AS bigint) AS total, CAST(SUM(c.returned_minor) AS bigint) AS returned
   FROM credit_note c WHERE {c} GROUP BY c.park_id, c.tenant_id, c.invoice_id) c
  ON c.park_id = i.park_id AND c.tenant_id = i.tenant_id AND c.invoice_id = i.invoice_id
 WHERE {i}";

/// A list of invoices: `WITH_PAID` narrowed, as a table `x`, and the condition on it.
struct Narrowed {
    table: String,
    condition: &'static str,
    values: Vec<Value>,
}

impl Narrowed {
    fn of(filter: &InvoiceFilter, today: NaiveDate) -> Self {
        Self::of_tenants(filter.tenant.as_slice(), filter, today)
    }
    /// Of these tenants whatever the filter says, or of all when there are none.
    fn of_tenants(tenants: &[TenantId], filter: &InvoiceFilter, today: NaiveDate) -> Self {
        let mut table = WITH_PAID.to_owned();
        let mut values: Vec<Value> = Vec::new();
        let mut narrow = |column: &str, value: Value| {
            values.push(value);
            let _ = write!(table, " AND i.{column} = ${}", values.len());
        };
        if let Some(month) = filter.month {
            narrow("period_from", month.first_day().into());
        }
        if !tenants.is_empty() {
            let places: Vec<String> = (1..=tenants.len()).map(|n| format!("${}", values.len() + n)).collect();
            values.extend(tenants.iter().map(|tenant| Value::from(tenant.uuid())));
            let _ = write!(table, " AND i.tenant_id IN ({})", places.join(", "));
        }
        // `today` is bound where it is asked for only: an unused bind has no type on PostgreSQL.
        let condition = match filter.state {
            None => "1 = 1",
            Some(DueState::Void) => "x.voided_at IS NOT NULL",
            Some(DueState::Uncollectible) => {
                "x.voided_at IS NULL AND x.given_up_minor > 0 AND x.total_minor - x.credited_minor - x.given_up_minor <= x.paid_minor"
            }
            Some(DueState::Paid) => {
                "x.voided_at IS NULL AND x.given_up_minor = 0 AND x.total_minor - x.credited_minor <= x.paid_minor"
            }
            Some(state) => {
                values.push(today.into());
                match state {
                    DueState::Overdue => {
                        "x.voided_at IS NULL AND x.total_minor - x.credited_minor - x.given_up_minor > x.paid_minor AND x.due_on < {today}"
                    }
                    DueState::Unpaid => {
                        "x.voided_at IS NULL AND x.total_minor - x.credited_minor - x.given_up_minor > x.paid_minor AND x.paid_minor = 0 AND x.due_on >= {today}"
                    }
                    _ => {
                        "x.voided_at IS NULL AND x.total_minor - x.credited_minor - x.given_up_minor > x.paid_minor AND x.paid_minor > 0 AND x.due_on >= {today}"
                    }
                }
            }
        };
        Self { table, condition, values }
    }
    fn sql(&self, columns: &str) -> String {
        format!("SELECT {columns} {}", self.rest(""))
    }
    /// From `FROM` on.
    fn rest(&self, joined: &str) -> String {
        let condition = self.condition.replace("{today}", &format!("${}", self.values.len()));
        format!("FROM ({}) x{joined} WHERE {condition}", self.table)
    }
}

/// What is asked for as rows of values (`n, lease_id, since, till, known_at`), `since` a day before the month; and the values. The number of the row is the first of them.
pub(super) fn rows_of(asked: &[KnownMonth]) -> (String, Vec<Value>) {
    let (mut rows, mut values): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
    for (n, ask) in (0_i64..).zip(asked) {
        let at = values.len();
        rows.push(format!("(${}, ${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4, at + 5));
        values.extend([
            Value::from(n),
            ask.lease.uuid().into(),
            // What ends as the month begins may have been moved.
            ask.month.first_day().pred_opt().unwrap_or(NaiveDate::MIN).into(),
            ask.month.end().into(),
            ask.known_at.into(),
        ]);
    }
    (format!("VALUES {}", rows.join(", ")), values)
}

#[async_trait]
impl Store for Tx {
    async fn holdings(&self, asked: &[KnownMonth]) -> Result<Vec<(KnownMonth, Holding)>> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let (rows, values) = rows_of(asked);
        let mut found: Vec<Option<Holding>> = vec![None; asked.len()];
        let versions = format!(
            "WITH asked (n, lease_id, since, till, known_at) AS ({rows})
             SELECT k.n, e.tenant_id, v.version, v.in_force_from, v.term_from, v.term_to, v.product, v.unit_price_minor,
              v.currency, v.tax_rate_bp, v.proration, v.rent_free, v.price_steps, v.price_book, v.price_book_version, v.deposit_minor, v.payment_days, v.clauses,
              v.reason, v.recorded_at
             FROM asked k JOIN lease e ON e.lease_id = k.lease_id
             LEFT JOIN lease_version v ON v.park_id = e.park_id AND v.tenant_id = e.tenant_id AND v.lease_id = e.lease_id
              AND v.recorded_at <= k.known_at AND {{v}}
             WHERE {{e}} ORDER BY k.n, v.version"
        );
        let slots = [Slot("e", "lease"), Slot("v", "lease_version")];
        let place = |row: &QueryResult| usize::try_from(get::<i64>(row, "n")?).map_err(Error::internal);
        for row in self.query(&versions, &slots, values.clone()).await? {
            let Some(slot) = found.get_mut(place(&row)?) else { continue };
            let tenant = TenantId::from_uuid(get(&row, "tenant_id")?);
            let holding = slot.get_or_insert_with(|| Holding {
                tenant,
                versions: Vec::new(),
                seats: Vec::new(),
                books: Vec::new(),
                usage: Vec::new(),
                zones: HashMap::new(),
            });
            if get::<Option<i64>>(&row, "version")?.is_some() {
                holding.versions.push(to_version(&row)?);
            }
        }
        let named = found.iter().flatten().flat_map(Holding::named).collect();
        let books = self.price_books_agreed(&named).await?;
        found.iter_mut().flatten().for_each(|holding| holding.take(&books));
        let seats = fold(&rows)
            + " SELECT h.n, h.allocation_id, h.seat_id, h.held_from, h.held_to FROM held h ORDER BY h.n, h.allocation_id";
        for row in self.query(&seats, &FOLD_SLOTS, values).await? {
            let Some(Some(holding)) = found.get_mut(place(&row)?) else { continue };
            holding.seats.push(RecordedSeat {
                allocation: AllocationId::from_uuid(get(&row, "allocation_id")?),
                seat: SeatId::from_uuid(get(&row, "seat_id")?),
                shift: FULL_DAY,
                from: get(&row, "held_from")?,
                to: get(&row, "held_to")?,
            });
        }
        let mut found: Vec<(KnownMonth, Holding)> =
            asked.iter().copied().zip(found).filter_map(|(ask, holding)| Some((ask, holding?))).collect();
        self.books_ask(&mut found).await?;
        Ok(found)
    }

    async fn books_ask(&self, found: &mut [(KnownMonth, Holding)]) -> Result<()> {
        self.shifts_asked(found).await?;
        self.usage_asked(found).await?;
        self.zones_asked(found).await
    }

    async fn leases_held(&self, month: Month) -> Result<Vec<LeaseId>> {
        let sql = "SELECT l.lease_id FROM lease l JOIN tenant t ON t.park_id = l.park_id AND t.tenant_id = l.tenant_id
             WHERE {l} AND {t} AND (EXISTS (SELECT 1 FROM allocation a WHERE {a} AND a.park_id = l.park_id
              AND a.tenant_id = l.tenant_id AND a.lease_id = l.lease_id AND a.held_from < $2 AND a.held_to > $1)
              OR EXISTS (SELECT 1 FROM lease_version v WHERE {v} AND v.park_id = l.park_id AND v.tenant_id = l.tenant_id
               AND v.lease_id = l.lease_id AND v.term_from < $2 AND v.term_to > $1 AND v.minimum_spend)
              OR EXISTS (SELECT 1 FROM seat_ledger g WHERE {g} AND g.park_id = l.park_id AND g.tenant_id = l.tenant_id AND g.lease_id = l.lease_id
               AND g.recorded_at > (SELECT MAX(i.known_at) FROM invoice i WHERE {i} AND i.park_id = l.park_id AND i.tenant_id = l.tenant_id
                AND i.lease_id = l.lease_id AND i.voided_at IS NULL AND i.period_from < $1))
              OR EXISTS (SELECT 1 FROM lease_usage u WHERE {u} AND u.park_id = l.park_id AND u.tenant_id = l.tenant_id AND u.lease_id = l.lease_id
               AND (u.month = $1 OR u.recorded_at > (SELECT MAX(i.known_at) FROM invoice i WHERE {i} AND i.park_id = l.park_id AND i.tenant_id = l.tenant_id
                AND i.lease_id = l.lease_id AND i.voided_at IS NULL AND i.period_from < $1)))
              OR EXISTS (SELECT 1 FROM lease_version b WHERE {b} AND b.park_id = l.park_id AND b.tenant_id = l.tenant_id AND b.lease_id = l.lease_id
               AND b.price_book IS NOT NULL) AND EXISTS (SELECT 1 FROM seat_ledger r WHERE {r} AND r.park_id = l.park_id AND r.tenant_id = l.tenant_id
               AND r.lease_id = l.lease_id AND r.kind = 'allocate' AND (SELECT MAX(i.known_at) FROM invoice i WHERE {i} AND i.park_id = l.park_id
                AND i.tenant_id = l.tenant_id AND i.lease_id = l.lease_id AND i.voided_at IS NULL AND i.period_from < $1) < (SELECT MAX(m.recorded_at) FROM (
                 SELECT p.recorded_at FROM seat_place p WHERE {p} AND p.park_id = r.park_id AND p.seat_id = r.seat_id
                 UNION ALL SELECT z.recorded_at FROM zone_name z WHERE {z} AND z.park_id = r.park_id AND z.zone_id IN (
                  SELECT s.zone_id FROM seat s WHERE {s} AND s.park_id = r.park_id AND s.seat_id = r.seat_id
                  UNION ALL SELECT p.zone_id FROM seat_place p WHERE {p} AND p.park_id = r.park_id AND p.seat_id = r.seat_id)) m))
              OR EXISTS (SELECT 1 FROM lease_version n WHERE {n} AND n.park_id = l.park_id AND n.tenant_id = l.tenant_id AND n.lease_id = l.lease_id
               AND n.recorded_at > (SELECT MAX(i.known_at) FROM invoice i WHERE {i} AND i.park_id = l.park_id AND i.tenant_id = l.tenant_id
                AND i.lease_id = l.lease_id AND i.voided_at IS NULL AND i.period_from < $1)))
             ORDER BY t.code, l.code";
        let slots = [
            Slot("l", "lease"),
            Slot("t", "tenant"),
            Slot("a", "allocation"),
            Slot("v", "lease_version"),
            Slot("g", "seat_ledger"),
            Slot("u", "lease_usage"),
            Slot("n", "lease_version"),
            Slot("i", "invoice"),
            Slot("b", "lease_version"),
            Slot("r", "seat_ledger"),
            Slot("p", "seat_place"),
            Slot("z", "zone_name"),
            Slot("s", "seat"),
        ];
        let rows = self.query(sql, &slots, vec![month.first_day().into(), month.end().into()]).await?;
        rows.iter().map(|r| Ok(LeaseId::from_uuid(get(r, "lease_id")?))).collect()
    }

    async fn invoices_of(&self, leases: &[LeaseId], month: Month) -> Result<Vec<(LeaseId, InvoiceNumber)>> {
        let rows = self
            .select::<invoice::Entity>()?
            .filter(invoice::Column::LeaseId.is_in(leases.iter().map(|i| i.uuid())))
            .filter(invoice::Column::PeriodFrom.eq(month.first_day()))
            .filter(invoice::Column::VoidedAt.is_null())
            .all(self.conn())
            .await
            .map_err(fail)?;
        let number = |r: invoice::Model| {
            let number = r.number.parse().map_err(|_| broken("invoice number", &r.number))?;
            Ok((LeaseId::from_uuid(r.lease_id), number))
        };
        rows.into_iter().map(number).collect()
    }

    async fn numbers_take(&self, series: &str, year: i32, count: u32) -> Result<u32> {
        // One statement: the row is locked from here to the end of the transaction, whether it was there or not.
        let row = self
            .query_one(
                "INSERT INTO invoice_series AS s (park_id, series, year, next_number) VALUES ($1, $2, $3, $4 + 1)
                 ON CONFLICT (park_id, series, year) DO UPDATE SET next_number = s.next_number + $4 WHERE {s}
                 RETURNING next_number - $4 AS number",
                &[Slot("s", "invoice_series")],
                vec![self.park_id()?.into(), series.into(), i64::from(year).into(), i64::from(count).into()],
            )
            .await?;
        let row = row.ok_or_else(|| Error::internal("no number was given"))?;
        small("invoice number", get(&row, "number")?)
    }

    async fn invoices_add(&self, new: &[(IssuedInvoice, InvoiceBody)], by: Option<UserId>) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let (mut heads, mut lines, mut corrections) = (Vec::with_capacity(new.len()), Vec::new(), Vec::new());
        for (new, body) in new {
            let to = new.period.to.ok_or_else(|| Error::internal("an invoice without an end"))?;
            heads.push(vec![
                park.clone(),
                id(new.tenant),
                id(new.id),
                new.number.to_string().into(),
                id(new.lease),
                new.period.from.into(),
                to.into(),
                new.currency.code().into(),
                new.net_minor.into(),
                new.tax_minor.into(),
                new.total_minor.into(),
                new.issued_at.into(),
                by.map(Id::uuid).into(),
                new.due_on.into(),
                new.known_at.into(),
                new.brings_up.into(),
                "".into(),
            ]);
            for (month, net_minor) in corrected(body) {
                let (lease, month) = (id(new.lease), month.first_day().into());
                corrections.push(vec![park.clone(), id(new.tenant), id(new.id), lease, month, net_minor.into()]);
            }
            for (line_no, line) in (1_i64..).zip(&body.lines) {
                lines.push(vec![
                    park.clone(),
                    id(new.tenant),
                    id(new.id),
                    line_no.into(),
                    line.rated.kind.name().into(),
                    line.rated.lease_version.into(),
                    line.rated.product.name().into(),
                    line.rated.seat_days.into(),
                    line.rated.unit.minor.into(),
                    line.net_minor.into(),
                    line.gross_minor().into(),
                    i64::from(line.rated.vat.basis_points()).into(),
                    serde_json::to_value(&line.rated.explanation).map_err(Error::internal)?.into(),
                ]);
            }
        }
        for (table, columns, rows) in
            [("invoice", HEAD, heads), ("invoice_line", LINE, lines), ("invoice_correction", CORRECTION, corrections)]
        {
            for (sql, values) in inserts(table, columns, rows) {
                self.execute(&sql, &[], values).await.map_err(fail)?;
            }
        }
        Ok(())
    }

    async fn invoice_void(&self, invoice: InvoiceId, voided: &Voided, by: Option<UserId>) -> Result<()> {
        let sql =
            "UPDATE invoice AS i SET voided_at = $1, voided_by = $2, void_reason = $3 WHERE {i} AND i.invoice_id = $4";
        let values = vec![voided.at.into(), by.map(Id::uuid).into(), voided.reason.as_str().into(), id(invoice)];
        self.execute(sql, &[Slot("i", "invoice")], values).await.map_err(fail).map(|_| ())
    }

    async fn invoices(
        &self,
        filter: &InvoiceFilter,
        today: NaiveDate,
        sort: Sort<InvoiceSort>,
        page: &PageRequest,
    ) -> Result<Page<IssuedInvoice>> {
        let narrowed = Narrowed::of(filter, today);
        let number = Key::text("x.number");
        let first = match sort.by {
            InvoiceSort::Number => None,
            InvoiceSort::Tenant => Some(Key::text("st.code")),
            InvoiceSort::Period => Some(Key::day("x.period_from")),
            InvoiceSort::Total => Some(Key::whole("x.total_minor")),
            // Nothing is owed on a withdrawn one.
            InvoiceSort::Balance => Some(Key::whole(
                "CASE WHEN x.voided_at IS NULL THEN x.total_minor - x.credited_minor - x.given_up_minor - x.paid_minor ELSE 0 END",
            )),
            InvoiceSort::DueOn => Some(Key::day("x.due_on")),
        };
        let mut slots = PAID_SLOTS.to_vec();
        let mut rest = narrowed.rest("");
        if sort.by == InvoiceSort::Tenant {
            slots.push(Slot("st", "tenant"));
            rest = narrowed.rest(" JOIN tenant st ON st.park_id = x.park_id AND st.tenant_id = x.tenant_id AND {st}");
        }
        let list = Sorted::new(sort, first.into_iter().chain([number]).collect());
        let mut binds = Binds::of(narrowed.values);
        let sql = list.sql("x.*", &rest, page, &mut binds)?;
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let rows = rows.iter().map(|row| Ok((list.cursor(row)?, to_invoice(row)?))).collect::<Result<_>>()?;
        Ok(Page::from_rows(page, rows))
    }

    async fn invoices_first(
        &self,
        tenants: &[TenantId],
        filter: &InvoiceFilter,
        today: NaiveDate,
        first: u32,
    ) -> Result<Vec<IssuedInvoice>> {
        let narrowed = Narrowed::of_tenants(tenants, filter, today);
        let sql = format!(
            "SELECT y.* FROM ({}) y WHERE y.place <= {} ORDER BY y.number DESC",
            narrowed.sql("x.*, ROW_NUMBER() OVER (PARTITION BY x.tenant_id ORDER BY x.number DESC) AS place"),
            first + 1
        );
        self.query(&sql, &PAID_SLOTS, narrowed.values).await?.iter().map(to_invoice).collect()
    }

    async fn invoices_counts(
        &self,
        tenants: &[TenantId],
        filter: &InvoiceFilter,
        today: NaiveDate,
    ) -> Result<Vec<(TenantId, i64)>> {
        let narrowed = Narrowed::of_tenants(tenants, filter, today);
        let sql = format!("{} GROUP BY x.tenant_id", narrowed.sql("x.tenant_id, COUNT(*) AS n"));
        let rows = self.query(&sql, &PAID_SLOTS, narrowed.values).await?;
        rows.iter().map(|r| Ok((TenantId::from_uuid(get(r, "tenant_id")?), get(r, "n")?))).collect()
    }

    async fn invoices_count(&self, filter: &InvoiceFilter, today: NaiveDate) -> Result<i64> {
        let narrowed = Narrowed::of(filter, today);
        let row = self.query_one(&narrowed.sql("COUNT(*) AS n"), &PAID_SLOTS, narrowed.values).await?;
        row.as_ref().map_or(Ok(0), |r| get(r, "n"))
    }

    async fn invoices_by_id(&self, ids: &[InvoiceId]) -> Result<Vec<IssuedInvoice>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
        let sql = format!("{WITH_PAID} AND i.invoice_id IN ({})", places.join(", "));
        let values = ids.iter().map(|i| i.uuid().into()).collect();
        self.query(&sql, &PAID_SLOTS, values).await?.iter().map(to_invoice).collect()
    }

    async fn invoice_lines(&self, ids: &[InvoiceId]) -> Result<Vec<(InvoiceId, i64, InvoiceLine)>> {
        let rows = self
            .select::<invoice_line::Entity>()?
            .filter(invoice_line::Column::InvoiceId.is_in(ids.iter().map(|i| i.uuid())))
            .order_by_asc(invoice_line::Column::InvoiceId)
            .order_by_asc(invoice_line::Column::LineNo)
            .all(self.conn())
            .await
            .map_err(fail)?;
        rows.into_iter().map(to_line).collect()
    }

    async fn earlier_nets(
        &self,
        leases: &[LeaseId],
        from: NaiveDate,
        before: NaiveDate,
    ) -> Result<Vec<(LeaseId, Month, i64)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT i.lease_id, i.period_from, i.net_minor FROM invoice i WHERE {{i}} AND i.voided_at IS NULL
              AND i.period_from >= {} AND i.period_from < {} AND i.lease_id IN {} ORDER BY i.period_from DESC",
            binds.one(from),
            binds.one(before),
            binds.ids(leases)
        );
        let rows = self.query(&sql, &[Slot("i", "invoice")], binds.into_values()).await?;
        let net = |row: &QueryResult| {
            let of = Month::of(get(row, "period_from")?);
            Ok((LeaseId::from_uuid(get(row, "lease_id")?), of, get(row, "net_minor")?))
        };
        rows.iter().map(net).collect()
    }

    async fn invoices_lock(&self, ids: &[InvoiceId]) -> Result<usize> {
        let lock = if self.postgres() { "FOR UPDATE" } else { "" };
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT i.invoice_id FROM invoice i WHERE {{i}} AND i.invoice_id IN {} ORDER BY i.invoice_id {lock}",
            binds.ids(ids)
        );
        Ok(self.query(&sql, &[Slot("i", "invoice")], binds.into_values()).await?.len())
    }

    async fn payments_of(&self, invoices: &[InvoiceId]) -> Result<Vec<(InvoiceId, i64, PaymentRecord)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT p.*, a.for_id, a.minor FROM payment p JOIN
              (SELECT a.park_id, a.tenant_id, a.payment_id, a.invoice_id AS for_id,
                CAST(SUM(CASE WHEN a.step = 'applied' THEN a.amount_minor ELSE -a.amount_minor END) AS bigint) AS minor
               FROM payment_act a WHERE {{a}} AND a.invoice_id IN {}
               GROUP BY a.park_id, a.tenant_id, a.payment_id, a.invoice_id) a
              ON a.park_id = p.park_id AND a.tenant_id = p.tenant_id AND a.payment_id = p.payment_id
             WHERE {{p}} AND a.minor > 0 ORDER BY p.paid_on, p.recorded_at, p.payment_id",
            binds.ids(invoices)
        );
        let slots = [Slot("p", "payment"), Slot("a", "payment_act")];
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let paid = |row: &QueryResult| {
            let payment = payment::Model::from_query_result(row, "").map_err(fail)?;
            Ok((InvoiceId::from_uuid(get(row, "for_id")?), get(row, "minor")?, to_payment(payment)?))
        };
        rows.iter().map(paid).collect()
    }

    async fn write_offs_of(&self, invoices: &[InvoiceId]) -> Result<Vec<WriteOff>> {
        self.given_up(invoices).await
    }

    async fn write_off_add(&self, act: &WriteOff) -> Result<()> {
        self.give_up(act).await
    }

    async fn payments_by_id(&self, ids: &[PaymentId]) -> Result<Vec<PaymentRecord>> {
        let rows = self
            .select::<payment::Entity>()?
            .filter(payment::Column::PaymentId.is_in(ids.iter().map(|i| i.uuid())))
            .all(self.conn())
            .await
            .map_err(fail)?;
        rows.into_iter().map(to_payment).collect()
    }

    async fn payment_add(&self, new: &PaymentRecord) -> Result<()> {
        let row = payment::ActiveModel {
            park_id: Set(self.park_id()?),
            tenant_id: Set(new.tenant.uuid()),
            payment_id: Set(new.id.uuid()),
            invoice_id: Set(new.invoice.map(Id::uuid)),
            amount_minor: Set(new.amount.minor),
            currency: Set(new.amount.currency.code().to_owned()),
            paid_on: Set(new.paid_on),
            method: Set(new.method.clone()),
            reference: Set(new.reference.clone()),
            recorded_at: Set(new.recorded_at),
            recorded_by: Set(new.recorded_by.map(Id::uuid)),
        };
        self.insert(row).await.map_err(fail)
    }

    async fn month_totals(&self, month: Month, today: NaiveDate) -> Result<Vec<(Currency, MonthTotals)>> {
        let late = "x.total_minor - x.credited_minor - x.given_up_minor > x.paid_minor AND x.due_on < $1";
        let sum = |what: &str| format!("COALESCE(CAST(SUM({what}) AS bigint), 0)");
        let sql = format!(
            "SELECT x.currency, COUNT(*) AS invoices, {} AS net, {} AS total, {} AS paid, {} AS overdue,
              COUNT(DISTINCT CASE WHEN {late} THEN x.tenant_id END) AS tenants
             FROM ({WITH_PAID} AND i.period_from = $2 AND i.voided_at IS NULL) x
             GROUP BY x.currency ORDER BY x.currency",
            sum("x.net_minor - x.credited_net"),
            sum("x.total_minor - x.credited_minor"),
            sum("x.paid_minor"),
            sum(&format!(
                "CASE WHEN {late} THEN x.total_minor - x.credited_minor - x.given_up_minor - x.paid_minor ELSE 0 END"
            )),
        );
        let totals = |row: &QueryResult| {
            let totals = MonthTotals {
                invoices: get(row, "invoices")?,
                net_minor: get(row, "net")?,
                total_minor: get(row, "total")?,
                paid_minor: get(row, "paid")?,
                overdue_minor: get(row, "overdue")?,
                overdue_tenants: get(row, "tenants")?,
            };
            Ok((currency(&get::<String>(row, "currency")?)?, totals))
        };
        let rows = self.query(&sql, &PAID_SLOTS, vec![today.into(), month.first_day().into()]).await?;
        rows.iter().map(totals).collect()
    }
}
