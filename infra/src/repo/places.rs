//! What seats and zones are called and where seats belong, over time.

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::estate::{
    Changes, CodeUse, Former, FormerName, FormerPlace, Places, Seat, SeatZones, Zone, ZonePath,
};
use voxpark_domain::ids::{Id, LeaseId, SeatId, SeatPlaceId, UserId, ZoneId, ZoneNameId};

use super::binds::{Binds, id, inserts, portions};
use super::estate::{SEAT, SEAT_COLUMNS, ZONE_COLUMNS, covers, seat_row, to_seat, zone_row};
use super::get;
use crate::db::{Slot, Tx, fail, violated};

/// Where a row of `s` was on the day at `$day`, if it was elsewhere or called otherwise.
pub(super) fn place_on(day: &str) -> String {
    format!(
        "LEFT JOIN seat_place p ON {{p}} AND p.park_id = s.park_id AND p.seat_id = s.seat_id AND {}",
        covers("p.valid_from", "p.valid_to", day)
    )
}
pub(super) const PLACE: Slot = Slot("p", "seat_place");
pub(super) const NAME: Slot = Slot("n", "zone_name");

/// What the zone `y` was called on the day at `$day`, if otherwise.
pub(super) fn name_on(day: &str) -> String {
    format!(
        "LEFT JOIN zone_name n ON {{n}} AND n.park_id = y.park_id AND n.zone_id = y.zone_id AND {}",
        covers("n.valid_from", "n.valid_to", day)
    )
}

/// That `s` is in one of the zones, or was on the day or later.
fn seats_in(binds: &mut Binds, zones: &[ZoneId], on: NaiveDate) -> String {
    let (zones, on) = (binds.ids(zones), binds.one(on));
    format!(
        "(s.zone_id IN {zones} OR EXISTS (SELECT 1 FROM seat_place p
          WHERE {{p}} AND p.park_id = s.park_id AND p.seat_id = s.seat_id AND p.zone_id IN {zones} AND p.valid_to > {on}))"
    )
}

fn to_place(row: &QueryResult) -> Result<FormerPlace> {
    Ok(FormerPlace {
        id: SeatPlaceId::from_uuid(get(row, "place_id")?),
        seat: SeatId::from_uuid(get(row, "seat_id")?),
        zone: ZoneId::from_uuid(get(row, "zone_id")?),
        code: get(row, "code")?,
        from: get(row, "valid_from")?,
        to: get(row, "valid_to")?,
    })
}

fn to_name(row: &QueryResult) -> Result<FormerName> {
    Ok(FormerName {
        id: ZoneNameId::from_uuid(get(row, "name_id")?),
        zone: ZoneId::from_uuid(get(row, "zone_id")?),
        code: get(row, "code")?,
        name: get(row, "name")?,
        from: get(row, "valid_from")?,
        to: get(row, "valid_to")?,
    })
}

fn to_use<I: Id>(row: &QueryResult) -> Result<CodeUse<I>> {
    Ok(CodeUse { code: get(row, "code")?, of: I::from_uuid(get::<Uuid>(row, "id")?), to: get(row, "till")? })
}

#[async_trait]
impl Places for Tx {
    async fn zones_locked(&self, ids: &[ZoneId]) -> Result<Vec<Zone>> {
        let mut binds = Binds::default();
        let condition = format!("z.zone_id IN {}", binds.ids(ids));
        self.zones_to_change(&condition, binds).await
    }

