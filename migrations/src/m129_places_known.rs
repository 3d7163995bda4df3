//! Since when it is known where a seat was and what a zone was called: prices by zone are computed again from what was known
//! at an instant, also for the tenant who asks what its invoice comes from.

use sea_orm_migration::prelude::*;

use crate::rule::{Access, TableRule};
use crate::secure::grant_anew;
use crate::{ddl, m80_places};

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::park("seat_place")
        .for_tenant(Access::ReadColumns(&[
            "park_id",
            "place_id",
            "seat_id",
            "zone_id",
            "code",
            "valid_from",
            "valid_to",
            "recorded_at",
        ]))
        .append_only(),
    TableRule::park("zone_name")
        .for_tenant(Access::ReadColumns(&[
            "park_id",
            "name_id",
            "zone_id",
            "code",
            "name",
            "valid_from",
            "valid_to",
            "recorded_at",
        ]))
        .append_only(),
];

const UP: &[&str] = &[
    "CREATE INDEX seat_place_recorded ON seat_place (park_id, recorded_at)",
    "CREATE INDEX zone_name_recorded ON zone_name (park_id, recorded_at)",
];

const DOWN: &[&str] = &["DROP INDEX seat_place_recorded", "DROP INDEX zone_name_recorded"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        for rule in TABLES {
            grant_anew(manager, rule).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, DOWN).await?;
        for rule in m80_places::TABLES {
            grant_anew(manager, rule).await?;
        }
        Ok(())
    }
}
