//! Tables to take away: a whole list as CSV, which flows while it is read, or as a workbook.
//!
//! The address of a list with `as=csv` or `as=xlsx` answers with the file: the same filters, the same rights.

use std::fmt::Write as _;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use futures_util::future::BoxFuture;
use futures_util::stream;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::{Value, json};

use crate::html::percent;
use crate::visit::{Answer, Stop, Visit};
use crate::wire::{Connection, Money};

/// Rows that a workbook holds beside its head.
const MOST_ROWS: usize = 1_048_575;
/// What a list is read in pages of.
pub const STEP: i64 = 100;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Comma-separated values.
    Csv,
    /// A workbook of one sheet.
    Xlsx,
}

impl Kind {
    /// As the query spells it.
    pub fn of(text: &str) -> Option<Self> {
        match text {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
    /// Likewise.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words; never a formula.
    Text(String),
    /// A decimal number.
    Number(String),
    /// A civil day.
    Day(NaiveDate),
    /// A moment on the park's clock.
    Moment(NaiveDateTime),
    /// Nothing.
    Empty,
}

impl Cell {
    /// An instant on the clock of a zone.
    pub fn moment(at: DateTime<Utc>, zone: &str) -> Self {
        Self::Moment(at.with_timezone(&zone.parse::<Tz>().unwrap_or(Tz::UTC)).naive_local())
    }
    /// Something, or nothing.
    pub fn of<T: Into<Self>>(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
    fn csv(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.clone(),
            Self::Day(day) => day.to_string(),
            Self::Moment(at) => at.format("%Y-%m-%d %H:%M").to_string(),
            Self::Empty => String::new(),
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<crate::words::Say> for Cell {
    fn from(said: crate::words::Say) -> Self {
        Self::Text(said.into())
    }
}
impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number.to_string())
    }
}
impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}
impl From<&Money> for Cell {
    /// The amount alone: the currency is a column of its own.
    fn from(money: &Money) -> Self {
        Self::Number(money.amount.clone())
    }
}

/// A page of a list as rows, and where the next page begins.
#[derive(Clone, Debug, Default)]
pub struct Part {
    rows: Vec<Vec<Cell>>,
    next: Option<String>,
}

impl Part {
    /// All rows there are.
    pub fn whole(rows: impl Iterator<Item = Vec<Cell>>) -> Self {
        Self { rows: rows.collect(), next: None }
    }
}

impl<T> Connection<T> {
    /// As rows of a file.
    pub fn part(self, mut row: impl FnMut(T) -> Vec<Cell>) -> Part {
        self.parts(|node| vec![row(node)])
    }
    /// The page with several rows each.
    pub fn parts(self, rows: impl FnMut(T) -> Vec<Vec<Cell>>) -> Part {
        let next = self.page_info.end_cursor.filter(|_| self.page_info.has_next_page);
        Part { rows: self.nodes.into_iter().flat_map(rows).collect(), next }
    }
}

/// Reads the page of a list that begins behind a cursor.
pub type Source = for<'a> fn(&'a Visit, Value) -> BoxFuture<'a, Result<Part, Stop>>;

/// Answers with the whole list as a file of this name.
///
/// # Errors
/// As the list itself.
pub async fn take_away(visit: Visit, kind: Kind, name: String, head: Vec<String>, source: Source) -> Answer {
    let first = source(&visit, Value::Null).await?;
    visit.taken_away(kind.name()).await?;
    let name = visit.today().map_or_else(|_| name.clone(), |today| format!("{name}-{today}"));
    match kind {
        Kind::Csv => {
            let mut start = String::from("\u{feff}");
            line(&mut start, head.into_iter().map(Cell::Text));
            // The rest flows: an error in the middle breaks the file off, so that nobody takes half a list for a whole.
            let parts = stream::try_unfold((start, Some(first), visit), move |(mut out, part, visit)| async move {
                let Some(part) = part else { return Ok::<_, std::io::Error>(None) };
                part.rows.into_iter().for_each(|row| line(&mut out, row.into_iter()));
                let next = match part.next {
                    None => None,
                    Some(after) => {
                        Some(source(&visit, json!(after)).await.map_err(|_| std::io::Error::other("broken off"))?)
                    }
                };
                Ok(Some((Bytes::from(out), (String::new(), next, visit))))
            });
            Ok(attachment(&format!("{name}.csv"), "text/csv; charset=utf-8", Body::from_stream(parts)))
        }
        Kind::Xlsx => {
            let (mut rows, mut after) = (first.rows, first.next);
            while let Some(cursor) = after.take().filter(|_| rows.len() < MOST_ROWS) {
                let part = source(&visit, json!(cursor)).await?;
                rows.extend(part.rows);
                after = part.next;
            }
            rows.truncate(MOST_ROWS);
            let bytes = workbook(&head, &rows).map_err(|error| {
                tracing::error!(%error, "a workbook cannot be written");
                Stop::Failed(String::new())
            })?;
            let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            Ok(attachment(&format!("{name}.xlsx"), media_type, Body::from(bytes)))
        }
    }
}

