//! Payments: what came, what it pays, what is credit, and what went back.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::invoicing::IssuedInvoice;
use voxpark_billing::receiving::{
    self, Apply, ApplyTo, PaymentAct, PaymentFilter, ReceiptDraft, Received, RefundDraft,
};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{InvoiceId, PaymentId, TenantId};
use voxpark_domain::money::Money as Amount;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result, money};

use super::Invoice;
use super::load::grouped;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load, load_known};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::{Date, Money};
use crate::tenancy::Tenant;

/// Money that a tenant paid.
#[derive(Clone)]
pub(crate) struct Payment(Arc<Received>);

impl From<Arc<Received>> for Payment {
    fn from(received: Arc<Received>) -> Self {
        Self(received)
    }
}

/// What was done with a payment or with credit of a credit note.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "receiving::PaymentStep")]
pub(crate) enum PaymentStep {
    /// It pays an invoice.
    Applied,
    /// It pays the invoice no longer and is credit again.
    Unapplied,
    /// Credit was paid back.
    Refunded,
    /// The bank took it back; whatever it paid is owed again.
    Bounced,
}

/// Money that a tenant paid.
#[Object]
impl Payment {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.of.id.to_string().into())
    }
    /// Who paid.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        Ok(load(gql, self.0.of.tenant).await?.map(Tenant::from))
    }
    /// How much.
    async fn amount(&self) -> Money {
        self.0.of.amount.into()
    }
    /// The civil day the money came.
    async fn paid_on(&self) -> Date {
        self.0.of.paid_on.into()
    }
    /// How it came, in the park's words.
    async fn method(&self) -> &str {
        &self.0.of.method
    }
    /// The payer's or bank's reference; may be empty.
    async fn reference(&self) -> &str {
        &self.0.of.reference
    }
    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.of.recorded_at
    }
    /// What is left of it to apply or pay back.
    async fn credit(&self) -> Money {
        self.0.credit().into()
    }
    /// The day the bank took it back; null when it did not.
    async fn bounced_on(&self) -> Option<Date> {
        self.0.bounced_on().map(Into::into)
    }
    /// What it pays today.
    async fn applied(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<AppliedPayment>> {
        let of = |(invoice, minor)| async move {
            let invoice: Arc<IssuedInvoice> = load_known(gql, invoice).await?;
            async_graphql::Result::Ok(AppliedPayment::of(invoice.into(), minor, self.0.clone()))
        };
        futures_util::future::try_join_all(self.0.applied().into_iter().map(of)).await
    }
    /// Everything that was done with it, oldest first.
    async fn acts(&self) -> Vec<PaymentActEntry> {
        let currency = self.0.of.amount.currency;
        self.0.acts.iter().map(|act| PaymentActEntry { act: act.clone(), currency }).collect()
    }
}

/// An invoice and what a payment pays of it.
#[derive(SimpleObject)]
pub(crate) struct AppliedPayment {
    /// The invoice.
    invoice: Invoice,
    /// The payment.
    payment: Payment,
    /// How much of the payment.
    amount: Money,
}

/// Something that was done with a payment or with credit of a credit note.
pub(crate) struct PaymentActEntry {
    pub(super) act: PaymentAct,
    pub(super) currency: money::Currency,
}

/// Something that was done with a payment or with credit of a credit note.
#[Object(name = "PaymentAct")]
impl PaymentActEntry {
    /// What.
    async fn step(&self) -> PaymentStep {
        self.act.step.into()
    }
    /// Which invoice, of what is applied and applied no longer.
    async fn invoice(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Invoice>> {
        let Some(id) = self.act.invoice else { return Ok(None) };
        Ok(load(gql, id).await?.map(Invoice::from))
    }
    /// How much.
    async fn amount(&self) -> Money {
        Amount::new(self.act.amount_minor, self.currency).into()
    }
    /// The civil day it counts from.
    async fn done_on(&self) -> Date {
        self.act.done_on.into()
    }
    /// Why, or the reference of what was paid back; may be empty.
    async fn note(&self) -> &str {
        &self.act.note
    }
    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.act.recorded_at
    }
}

#[async_trait]
impl Load for PaymentId {
    type Value = Arc<Received>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let found = receiving::payments_received(tx, ctx, keys).await?;
        Ok(found.into_iter().map(|one| (one.of.id, Arc::new(one))).collect())
    }
}

