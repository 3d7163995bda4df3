//! Entries: what was booked. They sum to nothing in every currency, have a key of their own, and are never edited.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::error::Arg;
use voxpark_domain::ids::{InvoiceId, LeaseId, PaymentId};
use voxpark_domain::money::{Currency, Money, TaxRate};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Refusal, RefusalCode};

use super::account::named;
use super::calendar::closed;
use super::{Account, Booking, Calendar, CreditNoteId, DepositId, Payer, Stream};
use crate::pricing::out_of_range;

/// What an entry is booked once for: the fact, by its id, and which of its entries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PostingKey(String);

impl PostingKey {
    /// `parts` joined by `/`; each names a kind of fact, an id or a day.
    pub(super) fn of(parts: &[&dyn fmt::Display]) -> Self {
        Self(parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("/"))
    }
    /// The key of a further entry of the same fact.
    pub(super) fn and(&self, part: impl fmt::Display) -> Self {
        Self(format!("{}/{part}", self.0))
    }
    /// A key as it is stored (repositories only).
    pub fn restore(text: &str) -> Self {
        Self(text.to_owned())
    }
    /// The text, at most 120 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PostingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

named! {
    /// What an entry does, as far as the closing of a month cares.
    Kind {
        /// Invoices, credit notes.
        Invoicing = "invoicing",
        /// Money in and out, and what it is applied to.
        Collecting = "collecting",
        /// Revenue as it is earned.
        Recognition = "recognition",
        /// Deposits.
        Deposits = "deposits",
        /// Costs.
        Costs = "costs",
        /// Debts given up, rounding differences.
        Adjusting = "adjusting",
        /// What takes an entry back.
        Reversing = "reversing",
    }
}

/// What has a balance of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// An invoice.
    Invoice(InvoiceId),
    /// A credit note.
    CreditNote(CreditNoteId),
    /// A payment.
    Payment(PaymentId),
    /// A deposit.
    Deposit(DepositId),
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invoice(id) => id.fmt(f),
            Self::CreditNote(id) => id.fmt(f),
            Self::Payment(id) => id.fmt(f),
            Self::Deposit(id) => id.fmt(f),
        }
    }
}

/// What one payer owes on one invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Item {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Who owes.
    pub payer: Payer,
}

/// How something sold is taxed. Stands on what is sold and on its tax, and on nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TaxAbout {
    /// The rate.
    pub rate: TaxRate,
    /// The day that decides rate and return (a Chinese lease paid in advance: the day the prepayment comes, 财税〔2016〕36号
    /// art. 45 (2)); not the day of the service nor of the invoice.
    pub point: NaiveDate,
}

/// How a line moves what is owed on an invoice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum How {
    /// By the invoice itself, or paid by whatever moves it.
    #[default]
    Plain,
    /// Less is owed: by a credit note, or because it is let go.
    Reduced,
    /// The debt is given up, or owed once more after that.
    GivenUp,
}

/// What a line of an entry is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct About {
    /// Whose balance it moves.
    pub document: Option<Document>,
    /// Which line of the invoice, from 0.
    pub line: Option<u32>,
    /// The other document that moves it: a payment, a credit note, a deposit.
    pub by: Option<Document>,
    /// What is earned step by step.
    pub stream: Option<Stream>,
    /// The lease.
    pub lease: Option<LeaseId>,
    /// The days of the service.
    pub service: Option<Period>,
    /// How it is taxed.
    pub tax: Option<TaxAbout>,
    /// The last day to pay in time.
    pub due_on: Option<NaiveDate>,
    /// Until which day (not included) revenue is booked with it.
    pub earned_until: Option<NaiveDate>,
    /// How it moves what is owed.
    pub how: How,
}

impl About {
    /// About a document and nothing else.
    pub(super) fn document(document: Document) -> Self {
        Self { document: Some(document), ..Self::default() }
    }
}

/// A line of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// The account.
    pub account: Account,
    /// Minor units: debit above zero, credit below.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
    /// What it is about.
    pub about: About,
}

impl Line {
    /// A debit.
    pub(super) const fn debit(account: Account, money: Money, about: About) -> Self {
        Self { account, minor: money.minor, currency: money.currency, about }
    }
    /// A credit.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub(super) fn credit(account: Account, money: Money, about: About) -> Result<Self, Refusal> {
        let minor = money.minor.checked_neg().ok_or_else(out_of_range)?;
        Ok(Self { account, minor, currency: money.currency, about })
    }
}

/// What an entry says, as a rule id with arguments; the words are those of the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Rule id.
    pub rule: Cow<'static, str>,
    /// Named arguments.
    pub args: Vec<(Cow<'static, str>, Arg)>,
}

impl Text {
    /// A text without arguments.
    pub(super) const fn of(rule: &'static str) -> Self {
        Self { rule: Cow::Borrowed(rule), args: Vec::new() }
    }
    /// With a named argument.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Arg>) -> Self {
        self.args.push((Cow::Borrowed(name), value.into()));
        self
    }
}

