//! Seats kept for somebody.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::estate::Seat;
use voxpark_domain::ids::{HeldSeatId, HoldId, Id, SeatId, TenantId, UserId};
use voxpark_domain::leasing::{HoldEnd, HoldSort, HoldState, Holds, SeatHold};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::time::Period;

use super::{doubled, shift};
use crate::db::{Slot, Tx, fail};
use crate::repo::binds::{Binds, id, inserts};
use crate::repo::estate::{SEAT, covers, to_seat};
use crate::repo::get;
use crate::repo::sorted::{Key, Sorted};

/// Holds with what became of their seats, as a table `h`.
const HOLD: &str =
    "(SELECT b.park_id, b.hold_id, b.kept_for, b.tenant_id, b.note, b.held_from, b.held_to, b.shift_from_min,
  b.shift_to_min, b.shift_next_min, b.expires_at, b.created_at, b.created_by, COUNT(*) AS seats,
  COUNT(CASE WHEN hs.ended_at IS NULL THEN 1 END) AS open_seats,
  COUNT(CASE WHEN hs.ended_as = 'allocated' THEN 1 END) AS allocated_seats
 FROM seat_hold b JOIN seat_hold_seat hs ON hs.park_id = b.park_id AND hs.hold_id = b.hold_id AND {hs}
 WHERE {b} GROUP BY b.park_id, b.hold_id, b.kept_for, b.tenant_id, b.note, b.held_from, b.held_to, b.shift_from_min,
  b.shift_to_min, b.shift_next_min, b.expires_at, b.created_at, b.created_by) h";
const SLOTS: [Slot; 2] = [Slot("b", "seat_hold"), Slot("hs", "seat_hold_seat")];

fn to_hold(row: &QueryResult) -> Result<SeatHold> {
    Ok(SeatHold {
        id: HoldId::from_uuid(get(row, "hold_id")?),
        kept_for: get(row, "kept_for")?,
        tenant: get::<Option<Uuid>>(row, "tenant_id")?.map(TenantId::from_uuid),
        note: get(row, "note")?,
        held: Period { from: get(row, "held_from")?, to: get(row, "held_to")? },
        shift: shift(row)?,
        expires_at: get(row, "expires_at")?,
        created_at: get(row, "created_at")?,
        created_by: get::<Option<Uuid>>(row, "created_by")?.map(UserId::from_uuid),
        seats: get(row, "seats")?,
        open: get(row, "open_seats")?,
        allocated: get(row, "allocated_seats")?,
    })
}

/// The condition on `h`.
fn in_state(state: Option<HoldState>, now: DateTime<Utc>, binds: &mut Binds) -> String {
    match state {
        None => "1 = 1".to_owned(),
        Some(HoldState::Live) => format!("h.open_seats > 0 AND h.expires_at > {}", binds.one(now)),
        Some(HoldState::Expired) => format!("h.open_seats > 0 AND h.expires_at <= {}", binds.one(now)),
        Some(HoldState::Allocated) => "h.open_seats = 0 AND h.allocated_seats > 0".to_owned(),
        Some(HoldState::Released) => "h.open_seats = 0 AND h.allocated_seats = 0".to_owned(),
    }
}

#[async_trait]
impl Holds for Tx {
    async fn holds(
        &self,
        state: Option<HoldState>,
        now: DateTime<Utc>,
        sort: Sort<HoldSort>,
        page: &PageRequest,
    ) -> Result<Page<SeatHold>> {
        let mut binds = Binds::default();
        let of = in_state(state, now, &mut binds);
        let first = match sort.by {
            HoldSort::ExpiresAt => Key::instant("h.expires_at"),
            HoldSort::CreatedAt => Key::instant("h.created_at"),
            HoldSort::KeptFor => Key::text("h.kept_for"),
        };
        let list = Sorted::new(sort, vec![first, Key::Id("h.hold_id")]);
        let sql = list.sql("h.*", &format!("FROM {HOLD} WHERE {of}"), page, &mut binds)?;
        let rows = self.query(&sql, &SLOTS, binds.into_values()).await?;
        let rows = rows.iter().map(|row| Ok((list.cursor(row)?, to_hold(row)?))).collect::<Result<_>>()?;
        Ok(Page::from_rows(page, rows))
    }

    async fn holds_count(&self, state: Option<HoldState>, now: DateTime<Utc>) -> Result<i64> {
        let mut binds = Binds::default();
        let of = in_state(state, now, &mut binds);
        let sql = format!("SELECT COUNT(*) AS n FROM {HOLD} WHERE {of}");
        let row = self.query_one(&sql, &SLOTS, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn holds_by_id(&self, ids: &[HoldId]) -> Result<Vec<SeatHold>> {
        let mut binds = Binds::default();
        let sql = format!("SELECT h.* FROM {HOLD} WHERE h.hold_id IN {}", binds.ids(ids));
        self.query(&sql, &SLOTS, binds.into_values()).await?.iter().map(to_hold).collect()
    }

    async fn hold_seats(&self, holds: &[HoldId]) -> Result<Vec<(HoldId, Seat, bool)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT {SEAT}, hs.hold_id, CASE WHEN hs.ended_at IS NULL THEN 1 ELSE 0 END AS still FROM seat_hold_seat hs
             JOIN seat s ON s.park_id = hs.park_id AND s.seat_id = hs.seat_id AND {{s}}
             WHERE {{hs}} AND hs.hold_id IN {} ORDER BY s.code",
            binds.ids(holds)
        );
        let slots = [Slot("hs", "seat_hold_seat"), Slot("s", "seat")];
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let kept = |row: &QueryResult| {
            Ok((HoldId::from_uuid(get(row, "hold_id")?), to_seat(row)?, get::<i32>(row, "still")? == 1))
        };
        rows.iter().map(kept).collect()
    }