/// What pays an invoice: minor units of each payment, oldest payment first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PaymentsOf(pub(super) InvoiceId);

#[async_trait]
impl Load for PaymentsOf {
    type Value = Arc<Vec<(i64, Arc<Received>)>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let found = tx.payments_of(&ids).await?;
        let payments: Vec<PaymentId> = found.iter().map(|(_, _, payment)| payment.id).collect();
        let whole = tx.payments_received(&payments).await?.into_iter().map(|one| (one.of.id, Arc::new(one)));
        let whole: HashMap<PaymentId, Arc<Received>> = whole.collect();
        let paid = found.into_iter().filter_map(|(invoice, minor, payment)| {
            Some((Self(invoice), (minor, Arc::clone(whole.get(&payment.id)?))))
        });
        Ok(grouped(paid))
    }
}

impl AppliedPayment {
    /// So many minor units of a payment pay an invoice.
    pub(super) fn of(invoice: Invoice, minor: i64, payment: Arc<Received>) -> Self {
        let amount = Amount::new(minor, payment.of.amount.currency).into();
        Self { invoice, payment: Payment(payment), amount }
    }
}

/// What tenants of a park paid.
#[derive(Clone)]
pub(crate) struct ParkPayments;

/// What tenants of a park paid.
#[Object]
impl ParkPayments {
    /// Payments, recorded last first: all for staff of the park, its own for staff of a tenant.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn payments(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Only of this tenant.")] tenant_id: Option<ID>,
        #[graphql(desc = "Only those of which something is credit.")] credit: Option<bool>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<Payment>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let tenant = tenant_id.map(|id| node::id("tenantId", &id)).transpose().map_err(|e| gql.fault(&e))?;
        let filter = PaymentFilter { tenant, credit: credit.unwrap_or_default() };
        let request = gql.request();
        let read = async { receiving::payments(&*request.read().await?, request.ctx()?, &filter, &ask).await };
        let page = gql.nullable(read.await)?.map(voxpark_domain::page::Page::shared);
        let count =
            counter!(gql, "", [filter] | ctx, tx | async move { receiving::payments_count(tx, ctx, &filter).await });
        Ok(paged(page, count, Payment::from))
    }
}

/// What is to be applied to an invoice.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaymentApplicationInput {
    /// The invoice.
    invoice_id: ID,
    /// Major units of the credit's currency, such as `1234.50`; as much as is owed and there when left out.
    amount: Option<String>,
}

/// Money that came.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaymentReceiveInput {
    /// From whom.
    tenant_id: ID,
    /// Major units, such as `1234.50`.
    amount: String,
    /// Its currency, ISO 4217.
    currency: String,
    /// The civil day it came, not after today.
    paid_on: Date,
    /// How it came, in the park's words, 1 to 40 characters.
    method: String,
    /// The payer's or bank's reference, up to 100 characters.
    reference: Option<String>,
    /// What it pays, in this order, at most 100 invoices; what is left is credit. Nothing when left out.
    applications: Option<Vec<PaymentApplicationInput>>,
    /// Instead: whatever is owed, the first due first.
    #[graphql(default)]
    first_due: bool,
    /// Repeats of the same request under this key answer the same and count once.
    idempotency_key: String,
}

/// Credit is to be applied.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaymentApplyInput {
    /// The payment.
    payment_id: ID,
    /// What it pays, in this order, at most 100 invoices.
    applications: Option<Vec<PaymentApplicationInput>>,
    /// Instead: whatever is owed, the first due first.
    #[graphql(default)]
    first_due: bool,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// A payment is to be taken off an invoice.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaymentUnapplyInput {
    /// The payment.
    payment_id: ID,
    /// The invoice.
    invoice_id: ID,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// Credit is to be paid back.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaymentRefundInput {
    /// The payment.
    payment_id: ID,
    /// Major units of its currency; at most its credit.
    amount: String,
    /// The civil day it is paid back, not after today.
    on: Date,
    /// The bank's reference, up to 100 characters.
    reference: Option<String>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// The bank took a payment back.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaymentBounceInput {
    /// The payment; nothing of it may have been paid back.
    payment_id: ID,
    /// The civil day, not after today.
    on: Date,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of a payment.
