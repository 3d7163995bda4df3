//! The facts that seat-days are counted from, and the ledgers of proven employment and presence.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::ids::{FileId, Id, LedgerEntryId, PersonId, SeatId, TenantId, ZoneId};
use voxpark_domain::seat_days::{
    AtSeat, Contract, ContractEntry, EffectiveRule, Facts, FactsAsk, Held, Identity, LedgerRow, PaidMonth,
    PresenceEntry, Present, Proven, Sat, Seat, Source, Store,
};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Error, Result};

use crate::db::{Slot, Tx, fail};
use crate::repo::binds::{Binds, inserts};
use crate::repo::estate::product;
use crate::repo::{NEVER, get};

/// Months that one whole number holds as bits.
const HALF: i64 = 59;

fn period(row: &QueryResult, from: &str, to: &str) -> Result<Period> {
    Ok(Period { from: get(row, from)?, to: get(row, to)? })
}

/// What narrows a statement to the seats asked for, beside their park.
struct Narrow<'a> {
    ask: &'a FactsAsk<'a>,
    binds: Binds,
}

impl<'a> Narrow<'a> {
    fn new(ask: &'a FactsAsk<'a>) -> Self {
        Self { ask, binds: Binds::default() }
    }

    /// Conditions on the owner of rows.
    fn owner(&mut self, alias: &str) -> String {
        let park = format!("{alias}.park_id = {}", self.binds.one(self.ask.park.uuid()));
        match self.ask.tenant {
            Some(tenant) => format!("{park} AND {alias}.tenant_id = {}", self.binds.one(tenant.uuid())),
            None => park,
        }
    }

    /// Conditions on the rows of a table about seats.
    fn rows(&mut self, alias: &str) -> String {
        let owner = self.owner(alias);
        owner + &self.seats(alias)
    }

    /// Conditions on its seats.
    fn seats(&mut self, alias: &str) -> String {
        let seat = self.ask.seat.map(|seat| format!(" AND {alias}.seat_id = {}", self.binds.one(seat.uuid())));
        let zone = self.ask.zone.map(|zone| {
            format!(
                " AND EXISTS (SELECT 1 FROM seat w WHERE {{w}} AND w.park_id = {alias}.park_id AND w.seat_id = {alias}.seat_id
                   AND w.zone_id = {})",
                self.binds.one(zone.uuid())
            )
        });
        let floor = self.ask.floor.map(|floor| {
            format!(
                " AND EXISTS (SELECT 1 FROM seat w JOIN zone f ON f.park_id = w.park_id AND f.zone_id = w.zone_id
                   WHERE {{w}} AND {{f}} AND w.park_id = {alias}.park_id AND w.seat_id = {alias}.seat_id AND f.floor_id = {})",
                self.binds.one(floor.uuid())
            )
        });
        [seat, zone, floor].into_iter().flatten().collect()
    }

    /// What was recorded by the instant asked about.
    fn known(&mut self, alias: &str) -> String {
        match self.ask.known_at {
            Some(at) => format!(" AND {alias}.recorded_at <= {}", self.binds.one(at)),
            None => String::new(),
        }
    }

    /// Months by number that a period touches.
    fn months(&mut self, alias: &str, within: Period) -> String {
        let last = within.to.and_then(|to| to.pred_opt()).unwrap_or(NEVER);
        let (from, to) = (self.binds.one(Month::of(within.from).number()), self.binds.one(Month::of(last).number()));
        format!("{alias}.month >= {from} AND {alias}.month <= {to}")
    }

    async fn query(self, tx: &Tx, sql: &str, slots: &[Slot]) -> Result<Vec<QueryResult>> {
        let mut slots = slots.to_vec();
        // A statement without seats has no place for where they are.
        slots.extend([Slot("w", "seat"), Slot("f", "zone")]);
        slots.retain(|slot| sql.contains(&format!("{{{}}}", slot.0)));
        tx.query(sql, &slots, self.binds.into_values()).await
    }
}

