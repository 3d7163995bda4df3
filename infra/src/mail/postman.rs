//! Sends the letters that were posted: one job each, at a bounded rate, not to addresses that have refused letters for good.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::time::Instant;
use voxpark_billing::uow::Database;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::ids::LetterId;
use voxpark_domain::mail::{JOB, LetterKind, LetterState, Outgoing};
use voxpark_domain::platform::Job;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};

use super::{Enclosed, Mailer, Unsent, words};
use crate::jobs::Handler;

/// What goes with letters: known to whoever puts the installation together.
#[async_trait]
pub trait Enclosures: fmt::Debug + Send + Sync {
    /// What goes with a letter, read in the scope of its owner; `None` when there is no reason any more to send it.
    async fn of(&self, ctx: &Ctx, letter: &Outgoing) -> Result<Option<Enclosed>>;
}

/// The code of a letter that nobody needs any more.
const WITHDRAWN: &str = "withdrawn";

/// Sends letters. A letter may leave twice when a worker dies between the mail server's yes and its own note of it.
#[derive(Clone)]
pub struct Postman {
    db: Arc<dyn Database>,
    mailer: Mailer,
    public_url: String,
    enclosures: Arc<dyn Enclosures>,
    every: Duration,
    next: Arc<Mutex<Option<Instant>>>,
}

impl fmt::Debug for Postman {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postman")
    }
}

impl Postman {
    /// With links below `public_url`; at most so many letters leave this process in a minute, at least one.
    pub fn new(
        db: Arc<dyn Database>,
        mailer: Mailer,
        public_url: String,
        per_minute: u32,
        enclosures: Arc<dyn Enclosures>,
    ) -> Self {
        let every = Duration::from_mins(1) / per_minute.max(1);
        Self { db, mailer, public_url, enclosures, every, next: Arc::default() }
    }

    /// Waits for this letter's turn. Whoever waits longer than a minute comes back as a job that failed for now.
    async fn turn(&self) {
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let at = next.map_or(now, |at| at.max(now));
        *next = Some(at + self.every);
        drop(next);
        tokio::time::sleep_until(at).await;
    }

    async fn end(&self, ctx: &Ctx, of: (LetterId, LetterKind), state: LetterState, code: Option<&str>) -> Result<()> {
        let ((id, kind), now) = (of, ctx.env().now());
        let tx = self.db.begin(ctx, Mode::Write).await?;
        tx.letter_end(id, state, code, now).await?;
        if matches!(kind, LetterKind::Invoice | LetterKind::CreditNote) {
            tx.delivery_end(id, state, code, now).await?;
        }
        tx.commit().await
    }
}

fn letter_of(job: &Job) -> Result<LetterId> {
    let id = job.payload["letter"].as_str().and_then(|text| text.parse().ok());
    id.ok_or_else(|| Error::internal("a job names no letter"))
}

#[async_trait]
impl Handler for Postman {
    fn kind(&self) -> &'static str {
        JOB
    }

    async fn run(&self, job: &Job, ctx: Ctx) -> Result<()> {
        let id = letter_of(job)?;
        let letter = self.db.begin(&ctx, Mode::Read).await?.letter_waiting(id).await?;
        let Some(letter) = letter else { return Ok(()) };
        let of = (id, letter.kind);
        let system = Ctx::system(SystemReason::Mail, ctx.env().clone());
        if self.db.begin(&system, Mode::Read).await?.suppressed(&letter.to).await? {
            return self.end(&ctx, of, LetterState::Suppressed, None).await;
        }
        let Some(enclosed) = self.enclosures.of(&ctx, &letter).await? else {
            return self.end(&ctx, of, LetterState::Failed, Some(WITHDRAWN)).await;
        };
        self.turn().await;
        match self.mailer.deliver(&letter.to, &words::write(&letter, &self.public_url), &enclosed).await {
            Ok(()) => self.end(&ctx, of, LetterState::Sent, None).await,
            Err(Unsent::Later(code)) => Err(Error::internal(format!("not sent for now: {code}"))),
            Err(Unsent::ForGood(code, address)) => {
                if address {
                    let tx = self.db.begin(&system, Mode::Write).await?;
                    tx.suppress(&letter.to, &code, ctx.env().now()).await?;
                    tx.commit().await?;
                }
                self.end(&ctx, of, LetterState::Failed, Some(&code)).await
            }
        }
    }

    async fn given_up(&self, job: &Job, ctx: Ctx, _: &Error) -> Result<()> {
        let id = letter_of(job)?;
        let letter = self.db.begin(&ctx, Mode::Read).await?.letter_waiting(id).await?;
        let Some(letter) = letter else { return Ok(()) };
        self.end(&ctx, (id, letter.kind), LetterState::Failed, None).await
    }
}
