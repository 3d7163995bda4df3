//! Leases, allocations and what a tenant holds.

mod change;
mod clauses;
mod hold;
mod indexing;
mod load;
mod renew;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, MergedObject, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::Error;
use voxpark_domain::ids::{LeaseId, TenantId};
use voxpark_domain::leasing::{self, AllocationsOf, LeaseSort};
use voxpark_domain::page::{Page, Sort};

pub(crate) use self::change::{DateRangeInput, LeaseAmendmentInput, LeasePriceStepInput, LeasingMutation, currency};
use self::clauses::LeaseClauses;
pub(crate) use self::hold::{HoldMutation, HoldOn, HoldOrderField, ParkHolds, SeatHold, SeatHoldPayload, shift};
pub(crate) use self::indexing::{IndexMutation, ParkIndex};
pub(crate) use self::load::HoldersOn;
use self::load::{
    AllocationsFirst, AllocationsOn, LeaseSeats, LeaseTransfers, LeasesFirst, LeasesOf, TenantSeats, TenantUse,
};
use self::renew::LeaseTransfer;
pub(crate) use self::renew::RenewalMutation;
use crate::billing::LeaseBilling;
use crate::error::Fault as _;
use crate::estate::{Seat, SeatProduct, SeatUseMonth, day};
use crate::load::{load, load_known};
use crate::node;
use crate::page::{self, Order, Paged, counted, counter, paged};
use crate::papers::LeasePapers;
use crate::request::Asking as _;
use crate::scalar::{Date, DateRange, Money};
use crate::settling::LeaseSettlement;
use crate::straight_lines::LeaseStraightLine;
use crate::tenancy::Tenant;

/// Where a lease is in its life.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "leasing::LeaseState")]
pub(crate) enum LeaseState {
    /// Its term has not begun.
    Upcoming,
    /// Its term runs.
    Running,
    /// Its term is over.
    Ended,
}

/// A contract of a tenant with its park; amended by versions, never edited.
#[derive(MergedObject, Clone)]
pub(crate) struct Lease(LeaseCore, LeaseBilling, LeaseStraightLine, LeasePapers, LeaseSettlement);

impl From<Arc<leasing::Lease>> for Lease {
    fn from(lease: Arc<leasing::Lease>) -> Self {
        let id = lease.id;
        Self(LeaseCore(lease), LeaseBilling(id), LeaseStraightLine(id), LeasePapers(id), LeaseSettlement(id))
    }
}

impl Lease {
    pub(crate) async fn id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.0.id.to_string().into())
    }
}

#[derive(Clone)]
pub(crate) struct LeaseCore(Arc<leasing::Lease>);

