//! Assessments.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) park_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) assessment_id: Uuid,
    pub(crate) framework: String,
    pub(crate) framework_sha256: String,
    pub(crate) title: String,
    pub(crate) cycle: String,
    pub(crate) state: String,
    pub(crate) assessed_on: Date,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) submitted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
