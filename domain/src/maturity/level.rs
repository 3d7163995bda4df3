//! The level engine: ratings in, level out, with every rule that passed or failed and the clauses that block it.
//!
//! Pure and in whole numbers: a share of `percent` of `n` clauses holds when `count * 100 >= percent * n`, so that no
//! rounding can lift or drop a centre. A missing rating counts as 0 and is reported; the level is then provisional.

use chrono::NaiveDate;

use super::framework::{Clause, Erratum, Framework, FrameworkPin, Level, ShareCondition};
use super::options::{LowerLevels, NotApplicable, Options, ShareMeasure, Steps, TotalScope};
use super::score::{ClauseScore, RateKind, Rating, Scores};

/// What a level is worked out from.
#[derive(Clone, Copy, Debug)]
pub struct LevelInput<'a> {
    /// The ratings of one rater.
    pub scores: &'a Scores,
    /// First day of operation; unknown counts as no years.
    pub operating_since: Option<NaiveDate>,
    /// The day the level is worked out for.
    pub assessed_on: NaiveDate,
    /// The level held before; 0 for none.
    pub previous_level: u8,
    /// How open questions are read.
    pub options: Options,
}

/// One rating that is not yet 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Clause number.
    pub clause: u16,
    /// Which of its ratings.
    pub kind: RateKind,
    /// What it is now; `None` when missing.
    pub now: Option<Rating>,
}

/// What a rule demands. `required` and `actual` of its [`RuleCheck`] are in the unit named here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Share of a rating over domains; clauses rated 10, or points when shares are measured in points.
    Share {
        /// The condition of the framework.
        condition: ShareCondition,
        /// Clauses (or possible points) that the share is taken of.
        whole: u32,
    },
    /// Points in all.
    Total {
        /// The total as printed; differs from what is required where an erratum applies or clauses do not apply.
        printed: u32,
        /// Points that could be had.
        whole: u32,
    },
    /// Whole years of operation on the day of assessment.
    Years {
        /// Whether the first day of operation is known.
        known: bool,
    },
    /// Number of the levels below whose own conditions hold without a gap.
    LowerLevels,
    /// Level held before: levels are climbed one at a time.
    Ladder,
}

/// One rule of one level, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCheck {
    /// The rule.
    pub rule: Rule,
    /// At least this much.
    pub required: u32,
    /// What there is.
    pub actual: u32,
    /// Whether it is enough.
    pub passed: bool,
    /// The ratings that stand in the way, least effort first (5, then 0, then missing; then by clause). Empty when passed,
    /// and for rules that no rating can mend.
    pub blocking: Vec<Gap>,
}

impl RuleCheck {
    /// How much is missing; 0 when passed.
    pub fn shortfall(&self) -> u32 {
        self.required.saturating_sub(self.actual)
    }
}

/// One level, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelCheck {
    /// Level number.
    pub level: u8,
    /// Whether its own conditions (shares, total, years) hold.
    pub own_conditions: bool,
    /// Whether it is reached: own conditions, lower levels and ladder.
    pub reached: bool,
    /// Every rule.
    pub rules: Vec<RuleCheck>,
}

/// How often each value was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rated 10.
    pub fully: u32,
    /// Rated 5.
    pub partly: u32,
    /// Rated 0.
    pub not: u32,
    /// Not rated.
    pub missing: u32,
}

impl Tally {
    fn add(&mut self, rating: Option<Rating>) {
        match rating {
            Some(Rating::Fully) => self.fully += 1,
            Some(Rating::Partly) => self.partly += 1,
            Some(Rating::Not) => self.not += 1,
            None => self.missing += 1,
        }
    }
    fn points(self) -> u32 {
        self.fully * Rating::Fully.points() + self.partly * Rating::Partly.points()
    }
}

/// One domain's ratings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainScore {
    /// Domain code.
    pub domain: String,
    /// Clauses that apply.
    pub clauses: u32,
    /// C-Rate values.
    pub c: Tally,
    /// F-Rate values.
    pub f: Tally,
    /// Points.
    pub points: u32,
    /// Points possible.
    pub max_points: u32,
}

