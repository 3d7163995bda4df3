//! The schema: one change a file, the same on SQLite and PostgreSQL, each with a proven `down`.
//!
//! A table is declared twice, side by side: its columns as SQL (types that differ are `{placeholders}`, see [`ddl`])
//! and its [`TableRule`]: who owns its rows and what each class of caller may do. From the rule come grants and forced
//! row-level security on PostgreSQL, write triggers on SQLite, the repositories' filter, the catalogue audit and the
//! isolation tests; a table without a rule fails all of them.
//!
//! To add a table: a new file beside these, `up`/`down`, its rules in `TABLES`, and both in [`Migrator`] and [`rules`].

mod apart;
pub mod ddl;
pub mod rule;
pub mod secure;

mod m01_identity;
mod m02_estate;
mod m03_leasing;
mod m04_people;
mod m05_operations;
mod m06_maturity;
mod m07_billing;
mod m08_platform;
mod m09_audit;
mod m100_price_books;
mod m101_leases_by_book;
mod m10_identity_depth;
mod m110_parties;
mod m111_deliveries;
mod m112_fapiao;
mod m113_presence_months;
mod m114_payment_acts;
mod m115_credit_note_balance;
mod m116_billing_runs;
mod m117_corrections;
mod m118_credited_corrections;
mod m11_jobs;
mod m125_platform_invoices;
mod m126_currencies;
mod m127_usage;
mod m128_note_documents;
mod m129_places_known;
mod m12_letters;
mod m130_write_offs;
mod m131_gross_lines;
mod m132_straight_lines;
mod m13_second_factor;
mod m14_access_policy;
mod m15_service_accounts;
mod m16_signing_keys;
mod m17_emergencies;
mod m20_oidc;
mod m21_passkeys;
mod m30_files;
mod m31_progress;
mod m32_schedules;
mod m40_grants;
mod m41_proofs;
mod m50_claims;
mod m51_holds;
mod m52_pipeline;
mod m53_price_steps;
mod m54_quotes;
mod m60_requests;
mod m61_seating;
mod m65_seat_facts;
mod m70_clauses;
mod m71_papers;
mod m72_settlement;
mod m80_places;
mod m81_features;
mod m82_floor_plans;
mod m83_photos;
mod m90_quote_holds;
mod m91_sought_clauses;
mod m95_books;
mod m96_credit_notes;

pub use rule::{Access, Class, Owner, TableRule};
pub use sea_orm_migration::{Migration, MigrationTrait, MigratorTrait, SchemaManager};

use sea_orm_migration::prelude::*;

/// The PostgreSQL schema that holds every table.
pub const SCHEMA: &str = "voxpark";

/// Runs the changes in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m01_identity::Migration),
            Box::new(m02_estate::Migration),
            Box::new(m03_leasing::Migration),
            Box::new(m04_people::Migration),
            Box::new(m05_operations::Migration),
            Box::new(m06_maturity::Migration),
            Box::new(m07_billing::Migration),
            Box::new(m08_platform::Migration),
            Box::new(m09_audit::Migration),
            Box::new(m11_jobs::Migration),
            Box::new(m10_identity_depth::Migration),
            Box::new(m12_letters::Migration),
            Box::new(m13_second_factor::Migration),
            Box::new(m40_grants::Migration),
            Box::new(m20_oidc::Migration),
            Box::new(m30_files::Migration),
            Box::new(m31_progress::Migration),
            Box::new(m32_schedules::Migration),
            Box::new(m14_access_policy::Migration),
            Box::new(m15_service_accounts::Migration),
            Box::new(m16_signing_keys::Migration),
            Box::new(m17_emergencies::Migration),
            Box::new(m21_passkeys::Migration),
            Box::new(m41_proofs::Migration),
            Box::new(m50_claims::Migration),
            Box::new(m51_holds::Migration),
            Box::new(m53_price_steps::Migration),
            Box::new(m52_pipeline::Migration),
            Box::new(m54_quotes::Migration),
            Box::new(m60_requests::Migration),
            Box::new(m61_seating::Migration),
            Box::new(m65_seat_facts::Migration),
            Box::new(m70_clauses::Migration),
            Box::new(m71_papers::Migration),
            Box::new(m72_settlement::Migration),
            Box::new(m80_places::Migration),
            Box::new(m81_features::Migration),
            Box::new(m90_quote_holds::Migration),
            Box::new(m91_sought_clauses::Migration),
            Box::new(m82_floor_plans::Migration),
            Box::new(m83_photos::Migration),
            Box::new(m95_books::Migration),
            Box::new(m96_credit_notes::Migration),
            Box::new(m110_parties::Migration),
            Box::new(m111_deliveries::Migration),
            Box::new(m112_fapiao::Migration),
            Box::new(m100_price_books::Migration),
            Box::new(m101_leases_by_book::Migration),
            Box::new(m113_presence_months::Migration),
            Box::new(m114_payment_acts::Migration),
            Box::new(m115_credit_note_balance::Migration),
            Box::new(m116_billing_runs::Migration),
            Box::new(m117_corrections::Migration),
            Box::new(m118_credited_corrections::Migration),
            Box::new(m125_platform_invoices::Migration),
            Box::new(m126_currencies::Migration),
            Box::new(m127_usage::Migration),
            Box::new(m128_note_documents::Migration),
            Box::new(m129_places_known::Migration),
            Box::new(m130_write_offs::Migration),
            Box::new(m131_gross_lines::Migration),
            Box::new(m132_straight_lines::Migration),
        ]
    }
}

