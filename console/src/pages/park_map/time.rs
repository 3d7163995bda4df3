//! The time of a map: the months that can be chosen, the days on which the floor changes, the way to the next of them.

use std::fmt::Write as _;

use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;

use crate::html::{Esc, Html};
use crate::visit::Visit;
use crate::wire::Month;

/// How far the slider reaches at most, in months before and after today.
const REACH: u32 = 60;

/// A day on which something begins or ends on the floor.
#[derive(Clone, Deserialize)]
pub(super) struct Change {
    pub(super) on: NaiveDate,
    pub(super) begin: i64,
    pub(super) end: i64,
    pub(super) built: i64,
    pub(super) removed: i64,
}

impl Change {
    fn words(&self, visit: &Visit) -> String {
        let w = visit.w;
        let parts = [
            (self.begin, w.s("map-change-begin")),
            (self.end, w.s("map-change-end")),
            (self.built, w.s("map-change-built")),
            (self.removed, w.s("map-change-removed")),
        ];
        let said = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, say)| say.arg("n", n).to_string());
        said.collect::<Vec<_>>().join(&w.s("list-comma").to_string())
    }
}

/// A step in time.
pub(super) struct Step {
    pub(super) label: String,
    pub(super) href: String,
}

/// What can be chosen of time.
pub(super) struct Timeline {
    /// The month before and after.
    pub(super) earlier: String,
    pub(super) later: String,
    /// The nearest days before and after on which the floor changes.
    pub(super) before: Option<Step>,
    pub(super) after: Option<Step>,
    /// A day a month for the slider: its first, and today of this month; written with spaces between.
    pub(super) days: String,
    /// The place of the month that is shown, and of the last.
    pub(super) place: usize,
    pub(super) last: usize,
    /// Where on the slider the floor changes.
    pub(super) marks: Html,
}

impl Timeline {
    pub(super) fn new(visit: &Visit, on: NaiveDate, today: NaiveDate, changes: &[Change]) -> Self {
        let to = |day: NaiveDate| visit.with(&[("on", &day.to_string())]);
        let step = |change: &Change| Step {
            label: format!("{} · {}", visit.w.date(change.on), change.words(visit)),
            href: to(change.on),
        };
        let months = months(on, today, changes);
        let days: Vec<String> = months
            .iter()
            .map(|month| if Month::of(today) == *month { today } else { month.first_day() }.to_string())
            .collect();
        Self {
            earlier: to(on.checked_sub_months(Months::new(1)).unwrap_or(on)),
            later: to(on.checked_add_months(Months::new(1)).unwrap_or(on)),
            before: changes.iter().rfind(|change| change.on < on).map(step),
            after: changes.iter().find(|change| change.on > on).map(step),
            days: days.join(" "),
            place: months.iter().position(|month| *month == Month::of(on)).unwrap_or_default(),
            last: months.len().saturating_sub(1),
            marks: marks(visit, &months, changes),
        }
    }
}

/// From the first to the last month in which the floor changes, at most [`REACH`] from today, with the day that is shown
/// and today.
fn months(on: NaiveDate, today: NaiveDate, changes: &[Change]) -> Vec<Month> {
    let (shown, today) = (Month::of(on), Month::of(today));
    let first = changes.first().map_or(today, |c| Month::of(c.on)).max(today.minus(REACH)).min(today).min(shown);
    let last = changes.last().map_or(today, |c| Month::of(c.on)).min(today.plus(REACH)).max(today).max(shown);
    // A day typed far away does not make the slider endless.
    std::iter::successors(Some(first), |month| (*month < last).then(|| month.plus(1))).take(600).collect()
}

/// A mark a month in which the floor changes, longer the more does; and where years begin.
fn marks(visit: &Visit, months: &[Month], changes: &[Change]) -> Html {
    let weight = |month: &Month| -> i64 {
        let within = changes.iter().filter(|c| Month::of(c.on) == *month);
        within.map(|c| c.begin + c.end + c.built + c.removed).sum()
    };
    let most = months.iter().map(weight).max().unwrap_or(0).max(1);
    // A month stands where the thumb of the slider does: the first at the left edge, the last at the right one.
    let width = months.len().saturating_sub(1).max(1) * 10;
    let title = visit.w.s("map-changes");
    let mut out = format!(
        r#"<svg class="marks" viewBox="0 0 {width} 24" preserveAspectRatio="none" role="img" aria-label="{}">"#,
        Esc(title)
    );
    for (index, month) in months.iter().enumerate() {
        let x = index * 10;
        if month.first_day().month() == 1 {
            let _ = write!(out, r#"<path class="year" d="M{x} 0V24"/>"#);
        }
        let n = weight(month);
        if n > 0 {
            let _ = write!(
                out,
                r#"<path class="change" d="M{x} 0V{}"><title>{} · {}</title></path>"#,
                6 + 16 * n / most,
                Esc(visit.w.month(month)),
                Esc(visit.w.n(n))
            );
        }
    }
    out.push_str("</svg>");
    Html(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }
    fn span(on: &str, changes: &[&str]) -> (String, String, usize) {
        let changes: Vec<Change> = changes
            .iter()
            .map(|on| Change { on: day(on), begin: 1, end: 0, built: 0, removed: 0 })
            .collect();
        let months = months(day(on), day("2026-11-21"), &changes);
        let text = |month: Option<&Month>| month.map(Month::to_string).unwrap_or_default();
        (text(months.first()), text(months.last()), months.len())
    }

    #[test]
    fn the_slider_reaches_from_the_first_change_to_the_last() {
        assert_eq!(span("2026-11-21", &[]), ("2026-11".into(), "2026-11".into(), 1));
        assert_eq!(span("2026-11-21", &["2026-01-01", "2027-10-01"]), ("2026-01".into(), "2027-10".into(), 22));
        // At most five years either way, but the day that is shown is always on it.
        assert_eq!(span("2026-11-21", &["2001-01-01", "2099-10-01"]), ("2021-11".into(), "2031-11".into(), 121));
        assert_eq!(span("2020-05-05", &["2001-01-01"]).0, "2020-05");
        assert_eq!(span("2026-11-21", &["2027-03-01"]), ("2026-11".into(), "2027-03".into(), 5));
    }
}
