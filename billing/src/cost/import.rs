//! Rows of a file of costs into entries, every faulty row named.

use std::collections::BTreeMap;

use voxpark_domain::money::{Currency, Money};
use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode};

use super::entry::{alone, below_zero, category_sum};
use super::{CategoryPack, CostEntry, CostSource};

/// A row as the file reader cut it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostRow {
    /// 1-based line in the file, the header included.
    pub line: u64,
    /// Cells.
    pub cells: Vec<String>,
}

/// What a file came to. Whether the good rows are taken when others are faulty is the caller's choice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CostImport {
    /// Sound rows: line and entry.
    pub entries: Vec<(u64, CostEntry)>,
    /// Faults at `rows.<line>.<column>`, in order of lines; `header` when it is the header's. Arguments are never cells
    /// of the row: a shifted column could put a name anywhere.
    pub issues: Vec<Refusal>,
}

/// Columns that are read, with the headers they go by; others are left alone.
const COLUMNS: [(&str, &[&str]); 4] = [
    ("month", &["month", "月份"]),
    ("category", &["category", "类别", "成本类别"]),
    ("amount", &["amount", "金额"]),
    ("note", &["note", "备注", "说明"]),
];

/// Reads rows of `month, category, amount[, note]` under a header in either language, in any order of columns.
///
/// Months are `2026-01`, `2026/1` or `2026年1月`; categories their id or title; amounts major units. `existing` are the
/// entries that are there already: corrections may not take a category below zero.
///
/// Rules of the header: `cost-column-missing`, `cost-column-doubled` (nothing is read then). Rules of a row:
/// `cost-cell-missing`, `cost-month-invalid`, `cost-amount-invalid`, `cost-row-doubled`, and those of
/// [`super::check_entry`]. Blank rows are skipped.
pub fn import_rows(
    pack: &CategoryPack,
    currency: Currency,
    existing: &[CostEntry],
    header: &[String],
    rows: &[CostRow],
) -> CostImport {
    let mut out = CostImport::default();
    let columns = columns(header, &mut out.issues);
    if !out.issues.is_empty() {
        return out;
    }
    let mut seen: BTreeMap<(Month, String, i64, String), u64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.cells.iter().any(|cell| !cell.trim().is_empty())) {
        let cell = |column: &str| columns.get(column).and_then(|at| row.cells.get(*at)).map_or("", |cell| cell.trim());
        let mut faults = Vec::new();
        let entry = read(pack, currency, cell, &mut faults);
        if let Some(entry) = entry.filter(|_| faults.is_empty()) {
            faults.extend(alone(pack, currency, &entry));
            let key = (entry.month, entry.category.clone(), entry.amount.minor, entry.note.clone());
            if let Some(first) = seen.get(&key) {
                faults.push(
                    Refusal::new(RefusalCode::Duplicate, "cost-row-doubled")
                        .with("first", i64::try_from(*first).unwrap_or(i64::MAX)),
                );
            } else {
                seen.insert(key, row.line);
            }
            if faults.is_empty() {
                out.entries.push((row.line, entry));
            }
        }
        out.issues.extend(faults.into_iter().map(|fault| at_row(row.line, fault)));
    }
    refuse_below_zero(currency, existing, &mut out);
    out
}

fn at_row(line: u64, mut fault: Refusal) -> Refusal {
    let path = if fault.path.is_empty() { format!("rows.{line}") } else { format!("rows.{line}.{}", fault.path) };
    fault.path = path.into();
    fault
}

