//! Cases of published billing systems and their manuals, by the ids of the case collection.

use voxpark_domain::money::round_half_away;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
fn period(from: &str, to: &str) -> Period {
    Period { from: day(from), to: Some(day(to)) }
}
fn share(count: DayCount, part: (&str, &str), whole: (&str, &str)) -> DayShare {
    day_share(count, period(part.0, part.1), period(whole.0, whole.1)).expect("closed")
}
fn actual(minor: i64, part: (&str, &str), whole: (&str, &str)) -> i64 {
    share(DayCount::Actual, part, whole).of_amount(minor).expect("in range")
}

#[test]
fn b1_actual_days_over_the_whole_period() {
    for (id, part, whole, expected) in [
        ("B1.1", ("2023-05-23", "2023-06-15"), ("2023-05-23", "2023-06-23"), 741_935_484),
        ("B1.3", ("2023-02-23", "2023-03-15"), ("2023-02-23", "2023-03-23"), 714_285_714),
        ("B1.4", ("2024-02-23", "2024-03-15"), ("2024-02-23", "2024-03-23"), 724_137_931),
    ] {
        let share = share(DayCount::Actual, part, whole);
        let nine_digits = round_half_away(i128::from(share.days) * 1_000_000_000, i128::from(share.of));
        assert_eq!(nine_digits, Some(expected), "{id}");
    }
}

#[test]
fn b2_fixed_month_days() {
    for (id, from, to, month_days, expected) in [
        ("B2.2", "2023-06-23", "2023-07-15", 30, 22),
        ("B2.3", "2023-02-23", "2023-03-15", 30, 22),
        ("B2.5", "2023-05-15", "2023-05-23", 30, 8),
        ("B2.6", "2024-02-23", "2024-03-15", 28, 20),
    ] {
        let days = fixed_position(day(to), month_days) - fixed_position(day(from), month_days);
        assert_eq!(days, expected, "{id}");
    }
}

#[test]
fn b3_fixed_thirty_amounts() {
    let whole = ("2023-05-23", "2023-06-23");
    let days = share(DayCount::FixedMonth(30), ("2023-05-23", "2023-06-15"), whole);
    assert_eq!(days, DayShare { days: 22, of: 30 });
    assert_eq!(days.of_amount(1995), Ok(1463), "B3.2");
    let unused = share(DayCount::FixedMonth(30), ("2023-05-15", "2023-05-23"), ("2023-04-23", "2023-05-23"));
    assert_eq!(unused.of_amount(-1995), Ok(-532), "B3.3: the credit");
}

#[test]
fn fixed_thirty_months_are_all_thirty_days() {
    for month in ["2023-01", "2023-02", "2024-02", "2023-04"] {
        let month = Month::parse(month).expect("month");
        assert_eq!(DayCount::FixedMonth(30).days(month.first_day(), month.end()), 30, "{month}");
    }
    assert_eq!(DayCount::FixedMonth(30).days(day("2023-01-31"), day("2023-02-01")), 0);
    assert_eq!(DayCount::FixedMonth(30).days(day("2023-02-28"), day("2023-03-01")), 3);
}

#[test]
fn b4_to_b13_amounts_by_day() {
    for (id, minor, part, whole, expected) in [
        ("B4.2", 90_000, ("2023-08-11", "2023-08-15"), ("2023-08-11", "2023-09-11"), 11_613),
        ("B4.3", 30_000, ("2025-05-30", "2025-05-31"), ("2025-04-30", "2025-05-31"), 968),
        ("B6", 2_500, ("2012-04-28", "2012-05-25"), ("2012-04-25", "2012-05-25"), 2_250),
        ("B7.1", 10_000, ("2026-01-01", "2026-01-16"), ("2026-01-01", "2026-02-01"), 4_839),
        // In whole yen.
        ("B7.3", 1_000, ("2026-01-01", "2026-01-11"), ("2026-01-01", "2026-02-01"), 323),
        ("B7.4 longer than the period", 10_000, ("2025-12-01", "2026-03-01"), ("2026-01-01", "2026-02-01"), 10_000),
        ("B8.2", 1_000, ("2022-12-15", "2022-12-21"), ("2022-12-01", "2023-01-01"), 194),
        ("B8.3", 3_500, ("2024-03-11", "2024-04-01"), ("2024-03-01", "2024-04-01"), 2_371),
        ("B9.1", 91_000, ("2024-05-20", "2024-06-21"), ("2024-04-01", "2024-07-01"), 32_000),
        ("B9.4", 1_000, ("2023-01-31", "2023-02-01"), ("2023-01-01", "2023-02-01"), 32),
        ("B10.1", 10_000, ("2023-01-01", "2023-01-15"), ("2023-01-01", "2023-02-01"), 4_516),
        // Until the 20th inclusive is stored as the 21st.
        ("B15.1", 3_000, ("2023-06-01", "2023-06-21"), ("2023-06-01", "2023-07-01"), 2_000),
        ("B15.2", 3_000, ("2023-06-10", "2023-07-01"), ("2023-06-01", "2023-07-01"), 2_100),
        ("B16.1", 1_000, ("2023-06-10", "2023-07-01"), ("2023-06-01", "2023-07-01"), 700),
        ("B16.2", 1_000, ("2023-07-10", "2023-08-01"), ("2023-07-01", "2023-08-01"), 710),
        ("C8.1", 5_000, ("2024-01-15", "2024-02-01"), ("2024-01-01", "2024-02-01"), 2_742),
    ] {
        assert_eq!(actual(minor, part, whole), expected, "{id}");
    }
}

