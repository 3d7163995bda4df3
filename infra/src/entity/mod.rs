//! SeaORM entities, private to this crate. Keys are led by the columns that own the row.

pub(crate) mod app_user;
pub(crate) mod assessment;
pub(crate) mod assessment_result;
pub(crate) mod assessor_rating;
pub(crate) mod contact_import;
pub(crate) mod cost_entry;
pub(crate) mod evidence;
pub(crate) mod import_issue;
pub(crate) mod invoice;
pub(crate) mod invoice_line;
pub(crate) mod occupancy;
pub(crate) mod park;
pub(crate) mod payment;
pub(crate) mod person;
pub(crate) mod queue;
pub(crate) mod roster_entry;
pub(crate) mod self_rating;
pub(crate) mod session;
pub(crate) mod shift;
pub(crate) mod stored_file;
pub(crate) mod team;
pub(crate) mod tenant;
