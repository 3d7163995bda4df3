//! Contacts and their intervals, written by the thousand.
//!
//! The two databases take many rows fast in different ways: PostgreSQL as one statement over arrays, SQLite as one
//! statement over many tuples. Either way the text of a statement is the same for every full batch, so it is parsed once.

use std::collections::HashSet;
use std::fmt::Write as _;

use sea_orm::Value;
use uuid::Uuid;
use voxpark_domain::ids::{Id as _, ImportId, QueueId};
use voxpark_domain::operations::contact::{ContactFacts, Direction, Handle, Outcome, Pseudonym, SourceKey};
use voxpark_domain::operations::sums::{Sums, Thresholds};
use voxpark_domain::operations::{Placed, Removed, Slots};
use voxpark_domain::{Error, Result};

use crate::db::{Slot, Tx, fail};
use crate::repo::{broken, get};

/// Rows of one SQLite statement.
const TUPLES: usize = 250;
/// Length of an interval, milliseconds.
const QUARTER_MS: i64 = 900_000;

/// A table's rows on their way into it: columns that are the same for all, columns that differ.
struct Bulk<'a> {
    table: &'a str,
    /// Columns with one value for all rows.
    shared: Vec<(&'a str, Value)>,
    /// Columns with a value a row and their PostgreSQL types.
    columns: &'a [(&'a str, &'a str)],
    /// `ON CONFLICT ...`, and `RETURNING ...` if wanted.
    tail: &'a str,
}

impl Bulk<'_> {
    fn head(&self) -> String {
        let names: Vec<&str> = self.shared.iter().map(|s| s.0).chain(self.columns.iter().map(|c| c.0)).collect();
        format!("INSERT INTO {} ({})", self.table, names.join(", "))
    }

    /// One statement over arrays, each bound as the text of an array: every client can bind a text.
    fn postgres(&self, rows: &[Vec<Value>]) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = self.shared.iter().map(|s| s.1.clone()).collect();
        let mut list: Vec<String> = (1..=values.len()).map(|n| format!("${n}")).collect();
        let mut arrays = Vec::new();
        for (place, (name, kind)) in self.columns.iter().enumerate() {
            let mut text = String::with_capacity(rows.len() * 16);
            text.push('{');
            for row in rows {
                if text.len() > 1 {
                    text.push(',');
                }
                element(row.get(place), &mut text);
            }
            text.push('}');
            values.push(text.into());
            arrays.push(format!("${}::text::{kind}[]", values.len()));
            list.push(format!("u.{name}"));
        }
        let names: Vec<&str> = self.columns.iter().map(|c| c.0).collect();
        let sql = format!(
            "{} SELECT {} FROM unnest({}) AS u ({}) {}",
            self.head(),
            list.join(", "),
            arrays.join(", "),
            names.join(", "),
            self.tail
        );
        (sql, values)
    }

    /// One statement over tuples. Its places have no numbers: SQLite takes `$1` for a name and looks each name up among
    /// all of them, which with thousands costs more than writing the rows.
    fn sqlite(&self, rows: Vec<Vec<Value>>) -> (String, Vec<Value>) {
        let shared = vec!["?"; self.shared.len()].join(", ");
        let tuple = format!("({})", vec!["?"; self.columns.len()].join(", "));
        let tuples = vec![tuple.as_str(); rows.len()].join(", ");
        // `WHERE true` tells the conflict clause from the condition of a join.
        let sql = format!("{} SELECT {shared}, v.* FROM (VALUES {tuples}) v WHERE true {}", self.head(), self.tail);
        let values = self.shared.iter().map(|s| s.1.clone()).chain(rows.into_iter().flatten()).collect();
        (sql, values)
    }
}

/// The text of a value in an array literal. Only kinds that need no quoting occur.
fn element(value: Option<&Value>, text: &mut String) {
    match value {
        Some(Value::BigInt(Some(n))) => {
            let _ = write!(text, "{n}");
        }
        Some(Value::Bool(Some(b))) => text.push_str(if *b { "t" } else { "f" }),
        Some(Value::Uuid(Some(id))) => {
            let _ = write!(text, "{id}");
        }
        Some(Value::Bytes(Some(bytes))) => {
            text.push_str("\\\\x");
            text.push_str(&hex::encode(bytes));
        }
        // Stable names of outcomes and directions: letters and `_`.
        Some(Value::String(Some(name))) => text.push_str(name),
        _ => text.push_str("NULL"),
    }
}

