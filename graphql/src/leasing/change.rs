//! Leases agreed, seats allocated and released.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::NaiveDate;
use serde::Serialize;
use voxpark_billing::price_books;
use voxpark_domain::ids::{AllocationId, LeaseId};
use voxpark_domain::leasing::{
    self, AllocationRequest, Amendment, BookVersion, Decreasing, LeaseDraft, ReleaseRequest, Released,
};
use voxpark_domain::money::Currency;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::time::Period;

use super::clauses::LeaseClausesInput;
use super::{Allocation, Lease};
use crate::change::{Done, change};
use crate::error::UserError;
use crate::estate::SeatProduct;
use crate::load::load;
use crate::node;
use crate::scalar::Date;

/// A closed range of days, half-open: the end is the day after the last.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct DateRangeInput {
    /// First day.
    from: Date,
    /// The day after the last.
    to: Date,
}

impl DateRangeInput {
    pub(crate) fn period(self) -> Period {
        Period { from: self.from.0, to: Some(self.to.0) }
    }
}

/// A new price from a day on.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeasePriceStepInput {
    /// The first day on which it applies: inside the term, after the step before.
    from: Date,
    /// For a seat and month from then on before tax, in major units: `920.00`.
    unit_price: String,
}

impl LeasePriceStepInput {
    pub(crate) fn read(steps: Vec<Self>) -> Vec<(NaiveDate, String)> {
        steps.into_iter().map(|step| (step.from.0, step.unit_price)).collect()
    }
}

/// A published version of a price book of the park.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeasePriceBookInput {
    /// Id of the book.
    book: String,
    /// Its version.
    version: i32,
}

impl LeasePriceBookInput {
    fn read(self) -> BookVersion {
        // No book has a version below 1.
        BookVersion { book: self.book, version: u32::try_from(self.version).unwrap_or(0) }
    }
}

/// What a lease is to agree.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseCreateInput {
    /// With whom.
    tenant_id: ID,
    /// 1 to 30 letters, digits or - _ . /, unique for the tenant.
    code: String,
    /// When it was signed.
    signed_on: Date,
    /// First day.
    term_from: Date,
    /// The day after the last.
    term_to: Date,
    /// What is sold.
    product: SeatProduct,
    /// For a seat and month before tax, in major units: `880.00`.
    unit_price: String,
    /// Prices that follow, at most 60, in order.
    price_steps: Option<Vec<LeasePriceStepInput>>,
    /// The price book that prices what is held; the unit price is `0` then.
    price_book: Option<LeasePriceBookInput>,
    /// Of every amount of the lease, three capital letters; that of the park when left out. It stays for the whole lease.
    currency: Option<String>,
    /// Value added tax in percent: `6`, `9.5`.
    tax_rate_percent: String,
    /// How parts of a month count: `by_day`, `fixed_thirty`, `full_month_before_16` (2 to 31), `none`.
    proration: String,
    /// Days inside the term on which nothing is charged.
    rent_free: Option<Vec<DateRangeInput>>,
    /// For the whole lease, in major units; none when left out.
    deposit: Option<String>,
    /// Days to pay an invoice, 0 to 365.
    payment_days: i32,
    /// What it agrees beside the price; nothing when left out.
    clauses: Option<LeaseClausesInput>,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

/// What became of a new lease.
#[derive(SimpleObject, Default)]
pub(crate) struct LeaseCreatePayload {
    /// The lease.
    lease: Option<Lease>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// What a lease is to agree anew; what is left out stays as it is.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseAmendmentInput {
    /// The first day on which it applies: not inside a month that is billed, nor before what was agreed last.
    in_force_from: Date,
    /// Why, 1 to 200 characters.
    reason: String,
    /// The day after the last day of the lease; its seats must be released by then.
    term_to: Option<Date>,
    /// For a seat and month before tax, in major units of the lease's currency: `880.00`.
    unit_price: Option<String>,
    /// All prices that follow, in the place of those agreed before. Without them a new unit price replaces the steps of
    /// the past, and those to come stay.
    price_steps: Option<Vec<LeasePriceStepInput>>,
    /// The price book that prices what is held from the first day of a month on, in the place of a price; a unit price
    /// above 0 without it takes the place of a book.
    price_book: Option<LeasePriceBookInput>,
    /// Value added tax in percent: `6`, `9.5`.
    tax_rate_percent: Option<String>,
    /// How parts of a month count: `by_day`, `fixed_thirty`, `full_month_before_16` (2 to 31), `none`.
    proration: Option<String>,
    /// All days inside the term on which nothing is charged, in the place of those agreed before.
    rent_free: Option<Vec<DateRangeInput>>,
    /// For the whole lease, in major units.
    deposit: Option<String>,
    /// Days to pay an invoice, 0 to 365.
    payment_days: Option<i32>,
    /// Everything that is agreed beside the price, in the place of what was.
    clauses: Option<LeaseClausesInput>,
}

