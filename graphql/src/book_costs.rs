//! Costs of the park in its books.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::ledger::{self, CashKind, CostAgainst, CostCounter, CostDraft};
use voxpark_domain::ids::BookEntryId;
use voxpark_domain::money::Currency;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Refusal, RefusalCode};

use crate::books::LedgerEntry;
use crate::change::change;
use crate::error::UserError;
use crate::load::load;
use crate::node;
use crate::scalar::Date;

/// What the park's seats cost it, by cause.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "ledger::CostPool")]
pub(crate) enum BookCostPool {
    /// The head lease.
    Rent,
    /// Fit-out, spread over its life.
    FitOut,
    /// Electricity and other energy.
    Power,
    /// Lines and numbers.
    Telecom,
    /// Equipment.
    Depreciation,
    /// The park's own people.
    Staff,
    /// Cleaning, guards and whatever else.
    Other,
}

/// Where the other side of a cost stands.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum BookCostAgainst {
    /// Paid from the bank.
    Bank,
    /// Paid from the till.
    Till,
    /// Suppliers are owed.
    Suppliers,
    /// The park's people are owed.
    Wages,
    /// Value of equipment used up.
    Depreciation,
    /// Fit-out that was paid for and is spread.
    Prepaid,
}

impl From<BookCostAgainst> for CostAgainst {
    fn from(against: BookCostAgainst) -> Self {
        match against {
            BookCostAgainst::Bank => Self::Cash(CashKind::Bank),
            BookCostAgainst::Till => Self::Cash(CashKind::Till),
            BookCostAgainst::Suppliers => Self::Counter(CostCounter::Suppliers),
            BookCostAgainst::Wages => Self::Counter(CostCounter::Wages),
            BookCostAgainst::Depreciation => Self::Counter(CostCounter::Depreciation),
            BookCostAgainst::Prepaid => Self::Counter(CostCounter::Prepaid),
        }
    }
}

/// A cost of the park that is to be booked.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct BookCostRecordInput {
    /// What for.
    pool: BookCostPool,
    /// Above 0, major units, with the tax that the park cannot deduct: `1234.50`.
    amount: String,
    /// ISO 4217 code; that of the park when left out.
    currency: Option<String>,
    /// Paid from there, owed or spread.
    against: BookCostAgainst,
    /// The day; today when left out, never a later one.
    on: Option<Date>,
    /// The first day that it is for; together with the day after the last one.
    service_from: Option<Date>,
    /// The day after the last one that it is for.
    service_to: Option<Date>,
    /// Whose bill, which number; 1 to 200 characters.
    note: String,
    /// Repeats of the same request under this key answer the same and book nothing.
    idempotency_key: String,
}

/// A cost is to be taken back.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct BookCostReverseInput {
    /// The entry that booked it.
    entry_id: ID,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and book nothing.
    idempotency_key: String,
}

/// What became of a cost.
#[derive(SimpleObject, Default)]
pub(crate) struct BookCostRecordPayload {
    /// The entry that was booked.
    entry: Option<LedgerEntry>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// What became of a cost that was to be taken back.
#[derive(SimpleObject, Default)]
pub(crate) struct BookCostReversePayload {
    /// The entry that takes it back.
    entry: Option<LedgerEntry>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

fn read(wanted: BookCostRecordInput, today: chrono::NaiveDate) -> voxpark_domain::Result<CostDraft> {
    let currency = wanted.currency.as_deref().map(Currency::parse).transpose().map_err(|r| r.at("currency"))?;
    let service = match (wanted.service_from, wanted.service_to) {
        (Some(from), Some(to)) => Some((from.0, to.0)),
        (None, None) => None,
        (from, _) => {
            let missing = if from.is_some() { "serviceTo" } else { "serviceFrom" };
            return Err(Refusal::new(RefusalCode::Required, "days-both").at(missing).into());
        }
    };
    Ok(CostDraft {
        pool: wanted.pool.into(),
        amount: wanted.amount,
        currency,
        against: wanted.against.into(),
        day: wanted.on.map_or(today, |day| day.0),
        service,
        note: wanted.note,
    })
}

#[derive(Default)]
pub(crate) struct BookCostMutation;

#[Object]
impl BookCostMutation {
    /// Books a cost of the park on a cost pool. What comes for a closed month is booked in the first open one.
    async fn book_cost_record(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BookCostRecordInput,
    ) -> async_graphql::Result<Option<BookCostRecordPayload>> {
        let wanted = input.clone();
        let done = change(gql, "bookCostRecord", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let draft = read(wanted, ctx.today())?;
                let entry = ledger::cost_record(tx, ctx, &draft).await?;
                let audit = AuditEntry::new("book-cost.record", entry.id);
                Ok((entry.id, audit.with(json!({ "pool": draft.pool.name() }))))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                BookCostRecordPayload { entry: load(gql, id).await?.map(LedgerEntry::from), user_errors: Vec::new() }
            }
            Err(user_errors) => BookCostRecordPayload { user_errors, ..Default::default() },
        }))
    }

    /// Takes back a cost that was booked wrongly: an entry of today with every line the other way round.
    async fn book_cost_reverse(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BookCostReverseInput,
    ) -> async_graphql::Result<Option<BookCostReversePayload>> {
        let wanted = input.clone();
        let done = change(gql, "bookCostReverse", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id: BookEntryId = node::id("entryId", &wanted.entry_id)?;
                let entry = ledger::cost_reverse(tx, ctx, id, &wanted.reason).await?;
                Ok((entry.id, AuditEntry::new("book-cost.reverse", id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                BookCostReversePayload { entry: load(gql, id).await?.map(LedgerEntry::from), user_errors: Vec::new() }
            }
            Err(user_errors) => BookCostReversePayload { user_errors, ..Default::default() },
        }))
    }
}
