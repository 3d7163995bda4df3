//! Imports of call records.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_import")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) park_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) import_id: Uuid,
    pub(crate) file_id: Uuid,
    pub(crate) file_sha256: Vec<u8>,
    pub(crate) format: String,
    pub(crate) options: Json,
    pub(crate) state: String,
    pub(crate) rows_read: i64,
    pub(crate) contacts_added: i64,
    pub(crate) contacts_known: i64,
    pub(crate) rows_refused: i64,
    pub(crate) bytes_total: i64,
    pub(crate) bytes_read: i64,
    pub(crate) resume_at: i64,
    pub(crate) parser_state: Option<Json>,
    pub(crate) failure: Option<Json>,
    pub(crate) started_at: DateTimeUtc,
    pub(crate) finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
