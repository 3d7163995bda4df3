//! What a price comes to over a range of seats: the line that the price editor draws, and where it falls.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use voxpark_domain::{Refusal, RefusalCode};

use super::{Basis, DatedTariff, Model, Price, Ratio, Tariff, Tier};

/// The most points of one line.
pub const MOST_POINTS: i64 = 10_000;

/// The price of a full period at a number of seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurvePoint {
    /// Seats.
    pub seats: i64,
    /// Major units, exact.
    pub total: Ratio,
}

/// A place where one seat more costs less in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cliff {
    /// The last point before.
    pub before: CurvePoint,
    /// The point after.
    pub after: CurvePoint,
    /// The first number of seats in the range at which the total is as high as before the cliff again.
    pub regained: Option<i64>,
}

/// A bound of a tier at which one seat more costs more than a seat does on either side of it: something that is charged once
/// comes in, or every seat becomes dearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// The last point before.
    pub before: CurvePoint,
    /// The point after.
    pub after: CurvePoint,
}

/// Quantities up to which the search for a total goes.
const FARTHEST: i64 = 1 << 40;

/// What a price comes to for a whole period at any quantity, with its fewest seats and its maximum, by the step that applies on
/// a day.
#[derive(Clone, Copy, Debug)]
pub struct PriceLine<'a> {
    tariff: &'a Tariff,
    least: i64,
    maximum: Option<Ratio>,
}

impl<'a> PriceLine<'a> {
    /// The line of a price on a day.
    ///
    /// # Errors
    /// `price-not-agreed` (no step applies on the day), `curve-of-amounts` (a percentage has no quantity of its own),
    /// `amount-out-of-range`.
    pub fn of(price: &'a Price, day: NaiveDate) -> Result<Self, Refusal> {
        let step = price.steps.iter().find(|step| step.days().contains(day)).ok_or_else(|| {
            Refusal::new(RefusalCode::State, "price-not-agreed").with("price", price.id.as_str()).with("day", day)
        })?;
        Self::of_step(price, step, day)
    }
    fn of_step(price: &Price, step: &'a DatedTariff, day: NaiveDate) -> Result<Self, Refusal> {
        if price.basis == Basis::Percent {
            return Err(Refusal::new(RefusalCode::Invalid, "curve-of-amounts").with("price", price.id.as_str()));
        }
        let least = price.minimum_seats.iter().find(|step| step.days().contains(day));
        let least = least.map_or(Ok(0), |step| step.least.rounded(0))?;
        Ok(Self { tariff: &step.tariff, least, maximum: price.maximum })
    }
    /// The line of every step of a price, with the first day of the step; none of a percentage.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn each_of(price: &'a Price) -> Result<Vec<(NaiveDate, Self)>, Refusal> {
        if price.basis == Basis::Percent {
            return Ok(Vec::new());
        }
        price.steps.iter().map(|step| Ok((step.from, Self::of_step(price, step, step.from)?))).collect()
    }
    /// The point of a quantity.
    ///
    /// # Errors
    /// Those of [`Tariff::parts`].
    pub fn at(&self, seats: i64) -> Result<CurvePoint, Refusal> {
        let total = self.tariff.total(Ratio::whole(seats.max(self.least)))?;
        Ok(CurvePoint { seats, total: self.maximum.map_or(total, |most| total.min(most)) })
    }
    /// The points of a range.
    ///
    /// # Errors
    /// `curve-range` (more than 10,000 points, or seats below 0), and those of [`Tariff::parts`].
    pub fn points(&self, seats: RangeInclusive<i64>) -> Result<Vec<CurvePoint>, Refusal> {
        sound(&seats)?;
        seats.map(|seats| self.at(seats)).collect()
    }
    /// Every place where one seat more costs less in all, exactly, however far up.
    ///
    /// # Errors
    /// Those of [`Tariff::parts`].
    pub fn cliffs(&self) -> Result<Vec<Cliff>, Refusal> {
        let mut found = Vec::new();
        for (last, _) in self.bounds()? {
            let (before, after) = (self.at(last)?, self.at(last.saturating_add(1))?);
            if after.total < before.total {
                found.push(Cliff { before, after, regained: self.reaching(after.seats, before.total)? });
            }
        }
        Ok(found)
    }
    /// Every bound of a tier at which the total jumps.
    ///
    /// # Errors
    /// Those of [`Tariff::parts`].
    pub fn jumps(&self) -> Result<Vec<Jump>, Refusal> {
        let mut found = Vec::new();
        for (last, dearest) in self.bounds()? {
            let (before, after) = (self.at(last)?, self.at(last.saturating_add(1))?);
            if after.total.minus(before.total)? > dearest {
                found.push(Jump { before, after });
            }
        }
        Ok(found)
    }
    /// The last whole quantity before each tier, the first one included, with the higher price of a unit (or block) on both
    /// sides. Between two of them a line never falls.
    fn bounds(&self) -> Result<Vec<(i64, Ratio)>, Refusal> {
        let (Model::Graduated { tiers } | Model::Volume { tiers }) = &self.tariff.model else { return Ok(Vec::new()) };
        let free = self.tariff.free_units;
        let first = tiers.first().map(|tier| Ok((free.floor().rounded(0)?, tier.unit)));
        let between = tiers.iter().zip(tiers.iter().skip(1)).filter_map(|(tier, next)| {
            let last = last_whole(tier, free)?;
            Some(last.map(|last| (last, tier.unit.max(next.unit))))
        });
        let mut bounds: Vec<(i64, Ratio)> = first.into_iter().chain(between).collect::<Result<_, Refusal>>()?;
        // A tier that holds no whole number ends where the one before does.
        bounds.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                earlier.1 = earlier.1.max(later.1);
            }
            same
        });
        Ok(bounds)
    }
    /// The first quantity above one at which the total is as high again.
    fn reaching(&self, above: i64, total: Ratio) -> Result<Option<i64>, Refusal> {
        let high = |seats: i64| Ok::<bool, Refusal>(self.at(seats)?.total >= total);
        let mut from = above.saturating_add(1);
        let ends = self.bounds()?.into_iter().map(|(last, _)| last).filter(|last| *last > above);
        for end in ends.chain([FARTHEST]) {
            if from <= end && high(end)? {
                let (mut low, mut up) = (from, end);
                while low < up {
                    let middle = low + (up - low) / 2;
                    if high(middle)? {
                        up = middle;
                    } else {
                        low = middle + 1;
                    }
                }
                return Ok(Some(low));
            }
            from = from.max(end.saturating_add(1));
        }
        Ok(None)
    }
}

