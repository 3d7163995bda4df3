//! What people reads and writes.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::entity::{Person, PersonFilter, PersonSort, Team};
use crate::error::Result;
use crate::ids::{PersonId, TeamId};
use crate::page::{Page, PageRequest, Sort};

/// The days that the roster and seats speak of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse {
    /// The first of them.
    pub from: NaiveDate,
    /// The day after the last; of a seat taken as long as it is held only its first day counts.
    pub to: NaiveDate,
}

/// The teams and people of the caller's tenant.
#[async_trait]
pub trait Store: Send + Sync {
    /// Every team by code.
    async fn teams(&self) -> Result<Vec<Team>>;
    /// Teams by id; those out of reach are missing.
    async fn teams_by_id(&self, ids: &[TeamId]) -> Result<Vec<Team>>;
    /// Stores new teams; `false` when a code is taken.
    async fn teams_add(&self, teams: &[Team]) -> Result<bool>;

    /// People by employee number.
    async fn people(&self, filter: &PersonFilter, sort: Sort<PersonSort>, page: &PageRequest) -> Result<Page<Person>>;
    /// How many.
    async fn people_count(&self, filter: &PersonFilter) -> Result<i64>;
    /// People by id; those out of reach are missing.
    async fn people_by_id(&self, ids: &[PersonId]) -> Result<Vec<Person>>;
    /// People by employee number, in one statement; at most some hundreds at a time.
    async fn people_by_employee_no(&self, numbers: &[&str]) -> Result<Vec<Person>>;
    /// What roster and seats say of people, in one statement; those they do not speak of are missing.
    async fn people_in_use(&self, ids: &[PersonId]) -> Result<Vec<(PersonId, InUse)>>;
    /// Stores people, new ones and known ones, in one statement; `false` when an employee number of a new one was
    /// taken meanwhile.
    async fn people_save(&self, people: &[Person], now: DateTime<Utc>) -> Result<bool>;
    /// Ends the seats that these people have as long as they are held on the day they leave, in one statement; tells
    /// how many.
    async fn people_seats_end(&self, ids: &[PersonId], now: DateTime<Utc>) -> Result<u64>;
}
