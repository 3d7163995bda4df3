//! The rows of the time line of one seat.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::ids::{Id, PersonId, TenantId};
use voxpark_domain::seat_days::{FactsAsk, LedgerRow, RowKind};
use voxpark_domain::time::{Month, Period};

use super::{Narrow, period};
use crate::db::{Slot, Tx};
use crate::repo::{broken, get};

/// `(kind, sign, tenant_id, person_id, since, till, recorded_at)` of one table, in that order.
struct Part {
    sql: String,
    slots: Vec<Slot>,
}

fn kind(name: &str) -> Result<RowKind> {
    Ok(match name {
        "allocation" => RowKind::Allocation,
        "occupancy" => RowKind::Occupancy,
        "presence" => RowKind::Presence,
        "contract" => RowKind::Contract,
        "payroll" => RowKind::Payroll,
        "insurance" => RowKind::Insurance,
        other => return Err(broken("row", other)),
    })
}

/// In the order they were recorded.
pub(super) async fn of_seat(tx: &Tx, ask: &FactsAsk<'_>, private: bool) -> Result<Vec<LedgerRow>> {
    let mut all = allocations(tx, ask).await?;
    all.extend(simple(tx, ask, occupancies, private).await?);
    if private {
        let sat: Vec<_> = all.iter().filter(|row| row.kind == RowKind::Occupancy).copied().collect();
        all.extend(presences(tx, ask, &sat).await?);
        all.extend(simple(tx, ask, contracts, true).await?);
        all.extend(months(tx, ask).await?);
    }
    all.sort_by_key(|row| (row.recorded_at, row.holds, row.kind, row.period.from, row.person));
    Ok(all)
}

/// The steps of allocations as what they say and what they take back.
async fn allocations(tx: &Tx, ask: &FactsAsk<'_>) -> Result<Vec<LedgerRow>> {
    let mut narrow = Narrow::new(ask);
    let (only, known) = (narrow.rows("l"), narrow.known("l"));
    let sql = format!(
        "SELECT l.tenant_id, l.allocation_id, l.kind, l.effective_on, l.recorded_at FROM seat_ledger l
         WHERE {{l}} AND {only}{known} ORDER BY l.allocation_id, l.recorded_at, l.kind, l.entry_id"
    );
    // Of what was recorded in one breath the beginning comes first: the kinds are in the order of the alphabet.
    let rows = narrow.query(tx, &sql, &[Slot("l", "seat_ledger")]).await?;
    let (mut all, mut open): (Vec<LedgerRow>, Option<(Uuid, LedgerRow)>) = (Vec::new(), None);
    for row in &rows {
        let (id, on): (Uuid, NaiveDate) = (get(row, "allocation_id")?, get(row, "effective_on")?);
        let recorded_at = get(row, "recorded_at")?;
        let standing = open.take().filter(|(of, _)| *of == id).map(|(_, row)| row);
        match (get::<String>(row, "kind")?.as_str(), standing) {
            ("allocate", _) => {
                let tenant = TenantId::from_uuid(get(row, "tenant_id")?);
                let period = Period { from: on, to: None };
                let new =
                    LedgerRow { kind: RowKind::Allocation, holds: true, tenant, person: None, period, recorded_at };
                all.push(new);
                open = Some((id, new));
            }
            ("release", Some(before)) => {
                let new = LedgerRow { period: Period { to: Some(on), ..before.period }, recorded_at, ..before };
                if before.recorded_at == recorded_at && before.period.to.is_none() {
                    // Said in one breath: from when to when.
                    all.pop();
                } else {
                    all.push(LedgerRow { holds: false, recorded_at, ..before });
                }
                all.push(new);
                open = Some((id, new));
            }
            ("reverse", Some(before)) => all.push(LedgerRow { holds: false, recorded_at, ..before }),
            _ => {}
        }
    }
    let window = ask.window.period();
    all.retain(|row| row.period.overlaps(window));
    Ok(all)
}

fn occupancies(narrow: &mut Narrow<'_>, private: bool) -> Part {
    let (from, to) = (narrow.binds.one(narrow.ask.window.from), narrow.binds.one(narrow.ask.window.to));
    let (only, known) = (narrow.rows("o"), narrow.known("o"));
    let person = if private { "o.person_id" } else { "CAST(NULL AS uuid) AS person_id" };
    let sql = format!(
        "SELECT 'occupancy' AS kind, o.sign, o.tenant_id, {person}, o.sat_from AS since, o.sat_to AS till, o.recorded_at
         FROM occupancy_ledger o WHERE {{o}} AND {only} AND o.sat_from < {to} AND o.sat_to > {from}{known}"
    );
    Part { sql, slots: vec![Slot("o", "occupancy_ledger")] }
}

/// The persons who sat on the seat in the window.
fn sitters(narrow: &mut Narrow<'_>, of: &str) -> String {
    let (from, to) = (narrow.binds.one(narrow.ask.window.from), narrow.binds.one(narrow.ask.window.to));
    let (only, known) = (narrow.rows("o"), narrow.known("o"));
    format!(
        "EXISTS (SELECT 1 FROM occupancy_ledger o WHERE {{o}} AND {only} AND o.tenant_id = {of}.tenant_id AND o.person_id = {of}.person_id
          AND o.sat_from < {to} AND o.sat_to > {from}{known})"
    )
}

