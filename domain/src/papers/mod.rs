//! Contract papers (合同文本): what the two sides of a lease sign. A paper is drafted from one version of a lease by a
//! template, approved by people who did not draft it, and signed; what it says is fixed when it is drafted.
//!
//! Decides what a paper says and what may be done to it in which state. Terms are agreed in leasing, and a paper never
//! changes them.

mod entity;
mod policy;
mod service;
mod store;
mod template;
mod wording;

pub use entity::{
    Content, ContentClause, Paper, PaperAct, PaperDraft, PaperKind, PaperLanguage, PaperState, PaperStep, Party,
};
pub use policy::{ContractPolicy, contract_policy, contract_policy_set};
pub use service::{
    Signing, may_approve, paper_approve, paper_draft, paper_refuse, paper_sign, paper_steps, paper_withdraw, papers,
    papers_count, papers_of,
};
pub use store::Store;
pub use template::{BUILT_IN, Template, When};
