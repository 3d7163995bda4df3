//! What seats have beside their product: kinds are data (`frameworks/seat-features`), what a seat has is a fact.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{SeatId, UserId};
use crate::leasing::{self, count_ok};
use crate::pack::{Bilingual, Faults, PackFile};
use crate::permission::{Action, Resource};
use crate::tables::{Column, whole};

/// The pack that is built in.
pub const FEATURES: PackFile<'static> = PackFile {
    name: "seat-features/features.v1.toml",
    text: include_str!("../../../frameworks/seat-features/features.v1.toml"),
};

/// What is said of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    /// It is there or not.
    Flag,
    /// There are so many.
    Number,
    /// It is one of a few.
    Choice,
}

/// One of the values of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureChoice {
    /// Stable name.
    pub id: String,
    /// What it is called.
    pub title: Bilingual,
}

/// A kind of thing that a seat can have.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Stable name, also the header of its column in a seat plan.
    pub id: String,
    /// What is said of it.
    pub kind: FeatureKind,
    /// What it is called.
    pub title: Bilingual,
    /// Other headers of its column.
    pub aliases: Vec<String>,
    /// The most of it, of a number; 0 of the others.
    #[serde(default)]
    pub max: u32,
    /// The values, of a choice; none of the others.
    #[serde(default)]
    pub choice: Vec<FeatureChoice>,
}

/// A file of kinds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeaturePack {
    /// Name of the pack.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// Since when it is published.
    pub date: NaiveDate,
    /// Its kinds, in the order in which they are shown.
    pub feature: Vec<Feature>,
}

impl FeaturePack {
    /// Reads and checks a pack.
    ///
    /// # Errors
    /// `pack-syntax`, or every fault found, each with file, item, field and rule (`pack-...`).
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let pack: Self = file.toml()?;
        let mut bad = Faults::of(file.name);
        bad.range(&pack.id, "version", pack.version, 1, 9_999);
        for (at, feature) in pack.feature.iter().enumerate() {
            let item = feature.id.as_str();
            bad.text(item, "id", item);
            bad.words(item, "title", &feature.title);
            let (number, choice) = (feature.kind == FeatureKind::Number, feature.kind == FeatureKind::Choice);
            bad.range(item, "max", feature.max, u32::from(number), if number { 1_000 } else { 0 });
            if choice == feature.choice.is_empty() {
                bad.count(item, "choice", u32::try_from(feature.choice.len()).unwrap_or(u32::MAX), u32::from(choice));
            }
            for (at, choice) in feature.choice.iter().enumerate() {
                bad.text(item, "choice.id", &choice.id);
                bad.words(item, "choice.title", &choice.title);
                if feature.choice.iter().take(at).any(|other| other.id == choice.id) {
                    bad.doubled(item, "choice", &choice.id);
                }
            }
            if pack.feature.iter().take(at).any(|other| other.id == feature.id) {
                bad.doubled(item, "id", item);
            }
        }
        bad.finish()?;
        Ok(pack)
    }

    /// The pack that is built in.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), which a test excludes.
    pub fn built_in() -> Result<&'static Self> {
        static PACK: LazyLock<Result<FeaturePack>> = LazyLock::new(|| FeaturePack::parse(FEATURES));
        PACK.as_ref().map_err(|e| Error::internal(format!("{e:?}")))
    }

    /// A kind by its name.
    pub fn find(&self, id: &str) -> Option<&Feature> {
        self.feature.iter().find(|feature| feature.id == id)
    }
}

/// The columns of a seat plan that are about features.
pub(super) fn columns() -> Result<&'static [Column]> {
    // Once in a process: columns are compared by names that last.
    static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
        let pack = FeaturePack::built_in().map_or(&[][..], |pack| &pack.feature);
        let named = |feature: &'static Feature| {
            let aliases = feature.aliases.iter().map(String::as_str).collect::<Vec<_>>();
            Column::optional(&feature.id, aliases.leak())
        };
        pack.iter().map(named).collect()
    });
    FeaturePack::built_in()?;
    Ok(&COLUMNS)
}

/// What a seat has of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeatFeature {
    /// Name of the kind.
    pub feature: String,
    /// How many, 1 of a flag or choice.
    pub amount: i64,
    /// Which of the values, of a choice.
    pub choice: Option<String>,
}