    async fn holds_on(&self, seats: &[SeatId], on: NaiveDate, now: DateTime<Utc>) -> Result<Vec<(SeatId, HoldId)>> {
        let mut binds = Binds::default();
        let (day, now) = (binds.one(on), binds.one(now));
        let sql = format!(
            "SELECT hs.seat_id, hs.hold_id FROM seat_hold_seat hs
             JOIN seat_hold b ON b.park_id = hs.park_id AND b.hold_id = hs.hold_id AND {{b}}
             WHERE {{hs}} AND hs.ended_at IS NULL AND b.expires_at > {now} AND {} AND hs.seat_id IN {}",
            covers("b.held_from", "b.held_to", &day),
            binds.ids(seats)
        );
        let rows = self.query(&sql, &SLOTS, binds.into_values()).await?;
        let pair =
            |row: &QueryResult| Ok((SeatId::from_uuid(get(row, "seat_id")?), HoldId::from_uuid(get(row, "hold_id")?)));
        rows.iter().map(pair).collect()
    }

    async fn holds_sweep(&self, seats: &[SeatId], now: DateTime<Utc>) -> Result<()> {
        let mut binds = Binds::default();
        let sql = format!(
            "DELETE FROM seat_claim AS c WHERE {{c}} AND c.expires_at <= {} AND c.seat_id IN {}",
            binds.one(now),
            binds.ids(seats)
        );
        self.execute(&sql, &[Slot("c", "seat_claim")], binds.into_values()).await.map_err(fail).map(|_| ())
    }

    async fn hold_add(&self, hold: &SeatHold, seats: &[(SeatId, HeldSeatId)]) -> Result<bool> {
        self.tell_seats()?;
        let park: Value = self.park_id()?.into();
        let columns = [
            "park_id",
            "hold_id",
            "kept_for",
            "tenant_id",
            "note",
            "held_from",
            "held_to",
            "shift_from_min",
            "shift_to_min",
            "shift_next_min",
            "expires_at",
            "created_at",
            "created_by",
        ];
        let head = vec![
            park.clone(),
            id(hold.id),
            hold.kept_for.as_str().into(),
            hold.tenant.map(Id::uuid).into(),
            hold.note.as_str().into(),
            hold.held.from.into(),
            hold.held.to.into(),
            hold.shift.from_min.into(),
            hold.shift.until_midnight().into(),
            hold.shift.next_day().into(),
            hold.expires_at.into(),
            hold.created_at.into(),
            hold.created_by.map(Id::uuid).into(),
        ];
        let kept = seats.iter().map(|(seat, claim)| vec![park.clone(), id(hold.id), id(*seat), id(*claim)]).collect();
        let kept = inserts("seat_hold_seat", &["park_id", "hold_id", "seat_id", "claim_id"], kept);
        for (sql, values) in inserts("seat_hold", &columns, vec![head]).into_iter().chain(kept) {
            match self.execute(&sql, &[], values).await {
                Err(e) if doubled(&e) => return Ok(false),
                other => other.map_err(fail)?,
            };
        }
        Ok(true)
    }

    async fn hold_extend(&self, hold: HoldId, until: DateTime<Utc>) -> Result<()> {
        self.tell_seats()?;
        let sql = "UPDATE seat_hold AS b SET expires_at = $1 WHERE {b} AND b.hold_id = $2";
        let values = vec![until.into(), id(hold)];
        self.execute(sql, &[Slot("b", "seat_hold")], values).await.map_err(fail).map(|_| ())
    }

    async fn holds_tenant_set(&self, holds: &[HoldId], tenant: TenantId) -> Result<()> {
        let mut binds = Binds::default();
        let sql = format!(
            "UPDATE seat_hold AS b SET tenant_id = {} WHERE {{b}} AND b.tenant_id IS NULL AND b.hold_id IN {}",
            binds.one(tenant.uuid()),
            binds.ids(holds)
        );
        self.execute(&sql, &[Slot("b", "seat_hold")], binds.into_values()).await.map_err(fail).map(|_| ())
    }

    async fn hold_end(&self, hold: HoldId, seats: &[SeatId], end: HoldEnd, at: DateTime<Utc>) -> Result<u64> {
        self.tell_seats()?;
        let mut binds = Binds::default();
        let mut sql = format!(
            "UPDATE seat_hold_seat AS hs SET ended_at = {}, ended_as = {} WHERE {{hs}} AND hs.ended_at IS NULL AND hs.hold_id = {}",
            binds.one(at),
            binds.one(end.name()),
            binds.one(hold.uuid())
        );
        if !seats.is_empty() {
            sql = format!("{sql} AND hs.seat_id IN {}", binds.ids(seats));
        }
        self.execute(&sql, &[Slot("hs", "seat_hold_seat")], binds.into_values()).await.map_err(fail)
    }
}
