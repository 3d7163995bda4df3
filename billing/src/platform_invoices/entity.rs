//! Terms and invoices of the operator.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::ids::{ParkId, PlatformInvoiceId, PlatformPaymentId};
use voxpark_domain::money::{Currency, Money, TaxRate};
use voxpark_domain::time::Month;
use voxpark_domain::{Error, Refusal, Result};

use crate::invoicing::{
    DueState, InvoiceNumber, PaymentTerms, Standing, TaxMode, TaxRule, Taxation, Voided, tally, taxed,
};
use crate::parties::{Party, canonical};
use crate::pricing::{Explanation, PriceBook};

/// The form of what is hashed, named in it: another form is another number.
const FORM: i64 = 1;

/// What the operator charges a park by, from a month on. A later version replaces the earlier ones from its first month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformTerms {
    /// From 1, a park.
    pub version: u32,
    /// The first month.
    pub from: Month,
    /// The prices.
    pub book: PriceBook,
    /// The file they come from.
    pub text: String,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Value added tax on every line.
    pub tax: TaxRate,
    /// Time to pay.
    pub payment: PaymentTerms,
    /// When they were recorded.
    pub recorded_at: DateTime<Utc>,
}

/// The terms that govern a month; `None` before the first.
pub fn governing(terms: &[PlatformTerms], month: Month) -> Option<&PlatformTerms> {
    terms.iter().filter(|terms| terms.from <= month).max_by_key(|terms| terms.version)
}

/// A month as text: `2026-11`.
mod named {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use voxpark_domain::time::Month;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
    pub(super) fn serialize<S: Serializer>(month: &Month, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(month)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Month, D::Error> {
        Month::parse(&String::deserialize(deserializer)?).map_err(|_| de::Error::custom("no month"))
    }
}

/// Days on which the same number of seats of a product was leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// With what the seats are leased.
    pub product: SeatProduct,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: NaiveDate,
    /// Seats; more than 0. A seat that is leased twice on a day, for a shift each, is one.
    pub seats: i64,
}

impl Counted {
    /// Seats times days.
    pub fn seat_days(&self) -> i64 {
        self.seats.saturating_mul((self.to - self.from).num_days())
    }
}

/// What was counted of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthCount {
    /// The month.
    #[serde(with = "named")]
    pub month: Month,
    /// By product and day; nothing where no seat was leased.
    pub counted: Vec<Counted>,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformLineKind {
    /// The month of the invoice at a price.
    Charge,
    /// A month that was billed before and comes to something else by what was recorded since.
    Correction,
    /// What an earlier invoice that came to less than nothing left.
    CarriedIn,
    /// What this one leaves, because it would come to less than nothing.
    CarriedOut,
}

impl PlatformLineKind {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Correction => "correction",
            Self::CarriedIn => "carried_in",
            Self::CarriedOut => "carried_out",
        }
    }
}

/// A line of a platform invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformLine {
    /// What it is for.
    pub kind: PlatformLineKind,
    /// The month that it charges or corrects; of what is carried, that of the invoice that leaves it.
    #[serde(with = "named")]
    pub month: Month,
    /// Seats times days that were charged; of a correction the difference.
    pub seat_days: i64,
    /// Before tax, minor units, rounded once.
    pub net_minor: i64,
    /// Tax on it, hundredths of a percent in what is stored.
    pub tax: TaxRate,
    /// Why it has this amount; `None` of what is carried.
    pub why: Option<Explanation>,
    /// Number of the invoice that it corrects, or that left what is carried in.
    pub invoice: Option<String>,
}

/// What a platform invoice says, and what was counted for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformBody {
    /// In order: the month, corrections by month, what is carried.
    pub lines: Vec<PlatformLine>,
    /// Its own month and every month that it brings up to what was known when it was drawn up.
    pub counts: Vec<MonthCount>,
}

impl PlatformBody {
    /// The lines taxed: the tax of a rate rounded once and put on its lines.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn taxed(&self) -> Result<Taxation, Refusal> {
        let amounts: Vec<_> = self.lines.iter().map(|line| (line.tax, line.net_minor)).collect();
        taxed(&amounts, TaxRule { mode: TaxMode::Exclusive, ..TaxRule::default() })
    }
    /// What was counted of a month, if it says so.
    pub fn counted(&self, month: Month) -> Option<&[Counted]> {
        self.counts.iter().find(|count| count.month == month).map(|count| count.counted.as_slice())
    }
}