impl LeaseAmendmentInput {
    pub(crate) fn read(self) -> Amendment {
        Amendment {
            in_force_from: self.in_force_from.0,
            reason: self.reason,
            term_to: self.term_to.map(|d| d.0),
            unit_price: self.unit_price,
            price_steps: self.price_steps.map(LeasePriceStepInput::read),
            price_book: self.price_book.map(LeasePriceBookInput::read),
            tax_rate_percent: self.tax_rate_percent,
            proration: self.proration,
            rent_free: self.rent_free.map(|list| list.into_iter().map(DateRangeInput::period).collect()),
            deposit: self.deposit,
            payment_days: self.payment_days.map(i64::from),
            clauses: self.clauses.map(LeaseClausesInput::read),
        }
    }
}

/// A lease is to be amended.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseAmendInput {
    /// Which.
    lease_id: ID,
    /// What is to be agreed anew.
    #[graphql(flatten)]
    terms: LeaseAmendmentInput,
    /// Repeats of the same request under this key answer the same and amend nothing.
    idempotency_key: String,
}

/// What became of a lease to be amended.
#[derive(SimpleObject, Default)]
pub(crate) struct LeaseAmendPayload {
    /// The lease.
    lease: Option<Lease>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Which seats are to be held.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsAllocateInput {
    /// Under which lease.
    lease_id: ID,
    /// Which seats, 1 to 2000.
    seat_ids: Vec<ID>,
    /// First day.
    from: Date,
    /// The day after the last; the end of the lease's term when left out.
    to: Option<Date>,
    /// First minute of the day, 0 to 1439; 0 when left out.
    shift_from_min: Option<i32>,
    /// The minute after the last, at most a day after the first; beyond 1440 it is on the next day. 1440 when left out.
    shift_to_min: Option<i32>,
    /// The hold that keeps some or all of them for this.
    hold_id: Option<ID>,
    /// Repeats of the same request under this key answer the same and allocate nothing.
    idempotency_key: String,
}

/// What became of an allocation of seats: all of them or none.
#[derive(Default)]
pub(crate) struct SeatsAllocatePayload {
    made: Option<Vec<AllocationId>>,
    errors: Vec<UserError>,
}

/// What became of an allocation of seats: all of them or none.
#[Object]
impl SeatsAllocatePayload {
    /// The allocations, in the order of the seats.
    async fn allocations(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Vec<Allocation>>> {
        let Some(made) = &self.made else { return Ok(None) };
        let found = futures_util::future::try_join_all(made.iter().map(|id| load(gql, *id))).await?;
        Ok(Some(found.into_iter().flatten().map(Allocation::from).collect()))
    }
    /// How many seats.
    async fn count(&self) -> Option<usize> {
        self.made.as_ref().map(Vec::len)
    }
    /// What has to be mended first, by seat.
    async fn user_errors(&self) -> &[UserError] {
        &self.errors
    }
}

/// One seat for another.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatMoveInput {
    /// What is held.
    allocation_id: ID,
    /// What is held instead: of the same product, and free.
    to_seat_id: ID,
}

/// Seats are to be given for others.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsMoveInput {
    /// Which for which, 1 to 2000. Two can change places.
    moves: Vec<SeatMoveInput>,
    /// The first day on the other seats.
    on: Date,
    /// Whether people who would still sit on the old seats lose them on that day; otherwise, and when left out, they are
    /// in the way and the refusal names their seats.
    end_occupancies: Option<bool>,
    /// Repeats of the same request under this key answer the same and move nothing.
    idempotency_key: String,
}

/// What became of seats to be given for others: all of them or none.
#[derive(Default)]
pub(crate) struct SeatsMovePayload {
    moved: Option<leasing::Moved>,
    errors: Vec<UserError>,
}

/// What became of seats to be given for others: all of them or none.
#[Object]
impl SeatsMovePayload {
    /// The new allocations, in the order of the moves.
    async fn allocations(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Vec<Allocation>>> {
        let Some(moved) = &self.moved else { return Ok(None) };
        let found = futures_util::future::try_join_all(moved.made.iter().map(|id| load(gql, *id))).await?;
        Ok(Some(found.into_iter().flatten().map(Allocation::from).collect()))
    }
    /// How many placements of people ended with the seats they were on.
    async fn ended_occupancies(&self) -> Option<i64> {
        self.moved.as_ref().map(|moved| moved.occupancies)
    }
    /// What has to be mended first, by move.
    async fn user_errors(&self) -> &[UserError] {
        &self.errors
    }
}

/// A lease is to end before its time.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseEndInput {
    /// Which.
    lease_id: ID,
    /// The day after its last: not inside a month that is billed.
    on: Date,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Whether seats that are held beyond it are released then; otherwise, and when left out, they are in the way.
    release_seats: Option<bool>,
    /// Whether people who would still sit there lose their seats; otherwise, and when left out, they are in the way and
    /// the refusal names their seats.
    end_occupancies: Option<bool>,
    /// Repeats of the same request under this key answer the same and end nothing.
    idempotency_key: String,
}

