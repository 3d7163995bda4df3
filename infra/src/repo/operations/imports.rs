//! Queues, imports and the rows they kept aside.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter, QueryOrder, QuerySelect, Set};
use uuid::Uuid;
use voxpark_domain::ids::{FileId, Id, ImportId, QueueId};
use voxpark_domain::news::Topic;
use voxpark_domain::operations::import::{Batch, ContactImport, Ending, ImportIssue, ImportState, Queue, Told};
use voxpark_domain::operations::source::{Checkpoint, Format};
use voxpark_domain::page::{Page, PageRequest, cursor_invalid};
use voxpark_domain::{Error, Result};

use crate::db::{Slot, Tx, fail};
use crate::entity::{contact_import, import_issue, queue};
use crate::repo::binds::{Binds, Firsts};
use crate::repo::{broken, get};

/// Rows of one insert: well under the bind limit of either database.
const CHUNK: usize = 500;

fn to_queue(row: queue::Model) -> Queue {
    Queue { id: QueueId::from_uuid(row.queue_id), code: row.code, name: row.name }
}

pub(super) async fn queues(tx: &Tx, ids: Option<&[QueueId]>) -> Result<Vec<Queue>> {
    let mut select = tx.select::<queue::Entity>()?.order_by_asc(queue::Column::Code);
    if let Some(ids) = ids {
        select = select.filter(queue::Column::QueueId.is_in(ids.iter().map(|q| q.uuid())));
    }
    Ok(select.all(tx.conn()).await.map_err(fail)?.into_iter().map(to_queue).collect())
}

pub(super) async fn queues_ensure(tx: &Tx, codes: &[String], fresh: &[QueueId]) -> Result<Vec<QueueId>> {
    let find = async || -> Result<HashMap<String, QueueId>> {
        let select = tx.select::<queue::Entity>()?.filter(queue::Column::Code.is_in(codes));
        let rows = select.all(tx.conn()).await.map_err(fail)?;
        Ok(rows.into_iter().map(|q| (q.code, QueueId::from_uuid(q.queue_id))).collect())
    };
    let mut known = find().await?;
    let (park_id, tenant_id) = (tx.park_id()?, tx.tenant_id()?);
    let mut missing: Vec<(&String, &QueueId)> =
        codes.iter().zip(fresh).filter(|(c, _)| !known.contains_key(*c)).collect();
    if !missing.is_empty() {
        // In one order for all, so that two imports at once cannot wait for each other.
        missing.sort_unstable_by_key(|(code, _)| *code);
        let rows = missing.iter().map(|(code, id)| queue::ActiveModel {
            park_id: Set(park_id),
            tenant_id: Set(tenant_id),
            queue_id: Set(id.uuid()),
            code: Set((*code).clone()),
            name: Set((*code).clone()),
        });
        queue::Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx.conn())
            .await
            .map_err(fail)?;
        known = find().await?;
    }
    let id = |code: &String| known.get(code).copied().ok_or_else(|| Error::internal("a queue was not stored"));
    codes.iter().map(id).collect()
}

fn to_format(name: &str) -> Result<Format> {
    [Format::AnonymousBank, Format::AsteriskQueueLog, Format::GenericCsv]
        .into_iter()
        .find(|f| f.name() == name)
        .ok_or_else(|| broken("format", name))
}

