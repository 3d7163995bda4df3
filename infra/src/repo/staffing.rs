//! Shifts, rosters, who sits where, and what staffing reads of seats and contacts.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait as _, PaginatorTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, Set,
    Value,
};
use voxpark_domain::ids::{AllocationId, Id, OccupancyId, PersonId, RosterEntryId, SeatId, ShiftId};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::staffing::{
    MAX_SHIFTS, Occupancy, Placed, Quarter, RosterAsk, RosterEntry, RosteredShift, SeatHolding, SeatWindow, Shift,
    Store,
};
use voxpark_domain::time::Period;
use voxpark_domain::{Error, Result};

use crate::db::{Slot, Tx, fail, violated};
use crate::entity::{occupancy, roster_entry, shift};
use crate::repo::{get, places};

fn to_shift(row: shift::Model) -> Shift {
    Shift {
        id: ShiftId::from_uuid(row.shift_id),
        code: row.code,
        name: row.name,
        start_min: row.start_min,
        end_min: row.end_min,
        break_min: row.break_min,
    }
}

fn to_entry(row: &roster_entry::Model) -> RosterEntry {
    RosterEntry {
        id: RosterEntryId::from_uuid(row.entry_id),
        day: row.day,
        person: PersonId::from_uuid(row.person_id),
        shift: ShiftId::from_uuid(row.shift_id),
    }
}

fn to_occupancy(row: &occupancy::Model) -> Occupancy {
    Occupancy {
        id: OccupancyId::from_uuid(row.occupancy_id),
        seat: SeatId::from_uuid(row.seat_id),
        allocation: AllocationId::from_uuid(row.allocation_id),
        person: PersonId::from_uuid(row.person_id),
        period: Period { from: row.sat_from, to: Some(row.sat_to) },
    }
}

fn taken_on(on: NaiveDate) -> Condition {
    use occupancy::Column as C;
    Condition::all().add(C::SatFrom.lte(on)).add(C::SatTo.gt(on))
}

fn period(row: &QueryResult, from: &str, to: &str) -> Result<Period> {
    Ok(Period { from: get(row, from)?, to: get(row, to)? })
}

#[async_trait]
impl Store for Tx {
    async fn shifts(&self) -> Result<Vec<Shift>> {
        let select = self.select::<shift::Entity>()?.order_by_asc(shift::Column::Code).limit(MAX_SHIFTS as u64);
        Ok(select.all(self.conn()).await.map_err(fail)?.into_iter().map(to_shift).collect())
    }

    async fn shifts_by_id(&self, ids: &[ShiftId]) -> Result<Vec<Shift>> {
        let select = self.select::<shift::Entity>()?.filter(shift::Column::ShiftId.is_in(ids.iter().map(|s| s.uuid())));
        Ok(select.all(self.conn()).await.map_err(fail)?.into_iter().map(to_shift).collect())
    }

    async fn shift_add(&self, new: &Shift) -> Result<bool> {
        let row = shift::ActiveModel {
            park_id: Set(self.park_id()?),
            tenant_id: Set(self.tenant_id()?),
            shift_id: Set(new.id.uuid()),
            code: Set(new.code.clone()),
            name: Set(new.name.clone()),
            start_min: Set(new.start_min),
            end_min: Set(new.end_min),
            break_min: Set(new.break_min),
        };
        match self.insert(row).await {
            Ok(()) => Ok(true),
            Err(e) if violated(&e).is_some_and(|c| c.contains("shift_code") || c.contains("shift.code")) => Ok(false),
            Err(e) => Err(fail(e)),
        }
    }

