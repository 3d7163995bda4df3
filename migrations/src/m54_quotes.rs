//! Quotes with their versions and lines, and the counters of their numbers. The park's own.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::m52_pipeline::own;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[own("quote_series"), own("quote"), own("quote_line")];

const UP: &[&str] = &[
    "CREATE TABLE quote_series (
 {park},
 year {int} NOT NULL,
 next_number {int} NOT NULL,
 PRIMARY KEY (park_id, year),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    // A version a row. That one expired follows from `valid_until`.
    "CREATE TABLE quote (
 {park},
 quote_id {uuid} NOT NULL,
 lead_id {uuid} NOT NULL,
 year {int} NOT NULL,
 sequence {int} NOT NULL,
 version {int} NOT NULL,
 state {text} NOT NULL,
 valid_until {date} NOT NULL,
 remark_sealed {bytes},
 end_remark_sealed {bytes},
 created_at {instant} NOT NULL,
 sent_at {instant},
 ended_at {instant},
 PRIMARY KEY (park_id, quote_id),
 CONSTRAINT quote_version UNIQUE (park_id, year, sequence, version),
 CONSTRAINT quote_state CHECK (state IN ('draft', 'sent', 'accepted', 'declined', 'withdrawn')),
 FOREIGN KEY (park_id, lead_id) REFERENCES lead (park_id, lead_id)
{end}",
    "CREATE INDEX quote_lead ON quote (park_id, lead_id)",
    "CREATE INDEX quote_valid ON quote (park_id, state, valid_until)",
    // Once accepted, `of_tenant_id` and `lease_id` are what the line became.
    "CREATE TABLE quote_line (
 {park},
 quote_id {uuid} NOT NULL,
 n {int} NOT NULL,
 seats {int} NOT NULL,
 product {text} NOT NULL,
 term_from {date} NOT NULL,
 term_to {date} NOT NULL,
 unit_price_minor {int} NOT NULL,
 currency {text} NOT NULL,
 tax_rate_bp {int} NOT NULL,
 proration {text} NOT NULL,
 rent_free {json} NOT NULL,
 price_steps {json} NOT NULL,
 deposit_months {int},
 deposit_minor {int} NOT NULL,
 payment_days {int} NOT NULL,
 notice_days {int} NOT NULL,
 of_tenant_id {uuid},
 lease_id {uuid},
 PRIMARY KEY (park_id, quote_id, n),
 CONSTRAINT quote_line_price CHECK (unit_price_minor >= 0 AND deposit_minor >= 0 AND seats > 0),
 CONSTRAINT quote_line_term CHECK (term_to > term_from),
 FOREIGN KEY (park_id, quote_id) REFERENCES quote (park_id, quote_id),
 FOREIGN KEY (park_id, of_tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
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
