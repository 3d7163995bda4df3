//! What a price book charges for a period: what was sold and used, into lines that say why.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use voxpark_domain::error::Arg;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode};

use super::book::{Basis, DatedTariff, Due, Price, PriceBook, Sale};
use super::slices::{Level, Slice, Timeline, full_period, high_water, slices, worth};
use super::terms::without;
use super::{Cadence, Clause, DayCount, Distance, Model, Ratio, Tariff, cap_discount, out_of_range};

/// Seats held, as the seat ledger says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    /// When; may reach beyond the period.
    pub held: Period,
    /// How many; 0 or more.
    pub count: i64,
    /// With what.
    pub product: SeatProduct,
    /// The names by which the zone goes it is in; empty = in none in particular.
    pub zones: Arc<[String]>,
    /// For which shift; `None` = the whole day.
    pub shift: Option<String>,
    /// Whether `held` begins what is charged once; not where a seat only takes the place of another.
    pub begins: bool,
    /// The ledger entry that says so.
    pub event: String,
}

impl Sold {
    /// What it is, as far as a price may depend on it.
    pub fn sale(&self) -> Sale<'_> {
        Sale { product: self.product, zones: &self.zones, shift: self.shift.as_deref() }
    }
}

/// What a meter counted in the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Which meter.
    pub meter: String,
    /// Everything counted so far.
    pub quantity: Ratio,
    /// What of it was billed on earlier splits of the period; `None` = nothing was billed yet.
    pub billed: Option<Ratio>,
    /// The reading that says so.
    pub event: String,
}

/// What is to be charged.
#[derive(Clone, Debug)]
pub struct BookRating<'a> {
    /// The whole period: the denominator.
    pub period: Period,
    /// Its cadence; prices of another one are not charged.
    pub every: Cadence,
    /// The part of it in which the contract runs.
    pub served: Period,
    /// Prices that are due then only; `None` = all.
    pub due: Option<Due>,
    /// What is held.
    pub sold: &'a [Sold],
    /// What was used.
    pub usage: &'a [Usage],
    /// Days that are free of rent for seats.
    pub rent_free: &'a [Period],
    /// What earlier splits of the period billed by price, minor units, before discounts and tax.
    pub billed: &'a BTreeMap<String, i64>,
    /// Of what was billed and is billed now, what a sponsor pays, minor units.
    pub sponsored: i64,
    /// Whether nothing more comes for the period, so that what is missing to the minimum is due.
    pub last_split: bool,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookLineKind {
    /// Seats by days of a period.
    Seats,
    /// Seats on rent-free days: amount 0, printed so that the reader sees the days and what they are worth.
    RentFree,
    /// What is missing to the fewest seats.
    MinimumSeats,
    /// Seats times days, shifts, meters.
    Quantity,
    /// What began in the period.
    Once,
    /// A part of other amounts.
    Percent,
    /// What is over the maximum of a price; below zero.
    Cap,
    /// What is missing to the minimum spend.
    TrueUp,
}

/// Which price it was, of which version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceSource {
    /// The book.
    pub book: String,
    /// Its version.
    pub version: u32,
    /// The price; empty for the minimum of the book.
    pub price: String,
    /// The first day of the step that applied.
    pub step: Option<chrono::NaiveDate>,
}

/// A slice of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhySlice {
    /// Days and seats.
    #[serde(flatten)]
    pub slice: Slice,
    /// What a full period costs for its seats, major units.
    pub full_period: Ratio,
}

