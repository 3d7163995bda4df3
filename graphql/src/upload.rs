//! Uploaded tables in mutations, and the report by rows that imports answer with.

use async_graphql::{Context, Enum, ID, SimpleObject};
use serde::{Deserialize, Serialize};
use voxpark_domain::ctx::Lang;
use voxpark_domain::permission::Resource;
use voxpark_domain::tables::{self, Table};

use crate::change::Outcome;
use crate::error::{Fault as _, UserError};
use crate::node;
use crate::request::Asking as _;
use crate::words;

/// The most faults that an answer lists.
const MAX_ISSUES: usize = 1_000;

/// What happens to the good rows of a file that has bad ones.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "tables::ImportMode")]
pub(crate) enum ImportMode {
    /// Nothing is written unless every row is good.
    AllOrNothing,
    /// The good rows are written.
    GoodRows,
}

/// What became of the rows of an imported file.
#[derive(SimpleObject, Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ImportReport {
    /// Rows under the header, blank ones left out.
    pub(crate) rows: usize,
    /// Things that were not there before; of a trial run, that would be added.
    pub(crate) added: usize,
    /// Things that are now otherwise than before.
    pub(crate) updated: usize,
    /// Rows with a fault.
    pub(crate) refused: usize,
    /// The faults by row, at most 1,000.
    pub(crate) issues: Vec<RowIssue>,
}

impl ImportReport {
    pub(crate) fn of(report: &tables::ImportReport, lang: Lang) -> Self {
        Self {
            rows: report.rows,
            added: report.added,
            updated: report.updated,
            refused: report.refused,
            issues: report.issues.iter().take(MAX_ISSUES).map(|issue| RowIssue::of(issue, lang)).collect(),
        }
    }
    /// What the audit log says of it.
    pub(crate) fn figures(&self, dry_run: bool) -> serde_json::Value {
        serde_json::json!({ "rows": self.rows, "added": self.added, "updated": self.updated, "refused": self.refused,
            "dryRun": dry_run })
    }
}

/// A fault of one row of an imported file.
#[derive(SimpleObject, Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RowIssue {
    /// Which row: 1-based line of a text file or row of a sheet, the header included.
    row: u64,
    /// Stable name of the column; empty when it is about the whole row.
    field: String,
    /// Stable id of the rule that refused.
    rule: String,
    /// What is wrong, in the caller's language.
    message: String,
}

impl RowIssue {
    pub(crate) fn of(issue: &tables::RowIssue, lang: Lang) -> Self {
        Self {
            row: issue.line,
            field: issue.refusal.path.to_string(),
            rule: issue.refusal.rule.to_owned(),
            message: words::message(lang, issue.refusal.rule, &issue.refusal.args),
        }
    }
}

/// Reads an uploaded file as a table before the writing transaction begins: nobody waits for a parser. Refuses who may
/// not write the resource that the table is to become.
pub(crate) async fn table(
    gql: &Context<'_>,
    resource: Resource,
    file: &ID,
    sheet: Option<&str>,
) -> async_graphql::Result<Outcome<Table>> {
    let request = gql.request();
    let read = async {
        let (ctx, id) = (request.ctx()?, node::id("fileId", file)?);
        tables::open(&*request.read().await?, &*request.services.tables, ctx, resource, id, sheet).await
    };
    match read.await {
        Ok(table) => Ok(Ok(table)),
        Err(error) => UserError::all(&error, request.lang()).map(Err).ok_or_else(|| gql.fault(&error)),
    }
}
