//! What the park's seats cost it.

use voxpark_domain::Refusal;

use super::Lines;
use crate::ledger::position::positive;
use crate::ledger::{About, Account, CostAgainst, CostBooked, Kind, Posting, PostingKey, Text};

/// A cost against money, or against whatever it is owed to or spread from.
pub(super) fn booked(key: PostingKey, fact: &CostBooked) -> Result<Posting, Refusal> {
    positive(fact.amount)?;
    let about = About { service: fact.service, ..About::default() };
    let against = match fact.against {
        CostAgainst::Cash(kind) => Account::Cash(kind),
        CostAgainst::Counter(counter) => Account::CostCounter(counter),
    };
    let mut lines = Lines::of(fact.amount.currency);
    lines.debit(Account::CostPool(fact.pool), fact.amount.minor, about);
    lines.credit(against, fact.amount.minor, about)?;
    lines.post(key, Kind::Costs, fact.day, Text::of("ledger-cost").with("note", fact.note.clone()))
}
