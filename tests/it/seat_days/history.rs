//! Random histories: what the figures say of any days, as known on any day, is what a slow count over the state of that day
//! says.

use std::fmt::Write as _;

use chrono::{Months, NaiveDate};
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::model::{Known, RULES, Rule, later};
use super::{figures, list, people};
use crate::leasing::{day, park};

/// Repeatable choices.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap() % n
    }
    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
    fn days(&mut self, n: usize) -> u64 {
        u64::try_from(self.below(n)).unwrap()
    }
}

struct Story {
    world: World,
    dice: Dice,
    seats: Vec<String>,
    leases: [(&'static str, String); 2],
    /// Tenant, employee number, id.
    people: Vec<(&'static str, String, String)>,
    now: Known,
    today: NaiveDate,
    step: usize,
}

const SEATS: [&str; 4] = ["S-0001", "S-0002", "S-0003", "S-0004"];

impl Story {
    async fn begin(world: World, seed: u64) -> Self {
        let today = day("2026-02-02");
        world.clock.set("2026-02-02T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let (seats, one, two) = park(&world, SEATS.len()).await;
        let mut staff = Vec::new();
        for (tenant, numbers) in [("a1", &["a1-1", "a1-2", "a1-3", "a1-4"][..]), ("a2", &["a2-1", "a2-2"])] {
            let ids = people(&world, tenant, numbers).await;
            staff.extend(numbers.iter().zip(ids).map(|(n, id)| (tenant, (*n).to_owned(), id)));
        }
        let leases = [("a1", one), ("a2", two)];
        Self { world, dice: Dice(seed), seats, leases, people: staff, now: Known::default(), today, step: 0 }
    }

    fn key(&self, what: &str) -> String {
        format!("{what}-{}", self.step)
    }

    /// The payload, unless it was refused.
    async fn try_to(&self, who: &str, mutation: &str, selection: &str, input: Value) -> Option<Value> {
        let done = self.world.mutate(who, mutation, selection, input).await;
        (done["userErrors"] == json!([])).then_some(done)
    }

    fn somewhere(&mut self) -> (NaiveDate, NaiveDate) {
        let from = later(day("2026-01-12"), self.dice.days(200));
        (from, later(from, 1 + self.dice.days(120)))
    }

    async fn allocate(&mut self) {
        let (tenant, lease) = self.dice.one(&self.leases).clone();
        let (place, (from, to)) = (self.dice.below(SEATS.len()), self.somewhere());
        let to = to.min(day("2027-01-12"));
        // A seat can be a tenant's by day and the other's by night.
        let (first, end) = *self.dice.one(&[(0, 1440), (480, 1080), (1080, 1500)]);
        let input = json!({ "leaseId": lease, "seatIds": [self.seats[place]], "from": from, "to": to, "shiftFromMin": first, "shiftToMin": end,
            "idempotencyKey": self.key("allocate") });
        if let Some(done) = self.try_to("park", "seatsAllocate", "allocations { id }", input).await {
            let id = done["allocations"][0]["id"].as_str().unwrap().to_owned();
            self.now.held.insert(id, (SEATS[place].to_owned(), tenant, from, to));
        }
    }

    async fn release(&mut self) {
        let ids: Vec<String> = self.now.held.keys().cloned().collect();
        if ids.is_empty() {
            return;
        }
        let id = self.dice.one(&ids).clone();
        let on = later(self.now.held[&id].2, self.dice.days(60));
        let input =
            json!({ "allocationIds": [id], "on": on, "endOccupancies": true, "idempotencyKey": self.key("release") });
        if self.try_to("park", "seatsRelease", "count", input).await.is_some() {
            self.now.release(&id, on);
        }
    }

    async fn sit(&mut self) {
        let (tenant, number, person) = self.dice.one(&self.people).clone();
        let own: Vec<_> = self.now.held.values().filter(|h| h.1 == tenant).cloned().collect();
        if own.is_empty() {
            return;
        }
        let held = self.dice.one(&own).clone();
        let from = later(held.2, self.dice.days(30));
        let to = (self.dice.below(2) == 0).then(|| later(from, 1 + self.dice.days(90)));
        let place = SEATS.iter().position(|s| *s == held.0).unwrap();
        let input = json!({ "seatId": self.seats[place], "personId": person, "from": from, "to": to, "idempotencyKey": self.key("sit") });
        let done = self.try_to(tenant, "seatOccupy", "occupancy { id satFrom satTo }", input).await;
        if let Some(sat) = done.map(|done| done["occupancy"].clone()) {
            let text = |field: &Value| field.as_str().unwrap().to_owned();
            let (from, to) = (day(&text(&sat["satFrom"])), day(&text(&sat["satTo"])));
            // Of several allocations that would do, the one that lasts longest carries it.
            let of = self.now.held.iter().filter(|(_, h)| h.0 == held.0 && h.1 == tenant && h.2 <= from && from < h.3);
            let allocation = of.max_by_key(|(_, h)| h.3).unwrap().0.clone();
            self.now.sat.insert(text(&sat["id"]), (allocation, number, from, to));
        }
    }

    async fn vacate(&mut self) {
        let ids: Vec<String> = self.now.sat.keys().cloned().collect();
        if ids.is_empty() {
            return;
        }
        let id = self.dice.one(&ids).clone();
        let sat = self.now.sat[&id].clone();
        let (tenant, on) = (self.now.held[&sat.0].1, later(sat.2, 1 + self.dice.days(40)));
        let input = json!({ "occupancyId": id, "on": on, "idempotencyKey": self.key("vacate") });
        if self.try_to(tenant, "seatVacate", "occupancy { id }", input).await.is_some() {
            self.now.sat.get_mut(&id).unwrap().3 = on;
        }
    }

    /// A person's months in a row, as a payroll office tells them; sometimes otherwise than before.
    async fn prove(&mut self) {
        let (tenant, number, _) = self.dice.one(&self.people).clone();
        let begin = day("2025-02-01") + Months::new(u32::try_from(self.dice.below(12)).unwrap());
        let count = 6 + self.dice.below(14);
        let contract = (self.dice.below(3) == 0).then(|| {
            let from = day("2025-01-06") + Months::new(u32::try_from(self.dice.below(8)).unwrap());
            (
                from,
                (self.dice.below(3) > 0).then(|| from + Months::new(6 + u32::try_from(self.dice.below(14)).unwrap())),
            )
        });
        let mut rows = String::new();
        let mut says = Vec::new();
        for n in 0..count {
            let month = begin + Months::new(u32::try_from(n).unwrap());
            if month > self.today {
                break;
            }
            let (paid, insured) =
                if self.dice.below(6) > 0 { (true, true) } else { *self.dice.one(&[(true, false), (false, false)]) };
            let word = |yes: bool| if yes { "是" } else { "否" };
            let (from, last) = contract.map_or((String::new(), String::new()), |(from, to)| {
                (from.to_string(), to.map_or(String::new(), |to| to.pred_opt().unwrap().to_string()))
            });
            let (month_of, paid_of, insured_of) = (month.format("%Y-%m"), word(paid), word(insured));
            let _ = writeln!(rows, "{number},{month_of},{paid_of},{insured_of},{from},{last},");
            says.push((month, (paid, insured)));
        }
        let done = list(&self.world, tenant, "employmentProofImport", &rows, "ALL_OR_NOTHING").await;
        if done["refused"] == 0 && !says.is_empty() {
            for (month, said) in says {
                self.now.paid.insert((number.clone(), month), said);
            }
            if let Some((from, to)) = contract {
                self.now.contracts.entry(number).or_default().insert(from, to);
            }
        }
    }

    async fn log_in(&mut self) {
        let (tenant, number, _) = self.dice.one(&self.people).clone();
        let (mut rows, mut says) = (String::new(), Vec::new());
        for _ in 0..4 {
            let on = later(day("2026-01-12"), self.dice.days(200)).min(self.today);
            let seat = (self.dice.below(2) == 0).then(|| (*self.dice.one(&SEATS)).to_owned());
            let _ = writeln!(rows, "{number},{on} 09:00,{}", seat.as_deref().unwrap_or_default());
            says.push((number.clone(), on, seat));
        }
        let done = list(&self.world, tenant, "presenceImport", &rows, "GOOD_ROWS").await;
        // A row whose seat is not held on that day is kept aside.
        let held = |on: NaiveDate, seat: &str| {
            self.now.held.values().any(|h| h.0 == seat && h.1 == tenant && h.2 <= on && on < h.3)
        };
        let good = says.into_iter().filter(|s| s.2.as_deref().is_none_or(|seat| held(s.1, seat))).collect();
        self.now.logins.insert(done["file"].as_str().unwrap().to_owned(), good);
    }

    async fn withdraw(&mut self) {
        let files: Vec<String> = self.now.logins.keys().cloned().collect();
        if files.is_empty() {
            return;
        }
        let file = self.dice.one(&files).clone();
        let who = self.now.logins[&file].iter().next().map(|l| l.0[..2].to_owned());
        if let Some(who) = who {
            let input = json!({ "fileId": file, "idempotencyKey": self.key("withdraw") });
            assert!(self.try_to(&who, "presenceWithdraw", "withdrawn", input).await.is_some());
            self.now.logins.remove(&file);
        }
    }

    /// A day or some days later, something happens.
    async fn go_on(&mut self) {
        self.step += 1;
        self.today = later(self.today, 1 + self.dice.days(6));
        self.world.clock.set(format!("{}T03:00:00Z", self.today).parse().unwrap());
        self.world.forget_tokens().await;
        // What happens often comes often; which of them fits is the dice's.
        match self.step % 10 {
            0 | 1 => self.allocate().await,
            2 | 5 => self.sit().await,
            3 | 6 | 8 => self.prove().await,
            4 => self.log_in().await,
            7 => match self.dice.below(3) {
                0 => self.release().await,
                1 => self.vacate().await,
                _ => self.withdraw().await,
            },
            _ => match self.dice.below(3) {
                0 => self.release().await,
                1 => self.vacate().await,
                _ => self.sit().await,
            },
        }
    }

    async fn agrees(&self, known: Option<(NaiveDate, &Known)>, window: (NaiveDate, NaiveDate), rule: Rule) -> [i64; 4] {
        let state = known.map_or(&self.now, |k| k.1);
        let of = known.map_or(String::new(), |k| format!(", knownOn: \"{}\"", k.0));
        let of = format!("{of}, ruleId: \"{}\"", rule.id);
        let selection = "total { ...T } tenants { tenant { code } tally { ...T } }";
        let (from, to) = (window.0.to_string(), window.1.to_string());
        let found = figures(&self.world, "park", &from, &to, &of, selection).await;
        let counted = |tally: &Value| {
            ["leased", "occupied", "effective", "loggedIn"].map(|view| tally["seatDays"][view].as_i64().unwrap())
        };
        let total = state.count(&SEATS, None, window, rule);
        assert_eq!(counted(&found["total"]), total, "{known:?} {window:?} {rule:?} {state:#?}");
        for row in found["tenants"].as_array().unwrap() {
            let tenant = row["tenant"]["code"].as_str().unwrap().to_lowercase();
            assert_eq!(
                counted(&row["tally"]),
                state.count(&SEATS, Some(&tenant), window, rule),
                "{tenant} {window:?} {rule:?}"
            );
        }
        total
    }
}

on_both! {
    /// Fifty things happen over half a year; then questions about the past.
    async fn every_past_day_is_as_it_was_known(backend) {
        let mut story = Story::begin(World::new(backend).await, 0x5eed).await;
        let mut past = Vec::new();
        for _ in 0..50 {
            story.go_on().await;
            past.push((story.today, story.now.clone()));
        }
        let windows = [("2026-03-01", "2026-04-01"), ("2026-03-20", "2026-06-10"), ("2026-05-31", "2026-06-01")].map(|(a, b)| (day(a), day(b)));
        let mut seen = [0; 4];
        for rule in RULES {
            for window in windows {
                let mut sums = vec![story.agrees(None, window, rule).await];
                for (on, state) in past.iter().step_by(9) {
                    sums.push(story.agrees(Some((*on, state)), window, rule).await);
                }
                for sum in sums {
                    seen.iter_mut().zip(sum).for_each(|(a, b)| *a += b);
                }
            }
        }
        assert!(seen.iter().all(|n| *n > 0), "a history in which nothing happens proves nothing: {seen:?}");
    }
}
