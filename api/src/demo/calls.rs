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
    /// How well an hour is staffed: agents beyond the load, in square roots of the load (the square-root rule of
    /// staffing); about 0.8 answers four calls of five within twenty seconds.
    pub(super) comfort: f64,
    /// How many times an ordinary day's calls come on a Monday, and whether the roster knows that.
    pub(super) monday: (f64, bool),
    /// Share of the days on which more than a quarter of the agents is missing.
    pub(super) short_days: f64,
    /// Calls go out rather than come in.
    pub(super) outbound: bool,
}

/// Spread of the log-normal talk time.
const SPREAD: f64 = 0.55;
/// Mean wrap-up, seconds.
const WRAP: f64 = 22.0;

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

/// Agents on the telephone for so many expected calls of an hour, on a day with this share of them present.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count of agents")]
fn agents(line: &Line, calls: f64, present: f64) -> usize {
    // Mean of the log-normal talk with its spread, and of the wrap-up.
    let load = calls * (line.handle * (SPREAD * SPREAD / 2.0).exp() + WRAP) / 3600.0;
    ((load + line.comfort * load.sqrt()) * present).ceil().max(1.0) as usize
}

fn one_day(out: &mut String, line: &Line, day: NaiveDate, months: f64, dice: &mut Dice) {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let holiday = matches!((day.month(), day.day()), (10, 1..=3) | (1 | 5, 1));
    let expected =
        line.per_day * (1.0 + line.growth).powf(months) * if weekend || holiday { line.weekend } else { 1.0 };
    let monday = if day.weekday() == Weekday::Mon { line.monday.0 } else { 1.0 };
    let planned = expected * if line.monday.1 { monday } else { 1.0 };
    let volume = expected * monday * (0.92 + 0.16 * dice.unit());
    let present = if dice.happens(line.short_days) { 0.72 } else { 1.0 };
    let open: f64 = hours(line).map(|h| PROFILE[h as usize % 24]).sum();
    let mut free = Vec::new();
    for hour in hours(line) {
        let part = PROFILE[hour as usize % 24] / open;
        // The phones in use rise and fall with the hour; who goes ends the call in hand first.
        let on_duty = agents(line, planned * part, present);
        free.resize(on_duty.max(free.len()), 0.0_f64);
        let gap = 3600.0 / (volume * part).max(0.01);
        let end = f64::from(hour + 1) * 3600.0;
        let mut at = f64::from(hour) * 3600.0 + dice.exponential(gap);
        while at < end {
            call(out, line, day, at, &mut free[..on_duty], dice);
            at += dice.exponential(gap);
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
    let Some((agent, ready)) = free.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1)) else { return };
    let wait =
        if line.outbound { 6.0 + dice.exponential(9.0) } else { (ready - at).max(0.0) + 1.0 + dice.exponential(2.0) };
    let patience = if line.outbound { 24.0 } else { dice.exponential(line.patience) };
    let answered = wait <= patience;
    let (talk, wrap) = if answered {
        (dice.log_normal(line.handle, SPREAD).clamp(5.0, 3000.0), dice.exponential(WRAP).min(240.0))
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
    use crate::demo::cast::CENTRES;

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
            comfort: 0.8,
            monday: (1.0, true),
            short_days: 0.0,
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

    /// Share of the calls of some days that were answered within twenty seconds.
    fn level(code: &str, months: i64, on: fn(Weekday) -> bool) -> f64 {
        let centre = CENTRES.iter().find(|c| c.code == code).expect("a centre");
        let (mut text, mut dice) = (String::new(), Dice::new(2026));
        let from: NaiveDate = "2026-03-02".parse().expect("a date");
        write(&mut text, &centre.line, from, from + TimeDelta::days(28 * months), 5.0, &mut dice);
        let (mut all, mut good) = (0.0, 0.0);
        for row in text.lines().map(|l| l.split(',').collect::<Vec<_>>()) {
            let day: NaiveDate = row[3].split(' ').next().and_then(|d| d.parse().ok()).expect("a date");
            if on(day.weekday()) {
                all += 1.0;
                good += f64::from(u8::from(row[4] == "answered" && row[5].parse::<u32>().expect("seconds") <= 20));
            }
        }
        good / all
    }

    #[test]
    fn service_levels_are_those_of_the_story() {
        let any = |_| true;
        let bank = level("HUAXIN", 6, any);
        assert!((0.78..0.84).contains(&bank), "the bank desk keeps 80/20: {bank}");
        let (mondays, others) = (
            level("YUNLING", 6, |d| d == Weekday::Mon),
            level("YUNLING", 6, |d| !matches!(d, Weekday::Mon | Weekday::Sat | Weekday::Sun)),
        );
        assert!(
            mondays + 0.06 < others && (0.65..0.8).contains(&others),
            "the hotline on Mondays: {mondays}, {others}"
        );
        let newcomer = level("XINCHENG", 2, any);
        assert!((0.45..0.68).contains(&newcomer), "the newcomer is weak: {newcomer}");
    }
}
