//! Service levels: which of their many readings a number is, under which name and version.
//!
//! A definition is data (`frameworks/indicators/service-level.v1.toml`); the code knows the six ways to treat
//! abandoned contacts and nothing of thresholds. A definition that was published is never edited: a change is a new
//! version, and stored figures name the version they were made by.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::indicator::Ratio;
use super::summary::Summary;
use super::sums::{Sums, Thresholds};
use crate::error::{Error, Result};
use crate::pack::{Bilingual, Faults, PackFile};

/// The pack that is built in.
pub const BUILT_IN: PackFile<'static> = PackFile {
    name: "service-level.v1.toml",
    text: include_str!("../../../frameworks/indicators/service-level.v1.toml"),
};

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

/// One service level, named and versioned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Stable name (`sl-20-negative`).
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// Since when this version is published.
    pub date: NaiveDate,
    /// What it is called.
    pub title: Bilingual,
    /// The formula in words.
    pub formula: Bilingual,
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
    /// `pack-syntax`, or every fault found, each with file, item, field and rule (`pack-...`).
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let pack: Self = file.toml()?;
        pack.validate(Faults::of(file.name))?;
        Ok(pack)
    }

    /// The pack that is built in.
    ///
    /// # Errors
    /// When the built-in file is broken, which a test excludes.
    pub fn built_in() -> Result<&'static Self> {
        static PACK: LazyLock<Result<Pack>> = LazyLock::new(|| Pack::parse(BUILT_IN));
        PACK.as_ref().map_err(|fault| Error::internal(fault.to_string()))
    }

    /// The definition with this id, in its latest version.
    pub fn latest(&self, id: &str) -> Option<&Definition> {
        self.definition.iter().filter(|d| d.id == id).max_by_key(|d| d.version)
    }

    /// The definition that a stored figure cites (`sl-20-negative.v1`).
    pub fn cited(&self, reference: &str) -> Option<&Definition> {
        self.definition.iter().find(|d| d.reference() == reference)
    }

    fn validate(&self, mut faults: Faults<'_>) -> Result<()> {
        let id = |faults: &mut Faults<'_>, item: &str, id: &str| {
            if !is_id(id) {
                faults.value(item, "id", id, "a-z 0-9 -");
            }
        };
        id(&mut faults, "pack", &self.id);
        faults.range("pack", "version", self.version, 1, u32::MAX);
        if self.latest(&self.default).is_none() {
            faults.unknown("pack", "default", &self.default);
        }
        for (i, d) in self.definition.iter().enumerate() {
            let item = format!("definition {}", d.id);
            id(&mut faults, &item, &d.id);
            faults.range(&item, "version", d.version, 1, u32::MAX);
            faults.words(&item, "title", &d.title);
            faults.words(&item, "formula", &d.formula);
            faults.text(&item, "source", &d.source);
            faults.range(&item, "threshold_s", d.threshold_s, 1, 3600);
            // A short abandon that is longer than the threshold would count for and against at once.
            faults.range(&item, "short_abandon_s", d.short_abandon_s, 0, d.threshold_s);
            if self.definition.iter().take(i).any(|e| e.id == d.id && e.version == d.version) {
                faults.doubled(&item, "version", &d.reference());
            }
        }
        faults.finish()
    }
}

fn is_id(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    plain && !text.is_empty() && text.len() <= 64
}
