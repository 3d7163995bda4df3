//! What a platform invoice says: the month, and what was recorded since of months that were billed before.

use std::collections::BTreeMap;

use voxpark_domain::money::Money;
use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode};

use super::governing;
use super::{Counted, MonthCount, PlatformBody, PlatformInvoice, PlatformLine, PlatformLineKind, PlatformTerms};
use crate::pricing::{
    BookLine, BookLineKind, BookRating, BookWhy, Cadence, Correction, Explanation, Proration, SeatSlice, Sold, Why,
    out_of_range, rate_book,
};

/// An invoice that has no number yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// What it says.
    pub body: PlatformBody,
    /// The version of the terms that governs its month.
    pub terms: u32,
    /// Before tax, minor units.
    pub net_minor: i64,
    /// Tax, minor units.
    pub tax_minor: i64,
    /// Net and tax, minor units; not less than nothing.
    pub total_minor: i64,
}

/// Draws up the invoice of a month; `None` when nothing is charged or corrected. `counted` is what is known now of every month
/// since the first terms, `in_force` are the invoices of the park that were not withdrawn.
///
/// Only an invoice behind all that were issued brings them up and takes what they carried, so that withdrawing the last one
/// takes back exactly what it said. One that would come to less than nothing comes to nothing: what it comes to is carried to
/// the next, rate by rate, so that the tax of both together is that of the sum.
///
/// # Errors
/// `platform-terms-none` (no terms govern a month), and those of [`rate_book`].
pub fn draw_up(
    month: Month,
    terms: &[PlatformTerms],
    counted: &BTreeMap<Month, Vec<Counted>>,
    in_force: &[PlatformInvoice],
) -> Result<Option<Drawn>, Refusal> {
    let known = |month: Month| counted.get(&month).map(Vec::as_slice).unwrap_or_default();
    let of_month = terms_of(terms, month)?;
    let mut body = PlatformBody {
        lines: rate(of_month, month, known(month))?,
        counts: vec![MonthCount { month, counted: known(month).to_vec() }],
    };
    let behind = in_force.iter().all(|invoice| invoice.month < month);
    if behind {
        let mut before: Vec<&PlatformInvoice> = in_force.iter().collect();
        before.sort_by_key(|invoice| invoice.month);
        for invoice in &before {
            let (billed, now) = (last_counted(&before, invoice.month), known(invoice.month));
            if billed == now {
                continue;
            }
            let terms = terms_of(terms, invoice.month)?;
            let (billed, now_lines) = (rate(terms, invoice.month, billed)?, rate(terms, invoice.month, now)?);
            body.lines.append(&mut corrections(invoice, &billed, &now_lines)?);
            body.counts.push(MonthCount { month: invoice.month, counted: now.to_vec() });
        }
    }
    if body.lines.is_empty() {
        return Ok(None);
    }
    if behind {
        body.lines.extend(carried_in(in_force)?);
    }
    carry_out(month, &mut body)?;
    let taxed = body.taxed()?;
    let (net_minor, tax_minor, total_minor) = (taxed.net()?, taxed.tax()?, taxed.total()?);
    Ok(Some(Drawn { body, terms: of_month.version, net_minor, tax_minor, total_minor }))
}

fn terms_of(terms: &[PlatformTerms], month: Month) -> Result<&PlatformTerms, Refusal> {
    governing(terms, month).ok_or_else(|| {
        Refusal::new(RefusalCode::State, "platform-terms-none").at("month").with("month", month.to_string())
    })
}

/// What a month was billed by last: the invoice of the latest month that says so.
fn last_counted<'a>(in_order: &[&'a PlatformInvoice], month: Month) -> &'a [Counted] {
    in_order.iter().rev().find_map(|invoice| invoice.body.counted(month)).unwrap_or_default()
}

/// The lines of a month by its terms.
fn rate(terms: &PlatformTerms, month: Month, counted: &[Counted]) -> Result<Vec<PlatformLine>, Refusal> {
    let sold: Vec<Sold> = counted
        .iter()
        .map(|run| Sold {
            held: voxpark_domain::time::Period { from: run.from, to: Some(run.to) },
            count: run.seats,
            product: run.product,
            zones: [].into(),
            shift: None,
            begins: true,
            event: String::new(),
        })
        .collect();
    let asked = BookRating {
        period: month.period(),
        every: Cadence::Month,
        served: month.period(),
        due: None,
        sold: &sold,
        usage: &[],
        rent_free: &[],
        billed: &BTreeMap::new(),
        sponsored: 0,
        last_split: true,
    };
    rate_book(&terms.book, &asked)?.into_iter().map(|line| charge(terms, month, line)).collect()
}

