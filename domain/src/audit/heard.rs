//! What happens in passing: permissions refused, personal data read. The context hears it, and whoever ran the operation
//! puts it on the log afterwards, in a transaction of its own: a refusal undoes the change that it refused.

use std::sync::{Arc, Mutex, PoisonError};

use super::entry::AuditEntry;
use crate::permission::{Action, Resource};

/// Something that happened in passing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Happening {
    /// A permission was refused.
    Denied(Action, Resource),
    /// Personal data was read: names of people, the roster, rows kept aside.
    Read(&'static str),
}

impl Happening {
    /// As a line of the log.
    pub fn entry(self) -> AuditEntry {
        match self {
            Self::Denied(action, resource) => AuditEntry::new("access.denied", "")
                .with(serde_json::json!({ "action": action.name(), "resource": resource.name() })),
            Self::Read(what) => AuditEntry::new("personal.read", "").with(serde_json::json!({ "what": what })),
        }
    }
}

/// The most kinds of thing that one operation is heard to do; there are not that many.
const MOST: usize = 100;

/// What one operation did in passing, each kind once.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<Mutex<Vec<Happening>>>);

impl Heard {
    /// Hears something.
    pub fn tell(&self, happening: Happening) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST && !all.contains(&happening) {
            all.push(happening);
        }
    }
    /// What was heard since this was asked last.
    pub fn take(&self) -> Vec<Happening> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
