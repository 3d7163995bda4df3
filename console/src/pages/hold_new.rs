//! Seats to keep for somebody.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{Days, Months};
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::park_seats::{EstateFloor, products};
use crate::picking::{self, Picked, Seat};
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Made, Ref, node};

pub(crate) const DOCUMENT: &str = document!("hold-new");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    #[serde(default, deserialize_with = "node")]
    node: Option<Quote>,
}

/// The quote that seats are kept for.
#[derive(Deserialize)]
struct Quote {
    id: String,
    number: String,
    lead: Company,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    name: String,
    name_en: String,
}

#[derive(Deserialize)]
struct Park {
    tenants: Connection<Ref>,
    floors: Vec<EstateFloor>,
}

#[derive(Deserialize)]
struct Kept {
    hold: Made,
}

#[derive(Template)]
#[template(path = "hold-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    zones: Vec<Choice>,
    products: Vec<Choice>,
    tenants: Vec<Choice>,
    quote: Option<Quote>,
    picked: Option<Picked>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/holds/new", get(show).post(save))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let vars = json!({ "quote": visit.q("quote"), "quoted": !visit.q("quote").is_empty() });
    let data = visit.load::<Data>(DOCUMENT, "HoldNew", vars).await?;
    let (park, quote) = (data.park.found()?, data.node);
    let w = visit.w;
    let f = visit.frame(w.s("hold-new-title"));
    let f = match &quote {
        Some(quote) => f
            .crumb(w.s("pipeline-title"), "/park/pipeline")
            .crumb(quote.number.clone(), format!("/park/quotes/{}", quote.id)),
        None => f.crumb(w.s("seats-title"), "/park/seats").crumb(w.s("holds-title"), "/park/holds"),
    };
    // What was sent counts first, then what the address says, then what is usual: a year from next month, for a week.
    let names = ["zone", "codeFrom", "codeTo", "count", "from", "to", "product", "until", "quote"];
    let form = names.iter().filter(|n| !visit.q(n).is_empty()).fold(form, |f, n| f.default_value(n, visit.q(n)));
    let today = visit.today()?;
    let form = form.default_value("from", today.to_string());
    let from = form.value("from").parse().unwrap_or(today);
    let year = from.checked_add_months(Months::new(12)).unwrap_or(from);
    let week = today.checked_add_days(Days::new(7)).unwrap_or(today);
    let form = form
        .default_value("to", year.to_string())
        .default_value("until", week.to_string())
        .default_value("shiftFrom", "00:00")
        .default_value("shiftTo", "24:00")
        .fresh_key(visit);
    let picked = if visit.q("from").is_empty() {
        None
    } else {
        let product = Some(form.value("product")).filter(|product| !product.is_empty());
        Some(picking::look(visit, DOCUMENT, &form, product, Seat::is_free).await?)
    };
    let page = Page {
        zones: park.floors.iter().flat_map(|floor| floor.zones(w)).collect(),
        products: products(w),
        tenants: park.tenants.nodes.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        quote,
        picked,
        form,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    visit.load::<serde_json::Value>(DOCUMENT, "HoldDay", json!({})).await?;
    let chosen: Vec<String> = form.values("seatIds").into_iter().map(str::to_owned).collect();
    if chosen.is_empty() {
        form.refuse("seatIds", w.s("allocate-none"));
    }
    let (shift_from, shift_to) = form.window("shiftFrom", "shiftTo", w);
    let until = form.end_of_day("until", w, visit.frame("").zone());
    let mut input = json!({
        "seatIds": chosen, "note": form.optional("note"), "from": form.date("from", w), "to": form.date("to", w),
        "shiftFromMin": shift_from, "shiftToMin": shift_to, "expiresAt": until,
        "idempotencyKey": form.value("key"),
    });
    let quote = Some(form.value("quote").to_owned()).filter(|id| !id.is_empty());
    let operation = if let Some(quote) = &quote {
        input["quoteId"] = json!(quote);
        "QuoteHold"
    } else {
        input["keptFor"] = json!(form.required("keptFor", w));
        input["tenantId"] = json!(form.optional("tenantId"));
        "SeatsHold"
    };
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Kept>(DOCUMENT, operation, input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) if quote.is_some() => visit.done(&format!("/park/quotes/{}", quote.unwrap_or_default()), w.s("hold-done")),
        Ok(kept) => visit.done(&format!("/park/holds/{}", kept.hold.id), w.s("hold-done")),
    }
}
