//! Numbers, times and durations in the text of a field. No allocation; a failure is the id of the rule it broke.

use std::borrow::Cow;

use crate::operations::contact::RowIssue;

/// Longest wait or service a row may claim: 31 days. More is a broken field, and sums must not overflow.
pub(crate) const MAX_DURATION_S: u32 = 31 * 86_400;
/// Longest queue code and external id, in bytes.
pub(crate) const MAX_CODE_BYTES: usize = 128;
/// The instants a row may name: years 1970 to 2199, seconds since 1970 UTC.
const MAX_INSTANT_S: i64 = 7_258_118_400;

/// A value, or the rule it broke.
pub(crate) type Read<T> = Result<T, &'static str>;

/// The issue of a broken rule, with the limit where the rule has one.
pub(crate) fn broken(row: u64, field: impl Into<Cow<'static, str>>, rule: &'static str) -> RowIssue {
    let issue = RowIssue::new(row, field, rule);
    match rule {
        "row-duration-too-long" => issue.with("limit", i64::from(MAX_DURATION_S)),
        "row-text-too-long" => issue.with("limit", MAX_CODE_BYTES),
        _ => issue,
    }
}

/// A whole number without sign, at most 18 digits.
pub(crate) fn whole(text: &str) -> Read<i64> {
    if text.is_empty() {
        return Err("row-value-missing");
    }
    if text.len() > 18 {
        return Err("row-number-invalid");
    }
    let mut n = 0_i64;
    for b in text.bytes() {
        match b {
            b'0'..=b'9' => n = n * 10 + i64::from(b - b'0'),
            _ => return Err("row-number-invalid"),
        }
    }
    Ok(n)
}

/// A whole number that may carry a minus.
pub(crate) fn signed(text: &str) -> Read<i64> {
    match text.strip_prefix('-') {
        Some(rest) => whole(rest).map(|n| -n),
        None => whole(text),
    }
}

/// Whole seconds of a duration.
pub(crate) fn seconds(text: &str) -> Read<u32> {
    let n = signed(text)?;
    duration(n)
}

/// A duration in range.
pub(crate) fn duration(seconds: i64) -> Read<u32> {
    match u32::try_from(seconds) {
        Ok(s) if s <= MAX_DURATION_S => Ok(s),
        Err(_) if seconds < 0 => Err("row-duration-negative"),
        _ => Err("row-duration-too-long"),
    }
}

/// A duration as exports write it (`75`, `75.4`, `1:15`, `0:01:15`), in milliseconds.
pub(crate) fn duration_ms(text: &str) -> Read<i64> {
    let (whole_part, millis) = match text.split_once('.') {
        Some((w, fraction)) => (w, fraction_ms(fraction)?),
        None => (text, 0),
    };
    if whole_part.starts_with('-') {
        return Err("row-duration-negative");
    }
    let mut total = 0_i64;
    for (place, part) in whole_part.split(':').enumerate() {
        let n = whole(part)?;
        if place > 2 || (place > 0 && (part.len() != 2 || n > 59)) {
            return Err("row-number-invalid");
        }
        total = total * 60 + n.min(i64::from(MAX_DURATION_S) + 1);
    }
    duration(total)?;
    Ok(total * 1000 + millis)
}

/// The digits after a decimal point as milliseconds; what is finer is cut off.
pub(crate) fn fraction_ms(digits: &str) -> Read<i64> {
    let mut ms = 0;
    let mut weight = 100;
    if digits.is_empty() || digits.len() > 9 {
        return Err("row-number-invalid");
    }
    for b in digits.bytes() {
        match b {
            b'0'..=b'9' => ms += i64::from(b - b'0') * weight,
            _ => return Err("row-number-invalid"),
        }
        weight /= 10;
    }
    Ok(ms)
}

/// Milliseconds to whole seconds, upwards.
pub(crate) const fn up(ms: i64) -> i64 {
    (ms + 999).div_euclid(1000)
}

/// Milliseconds to the nearest whole second, halves up.
pub(crate) const fn nearest(ms: i64) -> i64 {
    (ms + 500).div_euclid(1000)
}

