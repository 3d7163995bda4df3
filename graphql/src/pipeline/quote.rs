//! Quotes, and what they come to.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use voxpark_billing::quoting::{self, Quoted};
use voxpark_domain::pipeline::{self, QuoteSort};
use voxpark_domain::{Ctx, Refusal, money};

use super::lead::Lead;
use super::load::HoldsOf;
use crate::billing::InvoiceLine;
use crate::error::{Fault as _, UserError};
use crate::estate::SeatProduct;
use crate::leasing::{Lease, LeasePriceStep, SeatHold};
use crate::load::{load, load_known};
use crate::request::Asking as _;
use crate::scalar::{Date, DateRange, Money, Month};

/// Where a quote is in its life today.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "pipeline::QuoteState")]
pub(crate) enum QuoteState {
    /// It can still be changed; nobody outside the park has seen it.
    Draft,
    /// The lead has it and can accept it.
    Sent,
    /// The lead accepted: there is a lease for each of its lines.
    Accepted,
    /// The lead does not want it.
    Declined,
    /// It was sent, and its last day is over.
    Expired,
    /// The park took it back, or a later version replaced it.
    Withdrawn,
}

/// What quotes can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "QuoteSort")]
pub(crate) enum QuoteOrderField {
    /// Their number, then their version.
    Number,
    /// The last day on which they can be accepted.
    ValidUntil,
}

/// Which quotes; what is left out does not narrow.
#[derive(InputObject)]
pub(crate) struct QuoteFilter {
    /// That stand so today.
    state: Option<QuoteState>,
    /// That were sent, can still be accepted, and no longer after this day.
    valid_by: Option<Date>,
}

impl QuoteFilter {
    pub(super) fn read(filter: Option<Self>) -> pipeline::QuoteFilter {
        filter.map_or_else(pipeline::QuoteFilter::default, |filter| pipeline::QuoteFilter {
            state: filter.state.map(Into::into),
            valid_by: filter.valid_by.map(|day| day.0),
        })
    }
}

/// One version of a quote: what a lead would lease, for how much and for how long.
#[derive(Clone)]
pub(crate) struct Quote(Arc<pipeline::Quote>);

impl From<Arc<pipeline::Quote>> for Quote {
    fn from(quote: Arc<pipeline::Quote>) -> Self {
        Self(quote)
    }
}

/// One version of a quote: what a lead would lease, for how much and for how long.
#[Object]
impl Quote {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// `Q-year-number`, one for all versions; unique in the park.
    async fn number(&self) -> String {
        self.0.number.to_string()
    }
    /// 1, 2, ...
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// For whom.
    async fn lead(&self, gql: &Context<'_>) -> async_graphql::Result<Lead> {
        load_known(gql, self.0.lead).await.map(Lead::from)
    }
    /// Where it is in its life today.
    async fn state(&self, gql: &Context<'_>) -> async_graphql::Result<QuoteState> {
        let today = gql.request().ctx().map(Ctx::today).map_err(|e| gql.fault(&e))?;
        Ok(self.0.state_on(today).into())
    }
    /// The last day on which it can be accepted.
    async fn valid_until(&self) -> Date {
        self.0.valid_until.into()
    }
    /// In words; may be empty. Stands on the quote.
    async fn remark(&self) -> &str {
        self.0.remark.reveal()
    }
    /// The leases it would become; 1 to 10.
    async fn lines(&self) -> Vec<QuoteLine> {
        let lines = self.0.lines.iter().cloned();
        (1..).zip(lines).map(|(number, line)| QuoteLine { number, line }).collect()
    }
    /// How many seats, of all lines together.
    async fn seats(&self) -> i64 {
        self.0.lines.iter().map(|line| line.seats).fold(0, i64::saturating_add)
    }
    /// What it comes to if all of its seats are held for the whole term.
    #[graphql(complexity = "20 + child_complexity")]
    async fn sums(&self) -> QuoteSums {
        QuoteSums(quoting::quoted(&self.0.lines))
    }
    /// The seats kept for it, the oldest hold first; for staff of the park who may read leases. A hold belongs to all
    /// versions of a number, is given up with the last open one, and is for the tenant once one of them is accepted.
    #[graphql(complexity = "10 + 3 * child_complexity")]
    async fn holds(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<SeatHold>> {
        let ids = load(gql, HoldsOf(self.0.id)).await?.unwrap_or_default();
        let mut holds = Vec::with_capacity(ids.len());
        for pair in ids {
            holds.extend(load(gql, pair.1).await?.map(SeatHold::from));
        }
        Ok(holds)
    }
    /// When it was drawn up.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// When it was sent; null before.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.sent_at
    }
    /// When it was accepted, declined or withdrawn; null before.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }
    /// Why it was declined or withdrawn; may be empty.
    async fn end_remark(&self) -> &str {
        self.0.end_remark.reveal()
    }
}

/// A line of a quote: the lease it would become.
pub(crate) struct QuoteLine {
    number: i64,
    line: pipeline::QuoteLine,
}

