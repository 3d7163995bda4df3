//! Buildings, floors, zones, seats.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::estate::{
    Building, BuiltSeats, Floor, FloorChange, Known, KnownSeat, MapSeat, MapZone, MovedSeat, PastHolding, Plan,
    ProductCount, Seat, SeatFilter, SeatHolder, SeatProduct, SeatSort, SeatSpan, SeatState, Sight, Span, Store, Zone,
};
use voxpark_domain::ids::{BuildingId, FloorId, Id, LeaseId, SeatId, TenantId, ZoneId};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::time::Period;

use crate::db::{Slot, Tx, fail};
use crate::repo::binds::{Binds, Firsts, id, inserts, portions};
use crate::repo::features::{HAS, having};
use crate::repo::leasing::shift;
use crate::repo::places::{NAME, PLACE, name_on, place_on};
use crate::repo::sorted::{Key, Sorted};
use crate::repo::{NEVER, broken, get};

pub(crate) const SEAT: &str = "s.seat_id, s.zone_id, s.code, s.product, s.x_mm, s.y_mm, s.built_from, s.built_to";

pub(crate) fn product(name: &str) -> Result<SeatProduct> {
    SeatProduct::parse(name).map_err(|_| broken("seat product", name))
}

pub(crate) fn to_seat(row: &QueryResult) -> Result<Seat> {
    Ok(Seat {
        id: SeatId::from_uuid(get(row, "seat_id")?),
        zone: ZoneId::from_uuid(get(row, "zone_id")?),
        code: get(row, "code")?,
        product: product(&get::<String>(row, "product")?)?,
        x_mm: get(row, "x_mm")?,
        y_mm: get(row, "y_mm")?,
        built: Period { from: get(row, "built_from")?, to: get(row, "built_to")? },
    })
}

fn to_building(row: &QueryResult) -> Result<Building> {
    Ok(Building {
        id: BuildingId::from_uuid(get(row, "building_id")?),
        code: get(row, "code")?,
        name: get(row, "name")?,
    })
}

fn to_floor(row: &QueryResult) -> Result<Floor> {
    Ok(Floor {
        id: FloorId::from_uuid(get(row, "floor_id")?),
        building: BuildingId::from_uuid(get(row, "building_id")?),
        code: get(row, "code")?,
        name: get(row, "name")?,
        level: get(row, "level")?,
    })
}

/// The columns of a seat as it is added.
pub(super) const SEAT_COLUMNS: [&str; 9] =
    ["park_id", "seat_id", "zone_id", "code", "product", "x_mm", "y_mm", "built_from", "built_to"];

/// The values of [`SEAT_COLUMNS`].
pub(super) fn seat_row(park: Uuid, s: &Seat) -> Vec<Value> {
    vec![
        park.into(),
        id(s.id),
        id(s.zone),
        s.code.as_str().into(),
        s.product.name().into(),
        s.x_mm.into(),
        s.y_mm.into(),
        s.built.from.into(),
        s.built.to.into(),
    ]
}

/// The columns of a zone as it is added.
pub(super) const ZONE_COLUMNS: [&str; 8] =
    ["park_id", "zone_id", "floor_id", "code", "name", "begun_on", "ended_on", "area"];

/// The values of [`ZONE_COLUMNS`].
pub(super) fn zone_row(park: Uuid, z: &Zone) -> Vec<Value> {
    vec![
        park.into(),
        id(z.id),
        id(z.floor),
        z.code.as_str().into(),
        z.name.as_str().into(),
        z.begun_on.into(),
        z.ended_on.into(),
        z.area.into(),
    ]
}

const ZONE: &str = "z.zone_id, z.floor_id, z.code, z.name, z.begun_on, z.ended_on, z.area";

fn to_zone(row: &QueryResult) -> Result<Zone> {
    Ok(Zone {
        id: ZoneId::from_uuid(get(row, "zone_id")?),
        floor: FloorId::from_uuid(get(row, "floor_id")?),
        code: get(row, "code")?,
        name: get(row, "name")?,
        begun_on: get(row, "begun_on")?,
        ended_on: get(row, "ended_on")?,
        area: get(row, "area")?,
    })
}

