//! What the pipeline reads and writes.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::lead::{Funnel, Lead, LeadFilter, LeadNote, LeadSort, LeadState, LeadStep, StaffMember};
use super::quote::{Quote, QuoteFilter, QuoteSort};
use super::visit::Visit;
use crate::error::Result;
use crate::ids::{HoldId, LeadId, QuoteId, TenantId, UserId, VisitId};
use crate::page::{Page, PageRequest, Sort};

/// Leads and visits of the caller's park.
#[async_trait]
pub trait Store: Send + Sync {
    /// Staff of the park on a day, by name.
    async fn pipeline_staff(&self, on: NaiveDate) -> Result<Vec<StaffMember>>;
    /// Names of users who are or were staff of the park; others are missing.
    async fn pipeline_names(&self, users: &[UserId]) -> Result<Vec<StaffMember>>;

    /// Leads.
    async fn leads(&self, filter: &LeadFilter, sort: Sort<LeadSort>, page: &PageRequest) -> Result<Page<Lead>>;
    /// How many.
    async fn leads_count(&self, filter: &LeadFilter) -> Result<i64>;
    /// How many leads there are of each state, and what they want; states without are missing.
    async fn leads_funnel(&self) -> Result<Vec<Funnel>>;
    /// Leads by id; those out of reach are missing.
    async fn leads_by_id(&self, ids: &[LeadId]) -> Result<Vec<Lead>>;
    /// The lead, kept from everybody else until this transaction ends.
    async fn lead_locked(&self, id: LeadId) -> Result<Option<Lead>>;
    /// The state of a lead of this name ([`super::name_key`]) other than the one with that id.
    async fn lead_of_name(&self, key: &str, but: Option<LeadId>) -> Result<Option<LeadState>>;
    /// Whether a tenant has exactly this name.
    async fn tenant_of_name(&self, name: &str) -> Result<bool>;
    /// Stores a lead; `false` when another has its credit code.
    async fn lead_add(&self, lead: &Lead) -> Result<bool>;
    /// Stores what became of a lead; `false` when another has its credit code.
    async fn lead_save(&self, lead: &Lead) -> Result<bool>;

    /// The steps of leads, oldest first.
    async fn lead_steps(&self, leads: &[LeadId]) -> Result<Vec<LeadStep>>;
    /// Appends a step; its number is the next one, whatever it says.
    async fn lead_step_add(&self, step: &LeadStep) -> Result<()>;
    /// The notes of leads, newest first.
    async fn lead_notes(&self, leads: &[LeadId]) -> Result<Vec<LeadNote>>;
    /// Appends a note; its number is the next one, whatever it says.
    async fn lead_note_add(&self, note: &LeadNote) -> Result<()>;

    /// The visits of leads, latest first.
    async fn visits_of(&self, leads: &[LeadId]) -> Result<Vec<Visit>>;
    /// Visits by id; those out of reach are missing.
    async fn visits_by_id(&self, ids: &[VisitId]) -> Result<Vec<Visit>>;
    /// Stores a visit, new or known.
    async fn visit_save(&self, visit: &Visit, new: bool) -> Result<()>;
}

/// Quotes of the caller's park.
#[async_trait]
pub trait Quotes: Send + Sync {
    /// Quotes, as they stand on a day.
    async fn quotes(
        &self,
        filter: QuoteFilter,
        today: NaiveDate,
        sort: Sort<QuoteSort>,
        page: &PageRequest,
    ) -> Result<Page<Quote>>;
    /// How many.
    async fn quotes_count(&self, filter: QuoteFilter, today: NaiveDate) -> Result<i64>;
    /// The quotes of leads, the latest number and version first.
    async fn quotes_of(&self, leads: &[LeadId]) -> Result<Vec<Quote>>;
    /// Quotes by id; those out of reach are missing.
    async fn quotes_by_id(&self, ids: &[QuoteId]) -> Result<Vec<Quote>>;
    /// The next number of a year. Whoever takes one keeps everybody else waiting until this transaction ends, so that no
    /// number is lost.
    async fn quote_number_take(&self, year: i64) -> Result<i64>;
    /// Stores a new quote with its lines.
    async fn quote_add(&self, quote: &Quote) -> Result<()>;
    /// Stores what became of a quote; its lines too, where they may have changed.
    async fn quote_save(&self, quote: &Quote, lines: bool) -> Result<()>;
    /// Stores which leases of a tenant the lines of a quote became.
    async fn quote_leases_set(&self, quote: &Quote, tenant: TenantId) -> Result<()>;
    /// Stores that a hold was made for a version of a quote.
    async fn quote_hold_add(&self, quote: QuoteId, hold: HoldId) -> Result<()>;
    /// The holds made for any version of the numbers of these quotes, the oldest first; a row a quote asked about.
    async fn quote_holds(&self, quotes: &[QuoteId]) -> Result<Vec<(QuoteId, HoldId)>>;
}
