//! How the days of a part of a month count, as leases agree it.

use std::fmt;
use std::str::FromStr;

use crate::error::{Refusal, RefusalCode};

/// What a lease agrees about months in which a seat is not held, or not charged, on every day.
///
/// One period follows one rule: that of the lease version in force on its first seat-day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Proration {
    /// Every seat-day costs `unit price / days of the whole period`.
    ByDay,
    /// As by day in a calendar of 30-day months: the 31st costs nothing, the last day of February makes up for the
    /// missing ones.
    FixedThirty,
    /// A seat that is first charged before this day of the period (2-31, the first day is 1) pays the whole period;
    /// one first charged on it or later pays by day.
    FullMonthBefore(u8),
    /// No proration: whatever is charged on any day pays the whole period.
    None,
}

impl Proration {
    const FULL_MONTH_BEFORE: &str = "full_month_before_";

    /// Stored text: `by_day`, `fixed_thirty`, `full_month_before_16`, `none`.
    ///
    /// # Errors
    /// `proration-invalid`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::new(RefusalCode::Invalid, "proration-invalid").with("value", text);
        match text {
            "by_day" => Ok(Self::ByDay),
            "fixed_thirty" => Ok(Self::FixedThirty),
            "none" => Ok(Self::None),
            _ => {
                let day = text.strip_prefix(Self::FULL_MONTH_BEFORE).ok_or_else(bad)?;
                match day.parse::<u8>() {
                    Ok(n @ 2..=31) if n.to_string() == day => Ok(Self::FullMonthBefore(n)),
                    _ => Err(bad()),
                }
            }
        }
    }
}

impl fmt::Display for Proration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByDay => f.write_str("by_day"),
            Self::FixedThirty => f.write_str("fixed_thirty"),
            Self::FullMonthBefore(day) => write!(f, "{}{day}", Self::FULL_MONTH_BEFORE),
            Self::None => f.write_str("none"),
        }
    }
}
impl FromStr for Proration {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text)
    }
}
impl TryFrom<String> for Proration {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|_| format!("unknown proration {text}"))
    }
}
impl From<Proration> for String {
    fn from(rule: Proration) -> Self {
        rule.to_string()
    }
}
