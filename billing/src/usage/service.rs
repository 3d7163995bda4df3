//! Use cases of figures of meters.

use std::collections::BTreeSet;

use voxpark_domain::audit::Seen;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::LeaseId;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::{MeterUsage, UsageRecord};
use crate::invoicing::{Holding, KnownMonth, known_at_last};
use crate::pricing::{Price, Ratio};
use crate::uow::Tx;

/// The most figures at once.
const MAX_METERS: usize = 50;
/// The longest note, in characters.
const MAX_NOTE: usize = 200;
/// The most that a meter counts in a month.
const MAX_QUANTITY: i128 = 1_000_000_000_000;
/// Digits after the point.
const DECIMALS: u32 = 6;

/// What meters counted for a lease in a month.
#[derive(Clone, Debug)]
pub struct UsageDraft {
    /// The lease.
    pub lease: LeaseId,
    /// The month; it has begun.
    pub month: Month,
    /// Each meter with everything it counted in the month, 1 to 50: not below 0, at most six digits after the point.
    pub meters: Vec<(String, String)>,
    /// Where the figures come from, up to 200 characters.
    pub note: String,
}

/// The metered prices by which a month of a lease is priced.
fn metered(holding: &Holding, month: Month) -> Result<Vec<&Price>, Refusal> {
    let book = holding.book(month)?;
    Ok(book.into_iter().flat_map(|book| &book.prices).filter(|price| price.meter.is_some()).collect())
}

const fn known(lease: LeaseId, month: Month) -> KnownMonth {
    KnownMonth { lease, month, known_at: known_at_last() }
}

/// The meters that the books of leases charge in months, with what was recorded last; leases out of reach are missing. A constant
/// number of statements.
///
/// # Errors
/// [`Error::NotFound`] without permission; those of [`Holding::book`].
pub async fn meters(
    tx: &dyn Tx,
    ctx: &Ctx,
    asked: &[(LeaseId, Month)],
) -> Result<Vec<((LeaseId, Month), Vec<MeterUsage>)>> {
    ctx.require(Action::Read, Resource::Billing)?;
    let asked: Vec<KnownMonth> = asked.iter().map(|(lease, month)| known(*lease, *month)).collect();
    let records = tx.usage_known(&asked).await?;
    let mut all = Vec::with_capacity(asked.len());
    for (at, holding) in tx.holdings(&asked).await? {
        let mut of: Vec<MeterUsage> = Vec::new();
        for price in metered(&holding, at.month)? {
            let Some(meter) = price.meter.clone().filter(|meter| of.iter().all(|known| known.meter != *meter)) else {
                continue;
            };
            let last = records.iter().find(|(known, record)| *known == at && record.meter == meter);
            let last = last.map(|(_, record)| record.clone());
            of.push(MeterUsage { meter, title: price.title.clone(), last });
        }
        all.push(((at.lease, at.month), of));
    }
    Ok(all)
}

/// Records what meters counted for a lease in a month: all figures or none. The lease is held still meanwhile, so that an invoice
/// is priced either before or after it.
///
/// # Errors
/// [`Error::NotFound`] (no such lease, or no permission); `usage-meters`, `usage-month-ahead`, `text-too-long`; for each figure
/// `usage-meter-unknown`, `usage-meter-doubled`, `usage-quantity`; those of [`Holding::book`].
pub async fn usage_record(tx: &dyn Tx, ctx: &Ctx, draft: UsageDraft) -> Result<Vec<UsageRecord>> {
    ctx.require(Action::Commit, Resource::Billing)?;
    let locked = tx.leases_lock(&[draft.lease]).await?;
    let recorded_at = locked.recorded_at(ctx.env().now());
    let (_, holding) = tx.holdings(&[known(draft.lease, draft.month)]).await?.pop().ok_or(Error::NotFound)?;
    let mut bad = Refusals::new();
    bad.when(draft.month.first_day() > ctx.today(), || {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "usage-month-ahead").at("month");
        refusal.with("month", draft.month.to_string())
    });
    bad.when(draft.meters.is_empty() || draft.meters.len() > MAX_METERS, || {
        Refusal::new(RefusalCode::OutOfRange, "usage-meters").at("meters").with("max", MAX_METERS)
    });
    bad.when(draft.note.chars().count() > MAX_NOTE, || {
        Refusal::new(RefusalCode::TooLarge, "text-too-long").at("note").with("max", MAX_NOTE)
    });
    let known: BTreeSet<&str> =
        metered(&holding, draft.month)?.into_iter().filter_map(|price| price.meter.as_deref()).collect();
    let (mut seen, mut records) = (BTreeSet::new(), Vec::new());
    for (at, (meter, quantity)) in draft.meters.iter().take(MAX_METERS).enumerate() {
        bad.when(!known.contains(meter.as_str()), || {
            let refusal = Refusal::new(RefusalCode::NotFound, "usage-meter-unknown").at(format!("meters.{at}.meter"));
            refusal.with("meter", meter.as_str()).with("known", known.iter().copied().collect::<Vec<_>>().join(", "))
        });
        bad.when(!seen.insert(meter.as_str()), || {
            let refusal = Refusal::new(RefusalCode::Duplicate, "usage-meter-doubled").at(format!("meters.{at}.meter"));
            refusal.with("meter", meter.as_str())
        });
        match counted(quantity) {
            Ok(quantity) => records.push(UsageRecord {
                id: ctx.id(),
                tenant: holding.tenant,
                lease: draft.lease,
                month: draft.month,
                meter: meter.clone(),
                quantity,
                note: draft.note.trim().to_owned(),
                recorded_at,
                recorded_by: ctx.actor().user,
            }),
            Err(refusal) => bad.push(refusal.at(format!("meters.{at}.quantity"))),
        }
    }
    bad.finish()?;
    tx.usage_add(&records).await?;
    for record in &records {
        let field = format!("{} {}", record.month, record.meter);
        ctx.heard().set(field, Seen::of(record.quantity.to_string()));
    }
    Ok(records)
}

fn counted(text: &str) -> Result<Ratio, Refusal> {
    let refusal = || {
        let refusal = Refusal::new(RefusalCode::Invalid, "usage-quantity").with("value", text);
        refusal.with("digits", i64::from(DECIMALS))
    };
    let quantity = Ratio::parse(text.trim()).map_err(|_| refusal())?;
    let fits = !quantity.is_negative()
        && quantity <= Ratio::new(MAX_QUANTITY, 1)?
        && quantity.decimals().is_some_and(|decimals| decimals <= DECIMALS);
    if fits { Ok(quantity) } else { Err(refusal()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_numbers_not_below_nothing() {
        for good in ["0", "12", " 1234.567891 ", "1000000000000"] {
            assert!(counted(good).is_ok(), "{good}");
        }
        for bad in ["", "x", "-1", "0.1234567", "1000000000000.1", "1e3"] {
            assert_eq!(counted(bad).map_err(|refusal| refusal.rule), Err("usage-quantity"), "{bad}");
        }
    }
}