/// Whether a period `from`/`to` of a row covers the day at `$day`.
pub(crate) fn covers(from: &str, to: &str, day: &str) -> String {
    format!("({from} <= {day} AND ({to} IS NULL OR {to} > {day}))")
}

/// Whether a row of `s` is out of service on the day at `$day`.
fn out_on(day: &str) -> String {
    let covered = covers("out.out_from", "out.out_to", day);
    format!(
        "EXISTS (SELECT 1 FROM seat_outage out WHERE {{out}} AND out.park_id = s.park_id AND out.seat_id = s.seat_id AND {covered})"
    )
}

/// Whether a row of `s` is leased on a day.
fn leased_on(day: &str) -> String {
    let covered = covers("la.held_from", "la.held_to", day);
    format!(
        "EXISTS (SELECT 1 FROM allocation la WHERE {{la}} AND la.park_id = s.park_id AND la.seat_id = s.seat_id AND {covered})"
    )
}

/// Whether a row of `s` is kept for somebody on a day by a hold in force at an instant: holds alone lapse.
fn on_hold(day: &str, now: &str) -> String {
    let covered = covers("hc.claim_from", "hc.claim_to", day);
    format!(
        "EXISTS (SELECT 1 FROM seat_claim hc WHERE {{hc}} AND hc.park_id = s.park_id AND hc.seat_id = s.seat_id
          AND hc.n = 1 AND hc.expires_at > {now} AND {covered})"
    )
}

/// Joins the seats that rows of a table are about, each once, to `s`.
fn distinct(table: &str, alias: &str, condition: &str, name: &str) -> String {
    format!(
        "LEFT JOIN (SELECT DISTINCT {alias}.park_id, {alias}.seat_id FROM {table} {alias} WHERE {{{alias}}} AND {condition}) {name}
          ON {name}.park_id = s.park_id AND {name}.seat_id = s.seat_id"
    )
}

const OUT: Slot = Slot("out", "seat_outage");
const LEASED: Slot = Slot("la", "allocation");
const ON_HOLD: Slot = Slot("hc", "seat_claim");

/// The condition under which a row of `s` is in a state on a day, with its tables; the same as [`SeatState::on`] says of
/// one seat.
fn in_state(state: SeatState, on: NaiveDate, sight: Sight, binds: &mut Binds) -> (String, Vec<Slot>) {
    let now = match (state, sight) {
        (SeatState::Undisclosed, Sight::Whole(_)) | (SeatState::Held | SeatState::Available, Sight::Own) => {
            return ("1 = 0".to_owned(), Vec::new());
        }
        (_, Sight::Whole(now)) => Some(now),
        (_, Sight::Own) => None,
    };
    let day = binds.one(on);
    let built = covers("s.built_from", "s.built_to", &day);
    let (out, leased) = (out_on(&day), leased_on(&day));
    match state {
        SeatState::Planned => (format!("s.built_from > {day}"), Vec::new()),
        SeatState::Removed => (format!("s.built_to <= {day}"), Vec::new()),
        SeatState::OutOfService => (format!("({built} AND {out})"), vec![OUT]),
        SeatState::Allocated => (format!("({built} AND {leased} AND NOT {out})"), vec![LEASED, OUT]),
        SeatState::Held | SeatState::Available | SeatState::Undisclosed => {
            let mut condition = format!("{built} AND NOT {out} AND NOT {leased}");
            let mut slots = vec![OUT, LEASED];
            if let Some(now) = now {
                let not = if state == SeatState::Available { "NOT " } else { "" };
                condition = format!("{condition} AND {not}{}", on_hold(&day, &binds.one(now)));
                slots.push(ON_HOLD);
            }
            (format!("({condition})"), slots)
        }
    }
}

impl Tx {
    async fn buildings_where(&self, condition: &str, binds: Binds) -> Result<Vec<Building>> {
        let sql =
            format!("SELECT b.building_id, b.code, b.name FROM building b WHERE {{b}} AND {condition} ORDER BY b.code");
        self.query(&sql, &[Slot("b", "building")], binds.into_values()).await?.iter().map(to_building).collect()
    }

