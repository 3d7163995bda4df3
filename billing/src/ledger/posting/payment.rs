//! Money in and out, what it is applied to, and debts that are given up.

use voxpark_domain::money::Money;
use voxpark_domain::{Refusal, RefusalCode};

use super::{Lines, told, within, within_credit, within_open};
use crate::ledger::position::positive;
use crate::ledger::{
    About, Account, Applied, Document, How, Item, Kind, LetGo, Moved, PaymentBounced, PaymentReceived, Positions,
    Posting, PostingKey, Recovered, RefundFrom, Refunded, RoundedOff, Text, Unapplied, WrittenOff,
};
use crate::pricing::out_of_range;

const KIND: Kind = Kind::Collecting;

/// About what is owed, paid by something.
fn paid_by(item: Item, source: Document) -> About {
    About { by: Some(source), ..About::document(Document::Invoice(item.invoice)) }
}

/// Money is the payer's credit until it is applied.
pub(super) fn received(key: PostingKey, fact: &PaymentReceived) -> Result<Posting, Refusal> {
    positive(fact.amount)?;
    let document = Document::Payment(fact.payment);
    let mut lines = Lines::of(fact.amount.currency);
    lines.debit(Account::Cash(fact.cash), fact.amount.minor, About::document(document));
    lines.credit(Account::Prepaid(fact.payer), fact.amount.minor, About::document(document))?;
    lines.post(key, KIND, fact.day, Text::of("ledger-payment-received").with("document", document.to_string()))
}

/// Credit pays what is owed: never more than either.
pub(super) fn applied(key: PostingKey, fact: &Applied, at: &Positions) -> Result<Posting, Refusal> {
    let (minor, invoice) = (fact.amount.minor, Document::Invoice(fact.item.invoice));
    at.fits(invoice, fact.amount)?;
    at.fits(fact.source, fact.amount)?;
    within_credit(fact.amount, at.prepaid(fact.payer, fact.source))?;
    within_open(fact.amount, at.open(fact.item))?;
    let mut lines = Lines::of(fact.amount.currency);
    lines.debit(Account::Prepaid(fact.payer), minor, About::document(fact.source));
    lines.credit(Account::Receivable(fact.item.payer), minor, paid_by(fact.item, fact.source))?;
    let text = Text::of("ledger-applied").with("document", invoice.to_string()).with("source", fact.source.to_string());
    lines.post(key, KIND, fact.day, text)
}

/// What paid one invoice pays another one.
pub(super) fn moved(key: PostingKey, fact: &Moved, at: &Positions) -> Result<Posting, Refusal> {
    let minor = fact.amount.minor;
    at.fits(Document::Invoice(fact.from.invoice), fact.amount)?;
    at.fits(Document::Invoice(fact.to.invoice), fact.amount)?;
    within_applied(fact.amount, at.applied(fact.source, fact.from))?;
    let open = if fact.to == fact.from { 0 } else { at.open(fact.to) };
    within_open(fact.amount, open)?;
    let mut lines = Lines::of(fact.amount.currency);
    lines.debit(Account::Receivable(fact.from.payer), minor, paid_by(fact.from, fact.source));
    lines.credit(Account::Receivable(fact.to.payer), minor, paid_by(fact.to, fact.source))?;
    let text = Text::of("ledger-moved").with("from", fact.from.invoice.to_string());
    lines.post(key, KIND, fact.day, text.with("to", fact.to.invoice.to_string()))
}

/// What was applied is credit again.
pub(super) fn unapplied(key: PostingKey, fact: &Unapplied, at: &Positions) -> Result<Posting, Refusal> {
    let (minor, invoice) = (fact.amount.minor, Document::Invoice(fact.item.invoice));
    at.fits(invoice, fact.amount)?;
    within_applied(fact.amount, at.applied(fact.source, fact.item))?;
    let mut lines = Lines::of(fact.amount.currency);
    lines.debit(Account::Receivable(fact.item.payer), minor, paid_by(fact.item, fact.source));
    lines.credit(Account::Prepaid(fact.payer), minor, About::document(fact.source))?;
    let text =
        Text::of("ledger-unapplied").with("document", invoice.to_string()).with("source", fact.source.to_string());
    lines.post(key, KIND, fact.day, text)
}

fn within_applied(wanted: Money, applied: i64) -> Result<(), Refusal> {
    within(wanted, applied, Refusal::new(RefusalCode::OutOfRange, "applied-exceeded"))
}

