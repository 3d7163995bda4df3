//! The platform operator in an emergency: entering, ending, who sees it.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use voxpark_domain::bounds::Bounds;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::identity::{self, Client, EmergencyDraft, EmergencyEnd as DomainEnd};
use voxpark_domain::ids::EmergencyId;
use voxpark_domain::permission::{Action, Resource, Role as DomainRole};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Result};

use super::ParkName;
use crate::error::{Fault as _, UserError};
use crate::node;
use crate::request::{Asking as _, Request};

/// Who ended an entry before its time.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainEnd", name = "EmergencyEndedBy")]
pub(crate) enum EndedBy {
    /// The platform operator.
    Operator,
    /// Those whose place it is.
    Owner,
}

/// An entry of the platform operator into a park or tenant in an emergency.
#[derive(SimpleObject)]
pub(crate) struct Emergency {
    /// Stable id; the acts done under it carry it in the audit log.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// Into which park.
    park: ParkName,
    /// Into which tenant; null = the park itself.
    tenant_name: Option<String>,
    /// Who entered.
    operator: String,
    /// What for.
    reason: String,
    /// Whether anything may be changed; false = it only reads.
    write: bool,
    /// Whether it lets the operator in now.
    active: bool,
    /// Entered at.
    started_at: DateTime<Utc>,
    /// Over at the latest at.
    ends_at: DateTime<Utc>,
    /// Ended before its time at.
    ended_at: Option<DateTime<Utc>>,
    /// Who ended it before its time.
    ended_by: Option<EndedBy>,
}

impl Emergency {
    /// Its id.
    pub(crate) fn text(&self) -> &str {
        &self.id
    }
}

impl Emergency {
    fn of(of: identity::Emergency, now: DateTime<Utc>) -> Self {
        Self {
            active: of.active(now),
            id: of.id.to_string().into(),
            park: ParkName { name: of.park.name, name_en: of.park.name_en },
            tenant_name: of.tenant.map(|t| t.1),
            operator: of.operator_name,
            reason: of.reason,
            write: of.write,
            started_at: of.started_at,
            ends_at: of.ends_at,
            ended_at: of.ended_at,
            ended_by: of.ended_by.map(Into::into),
        }
    }
}

/// Those that the caller may see.
async fn list(request: &Request) -> Result<Vec<identity::Emergency>> {
    let ctx = request.ctx()?;
    if ctx.role() == DomainRole::PlatformOperator && *ctx.bounds() == Bounds::Role {
        let tx = request.services.system(Mode::Read).await?;
        return identity::emergencies(&*tx, ctx).await;
    }
    identity::emergencies(&*request.read().await?, ctx).await
}

/// Those of the caller's own place that let somebody in now; nothing for who may not know.
pub(super) async fn present(gql: &Context<'_>) -> async_graphql::Result<Vec<Emergency>> {
    let request = gql.request();
    let ctx = request.ctx().map_err(|e| gql.fault(&e))?;
    let elsewhere = ctx.role() == DomainRole::PlatformOperator && *ctx.bounds() == Bounds::Role;
    if elsewhere || !ctx.may(Action::Read, Resource::Emergencies) {
        return Ok(Vec::new());
    }
    let now = ctx.now();
    let list = list(request).await.map_err(|e| gql.fault(&e))?;
    Ok(list.into_iter().filter(|e| e.active(now)).map(|e| Emergency::of(e, now)).collect())
}

/// Those that the caller may know of.
pub(crate) async fn emergencies(gql: &Context<'_>) -> async_graphql::Result<Vec<Emergency>> {
    Ok(EmergencyQuery.emergencies(gql).await?.unwrap_or_default())
}

#[derive(Default)]
pub(crate) struct EmergencyQuery;

