//! Credit notes over issued invoices.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::crediting::{self, CreditDraft, IssuedNote};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{CreditNoteId, InvoiceId};
use voxpark_domain::money::Money as Amount;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use super::Invoice;
use super::load::grouped;
use crate::change::change;
use crate::error::UserError;
use crate::load::{Load, load};
use crate::node;
use crate::scalar::{Date, Money};

/// What was taken back of an issued invoice.
#[derive(Clone)]
pub(crate) struct CreditNote(Arc<IssuedNote>);

impl From<Arc<IssuedNote>> for CreditNote {
    fn from(note: Arc<IssuedNote>) -> Self {
        Self(note)
    }
}

impl CreditNote {
    fn money(&self, minor: i64) -> Money {
        Amount::new(minor, self.0.currency).into()
    }
}

/// What was taken back of an issued invoice.
#[Object]
impl CreditNote {
    /// Stable id; of a note that was only looked at one that nothing has.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// `series-year-number`, without gaps in a series and year; null in a dry run.
    async fn number(&self) -> Option<String> {
        self.0.number.as_ref().map(ToString::to_string)
    }
    /// The invoice it corrects.
    async fn invoice(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Invoice>> {
        Ok(load(gql, self.0.invoice).await?.map(Invoice::from))
    }
    /// Before tax.
    async fn net(&self) -> Money {
        self.money(self.0.net_minor)
    }
    /// The tax that goes with it.
    async fn tax(&self) -> Money {
        self.money(self.0.tax_minor)
    }
    /// Net and tax.
    async fn total(&self) -> Money {
        self.money(self.0.total_minor)
    }
    /// What of it goes off what is owed.
    async fn off_debt(&self) -> Money {
        self.money(self.0.off_debt_minor)
    }
    /// What of it goes back as money.
    async fn refunded(&self) -> Money {
        self.money(self.0.refunded_minor)
    }
    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
    /// The day of issue, which decides about its tax.
    async fn issued_on(&self) -> Date {
        self.0.issued_on.into()
    }
    /// When it was issued.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }
    /// What it takes back, by line of the invoice.
    async fn lines(&self) -> Vec<CreditedLine> {
        let line = |line: &crediting::CreditedLine| CreditedLine {
            line_no: line.line,
            net: self.money(line.net_minor),
            tax: self.money(line.tax_minor),
        };
        self.0.lines.iter().map(line).collect()
    }
}

/// What a credit note takes back of a line of its invoice.
#[derive(SimpleObject)]
pub(crate) struct CreditedLine {
    /// The line of the invoice, from 1.
    line_no: i64,
    /// Before tax.
    net: Money,
    /// The tax that goes with it.
    tax: Money,
}

/// The notes of an invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NotesOf(pub(super) InvoiceId);

#[async_trait]
impl Load for NotesOf {
    type Value = Arc<Vec<Arc<IssuedNote>>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let notes = tx.credit_notes_of(&ids).await?.into_iter();
        Ok(grouped(notes.map(|note| (Self(note.invoice), Arc::new(note)))))
    }
}

#[async_trait]
impl Load for CreditNoteId {
    type Value = Arc<IssuedNote>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.credit_notes_by_id(keys).await?.into_iter().map(|note| (note.id, Arc::new(note))).collect())
    }
}

/// What is to be taken back of a line.
#[derive(InputObject, Serialize)]
pub(crate) struct CreditLineInput {
    /// The line of the invoice, from 1.
    line_no: i64,
    /// How much of it, major units before tax, such as `1234.50`; the tax follows.
    amount: String,
}

/// A credit note is to be issued.
#[derive(InputObject, Serialize)]
pub(crate) struct CreditNoteIssueInput {
    /// The invoice.
    invoice_id: ID,
    /// What is taken back; each line once.
    lines: Vec<CreditLineInput>,
    /// Why, 1 to 200 characters; stands on the note.
    reason: String,
    /// Only tell what it would come to.
    #[graphql(default)]
    dry_run: bool,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of a credit note.
#[derive(SimpleObject, Default)]
pub(crate) struct CreditNoteIssuePayload {
    /// The note, or in a dry run what it would be.
    credit_note: Option<CreditNote>,
    /// The invoice.
    invoice: Option<Invoice>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct CreditMutation;

#[Object]
impl CreditMutation {
    /// Takes back a part of an issued invoice, or all of it. What is still owed goes down first, the rest goes back as money.
    async fn credit_note_issue(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreditNoteIssueInput,
    ) -> async_graphql::Result<Option<CreditNoteIssuePayload>> {
        let (invoice, dry_run) = (node::id::<InvoiceId>("invoiceId", &input.invoice_id), input.dry_run);
        let lines = input.lines.iter().map(|line| (line.line_no, line.amount.clone())).collect();
        let reason = input.reason.clone();
        let done = change(gql, "creditNoteIssue", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let draft = CreditDraft { invoice: invoice?, lines, reason };
                let note = crediting::credit_note_issue(tx, ctx, &draft, dry_run).await?;
                let entry = AuditEntry::new("credit-note.issue", note.id);
                let detail =
                    json!({ "invoice": note.invoice.to_string(), "totalMinor": note.total_minor, "dryRun": dry_run });
                Ok((note, entry.with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(note) => CreditNoteIssuePayload {
                invoice: load(gql, note.invoice).await?.map(Invoice::from),
                credit_note: Some(CreditNote(Arc::new(note))),
                user_errors: Vec::new(),
            },
            Err(user_errors) => CreditNoteIssuePayload { user_errors, ..Default::default() },
        }))
    }
}
