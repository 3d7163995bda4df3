//! Use cases of maturity. The tenant drafts, rates, attaches and submits; an assessor within its grant reads, rates apart
//! and concludes; the park sees conclusions only.

use std::collections::{BTreeMap, HashMap};

use super::assessment::{Evidence, EvidenceInput, Rater, State};
use super::level::LevelResult;
use super::record::{
    Assessment, AssessmentDraft, Attached, ClauseRating, Conclusion, EvidenceFile, RatingInput, Ratings, Sheet,
    Standing,
};
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::{Ctx, Scope};
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::identity::Ability;
use crate::ids::{AssessmentId, EvidenceId, FileId, TenantId};
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource};
use crate::platform::{FileState, Purpose};
use crate::{platform, tenancy};

async fn one(store: &dyn Store, ctx: &Ctx, id: AssessmentId) -> Result<Assessment> {
    store.assessments_by_id(ctx, &[id]).await?.into_iter().next().ok_or(Error::NotFound)
}

/// The assessments in reach, newest first: its own for a tenant, submitted ones for an assessor.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn assessments(store: &dyn Store, ctx: &Ctx, page: &PageRequest) -> Result<Page<Assessment>> {
    ctx.require(Action::Read, Resource::SelfAssessment)?;
    store.assessments(ctx, page).await
}

/// How many assessments are in reach.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn assessments_count(store: &dyn Store, ctx: &Ctx) -> Result<i64> {
    ctx.require(Action::Read, Resource::SelfAssessment)?;
    store.assessments_count(None).await
}

/// What was rated in each assessment, as far as the caller may see it.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn sheets(store: &dyn Store, ctx: &Ctx, of: &[AssessmentId]) -> Result<HashMap<AssessmentId, Sheet>> {
    ctx.require(Action::Read, Resource::SelfAssessment)?;
    let mut sheets: HashMap<AssessmentId, Sheet> = of.iter().map(|id| (*id, Sheet::default())).collect();
    for (id, rating) in store.self_ratings(of).await? {
        sheets.entry(id).or_default().own.insert(rating);
    }
    for (id, rating) in store.assessor_ratings(ctx, of).await? {
        sheets.entry(id).or_default().assessor.insert(rating);
    }
    for (id, clause, count) in store.evidence_counts(of).await? {
        sheets.entry(id).or_default().evidence.insert(clause, count);
    }
    Ok(sheets)
}

/// Begins a self-assessment of the caller's tenant by the newest version of a framework.
///
/// # Errors
/// Those of [`AssessmentDraft::check`]; `assessment-cycle-taken`.
pub async fn assessment_create(store: &dyn Store, ctx: &Ctx, draft: AssessmentDraft) -> Result<AssessmentId> {
    ctx.require(Action::Write, Resource::SelfAssessment)?;
    let framework = draft.check(ctx.today())?;
    let new = Assessment {
        id: ctx.id(),
        tenant: ctx.tenant()?,
        framework: framework.pin().name(),
        fingerprint: framework.pin().fingerprint.clone(),
        title: draft.title.trim().to_owned(),
        cycle: draft.cycle.trim().to_owned(),
        state: State::Draft,
        assessed_on: draft.assessed_on,
        operating_since: draft.assessed_on,
        previous_level: 0,
        created_at: ctx.now(),
        submitted_at: None,
        conclusion: None,
    };
    if store.assessment_add(&new).await? {
        Ok(new.id)
    } else {
        Err(Refusal::new(RefusalCode::Duplicate, "assessment-cycle-taken")
            .at("cycle")
            .with("cycle", new.cycle)
            .with("framework", new.framework)
            .into())
    }
}

