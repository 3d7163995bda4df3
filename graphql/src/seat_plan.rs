//! Import of seat plans.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::{Deserialize, Serialize};
use voxpark_domain::estate::{self, ImportReport};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;

use crate::change::change;
use crate::error::UserError;
use crate::upload::{self, ImportMode, RowIssue};

/// A seat plan to import: a CSV file or workbook with the columns building, floor, zone, seat, product, x_mm, y_mm and,
/// where wanted, level, built_from, built_to. Headers may be Chinese.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatPlanImportInput {
    /// The uploaded file.
    file_id: ID,
    /// A sheet of a workbook; the first when left out.
    sheet: Option<String>,
    /// What becomes of the good rows of a file with bad ones.
    mode: ImportMode,
    /// Only tells what would happen.
    dry_run: Option<bool>,
    /// Repeats of the same request under this key answer the same and import nothing.
    idempotency_key: String,
}

/// What became of a seat plan.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatPlanImportPayload {
    /// Rows under the header.
    rows: Option<usize>,
    /// Seats added.
    added: Option<usize>,
    /// Seats changed in position or product.
    updated: Option<usize>,
    /// Rows that say what is so already.
    unchanged: Option<usize>,
    /// Rows refused.
    refused: Option<usize>,
    /// Whether anything was written: not in a dry run, and not with refused rows unless asked so. The counts say what
    /// was written or would have been.
    applied: Option<bool>,
    /// What is wrong, by row: the first 500.
    issues: Vec<RowIssue>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Serialize, Deserialize)]
struct Report {
    rows: usize,
    added: usize,
    updated: usize,
    unchanged: usize,
    refused: usize,
    applied: bool,
    issues: Vec<RowIssue>,
}

#[derive(Default)]
pub(crate) struct SeatPlanMutation;

#[Object]
impl SeatPlanMutation {
    /// Imports a seat plan. Missing buildings, floors and zones are made; a seat that is there already may be moved on its
    /// floor plan and, while nobody holds it, sold as another product.
    async fn seat_plan_import(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatPlanImportInput,
    ) -> async_graphql::Result<Option<SeatPlanImportPayload>> {
        let table = match upload::table(gql, Resource::Estate, &input.file_id, input.sheet.as_deref()).await? {
            Ok(table) => table,
            Err(user_errors) => return Ok(Some(SeatPlanImportPayload { user_errors, ..Default::default() })),
        };
        let (mode, dry_run, file) = (input.mode.into(), input.dry_run.unwrap_or(false), input.file_id.to_string());
        // A dry run answers anew each time it is asked.
        let key = (!dry_run).then_some(input.idempotency_key.as_str());
        let done = change(gql, "seatPlanImport", key, &input, |ctx, tx| {
            Box::pin(async move {
                let ImportReport { rows, added, updated, unchanged, refused, applied, issues } =
                    estate::seat_plan_import(tx, ctx, &table, mode, dry_run).await?;
                let issues = issues.iter().map(|i| RowIssue::of(i, ctx.lang())).collect();
                let detail = serde_json::json!({ "rows": rows, "added": added, "updated": updated, "refused": refused, "applied": applied });
                let report = Report { rows, added, updated, unchanged, refused, applied, issues };
                Ok((report, AuditEntry::new("seat-plan.import", file).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(report) => SeatPlanImportPayload {
                rows: Some(report.rows),
                added: Some(report.added),
                updated: Some(report.updated),
                unchanged: Some(report.unchanged),
                refused: Some(report.refused),
                applied: Some(report.applied),
                issues: report.issues,
                user_errors: Vec::new(),
            },
            Err(user_errors) => SeatPlanImportPayload { user_errors, ..Default::default() },
        }))
    }
}
