//! Service accounts and their tokens.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryResult};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::bounds::Permit;
use voxpark_domain::identity::{Program, ServiceAccount, ServiceAccounts, ServiceToken};
use voxpark_domain::ids::{Id, ServiceAccountId, ServiceTokenId, TenantId, UserId};
use voxpark_domain::news::Topic;
use voxpark_domain::page::{Page, PageRequest};

use super::binds::Binds;
use super::identity::role;
use super::tenancy::to_park;
use super::{broken, get};
use crate::db::{Slot, Tx, fail};
use crate::entity::park;

const ACCOUNT: &str = "SELECT a.account_id, a.name, a.role, a.scopes, a.created_at FROM service_account a
 WHERE {a} AND a.deleted_at IS NULL";
const SLOT: [Slot; 1] = [Slot("a", "service_account")];

fn scopes(text: &str) -> Result<Vec<Permit>> {
    text.split_whitespace().map(|one| Permit::parse(one).map_err(|_| broken("scopes", text))).collect()
}

fn to_account(row: &QueryResult) -> Result<ServiceAccount> {
    Ok(ServiceAccount {
        id: ServiceAccountId::from_uuid(get(row, "account_id")?),
        name: get(row, "name")?,
        role: role(&get::<String>(row, "role")?)?,
        scopes: scopes(&get::<String>(row, "scopes")?)?,
        created_at: get(row, "created_at")?,
        tokens: Vec::new(),
    })
}

impl Tx {
    /// The accounts of rows with their tokens: one more statement, however many there are.
    async fn with_tokens(&self, rows: Vec<QueryResult>) -> Result<Vec<ServiceAccount>> {
        let mut accounts = rows.iter().map(to_account).collect::<Result<Vec<_>>>()?;
        let ids: Vec<_> = accounts.iter().map(|a| a.id).collect();
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT k.account_id, k.token_id, k.created_at, k.valid_to, k.last_used_at, k.last_used_from FROM service_token k
             WHERE {{k}} AND k.revoked_at IS NULL AND k.account_id IN {} ORDER BY k.token_id DESC",
            binds.ids(&ids)
        );
        let mut tokens: HashMap<Uuid, Vec<ServiceToken>> = HashMap::new();
        for row in self.query(&sql, &[Slot("k", "service_token")], binds.into_values()).await? {
            tokens.entry(get(&row, "account_id")?).or_default().push(ServiceToken {
                id: ServiceTokenId::from_uuid(get(&row, "token_id")?),
                created_at: get(&row, "created_at")?,
                valid_to: get(&row, "valid_to")?,
                last_used_at: get(&row, "last_used_at")?,
                last_used_from: get(&row, "last_used_from")?,
            });
        }
        for account in &mut accounts {
            account.tokens = tokens.remove(&account.id.uuid()).unwrap_or_default();
        }
        Ok(accounts)
    }
}

#[async_trait]
impl ServiceAccounts for Tx {
    async fn service_accounts(&self, page: &PageRequest) -> Result<Page<ServiceAccount>> {
        let mut binds = Binds::default();
        let after = page.after.as_deref().and_then(|a| a.parse::<ServiceAccountId>().ok());
        let behind = after.map(|a| format!("AND a.account_id < {}", binds.one(a.uuid()))).unwrap_or_default();
        let sql = format!("{ACCOUNT} {behind} ORDER BY a.account_id DESC LIMIT {}", u64::from(page.first) + 1);
        let accounts = self.with_tokens(self.query(&sql, &SLOT, binds.into_values()).await?).await?;
        Ok(Page::from_rows(page, accounts.into_iter().map(|a| (a.id.to_string(), a)).collect()))
    }

    async fn service_accounts_count(&self) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM service_account a WHERE {a} AND a.deleted_at IS NULL";
        self.query_one(sql, &SLOT, Vec::new()).await?.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn service_accounts_by_id(&self, ids: &[ServiceAccountId]) -> Result<Vec<ServiceAccount>> {
        let mut binds = Binds::default();
        let sql = format!("{ACCOUNT} AND a.account_id IN {}", binds.ids(ids));
        self.with_tokens(self.query(&sql, &SLOT, binds.into_values()).await?).await
    }

