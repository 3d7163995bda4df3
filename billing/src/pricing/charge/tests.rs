//! A slow count, day by day and unit by unit with fractions of its own, against the engine on random histories; properties; the
//! one engine for leases and books.

use chrono::{Datelike, Days, Months, NaiveDate};
use proptest::prelude::*;
use uuid::Uuid;
use voxpark_domain::ids::{AllocationId, Id, SeatId};
use voxpark_domain::leasing::{LeaseTerms, Proration};
use voxpark_domain::money::TaxRate;
use voxpark_domain::pack::Bilingual;

use super::super::book::Applies;
use super::super::{
    Commitment, CountChange, CountLedger, Discount, HeldSeat, LeaseVersion, NewCount, RampStep, Tier,
    charges_in_advance, civil_day, curve, discounts, rate, taxable,
};
use super::*;
use crate::invoicing::{Creditable, TaxRule, credit, note_total, taxed};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
fn month_of(n: u32) -> Period {
    let from = day("2023-12-01").checked_add_months(Months::new(n)).expect("a date");
    Period { from, to: from.checked_add_months(Months::new(1)) }
}
fn days_of(period: Period) -> Vec<NaiveDate> {
    period.from.iter_days().take_while(|day| period.contains(*day)).collect()
}
fn cny(minor: i64) -> Ratio {
    Ratio::new(i128::from(minor), 100).expect("fits")
}
fn sold(n: usize, from: NaiveDate, to: NaiveDate, count: i64) -> Sold {
    Sold {
        held: Period { from, to: Some(to) },
        count,
        product: SeatProduct::Equipped,
        zones: ["A".to_owned()].into(),
        shift: None,
        begins: true,
        event: format!("event-{n:03}"),
    }
}

// -- the slow count ---------------------------------------------------------------------------------------------

/// A price in minor units: tiers of (last unit, price, flat), the last one without an end.
#[derive(Clone, Debug)]
struct Plain {
    volume: bool,
    tiers: Vec<(i64, i64, i64)>,
}

impl Plain {
    fn tariff(&self) -> Tariff {
        let last = self.tiers.len() - 1;
        let tiers = self.tiers.iter().enumerate().map(|(at, (end, unit, flat))| Tier {
            up_to: (at < last).then(|| Ratio::whole(*end)),
            unit: cny(*unit),
            flat: cny(*flat),
            ..Tier::default()
        });
        let tiers = tiers.collect();
        Tariff::of(if self.volume { Model::Volume { tiers } } else { Model::Graduated { tiers } })
    }
    /// The tier of a unit.
    fn at(&self, unit: i64) -> (i64, i64, i64) {
        let last = self.tiers.len() - 1;
        let found = self.tiers.iter().enumerate().find(|(at, tier)| *at == last || unit <= tier.0);
        *found.expect("the last one is open").1
    }
    /// Unit by unit.
    fn units(&self, n: i64) -> i64 {
        (1..=n).map(|unit| self.at(if self.volume { n } else { unit }).1).sum()
    }
    fn flats(&self, peak: i64) -> i64 {
        match (peak, self.volume) {
            (0, _) => 0,
            (_, true) => self.at(peak).2,
            _ => {
                let mut entered: Vec<(i64, i64, i64)> = (1..=peak).map(|unit| self.at(unit)).collect();
                entered.dedup();
                entered.iter().map(|tier| tier.2).sum()
            }
        }
    }
}

/// A random history of seats under one price that changes once.
#[derive(Clone, Debug)]
struct World {
    period: Period,
    clause: Clause,
    high_water: bool,
    prices: [Plain; 2],
    /// The first day of the second price.
    change: NaiveDate,
    free: Vec<Period>,
    least: i64,
    sold: Vec<Sold>,
}