/// Why a line has its amount: the formula and everything that went into it. The amount can be computed again from this alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "formula", rename_all = "snake_case")]
pub enum Why {
    /// Full periods by days: `sum(full period at the count x days) / days of the period + flats of the tiers entered`.
    Slices {
        /// What a full period costs.
        tariff: Tariff,
        /// How days count.
        clause: Clause,
        /// Days of the whole period.
        period_days: i64,
        /// The numerator.
        slices: Vec<WhySlice>,
        /// Flats and slices of these that another line charges already, major units.
        less: Ratio,
    },
    /// A quantity, less what was billed of it before.
    Quantity {
        /// What it costs.
        tariff: Tariff,
        /// How much in all.
        quantity: Ratio,
        /// Of that, billed before.
        billed: Option<Ratio>,
    },
    /// `min(0, maximum - billed before - amount)`.
    Cap {
        /// The maximum, minor units.
        maximum: i64,
        /// Billed on earlier splits, minor units.
        billed: i64,
        /// Of this one, minor units.
        amount: i64,
    },
    /// `max(0, minimum - reached)`.
    TrueUp(Distance),
}

impl Why {
    /// The amount again, exact, in minor units of a currency.
    ///
    /// # Errors
    /// Those of [`Tariff::parts`].
    pub fn recompute(&self, currency: Currency) -> Result<Money, Refusal> {
        match self {
            Self::Slices { tariff, period_days, slices, less, .. } => {
                worth(tariff, slices.iter().map(|why| &why.slice), *period_days)?.minus(*less)?.money(currency)
            }
            Self::Quantity { tariff, quantity, billed } => {
                let before = billed.map_or(Ok(Ratio::ZERO), |billed| tariff.total(billed))?;
                tariff.total(*quantity)?.minus(before)?.money(currency)
            }
            Self::Cap { maximum, billed, amount } => {
                Ok(Money::new(-cap_discount(*maximum, *billed, *amount)?, currency))
            }
            Self::TrueUp(distance) => Ok(Money::new(distance.missing(), currency)),
        }
    }
    /// The sentence that says why, by its id and its figures.
    pub fn sentence(&self, kind: BookLineKind) -> (&'static str, Vec<(&'static str, Arg)>) {
        match self {
            Self::Slices { clause, period_days, slices, .. } => {
                let days = slices.iter().map(|why| why.slice.units().saturating_mul(why.slice.days));
                let args = vec![
                    ("seatDays", days.fold(0, i64::saturating_add).into()),
                    ("days", (*period_days).into()),
                    ("slices", slices.len().into()),
                    ("clause", clause.to_string().into()),
                ];
                let id = match kind {
                    BookLineKind::RentFree => "why-book-rent-free",
                    BookLineKind::MinimumSeats => "why-book-minimum-seats",
                    _ => "why-book-slices",
                };
                (id, args)
            }
            Self::Quantity { quantity, billed, .. } => {
                let billed = billed.unwrap_or(Ratio::ZERO).to_string();
                let id = match kind {
                    BookLineKind::Percent => "why-book-percent",
                    BookLineKind::Once => "why-book-once",
                    _ => "why-book-quantity",
                };
                (id, vec![("quantity", quantity.to_string().into()), ("billed", billed.into())])
            }
            Self::Cap { maximum, billed, amount } => {
                let args =
                    vec![("maximum", (*maximum).into()), ("billed", (*billed).into()), ("amount", (*amount).into())];
                ("why-book-cap", args)
            }
            Self::TrueUp(distance) => {
                ("why-book-true-up", vec![("minimum", distance.minimum.into()), ("reached", distance.reached.into())])
            }
        }
    }
}

/// A line of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookLine {
    /// What it is for.
    pub kind: BookLineKind,
    /// Which price.
    pub source: PriceSource,
    /// The days it is for.
    pub period: Period,
    /// Rounded once; 0 on rent-free lines.
    pub amount: Money,
    /// What rent-free days would have cost, minor units; otherwise the amount.
    pub worth_minor: i64,
    /// Formula and inputs.
    pub why: Why,
    /// The entries of the ledger it comes from, in order, each once.
    pub events: Vec<String>,
}

impl BookLine {
    /// What it would have cost on rent-free days; otherwise the amount.
    pub const fn worth(&self) -> Money {
        Money::new(self.worth_minor, self.amount.currency)
    }
}