/// A line of a quote: the lease it would become.
#[Object]
impl QuoteLine {
    /// Its place, from 1.
    async fn line_no(&self) -> i64 {
        self.number
    }
    /// How many seats.
    async fn seats(&self) -> i64 {
        self.line.seats
    }
    /// What is sold.
    async fn product(&self) -> SeatProduct {
        self.line.terms.product.into()
    }
    /// First day.
    async fn term_from(&self) -> Date {
        self.line.terms.term_from.into()
    }
    /// The day after the last.
    async fn term_to(&self) -> Date {
        self.line.terms.term_to.into()
    }
    /// For a seat and month, before tax; until the first step.
    async fn unit_price(&self) -> Money {
        self.line.terms.unit_price.into()
    }
    /// Later prices, in order of their days.
    async fn price_steps(&self) -> Vec<LeasePriceStep> {
        self.line.terms.price_steps.iter().map(Into::into).collect()
    }
    /// Value added tax in percent: `6`, `9.5`.
    async fn tax_rate(&self) -> String {
        self.line.terms.tax_rate.to_string()
    }
    /// How parts of a month count: `by_day`, `fixed_thirty`, `full_month_before_16`, `none`.
    async fn proration(&self) -> String {
        self.line.terms.proration.to_string()
    }
    /// Days on which nothing is charged.
    async fn rent_free(&self) -> Vec<DateRange> {
        let ranges = self.line.terms.rent_free.iter();
        ranges.map(|range| DateRange { from: range.from.into(), to: range.to.map(Date) }).collect()
    }
    /// Security, for the whole line.
    async fn deposit(&self) -> Money {
        self.line.terms.deposit.into()
    }
    /// Months of rent that the security is of; null when it is an amount.
    async fn deposit_months(&self) -> Option<i64> {
        match self.line.deposit {
            pipeline::Deposit::Months(months) => Some(months),
            pipeline::Deposit::Amount(_) => None,
        }
    }
    /// Days to pay an invoice.
    async fn payment_days(&self) -> i64 {
        self.line.terms.payment_days
    }
    /// Days of notice.
    async fn notice_days(&self) -> i64 {
        self.line.notice_days
    }
    /// The lease that it became; null before.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Lease>> {
        match self.line.lease {
            Some(lease) => Ok(load(gql, lease).await?.map(Lease::from)),
            None => Ok(None),
        }
    }
}

/// What a quote comes to: the invoices of the leases that its lines would become, priced as invoices are.
pub(crate) struct QuoteSums(Result<Quoted, Refusal>);

impl QuoteSums {
    fn money(&self, of: impl Fn(&Quoted) -> i64) -> Option<Money> {
        self.0.as_ref().ok().map(|quoted| money::Money::new(of(quoted), quoted.currency).into())
    }
}

/// What a quote comes to: the invoices of the leases that its lines would become, priced as invoices are.
#[Object]
impl QuoteSums {
    /// Before tax, of the whole term; null when it cannot be priced.
    async fn net(&self) -> Option<Money> {
        self.money(|quoted| quoted.net_minor)
    }
    /// Value added tax; null when it cannot be priced.
    async fn tax(&self) -> Option<Money> {
        self.money(|quoted| quoted.tax_minor)
    }
    /// Net and tax; null when it cannot be priced.
    async fn total(&self) -> Option<Money> {
        self.money(|quoted| quoted.total_minor)
    }
    /// Security of all lines, not in the total; null when it cannot be priced.
    async fn deposit(&self) -> Option<Money> {
        self.money(|quoted| quoted.deposit_minor)
    }
    /// How many months have an invoice.
    async fn month_count(&self) -> usize {
        self.0.as_ref().map_or(0, |quoted| quoted.months.len())
    }
    /// Its first months.
    async fn months(
        &self,
        #[graphql(desc = "How many, 1 to 180; 3 when left out.")] first: Option<i32>,
    ) -> Vec<QuoteMonth> {
        let first = first.and_then(|n| usize::try_from(n).ok()).unwrap_or(3).clamp(1, 180);
        let Ok(quoted) = &self.0 else { return Vec::new() };
        let month = |month: &quoting::QuotedMonth| QuoteMonth { currency: quoted.currency, month: month.clone() };
        quoted.months.iter().take(first).map(month).collect()
    }
    /// Why it cannot be priced; empty when it can.
    async fn user_errors(&self, gql: &Context<'_>) -> Vec<UserError> {
        self.0.as_ref().err().map(|refusal| UserError::of(refusal, gql.request().lang())).into_iter().collect()
    }
}

/// A month of a quote: the invoices of all of its lines together.
pub(crate) struct QuoteMonth {
    currency: money::Currency,
    month: quoting::QuotedMonth,
}

impl QuoteMonth {
    fn money(&self, minor: i64) -> Money {
        money::Money::new(minor, self.currency).into()
    }
}

/// A month of a quote: the invoices of all of its lines together.
#[Object]
impl QuoteMonth {
    /// The month.
    async fn month(&self) -> Month {
        Month(self.month.month)
    }
    /// Before tax.
    async fn net(&self) -> Money {
        self.money(self.month.net_minor)
    }
    /// Value added tax.
    async fn tax(&self) -> Money {
        self.money(self.month.tax_minor)
    }
    /// Net and tax.
    async fn total(&self) -> Money {
        self.money(self.month.total_minor)
    }
    /// What the invoices would be made of, with how each amount comes about.
    async fn lines(&self) -> Vec<InvoiceLine> {
        (1..).zip(&self.month.lines).map(|(number, line)| InvoiceLine::new(number, line.clone())).collect()
    }
}
