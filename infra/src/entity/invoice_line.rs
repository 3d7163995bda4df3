//! Lines of invoices.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice_line")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) park_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) invoice_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) line_no: i64,
    pub(crate) kind: String,
    pub(crate) lease_version: i64,
    pub(crate) product: String,
    pub(crate) seat_days: i64,
    pub(crate) unit_price_minor: i64,
    pub(crate) net_minor: i64,
    pub(crate) gross_minor: Option<i64>,
    pub(crate) tax_rate_bp: i64,
    pub(crate) explanation: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
