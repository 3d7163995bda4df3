//! Use cases of visits.

use super::lead::{LeadState, Private};
use super::leads::{locked, must_be_staff, step, too_many};
use super::store::Store;
use super::visit::{Visit, VisitDraft, VisitState};
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::estate;
use crate::ids::{LeadId, VisitId};
use crate::permission::{Action, Resource};

/// Remembers everything about a visit that cannot be agreed so.
async fn check<S: Store + estate::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    draft: &VisitDraft,
    bad: &mut Refusals,
) -> Result<()> {
    draft.check(bad);
    must_be_staff(store, ctx, Some(draft.guide), "guideId", bad).await?;
    let known = store.zones_by_id(&draft.zones).await?;
    for (at, id) in draft.zones.iter().enumerate() {
        bad.when(known.iter().all(|zone| zone.id != *id), || {
            Refusal::new(RefusalCode::NotFound, "not-found").at(format!("zoneIds.{at}"))
        });
    }
    Ok(())
}

/// Agrees a visit.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lead-unknown`, `lead-closed`; all that apply of
/// those of [`VisitDraft::check`], `staff-unknown`, `not-found` (a zone), `lead-too-many`.
pub async fn visit_plan<S: Store + estate::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    lead: LeadId,
    draft: VisitDraft,
) -> Result<Visit> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let lead = locked(store, lead).await?;
    lead.state.must_be_open()?;
    let mut bad = Refusals::new();
    check(store, ctx, &draft, &mut bad).await?;
    too_many(store.visits_of(&[lead.id]).await?.len(), &mut bad);
    bad.finish()?;
    let visit = Visit { id: ctx.id(), lead: lead.id, draft, state: VisitState::Planned };
    store.visit_save(&visit, true).await?;
    tell(ctx, None, &visit);
    Ok(visit)
}

/// The visit, its lead kept from everybody else until the transaction ends.
async fn planned<S: Store + ?Sized>(store: &S, id: VisitId) -> Result<Visit> {
    let unknown = || Error::from(Refusal::new(RefusalCode::NotFound, "visit-unknown").at("visitId"));
    let visit = store.visits_by_id(&[id]).await?.pop().ok_or_else(unknown)?;
    locked(store, visit.lead).await?;
    // What was read before the lock is read again.
    let visit = store.visits_by_id(&[id]).await?.pop().ok_or_else(unknown)?;
    visit.must_be_planned()?;
    Ok(visit)
}

/// Agrees a visit that is still to come otherwise.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `visit-unknown`, `visit-over`; those of
/// [`visit_plan`].
pub async fn visit_change<S: Store + estate::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: VisitId,
    draft: VisitDraft,
) -> Result<Visit> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let before = planned(store, id).await?;
    let mut bad = Refusals::new();
    check(store, ctx, &draft, &mut bad).await?;
    bad.finish()?;
    let visit = Visit { draft, ..before.clone() };
    store.visit_save(&visit, false).await?;
    tell(ctx, Some(&before), &visit);
    Ok(visit)
}

/// Says that a visit took place or did not. One that did takes its lead down the funnel.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `visit-unknown`, `visit-over`, `visit-to-come` when
/// its day has not come, `text-too-long`.
pub async fn visit_end<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: VisitId,
    done: bool,
    remark: Option<Private>,
) -> Result<Visit> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let before = planned(store, id).await?;
    let state = if done { VisitState::Done } else { VisitState::Cancelled };
    let remark = remark.filter(|text| !text.is_empty()).unwrap_or_else(|| before.draft.remark.clone());
    let visit = Visit { draft: VisitDraft { remark, ..before.draft.clone() }, state, ..before.clone() };
    let mut bad = Refusals::new();
    bad.when(done && visit.draft.day > ctx.today(), || {
        Refusal::new(RefusalCode::State, "visit-to-come").at("visitId").with("day", visit.draft.day)
    });
    visit.draft.remark.at_most("remark", super::lead::MAX_TEXT, &mut bad);
    bad.finish()?;
    store.visit_save(&visit, false).await?;
    tell(ctx, Some(&before), &visit);
    let mut lead = locked(store, visit.lead).await?;
    if done && matches!(lead.state, LeadState::New | LeadState::Contacted) {
        step(store, ctx, &mut lead, LeadState::Visited, None, Private::default()).await?;
        store.lead_save(&lead).await?;
    }
    Ok(visit)
}

fn tell(ctx: &Ctx, before: Option<&Visit>, after: &Visit) {
    let fields = |visit: &Visit| {
        let zones = visit.draft.zones.iter().map(ToString::to_string).collect::<Vec<_>>();
        [
            ("day", Seen::of(visit.draft.day)),
            ("atMin", Seen::json(visit.draft.at_min)),
            ("guide", Seen::of(visit.draft.guide)),
            ("zones", Seen::of(zones.join(", "))),
            ("remark", Seen::personal(visit.draft.remark.reveal())),
            ("visitState", Seen::of(visit.state.name())),
        ]
    };
    let mut was = before.map(fields).into_iter().flatten();
    for (field, to) in fields(after) {
        ctx.heard().changed(field, was.next().map_or(Seen::Nothing, |(_, from)| from), to);
    }
}
