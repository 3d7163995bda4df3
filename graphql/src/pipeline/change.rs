//! Leads entered, changed, assigned, planned, moved, noted.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::ids::LeadId;
use voxpark_domain::pipeline::{self, Contact, CreditCode, LeadDraft, LeadFacts, Private};
use voxpark_domain::platform::AuditEntry;

use super::lead::{Lead, LeadSource, LeadState, LostReason};
use crate::change::change;
use crate::error::UserError;
use crate::estate::SeatProduct;
use crate::load::load;
use crate::node;
use crate::scalar::Date;

/// What is known of a lead.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeadFactsInput {
    /// Name in Chinese, 1 to 80 characters.
    name: String,
    /// Name in English, up to 80 characters.
    name_en: Option<String>,
    /// Unified social credit code of eighteen characters, checked by the last.
    credit_code: Option<String>,
    /// Where it came from.
    source: LeadSource,
    /// Whom to speak with, up to 80 characters.
    contact_name: Option<String>,
    /// Telephone: 5 to 20 digits, with blanks, + - ( ) # * and commas.
    contact_phone: Option<String>,
    /// Mail address.
    contact_mail: Option<String>,
    /// How many seats it wants, 1 to 100000.
    seats: i32,
    /// Of which product.
    product: Option<SeatProduct>,
    /// From which day.
    wanted_from: Option<Date>,
    /// What it does, up to 200 characters.
    business: Option<String>,
    /// The tenant that it is already.
    tenant_id: Option<ID>,
    /// True: it is wanted although a lead or tenant of its name is known.
    allow_same_name: Option<bool>,
}

impl LeadFactsInput {
    fn read(self) -> voxpark_domain::Result<(LeadFacts, bool)> {
        let private = |text: Option<String>| Private::new(text.unwrap_or_default());
        let code = self.credit_code.filter(|code| !code.trim().is_empty());
        let facts = LeadFacts {
            name: self.name,
            name_en: self.name_en.unwrap_or_default(),
            credit_code: code.map(|code| CreditCode::parse(&code).map_err(|r| r.at("creditCode"))).transpose()?,
            source: self.source.into(),
            contact: Contact {
                name: private(self.contact_name),
                phone: private(self.contact_phone),
                mail: private(self.contact_mail),
            },
            seats: self.seats.into(),
            product: self.product.map(Into::into),
            wanted_from: self.wanted_from.map(|day| day.0),
            business: self.business.unwrap_or_default(),
            tenant: self.tenant_id.map(|id| node::id("tenantId", &id)).transpose()?,
        };
        Ok((facts, self.allow_same_name.unwrap_or_default()))
    }
}

/// A lead is to be entered.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeadCreateInput {
    /// What is known of it.
    #[graphql(flatten)]
    facts: LeadFactsInput,
    /// Who looks after it; left out = the public pool.
    owner_id: Option<ID>,
    /// What is to be done next, up to 1000 characters.
    next_step: Option<String>,
    /// By when.
    next_on: Option<Date>,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

/// What is known of a lead is to be changed.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeadChangeInput {
    /// Which.
    lead_id: ID,
    /// What is known of it, all of it.
    #[graphql(flatten)]
    facts: LeadFactsInput,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// A lead is to be given to somebody.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeadAssignInput {
    /// Which.
    lead_id: ID,
    /// To whom of the park's staff; left out = back to the public pool.
    owner_id: Option<ID>,
    /// True: only if nobody else looks after it.
    from_pool: Option<bool>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What is to be done next about a lead.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeadPlanInput {
    /// Which.
    lead_id: ID,
    /// What, up to 1000 characters; left out = nothing.
    next_step: Option<String>,
    /// By when.
    next_on: Option<Date>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// A lead is to take a step.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeadMoveInput {
    /// Which.
    lead_id: ID,
    /// To where: CONTACTED, VISITED or LOST, or from LOST back to CONTACTED. QUOTED and WON follow from quotes.
    to: LeadState,
    /// Why, of one that is lost.
    lost_reason: Option<LostReason>,
    /// In words, up to 1000 characters.
    remark: Option<String>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// Something is to be said about a lead.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeadNoteAddInput {
    /// Which.
    lead_id: ID,
    /// What, 1 to 1000 characters.
    text: String,
    /// Repeats of the same request under this key answer the same and add nothing.
    idempotency_key: String,
}

