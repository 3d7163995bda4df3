//! A level with its explanation, in the caller's words.

use async_graphql::SimpleObject;
use voxpark_domain::ctx::Lang;
use voxpark_domain::error::Arg;
use voxpark_domain::maturity::level::{self, Rule};
use voxpark_domain::maturity::options::ShareMeasure;
use voxpark_domain::maturity::{self, Framework};

use super::framework::{join, say};
use crate::words::message;

/// The level that a set of ratings reaches, with every rule that passed or failed.
#[derive(SimpleObject)]
pub(crate) struct LevelResult {
    /// The level reached; 0 for none.
    level: u8,
    /// Whether ratings are missing, so that the level may still change without any rating being changed.
    provisional: bool,
    /// Points.
    total: u32,
    /// Points possible.
    max_total: u32,
    /// Clauses with both ratings.
    rated: usize,
    /// Clauses to be rated.
    clauses: usize,
    /// Per domain, in printed order.
    domains: Vec<DomainScore>,
    /// Per level, from the lowest.
    levels: Vec<LevelCheck>,
}

/// The ratings of a domain.
#[derive(SimpleObject)]
pub(crate) struct DomainScore {
    /// Short letter.
    letter: String,
    /// Title.
    title: String,
    /// Clauses with a C-Rate of 10.
    c_full: u32,
    /// Clauses with an F-Rate of 10.
    f_full: u32,
    /// Clauses.
    clauses: u32,
    /// Points.
    points: u32,
    /// Points possible.
    max_points: u32,
}

/// One level, checked.
#[derive(SimpleObject)]
pub(crate) struct LevelCheck {
    /// Level number.
    level: u8,
    /// Name.
    title: String,
    /// Whether it is reached: every rule holds.
    passed: bool,
    /// Every rule.
    rules: Vec<RuleCheck>,
}

/// One rule of one level, checked.
#[derive(SimpleObject)]
pub(crate) struct RuleCheck {
    /// Stable name: `share`, `total`, `years`, `lower-levels`, `ladder`.
    rule: &'static str,
    /// What it demands, in the caller's language.
    text: String,
    /// How much is demanded at least, with its unit.
    required: String,
    /// How much there is, with its unit.
    actual: String,
    /// Whether it is enough.
    passed: bool,
    /// Numbers of the clauses in the way, least effort first; empty when passed or when no rating can mend it.
    blocking: Vec<u16>,
}

impl LevelResult {
    pub(super) fn of(framework: &Framework, result: &maturity::LevelResult, lang: Lang) -> Self {
        let mut missing: Vec<u16> = result.missing.iter().map(|(clause, _)| *clause).collect();
        missing.dedup();
        let clauses: usize = result.domains.iter().map(|d| usize::try_from(d.clauses).unwrap_or(0)).sum();
        let measure = result.options.share_measure;
        let domain = |d: &level::DomainScore| DomainScore {
            letter: d.domain.clone(),
            title: (framework.domains().iter().find(|own| own.code == d.domain))
                .map_or_else(String::new, |own| say(lang, &own.title).to_owned()),
            c_full: d.c.fully,
            f_full: d.f.fully,
            clauses: d.clauses,
            points: d.points,
            max_points: d.max_points,
        };
        let check = |c: &level::LevelCheck| LevelCheck {
            level: c.level,
            title: framework.level(c.level).map_or_else(String::new, |l| say(lang, &l.name).to_owned()),
            passed: c.reached,
            rules: c.rules.iter().map(|rule| RuleCheck::of(framework, rule, measure, lang)).collect(),
        };
        Self {
            level: result.achieved,
            provisional: result.provisional,
            total: result.total,
            max_total: result.max_total,
            rated: clauses.saturating_sub(missing.len()),
            clauses,
            domains: result.domains.iter().map(domain).collect(),
            levels: result.levels.iter().map(check).collect(),
        }
    }
}

impl RuleCheck {
    fn of(framework: &Framework, check: &level::RuleCheck, measure: ShareMeasure, lang: Lang) -> Self {
        let number = |n: u32| Arg::Number(i64::from(n));
        let required = ("required", number(check.required));
        let (rule, text, unit, whole) = match &check.rule {
            Rule::Share { condition, whole } => {
                let (text, unit) = match measure {
                    ShareMeasure::FullClauses => ("level-rule-share", "level-amount-clauses"),
                    ShareMeasure::Points => ("level-rule-share-points", "level-amount-points"),
                };
                let domains = join(lang, condition.domains.iter().map(String::as_str));
                let rating = say(lang, framework.rate_name(condition.kind));
                let kind = condition.kind.name().to_uppercase();
                let args = [
                    ("percent", number(condition.percent)),
                    ("domains", domains.into()),
                    ("rating", format!("{kind} ({rating})").into()),
                ];
                ("share", message(lang, text, &args), unit, *whole)
            }
            Rule::Total { printed, whole } => {
                let corrected = *printed != check.required;
                let text = if corrected { "level-rule-total-corrected" } else { "level-rule-total" };
                let args = [required, ("whole", number(*whole)), ("printed", number(*printed))];
                ("total", message(lang, text, &args), "level-amount-points", *whole)
            }
            Rule::Years { .. } => ("years", message(lang, "level-rule-years", &[required]), "level-amount-years", 0),
            Rule::LowerLevels => {
                ("lower-levels", message(lang, "level-rule-lower-levels", &[required]), "level-amount-levels", 0)
            }
            Rule::Ladder => ("ladder", message(lang, "level-rule-ladder", &[required]), "level-amount-level", 0),
        };
        let amount = |count: u32| message(lang, unit, &[("count", number(count)), ("whole", number(whole))]);
        let mut blocking: Vec<u16> = Vec::new();
        for gap in &check.blocking {
            // A clause stands in the way once, with whichever of its ratings comes first.
            if !blocking.contains(&gap.clause) {
                blocking.push(gap.clause);
            }
        }
        Self {
            rule,
            text,
            required: amount(check.required),
            actual: amount(check.actual),
            passed: check.passed,
            blocking,
        }
    }
}
