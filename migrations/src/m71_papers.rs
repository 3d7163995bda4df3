//! Contract papers with their history, and how a park goes about them.
//!
//! A paper is the park's and, once it is approved, its tenant's too: the condition is a column of its own, since a list of
//! states is kept in another form than it is written. Who approved what and why is the park's alone. Names of who signed
//! and what was said are sealed, each value bound to its row.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

const STANDS: Access = Access::Advance(&[
    "state",
    "approved_at",
    "signed_on",
    "signed_park_sealed",
    "signed_tenant_sealed",
    "scan_id",
    "last_n",
]);

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::private("contract_paper")
        .for_tenant(Access::ReadWhere("approved_at IS NOT NULL"))
        .for_park(STANDS)
        .for_system(Access::None),
    TableRule::private("contract_paper_step")
        .for_tenant(Access::None)
        .for_park(Access::Append)
        .for_system(Access::None),
    TableRule::park("contract_policy").for_tenant(Access::Read).for_system(Access::None),
];

const UP: &[&str] = &[
    "CREATE TABLE contract_paper (
 {owned},
 paper_id {uuid} NOT NULL,
 lease_id {uuid} NOT NULL,
 version {int} NOT NULL,
 number {text} NOT NULL,
 kind {text} NOT NULL,
 template {text} NOT NULL,
 language {text} NOT NULL,
 content {text} NOT NULL,
 sha256 {bytes} NOT NULL,
 state {text} NOT NULL,
 needed {int} NOT NULL,
 drafted_at {instant} NOT NULL,
 drafted_by {uuid},
 approved_at {instant},
 signed_on {date},
 signed_park_sealed {bytes},
 signed_tenant_sealed {bytes},
 scan_id {uuid},
 last_n {int} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, paper_id),
 CONSTRAINT contract_paper_kind CHECK (kind IN ('lease', 'amendment', 'renewal', 'termination')),
 CONSTRAINT contract_paper_language CHECK (language IN ('zh', 'en', 'both')),
 CONSTRAINT contract_paper_state CHECK (state IN ('drafted', 'approved', 'signed', 'refused', 'withdrawn')),
 CONSTRAINT contract_paper_approved CHECK (state NOT IN ('approved', 'signed') OR approved_at IS NOT NULL),
 CONSTRAINT contract_paper_unapproved CHECK (state NOT IN ('drafted', 'refused') OR approved_at IS NULL),
 CONSTRAINT contract_paper_signed CHECK ((state = 'signed') = (signed_on IS NOT NULL)),
 CONSTRAINT contract_paper_needed CHECK (needed BETWEEN 1 AND 3),
 FOREIGN KEY (park_id, tenant_id, lease_id, version) REFERENCES lease_version (park_id, tenant_id, lease_id, version)
{end}",
    "CREATE UNIQUE INDEX contract_paper_living ON contract_paper (park_id, tenant_id, lease_id, version)
 WHERE state IN ('drafted', 'approved', 'signed')",
    "CREATE INDEX contract_paper_state_of ON contract_paper (park_id, state)",
    "CREATE TABLE contract_paper_step (
 {owned},
 paper_id {uuid} NOT NULL,
 n {int} NOT NULL,
 act {text} NOT NULL,
 words_sealed {bytes},
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 by_name_sealed {bytes},
 PRIMARY KEY (park_id, tenant_id, paper_id, n),
 CONSTRAINT contract_paper_step_act CHECK (act IN ('draft', 'approve', 'refuse', 'withdraw', 'sign')),
 FOREIGN KEY (park_id, tenant_id, paper_id) REFERENCES contract_paper (park_id, tenant_id, paper_id)
{end}",
    "CREATE TABLE contract_policy (
 {park} PRIMARY KEY,
 approvals {int} NOT NULL,
 sign_before_seats {bool} NOT NULL,
 warn_days {json} NOT NULL,
 CONSTRAINT contract_policy_approvals CHECK (approvals BETWEEN 1 AND 3),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
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
