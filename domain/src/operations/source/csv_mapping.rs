//! What a tenant declares about the columns of a delimited file.

use std::collections::BTreeMap;

use chrono::format::{Fixed, Item, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::text::{self, Read};
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::operations::contact::{Direction, Outcome};
use crate::operations::local::{LocalClock, Reading};

/// Which column of a delimited file means what. Columns are named as in the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvMapping {
    /// What stands between fields: comma, semicolon, TAB or bar.
    pub delimiter: char,
    /// When the contact reached the centre.
    pub start: TimeColumn,
    /// When it asked for an agent, if not at once.
    #[serde(default)]
    pub queued: Option<TimeColumn>,
    /// When an agent took it; empty for contacts that nobody took.
    #[serde(default)]
    pub answered: Option<TimeColumn>,
    /// When it ended.
    #[serde(default)]
    pub ended: Option<TimeColumn>,
    /// Its queue.
    pub queue: QueueFrom,
    /// How it ended, and what the column's words mean.
    pub outcome: ValueColumn<Outcome>,
    /// Column of seconds waited (`75`, `75.4`, `1:15`, `0:01:15`).
    #[serde(default)]
    pub wait: Option<String>,
    /// Column of handle time as one figure.
    #[serde(default)]
    pub handle: Option<String>,
    /// Column of talk time.
    #[serde(default)]
    pub talk: Option<String>,
    /// Column of hold time.
    #[serde(default)]
    pub hold: Option<String>,
    /// Column of wrap-up time.
    #[serde(default)]
    pub wrap: Option<String>,
    /// Column of the agent's identity.
    #[serde(default)]
    pub agent: Option<String>,
    /// Column of the end customer's identity.
    #[serde(default)]
    pub end_customer: Option<String>,
    /// Column that identifies the record at its source. Without it, records are told apart by what they say.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Who began it; without it, all are inbound.
    #[serde(default)]
    pub direction: Option<ValueColumn<Direction>>,
    /// Column of priority, 0 to 255.
    #[serde(default)]
    pub priority: Option<String>,
}

/// Where the queue of a contact comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueFrom {
    /// From this column.
    Column(String),
    /// All contacts of the file belong to this queue.
    Fixed(String),
}

/// A column with a closed set of words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueColumn<T> {
    /// Its name.
    pub column: String,
    /// Each word of the column (letter case counts, blanks around it do not) and what it means.
    pub values: BTreeMap<String, T>,
}

/// A column that holds an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeColumn {
    /// Its name.
    pub column: String,
    /// How the instant is written.
    pub format: TimeFormat,
}

/// How an instant is written. In text: `iso`, `epoch_seconds`, `epoch_millis`, or a pattern with `%`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum TimeFormat {
    /// ISO 8601: `2024-02-03T08:15:30+08:00`, `2024-02-03 08:15`, with or without seconds, fraction and zone;
    /// without zone it is the wall clock of the import.
    Iso,
    /// Seconds since 1970 UTC, with a fraction if any.
    EpochSeconds,
    /// Milliseconds since 1970 UTC.
    EpochMillis,
    /// A strftime pattern (`%Y/%m/%d %H:%M:%S`, `%d.%m.%Y %H:%M %z`); without `%z` the wall clock of the import.
    Pattern(String),
}

impl From<String> for TimeFormat {
    fn from(text: String) -> Self {
        match text.as_str() {
            "iso" | "%Y-%m-%d %H:%M:%S" | "%Y-%m-%dT%H:%M:%S" => Self::Iso,
            "epoch_seconds" => Self::EpochSeconds,
            "epoch_millis" => Self::EpochMillis,
            _ => Self::Pattern(text),
        }
    }
}
impl From<TimeFormat> for String {
    fn from(format: TimeFormat) -> Self {
        match format {
            TimeFormat::Iso => "iso".to_owned(),
            TimeFormat::EpochSeconds => "epoch_seconds".to_owned(),
            TimeFormat::EpochMillis => "epoch_millis".to_owned(),
            TimeFormat::Pattern(p) => p,
        }
    }
}

