//! Seats, leases and ledger entries as facts, each recorded when the test says: what the API would only record now.

use sea_orm::{ConnectionTrait, Database as Connect, DatabaseConnection, DbBackend};
use uuid::Uuid;
use voxpark_domain::ids::{Id, LeaseId, TenantId};
use voxpark_migrations::SCHEMA;
use voxpark_tests::app::{TestRandom, World, keys};

/// The facts of park A.
pub(crate) struct Ground {
    db: DatabaseConnection,
    postgres: bool,
    park: String,
    next: u128,
}

/// An allocation of the ground.
#[derive(Clone)]
pub(crate) struct Held {
    tenant: String,
    lease: String,
    seat: String,
    allocation: String,
}

/// The terms of a lease version.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) unit_minor: i64,
    pub(crate) currency: &'static str,
    pub(crate) tax_rate_bp: i64,
    pub(crate) proration: &'static str,
    pub(crate) rent_free: Option<(&'static str, &'static str)>,
    pub(crate) in_advance: bool,
    pub(crate) tax_included: bool,
    pub(crate) product: &'static str,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            from: "2026-01-01",
            to: "2028-01-01",
            unit_minor: 88_000,
            currency: "CNY",
            tax_rate_bp: 900,
            proration: "by_day",
            rent_free: None,
            in_advance: false,
            tax_included: false,
            product: "equipped",
        }
    }
}

impl Ground {
    /// One zone of a floor of a building.
    pub(crate) async fn new(world: &World) -> Self {
        let db = Connect::connect(world.database.url()).await.unwrap();
        let postgres = db.get_database_backend() == DbBackend::Postgres;
        let mut ground = Self { db, postgres, park: String::new(), next: 1 };
        ground.park = ground.literal(world.ids.park_a.uuid());
        let (park, b, f, z) = (ground.park.clone(), ground.id(), ground.id(), ground.id());
        let rows = [
            format!("INSERT INTO building (park_id, building_id, code, name) VALUES ({park}, {b}, 'B1', 'B1')"),
            format!(
                "INSERT INTO floor (park_id, floor_id, building_id, code, name, level) VALUES ({park}, {f}, {b}, 'F1', 'F1', 1)"
            ),
            format!("INSERT INTO zone (park_id, zone_id, floor_id, code, name) VALUES ({park}, {z}, {f}, 'Z1', 'Z1')"),
        ];
        ground.run(&rows).await;
        ground.next = 100;
        ground
    }

    fn literal(&self, id: Uuid) -> String {
        if self.postgres { format!("'{id}'") } else { format!("X'{}'", id.simple()) }
    }
    fn raw(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(0x0190_0000_0000_7000_9000_0000_0000_0000 + self.next)
    }
    fn id(&mut self) -> String {
        let id = self.raw();
        self.literal(id)
    }

    /// Writes rows as the owner of the database, who is above the walls that the product stands behind.
    async fn run(&self, statements: &[String]) {
        let body = statements.join(";\n");
        let all = if self.postgres {
            format!("SET search_path = {SCHEMA}; BEGIN; {body}; COMMIT")
        } else {
            format!(
                "BEGIN IMMEDIATE; UPDATE write_scope SET class = 'system'; {body}; UPDATE write_scope SET class = NULL; COMMIT"
            )
        };
        self.db.execute_unprepared(&all).await.unwrap();
    }

    /// Changes rows of a table that nobody changes through the product.
    pub(crate) async fn tamper(&self, table: &str, sql: &str) {
        let mut statements = Vec::new();
        if !self.postgres {
            let drop = |event| format!("DROP TRIGGER {table}_scope_{event}");
            statements.extend(["update", "delete"].map(drop));
        }
        statements.push(sql.to_owned());
        self.run(&statements).await;
    }

    /// Changes rows of a table that was changed in this way before.
    pub(crate) async fn mend(&self, sql: &str) {
        self.run(&[sql.to_owned()]).await;
    }

