//! What meters counted for leases.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use voxpark_billing::uow::Tx;
use voxpark_billing::usage::{self, MeterUsage, UsageDraft};
use voxpark_domain::ids::LeaseId;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result, time};

use crate::change::change;
use crate::error::UserError;
use crate::leasing::Lease;
use crate::load::{Load, load};
use crate::node;
use crate::papers::PaperText;
use crate::scalar::Month;

/// A meter that the price book of a lease charges, with what it counted in a month.
#[derive(SimpleObject)]
pub(crate) struct LeaseMeter {
    /// As the price book names it.
    meter: String,
    /// Name of the price that charges it.
    title: PaperText,
    /// Everything it counted in the month, as it was recorded last; null when nothing was.
    quantity: Option<String>,
    /// Where the figure comes from; null when nothing was recorded.
    note: Option<String>,
    /// When it was recorded; null when nothing was.
    recorded_at: Option<DateTime<Utc>>,
}

impl From<&MeterUsage> for LeaseMeter {
    fn from(of: &MeterUsage) -> Self {
        let last = of.last.as_ref();
        Self {
            meter: of.meter.clone(),
            title: PaperText::from(&of.title),
            quantity: last.map(|record| record.quantity.to_string()),
            note: last.map(|record| record.note.clone()),
            recorded_at: last.map(|record| record.recorded_at),
        }
    }
}

/// The meters of a lease in a month.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MetersOf(pub(super) LeaseId, pub(super) time::Month);

#[async_trait]
impl Load for MetersOf {
    type Value = Arc<Vec<MeterUsage>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let asked: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let found = usage::meters(tx, ctx, &asked).await?.into_iter();
        Ok(found.map(|((lease, month), meters)| (Self(lease, month), Arc::new(meters))).collect())
    }
}

/// What the meters of a lease counted in a month; empty for who may not read invoices.
pub(super) async fn meters(
    gql: &Context<'_>,
    lease: LeaseId,
    month: time::Month,
) -> async_graphql::Result<Vec<LeaseMeter>> {
    let found = load(gql, MetersOf(lease, month)).await?;
    Ok(found.iter().flat_map(|meters| meters.iter()).map(LeaseMeter::from).collect())
}

/// What a meter counted.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct MeterUsageInput {
    /// The meter, as the price book names it.
    meter: String,
    /// Everything it counted in the month, such as `1234.5`, with at most six digits after the point; `0` takes back what was recorded
    /// before.
    quantity: String,
}

/// What the meters of a lease counted in a month.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct UsageRecordInput {
    /// The lease; its price book charges the meters.
    lease_id: ID,
    /// The month; it has begun.
    month: Month,
    /// 1 to 50 figures. What is recorded later takes the place of what was before; what was billed is corrected by the next invoice.
    meters: Vec<MeterUsageInput>,
    /// Where the figures come from, up to 200 characters.
    note: Option<String>,
    /// Repeats of the same request under this key answer the same and record nothing.
    idempotency_key: String,
}

/// What became of figures: all of them are recorded or none.
#[derive(SimpleObject, Default)]
pub(crate) struct UsageRecordPayload {
    /// The lease.
    lease: Option<Lease>,
    /// What has to be mended first, figure by figure.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct UsageMutation;

#[Object]
impl UsageMutation {
    /// Records what meters counted for a lease in a month, to be charged with it by its price book.
    async fn usage_record(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UsageRecordInput,
    ) -> async_graphql::Result<Option<UsageRecordPayload>> {
        let wanted = input.clone();
        let done = change(gql, "usageRecord", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let draft = UsageDraft {
                    lease: node::id("leaseId", &wanted.lease_id)?,
                    month: wanted.month.0,
                    meters: wanted.meters.into_iter().map(|one| (one.meter, one.quantity)).collect(),
                    note: wanted.note.unwrap_or_default(),
                };
                let lease = draft.lease;
                let recorded = usage::usage_record(tx, ctx, draft).await?;
                let detail = json!({ "month": wanted.month.0.to_string(), "meters": recorded.len() });
                Ok((lease, AuditEntry::new("usage.record", lease).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => UsageRecordPayload { lease: load(gql, id).await?.map(Lease::from), user_errors: Vec::new() },
            Err(user_errors) => UsageRecordPayload { user_errors, ..Default::default() },
        }))
    }
}
