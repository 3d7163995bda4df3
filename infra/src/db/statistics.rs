//! What SQLite's planner is told of tables. Every key here begins with the park, and without statistics the planner takes any
//! first column of an index for selective: it would rather read all rows of a park by the primary key than a few by an index.
//! So it is told sizes as of a big park, the same for every installation: plans are the same everywhere and never change by
//! themselves. (`ANALYZE` over an empty file, or one park of many, would say the opposite.) PostgreSQL keeps its own.

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use voxpark_domain::Result;

use super::error::fail;

/// Rows of a table.
const ROWS: u64 = 1_000_000;
/// Tenants that share a table.
const TENANTS: u64 = 100;
/// How many times fewer rows a further column leaves.
const NARROWS: u64 = 1_000;
/// The fewest rows that an index leaves which is not unique.
const FEWEST: u64 = 2;

/// Every index with its columns in order. The primary key of a table without row ids goes by the name of the table.
const INDEXES: &str = "SELECT t.name AS of, CASE WHEN t.wr AND i.origin = 'pk' THEN t.name ELSE i.name END AS name, i.\"unique\" AS one,
   (SELECT group_concat(c.name, ' ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) c) AS columns
  FROM pragma_table_list t JOIN pragma_index_list(t.name) i WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%'";

/// Tells the planner. Connections that are open keep what they knew.
///
/// # Errors
/// An internal error when the database refuses.
pub(super) async fn tell(db: &DatabaseConnection) -> Result<()> {
    let backend = db.get_database_backend();
    let mut rows = Vec::new();
    for row in db.query_all_raw(Statement::from_string(backend, INDEXES)).await.map_err(fail)? {
        let of = |name: &str| row.try_get::<String>("", name).map_err(fail);
        let one: bool = row.try_get("", "one").map_err(fail)?;
        rows.push(format!("('{}', '{}', '{}')", of("of")?, of("name")?, estimate(&of("columns")?, one)));
    }
    // Makes the table, if it is missing, and looks at nothing.
    let sql = format!(
        "ANALYZE sqlite_schema; DELETE FROM sqlite_stat1; INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES {}",
        rows.join(", ")
    );
    db.execute_unprepared(&sql).await.map_err(fail).map(|_| ())
}

/// Rows of the table, and rows that share the first column, the first two, and so on.
fn estimate(columns: &str, unique: bool) -> String {
    let count = columns.split(' ').count();
    let (mut rows, mut all) = (ROWS, vec![ROWS.to_string()]);
    for (n, column) in (1..).zip(columns.split(' ')) {
        rows = match column {
            "park_id" => rows,
            "tenant_id" => rows / TENANTS,
            _ => rows / NARROWS,
        };
        rows = if unique && n == count { 1 } else { rows.max(FEWEST) };
        all.push(rows.to_string());
    }
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_park_narrows_nothing() {
        assert_eq!(estimate("park_id seat_id", false), "1000000 1000000 1000");
        assert_eq!(estimate("park_id claim_id n", true), "1000000 1000000 1000 1");
        assert_eq!(estimate("park_id tenant_id person_id sat_from", false), "1000000 1000000 10000 10 2");
        assert_eq!(estimate("park_id", true), "1000000 1");
    }
}