payloads! {
    "The lead." lead: Lead by LeadId;
    /// What became of a lead to be entered.
    LeadCreatePayload,
    /// What became of a lead to be changed.
    LeadChangePayload,
    /// What became of a lead to be given to somebody.
    LeadAssignPayload,
    /// What became of a plan.
    LeadPlanPayload,
    /// What became of a step.
    LeadMovePayload,
    /// What became of a note.
    LeadNoteAddPayload,
}

#[derive(Default)]
pub(crate) struct PipelineMutation;

#[Object]
impl PipelineMutation {
    /// Enters a lead. One whose credit code is known is refused; one whose name is known is, unless that is allowed.
    async fn lead_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeadCreateInput,
    ) -> async_graphql::Result<Option<LeadCreatePayload>> {
        let wanted = input.clone();
        let done = change(gql, "leadCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let (facts, same_name) = wanted.facts.read()?;
                let owner = wanted.owner_id.map(|id| node::id("ownerId", &id)).transpose()?;
                let next_step = Private::new(wanted.next_step.unwrap_or_default());
                let next_on = wanted.next_on.map(|day| day.0);
                let draft = LeadDraft { facts, owner, next_step, next_on, same_name };
                let lead = pipeline::lead_create(tx, ctx, draft).await?;
                Ok((lead.id, AuditEntry::new("lead.create", lead.id)))
            })
        });
        LeadCreatePayload::of(gql, done.await?).await
    }

    /// Changes what is known of a lead.
    async fn lead_change(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeadChangeInput,
    ) -> async_graphql::Result<Option<LeadChangePayload>> {
        let (lead, facts) = (node::id::<LeadId>("leadId", &input.lead_id), input.facts.clone());
        let done = change(gql, "leadChange", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let (facts, same_name) = facts.read()?;
                let lead = pipeline::lead_change(tx, ctx, lead?, facts, same_name).await?;
                Ok((lead.id, AuditEntry::new("lead.change", lead.id)))
            })
        });
        LeadChangePayload::of(gql, done.await?).await
    }

    /// Gives a lead to somebody, or back to the public pool.
    async fn lead_assign(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeadAssignInput,
    ) -> async_graphql::Result<Option<LeadAssignPayload>> {
        let wanted = input.clone();
        let done = change(gql, "leadAssign", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let owner = wanted.owner_id.map(|id| node::id("ownerId", &id)).transpose()?;
                let (lead, from_pool) = (node::id("leadId", &wanted.lead_id)?, wanted.from_pool.unwrap_or_default());
                let lead = pipeline::lead_assign(tx, ctx, lead, owner, from_pool).await?;
                Ok((lead.id, AuditEntry::new("lead.assign", lead.id)))
            })
        });
        LeadAssignPayload::of(gql, done.await?).await
    }

    /// Says what is to be done next about a lead, and by when.
    async fn lead_plan(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeadPlanInput,
    ) -> async_graphql::Result<Option<LeadPlanPayload>> {
        let wanted = input.clone();
        let done = change(gql, "leadPlan", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let (lead, next) = (node::id("leadId", &wanted.lead_id)?, wanted.next_step.unwrap_or_default());
                let next_on = wanted.next_on.map(|day| day.0);
                let lead = pipeline::lead_plan(tx, ctx, lead, Private::new(next), next_on).await?;
                Ok((lead.id, AuditEntry::new("lead.plan", lead.id)))
            })
        });
        LeadPlanPayload::of(gql, done.await?).await
    }

    /// Takes a lead a step down the funnel, out of it or back in.
    async fn lead_move(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeadMoveInput,
    ) -> async_graphql::Result<Option<LeadMovePayload>> {
        let wanted = input.clone();
        let done = change(gql, "leadMove", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let (lead, lost) = (node::id("leadId", &wanted.lead_id)?, wanted.lost_reason.map(Into::into));
                let remark = Private::new(wanted.remark.unwrap_or_default());
                let lead = pipeline::lead_move(tx, ctx, lead, wanted.to.into(), lost, remark).await?;
                Ok((lead.id, AuditEntry::new("lead.move", lead.id)))
            })
        });
        LeadMovePayload::of(gql, done.await?).await
    }

    /// Adds a note to a lead.
    async fn lead_note_add(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeadNoteAddInput,
    ) -> async_graphql::Result<Option<LeadNoteAddPayload>> {
        let (lead, text) = (node::id::<LeadId>("leadId", &input.lead_id), Private::new(&input.text));
        let done = change(gql, "leadNoteAdd", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let note = pipeline::lead_note_add(tx, ctx, lead?, text).await?;
                Ok((note.lead, AuditEntry::new("lead.note", note.lead)))
            })
        });
        LeadNoteAddPayload::of(gql, done.await?).await
    }
}
