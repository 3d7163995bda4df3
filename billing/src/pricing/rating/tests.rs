//! Cases of published billing systems by the ids of the case collection, a slow day-by-day oracle, and properties.

use chrono::Days;
use proptest::prelude::*;
use proptest::sample::Index;
use uuid::Uuid;
use voxpark_domain::ids::Id;
use voxpark_domain::money::round_half_away;

use super::super::LeaseTerms;
use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
fn period(from: &str, to: &str) -> Period {
    Period { from: day(from), to: Some(day(to)) }
}
fn january() -> Period {
    period("2026-01-01", "2026-02-01")
}
fn terms(unit_minor: i64, proration: Proration) -> LeaseTerms {
    LeaseTerms {
        term_from: day("2020-01-01"),
        term_to: day("2120-01-01"),
        product: SeatProduct::Equipped,
        unit_price: Money::new(unit_minor, Currency::CNY),
        price_steps: Vec::new(),
        price_book: None,
        proration,
        tax_rate: TaxRate::new(900).expect("rate"),
        rent_free: Vec::new(),
        deposit: Money::zero(Currency::CNY),
        payment_days: 0,
    }
}
fn only(terms: LeaseTerms) -> Vec<LeaseVersion> {
    vec![LeaseVersion { version: 1, in_force: Period { from: day("2020-01-01"), to: None }, terms, least_minor: 0 }]
}
fn from_day(version: i64, from: &str, to: Option<&str>, terms: LeaseTerms) -> LeaseVersion {
    LeaseVersion { version, in_force: Period { from: day(from), to: to.map(day) }, terms, least_minor: 0 }
}
/// `n` allocations held for the same days.
fn seats(first: u128, n: u128, from: &str, to: &str) -> Vec<HeldSeat> {
    (first..first + n)
        .map(|i| HeldSeat {
            allocation: AllocationId::from_uuid(Uuid::from_u128(i)),
            seat: SeatId::from_uuid(Uuid::from_u128(i)),
            shift: voxpark_domain::leasing::FULL_DAY,
            held: period(from, to),
        })
        .collect()
}
fn amounts(rated: &Rated) -> Vec<i64> {
    rated.lines.iter().map(|line| line.amount_minor).collect()
}
fn rule_of<T: std::fmt::Debug>(result: Result<T, Refusal>) -> &'static str {
    result.expect_err("refused").rule
}

#[test]
fn a_whole_month_is_seats_times_price() {
    let rated = rate(january(), &only(terms(88_000, Proration::ByDay)), &seats(1, 240, "2025-12-12", "2027-01-01"));
    let rated = rated.expect("rated");
    assert_eq!(amounts(&rated), [240 * 88_000]);
    assert_eq!((rated.seat_days_held, rated.lines[0].seat_days), (240 * 31, 240 * 31));
    let why = &rated.lines[0].explanation;
    assert_eq!((why.period_days, why.slices.len()), (31, 1));
    assert_eq!((why.slices[0].seats, why.slices[0].days), (240, 31));
}

#[test]
fn c1_c2_c4_seat_periods() {
    let ten_days = period("2026-03-01", "2026-03-11");
    let price = only(terms(100, Proration::ByDay));
    // C1.1: two seats for the last five of ten days are one seat-period.
    assert_eq!(amounts(&rate(ten_days, &price, &seats(1, 2, "2026-03-06", "2026-03-11")).expect("rated")), [100]);
    // C1.3: 20 seats carried in, 100 on the last day: 28 seat-periods.
    let held = [seats(1, 20, "2026-02-01", "2026-03-20"), seats(50, 80, "2026-03-10", "2026-03-20")].concat();
    assert_eq!(amounts(&rate(ten_days, &price, &held).expect("rated")), [2_800]);
    // C2.1: 10 seats for 19 days, 7 for 12: 8.84 at a price of 1.00.
    let held = [seats(1, 7, "2026-01-01", "2026-02-01"), seats(50, 3, "2026-01-01", "2026-01-20")].concat();
    assert_eq!(amounts(&rate(january(), &price, &held).expect("rated")), [884]);
    // C4: 10 seats at 3.00 from 16 to 20 December inclusive.
    let december = period("2022-12-01", "2023-01-01");
    let held = seats(1, 10, "2022-12-16", "2022-12-21");
    assert_eq!(amounts(&rate(december, &only(terms(300, Proration::ByDay)), &held).expect("rated")), [484]);
}

