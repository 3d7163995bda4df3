//! What is true of parks, tenants and their call centres, whatever the database or protocol.
//!
//! One folder a context. In each: `mod.rs` says what the context decides and what it does not, `entity.rs` (or one
//! file an aggregate) is pure, `store.rs` is the port the use cases read and write through, `service.rs` holds the
//! use cases: authorise, load, decide (one pure call), save. Beginning and committing is the caller's one helper
//! ([`uow`]), so that no use case can forget it.
//!
//! To add a context: write the four files, add its `Store` to [`uow::DomainTx`], implement it in `infra`.

pub mod audit;
pub mod bounds;
pub mod ctx;
pub mod error;
pub mod estate;
pub mod identity;
pub mod ids;
pub mod jobs;
pub mod leasing;
pub mod mail;
pub mod maturity;
pub mod money;
pub mod news;
pub mod operations;
pub mod pack;
pub mod page;
pub mod papers;
pub mod people;
pub mod permission;
pub mod pipeline;
pub mod platform;
pub mod reference;
pub mod requests;
pub mod seat_days;
pub mod seating;
pub mod staffing;
pub mod statistics;
pub mod tables;
pub mod tenancy;
pub mod time;
pub mod uow;
pub mod workforce;

pub use ctx::{Ctx, Scope};
pub use error::{Error, Refusal, RefusalCode, Result};
