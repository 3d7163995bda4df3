//! Reference figures: what the trade has published about itself, as printed, each with source, year, area and our check.
//!
//! They stand beside a tenant's own figures and are never mixed with them. A figure that cannot be right is kept and
//! marked, so that nobody looks it up elsewhere and trusts it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::error::{Error, Refusal, Result};
use crate::pack::{Bilingual, Faults, PackFile};
use crate::permission::listed;

listed! {
    /// How a printed value is meant.
    Bound {
        /// As printed.
        Exact = "exact",
        /// "About", "near", "nearly".
        About = "about",
        /// "More than", "at least".
        Above = "above",
        /// "Less than".
        Below = "below",
        /// "At most".
        UpTo = "up-to",
    }
}

listed! {
    /// What our check of a figure found. Ordered from the best.
    Standing {
        /// Nothing against it.
        Plain = "plain",
        /// From a page that repeats others or sells something: check before relying on it.
        Secondary = "secondary",
        /// Contradicts other figures of its own source; the note says how.
        Suspect = "suspect",
        /// Cannot be true; not to be used.
        Unusable = "unusable",
    }
}

/// Where a figure was published.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Title of the publication.
    pub title: Bilingual,
    /// Its address on the web, where it has one.
    pub address: Option<String>,
}

/// One published value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The value, or the lower end of a range, in the metric's unit.
    pub value: Decimal,
    /// The upper end of a range.
    pub upto: Option<Decimal>,
    /// How it is meant.
    pub bound: Bound,
    /// The year it is about; `None` where the source does not say.
    pub year: Option<i32>,
    /// Whether the year is our estimate.
    pub year_about: bool,
    /// Whether it was a forecast or a plan when published.
    pub forecast: bool,
    /// Key of [`ReferenceFigures::area`].
    pub area: String,
}

/// A published measure with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Stable id.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// Key of [`ReferenceFigures::unit`].
    pub unit: String,
    /// Themes: keys of [`ReferenceFigures::topics`].
    pub topics: Vec<String>,
    /// Publications: keys of [`ReferenceFigures::source`].
    pub sources: Vec<String>,
    /// What our check found.
    pub standing: Standing,
    /// What a reader must know.
    pub note: Option<Bilingual>,
    /// The values, at least one.
    pub readings: Vec<Reading>,
}

