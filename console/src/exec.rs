//! The seam to the API: the console knows this trait and nothing behind it.

use async_trait::async_trait;
use axum::body::Bytes;
use futures_util::stream::BoxStream;
use serde_json::Value;

/// The languages of the console; Chinese is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// BCP 47 tag: `zh-CN` or `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language a tag asks for, by its primary subtag; `None` for any other language.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.trim().split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Picks by an `Accept-Language` header (RFC 9110 section 12.5.4); Chinese when it names neither.
    pub fn negotiate(header: &str) -> Self {
        let mut best = (0.0_f32, Self::Zh);
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let Some(lang) = pieces.next().and_then(Self::from_tag) else { continue };
            let weight = pieces.find_map(|p| p.trim().strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }
}

/// The machine a request comes from. The server in front puts it among the extensions of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The `User-Agent` header.
    pub agent: Option<String>,
    /// The address.
    pub address: Option<std::net::IpAddr>,
}

/// One execution of a GraphQL document.
#[derive(Clone, Debug)]
pub struct Call {
    /// The document, known when the console was built.
    pub document: &'static str,
    /// Which operation of the document; `None` when it holds one.
    pub operation: Option<&'static str>,
    /// The variables, a JSON object.
    pub variables: Value,
    /// Access token of the caller; `None` before sign-in.
    pub bearer: Option<String>,
    /// Language for messages that the API writes.
    pub lang: Lang,
    /// The machine the caller sits at.
    pub client: Client,
}

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Id to pass to an import mutation.
    pub id: String,
    /// Name it was sent under.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// Why a file was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status that says it: 401 not signed in, 403 may not, 413 too large, 422 unusable.
    pub status: u16,
    /// The same in words of the caller's language.
    pub message: String,
}

/// The bytes of a file as they arrive.
pub type Body<'a> = BoxStream<'a, Result<Bytes, std::io::Error>>;

/// Executes documents for the console with the caller's own rights.
#[async_trait]
pub trait Executor: Send + Sync {
    /// Executes a call; answers with the GraphQL response object, `{"data": .., "errors": [..]}`.
    async fn execute(&self, call: Call) -> Value;

    /// Executes a subscription: the answer as it is, and again whenever it has changed, until the caller hangs up.
    fn follow(&self, call: Call) -> BoxStream<'static, Value>;

    /// Takes a file in while it streams, for an import or as evidence.
    ///
    /// # Errors
    /// A [`Problem`] when the caller may not, or the file is too large or broken off.
    async fn store_file(
        &self,
        bearer: Option<&str>,
        lang: Lang,
        name: &str,
        media_type: &str,
        body: Body<'_>,
    ) -> Result<StoredFile, Problem>;

    /// Puts it on the audit log that the caller takes a list away as a file.
    ///
    /// # Errors
    /// A [`Problem`] when it cannot; then nothing must be given out.
    async fn taken_away(&self, bearer: Option<&str>, list: &str, form: &str) -> Result<(), Problem>;

    /// A fresh idempotency key for a form: unguessable, at most 64 characters.
    fn fresh_key(&self) -> String;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_is_negotiated_with_chinese_as_default() {
        for (header, lang) in [
            ("", Lang::Zh),
            ("fr-FR,fr;q=0.9", Lang::Zh),
            ("en-GB,en;q=0.9", Lang::En),
            ("en;q=0.5,zh-TW;q=0.8", Lang::Zh),
            ("de, en;q=0.3", Lang::En),
            ("zh;q=0,en;q=0.1", Lang::En),
        ] {
            assert_eq!(Lang::negotiate(header), lang, "{header}");
        }
    }
}
