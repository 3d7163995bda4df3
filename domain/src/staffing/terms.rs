//! A staffing target as people state it: whole percents and seconds.

use crate::error::{Refusal, RefusalCode, Result};
use crate::workforce::{Model, ServiceLevelBasis, StaffingTarget};

/// How contacts behave that cannot be served at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErlangModel {
    /// Erlang C: they all wait.
    C,
    /// Erlang A: they wait for a patience and hang up.
    A,
}

/// The terms of a staffing target. [`Default`] is the product's own, version 1: Erlang C, 80 % within 20 seconds,
/// shrinkage 30 %, occupancy at most 85 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetTerms {
    /// The model.
    pub model: ErlangModel,
    /// Least share served within the threshold, 0-99 %.
    pub service_level_percent: i32,
    /// The threshold in seconds, 0 or more.
    pub threshold_seconds: i32,
    /// Mean patience in seconds, for Erlang A.
    pub patience_seconds: Option<i32>,
    /// Share of rostered time in which people are not available (breaks, absence, training), 0-99 %.
    pub shrinkage_percent: i32,
    /// Highest occupancy of agents, 1-100 %.
    pub max_occupancy_percent: i32,
}

impl Default for TargetTerms {
    fn default() -> Self {
        Self {
            model: ErlangModel::C,
            service_level_percent: 80,
            threshold_seconds: 20,
            patience_seconds: None,
            shrinkage_percent: 30,
            max_occupancy_percent: 85,
        }
    }
}

fn share(percent: i32) -> f64 {
    f64::from(percent) / 100.0
}

impl TargetTerms {
    /// The name of the product's own terms.
    pub const DEFAULT_NAME: &'static str = "voxpark-default";
    /// Their version; to change them is to raise it.
    pub const VERSION: i32 = 1;

    /// The name of these terms: the product's own, or `custom`.
    pub fn name(&self) -> &'static str {
        if *self == Self::default() { Self::DEFAULT_NAME } else { "custom" }
    }

    /// As a target, under their [`name`](Self::name).
    ///
    /// # Errors
    /// `patience-required` for Erlang A without one; those of [`StaffingTarget::check`].
    pub fn target(&self) -> Result<StaffingTarget> {
        let model = match (self.model, self.patience_seconds) {
            (ErlangModel::C, _) => Model::ErlangC,
            (ErlangModel::A, Some(seconds)) => {
                Model::ErlangA { patience_seconds: f64::from(seconds), basis: ServiceLevelBasis::default() }
            }
            (ErlangModel::A, None) => {
                return Err(Refusal::new(RefusalCode::Required, "patience-required")
                    .at("target.patienceSeconds")
                    .into());
            }
        };
        let target = StaffingTarget {
            name: self.name().to_owned(),
            version: Self::VERSION.unsigned_abs(),
            model,
            service_level: share(self.service_level_percent),
            threshold_seconds: f64::from(self.threshold_seconds),
            max_occupancy: Some(share(self.max_occupancy_percent)),
            max_abandonment: None,
            max_asa_seconds: None,
            shrinkage: share(self.shrinkage_percent),
        };
        target.check().map(|()| target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn the_default_is_named_and_erlang_a_wants_a_patience() {
        let target = TargetTerms::default().target().expect("a target");
        assert_eq!((target.name.as_str(), target.version, target.model), ("voxpark-default", 1, Model::ErlangC));
        assert_eq!((target.service_level, target.shrinkage, target.max_occupancy), (0.8, 0.3, Some(0.85)));
        let other = TargetTerms { model: ErlangModel::A, ..TargetTerms::default() };
        let Err(Error::Refused(list)) = other.target() else { panic!("not refused") };
        assert_eq!(list.first().map(|r| r.rule), Some("patience-required"));
        let other = TargetTerms { patience_seconds: Some(90), ..other };
        assert_eq!(other.target().expect("a target").name, "custom");
        let bad = TargetTerms { service_level_percent: 100, max_occupancy_percent: 0, ..TargetTerms::default() };
        let Err(Error::Refused(list)) = bad.target() else { panic!("not refused") };
        assert_eq!(list.iter().map(|r| r.rule).collect::<Vec<_>>(), ["service-level-range", "occupancy-range"]);
    }
}
