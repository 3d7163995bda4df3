//! Quotes with their lines.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::ids::{HoldId, Id, LeadId, LeaseId, QuoteId, TenantId};
use voxpark_domain::leasing::{LeaseTerms, Proration};
use voxpark_domain::money::{Currency, Money, TaxRate};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::pipeline::{Deposit, Quote, QuoteFilter, QuoteLine, QuoteNumber, QuoteSort, QuoteState, Quotes};
use voxpark_domain::{Error, Result};

use super::rows::named;
use crate::db::{Slot, Tx, fail};
use crate::repo::binds::{Binds, id, inserts};
use crate::repo::estate::product;
use crate::repo::leasing::steps;
use crate::repo::sorted::{Key, Sorted};
use crate::repo::{broken, get};

const QUOTE: &str = "q.quote_id, q.lead_id, q.year, q.sequence, q.version, q.state, q.valid_until, q.remark_sealed, q.end_remark_sealed,
     q.created_at, q.sent_at, q.ended_at";
const OF_QUOTE: [Slot; 1] = [Slot("q", "quote")];
const LINE: [&str; 18] = [
    "park_id",
    "quote_id",
    "n",
    "seats",
    "product",
    "term_from",
    "term_to",
    "unit_price_minor",
    "currency",
    "tax_rate_bp",
    "proration",
    "rent_free",
    "price_steps",
    "deposit_months",
    "deposit_minor",
    "payment_days",
    "notice_days",
    "lease_id",
];

fn to_line(row: &QueryResult) -> Result<QuoteLine> {
    let currency: String = get(row, "currency")?;
    let currency = Currency::parse(&currency).map_err(|_| broken("currency", &currency))?;
    let rate: i64 = get(row, "tax_rate_bp")?;
    let tax_rate = u32::try_from(rate).ok().and_then(|bp| TaxRate::new(bp).ok());
    let proration: String = get(row, "proration")?;
    let deposit = Money::new(get(row, "deposit_minor")?, currency);
    let months: Option<i64> = get(row, "deposit_months")?;
    Ok(QuoteLine {
        seats: get(row, "seats")?,
        terms: LeaseTerms {
            term_from: get(row, "term_from")?,
            term_to: get(row, "term_to")?,
            product: product(&get::<String>(row, "product")?)?,
            unit_price: Money::new(get(row, "unit_price_minor")?, currency),
            price_steps: steps(row, currency)?,
            price_book: None,
            tax_rate: tax_rate.ok_or_else(|| broken("tax rate", &rate.to_string()))?,
            proration: Proration::parse(&proration).map_err(|_| broken("proration", &proration))?,
            rent_free: serde_json::from_value(get(row, "rent_free")?).map_err(Error::internal)?,
            deposit,
            payment_days: get(row, "payment_days")?,
        },
        deposit: months.map_or(Deposit::Amount(deposit), Deposit::Months),
        notice_days: get(row, "notice_days")?,
        lease: get::<Option<Uuid>>(row, "lease_id")?.map(LeaseId::from_uuid),
    })
}

/// The condition on `q` under which a quote is asked for.
fn filtered(filter: QuoteFilter, today: NaiveDate, binds: &mut Binds) -> String {
    let mut all = vec!["1 = 1".to_owned()];
    if let Some(state) = filter.state {
        all.push(match state {
            QuoteState::Sent => format!("q.state = 'sent' AND q.valid_until >= {}", binds.one(today)),
            QuoteState::Expired => format!("q.state = 'sent' AND q.valid_until < {}", binds.one(today)),
            other => format!("q.state = '{}'", other.name()),
        });
    }
    if let Some(day) = filter.valid_by {
        let (today, day) = (binds.one(today), binds.one(day));
        all.push(format!("q.state = 'sent' AND q.valid_until >= {today} AND q.valid_until <= {day}"));
    }
    all.join(" AND ")
}

impl Tx {
    fn to_quote(&self, row: &QueryResult) -> Result<Quote> {
        let id: Uuid = get(row, "quote_id")?;
        Ok(Quote {
            id: QuoteId::from_uuid(id),
            lead: LeadId::from_uuid(get(row, "lead_id")?),
            number: QuoteNumber { year: get(row, "year")?, sequence: get(row, "sequence")? },
            version: get(row, "version")?,
            state: named(row, "state")?,
            valid_until: get(row, "valid_until")?,
            remark: self.opened(row, "quote.remark_sealed", id, 0)?,
            lines: Vec::new(),
            created_at: get(row, "created_at")?,
            sent_at: get(row, "sent_at")?,
            ended_at: get(row, "ended_at")?,
            end_remark: self.opened(row, "quote.end_remark_sealed", id, 0)?,
        })
    }

