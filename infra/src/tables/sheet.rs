//! Workbooks: weighed before they are opened, read cell by cell.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use rust_decimal::Decimal;
use voxpark_domain::tables::{MAX_COLUMNS, Table};
use voxpark_domain::{Error, RefusalCode, Result};

use super::{Builder, at_file, too_large};

/// What all parts of a workbook may unpack to, in bytes.
const MAX_UNPACKED: u64 = 96 * 1024 * 1024;
/// The most parts.
const MAX_PARTS: usize = 1_000;

fn broken() -> Error {
    at_file(RefusalCode::Invalid, "workbook-broken").into()
}

/// Unpacks every part to nowhere. The sizes a part declares are not believed: they are what a bomb lies about.
fn weigh(bytes: &[u8]) -> Result<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > MAX_PARTS {
        return Err(too_large("table-too-large"));
    }
    let mut left = MAX_UNPACKED;
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(|_| broken())?;
        let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| broken())?;
        left = left.checked_sub(size).ok_or_else(|| too_large("table-too-large"))?;
    }
    Ok(())
}

pub(super) fn parse(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Table> {
    weigh(&bytes)?;
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|_: XlsxError| broken())?;
    let sheets = book.sheets_metadata().iter().filter(|s| s.typ == SheetType::WorkSheet);
    let name = match sheet {
        None => sheets.filter(|s| s.visible == SheetVisible::Visible).map(|s| s.name.clone()).next(),
        Some(wanted) => sheets.filter(|s| s.name == wanted).map(|s| s.name.clone()).next(),
    };
    let name = name.ok_or_else(|| at_file(RefusalCode::NotFound, "sheet-unknown"))?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(|_| broken())?;
    let mut builder = Builder::new(true);
    let (mut row, mut cells) = (0, Vec::new());
    while let Some(cell) = reader.next_cell().map_err(|_| broken())? {
        let (at, column) = cell.get_position();
        if at != row {
            builder.push(u64::from(row) + 1, std::mem::take(&mut cells))?;
            row = at;
        }
        let text = text(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        let column = usize::try_from(column).map_err(Error::internal)?;
        if column >= MAX_COLUMNS {
            return Err(at_file(RefusalCode::TooLarge, "table-too-many-columns").with("max", MAX_COLUMNS).into());
        }
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        if let Some(place) = cells.get_mut(column) {
            *place = text;
        }
    }
    builder.push(u64::from(row) + 1, cells)?;
    builder.finish()
}

/// A cell as its author meant it: whole numbers without a point, dates as `2026-11-21`, times as `08:30:00`.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => self::number(*number),
        DataRef::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::Error(error) => error.to_string(),
        DataRef::DateTime(instant) if instant.is_duration() => duration(instant.as_f64()),
        DataRef::DateTime(instant) => {
            let (year, month, day, hour, minute, second, _) = instant.to_ymd_hms_milli();
            let time = format!("{hour:02}:{minute:02}:{second:02}");
            if instant.as_f64() < 1.0 {
                time
            } else if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {time}")
            }
        }
    }
}

/// Fifteen digits, which is what a spreadsheet shows and keeps; the sixteenth is where binary fractions come to light.
fn number(value: f64) -> String {
    Decimal::from_scientific(&format!("{value:.14e}")).map_or_else(|_| value.to_string(), |d| d.normalize().to_string())
}

/// Days as `26:05:00`.
fn duration(days: f64) -> String {
    let seconds = format!("{:.0}", days * 86_400.0).parse::<u64>().unwrap_or(0);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