    async fn service_account_add(&self, account: &ServiceAccount, by: Option<UserId>) -> Result<()> {
        let sql =
            "INSERT INTO service_account (park_id, tenant_id, account_id, name, role, scopes, created_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let scopes: Vec<String> = account.scopes.iter().map(|s| s.text()).collect();
        let values = vec![
            self.park_id()?.into(),
            self.owner_id().into(),
            account.id.uuid().into(),
            account.name.as_str().into(),
            account.role.name().into(),
            scopes.join(" ").into(),
            account.created_at.into(),
            by.map(Id::uuid).into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn service_account_delete(&self, id: ServiceAccountId, now: DateTime<Utc>) -> Result<bool> {
        let key =
            || vec![self.park_id().map(Into::into), Ok(self.owner_id().into()), Ok(id.uuid().into()), Ok(now.into())];
        let key = || key().into_iter().collect::<Result<Vec<sea_orm::Value>>>();
        let sql = "UPDATE service_account SET deleted_at = $4
             WHERE park_id = $1 AND tenant_id = $2 AND account_id = $3 AND deleted_at IS NULL";
        if self.execute(sql, &[], key()?).await.map_err(fail)? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE service_token SET revoked_at = $4
             WHERE park_id = $1 AND tenant_id = $2 AND account_id = $3 AND revoked_at IS NULL RETURNING token_id";
        for row in self.query(sql, &[], key()?).await? {
            self.tell(Topic::Token(ServiceTokenId::from_uuid(get(&row, "token_id")?)));
        }
        Ok(true)
    }

    async fn service_token_add(
        &self,
        account: ServiceAccountId,
        token: &ServiceToken,
        hash: &[u8; 32],
        by: Option<UserId>,
    ) -> Result<()> {
        let sql = "INSERT INTO service_token (park_id, tenant_id, token_id, account_id, token_hash, valid_to, created_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = vec![
            self.park_id()?.into(),
            self.owner_id().into(),
            token.id.uuid().into(),
            account.uuid().into(),
            hash.to_vec().into(),
            token.valid_to.into(),
            token.created_at.into(),
            by.map(Id::uuid).into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn service_token_revoke(&self, id: ServiceTokenId, now: DateTime<Utc>) -> Result<Option<ServiceAccountId>> {
        self.tell(Topic::Token(id));
        let sql = "UPDATE service_token SET revoked_at = $4
             WHERE park_id = $1 AND tenant_id = $2 AND token_id = $3 AND revoked_at IS NULL RETURNING account_id";
        let values = vec![self.park_id()?.into(), self.owner_id().into(), id.uuid().into(), now.into()];
        let row = self.query_one(sql, &[], values).await?;
        row.map(|row| get(&row, "account_id").map(ServiceAccountId::from_uuid)).transpose()
    }

    async fn program(&self, hash: &[u8; 32]) -> Result<Option<Program>> {
        let sql = "SELECT k.park_id, k.tenant_id, k.token_id, k.account_id, k.valid_to, k.last_used_at, a.name, a.role, a.scopes,
              t.name AS tenant_name
             FROM service_token k
             JOIN service_account a ON a.park_id = k.park_id AND a.tenant_id = k.tenant_id AND a.account_id = k.account_id
             LEFT JOIN tenant t ON t.park_id = k.park_id AND t.tenant_id = k.tenant_id AND {t}
             WHERE {k} AND {a} AND k.token_hash = $1 AND k.revoked_at IS NULL AND a.deleted_at IS NULL";
        let slots = [Slot("k", "service_token"), Slot("a", "service_account"), Slot("t", "tenant")];
        let Some(row) = self.query_one(sql, &slots, vec![hash.to_vec().into()]).await? else { return Ok(None) };
        let select = self.select::<park::Entity>()?.filter(park::Column::ParkId.eq(get::<Uuid>(&row, "park_id")?));
        let Some(park) = select.one(self.conn()).await.map_err(fail)? else { return Ok(None) };
        let (tenant, name): (Uuid, Option<String>) = (get(&row, "tenant_id")?, get(&row, "tenant_name")?);
        if tenant.is_nil() == name.is_some() {
            return Ok(None);
        }
        Ok(Some(Program {
            account: ServiceAccountId::from_uuid(get(&row, "account_id")?),
            token: ServiceTokenId::from_uuid(get(&row, "token_id")?),
            name: get(&row, "name")?,
            role: role(&get::<String>(&row, "role")?)?,
            scopes: scopes(&get::<String>(&row, "scopes")?)?,
            park: to_park(park)?,
            tenant: name.map(|name| (TenantId::from_uuid(tenant), name)),
            valid_to: get(&row, "valid_to")?,
            last_used_at: get(&row, "last_used_at")?,
        }))
    }

    async fn service_token_used(&self, program: &Program, now: DateTime<Utc>, from: Option<&str>) -> Result<()> {
        let sql = "UPDATE service_token SET last_used_at = $4, last_used_from = COALESCE($5, last_used_from)
             WHERE park_id = $1 AND tenant_id = $2 AND token_id = $3";
        let tenant = program.tenant.as_ref().map_or(Uuid::nil(), |t| t.0.uuid());
        let values = vec![
            program.park.id.uuid().into(),
            tenant.into(),
            program.token.uuid().into(),
            now.into(),
            from.map(ToOwned::to_owned).into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }
}
