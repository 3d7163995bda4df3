//! Use cases of tenancy.

use super::entity::{Park, Tenant, TenantDraft, TenantSort};
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::page::{Page, PageRequest, Sort};
use crate::permission::{Action, Resource};

/// The caller's park.
///
/// # Errors
/// [`Error::NotFound`] outside a park.
pub async fn park(store: &dyn Store, ctx: &Ctx) -> Result<Park> {
    ctx.park()?;
    store.park().await?.ok_or(Error::NotFound)
}

/// The tenants in reach, by code.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn tenants(store: &dyn Store, ctx: &Ctx, sort: Sort<TenantSort>, page: &PageRequest) -> Result<Page<Tenant>> {
    ctx.require(Action::Read, Resource::Tenants)?;
    store.tenants(ctx.today(), sort, page).await
}

/// How many tenants are in reach.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn tenants_count(store: &dyn Store, ctx: &Ctx) -> Result<i64> {
    ctx.require(Action::Read, Resource::Tenants)?;
    store.tenants_count().await
}

/// Takes a tenant into the park.
///
/// # Errors
/// Those of [`TenantDraft::check`]; `tenant-code-taken`.
pub async fn tenant_create<S: Store + ?Sized>(store: &S, ctx: &Ctx, draft: TenantDraft) -> Result<Tenant> {
    ctx.require(Action::Commit, Resource::Tenants)?;
    draft.check()?;
    let tenant = draft.into_tenant(ctx.id());
    if store.tenant_add(&tenant, ctx.now()).await? {
        let heard = ctx.heard();
        heard.set("code", Seen::of(&tenant.code));
        heard.set("name", Seen::of(&tenant.name));
        heard.set("nameEn", Seen::of(&tenant.name_en));
        heard.set("operatingSince", Seen::of(tenant.operating_since));
        heard.set("arrivedOn", Seen::of(tenant.arrived_on));
        Ok(tenant)
    } else {
        Err(Refusal::new(RefusalCode::Duplicate, "tenant-code-taken").at("code").with("code", tenant.code).into())
    }
}
