//! Numbers, money, dates and times as each language writes them.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::exec::Lang;
use crate::wire::{Money, Month, Ratio};
use crate::words::Words;

/// Puts thousands separators into a decimal number written in ASCII (`-1234.5` becomes `-1,234.5`).
pub fn group(plain: &str) -> String {
    let (sign, rest) = plain.strip_prefix('-').map_or(("", plain), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month_name(month0: u32) -> &'static str {
    usize::try_from(month0).ok().and_then(|m| MONTHS.get(m)).copied().unwrap_or_default()
}

/// What a number shows when there is none.
pub const NONE: &str = "–";

/// A value to be formatted, however many references deep a template holds it.
pub trait Shown<T> {
    /// The value itself.
    fn shown(&self) -> &T;
}
macro_rules! shown {
    ($($t:ty),+) => { $(
        impl Shown<$t> for $t {
            fn shown(&self) -> &$t {
                self
            }
        }
        impl<U: Shown<$t>> Shown<$t> for &U {
            fn shown(&self) -> &$t {
                (**self).shown()
            }
        }
    )+ };
}
shown!(i64, f64, Money, Ratio, NaiveDate, Month, DateTime<Utc>);

impl Words {
    /// A whole number with separators.
    pub fn n(&self, value: impl Shown<i64>) -> String {
        group(&value.shown().to_string())
    }

    /// A number with so many decimals.
    pub fn decimal(&self, value: impl Shown<f64>, places: usize) -> String {
        group(&format!("{:.places$}", value.shown()))
    }

    /// The symbol of a currency as CLDR writes it in this language; the code for any that is not listed.
    pub fn currency(&self, code: &str) -> String {
        match (self.lang, code) {
            (Lang::Zh, "CNY") => "¥".into(),
            (Lang::En, "CNY") => "CN¥".into(),
            (Lang::Zh, "USD") => "US$".into(),
            (Lang::En, "USD") => "$".into(),
            (_, "EUR") => "€".into(),
            (_, "GBP") => "£".into(),
            (_, other) => format!("{other}\u{a0}"),
        }
    }

    /// An amount with its currency, every cent shown.
    pub fn money(&self, money: impl Shown<Money>) -> String {
        let Money { amount, currency } = money.shown();
        let symbol = self.currency(currency);
        match amount.strip_prefix('-') {
            Some(positive) => format!("-{symbol}{}", group(positive)),
            None => format!("{symbol}{}", group(amount)),
        }
    }

    /// Amounts of several currencies, one beside the other.
    pub fn monies(&self, all: impl AsRef<[Money]>) -> String {
        all.as_ref().iter().map(|money| self.money(money)).collect::<Vec<_>>().join(" + ")
    }

    /// An amount, or a dash.
    pub fn money_or(&self, money: &Option<Money>) -> String {
        money.as_ref().map_or_else(|| NONE.into(), |m| self.money(m))
    }

    /// A share in percent with one decimal; a dash when the denominator is 0.
    pub fn percent(&self, share: impl Shown<Ratio>) -> String {
        share.shown().value.map_or_else(|| NONE.into(), |v| format!("{:.1}%", v * 100.0))
    }

    /// `part` of `whole` in percent with one decimal; a dash when `whole` is 0.
    pub fn share(&self, part: impl Shown<i64>, whole: impl Shown<i64>) -> String {
        percent_of(*part.shown(), *whole.shown()).map_or_else(|| NONE.into(), |v| format!("{v:.1}%"))
    }

    /// A civil date.
    pub fn date(&self, date: impl Shown<NaiveDate>) -> String {
        let date = date.shown();
        match self.lang {
            Lang::Zh => date.format("%Y-%m-%d").to_string(),
            Lang::En => format!("{} {} {}", date.day(), month_name(date.month0()), date.year()),
        }
    }

    /// A civil date, or "open" when there is no end.
    pub fn date_or_open(&self, date: &Option<NaiveDate>) -> String {
        date.map_or_else(|| self.s("open-ended").to_string(), |d| self.date(d))
    }

    /// A month.
    pub fn month(&self, month: impl Shown<Month>) -> String {
        let first = month.shown().first();
        match self.lang {
            Lang::Zh => format!("{}年{}月", first.year(), first.month()),
            Lang::En => format!("{} {}", month_name(first.month0()), first.year()),
        }
    }

    /// The month that a day lies in.
    pub fn month_of(&self, day: impl Shown<NaiveDate>) -> String {
        self.month(Month::of(*day.shown()))
    }

    /// A month on an axis: its name, with the year in January.
    pub fn month_short(&self, month: impl Shown<Month>) -> String {
        let first = month.shown().first();
        match (self.lang, first.month()) {
            (Lang::Zh, 1) => format!("{}年1月", first.year() % 100),
            (Lang::Zh, m) => format!("{m}月"),
            (Lang::En, 1) => format!("Jan {}", first.year() % 100),
            (Lang::En, _) => month_name(first.month0()).to_owned(),
        }
    }

    /// A day on an axis.
    pub fn day_short(&self, day: impl Shown<NaiveDate>) -> String {
        let day = day.shown();
        match self.lang {
            Lang::Zh => format!("{}-{}", day.month(), day.day()),
            Lang::En => format!("{} {}", day.day(), month_name(day.month0())),
        }
    }

    /// Day and time of day on an axis, on the clock of a zone.
    pub fn day_clock(&self, at: impl Shown<DateTime<Utc>>, zone: &str) -> String {
        let local = at.shown().with_timezone(&zone.parse::<Tz>().unwrap_or(Tz::UTC));
        format!("{} {}", self.day_short(local.date_naive()), local.format("%H:%M"))
    }

    /// The day of the week, short.
    pub fn weekday(&self, day: impl Shown<NaiveDate>) -> &'static str {
        let index = day.shown().weekday().num_days_from_monday();
        let names = match self.lang {
            Lang::Zh => ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
            Lang::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        };
        usize::try_from(index).ok().and_then(|i| names.get(i)).copied().unwrap_or_default()
    }

    /// An instant on the clock of a zone (an unknown zone reads as UTC).
    pub fn moment(&self, at: impl Shown<DateTime<Utc>>, zone: &str) -> String {
        let local = at.shown().with_timezone(&zone.parse::<Tz>().unwrap_or(Tz::UTC));
        format!("{} {}", self.date(local.date_naive()), local.format("%H:%M"))
    }

    /// The time of day of an instant on the clock of a zone.
    pub fn clock(&self, at: impl Shown<DateTime<Utc>>, zone: &str) -> String {
        at.shown().with_timezone(&zone.parse::<Tz>().unwrap_or(Tz::UTC)).format("%H:%M").to_string()
    }

    /// Minutes after midnight as a time of day, `24:00` at the end of the day.
    pub fn minutes(&self, minutes: impl Shown<i64>) -> String {
        let minutes = minutes.shown();
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// The end of a window of the day in minutes after the midnight that begins it; beyond the next one it says so.
    pub fn until(&self, minutes: impl Shown<i64>) -> String {
        let minutes = *minutes.shown();
        if minutes > 1440 {
            self.s("shift-next-day").arg("time", self.minutes(minutes - 1440)).into()
        } else {
            self.minutes(minutes)
        }
    }

    /// Seconds as `m:ss`, or `h:mm:ss` from an hour on.
    pub fn seconds(&self, seconds: impl Shown<f64>) -> String {
        let whole = seconds.shown().round();
        let (h, m, s) = ((whole / 3600.0).floor(), (whole % 3600.0 / 60.0).floor(), whole % 60.0);
        if h > 0.0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
    }

    /// A size in bytes with a binary unit; unreadable text stays as it is.
    pub fn bytes(&self, text: &str) -> String {
        let Ok(bytes) = text.parse::<u64>() else { return text.to_owned() };
        let mut scaled = to_f64(bytes);
        let mut unit = "B";
        for next in ["KiB", "MiB", "GiB"] {
            if scaled < 1024.0 {
                break;
            }
            scaled /= 1024.0;
            unit = next;
        }
        let mut out = String::new();
        let _ = if unit == "B" { write!(out, "{bytes} B") } else { write!(out, "{scaled:.1} {unit}") };
        out
    }
}

/// `part` of `whole` in percent; `None` when `whole` is 0.
pub fn percent_of(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| signed(part) / signed(whole) * 100.0)
}

