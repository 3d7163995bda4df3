//! The days of a month on which somebody was logged in, kept beside the ledger of presence: a park's month is one row for each
//! person and seat instead of one for each day, and a question about it reads thirty times fewer.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

const DAYS: Access = Access::Advance(&["days", "recorded_at"]);

pub(crate) const TABLES: &[TableRule] = &[TableRule::private("presence_month").for_tenant(DAYS).for_system(DAYS)];

const UP: &[&str] = &[
    // `month` is year * 12 + month - 1; the lowest bit of `days` is its first day. `seat_id` is nil where the source names no
    // seat, which is why it refers to none. `recorded_at` is when the ledger last said anything about it.
    "CREATE TABLE presence_month (
 {owned},
 month {int} NOT NULL,
 agent {bytes} NOT NULL,
 seat_id {uuid} NOT NULL,
 days {int} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, month, agent, seat_id),
 CONSTRAINT presence_month_days CHECK (days >= 0 AND days < 2147483648),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE INDEX presence_month_park ON presence_month (park_id, month)",
    "CREATE INDEX presence_month_seat ON presence_month (park_id, seat_id, month)",
    // Who asks by day asks for a person's days now.
    "DROP INDEX presence_day",
    "CREATE INDEX presence_agent ON presence (park_id, tenant_id, agent, day)",
];

/// Everything that is known so far.
fn known(backend: DbBackend) -> String {
    let (month, bit, nil) = if backend == DbBackend::Postgres {
        (
            "CAST(EXTRACT(YEAR FROM k.day) * 12 + EXTRACT(MONTH FROM k.day) - 1 AS bigint)",
            "CAST(1 AS bigint) << (CAST(EXTRACT(DAY FROM k.day) AS int) - 1)",
            "CAST('00000000-0000-0000-0000-000000000000' AS uuid)",
        )
    } else {
        (
            "CAST(substr(k.day, 1, 4) AS INTEGER) * 12 + CAST(substr(k.day, 6, 2) AS INTEGER) - 1",
            "1 << (CAST(substr(k.day, 9, 2) AS INTEGER) - 1)",
            "zeroblob(16)",
        )
    };
    // By source first: what one took back another may still say.
    format!(
        "INSERT INTO presence_month (park_id, tenant_id, month, agent, seat_id, days, recorded_at)
         SELECT k.park_id, k.tenant_id, {month}, k.agent, k.seat_id, CAST(SUM(CASE WHEN k.stands THEN {bit} ELSE 0 END) AS bigint), MAX(k.recorded_at) FROM
          (SELECT s.park_id, s.tenant_id, s.day, s.agent, s.seat_id, MAX(s.sign) > 0 AS stands, MAX(s.recorded_at) AS recorded_at FROM
            (SELECT p.park_id, p.tenant_id, p.day, p.agent, COALESCE(p.seat_id, {nil}) AS seat_id, SUM(p.sign) AS sign, MAX(p.recorded_at) AS recorded_at
             FROM presence p GROUP BY p.park_id, p.tenant_id, p.day, p.agent, p.seat_id, p.source_id) s
           GROUP BY s.park_id, s.tenant_id, s.day, s.agent, s.seat_id) k
         GROUP BY k.park_id, k.tenant_id, {month}, k.agent, k.seat_id"
    )
}

const DOWN: &[&str] = &["DROP INDEX presence_agent", "CREATE INDEX presence_day ON presence (park_id, day)"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        // An owner that is no superuser would see no row of it.
        ddl::run_on(manager, DbBackend::Postgres, &["ALTER TABLE presence NO FORCE ROW LEVEL SECURITY"]).await?;
        ddl::run(manager, &[&known(manager.get_database_backend())]).await?;
        ddl::run_on(manager, DbBackend::Postgres, &["ALTER TABLE presence FORCE ROW LEVEL SECURITY"]).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, DOWN).await?;
        ddl::drop(manager, TABLES).await
    }
}
