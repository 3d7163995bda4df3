//! The billing run of a month.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::invoicing::Guard;
use voxpark_billing::runs::{self, Amounts, RunLease, RunOutcome, RunRow, RunRowState, RunSums};
use voxpark_domain::ids::LeaseId;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{money, time};

use super::Invoice;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::leasing::Lease;
use crate::load::{load, load_known};
use crate::node;
use crate::request::Asking as _;
use crate::scalar::{Money, Month};

/// Which month to bill.
#[derive(InputObject, Serialize)]
pub(crate) struct BillingRunInput {
    /// The month; it must be over.
    month: Month,
    /// Whether to tell only what the invoices would come to; false when left out.
    dry_run: Option<bool>,
    /// Leases whose invoices are unusual and were looked at: they are not held.
    release_lease_ids: Option<Vec<ID>>,
    /// Repeats of the same request under this key answer the same and issue nothing.
    idempotency_key: String,
}

/// What became of a lease in a billing run.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum BillingRunState {
    /// Its invoice was issued.
    Issued,
    /// Its invoice would be issued: this was a dry run.
    Ready,
    /// It waits until somebody has looked at it: its amount is unusual, below zero, or it has too many lines.
    Held,
    /// The month was billed before.
    Already,
    /// It cannot be billed as it stands.
    Refused,
    /// Its turn has not come.
    Waiting,
}

impl BillingRunState {
    /// What is kept of runs; nothing is of dry ones.
    pub(super) const fn kept(self) -> Option<RunRowState> {
        Some(match self {
            Self::Issued => RunRowState::Issued,
            Self::Held => RunRowState::Held,
            Self::Already => RunRowState::Already,
            Self::Refused => RunRowState::Refused,
            Self::Waiting => RunRowState::Waiting,
            Self::Ready => return None,
        })
    }
}

/// Why an invoice is held in a billing run.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum BillingGuard {
    /// Its amount is more than three times the usual one, or less than a third of it.
    FarOff,
    /// It comes to less than nothing.
    Negative,
    /// It has more than 40 lines.
    ManyLines,
}

/// A lease in a billing run.
pub(crate) struct BillingRunRow {
    row: RunRow,
    currency: money::Currency,
    unsent: bool,
}

impl BillingRunRow {
    /// Of a run that was just done.
    fn all(run: runs::BillingRun) -> Vec<Self> {
        let (unsent, of_run) = (run.unsent, run.currency);
        let of = |row: RunRow| {
            let unsent = match &row.outcome {
                RunOutcome::Billed(Amounts { invoice: Some(id), .. }) => unsent.contains(id),
                _ => false,
            };
            Self { currency: row.currency.unwrap_or(of_run), row, unsent }
        };
        run.rows.into_iter().map(of).collect()
    }
    /// Of a run on record.
    pub(super) fn on_record(lease: &RunLease, of_run: money::Currency) -> Self {
        Self { row: lease.row.clone(), currency: lease.row.currency.unwrap_or(of_run), unsent: lease.unsent }
    }
    fn money(&self, of: fn(&Amounts) -> i64) -> Option<Money> {
        match &self.row.outcome {
            RunOutcome::Billed(amounts) | RunOutcome::Held { amounts, .. } => {
                Some(money::Money::new(of(amounts), self.currency).into())
            }
            _ => None,
        }
    }
}

/// A lease in a billing run.
#[Object]
impl BillingRunRow {
    /// The lease.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Lease> {
        load_known(gql, self.row.lease).await.map(Lease::from)
    }
    /// The lease, by its id alone.
    async fn lease_id(&self) -> ID {
        self.row.lease.to_string().into()
    }
    /// What became of it.
    async fn state(&self) -> BillingRunState {
        match &self.row.outcome {
            RunOutcome::Billed(amounts) if amounts.invoice.is_some() => BillingRunState::Issued,
            RunOutcome::Billed(_) => BillingRunState::Ready,
            RunOutcome::Held { .. } => BillingRunState::Held,
            // What has nothing to bill is in no list.
            RunOutcome::Already | RunOutcome::Empty => BillingRunState::Already,
            RunOutcome::Refused(_) => BillingRunState::Refused,
            RunOutcome::Waiting => BillingRunState::Waiting,
        }
    }
    /// Whether the month of this lease cannot be billed yet: then it was only looked at.
    async fn early(&self) -> bool {
        self.row.early
    }
    /// Its invoice; null unless it was issued.
    async fn invoice(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Invoice>> {
        match &self.row.outcome {
            RunOutcome::Billed(Amounts { invoice: Some(id), .. }) => Ok(load(gql, *id).await?.map(Invoice::from)),
            _ => Ok(None),
        }
    }
    /// Why it is held; null when it is not.
    async fn guard(&self) -> Option<BillingGuard> {
        match &self.row.outcome {
            RunOutcome::Held { guard, .. } => Some(match guard {
                Guard::FarOff { .. } => BillingGuard::FarOff,
                Guard::Negative => BillingGuard::Negative,
                Guard::ManyLines => BillingGuard::ManyLines,
            }),
            _ => None,
        }
    }
    /// What the invoices of the lease usually come to before tax: the median of the six months before; null unless it is
    /// held for being far off.
    async fn usual(&self) -> Option<Money> {
        match &self.row.outcome {
            RunOutcome::Held { guard: Guard::FarOff { usual_minor }, .. } => {
                Some(money::Money::new(*usual_minor, self.currency).into())
            }
            _ => None,
        }
    }
    /// What the invoice of the month before came to before tax; null without one in force.
    async fn before(&self) -> Option<Money> {
        self.row.before_minor.map(|minor| money::Money::new(minor, self.currency).into())
    }
    /// Before tax; null when it was not billed.
    async fn net(&self) -> Option<Money> {
        self.money(|a| a.net_minor)
    }
    /// Value added tax; null when it was not billed.
    async fn tax(&self) -> Option<Money> {
        self.money(|a| a.tax_minor)
    }
    /// Net and tax; null when it was not billed.
    async fn total(&self) -> Option<Money> {
        self.money(|a| a.total_minor)
    }
    /// Whether the park sends its invoices with the runs and this one was not: the tenant has given no mail address.
    async fn unsent(&self) -> bool {
        self.unsent
    }
    /// Why it cannot be billed; empty when it can.
    async fn user_errors(&self, gql: &Context<'_>) -> Vec<UserError> {
        match &self.row.outcome {
            RunOutcome::Refused(told) => vec![UserError::kept(told, gql.request().lang())],
            _ => Vec::new(),
        }
    }
}

