//! Use cases of papers.

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::entity::{Paper, PaperAct, PaperDraft, PaperKind, PaperState, PaperStep, Party};
use super::store::Store;
use super::template::Template;
use super::wording::values;
use crate::audit::Seen;
use crate::ctx::{Ctx, Scope};
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{FileId, LeaseId, PaperId};
use crate::pack::Bilingual;
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource};
use crate::pipeline::Private;
use crate::platform::Purpose;
use crate::{leasing, platform, requests, tenancy};

/// The most paragraphs beside the template.
const MAX_SPECIAL: usize = 20;
/// The longest of them, and the longest reason, in characters.
const MAX_WORDS: usize = 1_000;
/// The longest name of who signs, in characters.
const MAX_NAME: usize = 100;

/// Papers of the park, newest first; those in a state, where one is asked for. A tenant sees its own once approved.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn papers<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    state: Option<PaperState>,
    page: &PageRequest,
) -> Result<Page<Paper>> {
    ctx.require(Action::Read, Resource::Leasing)?;
    store.papers(state, page).await
}

/// How many.
///
/// # Errors
/// As [`papers`].
pub async fn papers_count<S: Store + ?Sized>(store: &S, ctx: &Ctx, state: Option<PaperState>) -> Result<i64> {
    ctx.require(Action::Read, Resource::Leasing)?;
    store.papers_count(state).await
}

/// Papers of leases, newest first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn papers_of<S: Store + ?Sized>(store: &S, ctx: &Ctx, leases: &[LeaseId]) -> Result<Vec<Paper>> {
    ctx.require(Action::Read, Resource::Leasing)?;
    store.papers_of(leases).await
}

/// The history of papers, oldest first: who approved is the park's own business.
///
/// # Errors
/// None but those of reading.
pub async fn paper_steps<S: Store + ?Sized>(store: &S, ctx: &Ctx, papers: &[PaperId]) -> Result<Vec<PaperStep>> {
    if !matches!(ctx.scope(), Scope::Park(_)) || ctx.require(Action::Read, Resource::Leasing).is_err() {
        return Ok(Vec::new());
    }
    store.paper_steps(papers).await
}

/// Whether the caller is somebody who approves papers: whoever binds the park in leases or in money.
fn approver(ctx: &Ctx) -> Result<()> {
    ctx.require(Action::Commit, Resource::Leasing).or_else(|_| ctx.require(Action::Commit, Resource::Billing))
}

/// Drafts a paper of a version of a lease.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lease-unknown`, `lease-version-unknown`,
/// `template-unknown`, `special-too-many`, `text-required`, `text-too-long`, `paper-exists`.
pub async fn paper_draft<S>(store: &S, ctx: &Ctx, draft: PaperDraft) -> Result<Paper>
where
    S: Store + leasing::Store + tenancy::Store + requests::Store + ?Sized,
{
    ctx.require(Action::Commit, Resource::Leasing)?;
    let mut bad = Refusals::new();
    let lease = store.leases_by_id(&[draft.lease]).await?.pop();
    let lease = lease.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "lease-unknown").at("leaseId"))?;
    let version = match draft.version {
        None => lease.versions.last(),
        Some(wanted) => lease.versions.iter().find(|version| version.version == wanted),
    };
    let version = version.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "lease-version-unknown").at("version"))?;
    let template = Template::built_in()?;
    bad.when(draft.template.as_ref().is_some_and(|wanted| *wanted != template.reference()), || {
        Refusal::new(RefusalCode::NotFound, "template-unknown").at("template").with("known", template.reference())
    });
    bad.when(draft.special.len() > MAX_SPECIAL, || {
        Refusal::new(RefusalCode::TooLarge, "special-too-many").at("special").with("max", MAX_SPECIAL)
    });
    let special: Vec<String> = draft.special.iter().map(|text| text.trim().to_owned()).collect();
    for text in &special {
        bad.text("special", text, true, MAX_WORDS);
    }
    bad.finish()?;
    let park = store.park().await?.ok_or(Error::NotFound)?;
    let tenant = store.tenants_by_id(&[lease.tenant]).await?.pop().ok_or(Error::NotFound)?;
    let held = store.lease_seat_counts(&[lease.id], version.in_force_from).await?;
    let mut values = values(&lease, version, held.first().map_or(0, |(_, seats)| *seats));
    let two = |zh: &str, en: &str| Bilingual { zh: zh.to_owned(), en: if en.is_empty() { zh } else { en }.to_owned() };
    let (park_name, tenant_name) = (two(&park.name, &park.name_en), two(&tenant.name, &tenant.name_en));
    values.texts.insert("park", park_name.clone());
    values.texts.insert("tenant", tenant_name.clone());
    let parties = vec![
        Party { role: two("甲方（出租方）", "The Park"), name: park_name },
        Party { role: two("乙方（承租方）", "The Tenant"), name: tenant_name },
    ];
    let kind = PaperKind::of(&lease, version);
    let content = template.fill(kind, &values, parties, &special);
    let content = content.ok_or_else(|| Error::internal("a template without a kind of paper"))?;
    let bytes = serde_json::to_vec(&content).map_err(Error::internal)?;
    let policy = store.contract_policy().await?.unwrap_or_default();
    let paper = Paper {
        id: ctx.id(),
        tenant: lease.tenant,
        lease: lease.id,
        version: version.version,
        number: format!("{}/{}", lease.code, version.version),
        kind,
        template: template.reference(),
        language: draft.language,
        content,
        sha256: Sha256::digest(&bytes).to_vec(),
        state: PaperState::Drafted,
        needed: policy.approvals,
        drafted_at: ctx.now(),
        drafted_by: ctx.actor().user,
        approved_at: None,
        signed_on: None,
        signed_park: Private::default(),
        signed_tenant: Private::default(),
        scan: None,
        last: 1,
    };
    if !store.paper_add(&paper).await? {
        let refusal = Refusal::new(RefusalCode::Duplicate, "paper-exists").at("leaseId");
        return Err(refusal.with("number", paper.number.as_str()).into());
    }
    ctx.heard().set("number", Seen::of(paper.number.clone()));
    ctx.heard().set("kind", Seen::of(kind.name()));
    ctx.heard().set("template", Seen::of(paper.template.clone()));
    append(store, ctx, &paper, PaperAct::Draft, Private::default()).await?;
    Ok(paper)
}

