//! What became of an uploaded table.

use serde::{Deserialize, Serialize};

use super::{RowIssue, Table};

/// What happens to the good rows of a file that has bad ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Nothing is written unless every row is good.
    AllOrNothing,
    /// The good rows are written.
    GoodRows,
}

/// The report of an import, row by row where a row was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportReport {
    /// Rows under the header, blank ones left out.
    pub rows: usize,
    /// Things that were not there before; of a trial run, that would be added.
    pub added: usize,
    /// Things that are now otherwise than before.
    pub updated: usize,
    /// Rows with a fault.
    pub refused: usize,
    /// The faults, by row.
    pub issues: Vec<RowIssue>,
}

impl ImportReport {
    /// Of a table with these faults (its ragged rows among them), sorted by row; nothing added yet.
    pub fn new(table: &Table, issues: Vec<RowIssue>) -> Self {
        let mut bad: Vec<_> = issues.iter().map(|i| i.line).collect();
        bad.dedup();
        Self { rows: table.rows.len() + table.ragged.len(), added: 0, updated: 0, refused: bad.len(), issues }
    }
    /// Whether the good rows count.
    pub const fn accepts(&self, mode: ImportMode) -> bool {
        matches!(mode, ImportMode::GoodRows) || self.refused == 0
    }
    /// Whether they are to be written.
    pub const fn decide(&self, mode: ImportMode, dry_run: bool) -> bool {
        !dry_run && self.accepts(mode)
    }
}
