//! An invoice as a workbook: what stands on it, its lines, the days behind them, and how each amount came about.

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use voxpark_billing::invoicing::{InvoiceLine, IssuedInvoice, TaxGroup, tax_groups};
use voxpark_billing::parties::Party;
use voxpark_domain::money::Money;
use voxpark_domain::pack::hex;
use voxpark_domain::papers::PaperLanguage;
use voxpark_domain::{Error, Result};

use super::{InvoicePrint, item_words, line, reverse_charge, said};

/// So many digits a number of a workbook holds exactly; a longer amount is written as text.
const EXACT_DIGITS: usize = 15;

/// What stands in a cell.
pub(super) enum Cell {
    Text(String),
    Whole(i64),
    Amount(Money),
    Day(NaiveDate),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A sheet under a name, with a head.
pub(super) struct Sheet<'a> {
    pub(super) name: &'a str,
    pub(super) head: &'a [String],
    pub(super) rows: Vec<Vec<Cell>>,
}

/// The format of amounts in a currency: `#,##0.00` with its digits.
fn digits(money: Money) -> String {
    let exponent = usize::try_from(money.currency.exponent()).unwrap_or(2);
    if exponent == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(exponent)) }
}

fn fill(sheet: &mut Worksheet, of: &Sheet<'_>) -> Result<(), XlsxError> {
    let (bold, day) = (Format::new().set_bold(), Format::new().set_num_format("yyyy-mm-dd"));
    sheet.set_name(of.name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, name) in (0_u16..).zip(of.head) {
        sheet.write_string_with_format(0, column, name, &bold)?;
        sheet.set_column_width(column, 22)?;
    }
    for (row, cells) in (1_u32..).zip(&of.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(text) => sheet.write_string(row, column, text)?,
                Cell::Day(date) => sheet.write_datetime_with_format(row, column, date, &day)?,
                Cell::Whole(number) => sheet.write(row, column, *number)?,
                Cell::Amount(money) => {
                    let major = money.major();
                    let long = major.chars().filter(char::is_ascii_digit).count() > EXACT_DIGITS;
                    match major.parse::<f64>() {
                        Ok(value) if !long => {
                            let format = Format::new().set_num_format(digits(*money));
                            sheet.write_number_with_format(row, column, value, &format)?
                        }
                        _ => sheet.write_string(row, column, major)?,
                    }
                }
            };
        }
    }
    Ok(())
}

