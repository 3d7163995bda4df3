//! Identity: who somebody is and in which scope they act.
//!
//! Decides how a mail address and a password become a session, how a session becomes a [`crate::Ctx`], and what a grant
//! lets an assessor reach. Does not decide what a role may do (`permission`) or which rows exist (`Scope`).

mod entity;
mod provision;
mod service;
mod store;

pub use entity::{Claims, Credentials, Grant, GrantDraft, Membership, NewSession, Session, SignedIn, scope_key};
pub use provision::{MIN_PASSWORD, ParkDraft, member_add, park_add, password_set, place, user_add, user_named};
pub use service::{
    Ports, authenticate, grant_create, grant_revoke, grants, memberships, own_grants, refresh, sign_in, sign_out,
    switch,
};
pub use store::{Passwords, Store, Tokens};
