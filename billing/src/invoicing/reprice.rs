//! Pricing a past period again, and what differs from the invoice that was issued.

use voxpark_domain::Refusal;
use voxpark_domain::money::Money;
use voxpark_domain::time::Period;

use super::{InvoiceBody, InvoiceLine, TaxGroup, assemble};
use crate::pricing::{LineKind, Rated, SeatProduct, TaxRate};

/// The figures of a line that must come out the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineFigures {
    /// Quantity.
    pub seat_days: i64,
    /// Denominator.
    pub period_days: i64,
    /// Minor units before tax.
    pub net_minor: i64,
}

/// A line that is not what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineDifference {
    /// Rent, or rent-free days.
    pub kind: LineKind,
    /// The product.
    pub product: SeatProduct,
    /// Price of a seat-month.
    pub unit: Money,
    /// Tax.
    pub vat: TaxRate,
    /// As invoiced; `None` = the line is new.
    pub stored: Option<LineFigures>,
    /// As priced again; `None` = the line is gone.
    pub again: Option<LineFigures>,
}

/// What pricing again came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repricing {
    /// Lines that differ, stored ones first.
    pub differences: Vec<LineDifference>,
    /// Rates whose net or tax differs: stored, again.
    pub taxes: Vec<(TaxRate, Option<TaxGroup>, Option<TaxGroup>)>,
    /// The total of the invoice.
    pub stored_total: Money,
    /// The total priced again.
    pub again_total: Money,
}

impl Repricing {
    /// Whether every line, tax and total came out to the cent.
    pub fn same(&self) -> bool {
        self.differences.is_empty() && self.taxes.is_empty() && self.stored_total == self.again_total
    }
}

/// What makes two lines the same line: rating never gives two lines of one key.
fn key(line: &InvoiceLine) -> (LineKind, SeatProduct, Money, TaxRate) {
    (line.rated.kind, line.rated.product, line.rated.unit, line.rated.vat)
}

/// Of a correction the month that it corrects.
fn corrected(line: &InvoiceLine) -> Option<Period> {
    line.rated.explanation.correction.as_ref().map(|_| line.rated.explanation.period)
}

fn figures(line: &InvoiceLine) -> LineFigures {
    LineFigures {
        seat_days: line.rated.seat_days,
        period_days: line.rated.explanation.period_days,
        net_minor: line.net_minor,
    }
}

/// Compares lines by kind, product, price and tax. Empty when quantities and cents are the same; how days were cut
/// into slices may differ.
pub fn compare_lines(stored: &[InvoiceLine], again: &[InvoiceLine]) -> Vec<LineDifference> {
    let find = |lines: &[InvoiceLine], wanted: &InvoiceLine| {
        let same = |l: &&InvoiceLine| {
            key(l) == key(wanted)
                && l.rated.explanation.part() == wanted.rated.explanation.part()
                && corrected(l) == corrected(wanted)
        };
        lines.iter().find(same).map(figures)
    };
    let difference = |line: &InvoiceLine, stored: Option<LineFigures>, again: Option<LineFigures>| {
        let (kind, product, unit, vat) = key(line);
        (stored != again).then_some(LineDifference { kind, product, unit, vat, stored, again })
    };
    let kept = stored.iter().filter_map(|line| difference(line, Some(figures(line)), find(again, line)));
    let new = again.iter().filter(|line| find(stored, line).is_none());
    kept.chain(new.filter_map(|line| difference(line, None, Some(figures(line))))).collect()
}

/// Assembles the period as it is rated now and compares it with what was invoiced.
///
/// # Errors
/// Those of [`assemble`]; a period that has no line any more is `invoice-empty-month`.
pub fn reprice(stored: &InvoiceBody, rated: Rated) -> Result<Repricing, Refusal> {
    let again = assemble(rated, stored.tax)?;
    let find = |groups: &[TaxGroup], rate: TaxRate| groups.iter().find(|g| g.rate == rate).copied();
    let mut rates: Vec<TaxRate> = stored.taxes.iter().chain(&again.taxes).map(|group| group.rate).collect();
    rates.sort_unstable();
    rates.dedup();
    let taxes = rates.into_iter().map(|rate| (rate, find(&stored.taxes, rate), find(&again.taxes, rate)));
    Ok(Repricing {
        differences: compare_lines(&stored.lines, &again.lines),
        taxes: taxes.filter(|(_, stored, again)| stored != again).collect(),
        stored_total: stored.total(),
        again_total: again.total(),
    })
}
