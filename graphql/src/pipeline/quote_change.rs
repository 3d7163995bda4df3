//! Quotes drawn up, changed, sent and ended.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use voxpark_domain::Result;
use voxpark_domain::ids::{LeadId, LeaseId, QuoteId, TenantId};
use voxpark_domain::pipeline::{self, Acceptance, NewTenant, Private, QuoteDraft, QuoteHoldRequest, QuoteLineDraft};
use voxpark_domain::platform::AuditEntry;

use super::quote::Quote;
use crate::change::change;
use crate::error::UserError;
use crate::estate::SeatProduct;
use crate::leasing::{DateRangeInput, Lease, LeasePriceStepInput, SeatHoldPayload, currency, shift};
use crate::load::load;
use crate::node;
use crate::scalar::Date;
use crate::tenancy::Tenant;

/// Seats are to be kept for who was quoted.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct QuoteHoldInput {
    /// For which version; the hold stays with all of them.
    quote_id: ID,
    /// Which seats, 1 to 2000.
    seat_ids: Vec<ID>,
    /// Why, or what else there is to say, up to 200 characters.
    note: Option<String>,
    /// The first day for which they are wanted.
    from: Date,
    /// The day after the last.
    to: Date,
    /// First minute of the day, 0 to 1439; 0 when left out.
    shift_from_min: Option<i32>,
    /// The minute after the last, at most a day after the first; beyond 1440 it is on the next day. 1440 when left out.
    shift_to_min: Option<i32>,
    /// When they are anybody's again: after now, at most 90 days ahead.
    expires_at: DateTime<Utc>,
    /// Repeats of the same request under this key answer the same and keep nothing.
    idempotency_key: String,
}

impl QuoteHoldInput {
    fn read(self) -> Result<QuoteHoldRequest> {
        Ok(QuoteHoldRequest {
            quote: node::id("quoteId", &self.quote_id)?,
            seats: self.seat_ids.iter().map(|id| node::id("seatIds", id)).collect::<Result<_>>()?,
            note: self.note.unwrap_or_default(),
            from: self.from.0,
            to: self.to.0,
            shift: shift(self.shift_from_min, self.shift_to_min)?,
            expires_at: self.expires_at,
        })
    }
}

/// A line of a quote: the lease it would become.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct QuoteLineInput {
    /// How many seats, 1 to 5000 of all lines together.
    seats: i32,
    /// What is sold.
    product: SeatProduct,
    /// First day.
    term_from: Date,
    /// The day after the last; at most 180 calendar months.
    term_to: Date,
    /// For a seat and month before tax, in major units of the park's currency: `880.00`. It holds until the first step.
    unit_price: String,
    /// Later prices, in order of their days.
    price_steps: Option<Vec<LeasePriceStepInput>>,
    /// Value added tax in percent: `6`, `9.5`.
    tax_rate_percent: String,
    /// How parts of a month count: `by_day`, `fixed_thirty`, `full_month_before_16` (2 to 31), `none`.
    proration: String,
    /// Days inside the term on which nothing is charged.
    rent_free: Option<Vec<DateRangeInput>>,
    /// Security as months of the rent of all seats at the first price, 0 to 24.
    deposit_months: Option<i32>,
    /// Security in major units, in the place of months of rent; none when both are left out.
    deposit: Option<String>,
    /// Days to pay an invoice, 0 to 365.
    payment_days: i32,
    /// Days of notice, 0 to 730.
    notice_days: i32,
}

impl QuoteLineInput {
    fn read(self) -> QuoteLineDraft {
        QuoteLineDraft {
            seats: self.seats.into(),
            product: self.product.into(),
            term_from: self.term_from.0,
            term_to: self.term_to.0,
            unit_price: self.unit_price,
            tax_rate_percent: self.tax_rate_percent,
            proration: self.proration,
            rent_free: self.rent_free.unwrap_or_default().into_iter().map(DateRangeInput::period).collect(),
            steps: self.price_steps.map(LeasePriceStepInput::read).unwrap_or_default(),
            deposit_months: self.deposit_months.map(i64::from),
            deposit: self.deposit,
            payment_days: self.payment_days.into(),
            notice_days: self.notice_days.into(),
        }
    }
}

/// What a quote says.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct QuoteTextInput {
    /// The last day on which it can be accepted, today or later.
    valid_until: Date,
    /// In words, up to 1000 characters. Stands on the quote.
    remark: Option<String>,
    /// Of every amount, three capital letters; that of the park when left out. Leases that come of it have the same.
    currency: Option<String>,
    /// 1 to 10.
    lines: Vec<QuoteLineInput>,
}

impl QuoteTextInput {
    fn read(self) -> Result<QuoteDraft> {
        Ok(QuoteDraft {
            valid_until: self.valid_until.0,
            remark: Private::new(self.remark.unwrap_or_default()),
            currency: currency(self.currency.as_deref())?,
            lines: self.lines.into_iter().map(QuoteLineInput::read).collect(),
        })
    }
}