/// A printed total that was not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedErratum {
    /// Level number.
    pub level: u8,
    /// As printed.
    pub printed_total: u32,
    /// What was applied, and why.
    pub erratum: Erratum,
}

/// A level with its whole explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelResult {
    /// The exact framework.
    pub framework: FrameworkPin,
    /// How open questions were read.
    pub options: Options,
    /// The level reached; 0 for none.
    pub achieved: u8,
    /// Whether ratings are missing, so that the level may still change without any rating being changed.
    pub provisional: bool,
    /// Whether clauses were left out as not applicable, which the standard does not know.
    pub unofficial: bool,
    /// Points.
    pub total: u32,
    /// Points possible over the clauses that apply.
    pub max_total: u32,
    /// Ratings given.
    pub rated: u32,
    /// Ratings expected: two for every clause that applies.
    pub expected: u32,
    /// Ratings not given.
    pub missing: Vec<(u16, RateKind)>,
    /// Per domain, in printed order.
    pub domains: Vec<DomainScore>,
    /// Per level, from the lowest.
    pub levels: Vec<LevelCheck>,
    /// Printed totals that were not applied.
    pub errata: Vec<AppliedErratum>,
}

impl LevelResult {
    /// The level after the one reached, if any: the one whose failed rules are worth reading.
    pub fn next(&self) -> Option<&LevelCheck> {
        self.levels.iter().find(|check| check.level > self.achieved)
    }
}

/// Works out the level.
pub fn explain(framework: &Framework, input: &LevelInput<'_>) -> LevelResult {
    let sheet = Sheet { framework, input };
    let all = sheet.ratings(|_| true, RateKind::ALL);
    let missing: Vec<_> = all.iter().filter(|gap| gap.now.is_none()).map(|gap| (gap.clause, gap.kind)).collect();
    let levels = sheet.levels();
    let expected = count(&all);
    LevelResult {
        framework: framework.pin().clone(),
        options: input.options,
        achieved: levels.iter().filter(|check| check.reached).map(|check| check.level).max().unwrap_or(0),
        provisional: !missing.is_empty(),
        unofficial: framework.clauses().iter().any(|clause| !sheet.applies(clause)),
        total: points(&all),
        max_total: expected * Rating::Fully.points(),
        rated: expected - count(&missing),
        expected,
        missing,
        domains: framework.domains().iter().map(|domain| sheet.domain(&domain.code)).collect(),
        levels,
        errata: framework.levels().iter().filter_map(applied_erratum).collect(),
    }
}

fn applied_erratum(level: &Level) -> Option<AppliedErratum> {
    let erratum = level.erratum.clone()?;
    Some(AppliedErratum { level: level.number, printed_total: level.printed_total, erratum })
}

/// A rule that no rating can mend: as much as required, or not.
fn plain(rule: Rule, required: u32, actual: u32) -> RuleCheck {
    RuleCheck { rule, required, actual, passed: actual >= required, blocking: Vec::new() }
}

fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

fn points(ratings: &[Gap]) -> u32 {
    ratings.iter().filter_map(|gap| gap.now).map(Rating::points).sum()
}

/// The ratings under one reading of the standard.
struct Sheet<'a> {
    framework: &'a Framework,
    input: &'a LevelInput<'a>,
}

