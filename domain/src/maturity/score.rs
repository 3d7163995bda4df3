//! Ratings: what may be given to a clause, and the sheet of all ratings of one rater.

use std::collections::BTreeMap;

use super::Framework;
use super::options::{NotApplicable, Options};
use crate::error::{Refusal, RefusalCode};
use crate::permission::listed;

listed! {
    /// Which of the two ratings of a clause (CC-CMM-OC, clause scoring).
    RateKind {
        /// C-Rate: the way of doing is right (approach conformity).
        C = "c",
        /// F-Rate: the way of doing is carried through (deployment).
        F = "f",
    }
}

listed! {
    /// A rating (CC-CMM-OC, clause scoring: 10 fully, 5 partly, 0 not). Ordered from worst to best.
    Rating {
        /// 0 points.
        Not = "not",
        /// 5 points.
        Partly = "partly",
        /// 10 points.
        Fully = "fully",
    }
}

/// The values a rating may have, for messages.
pub const ALLOWED_POINTS: &str = "10, 5, 0";

impl Rating {
    /// Points: 0, 5 or 10.
    pub const fn points(self) -> u32 {
        match self {
            Self::Not => 0,
            Self::Partly => 5,
            Self::Fully => 10,
        }
    }

    /// The rating worth so many points; `None` for any number but 0, 5 and 10.
    pub const fn from_points(points: i32) -> Option<Self> {
        match points {
            0 => Some(Self::Not),
            5 => Some(Self::Partly),
            10 => Some(Self::Fully),
            _ => None,
        }
    }

    /// The rating of a clause from the points that a caller sent.
    ///
    /// # Errors
    /// `rating-value` naming clause, rating and the allowed values for anything but 0, 5 and 10.
    pub fn parse(clause: u16, kind: RateKind, points: i32) -> Result<Self, Refusal> {
        Self::from_points(points).ok_or_else(|| {
            Refusal::new(RefusalCode::OutOfRange, "rating-value")
                .at(kind.name())
                .with("clause", i64::from(clause))
                .with("rating", kind.name())
                .with("value", i64::from(points))
                .with("allowed", ALLOWED_POINTS)
        })
    }
}

/// What one rater says of one clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClauseScore {
    /// Rated, perhaps not yet in both ways.
    Rated {
        /// Approach conformity.
        c: Option<Rating>,
        /// Deployment.
        f: Option<Rating>,
    },
    /// The clause does not apply here; only where the options permit it.
    NotApplicable,
}

impl ClauseScore {
    /// Nothing said yet.
    pub const MISSING: Self = Self::Rated { c: None, f: None };

    /// The rating of a kind; `None` when missing or not applicable.
    pub const fn rating(self, kind: RateKind) -> Option<Rating> {
        match (self, kind) {
            (Self::Rated { c, .. }, RateKind::C) => c,
            (Self::Rated { f, .. }, RateKind::F) => f,
            (Self::NotApplicable, _) => None,
        }
    }
}

/// All ratings of one rater, by clause number. A clause that is not in it is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scores(BTreeMap<u16, ClauseScore>);

impl Scores {
    /// What is said of a clause.
    pub fn get(&self, clause: u16) -> ClauseScore {
        self.0.get(&clause).copied().unwrap_or(ClauseScore::MISSING)
    }

    /// Gives (or with `None` takes back) one rating of a clause.
    ///
    /// # Errors
    /// `clause-unknown` when the framework has no such clause.
    pub fn rate(
        &mut self,
        framework: &Framework,
        clause: u16,
        kind: RateKind,
        rating: Option<Rating>,
    ) -> Result<(), Refusal> {
        framework.known(clause)?;
        let (c, f) = (self.get(clause).rating(RateKind::C), self.get(clause).rating(RateKind::F));
        let score = match kind {
            RateKind::C => ClauseScore::Rated { c: rating, f },
            RateKind::F => ClauseScore::Rated { c, f: rating },
        };
        self.0.insert(clause, score);
        Ok(())
    }

    /// Marks a clause as not applicable.
    ///
    /// # Errors
    /// `clause-unknown`; `clause-not-applicable` when the options forbid it (the default, as the standard has no such value).
    pub fn set_not_applicable(&mut self, framework: &Framework, options: &Options, clause: u16) -> Result<(), Refusal> {
        framework.known(clause)?;
        if options.not_applicable == NotApplicable::Forbidden {
            return Err(Refusal::new(RefusalCode::State, "clause-not-applicable").with("clause", i64::from(clause)));
        }
        self.0.insert(clause, ClauseScore::NotApplicable);
        Ok(())
    }

    /// Clause numbers and what is said of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u16, ClauseScore)> + '_ {
        self.0.iter().map(|(clause, score)| (*clause, *score))
    }
}

/// From stored rows; later rows of a clause replace earlier ones. Clauses that the framework does not have are without effect.
impl FromIterator<(u16, ClauseScore)> for Scores {
    fn from_iter<I: IntoIterator<Item = (u16, ClauseScore)>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}
