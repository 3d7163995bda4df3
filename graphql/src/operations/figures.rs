//! Figures of a period.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::Error;
use voxpark_domain::ctx::Lang;
use voxpark_domain::operations::figures::{Figure, Figures};
use voxpark_domain::operations::indicator::{Indicator, Unit};
use voxpark_domain::operations::interval::Slot;
use voxpark_domain::operations::interval_definition;
use voxpark_domain::operations::sums::Sums;

use crate::error::Fault as _;
use crate::need::Grain;
use crate::request::Asking as _;
use crate::scalar::{Date, Ratio};
use crate::words;

pub(super) fn slot(grain: Grain) -> Slot {
    match grain {
        Grain::Quarter => Slot::Quarter,
        Grain::Half => Slot::Half,
    }
}

/// What happened in a period.
pub(crate) struct OperationsSummary {
    pub(super) from: Date,
    pub(super) to: Date,
    pub(super) figures: Figures,
}

/// What happened in a period.
#[Object]
impl OperationsSummary {
    /// First civil day.
    async fn from(&self) -> Date {
        self.from
    }
    /// The day after the last.
    async fn to(&self) -> Date {
        self.to
    }
    /// The service-level definition and version whose thresholds the counts below were taken at (`sl-20-negative.v1`).
    async fn definition(&self) -> String {
        self.figures.definition.reference()
    }
    /// All contacts, whatever became of them.
    async fn rows(&self) -> i64 {
        self.figures.sums.contacts
    }
    /// Contacts that the source marks as no real ones.
    async fn ignored(&self) -> i64 {
        self.figures.sums.ignored
    }
    /// Contacts that ended before they asked for an agent.
    async fn not_offered(&self) -> i64 {
        self.figures.sums.not_offered
    }
    /// Contacts that asked for an agent: answered, abandoned and overflowed.
    async fn offered(&self) -> i64 {
        self.figures.sums.offered
    }
    /// Contacts that an agent took.
    async fn answered(&self) -> i64 {
        self.figures.sums.answered
    }
    /// Contacts that left before an answer.
    async fn abandoned(&self) -> i64 {
        self.figures.sums.abandoned
    }
    /// Contacts that the system took out of the queue.
    async fn overflowed(&self) -> i64 {
        self.figures.sums.overflowed
    }
    /// Contacts that still wait, or whose end the records lack.
    async fn open(&self) -> i64 {
        self.figures.sums.open
    }
    /// Answered within the threshold of the definition.
    async fn answered_in(&self) -> i64 {
        self.figures.sums.answered_within
    }
    /// Abandoned within the threshold of the definition.
    async fn abandoned_in(&self) -> i64 {
        self.figures.sums.abandoned_within
    }
    /// Abandoned within the definition's limit of a short abandon.
    async fn short_abandoned(&self) -> i64 {
        self.figures.sums.abandoned_short
    }
    /// Every indicator, each with its definition and version.
    async fn indicators(&self, gql: &Context<'_>) -> Vec<IndicatorValue> {
        let lang = gql.request().lang();
        self.figures.indicators.iter().map(|f| IndicatorValue::of(f, lang)).collect()
    }
}

/// One indicator over a period: never without its parts and the version of its definition.
#[derive(SimpleObject)]
pub(crate) struct IndicatorValue {
    /// Stable name (`sl-20-negative`, `average-handle-time`).
    id: String,
    /// Version of the definition.
    version: String,
    /// What it is called, in the caller's language.
    title: String,
    /// What the number is: `share` (0 to 1), `seconds` or `count`.
    unit: &'static str,
    /// What is counted or added up.
    numerator: i64,
    /// Out of how many.
    denominator: i64,
    /// The quotient; null when there is nothing to divide by.
    value: Option<f64>,
    /// The formula in words, in the caller's language.
    text: String,
}

