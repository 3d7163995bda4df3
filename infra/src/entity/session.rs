//! Sessions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) session_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) role: String,
    pub(crate) scope_park_id: Option<Uuid>,
    pub(crate) scope_tenant_id: Option<Uuid>,
    pub(crate) refresh_hash: Vec<u8>,
    pub(crate) started_at: DateTimeUtc,
    pub(crate) refreshed_at: DateTimeUtc,
    pub(crate) expires_at: DateTimeUtc,
    pub(crate) revoked_at: Option<DateTimeUtc>,
    pub(crate) family_hash: Option<Vec<u8>>,
    pub(crate) device: Option<String>,
    pub(crate) place: Option<String>,
    pub(crate) proven_at: Option<DateTimeUtc>,
    pub(crate) ended: Option<String>,
    pub(crate) emergency_id: Option<Uuid>,
    pub(crate) strong: Option<bool>,
    pub(crate) vouched_park_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
