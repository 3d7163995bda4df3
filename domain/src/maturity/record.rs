//! What is kept of an assessment: its head, the ratings of both sides, the evidence, the conclusion.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::assessment::{Evidence, Rater, State};
use super::framework::Framework;
use super::level::{LevelInput, LevelResult, explain};
use super::registry::{framework, pinned};
use super::score::{ClauseScore, RateKind, Rating, Scores};
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{AssessmentId, EvidenceId, FileId, TenantId};
use crate::platform::FileState;
use crate::tenancy;

/// The longest title of an assessment, characters.
const MAX_TITLE: usize = 80;
/// The longest name of a cycle, characters.
const MAX_CYCLE: usize = 20;
/// The longest note to a rating, characters.
const MAX_NOTE: usize = 2000;
/// How far from today the day of an assessment may lie, days: years of operation are counted up to it.
const MAX_DAYS_AWAY: u64 = 366;

/// What an assessment is asked to be.
#[derive(Clone, Debug)]
pub struct AssessmentDraft {
    /// Name of the framework ([`super::FrameworkPin::name`]).
    pub framework: String,
    /// What it is called, 1-80 characters.
    pub title: String,
    /// For which cycle (`2026`), 1-20 characters; one assessment a framework and cycle.
    pub cycle: String,
    /// The day the level is worked out for, at most 366 days from today.
    pub assessed_on: NaiveDate,
}

impl AssessmentDraft {
    /// Checks everything that needs no database.
    ///
    /// # Errors
    /// All that hold of `framework-unknown`, `text-required`, `code-invalid`, `assessment-day-far`.
    pub fn check(&self, today: NaiveDate) -> Result<&'static Framework> {
        let mut bad = Refusals::new();
        let found = match framework(&self.framework) {
            Err(Error::NotFound) => {
                let refusal = Refusal::new(RefusalCode::NotFound, "framework-unknown").at("framework");
                bad.push(refusal.with("framework", self.framework.as_str()));
                None
            }
            other => Some(other?),
        };
        bad.when(self.title.trim().is_empty() || self.title.trim().chars().count() > MAX_TITLE, || {
            Refusal::new(RefusalCode::Required, "text-required").at("title").with("max", MAX_TITLE)
        });
        bad.when(!tenancy::code_ok(&self.cycle, MAX_CYCLE), || {
            Refusal::new(RefusalCode::Invalid, "code-invalid").at("cycle").with("max", MAX_CYCLE)
        });
        let away = Days::new(self.assessed_on.signed_duration_since(today).num_days().unsigned_abs());
        bad.when(away > Days::new(MAX_DAYS_AWAY), || {
            Refusal::new(RefusalCode::OutOfRange, "assessment-day-far")
                .at("assessedOn")
                .with("day", self.assessed_on)
                .with("max", i64::try_from(MAX_DAYS_AWAY).unwrap_or(i64::MAX))
        });
        bad.finish()?;
        found.ok_or(Error::NotFound)
    }
}

/// An assessment as its caller sees it.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// Its id.
    pub id: AssessmentId,
    /// Whose.
    pub tenant: TenantId,
    /// Name of the framework ([`super::FrameworkPin::name`]).
    pub framework: String,
    /// Fingerprint of exactly the pack it is made with.
    pub fingerprint: String,
    /// What it is called.
    pub title: String,
    /// For which cycle.
    pub cycle: String,
    /// Where it stands. [`State::UnderAssessment`] only for an assessor who has begun to rate it.
    pub state: State,
    /// The day the level is worked out for.
    pub assessed_on: NaiveDate,
    /// First day of the tenant's operation.
    pub operating_since: NaiveDate,
    /// The level held before by the same framework; 0 for none.
    pub previous_level: u8,
    /// Made at.
    pub created_at: DateTime<Utc>,
    /// Handed over at.
    pub submitted_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub conclusion: Option<Conclusion>,
}

/// How an assessment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// The level of the assessor's ratings; 0 for none.
    pub level: u8,
    /// Points.
    pub total: u32,
    /// When.
    pub at: DateTime<Utc>,
}