/// The ledger folded to rows `(tenant_id, allocation_id, seat_id, held_from, held_to)`: what was recorded last counts, and
/// what was taken back as a whole is not there.
fn allocations_known(narrow: &mut Narrow<'_>) -> String {
    let (rows, known) = (narrow.rows("l"), narrow.known("l"));
    format!(
        "SELECT n.tenant_id, n.allocation_id, n.seat_id, MIN(CASE WHEN n.kind = 'allocate' THEN n.effective_on END) AS held_from,
          MIN(CASE WHEN n.kind = 'release' THEN n.effective_on END) AS held_to FROM
          (SELECT l.tenant_id, l.allocation_id, l.seat_id, l.kind, l.effective_on, ROW_NUMBER() OVER (PARTITION BY l.allocation_id, l.kind
            ORDER BY l.recorded_at DESC, l.entry_id DESC) AS newest FROM seat_ledger l WHERE {{l}} AND {rows}{known}) n
         WHERE n.newest = 1 GROUP BY n.tenant_id, n.allocation_id, n.seat_id
         HAVING SUM(CASE WHEN n.kind = 'reverse' THEN 1 ELSE 0 END) = 0"
    )
}

impl Tx {
    async fn fact_seats(&self, ask: &FactsAsk<'_>) -> Result<Vec<Seat>> {
        let mut narrow = Narrow::new(ask);
        // The plan is the park's, whosever seats are counted.
        let only = format!("s.park_id = {}{}", narrow.binds.one(ask.park.uuid()), narrow.seats("s"));
        let sql = format!(
            "SELECT s.seat_id, s.zone_id, s.product, s.built_from, s.built_to FROM seat s WHERE {{s}} AND {only} ORDER BY s.code, s.seat_id"
        );
        let rows = narrow.query(self, &sql, &[Slot("s", "seat")]).await?;
        let seat = |(place, row): (usize, &QueryResult)| {
            Ok(Seat {
                place,
                id: SeatId::from_uuid(get(row, "seat_id")?),
                zone: ZoneId::from_uuid(get(row, "zone_id")?),
                product: product(&get::<String>(row, "product")?)?,
                built: period(row, "built_from", "built_to")?,
            })
        };
        rows.iter().enumerate().map(seat).collect()
    }

    async fn fact_held(&self, ask: &FactsAsk<'_>) -> Result<Vec<Held>> {
        let mut narrow = Narrow::new(ask);
        let (from, to) = (narrow.binds.one(ask.window.from), narrow.binds.one(ask.window.to));
        let (sql, slot) = if ask.known_at.is_some() {
            let known = allocations_known(&mut narrow);
            let sql = format!(
                "SELECT k.tenant_id, k.seat_id, k.held_from, k.held_to FROM ({known}) k
                 WHERE k.held_from < {to} AND (k.held_to IS NULL OR k.held_to > {from})"
            );
            (sql, Slot("l", "seat_ledger"))
        } else {
            let rows = narrow.rows("a");
            let sql = format!(
                "SELECT a.tenant_id, a.seat_id, a.held_from, a.held_to FROM allocation a
                 WHERE {{a}} AND {rows} AND a.held_from < {to} AND a.held_to > {from}"
            );
            (sql, Slot("a", "allocation"))
        };
        let held = |row: &QueryResult| {
            Ok(Held {
                seat: SeatId::from_uuid(get(row, "seat_id")?),
                tenant: TenantId::from_uuid(get(row, "tenant_id")?),
                period: period(row, "held_from", "held_to")?,
            })
        };
        narrow.query(self, &sql, &[slot]).await?.iter().map(held).collect()
    }

    async fn fact_sat(&self, ask: &FactsAsk<'_>, within: Period) -> Result<Vec<Sat>> {
        let mut narrow = Narrow::new(ask);
        let (from, to) = (narrow.binds.one(within.from), narrow.binds.one(within.to.unwrap_or(NEVER)));
        let (rows, known) = (narrow.rows("o"), narrow.known("o"));
        let only = format!("{{o}} AND {rows} AND o.sat_from < {to} AND o.sat_to > {from}{known}");
        let columns = "o.tenant_id, o.seat_id, o.person_id, o.sat_from, o.sat_to";
        let (sql, slot) = if ask.known_at.is_some() {
            let sql = format!(
                "SELECT {columns} FROM occupancy_ledger o WHERE {only} GROUP BY {columns}, o.occupancy_id HAVING SUM(o.sign) > 0"
            );
            (sql, Slot("o", "occupancy_ledger"))
        } else {
            (format!("SELECT {columns} FROM occupancy o WHERE {only}"), Slot("o", "occupancy"))
        };
        let sat = |row: &QueryResult| {
            Ok(Sat {
                seat: SeatId::from_uuid(get(row, "seat_id")?),
                tenant: TenantId::from_uuid(get(row, "tenant_id")?),
                person: PersonId::from_uuid(get(row, "person_id")?),
                period: period(row, "sat_from", "sat_to")?,
            })
        };
        narrow.query(self, &sql, &[slot]).await?.iter().map(sat).collect()
    }

