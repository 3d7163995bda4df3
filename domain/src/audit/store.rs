//! What the log reads and writes.

use std::sync::Arc;

use async_trait::async_trait;

use super::chain::Event;
use super::entry::AuditEntry;
use super::service::AuditFilter;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::ids::{AuditId, UserId};
use crate::page::{Page, PageRequest};

/// The log, on a transaction.
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes an event in the transaction of the change: its last statement, because the lane it takes is locked until
    /// the end.
    async fn audit(&self, ctx: &Ctx, entry: &AuditEntry) -> Result<()>;
    /// Events in reach of the caller, newest first.
    async fn audit_events(&self, filter: &AuditFilter, page: &PageRequest) -> Result<Page<Arc<Event>>>;
    /// How many.
    async fn audit_events_count(&self, filter: &AuditFilter) -> Result<i64>;
    /// Events in reach by id.
    async fn audit_events_by_id(&self, ids: &[AuditId]) -> Result<Vec<Arc<Event>>>;
    /// What those users are called, as far as the caller may know.
    async fn audit_names(&self, users: &[UserId]) -> Result<Vec<(UserId, String)>>;
}