/// A quote is to be drawn up.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct QuoteCreateInput {
    /// For whom.
    lead_id: ID,
    /// What it says.
    #[graphql(flatten)]
    text: QuoteTextInput,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

macro_rules! saying {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(InputObject, Clone, Serialize)]
        pub(crate) struct $name {
            /// Which.
            quote_id: ID,
            /// What it says, all of it.
            #[graphql(flatten)]
            text: QuoteTextInput,
            /// Repeats of the same request under this key answer the same and change nothing.
            idempotency_key: String,
        }
    )+};
}

saying! {
    /// A quote that nobody outside has seen is to be changed.
    QuoteChangeInput,
    /// The next version of a quote that was sent is to be drawn up.
    QuoteReviseInput,
}

/// A quote is to be sent.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct QuoteSendInput {
    /// Which.
    quote_id: ID,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

macro_rules! ending {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(InputObject, Clone, Serialize)]
        pub(crate) struct $name {
            /// Which.
            quote_id: ID,
            /// Why, up to 1000 characters.
            remark: Option<String>,
            /// Repeats of the same request under this key answer the same and change nothing.
            idempotency_key: String,
        }
    )+};
}

ending! {
    /// The lead does not want a quote.
    QuoteDeclineInput,
    /// A quote is to be taken back.
    QuoteWithdrawInput,
}

/// What a company still has to say to become a tenant; its name and business are those of the lead.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct QuoteTenantInput {
    /// 1 to 20 letters, digits or - _ . /
    code: String,
    /// Its name in English, 1 to 80 characters; that of the lead when left out.
    name_en: Option<String>,
    /// In operation since.
    operating_since: Date,
    /// First day in this park; the first day of its leases when left out.
    arrived_on: Option<Date>,
}

/// A quote is accepted.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct QuoteAcceptInput {
    /// Which.
    quote_id: ID,
    /// Of a lead that is no tenant yet.
    tenant: Option<QuoteTenantInput>,
    /// Codes of the leases in the order of the lines; number and line where there is none.
    lease_codes: Option<Vec<String>>,
    /// When it was signed.
    signed_on: Date,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

payloads! {
    "The quote." quote: Quote by QuoteId;
    /// What became of a quote to be drawn up.
    QuoteCreatePayload,
    /// What became of a quote to be changed.
    QuoteChangePayload,
    /// What became of the next version of a quote.
    QuoteRevisePayload,
    /// What became of a quote to be sent.
    QuoteSendPayload,
    /// What became of a quote to be declined.
    QuoteDeclinePayload,
    /// What became of a quote to be taken back.
    QuoteWithdrawPayload,
}

#[derive(Serialize, Deserialize)]
struct Made {
    quote: QuoteId,
    tenant: TenantId,
    leases: Vec<LeaseId>,
}

/// What came of an accepted quote: all of it or nothing.
#[derive(Default)]
pub(crate) struct QuoteAcceptPayload {
    made: Option<Made>,
    errors: Vec<UserError>,
}

/// What came of an accepted quote: all of it or nothing.
#[Object]
impl QuoteAcceptPayload {
    /// The quote.
    async fn quote(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Quote>> {
        match &self.made {
            Some(made) => Ok(load(gql, made.quote).await?.map(Quote::from)),
            None => Ok(None),
        }
    }
    /// Who holds the leases; new where the lead was no tenant.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        match &self.made {
            Some(made) => Ok(load(gql, made.tenant).await?.map(Tenant::from)),
            None => Ok(None),
        }
    }
    /// The leases, in the order of the lines.
    async fn leases(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Vec<Lease>>> {
        let Some(made) = &self.made else { return Ok(None) };
        let found = futures_util::future::try_join_all(made.leases.iter().map(|id| load(gql, *id))).await?;
        Ok(Some(found.into_iter().flatten().map(Lease::from).collect()))
    }
    /// What has to be mended first.
    async fn user_errors(&self) -> &[UserError] {
        &self.errors
    }
}

fn entry(action: &'static str, quote: &pipeline::Quote) -> AuditEntry {
    let detail = json!({ "number": quote.number.to_string(), "version": quote.version, "lead": quote.lead });
    AuditEntry::new(action, quote.id).with(detail)
}

#[derive(Default)]
pub(crate) struct QuoteMutation;

