//! Credit notes over issued invoices.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::crediting::{self, CorrectionDraft, CreditDraft, IssuedNote, NoteFilter, PaidTo};
use voxpark_billing::invoicing::IssuedInvoice;
use voxpark_billing::receiving::{self, Credit, Credited, PaymentAct, RefundDraft};
use voxpark_billing::sending::Delivery;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{CreditNoteId, InvoiceId, LeaseId};
use voxpark_domain::money::Money as Amount;
use voxpark_domain::pack::hex;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result, time};

use super::Invoice;
use super::load::grouped;
use super::receiving::{PaymentActEntry, PaymentApplicationInput, applied_to};
use super::sending::{DeliveriesOf, InvoiceDelivery};
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load, load_known};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::{Date, Money, Month};
use crate::tenancy::Tenant;

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
    /// The note with what was done with its credit.
    async fn credited(&self, gql: &Context<'_>) -> async_graphql::Result<Credit<&IssuedNote>> {
        let acts = load(gql, ActsOf(self.0.id)).await?;
        Ok(Credit { of: &*self.0, acts: acts.map(|acts| acts.to_vec()).unwrap_or_default() })
    }
}

/// What was fixed with a note, and whether it still says so.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct FixedOf(CreditNoteId);

#[async_trait]
impl Load for FixedOf {
    type Value = Arc<(Vec<u8>, bool)>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<CreditNoteId> = keys.iter().map(|key| key.0).collect();
        let found = crediting::notes_fixed(tx, ctx, &ids).await?;
        Ok(found.into_iter().map(|(id, sha256, same)| (Self(id), Arc::new((sha256, same)))).collect())
    }
}