/// Appends a step under the number that the paper says is its last.
async fn append<S>(store: &S, ctx: &Ctx, paper: &Paper, act: PaperAct, words: Private) -> Result<()>
where
    S: Store + requests::Store + ?Sized,
{
    let by_name = match ctx.actor().user {
        Some(user) => store.member_name(user).await?,
        None => String::new(),
    };
    let step = PaperStep {
        paper: paper.id,
        tenant: paper.tenant,
        n: paper.last,
        act,
        words,
        at: ctx.now(),
        by: ctx.actor().user,
        by_name: Private::new(by_name),
    };
    store.paper_step_add(&step).await
}

/// The paper, locked, with its history, for an act that only some states allow.
async fn locked<S: Store + ?Sized>(store: &S, id: PaperId, states: &[PaperState]) -> Result<(Paper, Vec<PaperStep>)> {
    let paper = store.paper_locked(id).await?;
    let paper = paper.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "not-found").at("paperId"))?;
    if !states.contains(&paper.state) {
        let refusal = Refusal::new(RefusalCode::State, "paper-state").at("paperId");
        return Err(refusal.with("state", paper.state.name()).into());
    }
    let steps = store.paper_steps(&[paper.id]).await?;
    Ok((paper, steps))
}

/// Who approved, in order.
fn approved(steps: &[PaperStep]) -> impl Iterator<Item = &PaperStep> {
    steps.iter().filter(|step| step.act == PaperAct::Approve)
}

/// Whether the caller could approve a paper now: it waits, and the caller neither drafted nor approved it.
pub fn may_approve(ctx: &Ctx, paper: &Paper, steps: &[PaperStep]) -> bool {
    let me = ctx.actor().user;
    approver(ctx).is_ok()
        && paper.state == PaperState::Drafted
        && me.is_some()
        && paper.drafted_by != me
        && !approved(steps).any(|step| step.by == me)
}

/// Approves a paper; with the last approval that it needs it may be signed.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `not-found`, `paper-state`, `paper-own` for its author,
/// `paper-approved-already` for who did.
pub async fn paper_approve<S: Store + requests::Store + ?Sized>(store: &S, ctx: &Ctx, id: PaperId) -> Result<Paper> {
    approver(ctx)?;
    let (mut paper, steps) = locked(store, id, &[PaperState::Drafted]).await?;
    let me = ctx.actor().user;
    if me.is_none() || paper.drafted_by == me {
        return Err(Refusal::new(RefusalCode::State, "paper-own").at("paperId").into());
    }
    if approved(&steps).any(|step| step.by == me) {
        return Err(Refusal::new(RefusalCode::State, "paper-approved-already").at("paperId").into());
    }
    let now = i64::try_from(approved(&steps).count()).unwrap_or(i64::MAX).saturating_add(1);
    paper.last = paper.last.saturating_add(1);
    if now >= paper.needed {
        paper.state = PaperState::Approved;
        paper.approved_at = Some(ctx.now());
    }
    ctx.heard().set("approvals", Seen::of(format!("{now} / {}", paper.needed)));
    store.paper_save(&paper).await?;
    append(store, ctx, &paper, PaperAct::Approve, Private::default()).await?;
    Ok(paper)
}

