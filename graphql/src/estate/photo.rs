//! Photographs of zones and seats.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::estate::{self, Photo, PhotoOf, PhotoRequest};
use voxpark_domain::ids::PhotoId;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::{AuditEntry, Purpose};
use voxpark_domain::{Ctx, Refusal, RefusalCode, Result};

use super::floor_plan::looked_at;
use crate::change::change;
use crate::error::UserError;
use crate::load::{Load, load};
use crate::node;
use crate::scalar::Date;

/// Photographs of a zone or seat.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PhotosOf(PhotoOf);

#[async_trait]
impl Load for PhotosOf {
    type Value = Vec<Arc<Photo>>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let (mut zones, mut seats) = (Vec::new(), Vec::new());
        for key in keys {
            match key.0 {
                PhotoOf::Zone(zone) => zones.push(zone),
                PhotoOf::Seat(seat) => seats.push(seat),
            }
        }
        let mut groups: HashMap<Self, Self::Value> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for photo in estate::photos(tx, ctx, &zones, &seats).await? {
            groups.entry(Self(photo.of)).or_default().push(Arc::new(photo));
        }
        Ok(groups.into_iter().collect())
    }
}

#[async_trait]
impl Load for PhotoId {
    type Value = Arc<Photo>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let found = estate::photos_by_id(tx, ctx, keys).await?;
        Ok(found.into_iter().map(|photo| (photo.id, Arc::new(photo))).collect())
    }
}

/// A photograph of a zone or seat, for staff of the park.
#[derive(Clone)]
pub(crate) struct PlacePhoto(Arc<Photo>);

impl From<Arc<Photo>> for PlacePhoto {
    fn from(photo: Arc<Photo>) -> Self {
        Self(photo)
    }
}

/// A photograph of a zone or seat, for staff of the park.
#[Object]
impl PlacePhoto {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Path below the service's address at which it is given to staff of the park.
    async fn path(&self) -> String {
        format!("/pictures/{}", self.0.id)
    }
    /// What the park says of it.
    async fn caption(&self) -> &str {
        &self.0.caption
    }
    /// The day on which it was taken.
    async fn taken_on(&self) -> Date {
        self.0.taken_on.into()
    }
}

/// The photographs of a zone or seat.
pub(super) async fn photos_of(gql: &Context<'_>, of: PhotoOf) -> async_graphql::Result<Vec<PlacePhoto>> {
    let photos = load(gql, PhotosOf(of)).await?.unwrap_or_default();
    Ok(photos.into_iter().map(PlacePhoto).collect())
}

/// A photograph to be kept.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PhotoAddInput {
    /// Which zone it shows; either this or a seat.
    zone_id: Option<ID>,
    /// Which seat it shows.
    seat_id: Option<ID>,
    /// The photograph: an uploaded JPEG, PNG or WebP file of at most 20 MiB.
    file_id: ID,
    /// What is said of it, 1 to 200 characters.
    caption: String,
    /// The day on which it was taken; today or earlier.
    taken_on: Date,
    /// Repeats of the same request under this key answer the same and add nothing.
    idempotency_key: String,
}

/// A photograph to be removed.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PhotoRemoveInput {
    /// Which.
    photo_id: ID,
    /// Repeats of the same request under this key answer the same and remove nothing.
    idempotency_key: String,
}

/// What became of a photograph.
#[derive(SimpleObject, Default)]
pub(crate) struct PhotoPayload {
    /// The photograph; null when it is removed.
    photo: Option<PlacePhoto>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

impl PhotoAddInput {
    fn of(&self) -> Result<PhotoOf> {
        match (&self.zone_id, &self.seat_id) {
            (Some(zone), None) => Ok(PhotoOf::Zone(node::id("zoneId", zone)?)),
            (None, Some(seat)) => Ok(PhotoOf::Seat(node::id("seatId", seat)?)),
            _ => Err(Refusal::new(RefusalCode::Invalid, "photo-of-one").at("zoneId").into()),
        }
    }
}

#[derive(Default)]
pub(crate) struct PhotoMutation;

#[Object]
impl PhotoMutation {
    /// Keeps a photograph of a zone or seat.
    async fn photo_add(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PhotoAddInput,
    ) -> async_graphql::Result<Option<PhotoPayload>> {
        let file = match looked_at(gql, &input.file_id, Purpose::Photo).await? {
            Ok((file, _)) => file,
            Err(user_errors) => return Ok(Some(PhotoPayload { user_errors, ..Default::default() })),
        };
        let wanted = input.clone();
        let done = change(gql, "photoAdd", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let (of, taken_on) = (wanted.of()?, wanted.taken_on.0);
                let photo =
                    estate::photo_add(tx, ctx, &PhotoRequest { of, file, caption: wanted.caption, taken_on }).await?;
                let subject = match photo.of {
                    PhotoOf::Zone(zone) => zone.to_string(),
                    PhotoOf::Seat(seat) => seat.to_string(),
                };
                let detail = serde_json::json!({ "photo": photo.id, "takenOn": taken_on });
                Ok((photo.id, AuditEntry::new("photo.add", subject).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => PhotoPayload { photo: load(gql, id).await?.map(PlacePhoto), ..Default::default() },
            Err(user_errors) => PhotoPayload { user_errors, ..Default::default() },
        }))
    }

    /// Removes a photograph: nobody is shown it any more.
    async fn photo_remove(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PhotoRemoveInput,
    ) -> async_graphql::Result<Option<PhotoPayload>> {
        let wanted = input.clone();
        let done = change(gql, "photoRemove", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id: PhotoId = node::id("photoId", &wanted.photo_id)?;
                let photo = estate::photo_remove(tx, ctx, id).await?;
                Ok((photo.id, AuditEntry::new("photo.remove", photo.id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(_) => PhotoPayload::default(),
            Err(user_errors) => PhotoPayload { user_errors, ..Default::default() },
        }))
    }
}
