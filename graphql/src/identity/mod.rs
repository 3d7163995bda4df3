//! Sign-in, the viewer, grants.

mod account;
mod accounts;
mod emergency;
mod factor;
mod grant;
mod invite;
mod oidc;
mod passkey;
mod policy;
mod sign_in;

pub(crate) use account::{AccountMutation, Session, sessions};
pub(crate) use accounts::{
    ServiceAccount, ServiceAccountsMutation, ServiceAccountsQuery, ServiceToken, service_tokens,
};
pub(crate) use emergency::{Emergency, EmergencyMutation, EmergencyQuery, emergencies};
pub(crate) use factor::FactorMutation;
pub(crate) use grant::{Grant, GrantMutation, ParkGrants};
pub(crate) use invite::{Invitation, InviteMutation, InviteQuery, Letter, LetterState, ParkLetters};
pub(crate) use oidc::{IdentityLink, IdentityProvider, OidcMutation, OidcQuery, ParkProviders, links, park_providers};
pub(crate) use passkey::{Passkey, PasskeyMutation, passkeys};
pub(crate) use policy::{PolicyMutation, PolicyQuery};
pub(crate) use sign_in::SignInMutation;

use async_graphql::{Context, Enum, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::Ctx;
use voxpark_domain::bounds::Bounds;
use voxpark_domain::identity::{self, Membership as DomainMembership};
use voxpark_domain::permission::{Action, Resource, Role as DomainRole};
use voxpark_domain::uow::Mode;

use crate::error::Fault as _;
use crate::load::load;
use crate::request::Asking as _;
use crate::tenancy::{Park, Tenant, own_park};
use crate::throttle::Standing;

/// What somebody is in a park or tenant.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "DomainRole")]
pub(crate) enum Role {
    /// Runs the installation.
    PlatformOperator,
    /// Runs one park.
    ParkAdministrator,
    /// The money of one park.
    ParkFinance,
    /// Runs one call centre.
    TenantManager,
    /// Leads a team.
    TeamLeader,
    /// Scores contacts.
    QualityAnalyst,
    /// Trains people.
    Trainer,
    /// Keeps people's files.
    HumanResources,
    /// The money of one tenant.
    TenantFinance,
    /// Handles contacts.
    Agent,
    /// Rates submitted assessments under a dated grant.
    Assessor,
    /// Reads the statistics of a region.
    StatisticsOfficer,
    /// The installation's own work.
    System,
}

/// What the role may do to a kind of thing.
#[derive(SimpleObject)]
pub(crate) struct Permission {
    /// Kind of thing.
    resource: &'static str,
    /// `read`, `write`, `commit`.
    actions: Vec<&'static str>,
}

/// Names of a park.
#[derive(SimpleObject)]
pub(crate) struct ParkName {
    /// In Chinese.
    name: String,
    /// In English.
    name_en: String,
}

/// A place where the user may act.
#[derive(SimpleObject)]
pub(crate) struct Membership {
    /// In this role.
    role: Role,
    /// In this park.
    park: ParkName,
    /// For this tenant.
    tenant_name: Option<String>,
    /// Opaque key to give to `signIn` or `scopeSwitch`.
    scope: String,
}

impl From<&DomainMembership> for Membership {
    fn from(m: &DomainMembership) -> Self {
        Self {
            role: m.role.into(),
            park: ParkName { name: m.park.name.clone(), name_en: m.park.name_en.clone() },
            tenant_name: m.tenant.as_ref().map(|t| t.1.clone()),
            scope: m.key(),
        }
    }
}

/// Whoever asks.
pub(crate) struct Viewer(pub(crate) String);

/// Whoever asks.
#[Object]
impl Viewer {
    /// How colleagues see the user.
    async fn display_name(&self) -> &str {
        &self.0
    }
    /// The role acted in.
    async fn role(&self, gql: &Context<'_>) -> async_graphql::Result<Role> {
        Ok(gql.request().ctx().map_err(|e| gql.fault(&e))?.place().into())
    }
    /// The language of messages, `zh-CN` or `en`.
    async fn language(&self, gql: &Context<'_>) -> &'static str {
        gql.request().lang().tag()
    }
    /// The park acted in.
    async fn park(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Park>> {
        own_park(gql)
    }
    /// The tenant acted for.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        match gql.nullable(gql.request().ctx().and_then(Ctx::tenant))? {
            Some(id) => Ok(load(gql, id).await?.map(Tenant::from)),
            None => Ok(None),
        }
    }
    /// Every place where the user may act.
    async fn memberships(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Membership>> {
        let request = gql.request();
        let list = async {
            let tx = request.services.system(Mode::Read).await?;
            identity::memberships(&*tx, request.ctx()?).await
        };
        Ok(list.await.map_err(|e| gql.fault(&e))?.iter().map(Membership::from).collect())
    }
    /// The grants in force that the user acts under, newest first; empty for anybody who needs none.
    async fn grants(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Grant>> {
        grant::own(gql).await
    }
    /// The caller's sessions that live, and those of the last thirty days that ended because somebody had a copy of their
    /// token; the last used first, at most a hundred.
    async fn sessions(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Session>> {
        sessions(gql).await
    }
    /// The caller's second factor; null when none is in force.
    async fn second_factor(&self, gql: &Context<'_>) -> async_graphql::Result<Option<factor::SecondFactor>> {
        factor::factor(gql).await
    }
    /// Providers by which the caller's account can be signed in to, oldest first.
    async fn identity_links(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<IdentityLink>> {
        links(gql).await
    }
    /// The caller's passkeys, oldest first; at most ten.
    async fn passkeys(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Passkey>> {
        passkeys(gql).await
    }
    /// Providers that the caller's account can be linked to: that of the installation and those of the park acted in.
    async fn identity_providers(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<oidc::SignInProvider>> {
        oidc::linkable(gql).await
    }
    /// Whether the place acted in requires two factors and the session was opened with one: until a second one is set up, or a passkey used, nothing else is open.
    async fn must_enrol(&self, gql: &Context<'_>) -> async_graphql::Result<bool> {
        let ctx = gql.request().ctx().map_err(|e| gql.fault(&e))?;
        Ok(*ctx.bounds() == Bounds::Enrolling)
    }
    /// Entries of the platform operator into the caller's park or tenant that let somebody in now.
    async fn emergencies(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Emergency>> {
        emergency::present(gql).await
    }
    /// What the role may do.
    async fn can(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Permission>> {
        let ctx = gql.request().ctx().map_err(|e| gql.fault(&e))?;
        let of = |r: &Resource| Permission {
            resource: r.name(),
            actions: Action::ALL.iter().filter(|a| ctx.may(**a, *r)).map(|a| a.name()).collect(),
        };
        Ok(Resource::ALL.iter().map(of).filter(|p| !p.actions.is_empty()).collect())
    }
}

#[derive(Default)]
pub(crate) struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// Whoever asks.
    async fn viewer(&self, gql: &Context<'_>) -> async_graphql::Result<Viewer> {
        let membership = gql.request().membership().map_err(|e| gql.fault(&e))?;
        Ok(Viewer(membership.display_name.clone()))
    }

    /// What this operation cost and how much the caller may still ask for; null for who is not signed in.
    async fn rate_limit(&self, gql: &Context<'_>) -> Option<Standing> {
        gql.request().charged().standing
    }
}

/// The fields at the root of operations that make sense before anybody is signed in.
pub(crate) const ENTRANCE: &[&str] = &[
    "signIn",
    "signInFinish",
    "signInWays",
    "oidcBegin",
    "oidcFinish",
    "passkeyAsk",
    "passkeySignIn",
    "tokenRefresh",
    "scopeSwitch",
    "signOut",
    "invitationOffer",
    "invitationAccept",
    "passwordResetRequest",
    "passwordReset",
    "__typename",
];

/// The fields at the root that are open to somebody who has to set a second factor up first.
pub(crate) const ENROLMENT: &[&str] = &[
    "viewer",
    "rateLimit",
    "factorBegin",
    "factorConfirm",
    "passkeyAsk",
    "passkeyAdd",
    "passkeyStepUp",
    "passkeySignIn",
    "stepUp",
    "passwordChange",
    "sessionEnd",
    "sessionsEndAll",
    "signIn",
    "signInFinish",
    "tokenRefresh",
    "scopeSwitch",
    "signOut",
    "__typename",
];