/// An instant as written: fixed by itself, or a wall-clock reading (seconds of the wall clock and milliseconds).
pub(super) enum Written {
    Utc(i64),
    Wall(i64, i64),
}

impl Written {
    /// Milliseconds since 1970 UTC, and what the clock showed.
    pub(super) fn resolve(&self, clock: &mut LocalClock) -> (Reading, i64) {
        match *self {
            Self::Utc(ms) => (Reading::Once(ms.div_euclid(1000)), ms.rem_euclid(1000)),
            Self::Wall(s, ms) => (clock.read(s), ms),
        }
    }
}

impl TimeFormat {
    /// Reads an instant.
    pub(super) fn read(&self, field: &str) -> Read<Written> {
        if field.is_empty() {
            return Err("row-value-missing");
        }
        match self {
            Self::EpochSeconds => text::epoch_ms(field).map(Written::Utc),
            Self::EpochMillis => {
                let ms = text::whole(field).map_err(|_| "row-time-invalid")?;
                text::instant(ms.div_euclid(1000)).map(|_| Written::Utc(ms))
            }
            Self::Iso => iso(field),
            Self::Pattern(p) if has_zone(p) => {
                let at = DateTime::parse_from_str(field, p).map_err(|_| "row-time-invalid")?;
                text::instant(at.timestamp()).map(|_| Written::Utc(at.timestamp_millis()))
            }
            Self::Pattern(p) => {
                let at = NaiveDateTime::parse_from_str(field, p).map_err(|_| "row-time-invalid")?.and_utc();
                let s = text::instant(at.timestamp())?;
                Ok(Written::Wall(s, i64::from(at.timestamp_subsec_millis())))
            }
        }
    }

    /// Whether the pattern can say a date and a time of day.
    fn is_usable(&self) -> bool {
        let Self::Pattern(pattern) = self else { return true };
        let items: Vec<Item<'_>> = StrftimeItems::new(pattern).collect();
        if items.iter().any(|i| matches!(i, Item::Error)) {
            return false;
        }
        // A pattern is usable when an instant written by it can be read again to the minute.
        let Some(probe) = NaiveDate::from_ymd_opt(2023, 11, 28).and_then(|d| d.and_hms_opt(17, 42, 0)) else {
            return false;
        };
        let written = probe.and_utc().format_with_items(items.iter()).to_string();
        if has_zone(pattern) {
            DateTime::parse_from_str(&written, pattern).is_ok_and(|t| t.naive_utc() == probe)
        } else {
            NaiveDateTime::parse_from_str(&written, pattern).is_ok_and(|t| t == probe)
        }
    }
}

fn has_zone(pattern: &str) -> bool {
    StrftimeItems::new(pattern).any(|i| {
        matches!(
            i,
            Item::Fixed(
                Fixed::TimezoneOffset
                    | Fixed::TimezoneOffsetColon
                    | Fixed::TimezoneOffsetZ
                    | Fixed::TimezoneOffsetColonZ
                    | Fixed::TimezoneOffsetDoubleColon
                    | Fixed::RFC3339
                    | Fixed::RFC2822
            )
        )
    })
}