/// What becomes of a feature of a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureChange {
    /// Which seat.
    pub seat: SeatId,
    /// Name of the kind.
    pub feature: String,
    /// What it has; `None` = nothing of the kind.
    pub has: Option<SeatFeature>,
}

/// What is asked of a feature of seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureWanted {
    /// Name of the kind.
    pub feature: String,
    /// At least so many.
    pub at_least: i64,
    /// This of the values.
    pub choice: Option<String>,
}

/// What a cell says of a feature.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing: it stays as it is.
    Nothing,
    /// What the seat has; `None` = nothing of the kind.
    Has(Option<SeatFeature>),
}

impl Feature {
    fn invalid(&self) -> Refusal {
        Refusal::new(RefusalCode::Invalid, "feature-value").with("feature", self.id.as_str())
    }

    /// What a seat has, given as a number (0 = nothing of it; 1 of a flag) or as the name of a value.
    ///
    /// # Errors
    /// `feature-value`; `number-range`.
    pub fn value(&self, amount: Option<i64>, choice: Option<&str>) -> Result<Option<SeatFeature>, Refusal> {
        let has = |amount, choice: Option<&str>| {
            Some(SeatFeature { feature: self.id.clone(), amount, choice: choice.map(str::to_owned) })
        };
        if amount == Some(0) && choice.is_none() {
            return Ok(None);
        }
        match (self.kind, amount, choice) {
            (FeatureKind::Flag, None | Some(1), None) => Ok(has(1, None)),
            (FeatureKind::Number, Some(n), None) if (1..=i64::from(self.max)).contains(&n) => Ok(has(n, None)),
            (FeatureKind::Number, Some(n), None) => {
                let refusal = Refusal::new(RefusalCode::OutOfRange, "number-range").with("value", n);
                Err(refusal.with("min", 0_i64).with("max", i64::from(self.max)))
            }
            (FeatureKind::Choice, None | Some(1), Some(id)) if self.choice.iter().any(|c| c.id == id) => {
                Ok(has(1, Some(id)))
            }
            _ => Err(self.invalid()),
        }
    }

    /// What a cell of a seat plan says.
    pub(super) fn read(&self, text: &str) -> Result<Said, Refusal> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Ok(Said::Nothing);
        }
        if matches!(text.as_str(), "no" | "n" | "false" | "-" | "否" | "无" | "没有") {
            return Ok(Said::Has(None));
        }
        let yes = matches!(text.as_str(), "yes" | "y" | "true" | "是" | "有" | "√" | "1");
        let value = match self.kind {
            FeatureKind::Flag if yes => self.value(Some(1), None),
            FeatureKind::Choice => {
                let called = |c: &&FeatureChoice| {
                    text == c.id || text == c.title.zh.to_lowercase() || text == c.title.en.to_lowercase()
                };
                let found = self.choice.iter().find(called).ok_or_else(|| self.invalid())?;
                self.value(None, Some(&found.id))
            }
            FeatureKind::Flag | FeatureKind::Number => {
                let n = whole(&text).ok_or_else(|| {
                    Refusal::new(RefusalCode::Invalid, "feature-value").with("feature", self.id.as_str())
                })?;
                self.value(Some(n), None)
            }
        };
        value.map(Said::Has)
    }
}

/// What seats have.
#[async_trait]
pub trait Features: Send + Sync {
    /// What seats have, by seat and name.
    async fn features_of(&self, seats: &[SeatId]) -> Result<Vec<(SeatId, SeatFeature)>>;
    /// Sets what seats have.
    async fn features_set(&self, changes: &[FeatureChange], at: DateTime<Utc>, by: Option<UserId>) -> Result<()>;
}

/// A feature that seats are to have: its name, and a number or one of its values; the number 0 takes it away.
#[derive(Clone, Debug)]
pub struct FeatureSet {
    /// Name of the kind.
    pub feature: String,
    /// How many.
    pub amount: Option<i64>,
    /// Which of the values.
    pub choice: Option<String>,
}