/// The last whole quantity that a tier holds, units that cost nothing included; `None` = it has no end.
fn last_whole(tier: &Tier, free: Ratio) -> Option<Result<i64, Refusal>> {
    let whole = |end: Ratio| end.plus(free);
    match (tier.up_to, tier.below) {
        (Some(last), _) => Some(whole(last).and_then(|end| end.floor().rounded(0))),
        (None, Some(next)) => Some(whole(next).and_then(|end| Ok(end.ceil().rounded(0)?.saturating_sub(1)))),
        (None, None) => None,
    }
}

fn sound(seats: &RangeInclusive<i64>) -> Result<(), Refusal> {
    let (from, to) = (*seats.start(), *seats.end());
    if from < 0 || to < from || to.saturating_sub(from) >= MOST_POINTS {
        return Err(Refusal::new(RefusalCode::OutOfRange, "curve-range")
            .with("from", from)
            .with("to", to)
            .with("max", MOST_POINTS));
    }
    Ok(())
}

/// The points of a range.
///
/// # Errors
/// `curve-range` (more than 10,000 points, or seats below 0), and those of [`Tariff::parts`].
pub fn curve(tariff: &Tariff, seats: RangeInclusive<i64>) -> Result<Vec<CurvePoint>, Refusal> {
    sound(&seats)?;
    seats.map(|seats| Ok(CurvePoint { seats, total: tariff.total(Ratio::whole(seats))? })).collect()
}

