//! Price books: what a park sells seats for, as versioned data.
//!
//! A published version never changes; a line names the version it was priced by. A book is checked whole before anything of
//! it is used, and every fault names file, item and field.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};
use voxpark_domain::error::Refusals;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::money::{Currency, TaxRate};
use voxpark_domain::pack::{Bilingual, PackFile};
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode, Result};

use super::{Cadence, Clause, Commitment, Model, RampStep, Ratio, Tariff, Tier};

/// Digits after the point that a price of a unit may have.
const UNIT_DECIMALS: u32 = 12;

/// What the quantity of a price is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Seats held, for a whole period of the price: a seat-month, when it is monthly. Days are weighed by the clause.
    Seat,
    /// Seats times civil days.
    SeatDay,
    /// Seats times days on which they are held for a shift.
    Shift,
    /// What a meter counted.
    Metered,
    /// What begins in the period, once and never by days.
    Once,
    /// The amounts of other prices.
    Percent,
}

impl Basis {
    /// Its name in data files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seat => "seat",
            Self::SeatDay => "seat_day",
            Self::Shift => "shift",
            Self::Metered => "metered",
            Self::Once => "once",
            Self::Percent => "percent",
        }
    }
}

/// When a price is due. Terms belong to the price: one invoice may carry the rent of May and the power of April.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// For the period that begins.
    #[default]
    Advance,
    /// For the period that is over.
    Arrears,
}

impl Due {
    /// Stable name, as in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Advance => "advance",
            Self::Arrears => "arrears",
        }
    }
}

/// What is sold, as far as a price may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale<'a> {
    /// What is sold with the seat.
    pub product: SeatProduct,
    /// The names by which the zone goes it is in; empty = in none in particular.
    pub zones: &'a [String],
    /// The shift it is held for; `None` = the whole day.
    pub shift: Option<&'a str>,
}

/// What a price is for; an empty list restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applies {
    /// Products.
    #[serde(default)]
    pub products: Vec<SeatProduct>,
    /// Codes of zones; where several floors have the code, behind that of the floor, or of building and floor (`F2/A`,
    /// `B1/F2/A`). Of leases, what the zone is called on the day.
    #[serde(default)]
    pub zones: Vec<String>,
    /// Shifts: of leases the window for which a seat is held, `20:00-08:00`.
    #[serde(default)]
    pub shifts: Vec<String>,
}

impl Applies {
    /// Whether the price is for this.
    pub fn to(&self, sale: Sale<'_>) -> bool {
        let any = |list: &[String], one: &dyn Fn(&String) -> bool| list.is_empty() || list.iter().any(one);
        (self.products.is_empty() || self.products.contains(&sale.product))
            && any(&self.zones, &|zone| sale.zones.contains(zone))
            && any(&self.shifts, &|shift| sale.shift == Some(shift))
    }
}

/// A tariff and the days on which it applies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedTariff {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one; only the last step is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// What a full period costs.
    pub tariff: Tariff,
}

impl DatedTariff {
    /// Its days.
    pub const fn days(&self) -> Period {
        Period { from: self.from, to: self.to }
    }
}

/// A price of a book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Stable id: lower-case letters, digits and `-`.
    pub id: String,
    /// Name.
    #[serde(serialize_with = "words")]
    pub title: Bilingual,
    /// What its quantity is.
    pub basis: Basis,
    /// How often it is due.
    #[serde(default)]
    pub every: Cadence,
    /// When it is due.
    #[serde(default)]
    pub due: Due,
    /// How parts of a period count; seats only.
    #[serde(default)]
    pub proration: Clause,
    /// Whether the highest count so far stays charged to the end of the period; seats only.
    #[serde(default)]
    pub high_water: bool,
    /// What it is for.
    #[serde(default)]
    pub applies: Applies,
    /// The fewest seats that are charged, by days; seats only.
    #[serde(default)]
    pub minimum_seats: Vec<RampStep>,
    /// The most that a period may cost, major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Ratio>,
    /// The meter that is read; metered prices only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<String>,
    /// Tax in percent where it is not that of the lease: power may be taxed otherwise than rent.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "percent")]
    pub tax: Option<TaxRate>,
    /// The prices whose amounts it is a part of; percentages only.
    #[serde(default)]
    pub of: Vec<String>,
    /// What it costs when; no day between the first and the end is without a tariff.
    #[serde(rename = "step")]
    pub steps: Vec<DatedTariff>,
}