impl Assessment {
    /// The pack it is made with.
    ///
    /// # Errors
    /// Those of [`pinned`].
    pub fn framework(&self) -> Result<&'static Framework> {
        pinned(&self.framework, &self.fingerprint)
    }

    /// The level of one side's ratings, with its explanation.
    ///
    /// # Errors
    /// Those of [`pinned`].
    pub fn level(&self, ratings: &Ratings) -> Result<LevelResult> {
        let framework = self.framework()?;
        Ok(explain(
            framework,
            &LevelInput {
                scores: &ratings.scores(),
                operating_since: Some(self.operating_since),
                assessed_on: self.assessed_on,
                previous_level: self.previous_level,
                options: framework.options(),
            },
        ))
    }

    /// The state in which an assessor rates: whoever rates a submitted assessment takes it up by doing so.
    ///
    /// # Errors
    /// Those of [`State::may_rate`].
    pub fn taken_up(&self) -> Result<State, Refusal> {
        let state = if self.state == State::Submitted { self.state.begin()? } else { self.state };
        state.may_rate(Rater::Assessor).map(|()| state)
    }
}

/// A rating of a clause as a caller sends it.
#[derive(Clone, Debug)]
pub struct RatingInput {
    /// Clause number.
    pub clause: i32,
    /// C-Rate: 0, 5 or 10 points.
    pub c: i32,
    /// F-Rate: 0, 5 or 10 points.
    pub f: i32,
    /// Why, 0-2000 characters.
    pub note: String,
}

/// Both ratings of a clause by one rater.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseRating {
    /// Clause number.
    pub clause: u16,
    /// C-Rate.
    pub c: Rating,
    /// F-Rate.
    pub f: Rating,
    /// Why.
    pub note: String,
}

impl ClauseRating {
    /// Checks the ratings of one request.
    ///
    /// # Errors
    /// `ratings-too-many` alone; otherwise all that hold of `clause-unknown`, `clause-doubled`, `rating-value`,
    /// `text-too-long`, each at `ratings.<index>`.
    pub fn check(framework: &Framework, inputs: &[RatingInput]) -> Result<Vec<Self>> {
        let max = framework.clauses().len();
        if inputs.len() > max {
            let refusal = Refusal::new(RefusalCode::TooLarge, "ratings-too-many").at("ratings");
            return Err(refusal.with("count", inputs.len()).with("max", max).into());
        }
        let (mut bad, mut seen, mut good) = (Refusals::new(), BTreeSet::new(), Vec::with_capacity(inputs.len()));
        for (index, input) in inputs.iter().enumerate() {
            let at = |field: &str| format!("ratings.{index}.{field}");
            let clause = match framework.known(input.clause) {
                Ok(clause) => clause.number,
                Err(refusal) => {
                    bad.push(refusal.at(at("clause")));
                    continue;
                }
            };
            bad.when(!seen.insert(clause), || {
                Refusal::new(RefusalCode::Duplicate, "clause-doubled")
                    .at(at("clause"))
                    .with("clause", i64::from(clause))
            });
            bad.when(input.note.chars().count() > MAX_NOTE, || {
                Refusal::new(RefusalCode::TooLarge, "text-too-long").at(at("note")).with("max", MAX_NOTE)
            });
            let mut rating = |kind: RateKind, points| {
                Rating::parse(clause, kind, points).map_err(|refusal| bad.push(refusal.at(at(kind.name())))).ok()
            };
            if let (Some(c), Some(f)) = (rating(RateKind::C, input.c), rating(RateKind::F, input.f)) {
                good.push(Self { clause, c, f, note: input.note.trim().to_owned() });
            }
        }
        bad.finish().map(|()| good)
    }
}

/// The ratings of one side, by clause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ratings(BTreeMap<u16, ClauseRating>);

impl Ratings {
    /// The rating of a clause.
    pub fn get(&self, clause: u16) -> Option<&ClauseRating> {
        self.0.get(&clause)
    }
    /// Whether nothing was rated.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Adds a rating, replacing an earlier one of the same clause.
    pub fn insert(&mut self, rating: ClauseRating) {
        self.0.insert(rating.clause, rating);
    }
    /// As the level engine reads them.
    pub fn scores(&self) -> Scores {
        self.0.values().map(|r| (r.clause, ClauseScore::Rated { c: Some(r.c), f: Some(r.f) })).collect()
    }
}

