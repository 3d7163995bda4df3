//! The cost of a month over its seats.

use voxpark_domain::money::{Currency, round_half_away};
use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode};

use super::entry::category_sum;
use super::{CategoryPack, CategoryRole, CostEntry};
use crate::pricing::{out_of_range, scaled};

/// Seat-days of a month in three views. A base is `seat-days / days of the month` seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatDays {
    /// Held under a lease: the billing view. A seat held for two shifts counts once a day.
    pub leased: i64,
    /// With a person sitting on the seat: the use view. Two people on one seat count once a day.
    pub occupied: i64,
    /// Built: the capacity view, where the tenant or park knows it.
    pub built: Option<i64>,
}

/// `seat-days / days of the month` seats to two digits, half away from zero (`79.77`); `None` below zero or out of range.
pub fn average_seats(seat_days: i64, month: Month) -> Option<String> {
    let hundredths = round_half_away(i128::from(seat_days).checked_mul(100)?, i128::from(month.days()))?;
    (hundredths >= 0).then(|| format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// An amount per seat and month in minor units, over each base; `None` where the base has no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct PerSeat {
    /// Over leased seats.
    pub leased: Option<i64>,
    /// Over occupied seats.
    pub occupied: Option<i64>,
    /// Over built seats.
    pub built: Option<i64>,
}

/// A part of the total, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The part, minor units.
    pub numerator: i64,
    /// The total, minor units, positive.
    pub denominator: i64,
}

impl Share {
    /// In hundredths of a percent, rounded half away from zero.
    pub fn basis_points(self) -> Option<i64> {
        round_half_away(i128::from(self.numerator).checked_mul(10_000)?, i128::from(self.denominator))
    }
}

/// One category of the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryCost {
    /// Id of the category.
    pub category: String,
    /// Entries it is made of; 0 = nothing is known, which is not the same as nothing was spent.
    pub entries: usize,
    /// Sum, minor units.
    pub amount_minor: i64,
    /// Its part of the total; `None` where the total is not positive.
    pub share: Option<Share>,
    /// Per seat.
    pub per_seat: PerSeat,
}

/// The unit-seat cost of a month with everything it was computed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitSeatCost {
    /// The month.
    pub month: Month,
    /// Of every amount.
    pub currency: Currency,
    /// The denominators.
    pub seat_days: SeatDays,
    /// Days of the month: what seat-days are divided by to get average seats.
    pub month_days: i64,
    /// Every category of the pack, in its order.
    pub categories: Vec<CategoryCost>,
    /// Sum over the categories, minor units.
    pub total_minor: i64,
    /// The total per seat. Rounded from the total, not summed from the rounded categories.
    pub total_per_seat: PerSeat,
    /// Labour over total.
    pub labour_share: Option<Share>,
}

/// `cost of the month / average seats`, by category and in all: `amount x days of the month / seat-days`, exact until
/// the one rounding to minor units (the trade's 单位座席总成本, with its denominator said).
///
/// # Errors
/// `seat-days-negative` at `leased`, `occupied` or `built`; `cost-other-month` (an entry of another month),
/// `currency-mismatch`, `cost-category-unknown` (an entry that the pack does not know would vanish from the total),
/// `amount-out-of-range`.
pub fn unit_seat_cost(
    pack: &CategoryPack,
    month: Month,
    currency: Currency,
    entries: &[CostEntry],
    seat_days: SeatDays,
) -> Result<UnitSeatCost, Refusal> {
    check(pack, month, currency, entries, seat_days)?;
    let per_seat = |minor: i64| -> Result<PerSeat, Refusal> {
        let over = |days: i64| (days > 0).then(|| scaled(minor, month.days(), days)).transpose();
        Ok(PerSeat {
            leased: over(seat_days.leased)?,
            occupied: over(seat_days.occupied)?,
            built: over(seat_days.built.unwrap_or(0))?,
        })
    };
    let amounts = entries.iter().map(|entry| entry.amount.minor);
    let total_minor = amounts.clone().try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)?;
    let share = |numerator: i64| (total_minor > 0).then_some(Share { numerator, denominator: total_minor });
    let mut categories = Vec::with_capacity(pack.categories.len());
    let mut labour_share = None;
    for category in &pack.categories {
        let amount_minor = category_sum(entries, month, &category.id)?;
        if category.role == Some(CategoryRole::Labour) {
            labour_share = share(amount_minor);
        }
        categories.push(CategoryCost {
            category: category.id.clone(),
            entries: entries.iter().filter(|entry| entry.category == category.id).count(),
            amount_minor,
            share: share(amount_minor),
            per_seat: per_seat(amount_minor)?,
        });
    }
    Ok(UnitSeatCost {
        month,
        currency,
        seat_days,
        month_days: month.days(),
        categories,
        total_minor,
        total_per_seat: per_seat(total_minor)?,
        labour_share,
    })
}

