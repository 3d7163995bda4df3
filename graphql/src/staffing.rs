//! Shifts, rosters, who sits where, and the staffing need: private to the tenant.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::NaiveDate;
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{Id, OccupancyId, PersonId, RosterEntryId, ShiftId, TenantId};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::staffing::{self, OccupancyDraft, RosterAsk, RosterChange, ShiftDraft};
use voxpark_domain::{Ctx, Refusal, RefusalCode, Result};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::estate::Seat;
use crate::load::{Load, load, load_known};
use crate::need::{Grain, StaffingDay, StaffingTargetInput};
use crate::node;
use crate::once::question;
use crate::page::{self, Paged, counter, known, paged};
use crate::people::{Person, own};
use crate::request::Asking as _;
use crate::scalar::Date;

/// A pattern of work, in wall-clock minutes from the midnight that begins the rostered day.
#[derive(Clone)]
pub(crate) struct Shift(Arc<staffing::Shift>);

impl From<Arc<staffing::Shift>> for Shift {
    fn from(shift: Arc<staffing::Shift>) -> Self {
        Self(shift)
    }
}

/// A pattern of work, in wall-clock minutes from the midnight that begins the rostered day.
#[Object]
impl Shift {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Short code, unique in the tenant.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Begin in minutes from midnight, 0 to 1439.
    async fn start_min(&self) -> i64 {
        self.0.start_min
    }
    /// End in minutes from the same midnight; beyond 1440 it is on the next day.
    async fn end_min(&self) -> i64 {
        self.0.end_min
    }
    /// Minutes of break in it; part of the shrinkage that a staffing target allows for.
    async fn break_min(&self) -> i64 {
        self.0.break_min
    }
}

/// A person's shift on a day; there is one a person and day.
#[derive(Clone)]
pub(crate) struct RosterEntry(staffing::RosterEntry);

impl From<staffing::RosterEntry> for RosterEntry {
    fn from(entry: staffing::RosterEntry) -> Self {
        Self(entry)
    }
}

/// A person's shift on a day; there is one a person and day.
#[Object]
impl RosterEntry {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// The day on which the shift begins.
    async fn day(&self) -> Date {
        self.0.day.into()
    }
    /// Who.
    async fn person(&self, gql: &Context<'_>) -> async_graphql::Result<Person> {
        Ok(load_known(gql, self.0.person).await?.into())
    }
    /// Which shift.
    async fn shift(&self, gql: &Context<'_>) -> async_graphql::Result<Shift> {
        Ok(load_known(gql, self.0.shift).await?.into())
    }
}

/// A person sits on a seat for a period.
#[derive(Clone)]
pub(crate) struct Occupancy(staffing::Occupancy);

impl From<staffing::Occupancy> for Occupancy {
    fn from(occupancy: staffing::Occupancy) -> Self {
        Self(occupancy)
    }
}

/// A person sits on a seat for a period.
#[Object]
impl Occupancy {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Where.
    async fn seat(&self, gql: &Context<'_>) -> async_graphql::Result<Seat> {
        Ok(load_known(gql, self.0.seat).await?.into())
    }
    /// Who.
    async fn person(&self, gql: &Context<'_>) -> async_graphql::Result<Person> {
        Ok(load_known(gql, self.0.person).await?.into())
    }
    /// First day.
    async fn sat_from(&self) -> Date {
        self.0.period.from.into()
    }
    /// The day after the last; never later than the end of the allocation.
    async fn sat_to(&self) -> Option<Date> {
        self.0.period.to.map(Date)
    }
}

#[async_trait]
impl Load for ShiftId {
    type Value = Arc<staffing::Shift>;
    const RESOURCE: Resource = Resource::Staffing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.shifts_by_id(keys).await?.into_iter().map(|s| (s.id, Arc::new(s))).collect())
    }
}

#[async_trait]
impl Load for RosterEntryId {
    type Value = staffing::RosterEntry;
    const RESOURCE: Resource = Resource::Staffing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.roster_by_id(keys).await?.into_iter().map(|e| (e.id, e)).collect())
    }
}

#[async_trait]
impl Load for OccupancyId {
    type Value = staffing::Occupancy;
    const RESOURCE: Resource = Resource::Staffing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.occupancies_by_id(keys).await?.into_iter().map(|o| (o.id, o)).collect())
    }
}

/// Where a person sits on a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SatOn(pub(crate) PersonId, pub(crate) NaiveDate);

#[async_trait]
impl Load for SatOn {
    type Value = staffing::Occupancy;
    const RESOURCE: Resource = Resource::Staffing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut days: Vec<_> = keys.iter().map(|k| k.1).collect();
        days.sort_unstable();
        days.dedup();
        let mut found = Vec::new();
        // One statement a day that the document names, however many people it is asked of.
        for day in days {
            let people: Vec<_> = keys.iter().filter(|k| k.1 == day).map(|k| k.0).collect();
            found.extend(tx.occupancies_of(&people, day).await?.into_iter().map(|o| (Self(o.person, day), o)));
        }
        Ok(found)
    }
}

