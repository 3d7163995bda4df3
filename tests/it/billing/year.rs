//! A year of a park, through the API: tenants come, go, move, grow and shrink, prices change, things are recorded late, workers
//! die within runs, money comes in parts, credit is given. At its end a count that knows days and nothing of the product says what
//! everything comes to: seat-days, invoices by month, the books.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, Days, Months, NaiveDate};
use serde_json::{Value, json};
use voxpark_domain::money::round_half_away;
use voxpark_domain::uow::Mode;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::runs::{claim, portion, work};
use crate::estate::{import, plan, seat_ids};

/// Tenants, each with a lease.
const TENANTS: usize = 50;
/// Seats of the park; four of five are leased when the year begins.
const SEATS: usize = 5_000;
/// A lease has so many at first.
const FIRST: usize = 80;

/// A seat held under a lease.
struct Stay {
    allocation: String,
    from: NaiveDate,
    to: NaiveDate,
}

/// A lease as it was agreed.
struct Lease {
    id: String,
    tenant: String,
    in_advance: bool,
    end: NaiveDate,
    /// Each from its day, minor units a seat-month.
    prices: Vec<(NaiveDate, i64)>,
    stays: Vec<Stay>,
}

impl Lease {
    fn held(&self, day: NaiveDate) -> i64 {
        i64::try_from(self.stays.iter().filter(|stay| stay.from <= day && day < stay.to).count()).unwrap()
    }
    /// What a month comes to before tax, day by day: a line for each price, rounded once.
    fn comes_to(&self, first: NaiveDate) -> i64 {
        let mut days: BTreeMap<i64, i64> = BTreeMap::new();
        for day in month(first) {
            let price = self.prices.iter().rfind(|(from, _)| *from <= day).map_or(0, |(_, price)| *price);
            // The first ten days of the year are free.
            if day >= ymd(2026, 12, 11) {
                *days.entry(price).or_default() += self.held(day);
            }
        }
        let in_month = i128::try_from(month(first).count()).unwrap();
        let line = |(price, days): (i64, i64)| round_half_away(i128::from(price) * i128::from(days), in_month).unwrap();
        days.into_iter().map(line).sum()
    }
}

fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn month(first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |day| day.month() == first.month())
}

fn name(first: NaiveDate) -> String {
    first.format("%Y-%m").to_string()
}

fn minor(money: &Value) -> i64 {
    money["minor"].as_str().unwrap().parse().unwrap()
}

/// The park while its year goes by.
struct Year<'a> {
    world: &'a World,
    leases: Vec<Lease>,
    /// Seats that nobody had yet.
    free: Vec<String>,
    keys: usize,
    state: u64,
    /// What was paid, by tenant, minor units.
    paid: BTreeMap<String, i64>,
}

