//! Campaigns, and seats given to teams and campaigns.

use async_trait::async_trait;
use chrono::{DateTime, Days, NaiveDate, Utc};
use sea_orm::{DbErr, QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::ids::{CampaignId, Id, LeaseId, PersonId, SeatAssignmentId, SeatId, TeamId, UserId, ZoneId};
use voxpark_domain::leasing::Shift;
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::seating::{
    AssignMode, AssignmentFilter, AssignmentSort, Campaign, Given, Recorded, Sat, SeatAssignment, Store,
};
use voxpark_domain::time::Period;

use super::binds::{Binds, id, inserts};
use super::sorted::{Key, Sorted};
use super::{NEVER, broken, get};
use crate::db::{Slot, Tx, fail, violated};

const CAMPAIGN: &str = "SELECT c.campaign_id, c.code, c.name, c.client FROM campaign c WHERE {c}";
const OF_CAMPAIGN: [Slot; 1] = [Slot("c", "campaign")];
const ASSIGNMENT: &str =
    "a.assignment_id, a.seat_id, a.team_id, a.campaign_id, a.mode, a.used_from, a.used_to, a.shift_from_min,
     a.shift_to_min, a.recorded_at, a.ended_at, a.reversed_at";
const OF_ASSIGNMENT: [Slot; 1] = [Slot("a", "seat_assignment")];
/// Assignments with their seats.
const WITH_SEAT: &str =
    "FROM seat_assignment a JOIN seat s ON s.park_id = a.park_id AND s.seat_id = a.seat_id AND {s} WHERE {a}";
const OF_SEAT: [Slot; 2] = [Slot("a", "seat_assignment"), Slot("s", "seat")];

fn to_campaign(row: &QueryResult) -> Result<Campaign> {
    Ok(Campaign {
        id: CampaignId::from_uuid(get(row, "campaign_id")?),
        code: get(row, "code")?,
        name: get(row, "name")?,
        client: get(row, "client")?,
    })
}

/// A day as it is stored: where no end is set, one that never comes.
fn stored(day: Option<NaiveDate>) -> NaiveDate {
    day.unwrap_or(NEVER)
}

fn to_assignment(row: &QueryResult) -> Result<SeatAssignment> {
    let mode: String = get(row, "mode")?;
    let to: NaiveDate = get(row, "used_to")?;
    Ok(SeatAssignment {
        id: SeatAssignmentId::from_uuid(get(row, "assignment_id")?),
        seat: SeatId::from_uuid(get(row, "seat_id")?),
        team: get::<Option<Uuid>>(row, "team_id")?.map(TeamId::from_uuid),
        campaign: get::<Option<Uuid>>(row, "campaign_id")?.map(CampaignId::from_uuid),
        mode: AssignMode::from_name(&mode).ok_or_else(|| broken("mode", &mode))?,
        used: Period { from: get(row, "used_from")?, to: (to < NEVER).then_some(to) },
        shift: Shift { from_min: get(row, "shift_from_min")?, to_min: get(row, "shift_to_min")? },
        recorded_at: get(row, "recorded_at")?,
        ended_at: get(row, "ended_at")?,
        reversed_at: get(row, "reversed_at")?,
    })
}

/// The condition on `a` and `s` under which an assignment is asked for.
fn filtered(filter: &AssignmentFilter, binds: &mut Binds) -> String {
    let mut all = vec!["1 = 1".to_owned()];
    let mut same = |column: &str, value: Option<Uuid>| {
        if let Some(value) = value {
            all.push(format!("{column} = {}", binds.one(value)));
        }
    };
    same("a.seat_id", filter.seat.map(Id::uuid));
    same("a.team_id", filter.team.map(Id::uuid));
    same("a.campaign_id", filter.campaign.map(Id::uuid));
    same("s.zone_id", filter.zone.map(Id::uuid));
    if let Some(mode) = filter.mode {
        all.push(format!("a.mode = {}", binds.one(mode.name())));
    }
    if let Some(day) = filter.on {
        let day = binds.one(day);
        all.push(format!("a.used_from <= {day} AND a.used_to > {day}"));
    }
    if !filter.reversed {
        all.push("a.reversed_at IS NULL".to_owned());
    }
    all.join(" AND ")
}

/// Whether the database refused a code that is taken. SQLite names the columns, not the constraint.
fn code_taken(error: &DbErr) -> bool {
    violated(error).is_some_and(|c| c.contains("code"))
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(NEVER).min(NEVER)
}

impl Tx {
    async fn assignments_where(&self, of: &str, binds: Binds) -> Result<Vec<SeatAssignment>> {
        let sql = format!("SELECT {ASSIGNMENT} FROM seat_assignment a WHERE {{a}} AND {of}");
        self.query(&sql, &OF_ASSIGNMENT, binds.into_values()).await?.iter().map(to_assignment).collect()
    }

    async fn all(&self, statements: Vec<(String, Vec<Value>)>) -> Result<(), DbErr> {
        for (sql, values) in statements {
            self.execute(&sql, &[], values).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Tx {
    async fn campaigns(&self) -> Result<Vec<Campaign>> {
        let sql = format!("{CAMPAIGN} ORDER BY c.code");
        self.query(&sql, &OF_CAMPAIGN, Vec::new()).await?.iter().map(to_campaign).collect()
    }

    async fn campaigns_by_id(&self, ids: &[CampaignId]) -> Result<Vec<Campaign>> {
        let mut binds = Binds::default();
        let sql = format!("{CAMPAIGN} AND c.campaign_id IN {}", binds.ids(ids));
        self.query(&sql, &OF_CAMPAIGN, binds.into_values()).await?.iter().map(to_campaign).collect()
    }

    async fn campaign_add(&self, campaign: &Campaign, now: DateTime<Utc>) -> Result<bool> {
        let columns = ["park_id", "tenant_id", "campaign_id", "code", "name", "client", "created_at"];
        let row = vec![
            self.park_id()?.into(),
            self.tenant_id()?.into(),
            id(campaign.id),
            campaign.code.as_str().into(),
            campaign.name.as_str().into(),
            campaign.client.as_str().into(),
            now.into(),
        ];
        match self.all(inserts("campaign", &columns, vec![row])).await {
            Err(e) if code_taken(&e) => Ok(false),
            other => other.map(|()| true).map_err(fail),
        }
    }

    async fn assignments(
        &self,
        filter: &AssignmentFilter,
        sort: Sort<AssignmentSort>,
        page: &PageRequest,
    ) -> Result<Page<SeatAssignment>> {
        let mut binds = Binds::default();
        let of = filtered(filter, &mut binds);
        let first = match sort.by {
            AssignmentSort::Seat => Key::text("s.code"),
            AssignmentSort::From => Key::day("a.used_from"),
            AssignmentSort::To => Key::day("a.used_to"),
            AssignmentSort::Recorded => Key::instant("a.recorded_at"),
        };
        let list = Sorted::new(sort, vec![first, Key::Id("a.assignment_id")]);
        let sql = list.sql(ASSIGNMENT, &format!("{WITH_SEAT} AND {of}"), page, &mut binds)?;
        let rows = self.query(&sql, &OF_SEAT, binds.into_values()).await?;
        let row = |row: &QueryResult| Ok((list.cursor(row)?, to_assignment(row)?));
        Ok(Page::from_rows(page, rows.iter().map(row).collect::<Result<_>>()?))
    }

    async fn assignments_count(&self, filter: &AssignmentFilter) -> Result<i64> {
        let mut binds = Binds::default();
        let sql = format!("SELECT COUNT(*) AS n {WITH_SEAT} AND {}", filtered(filter, &mut binds));
        let row = self.query_one(&sql, &OF_SEAT, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn assignments_by_id(&self, ids: &[SeatAssignmentId]) -> Result<Vec<SeatAssignment>> {
        let mut binds = Binds::default();
        let of = format!("a.assignment_id IN {}", binds.ids(ids));
        self.assignments_where(&of, binds).await
    }

    async fn assignments_locked(&self, ids: &[SeatAssignmentId]) -> Result<Vec<SeatAssignment>> {
        let mut binds = Binds::default();
        let lock = if self.postgres() { "FOR NO KEY UPDATE OF a" } else { "" };
        let of = format!("a.assignment_id IN {} ORDER BY a.assignment_id {lock}", binds.ids(ids));
        self.assignments_where(&of, binds).await
    }

    async fn assignments_of_seats(&self, seats: &[SeatId], within: Period) -> Result<Vec<SeatAssignment>> {
        let mut binds = Binds::default();
        let (from, to) = (binds.one(within.from), binds.one(next(stored(within.to))));
        // One that ends on the first day may reach into it by night, and one that begins on the last may be reached into.
        let of = format!(
            "a.reversed_at IS NULL AND a.used_to >= {from} AND a.used_from < {to} AND a.seat_id IN {} ORDER BY a.used_from",
            binds.ids(seats)
        );
        self.assignments_where(&of, binds).await
    }

    async fn assignments_add(&self, assignments: &[SeatAssignment], by: Option<UserId>) -> Result<bool> {
        let (park, tenant): (Value, Value) = (self.park_id()?.into(), self.tenant_id()?.into());
        let columns = [
            "park_id",
            "tenant_id",
            "assignment_id",
            "seat_id",
            "team_id",
            "campaign_id",
            "mode",
            "used_from",
            "used_to",
            "shift_from_min",
            "shift_to_min",
            "recorded_at",
            "recorded_by",
        ];
        let row = |a: &SeatAssignment| {
            vec![
                park.clone(),
                tenant.clone(),
                id(a.id),
                id(a.seat),
                a.team.map(Id::uuid).into(),
                a.campaign.map(Id::uuid).into(),
                a.mode.name().into(),
                a.used.from.into(),
                stored(a.used.to).into(),
                a.shift.from_min.into(),
                a.shift.to_min.into(),
                a.recorded_at.into(),
                by.map(Id::uuid).into(),
            ]
        };
        let taken =
            ["park_id", "tenant_id", "assignment_id", "n", "seat_id", "claim_from", "claim_to", "from_min", "to_min"];
        let claims = assignments.iter().flat_map(|a| {
            let (from, to) = (a.used.from, stored(a.used.to));
            let parts = [
                (1_i64, from, to, a.shift.from_min, a.shift.until_midnight()),
                (2, next(from), next(to), 0, a.shift.next_day()),
            ];
            let parts = parts.into_iter().filter(|part| part.4 > part.3);
            parts.map(|(n, from, to, first, last)| {
                let (park, tenant) = (park.clone(), tenant.clone());
                let (n, first, last) = (n.into(), first.into(), last.into());
                vec![park, tenant, id(a.id), n, id(a.seat), from.into(), to.into(), first, last]
            })
        });
        self.all(inserts("seat_assignment", &columns, assignments.iter().map(row).collect())).await.map_err(fail)?;
        match self.all(inserts("seat_assignment_claim", &taken, claims.collect())).await {
            // Two that claim one seat at the very same moment wait for each other: PostgreSQL lets one of them go on.
            Err(e)
                if violated(&e).is_some_and(|c| c.contains("seat_assignment_no_double") || c.contains("deadlock")) =>
            {
                Ok(false)
            }
            other => other.map(|()| true).map_err(fail),
        }
    }

    async fn assignments_end(
        &self,
        ids: &[SeatAssignmentId],
        on: NaiveDate,
        at: DateTime<Utc>,
        by: Option<UserId>,
    ) -> Result<()> {
        let mut binds = Binds::default();
        let sql = format!(
            "UPDATE seat_assignment AS a SET used_to = {}, ended_at = {}, ended_by = {} WHERE {{a}} AND a.assignment_id IN {}",
            binds.one(on),
            binds.one(at),
            binds.one(by.map(Id::uuid)),
            binds.ids(ids)
        );
        self.execute(&sql, &OF_ASSIGNMENT, binds.into_values()).await.map_err(fail)?;
        let mut binds = Binds::default();
        let sql = format!(
            "UPDATE seat_assignment_claim AS c SET claim_to = CASE c.n WHEN 1 THEN {} ELSE {} END WHERE {{c}} AND c.assignment_id IN {}",
            binds.one(on),
            binds.one(next(on)),
            binds.ids(ids)
        );
        self.execute(&sql, &[Slot("c", "seat_assignment_claim")], binds.into_values()).await.map(|_| ()).map_err(fail)
    }

    async fn assignments_reverse(&self, ids: &[SeatAssignmentId], at: DateTime<Utc>, by: Option<UserId>) -> Result<()> {
        let mut binds = Binds::default();
        let sql = format!(
            "UPDATE seat_assignment AS a SET reversed_at = {}, reversed_by = {} WHERE {{a}} AND a.assignment_id IN {}",
            binds.one(at),
            binds.one(by.map(Id::uuid)),
            binds.ids(ids)
        );
        self.execute(&sql, &OF_ASSIGNMENT, binds.into_values()).await.map_err(fail)?;
        let mut binds = Binds::default();
        let sql =
            format!("DELETE FROM seat_assignment_claim AS c WHERE {{c}} AND c.assignment_id IN {}", binds.ids(ids));
        self.execute(&sql, &[Slot("c", "seat_assignment_claim")], binds.into_values()).await.map(|_| ()).map_err(fail)
    }

    async fn held_within(&self, within: Period) -> Result<Vec<Recorded>> {
        let sql = "SELECT h.seat_id, s.code, s.zone_id, h.lease_id, h.held_from, h.held_to FROM allocation h
             JOIN seat s ON s.park_id = h.park_id AND s.seat_id = h.seat_id AND {s}
             WHERE {h} AND h.held_from < $2 AND h.held_to > $1 ORDER BY s.code, h.held_from";
        let values = vec![within.from.into(), stored(within.to).into()];
        let rows = self.query(sql, &[Slot("h", "allocation"), Slot("s", "seat")], values).await?;
        rows.iter()
            .map(|row| {
                Ok(Recorded {
                    seat: SeatId::from_uuid(get(row, "seat_id")?),
                    code: get(row, "code")?,
                    zone: ZoneId::from_uuid(get(row, "zone_id")?),
                    lease: LeaseId::from_uuid(get(row, "lease_id")?),
                    held: Period { from: get(row, "held_from")?, to: get(row, "held_to")? },
                })
            })
            .collect()
    }

    async fn given_within(&self, within: Period) -> Result<Vec<Given>> {
        let sql = "SELECT a.seat_id, a.team_id, a.campaign_id, a.used_from, a.used_to FROM seat_assignment a
             WHERE {a} AND a.reversed_at IS NULL AND a.used_from < $2 AND a.used_to > $1";
        let values = vec![within.from.into(), stored(within.to).into()];
        let rows = self.query(sql, &OF_ASSIGNMENT, values).await?;
        rows.iter()
            .map(|row| {
                Ok(Given {
                    seat: SeatId::from_uuid(get(row, "seat_id")?),
                    team: get::<Option<Uuid>>(row, "team_id")?.map(TeamId::from_uuid),
                    campaign: get::<Option<Uuid>>(row, "campaign_id")?.map(CampaignId::from_uuid),
                    used: Period { from: get(row, "used_from")?, to: get(row, "used_to")? },
                })
            })
            .collect()
    }

    /// The one place where seating reads who sits where.
    async fn sat_within(&self, within: Period) -> Result<Vec<Sat>> {
        let sql = "SELECT o.seat_id, o.person_id, o.sat_from, o.sat_to FROM occupancy o
             WHERE {o} AND o.sat_from < $2 AND o.sat_to > $1";
        let values = vec![within.from.into(), stored(within.to).into()];
        let rows = self.query(sql, &[Slot("o", "occupancy")], values).await?;
        rows.iter()
            .map(|row| {
                Ok(Sat {
                    seat: SeatId::from_uuid(get(row, "seat_id")?),
                    person: PersonId::from_uuid(get(row, "person_id")?),
                    sat: Period { from: get(row, "sat_from")?, to: get(row, "sat_to")? },
                })
            })
            .collect()
    }
}