#[test]
fn c3_without_proration_the_high_water_mark_is_charged_once() {
    let price = only(terms(1_000, Proration::None));
    // C3.1: 10 seats, then 15: the second charge is the difference.
    let held = [seats(1, 10, "2026-01-01", "2026-02-01"), seats(50, 5, "2026-01-20", "2026-02-01")].concat();
    let rated = rate(january(), &price, &held).expect("rated");
    assert_eq!(amounts(&rated), [15_000]);
    let charged: Vec<i64> = rated.lines[0].explanation.slices.iter().map(|s| s.seats * 1_000).collect();
    assert_eq!(charged, [10_000, 5_000]);
    // C3.2: 10, 5, 15: no refund on the drop, so no second charge up to 10.
    let held = [
        seats(1, 5, "2026-01-01", "2026-02-01"),
        seats(20, 5, "2026-01-01", "2026-01-10"),
        seats(50, 10, "2026-01-20", "2026-02-01"),
    ];
    assert_eq!(amounts(&rate(january(), &price, &held.concat()).expect("rated")), [15_000]);
    // A team that moves from ten seats to ten others pays for ten.
    let held = [seats(1, 10, "2026-01-01", "2026-01-10"), seats(50, 10, "2026-01-10", "2026-02-01")].concat();
    assert_eq!(amounts(&rate(january(), &price, &held).expect("rated")), [10_000]);
}

#[test]
fn fixed_thirty_charges_nothing_on_the_31st() {
    let price = only(terms(30_000, Proration::FixedThirty));
    for (from, to, expected) in [
        ("2026-01-16", "2026-02-01", 15_000),
        ("2026-01-01", "2026-01-16", 15_000),
        ("2026-01-31", "2026-02-01", 0),
        ("2026-01-01", "2026-01-31", 30_000),
    ] {
        assert_eq!(amounts(&rate(january(), &price, &seats(1, 1, from, to)).expect("rated")), [expected], "{from}");
    }
    let february = period("2026-02-01", "2026-03-01");
    let rated = rate(february, &price, &seats(1, 1, "2026-02-01", "2026-02-28")).expect("rated");
    assert_eq!(amounts(&rated), [27_000]);
    assert_eq!(rated.lines[0].explanation.period_days, 30);
}

#[test]
fn full_month_before_a_day() {
    let price = only(terms(31_000, Proration::FullMonthBefore(16)));
    for (from, to, expected) in [
        ("2026-01-15", "2026-02-01", 31_000),
        ("2026-01-16", "2026-02-01", 16_000),
        ("2026-01-03", "2026-01-05", 31_000),
        ("2025-11-01", "2026-01-20", 31_000),
    ] {
        assert_eq!(amounts(&rate(january(), &price, &seats(1, 1, from, to)).expect("rated")), [expected], "{from}");
    }
    // 10 seats pay the month; of 14 from the 20th only 4 are new.
    let held = [seats(1, 10, "2026-01-10", "2026-02-01"), seats(50, 4, "2026-01-20", "2026-02-01")].concat();
    let rated = rate(january(), &price, &held).expect("rated");
    assert_eq!(amounts(&rated), [10 * 31_000 + 4 * 12_000]);
    assert_eq!(rated.lines.len(), 1);
}

#[test]
fn rent_free_days_are_a_line_of_nothing_with_their_worth() {
    let mut agreed = terms(31_000, Proration::ByDay);
    agreed.rent_free = vec![period("2025-11-12", "2026-01-12")];
    let rated = rate(january(), &only(agreed.clone()), &seats(1, 2, "2025-11-12", "2026-06-01")).expect("rated");
    let kinds: Vec<_> = rated.lines.iter().map(|l| (l.kind, l.seat_days, l.amount_minor)).collect();
    assert_eq!(kinds, [(LineKind::RentFree, 22, 0), (LineKind::SeatRent, 40, 40_000)]);
    assert_eq!(rated.lines[0].explanation.worth_minor, 22_000);
    assert_eq!(rated.seat_days_held, 62);
    // Without proration a seat pays every day of the month that is not rent-free.
    agreed.proration = Proration::None;
    let rated = rate(january(), &only(agreed), &seats(1, 2, "2025-11-12", "2026-01-14")).expect("rated");
    assert_eq!(amounts(&rated), [0, 40_000]);
}

