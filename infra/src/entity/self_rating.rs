//! Ratings of the tenant.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "self_rating")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) park_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) assessment_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) clause: i64,
    pub(crate) c_rate: i64,
    pub(crate) f_rate: i64,
    pub(crate) note: String,
    pub(crate) rated_at: DateTimeUtc,
    pub(crate) rated_by: Option<Uuid>,
    pub(crate) submitted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
