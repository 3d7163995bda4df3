//! Use cases of figures: a period's counts and indicators, its intervals, its days.

use chrono::{Days, NaiveDate};

use super::indicator::{Indicator, Ratio, Unit};
use super::interval::Slot;
use super::local::{LocalClock, Zone, days_of};
use super::service::interval_definition;
use super::service_level::{Definition, Pack};
use super::store::{Asked, DayRun};
use super::summary::Summary;
use super::sums::Sums;
use crate::ctx::Ctx;
use crate::error::{Refusal, RefusalCode, Result};
use crate::ids::QueueId;
use crate::permission::{Action, Resource};
use crate::time::Period;
use crate::uow::DomainTx;

/// The most civil days of a summary or a list of days.
pub const MAX_DAYS: i64 = 400;
/// The most civil days of a list of intervals.
pub const MAX_INTERVAL_DAYS: i64 = 31;
/// Version of the indicators that have no definition of their own in a pack.
pub const VERSION: u32 = 1;

const DAY_MS: i64 = 86_400_000;

/// One indicator of a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Stable name.
    pub id: &'static str,
    /// Version of its definition.
    pub version: u32,
    /// What its number counts.
    pub unit: Unit,
    /// Its parts.
    pub ratio: Ratio,
    /// Its definition where it has one in a pack; the others are in the language catalogues under their id.
    pub definition: Option<&'static Definition>,
}

/// What happened in a period.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The default definition, whose thresholds the sums have.
    pub definition: &'static Definition,
    /// Counts and sums.
    pub sums: Sums,
    /// Every indicator.
    pub indicators: Vec<Figure>,
}

/// Half-open civil days in the park's zone as instants, with their number.
fn asked(ctx: &Ctx, from: NaiveDate, to: NaiveDate, queue: Option<QueueId>, most: i64) -> Result<(Asked, i64)> {
    let days = Period::new(from, Some(to)).map_err(|r| r.at("to"))?.days().unwrap_or(0);
    if days > most {
        return Err(Refusal::new(RefusalCode::OutOfRange, "figures-too-long").at("to").with("max", most).into());
    }
    let mut clock = LocalClock::new(Zone::from(ctx.zone()));
    Ok((Asked { time: midnight(&mut clock, from)..midnight(&mut clock, to), queue }, days))
}

/// The instant at which a civil day begins, milliseconds since 1970 UTC.
fn midnight(clock: &mut LocalClock, day: NaiveDate) -> i64 {
    clock.read(days_of(day) * 86_400).first() * 1000
}

/// Civil days from `from` on, in runs of equal length.
fn day_runs(clock: &mut LocalClock, from: NaiveDate, days: i64) -> Vec<DayRun> {
    let mut runs: Vec<DayRun> = Vec::new();
    let mut starts = (0_u64..).map_while(|n| from.checked_add_days(Days::new(n)));
    let Some(mut start) = starts.next().map(|d| midnight(clock, d)) else { return runs };
    for (number, day) in (0..days).zip(starts) {
        let end = midnight(clock, day);
        let regular = end - start == DAY_MS;
        if !(regular && runs.last().is_some_and(|r| r.regular)) {
            runs.push(DayRun { from_ms: start, first: number, regular });
        }
        start = end;
    }
    runs
}

/// Counts and indicators of contacts that asked for an agent on these half-open civil days of the park.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission; `period-empty`, `figures-too-long` (above [`MAX_DAYS`]).
pub async fn figures(
    tx: &dyn DomainTx,
    ctx: &Ctx,
    from: NaiveDate,
    to: NaiveDate,
    queue: Option<QueueId>,
) -> Result<Figures> {
    ctx.require(Action::Read, Resource::Operations)?;
    let (asked, _) = asked(ctx, from, to, queue, MAX_DAYS)?;
    let mut summary = Summary::new();
    for (outcome, wait_s, n) in tx.contact_waits(&asked).await? {
        summary.count_waits(outcome, wait_s, n);
    }
    for (handle_s, named, n) in tx.contact_handles(&asked).await? {
        summary.count_handles(handle_s, named, n);
    }
    let agents = tx.contact_agents(&asked).await?;
    let definition = interval_definition()?;
    let sums = summary.sums(definition.thresholds());
    Ok(Figures { definition, sums, indicators: indicators(&summary, &sums, agents)? })
}

