//! Fiscal: what the tax office was told of an invoice (增值税发票, fapiao). The fapiao itself is made in the tax office's own
//! system; what it came to is recorded here.
//!
//! Decides which numbers a kind has, that what is told never exceeds the invoice, and that what is taken back (red) refers to
//! what was told (blue). Nothing recorded is ever changed.

mod entity;
mod kinds;
mod service;
mod store;

pub use entity::{Fapiao, FapiaoColour, FapiaoDraft, FapiaoState, FapiaoSums, standing};
pub use kinds::{BUILT_IN, FapiaoForm, FapiaoKind, FapiaoKinds, FapiaoUse};
pub use service::{fapiao_record, fapiaos, fapiaos_count, fapiaos_of};
pub use store::Store;