/// The trigger by which the heads of the audit log only move forward, by its name and as SQLite keeps it.
pub const FORWARD: (&str, &str) = ("audit_head_forward", m09_audit::FORWARD);

/// The rules of each change, in order.
const RULES: &[&[TableRule]] = &[
    m01_identity::TABLES,
    m02_estate::TABLES,
    m03_leasing::TABLES,
    m04_people::TABLES,
    m05_operations::TABLES,
    m06_maturity::TABLES,
    m07_billing::TABLES,
    m08_platform::TABLES,
    m09_audit::TABLES,
    m10_identity_depth::TABLES,
    m12_letters::TABLES,
    m13_second_factor::TABLES,
    m40_grants::TABLES,
    m50_claims::TABLES,
    m20_oidc::TABLES,
    m30_files::TABLES,
    m32_schedules::TABLES,
    m14_access_policy::TABLES,
    m15_service_accounts::TABLES,
    m16_signing_keys::TABLES,
    m17_emergencies::TABLES,
    m21_passkeys::TABLES,
    m51_holds::TABLES,
    m52_pipeline::TABLES,
    m54_quotes::TABLES,
    m60_requests::TABLES,
    m61_seating::TABLES,
    m65_seat_facts::TABLES,
    m65_seat_facts::OCCUPANCY,
    m70_clauses::TABLES,
    m71_papers::TABLES,
    m72_settlement::TABLES,
    m80_places::TABLES,
    m81_features::TABLES,
    m90_quote_holds::TABLES,
    m90_quote_holds::HOLDS,
    m82_floor_plans::TABLES,
    m83_photos::TABLES,
    m95_books::TABLES,
    m96_credit_notes::TABLES,
    m110_parties::TABLES,
    m111_deliveries::TABLES,
    m112_fapiao::TABLES,
    m100_price_books::TABLES,
    m101_leases_by_book::TABLES,
    m113_presence_months::TABLES,
    m114_payment_acts::TABLES,
    m116_billing_runs::TABLES,
    m117_corrections::TABLES,
    m118_credited_corrections::TABLES,
    m125_platform_invoices::TABLES,
    m126_currencies::TABLES,
    m127_usage::TABLES,
    m128_note_documents::TABLES,
    m129_places_known::TABLES,
    m130_write_offs::TABLES,
];

/// Every table of the schema with its rule: the last one said of it.
pub fn rules() -> impl Iterator<Item = &'static TableRule> {
    let later = |n: usize, name: &str| RULES.iter().skip(n + 1).flat_map(|t| t.iter()).any(|r| r.name == name);
    RULES.iter().enumerate().flat_map(move |(n, tables)| tables.iter().filter(move |r| !later(n, r.name)))
}

/// The rule of one table.
pub fn rule(table: &str) -> Option<&'static TableRule> {
    RULES.iter().rev().flat_map(|tables| tables.iter()).find(|r| r.name == table)
}
