//! Grants: giving one, taking one back, declaring interests under one.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::identity::{self, Abilities, Ability, Cover, Covered, GrantDraft, GrantTerms, Recusal, STATEMENT};
use voxpark_domain::ids::{GrantId, TenantId};
use voxpark_domain::permission::{Action, Resource, Role as DomainRole};
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Result};

use super::Role;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::request::{Asking as _, Request};
use crate::scalar::Date;
use crate::tenancy::Tenant;

/// What a grant lets its holder do.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "Ability")]
pub(crate) enum GrantAbility {
    /// See submitted assessments with their figures, and the list of their evidence. Every grant lets that.
    Read,
    /// Rate and conclude.
    Rate,
    /// Open the records behind the figures: the content of evidence.
    Sample,
}

/// What a grant opens of a tenant that it covers.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "Cover")]
pub(crate) enum GrantCover {
    /// It is open.
    Open,
    /// Its holder declared an interest: it stays closed.
    Recused,
    /// Its holder has not declared since the tenant is there: it is closed until then.
    Undeclared,
}

/// A tenant that a grant covers, by name alone.
#[derive(SimpleObject, Clone)]
pub(crate) struct CoveredTenant {
    /// The id of the tenant, to declare about it.
    tenant_id: ID,
    /// Name in Chinese.
    name: String,
    /// Name in English.
    name_en: String,
    /// What the grant opens of it.
    cover: GrantCover,
}

impl From<(Covered, Cover)> for CoveredTenant {
    fn from((tenant, cover): (Covered, Cover)) -> Self {
        Self {
            tenant_id: tenant.id.to_string().into(),
            name: tenant.name,
            name_en: tenant.name_en,
            cover: cover.into(),
        }
    }
}

/// An interest that the holder of a grant declared.
pub(crate) struct DeclaredInterest(Recusal);

/// An interest that the holder of a grant declared.
#[Object]
impl DeclaredInterest {
    /// The tenant, which the grant does not open.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        Ok(load(gql, self.0.tenant).await?.map(Tenant::from))
    }
    /// The interest in the holder's words. Personal data: that it was read goes on the audit log.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
}

/// The interests declared under a grant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Interests(GrantId);

#[async_trait]
impl Load for Interests {
    type Value = Arc<Vec<Recusal>>;
    const RESOURCE: Resource = Resource::Access;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<_> = keys.iter().map(|k| k.0).collect();
        let all = identity::recusals(tx, ctx, &ids).await?;
        let of = |key: &Self| all.iter().filter(|(id, _)| *id == key.0).map(|(_, r)| r.clone()).collect();
        Ok(keys.iter().map(|key| (*key, Arc::new(of(key)))).collect())
    }
}

/// A dated permission of an assessor or statistics officer.
#[derive(Clone)]
pub(crate) struct Grant {
    of: Arc<identity::Grant>,
    /// For its holder, with the instant of which it is.
    covers: Option<(Arc<Vec<CoveredTenant>>, DateTime<Utc>)>,
}

impl From<Arc<identity::Grant>> for Grant {
    fn from(of: Arc<identity::Grant>) -> Self {
        Self { of, covers: None }
    }
}