    async fn seats_of_locked(&self, zones: &[ZoneId]) -> Result<Vec<Seat>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT {SEAT} FROM seat s WHERE {{s}} AND s.zone_id IN {} ORDER BY s.seat_id {}",
            binds.ids(zones),
            self.locking("s")
        );
        self.query(&sql, &[Slot("s", "seat")], binds.into_values()).await?.iter().map(to_seat).collect()
    }

    async fn seat_codes_used(&self, codes: &[&str], on: NaiveDate) -> Result<Vec<CodeUse<SeatId>>> {
        let mut used = Vec::new();
        for codes in portions(codes) {
            let mut binds = Binds::default();
            let list = binds.list(codes.iter().copied());
            let sql = format!(
                "SELECT s.code, s.seat_id AS id, CAST(NULL AS date) AS till FROM seat s WHERE {{s}} AND s.code IN {list}
                 UNION ALL SELECT p.code, p.seat_id, p.valid_to FROM seat_place p WHERE {{p}} AND p.code IN {list}
                  AND p.valid_to > p.valid_from AND p.valid_to > {}",
                binds.one(on)
            );
            let rows = self.query(&sql, &[Slot("s", "seat"), PLACE], binds.into_values()).await?;
            used.extend(rows.iter().map(to_use).collect::<Result<Vec<_>>>()?);
        }
        Ok(used)
    }

    async fn zone_codes_used(&self, beside: ZoneId, code: &str, on: NaiveDate) -> Result<Vec<CodeUse<ZoneId>>> {
        let mut binds = Binds::default();
        let (beside, code) = (binds.one(beside.uuid()), binds.one(code));
        let same = "y.park_id = z.park_id AND y.floor_id = z.floor_id";
        let sql = format!(
            "SELECT y.code, y.zone_id AS id, CAST(NULL AS date) AS till FROM zone z JOIN zone y ON {{y}} AND {same}
              WHERE {{z}} AND z.zone_id = {beside} AND y.code = {code}
             UNION ALL SELECT n.code, n.zone_id, n.valid_to FROM zone z JOIN zone y ON {{y}} AND {same}
              JOIN zone_name n ON {{n}} AND n.park_id = y.park_id AND n.zone_id = y.zone_id
              WHERE {{z}} AND z.zone_id = {beside} AND n.code = {code} AND n.valid_to > n.valid_from AND n.valid_to > {}",
            binds.one(on)
        );
        let slots = [Slot("y", "zone"), Slot("z", "zone"), NAME];
        self.query(&sql, &slots, binds.into_values()).await?.iter().map(to_use).collect()
    }

    async fn former_places(&self, seats: &[SeatId]) -> Result<Vec<FormerPlace>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT p.place_id, p.seat_id, p.zone_id, p.code, p.valid_from, p.valid_to FROM seat_place p
             WHERE {{p}} AND p.seat_id IN {} ORDER BY p.seat_id, p.valid_from, p.valid_to",
            binds.ids(seats)
        );
        self.query(&sql, &[PLACE], binds.into_values()).await?.iter().map(to_place).collect()
    }

    async fn former_names(&self, zones: &[ZoneId]) -> Result<Vec<FormerName>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT n.name_id, n.zone_id, n.code, n.name, n.valid_from, n.valid_to FROM zone_name n
             WHERE {{n}} AND n.zone_id IN {} ORDER BY n.zone_id, n.valid_from, n.valid_to",
            binds.ids(zones)
        );
        self.query(&sql, &[NAME], binds.into_values()).await?.iter().map(to_name).collect()
    }

    async fn seat_zones(&self, seats: &[SeatId]) -> Result<SeatZones> {
        let mut found = SeatZones::default();
        if seats.is_empty() {
            return Ok(found);
        }
        let mut zones: HashSet<ZoneId> = HashSet::new();
        for seats in portions(seats) {
            let mut binds = Binds::default();
            let sql =
                format!("SELECT s.seat_id, s.zone_id FROM seat s WHERE {{s}} AND s.seat_id IN {}", binds.ids(seats));
            for row in self.query(&sql, &[Slot("s", "seat")], binds.into_values()).await? {
                let now = ZoneId::from_uuid(get(&row, "zone_id")?);
                zones.insert(now);
                let changes = Changes { now, former: Vec::new() };
                found.seats.insert(SeatId::from_uuid(get(&row, "seat_id")?), changes);
            }
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT p.seat_id, p.zone_id, p.valid_to, p.recorded_at FROM seat_place p WHERE {{p}} AND p.seat_id IN {}",
                binds.ids(seats)
            );
            for row in self.query(&sql, &[PLACE], binds.into_values()).await? {
                let what = ZoneId::from_uuid(get(&row, "zone_id")?);
                zones.insert(what);
                let former = Former { what, to: get(&row, "valid_to")?, recorded_at: get(&row, "recorded_at")? };
                if let Some(changes) = found.seats.get_mut(&SeatId::from_uuid(get(&row, "seat_id")?)) {
                    changes.former.push(former);
                }
            }
        }
        let zones: Vec<ZoneId> = zones.into_iter().collect();
        for zones in portions(&zones) {
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT z.zone_id, z.code, f.code AS floor, b.code AS building FROM zone z
                 JOIN floor f ON f.park_id = z.park_id AND f.floor_id = z.floor_id
                 JOIN building b ON b.park_id = f.park_id AND b.building_id = f.building_id
                 WHERE {{z}} AND {{f}} AND {{b}} AND z.zone_id IN {}",
                binds.ids(zones)
            );
            let slots = [Slot("z", "zone"), Slot("f", "floor"), Slot("b", "building")];
            for row in self.query(&sql, &slots, binds.into_values()).await? {
                let codes = Changes { now: get(&row, "code")?, former: Vec::new() };
                let path = ZonePath { building: get(&row, "building")?, floor: get(&row, "floor")?, codes };
                found.zones.insert(ZoneId::from_uuid(get(&row, "zone_id")?), path);
            }
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT n.zone_id, n.code, n.valid_to, n.recorded_at FROM zone_name n WHERE {{n}} AND n.zone_id IN {}",
                binds.ids(zones)
            );
            for row in self.query(&sql, &[NAME], binds.into_values()).await? {
                let former = Former {
                    what: get(&row, "code")?,
                    to: get(&row, "valid_to")?,
                    recorded_at: get(&row, "recorded_at")?,
                };
                if let Some(path) = found.zones.get_mut(&ZoneId::from_uuid(get(&row, "zone_id")?)) {
                    path.codes.former.push(former);
                }
            }
        }
        Ok(found)
    }

    async fn seats_of_keep(&self, zones: &[ZoneId], on: NaiveDate) -> Result<()> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT s.seat_id FROM seat s WHERE {{s}} AND {} ORDER BY s.seat_id {}",
            seats_in(&mut binds, zones, on),
            self.locking("s")
        );
        self.query(&sql, &[Slot("s", "seat"), PLACE], binds.into_values()).await.map(|_| ())
    }

    async fn leases_in(&self, zones: &[ZoneId], on: NaiveDate) -> Result<Vec<LeaseId>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT DISTINCT a.lease_id FROM allocation a JOIN seat s ON s.park_id = a.park_id AND s.seat_id = a.seat_id
             WHERE {{a}} AND {{s}} AND {} AND a.held_to > {} ORDER BY a.lease_id",
            seats_in(&mut binds, zones, on),
            binds.one(on)
        );
        let slots = [Slot("a", "allocation"), Slot("s", "seat"), PLACE];
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        rows.iter().map(|row| Ok(LeaseId::from_uuid(get(row, "lease_id")?))).collect()
    }

    async fn seats_place(
        &self,
        was: &[FormerPlace],
        now: &[Seat],
        at: DateTime<Utc>,
        by: Option<UserId>,
    ) -> Result<bool> {
        if now.is_empty() {
            return Ok(true);
        }
        self.tell_seats()?;
        let park = self.park_id()?;
        let row = |p: &FormerPlace| {
            vec![
                park.into(),
                id(p.id),
                id(p.seat),
                id(p.zone),
                Value::from(p.code.as_str()),
                p.from.into(),
                p.to.into(),
                at.into(),
                by.map(Id::uuid).into(),
            ]
        };
        let columns = [
            "park_id",
            "place_id",
            "seat_id",
            "zone_id",
            "code",
            "valid_from",
            "valid_to",
            "recorded_at",
            "recorded_by",
        ];
        if !self.coded("seat_place", &columns, was.iter().map(row).collect(), "").await? {
            return Ok(false);
        }
        let renamed = was.iter().zip(now).filter(|(was, now)| was.code != now.code).map(|(_, now)| now.id);
        let renamed: Vec<SeatId> = renamed.collect();
        // Two seats that exchange their codes have none between: a key is checked row by row. No code begins so.
        for ids in portions(&renamed) {
            let mut binds = Binds::default();
            let own = if self.postgres() { "CAST(seat_id AS text)" } else { "hex(seat_id)" };
            let sql =
                format!("UPDATE seat AS s SET code = '~' || {own} WHERE {{s}} AND s.seat_id IN {}", binds.ids(ids));
            self.execute(&sql, &[Slot("s", "seat")], binds.into_values()).await.map_err(fail)?;
        }
        let set = " ON CONFLICT (park_id, seat_id) DO UPDATE SET code = excluded.code, zone_id = excluded.zone_id";
        self.coded("seat", &SEAT_COLUMNS, now.iter().map(|s| seat_row(park, s)).collect(), set).await
    }

    async fn zones_set(&self, was: &[FormerName], now: &[Zone], at: DateTime<Utc>, by: Option<UserId>) -> Result<bool> {
        self.tell_seats()?;
        let park = self.park_id()?;
        let row = |n: &FormerName| {
            vec![
                park.into(),
                id(n.id),
                id(n.zone),
                Value::from(n.code.as_str()),
                Value::from(n.name.as_str()),
                n.from.into(),
                n.to.into(),
                at.into(),
                by.map(Id::uuid).into(),
            ]
        };
        let columns =
            ["park_id", "name_id", "zone_id", "code", "name", "valid_from", "valid_to", "recorded_at", "recorded_by"];
        if !self.coded("zone_name", &columns, was.iter().map(row).collect(), "").await? {
            return Ok(false);
        }
        let set = " ON CONFLICT (park_id, zone_id) DO UPDATE SET code = excluded.code, name = excluded.name, ended_on = excluded.ended_on, area = excluded.area";
        self.coded("zone", &ZONE_COLUMNS, now.iter().map(|z| zone_row(park, z)).collect(), set).await
    }

    async fn zone_add(&self, zone: &Zone) -> Result<bool> {
        let park = self.park_id()?;
        self.coded("zone", &ZONE_COLUMNS, vec![zone_row(park, zone)], "").await
    }
}

impl Tx {
    /// Adds rows, or what `set` says where they are there; `false` when a code among them is taken.
    async fn coded(&self, table: &str, columns: &[&str], rows: Vec<Vec<Value>>, set: &str) -> Result<bool> {
        for (sql, values) in inserts(table, columns, rows) {
            match self.execute(&(sql + set), &[], values).await {
                Ok(_) => {}
                Err(e) if violated(&e).is_some_and(|c| c.contains("code") || c.contains("_once")) => return Ok(false),
                Err(e) => return Err(fail(e)),
            }
        }
        Ok(true)
    }
}