#[Object]
impl LeaseCore {
    /// Stable id.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Unique for the tenant.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// Whose it is.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Tenant> {
        load_known(gql, self.0.tenant).await.map(Tenant::from)
    }
    /// When it was signed.
    async fn signed_on(&self) -> Date {
        self.0.signed_on.into()
    }
    /// What applies on a day; before the lease is in force what will.
    async fn terms(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<LeaseTerms> {
        let version = self.0.version_on(day(gql, on)?);
        version.map(LeaseTerms::from).ok_or_else(|| gql.fault(&Error::internal("a lease without a version")))
    }
    /// Everything that was agreed, oldest first.
    async fn versions(&self) -> Vec<LeaseTerms> {
        self.0.versions.iter().map(LeaseTerms::from).collect()
    }
    /// Seats held under it on a day; one held for two shifts counts once.
    async fn seat_count(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<i64> {
        let on = day(gql, on)?;
        Ok(load(gql, LeaseSeats { lease: self.0.id, on }).await?.unwrap_or(0))
    }
    /// Allocations under it, in the order they were made.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn allocations(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only those that cover this day.")] on: Option<Date>,
    ) -> async_graphql::Result<Paged<Allocation>> {
        allocations(gql, AllocationsOf::Lease(self.0.id), on, first, after).await
    }
    /// The lease of another tenant that it was before; for the park alone.
    async fn transferred_from(&self, gql: &Context<'_>) -> async_graphql::Result<Option<LeaseTransfer>> {
        self.transfer(gql, |(_, from, to)| (to == self.0.id).then_some(from)).await
    }
    /// The lease of another tenant that it became; for the park alone.
    async fn transferred_to(&self, gql: &Context<'_>) -> async_graphql::Result<Option<LeaseTransfer>> {
        self.transfer(gql, |(_, from, to)| (from == self.0.id).then_some(to)).await
    }
    /// Where it is in its life on a day.
    async fn state(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<LeaseState> {
        Ok(self.0.state(day(gql, on)?).into())
    }
}

impl LeaseCore {
    /// The transfer in which it has the other part.
    async fn transfer(
        &self,
        gql: &Context<'_>,
        other: impl Fn((NaiveDate, LeaseId, LeaseId)) -> Option<LeaseId>,
    ) -> async_graphql::Result<Option<LeaseTransfer>> {
        let all = load(gql, LeaseTransfers(self.0.id)).await?.unwrap_or_default();
        let Some((on, lease)) = all.into_iter().find_map(|t| other(t).map(|lease| (t.0, lease))) else {
            return Ok(None);
        };
        Ok(Some(LeaseTransfer { on: on.into(), lease: load_known(gql, lease).await.map(Lease::from)? }))
    }
}

/// One version of what a lease agrees.
#[derive(SimpleObject)]
pub(crate) struct LeaseTerms {
    /// 1, 2, ...
    version: i64,
    /// The first day on which it applies.
    in_force_from: Date,
    /// First day of the lease.
    term_from: Date,
    /// The day after its last.
    term_to: Date,
    /// What is sold.
    product: SeatProduct,
    /// For a seat and month, before tax, until the first step.
    unit_price: Money,
    /// Prices that follow, in order.
    price_steps: Vec<LeasePriceStep>,
    /// The price book that prices what is held, in the place of a price, which is 0 then; null = there is none.
    price_book: Option<LeasePriceBook>,
    /// Value added tax in percent: `6`, `9.5`.
    tax_rate: String,
    /// How parts of a month count: `by_day`, `fixed_thirty`, `full_month_before_16`, `none`.
    proration: String,
    /// Days on which seats are held and nothing is charged.
    rent_free: Vec<DateRange>,
    /// The deposit for the whole lease.
    deposit: Money,
    /// Days to pay an invoice.
    payment_days: i64,
    /// What it agrees beside the price.
    clauses: LeaseClauses,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// Why it replaced what was agreed before; empty for the first version.
    reason: String,
}

/// A version of a price book that a lease names.
#[derive(SimpleObject, Clone)]
pub(crate) struct LeasePriceBook {
    /// Id of the book.
    pub(crate) book: String,
    /// Its version.
    pub(crate) version: u32,
}

/// A new price from a day on.
#[derive(SimpleObject, Clone)]
pub(crate) struct LeasePriceStep {
    /// The first day on which it applies.
    from: Date,
    /// For a seat and month from then on, before tax.
    unit_price: Money,
}

impl From<&leasing::PriceStep> for LeasePriceStep {
    fn from(step: &leasing::PriceStep) -> Self {
        Self { from: step.from.into(), unit_price: step.unit_price.into() }
    }
}

impl From<&leasing::LeaseVersion> for LeaseTerms {
    fn from(version: &leasing::LeaseVersion) -> Self {
        let terms = &version.terms;
        let range = |p: &voxpark_domain::time::Period| DateRange { from: p.from.into(), to: p.to.map(Date) };
        Self {
            version: version.version,
            in_force_from: version.in_force_from.into(),
            term_from: terms.term_from.into(),
            term_to: terms.term_to.into(),
            product: terms.product.into(),
            unit_price: terms.unit_price.into(),
            price_steps: terms.price_steps.iter().map(Into::into).collect(),
            price_book: terms
                .price_book
                .as_ref()
                .map(|named| LeasePriceBook { book: named.book.clone(), version: named.version }),
            tax_rate: terms.tax_rate.to_string(),
            proration: terms.proration.to_string(),
            rent_free: terms.rent_free.iter().map(range).collect(),
            deposit: terms.deposit.into(),
            payment_days: terms.payment_days,
            clauses: LeaseClauses::new(&version.clauses, terms.unit_price.currency),
            recorded_at: version.recorded_at,
            reason: version.reason.clone(),
        }
    }
}

/// A tenant holds a seat for a period and a part of the day.
#[derive(Clone)]
pub(crate) struct Allocation(Arc<leasing::Allocation>);

impl From<Arc<leasing::Allocation>> for Allocation {
    fn from(allocation: Arc<leasing::Allocation>) -> Self {
        Self(allocation)
    }
}

/// A tenant holds a seat for a period and a part of the day.
#[Object]
impl Allocation {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// What is held.
    async fn seat(&self, gql: &Context<'_>) -> async_graphql::Result<Seat> {
        load_known(gql, self.0.seat).await.map(Seat::from)
    }
    /// Under which lease.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Lease> {
        load_known(gql, self.0.lease).await.map(Lease::from)
    }
    /// Who holds it.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Tenant> {
        load_known(gql, self.0.tenant).await.map(Tenant::from)
    }
    /// First day.
    async fn held_from(&self) -> Date {
        self.0.held.from.into()
    }
    /// The day after the last.
    async fn held_to(&self) -> Option<Date> {
        self.0.held.to.map(Date)
    }
    /// First minute of the day, 0 to 1439.
    async fn shift_from_min(&self) -> i64 {
        self.0.shift.from_min
    }
    /// The minute after the last; beyond 1440 it is on the next day.
    async fn shift_to_min(&self) -> i64 {
        self.0.shift.to_min
    }
}

