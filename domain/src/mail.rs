//! Letters: posted in the transaction of the change that they tell of, sent by a background job.
//!
//! Decides what is kept of a letter and what becomes of it. Does not decide its words, which the adapter that sends it has
//! in every language. The address is kept sealed, what the letter says only until it has left.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

use crate::ctx::{Ctx, Lang};
use crate::error::Result;
use crate::ids::{LetterId, ParkId, TenantId, UserId};
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource, listed};

/// The kind of the job that sends a letter.
pub const JOB: &str = "letter";

listed! {
    /// What a letter is about.
    LetterKind {
        /// Somebody is asked to join.
        Invitation = "invitation",
        /// A way to another password.
        PasswordReset = "password_reset",
        /// The password was changed.
        PasswordChanged = "password_changed",
        /// Another way into the account was added or removed.
        AccountChanged = "account_changed",
        /// A session ended because its token was copied.
        SessionReused = "session_reused",
        /// The platform operator entered in an emergency.
        Emergency = "emergency",
        /// Something was done to a request for seats.
        SeatRequest = "seat_request",
        /// It brings an invoice.
        Invoice = "invoice",
        /// It brings a credit note.
        CreditNote = "credit_note",
        /// The operator has issued a platform invoice.
        PlatformInvoice = "platform_invoice",
    }
}

listed! {
    /// What became of a letter.
    LetterState {
        /// It waits to be sent.
        Waiting = "waiting",
        /// The mail server took it.
        Sent = "sent",
        /// It was given up.
        Failed = "failed",
        /// It was not sent, because the address has refused letters for good.
        Suppressed = "suppressed",
    }
}

/// On whose record a letter is: a park's or a tenant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The park.
    pub park: ParkId,
    /// The tenant; `None` = the park itself.
    pub tenant: Option<TenantId>,
}

/// What is named in a letter, by the name of the place in its words.
pub type Facts = BTreeMap<String, String>;

/// A letter to be posted.
#[derive(Clone, Debug)]
pub struct NewLetter {
    /// What it is about.
    pub kind: LetterKind,
    /// In which language.
    pub lang: Lang,
    /// The mail address.
    pub to: String,
    /// The user, if it is one already.
    pub user: Option<UserId>,
    /// What it names; `path` is where its link leads to.
    pub facts: Facts,
}

/// A letter on its way.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What it is about.
    pub kind: LetterKind,
    /// In which language.
    pub lang: Lang,
    /// The mail address.
    pub to: String,
    /// What it names.
    pub facts: Facts,
}

/// A letter as it is on record.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its id.
    pub id: LetterId,
    /// What it is about.
    pub kind: LetterKind,
    /// In which language.
    pub lang: Lang,
    /// The mail address, most of it hidden.
    pub to: String,
    /// What became of it.
    pub state: LetterState,
    /// The mail server's code when it did not take the letter (`550`).
    pub code: Option<String>,
    /// Posted at.
    pub posted_at: DateTime<Utc>,
    /// Sent, given up or suppressed at.
    pub ended_at: Option<DateTime<Utc>>,
}

/// What is read and written of letters.
#[async_trait]
pub trait Store: Send + Sync {
    /// Keeps a letter and enqueues the job that sends it.
    async fn letter_post(&self, ctx: &Ctx, owner: Owner, letter: &NewLetter) -> Result<LetterId>;
    /// Keeps letters and enqueues the jobs that send them, in a constant number of statements for some hundreds; their ids, in
    /// order.
    async fn letters_post(&self, ctx: &Ctx, owner: Owner, letters: &[NewLetter]) -> Result<Vec<LetterId>>;
    /// A letter that waits to be sent; `None` once it has ended.
    async fn letter_waiting(&self, id: LetterId) -> Result<Option<Outgoing>>;
    /// Ends a letter and forgets what it said.
    async fn letter_end(&self, id: LetterId, state: LetterState, code: Option<&str>, now: DateTime<Utc>) -> Result<()>;
    /// The letters on the caller's own record, newest first.
    async fn letters(&self, page: &PageRequest) -> Result<Page<Letter>>;
    /// Letters on the caller's own record by id.
    async fn letters_by_id(&self, ids: &[LetterId]) -> Result<Vec<Letter>>;
    /// How many there are.
    async fn letters_count(&self) -> Result<i64>;
    /// Whether an address has refused letters for good (system scope).
    async fn suppressed(&self, email: &str) -> Result<bool>;
    /// Sends no more letters to an address (system scope).
    async fn suppress(&self, email: &str, code: &str, now: DateTime<Utc>) -> Result<()>;
    /// Sends letters to an address again; `false` when none were held back (system scope).
    async fn suppress_lift(&self, email: &str) -> Result<bool>;
}

/// The letters on the record of the caller's park.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission.
pub async fn letters<S: Store + ?Sized>(store: &S, ctx: &Ctx, page: &PageRequest) -> Result<Page<Letter>> {
    ctx.require(Action::Read, Resource::Access)?;
    store.letters(page).await
}

/// A mail address with most of its first part hidden: enough to know whose it is for those who know it.
pub fn masked(email: &str) -> String {
    let (local, host) = email.rsplit_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}•••@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked() {
        assert_eq!(masked("zhou.min@binjiang.example"), "z•••@binjiang.example");
        assert_eq!(masked("周@园区.example"), "周•••@园区.example");
    }
}
