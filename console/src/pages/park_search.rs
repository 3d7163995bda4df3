//! Search over codes and names: seats by the beginning of their code, the rest by any part.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Ref};

pub(crate) const DOCUMENT: &str = document!("park-search");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    seats: Connection<Seat>,
    tenants: Connection<Tenant>,
    leases: Connection<Lease>,
    invoices: Connection<Invoice>,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
    code: String,
    zone: Zone,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
    floor: Floor,
}

#[derive(Deserialize)]
struct Floor {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    code: String,
    name: String,
    name_en: String,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    tenant: Ref,
}

#[derive(Deserialize)]
struct Invoice {
    id: String,
    number: String,
    tenant: Ref,
}

/// Something that was found.
struct Hit {
    label: String,
    note: String,
    href: String,
}

/// Things of one kind that were found.
struct Kind {
    title: String,
    hits: Vec<Hit>,
    /// Where all of them are, when there are more than are shown.
    all: Option<String>,
}

#[derive(Template)]
#[template(path = "park-search/page.html")]
struct Page {
    f: Frame,
    form: Form,
    kinds: Vec<Kind>,
    asked: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/search", get(show))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    let text = visit.q("q").to_owned();
    let kinds = if text.is_empty() {
        // Nothing was asked: only the frame needs to know who looks.
        visit.load::<Value>(super::scope::DOCUMENT, "Scope", json!({})).await?;
        Vec::new()
    } else {
        let data: Data = visit.load(DOCUMENT, "ParkSearch", json!({ "code": text })).await?;
        kinds(&visit, data.park.found()?, &text.to_lowercase())
    };
    let page = Page {
        f: visit.frame(w.s("search-title")),
        asked: !text.is_empty(),
        form: Form::new().default_value("text", text),
        kinds,
    };
    visit.page(&page)
}

fn kinds(visit: &Visit, park: Park, text: &str) -> Vec<Kind> {
    let w = visit.w;
    let f = visit.frame("");
    let has = |field: &str| field.to_lowercase().contains(text);
    let named = |tenant: &Ref| f.name(&tenant.name, &tenant.name_en).to_owned();
    let of = |tenant: &Ref| has(&tenant.name) || has(&tenant.name_en);
    let tenants = park.tenants.nodes.into_iter().filter(|t| has(&t.code) || has(&t.name) || has(&t.name_en));
    let tenants = tenants.map(|t| Hit {
        label: f.name(&t.name, &t.name_en).to_owned(),
        note: t.code,
        href: format!("/park/tenants/{}", t.id),
    });
    let leases = park.leases.nodes.into_iter().filter(|l| has(&l.code) || of(&l.tenant)).map(|l| Hit {
        note: named(&l.tenant),
        label: l.code,
        href: format!("/park/leases/{}", l.id),
    });
    let invoices = park.invoices.nodes.into_iter().filter(|i| has(&i.number) || of(&i.tenant)).map(|i| Hit {
        note: named(&i.tenant),
        label: i.number,
        href: format!("/park/invoices/{}", i.id),
    });
    let more = park.seats.total_count > super::count(park.seats.nodes.len());
    let seats = park.seats.nodes.into_iter().map(|s| Hit {
        note: format!("{} · {}", s.zone.floor.name, s.zone.name),
        href: format!("/park/floors/{}?seat={}#seat", s.zone.floor.id, s.id),
        label: s.code,
    });
    let all = more.then(|| crate::html::link("/park/seats", &[("code", visit.q("q"))]));
    [
        Kind { title: w.s("tenants-title").into(), hits: tenants.take(20).collect(), all: None },
        Kind { title: w.s("leases-title").into(), hits: leases.take(20).collect(), all: None },
        Kind { title: w.s("invoices-title").into(), hits: invoices.take(20).collect(), all: None },
        Kind { title: w.s("seats-title").into(), hits: seats.collect(), all },
    ]
    .into_iter()
    .filter(|kind| !kind.hits.is_empty())
    .collect()
}
