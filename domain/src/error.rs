//! One error type for every use case: refusals that a user can act on, and faults that only an operator can.
//!
//! A refusal never carries text. It carries a stable *rule* (a kebab-case id that is also the message id in the
//! language catalogues), the path of the field and named arguments; the edge turns it into words of the caller's
//! language. That keeps messages complete in every language by test and free of personal data by construction.

use std::borrow::Cow;
use std::fmt;

/// Result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing is wrong with the input or the state; the closed set that API clients may switch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
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

/// One named argument of a refusal: a number or a short text that came from the caller or from a public list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Arg {
    /// A whole number (counts, rows, minor units).
    Number(i64),
    /// A short text such as a code, a date or a column name. Never personal data.
    Text(String),
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}
impl From<usize> for Arg {
    fn from(value: usize) -> Self {
        Self::Number(i64::try_from(value).unwrap_or(i64::MAX))
    }
}
impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<chrono::NaiveDate> for Arg {
    fn from(value: chrono::NaiveDate) -> Self {
        Self::Text(value.to_string())
    }
}

/// Something the caller can mend: which field, which rule, with which figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The closed category.
    pub code: RefusalCode,
    /// Stable rule id, also the message id in the catalogues (`seat-code-doubled`).
    pub rule: &'static str,
    /// Path of the field in the caller's input, dot separated (`rows.3.code`); empty when it is about the whole.
    pub path: Cow<'static, str>,
    /// Named arguments of the message.
    pub args: Vec<(&'static str, Arg)>,
}

impl Refusal {
    /// A refusal of `rule`, about the whole input until [`at`](Self::at) says otherwise.
    pub const fn new(code: RefusalCode, rule: &'static str) -> Self {
        Self { code, rule, path: Cow::Borrowed(""), args: Vec::new() }
    }
    /// Names the field.
    #[must_use]
    pub fn at(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }
    /// Adds a named argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Arg>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}

/// A refusal as it is kept: its rule is read back as text.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Told {
    /// The closed category.
    pub code: RefusalCode,
    /// Stable rule id.
    pub rule: String,
    /// Path of the field.
    pub path: String,
    /// Named arguments of the message.
    pub args: Vec<(String, Arg)>,
}

impl Told {
    /// Named arguments as they are kept.
    pub(crate) fn owned(args: &[(&'static str, Arg)]) -> Vec<(String, Arg)> {
        args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }
}

impl From<&Refusal> for Told {
    fn from(r: &Refusal) -> Self {
        Self { code: r.code, rule: r.rule.to_owned(), path: r.path.to_string(), args: Self::owned(&r.args) }
    }
}

/// Why a use case did not happen.
#[derive(Debug)]
pub enum Error {
    /// The caller can mend it; at least one refusal.
    Refused(Vec<Refusal>),
    /// It does not exist for this caller, whether or not it exists at all.
    NotFound,
    /// The caller may read it and not do this to it.
    Forbidden,
    /// Nobody is signed in, or the proof is wrong or too old.
    Unauthenticated,
    /// A bug or an outage. The cause goes to the log, never to the caller.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps a cause the caller must not see.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(list) => {
                f.write_str("refused:")?;
                for r in list {
                    write!(f, " {}@{}", r.rule, r.path)?;
                }
                Ok(())
            }
            Self::NotFound => f.write_str("not found"),
            Self::Forbidden => f.write_str("forbidden"),
            Self::Unauthenticated => f.write_str("unauthenticated"),
            Self::Internal(cause) => write!(f, "internal: {cause}"),
        }
    }
}

impl std::error::Error for Error {}

/// Collects every refusal of an input, so that a form shows all of them at once.
#[derive(Debug, Default)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    /// Empty.
    pub const fn new() -> Self {
        Self(Vec::new())
    }
    /// Remembers one.
    pub fn push(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }
    /// Remembers `refusal` when `bad` holds.
    pub fn when(&mut self, bad: bool, refusal: impl FnOnce() -> Refusal) {
        if bad {
            self.0.push(refusal());
        }
    }
    /// Remembers a text that is missing (`text-required`) or longer than so many characters (`text-too-long`).
    pub fn text(&mut self, path: impl Into<Cow<'static, str>>, text: &str, required: bool, most: usize) {
        let path = path.into();
        self.when(required && text.trim().is_empty(), || {
            Refusal::new(RefusalCode::Required, "text-required").at(path.clone()).with("max", most)
        });
        self.when(text.trim().chars().count() > most, || {
            Refusal::new(RefusalCode::TooLarge, "text-too-long").at(path).with("max", most)
        });
    }
    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// `Ok` when nothing was refused.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Refused(self.0)) }
    }
}
