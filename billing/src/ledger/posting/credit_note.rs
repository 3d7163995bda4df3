//! Credit notes: what is taken back of what was earned and of what was not, and where it goes.

use std::collections::{BTreeMap, BTreeSet};

use voxpark_domain::money::{Currency, Money};
use voxpark_domain::{Refusal, RefusalCode};

use super::earning::{Corrections, carry, catch_up, earn};
use super::{Lines, told, within, within_open};
use crate::ledger::{
    About, Account, CreditLine, CreditNoteIssued, CreditToWhere, Document, How, Item, Kind, Positions, Posting,
    PostingKey, Sold, Stream, TaxAbout, Text,
};
use crate::pricing::out_of_range;

/// Takes back of what was sold, for its days: what was booked as earned of it comes off revenue, the rest off what is still to
/// be earned. It goes off what is owed, to the payer's credit, or back as money.
pub(super) fn issued(key: PostingKey, fact: &CreditNoteIssued, at: &Positions) -> Result<Vec<Posting>, Refusal> {
    let document = Document::Invoice(fact.invoice);
    let currency = at.currency(document)?;
    let mut lines = Lines::of(currency);
    let mut corrections = Corrections::of(key.clone(), currency);
    let (mut total, mut seen) = (0_i64, BTreeSet::new());
    let mut carried: BTreeMap<Stream, i64> = BTreeMap::new();
    for (number, line) in fact.lines.iter().enumerate() {
        let path = |field: &str| format!("lines.{number}.{field}");
        let sold = at.sold(fact.invoice).find(|(at, _)| *at == line.line).map(|(_, sold)| *sold);
        let Some(sold) = sold else {
            let refusal = Refusal::new(RefusalCode::NotFound, "document-line-unknown").at(path("line"));
            return Err(refusal.with("document", fact.invoice.to_string()).with("line", i64::from(line.line)));
        };
        if !seen.insert(line.line) {
            let refusal = Refusal::new(RefusalCode::Duplicate, "credit-line-doubled").at(path("line"));
            return Err(refusal.with("line", i64::from(line.line)));
        }
        left_of(line, at.left(fact.invoice, line.line), currency).map_err(|refusal| refusal.at(path("net")))?;
        within_service(line, &sold).map_err(|refusal| refusal.at(path("service")))?;
        total = total.checked_add(line.net).and_then(|sum| sum.checked_add(line.tax)).ok_or_else(out_of_range)?;
        take_back(&mut lines, &mut corrections, (fact, line, &sold), at, &mut carried)?;
    }
    give(&mut lines, fact, total, at)?;
    let text =
        Text::of("ledger-credit-note").with("document", document.to_string()).with("note", fact.note.to_string());
    let mut postings = vec![lines.post(key, Kind::Invoicing, fact.day, text)?];
    postings.extend(corrections.post()?);
    Ok(postings)
}

/// No more than is left of the line, on its side.
fn left_of(line: &CreditLine, (net, tax): (i64, i64), currency: Currency) -> Result<(), Refusal> {
    for (wanted, left) in [(line.net, net), (line.tax, tax)] {
        if wanted != 0 && (wanted.signum() != left.signum() || wanted.unsigned_abs() > left.unsigned_abs()) {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "credit-over-line");
            return Err(refusal.with("amount", told(wanted, currency)).with("left", told(left, currency)));
        }
    }
    Ok(())
}

/// The days it is about are days of the line.
fn within_service(line: &CreditLine, sold: &Sold) -> Result<(), Refusal> {
    let (Some(days), Some(whole)) = (line.service, sold.service) else { return Ok(()) };
    if whole.covers(days) && days.days().is_some_and(|days| days > 0) {
        return Ok(());
    }
    let refusal = Refusal::new(RefusalCode::OutOfRange, "credit-outside-service").with("from", whole.from);
    Err(refusal.with("to", whole.to.map(|day| day.to_string()).unwrap_or_default()))
}

