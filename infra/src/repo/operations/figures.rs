//! Counts and sums, added up by the database.

use std::fmt::Write as _;

use sea_orm::{QueryResult, Value};
use voxpark_domain::ids::Id as _;
use voxpark_domain::operations::contact::Outcome;
use voxpark_domain::operations::sums::{Sums, Thresholds};
use voxpark_domain::operations::{Asked, DayRun};
use voxpark_domain::{Error, Result};

use crate::db::{Slot, Tx};
use crate::repo::{broken, get};

/// The condition on time and queue of rows under an alias, with its values as `$1` to `$3` (`$2`).
fn asked_for(asked: &Asked, alias: &str, time: &str) -> (String, Vec<Value>) {
    let mut sql = format!("{alias}.{time} >= $1 AND {alias}.{time} < $2");
    let mut values = vec![asked.time.start.into(), asked.time.end.into()];
    if let Some(queue) = asked.queue {
        let _ = write!(sql, " AND {alias}.queue_id = $3");
        values.push(queue.uuid().into());
    }
    (sql, values)
}

const CONTACT: &[Slot] = &[Slot("c", "contact")];
const INTERVAL: &[Slot] = &[Slot("v", "contact_interval")];

fn seconds(row: &QueryResult, column: &str) -> Result<u32> {
    u32::try_from(get::<i64>(row, column)?).map_err(Error::internal)
}

pub(super) async fn waits(tx: &Tx, asked: &Asked) -> Result<Vec<(Outcome, u32, i64)>> {
    let (when, values) = asked_for(asked, "c", "queued_ms");
    let sql = format!(
        "SELECT c.outcome, c.wait_s, COUNT(*) AS n FROM contact c WHERE {{c}} AND {when} GROUP BY c.outcome, c.wait_s"
    );
    let rows = tx.query(&sql, CONTACT, values).await?;
    let read = |row: &QueryResult| {
        let outcome: String = get(row, "outcome")?;
        let outcome = Outcome::from_name(&outcome).ok_or_else(|| broken("outcome", &outcome))?;
        Ok((outcome, seconds(row, "wait_s")?, get(row, "n")?))
    };
    rows.iter().map(read).collect()
}

pub(super) async fn handles(tx: &Tx, asked: &Asked) -> Result<Vec<(u32, bool, i64)>> {
    let (when, values) = asked_for(asked, "c", "queued_ms");
    let sql = format!(
        "SELECT c.handle_s, COUNT(c.agent) AS named, COUNT(*) AS n FROM contact c
         WHERE {{c}} AND {when} AND c.outcome = 'answered' AND c.handle_s IS NOT NULL GROUP BY c.handle_s"
    );
    let mut list = Vec::new();
    for row in tx.query(&sql, CONTACT, values).await? {
        let (handle_s, named, all): (_, i64, i64) = (seconds(&row, "handle_s")?, get(&row, "named")?, get(&row, "n")?);
        list.push((handle_s, true, named));
        list.push((handle_s, false, all - named));
    }
    list.retain(|(_, _, n)| *n > 0);
    Ok(list)
}

pub(super) async fn agents(tx: &Tx, asked: &Asked) -> Result<i64> {
    let (when, values) = asked_for(asked, "c", "queued_ms");
    let sql =
        format!("SELECT COUNT(DISTINCT c.agent) AS n FROM contact c WHERE {{c}} AND {when} AND c.outcome = 'answered'");
    let row = tx.query_one(&sql, CONTACT, values).await?;
    row.map_or(Ok(0), |r| get(&r, "n"))
}

/// The columns of an interval that are added.
const ADDED: [&str; 12] = [
    "offered",
    "answered",
    "abandoned",
    "not_offered",
    "answered_in",
    "abandoned_in",
    "short_abandoned",
    "wait_answered_s",
    "wait_abandoned_s",
    "longest_wait_s",
    "handled",
    "handle_s",
];

fn sum_list() -> String {
    let sum = |column: &&str| match *column {
        "longest_wait_s" => "MAX(v.longest_wait_s) AS longest_wait_s".to_owned(),
        c => format!("CAST(SUM(v.{c}) AS bigint) AS {c}"),
    };
    ADDED.iter().map(sum).collect::<Vec<_>>().join(", ")
}

fn to_sums(row: &QueryResult, thresholds: Thresholds) -> Result<Sums> {
    let mut sums = Sums::new(thresholds);
    sums.offered = get(row, "offered")?;
    sums.answered = get(row, "answered")?;
    sums.abandoned = get(row, "abandoned")?;
    sums.overflowed = sums.offered - sums.answered - sums.abandoned;
    sums.not_offered = get(row, "not_offered")?;
    sums.answered_within = get(row, "answered_in")?;
    sums.abandoned_within = get(row, "abandoned_in")?;
    sums.abandoned_short = get(row, "short_abandoned")?;
    sums.wait_answered_s = get(row, "wait_answered_s")?;
    sums.wait_abandoned_s = get(row, "wait_abandoned_s")?;
    sums.longest_wait_s = get(row, "longest_wait_s")?;
    sums.handled = get(row, "handled")?;
    sums.handle_s = get(row, "handle_s")?;
    Ok(sums)
}

async fn grouped(
    tx: &Tx,
    definition: &str,
    thresholds: Thresholds,
    asked: &Asked,
    by: &str,
) -> Result<Vec<(i64, Sums)>> {
    let (when, mut values) = asked_for(asked, "v", "start_ms");
    values.push(definition.into());
    let sql = format!(
        "SELECT CAST({by} AS bigint) AS slot, {} FROM contact_interval v WHERE {{v}} AND {when} AND v.definition = ${} GROUP BY 1 ORDER BY 1",
        sum_list(),
        values.len(),
    );
    let rows = tx.query(&sql, INTERVAL, values).await?;
    rows.iter().map(|r| Ok((get(r, "slot")?, to_sums(r, thresholds)?))).collect()
}

pub(super) async fn intervals(
    tx: &Tx,
    definition: &str,
    thresholds: Thresholds,
    asked: &Asked,
) -> Result<Vec<(i64, Sums)>> {
    grouped(tx, definition, thresholds, asked, "v.start_ms").await
}

pub(super) async fn days(
    tx: &Tx,
    definition: &str,
    thresholds: Thresholds,
    asked: &Asked,
    days: &[DayRun],
) -> Result<Vec<(i64, Sums)>> {
    // Days of equal length are a division; where the clock changes, a run ends. All figures are ours, none the caller's.
    let number = |run: &DayRun| {
        if run.regular {
            format!("{} + (v.start_ms - {}) / 86400000", run.first, run.from_ms)
        } else {
            run.first.to_string()
        }
    };
    let Some((first, later)) = days.split_first() else { return Ok(Vec::new()) };
    let mut by = number(first);
    if !later.is_empty() {
        by = String::from("CASE");
        for run in later.iter().rev() {
            let _ = write!(by, " WHEN v.start_ms >= {} THEN {}", run.from_ms, number(run));
        }
        let _ = write!(by, " ELSE {} END", number(first));
    }
    grouped(tx, definition, thresholds, asked, &by).await
}
