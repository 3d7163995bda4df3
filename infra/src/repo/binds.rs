//! Values of hand-written SQL, numbered as they are bound.

use sea_orm::Value;
use uuid::Uuid;
use voxpark_domain::ids::Id;

/// The most values of one statement: SQLite takes 32766.
const MAX: usize = 30_000;

/// Values in the order of their `$1`, `$2`, ...
#[derive(Default)]
pub(crate) struct Binds(Vec<Value>);

impl Binds {
    /// Binds a value; its place in the text.
    pub(crate) fn one(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }
    /// Binds values; their places as `($1, $2)`, or a list that holds nothing.
    pub(crate) fn list(&mut self, values: impl IntoIterator<Item: Into<Value>>) -> String {
        let places: Vec<String> = values.into_iter().map(|v| self.one(v)).collect();
        if places.is_empty() { "(NULL)".to_owned() } else { format!("({})", places.join(", ")) }
    }
    /// Binds ids, likewise.
    pub(crate) fn ids<I: Id>(&mut self, ids: &[I]) -> String {
        self.list(ids.iter().map(|id| id.uuid()))
    }
    /// The values.
    pub(crate) fn into_values(self) -> Vec<Value> {
        self.0
    }
}

/// `INSERT` statements for any number of rows, as few as the bounds allow.
pub(crate) fn inserts(table: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Vec<(String, Vec<Value>)> {
    let chunk = (MAX / columns.len().max(1)).max(1);
    let mut statements = Vec::with_capacity(rows.len() / chunk + 1);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut binds = Binds::default();
        let places: Vec<String> = rows.by_ref().take(chunk).map(|row| binds.list(row)).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), places.join(", "));
        statements.push((sql, binds.into_values()));
    }
    statements
}

/// Ids in portions that one statement takes.
pub(crate) fn portions<T>(all: &[T]) -> std::slice::Chunks<'_, T> {
    all.chunks(MAX - 100)
}

/// An id as a value.
pub(crate) fn id(of: impl Id) -> Value {
    Uuid::into(of.uuid())
}
