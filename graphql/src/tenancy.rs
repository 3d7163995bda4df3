//! Park and tenant. Both are merged from the parts that the contexts add.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, MergedObject, Object, SimpleObject};
use async_trait::async_trait;
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::identity;
use voxpark_domain::ids::{ParkId, TenantId};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::tenancy::{self, TenantDraft};
use voxpark_domain::{Ctx, Result};

use crate::alerts::ParkAlerts;
use crate::billing::{
    ParkBilling, ParkCredit, ParkFiscal, ParkParties, ParkPayments, ParkPlatform, ParkRepricing, ParkRuns, ParkSending,
    ParkStatement, TenantBilling, TenantParties,
};
use crate::books::ParkBooks;
use crate::change::change;
use crate::cost::TenantCost;
use crate::error::{Fault as _, UserError};
use crate::estate::{ParkControl, ParkEstate, ParkOutages};
use crate::identity::{ParkGrants, ParkLetters, ParkProviders};
use crate::leasing::{ParkHolds, ParkIndex, ParkLeasing, TenantLeasing};
use crate::load::{Load, load};
use crate::maturity::{ParkMaturity, TenantMaturity};
use crate::node;
use crate::operations::TenantOperations;
use crate::page::{self, Order, Paged, counter, paged};
use crate::papers::ParkPapers;
use crate::people::TenantPeople;
use crate::pipeline::ParkPipeline;
use crate::price_books::ParkPrices;
use crate::request::Asking as _;
use crate::requests::{ParkRequests, TenantRequests};
use crate::scalar::Date;
use crate::seat_days::{ParkSeatDays, TenantSeatLedger};
use crate::seating::TenantSeating;
use crate::settling::ParkSettlement;
use crate::staffing::TenantStaffing;
use crate::statistics::ParkFigured;
use crate::straight_lines::ParkStraightLines;

/// A park: the estate and its operator.
#[derive(MergedObject, Clone)]
pub(crate) struct Park(
    ParkCore,
    ParkTenants,
    ParkGrants,
    ParkProviders,
    ParkLetters,
    ParkMaturity,
    ParkBilling,
    ParkRuns,
    ParkStatement,
    ParkRepricing,
    ParkParties,
    ParkSending,
    ParkFiscal,
    ParkPayments,
    ParkCredit,
    ParkBooks,
    ParkStraightLines,
    ParkPrices,
    ParkPlatform,
    ParkEstate,
    ParkOutages,
    ParkControl,
    ParkLeasing,
    ParkHolds,
    ParkIndex,
    ParkPapers,
    ParkSettlement,
    ParkPipeline,
    ParkRequests,
    ParkAlerts,
    ParkFigured,
    ParkSeatDays,
);

/// One call-centre company in one park.
#[derive(MergedObject, Clone)]
pub(crate) struct Tenant(
    TenantCore,
    TenantMaturity,
    TenantBilling,
    TenantParties,
    TenantCost,
    TenantLeasing,
    TenantPeople,
    TenantStaffing,
    TenantOperations,
    TenantSeatLedger,
    TenantRequests,
    TenantSeating,
);

impl From<Arc<tenancy::Park>> for Park {
    fn from(park: Arc<tenancy::Park>) -> Self {
        Self(
            ParkCore(park),
            ParkTenants,
            ParkGrants,
            ParkProviders,
            ParkLetters,
            ParkMaturity,
            ParkBilling,
            ParkRuns,
            ParkStatement,
            ParkRepricing,
            ParkParties,
            ParkSending,
            ParkFiscal,
            ParkPayments,
            ParkCredit,
            ParkBooks,
            ParkStraightLines,
            ParkPrices,
            ParkPlatform,
            ParkEstate,
            ParkOutages,
            ParkControl,
            ParkLeasing,
            ParkHolds,
            ParkIndex,
            ParkPapers,
            ParkSettlement,
            ParkPipeline,
            ParkRequests,
            ParkAlerts,
            ParkFigured,
            ParkSeatDays,
        )
    }
}

impl From<Arc<tenancy::Tenant>> for Tenant {
    fn from(tenant: Arc<tenancy::Tenant>) -> Self {
        let id = tenant.id;
        Self(
            TenantCore(tenant),
            TenantMaturity(id),
            TenantBilling(id),
            TenantParties(id),
            TenantCost(id),
            TenantLeasing(id),
            TenantPeople(id),
            TenantStaffing(id),
            TenantOperations(id),
            TenantSeatLedger(id),
            TenantRequests(id),
            TenantSeating(id),
        )
    }
}

impl Park {
    pub(crate) async fn id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.0.id.to_string().into())
    }
}

impl Tenant {
    pub(crate) async fn id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.0.id.to_string().into())
    }
}

#[derive(Clone)]
pub(crate) struct ParkCore(Arc<tenancy::Park>);

#[Object]
impl ParkCore {
    /// Stable id.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Short code.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// Name in Chinese.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name_en
    }
    /// IANA time zone; civil dates are dates in it.
    async fn time_zone(&self) -> &str {
        self.0.zone.name()
    }
    /// ISO 4217 code of what the park bills in.
    async fn currency(&self) -> &str {
        self.0.currency.code()
    }
    /// Where it lies, a GB/T 2260 code of six digits; null when nobody has said.
    async fn region(&self) -> Option<&str> {
        self.0.region.as_ref().map(identity::Region::code)
    }
    /// City tier, 1 to 5.
    async fn city_tier(&self) -> i64 {
        self.0.city_tier
    }
    /// Today in the park.
    async fn today(&self, gql: &Context<'_>) -> async_graphql::Result<Date> {
        let now = gql.request().services.env.now();
        Ok(Date(now.with_timezone(&self.0.zone).date_naive()))
    }
}

