//! Team and person.

use std::fmt;

use chrono::NaiveDate;

use crate::ids::{PersonId, TeamId};
use crate::page::SortKey;
use crate::time::Period;

/// The most teams a tenant has.
pub const MAX_TEAMS: usize = 500;

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What the tenant calls it in lists, unique in the tenant.
    pub code: String,
    /// What people call it.
    pub name: String,
}

/// A person's name. It identifies, so it is shown to who may read people and printed nowhere else: its `Debug` is
/// blank, and it is kept encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Wraps a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }
    /// The name, for who may read it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(..)")
    }
}

/// A person who works for the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// The tenant's own number for the person, unique in the tenant.
    pub employee_no: String,
    /// Name.
    pub name: PersonName,
    /// What the person is employed as, in the tenant's words.
    pub position: String,
    /// Team.
    pub team: Option<TeamId>,
    /// First day of employment.
    pub joined_on: NaiveDate,
    /// The day after the last; `None` = still employed.
    pub left_on: Option<NaiveDate>,
}

impl Person {
    /// The days of employment.
    pub const fn employed(&self) -> Period {
        Period { from: self.joined_on, to: self.left_on }
    }
}

/// Which people are asked for; conditions left out do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonFilter {
    /// In this team.
    pub team: Option<TeamId>,
    /// Employed on this day.
    pub on: Option<NaiveDate>,
    /// With an employee number that begins so.
    pub employee_no_prefix: Option<String>,
}

/// What people can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PersonSort {
    /// Their employee number.
    #[default]
    EmployeeNo,
    /// Their position.
    Position,
    /// The day they joined.
    JoinedOn,
    /// The day they left; those who stay come last.
    LeftOn,
}

impl SortKey for PersonSort {
    fn name(self) -> &'static str {
        match self {
            Self::EmployeeNo => "employee_no",
            Self::Position => "position",
            Self::JoinedOn => "joined_on",
            Self::LeftOn => "left_on",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_not_printed() {
        assert_eq!(format!("{:?}", PersonName::new("王芳")), "PersonName(..)");
    }
}
