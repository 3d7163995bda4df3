//! What is known of stored contents, in the system's scope.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_domain::ids::{FileId, Id as _, ParkId, TenantId};
use voxpark_domain::platform::{Content, Contents, Waiting};
use voxpark_domain::{Error, Result};

use super::binds::{Binds, portions};
use crate::db::{Slot, Tx, fail};
use crate::repo::get;

const CONTENT: &[Slot] = &[Slot("c", "stored_content")];

fn content(row: &QueryResult) -> Result<Content> {
    let bytes: Vec<u8> = get(row, "content")?;
    bytes.try_into().map_err(|_| Error::internal("a hash in the database is not 32 bytes"))
}

/// Everything that refers to a content, with one more condition on its hash, which is told the name of the column.
fn users(of: impl Fn(&str) -> String) -> String {
    format!(
        "SELECT f.sha256 AS content FROM stored_file f WHERE {{f}} AND f.state <> 'refused' AND {}
         UNION SELECT e.file_sha256 FROM evidence e WHERE {{e}} AND e.file_state <> 'refused' AND {}
         UNION SELECT i.file_sha256 FROM contact_import i WHERE {{i}} AND i.state IN ('waiting', 'running') AND {}
         UNION SELECT fp.sha256 FROM floor_plan fp WHERE {{fp}} AND fp.sha256 IS NOT NULL AND {}
         UNION SELECT ph.sha256 FROM place_photo ph WHERE {{ph}} AND {}",
        of("f.sha256"),
        of("e.file_sha256"),
        of("i.file_sha256"),
        of("fp.sha256"),
        of("ph.sha256"),
    )
}

const USERS: &[Slot] = &[
    Slot("f", "stored_file"),
    Slot("e", "evidence"),
    Slot("i", "contact_import"),
    Slot("fp", "floor_plan"),
    Slot("ph", "place_photo"),
];

#[async_trait]
impl Contents for Tx {
    async fn content_claim(&self, content: &Content, now: DateTime<Utc>) -> Result<()> {
        let sql = "INSERT INTO stored_content (sha256, claimed_at) VALUES ($1, $2)
             ON CONFLICT (sha256) DO UPDATE SET claimed_at = excluded.claimed_at";
        self.execute(sql, &[], vec![content.to_vec().into(), now.into()]).await.map_err(fail).map(|_| ())
    }

    async fn contents_used(&self, of: &[Content]) -> Result<Vec<Content>> {
        let mut used = Vec::new();
        for some in portions(of) {
            let mut binds = Binds::default();
            let list = binds.list(some.iter().map(|c| c.to_vec()));
            let sql = users(|column| format!("{column} IN {list}"));
            for row in self.query(&sql, USERS, binds.into_values()).await? {
                used.push(content(&row)?);
            }
        }
        Ok(used)
    }

    async fn content_hold(&self, content: &Content, seen: DateTime<Utc>, before: DateTime<Utc>) -> Result<bool> {
        // What was stored before contents had rows gets one now, so that there is something to hold.
        let sql = "INSERT INTO stored_content (sha256, claimed_at) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING";
        self.execute(sql, &[], vec![content.to_vec().into(), seen.into()]).await.map_err(fail)?;
        let sql = "UPDATE stored_content AS c SET claimed_at = c.claimed_at WHERE {c} AND c.sha256 = $1 AND c.claimed_at < $2";
        let held = self.execute(sql, CONTENT, vec![content.to_vec().into(), before.into()]).await.map_err(fail)?;
        Ok(held == 1)
    }

    async fn content_forget(&self, content: &Content) -> Result<()> {
        let sql = "DELETE FROM stored_content AS c WHERE {c} AND c.sha256 = $1";
        self.execute(sql, CONTENT, vec![content.to_vec().into()]).await.map_err(fail).map(|_| ())
    }

    async fn contents_after(&self, after: Option<&Content>, limit: u64) -> Result<Vec<Content>> {
        let after = after.map_or_else(Vec::new, |c| c.to_vec());
        let sql = users(|column| format!("{column} > $1"));
        let sql = format!("{sql} ORDER BY content LIMIT {limit}");
        self.query(&sql, USERS, vec![after.into()]).await?.iter().map(content).collect()
    }

    async fn files_waiting(&self, before: DateTime<Utc>, limit: u64) -> Result<Vec<Waiting>> {
        let sql = format!(
            "SELECT f.park_id, f.tenant_id, f.file_id, f.stored_at FROM stored_file f
             WHERE {{f}} AND f.state = 'waiting' AND f.stored_at < $1 ORDER BY f.stored_at LIMIT {limit}"
        );
        let rows = self.query(&sql, &[Slot("f", "stored_file")], vec![before.into()]).await?;
        rows.iter()
            .map(|row| {
                let tenant: Uuid = get(row, "tenant_id")?;
                Ok(Waiting {
                    park: ParkId::from_uuid(get(row, "park_id")?),
                    tenant: (!tenant.is_nil()).then(|| TenantId::from_uuid(tenant)),
                    file: FileId::from_uuid(get(row, "file_id")?),
                    since: get(row, "stored_at")?,
                })
            })
            .collect()
    }
}
