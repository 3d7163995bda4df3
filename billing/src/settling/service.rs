//! Use cases of settling.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};
use voxpark_domain::audit::Seen;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::{LeaseId, SettlementId};
use voxpark_domain::leasing::Lease;
use voxpark_domain::money::Money;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::pipeline::Private;
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::checklist::Checklist;
use super::sheet::{
    Charge, Check, LineKind, Settlement, SettlementDraft, SettlementState, Sheet, SheetLine, balance, deposit_line,
    invoice_lines,
};
use super::store::Store;
use crate::invoicing;
use crate::uow::Tx;

/// The most charges beside invoices.
const MAX_CHARGES: usize = 50;
/// The longest text, in characters.
const MAX_TEXT: usize = 200;
/// The longest name of who agrees, in characters.
const MAX_NAME: usize = 100;

/// The sheets of leases, newest first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn settlements_of<S: Store + ?Sized>(store: &S, ctx: &Ctx, leases: &[LeaseId]) -> Result<Vec<Settlement>> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.settlements_of(leases).await
}

/// What a lease still has to do before it can be settled.
async fn ready(tx: &dyn Tx, ctx: &Ctx, lease: &Lease, ended_on: NaiveDate) -> Result<()> {
    let today = ctx.today();
    let refusal = |rule| Refusal::new(RefusalCode::State, rule).at("leaseId");
    // On its last day seats are held until midnight, and people settle then.
    if ended_on > today.succ_opt().unwrap_or(today) {
        return Err(refusal("settlement-running").with("to", ended_on).into());
    }
    let open = tx.allocations_beyond(lease.id, ended_on).await?.len();
    if open > 0 {
        return Err(refusal("settlement-open-seats").with("seats", open).into());
    }
    // Whatever was held is billed first: a sheet is no invoice.
    let billed: HashSet<Month> =
        tx.invoices_of_lease(lease.id).await?.iter().map(|invoice| Month::of(invoice.period.from)).collect();
    let first = lease.versions.first().map_or(ended_on, |version| version.terms.term_from);
    let last = Month::of(ended_on.pred_opt().unwrap_or(ended_on));
    let months = (0..).map(|n| Month::of(first).plus(n)).take_while(|month| *month <= last);
    let open: Vec<_> = months.filter(|month| !billed.contains(month)).map(|month| (lease.id, month)).collect();
    let owed = invoicing::preview_alone(tx, ctx, &open).await?.into_iter();
    let mut owed: Vec<Month> = owed
        .filter(|(_, body)| body.as_ref().is_ok_and(|body| body.total_minor != 0))
        .map(|((_, month), _)| month)
        .collect();
    owed.sort_unstable();
    let told = |months: Vec<Month>| months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if !owed.is_empty() {
        return Err(refusal("settlement-unbilled").with("months", told(owed)).into());
    }
    // And what was recorded late is corrected, by an invoice or a credit note.
    let late = invoicing::correctable(tx, lease.id, invoicing::known_at_last()).await?;
    if late.is_empty() {
        return Ok(());
    }
    let late = late.iter().map(|month| month.late.month).collect();
    Err(refusal("settlement-uncorrected").with("months", told(late)).into())
}

/// The charges beside invoices, each fault named.
fn charge_lines(charges: &[Charge], currency: voxpark_domain::money::Currency, bad: &mut Refusals) -> Vec<SheetLine> {
    bad.when(charges.len() > MAX_CHARGES, || {
        Refusal::new(RefusalCode::TooLarge, "settlement-charges").at("charges").with("max", MAX_CHARGES)
    });
    let mut lines = Vec::with_capacity(charges.len());
    for (at, charge) in charges.iter().enumerate() {
        let refusal = |code, rule, field: &str| Refusal::new(code, rule).at(format!("charges.{at}.{field}"));
        let text = charge.text.trim();
        if text.is_empty() {
            bad.push(refusal(RefusalCode::Required, "text-required", "text"));
        } else if text.chars().count() > MAX_TEXT {
            bad.push(refusal(RefusalCode::TooLarge, "text-too-long", "text").with("max", MAX_TEXT));
        }
        let by_itself = matches!(charge.kind, LineKind::Invoice | LineKind::LateFee | LineKind::Deposit);
        bad.when(by_itself, || refusal(RefusalCode::Invalid, "settlement-kind", "kind"));
        match Money::parse_major(&charge.amount, currency) {
            Err(fault) => bad.push(fault.at(format!("charges.{at}.amount"))),
            Ok(money) if money.minor <= 0 => {
                bad.push(refusal(RefusalCode::OutOfRange, "settlement-amount", "amount"));
            }
            Ok(money) => {
                let minor = if charge.kind == LineKind::Credit { -money.minor } else { money.minor };
                let text = text.to_owned();
                lines.push(SheetLine { kind: charge.kind, text, minor, invoice: None, days: None });
            }
        }
    }
    lines
}

