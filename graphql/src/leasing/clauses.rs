//! What a lease agrees beside what it costs.

use async_graphql::{Enum, InputObject, SimpleObject};
use serde::Serialize;
use voxpark_domain::leasing::{self, ClausesDraft, ConcessionDraft, Off, Share};
use voxpark_domain::money::Currency;

use super::indexing::{LeaseIndex, LeaseIndexInput};
use crate::scalar::{Date, Money, Month};

/// What a lease agrees beside the price; what is null or empty is not agreed.
#[derive(SimpleObject)]
pub(crate) struct LeaseClauses {
    /// Days of notice before an early end.
    notice_days: Option<i64>,
    /// The fewest seats that are held, each from its day; in order.
    minimum_seats: Vec<LeaseMinimumSeats>,
    /// The least that is paid for a month before tax, each from its day; in order.
    minimum_spend: Vec<LeaseMinimumSpend>,
    /// What a late payment costs.
    late_fee: Option<LeaseLateFee>,
    /// When seats can be given back before the lease ends; without it, on any day.
    decrease: Option<LeaseDecrease>,
    /// The tenant's right to go on.
    renewal: Option<LeaseRenewalOption>,
    /// The rent of a month is billed before or in it: from the first day of the month before on. Without it, when it is over.
    in_advance: bool,
    /// Nobody else holds a seat in its zones.
    own_zone: bool,
    /// When no noisy work is done around its seats.
    quiet_hours: Option<LeaseWindow>,
    /// The times of day for which seats can be held under it; any when empty.
    windows: Vec<LeaseWindow>,
    /// How the price follows an index.
    index: Option<LeaseIndex>,
    /// The part of the tenant's house that its invoices are for; empty when none is named.
    cost_centre: String,
    /// What comes off the rent of seats in some months.
    concessions: Vec<LeaseConcession>,
    /// Whether every price of the lease contains the tax; never changes.
    tax_included: bool,
    /// Why the tenant owes the tax itself (reverse charge); empty when the park charges it.
    reverse_charge: String,
}

/// Why less is paid.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "leasing::ConcessionKind")]
pub(crate) enum LeaseConcessionKind {
    /// The park forgoes rent that it could ask for. Comes off before discounts.
    Waiver,
    /// The price is lower than the list says.
    Discount,
}

impl Serialize for LeaseConcessionKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        leasing::ConcessionKind::from(*self).serialize(serializer)
    }
}

/// Something off the rent of seats in some months. Percentages come off before amounts, each of what is left; never more than there is.
#[derive(SimpleObject)]
pub(crate) struct LeaseConcession {
    /// Why less is paid.
    kind: LeaseConcessionKind,
    /// The first month.
    from: Month,
    /// The last month.
    last: Month,
    /// Percent of the rent: `20`; null when it is an amount.
    percent: Option<String>,
    /// A month, before tax; null when it is a share.
    amount: Option<Money>,
    /// In words; stands on invoices.
    reason: String,
}

/// The fewest seats from a day on.
#[derive(SimpleObject)]
pub(crate) struct LeaseMinimumSeats {
    /// The first day.
    from: Date,
    /// How many.
    seats: i64,
}

/// The least for a month from a day on.
#[derive(SimpleObject)]
pub(crate) struct LeaseMinimumSpend {
    /// The first day.
    from: Date,
    /// For a month, before tax.
    amount: Money,
}

/// What a late payment costs.
#[derive(SimpleObject)]
pub(crate) struct LeaseLateFee {
    /// Days after the due day on which nothing is charged.
    grace_days: i64,
    /// Percent of the overdue amount for each day after the due day: `0.05`.
    percent_per_day: String,
    /// At most this many percent of it.
    cap_percent: String,
}

/// When seats can be given back.
#[derive(SimpleObject)]
pub(crate) struct LeaseDecrease {
    /// Days between saying so and the first day without them.
    notice_days: i64,
    /// Not before this day.
    earliest: Option<Date>,
}

/// The tenant's right to go on.
#[derive(SimpleObject)]
pub(crate) struct LeaseRenewalOption {
    /// To be used at least so many days before the lease ends.
    notice_days: i64,
    /// For how many months.
    months: i64,
    /// By how many percent the price may rise at most.
    most_increase_percent: String,
}

