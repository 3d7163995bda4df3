//! Service accounts: programs of a park or tenant, each with a role, scopes that are narrower, and tokens that end.
//!
//! A program has no password, no session and no account of its own to look after. What it does is on record under its name.

use async_trait::async_trait;
use chrono::{DateTime, Days, NaiveDate, Utc};

use super::entity::Membership;
use super::service::hex;
use super::store::Tokens;
use crate::audit::Seen;
use crate::bounds::{Bounds, Permit, programs_may};
use crate::ctx::{Actor, Ctx, Lang, Scope};
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{Id as _, ServiceAccountId, ServiceTokenId, TenantId, UserId};
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource, Role};
use crate::tenancy::Park;
use crate::time::Env;

/// The longest a token may live, days.
pub const TOKEN_DAYS: u64 = 366;
/// Living tokens that one account may have: two are enough to replace one without a pause.
pub const MOST_TOKENS: usize = 5;
/// Living accounts that a park or tenant may have.
pub const MOST_ACCOUNTS: i64 = 100;
/// What every token begins with.
pub const TOKEN_PREFIX: &str = "vxp_";
/// The use of a token is noted again after so many seconds.
pub const NOTED_SECONDS: i64 = 60;

/// A program of a park or tenant.
#[derive(Clone, Debug)]
pub struct ServiceAccount {
    /// Its id.
    pub id: ServiceAccountId,
    /// What it is called; 1-80 characters.
    pub name: String,
    /// Its role, of which the scopes are a part.
    pub role: Role,
    /// What it may.
    pub scopes: Vec<Permit>,
    /// Made at.
    pub created_at: DateTime<Utc>,
    /// Its tokens that were not taken back, latest first.
    pub tokens: Vec<ServiceToken>,
}

/// A token of a program. The token itself is told once and never kept.
#[derive(Clone, Debug)]
pub struct ServiceToken {
    /// Its id.
    pub id: ServiceTokenId,
    /// Made at.
    pub created_at: DateTime<Utc>,
    /// First day on which it opens nothing any more, a day of the park.
    pub valid_to: NaiveDate,
    /// Used last at, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The address that it was used from last.
    pub last_used_from: Option<String>,
}

/// What a service account is asked to be.
#[derive(Clone, Debug)]
pub struct ServiceAccountDraft {
    /// What it is called.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// What it may, as texts such as `billing:read`.
    pub scopes: Vec<String>,
    /// The end of its first token.
    pub valid_to: NaiveDate,
}

