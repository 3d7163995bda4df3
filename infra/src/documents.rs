//! What leaves the house: papers as documents, printed off the threads that wait for the network; invoices also as XML and
//! as workbooks.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use voxpark_billing::crediting::{CreditedLine, IssuedNote};
use voxpark_billing::invoicing::{InvoiceLine, IssuedInvoice, TaxGroup, tax_groups};
use voxpark_billing::ledger::Statement;
use voxpark_billing::parties::{OnInvoice, Party};
use voxpark_billing::pricing::{ConcessionWhy, LineKind as RentKind, RatedLine};
use voxpark_billing::settling::{LineKind, Settlement, SettlementState};
use voxpark_documents::{Column, Document, Part, Signature, print};
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::pack::{Bilingual, hex};
use voxpark_domain::papers::{Paper, PaperLanguage, PaperState};
use voxpark_domain::time::Month;
use voxpark_domain::{Error, Result};

mod month;
mod platform;
mod ubl;
mod workbook;

pub use month::{MonthPrint, month_statement_pdf};
pub use platform::{PlatformPrint, platform_invoice_pdf};
pub use ubl::{credit_note_ubl, invoice_ubl};
pub use workbook::invoice_workbook;

/// What a line of an invoice is for, in Chinese and English; of a correction with the month that it corrects.
fn rent_words(line: &RatedLine) -> (String, String) {
    let reason = line.explanation.concession.as_ref().and_then(ConcessionWhy::what).map_or("", |given| &given.reason);
    if matches!(line.kind, RentKind::Waiver | RentKind::Discount) && line.explanation.correction.is_none() {
        let (zh, en) = off_words(line.kind);
        return (format!("{zh}（{reason}）"), format!("{en} ({reason})"));
    }
    let (zh, en) = match line.kind {
        RentKind::Waiver | RentKind::Discount => off_words(line.kind),
        RentKind::SeatRent => ("席位租金", "Seat rent"),
        RentKind::RentFree => ("免租期", "Rent-free days"),
        RentKind::MinimumSpend => ("最低租金差额", "Least rent not reached"),
        // By a price book alone, which says what it is.
        RentKind::Usage | RentKind::OneTime | RentKind::Percent => {
            line.explanation.book.as_ref().map_or(("", ""), |book| (book.title.zh.as_str(), book.title.en.as_str()))
        }
    };
    // What meters counted is known behind the month: it is charged late, not corrected.
    if line.explanation.is_late_usage() {
        let month = Month::of(line.explanation.period.from);
        return (format!("{zh}（{month}）"), format!("{en} ({month})"));
    }
    if line.explanation.correction.is_none() {
        return (zh.to_owned(), en.to_owned());
    }
    let month = Month::of(line.explanation.period.from);
    (format!("{zh}（更正 {month}）"), format!("{en} (correction of {month})"))
}

/// What comes off rent.
const fn off_words(kind: RentKind) -> (&'static str, &'static str) {
    if matches!(kind, RentKind::Waiver) { ("租金减免", "Rent waiver") } else { ("折扣", "Discount") }
}

/// The same with what is sold, as one item; meters, fees and shares are of no seats.
fn item_words(line: &RatedLine) -> (String, String) {
    let ((zh, en), (product_zh, product_en)) = (rent_words(line), product_words(line.product));
    match line.kind {
        RentKind::SeatRent | RentKind::RentFree | RentKind::MinimumSpend => {
            (format!("{zh} · {product_zh}"), format!("{en} · {product_en}"))
        }
        RentKind::Usage | RentKind::OneTime | RentKind::Percent | RentKind::Waiver | RentKind::Discount => (zh, en),
    }
}

/// What is sold, likewise.
fn product_words(product: SeatProduct) -> (&'static str, &'static str) {
    match product {
        SeatProduct::Bare => ("毛坯席位", "bare seats"),
        SeatProduct::Furnished => ("带家具席位", "furnished seats"),
        SeatProduct::Equipped => ("全配席位", "equipped seats"),
    }
}

/// The texts of a document in the languages in which it is set, the leading one first.
fn said(text: &Bilingual, language: PaperLanguage) -> Vec<String> {
    match language {
        PaperLanguage::Chinese => vec![text.zh.clone()],
        PaperLanguage::English => vec![text.en.clone()],
        PaperLanguage::Both if text.zh == text.en => vec![text.zh.clone()],
        PaperLanguage::Both => vec![text.zh.clone(), text.en.clone()],
    }
}