fn to_import(row: contact_import::Model) -> Result<ContactImport> {
    Ok(ContactImport {
        id: ImportId::from_uuid(row.import_id),
        file: FileId::from_uuid(row.file_id),
        sha256: row.file_sha256.try_into().map_err(|_| Error::internal("a hash in the database is not 32 bytes"))?,
        format: to_format(&row.format)?,
        options: serde_json::from_value(row.options).map_err(Error::internal)?,
        state: ImportState::from_name(&row.state).ok_or_else(|| broken("import state", &row.state))?,
        rows_read: row.rows_read,
        contacts_added: row.contacts_added,
        contacts_known: row.contacts_known,
        rows_refused: row.rows_refused,
        bytes_total: row.bytes_total,
        bytes_read: row.bytes_read,
        failure: row.failure.map(serde_json::from_value).transpose().map_err(Error::internal)?,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}

pub(super) async fn list(tx: &Tx, page: &PageRequest) -> Result<Page<ContactImport>> {
    let mut select = tx
        .select::<contact_import::Entity>()?
        .order_by_desc(contact_import::Column::ImportId)
        .limit(u64::from(page.first) + 1);
    if let Some(after) = &page.after {
        let after = Uuid::try_parse(after).map_err(|_| cursor_invalid())?;
        select = select.filter(contact_import::Column::ImportId.lt(after));
    }
    let rows = select.all(tx.conn()).await.map_err(fail)?;
    let items = rows.into_iter().map(|r| Ok((r.import_id.simple().to_string(), to_import(r)?)));
    Ok(Page::from_rows(page, items.collect::<Result<_>>()?))
}

pub(super) async fn count(tx: &Tx) -> Result<i64> {
    let n = tx.select::<contact_import::Entity>()?.count(tx.conn()).await.map_err(fail)?;
    i64::try_from(n).map_err(Error::internal)
}

pub(super) async fn by_id(tx: &Tx, ids: &[ImportId]) -> Result<Vec<ContactImport>> {
    let ids = ids.iter().map(|i| i.uuid());
    let select = tx.select::<contact_import::Entity>()?.filter(contact_import::Column::ImportId.is_in(ids));
    select.all(tx.conn()).await.map_err(fail)?.into_iter().map(to_import).collect()
}

pub(super) async fn of_file(tx: &Tx, sha256: &[u8; 32], format: Format) -> Result<Option<ContactImport>> {
    let row = tx
        .select::<contact_import::Entity>()?
        .filter(contact_import::Column::FileSha256.eq(sha256.to_vec()))
        .filter(contact_import::Column::Format.eq(format.name()))
        .one(tx.conn())
        .await
        .map_err(fail)?;
    row.map(to_import).transpose()
}

pub(super) async fn add(tx: &Tx, import: &ContactImport) -> Result<bool> {
    let row = contact_import::ActiveModel {
        park_id: Set(tx.park_id()?),
        tenant_id: Set(tx.tenant_id()?),
        import_id: Set(import.id.uuid()),
        file_id: Set(import.file.uuid()),
        file_sha256: Set(import.sha256.to_vec()),
        format: Set(import.format.name().to_owned()),
        options: Set(serde_json::to_value(&import.options).map_err(Error::internal)?),
        state: Set(import.state.name().to_owned()),
        rows_read: Set(import.rows_read),
        contacts_added: Set(import.contacts_added),
        contacts_known: Set(import.contacts_known),
        rows_refused: Set(import.rows_refused),
        bytes_total: Set(import.bytes_total),
        bytes_read: Set(import.bytes_read),
        resume_at: Set(0),
        parser_state: Set(None),
        failure: Set(None),
        started_at: Set(import.started_at),
        finished_at: Set(None),
    };
    // The key of file and format decides, so that of two at once only one is stored.
    let added = contact_import::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.conn())
        .await
        .map_err(fail)?;
    Ok(added == 1)
}

pub(super) async fn restart(tx: &Tx, import: &ContactImport, from: ImportState) -> Result<bool> {
    tx.tell(Topic::Import(import.id));
    let options = serde_json::to_value(&import.options).map_err(Error::internal)?;
    let done = tx
        .update::<contact_import::Entity>()?
        .col_expr(contact_import::Column::FileId, Expr::value(import.file.uuid()))
        .col_expr(contact_import::Column::Options, Expr::value(options))
        .col_expr(contact_import::Column::State, Expr::value(ImportState::Waiting.name()))
        .col_expr(contact_import::Column::RowsRead, Expr::value(0_i64))
        .col_expr(contact_import::Column::ContactsAdded, Expr::value(0_i64))
        .col_expr(contact_import::Column::ContactsKnown, Expr::value(0_i64))
        .col_expr(contact_import::Column::RowsRefused, Expr::value(0_i64))
        .col_expr(contact_import::Column::BytesRead, Expr::value(0_i64))
        .col_expr(contact_import::Column::ResumeAt, Expr::value(0_i64))
        .col_expr(contact_import::Column::ParserState, Expr::value(None::<serde_json::Value>))
        .col_expr(contact_import::Column::Failure, Expr::value(None::<serde_json::Value>))
        .col_expr(contact_import::Column::StartedAt, Expr::value(import.started_at))
        .col_expr(contact_import::Column::FinishedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(contact_import::Column::ImportId.eq(import.id.uuid()))
        .filter(contact_import::Column::State.eq(from.name()))
        .exec(tx.conn())
        .await
        .map_err(fail)?;
    if done.rows_affected == 0 {
        return Ok(false);
    }
    let sql = "DELETE FROM import_issue AS i WHERE {i} AND i.import_id = $1";
    tx.execute(sql, &[Slot("i", "import_issue")], vec![import.id.uuid().into()]).await.map_err(fail)?;
    Ok(true)
}

fn to_checkpoint(state: Option<serde_json::Value>) -> Result<Option<Checkpoint>> {
    state.map(serde_json::from_value).transpose().map_err(Error::internal)
}

pub(super) async fn resume(tx: &Tx, id: ImportId) -> Result<Option<Checkpoint>> {
    tx.tell(Topic::Import(id));
    let sql = "UPDATE contact_import AS m SET state = 'running', failure = NULL, finished_at = NULL
         WHERE {m} AND m.import_id = $1 AND m.state <> 'done' RETURNING parser_state";
    let row = tx.query_one(sql, &[Slot("m", "contact_import")], vec![id.uuid().into()]).await?;
    to_checkpoint(get(&row.ok_or(Error::NotFound)?, "parser_state")?)
}

pub(super) async fn last(tx: &Tx, format: Format) -> Result<Option<Checkpoint>> {
    let row = tx
        .select::<contact_import::Entity>()?
        .filter(contact_import::Column::Format.eq(format.name()))
        .filter(contact_import::Column::State.eq(ImportState::Done.name()))
        .order_by_desc(contact_import::Column::FinishedAt)
        .order_by_desc(contact_import::Column::ImportId)
        .one(tx.conn())
        .await
        .map_err(fail)?;
    to_checkpoint(row.and_then(|r| r.parser_state))
}

pub(super) async fn advance(tx: &Tx, id: ImportId, batch: &Batch, now: DateTime<Utc>) -> Result<bool> {
    tx.tell(Topic::Import(id));
    let whole = |n: u64| i64::try_from(n).map_err(Error::internal);
    let (state, finished) = match &batch.end {
        Some(Ending::Whole) => (ImportState::Done, Some(now)),
        _ => (ImportState::Running, None),
    };
    let sql = "UPDATE contact_import AS m SET state = $1, finished_at = $2, rows_read = $3, rows_refused = $4,
             bytes_read = $5, resume_at = $6, parser_state = $7
         WHERE {m} AND m.import_id = $8 AND m.state = 'running' AND m.resume_at = $9";
    let values = vec![
        state.name().into(),
        finished.into(),
        whole(batch.to.tally.rows)?.into(),
        whole(batch.to.tally.issues)?.into(),
        whole(batch.bytes_read)?.into(),
        whole(batch.to.position)?.into(),
        serde_json::to_value(&batch.to).map_err(Error::internal)?.into(),
        id.uuid().into(),
        whole(batch.from)?.into(),
    ];
    Ok(tx.execute(sql, &[Slot("m", "contact_import")], values).await.map_err(fail)? == 1)
}

pub(super) async fn add_counts(tx: &Tx, id: ImportId, added: i64, known: i64) -> Result<()> {
    let sql =
        "UPDATE contact_import AS m SET contacts_added = m.contacts_added + $1, contacts_known = m.contacts_known + $2
         WHERE {m} AND m.import_id = $3";
    let values = vec![added.into(), known.into(), id.uuid().into()];
    tx.execute(sql, &[Slot("m", "contact_import")], values).await.map_err(fail)?;
    Ok(())
}

pub(super) async fn fail_with(tx: &Tx, id: ImportId, failure: &Told, now: DateTime<Utc>) -> Result<()> {
    tx.tell(Topic::Import(id));
    let sql = "UPDATE contact_import AS m SET state = 'failed', failure = $1, finished_at = $2
         WHERE {m} AND m.import_id = $3 AND m.state IN ('waiting', 'running')";
    let failure = serde_json::to_value(failure).map_err(Error::internal)?;
    let values = vec![failure.into(), now.into(), id.uuid().into()];
    tx.execute(sql, &[Slot("m", "contact_import")], values).await.map_err(fail)?;
    Ok(())
}

pub(super) async fn issues(tx: &Tx, id: ImportId, page: &PageRequest) -> Result<Page<ImportIssue>> {
    let mut select = tx
        .select::<import_issue::Entity>()?
        .filter(import_issue::Column::ImportId.eq(id.uuid()))
        .order_by_asc(import_issue::Column::IssueNo)
        .limit(u64::from(page.first) + 1);
    if let Some(after) = &page.after {
        let after = after.parse::<i64>().map_err(|_| cursor_invalid())?;
        select = select.filter(import_issue::Column::IssueNo.gt(after));
    }
    let rows = select.all(tx.conn()).await.map_err(fail)?;
    let items = rows.into_iter().map(|r| to_issue(r).map(|issue| (issue.no.to_string(), issue)));
    Ok(Page::from_rows(page, items.collect::<Result<_>>()?))
}

fn to_issue(r: import_issue::Model) -> Result<ImportIssue> {
    let args = serde_json::from_value(r.args).map_err(Error::internal)?;
    Ok(ImportIssue { no: r.issue_no, row: r.row_no, field: r.field, rule: r.rule, args })
}

pub(super) async fn issues_first(tx: &Tx, ids: &[ImportId], first: u32) -> Result<Vec<(ImportId, ImportIssue)>> {
    // Without the sealed rows, which nobody asks for here.
    let mut binds = Binds::default();
    let columns = "i.import_id, i.issue_no, i.row_no, i.field, i.rule, i.args";
    let list = Firsts { columns, table: "import_issue", alias: "i", of: "import_id", by: "issue_no", first };
    let sql = list.sql(tx.postgres(), ids, &mut binds);
    let rows = tx.query(&sql, &[Slot("i", "import_issue")], binds.into_values()).await?;
    let issue = |r: &sea_orm::QueryResult| {
        let args = serde_json::from_value(get(r, "args")?).map_err(Error::internal)?;
        let (no, row, field, rule) = (get(r, "issue_no")?, get(r, "row_no")?, get(r, "field")?, get(r, "rule")?);
        Ok((ImportId::from_uuid(get(r, "import_id")?), ImportIssue { no, row, field, rule, args }))
    };
    rows.iter().map(issue).collect()
}

pub(super) async fn issues_counts(tx: &Tx, ids: &[ImportId]) -> Result<Vec<(ImportId, i64)>> {
    let mut binds = Binds::default();
    let sql = format!(
        "SELECT i.import_id, COUNT(*) AS n FROM import_issue i WHERE {{i}} AND i.import_id IN {} GROUP BY i.import_id",
        binds.ids(ids)
    );
    let rows = tx.query(&sql, &[Slot("i", "import_issue")], binds.into_values()).await?;
    rows.iter().map(|r| Ok((ImportId::from_uuid(get(r, "import_id")?), get(r, "n")?))).collect()
}

pub(super) async fn issues_add(tx: &Tx, id: ImportId, issues: &[(ImportIssue, Vec<u8>)]) -> Result<()> {
    let (park_id, tenant_id) = (tx.park_id()?, tx.tenant_id()?);
    for chunk in issues.chunks(CHUNK) {
        let rows = chunk.iter().map(|(issue, sealed)| {
            Ok(import_issue::ActiveModel {
                park_id: Set(park_id),
                tenant_id: Set(tenant_id),
                import_id: Set(id.uuid()),
                issue_no: Set(issue.no),
                row_no: Set(issue.row),
                field: Set(issue.field.clone()),
                rule: Set(issue.rule.clone()),
                args: Set(serde_json::to_value(&issue.args).map_err(Error::internal)?),
                row_sealed: Set(sealed.clone()),
            })
        });
        import_issue::Entity::insert_many(rows.collect::<Result<Vec<_>>>()?)
            .exec_without_returning(tx.conn())
            .await
            .map_err(fail)?;
    }
    Ok(())
}