/// Seats of a tenant on a day.
#[derive(SimpleObject, Clone)]
pub(crate) struct TenantSeatCounts {
    /// The day.
    on: Date,
    /// Seats it holds; one held for two shifts counts once.
    leased: i64,
    /// Seats on which it placed somebody; two people on one seat count once.
    occupied: i64,
}

/// A list of allocations. The first page of many owners at once is one statement.
async fn allocations(
    gql: &Context<'_>,
    of: AllocationsOf,
    on: Option<Date>,
    first: Option<i32>,
    after: Option<String>,
) -> async_graphql::Result<Paged<Allocation>> {
    let (ask, on) = (page::request(first, after).map_err(|e| gql.fault(&e))?, on.map(|d| d.0));
    let page = if ask.after.is_none() {
        let list = load(gql, AllocationsFirst { of, on, first: ask.first }).await?;
        list.map(|list| Page::from_rows(&ask, list.into_iter().map(|a| (a.id.to_string(), a)).collect()))
    } else {
        let request = gql.request();
        let read = async { leasing::allocations(&*request.read().await?, request.ctx()?, of, on, &ask).await };
        gql.nullable(read.await)?.map(Page::shared)
    };
    Ok(paged(page, counted(AllocationsOn { of, on }), Allocation::from))
}

/// What leases can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "LeaseSort")]
pub(crate) enum LeaseOrderField {
    /// The code of the tenant, then their own.
    Tenant,
    /// Their own code.
    Code,
    /// How many seats are held under them today.
    Seats,
    /// What a seat costs by the terms agreed now.
    UnitPrice,
    /// The first day of the term agreed now.
    TermFrom,
    /// The day after its last.
    TermTo,
}

/// Which leases.
#[derive(InputObject)]
pub(crate) struct LeaseFilter {
    /// That stand so today, by the terms that are agreed now.
    state: Option<LeaseState>,
    /// That end on this day or before, and have not ended yet.
    ends_by: Option<Date>,
    /// Whose price follows an index next on this day or before, and before they end.
    index_by: Option<Date>,
    /// True: under which no seat is held today.
    without_seats: Option<bool>,
}

impl LeaseFilter {
    fn read(filter: Option<Self>, tenant: Option<TenantId>) -> leasing::LeaseFilter {
        let Some(filter) = filter else { return leasing::LeaseFilter { tenant, ..leasing::LeaseFilter::default() } };
        leasing::LeaseFilter {
            tenant,
            state: filter.state.map(Into::into),
            ends_by: filter.ends_by.map(|day| day.0),
            index_by: filter.index_by.map(|day| day.0),
            without_seats: filter.without_seats.unwrap_or_default(),
        }
    }
}

