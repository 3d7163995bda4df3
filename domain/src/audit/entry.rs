//! What a use case says for the log.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value, json};

use super::chain::Owner;
use crate::ctx::{Ctx, Scope};
use crate::error::{Error, Result};
use crate::ids::{ParkId, TenantId};

/// A value before or after a change.
#[derive(Clone, PartialEq, Eq)]
pub enum Seen {
    /// There was or is none.
    Nothing,
    /// A figure, code, date or id.
    Plain(Value),
    /// Personal data: kept as a keyed hash alone, by which equal values of one owner can be recognised.
    Personal(String),
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Plain(value) => write!(f, "{value}"),
            Self::Personal(_) => f.write_str("Personal(..)"),
        }
    }
}

impl Seen {
    /// A figure, code, date or id.
    pub fn of(value: impl fmt::Display) -> Self {
        Self::Plain(Value::String(value.to_string()))
    }
    /// The same, if there is one.
    pub fn maybe<T: fmt::Display>(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Self::of)
    }
    /// A number or anything else that JSON knows.
    pub fn json(value: impl Into<Value>) -> Self {
        match value.into() {
            Value::Null => Self::Nothing,
            value => Self::Plain(value),
        }
    }
    /// Personal data, if there is any.
    pub fn personal(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Nothing } else { Self::Personal(text) }
    }
    fn written(&self, keyed: &dyn Fn(&str) -> String) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Plain(value) => value.clone(),
            Self::Personal(text) => json!({ "personal": keyed(text) }),
        }
    }
}

/// What changed: fields in the words of the API, each before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    fields: Vec<(Cow<'static, str>, Seen, Seen)>,
    /// How many more there were.
    more: usize,
}

/// The most fields of one change that are kept one by one.
const MOST_FIELDS: usize = 500;

impl Changes {
    /// The JSON object that is kept; `keyed` makes the keyed hash of personal data.
    pub fn written(&self, keyed: &dyn Fn(&str) -> String) -> Value {
        let field = |(name, from, to): &(Cow<'static, str>, Seen, Seen)| {
            (name.to_string(), json!({ "from": from.written(keyed), "to": to.written(keyed) }))
        };
        let mut all: Map<_, _> = self.fields.iter().map(field).collect();
        if self.more > 0 {
            all.insert("...".to_owned(), json!({ "from": null, "to": self.more }));
        }
        Value::Object(all)
    }
    /// Adds a field that was one thing and is another; nothing when it is the same. Of very many the rest is counted.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, from: Seen, to: Seen) {
        if from == to {
            return;
        }
        if self.fields.len() < MOST_FIELDS {
            self.fields.push((field.into(), from, to));
        } else {
            self.more += 1;
        }
    }
    fn append(&mut self, other: Self) {
        self.more += other.more;
        other.fields.into_iter().for_each(|(field, from, to)| self.add(field, from, to));
    }
}

/// A line for the audit log.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// What was done (`lease.create`).
    pub action: &'static str,
    /// To what (an id, or empty).
    pub subject: String,
    /// Figures and codes, never personal data.
    pub detail: Value,
    /// What it changed.
    pub changes: Changes,
    /// How often: more than once where repeats are counted into one.
    pub times: i64,
    owner: Option<Whose>,
}

#[derive(Clone, Copy, Debug)]
enum Whose {
    TenantHere(TenantId),
    Named(Owner),
}

impl AuditEntry {
    /// An action on a subject.
    pub fn new(action: &'static str, subject: impl fmt::Display) -> Self {
        let subject = format!("{subject}");
        Self { action, subject, detail: Value::Null, changes: Changes::default(), times: 1, owner: None }
    }
    /// Adds figures and codes.
    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
    /// Adds a field that was one thing and is another; nothing when it is the same.
    #[must_use]
    pub fn changed(mut self, field: impl Into<Cow<'static, str>>, from: Seen, to: Seen) -> Self {
        self.changes.add(field, from, to);
        self
    }
    /// Adds what a use case told its context.
    #[must_use]
    pub fn and(mut self, changes: Changes) -> Self {
        self.changes.append(changes);
        self
    }
    /// Adds a field of something new.
    #[must_use]
    pub fn set(self, field: impl Into<Cow<'static, str>>, to: Seen) -> Self {
        self.changed(field, Seen::Nothing, to)
    }
    /// On the record of a tenant of the caller's park (what an assessor does).
    #[must_use]
    pub fn of(mut self, tenant: TenantId) -> Self {
        self.owner = Some(Whose::TenantHere(tenant));
        self
    }
    /// On the record of a named owner (what the installation does).
    #[must_use]
    pub fn on(mut self, owner: Owner) -> Self {
        self.owner = Some(Whose::Named(owner));
        self
    }
    /// On the record of a park.
    #[must_use]
    pub fn on_park(self, park: ParkId) -> Self {
        self.on(Owner::park(park))
    }

    /// On whose record it goes: as was said, else the caller's own tenant or park, else the installation's.
    ///
    /// # Errors
    /// An internal error for an assessor's act that names no tenant: assessors have no record of their own.
    pub fn owner(&self, ctx: &Ctx) -> Result<Owner> {
        Ok(match (self.owner, ctx.scope()) {
            (Some(Whose::Named(owner)), _) => owner,
            (Some(Whose::TenantHere(tenant)), _) => Owner::tenant(ctx.park()?, tenant),
            (None, Scope::Park(park)) => Owner::park(*park),
            (None, Scope::Tenant(park, tenant)) => Owner::tenant(*park, *tenant),
            (None, Scope::System(_)) => Owner::INSTALLATION,
            (None, Scope::Assessor(..)) => {
                return Err(Error::internal(format!("{} of an assessor names no tenant", self.action)));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_left_out_and_personal_data_is_hashed() {
        let entry = AuditEntry::new("person.change", "x")
            .changed("position", Seen::of("agent"), Seen::of("agent"))
            .changed("seats", Seen::json(1), Seen::json(2))
            .changed("name", Seen::personal("王芳"), Seen::personal("李雷"))
            .changed("team", Seen::Nothing, Seen::of("T1"))
            .set("note", Seen::personal("秘密".to_owned()));
        let written = entry.changes.written(&|text| format!("h{}", text.chars().count())).to_string();
        assert_eq!(
            serde_json::from_str::<Value>(&written).expect("JSON"),
            json!({
                "seats": { "from": 1, "to": 2 },
                "name": { "from": { "personal": "h2" }, "to": { "personal": "h2" } },
                "team": { "from": null, "to": "T1" },
                "note": { "from": null, "to": { "personal": "h2" } },
            })
        );
        let shown = format!("{entry:?}");
        assert!(!shown.contains("王芳") && !shown.contains("秘密"), "{shown}");
    }
}
