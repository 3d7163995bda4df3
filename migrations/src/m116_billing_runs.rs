//! Billing runs and runs over past invoices, on record: what a job works off in portions, and what became of it. The park's own.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

const ENDS: &[&str] = &["ended_at", "problem"];
const BECOMES: &[&str] = &[
    "state",
    "before_minor",
    "net_minor",
    "tax_minor",
    "total_minor",
    "invoice_id",
    "guard",
    "usual_minor",
    "refusal",
    "unsent",
];
const ADVANCES: &[&str] = &["checked", "last_invoice_id", "ended_at", "problem"];

/// What only the park needs, and of which only these columns change.
const fn own(name: &'static str, columns: &'static [&'static str]) -> TableRule {
    TableRule::park(name).for_park(Access::Advance(columns)).for_system(Access::None)
}

pub(crate) const TABLES: &[TableRule] = &[
    own("billing_run", ENDS),
    own("billing_run_lease", BECOMES),
    own("repricing_run", ADVANCES),
    TableRule::park("repricing_difference").for_park(Access::Append).for_system(Access::None),
];

const UP: &[&str] = &[
    "CREATE TABLE billing_run (
 {park},
 run_id {uuid} NOT NULL,
 month {date} NOT NULL,
 currency {text} NOT NULL,
 leases {int} NOT NULL,
 job_id {uuid},
 started_at {instant} NOT NULL,
 started_by {uuid},
 ended_at {instant},
 problem {text},
 PRIMARY KEY (park_id, run_id),
 CONSTRAINT billing_run_leases CHECK (leases >= 0),
 CONSTRAINT billing_run_problem CHECK (problem IS NULL OR (ended_at IS NOT NULL AND problem IN ('failed', 'cancelled'))),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE INDEX billing_run_month ON billing_run (park_id, month)",
    "CREATE TABLE billing_run_lease (
 {park},
 run_id {uuid} NOT NULL,
 place {int} NOT NULL,
 of_tenant_id {uuid} NOT NULL,
 lease_id {uuid} NOT NULL,
 seats {int} NOT NULL,
 released {bool} NOT NULL,
 state {text} NOT NULL,
 before_minor {int},
 net_minor {int},
 tax_minor {int},
 total_minor {int},
 invoice_id {uuid},
 guard {text},
 usual_minor {int},
 refusal {json},
 unsent {bool} NOT NULL,
 PRIMARY KEY (park_id, run_id, place),
 CONSTRAINT billing_run_lease_once UNIQUE (park_id, run_id, lease_id),
 CONSTRAINT billing_run_lease_state CHECK (state IN ('waiting', 'issued', 'held', 'already', 'refused', 'empty')),
 CONSTRAINT billing_run_lease_amounts CHECK ((state IN ('issued', 'held'))
  = (net_minor IS NOT NULL AND tax_minor IS NOT NULL AND total_minor IS NOT NULL)),
 CONSTRAINT billing_run_lease_invoice CHECK ((state = 'issued') = (invoice_id IS NOT NULL)),
 CONSTRAINT billing_run_lease_guard CHECK ((state = 'held') = (guard IS NOT NULL)),
 CONSTRAINT billing_run_lease_refusal CHECK ((state = 'refused') = (refusal IS NOT NULL)),
 FOREIGN KEY (park_id, run_id) REFERENCES billing_run (park_id, run_id),
 FOREIGN KEY (park_id, of_tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id),
 FOREIGN KEY (park_id, of_tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}",
    "CREATE INDEX billing_run_lease_state_of ON billing_run_lease (park_id, run_id, state, place)",
    "CREATE TABLE repricing_run (
 {park},
 run_id {uuid} NOT NULL,
 from_month {date} NOT NULL,
 to_month {date} NOT NULL,
 issued_from {instant} NOT NULL,
 issued_before {instant} NOT NULL,
 invoices {int} NOT NULL,
 checked {int} NOT NULL,
 last_invoice_id {uuid},
 job_id {uuid} NOT NULL,
 started_at {instant} NOT NULL,
 started_by {uuid},
 ended_at {instant},
 problem {text},
 PRIMARY KEY (park_id, run_id),
 CONSTRAINT repricing_run_months CHECK (from_month <= to_month),
 CONSTRAINT repricing_run_problem CHECK (problem IS NULL OR (ended_at IS NOT NULL AND problem IN ('failed', 'cancelled'))),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE INDEX repricing_run_job ON repricing_run (park_id, job_id)",
    "CREATE TABLE repricing_difference (
 {park},
 run_id {uuid} NOT NULL,
 invoice_id {uuid} NOT NULL,
 of_tenant_id {uuid} NOT NULL,
 stored_minor {int} NOT NULL,
 again_minor {int},
 differences {int} NOT NULL,
 refusal {json},
 found_at {instant} NOT NULL,
 PRIMARY KEY (park_id, run_id, invoice_id),
 CONSTRAINT repricing_difference_refusal CHECK ((again_minor IS NULL) = (refusal IS NOT NULL)),
 FOREIGN KEY (park_id, run_id) REFERENCES repricing_run (park_id, run_id),
 FOREIGN KEY (park_id, of_tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}",
    // Invoices are looked at by when they were issued, in the order of their ids.
    "CREATE INDEX invoice_issued ON invoice (park_id, issued_at)",
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
        ddl::drop(manager, TABLES).await?;
        ddl::run(manager, &["DROP INDEX invoice_issued"]).await
    }
}