/// Where each known column is.
fn columns(header: &[String], issues: &mut Vec<Refusal>) -> BTreeMap<&'static str, usize> {
    let mut found = BTreeMap::new();
    for (name, aliases) in COLUMNS {
        let known = |cell: &&String| {
            let cell = cell.trim().trim_start_matches('\u{feff}').to_lowercase();
            aliases.contains(&cell.as_str())
        };
        let mut at = header.iter().enumerate().filter(|(_, cell)| known(cell)).map(|(at, _)| at);
        let bad = |code, rule| Refusal::new(code, rule).at("header").with("column", name);
        match (at.next(), at.next()) {
            (Some(one), None) => {
                found.insert(name, one);
            }
            (Some(_), Some(_)) => issues.push(bad(RefusalCode::Duplicate, "cost-column-doubled")),
            (None, _) if name == "note" => {}
            (None, _) => issues.push(bad(RefusalCode::Required, "cost-column-missing")),
        }
    }
    found
}

/// One row; `None` with at least one fault.
fn read<'a>(
    pack: &CategoryPack,
    currency: Currency,
    cell: impl Fn(&str) -> &'a str,
    faults: &mut Vec<Refusal>,
) -> Option<CostEntry> {
    let mut need = |column: &'static str| {
        let text = cell(column);
        if text.is_empty() {
            faults.push(Refusal::new(RefusalCode::Required, "cost-cell-missing").at(column).with("column", column));
        }
        text
    };
    let (month, category, amount) = (need("month"), need("category"), need("amount"));
    let mut parsed = |ok: bool, text: &str, refusal: Refusal| {
        if !ok && !text.is_empty() {
            faults.push(refusal);
        }
    };
    let read_month = parse_month(month);
    parsed(read_month.is_some(), month, Refusal::new(RefusalCode::Invalid, "cost-month-invalid").at("month"));
    let read_category = pack.named(category);
    let unknown = Refusal::new(RefusalCode::NotFound, "cost-category-unknown").at("category");
    parsed(read_category.is_some(), category, unknown);
    let read_amount = Money::parse_major(amount, currency).ok();
    let invalid = Refusal::new(RefusalCode::Invalid, "cost-amount-invalid")
        .at("amount")
        .with("currency", currency.code())
        .with("digits", i64::from(currency.exponent()));
    parsed(read_amount.is_some(), amount, invalid);
    Some(CostEntry {
        month: read_month?,
        category: read_category?.id.clone(),
        amount: read_amount?,
        source: CostSource::Import,
        note: cell("note").to_owned(),
    })
}

