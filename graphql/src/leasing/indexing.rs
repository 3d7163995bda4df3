//! Prices that follow an index.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::Error;
use voxpark_domain::ids::LeaseId;
use voxpark_domain::leasing::{self, IndexClause, IndexDraft};
use voxpark_domain::platform::AuditEntry;

use super::Lease;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::load;
use crate::node;
use crate::request::Asking as _;
use crate::scalar::{Date, Money};

/// How the price of a lease follows a published index.
#[derive(SimpleObject)]
pub(crate) struct LeaseIndex {
    /// Which index, as its publisher calls it.
    name: String,
    /// The figure that the present price stands for: `102.3`.
    base: String,
    /// The day of the next review: the first one on which the price it gives applies.
    next_review: Date,
    /// Months from review to review.
    every_months: i64,
    /// Percent of the change of the index that the price follows.
    follows_percent: String,
    /// By how many percent the price rises at most at one review; null = as far as the index does.
    most_rise_percent: Option<String>,
    /// By how many percent it falls at most, 0 = never; null = as far as the index does.
    most_fall_percent: Option<String>,
}

impl From<&IndexClause> for LeaseIndex {
    fn from(clause: &IndexClause) -> Self {
        let draft = clause.draft();
        Self {
            name: draft.name,
            base: draft.base,
            next_review: draft.next.into(),
            every_months: draft.every_months,
            follows_percent: draft.pass,
            most_rise_percent: draft.most_rise,
            most_fall_percent: draft.most_fall,
        }
    }
}

/// How the price of a lease is to follow a published index.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseIndexInput {
    /// Which index, as its publisher calls it, 1 to 60 characters.
    name: String,
    /// The figure that the price stands for: above 0, at most 1000000, at most four decimals.
    base: String,
    /// The day of the next review, not before the lease begins; no price step may follow it. Later reviews fall on the same
    /// day of the month.
    next_review: Date,
    /// Months from review to review, 1 to 60.
    every_months: i32,
    /// Percent of the change of the index that the price follows, 0 to 100; 100 when left out.
    follows_percent: Option<String>,
    /// By how many percent the price rises at most at one review, 0 to 100; as far as the index does when left out.
    most_rise_percent: Option<String>,
    /// By how many percent it falls at most, 0 (never) to 100; as far as the index does when left out.
    most_fall_percent: Option<String>,
}

impl From<LeaseIndexInput> for IndexDraft {
    fn from(input: LeaseIndexInput) -> Self {
        Self {
            name: input.name,
            base: input.base,
            next: input.next_review.0,
            every_months: input.every_months.into(),
            pass: input.follows_percent.unwrap_or_else(|| "100".to_owned()),
            most_rise: input.most_rise_percent,
            most_fall: input.most_fall_percent,
            day: None,
        }
    }
}

/// What a review by the index comes to.
#[derive(SimpleObject)]
pub(crate) struct LeaseIndexReview {
    /// The day of the review.
    due: Date,
    /// The first day of the new price: later than the review where days behind it are billed already.
    from: Date,
    /// For a seat and month before tax until then.
    before: Money,
    /// For a seat and month before tax from then on.
    after: Money,
    /// Whether a limit of the clause held the price back.
    limited: bool,
}

impl From<leasing::IndexReview> for LeaseIndexReview {
    fn from(review: leasing::IndexReview) -> Self {
        let leasing::IndexReview { from, due, before, after, limited } = review;
        Self { due: due.into(), from: from.into(), before: before.into(), after: after.into(), limited }
    }
}

/// What a figure of the index would come to, or why it cannot be applied.
#[derive(SimpleObject, Default)]
pub(crate) struct LeaseIndexPreview {
    /// What it would come to; null when it cannot be applied.
    review: Option<LeaseIndexReview>,
    /// Why it cannot.
    user_errors: Vec<UserError>,
}

/// Prices by index in a park.
#[derive(Clone)]
pub(crate) struct ParkIndex;

/// Prices by index in a park.
#[Object]
impl ParkIndex {
    /// What the price of a lease would be by a figure of its index; nothing is changed. Null for who may not agree leases.
    #[graphql(complexity = "10 + child_complexity")]
    async fn lease_index_preview(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Of which lease.")] lease_id: ID,
        #[graphql(desc = "The figure, at most four decimals: `104.1`.")] figure: String,
    ) -> async_graphql::Result<Option<LeaseIndexPreview>> {
        let request = gql.request();
        let read = async {
            let lease = node::id::<LeaseId>("leaseId", &lease_id)?;
            leasing::lease_index_preview(&*request.read().await?, request.ctx()?, lease, &figure).await
        };
        match read.await {
            Ok(review) => Ok(Some(LeaseIndexPreview { review: Some(review.into()), ..LeaseIndexPreview::default() })),
            Err(error @ Error::Refused(_)) => {
                let user_errors = UserError::all(&error, request.lang()).unwrap_or_default();
                Ok(Some(LeaseIndexPreview { user_errors, ..LeaseIndexPreview::default() }))
            }
            Err(Error::Forbidden | Error::NotFound) => Ok(None),
            Err(error) => Err(gql.fault(&error)),
        }
    }
}

/// The price of a lease is to follow its index.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseIndexReviewInput {
    /// Which lease.
    lease_id: ID,
    /// The figure published for the review: above 0, at most 1000000, at most four decimals.
    figure: String,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of a review by the index.
#[derive(SimpleObject, Default)]
pub(crate) struct LeaseIndexReviewPayload {
    /// The lease.
    lease: Option<Lease>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct IndexMutation;

#[Object]
impl IndexMutation {
    /// Sets the price of a lease by the figure of its index: adds the version of its terms that begins with the review, or
    /// with the first day not billed yet when the figure comes later. From 90 days before the review on.
    async fn lease_index_review(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeaseIndexReviewInput,
    ) -> async_graphql::Result<Option<LeaseIndexReviewPayload>> {
        let wanted = input.clone();
        let done = change(gql, "leaseIndexReview", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let lease = node::id::<LeaseId>("leaseId", &wanted.lease_id)?;
                let (lease, review) = leasing::lease_index_review(tx, ctx, lease, &wanted.figure).await?;
                let detail = serde_json::json!({ "code": lease.code, "figure": wanted.figure, "from": review.from,
                    "limited": review.limited });
                Ok((lease.id, AuditEntry::new("lease.index", lease.id).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => LeaseIndexReviewPayload {
                lease: load::<LeaseId>(gql, id).await?.map(Lease::from),
                ..LeaseIndexReviewPayload::default()
            },
            Err(user_errors) => LeaseIndexReviewPayload { user_errors, ..LeaseIndexReviewPayload::default() },
        }))
    }
}