/// `YYYY-MM-DD[T| ]HH:MM[:SS[.f]][Z|+HH[:]MM]`.
fn iso(field: &str) -> Read<Written> {
    let bad = "row-time-invalid";
    let (date, rest) = field.split_at_checked(10).ok_or(bad)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date.as_bytes() else { return Err(bad) };
    let number = |a: &u8, b: &u8| text::pair(*a, *b).ok_or(bad);
    let year = number(y1, y2)? * 100 + number(y3, y4)?;
    let (month, day) = (number(m1, m2)?, number(d1, d2)?);
    let date = i32::try_from(year).ok().zip(u32::try_from(month).ok()).zip(u32::try_from(day).ok());
    let date = date.and_then(|((y, m), d)| NaiveDate::from_ymd_opt(y, m, d)).ok_or(bad)?;

    let rest = rest.strip_prefix(['T', 't', ' ']).ok_or(bad)?;
    let (time, zone) = match rest.find(['Z', 'z', '+', '-']) {
        Some(i) => rest.split_at_checked(i).ok_or(bad)?,
        None => (rest, ""),
    };
    let (clock, fraction) = match time.split_once('.') {
        Some((c, f)) => (c, text::fraction_ms(f).map_err(|_| bad)?),
        None => (time, 0),
    };
    let (h, m, s) = match clock.trim_end().as_bytes() {
        [h1, h2, b':', m1, m2] => (number(h1, h2)?, number(m1, m2)?, 0),
        [h1, h2, b':', m1, m2, b':', s1, s2] => (number(h1, h2)?, number(m1, m2)?, number(s1, s2)?),
        _ => return Err(bad),
    };
    if h > 23 || m > 59 || s > 59 {
        return Err(bad);
    }
    let wall = crate::operations::local::days_of(date) * 86_400 + h * 3600 + m * 60 + s;
    let offset = match zone.as_bytes() {
        [] => return text::instant(wall).map(|s| Written::Wall(s, fraction)),
        [b'Z' | b'z'] => 0,
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => {
            let seconds = number(h1, h2)? * 3600 + number(m1, m2)? * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        [sign, h1, h2] => number(h1, h2)? * if *sign == b'-' { -3600 } else { 3600 },
        _ => return Err(bad),
    };
    text::instant(wall - offset).map(|s| Written::Utc(s * 1000 + fraction))
}

impl CsvMapping {
    /// Checks that the mapping can say what a contact needs, before any file is read.
    ///
    /// # Errors
    /// All of `mapping-delimiter`, `mapping-column-empty`, `mapping-time-pattern`, `mapping-outcome-empty`,
    /// `mapping-wait-missing`, `mapping-handle-missing`, `row-text-too-long` that apply.
    pub fn validate(&self) -> Result<()> {
        let mut refusals = Refusals::new();
        refusals.when(!matches!(self.delimiter, ',' | ';' | '\t' | '|'), || {
            Refusal::new(RefusalCode::Invalid, "mapping-delimiter").at("delimiter")
        });
        for (field, column) in self.columns() {
            refusals.when(column.trim().is_empty(), || {
                Refusal::new(RefusalCode::Required, "mapping-column-empty").at(field)
            });
        }
        if let QueueFrom::Fixed(code) = &self.queue {
            refusals.when(code.trim().is_empty(), || {
                Refusal::new(RefusalCode::Required, "mapping-column-empty").at("queue")
            });
            refusals.when(code.len() > text::MAX_CODE_BYTES, || {
                Refusal::new(RefusalCode::TooLarge, "row-text-too-long").at("queue").with("limit", text::MAX_CODE_BYTES)
            });
        }
        let times = [
            ("start", Some(&self.start)),
            ("queued", self.queued.as_ref()),
            ("answered", self.answered.as_ref()),
            ("ended", self.ended.as_ref()),
        ];
        for (field, time) in times {
            refusals.when(time.is_some_and(|t| !t.format.is_usable()), || {
                Refusal::new(RefusalCode::Invalid, "mapping-time-pattern").at(format!("{field}.format"))
            });
        }
        refusals.when(!self.outcome.values.values().any(|o| *o == Outcome::Answered), || {
            Refusal::new(RefusalCode::Required, "mapping-outcome-empty").at("outcome.values")
        });
        refusals.when(self.wait.is_none() && (self.answered.is_none() || self.ended.is_none()), || {
            Refusal::new(RefusalCode::Required, "mapping-wait-missing").at("wait")
        });
        refusals.when(self.handle.is_none() && self.talk.is_none() && self.ended.is_none(), || {
            Refusal::new(RefusalCode::Required, "mapping-handle-missing").at("handle")
        });
        refusals.finish()
    }

    /// Every column the mapping names, with the field that names it.
    pub(super) fn columns(&self) -> Vec<(&'static str, &str)> {
        let mut list = vec![("start", self.start.column.as_str()), ("outcome", self.outcome.column.as_str())];
        if let QueueFrom::Column(c) = &self.queue {
            list.push(("queue", c));
        }
        let times = [("queued", &self.queued), ("answered", &self.answered), ("ended", &self.ended)];
        list.extend(times.into_iter().filter_map(|(f, t)| Some((f, t.as_ref()?.column.as_str()))));
        let plain = [
            ("wait", &self.wait),
            ("handle", &self.handle),
            ("talk", &self.talk),
            ("hold", &self.hold),
            ("wrap", &self.wrap),
            ("agent", &self.agent),
            ("end_customer", &self.end_customer),
            ("external_id", &self.external_id),
            ("priority", &self.priority),
        ];
        list.extend(plain.into_iter().filter_map(|(f, c)| Some((f, c.as_deref()?))));
        list.extend(self.direction.as_ref().map(|d| ("direction", d.column.as_str())));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(format: &TimeFormat, text: &str) -> Result<(bool, i64), &'static str> {
        format.read(text).map(|w| match w {
            Written::Utc(ms) => (true, ms),
            Written::Wall(s, ms) => (false, s * 1000 + ms),
        })
    }

    #[test]
    fn iso_with_and_without_zone() {
        let f = TimeFormat::Iso;
        assert_eq!(ms(&f, "2024-02-03T08:15:30Z"), Ok((true, 1_706_948_130_000)));
        assert_eq!(ms(&f, "2024-02-03T16:15:30.25+08:00"), Ok((true, 1_706_948_130_250)));
        assert_eq!(ms(&f, "2024-02-03 04:15:30-0400"), Ok((true, 1_706_948_130_000)));
        assert_eq!(ms(&f, "2024-02-03 16:15:30 +08"), Ok((true, 1_706_948_130_000)));
        assert_eq!(ms(&f, "2024-02-03 08:15"), Ok((false, 1_706_948_100_000)));
        for bad in [
            "2024-02-30 08:15",
            "2024-02-03",
            "2024-02-03 24:00",
            "2024-02-03 8:15",
            "03/02/2024 08:15",
            "2024-02-03 08:15+8",
            "é024-02-03 08:15",
        ] {
            assert_eq!(ms(&f, bad), Err("row-time-invalid"), "{bad}");
        }
        assert_eq!(ms(&f, "1969-12-31T23:59:59Z"), Err("row-time-out-of-range"));
        assert_eq!(ms(&f, ""), Err("row-value-missing"));
    }

    #[test]
    fn patterns_must_say_a_whole_instant() {
        for good in [
            "%Y/%m/%d %H:%M:%S",
            "%d.%m.%Y %H:%M",
            "%m/%d/%Y %I:%M:%S %p",
            "%Y%m%d%H%M%S",
            "%d %b %Y %H:%M %z",
            "%y%m%d %H:%M",
        ] {
            assert!(TimeFormat::from(good.to_owned()).is_usable(), "{good}");
        }
        for bad in ["%Y-%m-%d", "%H:%M:%S", "%Q", "x", "", "%Y-%m %H:%M"] {
            assert!(!TimeFormat::from(bad.to_owned()).is_usable(), "{bad}");
        }
        let p = TimeFormat::Pattern("%d/%m/%Y %H:%M:%S".to_owned());
        assert_eq!(ms(&p, "03/02/2024 08:15:30"), Ok((false, 1_706_948_130_000)));
        let z = TimeFormat::Pattern("%d/%m/%Y %H:%M:%S %z".to_owned());
        assert_eq!(ms(&z, "03/02/2024 16:15:30 +0800"), Ok((true, 1_706_948_130_000)));
        assert_eq!(ms(&TimeFormat::EpochMillis, "1706948130250"), Ok((true, 1_706_948_130_250)));
        assert_eq!(ms(&TimeFormat::EpochMillis, "-5"), Err("row-time-invalid"));
    }
}