/// `2026-01`, `2026-1`, `2026/01`, `2026年1月`.
fn parse_month(text: &str) -> Option<Month> {
    let plain = text.replace(['/', '年'], "-").replace('月', "");
    let (year, month) = plain.split_once('-')?;
    let digits = |part: &str, from: usize, to: usize| {
        (from..=to).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(year, 4, 4) || !digits(month, 1, 2) {
        return None;
    }
    Month::new(year.parse().ok()?, month.parse().ok()?)
}

/// Turns the corrections of a category into faults when all rows together would take it below zero.
fn refuse_below_zero(currency: Currency, existing: &[CostEntry], out: &mut CostImport) {
    let mut sums: BTreeMap<(Month, String), i128> = BTreeMap::new();
    for (_, entry) in &out.entries {
        let key = (entry.month, entry.category.clone());
        let before = || category_sum(existing, entry.month, &entry.category).map_or(0, i128::from);
        *sums.entry(key).or_insert_with(before) += i128::from(entry.amount.minor);
    }
    let CostImport { entries, issues } = out;
    entries.retain(|(line, entry)| {
        let sum = sums.get(&(entry.month, entry.category.clone())).copied().unwrap_or(0);
        if sum >= 0 || entry.amount.minor >= 0 {
            return true;
        }
        let without = sum - i128::from(entry.amount.minor);
        let without = Money::new(i64::try_from(without).unwrap_or(i64::MAX), currency);
        issues.push(at_row(*line, below_zero(without).at("amount")));
        false
    });
    issues.sort_by_key(row_of);
}

/// The line of a fault; the header comes first.
fn row_of(fault: &Refusal) -> u64 {
    fault.path.split('.').nth(1).and_then(|line| line.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(list: &[&[&str]]) -> Vec<CostRow> {
        let cells = |row: &[&str]| row.iter().map(|c| (*c).to_owned()).collect();
        (2..).zip(list).map(|(line, row)| CostRow { line, cells: cells(row) }).collect()
    }
    fn import(header: &[&str], list: &[&[&str]]) -> CostImport {
        let header: Vec<String> = header.iter().map(|c| (*c).to_owned()).collect();
        import_rows(CategoryPack::shipped().expect("pack"), Currency::CNY, &[], &header, &rows(list))
    }
    fn issues(import: &CostImport) -> Vec<String> {
        import.issues.iter().map(|r| format!("{}@{}", r.rule, r.path)).collect()
    }

    #[test]
    fn a_sound_file_in_either_language() {
        let english = import(
            &["Note", "amount", "CATEGORY", "month"],
            &[&["", "125,000.50", "labour", "2026-01"], &["", "", "", ""], &["grid", "900", "Power", "2026/1"]],
        );
        assert_eq!(issues(&english), [""; 0]);
        let read: Vec<_> = english.entries.iter().map(|(l, e)| (*l, &*e.category, e.amount.minor, &*e.note)).collect();
        assert_eq!(read, [(2, "labour", 12_500_050, ""), (4, "power", 90_000, "grid")]);
        assert!(english.entries.iter().all(|(_, e)| e.month.to_string() == "2026-01"));
        let chinese = import(&["\u{feff}月份", "成本类别", "金额"], &[&["2026年1月", "人力薪资", "1"]]);
        assert_eq!((issues(&chinese).len(), chinese.entries.len()), (0, 1));
    }

    #[test]
    fn a_bad_header_stops_the_file() {
        let bad = import(&["month", "Amount", "amount"], &[&["2026-01", "1", "2"]]);
        assert_eq!(issues(&bad), ["cost-column-missing@header", "cost-column-doubled@header"]);
        assert_eq!(bad.entries, []);
    }

    #[test]
    fn every_faulty_row_is_named_and_the_others_are_read() {
        let bad = import(
            &["month", "category", "amount", "note"],
            &[
                &["2026-13", "petrol", "1.005", ""],
                &["", "power"],
                &["2026-01", "power", "10", ""],
                &["2026-01", "电费", "10.00", ""],
                &["2026-01", "rent", "10", ""],
                &["2026-01", "software", "-5", ""],
                &["20261", "other", "x", ""],
            ],
        );
        let expected = [
            "cost-month-invalid@rows.2.month",
            "cost-category-unknown@rows.2.category",
            "cost-amount-invalid@rows.2.amount",
            "cost-cell-missing@rows.3.month",
            "cost-cell-missing@rows.3.amount",
            "cost-row-doubled@rows.5",
            "cost-category-posted@rows.6.category",
            "cost-correction-note@rows.7.note",
            "cost-month-invalid@rows.8.month",
            "cost-amount-invalid@rows.8.amount",
        ];
        assert_eq!(issues(&bad), expected);
        assert_eq!(bad.entries.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4]);
        // Nothing of a cell may come back in a message.
        assert!(!format!("{:?}", bad.issues).contains("petrol"));
    }

    #[test]
    fn corrections_stay_above_zero_over_the_whole_file() {
        let header = ["month", "category", "amount", "note"];
        let fine = import(&header, &[&["2026-01", "power", "-5", "twice"], &["2026-01", "power", "5", ""]]);
        assert_eq!((fine.entries.len(), fine.issues.len()), (2, 0));
        let bad = import(
            &header,
            &[&["2026-01", "power", "-6", "twice"], &["2026-01", "power", "5", ""], &["2026-02", "x", "5", ""]],
        );
        assert_eq!(issues(&bad), ["cost-below-zero@rows.2.amount", "cost-category-unknown@rows.4.category"]);
        assert_eq!(bad.issues[0].args[0], ("sum", "5.00".into()));
        assert_eq!(bad.entries.len(), 1);
    }
}