/// Charges a period by a price book. Neither the order of what was sold nor how it is cut into entries changes an amount.
///
/// # Errors
/// `period-open`, `quantity-negative` (fewer than 0 seats), `price-not-agreed` (a day on which a seat is sold lies outside the
/// steps of its price), `tier-missing`, `amount-out-of-range`.
pub fn rate_book(book: &PriceBook, asked: &BookRating<'_>) -> Result<Vec<BookLine>, Refusal> {
    if let Some(sold) = asked.sold.iter().find(|sold| sold.count < 0) {
        return Err(Refusal::new(RefusalCode::OutOfRange, "quantity-negative").with("value", sold.count));
    }
    let mut rating = Rating { book, asked, lines: Vec::new() };
    let wanted = |price: &&Price| price.every == asked.every && asked.due.is_none_or(|due| due == price.due);
    // Parts of other amounts come when those are known.
    let (last, first): (Vec<&Price>, Vec<&Price>) =
        book.prices.iter().filter(wanted).partition(|price| price.basis == Basis::Percent);
    for price in first.into_iter().chain(last) {
        let before = rating.lines.len();
        match price.basis {
            Basis::Seat => rating.seats(price)?,
            Basis::SeatDay | Basis::Shift => rating.seat_days(price)?,
            Basis::Metered => rating.metered(price)?,
            Basis::Once => rating.once(price)?,
            Basis::Percent => rating.percent(price)?,
        }
        rating.cap(price, before)?;
    }
    rating.true_up()?;
    Ok(rating.lines)
}

/// How far a period is from the minimum of its book, from lines so far; `None` without a minimum.
///
/// # Errors
/// `period-open`, `amount-out-of-range`.
pub fn distance(book: &PriceBook, asked: &BookRating<'_>, lines: &[BookLine]) -> Result<Option<Distance>, Refusal> {
    let Some(commitment) = &book.commitment else { return Ok(None) };
    let counts = |price: &str| commitment.prices.is_empty() || commitment.prices.iter().any(|id| id == price);
    let now = lines.iter().filter(|line| line.kind != BookLineKind::TrueUp && counts(&line.source.price));
    let before = asked.billed.iter().filter(|(price, _)| counts(price)).map(|(_, minor)| *minor);
    let off = if commitment.sponsored_counts { 0 } else { -asked.sponsored };
    let counted = now.map(|line| line.amount.minor).chain(before).chain([off]);
    // Days that are free of rent owe no minimum either.
    let charged = without(asked.served, asked.rent_free);
    let minimum = charged.into_iter().map(|days| commitment.minimum(DayCount::Actual, days, asked.period));
    let minimum = Ratio::sum(minimum)?.rounded(book.currency.exponent())?;
    let reached = counted.into_iter().try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)?;
    Ok(Some(Distance { minimum, reached }))
}

struct Rating<'a> {
    book: &'a PriceBook,
    asked: &'a BookRating<'a>,
    lines: Vec<BookLine>,
}

