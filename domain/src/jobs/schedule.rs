//! When work is done that nobody asks for: each at its time of the park's day, or every so many minutes.
//!
//! An occurrence is due when its instant has come. It is begun by whoever moves the schedule on, in the same transaction
//! that makes the job wait; two cannot. Occurrences that were missed while no worker ran are begun once, together; one whose
//! job still runs is left out.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use chrono::{
    DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday,
};
use chrono_tz::Tz;

use crate::audit::Seen;
use crate::ctx::{Ctx, Scope};
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{JobId, ParkId, ScheduleId};
use crate::permission::{Action, Resource};
use crate::uow::DomainTx;

/// How far ahead an occurrence is looked for, days: a year has every day of the month.
const HORIZON: u64 = 366;

/// On which days of the park's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayRule {
    /// Each.
    Daily,
    /// Monday to Friday.
    Weekdays,
    /// This day of the month, 1-31; of a month that has none, its last.
    Monthly(u32),
    /// The last day of the month.
    MonthEnd,
}

impl DayRule {
    fn holds(self, day: NaiveDate) -> bool {
        let last = day.checked_add_days(Days::new(1)).is_none_or(|next| next.month() != day.month());
        match self {
            Self::Daily => true,
            Self::Weekdays => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
            Self::Monthly(n) => day.day() == n || (last && day.day() < n),
            Self::MonthEnd => last,
        }
    }
}

/// When.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Every so many minutes, 1 or more.
    Every(u32),
    /// At a time of some days, in the park's zone. A time that the clock leaves out is the first instant behind the gap;
    /// one that it shows twice is the first of the two, once.
    At(DayRule, NaiveTime),
}

impl Timing {
    /// The first occurrence behind an instant.
    pub fn next(self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        match self {
            Self::Every(minutes) => after.checked_add_signed(TimeDelta::minutes(i64::from(minutes.max(1)))),
            Self::At(rule, time) => {
                let today = after.with_timezone(&zone).date_naive();
                // From the day before: behind a gap the local day may have moved on already.
                let first = today.pred_opt().unwrap_or(today);
                (0..HORIZON + 2)
                    .filter_map(|n| first.checked_add_days(Days::new(n)))
                    .filter(|day| rule.holds(*day))
                    .filter_map(|day| instant(day.and_time(time), zone))
                    .find(|at| *at > after)
            }
        }
    }
}

/// A local time as an instant.
fn instant(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        // The clock is put forward over it, by whole quarters of an hour everywhere: the end of the gap.
        LocalResult::None => (1..=12).find_map(|quarters| {
            let floor = local.checked_sub_signed(TimeDelta::minutes(i64::from(minute(local) % 15)))?;
            let later = floor.checked_add_signed(TimeDelta::minutes(15 * quarters))?;
            zone.from_local_datetime(&later).earliest().map(|at| at.to_utc())
        }),
    }
}

fn minute(local: NaiveDateTime) -> u32 {
    chrono::Timelike::minute(&local)
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(minutes) => write!(f, "every {minutes}"),
            Self::At(rule, time) => {
                match rule {
                    DayRule::Daily => f.write_str("daily")?,
                    DayRule::Weekdays => f.write_str("weekdays")?,
                    DayRule::Monthly(n) => write!(f, "monthly-{n}")?,
                    DayRule::MonthEnd => f.write_str("month-end")?,
                }
                write!(f, " {}", time.format("%H:%M"))
            }
        }
    }
}

impl FromStr for Timing {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::from(Refusal::new(RefusalCode::Invalid, "schedule-timing").at("timing"));
        let (rule, rest) = text.trim().split_once(' ').ok_or_else(bad)?;
        if rule == "every" {
            let minutes = rest.parse::<u32>().ok().filter(|n| (1..=1440).contains(n)).ok_or_else(bad)?;
            return Ok(Self::Every(minutes));
        }
        let time = NaiveTime::parse_from_str(rest, "%H:%M").map_err(|_| bad())?;
        let rule = match rule {
            "daily" => DayRule::Daily,
            "weekdays" => DayRule::Weekdays,
            "month-end" => DayRule::MonthEnd,
            _ => {
                let day = rule.strip_prefix("monthly-").and_then(|n| n.parse().ok()).filter(|n| (1..=31).contains(n));
                DayRule::Monthly(day.ok_or_else(bad)?)
            }
        };
        Ok(Self::At(rule, time))
    }
}

