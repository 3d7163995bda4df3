//! What happens beside changes goes on the log too: permissions refused, personal data read, lists taken away, sign-ins.
//!
//! It is written in transactions of its own. What one actor repeats within a minute is counted into one event, which is
//! written when the minute is over, so that neither a flood of refusals nor a list read page by page fills the log.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use chrono::{DateTime, TimeDelta, Utc};
use voxpark_billing::uow::{Database, Tx};
use voxpark_domain::audit::{AuditEntry, Owner};
use voxpark_domain::ctx::{Actor, Lang, SystemReason};
use voxpark_domain::identity::{Membership, Opened, SignedIn};
use voxpark_domain::ids::UserId;
use voxpark_domain::time::Env;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result, Scope};

use crate::request::Asking as _;

/// For how long repeats are counted into one event.
const WINDOW: TimeDelta = TimeDelta::seconds(60);
/// The most kinds of thing that are told apart at a time; beyond that, what an owner's actors do is counted together.
const MOST: usize = 10_000;

/// What makes two happenings one: owner, actor, action, subject, figures.
type Kind = (Owner, Option<UserId>, &'static str, String, String);

/// What was written once and has been repeated since.
struct Open {
    since: DateTime<Utc>,
    repeats: i64,
    ctx: Ctx,
    entry: AuditEntry,
}

/// Puts on the log what happens beside changes.
#[derive(Clone)]
pub struct Recorder {
    db: Arc<dyn Database>,
    env: Env,
    open: Arc<Mutex<HashMap<Kind, Open>>>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

/// On whose record goes what somebody does beside changes: assessors have none of their own, and the park that let them
/// in has an interest.
fn owner(ctx: &Ctx) -> Owner {
    match ctx.scope() {
        Scope::Park(park) | Scope::Assessor(park, _) => Owner::park(*park),
        Scope::Tenant(park, tenant) => Owner::tenant(*park, *tenant),
        Scope::System(_) => Owner::INSTALLATION,
    }
}

impl Recorder {
    pub(crate) fn new(db: Arc<dyn Database>, env: Env) -> Self {
        Self { db, env, open: Arc::default() }
    }

    /// Writes what an operation did in passing.
    ///
    /// # Errors
    /// An internal error when it cannot be written; then the operation's answer must not be given.
    pub async fn heard(&self, ctx: &Ctx) -> Result<()> {
        let happenings = ctx.heard().take();
        if happenings.is_empty() {
            return Ok(());
        }
        self.note(ctx, happenings.into_iter().map(|h| h.entry().on(owner(ctx)))).await
    }

    /// Writes that a list or file was taken away.
    ///
    /// # Errors
    /// As [`heard`](Self::heard).
    pub async fn exported(&self, ctx: &Ctx, what: &str, form: &str) -> Result<()> {
        let entry = AuditEntry::new("list.export", "").with(serde_json::json!({ "list": what, "form": form }));
        self.note(ctx, [entry.on(owner(ctx))]).await
    }

    /// Writes that the bytes of a file were given out.
    ///
    /// # Errors
    /// As [`heard`](Self::heard).
    pub async fn file_read(&self, ctx: &Ctx, file: impl fmt::Display) -> Result<()> {
        self.note(ctx, [AuditEntry::new("file.read", file).on(owner(ctx))]).await
    }

    /// Writes entries that name their owner, but for those that repeat what was just written.
    pub(crate) async fn note(&self, ctx: &Ctx, entries: impl IntoIterator<Item = AuditEntry>) -> Result<()> {
        let now = self.env.now();
        let due = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let mut due = Vec::new();
            for entry in entries {
                let mut kind = kind(ctx, &entry)?;
                if open.len() >= MOST && !open.contains_key(&kind) {
                    due.extend(ended(&mut open, now));
                    if open.len() >= MOST {
                        kind = (kind.0, None, kind.2, String::new(), String::new());
                    }
                }
                match open.get_mut(&kind) {
                    Some(known) if now < known.since + WINDOW => known.repeats += 1,
                    _ => {
                        let fresh = Open { since: now, repeats: 0, ctx: ctx.clone(), entry: entry.clone() };
                        due.extend(open.insert(kind, fresh).and_then(Open::counted));
                        due.push((ctx.clone(), entry));
                    }
                }
            }
            due
        };
        self.write(due).await
    }

    /// Writes the counts whose minute is over; all of them when the process ends.
    ///
    /// # Errors
    /// An internal error when they cannot be written.
    pub async fn flush(&self, all: bool) -> Result<()> {
        let now = if all { self.env.now() + WINDOW } else { self.env.now() };
        let due = ended(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner), now);
        self.write(due).await
    }

    async fn write(&self, due: Vec<(Ctx, AuditEntry)>) -> Result<()> {
        // One owner a transaction, so that no lane of one waits for a lane of another.
        for (ctx, entry) in due {
            let tx = self.db.begin(&Ctx::system(SystemReason::Audit, self.env.clone()), Mode::Write).await?;
            tx.audit(&ctx, &entry).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Writes that a sign-in failed, on the record of whoever it would have been; beside the answer, whose time must not
    /// tell whether there is such a user.
    pub(crate) fn sign_in_failed(&self, who: Whose<'_>, rule: &'static str, request: &str) {
        let (this, request) = (self.clone(), request.to_owned());
        let (action, email, known) = match who {
            Whose::Address(email) => ("sign-in.failed", email.trim().to_owned(), None),
            Whose::Factor(user) => ("sign-in.factor-failed", String::new(), Some(user)),
            Whose::Passkey(user) => ("sign-in.failed", String::new(), user),
        };
        tokio::spawn(async move {
            let written = async {
                let system = Ctx::system(SystemReason::Audit, this.env.clone());
                let tx = this.db.begin(&system, Mode::Read).await?;
                let user = match known {
                    Some(user) => tx.credentials_of(user).await?.map(|c| c.user),
                    None => tx.credentials(&email).await?.map(|c| c.user),
                };
                let memberships = match user {
                    Some(user) => tx.memberships(user, system.now()).await?,
                    None => Vec::new(),
                };
                drop(tx);
                let owner =
                    memberships.first().map_or(Owner::INSTALLATION, |m| owner(&acting(None, m, &request, &this.env)));
                let entry = AuditEntry::new(action, user.map(|u| u.to_string()).unwrap_or_default());
                let ctx = system.of_request(request);
                this.note(&ctx, [entry.with(serde_json::json!({ "rule": rule })).on(owner)]).await
            };
            if let Err(error) = written.await {
                tracing::error!(%error, "a failed sign-in cannot be put on the audit log");
            }
        });
    }
}

/// Whose sign-in failed.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// That of whoever has this mail address, if anybody has; the first factor was not right.
    Address(&'a str),
    /// This user's: the second factor was not right.
    Factor(UserId),
    /// That of whoever the passkey says it belongs to, if it says so: the passkey was not right.
    Passkey(Option<UserId>),
}

/// Writes what a user did to its own account, in the transaction that does it, on the record of the park or tenant that it
/// acts in; as the last statement.
pub(crate) async fn own(tx: &dyn Tx, ctx: &Ctx, entry: AuditEntry) -> Result<()> {
    tx.audit(ctx, &entry.on(owner(ctx))).await
}

/// Whoever a membership makes of a user.
pub(crate) fn acting(user: Option<UserId>, membership: &Membership, request: &str, env: &Env) -> Ctx {
    let grants = membership.grants.iter().map(|g| g.id).collect();
    let actor = Actor { user, session: None, role: membership.role, grants };
    let (scope, zone) = (membership.scope(&Opened::default()), membership.park.zone);
    Ctx::build(actor, scope, Lang::default(), zone, request.to_owned(), env.clone())
}

/// Writes that somebody opened a session (`sign-in`, `scope.switch`), in the transaction that opens it.
pub(crate) async fn opened(gql: &Context<'_>, tx: &dyn Tx, action: &'static str, signed: &SignedIn) -> Result<()> {
    let request = gql.request();
    let services = &request.services;
    let claims = services.tokens.verify(&signed.access_token, services.env.now()).ok_or(Error::Unauthenticated)?;
    let ctx = acting(Some(claims.user), &signed.membership, &request.id, &services.env);
    tx.audit(&ctx, &AuditEntry::new(action, claims.user).on(owner(&ctx))).await
}

/// Writes what somebody did who has no session yet, on the record of whoever it is first of all.
pub(crate) async fn by_user(gql: &Context<'_>, tx: &dyn Tx, user: UserId, entry: AuditEntry) -> Result<()> {
    let request = gql.request();
    let env = &request.services.env;
    let memberships = tx.memberships(user, env.now()).await?;
    let (ctx, on) = if let Some(membership) = memberships.first() {
        let ctx = acting(Some(user), membership, &request.id, env);
        let on = owner(&ctx);
        (ctx, on)
    } else {
        (Ctx::system(SystemReason::SignIn, env.clone()).of_request(request.id.clone()), Owner::INSTALLATION)
    };
    tx.audit(&ctx, &entry.on(on)).await
}

/// Has it written that a sign-in was refused.
pub(crate) fn not_opened<T>(gql: &Context<'_>, who: Whose<'_>, done: &Result<T>) {
    if let Err(Error::Refused(list)) = done
        && let Some(refusal) = list.first()
    {
        gql.data_unchecked::<Recorder>().sign_in_failed(who, refusal.rule, &gql.request().id);
    }
}

/// The line that somebody ended a session.
pub(crate) fn session_ended(ctx: &Ctx) -> AuditEntry {
    let user = ctx.actor().user.map(|u| u.to_string()).unwrap_or_default();
    AuditEntry::new("sign-out", user).on(owner(ctx))
}

fn kind(ctx: &Ctx, entry: &AuditEntry) -> Result<Kind> {
    Ok((entry.owner(ctx)?, ctx.actor().user, entry.action, entry.subject.clone(), entry.detail.to_string()))
}

/// Takes out whatever has its minute behind it; what of it was repeated.
fn ended(open: &mut HashMap<Kind, Open>, now: DateTime<Utc>) -> Vec<(Ctx, AuditEntry)> {
    open.extract_if(|_, known| now >= known.since + WINDOW).filter_map(|(_, known)| known.counted()).collect()
}

impl Open {
    /// The repeats as one event, if there were any.
    fn counted(self) -> Option<(Ctx, AuditEntry)> {
        let Self { repeats, ctx, mut entry, .. } = self;
        entry.times = repeats;
        (repeats > 0).then_some((ctx, entry))
    }
}

/// Has it written that a proof of who somebody is was not right.
pub(crate) async fn not_proven<T>(gql: &Context<'_>, done: &Result<T>) -> Result<()> {
    if let (Err(Error::Refused(list)), Ok(ctx)) = (done, gql.request().ctx())
        && let Some(refusal) = list.first()
    {
        let entry = AuditEntry::new("step-up.failed", "").with(serde_json::json!({ "rule": refusal.rule }));
        gql.data_unchecked::<Recorder>().note(ctx, [entry.on(owner(ctx))]).await?;
    }
    Ok(())
}