/// A small table as CSV to save under this name.
pub fn csv(name: &str, head: &[String], rows: impl Iterator<Item = Vec<String>>) -> Response {
    let mut out = String::from("\u{feff}");
    line(&mut out, head.iter().cloned().map(Cell::Text));
    rows.for_each(|row| line(&mut out, row.into_iter().map(Cell::Text)));
    attachment(name, "text/csv; charset=utf-8", Body::from(out))
}

fn attachment(name: &str, media_type: &'static str, body: Body) -> Response {
    // RFC 6266: the name in UTF-8, percent-encoded.
    let disposition = format!("attachment; filename*=UTF-8''{}", percent(name));
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    ([(CONTENT_TYPE, HeaderValue::from_static(media_type)), (CONTENT_DISPOSITION, disposition)], body).into_response()
}

/// A line of CSV: UTF-8 behind the mark that Excel needs to see it, CRLF (RFC 4180).
fn line(out: &mut String, cells: impl Iterator<Item = Cell>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(',');
        }
        let text = cell.csv();
        // A text that a spreadsheet would take for a formula is made a text; a negative number stays one.
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
        let guard = if formula { "'" } else { "" };
        let _ = if formula || text.contains(['"', ',', '\n', '\r']) {
            write!(out, "\"{guard}{}\"", text.replace('"', "\"\""))
        } else {
            write!(out, "{text}")
        };
    }
    out.push_str("\r\n");
}

fn workbook(head: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (bold, day) = (Format::new().set_bold(), Format::new().set_num_format("yyyy-mm-dd"));
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0)?;
    for (column, name) in (0..).zip(head) {
        sheet.write_string_with_format(0, column, name, &bold)?;
        sheet.set_column_width(column, 18)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Empty => continue,
                Cell::Text(text) => sheet.write_string(line, column, text)?,
                Cell::Number(number) => match number.parse::<f64>() {
                    Ok(value) => sheet.write_number(line, column, value)?,
                    Err(_) => sheet.write_string(line, column, number)?,
                },
                Cell::Day(date) => sheet.write_datetime_with_format(line, column, date, &day)?,
                Cell::Moment(at) => sheet.write_datetime_with_format(line, column, at, &moment)?,
            };
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};

    use super::*;

    fn row() -> Vec<Cell> {
        let day: NaiveDate = "2026-11-21".parse().expect("a day");
        let at: DateTime<Utc> = "2026-11-21T02:05:00Z".parse().expect("an instant");
        let money = Money { amount: "-12.50".into(), currency: "CNY".into() };
        vec![
            "a,\"b\"".into(),
            "=1+1".into(),
            (&money).into(),
            7.into(),
            day.into(),
            Cell::moment(at, "Asia/Shanghai"),
            Cell::of(None::<i64>),
            "席位".into(),
        ]
    }

    #[test]
    fn cells_are_quoted_and_formulas_are_texts() {
        let mut out = String::new();
        line(&mut out, row().into_iter());
        assert_eq!(out, "\"a,\"\"b\"\"\",\"'=1+1\",-12.50,7,2026-11-21,2026-11-21 10:05,,席位\r\n");
    }

    #[test]
    fn a_workbook_holds_numbers_days_and_texts() {
        let head = ["一", "二"].map(String::from);
        let bytes = workbook(&head, &[row()]).expect("a workbook");
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
        assert!(book.worksheet_formula("Sheet1").expect("a sheet").is_empty());
        let cells = book.worksheet_range("Sheet1").expect("a sheet");
        assert_eq!(cells.get_value((0, 1)), Some(&Data::String("二".into())));
        assert_eq!(cells.get_value((1, 1)), Some(&Data::String("=1+1".into())));
        assert_eq!(cells.get_value((1, 2)), Some(&Data::Float(-12.5)));
        let at = cells.get_value((1, 5)).and_then(calamine::DataType::as_datetime);
        assert_eq!(at.map(|at| at.to_string()).as_deref(), Some("2026-11-21 10:05:00"));
    }
}
