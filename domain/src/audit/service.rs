//! Use cases: reading the log. Whose events there are is the scope's affair: a park its own, a tenant its own, an
//! assessor what it did itself.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::chain::Event;
use super::store::Store;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::ids::UserId;
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource};

/// Which events are asked for; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// This was done; ending in `.`, anything that begins so (`lease.`).
    pub action: Option<String>,
    /// By this user, or on its behalf.
    pub actor: Option<UserId>,
    /// To this.
    pub subject: Option<String>,
    /// At this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
}

/// Events of the caller's view, newest first.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission.
pub async fn events(
    store: &dyn Store,
    ctx: &Ctx,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<Arc<Event>>> {
    ctx.require(Action::Read, Resource::Audit)?;
    store.audit_events(filter, page).await
}

/// How many.
///
/// # Errors
/// As [`events`].
pub async fn events_count(store: &dyn Store, ctx: &Ctx, filter: &AuditFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::Audit)?;
    store.audit_events_count(filter).await
}
