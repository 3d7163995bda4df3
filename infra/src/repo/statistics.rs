//! Figures of a park as a whole.

use async_trait::async_trait;
use chrono::NaiveDate;
use voxpark_domain::Result;
use voxpark_domain::ids::{Id, ParkId};
use voxpark_domain::statistics::{AtLevel, Counted, ParkFigures, Store};

use super::maturity::small;
use super::{broken, get};
use crate::db::{Slot, Tx};

/// Everything but levels, in one row.
const FIGURES: &str = "SELECT
 (SELECT COUNT(*) FROM tenant t WHERE {t} AND t.park_id = $1) AS tenants,
 (SELECT COUNT(*) FROM seat s WHERE {s} AND s.park_id = $1 AND s.built_from <= $2 AND (s.built_to IS NULL OR s.built_to > $2)) AS seats,
 (SELECT COUNT(DISTINCT a.seat_id) FROM allocation a WHERE {a} AND a.park_id = $1 AND a.held_from <= $2 AND a.held_to > $2) AS leased,
 (SELECT COUNT(DISTINCT o.seat_id) FROM occupancy o WHERE {o} AND o.park_id = $1 AND o.sat_from <= $2 AND o.sat_to > $2) AS occupied,
 (SELECT COUNT(DISTINCT q.tenant_id) FROM occupancy q WHERE {q} AND q.park_id = $1 AND q.sat_from <= $2 AND q.sat_to > $2) AS occupiers,
 (SELECT COUNT(*) FROM person p WHERE {p} AND p.park_id = $1 AND p.joined_on <= $2 AND (p.left_on IS NULL OR p.left_on > $2)) AS people,
 (SELECT COUNT(DISTINCT e.tenant_id) FROM person e WHERE {e} AND e.park_id = $1 AND e.joined_on <= $2 AND (e.left_on IS NULL OR e.left_on > $2)) AS employers";
const FIGURE_SLOTS: [Slot; 7] = [
    Slot("t", "tenant"),
    Slot("s", "seat"),
    Slot("a", "allocation"),
    Slot("o", "occupancy"),
    Slot("q", "occupancy"),
    Slot("p", "person"),
    Slot("e", "person"),
];

/// How many tenants there are at the level that each was last found at.
const LEVELS: &str = "SELECT r.level, COUNT(*) AS n FROM assessment_result r
 WHERE {r} AND r.park_id = $1 AND NOT EXISTS (
  SELECT 1 FROM assessment_result l WHERE {l} AND l.park_id = r.park_id AND l.tenant_id = r.tenant_id
   AND (l.concluded_at > r.concluded_at OR (l.concluded_at = r.concluded_at AND l.assessment_id > r.assessment_id)))
 GROUP BY r.level ORDER BY r.level DESC";

#[async_trait]
impl Store for Tx {
    async fn park_figures(&self, park: ParkId, day: NaiveDate) -> Result<ParkFigures> {
        let values = vec![park.uuid().into(), day.into()];
        let row = self.query_one(FIGURES, &FIGURE_SLOTS, values).await?.ok_or_else(|| broken("figures", "none"))?;
        let slots = [Slot("r", "assessment_result"), Slot("l", "assessment_result")];
        let at = self.query(LEVELS, &slots, vec![park.uuid().into()]).await?;
        let mut levels = at
            .iter()
            .map(|r| Ok(AtLevel { level: Some(small(get(r, "level")?)?), tenants: get(r, "n")? }))
            .collect::<Result<Vec<_>>>()?;
        let tenants: i64 = get(&row, "tenants")?;
        let unassessed = tenants - levels.iter().map(|l| l.tenants).sum::<i64>();
        if unassessed > 0 {
            levels.push(AtLevel { level: None, tenants: unassessed });
        }
        Ok(ParkFigures {
            tenants,
            seats: get(&row, "seats")?,
            leased: get(&row, "leased")?,
            occupied: Counted { sum: get(&row, "occupied")?, tenants: get(&row, "occupiers")? },
            people: Counted { sum: get(&row, "people")?, tenants: get(&row, "employers")? },
            levels,
        })
    }
}