/// What tenants can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "tenancy::TenantSort")]
pub(crate) enum TenantOrderField {
    /// Their code.
    Code,
    /// How many seats they hold today.
    Seats,
    /// The day they came to the park.
    ArrivedOn,
}

#[derive(Clone)]
pub(crate) struct ParkTenants;

#[Object]
impl ParkTenants {
    /// Tenants by code: all for staff of the park, the granted ones for assessors, its own for staff of a tenant.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn tenants(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "By what; by code when left out.")] order_by: Option<Order<TenantOrderField>>,
    ) -> async_graphql::Result<Paged<Tenant>> {
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            tenancy::tenants(&*request.read().await?, request.ctx()?, Order::read(order_by), &ask).await
        };
        let page = gql.nullable(list.await)?;
        Ok(paged(page, counter!(gql, "", |ctx, tx| tenancy::tenants_count(tx, ctx)), |t| Tenant::from(Arc::new(t))))
    }
}

#[derive(Clone)]
pub(crate) struct TenantCore(pub(crate) Arc<tenancy::Tenant>);

#[Object]
impl TenantCore {
    /// Stable id.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Short code, unique in the park.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// Name in Chinese.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name_en
    }
    /// What it does, in its own words.
    async fn business(&self) -> &str {
        &self.0.business
    }
    /// In operation since; years of operation count for maturity levels.
    async fn operating_since(&self) -> Date {
        self.0.operating_since.into()
    }
    /// First day in this park.
    async fn arrived_on(&self) -> Date {
        self.0.arrived_on.into()
    }
}

#[async_trait]
impl Load for ParkId {
    type Value = Arc<tenancy::Park>;
    const RESOURCE: Resource = Resource::Packs;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let park = tenancy::park(tx, ctx).await?;
        Ok(if keys.contains(&park.id) { vec![(park.id, Arc::new(park))] } else { Vec::new() })
    }
}

#[async_trait]
impl Load for TenantId {
    type Value = Arc<tenancy::Tenant>;
    const RESOURCE: Resource = Resource::Tenants;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.tenants_by_id(keys).await?.into_iter().map(|t| (t.id, Arc::new(t))).collect())
    }
}

/// The caller's park, which was read when the caller was recognised.
pub(crate) fn own_park(gql: &Context<'_>) -> async_graphql::Result<Option<Park>> {
    let request = gql.request();
    let id = gql.nullable(request.ctx().and_then(Ctx::park))?;
    let membership = request.membership().map_err(|e| gql.fault(&e))?;
    Ok(id.filter(|id| *id == membership.park.id).map(|_| Park::from(Arc::new(membership.park.clone()))))
}

#[derive(Default)]
pub(crate) struct TenancyQuery;

#[Object]
impl TenancyQuery {
    /// The caller's park.
    async fn park(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Park>> {
        own_park(gql)
    }

    /// The caller's own call centre; null for everybody but staff of a tenant.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        let tenant = gql.request().ctx().and_then(Ctx::tenant);
        match gql.nullable(tenant)? {
            Some(id) => Ok(load(gql, id).await?.map(Tenant::from)),
            None => Ok(None),
        }
    }
}

/// A new tenant.
#[derive(InputObject, Serialize)]
pub(crate) struct TenantCreateInput {
    /// 1 to 20 letters, digits or - _ . /
    code: String,
    /// Name in Chinese, 1 to 80 characters.
    name: String,
    /// Name in English, 1 to 80 characters.
    name_en: String,
    /// What it does, up to 200 characters.
    business: Option<String>,
    /// In operation since.
    operating_since: Date,
    /// First day in this park.
    arrived_on: Date,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

/// What became of a new tenant.
#[derive(SimpleObject, Default)]
pub(crate) struct TenantCreatePayload {
    /// The tenant.
    tenant: Option<Tenant>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct TenancyMutation;

#[Object]
impl TenancyMutation {
    /// Takes a tenant into the park.
    async fn tenant_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: TenantCreateInput,
    ) -> async_graphql::Result<Option<TenantCreatePayload>> {
        let draft = TenantDraft {
            code: input.code.clone(),
            name: input.name.clone(),
            name_en: input.name_en.clone(),
            business: input.business.clone().unwrap_or_default(),
            operating_since: input.operating_since.0,
            arrived_on: input.arrived_on.0,
        };
        let done = change(gql, "tenantCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let tenant = tenancy::tenant_create(tx, ctx, draft).await?;
                Ok((tenant.id, AuditEntry::new("tenant.create", tenant.id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => TenantCreatePayload { tenant: load(gql, id).await?.map(Tenant::from), user_errors: Vec::new() },
            Err(user_errors) => TenantCreatePayload { user_errors, ..Default::default() },
        }))
    }
}

/// The tenant that a question is about: the one it names, or the caller's own; none out of reach, and where the park names nobody.
pub(crate) async fn asked_for(gql: &Context<'_>, named: Option<ID>) -> async_graphql::Result<Option<TenantId>> {
    let tenant: TenantId = match named {
        Some(id) => node::id("tenantId", &id).map_err(|e| gql.fault(&e))?,
        None => match gql.request().ctx().map_err(|e| gql.fault(&e))?.tenant() {
            Ok(own) => own,
            Err(_) => return Ok(None),
        },
    };
    Ok(load(gql, tenant).await?.map(|_| tenant))
}
