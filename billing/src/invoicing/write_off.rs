//! Debts that are given up, and asked for again.

use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::audit::Seen;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::{Id as _, InvoiceId, TenantId, UserId, WriteOffId};
use voxpark_domain::money::Money;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::{InvoiceState, IssuedInvoice, not_issued};
use crate::ledger::{self, ActId, Fact, Item, Payer, Recovered, WrittenOff};
use crate::uow::Tx;

/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// What is done with a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOffStep {
    /// It is given up: nobody is expected to pay it any more.
    WrittenOff,
    /// It is asked for again, because somebody pays after all.
    Restored,
}

impl WriteOffStep {
    /// Stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrittenOff => "written_off",
            Self::Restored => "restored",
        }
    }
    /// The step with this stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::WrittenOff, Self::Restored].into_iter().find(|step| step.name() == name)
    }
}

/// A debt that was given up, or asked for again. Nothing is changed: what counts is the sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOff {
    /// This act.
    pub id: WriteOffId,
    /// Which invoice.
    pub invoice: InvoiceId,
    /// Who owes it.
    pub tenant: TenantId,
    /// Given up, or asked for again.
    pub step: WriteOffStep,
    /// With tax; above 0.
    pub amount: Money,
    /// The civil day.
    pub done_on: NaiveDate,
    /// Why.
    pub reason: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: Option<UserId>,
}

/// Gives up whatever is still owed of an invoice: a loss in the books. The tax stays owed to the state, and the invoice stays
/// what it is; it counts as uncollectible.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the invoice; `text-required`, `text-too-long`,
/// `invoice-not-issued`, `invoice-nothing-owed`.
pub async fn invoice_write_off(tx: &dyn Tx, ctx: &Ctx, id: InvoiceId, reason: &str) -> Result<IssuedInvoice> {
    act(tx, ctx, id, reason, WriteOffStep::WrittenOff).await
}

/// Asks again for whatever was given up of an invoice, so that it can be paid.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the invoice; `text-required`, `text-too-long`,
/// `invoice-not-issued`, `invoice-not-written-off`.
pub async fn invoice_restore(tx: &dyn Tx, ctx: &Ctx, id: InvoiceId, reason: &str) -> Result<IssuedInvoice> {
    act(tx, ctx, id, reason, WriteOffStep::Restored).await
}

async fn act(tx: &dyn Tx, ctx: &Ctx, id: InvoiceId, reason: &str, step: WriteOffStep) -> Result<IssuedInvoice> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let mut bad = Refusals::new();
    bad.text("reason", reason, true, MAX_REASON);
    bad.finish()?;
    // Whoever pays or credits it meanwhile waits.
    tx.invoices_lock(&[id]).await?;
    let mut invoice = tx.invoices_by_id(&[id]).await?.pop().ok_or(Error::NotFound)?;
    let state = invoice.state(ctx);
    if !matches!(state, InvoiceState::Issued(_)) {
        return Err(not_issued(&state).at("invoiceId").into());
    }
    let (minor, none) = match step {
        WriteOffStep::WrittenOff => (invoice.standing(ctx.today())?.balance.minor, "invoice-nothing-owed"),
        WriteOffStep::Restored => (invoice.given_up_minor, "invoice-not-written-off"),
    };
    if minor <= 0 {
        let refusal = Refusal::new(RefusalCode::State, none).at("invoiceId");
        return Err(refusal.with("number", invoice.number.to_string()).into());
    }
    let done = WriteOff {
        id: ctx.id(),
        invoice: id,
        tenant: invoice.tenant,
        step,
        amount: invoice.money(minor),
        done_on: ctx.today(),
        reason: reason.trim().to_owned(),
        recorded_at: ctx.now(),
        recorded_by: ctx.actor().user,
    };
    ledger::catch_up(tx, ctx, Some(id)).await?;
    tx.write_off_add(&done).await?;
    let (act, amount, day) = (ActId::from_uuid(done.id.uuid()), done.amount, done.done_on);
    let item = Item { invoice: id, payer: Payer::Tenant(done.tenant) };
    let fact = match step {
        WriteOffStep::WrittenOff => Fact::WrittenOff(WrittenOff { act, item, amount, day }),
        WriteOffStep::Restored => Fact::Recovered(Recovered { act, item, amount, day }),
    };
    ledger::book(tx, ctx, &[fact]).await?;
    let heard = ctx.heard();
    heard.set("invoice", Seen::of(&invoice.number));
    heard.set("amountMinor", Seen::json(minor));
    heard.set("reason", Seen::personal(done.reason.clone()));
    invoice.given_up_minor += if step == WriteOffStep::WrittenOff { minor } else { -minor };
    Ok(invoice)
}

/// What was given up of invoices and asked for again, oldest first.
///
/// # Errors
/// [`Error::NotFound`] without permission to read invoices.
pub async fn write_offs(tx: &dyn Tx, ctx: &Ctx, invoices: &[InvoiceId]) -> Result<Vec<WriteOff>> {
    ctx.require(Action::Read, Resource::Billing)?;
    tx.write_offs_of(invoices).await
}