#[test]
fn b7_4_a_period_without_a_day_counts_in_full() {
    let never = Period { from: day("2026-01-01"), to: Some(day("2026-01-01")) };
    assert_eq!(day_share(DayCount::Actual, never, never).and_then(|s| s.of_amount(10_000)), Ok(10_000));
    let open = Period { from: day("2026-01-01"), to: None };
    assert_eq!(day_share(DayCount::Actual, never, open).map_err(|r| r.rule), Err("period-open"));
    let elsewhere = share(DayCount::Actual, ("2025-01-01", "2025-02-01"), ("2026-01-01", "2026-02-01"));
    assert_eq!(elsewhere.of_amount(10_000), Ok(0));
    // An open part counts to the end of the period.
    let whole = period("2026-01-01", "2026-02-01");
    let rest = day_share(DayCount::Actual, Period { from: day("2026-01-15"), to: None }, whole);
    assert_eq!(rest, Ok(DayShare { days: 17, of: 31 }));
}

#[test]
fn b9_2_the_denominator_is_never_counted_from_the_start_of_the_contract() {
    let part = ("2024-05-20", "2024-06-21");
    assert_ne!(actual(91_000, part, ("2024-04-01", "2024-07-01")), 69_333);
}

#[test]
fn b11_days_are_those_of_the_place() {
    // 7.00 a week, Monday to Sunday, from an instant of Friday 16 June 2023.
    for (id, instant, zone, expected) in [
        ("B11.1", "2023-06-16T05:00:00Z", chrono_tz::America::Denver, 400),
        ("B11.2", "2023-06-16T05:00:00Z", chrono_tz::America::Halifax, 300),
        ("B11.4", "2023-06-16T20:00:00Z", chrono_tz::Asia::Karachi, 200),
    ] {
        let start = instant.parse::<DateTime<Utc>>().expect("instant").with_timezone(&zone).date_naive();
        let week = period("2023-06-12", "2023-06-19");
        let share = day_share(DayCount::Actual, Period { from: start, to: None }, week).expect("closed");
        assert_eq!(share.of_amount(700), Ok(expected), "{id}");
    }
}

#[test]
fn b12_b13_a_change_is_a_credit_and_a_charge_of_the_same_days() {
    let rest = share(DayCount::Actual, ("2025-01-16", "2025-01-31"), ("2025-01-01", "2025-01-31"));
    let of = |minor: i64| rest.of_amount(minor).expect("in range");
    assert_eq!((of(-5_000), of(10_000), of(-5_000) + of(10_000)), (-2_500, 5_000, 2_500), "B12.1");
    assert_eq!(of(-10_000) + of(20_000) + of(-3_000) + of(5_000), 6_000, "B12.3");
    assert_eq!((of(-1_000), of(2_000)), (-500, 1_000), "B13");
}

#[test]
fn d1_and_d6_round_half_away_from_zero() {
    assert_eq!(round_half_away(123_456_789, 1_000_000), Some(123), "D1.1");
    assert_eq!(round_half_away(123_556_789, 1_000_000), Some(124), "D1.2");
    assert_eq!(round_half_away(19_556_789, 10_000_000), Some(2), "D1.4");
    assert_eq!(round_half_away(123_456_789, 10_000), Some(12_346), "D1.5");
    assert_eq!((round_half_away(2_345, 10), round_half_away(2_335, 10)), (Some(235), Some(234)), "D6.1");
}

#[test]
fn rules_have_one_text_each() {
    for (rule, text) in [
        (Proration::ByDay, "by_day"),
        (Proration::FixedThirty, "fixed_thirty"),
        (Proration::FullMonthBefore(16), "full_month_before_16"),
        (Proration::None, "none"),
    ] {
        assert_eq!(rule.to_string(), text);
        assert_eq!(text.parse(), Ok(rule));
        let json = serde_json::to_string(&rule).expect("json");
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Proration>(&json).expect("json"), rule);
    }
    for bad in
        ["", "byDay", "full_month_before_", "full_month_before_1", "full_month_before_32", "full_month_before_07"]
    {
        assert_eq!(Proration::parse(bad).map_err(|r| r.rule), Err("proration-invalid"), "{bad}");
    }
}