/// What invoices in one currency come to.
#[derive(SimpleObject)]
pub(super) struct InvoiceSums {
    /// Before tax.
    net: Money,
    /// With tax.
    total: Money,
}

impl InvoiceSums {
    /// Those in other currencies than this one.
    pub(super) fn others(sums: &RunSums, currency: money::Currency) -> Vec<Self> {
        sums.others(currency).map(|(net, total)| Self { net: net.into(), total: total.into() }).collect()
    }
}

/// What a billing run came to.
#[derive(SimpleObject, Default)]
pub(crate) struct BillingRunPayload {
    /// Every lease under which seats were held in the month or a least rent is agreed, by tenant and code.
    rows: Option<Vec<BillingRunRow>>,
    /// How many invoices were issued; in a dry run, would be.
    count: Option<usize>,
    /// The sum before tax of those in the park's currency.
    net: Option<Money>,
    /// The same with tax.
    total: Option<Money>,
    /// The sums of those in other currencies.
    other_currencies: Vec<InvoiceSums>,
    /// Invoices that the park sends with its runs and that were not sent: their tenants have given no mail address.
    unsent: Vec<Invoice>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

pub(super) async fn run(gql: &Context<'_>, input: BillingRunInput) -> async_graphql::Result<BillingRunPayload> {
    let (month, dry_run) = (input.month.0, input.dry_run.unwrap_or(false));
    let released = input.release_lease_ids.iter().flatten().map(|id| node::id("releaseLeaseIds", id));
    let released = released.collect::<voxpark_domain::Result<Vec<LeaseId>>>();
    let done = change(gql, "billingRun", Some(&input.idempotency_key), &input, |ctx, tx| {
        Box::pin(async move {
            let run = runs::billing_run(tx, ctx, month, dry_run, &released?).await?;
            let figures = json!({ "month": month.to_string(), "dryRun": dry_run, "leases": run.rows.len(),
                "invoices": run.billed().count(), "totalMinor": run.sums().of(run.currency).1.minor });
            Ok((run, AuditEntry::new("billing.run", "").with(figures)))
        })
    });
    Ok(match done.await? {
        Ok(run) => BillingRunPayload {
            other_currencies: InvoiceSums::others(&run.sums(), run.currency),
            unsent: {
                let found = run.unsent.iter().map(|id| load(gql, *id));
                let found = futures_util::future::try_join_all(found).await?;
                found.into_iter().flatten().map(Invoice::from).collect()
            },
            count: Some(run.billed().count()),
            net: Some(run.sums().of(run.currency).0.into()),
            total: Some(run.sums().of(run.currency).1.into()),
            rows: Some(BillingRunRow::all(run)),
            user_errors: Vec::new(),
        },
        Err(user_errors) => BillingRunPayload { user_errors, ..Default::default() },
    })
}

/// What a billing run would come to now.
#[derive(SimpleObject)]
pub(crate) struct BillingRunPreview {
    /// Every lease under which seats were held in the month or a least rent is agreed, by tenant and code.
    rows: Vec<BillingRunRow>,
    /// How many invoices would be issued; those that are held are not among them.
    count: usize,
    /// The sum before tax of those in the park's currency.
    net: Money,
    /// The same with tax.
    total: Money,
    /// The sums of those in other currencies.
    other_currencies: Vec<InvoiceSums>,
}

/// What a billing run would come to.
pub(super) async fn preview(gql: &Context<'_>, month: time::Month) -> async_graphql::Result<Option<BillingRunPreview>> {
    let request = gql.request();
    let read = async { runs::billing_run_preview(&*request.read().await?, request.ctx()?, month).await };
    Ok(gql.nullable(read.await)?.map(|run| BillingRunPreview {
        count: run.billed().count(),
        net: run.sums().of(run.currency).0.into(),
        total: run.sums().of(run.currency).1.into(),
        other_currencies: InvoiceSums::others(&run.sums(), run.currency),
        rows: BillingRunRow::all(run),
    }))
}
