//! What identity reads and writes, and the two secrets-handling ports it needs.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::accounts::ServiceAccounts;
use super::emergency::Emergencies;
use super::entity::{Claims, Credentials, Ended, Membership, NewSession, Proof, Session};
use super::factor::{Enrolment, Factor};
use super::grant::{Covered, Grant, Recusal};
use super::guess::Tries;
use super::invite::Invitation;
use super::oidc::Providers;
use super::passkey::Passkeys;
use super::policy::Policies;
use super::region::RegionGrant;
use crate::ctx::{Ctx, Lang};
use crate::error::Result;
use crate::ids::{GrantId, InvitationId, ParkId, RegionGrantId, SessionId, TenantId, UserId};
use crate::page::{Page, PageRequest};
use crate::permission::Role;
use crate::tenancy::Park;

/// Which sessions of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one.
    One(SessionId),
    /// All but this one.
    Others(SessionId),
    /// All.
    All,
}

/// Sessions, and wrong tries at secrets. Everything here needs a system scope.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Stores a session.
    async fn session_add(&self, session: &NewSession) -> Result<()>;
    /// A session by id.
    async fn session(&self, id: SessionId) -> Result<Option<Session>>;
    /// A session by the hash of its current refresh token.
    async fn session_by_refresh(&self, hash: &[u8; 32]) -> Result<Option<Session>>;
    /// A session by the hash of what all its refresh tokens share.
    async fn session_by_family(&self, hash: &[u8; 32]) -> Result<Option<Session>>;
    /// Replaces the refresh token (hashes of family and token) and moves the end; `false` when somebody else did so first.
    async fn session_rotate(
        &self,
        id: SessionId,
        old: &[u8; 32],
        new: ([u8; 32], [u8; 32]),
        now: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<bool>;
    /// Ends living sessions of a user; tells how many.
    async fn sessions_end(&self, user: UserId, which: Which, why: Ended, now: DateTime<Utc>) -> Result<u64>;
    /// The sessions of a user that live, and those that somebody else may have ended lately; the last used first.
    async fn sessions(&self, user: UserId, now: DateTime<Utc>, since: DateTime<Utc>) -> Result<Vec<Session>>;
    /// Notes that the user of a session has proved again who it is. A session that is strong stays so.
    async fn session_proven(&self, id: SessionId, proof: Proof) -> Result<()>;
    /// The sessions of a user are strong no longer: what made them so is gone.
    async fn sessions_weaken(&self, user: UserId) -> Result<()>;
    /// Whether the account with a mail address, if there is one, has signed in from a network since.
    async fn place_known(&self, email: &str, place: &str, since: DateTime<Utc>) -> Result<bool>;

    /// Wrong tries under some keys, locked until the transaction ends. Keys are kept as keyed hashes.
    async fn tries(&self, keys: &[&str]) -> Result<Vec<(String, Tries)>>;
    /// Counts one more under each key; a count whose last try was before the instant beside the key begins anew.
    async fn tries_add(&self, keys: &[(&str, DateTime<Utc>)], now: DateTime<Utc>) -> Result<()>;
    /// Removes the counts under some keys and takes one back under others.
    async fn tries_forgive(&self, remove: &[&str], back: &[&str]) -> Result<()>;
    /// Removes counts without a try since an instant.
    async fn tries_sweep(&self, before: DateTime<Utc>) -> Result<()>;
}

/// Second factors. Everything here needs a system scope.
#[async_trait]
pub trait Factors: Send + Sync {
    /// A user's second factor, in force or being set up.
    async fn factor(&self, user: UserId) -> Result<Option<Factor>>;
    /// Keeps the secret of one that is being set up.
    async fn factor_begin(&self, user: UserId, secret: &[u8], now: DateTime<Utc>) -> Result<()>;
    /// Puts it in force, a first code used, with hashes of its recovery codes.
    async fn factor_confirm(&self, user: UserId, step: i64, codes: &[[u8; 32]], now: DateTime<Utc>) -> Result<()>;
    /// Uses the code of a half minute up; `false` when it or a later one was used before.
    async fn factor_use(&self, user: UserId, step: i64) -> Result<bool>;
    /// Uses a recovery code up; `false` when there is none with this hash.
    async fn recovery_use(&self, user: UserId, code: &[u8; 32], now: DateTime<Utc>) -> Result<bool>;
    /// Removes a factor with its recovery codes; `false` when there is none.
    async fn factor_remove(&self, user: UserId) -> Result<bool>;
}

