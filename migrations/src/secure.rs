//! From a [`TableRule`] to grants and forced row-level security (PostgreSQL) or write triggers (SQLite).
//!
//! Policies are plain comparisons with transaction-local settings: no subqueries and no functions of ours, so that the
//! planner uses the keys and the tables can be distributed by `park_id` as they are. One policy a class, because one
//! policy with `OR` between classes loses the index.

use std::fmt::Write as _;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::rule::{Access, Class, Owner, TableRule};

/// The setting of the migrating session that names the role prefix of this installation.
const PREFIX_SETTING: &str = "voxpark.role_prefix";

/// The tenant id of rows that belong to the park itself.
const NIL: &str = "00000000-0000-0000-0000-000000000000";

fn setting(name: &str) -> String {
    format!("nullif(current_setting('app.{name}', true), '')")
}

/// The condition under which a row exists for a class of caller.
fn condition(rule: &TableRule, class: Class) -> String {
    let park = format!("park_id = {}::uuid", setting("park_id"));
    let mut sql = match (class, rule.owner) {
        (Class::System, _) => format!("{} IS NOT NULL", setting("reason")),
        (Class::Park, Owner::Either) => format!("{park} AND tenant_id = '{NIL}'::uuid"),
        (Class::Park, _) | (_, Owner::Park | Owner::Installation) => park,
        (Class::Tenant, _) => format!("{park} AND tenant_id = {}::uuid", setting("tenant_id")),
        (Class::Assessor, _) => {
            format!("{park} AND tenant_id = ANY (string_to_array({}, ',')::uuid[])", setting("tenant_ids"))
        }
    };
    match rule.access(class) {
        Access::ReadWhere(extra) => drop(write!(sql, " AND ({extra})")),
        Access::AppendOwn(column) => drop(write!(sql, " AND {column} = {}::uuid", setting("user_id"))),
        _ => {}
    }
    sql
}

/// The role prefix of this installation.
async fn prefix(manager: &SchemaManager<'_>) -> Result<String, DbErr> {
    let sql = format!("SELECT current_setting('{PREFIX_SETTING}', true) AS prefix");
    let row = manager.get_connection().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let prefix: Option<String> = row.and_then(|r| r.try_get("", "prefix").ok()).flatten();
    Ok(prefix.filter(|p| !p.is_empty()).unwrap_or_else(|| "voxpark".to_owned()))
}

/// Secures freshly created tables.
///
/// # Errors
/// What the database says.
pub async fn secure(manager: &SchemaManager<'_>, rules: &[TableRule]) -> Result<(), DbErr> {
    let db = manager.get_connection();
    match manager.get_database_backend() {
        DbBackend::Postgres => {
            let prefix = prefix(manager).await?;
            for rule in rules {
                db.execute_unprepared(&postgres(rule, &prefix)).await?;
            }
        }
        _ => {
            for rule in rules {
                for sql in triggers(rule) {
                    db.execute_unprepared(&sql).await?;
                }
            }
        }
    }
    Ok(())
}