/// Where a line falls.
pub fn cliffs(points: &[CurvePoint]) -> Vec<Cliff> {
    let pairs = points.iter().zip(points.iter().skip(1));
    pairs
        .filter(|(before, after)| after.total < before.total)
        .map(|(before, after)| {
            let regained = |point: &&CurvePoint| point.seats > after.seats && point.total >= before.total;
            Cliff { before: *before, after: *after, regained: points.iter().find(regained).map(|point| point.seats) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::PriceBook;
    use super::*;
    use voxpark_domain::pack::PackFile;

    fn price(tariff: &str, more: &str) -> Price {
        let text = format!(
            r#"
id = "b"
version = 1
title = {{ zh = "书", en = "Book" }}
currency = "CNY"
[[price]]
id = "p"
title = {{ zh = "价", en = "Price" }}
basis = "seat"
{more}
[[price.step]]
from = "2026-01-01"
tariff = {tariff}
"#
        );
        let mut book = PriceBook::parse(PackFile { name: "b.toml", text: &text }).expect("a sound book");
        book.prices.remove(0)
    }
    fn places(price: &Price) -> (Vec<(i64, Option<i64>)>, Vec<i64>) {
        let line = PriceLine::of(price, price.steps[0].from).expect("a line");
        let cliffs = line.cliffs().expect("cliffs").iter().map(|c| (c.before.seats, c.regained)).collect();
        (cliffs, line.jumps().expect("jumps").iter().map(|j| j.before.seats).collect())
    }

    #[test]
    fn falls_and_jumps_are_found_exactly() {
        const FALLS: &str = r#"{ model = { volume = { tiers = [{ up_to = 5, flat = "100" }, { up_to = 10, flat = "150" }, { up_to = 15, unit = "10" }, { unit = "5" }] } } }"#;
        // 100 up to five, 150 up to ten, then 110, 120, ... 150, and 80 at sixteen: A9 of the cases.
        assert_eq!(places(&price(FALLS, "")), (vec![(10, Some(15)), (15, Some(30))], vec![0, 5]));
        // Sixteen are paid at least: nothing falls below that.
        let least = r#"minimum_seats = [{ from = "2026-01-01", least = 16 }]"#;
        assert_eq!(places(&price(FALLS, least)), (vec![], vec![]));
        let stairs = r#"{ model = { graduated = { tiers = [{ up_to = 10, unit = "10", flat = "2" }, { up_to = 20, unit = "5", flat = "3" }, { unit = "5" }] } }, free_units = 2 }"#;
        assert_eq!(places(&price(stairs, "")), (vec![], vec![2]), "3 and 5 are not above 10");
        let below = r#"{ model = { volume = { tiers = [{ below = 100, unit = "1.0" }, { unit = "0" }] } } }"#;
        assert_eq!(places(&price(below, "")), (vec![(99, None)], vec![]), "never as high again");
        let percent = r#"{ model = { per_unit = { unit = "7" } } }"#;
        assert_eq!(places(&price(percent, "maximum = \"20\"")), (vec![], vec![]));
        let line = price(percent, "maximum = \"20\"");
        let line = PriceLine::of(&line, line.steps[0].from).expect("a line");
        let totals: Vec<_> = line.points(0..=4).expect("points").iter().map(|p| p.total.to_string()).collect();
        assert_eq!(totals, ["0", "7", "14", "20", "20"]);
        #[expect(clippy::reversed_empty_ranges, reason = "the range that is refused")]
        let backwards = 3..=2;
        assert_eq!(line.points(backwards).map_err(|r| r.rule), Err("curve-range"));
    }

    #[test]
    fn what_is_found_is_what_a_walk_over_all_seats_finds() {
        // Bounds and prices of a small generator: the same numbers each time.
        let mut seed = 7_u64;
        let mut next = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % most
        };
        for _ in 0..200 {
            let mut end = 0;
            let mut tiers = Vec::new();
            for _ in 0..next(4) {
                end += 1 + next(12);
                tiers.push(format!(r#"{{ up_to = {end}, unit = "{}", flat = "{}" }}"#, next(20), next(50)));
            }
            tiers.push(format!(r#"{{ unit = "{}", flat = "{}" }}"#, 1 + next(20), next(50)));
            let model = if next(2) == 0 { "volume" } else { "graduated" };
            let tariff =
                format!("{{ model = {{ {model} = {{ tiers = [{}] }} }}, free_units = {} }}", tiers.join(", "), next(3));
            let price = price(&tariff, "");
            let line = PriceLine::of(&price, price.steps[0].from).expect("a line");
            let walked = cliffs(&line.points(0..=9_000).expect("points"));
            assert_eq!(line.cliffs().expect("cliffs"), walked, "{tariff}");
        }
    }
}
