//! Use cases of leasing.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::agreed::{Decreasing, alone, may_hold, may_release};
use super::amend::{Amendment, amend, read_steps};
use super::clauses::ClausesDraft;
use super::entity::{
    Allocation, Lease, LeaseFilter, LeaseSort, LeaseVersion, LedgerEntry, LedgerKind, Release, Shift, Sitting, release,
};
use super::fit::{MAX_REFUSALS, Wanted, count_ok, fit};
use super::hold::{Holds, hold_use};
use super::proration::Proration;
use super::store::{AllocationsOf, Store};
use super::terms::{BookVersion, LeaseTerms};
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::estate::{self, Outages, Seat, SeatProduct, SeatUseMonth, Span, months_until, seat_days};
use crate::ids::{AllocationId, HoldId, LeaseId, SeatId, TenantId};
use crate::money::{Currency, Money, TaxRate};
use crate::page::{Page, PageRequest, Sort};
use crate::permission::{Action, Resource};
use crate::tenancy::{self, code_ok};
use crate::time::Period;

/// The longest reason for not keeping to a clause, in characters.
const MAX_WAIVER_CHARS: usize = 200;

/// Leases in reach.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn leases(
    store: &dyn Store,
    ctx: &Ctx,
    filter: &LeaseFilter,
    sort: Sort<LeaseSort>,
    page: &PageRequest,
) -> Result<Page<Lease>> {
    ctx.require(Action::Read, Resource::Leasing)?;
    store.leases(filter, ctx.today(), sort, page).await
}

/// How many.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn leases_count(store: &dyn Store, ctx: &Ctx, filter: &LeaseFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::Leasing)?;
    store.leases_count(filter, ctx.today()).await
}

/// Allocations in reach.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn allocations(
    store: &dyn Store,
    ctx: &Ctx,
    of: AllocationsOf,
    on: Option<NaiveDate>,
    page: &PageRequest,
) -> Result<Page<Allocation>> {
    ctx.require(Action::Read, Resource::Leasing)?;
    store.allocations(of, on, page).await
}

/// Seats of a tenant on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantSeatCounts {
    /// The day.
    pub on: NaiveDate,
    /// Seats it holds; one held for two shifts counts once.
    pub leased: i64,
    /// Seats on which it placed somebody; two people on one seat count once.
    pub occupied: i64,
}

/// Seats of tenants on a day; of a tenant without any, zeros.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn tenant_seat_counts(
    store: &dyn Store,
    ctx: &Ctx,
    tenants: &[TenantId],
    on: NaiveDate,
) -> Result<Vec<(TenantId, TenantSeatCounts)>> {
    ctx.require(Action::Read, Resource::Leasing)?;
    let found = store.tenant_seat_counts(tenants, on).await?;
    let found: HashMap<_, _> = found.into_iter().map(|(id, leased, occupied)| (id, (leased, occupied))).collect();
    let counts = |id| {
        let (leased, occupied) = found.get(id).copied().unwrap_or_default();
        TenantSeatCounts { on, leased, occupied }
    };
    Ok(tenants.iter().map(|id| (*id, counts(id))).collect())
}

/// Seat-days of tenants in their last months, oldest first.
///
/// # Errors
/// [`Error::NotFound`] without permission; `months-range`.
pub async fn tenant_seat_use(
    store: &dyn estate::Store,
    ctx: &Ctx,
    tenants: &[TenantId],
    months: i32,
) -> Result<Vec<(TenantId, Vec<SeatUseMonth>)>> {
    ctx.require(Action::Read, Resource::Leasing)?;
    let months = months_until(ctx.today(), estate::months_in_range(months)?);
    let (Some(first), Some(last)) = (months.first(), months.last()) else { return Ok(Vec::new()) };
    let within = Period { from: first.first_day(), to: Some(last.end()) };
    let leased = store.spans_held(within, Some(tenants)).await?;
    let occupied = store.spans_occupied(within, Some(tenants)).await?;
    let days = |spans: &[Span<(TenantId, SeatId)>], tenant: TenantId| {
        seat_days(&months, spans.iter().filter(|s| s.key.0 == tenant).copied())
    };
    let of_tenant = |tenant: &TenantId| {
        let rows = months.iter().zip(days(&leased, *tenant).into_iter().zip(days(&occupied, *tenant)));
        let rows =
            rows.map(|(month, (leased, occupied))| SeatUseMonth { month: *month, built: None, leased, occupied });
        (*tenant, rows.collect())
    };
    Ok(tenants.iter().map(of_tenant).collect())
}

