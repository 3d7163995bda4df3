//! One tenant: what it is, its seats over a year, its leases and invoices.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::charts::{Lines, Series, Stroke};
use crate::fmt::signed;
use crate::frame::Frame;
use crate::html::{Html, link};
use crate::pages::park_invoices::Invoice;
use crate::pages::park_leases::Lease;
use crate::pages::park_tenants::Seats;
use crate::visit::{Answer, Found, Sorting, Visit};
use crate::wire::{Connection, Month, node};

pub(crate) const DOCUMENT: &str = document!("park-tenant");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Tenant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    code: String,
    name: String,
    name_en: String,
    business: String,
    operating_since: NaiveDate,
    arrived_on: NaiveDate,
    level: Option<i64>,
    seat_counts: Seats,
    seat_use: Vec<SeatUse>,
    leases: Connection<Lease>,
    invoices: Connection<Invoice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SeatUse {
    month: Month,
    days: i64,
    leased_seat_days: i64,
    occupied_seat_days: i64,
}

#[derive(Template)]
#[template(path = "park-tenant/page.html")]
struct Page {
    f: Frame,
    tenant: Tenant,
    chart: Html,
    today: NaiveDate,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/tenants/{id}", get(show))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let data: Data = visit.load(DOCUMENT, "ParkTenant", json!({ "id": id })).await?;
    let tenant = data.node.found()?;
    let w = visit.w;
    let mut f = visit
        .frame(w.name(&tenant.name, &tenant.name_en)).crumb(w.s("tenants-title"), "/park/tenants").action(w.s("statement-title"), format!("/park/tenants/{}/statement", tenant.id)).action(w.s("month-statement-title"), format!("/park/tenants/{}/month-statement", tenant.id));
    if f.may("read", "billing_profiles") {
        f = f.action(w.s("profile-open"), format!("/park/tenants/{}/billing", tenant.id));
    }
    if f.may("commit", "leasing") {
        f = f.primary(w.s("lease-new-title"), link("/park/leases/new", &[("tenant", &tenant.id)]));
    }
    let mean = |pick: fn(&SeatUse) -> i64| {
        tenant.seat_use.iter().map(|m| (m.days > 0).then(|| signed(pick(m)) / signed(m.days))).collect()
    };
    let line = |name, colour, stroke, pick| Series { name, colour, stroke, values: mean(pick) };
    let chart = Lines {
        title: w.s("tenant-use").into(),
        unit: w.s("park-home-use-unit").into(),
        axis: w.s("month").into(),
        labels: tenant.seat_use.iter().map(|m| w.month_short(m.month)).collect(),
        series: vec![
            line(w.s("seats-leased").into(), 0, Stroke::Solid, |m| m.leased_seat_days),
            line(w.s("seats-occupied").into(), 1, Stroke::Dash, |m| m.occupied_seat_days),
        ],
        zero: true,
        ..Lines::default()
    }
    .draw(w);
    visit.page(&Page { today: visit.today()?, f, tenant, chart })
}
