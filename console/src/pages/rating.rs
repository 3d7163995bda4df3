//! Rating a whole section of a framework on one page, by keyboard: the centre rates itself, the assessor rates it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::maturity::{ClauseRating, Rating};
use crate::pages::scorecard::{list_of, may_rate};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{UserError, node};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("rating");

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "node")]
    node: Option<Assessment>,
}

#[derive(Deserialize)]
struct Assessment {
    id: String,
    title: String,
    state: String,
    framework: Framework,
    ratings: Vec<ClauseRating>,
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
}

struct Rate {
    name: String,
    label: String,
}

/// A clause as it is rated.
struct Item {
    clause: Clause,
    hint: String,
    own: Option<Rating>,
    rates: [Rate; 2],
    note: String,
}

/// A section in the list beside the form.
struct Section {
    number: String,
    title: String,
    done: i64,
    all: i64,
}

#[derive(Template)]
#[template(path = "rating/page.html")]
struct Page {
    f: Frame,
    form: Form,
    base: String,
    section: String,
    items: Vec<Item>,
    sections: Vec<Section>,
    next: Option<String>,
    values: [(&'static str, String); 3],
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/centre/maturity/{id}/rate/{section}", get(show).post(save))
        .route("/assess/assessments/{id}/rate/{section}", get(show).post(save))
}

/// What a page of this section is about.
struct Sheet {
    f: Frame,
    assessment: Assessment,
    base: String,
    assessing: bool,
    clauses: Vec<Clause>,
}

impl Sheet {
    fn rating(&self, clause: i64) -> Option<&ClauseRating> {
        self.assessment.ratings.iter().find(|r| r.clause == clause)
    }
    fn mine<'a>(&self, row: &'a ClauseRating) -> Option<&'a Rating> {
        if self.assessing { row.assessor.as_ref() } else { row.own.as_ref() }
    }
    fn sections(&self) -> Vec<Section> {
        let rated: BTreeMap<i64, bool> =
            self.assessment.ratings.iter().map(|r| (r.clause, self.mine(r).is_some())).collect();
        let mut out: Vec<Section> = Vec::new();
        for clause in &self.assessment.framework.clauses {
            if out.last().is_none_or(|s| s.number != clause.section) {
                let (number, title) = (clause.section.clone(), clause.section_title.clone());
                out.push(Section { number, title, done: 0, all: 0 });
            }
            if let Some(section) = out.last_mut() {
                section.all += 1;
                section.done += i64::from(rated.get(&clause.number).copied().unwrap_or_default());
            }
        }
        out
    }
}

async fn sheet(visit: &Visit, id: &str, section: &str) -> Result<Sheet, Stop> {
    let data: Data = visit.load(DOCUMENT, "Rating", json!({ "id": id })).await?;
    let assessment = data.node.found()?;
    let clauses: Vec<Clause> =
        assessment.framework.clauses.iter().filter(|c| c.section == section).cloned().collect();
    let title = &clauses.first().found()?.section_title;
    let f = visit.frame(format!("{section} {title}"));
    if !may_rate(&f, &assessment.state) {
        return Err(Stop::Forbidden);
    }
    let list = list_of(&f);
    let base = format!("{list}/{}", assessment.id);
    let f = f.crumb(visit.w.s("place-centre-maturity"), list).crumb(assessment.title.clone(), base.clone());
    Ok(Sheet { f, assessment, base, assessing: list.starts_with("/assess"), clauses })
}

async fn show(visit: Visit, Path((id, section)): Path<(String, String)>) -> Answer {
    let sheet = sheet(&visit, &id, &section).await?;
    let mut form = Form::new();
    for clause in &sheet.clauses {
        if let Some(mine) = sheet.rating(clause.number).and_then(|row| sheet.mine(row)) {
            form = form
                .default_value(&format!("c-{}", clause.number), mine.c.to_string())
                .default_value(&format!("f-{}", clause.number), mine.f.to_string())
                .default_value(&format!("n-{}", clause.number), mine.note.clone());
        }
    }
    page(&visit, sheet, form)
}

