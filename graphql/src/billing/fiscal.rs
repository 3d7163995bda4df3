//! What the tax office was told of invoices: fapiaos on record.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::fiscal::{self, FapiaoDraft, FapiaoKinds};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{FapiaoId, InvoiceId};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result, money, time};

use super::invoice::Invoice;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load, load_known};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::papers::PaperText;
use crate::request::Asking as _;
use crate::scalar::{Date, Money, Month};

/// Whether a fapiao tells or takes back.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "fiscal::FapiaoColour")]
pub(crate) enum FapiaoColour {
    /// It tells of a supply (蓝字).
    Blue,
    /// It takes one back, or part of it (红字).
    Red,
}

/// What was told of an invoice.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "fiscal::FapiaoState")]
pub(crate) enum FapiaoState {
    /// Nothing.
    None,
    /// Something stands.
    Issued,
    /// What was told was taken back.
    Reversed,
}

/// A fapiao of an invoice, as it was made in the tax office's system.
#[derive(Clone)]
pub(crate) struct Fapiao(Arc<fiscal::Fapiao>);

impl From<Arc<fiscal::Fapiao>> for Fapiao {
    fn from(fapiao: Arc<fiscal::Fapiao>) -> Self {
        Self(fapiao)
    }
}

impl Fapiao {
    async fn of(&self, gql: &Context<'_>) -> async_graphql::Result<Arc<voxpark_billing::invoicing::IssuedInvoice>> {
        load_known(gql, self.0.invoice).await
    }
}

/// A fapiao of an invoice, as it was made in the tax office's system.
#[Object]
impl Fapiao {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Of which invoice.
    async fn invoice(&self, gql: &Context<'_>) -> async_graphql::Result<Invoice> {
        self.of(gql).await.map(Invoice::from)
    }
    /// The id of its kind: `digital-special`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }
    /// Whether it tells or takes back.
    async fn colour(&self) -> FapiaoColour {
        self.0.colour.into()
    }
    /// Its code (发票代码); empty where the kind has none.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// Its number (发票号码).
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// The civil day of issue.
    async fn issued_on(&self) -> Date {
        self.0.issued_on.into()
    }
    /// Before tax; positive, whatever the colour.
    async fn net(&self, gql: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(self.of(gql).await?.money(self.0.net_minor).into())
    }
    /// Tax.
    async fn tax(&self, gql: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(self.of(gql).await?.money(self.0.tax_minor).into())
    }
    /// The buyer's title as printed.
    async fn title(&self) -> &str {
        self.0.title.reveal()
    }
    /// The buyer's tax number as printed; may be empty.
    async fn tax_number(&self) -> &str {
        self.0.tax_number.reveal()
    }
    /// Of a red one: the blue one it takes back.
    async fn takes_back(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Self>> {
        let Some(id) = self.0.takes_back else { return Ok(None) };
        Ok(load(gql, id).await?.map(Self))
    }
    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }
}

#[async_trait]
impl Load for FapiaoId {
    type Value = Arc<fiscal::Fapiao>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.fapiaos_by_id(keys).await?.into_iter().map(|one| (one.id, Arc::new(one))).collect())
    }
}

/// The fapiaos of an invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FapiaosOf(pub(super) InvoiceId);

#[async_trait]
impl Load for FapiaosOf {
    type Value = Arc<Vec<Arc<fiscal::Fapiao>>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let found = fiscal::fapiaos_of(tx, ctx, &ids).await?;
        Ok(super::load::grouped(found.into_iter().map(|one| (Self(one.invoice), Arc::new(one)))))
    }
}

/// A kind of fapiao.
#[derive(SimpleObject)]
pub(crate) struct FapiaoKind {
    /// Its name: `digital-special`.
    name: String,
    /// What it is called.
    title: PaperText,
    /// Whether its holder deducts input tax.
    special: bool,
    /// How many digits its code has; 0 where it has none.
    code_digits: usize,
    /// How many digits its number has.
    number_digits: usize,
    /// The rule.
    source: String,
}

impl From<&fiscal::FapiaoKind> for FapiaoKind {
    fn from(kind: &fiscal::FapiaoKind) -> Self {
        Self {
            name: kind.id.clone(),
            title: (&kind.title).into(),
            special: kind.r#use == fiscal::FapiaoUse::Special,
            code_digits: kind.code,
            number_digits: kind.number,
            source: kind.source.clone(),
        }
    }
}

