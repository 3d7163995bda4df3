//! One import of one file of call records: what was asked, how far it is, how it ended.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::contact::{ContactFacts, Pseudonym, RowIssue, SourceKey};
use super::local::Zone;
use super::source::{AnonymousBank, CallParser, Checkpoint, CsvMapping, Format, GenericCsv, QueueLog};
pub use crate::error::Told;
use crate::error::{Arg, Error, Refusal, RefusalCode, Result};
use crate::ids::{FileId, ImportId, QueueId};
use crate::permission::listed;

/// Name of the background job that reads a file; its payload is `{"import": <id>}`.
pub const JOB: &str = "contact-import";

/// How many rows at the beginning of a file may all be broken before the file is taken for another kind of file.
pub const NONSENSE_ROWS: u64 = 100;

/// A line of work of a tenant, by the code its sources use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// The code in the sources' words, unique in the tenant.
    pub code: String,
    /// What it is called; the code until somebody names it.
    pub name: String,
}

listed! {
    /// How far an import is.
    ImportState {
        /// Its job has not begun.
        Waiting = "waiting",
        /// Its job reads the file, or was interrupted and will go on.
        Running = "running",
        /// All rows were read.
        Done = "done",
        /// It ended early: see the failure. Contacts read before stay.
        Failed = "failed",
    }
}

/// The encoding of a text file, as its owner declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark.
    #[default]
    Utf8,
    /// GB18030, which holds GBK and GB2312.
    Gb18030,
    /// ISO-8859-1 (Latin 1).
    Latin1,
}

impl Encoding {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Latin1 => "ISO-8859-1",
        }
    }
}

/// How a file is to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// Zone of the wall-clock times in the file.
    pub zone: Zone,
    /// Its encoding.
    #[serde(default)]
    pub encoding: Encoding,
    /// What its columns mean (delimited files).
    #[serde(default)]
    pub mapping: Option<CsvMapping>,
}

impl ImportOptions {
    /// A parser for a file from its beginning.
    ///
    /// # Errors
    /// What [`CsvMapping::validate`] refuses; `mapping-missing`.
    pub fn parser(&self, format: Format) -> Result<CallParser> {
        Ok(match format {
            Format::AnonymousBank => CallParser::AnonymousBank(AnonymousBank::new(self.zone)),
            Format::AsteriskQueueLog => CallParser::AsteriskQueueLog(QueueLog::new()),
            Format::GenericCsv => {
                let missing = || Refusal::new(RefusalCode::Required, "mapping-missing").at("mapping");
                let mapping = self.mapping.clone().ok_or_else(missing)?;
                CallParser::GenericCsv(Box::new(GenericCsv::new(mapping, self.zone)?))
            }
        })
    }
}

/// One import.
#[derive(Clone, Debug)]
pub struct ContactImport {
    /// Its id.
    pub id: ImportId,
    /// The file as it was first given.
    pub file: FileId,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its format.
    pub format: Format,
    /// How it is read.
    pub options: ImportOptions,
    /// How far it is.
    pub state: ImportState,
    /// Rows read, header and blank lines left out.
    pub rows_read: i64,
    /// Contacts that were new.
    pub contacts_added: i64,
    /// Contacts that an earlier import (or row) had brought already.
    pub contacts_known: i64,
    /// Rows kept aside with an issue.
    pub rows_refused: i64,
    /// Size of the file, bytes.
    pub bytes_total: i64,
    /// How many of these bytes were read.
    pub bytes_read: i64,
    /// Why it ended early.
    pub failure: Option<Told>,
    /// When it was asked for (again).
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A row kept aside, as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportIssue {
    /// Running number in the import, from 1.
    pub no: i64,
    /// 1-based line in the file.
    pub row: i64,
    /// Column in the source's words; empty when it is about the whole row.
    pub field: String,
    /// Stable rule id.
    pub rule: String,
    /// Named arguments of the message.
    pub args: Vec<(String, Arg)>,
}

impl ImportIssue {
    /// The `no`-th issue of an import.
    ///
    /// # Errors
    /// An internal error when the row number is beyond 63 bits.
    pub fn of(no: i64, issue: &RowIssue) -> Result<Self> {
        Ok(Self {
            no,
            row: i64::try_from(issue.row).map_err(Error::internal)?,
            field: issue.field.to_string(),
            rule: issue.rule.to_owned(),
            args: Told::owned(&issue.args),
        })
    }
}

/// A contact to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewContact {
    /// Its identity at the source under the tenant's key.
    pub key: SourceKey,
    /// Its queue: place in [`Batch::queues`].
    pub queue: usize,
    /// What statistics need.
    pub facts: ContactFacts,
    /// Who answered.
    pub agent: Option<Pseudonym>,
    /// Who called.
    pub end_customer: Option<Pseudonym>,
    /// 0 regular; higher is served first.
    pub priority: u8,
}

/// A stretch of a file: what was found between two places at which reading can be taken up again.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Where it begins, bytes of decoded text.
    pub from: u64,
    /// Where it ends and how reading goes on there.
    pub to: Checkpoint,
    /// Bytes of the file as stored read so far.
    pub bytes_read: u64,
    /// Queue codes.
    pub queues: Vec<String>,
    /// Contacts in the order of the file.
    pub contacts: Vec<NewContact>,
    /// Rows kept aside, each with the sealed text of the row.
    pub issues: Vec<(ImportIssue, Vec<u8>)>,
    /// How the file ended, if it did.
    pub end: Option<Ending>,
}

/// How a file ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// All of it was read.
    Whole,
    /// It could not be read on; the batches before stay.
    Broken(Refusal),
}
