//! Use cases of leads.

use chrono::NaiveDate;

use super::holds::give_up;
use super::lead::{
    Funnel, Lead, LeadDraft, LeadFacts, LeadFilter, LeadNote, LeadSort, LeadState, LeadStep, LostReason, MAX_PER_LEAD,
    MAX_TEXT, Private, StaffMember, name_key,
};
use super::quotes::withdraw_all;
use super::store::{Quotes, Store};
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::estate::SeatProduct;
use crate::ids::{LeadId, TenantId, UserId};
use crate::leasing::Holds;
use crate::page::{Page, PageRequest, Sort};
use crate::permission::{Action, Resource};
use crate::tenancy;

/// Leads of the park.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn leads(
    store: &dyn Store,
    ctx: &Ctx,
    filter: &LeadFilter,
    sort: Sort<LeadSort>,
    page: &PageRequest,
) -> Result<Page<Lead>> {
    ctx.require(Action::Read, Resource::Pipeline)?;
    store.leads(filter, sort, page).await
}

/// How many.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn leads_count(store: &dyn Store, ctx: &Ctx, filter: &LeadFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::Pipeline)?;
    store.leads_count(filter).await
}

/// The funnel: how many leads are in each state and how many seats they want, in the order of the states.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn leads_funnel(store: &dyn Store, ctx: &Ctx) -> Result<Vec<Funnel>> {
    ctx.require(Action::Read, Resource::Pipeline)?;
    let found = store.leads_funnel().await?;
    let of = |state: &LeadState| {
        let known = found.iter().find(|funnel| funnel.state == *state).copied();
        known.unwrap_or(Funnel { state: *state, leads: 0, seats: 0 })
    };
    Ok(LeadState::ALL.iter().map(of).collect())
}

/// Who can look after leads and show the park: its staff today, by name.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn staff(store: &dyn Store, ctx: &Ctx) -> Result<Vec<StaffMember>> {
    ctx.require(Action::Read, Resource::Pipeline)?;
    store.pipeline_staff(ctx.today()).await
}

/// Remembers a user who is not of the park's staff today.
pub(super) async fn must_be_staff<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    user: Option<UserId>,
    path: &'static str,
    bad: &mut Refusals,
) -> Result<()> {
    let Some(user) = user else { return Ok(()) };
    let staff = store.pipeline_staff(ctx.today()).await?;
    bad.when(staff.iter().all(|member| member.user != user), || {
        Refusal::new(RefusalCode::NotFound, "staff-unknown").at(path)
    });
    Ok(())
}

/// The lead, kept from everybody else until the transaction ends.
pub(super) async fn locked<S: Store + ?Sized>(store: &S, id: LeadId) -> Result<Lead> {
    let unknown = || Refusal::new(RefusalCode::NotFound, "lead-unknown").at("leadId");
    Ok(store.lead_locked(id).await?.ok_or_else(unknown)?)
}

/// Takes a step and remembers who took it when.
pub(super) async fn step<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    lead: &mut Lead,
    to: LeadState,
    lost: Option<LostReason>,
    remark: Private,
) -> Result<()> {
    let from = lead.state;
    (lead.state, lead.lost) = (to, lost);
    let (at, by) = (ctx.now(), ctx.actor().user);
    store.lead_step_add(&LeadStep { lead: lead.id, n: 0, from: Some(from), to, lost, remark, at, by }).await?;
    ctx.heard().changed("state", Seen::of(from.name()), Seen::of(to.name()));
    Ok(())
}

fn code_taken() -> Error {
    Refusal::new(RefusalCode::Duplicate, "lead-credit-code-taken").at("creditCode").into()
}

/// Refuses a name that is known already, unless it is wanted all the same.
async fn name_free<S: Store + tenancy::Store + ?Sized>(
    store: &S,
    facts: &LeadFacts,
    but: Option<LeadId>,
    bad: &mut Refusals,
) -> Result<()> {
    if let Some(state) = store.lead_of_name(&name_key(&facts.name), but).await? {
        bad.push(Refusal::new(RefusalCode::Duplicate, "lead-name-known").at("name").with("state", state.name()));
    } else if facts.tenant.is_none() && store.tenant_of_name(facts.name.trim()).await? {
        bad.push(Refusal::new(RefusalCode::Duplicate, "lead-name-of-tenant").at("name"));
    }
    Ok(())
}

