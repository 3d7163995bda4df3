//! Ids of what only the ledger knows so far.

use std::fmt;

use uuid::Uuid;
use voxpark_domain::ids::Id;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(raw: Uuid) -> Self {
                Self(raw)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

ids! {
    /// Somebody who pays for tenants: a government body, an association, a client.
    SponsorId = "sponsor";
    /// A deposit of a tenant.
    DepositId = "deposit";
    /// What somebody did that is no document: money applied, moved, paid back, written off; a cost booked.
    ActId = "act";
}