/// A rate of tax in percent, `13`.
mod percent {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use voxpark_domain::money::TaxRate;

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
    pub(super) fn serialize<S: Serializer>(rate: &Option<TaxRate>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&rate.unwrap_or(TaxRate::ZERO))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TaxRate>, D::Error> {
        let text = String::deserialize(deserializer)?;
        TaxRate::parse_percent(&text).map(Some).map_err(|_| D::Error::custom(format!("no rate of tax: {text}")))
    }
}

/// A version of a price book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceBook {
    /// Stable id.
    pub id: String,
    /// From 1.
    pub version: u32,
    /// Name.
    #[serde(serialize_with = "words")]
    pub title: Bilingual,
    /// Of every amount.
    pub currency: Currency,
    /// Whether every amount contains the tax.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tax_included: bool,
    /// The least that a period has to come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Commitment>,
    /// In the order of the lines.
    #[serde(rename = "price")]
    pub prices: Vec<Price>,
}

fn words<S: Serializer>(words: &Bilingual, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("zh", &words.zh), ("en", &words.en)])
}

impl PriceBook {
    /// Reads and checks a book whole.
    ///
    /// # Errors
    /// `pack-syntax`, and those of [`check`](Self::check).
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let book: Self = file.toml()?;
        book.check(file.name)?;
        Ok(book)
    }
    /// The period that the minimum of the book is of; `None` without one.
    pub fn committed_every(&self) -> Option<Cadence> {
        let commitment = self.commitment.as_ref()?;
        let counted = |price: &&Price| commitment.prices.is_empty() || commitment.prices.contains(&price.id);
        self.prices.iter().find(counted).map(|price| price.every)
    }
    /// The same prices without rates of their own.
    pub(crate) fn untaxed(&self) -> Self {
        let mut book = self.clone();
        book.prices.iter_mut().for_each(|price| price.tax = None);
        book
    }
    /// The price with this id.
    pub fn price(&self, id: &str) -> Option<&Price> {
        self.prices.iter().find(|price| price.id == id)
    }
    /// Checks a book, wherever it came from; `file` is named in the refusals.
    ///
    /// # Errors
    /// `pack-text-missing`, `pack-value`, `pack-key-doubled`, `pack-reference-unknown`, `tiers-not-ascending`,
    /// `tiers-open-end`, `steps-apart`; all that apply.
    pub fn check(&self, file: &str) -> Result<()> {
        let mut check = Check { file, item: self.id.clone(), digits: self.currency.exponent(), bad: Refusals::new() };
        check.id(&self.id);
        check.when(self.version == 0, "version", "0", ">= 1");
        check.title(&self.title);
        check.when(self.prices.is_empty(), "price", "0", ">= 1");
        let ids: BTreeMap<&str, Basis> = self.prices.iter().map(|price| (price.id.as_str(), price.basis)).collect();
        if let Some(commitment) = &self.commitment {
            check.steps("commitment.step", commitment.steps.iter().map(|step| (step.from, step.to)));
            for (at, step) in commitment.steps.iter().enumerate() {
                check.amount(&format!("commitment.step.{at}.least"), step.least);
            }
            for id in commitment.prices.iter().filter(|id| !ids.contains_key(id.as_str())) {
                check.unknown("commitment.prices", id);
            }
            // It is a minimum of a period: of one length.
            let counted = |price: &&Price| commitment.prices.is_empty() || commitment.prices.contains(&price.id);
            let every: BTreeSet<&str> = self.prices.iter().filter(counted).map(|price| price.every.name()).collect();
            let named = every.iter().copied().collect::<Vec<_>>().join(" ");
            check.when(every.len() > 1, "commitment.prices", &named, "one `every`");
        }
        let mut seen = BTreeSet::new();
        for price in &self.prices {
            check.item.clone_from(&price.id);
            if !seen.insert(price.id.as_str()) {
                check.push(RefusalCode::Duplicate, "pack-key-doubled", "id", &[("value", price.id.clone())]);
            }
            check.price(price, &ids);
        }
        check.bad.finish()
    }
}

