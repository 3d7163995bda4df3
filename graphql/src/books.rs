//! The books of a park: entries, balances, ageing, tax, statements, revenue by month, closing.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use serde::Serialize;
use serde_json::json;
use voxpark_billing::invoicing::{IssuedInvoice, PaymentRecord};
use voxpark_billing::ledger::{self, Account, Chart, Document, Payer};
use voxpark_billing::receiving::Received;
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::Lang;
use voxpark_domain::error::Arg;
use voxpark_domain::ids::{BookEntryId, CreditNoteId, InvoiceId, PaymentId, TenantId};
use voxpark_domain::money::{Currency, Money as Amount};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result, time};

use crate::billing::{Invoice, Payment};
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::leasing::Lease;
use crate::load::{Load, load};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::{Date, Money, Month};
use crate::tenancy::{Tenant, asked_for};
use crate::words;

/// How many steps of months are told.
const STEPS: u32 = 24;

/// Accounts of the books that are told apart by payer, kind or rate alone.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "ledger::AccountFamily")]
pub(crate) enum LedgerAccount {
    /// Owed by payers.
    Receivable,
    /// Earned and not yet invoiced.
    Accrued,
    /// Invoiced and not yet earned.
    Deferred,
    /// Earned, or given up of it.
    Earned,
    /// Value added tax.
    TaxPayable,
    /// Deposits of payers.
    DepositHeld,
    /// Money of payers that is applied to nothing yet.
    Prepaid,
    /// Money.
    Cash,
    /// Rounding differences.
    Rounding,
    /// Debts given up.
    BadDebt,
    /// Debts given up and paid after all.
    BadDebtRecovered,
    /// A cost.
    CostPool,
    /// What a cost is booked against.
    CostCounter,
}

/// What an entry does, as far as the closing of a month cares.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "ledger::Kind")]
pub(crate) enum LedgerKind {
    /// Invoices, credit notes.
    Invoicing,
    /// Money in and out, and what it is applied to.
    Collecting,
    /// Revenue as it is earned.
    Recognition,
    /// Deposits.
    Deposits,
    /// Costs.
    Costs,
    /// Debts given up, rounding differences.
    Adjusting,
    /// What takes an entry back.
    Reversing,
}

/// Why a closed month is opened again.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "ledger::ReopenReason")]
pub(crate) enum BookReopenReason {
    /// Something was booked wrongly.
    Mistake,
    /// An auditor asks for it.
    Audit,
    /// The tax office asks for it.
    TaxOffice,
    /// A document came that belongs nowhere else.
    LateDocument,
}

/// What happened to a month of the books.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "ledger::MonthAct")]
pub(crate) enum BookMonthAct {
    /// It was closed.
    Close,
    /// It was opened again.
    Reopen,
}

/// What an entry says, in the caller's language; documents by their numbers.
async fn said(gql: &Context<'_>, text: &ledger::Text) -> async_graphql::Result<String> {
    // All at once: what is asked for together is loaded together.
    let numbered = text
        .args
        .iter()
        .map(async |(name, value)| Ok::<_, async_graphql::Error>((name.to_string(), numbered(gql, value).await?)));
    let args: Vec<(String, Arg)> = try_join_all(numbered).await?;
    Ok(words::kept(gql.request().lang(), &text.rule, &args))
}

/// The number of a document instead of its id, as far as the caller reaches it.
async fn numbered(gql: &Context<'_>, value: &Arg) -> async_graphql::Result<Arg> {
    let Arg::Text(text) = value else { return Ok(value.clone()) };
    if let Ok(id) = text.parse::<InvoiceId>() {
        let invoice: Option<Arc<IssuedInvoice>> = load(gql, id).await?;
        return Ok(invoice.map_or_else(|| value.clone(), |invoice| Arg::Text(invoice.number.to_string())));
    }
    if let Ok(id) = text.parse::<CreditNoteId>() {
        let number = load(gql, id).await?.and_then(|note| note.number.as_ref().map(ToString::to_string));
        return Ok(number.map_or_else(|| value.clone(), Arg::Text));
    }
    if let Ok(id) = text.parse::<PaymentId>() {
        let received: Option<Arc<Received>> = load(gql, id).await?;
        return Ok(received.map_or_else(|| value.clone(), |received| Arg::Text(payment_named(&received.of))));
    }
    Ok(value.clone())
}