    async fn floors_where(&self, condition: &str, binds: Binds) -> Result<Vec<Floor>> {
        let sql = format!(
            "SELECT f.floor_id, f.building_id, f.code, f.name, f.level
             FROM floor f JOIN building b ON b.park_id = f.park_id AND b.building_id = f.building_id
             WHERE {{f}} AND {{b}} AND {condition} ORDER BY b.code, f.level, f.code"
        );
        let slots = [Slot("f", "floor"), Slot("b", "building")];
        self.query(&sql, &slots, binds.into_values()).await?.iter().map(to_floor).collect()
    }

    async fn zones_where(&self, condition: &str, binds: Binds) -> Result<Vec<Zone>> {
        let sql = format!("SELECT {ZONE} FROM zone z WHERE {{z}} AND {condition} ORDER BY z.floor_id, z.code");
        self.query(&sql, &[Slot("z", "zone")], binds.into_values()).await?.iter().map(to_zone).collect()
    }

    /// Zones, kept from others until the end of the transaction.
    pub(super) async fn zones_to_change(&self, condition: &str, binds: Binds) -> Result<Vec<Zone>> {
        let sql =
            format!("SELECT {ZONE} FROM zone z WHERE {{z}} AND {condition} ORDER BY z.zone_id {}", self.locking("z"));
        self.query(&sql, &[Slot("z", "zone")], binds.into_values()).await?.iter().map(to_zone).collect()
    }

    /// The rest of a statement on `seat s` and what is joined to it, from `FROM` on, with its tables.
    fn filtered(joined: &str, filter: &SeatFilter, sight: Sight, binds: &mut Binds) -> (String, Vec<Slot>) {
        let (mut sql, mut slots) = (format!("FROM seat s{joined}"), vec![Slot("s", "seat")]);
        let mut conditions = vec!["{s}".to_owned()];
        if let Some(floor) = filter.floor {
            sql.push_str(" JOIN zone z ON z.park_id = s.park_id AND z.zone_id = s.zone_id");
            slots.push(Slot("z", "zone"));
            conditions.push(format!("{{z}} AND z.floor_id = {}", binds.one(floor.uuid())));
        }
        let (mut zone_of, mut code) = ("s.zone_id", "s.code");
        if let Some(day) = filter.was_on {
            let day = binds.one(day);
            sql = format!("{sql} {}", place_on(&day));
            slots.push(PLACE);
            (zone_of, code) = ("COALESCE(p.zone_id, s.zone_id)", "COALESCE(p.code, s.code)");
        }
        if let Some(zone) = filter.zone {
            conditions.push(format!("{zone_of} = {}", binds.one(zone.uuid())));
        }
        if let Some(product) = filter.product {
            conditions.push(format!("s.product = {}", binds.one(product.name())));
        }
        if let Some(prefix) = &filter.code_prefix {
            let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
            conditions.push(format!("substr({code}, 1, {}) = {}", binds.one(length), binds.one(prefix.as_str())));
        }
        for wanted in &filter.features {
            conditions.push(having(wanted, binds));
        }
        if !filter.features.is_empty() {
            slots.push(HAS);
        }
        if let Some(state) = filter.state {
            let (condition, more) = in_state(state, filter.on, sight, binds);
            conditions.push(condition);
            slots.extend(more);
        }
        (format!("{sql} WHERE {}", conditions.join(" AND ")), slots)
    }

