//! From rows of an uploaded list to people.
//!
//! The list is the tenant's own register and is believed: a person known by employee number gets the row's name,
//! position and first day, and the row's team and last day where the list has those columns. Nobody is removed by
//! being left out. A change that would leave a rostered day or a seat outside the employment is refused; a seat held
//! until further notice ends with it.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::entity::{Person, PersonName};
use super::store::InUse;
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::ids::{PersonId, TeamId};
use crate::tables::{self, Column, Columns, RowIssue, Table};
use crate::tenancy::code_ok;
use crate::time::Period;

/// The columns of a list of people, in English or Chinese, in any order.
pub const COLUMNS: &[Column] = &[
    Column::needed(
        "employee_no",
        &["employee no", "employee no.", "employee number", "employee id", "工号", "员工编号", "员工号"],
    ),
    Column::needed("name", &["full name", "姓名", "员工姓名"]),
    Column::needed("position", &["job", "job title", "role", "岗位", "职位", "职务"]),
    Column::optional("team", &["group", "班组", "团队", "小组", "组别"]),
    Column::needed("joined_on", &["joined on", "joined", "join date", "hire date", "入职日期", "入职时间"]),
    Column::optional("left_on", &["left on", "left", "leave date", "离职日期", "离职时间"]),
];

const MAX_NUMBER: usize = 32;
const MAX_TEXT: usize = 40;

/// What one row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Where it stood.
    pub line: u64,
    /// Employee number.
    pub employee_no: String,
    /// Name.
    pub name: PersonName,
    /// Position.
    pub position: String,
    /// Code of the team; the outer `None` = the list does not say, the inner = in no team.
    pub team: Option<Option<String>>,
    /// First day.
    pub joined_on: NaiveDate,
    /// The day after the last; the outer `None` = the list does not say, the inner = still employed.
    pub left_on: Option<Option<NaiveDate>>,
}

/// Reads every row; those with a fault are told with all their faults and left out.
///
/// # Errors
/// Those of [`Columns::find`]. Rows: `row-ragged`, `code-invalid`, `text-required`, `text-too-long`, `date-invalid`,
/// `period-empty`, `employee-no-doubled`.
pub fn read_rows(table: &Table) -> Result<(Vec<PersonRow>, Vec<RowIssue>)> {
    let columns = Columns::find(COLUMNS, &table.header)?;
    let mut seen = HashMap::new();
    let (mut rows, mut issues) = (Vec::with_capacity(table.rows.len()), table.ragged.clone());
    for row in &table.rows {
        let cell = |name| columns.cell(row, name);
        let mut faults = Vec::new();
        let number = cell("employee_no");
        if !code_ok(number, MAX_NUMBER) {
            faults.push(Refusal::new(RefusalCode::Invalid, "code-invalid").at("employee_no").with("max", MAX_NUMBER));
        } else if let Some(first) = seen.insert(number.to_owned(), row.line) {
            seen.insert(number.to_owned(), first);
            let first = i64::try_from(first).unwrap_or(i64::MAX);
            faults.push(
                Refusal::new(RefusalCode::Duplicate, "employee-no-doubled").at("employee_no").with("first", first),
            );
        }
        for (column, needed) in [("name", true), ("position", true), ("team", false)] {
            let text = cell(column);
            let long = text.chars().count() > MAX_TEXT;
            if text.is_empty() && needed {
                faults.push(Refusal::new(RefusalCode::Required, "text-required").at(column).with("max", MAX_TEXT));
            } else if long {
                faults.push(Refusal::new(RefusalCode::TooLarge, "text-too-long").at(column).with("max", MAX_TEXT));
            }
        }
        let mut date = |column: &'static str| {
            let day = tables::date(cell(column));
            if day.is_none() {
                faults.push(Refusal::new(RefusalCode::Invalid, "date-invalid").at(column));
            }
            day
        };
        let joined = date("joined_on");
        let left = if cell("left_on").is_empty() { None } else { date("left_on") };
        if let Some(joined) = joined
            && let Err(refusal) = Period::new(joined, left)
        {
            faults.push(refusal.at("left_on"));
        }
        match joined {
            Some(joined_on) if faults.is_empty() => rows.push(PersonRow {
                line: row.line,
                employee_no: number.to_owned(),
                name: PersonName::new(cell("name")),
                position: cell("position").to_owned(),
                team: columns.has("team").then(|| Some(cell("team").to_owned()).filter(|t| !t.is_empty())),
                joined_on,
                left_on: columns.has("left_on").then_some(left),
            }),
            _ => issues.extend(faults.into_iter().map(|refusal| RowIssue { line: row.line, refusal })),
        }
    }
    issues.sort_by_key(|i| i.line);
    Ok((rows, issues))
}

