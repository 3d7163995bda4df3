//! Rows of a table of costs into entries, every faulty row named.

use std::collections::{BTreeMap, BTreeSet};

use voxpark_domain::money::{Currency, Money};
use voxpark_domain::tables::{Column, Columns, Row, RowIssue, Table};
use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode, Result};

use super::entry::{alone, below_zero, category_sum};
use super::{CategoryPack, CostEntry, CostSource};

/// What a table came to. Whether the good rows are taken when others are faulty is the caller's choice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CostImport {
    /// Sound rows: line and entry.
    pub entries: Vec<(u64, CostEntry)>,
    /// Faults in order of lines. Arguments are never cells of the row: a shifted column could put a name anywhere.
    pub issues: Vec<RowIssue>,
}

/// Columns that are read, with the headers they go by; others are left alone.
const COLUMNS: &[Column] = &[
    Column::needed("month", &["月份"]),
    Column::needed("category", &["类别", "成本类别"]),
    Column::needed("amount", &["金额"]),
    Column::optional("note", &["备注", "说明"]),
];

/// What makes two imported rows the same.
type RowKey = (Month, String, i64, String);

fn key(entry: &CostEntry) -> RowKey {
    (entry.month, entry.category.clone(), entry.amount.minor, entry.note.clone())
}

/// Reads rows of `month, category, amount[, note]` under a header in either language, in any order of columns.
///
/// Months are `2026-01`, `2026/1` or `2026年1月`; categories their id or title; amounts major units. Rules of a row:
/// those of the table (`row-ragged`), `cost-cell-missing`, `cost-month-invalid`, `cost-amount-invalid`,
/// `cost-row-doubled`, and those of [`super::check_entry`] that need no other entries; see
/// [`CostImport::against`] for the others.
///
/// # Errors
/// `column-missing`, `column-doubled`.
pub fn import_rows(pack: &CategoryPack, currency: Currency, table: &Table) -> Result<CostImport> {
    let columns = Columns::find(COLUMNS, &table.header)?;
    let mut out = CostImport { entries: Vec::new(), issues: table.ragged.clone() };
    let mut seen: BTreeMap<RowKey, u64> = BTreeMap::new();
    for row in &table.rows {
        let mut faults = Vec::new();
        let entry = read(pack, currency, &columns, row, &mut faults);
        if let Some(entry) = entry.filter(|_| faults.is_empty()) {
            faults.extend(alone(pack, currency, &entry));
            let first = *seen.entry(key(&entry)).or_insert(row.line);
            if first != row.line {
                let first = i64::try_from(first).unwrap_or(i64::MAX);
                faults.push(Refusal::new(RefusalCode::Duplicate, "cost-row-doubled").with("first", first));
            }
            if faults.is_empty() {
                out.entries.push((row.line, entry));
            }
        }
        out.issues.extend(faults.into_iter().map(|refusal| RowIssue { line: row.line, refusal }));
    }
    out.issues.sort_by_key(|issue| issue.line);
    Ok(out)
}

impl CostImport {
    /// The months of its sound rows, first and last.
    pub fn months(&self) -> Option<(Month, Month)> {
        let months = self.entries.iter().map(|(_, entry)| entry.month);
        months.clone().min().zip(months.max())
    }

    /// Turns rows into faults that do not go with the entries that are there: `cost-row-known` (the same row was
    /// imported before, so a file imported twice adds nothing), and `cost-below-zero` of the corrections of a category
    /// that all rows together would take below zero.
    pub fn against(&mut self, currency: Currency, existing: &[CostEntry]) {
        let known: BTreeSet<RowKey> =
            existing.iter().filter(|entry| entry.source == CostSource::Import).map(key).collect();
        let Self { entries, issues } = self;
        entries.retain(|(line, entry)| {
            let new = !known.contains(&key(entry));
            if !new {
                issues.push(RowIssue { line: *line, refusal: Refusal::new(RefusalCode::Duplicate, "cost-row-known") });
            }
            new
        });
        let mut sums: BTreeMap<(Month, String), i128> = BTreeMap::new();
        for (_, entry) in entries.iter() {
            let before = || category_sum(existing, entry.month, &entry.category).map_or(0, i128::from);
            *sums.entry((entry.month, entry.category.clone())).or_insert_with(before) += i128::from(entry.amount.minor);
        }
        entries.retain(|(line, entry)| {
            let sum = sums.get(&(entry.month, entry.category.clone())).copied().unwrap_or(0);
            if sum >= 0 || entry.amount.minor >= 0 {
                return true;
            }
            let without = sum - i128::from(entry.amount.minor);
            let without = Money::new(i64::try_from(without).unwrap_or(i64::MAX), currency);
            issues.push(RowIssue { line: *line, refusal: below_zero(without).at("amount") });
            false
        });
        issues.sort_by_key(|issue| issue.line);
    }
}

