//! Pages: every list is one, with a hard cap, an opaque cursor and a stable order.

use crate::error::{Refusal, RefusalCode};

/// The most items a page may hold.
pub const MAX_PAGE: u32 = 100;
/// What a page holds when the caller does not say.
pub const DEFAULT_PAGE: u32 = 20;

/// Which part of a list is asked for. `after` is the sort key of the last item already seen, as the repository wrote
/// it with each item of a [`Page`]; callers treat it as opaque.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many items, `1..=MAX_PAGE`.
    pub first: u32,
    /// Start behind this key.
    pub after: Option<String>,
}

impl PageRequest {
    /// Checks the size.
    ///
    /// # Errors
    /// `page-size` outside `1..=100`.
    pub fn new(first: Option<i32>, after: Option<String>) -> Result<Self, Refusal> {
        let first = first.unwrap_or_else(|| i32::try_from(DEFAULT_PAGE).unwrap_or(20));
        match u32::try_from(first) {
            Ok(n) if (1..=MAX_PAGE).contains(&n) => Ok(Self { first: n, after }),
            _ => Err(Refusal::new(RefusalCode::OutOfRange, "page-size")
                .at("first")
                .with("value", i64::from(first))
                .with("max", i64::from(MAX_PAGE))),
        }
    }
    /// The largest first page.
    pub fn full() -> Self {
        Self { first: MAX_PAGE, after: None }
    }
}

/// What a list can be sorted by. Rows that are equal in it follow in the list's own order, so that every order is total.
pub trait SortKey: Copy + Default + PartialEq {
    /// Its name in a cursor.
    fn name(self) -> &'static str;
    /// Whether the list has the largest first unless the caller says otherwise.
    const LARGEST_FIRST: bool = false;
}

/// By what a list is sorted, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort<K> {
    /// By what.
    pub by: K,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl<K: SortKey> Default for Sort<K> {
    fn default() -> Self {
        Self { by: K::default(), descending: K::LARGEST_FIRST }
    }
}

impl<K: SortKey> Sort<K> {
    /// The key from which a list sorted so is continued behind an item with these values.
    pub fn cursor<'a>(&self, values: impl IntoIterator<Item = &'a str>) -> String {
        let direction = if self.descending { "desc" } else { "asc" };
        serde_json::json!([[self.by.name(), direction], values.into_iter().collect::<Vec<_>>()]).to_string()
    }
    /// The values in such a key.
    ///
    /// # Errors
    /// `cursor-invalid` when it is the key of a list that is sorted otherwise, or of none.
    pub fn values(&self, cursor: &str) -> Result<Vec<String>, Refusal> {
        let read = serde_json::from_str::<((String, String), Vec<String>)>(cursor);
        let direction = if self.descending { "desc" } else { "asc" };
        match read {
            Ok(((by, way), values)) if by == self.by.name() && way == direction => Ok(values),
            _ => Err(cursor_invalid()),
        }
    }
}

/// The refusal of a cursor that is not of the list it is used on.
pub fn cursor_invalid() -> Refusal {
    Refusal::new(RefusalCode::Invalid, "cursor-invalid").at("after")
}

/// One page of a list: items with the key each would be continued from.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items in order, each with its cursor key.
    pub items: Vec<(String, T)>,
    /// Whether more follow.
    pub has_next: bool,
    /// Whether something precedes this page.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// The same page with items that can be handed on without a copy.
    pub fn shared(self) -> Page<std::sync::Arc<T>> {
        Page {
            items: self.items.into_iter().map(|(key, item)| (key, item.into())).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }
    /// From up to `first + 1` rows, each with its key.
    pub fn from_rows(request: &PageRequest, mut rows: Vec<(String, T)>) -> Self {
        let limit = usize::try_from(request.first).unwrap_or(usize::MAX);
        let has_next = rows.len() > limit;
        rows.truncate(limit);
        Self { items: rows, has_next, has_previous: request.after.is_some() }
    }
}