/// Rates clauses: the tenant its own draft, an assessor a submitted assessment, apart from everybody else's ratings.
///
/// # Errors
/// `assessment-not-draft` or `assessment-not-under-assessment`; those of [`ClauseRating::check`]. Nothing is stored
/// unless everything is.
pub async fn assessment_rate(
    store: &dyn Store,
    ctx: &Ctx,
    id: AssessmentId,
    inputs: &[RatingInput],
) -> Result<Assessment> {
    if matches!(ctx.scope(), Scope::Assessor(..)) {
        ctx.require(Action::Write, Resource::Assessment)?;
        let assessment = one(store, ctx, id).await?;
        ctx.require_ability(assessment.tenant, Ability::Rate)?;
        assessment.taken_up()?;
        let ratings = ClauseRating::check(assessment.framework()?, inputs)?;
        let before = store.assessor_ratings(ctx, &[id]).await?;
        tell(ctx, &before, &ratings);
        if !store.assessor_ratings_put(ctx, &assessment, &ratings).await? {
            return Err(concluded());
        }
        return Ok(assessment);
    }
    let assessment = draft(store, ctx, id).await?;
    assessment.state.may_rate(Rater::Tenant)?;
    let ratings = ClauseRating::check(assessment.framework()?, inputs)?;
    tell(ctx, &store.self_ratings(&[id]).await?, &ratings);
    store.self_ratings_put(ctx, &assessment, &ratings).await?;
    Ok(assessment)
}

/// Tells how clauses were rated before and are now.
fn tell(ctx: &Ctx, before: &[(AssessmentId, ClauseRating)], after: &[ClauseRating]) {
    let said = |r: &ClauseRating| (Seen::of(format!("C{:?} F{:?}", r.c, r.f)), Seen::personal(r.note.clone()));
    for rating in after {
        let was = before.iter().find(|(_, r)| r.clause == rating.clause).map(|(_, r)| said(r));
        let ((from, from_note), (to, to_note)) =
            (was.unwrap_or((Seen::Nothing, Seen::personal(String::new()))), said(rating));
        ctx.heard().changed(format!("clause {}", rating.clause), from, to);
        ctx.heard().changed(format!("clause {} note", rating.clause), from_note, to_note);
    }
}

/// Somebody concluded meanwhile.
fn concluded() -> Error {
    State::Assessed.may_rate(Rater::Assessor).err().map_or(Error::NotFound, Error::from)
}

/// An assessment of the caller's own tenant that the caller may write to, held until the transaction ends.
async fn draft(store: &dyn Store, ctx: &Ctx, id: AssessmentId) -> Result<Assessment> {
    ctx.require(Action::Write, Resource::SelfAssessment)?;
    ctx.tenant()?;
    store.assessment_lock(id).await?;
    one(store, ctx, id).await
}

/// Attaches a stored file of the caller's tenant to a clause of a draft.
///
/// # Errors
/// `assessment-not-draft`; those of [`Evidence::check`]; `file-unknown`, `file-infected`, those of [`platform::fits`].
pub async fn evidence_attach(
    store: &dyn Store,
    files: &dyn platform::Store,
    ctx: &Ctx,
    id: AssessmentId,
    file: FileId,
    input: &EvidenceInput,
) -> Result<Attached> {
    let assessment = draft(store, ctx, id).await?;
    assessment.state.may_attach()?;
    let evidence = Evidence::check(assessment.framework()?, input)?;
    let file =
        files.file(file).await?.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "file-unknown").at("fileId"))?;
    // One that waits for the scanner may be attached; it cannot be read until then.
    if file.state != FileState::Waiting {
        platform::usable(file.state, "fileId")?;
    }
    platform::fits(Purpose::Evidence, &file.media_type, file.bytes)?;
    let file = EvidenceFile {
        id: file.id,
        sha256: file.sha256,
        bytes: file.bytes,
        name: file.name,
        media_type: file.media_type,
        state: file.state,
    };
    let attached = Attached { id: ctx.id(), assessment: id, evidence, file };
    store.evidence_add(ctx, &attached).await?;
    Ok(attached)
}

/// What a piece of evidence holds, for its reader to download: the tenant's staff who see the assessment, or an assessor
/// whose grant reaches it once it is submitted.
///
/// # Errors
/// [`Error::NotFound`] for everybody else; `grant-ability` when the grant lets only read.
pub async fn evidence_file(store: &dyn Store, ctx: &Ctx, id: EvidenceId) -> Result<EvidenceFile> {
    evidence_of(store, ctx, id).await.map(|(_, file)| file)
}

/// The same with the tenant that it is of.
///
/// # Errors
/// Those of [`evidence_file`].
pub async fn evidence_of(store: &dyn Store, ctx: &Ctx, id: EvidenceId) -> Result<(TenantId, EvidenceFile)> {
    ctx.require(Action::Read, Resource::SelfAssessment)?;
    let attached = store.evidence_by_id(&[id]).await?.into_iter().next().ok_or(Error::NotFound)?;
    let assessment = one(store, ctx, attached.assessment).await?;
    ctx.require_ability(assessment.tenant, Ability::Sample)?;
    Ok((assessment.tenant, attached.file))
}