async fn tenant_known<S: tenancy::Store + ?Sized>(
    store: &S,
    tenant: Option<TenantId>,
    bad: &mut Refusals,
) -> Result<()> {
    if let Some(tenant) = tenant {
        let unknown = store.tenants_by_id(&[tenant]).await?.is_empty();
        bad.when(unknown, || Refusal::new(RefusalCode::NotFound, "not-found").at("tenantId"));
    }
    Ok(())
}

fn trimmed(facts: LeadFacts) -> LeadFacts {
    let trim = |text: String| text.trim().to_owned();
    LeadFacts { name: trim(facts.name), name_en: trim(facts.name_en), business: trim(facts.business), ..facts }
}

/// Enters a lead.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; all that apply of those of [`LeadFacts::check`],
/// `text-too-long`, `staff-unknown`, `not-found` (the tenant), `lead-name-known`, `lead-name-of-tenant`;
/// `lead-credit-code-taken`.
pub async fn lead_create<S: Store + tenancy::Store + ?Sized>(store: &S, ctx: &Ctx, draft: LeadDraft) -> Result<Lead> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let mut bad = Refusals::new();
    draft.facts.check(&mut bad);
    draft.next_step.at_most("nextStep", MAX_TEXT, &mut bad);
    must_be_staff(store, ctx, draft.owner, "ownerId", &mut bad).await?;
    tenant_known(store, draft.facts.tenant, &mut bad).await?;
    if !draft.same_name {
        name_free(store, &draft.facts, None, &mut bad).await?;
    }
    bad.finish()?;
    let LeadDraft { facts, owner, next_step, next_on, .. } = draft;
    let lead = Lead {
        id: ctx.id(),
        facts: trimmed(facts),
        owner,
        next_step,
        next_on,
        state: LeadState::New,
        lost: None,
        created_at: ctx.now(),
    };
    if !store.lead_add(&lead).await? {
        return Err(code_taken());
    }
    let (at, by) = (ctx.now(), ctx.actor().user);
    let entered =
        LeadStep { lead: lead.id, n: 0, from: None, to: lead.state, lost: None, remark: Private::default(), at, by };
    store.lead_step_add(&entered).await?;
    tell(ctx, None, &lead);
    Ok(lead)
}

/// Changes what is known of a lead.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lead-unknown`; those of [`lead_create`].
pub async fn lead_change<S: Store + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: LeadId,
    facts: LeadFacts,
    same_name: bool,
) -> Result<Lead> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let before = locked(store, id).await?;
    let mut bad = Refusals::new();
    facts.check(&mut bad);
    // Whose lead has become a tenant's stays so.
    let facts =
        LeadFacts { tenant: before.facts.tenant.filter(|_| before.state == LeadState::Won).or(facts.tenant), ..facts };
    tenant_known(store, facts.tenant, &mut bad).await?;
    if !same_name && name_key(&facts.name) != name_key(&before.facts.name) {
        name_free(store, &facts, Some(id), &mut bad).await?;
    }
    bad.finish()?;
    let lead = Lead { facts: trimmed(facts), ..before.clone() };
    save(store, ctx, &before, &lead).await?;
    Ok(lead)
}

async fn save<S: Store + ?Sized>(store: &S, ctx: &Ctx, before: &Lead, lead: &Lead) -> Result<()> {
    if !store.lead_save(lead).await? {
        return Err(code_taken());
    }
    tell(ctx, Some(before), lead);
    Ok(())
}

/// Gives a lead to somebody, or back to the public pool.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lead-unknown`, `staff-unknown`; `lead-taken` when
/// somebody who takes it from the pool finds it in other hands.
pub async fn lead_assign<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: LeadId,
    owner: Option<UserId>,
    from_pool: bool,
) -> Result<Lead> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let before = locked(store, id).await?;
    let mut bad = Refusals::new();
    must_be_staff(store, ctx, owner, "ownerId", &mut bad).await?;
    bad.when(from_pool && before.owner.is_some() && before.owner != owner, || {
        Refusal::new(RefusalCode::Conflict, "lead-taken").at("leadId")
    });
    bad.finish()?;
    let lead = Lead { owner, ..before.clone() };
    save(store, ctx, &before, &lead).await?;
    Ok(lead)
}

