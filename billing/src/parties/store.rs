//! What parties read and write.

use async_trait::async_trait;
use voxpark_domain::Result;
use voxpark_domain::ids::{InvoiceId, TenantId, UserId};

use super::entity::{Buyer, Profile, Seller};
use super::fixed::{Fixed, KeptLine};

/// Profiles and what was fixed of them, in reach of the caller. Nothing of it is ever changed.
#[async_trait]
pub trait Store: Send + Sync {
    /// Every profile of the park, in no order.
    async fn seller_profiles(&self) -> Result<Vec<Profile<Seller>>>;
    /// Adds one.
    async fn seller_profile_add(&self, profile: &Profile<Seller>, by: Option<UserId>) -> Result<()>;
    /// Every profile of tenants, in no order.
    async fn buyer_profiles(&self, tenants: &[TenantId]) -> Result<Vec<(TenantId, Profile<Buyer>)>>;
    /// Adds one.
    async fn buyer_profile_add(&self, tenant: TenantId, profile: &Profile<Buyer>, by: Option<UserId>) -> Result<()>;
    /// Keeps what was fixed of invoices, in a constant number of statements for some hundreds.
    async fn fixed_add(&self, fixed: &[Fixed]) -> Result<()>;
    /// What was fixed of invoices; those issued before anything was are missing.
    async fn fixed_of(&self, invoices: &[InvoiceId]) -> Result<Vec<Fixed>>;
    /// The lines of invoices to the letter, in order.
    async fn lines_kept(&self, invoices: &[InvoiceId]) -> Result<Vec<(InvoiceId, KeptLine)>>;
}