/// Says of seats what they have; features that are not named stay as they are. Answers on how many seats something changed.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `seats-per-call`, `id-doubled`; for each feature
/// `feature-unknown`, `feature-twice`, `feature-value`, `number-range`; for each seat `seat-unknown`; `features-none`.
pub async fn seat_features_set<S: Features + leasing::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    seats: &[SeatId],
    wanted: &[FeatureSet],
) -> Result<usize> {
    ctx.require(Action::Write, Resource::Estate)?;
    count_ok(seats, "seatIds")?;
    let pack = FeaturePack::built_in()?;
    let (mut bad, mut values) = (Refusals::new(), BTreeMap::new());
    bad.when(wanted.is_empty(), || Refusal::new(RefusalCode::Required, "features-none").at("features"));
    for (at, set) in wanted.iter().enumerate() {
        let path = format!("features.{at}");
        let Some(feature) = pack.find(&set.feature) else {
            let refusal = Refusal::new(RefusalCode::NotFound, "feature-unknown");
            bad.push(refusal.at(format!("{path}.feature")).with("feature", set.feature.as_str()));
            continue;
        };
        match feature.value(set.amount, set.choice.as_deref()) {
            Err(fault) => bad.push(fault.at(path)),
            Ok(value) => {
                let twice = values.insert(feature.id.as_str(), value).is_some();
                bad.when(twice, || {
                    Refusal::new(RefusalCode::Duplicate, "feature-twice").at(path).with("feature", feature.id.as_str())
                });
            }
        }
    }
    bad.finish()?;
    let found = store.seats_locked(seats).await?;
    let mut bad = Refusals::new();
    for (at, id) in seats.iter().enumerate() {
        bad.when(!found.iter().any(|seat| seat.id == *id), || {
            Refusal::new(RefusalCode::NotFound, "seat-unknown").at(format!("seatIds.{at}"))
        });
    }
    bad.finish()?;
    let known: HashMap<(SeatId, String), SeatFeature> =
        store.features_of(seats).await?.into_iter().map(|(seat, has)| ((seat, has.feature.clone()), has)).collect();
    let mut changes = Vec::new();
    for seat in seats {
        for (feature, has) in &values {
            let was = known.get(&(*seat, (*feature).to_owned()));
            if was != has.as_ref() {
                let said = |has: Option<&SeatFeature>| {
                    Seen::maybe(has.map(|h| h.choice.clone().unwrap_or_else(|| h.amount.to_string())))
                };
                ctx.heard().changed(format!("{seat} {feature}"), said(was), said(has.as_ref()));
                changes.push(FeatureChange { seat: *seat, feature: (*feature).to_owned(), has: has.clone() });
            }
        }
    }
    store.features_set(&changes, ctx.now(), ctx.actor().user).await?;
    let mut touched: Vec<SeatId> = changes.iter().map(|c| c.seat).collect();
    touched.dedup();
    Ok(touched.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_in_either_language() {
        let pack = FeaturePack::built_in().expect("the pack");
        let read = |id: &str, text: &str| pack.find(id).expect("a kind").read(text).map_err(|r| r.rule);
        let has = |feature: &str, amount, choice: Option<&str>| {
            Ok(Said::Has(Some(SeatFeature { feature: feature.into(), amount, choice: choice.map(str::to_owned) })))
        };
        assert_eq!(read("window", "是"), has("window", 1, None));
        assert_eq!(read("window", ""), Ok(Said::Nothing));
        assert_eq!(read("window", "无"), Ok(Said::Has(None)));
        assert_eq!(read("window", "2"), Err("feature-value"));
        assert_eq!(read("power_points", "4"), has("power_points", 4, None));
        assert_eq!(read("power_points", "0"), Ok(Said::Has(None)));
        assert_eq!(read("power_points", "21"), Err("number-range"));
        assert_eq!(read("power_points", "many"), Err("feature-value"));
        assert_eq!(read("shift_class", " 夜班 "), has("shift_class", 1, Some("night")));
        assert_eq!(read("shift_class", "Round the clock"), has("shift_class", 1, Some("round_the_clock")));
        assert_eq!(read("shift_class", "evening"), Err("feature-value"));
    }

    #[test]
    fn faults_of_a_pack_are_named() {
        let text = FEATURES
            .text
            .replace("kind = \"number\"\nmax = 20", "kind = \"number\"\nmax = 0")
            .replace("id = \"window\"", "id = \"shift_class\"");
        let Err(Error::Refused(faults)) = FeaturePack::parse(PackFile { name: "x", text: &text }) else {
            panic!("read")
        };
        let rules: Vec<_> = faults.iter().map(|f| (f.rule, f.path.as_ref())).collect();
        assert_eq!(
            rules,
            [
                ("pack-range", "power_points.max"),
                ("pack-range", "network_points.max"),
                ("pack-key-doubled", "shift_class.id"),
            ]
        );
    }
}
