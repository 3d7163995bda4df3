//! What each fact books: one pure function a fact, from the fact and where everything stands.

mod cost;
mod credit_note;
mod deposit;
mod earning;
mod invoice;
mod payment;

use chrono::NaiveDate;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::{Refusal, RefusalCode};

use super::{About, Account, Entry, Fact, Kind, Line, Positions, Posting, PostingHead, PostingKey, Text};

/// What a fact books: nothing, an entry, or several when it corrects what was earned in other months. `reversed` is the entry
/// that a [`Reversed`](super::Reversed) names.
///
/// # Errors
/// Those of the fact: each says what there is and what was wanted.
pub fn post(fact: &Fact, at: &Positions, reversed: Option<&Entry>) -> Result<Vec<Posting>, Refusal> {
    let key = fact.key();
    let one = |posting: Result<Posting, Refusal>| posting.map(|posting| vec![posting]);
    match fact {
        Fact::InvoiceIssued(fact) => invoice::issued(key, fact, at),
        Fact::InvoiceVoided(fact) => invoice::voided(key, fact, at),
        Fact::CreditNoteIssued(fact) => credit_note::issued(key, fact, at),
        Fact::PaymentReceived(fact) => one(payment::received(key, fact)),
        Fact::Applied(fact) => one(payment::applied(key, fact, at)),
        Fact::Moved(fact) => one(payment::moved(key, fact, at)),
        Fact::Unapplied(fact) => one(payment::unapplied(key, fact, at)),
        Fact::Refunded(fact) => one(payment::refunded(key, fact, at)),
        Fact::PaymentBounced(fact) => one(payment::bounced(key, fact, at)),
        Fact::WrittenOff(fact) => one(payment::written_off(key, fact, at)),
        Fact::Recovered(fact) => one(payment::recovered(key, fact, at)),
        Fact::RoundedOff(fact) => one(payment::rounded_off(key, fact, at)),
        Fact::DepositReceived(fact) => one(deposit::received(key, fact, at)),
        Fact::DepositSetOff(fact) => one(deposit::set_off(key, fact, at)),
        Fact::DepositReturned(fact) => one(deposit::returned(key, fact, at)),
        Fact::DepositForfeited(fact) => one(deposit::forfeited(key, fact, at)),
        Fact::CostBooked(fact) => one(cost::booked(key, fact)),
        Fact::Levelled(fact) => earning::levelled(key, fact),
        Fact::Recognised(fact) => earning::recognised(key, fact, at),
        Fact::Reversed(fact) => {
            let entry = reversed.ok_or_else(|| {
                Refusal::new(RefusalCode::NotFound, "entry-unknown").at("key").with("key", fact.key.as_str())
            })?;
            one(entry.mirror(fact.day))
        }
    }
}

/// Lines of one currency, in the making; nothing is written for 0.
struct Lines {
    currency: Currency,
    lines: Vec<Line>,
}

impl Lines {
    const fn of(currency: Currency) -> Self {
        Self { currency, lines: Vec::new() }
    }
    /// A debit; a credit when below zero.
    fn debit(&mut self, account: Account, minor: i64, about: About) {
        if minor != 0 {
            self.lines.push(Line::debit(account, Money::new(minor, self.currency), about));
        }
    }
    /// A credit; a debit when below zero.
    fn credit(&mut self, account: Account, minor: i64, about: About) -> Result<(), Refusal> {
        if minor != 0 {
            self.lines.push(Line::credit(account, Money::new(minor, self.currency), about)?);
        }
        Ok(())
    }
    /// Into a posting.
    fn post(self, key: PostingKey, kind: Kind, day: NaiveDate, text: Text) -> Result<Posting, Refusal> {
        Posting::new(PostingHead { key, kind, day, text, reverses: None }, self.lines)
    }
    /// Into a posting, or none when there is nothing to book.
    fn post_any(self, key: PostingKey, kind: Kind, day: NaiveDate, text: Text) -> Result<Vec<Posting>, Refusal> {
        if self.lines.is_empty() { Ok(Vec::new()) } else { Ok(vec![self.post(key, kind, day, text)?]) }
    }
}

/// An amount as refusals tell it: major units.
fn told(minor: i64, currency: Currency) -> String {
    Money::new(minor, currency).major()
}

/// No more is wanted than there is.
fn within(wanted: Money, left: i64, refusal: Refusal) -> Result<(), Refusal> {
    if wanted.minor <= left {
        return Ok(());
    }
    let refusal = refusal.at("amount").with("amount", wanted.major()).with("left", told(left, wanted.currency));
    Err(refusal.with("currency", wanted.currency.code()))
}

/// No more than is open on an item.
fn within_open(wanted: Money, open: i64) -> Result<(), Refusal> {
    within(wanted, open, Refusal::new(RefusalCode::OutOfRange, "open-exceeded"))
}

/// No more than the credit of a payer.
fn within_credit(wanted: Money, credit: i64) -> Result<(), Refusal> {
    within(wanted, credit, Refusal::new(RefusalCode::OutOfRange, "prepaid-exceeded"))
}
