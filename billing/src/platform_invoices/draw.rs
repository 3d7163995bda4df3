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
            zone: String::new(),
            shift: None,
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
mod tests {
    use chrono::{DateTime, NaiveDate};
    use proptest::prelude::*;
    use serde_json::Value;
    use uuid::Uuid;
    use voxpark_domain::estate::SeatProduct;
    use voxpark_domain::ids::{Id as _, ParkId, PlatformInvoiceId};
    use voxpark_domain::money::{Currency, TaxRate};
    use voxpark_domain::pack::PackFile;

    use super::*;
    use crate::invoicing::{InvoiceNumber, PaymentTerms};
    use crate::parties::Party;
    use crate::pricing::PriceBook;

    const BOOK: &str = r#"
id = "platform"
version = 1
title = { zh = "平台服务", en = "Platform" }
currency = "CNY"
[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
due = "arrears"
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "31" } } }
[[price]]
id = "equipped"
title = { zh = "全配附加", en = "Equipped" }
basis = "seat_day"
due = "arrears"
applies = { products = ["equipped"] }
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "0.5" } } }
"#;

    fn month(text: &str) -> Month {
        Month::parse(text).expect("a month")
    }
    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }
    fn terms(version: u32, from: &str, tax: u32) -> PlatformTerms {
        PlatformTerms {
            version,
            from: month(from),
            book: PriceBook::parse(PackFile { name: "b.toml", text: BOOK }).expect("a sound book"),
            text: BOOK.to_owned(),
            sha256: [0; 32],
            tax: TaxRate::new(tax).expect("a rate"),
            payment: PaymentTerms::net_days(15).expect("days"),
            recorded_at: DateTime::UNIX_EPOCH,
        }
    }
    fn run(product: SeatProduct, from: &str, to: &str, seats: i64) -> Counted {
        Counted { product, from: day(from), to: day(to), seats }
    }
    fn issued(n: u32, of: Month, drawn: &Drawn) -> PlatformInvoice {
        PlatformInvoice {
            id: PlatformInvoiceId::from_uuid(Uuid::from_u128(u128::from(n))),
            park: ParkId::from_uuid(Uuid::nil()),
            number: InvoiceNumber::new("PLT", 2026, n).expect("a number"),
            month: of,
            terms: drawn.terms,
            currency: Currency::CNY,
            net_minor: drawn.net_minor,
            tax_minor: drawn.tax_minor,
            total_minor: drawn.total_minor,
            issued_at: DateTime::UNIX_EPOCH,
            due_on: of.end(),
            known_at: DateTime::UNIX_EPOCH,
            body: drawn.body.clone(),
            kept: Value::Null,
            seller: Party::default(),
            buyer: Party::default(),
            sha256: Vec::new(),
            paid_minor: 0,
            voided: None,
        }
    }
    type Known = BTreeMap<Month, Vec<Counted>>;
    fn draw(of: &str, known: &Known, in_force: &[PlatformInvoice]) -> Option<Drawn> {
        draw_up(month(of), &[terms(1, "2026-08", 600)], known, in_force).expect("drawn up")
    }
    fn said(drawn: &Drawn) -> Vec<(&'static str, String, i64)> {
        drawn.body.lines.iter().map(|l| (l.kind.name(), l.month.to_string(), l.net_minor)).collect()
    }

    #[test]
    fn a_month_is_charged_and_what_is_recorded_late_comes_with_the_next() {
        let (bare, equipped) = (SeatProduct::Bare, SeatProduct::Equipped);
        let mut known = Known::new();
        assert_eq!(draw("2026-08", &known, &[]), None, "nothing leased, nothing charged");
        known.insert(
            month("2026-08"),
            vec![run(bare, "2026-08-01", "2026-09-01", 3), run(equipped, "2026-08-11", "2026-08-21", 2)],
        );
        let first = draw("2026-08", &known, &[]).expect("charged");
        // 93 + 20 seat-days at 1.00 a day, and 20 at 0.50; six per cent of 123.00.
        assert_eq!(said(&first), [("charge", "2026-08".to_owned(), 11_300), ("charge", "2026-08".to_owned(), 1_000)]);
        assert_eq!((first.net_minor, first.tax_minor, first.total_minor), (12_300, 738, 13_038));
        let august = issued(1, month("2026-08"), &first);
        assert_eq!(august.seat_days(), BTreeMap::from([(bare, 93), (equipped, 20)]));
        // One seat less than was known, found out after the bill; in September there is one seat.
        known.insert(month("2026-08"), vec![run(bare, "2026-08-01", "2026-09-01", 2)]);
        known.insert(month("2026-09"), vec![run(bare, "2026-09-01", "2026-10-01", 5)]);
        let second = draw("2026-09", &known, &[august.clone()]).expect("charged");
        assert_eq!(
            said(&second),
            [
                ("charge", "2026-09".to_owned(), 15_500),
                ("correction", "2026-08".to_owned(), -5_100),
                ("correction", "2026-08".to_owned(), -1_000),
            ]
        );
        for line in &second.body.lines {
            let why = line.why.as_ref().expect("why");
            assert_eq!(why.recompute(), Ok(line.net_minor), "the stored reason gives the amount again");
        }
        // Once only.
        let september = issued(2, month("2026-09"), &second);
        assert_eq!(draw("2026-10", &known, &[september, august]), None);
    }

    #[test]
    fn less_than_nothing_is_carried_rate_by_rate() {
        let bare = SeatProduct::Bare;
        let all = [terms(1, "2026-08", 600), terms(2, "2026-09", 900)];
        let mut known = Known::from([(month("2026-08"), vec![run(bare, "2026-08-01", "2026-09-01", 100)])]);
        let first = draw_up(month("2026-08"), &all, &known, &[]).expect("drawn up").expect("charged");
        let august = issued(1, month("2026-08"), &first);
        known.insert(month("2026-08"), Vec::new());
        known.insert(month("2026-09"), vec![run(bare, "2026-09-01", "2026-10-01", 10)]);
        let second = draw_up(month("2026-09"), &all, &known, &[august.clone()]).expect("drawn up").expect("charged");
        let (september, october) = ("2026-09".to_owned(), "2026-10".to_owned());
        assert_eq!(
            said(&second),
            [
                ("charge", september.clone(), 31_000),
                ("correction", "2026-08".to_owned(), -310_000),
                ("carried_out", september.clone(), 310_000),
                ("carried_out", september.clone(), -31_000),
            ]
        );
        assert_eq!((second.net_minor, second.tax_minor, second.total_minor), (0, 0, 0));
        known.insert(month("2026-10"), vec![run(bare, "2026-10-01", "2026-11-01", 200)]);
        let both = [august, issued(2, month("2026-09"), &second)];
        let third = draw_up(month("2026-10"), &all, &known, &both).expect("drawn up").expect("charged");
        assert_eq!(
            said(&third),
            [
                ("charge", october, 620_000),
                ("carried_in", september.clone(), -310_000),
                ("carried_in", september, 31_000)
            ]
        );
        // Nine per cent of 6,510.00 less six per cent of 3,100.00.
        assert_eq!((third.net_minor, third.tax_minor), (341_000, 58_590 - 18_600));
        let three = [both.as_slice(), &[issued(3, month("2026-10"), &third)]].concat();
        known.insert(month("2026-11"), vec![run(bare, "2026-11-01", "2026-12-01", 1)]);
        let fourth = draw_up(month("2026-11"), &all, &known, &three).expect("drawn up").expect("charged");
        assert_eq!(said(&fourth), [("charge", "2026-11".to_owned(), 3_100)], "taken once");
    }

    #[test]
    fn a_month_between_others_corrects_nothing() {
        let bare = SeatProduct::Bare;
        let mut known = Known::from([(month("2026-08"), vec![run(bare, "2026-08-01", "2026-09-01", 1)])]);
        let august = issued(1, month("2026-08"), &draw("2026-08", &known, &[]).expect("charged"));
        known.insert(month("2026-10"), vec![run(bare, "2026-10-01", "2026-11-01", 1)]);
        let october = issued(2, month("2026-10"), &draw("2026-10", &known, &[august.clone()]).expect("charged"));
        known.insert(month("2026-08"), vec![run(bare, "2026-08-01", "2026-09-01", 2)]);
        known.insert(month("2026-09"), vec![run(bare, "2026-09-01", "2026-10-01", 1)]);
        let between = draw("2026-09", &known, &[august.clone(), october.clone()]).expect("charged");
        assert_eq!(said(&between), [("charge", "2026-09".to_owned(), 3_100)]);
        let all = [august, issued(3, month("2026-09"), &between), october];
        let last = draw("2026-11", &known, &all).expect("a correction alone is an invoice");
        assert_eq!(said(&last), [("correction", "2026-08".to_owned(), 3_100)]);
        assert_eq!(
            draw_up(month("2026-07"), &[terms(1, "2026-08", 600)], &known, &[]).map_err(|r| r.rule),
            Err("platform-terms-none")
        );
    }

    #[test]
    fn later_terms_replace_earlier_ones_from_their_month() {
        let all = [terms(1, "2026-08", 600), terms(2, "2027-01", 600), terms(3, "2026-11", 600)];
        let of = |text: &str| governing(&all, month(text)).map(|terms| terms.version);
        assert_eq!([of("2026-07"), of("2026-10"), of("2026-11"), of("2027-02")], [None, Some(1), Some(3), Some(3)]);
    }

    proptest! {
        /// Whatever is found out when, what was billed of a month in all is what it comes to as it was known last.
        #[test]
        fn what_was_billed_is_what_is_known(
            seats in proptest::collection::vec(proptest::collection::vec(0_i64..40, 6), 6),
        ) {
            let months: Vec<Month> = (0..6).map(|n| month("2026-08").plus(n)).collect();
            let mut invoices: Vec<PlatformInvoice> = Vec::new();
            let mut known = Known::new();
            for (now, of) in months.iter().enumerate() {
                // At every month's end something else is known of each month so far.
                known = months.iter().take(now + 1).zip(&seats[now]).filter(|(_, n)| **n > 0).map(|(m, n)| {
                    (*m, vec![Counted { product: SeatProduct::Bare, from: m.first_day(), to: m.end(), seats: *n }])
                }).collect();
                if let Some(drawn) = draw(&of.to_string(), &known, &invoices) {
                    prop_assert!(drawn.total_minor >= 0);
                    prop_assert_eq!(drawn.net_minor + drawn.tax_minor, drawn.total_minor);
                    let number = u32::try_from(invoices.len()).expect("few") + 1;
                    invoices.push(issued(number, *of, &drawn));
                }
            }
            let last = invoices.last().map(|invoice| invoice.month);
            for of in months.iter().filter(|of| last.is_some_and(|last| **of <= last)) {
                let billed: i64 = invoices.iter().flat_map(|i| &i.body.lines)
                    .filter(|l| l.month == *of && matches!(l.kind, PlatformLineKind::Charge | PlatformLineKind::Correction))
                    .map(|l| l.net_minor).sum();
                let brought_up = last == months.last().copied() && invoices.iter().any(|i| i.month == *of);
                let count = known.get(of).map(Vec::as_slice).unwrap_or_default();
                let worth: i64 = rate(&terms(1, "2026-08", 600), *of, count).expect("rated").iter().map(|l| l.net_minor).sum();
                if brought_up {
                    prop_assert_eq!(billed, worth, "{}", of);
                }
            }
            let carried = |kind| -> i64 {
                let lines = invoices.iter().flat_map(|i| &i.body.lines);
                lines.filter(|l| l.kind == kind).map(|l| l.net_minor).sum()
            };
            let left = -carried(PlatformLineKind::CarriedOut) - carried(PlatformLineKind::CarriedIn);
            let said: i64 = invoices.iter().flat_map(|i| &i.body.lines)
                .filter(|l| matches!(l.kind, PlatformLineKind::Charge | PlatformLineKind::Correction))
                .map(|l| l.net_minor).sum();
            let billed: i64 = invoices.iter().map(|i| i.net_minor).sum();
            prop_assert_eq!(billed + left, said, "what is carried is neither lost nor doubled");
        }
    }
}
