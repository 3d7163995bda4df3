//! From rows of an uploaded list of logins to days on which people were logged in.

use chrono::NaiveDate;

use crate::error::{Refusal, RefusalCode, Result};
use crate::tables::{self, Column, Columns, RowIssue, Table};
use crate::tenancy::code_ok;

/// The columns of a list of logins, in English or Chinese, in any order.
pub(super) const COLUMNS: &[Column] = &[
    Column::needed(
        "employee_no",
        &["employee no", "employee no.", "employee number", "agent", "agent id", "工号", "员工编号", "坐席工号"],
    ),
    Column::needed("login", &["login time", "day", "date", "logged in", "登录时间", "签入时间", "日期"]),
    Column::optional("seat", &["seat code", "workstation", "席位", "席位编码", "座席号", "工位"]),
];

const MAX_NUMBER: usize = 32;

/// What one row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    /// Where it stood.
    pub(super) line: u64,
    /// Who.
    pub(super) employee_no: String,
    /// The day on which the login began.
    pub(super) day: NaiveDate,
    /// The code of the seat, if the row tells one.
    pub(super) seat: Option<String>,
}

/// The day of a date or of a timestamp (`2026-11-02 08:58:11`, `2026-11-02T08:58`).
fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let time = time.trim();
    let parts: Vec<&str> = time.split(':').collect();
    let clock = (2..=3).contains(&parts.len())
        && parts.iter().zip([24, 60, 60]).all(|(part, limit)| {
            let whole = part.split_once('.').map_or(*part, |(whole, _)| whole);
            (1..=2).contains(&whole.len()) && whole.parse::<u32>().is_ok_and(|n| n < limit)
        });
    if clock { tables::date(date) } else { None }
}

/// Reads every row; those with a fault are told with all their faults and left out.
///
/// # Errors
/// Those of [`Columns::find`]. Rows: `row-ragged`, `code-invalid`, `date-invalid`.
pub(super) fn read_rows(table: &Table) -> Result<(Vec<Login>, Vec<RowIssue>)> {
    let columns = Columns::find(COLUMNS, &table.header)?;
    let (mut rows, mut issues) = (Vec::with_capacity(table.rows.len()), table.ragged.clone());
    for row in &table.rows {
        let cell = |name| columns.cell(row, name);
        let mut faults = Vec::new();
        let number = cell("employee_no");
        if !code_ok(number, MAX_NUMBER) {
            faults.push(Refusal::new(RefusalCode::Invalid, "code-invalid").at("employee_no").with("max", MAX_NUMBER));
        }
        let day = day(cell("login"));
        if day.is_none() {
            faults.push(Refusal::new(RefusalCode::Invalid, "date-invalid").at("login"));
        }
        match day {
            Some(day) if faults.is_empty() => rows.push(Login {
                line: row.line,
                employee_no: number.to_owned(),
                day,
                seat: Some(cell("seat")).filter(|s| !s.is_empty()).map(str::to_owned),
            }),
            _ => issues.extend(faults.into_iter().map(|refusal| RowIssue { line: row.line, refusal })),
        }
    }
    issues.sort_by_key(|i| i.line);
    Ok((rows, issues))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_a_day_or_an_instant_of_it() {
        let second = NaiveDate::from_ymd_opt(2026, 11, 2);
        for text in
            ["2026-11-02", "2026/11/2 8:58", "2026-11-02T08:58:11", "20261102 23:59:59.5", "2026年11月2日 08:00"]
        {
            assert_eq!(day(text), second, "{text}");
        }
        for text in ["", "2026-11-02 24:00", "2026-11-02 8", "08:00", "2026-11-31 08:00", "2026-11-02 08:60"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