fn take_back(
    lines: &mut Lines,
    corrections: &mut Corrections,
    (fact, line, sold): (&CreditNoteIssued, &CreditLine, &Sold),
    at: &Positions,
    carried: &mut BTreeMap<Stream, i64>,
) -> Result<(), Refusal> {
    let service = line.service.or(sold.service);
    let about = About {
        line: Some(line.line),
        by: Some(Document::CreditNote(fact.note)),
        stream: sold.stream,
        lease: sold.lease,
        service,
        tax: Some(TaxAbout { rate: sold.rate, point: fact.tax_point }),
        ..About::document(Document::Invoice(fact.invoice))
    };
    lines.debit(Account::TaxPayable(sold.rate), line.tax, about);
    let Some(stream) = sold.stream else {
        lines.debit(Account::Earned(sold.income), line.net, about);
        return Ok(());
    };
    let of = (stream, sold.income);
    let before = carried.entry(stream).or_insert_with(|| at.carried(stream));
    let planned = at.schedule(stream)?;
    let mut new = planned.clone();
    // The note that takes the last of a line takes back whatever is planned of it, day for day.
    let last = line.net == at.left(fact.invoice, line.line).0;
    let parts = if last { planned.parts().collect() } else { vec![(service, line.net)] };
    for (service, net) in parts {
        let less = net.checked_neg().ok_or_else(out_of_range)?;
        carry(lines, of, *before, less, About { service, ..about })?;
        *before = before.checked_add(less).ok_or_else(out_of_range)?;
        if let Some(service) = service {
            new.spread(less, service)?;
        }
    }
    let about = About { tax: None, ..about };
    for (place, part) in catch_up(at, stream, &new, fact.day)?.into_iter().enumerate() {
        if place == 0 {
            earn(lines, of, *before, part.1, About { earned_until: Some(part.0), ..about })?;
        } else {
            corrections.earn(of, *before, part, about)?;
        }
        *before = before.checked_sub(part.1).ok_or_else(out_of_range)?;
    }
    Ok(())
}

/// Where the total of a note goes.
fn give(lines: &mut Lines, fact: &CreditNoteIssued, total: i64, at: &Positions) -> Result<(), Refusal> {
    let (note, invoice) = (Document::CreditNote(fact.note), Document::Invoice(fact.invoice));
    let (mut off, mut back): (BTreeMap<Item, i64>, BTreeMap<Item, i64>) = (BTreeMap::new(), BTreeMap::new());
    let mut given = 0_i64;
    for (number, part) in fact.to.iter().enumerate() {
        let here = |refusal: Refusal| refusal.at(format!("to.{number}.minor"));
        if part.minor <= 0 {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "amount-not-positive");
            return Err(here(refusal.with("amount", told(part.minor, lines.currency))));
        }
        given = given.checked_add(part.minor).ok_or_else(out_of_range)?;
        let item = Item { invoice: fact.invoice, payer: part.payer };
        let so_far = if part.to == CreditToWhere::OpenBalance { &mut off } else { &mut back };
        let so_far = so_far.entry(item).or_default();
        *so_far = so_far.checked_add(part.minor).ok_or_else(out_of_range)?;
        if part.to == CreditToWhere::OpenBalance {
            within_open(Money::new(*so_far, lines.currency), at.open(item)).map_err(here)?;
            let about = About { by: Some(note), how: How::Reduced, ..About::document(invoice) };
            lines.credit(Account::Receivable(part.payer), part.minor, about)?;
            continue;
        }
        let over = Refusal::new(RefusalCode::OutOfRange, "credit-over-paid");
        within(Money::new(*so_far, lines.currency), at.paid(item)?, over).map_err(here)?;
        lines.credit(Account::Prepaid(part.payer), part.minor, About { by: Some(invoice), ..About::document(note) })?;
        if let CreditToWhere::Refund(cash) = part.to {
            lines.debit(Account::Prepaid(part.payer), part.minor, About::document(note));
            lines.credit(Account::Cash(cash), part.minor, About { by: Some(note), ..About::document(note) })?;
        }
    }
    if given == total {
        return Ok(());
    }
    let refusal = Refusal::new(RefusalCode::Invalid, "credit-not-total").at("to");
    let refusal = refusal.with("total", told(total, lines.currency)).with("given", told(given, lines.currency));
    Err(refusal.with("currency", lines.currency.code()))
}
