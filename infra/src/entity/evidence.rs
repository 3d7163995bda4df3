//! Evidence.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "evidence")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) park_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) assessment_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) evidence_id: Uuid,
    pub(crate) clause: i64,
    pub(crate) title: String,
    pub(crate) file_id: Uuid,
    pub(crate) file_name: String,
    pub(crate) media_type: String,
    pub(crate) file_sha256: Vec<u8>,
    pub(crate) file_bytes: i64,
    pub(crate) covers_from: Date,
    pub(crate) covers_to: Option<Date>,
    pub(crate) recorded_at: DateTimeUtc,
    pub(crate) recorded_by: Option<Uuid>,
    pub(crate) submitted_at: Option<DateTimeUtc>,
    pub(crate) file_state: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