/// The numbers of the documents that entries name, for who says entries outside of a query.
#[derive(Clone, Debug, Default)]
pub struct Numbers(HashMap<String, String>);

impl Numbers {
    /// Those that texts name, as far as the transaction reaches. A constant number of statements.
    ///
    /// # Errors
    /// What the database says.
    pub async fn of<'a>(tx: &dyn Tx, texts: impl Iterator<Item = &'a ledger::Text> + Send) -> Result<Self> {
        let (mut invoices, mut notes, mut payments) = (Vec::new(), Vec::new(), Vec::new());
        for value in texts.flat_map(|text| &text.args).map(|(_, value)| value) {
            let Arg::Text(text) = value else { continue };
            invoices.extend(text.parse::<InvoiceId>().ok());
            notes.extend(text.parse::<CreditNoteId>().ok());
            payments.extend(text.parse::<PaymentId>().ok());
        }
        let mut all = HashMap::new();
        for invoice in tx.invoices_by_id(&invoices).await? {
            all.insert(invoice.id.to_string(), invoice.number.to_string());
        }
        for note in tx.credit_notes_by_id(&notes).await? {
            all.extend(note.number.as_ref().map(|number| (note.id.to_string(), number.to_string())));
        }
        for payment in tx.payments_by_id(&payments).await? {
            all.insert(payment.id.to_string(), payment_named(&payment));
        }
        Ok(Self(all))
    }
    /// What an entry says.
    pub fn say(&self, lang: Lang, text: &ledger::Text) -> String {
        let named = |value: &Arg| match value {
            Arg::Text(id) => self.0.get(id).map_or_else(|| value.clone(), |number| Arg::Text(number.clone())),
            Arg::Number(_) => value.clone(),
        };
        let args: Vec<(String, Arg)> = text.args.iter().map(|(name, value)| (name.to_string(), named(value))).collect();
        words::kept(lang, &text.rule, &args)
    }
}

/// A payment has no number: its reference, or the day it came.
fn payment_named(payment: &PaymentRecord) -> String {
    match payment.reference.as_str() {
        "" => payment.paid_on.to_string(),
        reference => reference.to_owned(),
    }
}

/// Number and name of an account in the chart of accounts.
fn charted(lang: Lang, account: Account) -> Result<(String, String)> {
    let row = Chart::shipped()?.row(account)?;
    let title = if lang == Lang::En { &row.title.en } else { &row.title.zh };
    Ok((row.number.clone(), title.clone()))
}

const fn payer(account: Account) -> Option<TenantId> {
    match account {
        Account::Receivable(Payer::Tenant(id))
        | Account::DepositHeld(Payer::Tenant(id))
        | Account::Prepaid(Payer::Tenant(id)) => Some(id),
        _ => None,
    }
}

async fn tenant(gql: &Context<'_>, of: Option<TenantId>) -> async_graphql::Result<Option<Tenant>> {
    let Some(id) = of else { return Ok(None) };
    Ok(load(gql, id).await?.map(Tenant::from))
}

/// A line of an entry.
pub(crate) struct LedgerLine(ledger::Line);

/// A line of an entry.
#[Object]
impl LedgerLine {
    /// The account.
    async fn account(&self) -> LedgerAccount {
        self.0.account.family().into()
    }
    /// Its number in the chart of accounts.
    async fn number(&self, gql: &Context<'_>) -> async_graphql::Result<String> {
        charted(gql.request().lang(), self.0.account).map(|of| of.0).map_err(|e| gql.fault(&e))
    }
    /// Its name in the chart of accounts.
    async fn title(&self, gql: &Context<'_>) -> async_graphql::Result<String> {
        charted(gql.request().lang(), self.0.account).map(|of| of.1).map_err(|e| gql.fault(&e))
    }
    /// The payer, where accounts differ by payer.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        tenant(gql, payer(self.0.account)).await
    }
    /// Debit above zero, credit below.
    async fn amount(&self) -> Money {
        Amount::new(self.0.minor, self.0.currency).into()
    }
    /// The invoice whose balance it moves.
    async fn invoice(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Invoice>> {
        let Some(Document::Invoice(id)) = self.0.about.document else { return Ok(None) };
        Ok(load(gql, id).await?.map(Invoice::from))
    }
    /// The payment that it is about, or by which it moves.
    async fn payment(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Payment>> {
        let of = [self.0.about.by, self.0.about.document].into_iter().flatten();
        let mut payment = of.filter_map(|document| if let Document::Payment(id) = document { Some(id) } else { None });
        let Some(id) = payment.next() else { return Ok(None) };
        Ok(load(gql, id).await?.map(Payment::from))
    }
    /// The lease that it is about.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Lease>> {
        let Some(id) = self.0.about.lease else { return Ok(None) };
        Ok(load(gql, id).await?.map(Lease::from))
    }
    /// The first day of the service.
    async fn service_from(&self) -> Option<Date> {
        self.0.about.service.map(|days| days.from.into())
    }
    /// The day after the last one of the service.
    async fn service_to(&self) -> Option<Date> {
        self.0.about.service.and_then(|days| days.to).map(Into::into)
    }
}

