//! A framework: a versioned, immutable tree of clauses with the conditions of its levels.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::options::{OpenQuestion, Options};
use super::score::Rating;
use crate::error::{Refusal, RefusalCode};
use crate::pack::Bilingual;
use crate::permission::listed;

listed! {
    /// What kind of proof a clause asks for.
    EvidenceKind {
        /// A controlled document.
        Document = "document",
        /// A record that the operation left behind.
        Record = "record",
        /// A measured figure.
        Metric = "metric",
        /// Talking to people or walking the floor.
        Interview = "interview",
    }
}

listed! {
    /// How far the platform's own records can prove a clause. Whatever it proves, the ratings stay a human decision.
    Strength {
        /// A rule over records gives pass or fail.
        Automatic = "A",
        /// The records are there, a person reads them.
        Recorded = "B",
        /// Walk-round, interview or upload.
        Manual = "M",
    }
}

/// A domain: a run of clauses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// Short letter (`D`).
    pub code: String,
    /// Printed number (`1.0`).
    pub number: String,
    /// First clause.
    pub first: u16,
    /// Last clause, included.
    pub last: u16,
    /// Title.
    pub title: Bilingual,
}

/// A section of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Printed number (`2.1.3`).
    pub id: String,
    /// Code of its domain.
    pub domain: String,
    /// Title.
    pub title: Bilingual,
}

/// A numbered demand. Titles and explanation are ours, not the text of the standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Number, from 1 without gaps.
    pub number: u16,
    /// Code of its domain.
    pub domain: String,
    /// Number of its section.
    pub section: String,
    /// Title.
    pub title: Bilingual,
    /// What must be true, in one English sentence.
    pub explanation_en: String,
    /// Kinds of proof it asks for, the chief one first.
    pub evidence: Vec<EvidenceKind>,
    /// How often proof must be renewed: keys of [`Framework::frequencies`]; empty where the clause gives none.
    pub frequencies: Vec<String>,
    /// Where the platform keeps the proof: keys of [`Framework::records`].
    pub records: Vec<String>,
    /// How far those records prove it.
    pub strength: Strength,
    /// The rule over records, in English; present exactly when the strength is [`Strength::Automatic`].
    pub rule_en: Option<String>,
}

/// How often a proof must be renewed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frequency {
    /// Calendar months, where the clause gives an interval.
    pub months: Option<u32>,
    /// Name.
    pub name: Bilingual,
}

/// At least `percent` of the clauses of `domains` are right in one of the two ratings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareCondition {
    /// Which rating.
    pub kind: super::RateKind,
    /// Domain codes.
    pub domains: Vec<String>,
    /// 1 to 100.
    pub percent: u32,
}

/// A printed total that the framework does not apply, and what it applies instead.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erratum {
    /// Points applied.
    pub effective_total: u32,
    /// Why.
    pub note: Bilingual,
    /// On what authority.
    pub source: String,
}

/// The conditions of one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// 1 for the lowest.
    pub number: u8,
    /// `L1`.
    pub code: String,
    /// Name.
    pub name: Bilingual,
    /// What a centre of this level shows.
    pub summary: Bilingual,
    /// Whole years of operation at least; 0 where none are stated.
    pub min_years: u32,
    /// Points at least, as printed.
    pub printed_total: u32,
    /// Set where the printed total is not applied.
    pub erratum: Option<Erratum>,
    /// Share conditions.
    pub shares: Vec<ShareCondition>,
}

impl Level {
    /// The points applied: the printed total unless an erratum replaces it.
    pub fn effective_total(&self) -> u32 {
        self.erratum.as_ref().map_or(self.printed_total, |erratum| erratum.effective_total)
    }
}

/// What an assessment holds on to: the exact pack it was made with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FrameworkPin {
    /// Framework id (`cc-cmm-oc`).
    pub id: String,
    /// Edition (`2011`).
    pub edition: String,
    /// Version of the pack, from 1.
    pub version: u32,
    /// SHA-256 of the pack's files, hex.
    pub fingerprint: String,
}

impl FrameworkPin {
    /// Id and edition in one stable name (`cc-cmm-oc-2011`); with the fingerprint it says which pack.
    pub fn name(&self) -> String {
        format!("{}-{}", self.id, self.edition)
    }
}

/// A parsed and checked framework. It cannot be changed; a correction is a new version.
#[derive(Clone, Debug)]
pub struct Framework {
    pub(super) pin: FrameworkPin,
    pub(super) title: Bilingual,
    pub(super) source: String,
    pub(super) rate_names: [Bilingual; 2],
    pub(super) rating_names: BTreeMap<Rating, Bilingual>,
    pub(super) domains: Vec<Domain>,
    pub(super) sections: Vec<Section>,
    pub(super) clauses: Vec<Clause>,
    pub(super) levels: Vec<Level>,
    pub(super) questions: Vec<OpenQuestion>,
    pub(super) options: Options,
    pub(super) frequencies: BTreeMap<String, Frequency>,
    pub(super) records: BTreeMap<String, Bilingual>,
}

impl Framework {
    /// Id, edition, version and fingerprint.
    pub fn pin(&self) -> &FrameworkPin {
        &self.pin
    }
    /// Title.
    pub fn title(&self) -> &Bilingual {
        &self.title
    }
    /// The publication that the numbers are from.
    pub fn source(&self) -> &str {
        &self.source
    }
    /// Name of one of the two ratings.
    pub fn rate_name(&self, kind: super::RateKind) -> &Bilingual {
        let [c, f] = &self.rate_names;
        match kind {
            super::RateKind::C => c,
            super::RateKind::F => f,
        }
    }
    /// Name of a rating value, for each of 0, 5 and 10.
    pub fn rating_names(&self) -> &BTreeMap<Rating, Bilingual> {
        &self.rating_names
    }
    /// Domains in printed order.
    pub fn domains(&self) -> &[Domain] {
        &self.domains
    }
    /// Sections in printed order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }
    /// Clauses by number.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }
    /// One clause.
    pub fn clause(&self, number: u16) -> Option<&Clause> {
        self.clauses.get(usize::from(number).checked_sub(1)?)
    }
    /// Levels from the lowest.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }
    /// One level.
    pub fn level(&self, number: u8) -> Option<&Level> {
        self.levels.get(usize::from(number).checked_sub(1)?)
    }
    /// What the standard leaves open.
    pub fn questions(&self) -> &[OpenQuestion] {
        &self.questions
    }
    /// The answers that hold unless a park chooses otherwise.
    pub fn options(&self) -> Options {
        self.options
    }
    /// Renewal intervals that clauses name.
    pub fn frequencies(&self) -> &BTreeMap<String, Frequency> {
        &self.frequencies
    }
    /// Kinds of platform records that clauses name.
    pub fn records(&self) -> &BTreeMap<String, Bilingual> {
        &self.records
    }
    /// The highest total: both ratings of every clause at 10.
    pub fn max_total(&self) -> u32 {
        u32::try_from(self.clauses.len()).unwrap_or(u32::MAX).saturating_mul(2 * Rating::Fully.points())
    }

    /// Refuses a clause number that the framework does not have.
    ///
    /// # Errors
    /// `clause-unknown`.
    pub fn known(&self, clause: impl Into<i64>) -> Result<&Clause, Refusal> {
        let number: i64 = clause.into();
        u16::try_from(number).ok().and_then(|number| self.clause(number)).ok_or_else(|| {
            Refusal::new(RefusalCode::NotFound, "clause-unknown")
                .at("clause")
                .with("clause", number)
                .with("framework", self.pin.id.as_str())
                .with("edition", self.pin.edition.as_str())
        })
    }
}
