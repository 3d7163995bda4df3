//! Use cases of the ledger: booking with the fact, revenue by month, closing, and what is read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use voxpark_domain::audit::Seen;
use voxpark_domain::ctx::Scope;
use voxpark_domain::ids::{BookEntryId, TenantId};
use voxpark_domain::money::Currency;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::level::level_until;
use super::{
    Ageing, AgeingRow, Calendar, Document, Entry, EntryFilter, Fact, MonthAct, MonthStep, Payer, Positions, PostingKey,
    Recognised, Recorded, ReopenReason, Stamp, Statement, Store, Stream, TrialBalance, TrialRow, VatRow, catch_up,
    post,
};
use crate::pricing::out_of_range;
use crate::runs::{RunOutcome, billing_run_preview};
use crate::uow::Tx;

/// The calendar of a park, of which `first` is the first month when nothing was ever closed.
async fn calendar(tx: &dyn Tx, first: Month) -> Result<Calendar> {
    let last = tx.book_months(1).await?.pop();
    Ok(Calendar::since(last.map_or(first, |step| match step.act {
        MonthAct::Close => step.month.plus(1),
        MonthAct::Reopen => step.month,
    })))
}

/// How many invoices are read together: bounds what is held in memory.
pub(super) const PORTION: usize = 200;

/// The month before all others: while nothing is closed, everything can be booked on its day.
fn ever() -> Month {
    Month::of(NaiveDate::MIN.max(NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(NaiveDate::MIN)))
}

/// The documents whose entries a rule reads before it books a fact.
fn reads(fact: &Fact) -> Vec<Document> {
    match fact {
        Fact::InvoiceVoided(fact) => vec![Document::Invoice(fact.invoice)],
        Fact::CreditNoteIssued(fact) => vec![Document::Invoice(fact.invoice)],
        Fact::WrittenOff(fact) => vec![Document::Invoice(fact.item.invoice)],
        Fact::Recovered(fact) => vec![Document::Invoice(fact.item.invoice)],
        Fact::Applied(fact) => vec![Document::Invoice(fact.item.invoice), fact.source],
        Fact::Unapplied(fact) => vec![Document::Invoice(fact.item.invoice), fact.source],
        Fact::Refunded(fact) => vec![fact.source],
        Fact::PaymentBounced(fact) => vec![Document::Payment(fact.payment)],
        Fact::Recognised(Recognised { stream: Stream::Line { invoice, .. }, .. }) => vec![Document::Invoice(*invoice)],
        _ => Vec::new(),
    }
}

/// Books facts in their order, all of them or none, in the transaction in which they happen; how many entries that took. A fact
/// that was booked before adds nothing, nor does one that comes to nothing. What comes for a closed month is booked in the first
/// open one and says which month it is about. A constant number of statements for some hundreds.
///
/// # Errors
/// `posting-key-taken` when another fact has the key; those of [`post`].
pub(crate) async fn book(tx: &dyn Tx, ctx: &Ctx, facts: &[Fact]) -> Result<usize> {
    if facts.is_empty() {
        return Ok(0);
    }
    let first = tx.book_lock().await?;
    let documents: BTreeSet<Document> = facts.iter().flat_map(reads).collect();
    let before = match documents.len() {
        0 => Vec::new(),
        _ => tx.entries_of(&documents.into_iter().collect::<Vec<_>>()).await?,
    };
    book_entries(tx, ctx, (facts, None), Positions::of(&before)?, first).await.map(|entries| entries.len())
}