impl Sheet<'_> {
    fn applies(&self, clause: &Clause) -> bool {
        self.input.options.not_applicable == NotApplicable::Forbidden
            || self.input.scores.get(clause.number) != ClauseScore::NotApplicable
    }

    /// The ratings of the clauses that apply, by clause.
    fn ratings(&self, domain: impl Fn(&str) -> bool, kinds: &[RateKind]) -> Vec<Gap> {
        let clauses = self.framework.clauses().iter().filter(|clause| domain(&clause.domain) && self.applies(clause));
        clauses
            .flat_map(|clause| {
                let score = self.input.scores.get(clause.number);
                kinds.iter().map(move |kind| Gap { clause: clause.number, kind: *kind, now: score.rating(*kind) })
            })
            .collect()
    }

    fn levels(&self) -> Vec<LevelCheck> {
        // How many levels hold by their own conditions, from the lowest without a gap.
        let mut held = 0;
        let check = |level: &Level| {
            let mut rules = self.own_rules(level);
            let own_conditions = rules.iter().all(|check| check.passed);
            let below = u32::from(level.number.saturating_sub(1));
            if below > 0 && self.input.options.lower_levels == LowerLevels::Checked {
                rules.push(plain(Rule::LowerLevels, below, held));
            }
            if below > 0 && self.input.options.steps == Steps::OneAtATime {
                rules.push(plain(Rule::Ladder, below, u32::from(self.input.previous_level)));
            }
            if own_conditions && held == below {
                held += 1;
            }
            let reached = rules.iter().all(|check| check.passed);
            LevelCheck { level: level.number, own_conditions, reached, rules }
        };
        self.framework.levels().iter().map(check).collect()
    }

    fn domain(&self, code: &str) -> DomainScore {
        let (mut c, mut f) = (Tally::default(), Tally::default());
        let ratings = self.ratings(|domain| domain == code, RateKind::ALL);
        for gap in &ratings {
            match gap.kind {
                RateKind::C => c.add(gap.now),
                RateKind::F => f.add(gap.now),
            }
        }
        DomainScore {
            domain: code.to_owned(),
            clauses: count(&ratings) / 2,
            points: c.points() + f.points(),
            max_points: count(&ratings) * Rating::Fully.points(),
            c,
            f,
        }
    }

    fn own_rules(&self, level: &Level) -> Vec<RuleCheck> {
        let mut rules: Vec<RuleCheck> = level.shares.iter().map(|condition| self.share(condition)).collect();
        rules.push(self.total(level));
        if level.min_years > 0 {
            let since = self.input.operating_since;
            let years = since.and_then(|since| self.input.assessed_on.years_since(since)).unwrap_or(0);
            rules.push(plain(Rule::Years { known: since.is_some() }, level.min_years, years));
        }
        rules
    }

    fn share(&self, condition: &ShareCondition) -> RuleCheck {
        let ratings = self.ratings(|domain| condition.domains.iter().any(|code| code == domain), &[condition.kind]);
        let (actual, whole) = match self.input.options.share_measure {
            ShareMeasure::FullClauses => {
                let full: Vec<_> = ratings.iter().filter(|gap| gap.now == Some(Rating::Fully)).collect();
                (count(&full), count(&ratings))
            }
            ShareMeasure::Points => (points(&ratings), count(&ratings) * Rating::Fully.points()),
        };
        RuleCheck {
            rule: Rule::Share { condition: condition.clone(), whole },
            required: (condition.percent * whole).div_ceil(100),
            actual,
            passed: actual * 100 >= condition.percent * whole,
            blocking: Vec::new(),
        }
        .blocked_by(ratings)
    }

    fn total(&self, level: &Level) -> RuleCheck {
        let counts = |domain: &str| match self.input.options.total_scope {
            TotalScope::AllClauses => true,
            TotalScope::RatedDomains => {
                level.shares.is_empty()
                    || level.shares.iter().any(|condition| condition.domains.iter().any(|code| code == domain))
            }
        };
        let ratings = self.ratings(counts, RateKind::ALL);
        let clauses: Vec<_> = self.framework.clauses().iter().filter(|clause| counts(&clause.domain)).collect();
        // Clauses that do not apply leave numerator and denominator: the threshold shrinks in proportion.
        let (possible, whole) = (2 * count(&clauses), count(&ratings));
        let (actual, threshold) = (points(&ratings), level.effective_total());
        RuleCheck {
            rule: Rule::Total { printed: level.printed_total, whole: whole * Rating::Fully.points() },
            required: (threshold * whole).div_ceil(possible.max(1)),
            actual,
            passed: actual * possible >= threshold * whole,
            blocking: Vec::new(),
        }
        .blocked_by(ratings)
    }
}

impl RuleCheck {
    /// When failed, names the ratings below 10 in order of effort.
    fn blocked_by(mut self, mut ratings: Vec<Gap>) -> Self {
        if !self.passed {
            ratings.retain(|gap| gap.now != Some(Rating::Fully));
            // A missing rating needs judging and perhaps everything else; it comes after a known 0.
            ratings.sort_by_key(|gap| (std::cmp::Reverse(gap.now), gap.clause, gap.kind));
            self.blocking = ratings;
        }
        self
    }
}
