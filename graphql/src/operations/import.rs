//! Imports of call records.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::audit::Happening;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::ImportId;
use voxpark_domain::operations::contact::{Direction as DomainDirection, Outcome as DomainOutcome};
use voxpark_domain::operations::import::{Encoding, ImportIssue, ImportState as DomainState};
use voxpark_domain::operations::source::{CsvMapping, Format, QueueFrom, TimeColumn, TimeFormat, ValueColumn};
use voxpark_domain::operations::{self, ImportDraft, import as entity};
use voxpark_domain::page::Page;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Refusal, RefusalCode, Result};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::estate::{alike, grouped};
use crate::load::{Load, load};
use crate::node;
use crate::page::{self, Paged, counted, paged};
use crate::request::Asking as _;
use crate::scalar::Int64String;
use crate::upload::RowIssue;

/// Formats of call records.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "Format")]
pub(crate) enum ContactFormat {
    /// The "Anonymous Bank" call file: one row a call, TAB separated.
    AnonymousBank,
    /// The `queue_log` of Asterisk: one event a line.
    AsteriskQueueLog,
    /// Any delimited file with a header, by a mapping of its columns.
    GenericCsv,
}

/// How far an import is.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub(crate) enum ImportState {
    /// It has not begun.
    Waiting,
    /// The file is being read.
    Running,
    /// All rows were read.
    Done,
    /// It ended early; the failure says why. Contacts read before stay, and the same file can be given again.
    Failed,
}

/// The encoding of a text file.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "Encoding")]
pub(crate) enum TextEncoding {
    /// UTF-8, with or without a byte-order mark.
    Utf8,
    /// GB18030, which holds GBK and GB2312.
    Gb18030,
    /// ISO-8859-1.
    Latin1,
}

/// How a contact ended.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "DomainOutcome")]
pub(crate) enum ContactOutcome {
    /// An agent took it.
    Answered,
    /// It asked for an agent and left before an answer.
    Abandoned,
    /// It ended before it asked for an agent.
    NotOffered,
    /// No real contact.
    Ignored,
    /// The system took it out of the queue.
    Overflowed,
    /// It still waits.
    Open,
}

/// Who began a contact.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "DomainDirection")]
pub(crate) enum ContactDirection {
    /// The end customer.
    Inbound,
    /// The call centre.
    Outbound,
}

/// One import of one file of call records.
#[derive(Clone)]
pub(crate) struct ContactImport(pub(crate) Arc<entity::ContactImport>);

impl From<Arc<entity::ContactImport>> for ContactImport {
    fn from(import: Arc<entity::ContactImport>) -> Self {
        Self(import)
    }
}

impl ContactImport {
    #[expect(clippy::unused_async, reason = "the shape the Node interface asks for")]
    pub(crate) async fn id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
}

/// One import of one file of call records.
#[Object]
impl ContactImport {
    /// Stable id.
    #[graphql(name = "id")]
    async fn stable_id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The format of the file.
    async fn format(&self) -> ContactFormat {
        self.0.format.into()
    }
    /// How far it is.
    async fn state(&self) -> ImportState {
        self.0.state.into()
    }
    /// Rows read, header and blank lines left out.
    async fn rows_read(&self) -> i64 {
        self.0.rows_read
    }
    /// Contacts that were new.
    async fn contacts_added(&self) -> i64 {
        self.0.contacts_added
    }
    /// Contacts that an earlier row or import had brought already.
    async fn contacts_known(&self) -> i64 {
        self.0.contacts_known
    }
    /// Issues of rows that were kept aside.
    async fn rows_refused(&self) -> i64 {
        self.0.rows_refused
    }
    /// Size of the file, bytes.
    async fn bytes_total(&self) -> Int64String {
        Int64String(self.0.bytes_total)
    }
    /// How many of its bytes were read.
    async fn bytes_read(&self) -> Int64String {
        Int64String(self.0.bytes_read)
    }
    /// When it was asked for; of a failed one that was given again, when that was.
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }
    /// When it ended; null while it runs.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
    /// Why it ended early, in the caller's language; null unless it failed.
    async fn failure(&self, gql: &Context<'_>) -> Option<UserError> {
        self.0.failure.as_ref().map(|told| UserError::kept(told, gql.request().lang()))
    }
    /// Rows that were kept aside, in the order of the file.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn issues(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<RowIssue>> {
        let (request, id) = (gql.request(), self.0.id);
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let page = if ask.after.is_none() {
            let list = load(gql, IssuesFirst { import: id, first: ask.first }).await?;
            list.map(|list| Page::from_rows(&ask, list.into_iter().map(|i| (i.no.to_string(), i)).collect()))
        } else {
            let list = async { operations::import_issues(&*request.read().await?, request.ctx()?, id, &ask).await };
            gql.nullable(list.await)?.map(Page::shared)
        };
        let lang = request.lang();
        Ok(paged(page, counted(IssuesOf(id)), |i| RowIssue::kept(&i, lang)))
    }
}

