//! The books: entries with their lines, the months that are closed, and what is read of them in sums.

mod rows;

use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_billing::ledger::{
    Balance, BookedLevel, Document, Entry, EntryFilter, MonthAct, MonthStep, OpenItem, Payer, PostingKey, Recorded,
    ReopenReason, SponsorId, Statement, StatementLine, Store, TaxSum,
};
use voxpark_domain::ids::{BookEntryId, Id, InvoiceId, LeaseId, TenantId, UserId};
use voxpark_domain::page::{Page, PageRequest, cursor_invalid};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Error, Result};

use self::rows::{ENTRY, LINE, STATEMENT, WHOLE};
use super::binds::{Binds, id, inserts, portions};
use super::invoicing::{currency, tax_rate};
use super::{NEVER, broken, get};
use crate::db::{Slot, Tx, fail};

const OF_ENTRY: Slot = Slot("e", "ledger_entry");
const OF_LINE: Slot = Slot("l", "ledger_line");
const OF_FOUND: Slot = Slot("d", "ledger_line");
const OF_BOOK: Slot = Slot("b", "ledger_book");
const OF_MONTH: Slot = Slot("m", "ledger_month");
const OF_INVOICE: Slot = Slot("i", "invoice");
const OF_STATEMENT: Slot = Slot("s", "ledger_statement");

/// Heads and lines together.
const JOINED: &str =
    "FROM ledger_entry e JOIN ledger_line l ON l.park_id = e.park_id AND l.entry_id = e.entry_id WHERE {e} AND {l}";

fn sum(of: &str) -> String {
    format!("COALESCE(CAST(SUM({of}) AS bigint), 0)")
}

fn end(days: Period) -> NaiveDate {
    days.to.unwrap_or(NEVER)
}

fn invoices(rows: &[QueryResult]) -> Result<Vec<InvoiceId>> {
    rows.iter().map(|row| Ok(InvoiceId::from_uuid(get(row, "id")?))).collect()
}

fn to_step(row: &QueryResult) -> Result<MonthStep> {
    let (act, reason): (String, Option<String>) = (get(row, "act")?, get(row, "reason")?);
    let named = |name: String| ReopenReason::from_name(&name).ok_or_else(|| broken("reason", &name));
    Ok(MonthStep {
        n: get(row, "n")?,
        month: Month::of(get(row, "month")?),
        act: MonthAct::from_name(&act).ok_or_else(|| broken("act", &act))?,
        reason: reason.map(named).transpose()?,
        note: get(row, "note")?,
        recorded_at: get(row, "recorded_at")?,
        recorded_by: get::<Option<Uuid>>(row, "recorded_by")?.map(UserId::from_uuid),
    })
}

/// The condition on `e` for a filter. What lines have to say, one line has to say together; a document is another line's.
fn narrowed(filter: &EntryFilter, binds: &mut Binds, slots: &mut Vec<Slot>) -> String {
    let mut of = vec!["1 = 1".to_owned()];
    if let Some(month) = filter.month {
        of.push(format!("e.booked_on >= {}", binds.one(month.first_day())));
        of.push(format!("e.booked_on < {}", binds.one(month.end())));
    }
    let mut one = Vec::new();
    if let Some(tenant) = filter.tenant {
        one.push(format!("d.tenant_id = {}", binds.one(tenant.uuid())));
    }
    if let Some(account) = filter.account {
        one.push(format!("d.account = {}", binds.one(account.name())));
    }
    if !one.is_empty() {
        slots.push(OF_FOUND);
        of.push(format!(
            "EXISTS (SELECT 1 FROM ledger_line d WHERE {{d}} AND d.park_id = e.park_id AND d.entry_id = e.entry_id AND {})",
            one.join(" AND ")
        ));
    }
    if let Some(document) = filter.document {
        slots.push(Slot("x", "ledger_line"));
        let (first, second) = (binds.one(document), binds.one(document));
        of.push(format!(
            "EXISTS (SELECT 1 FROM ledger_line x WHERE {{x}} AND x.park_id = e.park_id AND x.entry_id = e.entry_id
              AND (x.document_id = {first} OR x.by_id = {second}))"
        ));
    }
    of.join(" AND ")
}