/// A month's bill of the operator to a park: numbered once over all parks, never edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformInvoice {
    /// The invoice.
    pub id: PlatformInvoiceId,
    /// Who owes.
    pub park: ParkId,
    /// Its number.
    pub number: InvoiceNumber,
    /// The month it bills.
    pub month: Month,
    /// The version of the terms that governs that month.
    pub terms: u32,
    /// Of every amount.
    pub currency: Currency,
    /// Before tax, minor units.
    pub net_minor: i64,
    /// Tax, minor units.
    pub tax_minor: i64,
    /// Net and tax, minor units; never less than nothing.
    pub total_minor: i64,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The last day to pay in time.
    pub due_on: NaiveDate,
    /// What was recorded later was not known when seats were counted.
    pub known_at: DateTime<Utc>,
    /// What it says.
    pub body: PlatformBody,
    /// The same to the letter: what is known of lines later changes nothing about what was kept.
    pub kept: Value,
    /// The operator, as it was called then.
    pub seller: Party,
    /// The park, as it was called then.
    pub buyer: Party,
    /// SHA-256 of everything that it says.
    pub sha256: Vec<u8>,
    /// Sum of its payments, minor units.
    pub paid_minor: i64,
    /// When and why it was withdrawn, if it was.
    pub voided: Option<Voided>,
}

impl PlatformInvoice {
    /// An amount in its currency.
    pub const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
    /// Whether it was not withdrawn.
    pub const fn in_force(&self) -> bool {
        self.voided.is_none()
    }
    /// What was paid and what is owed on a day of the park; nothing is owed on one that was withdrawn.
    ///
    /// # Errors
    /// `payment-over-balance` when more was recorded as paid than it comes to; `amount-out-of-range`.
    pub fn standing(&self, today: NaiveDate) -> Result<Standing> {
        let owed = if self.in_force() { self.total_minor } else { 0 };
        Ok(tally(self.money(owed), self.due_on, self.paid_minor, today)?)
    }
    /// Where it stands on a day of the park.
    ///
    /// # Errors
    /// Those of [`standing`](Self::standing).
    pub fn due_state(&self, today: NaiveDate) -> Result<DueState> {
        if self.in_force() { self.standing(today).map(DueState::from) } else { Ok(DueState::Void) }
    }
    /// Seat-days of its own month by product, products in order; those without are missing.
    pub fn seat_days(&self) -> BTreeMap<SeatProduct, i64> {
        let mut sums = BTreeMap::new();
        for counted in self.body.counted(self.month).unwrap_or_default() {
            let sum: &mut i64 = sums.entry(counted.product).or_default();
            *sum = sum.saturating_add(counted.seat_days());
        }
        sums
    }
    /// The hash of what is stored: JSON without blanks, keys in order (RFC 8785; every number is whole). What came later
    /// (payments, withdrawal) is no part of it.
    ///
    /// # Errors
    /// None that a stored invoice can cause.
    pub fn hash(&self) -> Result<Vec<u8>> {
        let content = json!({
            "form": FORM,
            "invoice": self.id.to_string(),
            "number": self.number.to_string(),
            "park": self.park.to_string(),
            "month": self.month.to_string(),
            "terms": self.terms,
            "issuedAtMicros": self.issued_at.timestamp_micros(),
            "knownAtMicros": self.known_at.timestamp_micros(),
            "dueOn": self.due_on.to_string(),
            "currency": self.currency.code(),
            "netMinor": self.net_minor,
            "taxMinor": self.tax_minor,
            "totalMinor": self.total_minor,
            "said": self.kept,
            "seller": serde_json::to_value(&self.seller).map_err(Error::internal)?,
            "buyer": serde_json::to_value(&self.buyer).map_err(Error::internal)?,
        });
        Ok(Sha256::digest(canonical(&content).as_bytes()).to_vec())
    }
    /// Whether what is stored still comes to the hash that was fixed when it was issued.
    ///
    /// # Errors
    /// Those of [`hash`](Self::hash).
    pub fn intact(&self) -> Result<bool> {
        Ok(self.hash()? == self.sha256)
    }
}

/// A payment of a platform invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformPayment {
    /// The payment.
    pub id: PlatformPaymentId,
    /// What it pays.
    pub invoice: PlatformInvoiceId,
    /// How much, minor units above 0.
    pub amount_minor: i64,
    /// The civil day the money came.
    pub paid_on: NaiveDate,
    /// The bank's reference; may be empty.
    pub reference: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}
