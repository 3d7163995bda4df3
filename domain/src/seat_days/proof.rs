//! From rows of an uploaded list to proven employment: one row a person and month.
//!
//! A row says what is so of the month now: one that differs from what stood takes that back and says the new. Nothing is
//! ever overwritten.

use std::collections::HashMap;
use std::fmt;

use crate::error::{Refusal, RefusalCode, Result};
use crate::ids::PersonId;
use crate::tables::{self, Column, Columns, RowIssue, Table};
use crate::tenancy::code_ok;
use crate::time::{Month, Period};

/// The columns of a list of proofs, in English or Chinese, in any order.
pub(super) const COLUMNS: &[Column] = &[
    Column::needed(
        "employee_no",
        &["employee no", "employee no.", "employee number", "employee id", "工号", "员工编号", "员工号"],
    ),
    Column::needed("month", &["pay month", "月份", "所属月份", "工资月份", "费款所属期"]),
    Column::needed("payroll", &["paid", "pay", "发薪", "工资发放", "是否发薪", "已发工资"]),
    Column::needed("insurance", &["insured", "social insurance", "参保", "社保", "社会保险", "是否参保", "社保缴纳"]),
    Column::optional("contract_from", &["contract from", "contract start", "合同起始日", "合同开始日期", "合同起"]),
    Column::optional(
        "contract_last_day",
        &["contract last day", "contract end", "合同到期日", "合同终止日期", "合同止"],
    ),
    Column::optional("identity_no", &["identity no", "id number", "id no", "身份证号", "证件号码", "证件号"]),
];

const MAX_NUMBER: usize = 32;

/// The keyed hash of the number of an identity document.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub [u8; 16]);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// The number of an identity document as it stood in a file; its one use is to be hashed, and it prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct IdentityNumber(String);

impl IdentityNumber {
    /// From a cell: 6 to 20 letters and digits. A number of 18 characters is that of a resident identity card and must
    /// carry the right check character (GB 11643-1999: weights 2^(17-i) mod 11, sum mod 11 = 1).
    fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let plain = (6..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        (plain && (text.len() != 18 || card_ok(&text))).then_some(Self(text))
    }
    /// The number, for the keyed hash and nothing else.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityNumber(..)")
    }
}

fn card_ok(text: &str) -> bool {
    // Horner: each step doubles what came before.
    let mut sum = 0_u32;
    for (at, c) in text.chars().enumerate() {
        let value = match c {
            'X' if at == 17 => 10,
            _ => match c.to_digit(10) {
                Some(digit) => digit,
                None => return false,
            },
        };
        sum = (sum * 2 + value) % 11;
    }
    sum == 1
}

/// What one row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// Where it stood.
    pub(super) line: u64,
    /// Whose.
    pub(super) employee_no: String,
    /// Of which month.
    pub(super) month: Month,
    /// Pay for the month was paid out.
    pub(super) payroll: bool,
    /// Social insurance was paid for the month.
    pub(super) insurance: bool,
    /// The labour contract, if the row tells one; open = without an end.
    pub(super) contract: Option<Period>,
    /// The number of the person's identity document, if the row tells it.
    pub(super) identity: Option<IdentityNumber>,
}

/// What stands of a month of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidMonth {
    /// Whose.
    pub person: PersonId,
    /// Which: year * 12 + month - 1.
    pub month: i64,
    /// As [`Proof::payroll`].
    pub payroll: bool,
    /// As [`Proof::insurance`].
    pub insurance: bool,
    /// The person's identity, if it was told.
    pub identity: Option<Identity>,
}

/// A labour contract that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContractEntry {
    /// Whose.
    pub person: PersonId,
    /// For how long.
    pub term: Period,
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "y" | "yes" | "true" | "1" | "是" | "有" | "√" | "✓" | "已发" | "已缴" | "paid" | "insured" => {
            Some(true)
        }
        "" | "n" | "no" | "false" | "0" | "否" | "无" | "×" | "未发" | "未缴" => Some(false),
        _ => None,
    }
}

/// `2026-10`, `2026/10`, `202610`, `2026年10月`, or a date in it.
fn month(text: &str) -> Option<Month> {
    let text = text.trim();
    if let Some(day) = tables::date(text) {
        return Some(Month::of(day));
    }
    let plain = text.replace(['年', '/', '.'], "-").replace('月', "");
    let plain = if plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit()) {
        format!("{}-{}", plain.get(..4)?, plain.get(4..)?)
    } else {
        plain
    };
    let (year, month) = plain.split_once('-')?;
    Month::parse(&format!("{year}-{month:0>2}")).ok()
}

