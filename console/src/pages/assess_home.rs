//! The assessor's home: what waits to be rated, how far it is, and the grants that let the assessor in.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

use super::declare::Held;
use crate::Console;
use crate::frame::{Frame, Named};
use crate::visit::{Answer, Found, Visit};
use crate::wire::Connection;
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("assess-home");

/// A grant that ends within so many days is pointed out.
const ENDS_SOON_DAYS: i64 = 14;

#[derive(Deserialize)]
struct Data {
    me: Me,
    #[serde(default)]
    assessments: Connection<Assessment>,
}

#[derive(Deserialize)]
struct Me {
    grants: Vec<Held>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assessment {
    id: String,
    title: String,
    cycle: String,
    state: String,
    submitted_at: Option<DateTime<Utc>>,
    tenant: Named,
    self_result: Level,
    assessor_result: Option<Progress>,
}

#[derive(Deserialize)]
struct Level {
    level: i64,
}

#[derive(Deserialize)]
struct Progress {
    level: i64,
    rated: i64,
    clauses: i64,
}

/// A grant in words.
pub(crate) struct Granted {
    pub(super) id: String,
    pub(super) state: &'static str,
    pub(super) says: String,
    pub(super) whom: String,
    pub(super) purpose: String,
    pub(super) abilities: String,
    pub(super) period: String,
    /// What asks for a declaration, or lets change it.
    pub(super) declares: String,
}

#[derive(Template)]
#[template(path = "assess-home/page.html")]
struct Page {
    f: Frame,
    todo: Vec<Assessment>,
    done: Vec<Assessment>,
    grants: Vec<Granted>,
    total: i64,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/assess", get(show))
}

async fn show(visit: Visit) -> Answer {
    let data: Data = visit.load(DOCUMENT, "AssessHome", json!({})).await?;
    let viewer = visit.viewer().found()?;
    let today = viewer.park.as_ref().found()?.today;
    let w = visit.w;
    let f = visit.frame(w.s("place-assess-home"));
    let total = data.assessments.total_count;
    let (todo, done) = data.assessments.nodes.into_iter().partition(|a| a.state == "SUBMITTED");
    let grants = data.me.grants.into_iter().map(|grant| granted(w, &f, &grant, today)).collect();
    visit.page(&Page { f, todo, done, grants, total })
}

/// A grant as its holder's home shows it.
pub(crate) fn granted(w: Words, f: &Frame, grant: &Held, today: NaiveDate) -> Granted {
    let left = (grant.valid_to - today).num_days();
    let (state, says) = if grant.declared_at.is_none() {
        ("bad", w.s("grant-state-undeclared"))
    } else if grant.undeclared() > 0 {
        ("warn", w.s("grant-state-partly").arg("n", grant.undeclared()))
    } else if left <= ENDS_SOON_DAYS {
        ("warn", w.s("grant-state-days").arg("n", left))
    } else {
        ("ok", w.s("grant-state-days").arg("n", left))
    };
    let period = w.s("grant-until").arg("from", w.date(grant.valid_from)).arg("to", w.date(grant.valid_to)).into();
    let declares = if grant.undeclared() > 0 || grant.declared_at.is_none() {
        w.s("declare-first")
    } else {
        w.s("declare-again")
    };
    Granted {
        id: grant.id.clone(),
        state,
        says: says.into(),
        whom: grant.whom(f),
        purpose: grant.purpose.clone(),
        abilities: grant.abilities_in(w),
        period,
        declares: declares.into(),
    }
}