/// A part of the day.
#[derive(SimpleObject)]
pub(crate) struct LeaseWindow {
    /// First minute, 0 to 1439.
    from_min: i64,
    /// The minute after the last; beyond 1440 it is on the next day.
    to_min: i64,
}

impl From<&leasing::Shift> for LeaseWindow {
    fn from(shift: &leasing::Shift) -> Self {
        Self { from_min: shift.from_min, to_min: shift.to_min }
    }
}

impl LeaseClauses {
    pub(crate) fn new(clauses: &leasing::Clauses, currency: Currency) -> Self {
        let money = |minor| voxpark_domain::money::Money::new(minor, currency).into();
        Self {
            notice_days: clauses.notice_days,
            minimum_seats: clauses
                .minimum_seats
                .iter()
                .map(|row| LeaseMinimumSeats { from: row.from.into(), seats: row.least })
                .collect(),
            minimum_spend: clauses
                .minimum_spend
                .iter()
                .map(|row| LeaseMinimumSpend { from: row.from.into(), amount: money(row.least) })
                .collect(),
            late_fee: clauses.late_fee.map(|fee| LeaseLateFee {
                grace_days: fee.grace_days,
                percent_per_day: fee.per_day.percent(),
                cap_percent: fee.cap.percent(),
            }),
            decrease: clauses
                .decrease
                .map(|d| LeaseDecrease { notice_days: d.notice_days, earliest: d.earliest.map(Date) }),
            renewal: clauses.renewal.map(|r| LeaseRenewalOption {
                notice_days: r.notice_days,
                months: r.months,
                most_increase_percent: Share::percent(r.most_increase),
            }),
            in_advance: clauses.in_advance,
            own_zone: clauses.own_zone,
            quiet_hours: clauses.quiet_hours.as_ref().map(Into::into),
            windows: clauses.windows.iter().map(Into::into).collect(),
            index: clauses.index.as_ref().map(Into::into),
            cost_centre: clauses.cost_centre.clone(),
            tax_included: clauses.tax_included,
            reverse_charge: clauses.reverse_charge.clone(),
            concessions: clauses
                .concessions
                .iter()
                .map(|one| LeaseConcession {
                    kind: one.kind.into(),
                    from: Month(voxpark_domain::time::Month::of(one.from)),
                    last: Month(one.last()),
                    percent: if let Off::Percent(share) = one.off { Some(share.percent()) } else { None },
                    amount: if let Off::Fixed(minor) = one.off { Some(money(minor)) } else { None },
                    reason: one.reason.clone(),
                })
                .collect(),
        }
    }
}

/// What a lease is to agree beside the price; what is left out is not agreed.
#[derive(InputObject, Clone, Serialize, Default)]
pub(crate) struct LeaseClausesInput {
    /// Days of notice before an early end, 0 to 730.
    notice_days: Option<i32>,
    /// The fewest seats that are held, each from its day inside the term; in order, at most 36.
    minimum_seats: Option<Vec<LeaseMinimumSeatsInput>>,
    /// The least that is paid for a month before tax, each from its day inside the term; in order, at most 36.
    minimum_spend: Option<Vec<LeaseMinimumSpendInput>>,
    /// What a late payment costs.
    late_fee: Option<LeaseLateFeeInput>,
    /// When seats can be given back before the lease ends; without it, on any day.
    decrease: Option<LeaseDecreaseInput>,
    /// The tenant's right to go on.
    renewal: Option<LeaseRenewalOptionInput>,
    /// True: the rent of a month is billed before or in it. Otherwise when it is over.
    in_advance: Option<bool>,
    /// True: nobody else holds a seat in its zones.
    own_zone: Option<bool>,
    /// When no noisy work is done around its seats.
    quiet_hours: Option<LeaseWindowInput>,
    /// The times of day for which seats can be held under it, at most 36; any when left out.
    windows: Option<Vec<LeaseWindowInput>>,
    /// How the price follows an index.
    index: Option<LeaseIndexInput>,
    /// The part of the tenant's house that its invoices are for, up to 40 characters: monthly statements are told apart by it.
    cost_centre: Option<String>,
    /// What comes off the rent of seats in some months, at most 36.
    concessions: Option<Vec<LeaseConcessionInput>>,
    /// True: every price of the lease contains the tax, and so do its least rent and what comes off. Agreed once: left out of an
    /// amendment it stays.
    tax_included: Option<bool>,
    /// Why the tenant owes the tax itself, up to 100 characters; stands on invoices, which then carry no tax. Of a month what
    /// applies at its end. Not together with prices that contain the tax.
    reverse_charge: Option<String>,
}