/// Something that was booked. Its lines sum to nothing in every currency; it is never edited.
#[derive(Clone)]
pub(crate) struct LedgerEntry(Arc<ledger::Recorded>);

impl From<Arc<ledger::Recorded>> for LedgerEntry {
    fn from(recorded: Arc<ledger::Recorded>) -> Self {
        Self(recorded)
    }
}

/// Something that was booked. Its lines sum to nothing in every currency; it is never edited.
#[Object]
impl LedgerEntry {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// 1, 2, ... without gaps in a park.
    async fn number(&self) -> u64 {
        self.0.entry.stamp().number
    }
    /// For what it is booked once.
    async fn key(&self) -> &str {
        self.0.entry.key().as_str()
    }
    /// The key of the entry that it takes back; null when it takes none back.
    async fn reverses(&self) -> Option<&str> {
        self.0.entry.head().reverses.as_ref().map(ledger::PostingKey::as_str)
    }
    /// What it does.
    async fn kind(&self) -> LedgerKind {
        self.0.entry.head().kind.into()
    }
    /// The day it is booked on.
    async fn booked_on(&self) -> Date {
        self.0.entry.on().into()
    }
    /// The month it is about; another one than that of `bookedOn` when it came after its month was closed.
    async fn about_month(&self) -> Month {
        Month(self.0.entry.about())
    }
    /// Whether it came too late for the month it is about.
    async fn late(&self) -> bool {
        self.0.entry.about() != time::Month::of(self.0.entry.on())
    }
    /// What it says.
    async fn text(&self, gql: &Context<'_>) -> async_graphql::Result<String> {
        said(gql, &self.0.entry.head().text).await
    }
    /// Its lines.
    async fn lines(&self) -> Vec<LedgerLine> {
        self.0.entry.lines().iter().map(|line| LedgerLine(*line)).collect()
    }
    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.entry.stamp().recorded_at
    }
}

#[async_trait]
impl Load for BookEntryId {
    type Value = Arc<ledger::Recorded>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(ledger::entries_by_id(tx, ctx, keys).await?.into_iter().map(|one| (one.id, Arc::new(one))).collect())
    }
}

/// Which entries are wanted; what is left out does not filter.
#[derive(InputObject, Clone)]
pub(crate) struct LedgerFilter {
    /// Booked in this month.
    month: Option<Month>,
    /// With a line of this tenant as payer.
    tenant_id: Option<ID>,
    /// With a line on such an account; of the tenant, when one is named.
    account: Option<LedgerAccount>,
    /// With a line about this invoice, payment or credit note.
    document_id: Option<ID>,
}

impl LedgerFilter {
    fn read(filter: Option<Self>) -> Result<ledger::EntryFilter> {
        use voxpark_domain::ids::Id;
        let Some(filter) = filter else { return Ok(ledger::EntryFilter::default()) };
        let document = |id: ID| match (id.parse::<PaymentId>(), id.parse::<CreditNoteId>()) {
            (Ok(payment), _) => Ok(payment.uuid()),
            (_, Ok(note)) => Ok(note.uuid()),
            _ => node::id::<InvoiceId>("filter.documentId", &id).map(Id::uuid),
        };
        Ok(ledger::EntryFilter {
            month: filter.month.map(|month| month.0),
            tenant: filter.tenant_id.map(|id| node::id("filter.tenantId", &id)).transpose()?,
            account: filter.account.map(Into::into),
            document: filter.document_id.map(document).transpose()?,
        })
    }
}

/// An account in a trial balance, or the sums of a currency.
pub(crate) struct TrialBalanceRow(ledger::TrialRow);

