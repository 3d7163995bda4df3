//! Use cases of unit-seat cost.

use voxpark_domain::audit::Seen;
use voxpark_domain::estate::seat_days;
use voxpark_domain::money::Money;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::tables::{ImportMode, ImportReport, Table};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Ctx, Result, tenancy};

use super::{
    CategoryPack, CostEntry, CostRecord, CostSource, SeatDays, Store, UnitSeatCost, check_entry, import_rows,
    rent_entry, unit_seat_cost,
};
use crate::uow::Tx;

/// The most months of a trend.
pub const MAX_TREND_MONTHS: u32 = 36;

/// The cost of a month and the entries it was computed from.
#[derive(Clone, Debug)]
pub struct MonthCost {
    /// The figures.
    pub cost: UnitSeatCost,
    /// What was entered and imported, oldest first; rent is not among them, it is read from the invoices.
    pub entries: Vec<CostRecord>,
    /// Rent of invoices in other currencies than the park's, one sum each: not part of the cost, for nothing here says what
    /// they are worth.
    pub other_rents: Vec<Money>,
}

/// What the seats of the caller's tenant cost in so many months up to `last`, oldest first. A constant number of
/// statements however many months.
///
/// # Errors
/// [`voxpark_domain::Error::NotFound`] for anyone but staff of a tenant that may read its cost; those of
/// [`unit_seat_cost`].
pub async fn costs(tx: &dyn Tx, ctx: &Ctx, last: Month, months: u32) -> Result<Vec<MonthCost>> {
    ctx.require(Action::Read, Resource::Cost)?;
    let tenant = ctx.tenant()?;
    let back = i32::try_from(months.clamp(1, MAX_TREND_MONTHS)).unwrap_or(1) - 1;
    let first = last.plus(-back);
    let currency = tenancy::park(tx, ctx).await?.currency;
    let months: Vec<Month> = (0..=back).map(|n| first.plus(n)).collect();
    let (all_entries, rents) = (tx.cost_entries(first, last).await?, tx.rents(first, last).await?);
    let within = Period { from: first.first_day(), to: Some(last.end()) };
    let leased = seat_days(&months, tx.spans_held(within, Some(&[tenant])).await?);
    let occupied = seat_days(&months, tx.spans_occupied(within, Some(&[tenant])).await?);
    let pack = CategoryPack::shipped()?;
    let of_month = |(month, (leased, occupied)): (Month, (i64, i64))| {
        let entries: Vec<CostRecord> = all_entries.iter().filter(|e| e.entry.month == month).cloned().collect();
        let nets = rents.iter().filter(|rent| rent.0 == month).map(|rent| rent.1);
        let (nets, other_rents): (Vec<Money>, Vec<Money>) = nets.partition(|net| net.currency == currency);
        let mut all: Vec<CostEntry> = entries.iter().map(|record| record.entry.clone()).collect();
        all.extend(rent_entry(pack, month, &nets)?);
        let days = SeatDays { leased, occupied, built: None };
        Ok(MonthCost { cost: unit_seat_cost(pack, month, currency, &all, days)?, entries, other_rents })
    };
    months.iter().copied().zip(leased.into_iter().zip(occupied)).map(of_month).collect()
}

/// A cost that a person enters.
#[derive(Clone, Debug)]
pub struct CostDraft {
    /// The month it belongs to.
    pub month: Month,
    /// Id of the category.
    pub category: String,
    /// Major units of the park's currency; negative only as a correction.
    pub amount: String,
    /// What it is, up to 200 characters; a correction must say what it corrects.
    pub note: String,
}

/// Enters a cost of the caller's tenant.
///
/// # Errors
/// [`voxpark_domain::Error::NotFound`] for anyone but staff of a tenant; `money-invalid`, and those of
/// [`check_entry`].
pub async fn cost_entry_add(tx: &dyn Tx, ctx: &Ctx, draft: CostDraft) -> Result<CostRecord> {
    ctx.require(Action::Write, Resource::Cost)?;
    ctx.tenant()?;
    let currency = tenancy::park(tx, ctx).await?.currency;
    let entry = CostEntry {
        month: draft.month,
        category: draft.category.trim().to_owned(),
        amount: Money::parse_major(&draft.amount, currency).map_err(|refusal| refusal.at("amount"))?,
        source: CostSource::Manual,
        note: draft.note.trim().to_owned(),
    };
    tx.cost_lock().await?;
    let existing = entries(tx, draft.month, draft.month).await?;
    check_entry(CategoryPack::shipped()?, currency, &existing, &entry)?;
    let record = CostRecord { id: ctx.id(), entry, recorded_at: ctx.now(), recorded_by: ctx.actor().user };
    tx.cost_entries_add(std::slice::from_ref(&record)).await?;
    tell(ctx, &record);
    Ok(record)
}

/// Takes the rows of an uploaded table of costs as entries of the caller's tenant.
///
/// # Errors
/// [`voxpark_domain::Error::NotFound`] for anyone but staff of a tenant; those of [`import_rows`]. Faults of rows are in
/// the report.
pub async fn cost_import(tx: &dyn Tx, ctx: &Ctx, table: &Table, mode: ImportMode) -> Result<ImportReport> {
    ctx.require(Action::Write, Resource::Cost)?;
    ctx.tenant()?;
    let currency = tenancy::park(tx, ctx).await?.currency;
    let mut import = import_rows(CategoryPack::shipped()?, currency, table)?;
    tx.cost_lock().await?;
    if let Some((first, last)) = import.months() {
        import.against(currency, &entries(tx, first, last).await?);
    }
    let mut report = ImportReport::new(table, import.issues);
    if report.accepts(mode) {
        let record =
            |(_, entry)| CostRecord { id: ctx.id(), entry, recorded_at: ctx.now(), recorded_by: ctx.actor().user };
        let records: Vec<CostRecord> = import.entries.into_iter().map(record).collect();
        tx.cost_entries_add(&records).await?;
        for record in &records {
            tell(ctx, record);
        }
        report.added = records.len();
    }
    Ok(report)
}

/// Tells what was entered.
fn tell(ctx: &Ctx, CostRecord { id, entry, .. }: &CostRecord) {
    let said = format!("{} {} {} {}", entry.month, entry.category, entry.amount.minor, entry.amount.currency);
    ctx.heard().set(id.to_string(), Seen::of(said));
    ctx.heard().set(format!("{id} note"), Seen::personal(entry.note.clone()));
}

/// What is entered from one month to another.
async fn entries(store: &dyn Store, first: Month, last: Month) -> Result<Vec<CostEntry>> {
    Ok(store.cost_entries(first, last).await?.into_iter().map(|record| record.entry).collect())
}
