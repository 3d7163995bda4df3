//! Providers, sign-ins that wait for them, links of accounts.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use voxpark_domain::identity::Invitation;
use voxpark_domain::identity::oidc::{Link, Provider, Providers, Waiting};
use voxpark_domain::ids::{Id, OidcLinkId, ParkId, ProviderId, UserId};
use voxpark_domain::{Error, Result};

use super::get;
use crate::db::{Slot, Tx, fail};
use crate::secrets::{Keys, SystemRandom};

const LINK: &str = "SELECT l.link_id, l.user_id, l.issuer, l.own, l.created_at, l.used_at FROM oidc_link l WHERE {l}";
const LINKS: [Slot; 1] = [Slot("l", "oidc_link")];

/// What a provider's sealed secret is bound to.
fn of_provider(park: Uuid, id: Uuid) -> Vec<u8> {
    [b"identity_provider/".as_slice(), park.as_bytes(), id.as_bytes()].concat()
}

/// What the sealed secrets of a waiting sign-in are bound to.
fn of_waiting(state: &[u8; 32]) -> Vec<u8> {
    [b"oidc_waiting/".as_slice(), state].concat()
}

/// The keyed hash of what a provider calls somebody, to the letter. Issuers hold no line break.
fn identity(keys: &Keys, issuer: &str, subject: &str) -> Vec<u8> {
    let exact = hex::encode(Sha256::digest(format!("{issuer}\n{subject}").as_bytes()));
    keys.lookup(&format!("oidc {exact}")).to_vec()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(ToOwned::to_owned).collect()
}

fn to_link(row: &QueryResult) -> Result<Link> {
    Ok(Link {
        id: OidcLinkId::from_uuid(get(row, "link_id")?),
        user: UserId::from_uuid(get(row, "user_id")?),
        issuer: get(row, "issuer")?,
        own: get(row, "own")?,
        since: get(row, "created_at")?,
        used_at: get(row, "used_at")?,
    })
}

#[async_trait]
impl Providers for Tx {
    async fn providers(&self) -> Result<Vec<Provider>> {
        let sql = "SELECT p.park_id, p.provider_id, p.name, p.issuer, p.client_id, p.secret_sealed, p.scopes, p.domains, p.strong
             FROM identity_provider p WHERE {p} ORDER BY p.name, p.provider_id";
        let rows = self.query(sql, &[Slot("p", "identity_provider")], Vec::new()).await?;
        let provider = |row: &QueryResult| {
            let (park, id): (Uuid, Uuid) = (get(row, "park_id")?, get(row, "provider_id")?);
            let sealed: Option<Vec<u8>> = get(row, "secret_sealed")?;
            Ok(Provider {
                id: ProviderId::from_uuid(id),
                park: Some(ParkId::from_uuid(park)),
                name: get(row, "name")?,
                issuer: get(row, "issuer")?,
                client_id: get(row, "client_id")?,
                secret: sealed.map(|s| self.keys().open(&of_provider(park, id), &s)).transpose()?,
                scopes: words(&get::<String>(row, "scopes")?),
                domains: words(&get::<String>(row, "domains")?),
                strong: words(&get::<String>(row, "strong")?),
            })
        };
        rows.iter().map(provider).collect()
    }