/// What became of a lease to end before its time.
#[derive(SimpleObject, Default)]
pub(crate) struct LeaseEndPayload {
    /// The lease.
    lease: Option<Lease>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Which allocations are to end.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsReleaseInput {
    /// Which, 1 to 2000.
    allocation_ids: Vec<ID>,
    /// The first day on which the seats are free; on the first day of an allocation it is taken back as a whole.
    on: Date,
    /// Whether people who would still sit there lose their seat on that day; otherwise, and when left out, they are in
    /// the way and the refusal names their seats.
    end_occupancies: Option<bool>,
    /// Why the clauses of the lease on fewer seats are not kept to, 1 to 200 characters; without it they are.
    waiver: Option<String>,
    /// Repeats of the same request under this key answer the same and release nothing.
    idempotency_key: String,
}

/// What became of a release: all of the seats or none.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatsReleasePayload {
    /// How many seats were released.
    count: Option<usize>,
    /// How many placements of people ended with them.
    ended_occupancies: Option<i64>,
    /// What has to be mended first, by allocation.
    user_errors: Vec<UserError>,
}

/// The currency that an input names.
pub(crate) fn currency(code: Option<&str>) -> voxpark_domain::Result<Option<Currency>> {
    Ok(code.map(Currency::parse).transpose().map_err(|refusal| refusal.at("currency"))?)
}

fn draft(input: LeaseCreateInput) -> voxpark_domain::Result<LeaseDraft> {
    Ok(LeaseDraft {
        tenant: node::id("tenantId", &input.tenant_id)?,
        code: input.code,
        signed_on: input.signed_on.0,
        term_from: input.term_from.0,
        term_to: input.term_to.0,
        product: input.product.into(),
        unit_price: input.unit_price,
        price_steps: input.price_steps.map(LeasePriceStepInput::read).unwrap_or_default(),
        price_book: input.price_book.map(LeasePriceBookInput::read),
        currency: currency(input.currency.as_deref())?,
        tax_rate_percent: input.tax_rate_percent,
        proration: input.proration,
        rent_free: input.rent_free.unwrap_or_default().into_iter().map(DateRangeInput::period).collect(),
        deposit: input.deposit.unwrap_or_else(|| "0".to_owned()),
        payment_days: i64::from(input.payment_days),
        clauses: input.clauses.unwrap_or_default().read(),
    })
}

fn request(input: &SeatsAllocateInput) -> voxpark_domain::Result<AllocationRequest> {
    Ok(AllocationRequest {
        lease: node::id("leaseId", &input.lease_id)?,
        seats: input.seat_ids.iter().map(|id| node::id("seatIds", id)).collect::<voxpark_domain::Result<_>>()?,
        from: input.from.0,
        to: input.to.map(|d| d.0),
        shift: super::shift(input.shift_from_min, input.shift_to_min)?,
        hold: input.hold_id.as_ref().map(|id| node::id("holdId", id)).transpose()?,
    })
}

#[derive(Default)]
pub(crate) struct LeasingMutation;

