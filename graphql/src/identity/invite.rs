//! Invitations, letters, forgotten passwords.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::{Actor, Lang, SystemReason};
use voxpark_domain::identity::{self, Client, GrantTerms, InvitationDraft};
use voxpark_domain::ids::{InvitationId, LetterId};
use voxpark_domain::mail::{self, LetterKind as DomainKind, LetterState as DomainState};
use voxpark_domain::permission::{Action, Resource, Role as DomainRole};
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result, Scope};

use super::Role;
use super::account::AccountPayload;
use super::grant::{GrantAbility, abilities};
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::record;
use crate::request::{Asking as _, Request};
use crate::scalar::Date;
use crate::tenancy::Tenant;

/// What a letter is about.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainKind")]
pub(crate) enum LetterKind {
    /// Somebody is asked to join.
    Invitation,
    /// A way to another password.
    PasswordReset,
    /// The password was changed.
    PasswordChanged,
    /// Another way into the account was added or removed.
    AccountChanged,
    /// A session ended because its token was copied.
    SessionReused,
    /// The platform operator entered in an emergency.
    Emergency,
    /// Something was done to a request for seats.
    SeatRequest,
    /// It brings an invoice.
    Invoice,
    /// It brings a credit note.
    CreditNote,
    /// The operator has issued a platform invoice.
    PlatformInvoice,
}

/// What became of a letter.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub(crate) enum LetterState {
    /// It waits to be sent.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It was given up.
    Failed,
    /// It was not sent, because the address has refused letters for good.
    Suppressed,
}

/// A letter that was posted. What it said is not kept.
pub(crate) struct Letter(Arc<mail::Letter>);

impl From<Arc<mail::Letter>> for Letter {
    fn from(letter: Arc<mail::Letter>) -> Self {
        Self(letter)
    }
}

#[async_trait]
impl Load for LetterId {
    type Value = Arc<mail::Letter>;
    const RESOURCE: Resource = Resource::Access;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.letters_by_id(keys).await?.into_iter().map(|l| (l.id, Arc::new(l))).collect())
    }
}

/// A letter that was posted. What it said is not kept.
#[Object]
impl Letter {
    /// Stable id.
    #[expect(clippy::unused_async, reason = "the shape the Node interface asks for")]
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// What it is about.
    async fn kind(&self) -> LetterKind {
        self.0.kind.into()
    }
    /// The mail address, most of its first part hidden.
    async fn recipient(&self) -> &str {
        &self.0.to
    }
    /// The language it is in, `zh-CN` or `en`.
    async fn language(&self) -> &'static str {
        self.0.lang.tag()
    }
    /// What became of it.
    async fn state(&self) -> LetterState {
        self.0.state.into()
    }
    /// The mail server's reply code when it did not take the letter, such as `550`.
    async fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }
    /// Posted at.
    async fn posted_at(&self) -> DateTime<Utc> {
        self.0.posted_at
    }
    /// Sent, given up or suppressed at.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }
}

/// Where an invitation stands.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvitationState {
    /// It can be accepted.
    Open,
    /// It was accepted.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Its link is too old; it can be sent again.
    Expired,
}

/// An invitation by mail to become a member or an assessor.
#[derive(Clone)]
pub(crate) struct Invitation(Arc<identity::Invitation>);

impl From<Arc<identity::Invitation>> for Invitation {
    fn from(invitation: Arc<identity::Invitation>) -> Self {
        Self(invitation)
    }
}

/// An invitation by mail to become a member or an assessor.
#[Object]
impl Invitation {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// The mail address.
    async fn email(&self) -> &str {
        &self.0.email
    }
    /// As what.
    async fn role(&self) -> Role {
        self.0.role.into()
    }
    /// Of which tenant, or on which (assessors); null = the park, or every tenant.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        match self.0.tenant {
            Some(id) => Ok(load(gql, id).await?.map(Tenant::from)),
            None => Ok(None),
        }
    }
    /// What the grant is for; null for members.
    async fn purpose(&self) -> Option<&str> {
        self.0.grant.as_ref().map(|g| g.purpose.as_str())
    }
    /// First day of the grant; null for members.
    async fn valid_from(&self) -> Option<Date> {
        self.0.grant.as_ref().map(|g| g.from.into())
    }
    /// The day after the last of the grant; null for members.
    async fn valid_to(&self) -> Option<Date> {
        self.0.grant.as_ref().map(|g| g.to.into())
    }
    /// Where it stands.
    async fn state(&self, gql: &Context<'_>) -> InvitationState {
        let invitation = &self.0;
        if invitation.accepted_at.is_some() {
            InvitationState::Accepted
        } else if invitation.revoked_at.is_some() {
            InvitationState::Revoked
        } else if invitation.open(gql.request().services.env.now()) {
            InvitationState::Open
        } else {
            InvitationState::Expired
        }
    }
    /// Sent first at.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// Cannot be accepted any more from.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
}

