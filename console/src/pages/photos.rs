//! Photographs of a zone or a seat: a small gallery, one more, one less.

use askama::Template;
use axum::Router;
use axum::extract::{Multipart, Path};
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::upload;
use crate::visit::{Answer, Found, Visit};
use crate::wire::node;

pub(crate) const DOCUMENT: &str = document!("photos");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Place>,
}

#[derive(Deserialize)]
struct Place {
    name: String,
    photos: Vec<Photo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Photo {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) caption: String,
    pub(crate) taken_on: NaiveDate,
}

/// What the photographs show.
#[derive(Clone, Copy)]
enum Of {
    Zone,
    Seat,
}

impl Of {
    /// The operation that reads them, the field of the input that names the thing, and where its page is.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Zone => ("ZonePhotos", "zoneId", "/park/zones"),
            Self::Seat => ("SeatPhotos", "seatId", "/park/seats"),
        }
    }
    fn path(self, id: &str) -> String {
        format!("{}/{id}/photos", self.names().2)
    }
}

#[derive(Template)]
#[template(path = "photos/page.html")]
struct Page {
    f: Frame,
    form: Form,
    place: Place,
    writes: bool,
    back: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/zones/{id}/photos", upload::unlimited(get(zone).post(zone_add)))
        .route("/park/zones/{id}/photos/remove", post(zone_remove))
        .route("/park/seats/{id}/photos", upload::unlimited(get(seat).post(seat_add)))
        .route("/park/seats/{id}/photos/remove", post(seat_remove))
}

async fn zone(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, Of::Zone, &id, Form::new()).await
}

async fn seat(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, Of::Seat, &id, Form::new()).await
}

async fn zone_add(visit: Visit, Path(id): Path<String>, parts: Multipart) -> Answer {
    add(visit, Of::Zone, id, parts).await
}

async fn seat_add(visit: Visit, Path(id): Path<String>, parts: Multipart) -> Answer {
    add(visit, Of::Seat, id, parts).await
}

async fn zone_remove(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    remove(visit, Of::Zone, id, form).await
}

async fn seat_remove(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    remove(visit, Of::Seat, id, form).await
}

async fn add(visit: Visit, of: Of, id: String, parts: Multipart) -> Answer {
    let (mut form, file) = upload::read(&visit, parts).await?;
    let w = visit.w;
    let mut input = json!({ "fileId": file.map(|file| file.id), "caption": form.required("caption", w),
        "takenOn": form.date("takenOn", w), "idempotencyKey": form.value("key") });
    input[of.names().1] = json!(id);
    if form.is_refused() {
        return page(&visit, of, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "PhotoAdd", input).await? {
        Ok(_) => visit.done(&of.path(&id), w.s("photo-added")),
        Err(mut errors) => {
            for error in errors.iter_mut().filter(|error| error.path.ends_with("fileId")) {
                "file".clone_into(&mut error.path);
            }
            page(&visit, of, &id, form.refused(errors)).await
        }
    }
}

async fn remove(visit: Visit, of: Of, id: String, form: Form) -> Answer {
    let input = json!({ "photoId": form.value("photoId"), "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "PhotoRemove", input).await? {
        Ok(_) => visit.done(&of.path(&id), visit.w.s("photo-removed")),
        Err(errors) => page(&visit, of, &id, form.refused(errors)).await,
    }
}

async fn page(visit: &Visit, of: Of, id: &str, form: Form) -> Answer {
    let (operation, _, parent) = of.names();
    let place = visit.load::<Data>(DOCUMENT, operation, json!({ "id": id })).await?.node.found()?;
    let w = visit.w;
    let mut f = visit.frame(w.s("photos-title")).crumb(w.s("place-park-map"), "/park/map");
    if matches!(of, Of::Zone) {
        f = f.crumb(&place.name, format!("{parent}/{id}"));
    }
    let form = form.default_value("takenOn", visit.today()?.to_string()).fresh_key(visit);
    let page = Page { writes: f.may("write", "estate"), back: of.path(id), form, place, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}
