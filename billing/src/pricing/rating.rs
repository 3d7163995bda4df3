//! Day-slice rating: the seats held in a period, into lines.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use voxpark_domain::ids::{AllocationId, SeatId};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode};

use super::{DayCount, LeaseVersion, Proration, SeatProduct, TaxRate, out_of_range, scaled};

/// One allocation of the lease, as the seat ledger knows it. Several slices of one allocation are welcome, in any
/// order; an allocation counts as one seat, whatever part of the day its shift window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeldSeat {
    /// The allocation.
    pub allocation: AllocationId,
    /// Its seat.
    pub seat: SeatId,
    /// When it is held; may reach beyond the period that is rated.
    pub held: Period,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Rent of seats.
    SeatRent,
    /// Seats held on rent-free days: amount 0, printed so that the reader sees the days.
    RentFree,
}

impl LineKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::SeatRent, Self::RentFree];

    /// Stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SeatRent => "seat_rent",
            Self::RentFree => "rent_free",
        }
    }
    /// The kind with this stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// A run of days on which the same number of seats was charged in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct SeatSlice {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: NaiveDate,
    /// Seats.
    pub seats: i64,
    /// Days that count, in the calendar of the rule.
    pub days: i64,
    /// The lease version in force.
    pub version: i64,
    /// These seats pay every chargeable day of the period, held or not.
    pub whole_period: bool,
}

/// Why a line has its amount: `list price x seat_days / period_days`, from these figures alone.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Explanation {
    /// How parts of the period count.
    pub rule: Proration,
    /// The price of a seat for the whole period.
    pub unit: Money,
    /// The whole period.
    pub period: Period,
    /// Its days in the calendar of the rule: the denominator.
    pub period_days: i64,
    /// Sum of seats x days over the slices: the numerator.
    pub seat_days: i64,
    /// What the seat-days are worth at the unit price, in minor units; of rent-free days, what the park forgoes.
    pub worth_minor: i64,
    /// The numerator, slice by slice in order of days.
    pub slices: Vec<SeatSlice>,
}

impl Explanation {
    /// Computes [`worth_minor`](Self::worth_minor) again from the other figures.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn recompute(&self) -> Result<i64, Refusal> {
        let mut seat_days = 0_i64;
        for slice in &self.slices {
            let product = slice.seats.checked_mul(slice.days).ok_or_else(out_of_range)?;
            seat_days = seat_days.checked_add(product).ok_or_else(out_of_range)?;
        }
        scaled(self.unit.minor, seat_days, self.period_days)
    }
}

/// One line of an invoice before tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedLine {
    /// Rent, or days free of it.
    pub kind: LineKind,
    /// The first version that set this price in the period; the slices name every version.
    pub lease_version: i64,
    /// What was sold.
    pub product: SeatProduct,
    /// Price of a seat for the whole period.
    pub unit: Money,
    /// Tax on the amount.
    pub vat: TaxRate,
    /// Quantity: seat-days that count.
    pub seat_days: i64,
    /// Minor units, in the tax mode of the price; 0 on rent-free lines.
    pub amount_minor: i64,
    /// Where the amount comes from.
    pub explanation: Explanation,
}

/// A rated period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rated {
    /// The whole period.
    pub period: Period,
    /// Lines in order of their first day; empty when no seat was held.
    pub lines: Vec<RatedLine>,
    /// Civil seat-days held in the period, rent-free ones included: the leased view of the seat ledger.
    pub seat_days_held: i64,
}

