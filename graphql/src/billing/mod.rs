//! Billing: the invoices of a park, a tenant and a lease, the month in sums, issuing and paying.

mod credit;
mod fiscal;
mod invoice;
mod load;
mod parties;
mod platform;
mod receiving;
mod repricing;
mod run;
mod runs;
mod sending;
mod sentence;
mod statement;
mod usage;
mod write_offs;

pub use self::sentence::{platform_why, why};

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::invoicing::{self, InvoiceSort, IssuedInvoice, PaymentDraft};
use voxpark_domain::ids::{LeaseId, TenantId};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Error, Result, money, time};

pub(crate) use self::credit::{CreditMutation, CreditNote, ParkCredit};
pub(crate) use self::fiscal::{Fapiao, FiscalMutation, ParkFiscal};
pub(crate) use self::invoice::{Invoice, InvoiceLine, InvoicePreview, InvoiceState};
use self::load::{InvoicesFirst, InvoicesOf, PreviewOf};
pub(crate) use self::parties::{ParkParties, PartiesMutation, TenantParties};
pub(crate) use self::platform::{ParkPlatform, PlatformInvoice};
pub(crate) use self::receiving::{ParkPayments, Payment, ReceivingMutation};
pub(crate) use self::repricing::{ParkRepricing, RepricingMutation, RepricingRun};
use self::run::{BillingRunInput, BillingRunPayload};
pub(crate) use self::runs::{BillingRun, ParkRuns, RunsMutation};
pub(crate) use self::sending::{ParkSending, SendingMutation};
pub(crate) use self::statement::ParkStatement;
use self::usage::LeaseMeter;
pub(crate) use self::usage::UsageMutation;
pub(crate) use self::write_offs::WriteOffMutation;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::leasing::LeaseAmendmentInput;
use crate::load::load;
use crate::node;
use crate::page::{self, Order, Paged, counted, counter, paged};
use crate::request::Asking as _;
use crate::scalar::{Date, Money, Month};

/// Which invoices are wanted; what is left out does not filter.
#[derive(InputObject, Clone)]
pub(crate) struct InvoiceFilter {
    /// Of this tenant.
    tenant_id: Option<ID>,
    /// For this month.
    month: Option<Month>,
    /// That stand so today.
    state: Option<InvoiceState>,
}

impl InvoiceFilter {
    fn read(filter: Option<Self>) -> Result<invoicing::InvoiceFilter> {
        let Some(filter) = filter else { return Ok(invoicing::InvoiceFilter::default()) };
        Ok(invoicing::InvoiceFilter {
            tenant: filter.tenant_id.map(|id| node::id("filter.tenantId", &id)).transpose()?,
            month: filter.month.map(|month| month.0),
            state: filter.state.map(Into::into),
        })
    }
}

/// What invoices can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "InvoiceSort")]
pub(crate) enum InvoiceOrderField {
    /// Their number.
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

async fn list(
    gql: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
    filter: Result<invoicing::InvoiceFilter>,
    order: Option<Order<InvoiceOrderField>>,
) -> async_graphql::Result<Paged<Invoice>> {
    let filter = filter.map_err(|e| gql.fault(&e))?;
    let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
    let sort = Order::read(order);
    let Some(tenant) = filter.tenant else {
        let page = read_page(gql, &filter, sort, &ask).await?;
        let count = counter!(gql, "", |ctx, tx| invoicing::invoices_count(tx, ctx, &filter));
        return Ok(paged(page, count, Invoice::from));
    };
    let of = InvoicesOf { tenant, month: filter.month, state: filter.state };
    let page = if ask.after.is_none() && sort == Sort::default() {
        let list = load(gql, InvoicesFirst { of, first: ask.first }).await?;
        let keyed = |i: Arc<IssuedInvoice>| (sort.cursor([i.number.to_string().as_str()]), i);
        list.map(|list| Page::from_rows(&ask, list.into_iter().map(keyed).collect()))
    } else {
        read_page(gql, &filter, sort, &ask).await?
    };
    Ok(paged(page, counted(of), Invoice::from))
}

async fn read_page(
    gql: &Context<'_>,
    filter: &invoicing::InvoiceFilter,
    sort: Sort<InvoiceSort>,
    ask: &PageRequest,
) -> async_graphql::Result<Option<Page<Arc<IssuedInvoice>>>> {
    let request = gql.request();
    let found = async { invoicing::invoices(&*request.read().await?, request.ctx()?, filter, sort, ask).await };
    Ok(gql.nullable(found.await)?.map(Page::shared))
}

/// The invoices of a month in sums: those in the park's currency, and beside them those in others.
#[derive(SimpleObject)]
pub(crate) struct BillingMonth {
    /// The month billed.
    month: Month,
    #[graphql(flatten)]
    sums: BillingSums,
    /// The invoices in other currencies, in sums of each.
    other_currencies: Vec<BillingSums>,
}

/// The invoices of a month in one currency, in sums.
#[derive(SimpleObject)]
pub(crate) struct BillingSums {
    /// How many invoices.
    invoices: i64,
    /// Before tax.
    net: Money,
    /// With tax.
    total: Money,
    /// Paid on them.
    paid: Money,
    /// Still owed.
    open: Money,
    /// Owed although due.
    overdue: Money,
    /// Tenants that owe although due.
    overdue_tenants: i64,
}

impl BillingSums {
    fn of((currency, totals): (money::Currency, invoicing::MonthTotals)) -> Self {
        let money = |minor| money::Money::new(minor, currency).into();
        Self {
            invoices: totals.invoices,
            net: money(totals.net_minor),
            total: money(totals.total_minor),
            paid: money(totals.paid_minor),
            open: money(totals.total_minor.saturating_sub(totals.paid_minor)),
            overdue: money(totals.overdue_minor),
            overdue_tenants: totals.overdue_tenants,
        }
    }
}

#[derive(Clone)]
pub(crate) struct ParkBilling;

#[Object]
impl ParkBilling {
    /// What a billing run of a month would come to by what is recorded now, lease by lease; also for a month that is not over.
    /// Null for who may not read the invoices of the park.
    #[graphql(complexity = "100 + 100 * child_complexity")]
    async fn billing_run_preview(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month, YYYY-MM.")] month: Month,
    ) -> async_graphql::Result<Option<run::BillingRunPreview>> {
        run::preview(gql, month.0).await
    }
    /// Invoices, highest number first: all for staff of the park, its own for staff of a tenant, none for others.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn invoices(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "What the list is narrowed down to.")] filter: Option<InvoiceFilter>,
        #[graphql(desc = "By what; by number, the latest first, when left out.")] order_by: Option<
            Order<InvoiceOrderField>,
        >,
    ) -> async_graphql::Result<Paged<Invoice>> {
        list(gql, first, after, InvoiceFilter::read(filter), order_by).await
    }

