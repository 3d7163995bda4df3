//! Taking files in and giving them out.

use chrono::{DateTime, Utc};

use super::{FileState, Store, StoredFile};
use crate::audit::{self, AuditEntry, Happening};
use crate::bounds::Bounds;
use crate::ctx::{Ctx, Scope};
use crate::error::{Error, Result};
use crate::ids::FileId;
use crate::permission::{Action, Resource};

/// What files are taken in for: imports and evidence.
const USES: [Resource; 5] =
    [Resource::Estate, Resource::People, Resource::Operations, Resource::Cost, Resource::SelfAssessment];

/// The kind of job that has a file scanned.
pub const SCAN_JOB: &str = "file-scan";

/// The longest name a file keeps, characters.
const MAX_NAME: usize = 200;

/// A file whose bytes have arrived.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// How many.
    pub bytes: u64,
    /// The name it was sent under.
    pub name: String,
    /// Its media type: what its content was found to be.
    pub media_type: String,
    /// Whether it may be used.
    pub state: FileState,
    /// When a scanner looked at it.
    pub scanned_at: Option<DateTime<Utc>>,
}

/// Whether the caller may bring files at all; asked before the first byte is taken.
///
/// # Errors
/// [`Error::Forbidden`] for roles that can change nothing a file is used for.
pub fn file_permit(ctx: &Ctx) -> Result<()> {
    if USES.iter().any(|r| ctx.may(Action::Write, *r)) {
        return Ok(());
    }
    USES.iter().take(1).for_each(|r| ctx.heard().tell(Happening::Denied(Action::Write, *r)));
    Err(Error::Forbidden)
}

/// Remembers a file of the caller's tenant or park, and that it was brought. One that waits to be scanned has a job for
/// it.
///
/// # Errors
/// Those of [`file_permit`].
pub async fn file_add<S: Store + audit::Store + ?Sized>(store: &S, ctx: &Ctx, new: NewFile) -> Result<StoredFile> {
    file_permit(ctx)?;
    let file = StoredFile {
        id: ctx.id(),
        sha256: new.sha256,
        bytes: i64::try_from(new.bytes).map_err(Error::internal)?,
        name: plain_name(&new.name),
        media_type: plain_media_type(&new.media_type),
        stored_at: ctx.now(),
        stored_by: ctx.actor().user,
        state: new.state,
        scanned_at: new.scanned_at,
    };
    store.file_add(&file).await?;
    if file.state == FileState::Waiting {
        store.job_enqueue(ctx, SCAN_JOB, serde_json::json!({ "file": file.id })).await?;
    }
    store.audit(ctx, &AuditEntry::new("file.add", file.id).with(serde_json::json!({ "bytes": file.bytes }))).await?;
    Ok(file)
}

/// Notes what the scanner said of a waiting file of the caller's tenant or park; a refusal goes on the log.
///
/// # Errors
/// None but those of the store.
pub async fn file_checked<S: Store + audit::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: FileId,
    state: FileState,
) -> Result<()> {
    if store.file_checked(id, state, ctx.env().now()).await? && state == FileState::Refused {
        store.audit(ctx, &AuditEntry::new("file.refused", id)).await?;
    }
    Ok(())
}

/// A file for its caller to read: whoever brought it, or whoever may bring such files.
///
/// # Errors
/// [`Error::NotFound`] for anything else.
pub async fn file(store: &dyn Store, ctx: &Ctx, id: FileId) -> Result<StoredFile> {
    // An assessor has no files, and may not even look for any; nor does anybody who has to set a second factor up first.
    if matches!(ctx.scope(), Scope::Assessor(..)) || *ctx.bounds() == Bounds::Enrolling {
        return Err(Error::NotFound);
    }
    let file = store.file(id).await?.ok_or(Error::NotFound)?;
    let own = ctx.actor().user.is_some() && file.stored_by == ctx.actor().user;
    if own || file_permit(ctx).is_ok() { Ok(file) } else { Err(Error::NotFound) }
}

/// The last part of a path without control characters; `file` when nothing is left.
pub fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    let plain = plain.trim();
    if plain.is_empty() || plain.chars().all(|c| c == '.') { "file".to_owned() } else { plain.to_owned() }
}

/// `type/subtype` without parameters; bytes of an unknown kind when it is anything else.
fn plain_media_type(text: &str) -> String {
    let bare = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    match bare.split_once('/') {
        Some((kind, sub)) if bare.len() <= 100 && token(kind) && token(sub) => bare,
        _ => "application/octet-stream".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bare_and_types_are_plain() {
        for (given, kept) in [
            ("seats.csv", "seats.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\plans\\一层.xlsx", "一层.xlsx"),
            ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(plain_name(given), kept);
        }
        assert_eq!(plain_name(&"x".repeat(500)).len(), MAX_NAME);
        assert_eq!(plain_media_type("Text/CSV; charset=gbk"), "text/csv");
        for bad in ["", "csv", "text/", "text/c sv", "a/b/c"] {
            assert_eq!(plain_media_type(bad), "application/octet-stream", "{bad}");
        }
    }
}