/// An account in a trial balance.
#[Object]
impl TrialBalanceRow {
    /// The account.
    async fn account(&self) -> LedgerAccount {
        self.0.account.family().into()
    }
    /// Its number in the chart of accounts.
    async fn number(&self, gql: &Context<'_>) -> async_graphql::Result<String> {
        charted(gql.request().lang(), self.0.account).map(|of| of.0).map_err(|e| gql.fault(&e))
    }
    /// Its name in the chart of accounts.
    async fn title(&self, gql: &Context<'_>) -> async_graphql::Result<String> {
        charted(gql.request().lang(), self.0.account).map(|of| of.1).map_err(|e| gql.fault(&e))
    }
    /// The payer, where accounts differ by payer.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        tenant(gql, payer(self.0.account)).await
    }
    /// The balance before the month, debit above zero.
    async fn opening(&self) -> Money {
        Amount::new(self.0.opening, self.0.currency).into()
    }
    /// Debits of the month.
    async fn debit(&self) -> Money {
        Amount::new(self.0.debit, self.0.currency).into()
    }
    /// Credits of the month.
    async fn credit(&self) -> Money {
        Amount::new(self.0.credit, self.0.currency).into()
    }
    /// The balance after the month, debit above zero.
    async fn closing(&self) -> Money {
        Amount::new(self.0.closing, self.0.currency).into()
    }
}

/// Opening, movement and closing of every account in a month.
#[derive(SimpleObject)]
pub(crate) struct TrialBalance {
    /// The month.
    month: Month,
    /// Accounts in order; none that never moved.
    rows: Vec<TrialBalanceRow>,
    /// Whether debits equal credits and balances sum to nothing, in every currency.
    balanced: bool,
}

/// How long a tenant has owed what.
pub(crate) struct AgeingRow(ledger::AgeingRow);

impl AgeingRow {
    fn money(&self, minor: i64) -> Money {
        Amount::new(minor, self.0.currency).into()
    }
}

/// How long a tenant has owed what.
#[Object]
impl AgeingRow {
    /// Who; null when it is no tenant.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        let Payer::Tenant(id) = self.0.payer else { return Ok(None) };
        tenant(gql, Some(id)).await
    }
    /// Everything that is owed.
    async fn owed(&self, gql: &Context<'_>) -> async_graphql::Result<Money> {
        self.0.ageing.owed().map(|minor| self.money(minor)).map_err(|e| gql.fault(&e.into()))
    }
    /// The due day is not over.
    async fn not_due(&self) -> Money {
        self.money(self.0.ageing.not_due)
    }
    /// 1 to 30 days over.
    async fn to30(&self) -> Money {
        self.money(self.0.ageing.to_30)
    }
    /// 31 to 60 days over.
    async fn to60(&self) -> Money {
        self.money(self.0.ageing.to_60)
    }
    /// 61 to 90 days over.
    async fn to90(&self) -> Money {
        self.money(self.0.ageing.to_90)
    }
    /// More than 90 days over.
    async fn beyond(&self) -> Money {
        self.money(self.0.ageing.beyond)
    }
    /// Credit that is applied to nothing.
    async fn unapplied(&self) -> Money {
        self.money(self.0.ageing.unapplied)
    }
}

/// What was sold and taxed at a rate.
#[derive(SimpleObject)]
pub(crate) struct VatRow {
    /// The rate in percent, as text: `6`, `9.5`.
    rate: String,
    /// Before tax, less what was taken back.
    net: Money,
    /// The tax.
    tax: Money,
}

/// A line of a statement of account.
pub(crate) struct StatementLine(ledger::StatementLine);

/// A line of a statement of account.
#[Object]
impl StatementLine {
    /// The entry, by its id; the park may read it.
    async fn entry_id(&self) -> ID {
        self.0.entry.to_string().into()
    }
    /// The number of the entry.
    async fn number(&self) -> i64 {
        self.0.number
    }
    /// The day it is booked on.
    async fn booked_on(&self) -> Date {
        self.0.on.into()
    }
    /// The month it is about.
    async fn about_month(&self) -> Month {
        Month(self.0.about)
    }
    /// What it says.
    async fn text(&self, gql: &Context<'_>) -> async_graphql::Result<String> {
        said(gql, &self.0.text).await
    }
    /// What the tenant owes more; below zero: less, or has in credit.
    async fn amount(&self) -> Money {
        Amount::new(self.0.minor, self.0.currency).into()
    }
    /// What the tenant owes after it; below zero what it has in credit.
    async fn balance(&self) -> Money {
        Amount::new(self.0.balance, self.0.currency).into()
    }
}

