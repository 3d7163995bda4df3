//! What the printed standard leaves open, as typed options. The defaults are part of a framework; a park may choose otherwise.

use crate::error::{Refusal, RefusalCode};
use crate::pack::Bilingual;
use crate::permission::listed;

listed! {
    /// What "80% of the clauses" means.
    ShareMeasure {
        /// Share of clauses rated 10 (default: the text counts clauses).
        FullClauses = "full-clauses",
        /// Points earned over points possible.
        Points = "points",
    }
}

listed! {
    /// Over which clauses a level's total is taken.
    TotalScope {
        /// All clauses of the framework (default).
        AllClauses = "all-clauses",
        /// Only the domains that the level's own share conditions name.
        RatedDomains = "rated-domains",
    }
}

listed! {
    /// Whether the conditions of all lower levels must hold too.
    LowerLevels {
        /// They must (default).
        Checked = "checked",
        /// Only the level's own.
        Ignored = "ignored",
    }
}

listed! {
    /// Whether a level may be skipped.
    Steps {
        /// At most one level above the previous one (default).
        OneAtATime = "one-at-a-time",
        /// Any level.
        Free = "free",
    }
}

listed! {
    /// Whether a clause may be marked not applicable.
    NotApplicable {
        /// It may not (default; the standard has no such value).
        Forbidden = "forbidden",
        /// It may: the clause leaves numerator and denominator, and the result is unofficial.
        Permitted = "permitted",
    }
}

/// One reading of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How shares are measured.
    pub share_measure: ShareMeasure,
    /// Over which clauses totals are taken.
    pub total_scope: TotalScope,
    /// Whether lower levels are checked too.
    pub lower_levels: LowerLevels,
    /// Whether levels may be skipped.
    pub steps: Steps,
    /// Whether clauses may be left out.
    pub not_applicable: NotApplicable,
    /// Length of the "past span of time" over which indicator results are judged (clauses 127 and 128), months, 1 to 60.
    pub past_span_months: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            share_measure: ShareMeasure::FullClauses,
            total_scope: TotalScope::AllClauses,
            lower_levels: LowerLevels::Checked,
            steps: Steps::OneAtATime,
            not_applicable: NotApplicable::Forbidden,
            past_span_months: 12,
        }
    }
}

impl Options {
    /// The questions, by id. `years-span` has one answer so far: whole years from `operating_since` to the day of assessment.
    pub const IDS: [&str; 7] =
        ["share-measure", "total-scope", "lower-levels", "steps", "years-span", "not-applicable", "past-span-months"];

    /// The same reading with one question answered by the stable name of a choice.
    ///
    /// # Errors
    /// `option-unknown` when there is no such question or choice.
    pub fn with(mut self, id: &str, choice: &str) -> Result<Self, Refusal> {
        let answered = match id {
            "share-measure" => set(&mut self.share_measure, ShareMeasure::from_name(choice)),
            "total-scope" => set(&mut self.total_scope, TotalScope::from_name(choice)),
            "lower-levels" => set(&mut self.lower_levels, LowerLevels::from_name(choice)),
            "steps" => set(&mut self.steps, Steps::from_name(choice)),
            "not-applicable" => set(&mut self.not_applicable, NotApplicable::from_name(choice)),
            "past-span-months" => set(&mut self.past_span_months, choice.parse().ok().filter(|n| (1..=60).contains(n))),
            "years-span" => choice == "since-operating",
            _ => false,
        };
        if answered {
            Ok(self)
        } else {
            Err(Refusal::new(RefusalCode::Invalid, "option-unknown").with("option", id).with("value", choice))
        }
    }
}

fn set<T>(field: &mut T, value: Option<T>) -> bool {
    value.map(|value| *field = value).is_some()
}

/// A question that the standard leaves open, as the pack documents it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenQuestion {
    /// One of [`Options::IDS`].
    pub id: String,
    /// The choice that holds unless a park chooses otherwise.
    pub default: String,
    /// The choices; empty when the answer is a number.
    pub choices: Vec<String>,
    /// The question.
    pub question: Bilingual,
    /// Why the default is what it is.
    pub reason: Bilingual,
    /// The passage of the standard (or its silence) that raises the question.
    pub source: String,
    /// The day the default was settled.
    pub decided: chrono::NaiveDate,
}