fn check(
    pack: &CategoryPack,
    month: Month,
    currency: Currency,
    entries: &[CostEntry],
    seat_days: SeatDays,
) -> Result<(), Refusal> {
    let bases =
        [("leased", Some(seat_days.leased)), ("occupied", Some(seat_days.occupied)), ("built", seat_days.built)];
    for (base, days) in bases {
        if days.is_some_and(|d| d < 0) {
            return Err(Refusal::new(RefusalCode::OutOfRange, "seat-days-negative").at(base));
        }
    }
    for entry in entries {
        if entry.month != month {
            return Err(Refusal::new(RefusalCode::Invalid, "cost-other-month")
                .with("expected", month.to_string())
                .with("found", entry.month.to_string()));
        }
        if entry.amount.currency != currency {
            return Err(Refusal::new(RefusalCode::Invalid, "currency-mismatch")
                .with("expected", currency.code())
                .with("found", entry.amount.currency.code()));
        }
        if pack.get(&entry.category).is_none() {
            return Err(Refusal::new(RefusalCode::NotFound, "cost-category-unknown").at("category"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use voxpark_domain::money::Money;

    use super::super::CostSource;
    use super::*;

    fn january() -> Month {
        Month::parse("2026-01").expect("month")
    }
    fn entry(category: &str, minor: i64) -> CostEntry {
        CostEntry {
            month: january(),
            category: category.to_owned(),
            amount: Money::new(minor, Currency::CNY),
            source: CostSource::Manual,
            note: String::new(),
        }
    }
    fn cost(entries: &[CostEntry], seat_days: SeatDays) -> Result<UnitSeatCost, Refusal> {
        unit_seat_cost(CategoryPack::shipped().expect("pack"), january(), Currency::CNY, entries, seat_days)
    }
    const SEATS: SeatDays = SeatDays { leased: 100 * 31, occupied: 80 * 31 - 7, built: Some(120 * 31) };

    #[test]
    fn parts_and_total_over_three_bases() {
        let entries = [entry("labour", 48_000_000), entry("rent", 8_800_000), entry("labour", 1), entry("power", 0)];
        let cost = cost(&entries, SEATS).expect("cost");
        assert_eq!(cost.total_minor, 56_800_001);
        // Leased 100 seats; occupied 2473 seat-days, 79.77 seats: 56800001 x 31 / 2473 = 712009.718
        let expected = PerSeat { leased: Some(568_000), occupied: Some(712_010), built: Some(473_333) };
        assert_eq!(cost.total_per_seat, expected);
        let labour = &cost.categories[0];
        assert_eq!((labour.entries, labour.amount_minor, labour.per_seat.leased), (2, 48_000_001, Some(480_000)));
        assert_eq!(cost.labour_share, Some(Share { numerator: 48_000_001, denominator: 56_800_001 }));
        assert_eq!(cost.labour_share.and_then(Share::basis_points), Some(8_451));
        // Power was entered as nothing; telecom is not known.
        let of = |id: &str| cost.categories.iter().find(|c| c.category == id).map(|c| (c.entries, c.amount_minor));
        assert_eq!((of("power"), of("telecom")), (Some((1, 0)), Some((0, 0))));
        assert_eq!(cost.categories.len(), 10);
    }

    #[test]
    fn averages_have_two_digits() {
        let text = |days| average_seats(days, january());
        assert_eq!(text(2_473).as_deref(), Some("79.77"));
        assert_eq!(text(0).as_deref(), Some("0.00"));
        assert_eq!(text(31 * 240).as_deref(), Some("240.00"));
        assert_eq!(text(-31), None);
    }

    #[test]
    fn a_denominator_of_nothing_gives_no_figure() {
        let none = SeatDays { leased: 0, occupied: 0, built: None };
        let idle = cost(&[entry("power", 100)], none).expect("cost");
        assert_eq!(idle.total_per_seat, PerSeat::default());
        assert_eq!(idle.labour_share.and_then(Share::basis_points), Some(0));
        let empty = cost(&[], SEATS).expect("cost");
        assert_eq!((empty.total_minor, empty.labour_share), (0, None));
        assert_eq!(empty.total_per_seat.leased, Some(0));
    }

    #[test]
    fn what_would_falsify_the_figure_is_refused() {
        let rule = |result: Result<UnitSeatCost, Refusal>| result.expect_err("refused").rule;
        assert_eq!(rule(cost(&[], SeatDays { occupied: -1, ..SEATS })), "seat-days-negative");
        assert_eq!(rule(cost(&[entry("petrol", 1)], SEATS)), "cost-category-unknown");
        let other = CostEntry { month: january().plus(1), ..entry("power", 1) };
        assert_eq!(rule(cost(&[other], SEATS)), "cost-other-month");
        let foreign =
            CostEntry { amount: Money::new(1, Currency::parse("USD").expect("currency")), ..entry("power", 1) };
        assert_eq!(rule(cost(&[foreign], SEATS)), "currency-mismatch");
        assert_eq!(rule(cost(&[entry("power", i64::MAX), entry("power", 1)], SEATS)), "amount-out-of-range");
    }

    proptest! {
        #[test]
        fn each_figure_is_within_half_a_unit_of_the_exact_one(
            amounts in proptest::collection::vec((0_usize..10, 0_i64..10_000_000_000), 0..20),
            leased in 1_i64..100_000,
        ) {
            let pack = CategoryPack::shipped().expect("pack");
            let entries: Vec<_> = amounts.iter().map(|(at, minor)| entry(&pack.categories[*at].id, *minor)).collect();
            let cost = cost(&entries, SeatDays { leased, occupied: 0, built: None }).expect("cost");
            let near = |per_seat: i64, minor: i64| {
                (i128::from(per_seat) * i128::from(leased) - i128::from(minor) * 31).abs() * 2 <= i128::from(leased)
            };
            prop_assert!(near(cost.total_per_seat.leased.expect("defined"), cost.total_minor));
            for category in &cost.categories {
                prop_assert!(near(category.per_seat.leased.expect("defined"), category.amount_minor));
            }
            prop_assert_eq!(cost.categories.iter().map(|c| c.amount_minor).sum::<i64>(), cost.total_minor);
        }
    }
}