/// What a lease is asked to agree; amounts and rates as text, because they are read in the park's currency.
#[derive(Clone, Debug)]
pub struct LeaseDraft {
    /// With whom.
    pub tenant: TenantId,
    /// 1-30 letters, digits or - _ . /, unique for the tenant.
    pub code: String,
    /// When it was signed.
    pub signed_on: NaiveDate,
    /// First day.
    pub term_from: NaiveDate,
    /// The day after the last.
    pub term_to: NaiveDate,
    /// What is sold.
    pub product: SeatProduct,
    /// For how much a seat-month, in major units.
    pub unit_price: String,
    /// Prices that follow, each from its day, in major units.
    pub price_steps: Vec<(NaiveDate, String)>,
    /// The price book that prices what is held; the unit price is 0 then.
    pub price_book: Option<BookVersion>,
    /// Of every amount; `None` = that of the park. A lease keeps its currency.
    pub currency: Option<Currency>,
    /// Value added tax in percent.
    pub tax_rate_percent: String,
    /// How parts of a month count, see [`Proration::parse`].
    pub proration: String,
    /// Closed ranges inside the term.
    pub rent_free: Vec<Period>,
    /// In major units.
    pub deposit: String,
    /// Days to pay an invoice.
    pub payment_days: i64,
    /// Everything beside the price.
    pub clauses: ClausesDraft,
}

impl LeaseDraft {
    /// The same terms, agreed with a tenant under a code.
    pub(crate) fn new(
        terms: &LeaseTerms,
        clauses: ClausesDraft,
        tenant: TenantId,
        code: String,
        signed_on: NaiveDate,
    ) -> Self {
        Self {
            tenant,
            code,
            signed_on,
            term_from: terms.term_from,
            term_to: terms.term_to,
            product: terms.product,
            unit_price: terms.unit_price.major(),
            price_steps: terms.price_steps.iter().map(|step| (step.from, step.unit_price.major())).collect(),
            price_book: terms.price_book.clone(),
            currency: Some(terms.unit_price.currency),
            tax_rate_percent: terms.tax_rate.to_string(),
            proration: terms.proration.to_string(),
            rent_free: terms.rent_free.clone(),
            deposit: terms.deposit.major(),
            payment_days: terms.payment_days,
            clauses,
        }
    }
}

/// Agrees a lease.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `code-invalid`, `money-invalid`, `tax-rate-invalid`,
/// `tax-rate-range`, `proration-invalid`, `share-invalid`, `share-range`, those of [`LeaseTerms::check`] and
/// [`super::Clauses::check`], `tenant-unknown`, `lease-code-taken`.
pub async fn lease_create<S: Store + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    draft: LeaseDraft,
) -> Result<Lease> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let currency = match draft.currency {
        Some(currency) => currency,
        None => store.park().await?.ok_or(Error::NotFound)?.currency,
    };
    let mut bad = Refusals::new();
    bad.when(!code_ok(&draft.code, 30), || {
        Refusal::new(RefusalCode::Invalid, "code-invalid").at("code").with("max", 30_i64)
    });
    if store.tenants_by_id(&[draft.tenant]).await?.is_empty() {
        bad.push(Refusal::new(RefusalCode::NotFound, "tenant-unknown").at("tenantId"));
    }
    let price_steps = read_steps(&draft.price_steps, currency, &mut bad);
    let clauses = draft.clauses.read(currency, &mut bad);
    let mut keep = |path: &'static str, refusal: Refusal| bad.push(refusal.at(path));
    let zero = Money::zero(currency);
    let terms = LeaseTerms {
        term_from: draft.term_from,
        term_to: draft.term_to,
        product: draft.product,
        unit_price: Money::parse_major(&draft.unit_price, currency).map_err(|r| keep("unitPrice", r)).unwrap_or(zero),
        price_steps,
        price_book: draft.price_book,
        tax_rate: TaxRate::parse_percent(&draft.tax_rate_percent)
            .map_err(|r| keep("taxRatePercent", r))
            .unwrap_or(TaxRate::ZERO),
        proration: Proration::parse(&draft.proration).map_err(|r| keep("proration", r)).unwrap_or(Proration::ByDay),
        rent_free: draft.rent_free,
        deposit: Money::parse_major(&draft.deposit, currency).map_err(|r| keep("deposit", r)).unwrap_or(zero),
        payment_days: draft.payment_days,
    };
    terms.check(&mut bad);
    clauses.check(&terms, &mut bad);
    bad.finish()?;
    let lease = Lease {
        id: ctx.id(),
        tenant: draft.tenant,
        code: draft.code.trim().to_owned(),
        signed_on: draft.signed_on,
        versions: vec![LeaseVersion {
            version: 1,
            in_force_from: terms.term_from,
            terms,
            clauses,
            recorded_at: ctx.now(),
            reason: String::new(),
        }],
    };
    if store.lease_add(&lease, ctx.actor().user).await? {
        ctx.heard().set("signedOn", Seen::of(lease.signed_on));
        lease.versions.iter().for_each(|v| tell_terms(ctx, None, v));
        Ok(lease)
    } else {
        Err(Refusal::new(RefusalCode::Duplicate, "lease-code-taken").at("code").with("code", lease.code).into())
    }
}

