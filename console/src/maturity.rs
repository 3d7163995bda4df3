//! A maturity framework and what an assessment says about it, as the pages of centre and assessor show them.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::charts::{Cell, Radar, Series, Strip, StripRow, Stroke};
use crate::fmt::percent_of;
use crate::html::Html;
use crate::words::Words;

/// A framework: clauses by domain and section, and the levels.
#[derive(Debug, Deserialize)]
pub struct Framework {
    /// Name and edition in the caller's language.
    pub title: String,
    /// A printed total that is not applied, and why.
    pub erratum: Option<String>,
    /// Domains in printed order.
    pub domains: Vec<Domain>,
    /// Clauses in printed order.
    pub clauses: Vec<Clause>,
}

/// A domain of a framework.
#[derive(Debug, Deserialize)]
pub struct Domain {
    /// Letter.
    pub letter: String,
    /// Number as printed.
    pub number: String,
    /// Title in the caller's language.
    pub title: String,
}

/// A clause of a framework.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clause {
    /// Number as printed.
    pub number: i64,
    /// Letter of its domain.
    pub domain: String,
    /// Number of its section.
    pub section: String,
    /// Title of its section.
    pub section_title: String,
    /// Our own short title.
    pub title: String,
}

/// What both sides gave a clause.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClauseRating {
    /// Number of the clause.
    pub clause: i64,
    /// The centre's own rating.
    #[serde(rename = "self")]
    pub own: Option<Rating>,
    /// The assessor's.
    pub assessor: Option<Rating>,
    /// How many pieces of evidence are attached.
    pub evidence_count: i64,
}

/// Two ratings of 10, 5 or 0.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Rating {
    /// Approach conformity.
    pub c: i64,
    /// Deployment.
    pub f: i64,
    /// Why.
    #[serde(default)]
    pub note: String,
}

/// A level with its explanation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LevelResult {
    /// The level reached; 0 for none.
    pub level: i64,
    /// Points.
    pub total: i64,
    /// Points possible.
    pub max_total: i64,
    /// Clauses with both ratings.
    pub rated: i64,
    /// Clauses.
    pub clauses: i64,
    /// Domains in printed order.
    pub domains: Vec<DomainScore>,
    /// Levels from the lowest.
    pub levels: Vec<LevelCheck>,
}

/// What a domain came to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainScore {
    /// Letter.
    pub letter: String,
    /// Title.
    pub title: String,
    /// Clauses whose approach conforms fully.
    pub c_full: i64,
    /// Clauses that are fully deployed.
    pub f_full: i64,
    /// Clauses.
    pub clauses: i64,
    /// Points.
    pub points: i64,
    /// Points possible.
    pub max_points: i64,
}

/// A level and its rules.
#[derive(Debug, Deserialize)]
pub struct LevelCheck {
    /// Level.
    pub level: i64,
    /// Name of the level.
    pub title: String,
    /// Whether all of its rules hold.
    pub passed: bool,
    /// Its rules.
    pub rules: Vec<RuleCheck>,
}

/// A rule of a level.
#[derive(Debug, Deserialize)]
pub struct RuleCheck {
    /// In words.
    pub text: String,
    /// What it asks.
    pub required: String,
    /// What there is.
    pub actual: String,
    /// Whether that is enough.
    pub passed: bool,
    /// Clauses in the way.
    pub blocking: Vec<i64>,
}

impl LevelResult {
    /// Clauses that are not rated yet.
    pub fn missing(&self) -> i64 {
        (self.clauses - self.rated).max(0)
    }

    /// The level after the one reached.
    pub fn next(&self) -> Option<&LevelCheck> {
        self.levels.iter().find(|check| check.level > self.level && !check.passed)
    }

    /// Clauses in the way of the next level.
    pub fn blocking(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self.next().iter().flat_map(|l| &l.rules).flat_map(|r| r.blocking.clone()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The look of a rating.
pub fn look(points: Option<i64>) -> &'static str {
    match points {
        Some(10) => "ok",
        Some(5) => "warn",
        Some(_) => "bad",
        None => "idle",
    }
}

/// The look of an assessment's state.
pub fn state_look(state: &str) -> &'static str {
    match state {
        "ASSESSED" => "ok",
        "SUBMITTED" => "info",
        "WITHDRAWN" => "idle",
        _ => "warn",
    }
}

/// Evidence of a clause.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Number of the clause.
    pub clause: i64,
    /// What it is.
    pub title: String,
    /// Name of the file.
    pub file_name: String,
    /// Size in bytes.
    pub size_bytes: String,
    /// Fingerprint of the content.
    pub sha256: String,
    /// Whether it may be read.
    pub file_state: String,
    /// First day it covers.
    pub covers_from: NaiveDate,
    /// First day it no longer covers; none while it still does.
    pub covers_to: Option<NaiveDate>,
    /// Where it is downloaded.
    pub download_path: String,
}

impl Evidence {
    /// The beginning of the fingerprint, enough to compare by eye.
    pub fn short(&self) -> &str {
        self.sha256.get(..12).unwrap_or(&self.sha256)
    }
    /// Whether it can be downloaded.
    pub fn usable(&self) -> bool {
        self.file_state == "CLEAN"
    }
    /// How its state looks.
    pub fn look(&self) -> &'static str {
        if self.file_state == "REFUSED" { "bad" } else { "warn" }
    }
}

/// The five domains, the two ratings apart.
pub fn radar(w: Words, result: &LevelResult) -> Html {
    let share = |pick: fn(&DomainScore) -> i64| -> Vec<Option<f64>> {
        result.domains.iter().map(|d| percent_of(pick(d), d.clauses)).collect()
    };
    Radar {
        title: w.s("maturity-radar").into(),
        unit: w.s("maturity-radar-unit").into(),
        axis: w.s("domain").into(),
        axes: result.domains.iter().map(|d| d.title.clone()).collect(),
        series: vec![
            Series { name: w.s("rate-c").into(), colour: 0, stroke: Stroke::Solid, values: share(|d| d.c_full) },
            Series { name: w.s("rate-f").into(), colour: 1, stroke: Stroke::Dash, values: share(|d| d.f_full) },
        ],
        max: 100.0,
        places: 1,
    }
    .draw(w)
}

/// Every clause of a framework as a cell, the two ratings one above the other; `to` is where a cell leads.
pub fn strip(
    w: Words,
    title: String,
    framework: &Framework,
    rating: impl Fn(i64) -> Option<Rating>,
    to: impl Fn(i64) -> String,
) -> Html {
    let rows = framework.domains.iter().map(|domain| StripRow {
        label: domain.number.clone(),
        cells: framework
            .clauses
            .iter()
            .filter(|clause| clause.domain == domain.letter)
            .map(|clause| {
                let given = rating(clause.number);
                let (c, f) = (given.as_ref().map(|r| r.c), given.as_ref().map(|r| r.f));
                let points = |p: Option<i64>| p.map_or_else(|| crate::fmt::NONE.into(), |p| p.to_string());
                Cell {
                    upper: look(c),
                    lower: look(f),
                    title: format!("{} {} · {}/{}", clause.number, clause.title, points(c), points(f)),
                    href: to(clause.number),
                }
            })
            .collect(),
    });
    Strip {
        title,
        note: w.s("maturity-strip-note").into(),
        rows: rows.collect(),
        legend: vec![
            ("ok", w.s("rating-10").into()),
            ("warn", w.s("rating-5").into()),
            ("bad", w.s("rating-0").into()),
            ("idle", w.s("rating-none").into()),
        ],
    }
    .draw(w)
}
