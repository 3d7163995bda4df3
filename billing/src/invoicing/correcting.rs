//! What was recorded after a month was billed: a correction of that month on the next invoice of the lease, line by line, with
//! what was billed, what it comes to by what is known now, and the difference.
//!
//! A month is billed by its own invoice and by every later one that corrects it. Each of them brings it up to what was known
//! when it was issued, so what was billed of a month is always what it came to as known at the last of them: a correction is
//! the difference of two ratings and needs no memory of cents.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_domain::ids::{InvoiceId, LeaseId};
use voxpark_domain::time::Month;
use voxpark_domain::{Error, Refusal, Result, leasing};

use super::{Holding, InvoiceNumber, KnownMonth};
use crate::pricing::{Correction, Explanation, PriceBook, Rated, RatedLine, TaxRate, out_of_range};
use crate::uow::Tx;

/// How many months are read together: bounds the size of statements.
const PORTION: usize = 4_000;

/// For which invoice months that were billed before are looked for. Only an invoice for a month behind all that were billed
/// corrects others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateAsk {
    /// The lease and month that it bills, and when it is drawn up.
    pub at: KnownMonth,
    /// Of one that was issued: its number and when. Only what was issued before it counts, as it stood then.
    pub issued: Option<(InvoiceNumber, DateTime<Utc>)>,
}

/// A month that was billed, of which something else is known now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// The lease.
    pub lease: LeaseId,
    /// The month.
    pub month: Month,
    /// The invoice for it.
    pub number: InvoiceNumber,
    /// What was recorded later was not known when it was billed or corrected last.
    pub billed_at: DateTime<Utc>,
}

impl Late {
    fn as_known(&self, known_at: DateTime<Utc>) -> KnownMonth {
        KnownMonth { lease: self.lease, month: self.month, known_at }
    }
}

/// What there is to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whether the invoice is for a month behind all that were billed, so that it brings them up.
    pub behind: bool,
    /// Months that come to something else, in order; none unless it is `behind`.
    pub late: Vec<Late>,
}

/// What is read of corrections.
#[async_trait]
pub trait Corrections: Send + Sync {
    /// What the invoices that ask have to correct, in their order. A constant number of statements.
    async fn late(&self, asked: &[LateAsk]) -> Result<Vec<(KnownMonth, Found)>>;
    /// The invoices in force that correct the month of one, and the credit notes that do.
    async fn corrected_by(&self, invoice: InvoiceId) -> Result<Vec<InvoiceNumber>>;
}

/// What an invoice is drawn up from: what was held in its month, and months before it as they were billed and as they are known.
pub(super) struct Drawing {
    pub(super) at: KnownMonth,
    pub(super) holding: Holding,
    /// Whether it brings up the months before it.
    pub(super) brings_up: bool,
    late: Vec<(Late, Holding, Holding)>,
}

impl Drawing {
    /// One that corrects nothing.
    pub(super) const fn alone(at: KnownMonth, holding: Holding) -> Self {
        Self { at, holding, brings_up: false, late: Vec::new() }
    }
    /// The lines of its month, and behind them those that correct others.
    ///
    /// # Errors
    /// Those of [`Holding::rate`].
    pub(super) fn rate(&self) -> Result<Rated, Refusal> {
        let mut rated = self.holding.rate(self.at.month)?;
        for (late, billed, now) in &self.late {
            rated.lines.extend(corrections(late, &billed.rate(late.month)?, &now.rate(late.month)?)?);
        }
        Ok(rated)
    }
    /// As if the lease had these versions, priced by these books.
    ///
    /// # Errors
    /// Those of reading.
    pub(super) async fn amend(
        &mut self,
        tx: &dyn Tx,
        versions: &[leasing::LeaseVersion],
        books: &[Arc<PriceBook>],
    ) -> Result<()> {
        let at = self.at;
        let late = self.late.iter().map(|(late, _, now)| (late.as_known(at.known_at), now.clone()));
        let mut now: Vec<(KnownMonth, Holding)> = std::iter::once((at, self.holding.clone())).chain(late).collect();
        for (_, holding) in &mut now {
            versions.clone_into(&mut holding.versions);
            holding.take(books);
        }
        tx.books_ask(&mut now).await?;
        let mut now = now.into_iter().map(|(_, holding)| holding);
        let places = std::iter::once(&mut self.holding).chain(self.late.iter_mut().map(|(_, _, now)| now));
        places.zip(&mut now).for_each(|(place, holding)| *place = holding);
        Ok(())
    }
}

