//! Reading the audit log.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use voxpark_billing::uow::Tx;
use voxpark_domain::audit::{self, AuditFilter, Event};
use voxpark_domain::ids::{AuditId, UserId};
use voxpark_domain::permission::{Resource, Role as DomainRole};
use voxpark_domain::{Ctx, Result};

use crate::error::Fault as _;
use crate::identity::Role;
use crate::load::{Load, load};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;

/// An event of the audit log: who did what, when, to what. Never changed once it is written.
#[derive(Clone)]
pub(crate) struct AuditEvent(Arc<Event>);

impl From<Arc<Event>> for AuditEvent {
    fn from(event: Arc<Event>) -> Self {
        Self(event)
    }
}

/// A field that was one thing and is another.
#[derive(SimpleObject)]
pub(crate) struct AuditChange {
    /// What changed, in the words of the API; of several things, the id of each before it.
    field: String,
    /// What it was; null when there was nothing. Personal data shows as `personal:` and a keyed hash, the same for equal
    /// values of one owner.
    from: Option<String>,
    /// What it is; null when there is nothing any more.
    to: Option<String>,
}

/// A figure or code of an event.
#[derive(SimpleObject)]
pub(crate) struct AuditFigure {
    /// What it is of.
    name: String,
    /// The figure or code.
    value: String,
}

/// A value as it is shown; `None` for nothing.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(map) => match map.get("personal") {
            Some(Value::String(hash)) => Some(format!("personal:{hash}")),
            _ => Some(value.to_string()),
        },
        other => Some(other.to_string()),
    }
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What somebody is called, as far as the caller may know.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NameOf(UserId);

#[async_trait]
impl Load for NameOf {
    type Value = String;
    const RESOURCE: Resource = Resource::Audit;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, String)>> {
        let users: Vec<UserId> = keys.iter().map(|k| k.0).collect();
        Ok(tx.audit_names(&users).await?.into_iter().map(|(user, name)| (Self(user), name)).collect())
    }
}

#[async_trait]
impl Load for AuditId {
    type Value = Arc<Event>;
    const RESOURCE: Resource = Resource::Audit;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.audit_events_by_id(keys).await?.into_iter().map(|e| (e.id, e)).collect())
    }
}

/// One act on the audit log.
#[Object]
impl AuditEvent {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// When it was done.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
    /// Id of the user who did it; null for the installation itself and for nobody known.
    async fn actor(&self) -> Option<String> {
        self.0.actor.map(|u| u.to_string())
    }
    /// What that user is called, as far as the caller may know.
    async fn actor_name(&self, gql: &Context<'_>) -> async_graphql::Result<Option<String>> {
        match self.0.actor.or(self.0.behalf) {
            Some(user) => load(gql, NameOf(user)).await,
            None => Ok(None),
        }
    }
    /// Id of the user on whose behalf the installation did it (background jobs).
    async fn on_behalf_of(&self) -> Option<String> {
        self.0.behalf.map(|u| u.to_string())
    }
    /// In which role; null for one that there is no more.
    async fn role(&self) -> Option<Role> {
        DomainRole::from_name(&self.0.role).map(Role::from)
    }
    /// Ids of the grants, or of the emergency, it was done under.
    async fn grants(&self) -> Vec<&str> {
        self.0.grants.split_whitespace().collect()
    }
    /// What was done, context first: `lease.amend`, `access.denied`, `personal.read`, `list.export`, `sign-in.failed`.
    async fn action(&self) -> &str {
        &self.0.action
    }
    /// To what: an id, or empty.
    async fn subject(&self) -> &str {
        &self.0.subject
    }
    /// How often: repeats by one user within a minute are one event.
    async fn times(&self) -> i64 {
        self.0.times
    }
    /// Figures and codes.
    async fn figures(&self) -> Vec<AuditFigure> {
        let figure = |(name, value): (String, Value)| Some(AuditFigure { name, value: shown(&value)? });
        object(&self.0.detail).into_iter().filter_map(figure).collect()
    }
    /// What it changed, each field before and after.
    async fn changes(&self) -> Vec<AuditChange> {
        let side = |value: &Value, name: &str| value.get(name).and_then(shown);
        let change =
            |(field, value): (String, Value)| AuditChange { field, from: side(&value, "from"), to: side(&value, "to") };
        object(&self.0.changes).into_iter().map(change).collect()
    }
    /// Id of the request that did it, as in the service's log.
    async fn request(&self) -> &str {
        &self.0.request
    }
    /// In which chain of its log it stands, from 0.
    async fn lane(&self) -> i64 {
        self.0.place.lane
    }
    /// The how-manieth of its chain, from 1.
    async fn sequence(&self) -> i64 {
        self.0.place.seq
    }
    /// SHA-256 over all of it and the event before it, 64 hex digits.
    async fn hash(&self) -> String {
        hex(&self.0.hash)
    }
}

/// Which events are asked for; everything that is given must hold.
#[derive(InputObject, Clone, Default)]
pub(crate) struct AuditEventFilter {
    /// This was done (`lease.amend`); with a point at its end, anything of that context (`lease.`).
    action: Option<String>,
    /// Id of the user who did it, or on whose behalf.
    actor: Option<ID>,
    /// Id of what it was done to.
    subject: Option<String>,
    /// At this instant or later.
    from: Option<DateTime<Utc>>,
    /// Before this instant.
    to: Option<DateTime<Utc>>,
}

impl AuditEventFilter {
    fn read(self) -> Result<AuditFilter> {
        let plain = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        Ok(AuditFilter {
            action: plain(self.action),
            actor: self.actor.as_ref().map(|id| node::id("actor", id)).transpose()?,
            subject: plain(self.subject),
            from: self.from,
            to: self.to,
        })
    }
}

#[derive(Default)]
pub(crate) struct AuditQuery;

#[Object]
impl AuditQuery {
    /// The audit log, newest first: of a park what it did itself and what was refused or shown to its assessors; of a
    /// tenant what it did itself and what assessors did to it; of an assessor what it did itself.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn audit_events(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Which events; all when left out.")] filter: Option<AuditEventFilter>,
    ) -> async_graphql::Result<Paged<AuditEvent>> {
        let request = gql.request();
        let filter = filter.unwrap_or_default().read().map_err(|e| gql.fault(&e))?;
        let list = async {
            let ask = page::request(first, after)?;
            audit::events(&*request.read().await?, request.ctx()?, &filter, &ask).await
        };
        let page = gql.nullable(list.await)?;
        let count = counter!(gql, "", [filter] | ctx, tx | audit::events_count(tx, ctx, &filter));
        Ok(paged(page, count, AuditEvent))
    }
}