fn page(visit: &Visit, sheet: Sheet, form: Form) -> Answer {
    let w = visit.w;
    let sections = sheet.sections();
    let section = sheet.clauses.first().map(|c| c.section.clone()).unwrap_or_default();
    let items = sheet.clauses.iter().map(|clause| Item {
        hint: hint(w, clause),
        own: sheet.rating(clause.number).filter(|_| sheet.assessing).and_then(|row| row.own.clone()),
        rates: [
            Rate { name: format!("c-{}", clause.number), label: w.s("rate-c").into() },
            Rate { name: format!("f-{}", clause.number), label: w.s("rate-f").into() },
        ],
        note: format!("n-{}", clause.number),
        clause: clause.clone(),
    });
    let page = Page {
        items: items.collect(),
        next: next(&sections, &section),
        sections,
        section,
        base: sheet.base,
        values: [("10", w.s("rating-10").into()), ("5", w.s("rating-5").into()), ("0", w.s("rating-0").into())],
        f: sheet.f,
        form,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// The section after this one that is not finished, or simply the one after.
fn next(sections: &[Section], current: &str) -> Option<String> {
    let after = || sections.iter().skip_while(|s| s.number != current).skip(1);
    after().find(|s| s.done < s.all).or_else(|| after().next()).map(|s| s.number.clone())
}

/// What proves a clause, in one line.
fn hint(w: Words, clause: &Clause) -> String {
    let kinds: Vec<String> = clause.evidence_kinds.iter().map(|kind| w.of("evidence-kind", kind).into()).collect();
    let mut parts = vec![kinds.join(w.s("list-comma").to_string().as_str())];
    if !clause.frequency.is_empty() {
        parts.push(clause.frequency.clone());
    }
    if !clause.auto_sources.is_empty() {
        parts.push(clause.auto_sources.join(w.s("list-comma").to_string().as_str()));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

async fn save(visit: Visit, Path((id, section)): Path<(String, String)>, mut form: Form) -> Answer {
    let sheet = sheet(&visit, &id, &section).await?;
    let w = visit.w;
    let (mut ratings, mut rated): (Vec<Value>, Vec<i64>) = (Vec::new(), Vec::new());
    for number in sheet.clauses.iter().map(|c| c.number) {
        let (c, f) = (format!("c-{number}"), format!("f-{number}"));
        match (form.value(&c).parse::<i32>(), form.value(&f).parse::<i32>()) {
            (Ok(c), Ok(f)) => {
                ratings.push(json!({ "clause": number, "c": c, "f": f, "note": form.value(&format!("n-{number}")) }));
                rated.push(number);
            }
            (Ok(_), Err(_)) => form.refuse(&f, w.s("rate-both").arg("n", number)),
            (Err(_), Ok(_)) => form.refuse(&c, w.s("rate-both").arg("n", number)),
            (Err(_), Err(_)) => {}
        }
    }
    if form.is_refused() {
        return page(&visit, sheet, form);
    }
    if !ratings.is_empty() {
        let input = json!({ "assessmentId": sheet.assessment.id, "ratings": ratings });
        if let Err(errors) = visit.act::<Value>(DOCUMENT, "AssessmentRate", input).await? {
            return page(&visit, sheet, form.refused(errors.into_iter().map(|e| at_clause(e, &rated)).collect()));
        }
    }
    let next = next(&sheet.sections(), &section).filter(|_| form.value("then") != "card");
    let href = next.map_or_else(|| format!("{}#clauses", sheet.base), |next| format!("{}/rate/{next}", sheet.base));
    visit.done(&href, w.s("rate-saved").arg("section", section).arg("n", ratings.len()))
}

/// `input.ratings.3.c` names the third rating sent; the page knows it as the clause's field.
fn at_clause(mut error: UserError, rated: &[i64]) -> UserError {
    let mut parts = error.path.strip_prefix("input.").unwrap_or(&error.path).split('.');
    let index = (parts.next() == Some("ratings")).then(|| parts.next()).flatten();
    let clause = index.and_then(|i| i.parse::<usize>().ok()).and_then(|i| rated.get(i));
    if let Some(clause) = clause {
        let field = if parts.next() == Some("f") { "f" } else { "c" };
        error.path = format!("{field}-{clause}");
    }
    error
}