impl World {
    fn book(&self) -> PriceBook {
        let step = |from, to, price: &Plain| DatedTariff { from, to, tariff: price.tariff() };
        let first = day("2020-01-01");
        book(Price {
            proration: self.clause,
            high_water: self.high_water,
            minimum_seats: vec![RampStep { from: first, to: None, least: Ratio::whole(self.least) }],
            steps: vec![step(first, Some(self.change), &self.prices[0]), step(self.change, None, &self.prices[1])],
            ..price()
        })
    }
    fn lines(&self) -> Vec<BookLine> {
        let book = self.book();
        book.check("world").expect("a sound book");
        rated(&book, self.period, &self.sold, &self.free)
    }
    fn at(&self, on: NaiveDate) -> usize {
        usize::from(on >= self.change)
    }
    fn is_free(&self, on: NaiveDate) -> bool {
        self.free.iter().any(|range| range.contains(on))
    }
    /// How much of a fixed or civil month a day is.
    fn weight(&self, on: NaiveDate) -> i64 {
        match self.clause {
            Clause::FixedMonth(days) if on.succ_opt().is_some_and(|next| next.day() == 1) => {
                i64::from(days) - i64::from(on.day0())
            }
            _ => 1,
        }
    }
}

fn price() -> Price {
    let title = Bilingual { zh: "席位".to_owned(), en: "Seat".to_owned() };
    Price {
        id: "seat".to_owned(),
        title,
        basis: Basis::Seat,
        every: Cadence::Month,
        due: Due::Advance,
        proration: Clause::ByDay,
        high_water: false,
        applies: Applies::default(),
        minimum_seats: Vec::new(),
        maximum: None,
        meter: None,
        tax: None,
        of: Vec::new(),
        steps: Vec::new(),
    }
}
fn book(price: Price) -> PriceBook {
    let title = price.title.clone();
    PriceBook {
        id: "book".to_owned(),
        version: 3,
        title,
        currency: Currency::CNY,
        tax_included: false,
        commitment: None,
        prices: vec![price],
    }
}
fn rated(book: &PriceBook, period: Period, sold: &[Sold], free: &[Period]) -> Vec<BookLine> {
    let asked = BookRating {
        period,
        every: Cadence::Month,
        served: period,
        due: None,
        sold,
        usage: &[],
        rent_free: free,
        billed: &BTreeMap::new(),
        sponsored: 0,
        last_split: true,
    };
    rate_book(book, &asked).expect("rated")
}

/// Half away from zero, of a fraction.
fn nearest(num: i64, den: i64) -> i64 {
    let (num, den) = (i128::from(num), i128::from(den));
    let up = (2 * num.abs() + den) / (2 * den);
    i64::try_from(up * num.signum()).expect("fits")
}

/// What is charged on each day to whom, summed: minor units times days, by step.
struct Count {
    charged: [i64; 2],
    free: [i64; 2],
    peak: [i64; 2],
    free_peak: [i64; 2],
    any: [bool; 2],
}

fn count(world: &World, least: i64) -> Count {
    let days = days_of(world.period);
    let chargeable: i64 = days.iter().filter(|on| !world.is_free(**on)).map(|on| world.weight(*on)).sum();
    let mut found = Count { charged: [0; 2], free: [0; 2], peak: [0; 2], free_peak: [0; 2], any: [false; 2] };
    let (mut paid, mut most) = (0, 0);
    for (number, on) in (1_u8..).zip(days) {
        let held: i64 = world.sold.iter().filter(|sold| sold.held.contains(on)).map(|sold| sold.count).sum();
        most = most.max(held);
        let level = if world.high_water { most } else { held }.max(least);
        let (at, weight) = (world.at(on), world.weight(on));
        let price = &world.prices[at];
        if world.is_free(on) {
            found.free[at] += price.units(level) * weight;
            found.free_peak[at] = found.free_peak[at].max(level);
            continue;
        }
        let whole = match world.clause {
            Clause::None => true,
            Clause::FullPeriodBefore(before) => number < before,
            _ => false,
        };
        if level > paid {
            let more = price.units(level) - price.units(paid);
            found.charged[at] += more * if whole { chargeable } else { weight };
            found.peak[at] = found.peak[at].max(level);
            found.any[at] = true;
        }
        if whole {
            paid = paid.max(level);
        }
    }
    found
}

