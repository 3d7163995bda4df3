//! What price books are read from and kept in.

use async_trait::async_trait;
use voxpark_domain::Result;
use voxpark_domain::page::{Page, PageRequest};

use super::{BookEdition, BookVersion, PublishedBook};

/// Published price books of the caller's park.
#[async_trait]
pub trait Store: Send + Sync {
    /// The latest version of every book, by id.
    async fn price_books(&self, page: &PageRequest) -> Result<Page<PublishedBook>>;
    /// How many books there are.
    async fn price_books_count(&self) -> Result<i64>;
    /// A version of a book, the latest when none is named.
    async fn price_book(&self, book: &str, version: Option<u32>) -> Result<Option<PublishedBook>>;
    /// Versions by name; those out of reach are missing. One statement for any number.
    async fn price_books_named(&self, named: &[BookVersion]) -> Result<Vec<PublishedBook>>;
    /// The latest versions of books, at most so many of each, the latest first. One statement for any number of books.
    async fn price_book_editions(&self, books: &[String], most: u32) -> Result<Vec<(String, BookEdition)>>;
    /// Keeps whoever else publishes this book waiting until the transaction ends.
    async fn price_book_lock(&self, book: &str) -> Result<()>;
    /// Adds a version.
    async fn price_book_add(&self, book: &PublishedBook) -> Result<()>;
}
