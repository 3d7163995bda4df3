//! What a running installation tells its operator: log, figures, traces.
//!
//! What goes into a log line or a span: what happened, ids, counts, durations, request ids. Never GraphQL variables, mail
//! addresses, names, tokens or file contents; `tests/it/silence.rs` looks for all of them.

pub mod census;
pub mod metrics;
pub mod traces;

use std::io::IsTerminal as _;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};
use voxpark_domain::Result;

use crate::config::{Log, Traces};

/// Starts the log, to standard error as text or JSON, filtered by `log.level`; and traces, when there is somebody to send
/// them to. A second start of the log in one process does nothing.
///
/// # Errors
/// An internal error when traces cannot be sent from here.
pub fn start(log: &Log, traces: Option<&Traces>) -> Result<traces::Flush> {
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = if log.json { lines.json().boxed() } else { lines.boxed() };
    let (spans, flush) = match traces {
        Some(to) => traces::layer(to)?,
        None => (None, traces::Flush::default()),
    };
    let _ = tracing_subscriber::registry().with(spans).with(lines.with_filter(filter)).try_init();
    Ok(flush)
}
