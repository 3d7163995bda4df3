//! How the two sides of an invoice are called: profiles by day, and what was fixed with an invoice.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::parties::{self, BuyerDraft, OnInvoice, Party, PartyDraft, Profile, SellerDraft, in_force};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{InvoiceId, TenantId};
use voxpark_domain::papers;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load};
use crate::node;
use crate::papers::PaperLanguage;
use crate::request::Asking as _;
use crate::scalar::Date;

/// A side of an invoice. What is not known is empty.
#[derive(SimpleObject)]
pub(crate) struct InvoiceParty {
    /// The legal name in Chinese; of a buyer the title of its fapiao (发票抬头).
    name: String,
    /// The name in English.
    name_en: String,
    /// The taxpayer number (纳税人识别号).
    tax_number: String,
    /// The registered address.
    address: String,
    /// Telephone.
    phone: String,
    /// Where the account is held.
    bank: String,
    /// The number of the account.
    account: String,
}

impl From<&Party> for InvoiceParty {
    fn from(party: &Party) -> Self {
        Self {
            name: party.name.clone(),
            name_en: party.name_en.clone(),
            tax_number: party.tax_number.clone(),
            address: party.address.clone(),
            phone: party.phone.clone(),
            bank: party.bank.clone(),
            account: party.account.reveal().to_owned(),
        }
    }
}

/// What kind of fapiao a tenant wants.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "parties::FapiaoWanted")]
pub(crate) enum FapiaoWanted {
    /// For deducting input tax (增值税专用发票).
    Special,
    /// 增值税普通发票.
    Ordinary,
    /// None: the invoice alone.
    None,
}

/// Which of net and tax is rounded where prices contain the tax; the other one is the rest.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "voxpark_billing::invoicing::TaxOrder")]
pub(crate) enum TaxOrder {
    /// The net amount: what contains the tax, by one and its rate.
    NetFirst,
    /// The tax: what contains it, times its rate, by one and its rate.
    TaxFirst,
}

/// How the park is called on its invoices from a day on.
#[derive(SimpleObject)]
pub(crate) struct SellerProfile {
    /// From this day on, until another begins.
    from: Date,
    /// What stands on invoices.
    party: InvoiceParty,
    /// Where tenants write to; empty when nobody has said.
    mail: String,
    /// What it rounds where prices contain the tax.
    tax_order: TaxOrder,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

impl From<&Profile<parties::Seller>> for SellerProfile {
    fn from(profile: &Profile<parties::Seller>) -> Self {
        Self {
            from: profile.from.into(),
            party: (&profile.said.party).into(),
            mail: profile.said.mail.reveal().to_owned(),
            tax_order: profile.said.tax_order.into(),
            recorded_at: profile.recorded_at,
        }
    }
}

/// How a tenant is called on its invoices from a day on, and where they go.
#[derive(SimpleObject)]
pub(crate) struct BuyerProfile {
    /// From this day on, until another begins.
    from: Date,
    /// What stands on invoices.
    party: InvoiceParty,
    /// The kind of fapiao wanted.
    fapiao: FapiaoWanted,
    /// The language of what it is sent.
    language: PaperLanguage,
    /// Where invoices go by mail; at most five.
    mails: Vec<String>,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

impl From<&Profile<parties::Buyer>> for BuyerProfile {
    fn from(profile: &Profile<parties::Buyer>) -> Self {
        Self {
            from: profile.from.into(),
            party: (&profile.said.party).into(),
            fapiao: profile.said.fapiao.into(),
            language: profile.said.language.into(),
            mails: profile.said.mails.iter().map(|mail| mail.reveal().to_owned()).collect(),
            recorded_at: profile.recorded_at,
        }
    }
}

/// How the sides stand on an invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SidesOf(pub(super) InvoiceId);

#[async_trait]
impl Load for SidesOf {
    type Value = Arc<OnInvoice>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let found = parties::on_invoices(tx, ctx, &ids).await?;
        Ok(found.into_iter().map(|(id, on)| (Self(id), Arc::new(on))).collect())
    }
}

/// Whether an invoice still says what was fixed with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct IntactOf(pub(super) InvoiceId);

#[async_trait]
impl Load for IntactOf {
    type Value = bool;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let found = parties::intact(tx, ctx, &ids).await?;
        Ok(found.into_iter().map(|(id, intact)| (Self(id), intact)).collect())
    }
}

