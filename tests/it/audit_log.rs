//! The audit log: written in chains, and whatever the owner of the database does to it afterwards is found and named.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait as _, Database as Connect, DatabaseConnection, DbBackend, Statement};
use voxpark_billing::uow::Database as _;
use voxpark_domain::audit::AuditEntry;
use voxpark_domain::ids::{Id, ParkId};
use voxpark_domain::uow::Mode;
use voxpark_infra::chains::{Chains, Part, check_file};
use voxpark_infra::db::{Db, bootstrap, migrate_down, migrate_up};
use voxpark_migrations::SCHEMA;
use voxpark_tests::app::{World, keys, options};
use voxpark_tests::{Backend, Database, on_both};

fn chains(world: &World) -> Chains {
    Chains::new(world.db.clone(), world.env.clone(), keys())
}

async fn write(world: &World, who: &str, count: usize) {
    for n in 0..count {
        // One person at two times is two contexts: the clock of the log goes on.
        world.clock.advance(TimeDelta::milliseconds(1));
        let ctx = world.ctx(who).await;
        let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
        tx.audit(&ctx, &AuditEntry::new("test.write", n)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn faults(chains: &Chains, park: Option<ParkId>) -> Vec<String> {
    let mut found = Vec::new();
    chains.verify(park, &mut |f| found.push(f.to_string())).await.unwrap();
    found
}

/// The database as its owner has it: nothing refuses.
struct Owner(DatabaseConnection);

impl Owner {
    async fn of(database: &Database) -> Self {
        let url = match database {
            Database::Sqlite(db) => db.url().to_owned(),
            Database::Postgres(db) => format!("{}?options=-c%20search_path%3D{SCHEMA}", db.url()),
        };
        Self(Connect::connect(url).await.unwrap())
    }
    fn postgres(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Postgres
    }
    async fn run(&self, sql: &str) {
        self.0.execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
    async fn unguard(&self) {
        if self.postgres() {
            self.run("ALTER TABLE audit_head DISABLE TRIGGER audit_head_forward").await;
            self.run("ALTER TABLE audit_sealed DROP CONSTRAINT audit_sealed_park_id_number_fkey").await;
        } else {
            self.run("PRAGMA foreign_keys = OFF").await;
            for table in ["audit_event", "audit_head", "audit_seal", "audit_sealed"] {
                for event in ["insert", "update", "delete"] {
                    self.run(&format!("DROP TRIGGER {table}_scope_{event}")).await;
                }
            }
            self.run("DROP TRIGGER audit_head_forward").await;
        }
        for table in TABLES {
            self.run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
        }
    }
    async fn restore(&self) {
        for table in TABLES {
            self.run(&format!("DELETE FROM {table}")).await;
            self.run(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
    }
    fn id(&self, id: uuid::Uuid) -> String {
        if self.postgres() { format!("'{id}'::uuid") } else { format!("X'{}'", id.simple()) }
    }
    fn bytes(&self, byte: &str) -> String {
        let hex = byte.repeat(32);
        if self.postgres() { format!("'\\x{hex}'::bytea") } else { format!("X'{hex}'") }
    }
    async fn count(&self, sql: &str) -> i64 {
        let row = self.0.query_one_raw(Statement::from_string(self.0.get_database_backend(), sql)).await.unwrap();
        row.unwrap().try_get_by_index(0).unwrap()
    }
}

const TABLES: [&str; 4] = ["audit_event", "audit_head", "audit_seal", "audit_sealed"];

on_both! {
    /// Whatever is changed, removed, moved or added shows, with its place.
    async fn tampering_is_found_and_named(backend) {
        let world = World::new(backend).await;
        let (chains, park) = (chains(&world), Some(world.ids.park_a));
        write(&world, "park", 3).await;
        write(&world, "a1", 6).await;
        chains.seal(park).await.unwrap().unwrap();
        write(&world, "a1", 6).await;
        write(&world, "park", 2).await;
        assert_eq!(faults(&chains, park).await, Vec::<String>::new());
        assert!(chains.seal(park).await.unwrap().is_some());
        assert!(chains.seal(park).await.unwrap().is_none(), "nothing was written since");
        write(&world, "a1", 3).await;

        let owner = Owner::of(&world.database).await;
        owner.unguard().await;
        let a1 = owner.id(world.ids.a1.uuid());
        let at = |seq: i64| format!("WHERE tenant_id = {a1} AND lane = 0 AND seq = {seq}");
        let id = owner.id(uuid::Uuid::from_u128(77));
        let nobody = if owner.postgres() { "NULL::uuid" } else { "NULL" };
        let later = if owner.postgres() { "at + interval '1 second'" } else { "replace(at, '2026', '2025')" };
        let columns: Vec<(&str, String)> = vec![
            ("audit_id", id.clone()), ("at", later.to_owned()), ("actor", nobody.to_owned()), ("behalf", id.clone()),
            ("role", "'agent'".into()), ("grants", "'x'".into()), ("action", "'lease.create'".into()), ("subject", "'y'".into()),
            ("detail", "'{\"a\":1}'".into()), ("changes", "'{\"a\":1}'".into()), ("times", "2".into()), ("request", "'z'".into()),
            ("prev", owner.bytes("11")), ("hash", owner.bytes("22")), ("mac", owner.bytes("33")),
            ("lane", "7".into()), ("seq", "99".into()), ("tenant_id", owner.id(world.ids.a2.uuid())),
            ("park_id", owner.id(world.ids.park_b.uuid())),
        ];
        for (column, value) in &columns {
            owner.run(&format!("UPDATE audit_event SET {column} = {value} {}", at(4))).await;
            let found = faults(&chains, park).await;
            let place = format!("tenant_{} lane 0", world.ids.a1.uuid().simple());
            let named = match *column {
                "lane" | "seq" | "tenant_id" | "park_id" => "removed: sequence 4".to_owned(),
                "mac" => "forged".to_owned(),
                _ => "altered".to_owned(),
            };
            assert!(found.iter().any(|f| f.contains(&place) && f.contains("sequence 4") && f.contains(&named)), "{column}: {found:#?}");
            owner.restore().await;
        }
        assert_eq!(faults(&chains, park).await, Vec::<String>::new());

        let moved = |from: i64, to: i64| format!("UPDATE audit_event SET seq = {to} {}", at(from));
        let head = |set: &str| format!("UPDATE audit_head SET {set} WHERE tenant_id = {a1} AND lane = 0");
        let columns = "park_id, tenant_id, lane, at, actor, behalf, role, grants, action, subject, detail, changes, times, request, prev, hash, mac";
        let slipped = |seq: i64| format!("INSERT INTO audit_event (audit_id, seq, {columns}) SELECT {id}, {seq}, {columns} FROM audit_event {}", at(4));
        let cases: Vec<(&str, Vec<String>, &str)> = vec![
            ("in the middle", vec![format!("DELETE FROM audit_event {}", at(5))], "lane 0: removed: sequence 5"),
            ("the end", vec![format!("DELETE FROM audit_event WHERE tenant_id = {a1} AND seq > 13")], "lane 0: removed: sequence 14"),
            ("the end with its head, sealed", vec![
                format!("DELETE FROM audit_event WHERE tenant_id = {a1} AND seq > 10"),
                head(&format!("seq = 10, hash = (SELECT hash FROM audit_event {})", at(10))),
            ], "lane 0: removed: sequence 11"),
            ("two swapped", vec![moved(5, -1), moved(6, 5), moved(-1, 6)], "moved: it was written as lane 0 sequence 6"),
            ("behind the head", vec![slipped(40)], "inserted"),
            ("before the first", vec![slipped(-3)], "inserted"),
            ("with its head", vec![slipped(17), head("seq = 17")], "sequence 17"),
            ("in a lane of its own", vec![slipped(40), format!("UPDATE audit_event SET lane = 5, seq = 1 {}", at(40))], "lane 5 sequence 1"),
            ("a whole lane", vec![format!("DELETE FROM audit_event WHERE tenant_id = {a1}"), format!("DELETE FROM audit_head WHERE tenant_id = {a1}")],
                "lane 0: removed: sequence 1"),
            ("a head moved back", vec![head("seq = 15")], "sequence 16"),
            ("a head moved on", vec![head("seq = 18")], "removed: sequence 17 to 18"),
            ("the hash of a head", vec![head(&format!("hash = {}", owner.bytes("44")))], "the head was changed"),
            ("a head removed", vec![format!("DELETE FROM audit_head WHERE tenant_id = {a1}")], "sequence"),
            ("a seal", vec!["UPDATE audit_seal SET number = 9 WHERE number = 1".to_owned()], "seal"),
            ("its signature", vec!["UPDATE audit_seal SET signature = CAST(hash || hash AS {bytes})".replace("{bytes}", if owner.postgres() { "bytea" } else { "blob" })], "seal 1 was not signed"),
            ("a signed head", vec!["UPDATE audit_sealed SET seq = seq - 1 WHERE number = 1".to_owned()], "seal 1 was altered"),
            ("a seal removed", vec!["DELETE FROM audit_sealed WHERE number = 1".to_owned(), "DELETE FROM audit_seal WHERE number = 1".to_owned()], "seals before seal 2 are missing"),
        ];
        for (what, statements, wanted) in cases {
            for sql in &statements {
                owner.run(sql).await;
            }
            let found = faults(&chains, park).await;
            assert!(found.iter().any(|f| f.contains(wanted)), "{what}: {wanted}: {found:#?}");
            // What does not check is not signed.
            if matches!(what, "a head moved on" | "behind the head with its head" | "the hash of a head") {
                assert!(chains.seal(park).await.unwrap_err().to_string().contains("not sealed"), "{what}");
            }
            owner.restore().await;
        }
        assert_eq!(faults(&chains, park).await, Vec::<String>::new());
    }

    /// Sixteen at once: nothing forks, nothing is left out.
    async fn concurrent_writers_fork_nothing(backend) {
        let world = Arc::new(World::new(backend).await);
        let (ctx, assessed) = (world.ctx("a1").await, world.ctx("assessor").await);
        let writers = (0..16).map(|n| {
            let (db, ctx) = (world.db.clone(), if n % 4 == 0 { assessed.clone() } else { ctx.clone() });
            let tenant = world.ids.a1;
            tokio::spawn(async move {
                for k in 0..10 {
                    let tx = db.begin(&ctx, Mode::Write).await.unwrap();
                    tx.audit(&ctx, &AuditEntry::new("test.write", k).of(tenant)).await.unwrap();
                    // Some changes are undone after all.
                    if k % 5 == 4 { drop(tx) } else { tx.commit().await.unwrap() }
                }
            })
        });
        for done in futures_util::future::join_all(writers).await {
            done.unwrap();
        }
        let chains = chains(&world);
        assert_eq!(faults(&chains, Some(world.ids.park_a)).await, Vec::<String>::new());
        let owner = Owner::of(&world.database).await;
        let of_a1 = format!("tenant_id = {}", owner.id(world.ids.a1.uuid()));
        assert_eq!(owner.count(&format!("SELECT COUNT(*) FROM audit_event WHERE {of_a1} AND action = 'test.write'")).await, 128);
        let gaps = format!("SELECT COUNT(*) FROM (SELECT lane FROM audit_event WHERE {of_a1} GROUP BY lane HAVING MAX(seq) <> COUNT(*) OR MIN(seq) <> 1) g");
        assert_eq!(owner.count(&gaps).await, 0);
        let lanes = owner.count(&format!("SELECT COUNT(DISTINCT lane) FROM audit_event WHERE {of_a1}")).await;
        assert!(if owner.postgres() { lanes > 1 } else { lanes == 1 }, "{lanes} lanes");
        chains.seal_all().await.unwrap();
        assert_eq!(faults(&chains, Some(world.ids.park_a)).await, Vec::<String>::new());
    }

    /// The lines of a log from before the chains are taken over by `migrate up`, in their order.
    async fn an_old_log_is_taken_over(backend) {
        let world = World::new(backend).await;
        let (at, url) = (options(&world.database), world.database.url().to_owned());
        migrate_down(&at, Some(&url), steps()).await.unwrap();
        let owner = Owner::of(&world.database).await;
        if !owner.postgres() {
            owner.run("UPDATE write_scope SET class = 'system'").await;
        }
        for (n, tenant) in [(1, world.ids.a1.uuid()), (2, uuid::Uuid::nil()), (3, world.ids.a1.uuid())] {
            owner.run(&format!(
                "INSERT INTO audit_event (park_id, tenant_id, audit_id, at, actor, role, action, subject, detail, request)
                 VALUES ({}, {}, {}, '2026-01-01 00:00:0{n}+00:00', NULL, 'tenant_manager', 'old', 's', '{{\"n\": 1}}', 'r')",
                owner.id(world.ids.park_a.uuid()), owner.id(tenant), owner.id(uuid::Uuid::from_u128(n)))).await;
        }
        if !owner.postgres() {
            owner.run("UPDATE write_scope SET class = NULL").await;
        }
        owner.0.close().await.unwrap();
        bootstrap(&at, Some(&url), &keys()).await.unwrap();
        migrate_up(&at, Some(&url), &keys()).await.unwrap();
        let db = Db::open(&at, keys()).await.unwrap();
        let chains = Chains::new(db.clone(), world.env.clone(), keys());
        let mut found = Vec::new();
        let (events, _) = chains.verify(Some(world.ids.park_a), &mut |f| found.push(f.to_string())).await.unwrap();
        assert_eq!((events, found), (3, Vec::new()));
        let ctx = world.ctx("a1").await;
        let tx = db.begin(&ctx, Mode::Write).await.unwrap();
        tx.audit(&ctx, &AuditEntry::new("test.write", "")).await.unwrap();
        tx.commit().await.unwrap();
        assert!(chains.seal(Some(world.ids.park_a)).await.unwrap().is_some());
        assert_eq!(faults(&chains, Some(world.ids.park_a)).await, Vec::<String>::new());
        let owner = Owner::of(&world.database).await;
        let of_a1 = format!("tenant_id = {} AND lane = 0", owner.id(world.ids.a1.uuid()));
        assert_eq!(owner.count(&format!("SELECT MAX(seq) FROM audit_event WHERE {of_a1}")).await, 4, "with the sign-in of the test");
        db.close().await;
    }

    /// An exported log proves itself without the database, and every change of the file shows.
    async fn an_export_proves_itself(backend) {
        let world = World::new(backend).await;
        let chains = chains(&world);
        let park = Some(world.ids.park_a);
        write(&world, "park", 3).await;
        write(&world, "a1", 5).await;
        chains.seal(park).await.unwrap();
        write(&world, "a2", 4).await;
        write(&world, "a1", 2).await;
        let check = |file: &[u8]| {
            let mut found = Vec::new();
            check_file(&mut &file[..], Some(chains.public_key()), &mut |f| found.push(f.to_string()))
                .map(|checked| (checked, found)).map_err(|e| e.to_string())
        };
        for tenant in [None, Some(world.ids.a1)] {
            let mut file = Vec::new();
            let (events, seals) = chains.export(Part { park, tenant }, &mut file).await.unwrap();
            let (checked, found) = check(&file).unwrap();
            assert_eq!((checked.events, checked.seals, found), (events, seals, Vec::new()));
            assert!(events >= if tenant.is_some() { 7 } else { 14 } && seals >= 2, "{events} {seals}");
            let text = String::from_utf8(file.clone()).unwrap();
            if tenant.is_some() {
                assert!(!text.contains("tenant_manager\",\"grants\":\"\",\"action\":\"test.write\",\"tenant\":null"));
            }
            let lines: Vec<&str> = text.lines().collect();
            // Each line but the header (whose instant and counts prove nothing) altered, and each left out.
            for n in 1..lines.len() - 1 {
                let mut cut = lines.clone();
                cut.remove(n);
                let cut = check(cut.join("\n").as_bytes());
                assert!(cut.as_ref().map_or(true, |(_, found)| !found.is_empty()), "line {n} left out: {cut:?}");
                let digit = lines[n].replacen("\"at\":\"2026", "\"at\":\"2025", 1);
                assert_ne!(digit, lines[n]);
                let mut changed = lines.clone();
                changed[n] = &digit;
                let (_, found) = check(changed.join("\n").as_bytes()).unwrap();
                assert!(!found.is_empty(), "line {n} changed: {digit}");
            }
            assert!(check(lines[..lines.len() - 1].join("\n").as_bytes()).unwrap_err().contains("ends too early"));
        }
        let mut file = Vec::new();
        chains.export(Part { park, tenant: None }, &mut file).await.unwrap();
        let other = Chains::new(world.db.clone(), world.env.clone(), Arc::new(voxpark_infra::secrets::Keys::new([9; 32])));
        let mut found = Vec::new();
        check_file(&mut &file[..], Some(other.public_key()), &mut |f| found.push(f.to_string())).unwrap();
        assert!(found.iter().any(|f| f.contains("was not signed by this installation")), "{found:?}");
    }
}

/// How many migrations there are from the chains on.
fn steps() -> u32 {
    use voxpark_migrations::{Migrator, MigratorTrait as _};
    let names: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    u32::try_from(names.len() - names.iter().position(|n| n == "m09_audit").unwrap()).unwrap()
}

/// A change under way does not keep another of the same tenant from its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_do_not_queue_behind_each_other() {
    let world = World::new(Backend::Postgres).await;
    let ctx = world.ctx("a1").await;
    write(&world, "a1", 1).await;
    let slow = world.db.begin(&ctx, Mode::Write).await.unwrap();
    slow.audit(&ctx, &AuditEntry::new("test.slow", "")).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), write(&world, "a1", 3)).await.expect("the others go on");
    slow.commit().await.unwrap();
    let found = faults(&chains(&world), Some(world.ids.park_a)).await;
    assert_eq!(found, Vec::<String>::new());
}