/// A lease with the version that an amendment would add. Nothing is stored.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lease-unknown`; those of [`amend`]; `own-zone-shared`
/// when its zones would be its own and others are there.
pub async fn lease_amended<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    lease: LeaseId,
    wanted: &Amendment,
    recorded_at: DateTime<Utc>,
) -> Result<Lease> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let lease = store.leases_by_id(&[lease]).await?.pop();
    let mut lease = lease.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "lease-unknown").at("leaseId"))?;
    let bound = store.lease_bound(lease.id).await?.by(ctx.today());
    let next = amend(&lease, wanted, bound, recorded_at)?;
    if next.clauses.own_zone && !lease.versions.last().is_some_and(|last| last.clauses.own_zone) {
        alone(store, &lease, next.in_force_from).await?;
    }
    lease.versions.push(next);
    Ok(lease)
}

/// Amends a lease: adds the next version of its terms.
///
/// # Errors
/// Those of [`lease_amended`].
pub async fn lease_amend<S: Store + ?Sized>(store: &S, ctx: &Ctx, lease: LeaseId, wanted: &Amendment) -> Result<Lease> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let recorded_at = store.leases_lock(&[lease]).await?.recorded_at(ctx.env().now());
    let lease = lease_amended(store, ctx, lease, wanted, recorded_at).await?;
    if let Some(version) = lease.versions.last() {
        store.lease_version_add(&lease, version, ctx.actor().user).await?;
        tell_terms(ctx, lease.versions.iter().rev().nth(1), version);
        ctx.heard().set("reason", Seen::personal(version.reason.clone()));
    }
    Ok(lease)
}

/// Tells what was agreed before and is now.
fn tell_terms(ctx: &Ctx, before: Option<&LeaseVersion>, after: &LeaseVersion) {
    let fields = |version: &LeaseVersion| {
        let terms = &version.terms;
        let free =
            terms.rent_free.iter().map(|p| format!("{} {}", p.from, p.to.map_or_else(String::new, |d| d.to_string())));
        let steps = terms.price_steps.iter().map(|step| format!("{} {}", step.from, step.unit_price.minor));
        [
            ("inForceFrom", Seen::of(version.in_force_from)),
            ("termFrom", Seen::of(terms.term_from)),
            ("termTo", Seen::of(terms.term_to)),
            ("product", Seen::of(terms.product.name())),
            ("unitPriceMinor", Seen::json(terms.unit_price.minor)),
            ("priceSteps", Seen::of(steps.collect::<Vec<_>>().join(", "))),
            ("priceBook", Seen::maybe(terms.price_book.as_ref())),
            ("currency", Seen::of(format!("{}", terms.unit_price.currency))),
            ("taxRate", Seen::of(format!("{:?}", terms.tax_rate))),
            ("proration", Seen::of(format!("{:?}", terms.proration))),
            ("rentFree", Seen::of(free.collect::<Vec<_>>().join(", "))),
            ("depositMinor", Seen::json(terms.deposit.minor)),
            ("paymentDays", Seen::json(terms.payment_days)),
            ("clauses", Seen::of(version.clauses.told())),
        ]
    };
    let mut was = before.map(fields).into_iter().flatten();
    for (field, to) in fields(after) {
        ctx.heard().changed(field, was.next().map_or(Seen::Nothing, |(_, from)| from), to);
    }
}

