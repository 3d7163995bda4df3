//! An assessment: one framework applied to one tenant for one cycle. Its states, who may change what in which of them,
//! and the rules of evidence.
//!
//! `draft -> submitted -> under_assessment -> assessed`, and from any of the first three `-> withdrawn`. The tenant rates
//! and attaches only in a draft; the assessor rates, apart from the tenant's ratings, only while under assessment.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::framework::Framework;
use super::level::LevelResult;
use crate::error::{Error, Refusal, RefusalCode, Result};
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

listed! {
    /// Where an assessment stands. Every transition takes the old state and gives the new one or a refusal.
    State {
        /// The tenant rates and attaches.
        Draft = "draft",
        /// Handed over; nothing can be edited.
        Submitted = "submitted",
        /// An assessor rates.
        UnderAssessment = "under_assessment",
        /// Closed with the level of the assessor's ratings.
        Assessed = "assessed",
        /// Taken back by the tenant.
        Withdrawn = "withdrawn",
    }
}

impl State {
    /// Whether this rater may rate now.
    ///
    /// # Errors
    /// `assessment-not-draft` for the tenant after submission, `assessment-not-under-assessment` for the assessor at any
    /// other time.
    pub fn may_rate(self, rater: Rater) -> Result<(), Refusal> {
        match rater {
            Rater::Tenant => self.must_be(Self::Draft, "assessment-not-draft"),
            Rater::Assessor => self.must_be(Self::UnderAssessment, "assessment-not-under-assessment"),
        }
    }

    /// Whether the tenant may add, change or remove evidence now.
    ///
    /// # Errors
    /// `assessment-not-draft` after submission.
    pub fn may_attach(self) -> Result<(), Refusal> {
        self.may_rate(Rater::Tenant)
    }

    /// The tenant hands a draft over; `own` is the level worked out from the tenant's ratings.
    ///
    /// # Errors
    /// `assessment-not-draft`; `assessment-incomplete` unless every clause has both ratings.
    pub fn submit(self, own: &LevelResult) -> Result<Self, Refusal> {
        self.may_rate(Rater::Tenant)?;
        complete(own).map(|()| Self::Submitted)
    }

    /// An assessor takes a submitted assessment up.
    ///
    /// # Errors
    /// `assessment-not-submitted`.
    pub fn begin(self) -> Result<Self, Refusal> {
        self.must_be(Self::Submitted, "assessment-not-submitted").map(|()| Self::UnderAssessment)
    }

    /// The assessor closes the assessment; `found` is the level worked out from the assessor's ratings.
    ///
    /// # Errors
    /// `assessment-not-under-assessment`; `assessment-incomplete` unless the assessor gave both ratings of every clause.
    pub fn conclude(self, found: &LevelResult) -> Result<Self, Refusal> {
        self.may_rate(Rater::Assessor)?;
        complete(found).map(|()| Self::Assessed)
    }

    /// The tenant takes the assessment back; its ratings and evidence stay readable to the tenant.
    ///
    /// # Errors
    /// `assessment-closed` once assessed or withdrawn.
    pub fn withdraw(self) -> Result<Self, Refusal> {
        match self {
            Self::Draft | Self::Submitted | Self::UnderAssessment => Ok(Self::Withdrawn),
            Self::Assessed | Self::Withdrawn => Err(self.refuse("assessment-closed")),
        }
    }

    fn must_be(self, wanted: Self, rule: &'static str) -> Result<(), Refusal> {
        if self == wanted { Ok(()) } else { Err(self.refuse(rule)) }
    }

    fn refuse(self, rule: &'static str) -> Refusal {
        Refusal::new(RefusalCode::State, rule).with("state", self.name())
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
    /// The clause it supports, as the caller wrote it.
    pub clause: i32,
    /// What it is.
    pub title: String,
    /// First day it covers.
    pub covers_from: NaiveDate,
    /// The day after the last one it covers; `None` until further notice.
    pub covers_to: Option<NaiveDate>,
}

/// Checked facts about a piece of evidence. Where its content lies is the caller's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The clause it supports.
    pub clause: u16,
    /// What it is, 1 to [`MAX_TITLE`] characters, without space around.
    pub title: String,
    /// The days it covers.
    pub covers: Period,
}

impl Evidence {
    /// Checks what a caller says.
    ///
    /// # Errors
    /// All that hold of `clause-unknown`, `evidence-title-missing`, `evidence-title-long`, `period-empty`.
    pub fn check(framework: &Framework, input: &EvidenceInput) -> Result<Self> {
        let (clause, mut refused) = match framework.known(input.clause) {
            Ok(clause) => (clause.number, Vec::new()),
            Err(refusal) => (0, vec![refusal]),
        };
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
        match Period::new(input.covers_from, input.covers_to) {
            Ok(covers) if refused.is_empty() => Ok(Self { clause, title: title.to_owned(), covers }),
            covers => {
                refused.extend(covers.err().map(|refusal| refusal.at("coversTo")));
                Err(Error::Refused(refused))
            }
        }
    }
}
