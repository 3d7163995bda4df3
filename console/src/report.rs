//! Tables to take away: CSV that spreadsheets open as it is.

use std::fmt::Write as _;

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::html::percent;

/// A CSV file to save under this name: UTF-8 with the mark that Excel needs to see it, CRLF (RFC 4180).
pub fn csv(name: &str, head: &[String], rows: impl Iterator<Item = Vec<String>>) -> Response {
    let mut out = String::from("\u{feff}");
    line(&mut out, head);
    for row in rows {
        line(&mut out, &row);
    }
    // RFC 6266: the name in UTF-8, percent-encoded.
    let disposition = format!("attachment; filename*=UTF-8''{}", percent(name));
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    let media_type = HeaderValue::from_static("text/csv; charset=utf-8");
    ([(CONTENT_TYPE, media_type), (CONTENT_DISPOSITION, disposition)], out).into_response()
}

fn line(out: &mut String, cells: &[String]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        // A cell that a spreadsheet would take for a formula is made a text; a negative number stays one.
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
        let guard = if formula { "'" } else { "" };
        let _ = if formula || cell.contains(['"', ',', '\n', '\r']) {
            write!(out, "\"{guard}{}\"", cell.replace('"', "\"\""))
        } else {
            write!(out, "{cell}")
        };
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_are_texts() {
        let mut out = String::new();
        line(&mut out, &["a,\"b\"", "=1+1", "-12.5", "席位"].map(String::from));
        assert_eq!(out, "\"a,\"\"b\"\"\",\"'=1+1\",-12.5,席位\r\n");
    }
}