    async fn provider_put(&self, provider: &Provider, now: DateTime<Utc>) -> Result<()> {
        let (park, id) = (self.park_id()?, provider.id.uuid());
        let seal = |secret: &String| self.keys().seal(&SystemRandom, &of_provider(park, id), secret);
        let sealed = provider.secret.as_ref().map(seal).transpose()?;
        let sql = "INSERT INTO identity_provider
              (park_id, provider_id, name, issuer, client_id, secret_sealed, scopes, domains, strong, created_at, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
             ON CONFLICT (park_id, provider_id) DO UPDATE SET name = $3, issuer = $4, client_id = $5,
              secret_sealed = COALESCE($6, identity_provider.secret_sealed), scopes = $7, domains = $8, strong = $9,
              changed_at = $10";
        let values = vec![
            park.into(),
            id.into(),
            provider.name.clone().into(),
            provider.issuer.clone().into(),
            provider.client_id.clone().into(),
            sealed.into(),
            provider.scopes.join(" ").into(),
            provider.domains.join(" ").into(),
            provider.strong.join(" ").into(),
            now.into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn provider_remove(&self, id: ProviderId) -> Result<bool> {
        let sql = "DELETE FROM identity_provider WHERE park_id = $1 AND provider_id = $2";
        Ok(self.execute(sql, &[], vec![self.park_id()?.into(), id.uuid().into()]).await.map_err(fail)? == 1)
    }

    async fn oidc_begin(&self, state: &[u8; 32], waiting: &Waiting, until: DateTime<Utc>) -> Result<()> {
        // Those that nobody came back from.
        let sweep = "DELETE FROM oidc_waiting WHERE expires_at < $1";
        self.execute(sweep, &[], vec![(until - chrono::TimeDelta::hours(1)).into()]).await.map_err(fail)?;
        let secrets = format!("{} {}", waiting.nonce, waiting.verifier);
        let sql =
            "INSERT INTO oidc_waiting (state_hash, browser_hash, provider_id, secrets_sealed, user_id, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)";
        let values = vec![
            state.to_vec().into(),
            waiting.browser.to_vec().into(),
            waiting.provider.uuid().into(),
            self.keys().seal(&SystemRandom, &of_waiting(state), &secrets)?.into(),
            waiting.user.map(Id::uuid).into(),
            until.into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn oidc_take(&self, state: &[u8; 32], browser: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Waiting>> {
        let sql = "DELETE FROM oidc_waiting WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > $3
             RETURNING provider_id, secrets_sealed, user_id";
        let values = vec![state.to_vec().into(), browser.to_vec().into(), now.into()];
        let Some(row) = self.query_one(sql, &[], values).await? else { return Ok(None) };
        let secrets = self.keys().open(&of_waiting(state), &get::<Vec<u8>>(&row, "secrets_sealed")?)?;
        let (nonce, verifier) =
            secrets.split_once(' ').ok_or_else(|| Error::internal("a waiting sign-in is broken"))?;
        Ok(Some(Waiting {
            provider: ProviderId::from_uuid(get(&row, "provider_id")?),
            browser: *browser,
            nonce: nonce.to_owned(),
            verifier: verifier.to_owned(),
            user: get::<Option<Uuid>>(&row, "user_id")?.map(UserId::from_uuid),
        }))
    }

    async fn oidc_link(&self, issuer: &str, subject: &str) -> Result<Option<Link>> {
        let values = vec![identity(self.keys(), issuer, subject).into()];
        let row = self.query_one(&format!("{LINK} AND l.identity_hash = $1"), &LINKS, values).await?;
        row.as_ref().map(to_link).transpose()
    }

    async fn oidc_links(&self, user: UserId) -> Result<Vec<Link>> {
        let sql = format!("{LINK} AND l.user_id = $1 ORDER BY l.link_id");
        self.query(&sql, &LINKS, vec![user.uuid().into()]).await?.iter().map(to_link).collect()
    }

    async fn oidc_link_add(&self, link: &Link, subject: &str) -> Result<()> {
        let sql = "INSERT INTO oidc_link (link_id, identity_hash, user_id, issuer, own, created_at, used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = vec![
            link.id.uuid().into(),
            identity(self.keys(), &link.issuer, subject).into(),
            link.user.uuid().into(),
            link.issuer.clone().into(),
            link.own.into(),
            link.since.into(),
            link.used_at.into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn oidc_link_used(&self, id: OidcLinkId, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE oidc_link SET used_at = $2 WHERE link_id = $1";
        self.execute(sql, &[], vec![id.uuid().into(), now.into()]).await.map(|_| ()).map_err(fail)
    }

    async fn oidc_link_own(&self, id: OidcLinkId) -> Result<()> {
        let sql = "UPDATE oidc_link SET own = $2 WHERE link_id = $1";
        self.execute(sql, &[], vec![id.uuid().into(), true.into()]).await.map(|_| ()).map_err(fail)
    }

    async fn oidc_link_remove(&self, user: UserId, id: OidcLinkId) -> Result<bool> {
        let sql = "DELETE FROM oidc_link WHERE user_id = $1 AND link_id = $2";
        Ok(self.execute(sql, &[], vec![user.uuid().into(), id.uuid().into()]).await.map_err(fail)? == 1)
    }

    async fn invitations_open(&self, email: &str, now: DateTime<Utc>) -> Result<Vec<Invitation>> {
        self.invitations_of(email, now).await
    }
}
