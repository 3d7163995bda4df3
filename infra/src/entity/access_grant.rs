//! Grants.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "access_grant")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) park_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) grant_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) display_name: String,
    pub(crate) role: String,
    pub(crate) on_tenant_id: Option<Uuid>,
    pub(crate) purpose: String,
    pub(crate) valid_from: Date,
    pub(crate) valid_to: Date,
    pub(crate) revoked_at: Option<DateTimeUtc>,
    pub(crate) created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