impl Year<'_> {
    fn key(&mut self) -> String {
        self.keys += 1;
        format!("y{}", self.keys)
    }
    fn pick(&mut self, n: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap() % n
    }
    async fn done(&mut self, mutation: &str, selection: &str, mut input: Value) -> Value {
        input["idempotencyKey"] = json!(self.key());
        self.world.done("park", mutation, selection, input).await
    }
    async fn on(&self, day: NaiveDate) {
        self.world.clock.set(day.and_hms_opt(2, 0, 0).unwrap().and_utc());
        self.world.forget_tokens().await;
    }

    /// A tenant with a lease of the whole year; every fifth pays in advance.
    async fn arrives(&mut self, n: usize) {
        let tenant = json!({ "code": format!("Y{n:02}"), "name": format!("企业{n}"), "nameEn": format!("Centre {n}"), "operatingSince": "2020-01-01",
            "arrivedOn": "2026-11-21" });
        let tenant =
            self.done("tenantCreate", "tenant { id }", tenant).await["tenant"]["id"].as_str().unwrap().to_owned();
        let price = 80_000 + 137 * i64::try_from(n).unwrap();
        let terms = json!({ "tenantId": tenant, "code": format!("L-{n}"), "signedOn": "2026-11-21", "termFrom": "2026-12-01", "termTo": "2027-12-01",
            "product": "EQUIPPED", "unitPrice": format!("{}.{:02}", price / 100, price % 100), "taxRatePercent": "9", "proration": "by_day",
            "rentFree": [{ "from": "2026-12-01", "to": "2026-12-11" }], "deposit": "0", "paymentDays": 15, "clauses": { "inAdvance": n.is_multiple_of(5) } });
        let id = self.done("leaseCreate", "lease { id }", terms).await["lease"]["id"].as_str().unwrap().to_owned();
        let first = ymd(2026, 12, 1);
        let end = ymd(2027, 12, 1);
        let lease =
            Lease { id, tenant, in_advance: n.is_multiple_of(5), end, prices: vec![(first, price)], stays: Vec::new() };
        self.leases.push(lease);
        self.grows(n, FIRST, first).await;
    }

    async fn grows(&mut self, n: usize, seats: usize, from: NaiveDate) {
        let seats = self.free.split_off(self.free.len() - seats);
        let input = json!({ "leaseId": self.leases[n].id, "seatIds": seats, "from": from });
        let made = self.done("seatsAllocate", "allocations { id }", input).await["allocations"].clone();
        let to = self.leases[n].end;
        for allocation in made.as_array().unwrap() {
            let allocation = allocation["id"].as_str().unwrap().to_owned();
            self.leases[n].stays.push(Stay { allocation, from, to });
        }
    }

    /// Gives back some of the seats that are held on a day, from that day on.
    async fn shrinks(&mut self, n: usize, seats: usize, on: NaiveDate) {
        let of = self.leases[n].stays.iter_mut().filter(|stay| stay.from < on && on < stay.to).take(seats);
        let allocations: Vec<String> = of
            .map(|stay| {
                stay.to = on;
                stay.allocation.clone()
            })
            .collect();
        self.done("seatsRelease", "", json!({ "allocationIds": allocations, "on": on })).await;
    }

    async fn moves(&mut self, n: usize, seats: usize, on: NaiveDate) {
        let to = self.free.split_off(self.free.len() - seats);
        let held: Vec<usize> =
            (0..self.leases[n].stays.len()).filter(|at| self.leases[n].stays[*at].to > on).take(seats).collect();
        let moves: Vec<Value> = held
            .iter()
            .zip(&to)
            .map(|(at, seat)| json!({ "allocationId": self.leases[n].stays[*at].allocation, "toSeatId": seat }))
            .collect();
        let made =
            self.done("seatsMove", "allocations { id }", json!({ "moves": moves, "on": on })).await["allocations"]
                .clone();
        for (at, allocation) in held.into_iter().zip(made.as_array().unwrap()) {
            let (to, allocation) = (self.leases[n].stays[at].to, allocation["id"].as_str().unwrap().to_owned());
            self.leases[n].stays[at].to = on;
            self.leases[n].stays.push(Stay { allocation, from: on, to });
        }
    }

    async fn reprices(&mut self, n: usize, from: NaiveDate) {
        let price = 70_000 + i64::try_from(self.pick(30_000)).unwrap();
        let input = json!({ "leaseId": self.leases[n].id, "inForceFrom": from, "reason": "调价", "unitPrice": format!("{}.{:02}", price / 100, price % 100) });
        self.done("leaseAmend", "", input).await;
        self.leases[n].prices.push((from, price));
    }

    async fn ends(&mut self, n: usize, on: NaiveDate) {
        let input = json!({ "leaseId": self.leases[n].id, "on": on, "reason": "退租", "releaseSeats": true });
        self.done("leaseEnd", "", input).await;
        self.leases[n].end = on;
        for stay in &mut self.leases[n].stays {
            stay.to = stay.to.min(on);
        }
    }

    /// What happens in the middle of a month; some of it was true in the month before already, and is recorded now.
    async fn lives(&mut self, first: NaiveDate) {
        let day = |n: u64| first + Days::new(n);
        self.on(day(14)).await;
        let running: Vec<usize> = (0..TENANTS).filter(|n| self.leases[*n].end > day(27)).collect();
        let mut who = BTreeSet::new();
        while who.len() < 9 {
            who.insert(running[self.pick(running.len())]);
        }
        for (act, n) in who.into_iter().enumerate() {
            let (some, on) = (1 + self.pick(7), day(17 + u64::try_from(self.pick(9)).unwrap()));
            let before = day(0) - Days::new(1 + u64::try_from(self.pick(20)).unwrap());
            let late = before >= ymd(2026, 12, 1);
            match act {
                0 | 1 => self.grows(n, some, on).await,
                2 => self.shrinks(n, some, on).await,
                3 => self.moves(n, some, on).await,
                4 => self.reprices(n, if self.leases[n].in_advance { on } else { day(9) }).await,
                5 => self.reprices(n, on).await,
                6 if late => self.grows(n, some, before).await,
                7 | 8 if late => self.shrinks(n, some, before).await,
                _ => {}
            }
        }
    }

    /// Bills a month in portions of ten leases, with a worker that dies within one of them.
    async fn bills(&mut self, first: NaiveDate, dies: bool) {
        let input = json!({ "month": name(first) });
        let id = self.done("billingRunStart", "run { id }", input).await["run"]["id"].as_str().unwrap().to_owned();
        if dies {
            let lost = claim(self.world).await;
            let (tx, more) = portion(self.world, &id, &lost, 10).await;
            assert!(more.unwrap());
            tx.commit().await.unwrap();
            let (tx, more) = portion(self.world, &id, &lost, 10).await;
            assert!(more.unwrap());
            drop(tx);
            self.world.clock.advance(chrono::TimeDelta::minutes(2));
        }
        let ask = "query($id: ID!) { node(id: $id) { ... on BillingRun { state refused rows(first: 100, state: HELD) { nodes { leaseId guard } } } } }";
        let mut run = Value::Null;
        // What the dead worker had locked is free once the database has noticed.
        for _ in 0..100 {
            work(self.world, 10).await;
            run = self.world.ok("park", ask, json!({ "id": id })).await["node"].clone();
            if run["state"] != "RUNNING" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!((&run["state"], &run["refused"]), (&json!("DONE"), &json!(0)), "{run}");
        // What comes to less than nothing is credited; what is far from usual somebody has looked at.
        let mut released = Vec::new();
        for row in run["rows"]["nodes"].as_array().unwrap() {
            if row["guard"] == "NEGATIVE" {
                self.done("correctionsCredit", "", json!({ "leaseId": row["leaseId"], "reason": "更正" })).await;
            } else {
                released.push(row["leaseId"].clone());
            }
        }
        if !released.is_empty() {
            let input = json!({ "month": name(first), "releaseLeaseIds": released });
            assert_eq!(self.done("billingRun", "count", input).await["count"], released.len());
        }
    }

    /// Of what is open one in three is paid, another in part; one invoice is credited by hand.
    async fn pays(&mut self, day: NaiveDate) {
        let open =
            self.invoices().await.into_iter().filter(|invoice| minor(&invoice["balance"]) > 0).collect::<Vec<_>>();
        for (n, invoice) in open.iter().enumerate() {
            let owed = minor(&invoice["balance"]);
            let part = match n % 3 {
                0 => owed,
                1 => owed / 3,
                _ => continue,
            };
            let input = json!({ "invoiceId": invoice["id"], "amount": format!("{}.{:02}", part / 100, part % 100), "paidOn": day, "method": "bank" });
            self.done("paymentRecord", "", input).await;
            *self.paid.entry(invoice["tenant"]["id"].as_str().unwrap().to_owned()).or_default() += part;
        }
    }

    async fn invoices(&self) -> Vec<Value> {
        let ask = "query($after: String) { park { invoices(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { id number periodFrom lease { id } tenant { id }
          net { minor } total { minor } balance { minor } lines { net { minor } correction { month } }
          creditNotes { corrects net { minor } total { minor } offDebt { minor } } } } } }";
        let (mut all, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.world.ok("park", ask, json!({ "after": after })).await["park"]["invoices"].clone();
            all.extend(page["nodes"].as_array().unwrap().iter().cloned());
            if page["pageInfo"]["hasNextPage"] != true {
                return all;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// Seats leased on each day, and nothing else, are leased seat-days; of each tenant, and of the park.
    async fn seat_days_tie(&self, months: &[NaiveDate]) {
        for first in months {
            let last = *first + Months::new(1);
            let ask = "query($from: Date!, $to: Date!) { park { seatDays(from: $from, to: $to) { total { seatDays { leased } }
              tenants { tenant { id } tally { seatDays { leased } } } } } }";
            let found =
                self.world.ok("park", ask, json!({ "from": first, "to": last })).await["park"]["seatDays"].clone();
            let mut of: BTreeMap<&str, i64> = BTreeMap::new();
            for lease in &self.leases {
                *of.entry(&lease.tenant).or_default() += month(*first).map(|day| lease.held(day)).sum::<i64>();
            }
            for row in found["tenants"].as_array().unwrap() {
                let counted = row["tally"]["seatDays"]["leased"].as_i64().unwrap();
                assert_eq!(
                    of.get(row["tenant"]["id"].as_str().unwrap()).copied().unwrap_or_default(),
                    counted,
                    "{first}: {row}"
                );
            }
            assert_eq!(found["total"]["seatDays"]["leased"].as_i64().unwrap(), of.values().sum::<i64>(), "{first}");
        }
    }

    /// What was billed of a month in all is what it comes to; of a lease with credited corrections, of all its months together.
    fn invoices_tie(&self, invoices: &[Value], months: &[NaiveDate]) {
        let mut billed: BTreeMap<(&str, String), i64> = BTreeMap::new();
        let mut credited: BTreeMap<&str, i64> = BTreeMap::new();
        for invoice in invoices {
            let lease = invoice["lease"]["id"].as_str().unwrap();
            for line in invoice["lines"].as_array().unwrap() {
                let own = invoice["periodFrom"].as_str().unwrap()[..7].to_owned();
                let month = line["correction"]["month"].as_str().map_or(own, str::to_owned);
                *billed.entry((lease, month)).or_default() += minor(&line["net"]);
            }
            for note in invoice["creditNotes"].as_array().unwrap() {
                if note["corrects"] != json!([]) {
                    *credited.entry(lease).or_default() += minor(&note["net"]);
                }
            }
        }
        assert!(!credited.is_empty(), "no correction of the year came to less than nothing");
        for lease in &self.leases {
            let of = |first: &NaiveDate| billed.get(&(lease.id.as_str(), name(*first))).copied().unwrap_or_default();
            if let Some(credit) = credited.get(lease.id.as_str()) {
                let all: i64 = months.iter().map(of).sum();
                assert_eq!(
                    all - credit,
                    months.iter().map(|first| lease.comes_to(*first)).sum::<i64>(),
                    "{}",
                    lease.id
                );
            } else {
                for first in months {
                    assert_eq!(of(first), lease.comes_to(*first), "{} in {first}", lease.id);
                }
            }
        }
    }

    /// Receivables are what was invoiced less what was paid and credited, by tenant; once everything is earned, income is what was
    /// invoiced and nothing is deferred.
    async fn books_tie(&self, invoices: &[Value], last: &str) {
        let ask = "query($month: Month!) { park { trialBalance(month: $month) { balanced rows { account tenant { id } closing { minor } } } } }";
        let found = self.world.ok("finance", ask, json!({ "month": last })).await["park"]["trialBalance"].clone();
        assert_eq!(found["balanced"], true);
        let rows = found["rows"].as_array().unwrap();
        let sum = |account: &str| {
            rows.iter().filter(|row| row["account"] == account).map(|row| minor(&row["closing"])).sum::<i64>()
        };
        let mut owed: BTreeMap<String, i64> = BTreeMap::new();
        let mut income = 0;
        for invoice in invoices {
            let notes = invoice["creditNotes"].as_array().unwrap();
            let off: i64 = notes.iter().map(|note| minor(&note["offDebt"])).sum();
            *owed.entry(invoice["tenant"]["id"].as_str().unwrap().to_owned()).or_default() +=
                minor(&invoice["total"]) - off;
            income += minor(&invoice["net"]) - notes.iter().map(|note| minor(&note["net"])).sum::<i64>();
        }
        for (tenant, owed) in &owed {
            let booked: i64 = rows
                .iter()
                .filter(|row| row["account"] == "RECEIVABLE" && row["tenant"]["id"] == tenant.as_str())
                .map(|row| minor(&row["closing"]))
                .sum();
            assert_eq!(booked, owed - self.paid.get(tenant).copied().unwrap_or_default(), "{tenant}");
        }
        assert_eq!((sum("EARNED"), sum("DEFERRED"), sum("ACCRUED")), (-income, 0, 0));
    }
}