/// Work that every park has done by itself.
#[derive(Clone, Copy, Debug)]
pub struct Regular {
    /// The kind of job.
    pub kind: &'static str,
    /// When, unless the park says otherwise.
    pub timing: &'static str,
    /// Whether the park may neither switch it off nor move it.
    pub fixed: bool,
}

/// All of it.
pub const REGULAR: &[Regular] = &[
    // Whoever could stop the sealing of a log could cut its end off.
    Regular { kind: "audit-seal", timing: "every 5", fixed: true },
    Regular { kind: "file-sweep", timing: "daily 03:30", fixed: false },
    Regular { kind: "invoice-repricing", timing: "daily 02:30", fixed: false },
    // What a park owes the operator is not for the park to put off.
    Regular { kind: "platform-bill", timing: "daily 04:30", fixed: true },
];

/// A schedule of a park.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// Of which park.
    pub park: ParkId,
    /// The kind of job.
    pub kind: String,
    /// When.
    pub timing: Timing,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The next occurrence.
    pub next_at: DateTime<Utc>,
    /// When an occurrence was begun last.
    pub begun_at: Option<DateTime<Utc>>,
    /// The job that does it, the same one each time; `None` before the first.
    pub job: Option<JobId>,
}

impl Schedule {
    /// Whether the park may neither switch it off nor move it.
    pub fn fixed(&self) -> bool {
        REGULAR.iter().any(|regular| regular.kind == self.kind && regular.fixed)
    }
}

