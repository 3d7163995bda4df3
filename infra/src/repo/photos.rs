//! Photographs of zones and seats.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_domain::estate::{Photo, PhotoOf, Photos, StoredPicture};
use voxpark_domain::ids::{FileId, Id, PhotoId, SeatId, UserId, ZoneId};
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id};
use super::floor_plans::sha256;
use super::get;
use crate::db::{Slot, Tx, fail};

const PHOTO: Slot = Slot("ph", "place_photo");
const COLUMNS: &str =
    "ph.photo_id, ph.zone_id, ph.seat_id, ph.sha256, ph.media_type, ph.bytes, ph.caption, ph.taken_on";

fn to_photo(row: &QueryResult) -> Result<Photo> {
    let (zone, seat): (Option<Uuid>, Option<Uuid>) = (get(row, "zone_id")?, get(row, "seat_id")?);
    let zone = zone.map(|zone| PhotoOf::Zone(ZoneId::from_uuid(zone)));
    let of = zone.or_else(|| seat.map(|seat| PhotoOf::Seat(SeatId::from_uuid(seat))));
    Ok(Photo {
        id: PhotoId::from_uuid(get(row, "photo_id")?),
        of: of.ok_or_else(|| Error::internal("a photograph in the database shows nothing"))?,
        stored: StoredPicture {
            sha256: sha256(get(row, "sha256")?)?,
            media_type: get(row, "media_type")?,
            bytes: get(row, "bytes")?,
        },
        caption: get(row, "caption")?,
        taken_on: get(row, "taken_on")?,
    })
}

#[async_trait]
impl Photos for Tx {
    async fn photos_of(&self, zones: &[ZoneId], seats: &[SeatId]) -> Result<Vec<Photo>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT {COLUMNS} FROM place_photo ph WHERE {{ph}} AND ph.removed_at IS NULL
              AND (ph.zone_id IN {} OR ph.seat_id IN {}) ORDER BY ph.taken_on DESC, ph.photo_id DESC",
            binds.ids(zones),
            binds.ids(seats)
        );
        self.query(&sql, &[PHOTO], binds.into_values()).await?.iter().map(to_photo).collect()
    }

    async fn photos_by_id(&self, ids: &[PhotoId]) -> Result<Vec<Photo>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT {COLUMNS} FROM place_photo ph WHERE {{ph}} AND ph.removed_at IS NULL AND ph.photo_id IN {}",
            binds.ids(ids)
        );
        self.query(&sql, &[PHOTO], binds.into_values()).await?.iter().map(to_photo).collect()
    }

    async fn photo_add(&self, photo: &Photo, file: FileId, at: DateTime<Utc>, by: Option<UserId>) -> Result<()> {
        let (zone, seat) = match photo.of {
            PhotoOf::Zone(zone) => (Some(zone.uuid()), None),
            PhotoOf::Seat(seat) => (None, Some(seat.uuid())),
        };
        let values = vec![
            self.park_id()?.into(),
            id(photo.id),
            zone.into(),
            seat.into(),
            id(file),
            photo.stored.sha256.to_vec().into(),
            photo.stored.media_type.as_str().into(),
            photo.stored.bytes.into(),
            photo.caption.as_str().into(),
            photo.taken_on.into(),
            at.into(),
            by.map(Id::uuid).into(),
        ];
        let sql =
            "INSERT INTO place_photo (park_id, photo_id, zone_id, seat_id, file_id, sha256, media_type, bytes, caption,
              taken_on, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        self.execute(sql, &[], values).await.map_err(fail).map(drop)
    }

    async fn photo_remove(&self, photo: PhotoId, at: DateTime<Utc>, by: Option<UserId>) -> Result<bool> {
        let sql = "UPDATE place_photo AS ph SET removed_at = $1, removed_by = $2
             WHERE {ph} AND ph.photo_id = $3 AND ph.removed_at IS NULL";
        let values = vec![at.into(), by.map(Id::uuid).into(), id(photo)];
        Ok(self.execute(sql, &[PHOTO], values).await.map_err(fail)? == 1)
    }
}
