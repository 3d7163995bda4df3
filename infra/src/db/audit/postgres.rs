//! PostgreSQL: forced row-level security with exactly the policies and privileges of the rules, and nothing beside it.

use std::collections::BTreeSet;

use voxpark_domain::{Error, Result};
use voxpark_migrations::secure::{Policy, policies};
use voxpark_migrations::{Class, FORWARD, SCHEMA, TableRule};

use super::shape::{self, Shape};
use super::{BACKWARD, Finding, MIGRATIONS, get, list, rows};
use crate::db::Db;

/// The first releases of each line without the known ways around row-level security (CVE-2023-2455, CVE-2024-10976,
/// CVE-2025-8713).
const MENDED: [(i32, i32); 4] = [(15, 150_014), (16, 160_010), (17, 170_006), (18, 180_000)];

/// What a policy says in the catalogue.
struct Kept {
    table: String,
    name: String,
    permissive: bool,
    roles: String,
    command: String,
    condition: String,
}

/// What a role may do: table, column (empty = all of them), role (`PUBLIC`), privilege.
type Grant = (String, String, String, String);

pub(super) async fn audit(db: &Db) -> Result<Vec<Finding>> {
    let rules: Vec<&TableRule> = voxpark_migrations::rules().collect();
    let prefix = prefix(db).await?;
    let shape = read(db).await?;
    let mut found = shape::check(&shape, &rules, &[]);
    tables(db, &mut found).await?;
    let kept = read_policies(db).await?;
    let grants = read_grants(db, &prefix).await?;
    for rule in rules.iter().filter(|r| shape.tables.iter().any(|t| t == r.name)) {
        let wanted: Vec<Policy> = policies(rule).collect();
        compare_policies(rule.name, &wanted, &prefix, &kept, &mut found);
        compare_grants(rule.name, &wanted, &prefix, &grants, &mut found);
    }
    for (table, _, role, privilege) in grants.iter().filter(|g| g.0 == MIGRATIONS) {
        if privilege != "SELECT" {
            found.push(Finding::hole(format!("{role} has {privilege} on {table}"), "Revoke it"));
        }
    }
    roles(db, &prefix, &mut found).await?;
    beside(db, &mut found).await?;
    Ok(found)
}

/// The role prefix of this installation, from the name the system pool signed in with.
async fn prefix(db: &Db) -> Result<String> {
    let row = rows(db, "SELECT current_user::text AS name").await?;
    let name: String = row.first().map(|r| get(r, "name")).transpose()?.unwrap_or_default();
    let prefix = name.strip_suffix(&format!("_{}", Class::System.name()));
    prefix.map(ToOwned::to_owned).ok_or_else(|| Error::internal("the login role is none of Voxpark's"))
}

async fn read(db: &Db) -> Result<Shape> {
    let mut shape = Shape::default();
    let columns = "SELECT c.relname::text AS name,
            (SELECT string_agg(a.attname::text, ',') FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
             AND a.attnotnull AND NOT a.attisdropped) AS fields
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = '{schema}' AND c.relkind IN ('r', 'p', 'f')";
    for row in &rows(db, &in_schema(columns)).await? {
        let name: String = get(row, "name")?;
        shape.filled.extend(list(row, "fields")?.into_iter().map(|c| (name.clone(), c)));
        shape.tables.push(name);
    }
    let uniques = "SELECT c.relname::text AS name, i.indexrelid::regclass::text AS key,
            (SELECT string_agg(coalesce(a.attname::text, '(expression)'), ',' ORDER BY k.ord)
             FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, ord)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num AND k.num > 0) AS fields
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = '{schema}' AND i.indisunique";
    for row in &rows(db, &in_schema(uniques)).await? {
        shape.uniques.push((get(row, "name")?, get(row, "key")?, list(row, "fields")?));
    }
    let names = |columns: &str, table: &str| {
        format!(
            "(SELECT string_agg(a.attname::text, ',' ORDER BY k.ord) FROM unnest(f.{columns}) WITH ORDINALITY k(num, ord)
              JOIN pg_attribute a ON a.attrelid = f.{table} AND a.attnum = k.num)"
        )
    };
    let references = format!(
        "SELECT c.relname::text AS name, t.relname::text AS target, {} AS fields, {} AS others
         FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '{{schema}}' AND f.contype = 'f'",
        names("conkey", "conrelid"),
        names("confkey", "confrelid")
    );
    for row in &rows(db, &in_schema(&references)).await? {
        shape.references.push((get(row, "name")?, get(row, "target")?, list(row, "fields")?, list(row, "others")?));
    }
    Ok(shape)
}

fn in_schema(sql: &str) -> String {
    sql.replace("{schema}", SCHEMA)
}

