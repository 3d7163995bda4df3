//! What a park or tenant requires of its members when they sign in.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::either("access_policy").for_system(Access::Read)];

const UP: &[&str] = &["CREATE TABLE access_policy (
 {owned},
 factor_from {date},
 PRIMARY KEY (park_id, tenant_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await
    }
}
