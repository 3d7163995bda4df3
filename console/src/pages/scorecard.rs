//! The scorecard of an assessment, for the centre that rates itself and for the assessor who rates it: the level with
//! every rule, the domains, and every clause with both ratings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::frame::{Area, Frame, Named};
use crate::html::Html;
use crate::maturity::{Clause, ClauseRating, Framework, LevelCheck, LevelResult, Rating, look, radar, strip};
use crate::visit::{Answer, Found, Visit};
use crate::wire::node;
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("scorecard");

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
    assessed_on: NaiveDate,
    submitted_at: Option<DateTime<Utc>>,
    tenant: Named,
    framework: Framework,
    ratings: Vec<ClauseRating>,
    self_result: Option<LevelResult>,
    assessor_result: Option<LevelResult>,
}

/// The conclusion of one side: the centre's own or the assessor's.
struct Side {
    title: String,
    own: bool,
    result: LevelResult,
    radar: Html,
}

impl Side {
    fn reached(&self) -> Option<&LevelCheck> {
        self.result.levels.iter().find(|check| check.level == self.result.level)
    }
    /// The level whose rules are open: the next one, or the highest.
    fn opened(&self, level: i64) -> bool {
        let open = self.result.next().or(self.result.levels.last());
        open.is_some_and(|check| check.level == level)
    }
}

struct Chip {
    label: String,
    href: String,
    on: bool,
}

struct Section {
    number: String,
    title: String,
    rows: Vec<Row>,
}

struct Row {
    clause: Clause,
    cells: Html,
    evidence: i64,
}

#[derive(Template)]
#[template(path = "scorecard/page.html")]
struct Page {
    f: Frame,
    card: Card,
    sides: Vec<Side>,
    strip: Html,
    start: Option<String>,
    base: String,
    anchor: &'static str,
    domains: Vec<Chip>,
    shows: Vec<Chip>,
    sections: Vec<Section>,
    shown: i64,
    proven: i64,
    two: bool,
    rates: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/maturity/{id}", get(show)).route("/assess/assessments/{id}", get(show))
}

/// Whether the viewer may rate an assessment in this state.
pub(crate) fn may_rate(f: &Frame, state: &str) -> bool {
    match state {
        "DRAFT" => f.may("write", "self_assessment"),
        "SUBMITTED" => f.may("write", "assessment"),
        _ => false,
    }
}

