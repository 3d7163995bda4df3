//! Leads with their steps and notes, visits. The park's own: nobody else has any access to them.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

/// A table that neither the installation nor anybody but the park needs.
pub(crate) const fn own(name: &'static str) -> TableRule {
    TableRule::park(name).for_system(Access::None)
}

pub(crate) const TABLES: &[TableRule] =
    &[own("lead"), own("lead_step").append_only(), own("lead_note").append_only(), own("visit"), own("visit_zone")];

const UP: &[&str] = &[
    // What names people is sealed, each value bound to its row. `name_key` is the name as names are compared.
    "CREATE TABLE lead (
 {park},
 lead_id {uuid} NOT NULL,
 name {text} NOT NULL,
 name_en {text} NOT NULL,
 name_key {text} NOT NULL,
 credit_code {text},
 source {text} NOT NULL,
 contact_name_sealed {bytes},
 contact_phone_sealed {bytes},
 contact_mail_sealed {bytes},
 seats {int} NOT NULL,
 product {text},
 wanted_from {date},
 business {text} NOT NULL,
 of_tenant_id {uuid},
 owner_id {uuid},
 next_step_sealed {bytes},
 next_on {date},
 state {text} NOT NULL,
 lost_reason {text},
 created_at {instant} NOT NULL,
 PRIMARY KEY (park_id, lead_id),
 CONSTRAINT lead_credit_code UNIQUE (park_id, credit_code),
 CONSTRAINT lead_seats CHECK (seats > 0),
 CONSTRAINT lead_state CHECK (state IN ('new', 'contacted', 'visited', 'quoted', 'won', 'lost')),
 CONSTRAINT lead_lost CHECK ((state = 'lost') = (lost_reason IS NOT NULL)),
 CONSTRAINT lead_won CHECK (state <> 'won' OR of_tenant_id IS NOT NULL),
 FOREIGN KEY (park_id) REFERENCES park (park_id),
 FOREIGN KEY (park_id, of_tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE INDEX lead_name ON lead (park_id, name_key)",
    "CREATE INDEX lead_next ON lead (park_id, next_on)",
    // Numbered from 1 by lead.
    "CREATE TABLE lead_step (
 {park},
 lead_id {uuid} NOT NULL,
 n {int} NOT NULL,
 from_state {text},
 to_state {text} NOT NULL,
 lost_reason {text},
 remark_sealed {bytes},
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, lead_id, n),
 FOREIGN KEY (park_id, lead_id) REFERENCES lead (park_id, lead_id)
{end}",
    "CREATE TABLE lead_note (
 {park},
 lead_id {uuid} NOT NULL,
 n {int} NOT NULL,
 text_sealed {bytes} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, lead_id, n),
 FOREIGN KEY (park_id, lead_id) REFERENCES lead (park_id, lead_id)
{end}",
    "CREATE TABLE visit (
 {park},
 visit_id {uuid} NOT NULL,
 lead_id {uuid} NOT NULL,
 day {date} NOT NULL,
 at_min {int} NOT NULL,
 guide_id {uuid} NOT NULL,
 remark_sealed {bytes},
 state {text} NOT NULL,
 PRIMARY KEY (park_id, visit_id),
 CONSTRAINT visit_time CHECK (at_min BETWEEN 0 AND 1439),
 CONSTRAINT visit_state CHECK (state IN ('planned', 'done', 'cancelled')),
 FOREIGN KEY (park_id, lead_id) REFERENCES lead (park_id, lead_id)
{end}",
    "CREATE INDEX visit_lead ON visit (park_id, lead_id, day)",
    "CREATE TABLE visit_zone (
 {park},
 visit_id {uuid} NOT NULL,
 n {int} NOT NULL,
 zone_id {uuid} NOT NULL,
 PRIMARY KEY (park_id, visit_id, n),
 FOREIGN KEY (park_id, visit_id) REFERENCES visit (park_id, visit_id),
 FOREIGN KEY (park_id, zone_id) REFERENCES zone (park_id, zone_id)
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
