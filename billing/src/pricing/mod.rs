//! Pricing: the seats a lease holds in a period, into exact invoice lines.
//!
//! Decides how days are counted ([`Proration`]), what a lease version charges ([`LeaseTerms`]), and how the seat-days
//! of a period become lines ([`rate`]): the period is cut where the number of seats, the terms or a rent-free range
//! change, each slice counts seats x days, a line is `unit price x seat-days / days of the whole period`, rounded
//! once, half away from zero. Every line carries the figures it was computed from ([`Explanation`]).
//!
//! A seat may also be sold by a versioned price book ([`PriceBook`]): tariffs (per unit, graduated, volume, package, flat,
//! percentage) by product, zone, shift and day, with minimums, caps, discounts and waivers. Leases and books share one
//! engine ([`slices`](mod@slices)) and exact numbers ([`Ratio`]); there is no other formula.
//!
//! Does not decide tax, numbers or due dates (`invoicing`), nor which seats are held (the seat ledger).

mod adjust;
mod book;
mod calendar;
mod change;
mod charge;
mod commitment;
mod concession;
mod counts;
mod curve;
mod leased;
mod proration;
mod rating;
mod ratio;
pub mod slices;
mod split;
mod subsidy;
mod tariff;
mod terms;

pub use adjust::{AppliedDiscount, Discount, cap_discount, credit_by_line, discounts, taxable};
pub use book::{Applies, Basis, DatedTariff, Due, Price, PriceBook, Sale};
pub use calendar::{Anchor, Cadence, Stretch, civil_day, inclusive, period_end};
pub use change::{Change, Direction, change, direction};
pub use charge::{BookLine, BookLineKind, BookRating, PriceSource, Sold, Usage, Why, WhySlice, distance, rate_book};
pub use commitment::{Commitment, Distance, RampStep};
pub(crate) use concession::concede;
pub use concession::{ConcessionWhy, Given};
pub use counts::{CountChange, CountLedger, DecreaseRule, NewCount, Wish, charges_in_advance, seat_periods};
pub use curve::{Cliff, CurvePoint, Jump, MOST_POINTS, PriceLine, cliffs, curve};
pub(crate) use leased::rate_by_book;
pub use proration::{Clause, DayCount, DayShare, day_share, elapsed_share, foreign_share};
pub use rating::{
    BookWhy, Correction, Explanation, HeldSeat, LineKind, MinimumSlice, Rated, RatedLine, SeatSlice, Shortfall, rate,
};
pub use ratio::Ratio;
pub use split::{apportion, split};
pub use subsidy::{Granted, Settlement, Subsidy, SubsidyRule};
pub use tariff::{
    Blocks, Model, Part, Tariff, Tier, graduated_from_first_units, tiers_from_blocks, volume_from_first_units,
};
pub use terms::LeaseVersion;
pub use voxpark_domain::estate::SeatProduct;
pub use voxpark_domain::leasing::{LeaseTerms, Proration};
pub use voxpark_domain::money::TaxRate;

use voxpark_domain::money::round_half_away;
use voxpark_domain::{Refusal, RefusalCode};

/// An amount left the range of 64-bit minor units.
pub(crate) fn out_of_range() -> Refusal {
    Refusal::new(RefusalCode::OutOfRange, "amount-out-of-range")
}

/// `amount x numerator / denominator` minor units, exact until the one rounding, half away from zero.
///
/// # Errors
/// `amount-out-of-range` when the denominator is not positive or the result leaves 64 bits.
pub(crate) fn scaled(amount_minor: i64, numerator: i64, denominator: i64) -> Result<i64, Refusal> {
    i128::from(amount_minor)
        .checked_mul(i128::from(numerator))
        .and_then(|product| round_half_away(product, i128::from(denominator)))
        .ok_or_else(out_of_range)
}