/// Prices the seats that a lease held in `period` (a month, usually) under its versions.
///
/// The order of versions and seats does not matter, nor how an allocation is cut into slices. Versions that agree the
/// same product, price and tax share a line, so that an amendment of something else does not change the cents. No line
/// with one price is ever above `price x highest number of seats`.
///
/// # Errors
/// `period-open` (a period without end), `allocation-doubled` (slices of one allocation overlap),
/// `seat-held-outside-lease` (a seat is held on a day that no version governs), `lease-versions-overlap`,
/// `currency-mismatch` (versions in different currencies), `price-negative`, `amount-out-of-range`.
pub fn rate(period: Period, versions: &[LeaseVersion], held: &[HeldSeat]) -> Result<Rated, Refusal> {
    let end = period.to.ok_or_else(|| Refusal::new(RefusalCode::Invalid, "period-open"))?;
    let slices = slices(period, end, versions, held)?;
    let seat_days_held = slices.iter().map(|s| s.seats.saturating_mul((s.to - s.from).num_days())).sum();
    let mut rating = Rating { period, end, currency: None, rule: Proration::ByDay, lines: Vec::new() };
    if let Some(first) = slices.iter().find(|s| s.seats > 0) {
        rating.rule = governing(versions, first.from)?.terms.proration;
        rating.charge(versions, &slices)?;
    }
    Ok(Rated { period, lines: rating.finish()?, seat_days_held })
}

/// Days between two cuts: nothing that matters changes inside.
#[derive(Clone, Copy)]
struct Held {
    from: NaiveDate,
    to: NaiveDate,
    seats: i64,
}

/// Cuts the period wherever the number of seats, the version or a rent-free range changes.
fn slices(period: Period, end: NaiveDate, versions: &[LeaseVersion], held: &[HeldSeat]) -> Result<Vec<Held>, Refusal> {
    let mut cuts = BTreeSet::from([period.from, end]);
    let mut cut = |range: Period| {
        cuts.extend([Some(range.from), range.to].into_iter().flatten().filter(|day| period.contains(*day)));
    };
    for version in versions {
        cut(version.in_force);
        cut(version.terms.term());
        version.terms.rent_free.iter().copied().for_each(&mut cut);
        if let Proration::FullMonthBefore(day) = version.terms.proration
            && let Some(from) = period.from.checked_add_days(Days::new(u64::from(day).saturating_sub(1)))
        {
            cut(Period { from, to: None });
        }
    }
    let mut steps: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    let mut seen: BTreeMap<AllocationId, Vec<Period>> = BTreeMap::new();
    for seat in held {
        let Some(part) = seat.held.intersect(period) else { continue };
        let others = seen.entry(seat.allocation).or_default();
        if others.iter().any(|other| other.overlaps(part)) {
            return Err(Refusal::new(RefusalCode::Overlap, "allocation-doubled")
                .with("allocation", seat.allocation.to_string())
                .with("seat", seat.seat.to_string()));
        }
        others.push(part);
        cut(part);
        *steps.entry(part.from).or_default() += 1;
        *steps.entry(part.to.unwrap_or(end)).or_default() -= 1;
    }
    let mut seats = 0;
    let days: Vec<NaiveDate> = cuts.into_iter().collect();
    Ok(days
        .iter()
        .zip(days.iter().skip(1))
        .map(|(from, to)| {
            seats += steps.get(from).copied().unwrap_or(0);
            Held { from: *from, to: *to, seats }
        })
        .collect())
}

/// The one version that governs the day.
fn governing(versions: &[LeaseVersion], day: NaiveDate) -> Result<&LeaseVersion, Refusal> {
    let mut found = versions.iter().filter(|version| version.governs(day));
    let one =
        found.next().ok_or_else(|| Refusal::new(RefusalCode::State, "seat-held-outside-lease").with("day", day))?;
    match found.next() {
        None => Ok(one),
        Some(_) => Err(Refusal::new(RefusalCode::Overlap, "lease-versions-overlap").with("day", day)),
    }
}

/// Lines in the making.
struct Rating {
    period: Period,
    end: NaiveDate,
    currency: Option<Currency>,
    rule: Proration,
    lines: Vec<RatedLine>,
}