#[Object]
impl EmergencyQuery {
    /// Entries of the platform operator into the caller's park or tenant, the latest hundred, latest first; for the platform
    /// operator, into any. Null for who may not know.
    async fn emergencies(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Vec<Emergency>>> {
        let request = gql.request();
        let now = request.ctx().map(Ctx::now).map_err(|e| gql.fault(&e))?;
        let list = gql.nullable(list(request).await)?;
        Ok(list.map(|list| list.into_iter().map(|e| Emergency::of(e, now)).collect()))
    }
}

/// An entry in an emergency.
#[derive(InputObject)]
pub(crate) struct EmergencyEnterInput {
    /// Code of the park.
    park_code: String,
    /// Code of the tenant; the park itself when left out.
    tenant_code: Option<String>,
    /// What for, 20 to 500 characters; those whose place it is read it.
    reason: String,
    /// For how long, 5 to 240 minutes; 60 when left out.
    minutes: Option<i32>,
    /// Whether anything may be changed; only read when left out.
    #[graphql(default)]
    write: bool,
}

/// Which entry to end.
#[derive(InputObject)]
pub(crate) struct EmergencyEndInput {
    /// The entry.
    emergency_id: ID,
}

/// What became of an entry.
#[derive(SimpleObject, Default)]
pub(crate) struct EmergencyEnterPayload {
    /// The entry.
    emergency: Option<Emergency>,
    /// Bearer token for the place entered, good for ten minutes.
    access_token: Option<String>,
    /// Single-use token for the next access token, until the entry is over.
    refresh_token: Option<String>,
    /// End of the access token.
    expires_at: Option<DateTime<Utc>>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// What became of ending one.
#[derive(SimpleObject, Default)]
pub(crate) struct EmergencyEndPayload {
    /// The entry, ended.
    emergency: Option<Emergency>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

async fn enter(
    request: &Request,
    client: &Client,
    input: EmergencyEnterInput,
) -> Result<(identity::Emergency, identity::SignedIn)> {
    let (ctx, services) = (request.ctx()?, &request.services);
    let draft = EmergencyDraft {
        park: input.park_code,
        tenant: input.tenant_code,
        reason: input.reason,
        minutes: input.minutes.map_or(identity::DEFAULT_MINUTES, i64::from),
        write: input.write,
    };
    let system = Ctx::system(SystemReason::Emergency, services.env.clone());
    let tx = services.db.begin(&system, Mode::Write).await?;
    let done = identity::emergency_enter(&*tx, services.ports(), ctx, client, &draft).await?;
    tx.commit().await?;
    Ok(done)
}

async fn end(request: &Request, id: Result<EmergencyId>) -> Result<identity::Emergency> {
    let (ctx, services) = (request.ctx()?, &request.services);
    let system = Ctx::system(SystemReason::Emergency, services.env.clone());
    let tx = services.db.begin(&system, Mode::Write).await?;
    let ended = identity::emergency_end(&*tx, ctx, id?).await?;
    tx.commit().await?;
    Ok(ended)
}

#[derive(Default)]
pub(crate) struct EmergencyMutation;

#[Object]
impl EmergencyMutation {
    /// Enters a park or tenant in an emergency. Its managers and the park's administrators are told at once, and each act is
    /// marked in their audit log. For the platform operator alone.
    async fn emergency_enter(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: EmergencyEnterInput,
    ) -> async_graphql::Result<Option<EmergencyEnterPayload>> {
        let request = gql.request();
        match enter(request, gql.data_unchecked(), input).await {
            Ok((emergency, signed)) => Ok(Some(EmergencyEnterPayload {
                emergency: Some(Emergency::of(emergency, request.services.env.now())),
                access_token: Some(signed.access_token),
                refresh_token: Some(signed.refresh_token),
                expires_at: Some(signed.expires_at),
                user_errors: Vec::new(),
            })),
            Err(error) => match UserError::all(&error, request.lang()) {
                Some(user_errors) => Ok(Some(EmergencyEnterPayload { user_errors, ..Default::default() })),
                None => Err(gql.fault(&error)),
            },
        }
    }

    /// Ends an entry before its time, and with it whatever it has open: by the platform operator, or by those whose place it
    /// is.
    async fn emergency_end(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: EmergencyEndInput,
    ) -> async_graphql::Result<Option<EmergencyEndPayload>> {
        let request = gql.request();
        match end(request, node::id("emergencyId", &input.emergency_id)).await {
            Ok(emergency) => {
                request.refresh().await;
                let emergency = Some(Emergency::of(emergency, request.services.env.now()));
                Ok(Some(EmergencyEndPayload { emergency, user_errors: Vec::new() }))
            }
            Err(error) => match UserError::all(&error, request.lang()) {
                Some(user_errors) => Ok(Some(EmergencyEndPayload { user_errors, ..Default::default() })),
                None => Err(gql.fault(&error)),
            },
        }
    }
}