/// Says what is to be done next, and by when; with neither, nothing is.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lead-unknown`, `lead-closed`, `text-too-long`,
/// `lead-next-day` for a day without a step.
pub async fn lead_plan<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: LeadId,
    next_step: Private,
    next_on: Option<NaiveDate>,
) -> Result<Lead> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let before = locked(store, id).await?;
    before.state.must_be_open()?;
    let mut bad = Refusals::new();
    next_step.at_most("nextStep", MAX_TEXT, &mut bad);
    bad.when(next_step.is_empty() && next_on.is_some(), || {
        Refusal::new(RefusalCode::Required, "lead-next-day").at("nextStep")
    });
    bad.finish()?;
    let lead = Lead { next_step, next_on, ..before.clone() };
    save(store, ctx, &before, &lead).await?;
    Ok(lead)
}

/// Takes a lead a step down the funnel, out of it or back in. What was sent to one that is lost is
/// withdrawn, and what was kept for it is given up.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lead-unknown`, those of [`LeadState::by_hand`],
/// `lead-lost-reason` without a reason, `text-too-long`.
pub async fn lead_move<S: Store + Quotes + Holds + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: LeadId,
    to: LeadState,
    lost: Option<LostReason>,
    remark: Private,
) -> Result<Lead> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let before = locked(store, id).await?;
    let mut bad = Refusals::new();
    if let Err(refusal) = before.state.by_hand(to) {
        bad.push(refusal);
    }
    bad.when(to == LeadState::Lost && lost.is_none(), || {
        Refusal::new(RefusalCode::Required, "lead-lost-reason").at("lostReason")
    });
    remark.at_most("remark", MAX_TEXT, &mut bad);
    bad.finish()?;
    let mut lead = before.clone();
    step(store, ctx, &mut lead, to, lost.filter(|_| to == LeadState::Lost), remark).await?;
    if to == LeadState::Lost {
        let quotes = store.quotes_of(&[id]).await?;
        give_up(store, ctx, &quotes.iter().map(|quote| quote.id).collect::<Vec<_>>()).await?;
        withdraw_all(store, ctx, quotes).await?;
    }
    save(store, ctx, &before, &lead).await?;
    Ok(lead)
}

/// Adds a note; notes are never changed.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lead-unknown`, `text-required`, `text-too-long`,
/// `lead-too-many`.
pub async fn lead_note_add<S: Store + ?Sized>(store: &S, ctx: &Ctx, id: LeadId, text: Private) -> Result<LeadNote> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let lead = locked(store, id).await?;
    let mut bad = Refusals::new();
    bad.when(text.is_empty(), || Refusal::new(RefusalCode::Required, "text-required").at("text").with("max", MAX_TEXT));
    text.at_most("text", MAX_TEXT, &mut bad);
    too_many(store.lead_notes(&[lead.id]).await?.len(), &mut bad);
    bad.finish()?;
    let note = LeadNote { lead: lead.id, n: 0, text, at: ctx.now(), by: ctx.actor().user };
    store.lead_note_add(&note).await?;
    ctx.heard().set("note", Seen::personal(note.text.reveal()));
    Ok(note)
}

/// Remembers that there is no room for one more.
pub(super) fn too_many(known: usize, bad: &mut Refusals) {
    bad.when(known >= MAX_PER_LEAD, || {
        Refusal::new(RefusalCode::TooLarge, "lead-too-many").at("leadId").with("max", MAX_PER_LEAD)
    });
}

/// Tells what was known of a lead before and is now.
fn tell(ctx: &Ctx, before: Option<&Lead>, after: &Lead) {
    let fields = |lead: &Lead| {
        let facts = &lead.facts;
        [
            ("name", Seen::of(&facts.name)),
            ("nameEn", Seen::of(&facts.name_en)),
            ("creditCode", Seen::maybe(facts.credit_code.as_ref())),
            ("source", Seen::of(facts.source.name())),
            ("contactName", Seen::personal(facts.contact.name.reveal())),
            ("contactPhone", Seen::personal(facts.contact.phone.reveal())),
            ("contactMail", Seen::personal(facts.contact.mail.reveal())),
            ("seats", Seen::json(facts.seats)),
            ("product", Seen::maybe(facts.product.map(SeatProduct::name))),
            ("wantedFrom", Seen::maybe(facts.wanted_from)),
            ("business", Seen::of(&facts.business)),
            ("tenant", Seen::maybe(facts.tenant)),
            ("owner", Seen::maybe(lead.owner)),
            ("nextStep", Seen::personal(lead.next_step.reveal())),
            ("nextOn", Seen::maybe(lead.next_on)),
        ]
    };
    let mut was = before.map(fields).into_iter().flatten();
    for (field, to) in fields(after) {
        ctx.heard().changed(field, was.next().map_or(Seen::Nothing, |(_, from)| from), to);
    }
}
