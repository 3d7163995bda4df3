//! Tenancy: the park itself and the tenants in it. Decides codes and names; not what they lease.

mod entity;
mod service;
mod store;

pub use entity::{Park, Tenant, TenantDraft, TenantSort, code_ok};
pub use service::{park, tenant_create, tenants, tenants_count};
pub use store::Store;
