//! Leases, allocations, the seat ledger.

mod holds;
mod rows;

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{DbErr, QueryResult, Value};
use voxpark_domain::estate::Seat;
use voxpark_domain::ids::{AllocationId, Id, LeaseId, SeatId, TenantId, UserId, ZoneId};
use voxpark_domain::leasing::{
    Allocation, AllocationsOf, Bound, Lease, LeaseFilter, LeaseSort, LeaseVersion, LedgerEntry, Locked, SeatHeld,
    Shift, Sitting, Store, Transferred,
};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::time::Period;
use voxpark_domain::{Error, Result};

use self::rows::{ALLOCATION, LEASE, by_owner, filtered, on_day, owner, sorted, to_allocation, to_lease};
pub(crate) use self::rows::{shift, steps, to_version};
use crate::db::{Slot, Tx, fail, violated};
use crate::repo::binds::{Binds, Firsts, id, inserts};
use crate::repo::estate::{SEAT, covers, to_seat};
use crate::repo::sorted::Sorted;
use crate::repo::{NEVER, get};

impl Tx {
    /// Adds the versions to leases, in one statement.
    async fn with_versions(&self, mut leases: Vec<Lease>) -> Result<Vec<Lease>> {
        let mut binds = Binds::default();
        let ids: Vec<LeaseId> = leases.iter().map(|l| l.id).collect();
        let sql = format!(
            "SELECT v.* FROM lease_version v WHERE {{v}} AND v.lease_id IN {} ORDER BY v.version",
            binds.ids(&ids)
        );
        let mut versions: HashMap<LeaseId, Vec<LeaseVersion>> = HashMap::new();
        for row in self.query(&sql, &[Slot("v", "lease_version")], binds.into_values()).await? {
            versions.entry(LeaseId::from_uuid(get(&row, "lease_id")?)).or_default().push(to_version(&row)?);
        }
        for lease in &mut leases {
            lease.versions = versions.remove(&lease.id).unwrap_or_default();
        }
        Ok(leases)
    }

    async fn leases_of(&self, sql: &str, slots: &[Slot], binds: Binds) -> Result<Vec<Lease>> {
        let rows = self.query(sql, slots, binds.into_values()).await?;
        self.with_versions(rows.iter().map(to_lease).collect::<Result<_>>()?).await
    }

    /// Locks the leases of a condition on `l`, then reads when something about them was recorded last: by then, whoever
    /// held them before is done.
    async fn locked(&self, of: &str, slots: &[Slot], binds: Binds) -> Result<Locked> {
        let values = binds.into_values();
        // One order for everybody, so that two never wait for each other.
        let lock =
            format!("SELECT l.lease_id FROM lease l WHERE {{l}} AND {of} ORDER BY l.lease_id {}", self.locking("l"));
        let with = |more: &[Slot]| [slots, &[Slot("l", "lease")], more].concat();
        let leases = self.query(&lock, &with(&[]), values.clone()).await?.len();
        let of_lease = |alias: &str| {
            format!("{alias}.park_id = l.park_id AND {alias}.tenant_id = l.tenant_id AND {alias}.lease_id = l.lease_id")
        };
        let latest = format!(
            "SELECT MAX(x.at) AS latest FROM (
              SELECT (SELECT MAX(v.recorded_at) FROM lease_version v WHERE {{v}} AND {}) AS at FROM lease l WHERE {{l}} AND {of}
              UNION ALL
              SELECT (SELECT MAX(s.recorded_at) FROM seat_ledger s WHERE {{s}} AND {}) FROM lease l WHERE {{l}} AND {of}
              UNION ALL
              SELECT (SELECT MAX(u.recorded_at) FROM lease_usage u WHERE {{u}} AND {}) FROM lease l WHERE {{l}} AND {of}
              UNION ALL
              SELECT (SELECT MAX(i.known_at) FROM invoice i WHERE {{i}} AND {}) FROM lease l WHERE {{l}} AND {of}
              UNION ALL
              SELECT (SELECT MAX(z.known_at) FROM credit_note_correction z WHERE {{z}} AND {}) FROM lease l WHERE {{l}} AND {of}
              UNION ALL
              SELECT MAX(p.recorded_at) FROM seat_place p WHERE {{p}}
              UNION ALL
              SELECT MAX(n.recorded_at) FROM zone_name n WHERE {{n}}) x",
            of_lease("v"),
            of_lease("s"),
            of_lease("u"),
            of_lease("i"),
            of_lease("z"),
        );
        let more = [
            Slot("v", "lease_version"),
            Slot("s", "seat_ledger"),
            Slot("u", "lease_usage"),
            Slot("i", "invoice"),
            Slot("z", "credit_note_correction"),
            // Of every zone: which of them the leases pay by is not asked for each act.
            Slot("p", "seat_place"),
            Slot("n", "zone_name"),
        ];
        let row = self.query_one(&latest, &with(&more), values).await?;
        let latest = row.map(|r| get(&r, "latest")).transpose()?.flatten();
        Ok(Locked { leases, latest })
    }

    /// What keeps rows from others until the end of the transaction: on SQLite there is one writer at a time anyway.
    pub(super) fn locking(&self, of: &str) -> String {
        if self.postgres() { format!("FOR NO KEY UPDATE OF {of}") } else { String::new() }
    }
}

