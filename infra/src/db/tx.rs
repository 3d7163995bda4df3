//! A transaction with its scope: what every repository hangs off.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    ExecResult, IntoActiveModel, QueryFilter, QueryResult, Select, Statement, UpdateMany, Value,
};
use uuid::Uuid;
use voxpark_billing::uow;
use voxpark_domain::ids::{Id as _, ParkId};
use voxpark_domain::news::Topic;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Error, Refusal, RefusalCode, Result};
use voxpark_migrations::Class;

use super::error::{fail, violated};
use super::news::News;
use super::reach::Reach;
use crate::secrets::Keys;

/// What statements go to.
#[derive(Debug)]
pub(crate) enum Line {
    /// A transaction of the context's own.
    Transaction(DatabaseTransaction),
    /// Connections that do nothing but glance ([`Mode::Glance`]): each statement for itself.
    Glance(DatabaseConnection),
}

#[async_trait]
impl ConnectionTrait for Line {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Transaction(txn) => txn.get_database_backend(),
            Self::Glance(pool) => pool.get_database_backend(),
        }
    }
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Transaction(txn) => txn.execute_raw(statement).await,
            Self::Glance(pool) => pool.execute_raw(statement).await,
        }
    }
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Transaction(txn) => txn.execute_unprepared(sql).await,
            Self::Glance(pool) => pool.execute_unprepared(sql).await,
        }
    }
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Transaction(txn) => txn.query_one_raw(statement).await,
            Self::Glance(pool) => pool.query_one_raw(statement).await,
        }
    }
    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Transaction(txn) => txn.query_all_raw(statement).await,
            Self::Glance(pool) => pool.query_all_raw(statement).await,
        }
    }
}

/// One transaction, opened for one context.
#[derive(Debug)]
pub struct Tx {
    line: Line,
    reach: Reach,
    mode: Mode,
    postgres: bool,
    filter: bool,
    keys: Arc<Keys>,
    statements: AtomicU64,
    enqueued: AtomicBool,
    news: News,
    told: Mutex<Vec<Topic>>,
}

/// Marks `{alias}` places in SQL: see [`Tx::query`].
#[derive(Clone, Copy, Debug)]
pub struct Slot(pub &'static str, pub &'static str);

/// `$7` as `?7`: to SQLite the first is a name, which it looks for among all names of the statement each time, so that reading a
/// statement of many values takes the square of their number.
fn by_number(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find('$') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let behind = behind.strip_prefix('$').unwrap_or(behind);
        out.push(if behind.starts_with(|c: char| c.is_ascii_digit()) { '?' } else { '$' });
        rest = behind;
    }
    out.push_str(rest);
    out
}

impl Tx {
    pub(super) fn new(
        line: Line,
        reach: Reach,
        mode: Mode,
        postgres: bool,
        filter: bool,
        keys: Arc<Keys>,
        news: News,
    ) -> Self {
        let (statements, enqueued) = (AtomicU64::new(0), AtomicBool::new(false));
        let told = Mutex::default();
        Self { line, reach, mode, postgres, filter, keys, statements, enqueued, news, told }
    }

    /// Wakes this process's job runner once the transaction lasts.
    pub(crate) fn enqueued(&self) {
        self.enqueued.store(true, Ordering::Relaxed);
    }