impl IndicatorValue {
    fn of(figure: &Figure, lang: Lang) -> Self {
        let ratio = Ratio::new(figure.ratio.numerator, figure.ratio.denominator);
        let pick = |words: &voxpark_domain::pack::Bilingual| match lang {
            Lang::Zh => words.zh.clone(),
            Lang::En => words.en.clone(),
        };
        let (title, text) = match figure.definition {
            Some(definition) => (pick(&definition.title), pick(&definition.formula)),
            None => {
                (words::message(lang, figure.id, &[]), words::message(lang, &format!("{}-formula", figure.id), &[]))
            }
        };
        Self {
            id: figure.id.to_owned(),
            version: figure.version.to_string(),
            title,
            unit: match figure.unit {
                Unit::Share => "share",
                Unit::Seconds => "seconds",
                Unit::Count => "count",
            },
            numerator: figure.ratio.numerator,
            denominator: figure.ratio.denominator,
            value: ratio.quotient(),
            text,
        }
    }
}

fn ratio(of: voxpark_domain::operations::indicator::Ratio) -> Ratio {
    Ratio::new(of.numerator, of.denominator)
}

fn service_level(gql: &Context<'_>, sums: &Sums) -> async_graphql::Result<Ratio> {
    let level = interval_definition().and_then(|d| {
        d.of_sums(sums)
            .ok_or_else(|| Error::internal("intervals were counted at other thresholds than those asked for"))
    });
    level.map(ratio).map_err(|e| gql.fault(&e))
}

/// 15 or 30 minutes of contacts.
#[derive(SimpleObject)]
pub(crate) struct Interval {
    /// When it begins.
    start: DateTime<Utc>,
    /// Its length: 15 or 30.
    minutes: i32,
    /// Contacts that asked for an agent.
    offered: i64,
    /// Contacts that an agent took.
    answered: i64,
    /// Contacts that left before an answer.
    abandoned: i64,
    /// Answered within the threshold of the default definition.
    answered_in: i64,
    /// Abandoned within the threshold of the default definition.
    abandoned_in: i64,
    /// The service level of the default definition, 0 to 1.
    service_level: Ratio,
    /// Average handle time of answered contacts where it is known, seconds.
    average_handle_seconds: Ratio,
    /// Average speed of answer: seconds waited by answered contacts.
    average_wait_seconds: Ratio,
}

impl Interval {
    pub(super) fn of(gql: &Context<'_>, start: i64, grain: Grain, sums: &Sums) -> async_graphql::Result<Self> {
        let range = || gql.fault(&Error::internal("an interval outside of time"));
        Ok(Self {
            start: DateTime::from_timestamp_millis(start).ok_or_else(range)?,
            minutes: match grain {
                Grain::Quarter => 15,
                Grain::Half => 30,
            },
            offered: sums.offered,
            answered: sums.answered,
            abandoned: sums.abandoned,
            answered_in: sums.answered_within,
            abandoned_in: sums.abandoned_within,
            service_level: service_level(gql, sums)?,
            average_handle_seconds: ratio(Indicator::AverageHandleTime.of(sums)),
            average_wait_seconds: ratio(Indicator::AverageSpeedOfAnswer.of(sums)),
        })
    }
}

/// A civil day of contacts.
#[derive(SimpleObject)]
pub(crate) struct DayVolume {
    /// The day in the park's zone.
    day: Date,
    /// Contacts that asked for an agent.
    offered: i64,
    /// Contacts that an agent took.
    answered: i64,
    /// Contacts that left before an answer.
    abandoned: i64,
    /// The service level of the default definition, 0 to 1.
    service_level: Ratio,
}

impl DayVolume {
    pub(super) fn of(gql: &Context<'_>, day: NaiveDate, sums: &Sums) -> async_graphql::Result<Self> {
        Ok(Self {
            day: day.into(),
            offered: sums.offered,
            answered: sums.answered,
            abandoned: sums.abandoned,
            service_level: service_level(gql, sums)?,
        })
    }
}