#[async_trait]
impl Load for InvitationId {
    type Value = Arc<identity::Invitation>;
    const RESOURCE: Resource = Resource::Access;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.invitations_by_id(keys).await?.into_iter().map(|i| (i.id, Arc::new(i))).collect())
    }
}

#[derive(Clone)]
pub(crate) struct ParkLetters;

#[Object]
impl ParkLetters {
    /// Invitations of the park, newest first.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn invitations(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<Invitation>> {
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            identity::invitations(&*request.read().await?, request.ctx()?, &ask).await
        };
        let page = gql.nullable(list.await)?;
        let count = counter!(gql, "", |ctx, tx| async move {
            ctx.require(Action::Read, Resource::Access)?;
            tx.invitations_count().await
        });
        Ok(paged(page, count, |i| Invitation(Arc::new(i))))
    }

    /// Letters on the park's own record, newest first. Letters to staff of a tenant are on that tenant's.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn letters(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<Letter>> {
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            mail::letters(&*request.read().await?, request.ctx()?, &ask).await
        };
        let page = gql.nullable(list.await)?;
        let count = counter!(gql, "", |ctx, tx| async move {
            ctx.require(Action::Read, Resource::Access)?;
            tx.letters_count().await
        });
        Ok(paged(page, count, |l| Letter(Arc::new(l))))
    }
}

/// What the holder of a link is invited to.
#[derive(SimpleObject)]
pub(crate) struct InvitationOffer {
    /// Name of the park in Chinese.
    park_name: String,
    /// Name of the park in English.
    park_name_en: String,
    /// As what.
    role: Role,
    /// The mail address that the link was sent to.
    email: String,
    /// Whether the address has an account already, whose password is then asked for.
    has_account: bool,
}

#[derive(Default)]
pub(crate) struct InviteQuery;

#[Object]
impl InviteQuery {
    /// What a link invites to; null when it is unknown, used, taken back or too old.
    async fn invitation_offer(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The token of the link.")] token: String,
    ) -> async_graphql::Result<Option<InvitationOffer>> {
        let services = &gql.request().services;
        let found = async {
            let system = services.system(Mode::Read).await?;
            identity::offer(&*system, services.ports(), &token, services.env.now()).await
        };
        match found.await {
            Ok(offer) => Ok(Some(InvitationOffer {
                park_name: offer.park.name,
                park_name_en: offer.park.name_en,
                role: offer.invitation.role.into(),
                email: offer.invitation.email,
                has_account: offer.user.is_some(),
            })),
            Err(Error::Refused(_)) => Ok(None),
            Err(error) => Err(gql.fault(&error)),
        }
    }
}

/// An invitation by mail.
#[derive(InputObject, Serialize)]
pub(crate) struct InvitationCreateInput {
    /// Mail address.
    email: String,
    /// PARK_ADMINISTRATOR, PARK_FINANCE, TENANT_MANAGER, ASSESSOR or STATISTICS_OFFICER.
    role: Role,
    /// Of which tenant (TENANT_MANAGER), on which tenant (ASSESSOR, STATISTICS_OFFICER; every one when left out).
    tenant_id: Option<ID>,
    /// What a grant is for, 1 to 200 characters; assessors and statistics officers alone.
    purpose: Option<String>,
    /// What a grant lets its holder do; all there is for an assessor and READ for an officer when left out.
    abilities: Option<Vec<GrantAbility>>,
    /// First day of a grant; assessors and statistics officers alone.
    valid_from: Option<Date>,
    /// The day after the last of a grant, at most 366 days later; assessors and statistics officers alone.
    valid_to: Option<Date>,
    /// The language of the letter, `zh-CN` or `en`; the caller's when left out.
    language: Option<String>,
    /// Repeats of the same request under this key answer the same and send nothing.
    idempotency_key: String,
}