    async fn roster(&self, ask: &RosterAsk) -> Result<Vec<RosterEntry>> {
        let team = if ask.team.is_some() { "AND p.team_id = $3" } else { "" };
        let sql = format!(
            "SELECT r.entry_id, r.day, r.person_id, r.shift_id FROM roster_entry r
             JOIN person p ON p.park_id = r.park_id AND p.tenant_id = r.tenant_id AND p.person_id = r.person_id
             WHERE {{r}} AND {{p}} AND r.day >= $1 AND r.day < $2 {team} ORDER BY r.day, p.employee_no"
        );
        let mut values: Vec<Value> = vec![ask.from.into(), ask.to.into()];
        values.extend(ask.team.map(|t| t.uuid().into()));
        let rows = self.query(&sql, &[Slot("r", "roster_entry"), Slot("p", "person")], values).await?;
        rows.iter()
            .map(|row| {
                Ok(RosterEntry {
                    id: RosterEntryId::from_uuid(get(row, "entry_id")?),
                    day: get(row, "day")?,
                    person: PersonId::from_uuid(get(row, "person_id")?),
                    shift: ShiftId::from_uuid(get(row, "shift_id")?),
                })
            })
            .collect()
    }

    async fn roster_by_id(&self, ids: &[RosterEntryId]) -> Result<Vec<RosterEntry>> {
        let ids = ids.iter().map(|e| e.uuid());
        let select = self.select::<roster_entry::Entity>()?.filter(roster_entry::Column::EntryId.is_in(ids));
        Ok(select.all(self.conn()).await.map_err(fail)?.iter().map(to_entry).collect())
    }

    async fn roster_of(&self, people: &[PersonId], from: NaiveDate, to: NaiveDate) -> Result<Vec<RosterEntry>> {
        use roster_entry::Column as C;
        let select = self
            .select::<roster_entry::Entity>()?
            .filter(C::Day.gte(from))
            .filter(C::Day.lt(to))
            .filter(C::PersonId.is_in(people.iter().map(|p| p.uuid())));
        Ok(select.all(self.conn()).await.map_err(fail)?.iter().map(to_entry).collect())
    }

    async fn roster_add(&self, entries: &[(RosterEntry, &Shift)], now: DateTime<Utc>) -> Result<bool> {
        let (park, tenant) = (self.park_id()?, self.tenant_id()?);
        let rows = entries.iter().map(|(entry, shift)| roster_entry::ActiveModel {
            park_id: Set(park),
            tenant_id: Set(tenant),
            day: Set(entry.day),
            person_id: Set(entry.person.uuid()),
            entry_id: Set(entry.id.uuid()),
            shift_id: Set(shift.id.uuid()),
            start_min: Set(shift.start_min),
            end_min: Set(shift.end_min),
            recorded_at: Set(now),
        });
        match roster_entry::Entity::insert_many(rows).exec_without_returning(self.conn()).await {
            Ok(_) => Ok(true),
            Err(e) if violated(&e).is_some_and(|c| c.contains("roster_entry")) => Ok(false),
            Err(e) => Err(fail(e)),
        }
    }

    async fn roster_remove(&self, ids: &[RosterEntryId]) -> Result<()> {
        let sql = format!("DELETE FROM roster_entry AS r WHERE {{r}} AND r.entry_id IN ({})", places(1, ids.len()));
        let values = ids.iter().map(|e| e.uuid().into()).collect();
        self.execute(&sql, &[Slot("r", "roster_entry")], values).await.map_err(fail).map(|_| ())
    }