/// The profiles of a tenant, the one that begins last first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct ProfilesOf(TenantId);

#[async_trait]
impl Load for ProfilesOf {
    type Value = Arc<Vec<Profile<parties::Buyer>>>;
    const RESOURCE: Resource = Resource::BillingProfiles;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let tenants: Vec<TenantId> = keys.iter().map(|key| key.0).collect();
        let found = parties::buyer_profiles(tx, ctx, &tenants).await?;
        Ok(found.into_iter().map(|(tenant, profiles)| (Self(tenant), Arc::new(profiles))).collect())
    }
}

/// How the park is called on its invoices.
#[derive(Clone)]
pub(crate) struct ParkParties;

impl ParkParties {
    async fn all(gql: &Context<'_>) -> async_graphql::Result<Option<Vec<Profile<parties::Seller>>>> {
        let request = gql.request();
        let read = async { parties::seller_profiles(&*request.read().await?, request.ctx()?).await };
        gql.nullable(read.await)
    }
}

/// How the park is called on its invoices.
#[Object]
impl ParkParties {
    /// How it is called on invoices that are issued on a day; null when nobody has said, and for who may not know.
    async fn seller_profile(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<SellerProfile>> {
        let Some(all) = Self::all(gql).await? else { return Ok(None) };
        let on = day(gql, on)?;
        Ok(in_force(&all, on).map(Into::into))
    }
    /// All that was ever said of it, the one that begins last first.
    async fn seller_profiles(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<SellerProfile>> {
        Ok(Self::all(gql).await?.unwrap_or_default().iter().map(Into::into).collect())
    }
}

fn day(gql: &Context<'_>, on: Option<Date>) -> async_graphql::Result<NaiveDate> {
    let today = gql.request().ctx().map(Ctx::today).map_err(|e| gql.fault(&e))?;
    Ok(on.map_or(today, |on| on.0))
}

/// How a tenant is called on its invoices.
#[derive(Clone)]
pub(crate) struct TenantParties(pub(crate) TenantId);

/// How a tenant is called on its invoices.
#[Object]
impl TenantParties {
    /// How it is called on invoices that are issued on a day; null when nobody has said, and for who may not know.
    async fn buyer_profile(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<BuyerProfile>> {
        let on = day(gql, on)?;
        let all = load(gql, ProfilesOf(self.0)).await?;
        Ok(all.and_then(|all| in_force(&all, on).map(Into::into)))
    }
    /// All that was ever said of it, the one that begins last first.
    async fn buyer_profiles(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<BuyerProfile>> {
        let all = load(gql, ProfilesOf(self.0)).await?;
        Ok(all.iter().flat_map(|all| all.iter()).map(Into::into).collect())
    }
}

/// How the park is to be called on its invoices.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SellerProfileSetInput {
    /// From this day on; from today when left out.
    from: Option<Date>,
    /// The legal name, 1 to 100 characters.
    name: String,
    /// In English, up to 100 characters.
    name_en: Option<String>,
    /// The taxpayer number: a unified social credit code, or one of the older forms the law still takes.
    tax_number: Option<String>,
    /// The registered address, up to 200 characters.
    address: Option<String>,
    /// Telephone, up to 40 characters.
    phone: Option<String>,
    /// Where the account is held, up to 100 characters; together with the account.
    bank: Option<String>,
    /// The number of the account, up to 40 digits and letters.
    account: Option<String>,
    /// Where tenants write to.
    mail: Option<String>,
    /// What it rounds where prices contain the tax; the net amount when left out.
    tax_order: Option<TaxOrder>,
    /// Repeats of the same request under this key answer the same and record nothing.
    idempotency_key: String,
}

/// How a tenant is to be called on its invoices, and where they go.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct BuyerProfileSetInput {
    /// The tenant; may be left out by staff of a tenant.
    tenant_id: Option<ID>,
    /// From this day on; from today when left out.
    from: Option<Date>,
    /// The title of its fapiao (发票抬头), 1 to 100 characters.
    name: String,
    /// In English, up to 100 characters.
    name_en: Option<String>,
    /// The taxpayer number: a unified social credit code, or one of the older forms the law still takes.
    tax_number: Option<String>,
    /// The registered address, up to 200 characters.
    address: Option<String>,
    /// Telephone, up to 40 characters.
    phone: Option<String>,
    /// Where the account is held, up to 100 characters; together with the account.
    bank: Option<String>,
    /// The number of the account, up to 40 digits and letters.
    account: Option<String>,
    /// The kind of fapiao wanted.
    fapiao: FapiaoWanted,
    /// The language of what it is sent; Chinese when left out.
    language: Option<PaperLanguage>,
    /// Where invoices go by mail; at most five addresses, each once.
    mails: Option<Vec<String>>,
    /// Repeats of the same request under this key answer the same and record nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct SellerProfileSetPayload {
    /// What is in force on the day from which it holds.
    profile: Option<SellerProfile>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct BuyerProfileSetPayload {
    /// What is in force on the day from which it holds.
    profile: Option<BuyerProfile>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

fn text(value: Option<String>) -> String {
    value.unwrap_or_default()
}

#[derive(Default)]
pub(crate) struct PartiesMutation;

#[Object]
impl PartiesMutation {
    /// Says how the park is called on invoices from a day on, and where they are paid to. Issued invoices stay as they are.
    async fn seller_profile_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SellerProfileSetInput,
    ) -> async_graphql::Result<Option<SellerProfileSetPayload>> {
        let wanted = input.clone();
        let done = change(gql, "sellerProfileSet", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let party = PartyDraft {
                    name: wanted.name,
                    name_en: text(wanted.name_en),
                    tax_number: text(wanted.tax_number),
                    address: text(wanted.address),
                    phone: text(wanted.phone),
                    bank: text(wanted.bank),
                    account: text(wanted.account),
                };
                let from = wanted.from.map_or(ctx.today(), |day| day.0);
                let tax_order = wanted.tax_order.map(Into::into).unwrap_or_default();
                let draft = SellerDraft { from, party, mail: text(wanted.mail), tax_order };
                let profile = parties::seller_profile_set(tx, ctx, &draft).await?;
                let entry = AuditEntry::new("billing-profile.seller", profile.id);
                Ok((from, entry.with(json!({ "from": from.to_string() }))))
            })
        });
        Ok(Some(match done.await? {
            Ok(from) => {
                let all = ParkParties::all(gql).await?.unwrap_or_default();
                let profile = in_force(&all, from).map(Into::into);
                SellerProfileSetPayload { profile, user_errors: Vec::new() }
            }
            Err(user_errors) => SellerProfileSetPayload { user_errors, ..Default::default() },
        }))
    }