/// What a posting is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingHead {
    /// Booked once.
    pub key: PostingKey,
    /// What it does.
    pub kind: Kind,
    /// The day of the fact.
    pub day: NaiveDate,
    /// What it says.
    pub text: Text,
    /// Which entry it takes back.
    pub reverses: Option<PostingKey>,
}

/// What is to be booked: sound by itself, in no month yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    head: PostingHead,
    lines: Vec<Line>,
}

impl Posting {
    /// A posting of lines.
    ///
    /// # Errors
    /// `entry-empty`; `entry-line-zero`; `entry-not-balanced` with the currency and what is left; `document-two-currencies`.
    pub fn new(head: PostingHead, lines: Vec<Line>) -> Result<Self, Refusal> {
        let told = |refusal: Refusal| refusal.with("key", head.key.as_str());
        if lines.is_empty() {
            return Err(told(Refusal::new(RefusalCode::Required, "entry-empty")));
        }
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        let mut documents: BTreeMap<Document, Currency> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            if line.minor == 0 {
                let refusal = Refusal::new(RefusalCode::Invalid, "entry-line-zero").at(format!("lines.{at}.minor"));
                return Err(told(refusal).with("line", at));
            }
            *sums.entry(line.currency).or_default() += i128::from(line.minor);
            for document in [line.about.document, line.about.by].into_iter().flatten() {
                let first = *documents.entry(document).or_insert(line.currency);
                if first != line.currency {
                    let refusal = Refusal::new(RefusalCode::Invalid, "document-two-currencies")
                        .at(format!("lines.{at}.currency"))
                        .with("document", document.to_string())
                        .with("expected", first.code())
                        .with("found", line.currency.code());
                    return Err(told(refusal));
                }
            }
        }
        if let Some((currency, left)) = sums.iter().find(|(_, sum)| **sum != 0) {
            let refusal = Refusal::new(RefusalCode::Invalid, "entry-not-balanced");
            return Err(told(refusal).with("currency", currency.code()).with("left", left.to_string()));
        }
        Ok(Self { head, lines })
    }
    /// What it is called.
    pub const fn head(&self) -> &PostingHead {
        &self.head
    }
    /// Its lines; at least one, none of them 0.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }
}

/// What the books put on an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// 1, 2, ... without gaps.
    pub number: u64,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// A booked posting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    posting: Posting,
    booking: Booking,
    stamp: Stamp,
}

impl Entry {
    /// Books a posting on a day.
    ///
    /// # Errors
    /// `book-month-closed` when the month of the day takes no more of its kind.
    pub fn book(posting: Posting, booking: Booking, stamp: Stamp, calendar: &Calendar) -> Result<Self, Refusal> {
        let month = Month::of(booking.on);
        if !calendar.admits(posting.head.kind, month) {
            return Err(closed(month));
        }
        Ok(Self { posting, booking, stamp })
    }
    /// An entry as it is stored (repositories only).
    pub const fn restore(posting: Posting, booking: Booking, stamp: Stamp) -> Self {
        Self { posting, booking, stamp }
    }
    /// Its key.
    pub const fn key(&self) -> &PostingKey {
        &self.posting.head.key
    }
    /// What it is called.
    pub const fn head(&self) -> &PostingHead {
        &self.posting.head
    }
    /// Its lines.
    pub fn lines(&self) -> &[Line] {
        &self.posting.lines
    }
    /// The day it is booked on.
    pub const fn on(&self) -> NaiveDate {
        self.booking.on
    }
    /// The month it is about.
    pub const fn about(&self) -> Month {
        self.booking.about
    }
    /// Its number and when it was recorded.
    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }
    /// What takes it back: every line the other way round. Its tax is that of the day: what was declared for an earlier day stays.
    ///
    /// # Errors
    /// `entry-is-reversal`: what was taken back is booked anew, by a new fact; `amount-out-of-range`.
    pub fn mirror(&self, day: NaiveDate) -> Result<Posting, Refusal> {
        let head = self.head();
        if head.reverses.is_some() {
            let refusal = Refusal::new(RefusalCode::State, "entry-is-reversal");
            return Err(refusal.with("key", head.key.as_str()));
        }
        let turned = |line: &Line| {
            let tax = line.about.tax.map(|tax| TaxAbout { point: day, ..tax });
            let minor = line.minor.checked_neg().ok_or_else(out_of_range)?;
            Ok(Line { minor, about: About { tax, ..line.about }, ..*line })
        };
        let lines = self.lines().iter().map(turned).collect::<Result<Vec<_>, Refusal>>()?;
        let text = Text::of("ledger-reversed").with("number", i64::try_from(self.stamp.number).unwrap_or(i64::MAX));
        let key = PostingKey::of(&[&"reversed", &head.key]);
        let reverses = Some(head.key.clone());
        Posting::new(PostingHead { key, kind: Kind::Reversing, day, text, reverses }, lines)
    }
}
