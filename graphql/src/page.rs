//! Connections: a hard cap, opaque cursors, a count only when it is asked for.

use std::sync::Arc;

use async_graphql::connection::{Connection, CursorType, Edge, EmptyFields};
use async_graphql::{Context, Object, OutputType};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::BoxFuture;
use voxpark_billing::uow::Tx;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::{Ctx, Refusal, RefusalCode, Result};

use crate::error::Fault as _;
use crate::request::Asking as _;

/// An opaque cursor.
pub(crate) struct Cursor(String);

impl CursorType for Cursor {
    type Error = std::convert::Infallible;
    fn decode_cursor(text: &str) -> Result<Self, Self::Error> {
        Ok(Self(text.to_owned()))
    }
    fn encode_cursor(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
}

/// Counts a whole list, when somebody asks.
pub(crate) type Counter = Box<dyn Fn(Ctx, Arc<dyn Tx>) -> BoxFuture<'static, Result<i64>> + Send + Sync>;

/// Boxes a counting function.
pub(crate) fn boxed<F, Fut>(count: F) -> Counter
where
    F: Fn(Ctx, Arc<dyn Tx>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<i64>> + Send + 'static,
{
    Box::new(move |ctx, tx| Box::pin(count(ctx, tx)))
}

/// The count of a connection.
pub(crate) struct Total(Counter);

#[Object]
impl Total {
    /// How many items the whole list has. Costs a statement of its own.
    async fn total_count(&self, gql: &Context<'_>) -> async_graphql::Result<i64> {
        let request = gql.request();
        let count = async {
            let tx = request.read().await?;
            (self.0)(request.ctx()?.clone(), tx).await
        };
        count.await.map_err(|e| gql.fault(&e))
    }
}

/// A page of `T` with its neighbours.
pub(crate) type Paged<T> = Connection<Cursor, T, Total, EmptyFields>;

/// Reads the arguments of a connection.
pub(crate) fn request(first: Option<i32>, after: Option<String>) -> Result<PageRequest> {
    let after = match after {
        None => None,
        Some(text) => {
            let bad = || Refusal::new(RefusalCode::Invalid, "cursor-invalid").at("after");
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
            Some(String::from_utf8(bytes).map_err(|_| bad())?)
        }
    };
    Ok(PageRequest::new(first, after)?)
}

/// Builds a connection. `None` (the caller may not look) is an empty one.
pub(crate) fn paged<D, T: OutputType>(page: Option<Page<D>>, count: Counter, map: impl Fn(D) -> T) -> Paged<T> {
    let (items, previous, next) = page.map_or((Vec::new(), false, false), |p| (p.items, p.has_previous, p.has_next));
    let mut connection = Connection::with_additional_fields(previous, next, Total(count));
    connection.edges.extend(items.into_iter().map(|(key, item)| Edge::new(Cursor(key), map(item))));
    connection
}

/// A counter from an expression over context and transaction; nothing where the caller may not look. Values named in
/// brackets are cloned for each count.
macro_rules! counter {
    ([$($captured:ident),*] |$ctx:ident, $tx:ident| $body:expr) => {
        $crate::page::boxed(move |$ctx: voxpark_domain::Ctx, $tx: std::sync::Arc<dyn voxpark_billing::uow::Tx>| {
            $(let $captured = $captured.clone();)*
            async move {
                let ($ctx, $tx) = (&$ctx, &*$tx);
                match $body.await {
                    Err(voxpark_domain::Error::NotFound) => Ok(0),
                    other => other,
                }
            }
        })
    };
    (|$ctx:ident, $tx:ident| $body:expr) => {
        $crate::page::counter!([] |$ctx, $tx| $body)
    };
}
pub(crate) use counter;