/// A dated permission of an assessor or statistics officer.
#[Object]
impl Grant {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.of.id.to_string().into())
    }
    /// The holder's name.
    async fn assessor(&self) -> &str {
        &self.of.display_name
    }
    /// In which role.
    async fn role(&self) -> Role {
        self.of.role.into()
    }
    /// Whether it is on every tenant of the park.
    async fn whole_park(&self) -> bool {
        self.of.tenant.is_none()
    }
    /// On which tenant; null when it is on every tenant of the park, and for a holder to whom it is not open.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        match self.of.tenant {
            Some(id) => Ok(load(gql, id).await?.map(Tenant::from)),
            None => Ok(None),
        }
    }
    /// The GB/T 2260 code of the region that it is given for, of which the park is a part; null when the park gave it.
    async fn region(&self) -> Option<&str> {
        self.of.region.as_ref().map(|r| r.1.as_str())
    }
    /// What it lets its holder do.
    async fn abilities(&self) -> Vec<GrantAbility> {
        self.of.abilities.iter().map(Into::into).collect()
    }
    /// Its holder last declared interests at; null = not yet, and nothing is open.
    async fn declared_at(&self) -> Option<DateTime<Utc>> {
        self.of.declared_at
    }
    /// The wording of the declaration in force, by its number.
    async fn statement(&self) -> &'static str {
        STATEMENT
    }
    /// The tenants that it covers, by code; for its holder alone, null for everybody else.
    async fn covers(&self) -> Option<&[CoveredTenant]> {
        self.covers.as_ref().map(|(list, _)| list.as_slice())
    }
    /// The instant of which `covers` is, to be given back with the declaration; null where that is.
    async fn as_of(&self) -> Option<DateTime<Utc>> {
        self.covers.as_ref().map(|(_, at)| *at)
    }
    /// The interests that its holder last declared; for who gave it, empty for everybody else.
    async fn interests(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<DeclaredInterest>> {
        let list = load(gql, Interests(self.of.id)).await?;
        Ok(list.iter().flat_map(|l| l.iter().cloned()).map(DeclaredInterest).collect())
    }
    /// What for.
    async fn purpose(&self) -> &str {
        &self.of.purpose
    }
    /// First day.
    async fn valid_from(&self) -> Date {
        self.of.from.into()
    }
    /// The day after the last.
    async fn valid_to(&self) -> Date {
        self.of.to.into()
    }
    /// Taken back at.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.of.revoked_at
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

/// The caller's own.
pub(super) async fn own(gql: &Context<'_>) -> async_graphql::Result<Vec<Grant>> {
    let request = gql.request();
    let list = async {
        let ctx = request.ctx()?;
        let system = request.services.system(Mode::Read).await?;
        identity::own_grants(&*system, ctx, &request.membership()?.grants).await
    };
    let list: Result<_> = list.await;
    let now = request.ctx().map_err(|e| gql.fault(&e))?.now();
    let held = |(grant, covers): (identity::Grant, Vec<(Covered, Cover)>)| Grant {
        of: Arc::new(grant),
        covers: Some((Arc::new(covers.into_iter().map(CoveredTenant::from).collect()), now)),
    };
    Ok(list.map_err(|e| gql.fault(&e))?.into_iter().map(held).collect())
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
        Ok(paged(page, count, |g| Grant::from(Arc::new(g))))
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
    /// What it lets its holder do; all there is for an assessor and READ for an officer when left out.
    abilities: Option<Vec<GrantAbility>>,
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

/// A tenant with which the holder of a grant has an interest.
#[derive(InputObject)]
pub(crate) struct InterestInput {
    /// The tenant.
    tenant_id: ID,
    /// Which interest, 1 to 500 characters. Kept sealed; whoever gave the grant sees it.
    #[graphql(secret)]
    reason: String,
}

/// A declaration of interests.
#[derive(InputObject)]
pub(crate) struct GrantDeclareInput {
    /// One of the caller's own grants.
    grant_id: ID,
    /// The number of the wording that was shown: `Grant.statement`.
    statement: String,
    /// When the tenants were shown: `Grant.asOf`. Those that came later stay closed until the next declaration.
    as_of: DateTime<Utc>,
    /// The tenants with which the caller has an interest, which stay closed; empty when there are none.
    interests: Vec<InterestInput>,
    /// Free text that comes back unchanged.
    client_mutation_id: Option<String>,
}

/// What became of a declaration.
#[derive(SimpleObject, Default)]
pub(crate) struct GrantDeclarePayload {
    /// The grant; what it opens is open from the next request on.
    grant: Option<Grant>,
    /// The caller's own text.
    client_mutation_id: Option<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
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

#[derive(Default)]
pub(crate) struct GrantMutation;

#[Object]
impl GrantMutation {
    /// Gives an assessor dated access.
    async fn grant_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: GrantCreateInput,
    ) -> async_graphql::Result<Option<GrantCreatePayload>> {
        let services = gql.request().services.clone();
        let done = change(gql, "grantCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            let draft = input.draft();
            Box::pin(async move {
                let system = services.system(Mode::Read).await?;
                let grant = identity::grant_create(tx, &*system, ctx, draft?).await?;
                Ok((grant.id, AuditEntry::new("grant.create", grant.id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => GrantCreatePayload { grant: load(gql, id).await?.map(Grant::from), user_errors: Vec::new() },
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
            Ok(id) => GrantRevokePayload { grant: load(gql, id).await?.map(Grant::from), user_errors: Vec::new() },
            Err(user_errors) => GrantRevokePayload { user_errors, ..Default::default() },
        }))
    }

    /// Declares under one of the caller's grants with which tenants it has an interest. Nothing is open before; declaring again
    /// replaces what was declared.
    async fn grant_declare(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: GrantDeclareInput,
    ) -> async_graphql::Result<Option<GrantDeclarePayload>> {
        let request = gql.request();
        let client_mutation_id = input.client_mutation_id.clone();
        Ok(Some(match declare(request, &input).await {
            Ok(grant) => GrantDeclarePayload {
                grant: Some(Grant::from(Arc::new(grant))),
                client_mutation_id,
                user_errors: Vec::new(),
            },
            Err(error) => match UserError::all(&error, request.lang()) {
                Some(user_errors) => GrantDeclarePayload { client_mutation_id, user_errors, grant: None },
                None => return Err(gql.fault(&error)),
            },
        }))
    }
}

impl GrantCreateInput {
    fn draft(&self) -> Result<GrantDraft> {
        let role = self.role.into();
        Ok(GrantDraft {
            email: self.assessor_email.clone(),
            role,
            tenant: self.tenant_id.as_ref().map(|t| node::id("tenantId", t)).transpose()?,
            terms: GrantTerms {
                purpose: self.purpose.clone(),
                abilities: abilities(role, self.abilities.as_deref()),
                from: self.valid_from.0,
                to: self.valid_to.0,
            },
        })
    }
}

/// What was asked for, else as much as the role can have.
pub(super) fn abilities(role: DomainRole, asked: Option<&[GrantAbility]>) -> Abilities {
    match asked {
        Some(list) => Abilities::new(list.iter().map(|a| Ability::from(*a))),
        None if role == DomainRole::Assessor => Abilities::all(),
        None => Abilities::new([]),
    }
}

/// The caller's grants belong to parks that it may not write to: the installation writes for it, and says so on the park's
/// record in the same transaction.
async fn declare(request: &Request, input: &GrantDeclareInput) -> Result<identity::Grant> {
    let ctx = request.ctx()?;
    let id = node::id::<GrantId>("grantId", &input.grant_id)?;
    let recusal = |(n, interest): (usize, &InterestInput)| -> Result<Recusal> {
        let tenant = node::id::<TenantId>(format!("interests.{n}.tenantId"), &interest.tenant_id)?;
        Ok(Recusal { tenant, reason: interest.reason.clone() })
    };
    let recusals = input.interests.iter().enumerate().map(recusal).collect::<Result<Vec<_>>>()?;
    drop(ctx.heard().take_changes());
    let tx = request.services.system(Mode::Write).await?;
    let grant = identity::grant_declare(&*tx, ctx, id, &input.statement, input.as_of, &recusals).await?;
    let entry = AuditEntry::new("grant.declare", grant.id).on_park(ctx.park()?).and(ctx.heard().take_changes());
    tx.audit(ctx, &entry).await?;
    tx.commit().await?;
    Ok(grant)
}