    pub(super) async fn add_rows(&self, table: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Result<()> {
        for (sql, values) in inserts(table, columns, rows) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn spans(
        &self,
        table: &'static str,
        (from, to): (&str, &str),
        within: Period,
        of: Option<&[TenantId]>,
    ) -> Result<Vec<Span<(TenantId, SeatId)>>> {
        let mut binds = Binds::default();
        let (start, end) = (binds.one(within.from), binds.one(within.to.unwrap_or(NEVER)));
        let (tenants, order) = match of {
            Some(of) => (format!("a.tenant_id IN {}", binds.ids(of)), "a.tenant_id, a.seat_id"),
            None => ("1 = 1".to_owned(), "a.seat_id"),
        };
        let sql = format!(
            "SELECT a.tenant_id, a.seat_id, a.{from} AS since, a.{to} AS till FROM {table} a
             WHERE {{a}} AND {tenants} AND a.{from} < {end} AND (a.{to} IS NULL OR a.{to} > {start}) ORDER BY {order}, a.{from}"
        );
        let rows = self.query(&sql, &[Slot("a", table)], binds.into_values()).await?;
        rows.iter()
            .map(|r| {
                let key = (TenantId::from_uuid(get(r, "tenant_id")?), SeatId::from_uuid(get(r, "seat_id")?));
                Ok(Span { key, period: Period { from: get(r, "since")?, to: get(r, "till")? } })
            })
            .collect()
    }
}

#[async_trait]
impl Store for Tx {
    async fn buildings(&self) -> Result<Vec<Building>> {
        self.buildings_where("1 = 1", Binds::default()).await
    }

    async fn buildings_by_id(&self, ids: &[BuildingId]) -> Result<Vec<Building>> {
        let mut binds = Binds::default();
        let condition = format!("b.building_id IN {}", binds.ids(ids));
        self.buildings_where(&condition, binds).await
    }

    async fn floors(&self) -> Result<Vec<Floor>> {
        self.floors_where("1 = 1", Binds::default()).await
    }

    async fn floors_by_id(&self, ids: &[FloorId]) -> Result<Vec<Floor>> {
        let mut binds = Binds::default();
        let condition = format!("f.floor_id IN {}", binds.ids(ids));
        self.floors_where(&condition, binds).await
    }

    async fn floors_of(&self, buildings: &[BuildingId]) -> Result<Vec<Floor>> {
        let mut binds = Binds::default();
        let condition = format!("f.building_id IN {}", binds.ids(buildings));
        self.floors_where(&condition, binds).await
    }

    async fn zones_by_id(&self, ids: &[ZoneId]) -> Result<Vec<Zone>> {
        let mut binds = Binds::default();
        let condition = format!("z.zone_id IN {}", binds.ids(ids));
        self.zones_where(&condition, binds).await
    }

    async fn zones_of(&self, floors: &[FloorId]) -> Result<Vec<Zone>> {
        let mut binds = Binds::default();
        let condition = format!("z.ended_on IS NULL AND z.floor_id IN {}", binds.ids(floors));
        self.zones_where(&condition, binds).await
    }

    async fn seats_by_id(&self, ids: &[SeatId]) -> Result<Vec<Seat>> {
        let mut binds = Binds::default();
        let sql = format!("SELECT {SEAT} FROM seat s WHERE {{s}} AND s.seat_id IN {}", binds.ids(ids));
        self.query(&sql, &[Slot("s", "seat")], binds.into_values()).await?.iter().map(to_seat).collect()
    }

    async fn seats(
        &self,
        filter: &SeatFilter,
        sight: Sight,
        sort: Sort<SeatSort>,
        page: &PageRequest,
    ) -> Result<Page<Seat>> {
        let mut binds = Binds::default();
        let code = Key::text("s.code");
        let (keys, joined) = match sort.by {
            SeatSort::Code => (vec![code], ""),
            SeatSort::Place => (
                vec![Key::text("pb.code"), Key::whole("pf.level"), Key::text("pf.code"), Key::text("pz.code"), code],
                " JOIN zone pz ON pz.park_id = s.park_id AND pz.zone_id = s.zone_id AND {pz}
                 JOIN floor pf ON pf.park_id = pz.park_id AND pf.floor_id = pz.floor_id AND {pf}
                 JOIN building pb ON pb.park_id = pf.park_id AND pb.building_id = pf.building_id AND {pb}",
            ),
            SeatSort::Product => {
                let rank = "CAST(CASE s.product WHEN 'bare' THEN 0 WHEN 'furnished' THEN 1 ELSE 2 END AS bigint)";
                (vec![Key::whole(rank), code], "")
            }
        };
        let (rest, mut slots) = Self::filtered(joined, filter, sight, &mut binds);
        if !joined.is_empty() {
            slots.extend([Slot("pz", "zone"), Slot("pf", "floor"), Slot("pb", "building")]);
        }
        let list = Sorted::new(sort, keys);
        let sql = list.sql(SEAT, &rest, page, &mut binds)?;
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let seats = rows.iter().map(|row| Ok((list.cursor(row)?, to_seat(row)?))).collect::<Result<_>>()?;
        Ok(Page::from_rows(page, seats))
    }

    async fn seats_count(&self, filter: &SeatFilter, sight: Sight) -> Result<i64> {
        let mut binds = Binds::default();
        let (rest, slots) = Self::filtered("", filter, sight, &mut binds);
        let row = self.query_one(&format!("SELECT COUNT(*) AS n {rest}"), &slots, binds.into_values()).await?;
        row.map_or(Ok(0), |r| get(&r, "n"))
    }

    async fn seats_in(&self, zones: &[ZoneId]) -> Result<Vec<(ZoneId, i64)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT s.zone_id, COUNT(*) AS n FROM seat s WHERE {{s}} AND s.zone_id IN {} GROUP BY s.zone_id",
            binds.ids(zones)
        );
        let rows = self.query(&sql, &[Slot("s", "seat")], binds.into_values()).await?;
        rows.iter().map(|r| Ok((ZoneId::from_uuid(get(r, "zone_id")?), get(r, "n")?))).collect()
    }

