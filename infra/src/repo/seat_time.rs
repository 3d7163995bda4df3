//! Seats over time: the days on which a floor changes, what came before on its seats, and who held and used seats when,
//! with where they are.

use chrono::NaiveDate;
use sea_orm::QueryResult;
use voxpark_domain::Result;
use voxpark_domain::estate::{BuiltSeats, FloorChange, MovedSeat, PastHolding, SeatSpan};
use voxpark_domain::ids::{FloorId, Id, SeatId, ZoneId};
use voxpark_domain::time::Period;

use crate::db::{Slot, Tx};
use crate::repo::binds::Binds;
use crate::repo::estate::product;
use crate::repo::places::PLACE;
use crate::repo::{NEVER, get};

/// The seats of a floor `$1`.
const OF_FLOOR: &str = "FROM zone z JOIN seat s ON s.park_id = z.park_id AND s.zone_id = z.zone_id";

fn on_floor(floor: Option<FloorId>, binds: &mut Binds) -> String {
    floor.map_or_else(|| "1 = 1".to_owned(), |floor| format!("z.floor_id = {}", binds.one(floor.uuid())))
}

fn built(row: &QueryResult) -> Result<Period> {
    Ok(Period { from: get(row, "built_from")?, to: get(row, "built_to")? })
}

impl Tx {
    pub(super) async fn changes_of_floor(&self, floor: FloorId) -> Result<Vec<FloorChange>> {
        let held = "JOIN allocation a ON a.park_id = s.park_id AND a.seat_id = s.seat_id WHERE {z} AND {s} AND {a} AND z.floor_id = $1";
        let sql = format!(
            "SELECT d.day, CAST(SUM(d.starts) AS bigint) AS starts, CAST(SUM(d.ends) AS bigint) AS ends,
              CAST(SUM(d.built) AS bigint) AS built, CAST(SUM(d.removed) AS bigint) AS removed FROM (
              SELECT a.held_from AS day, COUNT(*) AS starts, 0 AS ends, 0 AS built, 0 AS removed {OF_FLOOR} {held} GROUP BY a.held_from
              UNION ALL SELECT a.held_to, 0, COUNT(*), 0, 0 {OF_FLOOR} {held} AND a.held_to IS NOT NULL GROUP BY a.held_to
              UNION ALL SELECT s.built_from, 0, 0, COUNT(*), 0 {OF_FLOOR} WHERE {{z}} AND {{s}} AND z.floor_id = $1 GROUP BY s.built_from
              UNION ALL SELECT s.built_to, 0, 0, 0, COUNT(*) {OF_FLOOR} WHERE {{z}} AND {{s}} AND z.floor_id = $1 AND s.built_to IS NOT NULL
               GROUP BY s.built_to
             ) d GROUP BY d.day ORDER BY d.day"
        );
        let slots = [Slot("z", "zone"), Slot("s", "seat"), Slot("a", "allocation")];
        let rows = self.query(&sql, &slots, vec![floor.uuid().into()]).await?;
        rows.iter()
            .map(|r| {
                let (begin, end) = (get(r, "starts")?, get(r, "ends")?);
                Ok(FloorChange { on: get(r, "day")?, begin, end, built: get(r, "built")?, removed: get(r, "removed")? })
            })
            .collect()
    }

    pub(super) async fn past_of_floor(&self, floor: FloorId, on: NaiveDate) -> Result<Vec<PastHolding>> {
        let sql = format!(
            "SELECT a.seat_id, a.held_from, a.held_to, MAX(o.sat_to) AS sat_to {OF_FLOOR}
             JOIN allocation a ON a.park_id = s.park_id AND a.seat_id = s.seat_id
             LEFT JOIN occupancy o ON {{o}} AND o.park_id = a.park_id AND o.tenant_id = a.tenant_id
              AND o.allocation_id = a.allocation_id AND o.sat_from <= $2
             WHERE {{z}} AND {{s}} AND {{a}} AND z.floor_id = $1 AND a.held_from <= $2
             GROUP BY a.seat_id, a.allocation_id, a.held_from, a.held_to ORDER BY a.seat_id, a.held_from"
        );
        let slots = [Slot("z", "zone"), Slot("s", "seat"), Slot("a", "allocation"), Slot("o", "occupancy")];
        let rows = self.query(&sql, &slots, vec![floor.uuid().into(), on.into()]).await?;
        rows.iter()
            .map(|r| {
                let held = Period { from: get(r, "held_from")?, to: get(r, "held_to")? };
                Ok(PastHolding { seat: SeatId::from_uuid(get(r, "seat_id")?), held, sat_to: get(r, "sat_to")? })
            })
            .collect()
    }