const CONTACT: &[(&str, &str)] = &[
    ("source_key", "bytea"),
    ("queue_id", "uuid"),
    ("direction", "text"),
    ("entered_ms", "bigint"),
    ("queued_ms", "bigint"),
    ("outcome", "text"),
    ("wait_s", "bigint"),
    ("handle_s", "bigint"),
    ("priority", "bigint"),
    ("agent", "bytea"),
    ("end_customer", "bytea"),
    ("provisional", "boolean"),
];

fn pseudonym(p: Option<Pseudonym>) -> Value {
    Value::Bytes(p.map(|p| p.0.to_vec()))
}

fn tuple(p: &Placed<'_>) -> Vec<Value> {
    let (c, facts) = (p.contact, &p.contact.facts);
    vec![
        Value::Bytes(Some(c.key.0.to_vec())),
        p.queue.uuid().into(),
        facts.direction.name().into(),
        facts.entered_at.into(),
        facts.queued_at.into(),
        facts.outcome.name().into(),
        i64::from(facts.wait_s).into(),
        Value::BigInt(facts.handle.map(|h| i64::from(h.total_s))),
        i64::from(c.priority).into(),
        pseudonym(c.agent),
        pseudonym(c.end_customer),
        facts.provisional.into(),
    ]
}

fn key(bytes: &[u8]) -> Result<[u8; 16]> {
    bytes.try_into().map_err(|_| Error::internal("a key in the database is not 16 bytes"))
}

