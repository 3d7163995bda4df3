//! What the tax office was told of invoices. Only added to: what was told is taken back by another row.
//!
//! Titles and tax numbers as printed may be a person's and are sealed, each bound to its row.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] =
    &[TableRule::shared("invoice_fapiao").for_park(Access::Append).for_system(Access::None)];

const UP: &[&str] = &[
    "CREATE TABLE invoice_fapiao (
 {owned},
 fapiao_id {uuid} NOT NULL,
 invoice_id {uuid} NOT NULL,
 kind {text} NOT NULL,
 colour {text} NOT NULL,
 code {text} NOT NULL,
 number {text} NOT NULL,
 issued_on {date} NOT NULL,
 net_minor {int} NOT NULL,
 tax_minor {int} NOT NULL,
 title_sealed {bytes},
 tax_number_sealed {bytes},
 takes_back_id {uuid},
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, fapiao_id),
 CONSTRAINT invoice_fapiao_number UNIQUE (park_id, tenant_id, code, number),
 CONSTRAINT invoice_fapiao_colour CHECK (colour IN ('blue', 'red')),
 CONSTRAINT invoice_fapiao_takes_back CHECK ((colour = 'red') = (takes_back_id IS NOT NULL)),
 CONSTRAINT invoice_fapiao_amount CHECK (net_minor > 0 AND tax_minor >= 0),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id),
 FOREIGN KEY (park_id, tenant_id, takes_back_id) REFERENCES invoice_fapiao (park_id, tenant_id, fapiao_id)
{end}",
    "CREATE INDEX invoice_fapiao_of ON invoice_fapiao (park_id, tenant_id, invoice_id)",
    "CREATE INDEX invoice_fapiao_issued ON invoice_fapiao (park_id, issued_on)",
    // The tax office gives a number once, whoever the buyer is. A key over tenants would tell one of the other's rows: who
    // records a number holds it instead.
    "CREATE INDEX invoice_fapiao_known ON invoice_fapiao (park_id, number, code)",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await
    }
}
