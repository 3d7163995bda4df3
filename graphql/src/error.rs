//! From domain errors to GraphQL: expected refusals in payloads, everything else once, here.

use async_graphql::{Context, Enum, ErrorExtensionValues, ServerError, SimpleObject};
use voxpark_domain::ctx::Lang;
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

use crate::request::Asking as _;
use crate::words;

/// What kind of thing is wrong with an input.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "RefusalCode")]
pub(crate) enum UserErrorCode {
    /// A value does not have the form the field asks for.
    Invalid,
    /// A needed value is missing.
    Required,
    /// A number or date lies outside its range.
    OutOfRange,
    /// Something with this key exists already.
    Duplicate,
    /// Two periods that may not overlap do.
    Overlap,
    /// The thing named does not exist for this caller.
    NotFound,
    /// Somebody else changed the thing meanwhile, or the idempotency key was used for another request.
    Conflict,
    /// The caller may read this and not do that.
    Forbidden,
    /// The state of the thing does not allow this.
    State,
    /// Larger than the limit.
    TooLarge,
}

/// Something the caller can mend.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct UserError {
    /// The closed category.
    code: UserErrorCode,
    /// Stable id of the rule that refused, listed in docs/errors.md.
    rule: String,
    /// Path of the field in the input, dot separated; empty when it is about the whole.
    path: String,
    /// What is wrong, in the caller's language.
    message: String,
}

impl UserError {
    pub(crate) fn of(refusal: &Refusal, lang: Lang) -> Self {
        Self {
            code: refusal.code.into(),
            rule: refusal.rule.to_owned(),
            path: refusal.path.to_string(),
            message: words::message(lang, refusal.rule, &refusal.args),
        }
    }
    /// A refusal that was kept.
    pub(crate) fn kept(told: &voxpark_domain::error::Told, lang: Lang) -> Self {
        Self {
            code: told.code.into(),
            rule: told.rule.clone(),
            path: told.path.clone(),
            message: words::kept(lang, &told.rule, &told.args),
        }
    }
    /// The refusals of an error that belongs into a payload; `None` when it is no refusal.
    pub(crate) fn all(error: &Error, lang: Lang) -> Option<Vec<Self>> {
        match error {
            Error::Refused(list) => Some(list.iter().map(|r| Self::of(r, lang)).collect()),
            Error::NotFound => Some(vec![Self::of(&Refusal::new(RefusalCode::NotFound, "not-found"), lang)]),
            Error::Forbidden => Some(vec![Self::of(&Refusal::new(RefusalCode::Forbidden, "forbidden"), lang)]),
            Error::Unauthenticated | Error::Internal(_) => None,
        }
    }
}

/// The one masked answer to a fault.
pub(crate) fn internal(request: &str) -> async_graphql::Error {
    coded("internal error", "INTERNAL_SERVER_ERROR", Some(request))
}

fn coded(message: impl Into<String>, code: &str, request: Option<&str>) -> async_graphql::Error {
    let mut error = async_graphql::Error::new(message);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    if let Some(id) = request {
        extensions.set("requestId", id);
    }
    error.extensions = Some(extensions);
    error
}

/// A top-level error. Causes go to the log, never to the caller.
pub(crate) fn top(error: &Error, lang: Lang, request: &str) -> async_graphql::Error {
    match error {
        Error::Unauthenticated => coded(words::message(lang, "unauthenticated", &[]), "UNAUTHENTICATED", None),
        Error::Forbidden => coded(words::message(lang, "forbidden", &[]), "FORBIDDEN", None),
        Error::NotFound => coded(words::message(lang, "not-found", &[]), "NOT_FOUND", None),
        Error::Refused(list) => {
            let text: Vec<_> = list.iter().map(|r| words::message(lang, r.rule, &r.args)).collect();
            coded(text.join(" "), "BAD_USER_INPUT", None)
        }
        Error::Internal(cause) => {
            tracing::error!(request, %cause, "internal error");
            internal(request)
        }
    }
}

/// The answer to a document that nobody here knows, of a caller who may not send documents of its own.
pub(crate) fn unknown_document(lang: Lang, known: bool) -> async_graphql::Error {
    let code = if known { "FORBIDDEN" } else { "UNAUTHENTICATED" };
    coded(words::message(lang, "own-document", &[]), code, None)
}

/// The answer to somebody who has to set a second factor up before anything else.
pub(crate) fn enrol_first(lang: Lang) -> async_graphql::Error {
    let mut error = coded(words::message(lang, "factor-first", &[]), "FORBIDDEN", None);
    error.extensions.get_or_insert_default().set("rule", "factor-first");
    error
}

/// The answer to an operation that took longer than it may. Nothing of it was written.
pub(crate) fn too_slow(lang: Lang) -> ServerError {
    let error = coded(words::message(lang, "too-slow", &[]), "TIMEOUT", None);
    ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) }
}

/// The answer to a caller who asked for too much in a time.
pub(crate) fn too_much(lang: Lang, seconds: i64) -> ServerError {
    let error = coded(words::message(lang, "too-much", &[("seconds", seconds.into())]), "RATE_LIMITED", None);
    ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) }
}

/// The answer to a caller who has too many subscriptions open.
pub(crate) fn too_many(lang: Lang, most: usize) -> ServerError {
    let error = coded(words::message(lang, "too-many-streams", &[("max", most.into())]), "RATE_LIMITED", None);
    ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) }
}

/// Errors of the document itself get a code too.
pub(crate) fn code_of_document_error(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        let code = if !error.path.is_empty() {
            "BAD_USER_INPUT"
        } else if error.message.starts_with(" -->") {
            "GRAPHQL_PARSE_FAILED"
        } else {
            "GRAPHQL_VALIDATION_FAILED"
        };
        extensions.set("code", code);
    }
}

/// Errors of resolvers, in the caller's language.
pub(crate) trait Fault {
    /// A domain error as a top-level error.
    fn fault(&self, error: &Error) -> async_graphql::Error;
    /// `null` for what does not exist for the caller.
    fn nullable<T>(&self, result: Result<T>) -> async_graphql::Result<Option<T>>;
    /// A list that is empty where the caller may not look.
    fn or_default<T: Default>(&self, result: Result<T>) -> async_graphql::Result<T> {
        self.nullable(result).map(Option::unwrap_or_default)
    }
}

impl Fault for Context<'_> {
    fn fault(&self, error: &Error) -> async_graphql::Error {
        let request = self.request();
        top(error, request.lang(), &request.id)
    }
    fn nullable<T>(&self, result: Result<T>) -> async_graphql::Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(self.fault(&error)),
        }
    }
}
