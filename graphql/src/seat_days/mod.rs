//! Seat-days: leased, occupied, effective and logged in.

mod import;

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::ids::{FloorId, PersonId, SeatId, TenantId, ZoneId};
use voxpark_domain::page::Page;
use voxpark_domain::seat_days::{self, Ask, EffectiveRule, Figures, RulePack};
use voxpark_domain::{Error, Result};

use crate::cost::in_lang;
use crate::error::Fault as _;
use crate::estate::{Seat, SeatProduct, Zone};
use crate::load::{load, load_known};
use crate::node;
use crate::page::{self, Paged, known, paged};
use crate::people::Person;
use crate::request::Asking as _;
use crate::scalar::{Date, DateRange, Month};
use crate::tenancy::Tenant;

pub(crate) use import::SeatFactsMutation;

/// When a seat is effective: as an incentive defines it.
#[derive(SimpleObject, Clone)]
pub(crate) struct EffectiveSeatRule {
    /// Name and version in one, for example `seat-12-months.v1`.
    id: String,
    /// What it is called, in the caller's language.
    title: String,
    /// What it asks, in the caller's language.
    text: String,
    /// The labour contract in force is agreed for at least so many months; 0 = none is asked for.
    contract_months: u32,
    /// Whether a month has to be proven as paid.
    payroll: bool,
    /// Whether a month has to be proven as insured.
    insurance: bool,
    /// So many proven months are asked for.
    months: u32,
    /// Within so many months in a row.
    within: u32,
    /// By how many persons at most the months of a seat may be made up; null = the months are one person's, on whatever seats.
    persons: Option<u32>,
    /// Who defines it so.
    source: String,
    /// Since when this version is published.
    published_on: Date,
    /// Whether it is used unless another is chosen.
    is_default: bool,
}

impl EffectiveSeatRule {
    fn of(gql: &Context<'_>, rule: &EffectiveRule) -> Self {
        let lang = gql.request().lang();
        let default = RulePack::built_in().is_ok_and(|pack| pack.latest(&pack.default) == Some(rule));
        Self {
            id: rule.reference(),
            title: in_lang(&rule.title, lang).to_owned(),
            text: in_lang(&rule.text, lang).to_owned(),
            contract_months: rule.contract_months,
            payroll: rule.payroll,
            insurance: rule.insurance,
            months: rule.months,
            within: rule.within,
            persons: (rule.run_of == seat_days::RunOf::Seat).then_some(rule.persons),
            source: rule.source.clone(),
            published_on: rule.date.into(),
            is_default: default,
        }
    }
}

/// Which seats are counted; conditions left out do not narrow.
#[derive(InputObject, Default)]
pub(crate) struct SeatDaysFilter {
    /// Of this tenant.
    tenant_id: Option<ID>,
    /// Of this zone.
    zone_id: Option<ID>,
}

/// The views of the time line of seats. Each lies within the one before, but for effective and logged in, which lie side by
/// side within occupied.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub(crate) enum SeatView {
    /// The seat exists.
    Built,
    /// A tenant holds it, in whichever shift window.
    Leased,
    /// It is leased, and somebody sits there or was logged in there.
    Occupied,
    /// It is occupied by somebody who is employed as the rule asks.
    Effective,
    /// It is occupied by somebody who was logged in.
    LoggedIn,
}

impl SeatView {
    fn of(self, views: &SeatViews) -> i64 {
        match self {
            Self::Built => views.built,
            Self::Leased => views.leased,
            Self::Occupied => views.occupied,
            Self::Effective => views.effective,
            Self::LoggedIn => views.logged_in.unwrap_or_default(),
        }
    }
}

/// A number for each view.
#[derive(SimpleObject, Clone, Copy)]
pub(crate) struct SeatViews {
    /// Seats that exist; 0 in figures of one tenant, whose they are not.
    built: i64,
    /// Held by a tenant, in whichever shift window.
    leased: i64,
    /// Leased, and somebody sits there or was logged in there.
    occupied: i64,
    /// Occupied by somebody who is employed as the rule asks.
    effective: i64,
    /// Occupied by somebody who was logged in; null of a single seat for anybody but its tenant: it would tell who came to
    /// work when.
    logged_in: Option<i64>,
}

