//! Assessments: a tenant's own ratings and evidence, and the assessor's ratings.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

/// What an assessor may see of a tenant's assessment: nothing before it is submitted.
const SUBMITTED: Access = Access::ReadWhere("submitted_at IS NOT NULL");

/// What a tenant may see of an assessor's ratings: nothing before the conclusion.
const CONCLUDED: Access = Access::ReadWhere("concluded_at IS NOT NULL");

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::private("assessment").for_assessor(SUBMITTED),
    TableRule::private("self_rating").for_assessor(SUBMITTED),
    TableRule::private("evidence").for_assessor(SUBMITTED),
    TableRule::private("assessor_rating").for_tenant(CONCLUDED).for_assessor(Access::Write),
    TableRule::private("assessment_result").for_tenant(Access::Read).for_park(Access::Read).for_assessor(Access::Write),
];

const UP: &[&str] = &[
    // The state is the tenant's; that it is assessed shows in assessment_result, which alone an assessor writes.
    "CREATE TABLE assessment (
 {owned},
 assessment_id {uuid} NOT NULL,
 framework {text} NOT NULL,
 framework_sha256 {text} NOT NULL,
 title {text} NOT NULL,
 cycle {text} NOT NULL,
 state {text} NOT NULL,
 assessed_on {date} NOT NULL,
 created_at {instant} NOT NULL,
 submitted_at {instant},
 PRIMARY KEY (park_id, tenant_id, assessment_id),
 CONSTRAINT assessment_state CHECK (state IN ('draft', 'submitted', 'withdrawn')),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    // One a framework and cycle, beside those that were taken back.
    "CREATE UNIQUE INDEX assessment_cycle ON assessment (park_id, tenant_id, framework, cycle) WHERE state <> 'withdrawn'",
    // submitted_at is copied on submission, and taken out when the assessment is taken back, so that a policy needs no look at another table.
    "CREATE TABLE self_rating (
 {owned},
 assessment_id {uuid} NOT NULL,
 clause {int} NOT NULL,
 c_rate {int} NOT NULL,
 f_rate {int} NOT NULL,
 note {text} NOT NULL,
 rated_at {instant} NOT NULL,
 rated_by {uuid},
 submitted_at {instant},
 PRIMARY KEY (park_id, tenant_id, assessment_id, clause),
 CONSTRAINT self_rating_value CHECK (c_rate IN (0, 5, 10) AND f_rate IN (0, 5, 10)),
 FOREIGN KEY (park_id, tenant_id, assessment_id) REFERENCES assessment (park_id, tenant_id, assessment_id)
{end}",
    "CREATE TABLE evidence (
 {owned},
 assessment_id {uuid} NOT NULL,
 evidence_id {uuid} NOT NULL,
 clause {int} NOT NULL,
 title {text} NOT NULL,
 file_id {uuid} NOT NULL,
 file_name {text} NOT NULL,
 media_type {text} NOT NULL,
 file_sha256 {bytes} NOT NULL,
 file_bytes {int} NOT NULL,
 covers_from {date} NOT NULL,
 covers_to {date},
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 submitted_at {instant},
 PRIMARY KEY (park_id, tenant_id, assessment_id, evidence_id),
 FOREIGN KEY (park_id, tenant_id, assessment_id) REFERENCES assessment (park_id, tenant_id, assessment_id)
{end}",
    // concluded_at is set by the assessor's conclusion, so that the tenant's policy needs no look at another table.
    "CREATE TABLE assessor_rating (
 {owned},
 assessment_id {uuid} NOT NULL,
 clause {int} NOT NULL,
 assessor_id {uuid} NOT NULL,
 c_rate {int} NOT NULL,
 f_rate {int} NOT NULL,
 note {text} NOT NULL,
 rated_at {instant} NOT NULL,
 concluded_at {instant},
 PRIMARY KEY (park_id, tenant_id, assessment_id, clause, assessor_id),
 CONSTRAINT assessor_rating_value CHECK (c_rate IN (0, 5, 10) AND f_rate IN (0, 5, 10)),
 FOREIGN KEY (park_id, tenant_id, assessment_id) REFERENCES assessment (park_id, tenant_id, assessment_id)
{end}",
    // What an assessor concluded; the park reads this and nothing else of an assessment.
    "CREATE TABLE assessment_result (
 {owned},
 assessment_id {uuid} NOT NULL,
 assessor_id {uuid} NOT NULL,
 framework {text} NOT NULL,
 level {int} NOT NULL,
 total {int} NOT NULL,
 concluded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, assessment_id),
 FOREIGN KEY (park_id, tenant_id, assessment_id) REFERENCES assessment (park_id, tenant_id, assessment_id)
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