impl Rating {
    fn charge(&mut self, versions: &[LeaseVersion], slices: &[Held]) -> Result<(), Refusal> {
        let count = DayCount::of(self.rule);
        let day_limit = match self.rule {
            Proration::ByDay | Proration::FixedThirty => self.period.from,
            Proration::FullMonthBefore(day) => {
                let later = Days::new(u64::from(day).saturating_sub(1));
                self.period.from.checked_add_days(later).unwrap_or(self.end)
            }
            Proration::None => self.end,
        };
        // Days of the period that nobody pays: they are no part of a whole-period charge either.
        let mut free_days = 0;
        for slice in slices {
            if versions.iter().any(|v| v.governs(slice.from) && v.is_rent_free(slice.from)) {
                free_days += count.days(slice.from, slice.to);
            }
        }
        let chargeable = count.days(self.period.from, self.end) - free_days;
        // Seats that pay for the whole period already: a high-water mark, so that moving a team costs nothing twice.
        let mut paid = 0;
        for slice in slices.iter().filter(|slice| slice.seats > 0) {
            let version = governing(versions, slice.from)?;
            let part = SeatSlice {
                from: slice.from,
                to: slice.to,
                seats: slice.seats,
                days: count.days(slice.from, slice.to),
                version: version.version,
                whole_period: false,
            };
            if version.is_rent_free(slice.from) {
                self.add(version, LineKind::RentFree, part)?;
                continue;
            }
            let seats = slice.seats - paid;
            if slice.from < day_limit {
                paid = paid.max(slice.seats);
                let whole = SeatSlice { to: self.end, seats, days: chargeable, whole_period: true, ..part };
                self.add(version, LineKind::SeatRent, whole)?;
            } else {
                self.add(version, LineKind::SeatRent, SeatSlice { seats, ..part })?;
            }
        }
        Ok(())
    }

    /// Puts a slice on the line of its kind and price.
    fn add(&mut self, version: &LeaseVersion, kind: LineKind, slice: SeatSlice) -> Result<(), Refusal> {
        let terms = &version.terms;
        if terms.unit_price.minor < 0 {
            return Err(Refusal::new(RefusalCode::OutOfRange, "price-negative").with("minor", terms.unit_price.minor));
        }
        let currency = *self.currency.get_or_insert(terms.unit_price.currency);
        if currency != terms.unit_price.currency {
            return Err(Refusal::new(RefusalCode::Invalid, "currency-mismatch")
                .with("expected", currency.code())
                .with("found", terms.unit_price.currency.code()));
        }
        if slice.seats <= 0 {
            return Ok(());
        }
        let unit = terms.unit_price;
        let same = |line: &&mut RatedLine| {
            line.kind == kind && line.product == terms.product && line.unit == unit && line.vat == terms.tax_rate
        };
        if let Some(line) = self.lines.iter_mut().find(same) {
            match line.explanation.slices.last_mut() {
                Some(last) if continues(last, &slice) => {
                    last.to = slice.to;
                    last.days += slice.days;
                }
                _ => line.explanation.slices.push(slice),
            }
            return Ok(());
        }
        self.lines.push(RatedLine {
            kind,
            lease_version: version.version,
            product: terms.product,
            unit,
            vat: terms.tax_rate,
            seat_days: 0,
            amount_minor: 0,
            explanation: Explanation {
                rule: self.rule,
                unit,
                period: self.period,
                period_days: DayCount::of(self.rule).days(self.period.from, self.end),
                seat_days: 0,
                worth_minor: 0,
                slices: vec![slice],
            },
        });
        Ok(())
    }

    /// Sums the slices and rounds, once a line.
    fn finish(mut self) -> Result<Vec<RatedLine>, Refusal> {
        for line in &mut self.lines {
            let why = &mut line.explanation;
            why.worth_minor = why.recompute()?;
            why.seat_days = why.slices.iter().map(|s| s.seats.saturating_mul(s.days)).sum();
            line.seat_days = why.seat_days;
            line.amount_minor = if line.kind == LineKind::RentFree { 0 } else { why.worth_minor };
        }
        Ok(self.lines)
    }
}

/// Whether a slice only goes on where the last one stopped.
fn continues(last: &SeatSlice, next: &SeatSlice) -> bool {
    last.to == next.from
        && last.seats == next.seats
        && last.version == next.version
        && !last.whole_period
        && !next.whole_period
}

#[cfg(test)]
mod tests;
