//! The web console: pages that are GraphQL documents and templates.
//!
//! A page is a folder `pages/<name>/` (document, template, fixture), a module of a few lines in `src/pages/` and one
//! line in [`pages`]. It asks through [`Executor`] with the caller's own token, so it can never show what the API
//! would not. The README of this crate says how a page is added.

mod assets;
pub mod charts;
mod clauses;
pub mod exec;
pub mod figures;
pub mod fmt;
pub mod form;
pub mod frame;
pub mod html;
mod live;
pub mod maturity;
pub mod pages;
mod picking;
pub mod report;
pub mod session;
pub mod upload;
pub mod visit;
pub mod wire;
pub mod words;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

pub use exec::{Call, Client, Executor, Lang, Problem, StoredFile};

/// What the console needs to know about where it runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Whether browsers reach it over https: cookies are then `Secure`.
    pub https: bool,
    /// Whether there can be passkeys where it is.
    pub passkeys: bool,
}

/// The state every page shares.
#[derive(Clone)]
pub struct Console {
    /// Runs documents and keeps files.
    pub executor: Arc<dyn Executor>,
    /// Where it runs.
    pub settings: Settings,
    refreshes: Arc<session::Refreshes>,
}

/// The console as a router to be merged at `/`: every page, the assets, sign-in and sign-out.
pub fn router(executor: Arc<dyn Executor>, settings: Settings) -> Router {
    let console = Console { executor, settings, refreshes: Arc::default() };
    Router::new()
        .merge(pages::routes())
        .layer(from_fn(session::same_origin))
        .layer(from_fn_with_state(console.clone(), session::carry))
        .merge(assets::routes())
        .layer(from_fn(session::headers))
        .with_state(console)
}

/// Every GraphQL document of the console with the name of its page, so that a test can hold them against the schema.
pub fn documents() -> &'static [(&'static str, &'static str)] {
    pages::DOCUMENTS
}