#[Object]
impl QuoteMutation {
    /// Draws up a quote for a lead and numbers it.
    async fn quote_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: QuoteCreateInput,
    ) -> async_graphql::Result<Option<QuoteCreatePayload>> {
        let (lead, text) = (node::id::<LeadId>("leadId", &input.lead_id), input.text.clone());
        let done = change(gql, "quoteCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let quote = pipeline::quote_create(tx, ctx, lead?, text.read()?).await?;
                Ok((quote.id, entry("quote.create", &quote)))
            })
        });
        QuoteCreatePayload::of(gql, done.await?).await
    }

    /// Changes a quote that nobody outside has seen.
    async fn quote_change(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: QuoteChangeInput,
    ) -> async_graphql::Result<Option<QuoteChangePayload>> {
        let (quote, text) = (node::id::<QuoteId>("quoteId", &input.quote_id), input.text.clone());
        let done = change(gql, "quoteChange", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let quote = pipeline::quote_change(tx, ctx, quote?, text.read()?).await?;
                Ok((quote.id, entry("quote.change", &quote)))
            })
        });
        QuoteChangePayload::of(gql, done.await?).await
    }

    /// Draws up the next version of a quote that was sent. The one before stands until the new one is sent.
    async fn quote_revise(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: QuoteReviseInput,
    ) -> async_graphql::Result<Option<QuoteRevisePayload>> {
        let (quote, text) = (node::id::<QuoteId>("quoteId", &input.quote_id), input.text.clone());
        let done = change(gql, "quoteRevise", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let quote = pipeline::quote_revise(tx, ctx, quote?, text.read()?).await?;
                Ok((quote.id, entry("quote.revise", &quote)))
            })
        });
        QuoteRevisePayload::of(gql, done.await?).await
    }

    /// Sends a quote: from now on it is what was offered. An earlier version is withdrawn; the lead is quoted.
    async fn quote_send(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: QuoteSendInput,
    ) -> async_graphql::Result<Option<QuoteSendPayload>> {
        let quote = node::id::<QuoteId>("quoteId", &input.quote_id);
        let done = change(gql, "quoteSend", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let quote = pipeline::quote_send(tx, ctx, quote?).await?;
                Ok((quote.id, entry("quote.send", &quote)))
            })
        });
        QuoteSendPayload::of(gql, done.await?).await
    }

    /// Keeps seats for who was quoted, all of them or none, while the quote is a draft or sent. They are given up when its
    /// last open version ends without being accepted.
    async fn quote_hold(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: QuoteHoldInput,
    ) -> async_graphql::Result<Option<SeatHoldPayload>> {
        let wanted = input.clone();
        let done = change(gql, "quoteHold", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let hold = pipeline::quote_hold(tx, ctx, wanted.read()?).await?;
                let detail = json!({ "seats": hold.seats, "from": hold.held.from, "to": hold.held.to });
                Ok((hold.id, AuditEntry::new("quote.hold", hold.id).with(detail)))
            })
        });
        SeatHoldPayload::of(gql, done.await?).await
    }

    /// Says that the lead does not want what was sent to it.
    async fn quote_decline(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: QuoteDeclineInput,
    ) -> async_graphql::Result<Option<QuoteDeclinePayload>> {
        let quote = node::id::<QuoteId>("quoteId", &input.quote_id);
        let remark = Private::new(input.remark.clone().unwrap_or_default());
        let done = change(gql, "quoteDecline", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let quote = pipeline::quote_decline(tx, ctx, quote?, remark).await?;
                Ok((quote.id, entry("quote.decline", &quote)))
            })
        });
        QuoteDeclinePayload::of(gql, done.await?).await
    }

    /// Takes a quote back.
    async fn quote_withdraw(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: QuoteWithdrawInput,
    ) -> async_graphql::Result<Option<QuoteWithdrawPayload>> {
        let quote = node::id::<QuoteId>("quoteId", &input.quote_id);
        let remark = Private::new(input.remark.clone().unwrap_or_default());
        let done = change(gql, "quoteWithdraw", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let quote = pipeline::quote_withdraw(tx, ctx, quote?, remark).await?;
                Ok((quote.id, entry("quote.withdraw", &quote)))
            })
        });
        QuoteWithdrawPayload::of(gql, done.await?).await
    }

    /// Accepts a quote: takes the lead into the park where it is no tenant yet, agrees a lease for each line, and ends
    /// the funnel. All of it or nothing.
    async fn quote_accept(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: QuoteAcceptInput,
    ) -> async_graphql::Result<Option<QuoteAcceptPayload>> {
        let wanted = input.clone();
        let done = change(gql, "quoteAccept", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let tenant = wanted.tenant.map(|tenant| NewTenant {
                    code: tenant.code,
                    name_en: tenant.name_en.unwrap_or_default(),
                    operating_since: tenant.operating_since.0,
                    arrived_on: tenant.arrived_on.map(|day| day.0),
                });
                let acceptance = Acceptance {
                    quote: node::id("quoteId", &wanted.quote_id)?,
                    tenant,
                    lease_codes: wanted.lease_codes.unwrap_or_default(),
                    signed_on: wanted.signed_on.0,
                };
                let done = pipeline::quote_accept(tx, ctx, acceptance).await?;
                let entry = entry("quote.accept", &done.quote);
                let made = Made { quote: done.quote.id, tenant: done.tenant, leases: done.leases };
                let detail = json!({ "number": done.quote.number.to_string(), "version": done.quote.version,
                    "tenant": made.tenant, "leases": made.leases });
                Ok((made, entry.with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(made) => QuoteAcceptPayload { made: Some(made), errors: Vec::new() },
            Err(errors) => QuoteAcceptPayload { made: None, errors },
        }))
    }
}
