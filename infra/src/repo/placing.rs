//! Where seats stand on their floor plans.

use async_trait::async_trait;
use voxpark_domain::Result;
use voxpark_domain::estate::{Placing, Seat};
use voxpark_domain::ids::FloorId;

use super::binds::{id, inserts};
use super::estate::{SEAT, SEAT_COLUMNS, seat_row, to_seat};
use crate::db::{Slot, Tx, fail};

#[async_trait]
impl Placing for Tx {
    async fn seats_of_floor_locked(&self, floor: FloorId) -> Result<Vec<Seat>> {
        let sql = format!(
            "SELECT {SEAT} FROM seat s JOIN zone z ON z.park_id = s.park_id AND z.zone_id = s.zone_id
             WHERE {{s}} AND {{z}} AND z.floor_id = $1 ORDER BY s.seat_id {}",
            self.locking("s")
        );
        let slots = [Slot("s", "seat"), Slot("z", "zone")];
        self.query(&sql, &slots, vec![id(floor)]).await?.iter().map(to_seat).collect()
    }

    async fn seats_spots_set(&self, seats: &[Seat]) -> Result<()> {
        self.tell_seats()?;
        let park = self.park_id()?;
        for (sql, values) in inserts("seat", &SEAT_COLUMNS, seats.iter().map(|s| seat_row(park, s)).collect()) {
            let sql = format!(
                "{sql} ON CONFLICT (park_id, seat_id) DO UPDATE SET x_mm = excluded.x_mm, y_mm = excluded.y_mm"
            );
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }
}
