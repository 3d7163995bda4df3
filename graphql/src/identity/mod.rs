//! Sign-in, the viewer, grants.

mod account;
mod factor;
mod invite;
mod sign_in;

pub(crate) use account::AccountMutation;
pub(crate) use factor::FactorMutation;
pub(crate) use invite::{Invitation, InviteMutation, InviteQuery, ParkLetters};
pub(crate) use sign_in::SignInMutation;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::identity::{self, GrantDraft, Membership as DomainMembership};
use voxpark_domain::ids::GrantId;
use voxpark_domain::permission::{Action, Resource, Role as DomainRole};
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Result};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::Date;
use crate::tenancy::{Park, Tenant};
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
        Ok(gql.request().ctx().map_err(|e| gql.fault(&e))?.role().into())
    }
    /// The language of messages, `zh-CN` or `en`.
    async fn language(&self, gql: &Context<'_>) -> &'static str {
        gql.request().lang().tag()
    }
    /// The park acted in.
    async fn park(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Park>> {
        match gql.nullable(gql.request().ctx().and_then(Ctx::park))? {
            Some(id) => Ok(load(gql, id).await?.map(Park::from)),
            None => Ok(None),
        }
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
    /// The grants in force that the user acts under; empty for anybody who needs none.
    async fn grants(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Grant>> {
        let request = gql.request();
        let list = async {
            let ctx = request.ctx()?;
            if ctx.actor().grants.is_empty() {
                return Ok(Vec::new());
            }
            let tx = request.services.system(Mode::Read).await?;
            identity::own_grants(&*tx, ctx).await
        };
        let list: Result<_> = list.await;
        Ok(list.map_err(|e| gql.fault(&e))?.into_iter().map(|g| Grant(Arc::new(g))).collect())
    }
    /// The caller's sessions that live, and those of the last thirty days that ended because somebody had a copy of their
    /// token; the last used first, at most a hundred.
    async fn sessions(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<account::Session>> {
        account::sessions(gql).await
    }
    /// The caller's second factor; null when none is in force.
    async fn second_factor(&self, gql: &Context<'_>) -> async_graphql::Result<Option<factor::SecondFactor>> {
        factor::factor(gql).await
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

/// A dated permission of an assessor or statistics officer.
#[derive(Clone)]
pub(crate) struct Grant(Arc<identity::Grant>);

impl From<Arc<identity::Grant>> for Grant {
    fn from(grant: Arc<identity::Grant>) -> Self {
        Self(grant)
    }
}

/// A dated permission of an assessor or statistics officer.
#[Object]
impl Grant {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// The holder's name.
    async fn assessor(&self) -> &str {
        &self.0.display_name
    }
    /// In which role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }
    /// On which tenant; null = every tenant of the park.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        match self.0.tenant {
            Some(id) => Ok(load(gql, id).await?.map(Tenant::from)),
            None => Ok(None),
        }
    }
    /// What for.
    async fn purpose(&self) -> &str {
        &self.0.purpose
    }
    /// First day.
    async fn valid_from(&self) -> Date {
        self.0.from.into()
    }
    /// The day after the last.
    async fn valid_to(&self) -> Date {
        self.0.to.into()
    }
    /// Taken back at.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
}

#[async_trait]
impl Load for GrantId {
    type Value = Arc<identity::Grant>;
    const RESOURCE: Resource = Resource::Access;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.grants_by_id(keys).await?.into_iter().map(|g| (g.id, Arc::new(g))).collect())
    }
}

#[derive(Clone)]
pub(crate) struct ParkGrants;

#[Object]
impl ParkGrants {
    /// Grants of the park, newest first.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn grants(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<Grant>> {
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            identity::grants(&*request.read().await?, request.ctx()?, &ask).await
        };
        let page = gql.nullable(list.await)?;
        let count = counter!(gql, "", |ctx, tx| async move {
            ctx.require(Action::Read, Resource::Access)?;
            tx.grants_count().await
        });
        Ok(paged(page, count, |g| Grant(Arc::new(g))))
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

/// A dated permission for an assessor.
#[derive(InputObject, Serialize)]
pub(crate) struct GrantCreateInput {
    /// Mail address of an existing user.
    assessor_email: String,
    /// ASSESSOR or STATISTICS_OFFICER.
    role: Role,
    /// On which tenant; every tenant of the park when left out.
    tenant_id: Option<ID>,
    /// What for, 1 to 200 characters.
    purpose: String,
    /// First day.
    valid_from: Date,
    /// The day after the last; at most 366 days later.
    valid_to: Date,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

/// Which grant to take back.
#[derive(InputObject, Serialize)]
pub(crate) struct GrantRevokeInput {
    /// The grant.
    grant_id: ID,
    /// Repeats of the same request under this key answer the same.
    idempotency_key: String,
}

/// What became of a new grant.
#[derive(SimpleObject, Default)]
pub(crate) struct GrantCreatePayload {
    /// The grant.
    grant: Option<Grant>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// What became of a grant to be taken back.
#[derive(SimpleObject, Default)]
pub(crate) struct GrantRevokePayload {
    /// The grant.
    grant: Option<Grant>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// The fields at the root of operations that make sense before anybody is signed in.
pub(crate) const ENTRANCE: &[&str] = &[
    "signIn",
    "signInFinish",
    "tokenRefresh",
    "scopeSwitch",
    "signOut",
    "invitationOffer",
    "invitationAccept",
    "passwordResetRequest",
    "passwordReset",
    "__typename",
];

#[derive(Default)]
pub(crate) struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Gives an assessor dated access.
    async fn grant_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: GrantCreateInput,
    ) -> async_graphql::Result<Option<GrantCreatePayload>> {
        let services = gql.request().services.clone();
        let done = change(gql, "grantCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            let draft =
                input.tenant_id.as_ref().map(|t| node::id("tenantId", t)).transpose().map(|tenant| GrantDraft {
                    email: input.assessor_email.clone(),
                    role: input.role.into(),
                    tenant,
                    purpose: input.purpose.clone(),
                    from: input.valid_from.0,
                    to: input.valid_to.0,
                });
            Box::pin(async move {
                let system = services.system(Mode::Read).await?;
                let grant = identity::grant_create(tx, &*system, ctx, draft?).await?;
                Ok((grant.id, AuditEntry::new("grant.create", grant.id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => GrantCreatePayload { grant: load(gql, id).await?.map(Grant), user_errors: Vec::new() },
            Err(user_errors) => GrantCreatePayload { user_errors, ..Default::default() },
        }))
    }

    /// Takes a grant back at once.
    async fn grant_revoke(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: GrantRevokeInput,
    ) -> async_graphql::Result<Option<GrantRevokePayload>> {
        let done = change(gql, "grantRevoke", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<GrantId>("grantId", &input.grant_id);
            Box::pin(async move {
                let grant = identity::grant_revoke(tx, ctx, id?).await?;
                Ok((grant.id, AuditEntry::new("grant.revoke", grant.id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => GrantRevokePayload { grant: load(gql, id).await?.map(Grant), user_errors: Vec::new() },
            Err(user_errors) => GrantRevokePayload { user_errors, ..Default::default() },
        }))
    }
}