/// Adds the contacts that are not there yet and tells which those were.
pub(super) async fn add(tx: &Tx, id: ImportId, contacts: &[Placed<'_>]) -> Result<HashSet<SourceKey>> {
    let quiet = Bulk {
        table: "contact",
        shared: vec![
            ("park_id", tx.park_id()?.into()),
            ("tenant_id", tx.tenant_id()?.into()),
            ("import_id", id.uuid().into()),
        ],
        columns: CONTACT,
        tail: "ON CONFLICT (park_id, tenant_id, source_key) DO NOTHING",
    };
    let telling = Bulk {
        tail: "ON CONFLICT (park_id, tenant_id, source_key) DO NOTHING RETURNING source_key",
        shared: quiet.shared.clone(),
        ..quiet
    };
    let rows = |part: &[Placed<'_>]| -> Vec<Vec<Value>> { part.iter().map(tuple).collect() };
    let mut new = HashSet::with_capacity(contacts.len());
    if tx.postgres() {
        let (sql, values) = telling.postgres(&rows(contacts));
        keys_of(&tx.query(&sql, &[], values).await?, &mut new)?;
        return Ok(new);
    }
    // SQLite hands rows back one by one, which takes longer than writing them. Files mostly bring what is new, and then
    // the count says as much; from the first that does not, the database is asked which were.
    let mut all_new = true;
    for part in contacts.chunks(TUPLES) {
        if all_new {
            tx.execute("SAVEPOINT contacts", &[], Vec::new()).await.map_err(fail)?;
            let (sql, values) = quiet.sqlite(rows(part));
            let written = tx.execute(&sql, &[], values).await.map_err(fail)?;
            all_new = written == part.len() as u64;
            if all_new {
                new.extend(part.iter().map(|p| p.contact.key));
            } else {
                tx.execute("ROLLBACK TO contacts", &[], Vec::new()).await.map_err(fail)?;
            }
            tx.execute("RELEASE contacts", &[], Vec::new()).await.map_err(fail)?;
        }
        if !all_new {
            let (sql, values) = telling.sqlite(rows(part));
            keys_of(&tx.query(&sql, &[], values).await?, &mut new)?;
        }
    }
    Ok(new)
}

fn keys_of(rows: &[sea_orm::QueryResult], keys: &mut HashSet<SourceKey>) -> Result<()> {
    for row in rows {
        keys.insert(SourceKey(key(&get::<Vec<u8>>(row, "source_key")?)?));
    }
    Ok(())
}

pub(super) async fn take_provisional(tx: &Tx, keys: &HashSet<SourceKey>) -> Result<Vec<Removed>> {
    // There are as many as calls were open when a log was cut: few.
    let slots = &[Slot("c", "contact")];
    let open = tx.query("SELECT c.source_key FROM contact c WHERE {c} AND c.provisional", slots, Vec::new()).await?;
    let mut again: Vec<Value> = Vec::new();
    for row in &open {
        let bytes: Vec<u8> = get(row, "source_key")?;
        if keys.contains(&SourceKey(key(&bytes)?)) {
            again.push(bytes.into());
        }
    }
    if again.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = (1..=again.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "DELETE FROM contact AS c WHERE {{c}} AND c.provisional AND c.source_key IN ({})
         RETURNING source_key, queue_id, queued_ms, end_customer",
        list.join(", ")
    );
    let rows = tx.query(&sql, slots, again).await?;
    let read = |row: &sea_orm::QueryResult| {
        let caller: Option<Vec<u8>> = get(row, "end_customer")?;
        Ok(Removed {
            key: SourceKey(key(&get::<Vec<u8>>(row, "source_key")?)?),
            queue: QueueId::from_uuid(get(row, "queue_id")?),
            queued_ms: get(row, "queued_ms")?,
            end_customer: caller.map(|c| key(&c).map(Pseudonym)).transpose()?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn take_back(tx: &Tx, id: ImportId) -> Result<Vec<(QueueId, i64, i64)>> {
    let slots = &[Slot("c", "contact")];
    let sql = "SELECT c.queue_id, MIN(c.queued_ms) AS first_ms, MAX(c.queued_ms) AS last_ms FROM contact c
         WHERE {c} AND c.import_id = $1 GROUP BY c.queue_id";
    let rows = tx.query(sql, slots, vec![id.uuid().into()]).await?;
    let reach = |r: &sea_orm::QueryResult| {
        Ok((QueueId::from_uuid(get(r, "queue_id")?), get(r, "first_ms")?, get(r, "last_ms")?))
    };
    let reach = rows.iter().map(reach).collect::<Result<_>>()?;
    let gone = "DELETE FROM contact AS c WHERE {c} AND c.import_id = $1";
    tx.execute(gone, slots, vec![id.uuid().into()]).await.map_err(fail)?;
    Ok(reach)
}

pub(super) async fn intervals_clear(
    tx: &Tx,
    definition: &str,
    queue: QueueId,
    (from, to): (i64, i64),
) -> Result<Vec<(ContactFacts, bool)>> {
    let range: Vec<Value> = vec![queue.uuid().into(), from.into(), to.into()];
    let gone =
        "DELETE FROM contact_interval AS i WHERE {i} AND i.queue_id = $1 AND i.start_ms >= $2 AND i.start_ms < $3
         AND i.definition = $4";
    let values = [range.clone(), vec![definition.into()]].concat();
    tx.execute(gone, &[Slot("i", "contact_interval")], values).await.map_err(fail)?;
    let sql = "SELECT c.direction, c.queued_ms, c.outcome, c.wait_s, c.handle_s, c.agent FROM contact c
         WHERE {c} AND c.queue_id = $1 AND c.queued_ms >= $2 AND c.queued_ms < $3";
    let rows = tx.query(sql, &[Slot("c", "contact")], range).await?;
    rows.iter().map(|r| Ok((to_facts(r)?, get::<Option<Vec<u8>>>(r, "agent")?.is_some()))).collect()
}

const INTERVAL: &[(&str, &str)] = &[
    ("start_ms", "bigint"),
    ("queue_id", "uuid"),
    ("offered", "bigint"),
    ("answered", "bigint"),
    ("abandoned", "bigint"),
    ("not_offered", "bigint"),
    ("answered_in", "bigint"),
    ("abandoned_in", "bigint"),
    ("short_abandoned", "bigint"),
    ("wait_answered_s", "bigint"),
    ("wait_abandoned_s", "bigint"),
    ("longest_wait_s", "bigint"),
    ("handled", "bigint"),
    ("handle_s", "bigint"),
];

/// What becomes of an interval that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Present {
    /// It grows by the new figures.
    Add,
    /// The new figures take its place.
    Replace,
}

pub(super) async fn intervals_write(tx: &Tx, definition: &str, slots: &Slots, present: Present) -> Result<()> {
    if slots.is_empty() {
        return Ok(());
    }
    let set = |(column, _): &(&str, &str)| match (*column, present) {
        (c, Present::Replace) => format!("{c} = excluded.{c}"),
        ("longest_wait_s", Present::Add) => {
            "longest_wait_s = CASE WHEN excluded.longest_wait_s > contact_interval.longest_wait_s
             THEN excluded.longest_wait_s ELSE contact_interval.longest_wait_s END"
                .to_owned()
        }
        (c, Present::Add) => format!("{c} = contact_interval.{c} + excluded.{c}"),
    };
    let sets: Vec<String> = INTERVAL.iter().skip(2).map(set).collect();
    let tail =
        format!("ON CONFLICT (park_id, tenant_id, start_ms, queue_id, definition) DO UPDATE SET {}", sets.join(", "));
    let bulk = Bulk {
        table: "contact_interval",
        shared: vec![
            ("park_id", tx.park_id()?.into()),
            ("tenant_id", tx.tenant_id()?.into()),
            ("definition", definition.into()),
        ],
        columns: INTERVAL,
        tail: &tail,
    };
    let tuple = |((start, queue), s): (&(i64, QueueId), &Sums)| -> Vec<Value> {
        let mut row = vec![(*start).into(), queue.uuid().into()];
        let counts = [
            s.offered,
            s.answered,
            s.abandoned,
            s.not_offered,
            s.answered_within,
            s.abandoned_within,
            s.abandoned_short,
            s.wait_answered_s,
            s.wait_abandoned_s,
            s.longest_wait_s,
            s.handled,
            s.handle_s,
        ];
        row.extend(counts.map(Value::from));
        row
    };
    let rows: Vec<Vec<Value>> = slots.iter().map(tuple).collect();
    if tx.postgres() {
        let (sql, values) = bulk.postgres(&rows);
        tx.execute(&sql, &[], values).await.map_err(fail)?;
        return Ok(());
    }
    let mut rows = rows.into_iter();
    loop {
        let part: Vec<_> = rows.by_ref().take(TUPLES).collect();
        if part.is_empty() {
            return Ok(());
        }
        let (sql, values) = bulk.sqlite(part);
        tx.execute(&sql, &[], values).await.map_err(fail)?;
    }
}

pub(super) async fn intervals_recount(
    tx: &Tx,
    definition: &str,
    thresholds: Thresholds,
    slots: &[(i64, QueueId)],
) -> Result<()> {
    let mut counted: Slots = slots.iter().map(|slot| (*slot, Sums::new(thresholds))).collect();
    let mut values: Vec<Value> = Vec::new();
    let mut ranges = Vec::new();
    for (start, queue) in slots {
        values.extend([Value::from(queue.uuid()), (*start).into(), (start + QUARTER_MS).into()]);
        let n = values.len();
        ranges.push(format!("(c.queue_id = ${} AND c.queued_ms >= ${} AND c.queued_ms < ${n})", n - 2, n - 1));
    }
    let sql = format!(
        "SELECT c.queue_id, c.direction, c.queued_ms, c.outcome, c.wait_s, c.handle_s, c.agent FROM contact c
         WHERE {{c}} AND ({})",
        ranges.join(" OR ")
    );
    for row in tx.query(&sql, &[Slot("c", "contact")], values).await? {
        let queue = QueueId::from_uuid(get::<Uuid>(&row, "queue_id")?);
        let facts = to_facts(&row)?;
        let named = get::<Option<Vec<u8>>>(&row, "agent")?.is_some();
        let slot = counted.range_mut(..=(facts.queued_at, queue)).rev().find(|((_, q), _)| *q == queue);
        if let Some((_, sums)) = slot {
            sums.count(&facts, named);
        }
    }
    intervals_write(tx, definition, &counted, Present::Replace).await
}

fn to_facts(row: &sea_orm::QueryResult) -> Result<ContactFacts> {
    let whole = |n: i64| u32::try_from(n).map_err(Error::internal);
    let (outcome, direction): (String, String) = (get(row, "outcome")?, get(row, "direction")?);
    let queued_at = get(row, "queued_ms")?;
    let handle = get::<Option<i64>>(row, "handle_s")?.map(whole).transpose()?;
    Ok(ContactFacts {
        direction: Direction::from_name(&direction).ok_or_else(|| broken("direction", &direction))?,
        outcome: Outcome::from_name(&outcome).ok_or_else(|| broken("outcome", &outcome))?,
        provisional: false,
        entered_at: queued_at,
        queued_at,
        answered_at: None,
        ended_at: None,
        wait_s: whole(get(row, "wait_s")?)?,
        handle: handle.map(|total_s| Handle { total_s, ..Handle::default() }),
    })
}