/// Money goes back: the payer's credit, or what was applied, which is then owed again.
pub(super) fn refunded(key: PostingKey, fact: &Refunded, at: &Positions) -> Result<Posting, Refusal> {
    let minor = fact.amount.minor;
    at.fits(fact.source, fact.amount)?;
    let mut lines = Lines::of(fact.amount.currency);
    match fact.from {
        RefundFrom::Credit(payer) => {
            within_credit(fact.amount, at.prepaid(payer, fact.source))?;
            lines.debit(Account::Prepaid(payer), minor, About::document(fact.source));
        }
        RefundFrom::Applied(item) => {
            within_applied(fact.amount, at.applied(fact.source, item))?;
            lines.debit(Account::Receivable(item.payer), minor, paid_by(item, fact.source));
        }
    }
    let about = About { by: Some(fact.source), ..About::document(fact.source) };
    lines.credit(Account::Cash(fact.cash), minor, about)?;
    lines.post(key, KIND, fact.day, Text::of("ledger-refunded").with("document", fact.source.to_string()))
}

/// The whole payment goes, wherever it went: what it was applied to is owed again.
pub(super) fn bounced(key: PostingKey, fact: &PaymentBounced, at: &Positions) -> Result<Posting, Refusal> {
    let source = Document::Payment(fact.payment);
    let mut lines = Lines::of(at.currency(source)?);
    let mut found = 0_i64;
    for (item, minor) in at.applications(source) {
        lines.debit(Account::Receivable(item.payer), minor, paid_by(item, source));
        found = found.checked_add(minor).ok_or_else(out_of_range)?;
    }
    for (payer, minor) in at.credit_of(source) {
        lines.debit(Account::Prepaid(payer), minor, About::document(source));
        found = found.checked_add(minor).ok_or_else(out_of_range)?;
    }
    let (received, cash) = at.received(source);
    if found != received || received == 0 {
        let refusal = Refusal::new(RefusalCode::State, "payment-used").at("payment");
        let currency = at.currency(source)?;
        let refusal = refusal.with("amount", told(received, currency)).with("left", told(found, currency));
        return Err(refusal.with("currency", currency.code()));
    }
    let about = About { by: Some(source), ..About::document(source) };
    lines.credit(Account::Cash(cash), found, about)?;
    lines.post(key, KIND, fact.day, Text::of("ledger-payment-bounced").with("document", source.to_string()))
}

/// A debt is a loss.
pub(super) fn written_off(key: PostingKey, fact: &WrittenOff, at: &Positions) -> Result<Posting, Refusal> {
    let document = Document::Invoice(fact.item.invoice);
    at.fits(document, fact.amount)?;
    within_open(fact.amount, at.open(fact.item))?;
    let about = About { how: How::GivenUp, ..About::document(document) };
    let mut lines = Lines::of(fact.amount.currency);
    lines.debit(Account::BadDebt, fact.amount.minor, about);
    lines.credit(Account::Receivable(fact.item.payer), fact.amount.minor, about)?;
    lines.post(key, Kind::Adjusting, fact.day, Text::of("ledger-written-off").with("document", document.to_string()))
}

/// The debt is there once more, as a gain; the payment is then applied to it like any other.
pub(super) fn recovered(key: PostingKey, fact: &Recovered, at: &Positions) -> Result<Posting, Refusal> {
    let document = Document::Invoice(fact.item.invoice);
    at.fits(document, fact.amount)?;
    let over = Refusal::new(RefusalCode::OutOfRange, "written-off-exceeded");
    within(fact.amount, at.given_up(fact.item), over)?;
    let about = About { how: How::GivenUp, ..About::document(document) };
    let mut lines = Lines::of(fact.amount.currency);
    lines.debit(Account::Receivable(fact.item.payer), fact.amount.minor, about);
    lines.credit(Account::BadDebtRecovered, fact.amount.minor, about)?;
    lines.post(key, Kind::Adjusting, fact.day, Text::of("ledger-recovered").with("document", document.to_string()))
}

/// What is too small to pursue, up to what the park lets go.
pub(super) fn rounded_off(key: PostingKey, fact: &RoundedOff, at: &Positions) -> Result<Posting, Refusal> {
    let minor = fact.amount.minor;
    let document = match fact.what {
        LetGo::Open(item) => Document::Invoice(item.invoice),
        LetGo::Credit(_, source) => source,
    };
    at.fits(document, fact.amount)?;
    within(fact.amount, fact.most, Refusal::new(RefusalCode::OutOfRange, "rounding-exceeded"))?;
    let about = About { how: How::Reduced, ..About::document(document) };
    let mut lines = Lines::of(fact.amount.currency);
    match fact.what {
        LetGo::Open(item) => {
            within_open(fact.amount, at.open(item))?;
            lines.debit(Account::Rounding, minor, about);
            lines.credit(Account::Receivable(item.payer), minor, about)?;
        }
        LetGo::Credit(payer, source) => {
            within_credit(fact.amount, at.prepaid(payer, source))?;
            lines.debit(Account::Prepaid(payer), minor, about);
            lines.credit(Account::Rounding, minor, about)?;
        }
    }
    lines.post(key, Kind::Adjusting, fact.day, Text::of("ledger-rounded-off").with("document", document.to_string()))
}