/// What the tax office was told of a park's invoices.
#[derive(Clone)]
pub(crate) struct ParkFiscal;

/// What the tax office was told of a park's invoices.
#[Object]
impl ParkFiscal {
    /// Fapiaos issued in a month, in the order in which they were recorded: all for staff of the park, its own for staff of a tenant.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn fapiaos(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month, YYYY-MM; the one that runs when left out.")] month: Option<Month>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<Fapiao>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let request = gql.request();
        let today = request.ctx().map(Ctx::today).map_err(|e| gql.fault(&e))?;
        let month = month.map_or_else(|| time::Month::of(today), |month| month.0);
        let read = async { fiscal::fapiaos(&*request.read().await?, request.ctx()?, month, &ask).await };
        let page = gql.nullable(read.await)?.map(voxpark_domain::page::Page::shared);
        let count = counter!(gql, "", [month] | ctx, tx | async move { fiscal::fapiaos_count(tx, ctx, month).await });
        Ok(paged(page, count, Fapiao::from))
    }
    /// The kinds of fapiao that can be recorded.
    async fn fapiao_kinds(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<FapiaoKind>> {
        let kinds = FapiaoKinds::built_in().map_err(|e| gql.fault(&e))?;
        Ok(kinds.kind.iter().map(Into::into).collect())
    }
}

/// A fapiao that was made.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct FapiaoRecordInput {
    /// Of which invoice.
    invoice_id: ID,
    /// The name of its kind: `digital-special`.
    kind: String,
    /// Its code, digits; left out where the kind has none.
    code: Option<String>,
    /// Its number, digits.
    number: String,
    /// The civil day of issue; not after today.
    issued_on: Date,
    /// Before tax, major units of the invoice's currency; positive, whatever the colour.
    net: String,
    /// Tax, likewise; `0` where there is none.
    tax: String,
    /// The buyer's title as printed, 1 to 100 characters.
    title: String,
    /// The buyer's tax number as printed; needed of one for deducting input tax.
    tax_number: Option<String>,
    /// Of a red one: the blue one of the same invoice that it takes back.
    takes_back_id: Option<ID>,
    /// Repeats of the same request under this key answer the same and record nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct FapiaoRecordPayload {
    /// The fapiao.
    fapiao: Option<Fapiao>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct FiscalMutation;

#[Object]
impl FiscalMutation {
    /// Records a fapiao that was made of an invoice in the tax office's system, blue or red.
    async fn fapiao_record(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FapiaoRecordInput,
    ) -> async_graphql::Result<Option<FapiaoRecordPayload>> {
        let wanted = input.clone();
        let done = change(gql, "fapiaoRecord", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let takes_back = wanted.takes_back_id.as_ref().map(|id| node::id("takesBackId", id)).transpose()?;
                let draft = FapiaoDraft {
                    invoice: node::id("invoiceId", &wanted.invoice_id)?,
                    kind: wanted.kind,
                    code: wanted.code.unwrap_or_default(),
                    number: wanted.number,
                    issued_on: wanted.issued_on.0,
                    net: wanted.net,
                    tax: wanted.tax,
                    title: wanted.title,
                    tax_number: wanted.tax_number.unwrap_or_default(),
                    takes_back,
                };
                let fapiao = fiscal::fapiao_record(tx, ctx, &draft).await?;
                let detail = json!({ "invoice": fapiao.invoice.to_string(), "colour": fapiao.colour.name() });
                Ok((fapiao.id, AuditEntry::new("fapiao.record", fapiao.id).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => FapiaoRecordPayload { fapiao: load(gql, id).await?.map(Fapiao::from), user_errors: Vec::new() },
            Err(user_errors) => FapiaoRecordPayload { user_errors, ..Default::default() },
        }))
    }
}

/// What stands of the fapiaos of an invoice.
#[derive(SimpleObject)]
pub(crate) struct FapiaoStanding {
    /// Nothing, something, or all taken back.
    state: FapiaoState,
    /// Blue less red, before tax.
    net: Money,
    /// Blue less red, tax.
    tax: Money,
}

impl FapiaoStanding {
    pub(super) fn of(all: &[Arc<fiscal::Fapiao>], currency: money::Currency) -> Self {
        let (state, sums) = fiscal::standing(all.iter().map(AsRef::as_ref));
        let money = |minor| money::Money::new(minor, currency).into();
        Self { state: state.into(), net: money(sums.net_minor), tax: money(sums.tax_minor) }
    }
}
