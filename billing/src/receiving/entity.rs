//! Credit of a tenant, where it comes from, and what became of it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::ids::{CreditNoteId, InvoiceId, PaymentActId, PaymentId, TenantId, UserId};
use voxpark_domain::money::Money;

use crate::crediting::IssuedNote;
use crate::invoicing::PaymentRecord;
use crate::ledger::Document;

/// Which document a tenant has credit from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// Money that came.
    Payment(PaymentId),
    /// What a credit note left to the payer of what was paid.
    CreditNote(CreditNoteId),
}

impl From<Source> for Document {
    fn from(source: Source) -> Self {
        match source {
            Source::Payment(id) => Self::Payment(id),
            Source::CreditNote(id) => Self::CreditNote(id),
        }
    }
}

/// What gives a tenant credit: a payment, or a credit note as far as it went to credit.
pub trait Origin: Send + Sync {
    /// Which document it is.
    fn source(&self) -> Source;
    /// Whose credit.
    fn tenant(&self) -> TenantId;
    /// How much there was; 0 of a note that left no credit.
    fn amount(&self) -> Money;
    /// The civil day since which it is there.
    fn since(&self) -> NaiveDate;
}

impl<O: Origin> Origin for &O {
    fn source(&self) -> Source {
        (*self).source()
    }
    fn tenant(&self) -> TenantId {
        (*self).tenant()
    }
    fn amount(&self) -> Money {
        (*self).amount()
    }
    fn since(&self) -> NaiveDate {
        (*self).since()
    }
}

impl Origin for PaymentRecord {
    fn source(&self) -> Source {
        Source::Payment(self.id)
    }
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn amount(&self) -> Money {
        self.amount
    }
    fn since(&self) -> NaiveDate {
        self.paid_on
    }
}

impl Origin for IssuedNote {
    fn source(&self) -> Source {
        Source::CreditNote(self.id)
    }
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn amount(&self) -> Money {
        Money::new(self.credit_minor, self.currency)
    }
    fn since(&self) -> NaiveDate {
        self.issued_on
    }
}

/// What was done with credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PaymentStep {
    /// It pays an invoice.
    Applied,
    /// It pays the invoice no longer and is credit again.
    Unapplied,
    /// Credit was paid back.
    Refunded,
    /// The bank took the payment back; whatever it paid is owed again.
    Bounced,
}

impl PaymentStep {
    /// Every step.
    pub const ALL: [Self; 4] = [Self::Applied, Self::Unapplied, Self::Refunded, Self::Bounced];
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unapplied => "unapplied",
            Self::Refunded => "refunded",
            Self::Bounced => "bounced",
        }
    }
    /// The step of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// Something that was done with credit of a payment or a credit note. Never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentAct {
    /// The act.
    pub id: PaymentActId,
    /// With which.
    pub source: Source,
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub step: PaymentStep,
    /// Which invoice, of what is applied and applied no longer.
    pub invoice: Option<InvoiceId>,
    /// Minor units of its currency, above 0.
    pub amount_minor: i64,
    /// The civil day it counts from.
    pub done_on: NaiveDate,
    /// Why, or the reference of what was paid back; may be empty.
    pub note: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: Option<UserId>,
}

/// What gives credit, with everything that was done with it, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit<O> {
    /// What gives it.
    pub of: O,
    /// What became of it, oldest first.
    pub acts: Vec<PaymentAct>,
}

/// A payment with what became of it.
pub type Received = Credit<PaymentRecord>;
/// A credit note with what became of the credit that it left.
pub type Credited = Credit<IssuedNote>;

impl<O: Origin> Credit<O> {
    fn sum(&self, step: PaymentStep) -> i64 {
        let of = self.acts.iter().filter(|act| act.step == step);
        of.fold(0, |sum, act| sum.saturating_add(act.amount_minor))
    }
    /// What it pays of which invoice, minor units above 0.
    pub fn applied(&self) -> BTreeMap<InvoiceId, i64> {
        let mut all: BTreeMap<InvoiceId, i64> = BTreeMap::new();
        for act in &self.acts {
            let Some(invoice) = act.invoice else { continue };
            let sign = if act.step == PaymentStep::Applied { 1 } else { -1 };
            let sum = all.entry(invoice).or_default();
            *sum = sum.saturating_add(sign * act.amount_minor);
        }
        all.retain(|_, minor| *minor > 0);
        all
    }
    /// What was paid back of it, minor units.
    pub fn refunded_minor(&self) -> i64 {
        self.sum(PaymentStep::Refunded)
    }
    /// The day the bank took it back.
    pub fn bounced_on(&self) -> Option<NaiveDate> {
        self.acts.iter().find(|act| act.step == PaymentStep::Bounced).map(|act| act.done_on)
    }
    /// What is left of it to apply or pay back: the payer's credit.
    pub fn credit(&self) -> Money {
        let Money { minor, currency } = self.of.amount();
        let gone = self.applied().values().fold(0_i64, |sum, minor| sum.saturating_add(*minor));
        let gone = gone.saturating_add(self.refunded_minor()).saturating_add(self.sum(PaymentStep::Bounced));
        Money::new(minor.saturating_sub(gone), currency)
    }
}
