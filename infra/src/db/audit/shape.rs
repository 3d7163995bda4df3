//! What holds on both databases: every table has a rule, keys are led by their owner, references stay with it.

use voxpark_migrations::{Owner, TableRule};

use super::{Finding, MIGRATIONS};

/// The tables as they are.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Their names.
    pub tables: Vec<String>,
    /// Columns that cannot be NULL: table, column.
    pub filled: Vec<(String, String)>,
    /// Unique keys: table, name, columns in order.
    pub uniques: Vec<(String, String, Vec<String>)>,
    /// References: table, referenced table, columns, referenced columns.
    pub references: Vec<(String, String, Vec<String>, Vec<String>)>,
}

/// Compares them with the rules; `allowed` are tables without one.
pub(super) fn check(shape: &Shape, rules: &[&TableRule], allowed: &[&str]) -> Vec<Finding> {
    let mut found = Vec::new();
    let rule = |table: &str| rules.iter().find(|r| r.name == table);
    for table in &shape.tables {
        if rule(table).is_none() && table != MIGRATIONS && !allowed.contains(&table.as_str()) {
            found.push(Finding::hole(
                format!("table {table} has no rule"),
                "Give it one in the migrations, or drop it if it is not Voxpark's",
            ));
        }
    }
    for rule in rules {
        if !shape.tables.iter().any(|t| t == rule.name) {
            found.push(Finding::hole(format!("table {} is missing", rule.name), "Run `voxpark migrate up`"));
            continue;
        }
        for column in rule.key_columns() {
            if !shape.filled.iter().any(|(t, c)| t == rule.name && c == column) {
                found.push(Finding::hole(format!("{}.{column} can be NULL", rule.name), "Make it NOT NULL"));
            }
        }
        for (_, name, columns) in shape.uniques.iter().filter(|u| u.0 == rule.name) {
            if !columns.iter().map(String::as_str).zip(rule.key_columns()).all(|(a, b)| a == *b)
                || columns.len() < rule.key_columns().len()
            {
                found.push(Finding::hole(
                    format!("unique key {name} of {} is not led by {}", rule.name, rule.key_columns().join(", ")),
                    "It tells whether a neighbour has a row: put the owner's columns first",
                ));
            }
        }
    }
    for (from, to, columns, referenced) in &shape.references {
        let Some((child, parent)) = rule(from).zip(rule(to)) else { continue };
        let pairs = |column: &str| columns.iter().zip(referenced).any(|(a, b)| a == column && b == column);
        let owned = |r: &TableRule| matches!(r.owner, Owner::Tenant | Owner::Either);
        let park = child.owner != Owner::Installation && parent.owner != Owner::Installation;
        if park && !pairs("park_id") || owned(child) && owned(parent) && !pairs("tenant_id") {
            found.push(Finding::hole(
                format!("the reference of {from} ({}) to {to} can point at a neighbour's row", columns.join(", ")),
                "Put the owner's columns into the foreign key",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::audit::Finding;

    const RULES: &[TableRule] =
        &[TableRule::installation("app"), TableRule::park("park"), TableRule::private("a"), TableRule::private("b")];

    fn shape() -> Shape {
        let words = |text: &str| text.split(' ').map(ToOwned::to_owned).collect::<Vec<_>>();
        let filled = [("park", "park_id"), ("a", "park_id"), ("a", "tenant_id"), ("b", "park_id"), ("b", "tenant_id")];
        Shape {
            tables: words("app park a b seaql_migrations"),
            filled: filled.into_iter().map(|(t, c)| (t.to_owned(), c.to_owned())).collect(),
            uniques: vec![
                ("app".into(), "app_pkey".into(), words("id")),
                ("park".into(), "park_pkey".into(), words("park_id")),
                ("a".into(), "a_pkey".into(), words("park_id tenant_id id")),
            ],
            references: vec![
                ("a".into(), "park".into(), words("park_id"), words("park_id")),
                ("b".into(), "a".into(), words("park_id tenant_id a_id"), words("park_id tenant_id id")),
            ],
        }
    }

    fn holes(shape: &Shape) -> Vec<String> {
        let rules: Vec<_> = RULES.iter().collect();
        check(shape, &rules, &[]).iter().filter(|f| f.is_hole()).map(Finding::to_string).collect()
    }

    #[test]
    fn a_good_shape_has_no_findings_and_each_planted_hole_has_one() {
        assert_eq!(holes(&shape()), Vec::<String>::new());
        let plant = |change: fn(&mut Shape), wanted: &str| {
            let mut bad = shape();
            change(&mut bad);
            let found = holes(&bad);
            assert!(found.len() == 1 && found[0].contains(wanted), "{wanted}: {found:?}");
        };
        plant(|s| s.tables.push("c".into()), "table c has no rule");
        plant(|s| s.tables.retain(|t| t != "b"), "table b is missing");
        plant(|s| s.filled.retain(|f| f.1 != "tenant_id" || f.0 != "b"), "b.tenant_id can be NULL");
        plant(|s| s.uniques.push(("a".into(), "a_code".into(), vec!["park_id".into(), "code".into()])), "a_code");
        plant(|s| s.uniques.push(("park".into(), "oracle".into(), vec!["code".into()])), "oracle");
        plant(|s| s.references[1] = ("b".into(), "a".into(), vec!["a_id".into()], vec!["id".into()]), "neighbour");
    }
}
