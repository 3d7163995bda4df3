//! Invoices.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) park_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) invoice_id: Uuid,
    pub(crate) number: String,
    pub(crate) lease_id: Uuid,
    pub(crate) period_from: Date,
    pub(crate) period_to: Date,
    pub(crate) currency: String,
    pub(crate) net_minor: i64,
    pub(crate) tax_minor: i64,
    pub(crate) total_minor: i64,
    pub(crate) issued_at: DateTimeUtc,
    pub(crate) issued_by: Option<Uuid>,
    pub(crate) due_on: Date,
    pub(crate) known_at: DateTimeUtc,
    pub(crate) voided_at: Option<DateTimeUtc>,
    pub(crate) voided_by: Option<Uuid>,
    pub(crate) void_reason: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
