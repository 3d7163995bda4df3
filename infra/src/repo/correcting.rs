//! Which months that were billed come to something else by what was recorded since.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{QueryResult, Value};
use voxpark_billing::invoicing::{Corrections, Found, InvoiceNumber, KnownMonth, Late, LateAsk, known_at_last};
use voxpark_billing::pricing::PriceBook;
use voxpark_domain::ids::{Id, InvoiceId, LeaseId};
use voxpark_domain::leasing::BookVersion;
use voxpark_domain::time::Month;
use voxpark_domain::{Error, Result};

use super::{broken, get};
use crate::db::{Slot, Tx};
use crate::repo::binds::{Binds, id};
use crate::repo::invoicing::small;

/// Most invoices that are asked about in one statement, for the bound on its values.
const PORTION: usize = 4_000;

/// What was issued for the lease before, as it stood: `k` is the asking invoice, `i` another of the lease. Two that were issued
/// with the same knowledge are told apart by their numbers.
const BEFORE: &str = "SELECT k.n, k.month, k.known_at AS till, i.park_id, i.tenant_id, i.invoice_id, i.lease_id, i.number, i.period_from,
  i.period_to, i.known_at, i.brings_up, k.issued_at
 FROM asked k JOIN lease e ON e.lease_id = k.lease_id
 JOIN invoice i ON i.park_id = e.park_id AND i.tenant_id = e.tenant_id AND i.lease_id = e.lease_id
 WHERE {e} AND {i} AND (i.known_at < k.known_at OR (i.known_at = k.known_at AND (k.number = '' OR i.number < k.number)))
  AND (i.voided_at IS NULL OR i.voided_at > k.issued_at)";

/// The last month that was billed, and the instant behind which something new may have been recorded: whoever brings months up
/// does so with all of them. Where a correction was withdrawn since, they are all looked at again.
const BEHIND: &str = "behind AS (
  SELECT b.n, MAX(b.period_from) AS latest, CASE WHEN EXISTS (SELECT 1 FROM invoice_correction g
     JOIN invoice w ON w.park_id = g.park_id AND w.tenant_id = g.tenant_id AND w.invoice_id = g.invoice_id
     WHERE {g} AND {w} AND g.park_id = b.park_id AND g.tenant_id = b.tenant_id AND g.lease_id = b.lease_id AND w.voided_at <= b.issued_at)
    THEN MIN(b.known_at) ELSE COALESCE(MAX(CASE WHEN b.brings_up THEN b.known_at END), MIN(b.known_at)) END AS since
  FROM before b GROUP BY b.n, b.park_id, b.tenant_id, b.lease_id, b.issued_at)";