impl FromIterator<ClauseRating> for Ratings {
    fn from_iter<I: IntoIterator<Item = ClauseRating>>(ratings: I) -> Self {
        Self(ratings.into_iter().map(|rating| (rating.clause, rating)).collect())
    }
}

/// Everything that was rated in an assessment, as far as the caller may see it.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The tenant's own ratings.
    pub own: Ratings,
    /// An assessor's ratings: an assessor sees its own, the tenant those of the conclusion.
    pub assessor: Ratings,
    /// Pieces of evidence by clause.
    pub evidence: BTreeMap<u16, i64>,
}

/// A stored file as evidence keeps it: the file may be out of the reader's reach, what it was is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceFile {
    /// The stored file it was taken from.
    pub id: FileId,
    /// SHA-256 of the bytes, which is their name in the file store.
    pub sha256: [u8; 32],
    /// Size.
    pub bytes: i64,
    /// The name it was uploaded with.
    pub name: String,
    /// Its media type: what its content was found to be.
    pub media_type: String,
    /// Whether it may be read.
    pub state: FileState,
}

/// A piece of evidence that is attached to an assessment.
#[derive(Clone, Debug)]
pub struct Attached {
    /// Its id.
    pub id: EvidenceId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// Clause, title, period covered.
    pub evidence: Evidence,
    /// The content.
    pub file: EvidenceFile,
}

/// A concluded assessment as the park sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The tenant.
    pub tenant: TenantId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// How it ended.
    pub conclusion: Conclusion,
}

impl Standing {
    /// The latest of each tenant.
    pub fn latest(all: impl IntoIterator<Item = Self>) -> BTreeMap<TenantId, Self> {
        let mut latest = BTreeMap::new();
        for standing in all {
            let known = latest.entry(standing.tenant).or_insert(standing);
            if (standing.conclusion.at, standing.assessment) > (known.conclusion.at, known.assessment) {
                *known = standing;
            }
        }
        latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn rules<T>(result: Result<T>) -> Vec<(&'static str, String)> {
        match result {
            Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn drafts_are_checked_whole() {
        let good = AssessmentDraft {
            framework: "cc-cmm-oc-2011".to_owned(),
            title: "年度自评".to_owned(),
            cycle: "2026".to_owned(),
            assessed_on: day("2026-11-21"),
        };
        let today = day("2026-11-21");
        assert_eq!(good.check(today).expect("good").pin().name(), "cc-cmm-oc-2011");
        let bad = AssessmentDraft {
            framework: "cc-cmm-oc-1999".to_owned(),
            title: " ".to_owned(),
            cycle: "2026 第一轮".to_owned(),
            assessed_on: day("2027-11-23"),
        };
        let expected = [
            ("framework-unknown", "framework"),
            ("text-required", "title"),
            ("code-invalid", "cycle"),
            ("assessment-day-far", "assessedOn"),
        ];
        assert_eq!(rules(bad.check(today)), expected.map(|(rule, path)| (rule, path.to_owned())));
    }

    #[test]
    fn every_bad_rating_is_named() {
        let framework = framework("cc-cmm-oc-2011").expect("the shipped pack");
        let rate = |clause, c, f| RatingInput { clause, c, f, note: " 见附件 ".to_owned() };
        let good = ClauseRating::check(framework, &[rate(1, 10, 5), rate(168, 0, 0)]).expect("good");
        assert_eq!(good.first().map(|r| (r.c, r.f, r.note.as_str())), Some((Rating::Fully, Rating::Partly, "见附件")));
        let bad =
            [rate(1, 7, 10), rate(-3, 5, 5), rate(1, 5, 11), RatingInput { note: "x".repeat(2001), ..rate(2, 0, 0) }];
        let expected = [
            ("rating-value", "ratings.0.c"),
            ("clause-unknown", "ratings.1.clause"),
            ("clause-doubled", "ratings.2.clause"),
            ("rating-value", "ratings.2.f"),
            ("text-too-long", "ratings.3.note"),
        ];
        assert_eq!(rules(ClauseRating::check(framework, &bad)), expected.map(|(rule, path)| (rule, path.to_owned())));
        let many: Vec<_> = (0..169).map(|_| rate(1, 0, 0)).collect();
        assert_eq!(rules(ClauseRating::check(framework, &many)), [("ratings-too-many", "ratings".to_owned())]);
    }
}
