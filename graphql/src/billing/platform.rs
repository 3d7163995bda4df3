//! What the operator charges the park: its terms, and platform invoices.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_billing::invoicing::Standing;
use voxpark_billing::parties::Party;
use voxpark_billing::platform_invoices::{self, PlatformPayment, PlatformTerms as Terms};
use voxpark_billing::pricing::TaxRate;
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::Scope;
use voxpark_domain::ids::PlatformInvoiceId;
use voxpark_domain::pack::hex;
use voxpark_domain::page::Page;
use voxpark_domain::permission::Resource;
use voxpark_domain::{Ctx, Result};

use super::invoice::{InvoicePriceBook, InvoiceState, SeatSlice};
use super::parties::InvoiceParty;
use super::sentence::{platform_why, why_of};
use crate::error::Fault as _;
use crate::estate::SeatProduct;
use crate::load::{Load, load};
use crate::page::{self, Paged, counter, paged};
use crate::papers::PaperText;
use crate::request::Asking as _;
use crate::scalar::{Date, Money, Month};

/// What a line of a platform invoice is for.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "platform_invoices::PlatformLineKind")]
pub(crate) enum PlatformLineKind {
    /// The month of the invoice at a price.
    Charge,
    /// A month that was billed before and comes to something else by what was recorded since.
    Correction,
    /// What an earlier invoice that came to less than nothing left.
    CarriedIn,
    /// What this one leaves, because it would come to less than nothing.
    CarriedOut,
}

/// What the operator charges the park by, from a month on. A later version replaces the earlier ones from its first month.
pub(crate) struct PlatformTerms(Terms);

/// What the operator charges the park by, from a month on. A later version replaces the earlier ones from its first month.
#[Object]
impl PlatformTerms {
    /// From 1.
    async fn version(&self) -> u32 {
        self.0.version
    }
    /// The first month.
    async fn from(&self) -> Month {
        Month(self.0.from)
    }
    /// Id of the price book.
    async fn book(&self) -> &str {
        &self.0.book.id
    }
    /// Its version.
    async fn book_version(&self) -> u32 {
        self.0.book.version
    }
    /// Its name.
    async fn title(&self) -> PaperText {
        (&self.0.book.title).into()
    }
    /// The file, to the letter.
    async fn text(&self) -> &str {
        &self.0.text
    }
    /// SHA-256 of the file, in hexadecimal.
    async fn sha256(&self) -> String {
        hex(&self.0.sha256)
    }
    /// Value added tax, percent, such as `6`.
    async fn tax_rate(&self) -> String {
        self.0.tax.to_string()
    }
    /// Days to pay.
    async fn payment_days(&self) -> i64 {
        i64::from(self.0.payment.days())
    }
    /// When they were recorded.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }
}

/// Seats of a product that were leased in a month.
#[derive(SimpleObject)]
pub(crate) struct PlatformSeats {
    /// With what they were leased.
    product: SeatProduct,
    /// Seats times days. A seat that was leased twice on a day, for a shift each, is one.
    seat_days: i64,
}

/// The tax of a rate on a platform invoice.
#[derive(SimpleObject)]
pub(crate) struct PlatformTax {
    /// Percent, such as `6`.
    rate: String,
    /// What it is on.
    net: Money,
    /// The tax, rounded once.
    tax: Money,
}

