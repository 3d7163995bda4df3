//! Charts draw what they are given, escape it, and say when there is nothing.

use super::*;
use crate::exec::Lang;

const W: Words = Words::new(Lang::En);

fn series(values: &[Option<f64>]) -> Series {
    Series { name: "a<b".into(), values: values.to_vec(), ..Series::default() }
}

#[test]
fn scales_are_round_and_hold_every_value() {
    for (values, zero, low, high, step) in [
        (vec![0.0, 1004.0], true, 0.0, 1200.0, 500.0),
        (vec![610.0, 1004.0], false, 600.0, 1100.0, 100.0),
        (vec![5.0, 5.0], false, 5.0, 5.6, 0.2),
        (vec![-3.0, 8.0], true, -5.0, 10.0, 5.0),
        (vec![], true, 0.0, 1.0, 0.5),
    ] {
        let scale = Scale::over(values.iter().copied(), zero);
        assert!(values.iter().all(|v| *v >= scale.low && *v <= scale.high), "{values:?}");
        assert!(scale.low <= low && scale.high >= high - step, "{values:?}: {} to {}", scale.low, scale.high);
        let ticks: Vec<f64> = scale.ticks().collect();
        assert!((2..=9).contains(&ticks.len()), "{values:?}: {ticks:?}");
        assert!(scale.step <= step + 1e-9, "{values:?}: {}", scale.step);
    }
}

#[test]
fn lines_break_where_a_value_is_missing_and_carry_their_values() {
    let lines = Lines {
        title: "Who & what?".into(),
        labels: ["Oct", "Nov", "Dec"].map(String::from).to_vec(),
        series: vec![series(&[Some(1.0), None, Some(3.0)])],
        ..Lines::default()
    };
    let html = lines.draw(W).0;
    assert!(html.contains("Who &amp; what?") && html.contains("a&lt;b"));
    assert_eq!(html.matches("<path class=\"ln k0\"").count(), 2, "one a width");
    let path = html.split("d=\"").nth(1).expect("a path");
    assert_eq!(path.split('"').next().expect("an end").matches('M').count(), 2);
    assert!(html.contains("<td class=\"n\">–</td>"));
}

#[test]
fn stacked_bars_stand_on_each_other_and_empty_charts_say_so() {
    let bars = Bars {
        labels: vec!["x".into()],
        series: vec![series(&[Some(10.0)]), series(&[Some(30.0)])],
        stacked: true,
        ..Bars::default()
    };
    assert_eq!(bars.draw(W).0.matches("<rect class=\"f0\" x=").count(), 4, "two bars a width");
    assert!(Bars::default().draw(W).0.contains("No data yet."));
    assert!(Lines::default().draw(W).0.contains("No data yet."));
    assert!(Radar::default().draw(W).0.contains("No data yet."));
}

#[test]
fn a_radar_and_a_strip_show_every_axis_and_cell() {
    let radar = Radar {
        axes: ["1", "2", "3", "4", "5"].map(String::from).to_vec(),
        series: vec![series(&[Some(10.0), Some(5.0), None, Some(12.0), Some(0.0)])],
        max: 10.0,
        ..Radar::default()
    };
    assert_eq!(radar.draw(W).0.matches("<polygon class=\"axis\"").count(), 4);
    let cell = Cell { upper: "ok", lower: "bad", title: "54 <x>".into(), href: "/a?b=1&c=2".into() };
    let strip = Strip { rows: vec![StripRow { label: "1.0".into(), cells: vec![cell; 30] }], ..Strip::default() };
    let html = strip.draw(W).0;
    assert_eq!(html.matches("href=\"/a?b=1&amp;c=2\"").count(), 60, "30 a width");
    assert!(html.contains("54 &lt;x&gt;"));
}

#[test]
fn a_map_draws_every_seat_as_a_link_that_is_as_large_as_its_place() {
    let spot = |x: i64, y: i64, shape| Spot {
        x_mm: x,
        y_mm: y,
        shape,
        dim: false,
        chosen: x == 0,
        title: "A-1".into(),
        href: "?seat=s".into(),
        zone: "A".into(),
    };
    let map = SeatMap {
        title: "Floor 3".into(),
        width_mm: 40_000,
        height_mm: 20_000,
        spots: vec![
            spot(0, 0, SeatShape::Held(1)),
            spot(1500, 0, SeatShape::Unsat(2)),
            spot(0, 1200, SeatShape::Free),
            spot(1500, 1200, SeatShape::Planned),
        ],
        zones: vec![("A".into(), "Zone A".into())],
        legend: vec![SeatKey { shape: SeatShape::Free, label: "free".into(), count: 1, href: "?".into(), on: true }],
        under: None,
    };
    let html = map.draw(W).0;
    assert!(!html.contains("<image"));
    let under = Under { href: "/pictures/a\"b".into(), x_mm: -2_000, y_mm: 500, width_mm: 60_000, height_mm: 30_000 };
    let pictured = SeatMap { under: Some(under), ..map.clone() }.draw(W).0;
    // The frame holds the picture, which comes before the seats and stands on white.
    assert!(pictured.contains(r#"viewBox="-200 "#), "{pictured}");
    assert!(
        pictured.contains(r#"<image href="/pictures/a&quot;b" x="-200" y="50" width="6000" height="3000""#),
        "{pictured}"
    );
    assert!(pictured.find("<image") < pictured.find("<a class=\"seat"));
    let html = map.draw(W).0;
    assert_eq!(html.matches("<a class=\"seat").count(), 4);
    assert_eq!(html.matches("aria-current").count(), 3);
    assert!(html.contains("width=\"126\" height=\"96\"") && html.contains("Zone A"));
}