/// The account of a tenant over some days.
#[derive(SimpleObject)]
pub(crate) struct StatementOfAccount {
    /// What was owed before the first day, by currency; empty when nothing was.
    openings: Vec<Money>,
    /// What happened, by day and number.
    lines: Vec<StatementLine>,
    /// Where it can be had as PDF, in both languages; with `&lang=zh` or `&lang=en` in one. A path of this installation.
    document_path: String,
}

/// A month was closed or opened again.
#[derive(SimpleObject)]
pub(crate) struct BookMonthStep {
    /// The month.
    month: Month,
    /// What happened to it.
    act: BookMonthAct,
    /// Why it was opened again.
    reason: Option<BookReopenReason>,
    /// In somebody's own words; empty of a closing.
    note: String,
    /// When.
    recorded_at: DateTime<Utc>,
}

#[derive(Clone)]
pub(crate) struct ParkBooks;

#[Object]
impl ParkBooks {
    /// The entries of the books, the latest first: for staff of the park, none for others.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn ledger_entries(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "What the list is narrowed down to.")] filter: Option<LedgerFilter>,
    ) -> async_graphql::Result<Paged<LedgerEntry>> {
        let filter = LedgerFilter::read(filter).map_err(|e| gql.fault(&e))?;
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let request = gql.request();
        let found = async { ledger::entries(&*request.read().await?, request.ctx()?, &filter, &ask).await };
        let page = gql.nullable(found.await)?.map(voxpark_domain::page::Page::shared);
        let count = counter!(gql, "", |ctx, tx| ledger::entries_count(tx, ctx, &filter));
        Ok(paged(page, count, LedgerEntry::from))
    }

    /// Opening, movement and closing of every account in a month. Null for who may not read the books.
    async fn trial_balance(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month, YYYY-MM.")] month: Month,
    ) -> async_graphql::Result<Option<TrialBalance>> {
        let request = gql.request();
        let found = async { ledger::trial(&*request.read().await?, request.ctx()?, month.0).await };
        Ok(gql.nullable(found.await)?.map(|trial| TrialBalance {
            month,
            balanced: trial.totals.values().all(|of| of.opening == 0 && of.closing == 0 && of.debit == of.credit),
            rows: trial.rows.into_iter().map(TrialBalanceRow).collect(),
        }))
    }

    /// Who owes what since when at the end of a day. Empty for who may not read the books.
    async fn ageing(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Vec<AgeingRow>> {
        let request = gql.request();
        let found = async {
            let ctx = request.ctx()?;
            ledger::ageing_on(&*request.read().await?, ctx, on.map_or_else(|| ctx.today(), |day| day.0)).await
        };
        Ok(gql.or_default(found.await)?.into_iter().map(AgeingRow).collect())
    }

    /// What was sold and taxed in a month, by rate. Empty for who may not read the books.
    async fn vat_report(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month of the tax point, YYYY-MM.")] month: Month,
    ) -> async_graphql::Result<Vec<VatRow>> {
        let request = gql.request();
        let found = async { ledger::tax_of(&*request.read().await?, request.ctx()?, month.0).await };
        let row = |row: ledger::VatRow| VatRow {
            rate: row.rate.to_string(),
            net: Amount::new(row.net, row.currency).into(),
            tax: Amount::new(row.tax, row.currency).into(),
        };
        Ok(gql.or_default(found.await)?.into_iter().map(row).collect())
    }

    /// The account of a tenant over some days, for the park and for the tenant itself. Null for others, and where the park names
    /// nobody.
    async fn statement_of_account(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Whose; their own for staff of a tenant when left out.")] tenant_id: Option<ID>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The day after the last one.")] to: Date,
    ) -> async_graphql::Result<Option<StatementOfAccount>> {
        let request = gql.request();
        let Some(tenant) = asked_for(gql, tenant_id).await? else { return Ok(None) };
        let found = async { ledger::statement_of(&*request.read().await?, request.ctx()?, tenant, from.0, to.0).await };
        let opening = |(currency, minor): (Currency, i64)| Amount::new(minor, currency).into();
        Ok(gql.nullable(found.await)?.map(|statement| StatementOfAccount {
            openings: statement.openings.into_iter().map(opening).collect(),
            lines: statement.lines.into_iter().map(StatementLine).collect(),
            document_path: format!("/statements/{tenant}?from={}&to={}", from.0, to.0.pred_opt().unwrap_or(to.0)),
        }))
    }

    /// When months of the books were closed and opened again, the latest first, at most 24. Empty for who may not read the books.
    async fn book_months(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<BookMonthStep>> {
        let request = gql.request();
        let found = async { ledger::book_months(&*request.read().await?, request.ctx()?, STEPS).await };
        let step = |step: ledger::MonthStep| BookMonthStep {
            month: Month(step.month),
            act: step.act.into(),
            reason: step.reason.map(Into::into),
            note: step.note,
            recorded_at: step.recorded_at,
        };
        Ok(gql.or_default(found.await)?.into_iter().map(step).collect())
    }
}

