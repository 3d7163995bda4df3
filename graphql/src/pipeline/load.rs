//! Leads and what belongs to them, in batches.

use std::sync::Arc;

use async_trait::async_trait;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{HoldId, LeadId, QuoteId, UserId, VisitId};
use voxpark_domain::permission::Resource;
use voxpark_domain::{Ctx, Result, pipeline};

use crate::estate::grouped;
use crate::load::Load;

/// The name of a user who is or was staff of the park.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NameOf(pub(super) UserId);

/// The steps of a lead.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct StepsOf(pub(super) LeadId);

/// The notes of a lead.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NotesOf(pub(super) LeadId);

/// The visits of a lead.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct VisitsOf(pub(super) LeadId);

/// The holds made for a quote, whichever version.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct HoldsOf(pub(super) QuoteId);

#[async_trait]
impl Load for HoldsOf {
    type Value = Vec<Arc<(QuoteId, HoldId)>>;
    const RESOURCE: Resource = Resource::Pipeline;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<QuoteId> = keys.iter().map(|key| key.0).collect();
        Ok(grouped(keys, tx.quote_holds(&ids).await?, |row| HoldsOf(row.0)))
    }
}

/// The quotes of a lead.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct QuotesOf(pub(super) LeadId);

#[async_trait]
impl Load for QuoteId {
    type Value = Arc<pipeline::Quote>;
    const RESOURCE: Resource = Resource::Pipeline;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.quotes_by_id(keys).await?.into_iter().map(|quote| (quote.id, Arc::new(quote))).collect())
    }
}

#[async_trait]
impl Load for NameOf {
    type Value = Arc<pipeline::StaffMember>;
    const RESOURCE: Resource = Resource::Pipeline;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<UserId> = keys.iter().map(|key| key.0).collect();
        Ok(tx.pipeline_names(&ids).await?.into_iter().map(|m| (Self(m.user), Arc::new(m))).collect())
    }
}

#[async_trait]
impl Load for LeadId {
    type Value = Arc<pipeline::Lead>;
    const RESOURCE: Resource = Resource::Pipeline;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.leads_by_id(keys).await?.into_iter().map(|lead| (lead.id, Arc::new(lead))).collect())
    }
}

#[async_trait]
impl Load for VisitId {
    type Value = Arc<pipeline::Visit>;
    const RESOURCE: Resource = Resource::Pipeline;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.visits_by_id(keys).await?.into_iter().map(|visit| (visit.id, Arc::new(visit))).collect())
    }
}

macro_rules! of_lead {
    ($($key:ident: $value:ty, $rows:ident, |$row:ident| $of:expr;)+) => {$(
        #[async_trait]
        impl Load for $key {
            type Value = Vec<Arc<$value>>;
            const RESOURCE: Resource = Resource::Pipeline;
            async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
                let ids: Vec<LeadId> = keys.iter().map(|key| key.0).collect();
                Ok(grouped(keys, tx.$rows(&ids).await?, |$row| $key($of)))
            }
        }
    )+};
}

of_lead! {
    StepsOf: pipeline::LeadStep, lead_steps, |step| step.lead;
    NotesOf: pipeline::LeadNote, lead_notes, |note| note.lead;
    VisitsOf: pipeline::Visit, visits_of, |visit| visit.lead;
    QuotesOf: pipeline::Quote, quotes_of, |quote| quote.lead;
}
