//! Who was logged in: the ledger of days, and the months that are kept beside it so that a park's question reads few rows.
//! What the ledger says counts; a month is what it adds up to, which random histories try.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::ids::{Id, SeatId};
use voxpark_domain::seat_days::{FactsAsk, PresenceEntry, Source, Who};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Error, Result};

use super::Narrow;
use crate::db::{Slot, Tx, fail};
use crate::repo::binds::inserts;
use crate::repo::{NEVER, get};

const LEDGER: Slot = Slot("p", "presence");
const MONTHS: Slot = Slot("k", "presence_month");

/// Days of a month on which an agent was logged in.
pub(super) struct Logged {
    pub(super) tenant: Uuid,
    pub(super) agent: Vec<u8>,
    /// Where, if the source says so.
    pub(super) seat: Option<SeatId>,
    /// Its first day.
    pub(super) month: NaiveDate,
    /// The lowest bit is its first day; never none.
    pub(super) days: u32,
}

/// Whose days of a month, and on which seat; nil where none is named.
type Key = (i64, Vec<u8>, Uuid);

/// The number of the month of a row's day.
fn month_of(alias: &str, postgres: bool) -> String {
    if postgres {
        format!("CAST(EXTRACT(YEAR FROM {alias}.day) * 12 + EXTRACT(MONTH FROM {alias}.day) - 1 AS bigint)")
    } else {
        format!("(CAST(substr({alias}.day, 1, 4) AS INTEGER) * 12 + CAST(substr({alias}.day, 6, 2) AS INTEGER) - 1)")
    }
}

/// The bit of a row's day in its month.
fn bit_of(alias: &str, postgres: bool) -> String {
    if postgres {
        format!("CAST(1 AS bigint) << (CAST(EXTRACT(DAY FROM {alias}.day) AS int) - 1)")
    } else {
        format!("1 << (CAST(substr({alias}.day, 9, 2) AS INTEGER) - 1)")
    }
}

/// The ledger as rows of months: days that at least one source says. `from` = the ledger under the alias `p` with what it is
/// joined with and narrowed by.
fn folded(postgres: bool, from: &str) -> String {
    let (month, bit) = (month_of("d", postgres), bit_of("d", postgres));
    format!(
        "SELECT d.park_id, d.tenant_id, {month} AS month, d.agent, d.seat_id, CAST(SUM({bit}) AS bigint) AS days, MAX(d.recorded_at) AS recorded_at FROM
          (SELECT s.park_id, s.tenant_id, s.agent, s.seat_id, s.day, MAX(s.recorded_at) AS recorded_at FROM
            (SELECT p.park_id, p.tenant_id, p.agent, p.seat_id, p.day, MAX(p.recorded_at) AS recorded_at FROM {from}
             GROUP BY p.park_id, p.tenant_id, p.agent, p.seat_id, p.day, p.source_id HAVING SUM(p.sign) > 0) s
           GROUP BY s.park_id, s.tenant_id, s.agent, s.seat_id, s.day) d
         GROUP BY d.park_id, d.tenant_id, {month}, d.agent, d.seat_id"
    )
}

/// How a kept month takes what is added to it.
const ADD: &str = "ON CONFLICT (park_id, tenant_id, month, agent, seat_id) DO UPDATE SET days = presence_month.days | excluded.days,
 recorded_at = CASE WHEN excluded.recorded_at > presence_month.recorded_at THEN excluded.recorded_at ELSE presence_month.recorded_at END";
/// How it is emptied.
const CLEAR: &str = "ON CONFLICT (park_id, tenant_id, month, agent, seat_id) DO UPDATE SET days = 0, recorded_at = excluded.recorded_at";

impl Tx {
    /// Who was logged in on which days; `seated` = on a seat that the source names.
    pub(super) async fn presences(&self, ask: &FactsAsk<'_>, within: Period, seated: bool) -> Result<Vec<Logged>> {
        let mut rows = self.presence_kept(ask, within, seated).await?;
        if ask.known_at.is_some() {
            rows.extend(self.presence_known(ask, within, seated).await?);
        }
        let logged = |row: &QueryResult| {
            let month = Month::from_number(get(row, "month")?).ok_or_else(|| Error::internal("a month"))?;
            let seat: Option<Uuid> = get(row, "seat_id")?;
            let days = u32::try_from(get::<i64>(row, "days")?).map_err(Error::internal)? & bits(month, within);
            Ok((days > 0).then_some(Logged {
                tenant: get(row, "tenant_id")?,
                agent: get(row, "agent")?,
                seat: seat.filter(|seat| !seat.is_nil()).map(SeatId::from_uuid),
                month: month.first_day(),
                days,
            }))
        };
        rows.iter().filter_map(|row| logged(row).transpose()).collect()
    }