    pub(super) async fn built_seats(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<BuiltSeats>> {
        let mut binds = Binds::default();
        let (start, end) = (binds.one(within.from), binds.one(within.to.unwrap_or(NEVER)));
        let floor = on_floor(floor, &mut binds);
        let sql = format!(
            "SELECT z.zone_id, s.product, s.built_from, s.built_to, COUNT(*) AS seats {OF_FLOOR}
             JOIN floor f ON f.park_id = z.park_id AND f.floor_id = z.floor_id
             JOIN building b ON b.park_id = f.park_id AND b.building_id = f.building_id
             WHERE {{z}} AND {{s}} AND {{f}} AND {{b}} AND {floor} AND s.built_from < {end}
              AND (s.built_to IS NULL OR s.built_to > {start})
             GROUP BY b.code, f.level, f.code, z.code, z.zone_id, s.product, s.built_from, s.built_to
             ORDER BY b.code, f.level, f.code, z.code, s.product, s.built_from, s.built_to"
        );
        let slots = [Slot("z", "zone"), Slot("s", "seat"), Slot("f", "floor"), Slot("b", "building")];
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        rows.iter()
            .map(|r| {
                Ok(BuiltSeats {
                    zone: ZoneId::from_uuid(get(r, "zone_id")?),
                    product: product(&get::<String>(r, "product")?)?,
                    built: built(r)?,
                    seats: get(r, "seats")?,
                })
            })
            .collect()
    }

    /// Seats that were in another zone than now on days of the period.
    pub(super) async fn moved_seats(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<MovedSeat>> {
        let mut binds = Binds::default();
        let (start, end) = (binds.one(within.from), binds.one(within.to.unwrap_or(NEVER)));
        let floor = on_floor(floor, &mut binds);
        let sql = format!(
            "SELECT s.seat_id, s.zone_id, p.zone_id AS was, s.product, s.built_from, s.built_to, p.valid_from, p.valid_to {OF_FLOOR}
             JOIN seat_place p ON {{p}} AND p.park_id = s.park_id AND p.seat_id = s.seat_id AND p.zone_id <> s.zone_id
             WHERE {{z}} AND {{s}} AND {floor} AND p.valid_to > p.valid_from AND p.valid_from < {end} AND p.valid_to > {start}
             ORDER BY s.seat_id, p.valid_from"
        );
        let slots = [Slot("z", "zone"), Slot("s", "seat"), PLACE];
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        rows.iter()
            .map(|r| {
                Ok(MovedSeat {
                    seat: SeatId::from_uuid(get(r, "seat_id")?),
                    zone: ZoneId::from_uuid(get(r, "zone_id")?),
                    was: ZoneId::from_uuid(get(r, "was")?),
                    product: product(&get::<String>(r, "product")?)?,
                    built: built(r)?,
                    period: Period { from: get(r, "valid_from")?, to: get(r, "valid_to")? },
                })
            })
            .collect()
    }

    /// Rows of a table that touch the period, with where their seat is.
    pub(super) async fn seat_spans(
        &self,
        table: &'static str,
        (from, to): (&str, &str),
        within: Period,
        floor: Option<FloorId>,
    ) -> Result<Vec<SeatSpan>> {
        let mut binds = Binds::default();
        let (start, end) = (binds.one(within.from), binds.one(within.to.unwrap_or(NEVER)));
        let floor = on_floor(floor, &mut binds);
        let sql = format!(
            "SELECT a.seat_id, z.zone_id, s.product, s.built_from, s.built_to, a.{from} AS since, a.{to} AS till FROM {table} a
             JOIN seat s ON s.park_id = a.park_id AND s.seat_id = a.seat_id
             JOIN zone z ON z.park_id = s.park_id AND z.zone_id = s.zone_id
             WHERE {{a}} AND {{s}} AND {{z}} AND {floor} AND a.{from} < {end} AND (a.{to} IS NULL OR a.{to} > {start})
             ORDER BY a.seat_id, a.{from}"
        );
        let slots = [Slot("a", table), Slot("s", "seat"), Slot("z", "zone")];
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        rows.iter()
            .map(|r| {
                Ok(SeatSpan {
                    seat: SeatId::from_uuid(get(r, "seat_id")?),
                    zone: ZoneId::from_uuid(get(r, "zone_id")?),
                    product: product(&get::<String>(r, "product")?)?,
                    built: built(r)?,
                    period: Period { from: get(r, "since")?, to: get(r, "till")? },
                })
            })
            .collect()
    }
}
