//! Documents that are known beforehand: those of the console. Each is parsed once, when it is first asked for, and may be
//! asked for by the hash of its text instead of the text.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use async_graphql::ServerError;
use async_graphql::parser::types::ExecutableDocument;
use sha2::{Digest as _, Sha256};

use crate::api::Limits;
use crate::document;

type Parsed = Arc<ExecutableDocument>;

/// The known documents.
#[derive(Default)]
pub(crate) struct Known {
    by_text: HashMap<&'static str, OnceLock<Parsed>>,
    by_id: OnceLock<HashMap<String, &'static str>>,
}

impl Known {
    pub(crate) fn new(texts: impl IntoIterator<Item = &'static str>) -> Self {
        let by_text = texts.into_iter().map(|text| (text, OnceLock::new())).collect();
        Self { by_text, by_id: OnceLock::new() }
    }

    /// The document with this text, parsed; `None` when it is nobody's but the caller's own.
    pub(crate) fn parsed(&self, text: &str, limits: &Limits) -> Result<Option<Parsed>, ServerError> {
        let Some(slot) = self.by_text.get(text) else { return Ok(None) };
        if let Some(parsed) = slot.get() {
            return Ok(Some(Arc::clone(parsed)));
        }
        let parsed = Arc::new(document::parse(text, limits)?);
        Ok(Some(Arc::clone(slot.get_or_init(|| parsed))))
    }

    /// The text of the document with this id: `sha256:` and 64 hex digits.
    pub(crate) fn text(&self, id: &str) -> Option<&'static str> {
        let ids = self.by_id.get_or_init(|| self.by_text.keys().map(|text| (document_id(text), *text)).collect());
        ids.get(id).copied()
    }
}

/// The id of a document: a hash of its text, as GraphQL over HTTP proposes for persisted documents.
pub fn document_id(text: &str) -> String {
    Sha256::digest(text).iter().fold("sha256:".to_owned(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_document_is_found_by_text_and_by_hash_and_parsed_once() {
        let known = Known::new(["{ a }", "{ b"]);
        let limits = Limits::default();
        let first = known.parsed("{ a }", &limits).ok().flatten().expect("known");
        let again = known.parsed("{ a }", &limits).ok().flatten().expect("known");
        assert!(Arc::ptr_eq(&first, &again));
        assert!(matches!(known.parsed("{ c }", &limits), Ok(None)));
        assert!(known.parsed("{ b", &limits).is_err());
        let id = document_id("{ a }");
        assert_eq!((id.len(), known.text(&id)), (71, Some("{ a }")));
        assert_eq!(known.text("sha256:00"), None);
    }
}