fn indicators(summary: &Summary, sums: &Sums, agents: i64) -> Result<Vec<Figure>> {
    let levels = Pack::built_in()?.definition.iter().map(|d| Figure {
        id: &d.id,
        version: d.version,
        unit: Unit::Share,
        ratio: d.of_summary(summary),
        definition: Some(d),
    });
    let plain = |id, unit, ratio| Figure { id, version: VERSION, unit, ratio, definition: None };
    let mut list: Vec<Figure> = levels.collect();
    list.extend(Indicator::ALL.into_iter().map(|i| plain(i.id(), i.unit(), i.of(sums))));
    let median = summary.handle_times().median().unwrap_or(Ratio::new(0, 0));
    list.push(plain("median-handle-time", Unit::Seconds, median));
    list.push(plain("distinct-agents", Unit::Count, Ratio::new(agents, 1)));
    Ok(list)
}

/// Intervals of half-open civil days of the park that hold a contact, in order of time: start (milliseconds since 1970
/// UTC) and sums.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission; `period-empty`, `figures-too-long` (above [`MAX_INTERVAL_DAYS`]).
pub async fn intervals(
    tx: &dyn DomainTx,
    ctx: &Ctx,
    from: NaiveDate,
    to: NaiveDate,
    slot: Slot,
    queue: Option<QueueId>,
) -> Result<Vec<(i64, Sums)>> {
    ctx.require(Action::Read, Resource::Operations)?;
    let (asked, _) = asked(ctx, from, to, queue, MAX_INTERVAL_DAYS)?;
    let definition = interval_definition()?;
    let quarters = tx.intervals(&definition.reference(), definition.thresholds(), &asked).await?;
    if slot == Slot::Quarter {
        return Ok(quarters);
    }
    let mut clock = LocalClock::new(Zone::from(ctx.zone()));
    let mut longer: Vec<(i64, Sums)> = Vec::new();
    for (start, sums) in quarters {
        let start = clock.slot_start(start, slot.seconds());
        match longer.last_mut() {
            // Both were taken at the thresholds of one definition.
            Some((last, total)) if *last == start => drop(total.add(&sums)),
            _ => longer.push((start, sums)),
        }
    }
    Ok(longer)
}

/// Sums of each of these half-open civil days of the park that has a contact, in order.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission; `period-empty`, `figures-too-long` (above [`MAX_DAYS`]).
pub async fn daily(
    tx: &dyn DomainTx,
    ctx: &Ctx,
    from: NaiveDate,
    to: NaiveDate,
    queue: Option<QueueId>,
) -> Result<Vec<(NaiveDate, Sums)>> {
    ctx.require(Action::Read, Resource::Operations)?;
    let (asked, days) = asked(ctx, from, to, queue, MAX_DAYS)?;
    let runs = day_runs(&mut LocalClock::new(Zone::from(ctx.zone())), from, days);
    let definition = interval_definition()?;
    let rows = tx.interval_days(&definition.reference(), definition.thresholds(), &asked, &runs).await?;
    let day = |number: i64| from.checked_add_days(Days::new(u64::try_from(number).ok()?));
    Ok(rows.into_iter().filter_map(|(number, sums)| Some((day(number)?, sums))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(zone: &str, from: &str, days: i64) -> Vec<(i64, bool)> {
        let mut clock = LocalClock::new(Zone::parse(zone).expect("zone"));
        day_runs(&mut clock, from.parse().expect("date"), days).iter().map(|r| (r.first, r.regular)).collect()
    }

    #[test]
    fn days_of_a_clock_change_stand_alone() {
        assert_eq!(runs("Asia/Shanghai", "2026-01-01", 400), [(0, true)]);
        // 2024-03-10 has 23 hours, 2024-11-03 has 25.
        assert_eq!(runs("America/New_York", "2024-03-08", 5), [(0, true), (2, false), (3, true)]);
        assert_eq!(runs("America/New_York", "2024-11-03", 3), [(0, false), (1, true)]);
        assert_eq!(runs("America/New_York", "2024-11-02", 2), [(0, true), (1, false)]);
    }
}
