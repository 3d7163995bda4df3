//! What is looked at when a lease ends: data (`frameworks/checkout`).

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;
use voxpark_domain::pack::{Bilingual, PackFile};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

/// The list that is built in.
pub const BUILT_IN: PackFile<'static> = PackFile {
    name: "checkout/checklist.v1.toml",
    text: include_str!("../../../frameworks/checkout/checklist.v1.toml"),
};

/// Something that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckItem {
    /// Stable name.
    pub id: String,
    /// What is in order.
    pub title: Bilingual,
}

/// What is looked at when a lease ends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Stable name.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// Since when it is published.
    pub date: NaiveDate,
    /// Who wrote it, after what.
    pub source: String,
    /// In order.
    pub item: Vec<CheckItem>,
}

impl Checklist {
    /// Reads and checks a list.
    ///
    /// # Errors
    /// `pack-syntax`; `pack-text-missing` and `pack-key-doubled` with the file and the item.
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let list: Self = file.toml()?;
        let mut seen = HashSet::new();
        let mut bad = Vec::new();
        let fault = |code, rule, item: &str, field: &str| {
            Refusal::new(code, rule).with("file", file.name).with("item", item).with("field", field)
        };
        for item in &list.item {
            let words = [item.id.as_str(), item.title.zh.as_str(), item.title.en.as_str()];
            if words.iter().any(|text| text.trim().is_empty()) {
                bad.push(fault(RefusalCode::Required, "pack-text-missing", &item.id, "title"));
            }
            if !seen.insert(item.id.as_str()) {
                let doubled = fault(RefusalCode::Duplicate, "pack-key-doubled", &item.id, "id");
                bad.push(doubled.with("value", item.id.as_str()));
            }
        }
        if bad.is_empty() { Ok(list) } else { Err(Error::Refused(bad)) }
    }

    /// The list that is built in.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), which a test excludes.
    pub fn built_in() -> Result<&'static Self> {
        static PACK: LazyLock<Result<Checklist>> = LazyLock::new(|| Checklist::parse(BUILT_IN));
        PACK.as_ref().map_err(|e| Error::internal(format!("{e:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_is_built_in_is_sound_and_faults_are_named() {
        assert_eq!(Checklist::built_in().expect("sound").item.len(), 8);
        let text = BUILT_IN
            .text
            .replace("id = \"keys\"", "id = \"access\"")
            .replace("en = \"The area is clean\"", "en = \" \"");
        let Err(Error::Refused(list)) = Checklist::parse(PackFile { name: "x", text: &text }) else {
            panic!("refused")
        };
        assert_eq!(list.iter().map(|r| r.rule).collect::<Vec<_>>(), ["pack-key-doubled", "pack-text-missing"]);
    }
}