/// One row; `None` with at least one fault.
fn read(
    pack: &CategoryPack,
    currency: Currency,
    columns: &Columns,
    row: &Row,
    faults: &mut Vec<Refusal>,
) -> Option<CostEntry> {
    let cell = |column: &str| columns.cell(row, column).trim();
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

#[cfg(test)]
mod tests {
    use voxpark_domain::Error;

    use super::*;

    fn row(line: u64, cells: &[&str]) -> Row {
        Row { line, cells: cells.iter().map(|c| (*c).to_owned()).collect() }
    }
    fn table(header: &[&str], list: &[&[&str]]) -> Table {
        let rows = (2..).zip(list).map(|(line, cells)| row(line, cells)).collect();
        Table { header: row(1, header), rows, ragged: Vec::new() }
    }
    fn import(header: &[&str], list: &[&[&str]]) -> CostImport {
        let pack = CategoryPack::shipped().expect("pack");
        import_rows(pack, Currency::CNY, &table(header, list)).expect("a good header")
    }
    fn issues(import: &CostImport) -> Vec<String> {
        import.issues.iter().map(|i| format!("{}@{}.{}", i.refusal.rule, i.line, i.refusal.path)).collect()
    }
    const HEADER: &[&str] = &["month", "category", "amount", "note"];

    #[test]
    fn a_sound_table_in_either_language() {
        let english = import(
            &["Note", "amount", "CATEGORY", "month"],
            &[&["", "125,000.50", "labour", "2026-01"], &["grid", "900", "Power", "2026/1"]],
        );
        assert_eq!(issues(&english), [""; 0]);
        let read: Vec<_> = english.entries.iter().map(|(l, e)| (*l, &*e.category, e.amount.minor, &*e.note)).collect();
        assert_eq!(read, [(2, "labour", 12_500_050, ""), (3, "power", 90_000, "grid")]);
        assert!(english.entries.iter().all(|(_, e)| e.month.to_string() == "2026-01"));
        let chinese =
            import(&["月份", "成本类别", "金额"], &[&["2026年1月", "人力薪资", "1"], &["2025-11", "电费", "2"]]);
        assert_eq!((issues(&chinese).len(), chinese.entries.len()), (0, 2));
        let months = chinese.months().map(|(first, last)| format!("{first} {last}"));
        assert_eq!(months.as_deref(), Some("2025-11 2026-01"));
    }

    #[test]
    fn a_bad_header_stops_the_table() {
        let pack = CategoryPack::shipped().expect("pack");
        let bad = table(&["month", "Amount", "amount"], &[&["2026-01", "1", "2"]]);
        let Err(Error::Refused(list)) = import_rows(pack, Currency::CNY, &bad) else { panic!("not refused") };
        assert_eq!(list.iter().map(|r| r.rule).collect::<Vec<_>>(), ["column-missing", "column-doubled"]);
    }

    #[test]
    fn every_faulty_row_is_named_and_the_others_are_read() {
        let bad = import(
            HEADER,
            &[
                &["2026-13", "petrol", "1.005", ""],
                &["", "power", "", ""],
                &["2026-01", "power", "10", ""],
                &["2026-01", "电费", "10.00", ""],
                &["2026-01", "rent", "10", ""],
                &["2026-01", "software", "-5", ""],
                &["20261", "other", "x", ""],
            ],
        );
        let expected = [
            "cost-month-invalid@2.month",
            "cost-category-unknown@2.category",
            "cost-amount-invalid@2.amount",
            "cost-cell-missing@3.month",
            "cost-cell-missing@3.amount",
            "cost-row-doubled@5.",
            "cost-category-posted@6.category",
            "cost-correction-note@7.note",
            "cost-month-invalid@8.month",
            "cost-amount-invalid@8.amount",
        ];
        assert_eq!(issues(&bad), expected);
        assert_eq!(bad.entries.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4]);
        // Nothing of a cell may come back in a message.
        assert!(!format!("{:?}", bad.issues).contains("petrol"));
    }

    #[test]
    fn corrections_stay_above_zero_over_the_whole_table() {
        let mut fine = import(HEADER, &[&["2026-01", "power", "-5", "twice"], &["2026-01", "power", "5", ""]]);
        fine.against(Currency::CNY, &[]);
        assert_eq!((fine.entries.len(), fine.issues.len()), (2, 0));
        let mut bad = import(
            HEADER,
            &[&["2026-01", "power", "-6", "twice"], &["2026-01", "power", "5", ""], &["2026-02", "x", "5", ""]],
        );
        bad.against(Currency::CNY, &[]);
        assert_eq!(issues(&bad), ["cost-below-zero@2.amount", "cost-category-unknown@4.category"]);
        assert_eq!(bad.issues[0].refusal.args[0], ("sum", "5.00".into()));
        assert_eq!(bad.entries.len(), 1);
    }

    #[test]
    fn a_table_imported_twice_adds_nothing() {
        let rows: &[&[&str]] = &[&["2026-01", "power", "10", ""], &["2026-01", "power", "10", "second meter"]];
        let first = import(HEADER, rows);
        let mut existing: Vec<CostEntry> = first.entries.into_iter().map(|(_, entry)| entry).collect();
        let mut again = import(HEADER, rows);
        again.against(Currency::CNY, &existing);
        assert_eq!(
            (again.entries.len(), issues(&again)),
            (0, vec!["cost-row-known@2.".into(), "cost-row-known@3.".into()])
        );
        // The same amount entered by hand is another fact.
        for entry in &mut existing {
            entry.source = CostSource::Manual;
        }
        let mut again = import(HEADER, rows);
        again.against(Currency::CNY, &existing);
        assert_eq!((again.entries.len(), again.issues.len()), (2, 0));
    }
}
