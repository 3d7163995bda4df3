//! Visits, agreed and ended.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::ids::{LeadId, VisitId};
use voxpark_domain::pipeline::{self, Private, VisitDraft};
use voxpark_domain::platform::AuditEntry;

use super::lead::Lead;
use super::{StaffMember, member};
use crate::change::change;
use crate::error::UserError;
use crate::estate::Zone;
use crate::load::{load, load_known};
use crate::node;
use crate::scalar::Date;

/// Whether a visit took place.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "pipeline::VisitState")]
pub(crate) enum VisitState {
    /// It is agreed.
    Planned,
    /// It took place.
    Done,
    /// It did not.
    Cancelled,
}

/// Somebody shows the park to a lead.
#[derive(Clone)]
pub(crate) struct Visit(Arc<pipeline::Visit>);

impl From<Arc<pipeline::Visit>> for Visit {
    fn from(visit: Arc<pipeline::Visit>) -> Self {
        Self(visit)
    }
}

/// Somebody shows the park to a lead.
#[Object]
impl Visit {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Who comes.
    async fn lead(&self, gql: &Context<'_>) -> async_graphql::Result<Lead> {
        load_known(gql, self.0.lead).await.map(Lead::from)
    }
    /// The day.
    async fn day(&self) -> Date {
        self.0.draft.day.into()
    }
    /// Minute of the day at which it begins, 0 to 1439.
    async fn at_min(&self) -> i64 {
        self.0.draft.at_min
    }
    /// Who shows the park.
    async fn guide(&self, gql: &Context<'_>) -> async_graphql::Result<Option<StaffMember>> {
        member(gql, Some(self.0.draft.guide)).await
    }
    /// What is shown; at most 50.
    async fn zones(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Zone>> {
        let zones = self.0.draft.zones.iter().map(|zone| load(gql, *zone));
        let found = futures_util::future::try_join_all(zones).await?;
        Ok(found.into_iter().flatten().map(Zone::from).collect())
    }
    /// In words; may be empty.
    async fn remark(&self) -> &str {
        self.0.draft.remark.reveal()
    }
    /// Whether it took place.
    async fn state(&self) -> VisitState {
        self.0.state.into()
    }
}

/// What is agreed about a visit.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct VisitFactsInput {
    /// The day.
    day: Date,
    /// Minute of the day at which it begins, 0 to 1439.
    at_min: i32,
    /// Who of the park's staff shows it.
    guide_id: ID,
    /// What is shown, at most 50 zones.
    zone_ids: Option<Vec<ID>>,
    /// In words, up to 1000 characters.
    remark: Option<String>,
}

impl VisitFactsInput {
    fn read(self) -> voxpark_domain::Result<VisitDraft> {
        let zones = self.zone_ids.unwrap_or_default();
        Ok(VisitDraft {
            day: self.day.0,
            at_min: self.at_min.into(),
            guide: node::id("guideId", &self.guide_id)?,
            zones: zones.iter().map(|id| node::id("zoneIds", id)).collect::<voxpark_domain::Result<_>>()?,
            remark: Private::new(self.remark.unwrap_or_default()),
        })
    }
}

/// A visit is to be agreed.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct VisitPlanInput {
    /// Who comes.
    lead_id: ID,
    /// What is agreed.
    #[graphql(flatten)]
    facts: VisitFactsInput,
    /// Repeats of the same request under this key answer the same and agree nothing.
    idempotency_key: String,
}

/// A visit that is still to come is to be agreed otherwise.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct VisitChangeInput {
    /// Which.
    visit_id: ID,
    /// What is agreed, all of it.
    #[graphql(flatten)]
    facts: VisitFactsInput,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// A visit took place or did not.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct VisitEndInput {
    /// Which.
    visit_id: ID,
    /// True: it took place, and its lead goes down the funnel; false: it is called off.
    done: bool,
    /// In words, up to 1000 characters, in the place of what was said before; that stays when left out.
    remark: Option<String>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

payloads! {
    "The visit." visit: Visit by VisitId;
    /// What became of a visit to be agreed.
    VisitPlanPayload,
    /// What became of a visit to be agreed otherwise.
    VisitChangePayload,
    /// What became of a visit to be ended.
    VisitEndPayload,
}

#[derive(Default)]
pub(crate) struct VisitMutation;

#[Object]
impl VisitMutation {
    /// Agrees a visit of a lead.
    async fn visit_plan(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: VisitPlanInput,
    ) -> async_graphql::Result<Option<VisitPlanPayload>> {
        let (lead, facts) = (node::id::<LeadId>("leadId", &input.lead_id), input.facts.clone());
        let done = change(gql, "visitPlan", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let visit = pipeline::visit_plan(tx, ctx, lead?, facts.read()?).await?;
                Ok((visit.id, AuditEntry::new("visit.plan", visit.id).with(serde_json::json!({ "lead": visit.lead }))))
            })
        });
        VisitPlanPayload::of(gql, done.await?).await
    }

    /// Agrees a visit that is still to come otherwise.
    async fn visit_change(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: VisitChangeInput,
    ) -> async_graphql::Result<Option<VisitChangePayload>> {
        let (visit, facts) = (node::id::<VisitId>("visitId", &input.visit_id), input.facts.clone());
        let done = change(gql, "visitChange", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let visit = pipeline::visit_change(tx, ctx, visit?, facts.read()?).await?;
                Ok((visit.id, AuditEntry::new("visit.change", visit.id)))
            })
        });
        VisitChangePayload::of(gql, done.await?).await
    }

    /// Says that a visit took place or did not.
    async fn visit_end(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: VisitEndInput,
    ) -> async_graphql::Result<Option<VisitEndPayload>> {
        let visit = node::id::<VisitId>("visitId", &input.visit_id);
        let (took_place, remark) = (input.done, input.remark.clone().map(Private::new));
        let done = change(gql, "visitEnd", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let visit = pipeline::visit_end(tx, ctx, visit?, took_place, remark).await?;
                Ok((visit.id, AuditEntry::new("visit.end", visit.id)))
            })
        });
        VisitEndPayload::of(gql, done.await?).await
    }
}