/// What invoices are drawn up from; leases out of reach are missing. A constant number of statements for some hundreds.
///
/// # Errors
/// Those of reading.
pub(super) async fn drawings(tx: &dyn Tx, asked: &[LateAsk]) -> Result<Vec<Drawing>> {
    let found = tx.late(asked).await?;
    let mut months: BTreeSet<KnownMonth> = BTreeSet::new();
    for (at, of) in &found {
        months.insert(*at);
        months.extend(of.late.iter().flat_map(|late| [late.as_known(late.billed_at), late.as_known(at.known_at)]));
    }
    let months: Vec<KnownMonth> = months.into_iter().collect();
    let mut holdings: HashMap<KnownMonth, Holding> = HashMap::with_capacity(months.len());
    for portion in months.chunks(PORTION) {
        holdings.extend(tx.holdings(portion).await?);
    }
    let mut drawings = Vec::with_capacity(found.len());
    for (at, of) in found {
        let Some(holding) = holdings.get(&at).cloned() else { continue };
        let known = |at| holdings.get(&at).cloned().ok_or_else(|| Error::internal("a billed month without its lease"));
        let mut late = Vec::with_capacity(of.late.len());
        for month in of.late {
            let (billed, now) = (known(month.as_known(month.billed_at))?, known(month.as_known(at.known_at))?);
            late.push((month, billed, now));
        }
        drawings.push(Drawing { at, holding, brings_up: of.behind, late });
    }
    Ok(drawings)
}

/// A month that comes to something else than was billed, and the lines that bring it there.
pub(crate) struct Correctable {
    /// The month.
    pub(crate) late: Late,
    /// One for each price whose amount differs.
    pub(crate) lines: Vec<RatedLine>,
}

impl Correctable {
    /// Whether a line is of a price of which something is taken back.
    pub(crate) fn takes_from(&self, line: &RatedLine) -> bool {
        self.lines.iter().any(|correction| correction.amount_minor < 0 && same(correction, line))
    }
    /// What its lines come to by rate of tax, as far as it is something; minor units.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub(crate) fn by_rate(&self) -> Result<BTreeMap<TaxRate, i64>, Refusal> {
        let mut groups: BTreeMap<TaxRate, i64> = BTreeMap::new();
        for line in &self.lines {
            let sum = groups.entry(line.vat).or_default();
            *sum = sum.checked_add(line.amount_minor).ok_or_else(out_of_range)?;
        }
        groups.retain(|_, net| *net != 0);
        Ok(groups)
    }
}

/// What the next invoice of a lease would correct, as known at an instant, but for what comes to the same in all; nothing of a
/// lease out of reach.
///
/// # Errors
/// Those of [`Holding::rate`].
pub(crate) async fn correctable(tx: &dyn Tx, lease: LeaseId, known_at: DateTime<Utc>) -> Result<Vec<Correctable>> {
    // Behind every month that was billed.
    let at = KnownMonth { lease, month: Month::of(super::known_at_last().date_naive()).plus(-12), known_at };
    let mut out = Vec::new();
    for (late, billed, now) in drawings(tx, &[LateAsk { at, issued: None }]).await?.into_iter().flat_map(|d| d.late) {
        let lines = corrections(&late, &billed.rate(late.month)?, &now.rate(late.month)?)?;
        let month = Correctable { late, lines };
        if !month.by_rate()?.is_empty() {
            out.push(month);
        }
    }
    Ok(out)
}

/// What makes two lines of a rating the same: there are never two of it.
fn same(a: &RatedLine, b: &RatedLine) -> bool {
    (a.kind, a.product, a.unit, a.vat) == (b.kind, b.product, b.unit, b.vat)
        && a.explanation.part() == b.explanation.part()
}

/// The lines that bring a month from what was billed to what is known: one for each price whose amount differs.
///
/// # Errors
/// `amount-out-of-range`.
fn corrections(late: &Late, billed: &Rated, now: &Rated) -> Result<Vec<RatedLine>, Refusal> {
    let gone = billed.lines.iter().filter(|line| !now.lines.iter().any(|other| same(line, other)));
    let mut lines = Vec::new();
    for line in now.lines.iter().chain(gone) {
        let find = |rated: &Rated| rated.lines.iter().find(|other| same(line, other)).cloned();
        lines.extend(correction(late, line, find(billed).as_ref(), find(now).as_ref())?);
    }
    Ok(lines)
}

