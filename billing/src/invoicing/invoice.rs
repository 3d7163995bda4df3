//! The invoice: assembled from rated lines, issued once, never edited.

use chrono::NaiveDate;
use voxpark_domain::ids::{InvoiceId, LeaseId};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Refusal, RefusalCode};

use super::{InvoiceNumber, NetTax, PaymentTerms, TaxGroup, TaxMode, TaxRule, taxed};
use crate::pricing::{Rated, RatedLine};

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceLine {
    /// What it is for, how much, and why.
    pub rated: RatedLine,
    /// Minor units before tax. Equal to the rated amount unless that contains the tax.
    pub net_minor: i64,
    /// Whether the rated amount contains the tax.
    pub tax_included: bool,
}

impl InvoiceLine {
    /// With tax, minor units, of a line whose price contains it.
    pub fn gross_minor(&self) -> Option<i64> {
        self.tax_included.then_some(self.rated.amount_minor)
    }
    /// Why the buyer owes the tax itself, where it does.
    pub fn reverse_charge(&self) -> Option<&str> {
        self.rated.explanation.reverse_charge.as_deref()
    }
}

/// Lines, taxes and totals: what an invoice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceBody {
    /// One currency throughout.
    pub currency: Currency,
    /// How it is taxed.
    pub tax: TaxRule,
    /// In the order they were rated.
    pub lines: Vec<InvoiceLine>,
    /// One a rate, rates ascending.
    pub taxes: Vec<TaxGroup>,
    /// Sum of the lines before tax, minor units.
    pub net_minor: i64,
    /// Sum of the taxes, minor units.
    pub tax_minor: i64,
    /// Net and tax.
    pub total_minor: i64,
}

impl InvoiceBody {
    /// The total as money.
    pub const fn total(&self) -> Money {
        Money::new(self.total_minor, self.currency)
    }
}

/// Lines into taxes and totals.
///
/// # Errors
/// `invoice-empty-month` (no seat was held on any day), `currency-mismatch`, `amount-out-of-range`.
pub fn assemble(rated: Rated, tax: TaxRule) -> Result<InvoiceBody, Refusal> {
    let Rated { period, lines: rated, .. } = rated;
    let Some(currency) = rated.first().map(|line| line.unit.currency) else {
        let month = Month::of(period.from).to_string();
        return Err(Refusal::new(RefusalCode::State, "invoice-empty-month").with("month", month));
    };
    if let Some(other) = rated.iter().find(|line| line.unit.currency != currency) {
        return Err(Refusal::new(RefusalCode::Invalid, "currency-mismatch")
            .with("expected", currency.code())
            .with("found", other.unit.currency.code()));
    }
    let amounts: Vec<_> = rated.iter().map(|line| (line.vat, line.amount_minor)).collect();
    let taxation = taxed(&amounts, tax)?;
    let tax_included = tax.mode == TaxMode::Inclusive;
    let (net_minor, tax_minor, total_minor) = (taxation.net()?, taxation.tax()?, taxation.total()?);
    let line = |(rated, tax): (RatedLine, &NetTax)| InvoiceLine { rated, net_minor: tax.net_minor, tax_included };
    let lines = rated.into_iter().zip(&taxation.lines).map(line).collect();
    Ok(InvoiceBody { currency, tax, lines, taxes: taxation.groups, net_minor, tax_minor, total_minor })
}

/// Which invoice it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvoiceHead {
    /// The invoice.
    pub id: InvoiceId,
    /// The lease it bills.
    pub lease: LeaseId,
    /// The period it bills, closed.
    pub period: Period,
}

/// What issuing fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The number.
    pub number: InvoiceNumber,
    /// The civil day of issue.
    pub issued_on: NaiveDate,
    /// The last day to pay in time.
    pub due_on: NaiveDate,
}

/// The life of the document. What was paid is not part of it: see [`super::standing`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvoiceState {
    /// A preview: no number, can be drawn up again.
    Draft,
    /// Numbered and final.
    Issued(Issue),
    /// Withdrawn before anything was paid; keeps its number.
    Void {
        /// As it was issued.
        issue: Issue,
        /// The civil day of withdrawal.
        voided_on: NaiveDate,
    },
}