/// Gives the privileges of a rule anew, for a table that is secured already: of a rule that differs from the one before in
/// its columns only, which the triggers of SQLite do not know.
///
/// # Errors
/// What the database says.
pub async fn grant_anew(manager: &SchemaManager<'_>, rule: &TableRule) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let (prefix, t) = (prefix(manager).await?, rule.name);
    let mut sql = String::new();
    for policy in policies(rule) {
        let role = format!("{prefix}_{}", policy.class.name());
        let _ = write!(sql, "REVOKE ALL ON {t} FROM {role}; GRANT {} ON {t} TO {role};", granted(&policy.privileges));
    }
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

fn granted(privileges: &[(&str, &[&str])]) -> String {
    let one = |(privilege, columns): &(&str, &[&str])| {
        if columns.is_empty() { (*privilege).to_owned() } else { format!("{privilege} ({})", columns.join(", ")) }
    };
    privileges.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What PostgreSQL must hold for one class of caller on one table: exactly one policy and these privileges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// For whom.
    pub class: Class,
    /// `<class>_<table>`.
    pub name: String,
    /// `ALL`, `SELECT` or `INSERT`.
    pub command: &'static str,
    /// Privileges, each with the columns it is for; none = all.
    pub privileges: Vec<(&'static str, &'static [&'static str])>,
    /// The condition; checks what is written, and for any command but `INSERT` also hides what is not in reach.
    pub condition: String,
}

/// The policies of a table, one for each class that may touch it.
pub fn policies(rule: &TableRule) -> impl Iterator<Item = Policy> {
    Class::ALL.into_iter().filter_map(|class| {
        let whole = |privileges: &[&'static str]| privileges.iter().map(|p| (*p, &[][..])).collect::<Vec<_>>();
        let (privileges, command) = match rule.access(class) {
            Access::None => return None,
            Access::Read | Access::ReadWhere(_) => (whole(&["SELECT"]), "SELECT"),
            Access::ReadColumns(columns) => (vec![("SELECT", columns)], "SELECT"),
            Access::Add => (whole(&["INSERT"]), "INSERT"),
            Access::Append | Access::AppendOwn(_) => (whole(&["SELECT", "INSERT"]), "ALL"),
            Access::Advance(columns) => (vec![("SELECT", &[][..]), ("INSERT", &[]), ("UPDATE", columns)], "ALL"),
            Access::Curtail { reads, sets } => (vec![("SELECT", reads), ("UPDATE", sets), ("DELETE", &[])], "ALL"),
            Access::Write => (whole(&["SELECT", "INSERT", "UPDATE", "DELETE"]), "ALL"),
        };
        let name = format!("{}_{}", class.name(), rule.name);
        Some(Policy { class, name, command, privileges, condition: condition(rule, class) })
    })
}

fn postgres(rule: &TableRule, prefix: &str) -> String {
    let t = rule.name;
    let mut sql = format!(
        "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY; ALTER TABLE {t} FORCE ROW LEVEL SECURITY; REVOKE ALL ON {t} FROM PUBLIC;"
    );
    for Policy { class, name, command, privileges, condition } in policies(rule) {
        let role = format!("{prefix}_{}", class.name());
        let test = if command == "INSERT" { "WITH CHECK" } else { "USING" };
        let _ = write!(
            sql,
            "GRANT {} ON {t} TO {role}; CREATE POLICY {name} ON {t} FOR {command} TO {role} {test} ({condition});",
            granted(&privileges)
        );
    }
    sql
}

/// The write triggers: a row can be added, changed or removed only inside the scope that the writing transaction
/// announced in `write_scope`. Nobody announced one = nothing can be written. One statement each, in the form in which
/// SQLite keeps it.
pub fn triggers(rule: &TableRule) -> Vec<String> {
    let allowed = |row: &str, wanted: fn(Access) -> bool| {
        let mut alternatives = Vec::new();
        for class in Class::ALL {
            if !wanted(rule.access(class)) {
                continue;
            }
            let park = format!("w.park_id = {row}.park_id");
            alternatives.push(match (class, rule.owner) {
                (Class::System, _) => "w.class = 'system'".to_owned(),
                (Class::Park, Owner::Either) => {
                    format!("w.class = 'park' AND {park} AND {row}.tenant_id = zeroblob(16)")
                }
                (Class::Park, _) => format!("w.class = 'park' AND {park}"),
                (c, Owner::Park | Owner::Installation) => format!("w.class = '{}' AND {park}", c.name()),
                (Class::Tenant, _) => {
                    format!("w.class = 'tenant' AND {park} AND w.tenant_id = {row}.tenant_id")
                }
                (Class::Assessor, _) => {
                    format!("w.class = 'assessor' AND {park} AND instr(w.tenant_ids, hex({row}.tenant_id)) > 0")
                }
            });
        }
        if alternatives.is_empty() {
            "0".to_owned()
        } else {
            format!("EXISTS (SELECT 1 FROM write_scope w WHERE ({}))", alternatives.join(") OR ("))
        }
    };
    let t = rule.name;
    let trigger = |event: &str, conditions: &[String]| {
        format!(
            "CREATE TRIGGER {t}_scope_{} BEFORE {event} ON {t} WHEN NOT ({}) BEGIN SELECT RAISE(ABORT, 'isolation: {t}'); END",
            event.to_ascii_lowercase(),
            conditions.join(" AND ")
        )
    };
    vec![
        trigger("INSERT", &[allowed("NEW", Access::inserts)]),
        trigger("UPDATE", &[allowed("OLD", Access::changes), allowed("NEW", Access::changes)]),
        trigger("DELETE", &[allowed("OLD", Access::removes)]),
    ]
}
