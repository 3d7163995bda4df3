//! Uploaded files: whether they may be used, links that give them out for a short time.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_domain::platform::{self, FileState as DomainState};

use crate::change::change;
use crate::error::UserError;
use crate::request::Asking as _;

/// Whether an uploaded file may be used.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub(crate) enum FileState {
    /// The scanner has yet to look at it: it can neither be read nor used.
    Waiting,
    /// It may be used. Where the installation has no scanner, every file is clean from the start.
    Clean,
    /// The scanner found something: it can neither be read nor used.
    Refused,
}

/// A link to a file is asked for.
#[derive(InputObject, Serialize)]
pub(crate) struct FileLinkInput {
    /// An uploaded file (`file_...`) or a piece of evidence (`evid_...`).
    subject_id: ID,
}

/// A link that gives a file to whoever holds it, as long as the caller's session, role and grants reach the file, and a
/// few minutes at most.
#[derive(SimpleObject)]
pub(crate) struct FileLink {
    /// Path below the service's address. It needs no token; whoever opens it reads as the caller, and the log says so.
    path: String,
    /// From when on it gives nothing.
    expires_at: DateTime<Utc>,
}

/// What became of a link.
#[derive(SimpleObject, Default)]
pub(crate) struct FileLinkPayload {
    /// The link.
    link: Option<FileLink>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct FilesMutation;

#[Object]
impl FilesMutation {
    /// Makes a link to a file or piece of evidence that the caller may read, good for five minutes. Only a signed-in
    /// person can; each call makes another.
    async fn file_link(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FileLinkInput,
    ) -> async_graphql::Result<Option<FileLinkPayload>> {
        // Without a key: what is remembered under one is kept, and a link is not to be.
        let links = std::sync::Arc::clone(&gql.request().services.links);
        let done = change(gql, "fileLink", None, &input, |ctx, tx| {
            let id = input.subject_id.to_string();
            Box::pin(async move {
                let (link, entry) = platform::file_link(tx, ctx, &id).await?;
                Ok(((links.write(&link), link.expires_at), entry))
            })
        });
        Ok(Some(match done.await? {
            Ok((link, expires_at)) => FileLinkPayload {
                link: Some(FileLink { path: format!("/files/{link}"), expires_at }),
                user_errors: Vec::new(),
            },
            Err(user_errors) => FileLinkPayload { user_errors, ..Default::default() },
        }))
    }
}