#[test]
fn a_new_price_is_a_new_line_and_an_amendment_of_something_else_is_not() {
    let mut later = terms(60_001, Proration::ByDay);
    let first = from_day(1, "2020-01-01", Some("2026-01-16"), terms(50_001, Proration::ByDay));
    let versions = [first.clone(), from_day(2, "2026-01-16", None, later.clone())];
    let rated = rate(january(), &versions, &seats(1, 3, "2026-01-01", "2026-02-01")).expect("rated");
    let lines: Vec<_> = rated.lines.iter().map(|l| (l.lease_version, l.seat_days, l.amount_minor)).collect();
    // 3 x 50001 x 15/31 = 72582.097, 3 x 60001 x 16/31 = 92904.774
    assert_eq!(lines, [(1, 45, 72_582), (2, 48, 92_905)]);
    // The rent-free list changes, the price does not: still the price of a month, to the cent.
    later = first.terms.clone();
    later.rent_free = vec![period("2026-03-01", "2026-04-01")];
    let versions = [first, from_day(2, "2026-01-16", None, later)];
    let rated = rate(january(), &versions, &seats(1, 3, "2026-01-01", "2026-02-01")).expect("rated");
    assert_eq!(amounts(&rated), [150_003]);
    let why: Vec<_> = rated.lines[0].explanation.slices.iter().map(|s| (s.version, s.days)).collect();
    assert_eq!(why, [(1, 15), (2, 16)]);
}

#[test]
fn the_denominator_is_the_month_also_for_a_lease_that_starts_inside_it() {
    let mut agreed = terms(31_000, Proration::ByDay);
    (agreed.term_from, agreed.term_to) = (day("2026-01-12"), day("2027-01-12"));
    let versions = [from_day(1, "2026-01-12", None, agreed)];
    let rated = rate(january(), &versions, &seats(1, 1, "2026-01-12", "2027-01-12")).expect("rated");
    assert_eq!(amounts(&rated), [20_000]);
}

#[test]
fn no_seat_no_line() {
    let rated = rate(january(), &only(terms(1, Proration::ByDay)), &seats(1, 5, "2026-02-01", "2026-03-01"));
    let rated = rated.expect("rated");
    assert_eq!((rated.lines.len(), rated.seat_days_held), (0, 0));
    assert_eq!(rate(january(), &[], &[]).map(|r| r.lines.len()), Ok(0));
}

#[test]
fn what_cannot_be_priced_is_refused() {
    let price = only(terms(1_000, Proration::ByDay));
    let open = Period { from: day("2026-01-01"), to: None };
    assert_eq!(rule_of(rate(open, &price, &[])), "period-open");
    let doubled = [seats(1, 1, "2026-01-01", "2026-01-10"), seats(1, 1, "2026-01-09", "2026-02-01")].concat();
    assert_eq!(rule_of(rate(january(), &price, &doubled)), "allocation-doubled");
    let mut short = terms(1_000, Proration::ByDay);
    (short.term_from, short.term_to) = (day("2025-01-01"), day("2026-01-20"));
    let held = seats(1, 1, "2026-01-01", "2026-02-01");
    let refusal = rate(january(), &only(short), &held).expect_err("refused");
    assert_eq!(refusal.rule, "seat-held-outside-lease");
    assert_eq!(refusal.args[0].1, voxpark_domain::error::Arg::Text("2026-01-20".to_owned()));
    let twice = [price.clone(), price.clone()].concat();
    assert_eq!(rule_of(rate(january(), &twice, &held)), "lease-versions-overlap");
    let mut foreign = terms(1_000, Proration::ByDay);
    foreign.unit_price.currency = Currency::parse("USD").expect("currency");
    let versions = [
        from_day(1, "2020-01-01", Some("2026-01-10"), terms(1_000, Proration::ByDay)),
        from_day(2, "2026-01-10", None, foreign),
    ];
    assert_eq!(rule_of(rate(january(), &versions, &held)), "currency-mismatch");
    assert_eq!(rule_of(rate(january(), &only(terms(-1, Proration::ByDay)), &held)), "price-negative");
    assert_eq!(
        rule_of(rate(january(), &only(terms(i64::MAX, Proration::ByDay)), &seats(1, 2, "2026-01-01", "2026-02-01"))),
        "amount-out-of-range"
    );
}