    /// People by tenant and the pseudonym under which systems know them.
    async fn agents(&self, ask: &FactsAsk<'_>) -> Result<HashMap<(Uuid, Vec<u8>), PersonId>> {
        let mut narrow = Narrow::new(ask);
        let only = narrow.owner("e");
        let sql = format!("SELECT e.tenant_id, e.person_id, e.employee_no FROM person e WHERE {{e}} AND {only}");
        let rows = narrow.query(self, &sql, &[Slot("e", "person")]).await?;
        let (park, mut keyed) = (ask.park.uuid(), HashMap::new());
        let mut all = HashMap::with_capacity(rows.len());
        for row in &rows {
            let tenant: Uuid = get(row, "tenant_id")?;
            let names = keyed.entry(tenant).or_insert_with(|| self.keys().pseudonyms(park, tenant));
            let agent = names.of("agent", get::<String>(row, "employee_no")?);
            all.insert((tenant, agent.to_vec()), PersonId::from_uuid(get(row, "person_id")?));
        }
        Ok(all)
    }

    async fn fact_proven(&self, ask: &FactsAsk<'_>, within: Period) -> Result<Vec<Proven>> {
        let mut narrow = Narrow::new(ask);
        let (base, end) = (Month::of(within.from).number(), Month::of(within.to.unwrap_or(within.from)).number());
        let (from, to) = (narrow.binds.one(base), narrow.binds.one(end));
        let only = narrow.owner("m");
        let known = narrow.known("m");
        let half = |from: i64, to: i64| {
            format!(
                "CAST(SUM(CASE WHEN k.month >= {} AND k.month < {} THEN CAST(1 AS bigint) << CAST(k.month - {} AS int) ELSE 0 END) AS bigint)",
                base + from,
                base + to,
                base + from
            )
        };
        let sql = format!(
            "SELECT k.person_id, {} AS low, {} AS high FROM
              (SELECT m.person_id, m.month FROM paid_month m
               WHERE {{m}} AND {only} AND m.month >= {from} AND m.month < {to}{known}
               GROUP BY m.person_id, m.month HAVING SUM(CASE WHEN {} THEN m.sign ELSE 0 END) > 0) k
             GROUP BY k.person_id",
            half(0, HALF),
            half(HALF, 2 * HALF),
            asked_of(ask.rule)
        );
        let bits = |row: &QueryResult, column| u128::try_from(get::<i64>(row, column)?).map_err(Error::internal);
        let rows = narrow.query(self, &sql, &[Slot("m", "paid_month")]).await?;
        let proven = |row: &QueryResult| {
            let months = bits(row, "low")? | bits(row, "high")? << HALF;
            Ok(Proven { person: PersonId::from_uuid(get(row, "person_id")?), months })
        };
        rows.iter().map(proven).collect()
    }

    async fn fact_contracts(&self, ask: &FactsAsk<'_>, within: Period) -> Result<Vec<Contract>> {
        let mut narrow = Narrow::new(ask);
        let (from, to) = (narrow.binds.one(within.from), narrow.binds.one(within.to.unwrap_or(NEVER)));
        let only = narrow.owner("c");
        let known = narrow.known("c");
        let sql = format!(
            "SELECT c.person_id, c.contract_from, c.contract_to FROM employment_contract c
             WHERE {{c}} AND {only} AND c.contract_from < {to} AND (c.contract_to IS NULL OR c.contract_to > {from}){known}
             GROUP BY c.person_id, c.contract_from, c.contract_to HAVING SUM(c.sign) > 0"
        );
        let rows = narrow.query(self, &sql, &[Slot("c", "employment_contract")]).await?;
        let contract = |row: &QueryResult| {
            let person = PersonId::from_uuid(get(row, "person_id")?);
            Ok(Contract { person, term: period(row, "contract_from", "contract_to")? })
        };
        rows.iter().map(contract).collect()
    }
}

