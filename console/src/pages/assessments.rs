//! The assessments in reach: of the own centre, where one can be begun, or those an assessor may rate.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::{Frame, Named};
use crate::pages::scorecard::list_of;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::Connection;

pub(crate) const DOCUMENT: &str = document!("assessments");
const SIZE: i64 = 20;
/// The one framework that is shipped.
const FRAMEWORK: &str = "cc-cmm-oc-2011";

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    assessments: Connection<Assessment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assessment {
    id: String,
    title: String,
    cycle: String,
    state: String,
    assessed_on: NaiveDate,
    tenant: Named,
    self_result: Standing,
    assessor_result: Option<Standing>,
}

#[derive(Deserialize)]
struct Standing {
    level: i64,
    total: i64,
    rated: i64,
    clauses: i64,
}

#[derive(Deserialize)]
struct Created {
    assessment: Option<Id>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Template)]
#[template(path = "assessments/page.html")]
struct Page {
    f: Frame,
    form: Form,
    list: Connection<Assessment>,
    pager: Pager,
    base: &'static str,
    assessing: bool,
    may_create: bool,
}

impl Page {
    fn mine<'a>(&self, row: &'a Assessment) -> Option<&'a Standing> {
        if self.assessing { row.assessor_result.as_ref() } else { Some(&row.self_result) }
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/maturity", get(show).post(create)).route("/assess/assessments", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Connection<Assessment>, Stop> {
    let variables = json!({ "first": size, "after": after });
    Ok(visit.load::<Data>(DOCUMENT, "Assessments", variables).await?.assessments)
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, list) = (visit.w, load(visit, STEP, after).await?);
    Ok(list.part(|row| {
        let own = Some(&row.self_result).filter(|own| own.rated > 0);
        let found = row.assessor_result.as_ref();
        vec![
            row.title.into(),
            w.name(&row.tenant.name, &row.tenant.name_en).into(),
            row.cycle.into(),
            w.of("assessment-state", &row.state).into(),
            row.assessed_on.into(),
            Cell::of(own.map(|own| own.level)),
            Cell::of(own.map(|own| own.total)),
            Cell::of(found.map(|found| found.level)),
            Cell::of(found.map(|found| found.total)),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("assessment"), w.s("tenant"), w.s("cycle"), w.s("state"), w.s("assessed-on"), w.s("own-level"), w.s("own-points"), w.s("found-level"), w.s("found-points")].map(String::from).to_vec();
        let name = w.s("assessments").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let list = load(visit, SIZE, visit.after()).await?;
    let w = visit.w;
    let today = visit.viewer().and_then(|v| v.park).found()?.today;
    let mut f = visit.frame(w.s("place-centre-maturity"));
    let base = list_of(&f);
    let assessing = base.starts_with("/assess");
    let may_create = !assessing && f.may("write", "self_assessment");
    if may_create {
        f = f.primary(w.s("assessment-new"), "#new");
    }
    let year = today.year().to_string();
    let form = form
        .default_value("title", w.s("assessment-title-of").arg("year", &year))
        .default_value("cycle", &year)
        .default_value("assessedOn", today.to_string())
        .without("key")
        .default_value("key", visit.key());
    let pager = visit.pager(&list, SIZE).with_files(visit);
    let page = Page { f, form, list, pager, base, assessing, may_create };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn create(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({
        "framework": FRAMEWORK, "title": form.required("title", w), "cycle": form.required("cycle", w),
        "assessedOn": form.date("assessedOn", w), "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Created>(DOCUMENT, "AssessmentCreate", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(created) => {
            let id = created.assessment.found()?.id;
            visit.done(&format!("/centre/maturity/{id}"), w.s("assessment-begun"))
        }
    }
}