/// Sheets as a workbook.
pub(super) fn workbook(sheets: &[Sheet<'_>]) -> Result<Vec<u8>> {
    let written = || {
        let mut book = Workbook::new();
        for of in sheets {
            fill(book.add_worksheet(), of)?;
        }
        book.save_to_buffer()
    };
    written().map_err(|error: XlsxError| Error::internal(error))
}

/// A side: what it is called, a row a fact.
fn side(role: &str, party: &Party, language: PaperLanguage) -> Vec<Vec<Cell>> {
    let say = |zh: &str, en: &str| line(zh, en, language);
    let facts = [
        (say("名称", "Name"), party.name.clone()),
        (say("英文名称", "Name in English"), party.name_en.clone()),
        (say("纳税人识别号", "Taxpayer number"), party.tax_number.clone()),
        (say("地址", "Address"), party.address.clone()),
        (say("电话", "Telephone"), party.phone.clone()),
        (say("开户行", "Bank"), party.bank.clone()),
        (say("账号", "Account"), party.account.reveal().to_owned()),
    ];
    let row = |(label, text): (String, String)| vec![Cell::Text(format!("{role} · {label}")), text.into()];
    facts.into_iter().filter(|(_, text)| !text.is_empty()).map(row).collect()
}

/// An invoice as a workbook.
///
/// # Errors
/// `amount-out-of-range` of taxes that cannot be summed; an internal error when it cannot be written.
pub fn invoice_workbook(invoice: &IssuedInvoice, lines: &[InvoiceLine], with: &InvoicePrint) -> Result<Vec<u8>> {
    let language = with.language;
    let say = |zh: &str, en: &str| line(zh, en, language);
    let money = |minor| Cell::Amount(Money::new(minor, invoice.currency));
    let last = invoice.period.to.and_then(|day| day.pred_opt()).unwrap_or(invoice.period.from);
    let mut head = vec![
        vec![say("编号", "Number").into(), invoice.number.to_string().into()],
        vec![say("开具日期", "Issued on").into(), Cell::Day(with.issued_on)],
        vec![say("到期日", "Due by").into(), Cell::Day(invoice.due_on)],
        vec![say("首日", "First day").into(), Cell::Day(invoice.period.from)],
        vec![say("末日", "Last day").into(), Cell::Day(last)],
        vec![say("租约", "Lease").into(), with.lease.clone().into()],
        vec![say("币种", "Currency").into(), invoice.currency.code().to_owned().into()],
        vec![say("不含税金额", "Net").into(), money(invoice.net_minor)],
        vec![say("税额", "Tax").into(), money(invoice.tax_minor)],
        vec![say("应付总额", "To be paid").into(), money(invoice.total_minor)],
    ];
    if let Some(reason) = reverse_charge(lines) {
        head.push(vec![say("购买方自行缴纳增值税", "Reverse charge").into(), reason.to_owned().into()]);
    }
    if invoice.voided.is_some() {
        head.push(vec![say("状态", "State").into(), say("作废", "VOID").into()]);
    }
    head.extend(side(&say("出具方", "From"), &with.sides.seller, language));
    head.extend(side(&say("付款方", "To"), &with.sides.buyer, language));
    if let Some(hash) = &with.sides.sha256 {
        head.push(vec!["SHA-256".to_owned().into(), hex(hash).into()]);
    }
    let item = |of: &InvoiceLine| {
        let (zh, en) = item_words(&of.rated);
        say(&zh, &en)
    };
    let charged = |(number, of): (i64, &InvoiceLine)| {
        let why = with.why.get(usize::try_from(number - 1).unwrap_or(usize::MAX));
        let cells = [
            Cell::Whole(number),
            item(of).into(),
            Cell::Whole(of.rated.seat_days),
            Cell::Amount(of.rated.unit),
            format!("{}%", of.rated.vat).into(),
            money(of.net_minor),
        ];
        let why = why.map(|why| said(why, language).join("\n")).unwrap_or_default();
        cells.into_iter().chain(of.gross_minor().map(money)).chain([why.into()]).collect()
    };
    let days = |(number, of): (i64, &InvoiceLine)| {
        let slice = move |slice: &voxpark_billing::pricing::SeatSlice| {
            vec![
                Cell::Whole(number),
                Cell::Day(slice.from),
                Cell::Day(slice.to.pred_opt().unwrap_or(slice.to)),
                Cell::Whole(slice.seats),
                Cell::Whole(slice.days),
                Cell::Whole(slice.seats.saturating_mul(slice.days)),
            ]
        };
        of.rated.explanation.slices.iter().map(slice).collect::<Vec<_>>()
    };
    let tax =
        |group: &TaxGroup| vec![format!("{}%", group.rate).into(), money(group.net_minor), money(group.tax_minor)];
    let numbered = || (1_i64..).zip(lines);
    let names = [say("账单", "Invoice"), say("明细", "Lines"), say("天数", "Days"), say("税额", "Tax")]
        .map(|name| name.replace(" / ", " "));
    let [head_name, line_name, day_name, tax_name] = &names;
    let columns = |words: &[(&str, &str)]| words.iter().map(|(zh, en)| say(zh, en)).collect::<Vec<_>>();
    let included = lines.iter().any(|line| line.tax_included);
    let mut of_line = columns(&[
        ("行", "Line"),
        ("项目", "Item"),
        ("席位天", "Seat-days"),
        ("月单价", "For a month"),
        ("税率", "VAT"),
        ("不含税金额", "Net"),
        ("金额由来", "How the amount came about"),
    ]);
    if included {
        of_line.insert(of_line.len() - 1, say("含税金额", "With tax"));
    }
    let of_days = columns(&[
        ("行", "Line"),
        ("首日", "First day"),
        ("末日", "Last day"),
        ("席位", "Seats"),
        ("计费天数", "Days that count"),
        ("席位天", "Seat-days"),
    ]);
    let of_tax = columns(&[("税率", "VAT"), ("不含税金额", "Net"), ("税额", "Tax")]);
    workbook(&[
        Sheet { name: head_name, head: &columns(&[("项目", "Item"), ("内容", "Value")]), rows: head },
        Sheet { name: line_name, head: &of_line, rows: numbered().map(charged).collect() },
        Sheet { name: day_name, head: &of_days, rows: numbered().flat_map(days).collect() },
        Sheet { name: tax_name, head: &of_tax, rows: tax_groups(lines)?.iter().map(tax).collect() },
    ])
}
