//! The home of a statistics officer: figures of the park as a whole, and the grants that open them.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::assess_home::{Granted, granted};
use super::declare::Held;
use crate::Console;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("statistics");

#[derive(Deserialize)]
struct Data {
    me: Me,
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Me {
    grants: Vec<Held>,
}

#[derive(Deserialize)]
struct Park {
    statistics: Option<Statistics>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    tenants: i64,
    seats: i64,
    seats_leased: i64,
    seats_occupied: Option<i64>,
    people: Option<i64>,
    levels: Vec<AtLevel>,
}

#[derive(Deserialize)]
struct AtLevel {
    level: Option<i64>,
    tenants: i64,
}

#[derive(Template)]
#[template(path = "statistics/page.html")]
struct Page {
    f: Frame,
    statistics: Option<Statistics>,
    grants: Vec<Granted>,
}

impl Page {
    /// A figure, or the sign that it is held back.
    fn told(&self, figure: Option<&i64>) -> String {
        figure.map_or_else(|| crate::fmt::NONE.to_owned(), |n| self.f.w.n(*n))
    }
    fn withheld(&self, figure: Option<&i64>) -> String {
        if figure.is_none() { self.f.w.s("statistics-withheld").into() } else { String::new() }
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/statistics", get(show))
}

async fn show(visit: Visit) -> Answer {
    let data: Data = visit.load(DOCUMENT, "Statistics", json!({})).await?;
    let viewer = visit.viewer().found()?;
    let today = viewer.park.as_ref().found()?.today;
    let f = visit.frame(visit.w.s("place-statistics"));
    let grants = data.me.grants.into_iter().map(|grant| granted(visit.w, &f, &grant, today)).collect();
    visit.page(&Page { f, statistics: data.park.and_then(|p| p.statistics), grants })
}