    /// Adds the lines to quotes, in one statement.
    async fn with_lines(&self, mut quotes: Vec<Quote>) -> Result<Vec<Quote>> {
        let mut binds = Binds::default();
        let ids: Vec<QuoteId> = quotes.iter().map(|quote| quote.id).collect();
        let sql = format!(
            "SELECT l.* FROM quote_line l WHERE {{l}} AND l.quote_id IN {} ORDER BY l.quote_id, l.n",
            binds.ids(&ids)
        );
        let mut lines: HashMap<QuoteId, Vec<QuoteLine>> = HashMap::new();
        for row in self.query(&sql, &[Slot("l", "quote_line")], binds.into_values()).await? {
            lines.entry(QuoteId::from_uuid(get(&row, "quote_id")?)).or_default().push(to_line(&row)?);
        }
        for quote in &mut quotes {
            quote.lines = lines.remove(&quote.id).unwrap_or_default();
        }
        Ok(quotes)
    }

    async fn quotes_where(&self, of: &str, binds: Binds) -> Result<Vec<Quote>> {
        let sql = format!(
            "SELECT {QUOTE} FROM quote q WHERE {{q}} AND {of} ORDER BY q.year DESC, q.sequence DESC, q.version DESC"
        );
        let rows = self.query(&sql, &OF_QUOTE, binds.into_values()).await?;
        self.with_lines(rows.iter().map(|row| self.to_quote(row)).collect::<Result<_>>()?).await
    }

