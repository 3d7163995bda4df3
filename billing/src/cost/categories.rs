//! The parts of the cost of a seat, as a data pack.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;
use voxpark_domain::error::Refusals;
use voxpark_domain::pack::{Bilingual, PackFile};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

/// What the engine itself must know about a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategoryRole {
    /// Pay: the numerator of the labour share.
    Labour,
    /// The park's seat fee: read from invoices, never entered.
    Rent,
}

/// One part of the cost of a seat.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostCategory {
    /// Stable id, what entries name: lower-case letters, digits and `-`.
    pub id: String,
    /// Name.
    pub title: Bilingual,
    /// What belongs in it.
    pub holds: Bilingual,
    /// Where the part comes from.
    pub source: String,
    /// What the engine must know about it.
    pub role: Option<CategoryRole>,
}

/// A version of the list of parts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryPack {
    /// Stable id of the pack.
    pub id: String,
    /// From 1.
    pub version: u32,
    /// Name.
    pub title: Bilingual,
    /// Where the list comes from.
    pub source: String,
    /// The parts, in the order they are shown.
    #[serde(rename = "category")]
    pub categories: Vec<CostCategory>,
}

const V1: PackFile<'static> =
    PackFile { name: "cost/categories.v1.toml", text: include_str!("../../../frameworks/cost/categories.v1.toml") };

static SHIPPED: LazyLock<Result<CategoryPack, Vec<Refusal>>> = LazyLock::new(|| {
    CategoryPack::parse(V1).map_err(|error| match error {
        Error::Refused(faults) => faults,
        _ => Vec::new(),
    })
});

impl CategoryPack {
    /// The list that ships with the product, parsed once.
    ///
    /// # Errors
    /// [`Error::Internal`] when it is faulty, which the tests of this crate exclude.
    pub fn shipped() -> Result<&'static Self> {
        SHIPPED.as_ref().map_err(|faults| Error::internal(Error::Refused(faults.clone())))
    }
    /// Reads and checks a pack whole.
    ///
    /// # Errors
    /// `pack-syntax`, `pack-value`, `pack-text-missing`, `pack-key-doubled`, `pack-count` (not exactly one category of
    /// each role); all that apply.
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let pack: Self = file.toml()?;
        let mut bad = Refusals::new();
        let fault = |code, rule, item: &str, field: &str| {
            Refusal::new(code, rule)
                .at(format!("{item}.{field}"))
                .with("file", file.name)
                .with("item", item)
                .with("field", field)
        };
        let (mut seen, mut titles) = (BTreeSet::new(), BTreeSet::new());
        let head = [("title.zh", &pack.title.zh), ("title.en", &pack.title.en), ("source", &pack.source)];
        for (field, text) in head {
            bad.when(text.trim().is_empty(), || fault(RefusalCode::Required, "pack-text-missing", &pack.id, field));
        }
        for category in &pack.categories {
            let id = category.id.as_str();
            let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            bad.when(id.is_empty() || !id.bytes().all(sound), || {
                fault(RefusalCode::Invalid, "pack-value", id, "id").with("value", id).with("allowed", "a-z 0-9 -")
            });
            for (field, text) in [
                ("title.zh", &category.title.zh),
                ("title.en", &category.title.en),
                ("holds.zh", &category.holds.zh),
                ("holds.en", &category.holds.en),
                ("source", &category.source),
            ] {
                bad.when(text.trim().is_empty(), || fault(RefusalCode::Required, "pack-text-missing", id, field));
            }
            let doubled = |field: &str, value: &str| {
                fault(RefusalCode::Duplicate, "pack-key-doubled", id, field).with("value", value)
            };
            bad.when(!seen.insert(id), || doubled("id", id));
            // A row of a file may name a category by its title.
            for (field, title) in [("title.zh", &category.title.zh), ("title.en", &category.title.en)] {
                bad.when(!titles.insert(title.to_lowercase()), || doubled(field, title));
            }
        }
        for role in [CategoryRole::Labour, CategoryRole::Rent] {
            let count = pack.categories.iter().filter(|c| c.role == Some(role)).count();
            bad.when(count != 1, || {
                fault(RefusalCode::Invalid, "pack-count", "category", "role")
                    .with("value", count)
                    .with("expected", 1_i64)
            });
        }
        bad.finish()?;
        Ok(pack)
    }
    /// The category with this id.
    pub fn get(&self, id: &str) -> Option<&CostCategory> {
        self.categories.iter().find(|category| category.id == id)
    }
    /// The category that a person names by its id or its title in either language.
    pub fn named(&self, text: &str) -> Option<&CostCategory> {
        let text = text.trim().to_lowercase();
        self.categories.iter().find(|category| {
            category.id == text || category.title.zh.to_lowercase() == text || category.title.en.to_lowercase() == text
        })
    }
    /// The category with this role.
    pub fn with_role(&self, role: CategoryRole) -> Option<&CostCategory> {
        self.categories.iter().find(|category| category.role == Some(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<String> {
        match CategoryPack::parse(PackFile { name: "test", text }) {
            Err(Error::Refused(list)) => list.into_iter().map(|r| format!("{}@{}", r.rule, r.path)).collect(),
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn the_shipped_pack_is_sound() {
        let pack = CategoryPack::shipped().expect("pack");
        let ids: Vec<_> = pack.categories.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "labour",
                "rent",
                "telecom",
                "depreciation",
                "management",
                "recruiting",
                "training",
                "power",
                "software",
                "other"
            ]
        );
        assert_eq!(pack.named(" 电费 ").map(|c| c.id.as_str()), Some("power"));
        assert_eq!(pack.named("LABOUR").map(|c| c.id.as_str()), Some("labour"));
        assert_eq!(pack.named("petrol"), None);
        assert_eq!(pack.with_role(CategoryRole::Rent).map(|c| c.id.as_str()), Some("rent"));
        assert!(pack.get("rent").is_some() && pack.get("Rent").is_none());
    }

    #[test]
    fn a_faulty_pack_names_every_fault() {
        assert_eq!(rules("id = 3")[0], "pack-syntax@line 1");
        let text = r#"
            id = "x"
            version = 1
            title = { zh = "", en = "x" }
            source = "x"
            [[category]]
            id = "A"
            title = { zh = "甲", en = "x" }
            holds = { zh = "甲", en = "x" }
            source = " "
            role = "labour"
            [[category]]
            id = "A"
            title = { zh = "甲", en = "y" }
            holds = { zh = "甲", en = "x" }
            source = "x"
        "#;
        let expected = [
            "pack-text-missing@x.title.zh",
            "pack-value@A.id",
            "pack-text-missing@A.source",
            "pack-value@A.id",
            "pack-key-doubled@A.id",
            "pack-key-doubled@A.title.zh",
            "pack-count@category.role",
        ];
        assert_eq!(rules(text), expected);
    }
}
