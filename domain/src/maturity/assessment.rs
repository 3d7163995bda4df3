//! An assessment: one framework applied to one tenant for one cycle. Its states, who may change what in which of them,
//! and the rules of evidence.
//!
//! `draft -> submitted -> under_assessment -> assessed`, and from any of the first three `-> withdrawn`. The tenant rates
//! and attaches only in a draft; the assessor rates, apart from the tenant's ratings, only while under assessment.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::framework::{EvidenceKind, Framework, FrameworkPin};
use super::level::{LevelInput, LevelResult, explain};
use super::options::Options;
use super::parse::ALLOWED_KINDS;
use super::score::Scores;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{AssessmentId, UserId};
use crate::permission::listed;
use crate::time::Period;

/// The longest title of a piece of evidence, characters.
pub const MAX_TITLE: usize = 200;
/// How many missing clauses a refusal names.
const NAMED_CLAUSES: usize = 10;

listed! {
    /// Whose ratings.
    Rater {
        /// The tenant's own.
        Tenant = "self",
        /// The assessor's.
        Assessor = "assessor",
    }
}

/// Who did something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Where an assessment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The tenant rates and attaches.
    Draft,
    /// Handed over; nothing can be edited.
    Submitted {
        /// By the tenant.
        submitted: Stamp,
    },
    /// An assessor rates.
    UnderAssessment {
        /// By the tenant.
        submitted: Stamp,
        /// By the assessor.
        begun: Stamp,
    },
    /// Closed with a level.
    Assessed {
        /// By the tenant.
        submitted: Stamp,
        /// By the assessor.
        begun: Stamp,
        /// By the assessor.
        concluded: Stamp,
        /// The level of the assessor's ratings; 0 for none.
        level: u8,
    },
    /// Taken back by the tenant.
    Withdrawn {
        /// By the tenant.
        withdrawn: Stamp,
    },
}

impl State {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted { .. } => "submitted",
            Self::UnderAssessment { .. } => "under_assessment",
            Self::Assessed { .. } => "assessed",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    fn refuse(self, rule: &'static str) -> Refusal {
        Refusal::new(RefusalCode::State, rule).with("state", self.name())
    }
}

/// What besides ratings decides the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// First day of operation, where known.
    pub operating_since: Option<NaiveDate>,
    /// The level held before; 0 for none.
    pub previous_level: u8,
    /// How open questions are read.
    pub options: Options,
}

/// An assessment without its ratings, which are kept by clause and rater.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Its id.
    pub id: AssessmentId,
    /// The exact framework.
    pub framework: FrameworkPin,
    /// What besides ratings decides the level.
    pub basis: Basis,
    /// Where it stands.
    pub state: State,
}

impl Assessment {
    /// A new draft.
    ///
    /// # Errors
    /// `level-unknown` when the framework has no such previous level.
    pub fn open(id: AssessmentId, framework: &Framework, basis: Basis) -> Result<Self, Refusal> {
        if basis.previous_level > 0 && framework.level(basis.previous_level).is_none() {
            return Err(Refusal::new(RefusalCode::OutOfRange, "level-unknown")
                .at("previousLevel")
                .with("value", i64::from(basis.previous_level))
                .with("max", framework.levels().len()));
        }
        Ok(Self { id, framework: framework.pin().clone(), basis, state: State::Draft })
    }

    /// Whether this rater may rate now.
    ///
    /// # Errors
    /// `assessment-not-draft` for the tenant after submission, `assessment-not-under-assessment` for the assessor at any
    /// other time.
    pub fn may_rate(&self, rater: Rater) -> Result<(), Refusal> {
        match (rater, self.state) {
            (Rater::Tenant, State::Draft) | (Rater::Assessor, State::UnderAssessment { .. }) => Ok(()),
            (Rater::Tenant, state) => Err(state.refuse("assessment-not-draft")),
            (Rater::Assessor, state) => Err(state.refuse("assessment-not-under-assessment")),
        }
    }

    /// Whether the tenant may add, change or remove evidence now.
    ///
    /// # Errors
    /// `assessment-not-draft` after submission.
    pub fn may_attach(&self) -> Result<(), Refusal> {
        self.may_rate(Rater::Tenant)
    }

    /// Works out the level of a rater's ratings on a day, in any state.
    ///
    /// # Errors
    /// `framework-changed` when the framework is not the one pinned.
    pub fn level(&self, framework: &Framework, scores: &Scores, on: NaiveDate) -> Result<LevelResult, Refusal> {
        if self.framework != *framework.pin() {
            return Err(Refusal::new(RefusalCode::Conflict, "framework-changed")
                .with("framework", self.framework.id.as_str())
                .with("edition", self.framework.edition.as_str())
                .with("version", i64::from(self.framework.version)));
        }
        let Basis { operating_since, previous_level, options } = self.basis;
        Ok(explain(framework, &LevelInput { scores, operating_since, assessed_on: on, previous_level, options }))
    }

    /// The tenant hands a draft over.
    ///
    /// # Errors
    /// `assessment-not-draft`; `assessment-incomplete` unless every clause has both ratings; `framework-changed`.
    pub fn submit(self, framework: &Framework, own: &Scores, stamp: Stamp) -> Result<Self, Refusal> {
        self.may_rate(Rater::Tenant)?;
        complete(&self.level(framework, own, stamp.at.date_naive())?)?;
        Ok(Self { state: State::Submitted { submitted: stamp }, ..self })
    }

