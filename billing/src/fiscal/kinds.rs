//! The kinds of fapiao: data (`frameworks/fiscal`).

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;
use voxpark_domain::pack::{Bilingual, PackFile};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

/// The kinds that are built in.
pub const BUILT_IN: PackFile<'static> = PackFile {
    name: "fiscal/fapiao-kinds.v1.toml",
    text: include_str!("../../../frameworks/fiscal/fapiao-kinds.v1.toml"),
};
/// The most digits that a code or a number can have.
const MAX_DIGITS: usize = 30;

/// What a fapiao is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FapiaoUse {
    /// Its holder deducts input tax.
    Special,
    /// Nobody deducts by it.
    Ordinary,
}

/// What a fapiao is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FapiaoForm {
    /// Fully digital (数电票).
    Digital,
    /// Electronic, by tax-control equipment.
    Electronic,
    /// Paper.
    Paper,
}

/// A kind of fapiao.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FapiaoKind {
    /// Stable name.
    pub id: String,
    /// What it is called.
    pub title: Bilingual,
    /// What it is good for.
    pub r#use: FapiaoUse,
    /// What it is made of.
    pub form: FapiaoForm,
    /// Digits of its code; 0 = it has none.
    pub code: usize,
    /// Digits of its number.
    pub number: usize,
    /// The rule.
    pub source: String,
}

/// The kinds of fapiao.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FapiaoKinds {
    /// Stable name.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// Since when it is in force.
    pub date: NaiveDate,
    /// The rules.
    pub source: String,
    /// In order.
    pub kind: Vec<FapiaoKind>,
}

impl FapiaoKinds {
    /// Reads and checks a pack.
    ///
    /// # Errors
    /// `pack-syntax`; `pack-text-missing`, `pack-key-doubled` and `pack-range` with the file and the item.
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let kinds: Self = file.toml()?;
        let (mut seen, mut bad) = (HashSet::new(), Vec::new());
        let fault = |code, rule, item: &str, field: &str| {
            Refusal::new(code, rule).with("file", file.name).with("item", item).with("field", field)
        };
        for kind in &kinds.kind {
            let words = [&kind.id, &kind.title.zh, &kind.title.en, &kind.source];
            if words.iter().any(|text| text.trim().is_empty()) {
                bad.push(fault(RefusalCode::Required, "pack-text-missing", &kind.id, "title"));
            }
            if !seen.insert(kind.id.as_str()) {
                let doubled = fault(RefusalCode::Duplicate, "pack-key-doubled", &kind.id, "id");
                bad.push(doubled.with("value", kind.id.as_str()));
            }
            if kind.number == 0 || kind.number > MAX_DIGITS || kind.code > MAX_DIGITS {
                let range = fault(RefusalCode::OutOfRange, "pack-range", &kind.id, "number");
                bad.push(range.with("value", kind.number).with("min", 1_i64).with("max", MAX_DIGITS));
            }
        }
        if bad.is_empty() { Ok(kinds) } else { Err(Error::Refused(bad)) }
    }

    /// The pack that is built in.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), which a test excludes.
    pub fn built_in() -> Result<&'static Self> {
        static PACK: LazyLock<Result<FapiaoKinds>> = LazyLock::new(|| FapiaoKinds::parse(BUILT_IN));
        PACK.as_ref().map_err(|e| Error::internal(format!("{e:?}")))
    }

    /// The kind of this name.
    pub fn find(&self, id: &str) -> Option<&FapiaoKind> {
        self.kind.iter().find(|kind| kind.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pack_is_sound_and_a_broken_one_is_refused() {
        let kinds = FapiaoKinds::built_in().expect("sound");
        assert_eq!(kinds.find("digital-special").map(|kind| (kind.code, kind.number)), Some((0, 20)));
        assert_eq!(kinds.find("electronic-ordinary").map(|kind| (kind.code, kind.number)), Some((12, 8)));
        let broken = BUILT_IN.text.replacen("number = 20", "number = 0", 1).replacen(
            "\"paper-special\"",
            "\"paper-ordinary\"",
            1,
        );
        let Err(Error::Refused(bad)) = FapiaoKinds::parse(PackFile { name: "x.toml", text: &broken }) else {
            panic!("it is taken")
        };
        assert_eq!(bad.iter().map(|r| r.rule).collect::<Vec<_>>(), ["pack-range", "pack-key-doubled"]);
    }
}
