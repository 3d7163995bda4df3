//! The GraphQL API: a schema over the use cases of `domain` and `billing`.
//!
//! A resolver parses its arguments, calls one use case and maps the answer. Queries share one read transaction a
//! request; a mutation runs in one write transaction that [`change`] opens, commits and puts on the audit log. Relations
//! go through [`load`], one statement a kind and level whatever the page size.
//!
//! To add an operation: the use case, its resolver in the context's module, its words in `locales`, its case in the
//! isolation tests (a guard fails without one), `voxpark sdl` into `schema.graphql`.

mod alerts;
mod api;
mod audit;
mod billing;
mod book_costs;
mod books;
mod change;
mod cost;
mod document;
mod drive;
mod error;
mod estate;
mod files;
mod follow;
mod identity;
mod jobs;
mod known;
mod leasing;
mod load;
mod maturity;
mod need;
mod node;
mod once;
mod operations;
mod page;
mod papers;
mod people;
mod pipeline;
mod price_books;
mod record;
mod request;
mod requests;
mod scalar;
mod schedules;
mod schema;
mod seat_days;
mod seat_plan;
mod seating;
mod settling;
mod staffing;
mod statistics;
mod straight_lines;
mod subscription;
mod tenancy;
mod throttle;
mod upload;
pub mod words;

pub use api::{Answer, Api, Call, Limits, Services};
pub use billing::{platform_why, why};
pub use books::Numbers;
pub use known::document_id;
pub use record::Recorder;
pub use schema::sdl;
pub use throttle::Allowance;
