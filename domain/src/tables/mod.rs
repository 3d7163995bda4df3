//! Tables that people upload: rows of text under a header, whatever program wrote the file.
//!
//! Decides what a table may be (sizes, a header, rows as wide as it) and how columns are found by their names in either
//! language. Does not decide what the cells mean: that is the importing context's.

mod cell;
mod columns;
mod report;

pub use cell::{date, whole};
pub use columns::{Column, Columns};
pub use report::{ImportMode, ImportReport};

use async_trait::async_trait;

use crate::ctx::Ctx;
use crate::error::{Refusal, Result};
use crate::ids::FileId;
use crate::permission::{Action, Resource};
use crate::platform::{self, Purpose, StoredFile};

/// The most rows under the header.
pub const MAX_ROWS: usize = 50_000;
/// The most columns.
pub const MAX_COLUMNS: usize = 100;
/// The most characters of a cell.
pub const MAX_CELL: usize = 2_000;
/// The most bytes of a file, and the most characters of all its cells together.
pub const MAX_BYTES: i64 = 32 * 1024 * 1024;

/// A row as it stood in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where: 1-based line of a text file (of a row over several lines its first), or row of a sheet, header included.
    pub line: u64,
    /// Its cells, trimmed, as many as the header has.
    pub cells: Vec<String>,
}

/// A fault of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowIssue {
    /// The row, as [`Row::line`].
    pub line: u64,
    /// What is wrong; its path is the column's stable name, or empty when it is about the whole row.
    pub refusal: Refusal,
}

/// What a file holds. Blank rows are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The first row that is not blank.
    pub header: Row,
    /// Every row after it that is as wide as the header.
    pub rows: Vec<Row>,
    /// The others (`row-ragged`), in order.
    pub ragged: Vec<RowIssue>,
}

/// Reads uploaded files: CSV (comma, semicolon or tab; UTF-8, UTF-16, GB18030) and XLSX.
#[async_trait]
pub trait TableFile: Send + Sync {
    /// Reads a file whole. `sheet` names a sheet of a workbook; `None` = its first.
    ///
    /// # Errors
    /// `file-too-large`, `file-kind`, `file-encoding`, `table-empty`, `table-too-many-rows`, `table-too-many-columns`,
    /// `table-cell-too-long`, `table-too-large`, `table-quote-open`, `workbook-broken`, `sheet-unknown`.
    async fn read(&self, file: &StoredFile, sheet: Option<&str>) -> Result<Table>;
}

/// Opens an uploaded file of the caller's own tenant or park, for who may write the resource it is to become.
///
/// # Errors
/// Those of [`Ctx::require`]; those of [`platform::file_for`]; those of [`TableFile::read`] at `fileId`.
pub async fn open(
    store: &dyn platform::Store,
    files: &dyn TableFile,
    ctx: &Ctx,
    resource: Resource,
    id: FileId,
    sheet: Option<&str>,
) -> Result<Table> {
    ctx.require(Action::Write, resource)?;
    let file = platform::file_for(store, id, Purpose::Import).await?;
    files.read(&file, sheet).await
}