    async fn seats_first(&self, zones: &[ZoneId], first: u32) -> Result<Vec<Seat>> {
        let mut binds = Binds::default();
        let list = Firsts { columns: SEAT, table: "seat", alias: "s", of: "zone_id", by: "code", first };
        let sql = list.sql(self.postgres(), zones, &mut binds);
        self.query(&sql, &[Slot("s", "seat")], binds.into_values()).await?.iter().map(to_seat).collect()
    }

    async fn estate_known(&self, codes: &[&str], today: NaiveDate) -> Result<Known> {
        let mut known = Known {
            buildings: self.buildings().await?,
            floors: self.floors().await?,
            // No zone ends while seats are added to it.
            zones: self.zones_to_change("1 = 1", Binds::default()).await?,
            seats: Vec::new(),
            codes_until: Vec::new(),
            features: Vec::new(),
        };
        for codes in portions(codes) {
            let mut binds = Binds::default();
            let day = binds.one(today);
            let sql = format!(
                "SELECT {SEAT}, CASE WHEN EXISTS (SELECT 1 FROM allocation a WHERE {{a}} AND a.park_id = s.park_id
                  AND a.seat_id = s.seat_id AND (a.held_to IS NULL OR a.held_to > {day})) THEN 1 ELSE 0 END AS held
                 FROM seat s WHERE {{s}} AND s.code IN {}",
                binds.list(codes.iter().copied())
            );
            let slots = [Slot("a", "allocation"), Slot("s", "seat")];
            for row in self.query(&sql, &slots, binds.into_values()).await? {
                known.seats.push(KnownSeat { seat: to_seat(&row)?, held: get::<i32>(&row, "held")? == 1 });
            }
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT p.code, MAX(p.valid_to) AS till FROM seat_place p WHERE {{p}} AND p.valid_to > p.valid_from AND p.code IN {} GROUP BY p.code",
                binds.list(codes.iter().copied())
            );
            for row in self.query(&sql, &[PLACE], binds.into_values()).await? {
                known.codes_until.push((get(&row, "code")?, get(&row, "till")?));
            }
        }
        Ok(known)
    }

    async fn estate_apply(&self, plan: &Plan) -> Result<()> {
        let park_id = self.park_id()?;
        let park: Value = park_id.into();
        let text = |t: &str| Value::from(t);
        let buildings = plan.buildings.iter().map(|b| vec![park.clone(), id(b.id), text(&b.code), text(&b.name)]);
        self.add_rows("building", &["park_id", "building_id", "code", "name"], buildings.collect()).await?;
        let floors = plan
            .floors
            .iter()
            .map(|f| vec![park.clone(), id(f.id), id(f.building), text(&f.code), text(&f.name), f.level.into()]);
        let columns = ["park_id", "floor_id", "building_id", "code", "name", "level"];
        self.add_rows("floor", &columns, floors.collect()).await?;
        self.add_rows("zone", &ZONE_COLUMNS, plan.zones.iter().map(|z| zone_row(park_id, z)).collect()).await?;
        self.add_rows("seat", &SEAT_COLUMNS, plan.added.iter().map(|s| seat_row(park_id, s)).collect()).await?;
        // A change is an insert that finds its row there: many rows a statement on both databases.
        for (sql, values) in inserts("seat", &SEAT_COLUMNS, plan.updated.iter().map(|s| seat_row(park_id, s)).collect())
        {
            let sql = format!(
                "{sql} ON CONFLICT (park_id, seat_id) DO UPDATE SET product = excluded.product, x_mm = excluded.x_mm, y_mm = excluded.y_mm"
            );
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn floor_map(&self, floor: FloorId, on: NaiveDate, sight: Sight) -> Result<Vec<MapSeat>> {
        let mut values: Vec<Value> = vec![floor.uuid().into(), on.into()];
        let kept = match sight {
            Sight::Whole(now) => {
                values.push(now.into());
                on_hold("$2", "$3")
            }
            Sight::Own => "1 = 0".to_owned(),
        };
        let sql = format!(
            "SELECT s.seat_id, COALESCE(p.code, s.code) AS code, y.zone_id, COALESCE(n.code, y.code) AS zone_code,
              COALESCE(n.name, y.name) AS zone_name, s.product, s.x_mm, s.y_mm, s.built_from, s.built_to,
              a.tenant_id, t.name AS tenant_name, a.lease_id, a.held_from, a.held_to, a.shift_from_min, a.shift_to_min, a.shift_next_min,
              CASE WHEN EXISTS (SELECT 1 FROM occupancy o WHERE {{o}} AND o.park_id = s.park_id AND o.seat_id = s.seat_id AND {})
               THEN 1 ELSE 0 END AS occupied,
              CASE WHEN {} THEN 1 ELSE 0 END AS out_of_service, CASE WHEN {kept} THEN 1 ELSE 0 END AS on_hold
             FROM zone z JOIN seat s ON s.park_id = z.park_id AND s.zone_id = z.zone_id {}
             JOIN zone y ON {{y}} AND y.park_id = s.park_id AND y.zone_id = COALESCE(p.zone_id, s.zone_id) {}
             LEFT JOIN allocation a ON {{a}} AND a.park_id = s.park_id AND a.seat_id = s.seat_id AND {}
             LEFT JOIN tenant t ON {{t}} AND t.park_id = a.park_id AND t.tenant_id = a.tenant_id
             WHERE {{z}} AND {{s}} AND z.floor_id = $1 ORDER BY code, s.seat_id, a.shift_from_min",
            covers("o.sat_from", "o.sat_to", "$2"),
            out_on("$2"),
            place_on("$2"),
            name_on("$2"),
            covers("a.held_from", "a.held_to", "$2"),
        );
        let mut slots = vec![
            Slot("o", "occupancy"),
            OUT,
            Slot("a", "allocation"),
            Slot("t", "tenant"),
            Slot("z", "zone"),
            Slot("s", "seat"),
            Slot("y", "zone"),
            PLACE,
            NAME,
        ];
        if matches!(sight, Sight::Whole(_)) {
            slots.push(ON_HOLD);
        }
        let rows = self.query(&sql, &slots, values).await?;
        let mut seats: Vec<MapSeat> = Vec::new();
        for row in &rows {
            let id = SeatId::from_uuid(get(row, "seat_id")?);
            // A row a seat and holder.
            if seats.last().is_none_or(|s| s.id != id) {
                seats.push(MapSeat {
                    id,
                    code: get(row, "code")?,
                    zone: MapZone {
                        id: ZoneId::from_uuid(get(row, "zone_id")?),
                        code: get(row, "zone_code")?,
                        name: get(row, "zone_name")?,
                    },
                    product: product(&get::<String>(row, "product")?)?,
                    x_mm: get(row, "x_mm")?,
                    y_mm: get(row, "y_mm")?,
                    built: Period { from: get(row, "built_from")?, to: get(row, "built_to")? },
                    out: get::<i32>(row, "out_of_service")? == 1,
                    on_hold: get::<i32>(row, "on_hold")? == 1,
                    occupied: get::<i32>(row, "occupied")? == 1,
                    holders: Vec::new(),
                });
            }
            if let (Some(tenant), Some(seat)) = (get::<Option<Uuid>>(row, "tenant_id")?, seats.last_mut()) {
                seat.holders.push(SeatHolder {
                    tenant: TenantId::from_uuid(tenant),
                    name: get::<Option<String>>(row, "tenant_name")?.unwrap_or_default(),
                    lease: LeaseId::from_uuid(get(row, "lease_id")?),
                    held: Period { from: get(row, "held_from")?, to: get(row, "held_to")? },
                    shift: shift(row)?,
                });
            }
        }
        Ok(seats)
    }

    async fn seat_counts(&self, on: NaiveDate, now: DateTime<Utc>) -> Result<Vec<ProductCount>> {
        let sql = format!(
            "SELECT s.product, COUNT(*) AS built, COUNT(h.seat_id) AS leased, COUNT(c.seat_id) AS occupied, COUNT(o.seat_id) AS out,
              COUNT(CASE WHEN h.seat_id IS NULL THEN k.seat_id END) AS held,
              COUNT(CASE WHEN h.seat_id IS NULL AND k.seat_id IS NULL AND o.seat_id IS NULL THEN 1 END) AS available
             FROM seat s {} {} {} {} WHERE {{s}} AND {} GROUP BY s.product",
            distinct("allocation", "a", &covers("a.held_from", "a.held_to", "$1"), "h"),
            distinct("occupancy", "p", &covers("p.sat_from", "p.sat_to", "$1"), "c"),
            distinct("seat_outage", "u", &covers("u.out_from", "u.out_to", "$1"), "o"),
            distinct(
                "seat_claim",
                "l",
                &format!("l.n = 1 AND l.expires_at > $2 AND {}", covers("l.claim_from", "l.claim_to", "$1")),
                "k"
            ),
            covers("s.built_from", "s.built_to", "$1"),
        );
        let slots = [
            Slot("a", "allocation"),
            Slot("p", "occupancy"),
            Slot("u", "seat_outage"),
            Slot("l", "seat_claim"),
            Slot("s", "seat"),
        ];
        let rows = self.query(&sql, &slots, vec![on.into(), now.into()]).await?;
        let mut counts = rows
            .iter()
            .map(|r| {
                Ok(ProductCount {
                    product: product(&get::<String>(r, "product")?)?,
                    built: get(r, "built")?,
                    leased: get(r, "leased")?,
                    held: get(r, "held")?,
                    out: get(r, "out")?,
                    available: get(r, "available")?,
                    occupied: get(r, "occupied")?,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        counts.sort_by_key(|c| c.product);
        Ok(counts)
    }

    async fn spans_built(&self, within: Period) -> Result<Vec<(Period, i64)>> {
        let sql = "SELECT s.built_from, s.built_to, COUNT(*) AS seats FROM seat s
             WHERE {s} AND s.built_from < $2 AND (s.built_to IS NULL OR s.built_to > $1) GROUP BY s.built_from, s.built_to";
        let values = vec![within.from.into(), within.to.unwrap_or(NEVER).into()];
        let rows = self.query(sql, &[Slot("s", "seat")], values).await?;
        rows.iter()
            .map(|r| Ok((Period { from: get(r, "built_from")?, to: get(r, "built_to")? }, get(r, "seats")?)))
            .collect()
    }

    async fn spans_held(&self, within: Period, of: Option<&[TenantId]>) -> Result<Vec<Span<(TenantId, SeatId)>>> {
        self.spans("allocation", ("held_from", "held_to"), within, of).await
    }

    async fn spans_occupied(&self, within: Period, of: Option<&[TenantId]>) -> Result<Vec<Span<(TenantId, SeatId)>>> {
        self.spans("occupancy", ("sat_from", "sat_to"), within, of).await
    }

    async fn floor_changes(&self, floor: FloorId) -> Result<Vec<FloorChange>> {
        self.changes_of_floor(floor).await
    }

    async fn floor_past(&self, floor: FloorId, on: NaiveDate) -> Result<Vec<PastHolding>> {
        self.past_of_floor(floor, on).await
    }

    async fn built_by_zone(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<BuiltSeats>> {
        self.built_seats(within, floor).await
    }

    async fn moved_by_zone(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<MovedSeat>> {
        self.moved_seats(within, floor).await
    }

    async fn held_by_zone(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<SeatSpan>> {
        self.seat_spans("allocation", ("held_from", "held_to"), within, floor).await
    }

    async fn occupied_by_zone(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<SeatSpan>> {
        self.seat_spans("occupancy", ("sat_from", "sat_to"), within, floor).await
    }
}
