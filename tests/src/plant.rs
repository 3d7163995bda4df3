//! Rows put straight into the database, as its owner: what a test stands on and is not about.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait as _, Database as Connect};
use uuid::Uuid;
use voxpark_domain::ids::{AllocationId, BuildingId, FloorId, Id, LeaseId, QueueId, SeatId, TenantId, ZoneId};

use crate::Backend;
use crate::app::World;

const QUARTER: &str =
    "contact_interval (park_id, tenant_id, queue_id, start_ms, definition, offered, answered, abandoned,
 not_offered, answered_in, abandoned_in, short_abandoned, wait_answered_s, wait_abandoned_s, longest_wait_s, handled, handle_s)";

/// Runs statements as the owner of the database.
#[derive(Debug)]
pub struct Plant<'w> {
    world: &'w World,
    sql: String,
}

impl<'w> Plant<'w> {
    /// Nothing yet.
    pub fn new(world: &'w World) -> Self {
        Self { world, sql: String::new() }
    }

    fn postgres(&self) -> bool {
        self.world.database.backend() == Backend::Postgres
    }

    fn park(&self, tenant: TenantId) -> Uuid {
        let ids = self.world.ids;
        if tenant == ids.b1 { ids.park_b.uuid() } else { ids.park_a.uuid() }
    }

    fn id(&self, id: Uuid) -> String {
        if self.postgres() { format!("'{id}'") } else { format!("X'{}'", id.simple()) }
    }

    /// Lets the time be over for which workers hold their jobs.
    pub fn leases_over(&mut self) {
        let schema = if self.postgres() { "voxpark." } else { "" };
        let _ = write!(self.sql, "UPDATE {schema}job SET leased_until = enqueued_at WHERE state = 'running';");
    }

    /// `into` is the table with its columns.
    fn row(&mut self, into: &str, values: &str) {
        let schema = if self.postgres() { "voxpark." } else { "" };
        let _ = write!(self.sql, "INSERT INTO {schema}{into} VALUES ({values});");
    }

    /// A floor with so many seats that a tenant holds by a lease from a day, for a part of the day in minutes.
    pub fn seats(&mut self, tenant: TenantId, count: usize, held: &str, minutes: (i64, i64)) -> Vec<SeatId> {
        let env = &self.world.env;
        let (building, floor, zone) = (env.id::<BuildingId>(), env.id::<FloorId>(), env.id::<ZoneId>());
        let lease = env.id::<LeaseId>();
        let seats: Vec<SeatId> = (0..count).map(|_| env.id()).collect();
        let allocations: Vec<AllocationId> = (0..count).map(|_| env.id()).collect();
        // Unique in the park, whatever else is planted.
        let code = building.uuid().simple().to_string().split_off(20);
        let (park, owner) = (self.id(self.park(tenant)), self.id(tenant.uuid()));
        let [in_building, on_floor, in_zone, by_lease] =
            [building.uuid(), floor.uuid(), zone.uuid(), lease.uuid()].map(|id| self.id(id));
        let at = "'2026-01-01 00:00:00+00:00'";
        self.row("building (park_id, building_id, code, name)", &format!("{park}, {in_building}, '{code}', '{code}'"));
        self.row(
            "floor (park_id, floor_id, building_id, code, name, level)",
            &format!("{park}, {on_floor}, {in_building}, '{code}', '{code}', 1"),
        );
        self.row(
            "zone (park_id, zone_id, floor_id, code, name)",
            &format!("{park}, {in_zone}, {on_floor}, '{code}', '{code}'"),
        );
        self.row(
            "lease (park_id, tenant_id, lease_id, code, signed_on, created_at)",
            &format!("{park}, {owner}, {by_lease}, '{code}', '2026-01-01', {at}"),
        );
        self.row(
            "lease_version (park_id, tenant_id, lease_id, version, in_force_from, term_from, term_to, product, unit_price_minor, currency, tax_rate_bp, proration, rent_free, deposit_minor, payment_days, reason, recorded_at)",
            &format!("{park}, {owner}, {by_lease}, 1, '2026-01-01', '2026-01-01', '2036-01-01', 'equipped', 100000, 'CNY', 900, 'by_day', '[]', 0, 15, '', {at}"),
        );
        let (from, to) = minutes;
        for (n, (seat, allocation)) in seats.iter().zip(allocations).enumerate() {
            let (s, a) = (self.id(seat.uuid()), self.id(allocation.uuid()));
            self.row(
                "seat (park_id, seat_id, zone_id, code, product, x_mm, y_mm, built_from)",
                &format!("{park}, {s}, {in_zone}, '{code}-{n}', 'equipped', {n}000, 0, '2026-01-01'"),
            );
            self.row("allocation (park_id, tenant_id, allocation_id, seat_id, lease_id, held_from, held_to, shift_from_min, shift_to_min, recorded_at)", &format!("{park}, {owner}, {a}, {s}, {by_lease}, {held}, {from}, {to}, {at}"));
        }
        seats
    }

    /// A queue with quarter hours: begin in milliseconds since 1970 UTC, offered, answered, seconds of handling.
    pub fn quarters(&mut self, tenant: TenantId, quarters: &[(i64, i64, i64, i64)]) -> QueueId {
        let queue = self.world.env.id::<QueueId>();
        let code = queue.uuid().simple().to_string().split_off(20);
        let (park, owner, q) = (self.id(self.park(tenant)), self.id(tenant.uuid()), self.id(queue.uuid()));
        self.row(
            "queue (park_id, tenant_id, queue_id, code, name)",
            &format!("{park}, {owner}, {q}, '{code}', '{code}'"),
        );
        for (start, offered, answered, handle) in quarters {
            let lost = offered - answered;
            let counts = format!("{offered}, {answered}, {lost}, 0, {answered}, 0, 0, 0, 0, 0, {answered}, {handle}");
            self.row(QUARTER, &format!("{park}, {owner}, {q}, {start}, 'planted@1', {counts}"));
        }
        queue
    }

    /// Puts it all in.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn done(self) {
        let db = Connect::connect(self.world.database.url()).await.expect("the database opens for its owner");
        let sql = if self.postgres() {
            self.sql
        } else {
            // The write triggers let the installation itself through.
            let scope = |class: &str| format!("UPDATE write_scope SET class = {class};");
            format!("{}{}{}", scope("'system'"), self.sql, scope("NULL"))
        };
        db.execute_unprepared(&sql).await.expect("planted");
        db.close().await.expect("closed");
    }
}
