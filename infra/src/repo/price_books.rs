//! Price books of a park.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use voxpark_billing::price_books::{BookEdition, BookVersion, PublishedBook, Store};
use voxpark_billing::pricing::PriceBook;
use voxpark_domain::ids::{Id, TenantId, UserId};
use voxpark_domain::pack::PackFile;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id};
use super::floor_plans::sha256;
use super::get;
use crate::db::{Slot, Tx, fail};

const BOOK: Slot = Slot("b", "price_book");
const COLUMNS: &str = "b.file_text, b.sha256, b.note, b.published_at, b.published_by";

/// The file was checked when it was published; what is checked now must not make an old one unreadable.
pub(super) fn read(text: &str) -> Result<PriceBook> {
    PackFile { name: "price_book", text }.toml().map_err(|refusal| Error::internal(refusal.rule))
}

fn to_book(row: &QueryResult) -> Result<PublishedBook> {
    let text: String = get(row, "file_text")?;
    Ok(PublishedBook {
        book: read(&text)?,
        sha256: sha256(get(row, "sha256")?)?,
        text,
        note: get(row, "note")?,
        at: get(row, "published_at")?,
        by: get::<Option<_>>(row, "published_by")?.map(UserId::from_uuid),
    })
}

/// What a tenant may read of the books that its leases name.
const AGREED: Slot = Slot("g", "agreed_price_book");

impl Tx {
    /// Gives a tenant its copy of a version that a lease of its own names; once.
    pub(super) async fn price_book_agree(
        &self,
        tenant: TenantId,
        named: &BookVersion,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "INSERT INTO agreed_price_book (park_id, tenant_id, book, version, file_text, sha256, agreed_at)
             SELECT b.park_id, $1, b.book, b.version, b.file_text, b.sha256, $4 FROM price_book b
             WHERE {b} AND b.book = $2 AND b.version = $3
             ON CONFLICT (park_id, tenant_id, book, version) DO NOTHING";
        let values = vec![id(tenant), named.book.as_str().into(), i64::from(named.version).into(), at.into()];
        self.execute(sql, &[BOOK], values).await.map_err(fail).map(drop)
    }
    /// The books that leases name, as their tenants have them.
    pub(super) async fn price_books_agreed(&self, named: &BTreeSet<BookVersion>) -> Result<Vec<Arc<PriceBook>>> {
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let mut binds = Binds::default();
        let one = |named: &BookVersion| {
            let version = i64::from(named.version);
            format!("(g.book = {} AND g.version = {})", binds.one(named.book.as_str()), binds.one(version))
        };
        let of: Vec<String> = named.iter().map(one).collect();
        // Copies of several tenants are the same.
        let sql = format!(
            "SELECT g.book, g.version, MIN(g.file_text) AS file_text FROM agreed_price_book g WHERE {{g}} AND ({})
             GROUP BY g.book, g.version",
            of.join(" OR ")
        );
        let book = |row: &QueryResult| read(&get::<String>(row, "file_text")?).map(Arc::new);
        self.query(&sql, &[AGREED], binds.into_values()).await?.iter().map(book).collect()
    }
    async fn price_books_where(&self, of: &str, binds: Binds) -> Result<Vec<PublishedBook>> {
        let sql = format!("SELECT {COLUMNS} FROM price_book b WHERE {{b}} AND {of}");
        self.query(&sql, &[BOOK], binds.into_values()).await?.iter().map(to_book).collect()
    }
}

#[async_trait]
impl Store for Tx {
    async fn price_books(&self, page: &PageRequest) -> Result<Page<PublishedBook>> {
        let mut binds = Binds::default();
        let after = binds.one(page.after.clone().unwrap_or_default());
        // A book without a later version; the first key is empty, and no id is.
        let sql = format!(
            "SELECT {COLUMNS} FROM price_book b LEFT JOIN price_book l ON {{l}} AND l.park_id = b.park_id AND l.book = b.book
              AND l.version = b.version + 1
             WHERE {{b}} AND l.version IS NULL AND b.book > {after} ORDER BY b.book LIMIT {}",
            page.first + 1
        );
        let rows = self.query(&sql, &[BOOK, Slot("l", "price_book")], binds.into_values()).await?;
        let books = rows.iter().map(to_book).collect::<Result<Vec<_>>>()?;
        Ok(Page::from_rows(page, books.into_iter().map(|book| (book.book.id.clone(), book)).collect()))
    }

    async fn price_books_count(&self) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM price_book b WHERE {b} AND b.version = 1";
        self.query_one(sql, &[BOOK], Vec::new()).await?.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn price_book(&self, book: &str, version: Option<u32>) -> Result<Option<PublishedBook>> {
        let mut binds = Binds::default();
        let book = binds.one(book);
        let of = match version {
            Some(version) => format!("b.book = {book} AND b.version = {}", binds.one(i64::from(version))),
            None => format!("b.book = {book} ORDER BY b.version DESC LIMIT 1"),
        };
        Ok(self.price_books_where(&of, binds).await?.pop())
    }

    async fn price_books_named(&self, named: &[BookVersion]) -> Result<Vec<PublishedBook>> {
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let mut binds = Binds::default();
        let one = |named: &BookVersion| {
            format!(
                "(b.book = {} AND b.version = {})",
                binds.one(named.book.as_str()),
                binds.one(i64::from(named.version))
            )
        };
        let of: Vec<String> = named.iter().map(one).collect();
        self.price_books_where(&format!("({})", of.join(" OR ")), binds).await
    }

    async fn price_book_editions(&self, books: &[String], most: u32) -> Result<Vec<(String, BookEdition)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT b.book, b.version, b.sha256, b.note, b.published_at FROM price_book b
             WHERE {{b}} AND b.book IN {} AND b.version >
              (SELECT MAX(l.version) FROM price_book l WHERE {{l}} AND l.park_id = b.park_id AND l.book = b.book) - {most}
             ORDER BY b.book, b.version DESC",
            binds.list(books.iter().map(String::as_str))
        );
        let edition = |row: &QueryResult| {
            let edition = BookEdition {
                version: u32::try_from(get::<i64>(row, "version")?).map_err(Error::internal)?,
                sha256: sha256(get(row, "sha256")?)?,
                note: get(row, "note")?,
                at: get(row, "published_at")?,
            };
            Ok((get(row, "book")?, edition))
        };
        let slots = [BOOK, Slot("l", "price_book")];
        self.query(&sql, &slots, binds.into_values()).await?.iter().map(edition).collect()
    }

    async fn price_book_lock(&self, book: &str) -> Result<()> {
        self.hold(format!("price-book/{}/{book}", self.park_id()?)).await
    }

    async fn price_book_add(&self, published: &PublishedBook) -> Result<()> {
        let values = vec![
            self.park_id()?.into(),
            published.book.id.as_str().into(),
            i64::from(published.book.version).into(),
            published.text.as_str().into(),
            published.sha256.to_vec().into(),
            published.note.as_str().into(),
            published.at.into(),
            published.by.map(Id::uuid).into(),
        ];
        let sql = "INSERT INTO price_book (park_id, book, version, file_text, sha256, note, published_at, published_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        self.execute(sql, &[], values).await.map_err(fail).map(drop)
    }
}
