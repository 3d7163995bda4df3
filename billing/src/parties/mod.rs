//! Parties: how the two sides of an invoice are called on it (开票信息).
//!
//! Decides what a side may say of itself, by day and never overwritten, and fixes both sides with every invoice that is
//! issued, together with a hash of everything that the invoice says. Does not decide what is charged (`pricing`) nor what the
//! tax office is told (`fiscal`).

mod entity;
mod fixed;
mod number;
mod service;
mod store;

pub use entity::{
    Buyer, BuyerDraft, FapiaoWanted, MAX_MAILS, Party, PartyDraft, Profile, Seller, SellerDraft, in_force,
};
pub(crate) use fixed::canonical;
pub(crate) use fixed::plainly;
pub use fixed::{Fixed, KeptLine, OnInvoice, fix, intact, on_invoices};
pub use number::{BUILT_IN, NumberForm, NumberForms};
pub use service::{buyer_profile_set, buyer_profiles, seller_profile_set, seller_profiles};
pub use store::Store;