impl From<seat_days::Views<i64>> for SeatViews {
    fn from(views: seat_days::Views<i64>) -> Self {
        let seat_days::Views { built, leased, occupied, effective, logged_in } = views;
        Self { built, leased, occupied, effective, logged_in: Some(logged_in) }
    }
}

/// What was counted over some days.
#[derive(SimpleObject, Clone, Copy)]
pub(crate) struct SeatTally {
    /// Seat-days: seats x days. A seat counts once a day, whatever the shifts and persons on it.
    seat_days: SeatViews,
    /// Seats with at least one such day.
    seats: SeatViews,
}

impl From<seat_days::Tally> for SeatTally {
    fn from(tally: seat_days::Tally) -> Self {
        Self { seat_days: tally.days.into(), seats: tally.seats.into() }
    }
}

/// A calendar month, or the part of it that is asked for.
#[derive(SimpleObject, Clone, Copy)]
pub(crate) struct SeatMonth {
    /// The month.
    month: Month,
    /// What was counted.
    tally: SeatTally,
}

/// Figures of a tenant over the days asked for.
#[derive(SimpleObject, Clone)]
pub(crate) struct TenantSeatDays {
    /// All days together.
    total: SeatTally,
    /// Month by month, oldest first.
    months: Vec<SeatMonth>,
}

/// The figures of one tenant.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct SeatDaysOfTenant {
    #[graphql(skip)]
    id: TenantId,
    /// What was counted.
    tally: SeatTally,
}

/// The figures of one tenant.
#[ComplexObject]
impl SeatDaysOfTenant {
    /// The tenant.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        Ok(load(gql, self.id).await?.map(Tenant::from))
    }
}

/// The figures of one zone.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct SeatDaysOfZone {
    #[graphql(skip)]
    id: ZoneId,
    /// What was counted.
    tally: SeatTally,
}

/// The figures of one zone.
#[ComplexObject]
impl SeatDaysOfZone {
    /// The zone.
    async fn zone(&self, gql: &Context<'_>) -> async_graphql::Result<Zone> {
        load_known(gql, self.id).await.map(Zone::from)
    }
}

/// The figures of one product.
#[derive(SimpleObject)]
pub(crate) struct SeatDaysOfProduct {
    /// The product.
    product: SeatProduct,
    /// What was counted.
    tally: SeatTally,
}

/// The figures of one seat.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct SeatDaysOfSeat {
    #[graphql(skip)]
    id: SeatId,
    /// Seat-days.
    seat_days: SeatViews,
}

