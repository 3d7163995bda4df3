//! Who sits where.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "occupancy")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) park_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) occupancy_id: Uuid,
    pub(crate) allocation_id: Uuid,
    pub(crate) seat_id: Uuid,
    pub(crate) held_from: Date,
    pub(crate) held_to: Date,
    pub(crate) person_id: Uuid,
    pub(crate) sat_from: Date,
    pub(crate) sat_to: Date,
    pub(crate) recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