impl<'a> Rating<'a> {
    fn sold(&self, price: &Price) -> Vec<(Period, &'a Sold)> {
        let asked = self.asked;
        asked
            .sold
            .iter()
            .filter(|s| price.applies.to(s.sale()))
            .filter_map(|s| Some((s.held.intersect(asked.period)?, s)))
            .collect()
    }
    fn is_free(&self, day: chrono::NaiveDate) -> bool {
        self.asked.rent_free.iter().any(|range| range.contains(day))
    }
    fn events(sold: &[(Period, &Sold)], days: Period) -> Vec<String> {
        let mut events: Vec<String> =
            sold.iter().filter(|(held, _)| held.overlaps(days)).map(|(_, sold)| sold.event.clone()).collect();
        events.sort_unstable();
        events.dedup();
        events
    }
    /// The period cut for a price: counts, steps of price and minimum, rent-free days.
    fn timeline(&self, price: &Price, sold: &[(Period, &Sold)]) -> Result<Timeline, Refusal> {
        let mut timeline = Timeline::of(self.asked.period, price.proration)?;
        timeline.cut(self.asked.served);
        price.steps.iter().for_each(|step| timeline.cut(step.days()));
        price.minimum_seats.iter().for_each(|step| timeline.cut(step.days()));
        self.asked.rent_free.iter().for_each(|range| timeline.cut(*range));
        for (held, sold) in sold {
            timeline.hold(*held, sold.count);
        }
        Ok(timeline)
    }
    fn seats(&mut self, price: &Price) -> Result<(), Refusal> {
        let sold = self.sold(price);
        let timeline = self.timeline(price, &sold)?;
        let mut levels = timeline.levels();
        if price.high_water {
            high_water(&mut levels);
        }
        for level in levels.iter_mut().filter(|level| self.asked.served.contains(level.from)) {
            // One amount whatever the quantity: it is held once, or not at all.
            let step = price.steps.iter().find(|step| step.days().contains(level.from));
            if let Some(DatedTariff { tariff: Tariff { model: Model::Flat { .. }, flat_at_zero, .. }, .. }) = step {
                level.count = i64::from(*flat_at_zero || level.count > 0);
            }
        }
        let period_days = price.proration.count().days(self.asked.period.from, timeline.end());
        let mut floored = levels.clone();
        for level in floored.iter_mut().filter(|level| self.asked.served.contains(level.from)) {
            let step = price.minimum_seats.iter().find(|step| step.days().contains(level.from));
            level.count = level.count.max(step.map_or(Ok(0), |step| step.least.rounded(0))?);
        }
        let held = self.walk(price, &levels)?;
        let least = self.walk(price, &floored)?;
        let mut flats = Ratio::ZERO;
        for (at, step) in price.steps.iter().enumerate() {
            let charged = WholeSlices::of(&step.tariff, &held, at, false)?;
            // A tier that an earlier step charged its flat for is not entered again.
            let paid = step.tariff.flats(charged.peak())?.min(flats);
            flats = flats.max(step.tariff.flats(charged.peak())?);
            self.add_slices(price, step, BookLineKind::Seats, (charged.0.clone(), paid, period_days), &sold)?;
            let free = WholeSlices::of(&step.tariff, &held, at, true)?;
            self.add_slices(price, step, BookLineKind::RentFree, (free.0, Ratio::ZERO, period_days), &sold)?;
            if price.minimum_seats.is_empty() {
                continue;
            }
            let due = WholeSlices::of(&step.tariff, &least, at, false)?;
            let already = worth(&step.tariff, charged.0.iter().map(|why| &why.slice), period_days)?;
            self.add_slices(price, step, BookLineKind::MinimumSeats, (due.0, already, period_days), &sold)?;
        }
        Ok(())
    }
    /// Slices with the step of the price that governs each.
    fn walk(&self, price: &Price, levels: &[Level]) -> Result<Vec<(usize, Slice)>, Refusal> {
        let charged = slices(price.proration, levels, |day| self.is_free(day));
        let mut found: Vec<(usize, Slice)> = Vec::new();
        for (level, slice) in levels.iter().zip(charged) {
            let at = price.steps.iter().position(|step| step.days().contains(level.from));
            // Days on which nothing is held need no price, but one may be due all the same.
            let due_at_zero = |at: &usize| price.steps.get(*at).is_some_and(|step| step.tariff.flat_at_zero);
            if level.count == 0 && !(at.as_ref().is_some_and(due_at_zero) && self.asked.served.contains(level.from)) {
                continue;
            }
            let at = at.ok_or_else(|| not_agreed(price, level.from))?;
            match found.last_mut() {
                Some((step, last)) if *step == at => {
                    if !last.joins(&slice) {
                        found.push((at, slice));
                    }
                }
                _ => found.push((at, slice)),
            }
        }
        Ok(found)
    }
    fn add_slices(
        &mut self,
        price: &Price,
        step: &DatedTariff,
        kind: BookLineKind,
        (slices, less, period_days): (Vec<WhySlice>, Ratio, i64),
        sold: &[(Period, &Sold)],
    ) -> Result<(), Refusal> {
        let minimum = kind == BookLineKind::MinimumSeats;
        if slices.is_empty() && !minimum {
            return Ok(());
        }
        let all = self.asked.period.intersect(step.days()).unwrap_or(self.asked.period);
        let days = Period {
            from: slices.iter().map(|why| why.slice.from).min().unwrap_or(all.from),
            to: slices.iter().map(|why| why.slice.to).max().or(all.to),
        };
        let why = Why::Slices { tariff: step.tariff.clone(), clause: price.proration, period_days, slices, less };
        // What a minimum adds may be charged under the step before; then it comes off this one, so that steps sum.
        if !minimum || why.recompute(self.book.currency)?.minor != 0 {
            self.add(Some((price, step)), kind, days, why, Self::events(sold, days))?;
        }
        Ok(())
    }
    fn seat_days(&mut self, price: &Price) -> Result<(), Refusal> {
        let sold = self.sold(price);
        let levels = self.timeline(price, &sold)?.levels();
        for level in levels.iter().filter(|level| level.count > 0) {
            step_on(price, level.from)?;
        }
        for step in &price.steps {
            let days = levels.iter().filter(|level| step.days().contains(level.from) && !self.is_free(level.from));
            let quantity = days.map(|level| level.count.saturating_mul((level.to - level.from).num_days()));
            let quantity = Ratio::whole(quantity.fold(0, i64::saturating_add));
            self.quantity(price, step, BookLineKind::Quantity, (quantity, None), &sold)?;
        }
        Ok(())
    }
    fn metered(&mut self, price: &Price) -> Result<(), Refusal> {
        let readings = self.asked.usage.iter().filter(|usage| Some(&usage.meter) == price.meter.as_ref());
        for usage in readings {
            // New terms begin with a period: the step of its first day, or of the day from which the contract runs.
            let step = step_on(price, self.asked.period.from.max(self.asked.served.from))?;
            let why = Why::Quantity { tariff: step.tariff.clone(), quantity: usage.quantity, billed: usage.billed };
            let events = vec![usage.event.clone()];
            self.add(Some((price, step)), BookLineKind::Quantity, self.asked.period, why, events)?;
        }
        Ok(())
    }
    fn once(&mut self, price: &Price) -> Result<(), Refusal> {
        let begun = |(_, sold): &(Period, &Sold)| sold.begins && self.asked.period.contains(sold.held.from);
        let sold: Vec<(Period, &Sold)> = self.sold(price).into_iter().filter(begun).collect();
        for (_, sold) in &sold {
            step_on(price, sold.held.from)?;
        }
        for step in &price.steps {
            let of_step: Vec<(Period, &Sold)> =
                sold.iter().filter(|(_, sold)| step.days().contains(sold.held.from)).copied().collect();
            let quantity = of_step.iter().map(|(_, sold)| sold.count).fold(0, i64::saturating_add);
            self.quantity(price, step, BookLineKind::Once, (Ratio::whole(quantity), None), &of_step)?;
        }
        Ok(())
    }
    fn percent(&mut self, price: &Price) -> Result<(), Refusal> {
        let base = self.lines.iter().filter(|line| price.of.contains(&line.source.price)).map(|line| line.amount.minor);
        let base = base.fold(0_i64, i64::saturating_add);
        let base = Ratio::major(Money::new(base.max(0), self.book.currency))?;
        let step = step_on(price, self.asked.period.from.max(self.asked.served.from))?;
        self.quantity(price, step, BookLineKind::Percent, (base, None), &[])
    }
    fn quantity(
        &mut self,
        price: &Price,
        step: &DatedTariff,
        kind: BookLineKind,
        (quantity, billed): (Ratio, Option<Ratio>),
        sold: &[(Period, &Sold)],
    ) -> Result<(), Refusal> {
        if quantity.is_zero() {
            return Ok(());
        }
        let days = self.asked.period.intersect(step.days()).unwrap_or(self.asked.period);
        let why = Why::Quantity { tariff: step.tariff.clone(), quantity, billed };
        self.add(Some((price, step)), kind, days, why, Self::events(sold, days))
    }
    /// What is over the maximum of a price, as a line of its own.
    fn cap(&mut self, price: &Price, first: usize) -> Result<(), Refusal> {
        let Some(maximum) = price.maximum else { return Ok(()) };
        let maximum = maximum.rounded(self.book.currency.exponent())?;
        let amount = self.lines.iter().skip(first).map(|line| line.amount.minor).fold(0, i64::saturating_add);
        let billed = self.asked.billed.get(&price.id).copied().unwrap_or(0);
        if cap_discount(maximum, billed, amount)? == 0 {
            return Ok(());
        }
        let step = price.steps.first().map(|step| (price, step));
        self.add(step, BookLineKind::Cap, self.asked.period, Why::Cap { maximum, billed, amount }, Vec::new())
    }
    fn true_up(&mut self) -> Result<(), Refusal> {
        match distance(self.book, self.asked, &self.lines)?.filter(|_| self.asked.last_split) {
            Some(distance) if distance.missing() > 0 => {
                self.add(None, BookLineKind::TrueUp, self.asked.period, Why::TrueUp(distance), Vec::new())
            }
            _ => Ok(()),
        }
    }
    /// Rounds, once a line.
    fn add(
        &mut self,
        from: Option<(&Price, &DatedTariff)>,
        kind: BookLineKind,
        period: Period,
        why: Why,
        events: Vec<String>,
    ) -> Result<(), Refusal> {
        let worth = why.recompute(self.book.currency)?;
        let amount = if kind == BookLineKind::RentFree { Money::zero(worth.currency) } else { worth };
        let source = PriceSource {
            book: self.book.id.clone(),
            version: self.book.version,
            price: from.map_or_else(String::new, |(price, _)| price.id.clone()),
            step: from.map(|(_, step)| step.from),
        };
        self.lines.push(BookLine { kind, source, period, amount, worth_minor: worth.minor, why, events });
        Ok(())
    }
}

