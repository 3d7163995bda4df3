//! Straight lines of leases: what they earn evenly over their term, beside what their invoices earn by the day.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use serde::Serialize;
use serde_json::json;
use voxpark_billing::ledger::{self, StraightLine};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::LeaseId;
use voxpark_domain::money::{Currency, Money as Amount};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::leasing::Lease;
use crate::load::{Load, load, load_known};
use crate::request::Asking as _;
use crate::scalar::{Money, Month};

/// A month of a lease by its straight line.
pub(crate) struct StraightLineMonth(ledger::StraightMonth, Currency);

impl StraightLineMonth {
    fn money(&self, minor: i64) -> Money {
        Amount::new(minor, self.1).into()
    }
}

/// A month of a lease by its straight line.
#[Object]
impl StraightLineMonth {
    /// The month.
    async fn month(&self) -> Month {
        Month(self.0.of.month)
    }
    /// Seats times days on which they are held, rent-free ones included.
    async fn seat_days(&self) -> i64 {
        self.0.of.seat_days
    }
    /// Rent of its days before tax, less what comes off.
    async fn by_day(&self) -> Money {
        self.money(self.0.of.by_day)
    }
    /// Earned by the straight line: the same for every seat in every month that is left.
    async fn straight(&self) -> Money {
        self.money(self.0.straight)
    }
    /// Earned ahead of the days by the end of the month; below zero what is put off.
    async fn ahead(&self) -> Money {
        self.money(self.0.ahead)
    }
    /// Whether the books have it: then it stays.
    async fn booked(&self) -> bool {
        self.0.booked
    }
}

/// The straight line of a lease in a month.
pub(crate) struct StraightLineRow {
    line: StraightLine,
    month: voxpark_domain::time::Month,
}

/// The straight line of a lease in a month.
#[Object]
impl StraightLineRow {
    /// The lease.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Lease> {
        load_known(gql, self.line.lease).await.map(Lease::from)
    }
    /// The month; null where the months of the lease cannot all be priced.
    async fn line(&self) -> Option<StraightLineMonth> {
        let found = self.line.months.iter().find(|month| month.of.month == self.month);
        found.map(|month| StraightLineMonth(*month, self.line.currency))
    }
    /// Why its months cannot all be priced; empty when they can.
    async fn user_errors(&self, gql: &Context<'_>) -> Vec<UserError> {
        problem(gql, &self.line)
    }
}

fn problem(gql: &Context<'_>, line: &StraightLine) -> Vec<UserError> {
    let lang = gql.request().lang();
    line.problem.iter().map(|refusal| UserError::of(refusal, lang)).collect()
}

/// The straight line of a lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct StraightLineOf(LeaseId);

#[async_trait]
impl Load for StraightLineOf {
    type Value = Arc<StraightLine>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<LeaseId> = keys.iter().map(|key| key.0).collect();
        let found = ledger::straight_lines(tx, ctx, &ids).await?.into_iter();
        Ok(found.map(|line| (Self(line.lease), Arc::new(line))).collect())
    }
}

#[derive(Clone)]
pub(crate) struct LeaseStraightLine(pub(crate) LeaseId);

#[Object]
impl LeaseStraightLine {
    /// What the lease earns month by month over its term, evenly for every seat and month; for who may read the books of the park, empty for
    /// others and where its months cannot all be priced.
    async fn straight_line(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<StraightLineMonth>> {
        let Some(line) = load(gql, StraightLineOf(self.0)).await? else { return Ok(Vec::new()) };
        Ok(line.months.iter().map(|month| StraightLineMonth(*month, line.currency)).collect())
    }
}

#[derive(Clone)]
pub(crate) struct ParkStraightLines;

#[Object]
impl ParkStraightLines {
    /// The straight lines of the leases that run in a month or are not evened out yet. Empty for who may not read the books.
    async fn straight_lines(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month, YYYY-MM.")] month: Month,
    ) -> async_graphql::Result<Vec<StraightLineRow>> {
        let request = gql.request();
        let found = async { ledger::straight_lines_of(&*request.read().await?, request.ctx()?, month.0).await };
        let row = |line| StraightLineRow { line, month: month.0 };
        Ok(gql.or_default(found.await)?.into_iter().map(row).collect())
    }
}

/// Until when straight lines are to be booked.
#[derive(InputObject, Serialize)]
pub(crate) struct StraightLineBookInput {
    /// Until the end of this month; it must be over.
    up_to: Month,
    /// Repeats of the same request under this key answer the same and book nothing.
    idempotency_key: String,
}

/// What became of straight lines.
#[derive(SimpleObject, Default)]
pub(crate) struct StraightLineBookPayload {
    /// How many entries were booked; 0 when all of it was booked before.
    entries: Option<usize>,
    /// How many leases were left out because their months cannot all be priced.
    left_out: Option<usize>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct StraightLineMutation;

#[Object]
impl StraightLineMutation {
    /// Books what the straight lines of leases make of their months until the end of one, beside what is earned by the day. From
    /// the first time on, closing a month does so, too.
    async fn straight_line_book(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: StraightLineBookInput,
    ) -> async_graphql::Result<Option<StraightLineBookPayload>> {
        let up_to = input.up_to.0;
        let done = change(gql, "straightLineBook", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let done = ledger::straight_line_book(tx, ctx, up_to).await?;
                let entry = AuditEntry::new("straight-line.book", "");
                let detail = json!({ "month": up_to.to_string(), "entries": done.entries, "leftOut": done.left_out });
                Ok((done, entry.with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(done) => StraightLineBookPayload {
                entries: Some(done.entries),
                left_out: Some(done.left_out),
                user_errors: Vec::new(),
            },
            Err(user_errors) => StraightLineBookPayload { user_errors, ..Default::default() },
        }))
    }
}