/// Which invitation to send again.
#[derive(InputObject, Serialize)]
pub(crate) struct InvitationResendInput {
    /// The invitation.
    invitation_id: ID,
    /// Repeats of the same request under this key answer the same and send nothing.
    idempotency_key: String,
}

/// Which invitation to take back.
#[derive(InputObject, Serialize)]
pub(crate) struct InvitationRevokeInput {
    /// The invitation.
    invitation_id: ID,
    /// Repeats of the same request under this key answer the same.
    idempotency_key: String,
}

/// What the holder of a link answers.
#[derive(InputObject)]
pub(crate) struct InvitationAcceptInput {
    /// The token of the link.
    #[graphql(secret)]
    token: String,
    /// How colleagues see the user, 1 to 80 characters; of no meaning where the address has an account.
    name: Option<String>,
    /// A new password of 12 to 200 characters, or the password of the account that the address has.
    #[graphql(secret)]
    password: String,
}

/// Whose password is forgotten.
#[derive(InputObject)]
pub(crate) struct PasswordResetRequestInput {
    /// Mail address.
    email: String,
}

/// Another password by link.
#[derive(InputObject)]
pub(crate) struct PasswordResetInput {
    /// The token of the link.
    #[graphql(secret)]
    token: String,
    /// The new password: 12 to 200 characters, not all alike.
    #[graphql(secret)]
    password: String,
}

