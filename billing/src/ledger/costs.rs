//! What the park's seats cost it: recorded against its cost pools, and taken back.

use chrono::NaiveDate;
use voxpark_domain::audit::Seen;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::{BookEntryId, Id};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Period;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, tenancy};

use super::service::{book_entries, may_read};
use super::{ActId, CostAgainst, CostBooked, CostPool, Fact, Kind, Positions, Recorded, Reversed};
use crate::uow::Tx;

/// The longest note and reason, in characters.
const MAX_NOTE: usize = 200;

/// A cost of the park as it is asked for.
#[derive(Clone, Debug)]
pub struct CostDraft {
    /// What for.
    pub pool: CostPool,
    /// Above 0, major units, tax included where the park cannot deduct it.
    pub amount: String,
    /// In which; that of the park when left out.
    pub currency: Option<Currency>,
    /// Paid from there, owed or spread.
    pub against: CostAgainst,
    /// The civil day; today or before.
    pub day: NaiveDate,
    /// The days it is for: first day, and the one after the last.
    pub service: Option<(NaiveDate, NaiveDate)>,
    /// Whose bill, which number; 1 to 200 characters.
    pub note: String,
}

/// Books a cost of the park. What comes for a closed month is booked in the first open one.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `money-invalid`, `amount-not-positive`, `text-required`,
/// `text-too-long`, `day-future`, `period-empty`; all that apply.
pub async fn cost_record(tx: &dyn Tx, ctx: &Ctx, draft: &CostDraft) -> Result<Recorded> {
    may_write(ctx)?;
    let currency = match draft.currency {
        Some(currency) => currency,
        None => tenancy::park(tx, ctx).await?.currency,
    };
    let mut bad = Refusals::new();
    let note = draft.note.trim();
    bad.text("note", note, true, MAX_NOTE);
    bad.when(draft.day > ctx.today(), || Refusal::new(RefusalCode::OutOfRange, "day-future").at("on"));
    let service = draft.service.map(|(from, to)| Period::new(from, Some(to))).transpose();
    let service = service.map_err(|refusal| bad.push(refusal.at("serviceTo"))).ok().flatten();
    let amount = match Money::parse_major(&draft.amount, currency) {
        Ok(amount) if amount.minor > 0 => amount,
        Ok(amount) => {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "amount-not-positive").at("amount");
            bad.push(refusal.with("amount", amount.major()));
            amount
        }
        Err(refusal) => {
            bad.push(refusal.at("amount"));
            Money::zero(currency)
        }
    };
    bad.finish()?;
    let CostDraft { pool, against, day, .. } = *draft;
    let act = ActId::from_uuid(ctx.id::<BookEntryId>().uuid());
    let fact = Fact::CostBooked(CostBooked { act, pool, amount, against, service, day, note: note.to_owned() });
    let heard = ctx.heard();
    heard.set("pool", Seen::of(pool.name()));
    heard.set("amountMinor", Seen::json(amount.minor));
    heard.set("note", Seen::personal(note.to_owned()));
    let first = tx.book_lock().await?;
    let booked = book_entries(tx, ctx, (&[fact], None), Positions::default(), first).await?;
    booked.into_iter().next().ok_or_else(|| Error::internal("a cost without an entry"))
}

/// Takes back a cost that was booked wrongly: its mirror, of today.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission, or for no entry in reach; `entry-not-cost`, `entry-reversed`,
/// `text-required`, `text-too-long`.
pub async fn cost_reverse(tx: &dyn Tx, ctx: &Ctx, entry: BookEntryId, reason: &str) -> Result<Recorded> {
    may_write(ctx)?;
    let first = tx.book_lock().await?;
    let found = tx.entries_by_id(&[entry]).await?.pop().ok_or(Error::NotFound)?.entry;
    let mut bad = Refusals::new();
    bad.text("reason", reason.trim(), true, MAX_NOTE);
    let number = found.stamp().number.to_string();
    let told = |rule| Refusal::new(RefusalCode::State, rule).at("entryId");
    bad.when(found.head().kind != Kind::Costs, || told("entry-not-cost").with("number", number.clone()));
    let fact = Fact::Reversed(Reversed { key: found.key().clone(), day: ctx.today() });
    let before = tx.postings_known(&[fact.key()]).await?;
    bad.when(!before.is_empty(), || told("entry-reversed").with("key", number));
    bad.finish()?;
    ctx.heard().set("reason", Seen::personal(reason.trim().to_owned()));
    let booked = book_entries(tx, ctx, (&[fact], Some(&found)), Positions::default(), first).await?;
    booked.into_iter().next().ok_or_else(|| Error::internal("a reversal without an entry"))
}

fn may_write(ctx: &Ctx) -> Result<()> {
    ctx.require(Action::Commit, Resource::Billing)?;
    may_read(ctx)?;
    ctx.require_proof()
}
