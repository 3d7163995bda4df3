//! Platform invoices as documents: what the operator charges a park.

use chrono::NaiveDate;
use voxpark_billing::invoicing::TaxGroup;
use voxpark_billing::platform_invoices::{PlatformInvoice, PlatformLine, PlatformLineKind};
use voxpark_documents::{Column, Document, Part};
use voxpark_domain::Result;
use voxpark_domain::pack::{Bilingual, hex};
use voxpark_domain::papers::PaperLanguage;

use super::{line, printed, product_words, said, side};

/// A platform invoice for print: what stands on it beside the invoice.
#[derive(Clone, Debug)]
pub struct PlatformPrint {
    /// In which languages.
    pub language: PaperLanguage,
    /// The civil day of issue in the park.
    pub issued_on: NaiveDate,
    /// How the amount of each line came about, line by line.
    pub why: Vec<Bilingual>,
}

/// What a line is for: the name of its price, and the month that it corrects or that left it.
fn item(one: &PlatformLine, language: PaperLanguage) -> String {
    let title = one.why.as_ref().and_then(|why| why.book.as_ref()).map(|book| &book.title);
    let title = title.map(|title| line(&title.zh, &title.en, language)).unwrap_or_default();
    let month = one.month;
    match one.kind {
        PlatformLineKind::Charge => title,
        PlatformLineKind::Correction => {
            let words = line(&format!("更正 {month}"), &format!("correction of {month}"), language);
            format!("{title} · {words}")
        }
        PlatformLineKind::CarriedIn => {
            let from = one.invoice.as_deref().unwrap_or_default();
            line(&format!("账单 {from} 结转"), &format!("Carried from invoice {from}"), language)
        }
        PlatformLineKind::CarriedOut => line("结转至下一张账单", "Carried to the next invoice", language),
    }
}

/// A platform invoice as a document.
fn platform_document(invoice: &PlatformInvoice, with: &PlatformPrint) -> Result<Document> {
    let language = with.language;
    let say = |zh: &str, en: &str| line(zh, en, language);
    let money = |minor| invoice.money(minor).grouped();
    let column = |title: String, number| Column { title, number };
    let seats = |(product, days)| {
        let (zh, en) = product_words(product);
        vec![say(zh, en), i64::to_string(&days)]
    };
    let row = |one: &PlatformLine| {
        let days = if one.seat_days == 0 { String::new() } else { one.seat_days.to_string() };
        vec![item(one, language), days, format!("{}%", one.tax), money(one.net_minor)]
    };
    let taxed = invoice.body.taxed()?;
    let tax = |group: &TaxGroup| vec![format!("{}%", group.rate), money(group.net_minor), money(group.tax_minor)];
    let sum = |zh: &str, en: &str, minor| vec![say(zh, en), money(minor)];
    let owed = if invoice.in_force() { invoice.total_minor } else { 0 };
    let amount = || column(say("不含税金额", "Net"), true);
    let mut parts = Vec::new();
    let leased: Vec<_> = invoice.seat_days().into_iter().map(seats).collect();
    if !leased.is_empty() {
        parts.push(Part::Heading { text: say("当月租用席位", "Seats leased in the month") });
        let columns = vec![column(say("席位产品", "Product"), false), column(say("席位天", "Seat-days"), true)];
        parts.push(Part::Table { columns, rows: leased });
    }
    parts.extend([
        Part::Heading { text: format!("{} ({})", say("明细", "What is charged"), invoice.currency.code()) },
        Part::Table {
            columns: vec![
                column(say("项目", "Item"), false),
                column(say("席位天", "Seat-days"), true),
                column(say("税率", "VAT"), true),
                amount(),
            ],
            rows: invoice.body.lines.iter().map(row).collect(),
        },
        Part::Heading { text: say("税额", "Tax") },
        Part::Table {
            columns: vec![column(say("税率", "VAT"), false), amount(), column(say("税额", "Tax"), true)],
            rows: taxed.groups.iter().map(tax).collect(),
        },
        Part::Heading { text: say("合计", "In all") },
        Part::Table {
            columns: vec![column(String::new(), false), column(say("金额", "Amount"), true)],
            rows: vec![
                sum("不含税金额", "Net", invoice.net_minor),
                sum("税额", "Tax", invoice.tax_minor),
                sum("应付总额", "To be paid", invoice.total_minor),
                sum("已付", "Paid", invoice.paid_minor),
                sum("余额", "Balance", owed.saturating_sub(invoice.paid_minor)),
            ],
        },
        Part::Heading { text: say("金额由来", "How the amounts came about") },
    ]);
    parts.extend(invoice.body.lines.iter().zip(&with.why).zip(1_usize..).map(|((one, why), number)| Part::Clause {
        number: number.to_string(),
        title: item(one, language),
        texts: said(why, language),
    }));
    let hash = hex(&invoice.sha256);
    let label = say("开具内容的 SHA-256：", "SHA-256 of what was issued:");
    parts.push(Part::Text { text: format!("{label}\n{hash}") });
    let mut facts = Vec::new();
    side(say("出具方（平台运营方）", "From (platform operator)"), &invoice.seller, language, &mut facts);
    side(say("付款方（园区）", "To (park)"), &invoice.buyer, language, &mut facts);
    facts.extend([
        (say("月份", "Month"), invoice.month.to_string()),
        (say("开具日期", "Issued on"), with.issued_on.to_string()),
        (say("到期日", "Due by"), invoice.due_on.to_string()),
    ]);
    Ok(Document {
        lang: if language == PaperLanguage::English { "en" } else { "zh" }.to_owned(),
        title: say("平台账单", "Platform invoice"),
        subtitle: format!("{} {}", say("编号", "No."), invoice.number),
        facts,
        parts,
        foot: format!("{} · SHA-256 {}", invoice.number, hash.get(..16).unwrap_or_default()),
        mark: if invoice.in_force() { String::new() } else { say("作废", "VOID") },
    })
}

/// A platform invoice as PDF.
///
/// # Errors
/// An internal error when it cannot be printed: no font, say.
pub async fn platform_invoice_pdf(invoice: &PlatformInvoice, with: &PlatformPrint) -> Result<Vec<u8>> {
    printed(platform_document(invoice, with)?).await
}