/// What became of an invitation.
#[derive(SimpleObject, Default)]
pub(crate) struct InvitationPayload {
    /// The invitation.
    invitation: Option<Invitation>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

impl InvitationPayload {
    async fn of(gql: &Context<'_>, done: crate::change::Outcome<InvitationId>) -> async_graphql::Result<Option<Self>> {
        Ok(Some(match done {
            Ok(id) => Self { invitation: load(gql, id).await?.map(Invitation), user_errors: Vec::new() },
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }))
    }
}

impl InvitationCreateInput {
    fn draft(&self, lang: Lang) -> Result<InvitationDraft> {
        let grant = match (&self.purpose, &self.valid_from, &self.valid_to) {
            (Some(purpose), Some(from), Some(to)) => Some(GrantTerms {
                purpose: purpose.clone(),
                abilities: abilities(self.role.into(), self.abilities.as_deref()),
                from: from.0,
                to: to.0,
            }),
            _ => None,
        };
        Ok(InvitationDraft {
            email: self.email.clone(),
            role: self.role.into(),
            tenant: self.tenant_id.as_ref().map(|t| node::id("tenantId", t)).transpose()?,
            grant,
            lang: self.language.as_deref().map_or(lang, Lang::negotiate),
        })
    }
}

async fn accept(request: &Request, client: &Client, input: &InvitationAcceptInput) -> Result<()> {
    let services = &request.services;
    let offer = {
        let system = services.system(Mode::Read).await?;
        identity::offer(&*system, services.ports(), &input.token, services.env.now()).await?
    };
    let (attempt, hash) = if offer.user.is_some() {
        let (_, attempt) = services.password_of(client, &offer.invitation.email, &input.password).await?;
        (Some(attempt), None)
    } else {
        identity::password_check(&input.password)?;
        (None, Some(services.passwords.hash(&input.password).await?))
    };
    let ctx = Ctx::system(SystemReason::SignIn, services.env.clone());
    let tx = services.system(Mode::Write).await?;
    if let Some(attempt) = attempt {
        attempt.forgive(&*tx).await?;
    }
    let user = identity::accept(&*tx, &ctx, &offer, input.name.as_deref().unwrap_or_default(), hash.as_deref()).await?;
    // On the record of whoever invited.
    let invitation = &offer.invitation;
    let scope = Scope::Park(invitation.park);
    let actor = Actor { user: Some(user), session: None, role: DomainRole::System, grants: Vec::new() };
    let ctx = Ctx::build(actor, scope, Lang::default(), offer.park.zone, request.id.clone(), services.env.clone());
    let detail = serde_json::json!({ "role": invitation.role.name() });
    tx.audit(&ctx, &AuditEntry::new("invitation.accept", invitation.id).with(detail)).await?;
    tx.commit().await
}

async fn reset_request(request: &Request, client: &Client, email: &str) -> Result<()> {
    let services = &request.services;
    let ctx = Ctx::system(SystemReason::SignIn, services.env.clone());
    let tx = services.system(Mode::Write).await?;
    identity::reset_try(&*tx, &ctx, email, client).await?;
    identity::reset_request(&*tx, services.ports(), &ctx, email).await?;
    tx.commit().await
}

async fn reset(request: &Request, client: &Client, input: &PasswordResetInput) -> Result<()> {
    let services = &request.services;
    identity::password_check(&input.password)?;
    identity::reset_check(&*services.system(Mode::Read).await?, services.ports(), &input.token).await?;
    let hash = services.passwords.hash(&input.password).await?;
    let ctx = Ctx::system(SystemReason::SignIn, services.env.clone());
    let tx = services.system(Mode::Write).await?;
    let user = identity::reset_finish(&*tx, services.ports(), &ctx, client, &input.token, &hash).await?;
    if let Some(membership) = tx.memberships(user, ctx.now()).await?.first() {
        let ctx = record::acting(Some(user), membership, &request.id, &services.env);
        record::own(&*tx, &ctx, AuditEntry::new("password.reset", "")).await?;
    }
    tx.commit().await
}

#[derive(Default)]
pub(crate) struct InviteMutation;

#[Object]
impl InviteMutation {
    /// Invites somebody by mail to become a member or an assessor. The link in the letter works once, for seven days.
    async fn invitation_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvitationCreateInput,
    ) -> async_graphql::Result<Option<InvitationPayload>> {
        let services = gql.request().services.clone();
        let draft = input.draft(gql.request().lang());
        let done = change(gql, "invitationCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let invitation = identity::invite(tx, services.ports(), ctx, draft?).await?;
                let detail = serde_json::json!({ "role": invitation.role.name() });
                Ok((invitation.id, AuditEntry::new("invitation.create", invitation.id).with(detail)))
            })
        });
        InvitationPayload::of(gql, done.await?).await
    }

    /// Sends an invitation again with another link; the last one works no more.
    async fn invitation_resend(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvitationResendInput,
    ) -> async_graphql::Result<Option<InvitationPayload>> {
        let services = gql.request().services.clone();
        let done = change(gql, "invitationResend", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<InvitationId>("invitationId", &input.invitation_id);
            Box::pin(async move {
                let invitation = identity::invite_again(tx, services.ports(), ctx, id?).await?;
                Ok((invitation.id, AuditEntry::new("invitation.resend", invitation.id)))
            })
        });
        InvitationPayload::of(gql, done.await?).await
    }

    /// Takes an invitation back: its link works no more.
    async fn invitation_revoke(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvitationRevokeInput,
    ) -> async_graphql::Result<Option<InvitationPayload>> {
        let done = change(gql, "invitationRevoke", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<InvitationId>("invitationId", &input.invitation_id);
            Box::pin(async move {
                let invitation = identity::invite_revoke(tx, ctx, id?).await?;
                Ok((invitation.id, AuditEntry::new("invitation.revoke", invitation.id)))
            })
        });
        InvitationPayload::of(gql, done.await?).await
    }

    /// Accepts an invitation by its link: makes an account, or adds to the one that the address has. Sign in afterwards.
    async fn invitation_accept(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvitationAcceptInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = accept(gql.request(), gql.data_unchecked(), &input).await;
        AccountPayload::of(gql, done)
    }

    /// Sends a link to another password, if the address has an account. The answer does not tell whether it has.
    async fn password_reset_request(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PasswordResetRequestInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = reset_request(gql.request(), gql.data_unchecked(), &input.email).await;
        AccountPayload::of(gql, done)
    }

    /// Gives an account another password by the link of a letter, which is used up, and ends all its sessions.
    async fn password_reset(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PasswordResetInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = reset(gql.request(), gql.data_unchecked(), &input).await;
        AccountPayload::of(gql, done)
    }
}