/// The same where the books are held and the positions are known; `reversed` is the entry that a fact takes back.
pub(super) async fn book_entries(
    tx: &dyn Tx,
    ctx: &Ctx,
    (facts, reversed): (&[Fact], Option<&Entry>),
    mut at: Positions,
    first: u64,
) -> Result<Vec<Recorded>> {
    let keys: Vec<PostingKey> = facts.iter().map(Fact::key).collect();
    let known: BTreeMap<PostingKey, Option<String>> = tx.postings_known(&keys).await?.into_iter().collect();
    let calendar = calendar(tx, ever()).await?;
    let mut entries: Vec<Recorded> = Vec::new();
    for (fact, key) in facts.iter().zip(keys) {
        let print = fact.fingerprint()?;
        if let Some(before) = known.get(&key) {
            if before.as_ref() == Some(&print) {
                continue;
            }
            let refusal = Refusal::new(RefusalCode::Conflict, "posting-key-taken");
            return Err(refusal.with("key", key.as_str()).into());
        }
        // An invoice that came to nothing was never booked, and there is nothing to take back.
        if let Fact::InvoiceVoided(voided) = fact
            && at.sold(voided.invoice).next().is_none()
        {
            continue;
        }
        let mut print = Some(print);
        for posting in post(fact, &at, reversed)? {
            let head = posting.head();
            let booking = calendar.place(head.kind, head.day);
            let number = first.checked_add(u64::try_from(entries.len()).map_err(Error::internal)?);
            let stamp = Stamp { number: number.ok_or_else(out_of_range)?, recorded_at: ctx.now() };
            let entry = Entry::book(posting, booking, stamp, &calendar)?;
            at.fold(&entry)?;
            entries.push(Recorded { id: ctx.id(), entry, fact: print.take(), by: ctx.actor().user });
        }
    }
    if !entries.is_empty() {
        tx.entries_add(&entries).await?;
    }
    Ok(entries)
}

/// The month is over.
pub(super) fn over(month: Month, ctx: &Ctx) -> Result<(), Refusal> {
    if ctx.today() >= month.end() {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::State, "book-month-not-over").at("month").with("month", month.to_string()))
}

/// Books what is earned until the end of a month and is not booked yet, month by month of the service; how many entries.
/// Asked again, or twice at once, it books nothing twice.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `book-month-not-over`.
pub async fn revenue_recognise(tx: &dyn Tx, ctx: &Ctx, up_to: Month) -> Result<usize> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    over(up_to, ctx).map_err(|refusal| refusal.at("upTo"))?;
    let entries = recognise(tx, ctx, up_to).await?;
    ctx.heard().set("upTo", Seen::of(up_to));
    ctx.heard().set("entries", Seen::json(entries));
    Ok(entries)
}

async fn recognise(tx: &dyn Tx, ctx: &Ctx, up_to: Month) -> Result<usize> {
    // Held before anything is read: what somebody else books meanwhile is seen.
    tx.book_lock().await?;
    catch_up(tx, ctx, None).await?;
    let mut entries = 0;
    for portion in tx.invoices_unearned().await?.chunks(PORTION) {
        let at =
            Positions::of(&tx.entries_of(&portion.iter().map(|id| Document::Invoice(*id)).collect::<Vec<_>>()).await?)?;
        let mut facts = Vec::new();
        for stream in at.streams() {
            facts.extend(until_each_month(&at, stream, up_to)?);
        }
        // By month, so that the numbers of entries follow their days.
        facts.sort_by_key(|fact| fact.until);
        let facts: Vec<Fact> = facts.into_iter().map(Fact::Recognised).collect();
        if !facts.is_empty() {
            let first = tx.book_lock().await?;
            entries += book_entries(tx, ctx, (&facts, None), at, first).await?.len();
        }
    }
    Ok(entries)
}

/// The ends of the months in which a stream is earned, up to a month.
fn until_each_month(at: &Positions, stream: Stream, up_to: Month) -> Result<Vec<Recognised>> {
    let days = at.schedule(stream)?.parts().filter_map(|(over, _)| over).filter_map(|over| Some((over.from, over.to?)));
    let Some((from, to)) = days.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else { return Ok(Vec::new()) };
    let ends = (0..).map(|n| Month::of(from).plus(n)).take_while(|month| *month <= up_to && month.first_day() < to);
    Ok(ends.map(|month| Recognised { stream, until: month.end() }).collect())
}

/// A month was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Closed {
    /// How many entries of revenue were booked for it first.
    pub recognised: usize,
}