/// The months before, each with when it was brought up last (`base`), by an invoice or by a credit note, where something was recorded behind that and until the
/// asking invoice was drawn up that is true of a day before the month's end: a seat, a version of the lease, or a figure of a meter. Goes on.
const LATE: &str = "billed AS (
  SELECT b.n, b.till, b.park_id, b.tenant_id, b.lease_id, b.number, b.period_from, b.period_to,
   CASE WHEN y.known_at > b.known_at THEN y.known_at ELSE b.known_at END AS base
  FROM before b JOIN behind h ON h.n = b.n AND h.latest < b.month
  LEFT JOIN (SELECT u.n, u.month, MAX(u.known_at) AS known_at FROM (
     SELECT c.n, x.month, c.known_at FROM before c
      JOIN invoice_correction x ON x.park_id = c.park_id AND x.tenant_id = c.tenant_id AND x.invoice_id = c.invoice_id WHERE {x}
     UNION ALL
     SELECT c.n, z.month, z.known_at FROM before c JOIN credit_note_correction z ON z.park_id = c.park_id AND z.tenant_id = c.tenant_id
      AND z.lease_id = c.lease_id AND z.month = c.period_from AND z.known_at <= c.till WHERE {z}) u GROUP BY u.n, u.month
    ) y ON y.n = b.n AND y.month = b.period_from),
 asking AS (SELECT DISTINCT b.n, b.till, b.park_id, b.tenant_id, b.lease_id, h.since FROM before b JOIN behind h ON h.n = b.n AND h.latest < b.month),
 fresh AS (
  SELECT a.n, l.recorded_at, l.effective_on AS day FROM asking a
   JOIN seat_ledger l ON l.park_id = a.park_id AND l.tenant_id = a.tenant_id AND l.lease_id = a.lease_id
    AND l.recorded_at > a.since AND l.recorded_at <= a.till WHERE {l}
  UNION ALL
  SELECT a.n, v.recorded_at, v.in_force_from FROM asking a
   JOIN lease_version v ON v.park_id = a.park_id AND v.tenant_id = a.tenant_id AND v.lease_id = a.lease_id
    AND v.recorded_at > a.since AND v.recorded_at <= a.till WHERE {v}
  UNION ALL
  SELECT a.n, q.recorded_at, q.month FROM asking a
   JOIN lease_usage q ON q.park_id = a.park_id AND q.tenant_id = a.tenant_id AND q.lease_id = a.lease_id
    AND q.recorded_at > a.since AND q.recorded_at <= a.till WHERE {q}";

/// The same of seats that pay by their zones: another zone, or another name of it.
const PLACED: &str = "
  UNION ALL
  SELECT a.n, p.recorded_at, p.valid_to FROM asking a JOIN asked k ON k.n = a.n AND k.by_zone
   JOIN seat_ledger r ON r.park_id = a.park_id AND r.tenant_id = a.tenant_id AND r.lease_id = a.lease_id AND r.kind = 'allocate'
   JOIN seat_place p ON p.park_id = r.park_id AND p.seat_id = r.seat_id AND p.recorded_at > a.since AND p.recorded_at <= a.till
   WHERE {r} AND {p}
  UNION ALL
  SELECT a.n, m.recorded_at, m.valid_to FROM asking a JOIN asked k ON k.n = a.n AND k.by_zone
   JOIN seat_ledger r ON r.park_id = a.park_id AND r.tenant_id = a.tenant_id AND r.lease_id = a.lease_id AND r.kind = 'allocate'
   JOIN seat s ON s.park_id = r.park_id AND s.seat_id = r.seat_id
   JOIN zone_name m ON m.park_id = r.park_id AND m.recorded_at > a.since AND m.recorded_at <= a.till AND (m.zone_id = s.zone_id
    OR EXISTS (SELECT 1 FROM seat_place p WHERE {p} AND p.park_id = r.park_id AND p.seat_id = r.seat_id AND p.zone_id = m.zone_id))
   WHERE {r} AND {s} AND {m}";

/// The end of it.
const BILLED_BEFORE: &str = ")
 SELECT d.n, d.lease_id, d.number, d.period_from, d.base FROM billed d
 WHERE EXISTS (SELECT 1 FROM fresh f WHERE f.n = d.n AND f.recorded_at > d.base AND f.day < d.period_to)
 ORDER BY d.n, d.period_from";

/// The asking invoices as rows.
fn rows_of(asked: &[LateAsk], by_zone: &HashSet<LeaseId>, binds: &mut Binds) -> String {
    let mut row = |(n, ask): (i64, &LateAsk)| {
        let (number, issued_at) = ask.issued.as_ref().map_or_else(
            // Behind all there are; those that were withdrawn do not count.
            || (String::new(), known_at_last()),
            |(number, at)| (number.to_string(), *at),
        );
        let values: [Value; 6] = [
            n.into(),
            ask.at.lease.uuid().into(),
            ask.at.month.first_day().into(),
            ask.at.known_at.into(),
            number.into(),
            issued_at.into(),
        ];
        let by_zone = if by_zone.contains(&ask.at.lease) { "TRUE" } else { "FALSE" };
        format!("({}, {by_zone})", values.map(|value| binds.one(value)).join(", "))
    };
    let rows: Vec<String> = (0..).zip(asked).map(&mut row).collect();
    format!("asked (n, lease_id, month, known_at, number, issued_at, by_zone) AS (VALUES {})", rows.join(", "))
}

impl Tx {
    /// Those of the leases that pay by the zones of their seats: a book that a version names has prices of zones.
    async fn leases_by_zone(&self, asked: &[LateAsk]) -> Result<HashSet<LeaseId>> {
        let leases: Vec<LeaseId> = asked.iter().map(|ask| ask.at.lease).collect();
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT DISTINCT v.lease_id, v.price_book, v.price_book_version FROM lease e JOIN lease_version v
              ON v.park_id = e.park_id AND v.tenant_id = e.tenant_id AND v.lease_id = e.lease_id
             WHERE {{e}} AND {{v}} AND v.price_book IS NOT NULL AND e.lease_id IN {}",
            binds.ids(&leases)
        );
        let rows = self.query(&sql, &[Slot("e", "lease"), Slot("v", "lease_version")], binds.into_values()).await?;
        let named = |row: &QueryResult| -> Result<(LeaseId, BookVersion)> {
            let book = BookVersion {
                book: get(row, "price_book")?,
                version: small("version", get(row, "price_book_version")?)?,
            };
            Ok((LeaseId::from_uuid(get(row, "lease_id")?), book))
        };
        let named = rows.iter().map(named).collect::<Result<Vec<_>>>()?;
        let books = self.price_books_agreed(&named.iter().map(|(_, book)| book.clone()).collect()).await?;
        let by_zone = |named: &BookVersion| {
            let is = |book: &&Arc<PriceBook>| book.id == named.book && book.version == named.version;
            books.iter().find(is).is_some_and(|book| book.prices.iter().any(|price| !price.applies.zones.is_empty()))
        };
        Ok(named.into_iter().filter(|(_, book)| by_zone(book)).map(|(lease, _)| lease).collect())
    }
}

