//! Lines and heads of entries as columns, and back.

use chrono::NaiveDate;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_billing::ledger::{
    About, Account, AccountFamily, Booking, CashKind, CostCounter, CostPool, CreditNoteId, DepositId, Document, Entry,
    How, Income, Kind, Line, Payer, Posting, PostingHead, PostingKey, Recorded, SponsorId, Stamp, Stream, TaxAbout,
    Text,
};
use voxpark_domain::error::Arg;
use voxpark_domain::ids::{BookEntryId, Id, InvoiceId, LeaseId, PaymentId, TenantId, UserId};
use voxpark_domain::money::TaxRate;
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Error, Result};

use crate::repo::invoicing::{currency, small, tax_rate};
use crate::repo::{broken, get};

/// What is stored of a line.
pub(super) const LINE: &[&str] = &[
    "park_id",
    "entry_id",
    "n",
    "account",
    "tenant_id",
    "sponsor_id",
    "detail",
    "rate_bp",
    "currency",
    "minor",
    "document_kind",
    "document_id",
    "line",
    "by_kind",
    "by_id",
    "stream_kind",
    "stream_id",
    "stream_line",
    "stream_income",
    "lease_id",
    "service_from",
    "service_to",
    "tax_rate_bp",
    "tax_point",
    "due_on",
    "earned_until",
    "how",
];

/// What is stored of a head.
pub(super) const ENTRY: &[&str] = &[
    "park_id",
    "entry_id",
    "number",
    "posting_key",
    "fact_sha256",
    "kind",
    "day",
    "booked_on",
    "about_month",
    "text_rule",
    "text_args",
    "reverses",
    "recorded_at",
    "recorded_by",
];

/// What is stored of what a tenant reads.
pub(super) const STATEMENT: &[&str] = &[
    "park_id",
    "tenant_id",
    "entry_id",
    "currency",
    "number",
    "booked_on",
    "about_month",
    "text_rule",
    "text_args",
    "minor",
];

/// The columns of a head `e` and a line `l`.
pub(super) const WHOLE: &str = "e.entry_id, e.number, e.posting_key, e.fact_sha256, e.kind, e.day, e.booked_on, e.about_month,
 e.text_rule, e.text_args, e.reverses, e.recorded_at, e.recorded_by, l.account, l.tenant_id, l.sponsor_id, l.detail, l.rate_bp,
 l.currency, l.minor, l.document_kind, l.document_id, l.line, l.by_kind, l.by_id, l.stream_kind, l.stream_id, l.stream_line,
 l.stream_income, l.lease_id, l.service_from, l.service_to, l.tax_rate_bp, l.tax_point, l.due_on, l.earned_until, l.how";

const PLAIN: &str = "plain";
const REDUCED: &str = "reduced";
const GIVEN_UP: &str = "given_up";

pub(super) fn document_of(document: Document) -> (&'static str, Uuid) {
    match document {
        Document::Invoice(id) => ("invoice", id.uuid()),
        Document::CreditNote(id) => ("credit_note", id.uuid()),
        Document::Payment(id) => ("payment", id.uuid()),
        Document::Deposit(id) => ("deposit", id.uuid()),
    }
}

fn document(row: &QueryResult, kind: &str, id: &str) -> Result<Option<Document>> {
    let Some(name) = get::<Option<String>>(row, kind)? else { return Ok(None) };
    let id: Uuid = get(row, id)?;
    Ok(Some(match name.as_str() {
        "invoice" => Document::Invoice(InvoiceId::from_uuid(id)),
        "credit_note" => Document::CreditNote(CreditNoteId::from_uuid(id)),
        "payment" => Document::Payment(PaymentId::from_uuid(id)),
        "deposit" => Document::Deposit(DepositId::from_uuid(id)),
        other => return Err(broken("document kind", other)),
    }))
}

/// Payer, kind and rate of an account.
fn parts_of(account: Account) -> (Option<Payer>, &'static str, Option<TaxRate>) {
    match account {
        Account::Receivable(payer) | Account::DepositHeld(payer) | Account::Prepaid(payer) => (Some(payer), "", None),
        Account::Accrued(income) | Account::Deferred(income) | Account::Earned(income) => (None, income.name(), None),
        Account::TaxPayable(rate) => (None, "", Some(rate)),
        Account::Cash(kind) => (None, kind.name(), None),
        Account::CostPool(pool) => (None, pool.name(), None),
        Account::CostCounter(counter) => (None, counter.name(), None),
        Account::Rounding | Account::BadDebt | Account::BadDebtRecovered => (None, "", None),
    }
}

fn payer(row: &QueryResult) -> Result<Option<Payer>> {
    let tenant = get::<Option<Uuid>>(row, "tenant_id")?.map(|id| Payer::Tenant(TenantId::from_uuid(id)));
    let sponsor = get::<Option<Uuid>>(row, "sponsor_id")?.map(|id| Payer::Sponsor(SponsorId::from_uuid(id)));
    Ok(tenant.or(sponsor))
}

fn rate(row: &QueryResult, column: &str) -> Result<Option<TaxRate>> {
    get::<Option<i64>>(row, column)?.map(tax_rate).transpose()
}