#[test]
fn explanations_keep_their_shape_in_json() {
    let rated = rate(january(), &only(terms(31_000, Proration::ByDay)), &seats(1, 2, "2026-01-12", "2026-02-01"));
    let why = rated.expect("rated").lines.remove(0).explanation;
    let json = serde_json::to_value(&why).expect("json");
    assert_eq!(
        json,
        serde_json::json!({
            "rule": "by_day",
            "unit": {"minor": 31_000, "currency": "CNY"},
            "period": {"from": "2026-01-01", "to": "2026-02-01"},
            "period_days": 31,
            "seat_days": 40,
            "worth_minor": 40_000,
            "slices": [
                {"from": "2026-01-12", "to": "2026-02-01", "seats": 2, "days": 20, "version": 1, "whole_period": false}
            ]
        })
    );
    assert_eq!(serde_json::from_value::<Explanation>(json).expect("json"), why);
}

// -- properties -------------------------------------------------------------------------------------------------

/// A random lease: two versions that change on a day, a rent-free range, any rule.
#[derive(Clone, Debug)]
struct World {
    period: Period,
    versions: Vec<LeaseVersion>,
    held: Vec<HeldSeat>,
}

fn rules() -> impl Strategy<Value = Proration> {
    prop_oneof![
        Just(Proration::ByDay),
        Just(Proration::FixedThirty),
        (2_u8..=31).prop_map(Proration::FullMonthBefore),
        Just(Proration::None),
    ]
}

fn worlds() -> impl Strategy<Value = World> {
    let prices = (0_i64..200_000, 0_i64..200_000, any::<bool>());
    let free = proptest::option::of((0_u64..40, 1_u64..30));
    let held = proptest::collection::vec((0_u64..60, 1_u64..60), 0..12);
    (0_u32..24, prices, 0_u64..45, free, rules(), held).prop_map(|(month, (a, b, same), change, free, rule, held)| {
        let first = day("2023-12-01").checked_add_months(chrono::Months::new(month)).expect("date");
        let end = first.checked_add_months(chrono::Months::new(1)).expect("date");
        let base = first - Days::new(15);
        let at = |n: u64| base + Days::new(n);
        let mut one = terms(a, rule);
        one.rent_free =
            free.map(|(from, days)| Period { from: at(from), to: Some(at(from + days)) }).into_iter().collect();
        let mut two = LeaseTerms { unit_price: Money::new(if same { a } else { b }, Currency::CNY), ..one.clone() };
        two.proration = rule;
        let versions = vec![
            LeaseVersion {
                version: 1,
                in_force: Period { from: day("2020-01-01"), to: Some(at(change)) },
                terms: one,
                least_minor: 0,
            },
            LeaseVersion { version: 2, in_force: Period { from: at(change), to: None }, terms: two, least_minor: 0 },
        ];
        let held = (1_u128..).zip(held).map(|(i, (from, days))| HeldSeat {
            allocation: AllocationId::from_uuid(Uuid::from_u128(i)),
            seat: SeatId::from_uuid(Uuid::from_u128(i)),
            shift: voxpark_domain::leasing::FULL_DAY,
            held: Period { from: at(from), to: Some(at(from + days)) },
        });
        World { period: Period { from: first, to: Some(end) }, versions, held: held.collect() }
    })
}

/// Seats held on a day.
fn level(world: &World, on: NaiveDate) -> i64 {
    world.held.iter().map(|h| i64::from(h.held.contains(on))).sum()
}

fn days_of(period: Period) -> Vec<NaiveDate> {
    period.from.iter_days().take_while(|d| period.contains(*d)).collect()
}

