//! Invoices by mail: what was sent to whom, sending them, and how a park goes about it.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::sending;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{CreditNoteId, InvoiceId};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use super::credit::CreditNote;
use super::invoice::Invoice;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::identity::LetterState;
use crate::load::{Load, load};
use crate::node;
use crate::papers::PaperLanguage;
use crate::request::Asking as _;

/// A letter that brings an invoice, or a credit note over one, to one address.
#[derive(SimpleObject)]
pub(crate) struct InvoiceDelivery {
    /// To which mail address.
    to: String,
    /// The language of the document.
    language: PaperLanguage,
    /// What became of it.
    state: LetterState,
    /// The mail server's reply code when it did not take the letter, such as `550`; `withdrawn` when the invoice was before the
    /// letter left.
    code: Option<String>,
    /// When it was posted.
    posted_at: DateTime<Utc>,
    /// When it was sent, given up or held back.
    ended_at: Option<DateTime<Utc>>,
}

impl From<&sending::Delivery> for InvoiceDelivery {
    fn from(delivery: &sending::Delivery) -> Self {
        Self {
            to: delivery.to.reveal().to_owned(),
            language: delivery.language.into(),
            state: delivery.state.into(),
            code: delivery.code.clone(),
            posted_at: delivery.posted_at,
            ended_at: delivery.ended_at,
        }
    }
}

/// The deliveries of an invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DeliveriesOf(pub(super) InvoiceId);

#[async_trait]
impl Load for DeliveriesOf {
    type Value = Arc<Vec<sending::Delivery>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let found = sending::deliveries_of(tx, ctx, &ids).await?;
        Ok(super::load::grouped(found.into_iter().map(|one| (Self(one.invoice), one))))
    }
}

/// How a park goes about its invoices.
#[derive(SimpleObject)]
pub(crate) struct InvoicePolicy {
    /// Whether the invoices of a billing run are sent by mail with it.
    send_with_run: bool,
}

impl From<sending::InvoicePolicy> for InvoicePolicy {
    fn from(policy: sending::InvoicePolicy) -> Self {
        Self { send_with_run: policy.send_with_run }
    }
}

async fn policy(gql: &Context<'_>) -> async_graphql::Result<Option<InvoicePolicy>> {
    let request = gql.request();
    let read = async { sending::invoice_policy(&*request.read().await?, request.ctx()?).await };
    Ok(gql.nullable(read.await)?.map(Into::into))
}

/// How the park sends its invoices.
#[derive(Clone)]
pub(crate) struct ParkSending;

/// How the park sends its invoices.
#[Object]
impl ParkSending {
    /// How it goes about its invoices; null for everybody but its staff with permission.
    async fn invoice_policy(&self, gql: &Context<'_>) -> async_graphql::Result<Option<InvoicePolicy>> {
        policy(gql).await
    }
}

/// Which invoices to send.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct InvoiceSendInput {
    /// At most 200, each once; all are sent or none.
    invoice_ids: Vec<ID>,
    /// Repeats of the same request under this key answer the same and send nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct InvoiceSendPayload {
    /// The invoices, on their way.
    invoices: Vec<Invoice>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Which credit notes to send.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct CreditNoteSendInput {
    /// At most 200, each once; all are sent or none.
    credit_note_ids: Vec<ID>,
    /// Repeats of the same request under this key answer the same and send nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct CreditNoteSendPayload {
    /// The notes, on their way.
    credit_notes: Vec<CreditNote>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// How a park wants to go about its invoices.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct InvoicePolicySetInput {
    /// Whether the invoices of a billing run are sent by mail with it.
    send_with_run: bool,
    /// Repeats of the same request under this key answer the same and set nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct InvoicePolicySetPayload {
    /// As it is now.
    policy: Option<InvoicePolicy>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct SendingMutation;

#[Object]
impl SendingMutation {
    /// Sends invoices by mail as PDF, in the language of the tenant, to the addresses that it gave.
    async fn invoice_send(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvoiceSendInput,
    ) -> async_graphql::Result<Option<InvoiceSendPayload>> {
        let read = |(n, id): (usize, &ID)| node::id::<InvoiceId>(format!("invoiceIds.{n}"), id);
        let ids = input.invoice_ids.iter().enumerate().map(read).collect::<Result<Vec<_>>>();
        let done = change(gql, "invoiceSend", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let ids = ids?;
                sending::invoice_send(tx, ctx, &ids).await?;
                let subject = ids.first().map(ToString::to_string).unwrap_or_default();
                let entry = AuditEntry::new("invoice.send", subject).with(json!({ "invoices": ids.len() }));
                Ok((ids, entry))
            })
        });
        Ok(Some(match done.await? {
            Ok(ids) => {
                let found = futures_util::future::try_join_all(ids.into_iter().map(|id| load(gql, id))).await?;
                let invoices = found.into_iter().flatten().map(Invoice::from).collect();
                InvoiceSendPayload { invoices, user_errors: Vec::new() }
            }
            Err(user_errors) => InvoiceSendPayload { user_errors, ..Default::default() },
        }))
    }

    /// Sends credit notes by mail as PDF, in the language of the tenant, to the addresses that it gave.
    async fn credit_note_send(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreditNoteSendInput,
    ) -> async_graphql::Result<Option<CreditNoteSendPayload>> {
        let read = |(n, id): (usize, &ID)| node::id::<CreditNoteId>(format!("creditNoteIds.{n}"), id);
        let ids = input.credit_note_ids.iter().enumerate().map(read).collect::<Result<Vec<_>>>();
        let done = change(gql, "creditNoteSend", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let ids = ids?;
                sending::credit_note_send(tx, ctx, &ids).await?;
                let subject = ids.first().map(ToString::to_string).unwrap_or_default();
                let entry = AuditEntry::new("credit-note.send", subject).with(json!({ "creditNotes": ids.len() }));
                Ok((ids, entry))
            })
        });
        Ok(Some(match done.await? {
            Ok(ids) => {
                let found = futures_util::future::try_join_all(ids.into_iter().map(|id| load(gql, id))).await?;
                let credit_notes = found.into_iter().flatten().map(CreditNote::from).collect();
                CreditNoteSendPayload { credit_notes, user_errors: Vec::new() }
            }
            Err(user_errors) => CreditNoteSendPayload { user_errors, ..Default::default() },
        }))
    }

    /// Says how the park goes about its invoices.
    async fn invoice_policy_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvoicePolicySetInput,
    ) -> async_graphql::Result<Option<InvoicePolicySetPayload>> {
        let wanted = sending::InvoicePolicy { send_with_run: input.send_with_run };
        let done = change(gql, "invoicePolicySet", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                sending::invoice_policy_set(tx, ctx, wanted).await?;
                Ok(((), AuditEntry::new("invoice-policy.set", "")))
            })
        });
        Ok(Some(match done.await? {
            Ok(()) => InvoicePolicySetPayload { policy: policy(gql).await?, user_errors: Vec::new() },
            Err(user_errors) => InvoicePolicySetPayload { user_errors, ..Default::default() },
        }))
    }
}
