//! Use cases of price books.

use voxpark_domain::audit::Seen;
use voxpark_domain::error::Refusals;
use voxpark_domain::pack::{PackFile, hex};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::{BookDraft, BookEdition, BookVersion, PublishedBook, Store};
use crate::pricing::PriceBook;
use crate::uow::Tx;

/// The longest file, in characters.
const MAX_FILE_CHARS: usize = 200_000;
/// The longest name of a file, in characters.
const MAX_NAME_CHARS: usize = 200;
/// The longest note, in characters.
const MAX_NOTE_CHARS: usize = 500;
/// The most versions that a list shows.
const MAX_EDITIONS: u32 = 200;

fn may_read(ctx: &Ctx) -> Result<()> {
    ctx.require(Action::Read, Resource::Billing)?;
    ctx.require_park()
}

/// The latest version of every book of the caller's park, by id. Staff of a tenant see none: what its own lease names is
/// shown with the lease.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn price_books(store: &dyn Store, ctx: &Ctx, page: &PageRequest) -> Result<Page<PublishedBook>> {
    may_read(ctx)?;
    store.price_books(page).await
}

/// How many books there are.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn price_books_count(store: &dyn Store, ctx: &Ctx) -> Result<i64> {
    may_read(ctx)?;
    store.price_books_count().await
}

/// A version of a book, the latest when none is named.
///
/// # Errors
/// [`Error::NotFound`] without permission, and when there is no such version.
pub async fn price_book(store: &dyn Store, ctx: &Ctx, book: &str, version: Option<u32>) -> Result<PublishedBook> {
    may_read(ctx)?;
    store.price_book(book, version).await?.ok_or(Error::NotFound)
}

/// The versions of books, the latest first, at most 200 of each.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn price_book_editions(store: &dyn Store, ctx: &Ctx, books: &[String]) -> Result<Vec<(String, BookEdition)>> {
    may_read(ctx)?;
    store.price_book_editions(books, MAX_EDITIONS).await
}

/// Versions by name; those that are not there are missing.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn price_books_named(store: &dyn Store, ctx: &Ctx, named: &[BookVersion]) -> Result<Vec<PublishedBook>> {
    may_read(ctx)?;
    store.price_books_named(named).await
}

/// What a file would be if it were published now: read and checked whole, the next version of its book, nothing kept.
///
/// # Errors
/// Those of [`price_book_publish`].
pub async fn price_book_check(tx: &dyn Tx, ctx: &Ctx, draft: &BookDraft) -> Result<PublishedBook> {
    // To staff of a tenant there are no books at all.
    ctx.require_park()?;
    ctx.require(Action::Commit, Resource::Billing)?;
    judged(tx, ctx, Parsed::of(draft)?).await
}

/// Publishes the next version of a book. It never changes afterwards; what is to be otherwise is another version.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`] without permission; `text-required`, `text-too-long`, `currency-mismatch` (not
/// that of the park), `price-book-version` (not the next one), and those of [`crate::pricing::PriceBook::parse`]; all that
/// apply.
pub async fn price_book_publish(tx: &dyn Tx, ctx: &Ctx, draft: &BookDraft) -> Result<PublishedBook> {
    // To staff of a tenant there are no books at all.
    ctx.require_park()?;
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let parsed = Parsed::of(draft)?;
    // Whoever publishes the same book waits, and is the next one after that.
    tx.price_book_lock(&parsed.book.id).await?;
    let published = judged(tx, ctx, parsed).await?;
    let heard = ctx.heard();
    heard.set("version", Seen::json(published.book.version));
    heard.set("sha256", Seen::of(hex(&published.sha256)));
    heard.set("note", Seen::of(published.note.clone()));
    tx.price_book_add(&published).await?;
    Ok(published)
}

/// A file as far as it can be judged by itself.
pub(crate) struct Parsed {
    /// What it says.
    pub(crate) book: PriceBook,
    /// Its name, for messages.
    pub(crate) file: String,
    /// The file.
    pub(crate) text: String,
    note: String,
    /// Its faults so far.
    pub(crate) bad: Refusals,
}

impl Parsed {
    /// Reads it.
    ///
    /// # Errors
    /// `text-required`, `text-too-long`, `pack-syntax`; its other faults are in `bad`.
    pub(crate) fn of(draft: &BookDraft) -> Result<Self> {
        let (file, note) = (draft.file.trim(), draft.note.trim());
        let mut bad = Refusals::new();
        bad.text("text", &draft.text, true, MAX_FILE_CHARS);
        bad.text("fileName", file, true, MAX_NAME_CHARS);
        bad.text("note", note, false, MAX_NOTE_CHARS);
        bad.finish()?;
        // Forms end lines their own way; the same file has the same hash wherever it came from.
        let text = draft.text.replace("\r\n", "\n");
        let book: PriceBook = PackFile { name: file, text: &text }.toml()?;
        let mut bad = Refusals::new();
        match book.check(file) {
            Err(Error::Refused(list)) => {
                for refusal in list {
                    bad.push(refusal);
                }
            }
            other => other?,
        }
        Ok(Self { book, file: file.to_owned(), text, note: note.to_owned(), bad })
    }
}

/// Whether the file is the next version of its book, in the currency of those before.
async fn judged(tx: &dyn Tx, ctx: &Ctx, parsed: Parsed) -> Result<PublishedBook> {
    let Parsed { book, file, text, note, mut bad } = parsed;
    let latest = tx.price_book(&book.id, None).await?;
    let expected = latest.as_ref().map_or(book.currency, |latest| latest.book.currency);
    let latest = latest.map_or(0, |latest| latest.book.version);
    let refusal = |code, rule, field: &str| {
        let refusal = Refusal::new(code, rule).at(format!("{}.{field}", book.id));
        refusal.with("file", file.as_str()).with("item", book.id.as_str()).with("field", field.to_owned())
    };
    bad.when(book.currency != expected, || {
        let refusal = refusal(RefusalCode::Invalid, "currency-mismatch", "currency");
        refusal.with("expected", expected.code()).with("found", book.currency.code())
    });
    bad.when(latest.checked_add(1) != Some(book.version), || {
        let refusal = refusal(RefusalCode::Conflict, "price-book-version", "version");
        let next = i64::from(latest).saturating_add(1);
        refusal.with("value", i64::from(book.version)).with("latest", i64::from(latest)).with("next", next)
    });
    bad.finish()?;
    Ok(PublishedBook::of(book, text, note, ctx.now(), ctx.actor().user))
}
