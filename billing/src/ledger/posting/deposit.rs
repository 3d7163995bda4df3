//! Deposits: a debt of the park from the day they come, revenue and tax only when they are lost.

use voxpark_domain::money::{Money, TaxRate};
use voxpark_domain::{Refusal, RefusalCode};

use super::{Lines, within, within_credit, within_open};
use crate::ledger::position::{positive, same};
use crate::ledger::{
    About, Account, DepositForfeited, DepositId, DepositReceived, DepositReturned, DepositSetOff, Document, Funds,
    Income, Kind, Positions, Posting, PostingKey, RevenueKind, TaxAbout, Text,
};

fn within_held(wanted: Money, held: i64) -> Result<(), Refusal> {
    within(wanted, held, Refusal::new(RefusalCode::OutOfRange, "deposit-exceeded"))
}

fn text(rule: &'static str, deposit: DepositId) -> Text {
    Text::of(rule).with("document", deposit.to_string())
}

/// Money, or credit, is held for its payer.
pub(super) fn received(key: PostingKey, fact: &DepositReceived, at: &Positions) -> Result<Posting, Refusal> {
    positive(fact.amount)?;
    let document = Document::Deposit(fact.deposit);
    if let Ok(held) = at.deposit(fact.deposit) {
        same(at.currency(document)?, fact.amount.currency)?;
        if held.payer != fact.payer {
            return Err(Refusal::new(RefusalCode::Invalid, "deposit-payer").at("payer"));
        }
    }
    let about = About { lease: fact.lease, ..About::document(document) };
    let mut lines = Lines::of(fact.amount.currency);
    match fact.from {
        Funds::Cash(cash) => lines.debit(Account::Cash(cash), fact.amount.minor, about),
        Funds::Credit(source) => {
            at.fits(source, fact.amount)?;
            within_credit(fact.amount, at.prepaid(fact.payer, source))?;
            lines.debit(Account::Prepaid(fact.payer), fact.amount.minor, About::document(source));
        }
    }
    lines.credit(Account::DepositHeld(fact.payer), fact.amount.minor, about)?;
    lines.post(key, Kind::Deposits, fact.day, text("ledger-deposit-received", fact.deposit))
}

/// It pays what its own payer owes.
pub(super) fn set_off(key: PostingKey, fact: &DepositSetOff, at: &Positions) -> Result<Posting, Refusal> {
    let (document, held) = (Document::Deposit(fact.deposit), at.deposit(fact.deposit)?);
    at.fits(document, fact.amount)?;
    at.fits(Document::Invoice(fact.item.invoice), fact.amount)?;
    if held.payer != fact.item.payer {
        return Err(Refusal::new(RefusalCode::Invalid, "deposit-payer").at("item"));
    }
    within_held(fact.amount, held.minor)?;
    within_open(fact.amount, at.open(fact.item))?;
    let mut lines = Lines::of(fact.amount.currency);
    let about = About { lease: held.lease, ..About::document(document) };
    lines.debit(Account::DepositHeld(held.payer), fact.amount.minor, about);
    let about = About { by: Some(document), ..About::document(Document::Invoice(fact.item.invoice)) };
    lines.credit(Account::Receivable(fact.item.payer), fact.amount.minor, about)?;
    lines.post(key, Kind::Deposits, fact.day, text("ledger-deposit-set-off", fact.deposit))
}

/// It goes back to its payer.
pub(super) fn returned(key: PostingKey, fact: &DepositReturned, at: &Positions) -> Result<Posting, Refusal> {
    let (document, held) = (Document::Deposit(fact.deposit), at.deposit(fact.deposit)?);
    at.fits(document, fact.amount)?;
    within_held(fact.amount, held.minor)?;
    let about = About { lease: held.lease, ..About::document(document) };
    let mut lines = Lines::of(fact.amount.currency);
    lines.debit(Account::DepositHeld(held.payer), fact.amount.minor, about);
    lines.credit(Account::Cash(fact.cash), fact.amount.minor, about)?;
    lines.post(key, Kind::Deposits, fact.day, text("ledger-deposit-returned", fact.deposit))
}

/// It is the park's.
pub(super) fn forfeited(key: PostingKey, fact: &DepositForfeited, at: &Positions) -> Result<Posting, Refusal> {
    let (document, held) = (Document::Deposit(fact.deposit), at.deposit(fact.deposit)?);
    at.fits(document, fact.amount)?;
    within_held(fact.amount, held.minor)?;
    if fact.tax < 0 || fact.tax >= fact.amount.minor {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "tax-exceeded").at("tax");
        let tax = Money { minor: fact.tax, ..fact.amount };
        return Err(refusal.with("tax", tax.major()).with("amount", fact.amount.major()));
    }
    let about = About { lease: held.lease, ..About::document(document) };
    let tax = (fact.rate != TaxRate::ZERO).then_some(TaxAbout { rate: fact.rate, point: fact.day });
    let taxed = About { tax, ..about };
    let mut lines = Lines::of(fact.amount.currency);
    lines.debit(Account::DepositHeld(held.payer), fact.amount.minor, about);
    lines.credit(Account::Earned(Income::Revenue(RevenueKind::Forfeit)), fact.amount.minor - fact.tax, taxed)?;
    lines.credit(Account::TaxPayable(fact.rate), fact.tax, taxed)?;
    lines.post(key, Kind::Deposits, fact.day, text("ledger-deposit-forfeited", fact.deposit))
}
