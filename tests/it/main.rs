//! All integration tests: one binary, because every further one links the whole product once more.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, and says where")]

mod account;
mod amend;
mod architecture;
mod audit;
mod audit_log;
mod audit_rate;
mod audit_trail;
mod billing;
mod browser;
mod cli;
mod console;
mod cost;
mod edge;
mod estate;
mod factor;
mod generated;
mod grants;
mod harness;
mod identity;
mod isolation;
mod jobs;
mod leasing;
mod mail;
mod maturity;
mod migrations;
mod oidc;
mod operations;
mod passkey;
mod schema;
mod sitting;
mod staffing;
mod statements;
mod streams;
mod telemetry;
mod tenancy;
