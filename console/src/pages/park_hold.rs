//! One hold: what it keeps, for whom, how long; to extend it, give it up, or lease from it.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::html::link;
use crate::pages::park_holds::Hold;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Coded, Connection, Ref, node};

pub(crate) const DOCUMENT: &str = document!("park-hold");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    #[serde(deserialize_with = "node")]
    node: Option<Whole>,
}

#[derive(Deserialize)]
struct Park {
    leases: Connection<Lease>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    state: String,
    tenant: Ref,
}

#[derive(Deserialize)]
struct Whole {
    #[serde(flatten)]
    hold: Hold,
    seats: Vec<Coded>,
}

#[derive(Template)]
#[template(path = "park-hold/page.html")]
struct Page {
    f: Frame,
    form: Form,
    hold: Hold,
    seats: Vec<Coded>,
    /// Leases that can take the seats: in words, and where that is done.
    leases: Vec<(String, String)>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/holds/{id}", get(show))
        .route("/park/holds/{id}/extend", post(extend))
        .route("/park/holds/{id}/release", post(release))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "ParkHold", json!({ "id": id })).await?;
    let (park, Whole { hold, seats }) = (data.park.found()?, data.node.found()?);
    let f = visit.frame(&hold.kept_for).crumb(visit.w.s("holds-title"), "/park/holds");
    let (live, commits) = (hold.state == "LIVE", f.may("commit", "leasing"));
    let fits = |lease: &&Lease| {
        lease.state != "ENDED" && hold.tenant.as_ref().is_none_or(|tenant| tenant.id == lease.tenant.id)
    };
    let to = hold.held_to.map(|day| day.to_string()).unwrap_or_default();
    let from = hold.held_from.to_string();
    let (since, until) = (visit.w.minutes(hold.shift_from_min), visit.w.minutes(hold.shift_to_min % 1440));
    let until = if hold.shift_to_min == 1440 { "24:00".to_owned() } else { until };
    let offer = |lease: &Lease| {
        let query = [
            ("hold", hold.id.as_str()),
            ("from", &from),
            ("to", &to),
            ("shiftFrom", &since),
            ("shiftTo", &until),
        ];
        let label = format!("{} · {}", lease.code, f.name(&lease.tenant.name, &lease.tenant.name_en));
        (label, link(&format!("/park/leases/{}/allocate", lease.id), &query))
    };
    let leases = park.leases.nodes.iter().filter(|_| live && commits).filter(fits).map(offer).collect();
    let page = Page { form: form.fresh_key(visit), seats, leases, hold, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn extend(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    visit.load::<Value>(DOCUMENT, "HoldDay", json!({})).await?;
    let until = form.end_of_day("until", visit.w, visit.frame("").zone());
    let input = json!({ "holdId": id, "expiresAt": until, "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "HoldExtend", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/holds/{id}"), visit.w.s("hold-extended")),
    }
}

async fn release(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "holdId": id, "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "HoldRelease", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/holds/{id}"), visit.w.s("hold-released")),
    }
}
