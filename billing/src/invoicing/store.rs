//! What invoicing reads and writes.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::ids::{InvoiceId, LeaseId, PaymentId, TenantId, UserId};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::page::{Page, PageRequest, Sort, SortKey};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Ctx, Result};

use super::{
    Holding, InvoiceBody, InvoiceLine, InvoiceNumber, InvoiceState, Issue, KnownMonth, PaymentState, Standing,
    WriteOff, tally,
};

/// Where an invoice stands on a day. Overdue wins over how far it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DueState {
    /// Nothing was paid and it is not due yet.
    Unpaid,
    /// Part was paid and the rest is not due yet.
    PartPaid,
    /// Nothing is owed.
    Paid,
    /// Something is owed and the due day is over.
    Overdue,
    /// It was withdrawn: nothing is owed on it.
    Void,
    /// Whatever was still owed was given up.
    Uncollectible,
}

impl From<Standing> for DueState {
    fn from(standing: Standing) -> Self {
        match standing.state {
            PaymentState::Paid => Self::Paid,
            _ if standing.overdue => Self::Overdue,
            PaymentState::Unpaid => Self::Unpaid,
            PaymentState::PartPaid => Self::PartPaid,
        }
    }
}

/// An issued invoice without its lines, and what was paid on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedInvoice {
    /// The invoice.
    pub id: InvoiceId,
    /// Who owes.
    pub tenant: TenantId,
    /// The lease it bills.
    pub lease: LeaseId,
    /// Its number.
    pub number: InvoiceNumber,
    /// The period it bills, closed.
    pub period: Period,
    /// Of every amount.
    pub currency: Currency,
    /// Before tax, minor units.
    pub net_minor: i64,
    /// Tax, minor units.
    pub tax_minor: i64,
    /// Net and tax, minor units.
    pub total_minor: i64,
    /// Sum of its payments less what went back, minor units.
    pub paid_minor: i64,
    /// Taken back by credit notes, with tax, minor units.
    pub credited_minor: i64,
    /// Given up of what was owed, minor units.
    pub given_up_minor: i64,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The last day to pay in time.
    pub due_on: NaiveDate,
    /// What was recorded later was not known when it was priced.
    pub known_at: DateTime<Utc>,
    /// Whether it brought the months billed before it up to that.
    pub brings_up: bool,
    /// When and why it was withdrawn, if it was.
    pub voided: Option<Voided>,
}

/// An invoice was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voided {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

impl IssuedInvoice {
    /// An amount in its currency.
    pub const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
    /// Where it is in its life; days are those of the caller's park.
    pub fn state(&self, ctx: &Ctx) -> InvoiceState {
        let day = |at: DateTime<Utc>| at.with_timezone(&ctx.zone()).date_naive();
        let issue = Issue { number: self.number.clone(), issued_on: day(self.issued_at), due_on: self.due_on };
        match &self.voided {
            None => InvoiceState::Issued(issue),
            Some(voided) => InvoiceState::Void { issue, voided_on: day(voided.at) },
        }
    }
    /// What it comes to after its credit notes and what was given up, minor units; nothing when it was withdrawn.
    pub fn owed_minor(&self) -> i64 {
        let owed = self.total_minor.saturating_sub(self.credited_minor).saturating_sub(self.given_up_minor);
        if self.voided.is_some() { 0 } else { owed }
    }
    /// What was paid of it and what is owed on a day; nothing is owed on one that was withdrawn.
    ///
    /// # Errors
    /// `payment-over-balance` when more was recorded as paid than it comes to; `amount-out-of-range`.
    pub fn standing(&self, today: NaiveDate) -> Result<Standing> {
        Ok(tally(self.money(self.owed_minor()), self.due_on, self.paid_minor, today)?)
    }
    /// Where it stands on a day.
    ///
    /// # Errors
    /// Those of [`standing`](Self::standing).
    pub fn due_state(&self, today: NaiveDate) -> Result<DueState> {
        let standing = self.standing(today)?;
        Ok(match standing.state {
            _ if self.voided.is_some() => DueState::Void,
            PaymentState::Paid if self.given_up_minor > 0 => DueState::Uncollectible,
            _ => DueState::from(standing),
        })
    }
}

/// A payment as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRecord {
    /// The payment.
    pub id: PaymentId,
    /// For which invoice it was recorded, if for one; what it pays, its acts say.
    pub invoice: Option<InvoiceId>,
    /// Whose.
    pub tenant: TenantId,
    /// How much; positive.
    pub amount: Money,
    /// The civil day the money came.
    pub paid_on: NaiveDate,
    /// How it came, in the park's words.
    pub method: String,
    /// The payer's or bank's reference; may be empty.
    pub reference: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: Option<UserId>,
}

/// Which invoices of a list are wanted; what is `None` does not filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Of a period that starts in this month.
    pub month: Option<Month>,
    /// That stand so today.
    pub state: Option<DueState>,
}

/// What invoices can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum InvoiceSort {
    /// Their number.
    #[default]
    Number,
    /// The code of the tenant.
    Tenant,
    /// The month they are for.
    Period,
    /// What they come to, with tax, in minor units whatever the currency.
    Total,
    /// What is still owed on them, likewise.
    Balance,
    /// The day by which they are to be paid.
    DueOn,
}

