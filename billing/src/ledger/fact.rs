//! The facts that are booked. Amounts are those of the documents; every fact has an id, and the key of its entries comes
//! from it.

use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use voxpark_domain::ids::{InvoiceId, LeaseId, PaymentId};
use voxpark_domain::money::{Currency, Money, TaxRate};
use voxpark_domain::pack::hex;
use voxpark_domain::time::Period;
use voxpark_domain::{Error, Result};

use super::{
    ActId, CashKind, CostCounter, CostPool, CreditNoteId, DepositId, Document, Income, Item, Payer, PostingKey, Stream,
};

/// When what is sold is earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Earned {
    /// With the invoice (late fees, damages).
    AtOnce,
    /// By the day of the service.
    ByDay(Period),
}

/// A line of an invoice, after tax was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SoldLine {
    /// What it is.
    pub income: Income,
    /// Before tax, minor units; below zero for waivers and discounts.
    pub net: i64,
    /// The rate.
    pub rate: TaxRate,
    /// The tax, minor units.
    pub tax: i64,
    /// When it is earned.
    pub earned: Earned,
}

/// What one payer owes of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Who.
    pub payer: Payer,
    /// Minor units, 0 or more.
    pub minor: i64,
}

/// An invoice was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvoiceIssued {
    /// The invoice.
    pub invoice: InvoiceId,
    /// The lease it bills.
    pub lease: Option<LeaseId>,
    /// The day of issue.
    pub day: NaiveDate,
    /// The day that decides about its tax.
    pub tax_point: NaiveDate,
    /// The last day to pay in time.
    pub due_on: NaiveDate,
    /// One currency throughout.
    pub currency: Currency,
    /// Its lines.
    pub lines: Vec<SoldLine>,
    /// Who owes what of it; sums to the lines and their tax.
    pub shares: Vec<Share>,
}

/// An invoice was withdrawn on which nothing had happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct InvoiceVoided {
    /// The invoice.
    pub invoice: InvoiceId,
    /// The day.
    pub day: NaiveDate,
}

/// What a credit note takes back of an invoice line (amounts by `invoicing::credit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CreditLine {
    /// The line, from 0.
    pub line: u32,
    /// Before tax; on the side of the line, so above zero for revenue.
    pub net: i64,
    /// The tax.
    pub tax: i64,
    /// The days it is about (those that were not used); `None` = all those of the line.
    pub service: Option<Period>,
}

/// Where a part of a credit note goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditToWhere {
    /// Off what is still owed.
    OpenBalance,
    /// To the credit of the payer.
    Balance,
    /// Paid back at once.
    Refund(CashKind),
}

/// A part of a credit note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CreditTo {
    /// Whose.
    pub payer: Payer,
    /// Minor units, above 0.
    pub minor: i64,
    /// Where it goes.
    pub to: CreditToWhere,
}

/// A credit note was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CreditNoteIssued {
    /// The note.
    pub note: CreditNoteId,
    /// The invoice it corrects.
    pub invoice: InvoiceId,
    /// The day of issue.
    pub day: NaiveDate,
    /// The day that decides about its tax.
    pub tax_point: NaiveDate,
    /// What it takes back.
    pub lines: Vec<CreditLine>,
    /// Where its total goes.
    pub to: Vec<CreditTo>,
}

/// Money came. It is applied to nothing yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentReceived {
    /// The payment.
    pub payment: PaymentId,
    /// Who paid.
    pub payer: Payer,
    /// How much; above 0.
    pub amount: Money,
    /// Where it lies.
    pub cash: CashKind,
    /// The day it came.
    pub day: NaiveDate,
}

/// Credit of a payer was applied to what somebody owes on an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// This application.
    pub act: ActId,
    /// Whose credit.
    pub payer: Payer,
    /// Where the credit comes from: a payment or a credit note.
    pub source: Document,
    /// What is paid with it.
    pub item: Item,
    /// How much; above 0.
    pub amount: Money,
    /// The day.
    pub day: NaiveDate,
}

/// What was applied to one invoice is applied to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// This act.
    pub act: ActId,
    /// Where the credit came from.
    pub source: Document,
    /// Owed again.
    pub from: Item,
    /// Paid instead.
    pub to: Item,
    /// How much; above 0.
    pub amount: Money,
    /// The day.
    pub day: NaiveDate,
}

