//! The chart of accounts (会计科目表), as a data pack: what accounts are numbered and called. A park may bring its own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;
use voxpark_domain::error::Refusals;
use voxpark_domain::pack::{Bilingual, PackFile};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

use super::{Account, Class, Heading, Side};

/// The chart that is built in.
const V1: PackFile<'static> = PackFile {
    name: "accounts/small-enterprise.v1.toml",
    text: include_str!("../../../frameworks/accounts/small-enterprise.v1.toml"),
};

static SHIPPED: LazyLock<Result<Chart, Vec<Refusal>>> = LazyLock::new(|| {
    Chart::parse(V1).map_err(|error| match error {
        Error::Refused(faults) => faults,
        _ => Vec::new(),
    })
});

/// An account of a chart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartRow {
    /// What is kept in it; see [`Heading::name`].
    pub heading: String,
    /// Its number, digits only; the first four are those of the standard, further ones the park's own.
    pub number: String,
    /// Name.
    pub title: Bilingual,
    /// Class.
    pub class: Class,
    /// On which side it normally stands.
    pub side: Side,
}

/// A version of a chart of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Stable name.
    pub id: String,
    /// From 1.
    pub version: u32,
    /// Since when it is published.
    pub date: NaiveDate,
    /// Name.
    pub title: Bilingual,
    /// Where the numbers come from.
    pub source: String,
    rows: BTreeMap<Heading, ChartRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    version: u32,
    date: NaiveDate,
    title: Bilingual,
    source: String,
    account: Vec<ChartRow>,
}

impl Chart {
    /// The chart that ships with the product, parsed once.
    ///
    /// # Errors
    /// [`Error::Internal`] when it is faulty, which the tests of this crate exclude.
    pub fn shipped() -> Result<&'static Self> {
        SHIPPED.as_ref().map_err(|faults| Error::internal(Error::Refused(faults.clone())))
    }
    /// Reads and checks a chart whole: every heading once, in a class that it can have, on its side. One number may hold several
    /// headings where all that is said of them is the same.
    ///
    /// # Errors
    /// `pack-syntax`, `pack-text-missing`, `pack-value`, `pack-reference-unknown`, `pack-key-doubled`, `pack-count`; all that
    /// apply.
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let pack: Written = file.toml()?;
        let mut bad = Refusals::new();
        let fault = |code, rule, item: &str, field: &str| {
            Refusal::new(code, rule)
                .at(format!("{item}.{field}"))
                .with("file", file.name)
                .with("item", item)
                .with("field", field)
        };
        let missing = |item: &str, field: &str| fault(RefusalCode::Required, "pack-text-missing", item, field);
        for (field, text) in
            [("id", &pack.id), ("title.zh", &pack.title.zh), ("title.en", &pack.title.en), ("source", &pack.source)]
        {
            bad.when(text.trim().is_empty(), || missing(&pack.id, field));
        }
        let value = |item: &str, field: &str, value: &str, allowed: String| {
            fault(RefusalCode::Invalid, "pack-value", item, field).with("value", value).with("allowed", allowed)
        };
        bad.when(pack.version == 0, || value(&pack.id, "version", "0", "1 +".to_owned()));
        let (mut rows, mut numbers): (BTreeMap<Heading, ChartRow>, BTreeMap<String, ChartRow>) =
            (BTreeMap::new(), BTreeMap::new());
        for row in pack.account {
            let item = row.heading.clone();
            for (field, text) in [("title.zh", &row.title.zh), ("title.en", &row.title.en)] {
                bad.when(text.trim().is_empty(), || missing(&item, field));
            }
            let digits = row.number.len() >= 4 && row.number.bytes().all(|b| b.is_ascii_digit());
            bad.when(!digits, || value(&item, "number", &row.number, "0-9, 4 +".to_owned()));
            let doubled = |field: &str, value: &str| {
                fault(RefusalCode::Duplicate, "pack-key-doubled", &item, field).with("value", value)
            };
            let other = numbers
                .get(&row.number)
                .is_some_and(|first| (&first.title, first.class, first.side) != (&row.title, row.class, row.side));
            bad.when(other, || doubled("number", &row.number));
            numbers.entry(row.number.clone()).or_insert_with(|| row.clone());
            let Some(heading) = Heading::from_name(&row.heading) else {
                let unknown = fault(RefusalCode::NotFound, "pack-reference-unknown", &item, "heading");
                bad.push(unknown.with("value", item.as_str()));
                continue;
            };
            let classes = heading.classes();
            let names = || classes.iter().map(|class| class.name()).collect::<Vec<_>>().join(", ");
            bad.when(!classes.contains(&row.class), || value(&item, "class", row.class.name(), names()));
            let side = heading.side();
            // A class that the chart chooses has the side of that class.
            let free = classes.len() > 1;
            bad.when(!free && row.side != side, || value(&item, "side", row.side.name(), side.name().to_owned()));
            bad.when(rows.insert(heading, row).is_some(), || doubled("heading", &item));
        }
        for heading in Heading::all().into_iter().filter(|heading| !rows.contains_key(heading)) {
            let none = fault(RefusalCode::Invalid, "pack-count", &heading.name(), "account");
            bad.push(none.with("value", 0_i64).with("expected", 1_i64));
        }
        bad.finish()?;
        let Written { id, version, date, title, source, .. } = Written { account: Vec::new(), ..pack };
        Ok(Self { id, version, date, title, source, rows })
    }
    /// The row of an account.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is none, which reading a chart excludes.
    pub fn row(&self, account: Account) -> Result<&ChartRow> {
        let heading = account.heading();
        self.rows.get(&heading).ok_or_else(|| Error::internal(format!("no account for {}", heading.name())))
    }
    /// Its rows, in the order of headings.
    pub fn rows(&self) -> impl Iterator<Item = (Heading, &ChartRow)> {
        self.rows.iter().map(|(heading, row)| (*heading, row))
    }
}
