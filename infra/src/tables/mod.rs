//! Uploaded tables: CSV in the encodings that spreadsheets of the trade write, and XLSX, into rows of text.
//!
//! Everything is bounded before it is believed: the file, what a workbook unpacks to, rows, columns, a cell, all cells
//! together. Files are read on a thread that may block.

mod sheet;
mod text;

pub(crate) use text::decode;

use std::io::Read as _;
use std::sync::Arc;

use async_trait::async_trait;
use voxpark_domain::platform::StoredFile;
use voxpark_domain::tables::{MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, Row, RowIssue, Table, TableFile};
use voxpark_domain::uow::FileStore;
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

/// Reads tables out of a file store.
pub struct Tables(Arc<dyn FileStore>);

impl Tables {
    /// Over a store.
    pub fn new(files: Arc<dyn FileStore>) -> Self {
        Self(files)
    }
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tables")
    }
}

#[async_trait]
impl TableFile for Tables {
    async fn read(&self, file: &StoredFile, sheet: Option<&str>) -> Result<Table> {
        if file.bytes > MAX_BYTES {
            return Err(too_large("file-too-large"));
        }
        let copy = self.0.local(&file.sha256).await?;
        let sheet = sheet.map(str::to_owned);
        let read = move || {
            let mut bytes = Vec::new();
            let file = std::fs::File::open(copy.path()).map_err(Error::internal)?;
            file.take(MAX_BYTES.unsigned_abs()).read_to_end(&mut bytes).map_err(Error::internal)?;
            parse(bytes, sheet.as_deref())
        };
        tokio::task::spawn_blocking(read).await.map_err(Error::internal)?
    }
}

/// Reads a table from the bytes of a file; what it is, its first bytes tell.
///
/// # Errors
/// Those of [`TableFile::read`] but `file-too-large`.
pub fn parse(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Table> {
    if bytes.starts_with(b"PK\x03\x04") { sheet::parse(bytes, sheet) } else { text::parse(&bytes) }
}

fn at_file(code: RefusalCode, rule: &'static str) -> Refusal {
    Refusal::new(code, rule).at("fileId")
}

fn too_large(rule: &'static str) -> Error {
    at_file(RefusalCode::TooLarge, rule).with("max", MAX_BYTES / (1024 * 1024)).into()
}

/// Collects rows within the bounds.
struct Builder {
    header: Option<Row>,
    rows: Vec<Row>,
    ragged: Vec<RowIssue>,
    characters: usize,
    /// Whether missing cells at the end are empty ones (sheets) or a fault (text, which may have been cut).
    pad: bool,
}

impl Builder {
    fn new(pad: bool) -> Self {
        Self { header: None, rows: Vec::new(), ragged: Vec::new(), characters: 0, pad }
    }

    fn push(&mut self, line: u64, cells: Vec<String>) -> Result<()> {
        let number = i64::try_from(line).unwrap_or(i64::MAX);
        let mut cells: Vec<String> = cells.into_iter().map(|c| c.trim().to_owned()).collect();
        let width = self.header.as_ref().map(|h| h.cells.len());
        let filled = cells.iter().rposition(|c| !c.is_empty()).map_or(0, |last| last + 1);
        if filled == 0 {
            return Ok(());
        }
        for cell in &cells {
            let size = cell.chars().count();
            self.characters += size;
            if size > MAX_CELL {
                let refusal = at_file(RefusalCode::TooLarge, "table-cell-too-long");
                return Err(refusal.with("row", number).with("max", MAX_CELL).into());
            }
        }
        if self.characters > usize::try_from(MAX_BYTES).unwrap_or(usize::MAX) {
            return Err(too_large("table-too-large"));
        }
        if filled > MAX_COLUMNS {
            return Err(at_file(RefusalCode::TooLarge, "table-too-many-columns").with("max", MAX_COLUMNS).into());
        }
        let Some(width) = width else {
            cells.truncate(filled);
            self.header = Some(Row { line, cells });
            return Ok(());
        };
        if self.rows.len() + self.ragged.len() == MAX_ROWS {
            return Err(at_file(RefusalCode::TooLarge, "table-too-many-rows").with("max", MAX_ROWS).into());
        }
        if filled > width || (!self.pad && cells.len() < width) {
            let found = if filled > width { filled } else { cells.len() };
            let refusal = Refusal::new(RefusalCode::Invalid, "row-ragged").with("cells", found).with("columns", width);
            self.ragged.push(RowIssue { line, refusal });
        } else {
            cells.resize(width, String::new());
            self.rows.push(Row { line, cells });
        }
        Ok(())
    }

    fn finish(self) -> Result<Table> {
        match self.header {
            Some(header) if !(self.rows.is_empty() && self.ragged.is_empty()) => {
                Ok(Table { header, rows: self.rows, ragged: self.ragged })
            }
            _ => Err(at_file(RefusalCode::Required, "table-empty").into()),
        }
    }
}

#[cfg(test)]
mod tests;
