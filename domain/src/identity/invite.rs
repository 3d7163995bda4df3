//! Invitations: a link by mail that works once, by which somebody becomes a member or an assessor and chooses a password.

use chrono::{DateTime, Duration, Utc};

use super::grant::GrantTerms;
use super::provision::email_ok;
use super::reset::link_token;
use super::service::Ports;
use super::store::{Links, Store};
use crate::ctx::{Ctx, Lang};
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{InvitationId, ParkId, TenantId, UserId};
use crate::mail::{self, LetterKind, NewLetter, Owner};
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource, Role};
use crate::tenancy::{self, Park};

/// How long an invitation can be accepted, days.
pub const INVITE_DAYS: i64 = 7;

/// What an invitation is asked to be.
#[derive(Clone, Debug)]
pub struct InvitationDraft {
    /// Mail address.
    pub email: String,
    /// As what: a role of the park, the manager of a tenant, an assessor or statistics officer.
    pub role: Role,
    /// Of which tenant (managers), on which tenant (assessors; `None` = every one).
    pub tenant: Option<TenantId>,
    /// For assessors and statistics officers alone.
    pub grant: Option<GrantTerms>,
    /// The language of the letter.
    pub lang: Lang,
}

/// An invitation.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// To which park.
    pub park: ParkId,
    /// Mail address.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Of or on which tenant.
    pub tenant: Option<TenantId>,
    /// For assessors and statistics officers.
    pub grant: Option<GrantTerms>,
    /// The language of the letter.
    pub lang: Lang,
    /// Sent first at.
    pub created_at: DateTime<Utc>,
    /// Cannot be accepted any more from.
    pub expires_at: DateTime<Utc>,
    /// Accepted at.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Taken back at.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Invitation {
    /// Whether it can be accepted.
    pub fn open(&self, now: DateTime<Utc>) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

impl InvitationDraft {
    /// Checks everything that needs no database.
    ///
    /// # Errors
    /// All refusals at once: `email-invalid`, `invite-role`, `invite-tenant`, `invite-grant` and those of [`GrantTerms::check`].
    pub fn check(&self) -> Result<()> {
        let mut bad = Refusals::new();
        bad.when(!email_ok(self.email.trim()), || Refusal::new(RefusalCode::Invalid, "email-invalid").at("email"));
        let (known, wants_tenant) = match self.role {
            Role::ParkAdministrator | Role::ParkFinance => (true, Some(false)),
            Role::TenantManager => (true, Some(true)),
            Role::Assessor | Role::StatisticsOfficer => (true, None),
            _ => (false, None),
        };
        bad.when(!known, || {
            Refusal::new(RefusalCode::Invalid, "invite-role").at("role").with("role", self.role.name())
        });
        bad.when(wants_tenant.is_some_and(|wants| wants != self.tenant.is_some()), || {
            Refusal::new(RefusalCode::Invalid, "invite-tenant").at("tenantId")
        });
        let outside = matches!(self.role, Role::Assessor | Role::StatisticsOfficer);
        bad.when(outside != self.grant.is_some(), || Refusal::new(RefusalCode::Invalid, "invite-grant").at("purpose"));
        bad.finish()?;
        match &self.grant {
            Some(terms) => terms.check(self.role, self.tenant),
            None => Ok(()),
        }
    }
}

/// The letter that carries the link.
async fn post<S: mail::Store + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    invitation: &Invitation,
    token: &str,
) -> Result<()> {
    let park = store.park().await?.ok_or(Error::NotFound)?;
    let name = |zh: &str, en: &str| if invitation.lang == Lang::En { en.to_owned() } else { zh.to_owned() };
    let mut facts = mail::Facts::new();
    facts.insert("park".to_owned(), name(&park.name, &park.name_en));
    facts.insert("role".to_owned(), invitation.role.name().to_owned());
    facts.insert("days".to_owned(), INVITE_DAYS.to_string());
    facts.insert("path".to_owned(), format!("/join?token={token}"));
    let letter = NewLetter {
        kind: LetterKind::Invitation,
        lang: invitation.lang,
        to: invitation.email.clone(),
        user: None,
        facts,
    };
    store.letter_post(ctx, Owner { park: invitation.park, tenant: None }, &letter).await.map(|_| ())
}

/// Invites somebody by mail.
///
/// # Errors
/// `step-up-required`, those of [`InvitationDraft::check`], `tenant-unknown`, `invite-pending` when an open invitation to the
/// same as the same is there.
pub async fn invite<S: Links + mail::Store + tenancy::Store + ?Sized>(
    store: &S,
    ports: Ports<'_>,
    ctx: &Ctx,
    draft: InvitationDraft,
) -> Result<Invitation> {
    ctx.require(Action::Commit, Resource::Access)?;
    ctx.require_proof()?;
    draft.check()?;
    if let Some(tenant) = draft.tenant
        && store.tenants_by_id(&[tenant]).await?.is_empty()
    {
        return Err(Refusal::new(RefusalCode::NotFound, "tenant-unknown").at("tenantId").into());
    }
    let email = draft.email.trim().to_owned();
    if store.invitation_pending(&email, draft.role, draft.tenant, ctx.now()).await? {
        return Err(Refusal::new(RefusalCode::Duplicate, "invite-pending").at("email").into());
    }
    let token = link_token(ctx);
    let invitation = Invitation {
        id: ctx.id(),
        park: ctx.park()?,
        email,
        role: draft.role,
        tenant: draft.tenant,
        grant: draft.grant,
        lang: draft.lang,
        created_at: ctx.now(),
        expires_at: ctx.now() + Duration::days(INVITE_DAYS),
        accepted_at: None,
        revoked_at: None,
    };
    store.invitation_add(&invitation, ctx.actor().user, &ports.tokens.digest(&token)).await?;
    post(store, ctx, &invitation, &token).await?;
    Ok(invitation)
}