/// The condition under which a month is as the rule asks.
fn asked_of(rule: &EffectiveRule) -> &'static str {
    match (rule.payroll, rule.insurance) {
        (true, true) => "m.payroll AND m.insurance",
        (true, false) => "m.payroll",
        (false, true) => "m.insurance",
        (false, false) => "m.payroll OR m.insurance",
    }
}

#[async_trait]
impl Store for Tx {
    async fn seat_day_facts(&self, ask: &FactsAsk<'_>) -> Result<Facts> {
        let within = ask.window.proof_months(ask.rule);
        let mut facts = Facts {
            seats: self.fact_seats(ask).await?,
            held: self.fact_held(ask).await?,
            sat: self.fact_sat(ask, within).await?,
            ..Facts::default()
        };
        let agents = self.agents(ask).await?;
        for logged in self.presences(ask, ask.window.period(), false).await? {
            if let Some(person) = agents.get(&(logged.tenant, logged.agent)) {
                facts.present.push(Present { person: *person, month: logged.month, days: logged.days });
            }
        }
        for logged in self.presences(ask, within, true).await? {
            let Some(seat) = logged.seat else { continue };
            let tenant = TenantId::from_uuid(logged.tenant);
            let person = agents.get(&(logged.tenant, logged.agent)).copied();
            facts.at_seat.push(AtSeat { seat, tenant, person, month: logged.month, days: logged.days });
        }
        if ask.rule.needs_proof() {
            facts.proven = self.fact_proven(ask, within).await?;
        }
        if ask.rule.contract_months > 0 {
            facts.contracts = self.fact_contracts(ask, within).await?;
        }
        Ok(facts)
    }

    async fn seat_ledger_rows(&self, ask: &FactsAsk<'_>, private: bool) -> Result<Vec<LedgerRow>> {
        rows::of_seat(self, ask, private).await
    }

