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
    /// Values that are bound already.
    pub(crate) fn of(values: Vec<Value>) -> Self {
        Self(values)
    }
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
    /// Binds ids, likewise. Some of them more than once, so that lists of many lengths are few texts to the database,
    /// which keeps the plan of a text.
    pub(crate) fn ids<I: Id>(&mut self, ids: &[I]) -> String {
        self.uuids(&ids.iter().map(|id| id.uuid()).collect::<Vec<_>>())
    }
    /// The same of ids of several kinds.
    pub(crate) fn uuids(&mut self, ids: &[Uuid]) -> String {
        let length = if ids.len() < MAX / 2 { ids.len().next_power_of_two() } else { ids.len() };
        let fill = ids.last().into_iter().cycle().take(length - ids.len());
        self.list(ids.iter().chain(fill).copied())
    }
    /// The values.
    pub(crate) fn into_values(self) -> Vec<Value> {
        self.0
    }
}

/// The first rows of each of several lists in one table.
pub(crate) struct Firsts<'a> {
    /// What is selected of a row, under the alias.
    pub(crate) columns: &'a str,
    pub(crate) table: &'a str,
    /// The alias, which is also the name of the table's slot.
    pub(crate) alias: &'a str,
    /// The column that says which list a row is of.
    pub(crate) of: &'a str,
    /// The column the list goes by.
    pub(crate) by: &'a str,
    /// How many are wanted; one more is read, which tells whether there are more.
    pub(crate) first: u32,
}

impl Firsts<'_> {
    /// The SQL: PostgreSQL reads no more of each list than is wanted, given an index over `of` and `by`.
    pub(crate) fn sql<I: Id>(&self, postgres: bool, ids: &[I], binds: &mut Binds) -> String {
        let Self { columns, table, alias, of, by, first } = self;
        let rows = u64::from(*first) + 1;
        let scope = format!("{{{alias}}}");
        let ids = binds.ids(ids);
        if postgres {
            format!(
                "SELECT {columns} FROM (SELECT DISTINCT id FROM unnest(ARRAY[{}]::uuid[]) AS id) k CROSS JOIN LATERAL
                  (SELECT * FROM {table} {alias} WHERE {scope} AND {alias}.{of} = k.id ORDER BY {alias}.{by} LIMIT {rows}) {alias}
                 ORDER BY {alias}.{of}, {alias}.{by}",
                ids.trim_matches(['(', ')'])
            )
        } else {
            format!(
                "SELECT {columns} FROM (SELECT {alias}.*, ROW_NUMBER() OVER (PARTITION BY {alias}.{of} ORDER BY {alias}.{by}) AS place
                  FROM {table} {alias} WHERE {scope} AND {alias}.{of} IN {ids}) {alias} WHERE {alias}.place <= {rows}
                 ORDER BY {alias}.{of}, {alias}.{by}"
            )
        }
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
