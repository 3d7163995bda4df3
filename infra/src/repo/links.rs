//! Links that work once: invitations and ways to another password.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_domain::identity::{Abilities, GrantTerms, Invitation, Links};
use voxpark_domain::ids::{Id, InvitationId, ParkId, TenantId, UserId};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::permission::Role;
use voxpark_domain::{Error, Result};

use super::binds::Binds;
use super::get;
use super::grants::to_abilities;
use super::identity::{lang, role};
use crate::db::{Slot, Tx, fail};
use crate::secrets::SystemRandom;

const INVITATION: &str =
    "SELECT i.park_id, i.invitation_id, i.email_sealed, i.role, i.on_tenant_id, i.purpose, i.abilities, i.valid_from, i.valid_to,
 i.lang, i.created_at, i.expires_at, i.accepted_at, i.revoked_at FROM invitation i WHERE {i}";
const SLOT: [Slot; 1] = [Slot("i", "invitation")];

fn context(id: Uuid) -> Vec<u8> {
    [b"invitation/".as_slice(), id.as_bytes()].concat()
}

impl Tx {
    fn to_invitation(&self, row: &QueryResult) -> Result<Invitation> {
        let id: Uuid = get(row, "invitation_id")?;
        let (purpose, from, to) = (get(row, "purpose")?, get(row, "valid_from")?, get(row, "valid_to")?);
        // Invitations from before there were abilities went as far as any grant.
        let abilities: Option<String> = get(row, "abilities")?;
        let abilities = abilities.map_or_else(|| Ok(Abilities::all()), |text| to_abilities(&text))?;
        let grant = match (purpose, from, to) {
            (Some(purpose), Some(from), Some(to)) => Some(GrantTerms { purpose, abilities, from, to }),
            _ => None,
        };
        Ok(Invitation {
            id: InvitationId::from_uuid(id),
            park: ParkId::from_uuid(get(row, "park_id")?),
            email: self.keys().open(&context(id), &get::<Vec<u8>>(row, "email_sealed")?)?,
            role: role(&get::<String>(row, "role")?)?,
            tenant: get::<Option<Uuid>>(row, "on_tenant_id")?.map(TenantId::from_uuid),
            grant,
            lang: lang(&get::<String>(row, "lang")?),
            created_at: get(row, "created_at")?,
            expires_at: get(row, "expires_at")?,
            accepted_at: get(row, "accepted_at")?,
            revoked_at: get(row, "revoked_at")?,
        })
    }

    /// The open invitations to a mail address, oldest first (system scope).
    pub(super) async fn invitations_of(&self, email: &str, now: DateTime<Utc>) -> Result<Vec<Invitation>> {
        let sql = format!(
            "{INVITATION} AND i.email_hash = $1 AND i.expires_at > $2 AND i.accepted_at IS NULL AND i.revoked_at IS NULL
             ORDER BY i.invitation_id"
        );
        let values = vec![self.keys().lookup(email).to_vec().into(), now.into()];
        self.query(&sql, &SLOT, values).await?.iter().map(|row| self.to_invitation(row)).collect()
    }
}