/// `H:MM:SS` or `HH:MM:SS` as seconds since midnight.
pub(crate) fn time_of_day(text: &str) -> Read<i64> {
    let (h, m1, m2, s1, s2) = match text.as_bytes() {
        [h, b':', m1, m2, b':', s1, s2] => (digit(*h), m1, m2, s1, s2),
        [h1, h2, b':', m1, m2, b':', s1, s2] => (pair(*h1, *h2), m1, m2, s1, s2),
        [] => return Err("row-value-missing"),
        _ => return Err("row-time-invalid"),
    };
    match (h, pair(*m1, *m2), pair(*s1, *s2)) {
        (Some(h @ 0..=23), Some(m @ 0..=59), Some(s @ 0..=59)) => Ok(h * 3600 + m * 60 + s),
        _ => Err("row-time-invalid"),
    }
}

fn digit(b: u8) -> Option<i64> {
    b.is_ascii_digit().then(|| i64::from(b - b'0'))
}

/// Two digits.
pub(crate) fn pair(tens: u8, ones: u8) -> Option<i64> {
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// A code: not empty, not long.
pub(crate) fn code(text: &str) -> Read<&str> {
    match text.len() {
        0 => Err("row-value-missing"),
        1..=MAX_CODE_BYTES => Ok(text),
        _ => Err("row-text-too-long"),
    }
}

/// An instant in range (seconds since 1970 UTC).
pub(crate) fn instant(seconds: i64) -> Read<i64> {
    if (0..MAX_INSTANT_S).contains(&seconds) { Ok(seconds) } else { Err("row-time-out-of-range") }
}

/// Unix seconds, with a fraction if any, as milliseconds.
pub(crate) fn epoch_ms(text: &str) -> Read<i64> {
    let (s, ms) = match text.split_once('.') {
        Some((s, fraction)) => (whole(s), fraction_ms(fraction)),
        None => (whole(text), Ok(0)),
    };
    let not_a_time = |rule| if rule == "row-value-missing" { rule } else { "row-time-invalid" };
    Ok(instant(s.map_err(not_a_time)?)? * 1000 + ms.map_err(not_a_time)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_strict() {
        assert_eq!(time_of_day("0:00:31"), Ok(31));
        assert_eq!(time_of_day("23:59:59"), Ok(86_399));
        for bad in ["24:00:00", "1:60:00", "1:00:60", "1:0:00", "100:00:00", "1:00", "a:00:00", "1.00.00", " 1:00:00"] {
            assert_eq!(time_of_day(bad), Err("row-time-invalid"), "{bad}");
        }
        assert_eq!(time_of_day(""), Err("row-value-missing"));
    }

    #[test]
    fn durations_in_the_forms_of_exports() {
        assert_eq!(duration_ms("75"), Ok(75_000));
        assert_eq!(duration_ms("75.4"), Ok(75_400));
        assert_eq!(duration_ms("1:15"), Ok(75_000));
        assert_eq!(duration_ms("01:01:15.25"), Ok(3_675_250));
        assert_eq!(duration_ms("90:00"), Ok(5_400_000));
        assert_eq!(duration_ms("-1"), Err("row-duration-negative"));
        assert_eq!(duration_ms("99999999"), Err("row-duration-too-long"));
        assert_eq!(duration_ms("999999999999999999:00:00"), Err("row-duration-too-long"));
        for bad in ["1:5", "1:75", "0:0:0:1", "x", "1.", "1.x", ":30"] {
            assert!(duration_ms(bad).is_err(), "{bad}");
        }
        assert_eq!(seconds("-3"), Err("row-duration-negative"));
        assert_eq!(up(20_001), 21);
        assert_eq!(nearest(20_499), 20);
    }

    #[test]
    fn instants_have_a_range() {
        assert_eq!(epoch_ms("1266833911"), Ok(1_266_833_911_000));
        assert_eq!(epoch_ms("1266833911.123456"), Ok(1_266_833_911_123));
        assert_eq!(epoch_ms("99999999999"), Err("row-time-out-of-range"));
        assert_eq!(epoch_ms("x"), Err("row-time-invalid"));
    }
}