/// All reference figures, checked.
#[derive(Clone, Debug)]
pub struct ReferenceFigures {
    version: u32,
    sources: BTreeMap<String, Source>,
    topics: BTreeMap<String, Bilingual>,
    units: BTreeMap<String, Bilingual>,
    areas: BTreeMap<String, Bilingual>,
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCatalogue {
    version: u32,
    sources: BTreeMap<String, Source>,
    topics: BTreeMap<String, Bilingual>,
    units: BTreeMap<String, Bilingual>,
    areas: BTreeMap<String, Bilingual>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    metric: Vec<RawMetric>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMetric {
    id: String,
    title: Bilingual,
    unit: String,
    topics: Vec<String>,
    sources: Vec<String>,
    standing: Option<String>,
    note: Option<Bilingual>,
    readings: Vec<RawReading>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReading {
    value: String,
    upto: Option<String>,
    bound: Option<String>,
    year: Option<i32>,
    #[serde(default)]
    year_about: bool,
    #[serde(default)]
    forecast: bool,
    area: String,
}

impl ReferenceFigures {
    /// Reads and checks a catalogue and the files of figures that refer to it.
    ///
    /// # Errors
    /// Every fault found in a file, each with file, item, field and rule (`pack-...`).
    pub fn parse(catalogue: PackFile<'_>, files: &[PackFile<'_>]) -> Result<Self> {
        let raw: RawCatalogue = catalogue.toml()?;
        let mut faults = Faults::of(catalogue.name);
        faults.range("catalogue", "version", raw.version, 1, u32::MAX);
        for (key, source) in &raw.sources {
            faults.words(&format!("sources.{key}"), "title", &source.title);
        }
        for (table, entries) in [("topics", &raw.topics), ("units", &raw.units), ("areas", &raw.areas)] {
            for (key, name) in entries {
                faults.words(table, key, name);
            }
        }
        faults.finish()?;

        let mut figures = Self {
            version: raw.version,
            sources: raw.sources,
            topics: raw.topics,
            units: raw.units,
            areas: raw.areas,
            metrics: Vec::new(),
        };
        let mut ids = BTreeSet::new();
        for file in files {
            let raw: RawFile = file.toml()?;
            let mut faults = Faults::of(file.name);
            for metric in raw.metric {
                if !ids.insert(metric.id.clone()) {
                    faults.doubled(&format!("metric {}", metric.id), "id", &metric.id);
                }
                let metric = figures.check(&mut faults, metric);
                figures.metrics.push(metric);
            }
            faults.finish()?;
        }
        Ok(figures)
    }

    fn check(&self, faults: &mut Faults<'_>, raw: RawMetric) -> Metric {
        let item = format!("metric {}", raw.id);
        faults.words(&item, "title", &raw.title);
        if let Some(note) = &raw.note {
            faults.words(&item, "note", note);
        }
        if !self.units.contains_key(&raw.unit) {
            faults.unknown(&item, "unit", &raw.unit);
        }
        for topic in raw.topics.iter().filter(|topic| !self.topics.contains_key(*topic)) {
            faults.unknown(&item, "topics", topic);
        }
        for source in raw.sources.iter().filter(|source| !self.sources.contains_key(*source)) {
            faults.unknown(&item, "sources", source);
        }
        for (field, empty) in [
            ("topics", raw.topics.is_empty()),
            ("sources", raw.sources.is_empty()),
            ("readings", raw.readings.is_empty()),
        ] {
            if empty {
                faults.text(&item, field, "");
            }
        }
        let standing = named(faults, &item, "standing", raw.standing.as_deref(), Standing::Plain, Standing::from_name);
        if matches!(standing, Standing::Suspect | Standing::Unusable) && raw.note.is_none() {
            faults.text(&item, "note", "");
        }
        let readings = raw.readings.into_iter().enumerate();
        let readings = readings.map(|(index, reading)| self.check_reading(faults, &item, index, reading)).collect();
        Metric {
            id: raw.id,
            title: raw.title,
            unit: raw.unit,
            topics: raw.topics,
            sources: raw.sources,
            standing,
            note: raw.note,
            readings,
        }
    }

    fn check_reading(&self, faults: &mut Faults<'_>, item: &str, index: usize, raw: RawReading) -> Reading {
        let field = |name: &str| format!("readings.{index}.{name}");
        let value = decimal(faults, item, &field("value"), &raw.value);
        let upto = raw.upto.map(|upto| decimal(faults, item, &field("upto"), &upto));
        if upto.is_some_and(|upto| upto <= value) {
            faults.value(item, &field("upto"), &upto.unwrap_or_default().to_string(), &format!("> {value}"));
        }
        if let Some(year) = raw.year {
            faults.range(item, &field("year"), u32::try_from(year).unwrap_or(0), 1900, 2100);
        }
        if !self.areas.contains_key(&raw.area) {
            faults.unknown(item, &field("area"), &raw.area);
        }
        Reading {
            value,
            upto,
            bound: named(faults, item, &field("bound"), raw.bound.as_deref(), Bound::Exact, Bound::from_name),
            year: raw.year,
            year_about: raw.year_about,
            forecast: raw.forecast,
            area: raw.area,
        }
    }

    /// Version of the collection, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }
    /// Every metric, by theme file and as written.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }
    /// One metric.
    pub fn metric(&self, id: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.id == id)
    }
    /// The metrics of a topic (`unit-seat-cost`), without the unusable ones.
    pub fn about<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a Metric> {
        let usable = self.metrics.iter().filter(|metric| metric.standing != Standing::Unusable);
        usable.filter(move |metric| metric.topics.iter().any(|own| own == topic))
    }
    /// Topics with their names.
    pub fn topics(&self) -> &BTreeMap<String, Bilingual> {
        &self.topics
    }
    /// Name of a unit.
    pub fn unit(&self, key: &str) -> Option<&Bilingual> {
        self.units.get(key)
    }
    /// Name of an area.
    pub fn area(&self, key: &str) -> Option<&Bilingual> {
        self.areas.get(key)
    }
    /// A publication.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.sources.get(key)
    }
}

fn decimal(faults: &mut Faults<'_>, item: &str, field: &str, text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| {
        faults.value(item, field, text, "0.0");
        Decimal::ZERO
    })
}

fn named<T>(
    faults: &mut Faults<'_>,
    item: &str,
    field: &str,
    text: Option<&str>,
    default: T,
    parse: impl Fn(&str) -> Option<T>,
) -> T {
    let Some(text) = text else { return default };
    parse(text).unwrap_or_else(|| {
        faults.unknown(item, field, text);
        default
    })
}

macro_rules! file {
    ($name:literal) => {
        PackFile {
            name: concat!("reference-figures/", $name),
            text: include_str!(concat!("../../frameworks/reference-figures/", $name)),
        }
    };
}

