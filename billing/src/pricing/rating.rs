//! What a lease charges: its seats and versions through the engine of [`super::slices`], into lines. The price of a lease is
//! a price per unit that its versions agree.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use voxpark_domain::ids::{AllocationId, SeatId};
use voxpark_domain::leasing::Shift;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::pack::Bilingual;
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode};

use super::slices::{Level, Slice, Timeline, slices, worth};
use super::{
    BookLineKind, Clause, ConcessionWhy, Given, LeaseVersion, PriceSource, Proration, Ratio, SeatProduct, Tariff,
    TaxRate, Why,
};

/// One allocation of the lease, as the seat ledger knows it. Several slices of one allocation are welcome, in any
/// order; an allocation counts as one seat, whatever part of the day its shift window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeldSeat {
    /// The allocation.
    pub allocation: AllocationId,
    /// Its seat.
    pub seat: SeatId,
    /// The part of each day for which it is held; the whole day where nobody asked.
    pub shift: Shift,
    /// When it is held; may reach beyond the period that is rated.
    pub held: Period,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Rent of seats; of what is over the most that a price of a book may come to, below zero.
    SeatRent,
    /// Seats held on rent-free days: amount 0, printed so that the reader sees the days.
    RentFree,
    /// What the rent of seats falls short of the least that was agreed.
    MinimumSpend,
    /// What a meter counted, by a price book.
    Usage,
    /// Charged once where a seat begins to be held, by a price book.
    OneTime,
    /// A part of other amounts, by a price book.
    Percent,
    /// Rent that the park forgoes, by a clause of the lease; below zero.
    Waiver,
    /// A lower price than the list says, by a clause of the lease; below zero.
    Discount,
}

impl LineKind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::SeatRent,
        Self::RentFree,
        Self::MinimumSpend,
        Self::Usage,
        Self::OneTime,
        Self::Percent,
        Self::Waiver,
        Self::Discount,
    ];

    /// Stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SeatRent => "seat_rent",
            Self::RentFree => "rent_free",
            Self::MinimumSpend => "minimum_spend",
            Self::Usage => "usage",
            Self::OneTime => "one_time",
            Self::Percent => "percent",
            Self::Waiver => "waiver",
            Self::Discount => "discount",
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

/// The least that was agreed over some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MinimumSlice {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: NaiveDate,
    /// Days that count, in the calendar of the rule.
    pub days: i64,
    /// What a whole period has to come to at least, in minor units.
    pub least_minor: i64,
    /// The lease version in force.
    pub version: i64,
}

/// Why a period is short of its minimum: `sum of least x days / period_days - reached`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Shortfall {
    /// What the rent of seats came to, in minor units.
    pub reached_minor: i64,
    /// The minimum, run by run in order of days. Days free of rent are not among them.
    pub slices: Vec<MinimumSlice>,
}

/// Why a line has its amount: `list price x seat_days / period_days`, from these figures alone; of a minimum, see
/// [`Shortfall`].
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
    /// What the seat-days are worth at the unit price, in minor units; of rent-free days, what the park forgoes; of a
    /// minimum, what the period has to come to.
    pub worth_minor: i64,
    /// The numerator, slice by slice in order of days.
    pub slices: Vec<SeatSlice>,
    /// Of a minimum: what it was by days, and what was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortfall: Option<Shortfall>,
    /// Of a line by a price book: which price it was, and the formula in place of the one above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book: Option<BookWhy>,
    /// Of a waiver or discount: everything that comes off, and which of it this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concession: Option<ConcessionWhy>,
    /// Why the buyer owes the tax itself, where it does: the rate is 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_charge: Option<String>,
    /// Of a correction: of what; seat-days and worth are the difference, and `period` is the month that is corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
}

/// A month that was billed comes to something else by what was recorded since. The line has the difference.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Correction {
    /// Number of the invoice for the month.
    pub invoice: String,
    /// What was billed at this price, minor units before tax.
    pub billed_minor: i64,
    /// What it comes to now.
    pub now_minor: i64,
    /// Why it was billed; `None` = nothing was.
    pub billed: Option<Box<Explanation>>,
    /// Why it comes to that; `None` = nothing is charged at this price any more.
    pub now: Option<Box<Explanation>>,
}