#[async_trait]
impl Links for Tx {
    async fn invitation_add(&self, new: &Invitation, by: Option<UserId>, token: &[u8; 32]) -> Result<()> {
        let sql = "INSERT INTO invitation (park_id, invitation_id, token_hash, email_hash, email_sealed, role, on_tenant_id, purpose,
              valid_from, valid_to, lang, invited_by, created_at, expires_at, abilities)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
        let grant = new.grant.as_ref();
        let values = vec![
            self.park_id()?.into(),
            new.id.uuid().into(),
            token.to_vec().into(),
            self.keys().lookup(&new.email).to_vec().into(),
            self.keys().seal(&SystemRandom, &context(new.id.uuid()), &new.email)?.into(),
            new.role.name().into(),
            new.tenant.map(Id::uuid).into(),
            grant.map(|g| g.purpose.clone()).into(),
            grant.map(|g| g.from).into(),
            grant.map(|g| g.to).into(),
            new.lang.tag().into(),
            by.map(Id::uuid).into(),
            new.created_at.into(),
            new.expires_at.into(),
            grant.map(|g| g.abilities.text()).into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn invitation_pending(
        &self,
        email: &str,
        role: Role,
        tenant: Option<TenantId>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let mut binds = Binds::default();
        let (hash, role, now) = (self.keys().lookup(email).to_vec(), role.name(), now);
        let (hash, role, now) = (binds.one(hash), binds.one(role), binds.one(now));
        let tenant = tenant.map_or("IS NULL".to_owned(), |t| format!("= {}", binds.one(t.uuid())));
        let sql = format!(
            "SELECT 1 AS one FROM invitation i WHERE {{i}} AND i.email_hash = {hash} AND i.role = {role} AND i.on_tenant_id {tenant}
             AND i.expires_at > {now} AND i.accepted_at IS NULL AND i.revoked_at IS NULL LIMIT 1"
        );
        Ok(self.query_one(&sql, &SLOT, binds.into_values()).await?.is_some())
    }

    async fn invitations(&self, page: &PageRequest) -> Result<Page<Invitation>> {
        let mut binds = Binds::default();
        let after = page.after.as_deref().and_then(|a| a.parse::<InvitationId>().ok());
        let behind = after.map(|a| format!("AND i.invitation_id < {}", binds.one(a.uuid()))).unwrap_or_default();
        let sql = format!("{INVITATION} {behind} ORDER BY i.invitation_id DESC LIMIT {}", page.first + 1);
        let rows = self.query(&sql, &SLOT, binds.into_values()).await?;
        let list = rows.iter().map(|row| self.to_invitation(row)).collect::<Result<Vec<_>>>()?;
        Ok(Page::from_rows(page, list.into_iter().map(|i| (i.id.to_string(), i)).collect()))
    }

    async fn invitations_count(&self) -> Result<i64> {
        let row = self.query_one("SELECT COUNT(*) AS n FROM invitation i WHERE {i}", &SLOT, Vec::new()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn invitations_by_id(&self, ids: &[InvitationId]) -> Result<Vec<Invitation>> {
        let mut binds = Binds::default();
        let list = binds.ids(ids);
        let rows =
            self.query(&format!("{INVITATION} AND i.invitation_id IN {list}"), &SLOT, binds.into_values()).await?;
        rows.iter().map(|row| self.to_invitation(row)).collect()
    }

    async fn invitation_by_token(&self, token: &[u8; 32]) -> Result<Option<Invitation>> {
        let row =
            self.query_one(&format!("{INVITATION} AND i.token_hash = $1"), &SLOT, vec![token.to_vec().into()]).await?;
        row.map(|row| self.to_invitation(&row)).transpose()
    }

    async fn invitation_renew(&self, id: InvitationId, token: &[u8; 32], expires_at: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE invitation SET token_hash = $3, expires_at = $4 WHERE park_id = $1 AND invitation_id = $2";
        let values = vec![self.park_id()?.into(), id.uuid().into(), token.to_vec().into(), expires_at.into()];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn invitation_revoke(&self, id: InvitationId, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE invitation SET revoked_at = $3 WHERE park_id = $1 AND invitation_id = $2";
        self.execute(sql, &[], vec![self.park_id()?.into(), id.uuid().into(), now.into()])
            .await
            .map(|_| ())
            .map_err(fail)
    }

    async fn invitation_accept(&self, park: ParkId, id: InvitationId, now: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE invitation SET accepted_at = $3 WHERE park_id = $1 AND invitation_id = $2
             AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3";
        let values = vec![park.uuid().into(), id.uuid().into(), now.into()];
        Ok(self.execute(sql, &[], values).await.map_err(fail)? == 1)
    }

    async fn reset_add(
        &self,
        token: &[u8; 32],
        user: Option<UserId>,
        now: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<()> {
        // Those that ended a day ago are of no use to anybody.
        let sweep = "DELETE FROM password_reset WHERE expires_at < $1";
        self.execute(sweep, &[], vec![(now - chrono::TimeDelta::days(1)).into()]).await.map_err(fail)?;
        let sql = "INSERT INTO password_reset (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
        let values = vec![token.to_vec().into(), user.map(Id::uuid).into(), now.into(), end.into()];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn reset_live(&self, token: &[u8; 32], now: DateTime<Utc>) -> Result<bool> {
        let sql = "SELECT 1 AS one FROM password_reset p
             WHERE {p} AND p.token_hash = $1 AND p.used_at IS NULL AND p.expires_at > $2 AND p.user_id IS NOT NULL";
        let values = vec![token.to_vec().into(), now.into()];
        Ok(self.query_one(sql, &[Slot("p", "password_reset")], values).await?.is_some())
    }

    async fn reset_use(&self, token: &[u8; 32], now: DateTime<Utc>) -> Result<Option<UserId>> {
        let sql = "UPDATE password_reset SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
             AND user_id IS NOT NULL RETURNING user_id";
        let row = self.query_one(sql, &[], vec![token.to_vec().into(), now.into()]).await?;
        let Some(row) = row else { return Ok(None) };
        let user: Option<Uuid> = get(&row, "user_id")?;
        let user = user.map(UserId::from_uuid).ok_or_else(|| Error::internal("a reset of nobody"))?;
        // Every other link of the user works no more.
        let sql = "UPDATE password_reset SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL";
        self.execute(sql, &[], vec![user.uuid().into(), now.into()]).await.map_err(fail)?;
        Ok(Some(user))
    }
}
