//! Queues, imports, contacts, intervals.

mod contacts;
mod figures;
mod imports;

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_domain::Result;
use voxpark_domain::ids::{ImportId, QueueId};
use voxpark_domain::operations::contact::{ContactFacts, Outcome, SourceKey};
use voxpark_domain::operations::import::{Batch, ContactImport, ImportIssue, ImportState, Queue, Told};
use voxpark_domain::operations::source::{Checkpoint, Format};
use voxpark_domain::operations::sums::{Sums, Thresholds};
use voxpark_domain::operations::{Asked, DayRun, Placed, Removed, Slots, Store};
use voxpark_domain::page::{Page, PageRequest};

use crate::db::Tx;

#[async_trait]
impl Store for Tx {
    async fn queues(&self) -> Result<Vec<Queue>> {
        imports::queues(self, None).await
    }
    async fn queues_by_id(&self, ids: &[QueueId]) -> Result<Vec<Queue>> {
        imports::queues(self, Some(ids)).await
    }
    async fn queues_ensure(&self, codes: &[String], fresh: &[QueueId]) -> Result<Vec<QueueId>> {
        imports::queues_ensure(self, codes, fresh).await
    }

    async fn contact_imports(&self, page: &PageRequest) -> Result<Page<ContactImport>> {
        imports::list(self, page).await
    }
    async fn contact_imports_count(&self) -> Result<i64> {
        imports::count(self).await
    }
    async fn contact_imports_by_id(&self, ids: &[ImportId]) -> Result<Vec<ContactImport>> {
        imports::by_id(self, ids).await
    }
    async fn contact_import_of_file(&self, sha256: &[u8; 32], format: Format) -> Result<Option<ContactImport>> {
        imports::of_file(self, sha256, format).await
    }
    async fn contact_import_add(&self, import: &ContactImport) -> Result<bool> {
        imports::add(self, import).await
    }
    async fn contact_import_restart(&self, import: &ContactImport, from: ImportState) -> Result<bool> {
        imports::restart(self, import, from).await
    }
    async fn contact_import_resume(&self, id: ImportId) -> Result<Option<Checkpoint>> {
        imports::resume(self, id).await
    }
    async fn contact_import_last(&self, format: Format) -> Result<Option<Checkpoint>> {
        imports::last(self, format).await
    }
    async fn contact_import_advance(&self, id: ImportId, batch: &Batch, now: DateTime<Utc>) -> Result<bool> {
        imports::advance(self, id, batch, now).await
    }
    async fn contact_import_count(&self, id: ImportId, added: i64, known: i64) -> Result<()> {
        imports::add_counts(self, id, added, known).await
    }
    async fn contact_import_fail(&self, id: ImportId, failure: &Told, now: DateTime<Utc>) -> Result<()> {
        imports::fail_with(self, id, failure, now).await
    }

    async fn import_issues(&self, id: ImportId, page: &PageRequest) -> Result<Page<ImportIssue>> {
        imports::issues(self, id, page).await
    }
    async fn import_issues_counts(&self, ids: &[ImportId]) -> Result<Vec<(ImportId, i64)>> {
        imports::issues_counts(self, ids).await
    }
    async fn import_issues_first(&self, ids: &[ImportId], first: u32) -> Result<Vec<(ImportId, ImportIssue)>> {
        imports::issues_first(self, ids, first).await
    }
    async fn import_issues_add(&self, id: ImportId, issues: &[(ImportIssue, Vec<u8>)]) -> Result<()> {
        imports::issues_add(self, id, issues).await
    }

    async fn contacts_take_provisional(&self, keys: &HashSet<SourceKey>) -> Result<Vec<Removed>> {
        contacts::take_provisional(self, keys).await
    }
    async fn contacts_add(&self, id: ImportId, contacts: &[Placed<'_>]) -> Result<HashSet<SourceKey>> {
        contacts::add(self, id, contacts).await
    }
    async fn contacts_take_back(&self, id: ImportId) -> Result<Vec<(QueueId, i64, i64)>> {
        contacts::take_back(self, id).await
    }
    async fn intervals_clear(
        &self,
        definition: &str,
        queue: QueueId,
        within: (i64, i64),
    ) -> Result<Vec<(ContactFacts, bool)>> {
        contacts::intervals_clear(self, definition, queue, within).await
    }
    async fn intervals_add(&self, definition: &str, slots: &Slots) -> Result<()> {
        contacts::intervals_write(self, definition, slots, contacts::Present::Add).await
    }
    async fn intervals_recount(
        &self,
        definition: &str,
        thresholds: Thresholds,
        slots: &[(i64, QueueId)],
    ) -> Result<()> {
        contacts::intervals_recount(self, definition, thresholds, slots).await
    }

    async fn contact_waits(&self, asked: &Asked) -> Result<Vec<(Outcome, u32, i64)>> {
        figures::waits(self, asked).await
    }
    async fn contact_handles(&self, asked: &Asked) -> Result<Vec<(u32, bool, i64)>> {
        figures::handles(self, asked).await
    }
    async fn contact_agents(&self, asked: &Asked) -> Result<i64> {
        figures::agents(self, asked).await
    }
    async fn intervals(&self, definition: &str, thresholds: Thresholds, asked: &Asked) -> Result<Vec<(i64, Sums)>> {
        figures::intervals(self, definition, thresholds, asked).await
    }
    async fn interval_days(
        &self,
        definition: &str,
        thresholds: Thresholds,
        asked: &Asked,
        days: &[DayRun],
    ) -> Result<Vec<(i64, Sums)>> {
        figures::days(self, definition, thresholds, asked, days).await
    }
}
