//! Invoices: issued and withdrawn.

use std::collections::BTreeMap;

use voxpark_domain::{Refusal, RefusalCode};

use super::earning::{Corrections, carry, catch_up, earn};
use super::{Lines, told};
use crate::ledger::position::same;
use crate::ledger::{
    About, Account, Document, Earned, InvoiceIssued, InvoiceVoided, Kind, Positions, Posting, PostingKey, Schedule,
    SoldLine, Stream, TaxAbout, Text,
};
use crate::pricing::out_of_range;

fn sum(amounts: impl IntoIterator<Item = i64>) -> Result<i64, Refusal> {
    amounts.into_iter().try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)
}

/// The payers owe; what is sold is still to be earned, its tax is owed to the state. Waivers and discounts stand against what
/// is to be earned, and become contra revenue by the same days.
pub(super) fn issued(key: PostingKey, fact: &InvoiceIssued, at: &Positions) -> Result<Vec<Posting>, Refusal> {
    let document = Document::Invoice(fact.invoice);
    let total = sum(fact.lines.iter().flat_map(|line| [line.net, line.tax]))?;
    let owed = sum(fact.shares.iter().map(|share| share.minor))?;
    if fact.shares.iter().any(|share| share.minor < 0) || total < 0 {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "invoice-total-negative").at("shares");
        return Err(refusal.with("total", told(total, fact.currency)).with("currency", fact.currency.code()));
    }
    if total != owed {
        let refusal = Refusal::new(RefusalCode::Invalid, "shares-not-total").at("shares");
        let refusal = refusal.with("total", told(total, fact.currency)).with("shares", told(owed, fact.currency));
        return Err(refusal.with("currency", fact.currency.code()));
    }
    let mut lines = Lines::of(fact.currency);
    for share in &fact.shares {
        let about = About { lease: fact.lease, due_on: Some(fact.due_on), ..About::document(document) };
        lines.debit(Account::Receivable(share.payer), share.minor, about);
    }
    // Several lines may belong to one term.
    let mut carried: BTreeMap<Stream, i64> = BTreeMap::new();
    for (number, sold) in (0_u32..).zip(&fact.lines) {
        let tax = Some(TaxAbout { rate: sold.rate, point: fact.tax_point });
        let about = About { line: Some(number), lease: fact.lease, tax, ..About::document(document) };
        let (stream, about) = stream_of(fact, number, sold, about)?;
        if let Some(Ok(currency)) = stream.map(|stream| at.stream_currency(stream)) {
            same(currency, fact.currency)?;
        }
        match stream {
            None => lines.credit(Account::Earned(sold.income), sold.net, about)?,
            Some(stream) => {
                let before = carried.entry(stream).or_insert_with(|| at.carried(stream));
                carry(&mut lines, (stream, sold.income), *before, sold.net, about)?;
                *before = before.checked_add(sold.net).ok_or_else(out_of_range)?;
            }
        }
        lines.credit(Account::TaxPayable(sold.rate), sold.tax, about)?;
    }
    let text = Text::of("ledger-invoice-issued").with("document", document.to_string());
    lines.post_any(key, Kind::Invoicing, fact.day, text)
}

/// By what a line is earned.
fn stream_of(
    fact: &InvoiceIssued,
    number: u32,
    sold: &SoldLine,
    about: About,
) -> Result<(Option<Stream>, About), Refusal> {
    Ok(match sold.earned {
        Earned::AtOnce => (None, about),
        Earned::ByDay(service) => {
            if service.days().is_none_or(|days| days < 1) {
                return Err(Refusal::new(RefusalCode::Invalid, "period-open").at(format!("lines.{number}.service")));
            }
            let stream = Some(Stream::Line { invoice: fact.invoice, line: number });
            (stream, About { service: Some(service), stream, ..about })
        }
    })
}

/// Everything the invoice booked, the other way round, and whatever was earned of it.
pub(super) fn voided(key: PostingKey, fact: &InvoiceVoided, at: &Positions) -> Result<Vec<Posting>, Refusal> {
    let document = Document::Invoice(fact.invoice);
    let currency = at.currency(document)?;
    let mut lines = Lines::of(currency);
    let mut corrections = Corrections::of(key.clone(), currency);
    let about = About { by: Some(document), ..About::document(document) };
    let mut owed = 0_i64;
    for (item, open) in at.payers(fact.invoice) {
        if !at.untouched(item) {
            let refusal = Refusal::new(RefusalCode::State, "invoice-settled").at("invoice");
            return Err(refusal.with("document", fact.invoice.to_string()));
        }
        lines.credit(Account::Receivable(item.payer), open, about)?;
        owed = owed.checked_add(open).ok_or_else(out_of_range)?;
    }
    let mut carried: BTreeMap<Stream, i64> = BTreeMap::new();
    for (line, sold) in at.sold(fact.invoice) {
        let (net, tax) = at.left(fact.invoice, line);
        let how = TaxAbout { rate: sold.rate, point: fact.day };
        let service = sold.service;
        let about = About { line: Some(line), lease: sold.lease, service, tax: Some(how), ..about };
        lines.debit(Account::TaxPayable(sold.rate), tax, About { stream: sold.stream, ..about });
        let Some(stream) = sold.stream else {
            lines.debit(Account::Earned(sold.income), net, about);
            continue;
        };
        let (of, less) = ((stream, sold.income), net.checked_neg().ok_or_else(out_of_range)?);
        let before = carried.entry(stream).or_insert_with(|| at.carried(stream));
        carry(&mut lines, of, *before, less, about)?;
        *before = before.checked_add(less).ok_or_else(out_of_range)?;
        let about = About { tax: None, ..about };
        for (place, part) in catch_up(at, stream, &Schedule::default(), fact.day)?.into_iter().enumerate() {
            if place == 0 {
                earn(&mut lines, of, *before, part.1, About { earned_until: Some(part.0), ..about })?;
            } else {
                corrections.earn(of, *before, part, about)?;
            }
            *before = before.checked_sub(part.1).ok_or_else(out_of_range)?;
        }
    }
    let text = Text::of("ledger-invoice-voided").with("document", document.to_string());
    let mut postings = lines.post_any(key, Kind::Invoicing, fact.day, text)?;
    postings.extend(corrections.post()?);
    Ok(postings)
}