/// Credit that was applied to an invoice is the payer's again; the debt is open once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Unapplied {
    /// This act.
    pub act: ActId,
    /// Whose credit it is again.
    pub payer: Payer,
    /// Where the credit came from: a payment or a credit note.
    pub source: Document,
    /// Owed again.
    pub item: Item,
    /// How much; above 0.
    pub amount: Money,
    /// The day.
    pub day: NaiveDate,
}

/// What is paid back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundFrom {
    /// Credit of the payer.
    Credit(Payer),
    /// What was applied: without a credit note the debt is open again.
    Applied(Item),
}

/// Money went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Refunded {
    /// This act.
    pub act: ActId,
    /// Where the money had come from: a payment or a credit note.
    pub source: Document,
    /// What is paid back.
    pub from: RefundFrom,
    /// How much; above 0.
    pub amount: Money,
    /// From where.
    pub cash: CashKind,
    /// The day.
    pub day: NaiveDate,
}

/// A payment did not last: the bank took it back. Whatever it was applied to is owed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentBounced {
    /// The payment.
    pub payment: PaymentId,
    /// The day.
    pub day: NaiveDate,
}

/// A debt was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WrittenOff {
    /// This act.
    pub act: ActId,
    /// What is owed.
    pub item: Item,
    /// How much of it; above 0.
    pub amount: Money,
    /// The day.
    pub day: NaiveDate,
}

/// A debt that was given up is owed again, because it is being paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// This act.
    pub act: ActId,
    /// What is owed.
    pub item: Item,
    /// How much of it; above 0.
    pub amount: Money,
    /// The day.
    pub day: NaiveDate,
}

/// What is too small to pursue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LetGo {
    /// Still owed.
    Open(Item),
    /// Too much paid.
    Credit(Payer, Document),
}

/// A rounding difference was let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RoundedOff {
    /// This act.
    pub act: ActId,
    /// What.
    pub what: LetGo,
    /// How much; above 0.
    pub amount: Money,
    /// The most that the park lets go, minor units.
    pub most: i64,
    /// The day.
    pub day: NaiveDate,
}

/// From where a deposit is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Funds {
    /// Money that came for it.
    Cash(CashKind),
    /// Credit of the payer.
    Credit(Document),
}

/// A deposit came, or more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DepositReceived {
    /// This act.
    pub act: ActId,
    /// The deposit.
    pub deposit: DepositId,
    /// Who paid it, and to whom alone it goes back.
    pub payer: Payer,
    /// The lease it secures.
    pub lease: Option<LeaseId>,
    /// How much; above 0.
    pub amount: Money,
    /// From where.
    pub from: Funds,
    /// The day.
    pub day: NaiveDate,
}

/// A part of a deposit paid what its payer owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DepositSetOff {
    /// This act.
    pub act: ActId,
    /// The deposit.
    pub deposit: DepositId,
    /// What is paid with it.
    pub item: Item,
    /// How much; above 0.
    pub amount: Money,
    /// The day.
    pub day: NaiveDate,
}

/// A part of a deposit went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DepositReturned {
    /// This act.
    pub act: ActId,
    /// The deposit.
    pub deposit: DepositId,
    /// How much; above 0.
    pub amount: Money,
    /// From where.
    pub cash: CashKind,
    /// The day.
    pub day: NaiveDate,
}

/// A part of a deposit was lost to the park.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DepositForfeited {
    /// This act.
    pub act: ActId,
    /// The deposit.
    pub deposit: DepositId,
    /// How much; above 0, tax included.
    pub amount: Money,
    /// The rate, where the law taxes it; whether it does is for the tax adviser of the park.
    pub rate: TaxRate,
    /// The tax in the amount, minor units; 0 or more.
    pub tax: i64,
    /// The day.
    pub day: NaiveDate,
}

/// Where the other side of a cost stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CostAgainst {
    /// Paid from there.
    Cash(CashKind),
    /// Owed, or spread from there.
    Counter(CostCounter),
}

/// A cost of the park.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CostBooked {
    /// This act.
    pub act: ActId,
    /// What for.
    pub pool: CostPool,
    /// How much; above 0.
    pub amount: Money,
    /// What it is booked against.
    pub against: CostAgainst,
    /// The days it is for.
    pub service: Option<Period>,
    /// The day.
    pub day: NaiveDate,
    /// In somebody's own words: whose bill, which number.
    pub note: String,
}

