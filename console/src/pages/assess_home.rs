//! The assessor's home: what waits to be rated, how far it is, and the grants that let the assessor in.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

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
    grants: Vec<Grant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    purpose: String,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    revoked_at: Option<DateTime<Utc>>,
    tenant: Option<Named>,
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
struct Granted {
    state: &'static str,
    says: String,
    whom: String,
    purpose: String,
    period: String,
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
    let grants = data.me.grants.into_iter().map(|grant| granted(w, &f, grant, today)).collect();
    visit.page(&Page { f, todo, done, grants, total })
}

fn granted(w: Words, f: &Frame, grant: Grant, today: NaiveDate) -> Granted {
    let left = (grant.valid_to - today).num_days();
    let (state, says) = if grant.revoked_at.is_some() {
        ("idle", w.s("grant-state-revoked"))
    } else if today < grant.valid_from {
        ("info", w.s("grant-state-coming"))
    } else if left <= 0 {
        ("idle", w.s("grant-state-over"))
    } else if left <= ENDS_SOON_DAYS {
        ("warn", w.s("grant-state-days").arg("n", left))
    } else {
        ("ok", w.s("grant-state-days").arg("n", left))
    };
    let whom = match &grant.tenant {
        Some(tenant) => f.name(&tenant.name, &tenant.name_en).to_owned(),
        None => w.s("grant-whole-park").into(),
    };
    let period = w.s("grant-until").arg("from", w.date(grant.valid_from)).arg("to", w.date(grant.valid_to)).into();
    Granted { state, says: says.into(), whom, purpose: grant.purpose, period }
}