async fn leases(
    gql: &Context<'_>,
    filter: leasing::LeaseFilter,
    order: Option<Order<LeaseOrderField>>,
    first: Option<i32>,
    after: Option<String>,
) -> async_graphql::Result<Paged<Lease>> {
    let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
    // All of a tenant are loaded together with those of the others on a page.
    let of =
        filter.tenant.filter(|tenant| filter == leasing::LeaseFilter { tenant: Some(*tenant), ..Default::default() });
    let own = Sort { by: LeaseSort::Code, descending: false };
    let sort = if order.is_none() && of.is_some() { own } else { Order::read(order) };
    let page = if let Some(tenant) = of.filter(|_| ask.after.is_none() && sort == own) {
        let list = load(gql, LeasesFirst { tenant, first: ask.first }).await?;
        let keyed = |l: Arc<leasing::Lease>| (sort.cursor([l.code.as_str(), &l.id.to_string()]), l);
        list.map(|list| Page::from_rows(&ask, list.into_iter().map(keyed).collect()))
    } else {
        let request = gql.request();
        let read = async { leasing::leases(&*request.read().await?, request.ctx()?, &filter, sort, &ask).await };
        gql.nullable(read.await)?.map(Page::shared)
    };
    let count = if let Some(tenant) = of {
        counted(LeasesOf(tenant))
    } else {
        counter!(gql, "", [filter] | ctx, tx | async move { leasing::leases_count(tx, ctx, &filter).await })
    };
    Ok(paged(page, count, Lease::from))
}

/// The leases of a park.
#[derive(Clone)]
pub(crate) struct ParkLeasing;

/// The leases of a park.
#[Object]
impl ParkLeasing {
    /// Leases by tenant and code: all for staff of the park, its own for staff of a tenant.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn leases(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only of this tenant.")] tenant_id: Option<ID>,
        #[graphql(desc = "Only these; all when left out.")] filter: Option<LeaseFilter>,
        #[graphql(desc = "By what; by tenant and code when left out.")] order_by: Option<Order<LeaseOrderField>>,
    ) -> async_graphql::Result<Paged<Lease>> {
        let of = tenant_id.map(|id| node::id::<TenantId>("tenantId", &id)).transpose().map_err(|e| gql.fault(&e))?;
        leases(gql, LeaseFilter::read(filter, of), order_by, first, after).await
    }
}

/// What a tenant holds; for itself and its park.
#[derive(Clone)]
pub(crate) struct TenantLeasing(pub(crate) TenantId);

/// What a tenant holds; for itself and its park.
#[Object]
impl TenantLeasing {
    /// Its leases by code; for itself and its park.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn leases(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<Lease>> {
        leases(gql, LeaseFilter::read(None, Some(self.0)), None, first, after).await
    }
    /// Its allocations in the order they were made; for itself and its park.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn allocations(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only those that cover this day.")] on: Option<Date>,
    ) -> async_graphql::Result<Paged<Allocation>> {
        allocations(gql, AllocationsOf::Tenant(self.0), on, first, after).await
    }
    /// How many seats it holds and uses on a day; null for anybody but itself and its park.
    async fn seat_counts(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<TenantSeatCounts>> {
        let on: NaiveDate = day(gql, on)?;
        let counts = load(gql, TenantSeats { tenant: self.0, on }).await?;
        Ok(counts.map(|c| TenantSeatCounts { on: c.on.into(), leased: c.leased, occupied: c.occupied }))
    }
    /// Its seat-days of the last months, this one last; empty for anybody but itself and its park.
    async fn seat_use(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many months, 1 to 36; 13 when left out.")] months: Option<i32>,
    ) -> async_graphql::Result<Vec<SeatUseMonth>> {
        let months = load(gql, TenantUse { tenant: self.0, months: months.unwrap_or(13) }).await?;
        Ok(months.unwrap_or_default().into_iter().map(SeatUseMonth::from).collect())
    }
}