fn line(zh: &str, en: &str, language: PaperLanguage) -> String {
    said(&Bilingual { zh: zh.to_owned(), en: en.to_owned() }, language).join(" / ")
}

/// A contract paper as a document.
fn paper_document(paper: &Paper) -> Document {
    let language = paper.language;
    let joined = |text: &Bilingual| said(text, language).join(" / ");
    let content = &paper.content;
    let mut parts: Vec<Part> = said(&content.opening, language).into_iter().map(|text| Part::Text { text }).collect();
    parts.extend(content.clauses.iter().zip(1_usize..).map(|(clause, number)| Part::Clause {
        number: number.to_string(),
        title: joined(&clause.title),
        texts: said(&clause.text, language),
    }));
    let signed = [paper.signed_park.reveal(), paper.signed_tenant.reveal()];
    let on = paper.signed_on.map_or_else(String::new, |day| day.to_string());
    let parties = content.parties.iter().zip(signed).map(|(party, name)| Signature {
        party: format!("{} {}", joined(&party.role), joined(&party.name)),
        lines: vec![
            (line("签字", "Signed", language), name.to_owned()),
            (line("盖章", "Seal", language), String::new()),
            (line("日期", "Date", language), on.clone()),
        ],
    });
    parts.push(Part::Signatures { parties: parties.collect() });
    let mark = match paper.state {
        PaperState::Drafted => line("草稿", "DRAFT", language),
        PaperState::Refused | PaperState::Withdrawn => line("作废", "VOID", language),
        PaperState::Approved | PaperState::Signed => String::new(),
    };
    Document {
        lang: if language == PaperLanguage::English { "en" } else { "zh" }.to_owned(),
        title: said(&content.title, language).join("  "),
        subtitle: line("编号", "No.", language) + " " + &paper.number,
        facts: content.parties.iter().map(|party| (joined(&party.role), joined(&party.name))).collect(),
        parts,
        foot: format!("{} · {} · SHA-256 {}", paper.number, paper.template, &hex(&paper.sha256)[..16]),
        mark,
    }
}

/// A contract paper as PDF.
///
/// # Errors
/// An internal error when it cannot be printed: no font, say.
pub async fn paper_pdf(paper: &Paper) -> Result<Vec<u8>> {
    printed(paper_document(paper)).await
}

/// A settlement sheet as a document of both languages; `park` and `tenant` are the two sides.
fn settlement_document(settlement: &Settlement, park: &str, tenant: &str) -> Document {
    let both = |zh: &str, en: &str| format!("{zh} / {en}");
    let money = |minor| Money::new(minor, settlement.currency).grouped();
    let column = |title: String, number| Column { title, number };
    let kind = |kind| match kind {
        LineKind::Invoice => both("未付账单", "Invoice owed"),
        LineKind::LateFee => both("逾期违约金", "Late fee"),
        LineKind::Damage => both("损坏赔偿", "Damage"),
        LineKind::Cleaning => both("清洁", "Cleaning"),
        LineKind::Keys => both("钥匙门禁", "Keys and passes"),
        LineKind::Other => both("其他", "Other"),
        LineKind::Credit => both("应退", "Credit"),
        LineKind::Deposit => both("押金抵扣", "Deposit set off"),
    };
    let sheet = &settlement.sheet;
    let mut lines: Vec<Vec<String>> = sheet
        .lines
        .iter()
        .map(|line| {
            let days = line.days.map_or_else(String::new, |days| format!("（{days} 天 / days）"));
            vec![kind(line.kind), format!("{}{days}", line.text), money(line.minor)]
        })
        .collect();
    let (zh, en) = match settlement.balance_minor {
        1.. => ("乙方应付", "The Tenant owes"),
        0 => ("已结清", "Nothing is owed"),
        _ => ("甲方应退", "The Park owes"),
    };
    lines.push(vec![both(zh, en), String::new(), money(settlement.balance_minor.saturating_abs())]);
    let checks = sheet.checks.iter().map(|check| {
        let found = if check.in_order { "✓".to_owned() } else { check.remark.clone() };
        vec![both(&check.title.zh, &check.title.en), found]
    });
    let amount = format!("{} ({})", both("金额", "Amount"), settlement.currency.code());
    let parts = vec![
        Part::Heading { text: both("应收应付", "What is owed") },
        Part::Table {
            columns: vec![
                column(both("项目", "Item"), false),
                column(both("说明", "What for"), false),
                column(amount, true),
            ],
            rows: lines,
        },
        Part::Heading { text: both("查验", "Inspection") },
        Part::Table {
            columns: vec![column(both("项目", "Item"), false), column(both("结果", "Found"), false)],
            rows: checks.collect(),
        },
        Part::Signatures {
            parties: [
                (both("甲方", "The Park"), park, ""),
                (both("乙方", "The Tenant"), tenant, settlement.agreed_by.reveal()),
            ]
            .into_iter()
            .map(|(role, name, signed)| Signature {
                party: format!("{role} {name}"),
                lines: vec![
                    (both("签字", "Signed"), signed.to_owned()),
                    (both("日期", "Date"), settlement.agreed_on.map_or_else(String::new, |day| day.to_string())),
                ],
            })
            .collect(),
        },
    ];
    Document {
        lang: "zh".to_owned(),
        title: "退租结算单  Settlement Sheet".to_owned(),
        subtitle: format!("{} {}", both("编号", "No."), settlement.number),
        facts: vec![
            (both("甲方", "The Park"), park.to_owned()),
            (both("乙方", "The Tenant"), tenant.to_owned()),
            (both("租约结束日（不含）", "Lease ends, not included"), settlement.ended_on.to_string()),
        ],
        parts,
        foot: format!("{} · SHA-256 {}", settlement.number, &hex(&settlement.sha256)[..16]),
        mark: if settlement.state == SettlementState::Withdrawn { both("作废", "VOID") } else { String::new() },
    }
}