impl SortKey for InvoiceSort {
    const LARGEST_FIRST: bool = true;
    fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Tenant => "tenant",
            Self::Period => "period",
            Self::Total => "total",
            Self::Balance => "balance",
            Self::DueOn => "due_on",
        }
    }
}

/// The invoices of a month that are in force, in sums, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonthTotals {
    /// How many invoices.
    pub invoices: i64,
    /// Before tax, less what was credited.
    pub net_minor: i64,
    /// With tax, less what was credited.
    pub total_minor: i64,
    /// Paid on them, less what went back.
    pub paid_minor: i64,
    /// Owed although due.
    pub overdue_minor: i64,
    /// Tenants that owe although due.
    pub overdue_tenants: i64,
}

/// Invoices, payments and what they are priced from, as far as the caller's scope reaches.
#[async_trait]
pub trait Store: Send + Sync {
    /// What each lease held in its month as it was known; a lease out of reach is missing. A constant number of
    /// statements however many are asked for.
    async fn holdings(&self, asked: &[KnownMonth]) -> Result<Vec<(KnownMonth, Holding)>>;
    /// Puts down what the books of leases ask beside their seats (shifts, meters, zones), where they ask it.
    async fn books_ask(&self, found: &mut [(KnownMonth, Holding)]) -> Result<()>;
    /// The leases under which seats are held in a month or a least rent is agreed, and those of which something was recorded
    /// since they were billed last; by tenant and code.
    async fn leases_held(&self, month: Month) -> Result<Vec<LeaseId>>;
    /// The invoices in force of leases for a month.
    async fn invoices_of(&self, leases: &[LeaseId], month: Month) -> Result<Vec<(LeaseId, InvoiceNumber)>>;
    /// Takes the next so many numbers of a series and year and tells the first. They are given back when the transaction
    /// is undone, and nobody else can take one meanwhile.
    async fn numbers_take(&self, series: &str, year: i32, count: u32) -> Result<u32>;
    /// Stores issued invoices with their lines, in a constant number of statements for some hundreds.
    async fn invoices_add(&self, invoices: &[(IssuedInvoice, InvoiceBody)], by: Option<UserId>) -> Result<()>;
    /// Withdraws an invoice.
    async fn invoice_void(&self, id: InvoiceId, voided: &Voided, by: Option<UserId>) -> Result<()>;

    /// Invoices, highest number first. `today` decides what is overdue.
    async fn invoices(
        &self,
        filter: &InvoiceFilter,
        today: NaiveDate,
        sort: Sort<InvoiceSort>,
        page: &PageRequest,
    ) -> Result<Page<IssuedInvoice>>;
    /// The first invoices of each tenant, highest number first: up to `first + 1` each. A tenant in the filter is ignored.
    async fn invoices_first(
        &self,
        tenants: &[TenantId],
        filter: &InvoiceFilter,
        today: NaiveDate,
        first: u32,
    ) -> Result<Vec<IssuedInvoice>>;
    /// How many each of the tenants has; those without are missing. A tenant in the filter is ignored.
    async fn invoices_counts(
        &self,
        tenants: &[TenantId],
        filter: &InvoiceFilter,
        today: NaiveDate,
    ) -> Result<Vec<(TenantId, i64)>>;
    /// How many.
    async fn invoices_count(&self, filter: &InvoiceFilter, today: NaiveDate) -> Result<i64>;
    /// Invoices by id; those out of reach are missing.
    async fn invoices_by_id(&self, ids: &[InvoiceId]) -> Result<Vec<IssuedInvoice>>;
    /// The lines of invoices, each with its number from 1, in order.
    async fn invoice_lines(&self, ids: &[InvoiceId]) -> Result<Vec<(InvoiceId, i64, InvoiceLine)>>;
    /// What the invoices in force of leases came to before tax in the months that begin in `[from, before)`; the latest
    /// month first.
    async fn earlier_nets(
        &self,
        leases: &[LeaseId],
        from: NaiveDate,
        before: NaiveDate,
    ) -> Result<Vec<(LeaseId, Month, i64)>>;
    /// Keeps others that pay or credit invoices waiting until the transaction ends, in one order for everybody; how many are in reach.
    async fn invoices_lock(&self, ids: &[InvoiceId]) -> Result<usize>;
    /// What pays invoices: each payment with how much of it, minor units above 0; oldest payment first.
    async fn payments_of(&self, invoices: &[InvoiceId]) -> Result<Vec<(InvoiceId, i64, PaymentRecord)>>;
    /// What was given up of invoices and asked for again, oldest first.
    async fn write_offs_of(&self, invoices: &[InvoiceId]) -> Result<Vec<WriteOff>>;
    /// Stores such an act.
    async fn write_off_add(&self, act: &WriteOff) -> Result<()>;
    /// Payments by id; those out of reach are missing.
    async fn payments_by_id(&self, ids: &[PaymentId]) -> Result<Vec<PaymentRecord>>;
    /// Stores a payment.
    async fn payment_add(&self, payment: &PaymentRecord) -> Result<()>;
    /// The invoices of a month in sums, by currency.
    async fn month_totals(&self, month: Month, today: NaiveDate) -> Result<Vec<(Currency, MonthTotals)>>;
}