/// Which seats are to be held.
#[derive(Clone, Debug)]
pub struct AllocationRequest {
    /// Under which lease.
    pub lease: LeaseId,
    /// Which seats.
    pub seats: Vec<SeatId>,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last; `None` = the end of the lease's term.
    pub to: Option<NaiveDate>,
    /// At what time of the day.
    pub shift: Shift,
    /// The hold that keeps some or all of them for this.
    pub hold: Option<HoldId>,
}

/// Allocates seats to the tenant of a lease, all of them or none, with a constant number of statements.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lease-unsigned` in a park that wants a signed paper
/// first; `seats-per-call`, `id-doubled`, `lease-unknown`, `period-empty`, `allocation-outside-term`, `hold-unknown`, `hold-not-live`, `hold-of-other`; for each seat
/// `seat-unknown`, `seat-not-built`, `seat-product-differs`, `seat-out-of-service`, `seat-held`, `seat-on-hold`,
/// `shift-outside-lease`, `zone-shared`, `zone-apart`; `seats-held-meanwhile`.
pub async fn seats_allocate<S: Store + Holds + Outages + ?Sized>(
    store: &S,
    ctx: &Ctx,
    request: &AllocationRequest,
) -> Result<Vec<Allocation>> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    if store.unsigned(request.lease).await? {
        return Err(Refusal::new(RefusalCode::State, "lease-unsigned").at("leaseId").into());
    }
    allocate(store, ctx, request).await
}

/// The same for seats that go along with something else: whether a paper is signed was asked before.
pub(super) async fn allocate<S: Store + Holds + Outages + ?Sized>(
    store: &S,
    ctx: &Ctx,
    request: &AllocationRequest,
) -> Result<Vec<Allocation>> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    count_ok(&request.seats, "seatIds")?;
    let recorded_at = store.leases_lock(&[request.lease]).await?.recorded_at(ctx.env().now());
    let lease = store.leases_by_id(&[request.lease]).await?.pop();
    let lease = lease.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "lease-unknown").at("leaseId"))?;
    let version = lease.version_on(request.from).ok_or(Error::NotFound)?;
    let terms = &version.terms;
    let term_to = lease.versions.last().map_or(terms.term_to, |v| v.terms.term_to);
    let held = Period::new(request.from, Some(request.to.unwrap_or(term_to))).map_err(|r| r.at("to"))?;
    if held.from < terms.term_from || held.to.is_some_and(|to| to > term_to) {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "allocation-outside-term").at("from");
        return Err(refusal.with("from", terms.term_from).with("to", term_to).into());
    }
    let seats = store.seats_locked(&request.seats).await?;
    let seats: HashMap<SeatId, Seat> = seats.into_iter().map(|s| (s.id, s)).collect();
    store.holds_sweep(&request.seats, ctx.now()).await?;
    if let Some(hold) = request.hold {
        hold_use(store, ctx, hold, lease.tenant, &request.seats).await?;
    }
    let wanted = Wanted { product: Some(terms.product), held, shift: Some(request.shift) };
    fit(store, &request.seats, &seats, wanted).await?;
    let mut bad = may_hold(store, lease.tenant, version, (held, request.shift), (&request.seats, &seats)).await?;
    if !bad.is_empty() {
        bad.truncate(MAX_REFUSALS);
        return Err(Error::Refused(bad));
    }
    let allocation = |seat: &SeatId| Allocation {
        id: ctx.id(),
        tenant: lease.tenant,
        seat: *seat,
        lease: lease.id,
        held,
        shift: request.shift,
        recorded_at,
    };
    let allocations: Vec<_> = request.seats.iter().map(allocation).collect();
    if !store.allocations_add(&allocations).await? {
        // The database found what the look before did not: somebody wrote past the locks.
        return Err(Refusal::new(RefusalCode::Conflict, "seats-held-meanwhile").at("seatIds").into());
    }
    let entry = |a: &Allocation, kind, effective_on| LedgerEntry {
        id: ctx.id(),
        allocation: a.clone(),
        kind,
        effective_on,
        recorded_at: a.recorded_at,
    };
    for allocation in &allocations {
        ctx.heard().set(allocation.id.to_string(), Seen::of(allocation.seat));
    }
    let begins = allocations.iter().map(|a| entry(a, LedgerKind::Allocate, held.from));
    let ends = allocations.iter().filter_map(|a| held.to.map(|to| entry(a, LedgerKind::Release, to)));
    store.ledger_add(&begins.chain(ends).collect::<Vec<_>>(), ctx.actor().user).await?;
    Ok(allocations)
}

