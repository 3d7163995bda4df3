//! Lists that prove employment and presence.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::ids::FileId;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::seat_days;

use crate::change::change;
use crate::error::UserError;
use crate::node;
use crate::request::Asking as _;
use crate::upload::{self, ImportMode, ImportReport, RowIssue};

/// A list of proofs: CSV or XLSX with the columns employee no (工号), month (月份), payroll (发薪) and insurance (参保), and
/// where known contract from (合同起始日), contract last day (合同到期日, empty = without an end) and identity no (身份证号), in
/// any order. A row a person and month.
#[derive(InputObject, Serialize)]
pub(crate) struct EmploymentProofImportInput {
    /// The uploaded file.
    file_id: ID,
    /// What happens to the good rows when there are bad ones.
    mode: ImportMode,
    /// Tells what would become of the file and writes nothing.
    dry_run: Option<bool>,
    /// Repeats of the same request under this key answer the same and write nothing.
    idempotency_key: String,
}

/// A list of logins: CSV or XLSX with the columns employee no (工号) and login (登录时间, an instant or a day), and where known
/// seat (席位), in any order.
#[derive(InputObject, Serialize)]
pub(crate) struct PresenceImportInput {
    /// The uploaded file.
    file_id: ID,
    /// What happens to the good rows when there are bad ones.
    mode: ImportMode,
    /// Tells what would become of the file and writes nothing.
    dry_run: Option<bool>,
    /// Repeats of the same request under this key answer the same and write nothing.
    idempotency_key: String,
}

/// What a file of logins said is taken back.
#[derive(InputObject, Serialize)]
pub(crate) struct PresenceWithdrawInput {
    /// The file.
    file_id: ID,
    /// Repeats of the same request under this key answer the same and write nothing.
    idempotency_key: String,
}

/// What became of a list of proofs or logins.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatFactsImportPayload {
    /// Rows under the header, blank ones left out.
    rows: Option<usize>,
    /// What was not known before; in a trial run, what would be added.
    added: Option<usize>,
    /// What was known otherwise.
    updated: Option<usize>,
    /// Rows with a fault.
    refused: Option<usize>,
    /// The faults by row, at most 1,000.
    issues: Vec<RowIssue>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

impl SeatFactsImportPayload {
    fn of(done: Result<ImportReport, Vec<UserError>>) -> Self {
        match done {
            Ok(done) => Self {
                rows: Some(done.rows),
                added: Some(done.added),
                updated: Some(done.updated),
                refused: Some(done.refused),
                issues: done.issues,
                user_errors: Vec::new(),
            },
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }
    }
}

/// What was taken back.
#[derive(SimpleObject, Default)]
pub(crate) struct PresenceWithdrawPayload {
    /// How many days of people the file had told.
    withdrawn: Option<u64>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// What proves that seats are effective and used.
#[derive(Default)]
pub(crate) struct SeatFactsMutation;

/// What proves that seats are effective and used.
#[Object]
impl SeatFactsMutation {
    /// Takes over a list that proves for which months people were paid and insured, and their labour contracts. A row says
    /// what is so now: what was said of the month before is taken back, in the ledger and not over it.
    async fn employment_proof_import(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: EmploymentProofImportInput,
    ) -> async_graphql::Result<Option<SeatFactsImportPayload>> {
        let table = match upload::table(gql, Resource::People, &input.file_id, None).await? {
            Ok(table) => table,
            Err(user_errors) => return Ok(Some(SeatFactsImportPayload { user_errors, ..Default::default() })),
        };
        let lang = gql.request().lang();
        let done = change(gql, "employmentProofImport", Some(&input.idempotency_key), &input, |ctx, tx| {
            let (mode, dry_run) = (input.mode.into(), input.dry_run.unwrap_or_default());
            let file = node::id::<FileId>("fileId", &input.file_id);
            Box::pin(async move {
                let file = file?;
                let report = seat_days::employment_import(tx, ctx, file, &table, mode, dry_run).await?;
                let imported = ImportReport::of(&report, lang);
                let entry = AuditEntry::new("employment-proof.import", file).with(imported.figures(dry_run));
                Ok((imported, entry))
            })
        });
        Ok(Some(SeatFactsImportPayload::of(done.await?)))
    }

    /// Takes over a list of who logged in on which day, and on which seat where the list tells. The day is the one on which
    /// the login began.
    async fn presence_import(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PresenceImportInput,
    ) -> async_graphql::Result<Option<SeatFactsImportPayload>> {
        let table = match upload::table(gql, Resource::Operations, &input.file_id, None).await? {
            Ok(table) => table,
            Err(user_errors) => return Ok(Some(SeatFactsImportPayload { user_errors, ..Default::default() })),
        };
        let lang = gql.request().lang();
        let done = change(gql, "presenceImport", Some(&input.idempotency_key), &input, |ctx, tx| {
            let (mode, dry_run) = (input.mode.into(), input.dry_run.unwrap_or_default());
            let file = node::id::<FileId>("fileId", &input.file_id);
            Box::pin(async move {
                let file = file?;
                let report = seat_days::presence_import(tx, ctx, file, &table, mode, dry_run).await?;
                let imported = ImportReport::of(&report, lang);
                let entry = AuditEntry::new("presence.import", file).with(imported.figures(dry_run));
                Ok((imported, entry))
            })
        });
        Ok(Some(SeatFactsImportPayload::of(done.await?)))
    }

    /// Takes back what a file of logins said.
    async fn presence_withdraw(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PresenceWithdrawInput,
    ) -> async_graphql::Result<Option<PresenceWithdrawPayload>> {
        let done = change(gql, "presenceWithdraw", Some(&input.idempotency_key), &input, |ctx, tx| {
            let file = node::id::<FileId>("fileId", &input.file_id);
            Box::pin(async move {
                let file = file?;
                let withdrawn = seat_days::presence_withdraw(tx, ctx, file).await?;
                Ok((withdrawn, AuditEntry::new("presence.withdraw", file)))
            })
        });
        Ok(Some(match done.await? {
            Ok(withdrawn) => PresenceWithdrawPayload { withdrawn: Some(withdrawn), user_errors: Vec::new() },
            Err(user_errors) => PresenceWithdrawPayload { user_errors, ..Default::default() },
        }))
    }
}