#[derive(Clone)]
pub(crate) struct TenantStaffing(pub(crate) TenantId);

#[Object]
impl TenantStaffing {
    /// Shifts by code. Private to the tenant.
    async fn shifts(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Shift>> {
        if !own(gql, self.0) {
            return Ok(Vec::new());
        }
        let request = gql.request();
        let list = async { staffing::shifts(&*request.read().await?, request.ctx()?).await };
        let list = request.once(question(gql, self.0)?, list);
        Ok(gql.or_default(list.await)?.into_iter().map(|s| Shift(Arc::new(s))).collect())
    }

    /// The roster of a half-open range of at most 31 days, by day and employee number. Private to the tenant.
    async fn roster(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "First day.")] from: Date,
        #[graphql(desc = "The day after the last.")] to: Date,
        #[graphql(desc = "People of this team only.")] team_id: Option<ID>,
    ) -> async_graphql::Result<Vec<RosterEntry>> {
        if !own(gql, self.0) {
            return Ok(Vec::new());
        }
        let request = gql.request();
        let list = async {
            let team = team_id.as_ref().map(|t| node::id("teamId", t)).transpose()?;
            let ask = RosterAsk { from: from.0, to: to.0, team };
            staffing::roster(&*request.read().await?, request.ctx()?, &ask).await
        };
        let list = request.once(question(gql, self.0)?, list);
        Ok(gql.or_default(list.await)?.into_iter().map(RosterEntry).collect())
    }

    /// Who sits where, newest first. Private to the tenant.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn occupancies(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Those of this day only.")] on: Option<Date>,
    ) -> async_graphql::Result<Paged<Occupancy>> {
        if !own(gql, self.0) {
            return Ok(paged(None, known(0), Occupancy));
        }
        let on = on.map(|d| d.0);
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            staffing::occupancies(&*request.read().await?, request.ctx()?, on, &ask).await
        };
        let page = gql.nullable(request.once(question(gql, self.0)?, list).await)?;
        let count = counter!(gql, self.0, |ctx, tx| staffing::occupancies_count(tx, ctx, on));
        Ok(paged(page, count, Occupancy))
    }

    /// The people that a day needs, interval by interval, against its roster and the seats held. What will be offered is
    /// taken from the last four same weekdays before the day that are over. Private to the tenant: null for anybody else.
    async fn staffing(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Civil day in the park's time zone.")] day: Date,
        #[graphql(desc = "Length of an interval; half hours when left out.")] grain: Option<Grain>,
        #[graphql(desc = "What must be achieved; terms left out are those of the product's own target.")]
        target: Option<StaffingTargetInput>,
    ) -> async_graphql::Result<Option<StaffingDay>> {
        if !own(gql, self.0) {
            return Ok(None);
        }
        let request = gql.request();
        let terms = target.unwrap_or_default().terms();
        let grain = grain.unwrap_or(Grain::Half);
        let plan =
            async { staffing::staffing(&*request.read().await?, request.ctx()?, day.0, grain.into(), &terms).await };
        let plan = request.once(question(gql, self.0)?, plan);
        Ok(gql.nullable(plan.await)?.map(|plan| StaffingDay::new(plan, &terms)))
    }
}

