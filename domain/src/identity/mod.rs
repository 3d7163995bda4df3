//! Identity: who somebody is and in which scope they act.
//!
//! Decides how a mail address and a password become a session, how a session becomes a [`crate::Ctx`], and what a grant
//! lets an assessor reach. Does not decide what a role may do (`permission`) or which rows exist (`Scope`).

mod accounts;
mod client;
mod emergency;
mod entity;
mod factor;
mod grant;
pub mod guess;
mod invite;
pub mod oidc;
pub mod oidc_claims;
mod oidc_provider;
pub mod passkey;
mod policy;
mod provision;
mod region;
mod reset;
mod service;
mod session;
mod store;

pub use accounts::{
    Program, ServiceAccount, ServiceAccountDraft, ServiceAccounts, ServiceToken, authenticate_program,
    is_service_token, offered, service_account_create, service_account_delete, service_accounts, service_roles,
    service_token_create, service_token_revoke,
};
pub use client::Client;
pub use emergency::{
    DEFAULT_MINUTES, Emergencies, Emergency, EmergencyDraft, EmergencyEnd, emergencies, emergency_end, emergency_enter,
};
pub use entity::{
    ACCESS_MINUTES, Claims, Credentials, Ended, Membership, NewSession, Proof, Session, SignedIn, scope_key,
};
pub use factor::{
    Enrolment, Factor, RECOVERY_CODES, factor, factor_begin, factor_check, factor_confirm, factor_remove, factor_try,
};
pub use grant::{
    Abilities, Ability, Cover, Covered, Grant, GrantDraft, GrantTerms, Hold, Opened, Recusal, STATEMENT, grant_create,
    grant_declare, grant_revoke, grants, own_grants, recusals,
};
pub use guess::Attempt;
pub use invite::{
    INVITE_DAYS, Invitation, InvitationDraft, Offer, accept, invitations, invite, invite_again, invite_revoke, offer,
};
pub use policy::{AccessPolicy, Policies, access_policy, factor_require};
pub use provision::{
    MIN_PASSWORD, ParkDraft, email_ok, member_add, park_add, password_set, place, user_add, user_named,
};
pub use region::{Region, RegionGrant, park_region, region_grant_add, region_grant_revoke};
pub use reset::{RESET_MINUTES, password_check, reset_check, reset_finish, reset_request, reset_try, tell};
pub use service::{
    Ports, RACE_SECONDS, Refreshed, authenticate, memberships, password_try, password_verify, refresh, session_open,
    sign_out, switch,
};
pub use session::{own_password, password_change, password_hash, prove, session_end, sessions, sessions_end_all};
pub use store::{Factors, Grants, Links, Passwords, Sessions, Store, Tokens, Which};
