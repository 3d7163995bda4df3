//! Statements over whole logs, for the installation itself.

use std::collections::BTreeMap;

use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::audit::{Event, Head, Owner, START, Seal};
use voxpark_domain::ids::{Id, ParkId};

use super::key;
use crate::db::{Slot, Tx, fail};
use crate::repo::audit::{columns, event, hash, head};
use crate::repo::get;

/// Events read together.
const CHUNK: usize = 500;

impl Tx {
    /// The installation first, then parks by code.
    pub(super) async fn logs(&self) -> Result<Vec<(Option<ParkId>, String)>> {
        let sql = "SELECT p.park_id, p.code FROM park p WHERE {p} ORDER BY p.code";
        let mut all = vec![(None, "installation".to_owned())];
        for row in &self.query(sql, &[Slot("p", "park")], Vec::new()).await? {
            all.push((Some(ParkId::from_uuid(get(row, "park_id")?)), get(row, "code")?));
        }
        Ok(all)
    }

    /// How far every lane of a park reaches.
    pub(super) async fn heads(&self, park: Option<ParkId>) -> Result<Vec<Head>> {
        let sql = "SELECT h.tenant_id, h.lane, h.seq, h.hash FROM audit_head h WHERE {h} AND h.park_id = $1
             ORDER BY h.tenant_id, h.lane";
        let rows = self.query(sql, &[Slot("h", "audit_head")], vec![key(park).into()]).await?;
        rows.iter().map(|row| Ok(head(Owner::of_key(key(park), get(row, "tenant_id")?), row))).collect()
    }

    /// How far the seals reach in every lane that has a head.
    pub(super) async fn sealed_heads(&self, park: Option<ParkId>) -> Result<Vec<Head>> {
        let sql = "SELECT s.of_tenant_id, s.lane, s.seq, s.hash FROM audit_head h
             JOIN audit_sealed s ON s.park_id = h.park_id AND s.of_tenant_id = h.tenant_id AND s.lane = h.lane
             WHERE {h} AND {s} AND h.park_id = $1 AND s.seq = (SELECT MAX(l.seq) FROM audit_sealed l
              WHERE {l} AND l.park_id = h.park_id AND l.of_tenant_id = h.tenant_id AND l.lane = h.lane)";
        let slots = &[Slot("h", "audit_head"), Slot("s", "audit_sealed"), Slot("l", "audit_sealed")];
        let rows = self.query(sql, slots, vec![key(park).into()]).await?;
        rows.iter().map(|row| Ok(head(Owner::of_key(key(park), get(row, "of_tenant_id")?), row))).collect()
    }

    /// Every lane that has events or a head.
    pub(super) async fn lanes_of(&self, park: Option<ParkId>) -> Result<Vec<(Owner, i64)>> {
        let sql = "SELECT h.tenant_id, h.lane FROM audit_head h WHERE {h} AND h.park_id = $1
             UNION SELECT e.tenant_id, e.lane FROM audit_event e WHERE {e} AND e.park_id = $1 ORDER BY 1, 2";
        let slots = &[Slot("h", "audit_head"), Slot("e", "audit_event")];
        let rows = self.query(sql, slots, vec![key(park).into()]).await?;
        rows.iter().map(|row| Ok((Owner::of_key(key(park), get(row, "tenant_id")?), get(row, "lane")?))).collect()
    }

