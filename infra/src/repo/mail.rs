//! Letters and the addresses that refuse them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_domain::ids::{Id, LetterId};
use voxpark_domain::mail::{self, Facts, Letter, LetterKind, LetterState, NewLetter, Outgoing, Owner, Store};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::{Ctx, Error, Result};

use super::binds::{Binds, inserts};
use super::identity::lang;
use super::{broken, get};
use crate::db::{Slot, Tx, fail};
use crate::secrets::SystemRandom;

const LETTER: &str = "SELECT l.letter_id, l.kind, l.lang, l.recipient_sealed, l.state, l.code, l.posted_at, l.ended_at
 FROM letter l WHERE {l}";
/// What is stored of a letter when it is posted.
const NEW: &[&str] = &[
    "park_id",
    "tenant_id",
    "letter_id",
    "kind",
    "lang",
    "recipient_sealed",
    "facts_sealed",
    "user_id",
    "state",
    "posted_at",
];
const SLOT: [Slot; 1] = [Slot("l", "letter")];

/// What a sealed value of a letter is bound to.
fn context(part: &str, id: Uuid) -> Vec<u8> {
    [b"letter/", part.as_bytes(), b"/", id.as_bytes()].concat()
}

fn kind(name: &str) -> Result<LetterKind> {
    LetterKind::from_name(name).ok_or_else(|| broken("kind", name))
}

impl Tx {
    fn recipient(&self, row: &QueryResult) -> Result<String> {
        let id: Uuid = get(row, "letter_id")?;
        self.keys().open(&context("recipient", id), &get::<Vec<u8>>(row, "recipient_sealed")?)
    }

    fn to_letter(&self, row: &QueryResult) -> Result<Letter> {
        let state: String = get(row, "state")?;
        Ok(Letter {
            id: LetterId::from_uuid(get(row, "letter_id")?),
            kind: kind(&get::<String>(row, "kind")?)?,
            lang: lang(&get::<String>(row, "lang")?),
            to: mail::masked(&self.recipient(row)?),
            state: LetterState::from_name(&state).ok_or_else(|| broken("state", &state))?,
            code: get(row, "code")?,
            posted_at: get(row, "posted_at")?,
            ended_at: get(row, "ended_at")?,
        })
    }
}

#[async_trait]
impl Store for Tx {
    async fn letter_post(&self, ctx: &Ctx, owner: Owner, letter: &NewLetter) -> Result<LetterId> {
        let ids = self.letters_post(ctx, owner, std::slice::from_ref(letter)).await?;
        ids.first().copied().ok_or_else(|| Error::internal("a letter without an id"))
    }

    async fn letters_post(&self, ctx: &Ctx, owner: Owner, letters: &[NewLetter]) -> Result<Vec<LetterId>> {
        let (park, tenant) = (owner.park.uuid(), owner.tenant.map_or(Uuid::nil(), Id::uuid));
        let (mut ids, mut rows) = (Vec::with_capacity(letters.len()), Vec::with_capacity(letters.len()));
        for letter in letters {
            let id: LetterId = ctx.id();
            let facts = serde_json::to_string(&letter.facts).map_err(Error::internal)?;
            rows.push(vec![
                park.into(),
                tenant.into(),
                id.uuid().into(),
                letter.kind.name().into(),
                letter.lang.tag().into(),
                self.keys().seal(&SystemRandom, &context("recipient", id.uuid()), letter.to.trim())?.into(),
                self.keys().seal(&SystemRandom, &context("facts", id.uuid()), &facts)?.into(),
                letter.user.map(Id::uuid).into(),
                LetterState::Waiting.name().into(),
                ctx.now().into(),
            ]);
            ids.push(id);
        }
        for (sql, values) in inserts("letter", NEW, rows) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        let payloads = ids.iter().map(|id| serde_json::json!({ "letter": id })).collect();
        self.enqueue_all((park, tenant), ctx, mail::JOB, payloads).await?;
        Ok(ids)
    }

    async fn letter_waiting(&self, id: LetterId) -> Result<Option<Outgoing>> {
        let sql = "SELECT l.letter_id, l.kind, l.lang, l.recipient_sealed, l.facts_sealed FROM letter l
             WHERE {l} AND l.letter_id = $1 AND l.state = 'waiting'";
        let Some(row) = self.query_one(sql, &SLOT, vec![id.uuid().into()]).await? else { return Ok(None) };
        let facts = self.keys().open(&context("facts", id.uuid()), &get::<Vec<u8>>(&row, "facts_sealed")?)?;
        Ok(Some(Outgoing {
            kind: kind(&get::<String>(&row, "kind")?)?,
            lang: lang(&get::<String>(&row, "lang")?),
            to: self.recipient(&row)?,
            facts: serde_json::from_str::<Facts>(&facts).map_err(Error::internal)?,
        }))
    }

    async fn letter_end(&self, id: LetterId, state: LetterState, code: Option<&str>, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE letter SET state = $4, code = $5, ended_at = $6, facts_sealed = NULL
             WHERE park_id = $1 AND tenant_id = $2 AND letter_id = $3";
        let values = vec![
            self.park_id()?.into(),
            self.owner_id().into(),
            id.uuid().into(),
            state.name().into(),
            code.into(),
            now.into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn letters(&self, page: &PageRequest) -> Result<Page<Letter>> {
        let mut binds = Binds::default();
        let after = page.after.as_deref().and_then(|a| a.parse::<LetterId>().ok());
        let behind = after.map(|a| format!("AND l.letter_id < {}", binds.one(a.uuid()))).unwrap_or_default();
        let limit = page.first + 1;
        let sql = format!("{LETTER} {behind} ORDER BY l.letter_id DESC LIMIT {limit}");
        let rows = self.query(&sql, &SLOT, binds.into_values()).await?;
        let letters = rows.iter().map(|row| self.to_letter(row)).collect::<Result<Vec<_>>>()?;
        Ok(Page::from_rows(page, letters.into_iter().map(|l| (l.id.to_string(), l)).collect()))
    }

    async fn letters_by_id(&self, ids: &[LetterId]) -> Result<Vec<Letter>> {
        let mut binds = Binds::default();
        let sql = format!("{LETTER} AND l.letter_id IN {}", binds.ids(ids));
        let rows = self.query(&sql, &SLOT, binds.into_values()).await?;
        rows.iter().map(|row| self.to_letter(row)).collect()
    }

    async fn letters_count(&self) -> Result<i64> {
        let row = self.query_one("SELECT COUNT(*) AS n FROM letter l WHERE {l}", &SLOT, Vec::new()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn suppressed(&self, email: &str) -> Result<bool> {
        let sql = "SELECT 1 AS one FROM mail_suppression m WHERE {m} AND m.address_hash = $1";
        let values = vec![self.keys().lookup(email).to_vec().into()];
        Ok(self.query_one(sql, &[Slot("m", "mail_suppression")], values).await?.is_some())
    }

    async fn suppress(&self, email: &str, code: &str, now: DateTime<Utc>) -> Result<()> {
        let sql = "INSERT INTO mail_suppression (address_hash, code, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let values = vec![self.keys().lookup(email).to_vec().into(), code.into(), now.into()];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn suppress_lift(&self, email: &str) -> Result<bool> {
        let values = vec![self.keys().lookup(email).to_vec().into()];
        Ok(self.execute("DELETE FROM mail_suppression WHERE address_hash = $1", &[], values).await.map_err(fail)? == 1)
    }
}