/// A program that shows its token.
#[derive(Clone, Debug)]
pub struct Program {
    /// Which.
    pub account: ServiceAccountId,
    /// By which token.
    pub token: ServiceTokenId,
    /// What it is called.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// What it may.
    pub scopes: Vec<Permit>,
    /// In this park.
    pub park: Park,
    /// Of this tenant, with its name.
    pub tenant: Option<(TenantId, String)>,
    /// First day on which the token opens nothing any more.
    pub valid_to: NaiveDate,
    /// Used last at.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Service accounts of the caller's park or tenant; the last two need a system scope.
#[async_trait]
pub trait ServiceAccounts: Send + Sync {
    /// Those that were not deleted, latest first.
    async fn service_accounts(&self, page: &PageRequest) -> Result<Page<ServiceAccount>>;
    /// How many there are.
    async fn service_accounts_count(&self) -> Result<i64>;
    /// Accounts by id, deleted ones left out.
    async fn service_accounts_by_id(&self, ids: &[ServiceAccountId]) -> Result<Vec<ServiceAccount>>;
    /// Stores an account, without its tokens.
    async fn service_account_add(&self, account: &ServiceAccount, by: Option<UserId>) -> Result<()>;
    /// Deletes an account with all its tokens; `false` when there is none.
    async fn service_account_delete(&self, id: ServiceAccountId, now: DateTime<Utc>) -> Result<bool>;
    /// Stores a token by its hash.
    async fn service_token_add(
        &self,
        account: ServiceAccountId,
        token: &ServiceToken,
        hash: &[u8; 32],
        by: Option<UserId>,
    ) -> Result<()>;
    /// Takes a token back; whose it was.
    async fn service_token_revoke(&self, id: ServiceTokenId, now: DateTime<Utc>) -> Result<Option<ServiceAccountId>>;
    /// The program with a living token of this hash.
    async fn program(&self, hash: &[u8; 32]) -> Result<Option<Program>>;
    /// Notes that a token was used.
    async fn service_token_used(&self, program: &Program, now: DateTime<Utc>, from: Option<&str>) -> Result<()>;
}

impl ServiceAccountId {
    /// The account as whoever acts: in the audit log, for limits, as the owner of keys of idempotency.
    pub fn actor(self) -> UserId {
        UserId::from_uuid(self.uuid())
    }
}

/// A new token: 256 random bits between what every token begins with and eight hex digits of the SHA-256 of all that, by
/// which a scanner for leaked secrets knows it for one without asking anybody.
fn new_token(tokens: &dyn Tokens, env: &Env) -> String {
    let text = hex(&env.bytes::<32>(), TOKEN_PREFIX.to_owned());
    let [a, b, c, d, ..] = tokens.digest(&text);
    hex(&[a, b, c, d], text)
}

/// Whether a bearer token is one of a program and not of a session.
pub fn is_service_token(text: &str) -> bool {
    text.starts_with(TOKEN_PREFIX)
}

/// Whether a token can be one at all.
fn well_formed(tokens: &dyn Tokens, text: &str) -> bool {
    let Some((body, sum)) = text.split_at_checked(TOKEN_PREFIX.len() + 64) else { return false };
    let [a, b, c, d, ..] = tokens.digest(body);
    is_service_token(text) && hex(&[a, b, c, d], String::new()) == sum
}

/// The roles that a program of the caller can have: those of its own park or tenant that may nothing which the caller may
/// not.
pub fn service_roles(ctx: &Ctx) -> Vec<Role> {
    let of_place: &[Role] = match ctx.scope() {
        Scope::Park(_) => &[Role::ParkAdministrator, Role::ParkFinance],
        Scope::Tenant(..) => &[
            Role::TenantManager,
            Role::TeamLeader,
            Role::QualityAnalyst,
            Role::Trainer,
            Role::HumanResources,
            Role::TenantFinance,
        ],
        Scope::Assessor(..) | Scope::System(_) => &[],
    };
    let within = |role: Role| offered(role).iter().all(|permit| ctx.may(permit.action, permit.resource));
    of_place.iter().copied().filter(|role| within(*role)).collect()
}

/// The widest scopes that a program of a role can have.
pub fn offered(role: Role) -> Vec<Permit> {
    let widest = |resource: &Resource| {
        let may = |action: &&Action| Bounds::Role.allow(role, **action, *resource);
        let action = Action::ALL.iter().rev().find(may)?;
        programs_may(*resource).then_some(Permit { resource: *resource, action: *action })
    };
    Resource::ALL.iter().filter_map(widest).collect()
}

fn scopes(draft: &ServiceAccountDraft, bad: &mut Refusals) -> Vec<Permit> {
    let mut scopes = Vec::new();
    for text in &draft.scopes {
        match Permit::parse(text) {
            Ok(permit) if offered(draft.role).iter().any(|o| o.covers(permit.action, permit.resource)) => {
                scopes.push(permit);
            }
            Ok(permit) => bad.when(true, || {
                Refusal::new(RefusalCode::Forbidden, "scope-beyond").at("scopes").with("scope", permit.text())
            }),
            Err(_) => bad.when(true, || Refusal::new(RefusalCode::Invalid, "scope-invalid").at("scopes")),
        }
    }
    bad.when(draft.scopes.is_empty(), || Refusal::new(RefusalCode::Required, "scopes-empty").at("scopes"));
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

fn period(ctx: &Ctx, valid_to: NaiveDate) -> Option<Refusal> {
    let latest = ctx.today().checked_add_days(Days::new(TOKEN_DAYS)).unwrap_or(NaiveDate::MAX);
    let good = ctx.today() < valid_to && valid_to <= latest;
    (!good).then(|| Refusal::new(RefusalCode::OutOfRange, "service-token-period").at("validTo").with("latest", latest))
}

fn permitted(ctx: &Ctx) -> Result<()> {
    ctx.require(Action::Commit, Resource::Security)?;
    ctx.require_proof()
}

async fn token_add<S: ServiceAccounts + ?Sized>(
    store: &S,
    tokens: &dyn Tokens,
    ctx: &Ctx,
    account: ServiceAccountId,
    valid_to: NaiveDate,
) -> Result<String> {
    let text = new_token(tokens, ctx.env());
    let token =
        ServiceToken { id: ctx.id(), created_at: ctx.now(), valid_to, last_used_at: None, last_used_from: None };
    store.service_token_add(account, &token, &tokens.digest(&text), ctx.actor().user).await?;
    ctx.heard().set("token", Seen::of(token.id));
    ctx.heard().set("validTo", Seen::of(valid_to));
    Ok(text)
}

/// The programs of the caller's park or tenant, latest first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn service_accounts<S: ServiceAccounts + ?Sized>(
    store: &S,
    ctx: &Ctx,
    page: &PageRequest,
) -> Result<Page<ServiceAccount>> {
    ctx.require(Action::Read, Resource::Security)?;
    store.service_accounts(page).await
}

/// Makes a program with its first token, which is told this once.
///
/// # Errors
/// `step-up-required`; all of these at once: `text-required`, `service-role`, `scopes-empty`, `scope-invalid`,
/// `scope-beyond`, `service-token-period`; `service-too-many`.
pub async fn service_account_create<S: ServiceAccounts + ?Sized>(
    store: &S,
    tokens: &dyn Tokens,
    ctx: &Ctx,
    draft: ServiceAccountDraft,
) -> Result<(ServiceAccountId, String)> {
    permitted(ctx)?;
    let name = draft.name.trim().to_owned();
    let mut bad = Refusals::new();
    bad.when(name.is_empty() || name.chars().count() > 80, || {
        Refusal::new(RefusalCode::Required, "text-required").at("name").with("max", 80_i64)
    });
    bad.when(!service_roles(ctx).contains(&draft.role), || {
        Refusal::new(RefusalCode::Forbidden, "service-role").at("role").with("role", draft.role.name())
    });
    let scopes = scopes(&draft, &mut bad);
    if let Some(refusal) = period(ctx, draft.valid_to) {
        bad.when(true, || refusal);
    }
    bad.finish()?;
    if store.service_accounts_count().await? >= MOST_ACCOUNTS {
        return Err(Refusal::new(RefusalCode::State, "service-too-many").with("max", MOST_ACCOUNTS).into());
    }
    let account =
        ServiceAccount { id: ctx.id(), name, role: draft.role, scopes, created_at: ctx.now(), tokens: Vec::new() };
    store.service_account_add(&account, ctx.actor().user).await?;
    let heard = ctx.heard();
    heard.set("name", Seen::of(&account.name));
    heard.set("role", Seen::of(account.role.name()));
    heard.set("scopes", Seen::of(account.scopes.iter().map(|s| s.text()).collect::<Vec<_>>().join(" ")));
    let token = token_add(store, tokens, ctx, account.id, draft.valid_to).await?;
    Ok((account.id, token))
}

/// Gives a program another token, told this once; the others go on until they end or are taken back.
///
/// # Errors
/// `step-up-required`, `service-unknown`, `service-token-period`, `service-tokens-many`.
pub async fn service_token_create<S: ServiceAccounts + ?Sized>(
    store: &S,
    tokens: &dyn Tokens,
    ctx: &Ctx,
    account: ServiceAccountId,
    valid_to: NaiveDate,
) -> Result<String> {
    permitted(ctx)?;
    let found = store.service_accounts_by_id(&[account]).await?.into_iter().next().ok_or_else(unknown)?;
    if let Some(refusal) = period(ctx, valid_to) {
        return Err(refusal.into());
    }
    if found.tokens.iter().filter(|token| ctx.today() < token.valid_to).count() >= MOST_TOKENS {
        return Err(Refusal::new(RefusalCode::State, "service-tokens-many").with("max", MOST_TOKENS).into());
    }
    token_add(store, tokens, ctx, account, valid_to).await
}

/// Takes a token back: it opens nothing any more, and what it has open ends.
///
/// # Errors
/// `step-up-required`, `service-token-unknown`.
pub async fn service_token_revoke<S: ServiceAccounts + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: ServiceTokenId,
) -> Result<ServiceAccountId> {
    permitted(ctx)?;
    let gone = || Refusal::new(RefusalCode::NotFound, "service-token-unknown").at("serviceTokenId").into();
    let account = store.service_token_revoke(id, ctx.now()).await?.ok_or_else(gone);
    ctx.heard().changed("token", Seen::of(id), Seen::Nothing);
    account
}

