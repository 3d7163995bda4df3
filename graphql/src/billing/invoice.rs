//! Invoices with their lines and payments, and what one would say.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use voxpark_billing::crediting::IssuedNote;
use voxpark_billing::invoicing::{self, InvoiceBody, IssuedInvoice, Standing};
use voxpark_billing::pricing;
use voxpark_billing::sending::Delivery;
use voxpark_domain::ids::LeaseId;
use voxpark_domain::pack::hex;
use voxpark_domain::{Ctx, Error, Refusal, Result, money, time};

use super::credit::{AppliedCredit, CreditNote, CreditOf, NotesOf};
use super::fiscal::{Fapiao, FapiaoStanding, FapiaosOf};
use super::load::{LinesOf, RepricingOf};
use super::parties::{IntactOf, InvoiceParty, SidesOf};
use super::receiving::{AppliedPayment, Payment, PaymentsOf};
use super::sending::{DeliveriesOf, InvoiceDelivery};
use super::sentence::{differences, why};
use super::write_offs::{InvoiceWriteOff, WriteOffsOf};
use crate::error::{Fault as _, UserError};
use crate::estate::SeatProduct;
use crate::leasing::Lease;
use crate::load::{load, load_known};
use crate::papers::PaperText;
use crate::request::Asking as _;
use crate::scalar::{Date, Money, Month};
use crate::tenancy::Tenant;

/// Where an invoice stands today. Overdue wins over how far it is paid.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "invoicing::DueState")]
pub(crate) enum InvoiceState {
    /// Nothing was paid and it is not due yet.
    Unpaid,
    /// Part was paid and the rest is not due yet.
    PartPaid,
    /// Nothing is owed.
    Paid,
    /// Something is owed and the due day is over.
    Overdue,
    /// It was withdrawn: it keeps its number, and nothing is owed on it.
    Void,
    /// Whatever was still owed was given up by the park.
    Uncollectible,
}

/// A month's bill of a lease: numbered once, never edited.
#[derive(Clone)]
pub(crate) struct Invoice(Arc<IssuedInvoice>);

impl From<Arc<IssuedInvoice>> for Invoice {
    fn from(invoice: Arc<IssuedInvoice>) -> Self {
        Self(invoice)
    }
}

impl Invoice {
    fn money(&self, minor: i64) -> Money {
        self.0.money(minor).into()
    }
    fn standing(&self, gql: &Context<'_>) -> async_graphql::Result<Standing> {
        let today = gql.request().ctx().map(Ctx::today);
        today.and_then(|today| self.0.standing(today)).map_err(|e| gql.fault(&e))
    }
}

