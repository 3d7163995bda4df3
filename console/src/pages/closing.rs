//! The acts that bind: the centre hands its assessment over, the assessor concludes it. Both say first, in figures, what
//! will happen, and ask for the name.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::{Frame, Named};
use crate::maturity::{ClauseRating, LevelResult};
use crate::pages::scorecard::list_of;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::node;

pub(crate) const DOCUMENT: &str = document!("closing");

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "node")]
    node: Option<Card>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    id: String,
    title: String,
    state: String,
    tenant: Named,
    ratings: Vec<ClauseRating>,
    self_result: Option<LevelResult>,
    assessor_result: Option<LevelResult>,
}

#[derive(Template)]
#[template(path = "closing/page.html")]
struct Page {
    f: Frame,
    form: Form,
    card: Card,
    result: LevelResult,
    base: String,
    concluding: bool,
    proven: i64,
    evidence: i64,
    differing: i64,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/centre/maturity/{id}/submit", get(show).post(close))
        .route("/assess/assessments/{id}/conclude", get(show).post(close))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let card = card(&visit, &id).await?;
    page(&visit, card, Form::new())
}

async fn card(visit: &Visit, id: &str) -> Result<Card, Stop> {
    let data: Data = visit.load(DOCUMENT, "Closing", json!({ "id": id })).await?;
    let card = data.node.found()?;
    let f = visit.frame("");
    let open = match card.state.as_str() {
        "DRAFT" => !concluding(visit) && f.may("commit", "self_assessment"),
        "SUBMITTED" => concluding(visit) && f.may("commit", "assessment"),
        _ => false,
    };
    if open { Ok(card) } else { Err(Stop::Forbidden) }
}

fn concluding(visit: &Visit) -> bool {
    visit.path().ends_with("/conclude")
}

fn page(visit: &Visit, mut card: Card, form: Form) -> Answer {
    let w = visit.w;
    let concluding = concluding(visit);
    let title = if concluding { w.s("assessment-conclude") } else { w.s("assessment-submit") };
    let f = visit.frame(title);
    let list = list_of(&f);
    let base = format!("{list}/{}", card.id);
    let f = f.crumb(w.s("place-centre-maturity"), list).crumb(card.title.clone(), base.clone());
    let result = if concluding { card.assessor_result.take() } else { card.self_result.take() };
    // An assessor who has rated nothing has nothing to conclude with.
    let Some(result) = result else {
        return visit.done(&format!("{base}?show=missing#clauses"), w.s("closing-unrated"));
    };
    let differ = |r: &&ClauseRating| match (&r.own, &r.assessor) {
        (Some(own), Some(found)) => (own.c, own.f) != (found.c, found.f),
        _ => false,
    };
    let page = Page {
        proven: crate::pages::count(card.ratings.iter().filter(|r| r.evidence_count > 0).count()),
        evidence: card.ratings.iter().map(|r| r.evidence_count).sum(),
        differing: crate::pages::count(card.ratings.iter().filter(differ).count()),
        form: form.without("key").default_value("key", visit.key()),
        f,
        card,
        result,
        base,
        concluding,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn close(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let card = card(&visit, &id).await?;
    let w = visit.w;
    if form.value("confirm") != card.title.trim() {
        form.refuse("confirm", w.s("closing-confirm-wrong").arg("title", &card.title));
        return page(&visit, card, form);
    }
    let input = json!({ "assessmentId": card.id, "idempotencyKey": form.value("key") });
    let operation = if concluding(&visit) { "AssessmentConclude" } else { "AssessmentSubmit" };
    if let Err(errors) = visit.act::<Value>(DOCUMENT, operation, input).await? {
        return page(&visit, card, form.refused(errors));
    }
    let (list, said) = if concluding(&visit) {
        ("/assess/assessments", w.s("concluded"))
    } else {
        ("/centre/maturity", w.s("submitted"))
    };
    visit.done(&format!("{list}/{}", card.id), said)
}