/// The person a row makes of nobody or of one known before; `in_use` is what roster and seats say of the latter.
///
/// # Errors
/// `period-empty` when a kept last day does not come after the row's first; `person-still-placed` when a rostered day
/// or a seat would lie outside the employment.
pub(super) fn merge(
    row: &PersonRow,
    known: Option<&Person>,
    in_use: Option<InUse>,
    id: PersonId,
    team: impl Fn(&str) -> Option<TeamId>,
) -> Result<Person> {
    let person = Person {
        id: known.map_or(id, |k| k.id),
        employee_no: row.employee_no.clone(),
        name: row.name.clone(),
        position: row.position.clone(),
        team: match &row.team {
            Some(code) => code.as_deref().and_then(team),
            None => known.and_then(|k| k.team),
        },
        joined_on: row.joined_on,
        left_on: row.left_on.unwrap_or_else(|| known.and_then(|k| k.left_on)),
    };
    let employed = Period::new(person.joined_on, person.left_on).map_err(|r| r.at("joined_on"))?;
    let mut bad = Refusals::new();
    if let Some(used) = in_use {
        let placed = |path: &'static str| {
            Refusal::new(RefusalCode::State, "person-still-placed").at(path).with("from", used.from).with("to", used.to)
        };
        bad.when(used.from < employed.from, || placed("joined_on"));
        bad.when(employed.to.is_some_and(|to| used.to > to), || placed("left_on"));
    }
    bad.finish().map(|()| person)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::ids::Id;
    use crate::tables::Row;

    fn table(rows: &[&[&str]]) -> Table {
        let row = |(n, cells): (usize, &&[&str])| Row {
            line: n as u64 + 1,
            cells: cells.iter().map(|c| (*c).to_owned()).collect(),
        };
        let mut rows = rows.iter().enumerate().map(row);
        Table { header: rows.next().expect("a header"), rows: rows.collect(), ragged: Vec::new() }
    }
    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn id(n: u128) -> PersonId {
        PersonId::from_uuid(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn rows_are_read_under_headers_of_either_language() {
        let chinese = table(&[
            &["工号", "姓名", "岗位", "班组", "入职日期", "离职日期"],
            &["E1", "王芳", "坐席", "一组", "2025/3/1", ""],
        ]);
        let english = table(&[
            &["Joined on", "Position", "Name", "Employee No", "Team", "Left on"],
            &["2025-03-01", "坐席", "王芳", "E1", "一组", ""],
        ]);
        let (rows, issues) = read_rows(&chinese).expect("rows");
        assert_eq!(issues, []);
        assert_eq!(rows, read_rows(&english).expect("rows").0);
        let first = rows.first().expect("a row");
        assert_eq!((first.team.as_ref(), first.left_on), (Some(&Some("一组".to_owned())), Some(None)));
    }

    #[test]
    fn every_fault_of_a_row_is_told() {
        let (rows, issues) = read_rows(&table(&[
            &["employee_no", "name", "position", "joined_on", "left_on"],
            &["E1", "a", "agent", "2025-01-01", ""],
            &["E1", "b", "agent", "2025-01-01", ""],
            &["", "", "agent", "soon", ""],
            &["E2", "c", "agent", "2025-02-01", "2025-02-01"],
            &["E3", "d", "agent", "2025-02-01", "2025-02-02"],
        ]))
        .expect("rows");
        assert_eq!(rows.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 6]);
        let told: Vec<_> = issues.iter().map(|i| (i.line, i.refusal.rule, i.refusal.path.as_ref())).collect();
        assert_eq!(
            told,
            [
                (3, "employee-no-doubled", "employee_no"),
                (4, "code-invalid", "employee_no"),
                (4, "text-required", "name"),
                (4, "date-invalid", "joined_on"),
                (5, "period-empty", "left_on"),
            ]
        );
        let Err(Error::Refused(list)) = read_rows(&table(&[&["name"]])) else { panic!("not refused") };
        assert_eq!(list.len(), 3);
    }

    #[test]
    fn a_known_person_keeps_what_the_list_does_not_say() {
        let known = Person {
            id: id(1),
            employee_no: "E1".into(),
            name: PersonName::new("old"),
            position: "agent".into(),
            team: Some(TeamId::from_uuid(uuid::Uuid::from_u128(9))),
            joined_on: day("2025-01-01"),
            left_on: Some(day("2026-01-01")),
        };
        let row = PersonRow {
            line: 2,
            employee_no: "E1".into(),
            name: PersonName::new("new"),
            position: "leader".into(),
            team: None,
            joined_on: day("2025-01-01"),
            left_on: None,
        };
        let merged = merge(&row, Some(&known), None, id(2), |_| None).expect("merged");
        assert_eq!((merged.id, merged.team, merged.left_on), (known.id, known.team, known.left_on));
        assert_eq!((merged.name.reveal(), merged.position.as_str()), ("new", "leader"));

        let used = Some(InUse { from: day("2025-02-01"), to: day("2025-06-01") });
        let leaves = |to: &str| {
            let row = PersonRow { left_on: Some(Some(day(to))), ..row.clone() };
            merge(&row, Some(&known), used, id(2), |_| None).map(|p| p.left_on)
        };
        assert_eq!(leaves("2025-06-01").expect("merged"), Some(day("2025-06-01")));
        let Err(Error::Refused(list)) = leaves("2025-05-31") else { panic!("not refused") };
        assert_eq!(list.first().map(|r| (r.rule, r.path.as_ref())), Some(("person-still-placed", "left_on")));
        let Err(Error::Refused(list)) =
            merge(&PersonRow { joined_on: day("2025-02-02"), ..row.clone() }, Some(&known), used, id(2), |_| None)
        else {
            panic!("not refused")
        };
        assert_eq!(list.first().map(|r| r.path.as_ref()), Some("joined_on"));
    }
}