/// Closes a month that is over: first books what was earned until its end, then takes nothing more. Months close in order; the
/// first one is that in which the books begin. A month of which leases are not billed yet lacks their rent: it closes only
/// when that is said to be meant, and their invoices are booked in a later month.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `book-month-not-over`, `book-month-closed`,
/// `book-month-not-next`, `book-month-unbilled`.
pub async fn book_month_close(tx: &dyn Tx, ctx: &Ctx, month: Month, without_unbilled: bool) -> Result<Closed> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    over(month, ctx)?;
    // First of all, because the books begin with the first month in which something was earned; a refusal takes it back.
    let mut recognised = recognise(tx, ctx, month).await?;
    if tx.levels().await? {
        let levelled = level_until(tx, ctx, month).await?;
        recognised += levelled.entries;
        ctx.heard().set("leftOut", Seen::json(levelled.left_out));
    }
    let begins = tx.book_begins().await?.unwrap_or(month);
    calendar(tx, begins).await?.close(month)?;
    let unbilled = unbilled(tx, ctx, month).await?;
    if unbilled > 0 && !without_unbilled {
        let refusal = Refusal::new(RefusalCode::State, "book-month-unbilled").at("month");
        return Err(refusal.with("month", month.to_string()).with("leases", unbilled).into());
    }
    step(tx, ctx, month, MonthAct::Close, None, "").await?;
    ctx.heard().set("recognised", Seen::json(recognised));
    ctx.heard().set("unbilled", Seen::json(unbilled));
    Ok(Closed { recognised })
}

/// Leases whose invoice of the month is missing, whatever keeps it back.
async fn unbilled(tx: &dyn Tx, ctx: &Ctx, month: Month) -> Result<i64> {
    let run = billing_run_preview(tx, ctx, month).await?;
    let missing = run.rows.iter().filter(|row| !matches!(row.outcome, RunOutcome::Already)).count();
    i64::try_from(missing).map_err(Error::internal)
}

/// Opens the month that was closed last once more.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `book-month-not-last`, `text-required`, `text-too-long`.
pub async fn book_month_reopen(tx: &dyn Tx, ctx: &Ctx, month: Month, reason: ReopenReason, note: &str) -> Result<()> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    tx.book_lock().await?;
    if tx.book_months(1).await?.is_empty() {
        let refusal = Refusal::new(RefusalCode::State, "book-month-none-closed").at("month");
        return Err(refusal.with("month", month.to_string()).into());
    }
    calendar(tx, ever()).await?.reopen(month, reason, note)?;
    ctx.heard().set("reason", Seen::of(reason.name()));
    ctx.heard().set("note", Seen::personal(note.trim().to_owned()));
    step(tx, ctx, month, MonthAct::Reopen, Some(reason), note.trim()).await
}

async fn step(
    tx: &dyn Tx,
    ctx: &Ctx,
    month: Month,
    act: MonthAct,
    reason: Option<ReopenReason>,
    note: &str,
) -> Result<()> {
    let last = tx.book_months(1).await?.pop().map_or(0, |step| step.n);
    ctx.heard().set("month", Seen::of(month));
    let n = last.checked_add(1).ok_or_else(out_of_range)?;
    let (note, recorded_at, recorded_by) = (note.to_owned(), ctx.now(), ctx.actor().user);
    tx.book_month_add(&MonthStep { n, month, act, reason, note, recorded_at, recorded_by }).await
}

/// When months were closed and opened again, the latest first, at most so many.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn book_months(store: &dyn Store, ctx: &Ctx, latest: u32) -> Result<Vec<MonthStep>> {
    may_read(ctx)?;
    store.book_months(latest).await
}

/// The books are the park's: whoever acts for a tenant reads its statement alone.
pub(super) fn may_read(ctx: &Ctx) -> Result<()> {
    ctx.require(Action::Read, Resource::Billing)?;
    if matches!(ctx.scope(), Scope::Park(_)) { Ok(()) } else { Err(Error::NotFound) }
}

/// Entries by id; those out of reach are missing, and whoever may not read the books reaches none.
///
/// # Errors
/// An internal error when the database cannot be read.
pub async fn entries_by_id(store: &dyn Store, ctx: &Ctx, ids: &[BookEntryId]) -> Result<Vec<Recorded>> {
    if may_read(ctx).is_ok() { store.entries_by_id(ids).await } else { Ok(Vec::new()) }
}

/// The entries of the park, the latest first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn entries(store: &dyn Store, ctx: &Ctx, filter: &EntryFilter, page: &PageRequest) -> Result<Page<Recorded>> {
    may_read(ctx)?;
    store.entries(filter, page).await
}

