//! Logging to standard error: text or JSON, filtered by `log.level`.
//!
//! What goes into a log line: what happened, ids, counts, durations, request ids. Never GraphQL variables, mail
//! addresses, names, tokens or file contents.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::Log;

/// Starts logging for the whole process. A second call does nothing.
pub fn start(log: &Log) {
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let _ = if log.json { builder.json().try_init() } else { builder.try_init() };
}