#[async_trait]
impl Corrections for Tx {
    async fn late(&self, asked: &[LateAsk]) -> Result<Vec<(KnownMonth, Found)>> {
        let mut found = Vec::with_capacity(asked.len());
        for portion in asked.chunks(PORTION) {
            let first = found.len();
            found.extend(portion.iter().map(|ask| (ask.at, Found { behind: true, late: Vec::new() })));
            let place = |n: i64| usize::try_from(n).map(|n| first + n).map_err(Error::internal);
            let by_zone = self.leases_by_zone(portion).await?;
            let mut binds = Binds::default();
            let rows = rows_of(portion, &by_zone, &mut binds);
            let sql = format!(
                "WITH {rows}, before AS ({BEFORE}), {BEHIND} SELECT h.n FROM behind h JOIN asked k ON k.n = h.n WHERE h.latest >= k.month"
            );
            let before =
                [Slot("e", "lease"), Slot("i", "invoice"), Slot("g", "invoice_correction"), Slot("w", "invoice")];
            for row in self.query(&sql, &before, binds.into_values()).await? {
                if let Some((_, of)) = found.get_mut(place(get(&row, "n")?)?) {
                    of.behind = false;
                }
            }
            let mut binds = Binds::default();
            let rows = rows_of(portion, &by_zone, &mut binds);
            let placed = if by_zone.is_empty() { "" } else { PLACED };
            let sql = format!("WITH {rows}, before AS ({BEFORE}), {BEHIND}, {LATE}{placed}{BILLED_BEFORE}");
            let mut slots = before.to_vec();
            slots.extend([
                Slot("x", "invoice_correction"),
                Slot("z", "credit_note_correction"),
                Slot("l", "seat_ledger"),
                Slot("v", "lease_version"),
                Slot("q", "lease_usage"),
            ]);
            if !by_zone.is_empty() {
                let places = [("r", "seat_ledger"), ("p", "seat_place"), ("s", "seat"), ("m", "zone_name")];
                slots.extend(places.map(|(alias, table)| Slot(alias, table)));
            }
            for row in self.query(&sql, &slots, binds.into_values()).await? {
                let number: String = get(&row, "number")?;
                let late = Late {
                    lease: LeaseId::from_uuid(get(&row, "lease_id")?),
                    month: Month::of(get(&row, "period_from")?),
                    number: number.parse().map_err(|_| broken("invoice number", &number))?,
                    billed_at: get(&row, "base")?,
                };
                if let Some((_, of)) = found.get_mut(place(get(&row, "n")?)?) {
                    of.late.push(late);
                }
            }
        }
        Ok(found)
    }

    async fn corrected_by(&self, invoice: InvoiceId) -> Result<Vec<InvoiceNumber>> {
        let sql = "SELECT n.number FROM invoice i
             JOIN invoice_correction x ON x.park_id = i.park_id AND x.tenant_id = i.tenant_id AND x.lease_id = i.lease_id AND x.month = i.period_from
             JOIN invoice n ON n.park_id = x.park_id AND n.tenant_id = x.tenant_id AND n.invoice_id = x.invoice_id
             WHERE {i} AND {x} AND {n} AND i.invoice_id = $1 AND n.voided_at IS NULL
             UNION SELECT c.number FROM invoice i
             JOIN credit_note_correction z ON z.park_id = i.park_id AND z.tenant_id = i.tenant_id AND z.lease_id = i.lease_id AND z.month = i.period_from
             JOIN credit_note c ON c.park_id = z.park_id AND c.tenant_id = z.tenant_id AND c.note_id = z.note_id
             WHERE {i} AND {z} AND {c} AND i.invoice_id = $1 ORDER BY 1";
        let slots = [
            Slot("i", "invoice"),
            Slot("x", "invoice_correction"),
            Slot("n", "invoice"),
            Slot("z", "credit_note_correction"),
            Slot("c", "credit_note"),
        ];
        let rows = self.query(sql, &slots, vec![id(invoice)]).await?;
        let number = |row: &QueryResult| {
            let number: String = get(row, "number")?;
            number.parse().map_err(|_| broken("invoice number", &number))
        };
        rows.iter().map(number).collect()
    }
}