/// A month's bill of a lease: numbered once, never edited.
#[Object]
impl Invoice {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// `series-year-number`, without gaps in a series and year.
    async fn number(&self) -> String {
        self.0.number.to_string()
    }
    /// Who owes.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        Ok(load(gql, self.0.tenant).await?.map(Tenant::from))
    }
    /// The lease it bills.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Lease> {
        load_known(gql, self.0.lease).await.map(Lease::from)
    }
    /// First day billed.
    async fn period_from(&self) -> Date {
        self.0.period.from.into()
    }
    /// The day after the last one billed.
    async fn period_to(&self, gql: &Context<'_>) -> async_graphql::Result<Date> {
        let to = self.0.period.to.ok_or_else(|| Error::internal("an invoice without an end"));
        to.map(Date).map_err(|e| gql.fault(&e))
    }
    /// Before tax.
    async fn net(&self) -> Money {
        self.money(self.0.net_minor)
    }
    /// Value added tax: of each rate the sum of its lines, rounded once.
    async fn tax(&self) -> Money {
        self.money(self.0.tax_minor)
    }
    /// Net and tax.
    async fn total(&self) -> Money {
        self.money(self.0.total_minor)
    }
    /// Taken back by credit notes, with tax.
    async fn credited(&self) -> Money {
        self.money(self.0.credited_minor)
    }
    /// Given up of what was owed, with tax; what was asked for again is not in it.
    async fn written_off(&self) -> Money {
        self.money(self.0.given_up_minor)
    }
    /// What was given up and asked for again, oldest first.
    async fn write_offs(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<InvoiceWriteOff>> {
        let acts = load(gql, WriteOffsOf(self.0.id)).await?.unwrap_or_default();
        Ok(acts.iter().map(InvoiceWriteOff::from).collect())
    }
    /// Sum of the payments less what went back.
    async fn paid(&self) -> Money {
        self.money(self.0.paid_minor)
    }
    /// Total less credit notes, payments and what was given up; nothing when it was withdrawn.
    async fn balance(&self, gql: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(self.standing(gql)?.balance.into())
    }
    /// Where it stands today.
    async fn state(&self, gql: &Context<'_>) -> async_graphql::Result<InvoiceState> {
        let today = gql.request().ctx().map(Ctx::today);
        today.and_then(|today| self.0.due_state(today)).map(Into::into).map_err(|e| gql.fault(&e))
    }
    /// When it was withdrawn; null while it is in force.
    async fn voided_at(&self) -> Option<DateTime<Utc>> {
        self.0.voided.as_ref().map(|v| v.at)
    }
    /// Why it was withdrawn; null while it is in force.
    async fn void_reason(&self) -> Option<&str> {
        self.0.voided.as_ref().map(|v| v.reason.as_str())
    }
    /// When it was issued.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }
    /// The last day to pay in time.
    async fn due_on(&self) -> Date {
        self.0.due_on.into()
    }
    /// What it is made of.
    async fn lines(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<InvoiceLine>> {
        let lines = load(gql, LinesOf(self.0.id)).await?.unwrap_or_default();
        Ok(lines.iter().map(|(number, line)| InvoiceLine { number: *number, line: line.clone() }).collect())
    }
    /// Payments of which something pays it, oldest first; each as a whole.
    async fn payments(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Payment>> {
        let paid = load(gql, PaymentsOf(self.0.id)).await?.unwrap_or_default();
        Ok(paid.iter().map(|(_, received)| received.clone().into()).collect())
    }
    /// What pays it: how much of each payment, oldest payment first.
    async fn paid_by(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<AppliedPayment>> {
        let paid = load(gql, PaymentsOf(self.0.id)).await?.unwrap_or_default();
        let of = |(minor, received): &(i64, _)| AppliedPayment::of(self.clone(), *minor, Arc::clone(received));
        Ok(paid.iter().map(of).collect())
    }
    /// What pays it of the credit that credit notes left, oldest note first.
    async fn paid_by_credit(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<AppliedCredit>> {
        let paid = load(gql, CreditOf(self.0.id)).await?.unwrap_or_default();
        let of = |(minor, note): &(i64, Arc<IssuedNote>)| AppliedCredit {
            invoice: self.clone(),
            credit_note: Arc::clone(note).into(),
            amount: self.money(*minor),
        };
        Ok(paid.iter().map(of).collect())
    }
    /// What was taken back of it, oldest first.
    async fn credit_notes(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<CreditNote>> {
        let notes = load(gql, NotesOf(self.0.id)).await?.unwrap_or_default();
        Ok(notes.iter().cloned().map(CreditNote::from).collect())
    }
    /// Where it can be had as PDF, in both languages; `?lang=zh` or `?lang=en` for one. A path of this installation.
    async fn document_path(&self) -> String {
        format!("/documents/{}", self.0.id)
    }
    /// Who issued it, as it was called then; of one issued before sides were kept, as it is called today.
    async fn seller(&self, gql: &Context<'_>) -> async_graphql::Result<InvoiceParty> {
        Ok((&load_known(gql, SidesOf(self.0.id)).await?.seller).into())
    }
    /// To whom it is made out, likewise.
    async fn buyer(&self, gql: &Context<'_>) -> async_graphql::Result<InvoiceParty> {
        Ok((&load_known(gql, SidesOf(self.0.id)).await?.buyer).into())
    }
    /// SHA-256 of everything that it says, fixed when it was issued, in hexadecimal: printed at its foot. Null of one issued
    /// before that was kept.
    async fn sha256(&self, gql: &Context<'_>) -> async_graphql::Result<Option<String>> {
        Ok(load_known(gql, SidesOf(self.0.id)).await?.sha256.as_deref().map(hex))
    }
    /// Whether what is stored still comes to that hash; null where there is none.
    async fn intact(&self, gql: &Context<'_>) -> async_graphql::Result<Option<bool>> {
        load(gql, IntactOf(self.0.id)).await
    }
    /// What of it was sent by mail to whom, oldest first.
    async fn deliveries(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<InvoiceDelivery>> {
        let found = load(gql, DeliveriesOf(self.0.id)).await?;
        let own = |one: &&Delivery| one.note.is_none();
        Ok(found.iter().flat_map(|all| all.iter()).filter(own).map(Into::into).collect())
    }
    /// What the tax office was told of it, in the order in which it was recorded.
    async fn fapiaos(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Fapiao>> {
        let found = load(gql, FapiaosOf(self.0.id)).await?;
        Ok(found.iter().flat_map(|all| all.iter()).cloned().map(Fapiao::from).collect())
    }
    /// What of that stands.
    async fn fapiao_standing(&self, gql: &Context<'_>) -> async_graphql::Result<FapiaoStanding> {
        let found = load(gql, FapiaosOf(self.0.id)).await?;
        Ok(FapiaoStanding::of(found.as_deref().map_or(&[], Vec::as_slice), self.0.currency))
    }
    /// The same month priced again from what was known when the invoice was issued.
    async fn repricing(&self, gql: &Context<'_>) -> async_graphql::Result<Repricing> {
        Ok(Repricing(load_known(gql, RepricingOf(self.0.id)).await?))
    }
}

/// A line of an invoice or a preview.
pub(crate) struct InvoiceLine {
    number: i64,
    line: invoicing::InvoiceLine,
}

impl InvoiceLine {
    pub(crate) fn new(number: i64, line: invoicing::InvoiceLine) -> Self {
        Self { number, line }
    }
}

/// A line of an invoice or a preview.
#[Object]
impl InvoiceLine {
    /// Its place, from 1.
    async fn line_no(&self) -> i64 {
        self.number
    }
    /// `seat_rent`; `rent_free` for days that are shown and cost nothing; `minimum_spend` for what the rent falls short of the
    /// least agreed; by price books also `usage` for what meters counted, `one_time` and `percent`; `waiver` and `discount`, below zero, by clauses.
    async fn kind(&self) -> &'static str {
        self.line.rated.kind.name()
    }
    /// What was sold.
    async fn product(&self) -> SeatProduct {
        self.line.rated.product.into()
    }
    /// Quantity: seats times days that count.
    async fn seat_days(&self) -> i64 {
        self.line.rated.seat_days
    }
    /// The price by which a line of a price book was priced; null = by the price of a seat and month.
    async fn price_book(&self) -> Option<InvoicePriceBook> {
        self.line.rated.explanation.book.as_ref().map(InvoicePriceBook::of)
    }
    /// Price of one seat for the whole month; of `minimum_spend` the least of a whole month, the first that applied; 0 of a
    /// line by a price book.
    async fn unit_price(&self) -> Money {
        self.line.rated.unit.into()
    }
    /// Before tax, rounded once.
    async fn net(&self) -> Money {
        money::Money::new(self.line.net_minor, self.line.rated.unit.currency).into()
    }
    /// With tax, of a line whose price contains it; null where tax comes on the sum of the lines of a rate.
    async fn gross(&self) -> Option<Money> {
        let currency = self.line.rated.unit.currency;
        self.line.gross_minor().map(|minor| money::Money::new(minor, currency).into())
    }
    /// Percent, such as `9` or `9.5`.
    async fn tax_rate(&self) -> String {
        self.line.rated.vat.to_string()
    }
    /// Why the tenant owes the tax itself (reverse charge): the rate is then 0; empty when the park charges it.
    async fn reverse_charge(&self) -> &str {
        self.line.reverse_charge().unwrap_or_default()
    }
    /// How the amount came about, one sentence in the caller's language.
    async fn why(&self, gql: &Context<'_>) -> String {
        why(gql.request().lang(), self.line.rated.kind, &self.line.rated.explanation)
    }
    /// What was agreed as the reason of a `waiver` or `discount`; empty of other lines.
    async fn reason(&self) -> &str {
        let concession = self.line.rated.explanation.concession.as_ref();
        concession.and_then(pricing::ConcessionWhy::what).map_or("", |given| &given.reason)
    }
    /// What it corrects: a month that was billed before and comes to something else by what was recorded since; null for a line of
    /// the invoice's own month. Seat-days and net are the difference.
    async fn correction(&self, gql: &Context<'_>) -> Option<InvoiceCorrection> {
        let (lang, rated) = (gql.request().lang(), &self.line.rated);
        let of = rated.explanation.correction.as_ref()?;
        let money = |minor| money::Money::new(minor, rated.unit.currency).into();
        let said = |of: Option<&pricing::Explanation>| of.map(|of| why(lang, rated.kind, of));
        Some(InvoiceCorrection {
            month: Month(time::Month::of(rated.explanation.period.from)),
            invoice: of.invoice.clone(),
            billed: money(of.billed_minor),
            now: money(of.now_minor),
            billed_why: said(of.billed.as_deref()),
            now_why: said(of.now.as_deref()),
        })
    }
    /// The quantity by runs of days on which the same number of seats was charged; none of a correction.
    async fn slices(&self) -> Vec<SeatSlice> {
        self.line.rated.explanation.slices.iter().map(SeatSlice::of).collect()
    }
}

/// A price of a price book, by which a line was priced.
#[derive(SimpleObject)]
pub(crate) struct InvoicePriceBook {
    /// Id of the book.
    book: String,
    /// Its version.
    version: u32,
    /// Id of the price; null for the minimum of the book.
    price: Option<String>,
    /// Name of the price; of the book for its minimum.
    title: PaperText,
}

impl InvoicePriceBook {
    pub(super) fn of(book: &pricing::BookWhy) -> Self {
        Self {
            book: book.source.book.clone(),
            version: book.source.version,
            price: Some(book.source.price.clone()).filter(|price| !price.is_empty()),
            title: (&book.title).into(),
        }
    }
}

/// A month that was billed before and comes to something else by what was recorded since, at one price.
#[derive(SimpleObject)]
pub(crate) struct InvoiceCorrection {
    /// The month.
    month: Month,
    /// Number of the invoice for it.
    invoice: String,
    /// What was billed, before tax.
    billed: Money,
    /// What it comes to by what was known when the correction was drawn up.
    now: Money,
    /// How the one came about; null when nothing was charged at this price.
    billed_why: Option<String>,
    /// How the other comes about; null when nothing is charged at this price any more.
    now_why: Option<String>,
}

/// A run of days on which the same number of seats was charged in the same way.
#[derive(SimpleObject)]
pub(crate) struct SeatSlice {
    /// First day.
    from: Date,
    /// The day after the last one.
    to: Date,
    /// Seats.
    seats: i64,
    /// Seats times days that count.
    seat_days: i64,
}

impl SeatSlice {
    pub(super) fn of(slice: &pricing::SeatSlice) -> Self {
        Self {
            from: slice.from.into(),
            to: slice.to.into(),
            seats: slice.seats,
            seat_days: slice.seats.saturating_mul(slice.days),
        }
    }
}

/// What pricing a past month again came to.
pub(crate) struct Repricing(Arc<invoicing::Repricing>);

/// What pricing a past month again came to.
#[Object]
impl Repricing {
    /// Whether every line, tax and total came out to the cent.
    async fn same(&self) -> bool {
        self.0.same()
    }
    /// What differs, a sentence each in the caller's language; empty when nothing does.
    async fn differences(&self, gql: &Context<'_>) -> Vec<String> {
        differences(gql.request().lang(), &self.0)
    }
}

/// What an invoice would say if it were drawn up now.
pub(crate) struct InvoicePreview {
    pub(super) lease: LeaseId,
    pub(super) month: time::Month,
    pub(super) drawn_up: Arc<Result<InvoiceBody, Vec<Refusal>>>,
}

impl InvoicePreview {
    fn money(&self, of: impl Fn(&InvoiceBody) -> i64) -> Option<Money> {
        self.drawn_up.as_ref().as_ref().ok().map(|body| money::Money::new(of(body), body.currency).into())
    }
}

/// What an invoice would say if it were drawn up now.
#[Object]
impl InvoicePreview {
    /// The lease it would bill.
    async fn lease_id(&self) -> ID {
        self.lease.to_string().into()
    }
    /// First day billed.
    async fn period_from(&self) -> Date {
        self.month.first_day().into()
    }
    /// The day after the last one billed.
    async fn period_to(&self) -> Date {
        self.month.end().into()
    }
    /// Before tax; null when it cannot be drawn up.
    async fn net(&self) -> Option<Money> {
        self.money(|body| body.net_minor)
    }
    /// Value added tax; null when it cannot be drawn up.
    async fn tax(&self) -> Option<Money> {
        self.money(|body| body.tax_minor)
    }
    /// Net and tax; null when it cannot be drawn up.
    async fn total(&self) -> Option<Money> {
        self.money(|body| body.total_minor)
    }
    /// What it would be made of.
    async fn lines(&self) -> Vec<InvoiceLine> {
        let lines = self.drawn_up.as_ref().as_ref().map_or(&[][..], |body| &body.lines);
        (1..).zip(lines).map(|(number, line)| InvoiceLine { number, line: line.clone() }).collect()
    }
    /// Why it cannot be drawn up; empty when it can.
    async fn user_errors(&self, gql: &Context<'_>) -> Vec<UserError> {
        let refusals = self.drawn_up.as_ref().as_ref().err().into_iter().flatten();
        refusals.map(|r| UserError::of(r, gql.request().lang())).collect()
    }
}