    /// Tells whoever watches this, once the transaction lasts.
    pub(crate) fn tell(&self, topic: Topic) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.contains(&topic) {
            told.push(topic);
        }
    }

    /// Tells whoever watches the seats of the park.
    pub(crate) fn tell_seats(&self) -> Result<()> {
        self.tell(Topic::Seats(ParkId::from_uuid(self.park_id()?)));
        Ok(())
    }

    /// The transaction, counted: each call is one statement.
    pub(crate) fn conn(&self) -> &Line {
        self.statements.fetch_add(1, Ordering::Relaxed);
        &self.line
    }
    /// Keys for sealing and pseudonyms.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }
    /// Whether this is PostgreSQL.
    pub(crate) fn postgres(&self) -> bool {
        self.postgres
    }
    /// Whether something can be changed in it.
    pub(crate) fn writes(&self) -> bool {
        self.mode == Mode::Write
    }
    /// Reading statements to come see one state of the database (on SQLite every transaction does).
    pub(crate) async fn one_snapshot(&self) -> Result<(), DbErr> {
        if self.postgres {
            self.line.execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
        }
        Ok(())
    }
    /// The class of caller.
    pub(crate) fn class(&self) -> Class {
        self.reach.class
    }
    /// The park every row written here belongs to.
    pub(crate) fn park_id(&self) -> Result<Uuid> {
        self.reach.park.ok_or(Error::NotFound)
    }
    /// The tenant of tenant staff.
    pub(crate) fn tenant_id(&self) -> Result<Uuid> {
        self.reach.tenant.ok_or(Error::NotFound)
    }
    /// The tenant column of rows that belong to a tenant or to the park itself (nil).
    pub(crate) fn owner_id(&self) -> Uuid {
        self.reach.tenant.unwrap_or(Uuid::nil())
    }

    fn condition(&self, table: &str, alias: &str, place: impl FnMut(Uuid) -> String) -> Result<String> {
        let rule =
            voxpark_migrations::rule(table).ok_or_else(|| Error::internal(format!("table {table} has no rule")))?;
        Ok(if self.filter { self.reach.condition(rule, alias, place) } else { "1 = 1".to_owned() })
    }

    /// Keeps everybody else who holds this name waiting until the transaction ends.
    pub(crate) async fn hold(&self, name: String) -> Result<()> {
        // SQLite has one writer at a time: the transaction itself is the lock.
        if self.postgres {
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            self.execute(sql, &[], vec![name.into()]).await.map_err(fail)?;
        }
        Ok(())
    }

    /// The condition of an entity, for the query builder.
    fn in_reach<E: EntityTrait>(&self) -> Result<SimpleExpr> {
        let table = E::default();
        let name = table.table_name();
        let mut values = Vec::new();
        let sql = self.condition(name, &format!("\"{name}\""), |id| {
            values.push(id);
            if self.postgres { format!("${}", values.len()) } else { "?".to_owned() }
        })?;
        Ok(Expr::cust_with_values(sql, values))
    }

    /// A select of an entity that sees only rows in reach. There is no other way to select one.
    pub(crate) fn select<E: EntityTrait>(&self) -> Result<Select<E>> {
        Ok(E::find().filter(self.in_reach::<E>()?))
    }

    /// An update of rows in reach.
    pub(crate) fn update<E: EntityTrait>(&self) -> Result<UpdateMany<E>> {
        Ok(E::update_many().filter(self.in_reach::<E>()?))
    }

    /// Inserts one row.
    pub(crate) async fn insert<A>(&self, row: A) -> Result<(), DbErr>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        <A::Entity as EntityTrait>::insert(row).exec_without_returning(self.conn()).await.map(|_| ())
    }

    /// SQL with the scope of each table filled in: `{s}` becomes the condition under which a row of the table that
    /// `Slot("s", "seat")` names is in reach, under the alias `s`. Values are bound as `$1`, `$2`, ...
    pub(crate) fn statement(&self, sql: &str, slots: &[Slot], mut values: Vec<Value>) -> Result<Statement> {
        let mut text = sql.to_owned();
        // Ids of the scope are bound behind the statement's own values, each once.
        let mut bound: Vec<(Uuid, usize)> = Vec::new();
        for Slot(alias, table) in slots {
            let mut word = String::new();
            let _ = write!(word, "{{{alias}}}");
            if !text.contains(&word) {
                return Err(Error::internal(format!("slot {alias} is not in the statement")));
            }
            let condition = self.condition(table, alias, |id| {
                let known = bound.iter().find(|b| b.0 == id).map(|b| b.1);
                let place = known.unwrap_or_else(|| {
                    values.push(id.into());
                    bound.push((id, values.len()));
                    values.len()
                });
                format!("${place}")
            })?;
            text = text.replace(&word, &format!("({condition})"));
        }
        if self.postgres {
            return Ok(Statement::from_sql_and_values(DbBackend::Postgres, text, values));
        }
        Ok(Statement::from_sql_and_values(DbBackend::Sqlite, by_number(&text), values))
    }

    /// Runs such SQL and reads all rows.
    pub(crate) async fn query(&self, sql: &str, slots: &[Slot], values: Vec<Value>) -> Result<Vec<QueryResult>> {
        let statement = self.statement(sql, slots, values)?;
        self.conn().query_all_raw(statement).await.map_err(fail)
    }

    /// Runs such SQL and reads the first row.
    pub(crate) async fn query_one(&self, sql: &str, slots: &[Slot], values: Vec<Value>) -> Result<Option<QueryResult>> {
        let statement = self.statement(sql, slots, values)?;
        self.conn().query_one_raw(statement).await.map_err(fail)
    }

    /// Runs such SQL and tells how many rows it changed.
    pub(crate) async fn execute(&self, sql: &str, slots: &[Slot], values: Vec<Value>) -> Result<u64, DbErr> {
        let statement = self.statement(sql, slots, values).map_err(|e| DbErr::Custom(e.to_string()))?;
        Ok(self.conn().execute_raw(statement).await?.rows_affected())
    }

    /// Makes the changes last.
    ///
    /// # Errors
    /// `changed-meanwhile` when a constraint that is looked at last does not hold; an internal error when the database
    /// refuses otherwise.
    pub async fn finish(self) -> Result<()> {
        if !self.postgres && self.mode == Mode::Write {
            let empty = "UPDATE write_scope SET class = NULL, park_id = NULL, tenant_id = NULL, tenant_ids = NULL";
            self.line.execute_unprepared(empty).await.map_err(fail)?;
        }
        let told = self.told.into_inner().unwrap_or_else(PoisonError::into_inner);
        if self.postgres && !told.is_empty() {
            self.line.execute_raw(self.news.payload(&told)).await.map_err(fail)?;
        }
        if let Line::Transaction(txn) = self.line {
            txn.commit().await.map_err(|e| match violated(&e) {
                Some(_) => Refusal::new(RefusalCode::Conflict, "changed-meanwhile").into(),
                None => fail(e),
            })?;
        }
        if self.enqueued.into_inner() {
            self.news.wake.notify_one();
        }
        self.news.tell(&told);
        Ok(())
    }
}

#[async_trait]
impl uow::Tx for Tx {
    async fn commit(self: Box<Self>) -> Result<()> {
        self.finish().await
    }
    fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::by_number;

    #[test]
    fn places_are_numbers() {
        assert_eq!(by_number("a = $1 AND j -> '$.x' = $12"), "a = ?1 AND j -> '$.x' = ?12");
        assert_eq!(by_number("SELECT 1"), "SELECT 1");
    }
}