/// A settlement sheet as PDF; `park` and `tenant` are the names of the two sides.
///
/// # Errors
/// As [`paper_pdf`].
pub async fn settlement_pdf(settlement: &Settlement, park: &str, tenant: &str) -> Result<Vec<u8>> {
    printed(settlement_document(settlement, park, tenant)).await
}

/// An invoice for print: what stands on it beside the invoice and its lines.
#[derive(Clone, Debug)]
pub struct InvoicePrint {
    /// In which languages.
    pub language: PaperLanguage,
    /// The civil day of issue.
    pub issued_on: NaiveDate,
    /// How the two sides stand on it.
    pub sides: OnInvoice,
    /// The code of the lease.
    pub lease: String,
    /// How the amount of each line came about, line by line.
    pub why: Vec<Bilingual>,
}

/// A side of an invoice as facts: its name, and what is known beside it.
fn side(role: String, party: &Party, language: PaperLanguage, facts: &mut Vec<(String, String)>) {
    let en = if party.name_en.is_empty() { &party.name } else { &party.name_en };
    let name = Bilingual { zh: party.name.clone(), en: en.clone() };
    facts.push((role, said(&name, language).join(" ")));
    let joined = |first: &str, second: &str| [first, second].map(str::trim).join(" ").trim().to_owned();
    for (label, text) in [
        (line("纳税人识别号", "Taxpayer number", language), party.tax_number.clone()),
        (line("地址、电话", "Address, telephone", language), joined(&party.address, &party.phone)),
        (line("开户行及账号", "Bank and account", language), joined(&party.bank, party.account.reveal())),
    ] {
        if !text.is_empty() {
            facts.push((label, text));
        }
    }
}

/// Why the buyer owes the tax of lines itself, where it does.
fn reverse_charge(lines: &[InvoiceLine]) -> Option<&str> {
    lines.iter().find_map(InvoiceLine::reverse_charge)
}

