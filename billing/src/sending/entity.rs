//! An invoice on its way.

use chrono::{DateTime, Utc};
use voxpark_domain::ids::{CreditNoteId, InvoiceId, LetterId, TenantId, UserId};
use voxpark_domain::mail::LetterState;
use voxpark_domain::papers::PaperLanguage;
use voxpark_domain::pipeline::Private;

/// The most invoices that are sent at once by hand.
pub const MAX_AT_ONCE: usize = 200;
/// The fact of a letter that names the invoice which goes with it.
pub const ENCLOSED: &str = "invoice";
/// The same of a credit note.
pub const ENCLOSED_NOTE: &str = "creditNote";

/// A letter that brings an invoice, or a credit note over it, to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The letter.
    pub letter: LetterId,
    /// Which invoice.
    pub invoice: InvoiceId,
    /// The note over it that the letter brings; `None` = it brings the invoice.
    pub note: Option<CreditNoteId>,
    /// Whose.
    pub tenant: TenantId,
    /// To which address.
    pub to: Private,
    /// The language of the document.
    pub language: PaperLanguage,
    /// When it was posted.
    pub posted_at: DateTime<Utc>,
    /// By whom.
    pub posted_by: Option<UserId>,
    /// What became of it.
    pub state: LetterState,
    /// The mail server's code when it did not take the letter (`550`).
    pub code: Option<String>,
    /// When it was sent, given up or held back.
    pub ended_at: Option<DateTime<Utc>>,
}

/// How a park goes about its invoices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InvoicePolicy {
    /// Whether the invoices of a billing run are sent by mail with it.
    pub send_with_run: bool,
}