/// Why a line by a price book has its amount.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BookWhy {
    /// What the line is for.
    pub kind: BookLineKind,
    /// Which price, of which version.
    pub source: PriceSource,
    /// Name of the price; of the book for its minimum.
    pub title: Bilingual,
    /// Formula and inputs.
    pub why: Why,
}

/// What a line is of: which price of which book, or which concession.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PartOf<'a> {
    price: Option<(&'a PriceSource, BookLineKind)>,
    concession: Option<&'a Given>,
}

impl Explanation {
    /// What tells the line from others of its kind, price and tax.
    pub(crate) fn part(&self) -> PartOf<'_> {
        PartOf {
            price: self.book.as_ref().map(|book| (&book.source, book.kind)),
            concession: self.concession.as_ref().and_then(ConcessionWhy::what),
        }
    }

    /// Whether it charges for the first time what was used in a month that was billed before.
    pub fn is_late_usage(&self) -> bool {
        let Some(of) = &self.correction else { return false };
        let quantity = |book: &BookWhy| book.kind == BookLineKind::Quantity && matches!(book.why, Why::Quantity { .. });
        of.billed.is_none() && self.seat_days == 0 && self.book.as_ref().is_some_and(quantity)
    }

    /// Computes [`worth_minor`](Self::worth_minor) again from the other figures.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn recompute(&self) -> Result<i64, Refusal> {
        if let Some(of) = &self.correction {
            return of.now_minor.checked_sub(of.billed_minor).ok_or_else(super::out_of_range);
        }
        if let Some(concession) = &self.concession {
            return concession.recompute();
        }
        if let Some(book) = &self.book {
            return Ok(book.why.recompute(self.unit.currency)?.minor);
        }
        if let Some(shortfall) = &self.shortfall {
            let days = |slice: &MinimumSlice| {
                let share = Ratio::new(i128::from(slice.days), i128::from(self.period_days))?;
                Ratio::major(Money::new(slice.least_minor, self.unit.currency))?.times(share)
            };
            return Ratio::sum(shortfall.slices.iter().map(days))?.rounded(self.unit.currency.exponent());
        }
        let slices = self.slices.iter().map(|slice| Slice {
            from: slice.from,
            to: slice.to,
            lower: 0,
            upper: slice.seats,
            days: slice.days,
            whole_period: slice.whole_period,
            free: false,
        });
        let exact = worth(&Tariff::per_unit(Ratio::major(self.unit)?), &slices.collect::<Vec<_>>(), self.period_days)?;
        exact.rounded(self.unit.currency.exponent())
    }
}

/// One line of an invoice, before it is taxed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedLine {
    /// Rent, or days free of it.
    pub kind: LineKind,
    /// The first version that set this price in the period; the slices name every version.
    pub lease_version: i64,
    /// What was sold.
    pub product: SeatProduct,
    /// Price of a seat for the whole period; of a minimum, the first that applied in it; 0 of a line by a price book.
    pub unit: Money,
    /// Tax on the amount.
    pub vat: TaxRate,
    /// Quantity: seat-days that count.
    pub seat_days: i64,
    /// Minor units, with tax where prices contain it; 0 on rent-free lines.
    pub amount_minor: i64,
    /// Where the amount comes from.
    pub explanation: Explanation,
}

/// A rated period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rated {
    /// The whole period.
    pub period: Period,
    /// Lines in order of their first day, a minimum that was not reached last; empty when no seat was held and there is
    /// none.
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
    // The rule is that of the first day on which a seat is held, which no rule moves.
    let held_days = timeline(period, Clause::ByDay, versions, held)?.levels();
    let seat_days_held = held_days.iter().map(|l| l.count.saturating_mul((l.to - l.from).num_days())).sum();
    let mut lines = Vec::new();
    if let Some(first) = held_days.iter().find(|level| level.count > 0) {
        let rule = governing(versions, first.from)?.terms.proration;
        let timeline = timeline(period, Clause::from(rule), versions, held)?;
        let mut rating = Rating { period, end: timeline.end(), currency: None, rule, lines: Vec::new() };
        rating.charge(versions, &timeline.levels())?;
        lines = rating.finish()?;
    }
    let reached = lines.iter().filter(|line| line.kind == LineKind::SeatRent).map(|line| line.amount_minor);
    let reached = reached.fold(0, i64::saturating_add);
    lines.extend(shortfall(period, versions, reached)?);
    Ok(Rated { period, lines, seat_days_held })
}

