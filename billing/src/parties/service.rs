//! Use cases of parties.

use std::collections::HashMap;

use voxpark_domain::audit::Seen;
use voxpark_domain::ids::TenantId;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, Scope, tenancy};

use super::entity::{Buyer, BuyerDraft, Party, Profile, Seller, SellerDraft, in_force};
use super::store::Store;

/// Every profile of the park, the one that begins last first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn seller_profiles<S: Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<Vec<Profile<Seller>>> {
    ctx.require(Action::Read, Resource::BillingProfiles)?;
    Ok(latest_first(store.seller_profiles().await?))
}

/// Every profile of tenants in reach, the one that begins last first; tenants without one are missing.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn buyer_profiles<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    tenants: &[TenantId],
) -> Result<Vec<(TenantId, Vec<Profile<Buyer>>)>> {
    ctx.require(Action::Read, Resource::BillingProfiles)?;
    let found = by_tenant(store.buyer_profiles(tenants).await?);
    Ok(found.into_iter().map(|(tenant, profiles)| (tenant, latest_first(profiles))).collect())
}

fn latest_first<T>(mut profiles: Vec<Profile<T>>) -> Vec<Profile<T>> {
    profiles.sort_by_key(|profile| std::cmp::Reverse(profile.place()));
    profiles
}

pub(super) fn by_tenant(rows: Vec<(TenantId, Profile<Buyer>)>) -> HashMap<TenantId, Vec<Profile<Buyer>>> {
    let mut found: HashMap<TenantId, Vec<Profile<Buyer>>> = HashMap::new();
    for (tenant, profile) in rows {
        found.entry(tenant).or_default().push(profile);
    }
    found
}

/// Tells the log what a party was called and is called now. Numbers, accounts and addresses may be a person's.
fn hear(ctx: &Ctx, before: &Party, after: &Party) {
    let heard = ctx.heard();
    heard.changed("name", plain(&before.name), plain(&after.name));
    heard.changed("nameEn", plain(&before.name_en), plain(&after.name_en));
    heard.changed("bank", plain(&before.bank), plain(&after.bank));
    for (field, before, after) in [
        ("taxNumber", &before.tax_number, &after.tax_number),
        ("address", &before.address, &after.address),
        ("phone", &before.phone, &after.phone),
    ] {
        heard.changed(field, Seen::personal(before.as_str()), Seen::personal(after.as_str()));
    }
    heard.changed("account", Seen::personal(before.account.reveal()), Seen::personal(after.account.reveal()));
}

fn plain(text: &str) -> Seen {
    if text.is_empty() { Seen::Nothing } else { Seen::of(text) }
}

/// Says how the park is called on invoices from a day on. Invoices that are issued stay as they are.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] for anyone but staff of the park with permission; a proof that is too old;
/// those of [`SellerDraft::read`].
pub async fn seller_profile_set<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    draft: &SellerDraft,
) -> Result<Profile<Seller>> {
    ctx.require(Action::Write, Resource::BillingProfiles)?;
    if !matches!(ctx.scope(), Scope::Park(_)) {
        return Err(Error::Forbidden);
    }
    // Whoever changes the account changes where money goes.
    ctx.require_proof()?;
    let said = draft.read()?;
    let known = store.seller_profiles().await?;
    let before = in_force(&known, draft.from).map(|profile| profile.said.clone()).unwrap_or_default();
    hear(ctx, &before.party, &said.party);
    ctx.heard().changed("mail", Seen::personal(before.mail.reveal()), Seen::personal(said.mail.reveal()));
    ctx.heard().changed("taxOrder", Seen::of(before.tax_order.name()), Seen::of(said.tax_order.name()));
    let profile = Profile { id: ctx.id(), from: draft.from, said, recorded_at: ctx.now() };
    store.seller_profile_add(&profile, ctx.actor().user).await?;
    Ok(profile)
}

/// Says how a tenant is called on its invoices from a day on, and where they go: its park of any tenant, a tenant of
/// itself, for which `tenant` may be left out.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `text-required` and `not-found` of the tenant; those of
/// [`BuyerDraft::read`].
pub async fn buyer_profile_set<S: Store + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    tenant: Option<TenantId>,
    draft: &BuyerDraft,
) -> Result<(TenantId, Profile<Buyer>)> {
    ctx.require(Action::Write, Resource::BillingProfiles)?;
    let own = ctx.tenant().ok();
    let required = || Refusal::new(RefusalCode::Required, "tenant-required").at("tenantId");
    let tenant = tenant.or(own).ok_or_else(required)?;
    // Out of reach is not there.
    if store.tenants_by_id(&[tenant]).await?.is_empty() {
        return Err(Refusal::new(RefusalCode::NotFound, "not-found").at("tenantId").into());
    }
    let said = draft.read()?;
    let known: Vec<_> = store.buyer_profiles(&[tenant]).await?.into_iter().map(|(_, profile)| profile).collect();
    let before = in_force(&known, draft.from).map(|profile| profile.said.clone()).unwrap_or_default();
    hear(ctx, &before.party, &said.party);
    ctx.heard().changed("fapiao", Seen::of(before.fapiao.name()), Seen::of(said.fapiao.name()));
    ctx.heard().changed("language", Seen::of(before.language.name()), Seen::of(said.language.name()));
    let mails =
        |buyer: &Buyer| buyer.mails.iter().map(voxpark_domain::pipeline::Private::reveal).collect::<Vec<_>>().join(" ");
    ctx.heard().changed("mails", Seen::personal(mails(&before)), Seen::personal(mails(&said)));
    let profile = Profile { id: ctx.id(), from: draft.from, said, recorded_at: ctx.now() };
    store.buyer_profile_add(tenant, &profile, ctx.actor().user).await?;
    Ok((tenant, profile))
}