#[derive(SimpleObject, Default)]
pub(crate) struct PaymentPayload {
    /// The payment.
    payment: Option<Payment>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

pub(super) fn applied_to(applications: Option<Vec<PaymentApplicationInput>>, first_due: bool) -> Result<ApplyTo> {
    if first_due {
        return Ok(ApplyTo::FirstDue);
    }
    let one = |(n, one): (usize, PaymentApplicationInput)| {
        let invoice: InvoiceId = node::id(format!("applications.{n}.invoiceId"), &one.invoice_id)?;
        Ok(Apply { invoice, amount: one.amount })
    };
    let all = applications.unwrap_or_default().into_iter().enumerate().map(one);
    Ok(ApplyTo::Named(all.collect::<Result<_>>()?))
}

async fn payload(
    gql: &Context<'_>,
    done: std::result::Result<PaymentId, Vec<UserError>>,
) -> async_graphql::Result<Option<PaymentPayload>> {
    Ok(Some(match done {
        Ok(id) => PaymentPayload { payment: load(gql, id).await?.map(Payment::from), user_errors: Vec::new() },
        Err(user_errors) => PaymentPayload { user_errors, ..Default::default() },
    }))
}

/// The act in the audit log.
fn entry(name: &'static str, received: &Received) -> AuditEntry {
    let detail = json!({ "minor": received.of.amount.minor, "creditMinor": received.credit().minor });
    AuditEntry::new(name, received.of.id).with(detail)
}

#[derive(Default)]
pub(crate) struct ReceivingMutation;

#[Object]
impl ReceivingMutation {
    /// Records money of a tenant, whatever it is for, and applies it to invoices; what is left is the tenant's credit.
    async fn payment_receive(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaymentReceiveInput,
    ) -> async_graphql::Result<Option<PaymentPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paymentReceive", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let draft = ReceiptDraft {
                    tenant: node::id::<TenantId>("tenantId", &wanted.tenant_id)?,
                    currency: money::Currency::parse(&wanted.currency).map_err(|refusal| refusal.at("currency"))?,
                    amount: wanted.amount,
                    paid_on: wanted.paid_on.0,
                    method: wanted.method,
                    reference: wanted.reference.unwrap_or_default(),
                    to: applied_to(wanted.applications, wanted.first_due)?,
                };
                let received = receiving::payment_receive(tx, ctx, &draft).await?;
                Ok((received.of.id, entry("payment.receive", &received)))
            })
        });
        payload(gql, done.await?).await
    }

    /// Applies credit of a payment to invoices of its tenant: all of it as asked, or nothing.
    async fn payment_apply(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaymentApplyInput,
    ) -> async_graphql::Result<Option<PaymentPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paymentApply", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("paymentId", &wanted.payment_id)?;
                let to = applied_to(wanted.applications, wanted.first_due)?;
                let received = receiving::payment_apply(tx, ctx, id, &to).await?;
                Ok((id, entry("payment.apply", &received)))
            })
        });
        payload(gql, done.await?).await
    }

    /// Takes a payment off an invoice: it is credit again, and the invoice is owed again.
    async fn payment_unapply(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaymentUnapplyInput,
    ) -> async_graphql::Result<Option<PaymentPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paymentUnapply", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("paymentId", &wanted.payment_id)?;
                let invoice = node::id("invoiceId", &wanted.invoice_id)?;
                let received = receiving::payment_unapply(tx, ctx, id, invoice, &wanted.reason).await?;
                Ok((id, entry("payment.unapply", &received)))
            })
        });
        payload(gql, done.await?).await
    }

    /// Pays credit of a payment back.
    async fn payment_refund(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaymentRefundInput,
    ) -> async_graphql::Result<Option<PaymentPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paymentRefund", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("paymentId", &wanted.payment_id)?;
                let reference = wanted.reference.unwrap_or_default();
                let draft = RefundDraft { amount: wanted.amount, on: wanted.on.0, reference };
                let received = receiving::payment_refund(tx, ctx, id, &draft).await?;
                Ok((id, entry("payment.refund", &received)))
            })
        });
        payload(gql, done.await?).await
    }

    /// Records that the bank took a payment back: whatever it paid is owed again.
    async fn payment_bounce(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaymentBounceInput,
    ) -> async_graphql::Result<Option<PaymentPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paymentBounce", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("paymentId", &wanted.payment_id)?;
                let received = receiving::payment_bounce(tx, ctx, id, wanted.on.0, &wanted.reason).await?;
                Ok((id, entry("payment.bounce", &received)))
            })
        });
        payload(gql, done.await?).await
    }
}