/// Security switched on and forced; no rules, foreign tables, or views with their owner's rights.
async fn tables(db: &Db, found: &mut Vec<Finding>) -> Result<()> {
    let sql = "SELECT c.relname::text AS name, c.relkind::text AS kind, c.relrowsecurity AS secured,
            c.relforcerowsecurity AS forced, c.relhasrules AS rewritten,
            coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false) AS invoker
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = '{schema}' AND c.relkind IN ('r', 'p', 'f', 'v', 'm')";
    for row in &rows(db, &in_schema(sql)).await? {
        let name: String = get(row, "name")?;
        match get::<String>(row, "kind")?.as_str() {
            "v" if !get::<bool>(row, "invoker")? => found.push(Finding::hole(
                format!("view {name} reads with its owner's rights"),
                "ALTER VIEW ... SET (security_invoker = true), or drop it",
            )),
            "v" => {}
            "m" => found.push(Finding::hole(
                format!("materialized view {name} keeps rows outside row-level security"),
                "Drop it",
            )),
            "f" => found.push(Finding::hole(format!("foreign table {name} is outside row-level security"), "Drop it")),
            _ if name == MIGRATIONS => {}
            _ => {
                if !get::<bool>(row, "secured")? {
                    let mend = "ALTER TABLE ... ENABLE ROW LEVEL SECURITY, and FORCE it";
                    found.push(Finding::hole(format!("table {name} has no row-level security"), mend));
                } else if !get::<bool>(row, "forced")? {
                    let mend = "ALTER TABLE ... FORCE ROW LEVEL SECURITY";
                    found.push(Finding::hole(format!("row-level security of {name} does not bind its owner"), mend));
                }
                if get::<bool>(row, "rewritten")? {
                    found.push(Finding::hole(format!("table {name} has rewrite rules"), "Drop them"));
                }
            }
        }
    }
    Ok(())
}

async fn read_policies(db: &Db) -> Result<Vec<Kept>> {
    let sql = "SELECT tablename::text AS name, policyname::text AS policy, permissive = 'PERMISSIVE' AS permissive,
            array_to_string(roles, ',') AS roles, cmd AS command, qual, with_check
         FROM pg_policies WHERE schemaname = '{schema}'";
    rows(db, &in_schema(sql))
        .await?
        .iter()
        .map(|row| {
            let (using, check): (Option<String>, Option<String>) = (get(row, "qual")?, get(row, "with_check")?);
            // One of the two is set; both would be a policy of another shape than ours.
            let condition = match (using, check) {
                (Some(one), None) | (None, Some(one)) => one,
                (using, check) => format!("{using:?}{check:?}"),
            };
            Ok(Kept {
                table: get(row, "name")?,
                name: get(row, "policy")?,
                permissive: get(row, "permissive")?,
                roles: get(row, "roles")?,
                command: get(row, "command")?,
                condition,
            })
        })
        .collect()
}

fn compare_policies(table: &str, wanted: &[Policy], prefix: &str, kept: &[Kept], found: &mut Vec<Finding>) {
    const MEND: &str = "Drop and create it as the migrations do, or take the table's migration back and up again";
    for policy in kept.iter().filter(|p| p.table == table) {
        let same = wanted.iter().find(|w| w.name == policy.name).is_some_and(|w| {
            policy.permissive
                && policy.roles == format!("{prefix}_{}", w.class.name())
                && policy.command == w.command
                && bare(&policy.condition) == bare(&w.condition)
        });
        if !same {
            found.push(Finding::hole(format!("policy {} of {table} is not that of the rule", policy.name), MEND));
        }
    }
    for policy in wanted {
        if !kept.iter().any(|p| p.table == table && p.name == policy.name) {
            // Without its policy the class sees nothing: an outage, and a sign that somebody was here.
            found.push(Finding::hole(format!("policy {} of {table} is missing", policy.name), MEND));
        }
    }
}

/// A condition without what PostgreSQL adds when it prints one: brackets, casts of literals, case, spaces.
fn bare(condition: &str) -> String {
    condition
        .to_ascii_lowercase()
        .replace("::text", "")
        .chars()
        .filter(|c| !matches!(c, '(' | ')' | ' ' | '\n'))
        .collect()
}

/// The privileges of the login roles and of everybody; an owner's own are not in question.
async fn read_grants(db: &Db, prefix: &str) -> Result<BTreeSet<Grant>> {
    let roles: Vec<_> = Class::ALL.iter().map(|c| format!("'{prefix}_{}'", c.name())).collect();
    let sql = format!(
        "SELECT g.name, g.field, coalesce(r.rolname::text, 'PUBLIC') AS role, g.privilege FROM (
          SELECT c.relname::text AS name, '' AS field, x.grantee, x.privilege_type::text AS privilege
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) x
          WHERE n.nspname = '{{schema}}' AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
          UNION ALL
          SELECT c.relname::text, a.attname::text, x.grantee, x.privilege_type::text
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
           aclexplode(a.attacl) x WHERE n.nspname = '{{schema}}' AND NOT a.attisdropped) g
         LEFT JOIN pg_roles r ON r.oid = g.grantee WHERE g.grantee = 0 OR r.rolname IN ({})",
        roles.join(", ")
    );
    rows(db, &in_schema(&sql))
        .await?
        .iter()
        .map(|row| Ok((get(row, "name")?, get(row, "field")?, get(row, "role")?, get(row, "privilege")?)))
        .collect()
}

