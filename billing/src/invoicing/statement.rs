//! The monthly statement: what the invoices of a tenant for a month come to, told apart by the tenant's cost centres and by
//! currency. It is drawn from the invoices whenever it is asked for and has no number of its own: what is owed, and taxed, is
//! each invoice.

use std::collections::{BTreeMap, HashMap};

use voxpark_domain::ids::{LeaseId, TenantId};
use voxpark_domain::leasing::Lease;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::page::{PageRequest, Sort};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::{InvoiceFilter, IssuedInvoice};
use crate::pricing::out_of_range;
use crate::uow::Tx;

/// The most invoices on a statement.
const MAX_INVOICES: u32 = 2_000;

/// What the invoices of a tenant for a month come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthStatement {
    /// Whose.
    pub tenant: TenantId,
    /// The month.
    pub month: Month,
    /// By cost centre, those of none first, and by currency; empty when nothing was billed.
    pub parts: Vec<StatementPart>,
}

/// The invoices of one cost centre in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementPart {
    /// The cost centre at the end of the month; empty = none.
    pub cost_centre: String,
    /// Of every amount.
    pub currency: Currency,
    /// The invoices in force, each with the code of its lease, by number.
    pub invoices: Vec<(String, IssuedInvoice)>,
    /// What they come to.
    pub sums: StatementSums,
}

/// What invoices come to, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatementSums {
    /// Before tax.
    pub net_minor: i64,
    /// Tax.
    pub tax_minor: i64,
    /// Net and tax.
    pub total_minor: i64,
    /// Credited since, with tax.
    pub credited_minor: i64,
    /// Given up of what was owed.
    pub given_up_minor: i64,
    /// Paid on them, less what went back.
    pub paid_minor: i64,
}

impl StatementSums {
    fn add(&mut self, invoice: &IssuedInvoice) -> Result<(), Refusal> {
        let add = |to: &mut i64, minor: i64| -> Result<(), Refusal> {
            *to = to.checked_add(minor).ok_or_else(out_of_range)?;
            Ok(())
        };
        add(&mut self.net_minor, invoice.net_minor)?;
        add(&mut self.tax_minor, invoice.tax_minor)?;
        add(&mut self.total_minor, invoice.total_minor)?;
        add(&mut self.credited_minor, invoice.credited_minor)?;
        add(&mut self.given_up_minor, invoice.given_up_minor)?;
        add(&mut self.paid_minor, invoice.paid_minor)
    }
    /// What is still owed.
    pub const fn balance_minor(&self) -> i64 {
        let owed = self.total_minor.saturating_sub(self.credited_minor).saturating_sub(self.given_up_minor);
        owed.saturating_sub(self.paid_minor)
    }
}

impl StatementPart {
    /// An amount of it.
    pub const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

/// The statement of a month.
///
/// # Errors
/// [`Error::NotFound`] without permission or out of reach; `statement-too-large`; `amount-out-of-range`.
pub async fn month_statement(tx: &dyn Tx, ctx: &Ctx, tenant: TenantId, month: Month) -> Result<MonthStatement> {
    ctx.require(Action::Read, Resource::Billing)?;
    if tx.tenants_by_id(&[tenant]).await?.is_empty() {
        return Err(Error::NotFound);
    }
    let filter = InvoiceFilter { tenant: Some(tenant), month: Some(month), state: None };
    let all = PageRequest { first: MAX_INVOICES, after: None };
    let page = tx.invoices(&filter, ctx.today(), Sort::default(), &all).await?;
    if page.has_next {
        let refusal = Refusal::new(RefusalCode::TooLarge, "statement-too-large").at("month");
        return Err(refusal.with("max", i64::from(MAX_INVOICES)).into());
    }
    let invoices: Vec<IssuedInvoice> = page.items.into_iter().map(|(_, invoice)| invoice).collect();
    let mut ids: Vec<LeaseId> = invoices.iter().map(|invoice| invoice.lease).collect();
    ids.sort_unstable();
    ids.dedup();
    let leases: HashMap<LeaseId, Lease> =
        tx.leases_by_id(&ids).await?.into_iter().map(|lease| (lease.id, lease)).collect();
    Ok(MonthStatement { tenant, month, parts: parts(month, invoices, &leases)? })
}

fn parts(
    month: Month,
    invoices: Vec<IssuedInvoice>,
    leases: &HashMap<LeaseId, Lease>,
) -> Result<Vec<StatementPart>, Refusal> {
    let last = month.end().pred_opt().unwrap_or(month.end());
    let mut parts: BTreeMap<(String, Currency), StatementPart> = BTreeMap::new();
    for invoice in invoices.into_iter().filter(|invoice| invoice.voided.is_none()) {
        let lease = leases.get(&invoice.lease);
        let centre = lease.and_then(|lease| lease.version_on(last)).map(|version| version.clauses.cost_centre.clone());
        let (cost_centre, currency) = (centre.unwrap_or_default(), invoice.currency);
        let part = parts.entry((cost_centre.clone(), currency)).or_insert(StatementPart {
            cost_centre,
            currency,
            invoices: Vec::new(),
            sums: StatementSums::default(),
        });
        part.sums.add(&invoice)?;
        part.invoices.push((lease.map_or_else(String::new, |lease| lease.code.clone()), invoice));
    }
    let mut parts: Vec<StatementPart> = parts.into_values().collect();
    for part in &mut parts {
        part.invoices.sort_by(|a, b| a.1.number.cmp(&b.1.number));
    }
    Ok(parts)
}
