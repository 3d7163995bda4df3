//! Lists sorted as the caller wishes, continued behind a row whatever the order.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::page::{PageRequest, Sort, SortKey, cursor_invalid};

use crate::repo::binds::Binds;
use crate::repo::get;

/// An expression that rows are sorted by; never null.
pub(crate) enum Key {
    Text(String),
    Whole(String),
    Day(String),
    Instant(&'static str),
    Id(&'static str),
}

impl Key {
    pub(crate) fn text(expression: &str) -> Self {
        Self::Text(expression.to_owned())
    }
    pub(crate) fn whole(expression: &str) -> Self {
        Self::Whole(expression.to_owned())
    }
    pub(crate) fn day(expression: &str) -> Self {
        Self::Day(expression.to_owned())
    }
    pub(crate) fn instant(expression: &'static str) -> Self {
        Self::Instant(expression)
    }
    fn expression(&self) -> &str {
        match self {
            Self::Text(of) | Self::Whole(of) | Self::Day(of) => of,
            Self::Id(of) | Self::Instant(of) => of,
        }
    }
    fn read(&self, row: &QueryResult, column: &str) -> Result<String> {
        Ok(match self {
            Self::Text(_) => get(row, column)?,
            Self::Whole(_) => get::<i64>(row, column)?.to_string(),
            Self::Day(_) => get::<NaiveDate>(row, column)?.to_string(),
            Self::Instant(_) => get::<DateTime<Utc>>(row, column)?.to_rfc3339(),
            Self::Id(_) => get::<Uuid>(row, column)?.to_string(),
        })
    }
    fn value(&self, text: &str) -> Option<Value> {
        Some(match self {
            Self::Text(_) => text.into(),
            Self::Whole(_) => text.parse::<i64>().ok()?.into(),
            Self::Day(_) => text.parse::<NaiveDate>().ok()?.into(),
            Self::Instant(_) => text.parse::<DateTime<Utc>>().ok()?.into(),
            Self::Id(_) => text.parse::<Uuid>().ok()?.into(),
        })
    }
}

/// A sorted list: what it goes by, first what the caller asked for, last what no two rows share.
pub(crate) struct Sorted<K> {
    sort: Sort<K>,
    keys: Vec<Key>,
}

impl<K: SortKey> Sorted<K> {
    pub(crate) fn new(sort: Sort<K>, keys: Vec<Key>) -> Self {
        Self { sort, keys }
    }

    /// A page of `SELECT columns rest`, and one row more, which tells whether there are more pages.
    ///
    /// # Errors
    /// `cursor-invalid` for a cursor of another order or list.
    pub(crate) fn sql(&self, columns: &str, rest: &str, page: &PageRequest, binds: &mut Binds) -> Result<String> {
        let keys = self.keys.iter().enumerate();
        let select = keys.map(|(n, key)| format!(", {} AS sort_{n}", key.expression())).collect::<Vec<_>>().concat();
        let names = || (0..self.keys.len()).map(|n| format!("x.sort_{n}"));
        let (than, way) = if self.sort.descending { ("<", " DESC") } else { (">", "") };
        let behind = match &page.after {
            None => String::new(),
            Some(cursor) => {
                let values = self.sort.values(cursor)?;
                let read = self.keys.iter().zip(&values).map(|(key, text)| key.value(text)).collect::<Option<Vec<_>>>();
                let read = read.filter(|read| read.len() == self.keys.len() && values.len() == read.len());
                let places = binds.list(read.ok_or_else(cursor_invalid)?);
                format!(" WHERE ({}) {than} {places}", names().collect::<Vec<_>>().join(", "))
            }
        };
        let order: Vec<String> = names().map(|name| name + way).collect();
        let (order, limit) = (order.join(", "), u64::from(page.first) + 1);
        Ok(format!("SELECT x.* FROM (SELECT {columns}{select} {rest}) x{behind} ORDER BY {order} LIMIT {limit}"))
    }

    /// The key from which the list goes on behind a row of [`Self::sql`].
    pub(crate) fn cursor(&self, row: &QueryResult) -> Result<String> {
        let values = self.keys.iter().enumerate().map(|(n, key)| key.read(row, &format!("sort_{n}")));
        let values = values.collect::<Result<Vec<_>>>()?;
        Ok(self.sort.cursor(values.iter().map(String::as_str)))
    }
}