    /// The invoices in reach and in force of a month in sums; the last month that is over when none is named. Null for who may not
    /// read invoices.
    async fn billing_month(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month, YYYY-MM.")] month: Option<Month>,
    ) -> async_graphql::Result<Option<BillingMonth>> {
        let request = gql.request();
        let found = async {
            let ctx = request.ctx()?;
            let month = month.map_or_else(|| time::Month::of(ctx.today()).plus(-1), |m| m.0);
            Ok((month, invoicing::month_totals(&*request.read().await?, ctx, month).await?))
        };
        let found = gql.nullable(found.await)?;
        Ok(found.and_then(|(month, totals)| {
            let mut sums = totals.into_iter().map(BillingSums::of);
            Some(BillingMonth { month: Month(month), sums: sums.next()?, other_currencies: sums.collect() })
        }))
    }
}

#[derive(Clone)]
pub(crate) struct TenantBilling(pub(crate) TenantId);

#[Object]
impl TenantBilling {
    /// Its invoices, highest number first. A tenant named in the filter is ignored here.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn invoices(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "What the list is narrowed down to.")] filter: Option<InvoiceFilter>,
        #[graphql(desc = "By what; by number, the latest first, when left out.")] order_by: Option<
            Order<InvoiceOrderField>,
        >,
    ) -> async_graphql::Result<Paged<Invoice>> {
        let filter = InvoiceFilter::read(filter.map(|f| InvoiceFilter { tenant_id: None, ..f }));
        list(gql, first, after, filter.map(|f| invoicing::InvoiceFilter { tenant: Some(self.0), ..f }), order_by).await
    }
}

#[derive(Clone)]
pub(crate) struct LeaseBilling(pub(crate) LeaseId);

#[Object]
impl LeaseBilling {
    /// The meters that the price book of the lease charges in a month, with what they counted; none without a book that does, and for
    /// who may not read invoices.
    async fn meters(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month, YYYY-MM.")] month: Month,
    ) -> async_graphql::Result<Vec<LeaseMeter>> {
        usage::meters(gql, self.0, month.0).await
    }
    /// What the invoice of a month would say if it were drawn up now; also for a month that is not over.
    async fn invoice_preview(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month, YYYY-MM.")] month: Month,
        #[graphql(desc = "As if the lease were amended so first; for who may amend it, null for others.")]
        amendment: Option<LeaseAmendmentInput>,
    ) -> async_graphql::Result<Option<InvoicePreview>> {
        let preview = |drawn_up| InvoicePreview { lease: self.0, month: month.0, drawn_up };
        let Some(amendment) = amendment else {
            return Ok(load(gql, PreviewOf(self.0, month.0)).await?.map(preview));
        };
        let request = gql.request();
        let found = async {
            let ctx = request.ctx()?;
            ctx.require(Action::Commit, Resource::Leasing).map_err(|_| Error::NotFound)?;
            let amended = amendment.read();
            match invoicing::preview_amended(&*request.read().await?, ctx, self.0, month.0, &amended).await {
                Ok(body) => Ok(Ok(body)),
                Err(Error::Refused(refusals)) => Ok(Err(refusals)),
                Err(error) => Err(error),
            }
        };
        Ok(gql.nullable(found.await)?.map(|drawn_up| preview(Arc::new(drawn_up))))
    }
}