/// How many rows an import kept aside.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct IssuesOf(ImportId);

#[async_trait]
impl Load for IssuesOf {
    type Value = i64;
    const RESOURCE: Resource = Resource::Operations;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<_> = keys.iter().map(|k| k.0).collect();
        Ok(tx.import_issues_counts(&ids).await?.into_iter().map(|(id, n)| (Self(id), n)).collect())
    }
}

/// The first rows that an import kept aside.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct IssuesFirst {
    import: ImportId,
    first: u32,
}

#[async_trait]
impl Load for IssuesFirst {
    type Value = Vec<Arc<ImportIssue>>;
    const RESOURCE: Resource = Resource::Operations;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        ctx.heard().tell(Happening::Read("rows kept aside"));
        let mut all = Vec::with_capacity(keys.len());
        for (first, keys) in alike(keys, |k| k.first) {
            let ids: Vec<_> = keys.iter().map(|k| k.import).collect();
            let lists = grouped(&keys, tx.import_issues_first(&ids, first).await?, |(import, _)| Self {
                import: *import,
                first,
            });
            all.extend(
                lists
                    .into_iter()
                    .map(|(key, list)| (key, list.into_iter().map(|found| Arc::new(found.1.clone())).collect())),
            );
        }
        Ok(all)
    }
}

/// A column that holds an instant.
#[derive(InputObject, Serialize, Clone)]
pub(crate) struct TimeColumnInput {
    /// Name of the column in the header.
    column: String,
    /// How the instant is written: `iso`, `epoch_seconds`, `epoch_millis`, or a pattern (`%Y/%m/%d %H:%M:%S`).
    format: String,
}

/// What a word of the outcome column means.
#[derive(InputObject, Serialize, Clone)]
pub(crate) struct OutcomeWordInput {
    /// The word as it stands in the file.
    text: String,
    /// What it means.
    outcome: ContactOutcome,
}

/// What a word of the direction column means.
#[derive(InputObject, Serialize, Clone)]
pub(crate) struct DirectionWordInput {
    /// The word as it stands in the file.
    text: String,
    /// What it means.
    direction: ContactDirection,
}

/// Which column of a delimited file means what. Columns are named as in the header.
#[derive(InputObject, Serialize, Clone)]
pub(crate) struct ContactMappingInput {
    /// What stands between fields: comma, semicolon, TAB or bar; comma when left out.
    delimiter: Option<String>,
    /// When the contact reached the centre.
    start: TimeColumnInput,
    /// When it asked for an agent, if not at once.
    queued: Option<TimeColumnInput>,
    /// When an agent took it.
    answered: Option<TimeColumnInput>,
    /// When it ended.
    ended: Option<TimeColumnInput>,
    /// Column of the queue; when left out, `queueCode` of the import names the queue of all rows.
    queue: Option<String>,
    /// Column of how it ended.
    outcome: String,
    /// What the words of that column mean.
    outcomes: Vec<OutcomeWordInput>,
    /// Column of seconds waited (`75`, `75.4`, `1:15`, `0:01:15`).
    wait: Option<String>,
    /// Column of handle time as one figure.
    handle: Option<String>,
    /// Column of talk time.
    talk: Option<String>,
    /// Column of hold time.
    hold: Option<String>,
    /// Column of wrap-up time.
    wrap: Option<String>,
    /// Column of the agent's identity; made a pseudonym at once.
    agent: Option<String>,
    /// Column of the end customer's identity; made a pseudonym at once.
    end_customer: Option<String>,
    /// Column that identifies the record at its source.
    external_id: Option<String>,
    /// Column of who began it; when left out, all are inbound.
    direction: Option<String>,
    /// What the words of that column mean.
    directions: Option<Vec<DirectionWordInput>>,
    /// Column of priority, 0 to 255.
    priority: Option<String>,
}

impl From<TimeColumnInput> for TimeColumn {
    fn from(input: TimeColumnInput) -> Self {
        Self { column: input.column, format: TimeFormat::from(input.format) }
    }
}