/// The figures of one seat.
#[ComplexObject]
impl SeatDaysOfSeat {
    /// The seat.
    async fn seat(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Seat>> {
        Ok(load(gql, self.id).await?.map(Seat::from))
    }
}

/// What was leased, occupied, effective and logged in over some days: of the whole park for its staff, of the own seats for
/// staff of a tenant.
pub(crate) struct SeatDays {
    ask: Ask,
    rule: &'static EffectiveRule,
    figures: Arc<Figures>,
}

/// Reads figures, once a request however many fields ask for the same.
async fn figures(gql: &Context<'_>, ask: &Ask) -> Result<Arc<Figures>> {
    let request = gql.request();
    let question = format!("seat days {ask:?}");
    let read = async {
        let ctx = request.ctx()?;
        let found = if seat_days::counted_for(ctx) {
            seat_days::seat_days(&*request.services.statistics().await?, ctx, ask).await
        } else {
            seat_days::seat_days(&*request.read().await?, ctx, ask).await
        };
        found.map(Arc::new)
    };
    request.once(question, read).await
}

/// The seats of a floor that are effective on a day by the default rule.
pub(crate) async fn effective_on(gql: &Context<'_>, floor: FloorId, on: NaiveDate) -> Result<Arc<HashSet<SeatId>>> {
    let read = async {
        let to = on.succ_opt().ok_or_else(|| Error::internal("the last day there is"))?;
        let ask = Ask { from: on, to, floor: Some(floor), list: true, ..Ask::default() };
        let figures = figures(gql, &ask).await?;
        let effective = figures.seats.iter().filter(|(_, views)| views.effective > 0).map(|(id, _)| *id);
        Ok(Arc::new(effective.collect()))
    };
    gql.request().once(format!("effective on {floor} {on}"), read).await
}

fn months(figures: &Figures, series: &seat_days::Series) -> Vec<SeatMonth> {
    let month = |(month, tally): (&_, &seat_days::Tally)| SeatMonth { month: Month(*month), tally: (*tally).into() };
    figures.months.iter().zip(&series.months).map(month).collect()
}

/// What was leased, occupied, effective and logged in over some days: of the whole park for its staff, of the own seats for
/// staff of a tenant.
#[Object]
impl SeatDays {
    /// The days.
    async fn period(&self) -> DateRange {
        DateRange { from: self.ask.from.into(), to: Some(self.ask.to.into()) }
    }
    /// As recorded by the end of this day; null = as known now.
    async fn known_on(&self) -> Option<Date> {
        self.ask.known_on.map(Date::from)
    }
    /// The rule by which seats are effective.
    async fn rule(&self, gql: &Context<'_>) -> EffectiveSeatRule {
        EffectiveSeatRule::of(gql, self.rule)
    }
    /// All seats and days together. A seat that several tenants share on a day counts once.
    async fn total(&self) -> SeatTally {
        self.figures.total.whole.into()
    }
    /// Month by month, oldest first; a month counts with the days of it that are asked for.
    async fn months(&self) -> Vec<SeatMonth> {
        months(&self.figures, &self.figures.total)
    }
    /// A row a tenant that held seats.
    async fn tenants(&self) -> Vec<SeatDaysOfTenant> {
        let row =
            |(id, series): &(TenantId, seat_days::Series)| SeatDaysOfTenant { id: *id, tally: series.whole.into() };
        self.figures.tenants.iter().map(row).collect()
    }
    /// A row a zone.
    async fn zones(&self) -> Vec<SeatDaysOfZone> {
        let row = |(id, series): &(ZoneId, seat_days::Series)| SeatDaysOfZone { id: *id, tally: series.whole.into() };
        self.figures.zones.iter().map(row).collect()
    }
    /// A row a product, the plainest first.
    async fn products(&self) -> Vec<SeatDaysOfProduct> {
        let row = |(product, series): &(voxpark_domain::estate::SeatProduct, seat_days::Series)| SeatDaysOfProduct {
            product: (*product).into(),
            tally: series.whole.into(),
        };
        self.figures.products.iter().map(row).collect()
    }
    /// The seats behind the figures, by code.
    #[graphql(complexity = "50 + crate::page::cost(first, child_complexity)")]
    async fn seats(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only seats with at least one day in this view.")] with: Option<SeatView>,
        #[graphql(desc = "Only seats without a day in this view.")] without: Option<SeatView>,
    ) -> async_graphql::Result<Paged<SeatDaysOfSeat>> {
        let read = async {
            let ask = page::request(first, after)?;
            let figures = figures(gql, &Ask { list: true, ..self.ask.clone() }).await?;
            let told = !seat_days::counted_for(gql.request().ctx()?);
            // Who came to work when is the tenant's; nor may a choice of seats tell it.
            if !told && (with == Some(SeatView::LoggedIn) || without == Some(SeatView::LoggedIn)) {
                return Err(Error::NotFound);
            }
            let view = |views: &seat_days::Views<i64>| {
                let all = SeatViews::from(*views);
                SeatViews { logged_in: all.logged_in.filter(|_| told), ..all }
            };
            let chosen =
                figures.seats.iter().map(|(id, views)| (*id, view(views))).filter(|(_, views)| {
                    with.is_none_or(|v| v.of(views) > 0) && without.is_none_or(|v| v.of(views) == 0)
                });
            let chosen: Vec<_> = chosen.collect();
            let total = i64::try_from(chosen.len()).map_err(Error::internal)?;
            let after = ask.after.as_deref().and_then(|after| after.parse::<SeatId>().ok());
            let begin = after.and_then(|after| chosen.iter().position(|(id, _)| *id == after)).map_or(0, |at| at + 1);
            let wanted = usize::try_from(ask.first).map_err(Error::internal)? + 1;
            let items = chosen.into_iter().skip(begin).take(wanted).map(|(id, views)| (id.to_string(), (id, views)));
            Ok((Page::from_rows(&ask, items.collect()), total))
        };
        let found = gql.nullable(read.await)?;
        let total = found.as_ref().map_or(0, |(_, total)| *total);
        let page = found.map(|(page, _)| page);
        Ok(paged(page, known(total), |(id, seat_days)| SeatDaysOfSeat { id, seat_days }))
    }
}

/// What a row of the time line of a seat says.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "seat_days::RowKind")]
pub(crate) enum SeatLedgerKind {
    /// A tenant holds the seat.
    Allocation,
    /// Somebody sits there.
    Occupancy,
    /// Somebody was logged in, on a day.
    Presence,
    /// The labour contract of somebody who sat there.
    Contract,
    /// Somebody who sat there was paid for a month.
    Payroll,
    /// Somebody who sat there was insured for a month.
    Insurance,
}

/// A row of the time line of a seat, as it was recorded. Rows are only ever added: what turns out otherwise is taken back by
/// a row of its own.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct SeatLedgerRow {
    /// What it says.
    kind: SeatLedgerKind,
    /// Whether it says that something is so; otherwise it takes back that it was.
    holds: bool,
    /// When it is true.
    period: DateRange,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    #[graphql(skip)]
    tenant_id: TenantId,
    #[graphql(skip)]
    person_id: Option<PersonId>,
}