on_both! {
    /// Seat ledger, invoices, books and revenue of a whole year, to the cent.
    async fn a_year_ties_to_the_cent(backend) {
        let world = World::new(backend).await;
        assert_eq!(import(&world, plan(SEATS).as_bytes(), json!({})).await["added"], SEATS);
        let free = seat_ids(&world, SEATS).await;
        let mut year = Year { world: &world, leases: Vec::new(), free, keys: 0, state: 20_261_123, paid: BTreeMap::new() };
        for n in 0..TENANTS {
            year.arrives(n).await;
        }
        let months: Vec<NaiveDate> = (0..12).map(|n| ymd(2026, 12, 1) + Months::new(n)).collect();
        // The first month of those who pay in advance.
        year.bills(months[0], false).await;
        for (n, first) in months.iter().enumerate() {
            let before = *first - Months::new(1);
            year.lives(*first).await;
            let next = *first + Months::new(1);
            match n {
                // One that pays in advance and one that does not leave; of both it turns out later that seats were given back before.
                5 => {
                    year.ends(10, *first + Days::new(24)).await;
                    year.ends(11, *first + Days::new(24)).await;
                }
                6 => {
                    for tenant in [10, 11] {
                        year.shrinks(tenant, 5, months[5] + Days::new(3)).await;
                    }
                }
                _ => {}
            }
            year.on(next + Days::new(1)).await;
            year.bills(*first, n.is_multiple_of(3)).await;
            year.bills(next, n.is_multiple_of(4)).await;
            if n.is_multiple_of(3) {
                year.pays(next + Days::new(1)).await;
            }
            let finance = json!({ "upTo": name(*first), "idempotencyKey": format!("r{n}") });
            world.done("finance", "revenueRecognise", "entries", finance).await;
            // A month late: what is billed in a month can be recorded in the next.
            let close = json!({ "month": name(before), "withoutUnbilled": true, "idempotencyKey": format!("c{n}") });
            world.done("finance", "bookMonthClose", "", close).await;
        }
        // What was recorded in the last month of months before.
        year.on(ymd(2028, 1, 2)).await;
        year.bills(ymd(2027, 12, 1), false).await;
        let recognise = json!({ "upTo": "2027-12", "idempotencyKey": "end" });
        world.done("finance", "revenueRecognise", "entries", recognise).await;

        let invoices = year.invoices().await;
        let numbers: BTreeSet<&str> = invoices.iter().map(|invoice| invoice["number"].as_str().unwrap()).collect();
        for series in ["PA-2026", "PA-2027", "PA-2028"] {
            let of: Vec<&&str> = numbers.iter().filter(|number| number.starts_with(series)).collect();
            let gapless = of.iter().zip(1..).all(|(number, n)| **number == format!("{series}-{n:06}"));
            assert!(gapless && (series == "PA-2028" || !of.is_empty()), "{series}: {of:?}");
        }
        year.seat_days_tie(&months).await;
        year.invoices_tie(&invoices, &months);
        year.books_tie(&invoices, "2027-12").await;
        let ctx = world.ctx("park").await;
        let tx = world.tx("park", Mode::Read).await;
        for portion in invoices.chunks(100) {
            let ids: Vec<_> = portion.iter().map(|invoice| invoice["id"].as_str().unwrap().parse().unwrap()).collect();
            let again = voxpark_billing::invoicing::repricings(&*tx, &ctx, &ids).await.unwrap();
            let differing: Vec<_> = again.iter().filter(|(_, found)| !found.same()).collect();
            assert!(differing.is_empty(), "{differing:?}");
        }
    }
}
