//! Photographs of zones and seats, for the park's own staff: a neighbour may be at work on them.
//!
//! What is removed is kept and shown to nobody any more.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::floor_plan::StoredPicture;
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::{Ctx, Scope};
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::ids::{FileId, PhotoId, SeatId, UserId, ZoneId};
use crate::permission::{Action, Resource};
use crate::platform::StoredFile;

/// The longest caption, characters.
const MAX_CAPTION: usize = 200;
/// The most photographs of one zone or seat.
const MAX_PHOTOS: usize = 30;

/// What a photograph shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhotoOf {
    /// A zone.
    Zone(ZoneId),
    /// A seat.
    Seat(SeatId),
}

/// A photograph of a zone or seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Its id.
    pub id: PhotoId,
    /// What it shows.
    pub of: PhotoOf,
    /// Its bytes.
    pub stored: StoredPicture,
    /// What the park says of it, 1 to 200 characters.
    pub caption: String,
    /// The day on which it was taken.
    pub taken_on: NaiveDate,
}

/// What is kept of photographs.
#[async_trait]
pub trait Photos: Send + Sync {
    /// Those that are not removed, of zones and seats; the latest taken first.
    async fn photos_of(&self, zones: &[ZoneId], seats: &[SeatId]) -> Result<Vec<Photo>>;
    /// Those of these that are not removed.
    async fn photos_by_id(&self, ids: &[PhotoId]) -> Result<Vec<Photo>>;
    /// Adds one; `file` is what it was uploaded as.
    async fn photo_add(&self, photo: &Photo, file: FileId, at: DateTime<Utc>, by: Option<UserId>) -> Result<()>;
    /// Removes one; `false` when somebody else just has.
    async fn photo_remove(&self, id: PhotoId, at: DateTime<Utc>, by: Option<UserId>) -> Result<bool>;
}

/// A photograph to be kept.
#[derive(Clone, Debug)]
pub struct PhotoRequest {
    /// What it shows.
    pub of: PhotoOf,
    /// The picture, looked at before: see [`super::picture`].
    pub file: StoredFile,
    /// What the park says of it.
    pub caption: String,
    /// The day on which it was taken; today or earlier.
    pub taken_on: NaiveDate,
}

fn of_park(ctx: &Ctx) -> bool {
    matches!(ctx.scope(), Scope::Park(_)) && ctx.may(Action::Read, Resource::Estate)
}

/// What a photograph shows must be there.
async fn there<S: Store + Photos + ?Sized>(store: &S, of: PhotoOf) -> Result<Vec<Photo>> {
    let (found, rule, path) = match of {
        PhotoOf::Zone(zone) => (!store.zones_by_id(&[zone]).await?.is_empty(), "zone-not-there", "zoneId"),
        PhotoOf::Seat(seat) => (!store.seats_by_id(&[seat]).await?.is_empty(), "seat-unknown", "seatId"),
    };
    if !found {
        return Err(Refusal::new(RefusalCode::NotFound, rule).at(path).into());
    }
    match of {
        PhotoOf::Zone(zone) => store.photos_of(&[zone], &[]).await,
        PhotoOf::Seat(seat) => store.photos_of(&[], &[seat]).await,
    }
}

/// Keeps a photograph.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `text-required`, `text-too-long`, `photo-future`,
/// `zone-not-there`, `seat-unknown`, `photos-too-many`.
pub async fn photo_add<S: Store + Photos + ?Sized>(store: &S, ctx: &Ctx, request: &PhotoRequest) -> Result<Photo> {
    ctx.require(Action::Write, Resource::Estate)?;
    let caption = request.caption.trim();
    let mut bad = Refusals::new();
    bad.text("caption", caption, true, MAX_CAPTION);
    bad.when(request.taken_on > ctx.today(), || {
        Refusal::new(RefusalCode::OutOfRange, "photo-future").at("takenOn").with("today", ctx.today())
    });
    bad.finish()?;
    if there(store, request.of).await?.len() >= MAX_PHOTOS {
        return Err(Refusal::new(RefusalCode::TooLarge, "photos-too-many").with("max", MAX_PHOTOS).into());
    }
    let photo = Photo {
        id: ctx.id(),
        of: request.of,
        stored: StoredPicture::from(&request.file),
        caption: caption.to_owned(),
        taken_on: request.taken_on,
    };
    ctx.heard().changed("caption", Seen::maybe(None::<&str>), Seen::of(&photo.caption));
    store.photo_add(&photo, request.file.id, ctx.now(), ctx.actor().user).await?;
    Ok(photo)
}

/// Removes a photograph; answers what it was.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `photo-not-there`.
pub async fn photo_remove<S: Photos + ?Sized>(store: &S, ctx: &Ctx, id: PhotoId) -> Result<Photo> {
    ctx.require(Action::Write, Resource::Estate)?;
    let none = || Refusal::new(RefusalCode::NotFound, "photo-not-there").at("photoId");
    let photo = store.photos_by_id(&[id]).await?.pop().ok_or_else(none)?;
    if !store.photo_remove(id, ctx.now(), ctx.actor().user).await? {
        return Err(none().into());
    }
    ctx.heard().changed("caption", Seen::of(&photo.caption), Seen::maybe(None::<&str>));
    Ok(photo)
}

/// Photographs of zones and seats; none for anybody but staff of the park.
///
/// # Errors
/// Those of the store.
pub async fn photos<S: Photos + ?Sized>(
    store: &S,
    ctx: &Ctx,
    zones: &[ZoneId],
    seats: &[SeatId],
) -> Result<Vec<Photo>> {
    if of_park(ctx) { store.photos_of(zones, seats).await } else { Ok(Vec::new()) }
}

/// Photographs by id; none for anybody but staff of the park, nor of those that are removed.
///
/// # Errors
/// Those of the store.
pub async fn photos_by_id<S: Photos + ?Sized>(store: &S, ctx: &Ctx, ids: &[PhotoId]) -> Result<Vec<Photo>> {
    if of_park(ctx) { store.photos_by_id(ids).await } else { Ok(Vec::new()) }
}
