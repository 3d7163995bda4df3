//! When a seat is effective: data (`frameworks/effective-seats/rules.v1.toml`).

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::pack::{Bilingual, Faults, PackFile};

/// The pack that is built in.
pub const BUILT_IN: PackFile<'static> = PackFile {
    name: "effective-seats/rules.v1.toml",
    text: include_str!("../../../frameworks/effective-seats/rules.v1.toml"),
};

/// The most months in a row that a rule looks at.
pub(super) const MAX_WITHIN: u32 = 30;
/// The most persons who make up the months of a seat.
const MAX_PERSONS: u32 = 4;

/// Whose months are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOf {
    /// A person's, on whatever seats.
    Person,
    /// A seat's, made up by the persons who sit there.
    Seat,
}

/// Which of the months count once there are enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// All of them.
    WholeRun,
    /// The one that completes them and those after.
    FromCompletion,
}

/// When a seat is effective. Source of the forms: the definitions of the incentives that the pack cites.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectiveRule {
    /// Stable name.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// Since when it is published.
    pub date: NaiveDate,
    /// What it is called.
    pub title: Bilingual,
    /// What it asks, in words.
    pub text: Bilingual,
    /// The contract in force is agreed for at least so many months; 0 = none is asked for.
    pub contract_months: u32,
    /// A month has to be proven as paid.
    pub payroll: bool,
    /// A month has to be proven as insured.
    pub insurance: bool,
    /// So many proven months, 1 to 30 ...
    pub months: u32,
    /// ... within so many months in a row, up to 30.
    pub within: u32,
    /// Whose months.
    pub run_of: RunOf,
    /// By how many persons at most the months of a seat may be made up, 1 to 4.
    pub persons: u32,
    /// Which months count.
    pub counts: Counting,
    /// Who defines it so.
    pub source: String,
}

impl EffectiveRule {
    /// Name and version in one (`seat-12-months.v1`), as figures cite it.
    pub fn reference(&self) -> String {
        format!("{}.v{}", self.id, self.version)
    }
    /// Whether proofs of months have to be read for it.
    pub const fn needs_proof(&self) -> bool {
        self.payroll || self.insurance
    }
}

/// A file of rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePack {
    /// Name of the pack.
    pub id: String,
    /// Version of the pack, from 1.
    pub version: u32,
    /// Id of the rule that is used unless another is chosen.
    pub default: String,
    /// Its rules.
    pub rule: Vec<EffectiveRule>,
}

impl RulePack {
    /// Reads and checks a pack.
    ///
    /// # Errors
    /// `pack-syntax`, or every fault found, each with file, item, field and rule (`pack-...`).
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let pack: Self = file.toml()?;
        let mut bad = Faults::of(file.name);
        bad.range(&pack.id, "version", pack.version, 1, 9_999);
        for (at, rule) in pack.rule.iter().enumerate() {
            let item = rule.id.as_str();
            bad.text(item, "id", item);
            bad.text(item, "source", &rule.source);
            bad.words(item, "title", &rule.title);
            bad.words(item, "text", &rule.text);
            bad.range(item, "version", rule.version, 1, 9_999);
            bad.range(item, "contract_months", rule.contract_months, 0, 120);
            bad.range(item, "within", rule.within, 1, MAX_WITHIN);
            bad.range(item, "months", rule.months, 1, rule.within.clamp(1, MAX_WITHIN));
            let persons = if rule.run_of == RunOf::Seat { MAX_PERSONS } else { 1 };
            bad.range(item, "persons", rule.persons, 1, persons);
            if pack.rule.iter().take(at).any(|r| (&r.id, r.version) == (&rule.id, rule.version)) {
                bad.doubled(item, "version", &rule.reference());
            }
        }
        if pack.latest(&pack.default).is_none() {
            bad.unknown(&pack.id, "default", &pack.default);
        }
        bad.finish()?;
        Ok(pack)
    }

    /// The pack that is built in.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), which a test excludes.
    pub fn built_in() -> Result<&'static Self> {
        static PACK: LazyLock<Result<RulePack>> = LazyLock::new(|| RulePack::parse(BUILT_IN));
        PACK.as_ref().map_err(|e| Error::internal(format!("{e:?}")))
    }

    /// The newest version of a rule.
    pub fn latest(&self, id: &str) -> Option<&EffectiveRule> {
        self.rule.iter().filter(|r| r.id == id).max_by_key(|r| r.version)
    }
    /// A rule by its reference (`seat-12-months.v1`), or by its id alone, which means the newest version.
    pub fn find(&self, text: &str) -> Option<&EffectiveRule> {
        self.rule.iter().find(|r| r.reference() == text).or_else(|| self.latest(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pack_is_whole_and_rules_are_found() {
        let pack = RulePack::built_in().expect("a pack");
        assert_eq!(pack.find("seat-12-months").map(|r| r.persons), Some(3));
        assert_eq!(pack.find("contract-3-months.v1").map(|r| r.contract_months), Some(12));
        assert_eq!((pack.find("contract-3-months.v9"), pack.find("")), (None, None));
    }

    #[test]
    fn every_fault_of_a_pack_is_told() {
        let text = BUILT_IN
            .text
            .replacen("persons = 1", "persons = 2", 1)
            .replacen("months = 12\nwithin = 12", "months = 13\nwithin = 12", 1)
            .replacen("What incentives for call-centre seats have in common", " ", 1)
            .replacen("default = \"paid-and-insured\"", "default = \"paid\"", 1)
            .replacen("contract-3-months", "seat-12-months", 1);
        let Err(Error::Refused(list)) = RulePack::parse(PackFile { name: "x.toml", text: &text }) else {
            panic!("not refused")
        };
        let told: Vec<_> = list.iter().map(|r| (r.rule, r.path.to_string())).collect();
        let expected = [
            ("pack-text-missing", "paid-and-insured.source"),
            ("pack-range", "paid-and-insured.persons"),
            ("pack-range", "seat-12-months.months"),
            ("pack-key-doubled", "seat-12-months.version"),
            ("pack-reference-unknown", "effective-seats.default"),
        ];
        assert_eq!(told, expected.map(|(rule, path)| (rule, path.to_owned())));
    }
}
