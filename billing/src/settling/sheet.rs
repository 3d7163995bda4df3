//! A settlement sheet: its lines, its checks, what it comes to.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::Refusal;
use voxpark_domain::ids::{InvoiceId, LeaseId, SettlementId, TenantId};
use voxpark_domain::leasing::LateFee;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::pack::Bilingual;
use voxpark_domain::pipeline::Private;

use crate::invoicing::IssuedInvoice;
use crate::pricing::out_of_range;

/// What a line of a sheet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// What is still owed on an invoice.
    Invoice,
    /// What a late payment costs by the clause of the lease.
    LateFee,
    /// Something is broken or missing.
    Damage,
    /// The area is not clean.
    Cleaning,
    /// Keys or passes are not back.
    Keys,
    /// Something else that the tenant owes.
    Other,
    /// Something that the park owes.
    Credit,
    /// The deposit that the park holds, set off.
    Deposit,
}

/// A line of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetLine {
    /// What it is for.
    pub kind: LineKind,
    /// In words; the number of the invoice where it is one.
    pub text: String,
    /// Minor units: positive is owed by the tenant, negative by the park.
    pub minor: i64,
    /// The invoice it is about.
    pub invoice: Option<InvoiceId>,
    /// Days that the invoice was late, of a late fee.
    pub days: Option<i64>,
}

/// What was found of an item of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which item.
    pub item: String,
    /// What is in order when it is.
    pub title: Bilingual,
    /// Whether it is in order.
    pub in_order: bool,
    /// What is not.
    pub remark: String,
}

/// What stands on a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// In order.
    pub lines: Vec<SheetLine>,
    /// Every item of the list.
    pub checks: Vec<Check>,
}

/// Where a sheet is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SettlementState {
    /// The tenant has it.
    Issued,
    /// Both sides agree.
    Agreed,
    /// It was taken back.
    Withdrawn,
}

impl SettlementState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Issued, Self::Agreed, Self::Withdrawn];
    /// Stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Agreed => "agreed",
            Self::Withdrawn => "withdrawn",
        }
    }
    /// The state with this stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What the two sides of a lease owe each other when it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Its id.
    pub id: SettlementId,
    /// Whose lease.
    pub tenant: TenantId,
    /// Which lease.
    pub lease: LeaseId,
    /// The code of the lease and how many sheets there were: `L-1/S1`.
    pub number: String,
    /// The day after the last of the lease.
    pub ended_on: NaiveDate,
    /// Of every amount.
    pub currency: Currency,
    /// What stands on it.
    pub sheet: Sheet,
    /// Minor units: positive is owed by the tenant, negative by the park.
    pub balance_minor: i64,
    /// SHA-256 of what stands on it, as it is kept.
    pub sha256: Vec<u8>,
    /// Where it is.
    pub state: SettlementState,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The day on which the tenant agreed.
    pub agreed_on: Option<NaiveDate>,
    /// Who agreed for the tenant.
    pub agreed_by: Private,
    /// Why it was taken back.
    pub withdrawn_for: Private,
}

/// Something that the park or the tenant owes beside invoices.
#[derive(Clone, Debug)]
pub struct Charge {
    /// What for; not an invoice, late fee or deposit.
    pub kind: LineKind,
    /// In words, 1 to 200 characters.
    pub text: String,
    /// In major units, positive whoever owes it.
    pub amount: String,
}

/// What a sheet is drawn up from beside the books.
#[derive(Clone, Debug, Default)]
pub struct SettlementDraft {
    /// The deposit that the park holds, in major units; that of the lease when left out.
    pub deposit_held: Option<String>,
    /// Late fees are not charged.
    pub without_late_fees: bool,
    /// Beside invoices: at most 50.
    pub charges: Vec<Charge>,
    /// Items of the list that are not in order, each with what is not.
    pub faults: Vec<(String, String)>,
}

/// The lines that follow from invoices: what is owed on each, oldest first, and what it costs that it is late on a day.
///
/// # Errors
/// Those of [`IssuedInvoice::standing`]; `amount-out-of-range`.
pub(super) fn invoice_lines(
    invoices: &[IssuedInvoice],
    fee: Option<LateFee>,
    today: NaiveDate,
) -> voxpark_domain::Result<Vec<SheetLine>> {
    let (mut owed, mut fees) = (Vec::new(), Vec::new());
    for invoice in invoices {
        let balance = invoice.standing(today)?.balance.minor;
        if balance == 0 {
            continue;
        }
        let line = |kind, minor, days| SheetLine {
            kind,
            text: invoice.number.to_string(),
            minor,
            invoice: Some(invoice.id),
            days,
        };
        owed.push(line(LineKind::Invoice, balance, None));
        let late = (today - invoice.due_on).num_days().max(0);
        let minor = fee.map_or(Some(0), |fee| fee.fee(balance, late)).ok_or_else(out_of_range)?;
        if minor > 0 {
            fees.push(line(LineKind::LateFee, minor, Some(late)));
        }
    }
    owed.extend(fees);
    Ok(owed)
}

/// The line of a deposit that is set off; none where nothing is held.
pub(super) fn deposit_line(held: Money) -> Option<SheetLine> {
    let line = SheetLine {
        kind: LineKind::Deposit,
        text: String::new(),
        minor: held.minor.checked_neg()?,
        invoice: None,
        days: None,
    };
    (held.minor > 0).then_some(line)
}

/// What lines come to.
///
/// # Errors
/// `amount-out-of-range`.
pub(super) fn balance(lines: &[SheetLine]) -> Result<i64, Refusal> {
    lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.minor)).ok_or_else(out_of_range)
}