    /// Hands on the events of a lane behind `from` up to `to`, in order.
    pub(super) async fn lane_events(
        &self,
        owner: Owner,
        lane: i64,
        from: i64,
        to: i64,
        each: &mut (dyn FnMut(&Event) -> Result<()> + Send),
    ) -> Result<()> {
        // What was slipped in before the first one shows as well.
        let mut behind = (if from == 0 { i64::MIN } else { from }, Uuid::max());
        let (park, tenant) = owner.key();
        let sql = format!(
            "SELECT {} FROM audit_event e WHERE {{e}} AND e.park_id = $1 AND e.tenant_id = $2 AND e.lane = $3
             AND (e.seq, e.audit_id) > ($4, $5) AND e.seq <= $6 ORDER BY e.seq, e.audit_id LIMIT {CHUNK}",
            columns()
        );
        loop {
            let values = vec![park.into(), tenant.into(), lane.into(), behind.0.into(), behind.1.into(), to.into()];
            let rows = self.query(&sql, &[Slot("e", "audit_event")], values).await?;
            for row in &rows {
                let event = event(row);
                behind = (event.place.seq, event.id.uuid());
                each(&event)?;
            }
            if rows.len() < CHUNK {
                return Ok(());
            }
        }
    }

    /// Number and hash of the last seal; 0 before the first.
    pub(super) async fn last_seal(&self, park: Option<ParkId>) -> Result<(i64, [u8; 32])> {
        let sql =
            "SELECT s.number, s.hash FROM audit_seal s WHERE {s} AND s.park_id = $1 ORDER BY s.number DESC LIMIT 1";
        let row = self.query_one(sql, &[Slot("s", "audit_seal")], vec![key(park).into()]).await?;
        row.map_or(Ok((0, START)), |row| Ok((get(&row, "number")?, hash(&row, "hash"))))
    }

    /// The first seal behind a number.
    pub(super) async fn seal_after(&self, park: Option<ParkId>, number: i64) -> Result<Option<Seal>> {
        let sql = "SELECT s.number, s.at, s.prev, s.hash, s.key, s.signature FROM audit_seal s
             WHERE {s} AND s.park_id = $1 AND s.number > $2 ORDER BY s.number LIMIT 1";
        let values = vec![key(park).into(), number.into()];
        let Some(row) = self.query_one(sql, &[Slot("s", "audit_seal")], values).await? else { return Ok(None) };
        let number: i64 = get(&row, "number")?;
        let sql = "SELECT s.of_tenant_id, s.lane, s.seq, s.hash FROM audit_sealed s
             WHERE {s} AND s.park_id = $1 AND s.number = $2";
        let heads = self.query(sql, &[Slot("s", "audit_sealed")], vec![key(park).into(), number.into()]).await?;
        // In the order in which they were signed, whatever the database sorts ids by.
        let mut sorted = BTreeMap::new();
        for row in &heads {
            let head = head(Owner::of_key(key(park), get(row, "of_tenant_id")?), row);
            sorted.insert((head.owner.key(), head.lane), head);
        }
        Ok(Some(Seal {
            park,
            number,
            at: row.try_get("", "at").unwrap_or_default(),
            prev: hash(&row, "prev"),
            heads: sorted.into_values().collect(),
            key: hash(&row, "key"),
            hash: hash(&row, "hash"),
            signature: hash(&row, "signature"),
        }))
    }

    /// Keeps a seal.
    pub(super) async fn seal_add(&self, seal: &Seal) -> Result<()> {
        let park = key(seal.park);
        let sql = "INSERT INTO audit_seal (park_id, number, at, prev, hash, key, signature) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = vec![
            park.into(),
            seal.number.into(),
            seal.at.into(),
            seal.prev.to_vec().into(),
            seal.hash.to_vec().into(),
            seal.key.to_vec().into(),
            seal.signature.to_vec().into(),
        ];
        self.execute(sql, &[], values).await.map_err(fail)?;
        let rows = seal.heads.iter().map(|head| {
            let (_, tenant) = head.owner.key();
            vec![
                park.into(),
                seal.number.into(),
                tenant.into(),
                head.lane.into(),
                head.seq.into(),
                head.hash.to_vec().into(),
            ]
        });
        let columns = &["park_id", "number", "of_tenant_id", "lane", "seq", "hash"];
        for (sql, values) in crate::repo::binds::inserts("audit_sealed", columns, rows.collect()) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }
}
