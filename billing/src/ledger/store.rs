//! What the ledger reads and writes.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::Result;
use voxpark_domain::ids::{BookEntryId, InvoiceId, LeaseId, TenantId, UserId};
use voxpark_domain::money::{Currency, TaxRate};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::time::{Month, Period};

use super::account::named;
use super::{Account, AccountFamily, BookedLevel, Document, Entry, Payer, PostingKey, ReopenReason, Text};

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The entry.
    pub id: BookEntryId,
    /// What was booked.
    pub entry: Entry,
    /// What its fact comes to ([`super::Fact::fingerprint`]), on the first entry of the fact.
    pub fact: Option<String>,
    /// By whom; `None` = by the installation.
    pub by: Option<UserId>,
}

named! {
    /// What happened to a month of the books.
    MonthAct {
        /// It was closed.
        Close = "close",
        /// It was opened again.
        Reopen = "reopen",
    }
}

/// A month was closed or opened again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthStep {
    /// 1, 2, ... in a park.
    pub n: i64,
    /// The month.
    pub month: Month,
    /// What happened to it.
    pub act: MonthAct,
    /// Why it was opened again.
    pub reason: Option<ReopenReason>,
    /// In somebody's own words; empty of a closing.
    pub note: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: Option<UserId>,
}

/// Which entries are wanted; what is `None` does not filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Booked in this month.
    pub month: Option<Month>,
    /// With a line of this tenant as payer.
    pub tenant: Option<TenantId>,
    /// With a line on an account of this family; of the tenant, when one is named.
    pub account: Option<AccountFamily>,
    /// With a line that moves this document, or is moved by it (the id alone, whatever its kind).
    pub document: Option<uuid::Uuid>,
}

/// An account over some days, by sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: Account,
    /// The currency.
    pub currency: Currency,
    /// Before the first day, debit above zero, minor units.
    pub opening: i64,
    /// Debits of the days, 0 or more.
    pub debit: i64,
    /// Credits of the days, 0 or more.
    pub credit: i64,
}

/// What a payer owes on an invoice, or has in credit from a document, at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// Who.
    pub payer: Payer,
    /// The currency.
    pub currency: Currency,
    /// Whether it is owed; otherwise it is credit.
    pub owed: bool,
    /// Minor units, owed above zero and credit below.
    pub minor: i64,
    /// The last day to pay in time.
    pub due_on: Option<NaiveDate>,
}

/// What was sold at a rate, or the tax on it, in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxSum {
    /// The rate.
    pub rate: TaxRate,
    /// The currency.
    pub currency: Currency,
    /// Before tax, minor units.
    pub net: i64,
    /// The tax.
    pub tax: i64,
}

/// What an entry did to what a tenant owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The entry.
    pub entry: BookEntryId,
    /// Its number.
    pub number: i64,
    /// The day it is booked on.
    pub on: NaiveDate,
    /// The month it is about.
    pub about: Month,
    /// What it says.
    pub text: Text,
    /// The currency.
    pub currency: Currency,
    /// What the tenant owes more (below zero: less, or has in credit), minor units.
    pub minor: i64,
    /// What the tenant owes after it; below zero what it has in credit.
    pub balance: i64,
}

/// The account of a tenant over some days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// What was owed before the first day, by currency; none of 0.
    pub openings: Vec<(Currency, i64)>,
    /// What happened, by day and number.
    pub lines: Vec<StatementLine>,
}

/// The books, as far as the caller's scope reaches.
#[async_trait]
pub trait Store: Send + Sync {
    /// Keeps everybody else from booking and from closing months until the transaction ends; the number of the next entry.
    async fn book_lock(&self) -> Result<u64>;
    /// Closings of months and what was opened again, the latest first.
    async fn book_months(&self, latest: u32) -> Result<Vec<MonthStep>>;
    /// Remembers one.
    async fn book_month_add(&self, step: &MonthStep) -> Result<()>;
    /// The first month in which something is booked.
    async fn book_begins(&self) -> Result<Option<Month>>;
    /// Which of these keys are booked, with the fingerprint of the fact where the entry is its first.
    async fn postings_known(&self, keys: &[PostingKey]) -> Result<Vec<(PostingKey, Option<String>)>>;
    /// The entries that move what is owed on invoices, or what is earned of them, by number.
    async fn entries_of(&self, documents: &[Document]) -> Result<Vec<Entry>>;
    /// Stores entries and moves the number of the next one behind them. A constant number of statements for some hundreds.
    async fn entries_add(&self, entries: &[Recorded]) -> Result<()>;
    /// Invoices of which something is invoiced and not earned.
    async fn invoices_unearned(&self) -> Result<Vec<InvoiceId>>;
    /// Invoices that come to something and stand in no entry, all or one of them: issued before there were books.
    async fn invoices_unbooked(&self, only: Option<InvoiceId>) -> Result<Vec<InvoiceId>>;

    /// The leases that run in a month, and those whose straight line is not evened out; by tenant and code.
    async fn leases_to_level(&self, month: Month) -> Result<Vec<LeaseId>>;
    /// What leases were levelled by, month by month.
    async fn levelled(&self, leases: &[LeaseId]) -> Result<Vec<BookedLevel>>;
    /// Whether any lease ever was.
    async fn levels(&self) -> Result<bool>;

    /// Entries, the latest number first.
    async fn entries(&self, filter: &EntryFilter, page: &PageRequest) -> Result<Page<Recorded>>;
    /// How many.
    async fn entries_count(&self, filter: &EntryFilter) -> Result<i64>;
    /// Entries by id; those out of reach are missing.
    async fn entries_by_id(&self, ids: &[BookEntryId]) -> Result<Vec<Recorded>>;
    /// Every account that moved before the end of closed days, in sums.
    async fn balances(&self, days: Period) -> Result<Vec<Balance>>;
    /// What is open at the end of a day.
    async fn open_items(&self, on: NaiveDate) -> Result<Vec<OpenItem>>;
    /// What was sold and taxed with a tax point on closed days, by rate.
    async fn taxed(&self, points: Period) -> Result<Vec<TaxSum>>;
    /// The account of a tenant over closed days; balances are not filled in.
    async fn statement(&self, tenant: TenantId, days: Period) -> Result<Statement>;
}