/// What the rent of seats falls short of the least agreed: each step by its days, days free of rent aside.
fn shortfall(period: Period, versions: &[LeaseVersion], reached_minor: i64) -> Result<Option<RatedLine>, Refusal> {
    let end = period.to.ok_or_else(super::calendar::open)?;
    let agreed = versions.iter().filter(|version| version.least_minor > 0);
    let mut runs: Vec<(Period, &LeaseVersion)> =
        agreed.flat_map(|version| version.charged_days(period).into_iter().map(move |days| (days, version))).collect();
    runs.sort_by_key(|(days, _)| days.from);
    let Some((_, first)) = runs.first() else { return Ok(None) };
    let count = Clause::from(first.terms.proration).count();
    let slice = |(days, version): &(Period, &LeaseVersion)| {
        let to = days.to.unwrap_or(end);
        let days_counted = count.days(days.from, to);
        let (least_minor, version) = (version.least_minor, version.version);
        MinimumSlice { from: days.from, to, days: days_counted, least_minor, version }
    };
    let slices = runs.iter().map(slice).collect();
    let unit = Money::new(first.least_minor, first.terms.unit_price.currency);
    let mut explanation = Explanation {
        rule: first.terms.proration,
        unit,
        period,
        period_days: count.days(period.from, end),
        seat_days: 0,
        worth_minor: 0,
        slices: Vec::new(),
        shortfall: Some(Shortfall { reached_minor, slices }),
        book: None,
        concession: None,
        reverse_charge: None,
        correction: None,
    };
    explanation.worth_minor = explanation.recompute()?;
    let amount_minor = explanation.worth_minor.checked_sub(reached_minor).ok_or_else(super::out_of_range)?;
    Ok((amount_minor > 0).then_some(RatedLine {
        kind: LineKind::MinimumSpend,
        lease_version: first.version,
        product: first.terms.product,
        unit,
        vat: first.terms.tax_rate,
        seat_days: 0,
        amount_minor,
        explanation,
    }))
}

/// The period, cut wherever the number of seats, the version or a rent-free range changes.
pub(super) fn timeline(
    period: Period,
    clause: Clause,
    versions: &[LeaseVersion],
    held: &[HeldSeat],
) -> Result<Timeline, Refusal> {
    let mut timeline = Timeline::of(period, clause)?;
    for version in versions {
        timeline.cut(version.in_force);
        timeline.cut(version.terms.term());
        version.terms.rent_free.iter().for_each(|range| timeline.cut(*range));
    }
    let mut seen: BTreeMap<AllocationId, Vec<Period>> = BTreeMap::new();
    for seat in held {
        let others = seen.entry(seat.allocation).or_default();
        let Some(part) = seat.held.intersect(period) else { continue };
        if others.iter().any(|other| other.overlaps(part)) {
            return Err(Refusal::new(RefusalCode::Overlap, "allocation-doubled")
                .with("allocation", seat.allocation.to_string())
                .with("seat", seat.seat.to_string()));
        }
        others.push(part);
        timeline.hold(part, 1);
    }
    Ok(timeline)
}

/// The one version that governs the day.
pub(super) fn governing(versions: &[LeaseVersion], day: NaiveDate) -> Result<&LeaseVersion, Refusal> {
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
    fn charge(&mut self, versions: &[LeaseVersion], levels: &[Level]) -> Result<(), Refusal> {
        let is_free = |day| versions.iter().any(|version| version.governs(day) && version.is_rent_free(day));
        let charged = slices(Clause::from(self.rule), levels, is_free);
        for (level, slice) in levels.iter().zip(charged).filter(|(level, _)| level.count > 0) {
            let version = governing(versions, level.from)?;
            let kind = if slice.free { LineKind::RentFree } else { LineKind::SeatRent };
            let part = SeatSlice {
                from: slice.from,
                to: slice.to,
                seats: slice.units(),
                days: slice.days,
                version: version.version,
                whole_period: slice.whole_period,
            };
            self.add(version, kind, part)?;
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
                period_days: Clause::from(self.rule).count().days(self.period.from, self.end),
                seat_days: 0,
                worth_minor: 0,
                slices: vec![slice],
                shortfall: None,
                book: None,
                concession: None,
                reverse_charge: None,
                correction: None,
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