/// Which month of which lease to bill.
#[derive(InputObject, Serialize)]
pub(crate) struct InvoiceIssueInput {
    /// The lease.
    lease_id: ID,
    /// The month; it must be over.
    month: Month,
    /// Repeats of the same request under this key answer the same and issue nothing.
    idempotency_key: String,
}

/// What became of an invoice.
#[derive(SimpleObject, Default)]
pub(crate) struct InvoiceIssuePayload {
    /// The invoice.
    invoice: Option<Invoice>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Money that came in.
#[derive(InputObject, Serialize)]
pub(crate) struct PaymentRecordInput {
    /// For which invoice.
    invoice_id: ID,
    /// Major units of the invoice's currency, such as `1234.50`; at most the balance.
    amount: String,
    /// The civil day the money came, not after today.
    paid_on: Date,
    /// How it came, in the park's words, 1 to 40 characters.
    method: String,
    /// The payer's or bank's reference, up to 100 characters.
    reference: Option<String>,
    /// Repeats of the same request under this key answer the same and count once.
    idempotency_key: String,
}

/// What became of a payment.
#[derive(SimpleObject, Default)]
pub(crate) struct PaymentRecordPayload {
    /// The payment.
    payment: Option<Payment>,
    /// The invoice as it stands with it.
    invoice: Option<Invoice>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// An invoice is to be withdrawn.
#[derive(InputObject, Serialize)]
pub(crate) struct InvoiceVoidInput {
    /// Which; nothing may have been paid on it.
    invoice_id: ID,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of an invoice to be withdrawn.
#[derive(SimpleObject, Default)]
pub(crate) struct InvoiceVoidPayload {
    /// The invoice.
    invoice: Option<Invoice>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct BillingMutation;

#[Object]
impl BillingMutation {
    /// Issues the invoice of a lease for a month that is over: priced from the seat ledger, numbered, final.
    async fn invoice_issue(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvoiceIssueInput,
    ) -> async_graphql::Result<Option<InvoiceIssuePayload>> {
        let (lease, month) = (node::id("leaseId", &input.lease_id), input.month.0);
        let done = change(gql, "invoiceIssue", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let invoice = invoicing::invoice_issue(tx, ctx, lease?, month).await?;
                let entry = AuditEntry::new("invoice.issue", invoice.id);
                let detail = json!({ "number": invoice.number.to_string(), "month": month.to_string() });
                Ok((invoice.id, entry.with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => InvoiceIssuePayload { invoice: load(gql, id).await?.map(Invoice::from), user_errors: Vec::new() },
            Err(user_errors) => InvoiceIssuePayload { user_errors, ..Default::default() },
        }))
    }

    /// Issues the invoices of a month that is over for every lease under which seats were held and that has none yet, or
    /// in a dry run tells what they would come to. What cannot be billed is told and does not keep the others back.
    async fn billing_run(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BillingRunInput,
    ) -> async_graphql::Result<Option<BillingRunPayload>> {
        run::run(gql, input).await.map(Some)
    }

    /// Withdraws an invoice on which nothing was paid. It keeps its number; the month of its lease can be billed again.
    async fn invoice_void(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvoiceVoidInput,
    ) -> async_graphql::Result<Option<InvoiceVoidPayload>> {
        let (invoice, reason) = (node::id("invoiceId", &input.invoice_id), input.reason.clone());
        let done = change(gql, "invoiceVoid", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let invoice = invoicing::invoice_void(tx, ctx, invoice?, &reason).await?;
                let entry = AuditEntry::new("invoice.void", invoice.id);
                Ok((invoice.id, entry.with(json!({ "number": invoice.number.to_string() }))))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => InvoiceVoidPayload { invoice: load(gql, id).await?.map(Invoice::from), user_errors: Vec::new() },
            Err(user_errors) => InvoiceVoidPayload { user_errors, ..Default::default() },
        }))
    }

    /// Records a payment of an invoice.
    async fn payment_record(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaymentRecordInput,
    ) -> async_graphql::Result<Option<PaymentRecordPayload>> {
        let invoice = node::id("invoiceId", &input.invoice_id);
        let (amount, paid_on, method) = (input.amount.clone(), input.paid_on.0, input.method.clone());
        let reference = input.reference.clone().unwrap_or_default();
        let done = change(gql, "paymentRecord", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let invoice = invoice?;
                let draft = PaymentDraft { invoice, amount, paid_on, method, reference };
                let payment = invoicing::payment_record(tx, ctx, draft).await?;
                let detail = json!({ "invoice": invoice.to_string(), "minor": payment.amount.minor });
                Ok(((payment.id, invoice), AuditEntry::new("payment.record", payment.id).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok((payment, invoice)) => PaymentRecordPayload {
                payment: load(gql, payment).await?.map(Payment::from),
                invoice: load(gql, invoice).await?.map(Invoice::from),
                user_errors: Vec::new(),
            },
            Err(user_errors) => PaymentRecordPayload { user_errors, ..Default::default() },
        }))
    }
}
