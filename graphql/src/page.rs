//! Connections: a hard cap, opaque cursors, a count only when it is asked for.

use std::borrow::Cow;

use async_graphql::connection::{CursorType, Edge, EmptyFields, PageInfo};
use async_graphql::{Context, Enum, InputObject, InputType, Object, OutputType, TypeName};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::BoxFuture;
use voxpark_domain::Result;
use voxpark_domain::page::{DEFAULT_PAGE, MAX_PAGE, Page, PageRequest, Sort, SortKey, cursor_invalid};

use crate::load::{Load, load};

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
pub(crate) type Counter =
    Box<dyn for<'a> Fn(&'a Context<'_>) -> BoxFuture<'a, async_graphql::Result<i64>> + Send + Sync>;

/// A count that one statement finds for many lists together.
pub(crate) fn counted<K: Load<Value = i64>>(key: K) -> Counter {
    Box::new(move |gql| {
        let key = key.clone();
        Box::pin(async move { Ok(load(gql, key).await?.unwrap_or_default()) })
    })
}

/// A count that is known already.
pub(crate) fn known(total: i64) -> Counter {
    Box::new(move |_| Box::pin(std::future::ready(Ok(total))))
}

/// A page of a list with its neighbours.
pub(crate) struct Paged<T: OutputType> {
    edges: Vec<Edge<Cursor, T, EmptyFields>>,
    previous: bool,
    next: bool,
    count: Counter,
}

impl<T: OutputType> TypeName for Paged<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A page of a list with its neighbours.
#[Object(name_type)]
impl<T: OutputType> Paged<T> {
    /// Whether there is more, and where.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.previous,
            has_next_page: self.next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.encode_cursor()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.encode_cursor()),
        }
    }
    /// The items, each with its cursor.
    async fn edges(&self) -> &[Edge<Cursor, T, EmptyFields>] {
        &self.edges
    }
    /// The items.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
    /// How many items the whole list has. Costs a statement of its own.
    async fn total_count(&self, gql: &Context<'_>) -> async_graphql::Result<i64> {
        (self.count)(gql).await
    }
}

/// Reads the arguments of a connection.
pub(crate) fn request(first: Option<i32>, after: Option<String>) -> Result<PageRequest> {
    let after = match after {
        None => None,
        Some(text) => {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| cursor_invalid())?;
            Some(String::from_utf8(bytes).map_err(|_| cursor_invalid())?)
        }
    };
    Ok(PageRequest::new(first, after)?)
}

/// Which way a list is sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderDirection {
    /// The smallest, earliest or first first.
    Asc,
    /// The largest, latest or last first.
    Desc,
}

/// By what a list is sorted. Items that are equal in it follow in the list's own order. A cursor continues the list
/// under the order that it was read in, and no other.
#[derive(InputObject)]
#[graphql(concrete(name = "LeaseOrder", params(crate::leasing::LeaseOrderField)))]
#[graphql(concrete(name = "SeatHoldOrder", params(crate::leasing::HoldOrderField)))]
#[graphql(concrete(name = "QuoteOrder", params(crate::pipeline::QuoteOrderField)))]
#[graphql(concrete(name = "LeadOrder", params(crate::pipeline::LeadOrderField)))]
#[graphql(concrete(name = "SeatAssignmentOrder", params(crate::seating::SeatAssignmentOrderField)))]
#[graphql(concrete(name = "SeatRequestOrder", params(crate::requests::SeatRequestOrderField)))]
#[graphql(concrete(name = "SeatOrder", params(crate::estate::SeatOrderField)))]
#[graphql(concrete(name = "PersonOrder", params(crate::people::PersonOrderField)))]
#[graphql(concrete(name = "TenantOrder", params(crate::tenancy::TenantOrderField)))]
#[graphql(concrete(name = "InvoiceOrder", params(crate::billing::InvoiceOrderField)))]
pub(crate) struct Order<F: InputType> {
    /// By what.
    field: F,
    /// Which way; the smallest, earliest or first first when left out.
    direction: Option<OrderDirection>,
}

impl<F: InputType> Order<F> {
    /// What is asked for, or the list's own order.
    pub(crate) fn read<K: SortKey>(order: Option<Self>) -> Sort<K>
    where
        F: Into<K>,
    {
        order.map_or_else(Sort::default, |order| Sort {
            by: order.field.into(),
            descending: order.direction == Some(OrderDirection::Desc),
        })
    }
}

/// What a connection costs: what an item costs, as often as the page may hold.
pub(crate) fn cost(first: Option<i32>, item: usize) -> usize {
    let items = first.and_then(|n| u32::try_from(n).ok()).unwrap_or(DEFAULT_PAGE).min(MAX_PAGE);
    usize::try_from(items).unwrap_or(usize::MAX).max(1).saturating_mul(item)
}

/// Builds a connection. `None` (the caller may not look) is an empty one.
pub(crate) fn paged<D, T: OutputType>(page: Option<Page<D>>, count: Counter, map: impl Fn(D) -> T) -> Paged<T> {
    let (items, previous, next) = page.map_or((Vec::new(), false, false), |p| (p.items, p.has_previous, p.has_next));
    let edges = items.into_iter().map(|(key, item)| Edge::new(Cursor(key), map(item))).collect();
    Paged { edges, previous, next, count }
}

/// A counter from an expression over context and transaction, for the list of this object (`""` where there is one such
/// list) that the field being resolved asks for; nothing where the caller may not look. Values named in brackets are
/// cloned for each count.
macro_rules! counter {
    ($gql:expr, $of:expr, [$($captured:ident),*] |$ctx:ident, $tx:ident| $body:expr) => {{
        let question = format!("count of {}", $crate::once::question($gql, $of)?);
        let counter: $crate::page::Counter = Box::new(move |gql| {
            let question = question.clone();
            $(let $captured = $captured.clone();)*
            Box::pin(async move {
                let request = $crate::request::Asking::request(gql);
                let count = request.once(question, async {
                    let ($ctx, tx) = (request.ctx()?, request.read().await?);
                    let $tx = &*tx;
                    match $body.await {
                        Err(voxpark_domain::Error::NotFound) => Ok(0),
                        other => other,
                    }
                });
                count.await.map_err(|e| $crate::error::Fault::fault(gql, &e))
            })
        });
        counter
    }};
    ($gql:expr, $of:expr, |$ctx:ident, $tx:ident| $body:expr) => {
        $crate::page::counter!($gql, $of, [] |$ctx, $tx| $body)
    };
}
pub(crate) use counter;