    /// A lease with its first version, recorded at an instant.
    pub(crate) async fn lease(&mut self, tenant: TenantId, at: &str, terms: &Terms) -> LeaseId {
        let lease = self.raw();
        let (park, id, tenant) = (&self.park, self.literal(lease), self.literal(tenant.uuid()));
        let row = format!(
            "INSERT INTO lease (park_id, tenant_id, lease_id, code, signed_on, created_at)
             VALUES ({park}, {tenant}, {id}, 'L{}', '{}', '{at}')",
            self.next, terms.from
        );
        let version = self.version_row(&tenant, &id, 1, terms.from, at, terms);
        self.run(&[row, version]).await;
        LeaseId::from_uuid(lease)
    }

    fn version_row(&self, tenant: &str, lease: &str, version: i64, in_force: &str, at: &str, terms: &Terms) -> String {
        let rent_free = terms
            .rent_free
            .map_or_else(|| "[]".to_owned(), |(from, to)| format!("[{{\"from\": \"{from}\", \"to\": \"{to}\"}}]"));
        format!(
            "INSERT INTO lease_version (park_id, tenant_id, lease_id, version, in_force_from, term_from, term_to, product,
              unit_price_minor, currency, tax_rate_bp, proration, rent_free, deposit_minor, payment_days, clauses, reason, recorded_at)
             VALUES ({}, {tenant}, {lease}, {version}, '{in_force}', '{}', '{}', '{}', {}, '{}', {}, '{}',
              '{rent_free}', 0, 15, '{{\"in_advance\": {}, \"tax_included\": {}}}', '', '{at}')",
            self.park,
            terms.from,
            terms.to,
            terms.product,
            terms.unit_minor,
            terms.currency,
            terms.tax_rate_bp,
            terms.proration,
            terms.in_advance,
            terms.tax_included
        )
    }

    /// An amendment.
    pub(crate) async fn amend(
        &self,
        tenant: TenantId,
        lease: LeaseId,
        version: i64,
        in_force: &str,
        at: &str,
        terms: &Terms,
    ) {
        let (tenant, lease) = (self.literal(tenant.uuid()), self.literal(lease.uuid()));
        self.run(&[self.version_row(&tenant, &lease, version, in_force, at, terms)]).await;
    }

    /// So many seats, built and allocated from a day.
    pub(crate) async fn allocate(
        &mut self,
        tenant: TenantId,
        lease: LeaseId,
        seats: usize,
        from: &str,
        at: &str,
    ) -> Vec<Held> {
        let (tenant, lease) = (self.literal(tenant.uuid()), self.literal(lease.uuid()));
        let (mut rows, mut held) = (Vec::new(), Vec::new());
        for _ in 0..seats {
            let (seat, allocation, entry) = (self.id(), self.id(), self.id());
            let (park, zone) =
                (self.park.clone(), self.literal(Uuid::from_u128(0x0190_0000_0000_7000_9000_0000_0000_0004)));
            rows.push(format!(
                "INSERT INTO seat (park_id, seat_id, zone_id, code, product, x_mm, y_mm, built_from)
                 VALUES ({park}, {seat}, {zone}, 'S{}', 'equipped', 0, 0, '2020-01-01')",
                self.next
            ));
            rows.push(format!(
                "INSERT INTO allocation (park_id, tenant_id, allocation_id, seat_id, lease_id, held_from, held_to, shift_from_min,
                  shift_to_min, recorded_at)
                 VALUES ({park}, {tenant}, {allocation}, {seat}, {lease}, '{from}', '2028-01-01', 0, 1440, '{at}')"
            ));
            let one = Held { tenant: tenant.clone(), lease: lease.clone(), seat, allocation };
            rows.push(self.entry(&one, &entry, "allocate", from, at));
            held.push(one);
        }
        self.run(&rows).await;
        held
    }

    /// The seat of an allocation under another lease as well, for another shift of the same days: an entry of the ledger alone.
    pub(crate) async fn share(&mut self, held: &Held, tenant: TenantId, lease: LeaseId, from: &str, at: &str) {
        let (allocation, entry) = (self.id(), self.id());
        let (tenant, lease) = (self.literal(tenant.uuid()), self.literal(lease.uuid()));
        let one = Held { tenant, lease, seat: held.seat.clone(), allocation };
        let row = self.entry(&one, &entry, "allocate", from, at);
        self.run(&[row]).await;
    }

    fn entry(&self, held: &Held, id: &str, kind: &str, on: &str, at: &str) -> String {
        let Held { tenant, lease, seat, allocation } = held;
        format!(
            "INSERT INTO seat_ledger (park_id, tenant_id, entry_id, seat_id, lease_id, allocation_id, kind, effective_on, recorded_at)
             VALUES ({}, {tenant}, {id}, {seat}, {lease}, {allocation}, '{kind}', '{on}', '{at}')",
            self.park
        )
    }

    /// An entry of the ledger about allocations: `release` on a day, or `reverse`.
    pub(crate) async fn record(&mut self, held: &[Held], kind: &str, on: &str, at: &str) {
        let mut rows = Vec::new();
        for one in held {
            let id = self.id();
            rows.push(self.entry(one, &id, kind, on, at));
            if kind == "release" {
                rows.push(format!(
                    "UPDATE allocation SET held_to = '{on}' WHERE park_id = {} AND allocation_id = {}",
                    self.park, one.allocation
                ));
                rows.push(format!(
                    "UPDATE occupancy SET held_to = '{on}' WHERE park_id = {} AND allocation_id = {}",
                    self.park, one.allocation
                ));
            }
        }
        self.run(&rows).await;
    }

    /// Somebody sits on an allocated seat, as long as it is held when no end is given.
    pub(crate) async fn sit(&mut self, held: &Held, from: &str, to: Option<&str>) {
        let (id, occupancy) = (self.raw(), self.id());
        let person = self.literal(id);
        let (park, to) = (&self.park, to.map_or_else(|| "a.held_to".to_owned(), |to| format!("DATE('{to}')")));
        let context = [b"person/".as_slice(), id.as_bytes()].concat();
        let sealed = keys().seal(&TestRandom::new(1), &context, "somebody").unwrap();
        let hex: Vec<_> = sealed.iter().map(|b| format!("{b:02x}")).collect();
        let hex = hex.concat();
        let sealed = if self.postgres { format!("'\\x{hex}'") } else { format!("X'{hex}'") };
        // The instant as each database wants it where no column gives its type.
        let at = "'2026-01-01T00:00:00+00:00'";
        let at = if self.postgres { format!("{at}::timestamptz") } else { at.to_owned() };
        let (occupancy, person) =
            if self.postgres { (format!("{occupancy}::uuid"), format!("{person}::uuid")) } else { (occupancy, person) };
        let rows = [
            format!(
                "INSERT INTO person (park_id, tenant_id, person_id, employee_no, name_sealed, position, joined_on, recorded_at)
                 VALUES ({park}, {}, {person}, 'E{}', {sealed}, 'agent', '2026-01-01', '2026-01-01T00:00:00+00:00')",
                held.tenant, self.next
            ),
            format!(
                "INSERT INTO occupancy (park_id, tenant_id, occupancy_id, allocation_id, seat_id, held_from, held_to, person_id,
                  sat_from, sat_to, recorded_at)
                 SELECT a.park_id, a.tenant_id, {occupancy}, a.allocation_id, a.seat_id, a.held_from, a.held_to, {person},
                  DATE('{from}'), {to}, {at} FROM allocation a WHERE a.park_id = {park} AND a.allocation_id = {}",
                held.allocation
            ),
        ];
        self.run(&rows).await;
    }
}
