//! Service levels: which of their many readings a number is, under which name and version.
//!
//! A definition is data (`frameworks/indicators/service-level.v1.toml`); the code knows the six ways to treat
//! abandoned contacts and nothing of thresholds. A definition that was published is never edited: a change is a new
//! version, and stored figures name the version they were made by.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::indicator::Ratio;
use super::summary::Summary;
use super::sums::{Sums, Thresholds};
use crate::error::{Refusal, RefusalCode, Refusals, Result};

/// The pack that is built in.
pub const BUILT_IN: &str = include_str!("../../../frameworks/indicators/service-level.v1.toml");

/// What abandoned contacts do to a service level. A and B are answered and abandoned, A_T and B_T those within the
/// threshold T, B_S the short ones; O is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// A_T / O.
    AbandonsNegative,
    /// A_T / (O − B_T).
    AbandonsIgnored,
    /// (A_T + B_T) / O.
    AbandonsPositive,
    /// A_T / A.
    AnsweredOnly,
    /// A_T / (O − B_S).
    ShortAbandonsRemoved,
    /// (A_T + B_S) / O.
    ShortAbandonsCredited,
}

/// Whether contacts that the system took out of the queue stand below the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overflowed {
    /// They were offered and not served.
    Counted,
    /// They are another queue's business: O is A + B.
    LeftOut,
}

/// A text in the product's two languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One service level, named and versioned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Stable name (`sl-20-negative`).
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// Since when this version is published.
    pub date: NaiveDate,
    /// What it is called.
    pub title: Words,
    /// The formula in words.
    pub formula: Words,
    /// A wait up to this many seconds is within.
    pub threshold_s: u32,
    /// An abandoned wait up to this many seconds is short.
    pub short_abandon_s: u32,
    /// How abandoned contacts count.
    pub variant: Variant,
    /// How overflowed contacts count.
    pub overflowed: Overflowed,
    /// Who defines it so.
    pub source: String,
}

impl Definition {
    /// Name and version in one (`sl-20-negative.v1`), as stored figures cite it.
    pub fn reference(&self) -> String {
        format!("{}.v{}", self.id, self.version)
    }
    /// The thresholds at which sums must be taken for it.
    pub fn thresholds(&self) -> Thresholds {
        Thresholds { service_s: self.threshold_s, short_abandon_s: self.short_abandon_s, ..Thresholds::default() }
    }
    /// Its value over a summary.
    pub fn of_summary(&self, summary: &Summary) -> Ratio {
        self.apply(&summary.sums(self.thresholds()))
    }
    /// Its value over sums; `None` when the sums were taken at other thresholds.
    pub fn of_sums(&self, sums: &Sums) -> Option<Ratio> {
        let t = sums.thresholds;
        (t.service_s == self.threshold_s && t.short_abandon_s == self.short_abandon_s).then(|| self.apply(sums))
    }
    const fn apply(&self, s: &Sums) -> Ratio {
        let offered = match self.overflowed {
            Overflowed::Counted => s.offered,
            Overflowed::LeftOut => s.answered + s.abandoned,
        };
        match self.variant {
            Variant::AbandonsNegative => Ratio::new(s.answered_within, offered),
            Variant::AbandonsIgnored => Ratio::new(s.answered_within, offered - s.abandoned_within),
            Variant::AbandonsPositive => Ratio::new(s.answered_within + s.abandoned_within, offered),
            Variant::AnsweredOnly => Ratio::new(s.answered_within, s.answered),
            Variant::ShortAbandonsRemoved => Ratio::new(s.answered_within, offered - s.abandoned_short),
            Variant::ShortAbandonsCredited => Ratio::new(s.answered_within + s.abandoned_short, offered),
        }
    }
}

/// A file of definitions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Name of the pack.
    pub id: String,
    /// Version of the pack, from 1.
    pub version: u32,
    /// Id of the definition that is shown unless another is chosen.
    pub default: String,
    /// Its definitions.
    pub definition: Vec<Definition>,
}

impl Pack {
    /// Reads and checks a pack.
    ///
    /// # Errors
    /// `pack-unreadable` (with the parser's words and line), or all that apply of `pack-id-invalid`,
    /// `pack-version-invalid`, `pack-text-missing`, `pack-threshold-invalid`, `pack-definition-doubled`,
    /// `pack-default-unknown`, each with the path of the field.
    pub fn parse(text: &str) -> Result<Self> {
        let pack: Self = toml::from_str(text).map_err(|e| {
            let line = e.span().and_then(|s| text.get(..s.start)).map_or(0, |before| before.split('\n').count());
            Refusal::new(RefusalCode::Invalid, "pack-unreadable").with("line", line).with("detail", e.message())
        })?;
        pack.validate()?;
        Ok(pack)
    }

    /// The pack that is built in.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); a test proves that it does not happen.
    pub fn built_in() -> Result<Self> {
        Self::parse(BUILT_IN)
    }

    /// The definition with this id, in its latest version.
    pub fn latest(&self, id: &str) -> Option<&Definition> {
        self.definition.iter().filter(|d| d.id == id).max_by_key(|d| d.version)
    }

    /// The definition that a stored figure cites (`sl-20-negative.v1`).
    pub fn cited(&self, reference: &str) -> Option<&Definition> {
        self.definition.iter().find(|d| d.reference() == reference)
    }

    fn validate(&self) -> Result<()> {
        let mut refusals = Refusals::new();
        let refuse = |rule, path: String| Refusal::new(RefusalCode::Invalid, rule).at(path);
        refusals.when(!is_id(&self.id), || refuse("pack-id-invalid", "id".to_owned()));
        refusals.when(self.version == 0, || refuse("pack-version-invalid", "version".to_owned()));
        refusals.when(self.latest(&self.default).is_none(), || refuse("pack-default-unknown", "default".to_owned()));
        for (i, d) in self.definition.iter().enumerate() {
            let path = |field: &str| format!("definition.{i}.{field}");
            refusals.when(!is_id(&d.id), || refuse("pack-id-invalid", path("id")));
            refusals.when(d.version == 0, || refuse("pack-version-invalid", path("version")));
            let texts = [
                ("title.zh", &d.title.zh),
                ("title.en", &d.title.en),
                ("formula.zh", &d.formula.zh),
                ("formula.en", &d.formula.en),
                ("source", &d.source),
            ];
            for (field, text) in texts {
                refusals.when(text.trim().is_empty(), || refuse("pack-text-missing", path(field)));
            }
            let in_range = (1..=3600).contains(&d.threshold_s);
            refusals.when(!in_range, || refuse("pack-threshold-invalid", path("threshold_s")));
            refusals
                .when(d.short_abandon_s > d.threshold_s, || refuse("pack-threshold-invalid", path("short_abandon_s")));
            let doubled = self.definition.iter().take(i).any(|e| e.id == d.id && e.version == d.version);
            refusals.when(doubled, || refuse("pack-definition-doubled", path("id")));
        }
        refusals.finish()
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