/// Hands a draft over; nothing of it can be edited from then on.
///
/// # Errors
/// `assessment-not-draft`; `assessment-incomplete` unless every clause is rated.
pub async fn assessment_submit(store: &dyn Store, ctx: &Ctx, id: AssessmentId) -> Result<(Assessment, LevelResult)> {
    ctx.require(Action::Commit, Resource::SelfAssessment)?;
    let assessment = draft(store, ctx, id).await?;
    let ratings: Ratings = store.self_ratings(&[id]).await?.into_iter().map(|(_, rating)| rating).collect();
    let own = assessment.level(&ratings)?;
    let state = assessment.state.submit(&own)?;
    store.assessment_turn(id, state, Some(ctx.now())).await?;
    ctx.heard().changed("state", Seen::of(format!("{:?}", assessment.state)), Seen::of(format!("{state:?}")));
    Ok((assessment, own))
}

/// Takes an assessment back that nobody concluded: it stays readable to the tenant alone, and its cycle is free for
/// another.
///
/// # Errors
/// `assessment-closed`.
pub async fn assessment_withdraw(store: &dyn Store, ctx: &Ctx, id: AssessmentId) -> Result<Assessment> {
    ctx.require(Action::Commit, Resource::SelfAssessment)?;
    let assessment = draft(store, ctx, id).await?;
    let state = assessment.state.withdraw()?;
    store.assessment_turn(id, state, None).await?;
    ctx.heard().changed("state", Seen::of(format!("{:?}", assessment.state)), Seen::of(format!("{state:?}")));
    Ok(Assessment { state, submitted_at: None, ..assessment })
}

/// Closes a submitted assessment with the level of the calling assessor's ratings, which the tenant then sees.
///
/// # Errors
/// `assessment-not-under-assessment`, also when another assessor was first; `assessment-incomplete` unless the caller
/// rated every clause.
pub async fn assessment_conclude(store: &dyn Store, ctx: &Ctx, id: AssessmentId) -> Result<(Assessment, Conclusion)> {
    ctx.require(Action::Commit, Resource::Assessment)?;
    let assessment = one(store, ctx, id).await?;
    ctx.require_ability(assessment.tenant, Ability::Rate)?;
    let state = assessment.taken_up()?;
    // Closed first: what is read afterwards is what stays, even while the same assessor rates in another session.
    store.assessor_ratings_close(ctx, &assessment).await?;
    let ratings: Ratings = store.assessor_ratings(ctx, &[id]).await?.into_iter().map(|(_, rating)| rating).collect();
    let found = assessment.level(&ratings)?;
    state.conclude(&found)?;
    let conclusion = Conclusion { level: found.achieved, total: found.total, at: ctx.now() };
    if !store.conclusion_add(ctx, &assessment, conclusion).await? {
        return Err(concluded());
    }
    ctx.heard().set("level", Seen::of(format!("{:?}", conclusion.level)));
    ctx.heard().set("total", Seen::of(conclusion.total));
    // The conclusion waited for whoever changed the assessment: taken back meanwhile, it is out of reach.
    one(store, ctx, id).await?;
    Ok((assessment, conclusion))
}

/// How many tenants of the park hold each level; `None` counts those never assessed. For staff of the park.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn counts_by_level(
    store: &dyn Store,
    tenants: &dyn tenancy::Store,
    ctx: &Ctx,
) -> Result<BTreeMap<Option<u8>, i64>> {
    ctx.require(Action::Read, Resource::Assessment)?;
    if !matches!(ctx.scope(), Scope::Park(_)) {
        return Err(Error::NotFound);
    }
    let mut counts = BTreeMap::new();
    let mut unassessed = tenants.tenants_count().await?;
    for standing in Standing::latest(store.standings(None).await?).into_values() {
        *counts.entry(Some(standing.conclusion.level)).or_insert(0) += 1;
        unassessed -= 1;
    }
    if unassessed > 0 {
        counts.insert(None, unassessed);
    }
    Ok(counts)
}