/// What is read and written of schedules.
#[async_trait]
pub trait Schedules: Send + Sync {
    /// The schedules of the caller's park, by kind.
    async fn schedules(&self) -> Result<Vec<Schedule>>;
    /// Switches one of them on or off, or moves it.
    async fn schedule_set(&self, schedule: &Schedule) -> Result<()>;
    /// Gives every park the regular work that it does not have yet (system scope).
    async fn schedules_ensure(&self, ctx: &Ctx) -> Result<()>;
    /// Schedules of all parks whose time has come, with the zone of the park (system scope).
    async fn schedules_due(&self, now: DateTime<Utc>) -> Result<Vec<(Schedule, Tz)>>;
    /// Moves a due schedule on to its next occurrence, unless somebody else has (system scope); `false` then.
    async fn schedule_move(&self, due: &Schedule, next: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool>;
    /// Makes the job of a schedule wait, unless it does or runs (system scope): it is made when there is none.
    async fn schedule_begin(&self, ctx: &Ctx, due: &Schedule, now: DateTime<Utc>) -> Result<()>;
    /// Whether a job of this kind was done since an instant, in any park (system scope).
    async fn done_since(&self, kind: &str, since: DateTime<Utc>) -> Result<bool>;
}

/// The schedules of the caller's park.
///
/// # Errors
/// [`Error::NotFound`] for anyone but staff of a park who may see its jobs.
pub async fn schedules(store: &dyn DomainTx, ctx: &Ctx) -> Result<Vec<Schedule>> {
    ctx.require(Action::Read, Resource::Jobs)?;
    if !matches!(ctx.scope(), Scope::Park(_)) {
        return Err(Error::NotFound);
    }
    store.schedules().await
}

/// Switches a schedule of the caller's park on or off, or moves it to another time. Switched on again, it goes on with the
/// next occurrence from now; what was missed is not made up for.
///
/// # Errors
/// `schedule-fixed`, `schedule-timing`; [`Error::NotFound`] for another park's.
pub async fn schedule_set(
    tx: &dyn DomainTx,
    ctx: &Ctx,
    id: ScheduleId,
    enabled: bool,
    timing: Option<&str>,
) -> Result<Schedule> {
    ctx.require(Action::Write, Resource::Jobs)?;
    let known = schedules(tx, ctx).await?.into_iter().find(|s| s.id == id).ok_or(Error::NotFound)?;
    let timing = timing.map_or(Ok(known.timing), str::parse)?;
    if known.fixed() && (!enabled || timing != known.timing) {
        return Err(Refusal::new(RefusalCode::State, "schedule-fixed").at("enabled").into());
    }
    let next_at = timing.next(ctx.now(), ctx.zone()).ok_or_else(|| Error::internal("a schedule without an end"))?;
    let next_at = if enabled && known.enabled && timing == known.timing { known.next_at } else { next_at };
    ctx.heard().changed("enabled", Seen::json(known.enabled), Seen::json(enabled));
    ctx.heard().changed("timing", Seen::of(known.timing), Seen::of(timing));
    let changed = Schedule { timing, enabled, next_at, ..known };
    tx.schedule_set(&changed).await?;
    Ok(changed)
}

/// Begins what is due and moves it on: each occurrence once, whoever else does the same at this moment. How many were begun.
///
/// # Errors
/// None but those of the store.
pub async fn begin_due(tx: &dyn DomainTx, ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let mut begun = 0;
    for (due, zone) in tx.schedules_due(now).await? {
        if !REGULAR.iter().any(|regular| regular.kind == due.kind) {
            // Of a later version, which was here before. It waits for that version; everything else goes on.
            continue;
        }
        let next = due.timing.next(now, zone).ok_or_else(|| Error::internal("a schedule without an end"))?;
        if tx.schedule_move(&due, next, now).await? {
            tx.schedule_begin(ctx, &due, now).await?;
            begun += 1;
        }
    }
    Ok(begun)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(timing: &str, after: &str, zone: Tz) -> String {
        let timing: Timing = timing.parse().expect("a timing");
        let at = timing.next(after.parse().expect("an instant"), zone).expect("there is one");
        at.format("%Y-%m-%dT%H:%MZ").to_string()
    }

    #[test]
    fn occurrences_follow_the_calendar_of_the_park() {
        let zone = chrono_tz::Asia::Shanghai;
        for (timing, after, at) in [
            ("daily 03:30", "2026-11-21T02:00:00Z", "2026-11-21T19:30Z"),
            ("daily 03:30", "2026-11-21T19:29:59Z", "2026-11-21T19:30Z"),
            // Exactly then it has been.
            ("daily 03:30", "2026-11-21T19:30:00Z", "2026-11-22T19:30Z"),
            // 2026-11-21 is a Saturday.
            ("weekdays 08:00", "2026-11-20T00:00:00Z", "2026-11-23T00:00Z"),
            ("monthly-15 00:00", "2026-11-21T02:00:00Z", "2026-12-14T16:00Z"),
            ("monthly-31 00:00", "2027-02-01T00:00:00Z", "2027-02-27T16:00Z"),
            ("monthly-31 00:00", "2027-03-01T00:00:00Z", "2027-03-30T16:00Z"),
            ("month-end 23:00", "2028-02-01T00:00:00Z", "2028-02-29T15:00Z"),
            ("every 5", "2026-11-21T02:00:00Z", "2026-11-21T02:05Z"),
        ] {
            assert_eq!(next(timing, after, zone), at, "{timing} after {after}");
        }
    }

    #[test]
    fn a_clock_that_is_put_forward_or_back_neither_skips_nor_doubles() {
        let zone = chrono_tz::Europe::Berlin;
        // 2026-03-29: 02:00 becomes 03:00. What stands at 02:30 is begun at the end of the gap, 03:00 local.
        assert_eq!(next("daily 02:30", "2026-03-28T12:00:00Z", zone), "2026-03-29T01:00Z");
        assert_eq!(next("daily 02:30", "2026-03-29T01:00:00Z", zone), "2026-03-30T00:30Z");
        assert_eq!(next("daily 02:00", "2026-03-28T12:00:00Z", zone), "2026-03-29T01:00Z");
        // 2026-10-25: 03:00 becomes 02:00. 02:30 is twice, and begun the first time.
        assert_eq!(next("daily 02:30", "2026-10-24T12:00:00Z", zone), "2026-10-25T00:30Z");
        assert_eq!(next("daily 02:30", "2026-10-25T00:30:00Z", zone), "2026-10-26T01:30Z");
        // Where the whole hour of midnight is left out.
        let zone = chrono_tz::America::Havana;
        assert_eq!(next("daily 00:15", "2026-03-07T12:00:00Z", zone), "2026-03-08T05:00Z");
    }

    #[test]
    fn timings_are_written_as_they_are_read() {
        for text in ["every 5", "daily 03:30", "weekdays 08:00", "monthly-31 00:00", "month-end 23:59"] {
            assert_eq!(text.parse::<Timing>().map(|t| t.to_string()).ok().as_deref(), Some(text));
        }
        for bad in
            ["", "daily", "daily 25:00", "monthly-0 01:00", "monthly-32 01:00", "every 0", "every 2000", "hourly 01:00"]
        {
            assert!(bad.parse::<Timing>().is_err(), "{bad}");
        }
        for regular in REGULAR {
            assert!(regular.timing.parse::<Timing>().is_ok(), "{}", regular.kind);
        }
    }
}
