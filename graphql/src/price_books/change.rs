//! Publishing a version of a price book.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::price_books::{self, BookDraft, BookVersion};
use voxpark_domain::platform::AuditEntry;

use super::PriceBook;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::load;
use crate::request::Asking as _;

/// A version of a price book that is to be published.
#[derive(InputObject, Serialize)]
pub(crate) struct PriceBookPublishInput {
    /// The file, as TOML, at most 200,000 characters: book and version, currency, prices with their steps.
    text: String,
    /// Name of the file, for what is said about it; `price-book.toml` when left out.
    file_name: Option<String>,
    /// What the version is about, up to 500 characters.
    note: Option<String>,
    /// True: only tell what it would be; nothing is kept. False when left out.
    dry_run: Option<bool>,
    /// Repeats of the same request under this key answer the same and publish nothing.
    idempotency_key: String,
}

/// What became of a version of a price book.
#[derive(SimpleObject, Default)]
pub(crate) struct PriceBookPublishPayload {
    /// The version; as it would be, when it was only checked.
    price_book: Option<PriceBook>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct PriceBookMutation;

#[Object]
impl PriceBookMutation {
    /// Publishes the next version of a price book, or tells what it would be. What was published never changes.
    async fn price_book_publish(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PriceBookPublishInput,
    ) -> async_graphql::Result<Option<PriceBookPublishPayload>> {
        let draft = BookDraft {
            file: input.file_name.clone().unwrap_or_else(|| "price-book.toml".to_owned()),
            text: input.text.clone(),
            note: input.note.clone().unwrap_or_default(),
        };
        let payload = if input.dry_run.unwrap_or_default() {
            checked(gql, &draft).await
        } else {
            published(gql, &input, draft).await
        };
        payload.map(Some)
    }
}

/// Nothing is written, so nothing is to be remembered either.
async fn checked(gql: &Context<'_>, draft: &BookDraft) -> async_graphql::Result<PriceBookPublishPayload> {
    let request = gql.request();
    let read = async { price_books::price_book_check(&*request.read().await?, request.ctx()?, draft).await };
    match read.await {
        Ok(book) => {
            let price_book = Some(PriceBook { book: Arc::new(book), published: false });
            Ok(PriceBookPublishPayload { price_book, user_errors: Vec::new() })
        }
        Err(error) => match UserError::all(&error, request.lang()) {
            Some(user_errors) => Ok(PriceBookPublishPayload { user_errors, ..Default::default() }),
            None => Err(gql.fault(&error)),
        },
    }
}

async fn published(
    gql: &Context<'_>,
    input: &PriceBookPublishInput,
    draft: BookDraft,
) -> async_graphql::Result<PriceBookPublishPayload> {
    let done = change(gql, "priceBookPublish", Some(&input.idempotency_key), input, |ctx, tx| {
        Box::pin(async move {
            let published = price_books::price_book_publish(tx, ctx, &draft).await?.named();
            let entry = AuditEntry::new("price_book.publish", &published.book);
            let detail = json!({ "book": published.book, "version": published.version });
            Ok((published, entry.with(detail)))
        })
    });
    Ok(match done.await? {
        Ok(named) => PriceBookPublishPayload {
            price_book: load::<BookVersion>(gql, named).await?.map(PriceBook::from),
            user_errors: Vec::new(),
        },
        Err(user_errors) => PriceBookPublishPayload { user_errors, ..Default::default() },
    })
}