/// The slices of one step, with what a full period costs for each.
struct WholeSlices(Vec<WhySlice>);

impl WholeSlices {
    fn of(tariff: &Tariff, walked: &[(usize, Slice)], step: usize, free: bool) -> Result<Self, Refusal> {
        let kept = |slice: &Slice| slice.units() != 0 || (slice.upper == 0 && tariff.flat_at_zero);
        let mine = walked.iter().filter(|(at, slice)| *at == step && slice.free == free && kept(slice));
        let whys = mine.map(|(_, slice)| Ok(WhySlice { slice: *slice, full_period: full_period(tariff, slice)? }));
        whys.collect::<Result<_, Refusal>>().map(Self)
    }
    /// The highest count.
    fn peak(&self) -> Ratio {
        Ratio::whole(self.0.iter().map(|why| why.slice.upper).max().unwrap_or(0))
    }
}

fn step_on(price: &Price, day: chrono::NaiveDate) -> Result<&DatedTariff, Refusal> {
    price.steps.iter().find(|step| step.days().contains(day)).ok_or_else(|| not_agreed(price, day))
}

fn not_agreed(price: &Price, day: chrono::NaiveDate) -> Refusal {
    Refusal::new(RefusalCode::State, "price-not-agreed").with("price", price.id.as_str()).with("day", day)
}

#[cfg(test)]
mod tests;