/// Where the assessments of an area are.
pub(crate) fn list_of(f: &Frame) -> &'static str {
    match f.viewer.as_ref().map(crate::frame::Viewer::area) {
        Some(Area::Assess) => "/assess/assessments",
        _ => "/centre/maturity",
    }
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let data: Data = visit.load(DOCUMENT, "Scorecard", json!({ "id": id })).await?;
    let mut card = data.node.found()?;
    let w = visit.w;
    let mut f = visit.frame(card.title.clone());
    let (list, rates) = (list_of(&f), may_rate(&f, &card.state));
    let base = format!("{list}/{}", card.id);
    f = f.crumb(w.s("place-centre-maturity"), list);
    if card.state == "DRAFT" && f.may("commit", "self_assessment") {
        f = f.primary(w.s("assessment-submit"), format!("{base}/submit"));
    } else if card.state == "SUBMITTED" && f.may("commit", "assessment") {
        f = f.primary(w.s("assessment-conclude"), format!("{base}/conclude"));
    }
    let side = |title: String, own, result: Option<LevelResult>| {
        result.map(|result| Side { title, own, radar: radar(w, &result), result })
    };
    let found = side(w.s("side-assessor").into(), false, card.assessor_result.take());
    let own = card.self_result.take().filter(|own| own.rated > 0);
    let own = side(w.s("side-own").into(), true, own);
    let sides: Vec<Side> = [found, own].into_iter().flatten().collect();
    let blocking: BTreeSet<i64> = sides.first().map(|s| s.result.blocking().into_iter().collect()).unwrap_or_default();

    let given: BTreeMap<i64, ClauseRating> = card.ratings.iter().map(|r| (r.clause, r.clone())).collect();
    let two = given.values().any(|r| r.assessor.is_some()) || card.state == "ASSESSED";
    let assessing = list.starts_with("/assess");
    let (domain, show) = (visit.q("domain").to_owned(), visit.q("show").to_owned());
    let wanted = |clause: &Clause| {
        let none = ClauseRating::default();
        let row = given.get(&clause.number).unwrap_or(&none);
        let mine = if assessing { &row.assessor } else { &row.own };
        (domain.is_empty() || clause.domain == domain)
            && match show.as_str() {
                "missing" => mine.is_none(),
                "below" => mine.as_ref().is_some_and(|r| r.c < 10 || r.f < 10),
                "blocking" => blocking.contains(&clause.number),
                "unproven" => row.evidence_count == 0,
                "differing" => differ(row),
                _ => true,
            }
    };
    let mut sections: Vec<Section> = Vec::new();
    for clause in card.framework.clauses.iter().filter(|clause| wanted(clause)) {
        if sections.last().is_none_or(|s| s.number != clause.section) {
            let (number, title) = (clause.section.clone(), clause.section_title.clone());
            sections.push(Section { number, title, rows: Vec::new() });
        }
        let row = given.get(&clause.number).cloned().unwrap_or_default();
        if let Some(section) = sections.last_mut() {
            section.rows.push(Row { clause: clause.clone(), cells: cells(&row, two), evidence: row.evidence_count });
        }
    }
    let anchor = if domain.is_empty() && show.is_empty() { "" } else { "?" };
    let side_shown = |row: &ClauseRating| if assessing || two { row.assessor.clone() } else { row.own.clone() };
    let question = if assessing || two { w.s("strip-assessor") } else { w.s("strip-own") };
    let page = Page {
        strip: strip(
            w,
            question.arg("n", card.framework.clauses.len()).into(),
            &card.framework,
            |clause| given.get(&clause).and_then(side_shown),
            |clause| format!("{anchor}#c{clause}"),
        ),
        start: card.framework.clauses.first().filter(|_| rates).map(|c| format!("{base}/rate/{}", c.section)),
        domains: domain_chips(&visit, &card.framework, &domain),
        shows: show_chips(&visit, &show, two),
        shown: sections.iter().map(|s| crate::pages::count(s.rows.len())).sum(),
        proven: crate::pages::count(given.values().filter(|r| r.evidence_count > 0).count()),
        sections,
        sides,
        two,
        rates,
        base,
        anchor,
        card,
        f,
    };
    visit.page(&page)
}

fn differ(row: &ClauseRating) -> bool {
    match (&row.own, &row.assessor) {
        (Some(own), Some(found)) => (own.c, own.f) != (found.c, found.f),
        _ => false,
    }
}

/// The ratings of a row, each with a mark that does not need colour.
fn cells(row: &ClauseRating, two: bool) -> Html {
    let mut out = String::new();
    let mut side = |rating: Option<&Rating>| {
        for points in [rating.map(|r| r.c), rating.map(|r| r.f)] {
            let _ = match points {
                Some(points) => write!(out, r#"<td class="n r {}">{points}</td>"#, look(Some(points))),
                None => write!(out, r#"<td class="n r">{}</td>"#, crate::fmt::NONE),
            };
        }
    };
    side(row.own.as_ref());
    if two {
        side(row.assessor.as_ref());
    }
    Html(out)
}

fn domain_chips(visit: &Visit, framework: &Framework, chosen: &str) -> Vec<Chip> {
    let all = Chip {
        label: visit.w.s("all-domains").into(),
        href: format!("{}#clauses", visit.with(&[("domain", "")])),
        on: chosen.is_empty(),
    };
    let each = framework.domains.iter().map(|domain| Chip {
        label: format!("{} {}", domain.number, domain.title),
        href: format!("{}#clauses", visit.with(&[("domain", &domain.letter)])),
        on: chosen == domain.letter,
    });
    std::iter::once(all).chain(each).collect()
}

fn show_chips(visit: &Visit, chosen: &str, two: bool) -> Vec<Chip> {
    let w: Words = visit.w;
    let mut ways = vec![
        ("", w.s("show-all")),
        ("missing", w.s("show-missing")),
        ("below", w.s("show-below")),
        ("blocking", w.s("show-blocking")),
        ("unproven", w.s("show-unproven")),
    ];
    if two {
        ways.push(("differing", w.s("show-differing")));
    }
    let chip = |(way, label): (&str, crate::words::Say)| Chip {
        label: label.into(),
        href: format!("{}#clauses", visit.with(&[("show", way)])),
        on: chosen == way,
    };
    ways.into_iter().map(chip).collect()
}
