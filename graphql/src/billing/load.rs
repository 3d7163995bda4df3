//! What invoices and previews are loaded by, in batches.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_trait::async_trait;
use voxpark_billing::invoicing::{self, DueState, InvoiceBody, InvoiceFilter, IssuedInvoice};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{InvoiceId, LeaseId, TenantId};
use voxpark_domain::permission::Resource;
use voxpark_domain::{Ctx, Refusal, Result, time};

use crate::estate::alike;
use crate::load::Load;

#[async_trait]
impl Load for InvoiceId {
    type Value = Arc<IssuedInvoice>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.invoices_by_id(keys).await?.into_iter().map(|i| (i.id, Arc::new(i))).collect())
    }
}

/// The invoices of a tenant that pass a filter.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct InvoicesOf {
    pub(super) tenant: TenantId,
    pub(super) month: Option<time::Month>,
    pub(super) state: Option<DueState>,
}

impl InvoicesOf {
    fn filter(self) -> InvoiceFilter {
        InvoiceFilter { tenant: None, month: self.month, state: self.state }
    }
}

/// Counts them.
#[async_trait]
impl Load for InvoicesOf {
    type Value = i64;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for (filter, keys) in alike(keys, |k| k.filter()) {
            let tenants: Vec<_> = keys.iter().map(|k| k.tenant).collect();
            let found = tx.invoices_counts(&tenants, &filter, ctx.today()).await?.into_iter();
            all.extend(found.map(|(tenant, n)| (Self { tenant, month: filter.month, state: filter.state }, n)));
        }
        Ok(all)
    }
}

/// The first of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct InvoicesFirst {
    pub(super) of: InvoicesOf,
    pub(super) first: u32,
}

#[async_trait]
impl Load for InvoicesFirst {
    type Value = Vec<Arc<IssuedInvoice>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for ((filter, first), keys) in alike(keys, |k| (k.of.filter(), k.first)) {
            let tenants: Vec<_> = keys.iter().map(|k| k.of.tenant).collect();
            let found = tx.invoices_first(&tenants, &filter, ctx.today(), first).await?;
            let (month, state) = (filter.month, filter.state);
            all.extend(crate::estate::grouped(&keys, found, |i| Self {
                of: InvoicesOf { tenant: i.tenant, month, state },
                first,
            }));
        }
        Ok(all)
    }
}

/// Collects rows under their key.
pub(super) fn grouped<K: Copy + Eq + Hash, V>(rows: impl IntoIterator<Item = (K, V)>) -> Vec<(K, Arc<Vec<V>>)> {
    let mut found: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in rows {
        found.entry(key).or_default().push(value);
    }
    found.into_iter().map(|(key, values)| (key, Arc::new(values))).collect()
}

/// The lines of an invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LinesOf(pub(super) InvoiceId);

#[async_trait]
impl Load for LinesOf {
    type Value = Arc<Vec<(i64, invoicing::InvoiceLine)>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let lines = tx.invoice_lines(&ids).await?.into_iter();
        Ok(grouped(lines.map(|(id, number, line)| (Self(id), (number, line)))))
    }
}

/// An invoice priced again.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct RepricingOf(pub(super) InvoiceId);

#[async_trait]
impl Load for RepricingOf {
    type Value = Arc<invoicing::Repricing>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<InvoiceId> = keys.iter().map(|key| key.0).collect();
        let found = invoicing::repricings(tx, ctx, &ids).await?.into_iter();
        Ok(found.map(|(id, repricing)| (Self(id), Arc::new(repricing))).collect())
    }
}

/// The month of a lease as an invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PreviewOf(pub(super) LeaseId, pub(super) time::Month);

#[async_trait]
impl Load for PreviewOf {
    type Value = Arc<Result<InvoiceBody, Vec<Refusal>>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let asked: Vec<(LeaseId, time::Month)> = keys.iter().map(|key| (key.0, key.1)).collect();
        let found = invoicing::preview(tx, ctx, &asked).await?.into_iter();
        Ok(found
            .map(|((lease, month), body)| (Self(lease, month), Arc::new(body.map_err(|refusal| vec![refusal]))))
            .collect())
    }
}