fn correction(
    late: &Late,
    line: &RatedLine,
    billed: Option<&RatedLine>,
    now: Option<&RatedLine>,
) -> Result<Option<RatedLine>, Refusal> {
    let amount = |line: Option<&RatedLine>| line.map_or(0, |line| line.amount_minor);
    let days = |line: Option<&RatedLine>| line.map_or(0, |line| line.seat_days);
    let more = |now: i64, before: i64| now.checked_sub(before).ok_or_else(out_of_range);
    let (amount_minor, seat_days) = (more(amount(now), amount(billed))?, more(days(now), days(billed))?);
    if amount_minor == 0 {
        return Ok(None);
    }
    let why = |line: Option<&RatedLine>| line.map(|line| Box::new(line.explanation.clone()));
    let correction = Correction {
        invoice: late.number.to_string(),
        billed_minor: amount(billed),
        now_minor: amount(now),
        billed: why(billed),
        now: why(now),
    };
    let explanation = Explanation {
        seat_days,
        worth_minor: amount_minor,
        slices: Vec::new(),
        shortfall: None,
        correction: Some(correction),
        ..line.explanation.clone()
    };
    Ok(Some(RatedLine { seat_days, amount_minor, explanation, ..line.clone() }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use voxpark_domain::ids::Id as _;
    use voxpark_domain::money::{Currency, Money};

    use super::*;
    use crate::pricing::{LineKind, Proration, SeatProduct, TaxRate};

    fn line(unit_minor: i64, amount_minor: i64) -> RatedLine {
        let unit = Money::new(unit_minor, Currency::CNY);
        let explanation = Explanation {
            rule: Proration::ByDay,
            unit,
            period: Month::parse("2026-08").expect("a month").period(),
            period_days: 31,
            seat_days: amount_minor,
            worth_minor: amount_minor,
            slices: Vec::new(),
            shortfall: None,
            book: None,
            concession: None,
            reverse_charge: None,
            correction: None,
        };
        RatedLine {
            kind: LineKind::SeatRent,
            lease_version: 1,
            product: SeatProduct::Bare,
            unit,
            vat: TaxRate::ZERO,
            seat_days: amount_minor,
            amount_minor,
            explanation,
        }
    }
    fn rated(amounts: &BTreeMap<i64, i64>) -> Rated {
        let lines = amounts.iter().map(|(unit, amount)| line(*unit, *amount)).collect();
        Rated { period: Month::parse("2026-08").expect("a month").period(), lines, seat_days_held: 0 }
    }
    fn late() -> Late {
        Late {
            lease: LeaseId::from_uuid(uuid::Uuid::nil()),
            month: Month::parse("2026-08").expect("a month"),
            number: "PA-2026-000001".parse().expect("a number"),
            billed_at: DateTime::UNIX_EPOCH,
        }
    }

    proptest! {
        #[test]
        fn what_was_billed_and_its_corrections_are_what_is_known(
            billed in proptest::collection::btree_map(0_i64..6, -500_i64..500, 0..5),
            now in proptest::collection::btree_map(0_i64..6, -500_i64..500, 0..5),
        ) {
            let (billed, now) = (rated(&billed), rated(&now));
            let lines = corrections(&late(), &billed, &now).expect("corrected");
            for unit in 0..6 {
                let sum = |lines: &[RatedLine]| -> i64 {
                    lines.iter().filter(|line| line.unit.minor == unit).map(|line| line.amount_minor).sum()
                };
                prop_assert_eq!(sum(&billed.lines) + sum(&lines), sum(&now.lines));
            }
            for line in &lines {
                prop_assert!(line.amount_minor != 0);
                prop_assert_eq!(line.explanation.recompute(), Ok(line.amount_minor));
                let of = line.explanation.correction.as_ref().expect("a correction");
                prop_assert_eq!(of.now_minor - of.billed_minor, line.amount_minor);
            }
            prop_assert!(corrections(&late(), &now, &now).expect("corrected").is_empty());
        }
    }
}
