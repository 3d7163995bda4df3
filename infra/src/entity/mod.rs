//! SeaORM entities, private to this crate. Keys are led by the columns that own the row.

pub(crate) mod access_grant;
pub(crate) mod app_user;
pub(crate) mod park;
pub(crate) mod session;
pub(crate) mod stored_file;
pub(crate) mod tenant;