    async fn paid_months(&self, people: &[PersonId]) -> Result<Vec<(PaidMonth, i64)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT m.person_id, m.month, m.payroll, m.insurance, m.identity, CAST(SUM(m.sign) AS bigint) AS times FROM paid_month m
             WHERE {{m}} AND m.person_id IN {} GROUP BY m.person_id, m.month, m.payroll, m.insurance, m.identity HAVING SUM(m.sign) > 0",
            binds.ids(people)
        );
        let rows = self.query(&sql, &[Slot("m", "paid_month")], binds.into_values()).await?;
        let month = |row: &QueryResult| {
            let month = PaidMonth {
                person: PersonId::from_uuid(get(row, "person_id")?),
                month: get(row, "month")?,
                payroll: get(row, "payroll")?,
                insurance: get(row, "insurance")?,
                identity: get::<Option<Vec<u8>>>(row, "identity")?.map(|b| identity_of(&b)).transpose()?,
            };
            Ok((month, get(row, "times")?))
        };
        rows.iter().map(month).collect()
    }

    async fn employment_contracts(&self, people: &[PersonId]) -> Result<Vec<(ContractEntry, i64)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT c.person_id, c.contract_from, c.contract_to, CAST(SUM(c.sign) AS bigint) AS times FROM employment_contract c
             WHERE {{c}} AND c.person_id IN {} GROUP BY c.person_id, c.contract_from, c.contract_to HAVING SUM(c.sign) > 0",
            binds.ids(people)
        );
        let rows = self.query(&sql, &[Slot("c", "employment_contract")], binds.into_values()).await?;
        let contract = |row: &QueryResult| {
            let person = PersonId::from_uuid(get(row, "person_id")?);
            Ok((ContractEntry { person, term: period(row, "contract_from", "contract_to")? }, get(row, "times")?))
        };
        rows.iter().map(contract).collect()
    }

    async fn identity_months(&self, of: &[Identity]) -> Result<Vec<(Identity, i64, PersonId)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT m.identity, m.month, m.person_id FROM paid_month m WHERE {{m}} AND m.identity IN {}
             GROUP BY m.identity, m.month, m.person_id HAVING SUM(m.sign) > 0",
            binds.list(of.iter().map(|i| i.0.to_vec()))
        );
        let rows = self.query(&sql, &[Slot("m", "paid_month")], binds.into_values()).await?;
        let found = |row: &QueryResult| {
            let identity = identity_of(&get::<Vec<u8>>(row, "identity")?)?;
            Ok((identity, get(row, "month")?, PersonId::from_uuid(get(row, "person_id")?)))
        };
        rows.iter().map(found).collect()
    }

    fn identity(&self, number: &str) -> Result<Identity> {
        // Of the park as a whole: no tenant is nil.
        Ok(Identity(self.keys().pseudonyms(self.park_id()?, Uuid::nil()).of("identity", number)))
    }

    async fn employment_add(
        &self,
        months: &[(LedgerEntryId, PaidMonth, i64)],
        contracts: &[(LedgerEntryId, ContractEntry, i64)],
        file: FileId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (park, tenant) = (self.park_id()?, self.tenant_id()?);
        let key = |id: &LedgerEntryId| -> Vec<Value> { vec![park.into(), tenant.into(), id.uuid().into()] };
        let tail = |sign: i64| -> Vec<Value> { vec![sign.into(), file.uuid().into(), now.into()] };
        let month = |(id, m, sign): &(LedgerEntryId, PaidMonth, i64)| {
            let own: Vec<Value> = vec![
                m.person.uuid().into(),
                m.month.into(),
                m.payroll.into(),
                m.insurance.into(),
                Value::Bytes(m.identity.map(|i| i.0.to_vec())),
            ];
            [key(id), own, tail(*sign)].concat()
        };
        let contract = |(id, c, sign): &(LedgerEntryId, ContractEntry, i64)| {
            let own: Vec<Value> = vec![c.person.uuid().into(), c.term.from.into(), c.term.to.into()];
            [key(id), own, tail(*sign)].concat()
        };
        let columns = |own: &[&'static str]| -> Vec<&'static str> {
            let (key, tail) = (["park_id", "tenant_id", "entry_id", "person_id"], ["sign", "file_id", "recorded_at"]);
            key.iter().chain(own).chain(&tail).copied().collect()
        };
        let own = columns(&["month", "payroll", "insurance", "identity"]);
        let months = inserts("paid_month", &own, months.iter().map(month).collect());
        let own = columns(&["contract_from", "contract_to"]);
        let contracts = inserts("employment_contract", &own, contracts.iter().map(contract).collect());
        for (sql, values) in months.into_iter().chain(contracts) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn seats_held_by_code(&self, codes: &[&str]) -> Result<Vec<(String, SeatId, Period)>> {
        if codes.is_empty() {
            return Ok(Vec::new());
        }
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT s.code, s.seat_id, a.held_from, a.held_to FROM seat s
             JOIN allocation a ON a.park_id = s.park_id AND a.seat_id = s.seat_id
             WHERE {{s}} AND {{a}} AND s.code IN {}",
            binds.list(codes.iter().copied())
        );
        let slots = [Slot("s", "seat"), Slot("a", "allocation")];
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let held = |row: &QueryResult| {
            Ok((get(row, "code")?, SeatId::from_uuid(get(row, "seat_id")?), period(row, "held_from", "held_to")?))
        };
        rows.iter().map(held).collect()
    }

    async fn presence_add(&self, source: Source, entries: &[PresenceEntry<'_>], now: DateTime<Utc>) -> Result<u64> {
        self.presence_append(source, entries, now).await
    }

    async fn presence_withdraw(&self, source: Source, now: DateTime<Utc>) -> Result<u64> {
        self.presence_take_back(source, now).await
    }
}

fn identity_of(bytes: &[u8]) -> Result<Identity> {
    bytes.try_into().map(Identity).map_err(|_| Error::internal("an identity in the database is not 16 bytes"))
}

mod presence;
mod rows;