#[async_trait]
impl Store for Tx {
    async fn leases(
        &self,
        filter: &LeaseFilter,
        today: NaiveDate,
        sort: Sort<LeaseSort>,
        page: &PageRequest,
    ) -> Result<Page<Lease>> {
        let mut binds = Binds::default();
        let (of, mut slots) = filtered(filter, today, &mut binds);
        let (keys, joined) = sorted(sort.by, today, &mut slots, &mut binds);
        let list = Sorted::new(sort, keys);
        let sql = list.sql(LEASE, &format!("FROM lease l{joined} WHERE {of}"), page, &mut binds)?;
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let cursors = rows.iter().map(|row| list.cursor(row)).collect::<Result<Vec<_>>>()?;
        let leases = self.with_versions(rows.iter().map(to_lease).collect::<Result<_>>()?).await?;
        Ok(Page::from_rows(page, cursors.into_iter().zip(leases).collect()))
    }

    async fn leases_count(&self, filter: &LeaseFilter, today: NaiveDate) -> Result<i64> {
        let mut binds = Binds::default();
        let (of, slots) = filtered(filter, today, &mut binds);
        let sql = format!("SELECT COUNT(*) AS n FROM lease l WHERE {of}");
        let row = self.query_one(&sql, &slots, binds.into_values()).await?;
        row.map_or(Ok(0), |r| get(&r, "n"))
    }

    async fn leases_first(&self, tenants: &[TenantId], first: u32) -> Result<Vec<Lease>> {
        let mut binds = Binds::default();
        let list = Firsts { columns: LEASE, table: "lease", alias: "l", of: "tenant_id", by: "code", first };
        let sql = list.sql(self.postgres(), tenants, &mut binds);
        self.leases_of(&sql, &[Slot("l", "lease")], binds).await
    }