/// The account of a row with `account`, `tenant_id`, `sponsor_id`, `detail`, `rate_bp`.
pub(super) fn account(row: &QueryResult) -> Result<Account> {
    let (family, detail): (String, String) = (get(row, "account")?, get(row, "detail")?);
    let of = AccountFamily::from_name(&family).ok_or_else(|| broken("account", &family))?;
    let whose = || payer(row)?.ok_or_else(|| broken("payer of", &family));
    let income = || Income::from_name(&detail).ok_or_else(|| broken("income", &detail));
    let unknown = || broken("detail", &detail);
    Ok(match of {
        AccountFamily::Receivable => Account::Receivable(whose()?),
        AccountFamily::DepositHeld => Account::DepositHeld(whose()?),
        AccountFamily::Prepaid => Account::Prepaid(whose()?),
        AccountFamily::Accrued => Account::Accrued(income()?),
        AccountFamily::Deferred => Account::Deferred(income()?),
        AccountFamily::Earned => Account::Earned(income()?),
        AccountFamily::TaxPayable => {
            Account::TaxPayable(rate(row, "rate_bp")?.ok_or_else(|| broken("rate of", &family))?)
        }
        AccountFamily::Cash => Account::Cash(CashKind::from_name(&detail).ok_or_else(unknown)?),
        AccountFamily::CostPool => Account::CostPool(CostPool::from_name(&detail).ok_or_else(unknown)?),
        AccountFamily::CostCounter => Account::CostCounter(CostCounter::from_name(&detail).ok_or_else(unknown)?),
        AccountFamily::Rounding => Account::Rounding,
        AccountFamily::BadDebt => Account::BadDebt,
        AccountFamily::BadDebtRecovered => Account::BadDebtRecovered,
    })
}

/// A line as [`LINE`].
pub(super) fn line_row(park: &Value, entry: BookEntryId, n: i64, line: &Line) -> Vec<Value> {
    let about = &line.about;
    let (payer, detail, rate) = parts_of(line.account);
    let (tenant, sponsor) = match payer {
        Some(Payer::Tenant(id)) => (Some(id.uuid()), None),
        Some(Payer::Sponsor(id)) => (None, Some(id.uuid())),
        None => (None, None),
    };
    let (document, by) = (about.document.map(document_of), about.by.map(document_of));
    let points = |rate: TaxRate| i64::from(rate.basis_points());
    let (kind, stream, at, income) = match about.stream {
        Some(Stream::Line { invoice, line }) => (Some("line"), Some(invoice.uuid()), Some(i64::from(line)), None),
        Some(Stream::Term { lease, income }) => (Some("term"), Some(lease.uuid()), None, Some(income.name())),
        None => (None, None, None, None),
    };
    let how = match about.how {
        How::Plain => PLAIN,
        How::Reduced => REDUCED,
        How::GivenUp => GIVEN_UP,
    };
    vec![
        park.clone(),
        entry.uuid().into(),
        n.into(),
        line.account.family().name().into(),
        tenant.into(),
        sponsor.into(),
        detail.into(),
        rate.map(points).into(),
        line.currency.code().into(),
        line.minor.into(),
        document.map(|of| of.0).into(),
        document.map(|of| of.1).into(),
        about.line.map(i64::from).into(),
        by.map(|of| of.0).into(),
        by.map(|of| of.1).into(),
        kind.into(),
        stream.into(),
        at.into(),
        income.into(),
        about.lease.map(Id::uuid).into(),
        about.service.map(|days| days.from).into(),
        about.service.and_then(|days| days.to).into(),
        about.tax.map(|tax| points(tax.rate)).into(),
        about.tax.map(|tax| tax.point).into(),
        about.due_on.into(),
        about.earned_until.into(),
        how.into(),
    ]
}

fn stream(row: &QueryResult) -> Result<Option<Stream>> {
    let Some(kind) = get::<Option<String>>(row, "stream_kind")? else { return Ok(None) };
    let id: Uuid = get(row, "stream_id")?;
    Ok(Some(match kind.as_str() {
        "line" => Stream::Line { invoice: InvoiceId::from_uuid(id), line: small("line", get(row, "stream_line")?)? },
        "term" => {
            let name: String = get(row, "stream_income")?;
            let income = Income::from_name(&name).ok_or_else(|| broken("income", &name))?;
            Stream::Term { lease: LeaseId::from_uuid(id), income }
        }
        other => return Err(broken("stream", other)),
    }))
}

