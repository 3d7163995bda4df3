//! What maturity adds to park and tenant, and lists below a parent: one statement for all parents of a level.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use async_trait::async_trait;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{AssessmentId, TenantId};
use voxpark_domain::maturity::{self, Attached, EvidenceKey, Listed};
use voxpark_domain::page::{Page, PageRequest, cursor_invalid};
use voxpark_domain::permission::Resource;
use voxpark_domain::{Ctx, Result};

use super::{Assessment, Evidence, LevelOf};
use crate::error::Fault as _;
use crate::load::{Load, load};
use crate::page::{self, Counter, Paged, counter, known, paged};
use crate::request::Asking as _;

/// Parents that are asked for the same page, together.
fn grouped<K: Copy, P, G: Eq + Hash>(keys: &[K], split: impl Fn(K) -> (P, G)) -> HashMap<G, Vec<P>> {
    let mut groups: HashMap<G, Vec<P>> = HashMap::new();
    for key in keys {
        let (parent, group) = split(*key);
        groups.entry(group).or_default().push(parent);
    }
    groups
}

/// Reads the arguments of a list whose cursor has a form.
fn ask<C>(first: Option<i32>, after: Option<String>, parse: impl Fn(&str) -> Option<C>) -> Result<(u32, Option<C>)> {
    let page = page::request(first, after)?;
    let after = page.after.as_deref().map(|text| parse(text).ok_or_else(cursor_invalid)).transpose()?;
    Ok((page.first, after))
}

fn request<C: ToString>(first: u32, after: Option<C>) -> PageRequest {
    PageRequest { first, after: after.map(|key| key.to_string()) }
}

/// The connection of a loaded list. Its rows told how many there are; only behind the last one they must be counted.
fn connection<D, T: async_graphql::OutputType>(
    listed: Option<Listed<D>>,
    behind: bool,
    count: Counter,
    map: impl Fn(D) -> T,
) -> Paged<T> {
    match listed {
        Some(Listed { page, total: Some(total) }) => paged(Some(page), known(total), map),
        _ if behind => {
            let empty = Page { items: Vec::new(), has_next: false, has_previous: true };
            paged(Some(empty), count, map)
        }
        _ => paged(None, known(0), map),
    }
}

/// A page of a tenant's assessments.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AssessmentsOf {
    tenant: TenantId,
    first: u32,
    after: Option<AssessmentId>,
}

#[async_trait]
impl Load for AssessmentsOf {
    type Value = Listed<maturity::Assessment>;
    const RESOURCE: Resource = Resource::SelfAssessment;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut found = Vec::new();
        for ((first, after), tenants) in grouped(keys, |k| (k.tenant, (k.first, k.after))) {
            let lists = tx.assessments_of(ctx, &tenants, &request(first, after)).await?;
            found.extend(lists.into_iter().map(|(tenant, list)| (Self { tenant, first, after }, list)));
        }
        Ok(found)
    }
}

/// A page of an assessment's evidence.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EvidenceOf {
    assessment: AssessmentId,
    clause: Option<u16>,
    first: u32,
    after: Option<EvidenceKey>,
}

#[async_trait]
impl Load for EvidenceOf {
    type Value = Listed<Attached>;
    const RESOURCE: Resource = Resource::SelfAssessment;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut found = Vec::new();
        for ((clause, first, after), ids) in grouped(keys, |k| (k.assessment, (k.clause, k.first, k.after))) {
            let lists = tx.evidence_of(&ids, clause, &request(first, after)).await?;
            found.extend(lists.into_iter().map(|(id, list)| (Self { assessment: id, clause, first, after }, list)));
        }
        Ok(found)
    }
}

impl EvidenceOf {
    pub(super) fn ask(
        assessment: AssessmentId,
        clause: Option<u16>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Self> {
        let (first, after) = ask(first, after, EvidenceKey::parse)?;
        Ok(Self { assessment, clause, first, after })
    }

    pub(super) async fn paged(self, gql: &Context<'_>) -> async_graphql::Result<Paged<Evidence>> {
        let count = counter!(gql, self.assessment, |_ctx, tx| async move {
            let counts = tx.evidence_counts(&[self.assessment]).await?;
            let wanted = counts.iter().filter(|(_, clause, _)| self.clause.is_none_or(|c| c == *clause));
            Ok(wanted.map(|(_, _, pieces)| pieces).sum())
        });
        Ok(connection(load(gql, self).await?, self.after.is_some(), count, |e| Evidence(Arc::new(e))))
    }
}

/// The tenant's maturity.
#[derive(Clone)]
pub(crate) struct TenantMaturity(pub(crate) TenantId);

/// The tenant's maturity.
#[Object]
impl TenantMaturity {
    /// The level of the latest concluded assessment, 0 for none reached; null when there is no such assessment.
    async fn level(&self, gql: &Context<'_>) -> async_graphql::Result<Option<u8>> {
        Ok(load(gql, LevelOf(self.0)).await?.map(|standing| standing.conclusion.level))
    }

    /// Assessments, newest first: all for the tenant itself, submitted ones for an assessor within its grant, none for
    /// anybody else.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn assessments(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<Assessment>> {
        let (first, after) = ask(first, after, |text| text.parse().ok()).map_err(|e| gql.fault(&e))?;
        let key = AssessmentsOf { tenant: self.0, first, after };
        let count = counter!(gql, self.0, |_ctx, tx| tx.assessments_count(Some(key.tenant)));
        Ok(connection(load(gql, key).await?, after.is_some(), count, |a| Assessment(Arc::new(a))))
    }
}

/// How many tenants hold a level.
#[derive(SimpleObject)]
pub(crate) struct MaturityCount {
    /// The level of their latest concluded assessment; null = never assessed.
    level: Option<u8>,
    /// Tenants.
    tenants: i64,
}

/// The park's maturity.
#[derive(Clone)]
pub(crate) struct ParkMaturity;

/// The park's maturity.
#[Object]
impl ParkMaturity {
    /// How many tenants hold each level, the never assessed first; empty for anybody but staff of the park.
    async fn maturity(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<MaturityCount>> {
        let request = gql.request();
        let counts = async {
            let tx = request.read().await?;
            maturity::counts_by_level(&*tx, &*tx, request.ctx()?).await
        };
        let counts = gql.or_default(counts.await)?;
        Ok(counts.into_iter().map(|(level, tenants)| MaturityCount { level, tenants }).collect())
    }
}
