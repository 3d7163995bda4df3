//! What the context hears of an operation: what it changed, which goes with the change on the log; and what happens in
//! passing, permissions refused and personal data read, which whoever ran the operation puts on the log afterwards, in a
//! transaction of its own: a refusal undoes the change that it refused.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use super::entry::{AuditEntry, Changes, Seen};
use crate::permission::{Action, Resource};

/// Something that happened in passing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Happening {
    /// A permission was refused.
    Denied(Action, Resource),
    /// Personal data was read: names of people, the roster, rows kept aside.
    Read(&'static str),
    /// A sum over what tenants keep for themselves was read.
    Summed(&'static str),
}

impl Happening {
    /// As a line of the log.
    pub fn entry(self) -> AuditEntry {
        match self {
            Self::Denied(action, resource) => AuditEntry::new("access.denied", "")
                .with(serde_json::json!({ "action": action.name(), "resource": resource.name() })),
            Self::Summed(what) => AuditEntry::new("figures.read", "").with(serde_json::json!({ "what": what })),
            Self::Read(what) => AuditEntry::new("personal.read", "").with(serde_json::json!({ "what": what })),
        }
    }
}

/// The most kinds of thing that one operation is heard to do; there are not that many.
const MOST: usize = 100;

/// What is heard of one operation: each kind of happening once, and every change.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<Mutex<(Vec<Happening>, Changes)>>);

impl Heard {
    /// Hears something.
    pub fn tell(&self, happening: Happening) {
        let all = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner).0;
        if all.len() < MOST && !all.contains(&happening) {
            all.push(happening);
        }
    }
    /// What was heard since this was asked last.
    pub fn take(&self) -> Vec<Happening> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).0)
    }
    /// Hears that a field was one thing and is another.
    pub fn changed(&self, field: impl Into<Cow<'static, str>>, from: Seen, to: Seen) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.add(field, from, to);
    }
    /// Hears of a field of something new.
    pub fn set(&self, field: impl Into<Cow<'static, str>>, to: Seen) {
        self.changed(field, Seen::Nothing, to);
    }
    /// The changes since this was asked last.
    pub fn take_changes(&self) -> Changes {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).1)
    }
}
