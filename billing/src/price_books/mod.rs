//! Price books as a park keeps them: published versions that never change, what a version changes, what it comes to.
//!
//! What a book may say and how it charges is [`crate::pricing`]; this is where books come from, who may publish one, and what
//! can be asked of them.

mod differences;
mod entity;
mod leases;
mod quote;
mod service;
mod store;

pub use differences::{Difference, differences};
pub use entity::{BookDraft, BookEdition, BookVersion, PublishedBook};
pub use leases::{lease_book, lease_book_amended, unfit};
pub use quote::{BookQuote, QuoteAsked, quote};
pub(crate) use service::Parsed;
pub use service::{
    price_book, price_book_check, price_book_editions, price_book_publish, price_books, price_books_count,
    price_books_named,
};
pub use store::Store;