    async fn quote_lines_add(&self, quote: &Quote) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let mut rows = Vec::with_capacity(quote.lines.len());
        for (n, line) in (1_i64..).zip(&quote.lines) {
            let terms = &line.terms;
            let months = if let Deposit::Months(months) = line.deposit { Some(months) } else { None };
            rows.push(vec![
                park.clone(),
                id(quote.id),
                n.into(),
                line.seats.into(),
                terms.product.name().into(),
                terms.term_from.into(),
                terms.term_to.into(),
                terms.unit_price.minor.into(),
                terms.unit_price.currency.code().into(),
                i64::from(terms.tax_rate.basis_points()).into(),
                terms.proration.to_string().into(),
                serde_json::to_value(&terms.rent_free).map_err(Error::internal)?.into(),
                serde_json::json!(terms.price_steps.iter().map(|s| (s.from, s.unit_price.minor)).collect::<Vec<_>>())
                    .into(),
                months.into(),
                terms.deposit.minor.into(),
                terms.payment_days.into(),
                line.notice_days.into(),
                line.lease.map(Id::uuid).into(),
            ]);
        }
        for (sql, values) in inserts("quote_line", &LINE, rows) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Quotes for Tx {
    async fn quotes(
        &self,
        filter: QuoteFilter,
        today: NaiveDate,
        sort: Sort<QuoteSort>,
        page: &PageRequest,
    ) -> Result<Page<Quote>> {
        let mut binds = Binds::default();
        let of = filtered(filter, today, &mut binds);
        let first = match sort.by {
            QuoteSort::Number => None,
            QuoteSort::ValidUntil => Some(Key::day("q.valid_until")),
        };
        let number = ["q.year", "q.sequence", "q.version"].map(Key::whole);
        let list = Sorted::new(sort, first.into_iter().chain(number).collect());
        let sql = list.sql(QUOTE, &format!("FROM quote q WHERE {{q}} AND {of}"), page, &mut binds)?;
        let rows = self.query(&sql, &OF_QUOTE, binds.into_values()).await?;
        let cursors = rows.iter().map(|row| list.cursor(row)).collect::<Result<Vec<_>>>()?;
        let quotes = self.with_lines(rows.iter().map(|row| self.to_quote(row)).collect::<Result<_>>()?).await?;
        Ok(Page::from_rows(page, cursors.into_iter().zip(quotes).collect()))
    }

    async fn quotes_count(&self, filter: QuoteFilter, today: NaiveDate) -> Result<i64> {
        let mut binds = Binds::default();
        let sql = format!("SELECT COUNT(*) AS n FROM quote q WHERE {{q}} AND {}", filtered(filter, today, &mut binds));
        let row = self.query_one(&sql, &OF_QUOTE, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn quotes_of(&self, leads: &[LeadId]) -> Result<Vec<Quote>> {
        let mut binds = Binds::default();
        let of = format!("q.lead_id IN {}", binds.ids(leads));
        self.quotes_where(&of, binds).await
    }

    async fn quotes_by_id(&self, ids: &[QuoteId]) -> Result<Vec<Quote>> {
        let mut binds = Binds::default();
        let of = format!("q.quote_id IN {}", binds.ids(ids));
        self.quotes_where(&of, binds).await
    }

    async fn quote_number_take(&self, year: i64) -> Result<i64> {
        // One statement: the row is locked from here to the end of the transaction, whether it was there or not.
        let sql = "INSERT INTO quote_series AS s (park_id, year, next_number) VALUES ($1, $2, 2)
                   ON CONFLICT (park_id, year) DO UPDATE SET next_number = s.next_number + 1 WHERE {s}
                   RETURNING next_number - 1 AS number";
        let values = vec![self.park_id()?.into(), year.into()];
        let row = self.query_one(sql, &[Slot("s", "quote_series")], values).await?;
        get(&row.ok_or_else(|| Error::internal("no number was given"))?, "number")
    }

    async fn quote_add(&self, quote: &Quote) -> Result<()> {
        let columns = [
            "park_id",
            "quote_id",
            "lead_id",
            "year",
            "sequence",
            "version",
            "state",
            "valid_until",
            "remark_sealed",
            "created_at",
        ];
        let row = vec![
            self.park_id()?.into(),
            id(quote.id),
            id(quote.lead),
            quote.number.year.into(),
            quote.number.sequence.into(),
            quote.version.into(),
            quote.state.name().into(),
            quote.valid_until.into(),
            self.sealed("quote.remark_sealed", quote.id.uuid(), 0, &quote.remark)?.into(),
            quote.created_at.into(),
        ];
        self.add("quote", &columns, row).await.map_err(fail)?;
        self.quote_lines_add(quote).await
    }

    async fn quote_save(&self, quote: &Quote, lines: bool) -> Result<()> {
        let sql = "UPDATE quote AS q SET state = $2, valid_until = $3, remark_sealed = $4, end_remark_sealed = $5, sent_at = $6,
                    ended_at = $7 WHERE {q} AND q.quote_id = $1";
        let (of, sealed) = (quote.id.uuid(), |place, text| self.sealed(place, quote.id.uuid(), 0, text));
        let values = vec![
            of.into(),
            quote.state.name().into(),
            quote.valid_until.into(),
            sealed("quote.remark_sealed", &quote.remark)?.into(),
            sealed("quote.end_remark_sealed", &quote.end_remark)?.into(),
            quote.sent_at.into(),
            quote.ended_at.into(),
        ];
        self.execute(sql, &OF_QUOTE, values).await.map_err(fail)?;
        if lines {
            let sql = "DELETE FROM quote_line AS l WHERE {l} AND l.quote_id = $1";
            self.execute(sql, &[Slot("l", "quote_line")], vec![of.into()]).await.map_err(fail)?;
            self.quote_lines_add(quote).await?;
        }
        Ok(())
    }

    async fn quote_leases_set(&self, quote: &Quote, tenant: TenantId) -> Result<()> {
        let mut binds = Binds::default();
        let tenant = binds.one(tenant.uuid());
        let quoted = binds.one(quote.id.uuid());
        let leases: Vec<(i64, LeaseId)> =
            (1_i64..).zip(&quote.lines).filter_map(|(n, line)| line.lease.map(|lease| (n, lease))).collect();
        let whens: Vec<String> = leases
            .iter()
            .map(|(n, lease)| {
                let n = binds.one(*n);
                format!("WHEN {n} THEN {}", binds.one(lease.uuid()))
            })
            .collect();
        let sql = format!(
            "UPDATE quote_line AS l SET of_tenant_id = {tenant}, lease_id = CASE l.n {} END WHERE {{l}} AND l.quote_id = {quoted}",
            whens.join(" ")
        );
        self.execute(&sql, &[Slot("l", "quote_line")], binds.into_values()).await.map_err(fail).map(|_| ())
    }

    async fn quote_hold_add(&self, quote: QuoteId, hold: HoldId) -> Result<()> {
        let sql = "INSERT INTO quote_hold (park_id, hold_id, quote_id) VALUES ($1, $2, $3)";
        let values = vec![self.park_id()?.into(), id(hold), id(quote)];
        self.execute(sql, &[], values).await.map_err(fail).map(|_| ())
    }

    async fn quote_holds(&self, quotes: &[QuoteId]) -> Result<Vec<(QuoteId, HoldId)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT q.quote_id, k.hold_id FROM quote q
             JOIN quote v ON v.park_id = q.park_id AND v.year = q.year AND v.sequence = q.sequence AND {{v}}
             JOIN quote_hold k ON k.park_id = v.park_id AND k.quote_id = v.quote_id AND {{k}}
             WHERE {{q}} AND q.quote_id IN {} ORDER BY k.hold_id",
            binds.ids(quotes)
        );
        let slots = [Slot("q", "quote"), Slot("v", "quote"), Slot("k", "quote_hold")];
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let pair = |row: &QueryResult| {
            Ok((QuoteId::from_uuid(get(row, "quote_id")?), HoldId::from_uuid(get(row, "hold_id")?)))
        };
        rows.iter().map(pair).collect()
    }
}
