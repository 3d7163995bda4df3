//! Maturity: frameworks as data, assessments, and the level with its explanation.
//!
//! Decides which ratings are valid, when an assessment may change, and which level a set of ratings reaches and why not
//! a higher one. Does not decide who may see an assessment (that is the scope of the transaction) nor what a clause
//! means: clauses, thresholds and errata are data of a framework pack, never code.
//!
//! [`mod@framework`] is the pack's shape, [`parse`] checks it, [`registry`] lists the packs that ship; [`score`] holds
//! ratings, [`options`] what the standard leaves open, [`level`] is the level engine, [`assessment`] the state machine
//! and the rules of evidence, [`record`] what is kept of an assessment.

pub mod assessment;
pub mod framework;
pub mod level;
pub mod options;
pub mod parse;
pub mod record;
pub mod registry;
pub mod score;
mod service;
mod store;

pub use assessment::{Evidence, EvidenceInput, Rater, State};
pub use framework::{Clause, Framework, FrameworkPin, Level};
pub use level::{LevelInput, LevelResult, explain};
pub use options::Options;
pub use record::{
    Assessment, AssessmentDraft, Attached, ClauseRating, Conclusion, EvidenceFile, RatingInput, Ratings, Sheet,
    Standing,
};
pub use registry::{framework, frameworks, pinned};
pub use score::{ClauseScore, RateKind, Rating, Scores};
pub use service::{
    assessment_conclude, assessment_create, assessment_rate, assessment_submit, assessment_withdraw, assessments,
    assessments_count, counts_by_level, evidence_attach, evidence_file, evidence_of, sheets,
};
pub use store::{EvidenceKey, Listed, Store};
