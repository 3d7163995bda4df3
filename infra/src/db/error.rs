//! Database errors on their way up: which constraint said no, or an internal fault.

use sea_orm::{DbErr, SqlErr};
use voxpark_domain::Error;

/// The constraint an error names: a PostgreSQL constraint (a shard suffix of distributed tables removed), or on SQLite
/// the text of a trigger's refusal or the columns of the violated key.
pub fn violated(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(sea_orm::RuntimeErr::SqlxError(inner)) | DbErr::Query(sea_orm::RuntimeErr::SqlxError(inner))) =
        error
    else {
        return None;
    };
    let database = inner.as_database_error()?;
    if let Some(name) = database.constraint() {
        let bare =
            name.rsplit_once('_').filter(|(_, tail)| tail.len() >= 6 && tail.bytes().all(|b| b.is_ascii_digit()));
        return Some(bare.map_or(name, |(head, _)| head).to_owned());
    }
    if let Some(SqlErr::UniqueConstraintViolation(text) | SqlErr::ForeignKeyConstraintViolation(text)) = error.sql_err()
    {
        return Some(text);
    }
    Some(database.message().to_owned())
}

/// Anything that no repository expected.
pub fn fail(error: DbErr) -> Error {
    Error::internal(error)
}
