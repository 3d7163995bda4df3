//! Indicators: named ratios of sums. Numerator and denominator stay apart, so that indicators of longer periods come
//! from adding, never from averaging percentages.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sums::Sums;
use crate::money::round_half_away;

/// A ratio of two whole numbers; undefined when the denominator is not positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// Above the line.
    pub numerator: i64,
    /// Below the line.
    pub denominator: i64,
}

impl Ratio {
    /// A ratio.
    pub const fn new(numerator: i64, denominator: i64) -> Self {
        Self { numerator, denominator }
    }
    /// The value in units of 10^-`digits`, rounded once, half away from zero; `None` when undefined or out of range.
    pub fn scaled(self, digits: u32) -> Option<i64> {
        let scale = 10_i128.checked_pow(digits)?;
        round_half_away(i128::from(self.numerator).checked_mul(scale)?, i128::from(self.denominator))
    }
    /// The value with exactly that many digits after the point (`0.5208`), rounded half away from zero; `None` when
    /// undefined.
    pub fn fixed(self, digits: u32) -> Option<String> {
        let scaled = self.scaled(digits)?;
        let sign = if scaled < 0 { "-" } else { "" };
        let unit = 10_u64.checked_pow(digits)?;
        let magnitude = scaled.unsigned_abs();
        let width = usize::try_from(digits).ok()?;
        Some(if digits == 0 {
            format!("{sign}{magnitude}")
        } else {
            format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
        })
    }
}

impl fmt::Display for Ratio {
    /// Four digits, or `-` when undefined.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.fixed(4).as_deref().unwrap_or("-"))
    }
}

/// What an indicator's number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share, 0 to 1.
    Share,
    /// Seconds.
    Seconds,
    /// A plain count.
    Count,
}

/// The indicators that need no definition beyond their name. The service level is not among them: it has variants
/// ([`super::service_level`]). Formulas are those of the trade; O offered, A answered, B abandoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Indicator {
    /// B / O.
    AbandonmentRate,
    /// (B − short B) / (O − short B).
    AbandonmentRateWithoutShort,
    /// Average speed of answer: Σ wait of A / A.
    AverageSpeedOfAnswer,
    /// The same over those that waited at all: Σ wait of A / A with a wait of more than 0 s.
    AverageSpeedOfAnswerWaited,
    /// Average delay: Σ wait of O / O.
    AverageDelay,
    /// Σ wait of B / B.
    MeanTimeToAbandon,
    /// The longest wait of O.
    LongestWait,
    /// Mean patience of an end customer, as Erlang A takes it: Σ wait of O / B.
    PatienceEstimate,
    /// Average handle time: Σ handle of A / A, where known.
    AverageHandleTime,
    /// The same of contacts with a named agent.
    AverageHandleTimeNamed,
    /// Share of A with a handle time under the suspect threshold.
    SuspectHangUpRate,
    /// Number of A with a handle time under the suspect threshold.
    SuspectHangUps,
    /// Σ handle of A.
    TotalHandleTime,
}

impl Indicator {
    /// Every indicator, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::AbandonmentRate,
        Self::AbandonmentRateWithoutShort,
        Self::AverageSpeedOfAnswer,
        Self::AverageSpeedOfAnswerWaited,
        Self::AverageDelay,
        Self::MeanTimeToAbandon,
        Self::LongestWait,
        Self::PatienceEstimate,
        Self::AverageHandleTime,
        Self::AverageHandleTimeNamed,
        Self::SuspectHangUpRate,
        Self::SuspectHangUps,
        Self::TotalHandleTime,
    ];

    /// Stable name, also the message id of its title.
    pub const fn id(self) -> &'static str {
        match self {
            Self::AbandonmentRate => "abandonment-rate",
            Self::AbandonmentRateWithoutShort => "abandonment-rate-without-short",
            Self::AverageSpeedOfAnswer => "average-speed-of-answer",
            Self::AverageSpeedOfAnswerWaited => "average-speed-of-answer-waited",
            Self::AverageDelay => "average-delay",
            Self::MeanTimeToAbandon => "mean-time-to-abandon",
            Self::LongestWait => "longest-wait",
            Self::PatienceEstimate => "patience-estimate",
            Self::AverageHandleTime => "average-handle-time",
            Self::AverageHandleTimeNamed => "average-handle-time-named",
            Self::SuspectHangUpRate => "suspect-hang-up-rate",
            Self::SuspectHangUps => "suspect-hang-ups",
            Self::TotalHandleTime => "total-handle-time",
        }
    }

    /// What its number counts.
    pub const fn unit(self) -> Unit {
        match self {
            Self::AbandonmentRate | Self::AbandonmentRateWithoutShort | Self::SuspectHangUpRate => Unit::Share,
            Self::SuspectHangUps => Unit::Count,
            _ => Unit::Seconds,
        }
    }

    /// Its value. Counts and maxima stand over 1.
    pub const fn of(self, s: &Sums) -> Ratio {
        let wait = s.wait_answered_s + s.wait_abandoned_s + s.wait_overflowed_s;
        match self {
            Self::AbandonmentRate => Ratio::new(s.abandoned, s.offered),
            Self::AbandonmentRateWithoutShort => {
                Ratio::new(s.abandoned - s.abandoned_short, s.offered - s.abandoned_short)
            }
            Self::AverageSpeedOfAnswer => Ratio::new(s.wait_answered_s, s.answered),
            Self::AverageSpeedOfAnswerWaited => Ratio::new(s.wait_answered_s, s.answered_waited),
            Self::AverageDelay => Ratio::new(wait, s.offered),
            Self::MeanTimeToAbandon => Ratio::new(s.wait_abandoned_s, s.abandoned),
            Self::LongestWait => Ratio::new(s.longest_wait_s, 1),
            Self::PatienceEstimate => Ratio::new(wait, s.abandoned),
            Self::AverageHandleTime => Ratio::new(s.handle_s, s.handled),
            Self::AverageHandleTimeNamed => Ratio::new(s.handle_named_s, s.handled_named),
            Self::SuspectHangUpRate => Ratio::new(s.handled_suspect, s.handled),
            Self::SuspectHangUps => Ratio::new(s.handled_suspect, 1),
            Self::TotalHandleTime => Ratio::new(s.handle_s, 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_print_rounded_half_away_from_zero() {
        assert_eq!(Ratio::new(1, 8).fixed(2).as_deref(), Some("0.13"));
        assert_eq!(Ratio::new(-1, 8).fixed(2).as_deref(), Some("-0.13"));
        assert_eq!(Ratio::new(5, 2).fixed(0).as_deref(), Some("3"));
        assert_eq!(Ratio::new(1, 3).to_string(), "0.3333");
        assert_eq!(Ratio::new(1, 0).to_string(), "-");
        assert_eq!(Ratio::new(i64::MAX, 1).fixed(4), None);
    }

    #[test]
    fn ids_are_the_serde_names_with_hyphens() {
        for i in Indicator::ALL {
            assert_eq!(
                serde_json::to_value(i).expect("json").as_str().map(|s| s.replace('_', "-")).as_deref(),
                Some(i.id())
            );
        }
    }
}