impl ContactMappingInput {
    fn into_mapping(self, queue_code: Option<String>) -> Result<CsvMapping> {
        let mut bad = Refusals::new();
        let mut delimiter = ',';
        if let Some(text) = &self.delimiter {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(one), None) => delimiter = one,
                _ => bad.push(Refusal::new(RefusalCode::Invalid, "mapping-delimiter").at("mapping.delimiter")),
            }
        }
        let queue = match (self.queue, queue_code) {
            (Some(column), None) => Some(QueueFrom::Column(column)),
            (None, Some(code)) => Some(QueueFrom::Fixed(code.trim().to_owned())),
            (None, None) => {
                bad.push(Refusal::new(RefusalCode::Required, "mapping-queue").at("mapping.queue"));
                None
            }
            (Some(_), Some(_)) => {
                bad.push(Refusal::new(RefusalCode::Invalid, "mapping-queue").at("queueCode"));
                None
            }
        };
        let words = self.outcomes.into_iter().map(|w| (w.text, w.outcome.into())).collect();
        let direction = self.direction.map(|column| ValueColumn {
            column,
            values: self.directions.unwrap_or_default().into_iter().map(|w| (w.text, w.direction.into())).collect(),
        });
        bad.finish()?;
        Ok(CsvMapping {
            delimiter,
            start: self.start.into(),
            queued: self.queued.map(Into::into),
            answered: self.answered.map(Into::into),
            ended: self.ended.map(Into::into),
            queue: queue.unwrap_or(QueueFrom::Fixed(String::new())),
            outcome: ValueColumn { column: self.outcome, values: words },
            wait: self.wait,
            handle: self.handle,
            talk: self.talk,
            hold: self.hold,
            wrap: self.wrap,
            agent: self.agent,
            end_customer: self.end_customer,
            external_id: self.external_id,
            direction,
            priority: self.priority,
        })
    }
}

/// An import of call records.
#[derive(InputObject, Serialize)]
pub(crate) struct ContactImportStartInput {
    /// A file that the tenant has uploaded, plain or gzip.
    file_id: ID,
    /// Its format.
    format: ContactFormat,
    /// IANA time zone of the wall-clock times in the file; the park's when left out.
    time_zone: Option<String>,
    /// Its encoding; UTF-8 when left out.
    encoding: Option<TextEncoding>,
    /// The queue of all rows, for a delimited file without a column of queues.
    queue_code: Option<String>,
    /// What the columns mean; delimited files only.
    mapping: Option<ContactMappingInput>,
    /// Whether the contacts that this file brought before, read with other options, are taken out first; a file that was
    /// imported with other options is refused otherwise, and when left out.
    replace: Option<bool>,
    /// Repeats of the same request under this key answer the same.
    idempotency_key: String,
}

/// What became of the request for an import.
#[derive(SimpleObject, Default)]
pub(crate) struct ContactImportStartPayload {
    /// The import; of a file that was given before, the import that there is.
    import: Option<ContactImport>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

fn draft(input: &ContactImportStartInput) -> Result<ImportDraft> {
    let mapping = match (&input.mapping, &input.queue_code) {
        (Some(mapping), code) => Some(mapping.clone().into_mapping(code.clone())?),
        (None, Some(_)) => return Err(Refusal::new(RefusalCode::Invalid, "mapping-unwanted").at("queueCode").into()),
        (None, None) => None,
    };
    Ok(ImportDraft {
        file: node::id("fileId", &input.file_id)?,
        format: input.format.into(),
        zone: input.time_zone.clone(),
        encoding: input.encoding.map(Encoding::from).unwrap_or_default(),
        mapping,
        replace: input.replace.unwrap_or(false),
    })
}

#[derive(Default)]
pub(crate) struct OperationsMutation;

#[Object]
impl OperationsMutation {
    /// Has a file of call records imported in the background. A file is imported once in a format: given again, it is
    /// the import that there is; a failed one starts anew, and so does one that was read with other options, when asked
    /// to replace what it brought.
    async fn contact_import_start(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ContactImportStartInput,
    ) -> async_graphql::Result<Option<ContactImportStartPayload>> {
        let draft = draft(&input);
        let done = change(gql, "contactImportStart", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = operations::import_start(tx, ctx, &draft?).await?;
                Ok((id, AuditEntry::new("contact-import.start", id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => ContactImportStartPayload {
                import: load(gql, id).await?.map(ContactImport::from),
                user_errors: Vec::new(),
            },
            Err(user_errors) => ContactImportStartPayload { user_errors, ..Default::default() },
        }))
    }
}