/// A row of the time line of a seat.
#[ComplexObject]
impl SeatLedgerRow {
    /// Of which tenant.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        Ok(load(gql, self.tenant_id).await?.map(Tenant::from))
    }
    /// Of whom; null for anybody but staff of the tenant who may read people.
    async fn person(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.person_id {
            Some(id) => Ok(load(gql, id).await?.map(Person::from)),
            None => Ok(None),
        }
    }
}

/// The seat ledger of a park.
#[derive(Clone)]
pub(crate) struct ParkSeatDays;

/// The seat ledger of a park.
#[Object]
impl ParkSeatDays {
    /// The rules by which seats can be effective.
    async fn effective_seat_rules(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<EffectiveSeatRule>> {
        let pack = RulePack::built_in().map_err(|e| gql.fault(&e))?;
        Ok(pack.rule.iter().map(|rule| EffectiveSeatRule::of(gql, rule)).collect())
    }

    /// Seats leased, occupied, effective and logged in over some days, as known on any day: of the whole park for its staff,
    /// of the own seats for staff of a tenant; null for anybody else.
    #[graphql(complexity = "100 + child_complexity")]
    async fn seat_days(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "First day.")] from: Date,
        #[graphql(desc = "The day after the last; the days lie in at most 60 calendar months.")] to: Date,
        #[graphql(desc = "As recorded by the end of this day; as known now when left out.")] known_on: Option<Date>,
        #[graphql(desc = "The rule by which seats are effective: its id, with or without the version.")]
        rule_id: Option<String>,
        #[graphql(desc = "What narrows them.")] filter: Option<SeatDaysFilter>,
    ) -> async_graphql::Result<Option<SeatDays>> {
        let read = async {
            let SeatDaysFilter { tenant_id, zone_id } = filter.unwrap_or_default();
            let ask = Ask {
                from: from.0,
                to: to.0,
                known_on: known_on.map(|on| on.0),
                rule: rule_id,
                tenant: tenant_id.map(|id| node::id("filter.tenantId", &id)).transpose()?,
                floor: None,
                zone: zone_id.map(|id| node::id("filter.zoneId", &id)).transpose()?,
                seat: None,
                list: false,
            };
            let rule = seat_days::rule_of(ask.rule.as_deref())?;
            let figures = figures(gql, &ask).await?;
            Ok(SeatDays { ask, rule, figures })
        };
        gql.nullable(read.await)
    }

    /// The time line of one seat over some days, every row as it was recorded: to its tenant all of it, to its park who held
    /// it and when somebody sat there. Empty for anybody else.
    #[graphql(complexity = "100 + 10 * child_complexity")]
    async fn seat_ledger(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The seat.")] seat_id: ID,
        #[graphql(desc = "First day.")] from: Date,
        #[graphql(desc = "The day after the last; the days lie in at most 60 calendar months.")] to: Date,
        #[graphql(desc = "As recorded by the end of this day; as known now when left out.")] known_on: Option<Date>,
        #[graphql(desc = "The rule whose months are told.")] rule_id: Option<String>,
    ) -> async_graphql::Result<Vec<SeatLedgerRow>> {
        let request = gql.request();
        let read = async {
            let ctx = request.ctx()?;
            let ask = Ask {
                from: from.0,
                to: to.0,
                known_on: known_on.map(|on| on.0),
                rule: rule_id,
                tenant: None,
                floor: None,
                zone: None,
                seat: Some(node::id("seatId", &seat_id)?),
                list: false,
            };
            if seat_days::counted_for(ctx) {
                seat_days::seat_ledger(&*request.services.statistics().await?, ctx, &ask).await
            } else {
                seat_days::seat_ledger(&*request.read().await?, ctx, &ask).await
            }
        };
        let row = |row: seat_days::LedgerRow| SeatLedgerRow {
            kind: row.kind.into(),
            holds: row.holds,
            period: DateRange { from: row.period.from.into(), to: row.period.to.map(Date::from) },
            recorded_at: row.recorded_at,
            tenant_id: row.tenant,
            person_id: row.person,
        };
        Ok(gql.nullable(read.await)?.unwrap_or_default().into_iter().map(row).collect())
    }
}