/// An integer as a float for display and drawing; beyond 2^53 it is not exact.
pub fn signed(value: i64) -> f64 {
    let size = to_f64(value.unsigned_abs());
    if value < 0 { -size } else { size }
}

fn to_f64(value: u64) -> f64 {
    let high = u32::try_from(value >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZH: Words = Words::new(Lang::Zh);
    const EN: Words = Words::new(Lang::En);

    #[test]
    fn numbers_are_grouped() {
        for (plain, grouped) in
            [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.80", "-1,234,567.80"), ("100000", "100,000")]
        {
            assert_eq!(group(plain), grouped);
        }
        assert_eq!(ZH.bytes("1536"), "1.5 KiB");
        assert_eq!(ZH.bytes("12"), "12 B");
        assert_eq!(ZH.seconds(125.4), "2:05");
        assert_eq!(ZH.seconds(3725.0), "1:02:05");
        assert_eq!(ZH.minutes(1440), "24:00");
    }

    #[test]
    fn money_dates_and_shares_follow_the_language() {
        let rent = Money { amount: "-1386420.50".into(), currency: "CNY".into() };
        assert_eq!(ZH.money(&rent), "-¥1,386,420.50");
        assert_eq!(EN.money(&rent), "-CN¥1,386,420.50");
        let day = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day");
        assert_eq!((ZH.date(day), EN.date(day)), ("2026-01-05".into(), "5 Jan 2026".into()));
        let month: Month = "2026-01".parse().expect("a month");
        assert_eq!((ZH.month(month), EN.month(month)), ("2026年1月".into(), "Jan 2026".into()));
        assert_eq!((ZH.month_short(month), EN.month_short(month)), ("26年1月".into(), "Jan 26".into()));
        assert_eq!(ZH.share(1, 3), "33.3%");
        assert_eq!(ZH.share(1, 0), "–");
        let noon: DateTime<Utc> = "2026-11-21T16:30:00Z".parse().expect("an instant");
        assert_eq!(ZH.moment(noon, "Asia/Shanghai"), "2026-11-22 00:30");
        assert_eq!(EN.clock(noon, "Asia/Shanghai"), "00:30");
    }
}
