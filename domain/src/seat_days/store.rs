//! What seat-days read and write.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::entity::{Facts, LedgerRow, Window};
use super::presence::Login;
use super::proof::{ContractEntry, Identity, PaidMonth};
use super::rule::EffectiveRule;
use crate::error::Result;
use crate::ids::{FileId, FloorId, ImportId, LedgerEntryId, ParkId, PersonId, SeatId, TenantId, ZoneId};
use crate::operations::contact::Pseudonym;
use crate::time::Period;

/// Which facts are asked for.
#[derive(Clone, Copy, Debug)]
pub struct FactsAsk<'a> {
    /// Of which park.
    pub park: ParkId,
    /// Of one tenant.
    pub tenant: Option<TenantId>,
    /// Of the seats of one floor.
    pub floor: Option<FloorId>,
    /// Of the seats of one zone.
    pub zone: Option<ZoneId>,
    /// Of one seat.
    pub seat: Option<SeatId>,
    /// Over which days.
    pub window: Window,
    /// As recorded by then; `None` = as known now.
    pub known_at: Option<DateTime<Utc>>,
    /// By which rule seats are effective.
    pub rule: &'a EffectiveRule,
}

/// Who says that somebody was logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An import of contacts.
    Contacts(ImportId),
    /// A file of logins.
    Logins(FileId),
}

impl Source {
    /// Its id.
    pub fn uuid(self) -> Uuid {
        use crate::ids::Id as _;
        match self {
            Self::Contacts(id) => id.uuid(),
            Self::Logins(id) => id.uuid(),
        }
    }
}

/// Somebody was logged in on a day.
#[derive(Clone, Copy, Debug)]
pub struct PresenceEntry<'a> {
    /// Who.
    pub who: Who<'a>,
    /// On which civil day of the park.
    pub day: NaiveDate,
    /// Where, if the source says so.
    pub seat: Option<SeatId>,
    /// Numbers what one source says of one person and day, from 0.
    pub n: i64,
}

/// A person as a source knows it.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// By employee number, which call-centre systems know their agents by.
    Number(&'a str),
    /// By the pseudonym made of it.
    Agent(Pseudonym),
}

/// The port. What a tenant keeps for itself is only in reach of its own staff and of the installation, which counts it
/// for the park.
#[async_trait]
pub trait Store: Send + Sync {
    /// Everything that figures are counted from. A constant number of statements.
    async fn seat_day_facts(&self, ask: &FactsAsk<'_>) -> Result<Facts>;
    /// The rows of the time line of a seat over the window, in the order they were recorded; `private` = also those that
    /// only their tenant reads.
    async fn seat_ledger_rows(&self, ask: &FactsAsk<'_>, private: bool) -> Result<Vec<LedgerRow>>;

    /// What stands of the months of some people, each with how often it was said.
    async fn paid_months(&self, people: &[PersonId]) -> Result<Vec<(PaidMonth, i64)>>;
    /// What stands of their contracts, likewise.
    async fn employment_contracts(&self, people: &[PersonId]) -> Result<Vec<(ContractEntry, i64)>>;
    /// Whose months stand under some identities: of which month and person.
    async fn identity_months(&self, of: &[Identity]) -> Result<Vec<(Identity, i64, PersonId)>>;
    /// The keyed hash of the number of an identity document, the same all over the park.
    fn identity(&self, number: &str) -> Result<Identity>;
    /// Appends months and contracts, each said (1) or taken back (-1).
    async fn employment_add(
        &self,
        months: &[(LedgerEntryId, PaidMonth, i64)],
        contracts: &[(LedgerEntryId, ContractEntry, i64)],
        file: FileId,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// When the tenant holds seats of these codes.
    async fn seats_held_by_code(&self, codes: &[&str]) -> Result<Vec<(String, SeatId, Period)>>;
    /// Says that people were logged in; what the source said before is not said again. Tells how much was new.
    async fn presence_add(&self, source: Source, entries: &[PresenceEntry<'_>], now: DateTime<Utc>) -> Result<u64>;
    /// Takes back what a source said; tells how much that was.
    async fn presence_withdraw(&self, source: Source, now: DateTime<Utc>) -> Result<u64>;
}

impl<'a> PresenceEntry<'a> {
    /// What a row of a file of logins says.
    pub(super) const fn of(login: &'a Login, seat: Option<SeatId>, n: i64) -> Self {
        Self { who: Who::Number(login.employee_no.as_str()), day: login.day, seat, n }
    }
}