/// An invoice as a document.
fn invoice_document(invoice: &IssuedInvoice, lines: &[InvoiceLine], with: &InvoicePrint) -> Result<Document> {
    let language = with.language;
    let say = |zh: &str, en: &str| line(zh, en, language);
    let money = |minor| Money::new(minor, invoice.currency).grouped();
    let column = |title: String, number| Column { title, number };
    let row = |line: &InvoiceLine| {
        let rated = &line.rated;
        let (zh, en) = item_words(rated);
        // A price book has no one price of a seat; the sentences behind the invoice say how it came about.
        let by_seat = rated.explanation.book.is_none() && rated.explanation.concession.is_none();
        let price = if by_seat { rated.unit.grouped() } else { String::new() };
        let days = if rated.seat_days != 0 { rated.seat_days.to_string() } else { String::new() };
        let cells = [say(&zh, &en), days, price, format!("{}%", rated.vat), money(line.net_minor)];
        cells.into_iter().chain(line.gross_minor().map(money)).collect()
    };
    let included = lines.iter().any(|line| line.tax_included);
    let price = if included { ("含税月单价", "For a month with tax") } else { ("月单价", "For a month") };
    let taxes = tax_groups(lines)?;
    let tax = |group: &TaxGroup| vec![format!("{}%", group.rate), money(group.net_minor), money(group.tax_minor)];
    let sum = |zh: &str, en: &str, minor| vec![say(zh, en), money(minor)];
    let mut parts = vec![
        Part::Heading { text: format!("{} ({})", say("明细", "What is charged"), invoice.currency.code()) },
        Part::Table {
            columns: vec![
                column(say("项目", "Item"), false),
                column(say("席位天", "Seat-days"), true),
                column(say(price.0, price.1), true),
                column(say("税率", "VAT"), true),
                column(say("不含税金额", "Net"), true),
            ]
            .into_iter()
            .chain(included.then(|| column(say("含税金额", "With tax"), true)))
            .collect(),
            rows: lines.iter().map(row).collect(),
        },
        Part::Heading { text: say("税额", "Tax") },
        Part::Table {
            columns: vec![
                column(say("税率", "VAT"), false),
                column(say("不含税金额", "Net"), true),
                column(say("税额", "Tax"), true),
            ],
            rows: taxes.iter().map(tax).collect(),
        },
    ];
    if let Some(reason) = reverse_charge(lines) {
        let owed = say("增值税由购买方自行缴纳：", "Reverse charge, the buyer owes the value added tax:");
        parts.push(Part::Text { text: format!("{owed} {reason}") });
    }
    parts.extend([
        Part::Heading { text: say("合计", "In all") },
        Part::Table {
            columns: vec![column(String::new(), false), column(say("金额", "Amount"), true)],
            rows: [
                Some(sum("不含税金额", "Net", invoice.net_minor)),
                Some(sum("税额", "Tax", invoice.tax_minor)),
                Some(sum("应付总额", "To be paid", invoice.total_minor)),
                (invoice.credited_minor != 0).then(|| sum("贷项冲减", "Credited", invoice.credited_minor)),
                (invoice.given_up_minor != 0).then(|| sum("已核销坏账", "Written off", invoice.given_up_minor)),
                Some(sum("已付", "Paid", invoice.paid_minor)),
                Some(sum("余额", "Balance", invoice.owed_minor().saturating_sub(invoice.paid_minor))),
            ]
            .into_iter()
            .flatten()
            .collect(),
        },
        Part::Heading { text: say("金额由来", "How the amounts came about") },
    ]);
    parts.extend(lines.iter().zip(&with.why).zip(1_usize..).map(|((line, why), number)| Part::Clause {
        number: number.to_string(),
        title: {
            let (zh, en) = rent_words(&line.rated);
            say(&zh, &en)
        },
        texts: said(why, language),
    }));
    let kept = match &with.sides.sha256 {
        Some(hash) => format!("{}\n{}", say("开具内容的 SHA-256：", "SHA-256 of what was issued:"), hex(hash)),
        None => say(
            "本账单开具时尚未留存双方信息，所列为打印当日的信息。",
            "The sides of this invoice were not kept when it was issued; they are named as they are on the day of printing.",
        ),
    };
    parts.push(Part::Text { text: kept });
    let last = invoice.period.to.and_then(|day| day.pred_opt()).unwrap_or(invoice.period.from);
    let mut facts = Vec::new();
    side(say("出具方", "From"), &with.sides.seller, language, &mut facts);
    side(say("付款方", "To"), &with.sides.buyer, language, &mut facts);
    facts.extend([
        (say("租约", "Lease"), with.lease.clone()),
        (say("开具日期", "Issued on"), with.issued_on.to_string()),
        (say("服务期间（含首尾日）", "Days charged, both included"), format!("{} – {last}", invoice.period.from)),
        (say("到期日", "Due by"), invoice.due_on.to_string()),
    ]);
    let foot = match &with.sides.sha256 {
        Some(hash) => format!("{} · SHA-256 {}", invoice.number, &hex(hash)[..16]),
        None => invoice.number.to_string(),
    };
    Ok(Document {
        lang: if language == PaperLanguage::English { "en" } else { "zh" }.to_owned(),
        title: say("账单", "Invoice"),
        subtitle: format!("{} {}", say("编号", "No."), invoice.number),
        facts,
        parts,
        foot,
        mark: if invoice.voided.is_some() { say("作废", "VOID") } else { String::new() },
    })
}

/// An invoice as PDF.
///
/// # Errors
/// As [`paper_pdf`].
pub async fn invoice_pdf(invoice: &IssuedInvoice, lines: &[InvoiceLine], with: &InvoicePrint) -> Result<Vec<u8>> {
    printed(invoice_document(invoice, lines, with)?).await
}