/// An invoice and what credit of a credit note pays of it.
#[derive(SimpleObject)]
pub(crate) struct AppliedCredit {
    /// The invoice.
    pub(super) invoice: Invoice,
    /// The note.
    pub(super) credit_note: CreditNote,
    /// How much of its credit.
    pub(super) amount: Money,
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
    /// Whose.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        Ok(load(gql, self.0.tenant).await?.map(Tenant::from))
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
    /// What of it goes back as money with its issue.
    async fn refunded(&self) -> Money {
        self.money(self.0.refunded_minor)
    }
    /// What of it becomes credit of its payer.
    async fn to_credit(&self) -> Money {
        self.money(self.0.credit_minor)
    }
    /// What is left of that credit to apply or pay back.
    async fn credit(&self, gql: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(self.credited(gql).await?.credit().into())
    }
    /// What that credit pays today.
    async fn applied(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<AppliedCredit>> {
        let of = |(invoice, minor)| async move {
            let invoice: Arc<IssuedInvoice> = load_known(gql, invoice).await?;
            let amount = self.money(minor);
            async_graphql::Result::Ok(AppliedCredit { invoice: invoice.into(), credit_note: self.clone(), amount })
        };
        futures_util::future::try_join_all(self.credited(gql).await?.applied().into_iter().map(of)).await
    }
    /// Everything that was done with that credit, oldest first.
    async fn acts(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<PaymentActEntry>> {
        let currency = self.0.currency;
        let acts = self.credited(gql).await?.acts.into_iter();
        Ok(acts.map(|act| PaymentActEntry { act, currency }).collect())
    }
    /// The months that it brings up to what was recorded of them: no invoice corrects them by the same facts. None of a note that
    /// was given otherwise.
    async fn corrects(&self) -> Vec<Month> {
        self.0.corrects.iter().map(|day| Month(time::Month::of(*day))).collect()
    }
    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
    /// SHA-256 of everything that it says, fixed when it was issued; null in a dry run and of notes from before that.
    async fn sha256(&self, gql: &Context<'_>) -> async_graphql::Result<Option<String>> {
        Ok(load(gql, FixedOf(self.0.id)).await?.map(|fixed| hex(&fixed.0)))
    }
    /// Whether it still says what was fixed with it; null where nothing was.
    async fn intact(&self, gql: &Context<'_>) -> async_graphql::Result<Option<bool>> {
        Ok(load(gql, FixedOf(self.0.id)).await?.map(|fixed| fixed.1))
    }
    /// The letters that brought it, oldest first.
    async fn deliveries(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<InvoiceDelivery>> {
        let found = load(gql, DeliveriesOf(self.0.invoice)).await?;
        let mine = |one: &&Delivery| one.note == Some(self.0.id);
        Ok(found.iter().flat_map(|all| all.iter()).filter(mine).map(InvoiceDelivery::from).collect())
    }
    /// The day of issue, which decides about its tax.
    async fn issued_on(&self) -> Date {
        self.0.issued_on.into()
    }
    /// When it was issued.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }
    /// Where it can be had as PDF, in both languages; `?lang=zh` or `?lang=en` for one, `?format=ubl` for programs. A path of this
    /// installation; null in a dry run.
    async fn document_path(&self) -> Option<String> {
        self.0.number.as_ref().map(|_| format!("/documents/{}", self.0.id))
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

/// What was done with the credit of a note.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct ActsOf(CreditNoteId);

#[async_trait]
impl Load for ActsOf {
    type Value = Arc<Vec<PaymentAct>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<CreditNoteId> = keys.iter().map(|key| key.0).collect();
        Ok(grouped(tx.note_acts(&ids).await?.into_iter().map(|(note, act)| (Self(note), act))))
    }
}

/// The notes whose credit pays an invoice: minor units of each, oldest note first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CreditOf(pub(super) InvoiceId);

#[async_trait]
impl Load for CreditOf {
    type Value = Arc<Vec<(i64, Arc<IssuedNote>)>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let found = tx.notes_applied(&ids).await?;
        let notes: Vec<CreditNoteId> = found.iter().map(|(_, _, note)| *note).collect();
        let notes = tx.credit_notes_by_id(&notes).await?.into_iter().map(|note| (note.id, Arc::new(note)));
        let notes: HashMap<CreditNoteId, Arc<IssuedNote>> = notes.collect();
        let pays = |(invoice, minor, note)| Some((Self(invoice), (minor, Arc::clone(notes.get(&note)?))));
        Ok(grouped(found.into_iter().filter_map(pays)))
    }
}

/// What was taken back of invoices of a park.
#[derive(Clone)]
pub(crate) struct ParkCredit;

/// What was taken back of invoices of a park.
#[Object]
impl ParkCredit {
    /// Credit notes, issued last first: all for staff of the park, its own for staff of a tenant.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn credit_notes(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Only of this tenant.")] tenant_id: Option<ID>,
        #[graphql(desc = "Only those of which something is still credit.")] credit: Option<bool>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<CreditNote>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let tenant = tenant_id.map(|id| node::id("tenantId", &id)).transpose().map_err(|e| gql.fault(&e))?;
        let filter = NoteFilter { tenant, credit: credit.unwrap_or_default() };
        let request = gql.request();
        let read = async { crediting::credit_notes(&*request.read().await?, request.ctx()?, &filter, &ask).await };
        let page = gql.nullable(read.await)?.map(voxpark_domain::page::Page::shared);
        let count = counter!(
            gql,
            "",
            [filter] | ctx,
            tx | async move { crediting::credit_notes_count(tx, ctx, &filter).await }
        );
        Ok(paged(page, count, CreditNote::from))
    }
}

/// Where a credit note goes, as far as what it takes back was paid.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum CreditNotePaidTo {
    /// Back as money.
    Refund,
    /// To the credit of its payer, which pays other invoices or goes back later.
    Credit,
    /// A part back as money, the rest to the credit of its payer.
    Mixed,
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
    /// Where it goes, as far as what it takes back was paid.
    #[graphql(default_with = "CreditNotePaidTo::Refund")]
    paid_to: CreditNotePaidTo,
    /// With `MIXED`: what of that goes back as money, major units.
    refund: Option<String>,
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

/// Months of a lease that come to less than was billed are to be credited.
#[derive(InputObject, Serialize)]
pub(crate) struct CorrectionsCreditInput {
    /// The lease.
    lease_id: ID,
    /// Why, 1 to 200 characters; stands on the notes.
    reason: String,
    /// True: what was paid goes back as money. Otherwise it becomes credit of its payer.
    #[graphql(default)]
    refund: bool,
    /// Only tell what they would come to.
    #[graphql(default)]
    dry_run: bool,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of months that come to less than was billed.
#[derive(SimpleObject, Default)]
pub(crate) struct CorrectionsCreditPayload {
    /// A note over each invoice concerned, or in a dry run what they would be.
    credit_notes: Vec<CreditNote>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Credit of a credit note is to be applied.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct CreditNoteApplyInput {
    /// The note.
    credit_note_id: ID,
    /// What its credit pays, in this order, at most 100 invoices.
    applications: Option<Vec<PaymentApplicationInput>>,
    /// Instead: whatever is owed, the first due first.
    #[graphql(default)]
    first_due: bool,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// Credit of a credit note is to be taken off an invoice.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct CreditNoteUnapplyInput {
    /// The note.
    credit_note_id: ID,
    /// The invoice.
    invoice_id: ID,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// Credit of a credit note is to be paid back.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct CreditNoteRefundInput {
    /// The note.
    credit_note_id: ID,
    /// Major units of its currency; at most its credit.
    amount: String,
    /// The civil day it is paid back, not after today.
    on: Date,
    /// The bank's reference, up to 100 characters.
    reference: Option<String>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of the credit of a credit note.
#[derive(SimpleObject, Default)]
pub(crate) struct CreditNotePayload {
    /// The note.
    credit_note: Option<CreditNote>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

async fn payload(
    gql: &Context<'_>,
    done: std::result::Result<CreditNoteId, Vec<UserError>>,
) -> async_graphql::Result<Option<CreditNotePayload>> {
    Ok(Some(match done {
        Ok(id) => CreditNotePayload { credit_note: load(gql, id).await?.map(CreditNote), user_errors: Vec::new() },
        Err(user_errors) => CreditNotePayload { user_errors, ..Default::default() },
    }))
}

/// The act in the audit log.
fn entry(name: &'static str, credited: &Credited) -> AuditEntry {
    AuditEntry::new(name, credited.of.id).with(json!({ "creditMinor": credited.credit().minor }))
}

#[derive(Default)]
pub(crate) struct CreditMutation;

#[Object]
impl CreditMutation {
    /// Takes back a part of an issued invoice, or all of it. What is still owed goes down first, the rest was paid: it goes back as
    /// money, or becomes credit of its payer.
    async fn credit_note_issue(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreditNoteIssueInput,
    ) -> async_graphql::Result<Option<CreditNoteIssuePayload>> {
        let (invoice, dry_run) = (node::id::<InvoiceId>("invoiceId", &input.invoice_id), input.dry_run);
        let lines = input.lines.iter().map(|line| (line.line_no, line.amount.clone())).collect();
        let reason = input.reason.clone();
        let paid_to = match input.paid_to {
            CreditNotePaidTo::Refund => PaidTo::Refund,
            CreditNotePaidTo::Credit => PaidTo::Credit,
            CreditNotePaidTo::Mixed => PaidTo::Mixed(input.refund.clone().unwrap_or_default()),
        };
        let done = change(gql, "creditNoteIssue", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let draft = CreditDraft { invoice: invoice?, lines, reason, paid_to };
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

    /// Credits what was billed too much of months of a lease, by what was recorded since: a note over each invoice concerned, instead
    /// of lines on the next invoice. For a lease that is over, or of which corrections take back more than it has to pay.
    async fn corrections_credit(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CorrectionsCreditInput,
    ) -> async_graphql::Result<Option<CorrectionsCreditPayload>> {
        let (lease, dry_run) = (node::id::<LeaseId>("leaseId", &input.lease_id), input.dry_run);
        let (reason, refund) = (input.reason.clone(), input.refund);
        let done = change(gql, "correctionsCredit", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let draft = CorrectionDraft { lease: lease?, reason, refund };
                let notes = crediting::corrections_credit(tx, ctx, &draft, dry_run).await?;
                let entry = AuditEntry::new("credit-note.corrections", draft.lease);
                let detail = json!({ "creditNotes": notes.len(), "dryRun": dry_run });
                Ok((notes, entry.with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(notes) => {
                let notes = notes.into_iter().map(|note| CreditNote(Arc::new(note))).collect();
                CorrectionsCreditPayload { credit_notes: notes, user_errors: Vec::new() }
            }
            Err(user_errors) => CorrectionsCreditPayload { user_errors, ..Default::default() },
        }))
    }

    /// Applies credit of a credit note to invoices of its tenant: all of it as asked, or nothing.
    async fn credit_note_apply(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreditNoteApplyInput,
    ) -> async_graphql::Result<Option<CreditNotePayload>> {
        let wanted = input.clone();
        let done = change(gql, "creditNoteApply", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("creditNoteId", &wanted.credit_note_id)?;
                let to = applied_to(wanted.applications, wanted.first_due)?;
                let credited = receiving::credit_note_apply(tx, ctx, id, &to).await?;
                Ok((id, entry("credit-note.apply", &credited)))
            })
        });
        payload(gql, done.await?).await
    }

    /// Takes credit of a credit note off an invoice: it is credit again, and the invoice is owed again.
    async fn credit_note_unapply(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreditNoteUnapplyInput,
    ) -> async_graphql::Result<Option<CreditNotePayload>> {
        let wanted = input.clone();
        let done = change(gql, "creditNoteUnapply", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("creditNoteId", &wanted.credit_note_id)?;
                let invoice = node::id("invoiceId", &wanted.invoice_id)?;
                let credited = receiving::credit_note_unapply(tx, ctx, id, invoice, &wanted.reason).await?;
                Ok((id, entry("credit-note.unapply", &credited)))
            })
        });
        payload(gql, done.await?).await
    }

    /// Pays credit of a credit note back.
    async fn credit_note_refund(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreditNoteRefundInput,
    ) -> async_graphql::Result<Option<CreditNotePayload>> {
        let wanted = input.clone();
        let done = change(gql, "creditNoteRefund", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("creditNoteId", &wanted.credit_note_id)?;
                let reference = wanted.reference.unwrap_or_default();
                let draft = RefundDraft { amount: wanted.amount, on: wanted.on.0, reference };
                let credited = receiving::credit_note_refund(tx, ctx, id, &draft).await?;
                Ok((id, entry("credit-note.refund", &credited)))
            })
        });
        payload(gql, done.await?).await
    }
}