/// The seat ledger of a tenant.
#[derive(Clone)]
pub(crate) struct TenantSeatLedger(pub(crate) TenantId);

/// The seat ledger of a tenant.
#[Object]
impl TenantSeatLedger {
    /// Its seats leased, occupied, effective and logged in over some days, as known on any day; null for anybody but itself
    /// and its park.
    #[graphql(complexity = "100 + child_complexity")]
    async fn seat_days(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "First day.")] from: Date,
        #[graphql(desc = "The day after the last; the days lie in at most 60 calendar months.")] to: Date,
        #[graphql(desc = "As recorded by the end of this day; as known now when left out.")] known_on: Option<Date>,
        #[graphql(desc = "The rule by which seats are effective: its id, with or without the version.")]
        rule_id: Option<String>,
    ) -> async_graphql::Result<Option<TenantSeatDays>> {
        let request = gql.request();
        let read = async {
            // A neighbour has none that the caller could see.
            if request.ctx()?.tenant().is_ok_and(|own| own != self.0) {
                return Err(Error::NotFound);
            }
            // Whatever list of tenants leads here: their figures are counted together.
            let ask = Ask {
                from: from.0,
                to: to.0,
                known_on: known_on.map(|on| on.0),
                rule: rule_id,
                tenant: None,
                floor: None,
                zone: None,
                seat: None,
                list: false,
            };
            let figures = figures(gql, &ask).await?;
            let found = figures.tenants.iter().find(|(id, _)| *id == self.0).map(|(_, series)| series.clone());
            let empty = || seat_days::Series {
                months: figures.months.iter().map(|_| seat_days::Tally::default()).collect(),
                ..seat_days::Series::default()
            };
            let series = found.unwrap_or_else(empty);
            Ok(TenantSeatDays { total: series.whole.into(), months: months(&figures, &series) })
        };
        gql.nullable(read.await)
    }
}