impl InvoiceState {
    /// Stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Issued(_) => "issued",
            Self::Void { .. } => "void",
        }
    }
    /// Withdraws an issued invoice on which nothing was paid. Its number stays used.
    ///
    /// # Errors
    /// `invoice-not-issued`, `invoice-has-payments`.
    pub fn void(self, today: NaiveDate, payments: usize) -> Result<Self, Refusal> {
        let Self::Issued(issue) = self else {
            return Err(not_issued(&self));
        };
        if payments > 0 {
            return Err(Refusal::new(RefusalCode::State, "invoice-has-payments")
                .with("number", issue.number.to_string())
                .with("count", payments));
        }
        Ok(Self::Void { issue, voided_on: today })
    }
}

/// An invoice: what it says and where it is in its life. Only a draft can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    head: InvoiceHead,
    body: InvoiceBody,
    state: InvoiceState,
}

impl Invoice {
    /// Draws up the invoice of a lease for a rated period. `earlier` is the number of an invoice of the same lease and
    /// period that is in force, if there is one.
    ///
    /// # Errors
    /// `invoice-exists`, and those of [`assemble`].
    pub fn draft(
        id: InvoiceId,
        lease: LeaseId,
        rated: Rated,
        tax: TaxRule,
        earlier: Option<&InvoiceNumber>,
    ) -> Result<Self, Refusal> {
        if let Some(number) = earlier {
            return Err(Refusal::new(RefusalCode::Duplicate, "invoice-exists")
                .with("month", Month::of(rated.period.from).to_string())
                .with("number", number.to_string()));
        }
        let head = InvoiceHead { id, lease, period: rated.period };
        Ok(Self { head, body: assemble(rated, tax)?, state: InvoiceState::Draft })
    }
    /// An invoice as it is stored (repositories only).
    pub const fn restore(head: InvoiceHead, body: InvoiceBody, state: InvoiceState) -> Self {
        Self { head, body, state }
    }
    /// Which invoice it is.
    pub const fn head(&self) -> InvoiceHead {
        self.head
    }
    /// What it says.
    pub const fn body(&self) -> &InvoiceBody {
        &self.body
    }
    /// Where it is in its life.
    pub const fn state(&self) -> &InvoiceState {
        &self.state
    }
    /// Number and dates, once issued (also of a void invoice).
    pub const fn issue_facts(&self) -> Option<&Issue> {
        match &self.state {
            InvoiceState::Draft => None,
            InvoiceState::Issued(issue) | InvoiceState::Void { issue, .. } => Some(issue),
        }
    }
    /// Replaces what a draft says.
    ///
    /// # Errors
    /// `invoice-issued`: what is issued is never edited; and those of [`assemble`].
    pub fn redraft(self, rated: Rated) -> Result<Self, Refusal> {
        self.must_be_draft()?;
        let head = InvoiceHead { period: rated.period, ..self.head };
        Ok(Self { head, body: assemble(rated, self.body.tax)?, state: InvoiceState::Draft })
    }
    /// Numbers it and makes it final. When a month can be billed is for the lease to say: [`super::Holding::may_bill`].
    ///
    /// # Errors
    /// `invoice-issued`: it has a number already.
    pub fn issue(self, number: InvoiceNumber, today: NaiveDate, terms: PaymentTerms) -> Result<Self, Refusal> {
        self.must_be_draft()?;
        let issue = Issue { number, issued_on: today, due_on: terms.due_on(today) };
        Ok(Self { state: InvoiceState::Issued(issue), ..self })
    }
    fn must_be_draft(&self) -> Result<(), Refusal> {
        match self.issue_facts() {
            None => Ok(()),
            Some(issue) => {
                Err(Refusal::new(RefusalCode::State, "invoice-issued").with("number", issue.number.to_string()))
            }
        }
    }
}

pub(crate) fn not_issued(state: &InvoiceState) -> Refusal {
    Refusal::new(RefusalCode::State, "invoice-not-issued").with("state", state.name())
}

#[cfg(test)]
mod tests;