    async fn employed(&self, people: &[PersonId]) -> Result<Vec<(PersonId, Period)>> {
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT p.person_id, p.joined_on, p.left_on FROM person p WHERE {{p}} AND p.person_id IN ({})",
            places(1, people.len())
        );
        let values = people.iter().map(|p| p.uuid().into()).collect();
        let rows = self.query(&sql, &[Slot("p", "person")], values).await?;
        rows.iter()
            .map(|r| Ok((PersonId::from_uuid(get(r, "person_id")?), period(r, "joined_on", "left_on")?)))
            .collect()
    }

    async fn occupancies(&self, on: Option<NaiveDate>, page: &PageRequest) -> Result<Page<Occupancy>> {
        let mut select = self
            .select::<occupancy::Entity>()?
            .filter(on.map_or_else(Condition::all, taken_on))
            .order_by_desc(occupancy::Column::OccupancyId)
            .limit(u64::from(page.first) + 1);
        if let Some(after) = page.after.as_deref().and_then(|a| a.parse::<OccupancyId>().ok()) {
            select = select.filter(occupancy::Column::OccupancyId.lt(after.uuid()));
        }
        let rows = select.all(self.conn()).await.map_err(fail)?;
        let items = rows.iter().map(to_occupancy).map(|o| (o.id.to_string(), o)).collect();
        Ok(Page::from_rows(page, items))
    }

    async fn occupancies_count(&self, on: Option<NaiveDate>) -> Result<i64> {
        let select = self.select::<occupancy::Entity>()?.filter(on.map_or_else(Condition::all, taken_on));
        i64::try_from(select.count(self.conn()).await.map_err(fail)?).map_err(Error::internal)
    }

    async fn occupancies_by_id(&self, ids: &[OccupancyId]) -> Result<Vec<Occupancy>> {
        let ids = ids.iter().map(|o| o.uuid());
        let select = self.select::<occupancy::Entity>()?.filter(occupancy::Column::OccupancyId.is_in(ids));
        Ok(select.all(self.conn()).await.map_err(fail)?.iter().map(to_occupancy).collect())
    }

    async fn occupancies_of(&self, people: &[PersonId], on: NaiveDate) -> Result<Vec<Occupancy>> {
        let select = self
            .select::<occupancy::Entity>()?
            .filter(taken_on(on))
            .filter(occupancy::Column::PersonId.is_in(people.iter().map(|p| p.uuid())));
        Ok(select.all(self.conn()).await.map_err(fail)?.iter().map(to_occupancy).collect())
    }

    async fn occupancy_add(&self, new: &Occupancy, held: Period, now: DateTime<Utc>) -> Result<Placed> {
        self.tell_seats()?;
        let end = |period: Period| period.to.ok_or_else(|| Error::internal("a seat without an end"));
        let row = occupancy::ActiveModel {
            park_id: Set(self.park_id()?),
            tenant_id: Set(self.tenant_id()?),
            occupancy_id: Set(new.id.uuid()),
            allocation_id: Set(new.allocation.uuid()),
            seat_id: Set(new.seat.uuid()),
            held_from: Set(held.from),
            held_to: Set(end(held)?),
            person_id: Set(new.person.uuid()),
            sat_from: Set(new.period.from),
            sat_to: Set(end(new.period)?),
            recorded_at: Set(now),
        };
        match self.insert(row).await {
            Ok(()) => Ok(Placed::Done),
            Err(e) if violated(&e).is_some_and(|c| c.contains("occupancy_no_double")) => Ok(Placed::Elsewhere),
            Err(e) => Err(fail(e)),
        }
    }

    async fn occupancy_end(&self, before: &Occupancy, on: NaiveDate, now: DateTime<Utc>) -> Result<bool> {
        use occupancy::Column as C;
        self.tell_seats()?;
        let done = self
            .update::<occupancy::Entity>()?
            .col_expr(C::SatTo, Expr::value(on))
            .col_expr(C::RecordedAt, Expr::value(now))
            .filter(C::OccupancyId.eq(before.id.uuid()))
            .filter(C::SatTo.eq(before.period.to))
            .exec(self.conn())
            .await
            .map_err(fail)?;
        Ok(done.rows_affected == 1)
    }

    async fn seat_holdings(&self, seat: SeatId) -> Result<Vec<SeatHolding>> {
        let sql = "SELECT a.allocation_id, a.held_from, a.held_to FROM allocation a WHERE {a} AND a.seat_id = $1
             ORDER BY a.allocation_id";
        let rows = self.query(sql, &[Slot("a", "allocation")], vec![seat.uuid().into()]).await?;
        let holding = |r: &QueryResult| {
            let allocation = AllocationId::from_uuid(get(r, "allocation_id")?);
            Ok(SeatHolding { allocation, held: period(r, "held_from", "held_to")? })
        };
        rows.iter().map(holding).collect()
    }

    async fn quarters(&self, ranges: &[(i64, i64)]) -> Result<Vec<Quarter>> {
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let within: Vec<_> = (0..ranges.len())
            .map(|n| format!("(i.start_ms >= ${} AND i.start_ms < ${})", 2 * n + 1, 2 * n + 2))
            .collect();
        // A quarter hour is stored once a definition of service level; contacts and handle times are the same in each.
        let sql = format!(
            "SELECT q.start_ms, CAST(SUM(q.offered) AS bigint) AS offered, CAST(SUM(q.handled) AS bigint) AS handled,
              CAST(SUM(q.handle_s) AS bigint) AS handle_s FROM
              (SELECT i.queue_id, i.start_ms, MAX(i.offered) AS offered, MAX(i.handled) AS handled,
                MAX(i.handle_s) AS handle_s
               FROM contact_interval i WHERE {{i}} AND ({}) GROUP BY i.queue_id, i.start_ms) q
             GROUP BY q.start_ms ORDER BY q.start_ms",
            within.join(" OR ")
        );
        let values = ranges.iter().flat_map(|(from, to)| [(*from).into(), (*to).into()]).collect();
        let rows = self.query(&sql, &[Slot("i", "contact_interval")], values).await?;
        rows.iter()
            .map(|r| {
                Ok(Quarter {
                    start_ms: get(r, "start_ms")?,
                    offered: get(r, "offered")?,
                    handled: get(r, "handled")?,
                    handle_s: get(r, "handle_s")?,
                })
            })
            .collect()
    }

    async fn rostered(&self, days: &[NaiveDate]) -> Result<Vec<RosteredShift>> {
        if days.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT r.day, s.start_min, s.end_min, COUNT(*) AS people FROM roster_entry r
             JOIN shift s ON s.park_id = r.park_id AND s.tenant_id = r.tenant_id AND s.shift_id = r.shift_id
             WHERE {{r}} AND {{s}} AND r.day IN ({})
             GROUP BY r.day, s.start_min, s.end_min ORDER BY r.day, s.start_min, s.end_min",
            places(1, days.len())
        );
        let values = days.iter().map(|d| (*d).into()).collect();
        let rows = self.query(&sql, &[Slot("r", "roster_entry"), Slot("s", "shift")], values).await?;
        rows.iter()
            .map(|r| {
                Ok(RosteredShift {
                    day: get(r, "day")?,
                    start_min: get(r, "start_min")?,
                    end_min: get(r, "end_min")?,
                    people: get(r, "people")?,
                })
            })
            .collect()
    }

    async fn seat_windows(&self, on: NaiveDate) -> Result<Vec<SeatWindow>> {
        // Of the night before, what lies after midnight.
        let sql = "SELECT w.from_min, w.to_min, COUNT(*) AS seats FROM (
              SELECT a.shift_from_min AS from_min, a.shift_to_min AS to_min FROM allocation a
               WHERE {a} AND a.held_from <= $1 AND a.held_to > $1
              UNION ALL
              SELECT 0 AS from_min, b.shift_next_min AS to_min FROM allocation b
               WHERE {b} AND b.shift_next_min > 0 AND b.held_from <= $2 AND b.held_to > $2
             ) w GROUP BY w.from_min, w.to_min ORDER BY w.from_min, w.to_min";
        let before = on.pred_opt().unwrap_or(on);
        let slots = [Slot("a", "allocation"), Slot("b", "allocation")];
        let rows = self.query(sql, &slots, vec![on.into(), before.into()]).await?;
        rows.iter()
            .map(|r| {
                Ok(SeatWindow { from_min: get(r, "from_min")?, to_min: get(r, "to_min")?, seats: get(r, "seats")? })
            })
            .collect()
    }
}
