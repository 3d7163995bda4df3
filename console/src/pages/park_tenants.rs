//! The list of tenants.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::Connection;

pub(crate) const DOCUMENT: &str = document!("park-tenants");
const SIZE: i64 = 50;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    tenants: Connection<Tenant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    code: String,
    name: String,
    name_en: String,
    business: String,
    arrived_on: NaiveDate,
    level: Option<i64>,
    seat_counts: Seats,
}

/// Seats of a tenant today.
#[derive(Deserialize)]
pub(crate) struct Seats {
    pub(crate) leased: i64,
    pub(crate) occupied: i64,
}

#[derive(Template)]
#[template(path = "park-tenants/page.html")]
struct Page {
    f: Frame,
    tenants: Connection<Tenant>,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/tenants", get(show))
}

async fn show(visit: Visit) -> Answer {
    let vars = json!({ "first": SIZE, "after": visit.after() });
    let data: Data = visit.load(DOCUMENT, "ParkTenants", vars).await?;
    let tenants = data.park.found()?.tenants;
    let mut f = visit.frame(visit.w.s("tenants-title"));
    if f.may("commit", "tenants") {
        f = f.primary(visit.w.s("tenant-new-title"), "/park/tenants/new");
    }
    visit.page(&Page { f, pager: visit.pager(&tenants, SIZE), tenants })
}