/// Day by day, seat by seat: exact numerators of (rent-free?, unit price) over the days of the period.
fn oracle(world: &World) -> (BTreeMap<(bool, i64), i64>, i64) {
    let version = |on: NaiveDate| world.versions.iter().find(|v| v.in_force.contains(on)).expect("in force");
    let rule = world.versions[0].terms.proration;
    let weight = |on: NaiveDate| match rule {
        Proration::FixedThirty => {
            let next = on.succ_opt().expect("date");
            let last = i64::from(chrono::Datelike::day(&next) == 1);
            let number = i64::from(chrono::Datelike::day(&on));
            // The last day of a month stands for the days up to the 30th.
            if last == 1 { 30 - (number - 1) } else { 1 }
        }
        _ => 1,
    };
    let days = days_of(world.period);
    let total: i64 = days.iter().map(|d| weight(*d)).sum();
    let is_free = |d: NaiveDate| version(d).terms.rent_free.iter().any(|r| r.contains(d));
    let chargeable: i64 = days.iter().filter(|d| !is_free(**d)).map(|d| weight(*d)).sum();
    let mut sums = BTreeMap::new();
    let mut paid = 0;
    for (number, on) in (1_u8..).zip(&days) {
        let (seats, unit) = (level(world, *on), version(*on).terms.unit_price.minor);
        if seats == 0 {
            continue;
        }
        if is_free(*on) {
            *sums.entry((true, unit)).or_insert(0) += seats * weight(*on);
            continue;
        }
        let whole = match rule {
            Proration::None => true,
            Proration::FullMonthBefore(before) => number < before,
            _ => false,
        };
        let new = (seats - paid).max(0);
        if new > 0 {
            *sums.entry((false, unit)).or_insert(0) += new * if whole { chargeable } else { weight(*on) };
        }
        if whole {
            paid = paid.max(seats);
        }
    }
    (sums, total)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn agrees_with_the_slow_oracle(world in worlds()) {
        let rated = rate(world.period, &world.versions, &world.held).expect("rated");
        let (sums, total) = oracle(&world);
        let mut found = BTreeMap::new();
        for line in &rated.lines {
            found.insert((line.kind == LineKind::RentFree, line.unit.minor), (line.seat_days, line.explanation.worth_minor));
            prop_assert_eq!(line.explanation.period_days, total);
            prop_assert_eq!(line.explanation.recompute(), Ok(line.explanation.worth_minor));
        }
        let expected: BTreeMap<_, _> = sums
            .into_iter()
            .map(|(key, days)| {
                (key, (days, round_half_away(i128::from(key.1) * i128::from(days), i128::from(total)).expect("rounds")))
            })
            .collect();
        prop_assert_eq!(found, expected);
        let held: i64 = days_of(world.period).into_iter().map(|d| level(&world, d)).sum();
        prop_assert_eq!(rated.seat_days_held, held);
    }

    #[test]
    fn neither_cutting_nor_order_changes_anything(
        world in worlds(),
        cuts in proptest::collection::vec((any::<Index>(), any::<Index>()), 0..8),
        order in any::<u64>(),
    ) {
        let whole = rate(world.period, &world.versions, &world.held).expect("rated");
        let mut pieces = world.held.clone();
        for (which, at) in cuts.iter().filter(|_| !world.held.is_empty()) {
            let index = which.index(pieces.len());
            let days = days_of(pieces[index].held);
            let cut = days[at.index(days.len())];
            if cut > pieces[index].held.from {
                let tail = HeldSeat { held: Period { from: cut, to: pieces[index].held.to }, ..pieces[index] };
                pieces[index].held.to = Some(cut);
                pieces.push(tail);
            }
        }
        // A cheap shuffle, repeatable.
        pieces.sort_by_key(|p| (p.held.from - day("2000-01-01")).num_days().unsigned_abs().wrapping_mul(order | 1));
        let mut versions = world.versions.clone();
        versions.reverse();
        prop_assert_eq!(rate(world.period, &versions, &pieces).expect("rated"), whole);
    }

    #[test]
    fn one_price_never_costs_more_than_its_seats(world in worlds()) {
        let peak = days_of(world.period).into_iter().map(|d| level(&world, d)).max().unwrap_or(0);
        let top = world.versions.iter().map(|v| v.terms.unit_price.minor).max().unwrap_or(0);
        let rated = rate(world.period, &world.versions, &world.held).expect("rated");
        for line in &rated.lines {
            prop_assert!(line.amount_minor <= line.unit.minor * peak);
        }
        // Over two prices the exact sum keeps below the full price; each line rounds by half a unit at most.
        let rent: Vec<_> = rated.lines.iter().filter(|l| l.kind == LineKind::SeatRent).collect();
        let sum: i64 = rent.iter().map(|l| l.amount_minor).sum();
        prop_assert!(sum <= top * peak + i64::from(rent.len() > 1));
    }

    #[test]
    fn a_full_month_is_exact(month in 0_u32..48, unit in 0_i64..10_000_000, n in 1_u128..300, rule in rules()) {
        let first = day("2023-01-01").checked_add_months(chrono::Months::new(month)).expect("date");
        let end = first.checked_add_months(chrono::Months::new(1)).expect("date");
        let held = seats(1, n, "2022-01-01", "2030-01-01");
        let rated = rate(Period { from: first, to: Some(end) }, &only(terms(unit, rule)), &held).expect("rated");
        prop_assert_eq!(amounts(&rated), vec![unit * i64::try_from(n).expect("small")]);
    }
}
