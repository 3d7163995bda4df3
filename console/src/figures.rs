//! The figures of a period of contacts, as home and operations show them.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::fmt::NONE;
use crate::wire::Ratio;
use crate::words::Words;

/// Sums of a period and the indicators made of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// The service-level definition in force, `id.vN`.
    pub definition: String,
    /// Contacts that asked for an agent.
    pub offered: i64,
    /// Of these, spoke to one.
    pub answered: i64,
    /// Of these, gave up.
    pub abandoned: i64,
    /// Answered within the threshold of the definition.
    pub answered_in: i64,
    /// Every indicator.
    pub indicators: Vec<Indicator>,
}

/// An indicator's value with what it is made of.
#[derive(Debug, Deserialize)]
pub struct Indicator {
    /// Stable name.
    pub id: String,
    /// Version of the definition.
    pub version: String,
    /// Name in the caller's language.
    pub title: String,
    /// `share`, `seconds` or `count`.
    pub unit: String,
    /// Above the line.
    pub numerator: i64,
    /// Below the line.
    pub denominator: i64,
    /// The quotient; none when the denominator is 0.
    pub value: Option<f64>,
    /// How it is defined, in the caller's language.
    pub text: String,
}

impl Indicator {
    /// The value as it is read.
    pub fn shown(&self, w: Words) -> String {
        let Some(value) = self.value else { return NONE.into() };
        match self.unit.to_ascii_lowercase().as_str() {
            "share" | "percent" => {
                w.percent(Ratio { numerator: self.numerator, denominator: self.denominator, value: Some(value) })
            }
            "seconds" => w.s("seconds").arg("n", w.decimal(value, 1)).into(),
            _ => w.decimal(value, 0),
        }
    }
}

impl Figures {
    /// The service level by the definition in force.
    pub fn service_level(&self) -> Option<&Indicator> {
        self.indicators.iter().find(|i| {
            let rest = self.definition.strip_prefix(i.id.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// The service level as text.
    pub fn level_text(&self, w: Words) -> String {
        self.service_level().map_or_else(|| NONE.into(), |i| i.shown(w))
    }
}

/// What the staffing need was taken of, in words.
pub fn basis(w: Words, days: &[NaiveDate]) -> String {
    let mut days: Vec<String> = days.iter().map(|day| w.date(day)).collect();
    if days.is_empty() {
        return w.s("staffing-no-basis").into();
    }
    days.reverse();
    w.s("staffing-basis").arg("days", days.join(&w.s("list-comma").to_string())).into()
}