/// Something off the rent of seats in some months: percent or an amount.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseConcessionInput {
    /// Why less is paid.
    kind: LeaseConcessionKind,
    /// The first month.
    from: Month,
    /// The last month; with the first inside the term or across an end of it.
    last: Month,
    /// Percent of what is left of the rent, above 0, at most 100 with four decimals.
    percent: Option<String>,
    /// A month, in major units of the lease's currency, as its prices with or before tax; above 0.
    amount: Option<String>,
    /// In words, 1 to 100 characters; stands on invoices.
    reason: String,
}

/// The fewest seats from a day on.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseMinimumSeatsInput {
    /// The first day.
    from: Date,
    /// How many, 0 to 1,000,000.
    seats: i32,
}

/// The least for a month from a day on.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseMinimumSpendInput {
    /// The first day.
    from: Date,
    /// For a month, in major units of the lease's currency, as its prices with or before tax: `20000.00`.
    amount: String,
}

/// What a late payment costs.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseLateFeeInput {
    /// Days after the due day on which nothing is charged, 0 to 365.
    grace_days: i32,
    /// Percent of the overdue amount for each day after the due day, at most 1 with four decimals: `0.05`.
    percent_per_day: String,
    /// At most this many percent of it, not less than for a day and at most 100.
    cap_percent: String,
}

/// When seats can be given back.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseDecreaseInput {
    /// Days between saying so and the first day without them, 0 to 730.
    notice_days: i32,
    /// Not before this day inside the term.
    earliest: Option<Date>,
}

/// The tenant's right to go on.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseRenewalOptionInput {
    /// To be used at least so many days before the lease ends, 0 to 730.
    notice_days: i32,
    /// For how many months, 1 to 240.
    months: i32,
    /// By how many percent the price may rise at most, 0 to 100 with four decimals.
    most_increase_percent: String,
}

/// A part of the day.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseWindowInput {
    /// First minute, 0 to 1439.
    from_min: i32,
    /// The minute after the last, at most a day after the first; beyond 1440 it is on the next day.
    to_min: i32,
}

impl LeaseClausesInput {
    pub(crate) fn read(self) -> ClausesDraft {
        let window = |w: LeaseWindowInput| (w.from_min.into(), w.to_min.into());
        let seats = self.minimum_seats.unwrap_or_default().into_iter();
        let spend = self.minimum_spend.unwrap_or_default().into_iter();
        let off = self.concessions.unwrap_or_default().into_iter();
        ClausesDraft {
            notice_days: self.notice_days.map(i64::from),
            minimum_seats: seats.map(|row| leasing::Minimum { from: row.from.0, least: row.seats.into() }).collect(),
            minimum_spend: spend.map(|row| (row.from.0, row.amount)).collect(),
            late_fee: self.late_fee.map(|fee| (fee.grace_days.into(), fee.percent_per_day, fee.cap_percent)),
            decrease: self.decrease.map(|d| leasing::Decrease {
                notice_days: d.notice_days.into(),
                earliest: d.earliest.map(|day| day.0),
            }),
            renewal: self.renewal.map(|r| (r.notice_days.into(), r.months.into(), r.most_increase_percent)),
            in_advance: self.in_advance.unwrap_or_default(),
            own_zone: self.own_zone.unwrap_or_default(),
            quiet_hours: self.quiet_hours.map(window),
            windows: self.windows.unwrap_or_default().into_iter().map(window).collect(),
            index: self.index.map(Into::into),
            cost_centre: self.cost_centre.unwrap_or_default(),
            tax_included: self.tax_included,
            reverse_charge: self.reverse_charge.unwrap_or_default(),
            concessions: off
                .map(|one| ConcessionDraft {
                    kind: one.kind.into(),
                    from: one.from.0,
                    last: one.last.0,
                    percent: one.percent,
                    amount: one.amount,
                    reason: one.reason,
                })
                .collect(),
        }
    }
}