/// Until when revenue is to be booked.
#[derive(InputObject, Serialize)]
pub(crate) struct RevenueRecogniseInput {
    /// Until the end of this month; it must be over.
    up_to: Month,
    /// Repeats of the same request under this key answer the same and book nothing.
    idempotency_key: String,
}

/// What became of revenue.
#[derive(SimpleObject, Default)]
pub(crate) struct RevenueRecognisePayload {
    /// How many entries were booked; 0 when all of it was booked before.
    entries: Option<usize>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A month is to be closed.
#[derive(InputObject, Serialize)]
pub(crate) struct BookMonthCloseInput {
    /// The month; it must be over, and the first that is open.
    month: Month,
    /// Whether it closes although leases are not billed yet; their invoices are booked in a later month.
    #[graphql(default)]
    without_unbilled: bool,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of a month to be closed.
#[derive(SimpleObject, Default)]
pub(crate) struct BookMonthClosePayload {
    /// How many entries of revenue were booked for it first.
    recognised: Option<usize>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A month is to be opened again.
#[derive(InputObject, Serialize)]
pub(crate) struct BookMonthReopenInput {
    /// The month that was closed last.
    month: Month,
    /// Why.
    reason: BookReopenReason,
    /// In your own words, 1 to 200 characters.
    note: String,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of a month to be opened again.
#[derive(SimpleObject, Default)]
pub(crate) struct BookMonthReopenPayload {
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct BooksMutation;

#[Object]
impl BooksMutation {
    /// Books what is earned until the end of a month and is not booked yet.
    async fn revenue_recognise(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RevenueRecogniseInput,
    ) -> async_graphql::Result<Option<RevenueRecognisePayload>> {
        let up_to = input.up_to.0;
        let done = change(gql, "revenueRecognise", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let entries = ledger::revenue_recognise(tx, ctx, up_to).await?;
                let entry = AuditEntry::new("revenue.recognise", "");
                Ok((entries, entry.with(json!({ "month": up_to.to_string(), "entries": entries }))))
            })
        });
        Ok(Some(match done.await? {
            Ok(entries) => RevenueRecognisePayload { entries: Some(entries), user_errors: Vec::new() },
            Err(user_errors) => RevenueRecognisePayload { user_errors, ..Default::default() },
        }))
    }

    /// Closes a month of the books that is over: first books what was earned until its end, then takes nothing more.
    async fn book_month_close(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BookMonthCloseInput,
    ) -> async_graphql::Result<Option<BookMonthClosePayload>> {
        let (month, without) = (input.month.0, input.without_unbilled);
        let done = change(gql, "bookMonthClose", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let closed = ledger::book_month_close(tx, ctx, month, without).await?;
                let detail = json!({ "month": month.to_string(), "entries": closed.recognised });
                Ok((closed, AuditEntry::new("book-month.close", "").with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(closed) => BookMonthClosePayload { recognised: Some(closed.recognised), user_errors: Vec::new() },
            Err(user_errors) => BookMonthClosePayload { user_errors, ..Default::default() },
        }))
    }

    /// Opens the month of the books that was closed last once more.
    async fn book_month_reopen(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BookMonthReopenInput,
    ) -> async_graphql::Result<Option<BookMonthReopenPayload>> {
        let (month, reason, note) = (input.month.0, input.reason.into(), input.note.clone());
        let done = change(gql, "bookMonthReopen", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                ledger::book_month_reopen(tx, ctx, month, reason, &note).await?;
                let entry = AuditEntry::new("book-month.reopen", "");
                Ok(((), entry.with(json!({ "month": month.to_string() }))))
            })
        });
        let user_errors = done.await?.err().unwrap_or_default();
        Ok(Some(BookMonthReopenPayload { user_errors }))
    }
}