/// How many entries pass the filter.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn entries_count(store: &dyn Store, ctx: &Ctx, filter: &EntryFilter) -> Result<i64> {
    may_read(ctx)?;
    store.entries_count(filter).await
}

/// Opening, movement and closing of every account in a month.
///
/// # Errors
/// [`Error::NotFound`] without permission; `amount-out-of-range`.
pub async fn trial(store: &dyn Store, ctx: &Ctx, month: Month) -> Result<TrialBalance> {
    may_read(ctx)?;
    let mut trial = TrialBalance::default();
    let more = |a: i64, b: i64| a.checked_add(b).ok_or_else(out_of_range);
    let mut found = store.balances(month.period()).await?;
    found.sort_by_key(|row| (row.account, row.currency));
    for row in found.into_iter().filter(|row| (row.opening, row.debit, row.credit) != (0, 0, 0)) {
        let closing = more(row.opening, row.debit)?.checked_sub(row.credit).ok_or_else(out_of_range)?;
        let total = trial.totals.entry(row.currency).or_default();
        total.opening = more(total.opening, row.opening)?;
        total.debit = more(total.debit, row.debit)?;
        total.credit = more(total.credit, row.credit)?;
        total.closing = more(total.closing, closing)?;
        trial.rows.push(TrialRow {
            account: row.account,
            currency: row.currency,
            opening: row.opening,
            debit: row.debit,
            credit: row.credit,
            closing,
        });
    }
    Ok(trial)
}

/// Who owes what since when at the end of a day. Payers in order; none who owes nothing and has nothing.
///
/// # Errors
/// [`Error::NotFound`] without permission; `amount-out-of-range`.
pub async fn ageing_on(store: &dyn Store, ctx: &Ctx, on: NaiveDate) -> Result<Vec<AgeingRow>> {
    may_read(ctx)?;
    let mut rows: BTreeMap<(Payer, Currency), Ageing> = BTreeMap::new();
    for item in store.open_items(on).await? {
        let row = rows.entry((item.payer, item.currency)).or_default();
        if item.owed {
            row.owe(item.due_on.map_or(0, |day| (on - day).num_days()), item.minor)?;
        } else {
            row.unapplied = row.unapplied.checked_sub(item.minor).ok_or_else(out_of_range)?;
        }
    }
    let row = |((payer, currency), ageing)| AgeingRow { payer, currency, ageing };
    Ok(rows.into_iter().filter(|(_, ageing)| *ageing != Ageing::default()).map(row).collect())
}

/// What was sold and taxed in a month, by rate; also what was sold at rate 0.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn tax_of(store: &dyn Store, ctx: &Ctx, month: Month) -> Result<Vec<VatRow>> {
    may_read(ctx)?;
    let mut found = store.taxed(month.period()).await?;
    found.sort_by_key(|sum| (sum.rate, sum.currency));
    let row = |sum: super::TaxSum| VatRow { month, rate: sum.rate, currency: sum.currency, net: sum.net, tax: sum.tax };
    Ok(found.into_iter().map(row).collect())
}

/// The account of a tenant over some days: for its park, and for the tenant itself.
///
/// # Errors
/// [`Error::NotFound`] without permission; `period-empty`, `statement-too-long`, `amount-out-of-range`.
pub async fn statement_of(
    store: &dyn Store,
    ctx: &Ctx,
    tenant: TenantId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Statement> {
    ctx.require(Action::Read, Resource::Billing)?;
    let days = Period::new(from, Some(to)).map_err(|refusal| refusal.at("to"))?;
    if Month::of(from).plus(MAX_STATEMENT) < Month::of(to) {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "statement-too-long").at("to");
        return Err(refusal.with("max", i64::from(MAX_STATEMENT)).into());
    }
    let mut statement = store.statement(tenant, days).await?;
    let mut balances: BTreeMap<Currency, i64> = statement.openings.iter().copied().collect();
    for line in &mut statement.lines {
        let balance = balances.entry(line.currency).or_default();
        *balance = balance.checked_add(line.minor).ok_or_else(out_of_range)?;
        line.balance = *balance;
    }
    Ok(statement)
}

/// The most months of a statement.
const MAX_STATEMENT: i32 = 36;