/// Which allocations are to end.
#[derive(Clone, Debug)]
pub struct ReleaseRequest {
    /// Which.
    pub allocations: Vec<AllocationId>,
    /// The first day on which the seats are free.
    pub on: NaiveDate,
    /// Whether people who would still sit there lose their seat on that day; otherwise they are in the way.
    pub end_occupancies: bool,
    /// What the release means to the clauses of its leases.
    pub decreasing: Decreasing,
}

/// What a release came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Released {
    /// Allocations that ended or never were.
    pub seats: usize,
    /// Placements of people that ended with them or never were.
    pub occupancies: i64,
}

/// Ends allocations on a day: held until the day before. One that would end on its first day never was, which the ledger
/// says; it is then no longer among the allocations. Nobody sits longer than the seat is held. All of them or none, with
/// a constant number of statements.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `seats-per-call`, `id-doubled`; for each allocation
/// `allocation-unknown`, those of [`release`], and `seat-occupied` unless the occupancies are to end too; for each lease
/// `decrease-notice`, `decrease-too-early`, `seats-below-minimum`, unless that is waived: then `text-required`,
/// `text-too-long` of the reason.
pub async fn seats_release<S: Store + ?Sized>(store: &S, ctx: &Ctx, request: &ReleaseRequest) -> Result<Released> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let (ids, on) = (&request.allocations, request.on);
    count_ok(ids, "allocationIds")?;
    let recorded_at = store.leases_lock_of(ids).await?.recorded_at(ctx.env().now());
    let found = store.allocations_locked(ids).await?;
    let found: HashMap<AllocationId, (Allocation, String)> = found.into_iter().map(|f| (f.0.id, f)).collect();
    let sitting: HashMap<AllocationId, Sitting> =
        store.sitting_beyond(ids, on).await?.into_iter().map(|s| (s.allocation, s)).collect();
    let (mut ended, mut reversed, mut entries, mut bad) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (at, id) in ids.iter().enumerate() {
        let path = format!("allocationIds.{at}");
        let Some((allocation, seat)) = found.get(id) else {
            bad.push(Refusal::new(RefusalCode::NotFound, "allocation-unknown").at(path));
            continue;
        };
        let kind = match release(allocation.held, on) {
            Err(refusal) => {
                bad.push(refusal.at(path).with("seat", seat.as_str()));
                continue;
            }
            Ok(Release::End) => {
                ended.push(*id);
                LedgerKind::Release
            }
            Ok(Release::Reverse) => {
                reversed.push(*id);
                LedgerKind::Reverse
            }
        };
        if let Some(sitting) = sitting.get(id).filter(|_| !request.end_occupancies) {
            let refusal = Refusal::new(RefusalCode::State, "seat-occupied").at(path).with("seat", seat.as_str());
            bad.push(refusal.with("people", sitting.people).with("until", sitting.until));
        }
        ctx.heard().changed(format!("{id} heldTo"), Seen::maybe(allocation.held.to), Seen::of(on));
        entries.push(LedgerEntry { id: ctx.id(), allocation: allocation.clone(), kind, effective_on: on, recorded_at });
    }
    match &request.decreasing {
        Decreasing::Agreed => {
            let released: Vec<&Allocation> = ids.iter().filter_map(|id| found.get(id)).map(|f| &f.0).collect();
            bad.extend(may_release(store, ctx.today(), on, &released).await?);
        }
        Decreasing::Waived(reason) => {
            let mut why = Refusals::new();
            why.text("waiver", reason.trim(), true, MAX_WAIVER_CHARS);
            why.finish()?;
            ctx.heard().set("waiver", Seen::personal(reason.trim().to_owned()));
        }
        Decreasing::No => {}
    }
    if !bad.is_empty() {
        bad.truncate(MAX_REFUSALS);
        return Err(Error::Refused(bad));
    }
    if !sitting.is_empty() {
        store.sitting_end(ids, on, recorded_at).await?;
    }
    store.allocations_end(&ended, on, recorded_at).await?;
    store.allocations_remove(&reversed).await?;
    store.ledger_add(&entries, ctx.actor().user).await?;
    Ok(Released { seats: ids.len(), occupancies: sitting.values().map(|s| s.people).sum() })
}
