//! Adapters: the database behind the ports, secrets, files, mail, configuration.
//!
//! Only `db` opens transactions and only `entity`, `repo` and `db` name SeaORM. To add a table's repository: an entity in
//! `entity`, the port implemented for [`db::Tx`] in `repo`, always through [`db::Tx::select`] and the `{scope}` words of
//! [`db::Tx::query`], so that no statement can forget whose rows it is about.

pub mod chains;
pub mod config;
pub mod db;
pub mod documents;
pub mod drawings;
mod entity;
pub mod files;
pub mod intake;
pub mod jobs;
pub mod mail;
pub mod oidc;
pub mod passkeys;
pub mod platform;
mod repo;
pub mod runs;
pub mod secrets;
pub mod tables;
pub mod telemetry;
pub mod tokens;