    async fn leases_counts(&self, tenants: &[TenantId]) -> Result<Vec<(TenantId, i64)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT l.tenant_id, COUNT(*) AS n FROM lease l WHERE {{l}} AND l.tenant_id IN {} GROUP BY l.tenant_id",
            binds.ids(tenants)
        );
        let rows = self.query(&sql, &[Slot("l", "lease")], binds.into_values()).await?;
        rows.iter().map(|r| Ok((TenantId::from_uuid(get(r, "tenant_id")?), get(r, "n")?))).collect()
    }

    async fn leases_by_id(&self, ids: &[LeaseId]) -> Result<Vec<Lease>> {
        let mut binds = Binds::default();
        let sql = format!("SELECT {LEASE} FROM lease l WHERE {{l}} AND l.lease_id IN {}", binds.ids(ids));
        self.leases_of(&sql, &[Slot("l", "lease")], binds).await
    }

    async fn lease_add(&self, lease: &Lease, by: Option<UserId>) -> Result<bool> {
        let park: Value = self.park_id()?.into();
        let (Some(first), tenant) = (lease.versions.first(), id(lease.tenant)) else {
            return Err(Error::internal("a lease without a version"));
        };
        let sql = "INSERT INTO lease (park_id, tenant_id, lease_id, code, signed_on, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
        let values = vec![
            park.clone(),
            tenant.clone(),
            id(lease.id),
            lease.code.as_str().into(),
            lease.signed_on.into(),
            first.recorded_at.into(),
        ];
        match self.execute(sql, &[], values).await {
            Err(e) if violated(&e).is_some_and(|c| c.contains("lease_code") || c.contains("lease.code")) => {
                return Ok(false);
            }
            other => other.map_err(fail)?,
        };
        for version in &lease.versions {
            self.lease_version_add(lease, version, by).await?;
        }
        Ok(true)
    }

    async fn lease_version_add(&self, lease: &Lease, version: &LeaseVersion, by: Option<UserId>) -> Result<()> {
        let terms = &version.terms;
        let book = terms.price_book.as_ref();
        if let Some(book) = book {
            self.price_book_agree(lease.tenant, book, version.recorded_at).await?;
        }
        let row: [(&str, Value); 25] = [
            ("park_id", self.park_id()?.into()),
            ("tenant_id", id(lease.tenant)),
            ("lease_id", id(lease.id)),
            ("version", version.version.into()),
            ("in_force_from", version.in_force_from.into()),
            ("term_from", terms.term_from.into()),
            ("term_to", terms.term_to.into()),
            ("product", terms.product.name().into()),
            ("unit_price_minor", terms.unit_price.minor.into()),
            ("currency", terms.unit_price.currency.code().into()),
            ("tax_rate_bp", i64::from(terms.tax_rate.basis_points()).into()),
            ("proration", terms.proration.to_string().into()),
            ("rent_free", serde_json::to_value(&terms.rent_free).map_err(Error::internal)?.into()),
            (
                "price_steps",
                serde_json::json!(terms.price_steps.iter().map(|s| (s.from, s.unit_price.minor)).collect::<Vec<_>>())
                    .into(),
            ),
            ("price_book", book.map(|book| book.book.clone()).into()),
            ("price_book_version", book.map(|book| i64::from(book.version)).into()),
            ("deposit_minor", terms.deposit.minor.into()),
            ("payment_days", terms.payment_days.into()),
            ("clauses", serde_json::to_value(&version.clauses).map_err(Error::internal)?.into()),
            ("own_zone", version.clauses.own_zone.into()),
            // A book may have a minimum of its own.
            ("minimum_spend", (book.is_some() || !version.clauses.minimum_spend.is_empty()).into()),
            ("index_next", version.clauses.index.as_ref().map(|index| index.next).into()),
            ("reason", version.reason.as_str().into()),
            ("recorded_at", version.recorded_at.into()),
            ("recorded_by", by.map(Id::uuid).into()),
        ];
        let (columns, values): (Vec<&str>, Vec<Value>) = row.into_iter().unzip();
        for (sql, values) in inserts("lease_version", &columns, vec![values]) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn lease_bound(&self, lease: LeaseId) -> Result<Bound> {
        let sql = "SELECT (SELECT MAX(i.period_to) FROM invoice i WHERE {i} AND i.lease_id = $1 AND i.voided_at IS NULL) AS billed_to,
             (SELECT MAX(a.held_to) FROM allocation a WHERE {a} AND a.lease_id = $1) AS held_to";
        let slots = [Slot("i", "invoice"), Slot("a", "allocation")];
        let row = self.query_one(sql, &slots, vec![id(lease)]).await?;
        let row = row.ok_or_else(|| Error::internal("an aggregate without a row"))?;
        Ok(Bound { billed_to: get(&row, "billed_to")?, held_to: get(&row, "held_to")? })
    }

    async fn allocations(
        &self,
        of: AllocationsOf,
        on: Option<NaiveDate>,
        page: &PageRequest,
    ) -> Result<Page<Allocation>> {
        let mut binds = Binds::default();
        let (of, on) = (owner(&[of], &mut binds), on_day(on, &mut binds));
        let after = match page.after.as_deref().map(str::parse::<AllocationId>) {
            None => "1 = 1".to_owned(),
            Some(Err(_)) => "1 = 0".to_owned(),
            Some(Ok(last)) => format!("a.allocation_id > {}", binds.one(last.uuid())),
        };
        let sql = format!(
            "SELECT {ALLOCATION} FROM allocation a WHERE {{a}} AND {of} AND {on} AND {after} ORDER BY a.allocation_id LIMIT {}",
            page.first + 1
        );
        let rows = self.query(&sql, &[Slot("a", "allocation")], binds.into_values()).await?;
        let rows = rows.iter().map(|r| to_allocation(r).map(|a| (a.id.to_string(), a))).collect::<Result<_>>()?;
        Ok(Page::from_rows(page, rows))
    }

    async fn allocations_counts(
        &self,
        of: &[AllocationsOf],
        on: Option<NaiveDate>,
    ) -> Result<Vec<(AllocationsOf, i64)>> {
        let mut found = Vec::new();
        for (part, column) in by_owner(of) {
            let mut binds = Binds::default();
            let (of, on) = (owner(&part, &mut binds), on_day(on, &mut binds));
            let sql = format!(
                "SELECT a.{column} AS owner, COUNT(*) AS n FROM allocation a WHERE {{a}} AND {of} AND {on} GROUP BY a.{column}"
            );
            for row in self.query(&sql, &[Slot("a", "allocation")], binds.into_values()).await? {
                let owner = get(&row, "owner")?;
                let of = if column == "lease_id" {
                    AllocationsOf::Lease(LeaseId::from_uuid(owner))
                } else {
                    AllocationsOf::Tenant(TenantId::from_uuid(owner))
                };
                found.push((of, get(&row, "n")?));
            }
        }
        Ok(found)
    }

    async fn allocations_first(
        &self,
        of: &[AllocationsOf],
        on: Option<NaiveDate>,
        first: u32,
    ) -> Result<Vec<(AllocationsOf, Allocation)>> {
        let mut found = Vec::new();
        for (part, column) in by_owner(of) {
            let mut binds = Binds::default();
            let (of, on) = (owner(&part, &mut binds), on_day(on, &mut binds));
            let sql = format!(
                "SELECT {ALLOCATION} FROM (SELECT a.*, ROW_NUMBER() OVER (PARTITION BY a.{column} ORDER BY a.allocation_id) AS place
                  FROM allocation a WHERE {{a}} AND {of} AND {on}) a WHERE a.place <= {} ORDER BY a.allocation_id",
                first + 1
            );
            for row in self.query(&sql, &[Slot("a", "allocation")], binds.into_values()).await? {
                let one = to_allocation(&row)?;
                let of = if column == "lease_id" {
                    AllocationsOf::Lease(one.lease)
                } else {
                    AllocationsOf::Tenant(one.tenant)
                };
                found.push((of, one));
            }
        }
        Ok(found)
    }

    async fn allocations_by_id(&self, ids: &[AllocationId]) -> Result<Vec<Allocation>> {
        let mut binds = Binds::default();
        let sql =
            format!("SELECT {ALLOCATION} FROM allocation a WHERE {{a}} AND a.allocation_id IN {}", binds.ids(ids));
        self.query(&sql, &[Slot("a", "allocation")], binds.into_values()).await?.iter().map(to_allocation).collect()
    }

    async fn allocations_of_seats(&self, seats: &[SeatId], within: Period) -> Result<Vec<Allocation>> {
        let mut binds = Binds::default();
        let (from, to) = (binds.one(within.from), binds.one(within.to.unwrap_or(NEVER)));
        let sql = format!(
            "SELECT {ALLOCATION} FROM allocation a WHERE {{a}} AND a.seat_id IN {}
              AND a.held_from < {to} AND (a.held_to IS NULL OR a.held_to > {from})
             ORDER BY a.seat_id, a.shift_from_min, a.held_from",
            binds.ids(seats)
        );
        self.query(&sql, &[Slot("a", "allocation")], binds.into_values()).await?.iter().map(to_allocation).collect()
    }

    async fn lease_seat_counts(&self, leases: &[LeaseId], on: NaiveDate) -> Result<Vec<(LeaseId, i64)>> {
        let mut binds = Binds::default();
        let day = on_day(Some(on), &mut binds);
        let sql = format!(
            "SELECT a.lease_id, COUNT(DISTINCT a.seat_id) AS n FROM allocation a WHERE {{a}} AND {day} AND a.lease_id IN {}
             GROUP BY a.lease_id",
            binds.ids(leases)
        );
        let rows = self.query(&sql, &[Slot("a", "allocation")], binds.into_values()).await?;
        rows.iter().map(|r| Ok((LeaseId::from_uuid(get(r, "lease_id")?), get(r, "n")?))).collect()
    }

    async fn tenant_seat_counts(&self, tenants: &[TenantId], on: NaiveDate) -> Result<Vec<(TenantId, i64, i64)>> {
        let mut binds = Binds::default();
        let (day, ids) = (binds.one(on), binds.ids(tenants));
        let sql = format!(
            "SELECT a.tenant_id, COUNT(DISTINCT a.seat_id) AS leased, CAST(0 AS bigint) AS occupied
             FROM allocation a WHERE {{a}} AND {} AND a.tenant_id IN {ids} GROUP BY a.tenant_id
             UNION ALL
             SELECT o.tenant_id, CAST(0 AS bigint), COUNT(DISTINCT o.seat_id)
             FROM occupancy o WHERE {{o}} AND {} AND o.tenant_id IN {ids} GROUP BY o.tenant_id",
            covers("a.held_from", "a.held_to", &day),
            covers("o.sat_from", "o.sat_to", &day),
        );
        let slots = [Slot("a", "allocation"), Slot("o", "occupancy")];
        let mut counts: HashMap<TenantId, (i64, i64)> = HashMap::new();
        for row in self.query(&sql, &slots, binds.into_values()).await? {
            let sum = counts.entry(TenantId::from_uuid(get(&row, "tenant_id")?)).or_default();
            sum.0 += get::<i64>(&row, "leased")?;
            sum.1 += get::<i64>(&row, "occupied")?;
        }
        Ok(counts.into_iter().map(|(id, (leased, occupied))| (id, leased, occupied)).collect())
    }

    async fn leases_lock(&self, leases: &[LeaseId]) -> Result<Locked> {
        let mut binds = Binds::default();
        let of = format!("l.lease_id IN {}", binds.ids(leases));
        self.locked(&of, &[], binds).await
    }

    async fn leases_lock_of(&self, allocations: &[AllocationId]) -> Result<Locked> {
        let mut binds = Binds::default();
        let of = format!(
            "l.lease_id IN (SELECT a.lease_id FROM allocation a WHERE {{a}} AND a.allocation_id IN {})",
            binds.ids(allocations)
        );
        self.locked(&of, &[Slot("a", "allocation")], binds).await
    }

    async fn seats_locked(&self, ids: &[SeatId]) -> Result<Vec<Seat>> {
        let mut binds = Binds::default();
        // One order for every buyer, so that two of them never wait for each other.
        let sql = format!(
            "SELECT {SEAT} FROM seat s WHERE {{s}} AND s.seat_id IN {} ORDER BY s.seat_id {}",
            binds.ids(ids),
            self.locking("s")
        );
        self.query(&sql, &[Slot("s", "seat")], binds.into_values()).await?.iter().map(to_seat).collect()
    }

    async fn seats_held(&self, seats: &[SeatId], held: Period, shift: Shift) -> Result<Vec<SeatHeld>> {
        let mut binds = Binds::default();
        let mut in_the_way = |from: NaiveDate, to: Option<NaiveDate>, first: i64, last: i64| {
            let (from, to) = (binds.one(from), binds.one(to.unwrap_or(NEVER)));
            let (first, last) = (binds.one(first), binds.one(last));
            format!("(c.claim_from < {to} AND c.claim_to > {from} AND c.from_min < {last} AND c.to_min > {first})")
        };
        let mut parts = in_the_way(held.from, held.to, shift.from_min, shift.until_midnight());
        if shift.next_day() > 0 {
            let next = |day: NaiveDate| day.succ_opt().unwrap_or(day);
            parts = format!("{parts} OR {}", in_the_way(next(held.from), held.to.map(next), 0, shift.next_day()));
        }
        let sql = format!(
            "SELECT c.seat_id, c.claim_from, c.claim_to, c.expires_at FROM seat_claim c WHERE {{c}} AND c.seat_id IN {} AND ({parts})
             ORDER BY c.seat_id, c.claim_from",
            binds.ids(seats)
        );
        let rows = self.query(&sql, &[Slot("c", "seat_claim")], binds.into_values()).await?;
        rows.iter()
            .map(|r| {
                let held = Period { from: get(r, "claim_from")?, to: get(r, "claim_to")? };
                Ok(SeatHeld { seat: SeatId::from_uuid(get(r, "seat_id")?), held, until: get(r, "expires_at")? })
            })
            .collect()
    }

    async fn unsigned(&self, lease: LeaseId) -> Result<bool> {
        let sql = "SELECT c.approvals FROM contract_policy c WHERE {c} AND c.sign_before_seats AND NOT EXISTS (
              SELECT 1 FROM contract_paper p WHERE {p} AND p.lease_id = $1 AND p.state = 'signed')";
        let slots = [Slot("c", "contract_policy"), Slot("p", "contract_paper")];
        Ok(self.query_one(sql, &slots, vec![id(lease)]).await?.is_some())
    }

    async fn zones_taken(
        &self,
        zones: &[ZoneId],
        own: bool,
        tenant: TenantId,
        within: Period,
    ) -> Result<Vec<(ZoneId, bool)>> {
        if zones.is_empty() {
            return Ok(Vec::new());
        }
        if self.postgres() {
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT z.zone_id FROM zone z WHERE {{z}} AND z.zone_id IN {} ORDER BY z.zone_id FOR {} OF z",
                binds.ids(zones),
                if own { "NO KEY UPDATE" } else { "SHARE" }
            );
            self.query(&sql, &[Slot("z", "zone")], binds.into_values()).await?;
        }
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT n.zone_id, CAST(MAX(CASE WHEN v.own_zone THEN 1 ELSE 0 END) AS bigint) AS apart FROM seat n
             JOIN allocation a ON a.park_id = n.park_id AND a.seat_id = n.seat_id
             JOIN lease_version v ON v.park_id = a.park_id AND v.tenant_id = a.tenant_id AND v.lease_id = a.lease_id
             WHERE {{n}} AND {{a}} AND {{v}} AND a.tenant_id <> {} AND a.held_from < {} AND a.held_to > {} AND n.zone_id IN {}
              AND NOT EXISTS (SELECT 1 FROM lease_version w WHERE {{w}} AND w.park_id = v.park_id
               AND w.tenant_id = v.tenant_id AND w.lease_id = v.lease_id AND w.version > v.version)
             GROUP BY n.zone_id",
            binds.one(tenant.uuid()),
            binds.one(within.to.unwrap_or(NEVER)),
            binds.one(within.from),
            binds.ids(zones),
        );
        let slots =
            [Slot("n", "seat"), Slot("a", "allocation"), Slot("v", "lease_version"), Slot("w", "lease_version")];
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let taken = |row: &QueryResult| Ok((ZoneId::from_uuid(get(row, "zone_id")?), get::<i64>(row, "apart")? > 0));
        rows.iter().map(taken).collect()
    }

    async fn lease_zones(&self, lease: LeaseId, from: NaiveDate) -> Result<Vec<ZoneId>> {
        let sql =
            "SELECT DISTINCT n.zone_id FROM allocation a JOIN seat n ON n.park_id = a.park_id AND n.seat_id = a.seat_id
             WHERE {a} AND {n} AND a.lease_id = $1 AND a.held_to > $2 ORDER BY n.zone_id";
        let rows = self.query(sql, &[Slot("a", "allocation"), Slot("n", "seat")], vec![id(lease), from.into()]).await?;
        rows.iter().map(|row| Ok(ZoneId::from_uuid(get(row, "zone_id")?))).collect()
    }

    async fn allocations_add(&self, allocations: &[Allocation]) -> Result<bool> {
        self.tell_seats()?;
        let park: Value = self.park_id()?.into();
        let row = |a: &Allocation| {
            vec![
                park.clone(),
                id(a.tenant),
                id(a.id),
                id(a.seat),
                id(a.lease),
                a.held.from.into(),
                a.held.to.into(),
                a.shift.from_min.into(),
                a.shift.until_midnight().into(),
                a.shift.next_day().into(),
                a.recorded_at.into(),
            ]
        };
        let columns = [
            "park_id",
            "tenant_id",
            "allocation_id",
            "seat_id",
            "lease_id",
            "held_from",
            "held_to",
            "shift_from_min",
            "shift_to_min",
            "shift_next_min",
            "recorded_at",
        ];
        for (sql, values) in inserts("allocation", &columns, allocations.iter().map(row).collect()) {
            match self.execute(&sql, &[], values).await {
                Err(e) if doubled(&e) => return Ok(false),
                other => other.map_err(fail)?,
            };
        }
        Ok(true)
    }

    async fn allocations_locked(&self, ids: &[AllocationId]) -> Result<Vec<(Allocation, String)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT {ALLOCATION}, s.code AS seat_code FROM allocation a
             JOIN seat s ON s.park_id = a.park_id AND s.seat_id = a.seat_id
             WHERE {{a}} AND {{s}} AND a.allocation_id IN {} ORDER BY a.allocation_id {}",
            binds.ids(ids),
            // Also from those who are about to refer to its days.
            if self.postgres() { "FOR UPDATE OF a" } else { "" }
        );
        let rows = self.query(&sql, &[Slot("a", "allocation"), Slot("s", "seat")], binds.into_values()).await?;
        rows.iter().map(|r| Ok((to_allocation(r)?, get(r, "seat_code")?))).collect()
    }

    async fn allocations_beyond(&self, lease: LeaseId, on: NaiveDate) -> Result<Vec<(AllocationId, NaiveDate)>> {
        let sql =
            "SELECT a.allocation_id, a.held_from FROM allocation a WHERE {a} AND a.lease_id = $1 AND a.held_to > $2
             ORDER BY a.held_from, a.allocation_id";
        let rows = self.query(sql, &[Slot("a", "allocation")], vec![id(lease), on.into()]).await?;
        rows.iter().map(|r| Ok((AllocationId::from_uuid(get(r, "allocation_id")?), get(r, "held_from")?))).collect()
    }

    async fn sitting_beyond(&self, ids: &[AllocationId], on: NaiveDate) -> Result<Vec<Sitting>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT o.allocation_id, COUNT(*) AS people, MAX(o.sat_to) AS until FROM occupancy o
             WHERE {{o}} AND o.sat_to > {} AND o.allocation_id IN {} GROUP BY o.allocation_id",
            binds.one(on),
            binds.ids(ids)
        );
        let rows = self.query(&sql, &[Slot("o", "occupancy")], binds.into_values()).await?;
        let sitting = |r: &QueryResult| {
            let allocation = AllocationId::from_uuid(get(r, "allocation_id")?);
            Ok(Sitting { allocation, people: get(r, "people")?, until: get(r, "until")? })
        };
        rows.iter().map(sitting).collect()
    }

    async fn sitting_end(&self, ids: &[AllocationId], on: NaiveDate, recorded_at: DateTime<Utc>) -> Result<()> {
        self.tell_seats()?;
        // What is taken out says first when: the ledger has it from there.
        for (change, column, recorded) in [
            ("UPDATE occupancy AS o SET recorded_at = $2", "sat_from >=", true),
            ("DELETE FROM occupancy AS o", "sat_from >=", false),
            ("UPDATE occupancy AS o SET sat_to = $1, recorded_at = $2", "sat_to >", true),
        ] {
            let mut binds = Binds::default();
            let day = binds.one(on);
            if recorded {
                binds.one(recorded_at);
            }
            let sql = format!("{change} WHERE {{o}} AND o.{column} {day} AND o.allocation_id IN {}", binds.ids(ids));
            self.execute(&sql, &[Slot("o", "occupancy")], binds.into_values()).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn allocations_end(&self, ids: &[AllocationId], on: NaiveDate, recorded_at: DateTime<Utc>) -> Result<()> {
        self.tell_seats()?;
        if ids.is_empty() {
            return Ok(());
        }
        let mut binds = Binds::default();
        let sql = format!(
            "UPDATE allocation AS a SET held_to = {}, recorded_at = {} WHERE {{a}} AND a.allocation_id IN {}",
            binds.one(on),
            binds.one(recorded_at),
            binds.ids(ids)
        );
        self.execute(&sql, &[Slot("a", "allocation")], binds.into_values()).await.map_err(fail)?;
        // Those who sat there keep the days of the allocation beside their own.
        let mut binds = Binds::default();
        let day = binds.one(on);
        let sql =
            format!("UPDATE occupancy AS o SET held_to = {day} WHERE {{o}} AND o.allocation_id IN {}", binds.ids(ids));
        self.execute(&sql, &[Slot("o", "occupancy")], binds.into_values()).await.map_err(fail).map(|_| ())
    }

    async fn allocations_remove(&self, ids: &[AllocationId]) -> Result<()> {
        self.tell_seats()?;
        if ids.is_empty() {
            return Ok(());
        }
        let mut binds = Binds::default();
        let sql = format!("DELETE FROM allocation AS a WHERE {{a}} AND a.allocation_id IN {}", binds.ids(ids));
        self.execute(&sql, &[Slot("a", "allocation")], binds.into_values()).await.map_err(fail).map(|_| ())
    }

    async fn lease_transfer_add(
        &self,
        from: TenantId,
        to: TenantId,
        leases: Transferred,
        on: NaiveDate,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "INSERT INTO lease_transfer (park_id, from_tenant_id, from_lease_id, to_tenant_id, to_lease_id, first_on, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let park: Value = self.park_id()?.into();
        let values = vec![park, id(from), id(leases.from), id(to), id(leases.to), on.into(), at.into()];
        self.execute(sql, &[], values).await.map_err(fail).map(|_| ())
    }

    async fn lease_transfers(&self, leases: &[LeaseId]) -> Result<Vec<(NaiveDate, LeaseId, LeaseId)>> {
        let mut binds = Binds::default();
        let ids = binds.ids(leases);
        let sql = format!(
            "SELECT t.first_on, t.from_lease_id, t.to_lease_id FROM lease_transfer t
             WHERE {{t}} AND (t.from_lease_id IN {ids} OR t.to_lease_id IN {ids}) ORDER BY t.first_on, t.to_lease_id"
        );
        let rows = self.query(&sql, &[Slot("t", "lease_transfer")], binds.into_values()).await?;
        let lease = |row: &QueryResult, column: &str| Ok::<_, Error>(LeaseId::from_uuid(get(row, column)?));
        rows.iter()
            .map(|row| Ok((get(row, "first_on")?, lease(row, "from_lease_id")?, lease(row, "to_lease_id")?)))
            .collect()
    }

    async fn ledger_add(&self, entries: &[LedgerEntry], by: Option<UserId>) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let row = |e: &LedgerEntry| {
            vec![
                park.clone(),
                id(e.allocation.tenant),
                id(e.id),
                id(e.allocation.seat),
                id(e.allocation.lease),
                id(e.allocation.id),
                e.kind.name().into(),
                e.effective_on.into(),
                e.recorded_at.into(),
                by.map(Id::uuid).into(),
            ]
        };
        let columns = [
            "park_id",
            "tenant_id",
            "entry_id",
            "seat_id",
            "lease_id",
            "allocation_id",
            "kind",
            "effective_on",
            "recorded_at",
            "recorded_by",
        ];
        for (sql, values) in inserts("seat_ledger", &columns, entries.iter().map(row).collect()) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }
}

/// Whether the database refused a seat held twice: the exclusion constraint or the trigger of that name. A serialisation
/// failure or deadlock is none.
fn doubled(error: &DbErr) -> bool {
    violated(error).is_some_and(|c| c.contains("seat_no_double"))
}