fn line(row: &QueryResult) -> Result<Line> {
    let how: String = get(row, "how")?;
    let tax = match (rate(row, "tax_rate_bp")?, get::<Option<NaiveDate>>(row, "tax_point")?) {
        (Some(rate), Some(point)) => Some(TaxAbout { rate, point }),
        _ => None,
    };
    let to: Option<NaiveDate> = get(row, "service_to")?;
    let about = About {
        document: document(row, "document_kind", "document_id")?,
        line: get::<Option<i64>>(row, "line")?.map(|line| small("line", line)).transpose()?,
        by: document(row, "by_kind", "by_id")?,
        stream: stream(row)?,
        lease: get::<Option<Uuid>>(row, "lease_id")?.map(LeaseId::from_uuid),
        service: get::<Option<NaiveDate>>(row, "service_from")?.map(|from| Period { from, to }),
        tax,
        due_on: get(row, "due_on")?,
        earned_until: get(row, "earned_until")?,
        how: match how.as_str() {
            PLAIN => How::Plain,
            REDUCED => How::Reduced,
            GIVEN_UP => How::GivenUp,
            other => return Err(broken("how", other)),
        },
    };
    let code: String = get(row, "currency")?;
    Ok(Line { account: account(row)?, minor: get(row, "minor")?, currency: currency(&code)?, about })
}

/// Arguments of a text as they are stored.
fn args_of(text: &Text) -> Result<String> {
    serde_json::to_string(&text.args).map_err(Error::internal)
}

/// The text of a row with `text_rule` and `text_args`.
pub(super) fn text(row: &QueryResult) -> Result<Text> {
    let (rule, args): (String, String) = (get(row, "text_rule")?, get(row, "text_args")?);
    let args: Vec<(String, Arg)> = serde_json::from_str(&args).map_err(Error::internal)?;
    Ok(Text { rule: rule.into(), args: args.into_iter().map(|(name, value)| (name.into(), value)).collect() })
}

/// A head as [`ENTRY`].
pub(super) fn entry_row(park: &Value, recorded: &Recorded) -> Result<Vec<Value>> {
    let Recorded { id, entry, fact, by } = recorded;
    let head = entry.head();
    Ok(vec![
        park.clone(),
        id.uuid().into(),
        number(entry)?.into(),
        head.key.as_str().into(),
        fact.clone().into(),
        head.kind.name().into(),
        head.day.into(),
        entry.on().into(),
        entry.about().first_day().into(),
        head.text.rule.as_ref().into(),
        args_of(&head.text)?.into(),
        head.reverses.as_ref().map(|key| key.as_str().to_owned()).into(),
        entry.stamp().recorded_at.into(),
        by.map(Id::uuid).into(),
    ])
}

/// The number of an entry as it is stored.
pub(super) fn number(entry: &Entry) -> Result<i64> {
    i64::try_from(entry.stamp().number).map_err(Error::internal)
}

/// What an entry does to what tenants owe, as [`STATEMENT`].
pub(super) fn statement_rows(park: &Value, recorded: &Recorded) -> Result<Vec<Vec<Value>>> {
    let entry = &recorded.entry;
    let mut moved: std::collections::BTreeMap<_, i64> = std::collections::BTreeMap::new();
    for line in entry.lines() {
        if let Account::Receivable(Payer::Tenant(tenant)) | Account::Prepaid(Payer::Tenant(tenant)) = line.account {
            let sum = moved.entry((tenant, line.currency)).or_default();
            *sum = sum.checked_add(line.minor).ok_or_else(|| Error::internal("an entry out of range"))?;
        }
    }
    let row = |((tenant, currency), minor): ((TenantId, voxpark_domain::money::Currency), i64)| {
        Ok(vec![
            park.clone(),
            tenant.uuid().into(),
            recorded.id.uuid().into(),
            currency.code().into(),
            number(entry)?.into(),
            entry.on().into(),
            entry.about().first_day().into(),
            entry.head().text.rule.as_ref().into(),
            args_of(&entry.head().text)?.into(),
            minor.into(),
        ])
    };
    moved.into_iter().map(row).collect()
}

fn head(row: &QueryResult) -> Result<PostingHead> {
    let kind: String = get(row, "kind")?;
    Ok(PostingHead {
        key: PostingKey::restore(&get::<String>(row, "posting_key")?),
        kind: Kind::from_name(&kind).ok_or_else(|| broken("kind", &kind))?,
        day: get(row, "day")?,
        text: text(row)?,
        reverses: get::<Option<String>>(row, "reverses")?.map(|key| PostingKey::restore(&key)),
    })
}

/// Rows of [`WHOLE`], those of an entry together, as entries in their order.
pub(super) fn entries(rows: &[QueryResult]) -> Result<Vec<Recorded>> {
    let mut all = Vec::new();
    let mut rows = rows
        .iter()
        .map(|row| Ok((get::<Uuid>(row, "entry_id")?, row)))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .peekable();
    while let Some((id, first)) = rows.next() {
        let mut lines = vec![line(first)?];
        while let Some((_, row)) = rows.next_if(|(next, _)| *next == id) {
            lines.push(line(row)?);
        }
        let number: i64 = get(first, "number")?;
        let stamp =
            Stamp { number: u64::try_from(number).map_err(Error::internal)?, recorded_at: get(first, "recorded_at")? };
        let booking = Booking { on: get(first, "booked_on")?, about: Month::of(get(first, "about_month")?) };
        all.push(Recorded {
            id: BookEntryId::from_uuid(id),
            entry: Entry::restore(Posting::new(head(first)?, lines)?, booking, stamp),
            fact: get(first, "fact_sha256")?,
            by: get::<Option<Uuid>>(first, "recorded_by")?.map(UserId::from_uuid),
        });
    }
    Ok(all)
}
