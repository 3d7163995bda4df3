//! Users, memberships, sessions and grants.

use chrono::{DateTime, Duration, Utc};

use super::grant::{Hold, Opened};
use crate::ctx::{Lang, Scope};
use crate::ids::{EmergencyId, ParkId, SessionId, TenantId, UserId};
use crate::permission::{Role, listed};
use crate::tenancy::Park;

/// How long an access token is good for, minutes.
pub const ACCESS_MINUTES: i64 = 10;
/// How long a session lives without being refreshed, days.
pub const SESSION_DAYS: i64 = 14;

/// What sign-in compares a password with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user.
    pub user: UserId,
    /// Argon2id hash in PHC form.
    pub password_hash: String,
    /// The user's own language.
    pub lang: Lang,
    /// Whether the user may sign in at all.
    pub disabled: bool,
}

/// A place where a user may act: a role in a park, in a tenant, or under grants.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The role.
    pub role: Role,
    /// The park.
    pub park: Park,
    /// Tenant of tenant roles, with its name.
    pub tenant: Option<(TenantId, String)>,
    /// The grants in force, of roles that act under them.
    pub grants: Vec<Hold>,
    /// How colleagues see the user.
    pub display_name: String,
    /// Whether a second factor is required of it today.
    pub factor_due: bool,
}

/// Opaque text that names a membership to its owner: park, tenant and role.
pub fn scope_key(role: Role, park: ParkId, tenant: Option<TenantId>) -> String {
    match tenant {
        Some(tenant) => format!("{tenant}:{}", role.name()),
        None => format!("{park}:{}", role.name()),
    }
}

impl Membership {
    /// Whether it acts for this park itself.
    pub fn is_staff_of(&self, park: ParkId) -> bool {
        self.park.id == park && self.role.is_park_staff()
    }
    /// The opaque text by which the user chooses this membership.
    pub fn key(&self) -> String {
        scope_key(self.role, self.park.id, self.tenant.as_ref().map(|t| t.0))
    }
    /// What rows a context of this membership reaches, given what its grants open.
    pub fn scope(&self, opened: &Opened) -> Scope {
        match (&self.tenant, self.role) {
            (Some((tenant, _)), _) => Scope::Tenant(self.park.id, *tenant),
            (None, Role::Assessor) => Scope::Assessor(self.park.id, opened.tenants.keys().copied().collect()),
            // Figures of the park as a whole, and no tenant's rows.
            (None, Role::StatisticsOfficer) => Scope::Assessor(self.park.id, Vec::new()),
            (None, _) => Scope::Park(self.park.id),
        }
    }
}

/// A session to be stored.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Acting in this role.
    pub role: Role,
    /// In this park.
    pub park: ParkId,
    /// And this tenant.
    pub tenant: Option<TenantId>,
    /// SHA-256 of the part that all its refresh tokens share.
    pub family_hash: [u8; 32],
    /// SHA-256 of the refresh token; the token itself is never stored.
    pub refresh_hash: [u8; 32],
    /// Browser and system, in rough words.
    pub device: Option<String>,
    /// The network it came from.
    pub place: Option<String>,
    /// Start.
    pub started_at: DateTime<Utc>,
    /// End unless refreshed.
    pub expires_at: DateTime<Utc>,
    /// How the user last proved who it is.
    pub proof: Proof,
    /// The emergency that it was opened for.
    pub emergency: Option<EmergencyId>,
}

/// How somebody proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether with two factors: a code beside the password, a passkey, or a provider that asked for as much.
    pub strong: bool,
    /// The park whose provider alone vouches for it, by the account's mail address. Such a session reaches nothing but that
    /// park's own staff memberships and changes no way into the account, until its owner proves it by a secret of its own.
    pub by: Option<ParkId>,
}

impl Proof {
    /// By a secret of the user's own.
    pub fn own(at: DateTime<Utc>, strong: bool) -> Self {
        Self { at, strong, by: None }
    }
    /// Whether a session that was opened so may act in a membership.
    pub fn reaches(&self, membership: &Membership) -> bool {
        self.by.is_none_or(|park| membership.is_staff_of(park))
    }
}

/// A stored session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Acting in this role.
    pub role: Role,
    /// In this park.
    pub park: ParkId,
    /// And this tenant.
    pub tenant: Option<TenantId>,
    /// Browser and system, in rough words.
    pub device: Option<String>,
    /// The network it came from, such as `203.0.113.0/24`.
    pub place: Option<String>,
    /// Start.
    pub started_at: DateTime<Utc>,
    /// Its refresh token was last exchanged: it was in use up to ten minutes later.
    pub refreshed_at: DateTime<Utc>,
    /// End unless refreshed.
    pub expires_at: DateTime<Utc>,
    /// How the user last proved who it is.
    pub proof: Proof,
    /// Ended at, before its time.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it ended.
    pub ended: Option<Ended>,
    /// The emergency that it was opened for.
    pub emergency: Option<EmergencyId>,
    /// Whether the user has a second factor in force.
    pub factor: bool,
    /// The user was disabled meanwhile.
    pub user_disabled: bool,
    /// The user's own language.
    pub lang: Lang,
}

listed! {
    /// Why a session ended before its time.
    Ended {
        /// Its own user signed out.
        SignedOut = "signed_out",
        /// Its user ended it from another session.
        Closed = "closed",
        /// Its user ended all sessions.
        Everywhere = "everywhere",
        /// The password was changed.
        Password = "password",
        /// A spent refresh token was shown again: somebody has a copy.
        Reused = "reused",
        /// The emergency that it was opened for was ended.
        Emergency = "emergency",
    }
}

impl Session {
    /// Whether it still carries its user at an instant.
    pub fn alive(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && !self.user_disabled && now < self.expires_at
    }
    /// The end after a refresh now.
    pub fn extended(now: DateTime<Utc>) -> DateTime<Utc> {
        now + Duration::days(SESSION_DAYS)
    }
}

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The session; everything else is looked up from it, so that a revoked session ends at once.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// The instant after which it is refused.
    pub expires_at: DateTime<Utc>,
}

/// The answer to a successful sign-in or refresh.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Short-lived bearer token.
    pub access_token: String,
    /// End of the access token.
    pub expires_at: DateTime<Utc>,
    /// Single-use token for the next access token.
    pub refresh_token: String,
    /// The membership acted in.
    pub membership: Membership,
}
