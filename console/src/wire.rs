//! Shapes of the GraphQL answers that more than one page reads.

use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Deserializer};

/// An amount of money.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Money {
    /// Major units as a decimal text.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
}

impl Money {
    /// For drawing only: the amount as a float, 0 when it does not read as a number.
    pub fn rough(&self) -> f64 {
        self.amount.parse().unwrap_or(0.0)
    }
    /// The sum of amounts of one currency and one number of decimals, to the cent; none of nothing and of a mixture.
    pub fn sum<'a>(amounts: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let mut amounts = amounts.peekable();
        let first = *amounts.peek()?;
        let mut minor = 0_i128;
        for money in amounts {
            if money.currency != first.currency || money.places() != first.places() {
                return None;
            }
            minor = minor.checked_add(money.minor()?)?;
        }
        Some(first.of_minor(minor))
    }
    /// The sums of amounts by currency, in the order of their codes but that one comes first; nothing of it when there is none.
    pub fn sums<'a>(amounts: impl Iterator<Item = &'a Self>, first: &str) -> Vec<Self> {
        let mut by: std::collections::BTreeMap<&str, Vec<&Self>> = std::collections::BTreeMap::new();
        amounts.for_each(|money| by.entry(&money.currency).or_default().push(money));
        let mut sums: Vec<Self> = by.into_values().filter_map(|of| Self::sum(of.into_iter())).collect();
        sums.sort_by_key(|money| money.currency != first);
        sums
    }
    /// So many times the amount, exactly; as it is when it does not read as a number.
    #[must_use]
    pub fn times(&self, n: i64) -> Self {
        let minor = self.minor().and_then(|m| m.checked_mul(i128::from(n)));
        minor.map_or_else(|| self.clone(), |minor| self.of_minor(minor))
    }
    fn places(&self) -> usize {
        self.amount.split_once('.').map_or(0, |(_, fraction)| fraction.len())
    }
    /// The amount in the smallest units in which it is written.
    pub fn minor(&self) -> Option<i128> {
        self.amount.replace('.', "").parse().ok()
    }
    /// So many of the smallest units in which this amount is written.
    fn of_minor(&self, minor: i128) -> Self {
        let (sign, places) = (if minor < 0 { "-" } else { "" }, self.places());
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let point = if places == 0 { "" } else { "." };
        Self { amount: format!("{sign}{whole}{point}{fraction}"), currency: self.currency.clone() }
    }
    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        !self.amount.bytes().any(|b| (b'1'..=b'9').contains(&b))
    }
}

/// A numerator over a denominator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Ratio {
    /// What is counted.
    pub numerator: i64,
    /// Of how many.
    pub denominator: i64,
    /// The quotient; none when the denominator is 0.
    pub value: Option<f64>,
}

/// A civil month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    /// The month a day lies in.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }
    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        self.0
    }
    /// Its first day.
    pub fn first(self) -> NaiveDate {
        self.0
    }
    /// So many months later.
    #[must_use]
    pub fn plus(self, months: u32) -> Self {
        Self(self.0.checked_add_months(Months::new(months)).unwrap_or(self.0))
    }
    /// So many months earlier.
    #[must_use]
    pub fn minus(self, months: u32) -> Self {
        Self(self.0.checked_sub_months(Months::new(months)).unwrap_or(self.0))
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl FromStr for Month {
    type Err = chrono::ParseError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").map(Self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A page of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection<T> {
    /// The items.
    pub nodes: Vec<T>,
    /// Where the page ends; absent when the document does not ask for it.
    #[serde(default)]
    pub page_info: PageInfo,
    /// How many items there are in all; 0 when the document does not ask for it.
    #[serde(default)]
    pub total_count: i64,
}

impl<T> Default for Connection<T> {
    fn default() -> Self {
        Self { nodes: Vec::new(), page_info: PageInfo::default(), total_count: 0 }
    }
}

/// Where a page of a list ends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PageInfo {
    /// Whether more follows.
    pub has_next_page: bool,
    /// Cursor of the last item.
    pub end_cursor: Option<String>,
}

/// Something with a name in both languages to link to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ref {
    /// Id.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    #[serde(default)]
    pub name_en: String,
}

/// Something with a code to link to.
#[derive(Clone, Debug, Deserialize)]
pub struct Coded {
    /// Id.
    pub id: String,
    /// Code.
    pub code: String,
}

/// What a mutation made, when only its id matters.
#[derive(Clone, Debug, Deserialize)]
pub struct Made {
    /// Id.
    pub id: String,
}

/// A refusal that the user can mend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct UserError {
    /// Which input it is about, `input.termFrom` or `termFrom`.
    pub path: String,
    /// What is wrong, in the user's language.
    pub message: String,
    /// Stable id of the rule.
    pub rule: String,
}

/// What is wrong with a row of an imported file.
#[derive(Clone, Debug, Deserialize)]
pub struct RowIssue {
    /// Line of the file, the header being line 1.
    pub row: i64,
    /// Column.
    pub field: String,
    /// What is wrong, in the user's language.
    pub message: String,
}

/// Reads `node(id:)` with an inline fragment: null and an object of another type (empty) are both "not there".
///
/// # Errors
/// Whatever the shape itself refuses.
pub fn node<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    if value.as_object().is_none_or(serde_json::Map::is_empty) {
        return Ok(None);
    }
    serde_json::from_value(value).map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_add_up_to_the_cent() {
        let cny = |amount: &str| Money { amount: amount.into(), currency: "CNY".into() };
        let sum = |amounts: &[Money]| Money::sum(amounts.iter()).map(|m| m.amount);
        assert_eq!(sum(&[cny("0.10"), cny("0.20")]).as_deref(), Some("0.30"));
        assert_eq!(sum(&[cny("-0.10"), cny("0.05")]).as_deref(), Some("-0.05"));
        assert_eq!(sum(&[cny("12"), cny("3")]).as_deref(), Some("15"));
        assert_eq!(sum(&[cny("1.00"), Money { amount: "1.00".into(), currency: "USD".into() }]), None);
        assert_eq!(sum(&[]), None);
        let mixed = [Money { amount: "5".into(), currency: "JPY".into() }, cny("1.00"), cny("0.50")];
        let sums: Vec<String> =
            Money::sums(mixed.iter(), "CNY").into_iter().map(|m| format!("{} {}", m.currency, m.amount)).collect();
        assert_eq!(sums, ["CNY 1.50", "JPY 5"]);
    }

    #[test]
    fn amounts_multiply_to_the_cent_and_months_step() {
        let money = |amount: &str| Money { amount: amount.into(), currency: "CNY".into() };
        for (amount, n, product) in
            [("1380.50", 240, "331320.00"), ("0.05", 1, "0.05"), ("-0.05", 3, "-0.15"), ("7", 3, "21"), ("x", 3, "x")]
        {
            assert_eq!(money(amount).times(n), money(product));
        }
        assert!(money("0.00").is_zero() && !money("0.01").is_zero());
        let month: Month = "2026-01".parse().expect("a month");
        assert_eq!((month.minus(1).to_string(), month.plus(12).to_string()), ("2025-12".into(), "2027-01".into()));
        assert!("2026-13".parse::<Month>().is_err());
    }
}