/// A payment of a platform invoice.
#[derive(SimpleObject)]
pub(crate) struct PlatformPaid {
    /// How much.
    amount: Money,
    /// The civil day the money came.
    paid_on: Date,
    /// The bank's reference; may be empty.
    reference: String,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

/// What a line of a platform invoice corrects.
#[derive(SimpleObject)]
pub(crate) struct PlatformCorrection {
    /// Number of the invoice for the month.
    invoice: String,
    /// What was billed at this price, before tax.
    billed: Money,
    /// What it comes to by what was known when the correction was drawn up.
    now: Money,
    /// How the one came about; null when nothing was charged at this price.
    billed_why: Option<String>,
    /// How the other comes about; null when nothing is charged at this price any more.
    now_why: Option<String>,
}

/// A line of a platform invoice.
pub(crate) struct PlatformInvoiceLine {
    number: i64,
    at: usize,
    of: Arc<platform_invoices::PlatformInvoice>,
}

impl PlatformInvoiceLine {
    fn line(&self) -> Option<&platform_invoices::PlatformLine> {
        self.of.body.lines.get(self.at)
    }
    fn money(&self, minor: i64) -> Money {
        self.of.money(minor).into()
    }
}

/// A line of a platform invoice.
#[Object]
impl PlatformInvoiceLine {
    /// Its place, from 1.
    async fn line_no(&self) -> i64 {
        self.number
    }
    /// What it is for.
    async fn kind(&self) -> PlatformLineKind {
        self.line().map_or(PlatformLineKind::Charge, |line| line.kind.into())
    }
    /// The month that it charges or corrects; of what is carried, that of the invoice that leaves it.
    async fn month(&self) -> Month {
        Month(self.line().map_or(self.of.month, |line| line.month))
    }
    /// Seats times days that were charged; of a correction the difference.
    async fn seat_days(&self) -> i64 {
        self.line().map_or(0, |line| line.seat_days)
    }
    /// The price; null of what is carried.
    async fn price_book(&self) -> Option<InvoicePriceBook> {
        self.line()?.why.as_ref()?.book.as_ref().map(InvoicePriceBook::of)
    }
    /// Before tax, rounded once.
    async fn net(&self) -> Money {
        self.money(self.line().map_or(0, |line| line.net_minor))
    }
    /// Percent, such as `6`.
    async fn tax_rate(&self) -> String {
        self.line().map_or(TaxRate::ZERO, |line| line.tax).to_string()
    }
    /// How the amount came about, one sentence in the caller's language.
    async fn why(&self, gql: &Context<'_>) -> String {
        self.line().map(|line| platform_why(gql.request().lang(), line)).unwrap_or_default()
    }
    /// Number of the invoice that left what is carried in; null otherwise.
    async fn carried_from(&self) -> Option<&str> {
        let line = self.line().filter(|line| line.kind == platform_invoices::PlatformLineKind::CarriedIn)?;
        line.invoice.as_deref()
    }
    /// What it corrects; null of any other line.
    async fn correction(&self, gql: &Context<'_>) -> Option<PlatformCorrection> {
        let of = self.line()?.why.as_ref()?.correction.as_ref()?;
        let said =
            |why: Option<&voxpark_billing::pricing::Explanation>| why.map(|why| why_of(gql.request().lang(), why));
        Some(PlatformCorrection {
            invoice: of.invoice.clone(),
            billed: self.money(of.billed_minor),
            now: self.money(of.now_minor),
            billed_why: said(of.billed.as_deref()),
            now_why: said(of.now.as_deref()),
        })
    }
    /// The quantity by runs of days on which the same number of seats was charged; none of a correction.
    async fn slices(&self) -> Vec<SeatSlice> {
        let why = self.line().and_then(|line| line.why.as_ref());
        why.map(|why| why.slices.iter().map(SeatSlice::of).collect()).unwrap_or_default()
    }
}

/// A month's bill of the operator to the park: numbered once over all parks, never edited.
#[derive(Clone)]
pub(crate) struct PlatformInvoice(Arc<platform_invoices::PlatformInvoice>);

impl From<Arc<platform_invoices::PlatformInvoice>> for PlatformInvoice {
    fn from(invoice: Arc<platform_invoices::PlatformInvoice>) -> Self {
        Self(invoice)
    }
}

impl PlatformInvoice {
    fn money(&self, minor: i64) -> Money {
        self.0.money(minor).into()
    }
    fn standing(&self, gql: &Context<'_>) -> async_graphql::Result<Standing> {
        let today = gql.request().ctx().map(Ctx::today);
        today.and_then(|today| self.0.standing(today)).map_err(|e| gql.fault(&e))
    }
    fn side(party: &Party) -> InvoiceParty {
        party.into()
    }
}

/// A month's bill of the operator to the park: numbered once over all parks, never edited.
#[Object]
impl PlatformInvoice {
    /// Stable id.
    #[expect(clippy::unused_async, reason = "the shape the Node interface asks for")]
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// `PLT-year-number`, without gaps in a year over all parks of the installation.
    async fn number(&self) -> String {
        self.0.number.to_string()
    }
    /// The month that it bills.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }
    /// The version of the terms that governs that month.
    async fn terms_version(&self) -> u32 {
        self.0.terms
    }
    /// What was leased in that month, product by product, as it was known then.
    async fn seats(&self) -> Vec<PlatformSeats> {
        let of = |(product, seat_days): (voxpark_domain::estate::SeatProduct, i64)| PlatformSeats {
            product: product.into(),
            seat_days,
        };
        self.0.seat_days().into_iter().map(of).collect()
    }
    /// What it is made of.
    async fn lines(&self) -> Vec<PlatformInvoiceLine> {
        let line = |(number, at)| PlatformInvoiceLine { number, at, of: Arc::clone(&self.0) };
        (1..).zip(0..self.0.body.lines.len()).map(line).collect()
    }
    /// Its taxes, one a rate.
    async fn taxes(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<PlatformTax>> {
        let taxed = self.0.body.taxed().map_err(|refusal| gql.fault(&refusal.into()))?;
        let tax = |group: &voxpark_billing::invoicing::TaxGroup| PlatformTax {
            rate: group.rate.to_string(),
            net: self.money(group.net_minor),
            tax: self.money(group.tax_minor),
        };
        Ok(taxed.groups.iter().map(tax).collect())
    }
    /// Before tax.
    async fn net(&self) -> Money {
        self.money(self.0.net_minor)
    }
    /// Value added tax: of each rate the sum of its lines, rounded once.
    async fn tax(&self) -> Money {
        self.money(self.0.tax_minor)
    }
    /// Net and tax; never less than nothing.
    async fn total(&self) -> Money {
        self.money(self.0.total_minor)
    }
    /// Sum of the payments.
    async fn paid(&self) -> Money {
        self.money(self.0.paid_minor)
    }
    /// Total less payments; nothing when it was withdrawn.
    async fn balance(&self, gql: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(self.standing(gql)?.balance.into())
    }
    /// Where it stands today.
    async fn state(&self, gql: &Context<'_>) -> async_graphql::Result<InvoiceState> {
        let today = gql.request().ctx().map(Ctx::today);
        today.and_then(|today| self.0.due_state(today)).map(Into::into).map_err(|e| gql.fault(&e))
    }
    /// Its payments, oldest first.
    async fn payments(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<PlatformPaid>> {
        let found = load(gql, PaymentsOf(self.0.id)).await?.unwrap_or_default();
        let paid = |payment: &PlatformPayment| PlatformPaid {
            amount: self.money(payment.amount_minor),
            paid_on: payment.paid_on.into(),
            reference: payment.reference.clone(),
            recorded_at: payment.recorded_at,
        };
        Ok(found.iter().map(paid).collect())
    }
    /// When it was issued.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }
    /// The last day to pay in time.
    async fn due_on(&self) -> Date {
        self.0.due_on.into()
    }
    /// What was recorded later was not known when seats were counted.
    async fn known_at(&self) -> DateTime<Utc> {
        self.0.known_at
    }
    /// When it was withdrawn; null while it is in force.
    async fn voided_at(&self) -> Option<DateTime<Utc>> {
        self.0.voided.as_ref().map(|voided| voided.at)
    }
    /// Why it was withdrawn; null while it is in force.
    async fn void_reason(&self) -> Option<&str> {
        self.0.voided.as_ref().map(|voided| voided.reason.as_str())
    }
    /// The operator, as it was called then.
    async fn seller(&self) -> InvoiceParty {
        Self::side(&self.0.seller)
    }
    /// The park, as it was called then.
    async fn buyer(&self) -> InvoiceParty {
        Self::side(&self.0.buyer)
    }
    /// Where it can be had as PDF, in both languages; `?lang=zh` or `?lang=en` for one. A path of this installation.
    async fn document_path(&self) -> String {
        format!("/documents/{}", self.0.id)
    }
    /// SHA-256 of everything that it says, fixed when it was issued, in hexadecimal: printed at its foot.
    async fn sha256(&self) -> String {
        hex(&self.0.sha256)
    }
    /// Whether what is stored still comes to that hash.
    async fn intact(&self, gql: &Context<'_>) -> async_graphql::Result<bool> {
        self.0.intact().map_err(|e| gql.fault(&e))
    }
}

/// Whether the caller is staff of a park, who alone see its platform invoices.
const fn of_park(ctx: &Ctx) -> bool {
    matches!(ctx.scope(), Scope::Park(_))
}

#[async_trait]
impl Load for PlatformInvoiceId {
    type Value = Arc<platform_invoices::PlatformInvoice>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !of_park(ctx) {
            return Ok(Vec::new());
        }
        Ok(tx.platform_invoices_by_id(keys).await?.into_iter().map(|one| (one.id, Arc::new(one))).collect())
    }
}

/// The payments of a platform invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PaymentsOf(PlatformInvoiceId);

#[async_trait]
impl Load for PaymentsOf {
    type Value = Arc<Vec<PlatformPayment>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !of_park(ctx) {
            return Ok(Vec::new());
        }
        let ids: Vec<PlatformInvoiceId> = keys.iter().map(|key| key.0).collect();
        let found = tx.platform_payments_of(&ids).await?;
        Ok(super::load::grouped(found.into_iter().map(|one| (Self(one.invoice), one))))
    }
}

/// What the operator charges a park.
#[derive(Clone)]
pub(crate) struct ParkPlatform;

/// What the operator charges a park.
#[Object]
impl ParkPlatform {
    /// What the operator charges the park by, the latest version first: for staff of the park, none for others.
    #[graphql(complexity = "20 * child_complexity")]
    async fn platform_terms(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<PlatformTerms>> {
        let request = gql.request();
        let read = async { platform_invoices::platform_terms(&*request.read().await?, request.ctx()?).await };
        let terms = gql.nullable(read.await)?.unwrap_or_default();
        Ok(terms.into_iter().map(PlatformTerms).collect())
    }

    /// The bills of the operator to the park, the highest number first: for staff of the park, none for others.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn platform_invoices(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<PlatformInvoice>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let request = gql.request();
        let read = async { platform_invoices::platform_invoices(&*request.read().await?, request.ctx()?, &ask).await };
        let page = gql.nullable(read.await)?.map(Page::shared);
        let count = counter!(gql, "", |ctx, tx| platform_invoices::platform_invoices_count(tx, ctx));
        Ok(paged(page, count, PlatformInvoice::from))
    }
}