/// Collects the faults of a book.
struct Check<'a> {
    file: &'a str,
    item: String,
    digits: u32,
    bad: Refusals,
}

impl Check<'_> {
    fn push(&mut self, code: RefusalCode, rule: &'static str, field: &str, args: &[(&'static str, String)]) {
        let refusal = Refusal::new(code, rule)
            .at(format!("{}.{field}", self.item))
            .with("file", self.file)
            .with("item", self.item.as_str())
            .with("field", field);
        self.bad.push(args.iter().fold(refusal, |refusal, (name, value)| refusal.with(name, value.as_str())));
    }
    fn when(&mut self, bad: bool, field: &str, value: &str, allowed: &str) {
        if bad {
            let args = [("value", value.to_owned()), ("allowed", allowed.to_owned())];
            self.push(RefusalCode::Invalid, "pack-value", field, &args);
        }
    }
    fn unknown(&mut self, field: &str, value: &str) {
        self.push(RefusalCode::NotFound, "pack-reference-unknown", field, &[("value", value.to_owned())]);
    }
    fn id(&mut self, id: &str) {
        let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        self.when(id.is_empty() || !id.bytes().all(sound), "id", id, "a-z 0-9 -");
    }
    fn title(&mut self, title: &Bilingual) {
        for (field, text) in [("title.zh", &title.zh), ("title.en", &title.en)] {
            if text.trim().is_empty() {
                self.push(RefusalCode::Required, "pack-text-missing", field, &[]);
            }
        }
    }
    /// A number that is neither negative nor finer than so many digits.
    fn number(&mut self, field: &str, value: Ratio, digits: u32) {
        self.when(value.is_negative(), field, &value.to_string(), ">= 0");
        let fine = value.decimals().is_none_or(|decimals| decimals > digits);
        self.when(fine, field, &value.to_string(), &format!("0.{}", "0".repeat(digits as usize)));
    }
    /// The price of a unit: finer than the currency, if need be.
    fn unit(&mut self, field: &str, value: Ratio) {
        self.number(field, value, UNIT_DECIMALS);
    }
    /// An amount that is charged as it stands: as fine as the currency.
    fn amount(&mut self, field: &str, value: Ratio) {
        self.number(field, value, self.digits);
    }
    fn size(&mut self, field: &str, value: Ratio) {
        self.when(value <= Ratio::ZERO, field, &value.to_string(), "> 0");
    }
    /// Steps follow each other day to day; only the last one may be open.
    fn steps(&mut self, field: &str, steps: impl Iterator<Item = (NaiveDate, Option<NaiveDate>)>) {
        let steps: Vec<_> = steps.collect();
        self.when(steps.is_empty(), field, "0", ">= 1");
        for (at, (from, to)) in steps.iter().enumerate() {
            self.when(to.is_some_and(|to| to <= *from), &format!("{field}.{at}.to"), &format!("{to:?}"), "> from");
            if let Some((next, _)) = steps.get(at + 1)
                && *to != Some(*next)
            {
                let to = to.map_or_else(|| "-".to_owned(), |to| to.to_string());
                let args = [("to", to), ("next", next.to_string())];
                self.push(RefusalCode::Overlap, "steps-apart", &format!("{field}.{at}.to"), &args);
            }
        }
    }
    fn price(&mut self, price: &Price, ids: &BTreeMap<&str, Basis>) {
        self.id(&price.id);
        self.title(&price.title);
        let (seats, percent) = (price.basis == Basis::Seat, price.basis == Basis::Percent);
        self.when(
            !seats && price.proration != Clause::ByDay,
            "proration",
            &price.proration.to_string(),
            "basis = seat",
        );
        self.when(!seats && price.high_water, "high_water", "true", "basis = seat");
        self.when(!seats && !price.minimum_seats.is_empty(), "minimum_seats", "", "basis = seat");
        let metered = price.basis == Basis::Metered;
        self.when(metered != price.meter.is_some(), "meter", price.meter.as_deref().unwrap_or("-"), "basis = metered");
        self.when(metered && price.due == Due::Advance, "due", "advance", "arrears");
        self.when(percent == price.of.is_empty(), "of", &price.of.join(" "), "basis = percent");
        for id in &price.of {
            match ids.get(id.as_str()) {
                None => self.unknown("of", id),
                Some(basis) => self.when(*basis == Basis::Percent, "of", id, "basis != percent"),
            }
        }
        if !price.minimum_seats.is_empty() {
            self.steps("minimum_seats", price.minimum_seats.iter().map(|step| (step.from, step.to)));
        }
        for (at, step) in price.minimum_seats.iter().enumerate() {
            self.number(&format!("minimum_seats.{at}.least"), step.least, 0);
        }
        if let Some(maximum) = price.maximum {
            self.amount("maximum", maximum);
        }
        self.steps("step", price.steps.iter().map(|step| (step.from, step.to)));
        for (at, step) in price.steps.iter().enumerate() {
            let of_amounts = matches!(step.tariff.model, Model::Percentage { .. });
            self.when(of_amounts != percent, &format!("step.{at}.tariff.model"), "percentage", "basis = percent");
            self.tariff(&format!("step.{at}.tariff"), &step.tariff);
        }
    }
    fn tariff(&mut self, field: &str, tariff: &Tariff) {
        self.unit(&format!("{field}.free_units"), tariff.free_units);
        if let Some(cap) = tariff.cap {
            self.amount(&format!("{field}.cap"), cap);
        }
        let field = format!("{field}.model");
        match &tariff.model {
            Model::PerUnit { unit } => self.unit(&format!("{field}.per_unit.unit"), *unit),
            Model::Flat { amount } => self.amount(&format!("{field}.flat.amount"), *amount),
            Model::Package { size, price } => {
                self.size(&format!("{field}.package.size"), *size);
                self.unit(&format!("{field}.package.price"), *price);
            }
            Model::Percentage { percent } => {
                self.unit(&format!("{field}.percentage.percent"), *percent);
                self.when(
                    *percent > Ratio::HUNDRED,
                    &format!("{field}.percentage.percent"),
                    &percent.to_string(),
                    "<= 100",
                );
            }
            Model::Graduated { tiers } => self.tiers(&format!("{field}.graduated.tiers"), tiers),
            Model::Volume { tiers } => self.tiers(&format!("{field}.volume.tiers"), tiers),
        }
    }
    fn tiers(&mut self, field: &str, tiers: &[Tier]) {
        self.when(tiers.is_empty(), field, "0", ">= 1");
        let mut before = Ratio::ZERO;
        for (at, tier) in tiers.iter().enumerate() {
            let of = |name: &str| format!("{field}.{at}.{name}");
            self.when(tier.up_to.is_some() && tier.below.is_some(), &of("below"), "up_to + below", "up_to | below");
            if tier.end().is_none() != (at + 1 == tiers.len()) {
                self.push(RefusalCode::Invalid, "tiers-open-end", &of("up_to"), &[]);
            }
            if let Some(end) = tier.end() {
                if end <= before {
                    let args = [("value", end.to_string()), ("before", before.to_string())];
                    self.push(RefusalCode::Invalid, "tiers-not-ascending", &of("up_to"), &args);
                }
                before = before.max(end);
            }
            self.unit(&of("unit"), tier.unit);
            self.amount(&of("flat"), tier.flat);
            if let Some(block) = tier.block {
                self.size(&of("block"), block);
            }
        }
    }
}

#[cfg(test)]
mod tests;