fn compare_grants(table: &str, wanted: &[Policy], prefix: &str, grants: &BTreeSet<Grant>, found: &mut Vec<Finding>) {
    let mut due = BTreeSet::new();
    for policy in wanted {
        let role = format!("{prefix}_{}", policy.class.name());
        for (privilege, columns) in &policy.privileges {
            let columns = if columns.is_empty() { &[""] } else { *columns };
            due.extend(
                columns.iter().map(|c| (table.to_owned(), (*c).to_owned(), role.clone(), (*privilege).to_owned())),
            );
        }
    }
    let given: BTreeSet<Grant> = grants.iter().filter(|g| g.0 == table).cloned().collect();
    let shown = |(_, column, role, privilege): &Grant| {
        let column = if column.is_empty() { String::new() } else { format!(" ({column})") };
        format!("{role} {{}} {privilege}{column} on {table}")
    };
    for grant in given.difference(&due) {
        found.push(Finding::hole(
            shown(grant).replace("{}", "has"),
            "Revoke it: the rule of the table does not give it",
        ));
    }
    for grant in due.difference(&given) {
        found.push(Finding::hole(shown(grant).replace("{}", "lacks"), "Grant it as the rule of the table says"));
    }
}

/// The four login roles exist and can neither bypass row-level security nor become somebody who can.
async fn roles(db: &Db, prefix: &str, found: &mut Vec<Finding>) -> Result<()> {
    for class in Class::ALL {
        let sql = format!(
            "SELECT r.rolsuper AS super, r.rolbypassrls AS bypass, r.rolcreaterole AS creates, r.rolcanlogin AS login,
              EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid) AS member,
              EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '{{schema}}'
               AND c.relowner = r.oid) OR EXISTS (SELECT 1 FROM pg_namespace n WHERE n.nspname = '{{schema}}' AND n.nspowner = r.oid)
               AS owner,
              has_schema_privilege(r.oid, '{{schema}}', 'CREATE') AS builds
             FROM pg_roles r WHERE r.rolname = '{prefix}_{}'",
            class.name()
        );
        let role = format!("{prefix}_{}", class.name());
        let row = rows(db, &in_schema(&sql)).await?;
        let Some(row) = row.first() else {
            found.push(Finding::hole(format!("login role {role} is missing"), "Run `voxpark migrate up` as the owner"));
            continue;
        };
        let mend = "ALTER ROLE ... NOSUPERUSER NOBYPASSRLS NOCREATEROLE, or run `voxpark migrate up` as the owner";
        for (field, what) in
            [("super", "is a superuser"), ("bypass", "bypasses row-level security"), ("creates", "may create roles")]
        {
            if get::<bool>(row, field)? {
                found.push(Finding::hole(format!("login role {role} {what}"), mend));
            }
        }
        if get::<bool>(row, "owner")? {
            let mend = "Give the tables to the user of database.owner_url";
            found.push(Finding::hole(format!("login role {role} owns the schema or tables in it"), mend));
        }
        if get::<bool>(row, "member")? {
            found.push(Finding::hole(format!("login role {role} is a member of other roles"), "Revoke the membership"));
        }
        if get::<bool>(row, "builds")? {
            let mend = "REVOKE CREATE ON SCHEMA";
            found.push(Finding::hole(format!("login role {role} may create objects in the schema"), mend));
        }
        if !get::<bool>(row, "login")? {
            found.push(Finding::remark(format!("login role {role} may not sign in"), "ALTER ROLE ... LOGIN"));
        }
    }
    Ok(())
}

/// Functions with their owner's rights, the trigger of the audit log, and the release of the server.
async fn beside(db: &Db, found: &mut Vec<Finding>) -> Result<()> {
    let sql = "SELECT p.proname::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = '{schema}' AND p.prosecdef";
    for row in &rows(db, &in_schema(sql)).await? {
        let what = format!("function {} runs with its owner's rights", get::<String>(row, "name")?);
        found.push(Finding::hole(what, "ALTER FUNCTION ... SECURITY INVOKER, or drop it"));
    }
    let (name, _) = FORWARD;
    let sql = format!(
        "SELECT 1 AS one FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = '{{schema}}' AND c.relname = 'audit_head' AND t.tgname = '{name}' AND t.tgenabled IN ('O', 'A')"
    );
    if rows(db, &in_schema(&sql)).await?.is_empty() {
        found.push(Finding::hole(format!("trigger {name} is missing or off"), BACKWARD));
    }
    let row = rows(db, "SELECT current_setting('server_version_num')::int AS version").await?;
    let version: i32 = row.first().map(|r| get(r, "version")).transpose()?.unwrap_or_default();
    if version < 150_000 {
        found.push(Finding::hole(
            format!("PostgreSQL {} is too old", version / 10_000),
            "Version 15 or newer is needed",
        ));
    } else if MENDED.iter().any(|(major, first)| version / 10_000 == *major && version < *first) {
        found.push(Finding::remark(
            format!("PostgreSQL {}.{} has known ways around row-level security", version / 10_000, version % 10_000),
            "Update it to its latest minor release (at least 15.14, 16.10 or 17.6)",
        ));
    }
    Ok(())
}
