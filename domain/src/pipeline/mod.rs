//! The pipeline (招商): companies that may become tenants, from the first word to the lease. Decides the steps of the
//! funnel, who is known already, visits and quotes; what a quote comes to is the affair of billing, and what becomes of
//! an accepted one that of tenancy and leasing.
//!
//! All of it is the park's own: no tenant and nobody from outside the park sees any of it.

mod accept;
mod credit_code;
mod holds;
mod lead;
mod leads;
mod quote;
mod quotes;
mod store;
mod visit;
mod visits;

pub use accept::{Acceptance, Accepted, NewTenant, quote_accept};
pub use credit_code::CreditCode;
pub use holds::{QuoteHoldRequest, quote_hold};
pub use lead::{
    Contact, Funnel, Lead, LeadDraft, LeadFacts, LeadFilter, LeadNote, LeadSort, LeadSource, LeadState, LeadStep,
    LostReason, MAX_PER_LEAD, Private, StaffMember, name_key,
};
pub use leads::{
    lead_assign, lead_change, lead_create, lead_move, lead_note_add, lead_plan, leads, leads_count, leads_funnel, staff,
};
pub use quote::{
    Deposit, Quote, QuoteDraft, QuoteFilter, QuoteLine, QuoteLineDraft, QuoteNumber, QuoteSort, QuoteState,
};
pub use quotes::{
    quote_change, quote_create, quote_decline, quote_revise, quote_send, quote_withdraw, quotes, quotes_count,
};
pub use store::{Quotes, Store};
pub use visit::{Visit, VisitDraft, VisitState};
pub use visits::{visit_change, visit_end, visit_plan};