    /// The months that are kept; of a past instant those of which nothing was said since.
    async fn presence_kept(&self, ask: &FactsAsk<'_>, within: Period, seated: bool) -> Result<Vec<QueryResult>> {
        let mut narrow = Narrow::new(ask);
        let only = if seated { narrow.rows("k") } else { narrow.owner("k") };
        let named = if seated { "<>" } else { "=" };
        let (known, nil) = (narrow.known("k"), narrow.binds.one(Uuid::nil()));
        let months = narrow.months("k", within);
        let sql = format!(
            "SELECT k.tenant_id, k.month, k.agent, k.seat_id, k.days FROM presence_month k
             WHERE {{k}} AND {only} AND k.seat_id {named} {nil} AND k.days > 0 AND {months}{known}"
        );
        narrow.query(self, &sql, &[MONTHS]).await
    }

    /// The ledger as it was known, of the months of which something was said since.
    async fn presence_known(&self, ask: &FactsAsk<'_>, within: Period, seated: bool) -> Result<Vec<QueryResult>> {
        let mut narrow = Narrow::new(ask);
        let only = if seated { narrow.rows("k") } else { narrow.owner("k") };
        let (from, to) = (narrow.binds.one(within.from), narrow.binds.one(within.to.unwrap_or(NEVER)));
        let months = narrow.months("k", within);
        let at = narrow.binds.one(ask.known_at);
        // Without a seat named, there is none on either side.
        let place = if seated {
            "p.seat_id = k.seat_id".to_owned()
        } else {
            format!("p.seat_id IS NULL AND k.seat_id = {}", narrow.binds.one(Uuid::nil()))
        };
        let month = month_of("p", self.postgres());
        let from = format!(
            "presence_month k JOIN presence p ON p.park_id = k.park_id AND p.tenant_id = k.tenant_id AND p.agent = k.agent
              AND {place} AND {month} = k.month AND p.day >= {from} AND p.day < {to} AND p.recorded_at <= {at}
             WHERE {{k}} AND {{p}} AND {only} AND {months} AND k.recorded_at > {at}"
        );
        narrow.query(self, &folded(self.postgres(), &from), &[MONTHS, LEDGER]).await
    }