#[Object]
impl LeasingMutation {
    /// Agrees a lease with a tenant.
    async fn lease_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeaseCreateInput,
    ) -> async_graphql::Result<Option<LeaseCreatePayload>> {
        let wanted = input.clone();
        let done = change(gql, "leaseCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let wanted = draft(wanted)?;
                price_books::lease_book(tx, ctx, &wanted).await?;
                let lease = leasing::lease_create(tx, ctx, wanted).await?;
                let detail = serde_json::json!({ "code": lease.code, "tenant": lease.tenant });
                Ok((lease.id, AuditEntry::new("lease.create", lease.id).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                LeaseCreatePayload { lease: load::<LeaseId>(gql, id).await?.map(Lease::from), ..Default::default() }
            }
            Err(user_errors) => LeaseCreatePayload { user_errors, ..Default::default() },
        }))
    }

    /// Amends a lease: adds the next version of its terms. Invoices issued before stay as they are; what is billed from
    /// then on follows the new version from its first day.
    async fn lease_amend(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeaseAmendInput,
    ) -> async_graphql::Result<Option<LeaseAmendPayload>> {
        let (lease, wanted) = (node::id::<LeaseId>("leaseId", &input.lease_id), input.terms.clone().read());
        let done = change(gql, "leaseAmend", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let lease = lease?;
                price_books::lease_book_amended(tx, ctx, lease, &wanted).await?;
                let lease = leasing::lease_amend(tx, ctx, lease, &wanted).await?;
                let detail = serde_json::json!({ "code": lease.code, "version": lease.versions.len(),
                    "inForceFrom": wanted.in_force_from });
                Ok((lease.id, AuditEntry::new("lease.amend", lease.id).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => LeaseAmendPayload { lease: load(gql, id).await?.map(Lease::from), ..Default::default() },
            Err(user_errors) => LeaseAmendPayload { user_errors, ..Default::default() },
        }))
    }

    /// Allocates seats to the tenant of a lease, all of them or none.
    async fn seats_allocate(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsAllocateInput,
    ) -> async_graphql::Result<Option<SeatsAllocatePayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatsAllocate", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let request = request(&wanted)?;
                let made = leasing::seats_allocate(tx, ctx, &request).await?;
                let ids: Vec<AllocationId> = made.iter().map(|a| a.id).collect();
                let detail = serde_json::json!({ "seats": ids.len(), "from": request.from, "to": request.to });
                let done: Done<_> = Ok((ids, AuditEntry::new("seats.allocate", request.lease).with(detail)));
                done
            })
        });
        Ok(Some(match done.await? {
            Ok(made) => SeatsAllocatePayload { made: Some(made), errors: Vec::new() },
            Err(errors) => SeatsAllocatePayload { made: None, errors },
        }))
    }

    /// Gives seats for others from a day on, under the same lease and for as long as before; all of them or none. A day to
    /// come is a move that is planned.
    async fn seats_move(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsMoveInput,
    ) -> async_graphql::Result<Option<SeatsMovePayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatsMove", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let one = |(n, one): (usize, &SeatMoveInput)| {
                    Ok(leasing::SeatMove {
                        allocation: node::id(format!("moves.{n}.allocationId"), &one.allocation_id)?,
                        to: node::id(format!("moves.{n}.toSeatId"), &one.to_seat_id)?,
                    })
                };
                let moves = wanted.moves.iter().enumerate().map(one).collect::<voxpark_domain::Result<Vec<_>>>()?;
                let end = wanted.end_occupancies.unwrap_or_default();
                let moved = leasing::seats_move(tx, ctx, &moves, wanted.on.0, end).await?;
                let detail =
                    serde_json::json!({ "on": wanted.on, "seats": moves.len(), "occupancies": moved.occupancies });
                Ok((moved, AuditEntry::new("seats.move", "").with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(moved) => SeatsMovePayload { moved: Some(moved), ..Default::default() },
            Err(errors) => SeatsMovePayload { errors, ..Default::default() },
        }))
    }

    /// Ends a lease before its time: releases its seats, when asked so, and adds the version of its terms that ends then.
    async fn lease_end(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeaseEndInput,
    ) -> async_graphql::Result<Option<LeaseEndPayload>> {
        let wanted = input.clone();
        let done = change(gql, "leaseEnd", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let end = leasing::LeaseEnd {
                    lease: node::id("leaseId", &wanted.lease_id)?,
                    on: wanted.on.0,
                    reason: wanted.reason,
                    release_seats: wanted.release_seats.unwrap_or_default(),
                    end_occupancies: wanted.end_occupancies.unwrap_or_default(),
                };
                let lease = leasing::lease_end(tx, ctx, &end).await?;
                let detail = serde_json::json!({ "code": lease.code, "on": end.on });
                Ok((lease.id, AuditEntry::new("lease.end", lease.id).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => LeaseEndPayload { lease: load(gql, id).await?.map(Lease::from), ..Default::default() },
            Err(user_errors) => LeaseEndPayload { user_errors, ..Default::default() },
        }))
    }

    /// Ends allocations on a day, all of them or none. Nobody sits on a seat longer than it is held.
    async fn seats_release(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsReleaseInput,
    ) -> async_graphql::Result<Option<SeatsReleasePayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatsRelease", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let allocations = wanted.allocation_ids.iter().map(|id| node::id("allocationIds", id));
                let request = ReleaseRequest {
                    allocations: allocations.collect::<voxpark_domain::Result<_>>()?,
                    on: wanted.on.0,
                    end_occupancies: wanted.end_occupancies.unwrap_or(false),
                    decreasing: wanted.waiver.map_or(Decreasing::Agreed, Decreasing::Waived),
                };
                let released = leasing::seats_release(tx, ctx, &request).await?;
                let detail = serde_json::json!({ "allocations": request.allocations, "on": wanted.on,
                    "occupancies": released.occupancies });
                Ok((released, AuditEntry::new("seats.release", "").with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(Released { seats, occupancies }) => SeatsReleasePayload {
                count: Some(seats),
                ended_occupancies: Some(occupancies),
                user_errors: Vec::new(),
            },
            Err(user_errors) => SeatsReleasePayload { user_errors, ..Default::default() },
        }))
    }
}
