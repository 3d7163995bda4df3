//! A published version of a price book.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use voxpark_domain::ids::UserId;
pub use voxpark_domain::leasing::BookVersion;

use crate::pricing::PriceBook;

/// A version as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedBook {
    /// What it says.
    pub book: PriceBook,
    /// The file it was published from.
    pub text: String,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// What the version is about, in the words of whoever published it; may be empty.
    pub note: String,
    /// When it was published.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: Option<UserId>,
}

impl PublishedBook {
    /// A checked book and its file.
    pub fn of(book: PriceBook, text: String, note: String, at: DateTime<Utc>, by: Option<UserId>) -> Self {
        let sha256 = Sha256::digest(text.as_bytes()).into();
        Self { book, text, sha256, note, at, by }
    }
    /// Which it is.
    pub fn named(&self) -> BookVersion {
        BookVersion { book: self.book.id.clone(), version: self.book.version }
    }
}

/// A version in a list of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookEdition {
    /// Its number.
    pub version: u32,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// What it is about.
    pub note: String,
    /// When it was published.
    pub at: DateTime<Utc>,
}

/// A version that somebody wants to publish.
#[derive(Clone, Debug)]
pub struct BookDraft {
    /// Name of the file, for messages.
    pub file: String,
    /// The file.
    pub text: String,
    /// What the version is about; may be empty.
    pub note: String,
}
