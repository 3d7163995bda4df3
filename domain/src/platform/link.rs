//! Short-lived links to files: whoever holds one gets the file as the person it was made for would, as long as that
//! person would.

use chrono::{DateTime, TimeDelta, Utc};

use super::Store;
use crate::audit::AuditEntry;
use crate::ctx::{Ctx, Scope};
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{EvidenceId, FileId, Id, SessionId, UserId};
use crate::maturity;
use crate::uow::DomainTx;

/// How long a link works, minutes.
pub const LINK_MINUTES: i64 = 5;

/// What a link gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkTo {
    /// A stored file.
    File(FileId),
    /// What a piece of evidence holds.
    Evidence(EvidenceId),
}

impl LinkTo {
    /// The thing with this id.
    pub fn parse(id: &str) -> Option<Self> {
        id.parse().map(Self::File).or_else(|_| id.parse().map(Self::Evidence)).ok()
    }
}

impl std::fmt::Display for LinkTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(id) => id.fmt(f),
            Self::Evidence(id) => id.fmt(f),
        }
    }
}

/// What a link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLink {
    /// What it gives.
    pub to: LinkTo,
    /// For whom it was made.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// What that session could reach when it was made; of a link that was read, its digest.
    pub reach: Vec<u8>,
    /// The instant after which it gives nothing.
    pub expires_at: DateTime<Utc>,
}

/// Makes links that nobody else can make, and reads them.
pub trait Links: Send + Sync {
    /// The link as text that can stand in a path.
    fn write(&self, link: &FileLink) -> String;
    /// What a link says; `None` for anything that was not made here, and for one whose time is over.
    fn read(&self, text: &str, now: DateTime<Utc>) -> Option<FileLink>;
    /// Whether a link that was read was made with this reach.
    fn reaches(&self, link: &FileLink, reach: &[u8]) -> bool;
}

/// A scope as bytes, the same ones for the same scope.
pub fn reach(scope: &Scope) -> Vec<u8> {
    let mut out = Vec::new();
    let (park, tenants) = match scope {
        Scope::System(_) => return out,
        Scope::Park(park) => (park, Vec::new()),
        Scope::Tenant(park, tenant) => (park, vec![*tenant]),
        Scope::Assessor(park, tenants) => (park, tenants.clone()),
    };
    out.push(match scope {
        Scope::Assessor(..) => b'a',
        Scope::Tenant(..) => b't',
        _ => b'p',
    });
    out.extend_from_slice(park.uuid().as_bytes());
    let mut ids: Vec<_> = tenants.iter().map(|t| t.uuid()).collect();
    ids.sort_unstable();
    for id in ids {
        out.extend_from_slice(id.as_bytes());
    }
    out
}

/// Makes a link to something that the caller may read now. Only a person's session can: the link ends with it.
///
/// # Errors
/// Those of reading the thing itself; [`Error::Forbidden`] without a session.
pub async fn file_link(store: &dyn DomainTx, ctx: &Ctx, id: &str) -> Result<(FileLink, AuditEntry)> {
    let to = LinkTo::parse(id).ok_or(Error::NotFound)?;
    let entry = AuditEntry::new("file.link", to);
    let entry = match to {
        LinkTo::File(id) => {
            usable(super::file(store, ctx, id).await?.state, "subjectId")?;
            entry
        }
        LinkTo::Evidence(id) => {
            let (tenant, file) = maturity::evidence_of(store, ctx, id).await?;
            usable(file.state, "subjectId")?;
            entry.of(tenant)
        }
    };
    let (Some(user), Some(session)) = (ctx.actor().user, ctx.actor().session) else { return Err(Error::Forbidden) };
    let expires_at = ctx.now() + TimeDelta::minutes(LINK_MINUTES);
    let link = FileLink { to, user, session, reach: reach(ctx.scope()), expires_at };
    Ok((link, entry))
}

/// Whether a file in this state may be given out or used.
///
/// # Errors
/// `file-waiting`, `file-infected`.
pub fn usable(state: super::FileState, at: &'static str) -> Result<(), Refusal> {
    match state {
        super::FileState::Clean => Ok(()),
        super::FileState::Waiting => Err(Refusal::new(RefusalCode::State, "file-waiting").at(at)),
        super::FileState::Refused => Err(Refusal::new(RefusalCode::State, "file-infected").at(at)),
    }
}

/// Finds a file that may be used for something.
///
/// # Errors
/// `file-unknown`; those of [`usable`] and [`super::fits`]; at `fileId`.
pub async fn file_for<S: Store + ?Sized>(store: &S, id: FileId, purpose: super::Purpose) -> Result<super::StoredFile> {
    let unknown = || Refusal::new(RefusalCode::NotFound, "file-unknown").at("fileId");
    let file = store.file(id).await?.ok_or_else(unknown)?;
    usable(file.state, "fileId")?;
    super::fits(purpose, &file.media_type, file.bytes)?;
    Ok(file)
}