/// Every line that a month comes to: step, kind, minor units (what it is worth, of rent-free days).
fn slowly(world: &World) -> Vec<(usize, BookLineKind, i64)> {
    let total: i64 = days_of(world.period).into_iter().map(|on| world.weight(on)).sum();
    let (held, least) = (count(world, 0), count(world, world.least));
    let (mut lines, mut flats) = (Vec::new(), 0);
    for at in 0..2 {
        let price = &world.prices[at];
        let flat = price.flats(held.peak[at]);
        if held.any[at] {
            let minor = nearest(held.charged[at] + (flat - flat.min(flats)) * total, total);
            lines.push((at, BookLineKind::Seats, minor));
        }
        flats = flats.max(flat);
        if held.free_peak[at] > 0 {
            let minor = nearest(held.free[at] + price.flats(held.free_peak[at]) * total, total);
            lines.push((at, BookLineKind::RentFree, minor));
        }
        let more = price.flats(least.peak[at]) - flat;
        let minor = nearest(least.charged[at] - held.charged[at] + more * total, total);
        if minor != 0 {
            lines.push((at, BookLineKind::MinimumSeats, minor));
        }
    }
    lines
}

// -- random histories -------------------------------------------------------------------------------------------

fn plains(with_flats: bool) -> impl Strategy<Value = Plain> {
    let flat = if with_flats { 0_i64..50_000 } else { 0_i64..1 };
    let tier = (1_i64..12, 0_i64..200_000, flat);
    (any::<bool>(), proptest::collection::vec(tier, 1..4)).prop_map(|(volume, tiers)| {
        let mut end = 0;
        let tiers = tiers.into_iter().map(|(more, unit, flat)| {
            end += more;
            (end, unit, flat)
        });
        Plain { volume, tiers: tiers.collect() }
    })
}

fn clauses() -> impl Strategy<Value = Clause> {
    prop_oneof![
        Just(Clause::ByDay),
        (28_u8..=31).prop_map(Clause::FixedMonth),
        (2_u8..=31).prop_map(Clause::FullPeriodBefore),
        Just(Clause::None),
    ]
}

