//! Reading a framework pack: `framework.toml` and `clauses.tsv`, checked whole, every fault named.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::framework::{
    Clause, Domain, Erratum, EvidenceKind, Framework, FrameworkPin, Frequency, Level, Section, ShareCondition, Strength,
};
use super::options::{OpenQuestion, Options};
use super::score::{RateKind, Rating};
use crate::error::{Error, RefusalCode};
use crate::pack::{Bilingual, Faults, PackFile, fingerprint};

/// The values of [`EvidenceKind`], for messages.
const ALLOWED_KINDS: &str = "document, record, metric, interview";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFramework {
    id: String,
    edition: String,
    version: u32,
    title: Bilingual,
    source: String,
    clauses: u32,
    rating: RawRating,
    domain: Vec<Domain>,
    section: Vec<Section>,
    level: Vec<RawLevel>,
    option: Vec<OpenQuestion>,
    frequencies: BTreeMap<String, Frequency>,
    records: BTreeMap<String, Bilingual>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRating {
    c: Bilingual,
    f: Bilingual,
    value: Vec<RawRatingValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRatingValue {
    points: i32,
    name: Bilingual,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLevel {
    number: u8,
    code: String,
    name: Bilingual,
    summary: Bilingual,
    min_years: u32,
    printed_total: u32,
    erratum: Option<Erratum>,
    shares: Vec<RawShare>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShare {
    rating: String,
    domains: Vec<String>,
    percent: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClause {
    number: u16,
    domain: String,
    section: String,
    title_zh: String,
    title_en: String,
    explanation_en: String,
    evidence: String,
    frequency: String,
    sources: String,
    strength: String,
    rule_en: String,
}

impl Framework {
    /// Reads and checks a pack.
    ///
    /// # Errors
    /// Every fault found, each with file, item, field and rule (`pack-...`).
    pub fn parse(head: PackFile<'_>, clauses: PackFile<'_>) -> crate::Result<Self> {
        let raw: RawFramework = head.toml()?;
        let rows: Vec<RawClause> = clauses.table().map_err(Error::Refused)?;
        let pin = FrameworkPin {
            id: raw.id.clone(),
            edition: raw.edition.clone(),
            version: raw.version,
            fingerprint: fingerprint(&[head, clauses]),
        };

        let mut faults = Faults::of(clauses.name);
        let clauses = check_clauses(&mut faults, &raw, rows);
        let in_clauses = faults.finish();

        let mut faults = Faults::of(head.name);
        check_head(&mut faults, &raw);
        let rating_names = check_ratings(&mut faults, &raw.rating);
        let options = check_options(&mut faults, &raw.option);
        let levels = check_levels(&mut faults, &raw);
        join(in_clauses, faults.finish())?;

        Ok(Self {
            pin,
            title: raw.title,
            source: raw.source,
            rate_names: [raw.rating.c, raw.rating.f],
            rating_names,
            domains: raw.domain,
            sections: raw.section,
            clauses,
            levels,
            questions: raw.option,
            options,
            frequencies: raw.frequencies,
            records: raw.records,
        })
    }
}

fn join(first: crate::Result<()>, second: crate::Result<()>) -> crate::Result<()> {
    match (first, second) {
        (Err(Error::Refused(mut all)), Err(Error::Refused(more))) => {
            all.extend(more);
            Err(Error::Refused(all))
        }
        (first, second) => first.and(second),
    }
}

fn check_head(faults: &mut Faults<'_>, raw: &RawFramework) {
    faults.text("framework", "id", &raw.id);
    faults.text("framework", "edition", &raw.edition);
    faults.text("framework", "source", &raw.source);
    faults.words("framework", "title", &raw.title);
    faults.range("framework", "version", raw.version, 1, u32::MAX);
    faults.range("framework", "clauses", raw.clauses, 1, 999);

    let (mut codes, mut next) = (BTreeSet::new(), 1);
    for domain in &raw.domain {
        let item = format!("domain {}", domain.code);
        faults.text(&item, "code", &domain.code);
        faults.words(&item, "title", &domain.title);
        if !codes.insert(domain.code.as_str()) {
            faults.doubled(&item, "code", &domain.code);
        }
        // Spans must follow each other, so that every clause belongs to exactly one domain.
        faults.count(&item, "first", u32::from(domain.first), next);
        faults.range(&item, "last", u32::from(domain.last), u32::from(domain.first), raw.clauses);
        next = u32::from(domain.last).saturating_add(1);
    }
    faults.count("framework", "clauses", raw.clauses, next.saturating_sub(1));

    let mut ids = BTreeSet::new();
    for section in &raw.section {
        let item = format!("section {}", section.id);
        faults.words(&item, "title", &section.title);
        if !ids.insert(section.id.as_str()) {
            faults.doubled(&item, "id", &section.id);
        }
        if !codes.contains(section.domain.as_str()) {
            faults.unknown(&item, "domain", &section.domain);
        }
    }
    for (id, frequency) in &raw.frequencies {
        let item = format!("frequencies.{id}");
        faults.words(&item, "name", &frequency.name);
        faults.range(&item, "months", frequency.months.unwrap_or(1), 1, 120);
    }
    for (id, name) in &raw.records {
        faults.words("records", id, name);
    }
}

fn check_ratings(faults: &mut Faults<'_>, raw: &RawRating) -> BTreeMap<Rating, Bilingual> {
    faults.words("rating", "c", &raw.c);
    faults.words("rating", "f", &raw.f);
    let mut names = BTreeMap::new();
    for value in &raw.value {
        faults.words("rating.value", "name", &value.name);
        match Rating::from_points(value.points) {
            None => faults.value("rating.value", "points", &value.points.to_string(), super::score::ALLOWED_POINTS),
            Some(rating) => {
                if names.insert(rating, value.name.clone()).is_some() {
                    faults.doubled("rating.value", "points", &value.points.to_string());
                }
            }
        }
    }
    faults.count("rating", "value", size(names.len()), size(Rating::ALL.len()));
    names
}

fn check_options(faults: &mut Faults<'_>, questions: &[OpenQuestion]) -> Options {
    let (mut options, mut seen) = (Options::default(), BTreeSet::new());
    for question in questions {
        let item = format!("option {}", question.id);
        faults.words(&item, "question", &question.question);
        faults.words(&item, "reason", &question.reason);
        faults.text(&item, "source", &question.source);
        if !seen.insert(question.id.as_str()) {
            faults.doubled(&item, "id", &question.id);
        }
        for choice in &question.choices {
            if options.with(&question.id, choice).is_err() {
                faults.unknown(&item, "choices", choice);
            }
        }
        if !question.choices.is_empty() && !question.choices.contains(&question.default) {
            faults.value(&item, "default", &question.default, &question.choices.join(", "));
        }
        match options.with(&question.id, &question.default) {
            Ok(answered) => options = answered,
            Err(_) => faults.unknown(&item, "default", &question.default),
        }
    }
    for id in Options::IDS {
        if !seen.contains(id) {
            faults.push(faults.at(RefusalCode::Required, "pack-text-missing", "option", id));
        }
    }
    options
}

fn check_levels(faults: &mut Faults<'_>, raw: &RawFramework) -> Vec<Level> {
    let domains: BTreeSet<&str> = raw.domain.iter().map(|domain| domain.code.as_str()).collect();
    let reachable = raw.clauses.saturating_mul(2 * Rating::Fully.points());
    let (mut levels, mut expected) = (Vec::new(), 1);
    faults.range("framework", "level", size(raw.level.len()), 1, 9);
    for level in &raw.level {
        let item = format!("level {}", level.number);
        faults.count(&item, "number", u32::from(level.number), expected);
        expected = u32::from(level.number).saturating_add(1);
        faults.text(&item, "code", &level.code);
        faults.words(&item, "name", &level.name);
        faults.words(&item, "summary", &level.summary);
        faults.range(&item, "min_years", level.min_years, 0, 100);
        let (field, applied) = match &level.erratum {
            Some(erratum) => {
                faults.words(&item, "erratum.note", &erratum.note);
                faults.text(&item, "erratum.source", &erratum.source);
                ("erratum.effective_total", erratum.effective_total)
            }
            None => ("printed_total", level.printed_total),
        };
        if applied > reachable {
            let fault = faults.at(RefusalCode::OutOfRange, "pack-total-unreachable", &item, field);
            faults.push(fault.with("value", i64::from(applied)).with("max", i64::from(reachable)));
        }
        levels.push(Level {
            number: level.number,
            code: level.code.clone(),
            name: level.name.clone(),
            summary: level.summary.clone(),
            min_years: level.min_years,
            printed_total: level.printed_total,
            erratum: level.erratum.clone(),
            shares: check_shares(faults, &item, &level.shares, &domains),
        });
    }
    levels
}

fn check_shares(
    faults: &mut Faults<'_>,
    item: &str,
    shares: &[RawShare],
    domains: &BTreeSet<&str>,
) -> Vec<ShareCondition> {
    let mut seen = BTreeSet::new();
    let mut checked = Vec::new();
    for (index, share) in shares.iter().enumerate() {
        let field = |name: &str| format!("shares.{index}.{name}");
        faults.range(item, &field("percent"), share.percent, 1, 100);
        if share.domains.is_empty() {
            faults.text(item, &field("domains"), "");
        }
        for domain in &share.domains {
            if !domains.contains(domain.as_str()) {
                faults.unknown(item, &field("domains"), domain);
            }
            if !seen.insert((share.rating.as_str(), domain.as_str())) {
                faults.doubled(item, &field("domains"), domain);
            }
        }
        match RateKind::from_name(&share.rating) {
            Some(kind) => {
                checked.push(ShareCondition { kind, domains: share.domains.clone(), percent: share.percent });
            }
            None => faults.value(item, &field("rating"), &share.rating, "c, f"),
        }
    }
    checked
}

fn check_clauses(faults: &mut Faults<'_>, raw: &RawFramework, rows: Vec<RawClause>) -> Vec<Clause> {
    faults.count("table", "rows", size(rows.len()), raw.clauses);
    let mut clauses: BTreeMap<u16, Clause> = BTreeMap::new();
    for row in rows {
        let number = row.number;
        let item = format!("clause {number}");
        faults.range(&item, "number", u32::from(number), 1, raw.clauses);
        let title = Bilingual { zh: row.title_zh, en: row.title_en };
        faults.words(&item, "title", &title);
        faults.text(&item, "explanation_en", &row.explanation_en);
        match raw.domain.iter().find(|domain| domain.code == row.domain) {
            None => faults.unknown(&item, "domain", &row.domain),
            Some(domain) => {
                faults.range(&item, "number", u32::from(number), u32::from(domain.first), u32::from(domain.last));
            }
        }
        match raw.section.iter().find(|section| section.id == row.section) {
            None => faults.unknown(&item, "section", &row.section),
            Some(section) if section.domain != row.domain => {
                faults.value(&item, "domain", &row.domain, &section.domain);
            }
            Some(_) => {}
        }
        let evidence = kinds(faults, &item, &row.evidence);
        let frequencies = keys(faults, &item, "frequency", &row.frequency, |key| raw.frequencies.contains_key(key));
        let records = keys(faults, &item, "sources", &row.sources, |key| raw.records.contains_key(key));
        if records.is_empty() {
            faults.text(&item, "sources", "");
        }
        let strength = Strength::from_name(&row.strength).unwrap_or_else(|| {
            faults.value(&item, "strength", &row.strength, "A, B, M");
            Strength::Manual
        });
        let rule_en = (!row.rule_en.is_empty()).then_some(row.rule_en);
        match (strength, &rule_en) {
            (Strength::Automatic, None) => faults.text(&item, "rule_en", ""),
            (Strength::Recorded | Strength::Manual, Some(rule)) => faults.value(&item, "rule_en", rule, "-"),
            _ => {}
        }
        let clause = Clause {
            number,
            domain: row.domain,
            section: row.section,
            title,
            explanation_en: row.explanation_en,
            evidence,
            frequencies,
            records,
            strength,
            rule_en,
        };
        if clauses.insert(number, clause).is_some() {
            faults.doubled(&item, "number", &number.to_string());
        }
    }
    for section in &raw.section {
        if !clauses.values().any(|clause| clause.section == section.id) {
            faults.push(faults.at(RefusalCode::Required, "pack-text-missing", "table", &section.id));
        }
    }
    clauses.into_values().collect()
}

/// A comma-separated cell of kinds of evidence.
fn kinds(faults: &mut Faults<'_>, item: &str, cell: &str) -> Vec<EvidenceKind> {
    let mut kinds = Vec::new();
    for word in cell.split(',') {
        match EvidenceKind::from_name(word) {
            Some(kind) => kinds.push(kind),
            None => faults.value(item, "evidence", word, ALLOWED_KINDS),
        }
    }
    kinds
}

/// A comma-separated cell of keys that the pack defines.
fn keys(faults: &mut Faults<'_>, item: &str, field: &str, cell: &str, known: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for key in cell.split(',').filter(|key| !key.is_empty()) {
        if known(key) {
            found.push(key.to_owned());
        } else {
            faults.unknown(item, field, key);
        }
    }
    found
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
