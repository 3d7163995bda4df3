//! The list of tenants.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::Connection;

pub(crate) const DOCUMENT: &str = document!("park-tenants");
const SIZE: i64 = 50;
/// What the list can be sorted by.
const ORDERS: [&str; 3] = ["code", "seats", "arrived_on"];

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
    sorting: Sorting,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/tenants", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Connection<Tenant>, Stop> {
    let vars = json!({ "first": size, "after": after, "order": visit.order(&ORDERS) });
    Ok(visit.load::<Data>(DOCUMENT, "ParkTenants", vars).await?.park.found()?.tenants)
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    Ok(load(visit, STEP, after).await?.part(|tenant| {
        vec![
            tenant.code.into(),
            tenant.name.into(),
            tenant.name_en.into(),
            tenant.business.into(),
            tenant.seat_counts.leased.into(),
            tenant.seat_counts.occupied.into(),
            Cell::of(tenant.level),
            tenant.arrived_on.into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("code"), w.s("name-zh"), w.s("name-en"), w.s("business"), w.s("seats-leased"), w.s("seats-occupied"), w.s("level"), w.s("arrived")].map(String::from).to_vec();
        let name = w.s("tenants-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let tenants = load(&visit, SIZE, visit.after()).await?;
    let mut f = visit.frame(visit.w.s("tenants-title"));
    if f.may("read", "requests") {
        f = f.action(visit.w.s("requests-title"), "/park/requests");
    }
    if f.may("commit", "tenants") {
        f = f.primary(visit.w.s("tenant-new-title"), "/park/tenants/new");
    }
    visit.page(&Page { f, sorting: visit.sorting(&ORDERS, "code"), pager: visit.pager(&tenants, SIZE).with_files(&visit), tenants })
}