impl Tx {
    /// Entries with their lines, the latest number first unless they are to be in order.
    async fn entries_where(&self, of: &str, more: &[Slot], binds: Binds, latest_first: bool) -> Result<Vec<Recorded>> {
        let way = if latest_first { " DESC" } else { "" };
        let sql = format!("SELECT {WHOLE} {JOINED} AND {of} ORDER BY e.number{way}, l.n");
        let slots: Vec<Slot> = [OF_ENTRY, OF_LINE].into_iter().chain(more.iter().copied()).collect();
        rows::entries(&self.query(&sql, &slots, binds.into_values()).await?)
    }
}

#[async_trait]
impl Store for Tx {
    async fn book_lock(&self) -> Result<u64> {
        // One statement: the row is locked from here to the end of the transaction, whether it was there or not.
        let sql = "INSERT INTO ledger_book AS b (park_id, next_number) VALUES ($1, 1)
             ON CONFLICT (park_id) DO UPDATE SET next_number = b.next_number WHERE {b} RETURNING next_number";
        let row = self.query_one(sql, &[OF_BOOK], vec![self.park_id()?.into()]).await?;
        let row = row.ok_or_else(|| Error::internal("the books of the park cannot be held"))?;
        u64::try_from(get::<i64>(&row, "next_number")?).map_err(Error::internal)
    }

    async fn book_months(&self, latest: u32) -> Result<Vec<MonthStep>> {
        let sql = format!(
            "SELECT m.n, m.month, m.act, m.reason, m.note, m.recorded_at, m.recorded_by FROM ledger_month m WHERE {{m}}
             ORDER BY m.n DESC LIMIT {latest}"
        );
        self.query(&sql, &[OF_MONTH], Vec::new()).await?.iter().map(to_step).collect()
    }

    async fn book_month_add(&self, step: &MonthStep) -> Result<()> {
        let columns = ["park_id", "n", "month", "act", "reason", "note", "recorded_at", "recorded_by"];
        let row = vec![
            self.park_id()?.into(),
            step.n.into(),
            step.month.first_day().into(),
            step.act.name().into(),
            step.reason.map(ReopenReason::name).into(),
            step.note.as_str().into(),
            step.recorded_at.into(),
            step.recorded_by.map(Id::uuid).into(),
        ];
        for (sql, values) in inserts("ledger_month", &columns, vec![row]) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn book_begins(&self) -> Result<Option<Month>> {
        let row =
            self.query_one("SELECT MIN(e.booked_on) AS day FROM ledger_entry e WHERE {e}", &[OF_ENTRY], Vec::new());
        Ok(row.await?.map(|row| get::<Option<NaiveDate>>(&row, "day")).transpose()?.flatten().map(Month::of))
    }

    async fn postings_known(&self, keys: &[PostingKey]) -> Result<Vec<(PostingKey, Option<String>)>> {
        let mut binds = Binds::default();
        let of = binds.list(keys.iter().map(PostingKey::as_str));
        let sql =
            format!("SELECT e.posting_key, e.fact_sha256 FROM ledger_entry e WHERE {{e}} AND e.posting_key IN {of}");
        let rows = self.query(&sql, &[OF_ENTRY], binds.into_values()).await?;
        let known = |row: &QueryResult| {
            Ok((PostingKey::restore(&get::<String>(row, "posting_key")?), get(row, "fact_sha256")?))
        };
        rows.iter().map(known).collect()
    }

    async fn entries_of(&self, of: &[Document]) -> Result<Vec<Entry>> {
        let mut binds = Binds::default();
        let of = format!(
            "e.entry_id IN (SELECT d.entry_id FROM ledger_line d WHERE {{d}} AND d.document_id IN {})",
            binds.uuids(&of.iter().map(|document| rows::document_of(*document).1).collect::<Vec<_>>())
        );
        let found = self.entries_where(&of, &[OF_FOUND], binds, false).await?;
        Ok(found.into_iter().map(|recorded| recorded.entry).collect())
    }

    async fn entries_add(&self, entries: &[Recorded]) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let (mut heads, mut lines, mut statements) = (Vec::with_capacity(entries.len()), Vec::new(), Vec::new());
        let mut next = 0;
        for recorded in entries {
            heads.push(rows::entry_row(&park, recorded)?);
            let numbered = (1_i64..).zip(recorded.entry.lines());
            lines.extend(numbered.map(|(n, line)| rows::line_row(&park, recorded.id, n, line)));
            statements.extend(rows::statement_rows(&park, recorded)?);
            next = next.max(rows::number(&recorded.entry)? + 1);
        }
        // Lines before heads: a head seals its lines.
        let tables =
            [("ledger_line", LINE, lines), ("ledger_entry", ENTRY, heads), ("ledger_statement", STATEMENT, statements)];
        for (table, columns, rows) in tables {
            for (sql, values) in inserts(table, columns, rows) {
                self.execute(&sql, &[], values).await.map_err(fail)?;
            }
        }
        let sql = "UPDATE ledger_book AS b SET next_number = $1 WHERE {b}";
        self.execute(sql, &[OF_BOOK], vec![next.into()]).await.map(|_| ()).map_err(fail)
    }