    /// Appends to the ledger, and to the months what was new in it.
    pub(super) async fn presence_append(
        &self,
        source: Source,
        entries: &[PresenceEntry<'_>],
        now: DateTime<Utc>,
    ) -> Result<u64> {
        if entries.is_empty() {
            return Ok(0);
        }
        let (park, tenant) = (self.park_id()?, self.tenant_id()?);
        let sql = "SELECT COALESCE(MAX(p.generation) + 1, 0) AS generation FROM presence p
             WHERE {p} AND p.source_id = $1 AND p.sign = -1";
        let row = self.query_one(sql, &[LEDGER], vec![source.uuid().into()]).await?;
        let generation: i64 = row.map_or(Ok(0), |row| get(&row, "generation"))?;
        let names = self.keys().pseudonyms(park, tenant);
        // One row a key, in order, so that two imports cannot wait for each other.
        let mut rows: BTreeMap<(NaiveDate, [u8; 16], i64), Option<SeatId>> = BTreeMap::new();
        for entry in entries {
            let agent = match entry.who {
                Who::Number(number) => names.of("agent", number),
                Who::Agent(pseudonym) => pseudonym.0,
            };
            rows.entry((entry.day, agent, entry.n)).or_insert(entry.seat);
        }
        let row = |((day, agent, n), seat): ((NaiveDate, [u8; 16], i64), Option<SeatId>)| {
            vec![
                park.into(),
                tenant.into(),
                source.uuid().into(),
                generation.into(),
                1_i64.into(),
                day.into(),
                agent.to_vec().into(),
                n.into(),
                seat.map(Id::uuid).into(),
                now.into(),
            ]
        };
        let columns =
            ["park_id", "tenant_id", "source_id", "generation", "sign", "day", "agent", "n", "seat_id", "recorded_at"];
        let (mut added, mut months) = (0, BTreeMap::<Key, i64>::new());
        for (sql, values) in inserts("presence", &columns, rows.into_iter().map(row).collect()) {
            let sql = format!("{sql} ON CONFLICT DO NOTHING RETURNING day, agent, seat_id");
            for row in self.query(&sql, &[], values).await? {
                let day: NaiveDate = get(&row, "day")?;
                let seat: Option<Uuid> = get(&row, "seat_id")?;
                let key = (Month::of(day).number(), get(&row, "agent")?, seat.unwrap_or_default());
                *months.entry(key).or_default() |= 1 << day.day0();
                added += 1;
            }
        }
        self.presence_months(months, now, ADD).await?;
        Ok(added)
    }

    /// Appends to the ledger that nothing stands of what a source said, and adds up the months that it had spoken of again.
    pub(super) async fn presence_take_back(&self, source: Source, now: DateTime<Utc>) -> Result<u64> {
        let sql = "INSERT INTO presence (park_id, tenant_id, source_id, generation, sign, day, agent, n, seat_id, recorded_at)
             SELECT p.park_id, p.tenant_id, p.source_id, p.generation, -1, p.day, p.agent, p.n, p.seat_id, $2 FROM presence p
             WHERE {p} AND p.source_id = $1 AND p.sign = 1 AND NOT EXISTS (SELECT 1 FROM presence q
              WHERE {q} AND q.park_id = p.park_id AND q.tenant_id = p.tenant_id AND q.source_id = p.source_id
               AND q.generation = p.generation AND q.sign = -1 AND q.day = p.day AND q.agent = p.agent AND q.n = p.n)";
        let slots = [LEDGER, Slot("q", "presence")];
        let gone = self.execute(sql, &slots, vec![source.uuid().into(), now.into()]).await.map_err(fail)?;
        if gone == 0 {
            return Ok(0);
        }
        let month = month_of("p", self.postgres());
        let sql = format!(
            "SELECT DISTINCT {month} AS month, p.agent, p.seat_id FROM presence p WHERE {{p}} AND p.source_id = $1"
        );
        let mut touched = BTreeMap::new();
        for row in self.query(&sql, &[LEDGER], vec![source.uuid().into()]).await? {
            let seat: Option<Uuid> = get(&row, "seat_id")?;
            touched.insert((get(&row, "month")?, get(&row, "agent")?, seat.unwrap_or_default()), 0);
        }
        // Emptying them first holds them: what is added meanwhile waits and comes on top.
        self.presence_months(touched, now, CLEAR).await?;
        let from = format!(
            "(SELECT DISTINCT t.park_id, t.tenant_id, t.agent, t.seat_id, {} AS month FROM presence t WHERE {{t}} AND t.source_id = $1) t
             JOIN presence p ON p.park_id = t.park_id AND p.tenant_id = t.tenant_id AND p.agent = t.agent AND {month} = t.month
              AND COALESCE(p.seat_id, $2) = COALESCE(t.seat_id, $2)
             WHERE {{p}}",
            month_of("t", self.postgres())
        );
        let sql = format!(
            "INSERT INTO presence_month (park_id, tenant_id, month, agent, seat_id, days, recorded_at)
             SELECT f.park_id, f.tenant_id, f.month, f.agent, COALESCE(f.seat_id, $2), f.days, f.recorded_at FROM ({}) f WHERE TRUE
             ORDER BY f.month, f.agent, COALESCE(f.seat_id, $2) {ADD}",
            folded(self.postgres(), &from)
        );
        let slots = [LEDGER, Slot("t", "presence")];
        self.execute(&sql, &slots, vec![source.uuid().into(), Uuid::nil().into()]).await.map_err(fail)?;
        Ok(gone)
    }

    /// Writes months, in the order of their keys.
    async fn presence_months(&self, months: BTreeMap<Key, i64>, now: DateTime<Utc>, then: &str) -> Result<()> {
        let (park, tenant) = (self.park_id()?, self.tenant_id()?);
        let row = |((month, agent, seat), days): (Key, i64)| -> Vec<Value> {
            vec![park.into(), tenant.into(), month.into(), agent.into(), seat.into(), days.into(), now.into()]
        };
        let columns = ["park_id", "tenant_id", "month", "agent", "seat_id", "days", "recorded_at"];
        for (sql, values) in inserts("presence_month", &columns, months.into_iter().map(row).collect()) {
            self.execute(&format!("{sql} {then}"), &[], values).await.map_err(fail)?;
        }
        Ok(())
    }
}

/// The days of a month that lie in a period, as bits.
fn bits(month: Month, within: Period) -> u32 {
    let until = |day: NaiveDate| (1_u64 << (day - month.first_day()).num_days().clamp(0, 31)) - 1;
    u32::try_from(until(within.to.unwrap_or(NEVER)) & !until(within.from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_a_month_are_cut_to_the_period() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let cut = |from: &str, to: &str| {
            bits(Month::parse("2026-02").expect("a month"), Period::new(day(from), Some(day(to))).expect("a period"))
        };
        assert_eq!(cut("2026-02-01", "2026-02-02"), 1);
        assert_eq!(cut("2026-02-03", "2026-02-05"), 0b1100);
        assert_eq!(cut("2026-01-03", "2026-02-03"), 0b11);
        assert_eq!(cut("2026-02-27", "2027-01-01") & 0x0fff_ffff, 0b11 << 26);
        assert_eq!(cut("2026-03-01", "2026-04-01") & 0x0fff_ffff, 0);
    }
}
