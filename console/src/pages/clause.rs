//! One clause of an assessment: both ratings, the rules it stands in the way of, its evidence, and more of it.

use askama::Template;
use axum::Router;
use axum::extract::{Multipart, Path};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::maturity::{ClauseRating, Evidence, Rating};
use crate::pages::scorecard::{list_of, may_rate};
use crate::upload;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, node};

pub(crate) const DOCUMENT: &str = document!("clause");

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "node")]
    node: Option<Assessment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assessment {
    id: String,
    title: String,
    state: String,
    framework: Framework,
    ratings: Vec<ClauseRating>,
    evidence: Connection<Evidence>,
    self_result: Own,
}

#[derive(Deserialize)]
struct Framework {
    clauses: Vec<Clause>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Clause {
    number: i64,
    section: String,
    section_title: String,
    title: String,
    evidence_kinds: Vec<String>,
    frequency: String,
    auto_sources: Vec<String>,
    strength: String,
}

#[derive(Deserialize)]
struct Own {
    level: i64,
    levels: Vec<Level>,
}

#[derive(Deserialize)]
struct Level {
    #[serde(rename = "level")]
    number: i64,
    title: String,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    text: String,
    passed: bool,
    blocking: Vec<i64>,
}

struct Side {
    name: String,
    rating: Option<Rating>,
}

#[derive(Template)]
#[template(path = "clause/page.html")]
struct Page {
    f: Frame,
    form: Form,
    clause: Clause,
    kinds: String,
    sources: String,
    sides: Vec<Side>,
    blocks: Vec<String>,
    evidence: Connection<Evidence>,
    base: String,
    earlier: Option<String>,
    later: Option<String>,
    rates: bool,
    may_attach: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/centre/maturity/{id}/clauses/{clause}", upload::unlimited(get(show).post(attach)))
        .route("/assess/assessments/{id}/clauses/{clause}", get(show))
}

async fn show(visit: Visit, Path((id, clause)): Path<(String, i32)>) -> Answer {
    page(&visit, &id, clause, Form::new()).await
}

async fn page(visit: &Visit, id: &str, number: i32, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "Clause", json!({ "id": id, "clause": number })).await?;
    let assessment = data.node.found()?;
    let w = visit.w;
    let clauses = &assessment.framework.clauses;
    let at = clauses.iter().position(|c| c.number == i64::from(number)).found()?;
    let clause = clauses.get(at).cloned().found()?;
    let mut f = visit.frame(format!("{} {}", clause.number, clause.title));
    let list = list_of(&f);
    let base = format!("{list}/{}", assessment.id);
    let rates = may_rate(&f, &assessment.state);
    let may_attach = assessment.state == "DRAFT" && f.may("write", "self_assessment");
    f = f
        .crumb(w.s("place-centre-maturity"), list)
        .crumb(assessment.title.clone(), base.clone())
        .crumb(format!("{} {}", clause.section, clause.section_title), format!("{base}#c{}", clause.number));
    if may_attach {
        f = f.primary(w.s("evidence-attach"), "#attach");
    }
    let row = assessment.ratings.into_iter().find(|r| r.clause == clause.number).unwrap_or_default();
    let own = &assessment.self_result;
    let blocks = own.levels.iter().filter(|level| level.number > own.level).flat_map(|level| {
        let failed = level.rules.iter().filter(|rule| !rule.passed && rule.blocking.contains(&clause.number));
        failed.map(|rule| format!("L{} {}: {}", level.number, level.title, rule.text))
    });
    let comma = w.s("list-comma").to_string();
    let kinds: Vec<String> = clause.evidence_kinds.iter().map(|kind| w.of("evidence-kind", kind).into()).collect();
    let neighbour = |index: Option<usize>| {
        let clause = index.and_then(|i| clauses.get(i))?;
        Some(format!("{base}/clauses/{}", clause.number))
    };
    let page = Page {
        earlier: neighbour(at.checked_sub(1)),
        later: neighbour(at.checked_add(1)),
        kinds: kinds.join(&comma),
        sources: clause.auto_sources.join(&comma),
        blocks: blocks.collect(),
        sides: vec![
            Side { name: w.s("side-own-short").into(), rating: row.own },
            Side { name: w.s("side-assessor-short").into(), rating: row.assessor },
        ],
        form: form.without("key").default_value("key", visit.key()),
        evidence: assessment.evidence,
        f,
        clause,
        base,
        rates,
        may_attach,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn attach(visit: Visit, Path((id, clause)): Path<(String, i32)>, parts: Multipart) -> Answer {
    let (mut form, file) = upload::read(&visit, parts).await?;
    let w = visit.w;
    let file = file.map(|file| file.id);
    let input = json!({
        "assessmentId": id, "clause": clause, "title": form.required("title", w), "fileId": file,
        "coversFrom": form.date("coversFrom", w), "coversTo": form.optional_date("coversTo", w),
        "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, &id, clause, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "EvidenceAttach", input).await? {
        Err(errors) => page(&visit, &id, clause, form.refused(errors)).await,
        Ok(_) => visit.done(visit.path(), w.s("evidence-attached")),
    }
}
