//! Files sent by forms: streamed to the API while they arrive, the fields beside them read as a form.

use axum::extract::Multipart;
use axum::extract::multipart::Field;
use axum::routing::MethodRouter;
use futures_util::{StreamExt, TryStreamExt};

use crate::exec::{Problem, StoredFile};
use crate::form::Form;
use crate::visit::{Stop, Visit};

/// A route that takes files of any size: the API has the limit and says it in words.
pub fn unlimited<S: Clone + Send + Sync + 'static>(route: MethodRouter<S>) -> MethodRouter<S> {
    route.layer(axum::extract::DefaultBodyLimit::disable())
}

/// Reads a form with one file field, `file`. The file is none when no file was chosen.
///
/// # Errors
/// [`Stop::SignIn`] when nobody is signed in.
pub async fn read(visit: &Visit, mut parts: Multipart) -> Result<(Form, Option<StoredFile>), Stop> {
    let (mut form, mut stored) = (Form::new(), None);
    loop {
        let field = match parts.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(error) => {
                broken(visit, &mut form, &error);
                break;
            }
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            match field.text().await {
                Ok(value) => form = form.default_value(&name, value),
                Err(error) => broken(visit, &mut form, &error),
            }
        } else if field.file_name().is_some_and(|file| !file.is_empty()) {
            match store(visit, field).await? {
                Ok(file) => stored = Some(file),
                Err(problem) => {
                    form.refuse("file", problem.message);
                    break;
                }
            }
        }
    }
    if stored.is_none() && form.errors.is_empty() {
        form.refuse("file", visit.w.s("upload-no-file"));
    }
    Ok((form, stored))
}

async fn store(visit: &Visit, field: Field<'_>) -> Result<Result<StoredFile, Problem>, Stop> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let media_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
    visit.store(&name, &media_type, field.map_err(std::io::Error::other).boxed()).await
}

fn broken(visit: &Visit, form: &mut Form, error: &axum::extract::multipart::MultipartError) {
    tracing::info!(%error, "an upload broke off");
    form.refuse("file", visit.w.s("upload-broken"));
}