/// What stands on a credit note beside the note: its invoice, the lines of that, and what stands on it.
#[derive(Clone, Copy, Debug)]
pub struct NotePrint<'a> {
    /// The invoice that it corrects.
    pub invoice: &'a IssuedInvoice,
    /// Its lines.
    pub lines: &'a [InvoiceLine],
    /// What stands on it.
    pub with: &'a InvoicePrint,
    /// The hash that was fixed with the note; `None` of one from before anything was.
    pub sha256: Option<&'a [u8]>,
}

/// A credit note as a document.
fn credit_note_document(note: &IssuedNote, of: &NotePrint<'_>) -> Result<Document> {
    let (language, sides) = (of.with.language, &of.with.sides);
    let say = |zh: &str, en: &str| line(zh, en, language);
    let money = |minor| Money::new(minor, note.currency).grouped();
    let column = |title: String, number| Column { title, number };
    let number = note.number.as_ref().map(ToString::to_string).unwrap_or_default();
    let row = |taken: &CreditedLine| {
        let rated = &taken.of(of.lines)?.rated;
        let (zh, en) = item_words(rated);
        let item = say(&zh, &en);
        let (net, tax) = (money(taken.net_minor), money(taken.tax_minor));
        Ok(vec![taken.line.to_string(), item, format!("{}%", rated.vat), net, tax])
    };
    let sum = |zh: &str, en: &str, minor| vec![say(zh, en), money(minor)];
    let goes = [
        ("抵减尚欠金额", "Off what is owed", note.off_debt_minor),
        ("转入贵方余额", "To your credit", note.credit_minor),
        ("退款", "Back as money", note.refunded_minor),
    ];
    let goes = goes.into_iter().filter(|(_, _, minor)| *minor > 0).map(|(zh, en, minor)| sum(zh, en, minor));
    let amount = || column(say("金额", "Amount"), true);
    let tax = |group: &TaxGroup| vec![format!("{}%", group.rate), money(group.net_minor), money(group.tax_minor)];
    let mut parts = vec![
        Part::Heading { text: format!("{} ({})", say("冲减明细", "What is taken back"), note.currency.code()) },
        Part::Table {
            columns: vec![
                column(say("账单行", "Line"), true),
                column(say("项目", "Item"), false),
                column(say("税率", "VAT"), true),
                column(say("不含税金额", "Net"), true),
                column(say("税额", "Tax"), true),
            ],
            rows: note.lines.iter().map(row).collect::<Result<_>>()?,
        },
        Part::Heading { text: say("税额", "Tax") },
        Part::Table {
            columns: vec![
                column(say("税率", "VAT"), false),
                column(say("不含税金额", "Net"), true),
                column(say("税额", "Tax"), true),
            ],
            rows: note.tax_groups(of.lines)?.iter().map(tax).collect(),
        },
        Part::Heading { text: say("合计", "In all") },
        Part::Table {
            columns: vec![column(String::new(), false), amount()],
            rows: vec![
                sum("不含税金额", "Net", note.net_minor),
                sum("税额", "Tax", note.tax_minor),
                sum("冲减总额", "Taken back", note.total_minor),
            ],
        },
        Part::Heading { text: say("去向", "Where it goes") },
        Part::Table { columns: vec![column(String::new(), false), amount()], rows: goes.collect() },
    ];
    if let Some(hash) = of.sha256 {
        let text = format!("{}\n{}", say("开具内容的 SHA-256：", "SHA-256 of what was issued:"), hex(hash));
        parts.push(Part::Text { text });
    }
    let mut facts = Vec::new();
    side(say("出具方", "From"), &sides.seller, language, &mut facts);
    side(say("付款方", "To"), &sides.buyer, language, &mut facts);
    facts.extend([
        (say("冲减账单", "Corrects invoice"), of.invoice.number.to_string()),
        (say("账单开具日期", "Invoice issued on"), of.with.issued_on.to_string()),
        (say("租约", "Lease"), of.with.lease.clone()),
        (say("开具日期", "Issued on"), note.issued_on.to_string()),
        (say("原因", "Why"), note.reason.clone()),
    ]);
    Ok(Document {
        lang: if language == PaperLanguage::English { "en" } else { "zh" }.to_owned(),
        title: say("贷项通知单", "Credit note"),
        subtitle: format!("{} {number}", say("编号", "No.")),
        facts,
        parts,
        foot: number,
        mark: String::new(),
    })
}