/// What was found of every item of the list.
fn checks(faults: &[(String, String)], bad: &mut Refusals) -> Result<Vec<Check>> {
    let list = Checklist::built_in()?;
    let mut found: HashMap<&str, &str> = HashMap::new();
    for (at, (item, remark)) in faults.iter().enumerate() {
        let known = list.item.iter().any(|one| one.id == *item);
        bad.when(!known, || {
            let refusal = Refusal::new(RefusalCode::NotFound, "settlement-item").at(format!("faults.{at}.item"));
            refusal.with("item", item.as_str())
        });
        let remark = remark.trim();
        bad.when(remark.is_empty() || remark.chars().count() > MAX_TEXT, || {
            let refusal = Refusal::new(RefusalCode::Required, "settlement-remark").at(format!("faults.{at}.remark"));
            refusal.with("max", MAX_TEXT)
        });
        found.insert(item, remark);
    }
    let check = |item: &super::CheckItem| {
        let remark = found.get(item.id.as_str()).copied();
        Check {
            item: item.id.clone(),
            title: item.title.clone(),
            in_order: remark.is_none(),
            remark: remark.unwrap_or_default().to_owned(),
        }
    };
    Ok(list.item.iter().map(check).collect())
}

/// What the sheet of a lease would say. Nothing is stored.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lease-unknown`; `settlement-running`,
/// `settlement-open-seats`, `settlement-unbilled`, `settlement-uncorrected` with what comes first; all that apply of `money-invalid`,
/// `deposit-negative`, `settlement-charges`, `settlement-kind`, `settlement-amount`, `text-required`, `text-too-long`,
/// `settlement-item`, `settlement-remark`; `amount-out-of-range`.
pub async fn settlement_preview(tx: &dyn Tx, ctx: &Ctx, lease: LeaseId, draft: &SettlementDraft) -> Result<Settlement> {
    ctx.require(Action::Commit, Resource::Billing)?;
    let lease = tx.leases_by_id(&[lease]).await?.pop();
    let lease = lease.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "lease-unknown").at("leaseId"))?;
    let version = lease.versions.last().ok_or(Error::NotFound)?;
    let (ended_on, currency) = (version.terms.term_to, version.terms.unit_price.currency);
    ready(tx, ctx, &lease, ended_on).await?;
    let mut bad = Refusals::new();
    let deposit = draft.deposit_held.as_ref().map(|text| Money::parse_major(text, currency)).transpose();
    let deposit = deposit.unwrap_or_else(|refusal| {
        bad.push(refusal.at("depositHeld"));
        None
    });
    let deposit = deposit.unwrap_or(version.terms.deposit);
    bad.when(deposit.minor < 0, || Refusal::new(RefusalCode::OutOfRange, "deposit-negative").at("depositHeld"));
    let charges = charge_lines(&draft.charges, currency, &mut bad);
    let checks = checks(&draft.faults, &mut bad)?;
    bad.finish()?;
    let fee = version.clauses.late_fee.filter(|_| !draft.without_late_fees);
    let mut lines = invoice_lines(&tx.invoices_of_lease(lease.id).await?, fee, ctx.today())?;
    lines.extend(charges);
    lines.extend(deposit_line(deposit));
    let balance_minor = balance(&lines)?;
    let sheet = Sheet { lines, checks };
    let bytes = serde_json::to_vec(&sheet).map_err(Error::internal)?;
    let before = tx.settlements_of(&[lease.id]).await?.len();
    Ok(Settlement {
        id: ctx.id(),
        tenant: lease.tenant,
        lease: lease.id,
        number: format!("{}/S{}", lease.code, before.saturating_add(1)),
        ended_on,
        currency,
        sheet,
        balance_minor,
        sha256: Sha256::digest(&bytes).to_vec(),
        state: SettlementState::Issued,
        issued_at: ctx.now(),
        agreed_on: None,
        agreed_by: Private::default(),
        withdrawn_for: Private::default(),
    })
}