    /// An assessor takes a submitted assessment up.
    ///
    /// # Errors
    /// `assessment-not-submitted`.
    pub fn begin(self, stamp: Stamp) -> Result<Self, Refusal> {
        match self.state {
            State::Submitted { submitted } => {
                Ok(Self { state: State::UnderAssessment { submitted, begun: stamp }, ..self })
            }
            state => Err(state.refuse("assessment-not-submitted")),
        }
    }

    /// The assessor closes the assessment; `on` is the civil day in the park's time zone, for the years of operation.
    ///
    /// # Errors
    /// `assessment-not-under-assessment`; `assessment-incomplete` unless the assessor gave both ratings of every clause;
    /// `framework-changed`.
    pub fn conclude(
        self,
        framework: &Framework,
        scores: &Scores,
        on: NaiveDate,
        stamp: Stamp,
    ) -> Result<(Self, LevelResult), Refusal> {
        let State::UnderAssessment { submitted, begun } = self.state else {
            return Err(self.state.refuse("assessment-not-under-assessment"));
        };
        let result = self.level(framework, scores, on)?;
        complete(&result)?;
        let state = State::Assessed { submitted, begun, concluded: stamp, level: result.achieved };
        Ok((Self { state, ..self }, result))
    }

    /// The tenant takes the assessment back; its ratings and evidence stay readable to the tenant.
    ///
    /// # Errors
    /// `assessment-closed` once assessed or withdrawn.
    pub fn withdraw(self, stamp: Stamp) -> Result<Self, Refusal> {
        match self.state {
            State::Draft | State::Submitted { .. } | State::UnderAssessment { .. } => {
                Ok(Self { state: State::Withdrawn { withdrawn: stamp }, ..self })
            }
            state @ (State::Assessed { .. } | State::Withdrawn { .. }) => Err(state.refuse("assessment-closed")),
        }
    }
}

/// Every clause that applies has both ratings.
fn complete(result: &LevelResult) -> Result<(), Refusal> {
    let clauses: BTreeSet<u16> = result.missing.iter().map(|(clause, _)| *clause).collect();
    if clauses.is_empty() {
        return Ok(());
    }
    let first: Vec<String> = clauses.iter().take(NAMED_CLAUSES).map(u16::to_string).collect();
    Err(Refusal::new(RefusalCode::Required, "assessment-incomplete")
        .with("count", clauses.len())
        .with("clauses", first.join(", ")))
}

/// What a caller says about a piece of evidence.
#[derive(Clone, Debug)]
pub struct EvidenceInput {
    /// Clauses it supports.
    pub clauses: Vec<u16>,
    /// Stable name of its kind.
    pub kind: String,
    /// What it is.
    pub title: String,
    /// First day it covers.
    pub covers_from: NaiveDate,
    /// The day after the last one it covers.
    pub covers_to: NaiveDate,
}

/// Checked facts about a piece of evidence. Where its content lies is the caller's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Clauses it supports, at least one.
    pub clauses: BTreeSet<u16>,
    /// Its kind.
    pub kind: EvidenceKind,
    /// What it is, 1 to [`MAX_TITLE`] characters, without space around.
    pub title: String,
    /// The days it covers.
    pub covers: Period,
}

impl Evidence {
    /// Checks what a caller says.
    ///
    /// # Errors
    /// All of: `evidence-clauses-missing`, `clause-unknown`, `evidence-kind-unknown`, `evidence-title-missing`,
    /// `evidence-title-long`, `period-empty`.
    pub fn check(framework: &Framework, input: EvidenceInput) -> Result<Self> {
        let mut refused = Vec::new();
        if input.clauses.is_empty() {
            refused.push(Refusal::new(RefusalCode::Required, "evidence-clauses-missing").at("clauses"));
        }
        for (index, clause) in input.clauses.iter().enumerate() {
            refused.extend(framework.known(*clause).err().map(|refusal| refusal.at(format!("clauses.{index}"))));
        }
        let title = input.title.trim();
        match title.chars().count() {
            0 => refused.push(Refusal::new(RefusalCode::Required, "evidence-title-missing").at("title")),
            length if length > MAX_TITLE => refused.push(
                Refusal::new(RefusalCode::TooLarge, "evidence-title-long")
                    .at("title")
                    .with("length", length)
                    .with("max", MAX_TITLE),
            ),
            _ => {}
        }
        let kind = EvidenceKind::from_name(&input.kind).ok_or_else(|| {
            Refusal::new(RefusalCode::Invalid, "evidence-kind-unknown")
                .at("kind")
                .with("value", input.kind.as_str())
                .with("allowed", ALLOWED_KINDS)
        });
        let covers = Period::new(input.covers_from, Some(input.covers_to)).map_err(|refusal| refusal.at("coversTo"));
        let kind = kind.map_err(|refusal| refused.push(refusal));
        let covers = covers.map_err(|refusal| refused.push(refusal));
        match (kind, covers) {
            (Ok(kind), Ok(covers)) if refused.is_empty() => {
                Ok(Self { clauses: input.clauses.into_iter().collect(), kind, title: title.to_owned(), covers })
            }
            _ => Err(Error::Refused(refused)),
        }
    }
}