fn contract(columns: &Columns, row: &tables::Row, faults: &mut Vec<Refusal>) -> Option<Period> {
    let (from, last) = (columns.cell(row, "contract_from"), columns.cell(row, "contract_last_day"));
    if from.is_empty() && last.is_empty() {
        return None;
    }
    let Some(first) = tables::date(from) else {
        faults.push(Refusal::new(RefusalCode::Invalid, "date-invalid").at("contract_from"));
        return None;
    };
    if last.is_empty() || last == "无固定期限" {
        return Some(Period { from: first, to: None });
    }
    let Some(end) = tables::date(last).and_then(|last| last.succ_opt()) else {
        faults.push(Refusal::new(RefusalCode::Invalid, "date-invalid").at("contract_last_day"));
        return None;
    };
    Period::new(first, Some(end)).map_err(|refusal| faults.push(refusal.at("contract_last_day"))).ok()
}

/// Reads every row; those with a fault are told with all their faults and left out.
///
/// # Errors
/// Those of [`Columns::find`]. Rows: `row-ragged`, `code-invalid`, `month-invalid`, `yes-no-invalid`, `date-invalid`,
/// `period-empty`, `identity-invalid`, `proof-doubled`.
pub(super) fn read_rows(table: &Table) -> Result<(Vec<Proof>, Vec<RowIssue>)> {
    let columns = Columns::find(COLUMNS, &table.header)?;
    let mut seen: HashMap<(String, Month), u64> = HashMap::new();
    let (mut rows, mut issues) = (Vec::with_capacity(table.rows.len()), table.ragged.clone());
    for row in &table.rows {
        let cell = |name| columns.cell(row, name);
        let mut faults = Vec::new();
        let number = cell("employee_no");
        if !code_ok(number, MAX_NUMBER) {
            faults.push(Refusal::new(RefusalCode::Invalid, "code-invalid").at("employee_no").with("max", MAX_NUMBER));
        }
        let month = month(cell("month"));
        if month.is_none() {
            faults.push(Refusal::new(RefusalCode::Invalid, "month-invalid").at("month").with("value", cell("month")));
        }
        let mut answer = |column: &'static str| {
            let answer = yes_or_no(cell(column));
            if answer.is_none() {
                faults.push(Refusal::new(RefusalCode::Invalid, "yes-no-invalid").at(column));
            }
            answer.unwrap_or(false)
        };
        let (payroll, insurance) = (answer("payroll"), answer("insurance"));
        let contract = contract(&columns, row, &mut faults);
        let told = cell("identity_no");
        let identity = IdentityNumber::read(told);
        if !told.is_empty() && identity.is_none() {
            faults.push(Refusal::new(RefusalCode::Invalid, "identity-invalid").at("identity_no"));
        }
        if let Some(month) = month.filter(|_| faults.is_empty()) {
            let key = (number.to_owned(), month);
            if let Some(first) = seen.get(&key) {
                let first = i64::try_from(*first).unwrap_or(i64::MAX);
                faults.push(Refusal::new(RefusalCode::Duplicate, "proof-doubled").at("month").with("first", first));
            } else {
                seen.insert(key, row.line);
                let employee_no = number.to_owned();
                rows.push(Proof { line: row.line, employee_no, month, payroll, insurance, contract, identity });
            }
        }
        issues.extend(faults.into_iter().map(|refusal| RowIssue { line: row.line, refusal }));
    }
    issues.sort_by_key(|i| i.line);
    Ok((rows, issues))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_in_the_ways_of_spreadsheets() {
        let october = Month::new(2026, 10);
        for text in ["2026-10", "2026/10", "202610", "2026年10月", "2026-10-15", " 2026.10 "] {
            assert_eq!(month(text), october, "{text}");
        }
        assert_eq!(month("2026年3月"), Month::new(2026, 3));
        for text in ["", "2026", "2026-13", "10-2026", "20261", "2026-1-1-1"] {
            assert_eq!(month(text), None, "{text}");
        }
    }

    #[test]
    fn identity_cards_carry_a_check_character() {
        // The example of GB 11643-1999.
        for good in ["11010519491231002X", "11010519491231002x", "440524188001010014", "G12345678", "123456"] {
            assert!(IdentityNumber::read(good).is_some(), "{good}");
        }
        for bad in ["110105194912310021", "1101051949123100AX", "12345", "12 456", "123456789012345678901", ""] {
            assert!(IdentityNumber::read(bad).is_none(), "{bad}");
        }
        assert_eq!(
            format!("{:?} {:?}", IdentityNumber::read("123456"), Identity([7; 16])),
            "Some(IdentityNumber(..)) Identity(..)"
        );
    }
}
