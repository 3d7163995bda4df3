//! Files.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stored_file")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) park_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) file_id: Uuid,
    pub(crate) sha256: Vec<u8>,
    pub(crate) bytes: i64,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) stored_at: DateTimeUtc,
    pub(crate) stored_by: Option<Uuid>,
    pub(crate) state: String,
    pub(crate) scanned_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
