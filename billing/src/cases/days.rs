use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use voxpark_domain::time::{Month, Period};

use super::{From, Range, read};
use crate::invoicing::{by_day, recognised_by};
use crate::pricing::{
    Anchor, Cadence, Change, Clause, DayCount, Direction, Ratio, change, civil_day, day_share, direction,
    elapsed_share, foreign_share, inclusive, period_end,
};

pub(super) const TEXT: &str = include_str!("days.toml");

#[derive(Deserialize)]
struct Fraction {
    id: String,
    bill: Range,
    period: Range,
    digits: u32,
    value: i64,
}
#[derive(Deserialize)]
struct FixedDays {
    id: String,
    bill: Range,
    month: u8,
    days: i64,
}
#[derive(Deserialize)]
struct Amount {
    id: String,
    price: i64,
    #[serde(default)]
    clause: Clause,
    bill: Option<Range>,
    inclusive: Option<Range>,
    period: Option<Range>,
    anchor: Option<From>,
    minor: i64,
    never: Option<i64>,
}
#[derive(Deserialize)]
struct Inclusive {
    id: String,
    first: NaiveDate,
    last: NaiveDate,
    days: i64,
}
#[derive(Deserialize)]
struct Place {
    id: String,
    price: i64,
    start: DateTime<Utc>,
    zone: String,
    anchor: From,
    minor: i64,
}
#[derive(Deserialize)]
struct Changed {
    id: String,
    prices: Vec<(i64, i64)>,
    #[serde(default)]
    clause: Clause,
    remaining: Range,
    period: Range,
    credit: i64,
    charge: i64,
}
#[derive(Deserialize)]
struct Foreign {
    id: String,
    price: i64,
    every: Cadence,
    bill: Range,
    minor: i64,
}
#[derive(Deserialize)]
struct Elapsed {
    id: String,
    price: i64,
    now: i64,
    end: i64,
    seconds: i64,
    minor: i64,
}
#[derive(Deserialize)]
struct Anchored {
    id: String,
    from: NaiveDate,
    every: Cadence,
    boundaries: Vec<NaiveDate>,
}
#[derive(Deserialize)]
struct PeriodEnd {
    id: String,
    start: NaiveDate,
    day: u32,
    first: bool,
    every: Cadence,
    end: NaiveDate,
}
#[derive(Deserialize)]
struct Compared {
    id: String,
    old: (Ratio, Cadence),
    new: (Ratio, Cadence),
    way: String,
}
#[derive(Deserialize)]
struct Revenue {
    id: String,
    minor: i64,
    service: Range,
    by_month: Vec<i64>,
}
#[derive(Deserialize)]
struct Cases {
    fraction: Vec<Fraction>,
    fixed_days: Vec<FixedDays>,
    amount: Vec<Amount>,
    inclusive: Vec<Inclusive>,
    zone: Vec<Place>,
    change: Vec<Changed>,
    foreign: Vec<Foreign>,
    elapsed: Vec<Elapsed>,
    anchor: Vec<Anchored>,
    period_end: Vec<PeriodEnd>,
    direction: Vec<Compared>,
    revenue: Vec<Revenue>,
}

fn cases() -> Cases {
    read("days", TEXT)
}
fn part_of(count: DayCount, part: Period, whole: Period, price: i64) -> i64 {
    day_share(count, part, whole).and_then(|share| share.of_amount(price)).expect("in range")
}

#[test]
fn shares_of_periods() {
    for case in cases().fraction {
        let share = day_share(DayCount::Actual, case.bill.period(), case.period.period()).expect("closed");
        assert_eq!(share.ratio().and_then(|ratio| ratio.rounded(case.digits)), Ok(case.value), "{}", case.id);
    }
    for case in cases().fixed_days {
        assert_eq!(DayCount::FixedMonth(case.month).days(case.bill.0, case.bill.1), case.days, "{}", case.id);
    }
    for case in cases().inclusive {
        let range = inclusive(case.first, case.last).expect("a range");
        assert_eq!(range.days(), Some(case.days), "{}", case.id);
    }
}

#[test]
fn amounts_by_day() {
    for case in cases().amount {
        let written = case.inclusive.map(|range| inclusive(range.0, range.1).expect("a range"));
        let part = written.or(case.bill.map(Range::period)).expect("days");
        let whole = case.anchor.map(|anchor| anchor.period_of(part.from)).or(case.period.map(Range::period));
        let found = part_of(case.clause.count(), part, whole.expect("a period"), case.price);
        assert_eq!(found, case.minor, "{}", case.id);
        assert_ne!(Some(found), case.never, "{}", case.id);
    }
    for case in cases().zone {
        let zone: chrono_tz::Tz = case.zone.parse().expect("a zone");
        let day = civil_day(case.start, &zone);
        let week = case.anchor.period_of(day);
        let rest = Period { from: day, to: week.to };
        assert_eq!(part_of(DayCount::Actual, rest, week, case.price), case.minor, "{}", case.id);
    }
    for case in cases().foreign {
        let share = foreign_share(case.every, case.bill.period()).expect("closed");
        assert_eq!(share.of_amount(case.price), Ok(case.minor), "{}", case.id);
    }
    for case in cases().elapsed {
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).expect("an instant");
        let (now, end) = (at(case.now), at(case.end));
        let share = elapsed_share((now, end), (at(case.end - case.seconds), end)).expect("closed");
        assert_eq!(share.of_amount(case.price), Ok(case.minor), "{}", case.id);
    }
}

#[test]
fn changes_credit_the_old_and_charge_the_new() {
    for case in cases().change {
        let of = |(billed, price): &(i64, i64)| {
            change(case.clause.count(), *billed, *price, case.remaining.period(), case.period.period())
                .expect("in range")
        };
        let all: Vec<Change> = case.prices.iter().map(of).collect();
        let sums = (all.iter().map(|c| c.credit).sum::<i64>(), all.iter().map(|c| c.charge).sum::<i64>());
        assert_eq!(sums, (case.credit, case.charge), "{}", case.id);
        assert_eq!(all.iter().map(|c| c.net()).sum::<i64>(), case.credit + case.charge, "{}", case.id);
    }
    for case in cases().direction {
        let way = if case.way == "upgrade" { Direction::Upgrade } else { Direction::Downgrade };
        assert_eq!(direction(case.old, case.new), Ok(way), "{}", case.id);
    }
}

#[test]
fn periods_follow_their_anchor() {
    for case in cases().anchor {
        let anchor = Anchor::on(case.from, case.every);
        let found: Vec<NaiveDate> = (1..).map_while(|n| anchor.boundary(n).ok()).take(case.boundaries.len()).collect();
        assert_eq!(found, case.boundaries, "{}", case.id);
    }
    for case in cases().period_end {
        assert_eq!(period_end(case.start, case.day, case.every, case.first), Ok(case.end), "{}", case.id);
    }
}

#[test]
fn revenue_is_earned_by_day() {
    for case in cases().revenue {
        let service = case.service.period();
        let months = by_day(case.minor, service).expect("a schedule");
        assert_eq!(months.iter().map(|(_, minor)| *minor).collect::<Vec<_>>(), case.by_month, "{}", case.id);
        // What is deferred at the end of the first month is all that is not earned by then.
        let earned = recognised_by(case.minor, service, Month::of(service.from).end()).expect("in range");
        assert_eq!(case.minor - earned, case.by_month.iter().skip(1).sum::<i64>(), "{}", case.id);
    }
}
