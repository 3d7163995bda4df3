//! What papers read and write.

use async_trait::async_trait;

use super::entity::{Paper, PaperState, PaperStep};
use super::policy::ContractPolicy;
use crate::error::Result;
use crate::ids::{LeaseId, PaperId};
use crate::page::{Page, PageRequest};

/// Papers in reach of the caller: a tenant sees its own once they are approved.
#[async_trait]
pub trait Store: Send + Sync {
    /// The papers of leases, newest first.
    async fn papers_of(&self, leases: &[LeaseId]) -> Result<Vec<Paper>>;
    /// Papers by id.
    async fn papers_by_id(&self, ids: &[PaperId]) -> Result<Vec<Paper>>;
    /// Papers, newest first; those in a state, where one is asked for.
    async fn papers(&self, state: Option<PaperState>, page: &PageRequest) -> Result<Page<Paper>>;
    /// How many.
    async fn papers_count(&self, state: Option<PaperState>) -> Result<i64>;
    /// The paper, kept from everybody else until this transaction ends.
    async fn paper_locked(&self, id: PaperId) -> Result<Option<Paper>>;
    /// Stores a paper; `false` when a living one of the same version is there.
    async fn paper_add(&self, paper: &Paper) -> Result<bool>;
    /// Stores where a paper stands now.
    async fn paper_save(&self, paper: &Paper) -> Result<()>;
    /// The history of papers, oldest first; the park's own.
    async fn paper_steps(&self, papers: &[PaperId]) -> Result<Vec<PaperStep>>;
    /// Appends to a history.
    async fn paper_step_add(&self, step: &PaperStep) -> Result<()>;
    /// What the park has set; `None` = nothing.
    async fn contract_policy(&self) -> Result<Option<ContractPolicy>>;
    /// Sets it.
    async fn contract_policy_set(&self, policy: &ContractPolicy) -> Result<()>;
}
