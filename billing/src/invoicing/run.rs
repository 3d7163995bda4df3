//! The billing run: the invoices of a month for every lease under which seats are held.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::error::Told;
use voxpark_domain::ids::{InvoiceId, LeaseId};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Result, leasing, tenancy};

use super::guard::{GUARD_MONTHS, Guard, guard};
use super::known_at_last;
use super::month_over;
use super::service::{Drawn, draw_up, issue};
use crate::sending;
use crate::uow::Tx;

/// How many leases are drawn up together: bounds the size of statements, and statements grow with portions only.
const PORTION: usize = 500;

/// What became of a lease in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRow {
    /// The lease.
    pub lease: LeaseId,
    /// What its invoice of the month before came to, minor units before tax; `None` without one in force.
    pub before_minor: Option<i64>,
    /// What became of it.
    pub outcome: RunOutcome,
}

/// What became of a lease in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Its invoice, or in a dry run what it would come to.
    Billed(Amounts),
    /// It waits until somebody has looked at it: run again with the lease released.
    Held {
        /// What it would come to.
        amounts: Amounts,
        /// Why.
        guard: Guard,
    },
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
    /// Every lease under which seats were held or a least rent is agreed, by tenant and code.
    pub rows: Vec<RunRow>,
    /// Invoices that should have been sent with it and were not: their buyers have no address.
    #[serde(default)]
    pub unsent: Vec<InvoiceId>,
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
/// agreed, and that has none yet; what cannot be billed is told and does not keep the others back, and what is unusual
/// ([`guard`]) is held unless the lease is among those `released`. Run again, or twice at once, it bills nothing twice:
/// every lease is held still meanwhile and keeps one invoice in force a month.
///
/// # Errors
/// `Forbidden` or `NotFound` without permission; `invoice-month-open`.
pub async fn billing_run(
    tx: &dyn Tx,
    ctx: &Ctx,
    month: Month,
    dry_run: bool,
    released: &[LeaseId],
) -> Result<BillingRun> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    month_over(month, ctx.today()).map_err(|refusal| refusal.at("month"))?;
    let currency = tenancy::park(tx, ctx).await?.currency;
    let leases = tx.leases_held(month).await?;
    let mut run = BillingRun { currency, rows: Vec::with_capacity(leases.len()), unsent: Vec::new() };
    // All of them before the first is priced, in one order for everybody.
    let mut locked = Vec::new();
    for portion in sorted(&leases).chunks(PORTION) {
        locked.push(tx.leases_lock(portion).await?);
    }
    let latest = locked.iter().filter_map(|l| l.latest).max();
    let known_at = leasing::Locked { leases: leases.len(), latest }.known_at(ctx.env().now());
    let released: HashSet<LeaseId> = released.iter().copied().collect();
    for portion in leases.chunks(PORTION) {
        let (mut rows, ready) = priced(tx, ctx, portion, month, known_at, &released).await?;
        if !dry_run {
            let issued = issue(tx, ctx, ready, known_at).await?;
            run.unsent.append(&mut sending::sent_with_run(tx, ctx, &issued).await?);
            let mut issued = issued.into_iter();
            for row in &mut rows {
                if let RunOutcome::Billed(amounts) = &mut row.outcome {
                    amounts.invoice = issued.next().filter(|i| i.lease == row.lease).map(|i| i.id);
                }
            }
        }
        run.rows.append(&mut rows);
    }
    Ok(run)
}

/// What a run of a month would come to by what is recorded now; also of a month that is not over. Nothing is kept or locked.
///
/// # Errors
/// `NotFound` without permission.
pub async fn billing_run_preview(tx: &dyn Tx, ctx: &Ctx, month: Month) -> Result<BillingRun> {
    ctx.require(Action::Read, Resource::Billing)?;
    ctx.require_park()?;
    let currency = tenancy::park(tx, ctx).await?.currency;
    let mut run = BillingRun { currency, rows: Vec::new(), unsent: Vec::new() };
    for portion in tx.leases_held(month).await?.chunks(PORTION) {
        let (mut rows, _) = priced(tx, ctx, portion, month, known_at_last(), &HashSet::new()).await?;
        run.rows.append(&mut rows);
    }
    Ok(run)
}

/// Draws up the invoices of leases; those that can go out, in the order of their rows.
async fn priced(
    tx: &dyn Tx,
    ctx: &Ctx,
    leases: &[LeaseId],
    month: Month,
    known_at: DateTime<Utc>,
    released: &HashSet<LeaseId>,
) -> Result<(Vec<RunRow>, Vec<Drawn>)> {
    let first = month.first_day();
    let since =
        u32::try_from(GUARD_MONTHS).ok().and_then(|n| first.checked_sub_months(Months::new(n))).unwrap_or(first);
    let mut earlier: HashMap<LeaseId, Vec<(Month, i64)>> = HashMap::new();
    for (lease, of, net) in tx.earlier_nets(leases, since, first).await? {
        earlier.entry(lease).or_default().push((of, net));
    }
    let (mut rows, mut ready) = (Vec::with_capacity(leases.len()), Vec::new());
    for (lease, drawn) in draw_up(tx, ctx, leases, month, known_at).await? {
        let nets = earlier.remove(&lease).unwrap_or_default();
        let before_minor = nets.first().filter(|(of, _)| of.end() == first).map(|(_, net)| *net);
        let outcome = match drawn {
            Ok(drawn) => {
                let body = drawn.draft.body();
                let (net_minor, tax_minor, total_minor) = (body.net_minor, body.tax_minor, body.total_minor);
                let amounts = Amounts { invoice: None, net_minor, tax_minor, total_minor };
                let nets: Vec<i64> = nets.into_iter().map(|(_, net)| net).collect();
                // What comes to less than nothing is no invoice, whoever has looked at it.
                let goes = |guard: &Guard| *guard != Guard::Negative && released.contains(&lease);
                let held = guard(net_minor, body.lines.len(), &nets).filter(|guard| !goes(guard));
                if let Some(guard) = held {
                    RunOutcome::Held { amounts, guard }
                } else {
                    ready.push(drawn);
                    RunOutcome::Billed(amounts)
                }
            }
            Err(refusal) if refusal.rule == "invoice-exists" => RunOutcome::Already,
            // A minimum that does not apply in this month, and no seat.
            Err(refusal) if refusal.rule == "invoice-empty-month" => continue,
            Err(refusal) => RunOutcome::Refused(Told::from(&refusal)),
        };
        rows.push(RunRow { lease, before_minor, outcome });
    }
    Ok((rows, ready))
}

fn sorted(leases: &[LeaseId]) -> Vec<LeaseId> {
    let mut leases = leases.to_vec();
    leases.sort_unstable();
    leases
}