/// Issues the sheet of a lease: what it says is fixed, and the tenant sees it.
///
/// # Errors
/// Those of [`settlement_preview`]; `settlement-exists`.
pub async fn settlement_issue(tx: &dyn Tx, ctx: &Ctx, lease: LeaseId, draft: &SettlementDraft) -> Result<Settlement> {
    ctx.require(Action::Commit, Resource::Billing)?;
    tx.leases_lock(&[lease]).await?;
    let settlement = settlement_preview(tx, ctx, lease, draft).await?;
    if !tx.settlement_add(&settlement, ctx.actor().user).await? {
        return Err(Refusal::new(RefusalCode::Duplicate, "settlement-exists").at("leaseId").into());
    }
    ctx.heard().set("number", Seen::of(settlement.number.clone()));
    ctx.heard().set("balanceMinor", Seen::json(settlement.balance_minor));
    Ok(settlement)
}

async fn locked(tx: &dyn Tx, id: SettlementId) -> Result<Settlement> {
    let settlement = tx.settlement_locked(id).await?;
    let settlement = settlement.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "not-found").at("settlementId"))?;
    if settlement.state == SettlementState::Issued {
        return Ok(settlement);
    }
    let refusal = Refusal::new(RefusalCode::State, "settlement-state").at("settlementId");
    Err(refusal.with("state", settlement.state.name()).into())
}

/// That the tenant agreed.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// To which sheet.
    pub settlement: SettlementId,
    /// On which day; not after today.
    pub on: NaiveDate,
    /// Who, 1 to 100 characters.
    pub by: String,
}

/// Records that the tenant agreed to a sheet.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `not-found`, `settlement-state`, `signed-later`,
/// `text-required`, `text-too-long`.
pub async fn settlement_agree(tx: &dyn Tx, ctx: &Ctx, wanted: &Agreement) -> Result<Settlement> {
    ctx.require(Action::Commit, Resource::Billing)?;
    let mut settlement = locked(tx, wanted.settlement).await?;
    let mut bad = Refusals::new();
    let by = wanted.by.trim();
    bad.text("agreedBy", by, true, MAX_NAME);
    bad.when(wanted.on > ctx.today(), || {
        Refusal::new(RefusalCode::OutOfRange, "signed-later").at("agreedOn").with("today", ctx.today())
    });
    bad.finish()?;
    settlement.state = SettlementState::Agreed;
    settlement.agreed_on = Some(wanted.on);
    settlement.agreed_by = Private::new(by);
    ctx.heard().set("agreedOn", Seen::of(wanted.on));
    ctx.heard().set("agreedBy", Seen::personal(by.to_owned()));
    tx.settlement_save(&settlement).await?;
    Ok(settlement)
}

/// Takes a sheet back that nobody agreed to, and says why; another can be issued.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `not-found`, `settlement-state`, `text-required`,
/// `text-too-long`.
pub async fn settlement_withdraw(tx: &dyn Tx, ctx: &Ctx, id: SettlementId, why: &str) -> Result<Settlement> {
    ctx.require(Action::Commit, Resource::Billing)?;
    let mut settlement = locked(tx, id).await?;
    let mut bad = Refusals::new();
    bad.text("reason", why.trim(), true, MAX_TEXT);
    bad.finish()?;
    settlement.state = SettlementState::Withdrawn;
    settlement.withdrawn_for = Private::new(why.trim());
    ctx.heard().set("reason", Seen::personal(why.trim().to_owned()));
    tx.settlement_save(&settlement).await?;
    Ok(settlement)
}
