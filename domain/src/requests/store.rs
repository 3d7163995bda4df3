//! What requests read and write.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::clock::Clock;
use super::entity::{RequestFilter, RequestSort, RequestStep, SeatRequest};
use crate::error::Result;
use crate::ids::{SeatRequestId, UserId};
use crate::page::{Page, PageRequest, Sort};

/// Requests in reach of the caller.
#[async_trait]
pub trait Store: Send + Sync {
    /// Requests, as they stand on a day.
    async fn seat_requests(
        &self,
        filter: &RequestFilter,
        today: NaiveDate,
        sort: Sort<RequestSort>,
        page: &PageRequest,
    ) -> Result<Page<SeatRequest>>;
    /// How many.
    async fn seat_requests_count(&self, filter: &RequestFilter, today: NaiveDate) -> Result<i64>;
    /// Requests by id; those out of reach are missing.
    async fn seat_requests_by_id(&self, ids: &[SeatRequestId]) -> Result<Vec<SeatRequest>>;
    /// The request, kept from everybody else until this transaction ends.
    async fn seat_request_locked(&self, id: SeatRequestId) -> Result<Option<SeatRequest>>;
    /// The next number of the caller's own requests.
    async fn seat_request_number(&self) -> Result<i64>;
    /// Stores a request of the caller's own tenant; `false` when its number was taken meanwhile.
    async fn seat_request_add(&self, request: &SeatRequest) -> Result<bool>;
    /// Stores where a request stands now.
    async fn seat_request_save(&self, request: &SeatRequest) -> Result<()>;
    /// The history of requests, oldest first.
    async fn seat_request_steps(&self, requests: &[SeatRequestId]) -> Result<Vec<RequestStep>>;
    /// Appends to a history.
    async fn seat_request_step_add(&self, step: &RequestStep) -> Result<()>;
    /// What the park has set; `None` = nothing.
    async fn request_clock(&self) -> Result<Option<Clock>>;
    /// Sets it.
    async fn request_clock_set(&self, clock: Clock) -> Result<()>;
    /// The name of a member of the caller's own park or tenant; empty when there is none.
    async fn member_name(&self, user: UserId) -> Result<String>;
}
