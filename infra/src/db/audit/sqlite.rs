//! SQLite: the write triggers are exactly those that the rules make.

use voxpark_domain::Result;
use voxpark_migrations::secure::triggers;
use voxpark_migrations::{FORWARD, TableRule};

use super::shape::{self, Shape};
use super::{BACKWARD, Finding, get, list, rows};
use crate::db::Db;

/// The table in which the writing transaction announces its scope.
const WRITE_SCOPE: &str = "write_scope";

pub(super) async fn audit(db: &Db) -> Result<Vec<Finding>> {
    let rules: Vec<&TableRule> = voxpark_migrations::rules().collect();
    let shape = read(db).await?;
    let mut found = shape::check(&shape, &rules, &[WRITE_SCOPE]);

    let kept = rows(db, "SELECT sql FROM sqlite_master WHERE type = 'trigger'").await?;
    let kept: Vec<String> = kept.iter().map(|r| get(r, "sql")).collect::<Result<_>>()?;
    for rule in rules.iter().filter(|r| shape.tables.iter().any(|t| t == r.name)) {
        if !triggers(rule).iter().all(|wanted| kept.contains(wanted)) {
            found.push(Finding::hole(
                format!("the write triggers of {} are not those of its rule", rule.name),
                "Somebody changed the database by hand: restore it, or take the migration back and up again",
            ));
        }
    }

    let (name, wanted) = FORWARD;
    if !kept.iter().any(|sql| sql == wanted) {
        found.push(Finding::hole(format!("trigger {name} is not as it was made"), BACKWARD));
    }

    let views = rows(db, "SELECT name FROM sqlite_master WHERE type = 'view'").await?;
    for view in &views {
        found.push(Finding::hole(format!("view {} reads past the rules", get::<String>(view, "name")?), "Drop it"));
    }

    let keys = rows(db, "SELECT foreign_keys AS state FROM pragma_foreign_keys").await?;
    if keys.first().map(|r| get::<i32>(r, "state")).transpose()? != Some(1) {
        found.push(Finding::hole("foreign keys are not enforced", "This build of SQLite cannot be used"));
    }
    // Missing tables are told above.
    if shape.tables.iter().any(|t| t == WRITE_SCOPE) {
        let scope = rows(db, "SELECT count(*) AS all_rows, count(class) AS open_rows FROM write_scope").await?;
        let state = scope
            .first()
            .map(|r| Ok::<_, voxpark_domain::Error>((get::<i32>(r, "all_rows")?, get::<i32>(r, "open_rows")?)));
        if state.transpose()? != Some((1, 0)) {
            found.push(Finding::hole(
                "the announcement of the write scope is not one empty row",
                "Run: DELETE FROM write_scope; INSERT INTO write_scope (only) VALUES (1)",
            ));
        }
    }
    Ok(found)
}

async fn read(db: &Db) -> Result<Shape> {
    const TABLES: &str =
        "(SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\') t";
    let mut shape = Shape::default();
    for row in &rows(db, &format!("SELECT t.name AS name FROM {TABLES}")).await? {
        shape.tables.push(get(row, "name")?);
    }
    let sql = format!(
        "SELECT t.name AS name, c.name AS field FROM {TABLES} JOIN pragma_table_info(t.name) c WHERE c.\"notnull\" = 1"
    );
    for row in &rows(db, &sql).await? {
        shape.filled.push((get(row, "name")?, get(row, "field")?));
    }
    let sql = format!(
        "SELECT name, key, group_concat(field, ',') AS fields FROM (
          SELECT t.name AS name, i.name AS key, c.name AS field FROM {TABLES}
          JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c WHERE i.\"unique\" = 1 ORDER BY t.name, i.name, c.seqno)
         GROUP BY name, key"
    );
    for row in &rows(db, &sql).await? {
        shape.uniques.push((get(row, "name")?, get(row, "key")?, list(row, "fields")?));
    }
    let sql = format!(
        "SELECT name, target, group_concat(field, ',') AS fields, group_concat(other, ',') AS others FROM (
          SELECT t.name AS name, f.id AS id, f.\"table\" AS target, f.\"from\" AS field, coalesce(f.\"to\", f.\"from\") AS other
          FROM {TABLES} JOIN pragma_foreign_key_list(t.name) f ORDER BY t.name, f.id, f.seq)
         GROUP BY name, id, target"
    );
    for row in &rows(db, &sql).await? {
        shape.references.push((get(row, "name")?, get(row, "target")?, list(row, "fields")?, list(row, "others")?));
    }
    Ok(shape)
}
