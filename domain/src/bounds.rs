//! What narrows a caller down to less than its role may do.

use std::sync::Arc;

use crate::error::{Refusal, RefusalCode, Result};
use crate::ids::{EmergencyId, ServiceAccountId, ServiceTokenId};
use crate::permission::{self, Action, Resource, Role};

/// One kind of thing and the strongest act that is allowed to it, written `billing:read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permit {
    /// The kind of thing.
    pub resource: Resource,
    /// The strongest act.
    pub action: Action,
}

impl Permit {
    /// As text.
    pub fn text(self) -> String {
        format!("{}:{}", self.resource.name(), self.action.name())
    }
    /// From such a text.
    ///
    /// # Errors
    /// `scope-invalid`.
    pub fn parse(text: &str) -> Result<Self> {
        let read = |(resource, action)| {
            Some(Self { resource: Resource::from_name(resource)?, action: Action::from_name(action)? })
        };
        let bad = || Refusal::new(RefusalCode::Invalid, "scope-invalid").at("scopes").into();
        text.trim().split_once(':').and_then(read).ok_or_else(bad)
    }
    /// Whether it allows an act.
    pub fn covers(self, action: Action, resource: Resource) -> bool {
        self.resource == resource && action <= self.action
    }
}

/// What narrows a caller down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Bounds {
    /// Nothing: it may what its role may.
    #[default]
    Role,
    /// A second factor is required of it that it has not set up: until then it may nothing.
    Enrolling,
    /// It is a program: of what its role may, that which its scopes name.
    Program {
        /// Which.
        account: ServiceAccountId,
        /// By which token.
        token: ServiceTokenId,
        /// What it may.
        scopes: Arc<[Permit]>,
    },
    /// The platform operator where it has no business but in an emergency: it may read what the role may in whose place it
    /// is, and change it where that was asked for; acts that bind stay with those whose they are.
    Emergency {
        /// Which.
        id: EmergencyId,
        /// In whose place.
        place_of: Role,
        /// Whether it may change anything.
        write: bool,
    },
}

impl Bounds {
    /// Whether whoever has a role may do something within these bounds.
    pub fn allow(&self, role: Role, action: Action, resource: Resource) -> bool {
        match self {
            Self::Role => permission::allows(role, action, resource),
            Self::Enrolling => false,
            Self::Program { scopes, .. } => match resource {
                // Asking in its own words is what a program is for.
                Resource::Api | Resource::Packs => action == Action::Read,
                _ => {
                    programs_may(resource)
                        && permission::allows(role, action, resource)
                        && scopes.iter().any(|permit| permit.covers(action, resource))
                }
            },
            Self::Emergency { place_of, write, .. } => {
                let asked = match action {
                    Action::Read => true,
                    Action::Write => *write || resource == Resource::Emergencies,
                    Action::Commit => false,
                };
                // Whom a park courts is no emergency.
                asked && resource != Resource::Pipeline && permission::allows(*place_of, action, resource)
            }
        }
    }
}

/// Whether a kind of thing can be named in the scopes of a program at all: programs make no programs, and lift no rule by
/// which people sign in.
pub fn programs_may(resource: Resource) -> bool {
    !matches!(resource, Resource::Security | Resource::Emergencies | Resource::Api | Resource::Packs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id as _;
    use uuid::Uuid;

    fn every() -> impl Iterator<Item = (Role, Action, Resource)> {
        let of = |r: &'static Resource| Action::ALL.iter().map(move |a| (*a, *r));
        Role::ALL.iter().flat_map(move |role| Resource::ALL.iter().flat_map(of).map(move |(a, r)| (*role, a, r)))
    }

    #[test]
    fn bounds_only_ever_narrow() {
        let all = Resource::ALL.iter().map(|r| Permit { resource: *r, action: Action::Commit }).collect();
        let program = Bounds::Program {
            account: ServiceAccountId::from_uuid(Uuid::nil()),
            token: ServiceTokenId::from_uuid(Uuid::nil()),
            scopes: all,
        };
        for (role, action, resource) in every() {
            let may = permission::allows(role, action, resource);
            assert!(!Bounds::Enrolling.allow(role, action, resource));
            let asks = matches!(resource, Resource::Api) && action == Action::Read;
            assert!(may || asks || !program.allow(role, action, resource), "{role:?} {action:?} {resource:?}");
            assert!(
                !program.allow(role, action, Resource::Security) && !program.allow(role, action, Resource::Emergencies)
            );
            for write in [false, true] {
                let id = EmergencyId::from_uuid(Uuid::nil());
                let emergency = Bounds::Emergency { id, place_of: role, write };
                let allowed = emergency.allow(Role::PlatformOperator, action, resource);
                assert!(may || !allowed);
                assert!(!allowed || action != Action::Commit, "an emergency binds nobody");
                assert!(!allowed || write || action == Action::Read || resource == Resource::Emergencies);
            }
        }
    }

    #[test]
    fn permits_are_text_and_back() {
        let permit = Permit::parse(" billing:write").expect("a permit");
        assert_eq!(permit.text(), "billing:write");
        assert!(permit.covers(Action::Read, Resource::Billing) && !permit.covers(Action::Commit, Resource::Billing));
        assert!(!permit.covers(Action::Read, Resource::Cost));
        for bad in ["", "billing", "billing:", "billing:own", "money:read", "billing:read:write"] {
            assert!(Permit::parse(bad).is_err(), "{bad}");
        }
    }
}