/// What a lease earns in a month by the straight line of its term, beside what its invoices earn by the day: the difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Levelled {
    /// The lease.
    pub lease: LeaseId,
    /// What is earned.
    pub income: Income,
    /// So much more than by the day; below zero so much less.
    pub amount: Money,
    /// What the lease had earned ahead of its days before, minor units; below zero what it had put off.
    pub ahead: i64,
    /// The day after the last of the month.
    pub until: NaiveDate,
}

/// Revenue is booked until a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Recognised {
    /// Of what.
    pub stream: Stream,
    /// Until which day, that day not included.
    pub until: NaiveDate,
}

/// An entry is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reversed {
    /// Which.
    pub key: PostingKey,
    /// The day.
    pub day: NaiveDate,
}

/// Something that happened and is booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each names the fact that says what it is")]
pub enum Fact {
    InvoiceIssued(InvoiceIssued),
    InvoiceVoided(InvoiceVoided),
    CreditNoteIssued(CreditNoteIssued),
    PaymentReceived(PaymentReceived),
    Applied(Applied),
    Moved(Moved),
    Unapplied(Unapplied),
    Refunded(Refunded),
    PaymentBounced(PaymentBounced),
    WrittenOff(WrittenOff),
    Recovered(Recovered),
    RoundedOff(RoundedOff),
    DepositReceived(DepositReceived),
    DepositSetOff(DepositSetOff),
    DepositReturned(DepositReturned),
    DepositForfeited(DepositForfeited),
    CostBooked(CostBooked),
    Levelled(Levelled),
    Recognised(Recognised),
    Reversed(Reversed),
}

impl Fact {
    /// The key of its (first) entry.
    pub fn key(&self) -> PostingKey {
        let of = PostingKey::of;
        match self {
            Self::InvoiceIssued(fact) => of(&[&fact.invoice, &"issued"]),
            Self::InvoiceVoided(fact) => of(&[&fact.invoice, &"voided"]),
            Self::CreditNoteIssued(fact) => of(&[&fact.note, &"issued"]),
            Self::PaymentReceived(fact) => of(&[&fact.payment, &"received"]),
            Self::Applied(fact) => of(&[&fact.act, &"applied"]),
            Self::Moved(fact) => of(&[&fact.act, &"moved"]),
            Self::Unapplied(fact) => of(&[&fact.act, &"unapplied"]),
            Self::Refunded(fact) => of(&[&fact.act, &"refunded"]),
            Self::PaymentBounced(fact) => of(&[&fact.payment, &"bounced"]),
            Self::WrittenOff(fact) => of(&[&fact.act, &"written-off"]),
            Self::Recovered(fact) => of(&[&fact.act, &"recovered"]),
            Self::RoundedOff(fact) => of(&[&fact.act, &"rounded"]),
            Self::DepositReceived(fact) => of(&[&fact.act, &"deposit-received"]),
            Self::DepositSetOff(fact) => of(&[&fact.act, &"deposit-set-off"]),
            Self::DepositReturned(fact) => of(&[&fact.act, &"deposit-returned"]),
            Self::DepositForfeited(fact) => of(&[&fact.act, &"deposit-forfeited"]),
            Self::CostBooked(fact) => of(&[&fact.act, &"cost"]),
            Self::Levelled(fact) => of(&[&fact.lease, &fact.income.name(), &"levelled", &fact.until]),
            Self::Recognised(fact) => match fact.stream {
                Stream::Line { invoice, line } => of(&[&invoice, &line, &"earned", &fact.until]),
                Stream::Term { lease, income } => of(&[&lease, &income.name(), &"earned", &fact.until]),
            },
            Self::Reversed(fact) => of(&[&"reversed", &fact.key]),
        }
    }
    /// What tells two facts of one key apart: SHA-256 of the fact, as hex.
    ///
    /// # Errors
    /// [`Error::Internal`] when it cannot be written down, which its type excludes.
    pub fn fingerprint(&self) -> Result<String> {
        Ok(hex(&Sha256::digest(serde_json::to_vec(self).map_err(Error::internal)?)))
    }
}
