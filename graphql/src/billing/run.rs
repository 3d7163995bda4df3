//! The billing run of a month.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::invoicing::{self, RunOutcome, RunRow};
use voxpark_domain::money;
use voxpark_domain::platform::AuditEntry;

use super::Invoice;
use crate::change::change;
use crate::error::UserError;
use crate::leasing::Lease;
use crate::load::{load, load_known};
use crate::request::Asking as _;
use crate::scalar::{Money, Month};

/// Which month to bill.
#[derive(InputObject, Serialize)]
pub(crate) struct BillingRunInput {
    /// The month; it must be over.
    month: Month,
    /// Whether to tell only what the invoices would come to; false when left out.
    dry_run: Option<bool>,
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
    /// The month was billed before.
    Already,
    /// It cannot be billed as it stands.
    Refused,
}

/// A lease in a billing run.
pub(crate) struct BillingRunRow {
    row: RunRow,
    currency: money::Currency,
}

impl BillingRunRow {
    fn money(&self, of: fn(&invoicing::Amounts) -> i64) -> Option<Money> {
        match &self.row.outcome {
            RunOutcome::Billed(amounts) => Some(money::Money::new(of(amounts), self.currency).into()),
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
            RunOutcome::Already => BillingRunState::Already,
            RunOutcome::Refused(_) => BillingRunState::Refused,
        }
    }
    /// Its invoice; null unless it was issued.
    async fn invoice(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Invoice>> {
        match &self.row.outcome {
            RunOutcome::Billed(invoicing::Amounts { invoice: Some(id), .. }) => {
                Ok(load(gql, *id).await?.map(Invoice::from))
            }
            _ => Ok(None),
        }
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
    /// Why it cannot be billed; empty when it can.
    async fn user_errors(&self, gql: &Context<'_>) -> Vec<UserError> {
        match &self.row.outcome {
            RunOutcome::Refused(told) => vec![UserError::kept(told, gql.request().lang())],
            _ => Vec::new(),
        }
    }
}

/// What a billing run came to.
#[derive(SimpleObject, Default)]
pub(crate) struct BillingRunPayload {
    /// Every lease under which seats were held in the month, by tenant and code.
    rows: Option<Vec<BillingRunRow>>,
    /// How many invoices were issued; in a dry run, would be.
    count: Option<usize>,
    /// Their sum before tax.
    net: Option<Money>,
    /// Their sum with tax.
    total: Option<Money>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

pub(super) async fn run(gql: &Context<'_>, input: BillingRunInput) -> async_graphql::Result<BillingRunPayload> {
    let (month, dry_run) = (input.month.0, input.dry_run.unwrap_or(false));
    let done = change(gql, "billingRun", Some(&input.idempotency_key), &input, |ctx, tx| {
        Box::pin(async move {
            let run = invoicing::billing_run(tx, ctx, month, dry_run).await?;
            let figures = json!({ "month": month.to_string(), "dryRun": dry_run, "leases": run.rows.len(),
                "invoices": run.billed().count(), "totalMinor": run.sum(|a| a.total_minor).minor });
            Ok((run, AuditEntry::new("billing.run", "").with(figures)))
        })
    });
    Ok(match done.await? {
        Ok(run) => BillingRunPayload {
            count: Some(run.billed().count()),
            net: Some(run.sum(|a| a.net_minor).into()),
            total: Some(run.sum(|a| a.total_minor).into()),
            rows: Some(run.rows.into_iter().map(|row| BillingRunRow { row, currency: run.currency }).collect()),
            user_errors: Vec::new(),
        },
        Err(user_errors) => BillingRunPayload { user_errors, ..Default::default() },
    })
}