/// Links that work once: invitations, which their park sees, and ways to another password, which need a system scope, as do
/// those methods that take a park.
#[async_trait]
pub trait Links: Send + Sync {
    /// Stores an invitation with the hash of its link's token.
    async fn invitation_add(&self, new: &Invitation, by: Option<UserId>, token: &[u8; 32]) -> Result<()>;
    /// Whether an open invitation to the same as the same is there.
    async fn invitation_pending(
        &self,
        email: &str,
        role: Role,
        tenant: Option<TenantId>,
        now: DateTime<Utc>,
    ) -> Result<bool>;
    /// The invitations of the caller's park, newest first.
    async fn invitations(&self, page: &PageRequest) -> Result<Page<Invitation>>;
    /// How many there are.
    async fn invitations_count(&self) -> Result<i64>;
    /// Invitations by id.
    async fn invitations_by_id(&self, ids: &[InvitationId]) -> Result<Vec<Invitation>>;
    /// The invitation of a link.
    async fn invitation_by_token(&self, token: &[u8; 32]) -> Result<Option<Invitation>>;
    /// Gives an invitation another link.
    async fn invitation_renew(&self, id: InvitationId, token: &[u8; 32], expires_at: DateTime<Utc>) -> Result<()>;
    /// Takes an invitation back.
    async fn invitation_revoke(&self, id: InvitationId, now: DateTime<Utc>) -> Result<()>;
    /// Uses an invitation up; `false` when it is not open any more.
    async fn invitation_accept(&self, park: ParkId, id: InvitationId, now: DateTime<Utc>) -> Result<bool>;
    /// Stores the hash of a link's token; of nobody when nobody has the address that was asked for.
    async fn reset_add(
        &self,
        token: &[u8; 32],
        user: Option<UserId>,
        now: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<()>;
    /// Whether a link works.
    async fn reset_live(&self, token: &[u8; 32], now: DateTime<Utc>) -> Result<bool>;
    /// Uses a link up, and every other one of its user; whose it is.
    async fn reset_use(&self, token: &[u8; 32], now: DateTime<Utc>) -> Result<Option<UserId>>;
}

/// Grants, and what their holders declared. Methods that take a park work in a system scope too.
#[async_trait]
pub trait Grants: Send + Sync {
    /// The grants of the caller's park, newest first.
    async fn grants(&self, page: &PageRequest) -> Result<Page<Grant>>;
    /// How many grants the park has.
    async fn grants_count(&self) -> Result<i64>;
    /// Grants by id.
    async fn grants_by_id(&self, ids: &[GrantId]) -> Result<Vec<Grant>>;
    /// Stores a grant of a park.
    async fn grant_add(&self, park: ParkId, grant: &Grant, now: DateTime<Utc>) -> Result<()>;
    /// Takes a grant back; `false` when there is none or it was taken back before.
    async fn grant_revoke(&self, park: ParkId, id: GrantId, now: DateTime<Utc>) -> Result<bool>;
    /// The tenants of a park that a grant covers, by name (system scope).
    async fn grant_covers(&self, park: ParkId, tenant: Option<TenantId>) -> Result<Vec<Covered>>;
    /// Keeps what the caller declared as holder of a grant (system scope).
    async fn grant_declare(
        &self,
        ctx: &Ctx,
        grant: &Grant,
        statement: &str,
        recusals: &[Recusal],
        as_of: DateTime<Utc>,
    ) -> Result<()>;
    /// The interests last declared under some grants.
    async fn recusals(&self, of: &[GrantId]) -> Result<Vec<(GrantId, Recusal)>>;
    /// Every tenant of a park, with the instant since when it is there (system scope).
    async fn tenants_of(&self, park: ParkId) -> Result<Vec<(TenantId, DateTime<Utc>)>>;
    /// The grants on regions, newest first (system scope).
    async fn region_grants(&self) -> Result<Vec<RegionGrant>>;
    /// Stores one (system scope).
    async fn region_grant_add(&self, grant: &RegionGrant, now: DateTime<Utc>) -> Result<()>;
    /// Takes one back; `false` when there is none or it was taken back before (system scope).
    async fn region_grant_revoke(&self, id: RegionGrantId, now: DateTime<Utc>) -> Result<bool>;
    /// The parts of grants on regions that are open in a park (system scope).
    async fn region_parts(&self, park: ParkId) -> Result<Vec<(RegionGrantId, GrantId)>>;
}

/// Users and memberships. Everything here needs a system scope.
#[async_trait]
pub trait Store:
    Sessions + Links + Factors + Providers + Passkeys + Grants + Policies + ServiceAccounts + Emergencies
{
    /// A user's mail address and language.
    async fn user_address(&self, user: UserId) -> Result<Option<(String, Lang)>>;
    /// What sign-in compares with; the address is compared case-insensitively.
    async fn credentials(&self, email: &str) -> Result<Option<Credentials>>;
    /// The same by id.
    async fn credentials_of(&self, user: UserId) -> Result<Option<Credentials>>;
    /// Where a user may act on a day. Grants are folded into one membership a park and role.
    async fn memberships(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<Membership>>;
    /// The display name of a user found by mail address, and whether it may sign in.
    async fn user_name(&self, email: &str) -> Result<Option<(UserId, String)>>;
    /// Every park of the installation, by code (provisioning).
    async fn parks(&self) -> Result<Vec<Park>>;
    /// A tenant of a park by its code (provisioning).
    async fn tenant_by_code(&self, park: ParkId, code: &str) -> Result<Option<TenantId>>;
    /// Replaces a password.
    async fn password_set(&self, user: UserId, hash: &str) -> Result<()>;
    /// Adds a user (provisioning).
    async fn user_add(
        &self,
        id: UserId,
        email: &str,
        name: &str,
        password_hash: &str,
        lang: Lang,
        now: DateTime<Utc>,
    ) -> Result<()>;
    /// Makes a user a member of a park (provisioning).
    async fn park_member_add(&self, park: ParkId, user: UserId, role: Role, name: &str, from: NaiveDate) -> Result<()>;
    /// Makes a user a member of a tenant (provisioning).
    async fn tenant_member_add(
        &self,
        park: ParkId,
        tenant: TenantId,
        user: UserId,
        role: Role,
        name: &str,
        from: NaiveDate,
    ) -> Result<()>;
}

/// Signs and verifies access tokens.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// Sees to it that there is a key to sign with and that those which others made are known; with a token, also the one
    /// that it names. To be called before anything is signed or verified.
    async fn ready(&self, token: Option<&str>) -> Result<()>;
    /// Signs.
    fn sign(&self, claims: &Claims) -> Result<String>;
    /// Verifies key, algorithm, signature, issuer, audience, beginning and end. `None` for anything but a good token.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Claims>;
    /// Signs that a password was right, for the second factor that is still to come.
    fn challenge(&self, user: UserId, until: DateTime<Utc>) -> Result<String>;
    /// Whose password was right; `None` for anything but a good challenge.
    fn challenged(&self, challenge: &str, now: DateTime<Utc>) -> Option<UserId>;
    /// The half minute since 1970 whose code this is, up to one before or after now (RFC 6238); `None` for any other.
    fn code_step(&self, secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64>;
    /// What an authenticator app needs to know of a secret.
    fn enrolment(&self, secret: &[u8], account: &str) -> Enrolment;
    /// SHA-256 of a refresh token.
    fn digest(&self, token: &str) -> [u8; 32];
}

/// Hashes and verifies passwords off the async threads.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// Argon2id hash in PHC form.
    async fn hash(&self, password: &str) -> Result<String>;
    /// Compares; `None` as hash does the same work and says no, so that timing does not tell whether a user exists.
    async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool>;
}
