//! Columns found by name, in any order and either language.

use super::Row;
use crate::error::{Refusal, RefusalCode, Refusals, Result};

/// A column that an import reads.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Stable name: what issues call it, and one header it goes by.
    pub name: &'static str,
    /// Other headers it goes by, in lower case.
    pub aliases: &'static [&'static str],
    /// Whether a file without it is refused.
    pub needed: bool,
}

impl Column {
    /// A column that must be there.
    pub const fn needed(name: &'static str, aliases: &'static [&'static str]) -> Self {
        Self { name, aliases, needed: true }
    }
    /// A column that may be there.
    pub const fn optional(name: &'static str, aliases: &'static [&'static str]) -> Self {
        Self { name, aliases, needed: false }
    }

    fn goes_by(&self, header: &str) -> bool {
        let header = header.trim().to_lowercase();
        header == self.name || self.aliases.contains(&header.as_str())
    }
}

/// Where the columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(Vec<(&'static str, usize)>);

impl Columns {
    /// Finds columns under a header; others are left alone.
    ///
    /// # Errors
    /// `column-missing` and `column-doubled`, all at once, at `header.<name>`.
    pub fn find(wanted: &[Column], header: &Row) -> Result<Self> {
        let (mut found, mut bad) = (Vec::new(), Refusals::new());
        for column in wanted {
            let mut at = header.cells.iter().enumerate().filter(|(_, text)| column.goes_by(text)).map(|(at, _)| at);
            let refusal =
                |code, rule| Refusal::new(code, rule).at(format!("header.{}", column.name)).with("column", column.name);
            match (at.next(), at.next()) {
                (Some(_), Some(_)) => bad.push(refusal(RefusalCode::Duplicate, "column-doubled")),
                (Some(at), None) => found.push((column.name, at)),
                (None, _) => bad.when(column.needed, || refusal(RefusalCode::Required, "column-missing")),
            }
        }
        bad.finish().map(|()| Self(found))
    }
    /// The cell of a column; empty when the file has no such column.
    pub fn cell<'r>(&self, row: &'r Row, name: &str) -> &'r str {
        let at = self.0.iter().find(|(column, _)| *column == name).map(|(_, at)| *at);
        at.and_then(|at| row.cells.get(at)).map_or("", String::as_str)
    }
    /// Whether the file has the column.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(column, _)| *column == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    const WANTED: &[Column] = &[
        Column::needed("code", &["seat code", "编号"]),
        Column::needed("zone", &["区域"]),
        Column::optional("note", &["备注"]),
    ];
    fn row(cells: &[&str]) -> Row {
        Row { line: 1, cells: cells.iter().map(|c| (*c).to_owned()).collect() }
    }

    #[test]
    fn columns_are_found_by_either_language_in_any_order() {
        let columns = Columns::find(WANTED, &row(&["区域", "else", "Seat Code "])).expect("columns");
        let data = row(&["Z1", "x", "A-1"]);
        assert_eq!((columns.cell(&data, "code"), columns.cell(&data, "zone")), ("A-1", "Z1"));
        assert_eq!((columns.cell(&data, "note"), columns.has("note")), ("", false));
    }

    #[test]
    fn every_missing_and_doubled_column_is_named() {
        let Err(Error::Refused(list)) = Columns::find(WANTED, &row(&["备注", "note", "code"])) else {
            panic!("not refused")
        };
        let named: Vec<_> = list.iter().map(|r| (r.rule, r.path.as_ref())).collect();
        assert_eq!(named, [("column-missing", "header.zone"), ("column-doubled", "header.note")]);
    }
}