fn contracts(narrow: &mut Narrow<'_>, _: bool) -> Part {
    let sat = sitters(narrow, "c");
    let known = narrow.known("c");
    let sql = format!(
        "SELECT 'contract' AS kind, c.sign, c.tenant_id, c.person_id, c.contract_from AS since, c.contract_to AS till, c.recorded_at
         FROM employment_contract c WHERE {{c}} AND {sat}{known}"
    );
    Part { sql, slots: vec![Slot("c", "employment_contract"), Slot("o", "occupancy_ledger")] }
}

/// Who was logged in on the seat by name, and those who sat there wherever they were logged in, on days on which they sat.
async fn presences(tx: &Tx, ask: &FactsAsk<'_>, sat: &[LedgerRow]) -> Result<Vec<LedgerRow>> {
    let agents = tx.agents(ask).await?;
    let who: HashMap<(Uuid, Vec<u8>), PersonId> =
        agents.into_iter().filter(|(_, person)| sat.iter().any(|row| row.person == Some(*person))).collect();
    let mut narrow = Narrow::new(ask);
    let (from, to) = (narrow.binds.one(ask.window.from), narrow.binds.one(ask.window.to));
    let names = narrow.binds.list(who.keys().map(|(_, agent)| agent.clone()));
    let only = narrow.owner("p");
    let (here, known) = (narrow.seats("p"), narrow.known("p"));
    let sql = format!(
        "SELECT p.sign, p.tenant_id, p.agent, p.seat_id, p.day, p.recorded_at FROM presence p
         WHERE {{p}} AND {only} AND p.day >= {from} AND p.day < {to}{known}
          AND ((p.seat_id IS NOT NULL{here}) OR (p.seat_id IS NULL AND p.agent IN {names}))"
    );
    let rows = narrow.query(tx, &sql, &[Slot("p", "presence")]).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let (tenant, day): (Uuid, NaiveDate) = (get(row, "tenant_id")?, get(row, "day")?);
        let person = who.get(&(tenant, get::<Vec<u8>>(row, "agent")?)).copied();
        let named = get::<Option<Uuid>>(row, "seat_id")?.is_some();
        let sits = |row: &LedgerRow| row.person == person && row.period.contains(day);
        if named || sat.iter().any(sits) {
            all.push(LedgerRow {
                kind: RowKind::Presence,
                holds: get::<i64>(row, "sign")? > 0,
                tenant: TenantId::from_uuid(tenant),
                person,
                period: Period { from: day, to: day.succ_opt() },
                recorded_at: get(row, "recorded_at")?,
            });
        }
    }
    Ok(all)
}

async fn simple(
    tx: &Tx,
    ask: &FactsAsk<'_>,
    part: fn(&mut Narrow<'_>, bool) -> Part,
    private: bool,
) -> Result<Vec<LedgerRow>> {
    let mut narrow = Narrow::new(ask);
    let Part { sql, slots } = part(&mut narrow, private);
    let row = |row: &QueryResult| {
        let kind = kind(&get::<String>(row, "kind")?)?;
        let person = if private { get::<Option<Uuid>>(row, "person_id")?.map(PersonId::from_uuid) } else { None };
        Ok(LedgerRow {
            kind,
            holds: get::<i64>(row, "sign")? > 0,
            tenant: TenantId::from_uuid(get(row, "tenant_id")?),
            person,
            period: period(row, "since", "till")?,
            recorded_at: get(row, "recorded_at")?,
        })
    };
    narrow.query(tx, &sql, &slots).await?.iter().map(row).collect()
}

/// What is proven of the months that the rule looks at, of those who sat on the seat.
async fn months(tx: &Tx, ask: &FactsAsk<'_>) -> Result<Vec<LedgerRow>> {
    let mut narrow = Narrow::new(ask);
    let within = ask.window.proof_months(ask.rule);
    let sat = sitters(&mut narrow, "m");
    let (from, to) = (Month::of(within.from).number(), Month::of(within.to.unwrap_or(within.from)).number());
    let (from, to) = (narrow.binds.one(from), narrow.binds.one(to));
    let known = narrow.known("m");
    let sql = format!(
        "SELECT m.sign, m.tenant_id, m.person_id, m.month, m.payroll, m.insurance, m.recorded_at FROM paid_month m
         WHERE {{m}} AND {sat} AND m.month >= {from} AND m.month < {to}{known}"
    );
    let rows = narrow.query(tx, &sql, &[Slot("m", "paid_month"), Slot("o", "occupancy_ledger")]).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let number: i64 = get(row, "month")?;
        for (kind, column) in [(RowKind::Payroll, "payroll"), (RowKind::Insurance, "insurance")] {
            if get::<bool>(row, column)? {
                all.push(LedgerRow {
                    kind,
                    holds: get::<i64>(row, "sign")? > 0,
                    tenant: TenantId::from_uuid(get(row, "tenant_id")?),
                    person: Some(PersonId::from_uuid(get(row, "person_id")?)),
                    period: Month::from_number(number).ok_or_else(|| broken("month", &number.to_string()))?.period(),
                    recorded_at: get(row, "recorded_at")?,
                });
            }
        }
    }
    Ok(all)
}
