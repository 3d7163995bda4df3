//! The monthly statement of a tenant.

use chrono::NaiveDate;
use voxpark_billing::invoicing::{IssuedInvoice, MonthStatement, StatementPart};
use voxpark_documents::{Column, Document, Part};
use voxpark_domain::Result;
use voxpark_domain::money::Money;
use voxpark_domain::pack::Bilingual;
use voxpark_domain::papers::PaperLanguage;

use super::{line, printed, said};

/// A monthly statement for print.
#[derive(Clone, Debug)]
pub struct MonthPrint {
    /// In which languages.
    pub language: PaperLanguage,
    /// The park.
    pub park: Bilingual,
    /// Whose invoices.
    pub tenant: Bilingual,
    /// The civil day on which it is printed: what is paid and owed is that of the day.
    pub printed_on: NaiveDate,
}

fn document(statement: &MonthStatement, with: &MonthPrint) -> Document {
    let language = with.language;
    let say = |zh: &str, en: &str| line(zh, en, language);
    let column = |title: String, number| Column { title, number };
    let amount = |part: &StatementPart, minor: i64| part.money(minor).grouped();
    let row = |(lease, invoice): &(String, IssuedInvoice)| {
        let money = |minor| Money::new(minor, invoice.currency).grouped();
        let balance = invoice.owed_minor().saturating_sub(invoice.paid_minor);
        vec![
            invoice.number.to_string(),
            lease.clone(),
            invoice.due_on.to_string(),
            money(invoice.net_minor),
            money(invoice.tax_minor),
            money(invoice.total_minor),
            money(balance),
        ]
    };
    let mut parts = Vec::new();
    if statement.parts.is_empty() {
        parts.push(Part::Text { text: say("该月没有账单。", "Nothing was billed for this month.") });
    }
    for part in &statement.parts {
        let centre = if part.cost_centre.is_empty() {
            say("未列成本中心", "No cost centre")
        } else {
            format!("{} {}", say("成本中心", "Cost centre"), part.cost_centre)
        };
        parts.push(Part::Heading { text: format!("{centre} ({})", part.currency.code()) });
        parts.push(Part::Table {
            columns: vec![
                column(say("账单", "Invoice"), true),
                column(say("租约", "Lease"), false),
                column(say("到期日", "Due on"), true),
                column(say("未税", "Net"), true),
                column(say("税额", "Tax"), true),
                column(say("合计", "Total"), true),
                column(say("未付", "Owed"), true),
            ],
            rows: part.invoices.iter().map(row).collect(),
        });
        let sums = &part.sums;
        let sum = |zh: &str, en: &str, minor| vec![say(zh, en), amount(part, minor)];
        let mut rows = vec![
            sum("未税金额", "Before tax", sums.net_minor),
            sum("税额", "Tax", sums.tax_minor),
            sum("价税合计", "Total", sums.total_minor),
        ];
        if sums.credited_minor != 0 {
            rows.push(sum("贷项", "Credited", -sums.credited_minor));
        }
        if sums.given_up_minor != 0 {
            rows.push(sum("已核销坏账", "Written off", -sums.given_up_minor));
        }
        if sums.paid_minor != 0 {
            rows.push(sum("已付", "Paid", -sums.paid_minor));
        }
        rows.push(sum("尚欠", "Owed", sums.balance_minor()));
        parts.push(Part::Table {
            columns: vec![column(String::new(), false), column(say("金额", "Amount"), true)],
            rows,
        });
    }
    parts.push(Part::Text {
        text: say(
            "本单汇总当月账单；应付与纳税以各账单为准。",
            "It sums the invoices of the month; what is owed and taxed is each invoice.",
        ),
    });
    let name = |of: &Bilingual| said(of, language).join(" / ");
    let month = statement.month.to_string();
    Document {
        lang: if language == PaperLanguage::English { "en" } else { "zh" }.to_owned(),
        title: say("月结单", "Monthly statement"),
        subtitle: month.clone(),
        facts: vec![
            (say("园区", "Park"), name(&with.park)),
            (say("入驻企业", "Tenant"), name(&with.tenant)),
            (say("月份", "Month"), month.clone()),
            (say("打印日期", "Printed on"), with.printed_on.to_string()),
        ],
        parts,
        foot: format!("{} · {month}", name(&with.tenant)),
        mark: String::new(),
    }
}

/// A monthly statement as PDF.
///
/// # Errors
/// As [`super::paper_pdf`].
pub async fn month_statement_pdf(statement: &MonthStatement, with: &MonthPrint) -> Result<Vec<u8>> {
    printed(document(statement, with)).await
}
