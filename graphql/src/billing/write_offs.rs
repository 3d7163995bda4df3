//! Debts that are given up, and asked for again.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use serde::Serialize;
use serde_json::json;
use voxpark_billing::invoicing::{self, IssuedInvoice, WriteOff};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::InvoiceId;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use super::invoice::Invoice;
use super::load::grouped;
use crate::change::change;
use crate::error::UserError;
use crate::load::{Load, load};
use crate::node;
use crate::scalar::{Date, Money};

/// What is done with a debt.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "invoicing::WriteOffStep")]
pub(crate) enum WriteOffStep {
    /// It is given up: nobody is expected to pay it any more.
    WrittenOff,
    /// It is asked for again.
    Restored,
}

/// A debt that was given up, or asked for again.
#[derive(SimpleObject)]
pub(crate) struct InvoiceWriteOff {
    /// Given up, or asked for again.
    step: WriteOffStep,
    /// With tax.
    amount: Money,
    /// The day.
    on: Date,
    /// Why.
    reason: String,
}

impl From<&WriteOff> for InvoiceWriteOff {
    fn from(act: &WriteOff) -> Self {
        Self { step: act.step.into(), amount: act.amount.into(), on: act.done_on.into(), reason: act.reason.clone() }
    }
}

/// The acts of an invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct WriteOffsOf(pub(super) InvoiceId);

#[async_trait]
impl Load for WriteOffsOf {
    type Value = Arc<Vec<WriteOff>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let found = invoicing::write_offs(tx, ctx, &ids).await?.into_iter();
        Ok(grouped(found.map(|act| (Self(act.invoice), act))))
    }
}

/// A debt is to be given up.
#[derive(InputObject, Serialize)]
pub(crate) struct InvoiceWriteOffInput {
    /// Of which invoice: all that is still owed.
    invoice_id: ID,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct InvoiceWriteOffPayload {
    /// The invoice.
    invoice: Option<Invoice>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A debt that was given up is to be asked for again.
#[derive(InputObject, Serialize)]
pub(crate) struct InvoiceRestoreInput {
    /// Of which invoice: all that was given up.
    invoice_id: ID,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct InvoiceRestorePayload {
    /// The invoice.
    invoice: Option<Invoice>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

fn entry(action: &'static str, invoice: &IssuedInvoice) -> AuditEntry {
    AuditEntry::new(action, invoice.id).with(json!({ "number": invoice.number.to_string() }))
}

#[derive(Default)]
pub(crate) struct WriteOffMutation;

#[Object]
impl WriteOffMutation {
    /// Gives up whatever is still owed of an invoice: a loss in the books. The invoice stays what it is and counts as uncollectible.
    async fn invoice_write_off(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvoiceWriteOffInput,
    ) -> async_graphql::Result<Option<InvoiceWriteOffPayload>> {
        let (invoice, reason) = (node::id("invoiceId", &input.invoice_id), input.reason.clone());
        let done = change(gql, "invoiceWriteOff", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let invoice = invoicing::invoice_write_off(tx, ctx, invoice?, &reason).await?;
                Ok((invoice.id, entry("invoice.writeoff", &invoice)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                InvoiceWriteOffPayload { invoice: load(gql, id).await?.map(Invoice::from), user_errors: Vec::new() }
            }
            Err(user_errors) => InvoiceWriteOffPayload { user_errors, ..Default::default() },
        }))
    }

    /// Asks again for what was given up of an invoice, so that it can be paid.
    async fn invoice_restore(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvoiceRestoreInput,
    ) -> async_graphql::Result<Option<InvoiceRestorePayload>> {
        let (invoice, reason) = (node::id("invoiceId", &input.invoice_id), input.reason.clone());
        let done = change(gql, "invoiceRestore", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let invoice = invoicing::invoice_restore(tx, ctx, invoice?, &reason).await?;
                Ok((invoice.id, entry("invoice.restore", &invoice)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                InvoiceRestorePayload { invoice: load(gql, id).await?.map(Invoice::from), user_errors: Vec::new() }
            }
            Err(user_errors) => InvoiceRestorePayload { user_errors, ..Default::default() },
        }))
    }
}
