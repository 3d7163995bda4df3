//! Figures of published billing systems, as data: inputs and what they come to, by the ids of the case collection. Each is tried
//! on the public functions; no formula is written again here.

mod days;
mod money;
mod seats;
mod tariffs;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::pack::PackFile;
use voxpark_domain::time::Period;

use crate::pricing::{
    Anchor, Blocks, Cadence, Model, Ratio, Tariff, Tier, graduated_from_first_units, tiers_from_blocks,
    volume_from_first_units,
};

fn read<T: DeserializeOwned>(name: &str, text: &str) -> T {
    PackFile { name, text }.toml().expect("the cases are read")
}
fn number(text: &str) -> Ratio {
    Ratio::parse(text).expect("a number")
}
fn usd() -> Currency {
    Currency::parse("USD").expect("a currency")
}
/// Minor units of an amount in major units.
fn minor(text: &str) -> i64 {
    Money::parse_major(text, usd()).expect("an amount").minor
}

/// Two days: the first, and the day after the last.
#[derive(Clone, Copy, Deserialize)]
struct Range(NaiveDate, NaiveDate);

impl Range {
    fn period(self) -> Period {
        Period { from: self.0, to: Some(self.1) }
    }
}

/// A cadence counted from a day.
#[derive(Clone, Copy, Deserialize)]
struct From(NaiveDate, Cadence);

impl From {
    fn period_of(self, day: NaiveDate) -> Period {
        Anchor::on(self.0, self.1).period_of(day).expect("a period")
    }
}

/// A tariff as the tables write it.
#[derive(Deserialize)]
struct Written {
    model: String,
    tiers: Option<String>,
    blocks: Option<String>,
    first_units: Option<String>,
    size: Option<Ratio>,
    price: Option<Ratio>,
    unit: Option<Ratio>,
    #[serde(default)]
    free: Ratio,
    cap: Option<Ratio>,
    #[serde(default)]
    at_zero: bool,
}

impl Written {
    fn tiers(&self) -> Vec<Tier> {
        let pairs = |list: &str| -> Vec<(Ratio, Ratio)> {
            list.split(',')
                .map(|one| one.split_once(':').expect("a pair"))
                .map(|(a, b)| (number(a), number(b)))
                .collect()
        };
        if let Some(list) = &self.first_units {
            let list = pairs(list);
            return if self.model == "volume" {
                volume_from_first_units(&list)
            } else {
                graduated_from_first_units(&list)
            };
        }
        if let Some(list) = &self.blocks {
            let blocks = list.split(',').map(|one| {
                let (size, rest) = one.split_once('x').expect("a block");
                let (most, price) = rest.split_once('@').expect("a block");
                Blocks { size: number(size), most: number(most), price: number(price) }
            });
            return tiers_from_blocks(&blocks.collect::<Vec<_>>()).expect("tiers");
        }
        let tier = |one: &str| {
            let (end, price) = one.split_once(':').expect("a tier");
            let (unit, flat) = price.split_once('+').unwrap_or((price, "0"));
            let up_to = (end != "inf").then(|| number(end));
            Tier { up_to, unit: number(unit), flat: number(flat), ..Tier::default() }
        };
        self.tiers.as_deref().unwrap_or_default().split(',').map(tier).collect()
    }
    fn tariff(&self) -> Tariff {
        let given = |value: Option<Ratio>| value.expect("a number");
        let model = match self.model.as_str() {
            "per_unit" => Model::PerUnit { unit: given(self.unit) },
            "package" => Model::Package { size: given(self.size), price: given(self.price) },
            "volume" => Model::Volume { tiers: self.tiers() },
            "graduated" => Model::Graduated { tiers: self.tiers() },
            other => panic!("no model {other}"),
        };
        Tariff { model, free_units: self.free, cap: self.cap, flat_at_zero: self.at_zero }
    }
}

/// Every figure of the collection is here.
#[test]
fn no_case_is_left_out() {
    let files = [tariffs::TEXT, days::TEXT, seats::TEXT, money::TEXT].concat();
    let ids = files.split("{ id = \"").skip(1).filter_map(|rest| rest.split('"').next());
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), 143);
}