/// The invitations of the park, newest first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn invitations<S: Links + ?Sized>(store: &S, ctx: &Ctx, page: &PageRequest) -> Result<Page<Invitation>> {
    ctx.require(Action::Read, Resource::Access)?;
    store.invitations(page).await
}

async fn changeable<S: Links + ?Sized>(store: &S, ctx: &Ctx, id: InvitationId) -> Result<Invitation> {
    ctx.require(Action::Commit, Resource::Access)?;
    ctx.require_proof()?;
    let found = store.invitations_by_id(&[id]).await?.into_iter().next();
    found
        .filter(|i| i.accepted_at.is_none() && i.revoked_at.is_none())
        .ok_or_else(|| Refusal::new(RefusalCode::NotFound, "invite-unknown").at("invitationId").into())
}

/// Sends an invitation again, with another link; the last one works no more.
///
/// # Errors
/// `step-up-required`, `invite-unknown`.
pub async fn invite_again<S: Links + mail::Store + tenancy::Store + ?Sized>(
    store: &S,
    ports: Ports<'_>,
    ctx: &Ctx,
    id: InvitationId,
) -> Result<Invitation> {
    let mut invitation = changeable(store, ctx, id).await?;
    let token = link_token(ctx);
    invitation.expires_at = ctx.now() + Duration::days(INVITE_DAYS);
    store.invitation_renew(id, &ports.tokens.digest(&token), invitation.expires_at).await?;
    post(store, ctx, &invitation, &token).await?;
    Ok(invitation)
}

/// Takes an invitation back: its link works no more.
///
/// # Errors
/// `step-up-required`, `invite-unknown`.
pub async fn invite_revoke<S: Links + ?Sized>(store: &S, ctx: &Ctx, id: InvitationId) -> Result<Invitation> {
    let mut invitation = changeable(store, ctx, id).await?;
    store.invitation_revoke(id, ctx.now()).await?;
    invitation.revoked_at = Some(ctx.now());
    Ok(invitation)
}

/// An invitation as whoever has its link sees it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The invitation.
    pub invitation: Invitation,
    /// To which park.
    pub park: Park,
    /// The user that has the address already.
    pub user: Option<UserId>,
}

/// The open invitation behind a link; `system` finds it, since its holder is nobody yet.
///
/// # Errors
/// `invite-link-bad` when it is unknown, used, taken back or too old.
pub async fn offer<S: Store + ?Sized>(system: &S, ports: Ports<'_>, token: &str, now: DateTime<Utc>) -> Result<Offer> {
    let bad = || Error::from(Refusal::new(RefusalCode::State, "invite-link-bad").at("token"));
    let found = system.invitation_by_token(&ports.tokens.digest(token)).await?;
    let invitation = found.filter(|i| i.open(now)).ok_or_else(bad)?;
    let park = system.parks().await?.into_iter().find(|p| p.id == invitation.park).ok_or_else(bad)?;
    let user = system.credentials(&invitation.email).await?.map(|c| c.user);
    Ok(Offer { invitation, park, user })
}

/// Accepts the invitation of an offer: adds the user when it is new, and makes it what it was invited as. The password was
/// verified (known users) or hashed (new ones) just before.
///
/// # Errors
/// `text-required` for the name of a new user; `invite-link-bad` when somebody else was faster; `member-already`.
pub async fn accept<S: Store + ?Sized>(
    system: &S,
    ctx: &Ctx,
    offer: &Offer,
    name: &str,
    hash: Option<&str>,
) -> Result<UserId> {
    let (invitation, now) = (&offer.invitation, ctx.now());
    if !system.invitation_accept(invitation.park, invitation.id, now).await? {
        return Err(Refusal::new(RefusalCode::State, "invite-link-bad").at("token").into());
    }
    let (user, name) = match (offer.user, hash) {
        (Some(user), _) => {
            let known = system.user_name(&invitation.email).await?;
            (user, known.map(|k| k.1).unwrap_or_default())
        }
        (None, hash) => {
            let name = name.trim();
            if name.is_empty() || name.chars().count() > 80 {
                return Err(Refusal::new(RefusalCode::Required, "text-required").at("name").with("max", 80_i64).into());
            }
            let id = ctx.id();
            let hash = hash.ok_or_else(|| Error::internal("a new user without a password"))?;
            system.user_add(id, &invitation.email, name, hash, invitation.lang, now).await?;
            (id, name.to_owned())
        }
    };
    let today = now.with_timezone(&offer.park.zone).date_naive();
    let same = |role: Role, tenant: Option<TenantId>| role == invitation.role && tenant == invitation.tenant;
    if invitation.grant.is_none()
        && system
            .memberships(user, now)
            .await?
            .iter()
            .any(|m| m.park.id == invitation.park && same(m.role, m.tenant.as_ref().map(|t| t.0)))
    {
        return Err(Refusal::new(RefusalCode::Duplicate, "member-already").into());
    }
    match (&invitation.grant, invitation.tenant) {
        (Some(terms), tenant) => {
            let grant = terms.grant(ctx.id(), user, name, invitation.role, tenant);
            system.grant_add(invitation.park, &grant, now).await?;
        }
        (None, Some(tenant)) => {
            system.tenant_member_add(invitation.park, tenant, user, invitation.role, &name, today).await?;
        }
        (None, None) => system.park_member_add(invitation.park, user, invitation.role, &name, today).await?,
    }
    Ok(user)
}