    async fn invoices_unearned(&self) -> Result<Vec<InvoiceId>> {
        let sql = "SELECT DISTINCT x.id FROM (SELECT l.document_id AS id FROM ledger_line l
              WHERE {l} AND l.account = 'deferred' AND l.document_kind = 'invoice' AND l.stream_kind = 'line'
              GROUP BY l.document_id, l.line HAVING SUM(l.minor) <> 0) x ORDER BY x.id";
        invoices(&self.query(sql, &[OF_LINE], Vec::new()).await?)
    }

    async fn leases_to_level(&self, month: Month) -> Result<Vec<LeaseId>> {
        let sql = "SELECT v.lease_id AS id FROM lease_version v JOIN lease e ON e.park_id = v.park_id AND e.lease_id = v.lease_id
              JOIN tenant t ON t.park_id = v.park_id AND t.tenant_id = v.tenant_id WHERE {v} AND {e} AND {t} AND v.term_from < $2 AND v.version =
              (SELECT MAX(w.version) FROM lease_version w WHERE {w} AND w.park_id = v.park_id AND w.lease_id = v.lease_id)
              AND (v.term_to > $1 OR EXISTS (SELECT 1 FROM ledger_line l WHERE {l} AND l.park_id = v.park_id
               AND l.stream_kind = 'term' AND l.stream_id = v.lease_id AND l.account = 'earned'
               GROUP BY l.stream_id HAVING SUM(l.minor) <> 0)) ORDER BY t.code, e.code, v.lease_id";
        let slots =
            [Slot("v", "lease_version"), Slot("w", "lease_version"), Slot("e", "lease"), Slot("t", "tenant"), OF_LINE];
        let days = vec![month.first_day().into(), month.end().into()];
        let rows = self.query(sql, &slots, days).await?;
        rows.iter().map(|row| Ok(LeaseId::from_uuid(get(row, "id")?))).collect()
    }

    async fn levelled(&self, leases: &[LeaseId]) -> Result<Vec<BookedLevel>> {
        let mut found = Vec::new();
        for portion in portions(leases) {
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT l.stream_id, l.earned_until, CAST(SUM(-l.minor) AS bigint) AS more FROM ledger_line l
                  WHERE {{l}} AND l.stream_kind = 'term' AND l.account = 'earned' AND l.stream_id IN {}
                  GROUP BY l.stream_id, l.earned_until",
                binds.ids(portion)
            );
            let level = |row: &QueryResult| {
                let (until, minor) = (get(row, "earned_until")?, get(row, "more")?);
                Ok(BookedLevel { lease: LeaseId::from_uuid(get(row, "stream_id")?), until, minor })
            };
            let rows = self.query(&sql, &[OF_LINE], binds.into_values()).await?;
            found.extend(rows.iter().map(level).collect::<Result<Vec<_>>>()?);
        }
        Ok(found)
    }

    async fn levels(&self) -> Result<bool> {
        let sql = "SELECT l.entry_id FROM ledger_line l WHERE {l} AND l.stream_kind = 'term' LIMIT 1";
        Ok(self.query_one(sql, &[OF_LINE], Vec::new()).await?.is_some())
    }

    async fn invoices_unbooked(&self, only: Option<InvoiceId>) -> Result<Vec<InvoiceId>> {
        let mut binds = Binds::default();
        let one = only.map_or_else(String::new, |only| format!(" AND i.invoice_id = {}", binds.one(only.uuid())));
        let sql = format!(
            "SELECT i.invoice_id AS id FROM invoice i WHERE {{i}} AND i.total_minor <> 0{one} AND NOT EXISTS
              (SELECT 1 FROM ledger_line l WHERE {{l}} AND l.park_id = i.park_id AND l.document_id = i.invoice_id)
             ORDER BY i.invoice_id"
        );
        invoices(&self.query(&sql, &[OF_INVOICE, OF_LINE], binds.into_values()).await?)
    }

    async fn entries(&self, filter: &EntryFilter, page: &PageRequest) -> Result<Page<Recorded>> {
        let (mut binds, mut slots) = (Binds::default(), Vec::new());
        let of = narrowed(filter, &mut binds, &mut slots);
        let after = match page.after.as_deref().map(str::parse::<i64>) {
            None => String::new(),
            Some(Ok(last)) => format!(" AND e.number < {}", binds.one(last)),
            Some(Err(_)) => return Err(cursor_invalid().into()),
        };
        let of = format!(
            "e.entry_id IN (SELECT e.entry_id FROM ledger_entry e WHERE {{e}} AND {of}{after} ORDER BY e.number DESC LIMIT {})",
            u64::from(page.first) + 1
        );
        let found = self.entries_where(&of, &slots, binds, true).await?;
        Ok(Page::from_rows(page, found.into_iter().map(|one| (one.entry.stamp().number.to_string(), one)).collect()))
    }

    async fn entries_count(&self, filter: &EntryFilter) -> Result<i64> {
        let (mut binds, mut slots) = (Binds::default(), vec![OF_ENTRY]);
        let of = narrowed(filter, &mut binds, &mut slots);
        let sql = format!("SELECT COUNT(*) AS n FROM ledger_entry e WHERE {{e}} AND {of}");
        let row = self.query_one(&sql, &slots, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn entries_by_id(&self, ids: &[BookEntryId]) -> Result<Vec<Recorded>> {
        let mut binds = Binds::default();
        let of = format!("e.entry_id IN {}", binds.ids(ids));
        self.entries_where(&of, &[], binds, true).await
    }

    async fn balances(&self, days: Period) -> Result<Vec<Balance>> {
        const ACCOUNT: &str = "l.account, l.tenant_id, l.sponsor_id, l.detail, l.rate_bp, l.currency";
        let sql = format!(
            "SELECT {ACCOUNT}, {} AS opening, {} AS debit, {} AS credit {JOINED} AND e.booked_on < $2 GROUP BY {ACCOUNT}",
            sum("CASE WHEN e.booked_on < $1 THEN l.minor ELSE 0 END"),
            sum("CASE WHEN e.booked_on >= $1 AND l.minor > 0 THEN l.minor ELSE 0 END"),
            sum("CASE WHEN e.booked_on >= $1 AND l.minor < 0 THEN -l.minor ELSE 0 END"),
        );
        let rows = self.query(&sql, &[OF_ENTRY, OF_LINE], vec![days.from.into(), end(days).into()]).await?;
        let balance = |row: &QueryResult| {
            Ok(Balance {
                account: rows::account(row)?,
                currency: currency(&get::<String>(row, "currency")?)?,
                opening: get(row, "opening")?,
                debit: get(row, "debit")?,
                credit: get(row, "credit")?,
            })
        };
        rows.iter().map(balance).collect()
    }

    async fn open_items(&self, on: NaiveDate) -> Result<Vec<OpenItem>> {
        let sql = format!(
            "SELECT l.account, l.tenant_id, l.sponsor_id, l.currency, {} AS minor, MIN(l.due_on) AS due_on {JOINED}
              AND e.booked_on <= $1 AND (l.account = 'receivable' OR l.account = 'prepaid')
             GROUP BY l.account, l.tenant_id, l.sponsor_id, l.currency, l.document_id HAVING SUM(l.minor) <> 0",
            sum("l.minor"),
        );
        let rows = self.query(&sql, &[OF_ENTRY, OF_LINE], vec![on.into()]).await?;
        let item = |row: &QueryResult| {
            let tenant = get::<Option<Uuid>>(row, "tenant_id")?.map(|id| Payer::Tenant(TenantId::from_uuid(id)));
            let sponsor = get::<Option<Uuid>>(row, "sponsor_id")?.map(|id| Payer::Sponsor(SponsorId::from_uuid(id)));
            Ok(OpenItem {
                payer: tenant.or(sponsor).ok_or_else(|| Error::internal("a debt of nobody"))?,
                currency: currency(&get::<String>(row, "currency")?)?,
                owed: get::<String>(row, "account")? == "receivable",
                minor: get(row, "minor")?,
                due_on: get(row, "due_on")?,
            })
        };
        rows.iter().map(item).collect()
    }

    async fn taxed(&self, points: Period) -> Result<Vec<TaxSum>> {
        let sql = format!(
            "SELECT l.tax_rate_bp, l.currency, {} AS net, {} AS tax FROM ledger_line l
             WHERE {{l}} AND l.tax_point >= $1 AND l.tax_point < $2 GROUP BY l.tax_rate_bp, l.currency",
            sum("CASE WHEN l.account = 'tax_payable' THEN 0 ELSE -l.minor END"),
            sum("CASE WHEN l.account = 'tax_payable' THEN -l.minor ELSE 0 END"),
        );
        let rows = self.query(&sql, &[OF_LINE], vec![points.from.into(), end(points).into()]).await?;
        let taxed = |row: &QueryResult| {
            Ok(TaxSum {
                rate: tax_rate(get(row, "tax_rate_bp")?)?,
                currency: currency(&get::<String>(row, "currency")?)?,
                net: get(row, "net")?,
                tax: get(row, "tax")?,
            })
        };
        rows.iter().map(taxed).collect()
    }

    async fn statement(&self, tenant: TenantId, days: Period) -> Result<Statement> {
        let sql = format!(
            "SELECT s.currency, {} AS minor FROM ledger_statement s WHERE {{s}} AND s.tenant_id = $1 AND s.booked_on < $2
             GROUP BY s.currency HAVING SUM(s.minor) <> 0 ORDER BY s.currency",
            sum("s.minor"),
        );
        let mut statement = Statement::default();
        for row in self.query(&sql, &[OF_STATEMENT], vec![id(tenant), days.from.into()]).await? {
            statement.openings.push((currency(&get::<String>(&row, "currency")?)?, get(&row, "minor")?));
        }
        let sql =
            "SELECT s.entry_id, s.number, s.booked_on, s.about_month, s.text_rule, s.text_args, s.currency, s.minor
             FROM ledger_statement s WHERE {s} AND s.tenant_id = $1 AND s.booked_on >= $2 AND s.booked_on < $3
             ORDER BY s.booked_on, s.number, s.currency";
        for row in self.query(sql, &[OF_STATEMENT], vec![id(tenant), days.from.into(), end(days).into()]).await? {
            statement.lines.push(StatementLine {
                entry: BookEntryId::from_uuid(get(&row, "entry_id")?),
                number: get(&row, "number")?,
                on: get(&row, "booked_on")?,
                about: Month::of(get(&row, "about_month")?),
                text: rows::text(&row)?,
                currency: currency(&get::<String>(&row, "currency")?)?,
                minor: get(&row, "minor")?,
                balance: 0,
            });
        }
        Ok(statement)
    }
}
