//! Cells that every import reads alike.

use chrono::NaiveDate;

/// A civil date: `2026-11-21`, `2026/11/21`, `2026.11.21`, `20261121`, `2026年11月21日`, or a timestamp of midnight
/// as spreadsheets write it. `None` for anything else.
pub fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let text = ["T00:00:00", " 00:00:00", " 0:00:00", " 0:00", " 00:00"]
        .iter()
        .find_map(|midnight| text.strip_suffix(midnight))
        .unwrap_or(text);
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    }
    let chinese = text.contains('年').then(|| text.replace(['年', '月'], "-").replace('日', ""));
    let text = chinese.as_deref().unwrap_or(text);
    let mut parts = text.split(['-', '/', '.']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        let plain = digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse::<u32>().ok()).flatten()
    };
    if parts.next().is_some() {
        return None;
    }
    let year = i32::try_from(number(year, 4..=4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(month, 1..=2)?, number(day, 1..=2)?)
}

/// A whole number, with thousands marked by commas or not. `None` for anything else.
pub fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut groups = digits.split(',');
    let first = groups.next()?;
    let grouped = digits.contains(',');
    if first.is_empty() || (grouped && first.len() > 3) || groups.any(|g| g.len() != 3) {
        return None;
    }
    if !digits.bytes().all(|b| b.is_ascii_digit() || b == b',') {
        return None;
    }
    text.replace([',', '+'], "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_the_ways_of_spreadsheets() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 9);
        for text in ["2026-03-09", "2026/3/9", "2026.3.09", "20260309", "2026年3月9日", " 2026-03-09 00:00:00 "] {
            assert_eq!(date(text), day, "{text}");
        }
        for text in
            ["", "2026-02-29", "09/03/2026", "26-3-9", "2026-3", "2026-3-9-1", "2026-03-09 08:00", "+2026-3-9", "45000"]
        {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn whole_numbers() {
        let good = [("0", 0), ("-12", -12), ("+7", 7), ("12,345", 12_345), ("1,234,567", 1_234_567), ("12345", 12_345)];
        for (text, value) in good {
            assert_eq!(whole(text), Some(value), "{text}");
        }
        for text in ["", "-", "1.0", "1e3", "1,23", "1234,567", ",123", "12a", "--1", "9223372036854775808"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