/// A new shift.
#[derive(InputObject, Serialize)]
pub(crate) struct ShiftCreateInput {
    /// 1 to 20 letters, digits or - _ . /
    code: String,
    /// 1 to 40 characters.
    name: String,
    /// Begin in minutes from midnight, 0 to 1439.
    start_min: i32,
    /// End in minutes from the same midnight, at most a day after the begin; beyond 1440 it is on the next day.
    end_min: i32,
    /// Minutes of break in it, none when left out.
    break_min: Option<i32>,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

/// What became of a new shift.
#[derive(SimpleObject, Default)]
pub(crate) struct ShiftCreatePayload {
    /// The shift.
    shift: Option<Shift>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A change of the roster: the person works this shift on this day, or none.
#[derive(InputObject, Serialize)]
pub(crate) struct RosterEntryInput {
    /// Who.
    person_id: ID,
    /// The day on which the shift begins.
    day: Date,
    /// Which shift, in the place of what was there; null clears.
    shift_id: Option<ID>,
}

/// Changes of the roster.
#[derive(InputObject, Serialize)]
pub(crate) struct RosterSetInput {
    /// 1 to 1,000 changes within 31 days; all of them hold or none.
    entries: Vec<RosterEntryInput>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of changes of the roster.
#[derive(SimpleObject, Default)]
pub(crate) struct RosterSetPayload {
    /// Entries stored, new or changed.
    set: Option<usize>,
    /// Entries removed.
    cleared: Option<usize>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A person is to sit on a seat.
#[derive(InputObject, Serialize)]
pub(crate) struct SeatOccupyInput {
    /// A seat that one allocation holds for the tenant on every day of the period.
    seat_id: ID,
    /// Somebody who is employed on every day of the period and has no other seat then.
    person_id: ID,
    /// First day.
    from: Date,
    /// The day after the last; as long as the seat is held and the person employed when left out.
    to: Option<Date>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of a seat to be taken.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatOccupyPayload {
    /// Who sits where.
    occupancy: Option<Occupancy>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A person is to leave a seat.
#[derive(InputObject, Serialize)]
pub(crate) struct SeatVacateInput {
    /// Who sits where.
    occupancy_id: ID,
    /// The first day on which the person does not sit there any more.
    on: Date,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of a seat to be left.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatVacatePayload {
    /// Who sat where, with its end.
    occupancy: Option<Occupancy>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

impl RosterSetInput {
    fn changes(&self) -> Result<Vec<RosterChange>> {
        fn id<I: Id + std::str::FromStr>(n: usize, field: &str, text: &ID) -> Result<I, Refusal> {
            let bad = |_| Refusal::new(RefusalCode::Invalid, "id-invalid").at(format!("entries.{n}.{field}"));
            text.parse().map_err(bad)
        }
        let change = |(n, e): (usize, &RosterEntryInput)| {
            Ok(RosterChange {
                day: e.day.0,
                person: id(n, "personId", &e.person_id)?,
                shift: e.shift_id.as_ref().map(|s| id(n, "shiftId", s)).transpose()?,
            })
        };
        self.entries.iter().enumerate().map(change).collect()
    }
}

#[derive(Default)]
pub(crate) struct StaffingMutation;

#[Object]
impl StaffingMutation {
    /// Adds a shift.
    async fn shift_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ShiftCreateInput,
    ) -> async_graphql::Result<Option<ShiftCreatePayload>> {
        let draft = ShiftDraft {
            code: input.code.clone(),
            name: input.name.clone(),
            start_min: input.start_min.into(),
            end_min: input.end_min.into(),
            break_min: input.break_min.unwrap_or_default().into(),
        };
        let done = change(gql, "shiftCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let shift = staffing::shift_create(tx, ctx, draft).await?;
                Ok((shift.id, AuditEntry::new("shift.create", shift.id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => ShiftCreatePayload { shift: load(gql, id).await?.map(Shift), user_errors: Vec::new() },
            Err(user_errors) => ShiftCreatePayload { user_errors, ..Default::default() },
        }))
    }

    /// Changes the roster by hand.
    async fn roster_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RosterSetInput,
    ) -> async_graphql::Result<Option<RosterSetPayload>> {
        let done = change(gql, "rosterSet", Some(&input.idempotency_key), &input, |ctx, tx| {
            let changes = input.changes();
            Box::pin(async move {
                let done = staffing::roster_set(tx, ctx, &changes?).await?;
                let figures = serde_json::json!({ "set": done.set, "cleared": done.cleared });
                Ok((done, AuditEntry::new("roster.set", "").with(figures)))
            })
        });
        Ok(Some(match done.await? {
            Ok(done) => RosterSetPayload { set: Some(done.set), cleared: Some(done.cleared), user_errors: Vec::new() },
            Err(user_errors) => RosterSetPayload { user_errors, ..Default::default() },
        }))
    }

    /// Seats a person. Several people may share a seat; a person has one seat at a time.
    async fn seat_occupy(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatOccupyInput,
    ) -> async_graphql::Result<Option<SeatOccupyPayload>> {
        let done = change(gql, "seatOccupy", Some(&input.idempotency_key), &input, |ctx, tx| {
            let draft = node::id("seatId", &input.seat_id).and_then(|seat| {
                let person = node::id("personId", &input.person_id)?;
                Ok(OccupancyDraft { seat, person, from: input.from.0, to: input.to.map(|d| d.0) })
            });
            Box::pin(async move {
                let occupancy = staffing::seat_occupy(tx, ctx, draft?).await?;
                Ok((occupancy.id, AuditEntry::new("seat.occupy", occupancy.id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => SeatOccupyPayload { occupancy: load(gql, id).await?.map(Occupancy), user_errors: Vec::new() },
            Err(user_errors) => SeatOccupyPayload { user_errors, ..Default::default() },
        }))
    }

    /// Ends an occupancy on a day after its first and not after its end.
    async fn seat_vacate(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatVacateInput,
    ) -> async_graphql::Result<Option<SeatVacatePayload>> {
        let done = change(gql, "seatVacate", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<OccupancyId>("occupancyId", &input.occupancy_id);
            let on = input.on.0;
            Box::pin(async move {
                let occupancy = staffing::seat_vacate(tx, ctx, id?, on).await?;
                Ok((occupancy.id, AuditEntry::new("seat.vacate", occupancy.id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => SeatVacatePayload { occupancy: load(gql, id).await?.map(Occupancy), user_errors: Vec::new() },
            Err(user_errors) => SeatVacatePayload { user_errors, ..Default::default() },
        }))
    }
}
