//! What a price comes to over a range of seats: the line that the price editor draws, and where it falls.

use std::ops::RangeInclusive;

use voxpark_domain::{Refusal, RefusalCode};

use super::{Ratio, Tariff};

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

/// The points of a range.
///
/// # Errors
/// `curve-range` (more than 10,000 points, or seats below 0), and those of [`Tariff::parts`].
pub fn curve(tariff: &Tariff, seats: RangeInclusive<i64>) -> Result<Vec<CurvePoint>, Refusal> {
    let (from, to) = (*seats.start(), *seats.end());
    if from < 0 || to.saturating_sub(from) >= MOST_POINTS {
        return Err(Refusal::new(RefusalCode::OutOfRange, "curve-range")
            .with("from", from)
            .with("to", to)
            .with("max", MOST_POINTS));
    }
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
