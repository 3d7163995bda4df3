//! What a park or tenant requires of its members when they sign in.

use async_trait::async_trait;
use voxpark_domain::Result;
use voxpark_domain::identity::{AccessPolicy, Policies};

use super::get;
use crate::db::{Slot, Tx, fail};

#[async_trait]
impl Policies for Tx {
    async fn access_policy(&self) -> Result<AccessPolicy> {
        let sql = "SELECT p.factor_from FROM access_policy p WHERE {p}";
        let row = self.query_one(sql, &[Slot("p", "access_policy")], Vec::new()).await?;
        row.map_or(Ok(AccessPolicy::default()), |row| Ok(AccessPolicy { factor_from: get(&row, "factor_from")? }))
    }

    async fn access_policy_set(&self, policy: &AccessPolicy) -> Result<()> {
        let sql = "INSERT INTO access_policy (park_id, tenant_id, factor_from) VALUES ($1, $2, $3)
             ON CONFLICT (park_id, tenant_id) DO UPDATE SET factor_from = $3";
        let values = vec![self.park_id()?.into(), self.owner_id().into(), policy.factor_from.into()];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }
}