static SHIPPED: LazyLock<Result<ReferenceFigures, Vec<Refusal>>> = LazyLock::new(|| {
    let files =
        [file!("world.toml"), file!("china-market.toml"), file!("people-and-pay.toml"), file!("seat-prices.toml")];
    ReferenceFigures::parse(file!("catalogue.toml"), &files).map_err(|error| match error {
        Error::Refused(faults) => faults,
        _ => Vec::new(),
    })
});

/// The figures that ship with the product, parsed once.
///
/// # Errors
/// [`Error::Internal`] when a shipped file is faulty, which the tests of this module exclude.
pub fn reference_figures() -> Result<&'static ReferenceFigures> {
    SHIPPED.as_ref().map_err(|faults| Error::internal(Error::Refused(faults.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> &'static ReferenceFigures {
        reference_figures().expect("the shipped figures")
    }

    fn values(id: &str) -> Vec<String> {
        let metric = shipped().metric(id).expect(id);
        metric.readings.iter().map(|reading| reading.value.to_string()).collect()
    }

    #[test]
    fn shipped_figures_are_as_printed() {
        assert_eq!(shipped().metrics().len(), 76);
        assert_eq!(values("average-yearly-pay"), ["45460", "27560", "22089"]);
        assert_eq!(values("investment"), ["182.1", "224.6", "295.4"]);
        let cost = shipped().metric("people-cost-share").expect("people cost");
        let reading = cost.readings.first().expect("one value");
        assert_eq!((reading.value, reading.bound, reading.year), (Decimal::from(60), Bound::About, None));
        assert_eq!(shipped().unit(&cost.unit).map(|unit| unit.en.as_str()), Some("%"));
    }

    #[test]
    fn our_divisions_of_printed_figures_hold() {
        let number = |id: &str, index: usize| -> Decimal { values(id)[index].parse().expect("a decimal") };
        let per_seat = number("cumulative-market", 0) * Decimal::from(1_000_000_000) / number("seats", 0);
        assert_eq!(per_seat.trunc().to_string(), "118194");
        assert_eq!(values("cumulative-market-per-seat"), ["118000"]);
        let share =
            |tier: usize| number("average-yearly-pay", tier) * Decimal::from(1000) / number("average-yearly-pay", 0);
        assert_eq!((share(1).trunc(), share(2).trunc()), (Decimal::from(606), Decimal::from(485)));
    }

    #[test]
    fn topics_find_what_belongs_beside_a_unit_seat_cost() {
        let ids: Vec<_> = shipped().about("unit-seat-cost").map(|metric| metric.id.as_str()).collect();
        for wanted in ["people-cost-share", "average-yearly-pay", "wage-growth", "cumulative-market-per-seat"] {
            assert!(ids.contains(&wanted), "{wanted}");
        }
        assert!(!shipped().about("people").any(|metric| metric.id == "computer-graduates"));
        assert_eq!(shipped().metric("computer-graduates").map(|metric| metric.standing), Some(Standing::Unusable));
        for topic in shipped().topics().keys() {
            assert!(shipped().about(topic).count() > 0, "{topic}");
        }
    }

    #[test]
    fn faults_are_named() {
        let catalogue = file!("catalogue.toml");
        let good = include_str!("../../frameworks/reference-figures/world.toml");
        let cases = [
            ("value = \"20000\"", "value = \"many\"", "pack-value", "metric outsourcing-forecast.readings.0.value"),
            (
                "area = \"world\"",
                "area = \"moon\"",
                "pack-reference-unknown",
                "metric outsourcing-forecast.readings.0.area",
            ),
            ("unit = \"bn-usd\"", "unit = \"bn\"", "pack-reference-unknown", "metric outsourcing-forecast.unit"),
            (
                "standing = \"suspect\"",
                "standing = \"odd\"",
                "pack-reference-unknown",
                "metric outsourcing-forecast.standing",
            ),
            ("year = 2010", "year = 20100", "pack-range", "metric outsourcing-forecast.readings.0.year"),
            ("id = \"it-services\"", "id = \"bpo\"", "pack-key-doubled", "metric bpo.id"),
            ("upto = \"60000\"", "upto = \"50000\"", "pack-value", "metric largest-exporter-staff.readings.0.upto"),
        ];
        for (from, to, rule, path) in cases {
            assert!(good.contains(from), "{from}");
            let broken = good.replacen(from, to, 1);
            let file = PackFile { name: "world.toml", text: &broken };
            let Err(Error::Refused(faults)) = ReferenceFigures::parse(catalogue, &[file]) else { panic!("{from}") };
            assert!(faults.iter().any(|fault| fault.rule == rule && fault.path == path), "{rule} {path}: {faults:?}");
        }
    }
}
