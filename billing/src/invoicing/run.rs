//! The billing run: the invoices of a month for every lease under which seats are held.

use serde::{Deserialize, Serialize};
use voxpark_domain::error::Told;
use voxpark_domain::ids::{InvoiceId, LeaseId};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Result, leasing, tenancy};

use super::month_over;
use super::service::{draw_up, issue};
use crate::uow::Tx;

/// How many leases are drawn up together: bounds the size of statements, and statements grow with portions only.
const PORTION: usize = 500;

/// What became of a lease in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRow {
    /// The lease.
    pub lease: LeaseId,
    /// What became of it.
    pub outcome: RunOutcome,
}

/// What became of a lease in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Its invoice, or in a dry run what it would come to.
    Billed(Amounts),
    /// The month was billed before.
    Already,
    /// It cannot be billed as it stands.
    Refused(Told),
}

/// What an invoice comes to, minor units of the run's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// The invoice; `None` in a dry run.
    pub invoice: Option<InvoiceId>,
    /// Before tax.
    pub net_minor: i64,
    /// Tax.
    pub tax_minor: i64,
    /// Net and tax.
    pub total_minor: i64,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingRun {
    /// That of the park, in which every lease is agreed.
    pub currency: Currency,
    /// Every lease under which seats were held, by tenant and code.
    pub rows: Vec<RunRow>,
}

impl BillingRun {
    /// The amounts of what was billed, lease by lease.
    pub fn billed(&self) -> impl Iterator<Item = &Amounts> {
        self.rows.iter().filter_map(|row| match &row.outcome {
            RunOutcome::Billed(amounts) => Some(amounts),
            _ => None,
        })
    }
    /// A sum over them.
    pub fn sum(&self, of: fn(&Amounts) -> i64) -> Money {
        Money::new(self.billed().map(of).fold(0, i64::saturating_add), self.currency)
    }
}

/// Issues the invoices of a month that is over for every lease under which seats were held or a least rent is
/// agreed, and that has none yet; what
/// cannot be billed is told and does not keep the others back. Run again, or twice at once, it bills nothing twice:
/// every lease is held still meanwhile and keeps one invoice in force a month.
///
/// # Errors
/// `Forbidden` or `NotFound` without permission; `invoice-month-open`.
pub async fn billing_run(tx: &dyn Tx, ctx: &Ctx, month: Month, dry_run: bool) -> Result<BillingRun> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    month_over(month, ctx.today()).map_err(|refusal| refusal.at("month"))?;
    let currency = tenancy::park(tx, ctx).await?.currency;
    let leases = tx.leases_held(month).await?;
    let mut run = BillingRun { currency, rows: Vec::with_capacity(leases.len()) };
    // All of them before the first is priced, in one order for everybody.
    let mut locked = Vec::new();
    for portion in sorted(&leases).chunks(PORTION) {
        locked.push(tx.leases_lock(portion).await?);
    }
    let latest = locked.iter().filter_map(|l| l.latest).max();
    let known_at = leasing::Locked { leases: leases.len(), latest }.known_at(ctx.env().now());
    for portion in leases.chunks(PORTION) {
        let mut ready = Vec::new();
        let first = run.rows.len();
        for (lease, drawn) in draw_up(tx, ctx, portion, month, known_at).await? {
            let outcome = match drawn {
                Ok(drawn) => {
                    let body = drawn.draft.body();
                    let (net_minor, tax_minor, total_minor) = (body.net_minor, body.tax_minor, body.total_minor);
                    ready.push(drawn);
                    RunOutcome::Billed(Amounts { invoice: None, net_minor, tax_minor, total_minor })
                }
                Err(refusal) if refusal.rule == "invoice-exists" => RunOutcome::Already,
                // A minimum that does not apply in this month, and no seat.
                Err(refusal) if refusal.rule == "invoice-empty-month" => continue,
                Err(refusal) => RunOutcome::Refused(Told::from(&refusal)),
            };
            run.rows.push(RunRow { lease, outcome });
        }
        if dry_run {
            continue;
        }
        let mut issued = issue(tx, ctx, ready, known_at).await?.into_iter();
        for row in run.rows.iter_mut().skip(first) {
            if let RunOutcome::Billed(amounts) = &mut row.outcome {
                amounts.invoice = issued.next().filter(|i| i.lease == row.lease).map(|i| i.id);
            }
        }
    }
    Ok(run)
}

fn sorted(leases: &[LeaseId]) -> Vec<LeaseId> {
    let mut leases = leases.to_vec();
    leases.sort_unstable();
    leases
}