fn worlds() -> impl Strategy<Value = World> {
    let prices = (plains(true), plains(true), 0_u64..60);
    let sold_ranges = proptest::collection::vec((0_u64..60, 1_u64..60, 1_i64..6), 0..10);
    let rules = (clauses(), any::<bool>(), 0_i64..8);
    let free = proptest::option::of((0_u64..40, 1_u64..30));
    (0_u32..24, prices, rules, free, sold_ranges).prop_map(|(n, (a, b, change), rules, free, ranges)| {
        let period = month_of(n);
        let at = |days: u64| period.from - Days::new(15) + Days::new(days);
        let ranges = ranges.into_iter().enumerate();
        World {
            period,
            clause: rules.0,
            high_water: rules.1,
            prices: [a, b],
            change: at(change),
            free: free.map(|(from, days)| Period { from: at(from), to: Some(at(from + days)) }).into_iter().collect(),
            least: rules.2,
            sold: ranges.map(|(n, (from, days, count))| sold(n, at(from), at(from + days), count)).collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(768))]

    #[test]
    fn agrees_with_the_slow_count(world in worlds()) {
        let lines = world.lines();
        let found: Vec<_> = lines
            .iter()
            .map(|line| (world.at(line.source.step.expect("a step")), line.kind, line.worth_minor))
            .collect();
        prop_assert_eq!(found, slowly(&world));
        for line in &lines {
            prop_assert_eq!(line.why.recompute(Currency::CNY).map(|money| money.minor), Ok(line.worth_minor));
            prop_assert_eq!(line.amount.minor, if line.kind == BookLineKind::RentFree { 0 } else { line.worth_minor });
            prop_assert_eq!((line.source.version, line.source.price.as_str()), (3, "seat"));
            let json = serde_json::to_string(line).expect("json");
            prop_assert_eq!(&serde_json::from_str::<BookLine>(&json).expect("json"), line);
        }
    }

    #[test]
    fn order_and_cutting_change_nothing(world in worlds(), order in any::<u64>(), cut in 1_u64..59) {
        let lines = world.lines();
        prop_assert_eq!(&world.lines(), &lines, "again");
        let mut turned = world.clone();
        turned.sold.sort_by_key(|sold| (sold.held.from - day("2000-01-01")).num_days().unsigned_abs().wrapping_mul(order | 1));
        prop_assert_eq!(&turned.lines(), &lines, "in another order");
        // Every entry that a day cuts, as two; and each seat as an entry of its own.
        let at = world.period.from - Days::new(15) + Days::new(cut);
        turned.sold = world.sold.iter().flat_map(|one| {
            let parts = [Period { to: Some(at), ..one.held }, Period { from: at, ..one.held }];
            let parts = parts.into_iter().filter_map(|part| part.intersect(one.held));
            parts.flat_map(|held| (0..one.count).map(move |_| Sold { held, count: 1, ..one.clone() })).collect::<Vec<_>>()
        }).collect();
        let figures = |lines: &[BookLine]| {
            lines.iter().map(|line| (line.kind, line.source.clone(), line.amount, line.worth_minor)).collect::<Vec<_>>()
        };
        prop_assert_eq!(figures(&turned.lines()), figures(&lines), "cut");
    }

    #[test]
    fn parts_of_a_period_sum_to_it(world in worlds(), plain in plains(false), cut in 1_u64..28) {
        // Without flats, and by day: nothing is rounded before the sum.
        let at = world.period.from + Days::new(cut);
        let (tariff, of) = (plain.tariff(), days_of(world.period).len());
        let worth_of = |range: Period| {
            let mut timeline = Timeline::of(world.period, Clause::ByDay).expect("closed");
            for one in &world.sold {
                if let Some(part) = one.held.intersect(range) {
                    timeline.hold(part, one.count);
                }
            }
            let of = i64::try_from(of).expect("small");
            worth(&tariff, &slices(Clause::ByDay, &timeline.levels(), |_| false), of).expect("in range")
        };
        let (first, second) = (Period { to: Some(at), ..world.period }, Period { from: at, ..world.period });
        prop_assert_eq!(worth_of(first).plus(worth_of(second)), Ok(worth_of(world.period)));
    }

    #[test]
    fn a_charge_and_its_full_credit_are_nothing(
        world in worlds(),
        rates in (0_u32..=3_000, 0_u32..=3_000),
        off in (0_i64..=100, 0_i64..100_000),
        cuts in proptest::collection::vec(1_i64..1_000, 0..4),
    ) {
        let amounts: BTreeMap<usize, i64> =
            world.lines().iter().map(|line| line.amount.minor).filter(|minor| *minor > 0).enumerate().collect();
        let given = [Discount::Percent(Ratio::whole(off.0)), Discount::Fixed(off.1)];
        let applied = discounts(&amounts, &given).expect("discounted");
        let nets = taxable(&amounts, &applied);
        prop_assert!(nets.values().all(|net| *net >= 0));
        let rate_of = |at: usize| TaxRate::new(if at.is_multiple_of(2) { rates.0 } else { rates.1 }).expect("a rate");
        let taxables: Vec<_> = nets.iter().map(|(at, net)| (rate_of(*at), *net)).collect();
        let invoice = taxed(&taxables, TaxRule::default()).expect("taxed");
        let mut back = (0, 0, 0);
        for ((at, amount), tax) in amounts.iter().zip(&invoice.lines) {
            let line = Creditable { amount: *amount, discount: amount - nets[at], tax: tax.tax_minor, tax_included: false };
            let mut notes = Vec::new();
            let mut left = *amount;
            for part in cuts.iter().map(|cut| amount / cut).chain([*amount]) {
                let part = part.min(left);
                if part > 0 {
                    notes.push(credit(&line, &notes, part).expect("credited"));
                    left -= part;
                }
            }
            let all = note_total(&notes).expect("summed");
            back = (back.0 + all.net, back.1 + all.tax, back.2 + all.total());
        }
        prop_assert_eq!((Ok(back.0), Ok(back.1), Ok(back.2)), (invoice.net(), invoice.tax(), invoice.total()));
    }

    #[test]
    fn graduated_prices_never_fall(plain in plains(true)) {
        let graduated = Plain { volume: false, ..plain };
        let points = curve(&graduated.tariff(), 0..=60).expect("a curve");
        prop_assert!(super::super::cliffs(&points).is_empty());
        prop_assert!(points.iter().zip(points.iter().skip(1)).all(|(a, b)| a.total <= b.total));
    }

    #[test]
    fn what_was_previewed_in_advance_is_what_the_period_comes_to(
        world in worlds(),
        changes in proptest::collection::vec((0_u64..30, 0_i64..9), 0..6),
    ) {
        // Charged ahead, change by change, or at the end, from the book: the same sum.
        let mut ledger = CountLedger::carried(3);
        for (n, (after, count)) in changes.iter().enumerate() {
            let effective = world.period.from + Days::new(*after);
            let recorded_at = chrono::DateTime::UNIX_EPOCH;
            ledger.record(CountChange { effective, count: NewCount::Set(*count), recorded_at, event: n.to_string() });
        }
        let tariff = world.prices[0].tariff();
        let ahead = charges_in_advance(&tariff, world.clause, world.period, &ledger, (true, Currency::CNY));
        let ahead: i64 = ahead.expect("charged").iter().map(|(_, minor)| minor).sum();
        let held = ledger.held(world.period).expect("held").into_iter().enumerate();
        let sold: Vec<Sold> = held.map(|(n, (range, count))| sold(n, range.from, range.to.expect("closed"), count)).collect();
        let step = DatedTariff { from: day("2020-01-01"), to: None, tariff };
        let lines = rated(&book(Price { proration: world.clause, steps: vec![step], ..price() }), world.period, &sold, &[]);
        prop_assert_eq!(lines.iter().map(|line| line.amount.minor).sum::<i64>(), ahead);
    }

    #[test]
    fn leases_and_books_have_one_engine(world in worlds(), unit in 0_i64..300_000, thirty in any::<bool>()) {
        let (rule, clause) = match world.clause {
            Clause::FullPeriodBefore(day) => (Proration::FullMonthBefore(day), world.clause),
            Clause::None => (Proration::None, world.clause),
            _ if thirty => (Proration::FixedThirty, Clause::FixedMonth(30)),
            _ => (Proration::ByDay, Clause::ByDay),
        };
        let terms = LeaseTerms {
            term_from: day("2020-01-01"),
            term_to: day("2120-01-01"),
            product: SeatProduct::Equipped,
            unit_price: Money::new(unit, Currency::CNY),
            price_steps: Vec::new(),
            price_book: None,
            proration: rule,
            tax_rate: TaxRate::ZERO,
            rent_free: world.free.clone(),
            deposit: Money::zero(Currency::CNY),
            payment_days: 0,
        };
        let version = LeaseVersion { version: 1, in_force: Period { from: day("2020-01-01"), to: None }, terms, least_minor: 0 };
        let seats = world.sold.iter().flat_map(|sold| (0..sold.count).map(move |_| sold.held));
        let seats: Vec<HeldSeat> = (1_u128..)
            .zip(seats)
            .map(|(n, held)| {
                let id = Uuid::from_u128(n);
                HeldSeat { allocation: AllocationId::from_uuid(id), seat: SeatId::from_uuid(id), shift: voxpark_domain::leasing::FULL_DAY, held }
            })
            .collect();
        let lease = rate(world.period, &[version], &seats).expect("rated");
        let step = DatedTariff { from: day("2020-01-01"), to: None, tariff: Tariff::per_unit(cny(unit)) };
        let price = Price { proration: clause, steps: vec![step], ..price() };
        let by_book = rated(&book(price), world.period, &world.sold, &world.free);
        let mut lease: Vec<i64> = lease.lines.iter().map(|line| line.explanation.worth_minor).collect();
        let mut by_book: Vec<i64> = by_book.iter().map(|line| line.worth_minor).collect();
        lease.sort_unstable();
        by_book.sort_unstable();
        prop_assert_eq!(lease, by_book);
    }

    #[test]
    fn the_place_of_the_server_plays_no_part(seconds in 0_i64..4_000_000_000, east in -840_i32..840) {
        // The same instant as clocks elsewhere show it. An offset is written in minutes.
        let instant = chrono::DateTime::from_timestamp(seconds, 0).expect("an instant");
        let elsewhere = chrono::FixedOffset::east_opt(east * 60).expect("an offset");
        let shown = instant.with_timezone(&elsewhere).to_rfc3339();
        let read: chrono::DateTime<chrono::Utc> = shown.parse::<chrono::DateTime<chrono::FixedOffset>>().expect("an instant").into();
        let zone = chrono_tz::Asia::Shanghai;
        prop_assert_eq!(civil_day(read, &zone), civil_day(instant, &zone));
    }
}

// -- what else a book charges -----------------------------------------------------------------------------------

fn period(from: &str, to: &str) -> Period {
    Period { from: day(from), to: Some(day(to)) }
}
fn one_step(tariff: Tariff) -> Vec<DatedTariff> {
    vec![DatedTariff { from: day("2020-01-01"), to: None, tariff }]
}
fn minors(lines: &[BookLine]) -> Vec<(BookLineKind, i64)> {
    lines.iter().map(|line| (line.kind, line.amount.minor)).collect()
}

#[test]
fn prices_choose_what_they_are_for() {
    let named = |id: &str, applies: Applies, minor: i64| Price {
        id: id.to_owned(),
        applies,
        steps: one_step(Tariff::per_unit(cny(minor))),
        ..price()
    };
    let zone = |zone: &str| Applies { zones: vec![zone.to_owned()], ..Applies::default() };
    let night = Applies { shifts: vec!["night".to_owned()], ..Applies::default() };
    let bare = Applies { products: vec![SeatProduct::Bare], ..Applies::default() };
    let prices =
        vec![named("a", zone("A"), 100), named("b", zone("B"), 200), named("n", night, 1), named("p", bare, 7)];
    let book = PriceBook { prices, ..book(price()) };
    let january = period("2026-01-01", "2026-02-01");
    let plain = sold(1, january.from, day("2026-02-01"), 10);
    let by_night = Sold { zones: ["B".to_owned()].into(), shift: Some("night".to_owned()), ..plain.clone() };
    let lines = rated(&book, january, &[plain, by_night], &[]);
    let found: Vec<_> = lines.iter().map(|line| (line.source.price.as_str(), line.amount.minor)).collect();
    assert_eq!(found, [("a", 1_000), ("b", 2_000), ("n", 10)]);
}

#[test]
fn seat_days_shifts_fees_and_percentages() {
    let quantity =
        |id: &str, basis: Basis, tariff: Tariff| Price { id: id.to_owned(), basis, steps: one_step(tariff), ..price() };
    let percent = Tariff::of(Model::Percentage { percent: Ratio::whole(3) });
    let mut service = quantity("service", Basis::Percent, percent);
    service.of = vec!["day".to_owned(), "setup".to_owned()];
    let prices = vec![
        service,
        quantity("day", Basis::SeatDay, Tariff::per_unit(cny(1_000))),
        quantity("setup", Basis::Once, Tariff::per_unit(cny(5_000))),
    ];
    let book = PriceBook { prices, ..book(price()) };
    book.check("book").expect("a sound book");
    let january = period("2026-01-01", "2026-02-01");
    let sold = [sold(1, day("2025-12-01"), day("2026-01-11"), 2), sold(2, day("2026-01-21"), day("2026-03-01"), 3)];
    // 2 x 10 + 3 x 11 days, five of them free of rent for three seats; only the three begin in January.
    let lines = rated(&book, january, &sold, &[period("2026-01-21", "2026-01-26")]);
    let expected = [(BookLineKind::Quantity, 38_000), (BookLineKind::Once, 15_000), (BookLineKind::Percent, 1_590)];
    assert_eq!(minors(&lines), expected);
    assert_eq!(lines[1].events, ["event-002"]);
}

#[test]
fn minimums_count_earlier_splits_and_can_leave_sponsors_out() {
    let mut book = book(Price { steps: one_step(Tariff::per_unit(cny(10_000))), ..price() });
    let ramp =
        |from: &str, to: Option<&str>, least| RampStep { from: day(from), to: to.map(day), least: Ratio::whole(least) };
    let steps = vec![ramp("2026-01-01", Some("2026-01-16"), 310), ramp("2026-01-16", None, 620)];
    book.commitment = Some(Commitment { prices: Vec::new(), sponsored_counts: true, steps });
    book.check("book").expect("a sound book");
    let january = period("2026-01-01", "2026-02-01");
    let sold = [sold(1, january.from, day("2026-02-01"), 2)];
    let billed = BTreeMap::from([("seat".to_owned(), 10_000)]);
    let mut asked = BookRating {
        period: january,
        every: Cadence::Month,
        served: january,
        due: None,
        sold: &sold,
        usage: &[],
        rent_free: &[],
        billed: &billed,
        sponsored: 5_000,
        last_split: true,
    };
    // 310 for fifteen days and 620 for sixteen, of 31: 470; billed 100 before and 200 now.
    let lines = rate_book(&book, &asked).expect("rated");
    assert_eq!(minors(&lines), [(BookLineKind::Seats, 20_000), (BookLineKind::TrueUp, 17_000)]);
    let distance = distance(&book, &asked, &lines).expect("in range").expect("a minimum");
    assert_eq!((distance.minimum, distance.reached, distance.missing()), (47_000, 30_000, 17_000));
    asked.last_split = false;
    assert_eq!(rate_book(&book, &asked).expect("rated").len(), 1, "the rest may still come");
    if let Some(commitment) = &mut book.commitment {
        commitment.sponsored_counts = false;
    }
    asked.last_split = true;
    assert_eq!(minors(&rate_book(&book, &asked).expect("rated"))[1], (BookLineKind::TrueUp, 22_000));
}

#[test]
fn flat_prices_are_due_once_and_at_zero_when_they_say_so() {
    let flat = |at_zero| Tariff { flat_at_zero: at_zero, ..Tariff::of(Model::Flat { amount: cny(31_000) }) };
    let january = period("2026-01-01", "2026-02-01");
    let with =
        |tariff, sold: &[Sold]| minors(&rated(&book(Price { steps: one_step(tariff), ..price() }), january, sold, &[]));
    let half = [sold(1, day("2026-01-12"), day("2026-02-01"), 5), sold(2, day("2026-01-20"), day("2026-02-01"), 9)];
    assert_eq!(with(flat(false), &half), [(BookLineKind::Seats, 20_000)]);
    assert_eq!(with(flat(true), &half), [(BookLineKind::Seats, 31_000)]);
    assert_eq!(with(flat(false), &[]), []);
    assert_eq!(with(flat(true), &[]), [(BookLineKind::Seats, 31_000)]);
}

#[test]
fn what_cannot_be_charged_is_refused() {
    let january = period("2026-01-01", "2026-02-01");
    let asked = |sold: &[Sold], period: Period| {
        let late = DatedTariff { from: day("2026-01-15"), to: None, tariff: Tariff::per_unit(cny(i64::MAX)) };
        let book = book(Price { steps: vec![late], ..price() });
        let billed = BTreeMap::new();
        let asked = BookRating {
            period,
            every: Cadence::Month,
            served: january,
            due: None,
            sold,
            usage: &[],
            rent_free: &[],
            billed: &billed,
            sponsored: 0,
            last_split: true,
        };
        rate_book(&book, &asked).map(|lines| lines.len()).map_err(|refusal| refusal.rule)
    };
    let held = |from: &str, count| [sold(1, day(from), day("2026-02-01"), count)];
    assert_eq!(asked(&held("2026-01-14", 1), january), Err("price-not-agreed"));
    assert_eq!(asked(&held("2026-01-15", -1), january), Err("quantity-negative"));
    assert_eq!(asked(&held("2026-01-15", 9), january), Err("amount-out-of-range"));
    assert_eq!(asked(&[], Period { to: None, ..january }), Err("period-open"));
}

#[test]
fn every_line_says_why() {
    let tiers = vec![
        Tier { up_to: Some(Ratio::whole(50)), unit: Ratio::whole(300), ..Tier::default() },
        Tier { unit: Ratio::whole(250), ..Tier::default() },
    ];
    let book = book(Price { steps: one_step(Tariff::of(Model::Graduated { tiers })), ..price() });
    let april = period("2025-04-01", "2025-05-01");
    let sold = [sold(1, april.from, day("2025-05-01"), 40), sold(2, day("2025-04-11"), day("2025-05-01"), 15)];
    let line = rated(&book, april, &sold, &[]).remove(0);
    assert_eq!(line.amount.minor, 1_483_333);
    let Why::Slices { slices, .. } = &line.why else { panic!("slices") };
    let shown: Vec<_> =
        slices.iter().map(|why| (why.slice.units(), why.slice.days, why.full_period.to_string())).collect();
    assert_eq!(shown, [(40, 10, "12000".to_owned()), (55, 20, "16250".to_owned())]);
    let (id, args) = line.why.sentence(line.kind);
    assert_eq!(id, "why-book-slices");
    let seat_days = args.iter().find(|(name, _)| *name == "seatDays").map(|(_, value)| value.clone());
    assert_eq!(seat_days, Some(Arg::Number(1_500)));
}