    /// Says how a tenant is called on its invoices from a day on, which fapiao it wants and where invoices go. Issued invoices
    /// stay as they are.
    async fn buyer_profile_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BuyerProfileSetInput,
    ) -> async_graphql::Result<Option<BuyerProfileSetPayload>> {
        let wanted = input.clone();
        let done = change(gql, "buyerProfileSet", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let tenant = wanted.tenant_id.as_ref().map(|id| node::id("tenantId", id)).transpose()?;
                let party = PartyDraft {
                    name: wanted.name,
                    name_en: text(wanted.name_en),
                    tax_number: text(wanted.tax_number),
                    address: text(wanted.address),
                    phone: text(wanted.phone),
                    bank: text(wanted.bank),
                    account: text(wanted.account),
                };
                let from = wanted.from.map_or(ctx.today(), |day| day.0);
                let mails = wanted.mails.unwrap_or_default();
                let language = wanted.language.map_or(papers::PaperLanguage::Chinese, Into::into);
                let draft = BuyerDraft { from, party, fapiao: wanted.fapiao.into(), language, mails };
                let (tenant, profile) = parties::buyer_profile_set(tx, ctx, tenant, &draft).await?;
                let entry = AuditEntry::new("billing-profile.buyer", profile.id);
                let detail = json!({ "tenant": tenant.to_string(), "from": from.to_string() });
                Ok(((tenant, from), entry.with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok((tenant, from)) => {
                let all = load(gql, ProfilesOf(tenant)).await?;
                let profile = all.and_then(|all| in_force(&all, from).map(Into::into));
                BuyerProfileSetPayload { profile, user_errors: Vec::new() }
            }
            Err(user_errors) => BuyerProfileSetPayload { user_errors, ..Default::default() },
        }))
    }
}