/// A credit note as PDF.
///
/// # Errors
/// As [`paper_pdf`]; `amount-out-of-range` of taxes that cannot be summed.
pub async fn credit_note_pdf(note: &IssuedNote, of: &NotePrint<'_>) -> Result<Vec<u8>> {
    printed(credit_note_document(note, of)?).await
}

/// A statement of account for print.
#[derive(Clone, Debug)]
pub struct StatementPrint {
    /// In which languages.
    pub language: PaperLanguage,
    /// The park.
    pub park: Bilingual,
    /// Whose account.
    pub tenant: Bilingual,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The civil day on which it is printed.
    pub printed_on: NaiveDate,
    /// What each line says, line by line.
    pub texts: Vec<Bilingual>,
}

/// A statement of account as a document.
fn statement_document(statement: &Statement, with: &StatementPrint) -> Document {
    let language = with.language;
    let say = |zh: &str, en: &str| line(zh, en, language);
    let money = |minor, currency| Money::new(minor, currency).grouped();
    let column = |title: String, number| Column { title, number };
    let mut balances: BTreeMap<Currency, i64> = BTreeMap::new();
    let mut rows = Vec::with_capacity(statement.openings.len() + statement.lines.len());
    for (currency, minor) in &statement.openings {
        balances.insert(*currency, *minor);
        let opening = say("期初余额", "Balance before the first day");
        let code = currency.code().to_owned();
        rows.push(vec![with.from.to_string(), String::new(), opening, code, String::new(), money(*minor, *currency)]);
    }
    for (of, text) in statement.lines.iter().zip(&with.texts) {
        balances.insert(of.currency, of.balance);
        rows.push(vec![
            of.on.to_string(),
            of.number.to_string(),
            said(text, language).join("\n"),
            of.currency.code().to_owned(),
            money(of.minor, of.currency),
            money(of.balance, of.currency),
        ]);
    }
    let closing = |(currency, minor): (&Currency, &i64)| {
        let (zh, en) = match minor {
            1.. => ("贵方应付", "You owe"),
            0 => ("已结清", "Nothing is owed"),
            _ => ("贵方余额", "Your credit"),
        };
        vec![say(zh, en), currency.code().to_owned(), money(minor.saturating_abs(), *currency)]
    };
    let mut parts = Vec::new();
    if rows.is_empty() {
        parts.push(Part::Text { text: say("该账户没有往来。", "Nothing happened on this account.") });
    } else {
        parts.push(Part::Table {
            columns: vec![
                column(say("入账日期", "Booked on"), true),
                column(say("凭证", "Entry"), true),
                column(say("摘要", "What for"), false),
                column(say("币种", "Currency"), true),
                column(say("变动", "Change"), true),
                column(say("余额", "Balance"), true),
            ],
            rows,
        });
        parts.push(Part::Heading { text: say("期末", "At the end") });
        parts.push(Part::Table {
            columns: vec![
                column(String::new(), false),
                column(say("币种", "Currency"), true),
                column(say("金额", "Amount"), true),
            ],
            rows: balances.iter().map(closing).collect(),
        });
        let lead = say("正数为欠园区的款项，负数为余额。", "Above zero is owed to the park, below zero is credit.");
        parts.push(Part::Text { text: lead });
    }
    let name = |of: &Bilingual| said(of, language).join(" / ");
    let days = format!("{} – {}", with.from, with.to);
    Document {
        lang: if language == PaperLanguage::English { "en" } else { "zh" }.to_owned(),
        title: say("对账单", "Statement of account"),
        subtitle: days.clone(),
        facts: vec![
            (say("园区", "Park"), name(&with.park)),
            (say("入驻企业", "Tenant"), name(&with.tenant)),
            (say("期间（含首尾日）", "Days, both included"), days),
            (say("打印日期", "Printed on"), with.printed_on.to_string()),
        ],
        parts,
        foot: format!("{} · {} – {}", name(&with.tenant), with.from, with.to),
        mark: String::new(),
    }
}

/// A statement of account as PDF.
///
/// # Errors
/// As [`paper_pdf`].
pub async fn statement_pdf(statement: &Statement, with: &StatementPrint) -> Result<Vec<u8>> {
    printed(statement_document(statement, with)).await
}

async fn printed(document: Document) -> Result<Vec<u8>> {
    let printed = tokio::task::spawn_blocking(move || print(&document)).await.map_err(Error::internal)?;
    printed.map_err(Error::internal)
}