/// Does not approve a paper, and says why. It is over; another can be drafted.
///
/// # Errors
/// As [`paper_approve`]; `text-required`, `text-too-long`.
pub async fn paper_refuse<S>(store: &S, ctx: &Ctx, id: PaperId, why: &str) -> Result<Paper>
where
    S: Store + requests::Store + ?Sized,
{
    approver(ctx)?;
    let (paper, _) = locked(store, id, &[PaperState::Drafted]).await?;
    if paper.drafted_by == ctx.actor().user {
        return Err(Refusal::new(RefusalCode::State, "paper-own").at("paperId").into());
    }
    over(store, ctx, paper, (PaperState::Refused, PaperAct::Refuse), why).await
}

/// Takes a paper back that is not signed, and says why.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `not-found`, `paper-state`, `text-required`,
/// `text-too-long`.
pub async fn paper_withdraw<S>(store: &S, ctx: &Ctx, id: PaperId, why: &str) -> Result<Paper>
where
    S: Store + requests::Store + ?Sized,
{
    ctx.require(Action::Commit, Resource::Leasing)?;
    let (paper, _) = locked(store, id, &[PaperState::Drafted, PaperState::Approved]).await?;
    over(store, ctx, paper, (PaperState::Withdrawn, PaperAct::Withdraw), why).await
}

async fn over<S>(store: &S, ctx: &Ctx, mut paper: Paper, end: (PaperState, PaperAct), why: &str) -> Result<Paper>
where
    S: Store + requests::Store + ?Sized,
{
    let mut bad = Refusals::new();
    let why = why.trim();
    bad.text("reason", why, true, MAX_WORDS);
    bad.finish()?;
    paper.state = end.0;
    paper.last = paper.last.saturating_add(1);
    ctx.heard().set("reason", Seen::personal(why.to_owned()));
    store.paper_save(&paper).await?;
    append(store, ctx, &paper, end.1, Private::new(why)).await?;
    Ok(paper)
}

/// That both sides signed.
#[derive(Clone, Debug)]
pub struct Signing {
    /// Which paper.
    pub paper: PaperId,
    /// On which day both had; not after today.
    pub on: NaiveDate,
    /// Who for the park, 1 to 100 characters.
    pub for_park: String,
    /// Who for the tenant.
    pub for_tenant: String,
    /// The signed paper, scanned: a clean file of the park.
    pub scan: Option<FileId>,
}

/// What is wrong with a file, told where it was named.
fn at_scan(error: Error) -> Error {
    let Error::Refused(refusals) = error else { return error };
    Error::Refused(refusals.into_iter().map(|refusal| refusal.at("scanId")).collect())
}

/// Records that both sides signed an approved paper.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `not-found`, `paper-state`, `signed-later`,
/// `text-required`, `text-too-long`, those of using a file.
pub async fn paper_sign<S>(store: &S, ctx: &Ctx, wanted: &Signing) -> Result<Paper>
where
    S: Store + requests::Store + platform::Store + ?Sized,
{
    ctx.require(Action::Commit, Resource::Leasing)?;
    let (mut paper, _) = locked(store, wanted.paper, &[PaperState::Approved]).await?;
    let mut bad = Refusals::new();
    let (park, tenant) = (wanted.for_park.trim(), wanted.for_tenant.trim());
    bad.text("forPark", park, true, MAX_NAME);
    bad.text("forTenant", tenant, true, MAX_NAME);
    bad.when(wanted.on > ctx.today(), || {
        Refusal::new(RefusalCode::OutOfRange, "signed-later").at("signedOn").with("today", ctx.today())
    });
    bad.finish()?;
    if let Some(scan) = wanted.scan {
        platform::file_for(store, scan, Purpose::Evidence).await.map_err(at_scan)?;
    }
    paper.state = PaperState::Signed;
    paper.signed_on = Some(wanted.on);
    paper.signed_park = Private::new(park);
    paper.signed_tenant = Private::new(tenant);
    paper.scan = wanted.scan;
    paper.last = paper.last.saturating_add(1);
    ctx.heard().set("signedOn", Seen::of(wanted.on));
    ctx.heard().set("forPark", Seen::personal(park.to_owned()));
    ctx.heard().set("forTenant", Seen::personal(tenant.to_owned()));
    store.paper_save(&paper).await?;
    append(store, ctx, &paper, PaperAct::Sign, Private::default()).await?;
    Ok(paper)
}
