//! Settling: what the two sides of a lease owe each other when it is over (结算单).
//!
//! Decides what stands on a settlement sheet: invoices that are still owed, late fees by the clause of the lease, what the
//! inspection found, and the deposit that is set off. A sheet is fixed when it is issued; whoever finds it wrong takes it
//! back and issues another. It moves no money: what it comes to is paid and booked with the payments.

mod checklist;
mod service;
mod sheet;
mod store;

pub use checklist::{BUILT_IN, CheckItem, Checklist};
pub use service::{
    Agreement, settlement_agree, settlement_issue, settlement_preview, settlement_withdraw, settlements_of,
};
pub use sheet::{Charge, Check, LineKind, Settlement, SettlementDraft, SettlementState, Sheet, SheetLine};
pub use store::Store;