/// A line of the book as one of the invoice.
fn charge(terms: &PlatformTerms, month: Month, line: BookLine) -> Result<PlatformLine, Refusal> {
    let (mut slices, mut period_days, mut seat_days) = (Vec::new(), month.days(), 0);
    match &line.why {
        Why::Slices { slices: of, period_days: days, .. } => {
            period_days = *days;
            slices.extend(of.iter().map(|why| SeatSlice {
                from: why.slice.from,
                to: why.slice.to,
                seats: why.slice.units(),
                days: why.slice.days,
                version: i64::from(terms.version),
                whole_period: why.slice.whole_period,
            }));
            if line.kind == BookLineKind::Seats {
                let days = slices.iter().map(|slice| slice.seats.checked_mul(slice.days).ok_or_else(out_of_range));
                seat_days = sum(days)?;
            }
        }
        Why::Quantity { quantity, .. } if line.kind == BookLineKind::Quantity => seat_days = quantity.rounded(0)?,
        _ => {}
    }
    let book = &terms.book;
    let title = book.price(&line.source.price).map_or(&book.title, |price| &price.title).clone();
    let unit = Money::zero(book.currency);
    let why = Explanation {
        rule: Proration::ByDay,
        unit,
        period: month.period(),
        period_days,
        seat_days,
        worth_minor: line.worth_minor,
        slices,
        shortfall: None,
        book: Some(BookWhy { kind: line.kind, source: line.source, title, why: line.why }),
        concession: None,
        reverse_charge: None,
        correction: None,
    };
    Ok(PlatformLine {
        kind: PlatformLineKind::Charge,
        month,
        seat_days,
        net_minor: line.amount.minor,
        tax: terms.tax,
        why: Some(why),
        invoice: None,
    })
}

fn sum(of: impl IntoIterator<Item = Result<i64, Refusal>>) -> Result<i64, Refusal> {
    of.into_iter().try_fold(0_i64, |sum, one| sum.checked_add(one?).ok_or_else(out_of_range))
}

/// The lines that bring a month from what was billed to what is known: one for each price whose amount differs.
fn corrections(
    of: &PlatformInvoice,
    billed: &[PlatformLine],
    now: &[PlatformLine],
) -> Result<Vec<PlatformLine>, Refusal> {
    let gone = billed.iter().filter(|line| find(now, line).is_none());
    let mut lines = Vec::new();
    for line in now.iter().chain(gone) {
        lines.extend(correction(of, line, find(billed, line), find(now, line))?);
    }
    Ok(lines)
}

/// The line of the same price and kind: there are never two of it in a rating.
fn find<'a>(lines: &'a [PlatformLine], line: &PlatformLine) -> Option<&'a PlatformLine> {
    let price = |line: &PlatformLine| {
        let book = line.why.as_ref().and_then(|why| why.book.as_ref());
        book.map(|book| (book.source.clone(), book.kind))
    };
    lines.iter().find(|other| price(other) == price(line))
}

fn correction(
    of: &PlatformInvoice,
    line: &PlatformLine,
    billed: Option<&PlatformLine>,
    now: Option<&PlatformLine>,
) -> Result<Option<PlatformLine>, Refusal> {
    let Some(any) = &line.why else { return Ok(None) };
    let amount = |line: Option<&PlatformLine>| line.map_or(0, |line| line.net_minor);
    let days = |line: Option<&PlatformLine>| line.map_or(0, |line| line.seat_days);
    let more = |now: i64, before: i64| now.checked_sub(before).ok_or_else(out_of_range);
    let (net_minor, seat_days) = (more(amount(now), amount(billed))?, more(days(now), days(billed))?);
    if net_minor == 0 {
        return Ok(None);
    }
    let why = |line: Option<&PlatformLine>| line.and_then(|line| line.why.clone()).map(Box::new);
    let number = of.number.to_string();
    let correction = Correction {
        invoice: number.clone(),
        billed_minor: amount(billed),
        now_minor: amount(now),
        billed: why(billed),
        now: why(now),
    };
    let why = Explanation {
        seat_days,
        worth_minor: net_minor,
        slices: Vec::new(),
        correction: Some(correction),
        ..any.clone()
    };
    Ok(Some(PlatformLine {
        kind: PlatformLineKind::Correction,
        seat_days,
        net_minor,
        why: Some(why),
        invoice: Some(number),
        ..line.clone()
    }))
}

/// What invoices left that no other has taken.
fn carried_in(in_force: &[PlatformInvoice]) -> Result<Vec<PlatformLine>, Refusal> {
    let lines = |kind| {
        let of = move |invoice| lines_of(invoice, kind).map(move |line| (invoice, line));
        in_force.iter().flat_map(of)
    };
    let taken =
        |number: &str| lines(PlatformLineKind::CarriedIn).any(|(_, line)| line.invoice.as_deref() == Some(number));
    let mut found = Vec::new();
    for (invoice, line) in lines(PlatformLineKind::CarriedOut) {
        let number = invoice.number.to_string();
        if !taken(&number) {
            let net_minor = line.net_minor.checked_neg().ok_or_else(out_of_range)?;
            let kind = PlatformLineKind::CarriedIn;
            found.push(PlatformLine { kind, net_minor, invoice: Some(number), ..line.clone() });
        }
    }
    Ok(found)
}

fn lines_of(invoice: &PlatformInvoice, kind: PlatformLineKind) -> impl Iterator<Item = &PlatformLine> {
    invoice.body.lines.iter().filter(move |line| line.kind == kind)
}

/// Leaves to the next invoice what would make this one less than nothing.
fn carry_out(month: Month, body: &mut PlatformBody) -> Result<(), Refusal> {
    let taxed = body.taxed()?;
    if taxed.total()? >= 0 {
        return Ok(());
    }
    for group in taxed.groups.iter().filter(|group| group.net_minor != 0) {
        body.lines.push(PlatformLine {
            kind: PlatformLineKind::CarriedOut,
            month,
            seat_days: 0,
            net_minor: group.net_minor.checked_neg().ok_or_else(out_of_range)?,
            tax: group.rate,
            why: None,
            invoice: None,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
