//! What a command says when it did not work.

use std::fmt;

use voxpark_domain::Error;
use voxpark_domain::ctx::Lang;
use voxpark_graphql::words;

/// How a command ends.
pub(super) type Outcome = Result<(), Failure>;

/// Why a command did not work, in words for the operator.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Failure {
    /// From a text or another error.
    pub(super) fn new(cause: impl fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let said = |rule, args: &[_]| words::message(Lang::En, rule, args);
        Self(match error {
            Error::Refused(list) => list.iter().map(|r| said(r.rule, &r.args)).collect::<Vec<_>>().join("\n"),
            Error::NotFound => said("not-found", &[]),
            Error::Forbidden => said("forbidden", &[]),
            Error::Unauthenticated => said("unauthenticated", &[]),
            Error::Internal(cause) => cause.to_string(),
        })
    }
}

/// Prints to standard output; a reader that has gone away (`| head`) is no failure.
pub(super) fn print(text: &str) -> Outcome {
    use std::io::Write as _;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::new(e)),
        _ => Ok(()),
    }
}