/// Deletes a program with all its tokens, at once. Its name stays with what it did.
///
/// # Errors
/// `step-up-required`, `service-unknown`.
pub async fn service_account_delete<S: ServiceAccounts + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: ServiceAccountId,
) -> Result<()> {
    permitted(ctx)?;
    if !store.service_account_delete(id, ctx.now()).await? {
        return Err(unknown());
    }
    Ok(())
}

fn unknown() -> Error {
    Refusal::new(RefusalCode::NotFound, "service-unknown").at("serviceAccountId").into()
}

/// The context of a program that shows its token; read each time, so that what was taken back is gone with the next
/// request.
///
/// # Errors
/// [`Error::Unauthenticated`] for anything but a living token of an account that is there.
pub async fn authenticate_program<S: ServiceAccounts + ?Sized>(
    store: &S,
    tokens: &dyn Tokens,
    bearer: &str,
    lang: Option<Lang>,
    request: String,
    env: &Env,
) -> Result<(Ctx, Membership, Program)> {
    if !well_formed(tokens, bearer) {
        return Err(Error::Unauthenticated);
    }
    let program = store.program(&tokens.digest(bearer)).await?.ok_or(Error::Unauthenticated)?;
    let membership = Membership {
        role: program.role,
        park: program.park.clone(),
        tenant: program.tenant.clone(),
        grants: Vec::new(),
        display_name: program.name.clone(),
        factor_due: false,
    };
    let actor = Actor { user: Some(program.account.actor()), session: None, role: program.role, grants: Vec::new() };
    let (scope, zone) = (membership.scope(&super::grant::Opened::default()), program.park.zone);
    let ctx = Ctx::build(actor, scope, lang.unwrap_or_default(), zone, request, env.clone()).bound(Bounds::Program {
        account: program.account,
        token: program.token,
        scopes: program.scopes.clone().into(),
    });
    if ctx.today() < program.valid_to { Ok((ctx, membership, program)) } else { Err(Error::Unauthenticated) }
}

impl Program {
    /// Whether this use of its token is to be noted.
    pub fn to_be_noted(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at.is_none_or(|at| (now - at).num_seconds() >= NOTED_SECONDS)
    }
}
