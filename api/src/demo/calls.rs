//! A month of calls of one centre: arrivals by weekday and hour, a queue with agents and callers who give up.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate, TimeDelta, Weekday};

use super::dice::Dice;

/// How a centre's telephone rings.
pub(super) struct Line {
    /// Queue codes with their share of the calls.
    pub(super) queues: &'static [(&'static str, f64)],
    /// Calls on an ordinary weekday at the start of the story.
    pub(super) per_day: f64,
    /// Growth a month (0.02 = two per cent).
    pub(super) growth: f64,
    /// Share of a weekday's calls on Saturday and Sunday.
    pub(super) weekend: f64,
    /// First and last hour of opening.
    pub(super) hours: (u32, u32),
    /// Median handle time, seconds.
    pub(super) handle: f64,
    /// Mean patience, seconds.
    pub(super) patience: f64,
    /// Agents for each hundred calls of a day, on the telephone at once.
    pub(super) agents_per_hundred: f64,
    /// Calls go out rather than come in.
    pub(super) outbound: bool,
}

/// Share of the day's calls by hour: a morning peak, a dip at noon, an afternoon peak.
const PROFILE: [f64; 24] = [
    0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1.2, 4.0, 8.4, 10.2, 9.1, 5.6, 6.2, 8.8, 9.4, 8.6, 7.2, 5.0, 4.6, 3.8, 2.8, 1.6,
    0.8,
];

/// The header of the file, as [`write`] fills it.
pub(super) const HEADER: &str = "call_id,queue,direction,entered_at,outcome,wait_s,talk_s,wrap_s,agent,customer\n";

/// Appends the calls of days `[from, to)`, in order of arrival.
pub(super) fn write(out: &mut String, line: &Line, from: NaiveDate, to: NaiveDate, months: f64, dice: &mut Dice) {
    let mut day = from;
    while day < to {
        one_day(out, line, day, months, dice);
        day += TimeDelta::days(1);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a day and counts of agents")]
fn one_day(out: &mut String, line: &Line, day: NaiveDate, months: f64, dice: &mut Dice) {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let holiday = matches!((day.month(), day.day()), (10, 1..=3) | (1 | 5, 1));
    let volume = line.per_day
        * (1.0 + line.growth).powf(months)
        * if weekend || holiday { line.weekend } else { 1.0 }
        * if day.weekday() == Weekday::Mon { 1.15 } else { 1.0 }
        * (0.92 + 0.16 * dice.unit());
    let agents = ((volume * line.agents_per_hundred / 100.0).ceil() as usize).max(2);
    let open: f64 = hours(line).map(|h| PROFILE[h as usize % 24]).sum();
    let mut free = vec![0.0_f64; agents];
    for hour in hours(line) {
        let share = volume * PROFILE[hour as usize % 24] / open;
        let end = f64::from(hour + 1) * 3600.0;
        let mut at = f64::from(hour) * 3600.0 + dice.exponential(3600.0 / share.max(0.01));
        while at < end {
            call(out, line, day, at, &mut free, dice);
            at += dice.exponential(3600.0 / share.max(0.01));
        }
    }
}

fn hours(line: &Line) -> impl Iterator<Item = u32> + use<> {
    line.hours.0..line.hours.1
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a day")]
fn call(out: &mut String, line: &Line, day: NaiveDate, at: f64, free: &mut [f64], dice: &mut Dice) {
    let mut share = dice.unit();
    let queue = line.queues.iter().find(|q| {
        share -= q.1;
        share < 0.0
    });
    let queue = queue.or(line.queues.first()).map_or("main", |q| q.0);
    // Two passes: the phones in use rise and fall with the hour, so the first agents work most.
    let Some((agent, ready)) = free.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1)) else { return };
    let wait =
        if line.outbound { 6.0 + dice.exponential(9.0) } else { (ready - at).max(0.0) + 1.0 + dice.exponential(2.0) };
    let patience = if line.outbound { 24.0 } else { dice.exponential(line.patience) };
    let answered = wait <= patience;
    let (talk, wrap) = if answered {
        (dice.log_normal(line.handle, 0.55).clamp(5.0, 3000.0), dice.exponential(22.0).min(240.0))
    } else {
        (0.0, 0.0)
    };
    if answered && let Some(slot) = free.get_mut(agent) {
        *slot = at + wait + talk + wrap;
    }
    let second = at as u32;
    let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
    let who = if answered { format!("A{:03}", agent + 1) } else { String::new() };
    let _ = writeln!(
        out,
        "{}-{:06},{queue},{},{day} {h:02}:{m:02}:{s:02},{},{},{},{},{who},C{:05}",
        day.format("%y%m%d"),
        dice.below(1_000_000),
        if line.outbound { "outbound" } else { "inbound" },
        if answered { "answered" } else { "abandoned" },
        wait.min(patience) as u32,
        talk as u32,
        wrap as u32,
        dice.below(9000),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_calls() {
        let line = Line {
            queues: &[("a", 0.7), ("b", 0.3)],
            per_day: 200.0,
            growth: 0.01,
            weekend: 0.4,
            hours: (8, 20),
            handle: 150.0,
            patience: 90.0,
            agents_per_hundred: 6.0,
            outbound: false,
        };
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let month = |seed| {
            let mut text = String::from(HEADER);
            write(&mut text, &line, day("2026-03-02"), day("2026-03-09"), 5.0, &mut Dice::new(seed));
            text
        };
        assert_eq!(month(7), month(7));
        assert_ne!(month(7), month(8));
        let rows = month(7).lines().count();
        assert!((900..1600).contains(&rows), "{rows}");
        assert!(month(7).contains(",answered,") && month(7).contains(",abandoned,"));
    }
}
