//! The list of leases.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::html::link;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::{Connection, Money, Ref};

pub(crate) const DOCUMENT: &str = document!("park-leases");
const SIZE: i64 = 50;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    tenants: Connection<Ref>,
    leases: Connection<Lease>,
}

/// A lease in a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lease {
    pub(crate) id: String,
    pub(crate) code: String,
    pub(crate) state: String,
    pub(crate) seat_count: i64,
    pub(crate) tenant: Option<Ref>,
    pub(crate) terms: Option<Terms>,
}

/// What a list shows of a lease's terms.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terms {
    pub(crate) term_from: NaiveDate,
    pub(crate) term_to: NaiveDate,
    pub(crate) product: String,
    pub(crate) unit_price: Money,
}

#[derive(Template)]
#[template(path = "park-leases/page.html")]
struct Page {
    f: Frame,
    form: Form,
    tenants: Vec<Choice>,
    leases: Connection<Lease>,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases", get(show))
}

async fn show(visit: Visit) -> Answer {
    let vars = json!({ "first": SIZE, "after": visit.after(), "tenantId": visit.var("tenant") });
    let data: Data = visit.load(DOCUMENT, "ParkLeases", vars).await?;
    let park = data.park.found()?;
    let mut f = visit.frame(visit.w.s("leases-title"));
    if f.may("commit", "leasing") {
        f = f.primary(visit.w.s("lease-new-title"), link("/park/leases/new", &[("tenant", visit.q("tenant"))]));
    }
    let tenants = park.tenants.nodes.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect();
    visit.page(&Page {
        tenants,
        form: Form::new().default_value("tenant", visit.q("tenant")),
        pager: visit.pager(&park.leases, SIZE),
        leases: park.leases,
        f,
    })
}
