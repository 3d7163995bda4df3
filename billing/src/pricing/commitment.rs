//! Minimums: what a contract has to come to, whatever is used.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use voxpark_domain::Refusal;
use voxpark_domain::money::Currency;
use voxpark_domain::time::Period;

use super::{DayCount, Ratio, out_of_range};

/// A minimum for some days of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RampStep {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one; only the last step is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// Of a whole period: major units, or seats.
    pub least: Ratio,
}

impl RampStep {
    /// Its days.
    pub const fn days(&self) -> Period {
        Period { from: self.from, to: self.to }
    }
}

/// A minimum spend a period, by steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Ids of the prices whose lines count; empty = all.
    #[serde(default)]
    pub prices: Vec<String>,
    /// Whether what a sponsor pays counts.
    #[serde(default = "yes")]
    pub sponsored_counts: bool,
    /// The minimum of a whole period, by days.
    #[serde(rename = "step")]
    pub steps: Vec<RampStep>,
}

const fn yes() -> bool {
    true
}

/// How far a period is from its minimum, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distance {
    /// What the period has to come to.
    pub minimum: i64,
    /// What counts towards it so far.
    pub reached: i64,
}

impl Distance {
    /// What is missing: the true-up, if nothing more comes.
    pub fn missing(self) -> i64 {
        self.minimum.saturating_sub(self.reached).max(0)
    }
}

impl Commitment {
    /// One minimum for as long as the contract runs, major units.
    pub fn constant(from: NaiveDate, least: Ratio) -> Self {
        Self { prices: Vec::new(), sponsored_counts: true, steps: vec![RampStep { from, to: None, least }] }
    }
    /// What a period has to come to when only a part of it is served: each step by its days, days outside of the period do
    /// not count, exact, major units.
    ///
    /// # Errors
    /// `period-open`, `amount-out-of-range`.
    pub fn minimum(&self, count: DayCount, served: Period, whole: Period) -> Result<Ratio, Refusal> {
        let end = whole.to.ok_or_else(super::calendar::open)?;
        let of = count.days(whole.from, end);
        if of <= 0 {
            let step = self.steps.iter().find(|step| step.days().contains(whole.from));
            return Ok(step.map_or(Ratio::ZERO, |step| step.least));
        }
        let part = |step: &RampStep| {
            let days = served.intersect(whole).and_then(|part| part.intersect(step.days()));
            let days = days.map_or(0, |days| count.days(days.from, days.to.unwrap_or(end)));
            step.least.times(Ratio::new(i128::from(days), i128::from(of))?)
        };
        Ratio::sum(self.steps.iter().map(part))
    }
    /// How far a period is from its minimum. `counted` are the lines that count, before discounts and before tax, with those of
    /// earlier splits of the same period.
    ///
    /// # Errors
    /// Those of [`minimum`](Self::minimum).
    pub fn distance(
        &self,
        count: DayCount,
        (served, whole): (Period, Period),
        currency: Currency,
        counted: impl IntoIterator<Item = i64>,
    ) -> Result<Distance, Refusal> {
        let minimum = self.minimum(count, served, whole)?.rounded(currency.exponent())?;
        let reached = counted.into_iter().try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)?;
        Ok(Distance { minimum, reached })
    }
}
