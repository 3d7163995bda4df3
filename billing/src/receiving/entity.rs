//! A payment and what became of it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::ids::{InvoiceId, PaymentActId, PaymentId, TenantId, UserId};
use voxpark_domain::money::Money;

use crate::invoicing::PaymentRecord;

/// What was done with a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PaymentStep {
    /// It pays an invoice.
    Applied,
    /// It pays the invoice no longer and is credit again.
    Unapplied,
    /// Credit was paid back.
    Refunded,
    /// The bank took it back; whatever it paid is owed again.
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

/// Something that was done with a payment. Never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentAct {
    /// The act.
    pub id: PaymentActId,
    /// With which payment.
    pub payment: PaymentId,
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub step: PaymentStep,
    /// Which invoice, of what is applied and applied no longer.
    pub invoice: Option<InvoiceId>,
    /// Minor units of the payment's currency, above 0.
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

/// A payment with everything that was done with it, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The payment.
    pub payment: PaymentRecord,
    /// What became of it, oldest first.
    pub acts: Vec<PaymentAct>,
}

impl Received {
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
        let Money { minor, currency } = self.payment.amount;
        let gone = self.applied().values().fold(0_i64, |sum, minor| sum.saturating_add(*minor));
        let gone = gone.saturating_add(self.refunded_minor()).saturating_add(self.sum(PaymentStep::Bounced));
        Money::new(minor.saturating_sub(gone), currency)
    }
}
