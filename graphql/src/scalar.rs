//! Scalars and small values that every context uses.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use voxpark_domain::money::Money as DomainMoney;
use voxpark_domain::time;

/// A civil date in the park's time zone: `2026-11-21`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Date(pub(crate) NaiveDate);

/// A civil date in the park's time zone: `2026-11-21`.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if text.len() == 10 => {
                Ok(Self(text.parse().map_err(|_| InputValueError::expected_type(value))?))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self(day)
    }
}

/// A calendar month: `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Month(pub(crate) time::Month);

/// A calendar month: `2026-11`.
#[Scalar]
impl ScalarType for Month {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                time::Month::parse(text).map(Self).map_err(|_| InputValueError::expected_type(value))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A whole number of 64 bits, as text: JSON numbers lose digits beyond 53 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Int64String(pub(crate) i64);

/// A whole number of 64 bits, as text.
#[Scalar]
impl ScalarType for Int64String {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text.parse().map(Self).map_err(|_| InputValueError::expected_type(value)),
            Value::Number(n) => n.as_i64().map(Self).ok_or_else(|| InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An amount of money.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct Money {
    /// Minor units (分, cent).
    minor: Int64String,
    /// ISO 4217 code.
    currency: String,
    /// Major units with the currency's digits (`1234.50`), no grouping.
    amount: String,
}

impl From<DomainMoney> for Money {
    fn from(money: DomainMoney) -> Self {
        Self { minor: Int64String(money.minor), currency: money.currency.code().to_owned(), amount: money.major() }
    }
}

/// A rate with its parts; every rate shows them.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct Ratio {
    /// What is counted.
    numerator: i64,
    /// Out of how many.
    denominator: i64,
    /// The quotient; null when there is nothing to divide by.
    value: Option<f64>,
}

impl Ratio {
    #[expect(clippy::cast_precision_loss, reason = "a shown quotient; the exact parts stand beside it")]
    pub(crate) fn new(numerator: i64, denominator: i64) -> Self {
        Self { numerator, denominator, value: (denominator != 0).then(|| numerator as f64 / denominator as f64) }
    }
    /// The quotient; `None` when there is nothing to divide by.
    pub(crate) fn quotient(&self) -> Option<f64> {
        self.value
    }
}

/// A half-open range of days.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct DateRange {
    /// First day.
    pub(crate) from: Date,
    /// The day after the last; null = until further notice.
    pub(crate) to: Option<Date>,
}
